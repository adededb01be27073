/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Everything that apply holds, on the heap. */
struct applying {
    struct vfy_site *site;
    struct vfy_look look, again;
    struct vfy_checked *checked;
    struct vfy_work work;
    struct vfy_story plan;
    struct vfy_result result;
};

static bool is_refusal(enum bf_err err)
{
    return bf_err_exit(err) == BF_EXIT_REFUSED || bf_err_exit(err) == BF_EXIT_UNDONE;
}

/* Refused past check 10: a receipt. Before that: a line in the local log. */
static enum bf_err refused(struct applying *p, const struct bf_args *a,
                           const struct vfy_story *run, const struct bf_diag *why,
                           struct bf_diag *diag)
{
    const struct bf_list *nodes = run != NULL ? &p->work.job.nodes : NULL;

    if (!is_refusal(why->err)) {
        *diag = *why;
        return why->err;
    }
    if (!p->look.past_target) {
        vfy_refused_line(&p->site->state, p->look.now, a->operands[0], why);
        *diag = *why;
        return why->err;
    }
    return vfy_refuse(&p->result, p->site, &p->look, run, nodes, why, diag);
}

/* The person at the terminal sees the plan and says yes; then the checks are made once
 * more, since time has passed. */
static enum bf_err ask_yes(struct applying *p, const struct bf_args *a,
                           struct bf_diag *diag)
{
    struct vfy_checked *checked = NULL;
    struct bf_bytes raw = bf_buf_bytes(&p->look.file);
    struct vfy_ask ask;
    bool yes = false;
    char now[21];
    enum bf_err err;

    if (bf_arg_is(a, "yes")) {
        return BF_OK;
    }
    err = bf_cli_ask_yes(&yes, "\nApply this? Only \"yes\" is accepted: ", "--yes", diag);
    if (err == BF_OK && !yes) {
        err = bf_fail(diag, BF_APPLY_DECLINED, "%s", a->operands[0]);
    }
    if (err != BF_OK) {
        bf_diag_hint(diag, err == BF_NO_TERMINAL
                               ? "where nobody can answer, a service, give --yes"
                               : NULL);
        return err;
    }
    bf_cli_now(now);
    ask = vfy_site_ask(p->site, a->operands[0], now);
    ask.raw = &raw;
    err = vfy_check(&checked, &p->again, &ask, diag);
    vfy_checked_free(checked);
    return err;
}

static enum bf_err go(struct applying *p, const struct bf_args *a, struct bf_diag *diag)
{
    struct bf_diag why = {0};
    enum bf_err err = vfy_ask_applier(&p->plan, p->site, &p->work, "plan", &why);

    if (err != BF_OK) {
        return refused(p, a, &p->plan, &why, diag);
    }
    (void)vfy_report_plan(a, stderr, &p->look, &p->plan, true);
    err = ask_yes(p, a, diag);
    if (err != BF_OK) {
        return err;
    }
    return vfy_apply(&p->result, p->site, p->checked, &p->work, a->operands[0], diag);
}

static enum bf_err apply(struct applying *p, const struct bf_args *a,
                         struct bf_diag *diag)
{
    const struct vfy_conf_target *conf = NULL;
    struct bf_diag why = {0};
    struct vfy_ask ask;
    char now[21], id[33];
    enum bf_err err;

    bf_cli_now(now);
    ask = vfy_site_ask(p->site, a->operands[0], now);
    err = vfy_check(&p->checked, &p->look, &ask, &why);
    vfy_warn_counters(a, &p->look.bundle);
    if (err != BF_OK) {
        return refused(p, a, NULL, &why, diag);
    }
    vfy_fresh_id(id);
    err = vfy_conf_target(&conf, &p->site->conf, p->look.bundle.m.target.id, diag);
    if (err == BF_OK) {
        err = vfy_work_make(&p->work, &p->look, conf, "plan", id, NULL, 0, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    if (p->look.standing == VFY_AGAIN) {
        bf_cli_say(a, "this bundle was applied before: proving, nothing is changed");
        return vfy_prove(&p->result, p->site, p->checked, &p->work, diag);
    }
    return go(p, a, diag);
}

/* Known only once a good author has signed it. */
static const char *target_of(const struct applying *p)
{
    return p != NULL && p->look.bundle.checks.result[BF_CHECK_MANIFEST] == BF_PASSED
               ? p->look.bundle.m.target.id
               : "";
}

int vfy_cmd_apply(const struct bf_args *a)
{
    struct applying *p = calloc(1, sizeof(*p));
    struct bf_diag diag = {0};
    enum bf_err err = p != NULL ? BF_OK : bf_fail(&diag, BF_NO_MEMORY, "bundle");
    int code;

    if (err == BF_OK) {
        err = vfy_site_open(&p->site, a, vfy_arg_state(a), vfy_arg_config(a), VFY_WRITE,
                            &diag);
    }
    if (err == BF_OK) {
        err = apply(p, a, &diag);
    }
    if (err == BF_OK) {
        code = vfy_report_result(a, p->site, &p->result, p->look.bundle.m.target.id,
                                 a->operands[0]);
    } else {
        code = vfy_report_no_run(a, target_of(p), &diag);
    }
    if (p != NULL) {
        vfy_work_clear(&p->work);
        vfy_story_clear(&p->plan);
        vfy_checked_free(p->checked);
        vfy_look_clear(&p->look);
        vfy_look_clear(&p->again);
        vfy_site_free(p->site);
    }
    free(p);
    return code;
}
