/* SPDX-License-Identifier: Apache-2.0 */
/* A user's inline policy at IAM (API version 2010-05-08): GetUserPolicy, PutUserPolicy,
 * DeleteUserPolicy. */
#ifndef VFY_IAM_H
#define VFY_IAM_H

#include "aws.h"

struct vfy_iam_policy {
    const char *user;
    const char *name;
};

/*
 * The document, decoded, appended to out; *absent when there is none. NET_*; NET_AUTH for
 * a bad key, NET_DENIED naming the action, NET_ANSWER.
 */
BF_MUST enum bf_err vfy_iam_get(const struct vfy_aws *aws,
                                const struct vfy_iam_policy *policy, struct bf_buf *out,
                                bool *absent, struct bf_diag *diag);
/* *unknown when it failed and may have worked nevertheless. As above, and APPLY_WRITE
 * when IAM refuses it. */
BF_MUST enum bf_err vfy_iam_put(const struct vfy_aws *aws,
                                const struct vfy_iam_policy *policy, const char *document,
                                bool *unknown, struct bf_diag *diag);
/* A policy that is not there is fine. */
BF_MUST enum bf_err vfy_iam_delete(const struct vfy_aws *aws,
                                   const struct vfy_iam_policy *policy, bool *unknown,
                                   struct bf_diag *diag);

#endif
