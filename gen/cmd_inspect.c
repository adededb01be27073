/* SPDX-License-Identifier: Apache-2.0 */
/* inspect: everything about a bundle but the values of its secrets. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "report.h"

enum { MAX_TEXT = 2 * 1024 * 1024 };

/* How far the checks came, and why they stopped. */
struct outcome {
    enum bf_err err; /* of checks 3 to 10 */
    bool early;
    bool counted; /* count was made */
    struct bf_count count;
    enum bf_err
        people; /* check 12: PEOPLE_MISSING is the usual state of a bundle on its way */
};

static bool understood(const struct gen_session *s)
{
    return s->bundle.checks.result[BF_CHECK_MANIFEST] == BF_PASSED &&
           s->bundle.author != NULL &&
           s->bundle.checks.result[BF_CHECK_AUTHOR] == BF_PASSED;
}

static void look(struct outcome *o, struct gen_session *s, const char *path,
                 struct bf_diag *diag)
{
    struct bf_diag quiet = {0};

    memset(o, 0, sizeof(*o));
    o->err = gen_open_bundle(s, path, diag);
    if (o->err == BF_OK) {
        o->err = gen_check_bundle(s, &o->early, diag);
    }
    if (understood(s)) {
        bf_people_count(&o->count, &s->trust, gen_rule_of(&s->trust, &s->bundle.m),
                        s->bundle.author, s->bundle.sigs, s->bundle.num_sigs);
        o->counted = true;
    }
    if (o->err == BF_OK) {
        o->people = bf_bundle_people(&s->bundle, &s->trust, &quiet);
    }
}

static void put_times(struct bf_buf *out, const struct bf_manifest *m)
{
    char text[80];

    gen_both_times(text, m->created_at);
    bf_put_fmt(out, "made        %s\n", text);
    gen_both_times(text, m->not_before);
    bf_put_fmt(out, "valid from  %s\n", text);
    gen_both_times(text, m->expires);
    bf_put_fmt(out, "valid until %s\n", text);
}

/* The sheet has everything and was checked against the manifest; what it cannot know
 * follows. */
static void put_text(struct bf_buf *out, const struct gen_session *s,
                     const struct outcome *o)
{
    const struct bf_bundle *b = &s->bundle;
    size_t i;

    if (b->checks.result[BF_CHECK_SHEET] == BF_PASSED) {
        bf_put_bytes(out, b->sheet->data);
        bf_put_text(out, "\n");
    }
    bf_put_fmt(out, "sha256      %s\n",
               b->sha256[0] != '\0' ? b->sha256 : "(no container)");
    bf_put_fmt(out, "sealed      %s\n", s->sealed ? "yes" : "no");
    if (understood(s)) {
        put_times(out, &b->m);
    }
    bf_put_text(out, "\nsignatures\n");
    for (i = 0; i < b->num_sigs; i++) {
        gen_verdict_text(out, &b->sigs[i]);
    }
    if (o->counted) {
        bf_put_fmt(out, "\napprovals, rule %s%s\n", b->m.change.grade,
                   o->count.met ? ": met" : ": not met yet");
        gen_count_text(out, &o->count);
    }
    bf_put_text(out, "\nchecks\n");
    for (i = 0; i < BF_NUM_CHECKS; i++) {
        bf_put_fmt(out, "  %-12s %s\n", bf_check_id((enum bf_check)i),
                   bf_result_id(b->checks.result[i]));
    }
    if (o->early) {
        bf_put_text(out, "  not valid yet\n");
    }
}

static void put_json(struct bf_buf *out, const struct gen_session *s,
                     const struct outcome *o, const struct bf_diag *diag)
{
    const struct bf_bundle *b = &s->bundle;
    size_t i;

    bf_put_text(out, "{\"approvals\":");
    if (o->counted) {
        gen_count_json(out, &o->count);
    } else {
        bf_put_text(out, "[]");
    }
    gen_put_bool(out, "approved", o->counted && o->count.met);
    bf_put_text(out, ",\"checks\":[");
    for (i = 0; i < BF_NUM_CHECKS; i++) {
        bf_put_fmt(out, "%s{\"id\":\"%s\",\"result\":\"%s\"}", i > 0 ? "," : "",
                   bf_check_id((enum bf_check)i), bf_result_id(b->checks.result[i]));
    }
    bf_put_text(out, "]");
    gen_put_bool(out, "early", o->early);
    gen_put_member(out, "id", bf_err_id(o->err));
    if (understood(s)) {
        /* it is in the profile already: what was signed is shown as it is */
        bf_put_text(out, ",\"manifest\":");
        bf_put_bytes(out, b->container.entries[0].data);
    }
    gen_put_bool(out, "sealed", s->sealed);
    gen_put_member(out, "sha256", b->sha256);
    bf_put_text(out, ",\"signatures\":[");
    for (i = 0; i < b->num_sigs; i++) {
        bf_put_text(out, i > 0 ? "," : "");
        gen_verdict_json(out, &b->sigs[i]);
    }
    bf_put_text(out, "]");
    gen_put_member(out, "verdict",
                   o->err == BF_OK                          ? "accepted"
                   : bf_err_exit(o->err) == BF_EXIT_REFUSED ? "refused"
                                                            : "undecided");
    gen_put_member(out, "where", o->err == BF_OK ? "" : diag->where);
    bf_put_text(out, "}\n");
}

static enum bf_err run(struct gen_session **s, const struct bf_args *a,
                       struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(MAX_TEXT);
    struct outcome o;
    enum bf_err err;

    err = gen_session_open(s, a, GEN_STATE_READ, GEN_NEED_TRUST, diag);
    if (err != BF_OK) {
        return err;
    }
    look(&o, *s, a->operands[0], diag);
    if (bf_arg_is(a, "sheet")) {
        /* the sheet counts only when it was compared, so a bad bundle shows none */
        if (o.err == BF_OK) {
            bf_put_bytes(&out, (*s)->bundle.sheet->data);
        }
    } else if (a->json) {
        put_json(&out, *s, &o, diag);
    } else if ((*s)->bundle.container.num > 0) {
        put_text(&out, *s, &o);
    }
    err = o.err;
    if (bf_buf_check(&out, "report", err == BF_OK ? diag : NULL) == BF_OK) {
        bf_cli_out(bf_buf_bytes(&out));
    } else if (err == BF_OK) {
        err = diag->err;
    }
    bf_buf_clear(&out);
    return err;
}

int gen_cmd_inspect(const struct bf_args *a)
{
    struct gen_session *s = NULL;
    struct bf_diag diag = {0};
    enum bf_err err = run(&s, a, &diag);

    gen_session_free(s);
    return gen_end(a, err, &diag);
}
