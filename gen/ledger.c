/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PROOF = 128 };

/* Whether the receipt's proof leads from (size, root) to the log before the receipt. */
static enum bf_err extends(bool *yes, const struct bf_receipt *r, uint64_t size,
                           const uint8_t root[BF_SHA256], const struct bf_log *before,
                           struct bf_diag *diag)
{
    uint8_t to[BF_SHA256], (*proof)[BF_SHA256] = calloc(MAX_PROOF, sizeof(*proof));
    size_t i, num = r->consistency.num;
    enum bf_err err = proof != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "proof");

    *yes = false;
    for (i = 0; err == BF_OK && i < num; i++) {
        const char *hex = bf_list_text(&r->consistency, i);

        if (i == MAX_PROOF || !bf_unhex(proof[i], BF_SHA256, hex, strlen(hex))) {
            err = bf_fail(diag, BF_RECEIPT_LOG, "consistency: hash %zu",
                          i + 1); /* [BF-706] */
        }
    }
    if (err == BF_OK) {
        bf_log_root(to, before);
        *yes = bf_log_consistent((const uint8_t(*)[BF_SHA256])proof, num, size, root,
                                 before->size, to);
    }
    free(proof);
    return err;
}

static enum bf_err no_extension(const struct bf_receipt *r, uint64_t size,
                                struct bf_diag *diag)
{
    return bf_fail(diag, BF_RECEIPT_PROOF, "log of %s: receipt %lld, known here are %llu",
                   r->log.origin, (long long)r->log.index,
                   (unsigned long long)size); /* [BF-707] */
}

enum bf_err gen_log_move(struct bf_log *out, enum gen_move *move,
                         const struct bf_log *head, const struct bf_receipt_file *r,
                         struct bf_diag *diag)
{
    uint8_t ours[BF_SHA256], theirs[BF_SHA256];
    bool yes = true;
    enum bf_err err;

    *move = GEN_MOVE_NONE;
    err = bf_log_from_receipt(out, &r->r, diag); /* the log before this receipt */
    if (err != BF_OK) {
        return err;
    }
    if (out->size < head->size) {
        *out = *head;
        return BF_OK;
    }
    bf_log_root(ours, head);
    bf_log_root(theirs, out);
    if (head->size == 0) {
        *move = out->size == 0 ? GEN_MOVE_NEXT : GEN_MOVE_FIRST;
    } else if (out->size == head->size) {
        *move = GEN_MOVE_NEXT;
        yes = memcmp(ours, theirs, BF_SHA256) == 0;
    } else {
        *move = GEN_MOVE_PROVEN;
        err = extends(&yes, &r->r, head->size, ours, out, diag);
    }
    if (err == BF_OK && !yes) {
        err = no_extension(&r->r, head->size, diag);
    }
    if (err == BF_OK) {
        bf_log_append(out, r->leaf);
    } else {
        *move = GEN_MOVE_NONE;
    }
    return err;
}

enum bf_err gen_check_expected(const struct gen_record *known,
                               const struct bf_receipt_file *r, struct bf_diag *diag)
{
    uint8_t expected[BF_SHA256];
    struct bf_log before;
    bool yes = false;
    enum bf_err err;

    /* SPEC section 7: [] then, and not looked at */
    if (known == NULL || known->expect_log.size == 0 ||
        strncmp(r->r.refusal, "LOG_", 4) == 0 ||
        strcmp(known->expect_log.origin, r->r.log.origin) != 0) {
        return BF_OK;
    }
    err = bf_log_from_receipt(&before, &r->r, diag);
    if (err == BF_OK && bf_unhex(expected, BF_SHA256, known->expect_log.root,
                                 strlen(known->expect_log.root))) {
        err = extends(&yes, &r->r, (uint64_t)known->expect_log.size, expected, &before,
                      diag);
    }
    if (err == BF_OK && !yes) {
        err = no_extension(&r->r, (uint64_t)known->expect_log.size, diag);
    }
    return err;
}

void gen_record_with(struct gen_record *out, bool *news, const struct gen_record *known,
                     const struct bf_receipt *r)
{
    memset(out, 0, sizeof(*out));
    if (known != NULL) {
        *out = *known;
    } else {
        out->author = "";
        out->bundle_id = r->bundle.id;
        out->created_at = "";
        out->expect_log.origin = "";
        out->expect_log.root = "";
        out->expires = "";
        out->file = "";
        out->log_index = -1;
        out->outcome = "";
        out->prev = "";
        out->serial = r->serial;
        out->sha256 = r->bundle.manifest_sha256;
        out->target = r->target.id;
        out->ticket = "";
        out->type = "snapseal/record/1";
    }
    /* an older receipt tells nothing new, and that it was proved again does not take back
     * that it was applied */
    *news = r->log.index > out->log_index;
    if (*news &&
        !(strcmp(r->outcome, "proved") == 0 && gen_outcome_applied(out->outcome)) &&
        !(strcmp(r->outcome, "refused") == 0 && gen_outcome_applied(out->outcome))) {
        out->outcome = r->outcome;
    }
    if (*news) {
        out->finished = r->finished;
        out->grade = r->grade;
        out->log_index = r->log.index;
        out->refusal = r->refusal;
    }
}
