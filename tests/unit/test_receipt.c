/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: made and read again, every member of the schema, every rule, every bit. */
#include "bf/receipt.h"

#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "harness.h"
#include "sshparts.h"

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define EMPTY_ROOT "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct fx world;
static struct bf_buf container;
static const struct bf_entry two[] = {
    {"evidence/verify.json", {(const uint8_t *)"{}", 2}},
    {"evidence/put.json", {(const uint8_t *)"{\"a\":1}", 7}}};

/* A receipt with something in every list. */
static void fill(struct bf_receipt *r)
{
    static struct bf_receipt_check checks[] = {{"gate", "ok"}, {"live", "skipped"}};
    static struct bf_receipt_check probes[] = {{"list", "ok"},
                                               {"delete-bucket", "judged, not tried"}};
    static struct bf_receipt_person people[2];
    static struct bf_receipt_step steps[] = {{"after", "", "register", "ok", ""}};
    static const char *nodes[] = {"node-1", "node-2"},
                      *names[] = {"s3.client.secondary.access_key"};
    static const char *not_tried[] = {"s3:DeleteBucket"};
    static struct bf_receipt_node keystores[1];
    static char fingerprint[BF_FINGERPRINT];

    memset(r, 0, sizeof(*r));
    T_OK(bf_sshkey_fingerprint(fingerprint, &world.who[FX_BOB].signer.key), NULL);
    people[0] = (struct bf_receipt_person){
        .fingerprint = fingerprint, .id = "bob", .role = "approve"};
    people[1] = (struct bf_receipt_person){
        .fingerprint = fingerprint, .id = "alice", .role = "author"};
    keystores[0] = (struct bf_receipt_node){"", {1, names}, "node-1", "ok"};
    r->bundle.id = "00112233445566778899aabbccddeeff";
    r->bundle.manifest_sha256 = HEX64;
    r->checks = (struct bf_list){2, checks};
    r->grade = "normal";
    r->clock.now = FX_NOW;
    r->clock.synchronised = true;
    r->config_sha256 = HEX64;
    r->domain = FX_DOMAIN;
    r->finished = FX_NOW;
    r->log.origin = "gw-1";
    r->log.prev_root = EMPTY_ROOT;
    r->not_tried = (struct bf_list){1, not_tried};
    r->operator_name = "";
    r->outcome = "applied";
    r->people = (struct bf_list){2, people};
    r->proof.expected = (struct bf_list){2, nodes};
    r->proof.keystores = (struct bf_list){1, keystores};
    r->proof.probes = (struct bf_list){2, probes};
    r->proof.seen = (struct bf_list){2, nodes};
    r->receipt_id = "ffeeddccbbaa99887766554433221100";
    r->refusal = "";
    r->serial = 7;
    r->started = FX_NOW;
    r->steps = (struct bf_list){1, steps};
    r->target.cluster_name = "shop";
    r->target.cluster_uuid = FX_UUID;
    r->target.id = "prod-eu-1";
    r->target.kind = "opensearch";
    r->target.version = "3.8.0";
    r->tool = "snapseal-verify 0.1.0";
    r->trust.sha256 = world.trust.sha256;
    r->trust.version = 1;
}

static void fresh(struct bf_receipt *r)
{
    if (world.who[0].id == NULL) {
        fx_init(&world);
    }
    fill(r);
    bf_buf_clear(&container);
}

static void make(struct bf_receipt *r, const struct bf_entry *evidence, size_t num)
{
    struct bf_diag diag = {0};

    bf_buf_clear(&container);
    T_OK(bf_receipt_make(&container, r, evidence, num, &world.who[FX_GW].signer, &diag),
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
    T_TRUE(copy.ptr == NULL);
    T_TRUE(err == BF_OK ||
           (f.raw.ptr == NULL && f.signer[0] == '\0' && f.r.outcome == NULL));
    bf_receipt_clear(&f);
    return err;
}

/* ---- there and back ---- */

static void test_round(void)
{
    const struct bf_trust *trusts[1] = {&world.trust};
    struct bf_receipt r;
    struct bf_receipt_file f;
    struct bf_buf copy, again = bf_buf(BF_MAX_JSON);
    struct bf_diag diag = {0};
    uint8_t leaf[BF_SHA256];
    char sha256[2 * BF_SHA256 + 1];

    fresh(&r);
    make(&r, two, 2);
    T_INT(r.members.num, 0);
    fx_copy(&copy, bf_buf_bytes(&container));
    T_OK(bf_receipt_open(&f, &copy, trusts, 1, FX_NOW, &diag), &diag);
    T_TEXT(f.signer, "gw-1");
    T_TEXT(f.r.outcome, "applied");
    T_TEXT(f.r.grade, "normal");
    T_INT(f.r.members.num, 2);
    T_TEXT(BF_LIST_ITEM(&f.r.members, struct bf_member, 0)->name, "evidence/put.json");
    T_INT(f.r.serial, 7);
    T_TEXT(BF_LIST_ITEM(&f.r.proof.probes, struct bf_receipt_check, 1)->result,
           "judged, not tried");
    ft_sha256(sha256, &f.raw);
    T_TEXT(f.sha256, sha256);
    bf_log_leaf(leaf, f.container.entries[0].data);
    T_BYTES(bf_view(f.leaf, BF_SHA256), bf_view(leaf, BF_SHA256));
    bf_schema_write(&again, &bf_receipt_schema, &f.r);
    T_BYTES(bf_buf_bytes(&again), f.container.entries[0].data);
    bf_buf_clear(&again);
    bf_receipt_clear(&f);
}

/* ---- schema ---- */

/* The receipt is signed well each time; what is wrong is the member alone. */
static void try_fault(enum ft_kind kind, const char *path, const char *text, void *ctx)
{
    const struct bf_trust *trusts[1] = {&world.trust};
    enum bf_err want = BF_RECEIPT_SCHEMA, err;
    struct bf_diag diag = {0};
    size_t i;

    (void)ctx;
    if (strcmp(path, "type") == 0) {
        want = BF_MANIFEST_TYPE;
    } else if (strcmp(path, "domain") == 0) {
        want = BF_MANIFEST_DOMAIN;
    } else if (kind == FT_GRAMMAR || kind == FT_NEGATIVE) {
        want = BF_RECEIPT_VALUE;
    }
    bf_buf_clear(&container);
    ft_receipt(&container, &world, FX_GW, "gw-1", text);
    for (i = 0; i < 2; i++) {
        fx_put(&container, two[i].name, two[i].data);
    }
    err = open_by(trusts, 1, &diag);
    if (strncmp(path, "steps.entry.", 12) == 0 && kind == FT_GRAMMAR &&
        (strcmp(path + 12, "after") == 0 || strcmp(path + 12, "before") == 0)) {
        want = BF_OK; /* what a server said stands as it is */
    }
    if (err != want) {
        fprintf(stderr, "fault %d at %s:\n", (int)kind, path);
    }
    T_ERR(err, want, &diag);
}

static void test_schema(void)
{
    struct bf_receipt r;
    struct bf_container c;
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};

    fresh(&r);
    make(&r, two, 2);
    T_OK(bf_gate(&c, bf_buf_bytes(&container), &diag), &diag);
    T_OK(bf_json_parse(&doc, c.entries[0].data, BF_JSON_SIGNED, &diag), &diag);
    T_TRUE(ft_each(&doc, try_fault, NULL) > 200);
    bf_json_clear(&doc);
}

/* ---- values ---- */

static enum bf_err try_make(struct bf_receipt *r, struct bf_diag *diag)
{
    struct bf_buf out = {0};
    enum bf_err err = bf_receipt_make(&out, r, NULL, 0, &world.who[FX_GW].signer, diag);

    T_TRUE(err == BF_OK || out.ptr == NULL);
    bf_buf_clear(&out);
    return err;
}

/* The writer asks what the reader will ask. */
static void test_outcomes(void)
{
    static const struct {
        const char *outcome, *refusal;
        enum bf_err want;
    } rows[] = {
        {"applied", "", BF_OK},
        {"attested", "", BF_OK},
        {"proved", "", BF_OK},
        {"settled", "", BF_OK},
        {"refused", "LIVE_UUID", BF_OK},
        {"undone", "NODE_RELOAD", BF_OK},
        {"undone", "", BF_OK},
        {"uncertain", "APPLIER", BF_OK},
        {"uncertain", "", BF_OK},
        {"refused", "", BF_RECEIPT_VALUE},
        {"applied", "LIVE_UUID", BF_RECEIPT_VALUE},
        {"attested", "LIVE_UUID", BF_RECEIPT_VALUE},
        {"proved", "LIVE_UUID", BF_RECEIPT_VALUE},
        {"settled", "LIVE_UUID", BF_RECEIPT_VALUE},
        {"done", "", BF_RECEIPT_VALUE},
        {"Applied", "", BF_RECEIPT_VALUE},
        {"refused", "live_uuid", BF_RECEIPT_VALUE},
        {"refused", "1LIVE", BF_RECEIPT_VALUE},
        {"refused", "A", BF_RECEIPT_VALUE},
        {"refused", "A1", BF_OK},
        {"refused", "A123456789012345678901234567890123456789012345678901234567890123",
         BF_OK},
        {"refused", "A1234567890123456789012345678901234567890123456789012345678901234",
         BF_RECEIPT_VALUE},
    };
    struct bf_receipt r;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bf_diag diag = {0};

        fresh(&r);
        r.outcome = rows[i].outcome;
        r.refusal = rows[i].refusal;
        T_ERR(try_make(&r, &diag), rows[i].want, &diag);
    }
}

/* Grammars one by one: one value that is just in, one that is just out. */
static void test_grammars(void)
{
    struct bf_receipt r;
    const struct {
        const char **at;
        const char *good, *bad;
    } rows[] = {
        {&r.grade, "emergency", "Emergency"},
        {&r.bundle.id, "ffffffffffffffffffffffffffffffff",
         "fffffffffffffffffffffffffffffff"},
        {&r.bundle.manifest_sha256, HEX64,
         "XX112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
        {&r.clock.now, "2028-02-29T23:59:59Z", "2027-02-29T00:00:00Z"},
        {&r.finished, "2026-11-24T09:00:00Z", "2026-11-24T09:00:60Z"},
        {&r.started, "2026-11-24T09:00:00Z", "2026-11-24 09:00:00Z"},
        {&r.operator_name, "Olga at the console", "Olga  at the console"},
        {&r.tool, "x", ""},
        {&r.target.cluster_name, "", " shop"},
        {&r.target.cluster_uuid, "", "a b"},
        {&r.target.version, "", "8.1 "},
        {&r.target.kind, "eck", ""},
        {&r.config_sha256, HEX64, ""},
        {&r.receipt_id, "00000000000000000000000000000000", ""},
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bf_diag diag = {0};

        fresh(&r);
        *rows[i].at = rows[i].good;
        T_ERR(try_make(&r, &diag), BF_OK, &diag);
        *rows[i].at = rows[i].bad;
        T_ERR(try_make(&r, &diag), BF_RECEIPT_VALUE, &diag);
    }
}

static void test_list_grammars(void)
{
    struct bf_receipt r;
    struct bf_receipt_check check = {"gate", "ok"};
    struct bf_receipt_step step = {"", "", "register", "ok", ""};
    char fingerprint[64];
    struct bf_receipt_person person = {
        .fingerprint = fingerprint, .id = "bob", .role = "approve"};
    char long_text[502];
    const struct {
        const char **at;
        const char *good, *bad;
    } rows[] = {
        {&check.result, "refused", "passed"},
        {&check.id, "a.b-c_9", "A"},
        {&check.id, "a", ""},
        {&check.id, "a123456789012345678901234567890123456789012345678901234567890123",
         "a1234567890123456789012345678901234567890123456789012345678901234"},
        {&step.after, "", "\t"},
        {&check.id, "signatures", ".a"},
        {&step.id, "s3-preflight", "s3 preflight"},
        {&step.result, "not done", ""},
        {&step.before, "  {\"a\": 1} ~ ", long_text},
        {&step.after, long_text + 1, long_text},
        {&step.undo, "", " x"},
        {&person.role, "author", "root"},
        {&person.id, "carol", "Carol"},
        {&person.fingerprint, fingerprint, "SHA256:short"},
        {&person.fingerprint, fingerprint,
         "MD5:6789012345678901234567890123456789012345678901"},
    };
    size_t i;

    memset(long_text, 'x', 501);
    long_text[501] = '\0';
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bf_diag diag = {0};

        fresh(&r);
        T_OK(bf_sshkey_fingerprint(fingerprint, &world.who[FX_BOB].signer.key), NULL);
        r.checks = (struct bf_list){1, &check};
        r.steps = (struct bf_list){1, &step};
        r.people = (struct bf_list){1, &person};
        *rows[i].at = rows[i].good;
        T_ERR(try_make(&r, &diag), BF_OK, &diag);
        *rows[i].at = rows[i].bad;
        T_ERR(try_make(&r, &diag), BF_RECEIPT_VALUE, &diag);
        *rows[i].at = rows[i].good;
    }
}

/* The longest lists that fit, of a cluster with 256 nodes, and one entry more. */
static void test_long_lists(void)
{
    static struct bf_receipt_step steps[1025];
    static struct bf_receipt_node nodes[257];
    static const char *names[257];
    struct bf_receipt r;
    size_t i;
    const struct {
        struct bf_list *list;
        void *items;
        size_t most;
    } rows[] = {{&r.steps, steps, 1024},
                {&r.proof.keystores, nodes, 256},
                {&r.proof.expected, names, 256},
                {&r.proof.seen, names, 256},
                {&r.not_tried, names, 64}};

    for (i = 0; i < 1025; i++) {
        steps[i] = (struct bf_receipt_step){"", "", "keystore.node-1", "ok", ""};
    }
    for (i = 0; i < 257; i++) {
        names[i] = "node-1";
        nodes[i] = (struct bf_receipt_node){"", {8, names}, "node-1", "ok"};
    }
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bf_diag diag = {0};

        fresh(&r);
        *rows[i].list = (struct bf_list){rows[i].most, rows[i].items};
        T_ERR(try_make(&r, &diag), BF_OK, &diag);
        rows[i].list->num++;
        T_ERR(try_make(&r, &diag), BF_RECEIPT_VALUE, &diag);
    }
}

/* The highest counter of the key that earlier receipts have; told when it fell. */
static void test_counters(void)
{
    static const int64_t before[] = {7, 4, 9};
    struct test_hardware h;
    struct bf_verdict sigs[2] = {{.counter_before = -1}, {.counter_before = -1}};
    struct bf_bundle bundle = {.sigs = sigs, .num_sigs = 1};
    struct bf_receipt_person person = {0};
    struct bf_receipt r;
    char line[500];
    size_t i;

    fresh(&r);
    test_hardware(&h, world.who[FX_BOB].signer.secret.ptr, 1, 8);
    sigs[0].key = world.who[FX_BOB].signer.key;
    T_TRUE(!bf_counters_any(&bundle)); /* a plain key counts nothing */
    sigs[0].key = h.signer.key;
    sigs[0].reason = BF_SIG_BAD;
    T_TRUE(!bf_counters_any(&bundle));
    sigs[0].reason = BF_OK;
    T_TRUE(bf_counters_any(&bundle));
    snprintf(sigs[0].person, sizeof(sigs[0].person), "bob");
    T_OK(bf_sshkey_fingerprint(sigs[0].fingerprint, &h.signer.key), NULL);
    sigs[0].counter = 8;
    person = (struct bf_receipt_person){0, sigs[0].fingerprint, 1, "bob", "approve"};
    r.people = (struct bf_list){1, &person};
    for (i = 0; i < 3; i++) {
        struct bf_buf text = bf_buf(1024 * 1024);

        T_TRUE(!bf_counter_fell(line, sizeof(line), &sigs[0]));
        person.counter = before[i];
        bf_schema_write(&text, &bf_receipt_schema, &r);
        bf_counters_seen(&bundle, bf_buf_bytes(&text));
        bf_counters_seen(&bundle, bf_text("{}")); /* no receipt: says nothing */
        bf_buf_clear(&text);
    }
    T_INT(sigs[0].counter_before, 9);
    T_TRUE(bf_counter_fell(line, sizeof(line), &sigs[0]));
    T_TRUE(strstr(line, "counts 8, and had counted 9") != NULL);
    T_TRUE(strstr(line, sigs[0].fingerprint) != NULL);
    sigs[0].counter = 9; /* the same signature as before, or one more touch */
    T_TRUE(!bf_counter_fell(line, sizeof(line), &sigs[0]));
}

T_CASES("receipt", {"round", test_round}, {"schema", test_schema},
        {"outcomes", test_outcomes}, {"grammars", test_grammars},
        {"list grammars", test_list_grammars}, {"long lists", test_long_lists},
        {"counters", test_counters});
