/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: what new makes is canonical and allows what a repository needs; patterns,
 * conditions, partitions. */
#include <stdio.h>
#include <string.h>

#include "bf/text.h"
#include "harness.h"
#include "policy.h"

/* ---- policies ---- */

static void made(const char *want, enum gen_policy_form form, const char *partition,
                 const char *base, bool rgw)
{
    struct bf_buf out = bf_buf(4096);
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};
    struct bf_buf again = bf_buf(4096);
    char object[200], prefix[200];
    size_t i;

    gen_policy_make(&out, form, partition, "b", base, rgw);
    if (want != NULL) {
        T_TEXT(bf_buf_text(&out), want);
    }
    /* canonical: the signed profile's writer gives the same bytes */
    T_OK(bf_json_parse(&doc, bf_buf_bytes(&out), BF_JSON_REVIEW, &diag), &diag);
    if (doc.root != NULL) {
        bf_json_write(&again, doc.root);
        T_BYTES(bf_buf_bytes(&again), bf_buf_bytes(&out));
        snprintf(object, sizeof(object), "arn:aws:s3:::b/%s%sindex-0", base,
                 base[0] != '\0' ? "/" : "");
        snprintf(prefix, sizeof(prefix), "%s", object + strlen("arn:aws:s3:::b/"));
        for (i = 0; i < gen_num_actions && strcmp(partition, "aws") == 0; i++) {
            T_TRUE(gen_policy_allows(
                doc.root, gen_actions[i].name,
                gen_actions[i].scope == GEN_ON_BUCKET ? "arn:aws:s3:::b" : object,
                prefix));
        }
        T_TRUE(
            !gen_policy_allows(doc.root, "s3:DeleteBucket", "arn:aws:s3:::b", prefix) ||
            form == GEN_POLICY_WIDE);
        T_TRUE(gen_policy_allows(doc.root, "s3:DeleteObject", "arn:aws:s3:::b", prefix) ==
                   (rgw || form == GEN_POLICY_WIDE) ||
               strcmp(partition, "aws") != 0);
    }
    bf_json_clear(&doc);
    bf_buf_clear(&out);
    bf_buf_clear(&again);
}

static void policies(void)
{
    made("{\"Statement\":[{\"Action\":[\"s3:GetBucketLocation\",\"s3:ListBucket\",\"s3:"
         "ListBucketMultipartUploads\","
         "\"s3:ListBucketVersions\"],\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:s3:::"
         "b\"],\"Sid\":\"Bucket\"},"
         "{\"Action\":[\"s3:AbortMultipartUpload\",\"s3:DeleteObject\",\"s3:GetObject\","
         "\"s3:ListMultipartUploadParts\","
         "\"s3:PutObject\"],\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:s3:::b/"
         "*\"],\"Sid\":\"Objects\"}],"
         "\"Version\":\"2012-10-17\"}",
         GEN_POLICY_MINIMAL, "aws", "", false);
    made("{\"Statement\":[{\"Action\":[\"s3:*\"],\"Effect\":\"Allow\",\"Resource\":["
         "\"arn:aws-cn:s3:::b\","
         "\"arn:aws-cn:s3:::b/*\"]}],\"Version\":\"2012-10-17\"}",
         GEN_POLICY_WIDE, "aws-cn", "", false);
    made(NULL, GEN_POLICY_MINIMAL, "aws", "a/b", false);
    made(NULL, GEN_POLICY_MINIMAL, "aws", "a/b", true);
    made(NULL, GEN_POLICY_MINIMAL, "aws", "", true);
    made(NULL, GEN_POLICY_WIDE, "aws", "", false);
}

static void matching(void)
{
    T_TRUE(bf_wildcard("s3:*", "s3:GetObject", true));
    T_TRUE(bf_wildcard("S3:getobject", "s3:GetObject", true));
    T_TRUE(!bf_wildcard("S3:getobject", "s3:GetObject", false));
    T_TRUE(bf_wildcard("*a*b*", "xxaxxbxx", false));
    T_TRUE(!bf_wildcard("*a*b", "xxaxxbxx", false));
    T_TRUE(bf_wildcard("a?c", "abc", false));
    T_TRUE(!bf_wildcard("a?c", "ac", false));
    T_TRUE(bf_wildcard("", "", false));
    T_TRUE(bf_wildcard("*", "", false));
    T_TRUE(!bf_wildcard("", "a", false));
    T_TEXT(gen_partition("eu-west-1"), "aws");
    T_TEXT(gen_partition("cn-north-1"), "aws-cn");
    T_TEXT(gen_partition("us-gov-west-1"), "aws-us-gov");
    T_TEXT(gen_partition("us-isob-east-1"), "aws-iso-b");
    T_TEXT(gen_partition("us-iso-east-1"), "aws-iso");
    T_TEXT(gen_partition(""), "aws");
}

/* What a request has decides: a key that it lacks meets the operators that ask for that.
 */
static void conditions(void)
{
    static const struct {
        const char *condition, *action, *prefix;
        bool holds;
    } rows[] = {
        {"{\"StringLike\":{\"s3:prefix\":\"a/*\"}}", "s3:ListBucket", "a/index-", true},
        {"{\"StringLike\":{\"s3:prefix\":\"a/*\"}}", "s3:ListBucket", "b/index-", false},
        {"{\"StringLike\":{\"s3:prefix\":\"a/*\"}}", "s3:ListBucket", NULL, true},
        {"{\"StringLike\":{\"s3:prefix\":[\"b/*\",\"a/*\"]}}", "s3:listbucketversions",
         "a/index-", true},
        {"{\"StringLike\":{\"S3:Prefix\":\"a/*\"}}", "s3:GetBucketLocation", "a/", false},
        {"{\"StringNotLike\":{\"s3:prefix\":\"b/*\"}}", "s3:GetBucketLocation", "a/",
         true},
        {"{\"StringNotLike\":{\"s3:prefix\":\"b/*\"}}", "s3:ListBucket", "b/x", false},
        {"{\"StringLikeIfExists\":{\"s3:prefix\":\"a/*\"}}", "s3:GetBucketLocation", "a/",
         true},
        {"{\"ForAllValues:StringLike\":{\"s3:prefix\":\"a/*\"}}", "s3:GetObject", "a/",
         true},
        {"{\"ForAnyValue:StringLike\":{\"s3:prefix\":\"a/*\"}}", "s3:GetObject", "a/",
         false},
        {"{\"Null\":{\"s3:prefix\":\"true\"}}", "s3:GetObject", "a/", true},
        {"{\"Null\":{\"s3:prefix\":\"false\"}}", "s3:GetObject", "a/", false},
        {"{\"NullIfExists\":{\"s3:prefix\":\"true\"}}", "s3:ListBucket", "a/", false},
        {"{\"StringEqualsIgnoreCase\":{\"s3:prefix\":\"A/\"}}", "s3:ListBucket", "a/",
         true},
        {"{\"StringEquals\":{\"s3:prefix\":\"a/*\"}}", "s3:ListBucket", "a/x", false},
        {"{\"NumericLessThan\":{\"s3:max-keys\":\"10\"}}", "s3:ListBucket", "a/", true},
        {"{\"Bool\":{\"aws:SecureTransport\":\"true\"}}", "s3:GetObject", "a/", true},
        {"{\"Bool\":{\"aws:x\":\"y\"},\"StringLike\":{\"s3:prefix\":\"a\"}}",
         "s3:GetObject", "a", false},
        {"\"none\"", "s3:GetObject", "a", false},
    };
    char text[300];
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bf_json_doc doc = {0};
        struct bf_diag diag = {0};

        snprintf(text, sizeof(text), "{\"Condition\":%s}", rows[i].condition);
        T_OK(bf_json_parse(&doc, bf_text(text), BF_JSON_RELAXED, &diag), &diag);
        if (gen_condition_may_hold(doc.root, rows[i].action, rows[i].prefix) !=
            rows[i].holds) {
            T_TEXT(rows[i].condition, rows[i].action);
        }
        bf_json_clear(&doc);
    }
    T_TRUE(gen_operator_is_known("ForAnyValue:ArnLikeIfExists"));
    T_TRUE(!gen_operator_is_known("ForAnyValue:") &&
           !gen_operator_is_known("stringlike"));
}

/* Names of hosts in all partitions, and names that only begin like one. */
static void hosts(void)
{
    T_TRUE(gen_is_aws("") && gen_is_aws("https://s3.eu-west-1.amazonaws.com"));
    T_TRUE(gen_is_aws("https://s3.cn-north-1.amazonaws.com.cn:443"));
    T_TRUE(gen_is_aws("https://s3.eusc-de-east-1.amazonaws.eu"));
    T_TRUE(gen_is_aws("https://s3.us-iso-east-1.c2s.ic.gov"));
    T_TRUE(!gen_is_aws("https://s3.amazonaws.com.example.corp"));
    T_TRUE(!gen_is_aws("https://amazonaws.eu") && !gen_is_aws("https://xamazonaws.com"));
    T_TEXT(gen_partition("eusc-de-east-1"), "aws-eusc");
    T_TEXT(gen_partition("us-iso-east-1"), "aws-iso");
    T_TEXT(gen_partition("us-isob-east-1"), "aws-iso-b");
    T_TEXT(gen_partition("eu-isoe-west-1"), "aws-iso-e");
    T_TEXT(gen_partition("us-isof-south-1"), "aws-iso-f");
    T_TEXT(gen_partition("us-gov-west-1"), "aws-us-gov");
    T_TEXT(gen_partition("cn-north-1"), "aws-cn");
    T_TEXT(gen_partition("us-east-1"), "aws");
}

T_CASES("gen_policy", {"policies", policies}, {"matching", matching},
        {"conditions", conditions}, {"hosts", hosts});
