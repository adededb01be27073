/* SPDX-License-Identifier: Apache-2.0 */
/* Parent's side of the applier (applier/protocol.h): starts it, hands it the job and the
 * secrets, and gives each event to a callback. */
#ifndef VFY_RUNNER_H
#define VFY_RUNNER_H

#include "applier/protocol.h"

/* A secret for the applier: a keystore name ("s3.client.x.access_key") or a credential
 * ("cluster.password", "cluster.apikey", "control.apikey", "iam.access_key",
 * "iam.secret_key"). The value
 * lies in locked memory of the caller. */
struct vfy_secret {
    const char *name;
    struct bf_bytes value;
};

/* Called for every event; returning an error ends the applier. begin and end are acked
 * after it returned BF_OK, so it fsyncs first. */
struct vfy_listener {
    enum bf_err (*event)(void *ctx, const struct vfy_event *e, struct bf_diag *diag);
    void *ctx;
};

/*
 * Runs the applier to its finish event. program: absolute path (libexec). The environment
 * of the child is empty but for PATH, its core limit is 0, it dies with us. BF_OK when
 * finish came and it ended well; APPLIER when it ended without one; the listener's error.
 */
BF_MUST enum bf_err vfy_run_applier(const char *program, const struct vfy_job *job,
                                    const struct vfy_secret *secrets, size_t num,
                                    const struct vfy_listener *listener,
                                    struct bf_diag *diag);

#endif
