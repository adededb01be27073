/* SPDX-License-Identifier: Apache-2.0 */
/* IAM policies for one repository: making one, and asking one what it allows. */
#ifndef GEN_POLICY_H
#define GEN_POLICY_H

#include "bf/json.h"

/* Where an action is checked: against the bucket's ARN or against an object's. */
enum gen_scope { GEN_ON_BUCKET = 1, GEN_ON_OBJECTS };

/* An action that a repository needs, and why (Elasticsearch's page on the s3 repository;
 * the same nine on OpenSearch's). */
struct gen_action {
    const char *name;
    enum gen_scope scope;
    bool vital; /* without it register or a snapshot fails; else cleaning up or old
                   versions suffer */
    const char *reason;
};
extern const struct gen_action gen_actions[];
extern const size_t gen_num_actions;

/* Why an action is asked for; NULL when no repository needs it. Names are compared
 * without regard to case, as IAM does. */
const struct gen_action *gen_action_find(const char *name);
/* True for actions that let the holder destroy the bucket or change who may use it. */
bool gen_action_is_dangerous(const char *pattern);

/* "aws", "aws-cn", ... of a region ("" and unknown ones: "aws"). Source: botocore
 * partitions.json. */
const char *gen_partition(const char *region);

/* Of AWS, in whichever partition, by the end of its host's name; "" is AWS. */
bool gen_is_aws(const char *url);

enum gen_policy_form { GEN_POLICY_MINIMAL = 1, GEN_POLICY_WIDE };

/*
 * Appends the canonical policy (no blanks, keys ascending). base_path "" is the whole
 * bucket. compat_rgw adds s3:DeleteObject on the bucket's ARN, against which Ceph RGW 16
 * checks a multi-delete.
 */
void gen_policy_make(struct bf_buf *out, enum gen_policy_form form, const char *partition,
                     const char *bucket, const char *base_path, bool compat_rgw);

/*
 * Whether some Allow statement covers (action, resource) and no unconditional Deny takes
 * it away again. prefix: what a listing asks for, which conditions on s3:prefix are held
 * against; other conditions count as met.
 */
bool gen_policy_allows(const struct bf_json *policy, const char *action,
                       const char *resource, const char *prefix);

/* ---- policy_condition.c ---- */

/* "StringLike", "ForAllValues:StringEqualsIfExists", ... */
bool gen_operator_is_known(const char *name);
/* True where * and ? in a value are wildcards. */
bool gen_operator_has_wildcards(const char *name);
/* Keys that only listings have: s3:prefix, s3:delimiter, s3:max-keys. */
bool gen_key_is_listing(const char *key);
/* False when the statement's Condition can never hold for the action (a listing: of
 * prefix). */
bool gen_condition_may_hold(const struct bf_json *statement, const char *action,
                            const char *prefix);

/* Steps through a string or a list of strings: the i-th, or NULL. */
const char *gen_policy_item(const struct bf_json *node, size_t i);
/* The i-th statement (Statement may be one object), or NULL. */
const struct bf_json *gen_policy_statement(const struct bf_json *policy, size_t i);

#endif
