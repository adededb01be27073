/* SPDX-License-Identifier: Apache-2.0 */
/* change.json: the form that people edit. Closed, in any order, with blanks; and laid out
 * again. */
#include <string.h>

#include "change.h"
#include "harness.h"

static const char good[] =
    "{\"type\":\"snapseal/change/1\",\"validity_hours\":168,\"target\":\"prod-eu-1\",\n"
    " \"change\":{\"ticket\":\"CHG-1\",\"reason\":\"why not\",\"class\":\"normal\"},\n"
    " \"plan\":{\"do\":\"register\",\"analyze\":false,\"repository\":\"s3-secondary\",\n"
    "  "
    "\"bucket\":{\"mode\":\"none\",\"name\":\"acme\",\"ownership\":false,\"public_"
    "block\":false,\n"
    "             \"region\":\"eu-west-1\",\"versioning\":false},\n"
    "  \"iam\":{\"arn\":\"\",\"mode\":\"none\",\"policy\":\"\",\"user\":\"\"},\n"
    "  \"precondition\":\"absent\",\"preflight\":\"none\",\n"
    "  \"restart\":{\"group\":\"__all__\",\"mode\":\"never\",\"skip_snapshot\":false},\n"
    "  "
    "\"retire\":\"\",\"s3\":{\"endpoint\":\"\",\"path_style\":false,\"region\":\"eu-west-"
    "1\"}},\n"
    " \"secrets\":[{\"name\":\"s3.client.c1.access_key\",\"disclose\":true,\"versus\":"
    "\"default\"},\n"
    "            "
    "{\"name\":\"s3.client.c1.secret_key\",\"disclose\":false,\"versus\":\"new\"}],\n"
    " \"policy\":{},\n"
    " \"repository\":{\"type\":\"s3\",\"settings\":{\"client\":\"c1\",\"bucket\":"
    "\"acme\",\"compress\":true}}}\n";

/* good with the first from replaced by to. */
static void edited(struct bf_buf *out, const char *from, const char *to)
{
    const char *at = strstr(good, from);

    *out = bf_buf(GEN_MAX_CHANGE);
    T_TRUE(at != NULL);
    if (at != NULL) {
        bf_put(out, good, (size_t)(at - good));
        bf_put_text(out, to);
        bf_put_text(out, at + strlen(from));
    }
}

static void refused(const char *from, const char *to, enum bf_err want, const char *where)
{
    struct bf_diag diag = {0};
    struct gen_change c;
    struct bf_buf text;

    edited(&text, from, to);
    T_ERR(gen_change_read(&c, bf_buf_bytes(&text), &diag), want, &diag);
    T_TEXT(diag.where, where);
    T_TRUE(c.doc.root == NULL);
    gen_change_clear(&c);
    bf_buf_clear(&text);
}

static void reads_members(void)
{
    struct bf_diag diag = {0};
    struct gen_change c;
    char client[65];
    const struct gen_change_secret *s;

    T_OK(gen_change_read(&c, bf_text(good), &diag), &diag);
    T_TEXT(c.change.ticket, "CHG-1");
    T_TEXT(c.change.reason, "why not");
    T_TEXT(c.change.grade, "normal");
    T_TEXT(c.target, "prod-eu-1");
    T_INT(c.validity_hours, 168);
    T_TEXT(c.plan.bucket.name, "acme");
    T_TEXT(c.plan.action, "register");
    T_TEXT(c.plan.s3.region, "eu-west-1");
    T_TEXT(c.plan.restart.mode, "never");
    T_INT(c.secrets.num, 2);
    s = BF_LIST_ITEM(&c.secrets, const struct gen_change_secret, 1);
    T_TEXT(s->name, "s3.client.c1.secret_key");
    T_TEXT(s->versus, "new");
    T_TRUE(!s->disclose);
    T_TRUE(c.policy == NULL);
    T_INT(c.policy_text.len, 0);
    T_TEXT(bf_buf_text(&c.repository_text),
           "{\"settings\":{\"bucket\":\"acme\",\"client\":\"c1\",\"compress\":true},"
           "\"type\":\"s3\"}");
    T_TEXT(gen_change_setting(&c, "client"), "c1");
    T_TRUE(gen_change_setting(&c, "compress") == NULL);
    T_TRUE(gen_change_setting(&c, "none") == NULL);
    gen_change_client(client, &c);
    T_TEXT(client, "c1");
    gen_change_clear(&c);
    gen_change_clear(&c);
}

static void closed_both_ways(void)
{
    refused("\"policy\":{},", "", BF_CHANGE_FORMAT, "policy: missing");
    refused("\"policy\":{},", "\"policy\":[],", BF_CHANGE_FORMAT,
            "policy: not an object");
    refused("\"policy\":{},", "\"policy\":{},\"extra\":1,", BF_CHANGE_FORMAT,
            "extra: unknown member");
    refused("\"target\":\"prod-eu-1\",", "", BF_CHANGE_FORMAT, "target: missing");
    refused("\"retire\":\"\",", "", BF_CHANGE_FORMAT, "plan: retire: missing");
    refused("\"mode\":\"never\",", "\"mode\":1,", BF_CHANGE_FORMAT,
            "plan: restart: mode: not a string");
    refused("\"disclose\":true,", "", BF_CHANGE_FORMAT,
            "secrets: entry 1: disclose: missing");
    refused("snapseal/change/1", "snapseal/change/2", BF_CHANGE_FORMAT,
            "type: not snapseal/change/1");
    refused("\"validity_hours\":168", "\"validity_hours\":0", BF_CHANGE_FORMAT,
            "validity_hours: not in the allowed range");
    refused("\"validity_hours\":168", "\"validity_hours\":1,\"validity_hours\":1",
            BF_JSON_ORDER, "offset 63");
}

static void not_an_object(void)
{
    struct bf_diag diag = {0};
    struct gen_change c;

    T_ERR(gen_change_read(&c, bf_text("[]"), &diag), BF_CHANGE_FORMAT, &diag);
    T_ERR(gen_change_read(&c, bf_text(""), &diag), BF_JSON_SIZE, &diag);
    T_ERR(gen_change_read(&c, bf_text("{} x"), &diag), BF_JSON_TRAILING, &diag);
}

/* Every truncation is refused, in an exact-size copy so that one byte too many is seen.
 */
static void truncations(void)
{
    struct gen_change c;
    size_t i, accepted = 0;

    for (i = 0; i < sizeof(good) - 2; i++) {
        uint8_t *copy = t_copy(bf_view(good, i));

        accepted += gen_change_read(&c, bf_view(copy, i), NULL) == BF_OK ? 1 : 0;
        gen_change_clear(&c);
        t_free(copy);
    }
    T_INT(accepted, 0);
}

/* What is written reads back to the same, and writing that again gives the same bytes. */
static void writes_what_it_reads(void)
{
    struct bf_buf first = bf_buf(GEN_MAX_CHANGE), second = bf_buf(GEN_MAX_CHANGE);
    struct bf_diag diag = {0};
    struct gen_change c, again;

    T_OK(gen_change_read(&c, bf_text(good), &diag), &diag);
    T_OK(gen_change_write(&first, &c, NULL, bf_buf_text(&c.repository_text), &diag),
         &diag);
    T_OK(gen_change_read(&again, bf_buf_bytes(&first), &diag), &diag);
    T_OK(gen_change_write(&second, &again, NULL, bf_buf_text(&again.repository_text),
                          &diag),
         &diag);
    T_BYTES(bf_buf_bytes(&second), bf_buf_bytes(&first));
    T_TRUE(first.len > 0 && first.ptr[first.len - 1] == '\n');
    T_TEXT(again.change.reason, "why not");
    T_BYTES(bf_buf_bytes(&again.repository_text), bf_buf_bytes(&c.repository_text));
    gen_change_clear(&c);
    gen_change_clear(&again);
    bf_buf_clear(&first);
    bf_buf_clear(&second);
}

/* Without secrets the client is that of the request; a name that is none gives none. */
static void client_of_request(void)
{
    struct bf_diag diag = {0};
    struct gen_change c;
    char client[65];
    struct bf_buf text;

    edited(&text, "{\"name\":\"s3.client.c1.access_key\"", "{\"name\":\"foo\"");
    T_OK(gen_change_read(&c, bf_buf_bytes(&text), &diag), &diag);
    gen_change_client(client, &c);
    T_TEXT(client, "");
    c.secrets.num = 0;
    gen_change_client(client, &c);
    T_TEXT(client, "c1");
    gen_change_clear(&c);
    bf_buf_clear(&text);
}

static void manifest_of_change(void)
{
    struct bf_diag diag = {0};
    struct gen_change c;
    struct bf_manifest m;

    T_OK(gen_change_read(&c, bf_text(good), &diag), &diag);
    gen_change_manifest(&m, &c);
    T_TEXT(m.change.ticket, "CHG-1");
    T_TEXT(m.plan.repository, "s3-secondary");
    T_TEXT(m.type, "snapseal/bundle/1");
    T_INT(m.serial, 0);
    gen_change_clear(&c);
}

static void missing_file(void)
{
    struct bf_diag diag = {0};
    struct gen_change c;

    T_ERR(gen_change_load(&c, "/nonexistent/change.json", &diag), BF_INPUT_OPEN, &diag);
}

T_CASES("change", {"reads members", reads_members},
        {"closed both ways", closed_both_ways}, {"not an object", not_an_object},
        {"truncations", truncations}, {"writes what it reads", writes_what_it_reads},
        {"client of request", client_of_request},
        {"manifest of change", manifest_of_change}, {"missing file", missing_file});
