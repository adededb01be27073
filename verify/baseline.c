/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"
#include "receipts.h"

enum { MAX_CHANGE = 200 * 1024, MAX_KEYS = 256 };

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- form ---- */

static bool is_type(const char *t)
{
    return is(t, VFY_CHANGE_TYPE);
}

static const struct bf_field key_fields[] = {
    {.name = "manifest_sha256",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_change_key, manifest_sha256),
     .grammar = bf_is_hex64},
    {.name = "name", .kind = BF_F_TEXT, .at = offsetof(struct vfy_change_key, name)},
};
static const struct bf_schema key_schema = {"key", sizeof(struct vfy_change_key),
                                            key_fields, NUM(key_fields)};

#define IN_TARGET(member)                                                                \
    (offsetof(struct vfy_change, target.member) - offsetof(struct vfy_change, target))
static const struct bf_field target_fields[] = {
    {.name = "cluster_uuid", .kind = BF_F_TEXT, .at = IN_TARGET(cluster_uuid)},
    {.name = "id", .kind = BF_F_TEXT, .at = IN_TARGET(id), .grammar = bf_is_id},
    {.name = "kind", .kind = BF_F_TEXT, .at = IN_TARGET(kind)},
};
static const struct bf_schema target_schema = {
    "target", sizeof(((struct vfy_change *)NULL)->target), target_fields,
    NUM(target_fields)};

static const struct bf_field change_fields[] = {
    {.name = "keys",
     .kind = BF_F_OBJECTS,
     .at = offsetof(struct vfy_change, keys),
     .max = MAX_KEYS,
     .of = &key_schema},
    {.name = "manifest_sha256",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_change, manifest_sha256),
     .grammar = bf_is_hex64},
    {.name = "plan",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_change, plan),
     .of = &bf_plan_schema},
    {.name = "policy", .kind = BF_F_TEXT, .at = offsetof(struct vfy_change, policy)},
    {.name = "repository",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_change, repository)},
    {.name = "target",
     .kind = BF_F_OBJECT,
     .at = offsetof(struct vfy_change, target),
     .of = &target_schema},
    {.name = "type",
     .kind = BF_F_TEXT,
     .at = offsetof(struct vfy_change, type),
     .grammar = is_type},
};
const struct bf_schema vfy_change_schema = {"change", sizeof(struct vfy_change),
                                            change_fields, NUM(change_fields)};

enum bf_err vfy_change_path(char out[VFY_PATH], const struct vfy_state *s,
                            const char *target, struct bf_diag *diag)
{
    return vfy_path(out, s, diag, "targets/%s.change", target);
}

static enum bf_err read_change(struct vfy_change *out, struct bf_json_doc *doc,
                               bool *there, const char *path, struct bf_diag *diag)
{
    struct bf_buf raw = bf_buf(MAX_CHANGE);
    enum bf_err err;

    *there = access(path, F_OK) == 0 || errno != ENOENT;
    if (!*there) {
        return BF_OK;
    }
    err = bf_file_read(&raw, path, MAX_CHANGE, diag);
    if (err == BF_OK &&
        bf_json_parse(doc, bf_buf_bytes(&raw), BF_JSON_SIGNED, diag) != BF_OK) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "%s", path);
    }
    if (err == BF_OK) {
        err = bf_schema_read(out, &vfy_change_schema, doc->root, &doc->arena,
                             BF_STATE_DAMAGED, diag);
    }
    bf_diag_hint(diag,
                 err == BF_STATE_DAMAGED
                     ? "apply the same bundle once more: it is proved, and this file "
                       "is made anew"
                     : NULL);
    bf_buf_clear(&raw);
    return err;
}

/* ---- writing ---- */

static const struct vfy_change_key *key_of(const struct vfy_change *c, const char *name)
{
    size_t i;

    for (i = 0; i < c->keys.num; i++) {
        const struct vfy_change_key *key =
            BF_LIST_ITEM(&c->keys, const struct vfy_change_key, i);

        if (is(key->name, name)) {
            return key;
        }
    }
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct vfy_change_key *)a)->name,
                  ((const struct vfy_change_key *)b)->name);
}

/* Names of before that this bundle says nothing of stay; a value that is "same" (which
 * check 13 has looked at) keeps the bundle that set it. */
static enum bf_err next_keys(struct bf_list *out, struct bf_arena *arena,
                             const struct vfy_look *look, const struct vfy_change *old,
                             struct bf_diag *diag)
{
    const struct bf_manifest *m = &look->bundle.m;
    size_t most = old->keys.num + look->secrets.num, num = 0, i;
    struct vfy_change_key *rows =
        bf_arena_alloc(arena, (most > 0 ? most : 1) * sizeof(*rows));

    if (rows == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "keys");
    }
    for (i = 0; i < old->keys.num; i++) {
        const struct vfy_change_key *key =
            BF_LIST_ITEM(&old->keys, const struct vfy_change_key, i);

        if (bf_manifest_secret(m, key->name) == NULL) {
            rows[num++] = *key;
        }
    }
    for (i = 0; i < look->secrets.num; i++) {
        const char *name = look->secrets.items[i].name;
        const struct bf_secret_ref *ref = bf_manifest_secret(m, name);
        const struct vfy_change_key *key = key_of(old, name);
        const bool same = ref != NULL && key != NULL && is(ref->versus, "same");

        rows[num++] = (struct vfy_change_key){
            same ? key->manifest_sha256 : look->bundle.sha256, name};
    }
    qsort(rows, num, sizeof(*rows), by_name);
    *out = (struct bf_list){num, rows};
    return BF_OK;
}

static const char *document(struct bf_arena *arena, const struct bf_entry *entry,
                            const char *instead)
{
    return entry != NULL ? bf_arena_text(arena, entry->data) : instead;
}

enum bf_err vfy_change_write(const struct vfy_state *s, const struct vfy_look *look,
                             const char *path, struct bf_diag *diag)
{
    const struct bf_bundle *b = &look->bundle;
    struct bf_buf text = bf_buf(MAX_CHANGE);
    struct bf_json_doc doc = {0};
    struct bf_arena arena = {0};
    struct bf_diag ignored = {0};
    struct vfy_change old = {0}, c = {0};
    char before[VFY_PATH];
    bool there = false, again, rotate = is(b->m.plan.action, "rotate");
    enum bf_err err = vfy_change_path(before, s, b->m.target.id, diag);

    if (err != BF_OK) {
        return err;
    }
    /* one that is damaged is made anew */
    if (read_change(&old, &doc, &there, before, &ignored) != BF_OK || !there) {
        old = (struct vfy_change){.repository = ""};
    }
    again = is(old.manifest_sha256 != NULL ? old.manifest_sha256 : "", b->sha256);
    if (again) {
        goto out; /* it is there as it was written when it was applied */
    }
    c.manifest_sha256 = b->sha256;
    c.plan = b->m.plan;
    c.policy = document(&arena, b->policy, "");
    c.repository = document(&arena, b->repository, rotate ? old.repository : "");
    if (rotate && b->policy == NULL && there) { /* nor a policy: it stays */
        c.policy = old.policy;
        c.plan.iam = old.plan.iam;
    }
    c.target.cluster_uuid = b->m.target.cluster_uuid;
    c.target.id = b->m.target.id;
    c.target.kind = b->m.target.kind;
    c.type = VFY_CHANGE_TYPE;
    err = c.policy != NULL && c.repository != NULL
              ? next_keys(&c.keys, &arena, look, &old, diag)
              : bf_fail(diag, BF_NO_MEMORY, "change");
    if (err == BF_OK) {
        bf_schema_write(&text, &vfy_change_schema, &c);
        err = bf_buf_check(&text, "change", diag);
    }
    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&text), 0600, true, diag);
    }
out:
    bf_json_clear(&doc);
    bf_arena_clear(&arena);
    bf_buf_clear(&text);
    return err;
}

enum bf_err vfy_change_keep(const struct vfy_state *s, const char *target,
                            const char *from, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_CHANGE);
    char to[VFY_PATH];
    enum bf_err err = vfy_change_path(to, s, target, diag);

    if (err == BF_OK && access(from, F_OK) == 0) {
        err = bf_file_read(&text, from, MAX_CHANGE, diag);
        if (err == BF_OK) {
            err = bf_file_write(to, bf_buf_bytes(&text), 0600, true, diag);
        }
    }
    bf_buf_clear(&text);
    return err;
}

/* ---- reading ---- */

static const struct vfy_entry *applied_entry(const struct vfy_state *s,
                                             const char *target, const char *manifest)
{
    size_t i;

    for (i = s->ledger.num; i > 0; i--) {
        const struct vfy_entry *e = &s->ledger.entries[i - 1];

        if (is(e->outcome, "applied") && is(e->manifest_sha256, manifest) &&
            (target == NULL || is(e->target, target))) {
            return e;
        }
    }
    return NULL;
}

static enum bf_err read_receipt(struct vfy_baseline *out, const struct vfy_state *s,
                                struct bf_diag *diag)
{
    enum bf_err err =
        vfy_receipt_read(&out->container, &out->raw, s, (size_t)out->entry->index, diag);

    if (err == BF_OK && bf_json_parse(&out->receipt_doc, out->container.entries[0].data,
                                      BF_JSON_SIGNED, diag) != BF_OK) {
        err =
            bf_fail(diag, BF_STATE_DAMAGED, "receipt %lld", (long long)out->entry->index);
    }
    if (err == BF_OK) {
        err = bf_schema_read(&out->receipt, &bf_receipt_schema, out->receipt_doc.root,
                             &out->receipt_doc.arena, BF_STATE_DAMAGED, diag);
    }
    return err;
}

enum bf_err vfy_baseline_load(struct vfy_baseline *out, const struct vfy_state *s,
                              const char *target, const struct vfy_record_of_target *r,
                              struct bf_diag *diag)
{
    char path[VFY_PATH];
    enum bf_err err = vfy_change_path(path, s, target, diag);

    memset(out, 0, sizeof(*out));
    if (err != BF_OK || r->applied.manifest_sha256[0] == '\0') {
        return err;
    }
    err = read_change(&out->change, &out->change_doc, &out->has_change, path, diag);
    /* one of another bundle was left by a version that kept none */
    out->has_change = err == BF_OK && out->has_change &&
                      is(out->change.manifest_sha256, r->applied.manifest_sha256);
    out->entry = applied_entry(s, target, r->applied.manifest_sha256);
    if (err == BF_OK && out->entry != NULL) {
        err = read_receipt(out, s, diag);
    }
    return err;
}

void vfy_baseline_clear(struct vfy_baseline *b)
{
    bf_json_clear(&b->change_doc);
    bf_json_clear(&b->receipt_doc);
    bf_buf_clear(&b->raw);
    memset(b, 0, sizeof(*b));
}

bool vfy_baseline_keystore(char *out, size_t size, const struct vfy_baseline *b,
                           const struct vfy_story *run, const char *node)
{
    const char *now = vfy_story_fact(run, "node_digest", node);
    const size_t len = strcspn(now, " ");
    size_t i;

    for (i = 0; b->entry != NULL && i < b->receipt.proof.keystores.num; i++) {
        const struct bf_receipt_node *row =
            BF_LIST_ITEM(&b->receipt.proof.keystores, const struct bf_receipt_node, i);

        if (!is(row->node, node) || row->digest[0] == '\0' || now[0] == '\0') {
            continue;
        }
        if (strlen(row->digest) != len || strncmp(row->digest, now, len) != 0) {
            (void)snprintf(out, size,
                           "the keystore of %s was changed since it was written (sha256 "
                           "%.16s, was %.16s)",
                           node, len > 0 ? now : "none", row->digest);
            return true;
        }
    }
    return false;
}

const struct vfy_entry *vfy_baseline_set_by(const struct vfy_state *s,
                                            const struct vfy_change_key *key)
{
    return applied_entry(s, NULL, key->manifest_sha256);
}
