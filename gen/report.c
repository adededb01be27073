/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <string.h>

enum { MAX_REPORT = 1024 * 1024 };

enum bf_err gen_lint_change(struct gen_findings *out, const struct gen_change *c,
                            const struct gen_session *s, struct bf_diag *diag)
{
    const struct gen_lint_input in = {c, s->has_trust ? &s->trust : NULL, s->now};

    return gen_lint(out, &in, diag);
}

static enum bf_paint paint_of(enum gen_severity severity)
{
    return severity == GEN_ERROR  ? BF_PAINT_RED
           : severity == GEN_WARN ? BF_PAINT_YELLOW
                                  : BF_PAINT_DIM;
}

enum bf_err gen_findings_print(const struct gen_findings *f, FILE *to,
                               enum gen_severity least)
{
    size_t i;

    for (i = 0; i < f->num; i++) {
        const struct gen_finding *x = &f->items[i];

        /* the text of these is the reason itself */
        bool plain = strcmp(x->id, gen_lint_name(GEN_L_POLICY_ACTION)) == 0;

        if (x->severity >= least) {
            fprintf(to, "%s%s%s %s %s: %s%s%s%s\n",
                    bf_cli_paint(to, paint_of(x->severity)), gen_severity_id(x->severity),
                    bf_cli_paint(to, BF_PAINT_NONE), x->id, x->where, x->text,
                    plain ? "" : " (", plain ? "" : x->reason, plain ? "" : ")");
        }
    }
    return BF_OK;
}

enum bf_err gen_findings_json(const struct gen_findings *f, const char *change,
                              struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(MAX_REPORT);
    enum bf_err err;
    size_t i;

    bf_put_text(&out, "{");
    gen_put_member(&out, "change", change);
    gen_put_number(&out, "errors", (int64_t)gen_findings_count(f, GEN_ERROR));
    bf_put_text(&out, ",\"findings\":[");
    for (i = 0; i < f->num; i++) {
        bf_put_text(&out, i > 0 ? ",{" : "{");
        gen_put_member(&out, "id", f->items[i].id);
        gen_put_member(&out, "reason", f->items[i].reason);
        gen_put_member(&out, "severity", gen_severity_id(f->items[i].severity));
        gen_put_member(&out, "text", f->items[i].text);
        gen_put_member(&out, "where", f->items[i].where);
        bf_put_text(&out, "}");
    }
    bf_put_text(&out, "]");
    gen_put_number(&out, "warnings", (int64_t)gen_findings_count(f, GEN_WARN));
    bf_put_text(&out, "}\n");
    err = bf_buf_check(&out, "findings", diag);
    if (err == BF_OK) {
        bf_cli_out(bf_buf_bytes(&out));
    }
    bf_buf_clear(&out);
    return err;
}

void gen_people_text(char *out, size_t size, const char *const *people, size_t num)
{
    size_t i, used = 0;

    snprintf(out, size, "%s", num == 0 ? "nobody yet" : "");
    for (i = 0; i < num && used < size; i++) {
        snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", people[i]);
        used = strlen(out);
    }
}

void gen_count_text(struct bf_buf *out, const struct bf_count *count)
{
    char people[400];
    size_t i;

    for (i = 0; i < count->num; i++) {
        gen_people_text(people, sizeof(people), count->of[i].people,
                        (size_t)count->of[i].have);
        bf_put_fmt(out, "  %-12s %lld of %lld  %s\n", count->of[i].group,
                   (long long)count->of[i].have, (long long)count->of[i].need, people);
    }
}

void gen_verdict_text(struct bf_buf *out, const struct bf_verdict *v)
{
    char name[400];

    bf_escape(name, sizeof(name), v->entry->name, strlen(v->entry->name));
    bf_put_fmt(out, "  %-8s %-12s %s", v->role[0] != '\0' ? v->role : "?",
               v->person[0] != '\0' ? v->person : name,
               v->reason == BF_OK ? "good" : bf_err_id(v->reason));
    if (v->reason != BF_OK) {
        bf_put_fmt(out, ": %s%s%s", bf_err_text(v->reason),
                   v->where[0] != '\0' ? ", " : "", v->where);
    }
    if (v->fingerprint[0] != '\0') {
        bf_put_fmt(out, "\n           key %s", v->fingerprint);
    }
    bf_put_text(out, "\n");
}

void gen_count_json(struct bf_buf *out, const struct bf_count *count)
{
    size_t i, k;

    bf_put_text(out, "[");
    for (i = 0; i < count->num; i++) {
        bf_put_text(out, i > 0 ? ",{" : "{");
        gen_put_member(out, "from", count->of[i].group);
        gen_put_number(out, "have", count->of[i].have);
        gen_put_number(out, "need", count->of[i].need);
        bf_put_text(out, ",\"people\":[");
        for (k = 0; k < (size_t)count->of[i].have; k++) {
            bf_put_fmt(out, "%s\"%s\"", k > 0 ? "," : "", count->of[i].people[k]);
        }
        bf_put_text(out, "]}");
    }
    bf_put_text(out, "]");
}

void gen_verdict_json(struct bf_buf *out, const struct bf_verdict *v)
{
    bf_put_text(out, "{");
    gen_put_member(out, "fingerprint", v->fingerprint);
    gen_put_member(out, "id", bf_err_id(v->reason));
    gen_put_member(out, "member", v->entry->name);
    gen_put_member(out, "person", v->person);
    gen_put_member(out, "role", v->role);
    gen_put_member(out, "where", v->where);
    bf_put_text(out, "}");
}
