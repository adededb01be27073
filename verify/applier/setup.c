/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is made of: its steps, what the records of an earlier part say of them, the
 * connections. */
#include <stdio.h>
#include <string.h>

#include "keystore.h"
#include "rotate.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

/* The orders of applying, and of undoing: the reverse, but the nodes reload when their
 * keystores are back. */
static const struct vfy_step_kind *const order[] = {
    &vfy_step_live,      &vfy_step_identity, &vfy_step_bucket,   &vfy_step_policy,
    &vfy_step_preflight, &vfy_step_copy,     &vfy_step_keystore, &vfy_step_cloud,
    &vfy_step_reload,    &vfy_step_register, &vfy_step_wait,     &vfy_step_restart,
    &vfy_step_verify,    &vfy_step_drop,
};
static const struct vfy_step_kind *const undo_order[] = {
    &vfy_step_register, &vfy_step_keystore, &vfy_step_cloud,  &vfy_step_reload,
    &vfy_step_copy,     &vfy_step_policy,   &vfy_step_bucket,
};

/* The same for removing: what uses the keys goes before the keys, and comes back after
 * them. */
static const struct vfy_step_kind *const remove_order[] = {
    &vfy_step_live,   &vfy_step_copy,   &vfy_step_unregister, &vfy_step_keystore,
    &vfy_step_reload, &vfy_step_verify, &vfy_step_drop,
};
static const struct vfy_step_kind *const remove_undo_order[] = {
    &vfy_step_keystore,
    &vfy_step_reload,
    &vfy_step_unregister,
    &vfy_step_copy,
};

static const struct vfy_step_kind *const *order_of(const struct vfy_run *run, size_t *num)
{
    *num = run->removes ? NUM(remove_order) : NUM(order);
    return run->removes ? remove_order : order;
}

const struct vfy_step_kind *const *vfy_run_undo_order(const struct vfy_run *run,
                                                      size_t *num)
{
    *num = run->removes ? NUM(remove_undo_order) : NUM(undo_order);
    return run->removes ? remove_undo_order : undo_order;
}

/* ---- steps ---- */

static size_t count_steps(const struct vfy_run *run)
{
    size_t kinds, i, num = 0;
    const struct vfy_step_kind *const *list = order_of(run, &kinds);

    for (i = 0; i < kinds; i++) {
        num += list[i]->per_node ? run->job->nodes.num : 1;
    }
    return num;
}

static enum bf_err make_steps(struct vfy_run *run, struct bf_diag *diag)
{
    size_t kinds, i, k;
    const struct vfy_step_kind *const *list = order_of(run, &kinds);

    run->steps = bf_arena_alloc(&run->arena, count_steps(run) * sizeof(*run->steps));
    if (run->steps == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "steps");
    }
    for (i = 0; i < kinds; i++) {
        for (k = 0; k < (list[i]->per_node ? run->job->nodes.num : 1); k++) {
            struct vfy_step *step = &run->steps[run->num_steps++];

            *step = (struct vfy_step){.kind = list[i], .node_index = k, .noted = ""};
            if (list[i]->per_node) {
                step->node = BF_LIST_ITEM(&run->job->nodes, const struct vfy_node, k);
            }
            (void)snprintf(step->name, sizeof(step->name), "%s%s%s", list[i]->name,
                           step->node != NULL ? ":" : "",
                           step->node != NULL ? step->node->name : "");
        }
    }
    return BF_OK;
}

struct vfy_step *vfy_run_step(struct vfy_run *run, const struct vfy_step_kind *kind,
                              size_t node_index)
{
    size_t i;

    for (i = 0; i < run->num_steps; i++) {
        if (run->steps[i].kind == kind && run->steps[i].node_index == node_index) {
            return &run->steps[i];
        }
    }
    return NULL;
}

static struct vfy_step *step_named(struct vfy_run *run, const char *name)
{
    size_t i;

    for (i = 0; i < run->num_steps; i++) {
        if (strcmp(run->steps[i].name, name) == 0) {
            return &run->steps[i];
        }
    }
    return NULL;
}

/* What is written or undone after a proof is not proven by it. */
static void forget_proof(struct vfy_run *run)
{
    struct vfy_step *verify = vfy_run_step(run, &vfy_step_verify, 0);

    if (verify != NULL) {
        verify->done = false;
    }
}

/* One record of the journal into the state of its step. What undo puts back is what the
 * first begin found. */
static enum bf_err take_record(struct vfy_run *run, const struct vfy_record *r,
                               struct bf_diag *diag)
{
    struct vfy_step *step = step_named(run, r->step);

    if (step == NULL) {
        return bf_fail(diag, BF_STATE_DAMAGED,
                       "the journal names a step that this run does not have: %s",
                       r->step);
    }
    if (step->kind->undoable == VFY_UNDO_YES) {
        forget_proof(run);
    }
    if (strcmp(r->phase, "begin") == 0) {
        if (strcmp(r->undo, "yes") == 0 && !step->need_undo) {
            step->before = r->before;
            step->need_undo = true;
        }
        step->stood = step->stands;
        step->stands = step->stands || strcmp(r->undo, "no") == 0;
        step->noted = r->before;
        step->begun = step->open = true;
        step->done = false;
        return BF_OK;
    }
    step->open = strcmp(r->result, "unknown") == 0;
    if (strcmp(r->result, "failed") == 0) {
        step->stands = step->stood; /* what was refused changed nothing */
    }
    step->done = strcmp(r->result, "ok") == 0 || strcmp(r->result, "same") == 0;
    step->was_unknown = step->was_unknown || strcmp(r->result, "unknown") == 0;
    /* after an unknown outcome an undo is looked at once more: the write may have come in
     * late */
    if (strcmp(r->result, "undone") == 0 && !step->was_unknown) {
        step->need_undo = false;
    }
    if (step->kind == &vfy_step_reload && strcmp(r->result, "undone") != 0) {
        run->reload_told = r->after;
    }
    return BF_OK;
}

static enum vfy_mode mode_of(const char *text)
{
    static const char *const names[] = {"discover", "plan", "apply", "prove", "undo"};
    size_t i;

    if (strcmp(text, "probe") == 0) {
        return VFY_PROVE; /* and run->probing */
    }
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            return (enum vfy_mode)i;
        }
    }
    return VFY_PLAN; /* the schema lets no other text pass; this one changes nothing */
}

void vfy_run_init(struct vfy_run *run)
{
    run->mode = mode_of(run->job->mode);
    run->probing = strcmp(run->job->mode, "probe") == 0;
    run->live.kind = "";
    run->reload_told = "";
    run->base_path = "";
    run->removes = strcmp(run->job->plan.action, "remove") == 0;
    run->nodes = run->job->nodes;
    run->is_cloud = run->job->control.url[0] != '\0';
}

static void find_keys(struct vfy_run *run)
{
    char name[VFY_MAX_SECRET_NAME];
    size_t i;

    for (i = 0; i < run->secrets->num; i++) {
        run->has_keys = run->has_keys || vfy_keystore_wants(run->secrets->items[i].name);
    }
    (void)snprintf(name, sizeof(name), "s3.client.%.64s.access_key", run->client);
    (void)vfy_secrets_find(run->secrets, name, &run->keys.id);
    (void)snprintf(name, sizeof(name), "s3.client.%.64s.secret_key", run->client);
    (void)vfy_secrets_find(run->secrets, name, &run->keys.secret);
}

static void tick(void *ctx, unsigned seconds)
{
    vfy_say(ctx, "waiting for the cluster: %u s", seconds);
}

static enum bf_err open_cloud(struct vfy_run *run, struct bf_diag *diag)
{
    struct bf_bytes key;
    enum bf_err err;

    if (!run->is_cloud) {
        return BF_OK;
    }
    (void)vfy_secrets_find(run->secrets, "control.apikey", &key);
    err = vfy_cloud_open(&run->cloud, &run->job->control, run->job->deployment, key,
                         run->ch, diag);
    run->cloud.wait = (unsigned)run->job->wait;
    return err;
}

enum bf_err vfy_run_open(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_server *server = &run->job->cluster;
    struct bf_bytes credential;
    enum bf_err err;
    size_t i;

    if ((err = make_steps(run, diag)) != BF_OK) {
        return err;
    }
    for (i = 0; i < run->job->records.num; i++) {
        err = take_record(
            run, BF_LIST_ITEM(&run->job->records, const struct vfy_record, i), diag);
        if (err != BF_OK) {
            return err;
        }
    }
    if (run->job->repository[0] != '\0' &&
        (err = vfy_answer_parse(&run->repository, bf_text(run->job->repository), diag)) !=
            BF_OK) {
        bf_diag_in(diag, "register request");
        return err;
    }
    if ((err = vfy_rotate_client(run, diag)) != BF_OK) {
        return err;
    }
    find_keys(run);
    (void)vfy_secrets_find(run->secrets,
                           strcmp(server->auth, "apikey") == 0 ? "cluster.apikey"
                                                               : "cluster.password",
                           &credential);
    err = vfy_cluster_open(&run->cluster, server, credential,
                           run->job->target.cluster_uuid, diag);
    run->cluster.tick = tick;
    run->cluster.ctx = run->ch;
    return err == BF_OK ? open_cloud(run, diag) : err;
}

void vfy_run_close(struct vfy_run *run)
{
    vfy_s3_close(&run->owner);
    vfy_s3_close(&run->s3);
    vfy_http_close(&run->iam_http);
    vfy_cluster_close(&run->cluster);
    vfy_deployment_clear(&run->deployment);
    vfy_cloud_close(&run->cloud);
    vfy_answer_clear(&run->repository);
    bf_arena_clear(&run->arena);
}
