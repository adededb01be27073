/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annex C of SPEC.md as data: why a snapshot repository needs an action, and what a
 * setting of a repository does. The words stand in the review sheet, which is compared
 * byte by byte, so they are frozen with the type snapseal/bundle/1.
 */
#include <stddef.h>
#include <string.h>

#include "bundle_in.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

struct reason {
    const char *name, *text;
};

static const struct reason actions[] = {
    /* what Elastic's page asks for */
    {"s3:AbortMultipartUpload", "clear up an upload in parts that was broken off"},
    {"s3:DeleteObject", "delete old snapshots and the probes of a verification"},
    {"s3:GetBucketLocation", "learn the region of the bucket"},
    {"s3:GetObject", "read snapshots, to restore and to list them"},
    {"s3:ListBucket", "find the snapshots that are there"},
    {"s3:ListBucketMultipartUploads", "find uploads in parts that were broken off"},
    {"s3:ListBucketVersions", "find versions of objects, where the bucket keeps them"},
    {"s3:ListMultipartUploadParts", "go on with an upload in parts"},
    {"s3:PutObject", "write snapshots"},
    /* harmless, some installations use them */
    {"kms:Decrypt", "read objects that are encrypted with a key of KMS"},
    {"kms:DescribeKey", "read what a key of KMS is"},
    {"kms:Encrypt", "write objects that are encrypted with a key of KMS"},
    {"kms:GenerateDataKey", "write objects that are encrypted with a key of KMS"},
    {"s3:GetBucketAcl", "not needed; reads who may use the bucket"},
    {"s3:GetBucketObjectLockConfiguration",
     "not needed; reads whether objects are locked"},
    {"s3:GetBucketOwnershipControls", "not needed; reads who owns new objects"},
    {"s3:GetBucketPolicy", "not needed; reads who may use the bucket"},
    {"s3:GetBucketPolicyStatus", "not needed; reads whether the bucket is public"},
    {"s3:GetBucketPublicAccessBlock",
     "not needed; reads whether public access is blocked"},
    {"s3:GetBucketTagging", "not needed; reads the tags of the bucket"},
    {"s3:GetBucketVersioning", "not needed; reads whether the bucket keeps versions"},
    {"s3:GetEncryptionConfiguration", "not needed; reads how the bucket encrypts"},
    {"s3:GetLifecycleConfiguration", "not needed; reads when the bucket drops objects"},
    {"s3:GetObjectAcl", "not needed; reads who may use an object"},
    {"s3:GetObjectAttributes", "not needed; reads sizes and checksums of objects"},
    {"s3:GetObjectTagging", "not needed; reads the tags of an object"},
    {"s3:GetObjectVersion", "not needed; reads older versions of objects"},
    {"s3:ListAllMyBuckets", "not needed; lists the names of all buckets"},
    /* more than a repository may have */
    {"s3:BypassGovernanceRetention", "NOT NEEDED: deletes objects in spite of a lock"},
    {"s3:CreateBucket", "NOT NEEDED: makes buckets"},
    {"s3:DeleteBucket", "NOT NEEDED: deletes the bucket"},
    {"s3:DeleteBucketPolicy", "NOT NEEDED: changes who may use the bucket"},
    {"s3:DeleteObjectTagging", "NOT NEEDED: changes the tags of objects"},
    {"s3:DeleteObjectVersion", "NOT NEEDED: deletes older versions for good"},
    {"s3:PutBucketAcl", "NOT NEEDED: changes who may use the bucket"},
    {"s3:PutBucketObjectLockConfiguration",
     "NOT NEEDED: changes whether objects are locked"},
    {"s3:PutBucketOwnershipControls", "NOT NEEDED: changes who owns new objects"},
    {"s3:PutBucketPolicy", "NOT NEEDED: changes who may use the bucket"},
    {"s3:PutBucketPublicAccessBlock", "NOT NEEDED: can make the bucket public"},
    {"s3:PutBucketVersioning", "NOT NEEDED: changes whether the bucket keeps versions"},
    {"s3:PutEncryptionConfiguration", "NOT NEEDED: changes how the bucket encrypts"},
    {"s3:PutLifecycleConfiguration", "NOT NEEDED: can make the bucket drop snapshots"},
    {"s3:PutObjectAcl", "NOT NEEDED: can make objects public"},
    {"s3:PutObjectLegalHold", "NOT NEEDED: changes whether objects are locked"},
    {"s3:PutObjectRetention", "NOT NEEDED: changes how long objects are locked"},
    {"s3:PutObjectTagging", "NOT NEEDED: changes the tags of objects"},
    {"s3:PutReplicationConfiguration",
     "NOT NEEDED: can copy snapshots to another bucket"},
    {"s3:RestoreObject", "NOT NEEDED: brings objects back from an archive"},
    {"iam:CreateAccessKey", "NOT NEEDED: makes further keys"},
    {"iam:DeleteAccessKey", "NOT NEEDED: deletes keys"},
    {"iam:GetUserPolicy", "NOT NEEDED: reads policies"},
    {"iam:PutUserPolicy", "NOT NEEDED: gives a user any right"},
    {"iam:PassRole", "NOT NEEDED: hands rights on"},
    {"sts:AssumeRole", "NOT NEEDED: takes on other rights"},
    /* wide */
    {"*", "EVERYTHING that any service can do"},
    {"iam:*", "EVERYTHING on IAM: users, keys and rights of others too"},
    {"s3:*", "EVERYTHING on S3: also opening the bucket to others and deleting it"},
    {"s3:Delete*", "EVERY deletion: the bucket and its protection too"},
    {"s3:Get*", "every reading action, more than a repository needs"},
    {"s3:List*", "every listing action, more than a repository needs"},
    {"s3:Put*", "EVERY writing action: opening the bucket to others too"},
};

static const struct reason settings[] = {
    {"base_path", "folder in the bucket; other clusters must not use it"},
    {"bucket", "where the snapshots lie"},
    {"buffer_size", "larger objects are uploaded in parts"},
    {"canned_acl", "who may read new objects; anything but private OPENS them"},
    {"chunk_size", "larger files are split"},
    {"client", "the name under which the keys lie in the keystore"},
    {"compress", "whether metadata is compressed"},
    {"delete_objects_max_size", "how many objects one deletion names"},
    {"disable_chunked_encoding", "for servers that do not take chunked uploads"},
    {"endpoint", "the S3 server"},
    {"expected_bucket_owner", "the account that must own the bucket"},
    {"max_concurrent_retries", "how often a request is tried again"},
    {"max_connections", "connections to S3 at a time"},
    {"max_multipart_parts", "parts of one upload at most"},
    {"max_restore_bytes_per_sec", "speed limit of restores"},
    {"max_retries", "how often a request is tried again"},
    {"max_snapshot_bytes_per_sec", "speed limit of snapshots"},
    {"path_style_access", "the bucket's name goes into the path, not the host name"},
    {"protocol", "https, or the data goes in clear"},
    {"proxy.host", "ALL DATA GOES THROUGH this host"},
    {"proxy.port", "port of the proxy"},
    {"proxy.scheme", "http or https to the proxy"},
    {"proxy.type", "kind of the proxy"},
    {"read_timeout", "how long an answer is waited for"},
    {"readonly", "true: this cluster reads snapshots and writes none"},
    {"region", "region that requests are signed for"},
    {"s3_async_client_type", "which client the server uses inside"},
    {"server_side_encryption", "whether S3 encrypts new objects (AES256)"},
    {"server_side_encryption_bucket_key_enabled",
     "whether the bucket's key of KMS is used"},
    {"server_side_encryption_kms_key_id", "the key of KMS for new objects"},
    {"server_side_encryption_type", "how S3 encrypts new objects"},
    {"storage_class", "class of new objects; archive classes do not work"},
    {"use_throttle_retries", "whether retries slow down"},
};

const size_t bf_num_actions = NUM(actions), bf_num_settings = NUM(settings);

static const char *find(const struct reason *table, size_t num, const char *name)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return table[i].text;
        }
    }
    return NULL;
}

const char *bf_action_reason(const char *action)
{
    return find(actions, NUM(actions), action);
}

const char *bf_setting_reason(const char *setting)
{
    return find(settings, NUM(settings), setting);
}
