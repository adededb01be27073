/* SPDX-License-Identifier: Apache-2.0 */
/* Check 13: secrets.age opened into locked memory and held against what was approved. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bundle_in.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define MAX_INT 9007199254740991

static bool is_secrets_type(const char *t)
{
    return strcmp(t, BF_SECRETS_TYPE) == 0;
}

/* A run of 0, shorter than a block. */
static bool is_pad(const char *t)
{
    return strspn(t, "0") == strlen(t);
}

static const struct bf_field entry_fields[] = {
    {.name = "name",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_secrets_entry, name),
     .grammar = bf_is_secret_name},
    {.name = "opening",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_secrets_entry, opening),
     .grammar = bf_is_hex64},
    {.name = "value", .kind = BF_F_TEXT, .at = offsetof(struct bf_secrets_entry, value)},
};
static const struct bf_schema entry_schema = {"entry", sizeof(struct bf_secrets_entry),
                                              entry_fields, NUM(entry_fields)};

static const struct bf_field body_fields[] = {
    {.name = "author",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_secrets_body, author),
     .grammar = bf_is_id},
    {.name = "bundle_id",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_secrets_body, bundle_id),
     .grammar = bf_is_hex32},
    {.name = "cluster_uuid",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_secrets_body, cluster_uuid),
     .grammar = bf_is_uuid},
    {.name = "entries",
     .kind = BF_F_OBJECTS,
     .at = offsetof(struct bf_secrets_body, entries),
     .min = 1,
     .max = BF_MAX_SECRETS,
     .of = &entry_schema},
    {.name = "pad", .kind = BF_F_TEXT, .at = offsetof(struct bf_secrets_body, pad)},
    {.name = "serial",
     .kind = BF_F_INT,
     .at = offsetof(struct bf_secrets_body, serial),
     .min = 1,
     .max = MAX_INT},
    {.name = "target",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_secrets_body, target),
     .grammar = bf_is_id},
    {.name = "type",
     .kind = BF_F_TEXT,
     .at = offsetof(struct bf_secrets_body, type),
     .grammar = is_secrets_type},
};
const struct bf_schema bf_secrets_schema = {"secrets", sizeof(struct bf_secrets_body),
                                            body_fields, NUM(body_fields)};

void bf_commitment(char out[65], const uint8_t opening[BF_KEY], const char *id,
                   const char *name, struct bf_bytes value)
{
    char id_head[48], name_head[32], value_head[32];
    uint8_t mac[BF_SHA256];
    struct bf_bytes parts[6];

    snprintf(id_head, sizeof(id_head), "SNAPSEALC1 %zu ", strlen(id));
    snprintf(name_head, sizeof(name_head), " %zu ", strlen(name));
    snprintf(value_head, sizeof(value_head), " %zu ", value.len);
    parts[0] = bf_text(id_head);
    parts[1] = bf_text(id);
    parts[2] = bf_text(name_head);
    parts[3] = bf_text(name);
    parts[4] = bf_text(value_head);
    parts[5] = value;
    bf_hmac_sha256(mac, bf_view(opening, BF_KEY), parts, NUM(parts));
    bf_hex(out, mac, sizeof(mac));
}

/* A library's or the machine's fault passes through; everything else is one refusal. */
static enum bf_err as_refusal(enum bf_err err, enum bf_err refusal, struct bf_diag *diag)
{
    struct bf_diag inner = {0};

    if (err == BF_OK || err == refusal || bf_err_exit(err) != BF_EXIT_REFUSED) {
        return err;
    }
    if (diag != NULL) {
        inner = *diag;
    }
    return bf_fail(diag, refusal, "%s %.300s", bf_err_id(err), inner.where);
}

/* [BF-501] [BF-502] from ciphertext to struct. */
static enum bf_err open_body(struct bf_secrets *out, struct bf_secrets_body *body,
                             struct bf_bytes sealed, const uint8_t identity[BF_KEY],
                             struct bf_diag *diag)
{
    enum bf_err err;

    if ((err = bf_secret_alloc(&out->plain, BF_SECRETS_PLAIN, diag)) != BF_OK ||
        (err = bf_arena_lock(&out->doc.arena, BF_SECRETS_ARENA, diag)) != BF_OK) {
        return err;
    }
    err = bf_age_open(out->plain.ptr, out->plain.cap, &out->plain.len, sealed, identity,
                      1, diag);
    if (err != BF_OK) {
        return as_refusal(err, BF_SECRET_AGE, diag);
    }
    err = bf_json_parse(&out->doc, bf_secret_bytes(&out->plain), BF_JSON_SIGNED, diag);
    if (err == BF_OK) {
        err = bf_schema_read(body, &bf_secrets_schema, out->doc.root, &out->doc.arena,
                             BF_SECRET_SCHEMA, diag);
    }
    /* the locked block has room for every plaintext that follows the schema */
    if (err == BF_NO_MEMORY) {
        return bf_fail(diag, BF_SECRET_SCHEMA, "more values than the schema has");
    }
    return as_refusal(err, BF_SECRET_SCHEMA, diag);
}

/* [BF-508] */
static enum bf_err check_padding(const struct bf_secrets *s,
                                 const struct bf_secrets_body *body, struct bf_diag *diag)
{
    if (!is_pad(body->pad) || strlen(body->pad) >= BF_SECRETS_BLOCK ||
        s->plain.len % BF_SECRETS_BLOCK != 0) {
        return bf_fail(diag, BF_SECRET_PADDING, "%zu bytes, of which %zu are padding",
                       s->plain.len, strlen(body->pad));
    }
    return BF_OK;
}

/* [BF-503] else another author could use a secrets.age that he got hold of. */
static enum bf_err check_binding(const struct bf_manifest *m,
                                 const struct bf_secrets_body *body, struct bf_diag *diag)
{
    const char *what = NULL;

    if (strcmp(body->author, m->author) != 0) {
        what = "author";
    } else if (strcmp(body->bundle_id, m->bundle_id) != 0) {
        what = "bundle_id";
    } else if (body->serial != m->serial) {
        what = "serial";
    } else if (strcmp(body->target, m->target.id) != 0) {
        what = "target";
    } else if (strcmp(body->cluster_uuid, m->target.cluster_uuid) != 0) {
        what = "cluster_uuid";
    }
    return what == NULL ? BF_OK : bf_fail(diag, BF_SECRET_BINDING, "%s", what);
}

/* [BF-502] value in canonical base64, 1 to 1024 bytes of 0x21-0x7e. */
static enum bf_err decode_entry(struct bf_opened *out,
                                const struct bf_secrets_entry *entry,
                                struct bf_arena *arena, struct bf_diag *diag)
{
    struct bf_bytes text = bf_text(entry->value);
    size_t len = text.len / 4 * 3;
    uint8_t *value = bf_arena_alloc(arena, len + 1);

    if (value == NULL) {
        return bf_fail(diag, BF_SECRET_SCHEMA, "%s: too long", entry->name);
    }
    if (!bf_unbase64(value, &len, text, true) ||
        !bf_is_secret_value((const char *)value, len) ||
        !bf_unhex(out->opening, sizeof(out->opening), entry->opening,
                  strlen(entry->opening))) {
        return bf_fail(diag, BF_SECRET_SCHEMA, "%s: not a value in canonical base64",
                       entry->name);
    }
    out->name = entry->name;
    out->value = bf_view(value, len);
    return BF_OK;
}

/* One entry against its line of the manifest. [BF-505] [BF-506] */
static enum bf_err check_entry(const struct bf_opened *opened,
                               const struct bf_manifest *m,
                               const struct bf_secret_ref *ref, struct bf_diag *diag)
{
    char commitment[65];

    bf_commitment(commitment, opened->opening, m->bundle_id, opened->name, opened->value);
    if (!bf_equal_secret(commitment, ref->commitment, 64)) {
        return bf_fail(diag, BF_SECRET_COMMITMENT, "%s", opened->name);
    }
    if (ref->disclosed[0] != '\0' && !bf_bytes_is(opened->value, ref->disclosed)) {
        return bf_fail(diag, BF_SECRET_DISCLOSED, "%s", opened->name);
    }
    return BF_OK;
}

/* [BF-504] exactly the names with a commitment, in the manifest's order. */
static enum bf_err check_entries(struct bf_secrets *s, const struct bf_manifest *m,
                                 const struct bf_secrets_body *body, struct bf_diag *diag)
{
    const struct bf_secret_ref *refs[BF_MAX_SECRETS];
    size_t num = 0, i;
    enum bf_err err;

    for (i = 0; i < m->secrets.num && num < BF_MAX_SECRETS; i++) {
        const struct bf_secret_ref *ref =
            BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i);

        if (ref->commitment[0] != '\0') {
            refs[num++] = ref;
        }
    }
    for (i = 0; i < num || i < body->entries.num; i++) {
        const struct bf_secrets_entry *entry =
            BF_LIST_ITEM(&body->entries, struct bf_secrets_entry, i);

        if (i == num || i == body->entries.num ||
            strcmp(entry->name, refs[i]->name) != 0) {
            return bf_fail(diag, BF_SECRET_NAMES, "%s",
                           i < num ? refs[i]->name : entry->name);
        }
        if ((err = decode_entry(&s->items[i], entry, &s->doc.arena, diag)) != BF_OK) {
            return err;
        }
        s->num = i + 1;
    }
    for (i = 0; i < num; i++) {
        if ((err = check_entry(&s->items[i], m, refs[i], diag)) != BF_OK) {
            return err;
        }
    }
    return BF_OK;
}

enum bf_err bf_secrets_open(struct bf_secrets *out, struct bf_bundle *b,
                            const uint8_t identity[BF_KEY], struct bf_diag *diag)
{
    struct bf_secrets_body body;
    enum bf_err err = BF_OK;

    memset(out, 0, sizeof(*out));
    if (b->secrets != NULL) {
        if ((err = open_body(out, &body, b->secrets->data, identity, diag)) == BF_OK &&
            (err = check_padding(out, &body, diag)) == BF_OK &&
            (err = check_binding(&b->m, &body, diag)) == BF_OK) {
            err = check_entries(out, &b->m, &body, diag);
        }
        if (err != BF_OK) {
            bf_secrets_clear(out);
        }
    }
    return bf_bundle_mark(b, BF_CHECK_SECRETS, err);
}

void bf_secrets_clear(struct bf_secrets *s)
{
    bf_json_clear(&s->doc);
    bf_secret_clear(&s->plain);
    bf_wipe(s->items, sizeof(s->items));
    memset(s, 0, sizeof(*s));
}
