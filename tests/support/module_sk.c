/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A security key in software, as middleware that OpenSSH loads in place of its own FIDO
 * support (PROTOCOL.u2f, sk-api.h, version 0x000a): SSH_SK_PROVIDER or ssh-add -S names
 * it. Both types; the key handle is the private key, so it is for tests alone.
 *
 * SK_FLAGS: the flags of the next signatures, in place of what was asked for.
 * SK_COUNTER: their counter (else 1). A signature with user verification wants the PIN
 * 1234.
 */
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { API_VERSION = 0x000a0000, ECDSA = 0, ED25519 = 1 };
enum { ERR_GENERAL = -1, ERR_UNSUPPORTED = -2, ERR_PIN_REQUIRED = -3 };
enum { USER_VERIFICATION = 4, COORDINATE = 32, MESSAGE = 32 + 1 + 4 + 32 };

struct sk_option;
struct sk_resident_key;

struct sk_enroll_response {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_len;
    uint8_t *key_handle;
    size_t key_handle_len;
    uint8_t *signature;
    size_t signature_len;
    uint8_t *attestation_cert;
    size_t attestation_cert_len;
    uint8_t *authdata;
    size_t authdata_len;
};

struct sk_sign_response {
    uint8_t flags;
    uint32_t counter;
    uint8_t *sig_r;
    size_t sig_r_len;
    uint8_t *sig_s;
    size_t sig_s_len;
};

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
              const char *application, uint8_t flags, const char *pin,
              struct sk_option **options, struct sk_enroll_response **response);
int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags,
            const char *pin, struct sk_option **options,
            struct sk_sign_response **response);
int sk_load_resident_keys(const char *pin, struct sk_option **options,
                          struct sk_resident_key ***keys, size_t *num_keys);

uint32_t sk_api_version(void)
{
    return API_VERSION;
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
              const char *application, uint8_t flags, const char *pin,
              struct sk_option **options, struct sk_enroll_response **response)
{
    struct sk_enroll_response *r = calloc(1, sizeof(*r));
    EVP_PKEY *key = alg == ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                   : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    int len = 0;

    (void)challenge, (void)challenge_len, (void)application, (void)pin, (void)options;
    if (r == NULL || key == NULL || alg > ED25519) {
        return ERR_GENERAL;
    }
    r->flags = flags;
    r->public_key_len = COORDINATE;
    r->public_key = malloc(r->public_key_len);
    if (alg == ED25519) {
        EVP_PKEY_get_raw_public_key(key, r->public_key, &r->public_key_len);
    } else {
        free(r->public_key);
        r->public_key_len = EVP_PKEY_get1_encoded_public_key(key, &r->public_key);
    }
    len = i2d_PrivateKey(key, &r->key_handle);
    r->key_handle_len = len > 0 ? (size_t)len : 0;
    EVP_PKEY_free(key);
    *response = r;
    return 0;
}

static uint8_t *coordinate(const BIGNUM *number)
{
    uint8_t *out = malloc(COORDINATE);

    return out != NULL && BN_bn2binpad(number, out, COORDINATE) == COORDINATE ? out
                                                                              : NULL;
}

/* A token signs SHA-256(application), flags, counter, SHA-256(data). */
static int sign(struct sk_sign_response *r, EVP_PKEY *key, const uint8_t message[MESSAGE])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int is_ec = EVP_PKEY_is_a(key, "EC");
    uint8_t sig[128];
    const uint8_t *at = sig;
    size_t len = sizeof(sig);
    ECDSA_SIG *pair;

    if (EVP_DigestSignInit(ctx, NULL, is_ec ? EVP_sha256() : NULL, NULL, key) != 1 ||
        EVP_DigestSign(ctx, sig, &len, message, MESSAGE) != 1) {
        return ERR_GENERAL;
    }
    EVP_MD_CTX_free(ctx);
    if (!is_ec) {
        r->sig_r = malloc(len);
        memcpy(r->sig_r, sig, len);
        r->sig_r_len = len;
        return 0;
    }
    pair = d2i_ECDSA_SIG(NULL, &at, (long)len);
    r->sig_r = coordinate(ECDSA_SIG_get0_r(pair));
    r->sig_s = coordinate(ECDSA_SIG_get0_s(pair));
    r->sig_r_len = r->sig_s_len = COORDINATE;
    ECDSA_SIG_free(pair);
    return 0;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags,
            const char *pin, struct sk_option **options,
            struct sk_sign_response **response)
{
    const char *forced = getenv("SK_FLAGS"), *counter = getenv("SK_COUNTER");
    struct sk_sign_response *r = calloc(1, sizeof(*r));
    const uint8_t *at = key_handle;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)key_handle_len);
    uint8_t message[MESSAGE];
    int i, err;

    (void)alg, (void)options;
    if (r == NULL || key == NULL) {
        return ERR_GENERAL;
    }
    r->flags = forced != NULL ? (uint8_t)strtoul(forced, NULL, 0) : flags;
    r->counter = counter != NULL ? (uint32_t)strtoul(counter, NULL, 0) : 1;
    if ((r->flags & USER_VERIFICATION) != 0 &&
        (pin == NULL || strcmp(pin, "1234") != 0)) {
        return ERR_PIN_REQUIRED;
    }
    SHA256((const uint8_t *)application, strlen(application), message);
    message[32] = r->flags;
    for (i = 0; i < 4; i++) {
        message[33 + i] = (uint8_t)(r->counter >> (24 - 8 * i));
    }
    SHA256(data, data_len, message + 37);
    err = sign(r, key, message);
    EVP_PKEY_free(key);
    *response = r;
    return err;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options,
                          struct sk_resident_key ***keys, size_t *num_keys)
{
    (void)pin, (void)options, (void)keys, (void)num_keys;
    return ERR_UNSUPPORTED;
}
