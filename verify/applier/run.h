/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the applier: what it knows, and its steps. A step observes, applies,
 * confirms, and can be undone or says that it cannot; the engine (engine.c) drives them
 * in order, keeps the record with the parent, and undoes in reverse.
 */
#ifndef VFY_RUN_H
#define VFY_RUN_H

#include "channel.h"
#include "cloud.h"
#include "cluster.h"
#include "iam.h"
#include "s3.h"

enum { VFY_MAX_BEFORE = 100 * 1024, VFY_MAX_EVIDENCE = 64 * 1024, VFY_STEP_NAME = 180 };

enum vfy_mode { VFY_DISCOVER, VFY_PLAN, VFY_APPLY, VFY_PROVE, VFY_UNDO };

struct vfy_step;

struct vfy_run {
    const struct vfy_job *job;
    enum vfy_mode mode;
    struct vfy_channel *ch;
    const struct vfy_secrets *secrets;
    struct bf_arena arena; /* texts that live as long as the run */

    struct bf_list nodes; /* struct vfy_node, ascending by name: the expected nodes */
    struct vfy_cluster cluster;
    struct vfy_live live;
    bool is_cloud; /* a deployment of Elastic Cloud or ECE: its API holds the keystore */
    struct vfy_cloud cloud;
    struct vfy_deployment deployment; /* as it was when this run looked first */
    struct vfy_aws iam;
    struct vfy_http *iam_http;
    struct vfy_s3 s3;
    struct vfy_s3 owner;          /* the same bucket with the appliance's key */
    struct vfy_answer repository; /* the register request, parsed */
    const char *client;           /* of the register request, else of the secrets */
    const char *base_path; /* of the live registration, where the run sends no request */
    struct vfy_aws_key
        keys;      /* the bundle's, of that client; empty views when it brings none */
    bool has_keys; /* the bundle brings some */
    bool removes;  /* plan.do is remove */

    bool no_bucket;          /* plan.bucket asks for one that is not there */
    bool probing;            /* mode probe: as prove, and it shows what differs */
    bool policy_written;     /* in this run: S3 may need some seconds to follow */
    const char *reload_told; /* what the last reload said: "node1=ok node2=failed" */
    size_t *loaded;  /* while the new keys must be loaded: counts nodes that tell; NULL */
    bool names_told; /* in that reload every node said what its keystore holds */
    char lacking[300];  /* then: a clause on a node that lacks one of ours; "" none */
    bool unreached;     /* cloud: the keys have not come to the nodes by themselves */
    bool old_keys_back; /* in this run: the nodes have reloaded what was there */
    bool unknown;       /* the outcome of a write is not known */
    bool hold;          /* something of ours still runs there: no undo now */
    char node[200];     /* the node that the present failure is about; "" none */

    struct vfy_step *steps;
    size_t num_steps;
};

/* What a step found. before: owned by the engine. */
struct vfy_seen {
    struct bf_buf before; /* what undo needs, printable */
    bool same;            /* already as wanted */
    bool lasting;         /* what act does to it cannot be undone */
    bool tell_before;     /* before is for the records even where nothing is to undo */
    char drift[320];      /* a clause when not same */
};

enum vfy_undo { VFY_UNDO_NONE, VFY_UNDO_YES, VFY_UNDO_NO };

typedef enum bf_err vfy_observe_fn(struct vfy_run *run, struct vfy_step *step,
                                   struct vfy_seen *seen, struct bf_diag *diag);
/* after: what stands now, one short printable line. */
typedef enum bf_err vfy_act_fn(struct vfy_run *run, struct vfy_step *step,
                               struct bf_buf *after, struct bf_diag *diag);

struct vfy_step_kind {
    const char *name;
    bool per_node;
    enum vfy_undo undoable;
    bool in_prove;      /* takes part when the same bundle is proved again */
    bool acts_in_prove; /* and acts there (it changes nothing) */
    bool writes;        /* acting leaves traces, though there is nothing to undo */
    bool always_acts;   /* act says what was seen, also when there is nothing to do */
    const char *stands; /* lasting: what stays, for people */
    bool (*wanted)(const struct vfy_run *run);
    /* per_node: ask all nodes at once for what each step will ask its own; may be NULL.
     * ahead only reads; at_once writes, after every step's begin */
    void (*ahead)(struct vfy_run *run);
    void (*at_once)(struct vfy_run *run);
    vfy_observe_fn *observe; /* reads only; may be NULL: then it is never the same */
    vfy_observe_fn *show;    /* plan: says what would change; may be NULL */
    vfy_act_fn *act;         /* may be NULL: observing was all */
    vfy_act_fn *undo;        /* exactly for VFY_UNDO_YES; checks that it worked */
};

struct vfy_step {
    const struct vfy_step_kind *kind;
    const struct vfy_node *node; /* per_node */
    size_t node_index;
    char name[VFY_STEP_NAME];
    const char
        *before; /* of the first begin that counts; lives in the arena or in the job */
    const char *found; /* keystore: what its copy holds, for before; in the arena */
    const char *noted; /* before of the last begin in the records, "" none */
    bool need_undo;
    bool was_unknown; /* in the records */
    bool begun;       /* in the records */
    bool done;        /* in the records: it ended well */
    bool open;        /* in the records: nobody knows how it ended */
    bool stands;      /* done or perhaps done, and cannot be undone */
    bool stood;       /* in the records: so before the last begin */
    bool wrote;       /* in this run: began something that leaves traces */
};

extern const struct vfy_step_kind vfy_step_live;
extern const struct vfy_step_kind vfy_step_identity;
extern const struct vfy_step_kind vfy_step_bucket;
extern const struct vfy_step_kind vfy_step_policy;
extern const struct vfy_step_kind vfy_step_preflight;
extern const struct vfy_step_kind vfy_step_copy;
extern const struct vfy_step_kind vfy_step_keystore;
extern const struct vfy_step_kind vfy_step_cloud;
extern const struct vfy_step_kind vfy_step_reload;
extern const struct vfy_step_kind vfy_step_register;
extern const struct vfy_step_kind vfy_step_wait;
extern const struct vfy_step_kind vfy_step_restart;
extern const struct vfy_step_kind vfy_step_unregister;
extern const struct vfy_step_kind vfy_step_verify;
extern const struct vfy_step_kind vfy_step_drop;

/* ---- engine.c ---- */

/* Runs the job to its finish event. BF_OK when that was sent, whatever it says. */
BF_MUST enum bf_err vfy_run_job(struct vfy_channel *ch, const struct vfy_job *job,
                                const struct vfy_secrets *secrets, struct bf_diag *diag);
/* Tells why the run could not even begin, and finishes. diag: the reason in, the
 * channel's error out. */
BF_MUST enum bf_err vfy_run_refuse(struct vfy_channel *ch, bool resuming,
                                   struct bf_diag *diag);
/* ---- setup.c ---- */

/* What follows from the job alone; no errors. */
void vfy_run_init(struct vfy_run *run);
/* Makes the steps, takes the records in, opens the connection to the cluster. */
BF_MUST enum bf_err vfy_run_open(struct vfy_run *run, struct bf_diag *diag);
void vfy_run_close(struct vfy_run *run);
/* The step of a kind (and node), NULL when this run has none. */
/* The kinds of steps in the order of undoing. */
const struct vfy_step_kind *const *vfy_run_undo_order(const struct vfy_run *run,
                                                      size_t *num);
struct vfy_step *vfy_run_step(struct vfy_run *run, const struct vfy_step_kind *kind,
                              size_t node_index);

/* ---- what steps share (common.c) ---- */

/* Printable and reversible: bytes outside 0x20 to 0x7e and "%" become %XX. */
void vfy_pack(struct bf_buf *out, struct bf_bytes in);
BF_MUST bool vfy_unpack(struct bf_buf *out, const char *text);
/* "present ..." with what follows packed, or "absent". */
void vfy_pack_state(struct bf_buf *out, struct bf_bytes in, bool absent);
/* The other way round. READ_BACK when it is neither. */
BF_MUST enum bf_err vfy_unpack_state(struct bf_buf *out, bool *absent, const char *state,
                                     struct bf_diag *diag);
/* Opens S3 once, with the bundle's keys. */
BF_MUST enum bf_err vfy_run_s3(struct vfy_run *run, struct bf_diag *diag);
/* Undoing: an earlier part of this run ended in the midst of its preflight, and its
 * object may be in the bucket. (steps_s3.c) */
void vfy_preflight_clean(struct vfy_run *run);
/* The GET answer (nowhere: absent) against the precondition. LIVE_PRECONDITION; not asked
 * once this run has registered. */
BF_MUST enum bf_err vfy_run_precondition(struct vfy_run *run, struct vfy_at answer,
                                         struct bf_diag *diag);
/* True when some keystore name is set or taken away. */
bool vfy_run_changes_keys(const struct vfy_run *run);
/* True when the live definition is the wanted one (type and settings, scalars as strings;
 * to remove: nowhere). */
bool vfy_run_is_wanted(const struct vfy_run *run, struct vfy_at live);
/* Is name one of the blank separated ones? */
bool vfy_names_have(const char *names, struct bf_bytes name);
/* The first of our keystore names that is not among the blank separated ones, or an empty
 * view. */
struct bf_bytes vfy_run_missing(const struct vfy_run *run, const char *names);
/* Remembers the node that a failure is about. */
void vfy_run_blame(struct vfy_run *run, const char *node);

/* ---- steps_reload.c ---- */

/*
 * Reloads and judges every expected node; after: "node1=ok node2=failed". first: the
 * clause of the first node that failed and did not fail in forgiven, a text of that form;
 * "" when there is none. Keeps what it said with the run.
 */
BF_MUST enum bf_err vfy_run_reload(struct vfy_run *run, const char *forgiven,
                                   struct bf_buf *after, char *first, size_t size,
                                   struct bf_diag *diag);

/* ---- steps_cloud.c ---- */

/* Reads the deployment: the expected nodes are those that it names. Waits for a restart
 * that an earlier part of this run began. NET_*, LIVE_DEPLOYMENT, PLAN_RUNNING. */
BF_MUST enum bf_err vfy_run_expect(struct vfy_run *run, struct bf_diag *diag);
/* The same, and it is started and idle: LIVE_DEPLOYMENT. */
BF_MUST enum bf_err vfy_run_deployment(struct vfy_run *run, struct bf_diag *diag);
/* Is it the deployment of this cluster, as far as the two tell? LIVE_DEPLOYMENT. */
BF_MUST enum bf_err vfy_run_same_cluster(struct vfy_run *run, struct bf_diag *diag);

/* ---- steps_restart.c ---- */

/* Waits for the plan that came after the one noted ("plan ID", "" any) to end; d: the
 * deployment then, owned by caller. PLAN_RUNNING after the time that the job gives,
 * PLAN_FAILED when none begins. */
BF_MUST enum bf_err vfy_run_follow(struct vfy_run *run, const char *noted,
                                   struct vfy_deployment *d, struct bf_diag *diag);

/* ---- discover.c ---- */
BF_MUST enum bf_err vfy_discover(struct vfy_run *run, struct bf_diag *diag);

#endif
