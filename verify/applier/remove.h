/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a repository and its keys away: what differs from setting them. */
#ifndef VFY_REMOVE_H
#define VFY_REMOVE_H

#include "run.h"

/* No other repository of the cluster may use a client whose keys go. LIVE_BUSY
 * [BF-855]. */
BF_MUST enum bf_err vfy_remove_check(struct vfy_run *run, struct bf_diag *diag);

/* The first of the removed names that is among names (blank separated); NULL none. */
const char *vfy_remove_first(const struct vfy_run *run, const char *names);
/* One line of the plan for each of them. */
void vfy_remove_show(struct vfy_run *run, const struct vfy_step *step, const char *names);
/* Takes those of them away that are among names; what stands then into after.
 * NODE_NAMES when another name went with them, or one is still there. */
BF_MUST enum bf_err vfy_remove_names(struct vfy_run *run, struct vfy_step *step,
                                     const char *names, struct bf_buf *after,
                                     struct bf_diag *diag);
/* The proof: GET of the repository says that there is none. */
BF_MUST enum bf_err vfy_remove_proof(struct vfy_run *run, struct vfy_step *step,
                                     struct bf_buf *after, struct bf_diag *diag);

/* The names in a node's keystore, told as a fact too. (steps_node.c) */
BF_MUST enum bf_err vfy_node_names(struct vfy_run *run, const struct vfy_step *step,
                                   struct bf_buf *names, struct bf_diag *diag);
/* The registration as it is found, and put back. (steps_repository.c) */
BF_MUST enum bf_err vfy_repository_observe(struct vfy_run *run, struct vfy_step *step,
                                           struct vfy_seen *seen, struct bf_diag *diag);
BF_MUST enum bf_err vfy_repository_undo(struct vfy_run *run, struct vfy_step *step,
                                        struct bf_buf *after, struct bf_diag *diag);

#endif
