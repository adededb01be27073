/* SPDX-License-Identifier: Apache-2.0 */
/* The signatures of OpenSSH's own tests. Skipped with a notice where they are not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/sshsig.h"
#include "harness.h"
#include "tool.h"

#define SSHSIG_DIR TEST_SHARED "/vectors/openssh-sshsig/"

/* key, signature: what reading the .pub file and checking the .sig file ends in. */
static const struct {
    const char *name;
    enum bf_err key, signature;
} samples[] = {
    {"ed25519", BF_OK, BF_OK},
    {"ecdsa", BF_OK, BF_OK},
    {"rsa", BF_OK, BF_OK},
    {"ed25519_sk", BF_OK, BF_OK},
    {"ecdsa_sk", BF_OK, BF_OK},
    {"ecdsa_sk_webauthn", BF_KEY_LINE, BF_SIG_BLOB}, /* its application is not "ssh:" */
    {"mldsa44-ed25519", BF_KEY_TYPE, BF_SIG_KEY_TYPE},
};

static struct bf_buf sample(const char *name, const char *tail)
{
    char path[400];

    snprintf(path, sizeof(path), SSHSIG_DIR "%s%s", name, tail);
    return tool_read(path);
}

static enum bf_err check(struct bf_bytes armor, const struct bf_sshkey *key,
                         const char *space, struct bf_bytes message, struct bf_diag *diag)
{
    struct bf_sshsig *sig = calloc(1, sizeof(*sig));
    uint8_t *exact = t_copy(armor);
    enum bf_err err = bf_sshsig_parse(sig, bf_view(exact, armor.len), diag);

    if (err == BF_OK) {
        err = bf_sshsig_verify(sig, space, message, diag);
    }
    if (err == BF_OK && !bf_sshkey_equal(&sig->key, key)) {
        err = BF_INTERNAL;
    }
    t_free(exact);
    free(sig);
    return err;
}

static void one_sample(size_t i, struct bf_bytes message, const char *space)
{
    struct bf_buf pub = sample(samples[i].name, ".pub"),
                  sig = sample(samples[i].name, ".sig");
    struct bf_sshkey *key = calloc(1, sizeof(*key));
    struct bf_diag diag = {0};
    size_t at;

    t_err(__FILE__, (unsigned)(1000 + i),
          bf_sshkey_parse_file(key, bf_buf_bytes(&pub), &diag), samples[i].key, &diag);
    t_err(__FILE__, (unsigned)(2000 + i),
          check(bf_buf_bytes(&sig), key, space, message, &diag), samples[i].signature,
          &diag);
    /* a good one is good for its message and namespace alone, and in no other form */
    for (at = 0; samples[i].signature == BF_OK && at < 8 * sig.len; at++) {
        sig.ptr[at / 8] ^= (uint8_t)(1U << at % 8);
        T_TRUE(check(bf_buf_bytes(&sig), key, space, message, &diag) != BF_OK);
        sig.ptr[at / 8] ^= (uint8_t)(1U << at % 8);
    }
    if (samples[i].signature == BF_OK) {
        T_ERR(check(bf_buf_bytes(&sig), key, "unittesu", message, &diag),
              BF_SIG_NAMESPACE, &diag);
        T_ERR(check(bf_buf_bytes(&sig), key, space, bf_view(message.ptr, message.len - 1),
                    &diag),
              BF_SIG_BAD, &diag);
    }
    free(key);
    bf_buf_clear(&pub);
    bf_buf_clear(&sig);
}

static void openssh(void)
{
    struct bf_buf message, space;
    size_t i;

    T_TRUE(sizeof(samples) > 0);
    if (access(SSHSIG_DIR "namespace", R_OK) != 0) {
        t_skip("OpenSSH's signatures");
        return;
    }
    message = sample("signed-data", "");
    space = sample("namespace", "");
    for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        one_sample(i, bf_buf_bytes(&message), bf_buf_text(&space));
    }
    bf_buf_clear(&message);
    bf_buf_clear(&space);
}

T_CASES("OpenSSH's signatures", {"samples", openssh});
