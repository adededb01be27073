/* SPDX-License-Identifier: Apache-2.0 */
/* Check 8: what the two review documents must be, and what they must have in common with
 * the plan. */
#include <string.h>

#include "bundle_in.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

/* ---- the policy ---- */

/* [BF-423] */
static enum bf_err policy_form(struct bf_diag *diag, size_t statement, const char *what)
{
    if (statement > 0) {
        return bf_fail(diag, BF_POLICY_FORM, "statement %zu: %s", statement, what);
    }
    return bf_fail(diag, BF_POLICY_FORM, "%s", what);
}

/* A string, or a list of at least one string. */
static bool is_strings(const struct bf_json *node)
{
    const struct bf_json *c;

    if (node == NULL) {
        return false;
    }
    if (node->kind == BF_STRING) {
        return true;
    }
    if (node->kind != BF_ARRAY || node->count == 0) {
        return false;
    }
    for (c = node->first; c != NULL; c = c->next) {
        if (c->kind != BF_STRING) {
            return false;
        }
    }
    return true;
}

/* The first of the strings of such a node, and the one after; NULL at the end. */
static const struct bf_json *first_of(const struct bf_json *node)
{
    return node->kind == BF_STRING ? node : node->first;
}

static const struct bf_json *next_of(const struct bf_json *node,
                                     const struct bf_json *item)
{
    return node->kind == BF_STRING ? NULL : item->next;
}

/* "service:Action", letters, digits and the wildcards of IAM; "*" alone is every action.
 */
static bool is_action(const char *t)
{
    static const char service[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    static const char name[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*?";
    size_t n = strspn(t, service);

    if (strcmp(t, "*") == 0) {
        return true;
    }
    return n >= 1 && t[n] == ':' && t[n + 1] != '\0' &&
           strspn(t + n + 1, name) == strlen(t + n + 1);
}

/* {operator: {key: string or list of strings}} */
static bool is_condition(const struct bf_json *node)
{
    const struct bf_json *op, *key;

    if (node->kind != BF_OBJECT || node->count == 0) {
        return false;
    }
    for (op = node->first; op != NULL; op = op->next) {
        if (op->kind != BF_OBJECT || op->count == 0) {
            return false;
        }
        for (key = op->first; key != NULL; key = key->next) {
            if (!is_strings(key)) {
                return false;
            }
        }
    }
    return true;
}

static enum bf_err check_actions(const struct bf_json *node, size_t number,
                                 struct bf_diag *diag)
{
    const struct bf_json *c;

    if (!is_strings(node)) {
        return policy_form(diag, number, "Action is a string or a list of strings");
    }
    for (c = first_of(node); c != NULL; c = next_of(node, c)) {
        if (!is_action(c->text)) {
            return policy_form(diag, number, "an Action that is not service:name");
        }
    }
    return BF_OK;
}

const char *bf_arn_in_bucket(const char *arn, const char *bucket)
{
    size_t n, len = strlen(bucket);

    if (strncmp(arn, "arn:", 4) != 0) {
        return NULL;
    }
    arn += 4;
    n = strspn(arn, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (n == 0 || strncmp(arn + n, ":s3:::", 6) != 0) {
        return NULL;
    }
    arn += n + 6;
    if (strncmp(arn, bucket, len) != 0) {
        return NULL;
    }
    arn += len;
    return arn[0] == '\0' || (arn[0] == '/' && arn[1] != '\0') ? arn : NULL;
}

static enum bf_err check_statement(const struct bf_json *s, size_t number,
                                   struct bf_diag *diag)
{
    static const char *const known[] = {"Action", "Condition", "Effect", "Resource",
                                        "Sid"};
    const struct bf_json *c;
    const char *effect = bf_json_get_text(s, "Effect");

    if (s->kind != BF_OBJECT) {
        return policy_form(diag, number, "not an object");
    }
    for (c = s->first; c != NULL; c = c->next) {
        if (!bf_is_one_of(c->key, known, NUM(known))) {
            return bf_fail(diag, BF_POLICY_FORM,
                           "statement %zu: %s does not belong into a user's policy",
                           number, c->key);
        }
    }
    if (effect == NULL || (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0)) {
        return policy_form(diag, number, "Effect is Allow or Deny");
    }
    if ((c = bf_json_get(s, "Sid")) != NULL && c->kind != BF_STRING) {
        return policy_form(diag, number, "Sid is a string");
    }
    if ((c = bf_json_get(s, "Condition")) != NULL && !is_condition(c)) {
        return policy_form(diag, number, "Condition is not {operator: {key: values}}");
    }
    if (!is_strings(bf_json_get(s, "Resource"))) {
        return policy_form(diag, number, "Resource is a string or a list of strings");
    }
    return check_actions(bf_json_get(s, "Action"), number, diag);
}

static enum bf_err check_policy_form(const struct bf_json *policy, struct bf_diag *diag)
{
    static const char *const known[] = {"Id", "Statement", "Version"};
    static const char *const versions[] = {"2012-10-17", "2008-10-17"};
    const struct bf_json *list = bf_json_get(policy, "Statement"), *c;
    const char *version = bf_json_get_text(policy, "Version");
    enum bf_err err;
    size_t number = 0;

    if (policy->kind != BF_OBJECT) {
        return policy_form(diag, 0, "not an object");
    }
    for (c = policy->first; c != NULL; c = c->next) {
        if (!bf_is_one_of(c->key, known, NUM(known))) {
            return bf_fail(diag, BF_POLICY_FORM, "%s does not belong into a policy",
                           c->key);
        }
    }
    if (version == NULL || !bf_is_one_of(version, versions, NUM(versions))) {
        return policy_form(diag, 0, "Version is 2012-10-17 or 2008-10-17");
    }
    if ((c = bf_json_get(policy, "Id")) != NULL && c->kind != BF_STRING) {
        return policy_form(diag, 0, "Id is a string");
    }
    if (list == NULL || (list->kind != BF_OBJECT && list->kind != BF_ARRAY) ||
        list->count == 0) {
        return policy_form(diag, 0, "Statement is an object or a list of objects");
    }
    for (c = list->kind == BF_OBJECT ? list : list->first; c != NULL; c = c->next) {
        if ((err = check_statement(c, ++number, diag)) != BF_OK) {
            return err;
        }
        if (list->kind == BF_OBJECT) {
            break; /* its siblings are the policy's other members */
        }
    }
    return BF_OK;
}

/* [BF-422] */
static enum bf_err check_policy_bucket(const struct bf_json *policy, const char *bucket,
                                       struct bf_diag *diag)
{
    const struct bf_json *list = bf_json_get(policy, "Statement"), *s, *c;
    size_t number = 0;

    for (s = list->kind == BF_OBJECT ? list : list->first; s != NULL; s = s->next) {
        const struct bf_json *resource = bf_json_get(s, "Resource");

        number++;
        for (c = first_of(resource); c != NULL; c = next_of(resource, c)) {
            if (bf_arn_in_bucket(c->text, bucket) == NULL) {
                return bf_fail(diag, BF_POLICY_BUCKET,
                               "statement %zu: %.120s, the bucket is %s", number, c->text,
                               bucket);
            }
        }
        if (list->kind == BF_OBJECT) {
            break;
        }
    }
    return BF_OK;
}

/* [BF-424] the text that is put has no blanks outside strings, so its length is its
 * bytes. */
static enum bf_err check_policy_size(const struct bf_json *policy, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(BF_MAX_JSON);
    enum bf_err err;

    bf_json_write(&text, policy);
    if ((err = bf_buf_check(&text, "policy", diag)) == BF_OK &&
        text.len > BF_MAX_POLICY) {
        err = bf_fail(diag, BF_POLICY_SIZE, "%zu characters", text.len);
    }
    bf_buf_clear(&text);
    return err;
}

/* ---- the register request ---- */

/* [BF-430] a credential by the last part of its name, at any depth. */
static const char *find_credential(const struct bf_json *node)
{
    static const char *const names[] = {"access_key", "secret_key", "session_token",
                                        "password"};
    const struct bf_json *c;
    const char *found;

    for (c = node->kind == BF_OBJECT || node->kind == BF_ARRAY ? node->first : NULL;
         c != NULL; c = c->next) {
        if (c->key != NULL) {
            const char *dot = strrchr(c->key, '.');

            if (bf_is_one_of(dot != NULL ? dot + 1 : c->key, names, NUM(names))) {
                return c->key;
            }
        }
        if ((found = find_credential(c)) != NULL) {
            return found;
        }
    }
    return NULL;
}

/* [BF-426] exactly {"settings":{...},"type":"s3"}, the settings plain values. */
static enum bf_err check_repository_form(const struct bf_json *repository,
                                         struct bf_diag *diag)
{
    const struct bf_json *settings = bf_json_get(repository, "settings"), *c;
    const char *type = bf_json_get_text(repository, "type");
    static const char *const texts[] = {"bucket", "client", "endpoint", "region",
                                        "protocol"};

    if (repository->kind != BF_OBJECT || repository->count != 2 || settings == NULL ||
        settings->kind != BF_OBJECT || type == NULL || strcmp(type, "s3") != 0) {
        return bf_fail(diag, BF_REPOSITORY_FORM,
                       "settings and the type s3 are needed, and nothing else");
    }
    for (c = settings->first; c != NULL; c = c->next) {
        if (c->kind == BF_OBJECT || c->kind == BF_ARRAY) {
            return bf_fail(diag, BF_REPOSITORY_FORM, "settings.%s is not a plain value",
                           c->key);
        }
        if (bf_is_one_of(c->key, texts, NUM(texts)) && c->kind != BF_STRING) {
            return bf_fail(diag, BF_REPOSITORY_FORM, "settings.%s is not a string",
                           c->key);
        }
    }
    return BF_OK;
}

/* [BF-427] the client is that of every secret that stays; without one, no removed
 * client's. */
static enum bf_err check_client(const struct bf_manifest *m,
                                const struct bf_json *settings, struct bf_diag *diag)
{
    const char *client = bf_json_get_text(settings, "client");
    size_t i;

    client = client != NULL ? client : "default"; /* what the server takes then */
    for (i = 0; i < m->secrets.num; i++) {
        const struct bf_secret_ref *s =
            BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i);
        const bool removed = strcmp(s->versus, "removed") == 0;

        if (bf_bytes_is(bf_secret_client(s->name), client) == removed) {
            return bf_fail(diag, BF_REPOSITORY_CLIENT,
                           "settings.client is %.80s, %s is %s", client, s->name,
                           s->versus);
        }
    }
    return BF_OK;
}

/* [BF-429] absent, or the same as in the plan. */
static enum bf_err check_same(const struct bf_json *settings, const char *key,
                              const char *want, struct bf_diag *diag)
{
    const char *text = bf_json_get_text(settings, key);

    if (text != NULL && strcmp(text, want) != 0) {
        return bf_fail(diag, BF_REPOSITORY_S3, "settings.%s is %.120s, not %s", key, text,
                       want[0] != '\0' ? want : "empty");
    }
    return BF_OK;
}

/* Servers take true and "true". */
static enum bf_err check_path_style(const struct bf_json *settings, bool want,
                                    struct bf_diag *diag)
{
    const struct bf_json *node = bf_json_get(settings, "path_style_access");
    bool same = node == NULL;

    if (node != NULL && node->kind == BF_BOOL) {
        same = (node->num != 0) == want;
    } else if (node != NULL && node->kind == BF_STRING) {
        same = strcmp(node->text, want ? "true" : "false") == 0;
    }
    return same ? BF_OK
                : bf_fail(diag, BF_REPOSITORY_S3, "settings.path_style_access is not %s",
                          want ? "true" : "false");
}

static enum bf_err check_repository(const struct bf_manifest *m,
                                    const struct bf_json *repository,
                                    struct bf_diag *diag)
{
    const struct bf_json *settings = bf_json_get(repository, "settings");
    const char *secret = find_credential(repository), *bucket;
    enum bf_err err;

    if (secret != NULL) {
        return bf_fail(diag, BF_REPOSITORY_SECRET, "%s", secret);
    }
    if ((err = check_repository_form(repository, diag)) != BF_OK ||
        (err = check_client(m, settings, diag)) != BF_OK) {
        return err;
    }
    bucket = bf_json_get_text(settings, "bucket");
    if (bucket == NULL || strcmp(bucket, m->plan.bucket.name) != 0) { /* [BF-428] */
        return bf_fail(diag, BF_REPOSITORY_BUCKET, "settings.bucket is %.80s, not %s",
                       bucket != NULL ? bucket : "missing", m->plan.bucket.name);
    }
    if ((err = check_same(settings, "endpoint", m->plan.s3.endpoint, diag)) != BF_OK ||
        (err = check_same(settings, "region", m->plan.s3.region, diag)) != BF_OK ||
        (err = check_same(settings, "protocol", "https", diag)) != BF_OK) {
        return err;
    }
    return check_path_style(settings, m->plan.s3.path_style, diag);
}

enum bf_err bf_review_rules(const struct bf_manifest *m, const struct bf_json *policy,
                            const struct bf_json *repository, struct bf_diag *diag)
{
    enum bf_err err;

    if (policy != NULL &&
        ((err = check_policy_form(policy, diag)) != BF_OK ||
         (err = check_policy_bucket(policy, m->plan.bucket.name, diag)) != BF_OK ||
         (err = check_policy_size(policy, diag)) != BF_OK)) {
        return err;
    }
    return repository != NULL ? check_repository(m, repository, diag) : BF_OK;
}
