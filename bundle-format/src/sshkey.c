/* SPDX-License-Identifier: Apache-2.0 */
/* SSH public keys in wire form (RFC 4253 section 6.6, RFC 5656, RFC 8709, OpenSSH
 * PROTOCOL.u2f): what a signature holds. */
#include "bf/sshsig.h"

#include <string.h>

enum { MAX_CURVE = 8, UNCOMPRESSED = 4 };

static const struct bf_key_kind kinds[] = {
    {"ssh-ed25519", "", BF_KEY, false},
    {"sk-ssh-ed25519@openssh.com", "", BF_KEY, true},
    {"ecdsa-sha2-nistp256", "nistp256", 65, false},
    {"ecdsa-sha2-nistp384", "nistp384", 97, false},
    {"ecdsa-sha2-nistp521", "nistp521", 133, false},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 65, true},
    {"ssh-rsa", "", 0, false},
};

static const struct bf_key_kind *find_kind(struct bf_bytes name)
{
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (bf_bytes_is(name, kinds[i].name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

struct bf_bytes bf_sshkey_type(struct bf_bytes blob)
{
    struct bf_reader r = bf_reader(blob);

    return bf_read_string(&r, blob.len);
}

struct bf_bytes bf_sshkey_raw(const struct bf_sshkey *key)
{
    return bf_view(key->blob + key->raw_at, key->raw_len);
}

bool bf_sshkey_is_rsa(const struct bf_sshkey *key)
{
    return key->kind->point == 0;
}

/* The parts behind the type; false when they are not those of its kind. */
static bool read_parts(struct bf_sshkey *out, struct bf_bytes *raw, struct bf_reader *r)
{
    const struct bf_key_kind *kind = out->kind;
    struct bf_bytes part = bf_text("");
    size_t i;

    if (bf_sshkey_is_rsa(out)) {
        part = bf_read_mpint(r, sizeof(out->exponent));
        for (i = 0; i < part.len; i++) {
            out->exponent = out->exponent << 8 | part.ptr[i];
        }
        *raw = bf_read_mpint(r, BF_MAX_RSA);
        return bf_reader_end(r);
    }
    if (kind->curve[0] != '\0') {
        part = bf_read_string(r, MAX_CURVE);
    }
    *raw = bf_read_string(r, kind->point);
    return bf_bytes_is(part, kind->curve) && raw->len == kind->point &&
           (part.len == 0 || raw->ptr[0] == UNCOMPRESSED) &&
           (!kind->hardware || bf_bytes_is(bf_read_string(r, MAX_CURVE), "ssh:")) &&
           bf_reader_end(r);
}

enum bf_err bf_sshkey_from_blob(struct bf_sshkey *out, struct bf_bytes blob,
                                struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(blob);
    struct bf_bytes raw = {0}, name = bf_read_string(&r, BF_MAX_KEY_BLOB);
    enum bf_err err = BF_OK;

    memset(out, 0, sizeof(*out));
    out->kind = find_kind(name);
    if (r.bad || blob.len > BF_MAX_KEY_BLOB) {
        err = bf_fail(diag, BF_KEY_LINE, "cut or too long"); /* [BF-201] */
    } else if (out->kind == NULL) {
        err = bf_fail(diag, BF_KEY_TYPE, "%.*s", (int)name.len,
                      (const char *)name.ptr); /* [BF-202] */
    } else if (!read_parts(out, &raw, &r)) {
        err = bf_fail(diag, BF_KEY_LINE, "not the parts of %s",
                      out->kind->name); /* [BF-201] */
    }
    if (err != BF_OK) {
        memset(out, 0, sizeof(*out));
        return err;
    }
    bf_copy(out->blob, blob.ptr, blob.len);
    out->blob_len = blob.len;
    out->raw_at = (size_t)(raw.ptr - blob.ptr);
    out->raw_len = raw.len;
    return BF_OK;
}

bool bf_sshkey_equal(const struct bf_sshkey *a, const struct bf_sshkey *b)
{
    return bf_bytes_equal(bf_view(a->blob, a->blob_len), bf_view(b->blob, b->blob_len));
}
