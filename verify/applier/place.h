/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose snapshots lie below the base path already. A repository has one writer: a second
 * cluster that writes there destroys it, and neither registering nor _verify notices
 * (lab.md 7, 17).
 */
#ifndef VFY_PLACE_H
#define VFY_PLACE_H

#include "rights.h"

/*
 * Reads with the bundle's keys. LIVE_FOREIGN when the last to write there was another
 * cluster, unless the registration is readonly. Tells the writer as a probe; when the
 * place does not tell, a fact says so.
 */
BF_MUST enum bf_err vfy_place_check(struct vfy_run *run, struct vfy_probes *probes,
                                    struct bf_diag *diag);

#endif
