/* SPDX-License-Identifier: Apache-2.0 */
/* The workstation's state: serials are given out once, files are ours alone, damage is
 * seen; versus and the next serial. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/file.h"
#include "fixture.h"
#include "harness.h"
#include "seal.h"
#include "standing.h"
#include "state.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHA_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define NAME "s3.client.secondary.secret_key"

static int made;

/* A new directory below the test's own. */
static const char *fresh(void)
{
    static char dir[200];

    snprintf(dir, sizeof(dir), "%s/state-%d", t_tmpdir(), ++made);
    return dir;
}

static void in_dir(char out[400], const char *dir, const char *name)
{
    snprintf(out, 400, "%s/%s", dir, name);
}

static void opens(void)
{
    const char *dir = fresh();
    struct gen_state s, second;
    struct bf_diag diag = {0};
    struct stat st;

    /* who reads leaves nothing behind */
    T_OK(gen_state_open(&s, dir, GEN_STATE_READ, &diag), &diag);
    gen_state_close(&s);
    T_TRUE(stat(dir, &st) != 0);
    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    T_TRUE(stat(dir, &st) == 0 && (st.st_mode & 07777) == 0700);
    T_ERR(gen_state_open(&second, dir, GEN_STATE_WRITE, &diag), BF_STATE_LOCKED, &diag);
    T_OK(gen_state_open(&second, dir, GEN_STATE_READ, &diag), &diag);
    gen_state_close(&second);
    gen_state_close(&s);
    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    gen_state_close(&s);
    T_INT(chmod(dir, 0750), 0);
    T_ERR(gen_state_open(&s, dir, GEN_STATE_READ, &diag), BF_STATE_DIR, &diag);
    T_ERR(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), BF_STATE_DIR, &diag);
    T_ERR(gen_state_open(&s, "", GEN_STATE_WRITE, &diag), BF_STATE_DIR, &diag);
    gen_state_close(&s);
    gen_state_close(&s);
}

static void default_directories(void)
{
    struct gen_state s;
    struct bf_diag diag = {0};
    char want[300];

    T_INT(setenv("XDG_STATE_HOME", t_tmpdir(), 1), 0);
    T_OK(gen_state_open(&s, NULL, GEN_STATE_READ, &diag), &diag);
    snprintf(want, sizeof(want), "%s/snapseal", t_tmpdir());
    T_TEXT(s.dir, want);
    gen_state_close(&s);
    T_INT(setenv("XDG_STATE_HOME", "relative", 1),
          0); /* to be ignored, says its specification */
    T_INT(setenv("HOME", t_tmpdir(), 1), 0);
    T_OK(gen_state_open(&s, NULL, GEN_STATE_READ, &diag), &diag);
    snprintf(want, sizeof(want), "%s/.local/state/snapseal", t_tmpdir());
    T_TEXT(s.dir, want);
    gen_state_close(&s);
    T_INT(unsetenv("XDG_STATE_HOME"), 0);
    T_INT(unsetenv("HOME"), 0);
    T_ERR(gen_state_open(&s, NULL, GEN_STATE_READ, &diag), BF_STATE_DIR, &diag);
}

static void serials(void)
{
    const char *dir = fresh();
    struct gen_state s;
    struct bf_diag diag = {0};
    char path[400];
    struct stat st;
    int64_t last = -1;

    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    T_OK(gen_state_serial(&last, &s, "prod", &diag), &diag);
    T_INT(last, 0);
    T_OK(gen_state_serial_take(&s, "prod", 5, &diag), &diag);
    T_ERR(gen_state_serial_take(&s, "prod", 5, &diag), BF_STATE_SERIAL, &diag);
    T_ERR(gen_state_serial_take(&s, "prod", 4, &diag), BF_STATE_SERIAL, &diag);
    T_OK(gen_state_serial_take(&s, "test", 1, &diag), &diag);
    T_OK(gen_state_serial(&last, &s, "prod", &diag), &diag);
    T_INT(last, 5);
    in_dir(path, dir, "serials/prod.json");
    T_TRUE(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
    T_OK(bf_file_write(path, bf_text("{\"serial\":0,\"type\":\"x\"}"), 0600, true, &diag),
         &diag);
    T_ERR(gen_state_serial(&last, &s, "prod", &diag), BF_STATE_DAMAGED, &diag);
    T_ERR(gen_state_serial_take(&s, "prod", 9, &diag), BF_STATE_DAMAGED, &diag);
    T_OK(bf_file_write(path, bf_text("{\"serial\":5"), 0600, true, &diag), &diag);
    T_ERR(gen_state_serial(&last, &s, "prod", &diag), BF_STATE_DAMAGED, &diag);
    T_OK(bf_file_write(path, bf_text("{\"serial\":5,\"type\":\"x\"}"), 0644, true, &diag),
         &diag);
    T_ERR(gen_state_serial(&last, &s, "prod", &diag), BF_INPUT_MODE, &diag);
    gen_state_close(&s);
}

static void heads(void)
{
    const char *dir = fresh();
    struct gen_state s;
    struct bf_diag diag = {0};
    struct bf_log log = {0}, read;
    uint8_t leaf[BF_SHA256], want[BF_SHA256], got[BF_SHA256];
    char path[400];
    size_t i;

    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    T_OK(gen_state_head(&read, &s, "gw-1", &diag), &diag);
    T_INT(read.size, 0);
    for (i = 0; i < 7; i++) {
        bf_log_leaf(leaf, bf_view(&i, 1));
        bf_log_append(&log, leaf);
        T_OK(gen_state_head_put(&s, "gw-1", &log, &diag), &diag);
        T_OK(gen_state_head(&read, &s, "gw-1", &diag), &diag);
        T_INT(read.size, log.size);
        bf_log_root(want, &log);
        bf_log_root(got, &read);
        T_BYTES(bf_view(got, BF_SHA256), bf_view(want, BF_SHA256));
    }
    in_dir(path, dir, "logs/gw-1.json");
    T_OK(bf_file_write(path,
                       bf_text("{\"edge\":[],\"origin\":\"gw-1\",\"size\":3,\"type\":"
                               "\"snapseal/log-head/1\"}"),
                       0600, true, &diag),
         &diag);
    T_ERR(gen_state_head(&read, &s, "gw-1", &diag), BF_STATE_DAMAGED, &diag);
    T_OK(bf_file_write(path,
                       bf_text("{\"edge\":[\"" SHA_A
                               "\"],\"origin\":\"gw-2\",\"size\":1,\"type\":\"x\"}"),
                       0600, true, &diag),
         &diag);
    T_ERR(gen_state_head(&read, &s, "gw-1", &diag), BF_STATE_DAMAGED, &diag);
    gen_state_close(&s);
}

static void fill(struct gen_record *r, const char *sha256, int64_t serial,
                 const char *outcome)
{
    memset(r, 0, sizeof(*r));
    r->author = "alice";
    r->bundle_id = "00112233445566778899aabbccddeeff";
    r->created_at = r->expires = r->finished = "";
    r->expect_log.origin = r->expect_log.root = "";
    r->file = "x.snapseal";
    r->grade = "normal";
    r->log_index = -1;
    r->outcome = outcome;
    r->prev = r->refusal = "";
    r->serial = serial;
    r->sha256 = sha256;
    r->target = "prod";
    r->ticket = "CHG-1";
    r->type = "snapseal/record/1";
}

static void records(void)
{
    const char *dir = fresh();
    struct gen_state s;
    struct bf_diag diag = {0};
    struct gen_records all;
    struct gen_record r;
    char path[400];

    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    T_OK(gen_state_records(&all, &s, &diag), &diag);
    T_INT(all.num, 0);
    T_TRUE(gen_records_applied(&all, "prod") == NULL);
    fill(&r, SHA_A, 9, "applied");
    T_OK(gen_state_record_put(&s, &r, &diag), &diag);
    fill(&r, SHA_B, 10, "undone");
    T_OK(gen_state_record_put(&s, &r, &diag), &diag);
    fill(&r, SHA_C, 2, "applied");
    T_OK(gen_state_record_put(&s, &r, &diag), &diag);
    T_OK(gen_state_records(&all, &s, &diag), &diag);
    T_INT(all.num, 3);
    T_TEXT(all.items[0].r.sha256, SHA_C);
    T_TEXT(all.items[2].r.sha256, SHA_B);
    T_TEXT(gen_records_applied(&all, "prod")->sha256, SHA_A);
    T_TRUE(gen_records_applied(&all, "other") == NULL);
    T_TRUE(gen_records_find(&all, SHA_B) != NULL);
    T_TRUE(gen_records_find(&all, "") == NULL);
    gen_records_clear(&all);
    in_dir(path, dir, "bundles/" SHA_A ".json");
    T_OK(bf_file_write(path, bf_text("{}"), 0600, true, &diag), &diag);
    T_ERR(gen_state_records(&all, &s, &diag), BF_STATE_DAMAGED, &diag);
    gen_state_close(&s);
    T_TRUE(gen_outcome_applied("proved") && gen_outcome_applied("attested"));
    T_TRUE(!gen_outcome_applied("refused") && !gen_outcome_applied("") &&
           !gen_outcome_applied("uncertain"));
}

static void next_serials(void)
{
    struct gen_record_file items[2];
    struct gen_records all = {items, 2};
    struct bf_target target = {0};

    memset(items, 0, sizeof(items));
    target.id = "prod";
    fill(&items[0].r, SHA_A, 4, "applied");
    fill(&items[1].r, SHA_B, 7, "");
    items[1].r.target = "other";
    T_INT(gen_next_serial(0, &all, &target),
          5); /* told by a receipt, never given out here */
    T_INT(gen_next_serial(6, &all, &target), 7);
    target.serial_floor = 100;
    T_INT(gen_next_serial(6, &all, &target), 101);
    all.num = 0;
    target.serial_floor = 0;
    T_INT(gen_next_serial(0, &all, &target), 1);
}

/* A record with the opening of value for NAME. */
static void opened(struct gen_record *r, struct gen_opening *o, char commitment[65],
                   const char *value)
{
    uint8_t opening[BF_KEY] = {7};

    bf_commitment(commitment, opening, r->bundle_id, NAME, bf_text(value));
    o->name = NAME;
    o->commitment = commitment;
    o->opening = "0700000000000000000000000000000000000000000000000000000000000000";
    r->openings = (struct bf_list){1, o};
}

static void versus(void)
{
    struct gen_record_file items[3];
    struct gen_records all = {items, 2};
    struct gen_opening o[3];
    char commitment[3][65];

    memset(items, 0, sizeof(items));
    fill(&items[0].r, SHA_A, 1, "applied");
    fill(&items[1].r, SHA_B, 2, "");
    opened(&items[0].r, &o[0], commitment[0], "old");
    opened(&items[1].r, &o[1], commitment[1], "pending");
    T_TEXT(gen_versus(&all, NULL, "prod", NAME, bf_text("old")), "same");
    T_TEXT(gen_versus(&all, NULL, "prod", NAME, bf_text("pending")),
           "changed"); /* not applied, so it does not count */
    T_TEXT(gen_versus(&all, &items[1].r, "prod", NAME, bf_text("pending")), "same");
    T_TEXT(gen_versus(&all, &items[1].r, "prod", NAME, bf_text("old")), "changed");
    T_TEXT(gen_versus(&all, NULL, "other", NAME, bf_text("old")), "new");
    T_TEXT(gen_versus(&all, NULL, "prod", "s3.client.x.secret_key", bf_text("old")),
           "new");
    /* a bundle of somebody else came after: whether it set the name is not known */
    fill(&items[2].r, SHA_C, 3, "applied");
    items[2].r.author = "";
    all.num = 3;
    T_TEXT(gen_versus(&all, NULL, "prod", NAME, bf_text("old")), "unstated");
    /* the last one that set the name counts, whatever was before */
    items[2].r.author = "alice";
    opened(&items[2].r, &o[2], commitment[2], "newer");
    T_TEXT(gen_versus(&all, NULL, "prod", NAME, bf_text("old")), "changed");
    T_TEXT(gen_versus(&all, NULL, "prod", NAME, bf_text("newer")), "same");
}

static void trusts(void)
{
    const char *dir = fresh();
    struct fx *f = calloc(1, sizeof(*f));
    struct gen_archive archive;
    struct bf_trust *t = calloc(1, sizeof(*t));
    struct gen_state s;
    struct bf_diag diag = {0};
    char path[400], other[400];

    fx_init(f);
    T_OK(gen_state_open(&s, dir, GEN_STATE_WRITE, &diag), &diag);
    T_ERR(gen_state_trust(t, &s, &diag), BF_NO_TRUST, &diag);
    T_OK(gen_state_archive(&archive, &s, &diag), &diag);
    T_TRUE(gen_archive_installed(&archive) == NULL);
    gen_archive_clear(&archive);
    T_OK(gen_state_trust_put(&s, &f->trust, &diag), &diag);
    T_ERR(gen_state_trust_put(&s, &f->trust, &diag), BF_OUTPUT_EXISTS, &diag);
    T_OK(gen_state_trust(t, &s, &diag), &diag);
    T_TEXT(t->sha256, f->trust.sha256);
    bf_trust_clear(t);
    T_OK(gen_state_archive(&archive, &s, &diag), &diag);
    T_INT(archive.num, 1);
    T_TEXT(gen_archive_installed(&archive)->sha256, f->trust.sha256);
    gen_archive_clear(&archive);
    /* a file under another version's name is not taken for that version */
    in_dir(path, dir, "trust/1.snapseal-trust");
    in_dir(other, dir, "trust/2.snapseal-trust");
    T_INT(rename(path, other), 0);
    T_ERR(gen_state_trust(t, &s, &diag), BF_STATE_DAMAGED, &diag);
    gen_state_close(&s);
    free(t);
    fx_clear(f);
    free(f);
}

/* The uncertain run that a bundle must name: the last word on the target, until something
 * is applied. */
static void uncertain_runs(void)
{
    struct gen_record_file items[3];
    struct gen_records all = {items, 3};

    memset(items, 0, sizeof(items));
    fill(&items[0].r, SHA_A, 1, "applied");
    fill(&items[1].r, SHA_B, 2, "uncertain");
    fill(&items[2].r, SHA_C, 3, "refused");
    items[0].r.log_index = 0;
    items[1].r.log_index = 1;
    items[2].r.log_index = 2;
    T_TRUE(gen_uncertain(&all, "prod") == &items[1].r);
    T_TRUE(gen_uncertain(&all, "other") == NULL);
    items[2].r.outcome = "applied";
    T_TRUE(gen_uncertain(&all, "prod") == NULL);
    items[2].r.log_index = 0; /* applied before the uncertain one */
    T_TRUE(gen_uncertain(&all, "prod") == &items[1].r);
    all.num = 1;
    T_TRUE(gen_uncertain(&all, "prod") == NULL);
}

/* Two bundles of one target, the first looked at: by its outcome and serial, and what the
 * other one's receipt says. */
static void stages(void)
{
    static const struct {
        const char *outcome, *other, *stage;
        int64_t serial, other_serial, index, other_index;
    } rows[] = {
        {"", "", "awaits", 1, 2, -1, -1},
        {"", "refused", "awaits", 1, 2, -1, 0}, /* no intent */
        {"", "applied", "superseded", 1, 2, -1, 0},
        {"", "proved", "superseded", 1, 2, -1, 0},
        {"", "undone", "superseded", 1, 1, -1, 0},
        {"", "uncertain", "superseded", 1, 2, -1, 0},
        {"", "applied", "awaits", 2, 1, -1, 0},
        {"refused", "applied", "superseded", 1, 2, 0, 1},
        {"undone", "", "undone", 1, 2, 0, -1},
        {"undone", "undone", "superseded", 1, 2, 0, 1},
        {"undone", "applied", "undone", 1, 1, 1, 0}, /* its serial is its own */
        {"uncertain", "undone", "uncertain", 1, 2, 0, 1},
        {"uncertain", "applied", "superseded", 1, 2, 0, 1},
        {"uncertain", "applied", "uncertain", 2, 1, 1, 0},
        {"applied", "applied", "closed", 1, 2, 0, 1},
    };
    struct gen_record_file items[2];
    struct gen_records all = {items, 2};
    const struct gen_record *by;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(items, 0, sizeof(items));
        fill(&items[0].r, SHA_A, rows[i].serial, rows[i].outcome);
        fill(&items[1].r, SHA_B, rows[i].other_serial, rows[i].other);
        items[0].r.log_index = rows[i].index;
        items[1].r.log_index = rows[i].other_index;
        items[0].r.expires = "2030-01-01T00:00:00Z";
        T_TEXT(gen_stage(&all, &items[0].r, "2029-01-01T00:00:00Z", &by), rows[i].stage);
        T_TRUE((by == &items[1].r) == (strcmp(rows[i].stage, "superseded") == 0));
    }
    fill(&items[0].r, SHA_A, 1, "");
    items[0].r.expires = "2030-01-01T00:00:00Z";
    T_TEXT(gen_stage(&all, &items[0].r, "2031-01-01T00:00:00Z", NULL), "expired");
    T_TRUE(gen_stage_open("awaits") && !gen_stage_open("superseded"));
}

T_CASES("gen_state", {"stages", stages}, {"opens", opens}, {"serials", serials},
        {"heads", heads}, {"records", records}, {"next serials", next_serials},
        {"versus", versus}, {"uncertain runs", uncertain_runs}, {"trusts", trusts},
        {"default directories", default_directories});
