/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a trust file: one fault at a time, each with exactly its id. */
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "harness.h"

static struct fx world;

static void world_up(void)
{
    if (world.who[0].id == NULL) {
        fx_init(&world);
    }
}

/* ---- the good one ---- */

static void test_good(void)
{
    const struct bf_trust *t;
    const struct bf_known_key *k;

    world_up();
    t = &world.trust;
    T_INT(t->body.version, 1);
    T_INT(t->num_keys, FX_PEOPLE + 1);
    T_TEXT(bf_trust_target(&t->body, "prod-eu-1")->appliance, "gw-1");
    T_TRUE(bf_trust_target(&t->body, "prod-eu-2") == NULL);
    T_TRUE(bf_trust_person(&t->body, "gw-1") == NULL);
    T_TRUE(bf_trust_appliance(&t->body, "gw-1") != NULL);
    T_TRUE(bf_trust_group(&t->body, "ops") != NULL);
    T_TRUE(bf_person_has_role(bf_trust_person(&t->body, "bob"), "approve"));
    T_TRUE(!bf_person_has_role(bf_trust_person(&t->body, "bob"), "author"));
    T_TRUE(!bf_person_has_role(NULL, "author"));
    k = bf_trust_find_key(t, &world.who[FX_CAROL].signer.key);
    T_TRUE(k != NULL && k->appliance == NULL && strcmp(k->person->id, "carol") == 0);
    k = bf_trust_find_key(t, &world.who[FX_GW].signer.key);
    T_TRUE(k != NULL && k->person == NULL && strcmp(k->appliance->id, "gw-1") == 0);
    T_TRUE(bf_trust_find_key(t, &world.who[FX_MALLORY].signer.key) == NULL);
}

/* ---- load rules ---- */

typedef void spoil_fn(struct fx_trust_parts *p);

struct spoil {
    const char *name;
    enum bf_err want;
    spoil_fn *fn;
};

static enum bf_err load(struct bf_trust_body *body, struct bf_diag *diag)
{
    struct bf_buf container;
    struct bf_trust t;
    enum bf_err err;

    ft_trust_body(&container, body);
    err = bf_trust_load(&t, &container, diag);
    bf_trust_clear(&t);
    bf_buf_clear(&container);
    return err;
}

static void run(const struct spoil *spoils, size_t num)
{
    static struct fx_trust_parts parts;
    size_t i;

    world_up();
    for (i = 0; i < num; i++) {
        struct bf_diag diag = {0};
        enum bf_err err;

        fx_trust_body(&parts, &world);
        spoils[i].fn(&parts);
        err = load(&parts.body, &diag);
        if (err != spoils[i].want) {
            fprintf(stderr, "%s:\n", spoils[i].name);
        }
        T_ERR(err, spoils[i].want, &diag);
    }
}

#define SPOIL(fn, ...)                                                                   \
    static void fn(struct fx_trust_parts *p)                                             \
    {                                                                                    \
        __VA_ARGS__;                                                                     \
    }
#define ROW(want, fn)                                                                    \
    {                                                                                    \
#fn, BF_##want, fn                                                               \
    }
#define RUN(table) run(table, sizeof(table) / sizeof((table)[0]))

/* One more person than the fixture has: zoe, with mallory's key. */
static struct bf_person *zoe(struct fx_trust_parts *p, const char *role)
{
    struct bf_person *z = &p->people[FX_PEOPLE];

    p->keys[FX_PEOPLE][0] = (struct bf_trust_key){.key = world.who[FX_MALLORY].line,
                                                  .not_after = "",
                                                  .not_before = "",
                                                  .verify = false};
    p->roles[FX_PEOPLE][0] = role;
    z->id = "zoe";
    z->keys = (struct bf_list){1, p->keys[FX_PEOPLE]};
    z->recipients = (struct bf_list){0, p->recipients[FX_PEOPLE]};
    z->roles = (struct bf_list){1, p->roles[FX_PEOPLE]};
    p->body.people.num = FX_PEOPLE + 1;
    return z;
}

/* A second target at its own appliance gw-2. */
static struct bf_target *second(struct fx_trust_parts *p)
{
    p->targets[1] = p->targets[0];
    p->targets[1].id = "prod-eu-2";
    p->targets[1].cluster_uuid = "another";
    p->endpoints[1][0] = p->endpoints[0][0];
    p->endpoints[1][0].url = "https://es2.example.corp:9200";
    p->targets[1].endpoints = (struct bf_list){1, p->endpoints[1]};
    p->body.targets.num = 2;
    return &p->targets[1];
}

static void role(struct fx_trust_parts *p, enum fx_who who, const char *a, const char *b)
{
    p->roles[who][0] = a;
    p->roles[who][1] = b;
    p->people[who].roles.num = b != NULL ? 2 : 1;
}

SPOIL(as_it_is, (void)p)
SPOIL(zoe_approves, zoe(p, "approve"))
SPOIL(two_targets, second(p))
SPOIL(no_endings, p->keys[FX_BOB][0].not_after = FX_TRUST_ENDS)
SPOIL(all_waived, p->body.debts_waived.num = 1; p->root[2] = world.trust.sha256;
      p->body.debts_waived.items = &p->root[2])
SPOIL(debts_none, p->body.limits.debts_max = 0)
SPOIL(debts_most, p->body.limits.debts_max = 8)
SPOIL(life_least, p->body.limits.lifetime_hours = 2;
      p->body.rules.emergency.lifetime_hours = 1)
SPOIL(life_most, p->body.limits.lifetime_hours = 8760)
SPOIL(jump_least, p->body.limits.serial_jump = 1)
SPOIL(jump_most, p->body.limits.serial_jump = 1000000)
SPOIL(later_version, p->body.version = 7; p->body.prev = world.trust.sha256)
SPOIL(no_targets, p->body.targets.num = 0; p->body.appliances.num = 0)
SPOIL(root_left_out, p->body.root.people.num = 1; p->body.root.need = 1)

static const struct spoil good_ones[] = {
    ROW(OK, as_it_is),   ROW(OK, zoe_approves),  ROW(OK, two_targets),
    ROW(OK, no_endings), ROW(OK, all_waived),    ROW(OK, debts_none),
    ROW(OK, debts_most), ROW(OK, life_least),    ROW(OK, life_most),
    ROW(OK, jump_least), ROW(OK, jump_most),     ROW(OK, later_version),
    ROW(OK, no_targets), ROW(OK, root_left_out),
};

static void test_good_ones(void)
{
    RUN(good_ones);
}

/* TRUST_VALUE, TRUST_PREV */
SPOIL(ends_at_once, p->body.expires = FX_TRUST_MADE)
SPOIL(ends_before, p->body.expires = "2026-10-01T00:00:00Z")
SPOIL(role_unknown, role(p, FX_BOB, "approver", NULL))
SPOIL(role_receipt, role(p, FX_BOB, "approve", "receipt"))
SPOIL(kind_unknown, p->targets[0].kind = "solr")
SPOIL(purpose_unknown, p->endpoints[0][1].purpose = "dns")
SPOIL(root_key_ends, p->keys[FX_ERIN][0].not_after = FX_TRUST_ENDS)
SPOIL(root_key_begins, p->keys[FX_ERIN][0].not_before = FX_TRUST_MADE)
SPOIL(key_upside_down, p->keys[FX_DAVE][0].not_before = FX_TRUST_ENDS;
      p->keys[FX_DAVE][0].not_after = FX_TRUST_MADE)
SPOIL(key_of_a_moment, p->keys[FX_DAVE][0].not_before = FX_TRUST_ENDS;
      p->keys[FX_DAVE][0].not_after = FX_TRUST_ENDS)
SPOIL(key_of_1970, p->keys[FX_DAVE][0].not_before = "1970-01-01T00:00:00Z")
SPOIL(key_of_1969, p->keys[FX_DAVE][0].not_after = "1969-12-31T23:59:59Z")
SPOIL(key_ends_in_1970, p->keys[FX_DAVE][0].not_after = "1970-01-01T00:00:00Z")
SPOIL(soft_key_verifies, p->keys[FX_BOB][0].verify = true)
SPOIL(february_30, p->body.expires = "2027-02-30T00:00:00Z")
SPOIL(nobody_at_all, p->body.people.num = 0)
SPOIL(role_none, p->people[FX_DAVE].roles.num = 0)
SPOIL(version_zero, p->body.version = 0)
SPOIL(floor_negative, p->targets[0].serial_floor = -1)
SPOIL(upper_uuid_hash, p->endpoints[0][0].ca_sha256 = "ABCD")
SPOIL(url_http, p->endpoints[0][2].url = "http://s3.example.corp")
SPOIL(id_upper, p->people[FX_BOB].id = "Bob")
SPOIL(recipient_not_age, p->recipients[FX_BOB][0] = "age1zzz")
SPOIL(prev_in_first, p->body.prev = world.trust.sha256)
SPOIL(no_prev_later, p->body.version = 2)

static const struct spoil values[] = {
    ROW(TRUST_VALUE, ends_at_once),      ROW(TRUST_VALUE, ends_before),
    ROW(TRUST_VALUE, role_unknown),      ROW(TRUST_VALUE, role_receipt),
    ROW(TRUST_VALUE, kind_unknown),      ROW(TRUST_VALUE, purpose_unknown),
    ROW(TRUST_VALUE, root_key_ends),     ROW(TRUST_VALUE, root_key_begins),
    ROW(TRUST_VALUE, key_upside_down),   ROW(TRUST_VALUE, key_of_a_moment),
    ROW(TRUST_VALUE, key_of_1970),       ROW(TRUST_VALUE, key_of_1969),
    ROW(TRUST_VALUE, key_ends_in_1970),  ROW(TRUST_VALUE, soft_key_verifies),
    ROW(TRUST_VALUE, february_30),       ROW(TRUST_VALUE, nobody_at_all),
    ROW(TRUST_VALUE, role_none),         ROW(TRUST_VALUE, version_zero),
    ROW(TRUST_VALUE, floor_negative),    ROW(TRUST_VALUE, upper_uuid_hash),
    ROW(TRUST_VALUE, url_http),          ROW(TRUST_VALUE, id_upper),
    ROW(TRUST_VALUE, recipient_not_age), ROW(TRUST_PREV, prev_in_first),
    ROW(TRUST_PREV, no_prev_later),
};

static void test_values(void)
{
    RUN(values);
}

/* TRUST_ORDER, TRUST_NAMES, TRUST_ROLES */
static void swap_people(struct fx_trust_parts *p, size_t a, size_t b)
{
    struct bf_person was = p->people[a];

    p->people[a] = p->people[b];
    p->people[b] = was;
}

SPOIL(people_out_of_order, swap_people(p, FX_BOB, FX_CAROL))
SPOIL(person_twice, zoe(p, "approve")->id = "frank")
SPOIL(groups_out_of_order, p->groups[0].id = "security"; p->groups[1].id = "ops")
SPOIL(group_twice, p->groups[1].id = "ops"; p->body.rules.normal.approve.num = 1)
SPOIL(targets_out_of_order, second(p)->id = "prod-eu-0")
SPOIL(target_twice, second(p)->id = "prod-eu-1")
SPOIL(appliance_twice, p->appliances[1] = p->appliances[0]; p->body.appliances.num = 2)
SPOIL(roles_out_of_order, role(p, FX_BOB, "author", "approve"))
SPOIL(roles_out_of_order_first, role(p, FX_ALICE, "author", "audit"))
SPOIL(role_twice, role(p, FX_BOB, "approve", "approve"))
SPOIL(roots_out_of_order, p->root[0] = "frank"; p->root[1] = "erin")
SPOIL(root_twice, p->root[1] = "erin")
SPOIL(member_twice, p->group_people[0][1] = "bob"; p->groups[0].people.num = 2)
SPOIL(endpoints_out_of_order, p->endpoints[0][0].purpose = "s3")
SPOIL(endpoint_twice, p->endpoints[0][1] = p->endpoints[0][2])
SPOIL(person_and_appliance, p->appliances[0].id = "bob"; p->targets[0].appliance = "bob")
SPOIL(appliance_unknown, p->targets[0].appliance = "gw-9")
SPOIL(member_unknown, p->group_people[0][0] = "zoe")
SPOIL(member_an_appliance, p->group_people[0][0] = "gw-1")
SPOIL(root_unknown, p->root[1] = "zoe")
SPOIL(group_unknown, p->normal[0].from = "dev")
SPOIL(group_unknown_in_emergency, p->emergency[0].from = "dev")
SPOIL(root_audits, role(p, FX_ERIN, "audit", "root"))
SPOIL(root_approves, role(p, FX_ERIN, "approve", "root"))
SPOIL(member_audits, p->group_people[0][1] = "dave"; p->groups[0].people.num = 2)
SPOIL(member_writes, p->group_people[0][0] = "alice"; p->group_people[0][1] = "bob";
      p->groups[0].people.num = 2)
SPOIL(member_is_root, p->group_people[0][1] = "erin"; p->groups[0].people.num = 2)
SPOIL(root_is_none, zoe(p, "approve"); p->root[2] = "zoe"; p->body.root.people.num = 3)

static const struct spoil names[] = {
    ROW(TRUST_ORDER, people_out_of_order),
    ROW(TRUST_ORDER, person_twice),
    ROW(TRUST_ORDER, groups_out_of_order),
    ROW(TRUST_ORDER, group_twice),
    ROW(TRUST_ORDER, targets_out_of_order),
    ROW(TRUST_ORDER, target_twice),
    ROW(TRUST_ORDER, appliance_twice),
    ROW(TRUST_ORDER, roles_out_of_order),
    ROW(TRUST_ORDER, roles_out_of_order_first),
    ROW(TRUST_ORDER, role_twice),
    ROW(TRUST_ORDER, roots_out_of_order),
    ROW(TRUST_ORDER, root_twice),
    ROW(TRUST_ORDER, member_twice),
    ROW(TRUST_ORDER, endpoints_out_of_order),
    ROW(TRUST_ORDER, endpoint_twice),
    ROW(TRUST_NAMES, person_and_appliance),
    ROW(TRUST_NAMES, appliance_unknown),
    ROW(TRUST_NAMES, member_unknown),
    ROW(TRUST_NAMES, member_an_appliance),
    ROW(TRUST_NAMES, root_unknown),
    ROW(TRUST_NAMES, group_unknown),
    ROW(TRUST_NAMES, group_unknown_in_emergency),
    ROW(TRUST_ROLES, root_audits),
    ROW(TRUST_ROLES, root_approves),
    ROW(TRUST_ROLES, member_audits),
    ROW(TRUST_ROLES, member_writes),
    ROW(TRUST_ROLES, member_is_root),
    ROW(TRUST_ROLES, root_is_none),
};

static void test_names(void)
{
    RUN(names);
}

/* TRUST_NEED, TRUST_GROUPS */
SPOIL(root_need_zero, p->body.root.need = 0)
SPOIL(root_need_negative, p->body.root.need = -1)
SPOIL(root_need_three, p->body.root.need = 3)
SPOIL(root_nobody, p->body.root.people.num = 0)
SPOIL(root_without_key, p->people[FX_ERIN].keys.num = 0)
SPOIL(need_zero, p->normal[0].need = 0)
SPOIL(need_negative, p->normal[1].need = -1)
SPOIL(need_two_of_one, p->normal[0].need = 2)
SPOIL(need_huge, p->normal[0].need = 9007199254740991)
SPOIL(emergency_need_zero, p->emergency[0].need = 0)
SPOIL(emergency_asks_nobody, p->body.rules.emergency.approve.num = 0)
SPOIL(normal_asks_nobody, p->body.rules.normal.approve.num = 0)
SPOIL(member_without_key, p->people[FX_BOB].keys.num = 0)
SPOIL(member_key_over, p->keys[FX_BOB][0].not_after = "2026-10-31T23:59:59Z")
SPOIL(member_key_ends_at_creation, p->keys[FX_BOB][0].not_after = FX_TRUST_MADE)
SPOIL(member_may_write, role(p, FX_BOB, "approve", "author"))
SPOIL(two_of_two_one_may_write, zoe(p, "approve"); p->group_people[0][1] = "zoe";
      p->groups[0].people.num = 2; p->normal[0].need = 2;
      role(p, FX_BOB, "approve", "author"))
SPOIL(group_empty, p->groups[2].id = "zebra"; p->body.groups.num = 3)
SPOIL(groups_share_bob, p->group_people[1][0] = "bob"; p->group_people[1][1] = "carol";
      p->groups[1].people.num = 2)
SPOIL(group_in_rule_twice, p->normal[1].from = "ops")
SPOIL(emergency_groups_share, p->emergency[1] = p->emergency[0];
      p->body.rules.emergency.approve.num = 2)

static const struct spoil needs[] = {
    ROW(TRUST_NEED, root_need_zero),
    ROW(TRUST_NEED, root_need_negative),
    ROW(TRUST_NEED, root_need_three),
    ROW(TRUST_NEED, root_nobody),
    ROW(TRUST_NEED, root_without_key),
    ROW(TRUST_NEED, need_zero),
    ROW(TRUST_NEED, need_negative),
    ROW(TRUST_NEED, need_two_of_one),
    ROW(TRUST_NEED, need_huge),
    ROW(TRUST_NEED, emergency_need_zero),
    ROW(TRUST_NEED, emergency_asks_nobody),
    ROW(TRUST_NEED, normal_asks_nobody),
    ROW(TRUST_NEED, member_without_key),
    ROW(TRUST_NEED, member_key_over),
    ROW(TRUST_NEED, member_key_ends_at_creation),
    ROW(TRUST_NEED, member_may_write),
    ROW(TRUST_NEED, two_of_two_one_may_write),
    ROW(TRUST_GROUPS, group_empty),
    ROW(TRUST_GROUPS, groups_share_bob),
    ROW(TRUST_GROUPS, group_in_rule_twice),
    ROW(TRUST_GROUPS, emergency_groups_share),
};

/* The author of the group steps aside, and enough others stay. */
SPOIL(two_of_three_one_may_write, zoe(p, "approve"); p->group_people[0][1] = "dave";
      p->group_people[0][2] = "zoe"; p->groups[0].people.num = 3; p->normal[0].need = 2;
      role(p, FX_DAVE, "approve", NULL); role(p, FX_BOB, "approve", "author"))
SPOIL(key_ends_a_second_later, p->keys[FX_BOB][0].not_after = "2026-11-01T00:00:01Z")
SPOIL(one_group_in_two_rules, p->emergency[0].from = "security")

static const struct spoil enough[] = {
    ROW(OK, two_of_three_one_may_write),
    ROW(OK, key_ends_a_second_later),
    ROW(OK, one_group_in_two_rules),
};

static void test_needs(void)
{
    RUN(needs);
    RUN(enough);
}

/* TRUST_LIMITS */
SPOIL(debts_negative, p->body.limits.debts_max = -1)
SPOIL(debts_many, p->body.limits.debts_max = 9)
SPOIL(life_zero, p->body.limits.lifetime_hours = 0)
SPOIL(life_one, p->body.limits.lifetime_hours = 1)
SPOIL(life_long, p->body.limits.lifetime_hours = 8761)
SPOIL(jump_zero, p->body.limits.serial_jump = 0)
SPOIL(jump_negative, p->body.limits.serial_jump = -5)
SPOIL(jump_far, p->body.limits.serial_jump = 1000001)
SPOIL(emergency_life_zero, p->body.rules.emergency.lifetime_hours = 0)
SPOIL(emergency_life_same, p->body.rules.emergency.lifetime_hours = 720)
SPOIL(emergency_life_longer, p->body.rules.emergency.lifetime_hours = 721)

/* TRUST_TARGETS */
SPOIL(no_uuid_yet, p->targets[0].cluster_uuid = "_na_")
SPOIL(uuid_twice, second(p)->cluster_uuid = FX_UUID)
SPOIL(cluster_twice, second(p); p->endpoints[1][0].url = "https://es.example.corp:9200")
SPOIL(cluster_twice_slash, second(p);
      p->endpoints[1][0].url = "https://es.example.corp:9200/")
SPOIL(cluster_twice_dot, second(p);
      p->endpoints[1][0].url = "https://es.example.corp.:9200")
SPOIL(cluster_twice_port, second(p); p->endpoints[0][0].url = "https://es.example.corp";
      p->endpoints[1][0].url = "https://es.example.corp:443")
SPOIL(no_cluster, p->targets[0].endpoints.num = 2;
      p->targets[0].endpoints.items = &p->endpoints[0][1])
SPOIL(two_clusters, p->endpoints[0][1].purpose = "cluster")
SPOIL(port_too_high, p->endpoints[0][0].url = "https://es.example.corp:65536")

static const struct spoil limits[] = {
    ROW(TRUST_LIMITS, debts_negative),
    ROW(TRUST_LIMITS, debts_many),
    ROW(TRUST_LIMITS, life_zero),
    ROW(TRUST_LIMITS, life_one),
    ROW(TRUST_LIMITS, life_long),
    ROW(TRUST_LIMITS, jump_zero),
    ROW(TRUST_LIMITS, jump_negative),
    ROW(TRUST_LIMITS, jump_far),
    ROW(TRUST_LIMITS, emergency_life_zero),
    ROW(TRUST_LIMITS, emergency_life_same),
    ROW(TRUST_LIMITS, emergency_life_longer),
    ROW(TRUST_TARGETS, no_uuid_yet),
    ROW(TRUST_TARGETS, uuid_twice),
    ROW(TRUST_TARGETS, cluster_twice),
    ROW(TRUST_TARGETS, cluster_twice_slash),
    ROW(TRUST_TARGETS, cluster_twice_dot),
    ROW(TRUST_TARGETS, cluster_twice_port),
    ROW(TRUST_TARGETS, no_cluster),
    ROW(TRUST_TARGETS, two_clusters),
    ROW(TRUST_TARGETS, port_too_high),
};

static void test_limits(void)
{
    RUN(limits);
}

/* ---- drafts ---- */

/* The writer asks the same rules, and leaves nothing behind when they say no. */
static void test_make(void)
{
    static struct fx_trust_parts parts;
    struct bf_buf out = {0};
    struct bf_diag diag = {0};

    world_up();
    fx_trust_body(&parts, &world);
    T_OK(bf_trust_rules(&parts.body, &diag), &diag);
    T_OK(bf_trust_make(&out, &parts.body, &diag), &diag);
    T_INT(parts.body.members.num, 0);
    bf_buf_clear(&out);
    need_zero(&parts);
    T_ERR(bf_trust_rules(&parts.body, &diag), BF_TRUST_NEED, &diag);
    T_ERR(bf_trust_make(&out, &parts.body, &diag), BF_TRUST_NEED, &diag);
    T_TRUE(out.ptr == NULL && out.len == 0);
    fx_trust_body(&parts, &world);
    parts.people[FX_BOB].id = "Bob"; /* no rule but the grammar says so */
    parts.group_people[0][0] = "Bob";
    swap_people(&parts, FX_ALICE, FX_BOB);
    T_ERR(bf_trust_make(&out, &parts.body, &diag), BF_TRUST_VALUE, &diag);
    T_TRUE(out.ptr == NULL);
}

T_CASES("trust", {"good", test_good}, {"good ones", test_good_ones},
        {"values", test_values}, {"order, names, roles", test_names},
        {"thresholds and groups", test_needs}, {"limits and targets", test_limits},
        {"make", test_make});
