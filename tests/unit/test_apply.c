/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applying against an applier that is played here: what the appliance keeps and says must
 * fit what really stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "cli.h"
#include "fake_applier.h"
#include "harness.h"
#include "place.h"
#include "pty.h"

/* The runner starts this very program under the applier's name. */
__attribute__((constructor)) static void maybe_applier(void)
{
    fake_applier();
}

static void test_applied(void)
{
    struct place p;
    struct vfy_result r;
    struct bf_receipt_file *f;

    pl_begin(&p);
    r = pl_apply(&p, "ok");
    T_TEXT(r.outcome, "applied");
    T_INT(r.exit_code, BF_EXIT_DONE);
    T_INT(r.why.err, BF_OK);
    T_TRUE(r.has_receipt);
    T_INT(r.receipt, 0);
    T_INT(pl_standing(&p), 3);
    f = pl_receipt(&p, 0);
    T_TEXT(f->r.outcome, "applied");
    T_TEXT(f->r.refusal, "");
    T_TEXT(f->r.target.cluster_uuid, FX_UUID);
    T_TEXT(f->r.target.version, "3.8.0");
    T_INT(f->r.steps.num, 6);
    T_TEXT(BF_LIST_ITEM(&f->r.steps, struct bf_receipt_step, 2)->id, "keystore.node1");
    T_TEXT(BF_LIST_ITEM(&f->r.steps, struct bf_receipt_step, 2)->result, "ok");
    T_INT(f->r.people.num, 3);
    T_INT(f->r.proof.expected.num, 1);
    T_INT(f->r.proof.seen.num, 1);
    T_TEXT(bf_list_text(&f->r.proof.seen, 0), "node1");
    T_TEXT(BF_LIST_ITEM(&f->r.proof.keystores, struct bf_receipt_node, 0)->reload, "ok");
    T_INT(BF_LIST_ITEM(&f->r.proof.keystores, struct bf_receipt_node, 0)->names.num, 2);
    T_TEXT(BF_LIST_ITEM(&f->r.proof.probes, struct bf_receipt_check, 0)->id, "put");
    T_TEXT(BF_LIST_ITEM(&f->r.proof.keystores, struct bf_receipt_node, 0)->digest,
           FAKE_DIGEST);
    T_INT(f->r.members.num, 1);
    T_TEXT(BF_LIST_ITEM(&f->r.checks, struct bf_receipt_check, BF_CHECK_LIVE)->result,
           "ok");
    pl_drop(f);
    pl_closed(&p, "applied");

    /* again: proved, nothing changed, another receipt */
    r = pl_apply(&p, "ok");
    T_TEXT(r.outcome, "proved");
    T_INT(r.receipt, 1);
    T_INT(pl_standing(&p), 3);
    f = pl_receipt(&p, 1);
    T_TEXT(f->r.outcome, "proved");
    T_INT(f->r.log.index, 1);
    pl_drop(f);
    pl_closed(&p, "applied");

    /* drift: refused, with one receipt however often it is asked */
    r = pl_apply(&p, "drift");
    T_TEXT(r.outcome, "refused");
    T_INT(r.why.err, BF_LIVE_DRIFT);
    T_INT(r.exit_code, BF_EXIT_REFUSED);
    T_INT(r.receipt, 2);
    r = pl_apply(&p, "drift");
    T_INT(r.receipt, 2);
    pl_restart(&p);
    T_INT(p.site->state.ledger.num, 3);
    pl_closed(&p, "applied");
    pl_end(&p);
}

/* A step fails and the applier undoes: exit 4, nothing stands, and the same bundle may be
 * applied anew. */
static void test_undone(void)
{
    static const char *const scenarios[] = {"fail:policy", "fail:keystore:node1",
                                            "fail:register", "fail:verify"};
    struct place p;
    struct vfy_result r;
    struct bf_receipt_file *f;
    size_t i;

    for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        pl_begin(&p);
        r = pl_apply(&p, scenarios[i]);
        T_TEXT(r.outcome, "undone");
        T_INT(r.exit_code, BF_EXIT_UNDONE);
        T_INT(r.why.err, BF_APPLY_WRITE);
        T_TEXT(r.why.where, "it said no");
        T_INT(pl_standing(&p), 0);
        f = pl_receipt(&p, 0);
        T_TEXT(f->r.outcome, "undone");
        T_TEXT(f->r.refusal, "APPLY_WRITE");
        pl_drop(f);
        pl_closed(&p, "undone");
        r = pl_apply(&p, "ok");
        T_TEXT(r.outcome, "applied");
        T_INT(pl_standing(&p), 3);
        pl_closed(&p, "applied");
        pl_end(&p);
    }
}

/* The live target is not as approved, or cannot be reached: nothing was begun. */
static void test_nothing_begun(void)
{
    struct place p;
    struct vfy_result r;

    pl_begin(&p);
    r = pl_apply(&p, "refuse");
    T_TEXT(r.outcome, "refused");
    T_INT(r.exit_code, BF_EXIT_REFUSED);
    T_INT(r.why.err, BF_LIVE_NODES);
    T_TRUE(r.has_receipt);
    pl_closed(&p, "undone");
    r = pl_apply(&p, "net");
    T_TEXT(r.outcome, "undone");
    T_INT(r.exit_code, BF_EXIT_UNDECIDED);
    T_INT(r.why.err, BF_NET_CONNECT);
    pl_closed(&p, "undone");
    r = pl_apply(&p, "ok");
    T_TEXT(r.outcome, "applied");
    pl_closed(&p, "applied");
    pl_end(&p);
}

/* Configuration that the trust file does not pin. */
static void test_endpoints(void)
{
    static const char other[] = "https://elsewhere.example.corp:9200";
    const struct vfy_conf_target *conf;
    struct vfy_conf_target changed;
    struct bf_diag diag = {0};
    struct place p;
    char ca[300];

    pl_begin(&p);
    pl_scenario(&p, "ok");
    T_OK(pl_check(&p), &p.why);
    T_OK(vfy_conf_target(&conf, &p.site->conf, "prod-eu-1", &diag), &diag);
    changed = *conf;
    changed.url = other;
    T_ERR(vfy_work_make(&p.work, p.look, &changed, "plan", "", NULL, 0, &diag),
          BF_TARGET_ENDPOINT, &diag);
    vfy_work_clear(&p.work);
    changed = *conf;
    changed.iam_url = other;
    T_ERR(vfy_work_make(&p.work, p.look, &changed, "plan", "", NULL, 0, &diag),
          BF_TARGET_ENDPOINT, &diag);
    vfy_work_clear(&p.work);
    changed = *conf;
    changed.s3_url = other;
    T_ERR(vfy_work_make(&p.work, p.look, &changed, "plan", "", NULL, 0, &diag),
          BF_TARGET_ENDPOINT, &diag);
    vfy_work_clear(&p.work);
    snprintf(ca, sizeof(ca), "%s/ca.pem", p.dir);
    ap_write(p.dir, "ca.pem", bf_text("a CA"));
    changed = *conf;
    changed.ca = ca; /* the trust file wants the system's */
    T_ERR(vfy_work_make(&p.work, p.look, &changed, "plan", "", NULL, 0, &diag),
          BF_TARGET_ENDPOINT, &diag);
    vfy_work_clear(&p.work);
    changed = *conf;
    changed.iam_url = "";
    T_ERR(vfy_work_make(&p.work, p.look, &changed, "plan", "", NULL, 0, &diag), BF_CONFIG,
          &diag);
    pl_end(&p);
}

/* A CA that is pinned must be that file, byte for byte. */
static void test_pinned_ca(void)
{
    struct bf_endpoint endpoint = {
        .purpose = "cluster", .resource = "", .url = "https://es"};
    struct bf_target target = {.id = "t", .endpoints = {1, &endpoint}};
    struct bf_diag diag = {0};
    struct place p;
    char ca[300], hash[65];

    pl_begin(&p);
    snprintf(ca, sizeof(ca), "%s/ca.pem", p.dir);
    ap_write(p.dir, "ca.pem", bf_text("a CA\n"));
    T_OK(bf_sha256_hex(hash, bf_text("a CA\n")), &diag);
    endpoint.ca_sha256 = hash;
    T_OK(vfy_endpoint_check(&target, "cluster", "https://es", ca, &diag), &diag);
    T_ERR(vfy_endpoint_check(&target, "cluster", "https://es", "", &diag),
          BF_TARGET_ENDPOINT, &diag);
    T_TRUE(strncmp(diag.where, "[t] ca: ", 8) == 0);
    T_TRUE(strncmp(bf_diag_what(&diag), "mend ca there in verify.conf", 28) == 0);
    T_ERR(vfy_endpoint_check(&target, "iam", "https://es", ca, &diag), BF_TARGET_ENDPOINT,
          &diag);
    T_TRUE(strncmp(diag.where, "[t] iam.url: ", 13) == 0);
    T_TRUE(strncmp(bf_diag_what(&diag), "mend iam.url there in verify.conf", 33) == 0);
    T_ERR(vfy_endpoint_check(&target, "cluster", "https://es2", ca, &diag),
          BF_TARGET_ENDPOINT, &diag);
    ap_write(p.dir, "ca.pem", bf_text("a CA \n"));
    T_ERR(vfy_endpoint_check(&target, "cluster", "https://es", ca, &diag),
          BF_TARGET_ENDPOINT, &diag);
    endpoint.purpose = "s3";
    T_ERR(vfy_endpoint_check(&target, "s3", "https://es", ca, &diag), BF_TARGET_ENDPOINT,
          &diag);
    T_TRUE(strncmp(bf_diag_what(&diag), "mend s3.ca there in verify.conf", 31) == 0);
    pl_end(&p);
}

/* The whole verb at a terminal of its own; ctx is the argument vector. The applier is
 * looked for beside the program. */
static int run_apply(void *ctx)
{
    char **argv = ctx;
    int argc = 0;

    while (argv[argc] != NULL) {
        argc++;
    }
    return bf_cli_main(&vfy_program, argc, argv);
}

/* before, and where dir is not NULL that and after; lives until the next eight calls. */
static char *arg(const char *before, const char *dir, const char *after)
{
    static char texts[8][400];
    static size_t at;
    char *text = texts[at++ % 8];

    snprintf(text, sizeof(texts[0]), "%s%s%s", before, dir != NULL ? dir : "", after);
    return text;
}

/* "yes" and nothing else applies; anything else is APPLY_DECLINED, and without a terminal
 * nothing is asked or done. */
static void test_asked(void)
{
    char beside[VFY_PATH];
    struct bf_buf screen = bf_buf(100000);
    struct place p;
    char *slash;

    pl_begin(&p);
    pl_scenario(&p, "ok");
    snprintf(beside, sizeof(beside), "%s", p.site->applier);
    slash = strrchr(beside, '/');
    snprintf(slash + 1, sizeof(beside) - (size_t)(slash + 1 - beside),
             "snapseal-applier");
    (void)unlink(beside);
    T_INT(symlink(p.site->applier, beside), 0);
    ap_write(p.dir, "change.snapseal", bf_buf_bytes(&p.bundle));
    vfy_site_free(p.site); /* and with it the lock */
    p.site = NULL;
    {
        char *argv[] = {
            arg("snapseal-verify", NULL, ""),   arg("apply", NULL, ""),
            arg("--state=", p.dir, ""),         arg("--config=", p.dir, "/verify.conf"),
            arg("--out=", p.dir, ""),           arg("--quiet", NULL, ""),
            arg("", p.dir, "/change.snapseal"), NULL};

        T_INT(pty_run(run_apply, argv, NULL, &screen), BF_EXIT_USAGE); /* NO_TERMINAL */
        T_INT(pty_run(run_apply, argv, "no\n", &screen),
              BF_EXIT_REFUSED); /* APPLY_DECLINED */
        T_TRUE(strstr(bf_buf_text(&screen), "Apply this?") != NULL);
        T_INT(pl_standing(&p), 0);
        T_TRUE(!pl_there(&p, "journal"));
        T_INT(pty_run(run_apply, argv, "yes\n", &screen), BF_EXIT_DONE);
        T_INT(pl_standing(&p), 3);
    }
    (void)unlink(beside);
    bf_buf_clear(&screen);
    pl_restart(&p);
    pl_end(&p);
}

T_CASES("apply", {"applied, and the same again", test_applied}, {"undone", test_undone},
        {"nothing begun", test_nothing_begun}, {"endpoints", test_endpoints},
        {"pinned CA", test_pinned_ca}, {"asked at the terminal", test_asked});
