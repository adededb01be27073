/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The review sheet: what people approve. A pure function of type, body and review
 * documents (SPEC annex B); every word here is frozen with the type snapseal/bundle/1,
 * because the reader writes the sheet again and compares it byte for byte.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sheet_in.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool empty(const char *t)
{
    return t[0] == '\0';
}

static const struct bf_secret_ref *secret_at(const struct bf_manifest *m, size_t i)
{
    return BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i);
}

/* ---- 1 ---- */

static void put_short(struct bf_sheet *s, const struct bf_manifest *m)
{
    const struct bf_plan *p = &m->plan;
    size_t set = 0, removed = 0, i;

    for (i = 0; i < m->secrets.num; i++) {
        *(is(secret_at(m, i)->versus, "removed") ? &removed : &set) += 1;
    }
    if (is(p->action, "register")) {
        bf_put_fmt(&s->value,
                   "Let cluster %s keep snapshots in S3 bucket %s, as repository %s",
                   m->target.id, p->bucket.name, p->repository);
    } else if (is(p->action, "rotate")) {
        bf_put_fmt(
            &s->value,
            "Change the keys with which cluster %s uses S3 bucket %s, repository %s",
            m->target.id, p->bucket.name, p->repository);
    } else {
        bf_put_fmt(
            &s->value,
            "Take repository %s away from cluster %s; its snapshots stay in S3 bucket %s",
            p->repository, m->target.id, p->bucket.name);
    }
    if (set > 0) {
        bf_put_fmt(&s->value, "; write %zu secrets to its keystore", set);
    }
    if (removed > 0) {
        bf_put_fmt(&s->value, "; remove %zu secrets from its keystore", removed);
    }
    if (is(p->iam.mode, "apply") || is(p->iam.mode, "mint")) {
        bf_put_fmt(&s->value, "; put policy %s on IAM user %s", p->iam.policy,
                   p->iam.user);
    }
    bf_put_text(&s->value, ".");
    bf_sheet_item(s, "In short");
}

static void put_change(struct bf_sheet *s, const struct bf_manifest *m)
{
    static const struct bf_meaning classes[] = {
        {"normal", "nothing is done before all approvals are there"},
        {"emergency", "FEWER APPROVALS NOW, the others are owed afterwards"},
    };
    int64_t minutes = (bf_time_parse(m->expires) - bf_time_parse(m->not_before)) / 60;

    bf_sheet_heading(s, "1 THE CHANGE");
    put_short(s, m);
    bf_sheet_put(s, "Reason", m->change.reason);
    bf_sheet_put(s, "Ticket", m->change.ticket);
    bf_sheet_word(s, "Class", m->change.grade, classes, NUM(classes));
    BF_SHEET_FMT(s, "Author",
                 "%s, who made and signed it and never counts as an approver", m->author);
    BF_SHEET_FMT(s, "Serial", "%" PRId64 " of this target; later ones must be higher",
                 m->serial);
    BF_SHEET_FMT(s, "Valid from", "%s", m->not_before);
    BF_SHEET_FMT(s, "Valid until",
                 "%s (UTC), %" PRId64 " days %" PRId64 " hours %" PRId64 " minutes later",
                 m->expires, minutes / 1440, minutes / 60 % 24, minutes % 60);
}

/* ---- 2 ---- */

static void put_where(struct bf_sheet *s, const struct bf_manifest *m)
{
    static const struct bf_meaning kinds[] = {
        {"opensearch", "OpenSearch, self-managed"},
        {"elasticsearch", "Elasticsearch, self-managed"},
        {"ech", "Elastic Cloud Hosted"},
        {"ece", "Elastic Cloud Enterprise"},
        {"eck", "Elastic Cloud on Kubernetes"},
    };
    const struct bf_plan *p = &m->plan;

    bf_sheet_heading(s, "2 WHERE");
    bf_sheet_put(s, "Target", m->target.id);
    bf_sheet_word(s, "Kind", m->target.kind, kinds, NUM(kinds));
    BF_SHEET_FMT(s, "Cluster UUID", "%s, compared before anything is written",
                 m->target.cluster_uuid);
    BF_SHEET_FMT(s, "Appliance", "%s, which alone can open the secrets and apply this",
                 m->target.appliance);
    bf_sheet_put(s, "Repository", p->repository);
    bf_sheet_put(s, "Bucket", p->bucket.name);
    bf_sheet_put(s, "Bucket region",
                 empty(p->bucket.region) ? "not stated" : p->bucket.region);
    bf_sheet_put(s, "S3 endpoint",
                 empty(p->s3.endpoint) ? "not stated: that of AWS" : p->s3.endpoint);
    bf_sheet_put(s, "S3 region", empty(p->s3.region) ? "not stated" : p->s3.region);
    bf_sheet_put(s, "S3 path style",
                 p->s3.path_style ? "yes: the bucket's name stands in the path"
                                  : "no: the bucket's name stands in the host name");
}

/* ---- 4 ---- */

static void put_secret(struct bf_sheet *s, const struct bf_secret_ref *secret,
                       size_t number)
{
    static const struct bf_meaning versus[] = {
        {"new", "says the author; no change has set this name before"},
        {"changed", "says the author; its value is another one than now"},
        {"same", "says the author; its value is the one that is set now"},
        {"removed", "the name is taken out of the keystore; ITS VALUE IS LOST"},
        {"unstated", "UNKNOWN; the author does not say whether it changes"},
    };
    char label[40];

    snprintf(label, sizeof(label), "Secret %zu", number);
    bf_sheet_put(s, label, secret->name);
    snprintf(label, sizeof(label), "%zu versus", number);
    bf_sheet_word(s, label, secret->versus, versus, NUM(versus));
    snprintf(label, sizeof(label), "%zu value", number);
    if (!empty(secret->disclosed)) {
        BF_SHEET_FMT(s, label, "%s (look up at IAM whose key this is)",
                     secret->disclosed);
    } else {
        bf_sheet_put(s, label,
                     is(secret->versus, "removed") ? "none"
                     : empty(secret->commitment)
                         ? "made when this is applied, seen by no person"
                         : "not shown");
    }
    snprintf(label, sizeof(label), "%zu commitment", number);
    bf_sheet_put(s, label, empty(secret->commitment) ? "none" : secret->commitment);
}

static void put_secrets(struct bf_sheet *s, const struct bf_manifest *m)
{
    size_t i;

    bf_sheet_heading(s, "4 SECRETS");
    if (m->secrets.num == 0) {
        bf_sheet_put(s, "Secrets", "none: no secret is set or removed");
    } else {
        BF_SHEET_FMT(s, "Secrets",
                     "%zu names; the values are encrypted to %s alone, which checks each "
                     "value and each claim of the author",
                     m->secrets.num, m->target.appliance);
    }
    for (i = 0; i < m->secrets.num; i++) {
        put_secret(s, secret_at(m, i), i + 1);
    }
}

/* ---- 7 ---- */

static void put_undo(struct bf_sheet *s, const struct bf_manifest *m, bool has_repository)
{
    static const struct bf_meaning iam[] = {
        {"none", "nothing is written there, so nothing is undone"},
        {"manual", "nothing is written there, so nothing is undone"},
        {"check", "nothing is written there, so nothing is undone"},
        {"apply", "the policy that was there is put back; where none was, it is deleted"},
        {"mint", "the key and whatever was made with it are deleted"},
    };
    const char *kind = m->target.kind;

    bf_sheet_heading(s, "7 IF SOMETHING FAILS");
    bf_sheet_put(s, "Undo",
                 "the run stops at the first failure and undoes what it has written, "
                 "last first; a signed receipt says what "
                 "was done and what was undone");
    bf_sheet_word(s, "Undo IAM", m->plan.iam.mode, iam, NUM(iam));
    if (is(m->plan.bucket.mode, "create")) {
        bf_sheet_put(s, "Undo bucket",
                     "one that was made is removed while it is empty, else it stays");
    }
    if (m->secrets.num == 0) {
        bf_sheet_put(s, "Undo secrets", "no secret is written, so nothing is undone");
    } else if (is(kind, "opensearch") || is(kind, "elasticsearch")) {
        bf_sheet_put(
            s, "Undo secrets",
            "a copy of every node's keystore, made before, is put back and reloaded");
    } else {
        bf_sheet_put(s, "Undo secrets",
                     "new names are taken out again; CANNOT BE UNDONE for a name that "
                     "was set before: its old value never "
                     "comes back");
    }
    if (is(m->plan.action, "rotate") && !has_repository) {
        bf_sheet_put(s, "Undo request", "none is sent, so nothing is undone");
    } else if (is(m->plan.action, "remove")) {
        bf_sheet_put(s, "Undo request",
                     "the definition that was there is registered again");
    } else {
        bf_sheet_put(s, "Undo request",
                     "the definition that was there is registered again; where none was, "
                     "it is taken away");
    }
}

/* ---- 8, 9 ---- */

static void put_record(struct bf_sheet *s, const struct bf_manifest *m)
{
    bf_sheet_heading(s, "8 FOR THE RECORD");
    bf_sheet_put(s, "Type", m->type);
    bf_sheet_put(s, "Domain", m->domain);
    bf_sheet_put(s, "Bundle", m->bundle_id);
    bf_sheet_put(s, "Made at", m->created_at);
    BF_SHEET_FMT(s, "Approvals", "rule %s of trust %" PRId64 " (sha256 %s)",
                 m->change.grade, m->trust.version, m->trust.sha256);
    bf_sheet_put(s, "Follows",
                 empty(m->prev) ? "no bundle: it is the first one of this target"
                                : m->prev);
    bf_sheet_put(s, "Supersedes",
                 empty(m->supersedes) ? "no run that was left uncertain" : m->supersedes);
    if (m->expect_log.size == 0) {
        bf_sheet_put(s, "Log seen",
                     "none: the author has seen no receipt of this appliance");
    } else {
        BF_SHEET_FMT(s, "Log seen", "log of %s, %" PRId64 " receipts, with the root",
                     m->expect_log.origin, m->expect_log.size);
        bf_sheet_put(s, "Log root", m->expect_log.root);
    }
}

static void put_exact(struct bf_sheet *s, const char *label, const struct bf_json *doc)
{
    if (doc == NULL) {
        bf_sheet_put(s, label, "none");
    } else {
        bf_json_write(&s->value, doc);
        bf_sheet_exact(s, label);
    }
}

enum bf_err bf_sheet_write(struct bf_buf *out, const struct bf_manifest *m,
                           const struct bf_json *policy, const struct bf_json *repository,
                           struct bf_diag *diag)
{
    struct bf_sheet s = {.out = out, .value = bf_buf(BF_MAX_MEMBER)};
    enum bf_err err;

    bf_put_text(out, "SNAPSEAL REVIEW SHEET\n");
    bf_sheet_put(
        &s, "To approve",
        "read to END OF SHEET: it is all that this change does. The sheet follows from "
        "manifest.json and the two "
        "documents of section 9; a bundle in which it differs by one byte is refused.");
    put_change(&s, m);
    put_where(&s, m);
    bf_sheet_steps(&s, m, repository != NULL);
    put_secrets(&s, m);
    bf_sheet_policy(&s, m, policy);
    bf_sheet_request(&s, m, repository);
    put_undo(&s, m, repository != NULL);
    put_record(&s, m);
    bf_sheet_heading(&s, "9 THE TWO DOCUMENTS, EXACTLY");
    put_exact(&s, "Policy", policy);
    put_exact(&s, "Request", repository);
    bf_put_text(out, "\nEND OF SHEET\n");
    out->bad = out->bad || s.value.bad;
    err = s.odd ? bf_fail(diag, BF_INTERNAL,
                          "review sheet: a byte that is not printable ASCII")
                : bf_buf_check(out, "review sheet", diag);
    bf_buf_clear(&s.value);
    return err;
}
