/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
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
