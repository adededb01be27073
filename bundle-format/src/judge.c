/* SPDX-License-Identifier: Apache-2.0 */
/* What one signature member is worth (check 4). Never a refusal by itself: the reason is
 * kept, the count decides. */
#include <stdio.h>
#include <string.h>

#include "trust_in.h"

bool bf_is_sig_member(const char *name)
{
    return strncmp(name, "sig/", 4) == 0;
}

/* Copies the text up to dot into out, and moves at behind the dot. */
static bool take_part(const char **at, char *out, size_t size)
{
    size_t len = strcspn(*at, ".");

    if (len == 0 || len >= size || (*at)[len] != '.') {
        return false;
    }
    bf_copy(out, *at, len);
    out[len] = '\0';
    *at += len + 1;
    return true;
}

bool bf_sig_name(const char *name, char role[16], char person[33])
{
    const char *at = name + 4;

    role[0] = '\0';
    person[0] = '\0';
    if (bf_is_sig_member(name) && take_part(&at, role, 16) &&
        take_part(&at, person, 33) && strcmp(at, "sshsig") == 0 &&
        strspn(role, "abcdefghijklmnopqrstuvwxyz") == strlen(role) && bf_is_id(person)) {
        return true;
    }
    role[0] = '\0';
    person[0] = '\0';
    return false;
}

static const char *owner_of(const struct bf_known_key *known)
{
    return known->person != NULL ? known->person->id : known->appliance->id;
}

static bool holds(const struct bf_known_key *known, const char *role)
{
    if (known->appliance != NULL) {
        return strcmp(role, "receipt") == 0;
    }
    return strcmp(role, "audit") != 0 &&
           bf_person_has_role(known->person, role); /* auditors read, they sign nothing */
}

/* Both bounds belong to the time in force, as in ssh-keygen; times of one form compare as
 * text. */
static bool in_force(const struct bf_known_key *known, const char *now)
{
    return (known->not_before[0] == '\0' || strcmp(known->not_before, now) <= 0) &&
           (known->not_after[0] == '\0' || strcmp(now, known->not_after) <= 0);
}

static enum bf_err judge_key(const struct bf_verdict *v, const struct bf_known_key *known,
                             const char *now, struct bf_diag *diag)
{
    if (known == NULL) {
        return bf_fail(diag, BF_SIG_UNKNOWN_KEY, "%s", v->fingerprint); /* [BF-221] */
    }
    if (strcmp(owner_of(known), v->person) != 0) {
        return bf_fail(diag, BF_SIG_PERSON, "it is %s's", owner_of(known)); /* [BF-222] */
    }
    if (!holds(known, v->role)) {
        return bf_fail(diag, BF_SIG_ROLE, "%s", v->role); /* [BF-223] */
    }
    if (!in_force(known, now)) {
        return bf_fail(diag, BF_SIG_KEY_TIME, "%s to %s, now %s", known->not_before,
                       known->not_after, now); /* [BF-224] */
    }
    if (known->verify && (v->flags & BF_SK_VERIFIED) == 0) {
        return bf_fail(diag, BF_SIG_VERIFY, "flags 0x%02x", v->flags); /* [BF-225] */
    }
    return BF_OK;
}

static enum bf_err judge(struct bf_verdict *v, struct bf_sshsig *sig,
                         struct bf_bytes message, const struct bf_trust *trust,
                         const char *now, struct bf_diag *diag)
{
    char space[sizeof(sig->space)];
    enum bf_err err;

    if (!bf_sig_name(v->entry->name, v->role, v->person)) {
        return bf_fail(diag, BF_SIG_NAME, "%s", v->entry->name); /* [BF-220] */
    }
    if ((err = bf_sshsig_parse(sig, v->entry->data, diag)) != BF_OK) {
        return err;
    }
    v->key = sig->key;
    v->flags = sig->flags;
    v->counter = sig->counter;
    if ((err = bf_sshkey_fingerprint(v->fingerprint, &sig->key)) != BF_OK) {
        return bf_fail(diag, err, "fingerprint");
    }
    bf_namespace(space, sizeof(space), v->role, trust->body.domain);
    if (strcmp(sig->space, space) != 0) {
        return bf_fail(diag, BF_SIG_NAMESPACE, "%s, not %s", sig->space,
                       space); /* [BF-216] */
    }
    if ((err = judge_key(v, bf_trust_find_key(trust, &sig->key), now, diag)) != BF_OK) {
        return err;
    }
    return bf_sshsig_verify(sig, space, message, diag);
}

void bf_judge(struct bf_verdict *out, const struct bf_entry *entry,
              struct bf_bytes message, const struct bf_trust *trust, const char *now)
{
    struct bf_arena arena = {0};
    struct bf_sshsig *sig =
        bf_arena_alloc(&arena, sizeof(*sig)); /* larger than a stack frame should be */
    struct bf_diag diag = {0};

    memset(out, 0, sizeof(*out));
    out->entry = entry;
    out->counter_before = -1;
    out->reason = sig != NULL ? judge(out, sig, message, trust, now, &diag)
                              : bf_fail(&diag, BF_NO_MEMORY, "signature");
    snprintf(out->where, sizeof(out->where), "%.*s", (int)sizeof(out->where) - 1,
             diag.where);
    bf_arena_clear(&arena);
}
