/* SPDX-License-Identifier: Apache-2.0 */
/* handout: for the AWS team. From a change file what needs no approval; the policy from
 * an approved bundle alone. */
#include <string.h>

#include "bf/file.h"
#include "cmd.h"
#include "handout.h"
#include "report.h"

enum { MAX_TEXT = 1024 * 1024 };

/* A change file is JSON text; everything else is taken for a bundle and must prove it. */
static enum bf_err is_change(bool *yes, const char *path, struct bf_diag *diag)
{
    struct bf_buf file = {0};
    enum bf_err err = bf_file_read(&file, path, BF_MAX_SEALED, diag);
    size_t i;

    *yes = false;
    for (i = 0; err == BF_OK && i < file.len; i++) {
        if (strchr(" \t\r\n", file.ptr[i]) == NULL) {
            *yes = file.ptr[i] == '{';
            break;
        }
    }
    bf_buf_clear(&file);
    return err;
}

/* The IAM endpoint that the installed trust pins for the target; NULL: none. */
static const char *pinned_iam(const struct gen_session *s, const char *target)
{
    const struct bf_target *t =
        s->has_trust ? bf_trust_target(&s->trust.body, target) : NULL;
    size_t i;

    for (i = 0; t != NULL && i < t->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i);

        if (strcmp(e->purpose, "iam") == 0) {
            return e->url;
        }
    }
    return NULL;
}

static enum bf_err from_change(struct bf_buf *out, struct gen_session *s,
                               const char *path, struct bf_diag *diag)
{
    struct gen_change change = {0};
    struct gen_findings found = {0};
    enum bf_err err;

    if ((err = gen_change_load(&change, path, diag)) != BF_OK ||
        (err = gen_lint_change(&found, &change, s, diag)) != BF_OK) {
        goto out;
    }
    if (gen_findings_count(&found, GEN_ERROR) > 0) {
        /* what is handed to others is pasted into shells: nothing that lint refuses may
         * get there */
        (void)gen_findings_print(&found, stderr, GEN_ERROR);
        err = bf_fail(diag, BF_CHANGE_LINT, "%s: %zu errors", path,
                      gen_findings_count(&found, GEN_ERROR));
        goto out;
    }
    gen_handout_people(out, &change.plan, pinned_iam(s, change.target),
                       change.change.ticket);
out:
    gen_findings_clear(&found);
    gen_change_clear(&change);
    return err;
}

static enum bf_err from_bundle(struct bf_buf *out, struct gen_session *s,
                               const char *path, struct bf_diag *diag)
{
    const char *iam;
    bool early;
    enum bf_err err;

    if (!s->has_trust) {
        return bf_fail(diag, BF_NO_TRUST, "a bundle is judged by the installed trust");
    }
    if ((err = gen_open_bundle(s, path, diag)) != BF_OK ||
        (err = gen_check_bundle(s, &early, diag)) != BF_OK ||
        (err = bf_bundle_people(&s->bundle, &s->trust, diag)) != BF_OK) {
        return err;
    }
    iam = pinned_iam(s, s->bundle.m.target.id);
    gen_handout_people(out, &s->bundle.m.plan, iam, s->bundle.m.change.ticket);
    if (s->bundle.policy != NULL && strcmp(s->bundle.m.plan.iam.mode, "apply") != 0) {
        gen_handout_policy(out, &s->bundle.m.plan, iam, s->bundle.policy->data,
                           s->bundle.sha256);
    }
    return BF_OK;
}

/* The same lines as a JSON list. */
static enum bf_err print_lines(const struct bf_buf *text, struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(2 * MAX_TEXT), one = bf_buf(MAX_TEXT);
    size_t at, from = 0;
    enum bf_err err;

    bf_put_text(&out, "{\"lines\":[");
    for (at = 0; at < text->len; at++) {
        if (text->ptr[at] == '\n') {
            bf_buf_clear(&one);
            one = bf_buf(MAX_TEXT);
            bf_put(&one, text->ptr + from, at - from);
            bf_put_text(&out, from > 0 ? "," : "");
            bf_json_write_text(&out,
                               bf_buf_text(&one) != NULL ? (const char *)one.ptr : "");
            from = at + 1;
        }
    }
    bf_put_text(&out, "]");
    err = gen_print_json(&out, diag);
    bf_buf_clear(&one);
    bf_buf_clear(&out);
    return err;
}

static enum bf_err run(struct gen_session **s, const struct bf_args *a,
                       struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(MAX_TEXT);
    const char *path = a->operands[0];
    enum bf_err err;
    bool change;

    if (strcmp(path, "-") == 0) {
        return bf_fail(diag, BF_USAGE, "handout reads a file, not stdin");
    }
    if ((err = gen_session_open(s, a, GEN_STATE_READ, GEN_NEED_NOTHING, diag)) == BF_OK &&
        (err = is_change(&change, path, diag)) == BF_OK) {
        err = change ? from_change(&out, *s, path, diag)
                     : from_bundle(&out, *s, path, diag);
    }
    if (err == BF_OK && (err = bf_buf_check(&out, "handout", diag)) == BF_OK) {
        if (a->json) {
            err = print_lines(&out, diag);
        } else {
            bf_cli_out(bf_buf_bytes(&out));
        }
    }
    bf_buf_clear(&out);
    return err;
}

int gen_cmd_handout(const struct bf_args *a)
{
    struct gen_session *s = NULL;
    struct bf_diag diag = {0};
    enum bf_err err = run(&s, a, &diag);

    gen_session_free(s);
    return gen_end(a, err, &diag);
}
