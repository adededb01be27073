/* SPDX-License-Identifier: Apache-2.0 */
#include "apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- receipts ---- */

static enum bf_err write_receipt(struct vfy_result *out, struct vfy_site *site,
                                 const struct vfy_receipt_in *in, struct bf_diag *diag)
{
    enum bf_err err = vfy_receipt_write(&out->receipt, &site->state, in, diag);

    out->has_receipt = err == BF_OK;
    return err;
}

enum bf_err vfy_refuse(struct vfy_result *out, struct vfy_site *site,
                       const struct vfy_look *look, const struct vfy_story *run,
                       const struct bf_list *nodes, const struct bf_diag *why,
                       struct bf_diag *diag)
{
    struct vfy_receipt_in in = {0};
    const struct vfy_entry *known =
        vfy_ledger_refused(&site->state.ledger, look->bundle.sha256, bf_err_id(why->err));
    char id[33], operator_name[65];

    memset(out, 0, sizeof(*out));
    out->outcome = "refused";
    out->why = *why;
    out->exit_code = BF_EXIT_REFUSED;
    if (known != NULL) {
        out->has_receipt = true;
        out->receipt = (size_t)known->index;
        return BF_OK;
    }
    vfy_fresh_id(id);
    vfy_operator(operator_name);
    in.look = look;
    in.trust = &site->state.trust;
    in.run = run;
    in.nodes = nodes;
    in.outcome = "refused";
    in.refusal = why->err;
    in.config_sha256 = site->conf.sha256[0] != '\0' ? site->conf.sha256 : NULL;
    in.operator_name = operator_name;
    in.receipt_id = id;
    in.started = look->now;
    in.synchronised = look->synchronised;
    return write_receipt(out, site, &in, diag);
}

/* The key that nobody uses any more, once that is proved. */
static void tell_retire(struct vfy_result *out, const struct vfy_look *look)
{
    if (is(out->outcome, "applied") || is(out->outcome, "proved")) {
        snprintf(out->retire, sizeof(out->retire), "%s", look->bundle.m.plan.retire);
    }
}

enum bf_err vfy_finish_run(struct vfy_result *out, struct vfy_site *site,
                           const struct vfy_intent *intent, const struct vfy_look *look,
                           const struct bf_trust *trust, const struct vfy_story *run,
                           const struct bf_list *nodes, const char *outcome,
                           struct bf_diag *diag)
{
    struct vfy_receipt_in in = {0};
    const struct vfy_entry *known = vfy_ledger_find(&site->state.ledger, intent->run_id);
    char room[VFY_PATH];
    enum bf_err err =
        vfy_run_path(room, &site->state, intent->target, VFY_RUN_ROOM, diag);

    out->outcome = outcome;
    tell_retire(out, look);
    in.look = look;
    in.trust = trust;
    in.run = run;
    in.nodes = nodes;
    in.outcome = outcome;
    in.refusal = is(outcome, "applied") ? BF_OK : out->why.err;
    in.live = !is(outcome, "refused");
    in.config_sha256 = intent->config_sha256;
    in.operator_name = intent->operator_name;
    in.receipt_id = intent->run_id;
    in.started = intent->started;
    in.synchronised = intent->synchronised;
    in.room = room;
    if (err == BF_OK && known == NULL && is(outcome, "refused")) {
        known = vfy_ledger_refused(&site->state.ledger, intent->manifest_sha256,
                                   bf_err_id(out->why.err));
    }
    if (err == BF_OK && known != NULL) {
        out->has_receipt = true;
        out->receipt = (size_t)known->index;
    } else if (err == BF_OK) {
        err = write_receipt(out, site, &in, diag);
    }
    return err == BF_OK ? vfy_run_close(&site->state, intent, outcome, diag) : err;
}

/* ---- prove ---- */

/*
 * [BF-854] the keystores are the files that the run left; the applier has seen their
 * names, and only what was kept here tells whether the values are the same. Adds to the
 * drift that the applier found, why->err LIVE_DRIFT.
 */
static enum bf_err compare_keystores(const struct vfy_baseline *b,
                                     const struct vfy_story *run, struct bf_diag *why)
{
    char clause[200], before[200];
    size_t i;

    for (i = 0; i < b->receipt.proof.keystores.num; i++) {
        const char *node =
            BF_LIST_ITEM(&b->receipt.proof.keystores, const struct bf_receipt_node, i)
                ->node;

        if (vfy_baseline_keystore(clause, sizeof(clause), b, run, node)) {
            (void)snprintf(before, sizeof(before), "%.190s%s",
                           why->err == BF_LIVE_DRIFT ? why->where : "",
                           why->err == BF_LIVE_DRIFT ? "; " : "");
            (void)bf_fail(why, BF_LIVE_DRIFT, "%s%s", before, clause);
        }
    }
    return why->err;
}

static enum bf_err prove_keystores(struct vfy_site *site, const struct vfy_look *look,
                                   const struct vfy_story *run, struct bf_diag *why)
{
    struct vfy_baseline *b = calloc(1, sizeof(*b));
    struct bf_diag diag = {0};
    char path[VFY_PATH];
    enum bf_err err;

    if (b == NULL) {
        return bf_fail(why, BF_NO_MEMORY, "baseline");
    }
    err = vfy_baseline_load(b, &site->state, look->bundle.m.target.id, &look->record.r,
                            &diag);
    if (err == BF_OK || err == BF_STATE_DAMAGED) {
        (void)compare_keystores(b, run, why);
    }
    if ((err == BF_OK && !b->has_change) || err == BF_STATE_DAMAGED) {
        /* applied by a version that kept none, or damaged: this bundle is the one */
        err = vfy_change_path(path, &site->state, look->bundle.m.target.id, &diag);
        if (err == BF_OK) {
            err = vfy_change_write(&site->state, look, path, &diag);
        }
    }
    if (err != BF_OK) {
        *why = diag;
    }
    vfy_baseline_clear(b);
    free(b);
    return why->err;
}

enum bf_err vfy_prove(struct vfy_result *out, struct vfy_site *site,
                      const struct vfy_checked *c, struct vfy_work *work,
                      struct bf_diag *diag)
{
    const struct vfy_look *look = vfy_checked_look(c);
    struct vfy_receipt_in in = {0};
    struct vfy_story run = {0};
    struct bf_diag why = {0};
    char id[33], operator_name[65];
    enum bf_err err = vfy_ask_applier(&run, site, work, "prove", &why);

    memset(out, 0, sizeof(*out));
    if (err == BF_OK || err == BF_LIVE_DRIFT) {
        err = prove_keystores(site, look, &run, &why);
    }
    if (err != BF_OK && bf_err_exit(err) != BF_EXIT_REFUSED &&
        bf_err_exit(err) != BF_EXIT_UNDONE) {
        *diag = why; /* not decided: no receipt */
        vfy_story_clear(&run);
        return err;
    }
    if (err != BF_OK) {
        err = vfy_refuse(out, site, look, &run, &work->job.nodes, &why, diag);
        vfy_story_clear(&run);
        return err;
    }
    vfy_fresh_id(id);
    vfy_operator(operator_name);
    in.look = look;
    in.trust = &site->state.trust;
    in.run = &run;
    in.nodes = &work->job.nodes;
    in.outcome = out->outcome = "proved";
    in.live = true;
    in.config_sha256 = site->conf.sha256;
    in.operator_name = operator_name;
    in.receipt_id = id;
    in.started = look->now;
    in.synchronised = look->synchronised;
    tell_retire(out, look);
    err = write_receipt(out, site, &in, diag);
    vfy_story_clear(&run);
    return err;
}

/* ---- apply ---- */

/* Everything of the intent but its texts' owner: they live as long as look, conf and the
 * buffers of the caller. */
static enum bf_err fill_intent(struct vfy_intent *intent, struct bf_arena *arena,
                               const struct vfy_site *site, const struct vfy_look *look,
                               struct bf_diag *diag)
{
    const struct bf_bundle *b = &look->bundle;
    const char **rows = bf_arena_alloc(arena, (b->num_sigs + 1) * sizeof(*rows));
    size_t num = 0, i;

    if (rows == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "intent");
    }
    for (i = 0; i < b->num_sigs; i++) {
        if (b->sigs[i].reason == BF_OK && is(b->sigs[i].role, "approve")) {
            rows[num++] = b->sigs[i].person;
        }
    }
    intent->approvals = (struct bf_list){num, rows};
    intent->bundle_id = b->m.bundle_id;
    intent->config_sha256 = site->conf.sha256;
    intent->manifest_sha256 = b->sha256;
    intent->serial = b->m.serial;
    intent->started = look->now;
    intent->synchronised = look->synchronised;
    intent->target = b->m.target.id;
    intent->trust = site->state.trust.body.version;
    intent->type = VFY_INTENT_TYPE;
    return BF_OK;
}

/*
 * The run is over as far as the applier goes. Undone with nothing written is "refused"
 * when the target is not as approved, and what is not known stays open for resume.
 */
static const char *outcome_of(const struct vfy_story *run, enum bf_err err,
                              int *exit_code)
{
    bool wrote = vfy_story_wrote(run);
    enum bf_err cause = run->problem;

    if (err == BF_OK && run->finish == VFY_FINISH_APPLIED) {
        *exit_code = BF_EXIT_DONE;
        return "applied";
    }
    if (err == BF_OK && (run->finish == VFY_FINISH_UNDONE ||
                         (!wrote && (run->finish == VFY_FINISH_REFUSED ||
                                     run->finish == VFY_FINISH_FAILED)))) {
        if (!wrote && bf_err_exit(cause) == BF_EXIT_REFUSED) {
            *exit_code = BF_EXIT_REFUSED;
            return "refused";
        }
        *exit_code = !wrote && bf_err_exit(cause) == BF_EXIT_UNDECIDED ? BF_EXIT_UNDECIDED
                                                                       : BF_EXIT_UNDONE;
        return "undone";
    }
    *exit_code = BF_EXIT_UNCERTAIN;
    return "";
}

/* "the outcome is not known, CAUSE: where; run resume". */
static void uncertain(struct vfy_result *out, const struct vfy_story *run,
                      enum bf_err err, const struct bf_diag *why)
{
    struct bf_diag cause = {0};

    if (vfy_story_problem(run, &cause) == BF_OK && err != BF_OK) {
        cause = *why;
    }
    out->why = cause;
    out->why.err = BF_APPLY_UNCERTAIN;
    if (cause.err != BF_OK) {
        bf_diag_in(&out->why, "%s", bf_err_id(cause.err));
    }
}

static enum bf_err run_it(struct vfy_result *out, struct vfy_site *site,
                          const struct vfy_look *look, struct vfy_work *work,
                          const struct vfy_intent *intent, struct bf_diag *diag)
{
    struct vfy_journal journal = {-1};
    struct vfy_story run = {0};
    struct vfy_driver driver = {site, &run, &journal};
    struct bf_diag why = {0};
    const char *outcome;
    char path[VFY_PATH];
    enum bf_err err =
        vfy_run_path(path, &site->state, intent->target, VFY_RUN_JOURNAL, diag);

    if (err == BF_OK) {
        err = vfy_journal_create(&journal, path, intent, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    err = vfy_drive(&driver, work, "apply", &why);
    vfy_journal_close(&journal);
    outcome = outcome_of(&run, err, &out->exit_code);
    if (outcome[0] == '\0') {
        uncertain(out, &run, err, &why);
        err = BF_OK;
    } else {
        (void)vfy_story_problem(&run, &out->why);
        err = vfy_finish_run(out, site, intent, look, &site->state.trust, &run,
                             &work->job.nodes, outcome, diag);
    }
    vfy_story_clear(&run);
    return err;
}

enum bf_err vfy_apply(struct vfy_result *out, struct vfy_site *site,
                      const struct vfy_checked *c, struct vfy_work *work,
                      const char *file, struct bf_diag *diag)
{
    const struct vfy_look *look = vfy_checked_look(c);
    struct bf_arena arena = {0};
    struct vfy_intent intent = {0};
    char id[33], operator_name[65], shown[256];
    enum bf_err err = fill_intent(&intent, &arena, site, look, diag);

    memset(out, 0, sizeof(*out));
    out->outcome = "";
    vfy_fresh_id(id);
    vfy_operator(operator_name);
    intent.run_id = work->job.run_id = id;
    intent.operator_name = operator_name;
    intent.file = bf_escape(shown, sizeof(shown), file, strlen(file));
    if (err == BF_OK) {
        err = vfy_run_prepare(&site->state, look, diag);
    }
    if (err == BF_OK) {
        err = run_it(out, site, look, work, &intent, diag);
    }
    bf_arena_clear(&arena);
    return err;
}
