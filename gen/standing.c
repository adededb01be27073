/* SPDX-License-Identifier: Apache-2.0 */
#include "standing.h"

#include <string.h>

enum { MAX_NAMED = 3, MAX_WARNING = 1600 };

/* An undone or uncertain run had an intent, an applied one as well. */
static bool used_serial(const struct gen_record *r)
{
    return gen_outcome_applied(r->outcome) || strcmp(r->outcome, "settled") == 0 ||
           strcmp(r->outcome, "undone") == 0 || strcmp(r->outcome, "uncertain") == 0;
}

const struct gen_record *gen_overtaker(const struct gen_records *records,
                                       const char *target, int64_t serial,
                                       const char *sha256)
{
    const struct gen_record *best = NULL;
    size_t i;

    for (i = 0; i < records->num; i++) {
        const struct gen_record *r = &records->items[i].r;

        if (strcmp(r->target, target) == 0 && r->serial >= serial && used_serial(r) &&
            strcmp(r->sha256, sha256) != 0) {
            best = r; /* ascending: the one that used the highest serial */
        }
    }
    return best;
}

/* A bundle that was undone keeps its serial as long as no higher one came; an uncertain
 * one stays to be superseded until something was applied. */
static const struct gen_record *superseded_by(const struct gen_records *records,
                                              const struct gen_record *r)
{
    const struct gen_record *by = gen_overtaker(records, r->target, r->serial, r->sha256);

    if (by != NULL && strcmp(r->outcome, "undone") == 0 && by->serial == r->serial) {
        by = NULL;
    }
    if (strcmp(r->outcome, "uncertain") == 0) {
        by = gen_records_applied(records, r->target);
        by = by != NULL && by->log_index > r->log_index ? by : NULL;
    }
    return by;
}

const char *gen_stage(const struct gen_records *records, const struct gen_record *r,
                      const char *now, const struct gen_record **by)
{
    const struct gen_record *other = NULL;

    if (by != NULL) {
        *by = NULL;
    }
    if (gen_outcome_applied(r->outcome) || strcmp(r->outcome, "settled") == 0) {
        return "closed";
    }
    if (strcmp(r->outcome, "uncertain") != 0 && r->expires[0] != '\0' &&
        strcmp(now, r->expires) > 0) {
        return "expired";
    }
    other = superseded_by(records, r);
    if (other != NULL) {
        if (by != NULL) {
            *by = other;
        }
        return "superseded";
    }
    return r->outcome[0] == '\0'
               ? "awaits"
               : r->outcome; /* refused and undone may be applied again */
}

bool gen_stage_open(const char *stage)
{
    return strcmp(stage, "closed") != 0 && strcmp(stage, "expired") != 0 &&
           strcmp(stage, "superseded") != 0;
}

/* Whether the chain of predecessors from after comes to r. */
static bool in_chain(const struct gen_records *records, const struct gen_record *after,
                     const struct gen_record *r)
{
    size_t steps;

    for (steps = 0; after != NULL && steps <= records->num; steps++) {
        if (after == r) {
            return true;
        }
        after = gen_records_find(records, after->prev);
    }
    return false;
}

static void name_one(struct bf_buf *out, const struct gen_record *r, size_t nth)
{
    char shown[400];

    bf_put_fmt(out, "%sserial %lld (%.120s)", nth > 0 ? ", " : "", (long long)r->serial,
               r->file[0] != '\0' ? gen_shown(shown, r->file) : r->sha256);
}

enum bf_err gen_warn_awaiting(const struct gen_session *s,
                              const struct gen_records *records, const char *target,
                              const struct gen_record *after, struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(MAX_WARNING);
    const struct gen_record *last = NULL;
    char shown[400];
    size_t i, num = 0;
    enum bf_err err;

    bf_put_fmt(&out, "%s: sealed earlier and without a receipt here: ", target);
    for (i = 0; i < records->num; i++) {
        const struct gen_record *r = &records->items[i].r;

        if (strcmp(r->target, target) != 0 || r->author[0] == '\0' ||
            strcmp(gen_stage(records, r, s->now, NULL), "awaits") != 0 ||
            in_chain(records, after, r)) {
            continue;
        }
        if (num < MAX_NAMED) {
            name_one(&out, r, num);
        }
        last = r;
        num++;
    }
    if (num > MAX_NAMED) {
        bf_put_fmt(&out, " and %zu more", num - MAX_NAMED);
    }
    bf_put_fmt(&out,
               "; the appliance takes one of them or this one, not both: seal with "
               "--after %.120s to follow it, or import the receipt first",
               last != NULL && last->file[0] != '\0' ? gen_shown(shown, last->file)
                                                     : "BUNDLE");
    err = bf_buf_check(&out, "warning", diag);
    if (err == BF_OK && num > 0) {
        bf_cli_warn(s->args, bf_buf_text(&out));
    }
    bf_buf_clear(&out);
    return err;
}

enum bf_err gen_warn_superseded(const struct gen_session *s, struct bf_diag *diag)
{
    const struct bf_manifest *m = &s->bundle.m;
    const struct gen_record *by, *known;
    struct gen_records records = {0};
    char text[400];
    enum bf_err err = gen_state_records(&records, &s->state, diag);

    if (err != BF_OK) {
        return err;
    }
    known = gen_records_find(&records, s->bundle.sha256);
    by = known != NULL
             ? superseded_by(&records, known)
             : gen_overtaker(&records, m->target.id, m->serial, s->bundle.sha256);
    if (by != NULL) {
        snprintf(text, sizeof(text),
                 "this bundle has serial %lld of %s, and a receipt here says that serial "
                 "%lld is used up: it can never be applied; ask %s to seal the change "
                 "again",
                 (long long)m->serial, m->target.id, (long long)by->serial, m->author);
        bf_cli_warn(s->args, text);
    }
    gen_records_clear(&records);
    return BF_OK;
}
