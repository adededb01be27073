/* SPDX-License-Identifier: Apache-2.0 */
/* The rules between plan and review documents: each broken one ends in its own refusal.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "spoil.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct bf_secret_ref refs[4];

static void manifest(struct bf_manifest *m)
{
    fx_manifest(m, fx_world(), true);
    refs[0] =
        (struct bf_secret_ref){HEX64, FX_ACCESS, "s3.client.secondary.access_key", "new"};
    refs[1] = (struct bf_secret_ref){HEX64, "", "s3.client.secondary.secret_key", "new"};
    refs[2] = (struct bf_secret_ref){"", "", "s3.client.third.access_key", "removed"};
    refs[3] = (struct bf_secret_ref){"", "", "s3.client.third.secret_key", "removed"};
    m->secrets.items = refs;
    m->secrets.num = 2;
}

static enum bf_err rules(const struct bf_manifest *m, const char *policy,
                         const char *repository, struct bf_diag *diag)
{
    struct bf_json_doc p = {0}, r = {0};
    enum bf_err err;

    if (policy != NULL) {
        T_OK(bf_json_parse(&p, bf_text(policy), BF_JSON_REVIEW, diag), diag);
    }
    if (repository != NULL) {
        T_OK(bf_json_parse(&r, bf_text(repository), BF_JSON_REVIEW, diag), diag);
    }
    err = bf_review_rules(m, p.root, r.root, diag);
    bf_json_clear(&p);
    bf_json_clear(&r);
    return err;
}

static void good(void)
{
    struct bf_manifest m;
    struct bf_diag diag = {0};

    manifest(&m);
    T_OK(rules(&m, fx_policy, fx_repository, &diag), &diag);
    T_OK(rules(&m, NULL, fx_repository, &diag), &diag);
    T_OK(rules(&m, fx_policy, NULL, &diag), &diag);
    T_OK(rules(&m, NULL, NULL, &diag), &diag);
}

/* A statement around what differs. */
#define POLICY(statement) "{\"Statement\":[" statement "],\"Version\":\"2012-10-17\"}"
#define STATEMENT(rest)                                                                  \
    "{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\",\"Resource\":\"arn:aws:s3:::"     \
    "acme-snapshots\"" rest "}"
#define RESOURCE(value)                                                                  \
    POLICY("{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\",\"Resource\":" value "}")
#define ACTION(value)                                                                    \
    POLICY("{\"Action\":" value                                                          \
           ",\"Effect\":\"Allow\",\"Resource\":\"arn:aws:s3:::acme-snapshots\"}")

static const struct {
    const char *text;
    enum bf_err want;
} policy_rows[] = {
    {POLICY(STATEMENT("")), BF_OK},
    {"{\"Statement\":" STATEMENT("") ",\"Version\":\"2012-10-17\"}", BF_OK},
    {"{\"Statement\":" STATEMENT("") ",\"Version\":\"2008-10-17\"}", BF_OK},
    {"{\"Id\":\"x\",\"Statement\":" STATEMENT("") ",\"Version\":\"2012-10-17\"}", BF_OK},
    {POLICY(STATEMENT(",\"Sid\":\"x\"")), BF_OK},
    {POLICY("{\"Action\":[\"s3:*\",\"*\"],\"Effect\":\"Deny\",\"Resource\":[\"arn:"
            "aws:s3:::acme-snapshots\"]}"),
     BF_OK},
    {POLICY("{\"Action\":\"s3:ListBucket\",\"Condition\":{\"StringLike\":{\"s3:"
            "prefix\":[\"a/*\"]}},\"Effect\":\"Allow\","
            "\"Resource\":\"arn:aws:s3:::acme-snapshots\"}"),
     BF_OK},
    /* form */
    {"[]", BF_POLICY_FORM},
    {"7", BF_POLICY_FORM},
    {"{}", BF_POLICY_FORM},
    {"{\"Statement\":[" STATEMENT("") "]}", BF_POLICY_FORM},
    {"{\"Statement\":[" STATEMENT("") "],\"Version\":\"2012-10-18\"}", BF_POLICY_FORM},
    {"{\"Statement\":[" STATEMENT("") "],\"Version\":\"policy-language-YYYY-MM-dd\"}",
     BF_POLICY_FORM},
    {"{\"Statement\":[" STATEMENT("") "],\"Version\":20121017}", BF_POLICY_FORM},
    {"{\"Id\":7,\"Statement\":" STATEMENT("") ",\"Version\":\"2012-10-17\"}",
     BF_POLICY_FORM},
    {"{\"Statement\":[],\"Version\":\"2012-10-17\"}", BF_POLICY_FORM},
    {"{\"Statement\":\"x\",\"Version\":\"2012-10-17\"}", BF_POLICY_FORM},
    {"{\"Version\":\"2012-10-17\"}", BF_POLICY_FORM},
    {"{\"Statement\":" STATEMENT("") ",\"Version\":\"2012-10-17\",\"version\":\"x\"}",
     BF_POLICY_FORM},
    {POLICY("7"), BF_POLICY_FORM},
    {POLICY(STATEMENT("") ",{}"), BF_POLICY_FORM},
    {POLICY(STATEMENT(",\"Sid\":7")), BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:GetObject\",\"Effect\":\"allow\",\"Resource\":\"arn:"
            "aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::acme-"
            "snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\"}"), BF_POLICY_FORM},
    {POLICY("{\"Effect\":\"Allow\",\"Resource\":\"arn:aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Effect\":\"Allow\",\"NotAction\":\"s3:GetObject\",\"Resource\":\"arn:"
            "aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\",\"NotResource\":\"arn:"
            "aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\",\"Principal\":\"*\","
            "\"Resource\":\"arn:aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\",\"NotPrincipal\":\"*"
            "\",\"Resource\":\"arn:aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {ACTION("[]"), BF_POLICY_FORM},
    {ACTION("7"), BF_POLICY_FORM},
    {ACTION("[\"s3:GetObject\",7]"), BF_POLICY_FORM},
    {ACTION("[[\"s3:GetObject\"]]"), BF_POLICY_FORM},
    {ACTION("\"GetObject\""), BF_POLICY_FORM},
    {ACTION("\"s3:\""), BF_POLICY_FORM},
    {ACTION("\":GetObject\""), BF_POLICY_FORM},
    {ACTION("\"s3:Get Object\""), BF_POLICY_FORM},
    {ACTION("\"S3:GetObject\""), BF_POLICY_FORM},
    {ACTION("\"**\""), BF_POLICY_FORM},
    {RESOURCE("[]"), BF_POLICY_FORM},
    {RESOURCE("{}"), BF_POLICY_FORM},
    {RESOURCE("[7]"), BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:ListBucket\",\"Condition\":7,\"Effect\":\"Allow\","
            "\"Resource\":\"arn:aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:ListBucket\",\"Condition\":{},\"Effect\":\"Allow\","
            "\"Resource\":\"arn:aws:s3:::acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:ListBucket\",\"Condition\":{\"Bool\":{}},\"Effect\":"
            "\"Allow\",\"Resource\":\"arn:aws:s3:::"
            "acme-snapshots\"}"),
     BF_POLICY_FORM},
    {POLICY("{\"Action\":\"s3:ListBucket\",\"Condition\":{\"Bool\":{\"x\":true}},"
            "\"Effect\":\"Allow\",\"Resource\":\"arn:aws:s3:::"
            "acme-snapshots\"}"),
     BF_POLICY_FORM},
    /* the bucket */
    {RESOURCE("\"arn:aws:s3:::acme-snapshots/*\""), BF_OK},
    {RESOURCE("\"arn:aws:s3:::acme-snapshots/prod/*\""), BF_OK},
    {RESOURCE("\"arn:aws-cn:s3:::acme-snapshots\""), BF_OK},
    {RESOURCE("\"arn:aws-us-gov:s3:::acme-snapshots/*\""), BF_OK},
    {RESOURCE("\"*\""), BF_POLICY_BUCKET},
    {RESOURCE("\"\""), BF_POLICY_BUCKET},
    {RESOURCE("\"acme-snapshots\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:s3:::*\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:*:s3:::acme-snapshots\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn::s3:::acme-snapshots\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:s3:::acme-snapshots*\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:s3:::acme-snapshots-2\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:s3:::acme-snapshots-2/*\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:s3:::acme-snapshot\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:s3:::acme-snapshots/\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:s3:eu-central-1::acme-snapshots\""), BF_POLICY_BUCKET},
    {RESOURCE("\"arn:aws:iam::123456789012:user/x\""), BF_POLICY_BUCKET},
    {RESOURCE("[\"arn:aws:s3:::acme-snapshots\",\"arn:aws:s3:::other/*\"]"),
     BF_POLICY_BUCKET},
    {POLICY(STATEMENT("") ",{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\","
                          "\"Resource\":\"arn:aws:s3:::other\"}"),
     BF_POLICY_BUCKET},
    {"{\"Statement\":{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\",\"Resource\":"
     "\"arn:aws:s3:::other\"},\"Version\":\"2012-10-17\"}",
     BF_POLICY_BUCKET},
};

static void policy(void)
{
    size_t i;

    for (i = 0; i < NUM(policy_rows); i++) {
        struct bf_manifest m;
        struct bf_diag diag = {0};
        enum bf_err got;

        manifest(&m);
        got = rules(&m, policy_rows[i].text, fx_repository, &diag);
        T_ERR(got, policy_rows[i].want, &diag);
        if (got != policy_rows[i].want) {
            T_TEXT(policy_rows[i].text, "");
        }
    }
}

/* Exactly 2048 characters pass, one more does not. */
static void policy_size(void)
{
    size_t len;

    for (len = 2047; len <= 2049; len++) {
        struct bf_buf text = bf_buf(BF_MAX_JSON);
        struct bf_manifest m;
        struct bf_diag diag = {0};
        const char *head = "{\"Id\":\"",
                   *tail =
                       "\",\"Statement\":" STATEMENT("") ",\"Version\":\"2012-10-17\"}";
        size_t i, fill = len - strlen(head) - strlen(tail);

        bf_put_text(&text, head);
        for (i = 0; i < fill; i++) {
            bf_put_text(&text, "x");
        }
        bf_put_text(&text, tail);
        manifest(&m);
        T_ERR(rules(&m, bf_buf_text(&text), NULL, &diag),
              len > 2048 ? BF_POLICY_SIZE : BF_OK, &diag);
        bf_buf_clear(&text);
    }
}

#define SETTINGS(text) "{\"settings\":{" text "},\"type\":\"s3\"}"
#define BUCKET "\"bucket\":\"acme-snapshots\""
#define CLIENT "\"client\":\"secondary\""

static const struct {
    const char *text;
    enum bf_err want;
} repository_rows[] = {
    {SETTINGS(BUCKET "," CLIENT), BF_OK},
    {SETTINGS(BUCKET "," CLIENT
                     ",\"compress\":true,\"max_retries\":3,\"unheard_of\":\"x\""),
     BF_OK},
    /* form */
    {"[]", BF_REPOSITORY_FORM},
    {"{}", BF_REPOSITORY_FORM},
    {"{\"settings\":{" BUCKET "," CLIENT "}}", BF_REPOSITORY_FORM},
    {"{\"type\":\"s3\"}", BF_REPOSITORY_FORM},
    {"{\"settings\":{" BUCKET "," CLIENT "},\"type\":\"fs\"}", BF_REPOSITORY_FORM},
    {"{\"settings\":{" BUCKET "," CLIENT "},\"type\":7}", BF_REPOSITORY_FORM},
    {"{\"settings\":[],\"type\":\"s3\"}", BF_REPOSITORY_FORM},
    {"{\"settings\":{" BUCKET "," CLIENT "},\"type\":\"s3\",\"uuid\":\"x\"}",
     BF_REPOSITORY_FORM},
    {SETTINGS(BUCKET "," CLIENT ",\"proxy\":{\"host\":\"x\"}"), BF_REPOSITORY_FORM},
    {SETTINGS(BUCKET "," CLIENT ",\"x\":[]"), BF_REPOSITORY_FORM},
    {SETTINGS("\"bucket\":7," CLIENT), BF_REPOSITORY_FORM},
    {SETTINGS(BUCKET ",\"client\":true"), BF_REPOSITORY_FORM},
    {SETTINGS(BUCKET "," CLIENT ",\"endpoint\":7"), BF_REPOSITORY_FORM},
    {SETTINGS(BUCKET "," CLIENT ",\"region\":7"), BF_REPOSITORY_FORM},
    {SETTINGS(BUCKET "," CLIENT ",\"protocol\":true"), BF_REPOSITORY_FORM},
    /* client */
    {SETTINGS(BUCKET ",\"client\":\"default\""), BF_REPOSITORY_CLIENT},
    {SETTINGS(BUCKET), BF_REPOSITORY_CLIENT},
    {SETTINGS(BUCKET ",\"client\":\"secondary2\""), BF_REPOSITORY_CLIENT},
    {SETTINGS(BUCKET ",\"client\":\"second\""), BF_REPOSITORY_CLIENT},
    /* bucket */
    {SETTINGS(CLIENT), BF_REPOSITORY_BUCKET},
    {SETTINGS("\"bucket\":\"acme-snapshots-2\"," CLIENT), BF_REPOSITORY_BUCKET},
    /* S3 */
    {SETTINGS(BUCKET "," CLIENT ",\"endpoint\":\"" FX_S3 "\""), BF_OK},
    {SETTINGS(BUCKET "," CLIENT ",\"endpoint\":\"s3.example.corp\""), BF_REPOSITORY_S3},
    {SETTINGS(BUCKET "," CLIENT ",\"endpoint\":\"http://s3.example.corp\""),
     BF_REPOSITORY_S3},
    {SETTINGS(BUCKET "," CLIENT ",\"endpoint\":\"\""), BF_REPOSITORY_S3},
    {SETTINGS(BUCKET "," CLIENT ",\"region\":\"eu-central-1\""), BF_OK},
    {SETTINGS(BUCKET "," CLIENT ",\"region\":\"us-east-1\""), BF_REPOSITORY_S3},
    {SETTINGS(BUCKET "," CLIENT ",\"path_style_access\":true"), BF_OK},
    {SETTINGS(BUCKET "," CLIENT ",\"path_style_access\":\"true\""), BF_OK},
    {SETTINGS(BUCKET "," CLIENT ",\"path_style_access\":false"), BF_REPOSITORY_S3},
    {SETTINGS(BUCKET "," CLIENT ",\"path_style_access\":\"false\""), BF_REPOSITORY_S3},
    {SETTINGS(BUCKET "," CLIENT ",\"path_style_access\":1"), BF_REPOSITORY_S3},
    {SETTINGS(BUCKET "," CLIENT ",\"protocol\":\"https\""), BF_OK},
    {SETTINGS(BUCKET "," CLIENT ",\"protocol\":\"http\""), BF_REPOSITORY_S3},
    /* credentials, whatever else is wrong */
    {SETTINGS("\"access_key\":\"x\"," BUCKET "," CLIENT), BF_REPOSITORY_SECRET},
    {SETTINGS(BUCKET "," CLIENT ",\"secret_key\":\"x\""), BF_REPOSITORY_SECRET},
    {SETTINGS(BUCKET "," CLIENT ",\"session_token\":\"x\""), BF_REPOSITORY_SECRET},
    {SETTINGS(BUCKET "," CLIENT ",\"proxy.password\":\"x\""), BF_REPOSITORY_SECRET},
    {SETTINGS(BUCKET "," CLIENT ",\"s3.client.secondary.secret_key\":\"x\""),
     BF_REPOSITORY_SECRET},
    {SETTINGS(BUCKET "," CLIENT ",\"proxy\":{\"password\":\"x\"}"), BF_REPOSITORY_SECRET},
    {SETTINGS(BUCKET "," CLIENT ",\"x\":[{\"secret_key\":1}]"), BF_REPOSITORY_SECRET},
    {"{\"access_key\":\"x\",\"type\":\"fs\"}", BF_REPOSITORY_SECRET},
};

static void repository(void)
{
    size_t i;

    for (i = 0; i < NUM(repository_rows); i++) {
        struct bf_manifest m;
        struct bf_diag diag = {0};
        enum bf_err got;

        manifest(&m);
        got = rules(&m, fx_policy, repository_rows[i].text, &diag);
        T_ERR(got, repository_rows[i].want, &diag);
        if (got != repository_rows[i].want) {
            T_TEXT(repository_rows[i].text, "");
        }
    }
}

/* The plan says less: nothing stated, no path style. */
static void plan_differs(void)
{
    struct bf_manifest m;
    struct bf_diag diag = {0};

    manifest(&m);
    m.plan.s3.endpoint = "";
    m.plan.s3.region = "";
    m.plan.s3.path_style = false;
    T_OK(rules(&m, NULL, SETTINGS(BUCKET "," CLIENT), &diag), &diag);
    T_OK(rules(
             &m, NULL,
             SETTINGS(BUCKET "," CLIENT ",\"endpoint\":\"\",\"path_style_access\":false"),
             &diag),
         &diag);
    T_ERR(rules(&m, NULL, SETTINGS(BUCKET "," CLIENT ",\"region\":\"eu-central-1\""),
                &diag),
          BF_REPOSITORY_S3, &diag);
    T_ERR(
        rules(&m, NULL, SETTINGS(BUCKET "," CLIENT ",\"path_style_access\":true"), &diag),
        BF_REPOSITORY_S3, &diag);
}

/* The client: that of every secret that stays, never one that is removed; without secrets
 * any. */
static void clients(void)
{
    struct bf_manifest m;
    struct bf_diag diag = {0};

    manifest(&m);
    m.secrets.num = 4; /* third is removed */
    T_OK(rules(&m, NULL, SETTINGS(BUCKET "," CLIENT), &diag), &diag);
    T_ERR(rules(&m, NULL, SETTINGS(BUCKET ",\"client\":\"third\""), &diag),
          BF_REPOSITORY_CLIENT, &diag);
    m.secrets.items = refs + 2;
    m.secrets.num = 2;
    T_OK(rules(&m, NULL, SETTINGS(BUCKET "," CLIENT), &diag), &diag);
    T_ERR(rules(&m, NULL, SETTINGS(BUCKET ",\"client\":\"third\""), &diag),
          BF_REPOSITORY_CLIENT, &diag);
    m.secrets.num = 0;
    T_OK(rules(&m, NULL, SETTINGS(BUCKET ",\"client\":\"third\""), &diag), &diag);
    T_OK(rules(&m, NULL, SETTINGS(BUCKET), &diag), &diag);
    refs[0].name = "s3.client.default.access_key";
    refs[1].name = "s3.client.default.secret_key";
    m.secrets.items = refs;
    m.secrets.num = 2;
    T_OK(rules(&m, NULL, SETTINGS(BUCKET), &diag), &diag);
    T_ERR(rules(&m, NULL, SETTINGS(BUCKET "," CLIENT), &diag), BF_REPOSITORY_CLIENT,
          &diag);
}

T_CASES("review", {"good", good}, {"policy", policy}, {"policy size", policy_size},
        {"repository", repository}, {"plan differs", plan_differs}, {"clients", clients});
