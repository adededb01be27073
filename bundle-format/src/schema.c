/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "bf/json.h"

struct reading {
    struct bf_arena *arena;
    enum bf_err err_schema; /* the wrong shape */
    enum bf_err err_value;  /* the right shape, a value that is not allowed */
    struct bf_diag *diag;
};

static enum bf_err read_object(struct reading *r, void *out,
                               const struct bf_schema *schema,
                               const struct bf_json *node);

static enum bf_err wrong(struct reading *r, const char *what)
{
    return bf_fail(r->diag, r->err_schema, "%s", what);
}

static enum bf_err read_text(struct reading *r, const char **out,
                             const struct bf_field *f, const struct bf_json *node)
{
    if (node->kind != BF_STRING) {
        return wrong(r, "not a string");
    }
    if (f->grammar != NULL && !f->grammar(node->text)) {
        return bf_fail(r->diag, r->err_value, "a value that is not allowed");
    }
    *out = node->text;
    return BF_OK;
}

static enum bf_err read_list(struct reading *r, struct bf_list *out,
                             const struct bf_field *f, const struct bf_json *node)
{
    const size_t size = f->kind == BF_F_TEXTS ? sizeof(const char *) : f->of->size;
    const struct bf_json *c = node->first;
    enum bf_err err;
    size_t i;

    if (node->kind != BF_ARRAY) {
        return wrong(r, "not a list");
    }
    if ((int64_t)node->count < f->min || (int64_t)node->count > f->max) {
        return bf_fail(r->diag, r->err_value, "too few or too many entries");
    }
    out->items = bf_arena_alloc(r->arena, size * (node->count > 0 ? node->count : 1));
    if (out->items == NULL) {
        return bf_fail(r->diag, BF_NO_MEMORY, "list");
    }
    for (i = 0; c != NULL; c = c->next, i++) {
        void *item = (char *)out->items + i * size;

        err = f->kind == BF_F_TEXTS ? read_text(r, item, f, c)
                                    : read_object(r, item, f->of, c);
        if (err != BF_OK) {
            bf_diag_in(r->diag, "entry %zu", i + 1);
            return err;
        }
    }
    out->num = i;
    return BF_OK;
}

static enum bf_err read_field(struct reading *r, void *out, const struct bf_field *f,
                              const struct bf_json *node)
{
    void *at = (char *)out + f->at;

    switch (f->kind) {
    case BF_F_TEXT:
        return read_text(r, at, f, node);
    case BF_F_INT:
        if (node->kind != BF_INT) {
            return wrong(r, "not a number");
        }
        if (node->num < f->min || node->num > f->max) {
            return bf_fail(r->diag, r->err_value, "not in the allowed range");
        }
        *(int64_t *)at = node->num;
        return BF_OK;
    case BF_F_BOOL:
        if (node->kind != BF_BOOL) {
            return wrong(r, "not true or false");
        }
        *(bool *)at = node->num != 0;
        return BF_OK;
    case BF_F_OBJECT:
        return read_object(r, at, f->of, node);
    case BF_F_TEXTS:
    case BF_F_OBJECTS:
        return read_list(r, at, f, node);
    }
    return BF_INTERNAL;
}

static const struct bf_field *find(const struct bf_schema *schema, const char *name)
{
    size_t i;

    for (i = 0; i < schema->num; i++) {
        if (strcmp(schema->fields[i].name, name) == 0) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

/* Closed both ways: every member is in the table, every entry of the table is there. */
static enum bf_err read_object(struct reading *r, void *out,
                               const struct bf_schema *schema, const struct bf_json *node)
{
    const struct bf_json *c;
    enum bf_err err;
    size_t i;

    if (node->kind != BF_OBJECT) {
        return wrong(r, "not an object");
    }
    for (c = node->first; c != NULL; c = c->next) {
        if (find(schema, c->key) == NULL) {
            return bf_fail(r->diag, r->err_schema, "%s: unknown member", c->key);
        }
    }
    for (i = 0; i < schema->num; i++) {
        const struct bf_field *f = &schema->fields[i];
        const struct bf_json *member = bf_json_get(node, f->name);

        if (member == NULL) {
            return bf_fail(r->diag, r->err_schema, "%s: missing", f->name);
        }
        if ((err = read_field(r, out, f, member)) != BF_OK) {
            bf_diag_in(r->diag, "%s", f->name);
            return err;
        }
    }
    return BF_OK;
}

enum bf_err bf_schema_read_as(void *out, const struct bf_schema *schema,
                              const struct bf_json *node, struct bf_arena *arena,
                              enum bf_err err_schema, enum bf_err err_value,
                              struct bf_diag *diag)
{
    struct reading r = {arena, err_schema, err_value, diag};

    memset(out, 0, schema->size);
    return read_object(&r, out, schema, node);
}

enum bf_err bf_schema_read(void *out, const struct bf_schema *schema,
                           const struct bf_json *node, struct bf_arena *arena,
                           enum bf_err err_schema, struct bf_diag *diag)
{
    return bf_schema_read_as(out, schema, node, arena, err_schema, err_schema, diag);
}

const char *bf_list_text(const struct bf_list *list, size_t i)
{
    return ((const char *const *)list->items)[i];
}

static void write_text(struct bf_buf *out, const char *text)
{
    bf_json_write_text(out, text != NULL ? text : "");
}

static void write_list(struct bf_buf *out, const struct bf_field *f,
                       const struct bf_list *list)
{
    size_t i;

    bf_put_text(out, "[");
    for (i = 0; i < list->num; i++) {
        bf_put_text(out, i > 0 ? "," : "");
        if (f->kind == BF_F_TEXTS) {
            write_text(out, bf_list_text(list, i));
        } else {
            bf_schema_write(out, f->of, (const char *)list->items + i * f->of->size);
        }
    }
    bf_put_text(out, "]");
}

void bf_schema_write(struct bf_buf *out, const struct bf_schema *schema, const void *in)
{
    size_t i;

    bf_put_text(out, "{");
    for (i = 0; i < schema->num; i++) {
        const struct bf_field *f = &schema->fields[i];
        const void *at = (const char *)in + f->at;

        bf_put_fmt(out, "%s\"%s\":", i > 0 ? "," : "", f->name);
        switch (f->kind) {
        case BF_F_TEXT:
            write_text(out, *(const char *const *)at);
            break;
        case BF_F_INT:
            bf_put_fmt(out, "%" PRId64, *(const int64_t *)at);
            break;
        case BF_F_BOOL:
            bf_put_text(out, *(const bool *)at ? "true" : "false");
            break;
        case BF_F_OBJECT:
            bf_schema_write(out, f->of, at);
            break;
        case BF_F_TEXTS:
        case BF_F_OBJECTS:
            write_list(out, f, at);
            break;
        }
    }
    bf_put_text(out, "}");
}
