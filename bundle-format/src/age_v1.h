/* SPDX-License-Identifier: Apache-2.0 */
/* What age's reader and writer share: sizes and key schedule (C2SP age.md). Not a public
 * header. */
#ifndef AGE_V1_H
#define AGE_V1_H

#include "bf/age.h"

enum {
    AGE_FILE_KEY = 16,
    AGE_BODY = AGE_FILE_KEY + BF_AEAD_TAG,
    AGE_NONCE = 16,
    AGE_CHUNK = 64 * 1024,
    AGE_SEALED_CHUNK = AGE_CHUNK + BF_AEAD_TAG
};

/* The key that wraps the file key in an X25519 stanza. */
void bf_age_wrap_key(uint8_t out[BF_KEY], const uint8_t shared[BF_KEY],
                     const uint8_t share[BF_KEY], const uint8_t recipient[BF_KEY]);
/* MAC over the header's bytes up to and with "---". */
void bf_age_header_mac(uint8_t out[BF_SHA256], const uint8_t file_key[AGE_FILE_KEY],
                       struct bf_bytes header);
void bf_age_payload_key(uint8_t out[BF_KEY], const uint8_t file_key[AGE_FILE_KEY],
                        const uint8_t nonce[AGE_NONCE]);
/* Counter (11 bytes, big-endian) and the mark of the last chunk. */
void bf_age_chunk_nonce(uint8_t out[12], uint64_t counter, bool last);

#endif
