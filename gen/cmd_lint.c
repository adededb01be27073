/* SPDX-License-Identifier: Apache-2.0 */
/* lint: all findings about a change file. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "report.h"
#include "session.h"

static enum bf_err catalogue(const struct bf_args *a, struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(64 * 1024);
    enum bf_err err;
    int i;

    bf_put_text(&out, a->json ? "{\"findings\":[" : "");
    for (i = 0; i < GEN_NUM_LINT; i++) {
        const enum gen_lint_id id = (enum gen_lint_id)i;

        if (a->json) {
            bf_put_text(&out, i > 0 ? ",{" : "{");
            gen_put_member(&out, "id", gen_lint_name(id));
            gen_put_member(&out, "reason", gen_lint_reason(id));
            gen_put_member(&out, "severity", gen_severity_id(gen_lint_severity(id)));
            bf_put_text(&out, "}");
        } else {
            bf_put_fmt(&out, "%-5s %-24s %s\n", gen_severity_id(gen_lint_severity(id)),
                       gen_lint_name(id), gen_lint_reason(id));
        }
    }
    if (a->json) {
        bf_put_text(&out, "]");
        err = gen_print_json(&out, diag);
    } else if ((err = bf_buf_check(&out, "findings", diag)) == BF_OK) {
        bf_cli_out(bf_buf_bytes(&out));
    }
    bf_buf_clear(&out);
    return err;
}

static enum bf_err threshold(enum gen_severity *out, const struct bf_args *a,
                             struct bf_diag *diag)
{
    const char *text = bf_arg(a, "fail-on");

    *out = GEN_ERROR;
    if (text == NULL || strcmp(text, "error") == 0) {
        return BF_OK;
    }
    if (strcmp(text, "warn") != 0) {
        return bf_fail(diag, BF_USAGE, "--fail-on is error or warn");
    }
    *out = GEN_WARN;
    return BF_OK;
}

static enum bf_err run(const struct bf_args *a, struct bf_diag *diag)
{
    struct gen_session *s = NULL;
    struct gen_change change = {0};
    struct gen_findings found = {0};
    enum gen_severity fail_on;
    enum bf_err err;
    size_t errors, warnings;

    if (bf_arg_is(a, "list")) {
        return catalogue(a, diag);
    }
    if (a->num_operands == 0) {
        return bf_fail(diag, BF_USAGE, "lint needs CHANGE");
    }
    if ((err = threshold(&fail_on, a, diag)) != BF_OK ||
        (err = gen_session_open(&s, a, GEN_STATE_READ, GEN_NEED_NOTHING, diag)) !=
            BF_OK ||
        (err = gen_change_load(&change, a->operands[0], diag)) != BF_OK) {
        goto out;
    }
    err = gen_lint_change(&found, &change, s, diag);
    if (err != BF_OK) {
        goto out;
    }
    errors = gen_findings_count(&found, GEN_ERROR);
    warnings = gen_findings_count(&found, GEN_WARN);
    err = a->json ? gen_findings_json(&found, a->operands[0], diag)
                  : gen_findings_print(&found, stdout, GEN_INFO);
    if (err == BF_OK && (errors > 0 || (fail_on == GEN_WARN && warnings > 0))) {
        err = bf_fail(diag, BF_CHANGE_LINT, "%s: %zu errors, %zu warnings",
                      a->operands[0], errors, warnings);
    }
out:
    gen_findings_clear(&found);
    gen_change_clear(&change);
    gen_session_free(s);
    return err;
}

int gen_cmd_lint(const struct bf_args *a)
{
    struct bf_diag diag = {0};

    return gen_end(a, run(a, &diag), &diag);
}
