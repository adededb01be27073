/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the applier asks of the API of Elastic Cloud Hosted or Elastic Cloud Enterprise
 * (its published description, Swagger 2.0, /api/v1): one deployment, its Elasticsearch
 * resource, that one's keystore, its restart. The API's key goes to this server alone,
 * and the cluster's never comes here.
 */
#ifndef VFY_CLOUD_H
#define VFY_CLOUD_H

#include "answer.h"
#include "channel.h"
#include "http.h"

enum { VFY_MAX_CLOUD_ID = 68 };

struct vfy_cloud {
    struct vfy_http *http;  /* owned; NULL: this target has no such API */
    struct vfy_channel *ch; /* borrowed: what people see while we wait */
    char deployment[VFY_MAX_CLOUD_ID];
    char ref[VFY_MAX_CLOUD_ID]; /* "" until the deployment was read, where not given */
    unsigned wait;              /* seconds that a plan may take */
};

/* How much of the plans an answer holds; the more the larger. */
enum vfy_plans {
    VFY_PLANS_BRIEF,  /* which one runs, which one is current */
    VFY_PLANS_LOG,    /* and where it is */
    VFY_PLANS_HISTORY /* and those that failed, which never become the current one */
};

/* A deployment as it is. Owned by caller; all-zero is empty. Texts are printable. */
struct vfy_deployment {
    struct vfy_answer json;
    struct vfy_at info;        /* of the Elasticsearch resource, in json */
    char id[VFY_MAX_CLOUD_ID]; /* of that resource; Elasticsearch calls its cluster so */
    char status[32];           /* "started", "stopped", ... */
    bool pending;              /* a plan runs */
    bool failed;               /* none does, and the last attempt failed */
    char plan[80];   /* id of the plan that runs, else of the last attempt told */
    char step[100];  /* where it is, or broke off; "" not told */
    char cause[300]; /* failed: why, in the platform's words */
};

/* resource: "DEPLOYMENT" or "DEPLOYMENT/REF". key, ch: borrowed. NET_AUTH, INTERNAL,
 * errors of vfy_http_open. */
BF_MUST enum bf_err vfy_cloud_open(struct vfy_cloud *out, const struct vfy_server *server,
                                   const char *resource, struct bf_bytes key,
                                   struct vfy_channel *ch, struct bf_diag *diag);
void vfy_cloud_close(struct vfy_cloud *c);

/*
 * All calls: NET_*; a 429 is waited out as its headers say, five minutes in all; a read
 * that meets a 5xx is tried twice more. What the server says is in the diag, cut, and
 * never a value.
 */

/* GET /deployments/ID. LIVE_DEPLOYMENT when it is another one, or has no such resource or
 * several. */
BF_MUST enum bf_err vfy_cloud_read(struct vfy_cloud *c, enum vfy_plans plans,
                                   struct vfy_deployment *out, struct bf_diag *diag);
void vfy_deployment_clear(struct vfy_deployment *d);
/* GET .../keystore: its names, blank separated, as the server orders them. */
BF_MUST enum bf_err vfy_cloud_names(struct vfy_cloud *c, struct bf_buf *names,
                                    struct bf_diag *diag);

/* Writes: APPLY_WRITE when refused; *unknown when it failed and may have worked
 * nevertheless. */

/* PATCH .../keystore with every name that secrets carry and that belongs there; others
 * stay. */
BF_MUST enum bf_err vfy_cloud_set(struct vfy_cloud *c, const struct vfy_secrets *secrets,
                                  bool *unknown, struct bf_diag *diag);
/* PATCH .../keystore that takes the blank separated names out. */
BF_MUST enum bf_err vfy_cloud_unset(struct vfy_cloud *c, const char *names, bool *unknown,
                                    struct bf_diag *diag);
/* POST .../_restart: 202 is BF_OK. A plan that runs is never cancelled, and no snapshot
 * restored. */
BF_MUST enum bf_err vfy_cloud_restart(struct vfy_cloud *c, const struct bf_plan *plan,
                                      bool *unknown, struct bf_diag *diag);

/* Seconds in "60", "60s", "1m", "1h", "500ms", "1 minute": 0 when it is none of these. */
unsigned vfy_cloud_seconds(const char *text);

#endif
