/* SPDX-License-Identifier: Apache-2.0 */
/* What the AWS team is handed where the appliance has no rights at AWS: lines for the aws
 * tool and the same as console steps. */
#ifndef GEN_HANDOUT_H
#define GEN_HANDOUT_H

#include "bf/bundle.h"

/*
 * Bucket, user and key, to rotate a second key and the end of the first, to remove the
 * end of the key; needs no approval. The plan's values must have passed lint. iam: URL of
 * the target's pinned IAM endpoint, NULL where none is known; without one, aws iam lines
 * are written only for an S3 that is AWS's own: anywhere else they would make users at
 * AWS.
 */
void gen_handout_people(struct bf_buf *out, const struct bf_plan *plan, const char *iam,
                        const char *ticket);
/* The policy: canonical JSON from a bundle whose approvals meet its rule. */
void gen_handout_policy(struct bf_buf *out, const struct bf_plan *plan, const char *iam,
                        struct bf_bytes policy, const char *sha256);

#endif
