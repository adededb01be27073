/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: Elasticsearch's S3 repository settings reference and S3Repository.java
 * (8.x, 9.x); OpenSearch's documentation of snapshot repositories and
 * plugins/repository-s3 (2.x, 3.x).
 */
#include "settings.h"

#include <string.h>
#include <strings.h>

#include "bf/cli.h"

#define KB ((int64_t)1024)
#define MB (KB * 1024)
#define GB (MB * 1024)
#define TB (GB * 1024)

#define ACL_NAMES                                                                        \
    "private|public-read|public-read-write|authenticated-read|aws-exec-read|bucket-"     \
    "owner-read|"                                                                        \
    "bucket-owner-full-control"
#define CLASS_NAMES                                                                      \
    "standard|reduced_redundancy|standard_ia|onezone_ia|intelligent_tiering"

/* Ascending by name. */
const struct gen_setting gen_settings[] = {
    {"access_key", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_NEVER,
     "it would lie in clear in the cluster state"},
    {"base_path", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_NONE, NULL},
    {"bucket", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_NONE, NULL},
    {"buffer_size", GEN_BOTH, GEN_V_BYTES, 5 * MB, 5 * GB, NULL, GEN_A_NONE, NULL},
    {"bulk_delete_size", GEN_OPENSEARCH, GEN_V_INT, 1, 1000, NULL, GEN_A_NONE, NULL},
    {"canned_acl", GEN_BOTH, GEN_V_ONE_OF, 0, 0, ACL_NAMES, GEN_A_NONE,
     "buckets made today refuse ACLs (BucketOwnerEnforced): leave it out"},
    {"chunk_size", GEN_BOTH, GEN_V_BYTES, 5 * MB, 5 * TB, NULL, GEN_A_NONE, NULL},
    {"client", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_NONE, NULL},
    {"compress", GEN_BOTH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE, NULL},
    {"cooldown_period", GEN_ELASTIC, GEN_V_TIME, 0, 0, NULL, GEN_A_DEPRECATED,
     "only for repositories older than 7.6"},
    {"delete_objects_max_size", GEN_ELASTIC, GEN_V_INT, 1, 1000, NULL, GEN_A_NONE, NULL},
    {"disable_chunked_encoding", GEN_BOTH, GEN_V_BOOL, 0, 0, NULL, GEN_A_CLIENT, NULL},
    {"endpoint", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_CLIENT, NULL},
    {"expected_bucket_owner", GEN_OPENSEARCH, GEN_V_TEXT, 0, 0, NULL, GEN_A_NONE, NULL},
    {"get_register_retry_delay", GEN_ELASTIC, GEN_V_TIME, 0, 0, NULL, GEN_A_NONE, NULL},
    {"legacy_md5_checksum_calculation", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL,
     GEN_A_CLIENT, NULL},
    {"max_connections", GEN_BOTH, GEN_V_INT, 1, 100000, NULL, GEN_A_CLIENT, NULL},
    {"max_copy_size_before_multipart", GEN_ELASTIC, GEN_V_BYTES, 5 * MB, 5 * GB, NULL,
     GEN_A_NONE, NULL},
    {"max_multipart_parts", GEN_ELASTIC, GEN_V_INT, 1, 10000, NULL, GEN_A_NONE, NULL},
    {"max_multipart_upload_cleanup_size", GEN_ELASTIC, GEN_V_INT, 0, 1000000, NULL,
     GEN_A_NONE, NULL},
    {"max_restore_bytes_per_sec", GEN_BOTH, GEN_V_BYTES, 0, 0, NULL, GEN_A_NONE, NULL},
    {"max_retries", GEN_BOTH, GEN_V_INT, 0, 1000, NULL, GEN_A_CLIENT, NULL},
    {"max_snapshot_bytes_per_sec", GEN_BOTH, GEN_V_BYTES, 0, 0, NULL, GEN_A_NONE, NULL},
    {"path_style_access", GEN_BOTH, GEN_V_BOOL, 0, 0, NULL, GEN_A_CLIENT, NULL},
    {"permit_backed_transfer_enabled", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE,
     NULL},
    {"prefix_mode_verification", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE,
     NULL},
    {"protocol", GEN_BOTH, GEN_V_ONE_OF, 0, 0, "https", GEN_A_CLIENT,
     "write the scheme into endpoint"},
    {"proxy.host", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_CLIENT, NULL},
    {"proxy.port", GEN_BOTH, GEN_V_INT, 0, 65536, NULL, GEN_A_CLIENT, NULL},
    {"read_timeout", GEN_BOTH, GEN_V_TIME, 0, 0, NULL, GEN_A_CLIENT, NULL},
    {"readonly", GEN_BOTH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE, NULL},
    {"redirect_large_s3_upload", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE,
     NULL},
    {"region", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_CLIENT, NULL},
    {"remote_store_index_shallow_copy", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL,
     GEN_A_NONE, NULL},
    {"s3_async_client_type", GEN_OPENSEARCH, GEN_V_ONE_OF, 0, 0, "crt|netty", GEN_A_NONE,
     "crt does not use Java's trust store: with a private CA take netty"},
    {"s3_upload_retry_enabled", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE, NULL},
    {"secret_key", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_NEVER,
     "it would lie in clear in the cluster state"},
    {"server_side_encryption", GEN_BOTH, GEN_V_BOOL, 0, 0, NULL, GEN_A_OLD,
     "OpenSearch reads it up to 3.0 only; since 3.1 it is server_side_encryption_type"},
    {"server_side_encryption_bucket_key_enabled", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL,
     GEN_A_NONE, NULL},
    {"server_side_encryption_encryption_context", GEN_OPENSEARCH, GEN_V_TEXT, 0, 0, NULL,
     GEN_A_NONE, NULL},
    {"server_side_encryption_kms_key_id", GEN_OPENSEARCH, GEN_V_TEXT, 0, 0, NULL,
     GEN_A_NONE,
     "the policy must then allow kms:GenerateDataKey and kms:Decrypt on that key"},
    {"server_side_encryption_type", GEN_OPENSEARCH, GEN_V_ONE_OF, 0, 0,
     "aes256|aws:kms|bucket_default", GEN_A_NONE, NULL},
    {"session_token", GEN_BOTH, GEN_V_TEXT, 0, 0, NULL, GEN_A_NEVER,
     "it would lie in clear in the cluster state"},
    {"shallow_snapshot_v2", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE, NULL},
    {"shard_path_type", GEN_OPENSEARCH, GEN_V_ONE_OF, 0, 0,
     "fixed|hashed_prefix|hashed_infix", GEN_A_NONE, NULL},
    {"storage_class", GEN_BOTH, GEN_V_ONE_OF, 0, 0, CLASS_NAMES, GEN_A_NONE,
     "archive classes (GLACIER, GLACIER_IR, DEEP_ARCHIVE) cannot hold a repository"},
    {"system_repository", GEN_OPENSEARCH, GEN_V_BOOL, 0, 0, NULL, GEN_A_NONE, NULL},
    {"throttled_delete_retry.delay_increment", GEN_ELASTIC, GEN_V_TIME, 0, 0, NULL,
     GEN_A_NONE, NULL},
    {"throttled_delete_retry.maximum_delay", GEN_ELASTIC, GEN_V_TIME, 0, 0, NULL,
     GEN_A_NONE, NULL},
    {"throttled_delete_retry.maximum_number_of_retries", GEN_ELASTIC, GEN_V_INT, 0, 1000,
     NULL, GEN_A_NONE, NULL},
    {"unsafely_incompatible_with_s3_conditional_writes", GEN_ELASTIC, GEN_V_BOOL, 0, 0,
     NULL, GEN_A_DEPRECATED,
     "never on AWS; it makes a repository that two clusters can spoil"},
    {"use_throttle_retries", GEN_BOTH, GEN_V_BOOL, 0, 0, NULL, GEN_A_CLIENT, NULL},
};
const size_t gen_num_settings = sizeof(gen_settings) / sizeof(gen_settings[0]);

enum gen_product gen_product_of(const char *kind)
{
    if (kind == NULL) {
        return GEN_BOTH;
    }
    if (strcmp(kind, "opensearch") == 0) {
        return GEN_OPENSEARCH;
    }
    return GEN_ELASTIC;
}

const struct gen_setting *gen_setting_find(const char *name)
{
    size_t i;

    for (i = 0; i < gen_num_settings; i++) {
        if (strcmp(gen_settings[i].name, name) == 0) {
            return &gen_settings[i];
        }
    }
    return NULL;
}

const char *gen_setting_nearest(const char *wrong, enum gen_product product)
{
    const char *names[64];
    size_t num = 0, i;

    for (i = 0; i < gen_num_settings && num < sizeof(names) / sizeof(names[0]); i++) {
        if ((gen_settings[i].products & product) != 0 &&
            gen_settings[i].advice != GEN_A_NEVER) {
            names[num++] = gen_settings[i].name;
        }
    }
    return bf_nearest(wrong, names, num);
}

/* A decimal number at the start of text; *rest points behind it. False when there is none
 * or it is absurd. */
static bool number(const char *text, int64_t *out, const char **rest)
{
    int64_t n = 0;
    size_t i;

    for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
        if (i >= 15) {
            return false;
        }
        n = n * 10 + (text[i] - '0');
    }
    *out = n;
    *rest = text + i;
    return i > 0;
}

/* ByteSizeValue of both servers: a whole number and a unit. */
static bool takes_bytes(const struct gen_setting *s, const char *text)
{
    static const struct {
        const char *unit;
        int64_t times;
    } units[] = {{"b", 1},  {"k", KB},  {"kb", KB}, {"m", MB}, {"mb", MB},
                 {"g", GB}, {"gb", GB}, {"t", TB},  {"tb", TB}};
    const char *rest;
    int64_t n;
    size_t i;

    if (!number(text, &n, &rest)) {
        return strcmp(text, "-1") == 0 && s->max == 0;
    }
    if (n == 0 && *rest == '\0') {
        return s->min == 0;
    }
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcasecmp(rest, units[i].unit) == 0) {
            return n <= INT64_MAX / units[i].times && n * units[i].times >= s->min &&
                   (s->max == 0 || n * units[i].times <= s->max);
        }
    }
    return false;
}

static bool takes_time(const char *text)
{
    static const char *const units[] = {"nanos", "micros", "ms", "s", "m", "h", "d"};
    const char *rest;
    int64_t n;
    size_t i;

    if (!number(text, &n, &rest)) {
        return strcmp(text, "-1") == 0;
    }
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(rest, units[i]) == 0) {
            return true;
        }
    }
    return n == 0 && *rest == '\0';
}

static bool takes_one_of(const char *list, const char *text)
{
    size_t len = strlen(text), n;

    for (; *list != '\0'; list += n + (list[n] == '|' ? 1 : 0)) {
        n = strcspn(list, "|");
        if (n == len && strncasecmp(list, text, n) == 0) {
            return true;
        }
    }
    return false;
}

bool gen_setting_takes(const struct gen_setting *s, const struct bf_json *value)
{
    const char *text = value->kind == BF_STRING ? value->text : NULL;
    const char *rest;
    int64_t n;

    switch (s->value) {
    case GEN_V_TEXT:
        return text != NULL;
    case GEN_V_BOOL:
        return value->kind == BF_BOOL || (text != NULL && (strcmp(text, "true") == 0 ||
                                                           strcmp(text, "false") == 0));
    case GEN_V_INT:
        n = value->num;
        if (text != NULL && (!number(text, &n, &rest) || *rest != '\0')) {
            return false;
        }
        return (value->kind == BF_INT || text != NULL) && n >= s->min && n <= s->max;
    case GEN_V_BYTES:
        return text != NULL && takes_bytes(s, text);
    case GEN_V_TIME:
        return text != NULL && takes_time(text);
    case GEN_V_ONE_OF:
        return text != NULL && takes_one_of(s->one_of, text);
    }
    return false;
}
