/* SPDX-License-Identifier: Apache-2.0 */
/* Writes receipts: from what was checked and what a run did, signed by the appliance's
 * receipt key, appended to its log. */
#ifndef VFY_RECEIPTS_H
#define VFY_RECEIPTS_H

#include "check.h"
#include "story.h"

/* What a receipt is made of. Everything is borrowed. */
struct vfy_receipt_in {
    const struct vfy_look *look;
    const struct bf_trust *trust; /* under which it was judged */
    const struct vfy_story *run;  /* NULL: nothing was tried */
    const struct bf_list *nodes;  /* struct vfy_node: the expected ones; empty: those that
                                    the run was told; NULL: none */
    const char *outcome;          /* applied, proved, refused, undone, uncertain */
    enum bf_err refusal;          /* BF_OK: none */
    bool live;                    /* check 14 has been passed */
    const char *config_sha256;    /* 64 hex; zeros when no configuration was read */
    const char *operator_name, *receipt_id, *started;
    bool synchronised;
    const char *room; /* file whose space was allocated ahead, NULL: none */
};

/*
 * Makes receipt number ledger.num, signs it, puts it in place (into the space of room,
 * which is then gone) and appends it to the ledger. *index is its number. The state must
 * be open for writing.
 */
BF_MUST enum bf_err vfy_receipt_write(size_t *index, struct vfy_state *s,
                                      const struct vfy_receipt_in *in,
                                      struct bf_diag *diag);

/* Allocates the space of a receipt at path, so that a full disk cannot keep one from
 * being written. IO. */
BF_MUST enum bf_err vfy_receipt_room(const char *path, struct bf_diag *diag);

/* Reads receipt number index of the ledger; out borrows from raw, which is owned by
 * caller, also after a failure. STATE_DAMAGED when it is not the one of the ledger's leaf
 * hash. */
BF_MUST enum bf_err vfy_receipt_read(struct bf_container *out, struct bf_buf *raw,
                                     const struct vfy_state *s, size_t index,
                                     struct bf_diag *diag);
/* Copies receipt number index to path ("-": stdout). OUTPUT_EXISTS unless force;
 * STATE_DAMAGED as above. */
BF_MUST enum bf_err vfy_receipt_copy(const struct vfy_state *s, size_t index,
                                     const char *path, bool force, struct bf_diag *diag);

/* Fills counter_before of b's signatures from the last 100 receipts (counters.c). */
void vfy_counters(struct bf_bundle *b, const struct vfy_state *s);

/* 32 fresh hex digits. */
void vfy_fresh_id(char out[33]);
/* Who runs this: the name of the real user, "" when it has none that is printable. */
void vfy_operator(char out[65]);

#endif
