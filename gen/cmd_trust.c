/* SPDX-License-Identifier: Apache-2.0 */
/* trust draft, seal, sign, show, install. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"
#include "cmd.h"
#include "draft.h"
#include "kind.h"
#include "session.h"
#include "trust_text.h"

enum { MAX_TEXT = 1024 * 1024 };

/* ---- draft ---- */

/* Every value of an option that may come often goes to one function. */
static enum bf_err each(struct gen_draft *d, const struct bf_args *a, const char *option,
                        enum bf_err (*put)(struct gen_draft *, const char *,
                                           struct bf_diag *),
                        struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; err == BF_OK && i < bf_arg_count(a, option); i++) {
        err = put(d, bf_arg_at(a, option, i), diag);
    }
    return err;
}

static enum bf_err blocks(struct gen_draft *d, const struct bf_args *a,
                          struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; err == BF_OK && i < bf_arg_count(a, "appliance"); i++) {
        err = gen_draft_block(d, "appliances", bf_arg_at(a, "appliance", i), diag);
    }
    for (i = 0; err == BF_OK && i < bf_arg_count(a, "target"); i++) {
        err = gen_draft_block(d, "targets", bf_arg_at(a, "target", i), diag);
    }
    return err;
}

/* --drop people:bob */
static enum bf_err drop(struct gen_draft *d, const char *spec, struct bf_diag *diag)
{
    static const char *const lists[] = {"people", "groups", "appliances", "targets"};
    size_t i, n;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        n = strlen(lists[i]);
        if (strncmp(spec, lists[i], n) == 0 && spec[n] == ':') {
            return gen_draft_drop(d, lists[i], spec + n + 1, diag);
        }
    }
    return bf_fail(diag, BF_USAGE,
                   "--drop is people:ID, groups:ID, appliances:ID or targets:ID");
}

static enum bf_err number(int64_t *out, const struct bf_args *a, const char *option,
                          int64_t min, int64_t max, struct bf_diag *diag)
{
    const char *given = bf_arg(a, option);
    char name[40];

    snprintf(name, sizeof(name), "--%s", option);
    return given != NULL ? bf_arg_number(out, name, given, min, max, diag) : BF_OK;
}

static enum bf_err rules_and_limits(struct gen_draft *d, const struct bf_args *a,
                                    struct bf_diag *diag)
{
    const char *normal = bf_arg(a, "rule"), *emergency = bf_arg(a, "emergency-rule");
    int64_t need = d->body.root.need;
    enum bf_err err = BF_OK;

    if (normal != NULL) {
        err = gen_draft_rule(d, normal, false, diag);
        if (err == BF_OK && emergency == NULL &&
            d->body.rules.emergency.approve.num == 0) {
            emergency = normal; /* a rule must be there; that emergencies ask for less is
                                   for people to say */
        }
    }
    if (err == BF_OK && emergency != NULL) {
        err = gen_draft_rule(d, emergency, true, diag);
    }
    if (err != BF_OK || (err = number(&need, a, "need", 1, 64, diag)) != BF_OK ||
        (err = gen_draft_root(d, bf_arg(a, "root"), need, diag)) != BF_OK ||
        (err = number(&d->body.limits.lifetime_hours, a, "lifetime-hours", 2, 8760,
                      diag)) != BF_OK ||
        (err = number(&d->body.limits.serial_jump, a, "serial-jump", 1, 1000000, diag)) !=
            BF_OK) {
        return err;
    }
    return number(&d->body.limits.debts_max, a, "debts-max", 0, 8, diag);
}

static enum bf_err fill(struct gen_draft *d, struct gen_session *s,
                        const struct bf_args *a, struct bf_diag *diag)
{
    bool next = bf_arg_is(a, "from-installed");
    const char *domain = bf_arg(a, "domain");
    int64_t days = 365;
    enum bf_err err;

    if (next && !s->has_trust) {
        return bf_fail(diag, BF_NO_TRUST, "--from-installed");
    }
    if (next == (domain != NULL) || (domain != NULL && !bf_is_domain(domain))) {
        return bf_fail(
            diag, BF_USAGE,
            "trust draft needs --domain NAME, or --from-installed for the next version");
    }
    if ((err = number(&days, a, "days", 1, 3660, diag)) != BF_OK ||
        (err = gen_draft_start(d, next ? &s->trust : NULL, domain, s->now, days, diag)) !=
            BF_OK ||
        (err = each(d, a, "drop", drop, diag)) != BF_OK ||
        (err = each(d, a, "person", gen_draft_person, diag)) != BF_OK ||
        (err = each(d, a, "group", gen_draft_group, diag)) != BF_OK ||
        (err = blocks(d, a, diag)) != BF_OK) {
        return err;
    }
    return rules_and_limits(d, a, diag);
}

static enum bf_err draft(struct gen_draft *d, struct gen_session **s,
                         const struct bf_args *a, struct bf_diag *diag)
{
    const char *path = bf_arg_is(a, "out") ? bf_arg(a, "out") : "-";
    struct bf_buf out = bf_buf(BF_MAX_JSON);
    struct bf_diag why = {0};
    char line[600], all[640];
    enum bf_err err;

    if ((err = gen_check_output(a, path, NULL, diag)) != BF_OK ||
        (err = gen_session_open(s, a, GEN_STATE_READ, GEN_NEED_NOTHING, diag)) != BF_OK ||
        (err = fill(d, *s, a, diag)) != BF_OK) {
        return err;
    }
    gen_draft_sort(d);
    err = bf_trust_rules(&d->body, &why);
    if (err != BF_OK && bf_err_exit(err) != BF_EXIT_REFUSED) {
        *diag = why;
        return err;
    }
    if (err != BF_OK) {
        /* a draft may be unfinished: it is written all the same */
        bf_diag_line(&why, line, sizeof(line));
        snprintf(all, sizeof(all), "%s (the draft may lack more)", line);
        bf_cli_warn(a, all);
    }
    err = gen_draft_write(&out, d, diag);
    if (err == BF_OK) {
        err = gen_write_output(a, path, bf_buf_bytes(&out), 0644, NULL, diag);
    }
    if (err == BF_OK) {
        bf_cli_say(a, "next: look it over, then snapseal-gen trust seal DRAFT");
    }
    bf_buf_clear(&out);
    return err;
}

int gen_cmd_trust_draft(const struct bf_args *a)
{
    struct gen_draft *d = calloc(1, sizeof(*d));
    struct gen_session *s = NULL;
    struct bf_diag diag = {0};
    enum bf_err err =
        d != NULL ? draft(d, &s, a, &diag) : bf_fail(&diag, BF_NO_MEMORY, "draft");

    if (d != NULL) {
        gen_draft_clear(d);
        free(d);
    }
    gen_session_free(s);
    return gen_end(a, err, &diag);
}

/* ---- seal ---- */

/* The fingerprint is what root people compare and what the first installation is pinned
 * by. */
static enum bf_err give_out(const struct bf_args *a, const char *path,
                            const struct bf_buf *container, struct bf_diag *diag)
{
    struct bf_container c;
    char sha256[2 * BF_SHA256 + 1];
    enum bf_err err;

    if ((err = bf_gate(&c, bf_buf_bytes(container), diag)) != BF_OK ||
        (err = bf_sha256_hex(sha256, c.entries[0].data)) != BF_OK) {
        bf_diag_in(diag, "%s", path);
        return err;
    }
    return gen_write_output(a, path, bf_buf_bytes(container), 0644, sha256, diag);
}

static enum bf_err seal(struct gen_draft *d, const struct bf_args *a,
                        struct bf_diag *diag)
{
    struct bf_buf file = {0}, container = {0};
    char name[80];
    const char *path = bf_arg(a, "out");
    enum bf_err err;

    err = bf_file_read(&file, a->operands[0], BF_MAX_JSON, diag);
    if (err == BF_OK) {
        err = gen_draft_read(d, bf_buf_bytes(&file), diag);
        if (err != BF_OK) {
            gen_kind_in(diag, a->operands[0],
                        gen_kind_told(bf_buf_bytes(&file), GEN_WANT_DRAFT));
        }
    }
    bf_buf_clear(&file);
    if (err != BF_OK) {
        return err;
    }
    gen_draft_sort(d);
    snprintf(name, sizeof(name), "trust-%lld.snapseal-trust", (long long)d->body.version);
    path = path != NULL ? path : name;
    err = gen_check_output(a, path, a->operands[0], diag);
    if (err == BF_OK && (err = bf_trust_make(&container, &d->body, diag)) == BF_OK &&
        (err = give_out(a, path, &container, diag)) == BF_OK) {
        bf_cli_say(a,
                   "next: %lld of the root people sign it, snapseal-gen trust sign FILE "
                   "--as PERSON",
                   (long long)d->body.root.need);
    }
    bf_buf_clear(&container);
    return err;
}

int gen_cmd_trust_seal(const struct bf_args *a)
{
    struct gen_draft *d = calloc(1, sizeof(*d));
    struct bf_diag diag = {0};
    enum bf_err err =
        d != NULL ? seal(d, a, &diag) : bf_fail(&diag, BF_NO_MEMORY, "draft");

    if (d != NULL) {
        gen_draft_clear(d);
        free(d);
    }
    return gen_end(a, err, &diag);
}

/* ---- sign, show, install ---- */

/* A session and a trust file that is not installed (yet). */
struct viewing {
    struct gen_session *s;
    struct bf_trust file;
};

static enum bf_err print(const struct viewing *v, const struct bf_trust *t, FILE *to,
                         struct bf_diag *diag)
{
    const struct bf_trust *installed =
        v->s->has_trust && t != &v->s->trust ? &v->s->trust : NULL;
    struct bf_buf out = bf_buf(MAX_TEXT);
    enum bf_err err = gen_trust_text(&out, t, installed, v->s->now, diag);

    if (err == BF_OK) {
        err = bf_buf_check(&out, "trust file", diag);
    }
    if (err == BF_OK) {
        fwrite(out.ptr, 1, out.len, to);
    }
    bf_buf_clear(&out);
    return err;
}

/* FILE.snapseal-trust becomes FILE.PERSON.snapseal-trust. */
static void name_output(char *out, size_t size, const char *in, const char *person)
{
    static const char tail[] = ".snapseal-trust";
    size_t len = strlen(in), n = sizeof(tail) - 1;

    if (len > n && strcmp(in + len - n, tail) == 0) {
        len -= n;
    }
    snprintf(out, size, "%.*s.%s%s", (int)(len < 300 ? len : 300), in, person, tail);
}

static enum bf_err sign_file(struct viewing *v, struct gen_signing *signing,
                             const char *person, struct bf_buf *out, struct bf_diag *diag)
{
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);
    char space[160], name[64];
    enum bf_err err;

    bf_namespace(space, sizeof(space), "root", v->file.body.domain);
    snprintf(name, sizeof(name), "sig/root.%s.sshsig", person);
    gen_signing_tell(signing, v->s->args);
    err =
        bf_sign(&signing->signer, &armor, space, v->file.container.entries[0].data, diag);
    if (err == BF_OK) {
        err =
            bf_container_with(out, &v->file.container, name, bf_buf_bytes(&armor), diag);
    }
    bf_buf_clear(&armor);
    return err;
}

/*
 * The fingerprint that the signer got from the others, against the file: --pin, or on a
 * terminal its first digits. A script without --pin is taken to have looked.
 */
static enum bf_err compare_pin(const struct viewing *v, const struct bf_args *a,
                               struct bf_diag *diag)
{
    const char *pin = bf_arg(a, "pin");
    char typed[80];
    enum bf_err err;
    size_t len;

    if (pin != NULL && !bf_is_hex64(pin)) {
        return bf_fail(diag, BF_USAGE, "--pin is 64 hex digits");
    }
    if (pin != NULL) {
        return strcmp(pin, v->file.sha256) == 0
                   ? BF_OK
                   : bf_fail(diag, BF_TRUST_PIN, "it is %s", v->file.sha256);
    }
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return BF_OK;
    }
    err = bf_cli_ask(
        typed, sizeof(typed),
        "First 8 digits (or all) of the fingerprint that you were told: ", "--pin", diag);
    if (err != BF_OK) {
        return err;
    }
    len = strlen(typed);
    return (len == 8 || len == 64) && strncmp(typed, v->file.sha256, len) == 0
               ? BF_OK
               : bf_fail(diag, BF_TRUST_PIN, "it is %s; nothing was signed",
                         v->file.sha256);
}

static enum bf_err sign(struct viewing *v, const struct bf_args *a, struct bf_diag *diag)
{
    const char *person = bf_arg(a, "as");
    const struct bf_trust *trusts[2];
    struct gen_signing *signing = NULL;
    struct bf_buf out = bf_buf(BF_MAX_CONTAINER);
    char path[400];
    enum bf_err err;

    if (person == NULL || !bf_is_id(person)) {
        return bf_fail(diag, BF_USAGE, "trust sign needs --as PERSON");
    }
    if ((err = gen_session_open(&v->s, a, GEN_STATE_READ, GEN_NEED_NOTHING, diag)) !=
            BF_OK ||
        (err = gen_trust_read(&v->file, a->operands[0], diag)) != BF_OK) {
        return err;
    }
    if (v->s->has_trust &&
        strcmp(v->s->trust.body.domain, v->file.body.domain) != 0) { /* [BF-617] */
        return bf_fail(diag, BF_TRUST_DOMAIN, "the file is of %s, installed is %s",
                       v->file.body.domain, v->s->trust.body.domain);
    }
    if (!bf_arg_is(a, "out") && gen_trust_signed(&v->file, person, v->s->now)) {
        bf_cli_say(a, "%s has signed already; nothing was written", person);
        return BF_OK;
    }
    if (bf_arg_is(a, "out") && strlen(bf_arg(a, "out")) >= sizeof(path)) {
        return bf_fail(diag, BF_OUTPUT_WRITE, "name too long");
    }
    name_output(path, sizeof(path), a->operands[0], person);
    if (bf_arg_is(a, "out")) {
        snprintf(path, sizeof(path), "%s", bf_arg(a, "out"));
    }
    /* a root person's new key stands in the file, the old one in the installed trust */
    trusts[0] = &v->file;
    trusts[1] = &v->s->trust;
    if ((err = gen_check_output(a, path, a->operands[0], diag)) == BF_OK &&
        (err = gen_signing_open(&signing, trusts, v->s->has_trust ? 2 : 1, person, "root",
                                bf_arg(a, "key"), v->s->now, diag)) == BF_OK &&
        (a->quiet || (err = print(v, &v->file, stderr, diag)) == BF_OK) &&
        (err = compare_pin(v, a, diag)) == BF_OK &&
        (err = sign_file(v, signing, person, &out, diag)) == BF_OK) {
        err = give_out(a, path, &out, diag);
    }
    gen_signing_free(signing);
    bf_buf_clear(&out);
    return err;
}

static enum bf_err show(struct viewing *v, const struct bf_args *a, struct bf_diag *diag)
{
    const struct bf_trust *t;
    enum bf_err err;

    err =
        gen_session_open(&v->s, a, GEN_STATE_READ,
                         a->num_operands == 0 ? GEN_NEED_TRUST : GEN_NEED_NOTHING, diag);
    if (err == BF_OK && a->num_operands > 0) {
        err = gen_trust_read(&v->file, a->operands[0], diag);
    }
    if (err != BF_OK) {
        return err;
    }
    t = a->num_operands > 0 ? &v->file : &v->s->trust;
    if (a->json) {
        bf_cli_out(t->container.entries[0].data);
        bf_cli_out(bf_text("\n"));
        return BF_OK;
    }
    return print(v, t, stdout, diag);
}

static enum bf_err tell_installed(const struct viewing *v, const struct bf_args *a,
                                  bool already, struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(1024);
    enum bf_err err = BF_OK;

    bf_cli_say(a,
               already ? "trust of %s: version %lld is installed already, expires %s"
                       : "installed: trust of %s, version %lld, expires %s",
               v->file.body.domain, (long long)v->file.body.version,
               v->file.body.expires);
    if (a->json) {
        bf_put_text(&out, "{");
        gen_put_member(&out, "domain", v->file.body.domain);
        gen_put_member(&out, "expires", v->file.body.expires);
        gen_put_member(&out, "sha256", v->file.sha256);
        gen_put_number(&out, "version", v->file.body.version);
        err = gen_print_json(&out, diag);
    }
    bf_buf_clear(&out);
    return err;
}

/* The file in force is given once more. Whatever else it may be, the checks say. */
static bool is_installed(struct viewing *v, const char *path, const char *pin)
{
    bool same = v->s->has_trust && gen_trust_read(&v->file, path, NULL) == BF_OK &&
                strcmp(v->file.sha256, v->s->trust.sha256) == 0 &&
                (pin == NULL || strcmp(pin, v->file.sha256) == 0);

    if (!same) {
        bf_trust_clear(&v->file);
    }
    return same;
}

static enum bf_err install(struct viewing *v, const struct bf_args *a,
                           struct bf_diag *diag)
{
    const char *pin = bf_arg(a, "pin");
    struct bf_buf raw = {0};
    const char *told;
    enum bf_err err;

    if ((err = gen_session_open(&v->s, a, GEN_STATE_WRITE, GEN_NEED_NOTHING, diag)) !=
        BF_OK) {
        return err;
    }
    if (strcmp(a->operands[0], "-") != 0 && is_installed(v, a->operands[0], pin)) {
        return tell_installed(v, a, true, diag);
    }
    if (v->s->has_trust && pin != NULL) { /* [BF-613] */
        return bf_fail(diag, BF_TRUST_PIN_USED, "version %lld is installed",
                       (long long)v->s->trust.body.version);
    }
    if (!v->s->has_trust && pin == NULL) {
        return bf_fail(diag, BF_NO_TRUST, "the first one needs --pin");
    }
    if (pin != NULL && !bf_is_hex64(pin)) {
        return bf_fail(diag, BF_USAGE, "--pin is 64 hex digits");
    }
    if ((err = bf_file_read(&raw, a->operands[0], BF_MAX_CONTAINER, diag)) != BF_OK) {
        return err;
    }
    told = gen_kind_told(bf_buf_bytes(&raw), GEN_WANT_TRUST);
    err = v->s->has_trust ? bf_trust_next(&v->file, &raw, &v->s->trust, v->s->now, diag)
                          : bf_trust_first(&v->file, &raw, pin, v->s->now, diag);
    bf_buf_clear(&raw);
    if (err != BF_OK) {
        gen_kind_in(diag, a->operands[0], told);
    } else if ((err = gen_state_trust_put(&v->s->state, &v->file, diag)) == BF_OK) {
        err = tell_installed(v, a, false, diag);
    }
    return err;
}

static int with_viewing(const struct bf_args *a,
                        enum bf_err (*act)(struct viewing *, const struct bf_args *,
                                           struct bf_diag *))
{
    struct viewing *v = calloc(1, sizeof(*v));
    struct bf_diag diag = {0};
    enum bf_err err =
        v != NULL ? act(v, a, &diag) : bf_fail(&diag, BF_NO_MEMORY, "trust file");

    if (v != NULL) {
        bf_trust_clear(&v->file);
        gen_session_free(v->s);
        free(v);
    }
    return gen_end(a, err, &diag);
}

int gen_cmd_trust_sign(const struct bf_args *a)
{
    return with_viewing(a, sign);
}

int gen_cmd_trust_show(const struct bf_args *a)
{
    return with_viewing(a, show);
}

int gen_cmd_trust_install(const struct bf_args *a)
{
    return with_viewing(a, install);
}
