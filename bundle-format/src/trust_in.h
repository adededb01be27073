/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the trust module share. Not part of the library's interface. */
#ifndef BF_TRUST_IN_H
#define BF_TRUST_IN_H

#include "bf/trust.h"

/* The table of SPEC section 6.2 (limits of what a trust file may hold and say). */
enum {
    BF_TRUST_DEBTS_MAX = 8,
    BF_TRUST_LIFETIME_MIN = 2,
    BF_TRUST_LIFETIME_MAX = 8760,
    BF_TRUST_JUMP_MAX = 1000000
};

#define BF_MANIFEST "manifest.json"
#define BF_SIGNERS "allowed_signers"
#define BF_TRUST_TYPE "snapseal/trust/1"
#define BF_RECEIPT_TYPE "snapseal/receipt/1"

/* Every key decodes, none stands twice (trust_keys.c). KEY_*, TRUST_KEYS, TRUST_VALUE. */
BF_MUST enum bf_err bf_trust_rules_keys(const struct bf_trust_body *body,
                                        struct bf_diag *diag);
/* Targets, their appliances and endpoints (trust_targets.c). TRUST_TARGETS. */
BF_MUST enum bf_err bf_trust_rules_targets(const struct bf_trust_body *body,
                                           struct bf_diag *diag);
/* A target of next that moved without a higher floor. TRUST_MOVED. */
BF_MUST enum bf_err bf_trust_rules_moved(const struct bf_trust_body *installed,
                                         const struct bf_trust_body *next,
                                         struct bf_diag *diag);
/* Fills t->keys from t->body. */
BF_MUST enum bf_err bf_trust_decode_keys(struct bf_trust *t, struct bf_diag *diag);

/* True when the person is in a group of the requirements. */
bool bf_trust_in_rule(const struct bf_trust_body *b, const struct bf_list *rule,
                      const char *person);
/* True for whoever a bundle may have to be sealed to beside author and appliance:
 * approvers of both rules, auditors. */
bool bf_trust_reads(const struct bf_trust_body *b, const struct bf_person *p);
/* How many of root.people have signed: people, whatever their keys (people.c). */
size_t bf_root_count(const struct bf_trust_body *body, const struct bf_verdict *sigs,
                     size_t num_sigs);

/* True for a member below sig/. */
bool bf_is_sig_member(const char *name);
/* Every well-formed signature name in the container is of this role, else GATE_ROLE. */
BF_MUST enum bf_err bf_only_role(const struct bf_container *c, const char *role,
                                 struct bf_diag *diag);
/* The root value is an object of this type, else MANIFEST_TYPE. */
BF_MUST enum bf_err bf_doc_type(const struct bf_json_doc *doc, const char *type,
                                struct bf_diag *diag);

/* The rules of a receipt that its fields' grammars do not say (receipt.c). RECEIPT_VALUE.
 */
struct bf_receipt;
BF_MUST enum bf_err bf_receipt_rules(const struct bf_receipt *r, struct bf_diag *diag);

#endif
