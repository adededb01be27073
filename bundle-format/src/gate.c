/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first code that a hostile file meets. It interprets nothing but name and size:
 * every other byte of a header is compared with the one header that exists for them, so
 * there is one reading of a container and no other.
 */
#include "bf/gate.h"

#include <string.h>

enum {
    NAME_FIELD = 100,
    AT_SIZE = 124,
    SIZE_DIGITS = 11,
    AT_SUM = 148,
    SUM_DIGITS = 6,
    MIN_CONTAINER = 4 * BF_BLOCK
};
enum { END_LEN = 2 * BF_BLOCK };

static const char manifest_name[] = "manifest.json";

static void put_octal(uint8_t *out, size_t digits, size_t value)
{
    while (digits > 0) {
        digits--;
        out[digits] = (uint8_t)('0' + (value & 7));
        value >>= 3;
    }
}

void bf_ustar_header(uint8_t out[BF_BLOCK], const char *name, size_t size)
{
    size_t sum = 0;
    size_t i;

    memset(out, 0, BF_BLOCK);
    memcpy(out, name, strnlen(name, BF_MAX_NAME));
    memcpy(out + 100, "000644 ", 8); /* mode */
    memcpy(out + 108, "000000 ", 8); /* uid */
    memcpy(out + 116, "000000 ", 8); /* gid */
    put_octal(out + AT_SIZE, SIZE_DIGITS, size);
    out[AT_SIZE + SIZE_DIGITS] = ' ';
    memcpy(out + 136, "00000000000 ", 12); /* mtime */
    memcpy(out + AT_SUM, "        ", 8);   /* summed up as blanks */
    out[156] = '0';                        /* a regular file */
    memcpy(out + 257, "ustar", 6);         /* magic */
    memcpy(out + 263, "00", 2);            /* version */
    memcpy(out + 329, "000000 ", 8);       /* device */
    memcpy(out + 337, "000000 ", 8);
    for (i = 0; i < BF_BLOCK; i++) {
        sum += out[i];
    }
    put_octal(out + AT_SUM, SUM_DIGITS, sum);
    out[AT_SUM + SUM_DIGITS] = '\0';
}

static bool all_zero(const uint8_t *ptr, size_t len)
{
    uint8_t any = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        any |= ptr[i];
    }
    return any == 0;
}

static bool letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* seg(/seg)* with seg = [a-z0-9][a-z0-9._-]*: no absolute path, no "..", nothing that a
 * terminal or a shell would see. */
static bool name_ok(const uint8_t *field)
{
    size_t len = strnlen((const char *)field, NAME_FIELD);
    bool start = true; /* of a segment */
    size_t i;

    if (len == 0 || len > BF_MAX_NAME) {
        return false;
    }
    for (i = 0; i < len; i++) {
        uint8_t c = field[i];

        if (c == '/' && !start) {
            start = true;
        } else if (letter_or_digit(c) || (!start && (c == '.' || c == '_' || c == '-'))) {
            start = false;
        } else {
            return false;
        }
    }
    return !start;
}

static bool read_size(size_t *out, const uint8_t *field)
{
    size_t value = 0;
    size_t i;

    for (i = 0; i < SIZE_DIGITS; i++) {
        if (field[i] < '0' || field[i] > '7') {
            return false;
        }
        value = value << 3 | (size_t)(field[i] - '0'); /* 33 bits at most */
    }
    *out = value;
    return true;
}

static enum bf_err check_place(const struct bf_container *c, const char *name,
                               struct bf_diag *diag)
{
    bool is_manifest = strcmp(name, manifest_name) == 0;

    if (is_manifest != (c->num == 0)) {
        return bf_fail(diag, BF_GATE_FIRST, "%zu is %s", c->num + 1, name); /* [BF-106] */
    }
    if (c->num > 1 && strcmp(name, c->entries[c->num - 1].name) <= 0) {
        return bf_fail(diag, BF_GATE_ORDER, "%s", name); /* [BF-107] */
    }
    return BF_OK;
}

/* One member at *at, of which at least a block is there; moves *at behind its padding. */
static enum bf_err read_member(struct bf_container *c, size_t *at, struct bf_diag *diag)
{
    const uint8_t *header = c->raw.ptr + *at;
    const char *name = (const char *)header;
    size_t room = c->raw.len - *at - BF_BLOCK - END_LEN;
    uint8_t canonical[BF_BLOCK];
    size_t size, padded, max;
    enum bf_err err;

    if (all_zero(header, BF_BLOCK)) {
        return bf_fail(diag, BF_GATE_END, "end at offset %zu", *at); /* [BF-109] */
    }
    if (!name_ok(header)) {
        return bf_fail(diag, BF_GATE_NAME, "at offset %zu", *at); /* [BF-102] */
    }
    if (!read_size(&size, header + AT_SIZE)) {
        return bf_fail(diag, BF_GATE_HEADER, "%s: size", name); /* [BF-104] */
    }
    max = strncmp(name, "sig/", 4) == 0 ? BF_MAX_SIGNATURE : BF_MAX_MEMBER;
    padded = (size + BF_BLOCK - 1) / BF_BLOCK * BF_BLOCK;
    if (size > max || padded > room) {
        return bf_fail(diag, BF_GATE_MEMBER_SIZE, "%s: %zu", name, size); /* [BF-103] */
    }
    bf_ustar_header(canonical, name, size);
    if (memcmp(header, canonical, BF_BLOCK) != 0) {
        return bf_fail(diag, BF_GATE_HEADER, "%s", name); /* [BF-104] */
    }
    if (!all_zero(header + BF_BLOCK + size, padded - size)) {
        return bf_fail(diag, BF_GATE_PADDING, "after %s", name); /* [BF-105] */
    }
    if (c->num == BF_MAX_MEMBERS) {
        return bf_fail(diag, BF_GATE_COUNT, "%d at most", BF_MAX_MEMBERS); /* [BF-108] */
    }
    err = check_place(c, name, diag);
    if (err != BF_OK) {
        return err;
    }
    c->entries[c->num].name = name;
    c->entries[c->num].data = bf_view(header + BF_BLOCK, size);
    c->num++;
    *at += BF_BLOCK + padded;
    return BF_OK;
}

enum bf_err bf_gate(struct bf_container *out, struct bf_bytes raw, struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t at = 0;

    memset(out, 0, sizeof(*out));
    if (raw.len % BF_BLOCK != 0 || raw.len < MIN_CONTAINER ||
        raw.len > BF_MAX_CONTAINER) {
        return bf_fail(diag, BF_GATE_SIZE, "%zu bytes", raw.len); /* [BF-101] */
    }
    out->raw = raw;
    while (err == BF_OK && raw.len - at > END_LEN) { /* of which END_LEN is always left */
        err = read_member(out, &at, diag);
    }
    if (err == BF_OK && !all_zero(raw.ptr + at, END_LEN)) {
        err = bf_fail(diag, BF_GATE_END, "the last %d bytes", END_LEN); /* [BF-109] */
    }
    if (err != BF_OK) {
        memset(out, 0, sizeof(*out));
    }
    return err;
}

const struct bf_entry *bf_container_find(const struct bf_container *c, const char *name)
{
    size_t i;

    for (i = 0; i < c->num; i++) {
        if (strcmp(c->entries[i].name, name) == 0) {
            return &c->entries[i];
        }
    }
    return NULL;
}
