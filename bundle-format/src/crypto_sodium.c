/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "bf/crypto.h"

enum bf_err bf_crypto_init(struct bf_diag *diag)
{
    if (sodium_init() < 0) {
        return bf_fail(diag, BF_CRYPTO, "libsodium does not start");
    }
    return BF_OK;
}

void bf_harden_process(void)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void bf_hmac_sha256(uint8_t out[BF_SHA256], struct bf_bytes key,
                    const struct bf_bytes *parts, size_t num)
{
    crypto_auth_hmacsha256_state state;
    size_t i;

    crypto_auth_hmacsha256_init(&state, key.ptr, key.len);
    for (i = 0; i < num; i++) {
        crypto_auth_hmacsha256_update(&state, parts[i].ptr, parts[i].len);
    }
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

void bf_hkdf_sha256(uint8_t *out, size_t out_len, struct bf_bytes ikm,
                    struct bf_bytes salt, struct bf_bytes info)
{
    static const uint8_t zero[BF_SHA256];
    uint8_t prk[BF_SHA256], block[BF_SHA256];
    size_t done = 0, prev = 0;
    uint8_t counter = 1;

    bf_hmac_sha256(prk, salt.len > 0 ? salt : bf_view(zero, sizeof(zero)), &ikm, 1);
    while (done < out_len) {
        const struct bf_bytes parts[3] = {bf_view(block, prev), info,
                                          bf_view(&counter, 1)};
        size_t take = out_len - done < sizeof(block) ? out_len - done : sizeof(block);

        bf_hmac_sha256(block, bf_view(prk, sizeof(prk)), parts, 3);
        bf_copy(out + done, block, take);
        done += take;
        prev = sizeof(block);
        counter++;
    }
    sodium_memzero(prk, sizeof(prk));
    sodium_memzero(block, sizeof(block));
}

bool bf_ed25519_verify(const uint8_t key[BF_KEY], const uint8_t sig[BF_ED25519_SIG],
                       struct bf_bytes msg)
{
    return crypto_sign_ed25519_verify_detached(sig, msg.ptr, msg.len, key) == 0;
}

bool bf_ed25519_key_ok(const uint8_t key[BF_KEY])
{
    return crypto_core_ed25519_is_valid_point(key) == 1;
}

void bf_ed25519_sign(uint8_t sig[BF_ED25519_SIG], const uint8_t secret[64],
                     struct bf_bytes msg)
{
    crypto_sign_ed25519_detached(sig, NULL, msg.ptr, msg.len, secret);
}

void bf_ed25519_public(uint8_t key[BF_KEY], uint8_t secret[64],
                       const uint8_t seed[BF_KEY])
{
    crypto_sign_ed25519_seed_keypair(key, secret, seed);
}

bool bf_x25519(uint8_t out[BF_KEY], const uint8_t scalar[BF_KEY],
               const uint8_t point[BF_KEY])
{
    return crypto_scalarmult_curve25519(out, scalar, point) == 0;
}

void bf_x25519_base(uint8_t out[BF_KEY], const uint8_t scalar[BF_KEY])
{
    crypto_scalarmult_curve25519_base(out, scalar);
}

void bf_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

void bf_wipe(void *ptr, size_t len)
{
    if (len > 0) {
        sodium_memzero(ptr, len);
    }
}

bool bf_equal_secret(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

enum bf_err bf_secret_alloc(struct bf_secret *s, size_t cap, struct bf_diag *diag)
{
    memset(s, 0, sizeof(*s));
    s->ptr = sodium_malloc(cap > 0 ? cap : 1);
    if (s->ptr == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "%zu bytes for secrets", cap);
    }
    /* sodium_malloc goes on when the lock fails; asking again tells. */
    if (sodium_mlock(s->ptr, cap > 0 ? cap : 1) != 0) {
        sodium_free(s->ptr);
        s->ptr = NULL;
        return bf_fail(diag, BF_MEMORY_NOT_LOCKED, "%zu bytes", cap);
    }
    s->cap = cap;
    memset(s->ptr, 0, cap);
    return BF_OK;
}

void bf_secret_clear(struct bf_secret *s)
{
    if (s->ptr != NULL) {
        sodium_memzero(s->ptr, s->cap);
        sodium_free(s->ptr);
    }
    memset(s, 0, sizeof(*s));
}

struct bf_bytes bf_secret_bytes(const struct bf_secret *s)
{
    return bf_view(s->ptr, s->len);
}
