/* SPDX-License-Identifier: Apache-2.0 */
/* Servers' JSON and the little XML: hostile forms, comparison, our writer, the evidence
 * allow-list, differences. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "applier/answer.h"
#include "applier/xml.h"
#include "harness.h"

static enum bf_err parse(struct vfy_answer *a, const char *text, struct bf_diag *diag)
{
    uint8_t *copy = t_copy(bf_text(text));
    enum bf_err err = vfy_answer_parse(a, bf_view(copy, strlen(text)), diag);

    t_free(copy);
    return err;
}

static void test_refuses(void)
{
    static const char *const bad[] = {
        "",
        " ",
        "<html><head><title>502 Bad Gateway</title></head></html>",
        "{",
        "{\"a\":1",
        "{\"a\":1}x",
        "{\"a\":1}{\"a\":1}",
        "{\"a\":1,\"a\":2}",
        "[{\"b\":{\"a\":1,\"c\":2,\"a\":2}}]",
        "{\"a\":\"x\\u0000y\"}",
        "nonsense",
        "{'a':1}",
        "[1,]"};
    struct bf_buf deep = bf_buf(4096), wide = bf_buf(65536);
    struct vfy_answer a;
    struct bf_diag diag = {0};
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        T_ERR(parse(&a, bad[i], &diag), BF_NET_ANSWER, &diag);
        T_TRUE(a.root == NULL && diag.where[0] != '\0');
    }
    for (i = 0; i < 33; i++) {
        bf_put_text(&deep, "[");
    }
    for (i = 0; i < 33; i++) {
        bf_put_text(&deep, "]");
    }
    T_ERR(parse(&a, bf_buf_text(&deep), &diag), BF_NET_ANSWER, &diag);
    for (i = 0; i < 4097; i++) {
        bf_put_text(&wide, i == 0 ? "[1" : ",1");
    }
    bf_put_text(&wide, "]");
    T_ERR(parse(&a, bf_buf_text(&wide), &diag), BF_NET_ANSWER, &diag);
    T_ERR(vfy_answer_parse(&a, bf_view("{\"a\":\"x\0y\"}", 11), &diag), BF_NET_ANSWER,
          &diag);
    bf_buf_clear(&deep);
    bf_buf_clear(&wide);
}

/* Every prefix of a good answer is refused, and none reads past its end. */
static void test_every_prefix(void)
{
    static const char good[] = "{\"_nodes\":{\"total\":3,\"failed\":0},\"nodes\":{\"id\":"
                               "{\"name\":\"node1\"}},\"t\":true}";
    struct vfy_answer a;
    struct bf_diag diag = {0};
    size_t n;

    for (n = 0; n < sizeof(good) - 1; n++) {
        uint8_t *copy = t_copy(bf_view(good, n));

        T_ERR(vfy_answer_parse(&a, bf_view(copy, n), &diag), BF_NET_ANSWER, &diag);
        t_free(copy);
    }
}

static void test_cursors(void)
{
    struct vfy_answer a;
    struct bf_diag diag = {0};
    struct vfy_at root;
    int64_t v;

    T_OK(parse(&a,
               "{\"n\":{\"a.b\":1,\"c\":{\"d\":\"x\"}},\"l\":[true,false],\"f\":1.5,"
               "\"big\":9007199254740993}\n",
               &diag),
         &diag);
    root = vfy_at_root(&a);
    T_TEXT(vfy_at_text(vfy_at_path(root, "n.c.d")), "x");
    T_TRUE(!vfy_at_is(vfy_at_path(root, "n.x.d")));
    T_TRUE(!vfy_at_is(vfy_at_get(root, "N")));
    T_TRUE(vfy_at_int(vfy_at_get(vfy_at_get(root, "n"), "a.b"), &v));
    T_INT(v, 1);
    T_TRUE(!vfy_at_int(vfy_at_get(root, "f"), &v) &&
           !vfy_at_int(vfy_at_get(root, "big"), &v));
    T_INT(vfy_at_count(vfy_at_get(root, "l")), 2);
    T_TRUE(vfy_at_true(vfy_at_child(vfy_at_get(root, "l"), 0)));
    T_TRUE(!vfy_at_true(vfy_at_child(vfy_at_get(root, "l"), 1)));
    T_TEXT(vfy_at_key(vfy_at_child(root, 0)), "n");
    T_TEXT(vfy_at_text(vfy_at_child((struct vfy_at){NULL}, 3)), "");
    T_INT(vfy_at_count((struct vfy_at){NULL}), 0);
    vfy_answer_clear(&a);
}

static void test_comparison(void)
{
    static const struct {
        const char *a, *b;
        bool same, settings;
    } cases[] = {
        {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1}", true, true},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}", false, false},
        {"{\"a\":[1,2]}", "{\"a\":[1,2,3]}", false, false},
        {"{\"a\":true}", "{\"a\":\"true\"}", false, true},
        {"{\"a\":5}", "{\"a\":\"5\"}", false, true},
        {"{\"a\":5}", "{\"a\":\"6\"}", false, false},
        {"{\"a\":1}", "{\"a\":1,\"b\":1}", false, false},
        {"{\"a\":1,\"b\":1}", "{\"a\":1}", false, false},
        {"{\"a\":1}", "{\"b\":1}", false, false},
        {"{\"a\":null}", "{\"a\":null}", true, false},
        {"{\"a\":false}", "{\"a\":null}", false, false},
        {"\"x\"", "\"X\"", false, false},
        {"{}", "[]", false, false},
    };
    struct vfy_answer a, b;
    struct bf_diag diag = {0};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        T_OK(parse(&a, cases[i].a, &diag), &diag);
        T_OK(parse(&b, cases[i].b, &diag), &diag);
        T_INT(vfy_at_same(vfy_at_root(&a), vfy_at_root(&b)), cases[i].same);
        T_INT(vfy_at_same_settings(vfy_at_root(&a), vfy_at_root(&b)), cases[i].settings);
        vfy_answer_clear(&a);
        vfy_answer_clear(&b);
    }
}

static void test_canonical(void)
{
    static const struct {
        const char *in, *out; /* NULL: no form */
    } cases[] = {
        {" {\"b\" : [true, 1 , \"q\\\"\"],\n\"a\":{} }",
         "{\"a\":{},\"b\":[true,1,\"q\\\"\"]}"},
        {"{\"a\":null}", NULL},
        {"{\"a\":1.5}", NULL},
        {"{\"a\":\"\\u00e4\"}", NULL},
        {"{\"\\u00e4\":1}", NULL},
    };
    struct bf_diag diag = {0};
    struct vfy_answer a;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_buf out = bf_buf(1000);

        T_OK(parse(&a, cases[i].in, &diag), &diag);
        T_INT(vfy_at_canonical(&out, vfy_at_root(&a)), cases[i].out != NULL);
        if (cases[i].out != NULL) {
            T_TEXT(bf_buf_text(&out), cases[i].out);
        }
        vfy_answer_clear(&a);
        bf_buf_clear(&out);
    }
}

static void test_print(void)
{
    static const struct {
        const char *in, *out; /* NULL: it would come out as another */
    } cases[] = {
        {" {\"b\" : [true, null, 2.5, \"\\u00e4\"], \"a\":-1} ",
         "{\"b\":[true,null,2.5,\"\xc3\xa4\"],\"a\":-1}"},
        {"[1234567890123456]", "[1234567890123456]"},
        {"[9007199254740991]", NULL},
        {"[1e999]", NULL},
    };
    struct bf_diag diag = {0};
    struct vfy_answer a;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_buf out = bf_buf(1000);

        T_OK(parse(&a, cases[i].in, &diag), &diag);
        T_INT(vfy_at_print(&out, vfy_at_root(&a)), cases[i].out != NULL);
        T_TEXT(bf_buf_text(&out), cases[i].out != NULL ? cases[i].out : "");
        vfy_answer_clear(&a);
        bf_buf_clear(&out);
    }
}

static void test_evidence(void)
{
    static const char *const allowed[] = {"nodes.*.name", "nodes.*.list.*",
                                          "_nodes.total", "error.reason", "deep"};
    struct bf_buf out = bf_buf(4096);
    struct bf_diag diag = {0};
    struct vfy_answer a;

    T_OK(parse(&a,
               "{\"nodes\":{\"i\":{\"name\":\"n\\u00e4\",\"secret\":\"S3CRET\",\"list\":["
               "\"a\",{\"b\":1}]}},"
               "\"_nodes\":{\"total\":3,\"x\":1},\"error\":{\"reason\":null},\"deep\":{"
               "\"a\":1}}",
               &diag),
         &diag);
    vfy_at_evidence(&out, vfy_at_root(&a), allowed, 5);
    T_TEXT(bf_buf_text(&out), "{\"_nodes\":{\"total\":3},\"nodes\":{\"i\":{\"list\":["
                              "\"a\"],\"name\":\"n\\\\xc3\\\\xa4\"}}}");
    bf_buf_clear(&out);
    out = bf_buf(4096);
    vfy_at_evidence(&out, vfy_at_root(&a), allowed, 0);
    T_TEXT(bf_buf_text(&out), "{}");
    bf_buf_clear(&out);
    vfy_answer_clear(&a);
}

static void add_line(void *ctx, const char *sign, const char *text)
{
    bf_put_fmt(ctx, "%s %s|", sign, text);
}

static void test_diff(void)
{
    struct bf_buf out = bf_buf(4096);
    struct bf_diag diag = {0};
    struct vfy_answer a, b;

    T_OK(parse(&a, "{\"s\":{\"x\":\"1\",\"y\":true,\"gone\":1},\"l\":[1,2]}", &diag),
         &diag);
    T_OK(parse(&b, "{\"s\":{\"x\":1,\"y\":false,\"new\":{}},\"l\":[1,3,4]}", &diag),
         &diag);
    vfy_at_diff(vfy_at_root(&a), vfy_at_root(&b), true, add_line, &out);
    T_TEXT(bf_buf_text(&out),
           "~ s.y: true -> false|- s.gone: 1|+ s.new: {}|~ l[1]: 2 -> 3|+ l[2]: 4|");
    bf_buf_clear(&out);
    out = bf_buf(4096);
    vfy_at_diff(vfy_at_root(&a), vfy_at_root(&a), false, add_line, &out);
    T_INT(out.len, 0);
    bf_buf_clear(&out);
    vfy_answer_clear(&a);
    vfy_answer_clear(&b);
}

static void test_xml(void)
{
    static const struct {
        const char *xml, *name, *want; /* NULL: not there */
    } cases[] = {
        {"<Error><Code>NoSuchKey</Code><Message></Message></Error>", "Code", "NoSuchKey"},
        {"<Error><Code>NoSuchKey</Code><Message></Message></Error>", "Message", ""},
        {"<Codes>x</Codes><Code a=\"b\">y</Code>", "Code", "y"},
        {"<A><Error><Code>NoSuchEntity</Code>", "Code",
         "NoSuchEntity"}, /* RGW's broken one */
        {"<P>{&quot;a&quot;:&#34;b&#x22;&amp;&lt;&gt;&apos;}</P>", "P",
         "{\"a\":\"b\"&<>'}"},
        {"<P>&nosuch;&#0;&#300;&</P>", "P", "&nosuch;&#0;&#300;&"},
        {"<Code/>", "Code", NULL},
        {"<Code>cut", "Code", NULL},
        {"<Code", "Code", NULL},
        {"", "Code", NULL},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_buf out = bf_buf(1000);
        uint8_t *copy = t_copy(bf_text(cases[i].xml));
        const bool found =
            vfy_xml_text(&out, bf_view(copy, strlen(cases[i].xml)), cases[i].name);

        T_INT(found, cases[i].want != NULL);
        if (found && cases[i].want != NULL) {
            T_TEXT(bf_buf_text(&out), cases[i].want);
        }
        t_free(copy);
        bf_buf_clear(&out);
    }
}

static void test_percent(void)
{
    static const char *const bad[] = {"%", "%4", "%4g", "a%zz"};
    struct bf_buf out = bf_buf(100);
    size_t i;

    T_TRUE(vfy_percent_decode(&out, bf_text("%7B%22a%22%3a+1%7d")));
    T_TEXT(bf_buf_text(&out), "{\"a\":+1}");
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        T_TRUE(!vfy_percent_decode(&out, bf_text(bad[i])));
    }
    bf_buf_clear(&out);
}

T_CASES("answer", {"refuses", test_refuses}, {"every prefix", test_every_prefix},
        {"cursors", test_cursors}, {"comparison", test_comparison},
        {"canonical", test_canonical}, {"print", test_print}, {"evidence", test_evidence},
        {"diff", test_diff}, {"xml", test_xml}, {"percent", test_percent});
