/* SPDX-License-Identifier: Apache-2.0 */
/* What the repository will need of S3, tried from here with the bundle's own keys on one
 * object of random name. */
#include <stdio.h>
#include <string.h>

#include "diagnose.h"
#include "place.h"

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

static void try_action(struct vfy_run *run, const void *action, struct vfy_s3_result *out)
{
    vfy_s3_try(&run->s3, *(const enum vfy_s3_action *)action, out);
}

/* May the object be there, as far as the answer to action tells? */
static bool may_be_there(enum vfy_s3_action action, const struct vfy_s3_result *r)
{
    return action > VFY_S3_PUT ||
           (action == VFY_S3_PUT && (!r->reached || r->status >= 500));
}

/* Once more, whatever failed; what stays is named in the receipt too. */
static void clean_up(struct vfy_run *run)
{
    struct vfy_s3_result r = {0};
    char text[300];

    vfy_s3_try(&run->s3, VFY_S3_DELETE, &r);
    if (!r.ok) {
        vfy_fact(run->ch, "leftover", "", run->s3.key);
        (void)snprintf(text, sizeof(text), "leftover=%.250s", run->s3.key);
        vfy_fact(run->ch, "probe", "", text);
        vfy_say(run->ch, "object %s in bucket %s could not be deleted and stays",
                run->s3.key, run->s3.bucket);
    }
}

void vfy_preflight_clean(struct vfy_run *run)
{
    const struct vfy_step *step = vfy_run_step(run, &vfy_step_preflight, 0);
    struct bf_diag why = {0};
    char text[300];

    if (step == NULL || !step->begun || step->done) {
        return;
    }
    if (vfy_run_s3(run, &why) == BF_OK) {
        clean_up(run);
        return;
    }
    (void)snprintf(text, sizeof(text),
                   "preflight: whether its object is left in the bucket: %.200s",
                   why.where);
    vfy_fact(run->ch, "not_tried", "", text);
}

/*
 * list, put, get, multi-delete; stops at the first that fails. An object that was put, or
 * may have been, is deleted in any case; whether that worked does not change the verdict.
 */
static enum bf_err try_all(struct vfy_run *run, struct vfy_probes *probes, bool *reached,
                           struct bf_diag *diag)
{
    struct vfy_s3_result r = {0};
    enum vfy_s3_action action;
    char cause[400];

    for (action = VFY_S3_LIST; action < VFY_NUM_S3_ACTIONS; action++) {
        vfy_probe_patiently(run, try_action, &action, true, &r);
        vfy_probes_add(run, probes, vfy_s3_word(action), &r);
        if (!r.ok) {
            break;
        }
    }
    if (action == VFY_NUM_S3_ACTIONS) {
        return BF_OK;
    }
    /* a bad certificate, or a connection that breaks, may be somebody in between */
    *reached = !r.no_way || action != VFY_S3_LIST;
    if (may_be_there(action, &r)) {
        clean_up(run);
    }
    (void)vfy_diagnose_s3(cause, sizeof(cause), &run->s3, action, &r);
    return bf_fail(diag, BF_PREFLIGHT, "%s", cause);
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    struct vfy_probes probes = {0};
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
    err = try_all(run, &probes, &reached, diag);
    if (err == BF_OK && (err = vfy_rights_check(run, &probes, diag)) == BF_OK) {
        err = vfy_place_check(run, &probes, diag);
    }
    vfy_probes_evidence(run, &probes);
    if (err != BF_OK && !reached && is_mode(run, "if-reachable")) {
        vfy_fact(run->ch, "not_tried", "",
                 "preflight: S3 is not reachable from the appliance");
        bf_put_text(after, "not tried: S3 is not reachable from here");
        return BF_OK;
    }
    if (err == BF_OK) {
        bf_put_text(
            after, "list, put, get and delete are allowed, and what else is as approved");
    }
    return err;
}

/* Plan: only the reading action. Before the policy is there a plain denial says nothing;
 * wrong keys or no bucket do. */
static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    struct vfy_probes probes = {0};
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
    vfy_probes_add(run, &probes, vfy_s3_word(VFY_S3_LIST), &r);
    vfy_fact(run->ch, "not_tried", "",
             "preflight: put, get and delete are tried when the change is applied");
    if (r.ok) {
        return vfy_place_check(run, &probes, diag);
    }
    if ((run->no_bucket && strcmp(r.code, "NoSuchBucket") == 0) ||
        (r.no_way && is_mode(run, "if-reachable")) ||
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
