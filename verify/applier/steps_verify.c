/* SPDX-License-Identifier: Apache-2.0 */
/* The proof: _verify names every expected node, and the repository can be listed. When
 * not, why not, in one clause. */
#include <stdio.h>
#include <string.h>

#include "analyze.h"
#include "diagnose.h"
#include "remove.h"

enum { MAX_CHAIN_TEXT = 16 * 1024, MAX_NODES_TEXT = 240, MAX_NAMED = 3 };

static void tell_evidence(struct vfy_run *run, struct vfy_at root)
{
    static const char *const allowed[] = {"status",
                                          "nodes.*.name",
                                          "error.type",
                                          "error.reason",
                                          "error.caused_by.type",
                                          "error.caused_by.reason",
                                          "error.caused_by.caused_by.type",
                                          "error.caused_by.caused_by.reason",
                                          "error.caused_by.caused_by.caused_by.type",
                                          "error.caused_by.caused_by.caused_by.reason",
                                          "error.suppressed.*.type",
                                          "error.suppressed.*.reason",
                                          "error.suppressed.*.caused_by.type",
                                          "error.suppressed.*.caused_by.reason"};
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);

    vfy_at_evidence(&json, root, allowed, sizeof(allowed) / sizeof(allowed[0]));
    vfy_evidence(run->ch, "verify.json", &json);
    bf_buf_clear(&json);
}

/* The names of the nodes that the failure is about; the first is blamed. "" when it does
 * not say. */
static void failing_nodes(char *out, size_t size, struct vfy_run *run, const char *reason)
{
    char manager[128];
    size_t i, num = 0;

    out[0] = '\0';
    for (i = 0; i < run->live.num_nodes; i++) {
        const size_t len = strlen(out);

        if (vfy_diagnose_names_node(reason, run->live.nodes[i].id)) {
            if (num++ == 0) {
                vfy_run_blame(run, run->live.nodes[i].name);
            }
            if (num <= MAX_NAMED) {
                (void)snprintf(out + len, size - len, "%s%.60s", len > 0 ? ", " : "",
                               run->live.nodes[i].name);
            }
        }
    }
    if (num > MAX_NAMED) {
        const size_t len = strlen(out);

        (void)snprintf(out + len, size - len, " and %zu more", num - MAX_NAMED);
    }
    if (num == 0 && vfy_diagnose_is_manager(reason)) {
        vfy_cluster_manager(&run->cluster, &run->live, manager, sizeof(manager));
        if (manager[0] != '\0') {
            vfy_run_blame(run, manager);
            (void)snprintf(out, size, "%s", manager);
        }
    }
}

enum told { S3_SILENT, S3_REFUSES, S3_FINE };

/* S3 asked with the bundle's own keys: the first action that fails is the cause, into
 * out. */
static enum told ask_s3(struct vfy_run *run, char *out, size_t size)
{
    struct vfy_s3_result r, cleaning;
    struct bf_diag ignored = {0};
    int action;

    if (!run->has_keys || vfy_run_s3(run, &ignored) != BF_OK) {
        return S3_SILENT;
    }
    vfy_say(run->ch, "asking S3 with the bundle's keys what it is");
    for (action = VFY_S3_LIST; action < VFY_NUM_S3_ACTIONS; action++) {
        vfy_s3_try(&run->s3, (enum vfy_s3_action)action, &r);
        if (!r.reached) {
            return S3_SILENT;
        }
        if (!r.ok) {
            break;
        }
    }
    if (action == VFY_S3_GET) {
        vfy_s3_try(&run->s3, VFY_S3_DELETE, &cleaning);
    }
    if (action == VFY_NUM_S3_ACTIONS) {
        return S3_FINE;
    }
    (void)vfy_diagnose_s3(out, size, &run->s3, (enum vfy_s3_action)action, &r);
    return S3_REFUSES;
}

/* The cause of a failure into out. Words that are not known are shown as they are, and
 * what S3 says stands beside them, never in their place. */
static void find_cause(struct vfy_run *run, const char *chain, char *out, size_t size)
{
    struct vfy_diagnosis d;
    char cause[400];
    enum told told = S3_SILENT;

    vfy_diagnose(&d, chain, run->client, run->job->plan.bucket.name);
    if (d.ask_s3) {
        told = ask_s3(run, cause, sizeof(cause));
    }
    if (!d.known && told == S3_REFUSES) {
        (void)snprintf(out, size, "%.240s; %.150s", cause, d.clause);
    } else if (told == S3_REFUSES) {
        (void)snprintf(out, size, "%s", cause);
    } else {
        (void)snprintf(out, size, "%s",
                       told == S3_FINE && d.when_fine != NULL ? d.when_fine : d.clause);
    }
}

static enum bf_err tell_failure(struct vfy_run *run, struct vfy_at root,
                                struct bf_diag *diag)
{
    const struct vfy_at error = vfy_at_get(root, "error");
    struct bf_buf chain = bf_buf(MAX_CHAIN_TEXT);
    char nodes[MAX_NODES_TEXT], cause[400];
    const char *text;

    vfy_cluster_chain(&chain, error);
    text = bf_buf_text(&chain);
    failing_nodes(nodes, sizeof(nodes), run, vfy_at_text(vfy_at_get(error, "reason")));
    find_cause(run, text != NULL ? text : "", cause, sizeof(cause));
    bf_buf_clear(&chain);
    return bf_fail(diag, BF_VERIFY_FAILED, "%s%s%s", nodes,
                   nodes[0] != '\0' ? " cannot use the repository: " : "", cause);
}

static bool verifies(const struct vfy_run *run, const char *name)
{
    size_t i;

    for (i = 0; i < run->live.num_nodes; i++) {
        if (strcmp(run->live.nodes[i].name, name) == 0) {
            return run->live.nodes[i].verifies;
        }
    }
    return true;
}

/* Every expected node has to be named: a node that has left the cluster is missing from a
 * green answer (lab.md 14). */
static enum bf_err check_named(struct vfy_run *run, struct vfy_at nodes,
                               struct bf_diag *diag)
{
    size_t i, k;

    for (i = 0; i < vfy_at_count(nodes); i++) {
        vfy_fact(run->ch, "node_seen",
                 vfy_at_text(vfy_at_get(vfy_at_child(nodes, i), "name")), "");
    }
    for (i = 0; i < run->nodes.num; i++) {
        const char *name = BF_LIST_ITEM(&run->nodes, const struct vfy_node, i)->name;

        if (!verifies(run, name)) {
            vfy_fact(run->ch, "not_tried", "",
                     "verify: nodes that are neither master-eligible nor data take no "
                     "part in it");
            continue;
        }
        for (k = 0; k < vfy_at_count(nodes); k++) {
            if (strcmp(vfy_at_text(vfy_at_get(vfy_at_child(nodes, k), "name")), name) ==
                0) {
                break;
            }
        }
        if (k == vfy_at_count(nodes)) {
            vfy_run_blame(run, name);
            return bf_fail(diag, BF_VERIFY_NODES,
                           "%s did not verify the repository; %zu of %zu nodes did", name,
                           vfy_at_count(nodes), run->nodes.num);
        }
    }
    return BF_OK;
}

/* _verify is green also for a repository that another cluster writes to; listing it is
 * not (lab.md 7, 17). */
static enum bf_err check_listing(struct vfy_run *run, struct bf_diag *diag)
{
    const char *name = run->job->plan.repository;
    struct bf_buf chain = bf_buf(MAX_CHAIN_TEXT);
    char cause[400];
    enum bf_err err = vfy_cluster_listing(&run->cluster, name, &chain, diag);

    if (err == BF_VERIFY_FAILED) {
        find_cause(run, bf_buf_text(&chain) != NULL ? (const char *)chain.ptr : "", cause,
                   sizeof(cause));
        err = bf_fail(diag, BF_VERIFY_FAILED,
                      "every node verifies repository %s, but it cannot be listed: %s",
                      name, cause);
    }
    bf_buf_clear(&chain);
    return err;
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    struct vfy_cluster_answer a;
    struct vfy_at root;
    enum bf_err err;

    if (run->removes) {
        return vfy_remove_proof(run, step, after, diag);
    }
    vfy_say(run->ch, "every node verifies repository %s%s", run->job->plan.repository,
            run->reload_told[0] != '\0' ? ": slow the first time after a reload" : "");
    if ((err = vfy_cluster_verify(&run->cluster, run->job->plan.repository, &a, diag)) !=
        BF_OK) {
        return err;
    }
    root = vfy_at_root(&a.json);
    tell_evidence(run, root);
    if (a.status != 200) {
        err = tell_failure(run, root, diag);
    } else if ((err = check_named(run, vfy_at_get(root, "nodes"), diag)) == BF_OK) {
        err = check_listing(run, diag);
    }
    if (err == BF_OK) {
        bf_put_fmt(after, "%zu of %zu nodes", vfy_at_count(vfy_at_get(root, "nodes")),
                   run->nodes.num);
        err = vfy_analyze(run, after, diag);
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

const struct vfy_step_kind vfy_step_verify = {
    .name = "verify",
    .in_prove = true,
    .acts_in_prove = true,
    .act = act,
};
