/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One error type for library and programs. Every refusal has a stable id (SPEC.md, annex
 * A); the list is errors.def. A function that can fail returns enum bf_err and describes
 * the place in a diag that the caller owns; it never prints.
 */
#ifndef BF_ERR_H
#define BF_ERR_H

#include <stddef.h>

#define BF_MUST __attribute__((warn_unused_result))
#define BF_PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

enum bf_err {
    BF_OK = 0,
#define BF_ERROR(id, exit_code, rule, text, hint) BF_##id,
#include "bf/errors.def"
#undef BF_ERROR
    BF_NUM_ERRORS
};

/* Exit codes of both programs (cli.md); the class of every error. Never reorder. */
enum bf_exit {
    BF_EXIT_DONE = 0,
    BF_EXIT_REFUSED = 1,
    BF_EXIT_USAGE = 2,
    BF_EXIT_UNDECIDED = 3,
    BF_EXIT_UNDONE = 4,
    BF_EXIT_UNCERTAIN = 5
};

/* What went wrong and where. All-zero is "nothing wrong". Owned by the caller. */
struct bf_diag {
    enum bf_err err;
    char where[400];  /* "member 3: offset 1024", raw bytes escaped; "" when there is
                         nothing to add */
    const char *hint; /* what to do, where this place knows better than the table; static
                         text, NULL: the table's */
};

/* Stable id ("GATE_HEADER"; "OK" for BF_OK), sentence, what to do, SPEC rule ("BF-104"),
 * exit code. */
const char *bf_err_id(enum bf_err err);
const char *bf_err_text(enum bf_err err);
const char *bf_err_hint(enum bf_err err);
const char *bf_err_rule(enum bf_err err);
enum bf_exit bf_err_exit(enum bf_err err);

/* Sets diag (may be NULL) to err with the formatted place, and returns err. */
BF_PRINTF(3, 4)
enum bf_err bf_fail(struct bf_diag *diag, enum bf_err err, const char *fmt, ...);

/* As bf_fail(diag, BF_IO, "what: strerror(errno)"). Reads errno first. */
enum bf_err bf_fail_errno(struct bf_diag *diag, const char *what);

/* Puts "prefix: " before the place that is already there; for callers on the way up. */
BF_PRINTF(2, 3) void bf_diag_in(struct bf_diag *diag, const char *fmt, ...);

/* Sets what to do about an error that was set before; hint: static text, NULL changes
 * nothing. diag may be NULL. */
void bf_diag_hint(struct bf_diag *diag, const char *hint);
/* What to do: the diag's own, or the table's. */
const char *bf_diag_what(const struct bf_diag *diag);

/*
 * Writes "ID: what, where; what to do" without a line end into out (cut to size). Bytes
 * outside printable ASCII appear as \xNN. Returns out.
 */
const char *bf_diag_line(const struct bf_diag *diag, char *out, size_t size);

/* Copies text to out with bytes outside printable ASCII (and the backslash) as \xNN.
 * Returns out. */
const char *bf_escape(char *out, size_t size, const void *text, size_t len);

#endif
