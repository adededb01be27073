/* SPDX-License-Identifier: Apache-2.0 */
/* The applier's engine, the real program, against a fake target: order, records, what is
 * written when, and every crash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_target.h"
#include "harness.h"

static struct fake_target target;
static struct fake_told told;

static const char all_steps[] =
    "begin live none; end live ok; begin policy yes; end policy "
    "ok; begin preflight none; end preflight ok; begin "
    "keystore.copy:node1 yes; begin keystore.copy:node2 yes; end "
    "keystore.copy:node1 ok; end keystore.copy:node2 ok; begin "
    "keystore:node1 yes; begin keystore:node2 yes; end "
    "keystore:node1 ok; end keystore:node2 ok; begin reload yes; "
    "end reload ok; begin register yes; end register ok; begin "
    "verify none; end verify ok; begin keystore.drop:node1 no; "
    "begin keystore.drop:node2 no; end keystore.drop:node1 ok; "
    "end keystore.drop:node2 ok; ";

/* Requests that change something, in order. */
static void writes(char *out, size_t size)
{
    const char *line = target.world->log;
    size_t n = 0;

    out[0] = '\0';
    while (*line != '\0') {
        const size_t len = strcspn(line, "\n");

        if (strncmp(line, "GET ", 4) != 0 &&
            !(len > 20 && memmem(line, len, "=GetUserPolicy", 14) != NULL) &&
            n + len + 2 < size) {
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
    static const char *const secrets[] = {FAKE_KEY, FAKE_PASSWORD,
                                          "iam-secret-key-of-the-appliance"};
    size_t i;

    for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        T_TRUE(!t_has(told.all, secrets[i]));
    }
}

static void test_apply(void)
{
    char state[4000], text[4000];

    fake_target_start(&target, 2);
    fake_run(&target, "apply", &told);
    T_INT(told.runner, BF_OK);
    T_TEXT(told.finish, "applied");
    T_INT(told.num_problems, 0);
    T_TEXT(told.steps, all_steps);
    writes(text, sizeof(text));
    T_TEXT(text,
           "POST / Action=PutUserPolicy&Version=2010-05-08&\n"
           "PUT /snaps/p/snapseal-probe-0123456789abcdef0123456789abcdef \n"
           "POST /snaps?delete= \n"
           "POST /snaps/p/snapseal-probe-0123456789abcdef0123456789abcdef?uploads= \n"
           "DELETE /snaps/p/"
           "snapseal-probe-0123456789abcdef0123456789abcdef?uploadId=2~up%2Fload \n"
           "POST /_nodes/reload_secure_settings\n"
           "PUT /_snapshot/repo?verify=false\n"
           "POST /_snapshot/repo/_verify\n");
    T_TEXT(target.world->policy, FAKE_POLICY);
    T_TEXT(target.world->repository, FAKE_REPOSITORY);
    fake_state(&target, state, sizeof(state));
    T_TRUE(!t_has(state, "snapseal-") && t_has(state, "object \n"));
    T_TRUE(t_has(told.facts, "node_names node1 keystore.seed s3.client.x.access_key "
                             "s3.client.x.secret_key; "));
    T_TRUE(t_has(told.facts, "node_reload node2 ok; ") &&
           t_has(told.facts, "node_seen node1 ; "));
    T_TRUE(t_has(told.facts, "probe  put=ok; ") &&
           t_has(told.facts, "repository_live  ; "));
    check_no_secrets();
    fake_target_stop(&target);
}

/* Before each write the cluster is asked who it is, with nothing in between. */
static void test_uuid_before_each_write(void)
{
    static const char *const cluster_writes[] = {
        "GET /\nPOST /_nodes/reload_secure_settings\n",
        "GET /\nPUT /_snapshot/repo?verify=false\n",
        "GET /\nPOST /_snapshot/repo/_verify\n"};
    size_t i;

    fake_target_start(&target, 2);
    fake_run(&target, "apply", &told);
    for (i = 0; i < sizeof(cluster_writes) / sizeof(cluster_writes[0]); i++) {
        T_TRUE(t_has(target.world->log, cluster_writes[i]));
    }
    T_TRUE(!t_has(target.world->log, "(no credential)"));
    fake_target_stop(&target);
}

static void test_plan_changes_nothing(void)
{
    char before[4000], after[4000], text[2000];

    fake_target_start(&target, 2);
    snprintf(target.world->repository, sizeof(target.world->repository),
             "{\"type\":\"s3\",\"settings\":{\"bucket\":\"other\",\"client\":\"x\","
             "\"old\":\"1\"}}");
    fake_state(&target, before, sizeof(before));
    fake_run(&target, "plan", &told);
    fake_state(&target, after, sizeof(after));
    T_TEXT(told.finish, "planned");
    T_TEXT(after, before);
    T_TEXT(told.steps, "");
    writes(text, sizeof(text));
    T_TEXT(text, "POST /_security/user/_has_privileges\n");
    T_TEXT(told.diffs,
           "policy + Statement[0]: {\"Action\":[\"s3:*\"],\"Effect\":"
           "\"Allow\",\"Resource\":\"*\"}; policy + Version: "
           "\"2012-10-17\"; policy + policy pol of user bob; keystore:node1 + node1: "
           "s3.client.x.access_key; "
           "keystore:node1 + node1: s3.client.x.secret_key; keystore:node2 + "
           "node2: s3.client.x.access_key; "
           "keystore:node2 + node2: s3.client.x.secret_key; reload ~ every "
           "node reloads its keystore; no restart; "
           "register ~ bucket: \"other\" -> \"snaps\"; register - old: "
           "\"1\"; register + base_path: \"p\"; "
           "register + compress: true; register ~ repository repo; ");
    fake_target_stop(&target);
}

static void test_same_again(void)
{
    char before[4000], after[4000];

    fake_target_start(&target, 2);
    fake_run(&target, "apply", &told);
    fake_state(&target, before, sizeof(before));
    target.job.records.num = 0;
    target.world->log[0] = '\0';
    fake_run(&target, "prove", &told);
    fake_state(&target, after, sizeof(after));
    T_TEXT(told.finish, "proved");
    T_TEXT(told.steps,
           "begin live none; end live ok; begin policy none; end policy same; begin "
           "keystore:node1 none; "
           "end keystore:node1 same; begin keystore:node2 none; end keystore:node2 same; "
           "begin register none; end register same; begin verify none; end verify ok; ");
    T_TEXT(after, before);
    T_TRUE(!t_has(target.world->log, "PUT ") && !t_has(target.world->log, "reload"));
    /* and applied again: what is there already is not put again */
    target.job.records.num = 0;
    target.world->log[0] = '\0';
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.steps, "begin policy none; end policy same; ") &&
           t_has(told.steps, "end register same; "));
    T_TRUE(!t_has(target.world->log, "PUT /_snapshot") &&
           !t_has(target.world->log, "PutUserPolicy"));
    fake_target_stop(&target);
}

static void test_drift(void)
{
    static const struct {
        const char *what, *where;
    } drifts[] = {
        {"repository", "repository repo is not registered"},
        {"settings", "repository repo is no longer as it was applied: ~ bucket: "
                     "\"snaps\" -> \"evil\""},
        {"policy", "policy pol of user bob at IAM is not the approved one"},
        {"no policy", "policy pol of user bob at IAM is not there"},
        {"keystore", "the keystore of node2 has no s3.client.x.access_key"},
    };
    char path[700];
    size_t i;

    fake_target_start(&target, 2);
    for (i = 0; i < sizeof(drifts) / sizeof(drifts[0]); i++) {
        fake_target_reset(&target);
        fake_run(&target, "apply", &told);
        T_TEXT(told.finish, "applied");
        target.job.records.num = 0;
        if (strcmp(drifts[i].what, "repository") == 0) {
            target.world->repository[0] = '\0';
        } else if (strcmp(drifts[i].what, "settings") == 0) {
            memcpy(strstr(target.world->repository, "snaps"), "evil\"", 5);
            snprintf(target.world->repository, sizeof(target.world->repository),
                     "{\"settings\":{\"base_path\":\"p\",\"bucket\":\"evil\",\"client\":"
                     "\"x\",\"compress\":true},"
                     "\"type\":\"s3\"}");
        } else if (strcmp(drifts[i].what, "policy") == 0) {
            snprintf(target.world->policy, sizeof(target.world->policy),
                     "{\"Version\":\"2012-10-17\"}");
        } else if (strcmp(drifts[i].what, "no policy") == 0) {
            target.world->policy[0] = '\0';
        } else {
            snprintf(path, sizeof(path),
                     "cp %s/opensearch.keystore %s/opensearch.keystore", target.conf[0],
                     target.conf[1]);
            snprintf(path, sizeof(path), "echo keystore.seed=1 >%s/opensearch.keystore",
                     target.conf[1]);
            T_INT(system(path), 0);
        }
        fake_run(&target, "prove", &told);
        T_TEXT(told.problem, "LIVE_DRIFT");
        T_TEXT(told.where, drifts[i].where);
        T_TEXT(told.finish, "refused");
    }
    /* several at once are told in one line, and nothing is verified then */
    target.world->policy[0] = target.world->repository[0] = '\0';
    target.world->log[0] = '\0';
    target.job.records.num = 0;
    fake_run(&target, "prove", &told);
    T_TEXT(told.where,
           "policy pol of user bob at IAM is not there; the keystore of node2 "
           "has no s3.client.x.access_key; repository repo is not registered");
    T_TRUE(!t_has(target.world->log, "_verify"));
    fake_target_stop(&target);
}

static void test_discover(void)
{
    fake_target_start(&target, 2);
    fake_run(&target, "discover", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(t_has(told.facts, "tls_verified  yes; ") &&
           t_has(told.facts, "cluster_uuid  " FAKE_UUID "; "));
    T_TRUE(t_has(told.facts, "node_live node1 id1; ") &&
           t_has(told.facts, "kind  opensearch; "));
    /* without a CA: the fingerprint, and not one request */
    target.world->log[0] = '\0';
    target.job.cluster.ca_file = "";
    fake_run(&target, "discover", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(strncmp(told.facts, "tls_fingerprint  ", 17) == 0 &&
           strcmp(told.facts + 17 + 64, "; tls_verified  no; ") == 0);
    T_TEXT(target.world->log, "");
    /* with another CA: refused, nothing sent, but what is there is told */
    target.job.cluster.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    if (access(target.job.cluster.ca_file, R_OK) == 0) {
        fake_run(&target, "discover", &told);
        T_TEXT(told.problem, "NET_TLS");
        T_TEXT(told.finish, "failed");
        T_TRUE(t_has(told.facts, "tls_fingerprint") &&
               t_has(told.facts, "tls_verified  no; "));
        T_TEXT(target.world->log, "");
    }
    fake_target_stop(&target);
}

/*
 * The parent dies after each record in turn; the run is taken up. mode undo: all is as
 * before. mode apply: it ends applied, and no copy is left.
 */
static void sweep(const char *mode, const char *want)
{
    char before[4000], after[4000], applied[4000];
    size_t n;

    fake_target_start(&target, 1);
    snprintf(target.world->policy, sizeof(target.world->policy),
             "{\"Version\":\"2012-10-17\",\"x\":\"\xc3\xa4 %%\"}");
    snprintf(target.world->repository, sizeof(target.world->repository),
             "{\"settings\":{\"bucket\":\"old\",\"client\":\"x\"},\"type\":\"s3\"}");
    fake_state(&target, before, sizeof(before));
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    for (n = 1; n <= 18; n++) {
        fake_target_reset(&target);
        snprintf(target.world->policy, sizeof(target.world->policy),
                 "{\"Version\":\"2012-10-17\",\"x\":\"\xc3\xa4 %%\"}");
        snprintf(target.world->repository, sizeof(target.world->repository),
                 "{\"settings\":{\"bucket\":\"old\",\"client\":\"x\"},\"type\":\"s3\"}");
        told.stop_at = n;
        fake_run(&target, "apply", &told);
        T_INT(told.runner, BF_IO);
        told.stop_at = 0;
        fake_run(&target, mode, &told);
        T_INT(told.runner, BF_OK);
        /* once a copy is being dropped there is no way back */
        T_TEXT(told.finish, strcmp(mode, "undo") == 0 && n >= 17 ? "uncertain" : want);
        fake_state(&target, after, sizeof(after));
        if (strcmp(mode, "apply") == 0) {
            snprintf(applied, sizeof(applied), "repository %s\npolicy %s\nobject \n",
                     FAKE_REPOSITORY, FAKE_POLICY);
            T_TRUE(strncmp(after, applied, strlen(applied)) == 0 &&
                   !t_has(after, "snapseal-"));
        } else if (n < 17) {
            T_TEXT(after, before);
        } else {
            T_TEXT(told.problem, "APPLY_UNCERTAIN");
        }
    }
    fake_target_stop(&target);
}

static void test_crash_then_undo(void)
{
    sweep("undo", "undone");
}

static void test_crash_then_forward(void)
{
    sweep("apply", "applied");
}

/* A run that fails and undoes, stopped at each record of its undoing, is undone at the
 * second try. */
static void test_crash_while_undoing(void)
{
    char before[4000], after[4000];
    struct fake_rule *r;
    size_t n;

    fake_target_start(&target, 1);
    fake_state(&target, before, sizeof(before));
    for (n = 16; n <= 22; n++) {
        fake_target_reset(&target);
        r = fake_rule(&target, "POST /_snapshot/repo/_verify");
        r->status = 500;
        snprintf(r->body, sizeof(r->body),
                 "{\"error\":{\"type\":\"x\",\"reason\":\"y\"},\"status\":500}");
        told.stop_at = n;
        fake_run(&target, "apply", &told);
        T_INT(told.runner, n <= 21 ? BF_IO : BF_OK);
        told.stop_at = 0;
        fake_run(&target, "undo", &told);
        T_TEXT(told.finish, "undone");
        fake_state(&target, after, sizeof(after));
        T_TEXT(after, before);
    }
    fake_target_stop(&target);
}

/* A registration that was undone after the proof: what was proven stands no more, and all
 * is done again. */
static void test_proof_is_forgotten(void)
{
    struct vfy_record *r;
    size_t i, verified = 0;

    fake_target_start(&target, 2);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    r = (struct vfy_record *)target.job.records.items;
    for (i = 0; i < target.job.records.num; i++) {
        if (strcmp(r[i].step, "verify") == 0) {
            verified = i; /* its end */
        }
    }
    T_TRUE(verified > 0 && strcmp(r[verified].result, "ok") == 0);
    target.job.records.num = verified + 1;
    fake_run(&target, "apply", &told);
    T_TRUE(!t_has(told.steps, "verify")); /* proven already */
    T_TRUE(t_has(told.steps, "end keystore.drop:node2 ok"));
    r[verified + 1] = (struct vfy_record){.after = "absent again",
                                          .before = "",
                                          .phase = "end",
                                          .result = "undone",
                                          .step = "register",
                                          .undo = ""};
    target.job.records.num = verified + 2;
    target.world->repository[0] = '\0';
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.steps,
                 "begin register yes; end register ok; begin verify none; end "
                 "verify ok; "));
    fake_target_stop(&target);
}

T_CASES("applier", {"apply", test_apply},
        {"uuid before each write", test_uuid_before_each_write},
        {"plan changes nothing", test_plan_changes_nothing},
        {"same again", test_same_again}, {"drift", test_drift},
        {"discover", test_discover}, {"crash, then undo", test_crash_then_undo},
        {"crash, then forward", test_crash_then_forward},
        {"crash while undoing", test_crash_while_undoing},
        {"a proof that was undone", test_proof_is_forgotten});
