/* SPDX-License-Identifier: Apache-2.0 */
#include "draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "change.h"

enum { MAX_FILE = 256 * 1024 };

/* One of the lists of the body that hold structs with an id. */
struct kind {
    const char *name, *one; /* of the list, and of one of its items */
    size_t at, size, id_at;
};

static const struct kind kinds[] = {
    {"appliances", "appliance", offsetof(struct bf_trust_body, appliances),
     sizeof(struct bf_appliance), offsetof(struct bf_appliance, id)},
    {"groups", "group", offsetof(struct bf_trust_body, groups), sizeof(struct bf_group),
     offsetof(struct bf_group, id)},
    {"people", "person", offsetof(struct bf_trust_body, people), sizeof(struct bf_person),
     offsetof(struct bf_person, id)},
    {"targets", "target", offsetof(struct bf_trust_body, targets),
     sizeof(struct bf_target), offsetof(struct bf_target, id)},
};

static const struct kind *kind_of(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static struct bf_list *list_of(struct gen_draft *d, const struct kind *k)
{
    return (struct bf_list *)(void *)((char *)&d->body + k->at);
}

static const char *id_of(const struct kind *k, const struct bf_list *list, size_t i)
{
    const char *const *at =
        (const char *const *)(const void *)((const char *)list->items + i * k->size +
                                            k->id_at);

    return *at;
}

static enum bf_err no_memory(struct bf_diag *diag)
{
    return bf_fail(diag, BF_NO_MEMORY, "draft");
}

void gen_draft_clear(struct gen_draft *d)
{
    size_t i;

    for (i = 0; i < d->num_docs; i++) {
        bf_json_clear(&d->docs[i]);
    }
    bf_arena_clear(&d->arena);
    memset(d, 0, sizeof(*d));
}

/* Adds item, or puts it in the place of the one with the same id. */
static enum bf_err put(struct gen_draft *d, const struct kind *k, const void *item,
                       struct bf_diag *diag)
{
    struct bf_list *list = list_of(d, k);
    const char *id = *(const char *const *)(const void *)((const char *)item + k->id_at);
    size_t i;
    char *grown;

    for (i = 0; i < list->num; i++) {
        if (strcmp(id_of(k, list, i), id) == 0) {
            break;
        }
    }
    grown = bf_arena_alloc(&d->arena, (list->num + 1) * k->size);
    if (grown == NULL) {
        return no_memory(diag);
    }
    bf_copy(grown, list->items, list->num * k->size);
    bf_copy(grown + i * k->size, item, k->size);
    list->items = grown;
    list->num += i == list->num ? 1 : 0;
    return BF_OK;
}

enum bf_err gen_draft_drop(struct gen_draft *d, const char *name, const char *id,
                           struct bf_diag *diag)
{
    const struct kind *k = kind_of(name);
    struct bf_list *list;
    size_t i, kept = 0;
    char *items;

    if (k == NULL) {
        return bf_fail(diag, BF_INTERNAL, "list %s", name);
    }
    list = list_of(d, k);
    items = bf_arena_alloc(&d->arena, (list->num + 1) * k->size);
    if (items == NULL) {
        return no_memory(diag);
    }
    for (i = 0; i < list->num; i++) {
        if (strcmp(id_of(k, list, i), id) != 0) {
            bf_copy(items + kept * k->size, (const char *)list->items + i * k->size,
                    k->size);
            kept++;
        }
    }
    if (kept == list->num) {
        return bf_fail(diag, BF_USAGE, "%s has no '%.40s' to drop", name, id);
    }
    *list = (struct bf_list){kept, items};
    return BF_OK;
}

enum bf_err gen_draft_start(struct gen_draft *d, const struct bf_trust *from,
                            const char *domain, const char *now, int64_t days,
                            struct bf_diag *diag)
{
    char expires[21];

    if (from != NULL) {
        d->body = from->body;
        d->body.prev = from->sha256;
        d->body.version = from->body.version + 1;
    } else {
        d->body.domain = domain;
        d->body.prev = "";
        d->body.version = 1;
        d->body.limits.debts_max = 1;
        d->body.limits.lifetime_hours = 720;
        d->body.limits.serial_jump = 1000;
        d->body.rules.emergency.lifetime_hours = 24;
    }
    d->body.members = (struct bf_list){0, NULL};
    d->body.type = "snapseal/trust/1";
    bf_time_format(expires, bf_time_parse(now) + days * 86400);
    d->body.created_at = bf_arena_text(&d->arena, bf_text(now));
    d->body.expires = bf_arena_text(&d->arena, bf_text(expires));
    return d->body.created_at != NULL && d->body.expires != NULL ? BF_OK
                                                                 : no_memory(diag);
}

/* ---- specs of options ---- */

/* The part of *at up to one of stop (or the end) in the arena; *at moves behind it. NULL:
 * no memory. */
static const char *part(struct gen_draft *d, const char **at, char stop)
{
    const char stops[2] = {stop, '\0'};
    size_t len = strcspn(*at, stops);
    const char *text = bf_arena_text(&d->arena, bf_view(*at, len));

    *at += len + ((*at)[len] != '\0' ? 1 : 0);
    return text;
}

/* "a,b,c" as a list of texts; "" is an empty one. */
static enum bf_err texts(struct gen_draft *d, struct bf_list *out, const char *spec,
                         struct bf_diag *diag)
{
    size_t room = 1, i;
    const char **items;

    for (i = 0; spec[i] != '\0'; i++) {
        room += spec[i] == ',' ? 1 : 0;
    }
    items = bf_arena_alloc(&d->arena, room * sizeof(*items));
    for (i = 0; items != NULL && *spec != '\0'; i++) {
        items[i] = part(d, &spec, ',');
        items = items[i] != NULL ? items : NULL;
    }
    if (items == NULL) {
        return no_memory(diag);
    }
    *out = (struct bf_list){i, items};
    return BF_OK;
}

/* "TYPE BASE64" of a .pub file. */
static enum bf_err read_key(struct gen_draft *d, const char **out, const char *path,
                            struct bf_diag *diag)
{
    struct bf_sshkey *key = calloc(1, sizeof(*key));
    struct bf_buf file = {0}, line = bf_buf(BF_MAX_KEY_LINE);
    enum bf_err err =
        key != NULL ? bf_file_read(&file, path, BF_MAX_KEY_LINE, diag) : no_memory(diag);

    if (err == BF_OK) {
        err = bf_sshkey_parse_file(key, bf_buf_bytes(&file), diag);
        if (err != BF_OK) {
            bf_diag_in(diag, "%s", path);
        }
    }
    if (err == BF_OK) {
        bf_sshkey_write(&line, key);
        err = bf_buf_check(&line, "key", diag);
    }
    if (err == BF_OK) {
        *out = bf_arena_text(&d->arena, bf_buf_bytes(&line));
        err = *out != NULL ? BF_OK : no_memory(diag);
    }
    bf_buf_clear(&line);
    bf_buf_clear(&file);
    free(key);
    return err;
}

static enum bf_err read_keys(struct gen_draft *d, struct bf_list *out, const char *spec,
                             struct bf_diag *diag)
{
    struct bf_list paths;
    struct bf_trust_key *keys;
    enum bf_err err = texts(d, &paths, spec, diag);
    size_t i;

    if (err != BF_OK) {
        return err;
    }
    keys = bf_arena_alloc(&d->arena, (paths.num + 1) * sizeof(*keys));
    if (keys == NULL) {
        return no_memory(diag);
    }
    for (i = 0; err == BF_OK && i < paths.num; i++) {
        keys[i].not_after = "";
        keys[i].not_before = "";
        err = read_key(d, &keys[i].key, bf_list_text(&paths, i), diag);
    }
    *out = (struct bf_list){paths.num, keys};
    return err;
}

enum bf_err gen_draft_person(struct gen_draft *d, const char *spec, struct bf_diag *diag)
{
    struct bf_person p = {0};
    const char *roles, *keys, *recipients;
    enum bf_err err;
    size_t i;

    p.id = part(d, &spec, ':');
    roles = part(d, &spec, ':');
    keys = part(d, &spec, ':');
    recipients = part(d, &spec, ':');
    if (p.id == NULL || roles == NULL || keys == NULL || recipients == NULL) {
        return no_memory(diag);
    }
    if (!bf_is_id(p.id) || roles[0] == '\0' || keys[0] == '\0' || *spec != '\0') {
        return bf_fail(diag, BF_USAGE, "--person is ID:ROLES:KEY.pub[:RECIPIENT]");
    }
    if ((err = texts(d, &p.roles, roles, diag)) != BF_OK ||
        (err = texts(d, &p.recipients, recipients, diag)) != BF_OK ||
        (err = read_keys(d, &p.keys, keys, diag)) != BF_OK) {
        return err;
    }
    for (i = 0; i < p.roles.num; i++) {
        const char *role = bf_list_text(&p.roles, i);

        if (strcmp(role, "approve") != 0 && strcmp(role, "audit") != 0 &&
            strcmp(role, "author") != 0 && strcmp(role, "root") != 0) {
            return bf_fail(diag, BF_USAGE,
                           "--person %s: roles are author, approve, audit, root", p.id);
        }
    }
    for (i = 0; i < p.recipients.num; i++) {
        if (!bf_is_age_recipient(bf_list_text(&p.recipients, i))) {
            return bf_fail(diag, BF_AGE_RECIPIENT, "of %s", p.id);
        }
    }
    return put(d, kind_of("people"), &p, diag);
}

enum bf_err gen_draft_group(struct gen_draft *d, const char *spec, struct bf_diag *diag)
{
    struct bf_group g = {0};
    enum bf_err err;

    g.id = part(d, &spec, ':');
    if (g.id == NULL) {
        return no_memory(diag);
    }
    if (!bf_is_id(g.id) || *spec == '\0') {
        return bf_fail(diag, BF_USAGE, "--group is ID:PERSON,PERSON");
    }
    err = texts(d, &g.people, spec, diag);
    return err == BF_OK ? put(d, kind_of("groups"), &g, diag) : err;
}

enum bf_err gen_draft_rule(struct gen_draft *d, const char *spec, bool emergency,
                           struct bf_diag *diag)
{
    struct bf_requirement *needs;
    struct bf_list parts;
    enum bf_err err = texts(d, &parts, spec, diag);
    size_t i;

    if (err != BF_OK) {
        return err;
    }
    needs = bf_arena_alloc(&d->arena, (parts.num + 1) * sizeof(*needs));
    if (needs == NULL) {
        return no_memory(diag);
    }
    for (i = 0; err == BF_OK && i < parts.num; i++) {
        const char *at = bf_list_text(&parts, i);

        needs[i].from = part(d, &at, ':');
        if (needs[i].from == NULL) {
            return no_memory(diag);
        }
        if (!bf_is_id(needs[i].from) || *at == '\0') {
            return bf_fail(diag, BF_USAGE, "--%s is GROUP:NEED,GROUP:NEED",
                           emergency ? "emergency-rule" : "rule");
        }
        err = bf_arg_number(&needs[i].need, "need of a rule", at, 1, 31, diag);
    }
    if (emergency) {
        d->body.rules.emergency.approve = (struct bf_list){parts.num, needs};
    } else {
        d->body.rules.normal.approve = (struct bf_list){parts.num, needs};
    }
    return err;
}

enum bf_err gen_draft_root(struct gen_draft *d, const char *people, int64_t need,
                           struct bf_diag *diag)
{
    d->body.root.need = need;
    return people != NULL ? texts(d, &d->body.root.people, people, diag) : BF_OK;
}

/* ---- blocks in JSON ---- */

/* The schema of one item of a list of the body, as the library has it. */
static const struct bf_schema *schema_of(const char *list)
{
    size_t i;

    for (i = 0; i < bf_trust_schema.num; i++) {
        if (strcmp(bf_trust_schema.fields[i].name, list) == 0) {
            return bf_trust_schema.fields[i].of;
        }
    }
    return NULL;
}

static enum bf_err read_item(struct gen_draft *d, const struct kind *k,
                             struct bf_json_doc *doc, const struct bf_json *node,
                             struct bf_diag *diag)
{
    void *item = bf_arena_alloc(&d->arena, k->size);
    enum bf_err err;

    if (item == NULL) {
        return no_memory(diag);
    }
    err = bf_schema_read(item, schema_of(k->name), node, &doc->arena, BF_TRUST_SCHEMA,
                         diag);
    return err == BF_OK ? put(d, k, item, diag) : err;
}

/* The item or the list of items in a document: itself, or a member named as the list or
 * as one item is (discover --json has "target" beside what people want to know). */
static const struct bf_json *block_in(const struct bf_json *root, const struct kind *k)
{
    const struct bf_json *inner;

    if (root->kind != BF_OBJECT) {
        return root;
    }
    inner = bf_json_get(root, k->name);
    if (inner == NULL) {
        inner = bf_json_get(root, k->one);
        /* a target names its "appliance": that text is no block */
        inner = inner != NULL && inner->kind == BF_OBJECT ? inner : NULL;
    }
    return inner != NULL ? inner : root;
}

/* Says what the file should have been. */
static void tell_wanted(const struct kind *k, const char *path, struct bf_diag *diag)
{
    bool target = strcmp(k->one, "target") == 0;

    if (diag->err == BF_JSON_SYNTAX || diag->err == BF_TRUST_SCHEMA) {
        bf_diag_in(diag, "%s: not what snapseal-verify %s prints%s", path,
                   target ? "discover --json" : "init",
                   target ? " (with --ca), nor its target alone" : "");
    } else {
        bf_diag_in(diag, "%s", path);
    }
}

enum bf_err gen_draft_block(struct gen_draft *d, const char *list, const char *path,
                            struct bf_diag *diag)
{
    const struct kind *k = kind_of(list);
    struct bf_json_doc *doc = &d->docs[d->num_docs];
    const struct bf_json *node, *inner;
    struct bf_buf file = {0};
    enum bf_err err;

    if (d->num_docs == GEN_DRAFT_DOCS) {
        return bf_fail(diag, BF_USAGE, "more than %d files", GEN_DRAFT_DOCS);
    }
    err = bf_file_read(&file, path, MAX_FILE, diag);
    if (err == BF_OK) {
        err = bf_json_parse(doc, bf_buf_bytes(&file), BF_JSON_RELAXED, diag);
    }
    bf_buf_clear(&file);
    if (err == BF_OK) {
        d->num_docs++;
        node = block_in(doc->root, k);
        if (node->kind != BF_ARRAY) {
            err = read_item(d, k, doc, node, diag);
        }
        for (inner = node->kind == BF_ARRAY ? node->first : NULL;
             err == BF_OK && inner != NULL; inner = inner->next) {
            err = read_item(d, k, doc, inner, diag);
        }
    }
    if (err != BF_OK) {
        tell_wanted(k, path, diag);
    }
    return err;
}

/* The schema wants the derived member, which a draft does not have: any stands in,
 * bf_trust_make() replaces it. */
static enum bf_err with_members(struct gen_draft *d, struct bf_json *root,
                                struct bf_diag *diag)
{
    static const char stand_in[] =
        "{\"members\":[{\"name\":\"allowed_signers\",\"sha256\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\",\"size\":0}"
        "]}";
    struct bf_json **at = &root->first;
    enum bf_err err;

    while (*at != NULL && strcmp((*at)->key, "members") != 0) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = (*at)->next;
        root->count--;
    }
    err = bf_json_parse(&d->docs[1], bf_text(stand_in), BF_JSON_RELAXED, diag);
    if (err == BF_OK) {
        d->num_docs = 2;
        d->docs[1].root->first->next = root->first;
        root->first = d->docs[1].root->first;
        root->count++;
    }
    return err;
}

enum bf_err gen_draft_read(struct gen_draft *d, struct bf_bytes in, struct bf_diag *diag)
{
    enum bf_err err = bf_json_parse(&d->docs[0], in, BF_JSON_RELAXED, diag);

    if (err != BF_OK) {
        return err;
    }
    d->num_docs = 1;
    if (d->docs[0].root->kind != BF_OBJECT) {
        return bf_fail(diag, BF_TRUST_SCHEMA, "not an object");
    }
    err = with_members(d, d->docs[0].root, diag);
    if (err == BF_OK) {
        err = bf_schema_read(&d->body, &bf_trust_schema, d->docs[0].root,
                             &d->docs[0].arena, BF_TRUST_SCHEMA, diag);
    }
    return err;
}

/* ---- order ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_appliance(const void *a, const void *b)
{
    return strcmp(((const struct bf_appliance *)a)->id,
                  ((const struct bf_appliance *)b)->id);
}

static int by_group(const void *a, const void *b)
{
    return strcmp(((const struct bf_group *)a)->id, ((const struct bf_group *)b)->id);
}

static int by_person(const void *a, const void *b)
{
    return strcmp(((const struct bf_person *)a)->id, ((const struct bf_person *)b)->id);
}

static int by_target(const void *a, const void *b)
{
    return strcmp(((const struct bf_target *)a)->id, ((const struct bf_target *)b)->id);
}

static int by_endpoint(const void *a, const void *b)
{
    const struct bf_endpoint *x = a, *y = b;
    int order = strcmp(x->purpose, y->purpose);

    return order != 0 ? order : strcmp(x->url, y->url);
}

static void sort(const struct bf_list *list, size_t size,
                 int (*by)(const void *, const void *))
{
    if (list->num > 1) {
        qsort(list->items, list->num, size, by);
    }
}

void gen_draft_sort(struct gen_draft *d)
{
    struct bf_trust_body *b = &d->body;
    size_t i;

    sort(&b->appliances, sizeof(struct bf_appliance), by_appliance);
    sort(&b->debts_waived, sizeof(const char *), by_text);
    sort(&b->groups, sizeof(struct bf_group), by_group);
    sort(&b->people, sizeof(struct bf_person), by_person);
    sort(&b->root.people, sizeof(const char *), by_text);
    sort(&b->targets, sizeof(struct bf_target), by_target);
    for (i = 0; i < b->groups.num; i++) {
        sort(&BF_LIST_ITEM(&b->groups, const struct bf_group, i)->people,
             sizeof(const char *), by_text);
    }
    for (i = 0; i < b->people.num; i++) {
        sort(&BF_LIST_ITEM(&b->people, const struct bf_person, i)->roles,
             sizeof(const char *), by_text);
    }
    for (i = 0; i < b->targets.num; i++) {
        sort(&BF_LIST_ITEM(&b->targets, const struct bf_target, i)->endpoints,
             sizeof(struct bf_endpoint), by_endpoint);
    }
}

enum bf_err gen_draft_write(struct bf_buf *out, const struct gen_draft *d,
                            struct bf_diag *diag)
{
    struct bf_buf flat = bf_buf(BF_MAX_JSON);
    struct bf_json_doc doc = {0};
    struct bf_json **at;
    enum bf_err err;

    bf_schema_write(&flat, &bf_trust_schema, &d->body);
    err = bf_buf_check(&flat, "draft", diag);
    if (err == BF_OK) {
        err = bf_json_parse(&doc, bf_buf_bytes(&flat), BF_JSON_RELAXED, diag);
    }
    if (err == BF_OK) {
        for (at = &doc.root->first; *at != NULL; at = &(*at)->next) {
            if (strcmp((*at)->key, "members") == 0) {
                *at = (*at)->next;
                break;
            }
        }
        gen_json_pretty(out, doc.root, 0);
        bf_put_text(out, "\n");
        err = bf_buf_check(out, "draft", diag);
    }
    bf_json_clear(&doc);
    bf_buf_clear(&flat);
    return err;
}
