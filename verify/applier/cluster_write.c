/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_in.h"

enum {
    WRITE_SECONDS = 70,    /* the server's own limits for a registration are 30 s twice */
    ANALYZE_SECONDS = 360, /* 300 s are asked for, and hanging up would cancel it */
    RELOAD_SECONDS = 75,   /* a frozen node makes it answer after 30 s */
    WRITE_TRIES = 3
};

static const long ok_only[] = {200, 0};

/*
 * The UUID, then the write on the very connection that told it. When that connection is
 * gone in between nothing has been sent, and both are done again.
 */
static enum bf_err write_guarded(struct vfy_cluster *c, struct vfy_call *call,
                                 const long *allowed, struct vfy_cluster_answer *out,
                                 bool *unknown, struct bf_diag *diag)
{
    struct vfy_live *live = calloc(1, sizeof(*live));
    enum bf_err err = BF_INTERNAL;
    unsigned tries;

    *unknown = false;
    *out = (struct vfy_cluster_answer){0};
    if (live == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "cluster");
    }
    call->same_connection = true;
    for (tries = 0; tries < WRITE_TRIES; tries++) {
        if ((err = vfy_cluster_identity(c, live, diag)) != BF_OK) {
            break;
        }
        if (strcmp(live->uuid, c->uuid) != 0) { /* [BF-850] */
            err = bf_fail(diag, BF_LIVE_UUID, "%s answers as cluster %s, approved is %s",
                          vfy_http_host(c->http), live->uuid, c->uuid);
            break;
        }
        err = vfy_cluster_ask(c, call, allowed, out, unknown, diag);
        if (err != BF_NET_CONNECT || !out->moved) {
            break;
        }
    }
    if (err == BF_NET_CONNECT && out->moved) {
        err = vfy_cluster_not_kept(c, diag);
    }
    free(live);
    return err;
}

enum bf_err vfy_cluster_register(struct vfy_cluster *c, const char *name,
                                 const char *body, bool *unknown, struct bf_diag *diag)
{
    char target[VFY_MAX_TARGET];
    struct vfy_call call = {
        .method = "PUT", .target = target, .body = body, .seconds = WRITE_SECONDS};
    struct vfy_cluster_answer a;
    enum bf_err err;

    (void)snprintf(target, sizeof(target), "/_snapshot/%s?verify=false", name);
    err = write_guarded(c, &call, ok_only, &a, unknown, diag);
    if (err == BF_OK && !vfy_at_true(vfy_at_get(vfy_at_root(&a.json), "acknowledged"))) {
        err = bf_fail(diag, BF_APPLY_WRITE,
                      "not every node acknowledged repository %s in time", name);
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

enum bf_err vfy_cluster_unregister(struct vfy_cluster *c, const char *name, bool *unknown,
                                   struct bf_diag *diag)
{
    static const long fine[] = {200, 404, 0};
    char target[VFY_MAX_TARGET];
    struct vfy_call call = {
        .method = "DELETE", .target = target, .seconds = WRITE_SECONDS};
    struct vfy_cluster_answer a;
    enum bf_err err;

    (void)snprintf(target, sizeof(target), "/_snapshot/%s", name);
    err = write_guarded(c, &call, fine, &a, unknown, diag);
    vfy_cluster_answer_clear(&a);
    return err;
}

enum bf_err vfy_cluster_reload(struct vfy_cluster *c, struct vfy_cluster_answer *answer,
                               struct bf_diag *diag)
{
    struct vfy_call call = {.method = "POST",
                            .target = "/_nodes/reload_secure_settings",
                            .seconds = RELOAD_SECONDS};
    bool unknown;

    return write_guarded(c, &call, ok_only, answer, &unknown, diag);
}

static enum bf_err post(struct vfy_cluster *c, const char *name, const char *what,
                        unsigned seconds, struct vfy_cluster_answer *answer,
                        struct bf_diag *diag)
{
    static const long any[] = {200, 400, 404, 409, 500, 503, 0};
    char target[VFY_MAX_TARGET];
    struct vfy_call call = {.method = "POST", .target = target, .seconds = seconds};
    bool unknown;

    (void)snprintf(target, sizeof(target), "/_snapshot/%s/%s", name, what);
    return write_guarded(c, &call, any, answer, &unknown, diag);
}

enum bf_err vfy_cluster_verify(struct vfy_cluster *c, const char *name,
                               struct vfy_cluster_answer *answer, struct bf_diag *diag)
{
    return post(c, name, "_verify", VFY_VERIFY_SECONDS, answer, diag);
}

enum bf_err vfy_cluster_analyze(struct vfy_cluster *c, const char *name,
                                struct vfy_cluster_answer *answer, struct bf_diag *diag)
{
    return post(c, name, "_analyze?timeout=300s", ANALYZE_SECONDS, answer, diag);
}
