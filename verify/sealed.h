/* SPDX-License-Identifier: Apache-2.0 */
/* Check 2: a sealed file (.snapseal.age) is opened by a process of its own, the only one
 * that holds the transport key. */
#ifndef VFY_SEALED_H
#define VFY_SEALED_H

#include "bf/age.h"

/*
 * Opens in with the age identity in identity_file (0600) into out: at most one
 * container's size. The child that does it can open no file and no socket after it has
 * read the key, and ends when it has answered. AGE_*, INPUT_*, IO.
 */
BF_MUST enum bf_err vfy_unseal(struct bf_buf *out, struct bf_bytes in,
                               const char *identity_file, struct bf_diag *diag);

#endif
