/* SPDX-License-Identifier: Apache-2.0 */
/* age's recipients and identities: 32 bytes in Bech32 (BIP 173), each in the one letter
 * case that age writes. */
#include "bf/age.h"

#include <string.h>

static const char recipient_head[] = "age1";
static const char identity_head[] = "AGE-SECRET-KEY-1";
static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

enum { SUM = 6, DIGITS = 52 /* 256 bits and four zero bits */, BODY = DIGITS + SUM };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static uint32_t step(uint32_t sum, uint8_t value)
{
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3};
    uint32_t top = sum >> 25;
    size_t i;

    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (i = 0; i < 5; i++) {
        sum ^= (top >> i & 1) != 0 ? generator[i] : 0;
    }
    return sum;
}

/* The state after the human-readable part; head ends in the separator "1", which is no
 * part of it. */
static uint32_t start(const char *head)
{
    size_t len = strlen(head) - 1;
    uint32_t sum = 1;
    size_t i;

    for (i = 0; i < len; i++) {
        sum = step(sum, (uint8_t)(lower(head[i]) >> 5));
    }
    sum = step(sum, 0);
    for (i = 0; i < len; i++) {
        sum = step(sum, (uint8_t)(lower(head[i]) & 31));
    }
    return sum;
}

/* The value of a digit in the letter case of head; false when it is none. */
static bool digit_value(uint8_t *out, uint8_t c, bool upper)
{
    const char *at;

    if (upper ? (c >= 'a' && c <= 'z') : (c >= 'A' && c <= 'Z')) {
        return false;
    }
    at = c != 0 ? strchr(digits, lower((char)c)) : NULL;
    *out = at != NULL ? (uint8_t)(at - digits) : 0;
    return at != NULL;
}

static bool decode(uint8_t out[BF_KEY], const char *head, struct bf_bytes text)
{
    size_t head_len = strlen(head);
    uint32_t sum = start(head);
    uint32_t bits = 0;
    size_t num_bits = 0, at = 0, i;
    bool good;

    if (text.len != head_len + BODY || memcmp(text.ptr, head, head_len) != 0) {
        return false;
    }
    for (i = 0; i < BODY; i++) {
        uint8_t value = 0;

        if (!digit_value(&value, text.ptr[head_len + i], head[0] == 'A')) {
            break;
        }
        sum = step(sum, value);
        if (i < DIGITS) {
            bits = (bits << 5 | value) & 0xfff;
            num_bits += 5;
        }
        if (i < DIGITS && num_bits >= 8) {
            num_bits -= 8;
            out[at++] = (uint8_t)(bits >> num_bits);
        }
        if (i == DIGITS - 1 && (bits & 15) != 0) { /* what is left over after 256 bits */
            break;
        }
    }
    good = i == BODY && sum == 1;
    if (!good) {
        bf_wipe(out, BF_KEY);
    }
    bf_wipe(&bits, sizeof(bits));
    return good;
}

/* Writes strlen(head) + BODY + 1 bytes. */
static void encode(char *out, const char *head, const uint8_t in[BF_KEY])
{
    size_t head_len = strlen(head);
    uint32_t sum = start(head);
    uint32_t bits = 0;
    size_t num_bits = 0, at = 0, i;

    memcpy(out, head, head_len);
    for (i = 0; i < DIGITS; i++) {
        uint8_t value;

        if (num_bits < 5) {
            bits = (bits << 8 | (at < BF_KEY ? in[at] : 0)) & 0xfff;
            at++;
            num_bits += 8;
        }
        num_bits -= 5;
        value = (uint8_t)(bits >> num_bits & 31);
        sum = step(sum, value);
        out[head_len + i] = digits[value];
    }
    for (i = 0; i < SUM; i++) {
        sum = step(sum, 0);
    }
    sum ^= 1;
    for (i = 0; i < SUM; i++) {
        out[head_len + DIGITS + i] = digits[sum >> (5 * (SUM - 1 - i)) & 31];
    }
    for (i = head_len; head[0] == 'A' && i < head_len + BODY; i++) {
        out[i] = out[i] >= 'a' ? (char)(out[i] - 'a' + 'A') : out[i];
    }
    out[head_len + BODY] = '\0';
    bf_wipe(&bits, sizeof(bits));
}

enum bf_err bf_age_recipient_parse(uint8_t out[BF_KEY], const char *text,
                                   struct bf_diag *diag)
{
    uint8_t one[BF_KEY] = {1};
    uint8_t shared[BF_KEY];

    if (!decode(out, recipient_head, bf_text(text))) {
        return bf_fail(diag, BF_AGE_RECIPIENT, "%.70s", text); /* [BF-901] */
    }
    if (!bf_x25519(
            shared, one,
            out)) { /* a point of low order: everybody could open what is sealed to it */
        bf_wipe(out, BF_KEY);
        return bf_fail(diag, BF_AGE_RECIPIENT, "%.70s is a weak key",
                       text); /* [BF-901] */
    }
    return BF_OK;
}

void bf_age_recipient_write(char out[BF_RECIPIENT_TEXT], const uint8_t point[BF_KEY])
{
    encode(out, recipient_head, point);
}

bool bf_is_age_recipient(const char *text)
{
    uint8_t point[BF_KEY];

    return decode(point, recipient_head, bf_text(text));
}

enum bf_err bf_age_identity_parse(uint8_t out[BF_KEY], struct bf_bytes text,
                                  struct bf_diag *diag)
{
    if (!decode(out, identity_head, text)) {
        return bf_fail(diag, BF_AGE_IDENTITY,
                       "not AGE-SECRET-KEY-1 and 58 characters that fit"); /* [BF-902] */
    }
    return BF_OK;
}

enum bf_err bf_age_identity_file(struct bf_secret *out, struct bf_bytes file,
                                 struct bf_diag *diag)
{
    size_t at = 0, found = 0;
    enum bf_err err = bf_secret_alloc(out, BF_KEY, diag);

    while (err == BF_OK && at < file.len) {
        const uint8_t *line = file.ptr + at;
        const uint8_t *end = memchr(line, '\n', file.len - at);
        size_t len = end != NULL ? (size_t)(end - line) : file.len - at;

        at += len + 1;
        if (len > 0 && line[len - 1] == '\r') {
            len--;
        }
        if (len == 0 || line[0] == '#') {
            continue;
        }
        found++;
        err = found > 1 ? bf_fail(diag, BF_AGE_IDENTITY,
                                  "more than one identity") /* [BF-902] */
                        : bf_age_identity_parse(out->ptr, bf_view(line, len), diag);
    }
    if (err == BF_OK && found == 0) {
        err = bf_fail(diag, BF_AGE_IDENTITY, "no identity in the file"); /* [BF-902] */
    }
    if (err != BF_OK) {
        bf_secret_clear(out);
        return err;
    }
    out->len = BF_KEY;
    return BF_OK;
}

void bf_age_identity_write(char out[BF_IDENTITY_TEXT], const uint8_t scalar[BF_KEY])
{
    encode(out, identity_head, scalar);
}
