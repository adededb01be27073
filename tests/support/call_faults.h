/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call into the system fails: the n-th of its kind from now. For the programs that
 * tests/CMakeLists.txt links with --wrap for each of these calls, which reaches libraries
 * too where they are linked statically. Child processes count on with their parent.
 */
#ifndef TEST_CALL_FAULTS_H
#define TEST_CALL_FAULTS_H

#include <stdbool.h>

enum cf_kind {
    CF_MEMORY = 1, /* malloc, calloc, sodium_malloc */
    CF_READ,       /* read, of a regular file: EIO */
    CF_STORAGE     /* write to a regular file (half of it gets out), fsync, fdatasync,
                      ftruncate, posix_fallocate, rename, link, unlink: ENOSPC */
};

/* n 0: the very next one. Forgets what has failed before. */
void cf_fail_at(enum cf_kind kind, long n);
/* From here on all succeed; true when one failed since cf_fail_at(). */
bool cf_end(void);

#endif
