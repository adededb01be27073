/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only door to libsodium (crypto_sodium.c) and OpenSSL's libcrypto
 * (crypto_openssl.c). Ed25519 is libsodium's alone, because it refuses low-order points;
 * SHA-2 and ChaCha20-Poly1305 are OpenSSL's, because they are several times faster there.
 */
#ifndef BF_CRYPTO_H
#define BF_CRYPTO_H

#include "bf/bytes.h"

enum {
    BF_SHA256 = 32,
    BF_SHA512 = 64,
    BF_KEY = 32,
    BF_ED25519_SIG = 64,
    BF_AEAD_TAG = 16
};

/* To be called once before anything else here, by every program and test. BF_CRYPTO when
 * a library fails. */
BF_MUST enum bf_err bf_crypto_init(struct bf_diag *diag);
/* No core dumps, no ptrace by others (RLIMIT_CORE 0, PR_SET_DUMPABLE 0). Programs only.
 */
void bf_harden_process(void);

/* Hash of the parts one after the other. Cannot fail on valid input; a library failure is
 * BF_CRYPTO. */
BF_MUST enum bf_err bf_sha256(uint8_t out[BF_SHA256], const struct bf_bytes *parts,
                              size_t num);
BF_MUST enum bf_err bf_sha512(uint8_t out[BF_SHA512], const struct bf_bytes *parts,
                              size_t num);
/* SHA-256 of one view as 64 lower-case hex digits and NUL. */
BF_MUST enum bf_err bf_sha256_hex(char out[2 * BF_SHA256 + 1], struct bf_bytes in);
/* RFC 2104, RFC 5869 (out_len <= 8160). */
void bf_hmac_sha256(uint8_t out[BF_SHA256], struct bf_bytes key,
                    const struct bf_bytes *parts, size_t num);
void bf_hkdf_sha256(uint8_t *out, size_t out_len, struct bf_bytes ikm,
                    struct bf_bytes salt, struct bf_bytes info);

/* RFC 8439. seal writes len + 16 bytes; open writes in.len - 16, and nothing unless the
 * tag is good (false). */
BF_MUST bool bf_aead_seal(uint8_t *out, const uint8_t key[BF_KEY],
                          const uint8_t nonce[12], struct bf_bytes in);
BF_MUST bool bf_aead_open(uint8_t *out, const uint8_t key[BF_KEY],
                          const uint8_t nonce[12], struct bf_bytes in);

/* RFC 8032, strict: low-order and non-canonical points and scalars are refused. */
bool bf_ed25519_verify(const uint8_t key[BF_KEY], const uint8_t sig[BF_ED25519_SIG],
                       struct bf_bytes msg);
bool bf_ed25519_key_ok(const uint8_t key[BF_KEY]);
/* secret: seed (32) then public key (32), as in an OpenSSH private key file. */
void bf_ed25519_sign(uint8_t sig[BF_ED25519_SIG], const uint8_t secret[64],
                     struct bf_bytes msg);
void bf_ed25519_public(uint8_t key[BF_KEY], uint8_t secret[64],
                       const uint8_t seed[BF_KEY]);
/* ECDSA on the NIST curve and with the hash that belong to the length of point, which is
 * uncompressed (RFC 5656 section 6.2.1); sig is r and s, each as long as a coordinate. */
bool bf_ecdsa_verify(struct bf_bytes point, struct bf_bytes sig, struct bf_bytes msg);
/* The point is on its curve; these curves have no points of low order. */
bool bf_ecdsa_key_ok(struct bf_bytes point);
/* RSASSA-PKCS1-v1_5 with SHA-512 or SHA-256 (RFC 8332); sig as long as the modulus. */
bool bf_rsa_verify(struct bf_bytes modulus, uint32_t exponent, bool sha512,
                   struct bf_bytes sig, struct bf_bytes msg);
/* RFC 7748; false on an all-zero result. */
BF_MUST bool bf_x25519(uint8_t out[BF_KEY], const uint8_t scalar[BF_KEY],
                       const uint8_t point[BF_KEY]);
void bf_x25519_base(uint8_t out[BF_KEY], const uint8_t scalar[BF_KEY]);

void bf_random(void *out, size_t len);
void bf_wipe(void *ptr, size_t len);
bool bf_equal_secret(const void *a, const void *b, size_t len); /* constant time */

/* Locked, guarded memory for secrets. All-zero is empty; clear wipes, frees, leaves zero.
 */
struct bf_secret {
    uint8_t *ptr;
    size_t len; /* used */
    size_t cap;
};

/* BF_NO_MEMORY; BF_MEMORY_NOT_LOCKED when the system does not lock it (RLIMIT_MEMLOCK).
 * len is 0 after. */
BF_MUST enum bf_err bf_secret_alloc(struct bf_secret *s, size_t cap,
                                    struct bf_diag *diag);
void bf_secret_clear(struct bf_secret *s);
struct bf_bytes bf_secret_bytes(const struct bf_secret *s);

#endif
