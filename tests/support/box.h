/* SPDX-License-Identifier: Apache-2.0 */
/* Containers and wire fields put together by hand, also wrong ones, for tests of the gate
 * and what stands behind it. */
#ifndef TEST_BOX_H
#define TEST_BOX_H

#include "bf/gate.h"

/* Appends header, data and zero padding of one member. */
void box_member(struct bf_buf *out, const char *name, struct bf_bytes data);
/* Appends len zero bytes. */
void box_zero(struct bf_buf *out, size_t len);
/* A member with 512 header bytes of the test's own; field at "at" of the header replaced
 * and the checksum made anew. */
void box_raw(struct bf_buf *out, const char *name, size_t at, const void *field,
             size_t field_len, struct bf_bytes data);
/* Ends it (two zero blocks) and passes an exact-size copy to the gate; returns what the
 * gate says. */
enum bf_err box_gate(struct bf_buf *out, struct bf_diag *diag);
/* The same without ending it. */
enum bf_err box_gate_as_is(struct bf_bytes raw, struct bf_diag *diag);

#endif
