/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snapseal-verify and its applier program say to each other, over three pipes: job
 * (fd 3, parent to applier, then acks), events (fd 4, applier to parent), secrets (fd 5,
 * parent to applier, read once into locked memory). Frames of job and events: u32
 * big-endian length, then one JSON object in the signed profile, read by the strict
 * reader on both sides. The applier gets only what has been checked; it has no
 * configuration and no state of its own. It ends when its parent does.
 *
 * Order: job; then events. After every BEGIN and END the applier waits for an ack (one
 * byte 'a'), which the parent sends when the record is on disk: nothing is changed
 * anywhere before its BEGIN is acked.
 */
#ifndef VFY_PROTOCOL_H
#define VFY_PROTOCOL_H

#include "bf/bundle.h"

enum {
    VFY_FD_JOB = 3,
    VFY_FD_EVENTS = 4,
    VFY_FD_SECRETS = 5,
    VFY_MAX_FRAME = 240 * 1024,
    VFY_MAX_NODES = 256,
    VFY_MAX_RECORDS = 4096,
    VFY_MAX_SECRETS = 40, /* on the secrets pipe: of the bundle, and credentials */
    VFY_MAX_SECRETS_BYTES = 64 * 1024,
    VFY_MAX_SECRET_NAME = 128
};

struct vfy_answer;
struct vfy_node {
    struct bf_list
        argv; /* texts: the fixed command that reaches this node's keystore helper */
    const char *name;         /* the node's name in the cluster */
    struct vfy_answer *ahead; /* the applier's own: see node_call.h */
};
struct vfy_server {
    const char *auth; /* "none", "basic", "apikey" (cluster, control); "sigv4" (iam, s3)
                       */
    const char *ca_file; /* PEM: the only CA that counts; "": the system's */
    const char *region;  /* sigv4 */
    const char *url;     /* "" when not used */
    const char *user;    /* basic */
};
/* A journal record handed back at resume: what the parent had on disk. */
struct vfy_record {
    const char *after, *before, *phase /* "begin", "end" */, *result, *step, *undo;
};
struct vfy_job {
    struct vfy_server cluster;
    struct vfy_server control; /* the API of Elastic Cloud or ECE; url "": none */
    const char *deployment;    /* behind control: "ID" or "ID/REF"; "" without control */
    struct vfy_server iam;
    const char *mode;     /* discover, plan (changes nothing), apply, probe (no bundle:
                             against what was applied), prove (same bundle again), undo
                             (records only) */
    struct bf_list nodes; /* struct vfy_node, ascending by name; the configured nodes are
                             the expected ones; empty with control, which names them */
    struct bf_plan plan;
    const char *policy;     /* JSON text or "" */
    struct bf_list records; /* struct vfy_record, oldest first; empty for a new run */
    struct bf_list removed; /* texts: keystore names that are taken away */
    const char *repository; /* JSON text of the register request or "" */
    const char *run_id;     /* 32 hex; names keystore copies and probe objects */
    struct vfy_server s3;
    struct bf_list
        secrets; /* texts: keystore names that the secrets pipe carries, ascending */
    struct vfy_server sts; /* url: that of IAM, whose STS is asked; "" none */
    struct {
        const char *cluster_uuid, *id, *kind;
    } target;
    int64_t wait; /* seconds that a plan behind control may take */
};
extern const struct bf_schema vfy_job_schema;

/*
 * One event; unused texts are "", all texts printable ASCII. By kind:
 *
 * - progress: text, shown to people
 * - begin: step; undo (yes, none, no: cannot be undone); before: what undo puts back. To
 *   be on disk before anything changes; acked
 * - end: step; result (ok, same, failed, unknown, undone); after: what stands now, or the
 *   clause why not. Acked. An undo has no begin of its own: its end says undone or failed
 * - diff: step, result (+ - ~ =, probe also ?: not told), text: plan and probe, one line
 *   of difference; id "setting": one setting of it
 * - fact: id, node, text. Ids: see below
 * - evidence: step is the file's name (live.json, preflight.json, reload.json,
 *   register.json, verify.json), text is JSON in the profile of review documents, of
 *   allow-listed paths only
 * - problem: id (of an error), text (where: one clear clause), node or "": the cause; the
 *   first one, at most one
 * - finish: result (planned, applied, undone, uncertain, proved, refused, failed), the
 *   last event. refused and failed: nothing was begun that leaves a trace
 *
 * Steps in order: live, identity, bucket, policy, preflight, keystore.copy:NODE,
 * keystore:NODE, keystore.cloud, reload, register, keystore.wait, restart, verify,
 * keystore.drop:NODE; those with NODE only without control, those with a "." and no NODE,
 * and restart, only with it. To remove: live, keystore.copy:NODE, unregister,
 * keystore:NODE, reload, verify, keystore.drop:NODE.
 *
 * before: bucket, policy, register and unregister "absent" or "present TEXT" (bytes
 * outside printable ASCII and "%" as %XX); keystore "SHA256 MODE UID GID" or "absent";
 * keystore.copy "none"; keystore.cloud "absent NAME..." or, when it cannot be undone,
 * "present NAME..."; restart "plan ID", the one before it. after of reload: "node1=ok
 * node2=failed", which the next run reads.
 *
 * Facts: cluster_uuid, cluster_name, version, kind; node_live (node, text: its id),
 * node_expected (control names it), deployment (discover: its status),
 * node_seen (it verified), node_reload ("ok" or why not), node_names (blank separated),
 * node_digest (as before of keystore); repository_live (the GET answer, "" absent) and
 * repository_sha256 (its hash, what a precondition names); probe ("put=ok"); privilege
 * ("complete", or those missing); leftover (an object in the bucket that stays);
 * health, unassigned_shards, pending_tasks, pending_task, snapshot_running,
 * snapshots_told, schedule (a snapshot policy into the repository); credential (node,
 * "KIND RESULT DETAIL": cluster, cloud, iam, s3, node; ok, later, lacks, failed);
 * not_tried (what and why); tls_fingerprint, tls_verified ("yes", "no").
 */
struct vfy_event {
    const char *after, *before, *id, *kind, *node, *result, *step, *text, *undo;
};
extern const struct bf_schema vfy_event_schema;

#endif
