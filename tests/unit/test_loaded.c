/* SPDX-License-Identifier: Apache-2.0 */
/* What a newer Elasticsearch tells besides: the keystore that each node has loaded, and
 * the analysis of the bucket. The real applier against a fake cluster. */
#include <stdio.h>
#include <string.h>

#include "fake_target.h"
#include "harness.h"

static struct fake_target target;
static struct fake_told told;

#define RELOAD "POST /_nodes/reload_secure_settings"
#define ANALYZE "POST /_snapshot/repo/_analyze?timeout=300s"
#define KEYSTORE                                                                         \
    "keystore.seed=abc\ns3.client.x.access_key=" FAKE_ID                                 \
    "\ns3.client.x.secret_key=" FAKE_KEY "\n"

static void check(const char *problem, const char *where, const char *finish)
{
    T_INT(told.runner, BF_OK);
    T_TEXT(told.problem, problem);
    T_TEXT(t_has(told.where, where) ? where : told.where, where);
    T_TEXT(told.finish, finish);
}

/* names and digest of one node's answer; the undo's reload is answered as usual */
static void answer(const char *names, const char *digest)
{
    struct fake_rule *r = fake_rule(&target, RELOAD);

    r->status = 200;
    snprintf(r->body, sizeof(r->body),
             "{\"_nodes\":{\"failed\":0},\"nodes\":{\"id1\":{\"name\":\"node1\","
             "\"secure_setting_names\":[%s],\"keystore_digest\":\"%s\"}}}",
             names, digest);
}

static void test_loaded(void)
{
    static const char both[] =
        "\"keystore.seed\",\"s3.client.x.access_key\",\"s3.client.x.secret_key\"";
    char digest[2 * BF_SHA256 + 1];

    fake_target_start(&target, 1);
    fake_run(&target, "apply", &told);
    check("", "", "applied");
    T_TRUE(t_has(told.facts, "not_tried  reload: which names and which file a node has "
                             "loaded is not told: not provable on this version; "));

    fake_target_reset(&target);
    T_INT(bf_sha256_hex(digest, bf_text(KEYSTORE)), BF_OK);
    answer(both, digest);
    fake_run(&target, "apply", &told);
    check("", "", "applied");
    T_TRUE(t_has(told.facts, "probe  loaded-names=1 of 1 nodes; ") &&
           !t_has(told.facts, "not provable"));

    fake_target_reset(&target);
    answer("\"keystore.seed\",\"s3.client.x.access_key\"", digest);
    fake_run(&target, "apply", &told);
    check("NODE_RELOAD", "node1 has loaded a keystore without s3.client.x.secret_key",
          "undone");

    fake_target_reset(&target);
    digest[0] = digest[0] == '0' ? '1' : '0';
    answer(both, digest);
    fake_run(&target, "apply", &told);
    check("NODE_RELOAD",
          "node1 has loaded another keystore than the one that was written", "undone");
    fake_target_stop(&target);
}

static void analysis(int status, const char *body)
{
    struct fake_rule *r;

    fake_target_reset(&target);
    r = fake_rule(&target, ANALYZE "$");
    target.world->distribution[0] = '\0';
    target.job.target.kind = "elasticsearch";
    target.job.plan.analyze = true;
    r->status = status;
    snprintf(r->body, sizeof(r->body), "%s", body);
}

static void version(const char *number)
{
    snprintf(target.world->version, sizeof(target.world->version), "%s", number);
}

static void test_analyze(void)
{
    fake_target_start(&target, 1);
    analysis(200, "{\"blob_count\":100,\"blob_path\":\"temp-x\",\"issues_detected\":[],"
                  "\"summary\":{\"write\":{\"count\":100}}}");
    version("8.19.21");
    fake_run(&target, "apply", &told);
    check("", "", "applied");
    T_TRUE(t_has(told.all, "1 of 1 nodes, analysed without issues"));
    T_TRUE(t_has(told.all, "\"summary\":{\"write\":{\"count\":100}}"));
    target.job.records = (struct bf_list){0};
    target.world->log[0] = '\0';
    fake_run(&target, "prove", &told);
    check("", "", "proved");
    T_TRUE(!t_has(target.world->log, "_analyze") &&
           t_has(told.facts, "not_tried  verify: proving changes nothing, the analysis"));

    analysis(200, "{\"issues_detected\":[\"a blob was read that was not written\"]}");
    version("8.19.21");
    fake_run(&target, "apply", &told);
    check("VERIFY_FAILED",
          "the analysis of the bucket found: a blob was read that was not written",
          "undone");

    analysis(500, "{\"error\":{\"type\":\"repository_verification_exception\","
                  "\"reason\":\"[repo] analysis failed\",\"caused_by\":{\"type\":\"x\","
                  "\"reason\":\"[repo] uncontended register operation failed: expected "
                  "[1] but did not observe any value\"}},\"status\":500}");
    version("8.19.21");
    fake_run(&target, "apply", &told);
    check("VERIFY_FAILED", "the S3 server's conditional writes", "undone");
    fake_target_stop(&target);
}

/* Refused before anything is written. */
static void test_no_analyze(void)
{
    static const struct {
        const char *version, *where;
    } without[] = {{"3.8.0", "the cluster is opensearch 3.8.0"},
                   {"7.11.2", "the cluster is elasticsearch 7.11.2"}};
    size_t i;

    fake_target_start(&target, 1);
    for (i = 0; i < 2; i++) {
        analysis(200, "{}");
        if (i == 0) {
            target.job.target.kind = "opensearch";
            snprintf(target.world->distribution, sizeof(target.world->distribution),
                     "\"distribution\":\"opensearch\",");
        } else {
            version(without[i].version);
        }
        fake_run(&target, "apply", &told);
        check("LIVE_ANALYZE", without[i].where, "refused");
        T_TRUE(!t_has(target.world->log, "PUT ") && !t_has(target.world->log, "POST "));
    }
    fake_target_stop(&target);
}

T_CASES("loaded", {"loaded", test_loaded}, {"analyze", test_analyze},
        {"no analyze", test_no_analyze});
