/* SPDX-License-Identifier: Apache-2.0 */
/* The restart of a deployment's nodes, where the approved plan allows it: sent once,
 * followed to its end, and the nodes counted after it. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

enum {
    POLL_SECONDS = 5,
    BEGIN_SECONDS = 120, /* from the platform's word to the plan's beginning */
    BACK_SECONDS = 300,  /* from the plan's end to a cluster that is whole */
    MAX_TROUBLE = 24,    /* readings of the deployment that fail, one after the other */
    WRITE_TRIES = 3
};

static bool is_mode(const struct vfy_run *run, const char *mode)
{
    return strcmp(run->job->plan.restart.mode, mode) == 0;
}

static bool wanted(const struct vfy_run *run)
{
    return run->is_cloud && !is_mode(run, "never");
}

/* ---- a plan to its end ---- */

struct following {
    const char *before; /* id of the attempt before the plan; "" not known */
    char plan[80];      /* id of the plan, once it was seen */
    char step[100];     /* the one that was shown last */
    struct timespec start;
    unsigned trouble, quiet;
};

/* The id in what the step's begin noted, "" none. */
static const char *plan_of(const char *noted)
{
    return strncmp(noted, "plan ", 5) == 0 ? noted + 5 : "";
}

static unsigned elapsed(const struct timespec *start)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)(now.tv_sec - start->tv_sec);
}

static unsigned at_most(const struct vfy_run *run, unsigned seconds)
{
    return run->cloud.wait < seconds ? run->cloud.wait : seconds;
}

/* The last attempt, also where it failed and so never became the current one. An answer
 * too large to read leaves what the shorter one said. */
static enum bf_err read_end(struct vfy_run *run, struct vfy_deployment *d,
                            struct bf_diag *diag)
{
    struct vfy_deployment full = {0};
    struct bf_diag said = {0};
    enum bf_err err = vfy_cloud_read(&run->cloud, VFY_PLANS_HISTORY, &full, &said);

    if (err == BF_OK) {
        if (strcmp(full.plan, d->plan) == 0) { /* the shorter answer had the log */
            (void)snprintf(full.step, sizeof(full.step), "%s", d->step);
        }
        vfy_deployment_clear(d);
        *d = full;
    } else if (err != BF_NET_ANSWER) {
        return bf_fail(diag, err, "%s", said.where);
    }
    return BF_OK;
}

/* One look. *over: the plan has come to its end, twice in a row. */
static enum bf_err look(struct vfy_run *run, struct following *f,
                        struct vfy_deployment *d, bool *over, struct bf_diag *diag)
{
    enum bf_err err = vfy_cloud_read(&run->cloud, VFY_PLANS_LOG, d, diag);

    if (err == BF_OK && !d->pending) {
        err = read_end(run, d, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    if (d->pending) {
        f->quiet = 0;
        (void)snprintf(f->plan, sizeof(f->plan), "%s", d->plan);
        if (strcmp(f->step, d->step) != 0) {
            vfy_say(run->ch, "plan %s: %s, %u s", d->plan, d->step, elapsed(&f->start));
        }
        (void)snprintf(f->step, sizeof(f->step), "%s", d->step);
    } else if (f->plan[0] != '\0' || strcmp(d->plan, f->before) != 0) {
        f->quiet++;
    }
    *over = f->quiet >= 2;
    return BF_OK;
}

static enum bf_err too_long(struct vfy_run *run, const struct following *f,
                            struct bf_diag *diag)
{
    const unsigned seconds = elapsed(&f->start);

    if (f->plan[0] == '\0' && f->quiet == 0 && seconds >= at_most(run, BEGIN_SECONDS)) {
        return bf_fail(diag, BF_PLAN_FAILED,
                       "deployment %s took the restart and began no plan within %u s",
                       run->cloud.deployment, seconds);
    }
    if (seconds >= run->cloud.wait) {
        run->unknown = run->hold = true;
        return bf_fail(diag, BF_PLAN_RUNNING,
                       "plan %s of deployment %s runs longer than %u s%s%s", f->plan,
                       run->cloud.deployment, run->cloud.wait,
                       f->step[0] != '\0' ? ", at step " : "", f->step);
    }
    return BF_OK;
}

enum bf_err vfy_run_follow(struct vfy_run *run, const char *noted,
                           struct vfy_deployment *d, struct bf_diag *diag)
{
    struct following f = {.before = plan_of(noted)};
    bool over = false;
    enum bf_err err = BF_OK;

    (void)clock_gettime(CLOCK_MONOTONIC, &f.start);
    for (;;) {
        struct bf_diag said = {0};

        err = look(run, &f, d, &over, &said);
        if (err == BF_OK && over) {
            return BF_OK;
        }
        vfy_deployment_clear(d);
        /* the platform may have trouble of its own while it works */
        f.trouble = err == BF_OK ? 0 : f.trouble + 1;
        if (err == BF_NET_AUTH || err == BF_NO_MEMORY || f.trouble > MAX_TROUBLE) {
            run->unknown = run->hold = true;
            return bf_fail(diag, err, "following the restart: %s", said.where);
        }
        if ((err = too_long(run, &f, diag)) != BF_OK) {
            return err;
        }
        (void)sleep(elapsed(&f.start) < POLL_SECONDS ? 1 : POLL_SECONDS);
    }
}

/* ---- the nodes after it ---- */

static bool is_whole(const struct vfy_run *run)
{
    size_t i;

    for (i = 0; i < run->nodes.num && i < run->live.num_nodes; i++) {
        if (strcmp(BF_LIST_ITEM(&run->nodes, const struct vfy_node, i)->name,
                   run->live.nodes[i].name) != 0) {
            return false;
        }
    }
    return run->nodes.num == run->live.num_nodes;
}

/* Every node is back, and each reloads its keystore: what it started with is readable and
 * whole. */
static enum bf_err nodes_back(struct vfy_run *run, struct bf_diag *diag)
{
    struct bf_buf told = bf_buf(40 * 1024);
    struct timespec start;
    char first[430];
    enum bf_err err;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        struct bf_diag said = {0};

        err = vfy_cluster_nodes(&run->cluster, &run->live, false, &said);
        if (err == BF_OK && is_whole(run)) {
            break;
        }
        if (elapsed(&start) >= at_most(run, BACK_SECONDS)) {
            return err != BF_OK ? bf_fail(diag, err, "after the restart: %s", said.where)
                                : bf_fail(diag, BF_VERIFY_NODES,
                                          "after the restart %zu of %zu nodes are back",
                                          run->live.num_nodes, run->nodes.num);
        }
        vfy_say(run->ch, "waiting for the nodes to come back");
        (void)sleep(2);
    }
    if (run->has_keys) {
        err = vfy_run_reload(run, "", &told, first, sizeof(first), diag);
        if (err == BF_OK && first[0] != '\0') {
            err = bf_fail(diag, BF_NODE_RELOAD, "after the restart: %.370s", first);
        }
    }
    bf_buf_clear(&told);
    return err;
}

/* ---- the step ---- */

static bool needed(const struct vfy_run *run)
{
    return is_mode(run, "always") || run->unreached ||
           strstr(run->reload_told, "=failed") != NULL;
}

static enum bf_err observe(struct vfy_run *run, struct vfy_step *step,
                           struct vfy_seen *seen, struct bf_diag *diag)
{
    struct vfy_deployment d = {0};
    enum bf_err err;

    /* done by an earlier part of this run: once is enough */
    seen->same = run->mode == VFY_APPLY && (step->done || (!step->open && !needed(run)));
    if (seen->same || run->mode == VFY_PLAN) {
        return BF_OK;
    }
    seen->tell_before = true;
    if (step->open) {
        bf_put_text(&seen->before, step->noted);
        return BF_OK;
    }
    if ((err = vfy_cloud_read(&run->cloud, VFY_PLANS_BRIEF, &d, diag)) == BF_OK &&
        (err = read_end(run, &d, diag)) == BF_OK) {
        bf_put_fmt(&seen->before, "plan %s", d.plan);
        step->noted = bf_arena_text(&run->arena, bf_buf_bytes(&seen->before));
        if (step->noted == NULL) {
            err = bf_fail(diag, BF_NO_MEMORY, "restart");
        }
    }
    vfy_deployment_clear(&d);
    return err;
}

/* Has the request that was not answered begun a plan all the same? */
static bool has_begun(struct vfy_run *run, const struct vfy_step *step)
{
    struct vfy_deployment d = {0};
    struct bf_diag ignored = {0};
    bool begun = false;

    if (vfy_cloud_read(&run->cloud, VFY_PLANS_BRIEF, &d, &ignored) == BF_OK &&
        (d.pending || read_end(run, &d, &ignored) == BF_OK)) {
        begun = d.pending || strcmp(d.plan, plan_of(step->noted)) != 0;
    }
    vfy_deployment_clear(&d);
    return begun;
}

static enum bf_err send(struct vfy_run *run, const struct vfy_step *step,
                        struct bf_diag *diag)
{
    bool unknown = false;
    enum bf_err err = BF_OK;
    unsigned tries;

    for (tries = 0; tries < WRITE_TRIES; tries++) {
        err = vfy_cloud_restart(&run->cloud, &run->job->plan, &unknown, diag);
        if (err == BF_OK || !unknown) {
            return err;
        }
        vfy_say(run->ch, "the restart was not answered: looking whether it began");
        (void)sleep(2);
        if (has_begun(run, step)) {
            *diag = (struct bf_diag){0};
            return BF_OK;
        }
    }
    return err;
}

static void tell_evidence(struct vfy_run *run, const struct vfy_deployment *d)
{
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);

    bf_put_text(&json, "{\"cause\":");
    bf_json_write_text(&json, d->cause);
    bf_put_fmt(&json, ",\"failed\":%s,\"plan\":", d->failed ? "true" : "false");
    bf_json_write_text(&json, d->plan);
    bf_put_text(&json, ",\"step\":");
    bf_json_write_text(&json, d->failed ? d->step : "");
    bf_put_text(&json, "}");
    vfy_evidence(run->ch, "restart.json", &json);
    bf_buf_clear(&json);
}

static enum bf_err judge(struct vfy_run *run, const struct vfy_deployment *d,
                         struct bf_diag *diag)
{
    tell_evidence(run, d);
    if (!d->failed) {
        return BF_OK;
    }
    return bf_fail(diag, BF_PLAN_FAILED, "plan %s of deployment %s%s%s: %s", d->plan,
                   run->cloud.deployment, d->step[0] != '\0' ? " broke off at step " : "",
                   d->step,
                   d->cause[0] != '\0' ? d->cause : "the platform tells no cause");
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    struct vfy_deployment d = {0};
    enum bf_err err = BF_OK;

    if (step->done || (!step->open && !needed(run))) {
        bf_put_text(after, step->done ? "done before" : "not needed");
        return BF_OK;
    }
    if (!step->open || !has_begun(run, step)) {
        vfy_say(run->ch, "restarting the nodes of deployment %s", run->cloud.deployment);
        err = send(run, step, diag);
    }
    if (err == BF_OK) {
        err = vfy_run_follow(run, step->noted, &d, diag);
    }
    if (err == BF_OK && (err = judge(run, &d, diag)) == BF_OK &&
        (err = nodes_back(run, diag)) == BF_OK) {
        run->unreached = false;
        bf_put_fmt(after, "%zu nodes restarted, plan %s", run->nodes.num, d.plan);
    }
    vfy_deployment_clear(&d);
    return err;
}

static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    const char *group = run->job->plan.restart.group;
    char text[200];

    (void)step;
    (void)seen;
    (void)diag;
    (void)snprintf(
        text, sizeof(text), "%s, %s%s",
        is_mode(run, "always") ? "ALL NODES ARE RESTARTED"
                               : "nodes are restarted if reloading is not enough",
        strcmp(group, "__all__") == 0    ? "all at once"
        : strcmp(group, "__name__") == 0 ? "one after the other"
                                         : "zone by zone",
        run->job->plan.restart.skip_snapshot ? ", without a snapshot before" : "");
    vfy_diff(run->ch, "restart", "~", text);
    return BF_OK;
}

const struct vfy_step_kind vfy_step_restart = {
    .name = "restart",
    .writes = true,
    .always_acts = true,
    .wanted = wanted,
    .observe = observe,
    .show = show,
    .act = act,
};
