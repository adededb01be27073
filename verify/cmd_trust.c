/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "cli.h"

static struct vfy_state *new_state(void)
{
    struct vfy_state *s = calloc(1, sizeof(*s));

    if (s != NULL) {
        s->lock = -1;
    }
    return s;
}

static void print_trust(const struct bf_args *a, const struct vfy_state *s)
{
    const struct bf_trust *t = &s->trust;
    struct vfy_json j = vfy_json();
    char now[21];
    size_t i;

    bf_cli_now(now);
    if (a->json) {
        vfy_json_open(&j, NULL, '{');
        vfy_json_text(&j, "created_at", t->body.created_at);
        vfy_json_text(&j, "domain", t->body.domain);
        vfy_json_bool(&j, "expired", strcmp(now, t->body.expires) > 0);
        vfy_json_text(&j, "expires", t->body.expires);
        vfy_json_text(&j, "sha256", t->sha256);
        vfy_json_open(&j, "targets", '[');
        for (i = 0; i < t->body.targets.num; i++) {
            vfy_json_text(&j, NULL,
                          BF_LIST_ITEM(&t->body.targets, const struct bf_target, i)->id);
        }
        vfy_json_close(&j, ']');
        vfy_json_num(&j, "version", t->body.version);
        vfy_json_close(&j, '}');
        (void)vfy_json_out(a, &j, 0);
    } else if (!a->quiet) {
        printf("trust %lld of %s, expires %s%s\n  sha256 %s\n",
               (long long)t->body.version, t->body.domain, t->body.expires,
               strcmp(now, t->body.expires) > 0 ? " (EXPIRED)" : "", t->sha256);
    }
}

/* Our keys in it, or somebody must draft again: seals to other keys could not be opened
 * here. */
static void warn_about_keys(const struct bf_args *a, const struct vfy_state *s)
{
    const struct bf_appliance *listed = bf_trust_appliance(&s->trust.body, s->name);
    struct bf_buf ours = bf_buf(8192);
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};
    struct vfy_appliance mine;

    if (s->name[0] == '\0') {
        bf_cli_warn(a, "this appliance has no keys yet: run init --name NAME");
        return;
    }
    if (listed == NULL) {
        bf_cli_warn(a, "this trust file does not know this appliance");
        return;
    }
    if (vfy_state_public(&ours, s, &diag) == BF_OK &&
        bf_json_parse(&doc, bf_view(ours.ptr, ours.len - 1), BF_JSON_SIGNED, &diag) ==
            BF_OK &&
        bf_schema_read(&mine, &vfy_appliance_schema, doc.root, &doc.arena,
                       BF_STATE_DAMAGED, &diag) == BF_OK &&
        (strcmp(mine.receipt_key, listed->receipt_key) != 0 ||
         strcmp(mine.secrets, listed->secrets) != 0 ||
         strcmp(mine.transport, listed->transport) != 0)) {
        bf_cli_warn(
            a,
            "this trust file has other keys for this appliance than those in its state");
    }
    bf_json_clear(&doc);
    bf_buf_clear(&ours);
}

/* *same: the file that is in force already, whoever signed it since: then there is
 * nothing to do. */
static enum bf_err is_installed(bool *same, const struct vfy_state *s,
                                const struct bf_buf *raw, struct bf_diag *diag)
{
    struct bf_container *c = calloc(1, sizeof(*c));
    char sha256[2 * BF_SHA256 + 1] = "";
    enum bf_err err = c != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "trust");

    *same = false;
    if (err == BF_OK && s->trust.body.version != 0 &&
        bf_gate(c, bf_buf_bytes(raw), NULL) == BF_OK) {
        err = bf_sha256_hex(sha256, c->entries[0].data);
        *same = err == BF_OK && strcmp(sha256, s->trust.sha256) == 0;
    }
    free(c);
    return err;
}

static enum bf_err install(struct vfy_state *s, const struct bf_args *a,
                           struct bf_diag *diag)
{
    struct bf_buf raw = bf_buf(BF_MAX_CONTAINER);
    const char *pin = bf_arg(a, "pin");
    char now[21];
    bool same = false;
    enum bf_err err;

    bf_cli_now(now);
    if (pin != NULL && !bf_is_hex64(pin)) {
        return bf_fail(diag, BF_USAGE, "--pin is 64 digits of lower-case hex");
    }
    err = vfy_state_open(s, vfy_arg_state(a), VFY_WRITE, diag);
    if (err == BF_OK) {
        err = bf_file_read(&raw, a->operands[0], BF_MAX_CONTAINER, diag);
    }
    if (err == BF_OK) {
        err = is_installed(&same, s, &raw, diag);
    }
    if (err == BF_OK && same && (pin == NULL || strcmp(pin, s->trust.sha256) == 0)) {
        bf_cli_say(a, "version %lld is installed already",
                   (long long)s->trust.body.version);
    } else if (err == BF_OK) {
        err = vfy_trust_install(s, &raw, pin, now, diag);
    }
    bf_buf_clear(&raw);
    return err;
}

int vfy_cmd_trust_install(const struct bf_args *a)
{
    struct vfy_state *s = new_state();
    struct bf_diag diag = {0};
    int code = BF_EXIT_DONE;

    if (s == NULL) {
        (void)bf_fail(&diag, BF_NO_MEMORY, "state");
        return bf_cli_fail(a, &diag);
    }
    if (install(s, a, &diag) != BF_OK) {
        code = bf_cli_fail(a, &diag);
    } else {
        print_trust(a, s);
        warn_about_keys(a, s);
    }
    vfy_state_close(s);
    free(s);
    return code;
}

int vfy_cmd_trust_show(const struct bf_args *a)
{
    struct vfy_state *s = new_state();
    struct bf_diag diag = {0};
    enum bf_err err;
    int code = BF_EXIT_DONE;

    if (s == NULL) {
        (void)bf_fail(&diag, BF_NO_MEMORY, "state");
        return bf_cli_fail(a, &diag);
    }
    err = vfy_state_open(s, vfy_arg_state(a), VFY_READ, &diag);
    if (err == BF_OK && s->trust.body.version == 0) {
        err = bf_fail(&diag, BF_NO_TRUST, "%s", s->dir);
    }
    if (err != BF_OK) {
        code = bf_cli_fail(a, &diag);
    } else {
        print_trust(a, s);
    }
    vfy_state_close(s);
    free(s);
    return code;
}
