/* SPDX-License-Identifier: Apache-2.0 */
/* What the repository will need of S3, tried from here with the bundle's own keys on one
 * object of random name. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "diagnose.h"
#include "run.h"

enum { RETRIES = 4 };

static bool is_mode(const struct vfy_run *run, const char *mode)
{
    return strcmp(run->job->plan.preflight, mode) == 0;
}

static bool wanted(const struct vfy_run *run)
{
    if (is_mode(run, "none") || run->mode == VFY_PROVE) {
        vfy_fact(run->ch, "not_tried", "",
                 is_mode(run, "none")
                     ? "preflight: the plan asks for none"
                     : "preflight: proving changes nothing, S3 is not written to");
        return false;
    }
    return true;
}

static void tell(struct vfy_run *run, enum vfy_s3_action action,
                 const struct vfy_s3_result *r)
{
    char text[200];

    (void)snprintf(text, sizeof(text), "%s=%s", vfy_s3_word(action),
                   r->ok                ? "ok"
                   : !r->reached        ? "not reached"
                   : r->code[0] != '\0' ? r->code
                                        : "refused");
    vfy_fact(run->ch, "probe", "", text);
}

/* One member for each action that was tried, keys ascending. */
static void tell_evidence(struct vfy_run *run, const struct vfy_s3_result *results,
                          int num)
{
    static const enum vfy_s3_action by_word[] = {VFY_S3_DELETE, VFY_S3_GET, VFY_S3_LIST,
                                                 VFY_S3_PUT};
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);
    size_t i;

    bf_put_text(&json, "{");
    for (i = 0; i < sizeof(by_word) / sizeof(by_word[0]); i++) {
        const struct vfy_s3_result *r = &results[by_word[i]];

        if ((int)by_word[i] < num) {
            bf_put_fmt(&json, "%s\"%s\":{\"code\":", json.len > 1 ? "," : "",
                       vfy_s3_word(by_word[i]));
            bf_json_write_text(&json, r->code);
            bf_put_fmt(&json, ",\"status\":%ld}", r->status);
        }
    }
    bf_put_text(&json, "}");
    vfy_evidence(run->ch, "preflight.json", &json);
    bf_buf_clear(&json);
}

/* AWS lets a new policy or key take effect only after some seconds; other servers at
 * once. */
static bool may_pass(const struct vfy_run *run, const struct vfy_s3_result *r)
{
    return run->policy_written && run->job->plan.s3.endpoint[0] == '\0' && r->reached &&
           !r->ok && (r->status == 403 || strcmp(r->code, "InvalidAccessKeyId") == 0) &&
           strcmp(r->code, "SignatureDoesNotMatch") != 0;
}

static void try_patiently(struct vfy_run *run, enum vfy_s3_action action,
                          struct vfy_s3_result *r)
{
    unsigned i;

    vfy_s3_try(&run->s3, action, r);
    for (i = 1; i <= RETRIES && may_pass(run, r); i++) {
        vfy_say(run->ch, "S3 does not follow the new policy yet, waiting %u s", 2 * i);
        (void)sleep(2 * i);
        vfy_s3_try(&run->s3, action, r);
    }
}

/*
 * list, put, get, multi-delete; stops at the first that fails. An object that was put is
 * deleted in any case; whether that worked does not change the verdict.
 */
static enum bf_err try_all(struct vfy_run *run, bool *reached, struct bf_diag *diag)
{
    struct vfy_s3_result results[VFY_NUM_S3_ACTIONS] = {{0}};
    struct vfy_s3_result cleaning = {0};
    char cause[400];
    int action;

    for (action = VFY_S3_LIST; action < VFY_NUM_S3_ACTIONS; action++) {
        try_patiently(run, (enum vfy_s3_action)action, &results[action]);
        tell(run, (enum vfy_s3_action)action, &results[action]);
        if (!results[action].ok) {
            break;
        }
    }
    tell_evidence(run, results, action + 1);
    if (action == VFY_NUM_S3_ACTIONS) {
        return BF_OK;
    }
    *reached = results[action].reached;
    if (action == VFY_S3_GET) {
        vfy_s3_try(&run->s3, VFY_S3_DELETE, &cleaning);
    }
    if (action == VFY_S3_DELETE || (action == VFY_S3_GET && !cleaning.ok)) {
        vfy_fact(run->ch, "leftover", "", run->s3.key);
        vfy_say(run->ch, "object %s in bucket %s could not be deleted and stays",
                run->s3.key, run->s3.bucket);
    }
    (void)vfy_diagnose_s3(cause, sizeof(cause), &run->s3, (enum vfy_s3_action)action,
                          &results[action]);
    return bf_fail(diag, BF_PREFLIGHT, "%s", cause);
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    bool reached = true;
    enum bf_err err;

    (void)step;
    if (!run->has_keys && !is_mode(run, "required")) {
        vfy_fact(run->ch, "not_tried", "",
                 "preflight: the bundle brings no keys to ask S3 with");
        bf_put_text(after, "not tried: no keys in the bundle");
        return BF_OK;
    }
    if ((err = vfy_run_s3(run, diag)) != BF_OK) {
        return err;
    }
    vfy_say(run->ch, "trying the bundle's keys at %s", run->s3.endpoint);
    err = try_all(run, &reached, diag);
    if (err != BF_OK && !reached && is_mode(run, "if-reachable")) {
        vfy_fact(run->ch, "not_tried", "",
                 "preflight: S3 is not reachable from the appliance");
        bf_put_text(after, "not tried: S3 is not reachable from here");
        return BF_OK;
    }
    if (err == BF_OK) {
        bf_put_text(after, "list, put, get and delete are allowed");
    }
    return err;
}

/* Plan: only the reading action. Before the policy is there a plain denial says nothing;
 * wrong keys or no bucket do. */
static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    struct vfy_s3_result r;
    char cause[400];
    enum bf_err err;

    (void)step;
    (void)seen;
    if (!run->has_keys) {
        return BF_OK;
    }
    if ((err = vfy_run_s3(run, diag)) != BF_OK) {
        return err;
    }
    vfy_s3_try(&run->s3, VFY_S3_LIST, &r);
    tell(run, VFY_S3_LIST, &r);
    vfy_fact(run->ch, "not_tried", "",
             "preflight: put, get and delete are tried when the change is applied");
    if (r.ok || (!r.reached && is_mode(run, "if-reachable")) ||
        (strcmp(r.code, "AccessDenied") == 0 &&
         strcmp(run->job->plan.iam.mode, "apply") == 0)) {
        return BF_OK;
    }
    (void)vfy_diagnose_s3(cause, sizeof(cause), &run->s3, VFY_S3_LIST, &r);
    return bf_fail(diag, BF_PREFLIGHT, "%s", cause);
}

const struct vfy_step_kind vfy_step_preflight = {
    .name = "preflight",
    .in_prove = true,
    .writes = true,
    .wanted = wanted,
    .show = show,
    .act = act,
};
