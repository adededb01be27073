/* SPDX-License-Identifier: Apache-2.0 */
/* What the appliance knows, offline. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* One target of the trust file that is ours, or one with a record. */
struct row {
    const struct bf_target *target;
    struct vfy_target_state t;
    bool open;
};

static enum bf_err load_row(struct row *r, const struct vfy_state *s,
                            const struct bf_target *target, const struct bf_list *open,
                            struct bf_diag *diag)
{
    r->target = target;
    r->open = bf_list_has(open, target->id);
    return vfy_target_load(&r->t, s, target->id, diag);
}

static void json_row(struct vfy_json *j, const struct row *r)
{
    vfy_json_open(j, NULL, '{');
    vfy_json_text(j, "applied", r->t.r.applied.manifest_sha256);
    vfy_json_num(j, "applied_serial", r->t.r.applied.serial);
    vfy_json_num(j, "debts", (int64_t)r->t.r.debts.num);
    vfy_json_text(j, "id", r->target->id);
    vfy_json_bool(j, "interrupted", r->open);
    vfy_json_text(j, "last_outcome", r->t.r.intent.outcome);
    vfy_json_num(j, "serial", r->t.r.intent.serial);
    vfy_json_num(j, "serial_floor", r->target->serial_floor);
    vfy_json_text(j, "uncertain", r->t.r.uncertain);
    vfy_json_close(j, '}');
}

static void text_row(const struct row *r)
{
    const struct vfy_record_of_target *t = &r->t.r;

    printf("target %s: ", r->target->id);
    if (t->intent.serial == 0) {
        printf("nothing applied yet, serials from %lld",
               (long long)r->target->serial_floor + 1);
    } else {
        printf("serial %lld used, last %s", (long long)t->intent.serial,
               t->intent.outcome);
    }
    if (t->applied.manifest_sha256[0] != '\0') {
        printf(", applied: serial %lld, %.16s", (long long)t->applied.serial,
               t->applied.manifest_sha256);
    }
    if (t->uncertain[0] != '\0') {
        printf(", UNCERTAIN: %.16s must be superseded", t->uncertain);
    }
    printf("%s\n", r->open ? ", INTERRUPTED: run snapseal-verify resume" : "");
}

static void head(char hex[2 * BF_SHA256 + 1], const struct vfy_state *s)
{
    uint8_t root[BF_SHA256];

    bf_log_root(root, &s->ledger.log);
    bf_hex(hex, root, sizeof(root));
}

static void json_head(struct vfy_json *j, const struct vfy_state *s)
{
    char hex[2 * BF_SHA256 + 1];

    head(hex, s);
    vfy_json_text(j, "appliance", s->name);
    vfy_json_open(j, "log", '{');
    vfy_json_text(j, "root", hex);
    vfy_json_num(j, "size", (int64_t)s->ledger.num);
    vfy_json_close(j, '}');
    vfy_json_open(j, "trust", '{');
    if (s->trust.body.version != 0) {
        vfy_json_text(j, "domain", s->trust.body.domain);
        vfy_json_text(j, "expires", s->trust.body.expires);
        vfy_json_text(j, "sha256", s->trust.sha256);
    }
    vfy_json_num(j, "version", s->trust.body.version);
    vfy_json_close(j, '}');
}

static void text_head(const struct vfy_state *s)
{
    char hex[2 * BF_SHA256 + 1], now[21];

    head(hex, s);
    bf_cli_now(now);
    printf("appliance %s\n",
           s->name[0] != '\0' ? s->name : "(no keys yet: run init --name NAME)");
    if (s->trust.body.version == 0) {
        printf("trust: none installed\n");
    } else {
        printf("trust %lld of %s, expires %s%s\n", (long long)s->trust.body.version,
               s->trust.body.domain, s->trust.body.expires,
               strcmp(now, s->trust.body.expires) > 0 ? " (EXPIRED)" : "");
    }
    printf("log: %zu receipts, root %s\n", s->ledger.num, hex);
}

static enum bf_err report(const struct bf_args *a, const struct vfy_state *s,
                          struct bf_diag *diag)
{
    struct vfy_json j = vfy_json();
    struct bf_arena arena = {0};
    struct bf_list open;
    enum bf_err err = vfy_open_runs(&open, &arena, s, diag);
    size_t i;

    if (a->json) {
        vfy_json_open(&j, NULL, '{');
        json_head(&j, s);
        vfy_json_open(&j, "targets", '[');
    } else if (!a->quiet) {
        text_head(s);
    }
    for (i = 0; i < s->trust.body.targets.num && err == BF_OK; i++) {
        const struct bf_target *target =
            BF_LIST_ITEM(&s->trust.body.targets, const struct bf_target, i);
        struct row r = {0};

        if (strcmp(target->appliance, s->name) != 0) {
            continue;
        }
        err = load_row(&r, s, target, &open, diag);
        if (err == BF_OK && a->json) {
            json_row(&j, &r);
        } else if (err == BF_OK && !a->quiet) {
            text_row(&r);
        }
        vfy_target_clear(&r.t);
    }
    if (a->json) {
        vfy_json_close(&j, ']');
        vfy_json_close(&j, '}');
    }
    if (a->json && err == BF_OK) {
        (void)vfy_json_out(a, &j, 0);
    }
    bf_buf_clear(&j.buf);
    bf_arena_clear(&arena);
    return err;
}

int vfy_cmd_status(const struct bf_args *a)
{
    struct vfy_state *s = calloc(1, sizeof(*s));
    struct bf_diag diag = {0};
    enum bf_err err;
    int code = BF_EXIT_DONE;

    if (s == NULL) {
        (void)bf_fail(&diag, BF_NO_MEMORY, "state");
        return bf_cli_fail(a, &diag);
    }
    err = vfy_state_open(s, vfy_arg_state(a), VFY_READ, &diag);
    if (err == BF_OK) {
        err = report(a, s, &diag);
    }
    if (err != BF_OK) {
        code = bf_cli_fail(a, &diag);
    }
    vfy_state_close(s);
    free(s);
    return code;
}
