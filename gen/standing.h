/* SPDX-License-Identifier: Apache-2.0 */
/* Where a bundle that this workstation knows stands, as far as its receipts tell. */
#ifndef GEN_STANDING_H
#define GEN_STANDING_H

#include "session.h"

/*
 * The record, other than the bundle sha256, whose receipt shows that the appliance has
 * used up serial on target, so that the bundle can never be applied; NULL when none is
 * known. A serial is used up by the intent (SPEC section 8.10): outcome refused shows
 * none.
 */
const struct gen_record *gen_overtaker(const struct gen_records *records,
                                       const char *target, int64_t serial,
                                       const char *sha256);
/*
 * One word: awaits, refused, undone, uncertain (open, all of them), closed, expired,
 * superseded. *by, where not NULL: the record that superseded it, else NULL.
 */
const char *gen_stage(const struct gen_records *records, const struct gen_record *r,
                      const char *now, const struct gen_record **by);
bool gen_stage_open(const char *stage);

/*
 * Warns, one line, of bundles of target that were made here, await their receipt, and are
 * not in the chain that ends with after (NULL: no chain).
 */
BF_MUST enum bf_err gen_warn_awaiting(const struct gen_session *s,
                                      const struct gen_records *records,
                                      const char *target, const struct gen_record *after,
                                      struct bf_diag *diag);
/* Warns when this state knows that the open bundle of the session is superseded. */
BF_MUST enum bf_err gen_warn_superseded(const struct gen_session *s,
                                        struct bf_diag *diag);

#endif
