/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <string.h>

#include "bf/file.h"
#include "kind.h"

#define AT(type, member) offsetof(struct type, member)

static const struct bf_field secret_fields[] = {
    {"disclose", BF_F_BOOL, AT(gen_change_secret, disclose), NULL, 0, 0, NULL},
    {"name", BF_F_TEXT, AT(gen_change_secret, name), NULL, 0, 0, NULL},
    {"versus", BF_F_TEXT, AT(gen_change_secret, versus), NULL, 0, 0, NULL},
};
static const struct bf_schema secret_schema = {"secret", sizeof(struct gen_change_secret),
                                               secret_fields, 3};

/* Nested objects are read into the same struct: offsets count from its start, so their
 * schemas have its size. */
static const struct bf_field reason_fields[] = {
    {"class", BF_F_TEXT, AT(gen_change, change.grade), NULL, 0, 0, NULL},
    {"reason", BF_F_TEXT, AT(gen_change, change.reason), NULL, 0, 0, NULL},
    {"ticket", BF_F_TEXT, AT(gen_change, change.ticket), NULL, 0, 0, NULL},
};
static const struct bf_schema reason_schema = {"change", sizeof(struct gen_change),
                                               reason_fields, 3};

/* The plan of the manifest without grammars: a wrong value is a finding of lint, which
 * tells all of them at once. */
static const struct bf_field bucket_fields[] = {
    {"mode", BF_F_TEXT, AT(bf_plan, bucket.mode), NULL, 0, 0, NULL},
    {"name", BF_F_TEXT, AT(bf_plan, bucket.name), NULL, 0, 0, NULL},
    {"ownership", BF_F_BOOL, AT(bf_plan, bucket.ownership), NULL, 0, 0, NULL},
    {"public_block", BF_F_BOOL, AT(bf_plan, bucket.public_block), NULL, 0, 0, NULL},
    {"region", BF_F_TEXT, AT(bf_plan, bucket.region), NULL, 0, 0, NULL},
    {"versioning", BF_F_BOOL, AT(bf_plan, bucket.versioning), NULL, 0, 0, NULL},
};
static const struct bf_schema bucket_schema = {"bucket", sizeof(struct bf_plan),
                                               bucket_fields, 6};
static const struct bf_field iam_fields[] = {
    {"arn", BF_F_TEXT, AT(bf_plan, iam.arn), NULL, 0, 0, NULL},
    {"mode", BF_F_TEXT, AT(bf_plan, iam.mode), NULL, 0, 0, NULL},
    {"policy", BF_F_TEXT, AT(bf_plan, iam.policy), NULL, 0, 0, NULL},
    {"user", BF_F_TEXT, AT(bf_plan, iam.user), NULL, 0, 0, NULL},
};
static const struct bf_schema iam_schema = {"iam", sizeof(struct bf_plan), iam_fields, 4};
static const struct bf_field restart_fields[] = {
    {"group", BF_F_TEXT, AT(bf_plan, restart.group), NULL, 0, 0, NULL},
    {"mode", BF_F_TEXT, AT(bf_plan, restart.mode), NULL, 0, 0, NULL},
    {"skip_snapshot", BF_F_BOOL, AT(bf_plan, restart.skip_snapshot), NULL, 0, 0, NULL},
};
static const struct bf_schema restart_schema = {"restart", sizeof(struct bf_plan),
                                                restart_fields, 3};
static const struct bf_field s3_fields[] = {
    {"endpoint", BF_F_TEXT, AT(bf_plan, s3.endpoint), NULL, 0, 0, NULL},
    {"path_style", BF_F_BOOL, AT(bf_plan, s3.path_style), NULL, 0, 0, NULL},
    {"region", BF_F_TEXT, AT(bf_plan, s3.region), NULL, 0, 0, NULL},
};
static const struct bf_schema s3_schema = {"s3", sizeof(struct bf_plan), s3_fields, 3};
static const struct bf_field plan_fields[] = {
    {"analyze", BF_F_BOOL, AT(bf_plan, analyze), NULL, 0, 0, NULL},
    {"bucket", BF_F_OBJECT, 0, NULL, 0, 0, &bucket_schema},
    {"do", BF_F_TEXT, AT(bf_plan, action), NULL, 0, 0, NULL},
    {"iam", BF_F_OBJECT, 0, NULL, 0, 0, &iam_schema},
    {"precondition", BF_F_TEXT, AT(bf_plan, precondition), NULL, 0, 0, NULL},
    {"preflight", BF_F_TEXT, AT(bf_plan, preflight), NULL, 0, 0, NULL},
    {"repository", BF_F_TEXT, AT(bf_plan, repository), NULL, 0, 0, NULL},
    {"restart", BF_F_OBJECT, 0, NULL, 0, 0, &restart_schema},
    {"retire", BF_F_TEXT, AT(bf_plan, retire), NULL, 0, 0, NULL},
    {"s3", BF_F_OBJECT, 0, NULL, 0, 0, &s3_schema},
};
static const struct bf_schema plan_schema = {"plan", sizeof(struct bf_plan), plan_fields,
                                             10};

static const struct bf_field change_fields[] = {
    {"change", BF_F_OBJECT, 0, NULL, 0, 0, &reason_schema},
    {"plan", BF_F_OBJECT, AT(gen_change, plan), NULL, 0, 0, &plan_schema},
    {"secrets", BF_F_OBJECTS, AT(gen_change, secrets), NULL, 0, GEN_MAX_SECRETS,
     &secret_schema},
    {"target", BF_F_TEXT, AT(gen_change, target), NULL, 0, 0, NULL},
    {"type", BF_F_TEXT, AT(gen_change, type), NULL, 0, 0, NULL},
    {"validity_hours", BF_F_INT, AT(gen_change, validity_hours), NULL, 1, GEN_MAX_HOURS,
     NULL},
};
static const struct bf_schema change_schema = {"change file", sizeof(struct gen_change),
                                               change_fields, 6};

/* policy and repository follow no schema of ours: they are taken out before the closed
 * rest is read. */
static enum bf_err take_document(const struct bf_json **out, struct bf_json *root,
                                 const char *name, struct bf_diag *diag)
{
    struct bf_json **at = &root->first;

    *out = NULL;
    while (*at != NULL && strcmp((*at)->key, name) != 0) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        return bf_fail(diag, BF_CHANGE_FORMAT, "%s: missing", name);
    }
    if ((*at)->kind != BF_OBJECT) {
        return bf_fail(diag, BF_CHANGE_FORMAT, "%s: not an object", name);
    }
    if ((*at)->count > 0) {
        *out = *at;
    }
    *at = (*at)->next;
    root->count--;
    return BF_OK;
}

/* The canonical text of a document, as it will stand in the bundle. */
static enum bf_err canonical(struct bf_buf *out, const struct bf_json *node,
                             const char *what, struct bf_diag *diag)
{
    *out = bf_buf(BF_MAX_JSON);
    if (node == NULL) {
        return BF_OK;
    }
    bf_json_write(out, node);
    if (bf_buf_text(out) == NULL) {
        return bf_buf_check(out, what, diag);
    }
    return BF_OK;
}

enum bf_err gen_change_read(struct gen_change *out, struct bf_bytes in,
                            struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    const struct bf_json *policy = NULL, *repository = NULL;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    err = bf_json_parse(&doc, in, BF_JSON_RELAXED, diag);
    if (err != BF_OK) {
        goto out;
    }
    if (doc.root->kind != BF_OBJECT) {
        err = bf_fail(diag, BF_CHANGE_FORMAT, "not an object");
        goto out;
    }
    err = take_document(&policy, doc.root, "policy", diag);
    if (err == BF_OK) {
        err = take_document(&repository, doc.root, "repository", diag);
    }
    if (err == BF_OK) {
        err = bf_schema_read(out, &change_schema, doc.root, &doc.arena, BF_CHANGE_FORMAT,
                             diag);
    }
    if (err == BF_OK && strcmp(out->type, GEN_CHANGE_TYPE) != 0) {
        err = bf_fail(diag, BF_CHANGE_FORMAT, "type: not %s", GEN_CHANGE_TYPE);
    }
    if (err != BF_OK) {
        memset(out, 0, sizeof(*out));
        goto out;
    }
    out->doc = doc;
    memset(&doc, 0, sizeof(doc)); /* taken */
    out->policy = policy;
    out->repository = repository;
    err = canonical(&out->policy_text, policy, "policy", diag);
    if (err == BF_OK) {
        err = canonical(&out->repository_text, repository, "repository", diag);
    }
    if (err != BF_OK) {
        gen_change_clear(out);
    }
out:
    bf_json_clear(&doc);
    return err;
}

enum bf_err gen_change_load(struct gen_change *out, const char *path,
                            struct bf_diag *diag)
{
    struct bf_buf file = {0};
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    err = bf_file_read(&file, path, GEN_MAX_CHANGE, diag);
    if (err != BF_OK) {
        return err;
    }
    err = gen_change_read(out, bf_buf_bytes(&file), diag);
    if (err != BF_OK) {
        gen_kind_in(diag, path, gen_kind_told(bf_buf_bytes(&file), GEN_WANT_CHANGE));
    }
    bf_buf_clear(&file);
    return err;
}

void gen_change_clear(struct gen_change *c)
{
    bf_json_clear(&c->doc);
    bf_buf_clear(&c->policy_text);
    bf_buf_clear(&c->repository_text);
    memset(c, 0, sizeof(*c));
}

static void newline(struct bf_buf *out, size_t level)
{
    bf_put_text(out, "\n");
    for (; level > 0; level--) {
        bf_put_text(out, "  ");
    }
}

static void pretty_children(struct bf_buf *out, const struct bf_json *node, size_t level)
{
    const struct bf_json *c;

    for (c = node->first; c != NULL; c = c->next) {
        newline(out, level + 1);
        if (c->key != NULL) {
            bf_json_write_text(out, c->key);
            bf_put_text(out, ": ");
        }
        gen_json_pretty(out, c, level + 1);
        bf_put_text(out, c->next != NULL ? "," : "");
    }
    newline(out, level);
}

void gen_json_pretty(struct bf_buf *out, const struct bf_json *node, size_t level)
{
    const bool object = node->kind == BF_OBJECT;

    if (node->first == NULL) { /* a value, or {} or [] */
        bf_json_write(out, node);
        return;
    }
    bf_put_text(out, object ? "{" : "[");
    pretty_children(out, node, level);
    bf_put_text(out, object ? "}" : "]");
}

/* The documents go into the object that the schema wrote, before its last brace; then all
 * is laid out for people. */
enum bf_err gen_change_write(struct bf_buf *out, const struct gen_change *c,
                             const char *policy, const char *repository,
                             struct bf_diag *diag)
{
    struct bf_buf flat = bf_buf(GEN_MAX_CHANGE);
    struct bf_json_doc doc = {0};
    enum bf_err err;

    bf_schema_write(&flat, &change_schema, c);
    err = bf_buf_check(&flat, "change file", diag);
    if (err != BF_OK) {
        goto out;
    }
    flat.len--;
    bf_put_fmt(&flat, ",\"policy\":%s,\"repository\":%s}", policy != NULL ? policy : "{}",
               repository != NULL ? repository : "{}");
    err = bf_buf_check(&flat, "change file", diag);
    if (err == BF_OK) {
        err = bf_json_parse(&doc, bf_buf_bytes(&flat), BF_JSON_RELAXED, diag);
    }
    if (err == BF_OK) {
        gen_json_pretty(out, doc.root, 0);
        bf_put_text(out, "\n");
        err = bf_buf_check(out, "change file", diag);
    }
out:
    bf_json_clear(&doc);
    bf_buf_clear(&flat);
    return err;
}

const char *gen_change_setting(const struct gen_change *c, const char *name)
{
    const struct bf_json *settings =
        c->repository != NULL ? bf_json_get(c->repository, "settings") : NULL;

    if (settings == NULL || settings->kind != BF_OBJECT) {
        return NULL;
    }
    return bf_json_get_text(settings, name);
}

void gen_change_client(char out[65], const struct gen_change *c)
{
    static const char head[] = "s3.client.";
    const char *from = NULL;
    size_t len = 0;

    out[0] = '\0';
    if (c->secrets.num > 0) {
        from = BF_LIST_ITEM(&c->secrets, const struct gen_change_secret, 0)->name;
        if (!bf_is_secret_name(from)) {
            return;
        }
        from += sizeof(head) - 1;
        len = strcspn(from, ".");
    } else {
        from = gen_change_setting(c, "client");
        len = from != NULL ? strlen(from) : 0;
    }
    if (from != NULL && len <= 64) {
        bf_copy(out, from, len);
        out[len] = '\0';
    }
}

void gen_change_manifest(struct bf_manifest *out, const struct gen_change *c)
{
    memset(out, 0, sizeof(*out));
    out->change.grade = c->change.grade;
    out->change.reason = c->change.reason;
    out->change.ticket = c->change.ticket;
    out->plan = c->plan;
    out->type = "snapseal/bundle/1";
}
