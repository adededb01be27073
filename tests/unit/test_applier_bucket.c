/* SPDX-License-Identifier: Apache-2.0 */
/* The bucket's step and whose the keys are: the real applier against a fake S3 and STS.
 */
#include <stdio.h>
#include <string.h>

#include "applier/bucket.h"
#include "applier/sts.h"
#include "fake_target.h"
#include "harness.h"

#define ARN "arn:aws:iam::123456789012:user/bob"

static struct fake_target target;
static struct fake_told told;

/* A plan that asks for everything. */
static void ask(const char *mode)
{
    fake_target_reset(&target);
    target.job.plan.bucket.mode = mode;
    target.job.plan.bucket.region = "eu-west-1";
    target.job.plan.bucket.ownership = true;
    target.job.plan.bucket.public_block = true;
    target.job.plan.bucket.versioning = true;
}

static struct fake_bucket *bucket(void)
{
    return &target.world->bucket;
}

static void make(bool all)
{
    *bucket() = (struct fake_bucket){.there = true, .on = {all, all, all}};
    snprintf(bucket()->region, sizeof(bucket()->region), "eu-west-1");
}

static void refused(const char *finish, const char *problem, const char *where)
{
    target.job.records.num = 0;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, finish);
    T_TEXT(told.problem, problem);
    T_TEXT(told.where, where);
    T_TRUE(!t_has(target.world->log, "PutUserPolicy") || strcmp(finish, "refused") != 0);
}

static void test_created(void)
{
    fake_target_start(&target, 1);
    ask("create");
    fake_run(&target, "plan", &told);
    T_TEXT(told.finish, "planned");
    T_TRUE(t_has(told.diffs, "bucket + bucket snaps in eu-west-1, public access block, "
                             "ownership BucketOwnerEnforced, versioning; "));
    T_TRUE(!bucket()->there);
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.steps, "begin bucket yes; end bucket ok; begin policy yes; "));
    T_TRUE(bucket()->there && bucket()->on[0] && bucket()->on[1] && bucket()->on[2]);
    T_TEXT(bucket()->region, "eu-west-1");
    T_TRUE(t_has(told.all, "made in eu-west-1, public access block, ownership "
                           "BucketOwnerEnforced, versioning, read back"));
    /* again: nothing to do, and proving finds what somebody turned off */
    target.job.records.num = 0;
    target.world->log[0] = '\0';
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.steps, "begin bucket none; end bucket same; "));
    T_TRUE(!t_has(target.world->log, "PUT /snaps?") &&
           !t_has(target.world->log, "PUT /snaps \n"));
    target.job.records.num = 0;
    fake_run(&target, "prove", &told);
    T_TEXT(told.finish, "proved");
    bucket()->on[2] = false;
    target.job.records.num = 0;
    fake_run(&target, "prove", &told);
    T_TEXT(told.problem, "LIVE_DRIFT");
    T_TEXT(told.where, "bucket snaps has no versioning");
    fake_target_stop(&target);
}

static void test_refused(void)
{
    fake_target_start(&target, 1);
    ask("check");
    refused("refused", "BUCKET_MISSING", "snaps");
    make(false);
    bucket()->on[1] = true;
    refused("refused", "BUCKET_DIFFERS",
            "bucket snaps has no public access block, no versioning");
    make(true);
    snprintf(bucket()->region, sizeof(bucket()->region), "%s", "");
    refused("refused", "BUCKET_DIFFERS",
            "bucket snaps is in region us-east-1, not in eu-west-1");
    make(true);
    bucket()->lacking[1] = true;
    refused("refused", "BUCKET_UNSUPPORTED",
            "ownership BucketOwnerEnforced of bucket snaps");
    T_TRUE(!t_has(target.world->log, "PUT /snaps?"));
    /* what is there is not changed, in mode create either */
    ask("create");
    make(true);
    bucket()->on[2] = false;
    refused("refused", "BUCKET_DIFFERS", "bucket snaps has no versioning");
    ask("create");
    bucket()->taken = true;
    refused("undone", "BUCKET_DIFFERS",
            "the name snaps is taken by somebody else's bucket");
    T_TRUE(t_has(told.steps, "end bucket undone; "));
    /* what the plan does not ask for is not looked at, and RGW's region says nothing */
    ask("check");
    make(false);
    snprintf(bucket()->region, sizeof(bucket()->region), "default");
    target.job.plan.bucket.ownership = target.job.plan.bucket.public_block =
        target.job.plan.bucket.versioning = false;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(!t_has(target.world->log, "ownershipControls"));
    T_TRUE(
        t_has(told.facts, "not_tried  bucket: its region, this server does not tell it"));
    fake_target_stop(&target);
}

/* Made, and then something fails: gone again, but only while it is empty. */
static void test_undone(void)
{
    fake_target_start(&target, 1);
    ask("create");
    bucket()->lacking[1] = true;
    refused("undone", "BUCKET_UNSUPPORTED",
            "ownership BucketOwnerEnforced of bucket snaps");
    T_TRUE(!bucket()->there && t_has(told.all, "absent again"));
    ask("create");
    fake_rule(&target, "PUT /_snapshot/repo")->status = 400;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TRUE(!bucket()->there);
    ask("create");
    fake_rule(&target, "PUT /_snapshot/repo")->status = 400;
    fake_rule(&target, "DELETE /snaps$")->status = 409;
    snprintf(target.world->rules[1].body, sizeof(target.world->rules[1].body),
             "<Error><Code>BucketNotEmpty</Code></Error>");
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TRUE(bucket()->there && t_has(told.facts, "leftover  snaps; "));
    T_TRUE(t_has(told.all, "made by this run, holds objects: it stays"));
    fake_target_stop(&target);
}

/* Killed after each record: the next run finishes the bucket, or removes it. */
static void test_stopped(void)
{
    static const char *const next[] = {"apply", "undo"};
    size_t i, k;

    fake_target_start(&target, 1);
    for (k = 0; k < 2; k++) {
        for (i = 3; i < 6; i++) {
            ask("create");
            told.stop_at = i;
            fake_run(&target, "apply", &told);
            T_INT(told.runner, BF_IO);
            if (i == 4) {
                bucket()->on[2] = false; /* as if it had got that far alone */
            }
            told.stop_at = 0;
            fake_run(&target, next[k], &told);
            T_TEXT(told.finish, k == 0 ? "applied" : "undone");
            T_TRUE(bucket()->there == (k == 0));
            T_TRUE(k == 1 || (bucket()->on[0] && bucket()->on[2]));
        }
    }
    fake_target_stop(&target);
}

/* Answers that say nothing clear, of each call. */
static void test_faults(void)
{
    static const struct {
        const char *match, *body;
        int status;
        const char *problem, *part;
    } rows[] = {
        {"GET /snaps?location=", "<Error><Code>AccessDenied</Code></Error>", 403,
         "NET_DENIED", "may not do s3:GetBucketLocation on bucket snaps"},
        {"GET /snaps?location=", "<Error><Code>InvalidAccessKeyId</Code></Error>", 403,
         "NET_AUTH", "the access key id is not known there"},
        {"GET /snaps?location=", "<html>", 200, "NET_ANSWER", "s3:GetBucketLocation"},
        {"GET /snaps?versioning=", "<Error><Code>AccessDenied</Code></Error>", 403,
         "NET_DENIED", "s3:GetBucketVersioning"},
        {"GET /snaps?versioning=", "", 501, "BUCKET_UNSUPPORTED", "versioning"},
        {"PUT /snaps$",
         "<Error><Code>TooManyBuckets</Code><Message>enough</Message></Error>", 400,
         "APPLY_WRITE",
         "S3 refuses s3:CreateBucket for bucket snaps: TooManyBuckets: enough"},
        {"PUT /snaps?versioning=", "<Error><Code>AccessDenied</Code></Error>", 403,
         "NET_DENIED", "s3:PutBucketVersioning"},
        {"PUT /snaps?versioning=", "", 200, "READ_BACK",
         "bucket snaps has no versioning"},
    };
    size_t i;

    fake_target_start(&target, 1);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_rule *r;

        ask("create");
        if (strncmp(rows[i].match, "GET ", 4) == 0) {
            make(true);
        }
        r = fake_rule(&target, rows[i].match);
        r->status = rows[i].status;
        snprintf(r->type, sizeof(r->type), "application/xml");
        snprintf(r->body, sizeof(r->body), "%s", rows[i].body);
        fake_run(&target, "apply", &told);
        T_TEXT(told.problem, rows[i].problem);
        T_TRUE(t_has(told.where, rows[i].part));
        T_TRUE(rows[i].match[0] == 'G' || !bucket()->there);
    }
    /* a write that was sent and not answered may have worked: that is not known */
    ask("create");
    fake_rule(&target, "PUT /snaps$")->fault = FAKE_CLOSE;
    target.world->rules[0].done_too = true;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "uncertain");
    T_TRUE(!bucket()->there);
    fake_target_stop(&target);
}

static void identify(const char *arn, const char *preflight)
{
    fake_target_reset(&target);
    target.job.sts = target.job.iam;
    target.job.plan.iam.arn = ARN;
    target.job.plan.preflight = preflight;
    snprintf(bucket()->arn, sizeof(bucket()->arn), "%s", arn);
    fake_run(&target, "apply", &told);
}

static void test_identity(void)
{
    fake_target_start(&target, 1);
    identify(ARN, "required");
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.facts, "probe  identity=" ARN "; "));
    identify("arn:aws:iam::123456789012:user/eve", "required");
    T_TEXT(told.finish, "refused");
    T_TEXT(told.problem, "IAM_IDENTITY");
    T_TEXT(told.where,
           "they are those of arn:aws:iam::123456789012:user/eve, approved is " ARN);
    T_TRUE(!t_has(target.world->log, "PutUserPolicy") &&
           !t_has(target.world->log, "PUT "));
    identify("InvalidClientTokenId", "required");
    T_TEXT(told.problem, "IAM_IDENTITY");
    T_TRUE(t_has(told.where, "the access key id is not known there"));
    identify("", "required"); /* RGW */
    T_TEXT(told.finish, "applied");
    T_TRUE(
        t_has(told.facts,
              "not_tried  identity: the server does not say (405 MethodNotAllowed); "));
    /* not there at all */
    fake_target_reset(&target);
    target.job.sts = target.job.iam;
    target.job.sts.url = "https://127.0.0.1:1";
    target.job.plan.iam.arn = ARN;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "failed");
    T_TRUE(strncmp(told.problem, "NET_", 4) == 0 && t_has(told.where, "STS"));
    target.job.plan.preflight = "if-reachable";
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "applied");
    T_TRUE(t_has(told.facts, "not_tried  identity: STS is not reachable"));
    /* none configured */
    fake_target_reset(&target);
    target.job.plan.iam.arn = ARN;
    fake_run(&target, "apply", &told);
    T_TRUE(t_has(told.facts, "not_tried  identity: no iam.url is configured"));
    fake_target_stop(&target);
}

static void test_sts_url(void)
{
    static const struct {
        const char *iam, *region, *sts;
    } rows[] = {
        {"https://iam.amazonaws.com", "us-east-1", "https://sts.us-east-1.amazonaws.com"},
        {"https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1",
         "https://sts.cn-north-1.amazonaws.com.cn"},
        {"https://iam.us-gov.amazonaws.com", "us-gov-west-1",
         "https://sts.us-gov-west-1.amazonaws.com"},
        {"https://iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1",
         "https://sts.eusc-de-east-1.amazonaws.eu"},
        {"https://iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1",
         "https://sts.us-iso-east-1.c2s.ic.gov"},
        {"https://s3.example.corp:7480", "us-east-1", "https://s3.example.corp:7480"},
        {"https://iam.amazonaws.com.example.corp", "us-east-1",
         "https://iam.amazonaws.com.example.corp"},
    };
    char url[200];
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        T_TRUE(vfy_sts_url(url, sizeof(url), rows[i].iam, rows[i].region));
        T_TEXT(url, rows[i].sts);
    }
    T_TRUE(!vfy_sts_url(url, 10, rows[0].iam, rows[0].region));
}

T_CASES("applier_bucket", {"created", test_created}, {"refused", test_refused},
        {"undone", test_undone}, {"stopped", test_stopped}, {"faults", test_faults},
        {"identity", test_identity}, {"sts url", test_sts_url});
