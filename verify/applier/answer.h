/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers' JSON; answer.c alone sees cJSON. A parsed answer is walked by cursors, which
 * are values and own nothing; a cursor that points nowhere is asked like any other and
 * has nothing.
 */
#ifndef VFY_ANSWER_H
#define VFY_ANSWER_H

#include "bf/json.h"

struct vfy_at {
    const void *node; /* NULL: nowhere */
};

/* Owned by caller; all-zero is empty. */
struct vfy_answer {
    void *root;
};

/*
 * Parses in whole. NET_ANSWER: not JSON (an HTML page is called so), something after the
 * value, a key twice in one object, a NUL in a string, nested deeper than 32, or more
 * than 4096 members in one place.
 */
BF_MUST enum bf_err vfy_answer_parse(struct vfy_answer *out, struct bf_bytes body,
                                     struct bf_diag *diag);
void vfy_answer_clear(struct vfy_answer *a);

struct vfy_at vfy_at_root(const struct vfy_answer *a);
bool vfy_at_is(struct vfy_at at); /* points somewhere */
struct vfy_at vfy_at_get(struct vfy_at at, const char *key);
struct vfy_at vfy_at_path(struct vfy_at at, const char *path); /* keys joined by "." */
size_t vfy_at_count(struct vfy_at at);
struct vfy_at vfy_at_child(struct vfy_at at, size_t i);
const char *vfy_at_key(struct vfy_at at);  /* "" when it has none */
const char *vfy_at_text(struct vfy_at at); /* "" when it is not a string */
bool vfy_at_int(struct vfy_at at, int64_t *out);
bool vfy_at_true(struct vfy_at at); /* the word true */

/* Equal as JSON values: order of keys does not count, order of lists does. */
bool vfy_at_same(struct vfy_at a, struct vfy_at b);
/* The same, but a scalar and a string of the same letters are equal too: the way settings
 * come back. */
bool vfy_at_same_settings(struct vfy_at a, struct vfy_at b);

/*
 * Writes the value in the profile of review documents (keys ascending, no blanks). False
 * when it has no such form: null, a fraction, a byte outside printable ASCII. out goes
 * bad as usual.
 */
BF_MUST bool vfy_at_canonical(struct bf_buf *out, struct vfy_at at);

/* Writes the value as JSON again, as it came (also what the profile has no form for).
 * False without memory, and for a number that would come out as another. */
BF_MUST bool vfy_at_print(struct bf_buf *out, struct vfy_at at);

/*
 * Writes what of the value the patterns allow, in the same profile: "a.b" that scalar,
 * "*" any key or entry. Strings are escaped as bf_escape does. An empty object when
 * nothing is allowed.
 */
void vfy_at_evidence(struct bf_buf *out, struct vfy_at at, const char *const *patterns,
                     size_t num);

/* One call for each line in which b differs from a: sign "+", "-" or "~"; text "path: old
 * -> new". At most 200. */
typedef void vfy_diff_fn(void *ctx, const char *sign, const char *text);
void vfy_at_diff(struct vfy_at a, struct vfy_at b, bool settings, vfy_diff_fn *line,
                 void *ctx);

#endif
