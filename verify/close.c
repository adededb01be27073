/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an open run, and what the target's record becomes when it is closed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "baseline.h"
#include "bf/file.h"

enum { MAX_NEXT = 128 * 1024 };

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

enum bf_err vfy_run_path(char out[VFY_PATH], const struct vfy_state *s,
                         const char *target, enum vfy_run_file which,
                         struct bf_diag *diag)
{
    static const char *const ends[VFY_NUM_RUN_FILES] = {"journal", "bundle", "next",
                                                        "change", "room"};

    return vfy_path(out, s, diag, "runs/%s.%s", target, ends[which]);
}

/* ---- the record when applied ---- */

/* Names that the bundle neither sets nor removes keep their record; the result ascends by
 * name. */
static enum bf_err next_names(struct bf_list *out, struct bf_arena *arena,
                              const struct vfy_look *look, struct bf_diag *diag)
{
    const struct bf_manifest *m = &look->bundle.m;
    const struct vfy_record_of_target *old = &look->record.r;
    struct vfy_name *rows =
        bf_arena_alloc(arena, (old->names.num + m->secrets.num + 1) * sizeof(*rows));
    char opening[2 * BF_KEY + 1];
    size_t num = 0, i = 0, j = 0;

    if (rows == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "record");
    }
    while (i < old->names.num || j < m->secrets.num) {
        const struct vfy_name *was =
            i < old->names.num ? BF_LIST_ITEM(&old->names, const struct vfy_name, i)
                               : NULL;
        const struct bf_secret_ref *ref =
            j < m->secrets.num ? BF_LIST_ITEM(&m->secrets, const struct bf_secret_ref, j)
                               : NULL;
        int order = was == NULL ? 1 : (ref == NULL ? -1 : strcmp(was->name, ref->name));
        size_t at = 0;

        if (order < 0) {
            rows[num++] = *was;
            i++;
            continue;
        }
        i += order == 0 ? 1 : 0;
        j++;
        while (at < look->secrets.num && !is(look->secrets.items[at].name, ref->name)) {
            at++;
        }
        if (at == look->secrets.num) {
            continue; /* removed: there is nothing to compare the next one with */
        }
        bf_hex(opening, look->secrets.items[at].opening, BF_KEY);
        rows[num].bundle_id = m->bundle_id;
        rows[num].commitment = ref->commitment;
        rows[num].name = ref->name;
        rows[num].opening = bf_arena_text(arena, bf_text(opening));
        if (rows[num].opening == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "record");
        }
        num++;
    }
    bf_wipe(opening, sizeof(opening));
    *out = (struct bf_list){num, rows};
    return BF_OK;
}

static enum bf_err write_next(const struct vfy_state *s, const struct vfy_look *look,
                              struct bf_diag *diag)
{
    struct vfy_record_of_target next = look->record.r;
    struct bf_buf text = bf_buf(MAX_NEXT);
    struct bf_arena arena = {0};
    char path[VFY_PATH];
    enum bf_err err = vfy_run_path(path, s, look->bundle.m.target.id, VFY_RUN_NEXT, diag);

    next.applied.manifest_sha256 = next.intent.manifest_sha256 = look->bundle.sha256;
    next.applied.serial = next.intent.serial = look->bundle.m.serial;
    next.intent.outcome = "applied";
    next.type = VFY_TARGET_TYPE;
    next.uncertain = ""; /* superseded */
    if (err == BF_OK) {
        err = bf_arena_lock(&arena, MAX_NEXT, diag);
    }
    if (err == BF_OK) {
        err = next_names(&next.names, &arena, look, diag);
    }
    if (err == BF_OK) {
        bf_schema_write(&text, &vfy_target_schema, &next);
        err = bf_buf_check(&text, "record", diag);
    }
    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&text), 0600, true, diag);
    }
    bf_buf_clear(&text);
    bf_arena_clear(&arena);
    return err;
}

enum bf_err vfy_run_prepare(const struct vfy_state *s, const struct vfy_look *look,
                            struct bf_diag *diag)
{
    const char *target = look->bundle.m.target.id;
    char path[VFY_PATH];
    enum bf_err err = vfy_run_path(path, s, target, VFY_RUN_BUNDLE, diag);

    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&look->file), 0600, true, diag);
    }
    if (err == BF_OK) {
        err = write_next(s, look, diag);
    }
    if (err == BF_OK) {
        err = vfy_run_path(path, s, target, VFY_RUN_CHANGE, diag);
    }
    if (err == BF_OK) {
        err = vfy_change_write(s, look, path, diag);
    }
    if (err == BF_OK) {
        err = vfy_run_path(path, s, target, VFY_RUN_ROOM, diag);
    }
    return err == BF_OK ? vfy_receipt_room(path, diag) : err;
}

/* ---- closing ---- */

/* Applied: the record that was prepared takes its place. It is gone when an earlier try
 * got that far. */
static enum bf_err close_applied(const struct vfy_state *s,
                                 const struct vfy_intent *intent, struct bf_diag *diag)
{
    struct vfy_target_state t;
    struct bf_buf next = bf_buf(MAX_NEXT);
    char from[VFY_PATH], to[VFY_PATH];
    enum bf_err err = vfy_run_path(from, s, intent->target, VFY_RUN_NEXT, diag);

    if (err == BF_OK && access(from, F_OK) != 0) {
        err = vfy_target_load(&t, s, intent->target, diag);
        if (err == BF_OK && !is(t.r.applied.manifest_sha256, intent->manifest_sha256)) {
            err = bf_fail(diag, BF_STATE_DAMAGED, "%s is missing", from);
        }
        vfy_target_clear(&t);
        return err;
    }
    if (err == BF_OK) {
        err = vfy_path(to, s, diag, "targets/%s.json", intent->target);
    }
    if (err == BF_OK) {
        err = bf_file_read(&next, from, MAX_NEXT, diag);
    }
    if (err == BF_OK) {
        err = bf_file_write(to, bf_buf_bytes(&next), 0600, true, diag);
    }
    bf_buf_clear(&next);
    if (err == BF_OK) {
        err = vfy_run_path(from, s, intent->target, VFY_RUN_CHANGE, diag);
    }
    return err == BF_OK ? vfy_change_keep(s, intent->target, from, diag) : err;
}

/* Undone, refused by the live target, uncertain: the serial is used up, everything else
 * stays as it was. */
static enum bf_err close_other(const struct vfy_state *s, const struct vfy_intent *intent,
                               bool uncertain, struct bf_diag *diag)
{
    struct vfy_target_state t;
    enum bf_err err = vfy_target_load(&t, s, intent->target, diag);

    if (err != BF_OK) {
        return err;
    }
    t.r.intent.manifest_sha256 = intent->manifest_sha256;
    t.r.intent.outcome = uncertain ? "uncertain" : "undone";
    t.r.intent.serial =
        intent->serial > t.r.intent.serial ? intent->serial : t.r.intent.serial;
    t.r.uncertain = uncertain ? intent->manifest_sha256 : t.r.uncertain;
    err = vfy_target_save(s, intent->target, &t.r, diag);
    vfy_target_clear(&t);
    return err;
}

enum bf_err vfy_run_close(const struct vfy_state *s, const struct vfy_intent *intent,
                          const char *outcome, struct bf_diag *diag)
{
    char path[VFY_PATH];
    enum bf_err err;
    int i;

    err = is(outcome, "applied") ? close_applied(s, intent, diag)
                                 : close_other(s, intent, is(outcome, "uncertain"), diag);
    for (i = VFY_NUM_RUN_FILES - 1; i >= 0 && err == BF_OK; i--) {
        err = vfy_run_path(path, s, intent->target, (enum vfy_run_file)i, diag);
        if (err == BF_OK && unlink(path) != 0 && errno != ENOENT) {
            err = bf_fail_errno(diag, path);
        }
    }
    return err;
}
