/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "runner.h"

#define REPOSITORY "/_snapshot/repo"

static struct vfy_record records[FAKE_RECORDS];
static char record_texts[FAKE_RECORDS][6][6000];

/* ---- servers ---- */

static void add(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *out, size_t size, const char *fmt, ...)
{
    const size_t len = strlen(out);
    va_list args;

    va_start(args, fmt);
    vsnprintf(out + len, size - len, fmt, args);
    va_end(args);
}

void fake_log(struct fake_world *w, const char *fmt, ...)
{
    const size_t len = strlen(w->log);
    va_list args;

    va_start(args, fmt);
    vsnprintf(w->log + len, sizeof(w->log) - len, fmt, args);
    va_end(args);
}

/* "$" at the end of match: the whole line. */
static bool meets(const struct fake_rule *r, const char *line, const char *body)
{
    const size_t len = strlen(r->match);

    if (len > 0 && r->match[len - 1] == '$') {
        return strlen(line) == len - 1 && strncmp(line, r->match, len - 1) == 0;
    }
    return len > 0 && (strstr(line, r->match) != NULL || strstr(body, r->match) != NULL);
}

/* The rule that this request meets. */
const struct fake_rule *fake_rule_for(struct fake_world *w, const char *line,
                                      const char *body)
{
    size_t i;

    for (i = 0; i < FAKE_RULES; i++) {
        struct fake_rule *r = &w->rules[i];

        if (meets(r, line, body) && r->skip-- <= 0 && r->times >= 0) {
            r->times = r->times == 1 ? -1 : r->times > 1 ? r->times - 1 : 0;
            return r;
        }
    }
    return NULL;
}

void fake_obey(const struct fake_rule *r, struct fake_reply *reply)
{
    reply->fault = r->fault;
    reply->status = r->status != 0 ? r->status : reply->status;
    reply->type = r->type[0] != '\0' ? r->type : reply->type;
    reply->headers = r->headers;
    reply->body = r->body;
}

static char text[8000];

static void missing(struct fake_reply *reply)
{
    reply->status = 404;
    reply->body = "{\"error\":{\"type\":\"repository_missing_exception\",\"reason\":\"["
                  "repo] missing\"},\"status\":404}";
}

/* The settings as a cluster gives them back: booleans as strings. */
static void repository(struct fake_world *w, struct fake_reply *reply)
{
    char *at;

    if (w->repository[0] == '\0') {
        missing(reply);
        return;
    }
    snprintf(text, sizeof(text), "{\"repo\":%s}", w->repository);
    at = strstr(text, ":true");
    if (at != NULL) {
        memmove(at + 7, at + 5, strlen(at + 5) + 1);
        memcpy(at, ":\"true\"", 7);
    }
    reply->body = text;
}

static void cluster(void *ctx, const struct fake_request *req, struct fake_reply *reply)
{
    struct fake_world *w = ctx;
    const char *line = req->line;
    const struct fake_rule *rule = fake_rule_for(w, line, "");

    add(w->log, sizeof(w->log), "%s%s\n", line,
        strstr(req->head, "uthorization: ") != NULL ? "" : " (no credential)");
    if (rule == NULL || rule->done_too) {
        if (strcmp(line, "GET /") == 0) {
            snprintf(text, sizeof(text),
                     "{\"cluster_name\":\"%s\",\"cluster_uuid\":\"%s\",\"version\":{%"
                     "s\"number\":\"%s\"}}",
                     w->cluster_name, w->uuid, w->distribution, w->version);
            reply->body = text;
        } else if (strncmp(line, "GET /_nodes", 11) == 0) {
            snprintf(text, sizeof(text), "{\"_nodes\":{\"failed\":0},\"nodes\":%s}",
                     w->nodes);
            reply->body = text;
        } else if (strcmp(line, "POST /_nodes/reload_secure_settings") == 0 ||
                   strcmp(line, "POST " REPOSITORY "/_verify") == 0) {
            snprintf(text, sizeof(text), "{\"_nodes\":{\"failed\":0},\"nodes\":%s}",
                     w->nodes);
            reply->body = text;
        } else if (strcmp(line, "GET " REPOSITORY) == 0) {
            repository(w, reply);
        } else if (strcmp(line, "GET /_snapshot/_all") == 0) {
            snprintf(text, sizeof(text),
                     w->repository[0] != '\0' ? "{\"repo\":%s}" : "{}", w->repository);
            reply->body = text;
        } else if (strncmp(line, "PUT " REPOSITORY "?verify=false", 28) == 0) {
            snprintf(w->repository, sizeof(w->repository), "%s", req->body);
            reply->body = "{\"acknowledged\":true}";
        } else if (strcmp(line, "DELETE " REPOSITORY) == 0) {
            w->repository[0] = '\0';
            reply->body = "{\"acknowledged\":true}";
        } else if (strncmp(line, "GET /_cat/", 10) == 0) {
            reply->body = "[{\"node\":\"node1\"}]";
        } else if (strncmp(line, "POST /_security/", 16) == 0) {
            reply->status = 400;
            reply->body = "{\"error\":\"no handler\",\"status\":400}";
        }
    }
    if (rule != NULL) {
        fake_obey(rule, reply);
    }
}

/* The value of a form's parameter, decoded. */
static void form_value(char *out, size_t size, const char *form, const char *name)
{
    const char *at = strstr(form, name);
    size_t n = 0;

    for (at = at != NULL ? at + strlen(name) : "";
         *at != '\0' && *at != '&' && n + 1 < size; at++) {
        unsigned c = (unsigned char)*at;

        if (*at == '%' && sscanf(at + 1, "%2x", &c) == 1) {
            at += 2;
        }
        out[n++] = (char)c;
    }
    out[n] = '\0';
}

static void iam(struct fake_world *w, const char *form, struct fake_reply *reply)
{
    size_t i, n;

    reply->type = "text/xml";
    reply->body = "<R/>";
    if (strstr(form, "Action=PutUserPolicy") != NULL) {
        form_value(w->policy, sizeof(w->policy), form, "PolicyDocument=");
    } else if (strstr(form, "Action=DeleteUserPolicy") != NULL) {
        w->policy[0] = '\0';
    } else if (w->policy[0] == '\0') {
        reply->status = 404;
        reply->body =
            "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>";
    } else { /* percent-encoded, as AWS does it */
        n = (size_t)snprintf(text, sizeof(text), "<R><PolicyDocument>");
        for (i = 0; w->policy[i] != '\0'; i++) {
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%%%02X",
                                  (unsigned char)w->policy[i]);
        }
        snprintf(text + n, sizeof(text) - n, "</PolicyDocument></R>");
        reply->body = text;
    }
}

static void cloud(void *ctx, const struct fake_request *req, struct fake_reply *reply)
{
    struct fake_world *w = ctx;
    const struct fake_rule *rule = fake_rule_for(w, req->line, req->body);

    add(w->log, sizeof(w->log), "%s %.40s\n", req->line,
        strncmp(req->body, "Action=", 7) == 0 ? req->body : "");
    if (rule == NULL || rule->done_too) {
        reply->type = "application/xml";
        reply->body = "";
        if (fake_bucket(&w->bucket, req, reply)) {
            ;
        } else if (strcmp(req->line, "POST /") == 0) {
            iam(w, req->body, reply);
        } else if (strncmp(req->line, "POST /snaps/", 12) == 0) {
            reply->body = "<R><UploadId>2~up/load</UploadId></R>";
        } else if (strstr(req->line, "?uploadId=2~up%2Fload") != NULL) {
            reply->status = req->line[0] == 'D' ? 204 : 200;
        } else if (strncmp(req->line, "PUT /snaps/", 11) == 0) {
            snprintf(w->object, sizeof(w->object), "%s", req->line + 4);
        } else if (strncmp(req->line, "GET /snaps/", 11) == 0) {
            reply->status = strcmp(w->object, req->line + 4) == 0 ? 200 : 404;
            reply->body = "snapseal probe\n";
            if (reply->status == 404 && w->missing[0] != '\0') {
                snprintf(text, sizeof(text), "<Error><Code>%s</Code></Error>",
                         w->missing);
                reply->body = text;
            }
        } else if (w->narrow && (strcmp(req->line, "GET /snaps?acl=") == 0 ||
                                 strcmp(req->line, "GET /snaps?policy=") == 0)) {
            reply->status = 403;
            reply->body = "<Error><Code>AccessDenied</Code></Error>";
        } else if (strncmp(req->line, "POST /snaps?delete=", 19) == 0) {
            w->object[0] = '\0';
            reply->body = "<DeleteResult/>";
        }
    }
    if (rule != NULL) {
        fake_obey(rule, reply);
    }
}

/* ---- nodes ---- */

static void write_file(const char *path, const char *content, mode_t mode)
{
    FILE *f = fopen(path, "w");

    if (f == NULL || fputs(content, f) < 0 || fclose(f) != 0 || chmod(path, mode) != 0) {
        abort();
    }
}

static const char tool_script[] =
    "#!/bin/sh\n"
    "f=$OPENSEARCH_PATH_CONF/opensearch.keystore\n"
    "case $1 in\n"
    "list) cut -d= -f1 \"$f\" ;;\n"
    "add) shift 3; for n in \"$@\"; do IFS= read -r v || exit 74; echo \"Setting $n to "
    "$v\" >&2\n"
    " [ ! -e \"$OPENSEARCH_PATH_CONF/forgetful\" ] || continue\n"
    " grep -v \"^$n=\" \"$f\" >\"$f.new\"; echo \"$n=$v\" >>\"$f.new\"; mv \"$f.new\" "
    "\"$f\"; done ;;\n"
    "remove) shift; for n in \"$@\"; do grep -q \"^$n=\" \"$f\" || exit 78; grep -v "
    "\"^$n=\" \"$f\" >\"$f.new\"\n"
    " mv \"$f.new\" \"$f\"; done; [ ! -e \"$OPENSEARCH_PATH_CONF/greedy\" ] || : >\"$f\" "
    ";;\n"
    "esac\n";

static void make_nodes(struct fake_target *t, size_t num)
{
    static char names[FAKE_NODES][32];
    char script[1500], here[400];
    size_t i;

    if (getcwd(here, sizeof(here)) == NULL) {
        abort();
    }
    snprintf(t->tool, sizeof(t->tool), "%s/tool", t_tmpdir());
    snprintf(t->helper, sizeof(t->helper), "%s/helper", t_tmpdir());
    snprintf(t->broken, sizeof(t->broken), "%s/broken", t_tmpdir());
    write_file(t->tool, tool_script, 0755);
    snprintf(
        script, sizeof(script),
        "#!/bin/sh\n[ ! -e %s ] || exit 255\nexec %s/verify/node/snapseal-node \"$@\"\n",
        t->broken, here);
    write_file(t->helper, script, 0755);
    for (i = 0; i < num; i++) {
        const char *argv[] = {t->helper, "--tool", t->tool, "--conf", t->conf[i]};

        snprintf(names[i], sizeof(names[i]), "node%zu", i + 1);
        snprintf(t->conf[i], sizeof(t->conf[i]), "%s/%s", t_tmpdir(), names[i]);
        (void)mkdir(t->conf[i], 0700);
        memcpy(t->argv[i], argv, sizeof(argv));
        t->nodes[i] = (struct vfy_node){.argv = {5, t->argv[i]}, .name = names[i]};
    }
}

/* ---- the target ---- */

static void make_job(struct fake_target *t, size_t num_nodes)
{
    static const char *names[] = {"cluster.password", "iam.access_key", "iam.secret_key",
                                  "s3.client.x.access_key", "s3.client.x.secret_key"};
    struct vfy_job *j = &t->job;

    *j = (struct vfy_job){.policy = FAKE_POLICY,
                          .repository = FAKE_REPOSITORY,
                          .run_id = "0123456789abcdef0123456789abcdef",
                          .mode = "apply"};
    j->cluster = (struct vfy_server){
        .auth = "basic", .ca_file = t->ca, .url = t->cluster.url, .user = "admin"};
    j->iam = (struct vfy_server){
        .auth = "sigv4", .ca_file = t->ca, .url = t->cloud.url, .region = "us-east-1"};
    j->s3 = j->iam;
    j->nodes = (struct bf_list){num_nodes, t->nodes};
    j->secrets = (struct bf_list){5, names};
    j->plan.action = "register";
    j->plan.bucket.mode = "none";
    j->plan.bucket.name = "snaps";
    j->plan.iam.mode = "apply";
    j->plan.iam.policy = "pol";
    j->plan.iam.user = "bob";
    j->plan.precondition = "any";
    j->plan.preflight = "required";
    j->plan.repository = "repo";
    j->plan.restart.mode = "never";
    j->plan.s3.endpoint = t->cloud.url;
    j->plan.s3.path_style = true;
    j->target.cluster_uuid = FAKE_UUID;
    j->target.id = "prod";
    j->target.kind = "opensearch";
}

void fake_target_start(struct fake_target *t, size_t num_nodes)
{
    *t = (struct fake_target){.world = fake_shared(sizeof(struct fake_world))};
    fake_certificate(t->ca, sizeof(t->ca));
    fake_start(&t->cluster, cluster, t->world);
    fake_start(&t->cloud, cloud, t->world);
    make_nodes(t, num_nodes);
    make_job(t, num_nodes);
    fake_target_reset(t);
}

void fake_target_stop(struct fake_target *t)
{
    fake_stop(&t->cluster);
    fake_stop(&t->cloud);
    fake_stop(&t->control);
}

void fake_target_reset(struct fake_target *t)
{
    const size_t num = t->job.nodes.num;
    char path[400];
    size_t i;

    memset(t->world, 0, sizeof(*t->world));
    snprintf(t->world->uuid, sizeof(t->world->uuid), "%s", FAKE_UUID);
    snprintf(t->world->cluster_name, sizeof(t->world->cluster_name), "fake");
    snprintf(t->world->version, sizeof(t->world->version), "3.8.0");
    snprintf(t->world->distribution, sizeof(t->world->distribution),
             "\"distribution\":\"opensearch\",");
    snprintf(t->world->nodes, sizeof(t->world->nodes),
             num == 1 ? "{\"id1\":{\"name\":\"node1\"}}"
                      : "{\"id2\":{\"name\":\"node2\"},\"id1\":{\"name\":\"node1\"}}");
    make_job(t, num);
    for (i = 0; i < num; i++) {
        snprintf(path, sizeof(path), "%s/opensearch.keystore", t->conf[i]);
        write_file(path, "keystore.seed=abc\n", 0660);
        snprintf(path, sizeof(path), "%s/forgetful", t->conf[i]);
        (void)unlink(path);
        snprintf(path, sizeof(path), "%s/greedy", t->conf[i]);
        (void)unlink(path);
        snprintf(path, sizeof(path), "%s/opensearch.keystore.snapseal-%s.660", t->conf[i],
                 t->job.run_id);
        (void)unlink(path);
    }
    (void)unlink(t->broken);
}

void fake_target_rotates(struct fake_target *t)
{
    t->job.records.num = 0;
    t->job.plan.action = "rotate";
    t->job.plan.retire = "AKIAIOSFODNN7EXAMPL0";
    t->job.repository = "";
}

void fake_target_removes(struct fake_target *t)
{
    static const char *names[] = {"s3.client.x.access_key", "s3.client.x.secret_key"};

    fake_target_rotates(t);
    t->job.plan.action = "remove";
    t->job.plan.iam.mode = "none";
    t->job.plan.preflight = "none";
    t->job.policy = "";
    t->job.removed = (struct bf_list){2, names};
    t->job.secrets.num = 3;
}

struct fake_rule *fake_rule(struct fake_target *t, const char *match)
{
    size_t i = 0;

    while (t->world->rules[i].match[0] != '\0') {
        i++;
        if (i == FAKE_RULES) {
            abort();
        }
    }
    snprintf(t->world->rules[i].match, sizeof(t->world->rules[i].match), "%s", match);
    return &t->world->rules[i];
}

void fake_state(struct fake_target *t, char *out, size_t size)
{
    char command[800];
    FILE *p;
    size_t n;

    n = (size_t)snprintf(out, size, "repository %s\npolicy %s\nobject %s\n",
                         t->world->repository, t->world->policy, t->world->object);
    if (t->world->cloud.status[0] != '\0') {
        n += (size_t)snprintf(out + n, size - n, "cloud %s\n", t->world->cloud.names);
    }
    snprintf(command, sizeof(command),
             "cd %s && for d in node*; do ls -ln $d | cut -d' ' -f1,3,4,9; sha256sum "
             "$d/*; done",
             t_tmpdir());
    p = popen(command, "r");
    if (p != NULL) {
        n += fread(out + n, 1, size - n - 1, p);
        out[n] = '\0';
        pclose(p);
    }
}

/* ---- one run ---- */

static void keep_record(struct vfy_job *job, const struct vfy_event *e)
{
    const size_t i = job->records.num;
    const char *from[6] = {e->kind, e->step, e->undo, e->before, e->result, e->after};
    size_t k;

    if (i == FAKE_RECORDS) {
        abort();
    }
    for (k = 0; k < 6; k++) {
        snprintf(record_texts[i][k], sizeof(record_texts[i][k]), "%s", from[k]);
    }
    records[i] = (struct vfy_record){.phase = record_texts[i][0],
                                     .step = record_texts[i][1],
                                     .undo = record_texts[i][2],
                                     .before = record_texts[i][3],
                                     .result = record_texts[i][4],
                                     .after = record_texts[i][5]};
    job->records = (struct bf_list){i + 1, records};
}

struct listening {
    struct fake_target *target;
    struct fake_told *told;
    struct bf_list
        given; /* the records that the run was given: they must not grow under it */
};

static enum bf_err listen_to(void *ctx, const struct vfy_event *e, struct bf_diag *diag)
{
    struct listening *l = ctx;
    struct fake_told *told = l->told;

    add(told->all, sizeof(told->all), "%s %s %s %s %s %s\n", e->text, e->before, e->after,
        e->id, e->step, e->node);
    if (strcmp(e->kind, "begin") == 0 || strcmp(e->kind, "end") == 0) {
        told->num_records++;
        add(told->steps, sizeof(told->steps), "%s %s %s; ", e->kind, e->step,
            e->kind[0] == 'b' ? e->undo : e->result);
        keep_record(&l->target->job, e);
        if (told->num_records == told->stop_at) {
            return bf_fail(diag, BF_IO, "stopped by the test");
        }
    } else if (strcmp(e->kind, "diff") == 0) {
        add(told->diffs, sizeof(told->diffs), "%s %s %s; ", e->step, e->result, e->text);
    } else if (strcmp(e->kind, "fact") == 0) {
        add(told->facts, sizeof(told->facts), "%s %s %s; ", e->id, e->node, e->text);
    } else if (strcmp(e->kind, "problem") == 0) {
        told->num_problems++;
        snprintf(told->problem, sizeof(told->problem), "%s", e->id);
        snprintf(told->where, sizeof(told->where), "%s", e->text);
        snprintf(told->node, sizeof(told->node), "%s", e->node);
    } else if (strcmp(e->kind, "finish") == 0) {
        snprintf(told->finish, sizeof(told->finish), "%s", e->result);
    }
    return BF_OK;
}

void fake_run(struct fake_target *t, const char *mode, struct fake_told *told)
{
    const struct vfy_secret secrets[] = {
        {"cluster.password", bf_text(FAKE_PASSWORD)},
        {"iam.access_key", bf_text("AKIAIAMIAMIAMIAMIAMI")},
        {"iam.secret_key", bf_text("iam-secret-key-of-the-appliance")},
        {"s3.client.x.access_key", bf_text(FAKE_ID)},
        {"s3.client.x.secret_key", bf_text(FAKE_KEY)},
        {"control.apikey", bf_text(FAKE_CONTROL_KEY)}};
    struct listening l = {.target = t, .told = told};
    const struct vfy_listener listener = {.event = listen_to, .ctx = &l};
    const size_t stop_at = told->stop_at;
    struct bf_diag diag = {0};

    memset(told, 0, sizeof(*told));
    told->stop_at = stop_at;
    t->job.mode = mode;
    told->runner = vfy_run_applier(TEST_APPLIER, &t->job, secrets,
                                   t->job.removed.num > 0 ? 3 : 6, &listener, &diag);
}
