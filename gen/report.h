/* SPDX-License-Identifier: Apache-2.0 */
/* Findings and signatures as people and scripts get them. */
#ifndef GEN_REPORT_H
#define GEN_REPORT_H

#include <stdio.h>

#include "lint.h"
#include "session.h"

/* Lint with what the session knows. */
BF_MUST enum bf_err gen_lint_change(struct gen_findings *out, const struct gen_change *c,
                                    const struct gen_session *s, struct bf_diag *diag);
/* Lines "SEVERITY ID WHERE: TEXT (REASON)" of at least that severity; policy-action has
 * its reason as the text. */
enum bf_err gen_findings_print(const struct gen_findings *f, FILE *to,
                               enum gen_severity least);
/* One JSON document on stdout. */
BF_MUST enum bf_err gen_findings_json(const struct gen_findings *f, const char *change,
                                      struct bf_diag *diag);

/* "bob, carol" or "nobody yet" into out. */
void gen_people_text(char *out, size_t size, const char *const *people, size_t num);
/* Appends for each requirement of the rule how far it is met: "  ops       1 of 1  bob".
 */
void gen_count_text(struct bf_buf *out, const struct bf_count *count);
/* Appends one line (or two) for a signature: who, role, key, good or why not. */
void gen_verdict_text(struct bf_buf *out, const struct bf_verdict *v);
/* The same as JSON values. */
void gen_count_json(struct bf_buf *out, const struct bf_count *count);
void gen_verdict_json(struct bf_buf *out, const struct bf_verdict *v);

#endif
