/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a key is: GetCallerIdentity of STS (API version 2011-06-15), which needs no
 * right.
 */
#ifndef VFY_STS_H
#define VFY_STS_H

#include "aws.h"

enum vfy_sts_answer {
    VFY_STS_TOLD = 1, /* arn holds whose it is */
    VFY_STS_BAD_KEY,  /* text: what is wrong with the key */
    VFY_STS_NONE      /* text: the answer of a server that has no STS, or tells nobody */
};

struct vfy_sts_identity {
    enum vfy_sts_answer answer;
    char arn[400]; /* printable */
    char text[160];
};

/*
 * The URL of STS for an IAM endpoint, into out: AWS's has a host of its own for each
 * region; other servers have STS where their IAM is. False when it does not fit.
 */
BF_MUST bool vfy_sts_url(char *out, size_t size, const char *iam_url, const char *region);
/* Asks. NET_* when nothing can be said. */
BF_MUST enum bf_err vfy_sts_ask(struct vfy_sts_identity *out, const struct vfy_aws *sts,
                                struct bf_diag *diag);

#endif
