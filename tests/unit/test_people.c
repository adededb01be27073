/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting people. The truth table of the specification, and some thousands of random
 * worlds against a model that is written the other way round: sets as bit masks, and a
 * search for seats instead of a count.
 */
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "harness.h"

/* ---- a world without files: people p0 to p7, groups g0 to g3 ---- */

enum { PEOPLE = 8, GROUPS = 4, SIGS = 14 };

static const char *const people_ids[PEOPLE] = {"p0", "p1", "p2", "p3",
                                               "p4", "p5", "p6", "p7"};
static const char *const group_ids[GROUPS] = {"g0", "g1", "g2", "g3"};

struct world {
    struct bf_trust trust;
    struct bf_person people[PEOPLE];
    struct bf_group groups[GROUPS];
    const char *members[GROUPS][PEOPLE];
    struct bf_requirement needs[GROUPS];
    struct bf_list rule;
    struct bf_verdict sigs[SIGS];
    size_t num_sigs;
    const struct bf_verdict *author;
};

static void world_init(struct world *w)
{
    size_t i;

    memset(w, 0, sizeof(*w));
    for (i = 0; i < PEOPLE; i++) {
        w->people[i].id = people_ids[i];
    }
    for (i = 0; i < GROUPS; i++) {
        w->groups[i].id = group_ids[i];
        w->groups[i].people.items = w->members[i];
    }
    w->trust.body.people = (struct bf_list){PEOPLE, w->people};
    w->trust.body.groups = (struct bf_list){GROUPS, w->groups};
    w->rule.items = w->needs;
}

static void join(struct world *w, size_t group, size_t person)
{
    w->members[group][w->groups[group].people.num++] = people_ids[person];
}

static void need(struct world *w, const char *group, int64_t num)
{
    w->needs[w->rule.num++] = (struct bf_requirement){.from = group, .need = num};
}

/* A verdict; key is a number that stands for the key and its fingerprint. */
static struct bf_verdict *sign(struct world *w, const char *role, const char *person,
                               enum bf_err reason, unsigned key)
{
    struct bf_verdict *v = &w->sigs[w->num_sigs++];
    uint8_t point[BF_KEY] = {(uint8_t)key};

    snprintf(v->role, sizeof(v->role), "%s", role);
    snprintf(v->person, sizeof(v->person), "%s", person);
    snprintf(v->fingerprint, sizeof(v->fingerprint), "SHA256:%u", key);
    v->reason = reason;
    bf_sshkey_from_point(&v->key, point);
    return v;
}

static bool met(struct world *w, struct bf_count *out)
{
    bf_people_count(out, &w->trust, &w->rule, w->author, w->sigs, w->num_sigs);
    return out->met;
}

/* ---- the truth table of SPEC section 8.12 ---- */

/* p0 writes; ops is g0 {p1, p2}, security is g1 {p3}; 1 of each. */
static void table(struct world *w)
{
    world_init(w);
    join(w, 0, 1);
    join(w, 0, 2);
    join(w, 1, 3);
    need(w, "g0", 1);
    need(w, "g1", 1);
    w->author = sign(w, "author", "p0", BF_OK, 0);
}

static void row(struct world *w, bool want, int64_t ops, int64_t security)
{
    struct bf_count c;

    T_INT(met(w, &c), want);
    T_INT(c.num, 2);
    T_INT(c.of[0].have, ops);
    T_INT(c.of[1].have, security);
    T_TEXT(c.of[0].group, "g0");
    T_INT(c.of[1].need, 1);
}

static void test_table(void)
{
    static struct world w;

    table(&w);
    row(&w, false, 0, 0); /* nobody */
    sign(&w, "approve", "p1", BF_OK, 1);
    row(&w, false, 1, 0); /* ops alone */
    sign(&w, "approve", "p2", BF_OK, 2);
    row(&w, false, 2, 0); /* two of ops are not one of security */
    sign(&w, "approve", "p3", BF_SIG_BAD, 3);
    row(&w, false, 2, 0); /* a bad signature counts for nothing */
    sign(&w, "approve", "p3", BF_OK, 3);
    row(&w, true, 2, 1); /* and undoes nothing */
    sign(&w, "approve", "p7", BF_OK, 7);
    row(&w, true, 2, 1); /* nobody's group: surplus */
}

static void test_table_author(void)
{
    static struct world w;

    table(&w);
    join(&w, 0, 0); /* the author in ops */
    sign(&w, "approve", "p0", BF_OK, 8);
    sign(&w, "approve", "p3", BF_OK, 3);
    row(&w, false, 0, 1); /* by person, whatever the key */
    sign(&w, "approve", "p1", BF_OK, 0);
    row(&w, false, 0, 1); /* by key, whatever the person */
    sign(&w, "approve", "p1", BF_OK, 1);
    row(&w, true, 1, 1); /* p1 with a key of their own */
}

/* A key known by its fingerprint alone, as from a receipt. */
static void test_author_by_fingerprint(void)
{
    static struct world w;
    struct bf_verdict old;

    table(&w);
    memset(&old, 0, sizeof(old));
    snprintf(old.person, sizeof(old.person), "somebody");
    snprintf(old.fingerprint, sizeof(old.fingerprint), "SHA256:1");
    w.author = &old;
    sign(&w, "approve", "p1", BF_OK, 1);
    sign(&w, "approve", "p3", BF_OK, 3);
    row(&w, false, 0, 1);
    old.fingerprint[0] = '\0';
    row(&w, true, 1, 1);
}

static void test_table_twice(void)
{
    static struct world w;

    table(&w);
    w.needs[0].need = 2;
    sign(&w, "approve", "p3", BF_OK, 3);
    sign(&w, "approve", "p1", BF_OK, 1);
    sign(&w, "approve", "p1", BF_OK, 4); /* a second key of the same person */
    sign(&w, "approve", "p1", BF_OK, 1); /* the same signature again */
    row(&w, false, 1, 1);
    sign(&w, "approve", "p2", BF_OK, 2);
    row(&w, true, 2, 1);
}

static void test_table_roles(void)
{
    static struct world w;
    static const char *const roles[] = {"author", "root", "receipt",
                                        "audit",  "",     "Approve"};
    size_t i;

    for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        table(&w);
        sign(&w, "approve", "p1", BF_OK, 1);
        sign(&w, roles[i], "p3", BF_OK, 3);
        row(&w, false, 1, 0);
    }
}

/* What loading refuses already, and a count must not be fooled by either. */
static void test_never_met(void)
{
    static struct world w;
    struct bf_count c;

    table(&w);
    sign(&w, "approve", "p1", BF_OK, 1);
    sign(&w, "approve", "p3", BF_OK, 3);
    T_TRUE(met(&w, &c));
    w.author = NULL;
    T_TRUE(!met(&w, &c));
    w.author = &w.sigs[0];
    w.needs[0].need = 0;
    T_TRUE(!met(&w, &c));
    w.needs[0].need = -1;
    T_TRUE(!met(&w, &c));
    w.needs[0].need = INT64_MAX;
    T_TRUE(!met(&w, &c));
    w.needs[0].need = 1;
    w.needs[0].from = "nowhere";
    T_TRUE(!met(&w, &c));
    w.needs[0].from = "g0";
    w.rule.num = 0;
    T_TRUE(!met(&w, &c));
    w.rule.num = BF_MAX_REQUIREMENTS + 1; /* nothing behind it is read */
    T_TRUE(!met(&w, &c));
    T_INT(c.num, 0);
}

/* As many requirements as a rule may have: all are asked, and nothing is written behind
 * them. */
static void test_eight(void)
{
    static struct world w;
    struct bf_count c;
    size_t i;

    table(&w);
    sign(&w, "approve", "p1", BF_OK, 1);
    sign(&w, "approve", "p3", BF_OK, 3);
    sign(&w, "approve", "p7", BF_OK, 7);
    T_TRUE(met(&w, &c));
    for (i = c.num; i < BF_MAX_REQUIREMENTS; i++) {
        T_TRUE(c.of[i].group == NULL && c.of[i].have == 0 && c.of[i].people[0] == NULL);
    }
    {
        struct bf_group groups[BF_MAX_REQUIREMENTS];
        struct bf_requirement needs[BF_MAX_REQUIREMENTS];
        const char *one[BF_MAX_REQUIREMENTS];
        char ids[BF_MAX_REQUIREMENTS][8];
        struct bf_list rule = {BF_MAX_REQUIREMENTS, needs};

        for (i = 0; i < BF_MAX_REQUIREMENTS; i++) {
            snprintf(ids[i], sizeof(ids[i]), "h%zu", i);
            one[i] = people_ids[i];
            groups[i] = (struct bf_group){.id = ids[i], .people = {1, &one[i]}};
            needs[i] = (struct bf_requirement){.from = ids[i], .need = 1};
        }
        w.trust.body.groups = (struct bf_list){BF_MAX_REQUIREMENTS, groups};
        w.num_sigs = 0;
        for (i = 0; i < PEOPLE; i++) {
            sign(&w, "approve", people_ids[i], BF_OK, 10 + (unsigned)i);
        }
        w.author = sign(&w, "author", "stranger", BF_OK, 1);
        bf_people_count(&c, &w.trust, &rule, w.author, w.sigs, w.num_sigs);
        T_TRUE(c.met);
        sign(&w, "approve", "stranger", BF_OK, 2); /* in no seat */
        bf_people_count(&c, &w.trust, &rule, w.author, w.sigs, w.num_sigs);
        T_TRUE(c.met);
        bf_people_count(&c, &w.trust, &rule, w.author, w.sigs + 1, w.num_sigs - 1);
        T_TRUE(!c.met); /* the first of eight is missing */
        bf_people_count(&c, &w.trust, &rule, w.author, w.sigs, PEOPLE - 1);
        T_TRUE(!c.met); /* the last of eight is missing */
    }
}

/* More people than the list of those who counted has room for. */
static void test_crowd(void)
{
    static struct bf_person people[BF_MAX_PEOPLE];
    static char ids[BF_MAX_PEOPLE][8];
    static const char *members[BF_MAX_PEOPLE];
    static struct bf_verdict sigs[BF_MAX_PEOPLE], author;
    struct bf_group group = {.id = "g0", .people = {BF_MAX_PEOPLE, members}};
    struct bf_requirement all = {.from = "g0", .need = BF_MAX_PEOPLE};
    struct bf_list rule = {1, &all};
    struct bf_trust trust;
    struct bf_count c;
    size_t i;

    memset(&trust, 0, sizeof(trust));
    for (i = 0; i < BF_MAX_PEOPLE; i++) {
        snprintf(ids[i], sizeof(ids[i]), "q%02zu", i);
        people[i].id = members[i] = ids[i];
        snprintf(sigs[i].person, sizeof(sigs[i].person), "%s", ids[i]);
        snprintf(sigs[i].role, sizeof(sigs[i].role), "approve");
        sigs[i].fingerprint[0] = (char)('0' + (char)i);
    }
    trust.body.people = (struct bf_list){BF_MAX_PEOPLE, people};
    trust.body.groups = (struct bf_list){1, &group};
    bf_people_count(&c, &trust, &rule, &author, sigs, BF_MAX_PEOPLE);
    T_TRUE(c.met);
    T_INT(c.of[0].have, BF_MAX_PEOPLE);
    T_TEXT(c.of[0].people[BF_MAX_SEAL_TO - 1], "q30");
}

/* ---- random worlds ---- */

static uint64_t seed = 20261123;

static unsigned dice(unsigned n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(seed >> 33) % n;
}

/* disjoint: no person in two groups, as loading asks for. */
static void random_world(struct world *w, bool disjoint)
{
    static const char *const roles[] = {"approve", "approve", "approve",
                                        "author",  "root",    "receipt"};
    static const enum bf_err reasons[] = {BF_OK,      BF_OK,       BF_OK,
                                          BF_SIG_BAD, BF_SIG_ROLE, BF_SIG_KEY_TIME};
    size_t i, groups = 1 + dice(3);

    world_init(w);
    for (i = 0; i < PEOPLE; i++) {
        size_t g = dice(4), j; /* 3: in none of the three asked for */

        for (j = 0; j < GROUPS; j++) {
            if (disjoint ? j == g : dice(3) == 0) {
                join(w, j, i);
            }
        }
    }
    for (i = 0; i < groups; i++) {
        need(w, dice(40) == 0 ? "nowhere" : group_ids[i],
             dice(30) == 0  ? 0
             : dice(4) != 0 ? 1
                            : 2);
    }
    w->author = sign(w, "author", people_ids[dice(PEOPLE)], BF_OK, dice(10));
    for (i = 4 + dice(SIGS - 5); i > 0; i--) {
        size_t who = dice(PEOPLE + 1);

        sign(w, roles[dice(6)], who < PEOPLE ? people_ids[who] : "stranger",
             reasons[dice(6)], dice(4) != 0 ? (unsigned)who : dice(10));
    }
}

/* Bit i is person i. Who may take a seat at all: computed from the signatures' side. */
static unsigned eligible(const struct world *w)
{
    unsigned mask = 0;
    size_t i;

    for (i = 0; i < w->num_sigs; i++) {
        const struct bf_verdict *v = &w->sigs[i];

        if (v->reason != BF_OK || v->role[1] != 'p' || v->person[0] != 'p') {
            continue; /* only "approve" has a p there, only people a p at the head */
        }
        if (!bf_sshkey_equal(&v->key, &w->author->key)) {
            mask |= 1U << (v->person[1] - '0');
        }
    }
    return mask & ~(1U << (w->author->person[1] - '0'));
}

static unsigned group_mask(const struct world *w, const char *group)
{
    unsigned mask = 0;
    size_t i;

    if (group[0] == 'g') {
        const struct bf_group *g = &w->groups[group[1] - '0'];

        for (i = 0; i < g->people.num; i++) {
            mask |= 1U << (w->members[group[1] - '0'][i][1] - '0');
        }
    }
    return mask;
}

/* Can the seats from requirement at on be filled, each by another person? By search. */
static bool seats(const struct world *w, size_t at, int64_t left, unsigned people)
{
    size_t i;

    if (left == 0) {
        return at + 1 == w->rule.num || seats(w, at + 1, w->needs[at + 1].need, people);
    }
    for (i = 0; i < PEOPLE; i++) {
        unsigned one = 1U << i;

        if ((people & one & group_mask(w, w->needs[at].from)) != 0 &&
            seats(w, at, left - 1, people & ~one)) {
            return true;
        }
    }
    return false;
}

static bool model(const struct world *w)
{
    size_t i;

    for (i = 0; i < w->rule.num; i++) {
        if (w->needs[i].need < 1) {
            return false;
        }
    }
    return seats(w, 0, w->needs[0].need, eligible(w));
}

static void test_random(void)
{
    static struct world w;
    struct bf_count c;
    size_t i, yes = 0, wrong = 0;

    for (i = 0; i < 20000; i++) {
        random_world(&w, true);
        wrong += met(&w, &c) != model(&w) ? 1 : 0;
        yes += c.met ? 1 : 0;
    }
    T_INT(wrong, 0);
    T_TRUE(yes > 1000 && yes < 19000); /* both answers are really met with */
}

/* Groups that overlap are refused at load; were they not, nobody would fill two seats. */
static void test_random_overlap(void)
{
    static struct world w;
    struct bf_count c;
    size_t i, yes = 0, wrong = 0;

    for (i = 0; i < 20000; i++) {
        random_world(&w, false);
        wrong += met(&w, &c) && !model(&w) ? 1 : 0;
        yes += c.met ? 1 : 0;
    }
    T_INT(wrong, 0);
    T_TRUE(yes > 500);
}

/* The order of signatures, people and groups decides nothing. */
static void test_random_order(void)
{
    static struct world w;
    static struct bf_verdict turned[SIGS];
    struct bf_count a, b;
    size_t i, j, wrong = 0;

    for (i = 0; i < 3000; i++) {
        random_world(&w, true);
        (void)met(&w, &a);
        for (j = 0; j < w.num_sigs; j++) {
            turned[j] = w.sigs[w.num_sigs - 1 - j];
        }
        bf_people_count(&b, &w.trust, &w.rule, w.author, turned, w.num_sigs);
        wrong += memcmp(&a, &b, sizeof(a)) != 0 ? 1 : 0;
    }
    T_INT(wrong, 0);
}

/* ---- the same with real keys and a loaded trust ---- */

static void test_real(void)
{
    struct fx f;
    struct bf_verdict sigs[3];
    struct bf_entry entries[3];
    struct bf_buf armor[3];
    struct bf_bytes message = bf_text("manifest");
    static const enum fx_who who[3] = {FX_ALICE, FX_BOB, FX_CAROL};
    static const char *const names[3] = {
        "sig/author.alice.sshsig", "sig/approve.bob.sshsig", "sig/approve.carol.sshsig"};
    struct bf_diag diag = {0};
    struct bf_count c;
    size_t i;

    fx_init(&f);
    for (i = 0; i < 3; i++) {
        armor[i] = bf_buf(BF_MAX_SIGNATURE);
        T_OK(bf_sign(&f.who[who[i]].signer, &armor[i],
                     i == 0 ? "snapseal-author-v1@" FX_DOMAIN
                            : "snapseal-approve-v1@" FX_DOMAIN,
                     message, &diag),
             &diag);
        entries[i] = (struct bf_entry){names[i], bf_buf_bytes(&armor[i])};
        bf_judge(&sigs[i], &entries[i], message, &f.trust, FX_NOW);
        T_ERR(sigs[i].reason, BF_OK, NULL);
    }
    bf_people_count(&c, &f.trust, &f.trust.body.rules.normal.approve, &sigs[0], sigs, 3);
    T_TRUE(c.met);
    T_TEXT(c.of[0].people[0], "bob");
    T_TEXT(c.of[1].people[0], "carol");
    bf_people_count(&c, &f.trust, &f.trust.body.rules.normal.approve, &sigs[0], sigs, 2);
    T_TRUE(!c.met);
    bf_people_count(&c, &f.trust, &f.trust.body.rules.emergency.approve, &sigs[0], sigs,
                    2);
    T_TRUE(c.met);
    bf_people_count(&c, &f.trust, &f.trust.body.rules.normal.approve, &sigs[1], sigs, 3);
    T_TRUE(!c.met); /* had bob written it */
    for (i = 0; i < 3; i++) {
        bf_buf_clear(&armor[i]);
    }
    fx_clear(&f);
}

T_CASES("people", {"table", test_table}, {"author", test_table_author},
        {"author by fingerprint", test_author_by_fingerprint},
        {"twice", test_table_twice}, {"roles", test_table_roles},
        {"never met", test_never_met}, {"eight", test_eight}, {"crowd", test_crowd},
        {"random", test_random}, {"random, overlapping", test_random_overlap},
        {"random order", test_random_order}, {"real", test_real});
