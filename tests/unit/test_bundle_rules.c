/* SPDX-License-Identifier: Apache-2.0 */
/* Checks 9, 10 and 12 of a bundle, and what making one refuses: each fault ends in its
 * own refusal. */
#include <stdio.h>
#include <string.h>

#include "chain.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- 9 ---- */

static void opened(struct bf_bundle *b)
{
    struct bf_buf raw = {0};
    struct bf_diag diag = {0};

    memset(b, 0, sizeof(*b));
    fx_bundle_approved(&raw, fx_world());
    T_OK(bf_bundle_open(b, &raw, &fx_world()->trust, FX_NOW, &diag), &diag);
}

static void times(void)
{
    static const struct {
        const char *now, *floor, *made, *begins, *ends;
        enum bf_err want;
    } rows[] = {
        {FX_NOW, "", FX_MADE, FX_BEGINS, FX_ENDS, BF_OK},
        {FX_BEGINS, "", FX_MADE, FX_BEGINS, FX_ENDS, BF_OK},
        {"2026-11-23T15:59:59Z", "", FX_MADE, FX_BEGINS, FX_ENDS, BF_TIME_EARLY},
        {FX_ENDS, "", FX_MADE, FX_BEGINS, FX_ENDS, BF_OK},
        {"2026-11-30T16:00:01Z", "", FX_MADE, FX_BEGINS, FX_ENDS, BF_TIME_EXPIRED},
        {"2026-11-23T15:29:00Z", "", FX_MADE, FX_BEGINS, FX_ENDS, BF_TIME_EARLY},
        {"2026-11-23T15:28:59Z", "", FX_MADE, FX_BEGINS, FX_ENDS, BF_TIME_CREATED},
        {"2026-11-24T00:00:00Z", "", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z",
         "2026-12-24T00:00:00Z", BF_OK},
        {"2026-11-24T00:00:00Z", "", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z",
         "2026-12-24T00:00:01Z", BF_TIME_LIFETIME},
        {FX_NOW, FX_NOW, FX_MADE, FX_BEGINS, FX_ENDS, BF_OK},
        {FX_NOW, "2026-11-24T09:00:01Z", FX_MADE, FX_BEGINS, FX_ENDS, BF_TIME_FLOOR},
        {FX_TRUST_ENDS, "", "2027-10-31T00:00:00Z", "2027-10-31T00:00:00Z",
         "2027-11-02T00:00:00Z", BF_OK},
        {"2027-11-01T00:00:01Z", "", "2027-10-31T00:00:00Z", "2027-10-31T00:00:00Z",
         "2027-11-02T00:00:00Z", BF_TRUST_EXPIRED},
    };
    struct bf_bundle b;
    size_t i;

    opened(&b);
    for (i = 0; i < NUM(rows); i++) {
        struct bf_diag diag = {0};

        b.m.created_at = rows[i].made;
        b.m.not_before = rows[i].begins;
        b.m.expires = rows[i].ends;
        b.checks.result[BF_CHECK_TIMES] = BF_SKIPPED;
        T_ERR(bf_bundle_times(&b, &fx_world()->trust, rows[i].now, rows[i].floor, &diag),
              rows[i].want, &diag);
        T_INT(b.checks.result[BF_CHECK_TIMES],
              rows[i].want == BF_OK ? BF_PASSED : BF_REFUSED);
    }
    bf_bundle_clear(&b);
}

/* The rule emergency has a life of its own: 24 hours. */
static void emergency_life(void)
{
    struct bf_bundle b;
    struct bf_diag diag = {0};

    opened(&b);
    b.m.change.grade = "emergency";
    b.m.expires = "2026-11-24T15:34:00Z";
    T_OK(bf_bundle_times(&b, &fx_world()->trust, FX_NOW, "", &diag), &diag);
    b.m.expires = "2026-11-24T15:34:01Z";
    T_ERR(bf_bundle_times(&b, &fx_world()->trust, FX_NOW, "", &diag), BF_TIME_LIFETIME,
          &diag);
    bf_bundle_clear(&b);
}

/* ---- 10 ---- */

static void target_fault(struct bf_bundle *b, const struct bf_trust *trust,
                         const char *appliance, enum bf_err want)
{
    struct bf_diag diag = {0};

    b->checks.result[BF_CHECK_TRUST] = BF_SKIPPED;
    T_ERR(bf_bundle_target(b, trust, NULL, appliance, &diag), want, &diag);
    T_INT(b->checks.result[BF_CHECK_TRUST], want == BF_OK ? BF_PASSED : BF_REFUSED);
}

/* Made under version 1 or 2, installed is 3: what is known of the older ones decides. */
static void older_trust(struct bf_bundle *b, const struct bf_trust *trust)
{
    static const char other[] =
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    struct bf_trust third = *trust;
    const struct {
        int64_t version;
        const char *prev, *older;
        enum bf_err want;
    } rows[] = {
        {1, other, trust->sha256, BF_OK},
        {1, other, NULL, BF_TRUST_UNKNOWN},
        {1, trust->sha256, NULL, BF_TRUST_UNKNOWN},
        {1, other, other, BF_TRUST_UNKNOWN},
        {2, trust->sha256, NULL, BF_OK},
        {2, other, trust->sha256, BF_TRUST_UNKNOWN},
        {4, trust->sha256, trust->sha256, BF_TRUST_VERSION},
    };
    struct bf_diag diag = {0};
    size_t i;

    third.body.version = 3;
    snprintf(third.sha256, sizeof(third.sha256), "%s", HEX64);
    for (i = 0; i < NUM(rows); i++) {
        third.body.prev = rows[i].prev;
        b->m.trust.version = rows[i].version;
        T_ERR(bf_bundle_target(b, &third, rows[i].older, "gw-1", &diag), rows[i].want,
              &diag);
    }
}

static void target(void)
{
    const struct bf_trust *trust = &fx_world()->trust;
    struct bf_bundle b;
    struct bf_manifest m;

    opened(&b);
    m = b.m;
    target_fault(&b, trust, "gw-1", BF_OK);
    target_fault(&b, trust, NULL, BF_OK);
    target_fault(&b, trust, "gw-2", BF_TARGET_APPLIANCE);
    b.m.trust.version = 2;
    target_fault(&b, trust, "gw-1", BF_TRUST_VERSION);
    b.m = m;
    b.m.trust.sha256 = HEX64;
    target_fault(&b, trust, "gw-1", BF_TRUST_UNKNOWN);
    b.m = m;
    older_trust(&b, trust);
    b.m = m;
    b.m.target.id = "prod-eu-2";
    target_fault(&b, trust, "gw-1", BF_TARGET_UNKNOWN);
    b.m = m;
    b.m.target.cluster_uuid = "other";
    target_fault(&b, trust, "gw-1", BF_TARGET_DIFFERS);
    b.m = m;
    b.m.target.kind = "elasticsearch";
    target_fault(&b, trust, "gw-1", BF_TARGET_DIFFERS);
    b.m = m;
    b.m.target.appliance = "gw-2";
    target_fault(&b, trust, "gw-2", BF_TARGET_DIFFERS);
    b.m = m;
    b.m.plan.s3.endpoint = "https://s3.evil.example";
    target_fault(&b, trust, "gw-1", BF_TARGET_ENDPOINT);
    b.m.plan.s3.endpoint =
        "https://iam.example.corp"; /* pinned, but for something else */
    target_fault(&b, trust, "gw-1", BF_TARGET_ENDPOINT);
    b.m.plan.s3.endpoint = "";
    target_fault(&b, trust, "gw-1", BF_TARGET_ENDPOINT);
    bf_bundle_clear(&b);
}

/* A target without an S3 endpoint: "" is what the plan says, and nothing else. */
static void no_endpoint(void)
{
    struct bf_trust trust =
        fx_world()->trust; /* borrowed: only its list of targets is another one */
    struct bf_target one = *bf_trust_target(&trust.body, "prod-eu-1");
    struct bf_bundle b;

    one.endpoints.num = 2; /* cluster and iam */
    trust.body.targets.items = &one;
    opened(&b);
    target_fault(&b, &trust, "gw-1", BF_TARGET_ENDPOINT);
    b.m.plan.s3.endpoint = "";
    target_fault(&b, &trust, "gw-1", BF_OK);
    bf_bundle_clear(&b);
}

/* ---- 12 ---- */

static void people_missing(struct bf_buf *raw, const char *where)
{
    refused_at(raw, BF_PEOPLE_MISSING, BF_CHECK_PEOPLE, where, where);
}

static void people(void)
{
    struct fx *f = fx_world();
    struct bf_buf raw = {0};
    struct bf_bundle b = {0};
    struct bf_diag diag = {0};

    fx_bundle(&raw, f);
    people_missing(&raw, "rule normal: ops 0 of 1, security 0 of 1");
    fx_bundle(&raw, f);
    fx_sign(&raw, f, FX_BOB, FX_BOB, "approve");
    people_missing(&raw, "rule normal: ops 1 of 1 (bob), security 0 of 1");
    fx_bundle(&raw, f);
    fx_sign(&raw, f, FX_CAROL, FX_CAROL, "approve");
    people_missing(&raw, "rule normal: ops 0 of 1, security 1 of 1 (carol)");
    /* bob in both seats, the author, an auditor, a stranger, bytes that are no signature
     */
    fx_bundle(&raw, f);
    fx_sign(&raw, f, FX_BOB, FX_BOB, "approve");
    fx_sign(&raw, f, FX_BOB, FX_CAROL, "approve");
    fx_sign(&raw, f, FX_ALICE, FX_ALICE, "approve");
    fx_sign(&raw, f, FX_DAVE, FX_DAVE, "approve");
    fx_sign(&raw, f, FX_MALLORY, FX_MALLORY, "approve");
    fx_put(&raw, "sig/approve.zoe.sshsig", bf_text("x"));
    people_missing(&raw, "rule normal: ops 1 of 1 (bob), security 0 of 1");
    /* the same surplus beside what is needed refuses nothing */
    fx_bundle_approved(&raw, f);
    fx_sign(&raw, f, FX_ALICE, FX_ALICE, "approve");
    fx_sign(&raw, f, FX_MALLORY, FX_MALLORY, "approve");
    fx_put(&raw, "sig/approve.zoe.sshsig", bf_text("x"));
    T_OK(check_all(&b, &raw, &diag), &diag);
    T_INT(b.num_sigs, 6);
    bf_bundle_clear(&b);
}

/* Judged by its own rule and its own life, and then not done by this version. */
static void emergency(void)
{
    struct bf_buf raw = {0};
    struct sp s;

    sp_begin(&s, fx_world(), true);
    sp_edit(&s, "\"class\":\"normal\"", "\"class\":\"emergency\"");
    sp_edit(&s, FX_ENDS, "2026-11-24T15:00:00Z");
    sp_sheet(&s);
    sp_list(&s);
    sp_pack(&s, fx_world(), FX_ALICE, FX_ALICE, &raw);
    people_missing(&raw, "rule emergency: ops 0 of 1");
    sp_pack(&s, fx_world(), FX_ALICE, FX_ALICE, &raw);
    fx_sign(&raw, fx_world(), FX_BOB, FX_BOB, "approve");
    refused_at(&raw, BF_PLAN_NOT_SUPPORTED, BF_CHECK_PEOPLE, "change.class is emergency",
               "emergency");
    sp_clear(&s);
}

/* ---- making ---- */

/* What our own reader would refuse is not given out. */
static void make_refuses(void)
{
    struct fx *f = fx_world();
    struct bf_manifest m;
    struct bf_arena arena = {0};
    struct bf_buf raw = bf_buf(BF_MAX_CONTAINER);
    struct bf_diag diag = {0};
    struct bf_signer *alice = &f->who[FX_ALICE].signer;
    uint8_t to[BF_KEY];
    struct bf_new_secret blank = {.name = "s3.client.secondary.access_key",
                                  .value = bf_text("a b"),
                                  .versus = "new"};

    bf_x25519_base(to, f->secrets);
    fx_manifest(&m, f, true);
    m.expires = m.not_before;
    T_ERR(bf_bundle_make(&raw, &m, &arena, fx_policy, fx_repository, NULL, 0, to, alice,
                         &diag),
          BF_MANIFEST_RULE, &diag);
    fx_manifest(&m, f, true);
    T_ERR(
        bf_bundle_make(&raw, &m, &arena, "{ }", fx_repository, NULL, 0, to, alice, &diag),
        BF_POLICY_JSON, &diag);
    fx_manifest(&m, f, true);
    T_ERR(bf_bundle_make(&raw, &m, &arena, fx_policy, "[", NULL, 0, to, alice, &diag),
          BF_REPOSITORY_JSON, &diag);
    fx_manifest(&m, f, true);
    m.plan.bucket.name = "other";
    T_ERR(bf_bundle_make(&raw, &m, &arena, fx_policy, fx_repository, NULL, 0, to, alice,
                         &diag),
          BF_POLICY_BUCKET, &diag);
    fx_manifest(&m, f, true);
    T_ERR(bf_bundle_make(&raw, &m, &arena, fx_policy, fx_repository, &blank, 1, to, alice,
                         &diag),
          BF_SECRETS_INPUT, &diag);
    T_INT(raw.len, 0);
    bf_arena_clear(&arena);
    bf_buf_clear(&raw);
}

T_CASES("bundle rules", {"times", times}, {"emergency life", emergency_life},
        {"target", target}, {"no endpoint", no_endpoint}, {"people", people},
        {"emergency", emergency}, {"make refuses", make_refuses});
