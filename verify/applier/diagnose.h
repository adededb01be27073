/* SPDX-License-Identifier: Apache-2.0 */
/* What a cluster's words mean, as data: texts of both SDK generations and both products
 * to one clear clause each. */
#ifndef VFY_DIAGNOSE_H
#define VFY_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "s3.h"

struct vfy_diagnosis {
    const char *id;   /* of the row in diagnose.def, "" when the words are not known */
    char clause[400]; /* "cause; what to do", or the server's own bytes when not known */
    const char *when_fine; /* what it is when S3 takes the bundle's keys; NULL: clause */
    bool known;
    bool ask_s3;     /* several causes look like this: S3 itself can tell them apart */
    bool has_action; /* the phase that failed tells which right it was about */
    enum vfy_s3_action action;
};

/* chain: "type: reason <- type: reason" of a failed _verify or listing. */
void vfy_diagnose(struct vfy_diagnosis *out, const char *chain, const char *client,
                  const char *bucket);
/* type and reason of one node's reload_exception: "cannot read its keystore (...)".
 * Returns what to do, "" when its words are not known. */
const char *vfy_diagnose_reload(char *out, size_t size, const char *type,
                                const char *reason, const char *client);
/* "cause; what to do" of an action that S3 refused to us: which of keys, bucket, right,
 * region, clock, network. Returns the row's id. */
const char *vfy_diagnose_s3(char *out, size_t size, const struct vfy_s3 *s3,
                            enum vfy_s3_action action,
                            const struct vfy_s3_result *result);
/* True when a node of this id is among the failing ones that the reason lists ("[[id,
 * 'Remote...'], [id, ..."). */
bool vfy_diagnose_names_node(const char *reason, const char *node_id);
/* True when the reason is about the node that manages the cluster. */
bool vfy_diagnose_is_manager(const char *reason);

#endif
