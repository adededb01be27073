/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "bf/crypto.h"

static enum bf_err digest(const EVP_MD *md, uint8_t *out, const struct bf_bytes *parts,
                          size_t num)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1;
    size_t i;

    for (i = 0; good && i < num; i++) {
        good = EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) == 1;
    }
    good = good && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return good ? BF_OK : BF_CRYPTO;
}

enum bf_err bf_sha256(uint8_t out[BF_SHA256], const struct bf_bytes *parts, size_t num)
{
    return digest(EVP_sha256(), out, parts, num);
}

enum bf_err bf_sha512(uint8_t out[BF_SHA512], const struct bf_bytes *parts, size_t num)
{
    return digest(EVP_sha512(), out, parts, num);
}

enum bf_err bf_sha256_hex(char out[2 * BF_SHA256 + 1], struct bf_bytes in)
{
    uint8_t raw[BF_SHA256];
    enum bf_err err = bf_sha256(raw, &in, 1);

    out[0] = '\0';
    if (err == BF_OK) {
        bf_hex(out, raw, sizeof(raw));
    }
    return err;
}

bool bf_aead_seal(uint8_t *out, const uint8_t key[BF_KEY], const uint8_t nonce[12],
                  struct bf_bytes in)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, last = 0;
    bool good;

    good =
        ctx != NULL && in.len <= INT32_MAX &&
        EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
        (in.len == 0 || EVP_EncryptUpdate(ctx, out, &n, in.ptr, (int)in.len) == 1) &&
        EVP_EncryptFinal_ex(ctx, out + n, &last) == 1 && (size_t)n == in.len &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, BF_AEAD_TAG, out + in.len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

bool bf_aead_open(uint8_t *out, const uint8_t key[BF_KEY], const uint8_t nonce[12],
                  struct bf_bytes in)
{
    uint8_t tag[BF_AEAD_TAG];
    EVP_CIPHER_CTX *ctx;
    size_t len;
    int n = 0, last = 0;
    bool good;

    if (in.len < BF_AEAD_TAG || in.len > INT32_MAX) {
        return false;
    }
    len = in.len - BF_AEAD_TAG;
    bf_copy(tag, in.ptr + len, sizeof(tag));
    ctx = EVP_CIPHER_CTX_new();
    good = ctx != NULL &&
           EVP_DecryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, BF_AEAD_TAG, tag) == 1 &&
           (len == 0 || EVP_DecryptUpdate(ctx, out, &n, in.ptr, (int)len) == 1) &&
           EVP_DecryptFinal_ex(ctx, out + n, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!good) {
        bf_wipe(out, len);
    }
    return good;
}

/* ---- ECDSA and RSA: nothing of OpenSSL's for them is touched before such a key comes */

struct curve {
    size_t point;
    int nid;
    const char *group;
    const EVP_MD *(*hash)(void);
};

static const struct curve *find_curve(struct bf_bytes point)
{
    static const struct curve curves[] = {
        {65, NID_X9_62_prime256v1, "P-256", EVP_sha256},
        {97, NID_secp384r1, "P-384", EVP_sha384},
        {133, NID_secp521r1, "P-521", EVP_sha512},
    };
    size_t i;

    for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (curves[i].point == point.len) {
            return &curves[i];
        }
    }
    return NULL;
}

bool bf_ecdsa_key_ok(struct bf_bytes point)
{
    const struct curve *curve = find_curve(point);
    EC_GROUP *group = curve != NULL ? EC_GROUP_new_by_curve_name(curve->nid) : NULL;
    EC_POINT *at = group != NULL ? EC_POINT_new(group) : NULL;
    /* reads coordinates below the prime that fit the curve's equation, nothing else */
    bool good =
        at != NULL && EC_POINT_oct2point(group, at, point.ptr, point.len, NULL) == 1;

    EC_POINT_free(at);
    EC_GROUP_free(group);
    return good;
}

/* The rest of every EVP verification of a public key. */
static bool verify(const char *type, OSSL_PARAM_BLD *build, const EVP_MD *hash,
                   struct bf_bytes sig, struct bf_bytes msg)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY *key = NULL;
    bool good = params != NULL && making != NULL && ctx != NULL &&
                EVP_PKEY_fromdata_init(making) == 1 &&
                EVP_PKEY_fromdata(making, &key, EVP_PKEY_PUBLIC_KEY, params) == 1 &&
                EVP_DigestVerifyInit(ctx, NULL, hash, NULL, key) == 1 &&
                EVP_DigestVerify(ctx, sig.ptr, sig.len, msg.ptr, msg.len) == 1;

    EVP_PKEY_free(key);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_CTX_free(making);
    OSSL_PARAM_free(params);
    return good;
}

bool bf_ecdsa_verify(struct bf_bytes point, struct bf_bytes sig, struct bf_bytes msg)
{
    const struct curve *curve = find_curve(point);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    ECDSA_SIG *pair = ECDSA_SIG_new();
    int half = (int)(sig.len / 2);
    BIGNUM *r = BN_bin2bn(sig.ptr, half, NULL);
    BIGNUM *s = BN_bin2bn(sig.ptr + half, half, NULL);
    unsigned char *der = NULL;
    bool good = false;
    int len = 0;

    if (curve == NULL || build == NULL || pair == NULL || r == NULL || s == NULL ||
        ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
    } else {
        len = i2d_ECDSA_SIG(pair, &der);
    }
    if (len > 0) {
        good = OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                               curve->group, 0) == 1 &&
               OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.ptr,
                                                point.len) == 1 &&
               verify("EC", build, curve->hash(), bf_view(der, (size_t)len), msg);
    }
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    OSSL_PARAM_BLD_free(build);
    return good;
}

bool bf_rsa_verify(struct bf_bytes modulus, uint32_t exponent, bool sha512,
                   struct bf_bytes sig, struct bf_bytes msg)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus.ptr, (int)modulus.len, NULL);
    bool good = build != NULL && n != NULL && sig.len == modulus.len &&
                OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
                OSSL_PARAM_BLD_push_ulong(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1 &&
                verify("RSA", build, sha512 ? EVP_sha512() : EVP_sha256(), sig, msg);

    BN_free(n);
    OSSL_PARAM_BLD_free(build);
    return good;
}
