/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_DEPTH = 32,
    MAX_CHILDREN = 4096,
    MAX_PATTERNS = 32,
    MAX_PATH = 300,
    MAX_LINES = 200,
    MAX_SHOWN = 120
};

static const cJSON *node_of(struct vfy_at at)
{
    return at.node;
}

static struct vfy_at at_node(const cJSON *node)
{
    return (struct vfy_at){node};
}

/* ---- parse ---- */

static enum bf_err check_tree(const cJSON *node, unsigned depth, struct bf_diag *diag);

static enum bf_err check_children(const cJSON *parent, unsigned depth,
                                  struct bf_diag *diag)
{
    const cJSON *c, *earlier;
    enum bf_err err;
    size_t num = 0;

    cJSON_ArrayForEach(c, parent)
    {
        if (++num > MAX_CHILDREN) {
            return bf_fail(diag, BF_NET_ANSWER, "more than %d members in one place",
                           (int)MAX_CHILDREN);
        }
        for (earlier = parent->child; cJSON_IsObject(parent) && earlier != c;
             earlier = earlier->next) {
            if (strcmp(earlier->string, c->string) == 0) {
                return bf_fail(diag, BF_NET_ANSWER, "a key stands twice in one object");
            }
        }
        if ((err = check_tree(c, depth + 1, diag)) != BF_OK) {
            return err;
        }
    }
    return BF_OK;
}

/* cJSON lets a doubled key pass and takes the first; another reader of the same answer
 * could take the second. */
static enum bf_err check_tree(const cJSON *node, unsigned depth, struct bf_diag *diag)
{
    if (depth > MAX_DEPTH) {
        return bf_fail(diag, BF_NET_ANSWER, "nested too deeply");
    }
    return check_children(node, depth, diag);
}

static bool only_blanks(const char *from, const char *to)
{
    while (from < to &&
           (*from == ' ' || *from == '\t' || *from == '\n' || *from == '\r')) {
        from++;
    }
    return from == to;
}

enum bf_err vfy_answer_parse(struct vfy_answer *out, struct bf_bytes body,
                             struct bf_diag *diag)
{
    static const char nul[] = "\\u0000";
    const char *text = (const char *)body.ptr;
    const char *end = NULL;
    enum bf_err err;

    *out = (struct vfy_answer){0};
    if (body.len == 0) {
        return bf_fail(diag, BF_NET_ANSWER, "an empty answer");
    }
    if (body.ptr[0] == '<') {
        return bf_fail(
            diag, BF_NET_ANSWER,
            "a page of HTML or XML in place of JSON, as a proxy in between sends it");
    }
    /* a string with a NUL would be cut there without a word */
    if (memmem(body.ptr, body.len, nul, sizeof(nul) - 1) != NULL ||
        memchr(body.ptr, '\0', body.len) != NULL) {
        return bf_fail(diag, BF_NET_ANSWER, "a NUL in a string");
    }
    out->root = cJSON_ParseWithLengthOpts(text, body.len, &end, 0);
    if (out->root == NULL) {
        return bf_fail(diag, BF_NET_ANSWER, "not JSON");
    }
    if (!only_blanks(end, text + body.len)) {
        vfy_answer_clear(out);
        return bf_fail(diag, BF_NET_ANSWER, "something after the JSON");
    }
    if ((err = check_tree(out->root, 1, diag)) != BF_OK) {
        vfy_answer_clear(out);
    }
    return err;
}

void vfy_answer_clear(struct vfy_answer *a)
{
    cJSON_Delete(a->root);
    a->root = NULL;
}

/* ---- cursors ---- */

struct vfy_at vfy_at_root(const struct vfy_answer *a)
{
    return at_node(a->root);
}

bool vfy_at_is(struct vfy_at at)
{
    return at.node != NULL;
}

struct vfy_at vfy_at_get(struct vfy_at at, const char *key)
{
    return at_node(cJSON_GetObjectItemCaseSensitive(node_of(at), key));
}

struct vfy_at vfy_at_path(struct vfy_at at, const char *path)
{
    char key[MAX_PATH];

    while (vfy_at_is(at) && *path != '\0') {
        const size_t len = strcspn(path, ".");

        if (len >= sizeof(key)) {
            return at_node(NULL);
        }
        bf_copy(key, path, len);
        key[len] = '\0';
        at = vfy_at_get(at, key);
        path += path[len] == '.' ? len + 1 : len;
    }
    return at;
}

size_t vfy_at_count(struct vfy_at at)
{
    const int n = cJSON_GetArraySize(node_of(at));

    return n > 0 ? (size_t)n : 0;
}

struct vfy_at vfy_at_child(struct vfy_at at, size_t i)
{
    const cJSON *c = at.node != NULL ? node_of(at)->child : NULL;

    for (; c != NULL && i > 0; i--) {
        c = c->next;
    }
    return at_node(c);
}

const char *vfy_at_key(struct vfy_at at)
{
    return at.node != NULL && node_of(at)->string != NULL ? node_of(at)->string : "";
}

const char *vfy_at_text(struct vfy_at at)
{
    return cJSON_IsString(node_of(at)) ? node_of(at)->valuestring : "";
}

/* A number is held as a double; only whole ones in the exact range are numbers to us. */
static bool whole(const cJSON *node, int64_t *out)
{
    const double v = cJSON_IsNumber(node) ? node->valuedouble : 0.5;

    if (!(fabs(v) <= 9007199254740991.0) || v != floor(v)) {
        return false;
    }
    *out = (int64_t)v;
    return true;
}

bool vfy_at_int(struct vfy_at at, int64_t *out)
{
    *out = 0;
    return whole(node_of(at), out);
}

bool vfy_at_true(struct vfy_at at)
{
    return cJSON_IsTrue(node_of(at));
}

/* ---- comparison ---- */

/* The letters of a scalar, as a settings API writes them; NULL for what is no such
 * scalar. */
static const char *letters(const cJSON *node, char *room, size_t size)
{
    int64_t v;

    if (cJSON_IsString(node)) {
        return node->valuestring;
    }
    if (cJSON_IsBool(node)) {
        return cJSON_IsTrue(node) ? "true" : "false";
    }
    if (whole(node, &v)) {
        (void)snprintf(room, size, "%" PRId64, v);
        return room;
    }
    return NULL;
}

static bool same_scalar(const cJSON *a, const cJSON *b)
{
    char room_a[24], room_b[24];
    const char *x = letters(a, room_a, sizeof(room_a));
    const char *y = letters(b, room_b, sizeof(room_b));

    return x != NULL && y != NULL && strcmp(x, y) == 0;
}

static bool same(const cJSON *a, const cJSON *b, bool settings)
{
    const cJSON *x, *y;

    if (a == NULL || b == NULL) {
        return a == b;
    }
    if (cJSON_IsObject(a) && cJSON_IsObject(b)) {
        cJSON_ArrayForEach(x, a)
        {
            if (!same(x, cJSON_GetObjectItemCaseSensitive(b, x->string), settings)) {
                return false;
            }
        }
        return cJSON_GetArraySize(a) == cJSON_GetArraySize(b);
    }
    if (cJSON_IsArray(a) && cJSON_IsArray(b)) {
        for (x = a->child, y = b->child; x != NULL && y != NULL;
             x = x->next, y = y->next) {
            if (!same(x, y, settings)) {
                return false;
            }
        }
        return x == y;
    }
    if (settings) {
        return same_scalar(a, b);
    }
    return (a->type & 0xff) == (b->type & 0xff) &&
           (cJSON_IsNumber(a)
                ? !(a->valuedouble < b->valuedouble) && !(a->valuedouble > b->valuedouble)
            : cJSON_IsString(a) ? strcmp(a->valuestring, b->valuestring) == 0
                                : cJSON_IsBool(a) || cJSON_IsNull(a));
}

bool vfy_at_same(struct vfy_at a, struct vfy_at b)
{
    return same(node_of(a), node_of(b), false);
}

bool vfy_at_same_settings(struct vfy_at a, struct vfy_at b)
{
    return same(node_of(a), node_of(b), true);
}

/* ---- our writer ---- */

static struct bf_json *convert(struct bf_arena *arena, const cJSON *node);

static bool convert_children(struct bf_arena *arena, struct bf_json *out,
                             const cJSON *node)
{
    struct bf_json **link = &out->first;
    const cJSON *c;

    cJSON_ArrayForEach(c, node)
    {
        struct bf_json *child = convert(arena, c);

        if (child == NULL) {
            return false;
        }
        child->key = cJSON_IsObject(node) ? c->string : NULL;
        *link = child;
        link = &child->next;
        out->count++;
    }
    return true;
}

/* NULL when the profile has no form for it, or without memory. */
static struct bf_json *convert(struct bf_arena *arena, const cJSON *node)
{
    struct bf_json *out = bf_arena_alloc(arena, sizeof(*out));

    if (out == NULL) {
        return NULL;
    }
    if (cJSON_IsObject(node) || cJSON_IsArray(node)) {
        out->kind = cJSON_IsObject(node) ? BF_OBJECT : BF_ARRAY;
        return convert_children(arena, out, node) ? out : NULL;
    }
    if (cJSON_IsString(node)) {
        out->kind = BF_STRING;
        out->text = node->valuestring;
        return out;
    }
    if (cJSON_IsBool(node)) {
        out->kind = BF_BOOL;
        out->num = cJSON_IsTrue(node) ? 1 : 0;
        return out;
    }
    out->kind = BF_INT;
    return whole(node, &out->num) ? out : NULL;
}

bool vfy_at_canonical(struct bf_buf *out, struct vfy_at at)
{
    struct bf_arena arena = {0};
    struct bf_json *node = vfy_at_is(at) ? convert(&arena, node_of(at)) : NULL;

    if (node != NULL) {
        bf_json_write(out, node);
    }
    bf_arena_clear(&arena);
    return node != NULL && !out->bad;
}

bool vfy_at_print(struct bf_buf *out, struct vfy_at at)
{
    char *text = vfy_at_is(at) ? cJSON_PrintUnformatted(node_of(at)) : NULL;
    cJSON *again = text != NULL ? cJSON_Parse(text) : NULL;
    /* cJSON writes 15 digits of a number where it takes the rest for noise: from 2^52 on
     * that may be another whole number */
    bool good = again != NULL && same(node_of(at), again, false);

    if (good) {
        bf_put_text(out, text);
    }
    cJSON_Delete(again);
    cJSON_free(text);
    return good && !out->bad;
}

/* ---- evidence ---- */

/* The patterns that still fit, each from its current part on. */
struct wanted {
    const char *parts[MAX_PATTERNS];
    size_t num;
};

static bool descend(struct wanted *out, const struct wanted *in, const char *key)
{
    const size_t key_len = strlen(key);
    size_t i;

    out->num = 0;
    for (i = 0; i < in->num; i++) {
        const char *p = in->parts[i];
        const size_t len = strcspn(p, ".");

        if ((len == 1 && p[0] == '*') || (len == key_len && memcmp(p, key, len) == 0)) {
            out->parts[out->num++] = p + len + (p[len] == '.' ? 1 : 0);
        }
    }
    return out->num > 0;
}

static struct bf_json *scalar_evidence(struct bf_arena *arena, const cJSON *node)
{
    struct bf_json *out = bf_arena_alloc(arena, sizeof(*out));
    char *text;
    size_t size;

    if (out == NULL || !cJSON_IsString(node)) {
        return cJSON_IsString(node) || cJSON_IsBool(node) || cJSON_IsNumber(node)
                   ? convert(arena, node)
                   : NULL;
    }
    size = 4 * strlen(node->valuestring) + 1;
    text = bf_arena_alloc(arena, size);
    if (text == NULL) {
        return NULL;
    }
    out->kind = BF_STRING;
    out->text = bf_escape(text, size, node->valuestring, strlen(node->valuestring));
    return out;
}

static struct bf_json *filter(struct bf_arena *arena, const cJSON *node,
                              const struct wanted *wanted)
{
    struct bf_json *out;
    struct bf_json **link;
    const cJSON *c;

    if (!cJSON_IsObject(node) && !cJSON_IsArray(node)) {
        return wanted->parts[0][0] == '\0' ? scalar_evidence(arena, node) : NULL;
    }
    out = bf_arena_alloc(arena, sizeof(*out));
    if (out == NULL) {
        return NULL;
    }
    out->kind = cJSON_IsObject(node) ? BF_OBJECT : BF_ARRAY;
    link = &out->first;
    cJSON_ArrayForEach(c, node)
    {
        struct wanted below;
        char key[4 * MAX_SHOWN + 1];
        struct bf_json *child =
            descend(&below, wanted, cJSON_IsObject(node) ? c->string : "*")
                ? filter(arena, c, &below)
                : NULL;

        if (child != NULL) {
            if (cJSON_IsObject(node)) {
                child->key = bf_arena_text(
                    arena,
                    bf_text(bf_escape(key, sizeof(key), c->string, strlen(c->string))));
            }
            *link = child;
            link = &child->next;
            out->count++;
        }
    }
    return out->count > 0 ? out : NULL;
}

void vfy_at_evidence(struct bf_buf *out, struct vfy_at at, const char *const *patterns,
                     size_t num)
{
    struct bf_arena arena = {0};
    struct wanted wanted = {.num = num < MAX_PATTERNS ? num : MAX_PATTERNS};
    struct bf_json *node;

    bf_copy(wanted.parts, patterns, wanted.num * sizeof(patterns[0]));
    node = wanted.num > 0 && vfy_at_is(at) ? filter(&arena, node_of(at), &wanted) : NULL;
    if (node != NULL) {
        bf_json_write(out, node);
    } else {
        bf_put_text(out, "{}");
    }
    bf_arena_clear(&arena);
}

/* ---- difference ---- */

struct diff {
    vfy_diff_fn *line;
    void *ctx;
    bool settings;
    size_t lines;
};

static void shown(char *out, size_t size, const cJSON *node)
{
    char *text = cJSON_PrintUnformatted(node);

    (void)bf_escape(out, size, text != NULL ? text : "?",
                    text != NULL ? strlen(text) : 1);
    cJSON_free(text);
}

static void say(struct diff *d, const char *path, const cJSON *a, const cJSON *b)
{
    char x[MAX_SHOWN], y[MAX_SHOWN], text[MAX_PATH + 2 * MAX_SHOWN + 8];

    if (++d->lines > MAX_LINES) {
        return;
    }
    if (a != NULL) {
        shown(x, sizeof(x), a);
    }
    if (b != NULL) {
        shown(y, sizeof(y), b);
    }
    if (a != NULL && b != NULL) {
        (void)snprintf(text, sizeof(text), "%s: %s -> %s", path, x, y);
    } else {
        (void)snprintf(text, sizeof(text), "%s: %s", path, a != NULL ? x : y);
    }
    d->line(d->ctx, a == NULL ? "+" : b == NULL ? "-" : "~", text);
}

static void walk(struct diff *d, const char *path, const cJSON *a, const cJSON *b,
                 unsigned depth);

static void walk_object(struct diff *d, const char *path, const cJSON *a, const cJSON *b,
                        unsigned depth)
{
    char below[MAX_PATH];
    const cJSON *c;

    cJSON_ArrayForEach(c, a)
    {
        (void)snprintf(below, sizeof(below), "%.200s%s%.90s", path,
                       path[0] != '\0' ? "." : "", c->string);
        walk(d, below, c, cJSON_GetObjectItemCaseSensitive(b, c->string), depth);
    }
    cJSON_ArrayForEach(c, b)
    {
        if (cJSON_GetObjectItemCaseSensitive(a, c->string) == NULL) {
            (void)snprintf(below, sizeof(below), "%.200s%s%.90s", path,
                           path[0] != '\0' ? "." : "", c->string);
            walk(d, below, NULL, c, depth);
        }
    }
}

static void walk(struct diff *d, const char *path, const cJSON *a, const cJSON *b,
                 unsigned depth)
{
    char below[MAX_PATH];
    const cJSON *x, *y;
    unsigned i;

    if (same(a, b, d->settings)) {
        return;
    }
    if (depth < MAX_DEPTH && cJSON_IsObject(a) && cJSON_IsObject(b)) {
        walk_object(d, path, a, b, depth + 1);
        return;
    }
    if (depth < MAX_DEPTH && cJSON_IsArray(a) && cJSON_IsArray(b)) {
        x = a->child;
        y = b->child;
        for (i = 0; x != NULL || y != NULL; i++) {
            (void)snprintf(below, sizeof(below), "%.200s[%u]", path, i);
            walk(d, below, x, y, depth + 1);
            x = x != NULL ? x->next : NULL;
            y = y != NULL ? y->next : NULL;
        }
        return;
    }
    say(d, path[0] != '\0' ? path : "(all)", a, b);
}

void vfy_at_diff(struct vfy_at a, struct vfy_at b, bool settings, vfy_diff_fn *line,
                 void *ctx)
{
    struct diff d = {.line = line, .ctx = ctx, .settings = settings};

    walk(&d, "", node_of(a), node_of(b), 0);
}
