/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a receipt (SPEC section 7). It is not parsed before one of the trusts has
 * vouched for the appliance that signed it, and it counts only for the appliance that the
 * trust it names gives to its target.
 */
#include "bf/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "trust_in.h"

/* ---- signature ---- */

/* The one member below sig/, or NULL. */
static const struct bf_entry *only_signature(const struct bf_container *c)
{
    const struct bf_entry *found = NULL;
    size_t i;

    for (i = 0; i < c->num; i++) {
        if (bf_is_sig_member(c->entries[i].name)) {
            if (found != NULL) {
                return NULL;
            }
            found = &c->entries[i];
        }
    }
    return found;
}

/* [BF-701]. The domain is that of the first trust that vouches. */
static enum bf_err check_signature(struct bf_receipt_file *f, const char **domain,
                                   const struct bf_trust *const *trusts,
                                   size_t num_trusts, const char *now,
                                   struct bf_diag *diag)
{
    const struct bf_entry *entry = only_signature(&f->container);
    struct bf_verdict *verdict;
    enum bf_err err;
    size_t i;

    if (entry == NULL) {
        return bf_fail(diag, BF_RECEIPT_SIGNATURE,
                       "not exactly one signature"); /* [BF-701] */
    }
    verdict = calloc(1, sizeof(*verdict));
    if (verdict == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signature");
    }
    err = bf_fail(diag, BF_RECEIPT_SIGNATURE, "no trust to judge it by"); /* [BF-701] */
    for (i = 0; i < num_trusts && err != BF_OK; i++) {
        bf_judge(verdict, entry, f->container.entries[0].data, trusts[i], now);
        err = verdict->reason;
        if (err == BF_OK) {
            *domain = trusts[i]->body.domain;
            bf_copy(f->signer, verdict->person, sizeof(f->signer));
        } else if (bf_err_exit(err) == BF_EXIT_UNDECIDED) { /* not judged is not bad */
            err = bf_fail(diag, err, "%s: %s", entry->name, verdict->where);
            break;
        } else {
            err = bf_fail(diag, BF_RECEIPT_SIGNATURE, "%s: %s, %s",
                          entry->name, /* [BF-701] */
                          bf_err_id(verdict->reason), verdict->where);
        }
    }
    if (err == BF_OK && diag != NULL) {
        memset(diag, 0, sizeof(*diag));
    }
    free(verdict);
    return err;
}

/* ---- rules ---- */

enum bf_err bf_receipt_rules(const struct bf_receipt *r, struct bf_diag *diag)
{
    static const char *const silent[] = {"applied", "attested", "proved", "settled"};
    bool refused = strcmp(r->outcome, "refused") == 0;
    size_t i;

    if (refused && r->refusal[0] == '\0') {
        return bf_fail(diag, BF_RECEIPT_VALUE,
                       "refused without a refusal"); /* [BF-703] */
    }
    for (i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        if (strcmp(r->outcome, silent[i]) == 0 && r->refusal[0] != '\0') {
            return bf_fail(diag, BF_RECEIPT_VALUE, "%s with refusal %s", r->outcome,
                           r->refusal); /* [BF-703] */
        }
    }
    for (i = 1; i < r->members.num; i++) {
        const struct bf_member *m = BF_LIST_ITEM(&r->members, const struct bf_member, i);

        if (strcmp(m[-1].name, m->name) >= 0) {
            return bf_fail(diag, BF_RECEIPT_VALUE, "members: %s is out of order",
                           m->name); /* [BF-703] */
        }
    }
    return BF_OK;
}

/* ---- evidence ---- */

static const struct bf_member *find_row(const struct bf_receipt *r, const char *name)
{
    size_t i;

    for (i = 0; i < r->members.num; i++) {
        const struct bf_member *row =
            BF_LIST_ITEM(&r->members, const struct bf_member, i);

        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static enum bf_err check_row(const struct bf_container *c, const struct bf_member *row,
                             struct bf_diag *diag)
{
    const struct bf_entry *e = bf_container_find(c, row->name);
    char sha256[2 * BF_SHA256 + 1];
    enum bf_err err;

    if (row->size > BF_MAX_EVIDENCE) {
        return e == NULL ? BF_OK
                         : bf_fail(diag, BF_RECEIPT_MEMBER, "%s: too large to be here",
                                   row->name); /* [BF-710] */
    }
    if (e == NULL || (int64_t)e->data.len != row->size) {
        return bf_fail(diag, BF_RECEIPT_MEMBER, "%s: %s", row->name,
                       e == NULL ? "missing" : "size"); /* [BF-710] */
    }
    if ((err = bf_sha256_hex(sha256, e->data)) != BF_OK) {
        return bf_fail(diag, err, "%s", row->name);
    }
    return strcmp(sha256, row->sha256) == 0
               ? BF_OK
               : bf_fail(diag, BF_RECEIPT_MEMBER, "%s: hash", row->name); /* [BF-710] */
}

/* Complete both ways [BF-710]. */
static enum bf_err check_evidence(const struct bf_receipt_file *f, struct bf_diag *diag)
{
    const struct bf_container *c = &f->container;
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 1; i < c->num; i++) {
        const char *name = c->entries[i].name;

        if (!bf_is_sig_member(name) && find_row(&f->r, name) == NULL) {
            return bf_fail(diag, BF_RECEIPT_MEMBER, "%s is not signed",
                           name); /* [BF-710] */
        }
    }
    for (i = 0; i < f->r.members.num && err == BF_OK; i++) {
        err = check_row(c, BF_LIST_ITEM(&f->r.members, const struct bf_member, i), diag);
    }
    return err;
}

/* ---- signer, log and target ---- */

static const struct bf_trust *
named_trust(const struct bf_receipt *r, const struct bf_trust *const *trusts, size_t num)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (strcmp(trusts[i]->sha256, r->trust.sha256) == 0 &&
            trusts[i]->body.version == r->trust.version) {
            return trusts[i];
        }
    }
    return NULL;
}

/* Under the trust that the receipt names the same signature is good, and the target is
 * the signer's. */
static enum bf_err check_signer(const struct bf_receipt_file *f,
                                const struct bf_trust *const *trusts, size_t num_trusts,
                                const char *now, struct bf_diag *diag)
{
    const struct bf_trust *trust = named_trust(&f->r, trusts, num_trusts);
    const struct bf_target *target;
    struct bf_receipt_file *again;
    const char *domain;
    enum bf_err err;

    if (trust == NULL) {
        return bf_fail(diag, BF_RECEIPT_TRUST, "version %lld, %s",
                       (long long)f->r.trust.version, /* [BF-705] */
                       f->r.trust.sha256);
    }
    if (strcmp(f->r.log.origin, f->signer) != 0) {
        return bf_fail(diag, BF_RECEIPT_SIGNER, "log of %s, signed by %s",
                       f->r.log.origin, f->signer); /* [BF-704] */
    }
    target = bf_trust_target(&trust->body, f->r.target.id);
    if (target == NULL || strcmp(target->appliance, f->signer) != 0) {
        return bf_fail(diag, BF_RECEIPT_SIGNER, "target %s is not %s's", f->r.target.id,
                       f->signer); /* [BF-704] */
    }
    again = calloc(1, sizeof(*again));
    if (again == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signature");
    }
    again->container = f->container;
    err = check_signature(again, &domain, &trust, 1, now, diag);
    free(again);
    return err == BF_RECEIPT_SIGNATURE
               ? bf_fail(diag, BF_RECEIPT_SIGNER, "not its key under that trust")
               : err; /* [BF-704] */
}

/* ---- the whole ---- */

/* Takes raw; looks at names and sizes alone. */
static enum bf_err open_container(struct bf_receipt_file *out, struct bf_buf *raw,
                                  struct bf_diag *diag)
{
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    out->raw = *raw;
    *raw = bf_buf(raw->max); /* taken */
    if ((err = bf_gate(&out->container, bf_buf_bytes(&out->raw), diag)) != BF_OK ||
        (err = bf_only_role(&out->container, "receipt", diag)) != BF_OK) {
        return err;
    }
    bf_log_leaf(out->leaf, out->container.entries[0].data);
    err = bf_sha256_hex(out->sha256, out->container.entries[0].data);
    return err == BF_OK ? BF_OK : bf_fail(diag, err, "%s", BF_MANIFEST);
}

static enum bf_err parse(struct bf_receipt_file *f, const char *domain,
                         struct bf_diag *diag)
{
    const char *found;
    enum bf_err err;

    if ((err = bf_json_parse(&f->doc, f->container.entries[0].data, BF_JSON_SIGNED,
                             diag)) != BF_OK ||
        (err = bf_doc_type(&f->doc, BF_RECEIPT_TYPE, diag)) != BF_OK) {
        return err;
    }
    found = bf_json_get_text(f->doc.root, "domain");
    if (found == NULL || strcmp(found, domain) != 0) {
        return bf_fail(diag, BF_MANIFEST_DOMAIN, "%.64s, not %s",
                       found != NULL ? found : "none", domain); /* [BF-404] */
    }
    err = bf_schema_read_as(&f->r, &bf_receipt_schema, f->doc.root, &f->doc.arena,
                            BF_RECEIPT_SCHEMA, BF_RECEIPT_VALUE, diag);
    return err == BF_OK ? bf_receipt_rules(&f->r, diag) : err;
}

enum bf_err bf_receipt_open(struct bf_receipt_file *out, struct bf_buf *raw,
                            const struct bf_trust *const *trusts, size_t num_trusts,
                            const char *now, struct bf_diag *diag)
{
    struct bf_log log;
    const char *domain = NULL;
    enum bf_err err = open_container(out, raw, diag);

    if (err == BF_OK &&
        (err = check_signature(out, &domain, trusts, num_trusts, now, diag)) == BF_OK &&
        (err = parse(out, domain, diag)) == BF_OK &&
        (err = check_evidence(out, diag)) == BF_OK &&
        (err = check_signer(out, trusts, num_trusts, now, diag)) == BF_OK) {
        err = bf_log_from_receipt(&log, &out->r, diag);
    }
    if (err != BF_OK) {
        bf_receipt_clear(out);
    }
    return err;
}

void bf_receipt_clear(struct bf_receipt_file *r)
{
    bf_json_clear(&r->doc);
    bf_buf_clear(&r->raw);
    memset(r, 0, sizeof(*r));
}
