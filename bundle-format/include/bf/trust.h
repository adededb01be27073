/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trust file (SPEC section 6): who may sign what, which appliance serves which
 * target, and the rules. Loading refuses everything that would make a later count
 * ambiguous, so that counting itself stays one small function (people.c).
 */
#ifndef BF_TRUST_H
#define BF_TRUST_H

#include "bf/age.h"
#include "bf/sshsig.h"
#include "bf/text.h"

enum { BF_MAX_PEOPLE = 64, BF_MAX_KEYS = 256, BF_MAX_SEAL_TO = 31, BF_CLOCK_SLACK = 300 };

/* The decoded body; member names are the JSON's. Lists hold the struct named in the
 * comment. */
struct bf_member {
    const char *name;
    const char *sha256;
    int64_t size;
};
struct bf_trust_key {
    const char *key; /* "ssh-ed25519 AAAA..." */
    const char *not_after;
    const char *not_before;
    bool verify;
};
struct bf_person {
    const char *id;
    struct bf_list keys; /* struct bf_trust_key */
    struct bf_list recipients;
    struct bf_list roles; /* approve, audit, author, root */
};
struct bf_appliance {
    const char *id;
    const char *receipt_key;
    const char *secrets;
    const char *transport;
};
struct bf_group {
    const char *id;
    struct bf_list people;
};
struct bf_requirement {
    const char *from;
    int64_t need;
};
struct bf_endpoint {
    const char *ca_sha256;
    const char *purpose; /* JSON "for": cluster, control, iam, s3 */
    const char *resource;
    const char *url;
};
struct bf_target {
    const char *appliance;
    const char *cluster_uuid;
    struct bf_list endpoints; /* struct bf_endpoint */
    const char *id;
    const char *kind;
    int64_t serial_floor;
};
struct bf_trust_body {
    struct bf_list appliances; /* struct bf_appliance */
    const char *created_at;
    struct bf_list debts_waived;
    const char *domain;
    const char *expires;
    struct bf_list groups; /* struct bf_group */
    struct {
        int64_t debts_max, lifetime_hours, serial_jump;
    } limits;
    struct bf_list members; /* struct bf_member: exactly allowed_signers */
    struct bf_list people;  /* struct bf_person */
    const char *prev;
    struct {
        int64_t need;
        struct bf_list people;
    } root;
    struct {
        struct {
            struct bf_list approve; /* struct bf_requirement */
            int64_t lifetime_hours;
        } emergency;
        struct {
            struct bf_list approve;
        } normal;
    } rules;
    struct bf_list targets; /* struct bf_target */
    const char *type;
    int64_t version;
};
extern const struct bf_schema bf_trust_schema;
extern const struct bf_schema bf_member_schema;

/* A key that the trust names, decoded once at load. */
struct bf_known_key {
    struct bf_sshkey key;
    const struct bf_person *person;       /* or */
    const struct bf_appliance *appliance; /* its receipt key */
    const char *not_before;               /* "" none */
    const char *not_after;
    bool verify;
};

/* A loaded trust file. Owned by caller; clear with bf_trust_clear. */
struct bf_trust {
    struct bf_buf raw; /* the container */
    struct bf_container container;
    char sha256[2 * BF_SHA256 + 1]; /* of manifest.json */
    struct bf_json_doc doc;
    struct bf_trust_body body;
    struct bf_known_key *keys;
    size_t num_keys;
};

/*
 * Loads a trust file that was installed before (no signature check): gate, JSON, schema,
 * load rules, derived allowed_signers. Takes raw (moved; cleared on failure too). GATE_*,
 * JSON_*, MANIFEST_TYPE, TRUST_*, KEY_*, AGE_RECIPIENT, MEMBER_MISSING, MEMBER_UNKNOWN.
 */
BF_MUST enum bf_err bf_trust_load(struct bf_trust *out, struct bf_buf *raw,
                                  struct bf_diag *diag);
/*
 * A first trust file: pin (64 hex, SHA-256 of its manifest.json) stands in for the
 * predecessor, so it may be of any version; its own root threshold is needed too.
 * TRUST_PIN, what load refuses, TRUST_TIME, TRUST_ROOT_NEED.
 */
BF_MUST enum bf_err bf_trust_first(struct bf_trust *out, struct bf_buf *raw,
                                   const char *pin, const char *now,
                                   struct bf_diag *diag);
/* The successor of installed: its root threshold before parsing, then its own; version,
 * prev, domain, moved targets. */
BF_MUST enum bf_err bf_trust_next(struct bf_trust *out, struct bf_buf *raw,
                                  const struct bf_trust *installed, const char *now,
                                  struct bf_diag *diag);
void bf_trust_clear(struct bf_trust *t);
/* Only the load rules over a body (for drafts). TRUST_*. */
BF_MUST enum bf_err bf_trust_rules(const struct bf_trust_body *body,
                                   struct bf_diag *diag);

const struct bf_known_key *bf_trust_find_key(const struct bf_trust *t,
                                             const struct bf_sshkey *key);
const struct bf_person *bf_trust_person(const struct bf_trust_body *b, const char *id);
const struct bf_appliance *bf_trust_appliance(const struct bf_trust_body *b,
                                              const char *id);
const struct bf_target *bf_trust_target(const struct bf_trust_body *b, const char *id);
const struct bf_group *bf_trust_group(const struct bf_trust_body *b, const char *id);
bool bf_person_has_role(const struct bf_person *p, const char *role);
bool bf_list_has(const struct bf_list *texts, const char *text);
/* Everybody a bundle for this target is sealed to: transport key, author, approvers of
 * both rules, auditors. <= 32 points, no doubles. */
BF_MUST enum bf_err bf_trust_seal_to(uint8_t (*out)[BF_KEY], size_t *num,
                                     const struct bf_trust *t, const char *author,
                                     const char *appliance, struct bf_diag *diag);
/* The derived allowed_signers member (SPEC section 6.4). */
void bf_trust_allowed_signers(struct bf_buf *out, const struct bf_trust_body *b);

/* What one sig/ member is worth. reason BF_OK: good; else a SIG_* id, which never refuses
 * by itself. */
struct bf_verdict {
    const struct bf_entry *entry;
    char role[16];
    char person[33];
    enum bf_err reason;
    char where[120];
    struct bf_sshkey key;
    char fingerprint[BF_FINGERPRINT]; /* "" when the armor was not readable */
    uint8_t flags;                    /* these three: of a security key */
    uint32_t counter;
    int64_t counter_before; /* -1: not known (bf_counters_seen) */
};

/*
 * Judges one signature member over message: name form, armor, blob, namespace of its role
 * and domain, key known to trust, key of that person, role held, key in force at now,
 * signature. Receipt signatures are by appliances.
 */
void bf_judge(struct bf_verdict *out, const struct bf_entry *entry,
              struct bf_bytes message, const struct bf_trust *trust, const char *now);
/* Splits "sig/ROLE.PERSON.sshsig"; false when the name is not of that form. */
bool bf_sig_name(const char *name, char role[16], char person[33]);

/* ---- library bf_seal ---- */
/* A container of the body (members filled in here) with no signature yet. GATE_*,
 * TRUST_*. */
BF_MUST enum bf_err bf_trust_make(struct bf_buf *container, struct bf_trust_body *body,
                                  struct bf_diag *diag);

#endif
