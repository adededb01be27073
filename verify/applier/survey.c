/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan and a probe look at beyond the repository itself: how the cluster is, what
 * else uses the repository, and whether each credential will do. Reads only. What a
 * server does not tell is said to be so.
 */
#include "survey.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "diagnose.h"
#include "keystore.h"

enum { MAX_LISTED = 8, MAX_NOTE = 420 };

static void not_told(struct vfy_run *run, const char *what, const struct bf_diag *why)
{
    char text[MAX_NOTE];

    (void)snprintf(text, sizeof(text), "%s: not told: %.300s", what,
                   why->where[0] != '\0' ? why->where : "the server has no such page");
    vfy_fact(run->ch, "not_tried", "", text);
}

/* ---- the cluster ---- */

static void tell_number(struct vfy_run *run, const char *id, struct vfy_at at)
{
    char text[32];
    int64_t n;

    if (vfy_at_int(at, &n)) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)n);
        vfy_fact(run->ch, id, "", text);
    }
}

static void tell_health(struct vfy_run *run)
{
    struct vfy_cluster_answer a;
    struct bf_diag why = {0};
    struct vfy_at root;

    if (vfy_cluster_get(&run->cluster,
                        "/_cluster/health?filter_path=status,unassigned_shards,"
                        "number_of_pending_tasks",
                        &a, &why) != BF_OK ||
        a.status != 200) {
        not_told(run, "health", &why);
    } else {
        root = vfy_at_root(&a.json);
        vfy_fact(run->ch, "health", "", vfy_at_text(vfy_at_get(root, "status")));
        tell_number(run, "unassigned_shards", vfy_at_get(root, "unassigned_shards"));
        tell_number(run, "pending_tasks", vfy_at_get(root, "number_of_pending_tasks"));
    }
    vfy_cluster_answer_clear(&a);
}

/* What the cluster's manager has still to do: a registration waits behind it. */
static void tell_pending(struct vfy_run *run)
{
    struct vfy_cluster_answer a;
    struct bf_diag why = {0};
    struct vfy_at tasks;
    size_t i;

    if (vfy_cluster_get(&run->cluster, "/_cluster/pending_tasks?filter_path=tasks.source",
                        &a, &why) != BF_OK ||
        a.status != 200) {
        not_told(run, "pending tasks", &why);
    }
    tasks = vfy_at_get(vfy_at_root(&a.json), "tasks");
    for (i = 0; i < vfy_at_count(tasks) && i < MAX_LISTED; i++) {
        vfy_fact(run->ch, "pending_task", "",
                 vfy_at_text(vfy_at_get(vfy_at_child(tasks, i), "source")));
    }
    vfy_cluster_answer_clear(&a);
}

static void tell_running(struct vfy_run *run)
{
    struct vfy_cluster_answer a;
    struct bf_diag why = {0};
    struct vfy_at list;
    char text[300];
    size_t i;

    if (vfy_cluster_get(&run->cluster,
                        "/_snapshot/_status?filter_path=snapshots.repository,"
                        "snapshots.snapshot",
                        &a, &why) != BF_OK ||
        a.status != 200) {
        not_told(run, "running snapshots", &why);
    } else {
        vfy_fact(run->ch, "snapshots_told", "", "yes");
    }
    list = vfy_at_get(vfy_at_root(&a.json), "snapshots");
    for (i = 0; i < vfy_at_count(list) && i < MAX_LISTED; i++) {
        const struct vfy_at s = vfy_at_child(list, i);

        (void)snprintf(text, sizeof(text), "%.120s in repository %.120s",
                       vfy_at_text(vfy_at_get(s, "snapshot")),
                       vfy_at_text(vfy_at_get(s, "repository")));
        vfy_fact(run->ch, "snapshot_running", "", text);
    }
    vfy_cluster_answer_clear(&a);
}

/* Elasticsearch: {"NAME":{"policy":{"repository":..}}}. OpenSearch:
 * {"policies":[{"sm_policy":{"name":..,"snapshot_config":{"repository":..}}}]}. */
static void tell_schedule(struct vfy_run *run, struct vfy_at policy, bool opensearch)
{
    const struct vfy_at sm = vfy_at_get(policy, "sm_policy");
    const char *name =
        opensearch ? vfy_at_text(vfy_at_get(sm, "name")) : vfy_at_key(policy);
    const char *into = vfy_at_text(
        vfy_at_path(opensearch ? sm : policy,
                    opensearch ? "snapshot_config.repository" : "policy.repository"));

    if (strcmp(into, run->job->plan.repository) == 0) {
        vfy_fact(run->ch, "schedule", "", name);
    }
}

/* An installation without the page has no such policies. */
static void tell_schedules(struct vfy_run *run)
{
    const bool opensearch = strcmp(run->live.kind, "opensearch") == 0;
    struct vfy_cluster_answer a;
    struct bf_diag why = {0};
    struct vfy_at list;
    size_t i;

    if (vfy_cluster_get(&run->cluster,
                        opensearch ? "/_plugins/_sm/policies?size=200" : "/_slm/policy",
                        &a, &why) != BF_OK) {
        not_told(run, "snapshot policies", &why);
    } else if (a.status == 200) {
        list = opensearch ? vfy_at_get(vfy_at_root(&a.json), "policies")
                          : vfy_at_root(&a.json);
        for (i = 0; i < vfy_at_count(list); i++) {
            tell_schedule(run, vfy_at_child(list, i), opensearch);
        }
    }
    vfy_cluster_answer_clear(&a);
}

void vfy_survey_cluster(struct vfy_run *run)
{
    tell_health(run);
    tell_pending(run);
    tell_running(run);
    tell_schedules(run);
}

/* ---- credentials ---- */

/* "KIND RESULT DETAIL": cluster, cloud, iam, s3 or node; ok, later, lacks or failed. */
BF_PRINTF(5, 6)
static void credential(struct vfy_run *run, const char *kind, const char *node,
                       const char *result, const char *fmt, ...)
{
    char text[MAX_NOTE], detail[MAX_NOTE - 20];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(detail, sizeof(detail), fmt, args);
    va_end(args);
    (void)snprintf(text, sizeof(text), "%s %s %s", kind, result, detail);
    vfy_fact(run->ch, "credential", node, text);
}

/* The first failure is the one to tell in the end; all are tried. */
static void keep_first(struct bf_diag *first, const struct bf_diag *why)
{
    if (first->err == BF_OK) {
        *first = *why;
    }
}

static void try_cluster(struct vfy_run *run, struct bf_diag *first)
{
    struct bf_buf lacks = bf_buf(4096);
    struct bf_diag why = {0};

    if (!vfy_cluster_lacks(&run->cluster, &lacks)) {
        credential(run, "cluster", "", "ok",
                   "reading is allowed; the cluster does not tell what else");
        vfy_fact(run->ch, "not_tried", "",
                 "plan: the cluster does not tell what its user may do; reading was "
                 "allowed");
    } else if (bf_buf_text(&lacks) != NULL && lacks.len > 0) {
        vfy_fact(run->ch, "privilege", "", (const char *)lacks.ptr);
        credential(run, "cluster", "", "lacks", "%s", (const char *)lacks.ptr);
        (void)bf_fail(&why, BF_NET_DENIED, "the cluster user lacks %s",
                      (const char *)lacks.ptr);
        keep_first(first, &why);
    } else {
        vfy_fact(run->ch, "privilege", "", "complete");
        credential(run, "cluster", "", "ok", "has every privilege that is needed");
    }
    bf_buf_clear(&lacks);
}

static void try_iam(struct vfy_run *run, struct bf_diag *first)
{
    const char *mode = run->job->plan.iam.mode;
    struct bf_diag why = {0};

    if (strcmp(mode, "apply") != 0 && strcmp(mode, "check") != 0) {
        return;
    }
    if (vfy_policy_try(run, &why) == BF_OK) {
        credential(run, "iam", "", "ok", "may read the policies of user %.100s%s",
                   run->job->plan.iam.user,
                   strcmp(mode, "apply") == 0
                       ? "; whether it may put them shows when it does"
                       : "");
    } else {
        credential(run, "iam", "", "failed", "%s", why.where);
        keep_first(first, &why);
    }
}

/* Before the policy is there a plain denial says nothing; the preflight judges. */
static void try_s3(struct vfy_run *run)
{
    struct vfy_s3_result r;
    struct bf_diag why = {0};
    char cause[360];

    if (!run->has_keys) {
        return;
    }
    if (vfy_run_s3(run, &why) != BF_OK) {
        credential(run, "s3", "", "failed", "%s", why.where);
        return;
    }
    vfy_s3_try(&run->s3, VFY_S3_LIST, &r);
    if (r.ok) {
        credential(run, "s3", "", "ok", "the bundle's keys may list bucket %.100s",
                   run->s3.bucket);
    } else if (strcmp(r.code, "AccessDenied") == 0 &&
               strcmp(run->job->plan.iam.mode, "apply") == 0) {
        credential(run, "s3", "", "later",
                   "the bundle's keys may not list bucket %.100s (%s) before the policy "
                   "is put",
                   run->s3.bucket, vfy_s3_right(VFY_S3_LIST));
    } else {
        (void)vfy_diagnose_s3(cause, sizeof(cause), &run->s3, VFY_S3_LIST, &r);
        credential(run, "s3", "", r.reached ? "lacks" : "failed", "%s", cause);
    }
}

/* A node whose helper does not work is found before anything is written anywhere. */
static void try_nodes(struct vfy_run *run, struct bf_diag *first)
{
    struct vfy_keystore_sum sum;
    size_t i;

    if (!vfy_run_changes_keys(run)) {
        return;
    }
    vfy_keystore_ahead(&run->job->nodes, "sum", run->job->run_id, NULL);
    for (i = 0; i < run->job->nodes.num; i++) {
        const struct vfy_node *node =
            BF_LIST_ITEM(&run->job->nodes, const struct vfy_node, i);
        struct bf_diag why = {0};

        if (vfy_keystore_sum(node, run->job->run_id, &sum, &why) == BF_OK) {
            vfy_fact(run->ch, "node_digest", node->name, sum.keystore);
            credential(run, "node", node->name, "ok", "its keystore is reached");
        } else {
            if (first->err == BF_OK) {
                vfy_run_blame(run, node->name);
            }
            credential(run, "node", node->name, "failed", "%s", why.where);
            keep_first(first, &why);
        }
    }
    vfy_keystore_forget(&run->job->nodes);
}

enum bf_err vfy_survey_credentials(struct vfy_run *run, struct bf_diag *diag)
{
    struct bf_diag first = {0};

    try_cluster(run, &first);
    if (run->is_cloud) { /* the deployment was read before */
        credential(run, "cloud", "", "ok", "may read deployment %.68s; %s",
                   run->cloud.deployment,
                   run->deployment.pending ? "a plan runs there" : "no plan runs there");
    }
    try_iam(run, &first);
    try_s3(run);
    try_nodes(run, &first);
    if (first.err != BF_OK) {
        *diag = first;
    }
    return first.err;
}
