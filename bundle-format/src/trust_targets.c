/* SPDX-License-Identifier: Apache-2.0 */
/* Targets and their endpoints [BF-609], and what a target may not do silently from one
 * version to the next [BF-619]. */
#include <stdlib.h>
#include <string.h>

#include "trust_in.h"

static const struct bf_target *target_at(const struct bf_trust_body *b, size_t i)
{
    return BF_LIST_ITEM(&b->targets, const struct bf_target, i);
}

/* Of the one endpoint for cluster, which check_endpoints() has seen. */
static const char *cluster_url(const struct bf_target *t)
{
    size_t i;

    for (i = 0; i < t->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i);

        if (strcmp(e->purpose, "cluster") == 0) {
            return e->url;
        }
    }
    return "https://";
}

/* The parts of an URL that say which place it is: no ":443", no dot that ends the host,
 * no "/" that ends the path. */
struct place {
    struct bf_bytes host, port, path;
};

static struct bf_bytes cut_end(struct bf_bytes in, char c)
{
    while (in.len > 0 && in.ptr[in.len - 1] == (uint8_t)c) {
        in.len--;
    }
    return in;
}

static struct place place_of(const char *url)
{
    const char *host = url + strlen("https://");
    const char *port = host + strcspn(host, ":/");
    const char *path = port + strcspn(port, "/");
    struct place p = {bf_view(host, (size_t)(port - host)),
                      bf_view(port, (size_t)(path - port)), bf_text(path)};

    p.host = cut_end(p.host, '.');
    p.path = cut_end(p.path, '/');
    if (bf_bytes_is(p.port, ":443")) {
        p.port.len = 0;
    }
    return p;
}

static bool same_place(const char *a, const char *b)
{
    struct place x = place_of(a), y = place_of(b);

    return bf_bytes_equal(x.host, y.host) && bf_bytes_equal(x.port, y.port) &&
           bf_bytes_equal(x.path, y.path);
}

static enum bf_err check_endpoints(const struct bf_target *t, struct bf_diag *diag)
{
    size_t clusters = 0, i;

    for (i = 0; i < t->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i);
        size_t host = strcspn(e->url + 8, ":/");

        clusters += strcmp(e->purpose, "cluster") == 0 ? 1 : 0;
        if (e->url[8 + host] == ':' && strtol(e->url + 8 + host + 1, NULL, 10) > 65535) {
            return bf_fail(diag, BF_TRUST_TARGETS, "target %s: no such port: %s", t->id,
                           e->url); /* [BF-609] */
        }
    }
    if (clusters != 1) {
        return bf_fail(diag, BF_TRUST_TARGETS, "target %s: %zu endpoints for cluster",
                       t->id, clusters); /* [BF-609] */
    }
    return BF_OK;
}

static enum bf_err check_pair(const struct bf_target *a, const struct bf_target *b,
                              struct bf_diag *diag)
{
    if (strcmp(a->cluster_uuid, b->cluster_uuid) == 0) {
        return bf_fail(diag, BF_TRUST_TARGETS, "one UUID with %s and %s", a->id,
                       b->id); /* [BF-609] */
    }
    if (same_place(cluster_url(a), cluster_url(b))) {
        return bf_fail(diag, BF_TRUST_TARGETS, "one cluster url with %s and %s", a->id,
                       b->id); /* [BF-609] */
    }
    return BF_OK;
}

enum bf_err bf_trust_rules_targets(const struct bf_trust_body *body, struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i, j;

    for (i = 0; i < body->targets.num && err == BF_OK; i++) {
        const struct bf_target *t = target_at(body, i);

        if (strcmp(t->cluster_uuid, "_na_") ==
            0) { /* what a node says that has joined no cluster */
            return bf_fail(diag, BF_TRUST_TARGETS, "target %s: _na_ is no UUID",
                           t->id); /* [BF-609] */
        }
        err = check_endpoints(t, diag);
        for (j = 0; j < i && err == BF_OK; j++) {
            err = check_pair(target_at(body, j), t, diag);
        }
    }
    return err;
}

static bool same_keys(const struct bf_appliance *a, const struct bf_appliance *b)
{
    return strcmp(a->receipt_key, b->receipt_key) == 0 &&
           strcmp(a->secrets, b->secrets) == 0 && strcmp(a->transport, b->transport) == 0;
}

enum bf_err bf_trust_rules_moved(const struct bf_trust_body *installed,
                                 const struct bf_trust_body *next, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < next->targets.num; i++) {
        const struct bf_target *now = target_at(next, i);
        const struct bf_target *was = bf_trust_target(installed, now->id);
        bool stays;

        if (was == NULL) {
            continue;
        }
        stays = strcmp(was->appliance, now->appliance) == 0 &&
                same_keys(bf_trust_appliance(installed, was->appliance),
                          bf_trust_appliance(next, now->appliance));
        if (!stays && now->serial_floor <= was->serial_floor) {
            return bf_fail(diag, BF_TRUST_MOVED,
                           "target %s: serial_floor %lld is not above %lld",
                           now->id, /* [BF-619] */
                           (long long)now->serial_floor, (long long)was->serial_floor);
        }
    }
    return BF_OK;
}
