/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payload of an age file with a good header. First byte even: the rest is the payload
 * as it stands. Odd: the rest says which chunks are sealed, three bytes each (length,
 * counter, last), and only the one right order of them opens.
 */
#include <string.h>

#include "age_v1.h"
#include "fuzz.h"

static const uint8_t file_key[AGE_FILE_KEY] = "YELLOW SUBMARIN";
static const uint8_t nonce[AGE_NONCE] = {5};

enum { MOST = 4, ROOM = MOST * AGE_CHUNK };

static struct age_header header;
static uint8_t identity[BF_KEY] = {1};

/* One good stanza and the MAC of no bytes. */
static void make_header(void)
{
    static const uint8_t ephemeral[BF_KEY] = {42}, zero[12] = {0};
    uint8_t point[BF_KEY], shared[BF_KEY], key[BF_KEY];
    struct age_stanza *s = &header.stanzas[0];

    bf_x25519_base(s->share, ephemeral);
    bf_x25519_base(point, identity);
    FUZZ_MUST(bf_x25519(shared, ephemeral, point));
    bf_age_wrap_key(key, shared, s->share, point);
    FUZZ_MUST(bf_aead_seal(s->body, key, zero, bf_view(file_key, AGE_FILE_KEY)));
    header.num = 1;
    header.maced = bf_text("");
    bf_age_header_mac(header.mac, file_key, header.maced);
}

static enum bf_err open_payload(struct bf_bytes payload, size_t *len)
{
    static uint8_t out[ROOM];
    struct bf_diag diag = {0};
    enum bf_err err;
    size_t i;

    memset(out, 0, sizeof(out));
    header.payload = payload;
    err = bf_age_open_header(out, ROOM, len, &header, identity, &diag);
    FUZZ_REFUSED(err);
    for (i = err == BF_OK ? *len : 0; i < ROOM; i++) {
        FUZZ_MUST(out[i] == 0);
    }
    return err;
}

/* Lengths about the ends of chunks, from one byte. */
static size_t chunk_length(uint8_t v)
{
    return v < 250 ? v : (size_t)AGE_CHUNK - 254 + v; /* 255: one more than a chunk */
}

static void sealed_chunks(const uint8_t *data, size_t len)
{
    static uint8_t plain[AGE_CHUNK + 1], sealed[AGE_CHUNK + 1 + BF_AEAD_TAG];
    struct bf_buf b = bf_buf(2 * ROOM);
    size_t num = len / 3 < MOST ? len / 3 : MOST, i, total = 0, got = 0;
    uint8_t key[BF_KEY], at[12];
    bool right = num > 0;

    bf_put(&b, nonce, sizeof(nonce));
    bf_age_payload_key(key, file_key, nonce);
    for (i = 0; i < num; i++) {
        const uint8_t *say = data + 3 * i;
        size_t size = chunk_length(say[0]);
        bool last = say[2] % 2 == 1, end = i + 1 == num;

        bf_age_chunk_nonce(at, say[1], last);
        FUZZ_MUST(bf_aead_seal(sealed, key, at, bf_view(plain, size)));
        bf_put(&b, sealed, size + BF_AEAD_TAG);
        right = right && say[1] == i && last == end &&
                (end ? size <= AGE_CHUNK && (size > 0 || num == 1) : size == AGE_CHUNK);
        total += size;
    }
    FUZZ_MUST(!b.bad);
    FUZZ_MUST((open_payload(bf_buf_bytes(&b), &got) == BF_OK) == right);
    FUZZ_MUST(!right || got == total);
    bf_buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t got = 0;

    if (header.num == 0) {
        make_header();
    }
    if (len > 0 && data[0] % 2 == 1) {
        sealed_chunks(data + 1, len - 1);
    } else if (len > AGE_NONCE) {
        (void)open_payload(bf_view(data + 1, len - 1), &got);
    }
    return 0;
}
