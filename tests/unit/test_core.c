/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/crypto.h"
#include "bf/file.h"
#include "bf/text.h"
#include "harness.h"

static void errors_are_complete(void)
{
    struct bf_diag diag = {0};
    char line[800];
    int i, j;

    for (i = 1; i < BF_NUM_ERRORS; i++) {
        enum bf_err err = (enum bf_err)i;

        T_TRUE(strlen(bf_err_text(err)) > 5 && strlen(bf_err_hint(err)) > 5);
        T_TRUE(bf_err_exit(err) >= BF_EXIT_REFUSED &&
               bf_err_exit(err) <= BF_EXIT_UNCERTAIN);
        T_TRUE(strcmp(bf_err_rule(err), "-") == 0 ||
               strncmp(bf_err_rule(err), "BF-", 3) == 0);
        for (j = 1; j < i; j++) {
            T_TRUE(strcmp(bf_err_id(err), bf_err_id((enum bf_err)j)) != 0);
        }
    }
    (void)bf_fail(&diag, BF_GATE_HEADER, "a%sb", "\x1b[1m\\");
    bf_diag_in(&diag, "member %d", 3);
    T_TEXT(bf_diag_line(&diag, line, sizeof(line)),
           "GATE_HEADER: a member header is not in canonical form, member 3: "
           "a\\x1b[1m\\x5cb; ask for the file again");
}

static void reader_never_runs_over(void)
{
    const uint8_t wire[] = {0, 0, 0, 2, 'h', 'i', 0xff, 0xff, 0xff, 0xff};
    size_t len;

    for (len = 0; len <= sizeof(wire); len++) {
        uint8_t *copy = t_copy(bf_view(wire, len));
        struct bf_reader r = bf_reader(bf_view(copy, len));
        struct bf_bytes s = bf_read_string(&r, 2);

        T_INT(r.bad, len < 6);
        T_INT(s.len, len < 6 ? 0 : 2);
        (void)bf_read_string(&r, SIZE_MAX);
        T_TRUE(r.bad && !bf_reader_end(&r));
        t_free(copy);
    }
}

static void buffers_keep_their_maximum(void)
{
    struct bf_buf b = bf_buf(10);

    bf_put_text(&b, "0123456789");
    T_ERR(bf_buf_check(&b, "b", NULL), BF_OK, NULL);
    T_TEXT(bf_buf_text(&b), "0123456789");
    bf_put_u8(&b, 1);
    T_ERR(bf_buf_check(&b, "b", NULL), BF_TOO_LARGE, NULL);
    T_INT(b.len, 10);
    bf_buf_clear(&b);
}

static void base64_is_strict(void)
{
    static const struct {
        const char *in;
        bool padded, good;
    } rows[] = {{"", true, true},          {"Zg==", true, true},  {"Zm8=", true, true},
                {"Zm9v", true, true},      {"Zh==", true, false}, {"Zg=", true, false},
                {"Zg", true, false},       {"Z===", true, false}, {"====", true, false},
                {"Zg==Zg==", true, false}, {"Zg", false, true},   {"Zm8", false, true},
                {"Zh", false, false},      {"Z", false, false},   {"Zg==", false, false},
                {"Zm9v\n", true, false},   {"Zm 9", true, false}, {"Zm9-", true, false}};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t out[8];
        size_t len = sizeof(out);

        T_INT(bf_unbase64(out, &len, bf_text(rows[i].in), rows[i].padded), rows[i].good);
    }
    for (i = 0; i < 200; i++) {
        uint8_t raw[200], back[200];
        struct bf_buf b = bf_buf(1000);
        size_t len = i;

        bf_random(raw, sizeof(raw));
        bf_put_base64(&b, bf_view(raw, i), 0, i % 2 == 0);
        T_TRUE(bf_unbase64(back, &len, bf_buf_bytes(&b), i % 2 == 0));
        T_BYTES(bf_view(back, len), bf_view(raw, i));
        bf_buf_clear(&b);
    }
}

static void known_answers(void)
{
    char hex[65];
    uint8_t out[64], key[20];
    const struct bf_bytes hi = bf_text("Hi There");

    T_OK(bf_sha256_hex(hex, bf_text("abc")), NULL);
    T_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    memset(key, 0x0b, sizeof(key)); /* RFC 4231 test case 1 */
    bf_hmac_sha256(out, bf_view(key, sizeof(key)), &hi, 1);
    bf_hex(hex, out, 32);
    T_TEXT(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    { /* RFC 5869 test case 1 */
        uint8_t ikm[22], salt[13], info[10], okm[42];
        char long_hex[85];
        size_t i;

        memset(ikm, 0x0b, sizeof(ikm));
        for (i = 0; i < sizeof(salt); i++) {
            salt[i] = (uint8_t)i;
        }
        for (i = 0; i < sizeof(info); i++) {
            info[i] = (uint8_t)(0xf0 + i);
        }
        bf_hkdf_sha256(okm, sizeof(okm), bf_view(ikm, sizeof(ikm)),
                       bf_view(salt, sizeof(salt)), bf_view(info, sizeof(info)));
        bf_hex(long_hex, okm, sizeof(okm));
        T_TEXT(long_hex, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5b"
                         "f34007208d5b887185865");
    }
}

static void aead_releases_nothing_bad(void)
{
    uint8_t key[32], nonce[12] = {0}, sealed[116], opened[100];
    size_t i;

    bf_random(key, sizeof(key));
    T_TRUE(bf_aead_seal(sealed, key, nonce, bf_view(key, 32)));
    T_TRUE(bf_aead_open(opened, key, nonce, bf_view(sealed, 48)));
    T_BYTES(bf_view(opened, 32), bf_view(key, 32));
    for (i = 0; i < 48; i++) {
        size_t j;

        sealed[i] ^= 1;
        memset(opened, 7, sizeof(opened));
        T_TRUE(!bf_aead_open(opened, key, nonce, bf_view(sealed, 48)));
        for (j = 0; j < 32 && opened[j] == 0; j++) {
        }
        T_INT(j, 32);
        sealed[i] ^= 1;
    }
}

static void times_are_real_dates(void)
{
    static const char *const good[] = {"2026-11-23T15:34:00Z", "2024-02-29T23:59:59Z",
                                       "2000-02-29T00:00:00Z", "1970-01-01T00:00:00Z",
                                       "9999-12-31T23:59:59Z"};
    static const char *const bad[] = {
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-23T24:00:00Z",
        "2026-11-23T23:60:00Z", "2026-11-23T23:59:60Z", "2026-11-23 15:34:00Z",
        "2026-11-23T15:34:00z", "2026-11-23T15:34:00+", "",
        "2026-11-23T15:34:00Z "};
    char back[21];
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        T_TRUE(bf_is_time(good[i]));
        bf_time_format(back, bf_time_parse(good[i]));
        T_TEXT(back, good[i]);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        T_TRUE(!bf_is_time(bad[i]));
    }
    T_INT(bf_time_parse("2026-11-23T15:34:00Z"), 1795448040);
}

static void grammars(void)
{
    static const struct {
        bf_grammar_fn *is;
        const char *text;
        bool good;
    } rows[] = {{bf_is_id, "prod-eu-1", true},
                {bf_is_id, "-a", false},
                {bf_is_id, "A", false},
                {bf_is_id, "", false},
                {bf_is_bucket, "my-bucket.x", true},
                {bf_is_bucket, "ab", false},
                {bf_is_bucket, "a..b", false},
                {bf_is_bucket, "192.168.0.1", false},
                {bf_is_bucket, "xn--abc", false},
                {bf_is_bucket, "abc-s3alias", false},
                {bf_is_bucket, "-abc", false},
                {bf_is_bucket, "abc-", false},
                {bf_is_url, "https://a.b:9200/x", true},
                {bf_is_url, "http://a", false},
                {bf_is_url, "https://a:0", false},
                {bf_is_url, "https://a:123456", false},
                {bf_is_url, "https://u@a", false},
                {bf_is_url, "https://", false},
                {bf_is_url, "https://a?b", false},
                {bf_is_text, "a b", true},
                {bf_is_text, "a  b", false},
                {bf_is_text, " a", false},
                {bf_is_text, "a ", false},
                {bf_is_text, "", false},
                {bf_is_secret_name, "s3.client.a-b.access_key", true},
                {bf_is_secret_name, "s3.client..access_key", false},
                {bf_is_secret_name, "s3.client.a.session_token", false},
                {bf_is_keyid, "AKIAIOSFODNN7EXAMPLE", true},
                {bf_is_keyid, "short", false},
                {bf_is_member_name, "sig/author.alice.sshsig", true},
                {bf_is_member_name, "../x", false},
                {bf_is_member_name, "a//b", false},
                {bf_is_member_name, "a/", false},
                {bf_is_member_name, ".a", false},
                {bf_is_member_name, "a/.b", false},
                {bf_is_member_name, "/a", false},
                {bf_is_arn_or_empty, "arn:aws:iam::123456789012:user/bob", true},
                {bf_is_arn_or_empty, "arn:aws:s3:::b", false}};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].is(rows[i].text) != rows[i].good) {
            fprintf(stderr, "row %zu: %s\n", i, rows[i].text);
        }
        T_INT(rows[i].is(rows[i].text), rows[i].good);
    }
}

static void files_are_written_whole(void)
{
    struct bf_diag diag = {0};
    struct bf_buf back = {0};
    struct bf_secret secret = {0};
    struct stat st;
    char path[200], other[200];

    snprintf(path, sizeof(path), "%s/f", t_tmpdir());
    snprintf(other, sizeof(other), "%s/link", t_tmpdir());
    T_OK(bf_file_write(path, bf_text("one"), 0644, false, &diag), &diag);
    T_ERR(bf_file_write(path, bf_text("two"), 0600, false, &diag), BF_OUTPUT_EXISTS,
          &diag);
    T_OK(bf_file_read(&back, path, 3, &diag), &diag);
    T_BYTES(bf_buf_bytes(&back), bf_text("one"));
    bf_buf_clear(&back);
    T_ERR(bf_file_read(&back, path, 2, &diag), BF_INPUT_SIZE, &diag);
    T_ERR(bf_file_read_secret(&secret, path, 9, &diag), BF_INPUT_MODE, &diag);
    T_OK(bf_file_write(path, bf_text("two"), 0600, true, &diag), &diag);
    T_TRUE(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_nlink == 1);
    T_OK(bf_file_read_secret(&secret, path, 9, &diag), &diag);
    T_BYTES(bf_secret_bytes(&secret), bf_text("two"));
    bf_secret_clear(&secret);
    T_TRUE(symlink(path, other) == 0);
    T_ERR(bf_file_read(&back, other, 9, &diag), BF_INPUT_TYPE, &diag);
    T_ERR(bf_file_read(&back, t_tmpdir(), 9, &diag), BF_INPUT_TYPE, &diag);
    T_ERR(bf_file_read(&back, "/nonexistent/x", 9, &diag), BF_INPUT_OPEN, &diag);
    T_ERR(bf_file_write("/nonexistent/x", bf_text(""), 0600, false, &diag),
          BF_OUTPUT_WRITE, &diag);
    T_ERR(bf_file_differ(path, path, &diag), BF_OUTPUT_SAME, &diag);
    T_OK(bf_file_differ(path, "/nonexistent", &diag), &diag);
    T_ERR(bf_dir_make(path, &diag), BF_STATE_DIR, &diag);
}

T_CASES("core", {"errors are complete", errors_are_complete},
        {"reader never runs over", reader_never_runs_over},
        {"buffers keep their maximum", buffers_keep_their_maximum},
        {"base64 is strict", base64_is_strict}, {"known answers", known_answers},
        {"aead releases nothing bad", aead_releases_nothing_bad},
        {"times are real dates", times_are_real_dates}, {"grammars", grammars},
        {"files are written whole", files_are_written_whole});
