/* SPDX-License-Identifier: Apache-2.0 */
/* The part of lint that reads one statement of the IAM policy by itself: lines that IAM
 * refuses, and lines that can never do anything. */
#include <stdio.h>
#include <string.h>

#include "lint.h"
#include "policy.h"

enum { BUCKETS = 1, OBJECTS = 2 }; /* what the resources are */

/* Which of bucket ARNs and object ARNs stand in Resource. */
static int kinds_of(const struct bf_json *resources)
{
    const char *one;
    int kinds = 0;
    size_t i;

    for (i = 0; (one = gen_policy_item(resources, i)) != NULL; i++) {
        kinds |= strchr(one, '/') != NULL ? OBJECTS : BUCKETS;
        kinds |= strcmp(one, "*") == 0 ? OBJECTS : 0;
    }
    return kinds;
}

static void lint_sid(struct gen_findings *f, const struct bf_json *policy,
                     const struct bf_json *s, size_t at)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789";
    const char *sid = bf_json_get_text(s, "Sid"), *other;
    const struct bf_json *o;
    char where[64];
    size_t i;

    if (sid == NULL) {
        return;
    }
    snprintf(where, sizeof(where), "policy.Statement[%zu].Sid", at);
    if (strspn(sid, allowed) != strlen(sid)) {
        gen_find(f, GEN_L_POLICY_SID, where, "\"%.100s\": A-Z, a-z and 0-9 alone", sid);
    }
    for (i = 0; i < at && (o = gen_policy_statement(policy, i)) != NULL; i++) {
        other = bf_json_get_text(o, "Sid");
        if (other != NULL && sid[0] != '\0' && strcmp(sid, other) == 0) {
            gen_find(f, GEN_L_POLICY_SID, where, "\"%.100s\" is that of Statement[%zu]",
                     sid, i);
        }
    }
}

/* The key under one operator: whether the line says what it seems to say. */
static void lint_key(struct gen_findings *f, const char *where, const char *operator_name,
                     const struct bf_json *key)
{
    const char *one;
    size_t i;

    if (!gen_key_is_listing(key->key)) {
        gen_find(f, GEN_L_POLICY_CONDITION, where, "%.60s on %.100s", operator_name,
                 key->key);
        return;
    }
    for (i = 0; (one = gen_policy_item(key, i)) != NULL; i++) {
        if (strpbrk(one, "*?") != NULL && !gen_operator_has_wildcards(operator_name)) {
            gen_find(f, GEN_L_POLICY_LITERAL, where, "%.60s on %.60s: \"%.100s\"",
                     operator_name, key->key, one);
        }
    }
}

static void lint_condition(struct gen_findings *f, const struct bf_json *s,
                           const char *where)
{
    const struct bf_json *condition = bf_json_get(s, "Condition"), *op, *key;

    if (condition == NULL || condition->kind != BF_OBJECT) {
        return; /* POLICY_FORM says what is wrong with it */
    }
    for (op = condition->first; op != NULL; op = op->next) {
        if (!gen_operator_is_known(op->key)) {
            gen_find(f, GEN_L_POLICY_OPERATOR, where, "\"%.100s\"", op->key);
            continue;
        }
        for (key = op->kind == BF_OBJECT ? op->first : NULL; key != NULL;
             key = key->next) {
            lint_key(f, where, op->key, key);
        }
    }
}

/* An action that no resource of the line is for, or that has not what the condition asks
 * of a request. */
static void lint_never(struct gen_findings *f, const struct bf_json *s, const char *where,
                       const char *prefix)
{
    const struct bf_json *actions = bf_json_get(s, "Action");
    int kinds = kinds_of(bf_json_get(s, "Resource"));
    const struct gen_action *known;
    const char *one;
    size_t i;

    for (i = 0; (one = gen_policy_item(actions, i)) != NULL; i++) {
        known = gen_action_find(one);
        if (known == NULL) {
            continue;
        }
        if (known->scope == GEN_ON_OBJECTS && kinds == BUCKETS) {
            /* Ceph RGW has one use for it: policy-rgw */
            if (strcmp(known->name, "s3:DeleteObject") != 0) {
                gen_find(f, GEN_L_POLICY_NEVER, where,
                         "%s is asked of objects, and Resource has none", known->name);
            }
        } else if (known->scope == GEN_ON_BUCKET && kinds == OBJECTS) {
            gen_find(f, GEN_L_POLICY_NEVER, where,
                     "%s is asked of the bucket, and Resource has objects alone",
                     known->name);
        } else if (!gen_condition_may_hold(s, known->name, prefix)) {
            gen_find(f, GEN_L_POLICY_NEVER, where, "%s does not meet the Condition",
                     known->name);
        }
    }
}

void gen_lint_statement(struct gen_findings *f, const struct gen_change *c,
                        const struct bf_json *s, size_t at, const char *prefix)
{
    const char *effect = bf_json_get_text(s, "Effect");
    char where[64];

    snprintf(where, sizeof(where), "policy.Statement[%zu]", at);
    lint_sid(f, c->policy, s, at);
    lint_condition(f, s, where);
    if (effect == NULL || strcmp(effect, "Deny") != 0) {
        lint_never(f, s, where, prefix);
    }
}
