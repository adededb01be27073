/* SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"

#include <string.h>

int64_t gen_next_serial(int64_t given_out, const struct gen_records *records,
                        const struct bf_target *target)
{
    int64_t last = given_out > target->serial_floor ? given_out : target->serial_floor;
    size_t i;

    for (i = 0; i < records->num; i++) {
        const struct gen_record *r = &records->items[i].r;

        if (strcmp(r->target, target->id) == 0 && r->serial > last) {
            last = r->serial;
        }
    }
    return last + 1;
}

const struct gen_record *gen_uncertain(const struct gen_records *records,
                                       const char *target)
{
    const struct gen_record *last = NULL;
    size_t i;

    for (i = 0; i < records->num; i++) {
        const struct gen_record *r = &records->items[i].r;

        if (strcmp(r->target, target) == 0 &&
            (gen_outcome_applied(r->outcome) || strcmp(r->outcome, "uncertain") == 0) &&
            (last == NULL || r->log_index > last->log_index)) {
            last = r;
        }
    }
    return last != NULL && strcmp(last->outcome, "uncertain") == 0 ? last : NULL;
}

/* The commitment of that bundle over this value is the one it had, exactly if the value
 * is the same. */
static const char *compare(const struct gen_record *r, const struct gen_opening *o,
                           struct bf_bytes value)
{
    uint8_t opening[BF_KEY];
    char commitment[2 * BF_SHA256 + 1];
    bool same = false;

    if (o->commitment[0] == '\0') {
        return "new"; /* that bundle took the name away */
    }

    if (bf_unhex(opening, BF_KEY, o->opening, 2 * BF_KEY)) {
        bf_commitment(commitment, opening, r->bundle_id, o->name, value);
        same = strcmp(commitment, o->commitment) == 0;
    }
    bf_wipe(opening, sizeof(opening));
    return same ? "same" : "changed";
}

const char *gen_versus(const struct gen_records *records, const struct gen_record *after,
                       const char *target, const char *name, struct bf_bytes value)
{
    const struct gen_opening *o;
    size_t i;

    if (after != NULL && (o = gen_record_opening(after, name)) != NULL) {
        return compare(after, o, value);
    }
    for (i = records->num; i > 0; i--) {
        const struct gen_record *r = &records->items[i - 1].r;

        if (strcmp(r->target, target) != 0 || !gen_outcome_applied(r->outcome)) {
            continue;
        }
        if (r->author[0] == '\0') {
            return "unstated"; /* made elsewhere: what it set is not known here */
        }
        if ((o = gen_record_opening(r, name)) != NULL) {
            return compare(r, o, value);
        }
    }
    return "new";
}

static enum bf_err openings_of(struct bf_list *out, const struct bf_manifest *m,
                               const struct bf_new_secret *secrets, size_t num,
                               struct bf_arena *arena, struct bf_diag *diag)
{
    struct gen_opening *items =
        bf_arena_alloc(arena, (num > 0 ? num : 1) * sizeof(*items));
    char hex[2 * BF_KEY + 1];
    size_t i, k, used = 0;

    for (i = 0; items != NULL && i < num; i++) {
        for (k = 0; k < m->secrets.num; k++) {
            const struct bf_secret_ref *ref =
                BF_LIST_ITEM(&m->secrets, const struct bf_secret_ref, k);

            const bool removed = strcmp(ref->versus, "removed") == 0;

            if (strcmp(ref->name, secrets[i].name) == 0 &&
                (ref->commitment[0] != '\0' || removed)) {
                bf_hex(hex, secrets[i].opening, removed ? 0 : BF_KEY);
                items[used].commitment = ref->commitment;
                items[used].name = ref->name;
                items[used].opening = bf_arena_text(arena, bf_text(hex));
                items = items[used].opening != NULL ? items : NULL;
                used++;
                break;
            }
        }
    }
    bf_wipe(hex, sizeof(hex));
    if (items == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "openings");
    }
    *out = (struct bf_list){used, items};
    return BF_OK;
}

enum bf_err gen_record_of(struct gen_record *out, const struct bf_manifest *m,
                          const char *sha256, const char *file,
                          const struct bf_new_secret *secrets, size_t num,
                          struct bf_arena *arena, struct bf_diag *diag)
{
    memset(out, 0, sizeof(*out));
    out->author = m->author;
    out->bundle_id = m->bundle_id;
    out->created_at = m->created_at;
    out->expires = m->expires;
    out->expect_log.origin = m->expect_log.origin;
    out->expect_log.root = m->expect_log.root;
    out->expect_log.size = m->expect_log.size;
    out->file = bf_is_text(file) ? file : ""; /* the state takes printable names alone */
    out->finished = "";
    out->grade = m->change.grade;
    out->log_index = -1;
    out->outcome = "";
    out->prev = m->prev;
    out->refusal = "";
    out->serial = m->serial;
    out->sha256 = sha256;
    out->target = m->target.id;
    out->ticket = m->change.ticket;
    out->type = "snapseal/record/1";
    return openings_of(&out->openings, m, secrets, num, arena, diag);
}
