/* SPDX-License-Identifier: Apache-2.0 */
/* What bytes.h has besides, and no hostile byte needs before its signature is good:
 * arenas, hex, formatted text. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/bytes.h"
#include "bf/crypto.h"

void bf_hex(char *out, const uint8_t *in, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    for (i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * len] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool bf_unhex(uint8_t *out, size_t len, const char *hex, size_t hex_len)
{
    size_t i;

    if (hex_len != 2 * len) {
        return false;
    }
    for (i = 0; i < len; i++) {
        int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void bf_put_hex(struct bf_buf *b, struct bf_bytes in)
{
    size_t i;
    char two[3];

    for (i = 0; i < in.len; i++) {
        bf_hex(two, in.ptr + i, 1);
        bf_put(b, two, 2);
    }
}

void bf_put_fmt(struct bf_buf *b, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len >= 0) {
        text = malloc((size_t)len + 1);
    }
    if (text == NULL) {
        b->bad = true;
        return;
    }
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    bf_put(b, text, (size_t)len);
    bf_wipe(text, (size_t)len);
    free(text);
}

struct bf_chunk {
    struct bf_chunk *next;
    size_t used, cap;
    _Alignas(max_align_t) uint8_t data[];
};

void *bf_arena_alloc(struct bf_arena *a, size_t len)
{
    size_t need = len <= SIZE_MAX - 64 ? (len + 15) & ~(size_t)15 : SIZE_MAX;
    struct bf_chunk *c = a->chunks;
    void *p;

    if (need == SIZE_MAX) {
        return NULL;
    }
    if (a->fixed != NULL) {
        if (a->fixed_cap - a->fixed_len < need) {
            return NULL;
        }
        p = a->fixed + a->fixed_len;
        a->fixed_len += need;
        memset(p, 0, need);
        return p;
    }
    if (c == NULL || c->cap - c->used < need) {
        size_t cap = need > 8192 ? need : 8192;

        c = calloc(1, sizeof(*c) + cap);
        if (c == NULL) {
            return NULL;
        }
        c->cap = cap;
        c->next = a->chunks;
        a->chunks = c;
    }
    p = c->data + c->used;
    c->used += need;
    return p;
}

char *bf_arena_text(struct bf_arena *a, struct bf_bytes in)
{
    char *p = in.len < SIZE_MAX ? bf_arena_alloc(a, in.len + 1) : NULL;

    if (p != NULL) {
        bf_copy(p, in.ptr, in.len);
    }
    return p;
}

enum bf_err bf_arena_lock(struct bf_arena *a, size_t cap, struct bf_diag *diag)
{
    struct bf_secret block = {0};
    enum bf_err err = bf_secret_alloc(&block, cap, diag);

    if (err == BF_OK) {
        a->fixed = block.ptr;
        a->fixed_cap = block.cap;
        a->fixed_len = 0;
    }
    return err;
}

void bf_arena_clear(struct bf_arena *a)
{
    struct bf_secret block = {a->fixed, a->fixed_len, a->fixed_cap};

    while (a->chunks != NULL) {
        struct bf_chunk *c = a->chunks;

        a->chunks = c->next;
        bf_wipe(c->data, c->cap);
        free(c);
    }
    bf_secret_clear(&block);
    memset(a, 0, sizeof(*a));
}
