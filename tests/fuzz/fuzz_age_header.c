/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An age file, armored or not, for both readers; and the same bytes as the stanzas of a
 * header whose MAC is right and whose payload is good. Whatever the reader of sealed
 * files opens, the reader of all of age opens to the same.
 */
#include <string.h>

#include "age_v1.h"
#include "fuzz.h"

static const uint8_t identity[BF_KEY] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t file_key[AGE_FILE_KEY] = "YELLOW SUBMARIN";

enum { ROOM = 4096 };

static void both(struct bf_bytes in)
{
    uint8_t one[ROOM] = {0}, all[ROOM] = {0};
    size_t one_len = 0, all_len = 0;
    struct bf_diag diag = {0};
    enum bf_err err = bf_age_open(one, ROOM, &one_len, in, identity, 0, &diag);
    enum bf_err any = bf_age_open_any(all, ROOM, &all_len, in, identity, &diag);

    FUZZ_REFUSED(err);
    FUZZ_REFUSED(any);
    FUZZ_MUST(err != BF_OK || bf_age_looks_sealed(in));
    FUZZ_MUST(err != BF_OK || bf_seal_not_armored(in, &diag) == BF_OK);
    FUZZ_MUST(err != BF_OK || any == BF_OK);
    FUZZ_MUST(err != BF_OK || memcmp(one, all, ROOM) == 0);
    if (any != BF_OK) {
        size_t i;

        for (i = 0; i < ROOM; i++) {
            FUZZ_MUST(one[i] == 0 && all[i] == 0);
        }
    }
}

/* Version line, the stanzas given, a right MAC, an empty payload. */
static void with_mac(struct bf_bytes stanzas)
{
    static const uint8_t nonce[AGE_NONCE] = {5};
    uint8_t mac[BF_SHA256], key[BF_KEY], chunk_nonce[12], chunk[BF_AEAD_TAG];
    struct bf_buf b = bf_buf(1 << 20);

    bf_put_text(&b, AGE_VERSION_LINE "\n");
    bf_put_bytes(&b, stanzas);
    bf_put_text(&b, "---");
    bf_age_header_mac(mac, file_key, bf_buf_bytes(&b));
    bf_put_text(&b, " ");
    bf_put_base64(&b, bf_view(mac, sizeof(mac)), 0, false);
    bf_put_text(&b, "\n");
    bf_put(&b, nonce, sizeof(nonce));
    bf_age_payload_key(key, file_key, nonce);
    bf_age_chunk_nonce(chunk_nonce, 0, true);
    FUZZ_MUST(bf_aead_seal(chunk, key, chunk_nonce, bf_text("")));
    bf_put(&b, chunk, sizeof(chunk));
    if (!b.bad) {
        both(bf_buf_bytes(&b));
    }
    bf_buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > 3 && memcmp(data, "-> ", 3) == 0) {
        with_mac(bf_view(data, len));
    } else {
        both(bf_view(data, len));
    }
    return 0;
}
