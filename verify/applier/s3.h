/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S3 asked with the bundle's own keys: what the repository needs, tried on one own object
 * of random name under the base path, and nothing that could destroy. The object is
 * deleted the way the cluster deletes (multi-delete), because servers judge that one by
 * other rights than a single DELETE.
 */
#ifndef VFY_S3_H
#define VFY_S3_H

#include "aws.h"

enum vfy_s3_action {
    VFY_S3_LIST,
    VFY_S3_PUT,
    VFY_S3_GET,
    VFY_S3_DELETE,
    VFY_NUM_S3_ACTIONS
};

struct vfy_s3 {
    struct vfy_aws aws;
    struct vfy_http *http; /* owned */
    const char *bucket;    /* borrowed */
    char base[300];        /* base path with a final "/", or "" */
    char key[340];         /* of the probe object */
    char endpoint[300];
    bool path_style;
};

struct vfy_s3_place {
    const char *endpoint; /* "": AWS's own for the region */
    const char *ca_file;
    const char *region; /* "": us-east-1 */
    const char *bucket;
    const char *base_path;
    const char *run_id;
    bool path_style;
};

/* What became of one action. */
struct vfy_s3_result {
    bool reached; /* S3 answered */
    bool no_way;  /* no connection to it came about at all */
    bool ok;
    long status;
    char code[64];
    char message[160];
    char region[65];   /* that S3 says the bucket is in, or "" */
    char failure[200]; /* not reached: why */
};

/* Opens no connection yet. id and secret: borrowed. TOO_LARGE, errors of vfy_http_open.
 */
BF_MUST enum bf_err vfy_s3_open(struct vfy_s3 *out, const struct vfy_s3_place *place,
                                struct vfy_aws_key key, struct bf_diag *diag);
void vfy_s3_close(struct vfy_s3 *s3);
void vfy_s3_try(const struct vfy_s3 *s3, enum vfy_s3_action action,
                struct vfy_s3_result *out);
/*
 * Any other request: of the bucket (key NULL) or of an object; query percent-encoded, its
 * parts sorted. *ok is status 200 or 204. body: what came with it, owned by caller; NULL:
 * not wanted.
 */
void vfy_s3_ask(const struct vfy_s3 *s3, const char *method, const char *key,
                const char *query, struct vfy_s3_result *out, struct bf_buf *body);
/* The first bytes of an object (more than 0). */
void vfy_s3_read(const struct vfy_s3 *s3, const char *key, size_t first,
                 struct vfy_s3_result *out, struct bf_buf *body);
/* AWS's partition of a region: "aws", "aws-cn", ... */
const char *vfy_s3_partition(const char *region);
const char *vfy_s3_word(enum vfy_s3_action action);  /* "list", "put", "get", "delete" */
const char *vfy_s3_right(enum vfy_s3_action action); /* "s3:ListBucket", ... */

#endif
