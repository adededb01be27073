/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bf/text.h"
#include "harness.h"

static enum bf_err parse(const char *text, size_t len, enum bf_json_profile profile,
                         struct bf_buf *again)
{
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};
    uint8_t *copy = t_copy(bf_view(text, len));
    enum bf_err err = bf_json_parse(&doc, bf_view(copy, len), profile, &diag);

    if (err == BF_OK && again != NULL) {
        bf_json_write(again, doc.root);
    }
    bf_json_clear(&doc);
    t_free(copy);
    return err;
}

struct row {
    const char *text;
    enum bf_err want;
};

static const struct row signed_rows[] = {
    {"{}", BF_OK},
    {"[]", BF_OK},
    {"{\"a\":[1,-2,true,false,\"x\\\"y\\\\\"],\"b\":{}}", BF_OK},
    {"9007199254740991", BF_OK},
    {"9007199254740992", BF_JSON_NUMBER},
    {"-9007199254740992", BF_JSON_NUMBER},
    {"10000000000000000", BF_JSON_NUMBER},
    {"-0", BF_JSON_NUMBER},
    {"01", BF_JSON_NUMBER},
    {"00", BF_JSON_NUMBER},
    {"1.0", BF_JSON_NUMBER},
    {"1e3", BF_JSON_NUMBER},
    {"-", BF_JSON_NUMBER},
    {"null", BF_JSON_SYNTAX},
    {"tru", BF_JSON_SYNTAX},
    {"", BF_JSON_SIZE},
    {" {}", BF_JSON_BLANK},
    {"{ }", BF_JSON_BLANK},
    {"{\"a\" :1}", BF_JSON_BLANK},
    {"[1, 2]", BF_JSON_BLANK},
    {"[1,\n2]", BF_JSON_BLANK},
    {"{}\n", BF_JSON_BLANK},
    {"{}x", BF_JSON_TRAILING},
    {"{}{}", BF_JSON_TRAILING},
    {"{\"b\":1,\"a\":1}", BF_JSON_ORDER},
    {"{\"a\":1,\"a\":1}", BF_JSON_ORDER},
    {"{\"A\":1}", BF_JSON_KEY},
    {"{\"\":1}", BF_JSON_KEY},
    {"{\"a b\":1}", BF_JSON_KEY},
    {"{\"a\":1,}", BF_JSON_SYNTAX},
    {"[1,]", BF_JSON_SYNTAX},
    {"[1", BF_JSON_SYNTAX},
    {"[1}", BF_JSON_SYNTAX},
    {"\"a", BF_JSON_SYNTAX},
    {"\"\\n\"", BF_JSON_STRING},
    {"\"\\u0041\"", BF_JSON_STRING},
    {"\"\\/\"", BF_JSON_STRING},
    {"\"\x7f\"", BF_JSON_STRING},
    {"\"\xc3\xa4\"", BF_JSON_STRING},
    {"\"\t\"", BF_JSON_STRING},
    {"\xef\xbb\xbf{}", BF_JSON_SYNTAX},
    {"[[[[[[[[]]]]]]]]", BF_OK},
    {"[[[[[[[[[]]]]]]]]]", BF_JSON_DEPTH},
};

static void signed_profile(void)
{
    size_t i;

    for (i = 0; i < sizeof(signed_rows) / sizeof(signed_rows[0]); i++) {
        struct bf_buf again = bf_buf(1000);
        const char *text = signed_rows[i].text;
        enum bf_err got = parse(text, strlen(text), BF_JSON_SIGNED, &again);

        if (got != signed_rows[i].want) {
            fprintf(stderr, "row %zu: %s\n", i, text);
        }
        T_ERR(got, signed_rows[i].want, NULL);
        if (got == BF_OK) { /* what is accepted is already in canonical form */
            T_BYTES(bf_buf_bytes(&again), bf_text(text));
        }
        bf_buf_clear(&again);
    }
    T_ERR(parse("\"a\0b\"", 5, BF_JSON_SIGNED, NULL), BF_JSON_STRING, NULL);
}

static void other_profiles(void)
{
    struct bf_buf again = bf_buf(1000);

    T_ERR(parse("{\"Version\":1,\"s3:x/ y\":2}", 25, BF_JSON_REVIEW, NULL), BF_OK, NULL);
    T_ERR(parse("{\"b\":1,\"B\":1}", 13, BF_JSON_REVIEW, NULL), BF_JSON_ORDER, NULL);
    T_ERR(parse("{\"a\\\"\":1}", 9, BF_JSON_REVIEW, NULL), BF_JSON_KEY, NULL);
    T_ERR(parse(" {\"b\" : [ 1 , 2 ] ,\n\"a\":\"\\u0041\\/\"}\n", 36, BF_JSON_RELAXED,
                &again),
          BF_OK, NULL);
    T_BYTES(bf_buf_bytes(&again), bf_text("{\"a\":\"A/\",\"b\":[1,2]}"));
    T_ERR(parse("{\"b\":1,\"a\":1,\"b\":2}", 19, BF_JSON_RELAXED, NULL), BF_JSON_ORDER,
          NULL);
    T_ERR(parse("\"\\u0000\"", 8, BF_JSON_RELAXED, NULL), BF_JSON_STRING, NULL);
    T_ERR(parse("\"\\u00e4\"", 8, BF_JSON_RELAXED, NULL), BF_JSON_STRING, NULL);
    T_ERR(parse("\"\\u00\"", 6, BF_JSON_RELAXED, NULL), BF_JSON_STRING, NULL);
    bf_buf_clear(&again);
}

static void limits(void)
{
    static char text[BF_MAX_JSON + 3];
    char key[100];

    memset(text, 'a', sizeof(text));
    text[0] = '"';
    text[BF_MAX_JSON - 1] = '"';
    T_ERR(parse(text, BF_MAX_JSON, BF_JSON_SIGNED, NULL), BF_OK, NULL);
    text[BF_MAX_JSON - 1] = 'a';
    text[BF_MAX_JSON] = '"';
    T_ERR(parse(text, BF_MAX_JSON + 1, BF_JSON_SIGNED, NULL), BF_JSON_SIZE, NULL);
    snprintf(key, sizeof(key), "{\"%.64s\":1}", text + 1);
    T_ERR(parse(key, strlen(key), BF_JSON_SIGNED, NULL), BF_OK, NULL);
    snprintf(key, sizeof(key), "{\"%.65s\":1", text + 1);
    T_ERR(parse(key, strlen(key), BF_JSON_SIGNED, NULL), BF_JSON_KEY, NULL);
}

static void truncations_and_flips(void)
{
    static const char text[] = "{\"a\":[1,-2,true,\"x\\\"y\"],\"b\":{\"c\":\"d\"}}";
    size_t len = sizeof(text) - 1, i;

    for (i = 0; i < len; i++) {
        T_TRUE(parse(text, i, BF_JSON_SIGNED, NULL) != BF_OK);
    }
    for (i = 0; i < 8 * len;
         i++) { /* never a crash, and whatever is accepted reads back as itself */
        struct bf_buf again = bf_buf(1000);
        char copy[sizeof(text)];

        memcpy(copy, text, sizeof(text));
        copy[i / 8] ^= (char)(1 << i % 8);
        if (parse(copy, len, BF_JSON_SIGNED, &again) == BF_OK) {
            T_BYTES(bf_buf_bytes(&again), bf_view(copy, len));
        }
        bf_buf_clear(&again);
    }
}

struct inner {
    const char *name;
    int64_t size;
};
struct outer {
    bool flag;
    struct inner in;
    struct bf_list items; /* struct inner */
    struct bf_list texts;
};
static const struct bf_field inner_fields[] = {
    {"name", BF_F_TEXT, offsetof(struct inner, name), bf_is_id, 0, 0, NULL},
    {"size", BF_F_INT, offsetof(struct inner, size), NULL, 0, 9, NULL}};
static const struct bf_schema inner_schema = {"inner", sizeof(struct inner), inner_fields,
                                              2};
static const struct bf_field outer_fields[] = {
    {"flag", BF_F_BOOL, offsetof(struct outer, flag), NULL, 0, 0, NULL},
    {"in", BF_F_OBJECT, offsetof(struct outer, in), NULL, 0, 0, &inner_schema},
    {"items", BF_F_OBJECTS, offsetof(struct outer, items), NULL, 0, 2, &inner_schema},
    {"texts", BF_F_TEXTS, offsetof(struct outer, texts), bf_is_id, 1, 2, NULL}};
static const struct bf_schema outer_schema = {"outer", sizeof(struct outer), outer_fields,
                                              4};

static enum bf_err read_outer(const char *text, struct bf_buf *again,
                              struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    struct outer out;
    enum bf_err err = bf_json_parse(&doc, bf_text(text), BF_JSON_SIGNED, diag);

    if (err == BF_OK) {
        err = bf_schema_read(&out, &outer_schema, doc.root, &doc.arena,
                             BF_MANIFEST_SCHEMA, diag);
    }
    if (err == BF_OK) {
        bf_schema_write(again, &outer_schema, &out);
    }
    bf_json_clear(&doc);
    return err;
}

static void schemas_are_closed(void)
{
    static const char good[] =
        "{\"flag\":true,\"in\":{\"name\":\"a\",\"size\":9},\"items\":[{\"name\":\"b\","
        "\"size\":0}],\"texts\":[\"c\"]}";
    static const struct {
        const char *text, *where;
    } bad[] = {
        {"[]", "not an object"},
        {"{\"flag\":true}", "in: missing"},
        {"{\"extra\":1}", "extra: unknown member"},
        {"{\"flag\":1,\"in\":{\"name\":\"a\",\"size\":9},\"items\":[],\"texts\":[\"c\"]}",
         "flag: not true or false"},
        {"{\"flag\":true,\"in\":{\"name\":\"a\",\"size\":10},\"items\":[],\"texts\":["
         "\"c\"]}",
         "in: size: not in the allowed range"},
        {"{\"flag\":true,\"in\":{\"name\":\"A\",\"size\":9},\"items\":[],\"texts\":["
         "\"c\"]}",
         "in: name: a value that is not allowed"},
        {"{\"flag\":true,\"in\":{\"name\":\"a\",\"size\":9},\"items\":[],\"texts\":[]}",
         "texts: too few or too many entries"},
        {"{\"flag\":true,\"in\":{\"name\":\"a\",\"size\":9},\"items\":[{\"name\":\"b\"}],"
         "\"texts\":[\"c\"]}",
         "items: entry 1: size: missing"}};
    struct bf_diag diag = {0};
    struct bf_buf again = bf_buf(1000);
    size_t i;

    T_OK(read_outer(good, &again, &diag), &diag);
    T_BYTES(bf_buf_bytes(&again), bf_text(good));
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        T_ERR(read_outer(bad[i].text, &again, &diag), BF_MANIFEST_SCHEMA, &diag);
        T_TEXT(diag.where, bad[i].where);
    }
    bf_buf_clear(&again);
}

T_CASES("json", {"signed profile", signed_profile}, {"other profiles", other_profiles},
        {"limits", limits}, {"truncations and flips", truncations_and_flips},
        {"schemas are closed", schemas_are_closed});
