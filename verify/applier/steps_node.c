/* SPDX-License-Identifier: Apache-2.0 */
/* The keystores: a copy on each node first, then the keys into each, and the copies away
 * when all is proven. */
#include <stdio.h>
#include <string.h>

#include "keystore.h"
#include "remove.h"

enum { MAX_NAMES_TEXT = 16 * 1024 };

enum bf_err vfy_node_names(struct vfy_run *run, const struct vfy_step *step,
                           struct bf_buf *names, struct bf_diag *diag)
{
    enum bf_err err = vfy_keystore_list(step->node, run->job->run_id, names, diag);

    if (err == BF_OK && bf_buf_text(names) == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "names");
    }
    if (err == BF_OK) {
        vfy_fact(run->ch, "node_names", step->node->name, (const char *)names->ptr);
    }
    return err;
}

/* ---- keystore.copy ---- */

static enum bf_err observe_copy(struct vfy_run *run, struct vfy_step *step,
                                struct vfy_seen *seen, struct bf_diag *diag)
{
    (void)run;
    (void)step;
    (void)diag;
    bf_put_text(&seen->before, "none");
    return BF_OK;
}

static enum bf_err act_copy(struct vfy_run *run, struct vfy_step *step,
                            struct bf_buf *after, struct bf_diag *diag)
{
    struct vfy_step *keystore = vfy_run_step(run, &vfy_step_keystore, step->node_index);
    struct vfy_keystore_sum sum;
    enum bf_err err;

    if ((err = vfy_keystore_copy(step->node, run->job->run_id, &sum, diag)) != BF_OK) {
        return err;
    }
    /* when an earlier part of this run has written the keys already, the copy is older
     * than the keystore by right */
    if (strcmp(sum.copy, sum.keystore) != 0 && !keystore->need_undo) {
        return bf_fail(diag, BF_READ_BACK,
                       "%s: the copy of the keystore is not the keystore",
                       step->node->name);
    }
    keystore->found = bf_arena_text(&run->arena, bf_text(sum.copy));
    if (keystore->found == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "%s", step->name);
    }
    bf_put_text(after, sum.copy);
    return BF_OK;
}

static enum bf_err drop_copy(struct vfy_run *run, struct vfy_step *step,
                             struct bf_buf *after, struct bf_diag *diag)
{
    struct vfy_keystore_sum sum;
    enum bf_err err;

    if ((err = vfy_keystore_drop(step->node, run->job->run_id, &sum, diag)) != BF_OK) {
        return err;
    }
    if (strcmp(sum.copy, "none") != 0) {
        return bf_fail(diag, BF_READ_BACK, "%s: the copy of the keystore is still there",
                       step->node->name);
    }
    bf_put_text(after, "none");
    return BF_OK;
}

/* The copy stays as long as it is the only way back. */
static enum bf_err undo_copy(struct vfy_run *run, struct vfy_step *step,
                             struct bf_buf *after, struct bf_diag *diag)
{
    const struct vfy_step *keystore =
        vfy_run_step(run, &vfy_step_keystore, step->node_index);

    if (keystore->need_undo) {
        return bf_fail(diag, BF_NODE_TOOL,
                       "%s: the copy of its keystore stays, it is still needed",
                       step->node->name);
    }
    return drop_copy(run, step, after, diag);
}

static void copy_at_once(struct vfy_run *run)
{
    vfy_keystore_ahead(&run->job->nodes, "copy", run->job->run_id, NULL);
}

const struct vfy_step_kind vfy_step_copy = {
    .name = "keystore.copy",
    .per_node = true,
    .at_once = copy_at_once,
    .undoable = VFY_UNDO_YES,
    .wanted = vfy_run_changes_keys,
    .observe = observe_copy,
    .act = act_copy,
    .undo = undo_copy,
};

/* ---- keystore ---- */

/* Are the names as the bundle wants them, there or gone? */
static void compare(const struct vfy_run *run, const struct vfy_step *step,
                    const char *names, struct vfy_seen *seen)
{
    const struct bf_bytes missing = vfy_run_missing(run, names);
    const char *left = vfy_remove_first(run, names);

    seen->same = missing.len == 0 && left == NULL;
    if (left != NULL) {
        (void)snprintf(seen->drift, sizeof(seen->drift),
                       "the keystore of %s has %s again", step->node->name, left);
    } else {
        (void)snprintf(seen->drift, sizeof(seen->drift), "the keystore of %s has no %.*s",
                       step->node->name, (int)missing.len,
                       missing.ptr != NULL ? (const char *)missing.ptr : "");
    }
}

static enum bf_err observe_keystore(struct vfy_run *run, struct vfy_step *step,
                                    struct vfy_seen *seen, struct bf_diag *diag)
{
    struct bf_buf names = bf_buf(MAX_NAMES_TEXT);
    enum bf_err err = BF_OK;

    if (run->mode == VFY_PROVE) {
        err = vfy_node_names(run, step, &names, diag);
        compare(run, step, err == BF_OK ? (const char *)names.ptr : "", seen);
        seen->same = seen->same && err == BF_OK;
    } else if (run->mode == VFY_APPLY) {
        /* the copy, made just before, holds what was there first, also when this is the
         * second try */
        bf_put_text(&seen->before, step->found != NULL ? step->found : "");
    }
    bf_buf_clear(&names);
    return err;
}

static enum bf_err show_keystore(struct vfy_run *run, struct vfy_step *step,
                                 struct vfy_seen *seen, struct bf_diag *diag)
{
    struct bf_buf names = bf_buf(MAX_NAMES_TEXT);
    enum bf_err err = vfy_node_names(run, step, &names, diag);
    char text[300];
    size_t i;

    (void)seen;
    if (err == BF_OK) {
        vfy_remove_show(run, step, (const char *)names.ptr);
    }
    for (i = 0; err == BF_OK && i < run->secrets->num; i++) {
        const struct bf_bytes name = run->secrets->items[i].name;
        const bool there = vfy_names_have((const char *)names.ptr, name);

        if (vfy_keystore_wants(name)) {
            (void)snprintf(text, sizeof(text), "%s: %.*s%s", step->node->name,
                           (int)name.len, (const char *)name.ptr,
                           there ? " is there; its value is written anew" : "");
            vfy_diff(run->ch, step->name, there ? "~" : "+", text);
        }
    }
    bf_buf_clear(&names);
    return err;
}

static enum bf_err act_keystore(struct vfy_run *run, struct vfy_step *step,
                                struct bf_buf *after, struct bf_diag *diag)
{
    struct bf_buf names = bf_buf(MAX_NAMES_TEXT);
    struct vfy_keystore_sum sum;
    struct bf_bytes missing;
    enum bf_err err;

    if (run->removes) {
        err = vfy_node_names(run, step, &names, diag);
        if (err == BF_OK) {
            err = vfy_remove_names(run, step, (const char *)names.ptr, after, diag);
        }
        goto out;
    }
    if ((err = vfy_keystore_add(step->node, run->job->run_id, run->secrets, &sum,
                                diag)) != BF_OK ||
        (err = vfy_node_names(run, step, &names, diag)) != BF_OK) {
        goto out;
    }
    missing = vfy_run_missing(run, (const char *)names.ptr);
    if (missing.len > 0) {
        err = bf_fail(diag, BF_NODE_NAMES, "%s: after writing, its keystore has no %.*s",
                      step->node->name, (int)missing.len, (const char *)missing.ptr);
        goto out;
    }
    vfy_fact(run->ch, "node_digest", step->node->name, sum.keystore);
    bf_put_text(after, sum.keystore);
out:
    bf_buf_clear(&names);
    return err;
}

static enum bf_err undo_keystore(struct vfy_run *run, struct vfy_step *step,
                                 struct bf_buf *after, struct bf_diag *diag)
{
    const struct vfy_node *node = step->node;
    struct vfy_keystore_sum sum;
    enum bf_err err;

    if ((err = vfy_keystore_sum(node, run->job->run_id, &sum, diag)) != BF_OK) {
        return err;
    }
    if (strcmp(sum.keystore, step->before) != 0 &&
        (err = vfy_keystore_restore(node, run->job->run_id, &sum, diag)) != BF_OK) {
        return err;
    }
    if (strcmp(sum.keystore, step->before) != 0) {
        return bf_fail(diag, BF_READ_BACK, "%s: the keystore is not what it was before",
                       node->name);
    }
    vfy_fact(run->ch, "node_digest", node->name, sum.keystore);
    bf_put_fmt(after, "as before: %s", sum.keystore);
    return BF_OK;
}

static void list_ahead(struct vfy_run *run)
{
    vfy_keystore_ahead(&run->job->nodes, "list", run->job->run_id, NULL);
}

static void add_at_once(struct vfy_run *run)
{
    vfy_say(run->ch, "writing the keys into the keystores of %zu nodes",
            run->job->nodes.num);
    vfy_keystore_ahead(&run->job->nodes, "add", run->job->run_id, run->secrets);
    list_ahead(run);
}

const struct vfy_step_kind vfy_step_keystore = {
    .name = "keystore",
    .per_node = true,
    .ahead = list_ahead,
    .at_once = add_at_once,
    .undoable = VFY_UNDO_YES,
    .in_prove = true,
    .wanted = vfy_run_changes_keys,
    .observe = observe_keystore,
    .show = show_keystore,
    .act = act_keystore,
    .undo = undo_keystore,
};

/* ---- keystore.drop ---- */

static void drop_at_once(struct vfy_run *run)
{
    vfy_keystore_ahead(&run->job->nodes, "drop", run->job->run_id, NULL);
}

const struct vfy_step_kind vfy_step_drop = {
    .name = "keystore.drop",
    .per_node = true,
    .at_once = drop_at_once,
    .undoable = VFY_UNDO_NO,
    .wanted = vfy_run_changes_keys,
    .act = drop_copy,
};
