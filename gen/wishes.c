/* SPDX-License-Identifier: Apache-2.0 */
#include "wishes.h"

#include <string.h>

enum bf_err gen_bucket_wishes(struct bf_plan *plan, const struct bf_plan *was,
                              const char *region, const struct bf_args *a,
                              struct bf_diag *diag)
{
    const char *mode;
    bool none, asked;

    if (strcmp(plan->action, "remove") == 0) {
        was = NULL; /* the bucket is left alone then */
    }
    mode = was != NULL ? was->bucket.mode : "none";
    plan->bucket.mode = bf_arg_is(a, "bucket-mode") ? bf_arg(a, "bucket-mode") : mode;
    plan->bucket.region =
        bf_arg_is(a, "bucket-region") ? bf_arg(a, "bucket-region") : region;
    plan->bucket.ownership = bf_arg_is(a, "bucket-ownership");
    plan->bucket.public_block = bf_arg_is(a, "bucket-public-block");
    plan->bucket.versioning = bf_arg_is(a, "bucket-versioning");
    none = strcmp(plan->bucket.mode, "none") == 0;
    asked =
        plan->bucket.ownership || plan->bucket.public_block || plan->bucket.versioning;
    if (none && asked) {
        return bf_fail(
            diag, BF_USAGE,
            "what is wished of the bucket needs --bucket-mode check or create");
    }
    if (was != NULL && !none && !asked) {
        plan->bucket.ownership = was->bucket.ownership;
        plan->bucket.public_block = was->bucket.public_block;
        plan->bucket.versioning = was->bucket.versioning;
    }
    return BF_OK;
}
