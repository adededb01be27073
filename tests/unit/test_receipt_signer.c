/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have signed a receipt, what evidence it carries, and that nothing of it bends.
 */
#include <stdio.h>
#include <string.h>

#include "bf/receipt.h"
#include "faults.h"
#include "harness.h"

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define EMPTY_ROOT "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct fx world;
static struct bf_buf container;

/* As small as a receipt can be. */
static void fresh(struct bf_receipt *r)
{
    if (world.who[0].id == NULL) {
        fx_init(&world);
    }
    memset(r, 0, sizeof(*r));
    r->bundle.id = "00112233445566778899aabbccddeeff";
    r->bundle.manifest_sha256 = HEX64;
    r->grade = "normal";
    r->clock.now = FX_NOW;
    r->config_sha256 = HEX64;
    r->domain = FX_DOMAIN;
    r->finished = FX_NOW;
    r->log.origin = "gw-1";
    r->log.prev_root = EMPTY_ROOT;
    r->operator_name = "";
    r->outcome = "applied";
    r->receipt_id = "ffeeddccbbaa99887766554433221100";
    r->refusal = "";
    r->started = FX_NOW;
    r->target.cluster_name = "";
    r->target.cluster_uuid = "";
    r->target.id = "prod-eu-1";
    r->target.kind = "opensearch";
    r->target.version = "";
    r->tool = "x";
    r->trust.sha256 = world.trust.sha256;
    r->trust.version = 1;
    bf_buf_clear(&container);
}

static void make(struct bf_receipt *r, enum fx_who who, const struct bf_entry *evidence,
                 size_t num)
{
    struct bf_diag diag = {0};

    bf_buf_clear(&container);
    T_OK(bf_receipt_make(&container, r, evidence, num, &world.who[who].signer, &diag),
         &diag);
}

static enum bf_err open_by(const struct bf_trust *const *trusts, size_t num,
                           struct bf_diag *diag)
{
    struct bf_receipt_file f;
    struct bf_buf copy;
    enum bf_err err;

    fx_copy(&copy, bf_buf_bytes(&container));
    err = bf_receipt_open(&f, &copy, trusts, num, FX_NOW, diag);
    bf_receipt_clear(&f);
    return err;
}

static void expect(enum bf_err want)
{
    const struct bf_trust *trusts[1] = {&world.trust};
    struct bf_diag diag = {0};

    T_ERR(open_by(trusts, 1, &diag), want, &diag);
}

/* ---- signature ---- */

static void test_signature(void)
{
    struct bf_receipt r;

    fresh(&r);
    make(&r, FX_GW, NULL, 0);
    expect(BF_OK);
    make(&r, FX_MALLORY, NULL, 0); /* a key that nobody gave it */
    expect(BF_RECEIPT_SIGNATURE);
    make(&r, FX_BOB, NULL, 0); /* a person's key in the appliance's name */
    expect(BF_RECEIPT_SIGNATURE);
    make(&r, FX_GW, NULL, 0);
    fx_put(&container, "sig/receipt.gw-1.sshsig", bf_view(NULL, 0)); /* none */
    expect(BF_RECEIPT_SIGNATURE);
    make(&r, FX_GW, NULL, 0);
    fx_sign(&container, &world, FX_GW, FX_BOB, "receipt"); /* two */
    expect(BF_RECEIPT_SIGNATURE);
    make(&r, FX_GW, NULL, 0);
    fx_put(&container, "sig/note.txt", bf_text("x")); /* nothing else lives there */
    expect(BF_RECEIPT_SIGNATURE);
    make(&r, FX_GW, NULL, 0);
    fx_sign(&container, &world, FX_BOB, FX_BOB, "approve");
    expect(BF_GATE_ROLE);
}

/* By a person who may sign other things, in a role of theirs. */
static void test_other_role(void)
{
    struct bf_receipt r;
    struct bf_container c;
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);
    struct bf_diag diag = {0};

    fresh(&r);
    make(&r, FX_GW, NULL, 0);
    T_OK(bf_gate(&c, bf_buf_bytes(&container), &diag), &diag);
    T_OK(bf_sign(&world.who[FX_GW].signer, &armor, "snapseal-root-v1@" FX_DOMAIN,
                 c.entries[0].data, &diag),
         &diag);
    fx_put(&container, "sig/receipt.gw-1.sshsig", bf_buf_bytes(&armor));
    expect(BF_RECEIPT_SIGNATURE);
    bf_buf_clear(&armor);
}

/* Nothing is parsed before the signature is good, and no trust means no signature. */
static void test_before_parsing(void)
{
    struct bf_receipt r;
    struct bf_diag diag = {0};

    fresh(&r);
    ft_receipt(&container, &world, FX_MALLORY, "gw-1", "no JSON");
    expect(BF_RECEIPT_SIGNATURE);
    bf_buf_clear(&container);
    ft_receipt(&container, &world, FX_GW, "gw-1", "no JSON");
    expect(BF_JSON_SYNTAX);
    T_ERR(open_by(NULL, 0, &diag), BF_RECEIPT_SIGNATURE, &diag);
    bf_buf_clear(&container);
    ft_receipt(&container, &world, FX_GW, "gw-1", "{\"type\":\"snapseal/trust/1\"}");
    expect(BF_MANIFEST_TYPE);
    bf_buf_clear(&container);
    ft_receipt(&container, &world, FX_GW, "gw-1",
               "{\"domain\":\"example.org\",\"type\":\"snapseal/receipt/1\"}");
    expect(BF_MANIFEST_DOMAIN);
}

/* ---- signer, log, target ---- */

static void test_signer(void)
{
    struct bf_receipt r;

    fresh(&r);
    r.target.id = "prod-eu-9";
    make(&r, FX_GW, NULL, 0);
    expect(BF_RECEIPT_SIGNER);
    fresh(&r);
    r.log.origin = "gw-2"; /* signed in the name of the log, which is not the key's */
    make(&r, FX_GW, NULL, 0);
    expect(BF_RECEIPT_SIGNATURE);
    fresh(&r);
    r.log.origin = "gw-2";
    make(&r, FX_GW, NULL, 0);
    fx_put(&container, "sig/receipt.gw-2.sshsig", bf_view(NULL, 0));
    fx_sign(&container, &world, FX_GW, FX_GW, "receipt");
    expect(BF_RECEIPT_SIGNER);
}

/* A second trust: gw-1 with a new key, a second appliance with a target of its own. */
static void later_trust(struct bf_trust *out, bool new_key)
{
    static struct fx_trust_parts parts;
    static uint8_t scalar[4][BF_KEY];
    static char texts[2][BF_RECIPIENT_TEXT];
    struct bf_buf raw;
    struct bf_diag diag = {0};
    size_t i;

    fx_trust_body(&parts, &world);
    for (i = 0; i < 2; i++) {
        uint8_t point[BF_KEY];

        bf_random(scalar[i], BF_KEY);
        bf_x25519_base(point, scalar[i]);
        bf_age_recipient_write(texts[i], point);
    }
    parts.body.version = 2;
    parts.body.prev = world.trust.sha256;
    if (new_key) {
        parts.appliances[0].receipt_key = world.who[FX_MALLORY].line;
    } else {
        parts.appliances[1] =
            (struct bf_appliance){.id = "gw-2",
                                  .receipt_key = world.who[FX_MALLORY].line,
                                  .secrets = texts[0],
                                  .transport = texts[1]};
        parts.body.appliances.num = 2;
        parts.targets[1] = parts.targets[0];
        parts.targets[1].appliance = "gw-2";
        parts.targets[1].id = "prod-eu-2";
        parts.targets[1].cluster_uuid = "another";
        parts.endpoints[1][0] = parts.endpoints[0][0];
        parts.endpoints[1][0].url = "https://es2.example.corp:9200";
        parts.targets[1].endpoints = (struct bf_list){1, parts.endpoints[1]};
        parts.body.targets.num = 2;
    }
    ft_trust_body(&raw, &parts.body);
    T_OK(bf_trust_load(out, &raw, &diag), &diag);
}

/* A key counts under the trust that the receipt names, whichever else knows it. */
static void test_rotated_key(void)
{
    struct bf_receipt r;
    struct bf_trust later;
    const struct bf_trust *trusts[2] = {&later, &world.trust};
    struct bf_diag diag = {0};

    fresh(&r);
    later_trust(&later, true);
    make(&r, FX_GW, NULL, 0); /* the old key under the old trust */
    T_ERR(open_by(trusts, 2, &diag), BF_OK, &diag);
    T_ERR(diag.err, BF_OK, NULL); /* that the first trust did not vouch is no failure */
    T_TEXT(diag.where, "");
    T_ERR(open_by(trusts, 1, &diag), BF_RECEIPT_SIGNATURE, &diag);
    make(&r, FX_MALLORY, NULL, 0); /* the new key under the old trust */
    T_ERR(open_by(trusts, 2, &diag), BF_RECEIPT_SIGNER, &diag);
    r.trust.sha256 = later.sha256;
    r.trust.version = 2;
    make(&r, FX_MALLORY, NULL, 0); /* the new key under the new trust */
    T_ERR(open_by(trusts, 2, &diag), BF_OK, &diag);
    make(&r, FX_GW, NULL, 0); /* the old key under the new trust */
    T_ERR(open_by(trusts, 2, &diag), BF_RECEIPT_SIGNER, &diag);
    bf_trust_clear(&later);
}

static void test_other_appliance(void)
{
    struct bf_receipt r;
    struct bf_trust later;
    const struct bf_trust *trusts[1] = {&later};
    struct bf_diag diag = {0};

    fresh(&r);
    later_trust(&later, false);
    r.trust.sha256 = later.sha256;
    r.trust.version = 2;
    r.log.origin = "gw-2";
    r.target.id = "prod-eu-2";
    make(&r, FX_MALLORY, NULL, 0);
    T_ERR(open_by(trusts, 1, &diag), BF_OK, &diag);
    r.target.id = "prod-eu-1"; /* gw-1's target */
    make(&r, FX_MALLORY, NULL, 0);
    T_ERR(open_by(trusts, 1, &diag), BF_RECEIPT_SIGNER, &diag);
    r.log.origin = "gw-1"; /* gw-1's log */
    make(&r, FX_MALLORY, NULL, 0);
    T_ERR(open_by(trusts, 1, &diag), BF_RECEIPT_SIGNATURE, &diag);
    bf_trust_clear(&later);
}

static void test_trust(void)
{
    struct bf_receipt r;

    fresh(&r);
    r.trust.sha256 = HEX64;
    make(&r, FX_GW, NULL, 0);
    expect(BF_RECEIPT_TRUST);
    fresh(&r);
    r.trust.version = 2; /* the hash is known, under another number */
    make(&r, FX_GW, NULL, 0);
    expect(BF_RECEIPT_TRUST);
}

/* The writer does not sign a log that does not fit; a reader that is shown one refuses.
 */
static void test_log(void)
{
    struct bf_receipt r;
    struct bf_buf text = bf_buf(BF_MAX_JSON), out = {0};
    const char *frontier[2] = {HEX64, HEX64};
    struct bf_diag diag = {0};

    fresh(&r);
    r.log.index = 1;
    T_ERR(bf_receipt_make(&out, &r, NULL, 0, &world.who[FX_GW].signer, &diag),
          BF_RECEIPT_LOG, &diag);
    T_TRUE(out.ptr == NULL);
    r.type = "snapseal/receipt/1";
    bf_schema_write(&text, &bf_receipt_schema, &r);
    ft_receipt(&container, &world, FX_GW, "gw-1", bf_buf_text(&text));
    expect(BF_RECEIPT_LOG);
    r.log.frontier = (struct bf_list){1, frontier};
    r.log.prev_root = HEX64; /* one leaf: the root is the leaf */
    make(&r, FX_GW, NULL, 0);
    expect(BF_OK);
    r.log.frontier.num = 2; /* as many as 1 has one-bits is one */
    bf_buf_clear(&text);
    bf_schema_write(&text, &bf_receipt_schema, &r);
    bf_buf_clear(&container);
    ft_receipt(&container, &world, FX_GW, "gw-1", bf_buf_text(&text));
    expect(BF_RECEIPT_LOG);
    bf_buf_clear(&text);
}

/* ---- evidence ---- */

static void test_evidence(void)
{
    static uint8_t large[BF_MAX_EVIDENCE + 1];
    struct bf_entry rows[3] = {{"evidence/zz.json", bf_text("zz")},
                               {"evidence/large.json", bf_view(large, sizeof(large) - 1)},
                               {"evidence/larger.json", bf_view(large, sizeof(large))}};
    struct bf_receipt r;
    struct bf_container c;
    struct bf_diag diag = {0};

    fresh(&r);
    make(&r, FX_GW, rows, 3);
    expect(BF_OK);
    T_OK(bf_gate(&c, bf_buf_bytes(&container), &diag), &diag);
    T_TRUE(bf_container_find(&c, "evidence/large.json") != NULL);
    T_TRUE(bf_container_find(&c, "evidence/larger.json") == NULL); /* by hash alone */
    fx_put(&container, "evidence/larger.json", rows[2].data);
    expect(BF_RECEIPT_MEMBER);
    make(&r, FX_GW, rows, 3);
    fx_put(&container, "evidence/zz.json", bf_text("yy"));
    expect(BF_RECEIPT_MEMBER);
    make(&r, FX_GW, rows, 3);
    fx_put(&container, "evidence/zz.json", bf_text("zzz"));
    expect(BF_RECEIPT_MEMBER);
    make(&r, FX_GW, rows, 3);
    fx_put(&container, "evidence/zz.json", bf_view(NULL, 0));
    expect(BF_RECEIPT_MEMBER);
    make(&r, FX_GW, rows, 3);
    fx_put(&container, "evidence/zz.txt", bf_text("zz"));
    expect(BF_RECEIPT_MEMBER);
    make(&r, FX_GW, rows, 3);
    fx_put(&container, "allowed_signers", bf_text("zz"));
    expect(BF_RECEIPT_MEMBER);
}

static void test_evidence_names(void)
{
    static const char *const bad[] = {"verify.json", "evidence/", "evidence/Verify.json",
                                      "evidence/../x"};
    struct bf_receipt r;
    struct bf_entry rows[BF_MAX_MEMBERS];
    struct bf_buf out = {0};
    struct bf_diag diag = {0};
    char names[BF_MAX_MEMBERS][32];
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fresh(&r);
        rows[0] = (struct bf_entry){bad[i], bf_text("x")};
        T_ERR(bf_receipt_make(&out, &r, rows, 1, &world.who[FX_GW].signer, &diag),
              BF_RECEIPT_VALUE, &diag);
    }
    rows[0] = (struct bf_entry){"evidence/a", bf_text("x")};
    rows[1] = rows[0]; /* twice */
    T_ERR(bf_receipt_make(&out, &r, rows, 2, &world.who[FX_GW].signer, &diag),
          BF_RECEIPT_VALUE, &diag);
    for (i = 0; i < BF_MAX_MEMBERS; i++) {
        snprintf(names[i], sizeof(names[i]), "evidence/%zu", i);
        rows[i] = (struct bf_entry){names[i], bf_text("x")};
    }
    make(&r, FX_GW, rows, BF_MAX_MEMBERS - 2); /* a full container */
    expect(BF_OK);
    T_ERR(bf_receipt_make(&out, &r, rows, BF_MAX_MEMBERS - 1, &world.who[FX_GW].signer,
                          &diag),
          BF_RECEIPT_VALUE, &diag);
}

/* A list of members that is out of order, well signed. */
static void test_member_order(void)
{
    struct bf_member rows[2] = {{"evidence/b", HEX64, 70000},
                                {"evidence/a", HEX64, 70000}};
    struct bf_receipt r;
    struct bf_buf text = bf_buf(BF_MAX_JSON);

    fresh(&r);
    r.type = "snapseal/receipt/1";
    r.members = (struct bf_list){2, rows};
    bf_schema_write(&text, &bf_receipt_schema, &r);
    ft_receipt(&container, &world, FX_GW, "gw-1", bf_buf_text(&text));
    expect(BF_RECEIPT_VALUE);
    rows[0].name = "evidence/a";
    rows[1].name = "evidence/b";
    bf_buf_clear(&text);
    bf_schema_write(&text, &bf_receipt_schema, &r);
    bf_buf_clear(&container);
    ft_receipt(&container, &world, FX_GW, "gw-1", bf_buf_text(&text));
    expect(BF_OK);
    bf_buf_clear(&text);
}

/* ---- every bit, every length ---- */

static void test_bits(void)
{
    const struct bf_trust *trusts[1] = {&world.trust};
    struct bf_entry evidence = {"evidence/a.json", bf_text("{\"ok\":true}")};
    struct bf_receipt r;
    struct bf_buf whole;
    struct bf_diag diag = {0};
    size_t i, taken = 0;

    fresh(&r);
    make(&r, FX_GW, &evidence, 1);
    expect(BF_OK);
    for (i = 0; i < container.len * 8; i++) {
        container.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
        taken += open_by(trusts, 1, &diag) == BF_OK ? 1 : 0;
        container.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    whole = container;
    for (i = 0; i < whole.len; i++) {
        container.len = i;
        taken += open_by(trusts, 1, &diag) == BF_OK ? 1 : 0;
    }
    container = whole;
    T_INT(taken, 0);
    bf_buf_clear(&container);
    fx_clear(&world);
}

T_CASES("receipt signer", {"signature", test_signature}, {"other role", test_other_role},
        {"before parsing", test_before_parsing}, {"signer", test_signer},
        {"rotated key", test_rotated_key}, {"other appliance", test_other_appliance},
        {"trust", test_trust}, {"log", test_log}, {"evidence", test_evidence},
        {"evidence names", test_evidence_names}, {"member order", test_member_order},
        {"bits and lengths", test_bits});
