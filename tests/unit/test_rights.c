/* SPDX-License-Identifier: Apache-2.0 */
/* The preflight's second half: S3 against the approved policy, the real applier against a
 * fake S3. */
#include <stdio.h>
#include <string.h>

#include "fake_target.h"
#include "harness.h"

static struct fake_target target;
static struct fake_told told;

#define XML(code) "<Error><Code>" code "</Code><Message></Message></Error>"
/* the narrow form: what the repository needs, below the base path */
#define NARROW                                                                           \
    "{\"Statement\":[{\"Action\":[\"s3:GetBucketLocation\","                             \
    "\"s3:ListBucketMultipartUploads\"],\"Effect\":\"Allow\",\"Resource\":"              \
    "[\"arn:aws:s3:::snaps\"]},{\"Action\":[\"s3:ListBucket\",\"s3:ListBucketVersions\"" \
    "],\"Condition\":{\"StringLike\":{\"s3:prefix\":[\"p/*\"]}},\"Effect\":\"Allow\","   \
    "\"Resource\":[\"arn:aws:s3:::snaps\"]},{\"Action\":[\"s3:AbortMultipartUpload\","   \
    "\"s3:DeleteObject\",\"s3:GetObject\",\"s3:ListMultipartUploadParts\","              \
    "\"s3:PutObject\"],\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:s3:::snaps/p/*\"]}"  \
    "],\"Version\":\"2012-10-17\"}"
#define PROBE "snapseal-probe-0123456789abcdef0123456789abcdef"

static void refuse(const char *match)
{
    struct fake_rule *r = fake_rule(&target, match);

    r->status = 403;
    snprintf(r->type, sizeof(r->type), "application/xml");
    snprintf(r->body, sizeof(r->body), XML("AccessDenied"));
}

/* An S3 that keeps to the narrow policy. */
static void keep_narrow(void)
{
    target.world->narrow = true;
    target.world->bucket.there = true;
    refuse("GET /snaps?list-type=2&max-keys=1$");
    refuse("prefix=snapseal-probe");
    refuse("GET /snaps/" PROBE);
}

static void check(const char *problem, const char *where, const char *finish)
{
    T_INT(told.runner, BF_OK);
    T_TEXT(told.problem, problem);
    T_TEXT(t_has(told.where, where) ? where : told.where, where);
    T_TEXT(told.finish, finish);
}

static void test_as_approved(void)
{
    fake_target_start(&target, 1);
    keep_narrow();
    target.job.policy = NARROW;
    fake_run(&target, "apply", &told);
    check("", "", "applied");
    T_TRUE(t_has(told.facts, "probe  list-all=AccessDenied; ") &&
           t_has(told.facts, "probe  list-outside=AccessDenied; ") &&
           t_has(told.facts, "probe  get-outside=AccessDenied; ") &&
           t_has(told.facts, "probe  acl=AccessDenied; ") &&
           t_has(told.facts, "probe  policy=AccessDenied; ") &&
           t_has(told.facts, "probe  location=ok; ") &&
           t_has(told.facts, "probe  versions=ok; ") &&
           t_has(told.facts, "probe  abort=ok; "));
    T_TRUE(t_has(
        told.facts,
        "not_tried  preflight, judged and not tried: the policy does not allow "
        "s3:PutObject outside the base path, s3:DeleteObject outside the base path, "
        "s3:DeleteObjectVersion, s3:DeleteBucket, s3:PutBucketPolicy, "
        "s3:PutBucketAcl, s3:PutBucketVersioning, s3:PutLifecycleConfiguration; "));
    T_TRUE(t_has(told.all,
                 "\"parts\":{\"code\":\"\",\"status\":200},\"policy\":{\"code\":"
                 "\"AccessDenied\",\"status\":403},\"put\":"));
    fake_target_stop(&target);
}

/* S3 serves everything, the policy is narrow. */
static void test_too_wide(void)
{
    static const struct {
        const char *refused[3];
        const char *where;
    } wide[] = {
        {{NULL},
         "S3 allows the bundle's keys s3:ListBucket outside the base path on "
         "arn:aws:s3:::snaps, which the approved policy does not"},
        {{"GET /snaps?list-type=2&max-keys=1$"}, "s3:ListBucket outside the base path"},
        {{"GET /snaps?list-type=2&max-keys=1$", "prefix=snapseal-probe"},
         "s3:GetObject on arn:aws:s3:::snaps/" PROBE},
        {{"GET /snaps?list-type=2&max-keys=1$", "prefix=snapseal-probe",
          "GET /snaps/" PROBE},
         "s3:GetBucketAcl on arn:aws:s3:::snaps"},
    };
    char before[4000], after[4000];
    size_t i, k;

    fake_target_start(&target, 1);
    for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
        fake_target_reset(&target);
        fake_state(&target, before, sizeof(before));
        target.job.policy = NARROW;
        snprintf(target.world->missing, sizeof(target.world->missing), "NoSuchKey");
        for (k = 0; k < 3 && wide[i].refused[k] != NULL; k++) {
            refuse(wide[i].refused[k]);
        }
        fake_run(&target, "apply", &told);
        check("PREFLIGHT_TOO_WIDE", wide[i].where, "undone");
        fake_state(&target, after, sizeof(after));
        T_TEXT(after, before);
    }
    fake_target_stop(&target);
}

/* S3 refuses what the policy allows, and _verify would not notice. */
static void test_too_narrow(void)
{
    static const struct {
        const char *refused, *where;
        bool leftover;
    } narrow[] = {
        {"?location=",
         "S3 denies the bundle's keys s3:GetBucketLocation on arn:aws:s3:::snaps, which "
         "the approved policy allows (AccessDenied)",
         false},
        {"uploads=$", "s3:ListBucketMultipartUploads", false},
        {"versions=", "s3:ListBucketVersions", false},
        {"POST /snaps/p/", "s3:PutObject in parts", false},
        {"GET /snaps/p/" PROBE "?uploadId", "s3:ListMultipartUploadParts", false},
        {"DELETE /snaps/p/", "s3:AbortMultipartUpload", true},
    };
    size_t i;

    fake_target_start(&target, 1);
    for (i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++) {
        fake_target_reset(&target);
        refuse(strcmp(narrow[i].refused, "uploads=$") == 0
                   ? "GET /snaps?max-uploads=1&prefix=p%2F&uploads=$"
                   : narrow[i].refused);
        fake_run(&target, "apply", &told);
        check("PREFLIGHT", narrow[i].where, "undone");
        T_INT(t_has(told.facts, "leftover  p/" PROBE), narrow[i].leftover);
    }
    fake_target_stop(&target);
}

/* Without a policy document, without a base path, and with one that lets nobody abort. */
static void test_not_judged(void)
{
    fake_target_start(&target, 1);
    target.job.policy = "";
    target.job.plan.iam.mode = "none";
    fake_run(&target, "apply", &told);
    check("", "", "applied");
    T_TRUE(t_has(told.facts,
                 "not_tried  preflight: whether the keys may do more than they "
                 "need is not judged, the change has no policy; "));
    T_TRUE(!t_has(told.facts, "acl=") && t_has(told.facts, "probe  delete=ok; "));

    fake_target_reset(&target);
    target.job.repository =
        "{\"settings\":{\"bucket\":\"snaps\",\"client\":\"x\"},\"type\":\"s3\"}";
    fake_run(&target, "apply", &told);
    check("", "", "applied");
    T_TRUE(t_has(told.facts, "probe  list-all=ok; ") && !t_has(told.facts, "outside"));

    fake_target_reset(&target);
    target.job.policy =
        "{\"Statement\":[{\"Action\":[\"s3:*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"},"
        "{\"Action\":[\"s3:AbortMultipartUpload\"],\"Effect\":\"Deny\",\"Resource\":\"*"
        "\"}"
        "],\"Version\":\"2012-10-17\"}";
    fake_run(&target, "apply", &told);
    check("", "", "applied");
    T_TRUE(t_has(told.facts,
                 "not_tried  preflight: uploads in parts, the policy does not "
                 "let us abort one; ") &&
           !t_has(told.facts, "multipart"));
    fake_target_stop(&target);
}

/* An object that was put, or may have been, does not stay, and if it does it is named. */
static void test_no_object_stays(void)
{
    static const char probe[] = "/snaps/p/" PROBE;
    struct fake_rule *r;

    fake_target_start(&target, 1);
    r = fake_rule(&target, "PUT /snaps/p/"); /* acted, and the answer is lost */
    r->fault = FAKE_CLOSE;
    r->done_too = true;
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "PREFLIGHT");
    T_TEXT(target.world->object, "");
    T_TRUE(!t_has(told.facts, "leftover"));

    fake_target_reset(&target);
    r = fake_rule(&target, "POST /snaps?delete=");
    r->status = 503;
    snprintf(r->body, sizeof(r->body), XML("SlowDown"));
    fake_run(&target, "apply", &told);
    T_TEXT(told.problem, "PREFLIGHT");
    T_TEXT(target.world->object, probe);
    T_TRUE(t_has(told.facts, "leftover  p/" PROBE "; ") &&
           t_has(told.facts, "probe  leftover=p/" PROBE "; "));

    /* killed in the midst of it, then undone */
    fake_target_reset(&target);
    told.stop_at = 5; /* the begin of preflight */
    fake_run(&target, "apply", &told);
    T_TRUE(t_has(told.steps, "begin preflight none; "));
    told.stop_at = 0;
    snprintf(target.world->object, sizeof(target.world->object), "%s", probe);
    fake_run(&target, "undo", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(target.world->object, "");
    fake_target_stop(&target);
}

/* With if-reachable only an S3 that is not there is left out; one that is there and shows
 * somebody else's certificate is not. */
static void test_somebody_between(void)
{
    char other[300];

    fake_target_start(&target, 2);
    fake_other_certificate(other, sizeof(other));
    target.job.plan.preflight = "if-reachable";
    target.job.s3.ca_file = other;
    fake_run(&target, "apply", &told);
    T_TEXT(told.finish, "undone");
    T_TEXT(told.problem, "PREFLIGHT");
    fake_target_stop(&target);
}

T_CASES("rights", {"as approved", test_as_approved}, {"too wide", test_too_wide},
        {"too narrow", test_too_narrow}, {"not judged", test_not_judged},
        {"no object stays", test_no_object_stays},
        {"somebody in between", test_somebody_between});
