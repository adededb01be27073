/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust files: loading, the first one by pin, and the step from N to N+1 with both
 * thresholds (SPEC section 6). Nothing of a successor is parsed before the root people of
 * the installed trust have signed it.
 */
#include <stdlib.h>
#include <string.h>

#include "trust_in.h"

/* ---- lookups ---- */

const struct bf_known_key *bf_trust_find_key(const struct bf_trust *t,
                                             const struct bf_sshkey *key)
{
    size_t i;

    for (i = 0; i < t->num_keys; i++) {
        if (bf_sshkey_equal(&t->keys[i].key, key)) {
            return &t->keys[i];
        }
    }
    return NULL;
}

/* Item of the list whose text at offset id_at is id, or NULL. */
static const void *find_item(const struct bf_list *list, size_t size, size_t id_at,
                             const char *id)
{
    size_t i;

    for (i = 0; i < list->num; i++) {
        const char *item = (const char *)list->items + i * size;

        if (strcmp(*(const char *const *)(const void *)(item + id_at), id) == 0) {
            return item;
        }
    }
    return NULL;
}

const struct bf_person *bf_trust_person(const struct bf_trust_body *b, const char *id)
{
    return find_item(&b->people, sizeof(struct bf_person), offsetof(struct bf_person, id),
                     id);
}

const struct bf_appliance *bf_trust_appliance(const struct bf_trust_body *b,
                                              const char *id)
{
    return find_item(&b->appliances, sizeof(struct bf_appliance),
                     offsetof(struct bf_appliance, id), id);
}

const struct bf_target *bf_trust_target(const struct bf_trust_body *b, const char *id)
{
    return find_item(&b->targets, sizeof(struct bf_target),
                     offsetof(struct bf_target, id), id);
}

const struct bf_group *bf_trust_group(const struct bf_trust_body *b, const char *id)
{
    return find_item(&b->groups, sizeof(struct bf_group), offsetof(struct bf_group, id),
                     id);
}

bool bf_list_has(const struct bf_list *texts, const char *text)
{
    size_t i;

    for (i = 0; i < texts->num; i++) {
        if (strcmp(bf_list_text(texts, i), text) == 0) {
            return true;
        }
    }
    return false;
}

bool bf_person_has_role(const struct bf_person *p, const char *role)
{
    return p != NULL && bf_list_has(&p->roles, role);
}

bool bf_trust_in_rule(const struct bf_trust_body *b, const struct bf_list *rule,
                      const char *person)
{
    size_t i;

    for (i = 0; i < rule->num; i++) {
        const struct bf_group *g =
            bf_trust_group(b, BF_LIST_ITEM(rule, const struct bf_requirement, i)->from);

        if (g != NULL && bf_list_has(&g->people, person)) {
            return true;
        }
    }
    return false;
}

bool bf_trust_reads(const struct bf_trust_body *b, const struct bf_person *p)
{
    return bf_person_has_role(p, "audit") ||
           bf_trust_in_rule(b, &b->rules.normal.approve, p->id) ||
           bf_trust_in_rule(b, &b->rules.emergency.approve, p->id);
}

/* ---- whom to seal to ---- */

static enum bf_err add_recipient(uint8_t (*out)[BF_KEY], size_t *num, const char *text,
                                 struct bf_diag *diag)
{
    uint8_t point[BF_KEY];
    enum bf_err err = bf_age_recipient_parse(point, text, diag);
    size_t i;

    for (i = 0; i < *num && err == BF_OK; i++) {
        if (memcmp(out[i], point, BF_KEY) == 0) {
            return BF_OK;
        }
    }
    if (err == BF_OK && *num == BF_MAX_STANZAS) {
        err = bf_fail(diag, BF_TRUST_RECIPIENTS, "more than %d",
                      BF_MAX_STANZAS); /* [BF-622] */
    }
    if (err == BF_OK) {
        bf_copy(out[*num], point, BF_KEY);
        (*num)++;
    }
    return err;
}

enum bf_err bf_trust_seal_to(uint8_t (*out)[BF_KEY], size_t *num,
                             const struct bf_trust *t, const char *author,
                             const char *appliance, struct bf_diag *diag)
{
    const struct bf_trust_body *b = &t->body;
    const struct bf_appliance *a = bf_trust_appliance(b, appliance);
    enum bf_err err;
    size_t i, j;

    *num = 0;
    if (a == NULL || bf_trust_person(b, author) == NULL) {
        return bf_fail(diag, BF_TRUST_NAMES, "nobody is %s",
                       a == NULL ? appliance : author); /* [BF-606] */
    }
    err = add_recipient(out, num, a->transport, diag);
    for (i = 0; i < b->people.num; i++) {
        const struct bf_person *p = BF_LIST_ITEM(&b->people, const struct bf_person, i);

        if (strcmp(p->id, author) != 0 && !bf_trust_reads(b, p)) {
            continue;
        }
        for (j = 0; j < p->recipients.num && err == BF_OK; j++) {
            err = add_recipient(out, num, bf_list_text(&p->recipients, j), diag);
        }
    }
    if (err != BF_OK) {
        *num = 0;
    }
    return err;
}

/* ---- reading ---- */

enum bf_err bf_only_role(const struct bf_container *c, const char *role,
                         struct bf_diag *diag)
{
    char found[16], person[33];
    size_t i;

    for (i = 0; i < c->num; i++) {
        if (bf_sig_name(c->entries[i].name, found, person) && strcmp(found, role) != 0) {
            return bf_fail(diag, BF_GATE_ROLE, "%s", c->entries[i].name); /* [BF-110] */
        }
    }
    return BF_OK;
}

enum bf_err bf_doc_type(const struct bf_json_doc *doc, const char *type,
                        struct bf_diag *diag)
{
    const char *found =
        doc->root->kind == BF_OBJECT ? bf_json_get_text(doc->root, "type") : NULL;

    if (found == NULL || strcmp(found, type) != 0) {
        return bf_fail(diag, BF_MANIFEST_TYPE, "%.60s, not %s",
                       found != NULL ? found : "none", type); /* [BF-403] */
    }
    return BF_OK;
}

/* Takes raw; nothing but names and sizes is looked at. */
static enum bf_err open_container(struct bf_trust *out, struct bf_buf *raw,
                                  struct bf_diag *diag)
{
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    out->raw = *raw;
    *raw = bf_buf(raw->max); /* taken */
    if ((err = bf_gate(&out->container, bf_buf_bytes(&out->raw), diag)) != BF_OK) {
        return err;
    }
    if ((err = bf_sha256_hex(out->sha256, out->container.entries[0].data)) != BF_OK) {
        return bf_fail(diag, err, "%s", BF_MANIFEST);
    }
    return bf_only_role(&out->container, "root", diag);
}

/* The container holds manifest.json, allowed_signers and sig/; the second follows from
 * the first [BF-611]. */
static enum bf_err check_signers(const struct bf_trust *t, struct bf_diag *diag)
{
    const struct bf_entry *entry = bf_container_find(&t->container, BF_SIGNERS);
    const struct bf_member *row =
        BF_LIST_ITEM(&t->body.members, const struct bf_member, 0);
    struct bf_buf derived = bf_buf(BF_MAX_MEMBER);
    char sha256[2 * BF_SHA256 + 1];
    enum bf_err err;
    size_t i;

    for (i = 1; i < t->container.num; i++) {
        const char *name = t->container.entries[i].name;

        if (strcmp(name, BF_SIGNERS) != 0 && !bf_is_sig_member(name)) {
            return bf_fail(diag, BF_MEMBER_UNKNOWN, "%s", name); /* [BF-411] */
        }
    }
    if (entry == NULL) {
        return bf_fail(diag, BF_MEMBER_MISSING, "%s", BF_SIGNERS); /* [BF-410] */
    }
    bf_trust_allowed_signers(&derived, &t->body);
    err = bf_buf_check(&derived, BF_SIGNERS, diag);
    if (err == BF_OK) {
        err = bf_sha256_hex(sha256, bf_buf_bytes(&derived));
    }
    if (err == BF_OK &&
        (strcmp(row->name, BF_SIGNERS) != 0 || row->size != (int64_t)derived.len ||
         strcmp(row->sha256, sha256) != 0)) {
        err = bf_fail(diag, BF_TRUST_SIGNERS,
                      "members: not the derived one"); /* [BF-611] */
    }
    if (err == BF_OK && !bf_bytes_equal(entry->data, bf_buf_bytes(&derived))) {
        err = bf_fail(diag, BF_TRUST_SIGNERS,
                      "the member is not the derived one"); /* [BF-611] */
    }
    bf_buf_clear(&derived);
    return err;
}

/* JSON, type, schema, load rules, allowed_signers, keys: in this order. */
static enum bf_err parse(struct bf_trust *t, struct bf_diag *diag)
{
    enum bf_err err;

    if ((err = bf_json_parse(&t->doc, t->container.entries[0].data, BF_JSON_SIGNED,
                             diag)) != BF_OK ||
        (err = bf_doc_type(&t->doc, BF_TRUST_TYPE, diag)) != BF_OK ||
        (err = bf_schema_read_as(&t->body, &bf_trust_schema, t->doc.root, &t->doc.arena,
                                 BF_TRUST_SCHEMA, BF_TRUST_VALUE, diag)) != BF_OK ||
        (err = bf_trust_rules(&t->body, diag)) != BF_OK ||
        (err = check_signers(t, diag)) != BF_OK) {
        return err;
    }
    return bf_trust_decode_keys(t, diag);
}

static size_t count_signatures(const struct bf_container *c)
{
    size_t num = 0, i;

    for (i = 0; i < c->num; i++) {
        num += bf_is_sig_member(c->entries[i].name) ? 1 : 0;
    }
    return num;
}

/* The file's root signatures reach the threshold of the trust by [BF-614]. */
static enum bf_err check_root_need(const struct bf_trust *file, const struct bf_trust *by,
                                   const char *now, struct bf_diag *diag)
{
    const struct bf_container *c = &file->container;
    struct bf_verdict *sigs = calloc(count_signatures(c) + 1, sizeof(*sigs));
    const char *bad = "";
    size_t num = 0, have, i;
    enum bf_err err = BF_OK;

    if (sigs == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signatures");
    }
    for (i = 0; i < c->num && err == BF_OK; i++) {
        if (bf_is_sig_member(c->entries[i].name)) {
            bf_judge(&sigs[num], &c->entries[i], c->entries[0].data, by, now);
            if (bf_err_exit(sigs[num].reason) == BF_EXIT_UNDECIDED) {
                /* not judged is not bad */
                err = bf_fail(diag, sigs[num].reason, "%s", c->entries[i].name);
            }
            bad = bad[0] == '\0' && sigs[num].reason != BF_OK
                      ? bf_err_id(sigs[num].reason)
                      : bad;
            num++;
        }
    }
    have = bf_root_count(&by->body, sigs, num);
    if (err == BF_OK && (int64_t)have < by->body.root.need) {
        err = bf_fail(diag, BF_TRUST_ROOT_NEED,
                      "%zu of the %lld people of version %lld%s%s", have, /* [BF-614] */
                      (long long)by->body.root.need, (long long)by->body.version,
                      bad[0] != '\0' ? "; a signature does not count: " : "", bad);
    }
    free(sigs);
    return err;
}

static enum bf_err check_created(const struct bf_trust *t, const char *now,
                                 struct bf_diag *diag)
{
    if (bf_time_parse(t->body.created_at) > bf_time_parse(now) + BF_CLOCK_SLACK) {
        return bf_fail(diag, BF_TRUST_TIME, "created_at %s, now %s", t->body.created_at,
                       now); /* [BF-618] */
    }
    return BF_OK;
}

/* What binds a successor to the installed trust, in the order of SPEC section 6.5. */
static enum bf_err check_follows(const struct bf_trust *next,
                                 const struct bf_trust *installed, const char *now,
                                 struct bf_diag *diag)
{
    const struct bf_trust_body *was = &installed->body, *is = &next->body;

    if (is->version != was->version + 1) {
        return bf_fail(diag, BF_TRUST_VERSION, "%lld after %lld",
                       (long long)is->version, /* [BF-615] */
                       (long long)was->version);
    }
    if (strcmp(is->prev, installed->sha256) != 0) {
        return bf_fail(diag, BF_TRUST_PREV, "prev is %s", is->prev); /* [BF-616] */
    }
    if (strcmp(is->domain, was->domain) != 0) {
        return bf_fail(diag, BF_TRUST_DOMAIN, "%s, not %s", is->domain,
                       was->domain); /* [BF-617] */
    }
    if (strcmp(is->created_at, was->created_at) < 0) {
        return bf_fail(diag, BF_TRUST_TIME, "created_at %s, the installed one's %s",
                       is->created_at, /* [BF-618] */
                       was->created_at);
    }
    return check_created(next, now, diag);
}

enum bf_err bf_trust_load(struct bf_trust *out, struct bf_buf *raw, struct bf_diag *diag)
{
    enum bf_err err = open_container(out, raw, diag);

    if (err == BF_OK) {
        err = parse(out, diag);
    }
    if (err != BF_OK) {
        bf_trust_clear(out);
    }
    return err;
}

enum bf_err bf_trust_first(struct bf_trust *out, struct bf_buf *raw, const char *pin,
                           const char *now, struct bf_diag *diag)
{
    enum bf_err err = open_container(out, raw, diag);

    if (err == BF_OK && strcmp(out->sha256, pin) != 0) {
        err = bf_fail(diag, BF_TRUST_PIN, "it is %s", out->sha256); /* [BF-612] */
    }
    if (err == BF_OK && (err = parse(out, diag)) == BF_OK &&
        (err = check_created(out, now, diag)) == BF_OK) {
        err = check_root_need(out, out, now, diag);
    }
    if (err != BF_OK) {
        bf_trust_clear(out);
    }
    return err;
}

enum bf_err bf_trust_next(struct bf_trust *out, struct bf_buf *raw,
                          const struct bf_trust *installed, const char *now,
                          struct bf_diag *diag)
{
    enum bf_err err = open_container(out, raw, diag);

    if (err == BF_OK && (err = check_root_need(out, installed, now, diag)) == BF_OK &&
        (err = parse(out, diag)) == BF_OK &&
        (err = check_follows(out, installed, now, diag)) == BF_OK &&
        (err = bf_trust_rules_moved(&installed->body, &out->body, diag)) == BF_OK) {
        err = check_root_need(out, out, now, diag);
    }
    if (err != BF_OK) {
        bf_trust_clear(out);
    }
    return err;
}

void bf_trust_clear(struct bf_trust *t)
{
    free(t->keys);
    bf_json_clear(&t->doc);
    bf_buf_clear(&t->raw);
    memset(t, 0, sizeof(*t));
}
