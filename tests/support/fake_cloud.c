/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_cloud.h"

#include <stdio.h>
#include <string.h>

#define BASE "/api/v1/deployments/" FAKE_DEPLOYMENT
#define KEYSTORE BASE "/elasticsearch/main-elasticsearch/keystore"

static char text[8000];

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* ---- the keystore ---- */

static void take_out(char *names, const char *name)
{
    char kept[500] = "";
    char *word, *rest = names;

    while ((word = strsep(&rest, " ")) != NULL) {
        if (word[0] != '\0' && strcmp(word, name) != 0) {
            snprintf(kept + strlen(kept), sizeof(kept) - strlen(kept), "%s%s",
                     kept[0] != '\0' ? " " : "", word);
        }
    }
    snprintf(names, sizeof(kept), "%s", kept);
}

/* {"secrets":{"NAME":{...},...}}: an empty one takes its name out. */
static void change(struct fake_world *w, const char *body)
{
    const char *at = body;
    char name[100];

    while ((at = strstr(at, "\"s3.client.")) != NULL) {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "\""), at + 1);
        take_out(w->cloud.names, name);
        at += strlen(name) + 2;
        if (strncmp(at, ":{}", 3) != 0) {
            snprintf(w->cloud.names + strlen(w->cloud.names),
                     sizeof(w->cloud.names) - strlen(w->cloud.names), "%s%s",
                     w->cloud.names[0] != '\0' ? " " : "", name);
        }
    }
}

static void put_names(const struct fake_world *w)
{
    char names[500], *word, *rest = names;
    size_t n = (size_t)snprintf(text, sizeof(text), "{\"secrets\":{");
    bool more = false;

    snprintf(names, sizeof(names), "%s", w->cloud.names);
    while ((word = strsep(&rest, " ")) != NULL) {
        if (word[0] != '\0') {
            n += (size_t)snprintf(text + n, sizeof(text) - n,
                                  "%s\"%s\":{\"as_file\":false}", more ? "," : "", word);
            more = true;
        }
    }
    snprintf(text + n, sizeof(text) - n, "}}");
}

/* ---- plans ---- */

static void put_plan(char *out, size_t size, int number, bool failed, bool log)
{
    char step[200] = "";

    if (log) {
        snprintf(step, sizeof(step),
                 "{\"info_log\":[],\"stage\":\"completed\",\"started\":\"\",\"status\":"
                 "\"%s\",\"step_id\":\"rolling-restart\"}",
                 failed ? "error" : "success");
    }
    snprintf(out, size,
             "{\"attempt_start_time\":\"2026-11-23T15:%02d:00.000Z\",\"healthy\":%s%s,"
             "\"plan_attempt_id\":\"plan-%d\",\"plan_attempt_log\":[%s],\"warnings\":[]}",
             number, failed ? "false" : "true",
             failed ? ",\"error\":{\"details\":{},\"failure_type\":\"ClusterFailure\","
                      "\"message\":\"node2 did not become ready\",\"timestamp\":\"\"}"
                    : "",
             number, step);
}

static void put_deployment(struct fake_world *w, const char *line)
{
    char current[600] = "", pending[600] = "", history[700] = "";
    const bool failed = w->cloud.plan > 1 && w->cloud.fails;
    const bool runs = w->cloud.pending > 0;
    const bool log = strstr(line, "show_plan_logs=true") != NULL;

    if (runs) {
        put_plan(pending, sizeof(pending), w->cloud.plan, false, log);
        put_plan(current, sizeof(current), 1, false, log);
        if (log) {
            w->cloud.pending--;
        }
    } else {
        put_plan(current, sizeof(current),
                 failed && w->cloud.in_history ? 1 : w->cloud.plan,
                 failed && !w->cloud.in_history, log);
    }
    if (strstr(line, "show_plan_history=true") != NULL) {
        put_plan(history, sizeof(history), w->cloud.plan, failed, log);
    }
    snprintf(text, sizeof(text),
             "{\"healthy\":true,\"id\":\"" FAKE_DEPLOYMENT "\",\"name\":\"d\","
             "\"resources\":{\"elasticsearch\":[{\"id\":\"%s\",\"info\":{\"plan_info\":{"
             "\"current\":%s%s%s,\"healthy\":%s,\"history\":[%s]},\"status\":\"%s\","
             "\"topology\":{\"healthy\":true,\"instances\":[%s]}},\"ref_id\":"
             "\"main-elasticsearch\",\"region\":\"r\"}]}}",
             w->cloud.id, current, runs ? ",\"pending\":" : "", pending,
             failed ? "false" : "true", history, w->cloud.status, w->cloud.nodes);
}

static void restart(struct fake_world *w, struct fake_reply *reply)
{
    if (w->cloud.pending > 0) {
        reply->status = 422;
        reply->body = "{\"errors\":[{\"code\":\"deployments.deployment_resource_plan_"
                      "change_error\",\"message\":\"There are pending plans\"}]}";
        return;
    }
    w->cloud.plan++;
    w->cloud.pending = 2;
    reply->status = 202;
    reply->body = "{\"warnings\":[]}";
}

/* ---- the server ---- */

static void control(void *ctx, const struct fake_request *req, struct fake_reply *reply)
{
    struct fake_world *w = ctx;
    const char *line = req->line;
    const struct fake_rule *rule = fake_rule_for(w, line, "");
    const bool known =
        strstr(req->head, "uthorization: ApiKey " FAKE_CONTROL_KEY "\r\n") != NULL ||
        (strstr(req->head, "uthorization: ApiKey " FAKE_CONTROL_KEY) != NULL);

    fake_log(w, "%s%s\n", line, known ? "" : " (not the key)");
    if (!known) {
        reply->status = 401;
        reply->body =
            "{\"errors\":[{\"code\":\"root.unauthenticated\",\"message\":\"\"}]}";
        return;
    }
    if (rule == NULL || rule->done_too) {
        reply->body = text;
        if (begins(line, "GET " BASE "?")) {
            put_deployment(w, line);
        } else if (strcmp(line, "GET " KEYSTORE) == 0) {
            put_names(w);
        } else if (strcmp(line, "PATCH " KEYSTORE) == 0) {
            change(w, req->body);
            put_names(w);
        } else if (begins(line, "POST " BASE "/elasticsearch/main-elasticsearch/_restart?"
                                "cancel_pending=false&group_attribute=__")) {
            restart(w, reply);
        } else {
            reply->status = 404;
            reply->body = "{\"errors\":[{\"code\":\"deployments.deployment_not_found\","
                          "\"message\":\"no\"}]}";
        }
    }
    if (rule != NULL) {
        fake_obey(rule, reply);
    }
}

void fake_cloud_start(struct fake_target *t)
{
    fake_target_start(t, 2);
    fake_start(&t->control, control, t->world);
    fake_cloud_reset(t);
}

void fake_cloud_reset(struct fake_target *t)
{
    struct vfy_job *j = &t->job;
    struct fake_world *w = t->world;

    j->nodes.num = 2; /* for the reset, which makes the keystores anew */
    fake_target_reset(t);
    j->nodes = (struct bf_list){0, NULL};
    j->target.kind = "ech";
    j->control =
        (struct vfy_server){.auth = "apikey", .ca_file = t->ca, .url = t->control.url};
    j->deployment = FAKE_DEPLOYMENT;
    j->wait = 60;
    j->plan.iam.mode = "none";
    j->plan.preflight = "none";
    j->plan.restart.group = "__zone__";
    j->plan.restart.mode = "if-needed";
    w->distribution[0] = '\0';
    snprintf(w->cluster_name, sizeof(w->cluster_name), "%s", FAKE_RESOURCE);
    snprintf(w->cloud.id, sizeof(w->cloud.id), "%s", FAKE_RESOURCE);
    snprintf(w->cloud.status, sizeof(w->cloud.status), "started");
    snprintf(w->cloud.nodes, sizeof(w->cloud.nodes),
             "{\"instance_name\":\"node2\"},{\"instance_name\":\"node1\"}");
    w->cloud.plan = 1;
}

struct fake_rule *fake_answer(struct fake_target *t, const char *match, int status,
                              const char *body)
{
    struct fake_rule *r = fake_rule(t, match);

    r->status = status;
    fake_set(r->body, sizeof(r->body), body);
    return r;
}

void fake_set(char *out, size_t size, const char *to)
{
    snprintf(out, size, "%s", to);
}

void fake_cloud_restarting(struct fake_target *t)
{
    fake_cloud_reset(t);
    t->job.plan.restart.mode = "always";
    t->job.plan.restart.group = "__name__";
    t->job.plan.restart.skip_snapshot = true;
}
