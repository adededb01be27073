/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundle's keys at S3 against the approved policy: what it allows must work, what it
 * does not allow must be refused. Only reads, and one own object of random name; what
 * could destroy, or would leave something outside the base path, is judged from the
 * policy's text and told as not tried.
 */
#ifndef VFY_RIGHTS_H
#define VFY_RIGHTS_H

#include "run.h"

enum { VFY_MAX_PROBES = 24 };

/* What was tried, for the receipt. */
struct vfy_probes {
    struct {
        const char *word;
        char code[64];
        long status;
    } items[VFY_MAX_PROBES];
    size_t num;
};

/* One that was tried: a fact now, evidence later. word: lives as long as the program. */
void vfy_probes_add(struct vfy_run *run, struct vfy_probes *probes, const char *word,
                    const struct vfy_s3_result *r);
void vfy_probes_evidence(struct vfy_run *run, const struct vfy_probes *probes);
/*
 * Asks again for some seconds, as long as S3 does not follow a policy that this run has
 * put. AWS alone: other servers follow at once.
 */
typedef void vfy_probe_fn(struct vfy_run *run, const void *probe,
                          struct vfy_s3_result *out);
void vfy_probe_patiently(struct vfy_run *run, vfy_probe_fn *ask, const void *probe,
                         bool hopes, struct vfy_s3_result *out);
/*
 * PREFLIGHT when S3 refuses what the policy allows, PREFLIGHT_TOO_WIDE when it allows
 * what the policy does not. Without a policy document nothing is judged, and a fact says
 * so.
 */
BF_MUST enum bf_err vfy_rights_check(struct vfy_run *run, struct vfy_probes *probes,
                                     struct bf_diag *diag);

#endif
