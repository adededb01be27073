/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age v1 (C2SP age.md), read: binary, X25519 stanzas only. The whole file is in memory,
 * so the lengths of all chunks are known before the first is opened, and a file that is
 * cut or longer fails at its last tag.
 */
#include "bf/age.h"

#include <string.h>

#include "age_v1.h"

static const char stanza_head[] = "-> X25519 ";

enum { STANZA_HEAD = sizeof(stanza_head) - 1 };

static bool begins(struct bf_bytes line, const char *head)
{
    size_t len = strlen(head);

    return line.len >= len && memcmp(line.ptr, head, len) == 0;
}

bool bf_age_looks_sealed(struct bf_bytes in)
{
    return begins(in, AGE_VERSION_LINE);
}

bool bf_age_key_at(uint8_t out[BF_KEY], struct bf_bytes line, size_t at)
{
    size_t len = BF_KEY;

    return line.len == at + AGE_KEY_COLUMNS &&
           bf_unbase64(out, &len, bf_view(line.ptr + at, AGE_KEY_COLUMNS), false) &&
           len == BF_KEY;
}

/* The stanza whose first line was read. The body is 32 bytes, and so its one line is also
 * its last. */
static enum bf_err read_stanza(struct age_header *h, struct bf_reader *r,
                               struct bf_bytes line, struct bf_diag *diag)
{
    struct bf_bytes type_only = bf_view(stanza_head, STANZA_HEAD - 1);
    struct age_stanza *s = &h->stanzas[h->num];
    struct bf_bytes body;

    if (!begins(line, stanza_head) && !bf_bytes_equal(line, type_only)) {
        return bf_fail(diag, BF_AGE_STANZA_TYPE, "stanza %zu", h->num + 1); /* [BF-906] */
    }
    if (h->num == BF_MAX_STANZAS) {
        return bf_fail(diag, BF_AGE_STANZA_COUNT, "over %zu", h->num); /* [BF-907] */
    }
    body = bf_read_line(r, AGE_MAX_LINE);
    if (r->bad || !bf_age_key_at(s->share, line, STANZA_HEAD) ||
        !bf_age_key_at(s->body, body, 0)) {
        return bf_fail(diag, BF_AGE_STANZA, "stanza %zu", h->num + 1); /* [BF-905] */
    }
    h->num++;
    return BF_OK;
}

enum bf_err bf_age_footer(struct age_header *h, struct bf_bytes in, struct bf_bytes line,
                          const struct bf_reader *r, struct bf_diag *diag)
{
    if (r->bad || !begins(line, "--- ") || !bf_age_key_at(h->mac, line, 4) ||
        r->rest.len < AGE_NONCE) {
        return bf_fail(diag, BF_AGE_HEADER, "after stanza %zu", h->num); /* [BF-904] */
    }
    h->maced = bf_view(in.ptr, (size_t)(line.ptr - in.ptr) + 3);
    h->payload = r->rest;
    return BF_OK;
}

static enum bf_err read_header(struct age_header *h, struct bf_bytes in,
                               struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(in);
    struct bf_bytes line = bf_read_line(&r, AGE_MAX_LINE);
    enum bf_err err;

    if (r.bad || !bf_bytes_is(line, AGE_VERSION_LINE)) {
        return bf_fail(diag, BF_AGE_VERSION, "first line"); /* [BF-903] */
    }
    for (;;) {
        line = bf_read_line(&r, AGE_MAX_LINE);
        if (r.bad || !begins(line, "-> ")) {
            break;
        }
        err = read_stanza(h, &r, line, diag);
        if (err != BF_OK) {
            return err;
        }
    }
    return bf_age_footer(h, in, line, &r, diag);
}

/* The file key from the first stanza that opens. */
static enum bf_err unwrap_key(uint8_t file_key[AGE_FILE_KEY], const struct age_header *h,
                              const uint8_t identity[BF_KEY], struct bf_diag *diag)
{
    static const uint8_t nonce[12] = {0};
    uint8_t shared[BF_KEY], point[BF_KEY], wrap_key[BF_KEY];
    enum bf_err err = BF_AGE_NO_MATCH;
    size_t i;

    bf_x25519_base(point, identity);
    for (i = 0; i < h->num && err == BF_AGE_NO_MATCH; i++) {
        if (!bf_x25519(shared, identity, h->stanzas[i].share)) {     /* low order */
            err = bf_fail(diag, BF_AGE_STANZA, "stanza %zu", i + 1); /* [BF-905] */
            break;
        }
        bf_age_wrap_key(wrap_key, shared, h->stanzas[i].share, point);
        if (bf_aead_open(file_key, wrap_key, nonce,
                         bf_view(h->stanzas[i].body, AGE_BODY))) {
            err = BF_OK;
        }
    }
    if (err == BF_AGE_NO_MATCH) {
        (void)bf_fail(diag, err, "none of %zu stanzas", h->num); /* [BF-908] */
    }
    bf_wipe(shared, sizeof(shared));
    bf_wipe(wrap_key, sizeof(wrap_key));
    return err;
}

static enum bf_err open_payload(uint8_t *out, size_t cap, size_t *out_len,
                                struct bf_bytes payload,
                                const uint8_t file_key[AGE_FILE_KEY],
                                struct bf_diag *diag)
{
    uint8_t key[BF_KEY], nonce[12];
    size_t done = 0, at = AGE_NONCE, sealed, chunks, i;
    bool good = true;

    if (payload.len < AGE_NONCE + BF_AEAD_TAG) { /* the nonce is there */
        return bf_fail(diag, BF_AGE_PAYLOAD, "cut before its first chunk"); /* [BF-910] */
    }
    sealed = payload.len - AGE_NONCE;
    chunks = (sealed + AGE_SEALED_CHUNK - 1) / AGE_SEALED_CHUNK;
    if (chunks > 1 && sealed - (chunks - 1) * AGE_SEALED_CHUNK <= BF_AEAD_TAG) {
        return bf_fail(diag, BF_AGE_PAYLOAD, "last chunk empty or cut"); /* [BF-910] */
    }
    if (sealed - chunks * BF_AEAD_TAG > cap) {
        return bf_fail(diag, BF_AGE_SIZE, "%zu bytes at most", cap); /* [BF-911] */
    }
    bf_age_payload_key(key, file_key, payload.ptr);
    for (i = 0; i < chunks && good; i++) {
        size_t len =
            payload.len - at < AGE_SEALED_CHUNK ? payload.len - at : AGE_SEALED_CHUNK;

        bf_age_chunk_nonce(nonce, i, i == chunks - 1);
        good = bf_aead_open(out + done, key, nonce, bf_view(payload.ptr + at, len));
        at += len;
        done += good ? len - BF_AEAD_TAG : 0;
    }
    bf_wipe(key, sizeof(key));
    if (!good) {
        bf_wipe(out, done);
        return bf_fail(diag, BF_AGE_PAYLOAD, "chunk %zu", i); /* [BF-910] */
    }
    *out_len = done;
    return BF_OK;
}

enum bf_err bf_age_open_header(uint8_t *out, size_t cap, size_t *out_len,
                               const struct age_header *h, const uint8_t identity[BF_KEY],
                               struct bf_diag *diag)
{
    uint8_t file_key[AGE_FILE_KEY] = {0};
    uint8_t mac[BF_SHA256];
    enum bf_err err = unwrap_key(file_key, h, identity, diag);

    if (err == BF_OK) {
        bf_age_header_mac(mac, file_key, h->maced);
        /* Before the payload, always: this MAC is what binds all recipients to one file
         * key. */
        if (!bf_equal_secret(mac, h->mac, sizeof(mac))) {
            err = bf_fail(diag, BF_AGE_MAC, "header"); /* [BF-909] */
        }
    }
    if (err == BF_OK) {
        err = open_payload(out, cap, out_len, h->payload, file_key, diag);
    }
    bf_wipe(file_key, sizeof(file_key));
    bf_wipe(mac, sizeof(mac));
    return err;
}

enum bf_err bf_age_open(uint8_t *out, size_t cap, size_t *out_len, struct bf_bytes in,
                        const uint8_t identity[BF_KEY], size_t want_stanzas,
                        struct bf_diag *diag)
{
    struct age_header h = {0};
    enum bf_err err = read_header(&h, in, diag);

    if (err == BF_OK && (h.num == 0 || (want_stanzas != 0 && h.num != want_stanzas))) {
        err = bf_fail(diag, BF_AGE_STANZA_COUNT, "%zu", h.num); /* [BF-907] */
    }
    return err == BF_OK ? bf_age_open_header(out, cap, out_len, &h, identity, diag) : err;
}
