/* SPDX-License-Identifier: Apache-2.0 */
#include "last.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* A bundle of the state, opened. */
struct kept {
    struct bf_buf raw;
    struct bf_container container;
    struct bf_json_doc doc;
    struct bf_manifest m;
};

static void kept_clear(struct kept *k)
{
    bf_json_clear(&k->doc);
    bf_buf_clear(&k->raw);
    memset(k, 0, sizeof(*k));
}

/* The one of that hash, whole: what is on our disk may have been damaged. */
static enum bf_err open_kept(struct kept *k, const struct gen_state *s,
                             const struct gen_record *r, struct bf_diag *diag)
{
    char hash[2 * BF_SHA256 + 1];
    bool known = false;
    enum bf_err err = gen_state_bundle(&k->raw, &known, s, r->sha256, diag);

    if (err != BF_OK) {
        return err;
    }
    if (!known) {
        return bf_fail(diag, BF_LAST_NONE,
                       "the bundle with serial %lld of %s was not made here, or by an "
                       "older version",
                       (long long)r->serial, r->target);
    }
    if ((err = bf_gate(&k->container, bf_buf_bytes(&k->raw), diag)) == BF_OK &&
        (err = bf_sha256_hex(hash, k->container.entries[0].data)) == BF_OK) {
        err = is(hash, r->sha256)
                  ? bf_manifest_read(&k->m, &k->doc, k->container.entries[0].data, diag)
                  : bf_fail(diag, BF_STATE_DAMAGED, "bundle %.16s", r->sha256);
    }
    return err;
}

/* ---- what it was ---- */

/* A member's text, or NULL. */
static const char *member(struct bf_arena *arena, const struct kept *k, const char *name)
{
    const struct bf_entry *e = bf_container_find(&k->container, name);

    return e != NULL ? bf_arena_text(arena, e->data) : NULL;
}

/* The change file that would give this bundle again. */
static enum bf_err as_change(struct gen_change *out, const struct kept *k,
                             const char *request, struct bf_arena *arena,
                             struct bf_diag *diag)
{
    const struct bf_manifest *m = &k->m;
    struct gen_change_secret secrets[GEN_MAX_SECRETS];
    struct gen_change c = {0};
    struct bf_buf text = bf_buf(GEN_MAX_CHANGE);
    const int64_t life = bf_time_parse(m->expires) - bf_time_parse(m->created_at);
    enum bf_err err;
    size_t i;

    for (i = 0; i < m->secrets.num && i < GEN_MAX_SECRETS; i++) {
        const struct bf_secret_ref *ref =
            BF_LIST_ITEM(&m->secrets, const struct bf_secret_ref, i);

        secrets[i] =
            (struct gen_change_secret){ref->disclosed[0] != '\0', ref->name, "default"};
    }
    c.change.grade = "normal";
    c.change.reason = m->change.reason;
    c.change.ticket = m->change.ticket;
    c.plan = m->plan;
    c.secrets = (struct bf_list){i, secrets};
    c.target = m->target.id;
    c.type = GEN_CHANGE_TYPE;
    c.validity_hours = life >= 3600 ? life / 3600 : 1;
    c.validity_hours =
        c.validity_hours > GEN_MAX_HOURS ? GEN_MAX_HOURS : c.validity_hours;
    err = gen_change_write(&text, &c, member(arena, k, "review/iam-policy.json"), request,
                           diag);
    if (err == BF_OK) {
        err = gen_change_read(out, bf_buf_bytes(&text), diag);
    }
    bf_buf_clear(&text);
    return err;
}

static void take_key_id(char out[GEN_KEY_ID], const struct bf_manifest *m)
{
    size_t i;

    out[0] = '\0';
    for (i = 0; i < m->secrets.num; i++) {
        const char *id =
            BF_LIST_ITEM(&m->secrets, const struct bf_secret_ref, i)->disclosed;

        if (bf_is_keyid_or_empty(id) && id[0] != '\0') {
            snprintf(out, GEN_KEY_ID, "%s", id);
        }
    }
}

/* ---- which one ---- */

/* Applied bundles from the last one back: keys of the newest, and where that one sent no
 * register request, the request of the newest before it that did. */
struct search {
    const char *repository; /* NULL: that of the first that is found */
    struct kept one;        /* looked at now */
    struct kept base;       /* the newest; its container stays open */
    bool has_base;
    const char *request; /* in the arena; NULL: not found yet */
};

static enum bf_err look_at(struct search *q, struct bf_arena *arena, struct bf_diag *diag)
{
    struct kept *k = &q->one;

    if (q->repository == NULL) {
        q->repository = bf_arena_text(arena, bf_text(k->m.plan.repository));
        if (q->repository == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "bundles");
        }
    }
    if (!is(k->m.plan.repository, q->repository)) {
        return BF_OK;
    }
    if (is(k->m.plan.action, "remove") && !q->has_base) {
        return bf_fail(diag, BF_LAST_NONE, "repository %s was taken away by serial %lld",
                       q->repository, (long long)k->m.serial);
    }
    if (!q->has_base && k->m.secrets.num == 0) {
        return bf_fail(diag, BF_LAST_NONE,
                       "serial %lld set no keys for repository %s: the client has them "
                       "from elsewhere",
                       (long long)k->m.serial, q->repository);
    }
    q->request = member(arena, k, "review/repository.json");
    if (!q->has_base) {
        q->has_base = true;
        q->base = *k;
        memset(k, 0, sizeof(*k)); /* taken */
    }
    return BF_OK;
}

static enum bf_err search(struct search *q, const struct gen_state *s,
                          const struct gen_records *records, const char *target,
                          struct bf_arena *arena, struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = records->num; err == BF_OK && q->request == NULL && i > 0; i--) {
        const struct gen_record *r = &records->items[i - 1].r;

        if (!is(r->target, target) || !gen_outcome_applied(r->outcome)) {
            continue;
        }
        err = open_kept(&q->one, s, r, diag);
        if (err == BF_OK) {
            err = look_at(q, arena, diag);
        }
        kept_clear(&q->one);
    }
    return err;
}

enum bf_err gen_last_load(struct gen_last *out, const struct gen_state *s,
                          const char *target, const char *repository,
                          struct bf_diag *diag)
{
    struct search *q = calloc(1, sizeof(*q)); /* too large for a stack */
    struct gen_records records = {0};
    struct bf_arena arena = {0};
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if (q == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "bundles");
    }
    q->repository = repository;
    if ((err = gen_state_records(&records, s, diag)) == BF_OK) {
        err = search(q, s, &records, target, &arena, diag);
    }
    if (err == BF_OK && !q->has_base) {
        err = bf_fail(diag, BF_LAST_NONE, "target %s%s%s", target,
                      repository != NULL ? ", repository " : "",
                      repository != NULL ? repository : "");
    }
    if (err == BF_OK) {
        take_key_id(out->key_id, &q->base.m);
        err = as_change(&out->change, &q->base, q->request, &arena, diag);
    }
    kept_clear(&q->base);
    free(q);
    bf_arena_clear(&arena);
    gen_records_clear(&records);
    return err;
}

void gen_last_clear(struct gen_last *l)
{
    gen_change_clear(&l->change);
    memset(l, 0, sizeof(*l));
}

/* ---- its sheet ---- */

/* The sheet of a kept bundle, if it is the one that was signed. */
static enum bf_err take_sheet(struct bf_buf *out, const struct kept *k,
                              struct bf_diag *diag)
{
    const struct bf_entry *e = bf_container_find(&k->container, "review/sheet.txt");
    char hash[2 * BF_SHA256 + 1];
    bool good = false;
    size_t i;
    enum bf_err err = e != NULL ? bf_sha256_hex(hash, e->data)
                                : bf_fail(diag, BF_STATE_DAMAGED, "sheet");

    for (i = 0; err == BF_OK && i < k->m.members.num; i++) {
        const struct bf_member *m =
            BF_LIST_ITEM(&k->m.members, const struct bf_member, i);

        good = good || (is(m->name, e->name) && is(m->sha256, hash));
    }
    if (err == BF_OK && !good) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "sheet of serial %lld",
                      (long long)k->m.serial);
    }
    if (err == BF_OK) {
        bf_put_bytes(out, e->data);
        err = bf_buf_check(out, "sheet", diag);
    }
    return err;
}

enum bf_err gen_last_sheet(struct bf_buf *out, int64_t *serial, const struct gen_state *s,
                           const char *target, struct bf_diag *diag)
{
    struct kept *k = calloc(1, sizeof(*k)); /* too large for a stack */
    struct gen_records records = {0};
    const struct gen_record *r;
    enum bf_err err;

    *out = bf_buf(BF_MAX_CONTAINER);
    *serial = 0;
    if (k == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "bundle");
    }
    err = gen_state_records(&records, s, diag);
    r = err == BF_OK ? gen_records_applied(&records, target) : NULL;
    if (r != NULL) {
        err = open_kept(k, s, r, diag);
        if (err == BF_OK && (err = take_sheet(out, k, diag)) == BF_OK) {
            *serial = r->serial;
        }
        err = err == BF_LAST_NONE ? BF_OK : err;
    }
    kept_clear(k);
    free(k);
    gen_records_clear(&records);
    return err;
}

/* ---- the next client ---- */

static bool was_set(const struct gen_records *records, const char *target,
                    const char *client)
{
    char name[120];
    bool set = false;
    size_t i;

    snprintf(name, sizeof(name), "s3.client.%s.access_key", client);
    for (i = 0; i < records->num && !set; i++) {
        const struct gen_record *r = &records->items[i].r;

        set = is(r->target, target) && gen_record_opening(r, name) != NULL;
    }
    return set;
}

/* Without the -N of an earlier rotation. */
static size_t stem_of(const char *client)
{
    const size_t len = strlen(client);
    size_t digits = len;

    while (digits > 0 && client[digits - 1] >= '0' && client[digits - 1] <= '9') {
        digits--;
    }
    return digits < len && digits > 1 && client[digits - 1] == '-' ? digits - 1 : len;
}

enum bf_err gen_last_next_client(char out[65], const struct gen_state *s,
                                 const char *target, const char *client,
                                 struct bf_diag *diag)
{
    struct gen_records records;
    const size_t stem = stem_of(client) < 58 ? stem_of(client) : 58;
    enum bf_err err = gen_state_records(&records, s, diag);
    int n = 2;

    if (err == BF_OK) {
        do {
            snprintf(out, 65, "%.*s-%d", (int)stem, client, n++);
        } while (is(out, client) || was_set(&records, target, out));
        gen_records_clear(&records);
    }
    return err;
}
