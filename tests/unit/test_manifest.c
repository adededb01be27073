/* SPDX-License-Identifier: Apache-2.0 */
/* Schema and rules of a bundle's manifest: each wrong member ends in its own refusal. */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "spoil.h"

static enum bf_err read_text(const char *text, size_t len, struct bf_diag *diag)
{
    struct bf_manifest m;
    struct bf_json_doc doc = {0};
    struct bf_bytes exact = {NULL, len};
    uint8_t *copy = t_copy(bf_view(text, len));
    enum bf_err err;

    exact.ptr = copy;
    err = bf_manifest_read(&m, &doc, exact, diag);
    bf_json_clear(&doc);
    t_free(copy);
    return err;
}

static enum bf_err read_manifest(const struct sp *s, struct bf_diag *diag)
{
    return read_text((const char *)s->manifest.ptr, s->manifest.len, diag);
}

struct fault {
    const char *from, *to;
    enum bf_err want;
};

static void run_faults(const struct fault *faults, size_t num, bool policy)
{
    size_t i;

    for (i = 0; i < num; i++) {
        struct sp s;
        struct bf_diag diag = {0};

        sp_begin(&s, fx_world(), policy);
        sp_edit(&s, faults[i].from, faults[i].to);
        T_ERR(read_manifest(&s, &diag), faults[i].want, &diag);
        if (read_manifest(&s, NULL) != faults[i].want) {
            T_TEXT(faults[i].to, "");
        }
        sp_clear(&s);
    }
}

static void good(void)
{
    struct sp s;
    struct bf_diag diag = {0};
    struct bf_json_doc doc = {0};
    struct bf_manifest m;
    struct bf_buf again = bf_buf(BF_MAX_JSON);

    sp_begin(&s, fx_world(), true);
    T_OK(bf_manifest_read(&m, &doc, bf_buf_bytes(&s.manifest), &diag), &diag);
    T_TEXT(m.change.grade, "normal");
    T_TEXT(m.plan.action, "register");
    T_INT(m.serial, 7);
    T_INT(m.secrets.num, 2);
    T_INT(m.members.num, 4);
    bf_schema_write(&again, &bf_manifest_schema, &m);
    T_BYTES(bf_buf_bytes(&again), bf_buf_bytes(&s.manifest));
    bf_buf_clear(&again);
    bf_json_clear(&doc);
    sp_clear(&s);
}

static void type_and_json(void)
{
    static const struct fault faults[] = {
        {"snapseal/bundle/1", "snapseal/trust/1", BF_MANIFEST_TYPE},
        {"snapseal/bundle/1", "snapseal/bundle/2", BF_MANIFEST_TYPE},
        {"\"type\":\"snapseal/bundle/1\"", "\"typf\":\"snapseal/bundle/1\"",
         BF_MANIFEST_TYPE},
        {"\"type\":\"snapseal/bundle/1\"", "\"type\":1", BF_MANIFEST_TYPE},
        {"{\"author\"", "{ \"author\"", BF_JSON_BLANK},
        {"{\"author\"", "[\"author\"", BF_JSON_SYNTAX},
        {"\"serial\":7", "\"serial\":7.0", BF_JSON_NUMBER},
    };
    struct bf_diag diag = {0};

    run_faults(faults, sizeof(faults) / sizeof(faults[0]), true);
    T_ERR(read_text("[]", 2, &diag), BF_MANIFEST_TYPE, &diag);
    T_ERR(read_text("7", 1, &diag), BF_MANIFEST_TYPE, &diag);
}

/* What a value may be: one fault each. */
static void values(void)
{
    static const struct fault faults[] = {
        {"\"author\":\"alice\"", "\"author\":\"Alice\"", BF_MANIFEST_VALUE},
        {"00112233445566778899aabbccddeeff", "00112233445566778899AABBCCDDEEFF",
         BF_MANIFEST_VALUE},
        {"\"class\":\"normal\"", "\"class\":\"urgent\"", BF_MANIFEST_VALUE},
        {"Keep snapshots", "Keep  snapshots", BF_MANIFEST_VALUE},
        {"CHG-1042", "", BF_MANIFEST_VALUE},
        {FX_MADE, "2026-02-30T15:34:00Z", BF_MANIFEST_VALUE},
        {FX_ENDS, "2026-11-30T16:00:60Z", BF_MANIFEST_VALUE},
        {FX_BEGINS, "2026-11-23 16:00:00Z", BF_MANIFEST_VALUE},
        {"\"domain\":\"example.corp\"", "\"domain\":\"Example.corp\"", BF_MANIFEST_VALUE},
        {"\"origin\":\"\"", "\"origin\":\"-gw\"", BF_MANIFEST_VALUE},
        {"\"root\":\"\"", "\"root\":\"00\"", BF_MANIFEST_VALUE},
        {"\"size\":0}", "\"size\":-1}", BF_MANIFEST_VALUE},
        {"\"bucket\":{\"mode\":\"none\"", "\"bucket\":{\"mode\":\"make\"",
         BF_MANIFEST_VALUE},
        {"\"name\":\"acme-snapshots\"", "\"name\":\"Acme\"", BF_MANIFEST_VALUE},
        {"\"do\":\"register\"", "\"do\":\"delete\"", BF_MANIFEST_VALUE},
        {"arn:aws:iam::", "arn:aws:s3::", BF_MANIFEST_VALUE},
        {"\"mode\":\"apply\"", "\"mode\":\"put\"", BF_MANIFEST_VALUE},
        {"\"policy\":\"snapshot-access\"", "\"policy\":\"snapshot access\"",
         BF_MANIFEST_VALUE},
        {"\"precondition\":\"absent\"", "\"precondition\":\"present\"",
         BF_MANIFEST_VALUE},
        {"\"preflight\":\"required\"", "\"preflight\":\"maybe\"", BF_MANIFEST_VALUE},
        {"\"repository\":\"s3-secondary\"", "\"repository\":\"S3\"", BF_MANIFEST_VALUE},
        {"\"group\":\"__all__\"", "\"group\":\"all\"", BF_MANIFEST_VALUE},
        {"\"mode\":\"never\"", "\"mode\":\"soon\"", BF_MANIFEST_VALUE},
        {"\"retire\":\"\"", "\"retire\":\"short\"", BF_MANIFEST_VALUE},
        {"\"endpoint\":\"https://", "\"endpoint\":\"http://", BF_MANIFEST_VALUE},
        {"\"prev\":\"\"", "\"prev\":\"none\"", BF_MANIFEST_VALUE},
        {"\"name\":\"s3.client.secondary.access_key\"",
         "\"name\":\"s3.client.secondary.token\"", BF_MANIFEST_VALUE},
        {"\"disclosed\":\"" FX_ACCESS, "\"disclosed\":\"AKIA IOSF", BF_MANIFEST_VALUE},
        {"\"serial\":7", "\"serial\":0", BF_MANIFEST_VALUE},
        {"\"serial\":7", "\"serial\":-1", BF_MANIFEST_VALUE},
        {"\"supersedes\":\"\"", "\"supersedes\":\"x\"", BF_MANIFEST_VALUE},
        {"\"appliance\":\"gw-1\"", "\"appliance\":\"\"", BF_MANIFEST_VALUE},
        {"\"cluster_uuid\":\"", "\"cluster_uuid\":\".", BF_MANIFEST_VALUE},
        {"\"kind\":\"opensearch\"", "\"kind\":\"solr\"", BF_MANIFEST_VALUE},
        {"\"version\":1}", "\"version\":0}", BF_MANIFEST_VALUE},
        {"\"name\":\"review/iam-policy.json\"", "\"name\":\"/review/iam-policy.json\"",
         BF_MANIFEST_VALUE},
    };

    run_faults(faults, sizeof(faults) / sizeof(faults[0]), true);
}

/* ---- closed both ways, whatever the place ---- */

static enum bf_err written(const struct bf_json *root, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(BF_MAX_JSON);
    enum bf_err err;

    bf_json_write(&text, root);
    err = read_text((const char *)text.ptr, text.len, diag);
    bf_buf_clear(&text);
    return err;
}

static size_t objects_seen, members_seen;

/* Every member away, every member of another kind, one member more: in this object and in
 * all below. */
static void close_object(struct bf_json *root, struct bf_json *object)
{
    struct bf_json extra = {.kind = BF_INT, .key = "zz"}, *c, **link;
    struct bf_diag diag = {0};

    if (object->kind == BF_OBJECT) {
        objects_seen++;
        for (link = &object->first; *link != NULL; link = &(*link)->next) {
            const bool type = object == root && strcmp((*link)->key, "type") == 0;
            struct bf_json *gone = *link, saved = *gone;

            *link = gone->next;
            object->count--;
            T_ERR(written(root, &diag), type ? BF_MANIFEST_TYPE : BF_MANIFEST_SCHEMA,
                  &diag);
            *link = gone;
            object->count++;
            gone->kind = saved.kind == BF_BOOL ? BF_INT : BF_BOOL;
            T_ERR(written(root, &diag), type ? BF_MANIFEST_TYPE : BF_MANIFEST_SCHEMA,
                  &diag);
            *gone = saved;
            members_seen++;
        }
        extra.next = object->first;
        object->first = &extra;
        object->count++;
        T_ERR(written(root, &diag), BF_MANIFEST_SCHEMA, &diag);
        object->first = extra.next;
        object->count--;
    }
    for (c = object->kind == BF_OBJECT || object->kind == BF_ARRAY ? object->first : NULL;
         c != NULL; c = c->next) {
        close_object(root, c);
    }
}

static void closed(void)
{
    struct sp s;
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};

    sp_begin(&s, fx_world(), true);
    T_OK(bf_json_parse(&doc, bf_buf_bytes(&s.manifest), BF_JSON_SIGNED, &diag), &diag);
    close_object(doc.root, doc.root);
    T_INT(objects_seen,
          1 + 4 + 4 + 1 + 4 +
              2); /* top, change log target trust, members, plan, its four, secrets */
    T_INT(members_seen, 17 + 3 + 3 + 4 + 2 + 4 * 3 + 10 + 6 + 4 + 3 + 3 + 2 * 4);
    T_OK(written(doc.root, &diag), &diag);
    bf_json_clear(&doc);
    sp_clear(&s);
}

/* ---- order and rules ---- */

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void order(void)
{
    static const struct fault faults[] = {
        {"\"name\":\"review/iam-policy.json\"", "\"name\":\"review/z.json\"",
         BF_MANIFEST_ORDER},
        {"\"name\":\"review/iam-policy.json\"", "\"name\":\"review/repository.json\"",
         BF_MANIFEST_ORDER},
        {"\"name\":\"s3.client.secondary.access_key\"",
         "\"name\":\"s3.client.third.access_key\"", BF_MANIFEST_ORDER},
        {"\"name\":\"s3.client.secondary.access_key\"",
         "\"name\":\"s3.client.secondary.secret_key\"", BF_MANIFEST_ORDER},
    };

    run_faults(faults, sizeof(faults) / sizeof(faults[0]), true);
}

static void rules(void)
{
    static const struct fault with_policy[] = {
        {FX_MADE, "2026-11-23T16:00:01Z", BF_MANIFEST_RULE},
        {FX_MADE, FX_BEGINS, BF_OK},
        {FX_ENDS, FX_BEGINS, BF_MANIFEST_RULE},
        {FX_ENDS, "2026-11-23T16:00:01Z", BF_OK},
        {"\"origin\":\"\"", "\"origin\":\"gw-1\"", BF_MANIFEST_RULE},
        {"\"root\":\"\"", "\"root\":\"" HEX64 "\"", BF_MANIFEST_RULE},
        {"\"root\":\"\",\"size\":0", "\"root\":\"\",\"size\":1", BF_MANIFEST_RULE},
        {"\"origin\":\"\",\"root\":\"\",\"size\":0",
         "\"origin\":\"gw-1\",\"root\":\"" HEX64 "\",\"size\":1", BF_OK},
        {"\"arn\":\"arn:aws:iam::123456789012:user/es-snapshots\"", "\"arn\":\"\"",
         BF_MANIFEST_RULE},
        {"\"policy\":\"snapshot-access\"", "\"policy\":\"\"", BF_MANIFEST_RULE},
        {"\"user\":\"es-snapshots\"", "\"user\":\"\"", BF_MANIFEST_RULE},
        {"\"user\":\"es-snapshots\"", "\"user\":\"somebody\"", BF_MANIFEST_RULE},
        {"user/es-snapshots", "user/apps/es-snapshots", BF_OK},
        {"\"mode\":\"apply\"", "\"mode\":\"none\"", BF_MANIFEST_RULE},
        {"\"mode\":\"apply\"", "\"mode\":\"manual\"", BF_OK},
        {"\"mode\":\"apply\"", "\"mode\":\"mint\"", BF_MANIFEST_RULE},
        {"\"ownership\":false", "\"ownership\":true", BF_MANIFEST_RULE},
        {"\"public_block\":false", "\"public_block\":true", BF_MANIFEST_RULE},
        {"\"versioning\":false", "\"versioning\":true", BF_MANIFEST_RULE},
        {"\"disclosed\":\"" FX_ACCESS "\"", "\"disclosed\":\"\"", BF_MANIFEST_RULE},
        {"\"disclosed\":\"\"", "\"disclosed\":\"secret\"", BF_MANIFEST_RULE},
        {"\"name\":\"s3.client.secondary.secret_key\"",
         "\"name\":\"s3.client.third.secret_key\"", BF_MANIFEST_RULE},
        {"\"name\":\"s3.client.secondary.secret_key\",\"versus\":\"new\"",
         "\"name\":\"s3.client.secondary.secret_key\",\"versus\":\"removed\"",
         BF_MANIFEST_RULE},
    };
    static const struct fault without[] = {
        {"\"arn\":\"\"", "\"arn\":\"arn:aws:iam::1:user/u\"", BF_MANIFEST_RULE},
        {"\"policy\":\"\"", "\"policy\":\"p\"", BF_MANIFEST_RULE},
        {"\"user\":\"\"", "\"user\":\"u\"", BF_MANIFEST_RULE},
        {"\"arn\":\"\",\"mode\":\"none\",\"policy\":\"\",\"user\":\"\"",
         "\"arn\":\"arn:aws:iam::1:user/"
         "u\",\"mode\":\"check\",\"policy\":\"p\",\"user\":\"u\"",
         BF_OK},
        {"\"bucket\":{\"mode\":\"none\",\"name\":\"acme-snapshots\",\"ownership\":false",
         "\"bucket\":{\"mode\":\"check\",\"name\":\"acme-snapshots\",\"ownership\":true",
         BF_OK},
    };

    run_faults(with_policy, sizeof(with_policy) / sizeof(with_policy[0]), true);
    run_faults(without, sizeof(without) / sizeof(without[0]), false);
}

/* Puts list in the place of the manifest's secrets. */
static void set_secrets(struct sp *s, const char *list)
{
    const char *text = bf_buf_text(&s->manifest), *at = strstr(text, "\"secrets\":["),
               *end = strchr(at, ']');
    char old[1200];

    snprintf(old, sizeof(old), "%.*s", (int)(end - at + 1), at);
    sp_edit(s, old, list);
}

#define SECRET(client, commitment, disclosed, key, versus)                               \
    "{\"commitment\":\"" commitment "\",\"disclosed\":\"" disclosed                      \
    "\",\"name\":\"s3.client." client "." key "\",\"versus\":\"" versus "\"}"

static const struct {
    const char *mode, *list;
    enum bf_err want;
} pairs_rows[] = {
    {"apply", "\"secrets\":[]", BF_OK},
    {"apply", "\"secrets\":[" SECRET("a", HEX64, "ID", "access_key", "same") "]",
     BF_MANIFEST_RULE},
    {"apply", "\"secrets\":[" SECRET("a", HEX64, "", "secret_key", "same") "]",
     BF_MANIFEST_RULE},
    {"apply",
     "\"secrets\":[" SECRET("a-b", HEX64, "ID", "access_key", "new") "," SECRET(
         "a-b", HEX64, "", "secret_key",
         "new") "," SECRET("a", "", "", "access_key",
                           "removed") "," SECRET("a", "", "", "secret_key",
                                                 "removed") "]",
     BF_OK},
    {"apply",
     "\"secrets\":[" SECRET("a", "", "", "access_key", "removed") "," SECRET(
         "a", HEX64, "", "secret_key", "same") "]",
     BF_MANIFEST_RULE},
    {"apply",
     "\"secrets\":[" SECRET("a", HEX64, "ID", "access_key", "removed") "," SECRET(
         "a", "", "", "secret_key", "removed") "]",
     BF_MANIFEST_RULE},
    {"apply",
     "\"secrets\":[" SECRET("a", "", "", "access_key",
                            "new") "," SECRET("a", HEX64, "", "secret_key", "new") "]",
     BF_MANIFEST_RULE},
    {"mint",
     "\"secrets\":[" SECRET("a", "", "", "access_key", "changed") "," SECRET(
         "a", "", "", "secret_key", "changed") "]",
     BF_OK},
    {"mint",
     "\"secrets\":[" SECRET("a", "", "", "access_key",
                            "new") "," SECRET("a", "", "", "secret_key", "changed") "]",
     BF_MANIFEST_RULE},
    {"mint",
     "\"secrets\":[" SECRET("a", HEX64, "ID", "access_key", "changed") "," SECRET(
         "a", "", "", "secret_key", "changed") "]",
     BF_MANIFEST_RULE},
    {"mint",
     "\"secrets\":[" SECRET("a", "", "", "access_key", "removed") "," SECRET(
         "a", "", "", "secret_key", "removed") "]",
     BF_OK},
};

static void pairs(void)
{
    size_t i;

    for (i = 0; i < sizeof(pairs_rows) / sizeof(pairs_rows[0]); i++) {
        struct sp s;
        struct bf_diag diag = {0};
        char mode[40];

        sp_begin(&s, fx_world(), true);
        snprintf(mode, sizeof(mode), "\"mode\":\"%s\",\"policy\"", pairs_rows[i].mode);
        sp_edit(&s, "\"mode\":\"apply\",\"policy\"", mode);
        set_secrets(&s, pairs_rows[i].list);
        T_ERR(read_manifest(&s, &diag), pairs_rows[i].want, &diag);
        sp_clear(&s);
    }
}

/* One more than the most entries. */
static void counts(void)
{
    struct bf_buf list = bf_buf(BF_MAX_JSON);
    size_t most, i;

    for (most = 32; most <= 34; most += 2) {
        struct sp s;
        struct bf_diag diag = {0};

        bf_put_text(&list, "\"secrets\":[");
        for (i = 0; i < most / 2; i++) {
            bf_put_fmt(&list,
                       "%s{\"commitment\":\"" HEX64
                       "\",\"disclosed\":\"ID\",\"name\":\"s3.client.c%02zu.access_key\","
                       "\"versus\":"
                       "\"new\"},{\"commitment\":\"" HEX64
                       "\",\"disclosed\":\"\",\"name\":\"s3.client.c%02zu.secret_key\","
                       "\"versus\":\"new\"}",
                       i > 0 ? "," : "", i, i);
        }
        bf_put_text(&list, "]");
        sp_begin(&s, fx_world(), true);
        set_secrets(&s, bf_buf_text(&list));
        T_ERR(read_manifest(&s, &diag), most > 32 ? BF_MANIFEST_VALUE : BF_OK, &diag);
        sp_clear(&s);
        bf_buf_clear(&list);
    }
}

/* What the format has and this version does not do. */
static void supported(void)
{
    static const struct {
        const char *from, *to, *where;
    } rows[] = {
        {"\"class\":\"normal\"", "\"class\":\"emergency\"", "change.class is emergency"},
        {"\"do\":\"register\"", "\"do\":\"remove\"",
         "plan.do is remove and plan.iam.mode is apply"},
        {"\"kind\":\"opensearch\"", "\"kind\":\"ech\"", NULL},
        {"\"kind\":\"opensearch\"", "\"kind\":\"ece\"", NULL},
        {"\"kind\":\"opensearch\"", "\"kind\":\"eck\"", "target.kind is eck"},
        {"\"mode\":\"never\"", "\"mode\":\"if-needed\"",
         "plan.restart.mode is if-needed"},
        {"\"mode\":\"never\"", "\"mode\":\"always\"", "plan.restart.mode is always"},
        {"\"analyze\":false", "\"analyze\":true", NULL},
        {"\"retire\":\"\"", "\"retire\":\"AKIAIOSFODNN7EXAMPL1\"",
         "plan.retire is AKIAIOSFODNN7EXAMPL1"},
        {"\"do\":\"register\"", "\"do\":\"rotate\"", NULL},
        {"\"kind\":\"opensearch\"", "\"kind\":\"elasticsearch\"", NULL},
        {"\"preflight\":\"required\"", "\"preflight\":\"if-reachable\"", NULL},
        {"\"preflight\":\"required\"", "\"preflight\":\"none\"", NULL},
        {"\"precondition\":\"absent\"", "\"precondition\":\"" HEX64 "\"", NULL},
        {"\"precondition\":\"absent\"", "\"precondition\":\"any\"", NULL},
        {"\"mode\":\"apply\"", "\"mode\":\"manual\"", NULL},
        {"\"mode\":\"apply\"", "\"mode\":\"check\"", NULL},
        {"\"supersedes\":\"\"", "\"supersedes\":\"" HEX64 "\"", NULL},
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sp s;
        struct bf_diag diag = {0};
        struct bf_json_doc doc = {0};
        struct bf_manifest m;

        sp_begin(&s, fx_world(), true);
        sp_edit(&s, rows[i].from, rows[i].to);
        T_OK(bf_manifest_read(&m, &doc, bf_buf_bytes(&s.manifest), &diag), &diag);
        T_ERR(bf_plan_supported(&m, &diag),
              rows[i].where != NULL ? BF_PLAN_NOT_SUPPORTED : BF_OK, &diag);
        if (rows[i].where != NULL) {
            T_TEXT(diag.where, rows[i].where);
        }
        bf_json_clear(&doc);
        sp_clear(&s);
    }
}

static void supported_secrets(void)
{
    struct sp s;
    struct bf_diag diag = {0};
    struct bf_json_doc doc = {0};
    struct bf_manifest m;

    sp_begin(&s, fx_world(), true);
    sp_edit(&s, "\"mode\":\"apply\"", "\"mode\":\"mint\"");
    set_secrets(&s, "\"secrets\":[]");
    T_OK(bf_manifest_read(&m, &doc, bf_buf_bytes(&s.manifest), &diag), &diag);
    T_ERR(bf_plan_supported(&m, &diag), BF_PLAN_NOT_SUPPORTED, &diag);
    T_TEXT(diag.where, "plan.iam.mode is mint");
    bf_json_clear(&doc);
    sp_clear(&s);

    sp_begin(&s, fx_world(), true);
    set_secrets(&s,
                "\"secrets\":[" SECRET("a", "", "", "access_key", "removed") "," SECRET(
                    "a", "", "", "secret_key", "removed") "]");
    T_OK(bf_manifest_read(&m, &doc, bf_buf_bytes(&s.manifest), &diag), &diag);
    T_ERR(bf_plan_supported(&m, &diag), BF_PLAN_NOT_SUPPORTED, &diag);
    T_TEXT(diag.where, "s3.client.a.access_key is removed");
    /* they go with the repository, and none is set then */
    m.plan.action = "remove";
    m.plan.iam.mode = "none";
    T_OK(bf_plan_supported(&m, &diag), &diag);
    m.plan.retire = "AKIAIOSFODNN7EXAMPL1";
    T_OK(bf_plan_supported(&m, &diag), &diag);
    m.plan.bucket.mode = "check";
    T_ERR(bf_plan_supported(&m, &diag), BF_PLAN_NOT_SUPPORTED, &diag);
    T_TEXT(diag.where, "plan.do is remove and plan.bucket.mode is check");
    m.plan.bucket.mode = "none";
    m.target.kind = "ech";
    T_ERR(bf_plan_supported(&m, &diag), BF_PLAN_NOT_SUPPORTED, &diag);
    T_TEXT(diag.where, "plan.do is remove and target.kind is ech");
    m.target.kind = "opensearch";
    BF_LIST_ITEM(&m.secrets, struct bf_secret_ref, 0)->versus = "new";
    T_ERR(bf_plan_supported(&m, &diag), BF_PLAN_NOT_SUPPORTED, &diag);
    T_TEXT(diag.where, "s3.client.a.access_key is new");
    bf_json_clear(&doc);
    sp_clear(&s);
}

/* ---- any bytes ---- */

static uint32_t seed = 4711;

static size_t rnd(size_t below)
{
    seed = seed * 1664525 + 1013904223;
    return below > 0 ? (seed >> 8) % below : 0;
}

/* One place changed, taken out, doubled or moved; the parts are those of the text itself,
 * so that much of it stays well formed. */
static void mutate(struct bf_buf *out, const struct bf_buf *in)
{
    size_t at = rnd(in->len), len = 1 + rnd(rnd(4) == 0 ? 60 : 3), from = rnd(in->len),
           how = rnd(4);
    uint8_t odd = (uint8_t)(rnd(3) == 0 ? rnd(256) : 0x20 + rnd(95));

    len = at + len > in->len ? in->len - at : len;
    from = from + len > in->len ? in->len - len : from;
    *out = bf_buf(BF_MAX_JSON);
    bf_put(out, in->ptr, at);
    if (how == 0) {
        bf_put_u8(out, odd);
        len = 1;
    } else if (how == 1) {
        bf_put(out, in->ptr + from, len);
    } else if (how == 2) {
        bf_put(out, in->ptr + at, len);
        len = 0;
    }
    bf_put(out, in->ptr + at + len, in->len - at - len);
}

/* What is accepted is, byte for byte, what we would write of what we read: nothing else
 * is there, and nothing is read otherwise. */
static void mutations(void)
{
    struct sp s;
    size_t accepted = 0, i;

    sp_begin(&s, fx_world(), true);
    for (i = 0; i < 50000; i++) {
        struct bf_buf text, more, again = bf_buf(BF_MAX_JSON);
        struct bf_json_doc doc = {0};
        struct bf_manifest m;
        enum bf_err err;

        mutate(&text, &s.manifest);
        if (i % 3 == 0) {
            mutate(&more, &text);
            bf_buf_clear(&text);
            text = more;
        }
        err = bf_manifest_read(&m, &doc, bf_buf_bytes(&text), NULL);
        if (err == BF_OK) {
            accepted++;
            bf_schema_write(&again, &bf_manifest_schema, &m);
            T_BYTES(bf_buf_bytes(&again), bf_buf_bytes(&text));
        } else if (bf_err_exit(err) != BF_EXIT_REFUSED) {
            T_ERR(err, BF_OK, NULL);
        }
        bf_buf_clear(&again);
        bf_buf_clear(&text);
        bf_json_clear(&doc);
    }
    T_TRUE(accepted > 1000 &&
           accepted < 40000); /* values that are as good as those before */
    sp_clear(&s);
}

T_CASES("manifest", {"a good one reads and writes itself", good},
        {"type and JSON", type_and_json}, {"values", values}, {"closed", closed},
        {"order", order}, {"rules", rules}, {"pairs", pairs}, {"counts", counts},
        {"mutations", mutations}, {"supported", supported},
        {"supported secrets", supported_secrets});
