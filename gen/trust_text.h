/* SPDX-License-Identifier: Apache-2.0 */
/* A trust file in plain words. */
#ifndef GEN_TRUST_TEXT_H
#define GEN_TRUST_TEXT_H

#include "bf/trust.h"

/*
 * Appends what the file says, its fingerprint, and what each root signature is worth:
 * under the file itself, and under the installed trust where there is one (NULL: none).
 * now: for the times of keys.
 */
BF_MUST enum bf_err gen_trust_text(struct bf_buf *out, const struct bf_trust *t,
                                   const struct bf_trust *installed, const char *now,
                                   struct bf_diag *diag);

/* Reads a trust file that need not be installed: everything of bf_trust_load, but no
 * signature is asked for. The error says when the file is of another kind. INPUT_*. */
BF_MUST enum bf_err gen_trust_read(struct bf_trust *out, const char *path,
                                   struct bf_diag *diag);

/* Whether a good signature of that root person is in the file. */
bool gen_trust_signed(const struct bf_trust *t, const char *person, const char *now);

#endif
