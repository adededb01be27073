/* SPDX-License-Identifier: Apache-2.0 */
/* A function run in a child with a terminal of its own, or with none. */
#ifndef TEST_PTY_H
#define TEST_PTY_H

#include "bf/bytes.h"

/*
 * Runs fn(ctx) in a child whose /dev/tty is a fresh terminal; input is typed there once
 * the child has printed something on it (NULL input: the child gets no terminal at all).
 * What stood on the screen is appended to screen. Returns what fn returned (0 to 125), -1
 * when it died.
 */
int pty_run(int (*fn)(void *), void *ctx, const char *input, struct bf_buf *screen);

#endif
