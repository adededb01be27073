/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two review sheets. A sheet leaves nothing out of what is signed
 * and writes everything in one way (SPEC annex B), so the difference of two sheets is the
 * difference of two bundles.
 */
#ifndef GEN_SHEET_DIFF_H
#define GEN_SHEET_DIFF_H

#include "bf/bytes.h"

/*
 * Appends the items that one sheet alone has, in the order of the sheets, each line
 * behind "- " (old alone) or "+ " (new alone), below the heading of its section. *differ:
 * whether there are any. Both are sheets that were compared with their manifests.
 * NO_MEMORY, TOO_LARGE.
 */
BF_MUST enum bf_err gen_sheet_diff(struct bf_buf *out, bool *differ, struct bf_bytes old,
                                   struct bf_bytes new, struct bf_diag *diag);

#endif
