/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age as its specification has it, for a file that some age program made for an X25519
 * recipient and that is no part of the format: armor, and stanzas of other types, whose
 * form is checked and whose content is passed over.
 */
#include <string.h>

#include "age_v1.h"

enum { LINE_BYTES = 48, LINE_COLUMNS = 64, MAX_BLANK = 1024 };

/* ---- armor ---- */

/* Up to LF, CRLF or the end. */
static struct bf_bytes armor_line(struct bf_bytes *rest)
{
    const uint8_t *lf = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = lf != NULL ? (size_t)(lf - rest->ptr) : rest->len;
    struct bf_bytes line = {rest->ptr, len};

    rest->ptr += len + (lf != NULL ? 1 : 0);
    rest->len -= len + (lf != NULL ? 1 : 0);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

/* Blank lines at the head; what stands before the first mark on its own line stays. */
static struct bf_bytes skip_lines(struct bf_bytes in)
{
    struct bf_bytes rest = in, line;

    for (;;) {
        line = armor_line(&rest);
        if (rest.len == 0 || bf_age_skip_blank(line).len > 0) {
            return in;
        }
        in = rest;
    }
}

enum bf_err bf_age_dearmor(struct bf_buf *out, struct bf_bytes in, struct bf_diag *diag)
{
    struct bf_bytes rest = skip_lines(in), line;
    bool last = false;
    size_t num = 1;

    line = in.len - rest.len <= MAX_BLANK ? armor_line(&rest) : bf_view(NULL, 0);
    if (!bf_bytes_is(line, AGE_ARMOR_BEGIN)) {
        return bf_fail(diag, BF_AGE_ARMOR, "first line");
    }
    for (;; num++) {
        uint8_t bytes[LINE_BYTES];
        size_t len = sizeof(bytes);

        line = armor_line(&rest);
        if (bf_bytes_is(line, AGE_ARMOR_END)) {
            break;
        }
        if (last || line.len == 0 || !bf_unbase64(bytes, &len, line, true)) {
            return bf_fail(diag, BF_AGE_ARMOR, "line %zu of its text", num);
        }
        last = len < LINE_BYTES;
        bf_put(out, bytes, len);
    }
    if (rest.len > MAX_BLANK || bf_age_skip_blank(rest).len > 0) {
        return bf_fail(diag, BF_AGE_ARMOR, "after its last line");
    }
    return bf_buf_check(out, "age file", diag);
}

/* ---- header ---- */

static struct bf_bytes next_word(struct bf_bytes *rest)
{
    const uint8_t *blank = rest->len > 0 ? memchr(rest->ptr, ' ', rest->len) : NULL;
    size_t len = blank != NULL ? (size_t)(blank - rest->ptr) : rest->len;
    struct bf_bytes word = {rest->ptr, len};

    rest->ptr += len + (blank != NULL ? 1 : 0);
    rest->len -= len + (blank != NULL ? 1 : 0);
    return word;
}

/* One or more words of printable ASCII, one blank between two. */
static bool words_ok(struct bf_bytes line)
{
    size_t i;

    for (i = 0; i < line.len; i++) {
        uint8_t c = line.ptr[i];
        bool ends = i + 1 == line.len || line.ptr[i + 1] == ' ';

        if (c < 0x20 || c > 0x7e || (c == ' ' && (i == 0 || ends))) {
            return false;
        }
    }
    return line.len > 0;
}

/* Lines of 64 columns and a shorter one; *whole is the first line when it is the only. */
static bool read_body(struct bf_bytes *whole, struct bf_reader *r)
{
    uint8_t bytes[LINE_BYTES];
    size_t num = 0, len;
    struct bf_bytes line;

    do {
        line = bf_read_line(r, LINE_COLUMNS);
        len = sizeof(bytes);
        if (r->bad || !bf_unbase64(bytes, &len, line, false)) {
            return false;
        }
        *whole = num++ == 0 ? line : bf_view(NULL, 0);
    } while (line.len == LINE_COLUMNS);
    return true;
}

/* text: what stands behind "-> ". *alone: a passphrase, which stands beside nothing. */
static enum bf_err read_stanza(struct age_header *h, struct bf_bytes text,
                               struct bf_reader *r, bool *alone, struct bf_diag *diag)
{
    struct bf_bytes body, type, words = text;
    struct age_stanza *s = &h->stanzas[h->num];

    if (!words_ok(text) || !read_body(&body, r)) {
        return bf_fail(diag, BF_AGE_STANZA, "after %zu of X25519", h->num); /* [BF-905] */
    }
    type = next_word(&words);
    *alone = bf_bytes_is(type, "scrypt");
    if (!bf_bytes_is(type, "X25519")) {
        return BF_OK;
    }
    if (h->num == BF_MAX_STANZAS) {
        return bf_fail(diag, BF_AGE_STANZA_COUNT, "over %zu", h->num); /* [BF-907] */
    }
    if (!bf_age_key_at(s->share, words, 0) || !bf_age_key_at(s->body, body, 0)) {
        return bf_fail(diag, BF_AGE_STANZA, "stanza %zu of X25519",
                       h->num + 1); /* [BF-905] */
    }
    h->num++;
    return BF_OK;
}

static enum bf_err read_header(struct age_header *h, struct bf_bytes in,
                               struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(in);
    struct bf_bytes line = bf_read_line(&r, AGE_MAX_LINE);
    bool alone = false;
    size_t num = 0;
    enum bf_err err = BF_OK;

    if (r.bad || !bf_bytes_is(line, AGE_VERSION_LINE)) {
        return bf_fail(diag, BF_AGE_VERSION, "first line"); /* [BF-903] */
    }
    for (;; num++) {
        line = bf_read_line(&r, AGE_MAX_LINE);
        if (r.bad || line.len < 3 || memcmp(line.ptr, "-> ", 3) != 0) {
            break;
        }
        if (alone || in.len - r.rest.len > BF_MAX_AGE_HEADER) {
            return bf_fail(diag, BF_AGE_HEADER, "stanza %zu", num + 1); /* [BF-904] */
        }
        err = read_stanza(h, bf_view(line.ptr + 3, line.len - 3), &r, &alone, diag);
        if (err != BF_OK) {
            return err;
        }
        if (alone && num > 0) {
            return bf_fail(diag, BF_AGE_HEADER, "stanza %zu", num + 1); /* [BF-904] */
        }
    }
    err = bf_age_footer(h, in, line, &r, diag);
    return err == BF_OK && num == 0
               ? bf_fail(diag, BF_AGE_STANZA_COUNT, "0") /* [BF-907] */
               : err;
}

enum bf_err bf_age_open_any(uint8_t *out, size_t cap, size_t *out_len, struct bf_bytes in,
                            const uint8_t identity[BF_KEY], struct bf_diag *diag)
{
    struct bf_buf binary = bf_buf(in.len);
    struct age_header h = {0};
    enum bf_err err = BF_OK;

    if (bf_age_looks_armored(in)) {
        err = bf_age_dearmor(&binary, in, diag);
        in = bf_buf_bytes(&binary);
    }
    if (err == BF_OK) {
        err = read_header(&h, in, diag);
    }
    if (err == BF_OK) {
        err = bf_age_open_header(out, cap, out_len, &h, identity, diag);
    }
    bf_buf_clear(&binary);
    return err;
}
