/* SPDX-License-Identifier: Apache-2.0 */
/* Sections 3, 5 and 6 of the review sheet: the steps of the plan, the policy and the
 * register request in plain words. */
#include <stdio.h>
#include <string.h>

#include "sheet_in.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static const char *yes(bool b)
{
    return b ? "yes" : "no";
}

/* ---- 3 ---- */

static void put_precondition(struct bf_sheet *s, const char *what, bool has_repository)
{
    if (is(what, "any")) {
        bf_sheet_put(s, "Precondition",
                     has_repository
                         ? "any: a repository of this name that is there is replaced"
                         : "any: it is not asked with which settings it is registered");
    } else if (is(what, "absent")) {
        bf_sheet_put(s, "Precondition",
                     "absent: if a repository of this name is there, nothing is done");
    } else {
        bf_sheet_put(s, "Precondition",
                     "the repository is there and its definition is the reviewed one, "
                     "else nothing is done; its sha256:");
        bf_sheet_put(s, "Reviewed", what);
    }
}

static void put_iam(struct bf_sheet *s, const struct bf_plan *p)
{
    static const struct bf_meaning modes[] = {
        {"none", "users, keys and policies there are not looked at"},
        {"manual", "the AWS team puts the policy of section 5; it is not read, the proof "
                   "shows whether it works"},
        {"check", "the policy of section 5 must be there; it is read, not written"},
        {"apply", "put the policy of section 5; one of that name is replaced"},
        {"mint", "make the user and a new key, put the policy of section 5"},
    };

    bf_sheet_word(s, "IAM", p->iam.mode, modes, NUM(modes));
    if (!is(p->iam.mode, "none")) {
        bf_sheet_put(s, "IAM user", p->iam.user);
        bf_sheet_put(s, "IAM ARN", p->iam.arn);
        bf_sheet_put(s, "IAM policy", p->iam.policy);
    }
}

static void put_bucket(struct bf_sheet *s, const struct bf_plan *p)
{
    static const struct bf_meaning modes[] = {
        {"none", "not made, not changed, not looked at"},
        {"check", "it must be there, with the settings that follow"},
        {"create", "it is made with the settings that follow; if it is there already it "
                   "must have them"},
    };

    bf_sheet_word(s, "Bucket is", p->bucket.mode, modes, NUM(modes));
    if (!is(p->bucket.mode, "none")) {
        BF_SHEET_FMT(s, "Bucket wants",
                     "owner enforced %s, public access blocked %s, versioning %s",
                     yes(p->bucket.ownership), yes(p->bucket.public_block),
                     yes(p->bucket.versioning));
    }
}

/* True when the change brings a key, or makes one. */
static bool has_key(const struct bf_manifest *m)
{
    size_t i;

    for (i = 0; i < m->secrets.num; i++) {
        if (!is(BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i)->versus, "removed")) {
            return true;
        }
    }
    return false;
}

static void put_preflight(struct bf_sheet *s, const struct bf_manifest *m)
{
    static const struct bf_meaning preflights[] = {
        {"required", "the keys of section 4 must first list, write, read and delete an "
                     "object of their own in the bucket"},
        {"if-reachable", "as required, but left out where the appliance cannot reach S3"},
        {"none", "the keys are not tried before they are used"},
    };

    if (has_key(m)) {
        bf_sheet_word(s, "Preflight", m->plan.preflight, preflights, NUM(preflights));
    } else {
        BF_SHEET_FMT(s, "Preflight",
                     "%s: no key comes with this change, so none is tried",
                     m->plan.preflight);
    }
}

static void put_keystore(struct bf_sheet *s, const struct bf_manifest *m)
{
    const char *kind = m->target.kind;

    if (m->secrets.num == 0) {
        bf_sheet_put(s, "Keystore", "not changed");
    } else if (is(kind, "opensearch") || is(kind, "elasticsearch")) {
        bf_sheet_put(s, "Keystore",
                     "changed on every node as section 4 says, after a copy of it");
    } else if (is(kind, "eck")) {
        bf_sheet_put(s, "Keystore",
                     "changed as section 4 says, by a Secret of Kubernetes");
    } else {
        bf_sheet_put(s, "Keystore",
                     "changed as section 4 says, by the platform's keystore API");
    }
    bf_sheet_put(s, "Reload",
                 m->secrets.num == 0 ? "not needed"
                 : is(kind, "eck")
                     ? "Kubernetes RESTARTS THE NODES one after the other"
                     : "every node reloads its keystore, and each node's answer counts");
}

static void put_restart(struct bf_sheet *s, const struct bf_plan *p)
{
    static const struct bf_meaning modes[] = {
        {"never", "no node is restarted"},
        {"if-needed", "NODES ARE RESTARTED where reloading was not enough"},
        {"always", "ALL NODES ARE RESTARTED"},
    };
    static const struct bf_meaning groups[] = {
        {"__all__", "all at once"},
        {"__name__", "one node after the other"},
        {"__zone__", "one zone after the other"},
    };

    bf_sheet_word(s, "Restart", p->restart.mode, modes, NUM(modes));
    bf_sheet_word(s, "Restart group", p->restart.group, groups, NUM(groups));
    bf_sheet_put(s, "Restart skips",
                 p->restart.skip_snapshot ? "the snapshot before a restart" : "nothing");
}

void bf_sheet_steps(struct bf_sheet *s, const struct bf_manifest *m, bool has_repository)
{
    static const struct bf_meaning actions[] = {
        {"register", "make the repository, or replace it"},
        {"rotate", "replace the keys"},
        {"remove", "take the registration away; no snapshot is deleted"},
    };
    const struct bf_plan *p = &m->plan;

    bf_sheet_heading(s, "3 WHAT IS DONE, IN THIS ORDER");
    bf_sheet_word(s, "Do", p->action, actions, NUM(actions));
    put_precondition(s, p->precondition, has_repository);
    put_iam(s, p);
    put_bucket(s, p);
    put_preflight(s, m);
    put_keystore(s, m);
    put_restart(s, p);
    bf_sheet_put(s, "Request",
                 is(p->action, "remove") ? "the repository's registration is deleted"
                 : has_repository
                     ? "the request of section 6 is sent, read back and compared"
                     : "the registration is left as it is");
    bf_sheet_put(s, "Proof",
                 is(p->action, "remove")
                     ? "the repository is no longer there"
                     : "every node must be able to use the repository");
    bf_sheet_put(s, "Analysis",
                 p->analyze ? "yes: the cluster also tests the bucket at length"
                            : "no: the cluster's own long test of the bucket is not run");
    if (p->retire[0] == '\0') {
        bf_sheet_put(s, "Retire", "no older key is deleted");
    } else {
        BF_SHEET_FMT(
            s, "Retire",
            "after the proof, key %s IS NO LONGER USED; the receipt names it and "
            "the AWS team deletes it; the appliance leaves it alone",
            p->retire);
    }
}

/* ---- 5 ---- */

/* "3 word" */
static const char *numbered(char out[40], size_t number, const char *word)
{
    snprintf(out, 40, "%zu %s", number, word);
    return out;
}

/* A value as JSON, for what has no plain form. */
static void put_json(struct bf_sheet *s, const char *label, const struct bf_json *node)
{
    bf_json_write(&s->value, node);
    bf_sheet_item(s, label);
}

static void put_action(struct bf_sheet *s, const char *label, const char *action,
                       const char *bucket)
{
    const char *reason = bf_action_reason(action);

    (void)bucket;
    if (reason == NULL) {
        reason = strpbrk(action, "*?") != NULL
                     ? "WIDE: every action whose name fits"
                     : "NOT KNOWN as an action that a repository needs; ask why";
    }
    BF_SHEET_FMT(s, label, "%s: %s", action, reason);
}

static void put_resource(struct bf_sheet *s, const char *label, const char *arn,
                         const char *bucket)
{
    const char *rest = bf_arn_in_bucket(arn, bucket);

    BF_SHEET_FMT(s, label, "%s: %s", arn,
                 rest == NULL      ? "NOT the bucket of section 2"
                 : rest[0] == '\0' ? "the bucket itself"
                 : is(rest, "/*")  ? "every object in the bucket"
                                   : "the objects in the bucket whose names fit");
}

typedef void put_one_fn(struct bf_sheet *s, const char *label, const char *text,
                        const char *bucket);

/* One item for a string, or for each entry of a list; anything else as it stands. */
static void put_each(struct bf_sheet *s, const char *label, const struct bf_json *node,
                     const char *bucket, put_one_fn *put)
{
    const struct bf_json *c;

    if (node == NULL || (node->kind == BF_ARRAY && node->count == 0)) {
        bf_sheet_put(s, label, "none");
    } else if (node->kind == BF_STRING) {
        put(s, label, node->text, bucket);
    } else if (node->kind != BF_ARRAY) {
        put_json(s, label, node);
    } else {
        for (c = node->first; c != NULL; c = c->next) {
            if (c->kind == BF_STRING) {
                put(s, label, c->text, bucket);
            } else {
                put_json(s, label, c);
            }
        }
    }
}

/* {operator: {key: values}}; what has another form stands there as it is. */
static void put_condition(struct bf_sheet *s, const char *label,
                          const struct bf_json *node)
{
    const struct bf_json *op, *key;

    if (node->kind != BF_OBJECT) {
        put_json(s, label, node);
        return;
    }
    for (op = node->first; op != NULL; op = op->next) {
        if (op->kind != BF_OBJECT) {
            bf_put_fmt(&s->value, "%s ", op->key);
            put_json(s, label, op);
            continue;
        }
        for (key = op->first; key != NULL; key = key->next) {
            bf_put_fmt(&s->value, "%s %s ", op->key, key->key);
            put_json(s, label, key);
        }
    }
}

static void put_statement(struct bf_sheet *s, const struct bf_json *node, size_t number,
                          const char *bucket)
{
    static const char *const known[] = {"Action", "Condition", "Effect", "Resource"};
    const char *effect = bf_json_get_text(node, "Effect");
    const struct bf_json *condition = bf_json_get(node, "Condition"), *c;
    char label[40];

    snprintf(label, sizeof(label), "Statement %zu", number);
    if (node->kind != BF_OBJECT) {
        put_json(s, label, node);
        return;
    }
    bf_sheet_put(s, label,
                 effect == NULL        ? "no Effect"
                 : is(effect, "Allow") ? "allows"
                 : is(effect, "Deny")  ? "FORBIDS"
                                       : "Effect of another kind");
    put_each(s, numbered(label, number, "on"), bf_json_get(node, "Resource"), bucket,
             put_resource);
    put_each(s, numbered(label, number, "action"), bf_json_get(node, "Action"), bucket,
             put_action);
    if (condition != NULL) {
        put_condition(s, numbered(label, number, "only if"), condition);
    }
    for (c = node->first; c != NULL; c = c->next) {
        if (!bf_is_one_of(c->key, known, NUM(known))) {
            bf_put_fmt(&s->value, "%s ", c->key);
            put_json(s, numbered(label, number, "note"), c);
        }
    }
}

static void put_statements(struct bf_sheet *s, const struct bf_json *list,
                           const char *bucket)
{
    const struct bf_json *c;
    size_t number = 0;

    if (list == NULL || (list->kind == BF_ARRAY && list->count == 0)) {
        bf_sheet_put(s, "Statements", "none");
    } else if (list->kind != BF_ARRAY) {
        put_statement(s, list, 1, bucket);
    } else {
        for (c = list->first; c != NULL; c = c->next) {
            put_statement(s, c, ++number, bucket);
        }
    }
}

void bf_sheet_policy(struct bf_sheet *s, const struct bf_manifest *m,
                     const struct bf_json *policy)
{
    static const char *const known[] = {"Statement", "Version"};
    const struct bf_json *version = bf_json_get(policy, "Version"), *c;

    bf_sheet_heading(s, "5 THE POLICY");
    if (policy == NULL) {
        bf_sheet_put(s, "Policy", "none: this change has no policy");
        return;
    }
    BF_SHEET_FMT(s, "Policy", "what IAM user %s may do by policy %s", m->plan.iam.user,
                 m->plan.iam.policy);
    if (policy->kind != BF_OBJECT) {
        put_json(s, "Policy is", policy);
        return;
    }
    if (version == NULL) {
        bf_sheet_put(s, "Version", "none");
    } else {
        put_json(s, "Version", version);
    }
    for (c = policy->first; c != NULL; c = c->next) {
        if (!bf_is_one_of(c->key, known, NUM(known))) {
            bf_put_fmt(&s->value, "%s ", c->key);
            put_json(s, "Policy note", c);
        }
    }
    put_statements(s, bf_json_get(policy, "Statement"), m->plan.bucket.name);
}

/* ---- 6 ---- */

static void put_setting(struct bf_sheet *s, const struct bf_json *setting)
{
    const char *reason = bf_setting_reason(setting->key);

    bf_put_fmt(&s->value, "%s = ", setting->key);
    bf_json_write(&s->value, setting);
    bf_put_fmt(&s->value, ": %s",
               reason != NULL ? reason
                              : "NOT KNOWN as a setting of a repository; ask why");
    bf_sheet_item(s, "Setting");
}

void bf_sheet_request(struct bf_sheet *s, const struct bf_manifest *m,
                      const struct bf_json *repository)
{
    const struct bf_json *c, *setting;

    bf_sheet_heading(s, "6 THE REGISTER REQUEST");
    if (repository == NULL) {
        bf_sheet_put(s, "Request", "none: this change has no register request");
        return;
    }
    BF_SHEET_FMT(s, "Request", "PUT _snapshot/%s", m->plan.repository);
    if (repository->kind != BF_OBJECT) {
        put_json(s, "Request is", repository);
        return;
    }
    for (c = repository->first; c != NULL; c = c->next) {
        if (is(c->key, "type")) {
            put_json(s, "Type", c);
        } else if (!is(c->key, "settings") || c->kind != BF_OBJECT) {
            bf_put_fmt(&s->value, "%s ", c->key);
            put_json(s, "Request note", c);
        } else {
            for (setting = c->first; setting != NULL; setting = setting->next) {
                put_setting(s, setting);
            }
        }
    }
}
