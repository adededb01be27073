/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets.age is written from locked memory: a buffer laid over a locked block with room
 * for everything, which therefore never grows onto the heap.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_in.h"

static int by_name(const void *a, const void *b)
{
    const struct bf_new_secret *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static const char *text_of(struct bf_arena *arena, struct bf_bytes in)
{
    return bf_arena_text(arena, in);
}

/* One line of the manifest. A secret without a value is removed, or its key is minted. */
static enum bf_err commit(struct bf_secret_ref *out, struct bf_new_secret *secret,
                          const char *bundle_id, struct bf_arena *arena,
                          struct bf_diag *diag)
{
    char commitment[65] = "";

    if (secret->value.len > 0) {
        if (!bf_is_secret_value((const char *)secret->value.ptr, secret->value.len)) {
            return bf_fail(diag, BF_SECRETS_INPUT,
                           "%s: 1 to 1024 printable characters without blanks",
                           secret->name);
        }
        bf_random(secret->opening, sizeof(secret->opening));
        bf_commitment(commitment, secret->opening, bundle_id, secret->name,
                      secret->value);
    }
    out->commitment = text_of(arena, bf_text(commitment));
    out->disclosed = text_of(arena, secret->disclose ? secret->value : bf_view(NULL, 0));
    out->name = secret->name;
    out->versus = secret->versus;
    return out->commitment != NULL && out->disclosed != NULL
               ? BF_OK
               : bf_fail(diag, BF_NO_MEMORY, "secrets");
}

/* {"name":...,"opening":...,"value":...} */
static void put_entry(struct bf_buf *b, const struct bf_new_secret *secret)
{
    bf_put_text(b, "{\"name\":");
    bf_json_write_text(b, secret->name);
    bf_put_text(b, ",\"opening\":\"");
    bf_put_hex(b, bf_view(secret->opening, sizeof(secret->opening)));
    bf_put_text(b, "\",\"value\":\"");
    bf_put_base64(b, secret->value, 0, true);
    bf_put_text(b, "\"}");
}

static void put_plain(struct bf_buf *b, const struct bf_manifest *m,
                      const struct bf_new_secret *secrets, size_t num, size_t pad)
{
    const char *comma = "";
    size_t i;

    bf_put_fmt(
        b,
        "{\"author\":\"%s\",\"bundle_id\":\"%s\",\"cluster_uuid\":\"%s\",\"entries\":[",
        m->author, m->bundle_id, m->target.cluster_uuid);
    for (i = 0; i < num; i++) {
        if (secrets[i].value.len > 0) {
            bf_put_text(b, comma);
            put_entry(b, &secrets[i]);
            comma = ",";
        }
    }
    bf_put_text(b, "],\"pad\":\"");
    for (i = 0; i < pad; i++) {
        bf_put_text(b, "0");
    }
    bf_put_fmt(b, "\",\"serial\":%" PRId64 ",\"target\":\"%s\",\"type\":\"%s\"}",
               m->serial, m->target.id, BF_SECRETS_TYPE);
}

/* Written once to learn its length, and once more with the shortest padding to a multiple
 * of a block. */
static enum bf_err seal_plain(struct bf_buf *out, const struct bf_manifest *m,
                              const struct bf_new_secret *secrets, size_t num,
                              const uint8_t recipient[BF_KEY], struct bf_diag *diag)
{
    struct bf_secret plain = {0};
    struct bf_buf b = bf_buf(BF_SECRETS_PLAIN);
    uint8_t recipients[1][BF_KEY];
    enum bf_err err = bf_secret_alloc(&plain, 2 * BF_SECRETS_PLAIN, diag);

    if (err != BF_OK) {
        return err;
    }
    b.ptr = plain.ptr;
    b.cap = plain.cap;
    put_plain(&b, m, secrets, num, 0);
    if (!b.bad) {
        size_t pad = (BF_SECRETS_BLOCK - b.len % BF_SECRETS_BLOCK) % BF_SECRETS_BLOCK;

        b.len = 0;
        put_plain(&b, m, secrets, num, pad);
    }
    bf_copy(recipients[0], recipient, BF_KEY);
    if ((err = bf_buf_check(&b, "secrets", diag)) == BF_OK) {
        err = bf_age_seal(out, bf_buf_bytes(&b), (const uint8_t(*)[BF_KEY])recipients, 1,
                          diag);
    }
    bf_secret_clear(&plain); /* the buffer's memory */
    return err;
}

enum bf_err bf_secrets_seal(struct bf_buf *out, struct bf_manifest *m,
                            struct bf_arena *arena, struct bf_new_secret *secrets,
                            size_t num, const uint8_t recipient[BF_KEY],
                            struct bf_diag *diag)
{
    bool any = false;
    enum bf_err err;
    size_t i;

    if (num > 0) {
        qsort(secrets, num, sizeof(*secrets), by_name);
    }
    m->secrets.num = num;
    m->secrets.items = bf_arena_alloc(arena, (num + 1) * sizeof(struct bf_secret_ref));
    if (m->secrets.items == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "secrets");
    }
    for (i = 0; i < num; i++) {
        err = commit(BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i), &secrets[i],
                     m->bundle_id, arena, diag);
        if (err != BF_OK) {
            return err;
        }
        any = any || secrets[i].value.len > 0;
    }
    return any ? seal_plain(out, m, secrets, num, recipient, diag) : BF_OK;
}
