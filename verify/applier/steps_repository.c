/* SPDX-License-Identifier: Apache-2.0 */
/* The registration: without the server's own verification, read back, compared; and what
 * was there before put back. */
#include <stdio.h>
#include <string.h>

#include "diagnose.h"
#include "remove.h"

/* The live definition without what the server adds to it (Elasticsearch: uuid), as one
 * text that can be put again. */
static bool definition(struct bf_buf *out, struct vfy_at live)
{
    bool ok;

    bf_put_text(out, "{\"settings\":");
    ok = vfy_at_print(out, vfy_at_get(live, "settings"));
    bf_put_text(out, ",\"type\":");
    ok = ok && vfy_at_print(out, vfy_at_get(live, "type"));
    bf_put_text(out, "}");
    return ok && !out->bad;
}

struct first_line {
    char text[240];
};

static void keep_first(void *ctx, const char *sign, const char *text)
{
    struct first_line *first = ctx;

    if (first->text[0] == '\0') {
        (void)snprintf(first->text, sizeof(first->text), "%s %.220s", sign, text);
    }
}

static void show_line(void *ctx, const char *sign, const char *text)
{
    const struct vfy_run *run = ctx;

    vfy_setting(run->ch, "register", sign, text);
}

/* From one definition to another, line by line. */
static void diff(struct vfy_at from, struct vfy_at to, vfy_diff_fn *line, void *ctx)
{
    vfy_at_diff(vfy_at_get(from, "type"), vfy_at_get(to, "type"), false, line, ctx);
    vfy_at_diff(vfy_at_get(from, "settings"), vfy_at_get(to, "settings"), true, line,
                ctx);
}

/* A plan shows what would become of it, a probe what has become of it. */
static void show_settings(struct vfy_run *run, struct vfy_at live)
{
    const struct vfy_at wanted = vfy_at_root(&run->repository);
    struct vfy_answer none = {0};
    struct bf_diag ignored = {0};

    if (run->probing && vfy_at_is(live)) {
        diff(wanted, live, show_line, run);
    } else if (run->mode == VFY_PLAN && vfy_at_is(live)) {
        diff(live, wanted, show_line, run);
    } else if (run->mode == VFY_PLAN &&
               vfy_answer_parse(&none, bf_text("{}"), &ignored) == BF_OK) {
        vfy_at_diff(vfy_at_root(&none), vfy_at_get(wanted, "settings"), true, show_line,
                    run);
    }
    vfy_answer_clear(&none);
}

enum bf_err vfy_repository_observe(struct vfy_run *run, struct vfy_step *step,
                                   struct vfy_seen *seen, struct bf_diag *diag)
{
    const char *name = run->job->plan.repository;
    struct bf_buf text = bf_buf(VFY_MAX_BEFORE / 3);
    struct vfy_cluster_answer a = {0};
    struct first_line first = {""};
    struct vfy_at live;
    enum bf_err err = vfy_cluster_repository(&run->cluster, name, &a, &live, diag);

    if (err == BF_OK &&
        run->mode == VFY_APPLY) { /* again: some time has passed since the first look */
        err = vfy_run_precondition(run, vfy_at_is(live) ? vfy_at_root(&a.json) : live,
                                   diag);
    }
    if (err == BF_OK && vfy_at_is(live) && !definition(&text, live)) {
        err = bf_fail(diag, BF_LIVE_PRECONDITION,
                      "repository %s is too large to be put back", name);
    }
    if (err == BF_OK) {
        seen->same = vfy_run_is_wanted(run, live);
        vfy_pack_state(&seen->before, bf_buf_bytes(&text), !vfy_at_is(live));
        /* a probe has a line for each */
        if (vfy_at_is(live) && !run->removes && !run->probing) {
            diff(vfy_at_root(&run->repository), live, keep_first, &first);
        }
        (void)snprintf(seen->drift, sizeof(seen->drift), "repository %s %s%s%s", name,
                       run->removes      ? "is registered again"
                       : vfy_at_is(live) ? "is no longer as it was applied"
                                         : "is not registered",
                       first.text[0] != '\0' ? ": " : "", first.text);
        if (!run->removes) {
            show_settings(run, live);
        }
    }
    if (err == BF_OK && step->need_undo && !seen->same &&
        (bf_buf_text(&seen->before) == NULL ||
         strcmp((const char *)seen->before.ptr, step->before) != 0)) {
        err = bf_fail(diag, BF_LIVE_PRECONDITION,
                      "repository %s was changed by somebody else since this run began",
                      name);
    }
    vfy_cluster_answer_clear(&a);
    bf_buf_clear(&text);
    return err;
}

static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    const bool absent = bf_bytes_is(bf_buf_bytes(&seen->before), "absent");
    char text[300];

    (void)step;
    (void)diag;
    (void)snprintf(text, sizeof(text), "repository %s", run->job->plan.repository);
    vfy_diff(run->ch, "register", seen->same ? "=" : absent ? "+" : "~", text);
    return BF_OK;
}

/* Reads back and compares with the wanted definition, or with another one (NULL: absent).
 */
static enum bf_err confirm(struct vfy_run *run, const struct vfy_answer *other,
                           bool absent, bool *same, struct bf_diag *diag)
{
    struct vfy_cluster_answer a = {0};
    struct vfy_at live, wish;
    enum bf_err err =
        vfy_cluster_repository(&run->cluster, run->job->plan.repository, &a, &live, diag);

    *same = false;
    if (err == BF_OK && absent) {
        *same = !vfy_at_is(live);
    } else if (err == BF_OK && vfy_at_is(live)) {
        wish = vfy_at_root(other);
        *same = vfy_at_same(vfy_at_get(live, "type"), vfy_at_get(wish, "type")) &&
                vfy_at_same_settings(vfy_at_get(live, "settings"),
                                     vfy_at_get(wish, "settings"));
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

static void tell_evidence(struct vfy_run *run)
{
    static const char *const allowed[] = {"*.type", "*.uuid", "*.settings.*"};
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);
    struct vfy_cluster_answer a = {0};
    struct bf_diag ignored = {0};
    struct vfy_at live;

    if (vfy_cluster_repository(&run->cluster, run->job->plan.repository, &a, &live,
                               &ignored) == BF_OK) {
        vfy_at_evidence(&json, vfy_at_root(&a.json), allowed,
                        sizeof(allowed) / sizeof(allowed[0]));
        vfy_evidence(run->ch, "register.json", &json);
    }
    vfy_cluster_answer_clear(&a);
    bf_buf_clear(&json);
}

/* The server's refusal in clear words, where they are known. */
static enum bf_err explain(const struct vfy_run *run, struct bf_diag *diag)
{
    struct vfy_diagnosis d;

    vfy_diagnose(&d, diag->where, run->client, run->job->plan.bucket.name);
    return d.known ? bf_fail(diag, BF_APPLY_WRITE, "repository %s was not registered: %s",
                             run->job->plan.repository, d.clause)
                   : BF_APPLY_WRITE;
}

/*
 * Registers body and reads it back. OpenSearch 3.8 keeps a rate limit that a new
 * definition of the same place leaves out; only one that is made anew is without it, so
 * the second try takes the registration away first. That touches no data.
 */
static enum bf_err put(struct vfy_run *run, const char *body,
                       const struct vfy_answer *want, bool *same, struct bf_diag *diag)
{
    const char *name = run->job->plan.repository;
    enum bf_err err = BF_OK;
    int i;

    *same = false;
    for (i = 0; i < 2 && err == BF_OK && !*same; i++) {
        bool unknown = false;

        if (i > 0) {
            err = vfy_cluster_unregister(&run->cluster, name, &unknown, diag);
        }
        if (err == BF_OK) {
            err = vfy_cluster_register(&run->cluster, name, body, &unknown, diag);
        }
        run->unknown = run->unknown || unknown;
        if (err == BF_APPLY_WRITE) {
            err = explain(run, diag);
        } else if (err == BF_OK) {
            err = confirm(run, want, false, same, diag);
        }
    }
    return err;
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    const char *name = run->job->plan.repository;
    bool same = false;
    enum bf_err err;

    (void)step;
    vfy_say(run->ch, "registering repository %s", name);
    err = put(run, run->job->repository, &run->repository, &same, diag);
    if (err == BF_OK && !same) {
        err = bf_fail(diag, BF_READ_BACK,
                      "repository %s reads back differently from what was put", name);
    }
    if (err == BF_OK) {
        tell_evidence(run);
        bf_put_text(after, "registered, read back");
    }
    return err;
}

static enum bf_err put_back(struct vfy_run *run, const char *before, bool absent,
                            struct bf_diag *diag)
{
    const char *name = run->job->plan.repository;
    struct vfy_answer old = {0};
    bool unknown = false, same = false;
    enum bf_err err = BF_OK;

    if (!absent) {
        err = vfy_answer_parse(&old, bf_text(before), diag);
    }
    if (err == BF_OK) {
        err = confirm(run, &old, absent, &same, diag);
    }
    if (err == BF_OK && !same && absent) {
        err = vfy_cluster_unregister(&run->cluster, name, &unknown, diag);
        run->unknown = run->unknown || unknown;
        if (err == BF_OK) {
            err = confirm(run, &old, absent, &same, diag);
        }
    } else if (err == BF_OK && !same) {
        err = put(run, before, &old, &same, diag);
    }
    if (err == BF_OK && !same) {
        err = bf_fail(diag, BF_READ_BACK, "repository %s is not as it was before", name);
    }
    vfy_answer_clear(&old);
    return err;
}

enum bf_err vfy_repository_undo(struct vfy_run *run, struct vfy_step *step,
                                struct bf_buf *after, struct bf_diag *diag)
{
    struct bf_buf before = bf_buf(VFY_MAX_BEFORE);
    bool absent = false;
    const char *text;
    enum bf_err err = vfy_unpack_state(&before, &absent, step->before, diag);

    text = bf_buf_text(&before);
    if (err == BF_OK && text == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "repository");
    }
    if (err == BF_OK) {
        err = put_back(run, text, absent, diag);
    }
    if (err == BF_OK) {
        bf_put_text(after, absent ? "absent again" : "as before");
    }
    bf_buf_clear(&before);
    return err;
}

/* New keys under the same name leave the registration as it is. */
static bool wanted(const struct vfy_run *run)
{
    return run->job->repository[0] != '\0';
}

const struct vfy_step_kind vfy_step_register = {
    .name = "register",
    .undoable = VFY_UNDO_YES,
    .in_prove = true,
    .wanted = wanted,
    .observe = vfy_repository_observe,
    .show = show,
    .act = act,
    .undo = vfy_repository_undo,
};
