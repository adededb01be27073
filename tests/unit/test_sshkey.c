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
    T_TRUE(bf_bytes_equal(bf_sshkey_raw(&key), bf_sshkey_raw(&k.ssh)));
    T_TEXT(key.kind->name, "ssh-ed25519");
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
    static const char *const never[] = {"ssh-dss", "ssh-ed448",
                                        "ssh-ed25519-cert-v01@openssh.com",
                                        "ssh-mldsa44-ed25519@openssh.com"};
    size_t i;

    for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        expect_key(never[i], never[i], 32, "", BF_KEY_TYPE, __LINE__);
    }
    expect_key("ssh-ed25519", "ssh-rsa", 32, "", BF_KEY_LINE,
               __LINE__); /* the text says one thing, the blob another */
    expect_key("ssh-rsa", "ssh-ed25519", 32, "", BF_KEY_LINE, __LINE__);
    expect_key("ssh-ed25519", "ssh-ed25519", 31, "", BF_KEY_LINE, __LINE__);
    expect_key("ssh-ed25519", "ssh-ed25519", 33, "", BF_KEY_LINE, __LINE__);
    expect_key("ssh-ed25519", "ssh-ed25519", 32, "x", BF_KEY_LINE, __LINE__);
    expect_key("ssh-none", "ssh-none", 2176 - 16, "", BF_KEY_TYPE,
               __LINE__); /* the longest blob */
    expect_key("ssh-none", "ssh-none", 2176 - 15, "", BF_KEY_LINE, __LINE__);
}

/* A key of two parts, or three. */
static void expect_parts(const char *type, struct bf_bytes first, struct bf_bytes second,
                         const char *third, enum bf_err want, unsigned at)
{
    struct bf_buf line = bf_buf(16384), blob = bf_buf(8192);

    bf_put_string(&blob, bf_text(type));
    bf_put_string(&blob, first);
    bf_put_string(&blob, second);
    if (third[0] != '\0') {
        bf_put_string(&blob, bf_text(third));
    }
    bf_put_fmt(&line, "%s ", type);
    bf_put_base64(&line, bf_buf_bytes(&blob), 0, true);
    expect_line(bf_buf_text(&line), want, at);
    bf_buf_clear(&line);
    bf_buf_clear(&blob);
}

/* The base points of the curves (SEC 2), and what is none of theirs. */
static const struct {
    const char *type, *curve, *point;
} curves[] = {
    {"ecdsa-sha2-nistp256", "nistp256",
     "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"},
    {"ecdsa-sha2-nistp384", "nistp384",
     "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c"
     "3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a"
     "60b1ce1d7e819d7a431d7c90ea0e5f"},
    {"ecdsa-sha2-nistp521", "nistp521",
     "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe7"
     "5928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c"
     "7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272"
     "c24088be94769fd16650"},
};

static void ecdsa_keys(void)
{
    size_t i;

    for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        const char *type = curves[i].type, *curve = curves[i].curve;
        size_t len = strlen(curves[i].point) / 2;
        uint8_t point[134] = {0};
        struct bf_bytes whole = bf_view(point, len);

        T_TRUE(bf_unhex(point, len, curves[i].point, 2 * len));
        expect_parts(type, bf_text(curve), whole, "", BF_OK, __LINE__);
        expect_parts(type, bf_text(curve), whole, "ssh:", BF_KEY_LINE, __LINE__);
        expect_parts(type, bf_text("nistp257"), whole, "", BF_KEY_LINE, __LINE__);
        expect_parts(type, bf_text(""), whole, "", BF_KEY_LINE, __LINE__);
        expect_parts(type, bf_text(curves[(i + 1) % 3].curve), whole, "", BF_KEY_LINE,
                     __LINE__);
        expect_parts(type, bf_text(curve), bf_view(point, len - 1), "", BF_KEY_LINE,
                     __LINE__);
        expect_parts(type, bf_text(curve), bf_view(point, len + 1), "", BF_KEY_LINE,
                     __LINE__);
        expect_parts(type, bf_text(curve), bf_view(point, len / 2 + 1), "", BF_KEY_LINE,
                     __LINE__);
        point[0] = 3;
        expect_parts(type, bf_text(curve), whole, "", BF_KEY_LINE, __LINE__);
        point[0] = 6; /* "hybrid", which OpenSSL reads */
        expect_parts(type, bf_text(curve), whole, "", BF_KEY_LINE, __LINE__);
        point[0] = 4;
        point[len - 1] ^= 1; /* not on the curve */
        expect_parts(type, bf_text(curve), whole, "", BF_KEY_WEAK, __LINE__);
        memset(point + 1, 0xff, len - 1); /* coordinates over the prime */
        expect_parts(type, bf_text(curve), whole, "", BF_KEY_WEAK, __LINE__);
        memset(point + 1, 0, len - 1);
        expect_parts(type, bf_text(curve), whole, "", BF_KEY_WEAK, __LINE__);
    }
}

static void hardware_keys(void)
{
    static const char ecdsa[] = "sk-ecdsa-sha2-nistp256@openssh.com";
    static const char plain[] = "sk-ssh-ed25519@openssh.com";
    static const uint8_t zero[BF_KEY];
    struct test_key k = test_key(9);
    uint8_t point[65];
    struct bf_bytes whole = bf_view(point, sizeof(point));
    struct bf_bytes raw = bf_sshkey_raw(&k.ssh);

    T_TRUE(bf_unhex(point, 65, curves[0].point, 130));
    expect_parts(ecdsa, bf_text("nistp256"), whole, "ssh:", BF_OK, __LINE__);
    expect_parts(ecdsa, bf_text("nistp256"), whole, "", BF_KEY_LINE, __LINE__);
    expect_parts(ecdsa, bf_text("nistp256"), whole, "ssh:work", BF_KEY_LINE, __LINE__);
    expect_parts(ecdsa, bf_text("nistp256"), whole, "ssh", BF_KEY_LINE, __LINE__);
    expect_parts(ecdsa, bf_text("nistp384"), whole, "ssh:", BF_KEY_LINE, __LINE__);
    expect_parts(plain, raw, bf_text("ssh:"), "", BF_OK, __LINE__);
    expect_parts(plain, raw, bf_text("web:"), "", BF_KEY_LINE, __LINE__);
    expect_parts(plain, raw, bf_text(""), "", BF_KEY_LINE, __LINE__);
    expect_parts(plain, raw, bf_text("ssh:"), "x", BF_KEY_LINE, __LINE__);
    expect_parts(plain, bf_view(zero, 31), bf_text("ssh:"), "", BF_KEY_LINE, __LINE__);
    expect_parts(plain, bf_view(zero, 32), bf_text("ssh:"), "", BF_KEY_WEAK, __LINE__);
}

/* e and n in hex as they stand in the blob. n: a first byte, zeros, a last byte. */
static void expect_rsa(const char *e, size_t n_len, const char *first, uint8_t last,
                       enum bf_err want, unsigned at)
{
    uint8_t exponent[8], n[4096] = {0};
    struct bf_buf line = bf_buf(16384), blob = bf_buf(8192);
    size_t first_len = strlen(first) / 2;

    T_TRUE(bf_unhex(exponent, strlen(e) / 2, e, strlen(e)) &&
           bf_unhex(n, first_len, first, 2 * first_len));
    n[n_len - 1] |= last;
    bf_put_string(&blob, bf_text("ssh-rsa"));
    bf_put_string(&blob, bf_view(exponent, strlen(e) / 2));
    bf_put_string(&blob, bf_view(n, n_len));
    bf_put_text(&line, "ssh-rsa ");
    bf_put_base64(&line, bf_buf_bytes(&blob), 0, true);
    expect_line(bf_buf_text(&line), want, at);
    bf_buf_clear(&line);
    bf_buf_clear(&blob);
}

static void rsa_keys(void)
{
    expect_rsa("010001", 385, "0080", 1, BF_OK, __LINE__); /* 3072 bits */
    expect_rsa("010001", 385, "00ff", 1, BF_OK, __LINE__);
    expect_rsa("010001", 384, "7f", 1, BF_KEY_WEAK, __LINE__);   /* 3071 */
    expect_rsa("010001", 257, "0080", 1, BF_KEY_WEAK, __LINE__); /* 2048 */
    expect_rsa("010001", 385, "01", 1, BF_OK, __LINE__);         /* 3073 */
    expect_rsa("010001", 385, "007f", 1, BF_KEY_LINE, __LINE__); /* not minimal */
    expect_rsa("010001", 386, "000080", 1, BF_KEY_LINE, __LINE__);
    expect_rsa("010001", 384, "80", 1, BF_KEY_LINE, __LINE__);   /* negative */
    expect_rsa("010001", 385, "0080", 0, BF_KEY_WEAK, __LINE__); /* even */
    expect_rsa("010001", 2049, "0080", 1, BF_OK, __LINE__);      /* 16384 */
    expect_rsa("010001", 2049, "01", 1, BF_KEY_LINE, __LINE__);  /* 16385 */
    expect_rsa("03", 385, "0080", 1, BF_OK, __LINE__);
    expect_rsa("01", 385, "0080", 1, BF_KEY_WEAK, __LINE__);
    expect_rsa("02", 385, "0080", 1, BF_KEY_WEAK, __LINE__);
    expect_rsa("010000", 385, "0080", 1, BF_KEY_WEAK, __LINE__);
    expect_rsa("", 385, "0080", 1, BF_KEY_LINE, __LINE__); /* 0 */
    expect_rsa("00", 385, "0080", 1, BF_KEY_LINE, __LINE__);
    expect_rsa("83", 385, "0080", 1, BF_KEY_LINE, __LINE__); /* negative */
    expect_rsa("0083", 385, "0080", 1, BF_OK, __LINE__);
    expect_rsa("0003", 385, "0080", 1, BF_KEY_LINE, __LINE__);
    expect_rsa("00ffffffff", 385, "0080", 1, BF_OK, __LINE__); /* 2^32 - 1 */
    expect_rsa("0100000001", 385, "0080", 1, BF_KEY_LINE, __LINE__);
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

T_CASES("sshkey", {"lines", key_lines}, {"types", key_line_types}, {"ecdsa", ecdsa_keys},
        {"hardware", hardware_keys}, {"rsa", rsa_keys}, {"weak keys", weak_keys},
        {"files", key_files}, {"every bit", key_bits});
