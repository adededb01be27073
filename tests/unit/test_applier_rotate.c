/* SPDX-License-Identifier: Apache-2.0 */
/* Keys changed under a registration that stays, and a repository taken away with its
 * keys: order, proof, what is refused, and the way back from every record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_target.h"
#include "harness.h"

static struct fake_target target;
static struct fake_told told;
static char before[4000], after[4000];

#define OLD "AKIAIOSFODNN7EXAMPL0"

/* A repository that works with older keys, as the change before left it. */
static void registered(void)
{
    char path[400];
    FILE *f;
    size_t i;

    fake_target_reset(&target);
    for (i = 0; i < target.job.nodes.num; i++) {
        snprintf(path, sizeof(path), "%s/opensearch.keystore", target.conf[i]);
        f = fopen(path, "a");
        T_TRUE(f != NULL &&
               fputs("s3.client.x.access_key=" OLD "\ns3.client.x.secret_key=old\n", f) >=
                   0 &&
               fclose(f) == 0);
    }
    snprintf(target.world->policy, sizeof(target.world->policy), FAKE_POLICY);
    snprintf(target.world->repository, sizeof(target.world->repository),
             "{\"settings\":{\"base_path\":\"p\",\"bucket\":\"snaps\",\"client\":\"x\"},"
             "\"type\":\"s3\"}");
    fake_state(&target, before, sizeof(before));
}

static bool is_as_before(void)
{
    fake_state(&target, after, sizeof(after));
    return strcmp(before, after) == 0;
}

/* ---- rotation ---- */

static void rotation(void)
{
    fake_target_start(&target, 2);
    registered();
    fake_target_rotates(&target);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TEXT(told.steps, "begin live none; end live ok; begin policy none; end policy "
                       "same; begin preflight none; end preflight ok; begin "
                       "keystore.copy:node1 yes; begin keystore.copy:node2 yes; end "
                       "keystore.copy:node1 ok; end keystore.copy:node2 ok; begin "
                       "keystore:node1 yes; begin keystore:node2 yes; end "
                       "keystore:node1 ok; end keystore:node2 ok; begin reload yes; "
                       "end reload ok; begin verify none; end verify ok; begin "
                       "keystore.drop:node1 no; begin keystore.drop:node2 no; end "
                       "keystore.drop:node1 ok; end keystore.drop:node2 ok; ");
    T_TRUE(!t_has(target.world->log, "PUT /_snapshot"));
    T_TRUE(t_has(target.world->log, "PUT /snaps/p/")); /* below the live base path */
    T_TRUE(t_has(told.facts, "not_tried  retire: access key " OLD
                             " of user bob is no longer used here"));
    T_TRUE(!t_has(told.facts, "undone.verify"));
    T_TRUE(!is_as_before());
    target.job.records.num = 0;
    fake_run(&target, "prove", &told);
    T_TEXT(told.finish, "proved");
    T_TRUE(t_has(told.facts, "retire: access key " OLD));
    fake_target_stop(&target);
}

/* [BF-853] the keys of something else are not changed. */
static void other_keys(void)
{
    static const struct {
        const char *live, *where;
    } rows[] = {
        {"{\"type\":\"s3\",\"settings\":{\"bucket\":\"snaps\",\"client\":\"y\"}}",
         "repository repo uses client y, the keys are for x"},
        {"{\"type\":\"s3\",\"settings\":{\"bucket\":\"snaps\"}}",
         "repository repo uses client default, the keys are for x"},
        {"{\"type\":\"s3\",\"settings\":{\"bucket\":\"spans\",\"client\":\"x\"}}",
         "repository repo uses bucket spans, the keys are for snaps"},
        {"", "repository repo is not registered, so no keys of it can be changed"},
    };
    size_t i, mode;

    fake_target_start(&target, 1);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (mode = 0; mode < 2; mode++) {
            registered();
            snprintf(target.world->repository, sizeof(target.world->repository), "%s",
                     rows[i].live);
            fake_state(&target, before, sizeof(before));
            fake_target_rotates(&target);
            fake_run(&target, mode == 0 ? "apply" : "prove", &told);
            T_TEXT(told.problem, mode == 0 ? "LIVE_PRECONDITION" : "LIVE_DRIFT");
            T_TEXT(told.where, rows[i].where);
            T_TRUE(is_as_before());
        }
    }
    fake_target_stop(&target);
}

/* What was undone is asked whether it works; the answer changes nothing of it. */
static void undone_rotation(void)
{
    static const char failing[] =
        "{\"_nodes\":{\"failed\":0},\"nodes\":{\"id1\":{\"name\":\"node1\"},\"id2\":{"
        "\"name\":\"node2\",\"reload_exception\":{\"type\":\"illegal_state_exception\","
        "\"reason\":\"Keystore is missing\"}}}}";
    struct fake_rule *r;

    fake_target_start(&target, 2);
    registered();
    fake_target_rotates(&target);
    r = fake_rule(&target, "POST /_nodes/reload");
    r->status = 200;
    snprintf(r->body, sizeof(r->body), "%s", failing);
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "NODE_RELOAD");
    T_TEXT(told.finish, "undone");
    T_TRUE(t_has(told.facts, "probe  undone.verify=2 of 2 nodes"));
    T_TRUE(!t_has(told.facts, "retire:"));
    T_TRUE(is_as_before());

    registered();
    fake_target_rotates(&target);
    r = fake_rule(&target, "POST /_snapshot/repo/_verify");
    r->status = 500;
    snprintf(r->body, sizeof(r->body),
             "{\"error\":{\"type\":\"x\",\"reason\":\"y\"},\"status\":500}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "VERIFY_FAILED");
    T_TEXT(told.finish, "undone");
    T_TRUE(t_has(told.facts, "probe  undone.verify=refused, HTTP 500"));
    T_TRUE(is_as_before());
    fake_target_stop(&target);
}

/* ---- removal ---- */

static void removal(void)
{
    char command[700];

    fake_target_start(&target, 2);
    registered();
    fake_target_removes(&target);
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    T_TEXT(told.diffs,
           "unregister - repository repo; keystore:node1 - node1: "
           "s3.client.x.access_key; keystore:node1 - node1: s3.client.x.secret_key; "
           "keystore:node2 - node2: s3.client.x.access_key; keystore:node2 - node2: "
           "s3.client.x.secret_key; reload ~ every node reloads its keystore; no "
           "restart; ");
    T_TRUE(is_as_before());
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TEXT(told.steps, "begin live none; end live ok; begin keystore.copy:node1 "
                       "yes; begin keystore.copy:node2 yes; end keystore.copy:node1 "
                       "ok; end keystore.copy:node2 ok; begin unregister yes; end "
                       "unregister ok; begin keystore:node1 yes; end keystore:node1 "
                       "ok; begin keystore:node2 yes; end keystore:node2 ok; begin "
                       "reload yes; end reload ok; begin verify none; end verify "
                       "ok; begin keystore.drop:node1 no; begin keystore.drop:node2 "
                       "no; end keystore.drop:node1 ok; end keystore.drop:node2 ok; ");
    T_TEXT(target.world->repository, "");
    T_TRUE(target.world->policy[0] != '\0'); /* left alone */
    snprintf(command, sizeof(command),
             "test \"$(cat %s/opensearch.keystore)\" = keystore.seed=abc",
             target.conf[1]);
    T_INT(system(command), 0);
    T_TRUE(t_has(told.facts, "not_tried  S3 and IAM: bucket, snapshots, user, key and "
                             "policy are left alone"));
    /* again: it stays removed; then it does not */
    target.job.records.num = 0;
    fake_run(&target, "prove", &told);
    T_TEXT(told.finish, "proved");
    target.job.records.num = 0;
    snprintf(command, sizeof(command),
             "echo s3.client.x.access_key=1 >>%s/opensearch.keystore", target.conf[1]);
    T_INT(system(command), 0);
    fake_run(&target, "prove", &told);
    T_TEXT(told.problem, "LIVE_DRIFT");
    T_TEXT(told.where, "the keystore of node2 has s3.client.x.access_key again");
    target.job.records.num = 0;
    snprintf(target.world->repository, sizeof(target.world->repository), FAKE_REPOSITORY);
    fake_run(&target, "prove", &told);
    T_TEXT(told.problem, "LIVE_DRIFT");
    T_TEXT(told.where, "repository repo is registered again; the keystore of node2 has "
                       "s3.client.x.access_key again"); /* all of it */
    fake_target_stop(&target);
}

/* Half of it was done by hand before: the rest is done, nothing fails. */
static void half_gone(void)
{
    char command[700];

    fake_target_start(&target, 1);
    registered();
    target.world->repository[0] = '\0';
    snprintf(command, sizeof(command), "sed -i /access_key/d %s/opensearch.keystore",
             target.conf[0]);
    T_INT(system(command), 0);
    fake_target_removes(&target);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.steps, "begin unregister none; end unregister same; "));
    T_TRUE(!t_has(target.world->log, "DELETE"));
    fake_target_stop(&target);
}

/* [BF-855] in use by something, or its keys by another repository; a tool that takes more
 * than it should; a server that says yes and keeps it. */
static void refused_removal(void)
{
    static const struct {
        const char *match, *body;
        int status;
        const char *id, *where, *finish;
    } rows[] = {
        {"DELETE /_snapshot/repo",
         "{\"error\":{\"type\":\"repository_conflict_exception\",\"reason\":\"[repo] "
         "trying to modify or unregister repository that is currently "
         "used\"},\"status\":409}",
         409, "LIVE_BUSY",
         "the cluster uses repository repo: a snapshot, a restore or a mounted index",
         "undone"},
        {"DELETE /_snapshot/repo", "{\"acknowledged\":true}", 200, "READ_BACK",
         "repository repo is still registered", "undone"},
        {"GET /_snapshot/_all",
         "{\"two\":{\"type\":\"s3\",\"settings\":{\"client\":\"x\"}}}", 200, "LIVE_BUSY",
         "repository two uses the same client x", "refused"},
        {NULL, NULL, 0, "NODE_NAMES",
         "node2: its keystore has lost keystore.seed as well", "undone"},
    };
    char path[400];
    struct fake_rule *r;
    FILE *f;
    size_t i;

    fake_target_start(&target, 2);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        registered();
        if (rows[i].match != NULL) {
            r = fake_rule(&target, rows[i].match);
            r->status = rows[i].status;
            snprintf(r->body, sizeof(r->body), "%s", rows[i].body);
        } else {
            snprintf(path, sizeof(path), "%s/greedy", target.conf[1]);
            f = fopen(path, "w");
            T_TRUE(f != NULL && fclose(f) == 0);
            fake_state(&target, before, sizeof(before));
        }
        fake_target_removes(&target);
        fake_run(&target, "apply", &told);
        T_TEXT(told.problem, rows[i].id);
        T_TEXT(told.where, rows[i].where);
        T_TEXT(told.finish, rows[i].finish);
        T_TRUE(is_as_before());
    }
    fake_target_stop(&target);
}

/* ---- stopped at every record ---- */

static void choose(bool removing)
{
    if (removing) {
        fake_target_removes(&target);
    } else {
        fake_target_rotates(&target);
    }
}

static void stopped(bool removing)
{
    size_t records, at;

    registered();
    choose(removing);
    fake_run(&target, "apply", &told);
    records = told.num_records;
    T_TRUE(records > 12);
    for (at = 1; at < records - 2; at++) { /* up to the first dropped copy */
        int back;

        for (back = 0; back < 2; back++) {
            registered();
            choose(removing);
            told.stop_at = at;
            fake_run(&target, "apply", &told);
            T_INT(told.runner, BF_IO);
            told.stop_at = 0;
            fake_run(&target, back ? "undo" : "apply", &told);
            T_TEXT(told.finish, back ? "undone" : "applied");
            T_INT(is_as_before(), back);
        }
    }
}

static void stopped_rotation(void)
{
    fake_target_start(&target, 1);
    stopped(false);
    fake_target_stop(&target);
}

static void stopped_removal(void)
{
    fake_target_start(&target, 1);
    stopped(true);
    fake_target_stop(&target);
}

T_CASES("applier_rotate", {"rotation", rotation}, {"other keys", other_keys},
        {"undone rotation", undone_rotation}, {"removal", removal},
        {"half gone", half_gone}, {"refused removal", refused_removal},
        {"stopped rotation", stopped_rotation}, {"stopped removal", stopped_removal});
