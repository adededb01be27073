/* SPDX-License-Identifier: Apache-2.0 */
/* What the applier is asked to do: from a checked bundle, the target's section of
 * verify.conf, and the endpoints of the trust file. */
#ifndef VFY_JOB_H
#define VFY_JOB_H

#include "check.h"
#include "conf.h"
#include "creds.h"
#include "runner.h"

enum { VFY_MAX_JOB_SECRETS = VFY_MAX_SECRETS };

/* Owned by caller; all-zero is empty; vfy_work_clear wipes. Borrows from look and conf.
 */
struct vfy_work {
    struct bf_arena arena;
    struct vfy_creds creds;
    struct vfy_job job;
    struct vfy_secret secrets[VFY_MAX_JOB_SECRETS];
    size_t num_secrets;
};

/*
 * The job for a checked bundle, and what goes down the secrets pipe. mode: plan, apply,
 * prove, undo. run (NULL: none) gives the records of an interrupted run. Refuses
 * configuration that the trust file does not pin: TARGET_ENDPOINT (url, CA); CONFIG.
 */
BF_MUST enum bf_err vfy_work_make(struct vfy_work *out, const struct vfy_look *look,
                                  const struct vfy_conf_target *conf, const char *mode,
                                  const char *run_id, const struct vfy_record *records,
                                  size_t num_records, struct bf_diag *diag);
void vfy_work_clear(struct vfy_work *w);

/* url and CA file must be those of an endpoint of the target for that purpose.
 * TARGET_ENDPOINT, INPUT_*. */
BF_MUST enum bf_err vfy_endpoint_check(const struct bf_target *target,
                                       const char *purpose, const char *url,
                                       const char *ca_file, struct bf_diag *diag);

/*
 * Path of the applier program: in libexec as installed, or applier/snapseal-applier or
 * snapseal-applier beside this program in a build tree. Never from the environment. IO
 * when there is none.
 */
BF_MUST enum bf_err vfy_applier_path(char out[1200], struct bf_diag *diag);

#endif
