/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of an applied bundle, and what a later look is held against. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance.h"
#include "baseline.h"
#include "bf/file.h"
#include "fake_applier.h"
#include "harness.h"
#include "place.h"

__attribute__((constructor)) static void play(void)
{
    fake_applier();
}

static struct vfy_baseline *load(struct place *p, enum bf_err want)
{
    struct vfy_baseline *b = calloc(1, sizeof(*b));
    struct vfy_target_state t;
    struct bf_diag diag = {0};

    T_OK(vfy_target_load(&t, &p->site->state, "prod-eu-1", &diag), &diag);
    T_ERR(vfy_baseline_load(b, &p->site->state, "prod-eu-1", &t.r, &diag), want, &diag);
    if (want == BF_STATE_DAMAGED) {
        T_TRUE(strstr(bf_diag_what(&diag), "apply the same bundle once more") != NULL);
    }
    vfy_target_clear(&t);
    return b;
}

static void drop(struct vfy_baseline *b)
{
    vfy_baseline_clear(b);
    free(b);
}

static void test_kept(void)
{
    char path[300], clause[300];
    struct vfy_story story = {0};
    struct vfy_event fact = {.kind = "fact", .id = "node_digest", .node = "node1"};
    struct bf_diag diag = {0};
    const struct vfy_change_key *key;
    struct vfy_baseline *b;
    struct place p;

    pl_begin(&p);
    b = load(&p, BF_OK);
    T_TRUE(!b->has_change && b->entry == NULL); /* nothing applied */
    drop(b);
    T_TEXT(pl_apply(&p, "fail:register").outcome, "undone");
    snprintf(path, sizeof(path), "%s/targets/prod-eu-1.change", p.dir);
    T_TRUE(access(path, F_OK) != 0); /* undone leaves none */
    T_TEXT(pl_apply(&p, "ok").outcome, "applied");
    b = load(&p, BF_OK);
    T_TRUE(b->has_change && b->entry != NULL);
    T_INT(b->entry->index, 1);
    T_TEXT(b->receipt.outcome, "applied");
    T_TEXT(b->change.repository, fx_repository);
    T_TEXT(b->change.policy, fx_policy);
    T_TRUE(b->change.keys.num > 0);
    key = BF_LIST_ITEM(&b->change.keys, const struct vfy_change_key, 0);
    T_TRUE(vfy_baseline_set_by(&p.site->state, key) == b->entry);
    /* the keystore: as it was left, another one, gone, not told */
    T_TRUE(!vfy_baseline_keystore(clause, sizeof(clause), b, &story, "node1"));
    fact.after = fact.before = fact.result = fact.step = fact.undo = "";
    fact.text = FAKE_DIGEST " 660 999 995";
    T_OK(vfy_story_event(&story, &fact, &diag), &diag);
    T_TRUE(!vfy_baseline_keystore(clause, sizeof(clause), b, &story, "node1"));
    fact.text = "absent";
    T_OK(vfy_story_event(&story, &fact, &diag), &diag);
    T_TRUE(vfy_baseline_keystore(clause, sizeof(clause), b, &story, "node1"));
    T_TRUE(strstr(clause, "the keystore of node1 was changed") == clause);
    vfy_story_clear(&story);
    drop(b);
    pl_end(&p);
}

/* Damaged, or of another bundle: the next prove makes it anew. */
static void test_made_anew(void)
{
    char path[300];
    struct bf_buf whole = bf_buf(300000);
    struct bf_diag diag = {0};
    struct vfy_baseline *b;
    struct place p;

    pl_begin(&p);
    T_TEXT(pl_apply(&p, "ok").outcome, "applied");
    snprintf(path, sizeof(path), "%s/targets/prod-eu-1.change", p.dir);
    T_OK(bf_file_read(&whole, path, 300000, &diag), &diag);
    ap_write(p.dir, "targets/prod-eu-1.change", bf_view(whole.ptr, whole.len - 1));
    drop(load(&p, BF_STATE_DAMAGED));
    T_TEXT(pl_apply(&p, "ok").outcome, "proved");
    b = load(&p, BF_OK);
    T_TRUE(b->has_change);
    drop(b);
    T_INT(unlink(path), 0); /* as a version that kept none left it */
    b = load(&p, BF_OK);
    T_TRUE(!b->has_change && b->entry != NULL);
    drop(b);
    T_TEXT(pl_apply(&p, "ok").outcome, "proved");
    b = load(&p, BF_OK);
    T_TRUE(b->has_change);
    drop(b);
    bf_buf_clear(&whole);
    pl_end(&p);
}

/* The applier finds all as it should be, but a keystore is another file. */
static void test_keystore_drift(void)
{
    struct vfy_result r;
    struct place p;

    pl_begin(&p);
    T_TEXT(pl_apply(&p, "ok").outcome, "applied");
    r = pl_apply(&p, "rewritten");
    T_TEXT(r.outcome, "refused");
    T_INT(r.why.err, BF_LIVE_DRIFT);
    T_TRUE(
        strstr(r.why.where, "the keystore of node1 was changed since it was written") ==
        r.why.where);
    T_TEXT(pl_apply(&p, "ok").outcome, "proved");
    pl_end(&p);
}

T_CASES("baseline", {"kept", test_kept}, {"made anew", test_made_anew},
        {"a keystore that was changed", test_keystore_drift});
