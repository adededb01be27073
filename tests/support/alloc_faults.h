/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One allocation fails: the n-th from now. For programs linked with --wrap=malloc,
 * --wrap=calloc and --wrap=sodium_malloc (tests/CMakeLists.txt), which reaches libraries
 * too where they are linked statically.
 */
#ifndef TEST_ALLOC_FAULTS_H
#define TEST_ALLOC_FAULTS_H

#include <stdbool.h>

/* n 0: the very next one. Forgets what has failed before. */
void alloc_fail_at(long n);
/* From here on all succeed; true when one failed since alloc_fail_at(). */
bool alloc_fail_end(void);

#endif
