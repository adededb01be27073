/* SPDX-License-Identifier: Apache-2.0 */
/* Checks 3 to 8 of a bundle in their order: each fault, signed by a real author where it
 * needs one, ends in its own refusal. */
#include <stdio.h>
#include <string.h>

#include "chain.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void good(void)
{
    struct bf_buf raw = {0};
    struct bf_bundle b = {0};
    struct bf_diag diag = {0};
    size_t i;

    fx_bundle_approved(&raw, fx_world());
    b.checks.result[BF_CHECK_INPUT] = BF_PASSED;
    T_OK(check_all(&b, &raw, &diag), &diag);
    T_TRUE(raw.ptr == NULL);
    for (i = 0; i < BF_CHECK_SECRETS; i++) {
        T_INT(b.checks.result[i],
              i == BF_CHECK_SEALED || i == BF_CHECK_ORDER ? BF_SKIPPED : BF_PASSED);
    }
    T_INT(b.num_sigs, 3);
    T_TEXT(b.author->person, "alice");
    T_TEXT(b.m.author, "alice");
    T_TRUE(b.policy != NULL && b.repository != NULL && b.sheet != NULL &&
           b.secrets != NULL);
    T_INT(strlen(b.sha256), 64);
    bf_bundle_clear(&b);
    bf_bundle_clear(&b);
}

static void ids(void)
{
    static const char *const want[] = {
        "input", "sealed", "gate",  "signatures", "author", "manifest", "members",
        "sheet", "times",  "trust", "order",      "people", "secrets",  "live"};
    size_t i;

    T_INT(NUM(want), BF_NUM_CHECKS);
    for (i = 0; i < NUM(want); i++) {
        T_TEXT(bf_check_id((enum bf_check)i), want[i]);
    }
    T_TEXT(bf_result_id(BF_PASSED), "ok");
    T_TEXT(bf_result_id(BF_REFUSED), "refused");
    T_TEXT(bf_result_id(BF_SKIPPED), "skipped");
}

/* ---- 3 ---- */

static void gate(void)
{
    static const char *const roles[] = {"sig/root.erin.sshsig", "sig/receipt.gw-1.sshsig",
                                        "sig/audit.dave.sshsig"};
    static const char *const odd[] = {"sig/bob.sshsig", "sig/approve.bob.sig",
                                      "sig/author.bob", "sig/readme"};
    struct fx *f = fx_world();
    struct bf_buf raw = {0};
    struct bf_bundle b = {0};
    struct bf_diag diag = {0};
    size_t i;

    for (i = 0; i < NUM(roles); i++) {
        fx_bundle_approved(&raw, f);
        fx_put(&raw, roles[i], bf_text("x"));
        refused_at(&raw, BF_GATE_ROLE, BF_CHECK_GATE, roles[i], roles[i]);
    }
    fx_bundle_approved(&raw, f);
    fx_put(&raw, "sig/author.alice.sshsig", bf_view(NULL, 0));
    refused_at(&raw, BF_GATE_AUTHOR, BF_CHECK_GATE, "0", "no author");
    fx_bundle_approved(&raw, f);
    fx_sign(&raw, f, FX_BOB, FX_BOB, "author");
    refused_at(&raw, BF_GATE_AUTHOR, BF_CHECK_GATE, "2", "two authors");
    /* what has not the name of a signature counts for nothing, and is no author */
    for (i = 0; i < NUM(odd); i++) {
        fx_bundle_approved(&raw, f);
        fx_put(&raw, odd[i], bf_text("x"));
        T_OK(check_all(&b, &raw, &diag), &diag);
        T_INT(b.num_sigs, 4);
        bf_bundle_clear(&b);
        fx_bundle_approved(&raw, f);
        fx_put(&raw, "sig/author.alice.sshsig", bf_view(NULL, 0));
        fx_put(&raw, odd[i], bf_text("x"));
        refused_at(&raw, BF_GATE_AUTHOR, BF_CHECK_GATE, "0", odd[i]);
    }
    fx_bundle_approved(&raw, f);
    raw.ptr[0] ^= 1;
    refused_at(&raw, BF_GATE_HEADER, BF_CHECK_GATE, NULL, "gate");
    fx_copy(&raw, bf_text(""));
    refused_at(&raw, BF_GATE_SIZE, BF_CHECK_GATE, NULL, "empty");
}

/* ---- 5 ---- */

/* Signed by who as author under the name of as: no good author, and nothing of the
 * manifest is looked at. */
static void author_none(enum fx_who who, enum fx_who as, const char *reason)
{
    struct sp s;
    struct bf_buf raw = {0};
    struct bf_bundle b = {0};
    struct bf_diag diag = {0};

    sp_begin(&s, fx_world(), true);
    sp_edit(&s, "{\"author\"", "not JSON");
    sp_pack(&s, fx_world(), who, as, &raw);
    T_ERR(bf_bundle_open(&b, &raw, &fx_world()->trust, FX_NOW, &diag), BF_AUTHOR_NONE,
          &diag);
    if (strstr(diag.where, reason) == NULL) {
        T_TEXT(diag.where, reason);
    }
    T_TRUE(b.author == NULL && b.doc.root == NULL && b.num_sigs == 1);
    T_INT(b.checks.result[BF_CHECK_SIGNATURES], BF_PASSED);
    T_INT(b.checks.result[BF_CHECK_AUTHOR], BF_REFUSED);
    bf_bundle_clear(&b);
    sp_clear(&s);
}

static void author(void)
{
    struct fx *f = fx_world();
    struct sp s;
    struct bf_buf raw = {0};
    struct bf_container c;
    struct bf_diag diag = {0};

    author_none(FX_MALLORY, FX_MALLORY, "SIG_UNKNOWN_KEY");
    author_none(FX_MALLORY, FX_ALICE, "SIG_UNKNOWN_KEY");
    author_none(FX_BOB, FX_BOB, "SIG_ROLE");
    author_none(FX_ALICE, FX_BOB, "SIG_PERSON");
    /* a good signature of the same person over another manifest */
    sp_begin(&s, f, true);
    sp_pack(&s, f, FX_ALICE, FX_ALICE, &raw);
    fx_must(bf_gate(&c, bf_buf_bytes(&raw), &diag), &diag, "gate");
    sp_edit(&s, "\"serial\":7", "\"serial\":8");
    fx_put(&raw, "manifest.json", bf_buf_bytes(&s.manifest));
    refused_at(&raw, BF_AUTHOR_NONE, BF_CHECK_AUTHOR, NULL, "other manifest");
    /* the very same signature in the role of an approver */
    sp_pack(&s, f, FX_ALICE, FX_ALICE, &raw);
    fx_must(bf_gate(&c, bf_buf_bytes(&raw), &diag), &diag, "gate");
    fx_sign(&raw, f, FX_ALICE, FX_ALICE, "approve");
    fx_must(bf_gate(&c, bf_buf_bytes(&raw), &diag), &diag, "gate");
    {
        struct bf_buf approve = {0};

        fx_copy(&approve, bf_container_find(&c, "sig/approve.alice.sshsig")->data);
        fx_put(&raw, "sig/author.alice.sshsig", bf_buf_bytes(&approve));
        bf_buf_clear(&approve);
    }
    refused_at(&raw, BF_AUTHOR_NONE, BF_CHECK_AUTHOR, NULL, "other role");
    /* once the author is good, the same bytes are parsed */
    sp_edit(&s, "{\"author\"", "not JSON");
    sp_pack(&s, f, FX_ALICE, FX_ALICE, &raw);
    refused_at(&raw, BF_JSON_SYNTAX, BF_CHECK_MANIFEST, NULL, "not JSON");
    sp_clear(&s);
}

/* ---- 5 to 8, by edits of a manifest that alice then signs ---- */

static void manifest(void)
{
    static const struct {
        const char *from, *to;
        enum bf_err want;
        enum bf_check at;
    } rows[] = {
        {"snapseal/bundle/1", "snapseal/trust/1", BF_MANIFEST_TYPE, BF_CHECK_MANIFEST},
        {"snapseal/bundle/1", "snapseal/receipt/1", BF_MANIFEST_TYPE, BF_CHECK_MANIFEST},
        {"\"domain\":\"example.corp\"", "\"domain\":\"other.corp\"", BF_MANIFEST_DOMAIN,
         BF_CHECK_MANIFEST},
        {"\"domain\":\"example.corp\"", "\"domain\":7", BF_MANIFEST_DOMAIN,
         BF_CHECK_MANIFEST},
        {"\"domain\":\"example.corp\",", "", BF_MANIFEST_DOMAIN, BF_CHECK_MANIFEST},
        {"\"prev\":\"\",", "", BF_MANIFEST_SCHEMA, BF_CHECK_MANIFEST},
        {"\"serial\":7", "\"serial\":0", BF_MANIFEST_VALUE, BF_CHECK_MANIFEST},
        {"\"name\":\"s3.client.secondary.access_key\"",
         "\"name\":\"s3.client.third.access_key\"", BF_MANIFEST_ORDER, BF_CHECK_MANIFEST},
        {FX_ENDS, FX_BEGINS, BF_MANIFEST_RULE, BF_CHECK_MANIFEST},
        {"\"author\":\"alice\"", "\"author\":\"bob\"", BF_AUTHOR_DIFFERS,
         BF_CHECK_AUTHOR},
        /* the plan needs other members than there are */
        {"\"arn\":\"arn:aws:iam::123456789012:user/"
         "es-snapshots\",\"mode\":\"apply\",\"policy\":\"snapshot-access\",\"user\":\"es-"
         "snapshots\"",
         "\"arn\":\"\",\"mode\":\"none\",\"policy\":\"\",\"user\":\"\"", BF_MEMBER_SET,
         BF_CHECK_MEMBERS},
        {"\"do\":\"register\"", "\"do\":\"remove\"", BF_MEMBER_SET, BF_CHECK_MEMBERS},
        /* rules between plan and documents */
        {"\"name\":\"acme-snapshots\"", "\"name\":\"acme-snapshots-2\"", BF_POLICY_BUCKET,
         BF_CHECK_SHEET},
        {"\"path_style\":true", "\"path_style\":false", BF_REPOSITORY_S3, BF_CHECK_SHEET},
        /* a key in use is not retired, and an older one only where keys change */
        {"\"retire\":\"\"", "\"retire\":\"" FX_ACCESS "\"", BF_MANIFEST_RULE,
         BF_CHECK_MANIFEST},
        {"\"retire\":\"\"", "\"retire\":\"AKIAIOSFODNN7EXAMPL1\"", BF_PLAN_NOT_SUPPORTED,
         BF_CHECK_PEOPLE},
        {"\"class\":\"normal\"", "\"class\":\"emergency\"", BF_TIME_LIFETIME,
         BF_CHECK_TIMES},
        {"\"appliance\":\"gw-1\"", "\"appliance\":\"gw-2\"", BF_TARGET_DIFFERS,
         BF_CHECK_TRUST},
        {"\"version\":1}", "\"version\":2}", BF_TRUST_VERSION, BF_CHECK_TRUST},
    };
    size_t i;

    for (i = 0; i < NUM(rows); i++) {
        struct sp s;
        struct bf_buf raw = {0};

        sp_begin(&s, fx_world(), true);
        sp_edit(&s, rows[i].from, rows[i].to);
        sp_end(&s, fx_world(), &raw);
        refused_at(&raw, rows[i].want, rows[i].at, NULL, rows[i].to);
        sp_clear(&s);
    }
}

/* Type comes before domain, domain before schema, schema before author. */
static void manifest_order(void)
{
    struct sp s;
    struct bf_buf raw = {0};

    sp_begin(&s, fx_world(), true);
    sp_edit(&s, "\"author\":\"alice\"", "\"author\":\"bob\"");
    sp_edit(&s, "\"serial\":7", "\"serial\":0");
    sp_end(&s, fx_world(), &raw);
    refused_at(&raw, BF_MANIFEST_VALUE, BF_CHECK_MANIFEST,
               "manifest.json: serial: not in the allowed range", "schema");
    sp_edit(&s, "\"domain\":\"example.corp\"", "\"domain\":\"other.corp\"");
    sp_end(&s, fx_world(), &raw);
    refused_at(&raw, BF_MANIFEST_DOMAIN, BF_CHECK_MANIFEST,
               "manifest.json: other.corp instead of example.corp", "domain");
    sp_edit(&s, "snapseal/bundle/1", "snapseal/bundle/2");
    sp_end(&s, fx_world(), &raw);
    refused_at(&raw, BF_MANIFEST_TYPE, BF_CHECK_MANIFEST, NULL, "type");
    sp_clear(&s);
}

/* ---- 7 ---- */

enum member_fault {
    TAKEN_AWAY,
    ADDED,
    CHANGED,
    LISTED_AND_ADDED,
    SHEET_NOT_LISTED,
    SECRETS_NOT_LISTED
};

static void member_fault(enum member_fault fault, enum bf_err want, const char *where)
{
    struct sp s;
    struct bf_buf raw = {0};

    sp_begin(&s, fx_world(), true);
    switch (fault) {
    case TAKEN_AWAY:
        sp_set(&s, "secrets.age", NULL);
        break;
    case ADDED:
        sp_set(&s, "review/notes.txt", "x");
        break;
    case CHANGED:
        sp_edit_member(&s, "review/repository.json", "prod-eu-1", "prod-eu-2");
        break;
    case LISTED_AND_ADDED:
        sp_set(&s, "review/notes.txt", "x");
        sp_list(&s);
        break;
    case SHEET_NOT_LISTED:
        sp_set(&s, "review/sheet.txt", NULL);
        sp_list(&s);
        break;
    case SECRETS_NOT_LISTED:
        sp_set(&s, "secrets.age", NULL);
        sp_list(&s);
        break;
    }
    sp_pack(&s, fx_world(), FX_ALICE, FX_ALICE, &raw);
    refused_at(&raw, want, BF_CHECK_MEMBERS, where, where);
    sp_clear(&s);
}

static void members(void)
{
    member_fault(TAKEN_AWAY, BF_MEMBER_MISSING, "secrets.age");
    member_fault(ADDED, BF_MEMBER_UNKNOWN, "review/notes.txt");
    member_fault(CHANGED, BF_MEMBER_HASH, "review/repository.json");
    member_fault(LISTED_AND_ADDED, BF_MEMBER_SET, "a member that no plan has");
    member_fault(SHEET_NOT_LISTED, BF_MEMBER_SET, "review/sheet.txt is needed");
    member_fault(SECRETS_NOT_LISTED, BF_MEMBER_SET, "secrets.age is needed");
}

static void member_size(void)
{
    struct sp s;
    struct bf_buf raw = {0};
    char text[4096];

    sp_begin(&s, fx_world(), true);
    snprintf(text, sizeof(text), "%.*s ", (int)sp_get(&s, "review/repository.json").len,
             (const char *)sp_get(&s, "review/repository.json").ptr);
    sp_set(&s, "review/repository.json", text);
    sp_pack(&s, fx_world(), FX_ALICE, FX_ALICE, &raw);
    refused_at(&raw, BF_MEMBER_SIZE, BF_CHECK_MEMBERS, "review/repository.json", "size");
    sp_clear(&s);
}

/* ---- 8 ---- */

static void documents(void)
{
    static const struct {
        const char *name, *from, *to;
        enum bf_err want;
    } rows[] = {
        {"review/iam-policy.json", "{\"Statement\"", "{ \"Statement\"", BF_POLICY_JSON},
        {"review/iam-policy.json", "2012-10-17\"}", "2012-10-17\"}\n", BF_POLICY_JSON},
        {"review/iam-policy.json", "2012-10-17", "2012-10-18", BF_POLICY_FORM},
        {"review/iam-policy.json", "acme-snapshots/*", "acme/*", BF_POLICY_BUCKET},
        {"review/repository.json", "{\"settings\"", "{\"type\":\"s3\",\"settings\"",
         BF_REPOSITORY_JSON},
        {"review/repository.json", "\"type\":\"s3\"", "\"type\":\"fs\"",
         BF_REPOSITORY_FORM},
        {"review/repository.json", "\"client\":\"secondary\"", "\"client\":\"default\"",
         BF_REPOSITORY_CLIENT},
        {"review/repository.json", "acme-snapshots", "acme", BF_REPOSITORY_BUCKET},
        {"review/repository.json", "https://", "http://", BF_REPOSITORY_S3},
        {"review/repository.json", "{\"base_path\"",
         "{\"access_key\":\"x\",\"base_path\"", BF_REPOSITORY_SECRET},
    };
    struct bf_buf raw = {0};
    struct sp s;
    size_t i;

    for (i = 0; i < NUM(rows); i++) {
        sp_begin(&s, fx_world(), true);
        sp_edit_member(&s, rows[i].name, rows[i].from, rows[i].to);
        sp_end(&s, fx_world(), &raw);
        refused_at(&raw, rows[i].want, BF_CHECK_SHEET, NULL, rows[i].to);
        sp_clear(&s);
    }
}

static void policy_size(void)
{
    struct bf_buf raw = {0};
    struct sp s;
    char sid[2100];

    sp_begin(&s, fx_world(), true);
    memset(sid, 'x', sizeof(sid));
    memcpy(sid, "{\"Id\":\"", 7);
    memcpy(sid + 1900, "\",\"Statement\"", 14);
    sp_edit_member(&s, "review/iam-policy.json", "{\"Statement\"", sid);
    sp_end(&s, fx_world(), &raw);
    refused_at(&raw, BF_POLICY_SIZE, BF_CHECK_SHEET, NULL, "policy size");
    sp_clear(&s);
}

/* Signed as it is by the author, and yet not what follows from the plan. */
static void sheet(void)
{
    static const struct {
        const char *from, *to, *where;
    } rows[] = {
        {"SNAPSEAL REVIEW", "SNAPSEAL  REVIEW", "line 1"},
        {"\nEND OF SHEET\n", "\nEND OF SHEET", NULL},
        {"\nEND OF SHEET\n", "\nEND OF SHEET\n\n", NULL},
        {"Ticket        CHG-1042", "Ticket        CHG-1043", NULL},
        {"7 of this target", "8 of this target", NULL},
    };
    struct bf_buf raw = {0};
    struct sp s;
    size_t i;

    for (i = 0; i < NUM(rows); i++) {
        sp_begin(&s, fx_world(), true);
        sp_edit_member(&s, "review/sheet.txt", rows[i].from, rows[i].to);
        sp_list(&s);
        sp_pack(&s, fx_world(), FX_ALICE, FX_ALICE, &raw);
        refused_at(&raw, BF_SHEET_DIFFERS, BF_CHECK_SHEET, rows[i].where, rows[i].to);
        sp_clear(&s);
    }
    /* the sheet comes before the rules */
    sp_begin(&s, fx_world(), true);
    sp_edit_member(&s, "review/repository.json", "\"client\":\"secondary\"",
                   "\"client\":\"default\"");
    sp_list(&s);
    sp_pack(&s, fx_world(), FX_ALICE, FX_ALICE, &raw);
    refused_at(&raw, BF_SHEET_DIFFERS, BF_CHECK_SHEET, NULL, "sheet first");
    sp_clear(&s);
}

/* A document whose sheet would be larger than a member: refused, not an error of the
 * machine. */
static void sheet_too_large(void)
{
    struct bf_buf raw = {0}, text = bf_buf(BF_MAX_JSON);
    struct sp s;
    size_t i;

    bf_put_text(&text, "{\"settings\":{");
    for (i = 0; i < 18000; i++) {
        bf_put_fmt(&text, "%s\"a%05zu\":1", i > 0 ? "," : "", i);
    }
    bf_put_text(&text, "},\"type\":\"s3\"}");
    sp_begin(&s, fx_world(), true);
    sp_set(&s, "review/repository.json", bf_buf_text(&text));
    sp_list(&s);
    sp_pack(&s, fx_world(), FX_ALICE, FX_ALICE, &raw);
    refused_at(&raw, BF_SHEET_DIFFERS, BF_CHECK_SHEET,
               "what follows from the plan is too long for a member", "too large");
    bf_buf_clear(&text);
    sp_clear(&s);
}

T_CASES("bundle", {"good", good}, {"ids", ids}, {"gate", gate}, {"author", author},
        {"manifest", manifest}, {"manifest order", manifest_order}, {"members", members},
        {"member size", member_size}, {"documents", documents},
        {"policy size", policy_size}, {"sheet", sheet},
        {"sheet too large", sheet_too_large});
