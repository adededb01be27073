/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan looks at beyond the repository, and a probe: the real applier against a
 * fake target. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_target.h"
#include "harness.h"

static struct fake_target target;
static struct fake_told told;

static void answer(const char *match, int status, const char *body)
{
    struct fake_rule *r = fake_rule(&target, match);

    r->status = status;
    snprintf(r->body, sizeof(r->body), "%s", body);
}

static void break_nodes(void)
{
    FILE *f = fopen(target.broken, "w");

    T_TRUE(f != NULL && fclose(f) == 0);
}

/* Health, tasks, snapshots that run, and who takes snapshots into this repository. */
static void test_cluster(void)
{
    fake_target_start(&target, 2);
    answer(
        "GET /_cluster/health", 200,
        "{\"status\":\"yellow\",\"unassigned_shards\":3,\"number_of_pending_tasks\":1}");
    answer("GET /_cluster/pending_tasks", 200,
           "{\"tasks\":[{\"source\":\"put-mapping\"}]}");
    answer("GET /_snapshot/_status", 200,
           "{\"snapshots\":[{\"snapshot\":\"s1\",\"repository\":\"other\"}]}");
    answer(
        "GET /_plugins/_sm/policies", 200,
        "{\"policies\":[{\"_id\":\"daily-sm-policy\",\"sm_policy\":{\"name\":\"daily\","
        "\"snapshot_config\":{\"repository\":\"repo\"}}},{\"sm_policy\":{\"name\":"
        "\"weekly\",\"snapshot_config\":{\"repository\":\"other\"}}}],"
        "\"total_policies\":2}");
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(t_has(told.facts, "health  yellow; "));
    T_TRUE(t_has(told.facts, "unassigned_shards  3; "));
    T_TRUE(t_has(told.facts, "pending_tasks  1; "));
    T_TRUE(t_has(told.facts, "pending_task  put-mapping; "));
    T_TRUE(t_has(told.facts, "snapshot_running  s1 in repository other; "));
    T_TRUE(t_has(told.facts, "schedule  daily; "));
    T_TRUE(!t_has(told.facts, "schedule  weekly; "));
    fake_target_stop(&target);
}

/* Elasticsearch has its policies at another place and in another form; a server without
 * the page has none, and one that does not let us read them is told so. */
static void test_schedules(void)
{
    static const char body[] = "{\"nightly\":{\"policy\":{\"name\":\"<nightly-{now/"
                               "d}>\",\"repository\":\"repo\"}}"
                               ",\"elsewhere\":{\"policy\":{\"repository\":\"cold\"}}}";

    fake_target_start(&target, 2);
    target.world->distribution[0] = '\0';
    target.job.target.kind = "elasticsearch";
    answer("GET /_slm/policy", 200, body);
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(t_has(told.facts, "schedule  nightly; "));
    T_TRUE(!t_has(told.facts, "elsewhere"));
    T_TRUE(t_has(target.world->log, "GET /_slm/policy\n"));
    fake_target_reset(&target);
    answer("GET /_plugins/_sm/policies", 400, "{\"error\":\"no handler found\"}");
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(!t_has(told.facts, "schedule") && !t_has(told.facts, "snapshot policies"));
    fake_target_reset(&target);
    answer("GET /_plugins/_sm/policies", 403,
           "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no permissions for "
           "[cluster:admin/opensearch/snapshot_management/policy/search] and User "
           "[name=x]\"},\"status\":403}");
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(t_has(told.facts,
                 "not_tried  snapshot policies: not told: the cluster user lacks the "
                 "privilege cluster:admin/opensearch/snapshot_management/policy/search"));
    fake_target_stop(&target);
}

/* Every credential is tried, whatever the first one says, and the privilege is named. */
static void test_credentials(void)
{
    fake_target_start(&target, 2);
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(t_has(told.facts, "credential  cluster ok "));
    T_TRUE(t_has(told.facts, "credential  iam ok may read the policies of user bob"));
    T_TRUE(t_has(told.facts, "credential  s3 ok "));
    T_TRUE(t_has(told.facts, "credential node1 node ok "));
    T_TRUE(t_has(told.facts, "credential node2 node ok "));
    fake_target_reset(&target);
    answer("POST /_security/user/_has_privileges", 200,
           "{\"username\":\"admin\",\"has_all_requested\":false,\"cluster\":{\"monitor\":"
           "true,\"cluster:admin/repository/put\":false}}");
    answer("Action=GetUserPolicy", 403,
           "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to "
           "perform: iam:GetUserPolicy</Message></Error></ErrorResponse>");
    break_nodes();
    fake_run(&target, "plan", &told);
    T_TEXT(told.problem, "NET_DENIED");
    T_TEXT(told.where, "the cluster user lacks cluster:admin/repository/put");
    T_TEXT(told.finish, "failed");
    T_TRUE(t_has(told.facts, "credential  cluster lacks cluster:admin/repository/put; "));
    T_TRUE(t_has(told.facts, "credential  iam failed "));
    T_TRUE(t_has(told.facts, "iam:GetUserPolicy"));
    T_TRUE(t_has(told.facts, "credential  s3 ok "));
    T_TRUE(t_has(told.facts, "credential node1 node failed "));
    T_TRUE(t_has(told.facts, "credential node2 node failed "));
    T_TEXT(told.steps, "");
    T_INT(unlink(target.broken), 0);
    fake_target_reset(&target);
    answer("GET /snaps?", 403, "<Error><Code>AccessDenied</Code></Error>");
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned"); /* the policy comes first */
    T_TRUE(t_has(told.facts, "credential  s3 later "));
    T_TRUE(t_has(told.facts, "s3:ListBucket"));
    fake_target_stop(&target);
}

/* Only reading, and the cluster's own verification; the values are not needed. */
static void test_probe_same(void)
{
    char before[4000], after[4000];

    fake_target_start(&target, 2);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    target.job.records.num = 0;
    target.world->log[0] = '\0';
    fake_state(&target, before, sizeof(before));
    fake_run(&target, "probe", &told);
    fake_state(&target, after, sizeof(after));
    T_TEXT(told.finish, "proved");
    T_TEXT(told.problem, "");
    T_TEXT(told.steps, "");
    T_TEXT(after, before);
    T_TEXT(told.diffs,
           "cluster = opensearch 3.8.0, cluster fake (" FAKE_UUID
           "); register = repository repo is as it was applied; verify = 2 of "
           "2 nodes; policy = the policy is as it was applied; keystore:node1 "
           "= node1: the names are there; keystore:node2 = node2: the names "
           "are there; ");
    T_TRUE(t_has(target.world->log, "POST /_snapshot/repo/_verify\n"));
    T_TRUE(!t_has(target.world->log, "PUT ") && !t_has(target.world->log, "DELETE ") &&
           !t_has(target.world->log, "reload") &&
           !t_has(target.world->log, "PutUserPolicy"));
    fake_target_stop(&target);
}

static void test_probe_drift(void)
{
    char command[700];

    fake_target_start(&target, 2);
    fake_run(&target, "apply", &told);
    target.job.records.num = 0;
    snprintf(target.world->repository, sizeof(target.world->repository),
             "{\"settings\":{\"base_path\":\"p\",\"bucket\":\"evil\",\"client\":\"x\"},"
             "\"type\":\"s3\"}");
    target.world->policy[0] = '\0';
    snprintf(command, sizeof(command), "echo keystore.seed=1 >%s/opensearch.keystore",
             target.conf[1]);
    T_INT(system(command), 0);
    answer(
        "/_verify", 500,
        "{\"error\":{\"type\":\"repository_verification_exception\",\"reason\":\"[repo] "
        "no\"},\"status\":500}");
    fake_run(&target, "probe", &told);
    T_TEXT(told.finish, "proved"); /* all was told */
    T_TRUE(t_has(told.diffs, "register ~ bucket: \"snaps\" -> \"evil\"; "));
    T_TRUE(t_has(told.diffs, "register - compress: true; "));
    T_TRUE(
        t_has(told.diffs, "register ~ repository repo is no longer as it was applied; "));
    T_TRUE(t_has(told.diffs, "policy - policy pol of user bob at IAM is not there; "));
    T_TRUE(t_has(told.diffs, "keystore:node1 = "));
    T_TRUE(t_has(told.diffs,
                 "keystore:node2 - node2: s3.client.x.access_key is not there; "));
    T_TRUE(t_has(told.diffs, "verify ~ "));
    /* gone altogether: it is not verified, and said once */
    target.world->repository[0] = '\0';
    target.world->log[0] = '\0';
    fake_run(&target, "probe", &told);
    T_TRUE(t_has(told.diffs, "register - repository repo is not registered; "));
    T_TRUE(!t_has(target.world->log, "_verify"));
    /* taken away by the last change: that is as it was left */
    target.job.repository = "";
    fake_run(&target, "probe", &told);
    T_TRUE(t_has(told.diffs,
                 "register = repository repo is not registered, as it was left"));
    fake_target_stop(&target);
}

/* A part that cannot be told does not keep the rest from being looked at; another cluster
 * does. */
static void test_probe_untold(void)
{
    fake_target_start(&target, 2);
    fake_run(&target, "apply", &told);
    target.job.records.num = 0;
    break_nodes();
    answer("Action=GetUserPolicy", 403,
           "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    fake_run(&target, "probe", &told);
    T_TEXT(told.problem, "NET_DENIED");
    T_TEXT(told.finish, "failed");
    T_TRUE(t_has(told.diffs, "register = ") && t_has(told.diffs, "verify = "));
    T_TRUE(t_has(told.diffs, "policy ? ") && t_has(told.diffs, "keystore:node1 ? ") &&
           t_has(told.diffs, "keystore:node2 ? "));
    T_INT(unlink(target.broken), 0);
    snprintf(target.world->uuid, sizeof(target.world->uuid), "another-cluster-000000");
    target.world->log[0] = '\0';
    fake_run(&target, "probe", &told);
    T_TEXT(told.problem, "LIVE_UUID");
    T_TEXT(told.finish, "refused");
    T_TEXT(told.diffs, "");
    T_TEXT(target.world->log, "GET /\n");
    fake_target_stop(&target);
}

T_CASES("survey", {"cluster", test_cluster}, {"schedules", test_schedules},
        {"credentials", test_credentials}, {"probe: the same", test_probe_same},
        {"probe: drift", test_probe_drift}, {"probe: not told", test_probe_untold});
