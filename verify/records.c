/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include <string.h>

#include "bf/age.h"
#include "bf/text.h"

#define MAX_INT 9007199254740991
#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define AT(type, member) offsetof(struct type, member)
#define IN(outer, member)                                                                \
    (offsetof(struct vfy_record_of_target, outer.member) -                               \
     offsetof(struct vfy_record_of_target, outer))
#define TEXT(json, offset, fn)                                                           \
    {                                                                                    \
        .name = json, .kind = BF_F_TEXT, .at = offset, .grammar = fn                     \
    }
#define TEXTS(json, offset, fn, most)                                                    \
    {                                                                                    \
        .name = json, .kind = BF_F_TEXTS, .at = offset, .grammar = fn, .max = most       \
    }
#define INT(json, offset)                                                                \
    {                                                                                    \
        .name = json, .kind = BF_F_INT, .at = offset, .min = 0, .max = MAX_INT           \
    }
#define BOOL(json, offset)                                                               \
    {                                                                                    \
        .name = json, .kind = BF_F_BOOL, .at = offset                                    \
    }
#define OBJECT(json, offset, schema)                                                     \
    {                                                                                    \
        .name = json, .kind = BF_F_OBJECT, .at = offset, .of = schema                    \
    }
#define OBJECTS(json, offset, schema, most)                                              \
    {                                                                                    \
        .name = json, .kind = BF_F_OBJECTS, .at = offset, .of = schema, .max = most      \
    }
#define SCHEMA(json, type, table)                                                        \
    {                                                                                    \
        json, sizeof(type), table, NUM(table)                                            \
    }

static bool is_word(const char *t)
{
    return t[0] != '\0' && strspn(t, "abcdefghijklmnopqrstuvwxyz") == strlen(t);
}

static bool is_outcome_or_empty(const char *t)
{
    return t[0] == '\0' || strcmp(t, "applied") == 0 || strcmp(t, "undone") == 0 ||
           strcmp(t, "uncertain") == 0;
}

static bool is_target_type(const char *t)
{
    return strcmp(t, VFY_TARGET_TYPE) == 0;
}

static bool is_intent_type(const char *t)
{
    return strcmp(t, VFY_INTENT_TYPE) == 0;
}

static const struct bf_field appliance_fields[] = {
    TEXT("id", AT(vfy_appliance, id), bf_is_id),
    TEXT("receipt_key", AT(vfy_appliance, receipt_key), bf_is_text),
    TEXT("secrets", AT(vfy_appliance, secrets), bf_is_age_recipient),
    TEXT("transport", AT(vfy_appliance, transport), bf_is_age_recipient),
};
const struct bf_schema vfy_appliance_schema =
    SCHEMA("appliance", struct vfy_appliance, appliance_fields);

static const struct bf_field entry_fields[] = {
    TEXT("class", AT(vfy_entry, grade), is_word),
    TEXT("finished", AT(vfy_entry, finished), bf_is_time),
    INT("index", AT(vfy_entry, index)),
    TEXT("leaf", AT(vfy_entry, leaf), bf_is_hex64),
    TEXT("manifest_sha256", AT(vfy_entry, manifest_sha256), bf_is_hex64),
    TEXT("outcome", AT(vfy_entry, outcome), is_word),
    TEXT("receipt_id", AT(vfy_entry, receipt_id), bf_is_hex32),
    TEXT("refusal", AT(vfy_entry, refusal), NULL),
    INT("serial", AT(vfy_entry, serial)),
    TEXT("target", AT(vfy_entry, target), bf_is_id),
    INT("trust", AT(vfy_entry, trust)),
};
const struct bf_schema vfy_entry_schema = SCHEMA("entry", struct vfy_entry, entry_fields);

static const struct bf_field name_fields[] = {
    TEXT("bundle_id", AT(vfy_name, bundle_id), bf_is_hex32),
    TEXT("commitment", AT(vfy_name, commitment), bf_is_hex64),
    TEXT("name", AT(vfy_name, name), bf_is_secret_name),
    TEXT("opening", AT(vfy_name, opening), bf_is_hex64),
};
static const struct bf_schema name_schema = SCHEMA("name", struct vfy_name, name_fields);

static const struct bf_field applied_fields[] = {
    TEXT("manifest_sha256", IN(applied, manifest_sha256), bf_is_hex64_or_empty),
    INT("serial", IN(applied, serial)),
};
static const struct bf_schema applied_schema = {
    "applied", sizeof(((struct vfy_record_of_target *)0)->applied), applied_fields,
    NUM(applied_fields)};

static const struct bf_field last_fields[] = {
    TEXT("manifest_sha256", IN(intent, manifest_sha256), bf_is_hex64_or_empty),
    TEXT("outcome", IN(intent, outcome), is_outcome_or_empty),
    INT("serial", IN(intent, serial)),
};
static const struct bf_schema last_schema = {
    "intent", sizeof(((struct vfy_record_of_target *)0)->intent), last_fields,
    NUM(last_fields)};

static const struct bf_field target_fields[] = {
    OBJECT("applied", AT(vfy_record_of_target, applied), &applied_schema),
    TEXTS("debts", AT(vfy_record_of_target, debts), bf_is_hex64, 64),
    OBJECT("intent", AT(vfy_record_of_target, intent), &last_schema),
    OBJECTS("names", AT(vfy_record_of_target, names), &name_schema, 256),
    TEXT("type", AT(vfy_record_of_target, type), is_target_type),
    TEXT("uncertain", AT(vfy_record_of_target, uncertain), bf_is_hex64_or_empty),
};
const struct bf_schema vfy_target_schema =
    SCHEMA("target", struct vfy_record_of_target, target_fields);

static const struct bf_field intent_fields[] = {
    TEXTS("approvals", AT(vfy_intent, approvals), bf_is_id, 64),
    TEXT("bundle_id", AT(vfy_intent, bundle_id), bf_is_hex32),
    TEXT("config_sha256", AT(vfy_intent, config_sha256), bf_is_hex64),
    TEXT("file", AT(vfy_intent, file), NULL),
    TEXT("manifest_sha256", AT(vfy_intent, manifest_sha256), bf_is_hex64),
    TEXT("operator", AT(vfy_intent, operator_name), bf_is_text_or_empty),
    TEXT("run_id", AT(vfy_intent, run_id), bf_is_hex32),
    INT("serial", AT(vfy_intent, serial)),
    TEXT("started", AT(vfy_intent, started), bf_is_time),
    BOOL("synchronised", AT(vfy_intent, synchronised)),
    TEXT("target", AT(vfy_intent, target), bf_is_id),
    INT("trust", AT(vfy_intent, trust)),
    TEXT("type", AT(vfy_intent, type), is_intent_type),
};
const struct bf_schema vfy_intent_schema =
    SCHEMA("intent", struct vfy_intent, intent_fields);
