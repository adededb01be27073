/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static enum bf_err init(struct vfy_state *s, const struct bf_args *a, struct bf_buf *out,
                        struct bf_diag *diag)
{
    const char *name = bf_arg(a, "name");
    bool show = bf_arg_is(a, "show");
    enum bf_err err;

    if (show == (name != NULL)) {
        return bf_fail(diag, BF_USAGE, "init needs --name NAME, or --show");
    }
    if (name != NULL && !bf_is_id(name)) {
        return bf_fail(diag, BF_USAGE,
                       "--name is of a-z, 0-9, _ and -, begins with a letter or digit, "
                       "and has at most 32");
    }
    err = vfy_state_open(s, vfy_arg_state(a), show ? VFY_READ : VFY_WRITE, diag);
    if (err == BF_OK && !show) {
        err = vfy_state_init(s, name, diag);
    }
    return err == BF_OK ? vfy_state_public(out, s, diag) : err;
}

int vfy_cmd_init(const struct bf_args *a)
{
    struct vfy_state *s = calloc(1, sizeof(*s));
    struct bf_buf out = bf_buf(8192);
    struct bf_diag diag = {0};
    int code = BF_EXIT_DONE;

    if (s == NULL) {
        (void)bf_fail(&diag, BF_NO_MEMORY, "state");
        return bf_cli_fail(a, &diag);
    }
    s->lock = -1;
    if (init(s, a, &out, &diag) != BF_OK) {
        code = bf_cli_fail(a, &diag);
    } else {
        bf_cli_out(bf_buf_bytes(&out));
        if (!bf_arg_is(a, "show")) {
            bf_cli_say(a,
                       "made the keys of %s in %s/keys; the line above goes into the "
                       "trust draft's \"appliances\"",
                       s->name, s->dir);
        }
    }
    bf_buf_clear(&out);
    vfy_state_close(s);
    free(s);
    return code;
}
