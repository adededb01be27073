/* SPDX-License-Identifier: Apache-2.0 */
/* What only a change of keys asks of a run: the repository that uses them must be the
 * approved one, and it must work again when the change is undone. */
#ifndef VFY_ROTATE_H
#define VFY_ROTATE_H

#include "run.h"

/* The client whose keys the run is about: of the register request, else of the secrets.
 * In the arena. */
BF_MUST enum bf_err vfy_rotate_client(struct vfy_run *run, struct bf_diag *diag);

/*
 * live: the definition, nowhere when absent. Where the run sends no register request, it
 * must be the approved bucket by that client, or other keys than those in use would be
 * changed and proved. LIVE_PRECONDITION, LIVE_DRIFT [BF-853]. Takes the base path over,
 * where the preflight then asks.
 */
BF_MUST enum bf_err vfy_rotate_check(struct vfy_run *run, struct vfy_at live,
                                     struct bf_diag *diag);

/* After all went well: which key is no longer used, for the receipt. */
void vfy_rotate_told(struct vfy_run *run);

/* After all was undone: does the repository work with what is there again? A fact for the
 * receipt, whatever it is: what was undone stays undone. */
void vfy_rotate_undone(struct vfy_run *run);

#endif
