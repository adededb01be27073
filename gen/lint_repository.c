/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of lint that read the register request, and the installed trust. */
#include "lint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "settings.h"

static const struct bf_target *target_of(const struct gen_lint_input *in)
{
    return in->trust != NULL ? bf_trust_target(&in->trust->body, in->change->target)
                             : NULL;
}

static enum gen_product product_of(const struct gen_lint_input *in)
{
    const struct bf_target *t = target_of(in);

    return gen_product_of(t != NULL ? t->kind : NULL);
}

static void lint_advice(struct gen_findings *f, const struct gen_setting *s,
                        const char *where)
{
    if (s->advice == GEN_A_CLIENT) {
        gen_find(f, GEN_L_SETTING_CLIENT, where, "%s",
                 s->note != NULL ? s->note : s->name);
    } else if (s->advice == GEN_A_DEPRECATED || s->advice == GEN_A_OLD) {
        gen_find(f, GEN_L_SETTING_DEPRECATED, where, "%s", s->note);
    } else if (s->note != NULL) {
        gen_find(f, GEN_L_SETTING_NOTE, where, "%s", s->note);
    }
}

static void lint_setting(struct gen_findings *f, const struct bf_json *setting,
                         enum gen_product product)
{
    const struct gen_setting *s = gen_setting_find(setting->key);
    char where[160];

    snprintf(where, sizeof(where), "repository.settings.%s", setting->key);
    if (s == NULL) {
        const char *near = gen_setting_nearest(setting->key, product);

        gen_find(f, GEN_L_SETTING_UNKNOWN, where,
                 near != NULL ? "the nearest is \"%s\"" : "no such setting%s",
                 near != NULL ? near : "");
        return;
    }
    if (s->advice == GEN_A_NEVER) {
        gen_find(f, GEN_L_SETTING_SECRET, where, "%s", s->note);
        return;
    }
    if ((s->products & product) == 0) {
        gen_find(f, GEN_L_SETTING_PRODUCT, where, "only %s reads it",
                 s->products == GEN_ELASTIC ? "Elasticsearch" : "OpenSearch");
    } else if (!(s->advice == GEN_A_OLD && product == GEN_ELASTIC)) {
        lint_advice(f, s, where);
    }
    if (!gen_setting_takes(s, setting)) {
        gen_find(f, GEN_L_SETTING_VALUE, where, "%s%s",
                 s->one_of != NULL ? "one of " : "not a value of its kind",
                 s->one_of != NULL ? s->one_of : "");
    }
    if (strcmp(s->name, "canned_acl") == 0 && setting->kind == BF_STRING) {
        gen_find(f,
                 strncasecmp(setting->text, "public", 6) == 0 ? GEN_L_SETTING_PUBLIC
                                                              : GEN_L_SETTING_ACL,
                 where, "\"%.60s\"", setting->text);
    }
}

static void lint_base_path(struct gen_findings *f, const struct gen_change *c)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/!-_.'()";
    const char *path = gen_change_setting(c, "base_path");
    size_t len = path != NULL ? strlen(path) : 0;

    if (len == 0) {
        gen_find(f, GEN_L_BASE_PATH_EMPTY, "repository.settings.base_path", "not set");
    } else if (path[0] == '/' || path[len - 1] == '/' || strstr(path, "//") != NULL ||
               strspn(path, safe) != len || len > 500) {
        gen_find(f, GEN_L_BASE_PATH, "repository.settings.base_path", "\"%.200s\"", path);
    }
}

static bool is_client(const char *name)
{
    size_t len = strlen(name);

    return len >= 1 && len <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

static void lint_client(struct gen_findings *f, const struct gen_change *c)
{
    const char *client = gen_change_setting(c, "client");

    if (client == NULL || strcmp(client, "default") == 0) {
        gen_find(f, GEN_L_CLIENT_DEFAULT, "repository.settings.client", "%s",
                 client != NULL ? "default" : "not set");
    } else if (!is_client(client)) {
        gen_find(f, GEN_L_CLIENT_NAME, "repository.settings.client", "\"%.100s\"",
                 client);
    }
}

/* What servers other than AWS need (shown on Ceph RGW with OpenSearch 3.8). */
static void lint_endpoint(struct gen_findings *f, const struct gen_change *c,
                          const struct bf_json *settings)
{
    bool own = c->plan.s3.endpoint[0] != '\0' &&
               strstr(c->plan.s3.endpoint, ".amazonaws.") == NULL;

    if (c->plan.s3.region[0] == '\0') {
        gen_find(f, GEN_L_REGION_MISSING, "plan.s3.region", "not set");
    }
    if (!own) {
        return;
    }
    if (!c->plan.s3.path_style) {
        gen_find(f, GEN_L_PATH_STYLE, "plan.s3.path_style", "false with endpoint %.200s",
                 c->plan.s3.endpoint);
    }
    if (bf_json_get(settings, "disable_chunked_encoding") == NULL) {
        gen_find(f, GEN_L_CHUNKED, "repository.settings.disable_chunked_encoding",
                 "not set, endpoint %.200s", c->plan.s3.endpoint);
    }
}

/* Bytes of a setting such as "100mb" are compared only where both are plain; the server's
 * own defaults are not known here. */
static int64_t size_of(const struct bf_json *settings, const char *name)
{
    static const char units[] = "bkmgt";
    const char *text = bf_json_get_text(settings, name);
    const char *unit;
    int64_t n = 0;
    size_t i;

    if (text == NULL) {
        return -1;
    }
    for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 6; i++) {
        n = n * 10 + (text[i] - '0');
    }
    unit = text[i] != '\0' ? strchr(units, text[i] | 0x20) : NULL;
    return i > 0 && unit != NULL ? n << (10 * (unit - units)) : -1;
}

void gen_lint_repository(struct gen_findings *f, const struct gen_lint_input *in)
{
    const struct gen_change *c = in->change;
    const struct bf_json *settings =
        c->repository != NULL ? bf_json_get(c->repository, "settings") : NULL;
    enum gen_product product = product_of(in);
    const struct bf_json *s;
    int64_t chunk, buffer;

    if (strcmp(c->plan.action, "register") == 0 && c->repository == NULL) {
        gen_find(f, GEN_L_REPOSITORY_NEEDED, "repository", "plan.do is register");
    } else if (strcmp(c->plan.action, "remove") == 0 && c->repository != NULL) {
        gen_find(f, GEN_L_REPOSITORY_NEEDED, "repository", "plan.do is remove");
    }
    if (settings == NULL || settings->kind != BF_OBJECT) {
        return; /* REPOSITORY_FORM says so */
    }
    for (s = settings->first; s != NULL; s = s->next) {
        lint_setting(f, s, product);
    }
    lint_base_path(f, c);
    lint_client(f, c);
    lint_endpoint(f, c, settings);
    chunk = size_of(settings, "chunk_size");
    buffer = size_of(settings, "buffer_size");
    if (chunk >= 0 && buffer > chunk) {
        gen_find(f, GEN_L_SETTING_SIZES, "repository.settings.chunk_size",
                 "smaller than buffer_size");
    }
}

static bool has_endpoint(const struct bf_target *t, const char *purpose, const char *url)
{
    size_t i;

    for (i = 0; i < t->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i);

        if (strcmp(e->purpose, purpose) == 0 &&
            (url == NULL || strcmp(e->url, url) == 0)) {
            return true;
        }
    }
    return false;
}

static bool has_deployment(const struct bf_target *t)
{
    size_t i;

    for (i = 0; i < t->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i);

        if (strcmp(e->purpose, "control") == 0 && e->resource[0] != '\0') {
            return true;
        }
    }
    return false;
}

/* What is special about deployments of Elastic Cloud and ECE. */
static void lint_cloud(struct gen_findings *f, const struct gen_change *c,
                       const struct bf_target *t)
{
    size_t i;

    if (strcmp(t->kind, "ech") != 0 && strcmp(t->kind, "ece") != 0) {
        return;
    }
    if (!has_deployment(t)) {
        gen_find(f, GEN_L_TARGET_CONTROL, "target", "target %s, kind %s", t->id, t->kind);
    }
    if (strcmp(c->plan.restart.mode, "never") != 0 &&
        strcmp(c->plan.restart.group, "__all__") == 0) {
        gen_find(f, GEN_L_RESTART_ALL, "plan.restart.group", "__all__, mode %s",
                 c->plan.restart.mode);
    }
    for (i = 0; i < c->secrets.num; i++) {
        const struct gen_change_secret *s =
            BF_LIST_ITEM(&c->secrets, const struct gen_change_secret, i);

        if (strcmp(s->versus, "changed") == 0 || strcmp(s->versus, "same") == 0) {
            gen_find(f, GEN_L_WRITTEN_OVER, "secrets", "%s is %s", s->name, s->versus);
        }
    }
}

static void lint_endpoints(struct gen_findings *f, const struct gen_change *c,
                           const struct bf_target *t)
{
    const struct bf_plan *p = &c->plan;
    bool pinned = p->s3.endpoint[0] == '\0' ? !has_endpoint(t, "s3", NULL)
                                            : has_endpoint(t, "s3", p->s3.endpoint);
    bool asks = strcmp(p->iam.mode, "apply") == 0 || strcmp(p->iam.mode, "check") == 0 ||
                strcmp(p->iam.mode, "mint") == 0;

    if (!pinned) {
        gen_find(f, GEN_L_TARGET_S3, "plan.s3.endpoint", "\"%.200s\" for target %s",
                 p->s3.endpoint, t->id);
    }
    if (asks && !has_endpoint(t, "iam", NULL)) {
        gen_find(f, GEN_L_TARGET_IAM, "plan.iam.mode",
                 "%s, but target %s pins no endpoint for iam", p->iam.mode, t->id);
    }
    lint_cloud(f, c, t);
    if (p->analyze && strcmp(t->kind, "opensearch") == 0) {
        gen_find(f, GEN_L_TARGET_ANALYZE, "plan.analyze", "true, target %s is opensearch",
                 t->id);
    }
}

static void lint_validity(struct gen_findings *f, const struct gen_lint_input *in)
{
    int64_t hours = in->change->validity_hours, most;

    if (in->trust != NULL) {
        most = strcmp(in->change->change.grade, "emergency") == 0
                   ? in->trust->body.rules.emergency.lifetime_hours
                   : in->trust->body.limits.lifetime_hours;
        if (hours > most) {
            gen_find(f, GEN_L_VALIDITY, "validity_hours",
                     "%lld, the installed trust allows %lld", (long long)hours,
                     (long long)most);
            return;
        }
    }
    if (hours > 14 * 24) {
        gen_find(f, GEN_L_VALIDITY_LONG, "validity_hours", "%lld", (long long)hours);
    }
}

void gen_lint_target(struct gen_findings *f, const struct gen_lint_input *in)
{
    const struct bf_target *t = target_of(in);

    lint_validity(f, in);
    if (in->trust == NULL) {
        gen_find(f, GEN_L_TRUST_NONE, "target", "\"%.60s\"", in->change->target);
        return;
    }
    if (strcmp(in->now, in->trust->body.expires) > 0) {
        gen_find(f, GEN_L_TRUST_EXPIRED, "trust", "version %lld expired at %s",
                 (long long)in->trust->body.version, in->trust->body.expires);
    }
    if (t == NULL) {
        gen_find(f, GEN_L_TARGET_UNKNOWN, "target", "\"%.60s\"", in->change->target);
        return;
    }
    lint_endpoints(f, in->change, t);
}
