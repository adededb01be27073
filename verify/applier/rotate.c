/* SPDX-License-Identifier: Apache-2.0 */
#include "rotate.h"

#include <stdio.h>
#include <string.h>

#include "keystore.h"

static bool rotates(const struct vfy_run *run)
{
    return strcmp(run->job->plan.action, "rotate") == 0;
}

/* A change of keys under the name that the repository uses already: the registration
 * stays as it is. */
static bool keeps_registration(const struct vfy_run *run)
{
    return rotates(run) && run->job->repository[0] == '\0';
}

/* CLIENT of s3.client.CLIENT.PART. */
static struct bf_bytes client_of(struct bf_bytes name)
{
    const size_t head = sizeof("s3.client.") - 1;
    size_t end = name.len;

    while (end > head && name.ptr[end - 1] != '.') {
        end--;
    }
    return end > head ? bf_view(name.ptr + head, end - 1 - head) : bf_view(NULL, 0);
}

enum bf_err vfy_rotate_client(struct vfy_run *run, struct bf_diag *diag)
{
    struct bf_bytes client = bf_text(
        vfy_at_text(vfy_at_path(vfy_at_root(&run->repository), "settings.client")));
    size_t i;

    for (i = 0; i < run->secrets->num && run->job->repository[0] == '\0'; i++) {
        if (vfy_keystore_wants(run->secrets->items[i].name)) {
            client = client_of(run->secrets->items[i].name);
        }
    }
    run->client = client.len > 0 ? bf_arena_text(&run->arena, client)
                                 : "default"; /* the server's */
    return run->client != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "client");
}

static enum bf_err differs(const struct vfy_run *run, const char *what, const char *live,
                           const char *wanted, struct bf_diag *diag)
{
    /* [BF-853] */
    return bf_fail(diag, run->mode == VFY_PROVE ? BF_LIVE_DRIFT : BF_LIVE_PRECONDITION,
                   "repository %s uses %s %.80s, the keys are for %s",
                   run->job->plan.repository, what, live[0] != '\0' ? live : "default",
                   wanted);
}

enum bf_err vfy_rotate_check(struct vfy_run *run, struct vfy_at live,
                             struct bf_diag *diag)
{
    const struct vfy_at settings = vfy_at_get(live, "settings");
    const char *bucket = vfy_at_text(vfy_at_get(settings, "bucket"));
    const char *client = vfy_at_text(vfy_at_get(settings, "client"));
    const char *base = vfy_at_text(vfy_at_get(settings, "base_path"));

    if (!keeps_registration(run)) {
        return BF_OK;
    }
    if (!vfy_at_is(live)) {
        return bf_fail(diag,
                       run->mode == VFY_PROVE ? BF_LIVE_DRIFT : BF_LIVE_PRECONDITION,
                       "repository %s is not registered, so no keys of it can be changed",
                       run->job->plan.repository);
    }
    if (strcmp(bucket, run->job->plan.bucket.name) != 0) {
        return differs(run, "bucket", bucket, run->job->plan.bucket.name, diag);
    }
    if (strcmp(client[0] != '\0' ? client : "default", run->client) != 0) {
        return differs(run, "client", client, run->client, diag);
    }
    run->base_path = bf_arena_text(&run->arena, bf_text(base));
    return run->base_path != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "base path");
}

void vfy_rotate_told(struct vfy_run *run)
{
    const struct bf_plan *plan = &run->job->plan;
    char text[300];

    if (plan->retire[0] == '\0' || run->mode == VFY_PLAN) {
        return;
    }
    (void)snprintf(
        text, sizeof(text),
        "retire: access key %.128s%s%.64s is no longer used here; the AWS team "
        "deactivates it, then deletes it",
        plan->retire, plan->iam.user[0] != '\0' ? " of user " : "", plan->iam.user);
    vfy_fact(run->ch, "not_tried", "", text);
}

/* Nodes of a green answer; *clause says what else came. */
static size_t verified(struct vfy_run *run, char *clause, size_t size)
{
    struct vfy_cluster_answer a = {0};
    struct bf_diag diag = {0};
    size_t nodes = 0;

    if (vfy_cluster_verify(&run->cluster, run->job->plan.repository, &a, &diag) !=
        BF_OK) {
        (void)snprintf(clause, size, "not told: %.200s", diag.where);
    } else if (a.status == 200) {
        nodes = vfy_at_count(vfy_at_get(vfy_at_root(&a.json), "nodes"));
        (void)snprintf(clause, size, "%zu of %zu nodes", nodes, run->nodes.num);
    } else {
        (void)snprintf(clause, size, "refused, HTTP %ld", a.status);
    }
    vfy_cluster_answer_clear(&a);
    return nodes;
}

void vfy_rotate_undone(struct vfy_run *run)
{
    char clause[260], text[300];

    if ((!rotates(run) && !run->removes) || !run->old_keys_back) {
        return;
    }
    vfy_say(run->ch, "asking every node whether repository %s works again",
            run->job->plan.repository);
    if (verified(run, clause, sizeof(clause)) < run->nodes.num) {
        vfy_say(run->ch, "it does not: %s", clause);
    }
    (void)snprintf(text, sizeof(text), "undone.verify=%s", clause);
    vfy_fact(run->ch, "probe", "", text);
}
