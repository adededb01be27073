/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reload of the keystores. The answer is HTTP 200 and "failed: 0" also when nodes failed
 * (lab.md 1), so each node's own entry is read and the nodes are counted against those
 * expected.
 */
#include <stdio.h>
#include <string.h>

#include "diagnose.h"
#include "loaded.h"
#include "run.h"

enum { MAX_CLAUSE = 330, MAX_TOLD = MAX_CLAUSE + 200 };

static bool wanted(const struct vfy_run *run)
{
    return vfy_run_changes_keys(run);
}

static const struct vfy_node *node_at(const struct vfy_run *run, size_t i)
{
    return BF_LIST_ITEM(&run->nodes, const struct vfy_node, i);
}

/* The entry of the node of this name in {"id":{"name":..}}. */
static struct vfy_at entry_of(struct vfy_at nodes, const char *name)
{
    size_t i;

    for (i = 0; i < vfy_at_count(nodes); i++) {
        const struct vfy_at entry = vfy_at_child(nodes, i);

        if (strcmp(vfy_at_text(vfy_at_get(entry, "name")), name) == 0) {
            return entry;
        }
    }
    return (struct vfy_at){NULL};
}

/* What failures[] says, when a node did not answer at all; "" nothing. Returns what to
 * do. */
static const char *failure_text(char *out, size_t size, struct vfy_at root,
                                const char *client)
{
    struct vfy_at f = vfy_at_child(vfy_at_path(root, "_nodes.failures"), 0);
    struct vfy_at cause = vfy_at_get(f, "caused_by");

    out[0] = '\0';
    if (!vfy_at_is(f)) {
        return "";
    }
    f = vfy_at_is(cause) ? cause : f;
    return vfy_diagnose_reload(out, size, vfy_at_text(vfy_at_get(f, "type")),
                               vfy_at_text(vfy_at_get(f, "reason")), client);
}

/* How one node answered: "" well, else a clause that begins with its name. */
static void judge_node(char *out, size_t size, const struct vfy_run *run,
                       struct vfy_at root, const struct vfy_node *node)
{
    const struct vfy_at entry = entry_of(vfy_at_get(root, "nodes"), node->name);
    const struct vfy_at exception = vfy_at_get(entry, "reload_exception");
    char clause[MAX_CLAUSE];
    const char *todo = "";

    out[0] = '\0';
    if (!vfy_at_is(entry)) {
        todo = failure_text(clause, sizeof(clause), root, run->client);
        (void)snprintf(out, size, "%s %s%s%s", node->name,
                       clause[0] != '\0' ? clause : "did not answer the reload",
                       todo[0] != '\0' ? "; " : "", todo);
    } else if (vfy_at_is(exception)) {
        todo = vfy_diagnose_reload(
            clause, sizeof(clause), vfy_at_text(vfy_at_get(exception, "type")),
            vfy_at_text(vfy_at_get(exception, "reason")), run->client);
        (void)snprintf(out, size, "%s %s, so it goes on with its old keys%s%s",
                       node->name, clause, todo[0] != '\0' ? "; " : "", todo);
    }
}

static void tell_evidence(struct vfy_run *run, struct vfy_at root)
{
    static const char *const allowed[] = {"_nodes.total",
                                          "_nodes.successful",
                                          "_nodes.failed",
                                          "_nodes.failures.*.type",
                                          "_nodes.failures.*.reason",
                                          "_nodes.failures.*.caused_by.type",
                                          "_nodes.failures.*.caused_by.reason",
                                          "cluster_name",
                                          "nodes.*.name",
                                          "nodes.*.keystore_digest",
                                          "nodes.*.secure_setting_names.*",
                                          "nodes.*.reload_exception.type",
                                          "nodes.*.reload_exception.reason",
                                          "nodes.*.reload_exception.caused_by.type",
                                          "nodes.*.reload_exception.caused_by.reason"};
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);

    vfy_at_evidence(&json, root, allowed, sizeof(allowed) / sizeof(allowed[0]));
    vfy_evidence(run->ch, "reload.json", &json);
    bf_buf_clear(&json);
}

/* Does "node1=ok node2=failed" say that this node went on with its old keys? */
static bool told_failed(const char *told, const char *name)
{
    const size_t len = strlen(name);

    while (*told != '\0') {
        if (strncmp(told, name, len) == 0 && strncmp(told + len, "=failed", 7) == 0) {
            return true;
        }
        told += strcspn(told, " ");
        told += strspn(told, " ");
    }
    return false;
}

/* What newer servers say of a node's keystore: its names. */
static void read_names(struct vfy_run *run, struct vfy_at entry, const char *node)
{
    const struct vfy_at list = vfy_at_get(entry, "secure_setting_names");
    struct bf_buf names = bf_buf(16 * 1024);
    struct bf_bytes missing;
    size_t i;

    for (i = 0; i < vfy_at_count(list); i++) {
        bf_put_fmt(&names, "%s%s", i > 0 ? " " : "", vfy_at_text(vfy_at_child(list, i)));
    }
    if (!vfy_at_is(list) || bf_buf_text(&names) == NULL) {
        run->names_told = false;
    } else {
        vfy_fact(run->ch, "node_names", node, (const char *)names.ptr);
        missing = vfy_run_missing(run, (const char *)names.ptr);
        if (missing.len > 0) {
            (void)snprintf(run->lacking, sizeof(run->lacking),
                           "the keystore of %s has no %.*s yet", node, (int)missing.len,
                           (const char *)missing.ptr);
        }
    }
    bf_buf_clear(&names);
}

enum bf_err vfy_run_reload(struct vfy_run *run, const char *forgiven,
                           struct bf_buf *after, char *first, size_t size,
                           struct bf_diag *diag)
{
    struct vfy_cluster_answer a;
    struct vfy_at root;
    char clause[MAX_TOLD];
    const char *told;
    enum bf_err err;
    size_t i;

    first[0] = '\0';
    run->names_told = run->is_cloud;
    run->lacking[0] = '\0';
    if ((err = vfy_cluster_reload(&run->cluster, &a, diag)) != BF_OK) {
        return err;
    }
    root = vfy_at_root(&a.json);
    tell_evidence(run, root);
    for (i = 0; i < run->nodes.num; i++) {
        const struct vfy_node *node = node_at(run, i);
        bool failed;

        judge_node(clause, sizeof(clause), run, root, node);
        if (run->loaded != NULL && clause[0] == '\0' &&
            vfy_loaded_check(clause, sizeof(clause), run,
                             entry_of(vfy_at_get(root, "nodes"), node->name), node)) {
            ++*run->loaded;
        }
        failed = clause[0] != '\0';
        vfy_fact(run->ch, "node_reload", node->name, failed ? clause : "ok");
        bf_put_fmt(after, "%s%s=%s", i > 0 ? " " : "", node->name,
                   failed ? "failed" : "ok");
        if (failed && first[0] == '\0' && !told_failed(forgiven, node->name)) {
            (void)snprintf(first, size, "%s", clause);
            vfy_run_blame(run, node->name);
        }
        if (run->is_cloud) {
            read_names(run, entry_of(vfy_at_get(root, "nodes"), node->name), node->name);
        }
    }
    /* a node more than expected came in between */
    if (vfy_at_count(vfy_at_get(root, "nodes")) > run->nodes.num && first[0] == '\0') {
        (void)snprintf(first, size, "the reload reached %zu nodes, %zu are expected",
                       vfy_at_count(vfy_at_get(root, "nodes")), run->nodes.num);
    }
    vfy_cluster_answer_clear(&a);
    if ((told = bf_arena_text(&run->arena, bf_buf_bytes(after))) == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "reload");
    }
    run->reload_told = told;
    return BF_OK;
}

/* In the cloud a restart may do what the reload did not. */
static bool may_restart(const struct vfy_run *run)
{
    return run->is_cloud && strcmp(run->job->plan.restart.mode, "never") != 0;
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    char first[MAX_TOLD];
    size_t loaded = 0;
    enum bf_err err;

    (void)step;
    vfy_say(run->ch, "reloading the keystores on %zu nodes", run->nodes.num);
    run->loaded = run->is_cloud ? NULL : &loaded;
    err = vfy_run_reload(run, "", after, first, sizeof(first), diag);
    run->loaded = NULL;
    if (err == BF_OK && !run->is_cloud) {
        vfy_loaded_tell(run, loaded);
    }
    if (err == BF_OK && first[0] != '\0' && may_restart(run)) {
        vfy_say(run->ch, "%.390s: a restart is to mend that", first);
        vfy_run_blame(run, "");
    } else if (err == BF_OK && first[0] != '\0') {
        err = bf_fail(diag, BF_NODE_RELOAD, "%.390s", first);
    }
    return err;
}

/*
 * The keystores are as before by now; the nodes load them again. A node that did not take
 * the new keys has its old ones all the time, so that it cannot reload now either is no
 * harm.
 */
static enum bf_err undo(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                        struct bf_diag *diag)
{
    char first[MAX_TOLD];
    enum bf_err err =
        vfy_run_reload(run, run->reload_told, after, first, sizeof(first), diag);

    (void)step;
    if (err == BF_OK && first[0] != '\0') {
        err = bf_fail(diag, BF_NODE_RELOAD, "%.390s", first);
    }
    return err;
}

static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    (void)step;
    (void)seen;
    (void)diag;
    vfy_diff(run->ch, "reload", "~",
             may_restart(run) ? "every node reloads its keystore"
                              : "every node reloads its keystore; no restart");
    return BF_OK;
}

const struct vfy_step_kind vfy_step_reload = {
    .name = "reload",
    .undoable = VFY_UNDO_YES,
    .wanted = wanted,
    .show = show,
    .act = act,
    .undo = undo,
};
