/* SPDX-License-Identifier: Apache-2.0 */
/* What only the appliance's own memory can say: serial, predecessor, log, debts, and how
 * secrets stand to those before. */
#include <string.h>

#include "check.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static enum bf_err check_serial(const struct bf_manifest *m,
                                const struct bf_target *target,
                                const struct bf_trust_body *trust,
                                const struct vfy_record_of_target *r,
                                struct bf_diag *diag)
{
    int64_t used =
        r->intent.serial > target->serial_floor ? r->intent.serial : target->serial_floor;

    if (m->serial <= used) {
        return bf_fail(diag, BF_SERIAL_OLD, "serial %lld, used up to %lld",
                       (long long)m->serial, (long long)used); /* [BF-830] */
    }
    if (m->serial - used > trust->limits.serial_jump) {
        return bf_fail(diag, BF_SERIAL_JUMP,
                       "serial %lld after %lld, at most %lld further",
                       (long long)m->serial, (long long)used,
                       (long long)trust->limits.serial_jump); /* [BF-831] */
    }
    return BF_OK;
}

static enum bf_err check_chain(const struct bf_manifest *m,
                               const struct vfy_record_of_target *r, struct bf_diag *diag)
{
    if (!is(m->prev, r->applied.manifest_sha256)) {
        return bf_fail(diag, BF_SERIAL_PREV, "prev is %.16s, the last applied is %.16s",
                       m->prev[0] != '\0' ? m->prev : "empty",
                       r->applied.manifest_sha256[0] != '\0' ? r->applied.manifest_sha256
                                                             : "none"); /* [BF-832] */
    }
    if (!is(m->supersedes, r->uncertain)) {
        return bf_fail(diag, BF_SERIAL_SUPERSEDES,
                       "supersedes is %.16s, the uncertain run is %.16s",
                       m->supersedes[0] != '\0' ? m->supersedes : "empty",
                       r->uncertain[0] != '\0' ? r->uncertain : "none"); /* [BF-833] */
    }
    return BF_OK;
}

static enum bf_err check_log(const struct bf_manifest *m, const struct vfy_state *s,
                             struct bf_diag *diag)
{
    uint8_t root[BF_SHA256];
    char hex[2 * BF_SHA256 + 1];
    enum bf_err err;

    if (m->expect_log.size == 0) {
        return BF_OK;
    }
    if (!is(m->expect_log.origin, s->name)) {
        return bf_fail(diag, BF_LOG_DIFFERS, "the log of %s, this is %s",
                       m->expect_log.origin, s->name); /* [BF-834] */
    }
    if (m->expect_log.size > (int64_t)s->ledger.num) {
        return bf_fail(diag, BF_LOG_AHEAD, "%lld receipts, here are %zu",
                       (long long)m->expect_log.size, s->ledger.num); /* [BF-835] */
    }
    err = vfy_ledger_root(root, &s->ledger, (size_t)m->expect_log.size, diag);
    if (err != BF_OK) {
        return err;
    }
    bf_hex(hex, root, sizeof(root));
    if (!is(m->expect_log.root, hex)) {
        return bf_fail(
            diag, BF_LOG_DIFFERS, "at %lld receipts the root is %.16s, not %.16s",
            (long long)m->expect_log.size, hex, m->expect_log.root); /* [BF-834] */
    }
    return BF_OK;
}

/* A debt that the installed trust waives is none. */
static enum bf_err check_debts(const struct bf_manifest *m,
                               const struct bf_trust_body *trust,
                               const struct vfy_record_of_target *r, struct bf_diag *diag)
{
    int64_t open = 0,
            allowed = is(m->change.grade, "emergency") ? trust->limits.debts_max - 1 : 0;
    const char *first = "";
    size_t i;

    for (i = 0; i < r->debts.num; i++) {
        if (!bf_list_has(&trust->debts_waived, bf_list_text(&r->debts, i))) {
            first = open == 0 ? bf_list_text(&r->debts, i) : first;
            open++;
        }
    }
    if (open > allowed) {
        return bf_fail(diag, BF_DEBT_OPEN, "%lld open, the first is %.16s",
                       (long long)open, first); /* [BF-836] */
    }
    return BF_OK;
}

enum bf_err vfy_order(enum vfy_standing *standing, const struct bf_bundle *b,
                      const struct vfy_state *s, const struct vfy_record_of_target *r,
                      bool journal_open, struct bf_diag *diag)
{
    const struct bf_target *target = bf_trust_target(&s->trust.body, b->m.target.id);
    enum bf_err err = BF_OK;

    *standing = VFY_NEW;
    if (journal_open) {
        return bf_fail(diag, BF_JOURNAL_OPEN, "target %s", b->m.target.id); /* [BF-841] */
    }
    if (target == NULL) {
        return bf_fail(diag, BF_TARGET_UNKNOWN, "%s", b->m.target.id); /* [BF-820] */
    }
    if (is(b->sha256, r->intent.manifest_sha256) && is(r->intent.outcome, "applied")) {
        *standing = VFY_AGAIN; /* skips check 11 whole */
        return BF_OK;
    }
    if (is(b->sha256, r->intent.manifest_sha256) && is(r->intent.outcome, "undone")) {
        *standing = VFY_RETRY; /* its serial is its own already */
    } else {
        err = check_serial(&b->m, target, &s->trust.body, r, diag);
    }
    if (err == BF_OK) {
        err = check_chain(&b->m, r, diag);
    }
    if (err == BF_OK) {
        err = check_log(&b->m, s, diag);
    }
    return err == BF_OK ? check_debts(&b->m, &s->trust.body, r, diag) : err;
}

/* ---- versus ---- */

static const struct bf_opened *find_opened(const struct bf_secrets *secrets,
                                           const char *name)
{
    size_t i;

    for (i = 0; i < secrets->num; i++) {
        if (is(secrets->items[i].name, name)) {
            return &secrets->items[i];
        }
    }
    return NULL;
}

/* The old commitment over the new value under the old opening: equal only when the value
 * has not changed. */
static bool is_same(const struct vfy_name *old, const struct bf_opened *fresh)
{
    uint8_t opening[BF_KEY];
    char commitment[65];
    bool same;

    if (!bf_unhex(opening, sizeof(opening), old->opening, strlen(old->opening))) {
        return false;
    }
    bf_commitment(commitment, opening, old->bundle_id, old->name, fresh->value);
    same = is(commitment, old->commitment);
    bf_wipe(opening, sizeof(opening));
    return same;
}

/* [BF-507] one claim. A name without a record was never set from here: then only "new"
 * can be true. */
static bool claim_holds(const struct bf_secret_ref *ref, const struct vfy_name *old,
                        const struct bf_opened *fresh)
{
    if (is(ref->versus, "removed")) {
        return fresh == NULL;
    }
    if (fresh == NULL) {
        return false;
    }
    if (old == NULL) {
        return is(ref->versus, "new");
    }
    return is(ref->versus, is_same(old, fresh) ? "same" : "changed");
}

enum bf_err vfy_versus(const struct bf_bundle *b, const struct bf_secrets *secrets,
                       const struct vfy_record_of_target *r, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < b->m.secrets.num; i++) {
        const struct bf_secret_ref *ref =
            BF_LIST_ITEM(&b->m.secrets, const struct bf_secret_ref, i);
        const struct vfy_name *old = vfy_target_name(r, ref->name);

        if (!claim_holds(ref, old, find_opened(secrets, ref->name))) {
            return bf_fail(
                diag, BF_SECRET_VERSUS, "%s is said to be %s%s", ref->name, ref->versus,
                old == NULL ? ", and was never set from here" : ""); /* [BF-507] */
        }
    }
    return BF_OK;
}
