/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze.h"

#include <stdio.h>
#include <string.h>

#include "diagnose.h"

enum { MAX_CHAIN_TEXT = 64 * 1024 };

enum bf_err vfy_analyze_there(struct vfy_run *run, struct bf_diag *diag)
{
    unsigned major = 0, minor = 0;

    if (!run->job->plan.analyze) {
        return BF_OK;
    }
    /* [BF-862] */
    if (strcmp(run->live.kind, "elasticsearch") != 0 ||
        sscanf(run->live.version, "%u.%u", &major, &minor) != 2 || major < 7 ||
        (major == 7 && minor < 12)) {
        return bf_fail(diag, BF_LIVE_ANALYZE,
                       "plan.analyze is true, the cluster is %s %s", run->live.kind,
                       run->live.version);
    }
    return BF_OK;
}

static void tell_evidence(struct vfy_run *run, struct vfy_at root)
{
    static const char *const allowed[] = {
        "status",          "issues_detected.*",    "blob_count",
        "blob_path",       "max_blob_size",        "seed",
        "summary.write.*", "summary.read.*",       "error.type",
        "error.reason",    "error.caused_by.type", "error.caused_by.reason"};
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);

    vfy_at_evidence(&json, root, allowed, sizeof(allowed) / sizeof(allowed[0]));
    vfy_evidence(run->ch, "analyze.json", &json);
    bf_buf_clear(&json);
}

/* What it found, the first of it. */
static enum bf_err judge(struct vfy_run *run, const struct vfy_cluster_answer *a,
                         struct bf_diag *diag)
{
    const struct vfy_at root = vfy_at_root(&a->json);
    const struct vfy_at issues = vfy_at_get(root, "issues_detected");
    struct bf_buf chain = bf_buf(MAX_CHAIN_TEXT);
    struct vfy_diagnosis d;

    if (a->status == 200 && vfy_at_is(issues) && vfy_at_count(issues) == 0) {
        return BF_OK;
    }
    if (a->status == 200) {
        return bf_fail(diag, BF_VERIFY_FAILED, "the analysis of the bucket found: %.200s",
                       vfy_at_is(issues) ? vfy_at_text(vfy_at_child(issues, 0))
                                         : "(no list of issues in the answer)");
    }
    vfy_cluster_chain(&chain, vfy_at_get(root, "error"));
    vfy_diagnose(&d, bf_buf_text(&chain) != NULL ? (const char *)chain.ptr : "",
                 run->client, run->job->plan.bucket.name);
    bf_buf_clear(&chain);
    return bf_fail(diag, BF_VERIFY_FAILED, "the analysis of the bucket failed: %s",
                   d.clause);
}

enum bf_err vfy_analyze(struct vfy_run *run, struct bf_buf *after, struct bf_diag *diag)
{
    struct vfy_cluster_answer a;
    enum bf_err err;

    if (!run->job->plan.analyze) {
        return BF_OK;
    }
    if (run->mode == VFY_PROVE) {
        vfy_fact(run->ch, "not_tried", "",
                 "verify: proving changes nothing, the analysis would write");
        return BF_OK;
    }
    vfy_say(run->ch, "the cluster analyses the bucket, up to 5 minutes");
    err = vfy_cluster_analyze(&run->cluster, run->job->plan.repository, &a, diag);
    if (err == BF_OK) {
        tell_evidence(run, vfy_at_root(&a.json));
        err = judge(run, &a, diag);
    }
    if (err == BF_OK) {
        bf_put_text(after, ", analysed without issues");
    }
    vfy_cluster_answer_clear(&a);
    return err;
}
