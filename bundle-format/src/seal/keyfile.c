/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSH private key files (PROTOCOL.key), unencrypted ssh-ed25519 only: everything else
 * is the agent's. What a key file decodes to lies in locked memory at every step.
 */
#include <string.h>

#include "bf/sshsig.h"

static const char magic[] = "openssh-key-v1"; /* with its NUL */
static const char begin_line[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
static const char end_line[] = "-----END OPENSSH PRIVATE KEY-----";
static const char type_name[] = "ssh-ed25519";

enum {
    MAX_FILE = 64 * 1024,
    MAX_MADE = 1024,
    SECRET = 64,
    COLUMNS = 70,
    BLOCK = 8,
    MAX_COMMENT = 200
};

/* A writer that fills locked memory of fixed size and never grows. Not to be cleared: the
 * memory is the secret's. */
static struct bf_buf writer_over(const struct bf_secret *s)
{
    struct bf_buf b = bf_buf(s->cap - 1); /* a buffer keeps room for a NUL */

    b.ptr = s->ptr;
    b.cap = s->cap;
    return b;
}

static enum bf_err sign_with_secret(struct bf_signer *self, struct bf_buf *field,
                                    struct bf_bytes data, struct bf_diag *diag)
{
    uint8_t sig[BF_ED25519_SIG];

    bf_ed25519_sign(sig, self->secret.ptr, data);
    bf_put_string(field, bf_text(type_name));
    bf_put_string(field, bf_view(sig, sizeof(sig)));
    return bf_buf_check(field, "signature", diag);
}

/* The base64 between the lines, without line ends, decoded into blob. */
static bool unwrap(struct bf_secret *blob, struct bf_secret *text, struct bf_bytes file)
{
    size_t begin_len = strlen(begin_line);
    size_t end_len = strlen(end_line);
    size_t i, num = 0;

    while (file.len > 0 &&
           (file.ptr[file.len - 1] == '\n' || file.ptr[file.len - 1] == '\r')) {
        file.len--;
    }
    if (file.len < begin_len + end_len || memcmp(file.ptr, begin_line, begin_len) != 0 ||
        memcmp(file.ptr + file.len - end_len, end_line, end_len) != 0) {
        return false;
    }
    for (i = begin_len; i < file.len - end_len; i++) {
        if (file.ptr[i] != '\n' && file.ptr[i] != '\r') {
            text->ptr[num++] = file.ptr[i];
        }
    }
    text->len = num;
    blob->len = blob->cap;
    return bf_unbase64(blob->ptr, &blob->len, bf_secret_bytes(text), true);
}

/* 1, 2, 3, ... up to the block, never a whole one. */
static bool padding_ok(struct bf_bytes padding, size_t total)
{
    size_t i;

    for (i = 0; i < padding.len; i++) {
        if (padding.ptr[i] != i + 1) {
            return false;
        }
    }
    return padding.len < BLOCK && total % BLOCK == 0;
}

/* Fills out->key and out->secret from the private part; public_blob is what the file says
 * outside of it. */
static enum bf_err read_private(struct bf_signer *out, struct bf_bytes part,
                                struct bf_bytes public_blob, struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(part);
    uint32_t check = bf_read_u32(&r);
    bool same = bf_read_u32(&r) == check;
    struct bf_bytes type = bf_read_string(&r, part.len);
    struct bf_bytes point = bf_read_string(&r, BF_KEY);
    struct bf_bytes secret = bf_read_string(&r, SECRET);
    uint8_t derived[BF_KEY];
    enum bf_err err;

    (void)bf_read_string(&r, part.len); /* comment */
    if (r.bad || !same || !bf_bytes_is(type, type_name) || point.len != BF_KEY ||
        secret.len != SECRET || !padding_ok(r.rest, part.len)) {
        return bf_fail(diag, BF_KEYFILE_FORMAT, "private part");
    }
    err = bf_secret_alloc(&out->secret, SECRET, diag);
    if (err != BF_OK) {
        return err;
    }
    /* Derived again: a secret with a foreign public half gives itself away with its first
     * signature. */
    bf_ed25519_public(derived, out->secret.ptr, secret.ptr);
    out->secret.len = SECRET;
    bf_sshkey_from_point(&out->key, derived);
    if (!bf_equal_secret(out->secret.ptr, secret.ptr, SECRET) ||
        memcmp(point.ptr, derived, BF_KEY) != 0 ||
        !bf_bytes_equal(public_blob, bf_view(out->key.blob, out->key.blob_len))) {
        return bf_fail(diag, BF_KEYFILE_FORMAT,
                       "public and private key do not belong together");
    }
    return BF_OK;
}

/* The parts of a file. */
struct parts {
    struct bf_bytes cipher, kdf, options, public_blob, private_part;
};

static enum bf_err read_parts(struct parts *out, struct bf_bytes blob,
                              struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(blob);
    struct bf_bytes head = bf_read_bytes(&r, sizeof(magic));
    uint32_t num;

    out->cipher = bf_read_string(&r, blob.len);
    out->kdf = bf_read_string(&r, blob.len);
    out->options = bf_read_string(&r, blob.len);
    num = bf_read_u32(&r);
    out->public_blob = bf_read_string(&r, blob.len);
    out->private_part = bf_read_string(&r, blob.len);
    if (!bf_bytes_is(out->cipher, "none")) { /* a tag may follow */
        r.rest.len = 0;
    }
    if (!bf_reader_end(&r) || memcmp(head.ptr, magic, sizeof(magic)) != 0 || num != 1) {
        return bf_fail(diag, BF_KEYFILE_FORMAT, "not openssh-key-v1 with one key");
    }
    return BF_OK;
}

static enum bf_err read_key(struct bf_signer *out, const struct parts *p,
                            struct bf_diag *diag)
{
    if (!bf_bytes_is(p->cipher, "none")) {
        return bf_fail(diag, BF_KEYFILE_ENCRYPTED, "%.*s",
                       (int)(p->cipher.len < 64 ? p->cipher.len : 64),
                       (const char *)p->cipher.ptr);
    }
    if (!bf_bytes_is(p->kdf, "none") || p->options.len != 0) {
        return bf_fail(diag, BF_KEYFILE_FORMAT, "a kdf without a cipher");
    }
    if (!bf_bytes_is(bf_sshkey_type(p->public_blob), type_name)) {
        return bf_fail(diag, BF_KEYFILE_TYPE, "only %s is read from a file", type_name);
    }
    return read_private(out, p->private_part, p->public_blob, diag);
}

/* The file, decoded in locked memory, which its parts borrow from. Owned by caller, also
 * after a failure. */
static enum bf_err open_file(struct bf_secret *blob, struct parts *out,
                             struct bf_bytes file, struct bf_diag *diag)
{
    struct bf_secret text = {0};
    enum bf_err err;

    if (file.len == 0 || file.len > MAX_FILE) {
        return bf_fail(diag, BF_KEYFILE_FORMAT, "%zu bytes", file.len);
    }
    err = bf_secret_alloc(&text, file.len, diag);
    if (err == BF_OK) {
        err = bf_secret_alloc(blob, file.len, diag);
    }
    if (err == BF_OK && !unwrap(blob, &text, file)) {
        err = bf_fail(diag, BF_KEYFILE_FORMAT, "no armored OPENSSH PRIVATE KEY");
    }
    bf_secret_clear(&text);
    return err == BF_OK ? read_parts(out, bf_secret_bytes(blob), diag) : err;
}

enum bf_err bf_signer_from_keyfile(struct bf_signer *out, struct bf_bytes file,
                                   struct bf_diag *diag)
{
    struct bf_secret blob = {0};
    struct parts parts;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    err = open_file(&blob, &parts, file, diag);
    if (err == BF_OK) {
        err = read_key(out, &parts, diag);
    }
    if (err == BF_OK) {
        out->sign = sign_with_secret;
    } else {
        bf_signer_clear(out);
    }
    bf_secret_clear(&blob);
    return err;
}

enum bf_err bf_keyfile_public(struct bf_sshkey *out, struct bf_bytes file,
                              struct bf_diag *diag)
{
    struct bf_secret blob = {0};
    struct parts parts;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    err = open_file(&blob, &parts, file, diag);
    if (err == BF_OK) {
        err = bf_sshkey_from_blob(out, parts.public_blob, diag);
    }
    bf_secret_clear(&blob);
    return err;
}

void bf_signer_clear(struct bf_signer *s)
{
    bf_secret_clear(&s->secret);
    memset(s, 0, sizeof(*s));
}

/* The unencrypted part, into locked memory. secret: seed and public key. */
static void put_private(struct bf_buf *out, const struct bf_sshkey *key,
                        const uint8_t secret[SECRET], const char *comment)
{
    uint32_t check;
    uint8_t pad;

    bf_random(&check, sizeof(check));
    bf_put_u32(out, check);
    bf_put_u32(out, check);
    bf_put_string(out, bf_text(type_name));
    bf_put_string(out, bf_sshkey_raw(key));
    bf_put_string(out, bf_view(secret, SECRET));
    bf_put_string(out, bf_text(comment));
    for (pad = 1; out->len % BLOCK != 0; pad++) {
        bf_put_u8(out, pad);
    }
}

static void put_blob(struct bf_buf *out, const struct bf_sshkey *key,
                     struct bf_bytes part)
{
    bf_put(out, magic, sizeof(magic));
    bf_put_string(out, bf_text("none")); /* cipher */
    bf_put_string(out, bf_text("none")); /* kdf */
    bf_put_string(out, bf_text(""));
    bf_put_u32(out, 1);
    bf_put_string(out, bf_view(key->blob, key->blob_len));
    bf_put_string(out, part);
}

enum bf_err bf_keyfile_make(struct bf_secret *file, struct bf_sshkey *key,
                            const char *comment, struct bf_diag *diag)
{
    struct bf_secret raw = {0}; /* seed, then seed and public key */
    struct bf_secret part = {0};
    struct bf_secret blob = {0};
    struct bf_buf part_out, blob_out, text_out;
    uint8_t point[BF_KEY];
    enum bf_err err;

    memset(file, 0, sizeof(*file));
    if (strlen(comment) > MAX_COMMENT) {
        return bf_fail(diag, BF_USAGE, "comment longer than %d", MAX_COMMENT);
    }
    if ((err = bf_secret_alloc(&raw, BF_KEY + SECRET, diag)) != BF_OK ||
        (err = bf_secret_alloc(&part, MAX_MADE, diag)) != BF_OK ||
        (err = bf_secret_alloc(&blob, MAX_MADE, diag)) != BF_OK ||
        (err = bf_secret_alloc(file, 2 * MAX_MADE, diag)) != BF_OK) {
        goto out;
    }
    bf_random(raw.ptr, BF_KEY);
    bf_ed25519_public(point, raw.ptr + BF_KEY, raw.ptr);
    bf_sshkey_from_point(key, point);
    part_out = writer_over(&part);
    put_private(&part_out, key, raw.ptr + BF_KEY, comment);
    blob_out = writer_over(&blob);
    put_blob(&blob_out, key, bf_buf_bytes(&part_out));
    text_out = writer_over(file);
    bf_put_text(&text_out, begin_line);
    bf_put_u8(&text_out, '\n');
    bf_put_base64(&text_out, bf_buf_bytes(&blob_out), COLUMNS, true);
    bf_put_text(&text_out, end_line);
    bf_put_u8(&text_out, '\n');
    file->len = text_out.len;
    if (part_out.bad || blob_out.bad || text_out.bad) {
        err = bf_fail(diag, BF_INTERNAL, "key file");
    }
out:
    bf_secret_clear(&blob);
    bf_secret_clear(&part);
    bf_secret_clear(&raw);
    if (err != BF_OK) {
        bf_secret_clear(file);
    }
    return err;
}
