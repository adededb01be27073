/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interrupted run is taken up: forward when the bundle would pass today (checks 4, 5,
 * 9, 10, 12; the applier asks 14), else back. What can be neither finished nor undone is
 * closed as uncertain, and says so in a receipt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "bf/file.h"

/* The run as its journal tells it. Large: on the heap. */
struct taken {
    struct vfy_site *site;
    struct vfy_journal_head head;
    struct vfy_story run;
    struct bf_buf bundle;
    struct bf_trust trust; /* the one of the intent */
    struct vfy_look then;  /* as the bundle was read then */
    struct vfy_look today;
    struct vfy_work work;
    const struct vfy_conf_target *conf;
    char journal[VFY_PATH];
};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static enum bf_err replay_event(void *ctx, const struct vfy_event *e,
                                struct bf_diag *diag)
{
    return vfy_story_event(ctx, e, diag);
}

static void replay_again(void *ctx)
{
    vfy_story_again(ctx);
}

/* No intent reached the disk: nothing was begun, and only files of preparation may lie
 * about. */
static enum bf_err sweep(const struct vfy_site *site, const char *target,
                         struct bf_diag *diag)
{
    char path[VFY_PATH];
    enum bf_err err = BF_OK;
    int i;

    for (i = 0; i < VFY_NUM_RUN_FILES && err == BF_OK; i++) {
        err = vfy_run_path(path, &site->state, target, (enum vfy_run_file)i, diag);
        if (err == BF_OK) {
            (void)unlink(path);
        }
    }
    return err;
}

/* The bundle as it was checked then: under the trust of the intent, at its time. It must
 * still read, or the state is damaged. */
static enum bf_err read_then(struct taken *t, struct bf_diag *diag)
{
    struct vfy_ask ask =
        vfy_site_ask(t->site, "the bundle of the run", t->head.intent.started);
    struct vfy_checked *checked = NULL;
    struct bf_bytes raw;
    char path[VFY_PATH];
    enum bf_err err =
        vfy_run_path(path, &t->site->state, t->head.intent.target, VFY_RUN_BUNDLE, diag);

    if (err == BF_OK) {
        err = bf_file_read(&t->bundle, path, BF_MAX_SEALED, diag);
    }
    if (err == BF_OK) {
        err = vfy_trust_archived(&t->trust, &t->site->state, t->head.intent.trust, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    raw = bf_buf_bytes(&t->bundle);
    ask.raw = &raw;
    ask.trust = &t->trust;
    ask.mode = VFY_CHECK_RESUME;
    err = vfy_check(&checked, &t->then, &ask, diag);
    vfy_checked_free(checked);
    if (err == BF_OK && !is(t->then.bundle.sha256, t->head.intent.manifest_sha256)) {
        err =
            bf_fail(diag, BF_STATE_DAMAGED, "%s is not the bundle of the journal", path);
    }
    return err;
}

/* The same checks with what is known today. BF_OK: it may go forward. */
static enum bf_err check_today(struct taken *t, struct bf_diag *diag)
{
    struct vfy_ask ask;
    struct vfy_checked *checked = NULL;
    struct bf_bytes raw = bf_buf_bytes(&t->bundle);
    char now[21];
    enum bf_err err;

    bf_cli_now(now);
    ask = vfy_site_ask(t->site, "the bundle of the run", now);
    ask.raw = &raw;
    ask.mode = VFY_CHECK_RESUME;
    err = vfy_check(&checked, &t->today, &ask, diag);
    vfy_checked_free(checked);
    return err;
}

/* One attempt in a direction, recorded as such. */
static enum bf_err attempt(struct taken *t, enum vfy_way way, struct bf_diag *why,
                           struct bf_diag *diag)
{
    struct vfy_journal journal = {-1};
    struct vfy_driver driver = {t->site, &t->run, &journal};
    char now[21];
    enum bf_err err, driven;

    bf_cli_now(now);
    vfy_story_again(&t->run);
    err = vfy_work_make(&t->work, way == VFY_FORWARD ? &t->today : &t->then, t->conf,
                        "apply", t->head.intent.run_id, t->run.records,
                        t->run.num_records, diag);
    if (err == BF_OK) {
        err = vfy_journal_reopen(&journal, t->journal, &t->head, way, now, diag);
    }
    if (err == BF_OK) {
        bf_cli_say(t->site->args, "%s: %s", t->head.intent.target,
                   way == VFY_FORWARD ? "going forward" : "undoing what was begun");
        driven = vfy_drive(&driver, &t->work, way == VFY_FORWARD ? "apply" : "undo", why);
        t->run.finish = driven == BF_OK ? t->run.finish : VFY_FINISH_NONE;
    }
    vfy_journal_close(&journal);
    vfy_work_clear(&t->work);
    if (err == BF_OK) {
        /* the next attempt appends after what this one wrote */
        struct vfy_journal_head head;

        err = vfy_journal_read(&head, t->journal, NULL, diag);
        t->head.good = err == BF_OK ? head.good : t->head.good;
        vfy_journal_head_clear(&head);
    }
    return err;
}

/* Applied and proven, and nothing of it was undone since: only cleaning up is left. */
static bool is_proven(const struct vfy_story *run)
{
    bool proven = false;
    size_t i;

    for (i = 0; i < run->num_steps; i++) {
        const struct bf_receipt_step *s = &run->steps[i];

        if (is(s->id, "verify")) {
            proven = is(s->result, "ok") || is(s->result, "same");
        }
        proven = proven && !is(s->result, "undone");
    }
    return proven;
}

/* Copies of old keystores are going: there is no way back any more. */
static bool is_dropping(const struct vfy_story *run)
{
    static const char drop[] = "keystore.drop:";
    size_t i;

    for (i = 0; i < run->num_records; i++) {
        if (strncmp(run->records[i].step, drop, sizeof(drop) - 1) == 0) {
            return true;
        }
    }
    return false;
}

/* True when the cause may go away by itself: then the run stays open. */
static bool may_pass(const struct taken *t, const struct bf_diag *why)
{
    enum bf_err cause = t->run.problem != BF_OK ? t->run.problem : why->err;

    return bf_err_exit(cause) == BF_EXIT_UNDECIDED || cause == BF_APPLIER;
}

static void stay_open(struct vfy_result *out, const struct taken *t,
                      const struct bf_diag *why)
{
    struct bf_diag cause = {0};

    if (vfy_story_problem(&t->run, &cause) == BF_OK) {
        cause = *why;
    }
    out->why = cause;
    out->why.err = BF_APPLY_UNCERTAIN;
    if (cause.err != BF_OK) {
        bf_diag_in(&out->why, "%s", bf_err_id(cause.err));
    }
    bf_diag_in(&out->why, "target %s", t->head.intent.target);
    out->outcome = "";
    out->exit_code = BF_EXIT_UNCERTAIN;
}

static enum bf_err finish(struct vfy_result *out, struct taken *t, const char *outcome,
                          int exit_code, struct bf_diag *diag)
{
    out->exit_code = exit_code;
    return vfy_finish_run(out, t->site, &t->head.intent, &t->then, &t->trust, &t->run,
                          &t->conf->nodes, outcome, diag);
}

/* The journal ends with a finish that needs no more work: only the receipt is missing.
 * NULL: work is left. */
static const char *finished_already(const struct taken *t, int *exit_code)
{
    bool wrote = vfy_story_wrote(&t->run);

    if (t->run.finish == VFY_FINISH_APPLIED) {
        *exit_code = BF_EXIT_DONE;
        return "applied";
    }
    if (t->run.finish == VFY_FINISH_UNDONE) {
        *exit_code = BF_EXIT_UNDONE;
        return "undone";
    }
    if (!wrote &&
        (t->run.finish == VFY_FINISH_REFUSED || t->run.finish == VFY_FINISH_FAILED)) {
        *exit_code = bf_err_exit(t->run.problem) == BF_EXIT_REFUSED ? BF_EXIT_REFUSED
                                                                    : BF_EXIT_UNDONE;
        return *exit_code == BF_EXIT_REFUSED ? "refused" : "undone";
    }
    return NULL;
}

static enum bf_err go_back(struct vfy_result *out, struct taken *t, bool give_up,
                           const struct bf_diag *first, struct bf_diag *diag)
{
    struct bf_diag why = {0};
    enum bf_err err = BF_OK;

    if (is_dropping(&t->run)) {
        why = *first;
        t->run.finish = VFY_FINISH_UNCERTAIN;
    } else if (vfy_story_wrote(&t->run)) {
        err = attempt(t, VFY_UNDO, &why, diag);
    } else {
        t->run.finish = VFY_FINISH_UNDONE; /* nothing to undo */
    }
    if (err != BF_OK) {
        return err;
    }
    if (t->run.finish == VFY_FINISH_UNDONE) {
        out->why = *first;
        return finish(out, t, "undone", BF_EXIT_UNDONE, diag);
    }
    if (may_pass(t, &why) && !give_up) {
        stay_open(out, t, &why);
        return BF_OK;
    }
    if (vfy_story_problem(&t->run, &out->why) == BF_OK) {
        out->why = why;
    }
    return finish(out, t, "uncertain", BF_EXIT_UNCERTAIN, diag);
}

/* Forward first, where that is allowed; what forward could not finish goes back. */
static enum bf_err work_on(struct vfy_result *out, struct taken *t, bool undo,
                           bool give_up, struct bf_diag *diag)
{
    struct bf_diag why = {0};
    const char *outcome;
    int code;
    enum bf_err err;

    if (undo && is_dropping(&t->run)) {
        return bf_fail(diag, BF_USAGE,
                       "the change is applied and proven, and copies of old keystores "
                       "are gone already: resume without --undo");
    }
    if (undo || t->head.undoing) {
        return go_back(out, t, give_up, &why, diag);
    }
    err = check_today(t, &why);
    if (err != BF_OK && bf_err_exit(err) != BF_EXIT_REFUSED) {
        *diag = why; /* could not decide: nothing is tried */
        return err;
    }
    if (err != BF_OK) {
        bf_cli_say(t->site->args,
                   "%s: %s: the bundle would be refused now, so it is not finished",
                   t->head.intent.target, bf_err_id(err));
        return go_back(out, t, give_up, &why, diag);
    }
    err = attempt(t, VFY_FORWARD, &why, diag);
    if (err != BF_OK) {
        return err;
    }
    outcome = finished_already(t, &code);
    if (outcome != NULL) {
        (void)vfy_story_problem(&t->run, &out->why);
        return finish(out, t, outcome, code, diag);
    }
    if ((may_pass(t, &why) || is_proven(&t->run)) && !give_up) {
        stay_open(out, t, &why);
        return BF_OK;
    }
    if (vfy_story_problem(&t->run, NULL) != BF_OK) {
        (void)vfy_story_problem(&t->run, &why);
    }
    return go_back(out, t, give_up, &why, diag);
}

static enum bf_err take_up(struct vfy_result *out, struct taken *t, bool undo,
                           bool give_up, struct bf_diag *diag)
{
    const struct vfy_entry *known =
        vfy_ledger_find(&t->site->state.ledger, t->head.intent.run_id);
    const char *outcome;
    int code = BF_EXIT_DONE;
    enum bf_err err;

    snprintf(out->file, sizeof(out->file), "%s", t->head.intent.file);
    if (known != NULL) { /* the receipt is there: only the books were not closed */
        out->outcome = known->outcome;
        out->has_receipt = true;
        out->receipt = (size_t)known->index;
        out->exit_code = is(known->outcome, "applied") ? BF_EXIT_DONE : BF_EXIT_UNDONE;
        out->exit_code =
            is(known->outcome, "uncertain") ? BF_EXIT_UNCERTAIN : out->exit_code;
        return vfy_run_close(&t->site->state, &t->head.intent, known->outcome, diag);
    }
    err = vfy_conf_target(&t->conf, &t->site->conf, t->head.intent.target, diag);
    if (err == BF_OK) {
        err = read_then(t, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    outcome = finished_already(t, &code);
    if (outcome != NULL) {
        (void)vfy_story_problem(&t->run, &out->why);
        return finish(out, t, outcome, code, diag);
    }
    return work_on(out, t, undo, give_up, diag);
}

enum bf_err vfy_resume(struct vfy_result *out, struct vfy_site *site, const char *target,
                       bool undo, bool give_up, struct bf_diag *diag)
{
    struct taken *t = calloc(1, sizeof(*t));
    struct vfy_replay replay = {replay_event, replay_again, NULL};
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    out->outcome = "";
    if (t == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "run");
    }
    t->site = site;
    replay.ctx = &t->run;
    err = vfy_run_path(t->journal, &site->state, target, VFY_RUN_JOURNAL, diag);
    if (err == BF_OK) {
        err = vfy_journal_read(&t->head, t->journal, &replay, diag);
    }
    if (err == BF_OK && access(t->journal, F_OK) != 0) {
        err = bf_fail(diag, BF_NOTHING_TO_RESUME, "target %s", target);
    } else if (err == BF_OK && !t->head.has_intent) {
        out->outcome = "none";
        err = sweep(site, target, diag);
    } else if (err == BF_OK) {
        err = take_up(out, t, undo, give_up, diag);
    }
    vfy_story_clear(&t->run);
    vfy_look_clear(&t->then);
    vfy_look_clear(&t->today);
    bf_trust_clear(&t->trust);
    bf_buf_clear(&t->bundle);
    vfy_journal_head_clear(&t->head);
    free(t);
    return err;
}
