/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keystore.h"

enum {
    READ_SECONDS = 40,
    WRITE_SECONDS = 90,
    READ_TRIES = 3,
    LIMIT_SECONDS = 300, /* of waiting for the rate limit, in one call */
    LIMIT_DEFAULT = 30,  /* where a 429 does not say how long */
    MAX_TARGET = 400,
    MAX_BODY = 128 * 1024,
    MAX_SAID = 240
};

/* Deployment and resource go into paths. */
static bool is_ref(const char *ref)
{
    const char *at = ref;

    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
           (*at >= '0' && *at <= '9') || *at == '_' || *at == '-') {
        at++;
    }
    return *at == '\0' && at > ref;
}

enum bf_err vfy_cloud_open(struct vfy_cloud *out, const struct vfy_server *server,
                           const char *resource, struct bf_bytes key,
                           struct vfy_channel *ch, struct bf_diag *diag)
{
    const size_t len = strcspn(resource, "/");
    enum bf_err err;

    *out = (struct vfy_cloud){.ch = ch};
    if (len == 0 || len >= sizeof(out->deployment) ||
        strlen(resource) - len > sizeof(out->ref)) {
        return bf_fail(diag, BF_INTERNAL, "not a deployment's id");
    }
    bf_copy(out->deployment, resource, len);
    (void)snprintf(out->ref, sizeof(out->ref), "%s",
                   resource[len] == '/' ? resource + len + 1 : "");
    if (!is_ref(out->deployment) || (resource[len] == '/' && !is_ref(out->ref))) {
        return bf_fail(diag, BF_CONFIG, "not a deployment's id");
    }
    if ((err = vfy_http_open(&out->http, server->url, server->ca_file, diag)) != BF_OK) {
        return err;
    }
    return vfy_http_apikey(out->http, key, diag);
}

void vfy_cloud_close(struct vfy_cloud *c)
{
    vfy_http_close(&c->http);
    *c = (struct vfy_cloud){0};
}

/* ---- one call ---- */

struct call {
    const char *method;
    const char *what; /* for people: "the keystore of deployment X" */
    const char *target;
    struct bf_bytes body; /* JSON */
    unsigned seconds;
    long good; /* the one status that is hoped for */
};

static bool is_write(const struct call *call)
{
    return strcmp(call->method, "GET") != 0;
}

static enum bf_err ask_once(struct vfy_cloud *c, const struct call *call,
                            struct vfy_http_answer *out, struct bf_diag *diag)
{
    struct vfy_http_request req = {.method = call->method,
                                   .target = call->target,
                                   .body = call->body,
                                   .once = is_write(call),
                                   .seconds = call->seconds};
    enum bf_err err;

    req.headers[req.num_headers++] = "Accept: application/json";
    if (call->body.len > 0) {
        req.headers[req.num_headers++] = "Content-Type: application/json";
    }
    err = vfy_http_ask(c->http, &req, out, diag);
    if (err != BF_OK) {
        bf_diag_in(diag, "cloud API");
    }
    return err;
}

unsigned vfy_cloud_seconds(const char *text)
{
    char *unit;
    const unsigned long n = strtoul(text, &unit, 10);

    if (unit == text || n > 1000000) {
        return 0;
    }
    if (strncmp(unit, "ms", 2) == 0 || strncmp(unit, "mil", 3) == 0) {
        return (unsigned)((n + 999) / 1000);
    }
    if (unit[0] == 'm') {
        return (unsigned)n * 60;
    }
    return unit[0] == 'h' ? (unsigned)n * 3600 : (unsigned)n;
}

/* How long a 429 asks us to wait, within what is left. 0: longer than that. */
static unsigned limit_wait(const struct vfy_http_answer *http, unsigned left)
{
    unsigned n = vfy_cloud_seconds(http->retry_after);

    n = n > 0 ? n : vfy_cloud_seconds(http->interval);
    n = n > 0 ? n : LIMIT_DEFAULT;
    return n <= left ? n : 0;
}

static void pause_for(struct vfy_cloud *c, const char *why, unsigned seconds)
{
    vfy_say(c->ch, "the cloud API %s, waiting %u s", why, seconds);
    (void)sleep(seconds);
}

/* Asks; waits out what the server says it should. What comes back is no 429, and no 5xx
 * of a read but the last. */
static enum bf_err ask_patiently(struct vfy_cloud *c, const struct call *call,
                                 struct vfy_http_answer *out, struct bf_diag *diag)
{
    unsigned left = LIMIT_SECONDS, tries = READ_TRIES, seconds;
    enum bf_err err;

    for (;;) {
        if ((err = ask_once(c, call, out, diag)) != BF_OK) {
            return err;
        }
        if (out->status == 429 && (seconds = limit_wait(out, left)) > 0) {
            left -= seconds;
            pause_for(c, "asks for fewer requests (429)", seconds);
        } else if (out->status >= 500 && !is_write(call) && --tries > 0) {
            pause_for(c, "has trouble of its own", 2 * (READ_TRIES - tries));
        } else {
            return BF_OK;
        }
        vfy_http_answer_clear(out);
    }
}

/* "code: message" of {"errors":[{"code":..,"message":..}]}, printable; "" when it has
 * none. */
static void words_of(char *out, size_t size, struct vfy_at root)
{
    const struct vfy_at first = vfy_at_child(vfy_at_get(root, "errors"), 0);
    const char *code = vfy_at_text(vfy_at_get(first, "code"));
    const char *message = vfy_at_text(vfy_at_get(first, "message"));
    char both[MAX_SAID];

    (void)snprintf(both, sizeof(both), "%.100s%s%.130s", code,
                   code[0] != '\0' && message[0] != '\0' ? ": " : "", message);
    (void)bf_escape(out, size, both, strlen(both));
}

/* An answer that is none of what was hoped for. */
static enum bf_err refusal(const struct vfy_cloud *c, const struct call *call,
                           const struct vfy_http_answer *http, struct vfy_at root,
                           struct bf_diag *diag)
{
    const char *host = vfy_http_host(c->http);
    char said[MAX_SAID + 60];

    words_of(said, sizeof(said), root);
    if (http->status == 401) {
        return bf_fail(diag, BF_NET_AUTH,
                       "the cloud API at %s does not take the key (401)", host);
    }
    if (http->status == 403) {
        return bf_fail(diag, BF_NET_DENIED, "the cloud API key may not do this: %s",
                       call->what);
    }
    if (http->status == 429) {
        return bf_fail(diag, BF_NET_DENIED,
                       "the cloud API at %s asks for fewer requests (429), for longer "
                       "than %d s",
                       host, (int)LIMIT_SECONDS);
    }
    if (http->status >= 300 && http->status < 400) {
        return bf_fail(
            diag, BF_NET_ANSWER,
            "%s redirects (%ld), which is not followed: give the final address", host,
            http->status);
    }
    if (said[0] == '\0') {
        return bf_fail(diag, BF_NET_ANSWER, "%s answers status %ld: %s", host,
                       http->status, call->what);
    }
    return bf_fail(diag, is_write(call) ? BF_APPLY_WRITE : BF_NET_ANSWER,
                   "%s: the cloud API says %ld, %s", call->what, http->status, said);
}

/* Asks and parses. unknown: NULL for reads. */
static enum bf_err ask(struct vfy_cloud *c, const struct call *call,
                       struct vfy_answer *out, bool *unknown, struct bf_diag *diag)
{
    struct vfy_http_answer http = {0};
    struct bf_diag parse = {0};
    enum bf_err err, parsed;
    bool maybe;

    *out = (struct vfy_answer){0};
    err = ask_patiently(c, call, &http, diag);
    maybe = err != BF_OK && http.sent;
    if (err == BF_OK) {
        parsed = vfy_answer_parse(out, bf_buf_bytes(&http.body), &parse);
        /* of a 5xx nobody knows what was done before it */
        maybe = http.status >= 500 || (http.status == call->good && parsed != BF_OK);
        if (parsed != BF_OK && (http.status == call->good || http.status >= 500)) {
            err = bf_fail(diag, BF_NET_ANSWER, "%s answers status %ld with %s: %s",
                          vfy_http_host(c->http), http.status, parse.where, call->what);
        } else if (http.status != call->good) {
            err = refusal(c, call, &http, vfy_at_root(out), diag);
        }
    }
    if (err != BF_OK) {
        vfy_answer_clear(out);
    }
    if (unknown != NULL) {
        *unknown = maybe;
    }
    vfy_http_answer_clear(&http);
    return err;
}

/* ---- the deployment ---- */

static void keep(char *out, size_t size, const char *text)
{
    (void)bf_escape(out, size, text, strlen(text));
}

/* The Elasticsearch resource of the name wanted, or the only one. */
static enum bf_err find_resource(struct vfy_cloud *c, struct vfy_at list,
                                 struct vfy_at *out, struct bf_diag *diag)
{
    const size_t num = vfy_at_count(list);
    size_t i;

    for (i = 0; i < num; i++) {
        *out = vfy_at_child(list, i);
        if (c->ref[0] != '\0'
                ? strcmp(vfy_at_text(vfy_at_get(*out, "ref_id")), c->ref) == 0
                : num == 1) {
            return BF_OK;
        }
    }
    /* [BF-857] */
    if (c->ref[0] != '\0') {
        return bf_fail(diag, BF_LIVE_DEPLOYMENT,
                       "deployment %s has no Elasticsearch resource %s", c->deployment,
                       c->ref);
    }
    return bf_fail(diag, BF_LIVE_DEPLOYMENT,
                   "deployment %s has %zu Elasticsearch resources, and the trust file "
                   "names none of them",
                   c->deployment, num);
}

/* Where a plan is, or where it broke off: the last step of its log, or the last that
 * failed. */
static void read_log(char *step, size_t size, struct vfy_at log, bool failed)
{
    size_t i;

    for (i = 0; i < vfy_at_count(log); i++) {
        const struct vfy_at at = vfy_at_child(log, i);

        if (!failed || strcmp(vfy_at_text(vfy_at_get(at, "status")), "error") == 0) {
            keep(step, size, vfy_at_text(vfy_at_get(at, "step_id")));
        }
    }
}

/* The attempt that began last: the current plan, or one of the history that failed. */
static struct vfy_at last_attempt(struct vfy_at plans)
{
    const struct vfy_at history = vfy_at_get(plans, "history");
    struct vfy_at last = vfy_at_get(plans, "current");
    size_t i;

    for (i = 0; i < vfy_at_count(history); i++) {
        const struct vfy_at at = vfy_at_child(history, i);

        /* times in UTC of one form: the later one is the greater text */
        if (strcmp(vfy_at_text(vfy_at_get(at, "attempt_start_time")),
                   vfy_at_text(vfy_at_get(last, "attempt_start_time"))) > 0) {
            last = at;
        }
    }
    return last;
}

static void read_failure(struct vfy_deployment *d, struct vfy_at plan)
{
    const struct vfy_at error = vfy_at_get(plan, "error");
    const struct vfy_at healthy = vfy_at_get(plan, "healthy");
    const char *type = vfy_at_text(vfy_at_get(error, "failure_type"));
    char text[280];

    d->failed = vfy_at_is(error) || (vfy_at_is(healthy) && !vfy_at_true(healthy));
    if (d->failed) {
        read_log(d->step, sizeof(d->step), vfy_at_get(plan, "plan_attempt_log"), true);
        (void)snprintf(text, sizeof(text), "%.180s%s%.60s%s",
                       vfy_at_text(vfy_at_get(error, "message")),
                       type[0] != '\0' ? " (" : "", type, type[0] != '\0' ? ")" : "");
        keep(d->cause, sizeof(d->cause), text);
    }
}

static void read_plans(struct vfy_deployment *d)
{
    const struct vfy_at plans = vfy_at_get(d->info, "plan_info");
    struct vfy_at plan = vfy_at_get(plans, "pending");

    d->pending = vfy_at_is(plan);
    if (d->pending) {
        read_log(d->step, sizeof(d->step), vfy_at_get(plan, "plan_attempt_log"), false);
    } else {
        plan = last_attempt(plans);
        read_failure(d, plan);
    }
    keep(d->plan, sizeof(d->plan), vfy_at_text(vfy_at_get(plan, "plan_attempt_id")));
}

enum bf_err vfy_cloud_read(struct vfy_cloud *c, enum vfy_plans plans,
                           struct vfy_deployment *out, struct bf_diag *diag)
{
    char target[MAX_TARGET], what[120];
    const struct call call = {.method = "GET",
                              .target = target,
                              .what = what,
                              .seconds = READ_SECONDS,
                              .good = 200};
    struct vfy_at root, resource = {NULL};
    enum bf_err err;

    *out = (struct vfy_deployment){0};
    (void)snprintf(what, sizeof(what), "reading deployment %s", c->deployment);
    (void)snprintf(target, sizeof(target),
                   "/api/v1/deployments/%s?enrich_with_template=false&"
                   "show_plan_history=%s&show_plan_logs=%s&show_plans=true",
                   c->deployment, plans == VFY_PLANS_HISTORY ? "true" : "false",
                   plans == VFY_PLANS_LOG ? "true" : "false");
    if ((err = ask(c, &call, &out->json, NULL, diag)) != BF_OK) {
        return err;
    }
    root = vfy_at_root(&out->json);
    if (strcmp(vfy_at_text(vfy_at_get(root, "id")), c->deployment) != 0) {
        err = bf_fail(diag, BF_NET_ANSWER, "%s does not answer with deployment %s",
                      vfy_http_host(c->http), c->deployment);
    } else {
        err = find_resource(c, vfy_at_path(root, "resources.elasticsearch"), &resource,
                            diag);
    }
    if (err == BF_OK) {
        keep(c->ref, sizeof(c->ref), vfy_at_text(vfy_at_get(resource, "ref_id")));
        keep(out->id, sizeof(out->id), vfy_at_text(vfy_at_get(resource, "id")));
        out->info = vfy_at_get(resource, "info");
        keep(out->status, sizeof(out->status),
             vfy_at_text(vfy_at_get(out->info, "status")));
        read_plans(out);
        if (out->status[0] == '\0' || !is_ref(c->ref)) {
            err = bf_fail(diag, BF_NET_ANSWER, "%s does not tell how deployment %s is",
                          vfy_http_host(c->http), c->deployment);
        }
    }
    if (err != BF_OK) {
        vfy_deployment_clear(out);
    }
    return err;
}

void vfy_deployment_clear(struct vfy_deployment *d)
{
    vfy_answer_clear(&d->json);
    *d = (struct vfy_deployment){0};
}

/* ---- the keystore ---- */

static void resource_target(char out[MAX_TARGET], const struct vfy_cloud *c,
                            const char *rest)
{
    (void)snprintf(out, MAX_TARGET, "/api/v1/deployments/%s/elasticsearch/%s/%s",
                   c->deployment, c->ref, rest);
}

enum bf_err vfy_cloud_names(struct vfy_cloud *c, struct bf_buf *names,
                            struct bf_diag *diag)
{
    char target[MAX_TARGET], what[120];
    const struct call call = {.method = "GET",
                              .target = target,
                              .what = what,
                              .seconds = READ_SECONDS,
                              .good = 200};
    struct vfy_answer a;
    struct vfy_at secrets;
    char name[VFY_MAX_SECRET_NAME];
    enum bf_err err;
    size_t i;

    resource_target(target, c, "keystore");
    (void)snprintf(what, sizeof(what), "reading the keystore of deployment %s",
                   c->deployment);
    if ((err = ask(c, &call, &a, NULL, diag)) != BF_OK) {
        return err;
    }
    secrets = vfy_at_get(vfy_at_root(&a), "secrets");
    for (i = 0; i < vfy_at_count(secrets); i++) {
        keep(name, sizeof(name), vfy_at_key(vfy_at_child(secrets, i)));
        bf_put_fmt(names, "%s%s", i > 0 ? " " : "", name);
    }
    if (!vfy_at_is(secrets) || bf_buf_text(names) == NULL) {
        err = bf_fail(diag, BF_NET_ANSWER, "%s answers with no list of names: %s",
                      vfy_http_host(c->http), what);
    }
    vfy_answer_clear(&a);
    return err;
}

/* The body lies in locked memory. It never overflows: it was measured for the worst. */
static void put(struct bf_secret *out, struct bf_bytes in)
{
    bf_copy(out->ptr + out->len, in.ptr, in.len);
    out->len += in.len;
}

/* A JSON string of printable ASCII. */
static void put_quoted(struct bf_secret *out, struct bf_bytes in)
{
    size_t i;

    put(out, bf_text("\""));
    for (i = 0; i < in.len; i++) {
        if (in.ptr[i] == '"' || in.ptr[i] == '\\') {
            put(out, bf_text("\\"));
        }
        put(out, bf_view(in.ptr + i, 1));
    }
    put(out, bf_text("\""));
}

static enum bf_err patch(struct vfy_cloud *c, const char *what, struct bf_bytes body,
                         bool *unknown, struct bf_diag *diag)
{
    char target[MAX_TARGET];
    const struct call call = {.method = "PATCH",
                              .target = target,
                              .what = what,
                              .body = body,
                              .seconds = WRITE_SECONDS,
                              .good = 200};
    struct vfy_answer a;
    enum bf_err err;

    resource_target(target, c, "keystore");
    err = ask(c, &call, &a, unknown, diag);
    vfy_answer_clear(&a);
    return err;
}

enum bf_err vfy_cloud_set(struct vfy_cloud *c, const struct vfy_secrets *secrets,
                          bool *unknown, struct bf_diag *diag)
{
    struct bf_secret body = {0};
    size_t i, room = 32;
    bool more = false;
    enum bf_err err;

    *unknown = false;
    for (i = 0; i < secrets->num; i++) {
        room += 2 * (secrets->items[i].name.len + secrets->items[i].value.len) + 64;
    }
    if (room > MAX_BODY) {
        return bf_fail(diag, BF_TOO_LARGE, "secrets for the keystore");
    }
    if ((err = bf_secret_alloc(&body, room, diag)) != BF_OK) {
        return err;
    }
    put(&body, bf_text("{\"secrets\":{"));
    for (i = 0; i < secrets->num; i++) {
        if (!vfy_keystore_wants(secrets->items[i].name)) {
            continue;
        }
        put(&body, bf_text(more ? "," : ""));
        put_quoted(&body, secrets->items[i].name);
        put(&body, bf_text(":{\"as_file\":false,\"value\":"));
        put_quoted(&body, secrets->items[i].value);
        put(&body, bf_text("}"));
        more = true;
    }
    put(&body, bf_text("}}"));
    err = patch(c, "writing the keys into the keystore", bf_secret_bytes(&body), unknown,
                diag);
    bf_secret_clear(&body);
    return err;
}

enum bf_err vfy_cloud_unset(struct vfy_cloud *c, const char *names, bool *unknown,
                            struct bf_diag *diag)
{
    struct bf_buf body = bf_buf(MAX_BODY);
    bool more = false;
    enum bf_err err;

    *unknown = false;
    bf_put_text(&body, "{\"secrets\":{");
    while (*(names += strspn(names, " ")) != '\0') {
        const size_t len = strcspn(names, " ");

        /* a secret without a value takes the name out */
        bf_put_fmt(&body, "%s\"%.*s\":{}", more ? "," : "", (int)len, names);
        more = true;
        names += len;
    }
    bf_put_text(&body, "}}");
    if ((err = bf_buf_check(&body, "names for the keystore", diag)) == BF_OK) {
        err = patch(c, "taking names out of the keystore", bf_buf_bytes(&body), unknown,
                    diag);
    }
    bf_buf_clear(&body);
    return err;
}

/* ---- the restart ---- */

enum bf_err vfy_cloud_restart(struct vfy_cloud *c, const struct bf_plan *plan,
                              bool *unknown, struct bf_diag *diag)
{
    char target[MAX_TARGET], rest[160];
    const struct call call = {.method = "POST",
                              .target = target,
                              .what = "restarting the nodes",
                              .seconds = WRITE_SECONDS,
                              .good = 202};
    struct vfy_answer a;
    enum bf_err err;

    (void)snprintf(rest, sizeof(rest),
                   "_restart?cancel_pending=false&group_attribute=%s&"
                   "restore_snapshot=false&skip_snapshot=%s",
                   plan->restart.group, plan->restart.skip_snapshot ? "true" : "false");
    resource_target(target, c, rest);
    err = ask(c, &call, &a, unknown, diag);
    vfy_answer_clear(&a);
    return err;
}
