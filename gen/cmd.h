/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs. Each returns the exit code and has printed its own error line. */
#ifndef GEN_CMD_H
#define GEN_CMD_H

#include "bf/cli.h"

int gen_cmd_keygen(const struct bf_args *a);
int gen_cmd_new(const struct bf_args *a);
int gen_cmd_lint(const struct bf_args *a);
int gen_cmd_handout(const struct bf_args *a);
int gen_cmd_seal(const struct bf_args *a);
int gen_cmd_inspect(const struct bf_args *a);
int gen_cmd_approve(const struct bf_args *a);
int gen_cmd_diff(const struct bf_args *a);
int gen_cmd_disclose(const struct bf_args *a);
int gen_cmd_trust_draft(const struct bf_args *a);
int gen_cmd_trust_seal(const struct bf_args *a);
int gen_cmd_trust_sign(const struct bf_args *a);
int gen_cmd_trust_show(const struct bf_args *a);
int gen_cmd_trust_diff(const struct bf_args *a);
int gen_cmd_trust_install(const struct bf_args *a);
int gen_cmd_receipt_import(const struct bf_args *a);
int gen_cmd_status(const struct bf_args *a);

#endif
