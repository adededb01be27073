/* SPDX-License-Identifier: Apache-2.0 */
/* What a file that was given in the place of another looks like. Only for error texts: no
 * check rests on it. */
#ifndef GEN_KIND_H
#define GEN_KIND_H

#include "bf/bytes.h"
#include "bf/err.h"

enum gen_wanted {
    GEN_WANT_TRUST = 0,
    GEN_WANT_CHANGE,
    GEN_WANT_DRAFT,
    GEN_WANT_BUNDLE,
    GEN_WANT_RECEIPT
};

/* A sentence on what was recognised, or NULL when it may well be what was wanted. */
const char *gen_kind_told(struct bf_bytes in, enum gen_wanted wanted);
/* Puts the file's name, and told where it is not NULL, before the place of an error. */
void gen_kind_in(struct bf_diag *diag, const char *path, const char *told);

#endif
