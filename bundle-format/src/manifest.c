/* SPDX-License-Identifier: Apache-2.0 */
/* The closed schema of a bundle's manifest.json as tables, and the way from bytes to
 * struct. */
#include <stddef.h>
#include <string.h>

#include "bundle_in.h"

#define MAX_INT 9007199254740991
#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define IN(type, outer, member) (offsetof(type, outer.member) - offsetof(type, outer))
#define PART(type, member) sizeof(((type *)0)->member)
#define TEXT_AT(n, where, is)                                                            \
    {                                                                                    \
        .name = n, .kind = BF_F_TEXT, .at = where, .grammar = is                         \
    }
#define INT_AT(n, where, least)                                                          \
    {                                                                                    \
        .name = n, .kind = BF_F_INT, .at = where, .min = least, .max = MAX_INT           \
    }
#define BOOL_AT(n, where)                                                                \
    {                                                                                    \
        .name = n, .kind = BF_F_BOOL, .at = where                                        \
    }
#define OBJECT_AT(n, where, schema)                                                      \
    {                                                                                    \
        .name = n, .kind = BF_F_OBJECT, .at = where, .of = schema                        \
    }
#define OBJECTS_AT(n, where, most, schema)                                               \
    {                                                                                    \
        .name = n, .kind = BF_F_OBJECTS, .at = where, .max = most, .of = schema          \
    }

bool bf_is_one_of(const char *text, const char *const *words, size_t num)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A grammar that takes some words alone. */
#define WORDS(name, ...)                                                                 \
    static bool name(const char *t)                                                      \
    {                                                                                    \
        static const char *const words[] = {__VA_ARGS__};                                \
                                                                                         \
        return bf_is_one_of(t, words, NUM(words));                                       \
    }

WORDS(is_class, "normal", "emergency")
WORDS(is_bucket_mode, "none", "check", "create")
WORDS(is_do, "register", "rotate", "remove")
WORDS(is_iam_mode, "none", "manual", "check", "apply", "mint")
WORDS(is_preflight, "required", "if-reachable", "none")
WORDS(is_restart_group, "__all__", "__name__", "__zone__")
WORDS(is_restart_mode, "never", "if-needed", "always")
WORDS(is_versus, "new", "changed", "same", "removed", "unstated")
WORDS(is_kind, "opensearch", "elasticsearch", "ech", "ece", "eck")
WORDS(is_type, BF_BUNDLE_TYPE)

static bool is_precondition(const char *t)
{
    return strcmp(t, "any") == 0 || strcmp(t, "absent") == 0 || bf_is_hex64(t);
}

static bool is_id_or_empty(const char *t)
{
    return t[0] == '\0' || bf_is_id(t);
}

/* A value in clear: TEXT without blanks. */
static bool is_disclosed(const char *t)
{
    return t[0] == '\0' || (bf_is_text(t) && strchr(t, ' ') == NULL);
}

static const struct bf_field bucket_fields[] = {
    TEXT_AT("mode", IN(struct bf_plan, bucket, mode), is_bucket_mode),
    TEXT_AT("name", IN(struct bf_plan, bucket, name), bf_is_bucket),
    BOOL_AT("ownership", IN(struct bf_plan, bucket, ownership)),
    BOOL_AT("public_block", IN(struct bf_plan, bucket, public_block)),
    TEXT_AT("region", IN(struct bf_plan, bucket, region), bf_is_region_or_empty),
    BOOL_AT("versioning", IN(struct bf_plan, bucket, versioning)),
};
static const struct bf_schema bucket_schema = {"bucket", PART(struct bf_plan, bucket),
                                               bucket_fields, NUM(bucket_fields)};

static const struct bf_field iam_fields[] = {
    TEXT_AT("arn", IN(struct bf_plan, iam, arn), bf_is_arn_or_empty),
    TEXT_AT("mode", IN(struct bf_plan, iam, mode), is_iam_mode),
    TEXT_AT("policy", IN(struct bf_plan, iam, policy), bf_is_name_or_empty),
    TEXT_AT("user", IN(struct bf_plan, iam, user), bf_is_name_or_empty),
};
static const struct bf_schema iam_schema = {"iam", PART(struct bf_plan, iam), iam_fields,
                                            NUM(iam_fields)};

static const struct bf_field restart_fields[] = {
    TEXT_AT("group", IN(struct bf_plan, restart, group), is_restart_group),
    TEXT_AT("mode", IN(struct bf_plan, restart, mode), is_restart_mode),
    BOOL_AT("skip_snapshot", IN(struct bf_plan, restart, skip_snapshot)),
};
static const struct bf_schema restart_schema = {"restart", PART(struct bf_plan, restart),
                                                restart_fields, NUM(restart_fields)};

static const struct bf_field s3_fields[] = {
    TEXT_AT("endpoint", IN(struct bf_plan, s3, endpoint), bf_is_url_or_empty),
    BOOL_AT("path_style", IN(struct bf_plan, s3, path_style)),
    TEXT_AT("region", IN(struct bf_plan, s3, region), bf_is_region_or_empty),
};
static const struct bf_schema s3_schema = {"s3", PART(struct bf_plan, s3), s3_fields,
                                           NUM(s3_fields)};

static const struct bf_field plan_fields[] = {
    BOOL_AT("analyze", offsetof(struct bf_plan, analyze)),
    OBJECT_AT("bucket", offsetof(struct bf_plan, bucket), &bucket_schema),
    TEXT_AT("do", offsetof(struct bf_plan, action), is_do),
    OBJECT_AT("iam", offsetof(struct bf_plan, iam), &iam_schema),
    TEXT_AT("precondition", offsetof(struct bf_plan, precondition), is_precondition),
    TEXT_AT("preflight", offsetof(struct bf_plan, preflight), is_preflight),
    TEXT_AT("repository", offsetof(struct bf_plan, repository), bf_is_repository),
    OBJECT_AT("restart", offsetof(struct bf_plan, restart), &restart_schema),
    TEXT_AT("retire", offsetof(struct bf_plan, retire), bf_is_keyid_or_empty),
    OBJECT_AT("s3", offsetof(struct bf_plan, s3), &s3_schema),
};
const struct bf_schema bf_plan_schema = {"plan", sizeof(struct bf_plan), plan_fields,
                                         NUM(plan_fields)};

static const struct bf_field secret_fields[] = {
    TEXT_AT("commitment", offsetof(struct bf_secret_ref, commitment),
            bf_is_hex64_or_empty),
    TEXT_AT("disclosed", offsetof(struct bf_secret_ref, disclosed), is_disclosed),
    TEXT_AT("name", offsetof(struct bf_secret_ref, name), bf_is_secret_name),
    TEXT_AT("versus", offsetof(struct bf_secret_ref, versus), is_versus),
};
static const struct bf_schema secret_schema = {"secret", sizeof(struct bf_secret_ref),
                                               secret_fields, NUM(secret_fields)};

static const struct bf_field change_fields[] = {
    TEXT_AT("class", IN(struct bf_manifest, change, grade), is_class),
    TEXT_AT("reason", IN(struct bf_manifest, change, reason), bf_is_text),
    TEXT_AT("ticket", IN(struct bf_manifest, change, ticket), bf_is_text),
};
static const struct bf_schema change_schema = {"change", PART(struct bf_manifest, change),
                                               change_fields, NUM(change_fields)};

static const struct bf_field log_fields[] = {
    TEXT_AT("origin", IN(struct bf_manifest, expect_log, origin), is_id_or_empty),
    TEXT_AT("root", IN(struct bf_manifest, expect_log, root), bf_is_hex64_or_empty),
    INT_AT("size", IN(struct bf_manifest, expect_log, size), 0),
};
static const struct bf_schema log_schema = {"log", PART(struct bf_manifest, expect_log),
                                            log_fields, NUM(log_fields)};

static const struct bf_field target_fields[] = {
    TEXT_AT("appliance", IN(struct bf_manifest, target, appliance), bf_is_id),
    TEXT_AT("cluster_uuid", IN(struct bf_manifest, target, cluster_uuid), bf_is_uuid),
    TEXT_AT("id", IN(struct bf_manifest, target, id), bf_is_id),
    TEXT_AT("kind", IN(struct bf_manifest, target, kind), is_kind),
};
static const struct bf_schema target_schema = {"target", PART(struct bf_manifest, target),
                                               target_fields, NUM(target_fields)};

static const struct bf_field trust_fields[] = {
    TEXT_AT("sha256", IN(struct bf_manifest, trust, sha256), bf_is_hex64),
    INT_AT("version", IN(struct bf_manifest, trust, version), 1),
};
static const struct bf_schema trust_schema = {"trust", PART(struct bf_manifest, trust),
                                              trust_fields, NUM(trust_fields)};

static const struct bf_field manifest_fields[] = {
    TEXT_AT("author", offsetof(struct bf_manifest, author), bf_is_id),
    TEXT_AT("bundle_id", offsetof(struct bf_manifest, bundle_id), bf_is_hex32),
    OBJECT_AT("change", offsetof(struct bf_manifest, change), &change_schema),
    TEXT_AT("created_at", offsetof(struct bf_manifest, created_at), bf_is_time),
    TEXT_AT("domain", offsetof(struct bf_manifest, domain), bf_is_domain),
    OBJECT_AT("expect_log", offsetof(struct bf_manifest, expect_log), &log_schema),
    TEXT_AT("expires", offsetof(struct bf_manifest, expires), bf_is_time),
    OBJECTS_AT("members", offsetof(struct bf_manifest, members), BF_MAX_MEMBERS,
               &bf_member_schema),
    TEXT_AT("not_before", offsetof(struct bf_manifest, not_before), bf_is_time),
    OBJECT_AT("plan", offsetof(struct bf_manifest, plan), &bf_plan_schema),
    TEXT_AT("prev", offsetof(struct bf_manifest, prev), bf_is_hex64_or_empty),
    OBJECTS_AT("secrets", offsetof(struct bf_manifest, secrets), BF_MAX_SECRETS,
               &secret_schema),
    INT_AT("serial", offsetof(struct bf_manifest, serial), 1),
    TEXT_AT("supersedes", offsetof(struct bf_manifest, supersedes), bf_is_hex64_or_empty),
    OBJECT_AT("target", offsetof(struct bf_manifest, target), &target_schema),
    OBJECT_AT("trust", offsetof(struct bf_manifest, trust), &trust_schema),
    TEXT_AT("type", offsetof(struct bf_manifest, type), is_type),
};
const struct bf_schema bf_manifest_schema = {"manifest", sizeof(struct bf_manifest),
                                             manifest_fields, NUM(manifest_fields)};

/* [BF-403] before anything else of the document is looked at. */
enum bf_err bf_manifest_type(const struct bf_json *root, struct bf_diag *diag)
{
    const char *type = bf_json_get_text(root, "type");

    if (type == NULL || !is_type(type)) {
        return bf_fail(diag, BF_MANIFEST_TYPE, "%.60s instead of %s",
                       type != NULL ? type : "no type", BF_BUNDLE_TYPE);
    }
    return BF_OK;
}

/* [BF-405] [BF-406] closed for all that the format names; then what no single member can
 * tell. */
enum bf_err bf_manifest_decode(struct bf_manifest *out, struct bf_json_doc *doc,
                               struct bf_diag *diag)
{
    enum bf_err err = bf_schema_read_as(out, &bf_manifest_schema, doc->root, &doc->arena,
                                        BF_MANIFEST_SCHEMA, BF_MANIFEST_VALUE, diag);

    return err == BF_OK ? bf_manifest_rules(out, diag) : err;
}

enum bf_err bf_manifest_read(struct bf_manifest *out, struct bf_json_doc *doc,
                             struct bf_bytes raw, struct bf_diag *diag)
{
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if ((err = bf_json_parse(doc, raw, BF_JSON_SIGNED, diag)) != BF_OK ||
        (err = bf_manifest_type(doc->root, diag)) != BF_OK) {
        return err;
    }
    return bf_manifest_decode(out, doc, diag);
}

const struct bf_secret_ref *bf_manifest_secret(const struct bf_manifest *m,
                                               const char *name)
{
    size_t i;

    for (i = 0; i < m->secrets.num; i++) {
        const struct bf_secret_ref *ref =
            BF_LIST_ITEM(&m->secrets, const struct bf_secret_ref, i);

        if (strcmp(ref->name, name) == 0) {
            return ref;
        }
    }
    return NULL;
}
