/* SPDX-License-Identifier: Apache-2.0 */
/* Which key signs, and who does it: we ourselves, ssh-agent, or ssh-keygen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "session.h"

enum { MAX_KEY_FILE = 16 * 1024, MAX_WANTED = 64 };

/* Whose keys may sign, and as what. */
struct asked {
    const struct bf_trust *const *trusts;
    size_t num_trusts;
    const char *person, *role, *now;
};

static bool usable(const struct bf_known_key *k, const struct asked *q)
{
    return k->person != NULL && strcmp(k->person->id, q->person) == 0 &&
           bf_person_has_role(k->person, q->role) &&
           (k->not_before[0] == '\0' || strcmp(k->not_before, q->now) <= 0) &&
           (k->not_after[0] == '\0' || strcmp(q->now, k->not_after) <= 0);
}

/* Why the key of a file may not be used: the first reason that holds, in the order of the
 * checks. */
static enum bf_err why_not(const struct bf_known_key *k, const char *fingerprint,
                           const struct asked *q, const char *path, struct bf_diag *diag)
{
    if (k == NULL) {
        return bf_fail(diag, BF_SIG_UNKNOWN_KEY, "%s (%s)", path, fingerprint);
    }
    if (k->person == NULL || strcmp(k->person->id, q->person) != 0) {
        return bf_fail(diag, BF_SIG_PERSON, "%s (%s) is %s's, not %s's", path,
                       fingerprint, k->person != NULL ? k->person->id : k->appliance->id,
                       q->person);
    }
    if (!bf_person_has_role(k->person, q->role)) {
        return bf_fail(diag, BF_SIG_ROLE, "%s, role %s", q->person, q->role);
    }
    return bf_fail(diag, BF_SIG_KEY_TIME, "%s of %s: from \"%s\" until \"%s\"",
                   fingerprint, q->person, k->not_before, k->not_after);
}

/* The key of a file must be one that may sign; takes what the trust says of it. */
static enum bf_err check_key(struct gen_signing *s, const struct bf_sshkey *key,
                             const struct asked *q, const char *path,
                             struct bf_diag *diag)
{
    const struct bf_known_key *known = NULL;
    enum bf_err err = gen_fingerprint(s->fingerprint, key, diag);
    size_t i;

    if (err != BF_OK) {
        return err;
    }
    for (i = 0; i < q->num_trusts; i++) {
        const struct bf_known_key *k = bf_trust_find_key(q->trusts[i], key);

        if (k != NULL && usable(k, q)) {
            s->signer.verify = k->verify;
            return BF_OK;
        }
        known = known == NULL ? k : known;
    }
    return why_not(known, s->fingerprint, q, path, diag);
}

/* What is asked of the person next; "" when nothing. */
static void tell_next(struct gen_signing *s, const char *path, bool encrypted)
{
    const char *who = s->stock.path != NULL ? "ssh-keygen" : "ssh-agent";

    if (s->signer.key.kind->hardware) {
        snprintf(s->next, sizeof(s->next),
                 "%s signs with the security key %s: %stouch it when it blinks", who,
                 s->fingerprint,
                 s->signer.verify ? "give its PIN where asked, and " : "");
    } else if (encrypted) {
        snprintf(s->next, sizeof(s->next), "ssh-keygen asks for the passphrase of %.200s",
                 path);
    }
}

static enum bf_err sign_with_agent(struct gen_signing *s,
                                   const struct bf_sshkey *const *wanted, size_t num,
                                   const struct asked *q, const char *path,
                                   struct bf_diag *diag)
{
    size_t found = 0;
    enum bf_err err = gen_agent_open(&s->agent, NULL, diag);

    if (err == BF_OK) {
        err = gen_agent_find(&s->agent, &found, wanted, num, diag);
    }
    if (err == BF_OK && found == num) {
        err = path != NULL
                  ? bf_fail(diag, BF_AGENT, "it does not hold the key of %s", path)
                  : bf_fail(diag, BF_AGENT, "it holds no key of %s", q->person);
    }
    if (err == BF_OK) {
        gen_agent_signer(&s->signer, &s->agent, wanted[found]);
        s->from = "ssh-agent";
        err = check_key(s, wanted[found], q, s->from, diag);
    }
    if (err == BF_OK) {
        tell_next(s, NULL, false);
    }
    return err;
}

/* Without --key: any of the person's keys that the agent holds, in the order of the
 * trust. */
static enum bf_err sign_with_any(struct gen_signing *s, const struct asked *q,
                                 struct bf_diag *diag)
{
    const struct bf_sshkey *wanted[MAX_WANTED];
    size_t num = 0, i, k;

    for (i = 0; i < q->num_trusts; i++) {
        for (k = 0; k < q->trusts[i]->num_keys && num < MAX_WANTED; k++) {
            if (usable(&q->trusts[i]->keys[k], q)) {
                wanted[num++] = &q->trusts[i]->keys[k].key;
            }
        }
    }
    if (num == 0) {
        return bf_fail(diag, BF_SIG_ROLE, "no key of %s with role %s is in force",
                       q->person, q->role);
    }
    return sign_with_agent(s, wanted, num, q, NULL, diag);
}

/* --key FILE.pub: that key, wherever it is, by the agent. */
static enum bf_err sign_with_public(struct gen_signing *s, const struct asked *q,
                                    const char *path, struct bf_diag *diag)
{
    struct bf_buf file = {0};
    struct bf_sshkey *key = calloc(1, sizeof(*key));
    const struct bf_sshkey *wanted = key;
    enum bf_err err = key != NULL ? bf_file_read(&file, path, MAX_KEY_FILE, diag)
                                  : bf_fail(diag, BF_NO_MEMORY, "key");

    if (err == BF_OK) {
        err = bf_sshkey_parse_file(key, bf_buf_bytes(&file), diag);
        if (err != BF_OK) {
            bf_diag_in(diag, "%s", path);
        }
    }
    if (err == BF_OK) {
        err = check_key(s, key, q, path, diag);
    }
    if (err == BF_OK) {
        err = sign_with_agent(s, &wanted, 1, q, path, diag);
    }
    bf_buf_clear(&file);
    free(key);
    return err;
}

/* --key FILE: ssh-ed25519 without a passphrase by ourselves, all else by ssh-keygen. */
static enum bf_err sign_with_private(struct gen_signing *s, const struct asked *q,
                                     const char *path, struct bf_diag *diag)
{
    struct bf_secret file = {0};
    bool encrypted = false, stock = false;
    enum bf_err err = bf_file_read_secret(&file, path, MAX_KEY_FILE, diag);

    if (err == BF_OK) {
        err = bf_signer_from_keyfile(&s->signer, bf_secret_bytes(&file), diag);
        encrypted = err == BF_KEYFILE_ENCRYPTED;
        stock = encrypted || err == BF_KEYFILE_TYPE;
        if (stock) {
            err = bf_keyfile_public(&s->signer.key, bf_secret_bytes(&file), diag);
        }
        if (err != BF_OK) {
            bf_diag_in(diag, "%s", path);
        }
    }
    bf_secret_clear(&file);
    if (err == BF_OK) {
        s->from = path;
        err = check_key(s, &s->signer.key, q, path, diag);
    }
    if (err == BF_OK && encrypted && !gen_stock_can_ask()) {
        err = bf_fail(diag, BF_KEYFILE_ENCRYPTED, "%s, and there is no terminal", path);
    }
    if (err == BF_OK && stock) {
        gen_stock_signer(&s->signer, &s->stock, path);
        tell_next(s, path, encrypted);
    }
    return err;
}

static bool is_known(const struct bf_trust *const *trusts, size_t num, const char *person)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (bf_trust_person(&trusts[i]->body, person) != NULL) {
            return true;
        }
    }
    return false;
}

enum bf_err gen_signing_open(struct gen_signing **out,
                             const struct bf_trust *const *trusts, size_t num_trusts,
                             const char *person, const char *role, const char *key_path,
                             const char *now, struct bf_diag *diag)
{
    const struct asked q = {trusts, num_trusts, person, role, now};
    struct gen_signing *s = calloc(1, sizeof(*s));
    size_t len;
    enum bf_err err;

    *out = NULL;
    if (s == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signing");
    }
    if (!is_known(trusts, num_trusts, person)) {
        free(s);
        return bf_fail(diag, BF_SIG_PERSON, "it has nobody of the id %s", person);
    }
    s->agent.fd = -1;
    len = key_path != NULL ? strlen(key_path) : 0;
    if (key_path == NULL) {
        err = sign_with_any(s, &q, diag);
    } else if (len > 4 && strcmp(key_path + len - 4, ".pub") == 0) {
        err = sign_with_public(s, &q, key_path, diag);
    } else {
        err = sign_with_private(s, &q, key_path, diag);
    }
    if (err != BF_OK) {
        gen_signing_free(s);
        return err;
    }
    *out = s;
    return BF_OK;
}

void gen_signing_free(struct gen_signing *s)
{
    if (s != NULL) {
        bf_signer_clear(&s->signer);
        gen_agent_close(&s->agent);
        free(s);
    }
}

void gen_signing_tell(const struct gen_signing *s, const struct bf_args *a)
{
    if (s->next[0] != '\0') {
        bf_cli_say(a, "%s", s->next);
    }
}
