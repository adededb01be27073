/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of snapseal-verify and what they share. */
#ifndef VFY_CLI_H
#define VFY_CLI_H

#include "apply.h"

extern const struct bf_program vfy_program;

/* Each verb returns its exit code. */
int vfy_cmd_apply(const struct bf_args *a);
int vfy_cmd_check(const struct bf_args *a);
int vfy_cmd_discover(const struct bf_args *a);
int vfy_cmd_init(const struct bf_args *a);
int vfy_cmd_log_prove(const struct bf_args *a);
int vfy_cmd_plan(const struct bf_args *a);
int vfy_cmd_probe(const struct bf_args *a);
int vfy_cmd_receipts(const struct bf_args *a);
int vfy_cmd_resume(const struct bf_args *a);
int vfy_cmd_status(const struct bf_args *a);
int vfy_cmd_trust_install(const struct bf_args *a);
int vfy_cmd_trust_show(const struct bf_args *a);

/* --state and --config, or where they are installed. */
const char *vfy_arg_state(const struct bf_args *a);
const char *vfy_arg_config(const struct bf_args *a);

/* Ids of targets with an interrupted run, ascending, in the arena. */
BF_MUST enum bf_err vfy_open_runs(struct bf_list *out, struct bf_arena *arena,
                                  const struct vfy_state *s, struct bf_diag *diag);

/* ---- JSON on stdout (report.c) ---- */

/* A document in the making; members in any order, one line with LF at the end. */
struct vfy_json {
    struct bf_buf buf;
    bool more; /* a comma is due before what comes next */
};
struct vfy_json vfy_json(void);
/* key NULL: an entry of a list, or the document itself. Texts are escaped where they are
 * not printable. */
void vfy_json_open(struct vfy_json *j, const char *key, char bracket);
void vfy_json_close(struct vfy_json *j, char bracket);
void vfy_json_text(struct vfy_json *j, const char *key, const char *text);
void vfy_json_num(struct vfy_json *j, const char *key, int64_t num);
void vfy_json_bool(struct vfy_json *j, const char *key, bool value);
/* Writes it to stdout and clears it; the code, or that of the failure. */
int vfy_json_out(const struct bf_args *a, struct vfy_json *j, int code);

/* The verdict on a bundle: one JSON document, or text. why->err BF_OK: accepted. */
int vfy_report_check(const struct bf_args *a, const char *file,
                     const struct vfy_look *look, const struct bf_diag *why);
/* A warning for each security key whose counter fell (vfy_counters). */
void vfy_warn_counters(const struct bf_args *a, const struct bf_bundle *b);
/* What a plan found: differences, cluster, credentials, and where it is whole their sum.
 * Returns the number of changes. */
size_t vfy_report_plan(const struct bf_args *a, FILE *to, const struct vfy_look *look,
                       const struct vfy_story *run, bool whole);
/* Its parts, for probe. changes: lines that are not "=", settings not counted. */
size_t vfy_changes(const struct vfy_story *run);
void vfy_text_diff(FILE *to, const struct vfy_story *run);
void vfy_text_cluster(FILE *to, const struct vfy_story *run);
void vfy_text_credentials(FILE *to, const struct vfy_story *run);
void vfy_json_plan(struct vfy_json *j, const struct vfy_story *run);
/* "accepted", "refused" or "undecided". */
const char *vfy_verdict_of(const struct bf_diag *why);
/* The members id, text, where and hint of a verdict. */
void vfy_json_why(struct vfy_json *j, const struct bf_diag *why);
/*
 * An apply or resume that ended before there was a run: the error line, and with --json
 * the document that vfy_report_result would give (outcome "refused", or "none" where
 * nothing was decided). target: "" when it is not known. Returns the exit code.
 */
int vfy_report_no_run(const struct bf_args *a, const char *target,
                      const struct bf_diag *why);
/* The end of an apply or resume: where the receipt is, the cause. Copies the receipt to
 * --out. Returns the exit code. */
int vfy_report_result(const struct bf_args *a, const struct vfy_site *site,
                      const struct vfy_result *r, const char *target, const char *file);

#endif
