/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age v1 (C2SP age.md) with X25519 recipients: the binary form with X25519 stanzas alone
 * that sealed files have (SPEC section 9), and a reader of what any age program makes for
 * such a recipient.
 */
#ifndef BF_AGE_H
#define BF_AGE_H

#include "bf/crypto.h"

enum {
    BF_MAX_STANZAS = 32,
    BF_MAX_AGE_HEADER = 64 * 1024,
    BF_RECIPIENT_TEXT = 63, /* "age1..." (62) and NUL */
    BF_IDENTITY_TEXT = 75,  /* "AGE-SECRET-KEY-1..." (74) and NUL */
    BF_MAX_SEALED = 4 * 1024 * 1024 + 128 * 1024
};

/* True for a file that begins with "age-encryption.org/v1" (21 bytes). */
bool bf_age_looks_sealed(struct bf_bytes in);

/* Bech32 with hrp "age" / "AGE-SECRET-KEY-": AGE_RECIPIENT, AGE_IDENTITY. out of
 * identity: locked memory. */
BF_MUST enum bf_err bf_age_recipient_parse(uint8_t out[BF_KEY], const char *text,
                                           struct bf_diag *diag);
void bf_age_recipient_write(char out[BF_RECIPIENT_TEXT], const uint8_t point[BF_KEY]);
BF_MUST enum bf_err bf_age_identity_parse(uint8_t out[BF_KEY], struct bf_bytes text,
                                          struct bf_diag *diag);
/* From an identity file: lines of comments (#) and exactly one identity. */
BF_MUST enum bf_err bf_age_identity_file(struct bf_secret *out, struct bf_bytes file,
                                         struct bf_diag *diag);
void bf_age_identity_write(char out[BF_IDENTITY_TEXT], const uint8_t scalar[BF_KEY]);
bool bf_is_age_recipient(const char *text); /* grammar for schemas */

/*
 * Opens in with the identity into out (cap bytes; locked when the plaintext is secret);
 * *out_len is set on success only, and out holds nothing unauthenticated on failure
 * (wiped). want_stanzas: exactly so many, 0 for 1..32. AGE_HEADER, AGE_VERSION,
 * AGE_STANZA, AGE_STANZA_TYPE, AGE_STANZA_COUNT, AGE_NO_MATCH, AGE_MAC, AGE_PAYLOAD,
 * AGE_SIZE.
 */
BF_MUST enum bf_err bf_age_open(uint8_t *out, size_t cap, size_t *out_len,
                                struct bf_bytes in, const uint8_t identity[BF_KEY],
                                size_t want_stanzas, struct bf_diag *diag);
/*
 * The same for what is no part of the format (a secrets file that somebody encrypted to
 * the author): armored or binary, and stanzas of other types are passed over. AGE_ARMOR
 * besides, and AGE_STANZA for one that is malformed whatever its type. Library bf_seal.
 */
BF_MUST enum bf_err bf_age_open_any(uint8_t *out, size_t cap, size_t *out_len,
                                    struct bf_bytes in, const uint8_t identity[BF_KEY],
                                    struct bf_diag *diag);
/* True when the first line that is not blank begins as age's armor does. */
bool bf_age_looks_armored(struct bf_bytes in);
/* SEAL_ARMOR for such a file where a sealed one is wanted. */
BF_MUST enum bf_err bf_seal_not_armored(struct bf_bytes in, struct bf_diag *diag);
/* Takes strict armor off, appended to out: lines of 64 columns, the last one shorter or
 * as long, LF or CRLF; 1 KiB of blanks before and after. AGE_ARMOR. Library bf_seal. */
BF_MUST enum bf_err bf_age_dearmor(struct bf_buf *out, struct bf_bytes in,
                                   struct bf_diag *diag);
/* Seals plaintext to 1..32 recipients, appended to out. Library bf_seal. */
BF_MUST enum bf_err bf_age_seal(struct bf_buf *out, struct bf_bytes plaintext,
                                const uint8_t (*recipients)[BF_KEY], size_t num,
                                struct bf_diag *diag);

#endif
