/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *id, *rule, *text, *hint;
    enum bf_exit exit_code;
};

static const struct row rows[BF_NUM_ERRORS] = {
    {"OK", "-", "done", "", BF_EXIT_DONE},
#define BF_ERROR(id, exit_code, rule, text, hint)                                        \
    {#id, rule, text, hint, (enum bf_exit)(exit_code)},
#include "bf/errors.def"
#undef BF_ERROR
};

static const struct row *row_of(enum bf_err err)
{
    return (unsigned)err < BF_NUM_ERRORS ? &rows[err] : &rows[BF_INTERNAL];
}

const char *bf_err_id(enum bf_err err)
{
    return row_of(err)->id;
}

const char *bf_err_text(enum bf_err err)
{
    return row_of(err)->text;
}

const char *bf_err_hint(enum bf_err err)
{
    return row_of(err)->hint;
}

const char *bf_err_rule(enum bf_err err)
{
    return row_of(err)->rule;
}

enum bf_exit bf_err_exit(enum bf_err err)
{
    return row_of(err)->exit_code;
}

enum bf_err bf_fail(struct bf_diag *diag, enum bf_err err, const char *fmt, ...)
{
    char raw[sizeof(diag->where)];
    va_list args;
    int n;

    if (diag != NULL) {
        va_start(args, fmt);
        n = vsnprintf(raw, sizeof(raw), fmt, args);
        va_end(args);
        diag->err = err;
        diag->hint = NULL;
        bf_escape(diag->where, sizeof(diag->where), raw, n > 0 ? strlen(raw) : 0);
    }
    return err;
}

enum bf_err bf_fail_errno(struct bf_diag *diag, const char *what)
{
    int number = errno;

    return bf_fail(diag, BF_IO, "%s: %s", what, strerror(number));
}

void bf_diag_in(struct bf_diag *diag, const char *fmt, ...)
{
    char prefix[sizeof(diag->where)];
    char old[sizeof(diag->where)];
    va_list args;
    size_t used;

    if (diag == NULL) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(prefix, sizeof(prefix), fmt, args);
    va_end(args);
    memcpy(old, diag->where, sizeof(old));
    bf_escape(diag->where, sizeof(diag->where), prefix, strlen(prefix));
    used = strlen(diag->where);
    snprintf(diag->where + used, sizeof(diag->where) - used, "%s%s",
             old[0] != '\0' ? ": " : "", old);
}

void bf_diag_hint(struct bf_diag *diag, const char *hint)
{
    if (diag != NULL && hint != NULL) {
        diag->hint = hint;
    }
}

const char *bf_diag_what(const struct bf_diag *diag)
{
    return diag->hint != NULL ? diag->hint : bf_err_hint(diag->err);
}

const char *bf_diag_line(const struct bf_diag *diag, char *out, size_t size)
{
    const struct row *row = row_of(diag->err);
    const char *hint = bf_diag_what(diag);
    const char *hint_gap = hint[0] != '\0' ? "; " : "";

    snprintf(out, size, "%s: %s%s%s%s%s", row->id, row->text,
             diag->where[0] != '\0' ? ", " : "", diag->where, hint_gap, hint);
    return out;
}

const char *bf_escape(char *out, size_t size, const void *text, size_t len)
{
    const unsigned char *in = text;
    size_t at = 0, i;

    for (i = 0; i < len && size > 0; i++) {
        int plain = in[i] >= 0x20 && in[i] <= 0x7e && in[i] != '\\';
        size_t need = plain ? 1 : 4;

        if (at + need >= size) {
            break;
        }
        if (plain) {
            out[at] = (char)in[i];
        } else {
            snprintf(out + at, size - at, "\\x%02x", in[i]);
        }
        at += need;
    }
    if (size > 0) {
        out[at] = '\0';
    }
    return out;
}
