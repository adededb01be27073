/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint: everything that can be said about a change before anybody signs it, as data. Each
 * kind of finding has a stable id, a severity and a reason (lint.def); a refusal that the
 * checker would give comes under its own refusal id, as an error.
 */
#ifndef GEN_LINT_H
#define GEN_LINT_H

#include "change.h"

enum gen_severity { GEN_INFO = 1, GEN_WARN, GEN_ERROR };

enum gen_lint_id {
#define GEN_LINT(name, id, severity, reason) GEN_L_##name,
#include "lint.def"
#undef GEN_LINT
    GEN_NUM_LINT
};

struct gen_finding {
    const char *id;
    enum gen_severity severity;
    char where[100]; /* "plan.bucket.name"; escaped */
    char text[400];  /* what was found here; escaped */
    const char *reason;
};

/* Owned by caller; all-zero is empty. */
struct gen_findings {
    struct gen_finding *items;
    size_t num;
    size_t cap;
    bool no_memory;
};

/* What lint is told beside the change. */
struct gen_lint_input {
    const struct gen_change *change;
    const struct bf_trust
        *trust; /* installed; NULL: none, and what needs it is not looked at */
    const char *now;
};

/* Fills out, worst first. Fails only with NO_MEMORY. */
BF_MUST enum bf_err gen_lint(struct gen_findings *out, const struct gen_lint_input *in,
                             struct bf_diag *diag);
void gen_findings_clear(struct gen_findings *f);
size_t gen_findings_count(const struct gen_findings *f, enum gen_severity severity);
const char *gen_severity_id(enum gen_severity severity); /* "info", "warn", "error" */

/* The catalogue. */
const char *gen_lint_name(enum gen_lint_id id);
enum gen_severity gen_lint_severity(enum gen_lint_id id);
const char *gen_lint_reason(enum gen_lint_id id);

/* For the parts of lint (lint_*.c). */
BF_PRINTF(4, 5)
void gen_find(struct gen_findings *f, enum gen_lint_id id, const char *where,
              const char *fmt, ...);
/* One statement of the policy, the at-th. prefix: what the repository lists; NULL: not
 * known. */
void gen_lint_statement(struct gen_findings *f, const struct gen_change *c,
                        const struct bf_json *s, size_t at, const char *prefix);
void gen_lint_policy(struct gen_findings *f, const struct gen_lint_input *in);
void gen_lint_repository(struct gen_findings *f, const struct gen_lint_input *in);
void gen_lint_target(struct gen_findings *f, const struct gen_lint_input *in);

#endif
