/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/sshsig.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "sshparts.h"

static void expect_blob(struct bf_bytes blob, enum bf_err want, unsigned line)
{
    struct bf_buf armor = bf_buf(65536);
    struct bf_sshsig sig;
    struct bf_diag d = {0};

    bf_sshsig_wrap(&armor, blob);
    t_err(__FILE__, line, sig_parse(&sig, bf_buf_bytes(&armor), &d), want, &d);
    bf_buf_clear(&armor);
}

static void expect_parts(const struct sig_parts *p, enum bf_err want, unsigned line)
{
    struct bf_buf blob = sig_blob(p);

    expect_blob(bf_buf_bytes(&blob), want, line);
    bf_buf_clear(&blob);
}

#define EXPECT(p, want) expect_parts(&(p), (want), __LINE__)

static void good(void)
{
    struct test_key k = test_key(7);
    uint8_t raw[64];
    struct sig_parts p = sig_parts(&k, raw);
    struct bf_buf blob = sig_blob(&p), armor = bf_buf(4096);
    struct bf_sshsig sig;
    struct bf_diag d = {0};

    bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
    T_OK(sig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
    T_TEXT(sig.space, sig_space);
    T_TRUE(bf_sshkey_equal(&sig.key, &k.ssh));
    T_INT(sig.flags, 0);
    T_OK(bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d), &d);
    T_ERR(bf_sshsig_verify(&sig, "snapseal-approve-v1@example.corp", bf_text(sig_message),
                           &d),
          BF_SIG_NAMESPACE, &d);
    T_ERR(bf_sshsig_verify(&sig, "snapseal-author-v1@example.cor", bf_text(sig_message),
                           &d),
          BF_SIG_NAMESPACE, &d);
    T_ERR(bf_sshsig_verify(&sig, "", bf_text(sig_message), &d), BF_SIG_NAMESPACE, &d);
    T_ERR(bf_sshsig_verify(&sig, sig_space, bf_text(""), &d), BF_SIG_BAD, &d);
    T_ERR(
        bf_sshsig_verify(&sig, sig_space, bf_view(sig_message, sizeof(sig_message)), &d),
        BF_SIG_BAD, &d); /* one NUL more */
    bf_buf_clear(&blob);
    bf_buf_clear(&armor);
}

static void namespace_text(void)
{
    char out[64], small[10];

    bf_namespace(out, sizeof(out), "author", "example.corp");
    T_TEXT(out, sig_space);
    bf_namespace(small, sizeof(small), "author", "example.corp");
    T_TEXT(small, "snapseal-");
}

/* Each field of the blob; what stock ssh-keygen lets pass is marked. */
static void fields(void)
{
    struct test_key k = test_key(7);
    uint8_t raw[65] = {0};
    struct sig_parts g = sig_parts(&k, raw), p = g;
    uint32_t v;

    EXPECT(p, BF_OK);
    p.magic = "SSHSIH";
    EXPECT(p, BF_SIG_BLOB);
    p.magic = "SSHSI";
    EXPECT(p, BF_SIG_BLOB);
    p = g;
    for (v = 0; v < 4; v++) { /* stock takes 0 */
        p.version = v;
        EXPECT(p, v == 1 ? BF_OK : BF_SIG_VERSION);
    }
    p.version = 0x01000000;
    EXPECT(p, BF_SIG_VERSION);
    p.version = UINT32_MAX;
    EXPECT(p, BF_SIG_VERSION);
    p = g;
    p.reserved = bf_text("x"); /* stock takes it */
    EXPECT(p, BF_SIG_RESERVED);
    p = g;
    p.hash = bf_text("sha256"); /* stock takes it */
    EXPECT(p, BF_SIG_HASH);
    p.hash = bf_text("SHA512");
    EXPECT(p, BF_SIG_HASH);
    p.hash = bf_text("");
    EXPECT(p, BF_SIG_HASH);
    p.hash = bf_view("sha512", 7);
    EXPECT(p, BF_SIG_HASH);
    p = g;
    p.after_all = "x"; /* stock refuses this one too */
    EXPECT(p, BF_SIG_BLOB);
    p = g;
    p.after_sig = "x";
    EXPECT(p, BF_SIG_BLOB);
    p = g;
    p.sig = bf_view(raw, 63);
    EXPECT(p, BF_SIG_BLOB);
    p.sig = bf_view(raw, 65);
    EXPECT(p, BF_SIG_BLOB);
    p.sig = bf_text("");
    EXPECT(p, BF_SIG_BLOB);
    p = g;
    p.sig_type = "ssh-rsa";
    EXPECT(p, BF_SIG_KEY_TYPE);
    p.sig_type = "ssh-ed25519@openssh.com";
    EXPECT(p, BF_SIG_KEY_TYPE);
    p.sig_type = "";
    EXPECT(p, BF_SIG_KEY_TYPE);
}

static void namespaces(void)
{
    struct test_key k = test_key(7);
    uint8_t raw[64];
    char long_space[200];
    struct sig_parts p = sig_parts(&k, raw);

    p.space = bf_text("");
    EXPECT(p, BF_SIG_NAMESPACE);
    p.space = bf_text("a b");
    EXPECT(p, BF_SIG_NAMESPACE);
    p.space = bf_text("a\x7f");
    EXPECT(p, BF_SIG_NAMESPACE);
    p.space = bf_view("a\0b", 3);
    EXPECT(p, BF_SIG_NAMESPACE);
    p.space = bf_text("caf\xc3\xa9");
    EXPECT(p, BF_SIG_NAMESPACE);
    memset(long_space, 's', sizeof(long_space));
    p.space = bf_view(long_space, 159);
    EXPECT(p, BF_OK);
    p.space = bf_view(long_space, 160);
    EXPECT(p, BF_SIG_NAMESPACE);
}

static void key_types(void)
{
    static const struct {
        const char *type;
        size_t point_len;
        const char *after;
        enum bf_err want;
    } cases[] = {
        {"ssh-ed25519", 32, "", BF_OK},
        {"ssh-ed25519", 31, "", BF_SIG_BLOB},
        {"ssh-ed25519", 33, "", BF_SIG_BLOB},
        {"ssh-ed25519", 32, "x", BF_SIG_BLOB},
        {"ssh-ed25519", 4000, "", BF_SIG_BLOB},
        {"sk-ssh-ed25519@openssh.com", 32, "", BF_SIG_BLOB}, /* no application */
        {"ecdsa-sha2-nistp256", 65, "", BF_SIG_BLOB},        /* no curve */
        {"ssh-rsa", 3, "", BF_SIG_BLOB},
        {"ssh-dss", 3, "", BF_SIG_KEY_TYPE},
        {"ssh-ed448", 57, "", BF_SIG_KEY_TYPE},
        {"ssh-ed25519-cert-v01@openssh.com", 32, "", BF_SIG_KEY_TYPE},
        {"ssh-mldsa44-ed25519@openssh.com", 32, "", BF_SIG_KEY_TYPE},
        {"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", 32, "", BF_SIG_KEY_TYPE},
        {"", 32, "", BF_SIG_KEY_TYPE},
        {"SSH-ED25519", 32, "", BF_SIG_KEY_TYPE},
    };
    struct test_key k = test_key(7);
    uint8_t raw[64];
    struct sig_parts p = sig_parts(&k, raw);
    struct bf_buf b;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        b = test_key_blob(cases[i].type, strlen(cases[i].type), cases[i].point_len,
                          cases[i].after);
        p.key = bf_buf_bytes(&b);
        expect_parts(&p, cases[i].want, __LINE__);
        bf_buf_clear(&b);
    }
    b = test_key_blob("ssh-ed25519", 12, 32, ""); /* a NUL inside the type */
    p.key = bf_buf_bytes(&b);
    EXPECT(p, BF_SIG_KEY_TYPE);
    bf_buf_clear(&b);
    p.key = bf_text("");
    EXPECT(p, BF_SIG_BLOB);
    p.key = bf_text("\xff\xff\xff\xff");
    EXPECT(p, BF_SIG_BLOB);
}

static void blob_truncations(void)
{
    struct test_key k = test_key(7);
    uint8_t raw[64];
    struct sig_parts p = sig_parts(&k, raw);
    struct bf_buf blob = sig_blob(&p);
    size_t len;

    for (len = 0; len < blob.len; len++) {
        expect_blob(bf_view(blob.ptr, len), BF_SIG_BLOB, __LINE__);
    }
    bf_buf_clear(&blob);
}

/* No flipped bit of the blob verifies. */
static void blob_bits(void)
{
    struct test_key k = test_key(7);
    uint8_t raw[64];
    struct sig_parts p = sig_parts(&k, raw);
    struct bf_buf blob = sig_blob(&p);
    struct bf_diag d = {0};
    size_t bit, passed = 0, good_ones = 0;

    for (bit = 0; bit <= 8 * blob.len; bit++) {
        struct bf_buf armor = bf_buf(4096);
        struct bf_sshsig sig;

        if (bit < 8 * blob.len) {
            blob.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
        if (sig_parse(&sig, bf_buf_bytes(&armor), &d) == BF_OK &&
            bf_sshkey_equal(&sig.key, &k.ssh) &&
            bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d) == BF_OK) {
            passed++;
            good_ones += bit == 8 * blob.len ? 1 : 0;
        }
        if (bit < 8 * blob.len) {
            blob.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        bf_buf_clear(&armor);
    }
    T_INT(passed, 1); /* the one that was left alone */
    T_INT(good_ones, 1);
    bf_buf_clear(&blob);
}

static void armor_bits_and_cuts(void)
{
    struct bf_buf armor = sig_armor();
    struct bf_sshsig sig;
    struct bf_diag d = {0};
    size_t i, verified = 0, wrong_id = 0;

    for (i = 0; i < armor.len; i++) {
        T_ERR(sig_parse(&sig, bf_view(armor.ptr, i), &d), BF_SIG_ARMOR, &d);
    }
    for (i = 0; i < 8 * armor.len; i++) {
        enum bf_err err;

        armor.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
        err = sig_parse(&sig, bf_buf_bytes(&armor), &d);
        verified += err == BF_OK && bf_sshsig_verify(&sig, sig_space,
                                                     bf_text(sig_message), &d) == BF_OK
                        ? 1
                        : 0;
        wrong_id += err != BF_OK && bf_err_exit(err) != BF_EXIT_REFUSED ? 1 : 0;
        armor.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    T_INT(verified, 0);
    T_INT(wrong_id, 0);
    bf_buf_clear(&armor);
}

/* The armor with text replaced; all but the first is what stock ssh-keygen takes. */
static const struct {
    const char *before, *begin, *line_end, *end, *after;
    size_t width;
    enum bf_err want;
} armor_cases[] = {
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "\n", 70,
     BF_OK},
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "", 70,
     BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "\n\n",
     70, BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "\nmore",
     70, BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "\n", 76,
     BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "\n", 64,
     BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "\n",
     4000, BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\r\n", "\r\n", "-----END SSH SIGNATURE-----",
     "\r\n", 70, BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n", " \n", "-----END SSH SIGNATURE-----", "\n",
     70, BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n\n", "\n", "-----END SSH SIGNATURE-----", "\n",
     70, BF_SIG_ARMOR},
    {"\n", "-----BEGIN SSH SIGNATURE-----\n", "\n", "-----END SSH SIGNATURE-----", "\n",
     70, BF_SIG_ARMOR},
    {"", "-----BEGIN SSH SIGNATURE-----\n", "\n", "\n-----END SSH SIGNATURE-----", "\n",
     70, BF_SIG_ARMOR},
    {"", "-----BEGIN PGP SIGNATURE-----\n", "\n", "-----END PGP SIGNATURE-----", "\n", 70,
     BF_SIG_ARMOR},
};

static void armor_forms(void)
{
    struct test_key k = test_key(7);
    uint8_t raw[64];
    struct sig_parts p = sig_parts(&k, raw);
    struct bf_buf blob = sig_blob(&p);
    size_t i, j;

    for (i = 0; i < sizeof(armor_cases) / sizeof(armor_cases[0]); i++) {
        struct bf_buf armor = bf_buf(65536), flat = bf_buf(65536), again = bf_buf(65536),
                      want = sig_armor();
        struct bf_sshsig sig;
        struct bf_diag d = {0};

        bf_put_base64(&flat, bf_buf_bytes(&blob), 0, true);
        bf_put_text(&armor, armor_cases[i].before);
        bf_put_text(&armor, armor_cases[i].begin);
        for (j = 0; j < flat.len; j += armor_cases[i].width) {
            bf_put(&armor, flat.ptr + j,
                   flat.len - j < armor_cases[i].width ? flat.len - j
                                                       : armor_cases[i].width);
            bf_put_text(&armor, armor_cases[i].line_end);
        }
        bf_put_text(&armor, armor_cases[i].end);
        bf_put_text(&armor, armor_cases[i].after);
        T_ERR(sig_parse(&sig, bf_buf_bytes(&armor), &d), armor_cases[i].want, &d);
        /* what is only wrapped otherwise can be brought in */
        if (strstr(armor_cases[i].begin, "PGP") == NULL &&
            strstr(armor_cases[i].after, "more") == NULL) {
            T_OK(bf_sshsig_rearmor(&again, bf_buf_bytes(&armor), &d), &d);
            T_BYTES(bf_buf_bytes(&again), bf_buf_bytes(&want));
        } else {
            T_ERR(bf_sshsig_rearmor(&again, bf_buf_bytes(&armor), &d), BF_SIG_ARMOR, &d);
            T_INT(again.len, 0);
        }
        bf_buf_clear(&armor);
        bf_buf_clear(&flat);
        bf_buf_clear(&again);
        bf_buf_clear(&want);
    }
    bf_buf_clear(&blob);
}

static void rearmor_refuses(void)
{
    static const char *const bad[] = {
        "",
        "\n",
        "-----BEGIN SSH SIGNATURE-----\n",
        "-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\nU1NI*===\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\nUB==\n-----END SSH SIGNATURE-----\n", /* bits that
                                                                                 are not
                                                                                 used */
        "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n-----BEGIN "
        "SSH SIGNATURE-----\nU1NI\n"
        "-----END SSH SIGNATURE-----\n",
    };
    struct bf_buf out = bf_buf(65536), big = bf_buf(65536);
    struct bf_diag d = {0};
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        T_ERR(bf_sshsig_rearmor(&out, bf_text(bad[i]), &d), BF_SIG_ARMOR, &d);
    }
    for (i = 0; i <= 2 * BF_MAX_SIGNATURE; i++) {
        bf_put_u8(&big, 'x');
    }
    T_ERR(bf_sshsig_rearmor(&out, bf_buf_bytes(&big), &d), BF_SIG_SIZE, &d);
    T_INT(out.len, 0);
    bf_buf_clear(&out);
    bf_buf_clear(&big);
}

/* One byte over 16 KiB is refused for its size, 16 KiB for what is in it. */
static void size_limit(void)
{
    struct bf_buf blob = bf_buf(65536), armor = bf_buf(65536);
    struct bf_sshsig sig;
    struct bf_diag d = {0};
    size_t len = BF_MAX_SIGNATURE - 4;

    do { /* the longest armor that still fits */
        bf_buf_clear(&blob);
        bf_buf_clear(&armor);
        for (len--; blob.len < len * 3 / 4;) {
            bf_put_u8(&blob, 'x');
        }
        bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
    } while (armor.len > BF_MAX_SIGNATURE);
    T_INT(armor.len, BF_MAX_SIGNATURE);
    T_ERR(sig_parse(&sig, bf_buf_bytes(&armor), &d), BF_SIG_BLOB, &d);
    bf_put_u8(&armor, 'x');
    T_ERR(sig_parse(&sig, bf_buf_bytes(&armor), &d), BF_SIG_SIZE, &d);
    bf_buf_clear(&blob);
    bf_buf_clear(&armor);
}

/* A key of small order would "verify" a message nobody signed in a lax implementation: R
 * = point of order 1, S = 0. */
static void low_order(void)
{
    struct bf_sshsig sig = {0};
    struct bf_diag d = {0};
    uint8_t one[BF_KEY] = {1};

    bf_sshkey_from_point(&sig.key, one);
    snprintf(sig.space, sizeof(sig.space), "%s", sig_space);
    sig.signature[0] = 1;
    T_ERR(bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d), BF_SIG_BAD, &d);
}

/* S + L is the same scalar: the second encoding of one signature. */
static void malleable_scalar(void)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    struct bf_buf armor = sig_armor();
    struct bf_sshsig sig;
    struct bf_diag d = {0};
    unsigned carry = 0;
    size_t i;

    T_OK(sig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
    T_OK(bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d), &d);
    for (i = 0; i < 32; i++) {
        carry += (unsigned)sig.signature[32 + i] + order[i];
        sig.signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    T_ERR(bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d), BF_SIG_BAD, &d);
    bf_buf_clear(&armor);
}

T_CASES("sshsig", {"good", good}, {"namespace", namespace_text}, {"fields", fields},
        {"namespaces", namespaces}, {"key types", key_types},
        {"every truncation of the blob", blob_truncations},
        {"every bit of the blob", blob_bits},
        {"every bit and truncation of the armor", armor_bits_and_cuts},
        {"forms of armor", armor_forms}, {"rearmor refuses", rearmor_refuses},
        {"size", size_limit}, {"low order", low_order},
        {"a second scalar", malleable_scalar});
