/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry point of the programs a file, under libFuzzer (preset fuzz) and, with
 * replay.c as main(), as an ordinary test over the corpus. Beside "no crash, no leak" a
 * target states what must hold of whatever is taken.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "bf/crypto.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
#ifdef SNAPSEAL_FUZZ
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed);
#endif

#define FUZZ_MUST(holds)                                                                 \
    do {                                                                                 \
        if (!(holds)) {                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                  \
            abort();                                                                     \
        }                                                                                \
    } while (0)

/* Bad input is refused; it is never a failure of the machine or a broken rule of ours. */
#define FUZZ_REFUSED(err) FUZZ_MUST((err) == BF_OK || bf_err_exit(err) == BF_EXIT_REFUSED)

#endif
