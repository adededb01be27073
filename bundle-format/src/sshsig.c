/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSHSIG (OpenSSH PROTOCOL.sshsig), read. Stock ssh-keygen forgives much here (any line
 * width, version 0, a reserved field, bytes after the end); we take only the bytes that
 * it writes itself.
 */
#include "bf/sshsig.h"

#include <stdio.h>
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

/*
 * Decodes the armor into blob, which has room for it, in place. Only the bytes that
 * OpenSSH writes for a blob pass: full lines, one last line, canonical base64.
 */
static bool unwrap(uint8_t *blob, size_t *len, struct bf_bytes armor)
{
    struct bf_reader r = bf_reader(armor);
    bool good = bf_bytes_is(bf_read_bytes(&r, BEGIN_LEN), begin_line);
    /* a rest shorter than END_LEN makes this more than there is */
    struct bf_bytes body = bf_read_bytes(&r, r.rest.len - END_LEN);
    size_t i, num = 0;

    good = good && bf_bytes_is(r.rest, end_line) && body.len % (COLUMNS + 1) != 1;
    for (i = 0; good && i < body.len; i++) {
        bool line_end = i % (COLUMNS + 1) == COLUMNS || i == body.len - 1;

        good = line_end == (body.ptr[i] == '\n');
        blob[num] = body.ptr[i];
        num += line_end ? 0 : 1;
    }
    *len = num;
    return good && bf_unbase64(blob, len, bf_view(blob, num), true);
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

/* Ed25519 and RSA as they come; of ecdsa r and s, each as long as a coordinate. */
static bool take_raw(struct bf_sshsig *out, struct bf_bytes raw)
{
    size_t half = out->key.raw_len / 2, i;
    struct bf_reader pair = bf_reader(raw);

    if (out->key.kind->curve[0] != '\0') {
        for (i = 1; i <= 2; i++) {
            struct bf_bytes part = bf_read_mpint(&pair, half);

            bf_copy(out->signature + i * half - part.len, part.ptr, part.len);
        }
        out->signature_len = 2 * half;
        return bf_reader_end(&pair);
    }
    out->signature_len = bf_sshkey_is_rsa(&out->key) ? out->key.raw_len : BF_ED25519_SIG;
    bf_copy(out->signature, raw.ptr, raw.len == out->signature_len ? raw.len : 0);
    return raw.len == out->signature_len;
}

static enum bf_err parse_signature(struct bf_sshsig *out, struct bf_bytes field,
                                   struct bf_diag *diag)
{
    const struct bf_key_kind *kind = out->key.kind;
    struct bf_reader r = bf_reader(field);
    struct bf_bytes type = bf_read_string(&r, field.len);
    struct bf_bytes raw = bf_read_string(&r, field.len);
    bool named = bf_bytes_is(type, kind->name);

    if (bf_sshkey_is_rsa(&out->key)) { /* never "ssh-rsa", which is SHA-1 */
        out->sha512 = bf_bytes_is(type, "rsa-sha2-512");
        named = out->sha512 || bf_bytes_is(type, "rsa-sha2-256");
    }
    if (!r.bad && !named) {
        return bf_fail(diag, BF_SIG_KEY_TYPE, "not that of its key"); /* [BF-217] */
    }
    if (kind->hardware) {
        out->flags = bf_read_u8(&r);
        out->counter = bf_read_u32(&r);
    }
    return bf_reader_end(&r) && take_raw(out, raw)
               ? BF_OK
               : bf_fail(diag, BF_SIG_BLOB, "signature field"); /* [BF-212] */
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
    struct bf_bytes signature = bf_read_string(&r, blob.len), type;
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
    err = bf_sshkey_from_blob(&out->key, key, diag);
    if (err != BF_OK) {
        type = bf_sshkey_type(key);
        return bf_fail(diag, err == BF_KEY_TYPE ? BF_SIG_KEY_TYPE : BF_SIG_BLOB,
                       "key of type %.*s", (int)type.len, /* [BF-217] [BF-212] */
                       (const char *)type.ptr);
    }
    return parse_signature(out, signature, diag);
}

enum bf_err bf_sshsig_parse(struct bf_sshsig *out, struct bf_bytes armor,
                            struct bf_diag *diag)
{
    size_t len;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if (armor.len > BF_MAX_SIGNATURE) {
        err = bf_fail(diag, BF_SIG_SIZE, "%zu bytes", armor.len); /* [BF-210] */
    } else if (!unwrap(out->blob, &len, armor)) {
        err = bf_fail(diag, BF_SIG_ARMOR, "not as OpenSSH writes it"); /* [BF-211] */
    } else {
        err = parse_blob(out, bf_view(out->blob, len), diag);
    }
    if (err != BF_OK) {
        memset(out, 0, sizeof(*out));
    }
    return err;
}

/* What a security key signs in place of data (PROTOCOL.u2f). */
static enum bf_err wrap_for_hardware(struct bf_buf *data, const struct bf_sshsig *sig)
{
    struct bf_bytes application = bf_text("ssh:"), all = bf_buf_bytes(data);
    uint8_t hashes[2][BF_SHA256];
    enum bf_err err = bf_sha256(hashes[0], &application, 1);

    if (err == BF_OK && (err = bf_sha256(hashes[1], &all, 1)) == BF_OK) {
        data->len = 0;
        bf_put(data, hashes[0], BF_SHA256);
        bf_put_u8(data, sig->flags);
        bf_put_u32(data, sig->counter);
        bf_put(data, hashes[1], BF_SHA256);
    }
    return err;
}

static bool fits(const struct bf_sshsig *sig, struct bf_bytes data)
{
    struct bf_bytes raw = bf_sshkey_raw(&sig->key);
    struct bf_bytes signature = bf_view(sig->signature, sig->signature_len);

    if (bf_sshkey_is_rsa(&sig->key)) {
        return bf_rsa_verify(raw, sig->key.exponent, sig->sha512, signature, data);
    }
    return sig->key.kind->curve[0] != '\0'
               ? bf_ecdsa_verify(raw, signature, data)
               : bf_ed25519_verify(raw.ptr, sig->signature, data);
}

enum bf_err bf_sshsig_verify(const struct bf_sshsig *sig, const char *space,
                             struct bf_bytes message, struct bf_diag *diag)
{
    struct bf_buf data = bf_buf(1024);
    bool hardware = sig->key.kind->hardware;
    enum bf_err err;

    if (strcmp(sig->space, space) != 0) {
        return bf_fail(diag, BF_SIG_NAMESPACE, "%s", sig->space); /* [BF-216] */
    }
    if (hardware && (sig->flags & (BF_SK_PRESENT | BF_SK_ATTESTED)) != BF_SK_PRESENT) {
        return bf_fail(diag, BF_SIG_FLAGS, "0x%02x", sig->flags); /* [BF-226] */
    }
    err = bf_sshsig_data(&data, space, message, diag);
    if (err == BF_OK && hardware) {
        err = wrap_for_hardware(&data, sig);
    }
    if (err == BF_OK && !fits(sig, bf_buf_bytes(&data))) {
        err = bf_fail(diag, BF_SIG_BAD, "%s", space); /* [BF-219] */
    }
    bf_buf_clear(&data);
    return err;
}
