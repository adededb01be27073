/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts against what the workstation holds: the head of an appliance's log moves only
 * by proof, and a receipt closes the change whose bundle it names.
 */
#ifndef GEN_LEDGER_H
#define GEN_LEDGER_H

#include "state.h"

enum gen_move {
    GEN_MOVE_NONE = 0, /* older than the head: the head stays */
    GEN_MOVE_FIRST,    /* nothing was known of this log */
    GEN_MOVE_NEXT,     /* the receipt that follows the head */
    GEN_MOVE_PROVEN    /* further on, by the receipt's consistency proof */
};

/*
 * Where the head goes with this receipt: out is the log after it. RECEIPT_PROOF when the
 * receipt does not extend the head; RECEIPT_LOG when its own log fields do not fit
 * together.
 */
BF_MUST enum bf_err gen_log_move(struct bf_log *out, enum gen_move *move,
                                 const struct bf_log *head,
                                 const struct bf_receipt_file *r, struct bf_diag *diag);
/*
 * The receipt's proof against the head that the bundle carried (known: our record of it).
 * RECEIPT_PROOF. A receipt without proof passes where the format asks for none.
 */
BF_MUST enum bf_err gen_check_expected(const struct gen_record *known,
                                       const struct bf_receipt_file *r,
                                       struct bf_diag *diag);
/* The record of the bundle with what the receipt tells; known NULL: made elsewhere. Texts
 * borrow. *news: it changed. */
void gen_record_with(struct gen_record *out, bool *news, const struct gen_record *known,
                     const struct bf_receipt *r);

#endif
