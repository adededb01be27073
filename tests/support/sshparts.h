/* SPDX-License-Identifier: Apache-2.0 */
/* SSH keys of a fixed seed, and signatures put together field by field, also wrong ones.
 */
#ifndef TEST_SSHPARTS_H
#define TEST_SSHPARTS_H

#include "bf/sshsig.h"

static const char sig_space[] = "snapseal-author-v1@example.corp";
static const char sig_message[] = "{\"type\":\"snapseal/bundle/1\"}";

/* A signer of a fixed seed. */
struct test_key {
    uint8_t secret[64];
    struct bf_sshkey ssh;
};

/* A signature blob with every field at the test's disposal. */
struct sig_parts {
    const char *magic;
    uint32_t version;
    struct bf_bytes key;
    struct bf_bytes space, reserved, hash;
    const char *sig_type;
    struct bf_bytes sig; /* 64 bytes */
    const char *after_sig, *after_all;
};

struct test_key test_key(uint8_t seed_byte);
/* The fields of a good signature by k over sig_message; sig is the caller's and holds the
 * signature. */
struct sig_parts sig_parts(const struct test_key *k, uint8_t sig[64]);
struct bf_buf sig_blob(const struct sig_parts *p);
/* A good armored signature by test_key(7). */
struct bf_buf sig_armor(void);
/* bf_sshsig_parse() on an exact-size copy; INTERNAL when a refused signature leaves
 * something in sig. */
enum bf_err sig_parse(struct bf_sshsig *sig, struct bf_bytes armor, struct bf_diag *d);
/* string type, string of point_len zero bytes, text */
struct bf_buf test_key_blob(const char *type, size_t type_len, size_t point_len,
                            const char *after);

/*
 * A security key in software: signs with the secret of plain (seed and public key), and
 * says flags and counter. Borrows plain, which owns nothing here.
 */
struct test_hardware {
    struct bf_signer signer; /* its key: sk-ssh-ed25519 */
    const uint8_t *secret;
    uint8_t flags;
    uint32_t counter;
};
void test_hardware(struct test_hardware *out, const uint8_t secret[64], uint8_t flags,
                   uint32_t counter);

#endif
