/* SPDX-License-Identifier: Apache-2.0 */
/* What a file that was given in the place of another looks like. Only for error texts: no
 * check rests on it. */
#ifndef GEN_KIND_H
#define GEN_KIND_H

#include "bf/bytes.h"

enum gen_wanted { GEN_WANT_TRUST = 1, GEN_WANT_CHANGE };

/* A sentence on what was recognised, or NULL when it may well be what was wanted. */
const char *gen_kind_told(struct bf_bytes in, enum gen_wanted wanted);

#endif
