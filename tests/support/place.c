/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "harness.h"

struct fx *pl_world;
static struct bf_args args = {.quiet = true};

/* The real clock decides in apply and resume: everything in the fixture is moved to lie
 * around now. */
void pl_time(char out[21], int64_t hours)
{
    bf_time_format(out, (int64_t)time(NULL) + hours * 3600);
}

static void make_world(void)
{
    static const enum fx_who roots[] = {FX_ERIN, FX_FRANK};
    static char made[21], ends[21];
    struct fx_trust_parts *p = calloc(1, sizeof(*p));
    struct bf_buf container;
    struct bf_diag diag = {0};

    pl_world = calloc(1, sizeof(*pl_world));
    fx_init(pl_world);
    pl_time(made, -48);
    pl_time(ends, 24 * 300);
    fx_trust_body(p, pl_world);
    p->body.created_at = made;
    p->body.expires = ends;
    fx_trust_container(&container, pl_world, &p->body, roots, 2);
    bf_trust_clear(&pl_world->trust);
    fx_must(bf_trust_load(&pl_world->trust, &container, &diag), &diag, "trust");
    free(p);
}

void pl_bundle(struct bf_buf *out, int64_t serial, const char *prev,
               const char *supersedes)
{
    static char made[21], begins[21], ends[21];
    struct bf_manifest m;

    pl_time(made, -3);
    pl_time(begins, -2);
    pl_time(ends, 48);
    fx_manifest(&m, pl_world, true);
    m.created_at = made;
    m.not_before = begins;
    m.expires = ends;
    m.serial = serial;
    m.prev = prev;
    m.supersedes = supersedes;
    fx_bundle_of(out, pl_world, &m, fx_policy, fx_repository);
    fx_sign(out, pl_world, FX_BOB, FX_BOB, "approve");
    fx_sign(out, pl_world, FX_CAROL, FX_CAROL, "approve");
}

void pl_scenario(struct place *p, const char *scenario)
{
    struct bf_buf text = bf_buf(4096);
    struct bf_diag diag = {0};
    char path[300];

    bf_put_fmt(&text,
               "[prod-eu-1]\nurl = https://es.example.corp:9200\nauth = basic\nuser = "
               "%s\ncredential = file:%s/password\niam.url = https://iam.example.corp\n"
               "iam.region = us-east-1\niam.credential = file:%s/iam\nnode.node1 = %s\n",
               strchr(scenario, ':') != NULL ? "x" : scenario, p->dir, p->dir, p->target);
    ap_write(p->dir, "verify.conf", bf_buf_bytes(&text));
    bf_buf_clear(&text);
    snprintf(path, sizeof(path), "%s/verify.conf", p->dir);
    vfy_conf_clear(&p->site->conf);
    fx_must(vfy_conf_load(&p->site->conf, path, &diag), &diag, "conf");
    /* verify.conf takes no colon in a user's name; the scenarios have one */
    p->site->conf.targets[0].user =
        bf_arena_text(&p->site->conf.arena, bf_text(scenario));
}

static void open_site(struct place *p)
{
    struct bf_diag diag = {0};
    ssize_t n;

    fx_must(vfy_site_open(&p->site, &args, p->dir, NULL, VFY_WRITE, &diag), &diag,
            "site");
    n = readlink("/proc/self/exe", p->site->applier, sizeof(p->site->applier) - 1);
    p->site->applier[n > 0 ? n : 0] = '\0';
}

void pl_begin(struct place *p)
{
    if (pl_world == NULL) {
        make_world();
    }
    memset(p, 0, sizeof(*p));
    ap_make(p->dir, pl_world);
    ap_write(p->dir, "password", bf_text("es-password\n"));
    ap_write(p->dir, "iam", bf_text("AKIDEXAMPLE\nsecret\n"));
    snprintf(p->target, sizeof(p->target), "%s/target", p->dir);
    open_site(p);
    pl_bundle(&p->bundle, 7, "", "");
}

/* A new process: everything that is only in memory is gone. */
void pl_restart(struct place *p)
{
    vfy_checked_free(p->checked);
    p->checked = NULL;
    vfy_work_clear(&p->work);
    if (p->look != NULL) {
        vfy_look_clear(p->look);
        p->look = NULL;
    }
    vfy_site_free(p->site);
    open_site(p);
}

void pl_end(struct place *p)
{
    pl_restart(p);
    vfy_site_free(p->site);
    bf_buf_clear(&p->bundle);
}

enum bf_err pl_check(struct place *p)
{
    struct bf_bytes raw = bf_buf_bytes(&p->bundle);
    struct vfy_ask ask;
    char now[21];

    memset(&p->why, 0, sizeof(p->why));
    bf_cli_now(now);
    ask = vfy_site_ask(p->site, "change.snapseal", now);
    ask.raw = &raw;
    p->look = &p->space;
    return vfy_check(&p->checked, p->look, &ask, &p->why);
}

/* check, work, apply; a restart before. */
struct vfy_result pl_apply(struct place *p, const char *scenario)
{
    const struct vfy_conf_target *conf;
    struct vfy_result result = {0};
    struct bf_diag diag = {0};

    pl_restart(p);
    pl_scenario(p, scenario);
    T_OK(pl_check(p), &p->why);
    T_OK(vfy_conf_target(&conf, &p->site->conf, "prod-eu-1", &diag), &diag);
    T_OK(vfy_work_make(&p->work, p->look, conf, "plan",
                       "00112233445566778899aabbccddeeff", NULL, 0, &diag),
         &diag);
    if (p->look->standing == VFY_AGAIN) {
        T_OK(vfy_prove(&result, p->site, p->checked, &p->work, &diag), &diag);
    } else {
        T_OK(vfy_apply(&result, p->site, p->checked, &p->work, "in/change.snapseal",
                       &diag),
             &diag);
    }
    return result;
}

struct vfy_result pl_resume(struct place *p, const char *scenario, bool undo,
                            bool give_up)
{
    struct vfy_result result = {0};
    struct bf_diag diag = {0};

    pl_restart(p);
    pl_scenario(p, scenario);
    T_OK(vfy_resume(&result, p->site, "prod-eu-1", undo, give_up, &diag), &diag);
    return result;
}

/* How many steps stand: those whose last line is "+". 3 applied, 0 as before. */
int pl_standing(const struct place *p)
{
    static const char *const names[] = {"policy\n", "keystore:node1\n", "register\n"};
    struct bf_buf text;
    struct bf_diag diag = {0};
    bool stands[3] = {false, false, false};
    const char *line;
    size_t i;

    if (access(p->target, F_OK) != 0) {
        return 0;
    }
    fx_must(bf_file_read(&text, p->target, 100000, &diag), &diag, "target");
    for (line = bf_buf_text(&text); *line != '\0'; line += strcspn(line, "\n") + 1) {
        for (i = 0; i < 3; i++) {
            if (strncmp(line + 1, names[i], strlen(names[i])) == 0) {
                stands[i] = line[0] == '+';
            }
        }
    }
    bf_buf_clear(&text);
    return stands[0] + stands[1] + stands[2];
}

bool pl_there(const struct place *p, const char *name)
{
    char path[300];

    snprintf(path, sizeof(path), "%s/runs/prod-eu-1.%s", p->dir, name);
    return access(path, F_OK) == 0;
}

/* Closed: no file of the run is left, the record says outcome. Open: the journal and the
 * bundle are there. */
void pl_closed(struct place *p, const char *outcome)
{
    struct vfy_target_state t;
    struct bf_diag diag = {0};

    pl_restart(p);
    T_TRUE(!pl_there(p, "journal"));
    T_TRUE(!pl_there(p, "bundle"));
    T_TRUE(!pl_there(p, "next"));
    T_TRUE(!pl_there(p, "room"));
    T_OK(vfy_target_load(&t, &p->site->state, "prod-eu-1", &diag), &diag);
    T_TEXT(t.r.intent.outcome, outcome);
    T_INT(t.r.intent.serial, 7);
    T_INT(t.r.applied.serial, strcmp(outcome, "applied") == 0 ? 7 : 0);
    T_INT(t.r.names.num, strcmp(outcome, "applied") == 0 ? 2 : 0);
    T_TRUE((t.r.uncertain[0] != '\0') == (strcmp(outcome, "uncertain") == 0));
    vfy_target_clear(&t);
}

void pl_open(struct place *p)
{
    pl_restart(p);
    T_TRUE(pl_there(p, "journal"));
    T_TRUE(pl_there(p, "bundle"));
    T_TRUE(pl_there(p, "next"));
    T_TRUE(pl_there(p, "room"));
    T_ERR(pl_check(p), BF_JOURNAL_OPEN, &p->why);
}

/* The receipt opens like any other; owned by caller. */
struct bf_receipt_file *pl_receipt(struct place *p, size_t index)
{
    struct bf_receipt_file *f = calloc(1, sizeof(*f));
    const struct bf_trust *trusts[] = {&pl_world->trust};
    struct bf_buf raw;
    struct bf_diag diag = {0};
    char path[300], now[21];

    bf_cli_now(now);
    snprintf(path, sizeof(path), "%s/receipts/%zu.snapseal-receipt", p->dir, index);
    fx_must(bf_file_read(&raw, path, BF_MAX_CONTAINER, &diag), &diag, "receipt");
    T_OK(bf_receipt_open(f, &raw, trusts, 1, now, &diag), &diag);
    return f;
}

void pl_drop(struct bf_receipt_file *f)
{
    bf_receipt_clear(f);
    free(f);
}
