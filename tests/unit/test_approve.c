/* SPDX-License-Identifier: Apache-2.0 */
/* Who may approve, and what comes of signatures and copies that are brought in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "approve.h"
#include "fixture.h"
#include "harness.h"

static struct fx *world;
static struct gen_session *s;
static int made;

/* A session whose bundle is the container (moved); its state is a new directory. */
static void begin(struct bf_buf *container)
{
    struct bf_diag diag = {0};
    char dir[200];

    s = calloc(1, sizeof(*s));
    snprintf(dir, sizeof(dir), "%s/approve-%d", t_tmpdir(), ++made);
    T_OK(gen_state_open(&s->state, dir, GEN_STATE_WRITE, &diag), &diag);
    s->trust = world->trust; /* lent */
    s->has_trust = true;
    bf_copy(s->now, FX_NOW, sizeof(s->now));
    T_OK(bf_bundle_open(&s->bundle, container, &s->trust, s->now, &diag), &diag);
}

static void end(void)
{
    bf_bundle_clear(&s->bundle);
    gen_state_close(&s->state);
    free(s);
    s = NULL;
}

static void begin_fresh(void)
{
    struct bf_buf c;

    if (world == NULL) {
        world = calloc(1, sizeof(*world));
        fx_init(world);
    }
    fx_bundle(&c, world);
    begin(&c);
}

/* An armored signature of who over the open bundle, under role. */
static void sign(struct bf_buf *armor, enum fx_who who, const char *role)
{
    struct bf_diag diag = {0};
    char space[160];

    *armor = bf_buf(BF_MAX_SIGNATURE);
    bf_namespace(space, sizeof(space), role, FX_DOMAIN);
    T_OK(bf_sign(&world->who[who].signer, armor, space,
                 s->bundle.container.entries[0].data, &diag),
         &diag);
}

static void who_may(void)
{
    struct bf_diag diag = {0};

    begin_fresh();
    T_OK(gen_may_approve(s, "bob", &diag), &diag);
    T_OK(gen_may_approve(s, "carol", &diag), &diag);
    T_ERR(gen_may_approve(s, "alice", &diag), BF_APPROVE_AUTHOR, &diag);
    T_ERR(gen_may_approve(s, "dave", &diag), BF_APPROVE_ROLE, &diag);
    T_ERR(gen_may_approve(s, "erin", &diag), BF_APPROVE_ROLE, &diag);
    T_ERR(gen_may_approve(s, "nobody", &diag), BF_APPROVE_ROLE, &diag);
    end();
}

/* The bundle's expect_log against the head that this workstation holds. */
static void old_log(void)
{
    struct bf_diag diag = {0};
    struct bf_log log = {0};
    uint8_t leaf[BF_SHA256], root[BF_SHA256];
    char hex[65];

    begin_fresh();
    bf_log_leaf(leaf, bf_text("a"));
    bf_log_append(&log, leaf);
    T_OK(gen_state_head_put(&s->state, "gw-1", &log, &diag), &diag);
    T_ERR(gen_may_approve(s, "bob", &diag), BF_APPROVE_OLD_LOG, &diag);
    /* the same size: then the same root, or two logs are told */
    s->bundle.m.expect_log.size = 1;
    s->bundle.m.expect_log.root = FX_UUID;
    T_ERR(gen_may_approve(s, "bob", &diag), BF_LOG_DIFFERS, &diag);
    bf_log_root(root, &log);
    bf_hex(hex, root, BF_SHA256);
    s->bundle.m.expect_log.root = hex;
    T_OK(gen_may_approve(s, "bob", &diag), &diag);
    /* the author has seen more than we: no reason to refuse */
    s->bundle.m.expect_log.size = 2;
    T_OK(gen_may_approve(s, "bob", &diag), &diag);
    end();
}

static bool good_in(const struct bf_buf *container, const char *person)
{
    struct bf_bundle b = {0};
    struct bf_buf copy;
    struct bf_diag diag = {0};
    bool good = false;
    size_t i;

    fx_copy(&copy, bf_buf_bytes(container));
    T_OK(bf_bundle_open(&b, &copy, &world->trust, FX_NOW, &diag), &diag);
    for (i = 0; i < b.num_sigs; i++) {
        good = good ||
               (b.sigs[i].reason == BF_OK && strcmp(b.sigs[i].role, "approve") == 0 &&
                strcmp(b.sigs[i].person, person) == 0);
    }
    bf_bundle_clear(&b);
    return good;
}

static void adds(void)
{
    struct bf_buf armor, out;
    struct bf_diag diag = {0};
    bool added;

    begin_fresh();
    sign(&armor, FX_BOB, "approve");
    T_OK(gen_add_approval(&out, &added, s, "bob", bf_buf_bytes(&armor), &diag), &diag);
    T_TRUE(added && good_in(&out, "bob"));
    bf_buf_clear(&out);
    /* whose key it is, is found without being told */
    T_OK(gen_add_approval(&out, &added, s, NULL, bf_buf_bytes(&armor), &diag), &diag);
    T_TRUE(added && good_in(&out, "bob"));
    bf_buf_clear(&out);
    T_ERR(gen_add_approval(&out, &added, s, "carol", bf_buf_bytes(&armor), &diag),
          BF_SIG_PERSON, &diag);
    T_TRUE(!added && out.len == 0);
    bf_buf_clear(&armor);
    sign(&armor, FX_BOB, "author");
    T_ERR(gen_add_approval(&out, &added, s, "bob", bf_buf_bytes(&armor), &diag),
          BF_SIG_NAMESPACE, &diag);
    bf_buf_clear(&armor);
    sign(&armor, FX_ALICE, "approve");
    T_ERR(gen_add_approval(&out, &added, s, NULL, bf_buf_bytes(&armor), &diag),
          BF_SIG_ROLE, &diag);
    bf_buf_clear(&armor);
    sign(&armor, FX_MALLORY, "approve");
    T_ERR(gen_add_approval(&out, &added, s, NULL, bf_buf_bytes(&armor), &diag),
          BF_SIG_UNKNOWN_KEY, &diag);
    bf_buf_clear(&armor);
    T_ERR(gen_add_approval(&out, &added, s, "bob", bf_text("hello"), &diag), BF_SIG_ARMOR,
          &diag);
    end();
}

/* A member that counts for nothing is replaced; of two good ones the present stays. */
static void replaces_bad_only(void)
{
    struct bf_buf armor, out, c;
    struct bf_diag diag = {0};
    bool added;

    begin_fresh();
    sign(&armor, FX_BOB, "approve");
    fx_copy(&c, bf_buf_bytes(&s->bundle.raw));
    end();
    fx_put(&c, "sig/approve.bob.sshsig", bf_text("junk"));
    begin(&c);
    T_TRUE(!gen_has_approved(s, "bob"));
    T_OK(gen_add_approval(&out, &added, s, "bob", bf_buf_bytes(&armor), &diag), &diag);
    T_TRUE(added && good_in(&out, "bob"));
    end();
    begin(&out);
    T_TRUE(gen_has_approved(s, "bob") && !gen_has_approved(s, "carol"));
    T_OK(gen_add_approval(&c, &added, s, "bob", bf_buf_bytes(&armor), &diag), &diag);
    T_TRUE(!added);
    T_BYTES(bf_buf_bytes(&c), s->bundle.container.raw);
    bf_buf_clear(&c);
    bf_buf_clear(&armor);
    end();
}

static void merges(void)
{
    struct bf_buf with_bob, with_both, other, out;
    struct bf_diag diag = {0};
    size_t added;

    begin_fresh();
    fx_copy(&with_bob, bf_buf_bytes(&s->bundle.raw));
    fx_sign(&with_bob, world, FX_BOB, FX_BOB, "approve");
    fx_copy(&with_both, bf_buf_bytes(&with_bob));
    fx_sign(&with_both, world, FX_CAROL, FX_CAROL, "approve");
    /* what counts for nothing does not come in: another's key under dave's name, junk */
    fx_sign(&with_both, world, FX_MALLORY, FX_DAVE, "approve");
    fx_put(&with_both, "sig/approve.frank.sshsig", bf_text("junk"));
    end();
    begin(&with_bob);
    T_OK(gen_merge_copy(&out, &added, s, &with_both, &diag), &diag);
    T_INT(added, 1);
    T_TRUE(good_in(&out, "bob") && good_in(&out, "carol"));
    end();
    begin(&out);
    T_INT(s->bundle.num_sigs, 3);
    T_OK(gen_merge_copy(&out, &added, s, &with_both, &diag), &diag);
    T_INT(added, 0);
    T_BYTES(bf_buf_bytes(&out), s->bundle.container.raw);
    bf_buf_clear(&out);
    fx_bundle_approved(&other, world); /* made anew: another bundle_id */
    T_ERR(gen_merge_copy(&out, &added, s, &other, &diag), BF_IMPORT_OTHER, &diag);
    other.ptr[3] ^= 1;
    T_ERR(gen_merge_copy(&out, &added, s, &other, &diag), BF_GATE_HEADER, &diag);
    bf_buf_clear(&other);
    bf_buf_clear(&with_both);
    end();
}

/* The state remembers who approved a bundle that it knows, and nothing of others. */
static void notes(void)
{
    struct bf_buf c;
    struct bf_diag diag = {0};
    struct gen_records all;
    struct gen_record r;
    struct bf_list none = {0, NULL};

    begin_fresh();
    end();
    fx_bundle_approved(&c, world);
    begin(&c);
    T_OK(gen_note_approvals(s, &s->bundle, &diag), &diag);
    T_OK(gen_state_records(&all, &s->state, &diag), &diag);
    T_INT(all.num, 0);
    gen_records_clear(&all);
    memset(&r, 0, sizeof(r));
    r.bundle_id = s->bundle.m.bundle_id;
    r.log_index = -1;
    r.serial = 1;
    r.sha256 = s->bundle.sha256;
    r.target = "prod-eu-1";
    r.approvals = none;
    T_OK(gen_state_record_put(&s->state, &r, &diag), &diag);
    T_OK(gen_note_approvals(s, &s->bundle, &diag), &diag);
    T_OK(gen_state_records(&all, &s->state, &diag), &diag);
    T_INT(all.num, 1);
    T_INT(all.items[0].r.approvals.num, 2);
    T_TEXT(bf_list_text(&all.items[0].r.approvals, 0), "bob");
    gen_records_clear(&all);
    end();
    fx_clear(world);
    free(world);
}

T_CASES("approve", {"who may", who_may}, {"old log", old_log}, {"adds", adds},
        {"replaces bad only", replaces_bad_only}, {"merges", merges}, {"notes", notes});
