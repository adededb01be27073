/* SPDX-License-Identifier: Apache-2.0 */
/* The checks 3 to 12 in their order, as `check` runs them, in the test world. */
#ifndef TEST_CHAIN_H
#define TEST_CHAIN_H

#include "harness.h"
#include "spoil.h"

enum bf_err check_all(struct bf_bundle *b, struct bf_buf *raw, struct bf_diag *diag);
/* The refusal of a container, and at which check; where NULL: any. Takes raw. */
void refused_at(struct bf_buf *raw, enum bf_err want, enum bf_check at, const char *where,
                const char *what);

#endif
