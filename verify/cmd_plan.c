/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cli.h"

static int report(const struct bf_args *a, const struct vfy_look *look,
                  const struct vfy_story *run)
{
    struct vfy_json j = vfy_json();
    const size_t changes = vfy_changes(run);
    int code;

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
    (void)vfy_report_plan(a, stdout, look, run, true);
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
    } else if (run->num_facts > 0) {
        (void)vfy_report_plan(a, stdout, look, run, false);
    }
    (void)bf_cli_fail(a, why);
    return code;
}

/*
 * A bundle that was applied would be proved: no value is written anew and nothing is
 * reloaded, so what the applier says of these is no change; a keystore that is not the
 * one that was left is.
 */
static enum bf_err as_proof(struct vfy_site *site, const struct vfy_look *look,
                            struct vfy_story *run, struct bf_diag *diag)
{
    struct vfy_baseline *b = calloc(1, sizeof(*b));
    char step[200], text[300];
    enum bf_err err = b != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "baseline");
    size_t i;

    for (i = 0; i < run->num_diff; i++) {
        struct vfy_diff *d = &run->diff[i];

        if (d->sign[0] == '~' &&
            (strncmp(d->step, "keystore:", 9) == 0 || strcmp(d->step, "reload") == 0)) {
            d->sign = "=";
            /* "NODE: NAME is there; its value ..." without what would be written */
            d->text =
                d->step[0] == 'r'
                    ? "no reload"
                    : bf_arena_text(&run->arena, bf_view(d->text, strcspn(d->text, ";")));
            err = d->text != NULL ? err : bf_fail(diag, BF_NO_MEMORY, "plan");
            d->text = d->text != NULL ? d->text : "";
        }
    }
    if (err == BF_OK) {
        err = vfy_baseline_load(b, &site->state, look->bundle.m.target.id,
                                &look->record.r, diag);
    }
    for (i = 0; err == BF_OK && i < b->receipt.proof.keystores.num; i++) {
        const char *node =
            BF_LIST_ITEM(&b->receipt.proof.keystores, const struct bf_receipt_node, i)
                ->node;

        if (vfy_baseline_keystore(text, sizeof(text), b, run, node)) {
            (void)snprintf(step, sizeof(step), "keystore:%.150s", node);
            err = vfy_story_diff(run, step, "~", text, diag);
        }
    }
    if (b != NULL) {
        vfy_baseline_clear(b);
    }
    free(b);
    return err;
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
        if (err == BF_OK && look->standing == VFY_AGAIN) {
            err = as_proof(site, look, run, diag);
        }
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
