/* SPDX-License-Identifier: Apache-2.0 */
#include "approve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool in_rule(const struct bf_trust *trust, const struct bf_list *rule,
                    const char *person)
{
    size_t i;

    for (i = 0; i < rule->num; i++) {
        const struct bf_group *g = bf_trust_group(
            &trust->body, BF_LIST_ITEM(rule, const struct bf_requirement, i)->from);

        if (g != NULL && bf_list_has(&g->people, person)) {
            return true;
        }
    }
    return false;
}

enum bf_err gen_check_log(const struct gen_session *s, struct bf_diag *diag)
{
    const struct bf_manifest *m = &s->bundle.m;
    uint8_t root[BF_SHA256];
    char hex[2 * BF_SHA256 + 1];
    struct bf_log head;
    enum bf_err err = gen_state_head(&head, &s->state, m->target.appliance, diag);

    if (err != BF_OK || head.size == 0) {
        return err;
    }
    if (m->expect_log.size < (int64_t)head.size) { /* [BF-844] */
        return bf_fail(diag, BF_APPROVE_OLD_LOG,
                       "log of %s: the bundle knows %lld receipts, this workstation %llu",
                       m->target.appliance, (long long)m->expect_log.size,
                       (unsigned long long)head.size);
    }
    bf_log_root(root, &head);
    bf_hex(hex, root, BF_SHA256);
    if (m->expect_log.size == (int64_t)head.size &&
        strcmp(m->expect_log.root, hex) != 0) { /* [BF-834] */
        return bf_fail(diag, BF_LOG_DIFFERS, "log of %s, size %llu: root %s, here %s",
                       m->target.appliance, (unsigned long long)head.size,
                       m->expect_log.root, hex);
    }
    return BF_OK;
}

enum bf_err gen_may_approve(const struct gen_session *s, const char *person,
                            struct bf_diag *diag)
{
    if (strcmp(person, s->bundle.author->person) == 0) { /* [BF-842] */
        return bf_fail(diag, BF_APPROVE_AUTHOR, "%s made this bundle", person);
    }
    if (!in_rule(&s->trust, gen_rule_of(&s->trust, &s->bundle.m),
                 person)) { /* [BF-843] */
        return bf_fail(diag, BF_APPROVE_ROLE, "%s, rule %s", person,
                       s->bundle.m.change.grade);
    }
    return gen_check_log(s, diag);
}

static const struct bf_verdict *present(const struct gen_session *s, const char *person)
{
    size_t i;

    for (i = 0; i < s->bundle.num_sigs; i++) {
        const struct bf_verdict *v = &s->bundle.sigs[i];

        if (strcmp(v->role, "approve") == 0 && strcmp(v->person, person) == 0) {
            return v;
        }
    }
    return NULL;
}

bool gen_has_approved(const struct gen_session *s, const char *person)
{
    const struct bf_verdict *v = present(s, person);

    return v != NULL && v->reason == BF_OK;
}

/* Whose key the signature is; the armor is in exact form. */
static enum bf_err owner(char out[33], const struct gen_session *s, struct bf_bytes armor,
                         struct bf_diag *diag)
{
    struct bf_sshsig *sig = calloc(1, sizeof(*sig));
    const struct bf_known_key *known;
    char fingerprint[BF_FINGERPRINT];
    enum bf_err err;

    if (sig == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signature");
    }
    err = bf_sshsig_parse(sig, armor, diag);
    if (err == BF_OK) {
        known = bf_trust_find_key(&s->trust, &sig->key);
        if (known != NULL && known->person != NULL) {
            snprintf(out, 33, "%s", known->person->id);
        } else {
            err = gen_fingerprint(fingerprint, &sig->key, diag);
            err =
                err == BF_OK ? bf_fail(diag, BF_SIG_UNKNOWN_KEY, "%s", fingerprint) : err;
        }
    }
    free(sig);
    return err;
}

/* A good approval, or the reason why it is none. */
static enum bf_err judge(const struct gen_session *s, const struct bf_entry *entry,
                         struct bf_diag *diag)
{
    struct bf_verdict *v = calloc(1, sizeof(*v));
    enum bf_err err;

    if (v == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signature");
    }
    bf_judge(v, entry, s->bundle.container.entries[0].data, &s->trust, s->now);
    err = v->reason;
    if (err != BF_OK) {
        err = bf_fail(diag, err, "%s%s%s", entry->name, v->where[0] != '\0' ? ": " : "",
                      v->where);
    }
    free(v);
    return err;
}

enum bf_err gen_add_approval(struct bf_buf *out, bool *added, const struct gen_session *s,
                             const char *person, struct bf_bytes armor,
                             struct bf_diag *diag)
{
    struct bf_entry entry;
    char name[64], whose[33];
    enum bf_err err;

    *added = false;
    *out = bf_buf(BF_MAX_CONTAINER);
    if (person == NULL) {
        err = owner(whose, s, armor, diag);
        if (err != BF_OK) {
            return err;
        }
        person = whose;
    }
    snprintf(name, sizeof(name), "sig/approve.%s.sshsig", person);
    entry = (struct bf_entry){name, armor};
    if ((err = judge(s, &entry, diag)) != BF_OK ||
        (err = gen_may_approve(s, person, diag)) != BF_OK) {
        return err;
    }
    if (gen_has_approved(s, person)) {
        bf_put_bytes(out, s->bundle.container.raw);
        return bf_buf_check(out, "bundle", diag);
    }
    *added = true;
    return bf_container_with(out, &s->bundle.container, name, armor, diag);
}

/* The approvals of the copy that are good and that the bundle lacks, into entries after
 * those that stay. */
static size_t choose(struct bf_entry *entries, size_t *added, const struct gen_session *s,
                     const struct bf_container *copy)
{
    char role[16], person[33];
    size_t num = 0, i, k;

    for (i = 0; i < s->bundle.container.num; i++) {
        entries[num++] = s->bundle.container.entries[i];
    }
    for (i = 0; i < copy->num && num < BF_MAX_MEMBERS; i++) {
        const struct bf_entry *e = &copy->entries[i];

        if (!bf_sig_name(e->name, role, person) || strcmp(role, "approve") != 0 ||
            gen_has_approved(s, person) || judge(s, e, NULL) != BF_OK) {
            continue;
        }
        for (k = 0; k < num && strcmp(entries[k].name, e->name) != 0; k++) {
        }
        entries[k] = *e;
        num += k == num ? 1 : 0;
        *added += 1;
    }
    return num;
}

enum bf_err gen_merge_copy(struct bf_buf *out, size_t *added, const struct gen_session *s,
                           struct bf_buf *copy, struct bf_diag *diag)
{
    struct bf_entry entries[BF_MAX_MEMBERS];
    struct bf_container c;
    enum bf_err err;
    size_t num;

    *added = 0;
    *out = bf_buf(BF_MAX_CONTAINER);
    err = bf_gate(&c, bf_buf_bytes(copy), diag);
    if (err != BF_OK) {
        return err;
    }
    /* one manifest, one bundle: its members are tied to it by their hashes and were
     * checked in our own copy */
    if (!bf_bytes_equal(c.entries[0].data, s->bundle.container.entries[0].data)) {
        return bf_fail(diag, BF_IMPORT_OTHER, "its manifest.json differs");
    }
    num = choose(entries, added, s, &c);
    return bf_pack(out, entries, num, diag);
}

enum bf_err gen_note_approvals(struct gen_session *s, const struct bf_bundle *b,
                               struct bf_diag *diag)
{
    struct gen_records records = {0};
    const struct gen_record *known;
    struct gen_record changed;
    const char *people[64];
    size_t num = 0, i;
    enum bf_err err = gen_state_bundle_put(&s->state, b->sha256, b->container.raw, diag);

    if (err == BF_OK) {
        err = gen_state_records(&records, &s->state, diag);
    }
    known = err == BF_OK ? gen_records_find(&records, b->sha256) : NULL;
    if (known != NULL) {
        for (i = 0; i < b->num_sigs && num < 64; i++) {
            if (b->sigs[i].reason == BF_OK && strcmp(b->sigs[i].role, "approve") == 0) {
                people[num++] = b->sigs[i].person;
            }
        }
        changed = *known;
        changed.approvals = (struct bf_list){num, people};
        err = gen_state_record_put(&s->state, &changed, diag);
    }
    gen_records_clear(&records);
    return err;
}
