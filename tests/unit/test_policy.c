/* SPDX-License-Identifier: Apache-2.0 */
/* The policy evaluator: one document, one request, one verdict. */
#include <stdio.h>
#include <string.h>

#include "applier/policy.h"
#include "harness.h"

#define B "arn:aws:s3:::snaps"
#define DOC(...) "{\"Version\":\"2012-10-17\",\"Statement\":[" __VA_ARGS__ "]}"
#define S(effect, actions, resources, more)                                              \
    "{\"Effect\":\"" effect "\",\"Action\":" actions ",\"Resource\":" resources more "}"
#define PREFIX(op, value) ",\"Condition\":{\"" op "\":{\"s3:prefix\":" value "}}"
/* the two forms that our author's tool writes */
#define WIDE DOC(S("Allow", "[\"s3:*\"]", "[\"" B "\",\"" B "/*\"]", ""))
#define NARROW                                                                           \
    DOC(S("Allow", "[\"s3:GetBucketLocation\"]", "[\"" B "\"]", "") "," S(               \
        "Allow", "[\"s3:ListBucket\",\"s3:ListBucketVersions\"]", "[\"" B "\"]",         \
        PREFIX("StringLike", "[\"p/*\"]")) "," S("Allow",                                \
                                                 "[\"s3:GetObject\",\"s3:PutObject\"]",  \
                                                 "[\"" B "/p/*\"]", ""))

static const struct {
    const char *document, *action, *resource, *prefix;
    enum vfy_verdict verdict;
} cases[] = {
    {WIDE, "s3:DeleteBucket", B, NULL, VFY_ALLOWED},
    {WIDE, "s3:GetObject", B "/a/b", NULL, VFY_ALLOWED},
    {WIDE, "s3:GetObject", B "2/a", NULL, VFY_NOT_ALLOWED},
    {WIDE, "sts:AssumeRole", B, NULL, VFY_NOT_ALLOWED},
    {NARROW, "s3:GetBucketLocation", B, NULL, VFY_ALLOWED},
    {NARROW, "S3:getbucketLOCATION", B, NULL, VFY_ALLOWED},
    {NARROW, "s3:ListBucket", B, NULL, VFY_NOT_ALLOWED},
    {NARROW, "s3:ListBucket", B, "", VFY_NOT_ALLOWED},
    {NARROW, "s3:ListBucket", B, "p/", VFY_ALLOWED},
    {NARROW, "s3:ListBucket", B, "p", VFY_NOT_ALLOWED},
    {NARROW, "s3:ListBucket", B, "q/", VFY_NOT_ALLOWED},
    {NARROW, "s3:ListBucketVersions", B, "p/x", VFY_ALLOWED},
    {NARROW, "s3:GetObject", B "/p/x", NULL, VFY_ALLOWED},
    {NARROW, "s3:GetObject", B "/P/x", NULL, VFY_NOT_ALLOWED},
    {NARROW, "s3:GetObject", B "/px", NULL, VFY_NOT_ALLOWED},
    {NARROW, "s3:DeleteObject", B "/p/x", NULL, VFY_NOT_ALLOWED},
    /* a Deny wins, wherever it stands */
    {DOC(S("Deny", "\"s3:Put*\"", "\"*\"", "") "," S("Allow", "\"*\"", "\"*\"", "")),
     "s3:PutObject", B "/a", NULL, VFY_DENIED},
    {DOC(S("Allow", "\"*\"", "\"*\"", "") "," S("Deny", "\"s3:Put*\"", "\"*\"", "")),
     "s3:PutObject", B "/a", NULL, VFY_DENIED},
    {DOC(S("Allow", "\"*\"", "\"*\"", "") "," S("Deny", "\"s3:Put*\"", "\"*\"", "")),
     "s3:GetObject", B "/a", NULL, VFY_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"*\"",
           "") "," S("Deny", "\"*\"", "\"*\"",
                     ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}")),
     "s3:GetObject", B "/a", NULL, VFY_ALLOWED},
    /* wildcards */
    {DOC(S("Allow", "\"s3:?etObject\"", "\"" B "/*/x\"", "")), "s3:GetObject", B "/a/b/x",
     NULL, VFY_ALLOWED},
    {DOC(S("Allow", "\"s3:?etObject\"", "\"" B "/*/x\"", "")), "s3:GetObject",
     B "/a/b/xy", NULL, VFY_NOT_ALLOWED},
    {DOC(S("Allow", "\"s3:*Object\"", "\"" B "/a*a*b\"", "")), "s3:GetObject", B "/aaab",
     NULL, VFY_ALLOWED},
    /* conditions */
    {DOC(S("Allow", "\"*\"", "\"*\"", PREFIX("StringEquals", "\"p/\""))), "s3:ListBucket",
     B, "p/", VFY_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"*\"", PREFIX("StringEquals", "\"p/*\""))),
     "s3:ListBucket", B, "p/x", VFY_NOT_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"*\"", PREFIX("StringNotLike", "[\"q*\",\"r*\"]"))),
     "s3:ListBucket", B, "r/", VFY_NOT_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"*\"", PREFIX("StringNotEquals", "\"q\""))),
     "s3:ListBucket", B, NULL, VFY_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"*\"", PREFIX("StringLikeIfExists", "\"q\""))),
     "s3:ListBucket", B, NULL, VFY_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"*\"", PREFIX("StringEqualsIgnoreCase", "\"Q\""))),
     "s3:ListBucket", B, "q", VFY_ALLOWED},
    /* what is not known is not judged, where it could decide */
    {DOC(S("Allow", "\"*\"", "\"*\"",
           ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}")),
     "s3:ListBucket", B, NULL, VFY_NOT_JUDGED},
    {DOC(S("Allow", "\"*\"", "\"*\"", PREFIX("ForAllValues:StringLike", "\"q\""))),
     "s3:ListBucket", B, "q", VFY_NOT_JUDGED},
    {DOC(S("Allow", "\"*\"", "\"*\"",
           "") "," S("Deny", "\"*\"", "\"*\"",
                     ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}")),
     "s3:ListBucket", B, NULL, VFY_NOT_JUDGED},
    {DOC(S("Deny", "\"*\"", "\"*\"",
           ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}")),
     "s3:ListBucket", B, NULL, VFY_NOT_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"*\"",
           "") "," S("Allow", "\"*\"", "\"*\"",
                     ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}")),
     "s3:ListBucket", B, NULL, VFY_ALLOWED},
    {DOC(S("Allow", "\"*\"", "\"" B "/${aws:username}/*\"", "")), "s3:GetObject",
     B "/bob/x", NULL, VFY_NOT_JUDGED},
    {DOC("{\"Effect\":\"Allow\",\"NotAction\":\"s3:Put*\",\"Resource\":\"*\"}"),
     "s3:GetObject", B "/x", NULL, VFY_NOT_JUDGED},
    {DOC("{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"NotResource\":\"x\"}"),
     "s3:GetObject", B "/x", NULL, VFY_NOT_JUDGED},
    {DOC("{\"Effect\":\"Allow\",\"Action\":\"iam:*\",\"NotResource\":\"x\"}"),
     "s3:GetObject", B "/x", NULL, VFY_NOT_ALLOWED},
    /* a statement without its list, and none */
    {"{\"Statement\":" S("Allow", "\"s3:*\"", "\"*\"", "") "}", "s3:GetObject", B "/x",
     NULL, VFY_ALLOWED},
    {"{}", "s3:GetObject", B "/x", NULL, VFY_NOT_ALLOWED},
};

static void test_verdicts(void)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct vfy_policy_request req = {cases[i].action, cases[i].resource,
                                               cases[i].prefix};
        struct vfy_answer document;
        struct bf_diag diag = {0};
        enum vfy_verdict got;
        char text[40], want[40];

        T_OK(vfy_answer_parse(&document, bf_text(cases[i].document), &diag), &diag);
        got = vfy_policy_judge(vfy_at_root(&document), &req);
        vfy_answer_clear(&document);
        snprintf(text, sizeof(text), "%zu: %d", i, (int)got);
        snprintf(want, sizeof(want), "%zu: %d", i, (int)cases[i].verdict);
        T_TEXT(text, want);
    }
}

T_CASES("policy", {"verdicts", test_verdicts});
