/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stock `ssh-keygen -Y verify` with the derived allowed_signers gives the same answer as
 * bf_judge, on key, role, domain and time: some hundreds of cases drawn at random, and
 * every edge of every key's time.
 */
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "harness.h"
#include "tool.h"

#define BEGIN "2026-11-10T00:00:00Z"
#define END "2026-12-10T12:30:59Z"

static struct fx world;
static struct bf_trust trust;
static struct bf_buf signers;
static const char *allowed; /* the file */
static const char message[] = "{\"what\":\"is signed\"}";
static unsigned same, good; /* answers that agree; of them: good ones */

/* Roles and times of all sorts: bob begins, carol ends, alice both; dave audits alone. */
static void world_up(void)
{
    static struct fx_trust_parts parts;
    struct bf_buf container;
    struct bf_diag diag = {0};

    if (world.who[0].id != NULL) {
        return;
    }
    fx_init(&world);
    fx_trust_body(&parts, &world);
    parts.keys[FX_ALICE][0].not_before = BEGIN;
    parts.keys[FX_ALICE][0].not_after = END;
    parts.keys[FX_BOB][0].not_before = BEGIN;
    parts.keys[FX_CAROL][0].not_after = END;
    parts.keys[FX_CAROL][1] = parts.keys[FX_CAROL][0];
    parts.keys[FX_CAROL][1].key = world.who[FX_MALLORY].line;
    parts.keys[FX_CAROL][1].not_before = BEGIN;
    parts.keys[FX_CAROL][1].not_after = "";
    parts.people[FX_CAROL].keys.num = 2;
    parts.roles[FX_ALICE][0] = "approve";
    parts.roles[FX_ALICE][1] = "audit";
    parts.roles[FX_ALICE][2] = "author";
    parts.people[FX_ALICE].roles.num = 3;
    ft_trust_body(&container, &parts.body);
    T_OK(bf_trust_load(&trust, &container, &diag), &diag);
    signers = bf_buf(BF_MAX_MEMBER);
    bf_trust_allowed_signers(&signers, &trust.body);
}

/* "20261110000000Z" of the format's time. */
static void option_of(char out[40], const char *now)
{
    snprintf(out, 40, "verify-time=%.4s%.2s%.2s%.2s%.2s%.2sZ", now, now + 5, now + 8,
             now + 11, now + 14, now + 17);
}

/* Signs as who for role and domain, under the name of id, at now: one answer or the
 * other. */
static void compare(enum fx_who who, const char *id, const char *role, const char *domain,
                    const char *now)
{
    char space[160], name[100], time[40], expected[160];
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);
    struct bf_entry entry;
    struct bf_verdict v;
    struct bf_diag diag = {0};
    bool ours, theirs;

    bf_namespace(space, sizeof(space), role, domain);
    bf_namespace(expected, sizeof(expected), role, FX_DOMAIN);
    T_OK(bf_sign(&world.who[who].signer, &armor, space, bf_text(message), &diag), &diag);
    snprintf(name, sizeof(name), "sig/%s.%s.sshsig", role, id);
    entry = (struct bf_entry){name, bf_buf_bytes(&armor)};
    bf_judge(&v, &entry, bf_text(message), &trust, now);
    ours = v.reason == BF_OK;
    option_of(time, now);
    allowed = tool_file("allowed_signers", bf_buf_bytes(&signers));
    {
        const char *const argv[] = {"ssh-keygen",
                                    "-Y",
                                    "verify",
                                    "-f",
                                    allowed,
                                    "-I",
                                    id,
                                    "-n",
                                    expected,
                                    "-O",
                                    time,
                                    "-s",
                                    tool_file("sig", bf_buf_bytes(&armor)),
                                    NULL};

        theirs = tool_run(argv, bf_text(message), NULL) == 0;
    }
    if (ours != theirs) {
        fprintf(stderr, "key %d as %s for %s at %s: we say %s\n", (int)who, id, role, now,
                bf_err_id(v.reason));
    }
    T_INT(ours, theirs);
    same += ours == theirs ? 1 : 0;
    good += ours && theirs ? 1 : 0;
    bf_buf_clear(&armor);
}

static uint64_t seed = 7;

static unsigned dice(unsigned n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(seed >> 33) % n;
}

static const char *const times[] = {
    "2026-11-09T23:59:59Z", BEGIN, "2026-11-10T00:00:01Z",
    "2026-12-10T12:30:58Z", END,   "2026-12-10T12:31:00Z"};
static const char *const roles[] = {"approve", "author", "root", "receipt", "audit"};
static const char *const ids[] = {"alice", "bob",   "carol", "dave",
                                  "erin",  "frank", "carol", "gw-1"};

static void test_times(void)
{
    static const enum fx_who who[] = {FX_ALICE,   FX_BOB,  FX_CAROL,
                                      FX_MALLORY, FX_ERIN, FX_GW};
    static const char *const as[] = {"author",  "approve", "approve",
                                     "approve", "root",    "receipt"};
    size_t i, j;

    if (!tool_there("ssh-keygen")) {
        return;
    }
    world_up();
    good = 0;
    for (i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
        for (j = 0; j < sizeof(times) / sizeof(times[0]); j++) {
            compare(who[i], ids[who[i]], as[i], FX_DOMAIN, times[j]);
        }
    }
    T_INT(good, 4 + 5 + 5 + 5 + 6 + 6);
}

/* Every holder in every role, in the right name. */
static void test_roles(void)
{
    size_t i, j;

    if (!tool_there("ssh-keygen")) {
        return;
    }
    world_up();
    good = 0;
    for (i = 0; i < FX_NUM; i++) {
        for (j = 0; j < sizeof(roles) / sizeof(roles[0]); j++) {
            compare((enum fx_who)i, ids[i], roles[j], FX_DOMAIN, FX_NOW);
        }
    }
    T_INT(good, 2 + 1 + 1 + 0 + 1 + 1 + 1 + 1); /* alice's two, nothing of dave's */
}

static void test_random(void)
{
    size_t i;

    if (!tool_there("ssh-keygen")) {
        return;
    }
    world_up();
    same = 0;
    for (i = 0; i < 250; i++) {
        unsigned key = dice(FX_NUM);
        enum fx_who who = (enum fx_who)key;

        compare(who, dice(3) != 0 ? ids[who] : ids[dice(FX_NUM)], roles[dice(5)],
                dice(8) != 0 ? FX_DOMAIN : "example.org", times[dice(6)]);
    }
    T_INT(same, 250);
}

/* Another message, another line missing: stock tools refuse as well. */
static void test_file(void)
{
    struct bf_diag diag = {0};
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE), keys = bf_buf(1024 * 1024);
    const char *sig;

    if (!tool_there("ssh-keygen")) {
        return;
    }
    world_up();
    T_OK(bf_sign(&world.who[FX_ERIN].signer, &armor, "snapseal-root-v1@" FX_DOMAIN,
                 bf_text(message), &diag),
         &diag);
    sig = tool_file("erin.sig", bf_buf_bytes(&armor));
    allowed = tool_file("allowed_signers", bf_buf_bytes(&signers));
    {
        const char *const verify[] = {
            "ssh-keygen", "-Y",    "verify",
            "-f",         allowed, "-I",
            "erin",       "-n",    "snapseal-root-v1@" FX_DOMAIN,
            "-s",         sig,     NULL};

        T_INT(tool_run(verify, bf_text(message), NULL), 0);
        T_TRUE(tool_run(verify, bf_text("another"), NULL) != 0);
    }
    /* every line is a line to ssh-keygen: it finds the fingerprint of each key */
    {
        const char *const list[] = {
            "ssh-keygen", "-Y", "find-principals", "-f", allowed, "-s", sig, NULL};

        T_INT(tool_run(list, bf_text(""), &keys), 0);
        T_BYTES(bf_buf_bytes(&keys), bf_text("erin\n"));
    }
    bf_buf_clear(&keys);
    bf_buf_clear(&armor);
    bf_trust_clear(&trust);
    bf_buf_clear(&signers);
    fx_clear(&world);
}

/* Without ssh-keygen the others have nothing to say; this one always has. */
static void test_derived(void)
{
    struct bf_bytes text;
    size_t lines = 0, i;

    world_up();
    text = bf_buf_bytes(&signers);
    for (i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n' ? 1 : 0;
    }
    T_INT(lines, trust.num_keys);
    T_INT(text.ptr[text.len - 1], '\n');
}

T_CASES("signers", {"derived", test_derived}, {"times", test_times},
        {"roles", test_roles}, {"random", test_random}, {"file", test_file});
