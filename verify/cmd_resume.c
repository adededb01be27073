/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum bf_err vfy_open_runs(struct bf_list *out, struct bf_arena *arena,
                          const struct vfy_state *s, struct bf_diag *diag)
{
    const char **names = bf_arena_alloc(arena, VFY_MAX_TARGETS * sizeof(*names));
    char path[VFY_PATH], id[40];
    struct dirent *entry;
    enum bf_err err = vfy_path(path, s, diag, "runs");
    DIR *dir = err == BF_OK ? opendir(path) : NULL;
    size_t at;

    *out = (struct bf_list){0, names};
    if (names == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "runs");
    }
    while (err == BF_OK && dir != NULL && (entry = readdir(dir)) != NULL &&
           out->num < VFY_MAX_TARGETS) {
        size_t len = strlen(entry->d_name);

        if (len <= 8 || len > 40 || strcmp(entry->d_name + len - 8, ".journal") != 0) {
            continue;
        }
        memcpy(id, entry->d_name, len - 8);
        id[len - 8] = '\0';
        if (!bf_is_id(id)) {
            continue;
        }
        for (at = out->num; at > 0 && strcmp(names[at - 1], id) > 0; at--) {
            names[at] = names[at - 1];
        }
        names[at] = bf_arena_text(arena, bf_text(id));
        out->num++;
        err = names[at] != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "runs");
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return err;
}

static int resume_one(struct vfy_site *site, const struct bf_args *a, const char *target)
{
    struct vfy_result result;
    struct bf_diag diag = {0};

    if (vfy_resume(&result, site, target, bf_arg_is(a, "undo"), bf_arg_is(a, "give-up"),
                   &diag) != BF_OK) {
        return vfy_report_no_run(a, target, &diag);
    }
    return vfy_report_result(a, site, &result, target, result.file);
}

int vfy_cmd_resume(const struct bf_args *a)
{
    struct vfy_site *site = NULL;
    struct bf_arena arena = {0};
    struct bf_list targets = {0, NULL};
    struct bf_diag diag = {0};
    enum bf_err err = BF_OK;
    int code = BF_EXIT_DONE, one;
    size_t i;

    if (a->num_operands > 0 && !bf_is_id(a->operands[0])) {
        err = bf_fail(&diag, BF_USAGE, "not the id of a target");
    }
    if (err == BF_OK) {
        err = vfy_site_open(&site, a, vfy_arg_state(a), vfy_arg_config(a), VFY_WRITE,
                            &diag);
    }
    if (err == BF_OK && a->num_operands == 0) {
        err = vfy_open_runs(&targets, &arena, &site->state, &diag);
    }
    if (err == BF_OK && a->num_operands == 0 && targets.num == 0) {
        err = bf_fail(&diag, BF_NOTHING_TO_RESUME, "%s", site->state.dir);
    }
    if (err != BF_OK) {
        code = vfy_report_no_run(a, "", &diag);
    } else if (a->num_operands > 0) {
        code = resume_one(site, a, a->operands[0]);
    }
    for (i = 0; err == BF_OK && i < targets.num; i++) {
        one = resume_one(site, a, bf_list_text(&targets, i));
        code = one > code ? one : code;
    }
    bf_arena_clear(&arena);
    vfy_site_free(site);
    return code;
}
