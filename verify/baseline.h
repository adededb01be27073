/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this appliance applied last to a target, as it remembers it: the approved plan and
 * documents (targets/ID.change), and the receipt of that run. It is what a later look at
 * the live state is held against, without the bundle.
 */
#ifndef VFY_BASELINE_H
#define VFY_BASELINE_H

#include "bf/receipt.h"
#include "check.h"
#include "story.h"

/* A keystore name, and the bundle that gave it the value that it has. */
struct vfy_change_key {
    const char *manifest_sha256, *name;
};

/* targets/ID.change; nothing secret in it. */
struct vfy_change {
    struct bf_list keys; /* struct vfy_change_key, ascending: what should be set by now */
    const char *manifest_sha256;
    struct bf_plan plan;
    const char *policy, *repository; /* the review documents as signed, "" none */
    struct {
        const char *cluster_uuid, *id, *kind;
    } target;
    const char *type;
};
extern const struct bf_schema vfy_change_schema;
#define VFY_CHANGE_TYPE "snapseal/verify-change/1"

/* Owned by caller; all-zero is empty; vfy_baseline_clear. Large: on the heap. */
struct vfy_baseline {
    struct bf_json_doc change_doc, receipt_doc;
    struct bf_buf raw;
    struct bf_container container;
    struct vfy_change change;
    struct bf_receipt receipt; /* of the run that applied it */
    const struct vfy_entry
        *entry; /* its line in the ledger, borrowed; NULL: no receipt */
    bool has_change;
};

/* Writes what a checked bundle approves to path. A bundle that has no register request of
 * its own (new keys for what is there) keeps the one before. */
BF_MUST enum bf_err vfy_change_write(const struct vfy_state *s,
                                     const struct vfy_look *look, const char *path,
                                     struct bf_diag *diag);
/* Makes the file at from, if there is one, that of the target. */
BF_MUST enum bf_err vfy_change_keep(const struct vfy_state *s, const char *target,
                                    const char *from, struct bf_diag *diag);
/* "targets/ID.change" below the state. STATE_DIR. */
BF_MUST enum bf_err vfy_change_path(char out[VFY_PATH], const struct vfy_state *s,
                                    const char *target, struct bf_diag *diag);
/*
 * What was applied last, by the target's record r. has_change is false where nothing was
 * applied, or by a version that kept no change. STATE_DAMAGED.
 */
BF_MUST enum bf_err vfy_baseline_load(struct vfy_baseline *out, const struct vfy_state *s,
                                      const char *target,
                                      const struct vfy_record_of_target *r,
                                      struct bf_diag *diag);
void vfy_baseline_clear(struct vfy_baseline *b);

/*
 * Why the keystore of this node is not the file that the run left, as a clause in out, by
 * the facts node_digest of run; false when it is, or when there is nothing to compare.
 */
bool vfy_baseline_keystore(char *out, size_t size, const struct vfy_baseline *b,
                           const struct vfy_story *run, const char *node);
/* The receipt's line of the bundle that set this key. NULL: not known. */
const struct vfy_entry *vfy_baseline_set_by(const struct vfy_state *s,
                                            const struct vfy_change_key *key);

#endif
