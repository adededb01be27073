/* SPDX-License-Identifier: Apache-2.0 */
/* What members of a manifest must be to each other (SPEC section 4.3). */
#include <string.h>

#include "bundle_in.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool empty(const char *t)
{
    return t[0] == '\0';
}

struct bf_bytes bf_secret_client(const char *name)
{
    static const char head[] = "s3.client.";
    const char *client = name + sizeof(head) - 1, *end;

    if (strncmp(name, head, sizeof(head) - 1) != 0 ||
        (end = strrchr(client, '.')) == NULL) {
        return bf_view(NULL, 0);
    }
    return bf_view(client, (size_t)(end - client));
}

bool bf_secret_is_access_key(const char *name)
{
    const char *end = strrchr(name, '.');

    return end != NULL && is(end, ".access_key");
}

/* [BF-407] strictly ascending, so none twice. */
static enum bf_err check_order(const struct bf_manifest *m, struct bf_diag *diag)
{
    size_t i;

    for (i = 1; i < m->members.num; i++) {
        const struct bf_member *a = BF_LIST_ITEM(&m->members, struct bf_member, i - 1);

        if (strcmp(a[0].name, a[1].name) >= 0) {
            return bf_fail(diag, BF_MANIFEST_ORDER, "members: %s", a[1].name);
        }
    }
    for (i = 1; i < m->secrets.num; i++) {
        const struct bf_secret_ref *a =
            BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i - 1);

        if (strcmp(a[0].name, a[1].name) >= 0) {
            return bf_fail(diag, BF_MANIFEST_ORDER, "secrets: %s", a[1].name);
        }
    }
    return BF_OK;
}

/* [BF-408] */
static enum bf_err broken(struct bf_diag *diag, const char *rule)
{
    return bf_fail(diag, BF_MANIFEST_RULE, "%s", rule);
}

static enum bf_err check_times(const struct bf_manifest *m, struct bf_diag *diag)
{
    /* texts of one form compare as the times do */
    if (strcmp(m->created_at, m->not_before) > 0) {
        return broken(diag, "not_before is before created_at");
    }
    if (strcmp(m->not_before, m->expires) >= 0) {
        return broken(diag, "expires is not after not_before");
    }
    if ((m->expect_log.size == 0) != empty(m->expect_log.origin) ||
        (m->expect_log.size == 0) != empty(m->expect_log.root)) {
        return broken(diag, "expect_log: origin and root are \"\" exactly if size is 0");
    }
    return BF_OK;
}

/* The ARN shown to the approvers is that of the user that is changed. */
static bool arn_ends_with(const char *arn, const char *user)
{
    const char *last = strrchr(arn, '/');

    return last != NULL && is(last + 1, user);
}

static enum bf_err check_plan(const struct bf_plan *p, struct bf_diag *diag)
{
    const bool none = is(p->iam.mode, "none");

    if (empty(p->iam.arn) != none || empty(p->iam.policy) != none ||
        empty(p->iam.user) != none) {
        return broken(diag,
                      "plan.iam: arn, policy and user are \"\" exactly if mode is none");
    }
    if (!none && !arn_ends_with(p->iam.arn, p->iam.user)) {
        return broken(diag, "plan.iam: arn is not that of user");
    }
    if (is(p->bucket.mode, "none") &&
        (p->bucket.ownership || p->bucket.public_block || p->bucket.versioning)) {
        return broken(diag, "plan.bucket: mode none asks nothing of the bucket");
    }
    return BF_OK;
}

/* One name: what is committed to, and what is shown of it. */
static enum bf_err check_secret(const struct bf_manifest *m,
                                const struct bf_secret_ref *s, struct bf_diag *diag)
{
    const bool removed = is(s->versus, "removed");
    const bool minted = is(m->plan.iam.mode, "mint") && !removed;

    if (empty(s->commitment) != (removed || minted)) {
        return bf_fail(
            diag, BF_MANIFEST_RULE,
            "%s: commitment is \"\" exactly if the name is removed or its key minted",
            s->name);
    }
    if (minted && !is(s->versus, "changed")) {
        return bf_fail(diag, BF_MANIFEST_RULE, "%s: a minted key is changed", s->name);
    }
    if (empty(s->disclosed) !=
        (empty(s->commitment) || !bf_secret_is_access_key(s->name))) {
        return bf_fail(
            diag, BF_MANIFEST_RULE,
            "%s: disclosed is given exactly for an access_key with a commitment",
            s->name);
    }
    return BF_OK;
}

/* Names of one client stand side by side, because the order is by bytes. */
static enum bf_err check_pairs(const struct bf_manifest *m, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < m->secrets.num; i += 2) {
        const struct bf_secret_ref *a =
            BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i);

        if (i + 1 == m->secrets.num ||
            !bf_bytes_equal(bf_secret_client(a[0].name), bf_secret_client(a[1].name))) {
            return bf_fail(
                diag, BF_MANIFEST_RULE,
                "%s: access_key and secret_key of a client stand there together",
                a->name);
        }
        if (is(a[0].versus, "removed") != is(a[1].versus, "removed")) {
            return bf_fail(diag, BF_MANIFEST_RULE,
                           "%s: both names of a client are removed, or neither", a->name);
        }
    }
    return BF_OK;
}

/* Somebody takes the retired key away: it cannot be one that is in use from now on. */
static enum bf_err check_retire(const struct bf_manifest *m, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < m->secrets.num && !empty(m->plan.retire); i++) {
        const struct bf_secret_ref *s =
            BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i);

        if (is(s->disclosed, m->plan.retire)) {
            return bf_fail(diag, BF_MANIFEST_RULE,
                           "plan.retire is the key that %s is set to", s->name);
        }
    }
    return BF_OK;
}

enum bf_err bf_manifest_rules(const struct bf_manifest *m, struct bf_diag *diag)
{
    enum bf_err err;
    size_t i;

    if ((err = check_order(m, diag)) != BF_OK || (err = check_times(m, diag)) != BF_OK ||
        (err = check_plan(&m->plan, diag)) != BF_OK) {
        return err;
    }
    for (i = 0; i < m->secrets.num; i++) {
        err = check_secret(m, BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i), diag);
        if (err != BF_OK) {
            return err;
        }
    }
    err = check_pairs(m, diag);
    return err == BF_OK ? check_retire(m, diag) : err;
}
