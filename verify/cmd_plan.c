/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cli.h"

static int report(const struct bf_args *a, const struct vfy_look *look,
                  const struct vfy_story *run)
{
    struct vfy_json j = vfy_json();
    size_t i, changes = 0;
    int code;

    for (i = 0; i < run->num_diff; i++) {
        changes += run->diff[i].sign[0] != '=' ? 1 : 0;
    }
    code = changes > 0 && bf_arg_is(a, "exit-code") ? 1 : BF_EXIT_DONE;
    if (a->json) {
        vfy_json_open(&j, NULL, '{');
        vfy_json_num(&j, "changes", (int64_t)changes);
        vfy_json_num(&j, "exit", code);
        vfy_json_text(&j, "id", "OK");
        vfy_json_text(&j, "manifest_sha256", look->bundle.sha256);
        vfy_json_plan(&j, run);
        vfy_json_num(&j, "serial", look->bundle.m.serial);
        vfy_json_text(&j, "standing",
                      look->standing == VFY_AGAIN
                          ? "applied before"
                          : (look->standing == VFY_RETRY ? "undone before" : "new"));
        vfy_json_text(&j, "target", look->bundle.m.target.id);
        vfy_json_text(&j, "verdict", "accepted");
        vfy_json_close(&j, '}');
        return vfy_json_out(a, &j, code);
    }
    (void)vfy_report_plan(a, stdout, look, run);
    return code;
}

/* Refused or not decided: what is known until then. */
static int report_end(const struct bf_args *a, const struct vfy_look *look,
                      const struct vfy_story *run, const struct bf_diag *why)
{
    struct vfy_json j = vfy_json();
    const enum bf_exit class = bf_err_exit(why->err);
    /* nothing was applied, so nothing was undone */
    int code = class == BF_EXIT_UNDONE ? (int)BF_EXIT_REFUSED : (int)class;

    if (a->json) {
        vfy_json_open(&j, NULL, '{');
        vfy_json_num(&j, "exit", code);
        vfy_json_why(&j, why);
        vfy_json_plan(&j, run);
        if (look != NULL && look->bundle.checks.result[BF_CHECK_MANIFEST] == BF_PASSED) {
            vfy_json_text(&j, "manifest_sha256", look->bundle.sha256);
            vfy_json_num(&j, "serial", look->bundle.m.serial);
            vfy_json_text(&j, "target", look->bundle.m.target.id);
        }
        vfy_json_text(&j, "verdict",
                      code == BF_EXIT_REFUSED ? "refused" : vfy_verdict_of(why));
        vfy_json_close(&j, '}');
        code = vfy_json_out(a, &j, code);
    }
    (void)bf_cli_fail(a, why);
    return code;
}

static enum bf_err plan(struct vfy_site *site, struct vfy_look *look,
                        struct vfy_story *run, struct vfy_work *work,
                        const struct bf_args *a, struct bf_diag *diag)
{
    const struct vfy_conf_target *conf = NULL;
    struct vfy_checked *checked = NULL;
    struct vfy_ask ask;
    char now[21], id[33];
    enum bf_err err;

    bf_cli_now(now);
    vfy_fresh_id(id);
    ask = vfy_site_ask(site, a->operands[0], now);
    err = vfy_check(&checked, look, &ask, diag);
    vfy_warn_counters(a, &look->bundle);
    if (err == BF_OK) {
        err = vfy_conf_target(&conf, &site->conf, look->bundle.m.target.id, diag);
    }
    if (err == BF_OK) {
        err = vfy_work_make(work, look, conf, "plan", id, NULL, 0, diag);
    }
    if (err == BF_OK) {
        if (look->standing == VFY_AGAIN) {
            /* it was met before the first time; apply would prove, and not ask again */
            work->job.plan.precondition = "any";
        }
        err = vfy_ask_applier(run, site, work, "plan", diag);
    }
    vfy_checked_free(checked);
    return err;
}

int vfy_cmd_plan(const struct bf_args *a)
{
    struct vfy_site *site = NULL;
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct vfy_work *work = calloc(1, sizeof(*work));
    struct vfy_story run = {0};
    struct bf_diag diag = {0};
    enum bf_err err =
        look != NULL && work != NULL ? BF_OK : bf_fail(&diag, BF_NO_MEMORY, "bundle");
    int code;

    if (err == BF_OK) {
        err =
            vfy_site_open(&site, a, vfy_arg_state(a), vfy_arg_config(a), VFY_READ, &diag);
    }
    if (err == BF_OK) {
        err = plan(site, look, &run, work, a, &diag);
    }
    if (err == BF_OK) {
        code = report(a, look, &run);
    } else {
        code = report_end(a, look, &run, &diag);
    }
    if (work != NULL) {
        vfy_work_clear(work);
    }
    if (look != NULL) {
        vfy_look_clear(look);
    }
    vfy_story_clear(&run);
    vfy_site_free(site);
    free(work);
    free(look);
    return code;
}
