/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    READ_SECONDS = 35,
    MAX_REASON = 240,
    MAX_CHAIN = 8,
    MAX_SUPPRESSED = 3,
    MAX_REASONS = 64 * 1024
};

static bool ends_in_proxy(const char *path)
{
    static const char end[] = "/proxy";
    const size_t len = strlen(path);

    return len >= sizeof(end) - 1 && strcmp(path + len - (sizeof(end) - 1), end) == 0;
}

enum bf_err vfy_cluster_open(struct vfy_cluster *out, const struct vfy_server *server,
                             struct bf_bytes credential, const char *uuid,
                             struct bf_diag *diag)
{
    enum bf_err err;

    *out = (struct vfy_cluster){.uuid = uuid};
    if ((err = vfy_http_open(&out->http, server->url, server->ca_file, diag)) != BF_OK) {
        return err;
    }
    out->through = ends_in_proxy(vfy_http_path(out->http));
    if (strcmp(server->auth, "basic") == 0) {
        return vfy_http_basic(out->http, server->user, credential, diag);
    }
    if (strcmp(server->auth, "apikey") == 0) {
        return vfy_http_apikey(out->http, credential, diag);
    }
    return BF_OK;
}

void vfy_cluster_close(struct vfy_cluster *c)
{
    vfy_http_close(&c->http);
    *c = (struct vfy_cluster){0};
}

void vfy_cluster_answer_clear(struct vfy_cluster_answer *a)
{
    vfy_answer_clear(&a->json);
    *a = (struct vfy_cluster_answer){0};
}

/* ---- one call, and what a status means ---- */

static enum bf_err ask(struct vfy_cluster *c, const struct vfy_call *call,
                       struct vfy_http_answer *out, struct bf_diag *diag)
{
    struct vfy_http_request req = {.method = call->method,
                                   .target = call->target,
                                   .seconds = call->seconds,
                                   .same_connection = call->same_connection,
                                   .tick = c->tick,
                                   .ctx = c->ctx};
    enum bf_err err;

    req.headers[req.num_headers++] = "Accept: application/json";
    if (c->through) {
        req.headers[req.num_headers++] = "X-Management-Request: true";
    }
    if (call->body != NULL) {
        req.body = bf_text(call->body);
        req.headers[req.num_headers++] = "Content-Type: application/json";
    }
    err = vfy_http_ask(c->http, &req, out, diag);
    if (err != BF_OK) {
        bf_diag_in(diag, "cluster");
    }
    return err;
}

/* The privilege in "action [cluster:admin/x] is unauthorized" or "no permissions for
 * [cluster:admin/x]". */
static void privilege_of(char *out, size_t size, const char *reason)
{
    static const char *const before[] = {"action [", "no permissions for ["};
    size_t i;

    out[0] = '\0';
    for (i = 0; i < 2 && out[0] == '\0'; i++) {
        const char *at = strstr(reason, before[i]);

        if (at != NULL) {
            at += strlen(before[i]);
            (void)snprintf(out, size, "%.*s", (int)strcspn(at, "]"), at);
        }
    }
}

/* An answer that is none of what was hoped for. what: "registering the repository". */
static enum bf_err refusal(const struct vfy_cluster *c, const struct vfy_call *call,
                           const struct vfy_http_answer *http, struct vfy_at error,
                           struct bf_diag *diag)
{
    const char *host = vfy_http_host(c->http);
    const char *reason = vfy_at_text(vfy_at_get(error, "reason"));
    char privilege[100];

    if (http->status == 401) {
        return bf_fail(diag, BF_NET_AUTH,
                       "the cluster at %s does not take the user or key (401)", host);
    }
    if (http->status == 403) {
        privilege_of(privilege, sizeof(privilege), reason);
        if (privilege[0] == '\0') {
            return bf_fail(diag, BF_NET_DENIED, "the cluster user may not do %s %s (403)",
                           call->method, call->target);
        }
        return bf_fail(diag, BF_NET_DENIED, "the cluster user lacks the privilege %s",
                       privilege);
    }
    if (http->status >= 300 && http->status < 400) {
        return bf_fail(
            diag, BF_NET_ANSWER,
            "%s redirects (%ld), which is not followed: give the final address", host,
            http->status);
    }
    if (vfy_at_is(error)) {
        struct bf_buf chain = bf_buf(MAX_REASONS);
        enum bf_err err;

        vfy_cluster_chain(&chain, error);
        /* a reading call that fails is nothing that was refused to be written */
        err = bf_fail(
            diag, strcmp(call->method, "GET") == 0 ? BF_NET_ANSWER : BF_APPLY_WRITE,
            "the cluster answers %s %s with %ld: %s", call->method, call->target,
            http->status, bf_buf_text(&chain) != NULL ? (const char *)chain.ptr : "");
        bf_buf_clear(&chain);
        return err;
    }
    return bf_fail(diag, BF_NET_ANSWER, "%s answers %s %s with status %ld", host,
                   call->method, call->target, http->status);
}

/* Asks and parses. Statuses in allowed (0-ended) come back as they are, all others as an
 * error. */
enum bf_err vfy_cluster_ask(struct vfy_cluster *c, const struct vfy_call *call,
                            const long *allowed, struct vfy_cluster_answer *out,
                            bool *unknown, struct bf_diag *diag)
{
    struct vfy_http_answer http;
    struct bf_diag parse = {0};
    enum bf_err err, parsed;

    *out = (struct vfy_cluster_answer){0};
    err = ask(c, call, &http, diag);
    out->moved = http.moved && !http.sent;
    if (unknown != NULL) {
        *unknown = err != BF_OK && http.sent;
    }
    if (err != BF_OK) {
        goto out;
    }
    out->status = http.status;
    parsed = vfy_answer_parse(&out->json, bf_buf_bytes(&http.body), &parse);
    while (*allowed != 0 && *allowed != http.status) {
        allowed++;
    }
    if (*allowed != 0 && parsed == BF_OK) {
        goto out;
    }
    /* a gateway's 502 or 504 says nothing about what the cluster did */
    if (unknown != NULL) {
        *unknown = http.status >= 500 && parsed != BF_OK;
    }
    if (parsed != BF_OK && (http.status == 200 || http.status >= 500)) {
        err = bf_fail(diag, BF_NET_ANSWER, "%s answers %s %s with status %ld and %s",
                      vfy_http_host(c->http), call->method, call->target, http.status,
                      parse.where);
    } else {
        err = refusal(c, call, &http, vfy_at_get(vfy_at_root(&out->json), "error"), diag);
    }
    vfy_cluster_answer_clear(out);
out:
    vfy_http_answer_clear(&http);
    return err;
}

static const long ok_only[] = {200, 0};

enum bf_err vfy_cluster_get(struct vfy_cluster *c, const char *target,
                            struct vfy_cluster_answer *answer, struct bf_diag *diag)
{
    static const long known[] = {200, 400, 404, 405, 0};
    const struct vfy_call call = {
        .method = "GET", .target = target, .seconds = READ_SECONDS};

    return vfy_cluster_ask(c, &call, known, answer, NULL, diag);
}

/* ---- identity ---- */

static void keep(char *out, size_t size, const char *text)
{
    (void)bf_escape(out, size, text, strlen(text));
}

/* A server that answers GET / with 405 or 404 tells its version with its nodes and its
 * UUID with its state. */
static enum bf_err identity_elsewhere(struct vfy_cluster *c, struct vfy_live *out,
                                      struct bf_diag *diag)
{
    struct vfy_call state = {
        .method = "GET",
        .seconds = READ_SECONDS,
        .target =
            "/_cluster/state/metadata?filter_path=cluster_name,metadata.cluster_uuid"};
    struct vfy_call nodes = {
        .method = "GET",
        .seconds = READ_SECONDS,
        .same_connection = true,
        .target = "/_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor"};
    struct vfy_cluster_answer a;
    struct vfy_at node;
    enum bf_err err;

    if ((err = vfy_cluster_ask(c, &state, ok_only, &a, NULL, diag)) != BF_OK) {
        return err;
    }
    keep(out->uuid, sizeof(out->uuid),
         vfy_at_text(vfy_at_path(vfy_at_root(&a.json), "metadata.cluster_uuid")));
    keep(out->name, sizeof(out->name),
         vfy_at_text(vfy_at_get(vfy_at_root(&a.json), "cluster_name")));
    vfy_cluster_answer_clear(&a);
    if ((err = vfy_cluster_ask(c, &nodes, ok_only, &a, NULL, diag)) != BF_OK) {
        return err;
    }
    node = vfy_at_child(vfy_at_get(vfy_at_root(&a.json), "nodes"), 0);
    keep(out->version, sizeof(out->version), vfy_at_text(vfy_at_get(node, "version")));
    out->kind =
        vfy_at_is(vfy_at_get(node, "build_flavor")) ? "elasticsearch" : "opensearch";
    vfy_cluster_answer_clear(&a);
    return BF_OK;
}

enum bf_err vfy_cluster_identity(struct vfy_cluster *c, struct vfy_live *out,
                                 struct bf_diag *diag)
{
    static const long known[] = {200, 404, 405, 0};
    const struct vfy_call root = {
        .method = "GET", .target = "/", .seconds = READ_SECONDS};
    struct vfy_cluster_answer a;
    struct vfy_at at;
    enum bf_err err;

    if ((err = vfy_cluster_ask(c, &root, known, &a, NULL, diag)) != BF_OK) {
        return err;
    }
    at = vfy_at_root(&a.json);
    if (a.status != 200) {
        vfy_cluster_answer_clear(&a);
        err = identity_elsewhere(c, out, diag);
    } else {
        keep(out->uuid, sizeof(out->uuid), vfy_at_text(vfy_at_get(at, "cluster_uuid")));
        keep(out->name, sizeof(out->name), vfy_at_text(vfy_at_get(at, "cluster_name")));
        keep(out->version, sizeof(out->version),
             vfy_at_text(vfy_at_path(at, "version.number")));
        out->kind = strcmp(vfy_at_text(vfy_at_path(at, "version.distribution")),
                           "opensearch") == 0
                        ? "opensearch"
                        : "elasticsearch";
        vfy_cluster_answer_clear(&a);
    }
    if (err == BF_OK && (out->uuid[0] == '\0' || out->version[0] == '\0')) {
        err =
            bf_fail(diag, BF_NET_ANSWER,
                    "%s does not answer as a cluster does (no cluster_uuid, no version)",
                    vfy_http_host(c->http));
    }
    if (err == BF_OK && strcmp(out->uuid, "_na_") == 0) {
        err = bf_fail(diag, BF_NET_ANSWER,
                      "the cluster has not formed yet: its UUID is _na_");
    }
    return err;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct vfy_live_node *)a)->name,
                  ((const struct vfy_live_node *)b)->name);
}

/*
 * A repository is verified by master-eligible and data nodes, dedicated voting-only ones
 * apart (VerifyNodeRepositoryAction of both products); others never appear in the answer.
 */
static bool verifies(struct vfy_at roles)
{
    bool manager = false, voting = false, data = false;
    size_t i;

    for (i = 0; i < vfy_at_count(roles); i++) {
        const char *role = vfy_at_text(vfy_at_child(roles, i));

        manager = manager || strcmp(role, "master") == 0 ||
                  strcmp(role, "cluster_manager") == 0;
        voting = voting || strcmp(role, "voting_only") == 0;
        data = data || strncmp(role, "data", 4) == 0;
    }
    return !vfy_at_is(roles) || data || (manager && !voting);
}

enum bf_err vfy_cluster_not_kept(const struct vfy_cluster *c, struct bf_diag *diag)
{
    return bf_fail(diag, BF_NET_CONNECT,
                   "%s closes the connection after each answer, so no write can go to "
                   "the cluster that told its UUID: "
                   "let it keep connections alive",
                   vfy_http_host(c->http));
}

enum bf_err vfy_cluster_nodes(struct vfy_cluster *c, struct vfy_live *out, bool same,
                              struct bf_diag *diag)
{
    const struct vfy_call call = {
        .method = "GET",
        .same_connection = same,
        .seconds = READ_SECONDS,
        .target = "/_nodes/http?filter_path=_nodes,nodes.*.name,nodes.*.roles"};
    struct vfy_cluster_answer a;
    struct vfy_at nodes;
    int64_t failed = 0;
    enum bf_err err;
    size_t i;

    if ((err = vfy_cluster_ask(c, &call, ok_only, &a, NULL, diag)) != BF_OK) {
        return err == BF_NET_CONNECT && a.moved ? vfy_cluster_not_kept(c, diag) : err;
    }
    nodes = vfy_at_get(vfy_at_root(&a.json), "nodes");
    (void)vfy_at_int(vfy_at_path(vfy_at_root(&a.json), "_nodes.failed"), &failed);
    out->num_nodes = vfy_at_count(nodes);
    if (out->num_nodes > VFY_MAX_NODES) {
        err = bf_fail(diag, BF_NET_ANSWER, "the cluster has more than %d nodes",
                      (int)VFY_MAX_NODES);
        out->num_nodes = 0;
    }
    for (i = 0; i < out->num_nodes; i++) {
        const struct vfy_at node = vfy_at_child(nodes, i);

        keep(out->nodes[i].id, sizeof(out->nodes[i].id), vfy_at_key(node));
        keep(out->nodes[i].name, sizeof(out->nodes[i].name),
             vfy_at_text(vfy_at_get(node, "name")));
        out->nodes[i].verifies = verifies(vfy_at_get(node, "roles"));
    }
    qsort(out->nodes, out->num_nodes, sizeof(out->nodes[0]), by_name);
    if (err == BF_OK && failed > 0) {
        err = bf_fail(diag, BF_LIVE_NODES, "the cluster cannot reach %d of its nodes",
                      (int)failed);
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

void vfy_cluster_manager(struct vfy_cluster *c, const struct vfy_live *live, char *out,
                         size_t size)
{
    const bool opensearch = strcmp(live->kind, "opensearch") == 0;
    const struct vfy_call call = {
        .method = "GET",
        .seconds = READ_SECONDS,
        .target = opensearch ? "/_cat/cluster_manager?h=node&format=json"
                             : "/_cat/master?h=node&format=json"};
    struct vfy_cluster_answer a;
    struct bf_diag ignored = {0};

    out[0] = '\0';
    if (vfy_cluster_ask(c, &call, ok_only, &a, NULL, &ignored) == BF_OK) {
        keep(out, size,
             vfy_at_text(vfy_at_get(vfy_at_child(vfy_at_root(&a.json), 0), "node")));
        vfy_cluster_answer_clear(&a);
    }
}

/* ---- reads about the repository ---- */

enum bf_err vfy_cluster_repository(struct vfy_cluster *c, const char *name,
                                   struct vfy_cluster_answer *answer, struct vfy_at *out,
                                   struct bf_diag *diag)
{
    static const long known[] = {200, 404, 0};
    char target[VFY_MAX_TARGET];
    const struct vfy_call call = {
        .method = "GET", .target = target, .seconds = READ_SECONDS};
    enum bf_err err;

    *out = (struct vfy_at){NULL};
    (void)snprintf(target, sizeof(target), "/_snapshot/%s", name != NULL ? name : "_all");
    err = vfy_cluster_ask(c, &call, name != NULL ? known : ok_only, answer, NULL, diag);
    if (err != BF_OK || name == NULL) {
        *out = vfy_at_root(&answer->json);
        return err;
    }
    if (answer->status == 200) {
        *out = vfy_at_get(vfy_at_root(&answer->json), name);
        if (!vfy_at_is(vfy_at_get(*out, "settings")) ||
            vfy_at_count(vfy_at_root(&answer->json)) != 1) {
            return bf_fail(diag, BF_NET_ANSWER,
                           "the cluster does not show repository %s as one", name);
        }
    } else if (strcmp(vfy_at_text(vfy_at_path(vfy_at_root(&answer->json), "error.type")),
                      "repository_missing_exception") != 0) {
        return bf_fail(diag, BF_NET_ANSWER,
                       "status 404 for repository %s, but not because it is missing",
                       name);
    }
    return BF_OK;
}

enum bf_err vfy_cluster_idle(struct vfy_cluster *c, const char *name, bool *told,
                             struct bf_diag *diag)
{
    char target[VFY_MAX_TARGET];
    const struct vfy_call call = {
        .method = "GET", .target = target, .seconds = READ_SECONDS};
    struct bf_diag ignored = {0};
    struct vfy_cluster_answer a;
    struct vfy_at running;
    char snapshot[100];

    (void)snprintf(target, sizeof(target),
                   "/_snapshot/%s/_status?filter_path=snapshots.snapshot,snapshots.state",
                   name);
    *told = vfy_cluster_ask(c, &call, ok_only, &a, NULL, &ignored) == BF_OK;
    if (!*told) {
        return BF_OK;
    }
    running = vfy_at_child(vfy_at_get(vfy_at_root(&a.json), "snapshots"), 0);
    keep(snapshot, sizeof(snapshot), vfy_at_text(vfy_at_get(running, "snapshot")));
    vfy_cluster_answer_clear(&a);
    return snapshot[0] != '\0'
               ? bf_fail(diag, BF_LIVE_BUSY, "snapshot %s runs in repository %s",
                         snapshot, name)
               : BF_OK;
}

bool vfy_cluster_lacks(struct vfy_cluster *c, struct bf_buf *out)
{
    const struct vfy_call call = {
        .method = "POST",
        .target = "/_security/user/_has_privileges",
        .seconds = READ_SECONDS,
        .body = "{\"cluster\":[\"cluster:admin/repository/"
                "get\",\"cluster:admin/repository/put\","
                "\"cluster:admin/repository/verify\",\"cluster:admin/"
                "nodes/reload_secure_settings\","
                "\"monitor\"]}"};
    struct bf_diag ignored = {0};
    struct vfy_cluster_answer a;
    struct vfy_at list;
    size_t i;

    if (vfy_cluster_ask(c, &call, ok_only, &a, NULL, &ignored) != BF_OK) {
        return false;
    }
    list = vfy_at_get(vfy_at_root(&a.json), "cluster");
    for (i = 0; i < vfy_at_count(list); i++) {
        if (!vfy_at_true(vfy_at_child(list, i))) {
            bf_put_fmt(out, "%s%s", out->len > 0 ? " " : "",
                       vfy_at_key(vfy_at_child(list, i)));
        }
    }
    vfy_cluster_answer_clear(&a);
    return true;
}

enum bf_err vfy_cluster_listing(struct vfy_cluster *c, const char *name,
                                struct bf_buf *chain, struct bf_diag *diag)
{
    static const long any[] = {200, 400, 404, 409, 500, 503, 0};
    char target[VFY_MAX_TARGET];
    const struct vfy_call call = {
        .method = "GET", .target = target, .seconds = VFY_VERIFY_SECONDS};
    struct vfy_cluster_answer a;
    enum bf_err err;

    (void)snprintf(target, sizeof(target),
                   "/_snapshot/%s/_all?verbose=false&filter_path=error,status", name);
    if ((err = vfy_cluster_ask(c, &call, any, &a, NULL, diag)) != BF_OK) {
        return err;
    }
    if (a.status != 200) {
        vfy_cluster_chain(chain, vfy_at_get(vfy_at_root(&a.json), "error"));
        err = bf_fail(diag, BF_VERIFY_FAILED, "repository %s cannot be listed", name);
    }
    vfy_cluster_answer_clear(&a);
    return err;
}

static void put_chain(struct bf_buf *out, struct vfy_at error)
{
    size_t depth;

    for (depth = 0; depth < MAX_CHAIN && vfy_at_is(error); depth++) {
        const char *type = vfy_at_text(vfy_at_get(error, "type"));
        const char *reason = vfy_at_text(vfy_at_get(error, "reason"));

        bf_put_fmt(out, "%s%s: %s", out->len > 0 ? " <- " : "", type, reason);
        error = vfy_at_get(error, "caused_by");
    }
}

/* Elasticsearch tells what a single node met only in suppressed[]. */
void vfy_cluster_chain(struct bf_buf *out, struct vfy_at error)
{
    const struct vfy_at suppressed = vfy_at_get(error, "suppressed");
    size_t i;

    put_chain(out, error);
    for (i = 0; i < vfy_at_count(suppressed) && i < MAX_SUPPRESSED; i++) {
        put_chain(out, vfy_at_child(suppressed, i));
    }
}
