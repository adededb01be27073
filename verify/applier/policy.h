/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an IAM policy document says about one request, as far as the documents that we
 * carry go: Allow and Deny, Action and Resource with wildcards, and conditions on
 * s3:prefix and aws:SecureTransport. Anything else in a statement that could decide makes
 * the answer VFY_NOT_JUDGED. ("IAM JSON policy elements", "Policy evaluation logic" in
 * the AWS IAM user guide.)
 */
#ifndef VFY_POLICY_H
#define VFY_POLICY_H

#include "answer.h"

enum vfy_verdict {
    VFY_NOT_ALLOWED, /* no statement allows it */
    VFY_ALLOWED,
    VFY_DENIED, /* a statement denies it */
    VFY_NOT_JUDGED
};

struct vfy_policy_request {
    const char *action;   /* "s3:ListBucket" */
    const char *resource; /* "arn:aws:s3:::bucket/key" */
    const char *prefix;   /* the value of s3:prefix; NULL: the request has none */
};

/* document: the parsed policy. Requests are taken as made over TLS. */
enum vfy_verdict vfy_policy_judge(struct vfy_at document,
                                  const struct vfy_policy_request *req);

#endif
