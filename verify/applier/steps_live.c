/* SPDX-License-Identifier: Apache-2.0 */
/* The first step: is this the cluster that was approved, whole, idle, and as the
 * reviewers saw it? Nothing is written. */
#include <stdio.h>
#include <string.h>

#include "analyze.h"
#include "keystore.h"
#include "remove.h"
#include "rotate.h"
#include "survey.h"

enum { MAX_LISTED = 6 };

static enum bf_err check_identity(struct vfy_run *run, struct bf_diag *diag)
{
    /* what runs at Elastic's is Elasticsearch */
    const char *kind = run->is_cloud ? "elasticsearch" : run->job->target.kind;

    /* [BF-850] */
    if (strcmp(run->live.uuid, run->job->target.cluster_uuid) != 0) {
        return bf_fail(diag, BF_LIVE_UUID, "%s answers as cluster %s, approved is %s",
                       vfy_http_host(run->cluster.http), run->live.uuid,
                       run->job->target.cluster_uuid);
    }
    /* [BF-851] */
    if (strcmp(run->live.kind, kind) != 0) {
        return bf_fail(diag, BF_LIVE_KIND, "the cluster is %s %s, approved is %s",
                       run->live.kind, run->live.version, kind);
    }
    return BF_OK;
}

static const char *configured(const struct vfy_run *run, size_t i)
{
    return BF_LIST_ITEM(&run->nodes, const struct vfy_node, i)->name;
}

/* Whose word it is that the node should be there. */
static const char *whose(const struct vfy_run *run)
{
    return run->is_cloud ? "of the deployment's" : "configured";
}

static void list_name(char *out, size_t size, size_t *num, const char *name)
{
    const size_t len = strlen(out);

    if ((*num)++ < MAX_LISTED) {
        (void)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "", name);
    }
}

/* [BF-852] both lists ascend; a name that stands twice in one of them is a difference
 * too. */
static enum bf_err check_nodes(struct vfy_run *run, struct bf_diag *diag)
{
    const size_t num_configured = run->nodes.num;
    char missing[200] = "", extra[200] = "";
    size_t num_missing = 0, num_extra = 0, a = 0, b = 0;

    while (a < num_configured || b < run->live.num_nodes) {
        const int order = a == num_configured ? 1
                          : b == run->live.num_nodes
                              ? -1
                              : strcmp(configured(run, a), run->live.nodes[b].name);

        if (order < 0) {
            if (num_missing == 0) {
                vfy_run_blame(run, configured(run, a));
            }
            list_name(missing, sizeof(missing), &num_missing, configured(run, a++));
        } else if (order > 0) {
            list_name(extra, sizeof(extra), &num_extra, run->live.nodes[b++].name);
        } else {
            a++;
            b++;
        }
    }
    if (num_missing > 0) {
        return bf_fail(diag, BF_LIVE_NODES,
                       "%s %s not in the cluster, or not answering in it: %zu of %zu "
                       "%s nodes are there",
                       missing, num_missing > 1 ? "are" : "is",
                       num_configured - num_missing, num_configured, whose(run));
    }
    if (num_extra > 0) {
        return bf_fail(diag, BF_LIVE_NODES, "%s %s in the cluster but not %s", extra,
                       num_extra > 1 ? "are" : "is", whose(run));
    }
    return BF_OK;
}

static void tell_facts(struct vfy_run *run)
{
    size_t i;

    vfy_fact(run->ch, "cluster_uuid", "", run->live.uuid);
    vfy_fact(run->ch, "cluster_name", "", run->live.name);
    vfy_fact(run->ch, "version", "", run->live.version);
    vfy_fact(run->ch, "kind", "", run->live.kind);
    for (i = 0; i < run->live.num_nodes; i++) {
        vfy_fact(run->ch, "node_live", run->live.nodes[i].name, run->live.nodes[i].id);
    }
}

static void put_member(struct bf_buf *out, const char *separator, const char *key,
                       const char *value)
{
    bf_put_fmt(out, "%s\"%s\":", separator, key);
    bf_json_write_text(out, value);
}

static void tell_evidence(struct vfy_run *run)
{
    static const char *const deployment[] = {
        "id",
        "resources.elasticsearch.*.id",
        "resources.elasticsearch.*.ref_id",
        "resources.elasticsearch.*.info.healthy",
        "resources.elasticsearch.*.info.status",
        "resources.elasticsearch.*.info.plan_info.healthy",
        "resources.elasticsearch.*.info.plan_info.current.plan_attempt_id",
        "resources.elasticsearch.*.info.topology.instances.*.instance_name",
        "resources.elasticsearch.*.info.topology.instances.*.service_running",
        "resources.elasticsearch.*.info.topology.instances.*.service_version",
        "resources.elasticsearch.*.info.topology.instances.*.zone"};
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);
    size_t i;

    put_member(&json, "{", "cluster_name", run->live.name);
    put_member(&json, ",", "cluster_uuid", run->live.uuid);
    if (run->is_cloud) {
        bf_put_text(&json, ",\"deployment\":");
        vfy_at_evidence(&json, vfy_at_root(&run->deployment.json), deployment,
                        sizeof(deployment) / sizeof(deployment[0]));
    }
    bf_put_text(&json, ",\"nodes\":[");
    for (i = 0; i < run->live.num_nodes; i++) {
        put_member(&json, i > 0 ? ",{" : "{", "id", run->live.nodes[i].id);
        put_member(&json, ",", "name", run->live.nodes[i].name);
        bf_put_text(&json, "}");
    }
    bf_put_text(&json, "]");
    put_member(&json, ",", "version", run->live.version);
    bf_put_text(&json, "}");
    vfy_evidence(run->ch, "live.json", &json);
    bf_buf_clear(&json);
}

/* The GET answer in the profile, and its SHA-256, which is what a precondition names. */
static void tell_repository(struct vfy_run *run, struct vfy_at live)
{
    struct bf_buf text = bf_buf(VFY_MAX_BEFORE);
    char hash[2 * BF_SHA256 + 1];

    if (!vfy_at_is(live)) {
        vfy_fact(run->ch, "repository_live", "", "");
    } else if (vfy_at_canonical(&text, live) &&
               bf_sha256_hex(hash, bf_buf_bytes(&text)) == BF_OK &&
               bf_buf_text(&text) != NULL) {
        vfy_fact(run->ch, "repository_live", "", (const char *)text.ptr);
        vfy_fact(run->ch, "repository_sha256", "", hash);
    }
    bf_buf_clear(&text);
}

static enum bf_err check_repository(struct vfy_run *run, struct bf_diag *diag)
{
    const char *name = run->job->plan.repository;
    struct vfy_cluster_answer a = {0};
    struct vfy_at live;
    bool told = true;
    enum bf_err err = vfy_cluster_repository(&run->cluster, name, &a, &live, diag);

    if (err == BF_OK) {
        const struct vfy_at answer = vfy_at_is(live) ? vfy_at_root(&a.json) : live;

        tell_repository(run, answer);
        if (run->mode != VFY_PROVE) {
            err = vfy_run_precondition(run, answer, diag);
        }
    }
    if (err == BF_OK) {
        err = vfy_rotate_check(run, live, diag);
    }
    if (err == BF_OK) {
        err = vfy_remove_check(run, diag);
    }
    if (err == BF_OK && vfy_at_is(live)) {
        err = vfy_cluster_idle(&run->cluster, name, &told, diag); /* [BF-855] */
    }
    if (!told) {
        vfy_fact(run->ch, "not_tried", "",
                 "live: the cluster does not tell whether the repository is in use");
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

/* A node whose helper does not work is found before anything is written anywhere. */
static enum bf_err check_helpers(struct vfy_run *run, struct bf_diag *diag)
{
    struct vfy_keystore_sum sum;
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; vfy_run_changes_keys(run) && i < run->job->nodes.num && err == BF_OK;
         i++) {
        const struct vfy_node *node =
            BF_LIST_ITEM(&run->job->nodes, const struct vfy_node, i);

        err = vfy_keystore_sum(node, run->job->run_id, &sum, diag);
        if (err != BF_OK) {
            vfy_run_blame(run, node->name);
        } else {
            vfy_fact(run->ch, "node_digest", node->name, sum.keystore);
        }
    }
    return err;
}

static enum bf_err observe_live(struct vfy_run *run, struct vfy_step *step,
                                struct vfy_seen *seen, struct bf_diag *diag)
{
    enum bf_err err;

    (void)step;
    seen->same = true;
    /* a deployment that is stopped says so, where its cluster just does not answer */
    if ((run->is_cloud && (err = vfy_run_deployment(run, diag)) != BF_OK) ||
        (err = vfy_cluster_identity(&run->cluster, &run->live, diag)) != BF_OK ||
        (err = check_identity(run, diag)) != BF_OK ||
        (run->is_cloud && (err = vfy_run_same_cluster(run, diag)) != BF_OK)) {
        return err;
    }
    if ((err = vfy_analyze_there(run, diag)) != BF_OK) {
        return err;
    }
    err = vfy_cluster_nodes(&run->cluster, &run->live, true, diag);
    tell_facts(run);
    if (err == BF_OK || err == BF_LIVE_NODES) { /* a node that does not answer is not
                                                   listed: which one is it? */
        const enum bf_err named = check_nodes(run, diag);

        err = named != BF_OK ? named : err;
    }
    if (err != BF_OK) {
        return err;
    }
    tell_evidence(run);
    if ((err = check_repository(run, diag)) != BF_OK) {
        return err;
    }
    if (run->mode == VFY_PLAN) {
        vfy_survey_cluster(run);
        return vfy_survey_credentials(run, diag);
    }
    return check_helpers(run, diag);
}

static enum bf_err act_live(struct vfy_run *run, struct vfy_step *step,
                            struct bf_buf *after, struct bf_diag *diag)
{
    (void)step;
    (void)diag;
    bf_put_fmt(after, "%s %s, cluster %s, %zu nodes", run->live.kind, run->live.version,
               run->live.uuid, run->live.num_nodes);
    return BF_OK;
}

const struct vfy_step_kind vfy_step_live = {
    .name = "live",
    .in_prove = true,
    .acts_in_prove = true,
    .always_acts = true,
    .observe = observe_live,
    .act = act_live,
};
