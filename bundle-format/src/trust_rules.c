/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The load rules [BF-602] to [BF-622]: everything that would make a later count, lookup
 * or comparison ambiguous is refused here, so that counting people stays one small
 * function.
 */
#include <string.h>

#include "bf/bundle.h"
#include "trust_in.h"

#define PERSON(list, i) BF_LIST_ITEM(list, const struct bf_person, i)

static const struct bf_person *person_at(const struct bf_trust_body *b, size_t i)
{
    return PERSON(&b->people, i);
}

static const struct bf_group *group_at(const struct bf_trust_body *b, size_t i)
{
    return BF_LIST_ITEM(&b->groups, const struct bf_group, i);
}

static const struct bf_requirement *need_at(const struct bf_list *rule, size_t i)
{
    return BF_LIST_ITEM(rule, const struct bf_requirement, i);
}

/* ---- values ---- */

static bool is_one_of(const char *word, const char *const *words, size_t num)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum bf_err check_role_words(const struct bf_person *p, struct bf_diag *diag)
{
    static const char *const roles[] = {"approve", "audit", "author", "root"};
    size_t i;

    for (i = 0; i < p->roles.num; i++) {
        const char *role = bf_list_text(&p->roles, i);

        if (!is_one_of(role, roles, sizeof(roles) / sizeof(roles[0]))) {
            return bf_fail(diag, BF_TRUST_VALUE, "person %s: role %s", p->id,
                           role); /* [BF-602] */
        }
    }
    return BF_OK;
}

static enum bf_err check_target_words(const struct bf_target *t, struct bf_diag *diag)
{
    static const char *const kinds[] = {"ece", "ech", "eck", "elasticsearch",
                                        "opensearch"};
    static const char *const purposes[] = {"cluster", "control", "iam", "s3"};
    size_t i;

    if (!is_one_of(t->kind, kinds, sizeof(kinds) / sizeof(kinds[0]))) {
        return bf_fail(diag, BF_TRUST_VALUE, "target %s: kind %s", t->id,
                       t->kind); /* [BF-602] */
    }
    for (i = 0; i < t->endpoints.num; i++) {
        const char *purpose =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i)->purpose;

        if (!is_one_of(purpose, purposes, sizeof(purposes) / sizeof(purposes[0]))) {
            return bf_fail(diag, BF_TRUST_VALUE, "target %s: endpoint for %s", t->id,
                           purpose); /* [BF-602] */
        }
    }
    return BF_OK;
}

static enum bf_err check_values(const struct bf_trust_body *b, struct bf_diag *diag)
{
    size_t i;
    enum bf_err err = BF_OK;

    if (strcmp(b->created_at, b->expires) >= 0) {
        return bf_fail(diag, BF_TRUST_VALUE, "expires %s is not after created_at",
                       b->expires); /* [BF-602] */
    }
    for (i = 0; i < b->people.num && err == BF_OK; i++) {
        err = check_role_words(person_at(b, i), diag);
    }
    for (i = 0; i < b->targets.num && err == BF_OK; i++) {
        err = check_target_words(BF_LIST_ITEM(&b->targets, const struct bf_target, i),
                                 diag);
    }
    return err;
}

/* ---- order ---- */

static enum bf_err check_texts_ascend(const struct bf_list *texts, const char *where,
                                      struct bf_diag *diag)
{
    size_t i;

    for (i = 1; i < texts->num; i++) {
        if (strcmp(bf_list_text(texts, i - 1), bf_list_text(texts, i)) >= 0) {
            return bf_fail(diag, BF_TRUST_ORDER, "%s: %s", where,
                           bf_list_text(texts, i)); /* [BF-603] */
        }
    }
    return BF_OK;
}

/* The structs of the list ascend strictly by the text at offset id. */
static enum bf_err check_items_ascend(const struct bf_list *items, size_t size, size_t id,
                                      const char *where, struct bf_diag *diag)
{
    const char *before = NULL;
    size_t i;

    for (i = 0; i < items->num; i++) {
        const char *const *at =
            (const char *const *)(const void *)((const char *)items->items + i * size +
                                                id);

        if (before != NULL && strcmp(before, *at) >= 0) {
            return bf_fail(diag, BF_TRUST_ORDER, "%s: %s", where, *at); /* [BF-603] */
        }
        before = *at;
    }
    return BF_OK;
}

static enum bf_err check_endpoints_ascend(const struct bf_target *t, struct bf_diag *diag)
{
    size_t i;

    for (i = 1; i < t->endpoints.num; i++) {
        const struct bf_endpoint *a =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i - 1);
        const struct bf_endpoint *b =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i);
        int by_purpose = strcmp(a->purpose, b->purpose);

        if (by_purpose > 0 || (by_purpose == 0 && strcmp(a->url, b->url) >= 0)) {
            return bf_fail(diag, BF_TRUST_ORDER, "target %s: endpoint %s %s", t->id,
                           b->purpose, b->url); /* [BF-603] */
        }
    }
    return BF_OK;
}

static enum bf_err check_nested_order(const struct bf_trust_body *b, struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; i < b->people.num && err == BF_OK; i++) {
        err = check_texts_ascend(&person_at(b, i)->roles, "roles", diag);
    }
    for (i = 0; i < b->groups.num && err == BF_OK; i++) {
        err = check_texts_ascend(&group_at(b, i)->people, "people of a group", diag);
    }
    for (i = 0; i < b->targets.num && err == BF_OK; i++) {
        err = check_endpoints_ascend(BF_LIST_ITEM(&b->targets, const struct bf_target, i),
                                     diag);
    }
    return err == BF_OK ? check_texts_ascend(&b->root.people, "root.people", diag) : err;
}

static enum bf_err check_order(const struct bf_trust_body *b, struct bf_diag *diag)
{
    const struct {
        const struct bf_list *items;
        size_t size, id;
        const char *where;
    } lists[] = {
        {&b->people, sizeof(struct bf_person), offsetof(struct bf_person, id), "people"},
        {&b->appliances, sizeof(struct bf_appliance), offsetof(struct bf_appliance, id),
         "appliances"},
        {&b->groups, sizeof(struct bf_group), offsetof(struct bf_group, id), "groups"},
        {&b->targets, sizeof(struct bf_target), offsetof(struct bf_target, id),
         "targets"},
    };
    size_t i;
    enum bf_err err = BF_OK;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]) && err == BF_OK; i++) {
        err = check_items_ascend(lists[i].items, lists[i].size, lists[i].id,
                                 lists[i].where, diag);
    }
    return err == BF_OK ? check_nested_order(b, diag) : err;
}

/* ---- names ---- */

static enum bf_err check_people_known(const struct bf_trust_body *b,
                                      const struct bf_list *people, const char *where,
                                      struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < people->num; i++) {
        if (bf_trust_person(b, bf_list_text(people, i)) == NULL) {
            return bf_fail(diag, BF_TRUST_NAMES, "%s: nobody is %s", where,
                           bf_list_text(people, i)); /* [BF-606] */
        }
    }
    return BF_OK;
}

static enum bf_err check_groups_known(const struct bf_trust_body *b,
                                      const struct bf_list *rule, const char *where,
                                      struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < rule->num; i++) {
        if (bf_trust_group(b, need_at(rule, i)->from) == NULL) {
            return bf_fail(diag, BF_TRUST_NAMES, "%s: no group is %s", where,
                           need_at(rule, i)->from); /* [BF-606] */
        }
    }
    return BF_OK;
}

static enum bf_err check_names(const struct bf_trust_body *b, struct bf_diag *diag)
{
    size_t i;
    enum bf_err err;

    for (i = 0; i < b->appliances.num; i++) {
        const char *id = BF_LIST_ITEM(&b->appliances, const struct bf_appliance, i)->id;

        if (bf_trust_person(b, id) != NULL) {
            return bf_fail(diag, BF_TRUST_NAMES, "%s is a person and an appliance",
                           id); /* [BF-606] */
        }
    }
    for (i = 0; i < b->targets.num; i++) {
        const struct bf_target *t = BF_LIST_ITEM(&b->targets, const struct bf_target, i);

        if (bf_trust_appliance(b, t->appliance) == NULL) {
            return bf_fail(diag, BF_TRUST_NAMES, "target %s: no appliance is %s", t->id,
                           t->appliance); /* [BF-606] */
        }
    }
    for (i = 0; i < b->groups.num; i++) {
        if ((err = check_people_known(b, &group_at(b, i)->people, group_at(b, i)->id,
                                      diag)) != BF_OK) {
            return err;
        }
    }
    if ((err = check_people_known(b, &b->root.people, "root.people", diag)) != BF_OK ||
        (err = check_groups_known(b, &b->rules.normal.approve, "rule normal", diag)) !=
            BF_OK) {
        return err;
    }
    return check_groups_known(b, &b->rules.emergency.approve, "rule emergency", diag);
}

/* ---- roles ---- */

static enum bf_err check_all_have(const struct bf_trust_body *b,
                                  const struct bf_list *people, const char *role,
                                  const char *where, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < people->num; i++) {
        const char *id = bf_list_text(people, i);

        if (!bf_person_has_role(bf_trust_person(b, id), role)) {
            return bf_fail(diag, BF_TRUST_ROLES, "%s: %s does not have role %s", where,
                           id, role); /* [BF-608] */
        }
    }
    return BF_OK;
}

static enum bf_err check_roles(const struct bf_trust_body *b, struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; i < b->people.num; i++) {
        if (bf_person_has_role(person_at(b, i), "root") &&
            person_at(b, i)->roles.num != 1) {
            return bf_fail(diag, BF_TRUST_ROLES, "%s: root beside another role",
                           person_at(b, i)->id); /* [BF-608] */
        }
    }
    for (i = 0; i < b->groups.num && err == BF_OK; i++) {
        err = check_all_have(b, &group_at(b, i)->people, "approve", group_at(b, i)->id,
                             diag);
    }
    return err == BF_OK ? check_all_have(b, &b->root.people, "root", "root.people", diag)
                        : err;
}

/* ---- groups and thresholds ---- */

static enum bf_err check_disjoint(const struct bf_trust_body *b,
                                  const struct bf_list *rule, const char *where,
                                  struct bf_diag *diag)
{
    size_t i, j, k;

    for (i = 0; i < rule->num; i++) {
        const struct bf_group *one = bf_trust_group(b, need_at(rule, i)->from);

        for (j = i + 1; j < rule->num; j++) {
            const struct bf_group *other = bf_trust_group(b, need_at(rule, j)->from);

            for (k = 0; k < one->people.num; k++) {
                if (bf_list_has(&other->people, bf_list_text(&one->people, k))) {
                    return bf_fail(diag, BF_TRUST_GROUPS, "%s: %s is in %s and in %s",
                                   where, /* [BF-605] */
                                   bf_list_text(&one->people, k), one->id, other->id);
                }
            }
        }
    }
    return BF_OK;
}

static enum bf_err check_groups(const struct bf_trust_body *b, struct bf_diag *diag)
{
    size_t i;
    enum bf_err err;

    for (i = 0; i < b->groups.num; i++) {
        if (group_at(b, i)->people.num == 0) {
            return bf_fail(diag, BF_TRUST_GROUPS, "group %s is empty",
                           group_at(b, i)->id); /* [BF-605] */
        }
    }
    err = check_disjoint(b, &b->rules.normal.approve, "rule normal", diag);
    return err == BF_OK
               ? check_disjoint(b, &b->rules.emergency.approve, "rule emergency", diag)
               : err;
}

/* Has a key that is in force at some time after created_at. */
static bool can_sign(const struct bf_person *p, const char *created_at)
{
    size_t i;

    for (i = 0; i < p->keys.num; i++) {
        const char *end = BF_LIST_ITEM(&p->keys, const struct bf_trust_key, i)->not_after;

        if (end[0] == '\0' || strcmp(end, created_at) > 0) {
            return true;
        }
    }
    return false;
}

/* How many of the people can sign, when the one of them who might be the author has
 * stepped aside. */
static size_t able(const struct bf_trust_body *b, const struct bf_list *people)
{
    size_t num = 0, i;
    bool author = false;

    for (i = 0; i < people->num; i++) {
        const struct bf_person *p = bf_trust_person(b, bf_list_text(people, i));

        if (can_sign(p, b->created_at)) {
            num++;
            author = author || bf_person_has_role(p, "author");
        }
    }
    return author ? num - 1 : num;
}

static enum bf_err check_need(int64_t need, size_t there, const char *where,
                              struct bf_diag *diag)
{
    if (need < 1 || need > (int64_t)there) {
        return bf_fail(diag, BF_TRUST_NEED, "%s: needs %lld of %zu", where,
                       (long long)need, there); /* [BF-604] */
    }
    return BF_OK;
}

static enum bf_err check_rule_needs(const struct bf_trust_body *b,
                                    const struct bf_list *rule, const char *where,
                                    struct bf_diag *diag)
{
    size_t i;
    enum bf_err err;

    if (rule->num == 0) {
        return bf_fail(diag, BF_TRUST_NEED, "%s: asks nobody", where); /* [BF-604] */
    }
    for (i = 0; i < rule->num; i++) {
        const struct bf_requirement *r = need_at(rule, i);

        if ((err = check_need(r->need, able(b, &bf_trust_group(b, r->from)->people),
                              r->from, diag)) != BF_OK) {
            bf_diag_in(diag, "%s", where);
            return err;
        }
    }
    return BF_OK;
}

static enum bf_err check_needs(const struct bf_trust_body *b, struct bf_diag *diag)
{
    enum bf_err err = check_need(b->root.need, able(b, &b->root.people), "root", diag);

    if (err == BF_OK) {
        err = check_rule_needs(b, &b->rules.normal.approve, "rule normal", diag);
    }
    return err == BF_OK
               ? check_rule_needs(b, &b->rules.emergency.approve, "rule emergency", diag)
               : err;
}

/* ---- limits and recipients ---- */

static enum bf_err check_limits(const struct bf_trust_body *b, struct bf_diag *diag)
{
    const struct {
        const char *name;
        int64_t value, min, max;
    } limits[] = {
        {"debts_max", b->limits.debts_max, 0, BF_TRUST_DEBTS_MAX},
        {"lifetime_hours", b->limits.lifetime_hours, BF_TRUST_LIFETIME_MIN,
         BF_TRUST_LIFETIME_MAX},
        {"serial_jump", b->limits.serial_jump, 1, BF_TRUST_JUMP_MAX},
        {"lifetime_hours of rule emergency", b->rules.emergency.lifetime_hours, 1,
         b->limits.lifetime_hours - 1},
    };
    size_t i;

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (limits[i].value < limits[i].min || limits[i].value > limits[i].max) {
            return bf_fail(diag, BF_TRUST_LIMITS, "%s is %lld, allowed %lld to %lld",
                           limits[i].name, /* [BF-610] */
                           (long long)limits[i].value, (long long)limits[i].min,
                           (long long)limits[i].max);
        }
    }
    return BF_OK;
}

static enum bf_err check_recipients(const struct bf_trust_body *b, struct bf_diag *diag)
{
    size_t num = 0, i;

    for (i = 0; i < b->people.num; i++) {
        num += bf_trust_reads(b, person_at(b, i)) ? person_at(b, i)->recipients.num : 0;
    }
    if (num > BF_MAX_SEAL_TO) {
        return bf_fail(diag, BF_TRUST_RECIPIENTS,
                       "%zu recipients of approvers and auditors, at most %d",
                       num, /* [BF-622] */
                       BF_MAX_SEAL_TO);
    }
    return BF_OK;
}

enum bf_err bf_trust_rules(const struct bf_trust_body *body, struct bf_diag *diag)
{
    /* Each may count on those before it: names are known before groups are compared, keys
     * before thresholds. */
    static enum bf_err (*const rules[])(const struct bf_trust_body *,
                                        struct bf_diag *) = {
        check_values, check_order, check_names,  bf_trust_rules_keys,    check_roles,
        check_groups, check_needs, check_limits, bf_trust_rules_targets, check_recipients,
    };
    enum bf_err err = BF_OK;
    size_t i;

    if ((body->version == 1) != (body->prev[0] == '\0')) {
        return bf_fail(diag, BF_TRUST_PREV,
                       "prev is \"\" exactly in version 1"); /* [BF-616] */
    }
    for (i = 0; i < sizeof(rules) / sizeof(rules[0]) && err == BF_OK; i++) {
        err = rules[i](body, diag);
    }
    return err;
}
