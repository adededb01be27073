/* SPDX-License-Identifier: Apache-2.0 */
/* approve --export: what somebody without snapseal needs in order to approve with
 * ssh-keygen alone. No secret in it. */
#ifndef GEN_EXPORT_H
#define GEN_EXPORT_H

#include "session.h"

/* Writes sheet.txt, manifest.json and README.txt into the new directory dir.
 * OUTPUT_EXISTS, OUTPUT_WRITE. */
BF_MUST enum bf_err gen_export(const struct gen_session *s, const char *dir,
                               const char *person, struct bf_diag *diag);

#endif
