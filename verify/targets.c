/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a target: what was applied last, which serial is used up, what each
 * secret name was set from. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"
#include "state.h"

enum { MAX_RECORD = 128 * 1024, ARENA = 512 * 1024 };

/* ---- against the receipts ---- */

/* What the receipts of a target say: the highest serial that a run used up, and the run
 * that was applied last. */
struct said {
    int64_t serial;
    const struct vfy_entry *applied; /* NULL: none */
};

static bool uses_serial(const struct vfy_entry *e, const char *id)
{
    return strcmp(e->target, id) == 0 &&
           (strcmp(e->outcome, "applied") == 0 || strcmp(e->outcome, "undone") == 0 ||
            strcmp(e->outcome, "uncertain") == 0);
}

/*
 * A run's receipt comes before its record, and its journal goes last: while that is there
 * the newest receipt may be ahead of the record, and resume brings them together.
 */
static struct said ask_receipts(const struct vfy_ledger *l, const char *id, bool open)
{
    struct said said = {0, NULL};
    size_t i;

    for (i = l->num; i > 0; i--) {
        const struct vfy_entry *e = &l->entries[i - 1];

        if (!uses_serial(e, id)) {
            continue;
        }
        if (open) {
            open = false;
            continue;
        }
        said.serial = e->serial > said.serial ? e->serial : said.serial;
        if (said.applied == NULL && strcmp(e->outcome, "applied") == 0) {
            said.applied = e;
        }
    }
    return said;
}

/*
 * A record that is gone or older than the receipts would let a used serial pass again.
 * One that is ahead is none: a reader holds no lock, and may have read the ledger before
 * a run ended and the record after it.
 */
static enum bf_err compare(const struct vfy_record_of_target *r,
                           const struct vfy_state *s, const char *id, bool open,
                           struct bf_diag *diag)
{
    struct said said = ask_receipts(&s->ledger, id, open);
    int64_t applied = said.applied != NULL ? said.applied->serial : 0;

    if (r->intent.serial >= said.serial &&
        (said.applied == NULL || r->applied.serial > applied ||
         (r->applied.serial == applied &&
          strcmp(r->applied.manifest_sha256, said.applied->manifest_sha256) == 0))) {
        return BF_OK;
    }
    return bf_fail(diag, BF_STATE_DAMAGED,
                   "targets/%s.json is missing or older than the receipts, which say: "
                   "serial %lld used, applied: serial %lld, %.16s; restore it from a "
                   "backup",
                   id, (long long)said.serial, (long long)applied,
                   said.applied != NULL ? said.applied->manifest_sha256 : "none");
}

/* ---- reading and writing ---- */

static enum bf_err read_record(struct vfy_target_state *out, const char *path,
                               struct bf_diag *diag)
{
    struct bf_secret raw = {0};
    enum bf_err err;

    if (access(path, F_OK) != 0 && errno == ENOENT) {
        out->r.applied.manifest_sha256 = out->r.intent.manifest_sha256 =
            out->r.intent.outcome = "";
        out->r.type = VFY_TARGET_TYPE;
        out->r.uncertain = "";
        return BF_OK;
    }
    err = bf_file_read_secret(&raw, path, MAX_RECORD, diag);
    if (err == BF_OK) {
        err = bf_arena_lock(&out->doc.arena, ARENA, diag);
    }
    if (err == BF_OK &&
        bf_json_parse(&out->doc, bf_secret_bytes(&raw), BF_JSON_SIGNED, diag) != BF_OK) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "%s", path);
    }
    if (err == BF_OK) {
        err = bf_schema_read(&out->r, &vfy_target_schema, out->doc.root, &out->doc.arena,
                             BF_STATE_DAMAGED, diag);
    }
    bf_secret_clear(&raw);
    return err;
}

enum bf_err vfy_target_load(struct vfy_target_state *out, const struct vfy_state *s,
                            const char *id, struct bf_diag *diag)
{
    char path[VFY_PATH], journal[VFY_PATH];
    bool open;
    enum bf_err err = vfy_path(path, s, diag, "targets/%s.json", id);

    memset(out, 0, sizeof(*out));
    if (err == BF_OK) {
        err = vfy_path(journal, s, diag, "runs/%s.journal", id);
    }
    if (err != BF_OK) {
        return err;
    }
    /* asked before the record is read: who closes a run removes it after writing that */
    open = access(journal, F_OK) == 0;
    err = read_record(out, path, diag);
    if (err == BF_OK) {
        err = compare(&out->r, s, id, open, diag);
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "target %s", id);
        vfy_target_clear(out);
    }
    return err;
}

void vfy_target_clear(struct vfy_target_state *t)
{
    bf_json_clear(&t->doc);
    memset(t, 0, sizeof(*t));
}

enum bf_err vfy_target_save(const struct vfy_state *s, const char *id,
                            const struct vfy_record_of_target *r, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_RECORD);
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "targets/%s.json", id);

    bf_schema_write(&text, &vfy_target_schema, r);
    if (err == BF_OK) {
        err = bf_buf_check(&text, "target", diag);
    }
    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&text), 0600, true, diag);
    }
    bf_buf_clear(&text);
    return err;
}

const struct vfy_name *vfy_target_name(const struct vfy_record_of_target *r,
                                       const char *name)
{
    size_t i;

    for (i = 0; i < r->names.num; i++) {
        const struct vfy_name *n = BF_LIST_ITEM(&r->names, const struct vfy_name, i);

        if (strcmp(n->name, name) == 0) {
            return n;
        }
    }
    return NULL;
}
