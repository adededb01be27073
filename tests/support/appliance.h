/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture's appliance gw-1 as a state directory: its keys, and trust version 1. */
#ifndef TEST_APPLIANCE_H
#define TEST_APPLIANCE_H

#include "fixture.h"

/* Makes a fresh directory below the test's and fills it; dir takes its path. */
void ap_make(char dir[200], const struct fx *f);
/* The text of an age identity file of the scalar, appended. */
void ap_identity(struct bf_buf *out, const uint8_t scalar[BF_KEY]);
/* Writes DIR/NAME with mode 0600. */
void ap_write(const char *dir, const char *name, struct bf_bytes data);
/* Seals a container as .snapseal.age to the transport key. */
void ap_seal(struct bf_buf *out, const struct fx *f, struct bf_bytes container);

#endif
