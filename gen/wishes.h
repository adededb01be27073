/* SPDX-License-Identifier: Apache-2.0 */
/* What is wished of the bucket, from the options of new. */
#ifndef GEN_WISHES_H
#define GEN_WISHES_H

#include "bf/bundle.h"
#include "bf/cli.h"

/*
 * Fills plan->bucket but its name; was: the plan of the change to start from, or NULL.
 * region: that of the answers. USAGE when something is wished of a bucket that nobody
 * looks at.
 */
BF_MUST enum bf_err gen_bucket_wishes(struct bf_plan *plan, const struct bf_plan *was,
                                      const char *region, const struct bf_args *a,
                                      struct bf_diag *diag);

#endif
