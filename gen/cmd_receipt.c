/* SPDX-License-Identifier: Apache-2.0 */
/* receipt import: what an appliance says it did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "cmd.h"
#include "kind.h"
#include "ledger.h"
#include "session.h"

struct importing {
    struct gen_session *s;
    struct gen_archive archive;
    struct gen_records records;
    struct bf_receipt_file file;
    struct bf_log before, after;
    enum gen_move move;
    bool twice; /* this very receipt is known */
};

static enum bf_err open_receipt(struct importing *k, const char *path,
                                struct bf_diag *diag)
{
    struct bf_buf raw = {0};
    enum bf_err err = bf_file_read(&raw, path, BF_MAX_CONTAINER, diag);

    if (err == BF_OK) {
        const char *told = gen_kind_told(bf_buf_bytes(&raw), GEN_WANT_RECEIPT);

        err = bf_receipt_open(&k->file, &raw, k->archive.refs, k->archive.num, k->s->now,
                              diag);
        if (err != BF_OK && told != NULL) {
            bf_diag_in(diag, "%s", told);
        }
    }
    bf_buf_clear(&raw);
    return err;
}

/* [BF-708] one receipt for each place in a log. */
static enum bf_err check_twice(struct importing *k, struct bf_diag *diag)
{
    const struct bf_receipt *r = &k->file.r;
    uint8_t leaf[BF_SHA256];
    bool known;
    enum bf_err err = gen_state_receipt_leaf(&known, leaf, &k->s->state, r->log.origin,
                                             r->log.index, diag);

    k->twice = err == BF_OK && known;
    if (k->twice && memcmp(leaf, k->file.leaf, BF_SHA256) != 0) {
        return bf_fail(diag, BF_RECEIPT_TWICE, "log of %s, receipt %lld", r->log.origin,
                       (long long)r->log.index);
    }
    return err;
}

/*
 * Receipt first, head second, record last: a run that is cut off in between is simply
 * made again, because a receipt that is known already goes the same way.
 */
static enum bf_err keep(struct importing *k, const struct gen_record *known,
                        struct bf_diag *diag)
{
    const struct bf_receipt *r = &k->file.r;
    struct gen_record record;
    enum bf_err err = BF_OK;
    bool news;

    gen_record_with(&record, &news, known, r);
    if (!k->twice) {
        err = gen_state_receipt_put(&k->s->state, &k->file, diag);
    }
    if (err == BF_OK && k->move != GEN_MOVE_NONE) {
        err = gen_state_head_put(&k->s->state, r->log.origin, &k->after, diag);
    }
    if (err == BF_OK && news) {
        err = gen_state_record_put(&k->s->state, &record, diag);
    }
    return err;
}

static void tell(const struct importing *k, const struct gen_record *known)
{
    static const char *const moves[] = {
        [GEN_MOVE_NONE] = "older than the head that is known here, which stays",
        [GEN_MOVE_FIRST] = "the first that is known of this log",
        [GEN_MOVE_NEXT] = "it follows the head",
        [GEN_MOVE_PROVEN] = "it extends the head, by its proof",
    };
    const struct bf_receipt *r = &k->file.r;
    char root[2 * BF_SHA256 + 1];
    uint8_t raw[BF_SHA256];

    bf_log_root(raw, &k->after);
    bf_hex(root, raw, BF_SHA256);
    bf_cli_say(k->s->args, "receipt %lld of %s: %s%s%s, target %s, serial %lld",
               (long long)r->log.index, r->log.origin, r->outcome,
               r->refusal[0] != '\0' ? " " : "", r->refusal, r->target.id,
               (long long)r->serial);
    bf_cli_say(k->s->args, "  change: %s",
               known == NULL              ? "of a bundle that was not made here"
               : known->ticket[0] != '\0' ? known->ticket
                                          : "known by a receipt alone");
    bf_cli_say(k->s->args, "  log: %s; size %llu, root %s",
               k->twice ? "known already" : moves[k->move],
               (unsigned long long)k->after.size, root);
}

static void put_json(struct bf_buf *out, const struct importing *k,
                     const struct gen_record *known)
{
    static const char *const moves[] = {[GEN_MOVE_NONE] = "none",
                                        [GEN_MOVE_FIRST] = "first",
                                        [GEN_MOVE_NEXT] = "next",
                                        [GEN_MOVE_PROVEN] = "proven"};
    const struct bf_receipt *r = &k->file.r;

    bf_put_text(out, "{");
    gen_put_member(out, "bundle", r->bundle.manifest_sha256);
    gen_put_number(out, "index", r->log.index);
    gen_put_bool(out, "known", k->twice);
    gen_put_bool(out, "made_here", known != NULL && known->author[0] != '\0');
    gen_put_member(out, "move", moves[k->move]);
    gen_put_member(out, "origin", r->log.origin);
    gen_put_member(out, "outcome", r->outcome);
    gen_put_member(out, "refusal", r->refusal);
    gen_put_number(out, "serial", r->serial);
    gen_put_number(out, "size", (int64_t)k->after.size);
    gen_put_member(out, "target", r->target.id);
    bf_put_text(out, "}\n");
}

static enum bf_err report(const struct importing *k, const struct gen_record *known,
                          struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(8192);
    enum bf_err err;

    tell(k, known);
    if (!k->s->args->json) {
        return BF_OK;
    }
    put_json(&out, k, known);
    err = bf_buf_check(&out, "report", diag);
    if (err == BF_OK) {
        bf_cli_out(bf_buf_bytes(&out));
    }
    bf_buf_clear(&out);
    return err;
}

static enum bf_err import_one(struct importing *k, const char *path, struct bf_diag *diag)
{
    const struct gen_record *known;
    enum bf_err err;

    bf_receipt_clear(&k->file);
    gen_records_clear(&k->records);
    if ((err = open_receipt(k, path, diag)) != BF_OK ||
        (err = check_twice(k, diag)) != BF_OK ||
        (err = gen_state_records(&k->records, &k->s->state, diag)) != BF_OK ||
        (err = gen_state_head(&k->before, &k->s->state, k->file.r.log.origin, diag)) !=
            BF_OK) {
        return err;
    }
    known = gen_records_find(&k->records, k->file.r.bundle.manifest_sha256);
    if (bf_arg_is(k->s->args, "own") && (known == NULL || known->author[0] == '\0')) {
        return bf_fail(diag, BF_RECEIPT_BUNDLE, "%s",
                       k->file.r.bundle.manifest_sha256); /* [BF-709] */
    }
    if ((err = gen_log_move(&k->after, &k->move, &k->before, &k->file, diag)) != BF_OK ||
        (err = gen_check_expected(known, &k->file, diag)) != BF_OK ||
        (err = keep(k, known, diag)) != BF_OK) {
        return err;
    }
    return report(k, known, diag);
}

static enum bf_err run(struct importing *k, const struct bf_args *a, struct bf_diag *diag)
{
    enum bf_err err;
    size_t i;

    if ((err = gen_session_open(&k->s, a, GEN_STATE_WRITE, GEN_NEED_TRUST, diag)) !=
            BF_OK ||
        (err = gen_state_archive(&k->archive, &k->s->state, diag)) != BF_OK) {
        return err;
    }
    for (i = 0; err == BF_OK && i < a->num_operands; i++) {
        err = import_one(k, a->operands[i], diag);
        if (err != BF_OK) {
            bf_diag_in(diag, "%s", a->operands[i]);
        }
    }
    return err;
}

int gen_cmd_receipt_import(const struct bf_args *a)
{
    struct importing *k = calloc(1, sizeof(*k));
    struct bf_diag diag = {0};
    enum bf_err err =
        k != NULL ? run(k, a, &diag) : bf_fail(&diag, BF_NO_MEMORY, "receipt");

    if (k != NULL) {
        bf_receipt_clear(&k->file);
        gen_records_clear(&k->records);
        gen_archive_clear(&k->archive);
        gen_session_free(k->s);
        free(k);
    }
    return gen_end(a, err, &diag);
}
