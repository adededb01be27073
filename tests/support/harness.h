/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CUnit with our own main: a test program lists its cases in T_CASES and fails on any
 * failed assertion and on a run without one. Assertions print both sides. Always braces
 * round CU_ macros.
 */
#ifndef TEST_HARNESS_H
#define TEST_HARNESS_H

#include <CUnit/CUnit.h>

#include "bf/bytes.h"

struct t_case {
    const char *name;
    void (*run)(void);
};

/* Defined by each test program. */
extern const char *const t_suite;
extern const struct t_case t_cases[];
extern const size_t t_num_cases;

#define T_CASES(suite, ...)                                                              \
    const char *const t_suite = suite;                                                   \
    const struct t_case t_cases[] = {__VA_ARGS__};                                       \
    const size_t t_num_cases = sizeof(t_cases) / sizeof(t_cases[0])

void t_err(const char *file, unsigned line, enum bf_err got, enum bf_err want,
           const struct bf_diag *diag);
void t_text(const char *file, unsigned line, const char *got, const char *want);
void t_bytes(const char *file, unsigned line, struct bf_bytes got, struct bf_bytes want);
void t_int(const char *file, unsigned line, long long got, long long want);
void t_true(const char *file, unsigned line, int value, const char *text);

#define T_ERR(got, want, diag) t_err(__FILE__, __LINE__, (got), (want), (diag))
#define T_OK(got, diag) t_err(__FILE__, __LINE__, (got), BF_OK, (diag))
#define T_TEXT(got, want) t_text(__FILE__, __LINE__, (got), (want))
#define T_BYTES(got, want) t_bytes(__FILE__, __LINE__, (got), (want))
#define T_INT(got, want)                                                                 \
    t_int(__FILE__, __LINE__, (long long)((got) + 0), (long long)((want) + 0))
#define T_TRUE(value) t_true(__FILE__, __LINE__, (value) ? 1 : 0, #value)

/* An exact-size heap copy (freed by t_free), so that one byte too many is seen. */
uint8_t *t_copy(struct bf_bytes in);
void t_free(void *p);
/* Reads a file of the source tree or ../shared whole; false (and a notice) when it is not
 * there. */
int t_read_file(struct bf_buf *out, const char *path);
/* A new private directory, removed with its content by the harness at the end. */
const char *t_tmpdir(void);
/* True under tools/test --long: what takes too long for each run is wanted. */
bool t_long(void);
/* Says on stdout that something is skipped and why. */
void t_skip(const char *why);

/* Does text hold part, and how often? */
bool t_has(const char *text, const char *part);
size_t t_count(const char *text, const char *part);

#endif
