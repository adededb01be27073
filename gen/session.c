/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bf/file.h"
#include "kind.h"

enum { MAX_KEY_FILE = 16 * 1024 };

enum bf_err gen_session_open(struct gen_session **out, const struct bf_args *a,
                             enum gen_state_use use, enum gen_need need,
                             struct bf_diag *diag)
{
    struct gen_session *s = calloc(1, sizeof(*s));
    enum bf_err err;

    *out = NULL;
    if (s == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "session");
    }
    s->args = a;
    bf_cli_now(s->now);
    err = gen_state_open(&s->state, bf_arg(a, "state"), use, diag);
    if (err == BF_OK) {
        err = gen_state_trust(&s->trust, &s->state, diag);
        s->has_trust = err == BF_OK;
        if (err == BF_NO_TRUST && need == GEN_NEED_NOTHING) {
            err = BF_OK;
        }
    }
    if (err != BF_OK) {
        gen_session_free(s);
        return err;
    }
    *out = s;
    return BF_OK;
}

void gen_session_free(struct gen_session *s)
{
    if (s != NULL) {
        bf_bundle_clear(&s->bundle);
        bf_trust_clear(&s->trust);
        gen_state_close(&s->state);
        free(s);
    }
}

enum bf_err gen_read_identity(struct bf_secret *out, const char *path,
                              struct bf_diag *diag)
{
    struct bf_secret text = {0};
    enum bf_err err;

    if (path == NULL) {
        return bf_fail(diag, BF_SEAL_IDENTITY, "it is sealed"); /* [BF-912] */
    }
    err = bf_file_read_secret(&text, path, MAX_KEY_FILE, diag);
    if (err == BF_OK) {
        err = bf_age_identity_file(out, bf_secret_bytes(&text), diag);
        if (err != BF_OK) {
            bf_diag_in(diag, "%s", path);
        }
    }
    bf_secret_clear(&text);
    return err;
}

static enum bf_err unseal(struct bf_buf *out, struct bf_bytes file, const char *identity,
                          struct bf_diag *diag)
{
    struct bf_secret scalar = {0};
    uint8_t *plain = NULL;
    size_t len = 0;
    enum bf_err err = gen_read_identity(&scalar, identity, diag);

    if (err == BF_OK) {
        plain = malloc(BF_MAX_CONTAINER);
        err = plain != NULL
                  ? bf_age_open(plain, BF_MAX_CONTAINER, &len, file, scalar.ptr, 0, diag)
                  : bf_fail(diag, BF_NO_MEMORY, "sealed file");
    }
    if (err == BF_OK) {
        bf_put(out, plain, len);
        err = bf_buf_check(out, "sealed file", diag);
    }
    free(plain);
    bf_secret_clear(&scalar);
    return err;
}

enum bf_err gen_read_container(struct bf_buf *out, bool *sealed, const char *path,
                               const char *identity, struct bf_diag *diag)
{
    struct bf_buf file = {0};
    enum bf_err err;

    *sealed = false;
    *out = bf_buf(BF_MAX_CONTAINER);
    err = bf_file_read(&file, path, BF_MAX_SEALED, diag);
    if (err != BF_OK) {
        return err;
    }
    *sealed = bf_age_looks_sealed(bf_buf_bytes(&file));
    err = bf_seal_not_armored(bf_buf_bytes(&file), diag);
    if (err != BF_OK) {
        /* told below */
    } else if (*sealed) {
        err = unseal(out, bf_buf_bytes(&file), identity, diag);
    } else if (file.len > BF_MAX_CONTAINER) {
        err = bf_fail(diag, BF_INPUT_SIZE, "more than %d bytes", BF_MAX_CONTAINER);
    } else {
        bf_put_bytes(out, bf_buf_bytes(&file));
        err = bf_buf_check(out, "file", diag);
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "%s", path);
        bf_buf_clear(out);
    }
    bf_buf_clear(&file);
    return err;
}

enum bf_err gen_seal_container(struct bf_buf *out, struct bf_bytes container,
                               const struct bf_trust *trust, const char *author,
                               const char *appliance, struct bf_diag *diag)
{
    uint8_t to[BF_MAX_STANZAS][BF_KEY];
    enum bf_err err;
    size_t num;

    *out = bf_buf(BF_MAX_SEALED);
    err = bf_trust_seal_to(to, &num, trust, author, appliance, diag);
    if (err == BF_OK) {
        err = bf_age_seal(out, container, (const uint8_t(*)[BF_KEY])to, num, diag);
    }
    if (err != BF_OK) {
        bf_buf_clear(out);
    }
    return err;
}

/* A signature that could not be judged (no memory) is not one that counts for nothing. */
static enum bf_err all_decided(const struct bf_bundle *b, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < b->num_sigs; i++) {
        if (bf_err_exit(b->sigs[i].reason) == BF_EXIT_UNDECIDED) {
            return bf_fail(diag, b->sigs[i].reason, "%s", b->sigs[i].entry->name);
        }
    }
    return BF_OK;
}

enum bf_err gen_open_bundle(struct gen_session *s, const char *path, struct bf_diag *diag)
{
    struct bf_buf raw = {0};
    const char *told;
    enum bf_err err;

    err = gen_read_container(&raw, &s->sealed, path, bf_arg(s->args, "identity"), diag);
    if (err == BF_OK) {
        told = gen_kind_told(bf_buf_bytes(&raw), GEN_WANT_BUNDLE);
        s->bundle.checks.result[BF_CHECK_INPUT] = BF_PASSED;
        s->bundle.checks.result[BF_CHECK_SEALED] = s->sealed ? BF_PASSED : BF_SKIPPED;
        err = bf_bundle_open(&s->bundle, &raw, &s->trust, s->now, diag);
        if (err == BF_OK) {
            err = all_decided(&s->bundle, diag);
        }
        if (err == BF_OK) {
            gen_warn_counters(s);
        }
        if (err != BF_OK) {
            gen_kind_in(diag, path, told);
        }
    }
    bf_buf_clear(&raw);
    return err;
}

/* A bundle may have been made under a trust that has been followed since. */
static enum bf_err check_target(struct gen_session *s, struct bf_diag *diag)
{
    char sha256[2 * BF_SHA256 + 1] = "";
    enum bf_err err = BF_OK;

    if (s->bundle.m.trust.version < s->trust.body.version - 1) {
        err = gen_state_trust_known(sha256, &s->state, s->bundle.m.trust.version, diag);
    }
    return err == BF_OK ? bf_bundle_target(&s->bundle, &s->trust,
                                           sha256[0] != '\0' ? sha256 : NULL, NULL, diag)
                        : err;
}

enum bf_err gen_check_bundle(struct gen_session *s, bool *early, struct bf_diag *diag)
{
    enum bf_err err = bf_bundle_times(&s->bundle, &s->trust, s->now, "", diag);

    *early = err == BF_TIME_EARLY;
    if (*early) {
        /* the other rules of check 9 still count: asked as of the first second of
         * validity */
        err = bf_bundle_times(&s->bundle, &s->trust, s->bundle.m.not_before, "", diag);
    }
    if (err == BF_OK) {
        err = check_target(s, diag);
    }
    if (err == BF_OK && diag != NULL) {
        memset(diag, 0, sizeof(*diag));
    }
    return err;
}

const struct bf_list *gen_rule_of(const struct bf_trust *trust,
                                  const struct bf_manifest *m)
{
    return strcmp(m->change.grade, "emergency") == 0
               ? &trust->body.rules.emergency.approve
               : &trust->body.rules.normal.approve;
}

/* ---- output ---- */

int gen_end(const struct bf_args *a, enum bf_err err, struct bf_diag *diag)
{
    if (err == BF_OK) {
        return BF_EXIT_DONE;
    }
    if (diag->err == BF_OK) {
        diag->err = err; /* a failure without a place is a failure all the same */
    }
    return bf_cli_fail(a, diag);
}

enum bf_err gen_fingerprint(char out[BF_FINGERPRINT], const struct bf_sshkey *key,
                            struct bf_diag *diag)
{
    enum bf_err err = bf_sshkey_fingerprint(out, key);

    return err == BF_OK ? BF_OK : bf_fail(diag, err, "fingerprint of a key");
}

enum bf_err gen_check_output(const struct bf_args *a, const char *path, const char *in,
                             struct bf_diag *diag)
{
    enum bf_err err = in != NULL ? bf_file_differ(in, path, diag) : BF_OK;
    struct stat st;

    if (err == BF_OK && !bf_arg_is(a, "force") && strcmp(path, "-") != 0 &&
        lstat(path, &st) == 0) {
        err = bf_fail(diag, BF_OUTPUT_EXISTS, "%s", path);
    }
    return err;
}

enum bf_err gen_print_json(struct bf_buf *out, struct bf_diag *diag)
{
    enum bf_err err;

    bf_put_text(out, "}\n");
    err = bf_buf_check(out, "JSON document", diag);
    if (err == BF_OK) {
        bf_cli_out(bf_buf_bytes(out));
    }
    return err;
}

static enum bf_err tell_output(const struct bf_args *a, const char *path,
                               const char *sha256, struct bf_diag *diag)
{
    struct bf_buf out = bf_buf(4096);
    enum bf_err err;

    if (a->json) {
        bf_put_text(&out, "{");
        gen_put_member(&out, "file", path);
        if (sha256 != NULL) {
            gen_put_member(&out, "sha256", sha256);
        }
        err = gen_print_json(&out, diag);
        bf_buf_clear(&out);
        return err;
    }
    bf_cli_out(bf_text(path));
    bf_cli_out(bf_text("\n"));
    if (sha256 != NULL) {
        bf_cli_out(bf_text("sha256 "));
        bf_cli_out(bf_text(sha256));
        bf_cli_out(bf_text("\n"));
    }
    return BF_OK;
}

enum bf_err gen_write_output(const struct bf_args *a, const char *path,
                             struct bf_bytes data, unsigned mode, const char *sha256,
                             struct bf_diag *diag)
{
    enum bf_err err = bf_file_write(path, data, mode, bf_arg_is(a, "force"), diag);

    return err == BF_OK && strcmp(path, "-") != 0 ? tell_output(a, path, sha256, diag)
                                                  : err;
}

const char *gen_shown(char out[400], const char *path)
{
    return bf_escape(out, 400, path, strlen(path));
}

static void put_name(struct bf_buf *out, const char *name)
{
    bool first = out->len == 0 || out->ptr[out->len - 1] == '{';

    bf_put_text(out, first ? "" : ",");
    bf_json_write_text(out, name);
    bf_put_text(out, ":");
}

void gen_put_member(struct bf_buf *out, const char *name, const char *text)
{
    char shown[1600];

    put_name(out, name);
    bf_json_write_text(out, bf_escape(shown, sizeof(shown), text, strlen(text)));
}

void gen_put_value(struct bf_buf *out, const char *name, const char *json)
{
    put_name(out, name);
    bf_put_text(out, json);
}

void gen_put_number(struct bf_buf *out, const char *name, int64_t number)
{
    put_name(out, name);
    bf_put_fmt(out, "%lld", (long long)number);
}

void gen_put_bool(struct bf_buf *out, const char *name, bool value)
{
    gen_put_value(out, name, value ? "true" : "false");
}

void gen_both_times(char out[80], const char *utc)
{
    const time_t t = (time_t)bf_time_parse(utc);
    char local[48] = "";
    struct tm tm;

    if (localtime_r(&t, &tm) != NULL) {
        strftime(local, sizeof(local), "%a %Y-%m-%d %H:%M %Z", &tm);
    }
    snprintf(out, 80, "%s (here %s)", utc, local);
}
