/* SPDX-License-Identifier: Apache-2.0 */
#include "age_v1.h"

#include <string.h>

void bf_age_wrap_key(uint8_t out[BF_KEY], const uint8_t shared[BF_KEY],
                     const uint8_t share[BF_KEY], const uint8_t recipient[BF_KEY])
{
    uint8_t salt[2 * BF_KEY];

    bf_copy(salt, share, BF_KEY);
    bf_copy(salt + BF_KEY, recipient, BF_KEY);
    bf_hkdf_sha256(out, BF_KEY, bf_view(shared, BF_KEY), bf_view(salt, sizeof(salt)),
                   bf_text("age-encryption.org/v1/X25519"));
}

void bf_age_header_mac(uint8_t out[BF_SHA256], const uint8_t file_key[AGE_FILE_KEY],
                       struct bf_bytes header)
{
    uint8_t key[BF_KEY];

    bf_hkdf_sha256(key, sizeof(key), bf_view(file_key, AGE_FILE_KEY), bf_text(""),
                   bf_text("header"));
    bf_hmac_sha256(out, bf_view(key, sizeof(key)), &header, 1);
    bf_wipe(key, sizeof(key));
}

void bf_age_payload_key(uint8_t out[BF_KEY], const uint8_t file_key[AGE_FILE_KEY],
                        const uint8_t nonce[AGE_NONCE])
{
    bf_hkdf_sha256(out, BF_KEY, bf_view(file_key, AGE_FILE_KEY),
                   bf_view(nonce, AGE_NONCE), bf_text("payload"));
}

void bf_age_chunk_nonce(uint8_t out[12], uint64_t counter, bool last)
{
    size_t i;

    memset(out, 0, 12);
    for (i = 0; i < 8; i++) {
        out[10 - i] = (uint8_t)(counter >> (8 * i));
    }
    out[11] = last ? 1 : 0;
}
