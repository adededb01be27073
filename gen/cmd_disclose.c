/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disclose: the opening of one commitment, for an auditor who is told the value by other
 * means. The opening alone tells nothing about the value unless that can be guessed; the
 * value itself is not kept here and cannot be told.
 */
#include <string.h>

#include "cmd.h"
#include "session.h"

enum { MAX_TEXT = 4096 };

struct disclosing {
    struct gen_session *s;
    struct gen_records records;
};

/* The line reads the value without echo, so that it is in no argv and no history. */
static void put_line(struct bf_buf *out, const struct bf_manifest *m, const char *name,
                     const char *opening)
{
    bf_put_fmt(out,
               "(read -rs v; printf 'SNAPSEALC1 %zu %s %zu %s %%d %%s' \"${#v}\" \"$v\") "
               "| openssl mac -digest SHA256 -macopt hexkey:%s HMAC",
               strlen(m->bundle_id), m->bundle_id, strlen(name), name, opening);
}

static enum bf_err print(struct disclosing *d, const struct bf_secret_ref *secret,
                         const char *opening, struct bf_diag *diag)
{
    const struct bf_manifest *m = &d->s->bundle.m;
    struct bf_buf out = bf_buf(MAX_TEXT), line = bf_buf(MAX_TEXT);
    enum bf_err err;

    put_line(&line, m, secret->name, opening);
    err = bf_buf_check(&line, "line", diag);
    if (err == BF_OK && d->s->args->json) {
        bf_put_text(&out, "{");
        gen_put_member(&out, "bundle_id", m->bundle_id);
        gen_put_member(&out, "commitment", secret->commitment);
        gen_put_member(&out, "manifest", d->s->bundle.sha256);
        gen_put_member(&out, "name", secret->name);
        gen_put_member(&out, "opening", opening);
        gen_put_member(&out, "openssl", bf_buf_text(&line));
        err = gen_print_json(&out, diag);
    } else if (err == BF_OK) {
        bf_put_fmt(&out,
                   "manifest    %s\nname        %s\ncommitment  %s\nopening     "
                   "%s\n\n%s\n\nType the value and Enter (bash; nothing is shown). The "
                   "value is the approved one exactly\nif openssl prints the commitment, "
                   "in capitals.\n",
                   d->s->bundle.sha256, secret->name, secret->commitment, opening,
                   bf_buf_text(&line));
        err = bf_buf_check(&out, "opening", diag);
        if (err == BF_OK) {
            bf_cli_out(bf_buf_bytes(&out));
        }
    }
    bf_buf_clear(&line);
    bf_buf_clear(&out);
    return err;
}

static enum bf_err run(struct disclosing *d, const struct bf_args *a,
                       struct bf_diag *diag)
{
    const char *name = bf_arg(a, "name");
    const struct bf_secret_ref *secret;
    const struct gen_opening *o;
    enum bf_err err;

    if (name == NULL) {
        return bf_fail(diag, BF_USAGE, "disclose needs --name NAME");
    }
    if ((err = gen_session_open(&d->s, a, GEN_STATE_READ, GEN_NEED_TRUST, diag)) !=
            BF_OK ||
        (err = gen_open_bundle(d->s, a->operands[0], diag)) != BF_OK ||
        (err = gen_state_records(&d->records, &d->s->state, diag)) != BF_OK) {
        return err;
    }
    secret = bf_manifest_secret(&d->s->bundle.m, name);
    if (secret == NULL || secret->commitment[0] == '\0') {
        err = bf_fail(diag, BF_NO_OPENING, "%s commits to no value of %.100s",
                      a->operands[0], name);
        bf_diag_hint(diag, "inspect shows the names that it commits to");
        return err;
    }
    o = gen_record_opening(gen_records_find(&d->records, d->s->bundle.sha256), name);
    if (o == NULL || strcmp(o->commitment, secret->commitment) != 0) {
        return bf_fail(diag, BF_NO_OPENING, "%s: its opening is not in this state", name);
    }
    return print(d, secret, o->opening, diag);
}

int gen_cmd_disclose(const struct bf_args *a)
{
    struct disclosing d = {0};
    struct bf_diag diag = {0};
    enum bf_err err = run(&d, a, &diag);

    gen_records_clear(&d.records);
    gen_session_free(d.s);
    return gen_end(a, err, &diag);
}
