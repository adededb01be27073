/* SPDX-License-Identifier: Apache-2.0 */
/* status: what is open on this workstation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "standing.h"

enum { MAX_TEXT = 4 * 1024 * 1024 };

/* How many of the people who approved sit in the group. */
static int64_t have(const struct bf_trust *trust, const char *group,
                    const struct gen_record *r)
{
    const struct bf_group *g = bf_trust_group(&trust->body, group);
    int64_t num = 0;
    size_t i;

    for (i = 0; g != NULL && i < r->approvals.num; i++) {
        num += bf_list_has(&g->people, bf_list_text(&r->approvals, i)) ? 1 : 0;
    }
    return num;
}

/* "security 0 of 1" for each requirement that is not met by what was seen here. */
static void missing(char *out, size_t size, const struct gen_session *s,
                    const struct gen_record *r)
{
    const struct bf_list *rule = strcmp(r->grade, "emergency") == 0
                                     ? &s->trust.body.rules.emergency.approve
                                     : &s->trust.body.rules.normal.approve;
    size_t i, used = 0;

    out[0] = '\0';
    for (i = 0; i < rule->num && used < size; i++) {
        const struct bf_requirement *q =
            BF_LIST_ITEM(rule, const struct bf_requirement, i);
        int64_t got = have(&s->trust, q->from, r);

        if (got < q->need) {
            snprintf(out + used, size - used, "%s%s %lld of %lld", used > 0 ? ", " : "",
                     q->from, (long long)got, (long long)q->need);
            used = strlen(out);
        }
    }
}

/* Told until it expires: somebody may still carry it about. */
static void put_superseded(struct bf_buf *out, const struct gen_record *r,
                           const struct gen_record *by)
{
    bf_put_fmt(out,
               "%s serial %lld: superseded, %s\n"
               "  serial %lld is used up (receipt %lld, %s): it can never be applied; "
               "seal the change again\n  sha256 %s\n",
               r->target, (long long)r->serial,
               r->ticket[0] != '\0' ? r->ticket : "made elsewhere", (long long)by->serial,
               (long long)by->log_index, by->outcome, r->sha256);
}

static void put_text(struct bf_buf *out, const struct gen_session *s,
                     const struct gen_records *records)
{
    char lacks[200];
    size_t i, num = 0, dead = 0;

    for (i = 0; i < records->num; i++) {
        const struct gen_record *r = &records->items[i].r;
        const struct gen_record *by;
        const char *where = gen_stage(records, r, s->now, &by);

        if (by != NULL && strcmp(r->outcome, "uncertain") != 0) {
            put_superseded(out, r, by);
            dead++;
        }
        if (!gen_stage_open(where)) {
            continue;
        }
        num++;
        bf_put_fmt(out, "%s serial %lld: %s%s%s, %s\n", r->target, (long long)r->serial,
                   where, r->refusal[0] != '\0' ? " " : "", r->refusal,
                   r->ticket[0] != '\0' ? r->ticket : "made elsewhere");
        if (r->author[0] != '\0') {
            missing(lacks, sizeof(lacks), s, r);
            bf_put_fmt(out, "  approvals seen here: %s%s\n",
                       lacks[0] != '\0' ? "missing " : "all", lacks);
            bf_put_fmt(out, "  receipt: %s; until %s; %s\n",
                       r->log_index < 0 ? "awaited" : "there is one", r->expires,
                       r->file);
        }
        bf_put_fmt(out, "  sha256 %s\n", r->sha256);
    }
    bf_put_fmt(out, "%zu open, ", num);
    if (dead > 0) {
        bf_put_fmt(out, "%zu superseded, ", dead);
    }
    bf_put_fmt(out, "%zu known; no debts\n", records->num);
}

static void put_json(struct bf_buf *out, const struct gen_session *s,
                     const struct gen_records *records)
{
    char lacks[200];
    size_t i, k;

    bf_put_text(out, "{\"changes\":[");
    for (i = 0; i < records->num; i++) {
        const struct gen_record *r = &records->items[i].r, *by;
        const char *where = gen_stage(records, r, s->now, &by);

        bf_put_text(out, i > 0 ? ",{\"approvals\":[" : "{\"approvals\":[");
        for (k = 0; k < r->approvals.num; k++) {
            bf_put_fmt(out, "%s\"%s\"", k > 0 ? "," : "", bf_list_text(&r->approvals, k));
        }
        bf_put_text(out, "]");
        missing(lacks, sizeof(lacks), s, r);
        gen_put_member(out, "author", r->author);
        gen_put_member(out, "expires", r->expires);
        gen_put_member(out, "file", r->file);
        gen_put_member(out, "missing", lacks);
        gen_put_bool(out, "open", gen_stage_open(where));
        gen_put_member(out, "outcome", r->outcome);
        gen_put_number(out, "receipt", r->log_index);
        gen_put_member(out, "refusal", r->refusal);
        gen_put_number(out, "serial", r->serial);
        gen_put_member(out, "sha256", r->sha256);
        gen_put_member(out, "stage", where);
        gen_put_member(out, "superseded_by", by != NULL ? by->sha256 : "");
        gen_put_member(out, "target", r->target);
        gen_put_member(out, "ticket", r->ticket);
        bf_put_text(out, "}");
    }
    bf_put_text(out, "],\"debts\":[]");
    gen_put_number(out, "trust", s->has_trust ? s->trust.body.version : 0);
    bf_put_text(out, "}\n");
}

static enum bf_err run(struct gen_session **s, const struct bf_args *a,
                       struct bf_diag *diag)
{
    struct gen_records records = {0};
    struct bf_buf out = bf_buf(MAX_TEXT);
    enum bf_err err;

    if ((err = gen_session_open(s, a, GEN_STATE_READ, GEN_NEED_NOTHING, diag)) != BF_OK ||
        (err = gen_state_records(&records, &(*s)->state, diag)) != BF_OK) {
        return err;
    }
    if (a->json) {
        put_json(&out, *s, &records);
    } else {
        put_text(&out, *s, &records);
    }
    err = bf_buf_check(&out, "status", diag);
    if (err == BF_OK) {
        bf_cli_out(bf_buf_bytes(&out));
    }
    bf_buf_clear(&out);
    gen_records_clear(&records);
    return err;
}

int gen_cmd_status(const struct bf_args *a)
{
    struct gen_session *s = NULL;
    struct bf_diag diag = {0};
    enum bf_err err = run(&s, a, &diag);

    gen_session_free(s);
    return gen_end(a, err, &diag);
}
