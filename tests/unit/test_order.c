/* SPDX-License-Identifier: Apache-2.0 */
/* The whole order of checks on an appliance: what only its own memory can say (check 11,
 * the floor of 9, versus of 13). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "check.h"
#include "harness.h"
#include "receipts.h"

#define ACCESS "s3.client.secondary.access_key"
#define SECRET "s3.client.secondary.secret_key"

static struct fx *world;
static char dir[200];
static struct vfy_state *state;
static struct bf_secret identity;
static char transport[300];

/* A fresh appliance for every test. */
static void begin(void)
{
    struct bf_diag diag = {0};

    if (world == NULL) {
        world = calloc(1, sizeof(*world));
        fx_init(world);
    }
    ap_make(dir, world);
    snprintf(transport, sizeof(transport), "%s/keys/transport.age", dir);
    state = calloc(1, sizeof(*state));
    fx_must(vfy_state_open(state, dir, VFY_WRITE, &diag), &diag, "state");
    fx_must(vfy_state_identity(&identity, state, &diag), &diag, "identity");
}

static void end(void)
{
    bf_secret_clear(&identity);
    vfy_state_close(state);
    free(state);
}

static struct vfy_ask ask_of(const struct bf_bytes *raw, const char *now)
{
    struct vfy_ask ask = {0};

    ask.path = "bundle";
    ask.raw = raw;
    ask.state = state;
    ask.transport = transport;
    ask.identity = &identity;
    ask.now = now;
    return ask;
}

/* Checks container at now and expects want; also that a refusal leaves no checked bundle.
 * look: owned by caller. */
static void expect_at(struct vfy_look *look, struct bf_bytes container, const char *now,
                      enum bf_err want)
{
    struct vfy_ask ask = ask_of(&container, now);
    struct vfy_checked *checked = NULL;
    struct bf_diag diag = {0};

    T_ERR(vfy_check(&checked, look, &ask, &diag), want, &diag);
    T_TRUE((checked != NULL) == (want == BF_OK));
    T_INT(look->refusal.err, want);
    vfy_checked_free(checked);
}

static void expect(struct bf_bytes container, enum bf_err want)
{
    struct vfy_look *look = calloc(1, sizeof(*look));

    expect_at(look, container, FX_NOW, want);
    vfy_look_clear(look);
    free(look);
}

/* The fixture's bundle with two secrets claimed as they are, approved by both. */
static void make(struct bf_buf *out, struct bf_manifest *m, const char *access_value,
                 const char *access_versus, const char *secret_value,
                 const char *secret_versus)
{
    struct bf_new_secret secrets[2] = {
        {.name = ACCESS,
         .value = bf_text(access_value),
         .versus = access_versus,
         .disclose = true},
        {.name = SECRET, .value = bf_text(secret_value), .versus = secret_versus},
    };
    uint8_t recipient[BF_KEY];
    struct bf_arena arena = {0};
    struct bf_diag diag = {0};

    *out = bf_buf(BF_MAX_CONTAINER);
    bf_x25519_base(recipient, world->secrets);
    fx_must(bf_bundle_make(out, m, &arena, fx_policy, fx_repository, secrets, 2,
                           recipient, &world->who[FX_ALICE].signer, &diag),
            &diag, "bundle");
    fx_sign(out, world, FX_BOB, FX_BOB, "approve");
    fx_sign(out, world, FX_CAROL, FX_CAROL, "approve");
    bf_arena_clear(&arena);
}

static void make_new(struct bf_buf *out, struct bf_manifest *m)
{
    make(out, m, FX_ACCESS, "new", FX_SECRET, "new");
}

static void expect_manifest(struct bf_manifest *m, enum bf_err want)
{
    struct bf_buf container;

    make_new(&container, m);
    expect(bf_buf_bytes(&container), want);
    bf_buf_clear(&container);
}

/* The record as a test wants it. */
static void set_record(const struct vfy_record_of_target *r)
{
    struct vfy_record_of_target copy = *r;
    struct bf_diag diag = {0};

    copy.applied.manifest_sha256 =
        copy.applied.manifest_sha256 != NULL ? copy.applied.manifest_sha256 : "";
    copy.intent.manifest_sha256 =
        copy.intent.manifest_sha256 != NULL ? copy.intent.manifest_sha256 : "";
    copy.intent.outcome = copy.intent.outcome != NULL ? copy.intent.outcome : "";
    copy.uncertain = copy.uncertain != NULL ? copy.uncertain : "";
    copy.type = VFY_TARGET_TYPE;
    fx_must(vfy_target_save(state, "prod-eu-1", &copy, &diag), &diag, "record");
}

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void test_accepted(void)
{
    static const enum bf_check all[] = {
        BF_CHECK_INPUT,    BF_CHECK_GATE,    BF_CHECK_SIGNATURES, BF_CHECK_AUTHOR,
        BF_CHECK_MANIFEST, BF_CHECK_MEMBERS, BF_CHECK_SHEET,      BF_CHECK_TIMES,
        BF_CHECK_TRUST,    BF_CHECK_ORDER,   BF_CHECK_PEOPLE,     BF_CHECK_SECRETS};
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct bf_buf open, sealed;
    size_t i;

    begin();
    fx_bundle_approved(&open, world);
    expect_at(look, bf_buf_bytes(&open), FX_NOW, BF_OK);
    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        T_INT(look->bundle.checks.result[all[i]], BF_PASSED);
    }
    T_INT(look->bundle.checks.result[BF_CHECK_SEALED], BF_SKIPPED);
    T_INT(look->bundle.checks.result[BF_CHECK_LIVE], BF_SKIPPED);
    T_INT(look->secrets.num, 2);
    T_INT(look->standing, VFY_NEW);
    T_TEXT(look->target->id, "prod-eu-1");
    vfy_look_clear(look);
    ap_seal(&sealed, world, bf_buf_bytes(&open));
    expect_at(look, bf_buf_bytes(&sealed), FX_NOW, BF_OK);
    T_INT(look->bundle.checks.result[BF_CHECK_SEALED], BF_PASSED);
    T_TRUE(look->sealed);
    vfy_look_clear(look);
    free(look);
    bf_buf_clear(&open);
    bf_buf_clear(&sealed);
    end();
}

/* A sealed file that is not for us, cut, changed, or that holds no container. */
static void test_sealed(void)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct bf_buf open, sealed;
    struct bf_bytes raw;
    struct vfy_ask ask;
    struct vfy_checked *checked;
    struct bf_diag diag = {0};

    begin();
    fx_bundle_approved(&open, world);
    ap_seal(&sealed, world, bf_buf_bytes(&open));
    raw = bf_buf_bytes(&sealed);
    ask = ask_of(&raw, FX_NOW);
    ask.transport = NULL;
    T_ERR(vfy_check(&checked, look, &ask, &diag), BF_SEAL_IDENTITY, &diag);
    vfy_look_clear(look);
    snprintf(transport, sizeof(transport), "%s/keys/secrets.age",
             dir); /* a key of ours, but not that one */
    expect_at(look, raw, FX_NOW, BF_AGE_NO_MATCH);
    T_INT(look->bundle.checks.result[BF_CHECK_SEALED], BF_REFUSED);
    T_INT(look->bundle.checks.result[BF_CHECK_GATE], BF_SKIPPED);
    vfy_look_clear(look);
    snprintf(transport, sizeof(transport), "%s/keys/transport.age", dir);
    expect(bf_view(sealed.ptr, sealed.len - 1), BF_AGE_PAYLOAD);
    sealed.ptr[sealed.len - 1] ^= 1;
    expect(bf_buf_bytes(&sealed), BF_AGE_PAYLOAD);
    sealed.ptr[30] ^= 1;
    expect(bf_view(sealed.ptr, 40), BF_AGE_HEADER);
    bf_buf_clear(&sealed);
    ap_seal(&sealed, world, bf_text("no container"));
    expect(bf_buf_bytes(&sealed), BF_GATE_SIZE);
    bf_buf_clear(&sealed);
    bf_buf_clear(&open);
    free(look);
    end();
}

static void test_serial(void)
{
    struct bf_manifest m;
    struct vfy_record_of_target r = {0};

    begin();
    fx_manifest(&m, world, true);
    m.serial = 1;
    expect_manifest(&m, BF_OK);
    m.serial = 1000;
    expect_manifest(&m, BF_OK);
    m.serial = 1001;
    expect_manifest(&m, BF_SERIAL_JUMP);
    r.intent.serial = 20;
    set_record(&r);
    m.serial = 19;
    expect_manifest(&m, BF_SERIAL_OLD);
    m.serial = 20;
    expect_manifest(&m, BF_SERIAL_OLD);
    m.serial = 21;
    expect_manifest(&m, BF_OK);
    m.serial = 1020;
    expect_manifest(&m, BF_OK);
    m.serial = 1021;
    expect_manifest(&m, BF_SERIAL_JUMP);
    r.intent.serial = 0; /* a higher floor in the trust file counts instead */
    set_record(&r);
    BF_LIST_ITEM(&state->trust.body.targets, struct bf_target, 0)->serial_floor = 100;
    m.serial = 100;
    expect_manifest(&m, BF_SERIAL_OLD);
    m.serial = 101;
    expect_manifest(&m, BF_OK);
    end();
}

static void test_chain(void)
{
    struct bf_manifest m;
    struct vfy_record_of_target r = {0};

    begin();
    fx_manifest(&m, world, true);
    m.prev = HASH_A;
    expect_manifest(&m, BF_SERIAL_PREV);
    r.applied.manifest_sha256 = r.intent.manifest_sha256 = HASH_A;
    r.intent.outcome = "applied";
    r.applied.serial = r.intent.serial = 3;
    set_record(&r);
    expect_manifest(&m, BF_OK);
    m.prev = HASH_B;
    expect_manifest(&m, BF_SERIAL_PREV);
    m.prev = "";
    expect_manifest(&m, BF_SERIAL_PREV);
    m.prev = HASH_A;
    m.supersedes = HASH_B;
    expect_manifest(&m, BF_SERIAL_SUPERSEDES);
    r.uncertain = r.intent.manifest_sha256 = HASH_B;
    r.intent.outcome = "uncertain";
    r.intent.serial = 4;
    set_record(&r);
    expect_manifest(&m, BF_OK);
    m.supersedes = "";
    expect_manifest(&m, BF_SERIAL_SUPERSEDES);
    m.supersedes = HASH_A;
    expect_manifest(&m, BF_SERIAL_SUPERSEDES);
    end();
}

static void add_receipts(size_t num)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct vfy_receipt_in in = {0};
    struct bf_diag diag = {0};
    struct bf_buf container;
    char id[33];
    size_t index;

    fx_bundle_approved(&container, world);
    expect_at(look, bf_buf_bytes(&container), FX_NOW, BF_OK);
    in.look = look;
    in.trust = &state->trust;
    in.outcome = "refused";
    in.refusal = BF_LIVE_NODES;
    in.operator_name = "";
    in.receipt_id = id;
    in.started = FX_NOW;
    while (num-- > 0) {
        vfy_fresh_id(id);
        fx_must(vfy_receipt_write(&index, state, &in, &diag), &diag, "receipt");
    }
    vfy_look_clear(look);
    free(look);
    bf_buf_clear(&container);
}

static void test_log(void)
{
    struct bf_manifest m;
    struct bf_diag diag = {0};
    uint8_t root[BF_SHA256];
    char hex[65];
    int64_t size;

    begin();
    add_receipts(5);
    fx_manifest(&m, world, true);
    m.expect_log.origin = "gw-1";
    m.expect_log.root = hex;
    for (size = 1; size <= 5; size++) {
        T_OK(vfy_ledger_root(root, &state->ledger, (size_t)size, &diag), &diag);
        bf_hex(hex, root, sizeof(root));
        m.expect_log.size = size;
        expect_manifest(&m, BF_OK);
        m.expect_log.size = size % 5 + 1;
        expect_manifest(&m, BF_LOG_DIFFERS);
    }
    m.expect_log.size = 6;
    expect_manifest(&m, BF_LOG_AHEAD);
    m.expect_log.size = 5;
    m.expect_log.origin = "gw-2";
    expect_manifest(&m, BF_LOG_DIFFERS);
    end();
}

static void test_debts(void)
{
    static const char *const debts[] = {HASH_A};
    struct bf_manifest m;
    struct vfy_record_of_target r = {0};
    union {
        const char *const *in;
        void *out;
    } items = {debts};
    struct bf_list waived = {1, items.out};

    begin();
    fx_manifest(&m, world, true);
    r.debts = waived;
    set_record(&r);
    expect_manifest(&m, BF_DEBT_OPEN);
    state->trust.body.debts_waived = waived;
    expect_manifest(&m, BF_OK);
    end();
}

/* An interrupted run comes before everything else. */
static void test_journal(void)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct bf_buf container;

    begin();
    fx_bundle_approved(&container, world);
    ap_write(dir, "runs/prod-eu-1.journal", bf_text("x"));
    expect_at(look, bf_buf_bytes(&container), FX_NOW, BF_JOURNAL_OPEN);
    T_INT(look->bundle.checks.result[BF_CHECK_ORDER], BF_SKIPPED); /* not decided */
    T_TRUE(look->past_target);
    vfy_look_clear(look);
    free(look);
    bf_buf_clear(&container);
    end();
}

/* The clock must not be behind what is known: the trust file, and what was applied under
 * it. */
static void test_time_floor(void)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct vfy_entry *e;
    struct bf_buf container;

    begin();
    add_receipts(1);
    fx_bundle_approved(&container, world);
    e = &state->ledger.entries[0];
    e->finished = "2026-11-24T10:00:00Z";
    expect(bf_buf_bytes(&container), BF_OK); /* refused ones do not count */
    e->outcome = "applied";
    e->target = "prod-us-1"; /* of any target: no record of ours is behind it */
    expect(bf_buf_bytes(&container), BF_TIME_FLOOR);
    expect_at(look, bf_buf_bytes(&container), "2026-11-24T10:00:00Z", BF_OK);
    vfy_look_clear(look);
    e->trust = 0; /* under an earlier trust: the new one heals it */
    expect(bf_buf_bytes(&container), BF_OK);
    state->trust.body.created_at = "2026-11-24T09:00:01Z";
    expect(bf_buf_bytes(&container), BF_TIME_FLOOR);
    bf_buf_clear(&container);
    free(look);
    end();
}

/* The same bundle again: after applied it is proved, even when it has expired; after
 * undone it is applied anew. */
static void test_again(void)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct vfy_record_of_target r = {0};
    struct bf_buf container;
    struct bf_manifest m;
    char hash[65];

    begin();
    fx_manifest(&m, world, true);
    m.prev = HASH_B;
    make_new(&container, &m);
    expect_at(look, bf_buf_bytes(&container), FX_NOW, BF_SERIAL_PREV);
    memcpy(hash, look->bundle.sha256, sizeof(hash));
    vfy_look_clear(look);

    r.applied.manifest_sha256 = r.intent.manifest_sha256 = hash;
    r.applied.serial = r.intent.serial = m.serial;
    r.intent.outcome = "applied";
    set_record(&r);
    expect_at(look, bf_buf_bytes(&container), FX_NOW, BF_OK);
    T_INT(look->standing, VFY_AGAIN);
    vfy_look_clear(look);
    expect_at(look, bf_buf_bytes(&container), "2026-12-24T09:00:00Z", BF_OK);
    T_INT(look->standing, VFY_AGAIN);
    vfy_look_clear(look);

    r.applied.manifest_sha256 = HASH_B;
    r.intent.outcome = "undone";
    set_record(&r);
    expect_at(look, bf_buf_bytes(&container), FX_NOW, BF_OK);
    T_INT(look->standing, VFY_RETRY);
    vfy_look_clear(look);
    expect_at(look, bf_buf_bytes(&container), "2026-12-24T09:00:00Z", BF_TIME_EXPIRED);
    vfy_look_clear(look);
    r.applied.manifest_sha256 = HASH_A; /* all other checks anew */
    set_record(&r);
    expect(bf_buf_bytes(&container), BF_SERIAL_PREV);

    r.applied.manifest_sha256 = HASH_B;
    r.intent.outcome = "uncertain";
    r.uncertain = hash;
    set_record(&r);
    expect(bf_buf_bytes(&container), BF_SERIAL_OLD);
    bf_buf_clear(&container);
    free(look);
    end();
}

/* What the last applied bundle set, as its record has it. */
static void record_secrets(struct vfy_name rows[2], const char *id,
                           const uint8_t opening[BF_KEY], const char *access_value,
                           const char *secret_value)
{
    static char hex[65], commitments[2][65];

    bf_hex(hex, opening, BF_KEY);
    bf_commitment(commitments[0], opening, id, ACCESS, bf_text(access_value));
    bf_commitment(commitments[1], opening, id, SECRET, bf_text(secret_value));
    rows[0] = (struct vfy_name){id, commitments[0], ACCESS, hex};
    rows[1] = (struct vfy_name){id, commitments[1], SECRET, hex};
}

static void expect_versus(const char *access_value, const char *access_versus,
                          const char *secret_value, const char *secret_versus,
                          enum bf_err want)
{
    struct bf_manifest m;
    struct bf_buf container;

    fx_manifest(&m, world, true);
    make(&container, &m, access_value, access_versus, secret_value, secret_versus);
    expect(bf_buf_bytes(&container), want);
    bf_buf_clear(&container);
}

static void test_versus(void)
{
    static const uint8_t opening[BF_KEY] = {1, 2, 3};
    static const char other[] = "another0secret0key0of0forty0characters00";
    struct vfy_record_of_target r = {0};
    struct vfy_name rows[2];

    begin();
    /* never set from here: only "new" can be true */
    expect_versus(FX_ACCESS, "new", FX_SECRET, "new", BF_OK);
    expect_versus(FX_ACCESS, "same", FX_SECRET, "new", BF_SECRET_VERSUS);
    expect_versus(FX_ACCESS, "new", FX_SECRET, "changed", BF_SECRET_VERSUS);
    expect_versus(FX_ACCESS, "unstated", FX_SECRET, "unstated", BF_SECRET_VERSUS);
    record_secrets(rows, "ffeeddccbbaa99887766554433221100", opening, FX_ACCESS,
                   FX_SECRET);
    r.names = (struct bf_list){2, rows};
    set_record(&r);
    expect_versus(FX_ACCESS, "same", FX_SECRET, "same", BF_OK);
    expect_versus(FX_ACCESS, "same", other, "changed", BF_OK);
    expect_versus(FX_ACCESS, "same", other, "same", BF_SECRET_VERSUS);
    expect_versus(FX_ACCESS, "changed", other, "changed", BF_SECRET_VERSUS);
    expect_versus(FX_ACCESS, "new", other, "changed", BF_SECRET_VERSUS);
    expect_versus(FX_ACCESS, "same", other, "unstated", BF_SECRET_VERSUS);
    r.names.num = 1; /* the other one was never set */
    set_record(&r);
    expect_versus(FX_ACCESS, "same", other, "new", BF_OK);
    end();
}

/* [BF-507] "removed" is true exactly when no value comes along, with or without a record.
 */
static void test_removed(void)
{
    struct bf_secret_ref ref = {"", "", ACCESS, "removed"};
    struct bf_opened opened = {ACCESS, bf_text("value"), {0}};
    struct bf_secrets *secrets = calloc(1, sizeof(*secrets));
    struct bf_bundle *b = calloc(1, sizeof(*b));
    struct vfy_record_of_target r = {0};
    struct bf_diag diag = {0};

    b->m.secrets = (struct bf_list){1, &ref};
    T_OK(vfy_versus(b, secrets, &r, &diag), &diag);
    secrets->items[0] = opened;
    secrets->num = 1;
    T_ERR(vfy_versus(b, secrets, &r, &diag), BF_SECRET_VERSUS, &diag);
    secrets->num = 0;
    ref.versus = "new";
    T_ERR(vfy_versus(b, secrets, &r, &diag), BF_SECRET_VERSUS, &diag);
    free(secrets);
    free(b);
}

/* The auditor's form: no state, scope document; order, floor and the values are not
 * judged. */
static void test_document(void)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct bf_buf container;
    struct vfy_ask ask;
    struct vfy_checked *checked;
    struct bf_bytes raw;
    struct bf_diag diag = {0};

    begin();
    fx_bundle_approved(&container, world);
    raw = bf_buf_bytes(&container);
    ask = ask_of(&raw, FX_NOW);
    ask.state = NULL;
    ask.identity = NULL;
    ask.trust = &world->trust;
    T_OK(vfy_check(&checked, look, &ask, &diag), &diag);
    T_TRUE(checked == NULL);
    T_TRUE(!look->appliance);
    T_INT(look->bundle.checks.result[BF_CHECK_ORDER], BF_SKIPPED);
    T_INT(look->bundle.checks.result[BF_CHECK_SECRETS], BF_SKIPPED);
    T_INT(look->bundle.checks.result[BF_CHECK_PEOPLE], BF_PASSED);
    vfy_look_clear(look);
    ask.identity = &identity;
    T_OK(vfy_check(&checked, look, &ask, &diag), &diag);
    T_TRUE(checked == NULL); /* never one that could be applied */
    T_INT(look->bundle.checks.result[BF_CHECK_SECRETS], BF_PASSED);
    vfy_look_clear(look);
    free(look);
    bf_buf_clear(&container);
    end();
}

/* Too few people: refused after the order was found good, and past check 10. */
static void test_people(void)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct bf_buf container;

    begin();
    fx_bundle(&container, world);
    fx_sign(&container, world, FX_BOB, FX_BOB, "approve");
    expect_at(look, bf_buf_bytes(&container), FX_NOW, BF_PEOPLE_MISSING);
    T_TRUE(look->past_target);
    T_INT(look->bundle.checks.result[BF_CHECK_ORDER], BF_PASSED);
    T_INT(look->bundle.checks.result[BF_CHECK_PEOPLE], BF_REFUSED);
    T_INT(look->bundle.checks.result[BF_CHECK_SECRETS], BF_SKIPPED);
    T_INT(look->secrets.num, 0);
    vfy_look_clear(look);
    free(look);
    bf_buf_clear(&container);
    end();
}

T_CASES("order", {"accepted, open and sealed", test_accepted},
        {"sealed files", test_sealed}, {"serials", test_serial},
        {"prev and supersedes", test_chain}, {"expect_log", test_log},
        {"debts", test_debts}, {"an interrupted run", test_journal},
        {"floor of time", test_time_floor}, {"the same bundle again", test_again},
        {"versus", test_versus}, {"removed", test_removed},
        {"document scope", test_document}, {"people", test_people});
