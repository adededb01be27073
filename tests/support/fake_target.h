/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A target that is not there: a cluster, IAM and S3 on fake servers, and nodes whose
 * keystore tool is a shell script behind the real helper. It keeps state as the real ones
 * do, misbehaves where a test says so, and runs the real applier.
 */
#ifndef TEST_FAKE_TARGET_H
#define TEST_FAKE_TARGET_H

#include "applier/protocol.h"
#include "fake_server.h"

enum { FAKE_NODES = 2, FAKE_RULES = 4, FAKE_RECORDS = 200 };

#define FAKE_UUID "uuid-of-the-fake-0000x"
#define FAKE_ID "AKIAIOSFODNN7EXAMPLE"
#define FAKE_KEY "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define FAKE_PASSWORD "cluster-pass-word"
#define FAKE_POLICY                                                                      \
    "{\"Statement\":[{\"Action\":[\"s3:*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}],"  \
    "\"Version\":\"2012-10-17\"}"
#define FAKE_REPOSITORY                                                                  \
    "{\"settings\":{\"base_path\":\"p\",\"bucket\":\"snaps\",\"client\":\"x\","          \
    "\"compress\":true},\"type\":\"s3\"}"

/* What the next requests meet. A rule fires when the request line (or a form) contains
 * match, or is it up to a final "$", after skip times, and then always. */
struct fake_rule {
    char match[80];
    int skip;
    int times; /* 0: always */
    enum fake_fault fault;
    int status;
    char type[40];
    char headers[200];
    char body[1500];
    bool done_too; /* what the request asks for happens nevertheless */
};

/* Settings by enum vfy_setting; arn: what STS says, "" a server without STS. */
struct fake_bucket {
    bool there, taken, full;
    bool on[3], lacking[3];
    char region[40];
    char arn[200];
};

/* Shared with the servers. */
struct fake_world {
    char uuid[40];
    char cluster_name[40];
    char distribution[40];
    char version[20];
    char nodes[200];       /* the cluster's _nodes answer's "nodes" */
    char repository[2000]; /* {"settings":..,"type":..}; "" absent */
    char policy[4000];     /* "" absent */
    char object[400];      /* path of the one S3 object; "" none */
    char missing[40];      /* the code for an object that is not there; "" none */
    bool narrow;           /* S3 refuses to tell ACL and policy of the bucket */
    struct fake_bucket bucket;
    struct fake_rule rules[FAKE_RULES];
    struct {
        char names[500]; /* of the keystore, blank separated */
        char status[20]; /* of the resource */
        char nodes[300]; /* its instances */
        char id[40];     /* of the resource */
        int plan;        /* number of the last attempt */
        int pending;     /* so many more looks with logs until it ends; 0: none runs */
        bool fails;      /* it will have failed */
        bool in_history; /* what failed is there only */
    } cloud;
    char log[16000]; /* request lines, one after the other, each with "\n" */
};

struct fake_target {
    struct fake_world *world;
    struct fake_server cluster, cloud, control;
    char ca[300];
    char conf[FAKE_NODES][300];
    char tool[300];
    char helper[300]; /* the command of every node: a wrapper of ours around the real one
                       */
    char broken[300]; /* while this file is there, the wrapper fails */
    struct vfy_job job;
    struct vfy_node nodes[FAKE_NODES];
    const char *argv[FAKE_NODES][8];
};

#define FAKE_CONTROL_KEY "control-api-key-of-the-appliance"

/* What a run told. */
struct fake_told {
    char steps[6000]; /* "begin live none; end live ok; ..." */
    char diffs[2000];
    char facts[6000]; /* "id node text; " */
    char all[60000];  /* every text of every event */
    char problem[40], where[500], node[130], finish[20];
    size_t num_problems;
    size_t stop_at; /* in: the listener fails at this record, 0 never */
    size_t num_records;
    enum bf_err runner;
};

/* What the bucket's own calls and STS answer; false: another call. (fake_bucket.c) */
bool fake_bucket(struct fake_bucket *b, const struct fake_request *req,
                 struct fake_reply *reply);
void fake_target_start(struct fake_target *t, size_t num_nodes);
void fake_target_stop(struct fake_target *t);
/* Everything as at the beginning: no repository, no policy, keystores with the seed
 * alone, no rules, no records. */
void fake_target_reset(struct fake_target *t);
/* After a reset: the job changes the keys of what is registered, or takes all away. */
void fake_target_rotates(struct fake_target *t);
void fake_target_removes(struct fake_target *t);
struct fake_rule *fake_rule(struct fake_target *t, const char *match);
/* For the servers: the rule that a request meets, or NULL; what it makes of the reply. */
const struct fake_rule *fake_rule_for(struct fake_world *w, const char *line,
                                      const char *body);
void fake_obey(const struct fake_rule *r, struct fake_reply *reply);
void fake_log(struct fake_world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Runs the applier; its records are kept, and given back to it at the next run until the
 * reset. */
void fake_run(struct fake_target *t, const char *mode, struct fake_told *told);
/* All of what can be changed, as one text to compare. */
void fake_state(struct fake_target *t, char *out, size_t size);

#endif
