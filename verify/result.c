/* SPDX-License-Identifier: Apache-2.0 */
/* What apply and resume say at their end. */
#include <stdio.h>
#include <string.h>

#include "bf/file.h"
#include "bf/gate.h"
#include "cli.h"

/* NAME of NAME.snapseal.age, NAME.snapseal or NAME.age, without directories. */
static void base_name(char out[200], const char *file)
{
    static const char *const ends[] = {".age", ".snapseal"};
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;
    size_t len = strlen(name), i;

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t end = strlen(ends[i]);

        if (len > end && strncmp(name + len - end, ends[i], end) == 0) {
            len -= end;
        }
    }
    snprintf(out, 200, "%.*s", (int)(len < 150 ? len : 150), name);
}

/* True when path holds that very receipt: then it was copied before. */
static bool holds(const struct vfy_site *site, size_t index, const char *path)
{
    struct bf_buf ours = bf_buf(BF_MAX_CONTAINER), theirs = bf_buf(BF_MAX_CONTAINER);
    char from[VFY_PATH];
    bool same;

    same = vfy_path(from, &site->state, NULL, "receipts/%zu.snapseal-receipt", index) ==
               BF_OK &&
           bf_file_read(&ours, from, BF_MAX_CONTAINER, NULL) == BF_OK &&
           bf_file_read(&theirs, path, BF_MAX_CONTAINER, NULL) == BF_OK &&
           bf_bytes_equal(bf_buf_bytes(&ours), bf_buf_bytes(&theirs));
    bf_buf_clear(&theirs);
    bf_buf_clear(&ours);
    return same;
}

/*
 * Copies the receipt to NAME.snapseal-receipt in dir, or NAME.N.snapseal-receipt when
 * that name is taken; N, its number in the log, makes it one of its own. A copy that
 * fails is a warning: the receipt is safe in the state.
 */
static void copy_receipt(char out[VFY_PATH], const struct bf_args *a,
                         const struct vfy_site *site, size_t index, const char *file)
{
    const char *dir = bf_arg(a, "out") != NULL ? bf_arg(a, "out") : ".";
    char base[200], line[700];
    struct bf_diag diag = {0};
    enum bf_err err;

    base_name(base, file);
    snprintf(out, VFY_PATH, "%.900s/%s.snapseal-receipt", dir, base);
    err = vfy_receipt_copy(&site->state, index, out, false, &diag);
    if (err == BF_OUTPUT_EXISTS && !holds(site, index, out)) {
        snprintf(out, VFY_PATH, "%.900s/%s.%zu.snapseal-receipt", dir, base, index);
        err = vfy_receipt_copy(&site->state, index, out, false, &diag);
    }
    if (err != BF_OK && (err != BF_OUTPUT_EXISTS || !holds(site, index, out))) {
        snprintf(line, sizeof(line),
                 "the receipt was not copied (%s); take it with: snapseal-verify "
                 "receipts %zu --out FILE",
                 diag.where, index);
        bf_cli_warn(a, line);
        out[0] = '\0';
    }
}

static int json_result(const struct bf_args *a, const struct vfy_result *r,
                       const char *target, const char *copy)
{
    struct vfy_json j = vfy_json();

    vfy_json_open(&j, NULL, '{');
    vfy_json_num(&j, "exit", r->exit_code);
    vfy_json_why(&j, &r->why);
    vfy_json_text(&j, "outcome", r->outcome[0] != '\0' ? r->outcome : "open");
    if (r->has_receipt) {
        vfy_json_open(&j, "receipt", '{');
        vfy_json_text(&j, "file", copy);
        vfy_json_num(&j, "index", (int64_t)r->receipt);
        vfy_json_close(&j, '}');
    }
    vfy_json_text(&j, "retire", r->retire);
    vfy_json_text(&j, "target", target);
    vfy_json_close(&j, '}');
    return vfy_json_out(a, &j, r->exit_code);
}

int vfy_report_no_run(const struct bf_args *a, const char *target,
                      const struct bf_diag *why)
{
    struct vfy_result r = {0};
    const enum bf_exit class = bf_err_exit(why->err);
    int code;

    r.why = *why;
    r.exit_code = (int)class;
    r.outcome = r.exit_code == BF_EXIT_REFUSED ? "refused" : "none";
    code = r.exit_code;
    if (a->json) {
        code = json_result(a, &r, target, "");
    }
    (void)bf_cli_fail(a, why);
    return code;
}

int vfy_report_result(const struct bf_args *a, const struct vfy_site *site,
                      const struct vfy_result *r, const char *target, const char *file)
{
    char copy[VFY_PATH] = "";
    int code = r->exit_code;

    if (r->has_receipt) {
        copy_receipt(copy, a, site, r->receipt, file);
    }
    if (a->json) {
        code = json_result(a, r, target, copy);
    } else if (!a->quiet && r->outcome[0] != '\0') {
        printf("%s: %s", target,
               strcmp(r->outcome, "none") == 0 ? "nothing had begun" : r->outcome);
        if (r->has_receipt) {
            printf(", receipt %zu%s%s", r->receipt, copy[0] != '\0' ? " in " : "", copy);
        }
        putchar('\n');
    }
    if (r->retire[0] != '\0') {
        bf_cli_say(
            a,
            "for the AWS team: access key %s is no longer used here: deactivate it, "
            "then delete it",
            r->retire);
    }
    if (r->why.err != BF_OK) {
        (void)bf_cli_fail(a, &r->why);
    }
    return code;
}
