/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli.h"

/* ---- JSON ---- */

struct vfy_json vfy_json(void)
{
    struct vfy_json j = {bf_buf(16 * 1024 * 1024), false};

    return j;
}

static void start(struct vfy_json *j, const char *key)
{
    bf_put_text(&j->buf, j->more ? "," : "");
    if (key != NULL) {
        bf_json_write_text(&j->buf, key);
        bf_put_text(&j->buf, ":");
    }
    j->more = true;
}

void vfy_json_open(struct vfy_json *j, const char *key, char bracket)
{
    start(j, key);
    bf_put(&j->buf, &bracket, 1);
    j->more = false;
}

void vfy_json_close(struct vfy_json *j, char bracket)
{
    bf_put(&j->buf, &bracket, 1);
    j->more = true;
}

/* Texts that are in the profile go out as they are, so that ids and hashes compare;
 * anything else is shown escaped. */
void vfy_json_text(struct vfy_json *j, const char *key, const char *text)
{
    char shown[2048];
    size_t i, len = strlen(text);
    bool plain = true;

    for (i = 0; i < len; i++) {
        plain = plain && text[i] >= 0x20 && text[i] <= 0x7e;
    }
    start(j, key);
    bf_json_write_text(&j->buf,
                       plain ? text : bf_escape(shown, sizeof(shown), text, len));
}

void vfy_json_num(struct vfy_json *j, const char *key, int64_t num)
{
    start(j, key);
    bf_put_fmt(&j->buf, "%lld", (long long)num);
}

void vfy_json_bool(struct vfy_json *j, const char *key, bool value)
{
    start(j, key);
    bf_put_text(&j->buf, value ? "true" : "false");
}

int vfy_json_out(const struct bf_args *a, struct vfy_json *j, int code)
{
    struct bf_diag diag = {0};

    bf_put_text(&j->buf, "\n");
    if (bf_buf_check(&j->buf, "JSON", &diag) != BF_OK) {
        code = bf_cli_fail(a, &diag);
    } else {
        bf_cli_out(bf_buf_bytes(&j->buf));
    }
    bf_buf_clear(&j->buf);
    return code;
}

/* ---- check ---- */

const char *vfy_verdict_of(const struct bf_diag *why)
{
    if (why->err == BF_OK) {
        return "accepted";
    }
    return bf_err_exit(why->err) == BF_EXIT_REFUSED ? "refused" : "undecided";
}

void vfy_json_why(struct vfy_json *j, const struct bf_diag *why)
{
    vfy_json_text(j, "id", bf_err_id(why->err));
    vfy_json_text(j, "text", bf_err_text(why->err));
    vfy_json_text(j, "where", why->where);
    vfy_json_text(j, "hint", bf_diag_what(why));
}

static void json_checks(struct vfy_json *j, const struct bf_checks *checks)
{
    size_t i;

    vfy_json_open(j, "checks", '[');
    for (i = 0; i < BF_NUM_CHECKS; i++) {
        vfy_json_open(j, NULL, '{');
        vfy_json_text(j, "id", bf_check_id((enum bf_check)i));
        vfy_json_text(j, "result", bf_result_id(checks->result[i]));
        vfy_json_close(j, '}');
    }
    vfy_json_close(j, ']');
}

static void json_signatures(struct vfy_json *j, const struct bf_bundle *b)
{
    size_t i;

    vfy_json_open(j, "signatures", '[');
    for (i = 0; i < b->num_sigs; i++) {
        const struct bf_verdict *v = &b->sigs[i];

        vfy_json_open(j, NULL, '{');
        vfy_json_num(j, "counter", v->counter);
        vfy_json_num(j, "counter_before", v->counter_before);
        vfy_json_text(j, "fingerprint", v->fingerprint);
        vfy_json_num(j, "flags", v->flags);
        vfy_json_text(j, "id", bf_err_id(v->reason));
        vfy_json_text(j, "member", v->entry->name);
        vfy_json_text(j, "person", v->person);
        vfy_json_text(j, "role", v->role);
        vfy_json_text(j, "where", v->where);
        vfy_json_close(j, '}');
    }
    vfy_json_close(j, ']');
}

/* What the manifest says; only once a good author has signed it. */
static void json_bundle(struct vfy_json *j, const struct bf_bundle *b)
{
    if (b->checks.result[BF_CHECK_MANIFEST] != BF_PASSED) {
        return;
    }
    vfy_json_open(j, "bundle", '{');
    vfy_json_text(j, "author", b->m.author);
    vfy_json_text(j, "class", b->m.change.grade);
    vfy_json_text(j, "do", b->m.plan.action);
    vfy_json_text(j, "expires", b->m.expires);
    vfy_json_text(j, "id", b->m.bundle_id);
    vfy_json_text(j, "manifest_sha256", b->sha256);
    vfy_json_text(j, "not_before", b->m.not_before);
    vfy_json_text(j, "repository", b->m.plan.repository);
    vfy_json_num(j, "serial", b->m.serial);
    vfy_json_text(j, "target", b->m.target.id);
    vfy_json_text(j, "ticket", b->m.change.ticket);
    vfy_json_close(j, '}');
}

static void json_check(struct vfy_json *j, const char *file, const struct vfy_look *look,
                       const struct bf_diag *why)
{
    vfy_json_open(j, NULL, '{');
    vfy_json_text(j, "verdict", vfy_verdict_of(why));
    vfy_json_text(j, "scope", look->appliance ? "appliance" : "document");
    vfy_json_why(j, why);
    vfy_json_text(j, "file", file);
    vfy_json_text(j, "now", look->now);
    json_checks(j, &look->bundle.checks);
    json_bundle(j, &look->bundle);
    json_signatures(j, &look->bundle);
    vfy_json_close(j, '}');
}

static void text_check(const char *file, const struct vfy_look *look,
                       const struct bf_diag *why)
{
    static const enum bf_paint paints[] = {BF_PAINT_DIM, BF_PAINT_GREEN, BF_PAINT_RED};
    const struct bf_bundle *b = &look->bundle;
    const char *off = bf_cli_paint(stdout, BF_PAINT_NONE);
    char shown[400];
    size_t i;

    printf("%s%s%s: %s, scope %s\n",
           bf_cli_paint(stdout, why->err == BF_OK ? BF_PAINT_GREEN : BF_PAINT_RED),
           vfy_verdict_of(why), off, bf_escape(shown, sizeof(shown), file, strlen(file)),
           look->appliance ? "appliance" : "document");
    if (b->checks.result[BF_CHECK_MANIFEST] == BF_PASSED) {
        printf("  %s %s on %s, serial %lld, by %s\n", b->m.plan.action,
               b->m.plan.repository, b->m.target.id, (long long)b->m.serial, b->m.author);
    }
    for (i = 0; i < BF_NUM_CHECKS; i++) {
        enum bf_result r = b->checks.result[i];

        printf("  %s%-8s%s %s\n", bf_cli_paint(stdout, paints[r]), bf_result_id(r), off,
               bf_check_id((enum bf_check)i));
    }
    for (i = 0; i < b->num_sigs; i++) {
        const struct bf_verdict *v = &b->sigs[i];

        printf("  %s: %s %s\n", v->entry->name,
               v->reason == BF_OK ? "good," : bf_err_id(v->reason), v->fingerprint);
    }
}

int vfy_report_check(const struct bf_args *a, const char *file,
                     const struct vfy_look *look, const struct bf_diag *why)
{
    struct vfy_json j = vfy_json();
    int code = BF_EXIT_DONE;

    if (a->json) {
        json_check(&j, file, look, why);
        code = vfy_json_out(a, &j, code);
    } else if (!a->quiet) {
        text_check(file, look, why);
    }
    vfy_warn_counters(a, &look->bundle);
    if (why->err != BF_OK) {
        struct bf_diag shown = *why;

        if (a->num_operands > 1) {
            bf_diag_in(&shown, "%s", file);
        }
        code = bf_cli_fail(a, &shown);
    }
    return code;
}
