/* SPDX-License-Identifier: Apache-2.0 */
/* A deployment of Elastic Cloud: keys that come late or never, and restarts. */
#include <stdio.h>
#include <string.h>

#include "fake_cloud.h"
#include "harness.h"

#define UNKNOWN_CLIENT                                                                   \
    "{\"error\":{\"type\":\"repository_verification_exception\",\"reason\":\"[repo] "    \
    "[[id2, "                                                                            \
    "'x']]\",\"caused_by\":{\"type\":\"illegal_argument_exception\",\"reason\":"         \
    "\"Unknown "                                                                         \
    "s3 client name [x]. Existing client configs: default\"}},\"status\":500}"
#define BAD_RELOAD                                                                       \
    "{\"_nodes\":{\"failed\":0},\"nodes\":{\"id1\":{\"name\":\"node1\"},\"id2\":{"       \
    "\"name\":"                                                                          \
    "\"node2\",\"reload_exception\":{\"type\":\"illegal_state_exception\",\"reason\":"   \
    "\"Keystore is missing\"}}}}"

static struct fake_target target;
static struct fake_told told;

static void test_reach(void)
{
    fake_cloud_start(&target);
    /* the keys come late: looked again, reloaded again */
    fake_answer(&target, "_verify", 500, UNKNOWN_CLIENT)->times = 2;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.all, "a node has no keys for client x yet, waiting 2 s"));
    T_TRUE(!t_has(target.world->log, "_restart"));
    /* they never do: a restart, then they are there */
    fake_cloud_reset(&target);
    target.job.wait = 4;
    fake_answer(&target, "_verify", 500, UNKNOWN_CLIENT)->times = 3;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(target.world->log,
                 "POST " FAKE_API
                 "_restart?cancel_pending=false&group_attribute=__zone__&restore_"
                 "snapshot=false&skip_snapshot=false\n"));
    T_TRUE(t_has(told.all, "2 nodes restarted, plan plan-2"));
    /* and where the bundle allows none, the proof says why not */
    fake_cloud_reset(&target);
    target.job.wait = 2;
    target.job.plan.restart.mode = "never";
    fake_answer(&target, "_verify", 500, UNKNOWN_CLIENT);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(told.problem, "VERIFY_FAILED");
    T_TRUE(!t_has(target.world->log, "_restart"));
    T_TEXT(target.world->cloud.names, "");
    /* a server that tells names */
    fake_cloud_reset(&target);
    fake_answer(
        &target, "reload_secure_settings", 200,
        "{\"_nodes\":{\"failed\":0},\"nodes\":{\"id1\":{\"name\":\"node1\","
        "\"secure_setting_names\":[\"s3.client.x.access_key\",\"s3.client.x.secret_key\"]"
        "},"
        "\"id2\":{\"name\":\"node2\",\"secure_setting_names\":[\"keystore.seed\"]}}}")
        ->times = 1;
    fake_answer(&target, "reload_secure_settings", 200,
                "{\"_nodes\":{\"failed\":0},\"nodes\":{\"id1\":{\"name\":\"node1\","
                "\"secure_setting_names\":[\"s3.client.x.access_key\",\"s3.client.x."
                "secret_key\"]},"
                "\"id2\":{\"name\":\"node2\",\"secure_setting_names\":[\"s3.client.x."
                "access_key\","
                "\"s3.client.x.secret_key\"]}}}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.all, "the keystore of node2 has no s3.client.x.access_key yet"));
    T_TRUE(t_has(told.facts, "node_names node2 " FAKE_NAMES "; "));
    T_TRUE(!t_has(told.facts, "this version does not tell"));
    fake_target_stop(&target);
}

/* A node left behind: its reload fails, the restart mends it. */
static void test_restart_if_needed(void)
{
    fake_cloud_start(&target);
    fake_answer(&target, "reload_secure_settings", 200, BAD_RELOAD)->times = 1;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.facts, "node_reload node2 ok; ") &&
           t_has(told.all, "a restart is to mend"));
    T_TRUE(t_has(target.world->log, "_restart?"));
    /* it does not */
    fake_cloud_reset(&target);
    fake_answer(&target, "reload_secure_settings", 200, BAD_RELOAD)->times = 2;
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "NODE_RELOAD");
    T_TRUE(t_has(told.where, "after the restart: node2"));
    T_TEXT(told.finish, "undone");
    /* it is not allowed */
    fake_cloud_reset(&target);
    target.job.plan.restart.mode = "never";
    fake_answer(&target, "reload_secure_settings", 200, BAD_RELOAD)->times = 1;
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "NODE_RELOAD");
    T_TEXT(told.finish, "undone");
    T_TEXT(told.node, "node2");
    T_TRUE(!t_has(target.world->log, "_restart"));
    T_TEXT(target.world->cloud.names, "");
    fake_target_stop(&target);
}

static void test_restart(void)
{
    fake_cloud_start(&target);
    fake_cloud_restarting(&target);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(target.world->log,
                 "group_attribute=__name__&restore_snapshot=false&skip_"
                 "snapshot=true\n"));
    T_TRUE(t_has(told.all, "plan plan-2: rolling-restart, 0 s") ||
           t_has(told.all, "plan plan-2: rolling-restart, 1 s"));
    T_TRUE(!t_has(told.steps, "keystore.wait"));
    /* it fails, and the platform says why: in its current plan, or in its history alone
     */
    fake_cloud_restarting(&target);
    target.world->cloud.fails = true;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(told.problem, "PLAN_FAILED");
    T_TEXT(told.where, "plan plan-2 of deployment " FAKE_DEPLOYMENT
                       " broke off at step rolling-restart: node2 did not become ready "
                       "(ClusterFailure)");
    T_TEXT(target.world->cloud.names, "");
    fake_cloud_restarting(&target);
    target.world->cloud.fails = target.world->cloud.in_history = true;
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "PLAN_FAILED");
    T_TRUE(t_has(told.where, "plan plan-2 of deployment"));
    /* refused: somebody's plan came in between */
    fake_cloud_restarting(&target);
    fake_answer(&target, "POST /api", 422,
                "{\"errors\":[{\"code\":\"deployments.deployment_resource_plan_"
                "change_error\",\"message\":\"There are pending plans\"}]}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(told.problem, "APPLY_WRITE");
    T_TRUE(t_has(told.where, "restarting the nodes: the cloud API says 422"));
    /* not answered: begun, or not */
    fake_cloud_restarting(&target);
    fake_answer(&target, "POST /api", 0, "")->fault = FAKE_CLOSE;
    target.world->rules[0].done_too = true;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_INT(t_count(target.world->log, "_restart?"), 1);
    fake_cloud_restarting(&target);
    fake_answer(&target, "POST /api", 0, "")->fault = FAKE_CLOSE;
    target.world->rules[0].times = 1;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_INT(t_count(target.world->log, "_restart?"), 2);
    /* taken, and nothing done */
    fake_cloud_restarting(&target);
    target.job.wait = 2;
    fake_answer(&target, "POST /api", 202, "{\"warnings\":[]}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(told.problem, "PLAN_FAILED");
    T_TRUE(t_has(told.where, "took the restart and began no plan"));
    fake_target_stop(&target);
}

/* Longer than we wait: nothing is undone under a running plan, and resume waits on. */
static void test_restart_runs_on(void)
{
    fake_cloud_start(&target);
    fake_cloud_restarting(&target);
    target.job.wait = 1;
    fake_answer(&target, "history=false&show_plan_logs=true", 200,
                "{\"id\":\"" FAKE_DEPLOYMENT
                "\",\"resources\":{\"elasticsearch\":[{\"id\":\"a\","
                "\"ref_id\":\"main-elasticsearch\",\"info\":{\"status\":\"restarting\","
                "\"plan_info\":"
                "{\"pending\":{\"plan_attempt_id\":\"plan-2\"}}}}]}}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "uncertain");
    T_TEXT(told.problem, "PLAN_RUNNING");
    T_TRUE(!t_has(told.steps, "undone"));
    T_TEXT(target.world->cloud.names, FAKE_NAMES);
    fake_run(&target, "undo", &told);
    T_TEXT(told.problem, "PLAN_RUNNING");
    T_TEXT(told.finish, "uncertain");
    target.world->rules[0].match[0] = '\0';
    target.job.wait = 60;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_INT(t_count(target.world->log, "_restart?"), 1);
    fake_target_stop(&target);
}

T_CASES("applier_restart", {"keys that come late", test_reach},
        {"restart if needed", test_restart_if_needed}, {"restart", test_restart},
        {"restart that runs on", test_restart_runs_on});
