/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <string.h>
#include <strings.h>

#include "bf/text.h"

enum { NO, YES, UNKNOWN };

/* One text, or a list of them. */
static size_t count(struct vfy_at value)
{
    return vfy_at_text(value)[0] != '\0' ? 1 : vfy_at_count(value);
}

static const char *item(struct vfy_at value, size_t i)
{
    return vfy_at_text(value)[0] != '\0' ? vfy_at_text(value)
                                         : vfy_at_text(vfy_at_child(value, i));
}

/* A policy variable is not filled in here. */
static int one_of(struct vfy_at list, const char *text, bool wild, bool any_case)
{
    int found = NO;
    size_t i;

    for (i = 0; i < count(list); i++) {
        const char *p = item(list, i);

        if (strstr(p, "${") != NULL) {
            found = UNKNOWN;
        } else if (wild ? bf_wildcard(p, text, any_case)
                        : (any_case ? strcasecmp(p, text) : strcmp(p, text)) == 0) {
            return YES;
        }
    }
    return found;
}

static int negate(int value)
{
    return value == UNKNOWN ? UNKNOWN : value == YES ? NO : YES;
}

/*
 * One operator of a condition on one key. A key that the request does not have fails what
 * asks for equality and meets what asks for a difference.
 */
static int meets_key(const char *op, const char *key, struct vfy_at wanted,
                     const struct vfy_policy_request *req)
{
    static const struct {
        const char *name;
        bool wild, any_case, negated;
    } operators[] = {{"StringLike", true, false, false},
                     {"StringEquals", false, false, false},
                     {"StringEqualsIgnoreCase", false, true, false},
                     {"StringNotLike", true, false, true},
                     {"StringNotEquals", false, false, true},
                     {"StringNotEqualsIgnoreCase", false, true, true},
                     {"Bool", false, true, false}};
    static const char suffix[] = "IfExists";
    const bool secure = strcasecmp(key, "aws:SecureTransport") == 0;
    const char *value = secure                              ? "true"
                        : strcasecmp(key, "s3:prefix") == 0 ? req->prefix
                                                            : NULL;
    const char *end = strstr(op, suffix);
    const size_t len = end != NULL ? (size_t)(end - op) : strlen(op);
    size_t i;
    int met;

    if (!secure && strcasecmp(key, "s3:prefix") != 0) {
        return UNKNOWN;
    }
    for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strlen(operators[i].name) == len &&
            strncmp(operators[i].name, op, len) == 0) {
            break;
        }
    }
    if (i == sizeof(operators) / sizeof(operators[0]) ||
        (end != NULL && strcmp(end, suffix) != 0)) {
        return UNKNOWN;
    }
    if (value == NULL) {
        return end != NULL || operators[i].negated ? YES : NO;
    }
    met = one_of(wanted, value, operators[i].wild, operators[i].any_case);
    return operators[i].negated ? negate(met) : met;
}

static int both(int a, int b)
{
    return a == NO || b == NO ? NO : a == UNKNOWN || b == UNKNOWN ? UNKNOWN : YES;
}

static int meets_conditions(struct vfy_at condition, const struct vfy_policy_request *req)
{
    int met = YES;
    size_t i, k;

    for (i = 0; i < vfy_at_count(condition); i++) {
        const struct vfy_at op = vfy_at_child(condition, i);

        for (k = 0; k < vfy_at_count(op); k++) {
            const struct vfy_at wanted = vfy_at_child(op, k);

            met = both(met, meets_key(vfy_at_key(op), vfy_at_key(wanted), wanted, req));
        }
    }
    return met;
}

/* Whether a statement is about the request. */
static int applies(struct vfy_at statement, const struct vfy_policy_request *req)
{
    static const char *const odd[] = {"NotAction", "NotResource", "Principal",
                                      "NotPrincipal"};
    int met = one_of(vfy_at_get(statement, "Action"), req->action, true, true);
    size_t i;

    met = vfy_at_is(vfy_at_get(statement, "NotAction")) ? UNKNOWN : met;
    met = both(
        met, vfy_at_is(vfy_at_get(statement, "NotResource"))
                 ? UNKNOWN
                 : one_of(vfy_at_get(statement, "Resource"), req->resource, true, false));
    met = both(met, meets_conditions(vfy_at_get(statement, "Condition"), req));
    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        met = both(met, vfy_at_is(vfy_at_get(statement, odd[i])) ? UNKNOWN : YES);
    }
    return met;
}

enum vfy_verdict vfy_policy_judge(struct vfy_at document,
                                  const struct vfy_policy_request *req)
{
    const struct vfy_at statements = vfy_at_get(document, "Statement");
    /* one statement may stand without its list */
    const bool single = vfy_at_is(vfy_at_get(statements, "Effect"));
    const size_t num = single ? 1 : vfy_at_count(statements);
    bool allowed = false, deny_unknown = false, allow_unknown = false;
    size_t i;

    for (i = 0; i < num; i++) {
        const struct vfy_at s = single ? statements : vfy_at_child(statements, i);
        const bool deny = strcmp(vfy_at_text(vfy_at_get(s, "Effect")), "Deny") == 0;
        const int met = applies(s, req);

        if (met == YES && deny) {
            return VFY_DENIED;
        }
        allowed = allowed || met == YES;
        deny_unknown = deny_unknown || (met == UNKNOWN && deny);
        allow_unknown = allow_unknown || (met == UNKNOWN && !deny);
    }
    if (deny_unknown && (allowed || allow_unknown)) {
        return VFY_NOT_JUDGED;
    }
    return allowed ? VFY_ALLOWED : allow_unknown ? VFY_NOT_JUDGED : VFY_NOT_ALLOWED;
}
