/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rotation or a removal starts from: the bundle that was applied last to a target,
 * as this workstation's state has it. Its signatures were good when it was made here, and
 * the state is ours alone, so they are not looked at again; what is made of it passes
 * lint, seal and every check like any other change.
 */
#ifndef GEN_LAST_H
#define GEN_LAST_H

#include "change.h"
#include "state.h"

enum { GEN_KEY_ID = 129 };

/* Owned by caller; all-zero is empty. */
struct gen_last {
    struct gen_change change; /* settings, client, policy, plan as applied */
    char key_id[GEN_KEY_ID];  /* access key id that it set for the client; "" none */
};

/*
 * repository: which one of the target, NULL: the one of the last applied bundle.
 * LAST_NONE where no applied bundle is known that set keys and is still in force, or
 * where the bundle itself was not made here.
 */
BF_MUST enum bf_err gen_last_load(struct gen_last *out, const struct gen_state *s,
                                  const char *target, const char *repository,
                                  struct bf_diag *diag);
void gen_last_clear(struct gen_last *l);

/* The review sheet of the bundle that was applied last to target. *serial: its serial; 0
 * where none is known or the bundle was neither made nor approved here, and out is empty
 * then. Owned by caller. */
BF_MUST enum bf_err gen_last_sheet(struct bf_buf *out, int64_t *serial,
                                   const struct gen_state *s, const char *target,
                                   struct bf_diag *diag);

/*
 * The client's name for new keys where old values never come back: secondary,
 * secondary-2, secondary-3, the first that no bundle of the target known here has set.
 */
BF_MUST enum bf_err gen_last_next_client(char out[65], const struct gen_state *s,
                                         const char *target, const char *client,
                                         struct bf_diag *diag);

#endif
