/* SPDX-License-Identifier: Apache-2.0 */
/* Who wrote what lies below the base path already, the real applier against a fake S3. */
#include <stdio.h>
#include <string.h>

#include "fake_target.h"
#include "harness.h"

static struct fake_target target;
static struct fake_told told;

#define LIST(contents) "<ListBucketResult>" contents "</ListBucketResult>"
#define KEY(key, time)                                                                   \
    "<Contents><Key>p/" key "</Key><LastModified>2026-11-24T" time                       \
    "Z</LastModified></Contents>"
#define OURS "uuid-of-the-fake-0000x"
#define THEIRS "-GS9yy9sSXu1mjy4Woc3Nw"
/* the head of a real meta blob: codec header, then SMILE */
#define META(uuid)                                                                       \
    "?\xd7l\x17\x08metadata:)\n\x05\xfa\x88meta-data\xfa\x86version\xd0\x8b"             \
    "cluster_uuidU" uuid "\x95"                                                          \
    "cluster_uuid_committed#"
#define READONLY                                                                         \
    "{\"settings\":{\"base_path\":\"p\",\"bucket\":\"snaps\",\"client\":\"x\","          \
    "\"readonly\":true},\"type\":\"s3\"}"

static void answer(const char *match, const char *body)
{
    struct fake_rule *r = fake_rule(&target, match);

    snprintf(r->type, sizeof(r->type), "application/xml");
    snprintf(r->body, sizeof(r->body), "%s", body);
}

static const struct {
    const char *indexes; /* what lies there */
    const char *read, *index;
    const char *metas, *meta;
    const char *repository; /* NULL: the usual request */
    const char *writer;     /* as the receipt tells it */
    const char *problem, *where;
    bool not_provable;
} cases[] = {
    {LIST(""), "x", "", LIST(""), "", NULL, "none", "", "", false},
    /* Elasticsearch tells it in index-N: the newest counts */
    {LIST(KEY("index-2", "10:00:00.000") KEY("index-10", "11:00:00.000")),
     "GET /snaps/p/index-10",
     "{\"min_version\":\"7.12.0\",\"uuid\":\"r\",\"cluster_id\":\"" OURS
     "\",\"snapshots\":[]}",
     "", "", NULL, OURS, "", "", false},
    {LIST(KEY("index-9", "10:00:00.000") KEY("index-10", "10:00:00.000")),
     "GET /snaps/p/index-10",
     "{\"min_version\":\"7.12.0\",\"uuid\":\"r\",\"cluster_id\":\"" THEIRS
     "\",\"snapshots\":[]}",
     "", "", NULL, THEIRS, "LIVE_FOREIGN",
     "p/index-10 in bucket snaps was written by cluster " THEIRS ", this one is " OURS,
     false},
    {LIST(KEY("index-0", "10:00:00.000")), "GET /snaps/p/index-0",
     "{\"cluster_id\":\"" THEIRS "\",\"snapshots\":[]}", "", "", READONLY, THEIRS, "", "",
     false},
    /* OpenSearch tells it in the newest snapshot's metadata */
    {LIST(KEY("index-0", "10:00:00.000")), "GET /snaps/p/index-0", "{\"snapshots\":[]}",
     LIST(KEY("meta-a.dat", "10:00:00.000") KEY("meta-b.dat", "09:00:00.000")),
     META(OURS), NULL, OURS, "", "", false},
    {LIST(KEY("index-0", "10:00:00.000")), "GET /snaps/p/index-0", "{\"snapshots\":[]}",
     LIST(KEY("meta-a.dat", "10:00:00.000") KEY("meta-b.dat", "09:00:00.000")),
     META(THEIRS), NULL, THEIRS, "LIVE_FOREIGN", "p/index-0 in bucket snaps", false},
    /* compressed, without global state, cut, not a UUID: nothing is guessed */
    {LIST(KEY("index-0", "10:00:00.000")), "GET /snaps/p/index-0", "{\"snapshots\":[]}",
     LIST(KEY("meta-a.dat", "10:00:00.000")), "compressed", NULL, "not told", "", "",
     true},
    {LIST(KEY("index-0", "10:00:00.000")), "GET /snaps/p/index-0", "{\"snapshots\":[]}",
     LIST(KEY("meta-a.dat", "10:00:00.000")), "cluster_uuidC_na_", NULL, "not told", "",
     "", true},
    {LIST(KEY("index-0", "10:00:00.000")), "GET /snaps/p/index-0", "{\"snapshots\":[]}",
     LIST(KEY("meta-a.dat", "10:00:00.000")), "cluster_uuidU-GS9", NULL, "not told", "",
     "", true},
    {LIST(KEY("index-0", "10:00:00.000")), "GET /snaps/p/index-0",
     "{\"cluster_id\":\"x\x1b[2J\",\"snapshots\":[]}", LIST(""), "", NULL, "not told", "",
     "", true},
};

static void test_writers(void)
{
    char before[4000], after[4000], text[200];
    size_t i;

    fake_target_start(&target, 1);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_target_reset(&target);
        fake_state(&target, before, sizeof(before));
        answer("prefix=p%2Findex-", cases[i].indexes);
        answer(cases[i].read, cases[i].index);
        answer("prefix=p%2Fmeta-", cases[i].metas);
        answer("GET /snaps/p/meta-a.dat", cases[i].meta);
        if (cases[i].repository != NULL) {
            target.job.repository = cases[i].repository;
        }
        fake_run(&target, "apply", &told);
        T_INT(told.runner, BF_OK);
        T_TEXT(told.problem, cases[i].problem);
        T_TRUE(t_has(told.where, cases[i].where));
        T_TEXT(told.finish, cases[i].problem[0] != '\0' ? "undone" : "applied");
        snprintf(text, sizeof(text), "probe  writer=%s; ", cases[i].writer);
        T_TRUE(t_has(told.facts, text));
        T_INT(t_has(told.facts, "it is not told which cluster wrote it: not provable"),
              cases[i].not_provable);
        if (cases[i].problem[0] != '\0') {
            fake_state(&target, after, sizeof(after));
            T_TEXT(after, before);
        }
    }
    fake_target_stop(&target);
}

/* A plan finds it before anything is written. */
static void test_plan(void)
{
    fake_target_start(&target, 1);
    answer("prefix=p%2Findex-", LIST(KEY("index-0", "10:00:00.000")));
    answer("GET /snaps/p/index-0", "{\"cluster_id\":\"" THEIRS "\"}");
    fake_run(&target, "plan", &told);
    T_TEXT(told.problem, "LIVE_FOREIGN");
    T_TEXT(told.finish, "refused");
    T_TEXT(told.steps, "");
    fake_target_stop(&target);
}

T_CASES("place", {"writers", test_writers}, {"plan", test_plan});
