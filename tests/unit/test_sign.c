/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/sshsig.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "sshparts.h"
#include "tool.h"

static enum bf_err sign_good(struct bf_signer *self, struct bf_buf *field,
                             struct bf_bytes data, struct bf_diag *d)
{
    const struct test_key *k = self->ctx;
    uint8_t sig[64];

    (void)d;
    bf_ed25519_sign(sig, k->secret, data);
    bf_put_string(field, bf_text("ssh-ed25519"));
    bf_put_string(field, bf_view(sig, 64));
    return BF_OK;
}

static enum bf_err sign_bad(struct bf_signer *self, struct bf_buf *field,
                            struct bf_bytes data, struct bf_diag *d)
{
    enum bf_err err = sign_good(self, field, data, d);

    field->ptr[field->len - 1] ^= 1;
    return err;
}

static enum bf_err sign_other_type(struct bf_signer *self, struct bf_buf *field,
                                   struct bf_bytes data, struct bf_diag *d)
{
    (void)self;
    (void)data;
    (void)d;
    bf_put_string(field, bf_text("ssh-rsa"));
    bf_put_string(field, bf_text("x"));
    return BF_OK;
}

static enum bf_err sign_fails(struct bf_signer *self, struct bf_buf *field,
                              struct bf_bytes data, struct bf_diag *d)
{
    (void)self;
    (void)field;
    (void)data;
    return bf_fail(d, BF_AGENT, "no such key");
}

static void signer(void)
{
    struct test_key k = test_key(7), other = test_key(8);
    struct bf_signer s = {0};
    struct bf_buf out = bf_buf(65536), want = sig_armor();
    struct bf_sshsig sig;
    struct bf_diag d = {0};

    s.key = k.ssh;
    s.ctx = &k;
    s.sign = sign_good;
    T_OK(bf_sign(&s, &out, sig_space, bf_text(sig_message), &d), &d);
    T_BYTES(bf_buf_bytes(&out), bf_buf_bytes(&want)); /* deterministic */
    T_OK(sig_parse(&sig, bf_buf_bytes(&out), &d), &d);
    bf_buf_clear(&out);
    s.sign = sign_bad;
    T_ERR(bf_sign(&s, &out, sig_space, bf_text(sig_message), &d), BF_SIG_BAD, &d);
    s.sign = sign_other_type;
    T_ERR(bf_sign(&s, &out, sig_space, bf_text(sig_message), &d), BF_SIG_KEY_TYPE, &d);
    s.sign = sign_fails;
    T_ERR(bf_sign(&s, &out, sig_space, bf_text(sig_message), &d), BF_AGENT, &d);
    s.sign = sign_good;
    s.key = other.ssh; /* signs with a key other than it says */
    T_ERR(bf_sign(&s, &out, sig_space, bf_text(sig_message), &d), BF_SIG_BAD, &d);
    s.key = k.ssh;
    T_ERR(bf_sign(&s, &out, "", bf_text(sig_message), &d), BF_SIG_NAMESPACE, &d);
    T_INT(out.len, 0); /* nothing of it was given out */
    bf_buf_clear(&out);
    bf_buf_clear(&want);
}

static void openssh_samples(void)
{
    static const struct {
        const char *name;
        enum bf_err sig, key;
    } samples[] = {
        {"ed25519", BF_OK, BF_OK},
        {"ed25519_sk", BF_OK, BF_OK},
        {"ecdsa", BF_OK, BF_OK},
        {"ecdsa_sk", BF_OK, BF_OK},
        /* a browser's: another application, another signature type */
        {"ecdsa_sk_webauthn", BF_SIG_BLOB, BF_KEY_LINE},
        {"rsa", BF_OK, BF_OK},
        {"mldsa44-ed25519", BF_SIG_KEY_TYPE, BF_KEY_TYPE},
    };
    struct bf_buf data, sig_file, key_file;
    size_t i;

    if (!t_read_file(&data, TEST_SHARED "/vectors/openssh-sshsig/signed-data")) {
        T_TRUE(true);
        return;
    }
    for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        char path[400];
        struct bf_sshsig sig;
        struct bf_sshkey key;
        struct bf_diag d = {0};

        snprintf(path, sizeof(path), TEST_SHARED "/vectors/openssh-sshsig/%s.sig",
                 samples[i].name);
        sig_file = tool_read(path);
        snprintf(path, sizeof(path), TEST_SHARED "/vectors/openssh-sshsig/%s.pub",
                 samples[i].name);
        key_file = tool_read(path);
        T_ERR(sig_parse(&sig, bf_buf_bytes(&sig_file), &d), samples[i].sig, &d);
        T_ERR(bf_sshkey_parse_file(&key, bf_buf_bytes(&key_file), &d), samples[i].key,
              &d);
        if (samples[i].sig == BF_OK) {
            T_TRUE(bf_sshkey_equal(&sig.key, &key));
            T_OK(bf_sshsig_verify(&sig, "unittest", bf_buf_bytes(&data), &d), &d);
            T_ERR(bf_sshsig_verify(&sig, "unittest", bf_text("x"), &d), BF_SIG_BAD, &d);
        }
        bf_buf_clear(&sig_file);
        bf_buf_clear(&key_file);
    }
    bf_buf_clear(&data);
}

/* We sign, stock ssh-keygen verifies, at many lengths of the namespace so that the
 * armor's last line takes each length. */
static void ssh_keygen_verifies(void)
{
    struct test_key k = test_key(7);
    struct bf_signer s = {0};
    size_t i;

    T_TRUE(true);
    if (!tool_there("ssh-keygen")) {
        return;
    }
    s.key = k.ssh;
    s.ctx = &k;
    s.sign = sign_good;
    for (i = 1; i <= 60; i += 3) {
        char ns[64];
        struct bf_buf armor = {0}, allowed = bf_buf(4096), print = bf_buf(4096);
        char fingerprint[BF_FINGERPRINT];
        struct bf_diag d = {0};
        const char *allowed_path, *sig_path;

        memset(ns, 'n', i);
        ns[i] = '\0';
        T_OK(bf_sign(&s, &armor, ns, bf_text(sig_message), &d), &d);
        bf_put_fmt(&allowed, "alice namespaces=\"%s\" ", ns);
        bf_sshkey_write(&allowed, &k.ssh);
        bf_put_text(&allowed, "\n");
        allowed_path = tool_file("allowed", bf_buf_bytes(&allowed));
        sig_path = tool_file("sig", bf_buf_bytes(&armor));
        {
            const char *verify[] = {"ssh-keygen", "-Y", "verify", "-f",
                                    allowed_path, "-I", "alice",  "-n",
                                    ns,           "-s", sig_path, NULL};

            T_INT(tool_run(verify, bf_text(sig_message), &print), 0);
            T_TRUE(tool_run(verify, bf_text("x"), NULL) > 0);
        }
        T_OK(bf_sshkey_fingerprint(fingerprint, &k.ssh), &d);
        T_TRUE(strstr(bf_buf_text(&print), fingerprint) !=
               NULL); /* Good ... key SHA256:... */
        bf_buf_clear(&armor);
        bf_buf_clear(&allowed);
        bf_buf_clear(&print);
    }
}

T_CASES("sign", {"signer", signer}, {"OpenSSH's samples", openssh_samples},
        {"ssh-keygen verifies", ssh_keygen_verifies});
