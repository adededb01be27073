/* SPDX-License-Identifier: Apache-2.0 */
/* Whose the bundle's own keys are, asked before anything is written: people approved the
 * keys of one user. */
#include <stdio.h>
#include <string.h>

#include "run.h"
#include "sts.h"

static void not_tried(const struct vfy_run *run, const char *why)
{
    char text[600];

    (void)snprintf(text, sizeof(text), "identity: %s", why);
    vfy_fact(run->ch, "not_tried", "", text);
}

static bool wanted(const struct vfy_run *run)
{
    if (run->job->plan.iam.arn[0] == '\0') {
        return false;
    }
    if (run->keys.id.len == 0 || run->keys.secret.len == 0) {
        not_tried(run, "the bundle brings no keys to ask about");
        return false;
    }
    if (run->job->sts.url[0] == '\0') {
        not_tried(run, "no iam.url is configured to ask STS whose the keys are");
        return false;
    }
    return true;
}

static enum bf_err ask(struct vfy_run *run, struct vfy_sts_identity *out,
                       struct bf_diag *diag)
{
    const struct vfy_server *server = &run->job->sts;
    struct vfy_aws sts = {.key = run->keys, .service = "sts", .region = server->region};
    char url[320];
    enum bf_err err;

    if (!vfy_sts_url(url, sizeof(url), server->url, server->region)) {
        return bf_fail(diag, BF_TOO_LARGE, "address of STS");
    }
    err = vfy_http_open(&sts.http, url, server->ca_file, diag);
    if (err == BF_OK) {
        err = vfy_sts_ask(out, &sts, diag);
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "STS");
    }
    vfy_http_close(&sts.http);
    return err;
}

/* [BF-865] */
static enum bf_err observe(struct vfy_run *run, struct vfy_step *step,
                           struct vfy_seen *seen, struct bf_diag *diag)
{
    const struct bf_plan *plan = &run->job->plan;
    struct vfy_sts_identity who = {0};
    struct bf_diag why = {0};
    char text[500];
    enum bf_err err = ask(run, &who, &why);

    (void)step;
    seen->same = true;
    if (err != BF_OK && bf_err_exit(err) == BF_EXIT_UNDECIDED && err != BF_NO_MEMORY &&
        strcmp(plan->preflight, "required") != 0) {
        not_tried(run, "STS is not reachable from the appliance");
        return BF_OK;
    }
    if (err != BF_OK) {
        return bf_fail(diag, err, "%s", why.where);
    }
    if (who.answer == VFY_STS_NONE) {
        (void)snprintf(text, sizeof(text), "the server does not say (%s)", who.text);
        not_tried(run, text);
        return BF_OK;
    }
    if (who.answer == VFY_STS_BAD_KEY) {
        return bf_fail(diag, BF_IAM_IDENTITY, "approved are those of %s: %s",
                       plan->iam.arn, who.text);
    }
    (void)snprintf(text, sizeof(text), "identity=%s", who.arn);
    vfy_fact(run->ch, "probe", "", text);
    if (strcmp(who.arn, plan->iam.arn) != 0) {
        return bf_fail(diag, BF_IAM_IDENTITY, "they are those of %s, approved is %s",
                       who.arn, plan->iam.arn);
    }
    return BF_OK;
}

const struct vfy_step_kind vfy_step_identity = {
    .name = "identity",
    .in_prove = true,
    .wanted = wanted,
    .observe = observe,
};
