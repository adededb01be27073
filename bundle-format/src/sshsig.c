/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSHSIG (OpenSSH PROTOCOL.sshsig), read. Stock ssh-keygen forgives much here (any line
 * width, version 0, a reserved field, bytes after the end); we take only the bytes that
 * it writes itself.
 */
#include "bf/sshsig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "SSHSIG";
static const char hash_name[] = "sha512";
static const char begin_line[] = "-----BEGIN SSH SIGNATURE-----\n";
static const char end_line[] = "-----END SSH SIGNATURE-----\n";

enum {
    COLUMNS = 70,
    MAGIC_LEN = sizeof(magic) - 1,
    BEGIN_LEN = sizeof(begin_line) - 1,
    END_LEN = sizeof(end_line) - 1
};

void bf_namespace(char *out, size_t size, const char *role, const char *domain)
{
    snprintf(out, size, "snapseal-%s-v1@%s", role, domain);
}

void bf_sshsig_wrap(struct bf_buf *out, struct bf_bytes blob)
{
    bf_put_text(out, begin_line);
    bf_put_base64(out, blob, COLUMNS, true);
    bf_put_text(out, end_line);
}

enum bf_err bf_sshsig_data(struct bf_buf *out, const char *space, struct bf_bytes message,
                           struct bf_diag *diag)
{
    uint8_t hash[BF_SHA512];
    enum bf_err err = bf_sha512(hash, &message, 1);

    if (err != BF_OK) {
        return bf_fail(diag, err, "sha512");
    }
    bf_put_text(out, magic);
    bf_put_string(out, bf_text(space));
    bf_put_string(out, bf_text("")); /* reserved */
    bf_put_string(out, bf_text(hash_name));
    bf_put_string(out, bf_view(hash, sizeof(hash)));
    return bf_buf_check(out, "signed data", diag);
}

/* Decodes the armor into blob (*len in: room), and encodes it again: there is one armor
 * for a blob. */
static enum bf_err unwrap(uint8_t *blob, size_t *len, struct bf_bytes armor,
                          struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(BF_MAX_SIGNATURE);
    struct bf_buf again = bf_buf(2 * BF_MAX_SIGNATURE);
    enum bf_err err = BF_OK;
    size_t i;

    for (i = BEGIN_LEN; i + END_LEN < armor.len; i++) {
        if (armor.ptr[i] != '\n') {
            bf_put_u8(&text, armor.ptr[i]);
        }
    }
    if (!text.bad && !bf_unbase64(blob, len, bf_buf_bytes(&text), true)) {
        err = bf_fail(diag, BF_SIG_ARMOR, "not canonical base64"); /* [BF-211] */
    } else {
        bf_sshsig_wrap(&again, bf_view(blob, *len));
        if (text.bad || again.bad) {
            err = bf_fail(diag, BF_NO_MEMORY, "armor");
        } else if (!bf_bytes_equal(armor, bf_buf_bytes(&again))) {
            err = bf_fail(diag, BF_SIG_ARMOR, "not as OpenSSH writes it"); /* [BF-211] */
        }
    }
    bf_buf_clear(&again);
    bf_buf_clear(&text);
    return err;
}

static bool copy_space(struct bf_sshsig *out, struct bf_bytes space)
{
    size_t i;

    if (space.len == 0 || space.len >= sizeof(out->space)) {
        return false;
    }
    for (i = 0; i < space.len; i++) {
        if (space.ptr[i] <= ' ' || space.ptr[i] > '~') {
            return false;
        }
    }
    bf_copy(out->space, space.ptr, space.len);
    out->space[space.len] = '\0';
    return true;
}

/* The key errors under the names that a signature has for them. */
static enum bf_err parse_key(struct bf_sshsig *out, struct bf_bytes blob,
                             struct bf_diag *diag)
{
    enum bf_err err = bf_sshkey_from_blob(&out->key, blob, diag);

    if (err == BF_KEY_TYPE) {
        err = BF_SIG_KEY_TYPE; /* [BF-217] */
    } else if (err == BF_KEY_NOT_SUPPORTED) {
        err = BF_SIG_NOT_SUPPORTED; /* [BF-218] */
    } else if (err != BF_OK) {
        err = BF_SIG_BLOB; /* [BF-212] */
    }
    if (err != BF_OK && diag != NULL) {
        diag->err = err;
    }
    return err;
}

static enum bf_err parse_signature(struct bf_sshsig *out, struct bf_bytes field,
                                   struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(field);
    struct bf_bytes type = bf_read_string(&r, field.len);
    struct bf_bytes raw = bf_read_string(&r, field.len);

    if (!r.bad && !bf_bytes_equal(
                      type, bf_sshkey_type(bf_view(out->key.blob, out->key.blob_len)))) {
        return bf_fail(diag, BF_SIG_KEY_TYPE, "not that of its key"); /* [BF-217] */
    }
    if (!bf_reader_end(&r) || raw.len != BF_ED25519_SIG) {
        return bf_fail(diag, BF_SIG_BLOB, "signature field"); /* [BF-212] */
    }
    bf_copy(out->signature, raw.ptr, BF_ED25519_SIG);
    return BF_OK;
}

static enum bf_err parse_blob(struct bf_sshsig *out, struct bf_bytes blob,
                              struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(blob);
    struct bf_bytes head = bf_read_bytes(&r, MAGIC_LEN);
    uint32_t version = bf_read_u32(&r);
    struct bf_bytes key = bf_read_string(&r, blob.len);
    struct bf_bytes space = bf_read_string(&r, blob.len);
    struct bf_bytes reserved = bf_read_string(&r, blob.len);
    struct bf_bytes hash = bf_read_string(&r, blob.len);
    struct bf_bytes signature = bf_read_string(&r, blob.len);
    enum bf_err err;

    if (!bf_reader_end(&r) || !bf_bytes_is(head, magic)) {
        return bf_fail(diag, BF_SIG_BLOB, "cut, or something follows"); /* [BF-212] */
    }
    if (version != 1) {
        return bf_fail(diag, BF_SIG_VERSION, "%u", (unsigned)version); /* [BF-213] */
    }
    if (reserved.len != 0) {
        return bf_fail(diag, BF_SIG_RESERVED, "%zu bytes", reserved.len); /* [BF-214] */
    }
    if (!bf_bytes_is(hash, hash_name)) {
        return bf_fail(diag, BF_SIG_HASH, "%.*s", (int)hash.len,
                       (const char *)hash.ptr); /* [BF-215] */
    }
    if (!copy_space(out, space)) {
        return bf_fail(diag, BF_SIG_NAMESPACE, "not of its form"); /* [BF-216] */
    }
    err = parse_key(out, key, diag);
    return err != BF_OK ? err : parse_signature(out, signature, diag);
}

enum bf_err bf_sshsig_parse(struct bf_sshsig *out, struct bf_bytes armor,
                            struct bf_diag *diag)
{
    size_t len = armor.len;
    uint8_t *blob;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if (armor.len > BF_MAX_SIGNATURE) {
        return bf_fail(diag, BF_SIG_SIZE, "%zu bytes", armor.len); /* [BF-210] */
    }
    blob = malloc(armor.len + 1);
    if (blob == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signature");
    }
    err = unwrap(blob, &len, armor, diag);
    if (err == BF_OK) {
        err = parse_blob(out, bf_view(blob, len), diag);
    }
    if (err != BF_OK) {
        memset(out, 0, sizeof(*out));
    }
    free(blob);
    return err;
}

enum bf_err bf_sshsig_verify(const struct bf_sshsig *sig, const char *space,
                             struct bf_bytes message, struct bf_diag *diag)
{
    struct bf_buf data = bf_buf(1024);
    enum bf_err err;

    if (strcmp(sig->space, space) != 0) {
        return bf_fail(diag, BF_SIG_NAMESPACE, "%s", sig->space); /* [BF-216] */
    }
    err = bf_sshsig_data(&data, space, message, diag);
    if (err == BF_OK &&
        !bf_ed25519_verify(sig->key.point, sig->signature, bf_buf_bytes(&data))) {
        err = bf_fail(diag, BF_SIG_BAD, "%s", space); /* [BF-219] */
    }
    bf_buf_clear(&data);
    return err;
}
