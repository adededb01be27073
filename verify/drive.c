/* SPDX-License-Identifier: Apache-2.0 */
/* Every event of the applier: shown, folded into the run, and written to the journal
 * before the applier may go on. */
#include <string.h>

#include "apply.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static enum bf_err on_event(void *ctx, const struct vfy_event *e, struct bf_diag *diag)
{
    const struct vfy_driver *d = ctx;
    bool record = is(e->kind, "begin") || is(e->kind, "end");
    enum bf_err err;

    if (is(e->kind, "progress")) {
        bf_cli_say(d->site->args, "  %s", e->text);
        return BF_OK;
    }
    if (d->journal == NULL && is(e->kind, "begin") && !is(e->undo, "none")) {
        return bf_fail(
            diag, BF_INTERNAL,
            "the applier wants to change something (%s) where nothing may change",
            e->step);
    }
    err = vfy_story_event(d->run, e, diag);
    if (err == BF_OK && d->journal != NULL && !is(e->kind, "diff")) {
        err = vfy_journal_event(d->journal, e, record || is(e->kind, "finish"), diag);
    }
    return err;
}

enum bf_err vfy_drive(const struct vfy_driver *d, struct vfy_work *work, const char *mode,
                      struct bf_diag *diag)
{
    struct vfy_driver copy = *d;
    struct vfy_listener listener = {on_event, &copy};

    work->job.mode = mode;
    return vfy_run_applier(d->site->applier, &work->job, work->secrets, work->num_secrets,
                           &listener, diag);
}

enum bf_err vfy_ask_applier(struct vfy_story *run, const struct vfy_site *site,
                            struct vfy_work *work, const char *mode, struct bf_diag *diag)
{
    struct vfy_driver d = {site, run, NULL};
    enum bf_err err = vfy_drive(&d, work, mode, diag);
    enum bf_err cause = vfy_story_problem(run, NULL);

    /* the cause that the applier named says more than that it ended */
    if (cause != BF_OK && (err == BF_OK || err == BF_APPLIER)) {
        return vfy_story_problem(run, diag);
    }
    if (err == BF_APPLIER) { /* nothing was to change, so nothing is open */
        err = BF_APPLIER_READING;
        diag->err = err;
    }
    if (err == BF_OK && run->finish != VFY_FINISH_PLANNED &&
        run->finish != VFY_FINISH_PROVED) {
        err = bf_fail(diag, BF_INTERNAL, "the applier did not say why it refuses");
    }
    return err;
}
