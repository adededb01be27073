/* SPDX-License-Identifier: Apache-2.0 */
#include "remove.h"

#include <stdio.h>
#include <string.h>

#include "keystore.h"

enum { MAX_NAMES_TEXT = 16 * 1024 };

static const char *name_at(const struct vfy_run *run, size_t i)
{
    return bf_list_text(&run->job->removed, i);
}

/* ---- before anything is written ---- */

/* Does a name of that client go? */
static bool loses_keys(const struct vfy_run *run, const char *client)
{
    char name[VFY_MAX_SECRET_NAME];

    (void)snprintf(name, sizeof(name), "s3.client.%.64s.access_key",
                   client[0] != '\0' ? client : "default");
    return bf_list_has(&run->job->removed, name);
}

enum bf_err vfy_remove_check(struct vfy_run *run, struct bf_diag *diag)
{
    struct vfy_cluster_answer a = {0};
    struct vfy_at all;
    enum bf_err err;
    size_t i;

    if (!run->removes || run->mode == VFY_PROVE) {
        return BF_OK;
    }
    err = vfy_cluster_repository(&run->cluster, NULL, &a, &all, diag);
    for (i = 0; err == BF_OK && i < vfy_at_count(all); i++) {
        const struct vfy_at one = vfy_at_child(all, i);
        const char *client = vfy_at_text(vfy_at_path(one, "settings.client"));

        if (strcmp(vfy_at_key(one), run->job->plan.repository) != 0 &&
            strcmp(vfy_at_text(vfy_at_get(one, "type")), "s3") == 0 &&
            loses_keys(run, client)) { /* [BF-855] */
            err = bf_fail(diag, BF_LIVE_BUSY, "repository %.128s uses the same client %s",
                          vfy_at_key(one), client[0] != '\0' ? client : "default");
        }
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

/* ---- the registration ---- */

static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    char text[300];

    (void)step;
    (void)diag;
    (void)snprintf(text, sizeof(text), "repository %s%s", run->job->plan.repository,
                   seen->same ? " is not registered" : "");
    vfy_diff(run->ch, "unregister", seen->same ? "=" : "-", text);
    return BF_OK;
}

static enum bf_err absent(struct vfy_run *run, struct bf_diag *diag)
{
    struct vfy_cluster_answer a = {0};
    struct vfy_at live;
    enum bf_err err =
        vfy_cluster_repository(&run->cluster, run->job->plan.repository, &a, &live, diag);

    if (err == BF_OK && vfy_at_is(live)) {
        err = bf_fail(diag, BF_READ_BACK, "repository %s is still registered",
                      run->job->plan.repository);
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    const char *name = run->job->plan.repository;
    bool unknown = false;
    enum bf_err err;

    (void)step;
    vfy_say(run->ch, "taking the registration of repository %s away", name);
    err = vfy_cluster_unregister(&run->cluster, name, &unknown, diag);
    run->unknown = run->unknown || unknown;
    if (err == BF_APPLY_WRITE && strstr(diag->where, "currently used") != NULL) {
        err =
            bf_fail(diag, BF_LIVE_BUSY, /* [BF-855] */
                    "the cluster uses repository %s: a snapshot, a restore or a mounted "
                    "index",
                    name);
    }
    if (err == BF_OK) {
        err = absent(run, diag);
    }
    if (err == BF_OK) {
        bf_put_text(after, "absent");
    }
    return err;
}

const struct vfy_step_kind vfy_step_unregister = {
    .name = "unregister",
    .undoable = VFY_UNDO_YES,
    .in_prove = true,
    .observe = vfy_repository_observe,
    .show = show,
    .act = act,
    .undo = vfy_repository_undo,
};

/* ---- the names on one node ---- */

const char *vfy_remove_first(const struct vfy_run *run, const char *names)
{
    size_t i;

    for (i = 0; i < run->job->removed.num; i++) {
        if (vfy_names_have(names, bf_text(name_at(run, i)))) {
            return name_at(run, i);
        }
    }
    return NULL;
}

void vfy_remove_show(struct vfy_run *run, const struct vfy_step *step, const char *names)
{
    char text[300];
    size_t i;

    for (i = 0; i < run->job->removed.num; i++) {
        const bool there = vfy_names_have(names, bf_text(name_at(run, i)));

        (void)snprintf(text, sizeof(text), "%s: %s%s", step->node->name, name_at(run, i),
                       there ? "" : " is not there");
        vfy_diff(run->ch, step->name, there ? "-" : "=", text);
    }
}

/* Every name that was there and is not to go is still there, and none that is to go. */
static enum bf_err check_left(struct vfy_run *run, const struct vfy_step *step,
                              const char *names, struct bf_diag *diag)
{
    struct bf_buf now = bf_buf(MAX_NAMES_TEXT);
    enum bf_err err = vfy_node_names(run, step, &now, diag);
    const char *left;
    size_t len;

    if (err == BF_OK && (left = vfy_remove_first(run, (const char *)now.ptr)) != NULL) {
        err = bf_fail(diag, BF_NODE_NAMES, "%s: its keystore still has %s",
                      step->node->name, left);
    }
    for (; err == BF_OK && *names != '\0'; names += names[len] == ' ' ? len + 1 : len) {
        char name[300];

        len = strcspn(names, " ");
        (void)snprintf(name, sizeof(name), "%.*s", (int)len, names);
        if (!bf_list_has(&run->job->removed, name) &&
            !vfy_names_have((const char *)now.ptr, bf_text(name))) {
            err = bf_fail(diag, BF_NODE_NAMES, "%s: its keystore has lost %.100s as well",
                          step->node->name, name);
        }
    }
    bf_buf_clear(&now);
    return err;
}

enum bf_err vfy_remove_names(struct vfy_run *run, struct vfy_step *step,
                             const char *names, struct bf_buf *after,
                             struct bf_diag *diag)
{
    const char *rows[VFY_MAX_SECRETS];
    struct bf_list there = {0, rows};
    struct vfy_keystore_sum sum;
    enum bf_err err;
    size_t i;

    for (i = 0; i < run->job->removed.num && i < VFY_MAX_SECRETS; i++) {
        if (vfy_names_have(names, bf_text(name_at(run, i)))) {
            rows[there.num++] = name_at(run, i);
        }
    }
    vfy_say(run->ch, "taking the keys out of the keystore of %s", step->node->name);
    err = there.num > 0
              ? vfy_keystore_remove(step->node, run->job->run_id, &there, &sum, diag)
              : vfy_keystore_sum(step->node, run->job->run_id, &sum, diag);
    if (err == BF_OK) {
        err = check_left(run, step, names, diag);
    }
    if (err == BF_OK) {
        vfy_fact(run->ch, "node_digest", step->node->name, sum.keystore);
        bf_put_text(after, sum.keystore);
    }
    return err;
}

/* ---- the proof ---- */

enum bf_err vfy_remove_proof(struct vfy_run *run, struct vfy_step *step,
                             struct bf_buf *after, struct bf_diag *diag)
{
    enum bf_err err;

    (void)step;
    vfy_say(run->ch, "asking whether repository %s is gone", run->job->plan.repository);
    if ((err = absent(run, diag)) == BF_OK) {
        vfy_fact(run->ch, "not_tried", "",
                 "S3 and IAM: bucket, snapshots, user, key and policy are left alone");
        bf_put_text(after, "absent");
    }
    return err;
}
