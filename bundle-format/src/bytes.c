/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "bf/crypto.h"

struct bf_bytes bf_text(const char *text)
{
    return bf_view(text, strlen(text));
}

struct bf_bytes bf_view(const void *ptr, size_t len)
{
    struct bf_bytes b = {ptr, len};

    return b;
}

bool bf_bytes_equal(struct bf_bytes a, struct bf_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool bf_bytes_is(struct bf_bytes a, const char *text)
{
    return bf_bytes_equal(a, bf_text(text));
}

void bf_copy(void *dst, const void *src, size_t len)
{
    if (len > 0) {
        memcpy(dst, src, len);
    }
}

struct bf_reader bf_reader(struct bf_bytes in)
{
    struct bf_reader r = {in, false};

    return r;
}

/* The only bounds check of the reader; everything else is a client of it. */
static const uint8_t *take(struct bf_reader *r, size_t len)
{
    const uint8_t *p = r->rest.ptr;

    if (r->bad || r->rest.len < len) {
        r->bad = true;
        return NULL;
    }
    if (len > 0) {
        r->rest.ptr += len;
        r->rest.len -= len;
    }
    return p;
}

uint8_t bf_read_u8(struct bf_reader *r)
{
    const uint8_t *p = take(r, 1);

    return p != NULL ? p[0] : 0;
}

uint32_t bf_read_u32(struct bf_reader *r)
{
    const uint8_t *p = take(r, 4);

    return p != NULL
               ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
               : 0;
}

struct bf_bytes bf_read_bytes(struct bf_reader *r, size_t len)
{
    const uint8_t *p = take(r, len);

    return r->bad ? bf_view(NULL, 0) : bf_view(p, len);
}

struct bf_bytes bf_read_string(struct bf_reader *r, size_t max)
{
    uint32_t len = bf_read_u32(r);

    if (len > max) {
        r->bad = true;
    }
    return bf_read_bytes(r, len);
}

struct bf_bytes bf_read_mpint(struct bf_reader *r, size_t max)
{
    struct bf_bytes m = bf_read_string(r, max + 1);

    if (m.len > 1 && m.ptr[0] == 0 && m.ptr[1] >= 0x80) { /* a zero for the sign */
        m = bf_view(m.ptr + 1, m.len - 1);
    } else if (m.len == 0 || m.ptr[0] == 0 || m.ptr[0] >= 0x80) {
        r->bad = true;
    }
    r->bad = r->bad || m.len > max;
    return r->bad ? bf_view(NULL, 0) : m;
}

struct bf_bytes bf_read_line(struct bf_reader *r, size_t max)
{
    size_t room = r->rest.len <= max ? r->rest.len : max + 1;
    const uint8_t *end = r->bad || room == 0 ? NULL : memchr(r->rest.ptr, '\n', room);
    struct bf_bytes line;

    if (end == NULL) {
        r->bad = true;
        return bf_view(NULL, 0);
    }
    line = bf_read_bytes(r, (size_t)(end - r->rest.ptr));
    (void)take(r, 1);
    return line;
}

bool bf_reader_end(const struct bf_reader *r)
{
    return !r->bad && r->rest.len == 0;
}

struct bf_buf bf_buf(size_t max)
{
    struct bf_buf b = {NULL, 0, 0, max, false};

    return b;
}

void bf_buf_clear(struct bf_buf *b)
{
    size_t max = b->max;

    if (b->ptr != NULL) {
        bf_wipe(b->ptr, b->cap);
        free(b->ptr);
    }
    *b = bf_buf(max);
}

/* Room for len more bytes and a NUL; never realloc, which would leave an unwiped copy. */
static bool grow(struct bf_buf *b, size_t len)
{
    size_t cap = b->cap > 0 ? b->cap : 256;
    uint8_t *fresh;

    if (b->bad || len > b->max || b->len > b->max - len) {
        b->bad = true;
        return false;
    }
    if (b->ptr != NULL && b->cap - b->len > len) {
        return true;
    }
    while (cap - b->len <= len) {
        cap *= 2;
    }
    fresh = malloc(cap);
    if (fresh == NULL) {
        b->bad = true;
        return false;
    }
    bf_copy(fresh, b->ptr, b->len);
    if (b->ptr != NULL) {
        bf_wipe(b->ptr, b->cap);
        free(b->ptr);
    }
    b->ptr = fresh;
    b->cap = cap;
    return true;
}

void bf_put(struct bf_buf *b, const void *ptr, size_t len)
{
    if (grow(b, len)) {
        bf_copy(b->ptr + b->len, ptr, len);
        b->len += len;
    }
}

void bf_put_bytes(struct bf_buf *b, struct bf_bytes in)
{
    bf_put(b, in.ptr, in.len);
}

void bf_put_text(struct bf_buf *b, const char *text)
{
    bf_put(b, text, strlen(text));
}

void bf_put_u8(struct bf_buf *b, uint8_t v)
{
    bf_put(b, &v, 1);
}

void bf_put_u32(struct bf_buf *b, uint32_t v)
{
    uint8_t be[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                     (uint8_t)v};

    bf_put(b, be, sizeof(be));
}

void bf_put_string(struct bf_buf *b, struct bf_bytes in)
{
    bf_put_u32(b, (uint32_t)in.len); /* what does not fit is over any max */
    bf_put_bytes(b, in);
}

const char *bf_buf_text(struct bf_buf *b)
{
    if (!grow(b, 0)) {
        return NULL;
    }
    b->ptr[b->len] = '\0';
    return (const char *)b->ptr;
}

struct bf_bytes bf_buf_bytes(const struct bf_buf *b)
{
    return bf_view(b->ptr, b->len);
}

enum bf_err bf_buf_check(const struct bf_buf *b, const char *what, struct bf_diag *diag)
{
    if (!b->bad) {
        return BF_OK;
    }
    return bf_fail(diag, b->max - b->len < b->max / 2 ? BF_TOO_LARGE : BF_NO_MEMORY, "%s",
                   what);
}

const char bf_base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool bf_unbase64(uint8_t *out, size_t *len, struct bf_bytes in, bool padded)
{
    size_t room = *len, at = 0, i;
    uint32_t bits = 0;
    unsigned have = 0;

    if (padded && in.len % 4 != 0) {
        return false;
    }
    for (i = 0; padded && i < 2 && in.len > 0 && in.ptr[in.len - 1] == '='; i++) {
        in.len--;
    }
    if (in.len % 4 == 1) {
        return false;
    }
    for (i = 0; i < in.len; i++) {
        const char *digit = memchr(bf_base64_digits, in.ptr[i], 64);

        if (digit == NULL) {
            return false;
        }
        bits = bits << 6 | (uint32_t)(digit - bf_base64_digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (at == room) {
                return false;
            }
            out[at++] = (uint8_t)(bits >> have);
            bits &= (1U << have) - 1;
        }
    }
    *len = at;
    return bits == 0;
}
