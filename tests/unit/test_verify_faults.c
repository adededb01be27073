/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each write, fsync, rename, link, read and allocation of one apply fails once, the
 * first, the second, and so on. Whatever it was: what the appliance then says of itself
 * is true, a resume or another apply brings the change about, and the log has no gap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "call_faults.h"
#include "fake_applier.h"
#include "harness.h"
#include "place.h"

__attribute__((constructor)) static void maybe_applier(void)
{
    fake_applier();
}

/* check, work, apply, with nothing asserted. */
static enum bf_err apply(struct place *p, struct vfy_result *r, struct bf_diag *diag)
{
    const struct vfy_conf_target *conf;
    enum bf_err err = pl_check(p);

    if (err != BF_OK) {
        *diag = p->why;
        return err;
    }
    err = vfy_conf_target(&conf, &p->site->conf, "prod-eu-1", diag);
    if (err == BF_OK) {
        err = vfy_work_make(&p->work, p->look, conf, "plan",
                            "00112233445566778899aabbccddeeff", NULL, 0, diag);
    }
    return err == BF_OK
               ? vfy_apply(r, p->site, p->checked, &p->work, "change.snapseal", diag)
               : err;
}

/* Every receipt opens, and their roots lead from one to the next. */
static void check_log(struct place *p)
{
    struct bf_log log = {0};
    uint8_t root[BF_SHA256];
    char hex[65];
    size_t i;

    for (i = 0; i < p->site->state.ledger.num; i++) {
        struct bf_receipt_file *f = pl_receipt(p, i);

        bf_log_root(root, &log);
        bf_hex(hex, root, sizeof(root));
        T_TEXT(f->r.log.prev_root, hex);
        bf_log_append(&log, f->leaf);
        pl_drop(f);
    }
}

/* What a person does who finds it so: resume where it says so, then the same bundle
 * again. */
static void recover(struct place *p, long n)
{
    struct vfy_result r = {0};
    bool before = pl_there(p, "journal");

    if (before) {
        r = pl_resume(p, "ok", false, false);
        T_TRUE(strcmp(r.outcome, "applied") == 0 || strcmp(r.outcome, "none") == 0);
    }
    r = pl_apply(p, "ok");
    if (strcmp(r.outcome, "applied") != 0 && strcmp(r.outcome, "proved") != 0) {
        fprintf(stderr, "fault %ld: %s %s %s\n", n, r.outcome, bf_err_id(r.why.err),
                r.why.where);
    }
    T_TRUE(strcmp(r.outcome, "applied") == 0 || strcmp(r.outcome, "proved") == 0);
    T_INT(pl_standing(p), 3);
    pl_closed(p, "applied");
    check_log(p);
}

/* One apply in which the n-th thing of that kind fails. False when there was no n-th. */
static bool once(enum cf_kind kind, long n)
{
    struct place p;
    struct vfy_result r = {0};
    struct bf_diag diag = {0};
    enum bf_err err;
    bool failed;

    pl_begin(&p);
    pl_scenario(&p, "ok");
    cf_fail_at(kind, n);
    err = apply(&p, &r, &diag);
    failed = cf_end();
    if (failed && err != BF_OK) {
        if (bf_err_exit(err) != BF_EXIT_UNDECIDED) {
            fprintf(stderr, "fault %ld: %s: %s\n", n, bf_err_id(err), diag.where);
        }
        T_TRUE(bf_err_exit(err) ==
               BF_EXIT_UNDECIDED); /* never a refusal: the bundle has no fault */
        T_TRUE(diag.err == err);
    } else if (failed && r.why.err != BF_OK) {
        T_ERR(r.why.err, BF_APPLY_UNCERTAIN, &r.why);
        T_INT(r.exit_code, BF_EXIT_UNCERTAIN);
        T_TRUE(pl_there(&p, "journal"));
    } else {
        T_OK(err, &diag);
        T_TEXT(r.outcome, "applied");
    }
    recover(&p, n);
    pl_end(&p);
    return failed;
}

static void test_storage(void)
{
    long n = 0;

    while (once(CF_STORAGE, n)) {
        n++;
    }
    T_TRUE(n > 40);
}

/* Every one takes long; the short run takes samples, another set each time it is built
 * anew is not needed. */
static void test_memory(void)
{
    long n = 0, step = t_long() ? 1 : 11;

    while (once(CF_MEMORY, n)) {
        n += step;
    }
    T_TRUE(n > 100);
}

static void test_reading(void)
{
    long n = 0;

    while (once(CF_READ, n)) {
        n++;
    }
    T_TRUE(n > 2);
}

T_CASES("verify faults", {"writing fails", test_storage}, {"reading fails", test_reading},
        {"memory fails", test_memory});
