/* SPDX-License-Identifier: Apache-2.0 */
/* What approving means, without the talking: who may, what a signature that came in is
 * worth, and merging. */
#ifndef GEN_APPROVE_H
#define GEN_APPROVE_H

#include "session.h"

/*
 * Whether person may approve the open bundle: APPROVE_AUTHOR (the author, by person),
 * APPROVE_ROLE (in no group of the rule), APPROVE_OLD_LOG and LOG_DIFFERS (the bundle's
 * expect_log against the head that this state holds).
 */
BF_MUST enum bf_err gen_may_approve(const struct gen_session *s, const char *person,
                                    struct bf_diag *diag);
/* The log rule alone. */
BF_MUST enum bf_err gen_check_log(const struct gen_session *s, struct bf_diag *diag);
/* True when person's approval in the open bundle is good. */
bool gen_has_approved(const struct gen_session *s, const char *person);

/*
 * Takes an armored signature over the open bundle's manifest into its container, as
 * sig/approve.PERSON.sshsig. A member that counts for nothing is replaced; of two good
 * ones the present stays (*added false). person NULL: whose key it is. SIG_* when it is
 * not good; out: the new container.
 */
BF_MUST enum bf_err gen_add_approval(struct bf_buf *out, bool *added,
                                     const struct gen_session *s, const char *person,
                                     struct bf_bytes armor, struct bf_diag *diag);
/*
 * Merges the good approvals of another copy of the same bundle (its container, gate not
 * passed yet). IMPORT_OTHER when it is another bundle; *added: how many came in.
 */
BF_MUST enum bf_err gen_merge_copy(struct bf_buf *out, size_t *added,
                                   const struct gen_session *s, struct bf_buf *copy,
                                   struct bf_diag *diag);

/* Keeps in the state, where the bundle is known, who has approved. */
BF_MUST enum bf_err gen_note_approvals(struct gen_session *s, const struct bf_bundle *b,
                                       struct bf_diag *diag);

#endif
