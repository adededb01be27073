/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"

#include <stdio.h>
#include <string.h>

struct walk {
    struct bf_json_doc *doc;
    ft_emit_fn *emit;
    void *ctx;
    size_t num;
};

static void tell(struct walk *w, enum ft_kind kind, const char *path)
{
    struct bf_buf text = bf_buf(BF_MAX_JSON);

    bf_json_write(&text, w->doc->root);
    if (bf_buf_text(&text) != NULL) {
        w->emit(kind, path, (const char *)text.ptr, w->ctx);
        w->num++;
    }
    bf_buf_clear(&text);
}

static void visit(struct walk *w, struct bf_json *node, const char *path);

/* The members are linked by next; at is the link that points to the one dropped. */
static void drop_each(struct walk *w, struct bf_json *object, const char *path)
{
    struct bf_json **at = &object->first;

    while (*at != NULL) {
        struct bf_json *gone = *at;
        char where[200];

        snprintf(where, sizeof(where), "%.150s%s%.40s", path, path[0] != '\0' ? "." : "",
                 gone->key);
        *at = gone->next;
        object->count--;
        tell(w, FT_DROP, where);
        object->count++;
        *at = gone;
        visit(w, gone, where);
        at = &gone->next;
    }
}

static void add_unknown(struct walk *w, struct bf_json *object, const char *path)
{
    struct bf_json extra = {.kind = BF_INT, .key = "zz", .num = 1};
    struct bf_json **at = &object->first;

    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = &extra;
    object->count++;
    tell(w, FT_UNKNOWN, path);
    object->count--;
    *at = NULL;
}

static void other_kind(struct walk *w, struct bf_json *node, const char *path)
{
    struct bf_json was = *node;

    node->kind = was.kind == BF_BOOL ? BF_INT : BF_BOOL;
    node->num = 1;
    node->first = NULL;
    node->count = 0;
    tell(w, FT_KIND, path);
    *node = was;
}

static void spoil_value(struct walk *w, struct bf_json *node, const char *path)
{
    struct bf_json was = *node;

    if (node->kind == BF_STRING) {
        node->text = " #";
        tell(w, FT_GRAMMAR, path);
    } else if (node->kind == BF_INT) {
        node->num = -1;
        tell(w, FT_NEGATIVE, path);
    }
    *node = was;
}

static void visit(struct walk *w, struct bf_json *node, const char *path)
{
    struct bf_json *c;
    char where[200];

    other_kind(w, node, path);
    spoil_value(w, node, path);
    if (node->kind == BF_OBJECT) {
        add_unknown(w, node, path);
        drop_each(w, node, path);
    } else if (node->kind == BF_ARRAY) {
        snprintf(where, sizeof(where), "%.180s.entry", path);
        for (c = node->first; c != NULL; c = c->next) {
            visit(w, c, where);
        }
    }
}

size_t ft_each(struct bf_json_doc *doc, ft_emit_fn *emit, void *ctx)
{
    struct walk w = {doc, emit, ctx, 0};

    add_unknown(&w, doc->root, "");
    drop_each(&w, doc->root, "");
    return w.num;
}

static void must(bool good, const char *what)
{
    fx_must(good ? BF_OK : BF_INTERNAL, NULL, what);
}

void ft_trust(struct bf_buf *out, const char *manifest, struct bf_bytes signers)
{
    struct bf_entry entries[2] = {{"manifest.json", bf_text(manifest)},
                                  {"allowed_signers", signers}};
    struct bf_diag diag = {0};

    *out = bf_buf(BF_MAX_CONTAINER);
    fx_must(bf_pack(out, entries, signers.ptr != NULL ? 2 : 1, &diag), &diag, "pack");
}

void ft_trust_body(struct bf_buf *out, struct bf_trust_body *body)
{
    struct bf_buf manifest = bf_buf(BF_MAX_JSON), signers = bf_buf(BF_MAX_MEMBER);
    char sha256[2 * BF_SHA256 + 1];
    struct bf_member row = {.name = "allowed_signers", .sha256 = sha256};

    bf_trust_allowed_signers(&signers, body);
    fx_must(bf_sha256_hex(sha256, bf_buf_bytes(&signers)), NULL, "hash");
    row.size = (int64_t)signers.len;
    body->members = (struct bf_list){1, &row};
    bf_schema_write(&manifest, &bf_trust_schema, body);
    body->members = (struct bf_list){0, NULL};
    must(bf_buf_text(&manifest) != NULL && bf_buf_text(&signers) != NULL, "trust body");
    ft_trust(out, (const char *)manifest.ptr, bf_buf_bytes(&signers));
    bf_buf_clear(&signers);
    bf_buf_clear(&manifest);
}

void ft_sign(struct bf_buf *container, struct bf_signer *signer, const char *role,
             const char *name, const char *domain)
{
    char space[160], member[BF_MAX_NAME + 1];
    struct bf_container c;
    struct bf_diag diag = {0};
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);

    bf_namespace(space, sizeof(space), role, domain);
    fx_must(bf_gate(&c, bf_buf_bytes(container), &diag), &diag, "container");
    fx_must(bf_sign(signer, &armor, space, c.entries[0].data, &diag), &diag, "sign");
    snprintf(member, sizeof(member), "sig/%s.%s.sshsig", role, name);
    fx_put(container, member, bf_buf_bytes(&armor));
    bf_buf_clear(&armor);
}

void ft_receipt(struct bf_buf *out, struct fx *f, enum fx_who who, const char *origin,
                const char *manifest)
{
    ft_trust(out, manifest, bf_view(NULL, 0));
    ft_sign(out, &f->who[who].signer, "receipt", origin, FX_DOMAIN);
}

void ft_sha256(char out[2 * BF_SHA256 + 1], const struct bf_buf *container)
{
    struct bf_container c;
    struct bf_diag diag = {0};

    fx_must(bf_gate(&c, bf_buf_bytes(container), &diag), &diag, "container");
    fx_must(bf_sha256_hex(out, c.entries[0].data), NULL, "hash");
}
