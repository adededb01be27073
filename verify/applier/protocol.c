/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of the frames: one table that the parent writes by and the applier reads
 * by, and the other way round. */
#include "protocol.h"

#include <string.h>

#include "bf/text.h"

#define NUM(fields) (sizeof(fields) / sizeof((fields)[0]))

static bool one_of(const char *text, const char *const *allowed, size_t num)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (strcmp(text, allowed[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_mode(const char *text)
{
    static const char *const modes[] = {"discover", "plan",  "apply",
                                        "probe",    "prove", "undo"};

    return one_of(text, modes, NUM(modes));
}

static bool is_auth(const char *text)
{
    static const char *const kinds[] = {"", "none", "basic", "apikey", "sigv4"};

    return one_of(text, kinds, NUM(kinds));
}

static bool is_event_kind(const char *text)
{
    static const char *const kinds[] = {"progress", "begin",    "end",     "diff",
                                        "fact",     "evidence", "problem", "finish"};

    return one_of(text, kinds, NUM(kinds));
}

static bool is_phase(const char *text)
{
    static const char *const phases[] = {"begin", "end"};

    return one_of(text, phases, NUM(phases));
}

static bool is_filled(const char *text)
{
    return text[0] != '\0';
}

/*
 * The plan has been checked before; here its shape alone counts, and in discover mode,
 * which comes before any bundle, its texts are empty. Hence a table of its own without
 * grammars instead of bf_plan_schema.
 */
#define IN(type, part, member)                                                           \
    (offsetof(struct type, part.member) - offsetof(struct type, part))
#define PART_SIZE(type, part) sizeof(((struct type *)NULL)->part)

static const struct bf_field bucket_fields[] = {
    {.name = "mode", .kind = BF_F_TEXT, .at = IN(bf_plan, bucket, mode)},
    {.name = "name", .kind = BF_F_TEXT, .at = IN(bf_plan, bucket, name)},
    {.name = "ownership", .kind = BF_F_BOOL, .at = IN(bf_plan, bucket, ownership)},
    {.name = "public_block", .kind = BF_F_BOOL, .at = IN(bf_plan, bucket, public_block)},
    {.name = "region", .kind = BF_F_TEXT, .at = IN(bf_plan, bucket, region)},
    {.name = "versioning", .kind = BF_F_BOOL, .at = IN(bf_plan, bucket, versioning)},
};
static const struct bf_schema bucket_schema = {"bucket", PART_SIZE(bf_plan, bucket),
                                               bucket_fields, NUM(bucket_fields)};

static const struct bf_field iam_fields[] = {
    {.name = "arn", .kind = BF_F_TEXT, .at = IN(bf_plan, iam, arn)},
    {.name = "mode", .kind = BF_F_TEXT, .at = IN(bf_plan, iam, mode)},
    {.name = "policy", .kind = BF_F_TEXT, .at = IN(bf_plan, iam, policy)},
    {.name = "user", .kind = BF_F_TEXT, .at = IN(bf_plan, iam, user)},
};
static const struct bf_schema iam_schema = {"iam", PART_SIZE(bf_plan, iam), iam_fields,
                                            NUM(iam_fields)};

static const struct bf_field restart_fields[] = {
    {.name = "group", .kind = BF_F_TEXT, .at = IN(bf_plan, restart, group)},
    {.name = "mode", .kind = BF_F_TEXT, .at = IN(bf_plan, restart, mode)},
    {.name = "skip_snapshot",
     .kind = BF_F_BOOL,
     .at = IN(bf_plan, restart, skip_snapshot)},
};
static const struct bf_schema restart_schema = {"restart", PART_SIZE(bf_plan, restart),
                                                restart_fields, NUM(restart_fields)};

static const struct bf_field s3_fields[] = {
    {.name = "endpoint", .kind = BF_F_TEXT, .at = IN(bf_plan, s3, endpoint)},
    {.name = "path_style", .kind = BF_F_BOOL, .at = IN(bf_plan, s3, path_style)},
    {.name = "region", .kind = BF_F_TEXT, .at = IN(bf_plan, s3, region)},
};
static const struct bf_schema s3_schema = {"s3", PART_SIZE(bf_plan, s3), s3_fields,
                                           NUM(s3_fields)};

static const struct bf_field plan_fields[] = {
    {.name = "analyze", .kind = BF_F_BOOL, .at = offsetof(struct bf_plan, analyze)},
    {.name = "bucket",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct bf_plan, bucket),
     .of = &bucket_schema},
    {.name = "do", .kind = BF_F_TEXT, .at = offsetof(struct bf_plan, action)},
    {.name = "iam",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct bf_plan, iam),
     .of = &iam_schema},
    {.name = "precondition",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_plan, precondition)},
    {.name = "preflight", .kind = BF_F_TEXT, .at = offsetof(struct bf_plan, preflight)},
    {.name = "repository", .kind = BF_F_TEXT, .at = offsetof(struct bf_plan, repository)},
    {.name = "restart",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct bf_plan, restart),
     .of = &restart_schema},
    {.name = "retire", .kind = BF_F_TEXT, .at = offsetof(struct bf_plan, retire)},
    {.name = "s3",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct bf_plan, s3),
     .of = &s3_schema},
};
static const struct bf_schema plan_schema = {"plan", sizeof(struct bf_plan), plan_fields,
                                             NUM(plan_fields)};

static const struct bf_field node_fields[] = {
    {.name = "argv",
     .kind = BF_F_TEXTS,
     .at = offsetof(struct vfy_node, argv),
     .grammar = is_filled,
     .min = 1,
     .max = 64},
    {.name = "name",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_node, name),
     .grammar = is_filled},
};
static const struct bf_schema node_schema = {"node", sizeof(struct vfy_node), node_fields,
                                             NUM(node_fields)};

static const struct bf_field server_fields[] = {
    {.name = "auth",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_server, auth),
     .grammar = is_auth},
    {.name = "ca_file", .kind = BF_F_TEXT, .at = offsetof(struct vfy_server, ca_file)},
    {.name = "region",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_server, region),
     .grammar = bf_is_region_or_empty},
    {.name = "url",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_server, url),
     .grammar = bf_is_url_or_empty},
    {.name = "user", .kind = BF_F_TEXT, .at = offsetof(struct vfy_server, user)},
};
static const struct bf_schema server_schema = {"server", sizeof(struct vfy_server),
                                               server_fields, NUM(server_fields)};

static const struct bf_field record_fields[] = {
    {.name = "after", .kind = BF_F_TEXT, .at = offsetof(struct vfy_record, after)},
    {.name = "before", .kind = BF_F_TEXT, .at = offsetof(struct vfy_record, before)},
    {.name = "phase",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_record, phase),
     .grammar = is_phase},
    {.name = "result", .kind = BF_F_TEXT, .at = offsetof(struct vfy_record, result)},
    {.name = "step",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_record, step),
     .grammar = is_filled},
    {.name = "undo", .kind = BF_F_TEXT, .at = offsetof(struct vfy_record, undo)},
};
static const struct bf_schema record_schema = {"record", sizeof(struct vfy_record),
                                               record_fields, NUM(record_fields)};

static const struct bf_field target_fields[] = {
    {.name = "cluster_uuid", .kind = BF_F_TEXT, .at = IN(vfy_job, target, cluster_uuid)},
    {.name = "id", .kind = BF_F_TEXT, .at = IN(vfy_job, target, id)},
    {.name = "kind", .kind = BF_F_TEXT, .at = IN(vfy_job, target, kind)},
};
static const struct bf_schema target_schema = {"target", PART_SIZE(vfy_job, target),
                                               target_fields, NUM(target_fields)};

static const struct bf_field job_fields[] = {
    {.name = "cluster",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_job, cluster),
     .of = &server_schema},
    {.name = "control",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_job, control),
     .of = &server_schema},
    {.name = "deployment", .kind = BF_F_TEXT, .at = offsetof(struct vfy_job, deployment)},
    {.name = "iam",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_job, iam),
     .of = &server_schema},
    {.name = "mode",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_job, mode),
     .grammar = is_mode},
    {.name = "nodes",
     .kind = BF_F_OBJECTS,
     .at = offsetof(struct vfy_job, nodes),
     .max = VFY_MAX_NODES,
     .of = &node_schema},
    {.name = "plan",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_job, plan),
     .of = &plan_schema},
    {.name = "policy", .kind = BF_F_TEXT, .at = offsetof(struct vfy_job, policy)},
    {.name = "records",
     .kind = BF_F_OBJECTS,
     .at = offsetof(struct vfy_job, records),
     .max = VFY_MAX_RECORDS,
     .of = &record_schema},
    {.name = "removed",
     .kind = BF_F_TEXTS,
     .at = offsetof(struct vfy_job, removed),
     .grammar = bf_is_secret_name,
     .max = VFY_MAX_SECRETS},
    {.name = "repository", .kind = BF_F_TEXT, .at = offsetof(struct vfy_job, repository)},
    {.name = "run_id",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_job, run_id),
     .grammar = bf_is_hex32},
    {.name = "s3",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_job, s3),
     .of = &server_schema},
    {.name = "secrets",
     .kind = BF_F_TEXTS,
     .at = offsetof(struct vfy_job, secrets),
     .grammar = is_filled,
     .max = VFY_MAX_SECRETS},
    {.name = "sts",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_job, sts),
     .of = &server_schema},
    {.name = "target",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_job, target),
     .of = &target_schema},
    {.name = "wait",
     .kind = BF_F_INT,
     .at = offsetof(struct vfy_job, wait),
     .max = INT32_MAX},
};
const struct bf_schema vfy_job_schema = {"job", sizeof(struct vfy_job), job_fields,
                                         NUM(job_fields)};

static const struct bf_field event_fields[] = {
    {.name = "after", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, after)},
    {.name = "before", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, before)},
    {.name = "id", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, id)},
    {.name = "kind",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_event, kind),
     .grammar = is_event_kind},
    {.name = "node", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, node)},
    {.name = "result", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, result)},
    {.name = "step", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, step)},
    {.name = "text", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, text)},
    {.name = "undo", .kind = BF_F_TEXT, .at = offsetof(struct vfy_event, undo)},
};
const struct bf_schema vfy_event_schema = {"event", sizeof(struct vfy_event),
                                           event_fields, NUM(event_fields)};
