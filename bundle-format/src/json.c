/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEY_SIGNED = 64, MAX_KEY_REVIEW = 128 };

struct parser {
    struct bf_json_doc *doc;
    struct bf_bytes in;
    size_t at;
    enum bf_json_profile profile;
    struct bf_diag *diag;
};

static enum bf_err fail(struct parser *p, enum bf_err err)
{
    return bf_fail(p->diag, err, "offset %zu", p->at);
}

static int peek(const struct parser *p)
{
    return p->at < p->in.len ? p->in.ptr[p->at] : -1;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* [BF-303] outside strings a blank is allowed in the relaxed profile only. */
static enum bf_err blanks(struct parser *p)
{
    while (is_blank(peek(p))) {
        if (p->profile != BF_JSON_RELAXED) {
            return fail(p, BF_JSON_BLANK);
        }
        p->at++;
    }
    return BF_OK;
}

static enum bf_err expect(struct parser *p, const char *word)
{
    size_t len = strlen(word);

    if (p->in.len - p->at < len || memcmp(p->in.ptr + p->at, word, len) != 0) {
        return fail(p, BF_JSON_SYNTAX);
    }
    p->at += len;
    return BF_OK;
}

/* The relaxed profile alone: \u00XX of a printable ASCII character, so that any editor's
 * output can be read. */
static int unicode(struct parser *p)
{
    uint8_t two[2];
    char hex[4];
    size_t i;

    if (p->in.len - p->at < 5) {
        return -1;
    }
    for (i = 0; i < 4; i++) {
        char c = (char)p->in.ptr[p->at + 1 + i];

        hex[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    }
    if (!bf_unhex(two, 2, hex, 4) || two[0] != 0) {
        return -1;
    }
    p->at += 4;
    return two[1];
}

/* [BF-304] printable ASCII, escapes \" and \\ only. Leaves the text in the arena. */
static enum bf_err string(struct parser *p, const char **out)
{
    size_t start = p->at + 1, len = 0, end = start;
    char *text;

    while (end < p->in.len && p->in.ptr[end] != '"') {
        end += p->in.ptr[end] == '\\' ? 2 : 1;
    }
    if (end >= p->in.len) {
        return fail(p, BF_JSON_SYNTAX);
    }
    text = bf_arena_alloc(&p->doc->arena, end - start + 1);
    if (text == NULL) {
        return fail(p, BF_NO_MEMORY);
    }
    for (p->at = start; p->at < end; p->at++) {
        int c = p->in.ptr[p->at];

        if (c == '\\') {
            p->at++;
            c = p->in.ptr[p->at];
            if (p->profile == BF_JSON_RELAXED && c == 'u') {
                c = unicode(p);
            } else if (c != '"' && c != '\\' &&
                       !(p->profile == BF_JSON_RELAXED && c == '/')) {
                return fail(p, BF_JSON_STRING);
            }
        }
        if (c < 0x20 || c > 0x7e) {
            return fail(p, BF_JSON_STRING);
        }
        text[len++] = (char)c;
    }
    p->at = end + 1;
    *out = text;
    return BF_OK;
}

/* [BF-305] 0 or -?[1-9][0-9]{0,15}, at most 2^53-1 in size. */
static enum bf_err number(struct parser *p, int64_t *out)
{
    const int64_t max = 9007199254740991;
    bool negative = peek(p) == '-';
    int64_t v = 0;
    size_t digits = 0;

    p->at += negative ? 1 : 0;
    if (peek(p) == '0' && negative) {
        return fail(p, BF_JSON_NUMBER);
    }
    while (peek(p) >= '0' && peek(p) <= '9') {
        if (digits == 16 || (digits == 1 && v == 0)) {
            return fail(p, BF_JSON_NUMBER);
        }
        v = v * 10 + (peek(p) - '0');
        digits++;
        p->at++;
    }
    if (digits == 0 || v > max || peek(p) == '.' || peek(p) == 'e' || peek(p) == 'E') {
        return fail(p, BF_JSON_NUMBER);
    }
    *out = negative ? -v : v;
    return BF_OK;
}

/* [BF-306] */
static bool key_ok(const struct parser *p, const char *key)
{
    size_t len = strlen(key), i;

    if (len == 0 ||
        len > (p->profile == BF_JSON_SIGNED ? MAX_KEY_SIGNED : MAX_KEY_REVIEW)) {
        return false;
    }
    for (i = 0; i < len; i++) {
        char c = key[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '.' || c == '-';

        if (p->profile == BF_JSON_SIGNED ? !plain : c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

static enum bf_err value(struct parser *p, struct bf_json *node, size_t depth);

/* [BF-307] strictly ascending, so none twice; relaxed: none twice. */
static enum bf_err key_order(struct parser *p, const struct bf_json *object,
                             const struct bf_json *last, const char *key)
{
    if (p->profile == BF_JSON_RELAXED) {
        return bf_json_get(object, key) != NULL ? fail(p, BF_JSON_ORDER) : BF_OK;
    }
    return last != NULL && strcmp(last->key, key) >= 0 ? fail(p, BF_JSON_ORDER) : BF_OK;
}

static enum bf_err member_key(struct parser *p, const struct bf_json *object,
                              const struct bf_json *last, const char **key)
{
    enum bf_err err;

    if (peek(p) != '"') {
        return fail(p, BF_JSON_SYNTAX);
    }
    if ((err = string(p, key)) != BF_OK) {
        return err;
    }
    if (!key_ok(p, *key)) {
        return fail(p, BF_JSON_KEY);
    }
    if ((err = key_order(p, object, last, *key)) != BF_OK || (err = blanks(p)) != BF_OK ||
        (err = expect(p, ":")) != BF_OK) {
        return err;
    }
    return blanks(p);
}

/* Objects and arrays differ in their brackets and in the keys. */
static enum bf_err container(struct parser *p, struct bf_json *node, size_t depth)
{
    const bool object = node->kind == BF_OBJECT;
    const char *closing = object ? "}" : "]";
    struct bf_json *last = NULL;
    enum bf_err err;

    p->at++;
    if ((err = blanks(p)) != BF_OK) {
        return err;
    }
    if (peek(p) == closing[0]) {
        p->at++;
        return BF_OK;
    }
    for (;;) {
        struct bf_json *child = bf_arena_alloc(&p->doc->arena, sizeof(*child));

        if (child == NULL) {
            return fail(p, BF_NO_MEMORY);
        }
        if (object && (err = member_key(p, node, last, &child->key)) != BF_OK) {
            return err;
        }
        if ((err = value(p, child, depth + 1)) != BF_OK || (err = blanks(p)) != BF_OK) {
            return err;
        }
        *(last == NULL ? &node->first : &last->next) = child;
        last = child;
        node->count++;
        if (peek(p) != ',') {
            return expect(p, closing);
        }
        p->at++;
        if ((err = blanks(p)) != BF_OK) {
            return err;
        }
    }
}

static enum bf_err value(struct parser *p, struct bf_json *node, size_t depth)
{
    int c = peek(p);

    if (depth > BF_MAX_DEPTH) { /* [BF-308] */
        return fail(p, BF_JSON_DEPTH);
    }
    if (c == '{' || c == '[') {
        node->kind = c == '{' ? BF_OBJECT : BF_ARRAY;
        return container(p, node, depth);
    }
    if (c == '"') {
        node->kind = BF_STRING;
        return string(p, &node->text);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        node->kind = BF_INT;
        return number(p, &node->num);
    }
    if (is_blank(c)) {
        return fail(p, BF_JSON_BLANK);
    }
    node->kind = BF_BOOL;
    node->num = c == 't';
    return expect(p, c == 't' ? "true" : "false"); /* [BF-302] no null */
}

enum bf_err bf_json_parse(struct bf_json_doc *doc, struct bf_bytes in,
                          enum bf_json_profile profile, struct bf_diag *diag)
{
    struct parser p = {doc, in, 0, profile, diag};
    enum bf_err err;

    doc->root = NULL;
    if (in.len == 0 || in.len > BF_MAX_JSON) { /* [BF-301] */
        return bf_fail(diag, BF_JSON_SIZE, "%zu bytes", in.len);
    }
    doc->root = bf_arena_alloc(&doc->arena, sizeof(*doc->root));
    if (doc->root == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "JSON");
    }
    if ((err = blanks(&p)) == BF_OK && (err = value(&p, doc->root, 1)) == BF_OK &&
        (err = blanks(&p)) == BF_OK && p.at != in.len) {
        err = fail(&p, BF_JSON_TRAILING); /* [BF-309] */
    }
    if (err != BF_OK) {
        bf_json_clear(doc);
    }
    return err;
}

void bf_json_clear(struct bf_json_doc *doc)
{
    bf_arena_clear(&doc->arena);
    doc->root = NULL;
}

const struct bf_json *bf_json_get(const struct bf_json *object, const char *key)
{
    const struct bf_json *c =
        object != NULL && object->kind == BF_OBJECT ? object->first : NULL;

    while (c != NULL && strcmp(c->key, key) != 0) {
        c = c->next;
    }
    return c;
}

const char *bf_json_get_text(const struct bf_json *object, const char *key)
{
    const struct bf_json *c = bf_json_get(object, key);

    return c != NULL && c->kind == BF_STRING ? c->text : NULL;
}

void bf_json_write_text(struct bf_buf *out, const char *text)
{
    bf_put_text(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text < 0x20 || *text > 0x7e) {
            out->bad = true;
            return;
        }
        if (*text == '"' || *text == '\\') {
            bf_put_text(out, "\\");
        }
        bf_put(out, text, 1);
    }
    bf_put_text(out, "\"");
}

static int by_key(const void *a, const void *b)
{
    const struct bf_json *const *x = a, *const *y = b;

    return strcmp((*x)->key, (*y)->key);
}

static void write_children(struct bf_buf *out, const struct bf_json *node)
{
    const struct bf_json **sorted =
        calloc(node->count > 0 ? node->count : 1, sizeof(*sorted));
    const struct bf_json *c = node->first;
    size_t i;

    if (sorted == NULL) {
        out->bad = true;
        return;
    }
    for (i = 0; c != NULL; c = c->next) {
        sorted[i++] = c;
    }
    if (node->kind == BF_OBJECT) {
        qsort(sorted, node->count, sizeof(*sorted), by_key);
    }
    for (i = 0; i < node->count; i++) {
        bf_put_text(out, i > 0 ? "," : "");
        if (node->kind == BF_OBJECT) {
            bf_json_write_text(out, sorted[i]->key);
            bf_put_text(out, ":");
        }
        bf_json_write(out, sorted[i]);
    }
    free(sorted);
}

void bf_json_write(struct bf_buf *out, const struct bf_json *node)
{
    switch (node->kind) {
    case BF_OBJECT:
    case BF_ARRAY:
        bf_put_text(out, node->kind == BF_OBJECT ? "{" : "[");
        write_children(out, node);
        bf_put_text(out, node->kind == BF_OBJECT ? "}" : "]");
        break;
    case BF_STRING:
        bf_json_write_text(out, node->text);
        break;
    case BF_INT:
        bf_put_fmt(out, "%" PRId64, node->num);
        break;
    case BF_BOOL:
        bf_put_text(out, node->num != 0 ? "true" : "false");
        break;
    }
}
