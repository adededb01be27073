/* SPDX-License-Identifier: Apache-2.0 */
/* SSH public keys in wire form (RFC 4253 section 6.6, RFC 8709): what a signature holds.
 */
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
        return bf_fail(diag, BF_KEY_TYPE, "%.*s", (int)name.len,
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

bool bf_sshkey_equal(const struct bf_sshkey *a, const struct bf_sshkey *b)
{
    return bf_bytes_equal(bf_view(a->blob, a->blob_len), bf_view(b->blob, b->blob_len));
}
