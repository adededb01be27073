/* SPDX-License-Identifier: Apache-2.0 */
/* Stock programs (tar, ssh-keygen, age, ...) as partners of tests. */
#ifndef TEST_TOOL_H
#define TEST_TOOL_H

#include "bf/bytes.h"

/* True when the program is in PATH; else a notice that what needs it is skipped. */
bool tool_there(const char *name);
/*
 * Runs argv (NULL at its end) with input as standard input; standard output is appended
 * to out (may be NULL). Returns the exit code, -1 when it did not run or ended by a
 * signal. Standard error goes nowhere.
 */
int tool_run(const char *const argv[], struct bf_bytes input, struct bf_buf *out);
/* A file of mode 0600 in the test's directory; returns its path, which lives until the
 * next eight calls. */
const char *tool_file(const char *name, struct bf_bytes data);
/* Reads a file that a tool made there. */
struct bf_buf tool_read(const char *path);

#endif
