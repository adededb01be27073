/* SPDX-License-Identifier: Apache-2.0 */
#include "sshparts.h"

#include <string.h>

#include "harness.h"

struct test_key test_key(uint8_t seed_byte)
{
    struct test_key k;
    uint8_t seed[BF_KEY], point[BF_KEY];

    memset(seed, seed_byte, sizeof(seed));
    bf_ed25519_public(point, k.secret, seed);
    bf_sshkey_from_point(&k.ssh, point);
    return k;
}

struct sig_parts sig_parts(const struct test_key *k, uint8_t sig[64])
{
    struct sig_parts p = {"SSHSIG",
                          1,
                          bf_view(k->ssh.blob, k->ssh.blob_len),
                          bf_text(sig_space),
                          bf_text(""),
                          bf_text("sha512"),
                          "ssh-ed25519",
                          bf_view(sig, 64),
                          "",
                          ""};
    struct bf_buf data = bf_buf(1024);
    struct bf_diag d = {0};

    T_OK(bf_sshsig_data(&data, sig_space, bf_text(sig_message), &d), &d);
    bf_ed25519_sign(sig, k->secret, bf_buf_bytes(&data));
    bf_buf_clear(&data);
    return p;
}

struct bf_buf sig_blob(const struct sig_parts *p)
{
    struct bf_buf out = bf_buf(65536), field = bf_buf(65536);

    bf_put_text(&out, p->magic);
    bf_put_u32(&out, p->version);
    bf_put_string(&out, p->key);
    bf_put_string(&out, p->space);
    bf_put_string(&out, p->reserved);
    bf_put_string(&out, p->hash);
    bf_put_string(&field, bf_text(p->sig_type));
    bf_put_string(&field, p->sig);
    bf_put_text(&field, p->after_sig);
    bf_put_string(&out, bf_buf_bytes(&field));
    bf_put_text(&out, p->after_all);
    bf_buf_clear(&field);
    return out;
}

enum bf_err sig_parse(struct bf_sshsig *sig, struct bf_bytes armor, struct bf_diag *d)
{
    uint8_t *exact = t_copy(armor);
    enum bf_err err = bf_sshsig_parse(sig, bf_view(exact, armor.len), d);

    if (err != BF_OK && (sig->key.blob_len != 0 || sig->space[0] != '\0')) {
        err = BF_INTERNAL; /* what was refused must leave nothing */
    }
    t_free(exact);
    return err;
}

struct bf_buf test_key_blob(const char *type, size_t type_len, size_t point_len,
                            const char *after)
{
    static const uint8_t point[4096];
    struct bf_buf b = bf_buf(8192);

    bf_put_string(&b, bf_view(type, type_len));
    bf_put_string(&b, bf_view(point, point_len));
    bf_put_text(&b, after);
    return b;
}

struct bf_buf sig_armor(void)
{
    struct test_key k = test_key(7);
    uint8_t raw[64];
    struct sig_parts p = sig_parts(&k, raw);
    struct bf_buf blob = sig_blob(&p), armor = bf_buf(65536);

    bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
    bf_buf_clear(&blob);
    return armor;
}

static enum bf_err hardware_signs(struct bf_signer *self, struct bf_buf *field,
                                  struct bf_bytes data, struct bf_diag *d)
{
    const struct test_hardware *h = self->ctx;
    struct bf_bytes application = bf_text("ssh:");
    struct bf_buf message = bf_buf(128);
    uint8_t hash[BF_SHA256], sig[64];

    (void)d;
    T_OK(bf_sha256(hash, &application, 1), NULL);
    bf_put(&message, hash, sizeof(hash));
    bf_put_u8(&message, h->flags);
    bf_put_u32(&message, h->counter);
    T_OK(bf_sha256(hash, &data, 1), NULL);
    bf_put(&message, hash, sizeof(hash));
    bf_ed25519_sign(sig, h->secret, bf_buf_bytes(&message));
    bf_put_string(field, bf_text("sk-ssh-ed25519@openssh.com"));
    bf_put_string(field, bf_view(sig, sizeof(sig)));
    bf_put_u8(field, h->flags);
    bf_put_u32(field, h->counter);
    bf_buf_clear(&message);
    return BF_OK;
}

void test_hardware(struct test_hardware *out, const uint8_t secret[64], uint8_t flags,
                   uint32_t counter)
{
    struct bf_buf blob = bf_buf(128);

    memset(out, 0, sizeof(*out));
    bf_put_string(&blob, bf_text("sk-ssh-ed25519@openssh.com"));
    bf_put_string(&blob, bf_view(secret + 32, BF_KEY));
    bf_put_string(&blob, bf_text("ssh:"));
    T_OK(bf_sshkey_from_blob(&out->signer.key, bf_buf_bytes(&blob), NULL), NULL);
    bf_buf_clear(&blob);
    out->signer.sign = hardware_signs;
    out->signer.ctx = out;
    out->secret = secret;
    out->flags = flags;
    out->counter = counter;
}
