/* SPDX-License-Identifier: Apache-2.0 */
/* The cluster's own long test of the bucket, where the plan asks for it. OpenSearch has
 * none, Elasticsearch has it from 7.12. */
#ifndef VFY_ANALYZE_H
#define VFY_ANALYZE_H

#include "run.h"

/* Before any write. LIVE_ANALYZE when the plan asks for what this cluster does not have.
 */
BF_MUST enum bf_err vfy_analyze_there(struct vfy_run *run, struct bf_diag *diag);
/* After the repository is verified; not when the same bundle is proved again, because it
 * writes. VERIFY_FAILED with the cause. */
BF_MUST enum bf_err vfy_analyze(struct vfy_run *run, struct bf_buf *after,
                                struct bf_diag *diag);

#endif
