/* SPDX-License-Identifier: Apache-2.0 */
/* The user's policy at IAM: read, compared as JSON values, put only when different, read
 * back. */
#include <stdio.h>
#include <string.h>

#include "run.h"
#include "survey.h"

enum { MAX_DOCUMENT = 64 * 1024 };

static bool is_mode(const struct vfy_run *run, const char *mode)
{
    return strcmp(run->job->plan.iam.mode, mode) == 0;
}

static bool wanted(const struct vfy_run *run)
{
    return is_mode(run, "apply") || is_mode(run, "check") || is_mode(run, "manual");
}

static struct vfy_iam_policy policy_of(const struct vfy_run *run)
{
    return (struct vfy_iam_policy){.user = run->job->plan.iam.user,
                                   .name = run->job->plan.iam.policy};
}

/* The connection is made at the first use: in mode manual and none there may be no IAM
 * server at all. */
static enum bf_err open_iam(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_server *server = &run->job->iam;
    struct vfy_aws_key key;
    enum bf_err err;

    if (run->iam_http != NULL) {
        return BF_OK;
    }
    if (!vfy_secrets_find(run->secrets, "iam.access_key", &key.id) ||
        !vfy_secrets_find(run->secrets, "iam.secret_key", &key.secret)) {
        return bf_fail(diag, BF_NET_AUTH, "no key for IAM is configured");
    }
    if ((err = vfy_http_open(&run->iam_http, server->url, server->ca_file, diag)) !=
        BF_OK) {
        return err;
    }
    run->iam = (struct vfy_aws){.http = run->iam_http,
                                .key = key,
                                .service = "iam",
                                .region = server->region[0] != '\0' ? server->region
                                                                    : "us-east-1"};
    return BF_OK;
}

/* The live document into text, and parsed. */
static enum bf_err read_policy(struct vfy_run *run, struct bf_buf *text,
                               struct vfy_answer *parsed, bool *absent,
                               struct bf_diag *diag)
{
    const struct vfy_iam_policy policy = policy_of(run);
    enum bf_err err;

    *parsed = (struct vfy_answer){0};
    if ((err = open_iam(run, diag)) != BF_OK ||
        (err = vfy_iam_get(&run->iam, &policy, text, absent, diag)) != BF_OK || *absent) {
        return err;
    }
    if ((err = vfy_answer_parse(parsed, bf_buf_bytes(text), diag)) != BF_OK) {
        bf_diag_in(diag, "policy %s of user %s", policy.name, policy.user);
    }
    return err;
}

/* Whether the live policy is the JSON document text. */
static enum bf_err compare(struct vfy_run *run, const char *document,
                           bool document_absent, bool *same, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_DOCUMENT);
    struct vfy_answer live = {0}, other = {0};
    bool absent = false;
    enum bf_err err = read_policy(run, &text, &live, &absent, diag);

    *same = false;
    if (err == BF_OK && (absent || document_absent)) {
        *same = absent && document_absent;
    } else if (err == BF_OK &&
               (err = vfy_answer_parse(&other, bf_text(document), diag)) == BF_OK) {
        *same = vfy_at_same(vfy_at_root(&live), vfy_at_root(&other));
    }
    vfy_answer_clear(&other);
    vfy_answer_clear(&live);
    bf_buf_clear(&text);
    return err;
}

static void show_line(void *ctx, const char *sign, const char *text)
{
    const struct vfy_run *run = ctx;

    vfy_setting(run->ch, "policy", sign, text);
}

enum bf_err vfy_policy_try(struct vfy_run *run, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_DOCUMENT);
    struct vfy_answer parsed = {0};
    bool absent = false;
    enum bf_err err = read_policy(run, &text, &parsed, &absent, diag);

    vfy_answer_clear(&parsed);
    bf_buf_clear(&text);
    return err;
}

/* A plan shows what would become of it, a probe what has become of it. live: nowhere when
 * there is none. */
static void show_statements(struct vfy_run *run, struct vfy_at live, struct vfy_at wish)
{
    struct vfy_answer none = {0};
    struct bf_diag ignored = {0};

    if (run->probing && vfy_at_is(live)) {
        vfy_at_diff(wish, live, false, show_line, run);
    } else if (run->mode == VFY_PLAN && vfy_at_is(live)) {
        vfy_at_diff(live, wish, false, show_line, run);
    } else if (run->mode == VFY_PLAN &&
               vfy_answer_parse(&none, bf_text("{\"Statement\":[]}"), &ignored) ==
                   BF_OK) {
        vfy_at_diff(vfy_at_root(&none), wish, false, show_line, run);
    }
    vfy_answer_clear(&none);
}

static enum bf_err observe(struct vfy_run *run, struct vfy_step *step,
                           struct vfy_seen *seen, struct bf_diag *diag)
{
    const struct vfy_iam_policy policy = policy_of(run);
    struct bf_buf text = bf_buf(MAX_DOCUMENT);
    struct vfy_answer live = {0}, wish = {0};
    bool absent = false;
    enum bf_err err;

    (void)step;
    if (is_mode(run, "manual")) {
        vfy_fact(run->ch, "not_tried", "",
                 "policy: not read, it is put by hand; proven by use");
        seen->same = true;
        return BF_OK;
    }
    if ((err = read_policy(run, &text, &live, &absent, diag)) == BF_OK &&
        (err = vfy_answer_parse(&wish, bf_text(run->job->policy), diag)) == BF_OK) {
        seen->same = !absent && vfy_at_same(vfy_at_root(&live), vfy_at_root(&wish));
        vfy_pack_state(&seen->before, bf_buf_bytes(&text), absent);
        (void)snprintf(seen->drift, sizeof(seen->drift), "policy %s of user %s at IAM %s",
                       policy.name, policy.user,
                       absent ? "is not there" : "is not the approved one");
        /* absent: nothing was parsed, and the root is nowhere */
        show_statements(run, vfy_at_root(&live), vfy_at_root(&wish));
    }
    /* [BF-856] */
    if (err == BF_OK && !seen->same && is_mode(run, "check") && run->mode != VFY_PROVE) {
        err = bf_fail(diag, BF_TARGET_POLICY, "%s", seen->drift);
    }
    vfy_answer_clear(&wish);
    vfy_answer_clear(&live);
    bf_buf_clear(&text);
    return err;
}

static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    char text[300];

    (void)step;
    (void)diag;
    if (is_mode(run, "manual")) {
        return BF_OK;
    }
    (void)snprintf(text, sizeof(text), "policy %s of user %s", run->job->plan.iam.policy,
                   run->job->plan.iam.user);
    vfy_diff(run->ch, "policy",
             seen->same                                              ? "="
             : strcmp((const char *)seen->before.ptr, "absent") == 0 ? "+"
                                                                     : "~",
             text);
    vfy_fact(run->ch, "not_tried", "",
             "policy: whether the appliance's key may put it shows when it does");
    return BF_OK;
}

/* Puts the document, or takes the policy away; then reads back. */
static enum bf_err put_and_confirm(struct vfy_run *run, const char *document, bool absent,
                                   struct bf_diag *diag)
{
    const struct vfy_iam_policy policy = policy_of(run);
    bool unknown = false, same = false;
    enum bf_err err = absent ? vfy_iam_delete(&run->iam, &policy, &unknown, diag)
                             : vfy_iam_put(&run->iam, &policy, document, &unknown, diag);

    run->unknown = run->unknown || unknown;
    if (err == BF_OK) {
        err = compare(run, document, absent, &same, diag);
    }
    if (err == BF_OK && !same) {
        err = bf_fail(diag, BF_READ_BACK,
                      "policy %s of user %s reads back differently from what was put",
                      policy.name, policy.user);
    }
    return err;
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    char hash[2 * BF_SHA256 + 1];
    enum bf_err err;

    (void)step;
    vfy_say(run->ch, "putting policy %s of user %s", run->job->plan.iam.policy,
            run->job->plan.iam.user);
    err = put_and_confirm(run, run->job->policy, false, diag);
    if (err == BF_OK) {
        run->policy_written = true;
        err = bf_sha256_hex(hash, bf_text(run->job->policy));
        bf_put_fmt(after, "sha256 %s, read back", hash);
    }
    return err;
}

static enum bf_err undo(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                        struct bf_diag *diag)
{
    struct bf_buf document = bf_buf(MAX_DOCUMENT);
    bool absent = false, same = false;
    const char *text;
    enum bf_err err = vfy_unpack_state(&document, &absent, step->before, diag);

    text = bf_buf_text(&document);
    if (err == BF_OK && text == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "policy");
    }
    if (err == BF_OK) {
        err = compare(run, text, absent, &same, diag);
    }
    if (err == BF_OK && !same) {
        err = put_and_confirm(run, text, absent, diag);
    }
    if (err == BF_OK) {
        bf_put_text(after, absent ? "absent again" : "as before");
    }
    bf_buf_clear(&document);
    return err;
}

const struct vfy_step_kind vfy_step_policy = {
    .name = "policy",
    .undoable = VFY_UNDO_YES,
    .in_prove = true,
    .wanted = wanted,
    .observe = observe,
    .show = show,
    .act = act,
    .undo = undo,
};
