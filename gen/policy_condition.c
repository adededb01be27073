/* SPDX-License-Identifier: Apache-2.0 */
/* Condition of a statement. Of its keys only those of a listing follow from the change;
 * who calls from where, and when, is not known here. */
#include <string.h>
#include <strings.h>

#include "bf/text.h"
#include "policy.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

/* Operators that IAM knows, without IfExists and ForAllValues: (IAM user guide, "IAM JSON
 * policy elements: Condition operators"). */
static const char *const operators[] = {
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
};

/* "ForAnyValue:StringLikeIfExists" taken apart. */
struct parts {
    const char *base; /* of operators, or NULL */
    bool all, if_exists;
};

static struct parts take_apart(const char *name)
{
    static const char all[] = "ForAllValues:", any[] = "ForAnyValue:";
    static const char exists[] = "IfExists";
    struct parts out = {NULL, strncmp(name, all, sizeof(all) - 1) == 0, false};
    size_t len, tail = sizeof(exists) - 1, i;

    if (out.all) {
        name += sizeof(all) - 1;
    } else if (strncmp(name, any, sizeof(any) - 1) == 0) {
        name += sizeof(any) - 1;
    }
    len = strlen(name);
    if (len > tail && strcmp(name + len - tail, exists) == 0) {
        out.if_exists = true;
        len -= tail;
    }
    for (i = 0; i < NUM(operators); i++) {
        if (strlen(operators[i]) == len && strncmp(operators[i], name, len) == 0) {
            out.base = operators[i];
        }
    }
    if (out.base != NULL && out.if_exists && strcmp(out.base, "Null") == 0) {
        out.base = NULL; /* IAM has no NullIfExists */
    }
    return out;
}

bool gen_operator_is_known(const char *name)
{
    return take_apart(name).base != NULL;
}

bool gen_operator_has_wildcards(const char *name)
{
    const char *base = take_apart(name).base;

    return base != NULL &&
           (strcmp(base, "StringLike") == 0 || strcmp(base, "StringNotLike") == 0);
}

bool gen_key_is_listing(const char *key)
{
    return strcasecmp(key, "s3:prefix") == 0 || strcasecmp(key, "s3:delimiter") == 0 ||
           strcasecmp(key, "s3:max-keys") == 0;
}

/* Such a request has the listing keys; no other action that a repository needs does. */
static bool is_listing(const char *action)
{
    return strcasecmp(action, "s3:ListBucket") == 0 ||
           strcasecmp(action, "s3:ListBucketVersions") == 0;
}

static bool any_value(const struct bf_json *values, const char *text, bool wild,
                      bool fold)
{
    const char *one;
    size_t i;

    for (i = 0; (one = gen_policy_item(values, i)) != NULL; i++) {
        if (wild ? bf_wildcard(one, text, false)
                 : (fold ? strcasecmp(one, text) : strcmp(one, text)) == 0) {
            return true;
        }
    }
    return false;
}

/* One key under one operator. Where nothing is known, it may hold. */
static bool may_hold(const char *operator_name, const struct bf_json *key,
                     const char *action, const char *prefix)
{
    struct parts op = take_apart(operator_name);
    bool negated, found;

    if (op.base == NULL) {
        return false;
    }
    negated = strstr(op.base, "Not") != NULL;
    if (!gen_key_is_listing(key->key)) {
        return true;
    }
    if (prefix == NULL && is_listing(action)) {
        return true;
    }
    if (!is_listing(action)) {
        /* the request has no such key: only these hold then */
        return negated || op.if_exists || op.all ||
               (strcmp(op.base, "Null") == 0 && any_value(key, "true", false, true));
    }
    if (strcasecmp(key->key, "s3:prefix") != 0 || strncmp(op.base, "String", 6) != 0) {
        return true;
    }
    found = any_value(key, prefix, strstr(op.base, "Like") != NULL,
                      strstr(op.base, "IgnoreCase") != NULL);
    return found != negated;
}

bool gen_condition_may_hold(const struct bf_json *statement, const char *action,
                            const char *prefix)
{
    const struct bf_json *condition = bf_json_get(statement, "Condition"), *op, *key;

    if (condition == NULL || condition->kind != BF_OBJECT) {
        return condition == NULL;
    }
    for (op = condition->first; op != NULL; op = op->next) {
        for (key = op->kind == BF_OBJECT ? op->first : NULL; key != NULL;
             key = key->next) {
            if (!may_hold(op->key, key, action, prefix)) {
                return false;
            }
        }
    }
    return true;
}
