/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a trust file without signatures. */
#include <string.h>

#include "../trust_in.h"

/* The row of the derived member; sha256 is room for its hash. */
static enum bf_err derive(struct bf_buf *signers, struct bf_member *row,
                          char sha256[2 * BF_SHA256 + 1],
                          const struct bf_trust_body *body, struct bf_diag *diag)
{
    enum bf_err err;

    bf_trust_allowed_signers(signers, body);
    err = bf_buf_check(signers, BF_SIGNERS, diag);
    if (err == BF_OK) {
        err = bf_sha256_hex(sha256, bf_buf_bytes(signers));
    }
    row->name = BF_SIGNERS;
    row->sha256 = sha256;
    row->size = (int64_t)signers->len;
    return err;
}

/* What was written loads: nobody is asked to sign a file that no appliance takes. */
static enum bf_err check_loads(const struct bf_buf *container, struct bf_diag *diag)
{
    struct bf_trust trust = {0};
    struct bf_buf copy = bf_buf(BF_MAX_CONTAINER);
    enum bf_err err;

    bf_put_bytes(&copy, bf_buf_bytes(container));
    err = bf_buf_check(&copy, "trust file", diag);
    if (err == BF_OK) {
        err = bf_trust_load(&trust, &copy, diag);
    }
    bf_trust_clear(&trust);
    bf_buf_clear(&copy);
    return err;
}

enum bf_err bf_trust_make(struct bf_buf *container, struct bf_trust_body *body,
                          struct bf_diag *diag)
{
    struct bf_buf manifest = bf_buf(BF_MAX_JSON);
    struct bf_buf signers = bf_buf(BF_MAX_MEMBER);
    struct bf_entry entries[2];
    char sha256[2 * BF_SHA256 + 1];
    struct bf_member row;
    enum bf_err err;

    *container = bf_buf(BF_MAX_CONTAINER);
    if ((err = bf_trust_rules(body, diag)) != BF_OK ||
        (err = derive(&signers, &row, sha256, body, diag)) != BF_OK) {
        goto out;
    }
    body->type = BF_TRUST_TYPE;
    body->members = (struct bf_list){1, &row};
    bf_schema_write(&manifest, &bf_trust_schema, body);
    body->members =
        (struct bf_list){0, NULL}; /* its row lives no longer than this call */
    if ((err = bf_buf_check(&manifest, BF_MANIFEST, diag)) != BF_OK) {
        goto out;
    }
    entries[0] = (struct bf_entry){BF_MANIFEST, bf_buf_bytes(&manifest)};
    entries[1] = (struct bf_entry){BF_SIGNERS, bf_buf_bytes(&signers)};
    err = bf_pack(container, entries, 2, diag);
    if (err == BF_OK) {
        err = check_loads(container, diag);
    }
out:
    if (err != BF_OK) {
        bf_buf_clear(container);
    }
    bf_buf_clear(&signers);
    bf_buf_clear(&manifest);
    return err;
}
