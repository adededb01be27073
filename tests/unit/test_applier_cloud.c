/* SPDX-License-Identifier: Apache-2.0 */
/* A deployment of Elastic Cloud: the real applier against a fake FAKE_API and cluster,
 * every answer that the FAKE_API may give, and every crash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "applier/cloud.h"
#include "fake_cloud.h"
#include "harness.h"

#define OTHER_FAILURE "{\"error\":{\"type\":\"x\",\"reason\":\"y\"},\"status\":500}"
static struct fake_target target;
static struct fake_told told;

/* Everything but GET, in order. */
static void writes(char *out, size_t size)
{
    const char *line = target.world->log;
    size_t n = 0;

    out[0] = '\0';
    while (*line != '\0') {
        const size_t len = strcspn(line, "\n");

        if (strncmp(line, "GET ", 4) != 0 && n + len + 2 < size) {
            memcpy(out + n, line, len);
            n += len;
            out[n++] = '\n';
            out[n] = '\0';
        }
        line += len + 1;
    }
}

static void check_no_secrets(void)
{
    T_TRUE(!t_has(told.all, FAKE_KEY) && !t_has(told.all, FAKE_PASSWORD) &&
           !t_has(told.all, FAKE_CONTROL_KEY));
}

static void test_apply(void)
{
    char text[4000], state[4000];

    fake_cloud_start(&target);
    fake_run(&target, "apply", &told);
    T_INT(told.runner, BF_OK);
    T_TEXT(told.finish, "applied");
    T_TEXT(told.steps,
           "begin live none; end live ok; begin keystore.cloud yes; end "
           "keystore.cloud ok; begin reload yes; end reload ok; begin register "
           "yes; end register ok; begin keystore.wait none; end keystore.wait "
           "ok; begin restart none; end restart ok; begin verify none; end "
           "verify ok; ");
    writes(text, sizeof(text));
    T_TEXT(text, "PATCH " FAKE_API "keystore\nPOST /_nodes/reload_secure_settings\n"
                 "PUT /_snapshot/repo?verify=false\nPOST /_snapshot/repo/_verify\n"
                 "POST /_snapshot/repo/_verify\n");
    T_TEXT(target.world->cloud.names, FAKE_NAMES);
    T_TRUE(t_has(told.facts, "node_expected node1 ; node_expected node2 ; "));
    T_TRUE(t_has(told.facts, "node_seen node2 ; "));
    T_TRUE(t_has(told.facts, "this version does not tell the names"));
    T_TRUE(!t_has(told.facts, "rests on the trust file alone"));
    T_TRUE(!t_has(target.world->log, "(no"));
    check_no_secrets();
    /* once more, by the same bundle: proved, and nothing is written */
    target.job.records.num = 0;
    target.world->log[0] = '\0';
    fake_state(&target, state, sizeof(state));
    fake_run(&target, "prove", &told);
    T_TEXT(told.finish, "proved");
    fake_state(&target, text, sizeof(text));
    T_TEXT(text, state);
    T_TRUE(!t_has(target.world->log, "PATCH ") && !t_has(target.world->log, "_restart"));
    fake_set(target.world->cloud.names, 500, "s3.client.x.access_key");
    target.job.records.num = 0;
    fake_run(&target, "prove", &told);
    T_TEXT(told.problem, "LIVE_DRIFT");
    T_TEXT(told.where, "the keystore of deployment " FAKE_DEPLOYMENT
                       " has no s3.client.x.secret_key");
    fake_target_stop(&target);
}

static void test_plan(void)
{
    char before[4000], after[4000];

    fake_cloud_start(&target);
    fake_set(target.world->cloud.names, 500, "other s3.client.x.access_key");
    fake_state(&target, before, sizeof(before));
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    fake_state(&target, after, sizeof(after));
    T_TEXT(after, before);
    T_TRUE(t_has(told.diffs,
                 "keystore.cloud ~ s3.client.x.access_key is there; it is written "
                 "over, which CANNOT BE UNDONE; keystore.cloud + "
                 "s3.client.x.secret_key; reload ~ every node reloads its "
                 "keystore; "));
    T_TRUE(t_has(told.diffs,
                 "restart ~ nodes are restarted if reloading is not enough, zone "
                 "by zone; "));
    T_TEXT(told.steps, "");
    target.job.plan.restart.mode = "always";
    target.job.plan.restart.group = "__all__";
    target.job.plan.restart.skip_snapshot = true;
    fake_run(&target, "plan", &told);
    T_TRUE(t_has(told.diffs, "restart ~ ALL NODES ARE RESTARTED, all at once, without a "
                             "snapshot before; "));
    target.job.plan.restart.mode = "never";
    fake_run(&target, "plan", &told);
    T_TRUE(t_has(told.diffs, "reload ~ every node reloads its keystore; no restart; ") &&
           !t_has(told.diffs, "restart ~"));
    fake_target_stop(&target);
}

#define IN(member) offsetof(struct fake_world, member), sizeof(target.world->member)

/* What the world is like, and why nothing is written then. */
static const struct {
    size_t at, size; /* of the text in the world that is another one */
    const char *value, *deployment, *problem, *where;
} refused[] = {
    {IN(cloud.status), "stopped", FAKE_DEPLOYMENT, "LIVE_DEPLOYMENT",
     "Elasticsearch of deployment " FAKE_DEPLOYMENT " is stopped, not started"},
    {IN(cloud.id), "11111111111111111111111111111111", FAKE_DEPLOYMENT, "LIVE_DEPLOYMENT",
     "deployment " FAKE_DEPLOYMENT " is cluster 11111111111111111111111111111111"},
    {IN(cluster_name), "behind-a-gateway", FAKE_DEPLOYMENT, "", ""},
    {IN(cloud.nodes), "{\"instance_name\":\"node1\"}", FAKE_DEPLOYMENT, "LIVE_NODES",
     "node2 is in the cluster but not of the deployment's"},
    {IN(cloud.nodes),
     "{\"instance_name\":\"node1\"},{\"instance_name\":\"node2\"},{\"instance_name\":"
     "\"node3\"}",
     FAKE_DEPLOYMENT, "LIVE_NODES", "node3 is not in the cluster"},
    {IN(cloud.nodes), "{\"instance_name\":\"node1\"},{\"instance_name\":\"node1\"}",
     FAKE_DEPLOYMENT, "NET_ANSWER", "does not name its nodes once each"},
    {IN(cloud.nodes), "", FAKE_DEPLOYMENT, "LIVE_DEPLOYMENT",
     "has no Elasticsearch node"},
    {IN(distribution), "\"distribution\":\"opensearch\",", FAKE_DEPLOYMENT, "LIVE_KIND",
     "the cluster is opensearch 3.8.0, approved is elasticsearch"},
    {IN(log), "", FAKE_DEPLOYMENT "/other", "LIVE_DEPLOYMENT",
     "has no Elasticsearch resource other"},
    {IN(log), "", "00000000000000000000000000000000", "NET_ANSWER",
     "deployments.deployment_not_found"},
};

static void test_refused(void)
{
    size_t i;

    fake_cloud_start(&target);
    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const bool passes = refused[i].problem[0] == '\0';

        fake_cloud_reset(&target);
        fake_set((char *)target.world + refused[i].at, refused[i].size, refused[i].value);
        target.job.deployment = refused[i].deployment;
        fake_run(&target, "apply", &told);
        T_TEXT(told.problem, refused[i].problem);
        T_TRUE(t_has(told.where, refused[i].where));
        T_INT(t_has(target.world->log, "PATCH "), passes);
        T_TEXT(told.finish, passes                              ? "applied"
                            : t_has(refused[i].problem, "NET_") ? "failed"
                                                                : "refused");
        T_INT(t_has(told.facts, "rests on the trust file alone"), passes);
    }
    fake_cloud_reset(&target);
    target.world->cloud.pending = 100;
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "LIVE_DEPLOYMENT");
    T_TRUE(t_has(told.where, "plan plan-1 is pending on deployment " FAKE_DEPLOYMENT));
    T_TRUE(!t_has(target.world->log, "PATCH "));
    fake_target_stop(&target);
}

/* Each call, each answer. names: what the keystore holds at the end. */
static const struct {
    const char *match;
    int skip, times, status;
    enum fake_fault fault;
    bool done_too;
    const char *headers, *body;
    const char *finish, *problem, *where;
} answers[] = {
    /* refused: nothing stands */
    {"PATCH", 0, 0, 404, 0, 0, "",
     "{\"errors\":[{\"code\":\"deployments.x\",\"message\":\"m\"}]}", "undone",
     "APPLY_WRITE",
     "writing the keys into the keystore: the cloud API says 404, "
     "deployments.x: m"},
    {"PATCH", 0, 0, 422, 0, 0, "",
     "{\"errors\":[{\"code\":\"c\",\"message\":\"" FAKE_KEY "\"}]}", "undone",
     "APPLY_WRITE", ""},
    {"PATCH", 0, 0, 400, 0, 0, "", "{}", "undone", "NET_ANSWER", "answers status 400"},
    {"PATCH", 0, 0, 401, 0, 0, "", "{}", "undone", "NET_AUTH", "does not take the key"},
    {"PATCH", 0, 0, 403, 0, 0, "", "{}", "undone", "NET_DENIED",
     "the cloud API key may not do this: writing the keys"},
    {"PATCH", 0, 0, 307, 0, 0, "Location: https://127.0.0.1:1/\r\n", "", "undone",
     "NET_ANSWER", "redirects (307)"},
    /* asked to wait: applied after it */
    {"PATCH", 0, 1, 429, 0, 0, "Retry-After: 1\r\n", "{}", "applied", "", ""},
    {"GET /api", 0, 2, 429, 0, 0, "x-ratelimit-interval: 1000ms\r\n", "<html>", "applied",
     "", ""},
    {"PATCH", 0, 1, 429, 0, 0, "Retry-After: 3000\r\n", "{}", "undone", "NET_DENIED",
     "asks for fewer requests (429), for longer than 300 s"},
    {"GET /api", 0, 2, 503, 0, 0, "", "{}", "applied", "", ""},
    /* not answered: looked up */
    {"PATCH", 0, 1, 0, FAKE_CLOSE, 0, "", "", "applied", "", ""},
    {"PATCH", 0, 1, 0, FAKE_CLOSE, 1, "", "", "applied", "", ""},
    {"PATCH", 0, 1, 500, 0, 1, "", "{\"errors\":[]}", "applied", "", ""},
    {"PATCH", 0, 1, 502, 0, 0, "", "<html>", "applied", "", ""},
    {"PATCH", 0, 1, 200, 0, 1, "", "{\"secrets\": oops", "applied", "", ""},
    {"PATCH", 0, 1, 0, FAKE_ENDLESS, 1, "", "", "applied", "", ""},
    {"PATCH", 0, 1, 0, FAKE_RAW, 1, "", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
     "applied", "", ""},
    {"PATCH", 0, 0, 0, FAKE_CLOSE, 0, "", "", "uncertain", "NET_CONNECT", "cloud API: "},
    {"PATCH", 0, 0, 500, 0, 0, "", "{}", "uncertain", "NET_ANSWER", "answers status 500"},
    /* a server that says 200 and did nothing */
    {"PATCH", 0, 0, 200, 0, 0, "", "{\"secrets\":{}}", "undone", "READ_BACK",
     "after writing, the keystore of deployment " FAKE_DEPLOYMENT
     " has no s3.client.x.access_key"},
    /* reads */
    {"GET " FAKE_API "keystore", 0, 0, 200, 0, 0, "", "[]", "failed", "NET_ANSWER",
     "no list of names"},
    {"GET " FAKE_API "keystore", 0, 0, 500, 0, 0, "",
     "{\"errors\":[{\"code\":\"deployments.metadata_internal_error\",\"message\":"
     "\"We have failed you\"}]}",
     "failed", "NET_ANSWER",
     "says 500, deployments.metadata_internal_error: We have failed you"},
    {"GET " FAKE_API "keystore", 1, 0, 0, FAKE_CLOSE, 0, "", "", "uncertain",
     "NET_CONNECT", ""},
    {"GET /api/v1/deployments/" FAKE_DEPLOYMENT "?", 0, 0, 200, 0, 0, "",
     "{\"id\":\"other\"}", "failed", "NET_ANSWER", "does not answer with deployment"},
    {"GET /api/v1/deployments/" FAKE_DEPLOYMENT "?", 0, 0, 200, 0, 0, "", "nonsense",
     "failed", "NET_ANSWER", "not JSON"},
    {"GET /api/v1/deployments/" FAKE_DEPLOYMENT "?", 0, 0, 302, 0, 0,
     "Location: http://x/\r\n", "", "failed", "NET_ANSWER", "redirects (302)"},
    {"GET /api/v1/deployments/" FAKE_DEPLOYMENT "?", 0, 0, 401, 0, 0, "", "", "failed",
     "NET_AUTH", "the cloud API at 127.0.0.1"},
};

static void test_answers(void)
{
    size_t i;

    fake_cloud_start(&target);
    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const bool stays = strcmp(answers[i].finish, "applied") == 0;
        struct fake_rule *r;

        fake_cloud_reset(&target);
        r = fake_answer(&target, answers[i].match, answers[i].status, answers[i].body);
        r->skip = answers[i].skip;
        r->times = answers[i].times;
        r->fault = answers[i].fault;
        r->done_too = answers[i].done_too;
        fake_set(r->headers, sizeof(r->headers), answers[i].headers);
        fake_run(&target, "apply", &told);
        T_TEXT(told.finish, answers[i].finish);
        T_TEXT(told.problem, answers[i].problem);
        T_TRUE(t_has(told.where, answers[i].where));
        if (!t_has(told.where, answers[i].where)) {
            fprintf(stderr, "case %zu: %s\n", i, told.where);
        }
        if (strcmp(answers[i].finish, "uncertain") != 0) {
            T_TEXT(target.world->cloud.names, stays ? FAKE_NAMES : "");
        }
        check_no_secrets();
    }
    fake_target_stop(&target);
}

/* A TLS server with another certificate, and none at all. */
static void test_no_api(void)
{
    char other[300];

    fake_cloud_start(&target);
    fake_other_certificate(other, sizeof(other));
    target.job.control.ca_file = other;
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "NET_TLS");
    T_TEXT(told.finish, "failed");
    T_TRUE(!t_has(target.world->log, "/api/v1"));
    fake_cloud_reset(&target);
    target.job.control.url = "https://127.0.0.1:1";
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "NET_CONNECT");
    T_TEXT(told.finish, "failed");
    check_no_secrets();
    fake_target_stop(&target);
}

/* Values written over never come back. */
static void test_written_over(void)
{
    fake_cloud_start(&target);
    fake_set(target.world->cloud.names, 500, FAKE_NAMES);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.steps, "begin keystore.cloud no; end keystore.cloud ok; "));
    T_TRUE(t_has(told.facts, "does not tell which value a node uses"));
    /* a failure after it: all else is undone, and the rest is said */
    fake_cloud_reset(&target);
    fake_set(target.world->cloud.names, 500, "s3.client.x.secret_key");
    fake_answer(&target, "_verify", 500, OTHER_FAILURE);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "uncertain");
    T_TEXT(told.problem, "VERIFY_FAILED");
    T_TRUE(strncmp(told.where, "the keys written over in the deployment's keystore STAND",
                   56) == 0);
    T_TRUE(t_has(told.steps, "begin keystore.cloud no; ") &&
           t_has(told.steps, "end register undone; "));
    T_TRUE(t_has(told.all, "WRITTEN OVER, which stands: " FAKE_NAMES));
    T_TEXT(target.world->repository, "");
    /* undoing once more does not make it better */
    fake_run(&target, "undo", &told);
    T_TEXT(told.finish, "uncertain");
    T_TEXT(told.problem, "APPLY_UNCERTAIN");
    T_TRUE(t_has(told.where, "STAND") && t_has(told.where, "all else is as before"));
    /* what the FAKE_API refused does not stand */
    fake_cloud_reset(&target);
    fake_set(target.world->cloud.names, 500, FAKE_NAMES);
    fake_answer(&target, "PATCH", 422,
                "{\"errors\":[{\"code\":\"c\",\"message\":\"m\"}]}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    fake_run(&target, "undo", &told);
    T_TEXT(told.finish, "undone");
    /* what was not answered may */
    fake_cloud_reset(&target);
    fake_set(target.world->cloud.names, 500, FAKE_NAMES);
    fake_answer(&target, "PATCH", 0, "")->fault = FAKE_CLOSE;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "uncertain");
    target.world->rules[0].match[0] = '\0';
    fake_run(&target, "undo", &told);
    T_TEXT(told.finish, "uncertain");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    fake_target_stop(&target);
}

static void test_undo_fails(void)
{
    fake_cloud_start(&target);
    fake_answer(&target, "_verify", 500, OTHER_FAILURE);
    fake_answer(&target, "PATCH", 403, "{}")->skip = 1;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "uncertain");
    T_TRUE(t_has(told.steps, "end keystore.cloud failed; "));
    T_TRUE(t_has(told.all, "may not do this: taking names out of the keystore"));
    target.world->rules[0].match[0] = target.world->rules[1].match[0] = '\0';
    fake_run(&target, "undo", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(target.world->cloud.names, "");
    /* taken out, but not answered */
    fake_cloud_reset(&target);
    fake_answer(&target, "_verify", 500, OTHER_FAILURE);
    fake_rule(&target, "PATCH")->skip = 1;
    target.world->rules[1].fault = FAKE_CLOSE;
    target.world->rules[1].done_too = true;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(target.world->cloud.names, "");
    fake_target_stop(&target);
}

/* Nodes that never verify are not missed. */
static void test_roles(void)
{
    fake_cloud_start(&target);
    fake_set(target.world->nodes, sizeof(target.world->nodes),
             "{\"id1\":{\"name\":\"node1\",\"roles\":[\"data_hot\",\"master\"]},\"id2\":{"
             "\"name\":"
             "\"node2\",\"roles\":[\"master\",\"voting_only\"]}}");
    fake_answer(&target, "_verify", 200, "{\"nodes\":{\"id1\":{\"name\":\"node1\"}}}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.facts, "take no part in it"));
    fake_cloud_reset(&target);
    fake_set(
        target.world->nodes, sizeof(target.world->nodes),
        "{\"id1\":{\"name\":\"node1\",\"roles\":[\"ml\"]},\"id2\":{\"name\":\"node2\","
        "\"roles\":[\"master\",\"voting_only\",\"data\"]}}");
    fake_answer(&target, "_verify", 200, "{\"nodes\":{\"id1\":{\"name\":\"node1\"}}}");
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "VERIFY_NODES");
    T_TEXT(told.node, "node2");
    fake_target_stop(&target);
}

static void test_discover(void)
{
    fake_cloud_start(&target);
    fake_run(&target, "discover", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(t_has(told.facts, "deployment  started; ") &&
           t_has(told.facts, "kind  elasticsearch; "));
    T_TRUE(!t_has(target.world->log, "(no"));
    check_no_secrets();
    fake_set(target.world->cloud.id, sizeof(target.world->cloud.id),
             "11111111111111111111111111111111");
    fake_run(&target, "discover", &told);
    T_TEXT(told.problem, "LIVE_DEPLOYMENT");
    target.job.deployment = "../x";
    fake_run(&target, "discover", &told);
    T_TEXT(told.problem, "CONFIG");
    fake_target_stop(&target);
}

static void test_seconds(void)
{
    static const struct {
        const char *text;
        unsigned seconds;
    } cases[] = {{"60", 60},   {"60s", 60},   {"1m", 60},     {"2minutes", 120},
                 {"1h", 3600}, {"1500ms", 2}, {"0", 0},       {"", 0},
                 {"soon", 0},  {"-5", 0},     {"9999999", 0}, {"10millis", 1}};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        T_INT(vfy_cloud_seconds(cases[i].text), cases[i].seconds);
    }
}

T_CASES("applier_cloud", {"apply and prove", test_apply}, {"plan", test_plan},
        {"refused before any write", test_refused}, {"every answer", test_answers},
        {"no API there", test_no_api}, {"written over", test_written_over},
        {"undo fails", test_undo_fails}, {"roles of nodes", test_roles},
        {"discover", test_discover}, {"seconds", test_seconds});
