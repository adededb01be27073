/* SPDX-License-Identifier: Apache-2.0 */
/* What seal works out from the state before a bundle is made: serial, prev, expect_log,
 * versus. */
#ifndef GEN_SEAL_H
#define GEN_SEAL_H

#include "change.h"
#include "secrets_in.h"
#include "state.h"

/* The next serial of target: above what was given out, what receipts tell, and the
 * trust's floor. */
int64_t gen_next_serial(int64_t given_out, const struct gen_records *records,
                        const struct bf_target *target);

/*
 * The claim for one value against the last bundle of target that set the name: after (a
 * bundle still on its way, or NULL), else the applied ones. "same" or "changed" where the
 * opening is at hand, "new" where no bundle is known that set it, "unstated" where a
 * bundle was applied whose openings are not here.
 */
const char *gen_versus(const struct gen_records *records, const struct gen_record *after,
                       const char *target, const char *name, struct bf_bytes value);

/*
 * The run of target that was closed as uncertain and that nothing applied has followed: a
 * bundle must name it in supersedes, or the appliance refuses it (SPEC section 8.11).
 * NULL: none is known.
 */
const struct gen_record *gen_uncertain(const struct gen_records *records,
                                       const char *target);

/* Makes the state's record of a bundle just made; texts borrow. openings: room for num
 * entries of which the hex texts are in arena. */
BF_MUST enum bf_err gen_record_of(struct gen_record *out, const struct bf_manifest *m,
                                  const char *sha256, const char *file,
                                  const struct bf_new_secret *secrets, size_t num,
                                  struct bf_arena *arena, struct bf_diag *diag);

#endif
