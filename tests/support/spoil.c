/* SPDX-License-Identifier: Apache-2.0 */
#include "spoil.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(bool good, const char *what)
{
    struct bf_diag diag = {0};

    if (!good) {
        fx_must(bf_fail(&diag, BF_INTERNAL, "%s", what), &diag, "spoil");
    }
}

void sp_begin_from(struct sp *s, struct bf_bytes container)
{
    struct bf_container c;
    struct bf_diag diag = {0};
    size_t i;

    memset(s, 0, sizeof(*s));
    fx_must(bf_gate(&c, container, &diag), &diag, "container");
    fx_copy(&s->manifest, c.entries[0].data);
    for (i = 1; i < c.num; i++) {
        if (strncmp(c.entries[i].name, "sig/", 4) != 0) {
            sp_set_bytes(s, c.entries[i].name, c.entries[i].data);
        }
    }
}

void sp_begin(struct sp *s, struct fx *f, bool policy)
{
    struct bf_manifest m;
    struct bf_buf container = {0};

    fx_manifest(&m, f, policy);
    fx_bundle_of(&container, f, &m, policy ? fx_policy : NULL, fx_repository);
    sp_begin_from(s, bf_buf_bytes(&container));
    bf_buf_clear(&container);
}

void sp_clear(struct sp *s)
{
    size_t i;

    bf_buf_clear(&s->manifest);
    for (i = 0; i < s->num; i++) {
        bf_buf_clear(&s->parts[i].data);
    }
    memset(s, 0, sizeof(*s));
}

/* text[at, at+len) of b gives way to what. */
static void splice(struct bf_buf *b, size_t at, size_t len, const char *what)
{
    struct bf_buf out = bf_buf(BF_MAX_MEMBER);

    bf_put(&out, b->ptr, at);
    bf_put_text(&out, what);
    bf_put(&out, b->ptr + at + len, b->len - at - len);
    need(!out.bad, "edit");
    bf_buf_clear(b);
    *b = out;
}

static void edit(struct bf_buf *b, const char *from, const char *to)
{
    const char *text = bf_buf_text(b), *at = text != NULL ? strstr(text, from) : NULL;

    need(at != NULL, from);
    need(strstr(at + 1, from) == NULL, from);
    splice(b, (size_t)(at - text), strlen(from), to);
}

void sp_edit(struct sp *s, const char *from, const char *to)
{
    edit(&s->manifest, from, to);
}

static struct sp_part *find(const struct sp *s, const char *name)
{
    size_t i;

    for (i = 0; i < s->num; i++) {
        if (strcmp(s->parts[i].name, name) == 0) {
            return (struct sp_part *)(uintptr_t)&s->parts[i];
        }
    }
    return NULL;
}

void sp_set_bytes(struct sp *s, const char *name, struct bf_bytes data)
{
    struct sp_part *p = find(s, name);

    if (data.ptr == NULL) {
        need(p != NULL, name);
        if (p != NULL) {
            bf_buf_clear(&p->data);
            *p = s->parts[--s->num];
        }
        return;
    }
    if (p == NULL) {
        need(s->num < sizeof(s->parts) / sizeof(s->parts[0]), "too many members");
        p = &s->parts[s->num++];
        memset(p, 0, sizeof(*p));
        snprintf(p->name, sizeof(p->name), "%s", name);
    } else {
        bf_buf_clear(&p->data);
    }
    fx_copy(&p->data, data);
}

void sp_set(struct sp *s, const char *name, const char *text)
{
    sp_set_bytes(s, name, text != NULL ? bf_text(text) : bf_view(NULL, 0));
}

struct bf_bytes sp_get(const struct sp *s, const char *name)
{
    const struct sp_part *p = find(s, name);

    need(p != NULL, name);
    return bf_buf_bytes(&p->data);
}

void sp_edit_member(struct sp *s, const char *name, const char *from, const char *to)
{
    struct sp_part *p = find(s, name);

    need(p != NULL, name);
    edit(&p->data, from, to);
}

/* ---- what follows ---- */

static const struct bf_json *parse(struct bf_json_doc *doc, const struct sp *s,
                                   const char *name)
{
    const struct sp_part *p = find(s, name);

    return p != NULL && bf_json_parse(doc, bf_buf_bytes(&p->data), BF_JSON_REVIEW,
                                      NULL) == BF_OK
               ? doc->root
               : NULL;
}

void sp_sheet(struct sp *s)
{
    struct bf_json_doc doc = {0}, policy = {0}, repository = {0};
    struct bf_manifest m;
    struct bf_buf sheet = bf_buf(BF_MAX_MEMBER);

    if (bf_json_parse(&doc, bf_buf_bytes(&s->manifest), BF_JSON_SIGNED, NULL) == BF_OK &&
        bf_schema_read(&m, &bf_manifest_schema, doc.root, &doc.arena, BF_MANIFEST_SCHEMA,
                       NULL) == BF_OK &&
        bf_sheet_write(&sheet, &m, parse(&policy, s, "review/iam-policy.json"),
                       parse(&repository, s, "review/repository.json"), NULL) == BF_OK) {
        sp_set_bytes(s, "review/sheet.txt", bf_buf_bytes(&sheet));
    }
    bf_json_clear(&doc);
    bf_json_clear(&policy);
    bf_json_clear(&repository);
    bf_buf_clear(&sheet);
}

static int by_name(const void *a, const void *b)
{
    const struct sp_part *x = a, *y = b;

    return strcmp(x->name, y->name);
}

void sp_list(struct sp *s)
{
    static const char head[] = "\"members\":[";
    const char *text = bf_buf_text(&s->manifest), *at = strstr(text, head), *end;
    struct bf_buf list = bf_buf(BF_MAX_JSON);
    char hash[2 * BF_SHA256 + 1];
    size_t i;

    need(at != NULL, "members");
    end = strchr(at, ']');
    qsort(s->parts, s->num, sizeof(s->parts[0]), by_name);
    for (i = 0; i < s->num; i++) {
        struct bf_bytes data = bf_buf_bytes(&s->parts[i].data);

        fx_must(bf_sha256_hex(hash, data), NULL, "hash");
        bf_put_fmt(&list, "%s{\"name\":\"%s\",\"sha256\":\"%s\",\"size\":%zu}",
                   i > 0 ? "," : "", s->parts[i].name, hash, data.len);
    }
    at += sizeof(head) - 1;
    splice(&s->manifest, (size_t)(at - text), (size_t)(end - at),
           list.len > 0 ? bf_buf_text(&list) : "");
    bf_buf_clear(&list);
}

void sp_pack(struct sp *s, struct fx *f, enum fx_who who, enum fx_who as,
             struct bf_buf *out)
{
    struct bf_entry entries[20];
    struct bf_diag diag = {0};
    size_t i;

    *out = bf_buf(BF_MAX_CONTAINER);
    entries[0] =
        (struct bf_entry){.name = "manifest.json", .data = bf_buf_bytes(&s->manifest)};
    for (i = 0; i < s->num; i++) {
        entries[i + 1] = (struct bf_entry){.name = s->parts[i].name,
                                           .data = bf_buf_bytes(&s->parts[i].data)};
    }
    fx_must(bf_pack(out, entries, s->num + 1, &diag), &diag, "pack");
    fx_sign(out, f, who, as, "author");
}

void sp_end(struct sp *s, struct fx *f, struct bf_buf *out)
{
    sp_sheet(s);
    sp_list(s);
    sp_pack(s, f, FX_ALICE, FX_ALICE, out);
    fx_sign(out, f, FX_BOB, FX_BOB, "approve");
    fx_sign(out, f, FX_CAROL, FX_CAROL, "approve");
}
