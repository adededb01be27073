/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_applier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "applier/protocol.h"

static const char *const steps[] = {"live",     "policy", "keystore:node1",
                                    "register", "verify", "keystore.drop:node1"};
enum { NUM_STEPS = sizeof(steps) / sizeof(steps[0]) };

struct fake {
    struct bf_json_doc doc;
    struct vfy_job job;
    const char *scenario, *world;
    long left; /* messages before it dies; -1: never */
};

static bool read_all(int fd, void *ptr, size_t len)
{
    char *at = ptr;

    while (len > 0) {
        ssize_t n = read(fd, at, len);

        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static void say(struct fake *f, const struct vfy_event *e)
{
    static const struct vfy_event empty = {"", "", "", "", "", "", "", "", ""};
    struct vfy_event full = empty;
    const char **to = (const char **)&full;
    const char *const *from = (const char *const *)e;
    struct bf_buf out = bf_buf(VFY_MAX_FRAME), head = bf_buf(4);
    size_t i;
    char ack;

    if (f->left == 0) {
        _exit(0);
    }
    f->left -= f->left > 0 ? 1 : 0;
    for (i = 0; i < sizeof(full) / sizeof(*to); i++) {
        to[i] = from[i] != NULL ? from[i] : "";
    }
    bf_schema_write(&out, &vfy_event_schema, &full);
    bf_put_u32(&head, (uint32_t)out.len);
    if (write(VFY_FD_EVENTS, head.ptr, head.len) != (ssize_t)head.len ||
        write(VFY_FD_EVENTS, out.ptr, out.len) != (ssize_t)out.len) {
        _exit(1);
    }
    if ((strcmp(full.kind, "begin") == 0 || strcmp(full.kind, "end") == 0) &&
        !read_all(VFY_FD_JOB, &ack, 1)) {
        _exit(1);
    }
    bf_buf_clear(&out);
    bf_buf_clear(&head);
}

static void change(const struct fake *f, char sign, const char *step)
{
    char line[100];
    int fd = open(f->world, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int len = snprintf(line, sizeof(line), "%c%s\n", sign, step);

    if (fd < 0 || write(fd, line, (size_t)len) != len) {
        _exit(1);
    }
    close(fd);
}

/* What the records say of a step: 0 nothing, 1 begun and to be undone, 2 done. */
static int state_of(const struct fake *f, const char *step)
{
    int state = 0;
    size_t i;

    for (i = 0; i < f->job.records.num; i++) {
        const struct vfy_record *r =
            BF_LIST_ITEM(&f->job.records, const struct vfy_record, i);

        if (strcmp(r->step, step) != 0) {
            continue;
        }
        if (strcmp(r->phase, "begin") == 0) {
            state = strcmp(r->undo, "yes") == 0 ? 1 : state;
        } else {
            state = strcmp(r->result, "undone") == 0 ? 0 : 2;
        }
    }
    return state;
}

static bool changes(const char *step)
{
    return strcmp(step, "live") != 0 && strcmp(step, "verify") != 0 &&
           strncmp(step, "keystore.drop", 13) != 0;
}

static void finish(struct fake *f, const char *result)
{
    say(f, &(struct vfy_event){.kind = "finish", .result = result});
    _exit(0);
}

static void problem(struct fake *f, const char *id, const char *node, const char *text)
{
    say(f, &(struct vfy_event){.kind = "problem", .id = id, .node = node, .text = text});
}

/* done: how many steps of this run. */
static void undo(struct fake *f, size_t done, bool records)
{
    size_t i;

    for (i = done; i > 0; i--) {
        const char *step = steps[i - 1];

        if (changes(step) && (!records || state_of(f, step) != 0)) {
            change(f, '-', step);
            say(f, &(struct vfy_event){.kind = "end",
                                       .step = step,
                                       .result = "undone",
                                       .after = "as before"});
        }
    }
}

static void facts(struct fake *f)
{
    say(f, &(struct vfy_event){.kind = "fact",
                               .id = "node_digest",
                               .node = "node1",
                               .text = strcmp(f->scenario, "rewritten") == 0
                                           ? FAKE_OTHER_DIGEST " 660 999 995"
                                           : FAKE_DIGEST " 660 999 995"});
    say(f, &(struct vfy_event){
               .kind = "fact", .id = "cluster_uuid", .text = f->job.target.cluster_uuid});
    say(f, &(struct vfy_event){.kind = "fact", .id = "version", .text = "3.8.0"});
    say(f, &(struct vfy_event){
               .kind = "fact", .id = "node_live", .node = "node1", .text = "id1"});
}

static void apply_step(struct fake *f, size_t i)
{
    const char *step = steps[i];
    bool prove = strcmp(f->job.mode, "prove") == 0;
    const char *word = changes(step) && !prove ? "yes" : "none";

    if (strncmp(step, "keystore.drop", 13) == 0) {
        if (prove) {
            return;
        }
        word = "no";
    }

    say(f, &(struct vfy_event){
               .kind = "begin", .step = step, .undo = word, .before = "absent"});
    if (strncmp(f->scenario, "fail:", 5) == 0 && strcmp(f->scenario + 5, step) == 0) {
        say(f,
            &(struct vfy_event){
                .kind = "end", .step = step, .result = "failed", .after = "it said no"});
        problem(f, "APPLY_WRITE", "", "it said no");
        undo(f, i, false);
        finish(f, "undone");
    }
    if (strncmp(f->scenario, "stuck:", 6) == 0 && strcmp(f->scenario + 6, step) == 0) {
        say(f, &(struct vfy_event){
                   .kind = "end", .step = step, .result = "unknown", .after = ""});
        problem(f, "NODE_TOOL", "node1", "no answer");
        finish(f, "uncertain");
    }
    if (changes(step) && !prove) {
        change(f, '+', step);
    }
    if (strcmp(step, "verify") == 0) {
        say(f, &(struct vfy_event){.kind = "fact", .id = "node_seen", .node = "node1"});
        say(f, &(struct vfy_event){
                   .kind = "fact", .id = "node_reload", .node = "node1", .text = "ok"});
        say(f, &(struct vfy_event){.kind = "fact",
                                   .id = "node_names",
                                   .node = "node1",
                                   .text = "keystore.seed s3.client.x"});
        say(f, &(struct vfy_event){.kind = "fact", .id = "probe", .text = "put=ok"});
        say(f, &(struct vfy_event){
                   .kind = "evidence", .step = "verify.json", .text = "{\"nodes\":{}}"});
    }
    say(f, &(struct vfy_event){
               .kind = "end", .step = step, .result = "ok", .after = "done"});
}

static void play(struct fake *f)
{
    bool records = f->job.records.num > 0;
    const char *mode = f->job.mode;
    size_t i;

    if (strcmp(f->scenario, "net") == 0) {
        problem(f, "NET_CONNECT", "", "https://es.example.corp:9200: connection refused");
        finish(f, records ? "uncertain" : "failed");
    }
    if (strcmp(f->scenario, "refuse") == 0 && !records) {
        problem(f, "LIVE_NODES", "", "node2 is configured and not live");
        finish(f, "refused");
    }
    if (strcmp(f->scenario, "drift") == 0) {
        problem(f, "LIVE_DRIFT", "", "the policy was changed");
        finish(f, "refused");
    }
    if (strcmp(f->scenario, "lose") == 0) {
        problem(f, "PREFLIGHT", "", "still not allowed");
        finish(f, "uncertain");
    }
    if (strcmp(mode, "undo") == 0) {
        undo(f, NUM_STEPS, true);
        finish(f, "undone");
    }
    facts(f);
    if (strcmp(mode, "plan") == 0) {
        say(f, &(struct vfy_event){.kind = "diff",
                                   .step = "policy",
                                   .result = "+",
                                   .text = "policy snapshot-access"});
        finish(f, "planned");
    }
    for (i = 0; i < NUM_STEPS; i++) {
        apply_step(f, i);
    }
    finish(f, strcmp(mode, "prove") == 0 ? "proved" : "applied");
}

void fake_applier(void)
{
    struct bf_diag diag = {0};
    struct fake f = {.left = -1};
    uint8_t head[4];
    char *frame;
    size_t len;

    if (strcmp(program_invocation_name, "snapseal-applier") != 0) {
        return;
    }
    if (!read_all(VFY_FD_JOB, head, 4)) {
        _exit(1);
    }
    len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    frame = malloc(len);
    if (frame == NULL || !read_all(VFY_FD_JOB, frame, len) ||
        bf_json_parse(&f.doc, bf_view(frame, len), BF_JSON_SIGNED, &diag) != BF_OK ||
        bf_schema_read(&f.job, &vfy_job_schema, f.doc.root, &f.doc.arena, BF_INTERNAL,
                       &diag) != BF_OK) {
        _exit(2);
    }
    f.scenario = f.job.cluster.user;
    f.world =
        bf_list_text(&BF_LIST_ITEM(&f.job.nodes, const struct vfy_node, 0)->argv, 0);
    if (strncmp(f.scenario, "die:", 4) == 0) {
        f.left = strtol(f.scenario + 4, NULL, 10);
    }
    play(&f);
    _exit(0);
}
