/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "age_v1.h"
#include "harness.h"
#include "tool.h"

enum { CAP = 8 * 1024 * 1024 };

static const uint8_t identity[BF_KEY] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t stranger[BF_KEY] = {9, 8, 7, 6, 5, 4, 3, 2, 1};

/* Opens an exact-size copy; INTERNAL when something of a refused file is left in the
 * output. */
static enum bf_err open_exact(struct bf_buf *plain, struct bf_bytes in,
                              const uint8_t id[BF_KEY], size_t want, size_t cap,
                              struct bf_diag *d)
{
    uint8_t *exact = t_copy(in), *out = calloc(1, cap + 1);
    size_t len = 12345, i;
    enum bf_err err = bf_age_open(out, cap, &len, bf_view(exact, in.len), id, want, d);

    for (i = err == BF_OK ? len : 0; i <= cap; i++) {
        if (out[i] != 0) {
            err = BF_INTERNAL;
        }
    }
    if (err == BF_OK && plain != NULL) {
        bf_put(plain, out, len);
    } else if (err != BF_OK && len != 12345) {
        err = BF_INTERNAL;
    }
    free(out);
    t_free(exact);
    return err;
}

static void expect(struct bf_bytes in, enum bf_err want, unsigned line)
{
    struct bf_diag d = {0};

    t_err(__FILE__, line, open_exact(NULL, in, identity, 0, 4096, &d), want, &d);
}

static struct bf_buf sealed_to(struct bf_bytes plain, size_t num)
{
    struct bf_buf out = bf_buf(2 * CAP);
    struct bf_diag d = {0};
    uint8_t(*recipients)[BF_KEY] = calloc(num, BF_KEY);
    size_t i;

    for (i = 0; i < num; i++) { /* ours is the last */
        uint8_t scalar[BF_KEY] = {(uint8_t)i, 77};

        bf_x25519_base(recipients[i], i == num - 1 ? identity : scalar);
    }
    T_OK(bf_age_seal(&out, plain, (const uint8_t(*)[BF_KEY])recipients, num, &d), &d);
    free(recipients);
    return out;
}

static void good(void)
{
    struct bf_buf in = sealed_to(bf_text("hello"), 1), plain = bf_buf(4096);
    struct bf_diag d = {0};

    T_TRUE(bf_age_looks_sealed(bf_buf_bytes(&in)));
    T_TRUE(bf_age_looks_sealed(bf_text("age-encryption.org/v1")));
    T_TRUE(!bf_age_looks_sealed(bf_text("age-encryption.org/v")));
    T_TRUE(!bf_age_looks_sealed(bf_text("age-encryption.org/w1")));
    T_OK(open_exact(&plain, bf_buf_bytes(&in), identity, 1, 5, &d), &d);
    T_BYTES(bf_buf_bytes(&plain), bf_text("hello"));
    T_ERR(open_exact(NULL, bf_buf_bytes(&in), identity, 1, 4, &d), BF_AGE_SIZE, &d);
    T_ERR(open_exact(NULL, bf_buf_bytes(&in), identity, 2, 5, &d), BF_AGE_STANZA_COUNT,
          &d);
    T_ERR(open_exact(NULL, bf_buf_bytes(&in), stranger, 1, 5, &d), BF_AGE_NO_MATCH, &d);
    bf_buf_clear(&in);
    bf_buf_clear(&plain);
}

/* Plaintexts about the ends of chunks. */
static void lengths(void)
{
    static const size_t lens[] = {0,
                                  1,
                                  AGE_CHUNK - 1,
                                  AGE_CHUNK,
                                  AGE_CHUNK + 1,
                                  2 * AGE_CHUNK - 1,
                                  2 * AGE_CHUNK,
                                  2 * AGE_CHUNK + 1,
                                  4 * 1024 * 1024};
    size_t i, j;

    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct bf_buf plain = bf_buf(CAP), back = bf_buf(CAP), in;
        struct bf_diag d = {0};

        for (j = 0; j < lens[i]; j++) {
            bf_put_u8(&plain, (uint8_t)(j ^ j >> 8 ^ j >> 16));
        }
        in = sealed_to(bf_buf_bytes(&plain), 1);
        T_OK(open_exact(&back, bf_buf_bytes(&in), identity, 0, lens[i], &d), &d);
        T_BYTES(bf_buf_bytes(&back), bf_buf_bytes(&plain));
        if (lens[i] > 0) {
            T_ERR(open_exact(NULL, bf_buf_bytes(&in), identity, 0, lens[i] - 1, &d),
                  BF_AGE_SIZE, &d);
        }
        bf_buf_clear(&plain);
        bf_buf_clear(&back);
        bf_buf_clear(&in);
    }
}

static void recipients(void)
{
    static const uint8_t weak[1][BF_KEY] = {{0}};
    struct bf_buf out = bf_buf(4096);
    struct bf_diag d = {0};
    size_t num;

    for (num = 1; num <= 32; num += 31) {
        struct bf_buf in = sealed_to(bf_text("x"), num), plain = bf_buf(16);

        T_OK(open_exact(&plain, bf_buf_bytes(&in), identity, num, 16, &d), &d);
        T_BYTES(bf_buf_bytes(&plain), bf_text("x"));
        bf_buf_clear(&in);
        bf_buf_clear(&plain);
    }
    T_ERR(bf_age_seal(&out, bf_text("x"), weak, 0, &d), BF_AGE_STANZA_COUNT, &d);
    T_ERR(bf_age_seal(&out, bf_text("x"), weak, 33, &d), BF_AGE_STANZA_COUNT, &d);
    T_ERR(bf_age_seal(&out, bf_text("x"), weak, 1, &d), BF_AGE_RECIPIENT, &d);
    T_INT(out.len, 0);
    bf_buf_clear(&out);
    out = bf_buf(150);
    {
        uint8_t point[1][BF_KEY];

        bf_x25519_base(point[0], identity);
        T_ERR(bf_age_seal(&out, bf_text("x"), (const uint8_t(*)[BF_KEY])point, 1, &d),
              BF_TOO_LARGE, &d);
    }
    bf_buf_clear(&out);
}

/* The file key, the share and the nonce are new each time. */
static void fresh(void)
{
    struct bf_buf a = sealed_to(bf_text("same"), 1), b = sealed_to(bf_text("same"), 1);
    size_t i, same = 0;

    T_INT(a.len, b.len);
    for (i = a.len - 36; i < a.len; i++) {
        same += a.ptr[i] == b.ptr[i] ? 1 : 0;
    }
    T_TRUE(same < 10);
    T_TRUE(memcmp(a.ptr + 32, b.ptr + 32, 43) != 0);
    bf_buf_clear(&a);
    bf_buf_clear(&b);
}

static void bits_and_cuts(void)
{
    struct bf_buf in = sealed_to(bf_text("hello"), 1);
    size_t header = in.len - 16 - 5 - 16, i, accepted = 0, wrong = 0, internal = 0;
    struct bf_diag d = {0};

    for (i = 0; i < 8 * in.len; i++) {
        enum bf_err err;

        in.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
        err = open_exact(NULL, bf_buf_bytes(&in), identity, 0, 64, &d);
        accepted += err == BF_OK ? 1 : 0;
        internal += bf_err_exit(err) != BF_EXIT_REFUSED ? 1 : 0;
        wrong += (err == BF_AGE_PAYLOAD) != (i / 8 >= header) ? 1 : 0;
        in.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    for (i = 0; i < in.len; i++) {
        enum bf_err err = open_exact(NULL, bf_view(in.ptr, i), identity, 0, 64, &d);

        accepted += err == BF_OK ? 1 : 0;
        internal += bf_err_exit(err) != BF_EXIT_REFUSED ? 1 : 0;
        wrong += err != (i >= header + AGE_NONCE ? BF_AGE_PAYLOAD : err) ? 1 : 0;
        wrong += i >= header && i < header + AGE_NONCE && err != BF_AGE_HEADER ? 1 : 0;
        wrong += i < header && err == BF_AGE_PAYLOAD ? 1 : 0;
    }
    T_INT(accepted, 0);
    T_INT(wrong, 0);
    T_INT(internal, 0);
    T_OK(open_exact(NULL, bf_buf_bytes(&in), identity, 0, 64, &d), &d);
    bf_put_u8(&in, 0);
    expect(bf_buf_bytes(&in), BF_AGE_PAYLOAD, __LINE__);
    bf_buf_clear(&in);
}

/* ---- headers put together by hand ---- */

static const uint8_t file_key[AGE_FILE_KEY] = "YELLOW SUBMARIN";

/* A good stanza for our identity. */
static void put_stanza(struct bf_buf *out)
{
    static const uint8_t ephemeral[BF_KEY] = {42};
    static const uint8_t zero[12] = {0};
    uint8_t share[BF_KEY], point[BF_KEY], shared[BF_KEY], key[BF_KEY], body[AGE_BODY];

    bf_x25519_base(share, ephemeral);
    bf_x25519_base(point, identity);
    T_TRUE(bf_x25519(shared, ephemeral, point));
    bf_age_wrap_key(key, shared, share, point);
    T_TRUE(bf_aead_seal(body, key, zero, bf_view(file_key, AGE_FILE_KEY)));
    bf_put_text(out, "-> X25519 ");
    bf_put_base64(out, bf_view(share, BF_KEY), 0, false);
    bf_put_text(out, "\n");
    bf_put_base64(out, bf_view(body, AGE_BODY), 0, false);
    bf_put_text(out, "\n");
}

/* The right MAC over what stands there, then footer and an empty payload. */
static void finish(struct bf_buf *out)
{
    static const uint8_t nonce[AGE_NONCE] = {5};
    uint8_t mac[BF_SHA256], key[BF_KEY], chunk_nonce[12], chunk[BF_AEAD_TAG];

    bf_put_text(out, "---");
    bf_age_header_mac(mac, file_key, bf_buf_bytes(out));
    bf_put_text(out, " ");
    bf_put_base64(out, bf_view(mac, sizeof(mac)), 0, false);
    bf_put_text(out, "\n");
    bf_put(out, nonce, sizeof(nonce));
    bf_age_payload_key(key, file_key, nonce);
    bf_age_chunk_nonce(chunk_nonce, 0, true);
    T_TRUE(bf_aead_seal(chunk, key, chunk_nonce, bf_text("")));
    bf_put(out, chunk, sizeof(chunk));
}

#define VERSION "age-encryption.org/v1\n"
#define SHARE "TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc"

/* Texts before and after a good stanza, all with a right MAC: only the form is wrong. */
static void header_forms(void)
{
    static const struct {
        const char *before, *after;
        enum bf_err want;
    } cases[] = {
        {VERSION, "", BF_OK},
        {"age-encryption.org/v2\n", "", BF_AGE_VERSION},
        {"age-encryption.org/v1\r\n", "", BF_AGE_VERSION},
        {"age-encryption.org/v1 \n", "", BF_AGE_VERSION},
        {"age-encryption.org/v10\n", "", BF_AGE_VERSION},
        {"\n" VERSION, "", BF_AGE_VERSION},
        {"", "", BF_AGE_VERSION},
        {VERSION "\n", "", BF_AGE_HEADER},
        {VERSION, "\n", BF_AGE_HEADER},
        {VERSION, "x\n", BF_AGE_HEADER},
        {VERSION, "->\n", BF_AGE_HEADER},
        {VERSION, "-> scrypt bBjlhJVYZeE4aqUdmtRHfw 10\n" SHARE "\n", BF_AGE_STANZA_TYPE},
        {VERSION "-> ssh-ed25519 BjH7FA " SHARE "\n" SHARE "\n", "", BF_AGE_STANZA_TYPE},
        {VERSION "-> ssh-rsa mhir0Q\n" SHARE "\n", "", BF_AGE_STANZA_TYPE},
        {VERSION "-> QUUx-grease \n\n", "", BF_AGE_STANZA_TYPE},
        {VERSION "-> x25519 " SHARE "\n" SHARE "\n", "", BF_AGE_STANZA_TYPE},
        {VERSION "-> X25519x " SHARE "\n" SHARE "\n", "", BF_AGE_STANZA_TYPE},
        {VERSION "->  X25519 " SHARE "\n" SHARE "\n", "", BF_AGE_STANZA_TYPE},
        {VERSION "-> X25519\n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 \n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519  " SHARE "\n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE " \n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE " x\n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "=\n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\r\n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\n" SHARE "\r\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\n" SHARE "=\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\n\n" SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\n" SHARE SHARE "\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\n" SHARE "AA\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\nAAAA\n", "", BF_AGE_STANZA},
        {VERSION "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCd\n" SHARE "\n", "",
         BF_AGE_STANZA},
        {VERSION "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" SHARE "\n", "",
         BF_AGE_STANZA},
        {VERSION "-> X25519 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" SHARE "\n", "",
         BF_AGE_STANZA},
        {VERSION "-> X25519 " SHARE "\n" SHARE "\n", "",
         BF_OK}, /* another's stanza before ours */
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_buf b = bf_buf(65536);

        bf_put_text(&b, cases[i].before);
        put_stanza(&b);
        bf_put_text(&b, cases[i].after);
        finish(&b);
        expect(bf_buf_bytes(&b), cases[i].want, (unsigned)(1000 + i));
        bf_buf_clear(&b);
    }
}

static void stanza_counts(void)
{
    size_t num, i;

    for (num = 0; num <= 33; num++) {
        struct bf_buf b = bf_buf(65536);

        bf_put_text(&b, VERSION);
        for (i = 0; i < num; i++) {
            put_stanza(&b);
        }
        finish(&b);
        expect(bf_buf_bytes(&b), num == 0 || num > 32 ? BF_AGE_STANZA_COUNT : BF_OK,
               __LINE__);
        bf_buf_clear(&b);
    }
}

/* A file whose first line never ends, or whose stanza line does not. */
static void long_lines(void)
{
    struct bf_buf b = bf_buf(1024 * 1024);
    size_t i;

    for (i = 0; i < 500000; i++) {
        bf_put_u8(&b, 'a');
    }
    expect(bf_buf_bytes(&b), BF_AGE_VERSION, __LINE__);
    bf_buf_clear(&b);
    bf_put_text(&b, VERSION "-> X25519 ");
    for (i = 0; i < 500000; i++) {
        bf_put_u8(&b, 'a');
    }
    expect(bf_buf_bytes(&b), BF_AGE_HEADER, __LINE__);
    bf_buf_clear(&b);
}

static void wrong_mac(void)
{
    struct bf_buf b = bf_buf(65536);
    size_t at;

    bf_put_text(&b, VERSION);
    put_stanza(&b);
    finish(&b);
    at = b.len - AGE_NONCE - BF_AEAD_TAG - 1 - 43;
    b.ptr[at] = b.ptr[at] == 'A' ? 'B' : 'A';
    expect(bf_buf_bytes(&b), BF_AGE_MAC, __LINE__);
    b.ptr[at - 1] = '\t';
    expect(bf_buf_bytes(&b), BF_AGE_HEADER, __LINE__);
    bf_buf_clear(&b);
}

/* ---- payloads put together by hand ---- */

struct chunk {
    size_t len;
    uint64_t counter;
    bool last;
};

static struct bf_buf payload_of(const struct chunk *chunks, size_t num, size_t cut)
{
    struct bf_buf b = bf_buf(1024 * 1024);
    uint8_t nonce[12], key[BF_KEY], *plain = calloc(1, AGE_CHUNK + 1),
                                    *sealed = malloc(AGE_SEALED_CHUNK + 1);
    size_t i;

    bf_put_text(&b, VERSION);
    put_stanza(&b);
    finish(&b);
    b.len -= BF_AEAD_TAG; /* the chunk that finish() made */
    bf_age_payload_key(key, file_key, b.ptr + b.len - AGE_NONCE);
    for (i = 0; i < num; i++) {
        bf_age_chunk_nonce(nonce, chunks[i].counter, chunks[i].last);
        memset(plain, 'p', chunks[i].len);
        T_TRUE(bf_aead_seal(sealed, key, nonce, bf_view(plain, chunks[i].len)));
        bf_put(&b, sealed, chunks[i].len + BF_AEAD_TAG);
    }
    b.len -= cut;
    free(plain);
    free(sealed);
    return b;
}

static const struct {
    size_t num, cut;
    struct chunk chunks[3];
    enum bf_err want;
} payload_cases[] = {
    {1, 0, {{0, 0, true}}, BF_OK},
    {1, 0, {{0, 0, false}}, BF_AGE_PAYLOAD},
    {1, 0, {{9, 0, false}}, BF_AGE_PAYLOAD},
    {1, 0, {{9, 1, true}}, BF_AGE_PAYLOAD},
    {0, 0, {{0, 0, false}}, BF_AGE_PAYLOAD},
    {0, 1, {{0, 0, false}}, BF_AGE_HEADER}, /* within the nonce */
    {1, 1, {{0, 0, true}}, BF_AGE_PAYLOAD},
    {1, 0, {{AGE_CHUNK, 0, true}}, BF_OK},
    {1, 0, {{AGE_CHUNK, 0, false}}, BF_AGE_PAYLOAD},
    {2, 0, {{AGE_CHUNK, 0, false}, {1, 1, true}}, BF_OK},
    {2,
     0,
     {{AGE_CHUNK, 0, false}, {0, 1, true}},
     BF_AGE_PAYLOAD}, /* an empty last chunk */
    {2, 0, {{AGE_CHUNK, 0, true}, {0, 1, true}}, BF_AGE_PAYLOAD},
    {2, 0, {{AGE_CHUNK, 0, true}, {1, 1, true}}, BF_AGE_PAYLOAD}, /* two last chunks */
    {2, 0, {{AGE_CHUNK, 0, false}, {1, 1, false}}, BF_AGE_PAYLOAD},
    {2, 0, {{AGE_CHUNK, 0, false}, {1, 0, true}}, BF_AGE_PAYLOAD}, /* a counter twice */
    {2, 0, {{AGE_CHUNK, 0, false}, {1, 2, true}}, BF_AGE_PAYLOAD}, /* one left out */
    {2, 2, {{AGE_CHUNK, 0, false}, {1, 1, true}}, BF_AGE_PAYLOAD},
    {2, 16, {{AGE_CHUNK, 0, false}, {1, 1, true}}, BF_AGE_PAYLOAD},
    {2,
     17,
     {{AGE_CHUNK, 0, false}, {1, 1, true}},
     BF_AGE_PAYLOAD}, /* cut after a good chunk */
    {2,
     0,
     {{100, 0, false}, {100, 1, true}},
     BF_AGE_PAYLOAD}, /* a short chunk before the last */
    {3, 0, {{AGE_CHUNK, 0, false}, {AGE_CHUNK, 1, false}, {AGE_CHUNK, 2, true}}, BF_OK},
    {3,
     0,
     {{AGE_CHUNK, 1, false}, {AGE_CHUNK, 0, false}, {AGE_CHUNK, 2, true}},
     BF_AGE_PAYLOAD},
    {3,
     0,
     {{AGE_CHUNK, 0, false}, {AGE_CHUNK, 1, true}, {AGE_CHUNK, 2, true}},
     BF_AGE_PAYLOAD},
};

static void payloads(void)
{
    struct bf_diag d = {0};
    size_t i;

    for (i = 0; i < sizeof(payload_cases) / sizeof(payload_cases[0]); i++) {
        struct bf_buf b = payload_of(payload_cases[i].chunks, payload_cases[i].num,
                                     payload_cases[i].cut);

        t_err(__FILE__, (unsigned)(2000 + i),
              open_exact(NULL, bf_buf_bytes(&b), identity, 1, 3 * AGE_CHUNK, &d),
              payload_cases[i].want, &d);
        bf_buf_clear(&b);
    }
}

/* Counter in the last of eleven bytes first; the mark behind. */
static void chunk_nonces(void)
{
    static const uint8_t want[12] = {0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1};
    uint8_t nonce[12];

    bf_age_chunk_nonce(nonce, 0x0102030405060708, true);
    T_BYTES(bf_view(nonce, 12), bf_view(want, 12));
    bf_age_chunk_nonce(nonce, 1, false);
    T_TRUE(nonce[10] == 1 && nonce[11] == 0);
}

T_CASES("age", {"good", good}, {"lengths", lengths}, {"recipients", recipients},
        {"fresh keys", fresh}, {"every bit and truncation", bits_and_cuts},
        {"forms of the header", header_forms}, {"stanza counts", stanza_counts},
        {"long lines", long_lines}, {"wrong MAC", wrong_mac}, {"payloads", payloads},
        {"chunk nonces", chunk_nonces});
