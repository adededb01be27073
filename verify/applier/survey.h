/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan and a probe look at beyond the repository itself. Reads only; everything
 * found is a fact (protocol.h). */
#ifndef VFY_SURVEY_H
#define VFY_SURVEY_H

#include "run.h"

/* Health, pending tasks, running snapshots, snapshot policies into the plan's repository.
 * live.kind must be known. What is not told is a fact not_tried. */
void vfy_survey_cluster(struct vfy_run *run);
/*
 * Tries every credential that the run will need, and goes on after one that will not do;
 * then the first such failure: NET_* of cluster (NET_DENIED names the privileges) and
 * IAM, NODE_TOOL. What S3 says is left to the preflight to judge.
 */
BF_MUST enum bf_err vfy_survey_credentials(struct vfy_run *run, struct bf_diag *diag);

/* steps_policy.c: reads the plan's policy at IAM and forgets it. NET_*. */
BF_MUST enum bf_err vfy_policy_try(struct vfy_run *run, struct bf_diag *diag);

/* probe.c: the live state against what was applied, part by part; a part that cannot be
 * told does not keep the rest from being looked at. LIVE_UUID, LIVE_KIND, or the first
 * error of such a part. */
BF_MUST enum bf_err vfy_probe(struct vfy_run *run, struct bf_diag *diag);

#endif
