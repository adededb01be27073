/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of secrets.age. Not part of the library's interface. */
#ifndef BF_SECRETS_SEAL_H
#define BF_SECRETS_SEAL_H

#include "bundle_in.h"

/*
 * Draws an opening for every secret with a value, fills refs (commitment, disclosed,
 * name, versus; texts from arena) in ascending order of name, and appends secrets.age to
 * out when there is a value at all. secrets is sorted by name.
 */
BF_MUST enum bf_err bf_secrets_seal(struct bf_buf *out, struct bf_manifest *m,
                                    struct bf_arena *arena, struct bf_new_secret *secrets,
                                    size_t num, const uint8_t recipient[BF_KEY],
                                    struct bf_diag *diag);

#endif
