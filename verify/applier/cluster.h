/* SPDX-License-Identifier: Apache-2.0 */
/* What the applier asks of an OpenSearch or Elasticsearch cluster. Every write reads the
 * UUID first, on the same connection. */
#ifndef VFY_CLUSTER_H
#define VFY_CLUSTER_H

#include "answer.h"
#include "http.h"

struct vfy_cluster {
    struct vfy_http *http; /* owned */
    const char *uuid;      /* the approved one, borrowed; writes go to no other */
    bool through;          /* reached through ECE's platform: its path ends in /proxy */
    void (*tick)(void *ctx, unsigned seconds); /* while a long call waits; NULL: none */
    void *ctx;
};

struct vfy_live_node {
    char id[64];
    char name[128];
    bool verifies; /* takes part in _verify: master-eligible or data, not voting-only */
};

/* The cluster as it is. Names are printable. */
struct vfy_live {
    char uuid[80];
    char name[128];
    char version[40];
    const char *kind;                          /* "opensearch", "elasticsearch" */
    struct vfy_live_node nodes[VFY_MAX_NODES]; /* ascending by name */
    size_t num_nodes;
};

/* An answer with its status; owned by caller. */
struct vfy_cluster_answer {
    long status;
    bool moved; /* not asked: the connection that told the UUID was closed */
    struct vfy_answer json;
};

/* Opens with the job's credential from the secrets ("cluster.password",
 * "cluster.apikey"). NET_AUTH, errors of vfy_http_open. */
BF_MUST enum bf_err vfy_cluster_open(struct vfy_cluster *out,
                                     const struct vfy_server *server,
                                     struct bf_bytes credential, const char *uuid,
                                     struct bf_diag *diag);
void vfy_cluster_close(struct vfy_cluster *c);

/* GET /: uuid, name, version, kind. NET_*; a server that does not tell these at / is
 * asked elsewhere (lab.md 18). */
BF_MUST enum bf_err vfy_cluster_identity(struct vfy_cluster *c, struct vfy_live *out,
                                         struct bf_diag *diag);
/*
 * Fills nodes; LIVE_NODES when the cluster itself cannot reach one. same: on the
 * connection of the call before, so that a server that keeps none is found out before it
 * stands in the way of a write.
 */
BF_MUST enum bf_err vfy_cluster_nodes(struct vfy_cluster *c, struct vfy_live *out,
                                      bool same, struct bf_diag *diag);
/* The name of the cluster manager into out, "" when it does not tell. */
void vfy_cluster_manager(struct vfy_cluster *c, const struct vfy_live *live, char *out,
                         size_t size);
/* Cursor to {"settings":..,"type":..} of the repository, nowhere when absent; name NULL:
 * to all of them, by name. answer:
 * owned by caller. */
BF_MUST enum bf_err vfy_cluster_repository(struct vfy_cluster *c, const char *name,
                                           struct vfy_cluster_answer *answer,
                                           struct vfy_at *out, struct bf_diag *diag);
/* LIVE_BUSY when a snapshot runs there. BF_OK also when that cannot be told: then *told
 * is false. */
BF_MUST enum bf_err vfy_cluster_idle(struct vfy_cluster *c, const char *name, bool *told,
                                     struct bf_diag *diag);
/* Any page, for what is only shown: statuses 200, 400, 404 and 405 come back as they are,
 * all others as an error. answer: owned by caller, also after a failure. */
BF_MUST enum bf_err vfy_cluster_get(struct vfy_cluster *c, const char *target,
                                    struct vfy_cluster_answer *answer,
                                    struct bf_diag *diag);
/* Which of the cluster privileges the credential lacks, blank separated; false when the
 * server does not tell. */
BF_MUST bool vfy_cluster_lacks(struct vfy_cluster *c, struct bf_buf *out);
/* BF_OK when the repository can be listed; VERIFY_FAILED with the server's words in
 * chain. */
BF_MUST enum bf_err vfy_cluster_listing(struct vfy_cluster *c, const char *name,
                                        struct bf_buf *chain, struct bf_diag *diag);

/*
 * Writes. LIVE_UUID when another cluster answers; APPLY_WRITE when refused; *unknown when
 * it failed and may have worked nevertheless. delete: an absent repository is fine.
 */
BF_MUST enum bf_err vfy_cluster_register(struct vfy_cluster *c, const char *name,
                                         const char *body, bool *unknown,
                                         struct bf_diag *diag);
BF_MUST enum bf_err vfy_cluster_unregister(struct vfy_cluster *c, const char *name,
                                           bool *unknown, struct bf_diag *diag);
/* Status 200 or an error; what the nodes say is in the answer. */
BF_MUST enum bf_err vfy_cluster_reload(struct vfy_cluster *c,
                                       struct vfy_cluster_answer *answer,
                                       struct bf_diag *diag);
/* Any status: a failed verification is an answer too. Waits longer than a silent S3 keeps
 * the server (253 s). */
BF_MUST enum bf_err vfy_cluster_verify(struct vfy_cluster *c, const char *name,
                                       struct vfy_cluster_answer *answer,
                                       struct bf_diag *diag);
/* The same for the long test; the server may take 300 s. */
BF_MUST enum bf_err vfy_cluster_analyze(struct vfy_cluster *c, const char *name,
                                        struct vfy_cluster_answer *answer,
                                        struct bf_diag *diag);
void vfy_cluster_answer_clear(struct vfy_cluster_answer *a);

/* "type: reason <- type: reason ..." of an answer's error, in the server's bytes; "" when
 * it holds none. */
void vfy_cluster_chain(struct bf_buf *out, struct vfy_at error);

#endif
