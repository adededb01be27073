/* SPDX-License-Identifier: Apache-2.0 */
/* What a signature member is worth: the first reason that applies, and no other. */
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "harness.h"
#include "sshparts.h"

static struct fx world;
static const char message[] = "{\"what\":\"is signed\"}";

static void world_up(void)
{
    if (world.who[0].id == NULL) {
        fx_init(&world);
    }
}

/* A signature over text by who, in a role and domain, as a member of any name. */
static void judge_as(struct bf_verdict *v, const struct bf_trust *t, enum fx_who who,
                     const char *role, const char *domain, const char *name,
                     const char *text, const char *now)
{
    static struct bf_buf armor;
    static struct bf_entry entry;
    char space[160];
    struct bf_diag diag = {0};

    bf_buf_clear(&armor);
    armor = bf_buf(BF_MAX_SIGNATURE);
    bf_namespace(space, sizeof(space), role, domain);
    T_OK(bf_sign(&world.who[who].signer, &armor, space, bf_text(text), &diag), &diag);
    entry.name = name;
    entry.data = bf_buf_bytes(&armor);
    bf_judge(v, &entry, bf_text(message), t, now);
    T_TRUE(v->entry == &entry);
}

static enum bf_err reason(enum fx_who who, const char *role, const char *domain,
                          const char *name)
{
    struct bf_verdict v;

    world_up();
    judge_as(&v, &world.trust, who, role, domain, name, message, FX_NOW);
    return v.reason;
}

#define T_REASON(want, who, role, domain, name)                                          \
    T_ERR(reason(who, role, domain, name), want, NULL)

static void test_good(void)
{
    struct bf_verdict v;
    char fingerprint[BF_FINGERPRINT];

    world_up();
    judge_as(&v, &world.trust, FX_BOB, "approve", FX_DOMAIN, "sig/approve.bob.sshsig",
             message, FX_NOW);
    T_ERR(v.reason, BF_OK, NULL);
    T_TEXT(v.role, "approve");
    T_TEXT(v.person, "bob");
    T_TEXT(v.where, "");
    T_OK(bf_sshkey_fingerprint(fingerprint, &world.who[FX_BOB].signer.key), NULL);
    T_TEXT(v.fingerprint, fingerprint);
    T_TRUE(bf_sshkey_equal(&v.key, &world.who[FX_BOB].signer.key));
    T_REASON(BF_OK, FX_ALICE, "author", FX_DOMAIN, "sig/author.alice.sshsig");
    T_REASON(BF_OK, FX_ERIN, "root", FX_DOMAIN, "sig/root.erin.sshsig");
    T_REASON(BF_OK, FX_GW, "receipt", FX_DOMAIN, "sig/receipt.gw-1.sshsig");
}

/* Each reason of this stage alone. */
static void test_reasons(void)
{
    T_REASON(BF_SIG_NAME, FX_BOB, "approve", FX_DOMAIN, "sig/approve.bob.sig");
    T_REASON(BF_SIG_NAMESPACE, FX_BOB, "author", FX_DOMAIN, "sig/approve.bob.sshsig");
    T_REASON(BF_SIG_NAMESPACE, FX_BOB, "approve", "example.org",
             "sig/approve.bob.sshsig");
    T_REASON(BF_SIG_UNKNOWN_KEY, FX_MALLORY, "approve", FX_DOMAIN,
             "sig/approve.bob.sshsig");
    T_REASON(BF_SIG_UNKNOWN_KEY, FX_MALLORY, "approve", FX_DOMAIN,
             "sig/approve.mallory.sshsig");
    T_REASON(BF_SIG_PERSON, FX_CAROL, "approve", FX_DOMAIN, "sig/approve.bob.sshsig");
    T_REASON(BF_SIG_PERSON, FX_CAROL, "approve", FX_DOMAIN, "sig/approve.nobody.sshsig");
    T_REASON(BF_SIG_PERSON, FX_GW, "approve", FX_DOMAIN, "sig/approve.bob.sshsig");
    T_REASON(BF_SIG_ROLE, FX_ALICE, "approve", FX_DOMAIN, "sig/approve.alice.sshsig");
    T_REASON(BF_SIG_ROLE, FX_BOB, "author", FX_DOMAIN, "sig/author.bob.sshsig");
    T_REASON(BF_SIG_ROLE, FX_DAVE, "audit", FX_DOMAIN, "sig/audit.dave.sshsig");
    T_REASON(BF_SIG_ROLE, FX_GW, "approve", FX_DOMAIN, "sig/approve.gw-1.sshsig");
    T_REASON(BF_SIG_ROLE, FX_BOB, "receipt", FX_DOMAIN, "sig/receipt.bob.sshsig");
    T_REASON(BF_SIG_ROLE, FX_ERIN, "approve", FX_DOMAIN, "sig/approve.erin.sshsig");
    T_REASON(BF_SIG_ROLE, FX_BOB, "boss", FX_DOMAIN, "sig/boss.bob.sshsig");
}

static void test_other_message(void)
{
    struct bf_verdict v;

    world_up();
    judge_as(&v, &world.trust, FX_BOB, "approve", FX_DOMAIN, "sig/approve.bob.sshsig",
             "{\"what\":\"is not signed\"}", FX_NOW);
    T_ERR(v.reason, BF_SIG_BAD, NULL);
    T_TEXT(v.person, "bob");
    T_TRUE(v.fingerprint[0] != '\0');
}

static void test_no_armor(void)
{
    struct bf_entry entry = {"sig/approve.bob.sshsig", bf_text("")};
    struct bf_verdict v;

    world_up();
    bf_judge(&v, &entry, bf_text(message), &world.trust, FX_NOW);
    T_ERR(v.reason, BF_SIG_ARMOR, NULL);
    T_TEXT(v.fingerprint, "");
    T_TEXT(v.person, "bob");
    T_INT(v.key.blob_len, 0);
}

/* Bob's key in force from begin to end (both belong to it). */
static void in_force(const char *begin, const char *end, const char *now,
                     enum bf_err want)
{
    static struct fx_trust_parts parts;
    struct bf_trust t;
    struct bf_buf container;
    struct bf_verdict v;
    struct bf_diag diag = {0};

    world_up();
    fx_trust_body(&parts, &world);
    parts.keys[FX_BOB][0].not_before = begin;
    parts.keys[FX_BOB][0].not_after = end;
    ft_trust_body(&container, &parts.body);
    T_OK(bf_trust_load(&t, &container, &diag), &diag);
    judge_as(&v, &t, FX_BOB, "approve", FX_DOMAIN, "sig/approve.bob.sshsig", message,
             now);
    T_ERR(v.reason, want, NULL);
    bf_trust_clear(&t);
}

static void test_key_time(void)
{
    const char *const begin = "2026-11-10T00:00:00Z", *const end = "2026-12-10T00:00:00Z";

    in_force(begin, end, begin, BF_OK);
    in_force(begin, end, end, BF_OK);
    in_force(begin, end, "2026-11-09T23:59:59Z", BF_SIG_KEY_TIME);
    in_force(begin, end, "2026-12-10T00:00:01Z", BF_SIG_KEY_TIME);
    in_force(begin, "", "2026-11-09T23:59:59Z", BF_SIG_KEY_TIME);
    in_force(begin, "", "2099-01-01T00:00:00Z", BF_OK);
    in_force("", end, "2001-01-01T00:00:00Z", BF_OK);
    in_force("", end, "2099-01-01T00:00:00Z", BF_SIG_KEY_TIME);
}

/* The order of reasons: what comes first in the rules is what is told. */
static void test_order(void)
{
    T_REASON(BF_SIG_NAME, FX_MALLORY, "author", "example.org", "sig/approve.bob");
    T_REASON(BF_SIG_NAMESPACE, FX_MALLORY, "author", "example.org",
             "sig/approve.bob.sshsig");
    T_REASON(BF_SIG_UNKNOWN_KEY, FX_MALLORY, "author", FX_DOMAIN,
             "sig/author.bob.sshsig");
    T_REASON(BF_SIG_PERSON, FX_CAROL, "author", FX_DOMAIN, "sig/author.bob.sshsig");
}

static void test_names(void)
{
    static const char *const good[] = {
        "sig/approve.bob.sshsig", "sig/a.0.sshsig", "sig/receipt.gw-1.sshsig",
        "sig/abcdefghijklmno.a_b-c.sshsig",
        "sig/root.abcdefghijklmnopqrstuvwxyz012345.sshsig"};
    static const char *const bad[] = {"",
                                      "sig",
                                      "sig/",
                                      "sig/approve",
                                      "sig/approve.bob",
                                      "sig/approve.bob.",
                                      "sig/approve.bob.sig",
                                      "sig/approve.bob.sshsig.sshsig",
                                      "sig/approve..sshsig",
                                      "sig/.bob.sshsig",
                                      "sig/approve.bob.sshsigx",
                                      "sig/approve.bob.SSHSIG",
                                      "sig/approve.Bob.sshsig",
                                      "sig/approve.-bob.sshsig",
                                      "sig/approve.b/b.sshsig",
                                      "sig/approve2.bob.sshsig",
                                      "sig/app-rove.bob.sshsig",
                                      "sig/approve.bob.smith.sshsig",
                                      "sig/abcdefghijklmnop.bob.sshsig",
                                      "sig/root.abcdefghijklmnopqrstuvwxyz0123456.sshsig",
                                      "sog/approve.bob.sshsig",
                                      "x/sig/approve.bob.sshsig",
                                      "evidence/approve.bob.sshsig"};
    char role[16], person[33];
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        T_TRUE(bf_sig_name(good[i], role, person));
        T_TRUE(role[0] != '\0' && person[0] != '\0');
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        T_TRUE(!bf_sig_name(bad[i], role, person));
        T_TEXT(role, "");
        T_TEXT(person, "");
    }
}

/* Every bit of a good signature, and every way to cut it. */
static void test_bits(void)
{
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);
    struct bf_diag diag = {0};
    struct bf_verdict v;
    size_t i, good = 0;

    world_up();
    T_OK(bf_sign(&world.who[FX_BOB].signer, &armor, "snapseal-approve-v1@" FX_DOMAIN,
                 bf_text(message), &diag),
         &diag);
    for (i = 0; i < armor.len * 8; i++) {
        uint8_t *copy = t_copy(bf_buf_bytes(&armor));
        struct bf_entry entry = {"sig/approve.bob.sshsig", bf_view(copy, armor.len)};

        copy[i / 8] ^= (uint8_t)(1U << i % 8);
        bf_judge(&v, &entry, bf_text(message), &world.trust, FX_NOW);
        good += v.reason == BF_OK ? 1 : 0;
        t_free(copy);
    }
    for (i = 0; i < armor.len; i++) {
        uint8_t *copy = t_copy(bf_view(armor.ptr, i));
        struct bf_entry entry = {"sig/approve.bob.sshsig", bf_view(copy, i)};

        bf_judge(&v, &entry, bf_text(message), &world.trust, FX_NOW);
        good += v.reason == BF_OK ? 1 : 0;
        t_free(copy);
    }
    T_INT(good, 0);
    bf_buf_clear(&armor);
}

/* Bob's key as a security key that the trust asks for its user's PIN, or does not. */
static void hardware(bool verify, uint8_t flags, enum bf_err want)
{
    static struct fx_trust_parts parts;
    static struct test_hardware h;
    struct bf_buf line = bf_buf(BF_MAX_KEY_LINE), field = bf_buf(4096),
                  data = bf_buf(1024), armor = bf_buf(BF_MAX_SIGNATURE), container;
    struct bf_entry entry = {"sig/approve.bob.sshsig", {NULL, 0}};
    struct bf_diag diag = {0};
    struct bf_verdict v;
    struct bf_trust t;
    const char *space = "snapseal-approve-v1@" FX_DOMAIN;

    world_up();
    test_hardware(&h, world.who[FX_BOB].signer.secret.ptr, flags, 77);
    bf_sshkey_write(&line, &h.signer.key);
    fx_trust_body(&parts, &world);
    parts.keys[FX_BOB][0].key = bf_buf_text(&line);
    parts.keys[FX_BOB][0].verify = verify;
    ft_trust_body(&container, &parts.body);
    T_OK(bf_trust_load(&t, &container, &diag), &diag);
    /* not by bf_sign(), which would not give out what does not count */
    T_OK(bf_sshsig_data(&data, space, bf_text(message), &diag), &diag);
    T_OK(h.signer.sign(&h.signer, &field, bf_buf_bytes(&data), &diag), &diag);
    T_OK(bf_sshsig_armor(&armor, &h.signer.key, space, bf_buf_bytes(&field), &diag),
         &diag);
    entry.data = bf_buf_bytes(&armor);
    bf_judge(&v, &entry, bf_text(message), &t, FX_NOW);
    T_ERR(v.reason, want, NULL);
    T_INT(v.flags, flags);
    T_INT(v.counter, 77);
    bf_buf_clear(&armor);
    T_ERR(bf_sign(&h.signer, &armor, space, bf_text(message), &diag),
          (flags & 0xc1) == 1 ? BF_OK : BF_SIG_FLAGS, &diag);
    bf_trust_clear(&t);
    bf_buf_clear(&line);
    bf_buf_clear(&field);
    bf_buf_clear(&data);
    bf_buf_clear(&armor);
}

static void test_hardware_keys(void)
{
    hardware(false, 0x01, BF_OK);
    hardware(false, 0x05, BF_OK);
    hardware(false, 0x00, BF_SIG_FLAGS);
    hardware(false, 0x04, BF_SIG_FLAGS);
    hardware(false, 0x41, BF_SIG_FLAGS);
    hardware(false, 0x85, BF_SIG_FLAGS);
    hardware(true, 0x05, BF_OK);
    hardware(true, 0x01, BF_SIG_VERIFY);
    hardware(true, 0x00, BF_SIG_VERIFY);
    hardware(true, 0x04, BF_SIG_FLAGS);
}

T_CASES("judge", {"good", test_good}, {"reasons", test_reasons},
        {"other message", test_other_message}, {"no armor", test_no_armor},
        {"key time", test_key_time}, {"order", test_order}, {"names", test_names},
        {"bits", test_bits}, {"hardware", test_hardware_keys});
