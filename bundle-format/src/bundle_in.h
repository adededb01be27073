/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the bundle module share. Not part of the library's interface. */
#ifndef BF_BUNDLE_IN_H
#define BF_BUNDLE_IN_H

#include "bf/bundle.h"

#define BF_BUNDLE_TYPE "snapseal/bundle/1"
#define BF_SECRETS_TYPE "snapseal/secrets/1"
#define BF_NAME_MANIFEST "manifest.json"
#define BF_NAME_POLICY "review/iam-policy.json"
#define BF_NAME_REPOSITORY "review/repository.json"
#define BF_NAME_SHEET "review/sheet.txt"
#define BF_NAME_SECRETS "secrets.age"

enum {
    BF_MAX_SECRETS = 32,
    BF_MAX_POLICY =
        2048, /* characters that IAM takes for all inline policies of a user */
    BF_SECRETS_BLOCK = 4096,      /* the plaintext of secrets.age is a multiple of it */
    BF_SECRETS_PLAIN = 64 * 1024, /* and at most so long */
    BF_SECRETS_ARENA =
        256 * 1024 /* more than any plaintext that follows its schema can need */
};

/* Records what a check came to, and returns err. */
enum bf_err bf_bundle_mark(struct bf_bundle *b, enum bf_check check, enum bf_err err);

/* True for one of the words. */
bool bf_is_one_of(const char *text, const char *const *words, size_t num);
/* root is an object whose "type" is the bundle's. MANIFEST_TYPE. */
BF_MUST enum bf_err bf_manifest_type(const struct bf_json *root, struct bf_diag *diag);
/* Schema and cross-field rules of a parsed manifest, after type and domain. MANIFEST_*.
 */
BF_MUST enum bf_err bf_manifest_decode(struct bf_manifest *out, struct bf_json_doc *doc,
                                       struct bf_diag *diag);
/* The rules of SPEC section 4.3 over decoded members (manifest_rules.c). MANIFEST_ORDER,
 * MANIFEST_RULE. */
BF_MUST enum bf_err bf_manifest_rules(const struct bf_manifest *m, struct bf_diag *diag);

/* The CLIENT of "s3.client.CLIENT.access_key"; empty when the name has another form. */
struct bf_bytes bf_secret_client(const char *name);
bool bf_secret_is_access_key(const char *name);

/* Plaintext of secrets.age, as SPEC section 5.2 has it. */
struct bf_secrets_entry {
    const char *name, *opening, *value;
};
struct bf_secrets_body {
    const char *author, *bundle_id, *cluster_uuid;
    struct bf_list entries; /* struct bf_secrets_entry */
    const char *pad;
    int64_t serial;
    const char *target, *type;
};
extern const struct bf_schema bf_secrets_schema;

/* What stands behind the bucket in arn:PARTITION:s3:::BUCKET or
 * arn:PARTITION:s3:::BUCKET/ANYTHING; NULL when it is another. */
const char *bf_arn_in_bucket(const char *arn, const char *bucket);

/* ---- library bf_seal ---- */

/*
 * Draws an opening for every secret with a value, fills refs (commitment, disclosed,
 * name, versus; texts from arena) in ascending order of name, and appends secrets.age to
 * out when there is a value at all. secrets is sorted by name.
 */
BF_MUST enum bf_err bf_secrets_seal(struct bf_buf *out, struct bf_manifest *m,
                                    struct bf_arena *arena, struct bf_new_secret *secrets,
                                    size_t num, const uint8_t recipient[BF_KEY],
                                    struct bf_diag *diag);

/* ---- the review sheet ---- */

/* Why a policy needs an action, from annex C; NULL when the annex does not list it. */
const char *bf_action_reason(const char *action);
/* What a setting of a repository does, from annex C; NULL when the annex does not list
 * it. */
const char *bf_setting_reason(const char *setting);
extern const size_t bf_num_actions, bf_num_settings; /* rows of the annex */

#endif
