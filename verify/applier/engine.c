/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keystore.h"
#include "rotate.h"
#include "survey.h"

enum { MAX_AFTER = 40 * 1024 }; /* 256 nodes: "NAME=failed" each */

/* ---- the record ---- */

static enum bf_err begin(struct vfy_run *run, const struct vfy_step *step,
                         const char *undo, const char *before, struct bf_diag *diag)
{
    return vfy_channel_send(
        run->ch,
        &(struct vfy_event){
            .kind = "begin", .step = step->name, .undo = undo, .before = before},
        diag);
}

static enum bf_err end(struct vfy_run *run, const struct vfy_step *step,
                       const char *result, const char *after, struct bf_diag *diag)
{
    return vfy_channel_send(
        run->ch,
        &(struct vfy_event){
            .kind = "end", .step = step->name, .result = result, .after = after},
        diag);
}

static const char *undo_word(const struct vfy_step *step, const struct vfy_seen *seen)
{
    switch (step->kind->undoable) {
    case VFY_UNDO_YES:
        return seen->lasting ? "no" : step->need_undo || !seen->same ? "yes" : "none";
    case VFY_UNDO_NO:
        return "no";
    case VFY_UNDO_NONE:
        break;
    }
    return "none";
}

/* The begin of a step, on the parent's disk when this returns. From here on the step
 * counts as begun. */
static enum bf_err begin_seen(struct vfy_run *run, struct vfy_step *step,
                              struct vfy_seen *seen, struct bf_diag *diag)
{
    const char *undo = undo_word(step, seen);
    const char *text =
        seen->tell_before && seen->before.len > 0 ? bf_buf_text(&seen->before) : "";

    if (text == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "%s", step->name);
    }

    if (strcmp(undo, "yes") == 0 && !step->need_undo) {
        step->before = bf_arena_text(&run->arena, bf_buf_bytes(&seen->before));
        if (step->before == NULL || seen->before.bad) {
            return bf_fail(diag, BF_NO_MEMORY, "%s", step->name);
        }
    }
    step->need_undo = step->need_undo || strcmp(undo, "yes") == 0;
    return begin(run, step, undo, step->need_undo ? step->before : text, diag);
}

/* ---- one step forward ---- */

/* After its begin: acts, and writes the end. */
static enum bf_err act(struct vfy_run *run, struct vfy_step *step,
                       const struct vfy_seen *seen, struct bf_diag *diag)
{
    struct bf_buf after = bf_buf(MAX_AFTER);
    const bool acting = step->kind->act != NULL &&
                        (!seen->same || step->kind->always_acts) &&
                        (run->mode == VFY_APPLY || step->kind->acts_in_prove);
    struct bf_diag record = {0};
    enum bf_err err = BF_OK, sent;

    if (acting) {
        step->wrote = step->kind->writes || seen->lasting;
        err = step->kind->act(run, step, &after, diag);
        step->stands = step->stands || (seen->lasting && (err == BF_OK || run->unknown));
    }
    sent =
        end(run, step,
            err == BF_OK
                ? (seen->same && step->kind->undoable == VFY_UNDO_YES ? "same" : "ok")
            : run->unknown ? "unknown"
                           : "failed",
            err != BF_OK && after.len == 0 ? diag->where : bf_buf_text(&after), &record);
    bf_buf_clear(&after);
    if (err == BF_OK && sent != BF_OK) {
        return bf_fail(diag, sent, "%s", record.where);
    }
    return err;
}

/* Finding out failed before anything was done: on the record as such, for the receipt. */
static enum bf_err record_refusal(struct vfy_run *run, struct vfy_step *step,
                                  enum bf_err err, const struct bf_diag *diag)
{
    struct bf_diag ignored = {0};

    if (run->mode != VFY_PLAN && begin(run, step, "none", "", &ignored) == BF_OK) {
        (void)!end(run, step, "failed", diag->where, &ignored);
    }
    return err;
}

static enum bf_err take_step(struct vfy_run *run, struct vfy_step *step,
                             struct bf_diag *diag)
{
    const struct vfy_step_kind *kind = step->kind;
    struct vfy_seen seen = {.before = bf_buf(VFY_MAX_BEFORE)};
    enum bf_err err = BF_OK;

    if (kind->observe != NULL) {
        err = kind->observe(run, step, &seen, diag);
    }
    if (err == BF_OK && run->mode == VFY_PROVE && kind->observe != NULL && !seen.same) {
        err = bf_fail(diag, BF_LIVE_DRIFT, "%s", seen.drift); /* [BF-854] */
    }
    if (err != BF_OK) {
        err = record_refusal(run, step, err, diag);
    } else if (run->mode == VFY_PLAN) {
        err = kind->show != NULL && bf_buf_text(&seen.before) != NULL
                  ? kind->show(run, step, &seen, diag)
                  : BF_OK;
    } else {
        err = begin_seen(run, step, &seen, diag);
        err = err == BF_OK ? act(run, step, &seen, diag) : err;
    }
    if (err != BF_OK && run->node[0] == '\0' && step->node != NULL) {
        vfy_run_blame(run, step->node->name);
    }
    bf_buf_clear(&seen.before);
    return err;
}

/* Do the nodes get this step's writes at once? What is taken away depends on what each of
 * them has, so that goes from node to node. */
static bool is_at_once(const struct vfy_run *run, const struct vfy_step_kind *kind)
{
    return run->mode == VFY_APPLY && kind->at_once != NULL && run->job->nodes.num > 1 &&
           !(kind == &vfy_step_keystore && run->removes);
}

/*
 * The steps of one kind, one for each node, at once: all begins are on the record before
 * any node is asked to write; then each step looks at what its node has answered. Every
 * one of them gets its end, whatever the others did; the first failure is the one told.
 */
static enum bf_err take_nodes(struct vfy_run *run, struct vfy_step *steps, size_t num,
                              struct bf_diag *diag)
{
    const struct vfy_step_kind *kind = steps[0].kind;
    struct vfy_seen *seen = calloc(num, sizeof(*seen));
    enum bf_err err =
        seen != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "%s", kind->name);
    size_t i, begun;

    for (begun = 0; begun < num && err == BF_OK; begun++) {
        seen[begun].before = bf_buf(VFY_MAX_BEFORE);
        if (kind->observe != NULL) {
            err = kind->observe(run, &steps[begun], &seen[begun], diag);
        }
        err = err == BF_OK ? begin_seen(run, &steps[begun], &seen[begun], diag)
                           : record_refusal(run, &steps[begun], err, diag);
    }
    if (err == BF_OK) {
        kind->at_once(run);
        for (i = 0; i < num; i++) {
            struct bf_diag own = {0};
            enum bf_err one = act(run, &steps[i], &seen[i], &own);

            if (one != BF_OK && err == BF_OK) {
                *diag = own;
                err = one;
                vfy_run_blame(run, steps[i].node->name);
            }
        }
    }
    for (i = 0; i < begun; i++) {
        bf_buf_clear(&seen[i].before);
    }
    free(seen);
    return err;
}

/* An earlier part of this run has proven the change already: then only the copies are
 * left to drop. */
static bool is_proven(struct vfy_run *run)
{
    const struct vfy_step *verify = vfy_run_step(run, &vfy_step_verify, 0);

    return run->mode == VFY_APPLY && verify != NULL && verify->done;
}

/* Proving goes on after a difference, so that all of them are told. */
static enum bf_err note_drift(char drift[sizeof(((struct bf_diag *)NULL)->where)],
                              const struct bf_diag *diag)
{
    const size_t len = strlen(drift), room = sizeof(diag->where) - len - 1;

    (void)snprintf(drift + len, room + 1, "%s%.*s", len > 0 ? "; " : "",
                   (int)(room > 2 ? room - 2 : 0), diag->where);
    return BF_OK;
}

static enum bf_err take_each(struct vfy_run *run, struct vfy_step *steps, size_t num,
                             char drift[sizeof(((struct bf_diag *)NULL)->where)],
                             struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; i < num && err == BF_OK; i++) {
        err = take_step(run, &steps[i], diag);
        if (err == BF_LIVE_DRIFT && run->mode == VFY_PROVE) {
            err = note_drift(drift, diag);
        }
    }
    return err;
}

static enum bf_err forward(struct vfy_run *run, bool *dropping, struct bf_diag *diag)
{
    const bool proven = is_proven(run);
    char drift[sizeof(diag->where)] = "";
    enum bf_err err = BF_OK;
    size_t i, num;

    for (i = 0; i < run->num_steps && err == BF_OK; i += num) {
        struct vfy_step *step = &run->steps[i];
        const struct vfy_step_kind *kind = step->kind;

        num = kind->per_node ? run->job->nodes.num : 1;
        if ((proven && kind != &vfy_step_live && kind != &vfy_step_drop) ||
            (run->mode == VFY_PROVE && !kind->in_prove) ||
            (drift[0] != '\0' && kind == &vfy_step_verify) ||
            (kind->wanted != NULL && !kind->wanted(run))) {
            continue;
        }
        *dropping = *dropping || (run->mode == VFY_APPLY && kind == &vfy_step_drop);
        if (kind->ahead != NULL && run->mode != VFY_APPLY) {
            kind->ahead(run);
        }
        err = is_at_once(run, kind) ? take_nodes(run, step, num, diag)
                                    : take_each(run, step, num, drift, diag);
        vfy_keystore_forget(&run->job->nodes);
    }
    return err == BF_OK && drift[0] != '\0' ? bf_fail(diag, BF_LIVE_DRIFT, "%s", drift)
                                            : err;
}

/* ---- back ---- */

static bool undo_step(struct vfy_run *run, struct vfy_step *step, struct bf_diag *first)
{
    struct bf_buf after = bf_buf(MAX_AFTER);
    struct bf_diag diag = {0}, ignored = {0};
    enum bf_err err = step->kind->undo(run, step, &after, &diag);

    if (err == BF_OK) {
        step->need_undo = false;
        run->old_keys_back = run->old_keys_back || step->kind == &vfy_step_reload;
        err = end(run, step, "undone", bf_buf_text(&after), &diag);
    } else {
        vfy_say(run->ch, "not undone: %s: %s", step->name, diag.where);
        (void)!end(run, step, "failed", diag.where, &ignored);
    }
    if (err != BF_OK && first->err == BF_OK) {
        *first = diag;
        bf_diag_in(first, "undoing %s", step->name);
    }
    bf_buf_clear(&after);
    return err == BF_OK;
}

/* All that was begun, as far as it goes: a failure does not keep the rest from being
 * undone. */
static bool undo_all(struct vfy_run *run, struct bf_diag *first)
{
    size_t kinds, i, k;
    const struct vfy_step_kind *const *order = vfy_run_undo_order(run, &kinds);
    bool all = true;

    for (i = 0; i < kinds; i++) {
        for (k = run->num_steps; k > 0 && !run->ch->lost; k--) {
            struct vfy_step *step = &run->steps[k - 1];

            if (step->kind == order[i] && step->need_undo) {
                all = undo_step(run, step, first) && all;
            }
        }
    }
    return all && !run->ch->lost;
}

static bool has_begun(const struct vfy_run *run)
{
    bool begun = run->job->records.num > 0;
    size_t i;

    for (i = 0; i < run->num_steps; i++) {
        begun = begun || run->steps[i].need_undo || run->steps[i].wrote;
    }
    return begun;
}

/* ---- the whole ---- */

/* What this run did and nothing can take back: said first, whatever went wrong later. */
static bool tell_standing(const struct vfy_run *run, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < run->num_steps; i++) {
        if (run->steps[i].stands && run->steps[i].kind->stands != NULL) {
            bf_diag_in(diag, "%s", run->steps[i].kind->stands);
            return true;
        }
    }
    return false;
}

static void tell_problem(struct vfy_channel *ch, const struct bf_diag *diag,
                         const char *node)
{
    struct bf_diag ignored = {0};

    (void)!vfy_channel_send(ch,
                            &(struct vfy_event){.kind = "problem",
                                                .id = bf_err_id(diag->err),
                                                .text = diag->where,
                                                .node = node},
                            &ignored);
}

/* What an error means when nothing was begun; with a journal from before it is not for us
 * to say. */
static const char *result_of(enum bf_err err, bool resuming)
{
    return resuming                              ? "uncertain"
           : bf_err_exit(err) == BF_EXIT_REFUSED ? "refused"
                                                 : "failed";
}

static enum bf_err send_finish(struct vfy_channel *ch, const char *result,
                               struct bf_diag *diag)
{
    return vfy_channel_send(ch, &(struct vfy_event){.kind = "finish", .result = result},
                            diag);
}

enum bf_err vfy_run_refuse(struct vfy_channel *ch, bool resuming, struct bf_diag *diag)
{
    tell_problem(ch, diag, "");
    return send_finish(ch, result_of(diag->err, resuming), diag);
}

static const char *run_forward(struct vfy_run *run)
{
    struct bf_diag diag = {0}, undoing = {0};
    bool dropping = false;
    enum bf_err err = forward(run, &dropping, &diag);
    bool undone, stands;

    if (err == BF_OK) {
        vfy_rotate_told(run);
        return run->mode == VFY_PLAN    ? "planned"
               : run->mode == VFY_PROVE ? "proved"
                                        : "applied";
    }
    diag.err = err;
    if (dropping) {
        /* applied and proven, but a copy of an old keystore is left at a node: running
         * again drops it */
        diag.err = BF_APPLY_UNCERTAIN;
        tell_problem(run->ch, &diag, run->node);
        return "uncertain";
    }
    stands = tell_standing(run, &diag);
    tell_problem(run->ch, &diag, run->node);
    if (run->mode != VFY_APPLY || !has_begun(run)) {
        return result_of(err, false);
    }
    if (run->hold) {
        return "uncertain";
    }
    vfy_say(run->ch, "undoing what was done");
    undone = undo_all(run, &undoing);
    vfy_rotate_undone(run);
    return undone && !run->unknown && !stands ? "undone" : "uncertain";
}

/* From the first dropped copy on there is no way back; half of one would be worse than
 * none. */
static bool is_dropping(const struct vfy_run *run)
{
    size_t i;

    for (i = 0; i < run->num_steps; i++) {
        if (run->steps[i].kind == &vfy_step_drop && run->steps[i].begun) {
            return true;
        }
    }
    return false;
}

static const char *run_undo(struct vfy_run *run)
{
    struct bf_diag first = {0}, ignored = {0};
    bool undone;

    if (is_dropping(run)) {
        (void)bf_fail(&first, BF_APPLY_UNCERTAIN,
                      "the change is applied and proven, copies of keystores are being "
                      "dropped: it can only be finished");
        tell_problem(run->ch, &first, run->node);
        return "uncertain";
    }

    /* for the receipt alone: each write asks again which cluster it is */
    if (vfy_cluster_identity(&run->cluster, &run->live, &ignored) == BF_OK) {
        vfy_fact(run->ch, "cluster_uuid", "", run->live.uuid);
        vfy_fact(run->ch, "cluster_name", "", run->live.name);
        vfy_fact(run->ch, "version", "", run->live.version);
    }
    if (run->is_cloud && vfy_run_expect(run, &first) != BF_OK) {
        tell_problem(run->ch, &first, run->node);
        return "uncertain";
    }
    undone = undo_all(run, &first);
    vfy_preflight_clean(run);
    vfy_rotate_undone(run);
    if (undone && !run->unknown && !tell_standing(run, &first)) {
        return "undone";
    }
    if (first.err == BF_OK) {
        (void)bf_fail(&first, BF_APPLY_UNCERTAIN, "%s",
                      run->unknown ? "a write was sent and not answered"
                                   : "all else is as before");
        (void)tell_standing(run, &first);
    }
    tell_problem(run->ch, &first, run->node);
    return "uncertain";
}

enum bf_err vfy_run_job(struct vfy_channel *ch, const struct vfy_job *job,
                        const struct vfy_secrets *secrets, struct bf_diag *diag)
{
    struct vfy_run *run = calloc(1, sizeof(*run));
    struct bf_diag trouble = {0};
    const char *result;
    enum bf_err err;

    if (run == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "run");
    }
    run->job = job;
    run->ch = ch;
    run->secrets = secrets;
    vfy_run_init(run);
    ch->secrets = secrets;
    if (run->mode == VFY_DISCOVER) {
        err = vfy_discover(run, &trouble);
        result = "planned";
    } else {
        err = vfy_run_open(run, &trouble);
        if (err == BF_OK && run->probing) {
            err = vfy_probe(run, &trouble);
        }
        result = err != BF_OK            ? ""
                 : run->probing          ? "proved"
                 : run->mode == VFY_UNDO ? run_undo(run)
                                         : run_forward(run);
    }
    if (err != BF_OK) {
        trouble.err = err;
        tell_problem(ch, &trouble, run->node);
        result = result_of(err, job->records.num > 0);
    }
    err = send_finish(ch, result, diag);
    vfy_run_close(run);
    free(run);
    return err;
}
