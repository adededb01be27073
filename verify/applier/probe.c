/* SPDX-License-Identifier: Apache-2.0 */
/* A later look: the live state against what was applied, part by part. The keystores'
 * digests and the set of nodes are compared by the parent, which has the receipt. */
#include <stdio.h>
#include <string.h>

#include "keystore.h"
#include "survey.h"

enum { MAX_LINE = 400, MAX_NAMES_TEXT = 16 * 1024 };

struct probe {
    struct vfy_run *run;
    struct bf_diag first; /* of a part that could not be told */
};

/* A part that could not be looked at: shown as such, and the rest goes on. */
static void untold(struct probe *p, const char *step, enum bf_err err,
                   const struct bf_diag *why)
{
    vfy_diff(p->run->ch, step, "?", why->where);
    if (p->first.err == BF_OK) {
        p->first = *why;
        p->first.err = err;
    }
}

static enum bf_err identity(struct probe *p, struct bf_diag *diag)
{
    struct vfy_run *run = p->run;
    const char *kind = run->job->target.kind;
    char text[MAX_LINE];
    enum bf_err err = vfy_cluster_identity(&run->cluster, &run->live, diag);

    if (err != BF_OK) {
        return err;
    }
    vfy_fact(run->ch, "cluster_uuid", "", run->live.uuid);
    vfy_fact(run->ch, "cluster_name", "", run->live.name);
    vfy_fact(run->ch, "version", "", run->live.version);
    vfy_fact(run->ch, "kind", "", run->live.kind);
    if (strcmp(run->live.uuid, run->job->target.cluster_uuid) != 0) { /* [BF-850] */
        return bf_fail(diag, BF_LIVE_UUID, "%s answers as cluster %s, approved is %s",
                       vfy_http_host(run->cluster.http), run->live.uuid,
                       run->job->target.cluster_uuid);
    }
    (void)snprintf(text, sizeof(text), "%s %s, cluster %s (%s)", run->live.kind,
                   run->live.version, run->live.name, run->live.uuid);
    /* of a service in front of it (ech, ece) the kind is another one */
    vfy_diff(run->ch, "cluster",
             strcmp(run->live.kind, kind) == 0 || (strcmp(kind, "opensearch") != 0 &&
                                                   strcmp(kind, "elasticsearch") != 0)
                 ? "="
                 : "~",
             text);
    return BF_OK;
}

static void live_nodes(struct probe *p)
{
    struct vfy_run *run = p->run;
    struct bf_diag why = {0};
    enum bf_err err = vfy_cluster_nodes(&run->cluster, &run->live, false, &why);
    size_t i;

    if (err != BF_OK) {
        untold(p, "nodes", err, &why);
        return;
    }
    for (i = 0; i < run->live.num_nodes; i++) {
        vfy_fact(run->ch, "node_live", run->live.nodes[i].name, run->live.nodes[i].id);
    }
}

/* One step observed as when the same bundle is proved. */
static void observe(struct probe *p, const struct vfy_step_kind *kind, const char *what)
{
    struct vfy_step *step = vfy_run_step(p->run, kind, 0);
    struct vfy_seen seen = {.before = bf_buf(VFY_MAX_BEFORE)};
    struct bf_diag why = {0};
    enum bf_err err;

    if (step == NULL || (kind->wanted != NULL && !kind->wanted(p->run))) {
        return;
    }
    err = kind->observe(p->run, step, &seen, &why);
    if (err != BF_OK) {
        untold(p, step->name, err, &why);
    } else if (seen.before.len > 0) { /* it was looked at */
        vfy_diff(p->run->ch, step->name,
                 seen.same                                           ? "="
                 : bf_bytes_is(bf_buf_bytes(&seen.before), "absent") ? "-"
                                                                     : "~",
                 seen.same ? what : seen.drift);
    }
    bf_buf_clear(&seen.before);
}

/* Is name one of the blank separated ones? */
static void keystore(struct probe *p, const struct vfy_node *node)
{
    struct vfy_run *run = p->run;
    struct bf_buf names = bf_buf(MAX_NAMES_TEXT);
    struct vfy_keystore_sum sum;
    struct bf_diag why = {0};
    char step[VFY_STEP_NAME], text[MAX_LINE];
    size_t i, missing = 0;
    enum bf_err err = vfy_keystore_sum(node, run->job->run_id, &sum, &why);

    (void)snprintf(step, sizeof(step), "keystore:%s", node->name);
    if (err == BF_OK) {
        vfy_fact(run->ch, "node_digest", node->name, sum.keystore);
        err = vfy_keystore_list(node, run->job->run_id, &names, &why);
    }
    if (err == BF_OK && bf_buf_text(&names) == NULL) {
        err = bf_fail(&why, BF_NO_MEMORY, "names");
    }
    if (err != BF_OK) {
        untold(p, step, err, &why);
        bf_buf_clear(&names);
        return;
    }
    vfy_fact(run->ch, "node_names", node->name, (const char *)names.ptr);
    for (i = 0; i < run->job->secrets.num; i++) {
        const char *name = bf_list_text(&run->job->secrets, i);

        if (!vfy_keystore_wants(bf_text(name)) ||
            vfy_names_have((const char *)names.ptr, bf_text(name))) {
            continue;
        }
        missing++;
        (void)snprintf(text, sizeof(text), "%s: %s is not there", node->name, name);
        vfy_diff(run->ch, step, "-", text);
    }
    if (missing == 0) {
        /* what was taken away shows in the file's digest, which the parent compares */
        (void)snprintf(text, sizeof(text), "%s: %s", node->name,
                       run->removes ? "its keystore is read" : "the names are there");
        vfy_diff(run->ch, step, "=", text);
    }
    bf_buf_clear(&names);
}

/* Writes its own probe objects below the base path and takes them away again; that is the
 * one thing that changes. */
static void verify(struct probe *p)
{
    struct vfy_step *step = vfy_run_step(p->run, &vfy_step_verify, 0);
    struct bf_buf after = bf_buf(4096);
    struct bf_diag why = {0};
    enum bf_err err;

    if (step == NULL) {
        return;
    }
    err = step->kind->act(p->run, step, &after, &why);
    if (err == BF_OK) {
        vfy_diff(p->run->ch, "verify", "=",
                 bf_buf_text(&after) != NULL ? (const char *)after.ptr : "");
    } else if (bf_err_exit(err) == BF_EXIT_UNDONE ||
               bf_err_exit(err) == BF_EXIT_REFUSED) {
        vfy_diff(p->run->ch, "verify", "~", why.where);
    } else {
        untold(p, "verify", err, &why);
    }
    bf_buf_clear(&after);
}

/* The definition, and every node's use of it; where it was taken away last, that it still
 * is. */
static void registration(struct probe *p)
{
    const char *name = p->run->job->plan.repository;
    const bool wanted = p->run->job->repository[0] != '\0';
    struct vfy_cluster_answer a = {0};
    struct bf_diag why = {0};
    struct vfy_at live = {NULL};
    char text[MAX_LINE];
    enum bf_err err = vfy_cluster_repository(&p->run->cluster, name, &a, &live, &why);
    const bool there = vfy_at_is(live);

    vfy_cluster_answer_clear(&a);
    if (err != BF_OK) {
        untold(p, "register", err, &why);
    } else if (!wanted) {
        (void)snprintf(text, sizeof(text), "repository %.100s is %s", name,
                       there ? "registered again" : "not registered, as it was left");
        vfy_diff(p->run->ch, "register", there ? "+" : "=", text);
    } else {
        (void)snprintf(text, sizeof(text), "repository %.100s is as it was applied",
                       name);
        observe(p, &vfy_step_register, text);
    }
    if (err == BF_OK && wanted && there) {
        verify(p);
    }
}

enum bf_err vfy_probe(struct vfy_run *run, struct bf_diag *diag)
{
    struct probe p = {run, {0}};
    enum bf_err err = identity(&p, diag);
    size_t i;

    if (err != BF_OK) {
        return err;
    }
    live_nodes(&p);
    vfy_survey_cluster(run);
    registration(&p);
    observe(&p, &vfy_step_policy, "the policy is as it was applied");
    if (run->job->secrets.num > 0 || run->removes) {
        vfy_keystore_ahead(&run->job->nodes, "sum", run->job->run_id, NULL);
        vfy_keystore_ahead(&run->job->nodes, "list", run->job->run_id, NULL);
        for (i = 0; i < run->job->nodes.num; i++) {
            keystore(&p, BF_LIST_ITEM(&run->job->nodes, const struct vfy_node, i));
        }
        vfy_keystore_forget(&run->job->nodes);
    }
    if (run->is_cloud) {
        vfy_fact(run->ch, "not_tried", "",
                 "keystore: the cloud's API tells names and no values, and is not asked");
    }
    if (p.first.err != BF_OK) {
        *diag = p.first;
    }
    return p.first.err;
}
