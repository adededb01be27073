/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts and the Merkle log that they form (SPEC section 7; RFC 6962 section 2.1). */
#ifndef BF_RECEIPT_H
#define BF_RECEIPT_H

#include "bf/trust.h"

/* Evidence larger than this is in a receipt by name, size and hash alone. */
enum { BF_MAX_EVIDENCE = 64 * 1024 };

struct bf_receipt_check {
    const char *id, *result;
};
struct bf_receipt_person {
    int64_t counter;
    const char *fingerprint;
    int64_t flags;
    const char *id, *role;
};
struct bf_receipt_step {
    const char *after, *before, *id, *result,
        *undo; /* before, after: free printable text, "" none, <= 500 */
};
struct bf_receipt_node {
    const char *digest; /* SHA-256 of the keystore file, "" where not told */
    struct bf_list names;
    const char *node;
    const char *reload; /* "ok", or why not */
};
struct bf_receipt {
    struct {
        const char *id, *manifest_sha256;
    } bundle;
    struct bf_list checks; /* struct bf_receipt_check */
    const char *grade;     /* JSON "class" */
    struct {
        const char *now;
        bool synchronised;
    } clock;
    const char *config_sha256;
    struct bf_list consistency;
    const char *domain, *finished;
    struct {
        struct bf_list frontier;
        int64_t index;
        const char *origin, *prev_root;
    } log;
    struct bf_list members; /* struct bf_member: evidence/ */
    struct bf_list not_tried;
    const char *operator_name; /* JSON "operator" */
    const char *outcome;
    struct bf_list people; /* struct bf_receipt_person */
    struct {
        struct bf_list expected;  /* node names */
        struct bf_list keystores; /* struct bf_receipt_node */
        struct bf_list probes;    /* struct bf_receipt_check: id, result */
        struct bf_list seen;
    } proof;
    const char *receipt_id, *refusal;
    int64_t serial;
    const char *started;
    struct bf_list steps; /* struct bf_receipt_step */
    struct {
        const char *cluster_name, *cluster_uuid, *id, *kind, *version;
    } target; /* as found live; uuid, name, version "" when not reached */
    const char *tool;
    struct {
        const char *sha256;
        int64_t version;
    } trust;
    const char *type;
};
extern const struct bf_schema bf_receipt_schema;

struct bf_receipt_file {
    struct bf_buf raw;
    struct bf_container container;
    char sha256[2 * BF_SHA256 + 1];
    uint8_t leaf[BF_SHA256];
    struct bf_json_doc doc;
    struct bf_receipt r;
    char signer[33]; /* appliance */
};

/*
 * Opens a receipt: signature before parsing, by a key that any of the trusts gives to the
 * appliance of its member name; then schema, rules, evidence members, signer = log.origin
 * = owner of the target under the trust that it names. Takes raw. GATE_*, RECEIPT_*.
 */
BF_MUST enum bf_err bf_receipt_open(struct bf_receipt_file *out, struct bf_buf *raw,
                                    const struct bf_trust *const *trusts,
                                    size_t num_trusts, const char *now,
                                    struct bf_diag *diag);
void bf_receipt_clear(struct bf_receipt_file *r);
/* bf_seal: a signed container of the receipt (members filled in here) and its evidence
 * entries. */
BF_MUST enum bf_err bf_receipt_make(struct bf_buf *container, struct bf_receipt *r,
                                    const struct bf_entry *evidence, size_t num,
                                    struct bf_signer *signer, struct bf_diag *diag);

/* The right edge of a log of size leaves: roots of its complete subtrees, largest first.
 * All-zero: empty. */
struct bf_log {
    uint64_t size;
    uint8_t edge[64][BF_SHA256];
};
void bf_log_leaf(uint8_t out[BF_SHA256],
                 struct bf_bytes manifest);    /* SHA-256(00, manifest) */
size_t bf_log_edges(const struct bf_log *log); /* one-bits of size */
void bf_log_append(struct bf_log *log, const uint8_t leaf[BF_SHA256]);
void bf_log_root(uint8_t out[BF_SHA256],
                 const struct bf_log *log); /* empty: SHA-256("") */
/* From a receipt's log member; checks that frontier gives prev_root. RECEIPT_LOG. */
BF_MUST enum bf_err bf_log_from_receipt(struct bf_log *out, const struct bf_receipt *r,
                                        struct bf_diag *diag);
/* PROOF(m, D[n]) of RFC 6962 2.1.2 over all leaf hashes: out takes up to 128 hashes. */
BF_MUST enum bf_err bf_log_prove(uint8_t (*out)[BF_SHA256], size_t *num,
                                 const uint8_t (*leaves)[BF_SHA256], uint64_t m,
                                 uint64_t n);
/* True when proof leads from (m, root_m) to (n, root_n). */
bool bf_log_consistent(const uint8_t (*proof)[BF_SHA256], size_t num, uint64_t m,
                       const uint8_t root_m[BF_SHA256], uint64_t n,
                       const uint8_t root_n[BF_SHA256]);

#endif
