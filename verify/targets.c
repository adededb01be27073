/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a target: what was applied last, which serial is used up, what each
 * secret name was set from. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"
#include "state.h"

enum { MAX_RECORD = 128 * 1024, ARENA = 512 * 1024 };

enum bf_err vfy_target_load(struct vfy_target_state *out, const struct vfy_state *s,
                            const char *id, struct bf_diag *diag)
{
    struct bf_secret raw = {0};
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "targets/%s.json", id);

    memset(out, 0, sizeof(*out));
    if (err == BF_OK && access(path, F_OK) != 0 && errno == ENOENT) {
        out->r.applied.manifest_sha256 = out->r.intent.manifest_sha256 =
            out->r.intent.outcome = "";
        out->r.type = VFY_TARGET_TYPE;
        out->r.uncertain = "";
        return BF_OK;
    }
    if (err == BF_OK) {
        err = bf_file_read_secret(&raw, path, MAX_RECORD, diag);
    }
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
