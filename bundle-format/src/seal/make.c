/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a bundle in the order of SPEC section 4.4: body and documents, sheet, secrets,
 * members, signature. */
#include <stdio.h>
#include <string.h>

#include "bundle_in.h"

enum { MAX_PARTS = 6 }; /* two documents, sheet, secrets, manifest, signature */

/* What goes into the container. */
struct making {
    struct bf_manifest *m;
    struct bf_arena *arena;
    struct bf_json_doc policy, repository;
    struct bf_buf sheet, secrets, manifest, signature;
    struct bf_entry entries[MAX_PARTS];
    size_t num;
    char signature_name[64];
};

/* A review document must be in canonical form already: what is approved is these bytes.
 */
static enum bf_err take_document(struct making *k, struct bf_json_doc *doc,
                                 const char *name, const char *text, enum bf_err refusal,
                                 struct bf_diag *diag)
{
    struct bf_diag inner = {0};
    enum bf_err err;

    if (text == NULL) {
        return BF_OK;
    }
    err = bf_json_parse(doc, bf_text(text), BF_JSON_REVIEW, &inner);
    if (err != BF_OK) {
        return bf_fail(diag, bf_err_exit(err) == BF_EXIT_REFUSED ? refusal : err,
                       "%s: %s", bf_err_text(err), inner.where);
    }
    k->entries[k->num++] = (struct bf_entry){.name = name, .data = bf_text(text)};
    return BF_OK;
}

/* members: everything that is in by now, ascending. */
static enum bf_err list_members(struct making *k, struct bf_diag *diag)
{
    struct bf_member *items = bf_arena_alloc(k->arena, k->num * sizeof(*items));
    enum bf_err err;
    size_t i;

    if (items == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "members");
    }
    for (i = 0; i < k->num; i++) {
        char *hash = bf_arena_alloc(k->arena, 2 * BF_SHA256 + 1);

        if (hash == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "members");
        }
        if ((err = bf_sha256_hex(hash, k->entries[i].data)) != BF_OK) {
            return err;
        }
        items[i] = (struct bf_member){.name = k->entries[i].name,
                                      .sha256 = hash,
                                      .size = (int64_t)k->entries[i].data.len};
    }
    k->m->members.items = items;
    k->m->members.num = k->num;
    return BF_OK;
}

/* What our own reader would refuse is not given out. */
static enum bf_err check_own(const struct making *k, struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    struct bf_manifest read;
    enum bf_err err = bf_manifest_read(&read, &doc, bf_buf_bytes(&k->manifest), diag);

    if (err == BF_OK) {
        err = bf_review_rules(&read, k->policy.root, k->repository.root, diag);
    }
    bf_json_clear(&doc);
    return err;
}

static enum bf_err add_sheet(struct making *k, struct bf_diag *diag)
{
    enum bf_err err =
        bf_sheet_write(&k->sheet, k->m, k->policy.root, k->repository.root, diag);

    k->entries[k->num++] =
        (struct bf_entry){.name = BF_NAME_SHEET, .data = bf_buf_bytes(&k->sheet)};
    return err;
}

static enum bf_err write_manifest(struct making *k, struct bf_diag *diag)
{
    enum bf_err err = list_members(k, diag);

    if (err != BF_OK) {
        return err;
    }
    bf_schema_write(&k->manifest, &bf_manifest_schema, k->m);
    if ((err = bf_buf_check(&k->manifest, BF_NAME_MANIFEST, diag)) != BF_OK) {
        return err;
    }
    return check_own(k, diag);
}

static enum bf_err sign_manifest(struct making *k, struct bf_signer *author,
                                 struct bf_diag *diag)
{
    char space[160];

    bf_namespace(space, sizeof(space), "author", k->m->domain);
    snprintf(k->signature_name, sizeof(k->signature_name), "sig/author.%s.sshsig",
             k->m->author);
    return bf_sign(author, &k->signature, space, bf_buf_bytes(&k->manifest), diag);
}

static enum bf_err make(struct making *k, struct bf_buf *container, const char *policy,
                        const char *repository, struct bf_new_secret *secrets, size_t num,
                        const uint8_t recipient[BF_KEY], struct bf_signer *author,
                        struct bf_diag *diag)
{
    enum bf_err err;

    k->m->type = BF_BUNDLE_TYPE;
    /* the names ascend in this order: review/iam, review/repo, review/sheet, secrets */
    if ((err = take_document(k, &k->policy, BF_NAME_POLICY, policy, BF_POLICY_JSON,
                             diag)) != BF_OK ||
        (err = take_document(k, &k->repository, BF_NAME_REPOSITORY, repository,
                             BF_REPOSITORY_JSON, diag)) != BF_OK ||
        (err = bf_secrets_seal(&k->secrets, k->m, k->arena, secrets, num, recipient,
                               diag)) != BF_OK ||
        (err = add_sheet(k, diag)) != BF_OK) {
        return err;
    }
    if (k->secrets.len > 0) {
        k->entries[k->num++] =
            (struct bf_entry){.name = BF_NAME_SECRETS, .data = bf_buf_bytes(&k->secrets)};
    }
    if ((err = write_manifest(k, diag)) != BF_OK ||
        (err = sign_manifest(k, author, diag)) != BF_OK) {
        return err;
    }
    k->entries[k->num++] =
        (struct bf_entry){.name = BF_NAME_MANIFEST, .data = bf_buf_bytes(&k->manifest)};
    k->entries[k->num++] =
        (struct bf_entry){.name = k->signature_name, .data = bf_buf_bytes(&k->signature)};
    return bf_pack(container, k->entries, k->num, diag);
}

enum bf_err bf_bundle_make(struct bf_buf *container, struct bf_manifest *m,
                           struct bf_arena *arena, const char *policy,
                           const char *repository, struct bf_new_secret *secrets,
                           size_t num, const uint8_t secrets_recipient[BF_KEY],
                           struct bf_signer *author, struct bf_diag *diag)
{
    struct making k = {.m = m, .arena = arena};
    enum bf_err err;

    k.sheet = bf_buf(BF_MAX_MEMBER);
    k.secrets = bf_buf(BF_MAX_MEMBER);
    k.manifest = bf_buf(BF_MAX_JSON);
    k.signature = bf_buf(BF_MAX_SIGNATURE);
    err = make(&k, container, policy, repository, secrets, num, secrets_recipient, author,
               diag);
    bf_json_clear(&k.policy);
    bf_json_clear(&k.repository);
    bf_buf_clear(&k.sheet);
    bf_buf_clear(&k.secrets);
    bf_buf_clear(&k.manifest);
    bf_buf_clear(&k.signature);
    return err;
}
