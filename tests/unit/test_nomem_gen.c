/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole verbs of snapseal-gen while each of their allocations fails once: exit code 3,
 * NO_MEMORY in the error line, no output, and nothing leaks (the sanitizer build looks).
 * Linked with --wrap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc_faults.h"
#include "bf/file.h"
#include "cmd.h"
#include "fixture.h"
#include "harness.h"
#include "state.h"

/* ---- a small world on disk ---- */

static struct fx *world;
static char root[200], state[260], change[260], key[260], bob_key[260], secrets[260],
    sealed[260], identity[260], out[260];

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
    fx_must(bf_file_write(path, data, 0600, false, &diag), &diag, name);
}

/* A trust in force today: the fixture's, with times around the clock's. */
static void install(void)
{
    static struct fx_trust_parts parts;
    static const enum fx_who roots[] = {FX_ERIN, FX_FRANK};
    struct bf_trust *trust = calloc(1, sizeof(*trust));
    struct bf_buf container = {0};
    struct gen_state s;
    struct bf_diag diag = {0};
    char today[21], end[21];

    bf_cli_now(today);
    bf_time_format(end, bf_time_parse(today) + 30 * 86400);
    fx_trust_body(&parts, world);
    parts.body.created_at = today;
    parts.body.expires = end;
    fx_trust_container(&container, world, &parts.body, roots, 2);
    fx_must(bf_trust_load(trust, &container, &diag), &diag, "trust");
    fx_must(gen_state_open(&s, state, GEN_STATE_WRITE, &diag), &diag, "state");
    fx_must(gen_state_trust_put(&s, trust, &diag), &diag, "trust");
    gen_state_close(&s);
    bf_trust_clear(trust);
    free(trust);
}

static void prepare(void)
{
    char text[BF_IDENTITY_TEXT];

    world = calloc(1, sizeof(*world));
    fx_init(world);
    snprintf(root, sizeof(root), "%s", t_tmpdir());
    snprintf(state, sizeof(state), "%s/state", root);
    snprintf(out, sizeof(out), "%s/out", root);
    snprintf(sealed, sizeof(sealed), "%s/sealed", root);
    put(change, "change.json", bf_text(change_text));
    put(secrets, "secrets", bf_text(secrets_text));
    put(key, "alice.key", bf_secret_bytes(&world->who[FX_ALICE].keyfile));
    put(bob_key, "bob.key", bf_secret_bytes(&world->who[FX_BOB].keyfile));
    bf_age_identity_write(text, world->who[FX_BOB].age);
    put(identity, "bob.age", bf_text(text));
    install();
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
    static const struct bf_program program = {.name = "snapseal-gen", .version = "test"};
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
        (void)alloc_fail_end();
        stderr = saved_err;
        stdout = saved_out;
        rewind(err);
        text[fread(text, 1, 1199, err)] = '\0';
        fclose(err);
        fclose(sink);
    }
    return code;
}

/*
 * output: the file that the verb makes when it succeeds, or NULL. harmless: so many
 * allocations may fail without the verb failing, because what they were for is not shown.
 */
static void each_allocation(const struct call *c, const char *output, int harmless,
                            long at_least)
{
    char text[1200];
    long n;
    int code;

    for (n = 0; n < 2000; n++) {
        alloc_fail_at(n);
        code = run(c, text);
        if (!alloc_fail_end()) {
            if (code != 0) {
                T_TEXT(text, "(done)");
            }
            T_INT(code, 0);
            break;
        }
        if (code == 0 && harmless > 0) {
            harmless--;
            T_TRUE(output == NULL || unlink(output) == 0);
            continue;
        }
        /* libarchive tells in its own words */
        if (strstr(text, "error: NO_MEMORY: ") == NULL &&
            strstr(text, "error: ARCHIVE: ") == NULL) {
            T_TEXT(text, "NO_MEMORY");
        }
        T_INT(code, 3);
        if (output != NULL) {
            T_TRUE(access(output, F_OK) != 0);
        }
    }
    T_TRUE(n >= at_least && n < 2000);
    if (output != NULL) {
        T_TRUE(access(output, F_OK) == 0);
    }
}

static void lint(void)
{
    const struct call c = {gen_cmd_lint, change, {{"state", state}}};

    prepare();
    each_allocation(&c, NULL, 0, 15);
}

static void seal(void)
{
    const struct call c = {gen_cmd_seal,
                           change,
                           {{"state", state},
                            {"author", "alice"},
                            {"key", key},
                            {"secrets", secrets},
                            {"out", sealed}}};

    each_allocation(&c, sealed, 0, 60);
}

static void inspect(void)
{
    const struct call c = {
        gen_cmd_inspect, sealed, {{"state", state}, {"identity", identity}}};

    each_allocation(&c, NULL, 3, 25);
}

static void approve(void)
{
    const struct call c = {gen_cmd_approve,
                           sealed,
                           {{"state", state},
                            {"identity", identity},
                            {"as", "bob"},
                            {"key", bob_key},
                            {"ticket", "CHG-1"},
                            {"out", out}}};

    each_allocation(&c, out, 4, 50);
}

static void the_rest(void)
{
    static char made[260];
    const struct call status = {gen_cmd_status, NULL, {{"state", state}}};
    const struct call show = {gen_cmd_trust_show, NULL, {{"state", state}}};
    const struct call handout = {gen_cmd_handout, change, {{"state", state}}};
    const struct call draft = {
        gen_cmd_trust_draft,
        NULL,
        {{"state", state}, {"from-installed", NULL}, {"out", made}}};

    snprintf(made, sizeof(made), "%s/draft.json", root);
    each_allocation(&status, NULL, 0, 5);
    each_allocation(&show, NULL, 0, 5);
    each_allocation(&handout, NULL, 0, 15);
    each_allocation(&draft, made, 0, 8);
    fx_clear(world);
    free(world);
}

T_CASES("no memory, verbs", {"lint", lint}, {"seal", seal}, {"inspect", inspect},
        {"approve", approve}, {"the rest", the_rest});
