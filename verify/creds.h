/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of this appliance for the servers: read when they are needed, into locked
 * memory; cluster, IAM and S3 apart. */
#ifndef VFY_CREDS_H
#define VFY_CREDS_H

#include "conf.h"
#include "runner.h"

enum { VFY_MAX_CREDENTIAL = 4096, VFY_MAX_CREDS = 8 };

/* Owned by caller; all-zero is empty; clear wipes. items are named as the applier wants
 * them (runner.h). */
struct vfy_creds {
    struct bf_secret cluster, control, iam, s3;
    struct vfy_secret items[VFY_MAX_CREDS];
    size_t num;
};

/*
 * Reads one source into locked memory, without the LF at its end. A file must be ours
 * with mode 0600, a systemd credential not open to others, a command gets no input, an
 * environment of PATH only, and 30 seconds. CONFIG, INPUT_*.
 */
BF_MUST enum bf_err vfy_credential_read(struct bf_secret *out,
                                        const struct vfy_credential *c,
                                        struct bf_diag *diag);
/* The cluster's: cluster.password or cluster.apikey, as auth says. */
BF_MUST enum bf_err vfy_creds_cluster(struct vfy_creds *out, const char *auth,
                                      const struct vfy_credential *c,
                                      struct bf_diag *diag);
/* The key of the API of Elastic Cloud or ECE: control.apikey. */
BF_MUST enum bf_err vfy_creds_control(struct vfy_creds *out,
                                      const struct vfy_credential *c,
                                      struct bf_diag *diag);
/* IAM's: two lines, access key id and secret key. */
BF_MUST enum bf_err vfy_creds_iam(struct vfy_creds *out, const struct vfy_credential *c,
                                  struct bf_diag *diag);
/* The same for the bucket: s3.access_key, s3.secret_key. */
BF_MUST enum bf_err vfy_creds_s3(struct vfy_creds *out, const struct vfy_credential *c,
                                 struct bf_diag *diag);
void vfy_creds_clear(struct vfy_creds *c);

#endif
