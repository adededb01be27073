/* SPDX-License-Identifier: Apache-2.0 */
/* receipts and log prove: the ledger, offline. */
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "cli.h"

static void json_entry(struct vfy_json *j, const struct vfy_entry *e)
{
    vfy_json_open(j, NULL, '{');
    vfy_json_text(j, "class", e->grade);
    vfy_json_text(j, "finished", e->finished);
    vfy_json_num(j, "index", e->index);
    vfy_json_text(j, "leaf", e->leaf);
    vfy_json_text(j, "manifest_sha256", e->manifest_sha256);
    vfy_json_text(j, "outcome", e->outcome);
    vfy_json_text(j, "receipt_id", e->receipt_id);
    vfy_json_text(j, "refusal", e->refusal);
    vfy_json_num(j, "serial", e->serial);
    vfy_json_text(j, "target", e->target);
    vfy_json_num(j, "trust", e->trust);
    vfy_json_close(j, '}');
}

static void text_entry(const struct vfy_entry *e)
{
    printf("%4lld  %s  %-9s %s serial %lld  %.16s%s%s\n", (long long)e->index,
           e->finished, e->outcome, e->target, (long long)e->serial, e->manifest_sha256,
           e->refusal[0] != '\0' ? "  " : "", e->refusal);
}

static int list(const struct bf_args *a, const struct vfy_ledger *l)
{
    struct vfy_json j = vfy_json();
    size_t i;

    if (!a->json) {
        for (i = 0; i < l->num && !a->quiet; i++) {
            text_entry(&l->entries[i]);
        }
        return BF_EXIT_DONE;
    }
    vfy_json_open(&j, NULL, '[');
    for (i = 0; i < l->num; i++) {
        json_entry(&j, &l->entries[i]);
    }
    vfy_json_close(&j, ']');
    return vfy_json_out(a, &j, BF_EXIT_DONE);
}

/* The receipt's own manifest: it is JSON already, and what was signed. */
static enum bf_err show(const struct vfy_state *s, size_t index, struct bf_diag *diag)
{
    struct bf_container *c = calloc(1, sizeof(*c));
    struct bf_buf raw = bf_buf(BF_MAX_CONTAINER);
    enum bf_err err = c != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "receipt");

    if (err == BF_OK) {
        err = vfy_receipt_read(c, &raw, s, index, diag);
    }
    if (err == BF_OK) {
        bf_cli_out(c->entries[0].data);
        bf_cli_out(bf_text("\n"));
    }
    bf_buf_clear(&raw);
    free(c);
    return err;
}

static enum bf_err one(const struct bf_args *a, const struct vfy_state *s,
                       struct bf_diag *diag)
{
    int64_t index;
    enum bf_err err = bf_arg_number(&index, "N", a->operands[0], 0, INT64_MAX / 16, diag);

    if (err == BF_OK && index >= (int64_t)s->ledger.num) {
        err = bf_fail(diag, BF_USAGE, "there are %zu receipts, counted from 0",
                      s->ledger.num);
    }
    if (err != BF_OK) {
        return err;
    }
    if (bf_arg_is(a, "out")) {
        return vfy_receipt_copy(s, (size_t)index, bf_arg(a, "out"), bf_arg_is(a, "force"),
                                diag);
    }
    return a->quiet ? BF_OK : show(s, (size_t)index, diag);
}

static enum bf_err prove(const struct bf_args *a, const struct vfy_state *s,
                         struct bf_diag *diag)
{
    uint8_t proof[64][BF_SHA256], from_root[BF_SHA256], root[BF_SHA256];
    char hex[2 * BF_SHA256 + 1];
    struct vfy_json j = vfy_json();
    int64_t from, to = (int64_t)s->ledger.num;
    size_t num = 0, i;
    enum bf_err err =
        bf_arg_number(&from, "N", a->operands[0], 0, (int64_t)s->ledger.num, diag);

    if (err == BF_OK && bf_arg_is(a, "to")) {
        err = bf_arg_number(&to, "--to", bf_arg(a, "to"), from, (int64_t)s->ledger.num,
                            diag);
    }
    if (err == BF_OK) {
        err = vfy_ledger_root(from_root, &s->ledger, (size_t)from, diag);
    }
    if (err == BF_OK) {
        err = vfy_ledger_root(root, &s->ledger, (size_t)to, diag);
    }
    if (err == BF_OK) {
        err = vfy_ledger_prove(proof, &num, &s->ledger, (size_t)from, (size_t)to, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    vfy_json_open(&j, NULL, '{');
    vfy_json_num(&j, "from", from);
    bf_hex(hex, from_root, sizeof(from_root));
    vfy_json_text(&j, "from_root", hex);
    vfy_json_text(&j, "origin", s->name);
    vfy_json_open(&j, "proof", '[');
    for (i = 0; i < num; i++) {
        bf_hex(hex, proof[i], BF_SHA256);
        vfy_json_text(&j, NULL, hex);
    }
    vfy_json_close(&j, ']');
    bf_hex(hex, root, sizeof(root));
    vfy_json_text(&j, "root", hex);
    vfy_json_num(&j, "size", to);
    vfy_json_text(&j, "type", "snapseal/log-proof/1");
    vfy_json_close(&j, '}');
    (void)vfy_json_out(a, &j, 0);
    return BF_OK;
}

static int with_state(const struct bf_args *a, bool proving)
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
    if (err == BF_OK && proving) {
        err = prove(a, s, &diag);
    } else if (err == BF_OK && a->num_operands == 0) {
        code = list(a, &s->ledger);
    } else if (err == BF_OK) {
        err = one(a, s, &diag);
    }
    if (err != BF_OK) {
        code = bf_cli_fail(a, &diag);
    }
    vfy_state_close(s);
    free(s);
    return code;
}

int vfy_cmd_receipts(const struct bf_args *a)
{
    return with_state(a, false);
}

int vfy_cmd_log_prove(const struct bf_args *a)
{
    return with_state(a, true);
}
