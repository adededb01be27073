/* SPDX-License-Identifier: Apache-2.0 */
/* SSHSIG, written. */
#include <stdlib.h>
#include <string.h>

#include "bf/sshsig.h"

void bf_sshsig_wrap(struct bf_buf *out, struct bf_bytes blob)
{
    bf_put_text(out, "-----BEGIN SSH SIGNATURE-----\n");
    bf_put_base64(out, blob, 70, true);
    bf_put_text(out, "-----END SSH SIGNATURE-----\n");
}

enum bf_err bf_sshsig_armor(struct bf_buf *out, const struct bf_sshkey *key,
                            const char *space, struct bf_bytes signature_field,
                            struct bf_diag *diag)
{
    struct bf_buf blob = bf_buf(BF_MAX_SIGNATURE);
    enum bf_err err;

    bf_put_text(&blob, "SSHSIG");
    bf_put_u32(&blob, 1);
    bf_put_string(&blob, bf_view(key->blob, key->blob_len));
    bf_put_string(&blob, bf_text(space));
    bf_put_string(&blob, bf_text("")); /* reserved */
    bf_put_string(&blob, bf_text("sha512"));
    bf_put_string(&blob, signature_field);
    err = bf_buf_check(&blob, "signature", diag);
    if (err == BF_OK) {
        if (out->max == 0) {
            out->max = BF_MAX_SIGNATURE;
        }
        bf_sshsig_wrap(out, bf_buf_bytes(&blob));
        err = bf_buf_check(out, "signature", diag);
    }
    bf_buf_clear(&blob);
    return err;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bf_bytes trim(struct bf_bytes in)
{
    while (in.len > 0 && is_blank(in.ptr[0])) {
        in.ptr++;
        in.len--;
    }
    while (in.len > 0 && is_blank(in.ptr[in.len - 1])) {
        in.len--;
    }
    return in;
}

/* Takes a fixed text off one end of *in; false when it is not there. */
static bool take(struct bf_bytes *in, const char *text, bool from_end)
{
    size_t len = strlen(text);

    if (in->len < len ||
        memcmp(in->ptr + (from_end ? in->len - len : 0), text, len) != 0) {
        return false;
    }
    in->ptr += from_end ? 0 : len;
    in->len -= len;
    return true;
}

enum bf_err bf_sshsig_rearmor(struct bf_buf *out, struct bf_bytes foreign,
                              struct bf_diag *diag)
{
    struct bf_bytes body = trim(foreign);
    struct bf_buf text = bf_buf(2 * BF_MAX_SIGNATURE);
    uint8_t *blob = NULL;
    size_t len = foreign.len;
    size_t i;
    enum bf_err err = BF_OK;

    if (foreign.len > 2 * BF_MAX_SIGNATURE) {
        return bf_fail(diag, BF_SIG_SIZE, "%zu bytes", foreign.len); /* [BF-210] */
    }
    if (!take(&body, "-----BEGIN SSH SIGNATURE-----", false) ||
        !take(&body, "-----END SSH SIGNATURE-----", true)) {
        return bf_fail(diag, BF_SIG_ARMOR,
                       "not one armored SSH signature"); /* [BF-211] */
    }
    for (i = 0; i < body.len; i++) {
        if (!is_blank(body.ptr[i])) {
            bf_put_u8(&text, body.ptr[i]);
        }
    }
    blob = malloc(len);
    if (blob == NULL || text.bad) {
        err = bf_fail(diag, BF_NO_MEMORY, "signature");
    } else if (text.len == 0 || !bf_unbase64(blob, &len, bf_buf_bytes(&text), true)) {
        err = bf_fail(diag, BF_SIG_ARMOR, "not canonical base64"); /* [BF-211] */
    } else {
        if (out->max == 0) {
            out->max = BF_MAX_SIGNATURE;
        }
        bf_sshsig_wrap(out, bf_view(blob, len));
        err = bf_buf_check(out, "signature", diag);
    }
    free(blob);
    bf_buf_clear(&text);
    return err;
}

/* What an agent or a fault in memory gives back is not believed: a bad Ed25519 signature
 * can give the key away. */
static enum bf_err check_own(const struct bf_signer *signer, struct bf_bytes armor,
                             const char *space, struct bf_bytes message,
                             struct bf_diag *diag)
{
    struct bf_sshsig *sig = malloc(sizeof(*sig));
    enum bf_err err;

    if (sig == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signature");
    }
    err = bf_sshsig_parse(sig, armor, diag);
    if (err == BF_OK && !bf_sshkey_equal(&sig->key, &signer->key)) {
        err = bf_fail(diag, BF_SIG_KEY_TYPE, "signed with another key");
    }
    if (err == BF_OK && signer->verify && (sig->flags & BF_SK_VERIFIED) == 0) {
        err = bf_fail(diag, BF_SIG_VERIFY, "flags 0x%02x", sig->flags); /* [BF-225] */
    }
    if (err == BF_OK) {
        err = bf_sshsig_verify(sig, space, message, diag);
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "the signature just made");
    }
    free(sig);
    return err;
}

static enum bf_err ask_for_field(struct bf_signer *signer, struct bf_buf *armor,
                                 const char *space, struct bf_bytes message,
                                 struct bf_diag *diag)
{
    struct bf_buf data = bf_buf(1024);
    struct bf_buf field = bf_buf(BF_MAX_SIGNATURE);
    enum bf_err err = bf_sshsig_data(&data, space, message, diag);

    if (err == BF_OK) {
        err = signer->sign(signer, &field, bf_buf_bytes(&data), diag);
    }
    if (err == BF_OK) {
        err = bf_buf_check(&field, "signature", diag);
    }
    if (err == BF_OK) {
        err = bf_sshsig_armor(armor, &signer->key, space, bf_buf_bytes(&field), diag);
    }
    bf_buf_clear(&field);
    bf_buf_clear(&data);
    return err;
}

enum bf_err bf_sign(struct bf_signer *signer, struct bf_buf *armor, const char *space,
                    struct bf_bytes message, struct bf_diag *diag)
{
    struct bf_buf made = bf_buf(BF_MAX_SIGNATURE);
    enum bf_err err = signer->armor != NULL
                          ? signer->armor(signer, &made, space, message, diag)
                          : ask_for_field(signer, &made, space, message, diag);

    if (err == BF_OK) {
        err = check_own(signer, bf_buf_bytes(&made), space, message, diag);
    }
    if (err == BF_OK) {
        if (armor->max == 0) {
            armor->max = BF_MAX_SIGNATURE;
        }
        bf_put_bytes(armor, bf_buf_bytes(&made));
        err = bf_buf_check(armor, "signature", diag);
    }
    bf_buf_clear(&made);
    return err;
}
