/* SPDX-License-Identifier: Apache-2.0 */
/* The part of lint that reads the IAM policy. */
#include "lint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bf/cli.h"
#include "policy.h"

/* The part of "arn:PARTITION:..." between the first two colons into out. */
static void partition_of(char out[32], const char *arn)
{
    size_t n = 0;

    out[0] = '\0';
    if (strncmp(arn, "arn:", 4) == 0) {
        n = strcspn(arn + 4, ":");
        if (n < 32) {
            bf_copy(out, arn + 4, n);
            out[n] = '\0';
        }
    }
}

static void lint_version(struct gen_findings *f, const struct bf_json *policy)
{
    const char *version = bf_json_get_text(policy, "Version");

    if (version != NULL && strcmp(version, "2008-10-17") == 0) {
        gen_find(f, GEN_L_POLICY_OLD, "policy.Version", "2008-10-17");
    } else if (version == NULL || strcmp(version, "2012-10-17") != 0) {
        gen_find(f, GEN_L_POLICY_VERSION, "policy.Version", "\"%.100s\"",
                 version != NULL ? version : "");
    }
}

/* Often a name that was misspelled. */
static void tell_surplus(struct gen_findings *f, const char *where, const char *action)
{
    const char *names[16], *nearest;
    size_t i;

    for (i = 0; i < gen_num_actions && i < 16; i++) {
        names[i] = gen_actions[i].name;
    }
    nearest = bf_nearest(action, names, i);
    gen_find(f, GEN_L_POLICY_SURPLUS, where, "\"%.120s\"%s%s", action,
             nearest != NULL ? ", the nearest that one needs is " : "",
             nearest != NULL ? nearest : "");
}

static void lint_action(struct gen_findings *f, const char *where, const char *action,
                        bool on_bucket_only)
{
    const struct gen_action *known = gen_action_find(action);

    if (known != NULL) {
        gen_find(f, GEN_L_POLICY_ACTION, where, "%s: %s", known->name, known->reason);
        if (known->scope == GEN_ON_OBJECTS && on_bucket_only) {
            gen_find(f, GEN_L_POLICY_RGW, where, "%s on the bucket's ARN", known->name);
        }
    } else if (gen_action_is_dangerous(action)) {
        gen_find(f, GEN_L_POLICY_WIDE, where, "\"%.120s\"", action);
    } else {
        tell_surplus(f, where, action);
    }
}

/* True when no Resource of the statement has a slash, that is when it names buckets
 * alone. */
static bool buckets_only(const struct bf_json *statement)
{
    const struct bf_json *resources = bf_json_get(statement, "Resource");
    const char *one;
    size_t i;

    for (i = 0; (one = gen_policy_item(resources, i)) != NULL; i++) {
        if (strchr(one, '/') != NULL || strcmp(one, "*") == 0) {
            return false;
        }
    }
    return i > 0;
}

static void lint_lines(struct gen_findings *f, const struct gen_change *c,
                       const struct bf_json *s, size_t at)
{
    const char *region =
        c->plan.bucket.region[0] != '\0' ? c->plan.bucket.region : c->plan.s3.region;
    const char *effect = bf_json_get_text(s, "Effect");
    char where[64], partition[32];
    const char *one;
    size_t i;

    snprintf(where, sizeof(where), "policy.Statement[%zu]", at);
    if (effect != NULL && strcmp(effect, "Deny") == 0) {
        gen_find(f, GEN_L_POLICY_DENY, where, "Deny");
        return;
    }
    for (i = 0; (one = gen_policy_item(bf_json_get(s, "Action"), i)) != NULL; i++) {
        lint_action(f, where, one, buckets_only(s));
    }
    for (i = 0; (one = gen_policy_item(bf_json_get(s, "Resource"), i)) != NULL; i++) {
        partition_of(partition, one);
        /* the region of a server of one's own says nothing about partitions */
        if (gen_is_aws(c->plan.s3.endpoint) && region[0] != '\0' &&
            strcmp(partition, gen_partition(region)) != 0) {
            gen_find(f, GEN_L_POLICY_PARTITION, where,
                     "\"%.150s\", region %.64s is in partition %s", one, region,
                     gen_partition(region));
        }
    }
}

/* Without a register request the base path is not known here; then the policy is judged
 * by an object of the place that it names itself. */
static void own_object(char *out, size_t size, const struct bf_json *policy)
{
    const struct bf_json *s, *r;
    size_t i, k;

    for (i = 0; (s = gen_policy_statement(policy, i)) != NULL; i++) {
        for (k = 0; (r = bf_json_get(s, "Resource")) != NULL; k++) {
            const char *arn = gen_policy_item(r, k);

            if (arn == NULL) {
                break;
            }
            if (strchr(arn, '/') != NULL) {
                snprintf(out, size, "%.*sindex-0", (int)strcspn(arn, "*?"), arn);
                return;
            }
        }
    }
}

/* What the repository needs, asked of the whole policy for the bucket and for an object
 * below the base path. */
static void lint_needed(struct gen_findings *f, const struct gen_change *c,
                        const char *prefix)
{
    const char *base = gen_change_setting(c, "base_path");
    char partition[32], bucket[200], object[800];
    const char *first =
        gen_policy_item(bf_json_get(gen_policy_statement(c->policy, 0), "Resource"), 0);
    size_t i;

    if (first == NULL) {
        return; /* POLICY_FORM says so */
    }
    partition_of(partition, first);
    snprintf(bucket, sizeof(bucket), "arn:%s:s3:::%.100s", partition,
             c->plan.bucket.name);
    snprintf(object, sizeof(object), "%s/%.500s%sindex-0", bucket,
             base != NULL ? base : "", base != NULL && base[0] != '\0' ? "/" : "");
    if (c->repository == NULL) {
        own_object(object, sizeof(object), c->policy);
    }
    for (i = 0; i < gen_num_actions; i++) {
        const struct gen_action *a = &gen_actions[i];
        const char *resource = a->scope == GEN_ON_BUCKET ? bucket : object;

        if (!gen_policy_allows(c->policy, a->name, resource, prefix)) {
            gen_find(f, a->vital ? GEN_L_POLICY_VITAL : GEN_L_POLICY_USEFUL, "policy",
                     "%s on %s: %s", a->name, resource, a->reason);
        }
    }
    snprintf(object, sizeof(object), "%s/snapseal.other/object", bucket);
    if (base != NULL && base[0] != '\0' &&
        gen_policy_allows(c->policy, "s3:PutObject", object, prefix)) {
        gen_find(f, GEN_L_POLICY_BROADER, "policy",
                 "base_path is \"%.200s\", the policy allows all of the bucket", base);
    }
}

void gen_lint_policy(struct gen_findings *f, const struct gen_lint_input *in)
{
    const struct gen_change *c = in->change;
    const char *base = gen_change_setting(c, "base_path");
    const struct bf_json *s;
    char prefix[600];
    size_t i;

    if (c->policy == NULL) {
        return;
    }
    /* the servers list their index files by this prefix */
    snprintf(prefix, sizeof(prefix), "%.500s%sindex-", base != NULL ? base : "",
             base != NULL && base[0] != '\0' ? "/" : "");
    lint_version(f, c->policy);
    for (i = 0; (s = gen_policy_statement(c->policy, i)) != NULL; i++) {
        lint_lines(f, c, s, i);
        gen_lint_statement(f, c, s, i, c->repository != NULL ? prefix : NULL);
    }
    if (i > 0) {
        lint_needed(f, c, c->repository != NULL ? prefix : NULL);
        gen_find(f, GEN_L_POLICY_LENGTH, "policy", "%zu characters", c->policy_text.len);
    }
}
