/* SPDX-License-Identifier: Apache-2.0 */
/* One signed call to an AWS-like service, and the error that its XML tells. */
#ifndef VFY_AWS_H
#define VFY_AWS_H

#include "http.h"
#include "sigv4.h"

/* Borrows all of it. */
struct vfy_aws {
    struct vfy_http *http;
    struct vfy_aws_key key;
    const char *service; /* "iam", "s3" */
    const char *region;
};

struct vfy_aws_call {
    const char *method;
    const char *path;  /* percent-encoded, below the path of the server's URL */
    const char *query; /* percent-encoded, sorted, each part with "="; "" none */
    const struct vfy_aws_header *headers;
    size_t num_headers;
    struct bf_bytes body;
};

/* Owned by caller; clear with vfy_aws_answer_clear. */
struct vfy_aws_answer {
    struct vfy_http_answer http;
    char code[80];     /* "AccessDenied"; "" when there is none */
    char message[240]; /* often empty, as RGW's always is */
};

/* Whatever the status: BF_OK. Errors as vfy_http_ask. */
BF_MUST enum bf_err vfy_aws_ask(const struct vfy_aws *aws,
                                const struct vfy_aws_call *call,
                                struct vfy_aws_answer *out, struct bf_diag *diag);
void vfy_aws_answer_clear(struct vfy_aws_answer *a);
/* True for the codes that say that the key itself is not good; then *what says which part
 * of it. */
bool vfy_aws_bad_key(const char *code, const char **what);

#endif
