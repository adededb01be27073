/* SPDX-License-Identifier: Apache-2.0 */
/* SSH public keys: "TYPE BASE64" and the wire form inside (RFC 4253 section 6.6, RFC
 * 8709). */
#include "bf/sshsig.h"

#include <string.h>

static const struct {
    const char *name;
    enum bf_key_type type;
} key_types[] = {
    {"ssh-ed25519", BF_KEY_ED25519},
    {"sk-ssh-ed25519@openssh.com", BF_KEY_SK_ED25519},
    {"ecdsa-sha2-nistp256", BF_KEY_ECDSA},
    {"ecdsa-sha2-nistp384", BF_KEY_ECDSA},
    {"ecdsa-sha2-nistp521", BF_KEY_ECDSA},
    {"sk-ecdsa-sha2-nistp256@openssh.com", BF_KEY_SK_ECDSA},
    {"ssh-rsa", BF_KEY_RSA},
};

enum { NUM_KEY_TYPES = sizeof(key_types) / sizeof(key_types[0]) };

/* "ssh-ed25519" */
#define ED25519_NAME (key_types[0].name)

static bool find_type(enum bf_key_type *out, struct bf_bytes name)
{
    size_t i;

    for (i = 0; i < NUM_KEY_TYPES; i++) {
        if (bf_bytes_is(name, key_types[i].name)) {
            *out = key_types[i].type;
            return true;
        }
    }
    return false;
}

struct bf_bytes bf_sshkey_type(struct bf_bytes blob)
{
    struct bf_reader r = bf_reader(blob);

    return bf_read_string(&r, blob.len);
}

enum bf_err bf_sshkey_from_blob(struct bf_sshkey *out, struct bf_bytes blob,
                                struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(blob);
    struct bf_bytes name = bf_read_string(&r, BF_MAX_KEY_BLOB);
    struct bf_bytes point;
    enum bf_key_type type;

    memset(out, 0, sizeof(*out));
    if (r.bad || blob.len > BF_MAX_KEY_BLOB) {
        return bf_fail(diag, BF_KEY_LINE,
                       "the key blob is cut or too long"); /* [BF-201] */
    }
    if (!find_type(&type, name)) {
        return bf_fail(diag, BF_KEY_TYPE, "%.*s", (int)(name.len < 64 ? name.len : 64),
                       (const char *)name.ptr); /* [BF-202] */
    }
    if (type != BF_KEY_ED25519) {
        return bf_fail(diag, BF_KEY_NOT_SUPPORTED, "%.*s", (int)name.len,
                       (const char *)name.ptr); /* [BF-203] */
    }
    point = bf_read_string(&r, BF_KEY);
    if (!bf_reader_end(&r) || point.len != BF_KEY) {
        return bf_fail(diag, BF_KEY_LINE, "not an ssh-ed25519 key blob"); /* [BF-201] */
    }
    bf_sshkey_from_point(out, point.ptr);
    return BF_OK;
}

static enum bf_err parse_line(struct bf_sshkey *out, struct bf_bytes line,
                              struct bf_diag *diag)
{
    const uint8_t *blank = line.len > 0 ? memchr(line.ptr, ' ', line.len) : NULL;
    uint8_t blob[BF_MAX_KEY_BLOB];
    size_t blob_len = sizeof(blob);
    struct bf_bytes name, base64;
    enum bf_key_type type;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if (blank == NULL || blank == line.ptr) {
        return bf_fail(diag, BF_KEY_LINE,
                       "a key type and a blank are missing"); /* [BF-201] */
    }
    name = bf_view(line.ptr, (size_t)(blank - line.ptr));
    base64 = bf_view(blank + 1, line.len - name.len - 1);
    if (!find_type(&type, name)) {
        return bf_fail(diag, BF_KEY_TYPE, "%.*s", (int)(name.len < 64 ? name.len : 64),
                       (const char *)name.ptr); /* [BF-202] */
    }
    if (!bf_unbase64(blob, &blob_len, base64, true)) {
        return bf_fail(diag, BF_KEY_LINE,
                       "not canonical base64, or too long"); /* [BF-201] */
    }
    if (!bf_bytes_equal(bf_sshkey_type(bf_view(blob, blob_len)), name)) {
        return bf_fail(diag, BF_KEY_LINE,
                       "the key inside is of another type"); /* [BF-201] */
    }
    err = bf_sshkey_from_blob(out, bf_view(blob, blob_len), diag);
    if (err == BF_OK && !bf_ed25519_key_ok(out->point)) {
        memset(out, 0, sizeof(*out));
        err = bf_fail(diag, BF_KEY_WEAK, "not a point of full order"); /* [BF-204] */
    }
    return err;
}

enum bf_err bf_sshkey_parse(struct bf_sshkey *out, const char *line, struct bf_diag *diag)
{
    return parse_line(out, bf_text(line), diag);
}

enum bf_err bf_sshkey_parse_file(struct bf_sshkey *out, struct bf_bytes file,
                                 struct bf_diag *diag)
{
    size_t len = file.len;
    size_t i, blanks = 0;

    if (len > 0 && file.ptr[len - 1] == '\n') {
        len--;
    }
    if (len > 0 && file.ptr[len - 1] == '\r') { /* Windows */
        len--;
    }
    if (len > 0 && memchr(file.ptr, '\n', len) != NULL) {
        memset(out, 0, sizeof(*out));
        return bf_fail(diag, BF_KEY_LINE, "more than one line"); /* [BF-201] */
    }
    for (i = 0; i < len && blanks < 2; i++) {
        blanks += file.ptr[i] == ' ' ? 1 : 0;
    }
    return parse_line(out, bf_view(file.ptr, blanks == 2 ? i - 1 : len),
                      diag); /* what follows is the comment */
}

void bf_sshkey_from_point(struct bf_sshkey *out, const uint8_t point[BF_KEY])
{
    size_t name_len = strlen(ED25519_NAME);

    memset(out, 0, sizeof(*out));
    out->type = BF_KEY_ED25519;
    bf_copy(out->point, point, BF_KEY);
    out->blob[3] = (uint8_t)name_len;
    bf_copy(out->blob + 4, ED25519_NAME, name_len);
    out->blob[4 + name_len + 3] = BF_KEY;
    bf_copy(out->blob + 4 + name_len + 4, point, BF_KEY);
    out->blob_len = 4 + name_len + 4 + BF_KEY;
}

void bf_sshkey_write(struct bf_buf *out, const struct bf_sshkey *key)
{
    struct bf_bytes blob = bf_view(key->blob, key->blob_len);

    bf_put_bytes(out, bf_sshkey_type(blob));
    bf_put_u8(out, ' ');
    bf_put_base64(out, blob, 0, true);
}

enum bf_err bf_sshkey_fingerprint(char out[BF_FINGERPRINT], const struct bf_sshkey *key)
{
    struct bf_bytes blob = bf_view(key->blob, key->blob_len);
    struct bf_buf text = bf_buf(BF_FINGERPRINT);
    uint8_t hash[BF_SHA256];
    const char *p;
    enum bf_err err = bf_sha256(hash, &blob, 1);

    out[0] = '\0';
    if (err == BF_OK) {
        bf_put_text(&text, "SHA256:");
        bf_put_base64(&text, bf_view(hash, sizeof(hash)), 0, false);
        p = bf_buf_text(&text);
        err = p != NULL ? BF_OK : BF_NO_MEMORY;
        bf_copy(out, p, p != NULL ? BF_FINGERPRINT : 0);
    }
    bf_buf_clear(&text);
    return err;
}

bool bf_sshkey_equal(const struct bf_sshkey *a, const struct bf_sshkey *b)
{
    return bf_bytes_equal(bf_view(a->blob, a->blob_len), bf_view(b->blob, b->blob_len));
}
