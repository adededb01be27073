/* SPDX-License-Identifier: Apache-2.0 */
/* age files of others: CCTV's vectors, and the stock age program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/age.h"
#include "harness.h"
#include "tool.h"

enum { BIG = 24 * 1024 * 1024 };

/*
 * What age says of each vector that needs neither a passphrase nor a hybrid key, by what
 * id the reader of all of age says the same, and what the reader of sealed files says
 * where that is another (0: the same): its profile (SPEC section 9) is narrower.
 */
static const struct {
    const char *name, *expect;
    enum bf_err any, sealed;
} vectors[] = {
    {"empty", "header failure", BF_AGE_VERSION, 0},
    {"header_crlf", "header failure", BF_AGE_VERSION, 0},
    {"version_unsupported", "header failure", BF_AGE_VERSION, 0},
    {"hmac_bad", "HMAC failure", BF_AGE_MAC, 0},
    {"hmac_extra_space", "header failure", BF_AGE_HEADER, 0},
    {"hmac_garbage", "header failure", BF_AGE_HEADER, 0},
    {"hmac_missing", "header failure", BF_AGE_HEADER, 0},
    {"hmac_no_space", "header failure", BF_AGE_HEADER, 0},
    {"hmac_not_canonical", "header failure", BF_AGE_HEADER, 0},
    {"hmac_trailing_space", "header failure", BF_AGE_HEADER, 0},
    {"hmac_truncated", "header failure", BF_AGE_HEADER, 0},
    {"scrypt_and_x25519", "header failure", BF_AGE_HEADER, BF_AGE_STANZA_TYPE},
    {"stanza_bad_start", "header failure", BF_AGE_HEADER, 0},
    {"stanza_base64_padding", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_empty_argument", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_empty_body", "success", BF_OK, BF_AGE_STANZA_TYPE},
    {"stanza_empty_last_line", "success", BF_OK, BF_AGE_STANZA_TYPE},
    {"stanza_invalid_character", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_long_line", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_missing_body", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_missing_final_line", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_multiple_short_lines", "header failure", BF_AGE_HEADER, BF_AGE_STANZA_TYPE},
    {"stanza_no_arguments", "header failure", BF_AGE_HEADER, 0},
    {"stanza_not_canonical", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_spurious_cr", "header failure", BF_AGE_STANZA, BF_AGE_STANZA_TYPE},
    {"stanza_valid_characters", "success", BF_OK, BF_AGE_STANZA_TYPE},
    {"stream_257_chunks", "success", BF_OK, 0},
    {"stream_257_chunks_full", "success", BF_OK, 0},
    {"stream_258_chunks", "success", BF_OK, 0},
    {"stream_bad_tag", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_bad_tag_second_chunk", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_bad_tag_second_chunk_full", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_empty_payload", "success", BF_OK, 0},
    {"stream_last_chunk_empty", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_last_chunk_full", "success", BF_OK, 0},
    {"stream_last_chunk_full_second", "success", BF_OK, 0},
    {"stream_missing_tag", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_no_chunks", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_no_final", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_no_final_full", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_no_final_two_chunks", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_no_final_two_chunks_full", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_no_nonce", "header failure", BF_AGE_HEADER, 0},
    {"stream_short_chunk", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_short_nonce", "header failure", BF_AGE_HEADER, 0},
    {"stream_short_second_chunk", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_three_chunks", "success", BF_OK, 0},
    {"stream_trailing_garbage_long", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_trailing_garbage_short", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_two_chunks", "success", BF_OK, 0},
    {"stream_two_final_chunks", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_two_final_chunks_full", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_two_final_chunks_second", "payload failure", BF_AGE_PAYLOAD, 0},
    {"stream_two_final_chunks_short", "payload failure", BF_AGE_PAYLOAD, 0},
    {"x25519", "success", BF_OK, 0},
    {"x25519_bad_tag", "no match", BF_AGE_NO_MATCH, 0},
    {"x25519_extra_argument", "header failure", BF_AGE_STANZA, 0},
    {"x25519_grease", "success", BF_OK, BF_AGE_STANZA_TYPE},
    {"x25519_identity", "header failure", BF_AGE_STANZA, 0},
    {"x25519_long_file_key", "header failure", BF_AGE_STANZA, 0},
    {"x25519_long_share", "header failure", BF_AGE_STANZA, 0},
    {"x25519_low_order", "header failure", BF_AGE_STANZA, 0},
    {"x25519_lowercase", "no match", BF_AGE_NO_MATCH, BF_AGE_STANZA_TYPE},
    {"x25519_multiple_recipients", "success", BF_OK, 0},
    {"x25519_no_match", "no match", BF_AGE_NO_MATCH, 0},
    {"x25519_not_canonical_body", "header failure", BF_AGE_STANZA, 0},
    {"x25519_not_canonical_share", "header failure", BF_AGE_STANZA, 0},
    {"x25519_short_share", "header failure", BF_AGE_STANZA, 0},
    {"armor_crlf", "success", BF_OK, BF_AGE_VERSION},
    {"armor_empty", "header failure", BF_AGE_VERSION, BF_AGE_VERSION},
    {"armor_empty_last_line", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_empty_line_begin", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_empty_line_end", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_eol_between_padding", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_full_last_line", "success", BF_OK, BF_AGE_VERSION},
    {"armor_garbage_encoded", "payload failure", BF_AGE_PAYLOAD, BF_AGE_VERSION},
    {"armor_garbage_leading", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_garbage_trailing", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_header_crlf", "header failure", BF_AGE_VERSION, BF_AGE_VERSION},
    {"armor_headers", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_invalid_character_header", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_invalid_character_payload", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_long_line", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_lowercase", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_no_end_line", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_no_eol", "success", BF_OK, BF_AGE_VERSION},
    {"armor_no_match", "no match", BF_AGE_NO_MATCH, BF_AGE_VERSION},
    {"armor_no_padding", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_not_canonical", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_pgp_checksum", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_short_line", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_whitespace_begin", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_whitespace_end", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_whitespace_eol", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_whitespace_last_line", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_whitespace_line_start", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_whitespace_outside", "success", BF_OK, BF_AGE_VERSION},
    {"armor_wrong_type", "armor failure", BF_AGE_ARMOR, BF_AGE_VERSION},
    {"armor_x25519", "success", BF_OK, BF_AGE_VERSION},
};

/* The class of failure that an id belongs to. */
static const struct {
    enum bf_err err;
    const char *expect;
} classes[] = {
    {BF_OK, "success"},
    {BF_AGE_ARMOR, "armor failure"},
    {BF_AGE_VERSION, "header failure"},
    {BF_AGE_HEADER, "header failure"},
    {BF_AGE_STANZA, "header failure"},
    {BF_AGE_STANZA_COUNT, "header failure"},
    {BF_AGE_NO_MATCH, "no match"},
    {BF_AGE_MAC, "HMAC failure"},
    {BF_AGE_PAYLOAD, "payload failure"},
};

static const char *class_of(enum bf_err err)
{
    size_t i;

    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (classes[i].err == err) {
            return classes[i].expect;
        }
    }
    return bf_err_id(err);
}

/* The value of "key: value" in the head of a vector; empty when it is not there. */
static struct bf_bytes head_value(struct bf_bytes file, const char *key)
{
    struct bf_reader r = bf_reader(file);
    size_t len = strlen(key);

    for (;;) {
        struct bf_bytes line = bf_read_line(&r, 4096);

        if (r.bad || line.len == 0) {
            return bf_view("", 0);
        }
        if (line.len > len + 2 && memcmp(line.ptr, key, len) == 0 &&
            memcmp(line.ptr + len, ": ", 2) == 0) {
            return bf_view(line.ptr + len + 2, line.len - len - 2);
        }
    }
}

/* A zlib stream by stock gzip, which gives all out before it misses its own checksum. */
static void inflate_zlib(struct bf_buf *out, struct bf_bytes in)
{
    static const uint8_t gzip_head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static const uint8_t no_sum[8] = {0};
    const char *argv[] = {"gzip", "-dc", NULL};
    struct bf_buf gz = bf_buf(BIG);

    bf_put(&gz, gzip_head, sizeof(gzip_head));
    bf_put(&gz, in.ptr + 2, in.len - 6);
    bf_put(&gz, no_sum, sizeof(no_sum));
    (void)tool_run(argv, bf_buf_bytes(&gz), out);
    bf_buf_clear(&gz);
}

struct vector {
    const char *name;
    struct bf_buf in;
    uint8_t id[BF_KEY];
    struct bf_bytes hash;
    bool armored;
    uint8_t *out; /* BIG bytes, zero */
};

/* The armor is asked for, as the vectors have it, where they say that it is there. */
static enum bf_err open_any(struct vector *v, size_t *len, struct bf_diag *d)
{
    struct bf_buf binary = bf_buf(BIG);
    enum bf_err err;

    if (!v->armored) {
        return bf_age_open_any(v->out, BIG, len, bf_buf_bytes(&v->in), v->id, d);
    }
    err = bf_age_dearmor(&binary, bf_buf_bytes(&v->in), d);
    if (err == BF_OK) {
        err = bf_age_open_any(v->out, BIG, len, bf_buf_bytes(&binary), v->id, d);
    }
    bf_buf_clear(&binary);
    if (bf_age_looks_armored(bf_buf_bytes(&v->in))) { /* what is told by itself, too */
        T_ERR(bf_age_open_any(v->out, BIG, len, bf_buf_bytes(&v->in), v->id, d), err, d);
        T_ERR(bf_seal_not_armored(bf_buf_bytes(&v->in), d), BF_SEAL_ARMOR, d);
    } else {
        T_INT(err, BF_AGE_ARMOR);
    }
    return err;
}

static void run(struct vector *v, bool any, enum bf_err want)
{
    size_t len = 0, i, left = 0;
    char got[2 * BF_SHA256 + 1], note[100];
    struct bf_diag d = {0};
    enum bf_err err =
        any ? open_any(v, &len, &d)
            : bf_age_open(v->out, BIG, &len, bf_buf_bytes(&v->in), v->id, 0, &d);

    snprintf(note, sizeof(note), "%s, %s: %s, want %s", v->name, any ? "any" : "sealed",
             bf_err_id(err), bf_err_id(want));
    t_true(__FILE__, __LINE__, err == want, note);
    if (err == BF_OK) {
        T_OK(bf_sha256_hex(got, bf_view(v->out, len)), &d);
        T_BYTES(v->hash, bf_text(got));
        memset(v->out, 0, len);
    }
    /* nothing of what failed is given out, also where age has given out chunks before */
    for (i = 0; i < BIG; i++) {
        left += v->out[i] != 0 ? 1 : 0;
    }
    T_INT(left, 0);
}

static void run_vector(struct bf_bytes file, size_t i, uint8_t *out)
{
    struct bf_bytes id_text = head_value(file, "identity");
    const uint8_t *body = memmem(file.ptr, file.len, "\n\n", 2);
    struct vector v = {.name = vectors[i].name,
                       .in = bf_buf(BIG),
                       .id = {1},
                       .hash = head_value(file, "payload"),
                       .armored = head_value(file, "armored").len > 0,
                       .out = out};
    enum bf_err sealed = vectors[i].sealed != BF_OK ? vectors[i].sealed : vectors[i].any;
    struct bf_diag d = {0};

    body += 2;
    if (head_value(file, "compressed").len > 0) {
        inflate_zlib(&v.in, bf_view(body, file.len - (size_t)(body - file.ptr)));
    } else {
        bf_put(&v.in, body, file.len - (size_t)(body - file.ptr));
    }
    if (id_text.len > 0) {
        T_OK(bf_age_identity_parse(v.id, id_text, &d), &d);
    }
    T_BYTES(head_value(file, "expect"), bf_text(vectors[i].expect));
    T_TEXT(class_of(vectors[i].any), vectors[i].expect);
    run(&v, true, vectors[i].any);
    run(&v, false, sealed);
    bf_buf_clear(&v.in);
}

static void cctv(void)
{
    uint8_t *out = calloc(1, BIG);
    size_t i;

    T_TRUE(out != NULL);
    if (access(TEST_SHARED "/vectors/cctv-age/x25519", R_OK) != 0) {
        t_skip("CCTV's age vectors");
        free(out);
        return;
    }
    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char path[400];
        struct bf_buf file;

        snprintf(path, sizeof(path), TEST_SHARED "/vectors/cctv-age/%s", vectors[i].name);
        file = tool_read(path);
        run_vector(bf_buf_bytes(&file), i, out);
        bf_buf_clear(&file);
    }
    free(out);
    T_INT(i, 99); /* 98, and the one of a passphrase beside X25519 */
    printf("%zu vectors run\n", i);
}

static void age_opens_ours(void)
{
    static const size_t lens[] = {0, 1, 65535, 65536, 65537, 131072, 300000};
    uint8_t scalar[BF_KEY], recipients[2][BF_KEY];
    char text[BF_IDENTITY_TEXT];
    size_t i, j;

    T_TRUE(true);
    if (!tool_there("age")) {
        return;
    }
    bf_random(scalar, sizeof(scalar));
    bf_age_identity_write(text, scalar);
    bf_x25519_base(recipients[1], scalar);
    scalar[0] ^= 0x80;
    bf_x25519_base(recipients[0], scalar);
    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        const char *key = tool_file("identity", bf_text(text));
        const char *open[] = {"age", "-d", "-i", key, NULL};
        struct bf_buf plain = bf_buf(BIG), sealed = {0}, back = bf_buf(BIG);
        struct bf_diag d = {0};

        for (j = 0; j < lens[i]; j++) {
            bf_put_u8(&plain, (uint8_t)(j ^ j >> 8));
        }
        T_OK(bf_age_seal(&sealed, bf_buf_bytes(&plain),
                         (const uint8_t(*)[BF_KEY])recipients, 2, &d),
             &d);
        T_INT(tool_run(open, bf_buf_bytes(&sealed), &back), 0);
        T_BYTES(bf_buf_bytes(&back), bf_buf_bytes(&plain));
        bf_buf_clear(&plain);
        bf_buf_clear(&sealed);
        bf_buf_clear(&back);
    }
}

static void we_open_ages(void)
{
    static const size_t lens[] = {0, 1, 65535, 65536, 65537, 131072, 300000};
    uint8_t scalar[BF_KEY], point[BF_KEY];
    char ours[BF_RECIPIENT_TEXT], other[BF_RECIPIENT_TEXT];
    const char *seal[] = {"age", "-r", other, "-r", ours, NULL};
    const char *armor[] = {"age", "-a", "-r", ours, NULL};
    uint8_t *out = malloc(BIG);
    size_t i, j, len = 0;
    struct bf_diag d = {0};

    T_TRUE(true);
    if (tool_there("age")) {
        bf_random(scalar, sizeof(scalar));
        bf_x25519_base(point, scalar);
        bf_age_recipient_write(ours, point);
        bf_x25519_base(point, point);
        bf_age_recipient_write(other, point);
        for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
            struct bf_buf plain = bf_buf(BIG), sealed = bf_buf(BIG);

            for (j = 0; j < lens[i]; j++) {
                bf_put_u8(&plain, (uint8_t)(j ^ j >> 8));
            }
            T_INT(tool_run(seal, bf_buf_bytes(&plain), &sealed), 0);
            T_OK(bf_age_open(out, BIG, &len, bf_buf_bytes(&sealed), scalar, 2, &d), &d);
            T_BYTES(bf_view(out, len), bf_buf_bytes(&plain));
            bf_buf_clear(&sealed);
            T_INT(tool_run(armor, bf_buf_bytes(&plain), &sealed), 0);
            T_ERR(bf_age_open(out, BIG, &len, bf_buf_bytes(&sealed), scalar, 1, &d),
                  BF_AGE_VERSION, &d);
            T_TRUE(!bf_age_looks_sealed(bf_buf_bytes(&sealed)));
            T_ERR(bf_seal_not_armored(bf_buf_bytes(&sealed), &d), BF_SEAL_ARMOR, &d);
            T_OK(bf_age_open_any(out, BIG, &len, bf_buf_bytes(&sealed), scalar, &d), &d);
            T_BYTES(bf_view(out, len), bf_buf_bytes(&plain));
            bf_buf_clear(&plain);
            bf_buf_clear(&sealed);
        }
    }
    free(out);
}

T_CASES("age stock", {"CCTV", cctv}, {"age opens ours", age_opens_ours},
        {"we open age's", we_open_ages});
