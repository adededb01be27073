/* SPDX-License-Identifier: Apache-2.0 */
/* The closed schema of a receipt as tables [BF-702], each text with its grammar [BF-703].
 */
#include <stddef.h>
#include <string.h>

#include "bf/receipt.h"
#include "trust_in.h"

#define MAX_INT 9007199254740991
#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define AT(type, member) offsetof(struct type, member)
#define IN(outer, member)                                                                \
    (offsetof(struct bf_receipt, outer.member) - offsetof(struct bf_receipt, outer))
#define PART(member) sizeof(((struct bf_receipt *)0)->member)
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

static bool is_one_of(const char *t, const char *const *words, size_t num)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (strcmp(t, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_grade(const char *t)
{
    static const char *const words[] = {"emergency", "normal"};

    return is_one_of(t, words, NUM(words));
}

static bool is_outcome(const char *t)
{
    static const char *const words[] = {"applied", "attested",  "proved", "refused",
                                        "settled", "uncertain", "undone"};

    return is_one_of(t, words, NUM(words));
}

static bool is_result(const char *t)
{
    static const char *const words[] = {"ok", "refused", "skipped"};

    return is_one_of(t, words, NUM(words));
}

static bool is_role(const char *t)
{
    static const char *const words[] = {"approve", "author"};

    return is_one_of(t, words, NUM(words));
}

static bool is_kind(const char *t)
{
    static const char *const words[] = {"ece", "ech", "eck", "elasticsearch",
                                        "opensearch"};

    return is_one_of(t, words, NUM(words));
}

/* TOKEN: [a-z0-9][a-z0-9_.-]{0,63} */
static bool is_token(const char *t)
{
    size_t len = strlen(t);

    return len >= 1 && len <= 64 && strspn(t, LOWER DIGIT "_.-") == len &&
           strchr("_.-", t[0]) == NULL;
}

/* A refusal id: [A-Z][A-Z0-9_]{1,63} */
static bool is_refusal_or_empty(const char *t)
{
    size_t len = strlen(t);

    return len == 0 || (len >= 2 && len <= 64 && strspn(t, UPPER DIGIT "_") == len &&
                        strchr(UPPER, t[0]) != NULL);
}

/* "SHA256:" and 43 digits of base64, as ssh-keygen -l prints it */
static bool is_fingerprint(const char *t)
{
    return strlen(t) == BF_FINGERPRINT - 1 && strncmp(t, "SHA256:", 7) == 0 &&
           strspn(t + 7, UPPER LOWER DIGIT "+/") == 43;
}

/* What a server said, as it stands: printable, blanks anywhere; the writer cuts it. */
static bool is_printable(const char *t)
{
    size_t len = strlen(t), i;

    for (i = 0; i < len; i++) {
        if (t[i] < 0x20 || t[i] > 0x7e) {
            return false;
        }
    }
    return len <= 500;
}

static bool is_evidence(const char *t)
{
    return bf_is_member_name(t) && strncmp(t, "evidence/", 9) == 0;
}

static bool is_uuid_or_empty(const char *t)
{
    return t[0] == '\0' || bf_is_uuid(t);
}

#define TEXT(json, offset, fn)                                                           \
    {                                                                                    \
        .name = json, .kind = BF_F_TEXT, .at = offset, .grammar = fn                     \
    }
#define TEXTS(json, offset, fn, most)                                                    \
    {                                                                                    \
        .name = json, .kind = BF_F_TEXTS, .at = offset, .grammar = fn, .max = most       \
    }
#define INT(json, offset, least, most)                                                   \
    {                                                                                    \
        .name = json, .kind = BF_F_INT, .at = offset, .min = least, .max = most          \
    }
#define OBJECT(json, offset, schema)                                                     \
    {                                                                                    \
        .name = json, .kind = BF_F_OBJECT, .at = offset, .of = schema                    \
    }
#define OBJECTS(json, offset, schema, most)                                              \
    {                                                                                    \
        .name = json, .kind = BF_F_OBJECTS, .at = offset, .of = schema, .max = most      \
    }

static const struct bf_field bundle_fields[] = {
    TEXT("id", IN(bundle, id), bf_is_hex32),
    TEXT("manifest_sha256", IN(bundle, manifest_sha256), bf_is_hex64),
};
static const struct bf_schema bundle_schema = {"bundle", PART(bundle), bundle_fields,
                                               NUM(bundle_fields)};

static const struct bf_field check_fields[] = {
    TEXT("id", AT(bf_receipt_check, id), is_token),
    TEXT("result", AT(bf_receipt_check, result), is_result),
};
static const struct bf_schema check_schema = {"check", sizeof(struct bf_receipt_check),
                                              check_fields, NUM(check_fields)};

static const struct bf_field probe_fields[] = {
    TEXT("id", AT(bf_receipt_check, id), is_token),
    TEXT("result", AT(bf_receipt_check, result), bf_is_text),
};
static const struct bf_schema probe_schema = {"probe", sizeof(struct bf_receipt_check),
                                              probe_fields, NUM(probe_fields)};

static const struct bf_field clock_fields[] = {
    TEXT("now", IN(clock, now), bf_is_time),
    {.name = "synchronised", .kind = BF_F_BOOL, .at = IN(clock, synchronised)},
};
static const struct bf_schema clock_schema = {"clock", PART(clock), clock_fields,
                                              NUM(clock_fields)};

static const struct bf_field log_fields[] = {
    TEXTS("frontier", IN(log, frontier), bf_is_hex64, 53),
    INT("index", IN(log, index), 0, MAX_INT),
    TEXT("origin", IN(log, origin), bf_is_id),
    TEXT("prev_root", IN(log, prev_root), bf_is_hex64),
};
static const struct bf_schema log_schema = {"log", PART(log), log_fields,
                                            NUM(log_fields)};

static const struct bf_field evidence_fields[] = {
    TEXT("name", AT(bf_member, name), is_evidence),
    TEXT("sha256", AT(bf_member, sha256), bf_is_hex64),
    INT("size", AT(bf_member, size), 0, MAX_INT),
};
static const struct bf_schema evidence_schema = {"member", sizeof(struct bf_member),
                                                 evidence_fields, NUM(evidence_fields)};

static const struct bf_field person_fields[] = {
    INT("counter", AT(bf_receipt_person, counter), 0, UINT32_MAX),
    TEXT("fingerprint", AT(bf_receipt_person, fingerprint), is_fingerprint),
    INT("flags", AT(bf_receipt_person, flags), 0, UINT8_MAX),
    TEXT("id", AT(bf_receipt_person, id), bf_is_id),
    TEXT("role", AT(bf_receipt_person, role), is_role),
};
static const struct bf_schema person_schema = {"person", sizeof(struct bf_receipt_person),
                                               person_fields, NUM(person_fields)};

static const struct bf_field node_fields[] = {
    TEXT("digest", AT(bf_receipt_node, digest), bf_is_hex64_or_empty),
    TEXTS("names", AT(bf_receipt_node, names), bf_is_text, 256),
    TEXT("node", AT(bf_receipt_node, node), bf_is_text),
    TEXT("reload", AT(bf_receipt_node, reload), bf_is_text),
};
static const struct bf_schema node_schema = {"node", sizeof(struct bf_receipt_node),
                                             node_fields, NUM(node_fields)};

static const struct bf_field proof_fields[] = {
    TEXTS("expected", IN(proof, expected), bf_is_text, 256),
    OBJECTS("keystores", IN(proof, keystores), &node_schema, 256),
    OBJECTS("probes", IN(proof, probes), &probe_schema, 64),
    TEXTS("seen", IN(proof, seen), bf_is_text, 256),
};
static const struct bf_schema proof_schema = {"proof", PART(proof), proof_fields,
                                              NUM(proof_fields)};

static const struct bf_field step_fields[] = {
    TEXT("after", AT(bf_receipt_step, after), is_printable),
    TEXT("before", AT(bf_receipt_step, before), is_printable),
    TEXT("id", AT(bf_receipt_step, id), is_token),
    TEXT("result", AT(bf_receipt_step, result), bf_is_text),
    TEXT("undo", AT(bf_receipt_step, undo), bf_is_text_or_empty),
};
static const struct bf_schema step_schema = {"step", sizeof(struct bf_receipt_step),
                                             step_fields, NUM(step_fields)};

static const struct bf_field target_fields[] = {
    TEXT("cluster_name", IN(target, cluster_name), bf_is_text_or_empty),
    TEXT("cluster_uuid", IN(target, cluster_uuid), is_uuid_or_empty),
    TEXT("id", IN(target, id), bf_is_id),
    TEXT("kind", IN(target, kind), is_kind),
    TEXT("version", IN(target, version), bf_is_text_or_empty),
};
static const struct bf_schema target_schema = {"target", PART(target), target_fields,
                                               NUM(target_fields)};

static const struct bf_field trust_fields[] = {
    TEXT("sha256", IN(trust, sha256), bf_is_hex64),
    INT("version", IN(trust, version), 1, MAX_INT),
};
static const struct bf_schema trust_schema = {"trust", PART(trust), trust_fields,
                                              NUM(trust_fields)};

static const struct bf_field receipt_fields[] = {
    OBJECT("bundle", AT(bf_receipt, bundle), &bundle_schema),
    OBJECTS("checks", AT(bf_receipt, checks), &check_schema, 32),
    TEXT("class", AT(bf_receipt, grade), is_grade),
    OBJECT("clock", AT(bf_receipt, clock), &clock_schema),
    TEXT("config_sha256", AT(bf_receipt, config_sha256), bf_is_hex64),
    TEXTS("consistency", AT(bf_receipt, consistency), bf_is_hex64, 128),
    TEXT("domain", AT(bf_receipt, domain), bf_is_domain),
    TEXT("finished", AT(bf_receipt, finished), bf_is_time),
    OBJECT("log", AT(bf_receipt, log), &log_schema),
    OBJECTS("members", AT(bf_receipt, members), &evidence_schema, BF_MAX_MEMBERS - 2),
    TEXTS("not_tried", AT(bf_receipt, not_tried), bf_is_text, 64),
    TEXT("operator", AT(bf_receipt, operator_name), bf_is_text_or_empty),
    TEXT("outcome", AT(bf_receipt, outcome), is_outcome),
    OBJECTS("people", AT(bf_receipt, people), &person_schema, BF_MAX_MEMBERS),
    OBJECT("proof", AT(bf_receipt, proof), &proof_schema),
    TEXT("receipt_id", AT(bf_receipt, receipt_id), bf_is_hex32),
    TEXT("refusal", AT(bf_receipt, refusal), is_refusal_or_empty),
    INT("serial", AT(bf_receipt, serial), 0, MAX_INT),
    TEXT("started", AT(bf_receipt, started), bf_is_time),
    OBJECTS("steps", AT(bf_receipt, steps), &step_schema, 1024),
    OBJECT("target", AT(bf_receipt, target), &target_schema),
    TEXT("tool", AT(bf_receipt, tool), bf_is_text),
    OBJECT("trust", AT(bf_receipt, trust), &trust_schema),
    TEXT("type", AT(bf_receipt, type), NULL),
};
const struct bf_schema bf_receipt_schema = {"receipt", sizeof(struct bf_receipt),
                                            receipt_fields, NUM(receipt_fields)};
