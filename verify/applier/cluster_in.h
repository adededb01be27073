/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that ask a cluster share. */
#ifndef VFY_CLUSTER_IN_H
#define VFY_CLUSTER_IN_H

#include "cluster.h"

enum {
    VFY_VERIFY_SECONDS = 300, /* a silent S3 keeps the server 253 s */
    VFY_MAX_TARGET = 512
};

struct vfy_call {
    const char *method;
    const char *target;
    const char *body; /* JSON, NULL none */
    unsigned seconds;
    bool same_connection;
};

/* Asks and parses. Statuses in allowed (0-ended) come back as they are, all others as an
 * error. unknown: NULL for reads. */
BF_MUST enum bf_err vfy_cluster_ask(struct vfy_cluster *c, const struct vfy_call *call,
                                    const long *allowed, struct vfy_cluster_answer *out,
                                    bool *unknown, struct bf_diag *diag);
/* NET_CONNECT: the server keeps no connection, so no write can follow the UUID. */
BF_MUST enum bf_err vfy_cluster_not_kept(const struct vfy_cluster *c,
                                         struct bf_diag *diag);

#endif
