/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one reader and the one writer. A view owns nothing; a reader is a value with a
 * sticky error; a buffer grows to a named maximum, wipes what it gives back, and its
 * failure is sticky too, so that code reads and writes fields in order and asks once.
 */
#ifndef BF_BYTES_H
#define BF_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bf/err.h"

struct bf_bytes {
    const uint8_t *ptr;
    size_t len;
};

/* Views: of C text without its NUL; of a range. Borrow. */
struct bf_bytes bf_text(const char *text);
struct bf_bytes bf_view(const void *ptr, size_t len);
bool bf_bytes_equal(struct bf_bytes a, struct bf_bytes b);
bool bf_bytes_is(struct bf_bytes a, const char *text);
/* memcpy that allows len 0 with NULL pointers. */
void bf_copy(void *dst, const void *src, size_t len);

/* Reader: SSH wire format (RFC 4251 section 5): big-endian integers, string = u32 length
 * + bytes. */
struct bf_reader {
    struct bf_bytes rest;
    bool bad;
};

struct bf_reader bf_reader(struct bf_bytes in);
uint8_t bf_read_u8(struct bf_reader *r);
uint32_t bf_read_u32(struct bf_reader *r);
struct bf_bytes bf_read_bytes(struct bf_reader *r, size_t len);
/* A string of at most max bytes. */
struct bf_bytes bf_read_string(struct bf_reader *r, size_t max);
/* The magnitude of a positive mpint, at most max bytes without a leading zero; bad when
 * it is not in its one shortest form. */
struct bf_bytes bf_read_mpint(struct bf_reader *r, size_t max);
/* The next line without its LF; bad when there is no LF within max bytes. */
struct bf_bytes bf_read_line(struct bf_reader *r, size_t max);
/* True when nothing failed and nothing is left. */
bool bf_reader_end(const struct bf_reader *r);

/* Writer. All-zero plus max is an empty buffer; bf_buf_clear wipes, frees and leaves
 * zero. */
struct bf_buf {
    uint8_t *ptr;
    size_t len;
    size_t cap;
    size_t max;
    bool bad; /* out of memory or over max */
};

struct bf_buf bf_buf(size_t max);
void bf_buf_clear(struct bf_buf *b);
void bf_put(struct bf_buf *b, const void *ptr, size_t len);
void bf_put_bytes(struct bf_buf *b, struct bf_bytes in);
void bf_put_text(struct bf_buf *b, const char *text);
BF_PRINTF(2, 3) void bf_put_fmt(struct bf_buf *b, const char *fmt, ...);
void bf_put_u8(struct bf_buf *b, uint8_t v);
void bf_put_u32(struct bf_buf *b, uint32_t v);
void bf_put_string(struct bf_buf *b, struct bf_bytes in);
/* RFC 4648 section 4; width columns a line (LF between and after), 0: no line ends. */
void bf_put_base64(struct bf_buf *b, struct bf_bytes in, size_t width, bool padded);
void bf_put_hex(struct bf_buf *b, struct bf_bytes in);
/* Appends a NUL that is not counted, so that ptr is C text. NULL when the buffer is bad.
 */
const char *bf_buf_text(struct bf_buf *b);
struct bf_bytes bf_buf_bytes(const struct bf_buf *b);
/* BF_OK, or BF_NO_MEMORY / BF_TOO_LARGE when bad; what names the thing. */
BF_MUST enum bf_err bf_buf_check(const struct bf_buf *b, const char *what,
                                 struct bf_diag *diag);

/* out must hold 2 * len + 1. Lower case, NUL-terminated. */
void bf_hex(char *out, const uint8_t *in, size_t len);
/* Lower-case hex of exactly 2 * len digits; false else. */
bool bf_unhex(uint8_t *out, size_t len, const char *hex, size_t hex_len);
/*
 * Strict base64: canonical (unused bits zero), no blanks; padded says which of the two
 * forms is wanted. *len in: room, out: bytes written. False when it is not that. out may
 * be where in is.
 */
bool bf_unbase64(uint8_t *out, size_t *len, struct bf_bytes in, bool padded);
extern const char bf_base64_digits[]; /* RFC 4648 section 4 */

/* Chunked memory that is freed and wiped all at once. All-zero is an empty one on the
 * heap. */
struct bf_arena {
    struct bf_chunk *chunks;
    uint8_t *fixed; /* when set: one locked block instead of the heap */
    size_t fixed_len;
    size_t fixed_cap;
};

/* An arena of one locked block (secrets); BF_NO_MEMORY or BF_MEMORY_NOT_LOCKED. */
BF_MUST enum bf_err bf_arena_lock(struct bf_arena *a, size_t cap, struct bf_diag *diag);
/* Zeroed memory, aligned for any type; NULL when there is no more. */
void *bf_arena_alloc(struct bf_arena *a, size_t len);
char *bf_arena_text(struct bf_arena *a, struct bf_bytes in);
void bf_arena_clear(struct bf_arena *a);

#endif
