/* SPDX-License-Identifier: Apache-2.0 */
/* diff: what differs between two bundles, or between one and the one applied last. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "kind.h"
#include "last.h"
#include "session.h"
#include "sheet_diff.h"

enum { MAX_TEXT = 4 * 1024 * 1024 };

struct diffing {
    struct gen_session *s;
    struct bf_buf sheets[2];
    char from[2 * BF_SHA256 + 1]; /* "" : the one applied last */
    int64_t serial;               /* of it */
    bool differ;
};

/* Checks 3 to 8 pass, so its sheet is all that it does. */
static enum bf_err take(struct bf_buf *out, struct gen_session *s, const char *path,
                        struct bf_diag *diag)
{
    enum bf_err err = gen_open_bundle(s, path, diag);

    *out = bf_buf(MAX_TEXT);
    if (err == BF_OK) {
        bf_put_bytes(out, s->bundle.sheet->data);
        err = bf_buf_check(out, "sheet", diag);
    }
    return err;
}

static enum bf_err load(struct diffing *d, const struct bf_args *a, struct bf_diag *diag)
{
    struct gen_session *s = d->s;
    const char *target;
    enum bf_err err;

    if (a->num_operands == 2) {
        err = take(&d->sheets[0], s, a->operands[0], diag);
        if (err != BF_OK) {
            return err;
        }
        bf_copy(d->from, s->bundle.sha256, sizeof(d->from));
        bf_bundle_clear(&s->bundle);
        return take(&d->sheets[1], s, a->operands[1], diag);
    }
    if ((err = take(&d->sheets[1], s, a->operands[0], diag)) != BF_OK) {
        return err;
    }
    target = s->bundle.m.target.id;
    err = gen_last_sheet(&d->sheets[0], &d->serial, &s->state, target, diag);
    return err == BF_OK && d->serial == 0
               ? bf_fail(diag, BF_LAST_NONE, "target %s", target)
               : err;
}

static void put_json(struct bf_buf *out, const struct diffing *d, const char *text)
{
    const char *line = text, *end;

    bf_put_text(out, "{");
    gen_put_member(out, "from", d->from);
    gen_put_number(out, "from_serial", d->serial);
    gen_put_member(out, "to", d->s->bundle.sha256);
    gen_put_value(out, "lines", "[");
    for (; *line != '\0'; line = end + 1) {
        char shown[200];
        const size_t len = (size_t)((end = strchr(line, '\n')) - line);

        bf_put_text(out, line == text ? "" : ",");
        bf_json_write_text(out, bf_escape(shown, sizeof(shown), line, len));
    }
    bf_put_text(out, "]");
}

static enum bf_err run(struct diffing *d, const struct bf_args *a, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_TEXT), json = bf_buf(2 * MAX_TEXT);
    enum bf_err err;

    if ((err = gen_session_open(&d->s, a, GEN_STATE_READ, GEN_NEED_TRUST, diag)) !=
            BF_OK ||
        (err = load(d, a, diag)) != BF_OK ||
        (err = gen_sheet_diff(&text, &d->differ, bf_buf_bytes(&d->sheets[0]),
                              bf_buf_bytes(&d->sheets[1]), diag)) != BF_OK) {
        goto out;
    }
    err = bf_buf_text(&text) != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "difference");
    if (err == BF_OK && a->json) {
        put_json(&json, d, bf_buf_text(&text));
        err = gen_print_json(&json, diag);
    } else if (err == BF_OK) {
        bf_cli_out(bf_buf_bytes(&text));
    }
out:
    bf_buf_clear(&text);
    bf_buf_clear(&json);
    return err;
}

int gen_cmd_diff(const struct bf_args *a)
{
    struct diffing d = {0};
    struct bf_diag diag = {0};
    enum bf_err err = run(&d, a, &diag);
    int code;

    bf_buf_clear(&d.sheets[0]);
    bf_buf_clear(&d.sheets[1]);
    gen_session_free(d.s);
    code = gen_end(a, err, &diag);
    return err == BF_OK && d.differ && bf_arg_is(a, "exit-code") ? BF_EXIT_REFUSED : code;
}
