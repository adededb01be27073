/* SPDX-License-Identifier: Apache-2.0 */
/* approve: reading the sheet, saying so with the ticket, signing; and the ways round it
 * for those without snapseal. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "approve.h"
#include "bf/file.h"
#include "cmd.h"
#include "export.h"
#include "kind.h"
#include "last.h"
#include "report.h"
#include "sheet_diff.h"
#include "standing.h"

enum { MAX_TEXT = 2 * 1024 * 1024, MAX_FOREIGN = 64 * 1024 };

struct approving {
    struct gen_session *s;
    struct gen_signing *signing;
    struct bf_buf container; /* with the approval */
    struct bf_buf armor;
    struct bf_bundle after; /* container as it will be read */
    char path[400];
};

/* What is new against the bundle applied last, where that is known here. */
static enum bf_err put_news(struct bf_buf *out, const struct gen_session *s,
                            struct bf_diag *diag)
{
    struct bf_buf last, news = bf_buf(MAX_TEXT);
    int64_t serial;
    bool differ;
    enum bf_err err =
        gen_last_sheet(&last, &serial, &s->state, s->bundle.m.target.id, diag);

    if (err == BF_OK && serial > 0 &&
        (err = gen_sheet_diff(&news, &differ, bf_buf_bytes(&last), s->bundle.sheet->data,
                              diag)) == BF_OK) {
        bf_put_fmt(out,
                   "\nnew against serial %" PRId64
                   ", applied last (- then, + now; what is not here is as it was)\n\n",
                   serial);
        bf_put_bytes(out, bf_buf_bytes(&news));
    } else if (err == BF_OK) {
        bf_put_fmt(out, "\n(no bundle applied to %s is known here to compare with)\n",
                   s->bundle.m.target.id);
    }
    bf_buf_clear(&news);
    bf_buf_clear(&last);
    return err;
}

/* The sheet as it was signed, then what it cannot say: this machine's time, who has
 * approved, what is missing, which key. */
static enum bf_err show(const struct approving *k, const char *person,
                        struct bf_diag *diag)
{
    const struct gen_session *s = k->s;
    const struct bf_manifest *m = &s->bundle.m;
    struct bf_buf out = bf_buf(MAX_TEXT);
    struct bf_count count;
    char from[80], until[80], key[400];
    enum bf_err err;

    bf_people_count(&count, &s->trust, gen_rule_of(&s->trust, m), s->bundle.author,
                    s->bundle.sigs, s->bundle.num_sigs);
    gen_both_times(from, m->not_before);
    gen_both_times(until, m->expires);
    bf_put_bytes(&out, s->bundle.sheet->data);
    if ((err = put_news(&out, s, diag)) != BF_OK) {
        bf_buf_clear(&out);
        return err;
    }
    bf_put_fmt(&out,
               "\nvalid from  %s\nvalid until %s\n\nauthor's signature is good: %s, key "
               "%s\napprovals, rule %s%s\n",
               from, until, s->bundle.author->person, s->bundle.author->fingerprint,
               m->change.grade, count.met ? ": met" : ": not met yet");
    gen_count_text(&out, &count);
    if (k->signing != NULL) {
        bf_put_fmt(&out, "\nyou approve as %s with key %s (%.300s)\n", person,
                   k->signing->fingerprint, gen_shown(key, k->signing->from));
    }
    bf_put_text(&out, "then: the signature goes into a copy of this file; nothing is "
                      "applied by it\n\n");
    err = bf_buf_check(&out, "sheet", diag);
    if (err == BF_OK && !s->args->quiet) {
        fwrite(out.ptr, 1, out.len, stderr);
    }
    bf_buf_clear(&out);
    return err;
}

/* The right ticket is the confirmation: who signs has at least looked what for. */
static enum bf_err confirm(const struct approving *k, struct bf_diag *diag)
{
    const char *ticket = bf_arg(k->s->args, "ticket");
    char typed[512];
    enum bf_err err = BF_OK;

    if (ticket == NULL) {
        err = bf_cli_ask(typed, sizeof(typed),
                         "Type the ticket to approve this change (anything else: no): ",
                         "--ticket", diag);
        ticket = typed;
    }
    if (err == BF_OK && strcmp(ticket, k->s->bundle.m.change.ticket) != 0) {
        err = bf_fail(diag, BF_APPROVE_DECLINED,
                      "the ticket given is not that of the bundle");
    }
    return err;
}

/* NAME.PERSON.snapseal.age: where the copy goes unless --out says otherwise. */
static void name_output(struct approving *k, const char *in, const char *mark)
{
    static const char *const tails[] = {".snapseal.age", ".snapseal"};
    const char *tail = k->s->sealed ? tails[0] : tails[1];
    size_t len = strlen(in), n = strlen(tail);

    if (len > n && strcmp(in + len - n, tail) == 0) {
        len -= n;
    }
    snprintf(k->path, sizeof(k->path), "%.*s.%s%s", (int)(len < 300 ? len : 300), in,
             mark, tail);
}

/* mark NULL: a detached signature. */
static enum bf_err choose_output(struct approving *k, const char *bundle,
                                 const char *mark, struct bf_diag *diag)
{
    const char *out = bf_arg(k->s->args, "out");

    if (out == NULL && mark != NULL && strcmp(bundle, "-") == 0) {
        return bf_fail(diag, BF_USAGE,
                       "--out is needed when the bundle comes from stdin");
    }
    if (out != NULL && strlen(out) >= sizeof(k->path)) {
        return bf_fail(diag, BF_OUTPUT_WRITE, "name too long");
    }
    if (out != NULL || mark == NULL) {
        snprintf(k->path, sizeof(k->path), "%s", out != NULL ? out : "manifest.json.sig");
    } else {
        name_output(k, bundle, mark);
    }
    return gen_check_output(k->s->args, k->path, bundle, diag);
}

/* What goes out is read back first; sealed as it came. */
static enum bf_err write_bundle(struct approving *k, struct bf_diag *diag)
{
    const struct bf_manifest *m = &k->s->bundle.m;
    struct bf_buf copy = bf_buf(BF_MAX_CONTAINER), sealed = {0};
    struct bf_bytes data = bf_buf_bytes(&k->container);
    enum bf_err err;

    bf_put_bytes(&copy, data);
    if ((err = bf_buf_check(&copy, "bundle", diag)) != BF_OK ||
        (err = bf_bundle_open(&k->after, &copy, &k->s->trust, k->s->now, diag)) !=
            BF_OK) {
        goto out;
    }
    if (k->s->sealed) {
        err = gen_seal_container(&sealed, data, &k->s->trust, m->author,
                                 m->target.appliance, diag);
        data = bf_buf_bytes(&sealed);
    }
    /* noted first: an output that is there is the last thing that happens */
    if (err == BF_OK && (err = gen_note_approvals(k->s, &k->after, diag)) == BF_OK) {
        err = gen_write_output(k->s->args, k->path, data, 0644, NULL, diag);
    }
out:
    bf_buf_clear(&sealed);
    bf_buf_clear(&copy);
    return err;
}

static void tell(const struct approving *k)
{
    const struct gen_session *s = k->s;
    struct bf_buf out = bf_buf(MAX_TEXT);
    struct bf_count count;

    bf_people_count(&count, &s->trust, gen_rule_of(&s->trust, &s->bundle.m),
                    k->after.author, k->after.sigs, k->after.num_sigs);
    gen_count_text(&out, &count);
    if (bf_buf_text(&out) != NULL && !s->args->quiet) {
        fprintf(stderr, "approvals, rule %s\n%s", s->bundle.m.change.grade,
                (const char *)out.ptr);
    }
    bf_cli_say(s->args,
               count.met
                   ? "next: take the bundle to the appliance %s, snapseal-verify apply"
                   : "next: the people still missing approve this copy; target's "
                     "appliance is %s",
               s->bundle.m.target.appliance);
    bf_buf_clear(&out);
}

static enum bf_err sign(struct approving *k, const char *person, struct bf_diag *diag)
{
    const struct bf_trust *trusts[1] = {&k->s->trust};
    char space[160];
    enum bf_err err;

    k->armor = bf_buf(BF_MAX_SIGNATURE);
    if ((err = gen_signing_open(&k->signing, trusts, 1, person, "approve",
                                bf_arg(k->s->args, "key"), k->s->now, diag)) != BF_OK ||
        (err = show(k, person, diag)) != BF_OK || (err = confirm(k, diag)) != BF_OK) {
        return err;
    }
    bf_namespace(space, sizeof(space), "approve", k->s->trust.body.domain);
    gen_signing_tell(k->signing, k->s->args);
    return bf_sign(&k->signing->signer, &k->armor, space,
                   k->s->bundle.container.entries[0].data, diag);
}

static enum bf_err approve(struct approving *k, const char *person, const char *bundle,
                           struct bf_diag *diag)
{
    const struct bf_args *a = k->s->args;
    bool detached = bf_arg_is(a, "detached"), added;
    enum bf_err err;

    if ((err = gen_may_approve(k->s, person, diag)) != BF_OK) {
        return err;
    }
    err = choose_output(k, bundle, detached ? NULL : person, diag);
    if (err == BF_OK && !detached && gen_has_approved(k->s, person)) {
        bf_cli_say(a, "%s has approved this bundle already; the signature stays as it is",
                   person);
        k->container = bf_buf(BF_MAX_CONTAINER);
        bf_put_bytes(&k->container, k->s->bundle.container.raw);
        return write_bundle(k, diag);
    }
    if (err != BF_OK || (err = sign(k, person, diag)) != BF_OK) {
        return err;
    }
    if (detached) {
        return gen_write_output(a, k->path, bf_buf_bytes(&k->armor), 0644, NULL, diag);
    }
    err = gen_add_approval(&k->container, &added, k->s, person, bf_buf_bytes(&k->armor),
                           diag);
    if (err == BF_OK && (err = write_bundle(k, diag)) == BF_OK) {
        tell(k);
    }
    return err;
}

/* A signature as ssh-keygen (on whatever system) wrote it, brought to the exact form
 * first. */
static enum bf_err import_signature(struct approving *k, struct bf_bytes foreign,
                                    const char *person, struct bf_diag *diag)
{
    bool added = false;
    enum bf_err err;

    k->armor = bf_buf(BF_MAX_SIGNATURE);
    err = bf_sshsig_rearmor(&k->armor, foreign, diag);
    if (err == BF_OK) {
        err = gen_add_approval(&k->container, &added, k->s, person,
                               bf_buf_bytes(&k->armor), diag);
    }
    if (err == BF_OK) {
        bf_cli_say(k->s->args, added ? "the signature is good and was added"
                                     : "that approval was there already");
    }
    return err;
}

static enum bf_err import_copy(struct approving *k, const char *path,
                               struct bf_diag *diag)
{
    struct bf_buf copy = {0};
    size_t added = 0;
    bool sealed;
    enum bf_err err;

    err = gen_read_container(&copy, &sealed, path, bf_arg(k->s->args, "identity"), diag);
    if (err == BF_OK) {
        const char *told = gen_kind_told(bf_buf_bytes(&copy), GEN_WANT_BUNDLE);

        err = gen_merge_copy(&k->container, &added, k->s, &copy, diag);
        if (err != BF_OK) {
            gen_kind_in(diag, path, told);
        }
    }
    if (err == BF_OK) {
        bf_cli_say(k->s->args, "%zu approvals came in", added);
    }
    bf_buf_clear(&copy);
    return err;
}

static enum bf_err import(struct approving *k, const char *path, const char *person,
                          const char *bundle, struct bf_diag *diag)
{
    static const char begin[] = "-----BEGIN SSH SIGNATURE-----";
    struct bf_buf file = {0};
    enum bf_err err;

    if ((err = choose_output(k, bundle, person != NULL ? person : "merged", diag)) !=
            BF_OK ||
        (err = gen_check_log(k->s, diag)) != BF_OK ||
        (err = bf_file_read(&file, path, BF_MAX_SEALED, diag)) != BF_OK) {
        return err;
    }
    if (file.len <= MAX_FOREIGN && file.len >= sizeof(begin) - 1 &&
        memcmp(file.ptr, begin, sizeof(begin) - 1) == 0) {
        err = import_signature(k, bf_buf_bytes(&file), person, diag);
    } else if (person != NULL) {
        err = bf_fail(diag, BF_USAGE, "--as goes with a signature, and %.200s is none",
                      path);
    } else {
        err = import_copy(k, path, diag);
    }
    bf_buf_clear(&file);
    if (err == BF_OK && (err = write_bundle(k, diag)) == BF_OK) {
        tell(k);
    }
    return err;
}

static enum bf_err export_to(struct approving *k, const char *dir, const char *person,
                             struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(4096);
    enum bf_err err = gen_export(k->s, dir, person, diag);

    if (err == BF_OK && k->s->args->json) {
        bf_put_text(&out, "{");
        gen_put_member(&out, "directory", dir);
        err = gen_print_json(&out, diag);
    } else if (err == BF_OK) {
        bf_cli_out(bf_text(dir));
        bf_cli_out(bf_text("\n"));
    }
    bf_buf_clear(&out);
    return err;
}

static enum bf_err run(struct approving *k, const struct bf_args *a, struct bf_diag *diag)
{
    const char *person = bf_arg(a, "as"), *from = bf_arg(a, "import"),
               *to = bf_arg(a, "export");
    bool early;
    enum bf_err err;

    if (person != NULL && !bf_is_id(person)) {
        return bf_fail(diag, BF_USAGE,
                       "--as is the id of a person in the trust file: a-z, 0-9, - and _");
    }
    if (person == NULL && from == NULL && to == NULL) {
        return bf_fail(diag, BF_USAGE, "approve needs --as PERSON");
    }
    if ((from != NULL) + (to != NULL) + bf_arg_is(a, "detached") > 1) {
        return bf_fail(diag, BF_USAGE,
                       "--export, --import and --detached do not go together");
    }
    err = gen_session_open(&k->s, a, to != NULL ? GEN_STATE_READ : GEN_STATE_WRITE,
                           GEN_NEED_TRUST, diag);
    if (err != BF_OK || (err = gen_open_bundle(k->s, a->operands[0], diag)) != BF_OK ||
        (err = gen_check_bundle(k->s, &early, diag)) != BF_OK ||
        (err = gen_warn_superseded(k->s, diag)) != BF_OK) {
        return err;
    }
    if (early) {
        bf_cli_say(a, "not valid yet: from %s", k->s->bundle.m.not_before);
    }
    if (from != NULL) {
        return import(k, from, person, a->operands[0], diag);
    }
    if (to != NULL) {
        err = person != NULL ? gen_may_approve(k->s, person, diag)
                             : gen_check_log(k->s, diag);
        return err == BF_OK ? export_to(k, to, person, diag) : err;
    }
    return approve(k, person, a->operands[0], diag);
}

int gen_cmd_approve(const struct bf_args *a)
{
    struct approving *k = calloc(1, sizeof(*k));
    struct bf_diag diag = {0};
    enum bf_err err =
        k != NULL ? run(k, a, &diag) : bf_fail(&diag, BF_NO_MEMORY, "approve");

    if (k != NULL) {
        bf_bundle_clear(&k->after);
        bf_buf_clear(&k->armor);
        bf_buf_clear(&k->container);
        gen_signing_free(k->signing);
        gen_session_free(k->s);
        free(k);
    }
    return gen_end(a, err, &diag);
}
