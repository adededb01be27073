/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A deployment of Elastic Cloud Hosted or Elastic Cloud Enterprise: its API names the
 * nodes and holds the keystore, whose values never come back. Names that were not there
 * are taken out again; what is written over stays. The restart is in steps_restart.c.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "diagnose.h"
#include "keystore.h"
#include "run.h"

enum { MAX_NAMES_TEXT = 16 * 1024, WRITE_TRIES = 3, REACH_SECONDS = 120 };

static bool wanted(const struct vfy_run *run)
{
    return run->is_cloud && run->has_keys;
}

/* ---- the deployment ---- */

/* The names of the instances, which are those of the nodes, ascending, none twice. */
static enum bf_err take_instances(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_at list = vfy_at_path(run->deployment.info, "topology.instances");
    struct vfy_node *nodes = bf_arena_alloc(&run->arena, VFY_MAX_NODES * sizeof(*nodes));
    size_t num = 0, i, at;

    if (nodes == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "nodes");
    }
    for (i = 0; i < vfy_at_count(list); i++) {
        const char *told =
            vfy_at_text(vfy_at_get(vfy_at_child(list, i), "instance_name"));
        char name[128];

        for (at = 0; at < num && strcmp(nodes[at].name, told) < 0; at++) {
        }
        if (told[0] == '\0' || strchr(told, ' ') != NULL || num == VFY_MAX_NODES ||
            (at < num && strcmp(nodes[at].name, told) == 0)) {
            return bf_fail(diag, BF_NET_ANSWER,
                           "deployment %s does not name its nodes once each",
                           run->cloud.deployment);
        }
        (void)bf_escape(name, sizeof(name), told, strlen(told));
        memmove(nodes + at + 1, nodes + at, (num - at) * sizeof(*nodes));
        nodes[at] = (struct vfy_node){.name = bf_arena_text(&run->arena, bf_text(name))};
        if (nodes[at].name == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "nodes");
        }
        num++;
    }
    for (i = 0; i < num; i++) {
        vfy_fact(run->ch, "node_expected", nodes[i].name, "");
    }
    run->nodes = (struct bf_list){num, nodes};
    return num > 0 ? BF_OK
                   : bf_fail(diag, BF_LIVE_DEPLOYMENT,
                             "deployment %s has no Elasticsearch node",
                             run->cloud.deployment); /* [BF-857] */
}

enum bf_err vfy_run_expect(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_step *restart = vfy_run_step(run, &vfy_step_restart, 0);
    struct vfy_deployment *d = &run->deployment;
    enum bf_err err;

    vfy_deployment_clear(d);
    if ((err = vfy_cloud_read(&run->cloud, VFY_PLANS_BRIEF, d, diag)) == BF_OK &&
        d->pending && restart->open) {
        /* an earlier part of this run began it: it comes to its end first */
        vfy_deployment_clear(d);
        err = vfy_run_follow(run, restart->noted, d, diag);
    }
    return err == BF_OK ? take_instances(run, diag) : err;
}

static bool is_cloud_id(const char *text)
{
    return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

/* Is host that of url, as the deployment has it? */
static bool is_host_of(const char *host, const char *url)
{
    const char *at = strstr(url, "://");
    const size_t len = strcspn(host, ":/");

    at = at != NULL ? at + 3 : url;
    return len > 0 && strcspn(at, ":/") == len && strncmp(at, host, len) == 0;
}

/*
 * The trust file says which deployment a cluster is. Elastic's platform calls a cluster
 * by the id of its resource, which shows at the cluster as well, and names its addresses:
 * where one of these fits they belong together, and where the cluster bears another id
 * they do not. Behind a gateway neither may show.
 */
enum bf_err vfy_run_same_cluster(struct vfy_run *run, struct bf_diag *diag)
{
    static const char *const paths[] = {"metadata.endpoint", "metadata.aliased_endpoint",
                                        "metadata.service_url", "metadata.aliased_url"};
    const struct vfy_deployment *d = &run->deployment;
    const char *host = vfy_http_host(run->cluster.http);
    size_t i;

    if (strcmp(run->live.name, d->id) == 0) {
        return BF_OK;
    }
    if (is_cloud_id(run->live.name)) { /* [BF-857] */
        return bf_fail(diag, BF_LIVE_DEPLOYMENT,
                       "deployment %s is cluster %s, %s answers as %s",
                       run->cloud.deployment, d->id, host, run->live.name);
    }
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (is_host_of(host, vfy_at_text(vfy_at_path(d->info, paths[i])))) {
            return BF_OK;
        }
    }
    vfy_fact(run->ch, "not_tried", "",
             "live: that this cluster is that deployment rests on the trust file alone");
    return BF_OK;
}

enum bf_err vfy_run_deployment(struct vfy_run *run, struct bf_diag *diag)
{
    struct vfy_deployment *d = &run->deployment;
    enum bf_err err = vfy_run_expect(run, diag);

    if (err != BF_OK) {
        return err;
    }
    /* [BF-857] */
    if (d->pending) {
        return bf_fail(
            diag, BF_LIVE_DEPLOYMENT, "plan %s is pending on deployment %s%s%s", d->plan,
            run->cloud.deployment, d->step[0] != '\0' ? ", at step " : "", d->step);
    }
    if (strcmp(d->status, "started") != 0) {
        return bf_fail(diag, BF_LIVE_DEPLOYMENT,
                       "Elasticsearch of deployment %s is %s, not started",
                       run->cloud.deployment, d->status);
    }
    return BF_OK;
}

/* ---- keystore.cloud ---- */

/* Our names, blank separated. */
static void put_ours(struct bf_buf *out, const struct vfy_run *run)
{
    size_t i;

    for (i = 0; i < run->secrets->num; i++) {
        const struct bf_bytes name = run->secrets->items[i].name;

        if (vfy_keystore_wants(name)) {
            bf_put_text(out, " ");
            bf_put_bytes(out, name);
        }
    }
}

static size_t count_present(const struct vfy_run *run, const char *names)
{
    size_t i, num = 0;

    for (i = 0; i < run->secrets->num; i++) {
        const struct bf_bytes name = run->secrets->items[i].name;

        num += vfy_keystore_wants(name) && vfy_names_have(names, name) ? 1 : 0;
    }
    return num;
}

static enum bf_err observe(struct vfy_run *run, struct vfy_step *step,
                           struct vfy_seen *seen, struct bf_diag *diag)
{
    struct bf_buf names = bf_buf(MAX_NAMES_TEXT);
    struct bf_bytes missing = bf_view(NULL, 0);
    enum bf_err err = vfy_cloud_names(&run->cloud, &names, diag);
    bool present;

    if (err != BF_OK) {
        goto out;
    }
    missing = vfy_run_missing(run, (const char *)names.ptr);
    present = count_present(run, (const char *)names.ptr) > 0;
    /* values do not come back: what an earlier part of this run wrote counts as there */
    seen->same = missing.len == 0 && (run->mode == VFY_PROVE || step->done);
    seen->lasting =
        run->mode == VFY_APPLY && !step->need_undo && (step->stands || present);
    seen->tell_before = true;
    bf_put_text(&seen->before, present ? "present" : "absent");
    put_ours(&seen->before, run);
    if (bf_buf_text(&seen->before) == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "names");
    }
    (void)snprintf(seen->drift, sizeof(seen->drift),
                   "the keystore of deployment %s has no %.*s", run->cloud.deployment,
                   (int)missing.len,
                   missing.ptr != NULL ? (const char *)missing.ptr : "");
    if (err == BF_OK && seen->lasting && !step->done &&
        strcmp(run->job->plan.restart.mode, "always") != 0) {
        vfy_fact(run->ch, "not_tried", "",
                 "keystore.cloud: names were there before, and the cluster does not tell "
                 "which value a node uses");
    }
out:
    bf_buf_clear(&names);
    return err;
}

static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    struct bf_buf names = bf_buf(MAX_NAMES_TEXT);
    enum bf_err err = vfy_cloud_names(&run->cloud, &names, diag);
    char text[300];
    size_t i;

    (void)seen;
    for (i = 0; err == BF_OK && i < run->secrets->num; i++) {
        const struct bf_bytes name = run->secrets->items[i].name;
        const bool there = vfy_names_have((const char *)names.ptr, name);

        if (vfy_keystore_wants(name)) {
            (void)snprintf(
                text, sizeof(text), "%.*s%s", (int)name.len, (const char *)name.ptr,
                there ? " is there; it is written over, which CANNOT BE UNDONE" : "");
            vfy_diff(run->ch, step->name, there ? "~" : "+", text);
        }
    }
    bf_buf_clear(&names);
    return err;
}

/* *missing: a name that the keystore does not have, "" when it has all. */
static enum bf_err read_back(struct vfy_run *run, char *missing, size_t size,
                             struct bf_diag *diag)
{
    struct bf_buf names = bf_buf(MAX_NAMES_TEXT);
    enum bf_err err = vfy_cloud_names(&run->cloud, &names, diag);
    const struct bf_bytes name =
        err == BF_OK ? vfy_run_missing(run, (const char *)names.ptr) : bf_view(NULL, 0);

    (void)snprintf(missing, size, "%.*s", (int)name.len,
                   name.ptr != NULL ? (const char *)name.ptr : "");
    bf_buf_clear(&names);
    return err;
}

/*
 * The same request again does no harm, so one without an answer is sent again; where the
 * names were not there before, reading them back tells as well.
 */
static enum bf_err write_keys(struct vfy_run *run, const struct vfy_step *step,
                              struct bf_diag *diag)
{
    char missing[VFY_MAX_SECRET_NAME];
    struct bf_diag ignored = {0};
    bool unknown = false;
    enum bf_err err = BF_OK;
    unsigned tries;

    for (tries = 0; tries < WRITE_TRIES; tries++) {
        err = vfy_cloud_set(&run->cloud, run->secrets, &unknown, diag);
        if (err == BF_OK || !unknown) {
            break;
        }
        vfy_say(run->ch, "writing the keys was not answered: looking what is there");
        if (read_back(run, missing, sizeof(missing), &ignored) == BF_OK &&
            missing[0] == '\0' && step->need_undo) {
            err = BF_OK;
            unknown = false;
            *diag = (struct bf_diag){0};
            break;
        }
    }
    run->unknown = run->unknown || unknown;
    return err;
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    char missing[VFY_MAX_SECRET_NAME];
    enum bf_err err;

    vfy_say(run->ch, "writing the keys into the keystore of deployment %s",
            run->cloud.deployment);
    if ((err = write_keys(run, step, diag)) != BF_OK ||
        (err = read_back(run, missing, sizeof(missing), diag)) != BF_OK) {
        return err;
    }
    if (missing[0] != '\0') {
        return bf_fail(diag, BF_READ_BACK,
                       "after writing, the keystore of deployment %s has no %s",
                       run->cloud.deployment, missing);
    }
    bf_put_text(after, step->need_undo ? "added:" : "WRITTEN OVER, which stands:");
    put_ours(after, run);
    return BF_OK;
}

/* A name of names that the keystore still has, "" when it has none of them. */
static enum bf_err still_there(struct vfy_run *run, const char *names, char *out,
                               size_t size, struct bf_diag *diag)
{
    struct bf_buf live = bf_buf(MAX_NAMES_TEXT);
    enum bf_err err = vfy_cloud_names(&run->cloud, &live, diag);

    out[0] = '\0';
    while (err == BF_OK && *(names += strspn(names, " ")) != '\0') {
        const size_t len = strcspn(names, " ");

        if (vfy_names_have((const char *)live.ptr, bf_view(names, len))) {
            (void)snprintf(out, size, "%.*s", (int)len, names);
        }
        names += len;
    }
    bf_buf_clear(&live);
    return err;
}

static enum bf_err undo(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                        struct bf_diag *diag)
{
    static const char absent[] = "absent ";
    const char *names = step->before != NULL ? step->before : "";
    char there[VFY_MAX_SECRET_NAME] = "";
    struct bf_diag said = {0};
    bool unknown = false;
    enum bf_err err;
    unsigned tries;

    if (strncmp(names, absent, sizeof(absent) - 1) != 0) {
        return bf_fail(diag, BF_READ_BACK,
                       "the journal does not say what was there before");
    }
    names += sizeof(absent) - 1;
    err = still_there(run, names, there, sizeof(there), diag);
    for (tries = 0; err == BF_OK && there[0] != '\0' && tries < WRITE_TRIES; tries++) {
        err = vfy_cloud_unset(&run->cloud, names, &unknown, &said);
        if (err == BF_OK || unknown) {
            err = still_there(run, names, there, sizeof(there), diag);
        } else {
            *diag = said;
        }
    }
    run->unknown = run->unknown || (unknown && there[0] != '\0');
    if (err == BF_OK && there[0] != '\0') {
        err = bf_fail(diag, BF_READ_BACK, "%s stays in the keystore of deployment %s%s%s",
                      there, run->cloud.deployment, said.where[0] != '\0' ? ": " : "",
                      said.where);
    }
    if (err == BF_OK) {
        bf_put_fmt(after, "absent again: %s", names);
    }
    return err;
}

const struct vfy_step_kind vfy_step_cloud = {
    .name = "keystore.cloud",
    .undoable = VFY_UNDO_YES,
    .in_prove = true,
    .stands = "the keys written over in the deployment's keystore STAND, for the old "
              "values never come back",
    .wanted = wanted,
    .observe = observe,
    .show = show,
    .act = act,
    .undo = undo,
};

/* ---- keystore.wait ---- */

static bool wait_wanted(const struct vfy_run *run)
{
    return wanted(run) && run->mode == VFY_APPLY &&
           strcmp(run->job->plan.restart.mode, "always") != 0;
}

/* What a node says of a client whose keys it does not have, or has by half. */
static bool is_about_keys(const char *id)
{
    static const char *const ids[] = {"client_unknown", "client_no_keys",
                                      "client_no_secret", "client_no_access"};
    size_t i;

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (strcmp(id, ids[i]) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * Are the keys at the nodes? Where the reload tells names, by these; else _verify of the
 * repository says whether a node has none for the client. Everything else is for the step
 * verify to judge.
 */
static enum bf_err look(struct vfy_run *run, char *why, size_t size, struct bf_diag *diag)
{
    struct vfy_cluster_answer a;
    struct bf_buf chain = bf_buf(64 * 1024);
    struct vfy_diagnosis d;
    enum bf_err err;

    why[0] = '\0';
    if (run->names_told) {
        (void)snprintf(why, size, "%s", run->lacking);
        return BF_OK;
    }
    err = vfy_cluster_verify(&run->cluster, run->job->plan.repository, &a, diag);
    if (err == BF_OK) {
        vfy_cluster_chain(&chain, vfy_at_get(vfy_at_root(&a.json), "error"));
        if (chain.len > 0 && bf_buf_text(&chain) != NULL) {
            vfy_diagnose(&d, (const char *)chain.ptr, run->client,
                         run->job->plan.bucket.name);
            if (is_about_keys(d.id)) {
                (void)snprintf(why, size, "a node has no keys for client %.64s yet",
                               run->client);
            }
        }
        vfy_cluster_answer_clear(&a);
    }
    bf_buf_clear(&chain);
    return err;
}

static enum bf_err act_wait(struct vfy_run *run, struct vfy_step *step,
                            struct bf_buf *after, struct bf_diag *diag)
{
    const unsigned most =
        run->cloud.wait < REACH_SECONDS ? run->cloud.wait : REACH_SECONDS;
    unsigned waited = 0, next = 2;
    struct bf_buf told = bf_buf(40 * 1024);
    char why[320], first[430];
    enum bf_err err;

    (void)step;
    while ((err = look(run, why, sizeof(why), diag)) == BF_OK && why[0] != '\0' &&
           waited < most) {
        vfy_say(run->ch, "%s, waiting %u s", why, next);
        (void)sleep(next);
        waited += next;
        next = next < 10 ? next + 2 : 10;
        bf_buf_clear(&told);
        told = bf_buf(40 * 1024);
        err = vfy_run_reload(run, "", &told, first, sizeof(first), diag);
        if (err != BF_OK) {
            break;
        }
    }
    bf_buf_clear(&told);
    if (err == BF_OK) {
        run->unreached = why[0] != '\0';
        if (!run->names_told) {
            vfy_fact(run->ch, "not_tried", "",
                     "keystore.wait: this version does not tell the names in the nodes' "
                     "keystores");
        }
        bf_put_fmt(after, "%s, after %u s",
                   run->unreached ? why : "the nodes have the keys", waited);
    }
    return err;
}

const struct vfy_step_kind vfy_step_wait = {
    .name = "keystore.wait",
    .writes = true,
    .wanted = wait_wanted,
    .act = act_wait,
};
