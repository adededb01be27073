/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/sshsig.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "sshparts.h"

static void expect_line(const char *line, enum bf_err want, unsigned at)
{
    struct bf_sshkey key;
    struct bf_diag d = {0};

    t_err(__FILE__, at, bf_sshkey_parse(&key, line, &d), want, &d);
    t_true(__FILE__, at, want == BF_OK || key.blob_len == 0,
           "nothing left of a refused key");
}

static void expect_key(const char *type, const char *inside, size_t point_len,
                       const char *after, enum bf_err want, unsigned at)
{
    struct bf_buf line = bf_buf(16384),
                  blob = test_key_blob(inside, strlen(inside), point_len, after);

    bf_put_text(&line, type);
    bf_put_u8(&line, ' ');
    bf_put_base64(&line, bf_buf_bytes(&blob), 0, true);
    expect_line(bf_buf_text(&line), want, at);
    bf_buf_clear(&line);
    bf_buf_clear(&blob);
}

static void key_lines(void)
{
    static const char good_line[] =
        "ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIBcUplROvFgPzGuDCDGfkw9EgXTRZ0nbtfmqJJ2dAxQC";
    struct test_key k = test_key(9);
    struct bf_buf line = bf_buf(1024);
    struct bf_sshkey key;
    struct bf_diag d = {0};
    char text[1024];

    bf_sshkey_write(&line, &k.ssh);
    T_OK(bf_sshkey_parse(&key, bf_buf_text(&line), &d), &d);
    T_TRUE(bf_sshkey_equal(&key, &k.ssh));
    T_TRUE(memcmp(key.point, k.ssh.point, BF_KEY) == 0);
    T_INT(key.type, BF_KEY_ED25519);
    T_INT(key.blob_len, 51);
    T_INT(strlen(good_line), line.len);
    snprintf(text, sizeof(text), "%s comment", (const char *)line.ptr);
    expect_line(text, BF_KEY_LINE, __LINE__);
    snprintf(text, sizeof(text), "%s\n", bf_buf_text(&line));
    expect_line(text, BF_KEY_LINE, __LINE__);
    snprintf(text, sizeof(text), " %s", bf_buf_text(&line));
    expect_line(text, BF_KEY_LINE, __LINE__);
    snprintf(text, sizeof(text), "ssh-ed25519  %s", bf_buf_text(&line) + 12);
    expect_line(text, BF_KEY_LINE, __LINE__);
    snprintf(text, sizeof(text), "ssh-ed25519\t%s", bf_buf_text(&line) + 12);
    expect_line(text, BF_KEY_LINE, __LINE__);
    expect_line("", BF_KEY_LINE, __LINE__);
    expect_line("ssh-ed25519", BF_KEY_LINE, __LINE__);
    expect_line("ssh-ed25519 ", BF_KEY_LINE, __LINE__);
    expect_line("ssh-ed25519 AAAA", BF_KEY_LINE, __LINE__);
    expect_line("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", BF_KEY_LINE, __LINE__);
    expect_line("no-pty ssh-ed25519 AAAA", BF_KEY_LINE, __LINE__);
    bf_buf_clear(&line);
}

static void key_line_types(void)
{
    static const char *const later[] = {"sk-ssh-ed25519@openssh.com",
                                        "ecdsa-sha2-nistp256",
                                        "ecdsa-sha2-nistp384",
                                        "ecdsa-sha2-nistp521",
                                        "sk-ecdsa-sha2-nistp256@openssh.com",
                                        "ssh-rsa"};
    static const char *const never[] = {"ssh-dss", "ssh-ed448",
                                        "ssh-ed25519-cert-v01@openssh.com",
                                        "ssh-mldsa44-ed25519@openssh.com"};
    size_t i;

    for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        expect_key(later[i], later[i], 32, "", BF_KEY_NOT_SUPPORTED, __LINE__);
    }
    for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        expect_key(never[i], never[i], 32, "", BF_KEY_TYPE, __LINE__);
    }
    expect_key("ssh-ed25519", "ssh-rsa", 32, "", BF_KEY_LINE,
               __LINE__); /* the text says one thing, the blob another */
    expect_key("ssh-rsa", "ssh-ed25519", 32, "", BF_KEY_LINE, __LINE__);
    expect_key("ssh-ed25519", "ssh-ed25519", 31, "", BF_KEY_LINE, __LINE__);
    expect_key("ssh-ed25519", "ssh-ed25519", 33, "", BF_KEY_LINE, __LINE__);
    expect_key("ssh-ed25519", "ssh-ed25519", 32, "x", BF_KEY_LINE, __LINE__);
    expect_key("ssh-rsa", "ssh-rsa", 2176 - 15, "", BF_KEY_NOT_SUPPORTED,
               __LINE__); /* the longest blob */
    expect_key("ssh-rsa", "ssh-rsa", 2176 - 14, "", BF_KEY_LINE, __LINE__);
}

/* The points of small order, and a y that is not below p. */
static void weak_keys(void)
{
    static const char *const weak[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000",
    };
    size_t i;

    for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
        uint8_t point[BF_KEY];
        struct bf_sshkey key;
        struct bf_buf line = bf_buf(1024);

        T_TRUE(bf_unhex(point, BF_KEY, weak[i], 64));
        bf_sshkey_from_point(&key, point);
        bf_sshkey_write(&line, &key);
        expect_line(bf_buf_text(&line), BF_KEY_WEAK, __LINE__);
        bf_buf_clear(&line);
    }
}

static void key_files(void)
{
    static const char *const ends[] = {
        "", "\n", "\r\n", " alice@ws", " alice@ws\n", " a comment of words\n", " \n"};
    struct test_key k = test_key(9);
    struct bf_buf line = bf_buf(1024), file = bf_buf(4096);
    struct bf_sshkey key;
    struct bf_diag d = {0};
    size_t i;

    bf_sshkey_write(&line, &k.ssh);
    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        uint8_t *exact;

        bf_buf_clear(&file);
        bf_put_bytes(&file, bf_buf_bytes(&line));
        bf_put_text(&file, ends[i]);
        exact = t_copy(bf_buf_bytes(&file));
        T_OK(bf_sshkey_parse_file(&key, bf_view(exact, file.len), &d), &d);
        T_TRUE(bf_sshkey_equal(&key, &k.ssh));
        t_free(exact);
    }
    bf_put_bytes(&file, bf_buf_bytes(&line));
    T_ERR(bf_sshkey_parse_file(&key, bf_buf_bytes(&file), &d), BF_KEY_LINE,
          &d); /* two keys */
    T_ERR(bf_sshkey_parse_file(&key, bf_text(""), &d), BF_KEY_LINE, &d);
    T_ERR(bf_sshkey_parse_file(&key, bf_text("\n"), &d), BF_KEY_LINE, &d);
    T_ERR(bf_sshkey_parse_file(&key, bf_text("\r\n"), &d), BF_KEY_LINE, &d);
    bf_buf_clear(&line);
    bf_buf_clear(&file);
}

static void key_bits(void)
{
    struct test_key k = test_key(9);
    struct bf_buf line = bf_buf(1024);
    struct bf_sshkey key;
    struct bf_diag d = {0};
    size_t i, same = 0;

    bf_sshkey_write(&line, &k.ssh);
    for (i = 0; i < 8 * line.len; i++) {
        struct bf_buf copy = bf_buf(1024);

        bf_put_bytes(&copy, bf_buf_bytes(&line));
        copy.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
        same += bf_sshkey_parse(&key, bf_buf_text(&copy), &d) == BF_OK &&
                        bf_sshkey_equal(&key, &k.ssh)
                    ? 1
                    : 0;
        bf_buf_clear(&copy);
    }
    T_INT(same, 0); /* one text for a key */
    for (i = 0; i < line.len; i++) {
        uint8_t *cut = t_copy(bf_view(line.ptr, i + 1));

        cut[i] = '\0';
        T_TRUE(bf_sshkey_parse(&key, (const char *)cut, &d) != BF_OK);
        t_free(cut);
    }
    bf_buf_clear(&line);
}

T_CASES("sshkey", {"lines", key_lines}, {"types", key_line_types},
        {"weak keys", weak_keys}, {"files", key_files}, {"every bit", key_bits});
