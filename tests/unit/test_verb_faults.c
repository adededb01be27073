/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole verbs of both programs while one call into the system fails: the first of its
 * kind, the second, and so on until the verb needs no more of them. Kinds are memory,
 * reading, and all that changes a disk. Whatever it was, the verb says exit code 3 with
 * one error line and never refuses the file, which has no fault; what it was to make is
 * there whole or not at all; and the next run, on what the failed one left behind, does
 * it. Nothing leaks (the sanitizer build looks).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "bf/receipt.h"
#include "call_faults.h"
#include "cli.h"
#include "cmd.h"
#include "harness.h"
#include "place.h"
#include "tool.h"

/* ---- a small world on disk ---- */

static char root[200], change[260], key[260], bob_key[260], secrets[260], sealed[260],
    identity[260], out[260], trust[260], receipt[260], bundle[260], open_bundle[260],
    gw_identity[260], pin[65];
/* State directories: as they are before a verb, and the copy that it works on. */
static char gen_ready[260], gw_new[260], gw_ready[260], work[260];

static const char change_text[] =
    "{\"type\":\"snapseal/change/1\",\"validity_hours\":24,\"target\":\"prod-eu-1\","
    "\"change\":{\"ticket\":\"CHG-1\",\"reason\":\"why not\",\"class\":\"normal\"},"
    "\"plan\":{\"do\":\"register\",\"analyze\":false,\"repository\":\"s3-secondary\","
    "\"bucket\":{\"mode\":\"none\",\"name\":\"acme-snap\",\"ownership\":false,\"public_"
    "block\":false,"
    "\"region\":\"eu-west-1\",\"versioning\":false},"
    "\"iam\":{\"arn\":\"arn:aws:iam::123456789012:user/"
    "es\",\"mode\":\"apply\",\"policy\":\"pol\",\"user\":\"es\"},"
    "\"precondition\":\"absent\",\"preflight\":\"required\","
    "\"restart\":{\"group\":\"__all__\",\"mode\":\"never\",\"skip_snapshot\":false},"
    "\"retire\":\"\",\"s3\":{\"endpoint\":\"" FX_S3
    "\",\"path_style\":true,\"region\":\"eu-west-1\"}},"
    "\"secrets\":[{\"name\":\"s3.client.c1.access_key\",\"disclose\":true,\"versus\":"
    "\"default\"},"
    "{\"name\":\"s3.client.c1.secret_key\",\"disclose\":false,\"versus\":\"default\"}],"
    "\"policy\":{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Effect\":\"Allow\",\"Action\":[\"s3:ListBucket\"],\"Resource\":\"arn:aws:s3:::"
    "acme-snap\"},"
    "{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\",\"s3:"
    "DeleteObject\"],"
    "\"Resource\":\"arn:aws:s3:::acme-snap/*\"}]},"
    "\"repository\":{\"type\":\"s3\",\"settings\":{\"client\":\"c1\",\"bucket\":\"acme-"
    "snap\"}}}";
static const char secrets_text[] =
    "s3.client.c1.access_key=" FX_ACCESS "\ns3.client.c1.secret_key=" FX_SECRET "\n";

static void put(char path[260], const char *name, struct bf_bytes data)
{
    struct bf_diag diag = {0};

    snprintf(path, 260, "%s/%s", root, name);
    fx_must(bf_file_write(path, data, 0600, true, &diag), &diag, name);
}

/* work becomes a copy of from; "" for a directory that is not there yet. */
static void fresh(const char *from)
{
    const char *gone[] = {"rm", "-rf", "--", work, NULL};
    const char *copy[] = {"cp", "-a", "--", from, work, NULL};

    T_INT(tool_run(gone, bf_text(""), NULL), 0);
    T_TRUE(from[0] == '\0' || tool_run(copy, bf_text(""), NULL) == 0);
}

/* ---- verbs ---- */

struct call {
    int (*run)(const struct bf_args *a);
    const char *operand;
    struct {
        const char *name, *value;
    } given[10];
};

/* Runs the verb with stdout and stderr in files; the error line into text. */
static int run(const struct call *c, char text[1200])
{
    static const struct bf_program program = {.name = "snapseal", .version = "test"};
    struct bf_option options[10];
    struct bf_given given[10];
    struct bf_args a = {.program = &program,
                        .given = given,
                        .operands = (const char *[]){c->operand},
                        .quiet = true};
    FILE *saved_err = stderr, *saved_out = stdout, *err = tmpfile(), *sink = tmpfile();
    int code = -1;
    size_t i;

    for (i = 0; i < 10 && c->given[i].name != NULL; i++) {
        options[i] = (struct bf_option){.name = c->given[i].name};
        given[i] = (struct bf_given){&options[i], c->given[i].value};
    }
    a.num_given = i;
    a.num_operands = c->operand != NULL ? 1 : 0;
    text[0] = '\0';
    if (err != NULL && sink != NULL) {
        stderr = err;
        stdout = sink;
        code = c->run(&a);
        (void)cf_end();
        stderr = saved_err;
        stdout = saved_out;
        rewind(err);
        text[fread(text, 1, 1199, err)] = '\0';
        fclose(err);
        fclose(sink);
    }
    return code;
}

/* One verb, the state that it begins with (NULL: none), and the file that it makes. */
struct trial {
    const char *name;
    struct call call;
    const char *from, *output;
    int harmless; /* so many faults at most may end in success, because what failed was
                     for a hint, or took away what nobody needs */
    long at_least[4]; /* calls of each kind */
};

static bool error_lines(const char *text, size_t want)
{
    size_t num = 0;

    while ((text = strstr(text, ": error: ")) != NULL) {
        text++;
        num++;
    }
    return num == want;
}

/* The output opens to its last byte. */
static bool whole(const char *path)
{
    static struct bf_container c;
    uint8_t *plain = malloc(BF_MAX_CONTAINER);
    struct bf_buf file = {0};
    struct bf_diag diag = {0};
    struct bf_bytes in;
    size_t len = 0;
    enum bf_err err = bf_file_read(&file, path, BF_MAX_SEALED, &diag);

    in = bf_buf_bytes(&file);
    if (err == BF_OK && bf_age_looks_sealed(in)) {
        err = bf_age_open(plain, BF_MAX_CONTAINER, &len, in, pl_world->who[FX_BOB].age, 0,
                          &diag);
        in = bf_view(plain, len);
    }
    if (err == BF_OK && in.len > 0 && in.ptr[0] == '{') {
        err = in.ptr[in.len - 1] == '\n' ? BF_OK : BF_INTERNAL;
    } else if (err == BF_OK) {
        err = bf_gate(&c, in, &diag);
    }
    bf_buf_clear(&file);
    free(plain);
    return err == BF_OK;
}

static void recover(const struct trial *t, enum cf_kind kind, long n)
{
    char text[1200];
    int code;

    if (t->output != NULL && access(t->output, F_OK) == 0) {
        T_TRUE(whole(t->output));
        T_INT(unlink(t->output), 0);
    }
    code = run(&t->call, text);
    if (code != 0) {
        fprintf(stderr, "%s, kind %d, fault %ld, then: %s", t->name, kind, n, text);
    }
    T_INT(code, 0);
    T_TRUE(t->output == NULL || whole(t->output));
}

/* False when there was no n-th call of that kind. */
static bool once(const struct trial *t, enum cf_kind kind, long n, int *harmless)
{
    static bool stale; /* the state is not as it was; copying it takes longest */
    char text[1200];
    int code;

    if (t->from != NULL && (n == 0 || stale)) {
        fresh(t->from);
    }
    stale = kind != CF_MEMORY;
    if (t->output != NULL) {
        (void)unlink(t->output);
    }
    cf_fail_at(kind, n);
    code = run(&t->call, text);
    if (!cf_end()) {
        if (code != 0) {
            fprintf(stderr, "%s, without a fault: %s", t->name, text);
        }
        T_INT(code, 0);
        T_TRUE(t->output == NULL || whole(t->output));
        return false;
    }
    if (code == 0) {
        stale = true;
        (*harmless)++;
        T_TRUE(t->output == NULL || whole(t->output));
    } else if (code != 3 || !error_lines(text, 1)) {
        fprintf(stderr, "%s, kind %d, fault %ld: exit %d: %s\n", t->name, kind, n, code,
                text);
        T_INT(code, 3);
        T_TRUE(error_lines(text, 1));
    }
    /* a verb that only reads leaves nothing to recover from */
    if ((t->from != NULL || t->output != NULL) && (kind != CF_MEMORY || n % 8 == 0)) {
        recover(t, kind, n);
        stale = true;
    }
    return true;
}

static void each_fault(const struct trial *t)
{
    int kind, harmless = 0;
    long n, num[4] = {0};

    for (kind = CF_MEMORY; kind <= CF_STORAGE; kind++) {
        for (n = 0; n < 3000 && once(t, (enum cf_kind)kind, n, &harmless); n++) {
        }
        num[kind] = n;
        T_TRUE(n >= t->at_least[kind] && n < 3000);
    }
    printf("%s: %ld allocations, %ld reads, %ld writes; %d harmless\n", t->name, num[1],
           num[2], num[3], harmless);
    T_TRUE(harmless <= t->harmless);
}

/* ---- the trials ---- */

static void make_receipt(void)
{
    struct bf_receipt r;
    struct bf_buf container = {0};
    struct bf_diag diag = {0};
    char digest[65], now[21];

    fx_must(bf_sha256_hex(digest, bf_text("")), NULL,
            "hash"); /* the empty log's root, too */
    pl_time(now, -1);
    fx_receipt(&r, pl_world, now);
    r.bundle.id = r.receipt_id = "00112233445566778899aabbccddeeff";
    r.bundle.manifest_sha256 = r.config_sha256 = r.log.prev_root = digest;
    fx_must(bf_receipt_make(&container, &r, NULL, 0, &pl_world->who[FX_GW].signer, &diag),
            &diag, "receipt");
    put(receipt, "receipt", bf_buf_bytes(&container));
    bf_buf_clear(&container);
}

static void copy_work(char to[260], const char *name)
{
    const char *copy[] = {"cp", "-a", "--", work, to, NULL};

    snprintf(to, 260, "%s/%s", root, name);
    T_INT(tool_run(copy, bf_text(""), NULL), 0);
}

static void prepare(void)
{
    const struct call install = {
        gen_cmd_trust_install, trust, {{"state", work}, {"pin", pin}}};
    static struct place p;
    char text[1200], path[300], dir[200];
    struct bf_buf b = {0};

    pl_begin(&p);
    snprintf(root, sizeof(root), "%s", t_tmpdir());
    snprintf(work, sizeof(work), "%s/work", root);
    snprintf(out, sizeof(out), "%s/out", root);
    snprintf(sealed, sizeof(sealed), "%s/sealed", root);
    snprintf(pin, sizeof(pin), "%s", pl_world->trust.sha256);
    put(change, "change.json", bf_text(change_text));
    put(secrets, "secrets", bf_text(secrets_text));
    put(key, "alice.key", bf_secret_bytes(&pl_world->who[FX_ALICE].keyfile));
    put(bob_key, "bob.key", bf_secret_bytes(&pl_world->who[FX_BOB].keyfile));
    put(trust, "trust", bf_buf_bytes(&pl_world->trust.raw));
    b = bf_buf(400);
    ap_identity(&b, pl_world->who[FX_BOB].age);
    put(identity, "bob.age", bf_buf_bytes(&b));
    bf_buf_clear(&b);
    ap_identity(&b, pl_world->secrets);
    put(gw_identity, "gw.age", bf_buf_bytes(&b));
    bf_buf_clear(&b);
    put(open_bundle, "open", bf_buf_bytes(&p.bundle));
    ap_seal(&b, pl_world, bf_buf_bytes(&p.bundle));
    put(bundle, "bundle", bf_buf_bytes(&b));
    bf_buf_clear(&b);
    make_receipt();
    ap_make(dir, pl_world);
    snprintf(gw_ready, sizeof(gw_ready), "%s", dir);
    ap_make(dir, pl_world);
    snprintf(gw_new, sizeof(gw_new), "%s", dir);
    snprintf(path, sizeof(path), "%s/trust/1.snapseal-trust", dir);
    T_INT(unlink(path), 0);
    fresh("");
    T_INT(run(&install, text), 0);
    copy_work(gen_ready, "ready");
    pl_end(&p);
}

static void author(void)
{
    const struct trial trials[] = {
        {"lint",
         {gen_cmd_lint, change, {{"state", gen_ready}}},
         NULL,
         NULL,
         0,
         {0, 15, 2}},
        {"seal",
         {gen_cmd_seal,
          change,
          {{"state", work},
           {"author", "alice"},
           {"key", key},
           {"secrets", secrets},
           {"out", sealed}}},
         gen_ready,
         sealed,
         4,
         {0, 60, 4, 4}},
    };

    prepare();
    each_fault(&trials[0]);
    each_fault(&trials[1]);
}

static void approver(void)
{
    const struct trial trials[] = {
        {"inspect",
         {gen_cmd_inspect, sealed, {{"state", gen_ready}, {"identity", identity}}},
         NULL,
         NULL,
         3,
         {0, 25, 3}},
        {"approve",
         {gen_cmd_approve,
          sealed,
          {{"state", work},
           {"identity", identity},
           {"as", "bob"},
           {"key", bob_key},
           {"ticket", "CHG-1"},
           {"out", out}}},
         gen_ready,
         out,
         8,
         {0, 50, 4, 3}},
    };

    each_fault(&trials[0]);
    each_fault(&trials[1]);
}

static void everybody(void)
{
    static char made[260];
    const struct trial trials[] = {
        {"status",
         {gen_cmd_status, NULL, {{"state", gen_ready}}},
         NULL,
         NULL,
         0,
         {0, 5, 1}},
        {"trust show",
         {gen_cmd_trust_show, NULL, {{"state", gen_ready}}},
         NULL,
         NULL,
         0,
         {0, 5, 1}},
        {"handout",
         {gen_cmd_handout, change, {{"state", gen_ready}}},
         NULL,
         NULL,
         0,
         {0, 15, 2}},
        {"trust draft",
         {gen_cmd_trust_draft,
          NULL,
          {{"state", work}, {"from-installed", NULL}, {"out", made}}},
         gen_ready,
         made,
         1,
         {0, 8, 1, 3}},
        {"trust install",
         {gen_cmd_trust_install, trust, {{"state", work}, {"pin", pin}}},
         "",
         NULL,
         1,
         {0, 10, 1, 3}},
        {"receipt import",
         {gen_cmd_receipt_import, receipt, {{"state", work}}},
         gen_ready,
         NULL,
         3,
         {0, 20, 2, 6}},
    };
    size_t i;

    snprintf(made, sizeof(made), "%s/draft.json", root);
    for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        each_fault(&trials[i]);
    }
}

static void appliance(void)
{
    const struct trial trials[] = {
        {"verify trust install",
         {vfy_cmd_trust_install, trust, {{"state", work}, {"pin", pin}}},
         gw_new,
         NULL,
         16,
         {0, 10, 1, 3}},
        {"verify trust install, again",
         {vfy_cmd_trust_install, trust, {{"state", work}}},
         gw_ready,
         NULL,
         16,
         {0, 10, 1}},
        {"check, on the appliance",
         {vfy_cmd_check, bundle, {{"state", gw_ready}}},
         NULL,
         NULL,
         0,
         {0, 30, 4}},
        {"check, of a document",
         {vfy_cmd_check,
          open_bundle,
          {{"trust", trust}, {"pin", pin}, {"identity", gw_identity}}},
         NULL,
         NULL,
         0,
         {0, 30, 3}},
    };
    size_t i;

    for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        each_fault(&trials[i]);
    }
}

T_CASES("faults in verbs", {"author", author}, {"approver", approver},
        {"everybody", everybody}, {"appliance", appliance});
