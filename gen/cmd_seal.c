/* SPDX-License-Identifier: Apache-2.0 */
/* seal: a signed and sealed bundle from a change file and the secrets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "report.h"
#include "seal.h"
#include "standing.h"

/* What a run of seal needs; on the heap for its size. Holds openings, so it is wiped. */
struct sealing {
    struct gen_session *s;
    struct gen_change change;
    struct gen_signing *signing;
    struct gen_secrets secrets;
    struct gen_records records;
    struct bf_arena arena;
    const struct bf_target *target;
    const struct gen_record *after; /* --after */
    struct bf_manifest m;
    struct bf_new_secret fresh[GEN_MAX_SECRETS];
    size_t num_fresh;
    char bundle_id[33], created_at[21], not_before[21], expires[21], root[65], prev[65];
    char path[300];
    struct bf_buf container, output;
};

static enum bf_err must_lint(struct sealing *k, struct bf_diag *diag)
{
    struct gen_findings found = {0};
    enum bf_err err = gen_lint_change(&found, &k->change, k->s, diag);
    size_t errors = gen_findings_count(&found, GEN_ERROR);

    if (err == BF_OK && errors > 0) {
        err = gen_findings_print(&found, stderr, GEN_ERROR);
        err = err == BF_OK ? bf_fail(diag, BF_CHANGE_LINT, "%s: %zu errors",
                                     k->s->args->operands[0], errors)
                           : err;
    } else if (err == BF_OK && !k->s->args->quiet) {
        err = gen_findings_print(&found, stderr, GEN_WARN);
    }
    gen_findings_clear(&found);
    return err;
}

/* A name that is taken away comes without a value. */
static bool removed(const struct gen_change_secret *s)
{
    return strcmp(s->versus, "removed") == 0;
}

static bool wants_values(const struct gen_change *c)
{
    size_t i;

    for (i = 0; i < c->secrets.num; i++) {
        if (!removed(BF_LIST_ITEM(&c->secrets, const struct gen_change_secret, i))) {
            return true;
        }
    }
    return false;
}

static enum bf_err take_secrets(struct sealing *k, struct bf_diag *diag)
{
    const struct bf_args *a = k->s->args;
    const char *path = bf_arg(a, "secrets"), *fd = bf_arg(a, "secrets-fd");
    const char *identity = bf_arg(a, "identity");
    int64_t number;
    enum bf_err err;

    if (!wants_values(&k->change)) {
        return path == NULL && fd == NULL
                   ? BF_OK
                   : bf_fail(diag, BF_USAGE, "this change has no secrets");
    }
    if (path != NULL && fd != NULL) {
        return bf_fail(diag, BF_USAGE,
                       "--secrets and --secrets-fd are two ways of one thing");
    }
    if (fd != NULL) {
        err = bf_arg_number(&number, "--secrets-fd", fd, 0, 1023, diag);
        return err == BF_OK ? gen_secrets_from_fd(&k->secrets, &k->change, (int)number,
                                                  identity, diag)
                            : err;
    }
    if (path != NULL) {
        return gen_secrets_from_file(&k->secrets, &k->change, path, identity, diag);
    }
    return gen_secrets_from_terminal(&k->secrets, &k->change, diag);
}

/* --after: the bundle must be one of this state, since its openings and target are. */
static enum bf_err find_after(struct sealing *k, const char *path, struct bf_diag *diag)
{
    enum bf_err err = gen_open_bundle(k->s, path, diag);

    if (err != BF_OK) {
        return err;
    }
    if (strcmp(k->s->bundle.m.target.id, k->target->id) != 0) {
        return bf_fail(diag, BF_USAGE, "--after %s is for target %s", path,
                       k->s->bundle.m.target.id);
    }
    k->after = gen_records_find(&k->records, k->s->bundle.sha256);
    return BF_OK;
}

/* [BF-830] [BF-832] as the appliance will want them. */
static enum bf_err order(struct sealing *k, struct bf_diag *diag)
{
    const struct bf_args *a = k->s->args;
    const char *after = bf_arg(a, "after"), *serial = bf_arg(a, "serial");
    const struct gen_record *applied, *uncertain;
    int64_t given_out;
    enum bf_err err;

    if ((err = gen_state_records(&k->records, &k->s->state, diag)) != BF_OK ||
        (err = gen_state_serial(&given_out, &k->s->state, k->target->id, diag)) !=
            BF_OK ||
        (after != NULL && (err = find_after(k, after, diag)) != BF_OK)) {
        return err;
    }
    k->m.serial = gen_next_serial(given_out, &k->records, k->target);
    applied = gen_records_applied(&k->records, k->target->id);
    k->m.prev = applied != NULL ? applied->sha256 : "";
    if (after != NULL) {
        bf_copy(k->prev, k->s->bundle.sha256, sizeof(k->prev));
        k->m.prev = k->prev;
        if (k->m.serial <= k->s->bundle.m.serial) {
            k->m.serial = k->s->bundle.m.serial + 1;
        }
    }
    if (serial != NULL) {
        err = bf_arg_number(&k->m.serial, "--serial", serial, 1,
                            INT64_C(9007199254740991), diag);
        if (err == BF_OK && k->m.serial <= given_out) {
            err = bf_fail(diag, BF_STATE_SERIAL, "target %s: %lld, the last was %lld",
                          k->target->id, (long long)k->m.serial, (long long)given_out);
        }
    }
    uncertain = gen_uncertain(&k->records, k->target->id);
    k->m.supersedes = uncertain != NULL ? uncertain->sha256 : "";
    if (bf_arg_is(a, "supersedes")) {
        k->m.supersedes = bf_arg(a, "supersedes");
    }
    if (err == BF_OK && !bf_is_hex64_or_empty(k->m.supersedes)) {
        err = bf_fail(diag, BF_USAGE, "--supersedes is the SHA-256 of a manifest");
    }
    return err;
}

static enum bf_err expect_log(struct sealing *k, struct bf_diag *diag)
{
    uint8_t root[BF_SHA256];
    struct bf_log head;
    enum bf_err err = gen_state_head(&head, &k->s->state, k->target->appliance, diag);

    k->m.expect_log.origin = "";
    k->m.expect_log.root = "";
    if (err == BF_OK && head.size > 0) {
        bf_log_root(root, &head);
        bf_hex(k->root, root, BF_SHA256);
        k->m.expect_log.origin = k->target->appliance;
        k->m.expect_log.root = k->root;
        k->m.expect_log.size = (int64_t)head.size;
    }
    return err;
}

static enum bf_err times(struct sealing *k, struct bf_diag *diag)
{
    const char *from = bf_arg(k->s->args, "not-before");
    int64_t start = bf_time_parse(k->s->now);

    bf_copy(k->created_at, k->s->now, sizeof(k->created_at));
    if (from != NULL) {
        if (!bf_is_time(from) || bf_time_parse(from) < start) {
            return bf_fail(
                diag, BF_USAGE,
                "--not-before is a time to come, such as 2026-11-23T15:34:00Z");
        }
        bf_time_format(k->not_before, bf_time_parse(from));
    } else {
        bf_copy(k->not_before, k->created_at, sizeof(k->not_before));
    }
    /* the lifetime that trust allows counts from created_at, so validity does too */
    bf_time_format(k->expires, start + k->change.validity_hours * 3600);
    if (strcmp(k->not_before, k->expires) >= 0) {
        return bf_fail(diag, BF_USAGE, "--not-before lies behind the end of validity, %s",
                       k->expires);
    }
    k->m.created_at = k->created_at;
    k->m.not_before = k->not_before;
    k->m.expires = k->expires;
    return BF_OK;
}

/* In the order of the change, which is that of the manifest. */
static void fresh_secrets(struct sealing *k)
{
    size_t i, n, num = 0;

    for (i = 0; i < k->change.secrets.num && i < GEN_MAX_SECRETS; i++) {
        const struct gen_change_secret *one =
            BF_LIST_ITEM(&k->change.secrets, const struct gen_change_secret, i);

        for (n = 0; n < k->secrets.num && k->secrets.items[n].name != one->name; n++) {
        }
        if (removed(one)) {
            k->fresh[num++] =
                (struct bf_new_secret){.name = one->name, .versus = one->versus};
            continue;
        }
        if (n == k->secrets.num) {
            continue;
        }
        k->fresh[num].name = one->name;
        k->fresh[num].value = k->secrets.items[n].value;
        k->fresh[num].disclose = one->disclose;
        k->fresh[num].versus = strcmp(one->versus, "default") != 0
                                   ? one->versus
                                   : gen_versus(&k->records, k->after, k->target->id,
                                                one->name, k->fresh[num].value);
        num++;
    }
    k->num_fresh = num;
}

/* A key that is set already would be proved to work, and nothing would have changed. */
static enum bf_err must_change(const struct sealing *k, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; strcmp(k->change.plan.action, "rotate") == 0 && i < k->num_fresh; i++) {
        if (strcmp(k->fresh[i].versus, "same") == 0) {
            return bf_fail(diag, BF_SECRETS_INPUT,
                           "%s is the key that is set now: nothing would be rotated",
                           k->fresh[i].name);
        }
    }
    return BF_OK;
}

static enum bf_err fill_manifest(struct sealing *k, const char *author,
                                 struct bf_diag *diag)
{
    const struct bf_trust *trust = &k->s->trust;
    uint8_t id[16];
    enum bf_err err;

    gen_change_manifest(&k->m, &k->change);
    k->m.author = author;
    bf_random(id, sizeof(id));
    bf_hex(k->bundle_id, id, sizeof(id));
    k->m.bundle_id = k->bundle_id;
    k->m.domain = trust->body.domain;
    k->m.target.appliance = k->target->appliance;
    k->m.target.cluster_uuid = k->target->cluster_uuid;
    k->m.target.id = k->target->id;
    k->m.target.kind = k->target->kind;
    k->m.trust.sha256 = trust->sha256;
    k->m.trust.version = trust->body.version;
    if ((err = order(k, diag)) != BF_OK || (err = expect_log(k, diag)) != BF_OK) {
        return err;
    }
    return times(k, diag);
}

static enum bf_err make(struct sealing *k, struct bf_diag *diag)
{
    const struct bf_appliance *appliance =
        bf_trust_appliance(&k->s->trust.body, k->target->appliance);
    uint8_t recipient[BF_KEY];
    enum bf_err err;

    err = appliance != NULL ? bf_age_recipient_parse(recipient, appliance->secrets, diag)
                            : bf_fail(diag, BF_INTERNAL, "appliance of the target");
    if (err == BF_OK) {
        gen_signing_tell(k->signing, k->s->args);
        err = bf_bundle_make(
            &k->container, &k->m, &k->arena,
            k->change.policy != NULL ? bf_buf_text(&k->change.policy_text) : NULL,
            k->change.repository != NULL ? bf_buf_text(&k->change.repository_text) : NULL,
            k->fresh, k->num_fresh, recipient, &k->signing->signer, diag);
    }
    return err;
}

/* The bundle as any appliance would see it: nothing is given out that our own checks
 * refuse. */
static enum bf_err check_own(struct sealing *k, struct bf_diag *diag)
{
    struct bf_buf copy = bf_buf(BF_MAX_CONTAINER);
    enum bf_err err;
    bool early;

    bf_put_bytes(&copy, bf_buf_bytes(&k->container));
    err = bf_buf_check(&copy, "bundle", diag);
    bf_bundle_clear(&k->s->bundle);
    if (err == BF_OK &&
        (err = bf_bundle_open(&k->s->bundle, &copy, &k->s->trust, k->s->now, diag)) ==
            BF_OK &&
        (err = gen_check_bundle(k->s, &early, diag)) == BF_OK) {
        err = bf_plan_supported(&k->s->bundle.m, diag);
    }
    bf_buf_clear(&copy);
    return err;
}

static void name_output(struct sealing *k)
{
    const struct bf_args *a = k->s->args;

    if (bf_arg_is(a, "out")) {
        snprintf(k->path, sizeof(k->path), "%s", bf_arg(a, "out"));
    } else {
        snprintf(k->path, sizeof(k->path), "%s-%lld.snapseal%s", k->target->id,
                 (long long)k->m.serial, bf_arg_is(a, "open") ? "" : ".age");
    }
}

/* The serial is used up and the openings are kept before anybody can see the bundle. */
static enum bf_err give_out(struct sealing *k, struct bf_diag *diag)
{
    const struct bf_args *a = k->s->args;
    struct bf_bytes data = bf_buf_bytes(&k->container);
    struct gen_record record;
    enum bf_err err;

    if (!bf_arg_is(a, "open")) {
        err = gen_seal_container(&k->output, data, &k->s->trust, k->m.author,
                                 k->m.target.appliance, diag);
        if (err != BF_OK) {
            return err;
        }
        data = bf_buf_bytes(&k->output);
    }
    if ((err = gen_record_of(&record, &k->m, k->s->bundle.sha256, k->path, k->fresh,
                             k->num_fresh, &k->arena, diag)) != BF_OK ||
        (err = gen_state_serial_take(&k->s->state, k->target->id, k->m.serial, diag)) !=
            BF_OK ||
        (err = gen_state_bundle_put(&k->s->state, k->s->bundle.sha256,
                                    bf_buf_bytes(&k->container), diag)) != BF_OK ||
        (err = gen_state_record_put(&k->s->state, &record, diag)) != BF_OK ||
        (err = gen_write_output(a, k->path, data, 0644, k->s->bundle.sha256, diag)) !=
            BF_OK) {
        return err;
    }
    return BF_OK;
}

/* Only the person who knows can make this claim: without the openings nothing here can.
 */
static void warn_unstated(const struct sealing *k, const struct bf_secret_ref *ref)
{
    char text[400];

    if (strcmp(ref->versus, "unstated") == 0) {
        snprintf(
            text, sizeof(text),
            "%s: a bundle that was not made here was applied last, so same or changed "
            "cannot be worked out; the "
            "appliance will want it: write it into the change's secrets and seal again",
            ref->name);
        bf_cli_warn(k->s->args, text);
    }
}

static void tell(const struct sealing *k)
{
    const struct bf_args *a = k->s->args;
    char shown[400];
    size_t i;

    bf_cli_say(a,
               "sealed: target %s, serial %lld, for %s to approve; signed by %s with %s",
               k->m.target.id, (long long)k->m.serial,
               bf_arg_is(a, "open") ? "anybody to read and the people of the rule"
                                    : "the people of the rule",
               k->m.author, k->signing->fingerprint);
    for (i = 0; i < k->m.secrets.num; i++) {
        const struct bf_secret_ref *ref =
            BF_LIST_ITEM(&k->m.secrets, const struct bf_secret_ref, i);

        bf_cli_say(a, "  %s: %s%s%s", ref->name, ref->versus,
                   ref->disclosed[0] != '\0' ? ", id " : "", ref->disclosed);
        warn_unstated(k, ref);
    }
    if (k->m.supersedes[0] != '\0') {
        bf_cli_say(a, "  supersedes the uncertain run %s", k->m.supersedes);
    }
    bf_cli_say(a, "next: snapseal-gen approve %s --as PERSON", gen_shown(shown, k->path));
}

static enum bf_err run(struct sealing *k, const struct bf_args *a, struct bf_diag *diag)
{
    const char *author = bf_arg(a, "author");
    const struct bf_trust *trusts[1];
    enum bf_err err;

    k->container = bf_buf(BF_MAX_CONTAINER);
    if (author == NULL || !bf_is_id(author)) {
        return bf_fail(diag, BF_USAGE, "seal needs --author PERSON");
    }
    if (bf_arg_is(a, "out") && strlen(bf_arg(a, "out")) >= sizeof(k->path)) {
        return bf_fail(diag, BF_OUTPUT_WRITE, "name too long");
    }
    err = gen_session_open(&k->s, a, GEN_STATE_WRITE, GEN_NEED_TRUST, diag);
    if (err != BF_OK) {
        return err;
    }
    if ((err = gen_change_load(&k->change, a->operands[0], diag)) != BF_OK ||
        (err = must_lint(k, diag)) != BF_OK) {
        return err;
    }
    k->target = bf_trust_target(&k->s->trust.body, k->change.target);
    trusts[0] = &k->s->trust;
    if ((err = gen_signing_open(&k->signing, trusts, 1, author, "author",
                                bf_arg(a, "key"), k->s->now, diag)) != BF_OK ||
        (err = fill_manifest(k, author, diag)) != BF_OK) {
        return err;
    }
    name_output(k);
    if ((err = gen_warn_awaiting(k->s, &k->records, k->target->id, k->after, diag)) !=
            BF_OK ||
        (err = gen_check_output(a, k->path, a->operands[0], diag)) != BF_OK ||
        (err = take_secrets(k, diag)) != BF_OK) {
        return err;
    }
    fresh_secrets(k);
    if ((err = must_change(k, diag)) != BF_OK || (err = make(k, diag)) != BF_OK ||
        (err = check_own(k, diag)) != BF_OK || (err = give_out(k, diag)) != BF_OK) {
        return err;
    }
    tell(k);
    return BF_OK;
}

int gen_cmd_seal(const struct bf_args *a)
{
    struct sealing *k = calloc(1, sizeof(*k));
    struct bf_diag diag = {0};
    enum bf_err err = k != NULL ? run(k, a, &diag) : bf_fail(&diag, BF_NO_MEMORY, "seal");

    if (k != NULL) {
        bf_buf_clear(&k->output);
        bf_buf_clear(&k->container);
        gen_secrets_clear(&k->secrets);
        gen_signing_free(k->signing);
        gen_records_clear(&k->records);
        bf_arena_clear(&k->arena);
        gen_change_clear(&k->change);
        gen_session_free(k->s);
        bf_wipe(k, sizeof(*k));
        free(k);
    }
    return gen_end(a, err, &diag);
}
