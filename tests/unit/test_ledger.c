/* SPDX-License-Identifier: Apache-2.0 */
/* receipt import as the program runs it, on receipts of a log that the library makes: the
 * head moves by proof alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "cmd.h"
#include "fixture.h"
#include "harness.h"
#include "ledger.h"

enum { LEAVES = 8 };

static struct fx *world;
static char dir[200];
static int made;

/* An appliance's log as it grows: the leaves, and before each the log. */
struct chain {
    uint8_t leaves[LEAVES][BF_SHA256];
    struct bf_log before[LEAVES + 1];
    char file[LEAVES][260];
    char manifest[LEAVES][65]; /* of the bundle */
};

static const char *const hex_ids[] = {"00", "11", "22", "33", "44", "55", "66", "77"};

static char edge_hex[64][65], proof_hex[128][65], root_hex[65];
static const char *edge[64], *proof[128];

/* The log fields of receipt i, with a proof from size from (0: none). */
static void fill_log(struct bf_receipt *r, struct chain *c, size_t i, uint64_t from)
{
    static uint8_t hashes[128][BF_SHA256];
    uint8_t root[BF_SHA256];
    size_t k, num = 0;

    for (k = 0; k < bf_log_edges(&c->before[i]); k++) {
        bf_hex(edge_hex[k], c->before[i].edge[k], BF_SHA256);
        edge[k] = edge_hex[k];
    }
    r->log.frontier = (struct bf_list){k, edge};
    r->log.index = (int64_t)i;
    r->log.origin = "gw-1";
    bf_log_root(root, &c->before[i]);
    bf_hex(root_hex, root, BF_SHA256);
    r->log.prev_root = root_hex;
    if (from > 0) {
        T_OK(bf_log_prove(hashes, &num, (const uint8_t(*)[BF_SHA256])c->leaves, from, i),
             NULL);
    }
    for (k = 0; k < num; k++) {
        bf_hex(proof_hex[k], hashes[k], BF_SHA256);
        proof[k] = proof_hex[k];
    }
    r->consistency = (struct bf_list){num, proof};
}

/* Writes receipt i of the chain. mark changes its content. */
static void write_receipt(struct chain *c, size_t i, uint64_t from, const char *outcome,
                          const char *mark)
{
    struct bf_receipt r;
    struct bf_buf container = {0};
    struct bf_container parsed;
    struct bf_diag diag = {0};

    fx_receipt(&r, world, FX_NOW);
    memset(c->manifest[i], hex_ids[i][0], 64);
    fill_log(&r, c, i, from);
    r.bundle.id = "00112233445566778899aabbccddeeff";
    r.bundle.manifest_sha256 = c->manifest[i];
    r.config_sha256 = c->manifest[i];
    r.operator_name = mark;
    r.outcome = outcome;
    r.receipt_id = "ffeeddccbbaa99887766554433221100";
    r.refusal = strcmp(outcome, "refused") == 0 ? "PEOPLE_MISSING" : "";
    r.serial = (int64_t)i + 1;
    fx_must(bf_receipt_make(&container, &r, NULL, 0, &world->who[FX_GW].signer, &diag),
            &diag, "receipt");
    T_OK(bf_gate(&parsed, bf_buf_bytes(&container), &diag), &diag);
    bf_log_leaf(c->leaves[i], parsed.entries[0].data);
    c->before[i + 1] = c->before[i];
    bf_log_append(&c->before[i + 1], c->leaves[i]);
    snprintf(c->file[i], sizeof(c->file[i]), "%s/r%d.snapseal-receipt", t_tmpdir(),
             ++made);
    T_OK(bf_file_write(c->file[i], bf_buf_bytes(&container), 0644, false, &diag), &diag);
    bf_buf_clear(&container);
}

/* A state with the trust installed and nothing else. */
static void begin(void)
{
    struct gen_state s;
    struct bf_diag diag = {0};

    if (world == NULL) {
        world = calloc(1, sizeof(*world));
        fx_init(world);
    }
    snprintf(dir, sizeof(dir), "%s/ledger-%d", t_tmpdir(), ++made);
    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    T_OK(gen_state_trust_put(&s, &world->trust, &diag), &diag);
    gen_state_close(&s);
}

static const struct bf_option state_option = {"state", 0, false, "DIR", ""},
                              own_option = {"own", 0, false, NULL, ""};

/* Runs the verb as main would, its stderr into a file; returns the exit code and checks
 * that the line names id. */
static int import(const char *file, bool own, const char *id)
{
    static const struct bf_program program = {.name = "snapseal-gen", .version = "test"};
    struct bf_given given[2] = {{&state_option, dir}, {&own_option, NULL}};
    const char *operands[1] = {file};
    struct bf_args a = {&program, NULL, given, own ? 2 : 1, operands,
                        1,        true, false, NULL};
    char path[260], text[1200] = "";
    FILE *saved = stderr, *f;
    int code;

    snprintf(path, sizeof(path), "%s/err", t_tmpdir());
    f = fopen(path, "w+");
    T_TRUE(f != NULL);
    if (f == NULL) {
        return -1;
    }
    stderr = f;
    code = gen_cmd_receipt_import(&a);
    stderr = saved;
    rewind(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    if (id == NULL ? text[0] != '\0' : strstr(text, id) == NULL) {
        T_TEXT(text, id != NULL ? id : "(no error)");
    }
    return code;
}

static uint64_t head_size(void)
{
    struct gen_state s;
    struct bf_log log;
    struct bf_diag diag = {0};

    T_OK(gen_state_open(&s, dir, GEN_STATE_READ, &diag), &diag);
    T_OK(gen_state_head(&log, &s, "gw-1", &diag), &diag);
    gen_state_close(&s);
    return log.size;
}

static void outcome_of(char out[32], int64_t *index, const char *sha256)
{
    struct gen_state s;
    struct gen_records all;
    struct bf_diag diag = {0};
    const struct gen_record *r;

    T_OK(gen_state_open(&s, dir, GEN_STATE_READ, &diag), &diag);
    T_OK(gen_state_records(&all, &s, &diag), &diag);
    r = gen_records_find(&all, sha256);
    snprintf(out, 32, "%s", r != NULL ? r->outcome : "(unknown)");
    *index = r != NULL ? r->log_index : -2;
    gen_records_clear(&all);
    gen_state_close(&s);
}

static void one_after_the_other(void)
{
    struct chain *c = calloc(1, sizeof(*c));
    char outcome[32];
    int64_t index;
    size_t i;

    begin();
    for (i = 0; i < 5; i++) {
        write_receipt(c, i, 0, i == 1 ? "refused" : "applied", "");
        T_INT(import(c->file[i], false, NULL), 0);
        T_INT(head_size(), i + 1);
    }
    outcome_of(outcome, &index, c->manifest[1]);
    T_TEXT(outcome, "refused");
    outcome_of(outcome, &index, c->manifest[4]);
    T_TEXT(outcome, "applied");
    T_INT(index, 4);
    /* the same again changes nothing */
    T_INT(import(c->file[2], false, NULL), 0);
    T_INT(import(c->file[4], false, NULL), 0);
    T_INT(head_size(), 5);
    free(c);
}

static void gap(void)
{
    struct chain *c = calloc(1, sizeof(*c));

    begin();
    write_receipt(c, 0, 0, "applied", "");
    write_receipt(c, 1, 0, "applied", "");
    write_receipt(c, 2, 0, "applied", "");
    write_receipt(c, 3, 2, "applied", "");
    T_INT(import(c->file[0], false, NULL), 0);
    T_INT(import(c->file[1], false, NULL), 0);
    /* 2 is missing here: without a proof from our head 3 does not come in, with one it
     * does */
    T_INT(import(c->file[3], false, NULL), 0);
    T_INT(head_size(), 4);
    /* the one between is older then: it closes its change, the head stays */
    T_INT(import(c->file[2], false, NULL), 0);
    T_INT(head_size(), 4);
    free(c);
}

static void gap_without_proof(void)
{
    struct chain *c = calloc(1, sizeof(*c));

    begin();
    write_receipt(c, 0, 0, "applied", "");
    write_receipt(c, 1, 0, "applied", "");
    write_receipt(c, 2, 0, "applied", "");
    write_receipt(c, 3, 2, "applied", ""); /* from 2, and we hold 1 */
    T_INT(import(c->file[0], false, NULL), 0);
    T_INT(import(c->file[2], false, "RECEIPT_PROOF"), 1);
    T_INT(import(c->file[3], false, "RECEIPT_PROOF"), 1);
    T_INT(head_size(), 1);
    free(c);
}

/* Two logs of one appliance: whatever comes second is refused. */
static void forked(void)
{
    struct chain *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));

    begin();
    write_receipt(a, 0, 0, "applied", "");
    write_receipt(b, 0, 0, "applied", "other");
    write_receipt(b, 1, 0, "applied", "other");
    write_receipt(b, 2, 1, "applied", "other");
    T_INT(import(a->file[0], false, NULL), 0);
    T_INT(import(b->file[0], false, "RECEIPT_TWICE"), 1);
    T_INT(import(b->file[1], false, "RECEIPT_PROOF"), 1);
    T_INT(import(b->file[2], false, "RECEIPT_PROOF"), 1);
    T_INT(head_size(), 1);
    free(a);
    free(b);
}

/* A log of which nothing is known is taken up where its receipt stands. */
static void joins_late(void)
{
    struct chain *c = calloc(1, sizeof(*c));
    size_t i;

    begin();
    for (i = 0; i < 6; i++) {
        write_receipt(c, i, 0, "applied", "");
    }
    T_INT(import(c->file[4], false, NULL), 0);
    T_INT(head_size(), 5);
    T_INT(import(c->file[5], false, NULL), 0);
    T_INT(head_size(), 6);
    free(c);
}

static void put_record(const char *sha256, uint64_t size, const char *root)
{
    struct gen_record r = {0};
    struct gen_state s;
    struct bf_diag diag = {0};

    r.author = "alice";
    r.bundle_id = "00112233445566778899aabbccddeeff";
    r.expect_log.origin = size > 0 ? "gw-1" : "";
    r.expect_log.root = root;
    r.expect_log.size = (int64_t)size;
    r.log_index = -1;
    r.serial = 1;
    r.sha256 = sha256;
    r.target = "prod-eu-1";
    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    T_OK(gen_state_record_put(&s, &r, &diag), &diag);
    gen_state_close(&s);
}

/* The receipt's proof is held against the head that the bundle carried. */
static void expected_head(void)
{
    struct chain *c = calloc(1, sizeof(*c));
    uint8_t root[BF_SHA256];
    char hex[65], outcome[32];
    int64_t index;

    begin();
    write_receipt(c, 0, 0, "applied", "");
    write_receipt(c, 1, 1, "applied", "");
    write_receipt(c, 2, 1, "applied", "");
    T_INT(import(c->file[0], false, NULL), 0);
    bf_log_root(root, &c->before[1]);
    bf_hex(hex, root, BF_SHA256);
    put_record(c->manifest[1], 1, hex);
    T_INT(import(c->file[1], true, NULL),
          0); /* the head it carried is the log before it */
    outcome_of(outcome, &index, c->manifest[1]);
    T_TEXT(outcome, "applied");
    put_record(c->manifest[2], 1, hex);
    T_INT(import(c->file[2], true, NULL), 0);
    T_INT(head_size(), 3);
    /* another head than the log ever had */
    write_receipt(c, 3, 1, "applied", "");
    put_record(c->manifest[3], 1,
               "abababababababababababababababababababababababababababababababab");
    T_INT(import(c->file[3], true, "RECEIPT_PROOF"), 1);
    free(c);
}

static void own_only(void)
{
    struct chain *c = calloc(1, sizeof(*c));
    char outcome[32];
    int64_t index;

    begin();
    write_receipt(c, 0, 0, "applied", "");
    T_INT(import(c->file[0], true, "RECEIPT_BUNDLE"), 1);
    T_INT(head_size(), 0);
    T_INT(import(c->file[0], false, NULL), 0);
    outcome_of(outcome, &index, c->manifest[0]);
    T_TEXT(outcome, "applied");
    /* known by a receipt alone is still not ours */
    T_INT(import(c->file[0], true, "RECEIPT_BUNDLE"), 1);
    free(c);
}

/* Bits of a receipt: refused, and nothing is kept. */
static void bad_receipts(void)
{
    struct chain *c = calloc(1, sizeof(*c));
    struct bf_diag diag = {0};
    struct bf_buf file;
    char path[260];
    size_t at;

    begin();
    write_receipt(c, 0, 0, "applied", "");
    T_OK(bf_file_read(&file, c->file[0], BF_MAX_CONTAINER, &diag), &diag);
    snprintf(path, sizeof(path), "%s/bad", t_tmpdir());
    for (at = 0; at < file.len; at += 97) {
        file.ptr[at] ^= 1;
        T_OK(bf_file_write(path, bf_buf_bytes(&file), 0644, true, &diag), &diag);
        T_INT(import(path, false, "error: "), 1);
        file.ptr[at] ^= 1;
    }
    T_INT(head_size(), 0);
    bf_buf_clear(&file);
    T_INT(import("/nonexistent", false, "INPUT_OPEN"), 3);
    free(c);
}

/* What a later receipt of the same bundle does to its record. */
static void record_with(void)
{
    struct gen_record known = {0}, out;
    struct bf_receipt r = {0};
    bool news;

    known.log_index = 3;
    known.outcome = "applied";
    known.author = "alice";
    r.finished = FX_NOW;
    r.grade = "normal";
    r.refusal = "";
    r.outcome = "proved";
    r.log.index = 5;
    gen_record_with(&out, &news, &known, &r);
    T_TRUE(news);
    T_TEXT(out.outcome, "applied");
    T_INT(out.log_index, 5);
    r.outcome = "refused";
    gen_record_with(&out, &news, &known, &r);
    T_TEXT(out.outcome, "applied");
    r.outcome = "undone";
    gen_record_with(&out, &news, &known, &r);
    T_TEXT(out.outcome, "undone");
    r.log.index = 2;
    gen_record_with(&out, &news, &known, &r);
    T_TRUE(!news);
    T_TEXT(out.outcome, "applied");
    known.outcome = "refused";
    r.outcome = "applied";
    r.log.index = 9;
    gen_record_with(&out, &news, &known, &r);
    T_TEXT(out.outcome, "applied");
    if (world != NULL) {
        fx_clear(world);
        free(world);
    }
}

T_CASES("ledger", {"one after the other", one_after_the_other}, {"gap", gap},
        {"gap without proof", gap_without_proof}, {"forked", forked},
        {"joins late", joins_late}, {"expected head", expected_head},
        {"own only", own_only}, {"bad receipts", bad_receipts},
        {"record with", record_with});
