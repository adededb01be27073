/* SPDX-License-Identifier: Apache-2.0 */
/* What age's two readers and its writer share: sizes, key schedule, the header (C2SP
 * age.md). Not a public header. */
#ifndef AGE_V1_H
#define AGE_V1_H

#include "bf/age.h"

enum {
    AGE_FILE_KEY = 16,
    AGE_BODY = AGE_FILE_KEY + BF_AEAD_TAG,
    AGE_NONCE = 16,
    AGE_CHUNK = 64 * 1024,
    AGE_SEALED_CHUNK = AGE_CHUNK + BF_AEAD_TAG,
    AGE_KEY_COLUMNS = 43, /* 32 bytes in base64 */
    AGE_MAX_LINE = 2048
};

#define AGE_VERSION_LINE "age-encryption.org/v1"
#define AGE_ARMOR_BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define AGE_ARMOR_END "-----END AGE ENCRYPTED FILE-----"

struct age_stanza {
    uint8_t share[BF_KEY];
    uint8_t body[AGE_BODY];
};

/* The views are of the file that was read. */
struct age_header {
    struct age_stanza stanzas[BF_MAX_STANZAS]; /* X25519 */
    size_t num;
    struct bf_bytes maced; /* up to and with "---" */
    uint8_t mac[BF_SHA256];
    struct bf_bytes payload;
};

/* 32 bytes from canonical base64 without padding, at offset at to the end of the line. */
bool bf_age_key_at(uint8_t out[BF_KEY], struct bf_bytes line, size_t at);
/* Ends the header of the file in with its last line, behind which r stands. AGE_HEADER.
 */
BF_MUST enum bf_err bf_age_footer(struct age_header *h, struct bf_bytes in,
                                  struct bf_bytes line, const struct bf_reader *r,
                                  struct bf_diag *diag);
/* As bf_age_open(), from the header on: AGE_STANZA, AGE_NO_MATCH, AGE_MAC, AGE_PAYLOAD,
 * AGE_SIZE. */
BF_MUST enum bf_err bf_age_open_header(uint8_t *out, size_t cap, size_t *out_len,
                                       const struct age_header *h,
                                       const uint8_t identity[BF_KEY],
                                       struct bf_diag *diag);

/* What is left behind blanks and line ends. */
struct bf_bytes bf_age_skip_blank(struct bf_bytes in);
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
