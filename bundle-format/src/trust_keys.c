/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of people and appliances [BF-607]: each decodes, none is weak, and no point (or
 * modulus) stands twice, neither with two people, nor in two encodings, nor as plain and
 * as security key, nor as signing key and age recipient.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust_in.h"

struct point {
    struct bf_bytes raw; /* in the arena */
    const char *owner;
};

struct points {
    struct bf_arena arena;
    struct point *items;
    size_t num, cap;
    struct bf_sshkey *key; /* room for one: it is larger than a stack frame should be */
};

static enum bf_err add_point(struct points *ps, struct bf_bytes raw, const char *owner,
                             struct bf_diag *diag)
{
    uint8_t *copy = ps->num < ps->cap ? bf_arena_alloc(&ps->arena, raw.len) : NULL;

    if (copy == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "keys");
    }
    bf_copy(copy, raw.ptr, raw.len);
    ps->items[ps->num++] = (struct point){bf_view(copy, raw.len), owner};
    return BF_OK;
}

static enum bf_err add_ssh(struct points *ps, const char *line, const char *owner,
                           struct bf_diag *diag)
{
    /* KEY_LINE, KEY_TYPE, KEY_WEAK */
    enum bf_err err = bf_sshkey_parse(ps->key, line, diag);

    if (err != BF_OK) {
        bf_diag_in(diag, "%s", owner);
        return err;
    }
    return add_point(ps, bf_sshkey_raw(ps->key), owner, diag);
}

/* RFC 7748: u is taken mod 2^255 - 19 without its top bit, so only values below that are
 * their own only encoding. */
static bool is_canonical_u(const uint8_t u[BF_KEY])
{
    size_t i;

    if (u[31] != 0x7f) {
        return u[31] < 0x7f;
    }
    for (i = 30; i > 0; i--) {
        if (u[i] != 0xff) {
            return true;
        }
    }
    return u[0] < 0xed;
}

/* bf_age_recipient_parse refuses points of low order itself. */
static enum bf_err add_age(struct points *ps, const char *text, const char *owner,
                           struct bf_diag *diag)
{
    uint8_t raw[BF_KEY];
    enum bf_err err = bf_age_recipient_parse(raw, text, diag);

    if (err != BF_OK) {
        bf_diag_in(diag, "%s", owner);
        return err;
    }
    if (!is_canonical_u(raw)) {
        return bf_fail(diag, BF_TRUST_KEYS, /* [BF-607] */
                       "%s: %s is not the one encoding of its point", owner, text);
    }
    return add_point(ps, bf_view(raw, sizeof(raw)), owner, diag);
}

/*
 * Times of a key. ssh-keygen takes neither a time at or before 1970-01-01T00:00:00Z nor
 * an end that is not after the beginning; such a line would be skipped there and the
 * answers would differ.
 */
static enum bf_err check_times(const struct bf_person *p, const struct bf_trust_key *k,
                               struct bf_diag *diag)
{
    const char *const epoch = "1970-01-01T00:00:00Z";
    bool begins = k->not_before[0] != '\0', ends = k->not_after[0] != '\0';

    if ((begins || ends) && bf_person_has_role(p, "root")) {
        return bf_fail(diag, BF_TRUST_VALUE, "%s: keys of root people have no times",
                       p->id); /* [BF-602] */
    }
    if ((begins && strcmp(k->not_before, epoch) <= 0) ||
        (ends && strcmp(k->not_after, epoch) <= 0)) {
        return bf_fail(diag, BF_TRUST_VALUE, "%s: a key time that is not after %s", p->id,
                       epoch); /* [BF-602] */
    }
    if (begins && ends && strcmp(k->not_before, k->not_after) >= 0) {
        return bf_fail(diag, BF_TRUST_VALUE, "%s: not_after is not after not_before",
                       p->id); /* [BF-602] */
    }
    return BF_OK;
}

static enum bf_err add_person(struct points *ps, const struct bf_person *p,
                              struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; i < p->keys.num && err == BF_OK; i++) {
        const struct bf_trust_key *k =
            BF_LIST_ITEM(&p->keys, const struct bf_trust_key, i);

        err = check_times(p, k, diag);
        if (err == BF_OK) {
            err = add_ssh(ps, k->key, p->id, diag);
        }
        if (err == BF_OK && k->verify && !ps->key->kind->hardware) {
            err = bf_fail(diag, BF_TRUST_VALUE,
                          "%s: only keys in hardware can verify a user",
                          p->id); /* [BF-602] */
        }
    }
    for (i = 0; i < p->recipients.num && err == BF_OK; i++) {
        err = add_age(ps, bf_list_text(&p->recipients, i), p->id, diag);
    }
    return err;
}

static enum bf_err add_appliance(struct points *ps, const struct bf_appliance *a,
                                 struct bf_diag *diag)
{
    enum bf_err err = add_ssh(ps, a->receipt_key, a->id, diag);

    if (err == BF_OK) {
        err = add_age(ps, a->secrets, a->id, diag);
    }
    return err == BF_OK ? add_age(ps, a->transport, a->id, diag) : err;
}

static int compare_points(const void *a, const void *b)
{
    const struct bf_bytes *x = &((const struct point *)a)->raw;
    const struct bf_bytes *y = &((const struct point *)b)->raw;

    if (x->len != y->len) {
        return x->len < y->len ? -1 : 1;
    }
    return memcmp(x->ptr, y->ptr, x->len);
}

static enum bf_err check_unique(struct points *ps, struct bf_diag *diag)
{
    size_t i;

    qsort(ps->items, ps->num, sizeof(ps->items[0]), compare_points);
    for (i = 1; i < ps->num; i++) {
        if (compare_points(&ps->items[i - 1], &ps->items[i]) == 0) {
            return bf_fail(diag, BF_TRUST_KEYS, "one key with %s and %s",
                           ps->items[i - 1].owner, /* [BF-607] */
                           ps->items[i].owner);
        }
    }
    return BF_OK;
}

static enum bf_err make_room(struct points *ps, const struct bf_trust_body *b,
                             struct bf_diag *diag)
{
    size_t keys = b->appliances.num, i;

    ps->cap = 2 * b->appliances.num;
    for (i = 0; i < b->people.num; i++) {
        const struct bf_person *p = BF_LIST_ITEM(&b->people, const struct bf_person, i);

        keys += p->keys.num;
        ps->cap += p->recipients.num;
    }
    if (keys > BF_MAX_KEYS) {
        return bf_fail(diag, BF_TRUST_KEYS, "%zu keys, at most %d", keys, /* [BF-607] */
                       BF_MAX_KEYS);                                      /* [BF-607] */
    }
    ps->cap += keys;
    ps->items = bf_arena_alloc(&ps->arena, (ps->cap + 1) * sizeof(ps->items[0]));
    ps->key = bf_arena_alloc(&ps->arena, sizeof(*ps->key));
    return ps->items != NULL && ps->key != NULL ? BF_OK
                                                : bf_fail(diag, BF_NO_MEMORY, "keys");
}

enum bf_err bf_trust_rules_keys(const struct bf_trust_body *body, struct bf_diag *diag)
{
    struct points ps = {0};
    enum bf_err err = make_room(&ps, body, diag);
    size_t i;

    for (i = 0; i < body->people.num && err == BF_OK; i++) {
        err =
            add_person(&ps, BF_LIST_ITEM(&body->people, const struct bf_person, i), diag);
    }
    for (i = 0; i < body->appliances.num && err == BF_OK; i++) {
        err = add_appliance(
            &ps, BF_LIST_ITEM(&body->appliances, const struct bf_appliance, i), diag);
    }
    if (err == BF_OK) {
        err = check_unique(&ps, diag);
    }
    bf_arena_clear(&ps.arena);
    return err;
}

static enum bf_err decode_person(struct bf_trust *t, const struct bf_person *p,
                                 struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; i < p->keys.num && err == BF_OK; i++) {
        const struct bf_trust_key *k =
            BF_LIST_ITEM(&p->keys, const struct bf_trust_key, i);
        struct bf_known_key *known = &t->keys[t->num_keys++];

        known->person = p;
        known->not_before = k->not_before;
        known->not_after = k->not_after;
        known->verify = k->verify;
        err = bf_sshkey_parse(&known->key, k->key, diag);
    }
    return err;
}

enum bf_err bf_trust_decode_keys(struct bf_trust *t, struct bf_diag *diag)
{
    const struct bf_trust_body *b = &t->body;
    size_t num = b->appliances.num, i;
    enum bf_err err = BF_OK;

    for (i = 0; i < b->people.num; i++) {
        num += BF_LIST_ITEM(&b->people, const struct bf_person, i)->keys.num;
    }
    t->keys = calloc(num > 0 ? num : 1, sizeof(t->keys[0]));
    if (t->keys == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "keys");
    }
    for (i = 0; i < b->people.num && err == BF_OK; i++) {
        err = decode_person(t, BF_LIST_ITEM(&b->people, const struct bf_person, i), diag);
    }
    for (i = 0; i < b->appliances.num && err == BF_OK; i++) {
        struct bf_known_key *known = &t->keys[t->num_keys++];

        known->appliance = BF_LIST_ITEM(&b->appliances, const struct bf_appliance, i);
        known->not_before = "";
        known->not_after = "";
        err = bf_sshkey_parse(&known->key, known->appliance->receipt_key, diag);
    }
    return err;
}
