/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first trust file by its pin, and the step from N to N+1: both thresholds, in the
 * order of the rules, people and not keys.
 */
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "harness.h"

#define LATER "2026-11-10T00:00:00Z"

static struct fx world;
static struct fx_trust_parts parts; /* of version 2 */
static struct bf_buf container;
static const enum fx_who both[] = {FX_ERIN, FX_FRANK};

static void fresh(void)
{
    if (world.who[0].id == NULL) {
        fx_init(&world);
    }
    fx_trust_body(&parts, &world);
    parts.body.version = 2;
    parts.body.prev = world.trust.sha256;
    parts.body.created_at = LATER;
    bf_buf_clear(&container);
}

/* parts as a container, signed as root by each of who. */
static void pack(const enum fx_who *who, size_t num)
{
    size_t i;

    bf_buf_clear(&container);
    ft_trust_body(&container, &parts.body);
    for (i = 0; i < num; i++) {
        fx_sign(&container, &world, who[i], who[i], "root");
    }
}

static enum bf_err step(const struct bf_trust *from, struct bf_trust *out,
                        const char *now, struct bf_diag *diag)
{
    struct bf_buf copy;

    fx_copy(&copy, bf_buf_bytes(&container));
    return bf_trust_next(out, &copy, from, now, diag);
}

static void expect_at(enum bf_err want, const char *now)
{
    struct bf_trust next;
    struct bf_diag diag = {0};

    T_ERR(step(&world.trust, &next, now, &diag), want, &diag);
    T_TRUE((want == BF_OK) == (next.keys != NULL));
    T_TRUE((want == BF_OK) == (next.raw.ptr != NULL));
    T_TRUE((want == BF_OK) == (next.sha256[0] != '\0'));
    bf_trust_clear(&next);
}

static void expect(enum bf_err want)
{
    expect_at(want, FX_NOW);
}

/* ---- the first one ---- */

static enum bf_err first(const char *pin, const char *now, struct bf_diag *diag)
{
    struct bf_trust t;
    struct bf_buf copy;
    enum bf_err err;

    fx_copy(&copy, bf_buf_bytes(&container));
    err = bf_trust_first(&t, &copy, pin, now, diag);
    T_TRUE(copy.ptr == NULL);
    T_TRUE((err == BF_OK) == (t.keys != NULL));
    T_TRUE((err == BF_OK) == (t.raw.ptr != NULL));
    bf_trust_clear(&t);
    return err;
}

static void test_first(void)
{
    struct bf_diag diag = {0};
    char pin[65];

    fresh();
    fx_trust_body(&parts, &world);
    pack(both, 2);
    ft_sha256(pin, &container);
    T_OK(first(pin, FX_NOW, &diag), &diag);
    T_OK(first(pin, "2030-01-01T00:00:00Z", &diag),
         &diag); /* expired: a step to the next */
    pin[5] = pin[5] == '0' ? '1' : '0';
    T_ERR(first(pin, FX_NOW, &diag), BF_TRUST_PIN, &diag);
    T_ERR(first("", FX_NOW, &diag), BF_TRUST_PIN, &diag);
    /* signatures do not change what is pinned, but its own threshold is needed */
    pack(both, 1);
    ft_sha256(pin, &container);
    T_ERR(first(pin, FX_NOW, &diag), BF_TRUST_ROOT_NEED, &diag);
    pack(NULL, 0);
    T_ERR(first(pin, FX_NOW, &diag), BF_TRUST_ROOT_NEED, &diag);
    fx_sign(&container, &world, FX_ERIN, FX_ERIN, "root");
    fx_sign(&container, &world, FX_ERIN, FX_FRANK, "root"); /* erin twice */
    T_ERR(first(pin, FX_NOW, &diag), BF_TRUST_ROOT_NEED, &diag);
}

/* The pin stands for the predecessor: any version can be the first one here. */
static void test_first_of_later_version(void)
{
    struct bf_diag diag = {0};
    char pin[65];

    fresh();
    pack(both, 2);
    ft_sha256(pin, &container);
    T_OK(first(pin, FX_NOW, &diag), &diag);
}

static void test_first_time(void)
{
    struct bf_diag diag = {0};
    char pin[65];

    fresh();
    pack(both, 2);
    ft_sha256(pin, &container);
    T_OK(first(pin, "2026-11-09T23:55:00Z", &diag), &diag); /* 300 s ahead */
    T_ERR(first(pin, "2026-11-09T23:54:59Z", &diag), BF_TRUST_TIME, &diag);
}

/* The pin comes before parsing, and parsing before the threshold. */
static void test_first_order(void)
{
    struct bf_diag diag = {0};
    char pin[65];

    fresh();
    ft_trust(&container, "no JSON", bf_text("x"));
    ft_sha256(pin, &container);
    T_ERR(first(pin, FX_NOW, &diag), BF_JSON_SYNTAX, &diag);
    pin[0] = pin[0] == '0' ? '1' : '0';
    T_ERR(first(pin, FX_NOW, &diag), BF_TRUST_PIN, &diag);
}

/* ---- N to N+1 ---- */

static void test_next(void)
{
    struct bf_trust next;
    struct bf_diag diag = {0};

    fresh();
    pack(both, 2);
    T_OK(step(&world.trust, &next, FX_NOW, &diag), &diag);
    T_INT(next.body.version, 2);
    T_INT(next.num_keys, world.trust.num_keys);
    bf_trust_clear(&next);
    expect_at(BF_OK, "2030-01-01T00:00:00Z"); /* both have expired: a step */
    fx_sign(&container, &world, FX_MALLORY, FX_MALLORY, "root"); /* undoes nothing */
    expect(BF_OK);
}

static void test_old_threshold(void)
{
    fresh();
    pack(both, 1);
    expect(BF_TRUST_ROOT_NEED);
    pack(both + 1, 1);
    expect(BF_TRUST_ROOT_NEED);
    fx_sign(&container, &world, FX_FRANK, FX_ERIN, "root"); /* frank as erin */
    expect(BF_TRUST_ROOT_NEED);
    fx_sign(&container, &world, FX_MALLORY, FX_ERIN, "root");
    expect(BF_TRUST_ROOT_NEED);
    fx_sign(&container, &world, FX_BOB, FX_BOB, "root"); /* not root */
    expect(BF_TRUST_ROOT_NEED);
    pack(both + 1, 1);
    ft_sign(&container, &world.who[FX_ERIN].signer, "root", "erin", "example.org");
    expect(BF_TRUST_ROOT_NEED);
}

/* A signature of another role of the right person, under the name of root. */
static void test_other_role(void)
{
    struct bf_container c;
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);
    struct bf_diag diag = {0};

    fresh();
    pack(both + 1, 1);
    T_OK(bf_gate(&c, bf_buf_bytes(&container), &diag), &diag);
    T_OK(bf_sign(&world.who[FX_ERIN].signer, &armor, "snapseal-approve-v1@" FX_DOMAIN,
                 c.entries[0].data, &diag),
         &diag);
    fx_put(&container, "sig/root.erin.sshsig", bf_buf_bytes(&armor));
    expect(BF_TRUST_ROOT_NEED);
    bf_buf_clear(&armor);
}

/* Nothing of it is parsed before the installed roots have signed. */
static void test_before_parsing(void)
{
    size_t i;

    fresh();
    ft_trust(&container, "no JSON", bf_text("x"));
    expect(BF_TRUST_ROOT_NEED);
    for (i = 0; i < 2; i++) {
        fx_sign(&container, &world, both[i], both[i], "root");
    }
    expect(BF_JSON_SYNTAX);
    bf_buf_clear(&container);
    ft_trust(&container, "{\"type\":\"snapseal/bundle/1\"}", bf_text("x"));
    for (i = 0; i < 2; i++) {
        fx_sign(&container, &world, both[i], both[i], "root");
    }
    expect(BF_MANIFEST_TYPE);
}

static void test_binding(void)
{
    fresh();
    parts.body.version = 3;
    pack(both, 2);
    expect(BF_TRUST_VERSION);
    fresh();
    parts.body.version = 1;
    parts.body.prev = "";
    pack(both, 2);
    expect(BF_TRUST_VERSION); /* the installed one's number again */
    fresh();
    parts.body.prev = "0000000000000000000000000000000000000000000000000000000000000000";
    pack(both, 2);
    expect(BF_TRUST_PREV);
    fresh();
    parts.body.domain = "example.org";
    pack(both, 2);
    expect(BF_TRUST_DOMAIN);
    fresh();
    parts.body.created_at = "2026-10-31T23:59:59Z";
    pack(both, 2);
    expect(BF_TRUST_TIME); /* before the installed one's */
    fresh();
    parts.body.created_at = FX_TRUST_MADE;
    pack(both, 2);
    expect(BF_OK);
}

static void test_future(void)
{
    fresh();
    pack(both, 2);
    expect_at(BF_OK, "2026-11-09T23:55:00Z");
    expect_at(BF_TRUST_TIME, "2026-11-09T23:54:59Z");
}

/* Where two things are wrong, the rule that comes first speaks. */
static void test_order(void)
{
    fresh();
    parts.body.version = 9;
    parts.body.prev = "0000000000000000000000000000000000000000000000000000000000000000";
    parts.body.domain = "example.org";
    parts.body.created_at = "2026-10-31T23:59:59Z";
    parts.appliances[0].secrets = world.who[FX_MALLORY].recipient;
    parts.body.limits.debts_max = 99;
    pack(both, 1);
    expect(BF_TRUST_ROOT_NEED);
    pack(both, 2);
    expect(BF_TRUST_LIMITS);
    parts.body.limits.debts_max = 1;
    pack(both, 2);
    expect(BF_TRUST_VERSION);
    parts.body.version = 2;
    pack(both, 2);
    expect(BF_TRUST_PREV);
    parts.body.prev = world.trust.sha256;
    pack(both, 2);
    expect(BF_TRUST_DOMAIN);
    parts.body.domain = FX_DOMAIN;
    pack(both, 2);
    expect(BF_TRUST_TIME);
    parts.body.created_at = LATER;
    pack(both, 2);
    expect(BF_TRUST_MOVED);
    parts.targets[0].serial_floor = 1;
    pack(both, 2);
    expect(BF_OK);
}

/* ---- moved targets ---- */

static void moved(void)
{
    pack(both, 2);
    expect(BF_TRUST_MOVED);
    parts.targets[0].serial_floor = 1;
    pack(both, 2);
    expect(BF_OK);
    fresh();
}

static void test_moved(void)
{
    fresh();
    parts.appliances[0].receipt_key = world.who[FX_MALLORY].line;
    moved();
    parts.appliances[0].secrets = world.who[FX_MALLORY].recipient;
    moved();
    parts.appliances[0].transport = world.who[FX_MALLORY].recipient;
    moved();
    parts.appliances[0].id = "gw-2"; /* the same keys under another name */
    parts.targets[0].appliance = "gw-2";
    moved();
    parts.targets[0].id = "prod-eu-9"; /* a new target has no floor to be above */
    parts.appliances[0].secrets = world.who[FX_MALLORY].recipient;
    pack(both, 2);
    expect(BF_OK);
}

/* The floor must rise above the installed one, not above zero. */
static void test_moved_again(void)
{
    struct bf_trust second, third;
    struct bf_diag diag = {0};

    fresh();
    parts.targets[0].serial_floor = 40;
    pack(both, 2);
    T_OK(step(&world.trust, &second, FX_NOW, &diag), &diag);
    parts.body.version = 3;
    parts.body.prev = second.sha256;
    parts.appliances[0].secrets = world.who[FX_MALLORY].recipient;
    pack(both, 2);
    T_ERR(step(&second, &third, FX_NOW, &diag), BF_TRUST_MOVED, &diag);
    parts.targets[0].serial_floor = 41;
    pack(both, 2);
    T_OK(step(&second, &third, FX_NOW, &diag), &diag);
    bf_trust_clear(&third);
    bf_trust_clear(&second);
}

/* ---- root people come and go ---- */

/* zoe, with mallory's key, is the third root person of version 2. */
static void add_zoe(int64_t need)
{
    struct bf_person *z = &parts.people[FX_PEOPLE];

    parts.keys[FX_PEOPLE][0] = (struct bf_trust_key){.key = world.who[FX_MALLORY].line,
                                                     .not_after = "",
                                                     .not_before = "",
                                                     .verify = false};
    parts.roles[FX_PEOPLE][0] = "root";
    z->id = "zoe";
    z->keys = (struct bf_list){1, parts.keys[FX_PEOPLE]};
    z->recipients = (struct bf_list){0, parts.recipients[FX_PEOPLE]};
    z->roles = (struct bf_list){1, parts.roles[FX_PEOPLE]};
    parts.body.people.num = FX_PEOPLE + 1;
    parts.root[2] = "zoe";
    parts.body.root.people.num = 3;
    parts.body.root.need = need;
}

static void sign_zoe(void)
{
    ft_sign(&container, &world.who[FX_MALLORY].signer, "root", "zoe", FX_DOMAIN);
}

static void test_own_threshold(void)
{
    fresh();
    add_zoe(3);
    pack(both, 2);
    expect(BF_TRUST_ROOT_NEED); /* the installed two are there, its own third is not */
    sign_zoe();
    expect(BF_OK);
    add_zoe(2);
    pack(both, 1);
    sign_zoe();
    expect(BF_TRUST_ROOT_NEED); /* enough by its own count, but zoe was nobody before */
}

/* need can be lowered, but only by as many as the old rule asks for. */
static void test_lowered(void)
{
    fresh();
    parts.body.root.need = 1;
    pack(both, 1);
    expect(BF_TRUST_ROOT_NEED);
    pack(both, 2);
    expect(BF_OK);
}

/* Erin's key is changed over two versions; her old and new key are one person. */
static void test_key_rotation(void)
{
    struct bf_trust second, third;
    struct bf_diag diag = {0};

    fresh();
    parts.keys[FX_ERIN][1] = parts.keys[FX_ERIN][0];
    parts.keys[FX_ERIN][1].key = world.who[FX_MALLORY].line;
    parts.people[FX_ERIN].keys.num = 2;
    pack(both + 1, 1);
    ft_sign(&container, &world.who[FX_MALLORY].signer, "root", "erin", FX_DOMAIN);
    expect(BF_TRUST_ROOT_NEED); /* the new key is not known to version 1 */
    fx_sign(&container, &world, FX_ERIN, FX_ERIN, "root");
    T_OK(step(&world.trust, &second, FX_NOW, &diag), &diag);
    parts.body.version = 3;
    parts.body.prev = second.sha256;
    parts.keys[FX_ERIN][0].key = world.who[FX_MALLORY].line;
    parts.people[FX_ERIN].keys.num = 1;
    pack(both, 2);
    T_ERR(step(&second, &third, FX_NOW, &diag), BF_TRUST_ROOT_NEED, &diag);
    ft_sign(&container, &world.who[FX_MALLORY].signer, "root", "erin", FX_DOMAIN);
    T_OK(step(&second, &third, FX_NOW, &diag), &diag);
    bf_trust_clear(&third);
    /* two keys of one person are not two people */
    pack(NULL, 0);
    fx_sign(&container, &world, FX_ERIN, FX_ERIN, "root");
    ft_sign(&container, &world.who[FX_MALLORY].signer, "root", "frank", FX_DOMAIN);
    T_ERR(step(&second, &third, FX_NOW, &diag), BF_TRUST_ROOT_NEED, &diag);
    bf_trust_clear(&second);
}

/* Who has lost a key is left out: the others go on, and the lost key is worth nothing. */
static void test_key_lost(void)
{
    struct bf_trust one, next;
    struct bf_buf raw;
    struct bf_diag diag = {0};

    fresh();
    add_zoe(2);
    parts.body.version = 1;
    parts.body.prev = "";
    parts.body.created_at = FX_TRUST_MADE;
    ft_trust_body(&raw, &parts.body);
    T_OK(bf_trust_load(&one, &raw, &diag), &diag);
    fresh();
    parts.body.prev = one.sha256; /* zoe is gone: erin and frank */
    pack(both, 2);
    T_OK(step(&one, &next, FX_NOW, &diag), &diag);
    T_TRUE(bf_trust_person(&next.body, "zoe") == NULL);
    bf_trust_clear(&next);
    pack(both, 1);
    sign_zoe();
    T_ERR(step(&one, &next, FX_NOW, &diag), BF_TRUST_ROOT_NEED,
          &diag); /* its own threshold */
    bf_trust_clear(&one);
}

/* ---- every bit, every length ---- */

/* As few people as there can be, one root signature: exactly what is needed. */
static void shrink(void)
{
    static const enum fx_who stay[] = {FX_ALICE, FX_BOB, FX_ERIN};
    size_t i;

    for (i = 0; i < 3; i++) {
        parts.people[i] = parts.people[stay[i]];
    }
    parts.body.people.num = 3;
    parts.body.root.people.num = 1;
    parts.body.root.need = 1;
    parts.body.groups.num = 1;
    parts.body.rules.normal.approve.num = 1;
    parts.body.targets.num = 0;
    parts.body.appliances.num = 0;
    pack(both, 1);
}

/* installed NULL: by its pin. */
static enum bf_err take(const struct bf_trust *installed, const char *pin,
                        struct bf_bytes in)
{
    struct bf_trust t;
    struct bf_buf copy;
    struct bf_diag diag = {0};
    enum bf_err err;

    fx_copy(&copy, in);
    err = installed != NULL ? bf_trust_next(&t, &copy, installed, FX_NOW, &diag)
                            : bf_trust_first(&t, &copy, pin, FX_NOW, &diag);
    bf_trust_clear(&t);
    return err;
}

static void spoil_all(const struct bf_trust *installed)
{
    char pin[65];
    size_t i, taken = 0;

    ft_sha256(pin, &container);
    T_ERR(take(installed, pin, bf_buf_bytes(&container)), BF_OK, NULL);
    for (i = 0; i < container.len * 8; i++) {
        container.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
        taken += take(installed, pin, bf_buf_bytes(&container)) == BF_OK ? 1 : 0;
        container.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    for (i = 0; i < container.len; i++) {
        taken += take(installed, pin, bf_view(container.ptr, i)) == BF_OK ? 1 : 0;
    }
    T_INT(taken, 0);
}

static void test_bits(void)
{
    struct bf_trust one;
    struct bf_buf raw;
    struct bf_diag diag = {0};

    fresh();
    fx_trust_body(&parts, &world);
    shrink();
    spoil_all(NULL);
    fx_copy(&raw, bf_buf_bytes(&container));
    T_OK(bf_trust_load(&one, &raw, &diag), &diag);
    fresh();
    parts.body.prev = one.sha256;
    shrink();
    spoil_all(&one);
    bf_trust_clear(&one);
}

T_CASES("trust next", {"first", test_first},
        {"first of a later version", test_first_of_later_version},
        {"first: time", test_first_time}, {"first: order", test_first_order},
        {"next", test_next}, {"old threshold", test_old_threshold},
        {"other role", test_other_role}, {"before parsing", test_before_parsing},
        {"binding", test_binding}, {"future", test_future}, {"order", test_order},
        {"moved", test_moved}, {"moved again", test_moved_again},
        {"own threshold", test_own_threshold}, {"lowered", test_lowered},
        {"key rotation", test_key_rotation}, {"key lost", test_key_lost},
        {"bits and lengths", test_bits});
