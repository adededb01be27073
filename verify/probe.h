/* SPDX-License-Identifier: Apache-2.0 */
/* A later look at a target: what a probe holds, and how it is shown. */
#ifndef VFY_PROBE_H
#define VFY_PROBE_H

#include "baseline.h"
#include "cli.h"

/* Everything of one probe, on the heap. */
struct vfy_probing {
    struct vfy_site *site;
    struct vfy_target_state record;
    struct vfy_baseline base;
    struct vfy_look look; /* made from the baseline, for the job; never checked */
    struct bf_entry policy, repository;
    struct vfy_work work;
    struct vfy_story run;
    char now[21];
};

/* The verdict and all that was found; why->err BF_OK: everything could be told. Returns
 * the exit code. */
int vfy_report_probe(const struct bf_args *a, const struct vfy_probing *p,
                     const struct bf_diag *why);

#endif
