/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The closed schema of trust.json as tables [BF-601]. Thresholds and limits have no range
 * here, because the load rules refuse them with ids of their own.
 */
#include <stddef.h>

#include "trust_in.h"

#define MAX_INT 9007199254740991
#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define AT(type, member) offsetof(struct type, member)
#define IN(type, outer, member)                                                          \
    (offsetof(struct type, outer.member) - offsetof(struct type, outer))
#define PART(type, member) sizeof(((struct type *)0)->member)

static const struct bf_field member_fields[] = {
    {.name = "name",
     .kind = BF_F_TEXT,
     .at = AT(bf_member, name),
     .grammar = bf_is_member_name},
    {.name = "sha256",
     .kind = BF_F_TEXT,
     .at = AT(bf_member, sha256),
     .grammar = bf_is_hex64},
    {.name = "size",
     .kind = BF_F_INT,
     .at = AT(bf_member, size),
     .min = 0,
     .max = BF_MAX_MEMBER},
};
const struct bf_schema bf_member_schema = {"member", sizeof(struct bf_member),
                                           member_fields, NUM(member_fields)};

static const struct bf_field key_fields[] = {
    {.name = "key", .kind = BF_F_TEXT, .at = AT(bf_trust_key, key)},
    {.name = "not_after",
     .kind = BF_F_TEXT,
     .at = AT(bf_trust_key, not_after),
     .grammar = bf_is_time_or_empty},
    {.name = "not_before",
     .kind = BF_F_TEXT,
     .at = AT(bf_trust_key, not_before),
     .grammar = bf_is_time_or_empty},
    {.name = "verify", .kind = BF_F_BOOL, .at = AT(bf_trust_key, verify)},
};
static const struct bf_schema key_schema = {"key", sizeof(struct bf_trust_key),
                                            key_fields, NUM(key_fields)};

static const struct bf_field person_fields[] = {
    {.name = "id", .kind = BF_F_TEXT, .at = AT(bf_person, id), .grammar = bf_is_id},
    {.name = "keys",
     .kind = BF_F_OBJECTS,
     .at = AT(bf_person, keys),
     .max = 16,
     .of = &key_schema},
    {.name = "recipients",
     .kind = BF_F_TEXTS,
     .at = AT(bf_person, recipients),
     .grammar = bf_is_age_recipient,
     .max = 8},
    {.name = "roles", .kind = BF_F_TEXTS, .at = AT(bf_person, roles), .min = 1, .max = 4},
};
static const struct bf_schema person_schema = {"person", sizeof(struct bf_person),
                                               person_fields, NUM(person_fields)};

static const struct bf_field appliance_fields[] = {
    {.name = "id", .kind = BF_F_TEXT, .at = AT(bf_appliance, id), .grammar = bf_is_id},
    {.name = "receipt_key", .kind = BF_F_TEXT, .at = AT(bf_appliance, receipt_key)},
    {.name = "secrets",
     .kind = BF_F_TEXT,
     .at = AT(bf_appliance, secrets),
     .grammar = bf_is_age_recipient},
    {.name = "transport",
     .kind = BF_F_TEXT,
     .at = AT(bf_appliance, transport),
     .grammar = bf_is_age_recipient},
};
static const struct bf_schema appliance_schema = {
    "appliance", sizeof(struct bf_appliance), appliance_fields, NUM(appliance_fields)};

static const struct bf_field group_fields[] = {
    {.name = "id", .kind = BF_F_TEXT, .at = AT(bf_group, id), .grammar = bf_is_id},
    {.name = "people",
     .kind = BF_F_TEXTS,
     .at = AT(bf_group, people),
     .grammar = bf_is_id,
     .max = BF_MAX_PEOPLE},
};
static const struct bf_schema group_schema = {"group", sizeof(struct bf_group),
                                              group_fields, NUM(group_fields)};

static const struct bf_field requirement_fields[] = {
    {.name = "from",
     .kind = BF_F_TEXT,
     .at = AT(bf_requirement, from),
     .grammar = bf_is_id},
    {.name = "need",
     .kind = BF_F_INT,
     .at = AT(bf_requirement, need),
     .min = -MAX_INT,
     .max = MAX_INT},
};
static const struct bf_schema requirement_schema = {
    "requirement", sizeof(struct bf_requirement), requirement_fields,
    NUM(requirement_fields)};

static const struct bf_field endpoint_fields[] = {
    {.name = "ca_sha256",
     .kind = BF_F_TEXT,
     .at = AT(bf_endpoint, ca_sha256),
     .grammar = bf_is_hex64_or_empty},
    {.name = "for", .kind = BF_F_TEXT, .at = AT(bf_endpoint, purpose)},
    {.name = "resource",
     .kind = BF_F_TEXT,
     .at = AT(bf_endpoint, resource),
     .grammar = bf_is_text_or_empty},
    {.name = "url", .kind = BF_F_TEXT, .at = AT(bf_endpoint, url), .grammar = bf_is_url},
};
static const struct bf_schema endpoint_schema = {"endpoint", sizeof(struct bf_endpoint),
                                                 endpoint_fields, NUM(endpoint_fields)};

static const struct bf_field target_fields[] = {
    {.name = "appliance",
     .kind = BF_F_TEXT,
     .at = AT(bf_target, appliance),
     .grammar = bf_is_id},
    {.name = "cluster_uuid",
     .kind = BF_F_TEXT,
     .at = AT(bf_target, cluster_uuid),
     .grammar = bf_is_uuid},
    {.name = "endpoints",
     .kind = BF_F_OBJECTS,
     .at = AT(bf_target, endpoints),
     .max = 32,
     .of = &endpoint_schema},
    {.name = "id", .kind = BF_F_TEXT, .at = AT(bf_target, id), .grammar = bf_is_id},
    {.name = "kind", .kind = BF_F_TEXT, .at = AT(bf_target, kind)},
    {.name = "serial_floor",
     .kind = BF_F_INT,
     .at = AT(bf_target, serial_floor),
     .min = 0,
     .max = MAX_INT},
};
static const struct bf_schema target_schema = {"target", sizeof(struct bf_target),
                                               target_fields, NUM(target_fields)};

static const struct bf_field limits_fields[] = {
    {.name = "debts_max",
     .kind = BF_F_INT,
     .at = IN(bf_trust_body, limits, debts_max),
     .min = -MAX_INT,
     .max = MAX_INT},
    {.name = "lifetime_hours",
     .kind = BF_F_INT,
     .at = IN(bf_trust_body, limits, lifetime_hours),
     .min = -MAX_INT,
     .max = MAX_INT},
    {.name = "serial_jump",
     .kind = BF_F_INT,
     .at = IN(bf_trust_body, limits, serial_jump),
     .min = -MAX_INT,
     .max = MAX_INT},
};
static const struct bf_schema limits_schema = {"limits", PART(bf_trust_body, limits),
                                               limits_fields, NUM(limits_fields)};

static const struct bf_field root_fields[] = {
    {.name = "need",
     .kind = BF_F_INT,
     .at = IN(bf_trust_body, root, need),
     .min = -MAX_INT,
     .max = MAX_INT},
    {.name = "people",
     .kind = BF_F_TEXTS,
     .at = IN(bf_trust_body, root, people),
     .grammar = bf_is_id,
     .max = BF_MAX_PEOPLE},
};
static const struct bf_schema root_schema = {"root", PART(bf_trust_body, root),
                                             root_fields, NUM(root_fields)};

static const struct bf_field emergency_fields[] = {
    {.name = "approve",
     .kind = BF_F_OBJECTS,
     .at = IN(bf_trust_body, rules.emergency, approve),
     .max = 8,
     .of = &requirement_schema},
    {.name = "lifetime_hours",
     .kind = BF_F_INT,
     .at = IN(bf_trust_body, rules.emergency, lifetime_hours),
     .min = -MAX_INT,
     .max = MAX_INT},
};
static const struct bf_schema emergency_schema = {
    "emergency", PART(bf_trust_body, rules.emergency), emergency_fields,
    NUM(emergency_fields)};

static const struct bf_field normal_fields[] = {
    {.name = "approve",
     .kind = BF_F_OBJECTS,
     .at = IN(bf_trust_body, rules.normal, approve),
     .max = 8,
     .of = &requirement_schema},
};
static const struct bf_schema normal_schema = {
    "normal", PART(bf_trust_body, rules.normal), normal_fields, NUM(normal_fields)};

static const struct bf_field rules_fields[] = {
    {.name = "emergency",
     .kind = BF_F_OBJECT,
     .at = IN(bf_trust_body, rules, emergency),
     .of = &emergency_schema},
    {.name = "normal",
     .kind = BF_F_OBJECT,
     .at = IN(bf_trust_body, rules, normal),
     .of = &normal_schema},
};
static const struct bf_schema rules_schema = {"rules", PART(bf_trust_body, rules),
                                              rules_fields, NUM(rules_fields)};

static const struct bf_field trust_fields[] = {
    {.name = "appliances",
     .kind = BF_F_OBJECTS,
     .at = AT(bf_trust_body, appliances),
     .max = 32,
     .of = &appliance_schema},
    {.name = "created_at",
     .kind = BF_F_TEXT,
     .at = AT(bf_trust_body, created_at),
     .grammar = bf_is_time},
    {.name = "debts_waived",
     .kind = BF_F_TEXTS,
     .at = AT(bf_trust_body, debts_waived),
     .grammar = bf_is_hex64,
     .max = 256},
    {.name = "domain",
     .kind = BF_F_TEXT,
     .at = AT(bf_trust_body, domain),
     .grammar = bf_is_domain},
    {.name = "expires",
     .kind = BF_F_TEXT,
     .at = AT(bf_trust_body, expires),
     .grammar = bf_is_time},
    {.name = "groups",
     .kind = BF_F_OBJECTS,
     .at = AT(bf_trust_body, groups),
     .max = 32,
     .of = &group_schema},
    {.name = "limits",
     .kind = BF_F_OBJECT,
     .at = AT(bf_trust_body, limits),
     .of = &limits_schema},
    {.name = "members",
     .kind = BF_F_OBJECTS,
     .at = AT(bf_trust_body, members),
     .min = 1,
     .max = 1,
     .of = &bf_member_schema},
    {.name = "people",
     .kind = BF_F_OBJECTS,
     .at = AT(bf_trust_body, people),
     .min = 1,
     .max = BF_MAX_PEOPLE,
     .of = &person_schema},
    {.name = "prev",
     .kind = BF_F_TEXT,
     .at = AT(bf_trust_body, prev),
     .grammar = bf_is_hex64_or_empty},
    {.name = "root",
     .kind = BF_F_OBJECT,
     .at = AT(bf_trust_body, root),
     .of = &root_schema},
    {.name = "rules",
     .kind = BF_F_OBJECT,
     .at = AT(bf_trust_body, rules),
     .of = &rules_schema},
    {.name = "targets",
     .kind = BF_F_OBJECTS,
     .at = AT(bf_trust_body, targets),
     .max = 128,
     .of = &target_schema},
    {.name = "type", .kind = BF_F_TEXT, .at = AT(bf_trust_body, type)},
    {.name = "version",
     .kind = BF_F_INT,
     .at = AT(bf_trust_body, version),
     .min = 1,
     .max = MAX_INT},
};
const struct bf_schema bf_trust_schema = {"trust", sizeof(struct bf_trust_body),
                                          trust_fields, NUM(trust_fields)};
