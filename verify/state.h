/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The appliance's state directory (0700, ours):
 *
 *   lock                       held exclusively by every verb that writes
 *   keys/                      appliance.json, transport.age, secrets.age, receipt (made
 * whole by init) trust/N.snapseal-trust     all versions that were installed; the highest
 * is the installed one ledger                     one line for each receipt (records.h),
 * made again from the receipts where a line is missing receipts/N.snapseal-receipt
 *   targets/ID.json            struct vfy_record_of_target
 *   runs/ID.journal, .bundle, .room   an open run: journal, the bundle's own bytes, space
 * for its receipt refused.log, refused.log.1 what got no receipt
 */
#ifndef VFY_STATE_H
#define VFY_STATE_H

#include "bf/receipt.h"
#include "records.h"

enum { VFY_PATH = 1200 };

enum vfy_access { VFY_READ, VFY_WRITE };

/* All receipts in order, and the log they form. */
struct vfy_ledger {
    struct bf_arena arena;
    struct vfy_entry *entries;
    size_t num, cap;
    struct bf_log log;
};

struct vfy_state {
    char dir[1024];
    int lock;              /* -1: not held */
    char name[33];         /* of this appliance; "" before init */
    struct bf_trust trust; /* the installed one; body.version 0: none */
    struct vfy_ledger ledger;
};

/* "DIR/what" into out; what as a format. STATE_DIR when too long. */
BF_MUST enum bf_err vfy_path(char out[VFY_PATH], const struct vfy_state *s,
                             struct bf_diag *diag, const char *fmt, ...) BF_PRINTF(4, 5);

/*
 * Opens the directory: rights, lock (VFY_WRITE), name, installed trust, ledger. With
 * VFY_WRITE the directory and its parts are made when missing. STATE_DIR, STATE_LOCKED,
 * STATE_DAMAGED. Owned by caller: vfy_state_close, also after a failure.
 */
BF_MUST enum bf_err vfy_state_open(struct vfy_state *s, const char *dir,
                                   enum vfy_access access, struct bf_diag *diag);
void vfy_state_close(struct vfy_state *s);

/* NO_TRUST when none is installed; STATE_DIR when init has not been run. */
BF_MUST enum bf_err vfy_state_ready(const struct vfy_state *s, struct bf_diag *diag);

/* Makes the three keys and appliance.json, whole or not at all. OUTPUT_EXISTS when there
 * are keys. Needs VFY_WRITE. */
BF_MUST enum bf_err vfy_state_init(struct vfy_state *s, const char *name,
                                   struct bf_diag *diag);
/* The public parts as one JSON object with LF, appended. */
BF_MUST enum bf_err vfy_state_public(struct bf_buf *out, const struct vfy_state *s,
                                     struct bf_diag *diag);
/* The secrets identity, into locked memory; the receipt key. Owned by caller. */
BF_MUST enum bf_err vfy_state_identity(struct bf_secret *out, const struct vfy_state *s,
                                       struct bf_diag *diag);
BF_MUST enum bf_err vfy_state_signer(struct bf_signer *out, const struct vfy_state *s,
                                     struct bf_diag *diag);

/* Takes raw: installs a trust file by pin (NULL: none given) or as successor, and
 * archives it. TRUST_*. */
BF_MUST enum bf_err vfy_trust_install(struct vfy_state *s, struct bf_buf *raw,
                                      const char *pin, const char *now,
                                      struct bf_diag *diag);

/* An archived version. TRUST_UNKNOWN when it is not there. Owned by caller. */
BF_MUST enum bf_err vfy_trust_archived(struct bf_trust *out, const struct vfy_state *s,
                                       int64_t version, struct bf_diag *diag);

/* The identity of a version: of its file in the archive, or as its successor there names
 * it; "" when neither is there. (SPEC section 6.5) */
BF_MUST enum bf_err vfy_trust_known(char sha256[2 * BF_SHA256 + 1],
                                    const struct vfy_state *s, int64_t version,
                                    struct bf_diag *diag);

/* Check 9's floor: the later of created_at of the installed trust and finished of the
 * last receipt applied under it. */
const char *vfy_state_floor(const struct vfy_state *s);

/* A line for what gets no receipt: at most one a second, at most 512 KiB in all. Failures
 * are not reported: it is a courtesy. */
void vfy_refused_line(const struct vfy_state *s, const char *now, const char *file,
                      const struct bf_diag *why);

/* ---- per target (targets.c) ---- */

struct vfy_target_state {
    struct bf_json_doc doc; /* locked: it holds openings */
    struct vfy_record_of_target r;
};
/*
 * The target's record, an empty one when there is none. STATE_DAMAGED, also when the
 * receipts in the ledger know of more than it does. Owned by caller.
 */
BF_MUST enum bf_err vfy_target_load(struct vfy_target_state *out,
                                    const struct vfy_state *s, const char *id,
                                    struct bf_diag *diag);
void vfy_target_clear(struct vfy_target_state *t);
BF_MUST enum bf_err vfy_target_save(const struct vfy_state *s, const char *id,
                                    const struct vfy_record_of_target *r,
                                    struct bf_diag *diag);
const struct vfy_name *vfy_target_name(const struct vfy_record_of_target *r,
                                       const char *name);

/* ---- ledger (ledger.c) ---- */

BF_MUST enum bf_err vfy_ledger_load(struct vfy_state *s, enum vfy_access access,
                                    struct bf_diag *diag);
void vfy_ledger_clear(struct vfy_ledger *l);
/*
 * Appends receipt number ledger.num, whose file is already in place: a line in the
 * ledger, fsynced, and in memory.
 */
BF_MUST enum bf_err vfy_ledger_append(struct vfy_state *s, const struct bf_receipt *r,
                                      const uint8_t leaf[BF_SHA256],
                                      struct bf_diag *diag);
/* The entry with that receipt id, or with that bundle and refusal; NULL. */
const struct vfy_entry *vfy_ledger_find(const struct vfy_ledger *l,
                                        const char *receipt_id);
const struct vfy_entry *vfy_ledger_refused(const struct vfy_ledger *l,
                                           const char *manifest_sha256,
                                           const char *refusal);
/* Root over the first size receipts (size <= num). PROOF(m, n) as in bf_log_prove. */
BF_MUST enum bf_err vfy_ledger_root(uint8_t out[BF_SHA256], const struct vfy_ledger *l,
                                    size_t size, struct bf_diag *diag);
BF_MUST enum bf_err vfy_ledger_prove(uint8_t (*out)[BF_SHA256], size_t *num,
                                     const struct vfy_ledger *l, size_t m, size_t n,
                                     struct bf_diag *diag);

#endif
