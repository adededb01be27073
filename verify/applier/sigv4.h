/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS Signature Version 4 (AWS General Reference, "Signature Version 4 signing process").
 * Our own, because the libcurl of Debian 12 signs several of the requests we need
 * wrongly, and because the secret then never leaves locked memory.
 */
#ifndef VFY_SIGV4_H
#define VFY_SIGV4_H

#include "bf/crypto.h"

struct vfy_aws_key {
    struct bf_bytes id;     /* access key id */
    struct bf_bytes secret; /* in locked memory of the caller */
};

struct vfy_aws_header {
    const char *name; /* lower case */
    const char *value;
};

/* A request as it is signed: path and query percent-encoded, the query's parts sorted and
 * each with its "=". */
struct vfy_aws_request {
    const char *service;
    const char *region;
    const char *method;
    const char *host; /* with the port when it is not 443 */
    const char *path;
    const char *query;
    const struct vfy_aws_header
        *headers; /* signed besides host and x-amz-date; names ascending */
    size_t num_headers;
    struct bf_bytes body;
};

enum { VFY_SIGV4_DATE = 17, VFY_SIGV4_AUTH = 640 };

struct vfy_sigv4 {
    char date[VFY_SIGV4_DATE];      /* x-amz-date */
    char sha256[2 * BF_SHA256 + 1]; /* of the body; S3 wants it as x-amz-content-sha256,
                                       which is then signed */
    char authorization[VFY_SIGV4_AUTH]; /* the value of the Authorization header */
};

/* now: seconds since 1970. TOO_LARGE when a name is longer than AWS allows, CRYPTO. */
BF_MUST enum bf_err vfy_sigv4_sign(struct vfy_sigv4 *out, const struct vfy_aws_key *key,
                                   const struct vfy_aws_request *req, int64_t now,
                                   struct bf_diag *diag);
/* The canonical request, for tests: vectors pin each stage. out->date and out->sha256
 * must be filled. */
void vfy_sigv4_canonical(struct bf_buf *out, const struct vfy_sigv4 *sig,
                         const struct vfy_aws_request *req);
/* Appends text percent-encoded as AWS wants it (RFC 3986 unreserved stay; also '/' when
 * slash). */
void vfy_aws_encode(struct bf_buf *out, struct bf_bytes text, bool slash);

#endif
