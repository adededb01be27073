/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle: its manifest (SPEC section 4), the order of checks (SPEC section 8), its
 * secrets (SPEC section 5). The functions of checks are called in their order and stop at
 * the first refusal; each records its result in bundle.checks.
 */
#ifndef BF_BUNDLE_H
#define BF_BUNDLE_H

#include "bf/trust.h"

struct bf_plan {
    bool analyze;
    struct {
        const char *mode, *name;
        bool ownership, public_block;
        const char *region;
        bool versioning;
    } bucket;
    const char *action; /* JSON "do": register, rotate, remove */
    struct {
        const char *arn, *mode, *policy, *user;
    } iam;
    const char *precondition, *preflight, *repository;
    struct {
        const char *group, *mode;
        bool skip_snapshot;
    } restart;
    const char *retire;
    struct {
        const char *endpoint;
        bool path_style;
        const char *region;
    } s3;
};
struct bf_secret_ref {
    const char *commitment, *disclosed, *name, *versus;
};
struct bf_manifest {
    const char *author, *bundle_id;
    struct {
        const char *grade; /* JSON "class": normal, emergency */
        const char *reason, *ticket;
    } change;
    const char *created_at, *domain;
    struct {
        const char *origin, *root;
        int64_t size;
    } expect_log;
    const char *expires;
    struct bf_list members; /* struct bf_member */
    const char *not_before;
    struct bf_plan plan;
    const char *prev;
    struct bf_list secrets; /* struct bf_secret_ref */
    int64_t serial;
    const char *supersedes;
    struct {
        const char *appliance, *cluster_uuid, *id, *kind;
    } target;
    struct {
        const char *sha256;
        int64_t version;
    } trust;
    const char *type;
};
extern const struct bf_schema bf_manifest_schema;
extern const struct bf_schema bf_plan_schema;

enum bf_check {
    BF_CHECK_INPUT,
    BF_CHECK_SEALED,
    BF_CHECK_GATE,
    BF_CHECK_SIGNATURES,
    BF_CHECK_AUTHOR,
    BF_CHECK_MANIFEST,
    BF_CHECK_MEMBERS,
    BF_CHECK_SHEET,
    BF_CHECK_TIMES,
    BF_CHECK_TRUST,
    BF_CHECK_ORDER,
    BF_CHECK_PEOPLE,
    BF_CHECK_SECRETS,
    BF_CHECK_LIVE,
    BF_NUM_CHECKS
};
enum bf_result { BF_SKIPPED = 0, BF_PASSED, BF_REFUSED };
struct bf_checks {
    enum bf_result result[BF_NUM_CHECKS];
};
const char *bf_check_id(enum bf_check check); /* "input", "sealed", "gate", "signatures",
                                                 "author", "manifest", ... */
const char *bf_result_id(enum bf_result result); /* "skipped", "ok", "refused" */

/*
 * Owned by caller; all-zero is empty. Pointers inside point into raw, doc and the struct
 * itself: it is never copied.
 */
struct bf_bundle {
    struct bf_buf raw; /* the container (unsealed) */
    struct bf_container container;
    char sha256[2 * BF_SHA256 + 1]; /* of manifest.json: the bundle's identity */
    struct bf_verdict *sigs;
    size_t num_sigs;
    const struct bf_verdict *author; /* the one good author signature */
    struct bf_json_doc doc, policy_doc, repository_doc;
    struct bf_manifest m;
    const struct bf_entry *policy;     /* review/iam-policy.json or NULL */
    const struct bf_entry *repository; /* review/repository.json or NULL */
    const struct bf_entry *sheet;
    const struct bf_entry *secrets; /* secrets.age or NULL */
    struct bf_checks checks;
};

/*
 * Checks 3 to 8. Takes raw (moved, on failure too). out: empty, but for the results of
 * checks 1 and 2, which are kept. now is read once by the caller. After a refusal out
 * still has the signatures and checks up to it, and is to be cleared. GATE_*, AUTHOR_*,
 * JSON_*, MANIFEST_*, MEMBER_*, SHEET_*, POLICY_*, REPOSITORY_*.
 */
BF_MUST enum bf_err bf_bundle_open(struct bf_bundle *out, struct bf_buf *raw,
                                   const struct bf_trust *trust, const char *now,
                                   struct bf_diag *diag);
void bf_bundle_clear(struct bf_bundle *b);
/* Check 9; floor "" when there is no state. TIME_*, TRUST_EXPIRED. */
BF_MUST enum bf_err bf_bundle_times(struct bf_bundle *b, const struct bf_trust *trust,
                                    const char *now, const char *floor,
                                    struct bf_diag *diag);
/* Check 10; older: the identity that this side knows of the trust version that the bundle
 * names, NULL when none is known; not looked at for the installed one and the one before,
 * which trust tells itself. appliance NULL: not checked against us (document scope).
 * TRUST_*, TARGET_*. (SPEC sections 6.5, 8.10) */
BF_MUST enum bf_err bf_bundle_target(struct bf_bundle *b, const struct bf_trust *trust,
                                     const char *older, const char *appliance,
                                     struct bf_diag *diag);
/* Check 12: people counted, then what this version cannot do. PEOPLE_*,
 * PLAN_NOT_SUPPORTED. */
BF_MUST enum bf_err bf_bundle_people(struct bf_bundle *b, const struct bf_trust *trust,
                                     struct bf_diag *diag);

enum { BF_MAX_REQUIREMENTS = 8 };

/* How far a rule is met: for each requirement, in order, how many distinct people count.
 * (people.c, SPEC section 8.12) */
struct bf_count {
    size_t num;
    struct {
        const char *group;
        int64_t need, have;
        const char *people[BF_MAX_SEAL_TO]; /* who counted */
    } of[BF_MAX_REQUIREMENTS];
    bool met;
};
void bf_people_count(struct bf_count *out, const struct bf_trust *trust,
                     const struct bf_list *rule, const struct bf_verdict *author,
                     const struct bf_verdict *sigs, size_t num_sigs);

/* One opened secret; value and opening lie in locked memory of the owner. */
struct bf_opened {
    const char *name;
    struct bf_bytes value;
    uint8_t opening[BF_KEY];
};
struct bf_secrets {
    struct bf_secret plain;
    struct bf_json_doc doc; /* arena locked */
    struct bf_opened items[32];
    size_t num;
};
/* Check 13 without versus: one stanza, MAC, binding, same names, commitments, disclosed.
 * SECRET_*, AGE_* reported as SECRET_AGE. */
BF_MUST enum bf_err bf_secrets_open(struct bf_secrets *out, struct bf_bundle *b,
                                    const uint8_t identity[BF_KEY], struct bf_diag *diag);
void bf_secrets_clear(struct bf_secrets *s);
/* HMAC-SHA256(opening, "SNAPSEALC1" SP len(id) SP id SP len(name) SP name SP len(value)
 * SP value), 64 hex and NUL. */
void bf_commitment(char out[65], const uint8_t opening[BF_KEY], const char *id,
                   const char *name, struct bf_bytes value);

/* The review sheet: a pure function of type, body and review documents (SPEC annex B).
 * policy, repository: NULL when absent. */
BF_MUST enum bf_err bf_sheet_write(struct bf_buf *out, const struct bf_manifest *m,
                                   const struct bf_json *policy,
                                   const struct bf_json *repository,
                                   struct bf_diag *diag);
/* The consistency rules of check 8 between plan and documents, used by lint too.
 * POLICY_*, REPOSITORY_*. */
BF_MUST enum bf_err bf_review_rules(const struct bf_manifest *m,
                                    const struct bf_json *policy,
                                    const struct bf_json *repository,
                                    struct bf_diag *diag);
/* Schema and every rule of SPEC section 4 that needs the manifest alone (cross-field).
 * JSON_*, MANIFEST_*. */
BF_MUST enum bf_err bf_manifest_read(struct bf_manifest *out, struct bf_json_doc *doc,
                                     struct bf_bytes raw, struct bf_diag *diag);
/* What the manifest says of a keystore name, or NULL. Borrows from m. */
const struct bf_secret_ref *bf_manifest_secret(const struct bf_manifest *m,
                                               const char *name);
/* What this version refuses to do. PLAN_NOT_SUPPORTED. */
BF_MUST enum bf_err bf_plan_supported(const struct bf_manifest *m, struct bf_diag *diag);

/* ---- counters of security keys ---- */

/* Whether a good signature of b is a security key's. */
bool bf_counters_any(const struct bf_bundle *b);
/* Takes what a receipt (its manifest.json; kept here before, so not verified again) says
 * of the same keys: counter_before of b's verdicts is the highest of all receipts taken.
 * What cannot be read says nothing. */
void bf_counters_seen(struct bf_bundle *b, struct bf_bytes receipt);
/* True, with a sentence for people in out, when the counter is lower than before. */
bool bf_counter_fell(char *out, size_t size, const struct bf_verdict *v);

/* ---- library bf_seal ---- */

/* A secret to put in: name, value (locked memory of the caller). */
struct bf_new_secret {
    const char *name;
    struct bf_bytes value;
    const char *versus;
    bool disclose;           /* access_key ids */
    uint8_t opening[BF_KEY]; /* out: for the workstation's state */
};
/*
 * Makes and signs a bundle: sheet, secrets.age, members, author signature, in the spec's
 * order. m without members and secrets (filled in here; strings from arena). documents:
 * canonical text or NULL. container: the open form.
 */
BF_MUST enum bf_err bf_bundle_make(struct bf_buf *container, struct bf_manifest *m,
                                   struct bf_arena *arena, const char *policy,
                                   const char *repository, struct bf_new_secret *secrets,
                                   size_t num, const uint8_t secrets_recipient[BF_KEY],
                                   struct bf_signer *author, struct bf_diag *diag);

#endif
