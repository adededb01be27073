/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_SHEET_EXPORT_H
#define TEST_SHEET_EXPORT_H

#include "bf/bytes.h"

/* With SNAPSEAL_SHEET_CASES=DIR every case is also written to DIR/N/, for a reader of
 * annex B that shares no code with us. */
void sheet_export(struct bf_bytes manifest, struct bf_bytes policy,
                  struct bf_bytes repository, struct bf_bytes sheet);

/* The same numbers in every run, below max; a TEXT that looks like lines of a sheet. */
uint32_t sheet_rnd(uint32_t max);
void sheet_random_text(char *out);

#endif
