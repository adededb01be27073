/* SPDX-License-Identifier: Apache-2.0 */
/* age v1, written: the other half of age.c. */
#include <stdlib.h>

#include "age_v1.h"

static const uint8_t zero_nonce[12] = {0};

static enum bf_err put_stanza(struct bf_buf *out, const uint8_t file_key[AGE_FILE_KEY],
                              const uint8_t recipient[BF_KEY], struct bf_diag *diag)
{
    uint8_t scalar[BF_KEY], share[BF_KEY], shared[BF_KEY], key[BF_KEY], body[AGE_BODY];
    enum bf_err err = BF_OK;

    bf_random(scalar, sizeof(scalar));
    bf_x25519_base(share, scalar);
    if (!bf_x25519(shared, scalar, recipient)) {
        err = bf_fail(diag, BF_AGE_RECIPIENT, "a point of low order"); /* [BF-901] */
        goto out;
    }
    bf_age_wrap_key(key, shared, share, recipient);
    if (!bf_aead_seal(body, key, zero_nonce, bf_view(file_key, AGE_FILE_KEY))) {
        err = bf_fail(diag, BF_CRYPTO, "age stanza");
        goto out;
    }
    bf_put_text(out, "-> X25519 ");
    bf_put_base64(out, bf_view(share, sizeof(share)), 0, false);
    bf_put_text(out, "\n");
    bf_put_base64(out, bf_view(body, sizeof(body)), 0, false);
    bf_put_text(out, "\n");
out:
    bf_wipe(scalar, sizeof(scalar));
    bf_wipe(shared, sizeof(shared));
    bf_wipe(key, sizeof(key));
    return err;
}

static enum bf_err put_payload(struct bf_buf *out, const uint8_t file_key[AGE_FILE_KEY],
                               struct bf_bytes plaintext, struct bf_diag *diag)
{
    uint8_t nonce[AGE_NONCE], chunk_nonce[12], key[BF_KEY];
    uint8_t *sealed = malloc(AGE_SEALED_CHUNK);
    size_t at = 0;
    uint64_t counter = 0;
    bool good = sealed != NULL, last = false;

    bf_random(nonce, sizeof(nonce));
    bf_put(out, nonce, sizeof(nonce));
    bf_age_payload_key(key, file_key, nonce);
    while (good && !last) { /* an empty plaintext is one empty chunk */
        size_t len = plaintext.len - at < AGE_CHUNK ? plaintext.len - at : AGE_CHUNK;

        last = at + len == plaintext.len;
        bf_age_chunk_nonce(chunk_nonce, counter++, last);
        good =
            bf_aead_seal(sealed, key, chunk_nonce,
                         bf_view(plaintext.ptr != NULL ? plaintext.ptr + at : NULL, len));
        bf_put(out, sealed, good ? len + BF_AEAD_TAG : 0);
        at += len;
    }
    bf_wipe(key, sizeof(key));
    free(sealed); /* ciphertext only */
    if (!good) {
        return bf_fail(diag, sealed == NULL ? BF_NO_MEMORY : BF_CRYPTO, "age payload");
    }
    return BF_OK;
}

enum bf_err bf_age_seal(struct bf_buf *out, struct bf_bytes plaintext,
                        const uint8_t (*recipients)[BF_KEY], size_t num,
                        struct bf_diag *diag)
{
    struct bf_buf header = bf_buf(BF_MAX_AGE_HEADER);
    uint8_t file_key[AGE_FILE_KEY], mac[BF_SHA256];
    enum bf_err err = BF_OK;
    size_t i;

    if (out->max == 0) {
        out->max = BF_MAX_SEALED;
    }
    if (num < 1 || num > BF_MAX_STANZAS) {
        return bf_fail(diag, BF_AGE_STANZA_COUNT, "%zu recipients", num); /* [BF-907] */
    }
    bf_random(file_key, sizeof(file_key));
    bf_put_text(&header, "age-encryption.org/v1\n");
    for (i = 0; i < num && err == BF_OK; i++) {
        err = put_stanza(&header, file_key, recipients[i], diag);
    }
    bf_put_text(&header, "---");
    if (err == BF_OK) {
        err = bf_buf_check(&header, "age header", diag);
    }
    if (err == BF_OK) {
        bf_age_header_mac(mac, file_key, bf_buf_bytes(&header));
        bf_put_bytes(out, bf_buf_bytes(&header));
        bf_put_u8(out, ' ');
        bf_put_base64(out, bf_view(mac, sizeof(mac)), 0, false);
        bf_put_u8(out, '\n');
        err = put_payload(out, file_key, plaintext, diag);
    }
    if (err == BF_OK) {
        err = bf_buf_check(out, "sealed file", diag);
    }
    bf_wipe(file_key, sizeof(file_key));
    bf_buf_clear(&header);
    return err;
}
