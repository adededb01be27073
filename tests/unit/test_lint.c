/* SPDX-License-Identifier: Apache-2.0 */
/* Lint: one clean change, and each finding provoked by one edit of it. Policies that new
 * makes lint clean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "harness.h"
#include "lint.h"
#include "settings.h"

static struct fx *world;

static const char clean[] =
    "{\"type\":\"snapseal/change/1\",\"validity_hours\":168,\"target\":\"prod-eu-1\","
    "\"change\":{\"ticket\":\"CHG-1\",\"reason\":\"why not\",\"class\":\"normal\"},"
    "\"plan\":{\"do\":\"register\",\"analyze\":false,\"repository\":\"s3-secondary\","
    "\"bucket\":{\"mode\":\"none\",\"name\":\"acme-snap\",\"ownership\":false,\"public_"
    "block\":false,"
    "\"region\":\"eu-west-1\",\"versioning\":false},"
    "\"iam\":{\"arn\":\"arn:aws:iam::123456789012:user/"
    "es\",\"mode\":\"apply\",\"policy\":\"pol\",\"user\":\"es\"},"
    "\"precondition\":\"absent\",\"preflight\":\"required\","
    "\"restart\":{\"group\":\"__all__\",\"mode\":\"never\",\"skip_snapshot\":false},"
    "\"retire\":\"\",\"s3\":{\"endpoint\":\"" FX_S3
    "\",\"path_style\":true,\"region\":\"eu-west-1\"}},"
    "\"secrets\":[{\"name\":\"s3.client.c1.access_key\",\"disclose\":true,\"versus\":"
    "\"default\"},"
    "{\"name\":\"s3.client.c1.secret_key\",\"disclose\":false,\"versus\":\"default\"}],"
    "\"policy\":{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Effect\":\"Allow\",\"Action\":[\"s3:ListBucket\",\"s3:GetBucketLocation\",\"s3:"
    "ListBucketMultipartUploads\","
    "\"s3:ListBucketVersions\"],\"Resource\":\"arn:aws:s3:::acme-snap\"},"
    "{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\",\"s3:"
    "DeleteObject\",\"s3:AbortMultipartUpload\","
    "\"s3:ListMultipartUploadParts\"],\"Resource\":\"arn:aws:s3:::acme-snap/prod/*\"}]},"
    "\"repository\":{\"type\":\"s3\",\"settings\":{\"client\":\"c1\",\"bucket\":\"acme-"
    "snap\",\"base_path\":\"prod\","
    "\"disable_chunked_encoding\":true,\"path_style_access\":true}}}";

static void edited(struct bf_buf *out, const char *from, const char *to)
{
    const char *at = strstr(clean, from);

    *out = bf_buf(GEN_MAX_CHANGE);
    if (at == NULL) {
        T_TEXT(from, "(in the clean change)");
        return;
    }
    bf_put(out, clean, (size_t)(at - clean));
    bf_put_text(out, to);
    bf_put_text(out, at + strlen(from));
}

static void lint(struct gen_findings *found, const char *from, const char *to,
                 bool with_trust)
{
    struct gen_change c;
    struct bf_diag diag = {0};
    struct gen_lint_input in = {&c, with_trust ? &world->trust : NULL, FX_NOW};
    struct bf_buf text;

    edited(&text, from, to);
    memset(found, 0, sizeof(*found));
    T_OK(gen_change_read(&c, bf_buf_bytes(&text), &diag), &diag);
    T_OK(gen_lint(found, &in, &diag), &diag);
    gen_change_clear(&c);
    bf_buf_clear(&text);
}

static bool has(const struct gen_findings *f, const char *id, const char *where)
{
    size_t i;

    for (i = 0; i < f->num; i++) {
        if (strcmp(f->items[i].id, id) == 0 &&
            (where == NULL || strcmp(f->items[i].where, where) == 0)) {
            return true;
        }
    }
    return false;
}

static void begin(void)
{
    if (world == NULL) {
        world = calloc(1, sizeof(*world));
        fx_init(world);
    }
}

static void is_clean(void)
{
    struct gen_findings f;
    size_t i;

    begin();
    lint(&f, "why not", "why not", true);
    T_INT(gen_findings_count(&f, GEN_ERROR), 0);
    T_INT(gen_findings_count(&f, GEN_WARN), 0);
    for (i = 0; i < f.num && f.items[i].severity != GEN_INFO; i++) {
        T_TEXT(f.items[i].id, f.items[i].text);
    }
    /* one reason an action */
    T_TRUE(has(&f, "policy-action", "policy.Statement[0]"));
    T_TRUE(has(&f, "policy-length", "policy"));
    T_INT(gen_findings_count(&f, GEN_INFO) >= 9, 1);
    gen_findings_clear(&f);
    gen_findings_clear(&f);
}

static const struct {
    const char *from, *to, *id, *where;
} faults[] = {
    {"\"class\":\"normal\"", "\"class\":\"odd\"", "value", "change.class"},
    {"\"ticket\":\"CHG-1\"", "\"ticket\":\"\"", "value", "change.ticket"},
    {"\"ticket\":\"CHG-1\"", "\"ticket\":\" x\"", "value", "change.ticket"},
    {"\"target\":\"prod-eu-1\"", "\"target\":\"Prod\"", "value", "target"},
    {"\"target\":\"prod-eu-1\"", "\"target\":\"other\"", "target-unknown", "target"},
    {"\"name\":\"acme-snap\"", "\"name\":\"Acme\"", "bucket-name", "plan.bucket.name"},
    {"\"name\":\"acme-snap\"", "\"name\":\"10.0.0.1\"", "bucket-name",
     "plan.bucket.name"},
    {"\"name\":\"acme-snap\"", "\"name\":\"xn--snap\"", "bucket-name",
     "plan.bucket.name"},
    {"\"name\":\"acme-snap\"", "\"name\":\"acme-an\"", "bucket-account-regional",
     "plan.bucket.name"},
    {"\"name\":\"acme-snap\"", "\"name\":\"other\"", "refusal", NULL},
    {"\"repository\":\"s3-secondary\"", "\"repository\":\"S3 Secondary\"",
     "repository-name", "plan.repository"},
    {"\"repository\":\"s3-secondary\"", "\"repository\":\"_x\"", "repository-name",
     "plan.repository"},
    {"\"do\":\"register\"", "\"do\":\"destroy\"", "value", "plan.do"},
    {"\"do\":\"register\"", "\"do\":\"remove\"", "repository-needed", "repository"},
    {"\"do\":\"register\"", "\"do\":\"rotate\"", "precondition-absent",
     "plan.precondition"},
    {"\"do\":\"register\"", "\"do\":\"rotate\"", "retire-none", "plan.retire"},
    {"\"mode\":\"none\"", "\"mode\":\"check\"", "bucket-key", "plan.bucket.mode"},
    {"\"mode\":\"none\"", "\"mode\":\"create\"", "bucket-open",
     "plan.bucket.public_block"},
    {"\"mode\":\"none\",\"name\":\"acme-snap\",\"ownership\":false,\"public_block\":"
     "false",
     "\"mode\":\"check\",\"name\":\"acme-snap\",\"ownership\":false,\"public_block\":"
     "true",
     "bucket-block", "plan.bucket.public_block"},
    {"\"mode\":\"none\",\"name\":\"acme-snap\",\"ownership\":false",
     "\"mode\":\"check\",\"name\":\"acme-snap\",\"ownership\":true", "bucket-ownership",
     "plan.bucket.ownership"},
    {"\"mode\":\"never\"", "\"mode\":\"always\"", "refusal", NULL},
    {"\"class\":\"normal\"", "\"class\":\"emergency\"", "refusal", NULL},
    {"\"precondition\":\"absent\"", "\"precondition\":\"any\"", "precondition-any",
     "plan.precondition"},
    {"\"precondition\":\"absent\"", "\"precondition\":\"abc\"", "value",
     "plan.precondition"},
    {"\"preflight\":\"required\"", "\"preflight\":\"none\"", "preflight-none",
     "plan.preflight"},
    {"\"mode\":\"apply\"", "\"mode\":\"manual\"", "iam-manual", "plan.iam.mode"},
    {"\"mode\":\"apply\"", "\"mode\":\"none\"", "iam-names", "plan.iam"},
    {"\"mode\":\"apply\"", "\"mode\":\"none\"", "policy-needed", "policy"},
    {"\"user\":\"es\"", "\"user\":\"\"", "iam-names", "plan.iam"},
    {"\"user\":\"es\"", "\"user\":\"other\"", "iam-user", "plan.iam.arn"},
    {"arn:aws:iam::123456789012:user/es", "arn:aws:s3:::x", "value", "plan.iam.arn"},
    {"\"analyze\":false", "\"analyze\":true", "target-analyze", "plan.analyze"},
    {"\"retire\":\"\"", "\"retire\":\"short\"", "value", "plan.retire"},
    {"\"validity_hours\":168", "\"validity_hours\":721", "validity", "validity_hours"},
    {"\"validity_hours\":168", "\"validity_hours\":337", "validity-long",
     "validity_hours"},
    {FX_S3, "https://s3.elsewhere.example", "target-s3", "plan.s3.endpoint"},
    {FX_S3, "", "target-s3", "plan.s3.endpoint"},
    {FX_S3, "http://s3.example.corp", "value", "plan.s3.endpoint"},
    {"\"path_style\":true", "\"path_style\":false", "path-style", "plan.s3.path_style"},
    {"\"path_style\":true,\"region\":\"eu-west-1\"",
     "\"path_style\":true,\"region\":\"\"", "region-missing", "plan.s3.region"},
    {"\"disable_chunked_encoding\":true,", "", "chunked-encoding",
     "repository.settings.disable_chunked_encoding"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"/prod\"", "base-path",
     "repository.settings.base_path"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod/\"", "base-path",
     "repository.settings.base_path"},
    {"\"base_path\":\"prod\",", "", "base-path-empty", "repository.settings.base_path"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"test\"", "policy-missing", "policy"},
    {"acme-snap/prod/*", "acme-snap/*", "policy-broader", "policy"},
    {"\"client\":\"c1\"", "\"client\":\"default\"", "client-default",
     "repository.settings.client"},
    {"\"client\":\"c1\",", "", "client-default", "repository.settings.client"},
    {"\"client\":\"c1\"", "\"client\":\"C1\"", "client-name",
     "repository.settings.client"},
    {"\"client\":\"c1\"", "\"client\":\"c2\"", "refusal", NULL},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"bse_path\":\"x\"",
     "setting-unknown", "repository.settings.bse_path"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"access_key\":\"x\"",
     "setting-secret", "repository.settings.access_key"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"max_multipart_parts\":5",
     "setting-product", "repository.settings.max_multipart_parts"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"chunk_size\":\"4mb\"",
     "setting-value", "repository.settings.chunk_size"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"compress\":\"yes\"",
     "setting-value", "repository.settings.compress"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"storage_class\":\"glacier\"",
     "setting-value", "repository.settings.storage_class"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"canned_acl\":\"private\"",
     "setting-acl", "repository.settings.canned_acl"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"canned_acl\":\"public-read\"",
     "setting-public", "repository.settings.canned_acl"},
    {"\"base_path\":\"prod\"", "\"base_path\":\"prod\",\"server_side_encryption\":true",
     "setting-deprecated", "repository.settings.server_side_encryption"},
    {"\"base_path\":\"prod\"",
     "\"base_path\":\"prod\",\"chunk_size\":\"10mb\",\"buffer_size\":\"20mb\"",
     "setting-sizes", "repository.settings.chunk_size"},
    {"\"base_path\":\"prod\"",
     "\"base_path\":\"prod\",\"s3_async_client_type\":\"netty\"", "setting-note",
     "repository.settings.s3_async_client_type"},
    {"\"path_style_access\":true", "\"path_style_access\":true,\"region\":\"eu-north-1\"",
     "refusal", NULL},
    {"\"disable_chunked_encoding\":true", "\"disable_chunked_encoding\":true",
     "setting-client", "repository.settings.disable_chunked_encoding"},
    {"s3.client.c1.access_key", "s3.client.c1.session_token", "secret-name",
     "secrets[0]"},
    {"s3.client.c1.access_key", "s3.client.c0.access_key", "secret-pair", "secrets[0]"},
    {"s3.client.c1.access_key", "s3.client.c1.secret_key", "secret-twice", "secrets[0]"},
    {"\"disclose\":true", "\"disclose\":false", "secret-disclose", "secrets[0]"},
    {"\"disclose\":false", "\"disclose\":true", "secret-disclose", "secrets[1]"},
    {"\"versus\":\"default\"", "\"versus\":\"old\"", "secret-versus", "secrets[0]"},
    {"2012-10-17", "policy-language-YYYY-MM-dd", "policy-version", "policy.Version"},
    {"2012-10-17", "2008-10-17", "policy-old", "policy.Version"},
    {"\"s3:PutObject\",", "", "policy-missing", "policy"},
    {"\"s3:AbortMultipartUpload\",", "", "policy-incomplete", "policy"},
    {"\"s3:PutObject\"", "\"s3:PutObject\",\"s3:DeleteBucket\"", "policy-wide",
     "policy.Statement[1]"},
    {"\"s3:PutObject\"", "\"s3:*\"", "policy-wide", "policy.Statement[1]"},
    {"\"s3:PutObject\"", "\"s3:PutObject\",\"s3:GetObjectTagging\"", "policy-surplus",
     "policy.Statement[1]"},
    {"\"s3:ListBucket\"", "\"s3:ListBucket\",\"s3:DeleteObject\"", "policy-rgw",
     "policy.Statement[0]"},
    {"\"Resource\":\"arn:aws:s3:::acme-snap/prod/*\"",
     "\"Resource\":\"arn:aws:s3:::acme-snap\"", "policy-never", "policy.Statement[1]"},
    {"\"Resource\":\"arn:aws:s3:::acme-snap\"",
     "\"Resource\":\"arn:aws:s3:::acme-snap\",\"Condition\":{\"StringLike\":{\"s3:"
     "prefix\":\"prod/*\"}}",
     "policy-never", "policy.Statement[0]"},
    {"\"Resource\":\"arn:aws:s3:::acme-snap\"",
     "\"Resource\":\"arn:aws:s3:::acme-snap\",\"Condition\":{\"StringEquals\":{\"s3:"
     "prefix\":\"prod/*\"}}",
     "policy-literal", "policy.Statement[0]"},
    {"\"Resource\":\"arn:aws:s3:::acme-snap\"",
     "\"Resource\":\"arn:aws:s3:::acme-snap\",\"Condition\":{\"StringMatch\":{\"s3:"
     "prefix\":\"prod/*\"}}",
     "policy-operator", "policy.Statement[0]"},
    {"\"Resource\":\"arn:aws:s3:::acme-snap\"",
     "\"Resource\":\"arn:aws:s3:::acme-snap\",\"Condition\":{\"Bool\":{\"aws:"
     "SecureTransport\":\"true\"}}",
     "policy-condition", "policy.Statement[0]"},
    {"{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"",
     "{\"Sid\":\"a-b\",\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"", "policy-sid",
     "policy.Statement[1].Sid"},
    {"\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"",
     "\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\"", "policy-deny",
     "policy.Statement[1]"},
    {"\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"",
     "\"Effect\":\"Deny\",\"Action\":[\"s3:GetObject\"", "policy-missing", "policy"},
    {"\"Resource\":\"arn:aws:s3:::acme-snap\"", "\"Resource\":\"arn:aws:s3:::other\"",
     "refusal", NULL},
    {"\"Effect\":\"Allow\"", "\"Effect\":\"Perhaps\"", "refusal", NULL},
};

static void each_fault(void)
{
    struct gen_findings f, before;
    size_t i;

    begin();
    lint(&before, "why not", "why not", true);
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        bool was = has(&before, faults[i].id, faults[i].where), is;

        lint(&f, faults[i].from, faults[i].to, true);
        is = has(&f, faults[i].id, faults[i].where);
        if (!is || (was && strcmp(faults[i].from, faults[i].to) != 0)) {
            T_TEXT(faults[i].to, faults[i].id);
        }
        T_TRUE(is);
        gen_findings_clear(&f);
    }
    gen_findings_clear(&before);
}

/* Each id of the catalogue is unique, and the table above or a test below provokes it. */
static void catalogue(void)
{
    int i, k;
    size_t n;

    for (i = 0; i < GEN_NUM_LINT; i++) {
        const char *id = gen_lint_name((enum gen_lint_id)i);
        bool provoked =
            strcmp(id, "policy-action") == 0 || strcmp(id, "policy-length") == 0 ||
            strcmp(id, "trust-none") == 0 || strcmp(id, "trust-expired") == 0 ||
            strcmp(id, "target-iam") == 0 || strcmp(id, "policy-partition") == 0 ||
            strcmp(id, "target-control") == 0 || strcmp(id, "restart-all") == 0 ||
            strcmp(id, "written-over") == 0 || strcmp(id, "secret-none") == 0 ||
            strcmp(id, "bucket-dots") == 0;

        for (k = 0; k < i; k++) {
            T_TRUE(strcmp(id, gen_lint_name((enum gen_lint_id)k)) != 0);
        }
        for (n = 0; n < sizeof(faults) / sizeof(faults[0]); n++) {
            provoked = provoked || strcmp(faults[n].id, id) == 0;
        }
        if (!provoked) {
            T_TEXT(id, "(provoked by a test)");
        }
        T_TRUE(gen_lint_reason((enum gen_lint_id)i)[0] != '\0');
    }
}

static void without_trust(void)
{
    struct gen_findings f;

    begin();
    lint(&f, "why not", "why not", false);
    T_TRUE(has(&f, "trust-none", "target"));
    T_TRUE(!has(&f, "target-unknown", NULL));
    gen_findings_clear(&f);
}

static void expired_trust(void)
{
    struct gen_change c;
    struct bf_diag diag = {0};
    struct gen_lint_input in = {&c, NULL, "2028-01-01T00:00:00Z"};
    struct gen_findings f;

    begin();
    in.trust = &world->trust;
    T_OK(gen_change_read(&c, bf_text(clean), &diag), &diag);
    T_OK(gen_lint(&f, &in, &diag), &diag);
    T_TRUE(has(&f, "trust-expired", "trust"));
    gen_findings_clear(&f);
    gen_change_clear(&c);
}

/* Changed in place, where an edit of the text would need several. */
static void more_faults(void)
{
    struct gen_change c;
    struct bf_diag diag = {0};
    struct gen_lint_input in = {&c, NULL, FX_NOW};
    struct gen_findings f;

    begin();
    in.trust = &world->trust;
    T_OK(gen_change_read(&c, bf_text(clean), &diag), &diag);
    c.secrets.num = 0;
    c.plan.s3.endpoint = "";
    c.plan.s3.path_style = false;
    c.plan.bucket.name = "acme.snap";
    c.plan.bucket.region = "cn-north-1";
    T_OK(gen_lint(&f, &in, &diag), &diag);
    T_TRUE(has(&f, "secret-none", "secrets"));
    T_TRUE(has(&f, "bucket-dots", "plan.bucket.name"));
    T_TRUE(has(&f, "policy-partition", "policy.Statement[0]"));
    gen_findings_clear(&f);
    gen_change_clear(&c);
}

static void no_iam_endpoint(void)
{
    static struct fx_trust_parts parts;
    struct gen_change c;
    struct bf_diag diag = {0};
    struct bf_trust trust = {0};
    struct gen_lint_input in = {&c, &trust, FX_NOW};
    struct gen_findings f;
    size_t i, kept = 0;

    begin();
    fx_trust_body(&parts, world);
    for (i = 0; i < parts.targets[0].endpoints.num; i++) {
        if (strcmp(parts.endpoints[0][i].purpose, "iam") != 0) {
            parts.endpoints[0][kept++] = parts.endpoints[0][i];
        }
    }
    parts.targets[0].endpoints.num = kept;
    trust.body = parts.body;
    T_OK(gen_change_read(&c, bf_text(clean), &diag), &diag);
    T_OK(gen_lint(&f, &in, &diag), &diag);
    T_TRUE(has(&f, "target-iam", "plan.iam.mode"));
    gen_findings_clear(&f);
    gen_change_clear(&c);
}

/* A deployment of Elastic Cloud: reached through its API, restarted by it, and what is
 * written over there never comes back. */
static void deployment(void)
{
    static struct fx_trust_parts parts;
    struct gen_change c;
    struct bf_diag diag = {0};
    struct bf_trust trust = {0};
    struct gen_lint_input in = {&c, &trust, FX_NOW};
    struct gen_findings f;

    begin();
    fx_trust_body(&parts, world);
    parts.targets[0].kind = "ech";
    trust.body = parts.body;
    T_OK(gen_change_read(&c, bf_text(clean), &diag), &diag);
    c.plan.restart.mode = "if-needed";
    c.plan.restart.group = "__all__";
    T_OK(gen_lint(&f, &in, &diag), &diag);
    T_TRUE(has(&f, "target-control", "target"));
    T_TRUE(has(&f, "restart-all", "plan.restart.group"));
    T_TRUE(!has(&f, "written-over", NULL) && !has(&f, "refusal", NULL));
    gen_findings_clear(&f);
    ((struct gen_change_secret *)c.secrets.items)[0].versus = "changed";
    c.plan.restart.group = "__zone__";
    parts.endpoints[0][0].purpose = "control";
    parts.endpoints[0][0].resource = "0123456789abcdef0123456789abcdef";
    T_OK(gen_lint(&f, &in, &diag), &diag);
    T_TRUE(!has(&f, "target-control", NULL) && !has(&f, "restart-all", NULL));
    T_TRUE(has(&f, "written-over", "secrets"));
    gen_findings_clear(&f);
    /* a node that nobody restarts */
    parts.targets[0].kind = "elasticsearch";
    T_OK(gen_lint(&f, &in, &diag), &diag);
    T_TRUE(has(&f, "refusal", NULL) && !has(&f, "written-over", NULL));
    gen_findings_clear(&f);
    gen_change_clear(&c);
}

/* Worst first, and in an order that does not depend on chance. */
static void order(void)
{
    struct gen_findings f;
    size_t i;

    begin();
    lint(&f, "\"preflight\":\"required\"", "\"preflight\":\"odd\"", true);
    T_TRUE(f.num > 2 && f.items[0].severity == GEN_ERROR);
    for (i = 1; i < f.num; i++) {
        T_TRUE(f.items[i - 1].severity >= f.items[i].severity);
    }
    gen_findings_clear(&f);
}

/* ---- settings ---- */

static void takes(const char *name, const char *json, bool want)
{
    const struct gen_setting *s = gen_setting_find(name);
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};

    T_OK(bf_json_parse(&doc, bf_text(json), BF_JSON_REVIEW, &diag), &diag);
    T_TRUE(s != NULL);
    if (s != NULL && doc.root != NULL && gen_setting_takes(s, doc.root) != want) {
        T_TEXT(json, want ? "(taken)" : "(not taken)");
    }
    bf_json_clear(&doc);
}

static void settings(void)
{
    size_t i;

    for (i = 1; i < gen_num_settings; i++) {
        T_TRUE(strcmp(gen_settings[i - 1].name, gen_settings[i].name) < 0);
    }
    takes("chunk_size", "\"5mb\"", true);
    takes("chunk_size", "\"5242879b\"", false);
    takes("chunk_size", "\"5tb\"", true);
    takes("chunk_size", "\"6tb\"", false);
    takes("chunk_size", "\"5\"", false);
    takes("chunk_size", "5", false);
    takes("chunk_size", "\"99999999999999999999mb\"", false);
    takes("max_snapshot_bytes_per_sec", "\"40MB\"", true);
    takes("max_snapshot_bytes_per_sec", "\"-1\"", true);
    takes("max_multipart_parts", "10000", true);
    takes("max_multipart_parts", "\"1\"", true);
    takes("max_multipart_parts", "10001", false);
    takes("max_multipart_parts", "0", false);
    takes("compress", "true", true);
    takes("compress", "\"false\"", true);
    takes("compress", "1", false);
    takes("get_register_retry_delay", "\"5s\"", true);
    takes("get_register_retry_delay", "\"5 s\"", false);
    takes("storage_class", "\"STANDARD_IA\"", true);
    takes("storage_class", "\"deep_archive\"", false);
    takes("bucket", "true", false);
    T_TEXT(gen_setting_nearest("base_pth", GEN_BOTH), "base_path");
    T_TRUE(gen_setting_nearest("zzzzzzzz", GEN_BOTH) == NULL);
    T_TRUE(gen_setting_find("nothing") == NULL);
    T_INT(gen_product_of("opensearch"), GEN_OPENSEARCH);
    T_INT(gen_product_of("ech"), GEN_ELASTIC);
    T_INT(gen_product_of(NULL), GEN_BOTH);
    if (world != NULL) {
        fx_clear(world);
        free(world);
        world = NULL;
    }
}

T_CASES("lint", {"is clean", is_clean}, {"each fault", each_fault},
        {"catalogue", catalogue}, {"without trust", without_trust},
        {"expired trust", expired_trust}, {"more faults", more_faults},
        {"a deployment", deployment}, {"no iam endpoint", no_iam_endpoint},
        {"order", order}, {"settings", settings});
