/* SPDX-License-Identifier: Apache-2.0 */
/* SSH public keys as text, "TYPE BASE64", and fingerprints: for trust files, which are
 * trusted, and for people. */
#include <string.h>

#include "bf/sshsig.h"

enum { MIN_RSA = 384 };

/* Whether a key is as good as its type: rsa of 3072 bits or more with odd modulus and
 * exponent, a point that is on its curve and of the full order. */
static bool strong(const struct bf_sshkey *key)
{
    struct bf_bytes raw = bf_sshkey_raw(key);

    if (bf_sshkey_is_rsa(key)) {
        return (raw.len > MIN_RSA || (raw.len == MIN_RSA && raw.ptr[0] >= 0x80)) &&
               raw.ptr[raw.len - 1] % 2 == 1 && key->exponent % 2 == 1 &&
               key->exponent >= 3;
    }
    return key->kind->curve[0] != '\0' ? bf_ecdsa_key_ok(raw)
                                       : bf_ed25519_key_ok(raw.ptr);
}

static enum bf_err parse_line(struct bf_sshkey *out, struct bf_bytes line,
                              struct bf_diag *diag)
{
    const uint8_t *blank = line.len > 0 ? memchr(line.ptr, ' ', line.len) : NULL;
    uint8_t blob[BF_MAX_KEY_BLOB];
    size_t blob_len = sizeof(blob);
    struct bf_bytes name, base64;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if (blank == NULL || blank == line.ptr) {
        return bf_fail(diag, BF_KEY_LINE,
                       "a key type and a blank are missing"); /* [BF-201] */
    }
    name = bf_view(line.ptr, (size_t)(blank - line.ptr));
    base64 = bf_view(blank + 1, line.len - name.len - 1);
    if (!bf_unbase64(blob, &blob_len, base64, true)) {
        return bf_fail(diag, BF_KEY_LINE,
                       "not canonical base64, or too long"); /* [BF-201] */
    }
    if (!bf_bytes_equal(bf_sshkey_type(bf_view(blob, blob_len)), name)) {
        return bf_fail(diag, BF_KEY_LINE,
                       "the key inside is of another type"); /* [BF-201] */
    }
    err = bf_sshkey_from_blob(out, bf_view(blob, blob_len), diag);
    if (err == BF_OK && !strong(out)) {
        err =
            bf_fail(diag, BF_KEY_WEAK, "%s of %zu bytes", out->kind->name, /* [BF-204] */
                    bf_sshkey_raw(out).len);
        memset(out, 0, sizeof(*out));
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
    /* what follows the second blank is the comment */
    return parse_line(out, bf_view(file.ptr, blanks == 2 ? i - 1 : len), diag);
}

void bf_sshkey_from_point(struct bf_sshkey *out, const uint8_t point[BF_KEY])
{
    uint8_t blob[] = "\0\0\0\13ssh-ed25519\0\0\0 "
                     "................................";

    bf_copy(blob + sizeof(blob) - 1 - BF_KEY, point, BF_KEY);
    /* every 32 bytes have the form of a point */
    (void)!bf_sshkey_from_blob(out, bf_view(blob, sizeof(blob) - 1), NULL);
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
