/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and signs a receipt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../trust_in.h"
#include "bf/receipt.h"

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const struct bf_member *)a)->name,
                  ((const struct bf_member *)b)->name);
}

/* A row for each piece of evidence, ascending by name. */
static enum bf_err list_evidence(struct bf_list *out, struct bf_arena *arena,
                                 const struct bf_entry *evidence, size_t num,
                                 struct bf_diag *diag)
{
    struct bf_member *rows = bf_arena_alloc(arena, (num > 0 ? num : 1) * sizeof(*rows));
    enum bf_err err = BF_OK;
    size_t i;

    if (rows == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "evidence");
    }
    for (i = 0; i < num && err == BF_OK; i++) {
        char sha256[2 * BF_SHA256 + 1];

        err = bf_sha256_hex(sha256, evidence[i].data);
        rows[i].name = evidence[i].name;
        rows[i].sha256 = bf_arena_text(arena, bf_text(sha256));
        rows[i].size = (int64_t)evidence[i].data.len;
        if (err == BF_OK && rows[i].sha256 == NULL) {
            err = bf_fail(diag, BF_NO_MEMORY, "evidence");
        }
    }
    qsort(rows, num, sizeof(*rows), compare_rows);
    *out = (struct bf_list){num, rows};
    return err;
}

/* What was written reads: closed schema, grammars and rules, as whoever imports it will
 * see it. */
static enum bf_err check_reads(struct bf_bytes manifest, struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    struct bf_receipt r;
    struct bf_log log;
    enum bf_err err = bf_json_parse(&doc, manifest, BF_JSON_SIGNED, diag);

    if (err == BF_OK &&
        (err = bf_schema_read_as(&r, &bf_receipt_schema, doc.root, &doc.arena,
                                 BF_RECEIPT_SCHEMA, BF_RECEIPT_VALUE, diag)) == BF_OK &&
        (err = bf_receipt_rules(&r, diag)) == BF_OK) {
        err = bf_log_from_receipt(&log, &r, diag);
    }
    bf_json_clear(&doc);
    return err;
}

static enum bf_err write_manifest(struct bf_buf *manifest, struct bf_receipt *r,
                                  const struct bf_entry *evidence, size_t num,
                                  struct bf_diag *diag)
{
    struct bf_arena arena = {0};
    enum bf_err err = list_evidence(&r->members, &arena, evidence, num, diag);

    r->type = BF_RECEIPT_TYPE;
    if (err == BF_OK) {
        bf_schema_write(manifest, &bf_receipt_schema, r);
        err = manifest->bad && manifest->len < manifest->max / 2
                  ? bf_fail(diag, BF_RECEIPT_VALUE, "a text outside 0x20 to 0x7e")
                  : bf_buf_check(manifest, BF_MANIFEST, diag);
    }
    r->members = (struct bf_list){0, NULL}; /* its rows live no longer than this call */
    bf_arena_clear(&arena);
    return err == BF_OK ? check_reads(bf_buf_bytes(manifest), diag) : err;
}

static enum bf_err pack(struct bf_buf *container, const struct bf_receipt *r,
                        struct bf_bytes manifest, struct bf_bytes armor,
                        const struct bf_entry *evidence, size_t num, struct bf_diag *diag)
{
    struct bf_entry entries[BF_MAX_MEMBERS];
    char name[BF_MAX_NAME + 1];
    size_t used = 0, i;

    snprintf(name, sizeof(name), "sig/receipt.%s.sshsig", r->log.origin);
    entries[used++] = (struct bf_entry){BF_MANIFEST, manifest};
    entries[used++] = (struct bf_entry){name, armor};
    for (i = 0; i < num; i++) {
        if (evidence[i].data.len <= BF_MAX_EVIDENCE) {
            entries[used++] = evidence[i];
        }
    }
    return bf_pack(container, entries, used, diag);
}

enum bf_err bf_receipt_make(struct bf_buf *container, struct bf_receipt *r,
                            const struct bf_entry *evidence, size_t num,
                            struct bf_signer *signer, struct bf_diag *diag)
{
    struct bf_buf manifest = bf_buf(BF_MAX_JSON), armor = bf_buf(BF_MAX_SIGNATURE);
    char space[160];
    enum bf_err err;

    *container = bf_buf(BF_MAX_CONTAINER);
    if (num > BF_MAX_MEMBERS - 2) {
        return bf_fail(diag, BF_RECEIPT_VALUE, "%zu pieces of evidence",
                       num); /* [BF-703] */
    }
    bf_namespace(space, sizeof(space), "receipt", r->domain);
    if ((err = write_manifest(&manifest, r, evidence, num, diag)) == BF_OK &&
        (err = bf_sign(signer, &armor, space, bf_buf_bytes(&manifest), diag)) == BF_OK) {
        err = pack(container, r, bf_buf_bytes(&manifest), bf_buf_bytes(&armor), evidence,
                   num, diag);
    }
    if (err != BF_OK) {
        bf_buf_clear(container);
    }
    bf_buf_clear(&armor);
    bf_buf_clear(&manifest);
    return err;
}
