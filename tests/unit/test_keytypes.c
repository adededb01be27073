/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every type of key, made and used by stock ssh-keygen: it signs, we verify, and no
 * changed bit and no cut passes. Security keys are those of tests/support/module_sk.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/sshsig.h"
#include "harness.h"
#include "sshparts.h"
#include "tool.h"

static const struct {
    const char *type, *bits, *name;
} types[] = {
    {"ed25519", "256", "ssh-ed25519"},
    {"ed25519-sk", "256", "sk-ssh-ed25519@openssh.com"},
    {"ecdsa", "256", "ecdsa-sha2-nistp256"},
    {"ecdsa", "384", "ecdsa-sha2-nistp384"},
    {"ecdsa", "521", "ecdsa-sha2-nistp521"},
    {"ecdsa-sk", "256", "sk-ecdsa-sha2-nistp256@openssh.com"},
    {"rsa", "3072", "ssh-rsa"},
};
enum {
    NUM_TYPES = sizeof(types) / sizeof(types[0]),
    SK_ED25519 = 1,
    P256,
    P384,
    P521,
    SK_ECDSA,
    RSA
};

static const char *path_of(size_t i)
{
    static char path[200];

    snprintf(path, sizeof(path), "%s/id_%s", t_tmpdir(), types[i].name);
    return path;
}

/* Makes the key the first time. */
static struct bf_sshkey key_of(size_t i)
{
    const char *path = path_of(i);
    const char *make[] = {"ssh-keygen",  "-q", "-t", types[i].type, "-b",
                          types[i].bits, "-N", "",   "-C",          "alice@ws",
                          "-f",          path, NULL};
    char public[220];
    struct bf_sshkey key;
    struct bf_buf file;
    struct bf_diag d = {0};

    setenv("SSH_SK_PROVIDER", TEST_SK, 1);
    snprintf(public, sizeof(public), "%s.pub", path);
    if (access(public, F_OK) != 0) {
        T_INT(tool_run(make, bf_text(""), NULL), 0);
    }
    file = tool_read(public);
    T_OK(bf_sshkey_parse_file(&key, bf_buf_bytes(&file), &d), &d);
    T_TEXT(key.kind->name, types[i].name);
    bf_buf_clear(&file);
    return key;
}

static struct bf_buf sign(size_t i, const char *message)
{
    const char *run[] = {"ssh-keygen", "-q", "-Y",      "sign", "-f",
                         path_of(i),   "-n", sig_space, NULL};
    struct bf_buf armor = bf_buf(65536);

    T_INT(tool_run(run, bf_text(message), &armor), 0);
    return armor;
}

static bool stock_says_good(const struct bf_sshkey *key, struct bf_bytes armor,
                            const char *message)
{
    struct bf_buf allowed = bf_buf(8192);
    const char *allowed_path, *sig_path;
    int code;

    bf_put_text(&allowed, "alice ");
    bf_sshkey_write(&allowed, key);
    bf_put_text(&allowed, "\n");
    allowed_path = tool_file("allowed", bf_buf_bytes(&allowed));
    sig_path = tool_file("sig", armor);
    {
        const char *run[] = {"ssh-keygen", "-Y", "verify",  "-f", allowed_path, "-I",
                             "alice",      "-n", sig_space, "-s", sig_path,     NULL};

        code = tool_run(run, bf_text(message), NULL);
    }
    bf_buf_clear(&allowed);
    return code == 0;
}

static enum bf_err verify(struct bf_bytes armor, const struct bf_sshkey *key,
                          const char *message, struct bf_diag *d)
{
    static struct bf_sshsig sig;
    enum bf_err err = sig_parse(&sig, armor, d);

    if (err == BF_OK && !bf_sshkey_equal(&sig.key, key)) {
        err = BF_SIG_UNKNOWN_KEY;
    }
    return err == BF_OK ? bf_sshsig_verify(&sig, sig_space, bf_text(message), d) : err;
}

static struct bf_buf unarmor(struct bf_bytes armor)
{
    static struct bf_sshsig sig;
    struct bf_buf blob = bf_buf(65536), again = bf_buf(65536);
    struct bf_diag d = {0};
    size_t len;

    T_OK(bf_sshsig_parse(&sig, armor, &d), &d);
    len = (armor.len - 57) * 70 / 71 * 3 / 4 + 3;
    do { /* its padding is not told: the one length that gives these bytes again */
        bf_buf_clear(&again);
        bf_sshsig_wrap(&again, bf_view(sig.blob, len));
    } while (!bf_bytes_equal(armor, bf_buf_bytes(&again)) && len-- > 0);
    bf_put(&blob, sig.blob, len);
    bf_buf_clear(&again);
    return blob;
}

static void sign_and_verify(void)
{
    size_t i, n;

    T_TRUE(true);
    for (i = 0; i < NUM_TYPES && tool_there("ssh-keygen"); i++) {
        struct bf_sshkey key = key_of(i);

        for (n = 0; n < 12; n++) { /* the mpints of ecdsa come in several lengths */
            char message[] = "message 0";
            struct bf_buf armor;
            struct bf_diag d = {0};

            message[8] = (char)('0' + n);
            armor = sign(i, message);
            T_OK(verify(bf_buf_bytes(&armor), &key, message, &d), &d);
            T_ERR(verify(bf_buf_bytes(&armor), &key, "message x", &d), BF_SIG_BAD, &d);
            T_TRUE(n > 0 || stock_says_good(&key, bf_buf_bytes(&armor), message));
            bf_buf_clear(&armor);
        }
    }
}

/* Each bit of the blob the other way round, and each of its beginnings. */
static void bits_and_cuts(void)
{
    size_t i, at;

    T_TRUE(true);
    for (i = 0; i < NUM_TYPES && tool_there("ssh-keygen"); i++) {
        struct bf_sshkey key = key_of(i);
        struct bf_buf armor = sign(i, sig_message), blob = unarmor(bf_buf_bytes(&armor));
        struct bf_diag d = {0};
        size_t passed = 0, odd = 0;

        for (at = 0; at < 9 * blob.len; at++) { /* the ninth "bit" is the cut */
            struct bf_bytes one = bf_view(blob.ptr, at % 9 == 8 ? at / 9 : blob.len);
            uint8_t flip = (uint8_t)(1U << at % 9);
            enum bf_err err;

            blob.ptr[at / 9] ^= flip;
            bf_buf_clear(&armor);
            bf_sshsig_wrap(&armor, one);
            err = verify(bf_buf_bytes(&armor), &key, sig_message, &d);
            passed += err == BF_OK ? 1 : 0;
            odd += bf_err_exit(err) != BF_EXIT_REFUSED && err != BF_OK ? 1 : 0;
            blob.ptr[at / 9] ^= flip;
        }
        T_INT(passed, 0);
        T_INT(odd, 0);
        bf_buf_clear(&armor);
        bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
        T_OK(verify(bf_buf_bytes(&armor), &key, sig_message, &d), &d);
        bf_buf_clear(&armor);
        bf_buf_clear(&blob);
    }
}

/* A signature of key i with another signature field. */
static void expect_field(size_t i, struct bf_bytes field, enum bf_err want, unsigned line)
{
    struct bf_sshkey key = key_of(i);
    struct bf_buf armor = bf_buf(65536);
    struct bf_diag d = {0};

    T_OK(bf_sshsig_armor(&armor, &key, sig_space, field, &d), &d);
    t_err(__FILE__, line, verify(bf_buf_bytes(&armor), &key, sig_message, &d), want, &d);
    bf_buf_clear(&armor);
}

static void expect_pair(size_t i, struct bf_bytes r, struct bf_bytes s, const char *after,
                        enum bf_err want, unsigned line)
{
    struct bf_buf pair = bf_buf(4096), field = bf_buf(8192);

    bf_put_string(&pair, r);
    bf_put_string(&pair, s);
    bf_put_text(&pair, after);
    bf_put_string(&field, bf_text(types[i].name));
    bf_put_string(&field, bf_buf_bytes(&pair));
    expect_field(i, bf_buf_bytes(&field), want, line);
    bf_buf_clear(&pair);
    bf_buf_clear(&field);
}

static struct bf_bytes mpint(uint8_t out[68], const uint8_t *in, size_t len)
{
    while (len > 0 && *in == 0) {
        in++;
        len--;
    }
    out[0] = 0;
    memcpy(out + 1, in, len);
    return in[0] >= 0x80 ? bf_view(out, len + 1) : bf_view(out + 1, len);
}

static void ecdsa_forms(void)
{
    size_t i;

    T_TRUE(true);
    for (i = P256; i <= P521 && tool_there("ssh-keygen"); i++) {
        static struct bf_sshsig sig;
        struct bf_buf armor;
        struct bf_diag d = {0};
        uint8_t r_room[68], s_room[68], long_one[69] = {0};
        struct bf_bytes r, s;
        size_t half;

        key_of(i);
        armor = sign(i, sig_message);
        T_OK(bf_sshsig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
        half = sig.signature_len / 2;
        r = mpint(r_room, sig.signature, half);
        s = mpint(s_room, sig.signature + half, half);
        expect_pair(i, r, s, "", BF_OK, __LINE__);
        expect_pair(i, s, r, "", BF_SIG_BAD, __LINE__);
        expect_pair(i, r, s, "x", BF_SIG_BLOB, __LINE__);
        expect_pair(i, r, bf_text(""), "", BF_SIG_BLOB, __LINE__); /* 0 */
        expect_pair(i, bf_text(""), s, "", BF_SIG_BLOB, __LINE__);
        expect_pair(i, bf_view("\0", 1), s, "", BF_SIG_BLOB, __LINE__);
        expect_pair(i, r, bf_text("\1"), "", BF_SIG_BAD, __LINE__);
        expect_pair(i, r, bf_text("\x80"), "", BF_SIG_BLOB, __LINE__); /* negative */
        memcpy(long_one + 1, s.ptr, s.len);                            /* not minimal */
        expect_pair(i, r, bf_view(long_one, s.len + 1), "",
                    s.ptr[0] >= 0x80 ? BF_OK : BF_SIG_BLOB, __LINE__);
        memset(long_one, 0x7f, sizeof(long_one)); /* longer than a coordinate */
        expect_pair(i, r, bf_view(long_one, half + 1), "", BF_SIG_BLOB, __LINE__);
        expect_pair(i, r, bf_view(long_one, half), "", BF_SIG_BAD, __LINE__);
        memset(long_one, 0xff, sizeof(long_one)); /* over the order */
        long_one[0] = 0;
        expect_pair(i, r, bf_view(long_one, half + 1), "", BF_SIG_BAD, __LINE__);
        bf_buf_clear(&armor);
    }
}

static struct bf_buf field_of(const char *type, struct bf_bytes raw, int flags,
                              uint32_t counter)
{
    struct bf_buf field = bf_buf(8192);

    bf_put_string(&field, bf_text(type));
    bf_put_string(&field, raw);
    if (flags >= 0) {
        bf_put_u8(&field, (uint8_t)flags);
        bf_put_u32(&field, counter);
    }
    return field;
}

static void expect_made(size_t i, const char *type, struct bf_bytes raw, int flags,
                        uint32_t counter, enum bf_err want, unsigned line)
{
    struct bf_buf field = field_of(type, raw, flags, counter);

    expect_field(i, bf_buf_bytes(&field), want, line);
    bf_buf_clear(&field);
}

/* The hash is named by the signature; SHA-1 never is good. */
static void rsa_forms(void)
{
    static struct bf_sshsig sig;
    struct bf_diag d = {0};
    struct bf_buf armor, data = bf_buf(1024), short_one = bf_buf(2048);
    struct bf_bytes raw;

    T_TRUE(true);
    if (!tool_there("ssh-keygen") || !tool_there("openssl")) {
        return;
    }
    key_of(RSA);
    armor = sign(RSA, sig_message);
    T_OK(bf_sshsig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
    T_TRUE(sig.sha512);
    raw = bf_view(sig.signature, sig.signature_len);
    expect_made(RSA, "rsa-sha2-512", raw, -1, 0, BF_OK, __LINE__);
    expect_made(RSA, "rsa-sha2-512", raw, 1, 0, BF_SIG_BLOB, __LINE__);
    expect_made(RSA, "rsa-sha2-256", raw, -1, 0, BF_SIG_BAD, __LINE__);
    expect_made(RSA, "ssh-rsa", raw, -1, 0, BF_SIG_KEY_TYPE, __LINE__);
    expect_made(RSA, "rsa-sha2-512-cert-v01@openssh.com", raw, -1, 0, BF_SIG_KEY_TYPE,
                __LINE__);
    expect_made(RSA, "rsa-sha2-512", bf_view(raw.ptr, raw.len - 1), -1, 0, BF_SIG_BLOB,
                __LINE__);
    bf_put_u8(&short_one, 0);
    bf_put_bytes(&short_one, raw);
    expect_made(RSA, "rsa-sha2-512", bf_buf_bytes(&short_one), -1, 0, BF_SIG_BLOB,
                __LINE__);
    {
        const char *to_pem[] = {"ssh-keygen", "-q", "-p", "-m",         "PEM",
                                "-N",         "",   "-f", path_of(RSA), NULL};
        const char *hash[] = {"openssl", "dgst", NULL, "-sign", path_of(RSA), NULL};
        static const struct {
            const char *option, *type;
            enum bf_err want;
        } hashes[] = {{"-sha256", "rsa-sha2-256", BF_OK},
                      {"-sha512", "rsa-sha2-512", BF_OK},
                      {"-sha1", "ssh-rsa", BF_SIG_KEY_TYPE},
                      {"-sha384", "rsa-sha2-512", BF_SIG_BAD}};
        size_t i;

        T_INT(tool_run(to_pem, bf_text(""), NULL), 0);
        T_OK(bf_sshsig_data(&data, sig_space, bf_text(sig_message), &d), &d);
        for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
            struct bf_buf made = bf_buf(2048);

            hash[2] = hashes[i].option;
            T_INT(tool_run(hash, bf_buf_bytes(&data), &made), 0);
            expect_made(RSA, hashes[i].type, bf_buf_bytes(&made), -1, 0, hashes[i].want,
                        __LINE__);
            bf_buf_clear(&made);
        }
    }
    bf_buf_clear(&armor);
    bf_buf_clear(&data);
    bf_buf_clear(&short_one);
}

/* Flags and counter of a token: signed, and what is said to be a touch is required. */
static void hardware_flags(void)
{
    static const struct {
        const char *flags;
        enum bf_err want;
    } cases[] = {
        {"0x01", BF_OK},        {"0x05", BF_OK},        {"0x19", BF_OK},
        {"0x00", BF_SIG_FLAGS}, {"0x04", BF_SIG_FLAGS}, {"0x41", BF_SIG_FLAGS},
        {"0x81", BF_SIG_FLAGS}, {"0xc5", BF_SIG_FLAGS},
    };
    size_t i, k;

    T_TRUE(true);
    for (k = 0; k < 2 && tool_there("ssh-keygen"); k++) {
        size_t type = k == 0 ? SK_ED25519 : SK_ECDSA;
        struct bf_sshkey key = key_of(type);

        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            static struct bf_sshsig sig;
            struct bf_buf armor;
            struct bf_diag d = {0};

            if (strtoul(cases[i].flags, NULL, 0) & BF_SK_VERIFIED) {
                continue; /* asks for the PIN: tests/cli/keys.sh */
            }
            setenv("SK_FLAGS", cases[i].flags, 1);
            setenv("SK_COUNTER", "0x89abcdef", 1);
            armor = sign(type, sig_message);
            unsetenv("SK_FLAGS");
            unsetenv("SK_COUNTER");
            T_ERR(verify(bf_buf_bytes(&armor), &key, sig_message, &d), cases[i].want, &d);
            T_TRUE(stock_says_good(&key, bf_buf_bytes(&armor), sig_message));
            T_OK(bf_sshsig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
            T_INT(sig.flags, strtoul(cases[i].flags, NULL, 0));
            T_INT(sig.counter, 0x89abcdef);
            bf_buf_clear(&armor);
        }
    }
}

/* A plain signature is none by the security key of the same point, and the other way
 * round. */
static void plain_as_hardware(void)
{
    struct bf_buf armor;
    static struct bf_sshsig sig;
    struct bf_diag d = {0};
    struct bf_bytes raw;

    T_TRUE(true);
    if (!tool_there("ssh-keygen")) {
        return;
    }
    key_of(SK_ED25519);
    armor = sign(SK_ED25519, sig_message);
    T_OK(bf_sshsig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
    raw = bf_view(sig.signature, sig.signature_len);
    expect_made(SK_ED25519, types[SK_ED25519].name, raw, 1, 1, BF_OK, __LINE__);
    expect_made(SK_ED25519, types[SK_ED25519].name, raw, 1, 2, BF_SIG_BAD, __LINE__);
    expect_made(SK_ED25519, types[SK_ED25519].name, raw, 5, 1, BF_SIG_BAD, __LINE__);
    expect_made(SK_ED25519, types[SK_ED25519].name, raw, 0, 1, BF_SIG_FLAGS, __LINE__);
    expect_made(SK_ED25519, types[SK_ED25519].name, raw, -1, 0, BF_SIG_BLOB, __LINE__);
    expect_made(SK_ED25519, "ssh-ed25519", raw, 1, 1, BF_SIG_KEY_TYPE, __LINE__);
    expect_made(SK_ED25519, "webauthn-sk-ssh-ed25519@openssh.com", raw, 1, 1,
                BF_SIG_KEY_TYPE, __LINE__);
    key_of(0);
    expect_made(0, "ssh-ed25519", raw, -1, 0, BF_SIG_BAD, __LINE__);
    expect_made(0, "ssh-ed25519", raw, 1, 1, BF_SIG_BLOB, __LINE__);
    bf_buf_clear(&armor);
}

T_CASES("key types", {"stock signs, we verify", sign_and_verify},
        {"every bit, every cut", bits_and_cuts}, {"forms of ecdsa", ecdsa_forms},
        {"flags of hardware", hardware_flags}, {"plain and hardware", plain_as_hardware},
        {"forms of rsa", rsa_forms});
