/* SPDX-License-Identifier: Apache-2.0 */
/* Checks 3 to 8, in their order: nothing of a bundle is understood before a good author
 * signature stands over it. */
#include <stdlib.h>
#include <string.h>

#include "bundle_in.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

static const char sig_prefix[] = "sig/";

static bool is_signature(const char *name)
{
    return strncmp(name, sig_prefix, sizeof(sig_prefix) - 1) == 0;
}

const char *bf_check_id(enum bf_check check)
{
    static const char *const ids[BF_NUM_CHECKS] = {
        [BF_CHECK_INPUT] = "input",     [BF_CHECK_SEALED] = "sealed",
        [BF_CHECK_GATE] = "gate",       [BF_CHECK_SIGNATURES] = "signatures",
        [BF_CHECK_AUTHOR] = "author",   [BF_CHECK_MANIFEST] = "manifest",
        [BF_CHECK_MEMBERS] = "members", [BF_CHECK_SHEET] = "sheet",
        [BF_CHECK_TIMES] = "times",     [BF_CHECK_TRUST] = "trust",
        [BF_CHECK_ORDER] = "order",     [BF_CHECK_PEOPLE] = "people",
        [BF_CHECK_SECRETS] = "secrets", [BF_CHECK_LIVE] = "live",
    };

    return (unsigned)check < BF_NUM_CHECKS ? ids[check] : "";
}

const char *bf_result_id(enum bf_result result)
{
    switch (result) {
    case BF_PASSED:
        return "ok";
    case BF_REFUSED:
        return "refused";
    case BF_SKIPPED:
        break;
    }
    return "skipped";
}

enum bf_err bf_bundle_mark(struct bf_bundle *b, enum bf_check check, enum bf_err err)
{
    if (err == BF_OK) {
        b->checks.result[check] = BF_PASSED;
    } else if (bf_err_exit(err) == BF_EXIT_REFUSED) {
        b->checks.result[check] = BF_REFUSED;
    }
    return err; /* no memory and the like: not decided */
}

/*
 * [BF-110] [BF-111] only signatures that belong into a bundle, one of them the author's.
 * What has not the name of a signature counts for nothing, and undoes nothing.
 */
static enum bf_err check_roles(const struct bf_container *c, struct bf_diag *diag)
{
    size_t authors = 0, i;
    char role[16], person[33];

    for (i = 0; i < c->num; i++) {
        const char *name = c->entries[i].name;

        if (!is_signature(name) || !bf_sig_name(name, role, person)) {
            continue;
        }
        if (strcmp(role, "author") != 0 && strcmp(role, "approve") != 0) {
            return bf_fail(diag, BF_GATE_ROLE, "%s", name);
        }
        authors += strcmp(role, "author") == 0;
    }
    return authors == 1 ? BF_OK : bf_fail(diag, BF_GATE_AUTHOR, "%zu", authors);
}

static enum bf_err check_gate(struct bf_bundle *b, struct bf_diag *diag)
{
    enum bf_err err = bf_gate(&b->container, bf_buf_bytes(&b->raw), diag);

    if (err == BF_OK) {
        err = check_roles(&b->container, diag);
    }
    if (err == BF_OK) {
        err = bf_sha256_hex(b->sha256, b->container.entries[0].data);
    }
    return bf_bundle_mark(b, BF_CHECK_GATE, err);
}

/*
 * Never refuses: what a signature is worth is asked later. But where the machine failed,
 * there is no verdict, and a good signature must not be taken for a bad one.
 */
static enum bf_err judge_all(struct bf_bundle *b, const struct bf_trust *trust,
                             const char *now, struct bf_diag *diag)
{
    const struct bf_container *c = &b->container;
    size_t i;

    b->sigs = calloc(c->num, sizeof(*b->sigs));
    if (b->sigs == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signatures");
    }
    for (i = 0; i < c->num; i++) {
        struct bf_verdict *v = &b->sigs[b->num_sigs];

        if (!is_signature(c->entries[i].name)) {
            continue;
        }
        bf_judge(v, &c->entries[i], c->entries[0].data, trust, now);
        b->num_sigs++;
        if (v->reason != BF_OK && bf_err_exit(v->reason) != BF_EXIT_REFUSED) {
            return bf_fail(diag, v->reason, "%s: %s", v->entry->name, v->where);
        }
    }
    return bf_bundle_mark(b, BF_CHECK_SIGNATURES, BF_OK);
}

/* [BF-401] */
static enum bf_err find_author(struct bf_bundle *b, struct bf_diag *diag)
{
    enum bf_err err = BF_AUTHOR_NONE;
    size_t i;

    for (i = 0; i < b->num_sigs; i++) {
        const struct bf_verdict *v = &b->sigs[i];

        if (strcmp(v->role, "author") != 0) {
            continue;
        }
        if (v->reason == BF_OK) {
            b->author = v;
            err = BF_OK;
        } else {
            err = bf_fail(diag, BF_AUTHOR_NONE, "%s: %s: %s%s%s", v->entry->name,
                          bf_err_id(v->reason), bf_err_text(v->reason),
                          v->where[0] != '\0' ? ", " : "", v->where);
        }
    }
    return bf_bundle_mark(b, BF_CHECK_AUTHOR, err);
}

/* [BF-404] */
static enum bf_err check_domain(const struct bf_json *root, const char *domain,
                                struct bf_diag *diag)
{
    const char *named = bf_json_get_text(root, "domain");

    if (named == NULL || strcmp(named, domain) != 0) {
        return bf_fail(diag, BF_MANIFEST_DOMAIN, "%.64s instead of %s",
                       named != NULL ? named : "none", domain);
    }
    return BF_OK;
}

/* The first thing that is parsed: type, domain, schema, rules, author. */
static enum bf_err read_manifest(struct bf_bundle *b, const struct bf_trust *trust,
                                 struct bf_diag *diag)
{
    enum bf_err err =
        bf_json_parse(&b->doc, b->container.entries[0].data, BF_JSON_SIGNED, diag);

    if (err == BF_OK && (err = bf_manifest_type(b->doc.root, diag)) == BF_OK &&
        (err = check_domain(b->doc.root, trust->body.domain, diag)) == BF_OK) {
        err = bf_manifest_decode(&b->m, &b->doc, diag);
    }
    if (err != BF_OK) {
        bf_diag_in(diag, BF_NAME_MANIFEST);
        return bf_bundle_mark(b, BF_CHECK_MANIFEST, err);
    }
    bf_bundle_mark(b, BF_CHECK_MANIFEST, BF_OK);
    if (strcmp(b->m.author, b->author->person) != 0) { /* [BF-402] */
        err = bf_fail(diag, BF_AUTHOR_DIFFERS, "%s signed, %s is named",
                      b->author->person, b->m.author);
        return bf_bundle_mark(b, BF_CHECK_AUTHOR, err);
    }
    return BF_OK;
}

/* ---- members ---- */

static bool some_commitment(const struct bf_manifest *m)
{
    size_t i;

    for (i = 0; i < m->secrets.num; i++) {
        if (BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i)->commitment[0] != '\0') {
            return true;
        }
    }
    return false;
}

static const struct bf_member *listed(const struct bf_manifest *m, const char *name)
{
    size_t i;

    for (i = 0; i < m->members.num; i++) {
        const struct bf_member *member = BF_LIST_ITEM(&m->members, struct bf_member, i);

        if (strcmp(member->name, name) == 0) {
            return member;
        }
    }
    return NULL;
}

/* [BF-414] exactly those that the plan calls for; when rotating, the request is the
 * author's choice. */
static enum bf_err check_set(const struct bf_manifest *m, struct bf_diag *diag)
{
    const bool rotate = strcmp(m->plan.action, "rotate") == 0;
    const struct {
        const char *name;
        bool wanted;
    } rows[] = {
        {BF_NAME_POLICY, strcmp(m->plan.iam.mode, "none") != 0},
        {BF_NAME_REPOSITORY, rotate ? listed(m, BF_NAME_REPOSITORY) != NULL
                                    : strcmp(m->plan.action, "register") == 0},
        {BF_NAME_SHEET, true},
        {BF_NAME_SECRETS, some_commitment(m)},
    };
    size_t wanted = 0, i;

    for (i = 0; i < NUM(rows); i++) {
        if (rows[i].wanted != (listed(m, rows[i].name) != NULL)) {
            return bf_fail(diag, BF_MEMBER_SET, "%s is %s", rows[i].name,
                           rows[i].wanted ? "needed" : "not wanted");
        }
        wanted += rows[i].wanted ? 1 : 0;
    }
    return wanted == m->members.num
               ? BF_OK
               : bf_fail(diag, BF_MEMBER_SET, "a member that no plan has");
}

/* Complete both ways, then sizes, then hashes. */
static enum bf_err check_members(const struct bf_bundle *b, struct bf_diag *diag)
{
    const struct bf_container *c = &b->container;
    char hash[2 * BF_SHA256 + 1];
    enum bf_err err = check_set(&b->m, diag);
    size_t i;

    if (err != BF_OK) {
        return err;
    }
    for (i = 0; i < b->m.members.num; i++) {
        const struct bf_member *member = BF_LIST_ITEM(&b->m.members, struct bf_member, i);

        if (bf_container_find(c, member->name) == NULL) {
            return bf_fail(diag, BF_MEMBER_MISSING, "%s", member->name); /* [BF-410] */
        }
    }
    for (i = 1; i < c->num; i++) {
        if (!is_signature(c->entries[i].name) &&
            listed(&b->m, c->entries[i].name) == NULL) {
            return bf_fail(diag, BF_MEMBER_UNKNOWN, "%s",
                           c->entries[i].name); /* [BF-411] */
        }
    }
    for (i = 0; i < b->m.members.num; i++) {
        const struct bf_member *member = BF_LIST_ITEM(&b->m.members, struct bf_member, i);
        const struct bf_entry *entry = bf_container_find(c, member->name);

        if ((int64_t)entry->data.len != member->size) { /* [BF-412] */
            return bf_fail(diag, BF_MEMBER_SIZE, "%s", member->name);
        }
        if ((err = bf_sha256_hex(hash, entry->data)) != BF_OK) {
            return err;
        }
        if (strcmp(hash, member->sha256) != 0) { /* [BF-413] */
            return bf_fail(diag, BF_MEMBER_HASH, "%s", member->name);
        }
    }
    return BF_OK;
}

/* ---- review documents ---- */

/* [BF-421] [BF-425] */
static enum bf_err parse_review(struct bf_json_doc *doc, const struct bf_entry *entry,
                                enum bf_err refusal, struct bf_diag *diag)
{
    struct bf_diag inner = {0};
    enum bf_err err;

    if (entry == NULL) {
        return BF_OK;
    }
    err = bf_json_parse(doc, entry->data, BF_JSON_REVIEW, &inner);
    if (err != BF_OK && bf_err_exit(err) == BF_EXIT_REFUSED) {
        return bf_fail(diag, refusal, "%s: %s", bf_err_text(err), inner.where);
    }
    return err == BF_OK ? BF_OK : bf_fail(diag, err, "%s", entry->name);
}

static size_t line_of_difference(struct bf_bytes a, struct bf_bytes b)
{
    size_t i, line = 1;

    for (i = 0; i < a.len && i < b.len && a.ptr[i] == b.ptr[i]; i++) {
        line += a.ptr[i] == '\n';
    }
    return line;
}

/* [BF-420] written again, and compared byte for byte. */
static enum bf_err check_sheet(const struct bf_bundle *b, struct bf_diag *diag)
{
    struct bf_buf sheet = bf_buf(BF_MAX_MEMBER);
    enum bf_err err =
        bf_sheet_write(&sheet, &b->m, b->policy_doc.root, b->repository_doc.root, diag);

    if (err == BF_TOO_LARGE) {
        err = bf_fail(diag, BF_SHEET_DIFFERS,
                      "what follows from the plan is too long for a member");
    } else if (err == BF_OK && !bf_bytes_equal(bf_buf_bytes(&sheet), b->sheet->data)) {
        err = bf_fail(diag, BF_SHEET_DIFFERS, "line %zu",
                      line_of_difference(bf_buf_bytes(&sheet), b->sheet->data));
    }
    bf_buf_clear(&sheet);
    return err;
}

static enum bf_err check_review(struct bf_bundle *b, struct bf_diag *diag)
{
    enum bf_err err;

    b->policy = bf_container_find(&b->container, BF_NAME_POLICY);
    b->repository = bf_container_find(&b->container, BF_NAME_REPOSITORY);
    b->sheet = bf_container_find(&b->container, BF_NAME_SHEET);
    b->secrets = bf_container_find(&b->container, BF_NAME_SECRETS);
    if ((err = parse_review(&b->policy_doc, b->policy, BF_POLICY_JSON, diag)) != BF_OK ||
        (err = parse_review(&b->repository_doc, b->repository, BF_REPOSITORY_JSON,
                            diag)) != BF_OK ||
        (err = check_sheet(b, diag)) != BF_OK) {
        return err;
    }
    return bf_review_rules(&b->m, b->policy_doc.root, b->repository_doc.root, diag);
}

enum bf_err bf_bundle_open(struct bf_bundle *out, struct bf_buf *raw,
                           const struct bf_trust *trust, const char *now,
                           struct bf_diag *diag)
{
    const struct bf_checks before = out->checks;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    out->checks.result[BF_CHECK_INPUT] = before.result[BF_CHECK_INPUT];
    out->checks.result[BF_CHECK_SEALED] = before.result[BF_CHECK_SEALED];
    out->raw = *raw;
    *raw = bf_buf(raw->max);
    if ((err = check_gate(out, diag)) != BF_OK ||
        (err = judge_all(out, trust, now, diag)) != BF_OK ||
        (err = find_author(out, diag)) != BF_OK ||
        (err = read_manifest(out, trust, diag)) != BF_OK ||
        (err = bf_bundle_mark(out, BF_CHECK_MEMBERS, check_members(out, diag))) !=
            BF_OK) {
        return err;
    }
    return bf_bundle_mark(out, BF_CHECK_SHEET, check_review(out, diag));
}

void bf_bundle_clear(struct bf_bundle *b)
{
    bf_json_clear(&b->doc);
    bf_json_clear(&b->policy_doc);
    bf_json_clear(&b->repository_doc);
    free(b->sigs);
    bf_buf_clear(&b->raw);
    memset(b, 0, sizeof(*b));
}
