/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <string.h>
#include <strings.h>

#include "bf/text.h"

const struct gen_action gen_actions[] = {
    {"s3:GetBucketLocation", GEN_ON_BUCKET, false,
     "asks in which region the bucket lies"},
    {"s3:ListBucket", GEN_ON_BUCKET, true,
     "finds the repository's index and lists what is to be deleted"},
    {"s3:ListBucketMultipartUploads", GEN_ON_BUCKET, false,
     "finds uploads that were broken off, to clean them up"},
    {"s3:ListBucketVersions", GEN_ON_BUCKET, false, "lists a versioned bucket"},
    {"s3:AbortMultipartUpload", GEN_ON_OBJECTS, false,
     "gives up large uploads that failed, or they are paid for ever after"},
    {"s3:DeleteObject", GEN_ON_OBJECTS, true,
     "deletes old snapshots and the test object of Verify"},
    {"s3:GetObject", GEN_ON_OBJECTS, true, "restores, and reads the repository's index"},
    {"s3:ListMultipartUploadParts", GEN_ON_OBJECTS, false, "goes on with large uploads"},
    {"s3:PutObject", GEN_ON_OBJECTS, true, "writes snapshots"},
};
const size_t gen_num_actions = sizeof(gen_actions) / sizeof(gen_actions[0]);

const struct gen_action *gen_action_find(const char *name)
{
    size_t i;

    for (i = 0; i < gen_num_actions; i++) {
        if (strcasecmp(gen_actions[i].name, name) == 0) {
            return &gen_actions[i];
        }
    }
    return NULL;
}

bool gen_action_is_dangerous(const char *pattern)
{
    static const char *const dangerous[] = {
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:PutBucketAcl",
        "s3:PutObjectAcl",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:DeleteObjectVersion",
        "s3:BypassGovernanceRetention",
        "s3:PutBucketObjectLockConfiguration",
        "iam:PutUserPolicy",
    };
    size_t i;

    for (i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++) {
        if (bf_wildcard(pattern, dangerous[i], true)) {
            return true;
        }
    }
    return false;
}

const char *gen_partition(const char *region)
{
    static const struct {
        const char *prefix, *partition;
    } table[] = {
        {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"eusc-", "aws-eusc"},
        {"us-iso-", "aws-iso"},    {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"},
        {"us-isof-", "aws-iso-f"},
    };
    size_t i;

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strncmp(region, table[i].prefix, strlen(table[i].prefix)) == 0) {
            return table[i].partition;
        }
    }
    return "aws";
}

bool gen_is_aws(const char *url)
{
    static const char *const ends[] = {
        ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu",   ".c2s.ic.gov",
        ".sc2s.sgov.gov", ".cloud.adc-e.uk",   ".csp.hci.ic.gov",
    };
    const char *host = strstr(url, "://");
    size_t len, n, i;

    if (url[0] == '\0') {
        return true;
    }
    host = host != NULL ? host + 3 : url;
    len = strcspn(host, ":/");
    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        n = strlen(ends[i]);
        if (len > n && strncmp(host + len - n, ends[i], n) == 0) {
            return true;
        }
    }
    return false;
}

static void put_actions(struct bf_buf *out, const char *const *names, size_t num)
{
    size_t i;

    bf_put_text(out, "{\"Action\":[");
    for (i = 0; i < num; i++) {
        bf_put_fmt(out, "%s\"%s\"", i > 0 ? "," : "", names[i]);
    }
    bf_put_text(out, "],");
}

/*
 * With a base path, listing is held to its prefix. s3:prefix exists for ListBucket and
 * ListBucketVersions alone: under the condition the other two would never be granted, so
 * they stand apart.
 */
static void put_bucket(struct bf_buf *out, const char *partition, const char *bucket,
                       const char *base_path, bool compat_rgw)
{
    static const char *const plain[] = {"s3:GetBucketLocation",
                                        "s3:ListBucketMultipartUploads"};
    static const char *const listing[] = {"s3:ListBucket", "s3:ListBucketVersions"};
    static const char *const all[] = {"s3:GetBucketLocation", "s3:ListBucket",
                                      "s3:ListBucketMultipartUploads",
                                      "s3:ListBucketVersions"};
    static const char *const erase[] = {"s3:DeleteObject"};

    if (base_path[0] == '\0') {
        put_actions(out, all, 4);
    } else {
        put_actions(out, plain, 2);
        bf_put_fmt(
            out,
            "\"Effect\":\"Allow\",\"Resource\":[\"arn:%s:s3:::%s\"],\"Sid\":\"Bucket\"},",
            partition, bucket);
        put_actions(out, listing, 2);
        bf_put_fmt(out, "\"Condition\":{\"StringLike\":{\"s3:prefix\":[\"%s/*\"]}},",
                   base_path);
    }
    bf_put_fmt(out,
               "\"Effect\":\"Allow\",\"Resource\":[\"arn:%s:s3:::%s\"],\"Sid\":\"%s\"},",
               partition, bucket, base_path[0] == '\0' ? "Bucket" : "List");
    if (compat_rgw) {
        put_actions(out, erase, 1);
        bf_put_fmt(out,
                   "\"Effect\":\"Allow\",\"Resource\":[\"arn:%s:s3:::%s\"],\"Sid\":"
                   "\"MultiDelete\"},",
                   partition, bucket);
    }
}

void gen_policy_make(struct bf_buf *out, enum gen_policy_form form, const char *partition,
                     const char *bucket, const char *base_path, bool compat_rgw)
{
    static const char *const objects[] = {"s3:AbortMultipartUpload", "s3:DeleteObject",
                                          "s3:GetObject", "s3:ListMultipartUploadParts",
                                          "s3:PutObject"};
    static const char *const wide[] = {"s3:*"};

    bf_put_text(out, "{\"Statement\":[");
    if (form == GEN_POLICY_WIDE) {
        put_actions(out, wide, 1);
        bf_put_fmt(out,
                   "\"Effect\":\"Allow\",\"Resource\":[\"arn:%s:s3:::%s\",\"arn:%s:s3:::%"
                   "s/*\"]}",
                   partition, bucket, partition, bucket);
    } else {
        put_bucket(out, partition, bucket, base_path, compat_rgw);
        put_actions(out, objects, 5);
        bf_put_fmt(out,
                   "\"Effect\":\"Allow\",\"Resource\":[\"arn:%s:s3:::%s/"
                   "%s%s*\"],\"Sid\":\"Objects\"}",
                   partition, bucket, base_path, base_path[0] != '\0' ? "/" : "");
    }
    bf_put_text(out, "],\"Version\":\"2012-10-17\"}");
}

const char *gen_policy_item(const struct bf_json *node, size_t i)
{
    const struct bf_json *c;

    if (node == NULL) {
        return NULL;
    }
    if (node->kind == BF_STRING) {
        return i == 0 ? node->text : NULL;
    }
    if (node->kind != BF_ARRAY) {
        return NULL;
    }
    for (c = node->first; c != NULL && i > 0; c = c->next) {
        i--;
    }
    return c != NULL && c->kind == BF_STRING ? c->text : NULL;
}

const struct bf_json *gen_policy_statement(const struct bf_json *policy, size_t i)
{
    const struct bf_json *list = bf_json_get(policy, "Statement");
    const struct bf_json *c;

    if (list == NULL) {
        return NULL;
    }
    if (list->kind == BF_OBJECT) {
        return i == 0 ? list : NULL;
    }
    if (list->kind != BF_ARRAY) {
        return NULL;
    }
    for (c = list->first; c != NULL && i > 0; c = c->next) {
        i--;
    }
    return c != NULL && c->kind == BF_OBJECT ? c : NULL;
}

static bool any_matches(const struct bf_json *patterns, const char *text, bool fold)
{
    const char *one;
    size_t i;

    for (i = 0; (one = gen_policy_item(patterns, i)) != NULL; i++) {
        if (bf_wildcard(one, text, fold)) {
            return true;
        }
    }
    return false;
}

bool gen_policy_allows(const struct bf_json *policy, const char *action,
                       const char *resource, const char *prefix)
{
    const struct bf_json *s;
    bool allowed = false;
    size_t i;

    for (i = 0; (s = gen_policy_statement(policy, i)) != NULL; i++) {
        const char *effect = bf_json_get_text(s, "Effect");

        if (effect == NULL || !any_matches(bf_json_get(s, "Action"), action, true) ||
            !any_matches(bf_json_get(s, "Resource"), resource, false)) {
            continue;
        }
        if (strcmp(effect, "Allow") == 0) {
            allowed = allowed || gen_condition_may_hold(s, action, prefix);
        } else if (bf_json_get(s, "Condition") == NULL) {
            return false;
        }
    }
    return allowed;
}
