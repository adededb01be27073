/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An applier that dies after every message there is, gets stuck, cannot be reached: each
 * run is taken up, forward or back, and ends in one receipt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "fake_applier.h"
#include "harness.h"
#include "place.h"

/* The runner starts this very program under the applier's name. */
__attribute__((constructor)) static void maybe_applier(void)
{
    fake_applier();
}

/* The number of messages of a run that goes well, so that the tests below reach the last.
 */
enum { MESSAGES = 4 + 2 * 6 + 5 + 1 };
/* From this one on a copy of the old keystore is being dropped. */
enum { NO_WAY_BACK = MESSAGES - 2 };

static void interrupted(bool undo)
{
    struct place p;
    struct vfy_result r;
    struct bf_receipt_file *f;
    char scenario[20];
    int n;

    for (n = 0; n < (undo ? NO_WAY_BACK : MESSAGES); n++) {
        pl_begin(&p);
        snprintf(scenario, sizeof(scenario), "die:%d", n);
        r = pl_apply(&p, scenario);
        T_TEXT(r.outcome, "");
        T_INT(r.exit_code, BF_EXIT_UNCERTAIN);
        T_INT(r.why.err, BF_APPLY_UNCERTAIN);
        T_TRUE(!r.has_receipt);
        pl_open(&p);
        r = pl_resume(&p, "ok", undo, false);
        T_TEXT(r.outcome, undo ? "undone" : "applied");
        T_INT(r.exit_code, undo ? BF_EXIT_UNDONE : BF_EXIT_DONE);
        T_TRUE(r.has_receipt);
        T_TEXT(r.file, "in/change.snapseal");
        T_TRUE(undo ? pl_standing(&p) == 0 : pl_standing(&p) == 3);
        f = pl_receipt(&p, 0);
        T_TEXT(f->r.outcome, undo ? "undone" : "applied");
        T_INT(f->r.serial, 7);
        pl_drop(f);
        pl_closed(&p, undo ? "undone" : "applied");
        T_INT(p.site->state.ledger.num, 1);
        pl_end(&p);
    }
}

static void test_resume(void)
{
    interrupted(false);
}

static void test_resume_undo(void)
{
    interrupted(true);
}

/* A resume that is cut off is taken up like any other run; once it goes back it only goes
 * back, since what was proven before says nothing any more. */
static void test_resume_again(void)
{
    struct place p;
    struct vfy_result r;
    char scenario[20];
    int n;

    for (n = 0; n < NO_WAY_BACK; n += 3) {
        pl_begin(&p);
        (void)pl_apply(&p, "die:8");
        snprintf(scenario, sizeof(scenario), "die:%d", n);
        r = pl_resume(&p, scenario, false, false);
        T_INT(r.exit_code, BF_EXIT_UNCERTAIN);
        pl_open(&p);
        if (n % 2 == 0) {
            (void)pl_resume(&p, "die:1", true, false);
            pl_open(&p);
        }
        r = pl_resume(&p, "ok", false, false);
        T_TEXT(r.outcome, n % 2 == 0 ? "undone" : "applied");
        T_TRUE(pl_standing(&p) == (n % 2 == 0 ? 0 : 3));
        pl_closed(&p, n % 2 == 0 ? "undone" : "applied");
        T_INT(p.site->state.ledger.num, 1);
        pl_end(&p);
    }
}

/* Applied and proven, and a copy of an old keystore is gone: it can only be finished. */
static void test_no_way_back(void)
{
    struct place p;
    struct vfy_result r = {0};
    struct bf_diag diag = {0};
    char scenario[20];

    pl_begin(&p);
    snprintf(scenario, sizeof(scenario), "die:%d", NO_WAY_BACK);
    (void)pl_apply(&p, scenario);
    pl_restart(&p);
    pl_scenario(&p, "ok");
    T_ERR(vfy_resume(&r, p.site, "prod-eu-1", true, false, &diag), BF_USAGE, &diag);
    pl_open(&p);
    r = pl_resume(&p, "lose", false,
                  false); /* not undone because it cannot be cleaned up */
    T_TEXT(r.outcome, "");
    T_INT(pl_standing(&p), 3);
    pl_open(&p);
    r = pl_resume(&p, "ok", false, false);
    T_TEXT(r.outcome, "applied");
    T_INT(pl_standing(&p), 3);
    pl_closed(&p, "applied");
    pl_end(&p);

    pl_begin(&p);
    (void)pl_apply(&p, scenario);
    r = pl_resume(&p, "lose", false, true);
    T_TEXT(r.outcome, "uncertain");
    T_INT(pl_standing(&p), 3); /* what stands is left alone */
    pl_closed(&p, "uncertain");
    pl_end(&p);
}

/* No way forward and no way back: closed as uncertain, and only a bundle that supersedes
 * it goes on. */
static void test_uncertain(void)
{
    struct place p;
    struct vfy_result r;
    struct bf_receipt_file *f;
    char hash[65];

    pl_begin(&p);
    r = pl_apply(&p, "stuck:register");
    T_TEXT(r.outcome, "");
    T_INT(r.why.err, BF_APPLY_UNCERTAIN);
    T_TEXT(r.why.where, "NODE_TOOL: node node1: no answer");
    memcpy(hash, p.look->bundle.sha256, sizeof(hash));
    pl_open(&p);
    r = pl_resume(&p, "net", false, false); /* cannot be reached: that may pass */
    T_TEXT(r.outcome, "");
    T_INT(r.exit_code, BF_EXIT_UNCERTAIN);
    pl_open(&p);
    r = pl_resume(&p, "lose", false, false);
    T_TEXT(r.outcome, "uncertain");
    T_INT(r.exit_code, BF_EXIT_UNCERTAIN);
    T_INT(r.why.err, BF_PREFLIGHT);
    f = pl_receipt(&p, 0);
    T_TEXT(f->r.outcome, "uncertain");
    T_TEXT(f->r.refusal, "PREFLIGHT");
    T_TEXT(BF_LIST_ITEM(&f->r.steps, struct bf_receipt_step, 3)->id, "register");
    T_TEXT(BF_LIST_ITEM(&f->r.steps, struct bf_receipt_step, 3)->result, "unknown");
    pl_drop(f);
    pl_closed(&p, "uncertain");
    T_ERR(pl_check(&p), BF_SERIAL_OLD, &p.why);
    pl_restart(&p);
    bf_buf_clear(&p.bundle);
    pl_bundle(&p.bundle, 8, "", "");
    T_ERR(pl_check(&p), BF_SERIAL_SUPERSEDES, &p.why);
    bf_buf_clear(&p.bundle);
    pl_bundle(&p.bundle, 8, "", hash);
    r = pl_apply(&p, "ok");
    T_TEXT(r.outcome, "applied");
    pl_restart(&p);
    bf_buf_clear(&p.bundle);
    pl_bundle(&p.bundle, 9, "", "");
    T_ERR(pl_check(&p), BF_SERIAL_PREV, &p.why);
    pl_end(&p);
}

static void test_give_up(void)
{
    struct place p;
    struct vfy_result r;

    pl_begin(&p);
    (void)pl_apply(&p, "die:9");
    r = pl_resume(&p, "net", false, false);
    T_INT(r.exit_code, BF_EXIT_UNCERTAIN);
    T_TEXT(r.why.where, "target prod-eu-1: NET_CONNECT: https://es.example.corp:9200: "
                        "connection refused");
    pl_open(&p);
    r = pl_resume(&p, "net", false, true);
    T_TEXT(r.outcome, "uncertain");
    T_TRUE(r.has_receipt);
    pl_closed(&p, "uncertain");
    pl_end(&p);
}

/* Version 2 of the trust is installed while a run is open; hours: until it expires. */
static void next_trust(struct place *p, int hours)
{
    static const enum fx_who roots[] = {FX_ERIN, FX_FRANK};
    struct fx_trust_parts *parts = calloc(1, sizeof(*parts));
    struct bf_buf next;
    struct bf_diag diag = {0};
    static char made[21], ends[21];
    char now[21];

    pl_time(made, -2);
    pl_time(ends, hours);
    fx_trust_body(parts, pl_world);
    parts->body.version = 2;
    parts->body.prev = pl_world->trust.sha256;
    parts->body.created_at = made;
    parts->body.expires = ends;
    fx_trust_container(&next, pl_world, &parts->body, roots, 2);
    bf_cli_now(now);
    T_OK(vfy_trust_install(&p->site->state, &next, NULL, now, &diag), &diag);
    free(parts);
}

/* A trust installed meanwhile decides whether the run is finished or undone. */
static void test_refused_today(void)
{
    struct place p;
    struct vfy_result r;
    struct bf_receipt_file *f;

    /* forward, under the new one: all that the bundle needs holds there too */
    pl_begin(&p);
    (void)pl_apply(&p, "die:8");
    pl_restart(&p);
    next_trust(&p, 24 * 300);
    r = pl_resume(&p, "ok", false, false);
    T_TEXT(r.outcome, "applied");
    f = pl_receipt(&p, 0);
    T_INT(f->r.trust.version, 1); /* that of the intent */
    pl_drop(f);
    pl_closed(&p, "applied");
    pl_end(&p);

    /* only back, when the new one does not allow it */
    pl_begin(&p);
    (void)pl_apply(&p, "die:8");
    pl_restart(&p);
    next_trust(&p, -1);
    r = pl_resume(&p, "ok", false, false);
    T_TEXT(r.outcome, "undone");
    T_INT(r.exit_code, BF_EXIT_UNDONE);
    T_INT(r.why.err, BF_TRUST_EXPIRED);
    T_INT(pl_standing(&p), 0);
    f = pl_receipt(&p, 0);
    T_INT(f->r.trust.version, 1);
    T_TEXT(f->r.refusal, "TRUST_EXPIRED");
    pl_drop(f);
    pl_closed(&p, "undone");
    pl_end(&p);
}

static void copy_file(const struct place *p, const char *from, const char *to)
{
    struct bf_buf data;
    struct bf_diag diag = {0};
    char path[300];

    snprintf(path, sizeof(path), "%s/%s", p->dir, from);
    fx_must(bf_file_read(&data, path, VFY_MAX_JOURNAL, &diag), &diag, from);
    ap_write(p->dir, to, bf_buf_bytes(&data));
    bf_buf_clear(&data);
}

/* The receipt was written and the books were not closed: no second receipt, and the
 * record is brought up to it. */
static void test_books(void)
{
    struct place p;
    struct vfy_result r;
    char path[300];

    pl_begin(&p);
    (void)pl_apply(&p, "die:9");
    copy_file(&p, "runs/prod-eu-1.journal", "saved.journal");
    copy_file(&p, "runs/prod-eu-1.bundle", "saved.bundle");
    copy_file(&p, "runs/prod-eu-1.next", "saved.next");
    r = pl_resume(&p, "ok", false, false);
    T_TEXT(r.outcome, "applied");
    pl_closed(&p, "applied");
    copy_file(&p, "saved.journal", "runs/prod-eu-1.journal");
    copy_file(&p, "saved.bundle", "runs/prod-eu-1.bundle");
    copy_file(&p, "saved.next", "runs/prod-eu-1.next");
    snprintf(path, sizeof(path), "%s/targets/prod-eu-1.json", p.dir);
    T_INT(unlink(path), 0);
    r = pl_resume(&p, "net", false, false); /* nobody needs to be asked */
    T_TEXT(r.outcome, "applied");
    T_INT(r.receipt, 0);
    T_INT(r.exit_code, BF_EXIT_DONE);
    pl_closed(&p, "applied");
    T_INT(p.site->state.ledger.num, 1);
    /* and once more, after the record was already in place */
    copy_file(&p, "saved.journal", "runs/prod-eu-1.journal");
    r = pl_resume(&p, "net", false, false);
    T_TEXT(r.outcome, "applied");
    pl_closed(&p, "applied");
    pl_end(&p);
}

/* The journal was torn before its first record was whole: nothing had begun. */
static void test_torn_intent(void)
{
    struct place p;
    struct vfy_result r = {0};
    struct bf_diag diag = {0};

    pl_begin(&p);
    ap_write(p.dir, "runs/prod-eu-1.journal",
             bf_text("0123456789abcdef intent {\"appro"));
    ap_write(p.dir, "runs/prod-eu-1.room", bf_text(""));
    r = pl_resume(&p, "ok", false, false);
    T_TEXT(r.outcome, "none");
    T_INT(r.exit_code, BF_EXIT_DONE);
    T_TRUE(!pl_there(&p, "journal"));
    T_TRUE(!pl_there(&p, "room"));
    pl_restart(&p);
    T_ERR(vfy_resume(&r, p.site, "prod-eu-1", false, false, &diag), BF_NOTHING_TO_RESUME,
          &diag);
    pl_end(&p);
}

T_CASES("resume", {"interrupted after every message, finished", test_resume},
        {"interrupted after every message, undone", test_resume_undo},
        {"an interrupted resume", test_resume_again}, {"no way back", test_no_way_back},
        {"uncertain and superseded", test_uncertain}, {"given up", test_give_up},
        {"refused today", test_refused_today}, {"books not closed", test_books},
        {"torn intent", test_torn_intent});
