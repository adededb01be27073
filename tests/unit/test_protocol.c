/* SPDX-License-Identifier: Apache-2.0 */
/* The frames between snapseal-verify and its applier, and the parent's side with programs
 * that behave well and badly. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applier/protocol.h"
#include "harness.h"
#include "runner.h"

static const char *argv_a[] = {"/usr/bin/ssh", "-T", "node1"};
static struct vfy_node nodes[] = {{.argv = {3, argv_a}, .name = "node1"},
                                  {.argv = {3, argv_a}, .name = "node2"}};
static struct vfy_record records[] = {
    {.phase = "begin", .step = "policy", .undo = "yes", .before = "absent"}};
static const char *names[] = {"cluster.password", "s3.client.x.access_key"};

static struct vfy_job sample(void)
{
    struct vfy_job job = {0};

    job.cluster = (struct vfy_server){
        .auth = "basic", .ca_file = "/ca", .url = "https://c:9200", .user = "admin"};
    job.mode = "apply";
    job.nodes = (struct bf_list){2, nodes};
    job.plan.action = "register";
    job.plan.analyze = true;
    job.plan.bucket.name = "snaps";
    job.plan.bucket.versioning = true;
    job.plan.iam.user = "bob";
    job.plan.restart.mode = "never";
    job.plan.s3.path_style = true;
    job.policy = "{\"Version\":\"2012-10-17\"}";
    job.records = (struct bf_list){1, records};
    job.run_id = "0123456789abcdef0123456789abcdef";
    job.secrets = (struct bf_list){2, names};
    job.target.id = "prod";
    return job;
}

static enum bf_err reread(struct vfy_job *out, struct bf_json_doc *doc,
                          struct bf_buf *text, struct bf_diag *diag)
{
    enum bf_err err = bf_json_parse(doc, bf_buf_bytes(text), BF_JSON_SIGNED, diag);

    return err != BF_OK ? err
                        : bf_schema_read(out, &vfy_job_schema, doc->root, &doc->arena,
                                         BF_APPLIER, diag);
}

static void test_job_comes_back(void)
{
    struct vfy_job job = sample();
    struct vfy_job back;
    struct bf_buf one = bf_buf(VFY_MAX_FRAME), two = bf_buf(VFY_MAX_FRAME);
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};

    bf_schema_write(&one, &vfy_job_schema, &job);
    T_OK(bf_buf_check(&one, "job", &diag), &diag);
    T_OK(reread(&back, &doc, &one, &diag), &diag);
    bf_schema_write(&two, &vfy_job_schema, &back);
    T_BYTES(bf_buf_bytes(&two), bf_buf_bytes(&one));
    T_INT(back.nodes.num, 2);
    T_TEXT(bf_list_text(&BF_LIST_ITEM(&back.nodes, struct vfy_node, 1)->argv, 2),
           "node1");
    T_TEXT(back.plan.bucket.name, "snaps");
    T_TRUE(back.plan.bucket.versioning && back.plan.analyze && back.plan.s3.path_style);
    T_TEXT(back.policy, job.policy);
    bf_json_clear(&doc);
    bf_buf_clear(&one);
    bf_buf_clear(&two);
}

static void test_job_refuses(void)
{
    static const struct {
        const char *from, *to;
    } faults[] = {{"\"mode\":\"apply\"", "\"mode\":\"destroy\""},
                  {"\"name\":\"node1\"", "\"name\":\"\""},
                  {"\"phase\":\"begin\"", "\"phase\":\"during\""},
                  {"0123456789abcdef0", "0123456789ABCDEF0"},
                  {"\"id\":\"prod\"", "\"id\":\"prod\",\"ix\":\"\""},
                  {"\"argv\":[\"/usr/bin/ssh\",\"-T\",\"node1\"]", "\"argv\":[]"}};
    struct vfy_job job = sample();
    struct bf_buf good = bf_buf(VFY_MAX_FRAME);
    size_t i;

    bf_schema_write(&good, &vfy_job_schema, &job);
    T_TRUE(bf_buf_text(&good) != NULL);
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct bf_buf bad = bf_buf(VFY_MAX_FRAME);
        struct bf_json_doc doc = {0};
        struct bf_diag diag = {0};
        const char *at = strstr((const char *)good.ptr, faults[i].from);

        T_TRUE(at != NULL);
        if (at != NULL) {
            bf_put(&bad, good.ptr, (size_t)(at - (const char *)good.ptr));
            bf_put_text(&bad, faults[i].to);
            bf_put_text(&bad, at + strlen(faults[i].from));
            T_ERR(reread(&job, &doc, &bad, &diag), BF_APPLIER, &diag);
        }
        bf_json_clear(&doc);
        bf_buf_clear(&bad);
    }
    bf_buf_clear(&good);
}

/* ---- the parent's side, with shell programs in the applier's place ---- */

struct heard {
    char text[600];
    enum bf_err answer;
};

static enum bf_err hear(void *ctx, const struct vfy_event *e, struct bf_diag *diag)
{
    struct heard *h = ctx;
    size_t len = strlen(h->text);

    snprintf(h->text + len, sizeof(h->text) - len, "%s(%s%s) ", e->kind, e->step,
             e->text);
    return h->answer == BF_OK ? BF_OK : bf_fail(diag, h->answer, "listener");
}

static const char prelude[] =
    "#!/bin/sh\n"
    "send() { printf "
    "'{\"after\":\"\",\"before\":\"\",\"id\":\"\",\"kind\":\"%s\",\"node\":\"\","
    "\"result\":\"\",\"step\":\"%s\",'"
    "'\"text\":\"%s\",\"undo\":\"\"}' \"$1\" \"$2\" \"$3\" >\"$D/f\"\n"
    " n=$(wc -c <\"$D/f\"); printf \"\\\\000\\\\000\\\\$(printf %03o $((n / "
    "256)))\\\\$(printf %03o $((n % 256)))\" >&4; cat \"$D/f\" >&4; }\n"
    "ack() { dd bs=1 count=1 2>/dev/null <&3; }\n"
    "job() { h=$(dd bs=1 count=4 2>/dev/null <&3 | od -An -tu1); set -- $h; dd bs=1 "
    "count=$(($3 * 256 + $4)) 2>/dev/null <&3 >\"$D/job\"; "
    "cat <&5 >\"$D/secrets\"; }\n";

static enum bf_err run_script(const char *body, struct heard *heard, struct bf_diag *diag)
{
    static const uint8_t value[] = "s3cr3t";
    const struct vfy_secret secrets[] = {
        {.name = "cluster.password", .value = {value, 6}}};
    const struct vfy_listener listener = {.event = hear, .ctx = heard};
    struct vfy_job job = sample();
    char path[200];
    FILE *f;

    snprintf(path, sizeof(path), "%s/applier", t_tmpdir());
    f = fopen(path, "w");
    if (f == NULL) {
        abort();
    }
    fprintf(f, "#!/bin/sh\nD=%s\n%s%s", t_tmpdir(), prelude, body);
    fclose(f);
    chmod(path, 0755);
    return vfy_run_applier(path, &job, secrets, 1, &listener, diag);
}

static void test_runner_hands_over(void)
{
    struct heard heard = {0};
    struct bf_diag diag = {0};
    struct bf_buf file = {0};
    char path[200];

    T_OK(run_script("job; send begin policy; a=$(ack); send progress '' \"ack=$a "
                    "env=$(env | grep -vc '^PATH=\\|^PWD=\\|^_=\\|^OLDPWD=')\"\n"
                    "send end policy; ack >/dev/null; send finish\n",
                    &heard, &diag),
         &diag);
    T_TEXT(heard.text, "begin(policy) progress(ack=a env=0) end(policy) finish() ");
    snprintf(path, sizeof(path), "%s/secrets", t_tmpdir());
    T_TRUE(t_read_file(&file, path));
    T_BYTES(bf_buf_bytes(&file),
            bf_view("\0\0\0\020cluster.password\0\0\0\006s3cr3t", 30));
    bf_buf_clear(&file);
}

static void test_runner_bad_ends(void)
{
    static const struct {
        const char *body;
        enum bf_err want;
    } cases[] = {
        {"job; exit 0\n", BF_APPLIER},
        {"job; send finish; exit 3\n", BF_APPLIER},
        {"job; send finish; send progress\n", BF_APPLIER},
        {"job; kill -9 $$\n", BF_APPLIER},
        {"job; printf '\\000\\000' >&4\n", BF_APPLIER},
        {"job; printf '\\177\\000\\000\\000' >&4\n", BF_APPLIER},
        {"job; printf '\\000\\000\\000\\002{}' >&4; sleep 9\n", BF_APPLIER},
        {"job; printf '\\000\\000\\000\\002{[' >&4; sleep 9\n", BF_APPLIER},
        {"job; send dance\n", BF_APPLIER},
        {"exec 3<&-; exec 5<&-; exit 0\n", BF_APPLIER},
        {"exit 127\n", BF_IO},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct heard heard = {0};
        struct bf_diag diag = {0};

        T_ERR(run_script(cases[i].body, &heard, &diag), cases[i].want, &diag);
    }
}

static void test_runner_listener_stops(void)
{
    struct heard heard = {.answer = BF_OUTPUT_WRITE};
    struct bf_diag diag = {0};

    T_ERR(run_script("job; send begin policy; ack; touch \"$D/went-on\"; send finish\n",
                     &heard, &diag),
          BF_OUTPUT_WRITE, &diag);
    T_TEXT(heard.text, "begin(policy) ");
}

T_CASES("protocol", {"job comes back", test_job_comes_back},
        {"job refuses", test_job_refuses}, {"runner hands over", test_runner_hands_over},
        {"runner bad ends", test_runner_bad_ends},
        {"runner listener stops", test_runner_listener_stops});
