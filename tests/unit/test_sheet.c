/* SPDX-License-Identifier: Apache-2.0 */
/* The review sheet: whole, in its form, a function of what is signed, and proof against
 * texts that would look like lines of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_in.h"
#include "harness.h"
#include "sheet_export.h"
#include "spoil.h"

static struct bf_bytes text_or_none(const char *text)
{
    return text != NULL ? bf_text(text) : bf_view(NULL, 0);
}

/* A manifest and documents as a sheet is made from them. Strings are the caller's. */
static enum bf_err sheet_of(struct bf_buf *out, const struct bf_manifest *m,
                            const char *policy, const char *repository,
                            struct bf_diag *diag)
{
    struct bf_json_doc p = {0}, r = {0};
    struct bf_buf text = bf_buf(BF_MAX_JSON);
    enum bf_err err = BF_OK;

    *out = bf_buf(BF_MAX_MEMBER);
    if (policy != NULL) {
        T_OK(bf_json_parse(&p, bf_text(policy), BF_JSON_REVIEW, diag), diag);
    }
    if (repository != NULL) {
        T_OK(bf_json_parse(&r, bf_text(repository), BF_JSON_REVIEW, diag), diag);
    }
    err = bf_sheet_write(out, m, p.root, r.root, diag);
    bf_schema_write(&text, &bf_manifest_schema, m);
    sheet_export(bf_buf_bytes(&text), text_or_none(policy), text_or_none(repository),
                 bf_buf_bytes(out));
    bf_buf_clear(&text);
    bf_json_clear(&p);
    bf_json_clear(&r);
    return err;
}

static struct bf_secret_ref refs[2];

static void manifest(struct bf_manifest *m, bool policy)
{
    static const char commitment[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fx_manifest(m, fx_world(), policy);
    refs[0] = (struct bf_secret_ref){commitment, FX_ACCESS,
                                     "s3.client.secondary.access_key", "new"};
    refs[1] = (struct bf_secret_ref){commitment, "", "s3.client.secondary.secret_key",
                                     "changed"};
    m->secrets.items = refs;
    m->secrets.num = 2;
}

static const char *text_of(struct bf_buf *b)
{
    const char *text = bf_buf_text(b);

    return text != NULL ? text : "";
}

static bool has(struct bf_buf *sheet, const char *part)
{
    return strstr(text_of(sheet), part) != NULL;
}

/* The words that may stand in column 1: labels, numbered ones without their number,
 * headings. */
static const char *const labels[] = {
    "To approve",    "In short",     "Reason",        "Ticket",        "Class",
    "Author",        "Serial",       "Valid from",    "Valid until",   "Target",
    "Kind",          "Cluster UUID", "Appliance",     "Repository",    "Bucket",
    "Bucket region", "S3 endpoint",  "S3 region",     "S3 path style", "Do",
    "Precondition",  "Reviewed",     "IAM",           "IAM user",      "IAM ARN",
    "IAM policy",    "Bucket is",    "Bucket wants",  "Preflight",     "Keystore",
    "Reload",        "Restart",      "Restart group", "Restart skips", "Request",
    "Proof",         "Analysis",     "Retire",        "Secrets",       "Secret",
    "versus",        "value",        "commitment",    "Policy",        "Policy is",
    "Policy note",   "Version",      "Statement",     "Statements",    "on",
    "action",        "only if",      "note",          "Setting",       "Type",
    "Request is",    "Request note", "Undo",          "Undo IAM",      "Undo bucket",
    "Undo secrets",  "Undo request", "Domain",        "Bundle",        "Made at",
    "Approvals",     "Follows",      "Supersedes",    "Log seen",      "Log root",
};
static const char *const headings[] = {
    "SNAPSEAL REVIEW SHEET",
    "1 THE CHANGE",
    "2 WHERE",
    "3 WHAT IS DONE, IN THIS ORDER",
    "4 SECRETS",
    "5 THE POLICY",
    "6 THE REGISTER REQUEST",
    "7 IF SOMETHING FAILS",
    "8 FOR THE RECORD",
    "9 THE TWO DOCUMENTS, EXACTLY",
    "END OF SHEET",
};

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

/* The label of an item line: 14 columns, without blanks at its end and without a number.
 */
static bool is_label(const char *line)
{
    char label[15] = "";
    size_t n, at = strspn(line, "0123456789");

    snprintf(label, sizeof(label), "%.14s", line);
    for (n = strlen(label); n > 0 && label[n - 1] == ' '; n--) {
        label[n - 1] = '\0';
    }
    n = strlen(label);
    while (n > 0 && label[n - 1] >= '0' && label[n - 1] <= '9') {
        label[--n] = '\0';
    }
    if (n > 0 && label[n - 1] == ' ') {
        label[n - 1] = '\0';
    }
    return bf_is_one_of(at > 0 ? label + at + 1 : label, labels, NUM(labels));
}

/* Every line is empty, a heading, an item with a known label, or a further line of an
 * item. */
static void check_form(struct bf_buf *sheet)
{
    const char *line = text_of(sheet), *end;
    size_t seen = 0;

    T_TRUE(sheet->len > 0 && sheet->ptr[sheet->len - 1] == '\n');
    for (; *line != '\0'; line = end + 1) {
        char copy[79];
        size_t i;

        end = strchr(line, '\n');
        if (end == NULL || end - line > 78) {
            T_TEXT(line, "at most 78 columns and a line end");
            return;
        }
        snprintf(copy, sizeof(copy), "%.*s", (int)(end - line), line);
        for (i = 0; copy[i] != '\0'; i++) {
            T_TRUE(copy[i] >= 0x20 && copy[i] <= 0x7e);
        }
        if (bf_is_one_of(copy, headings, NUM(headings))) {
            seen++;
        } else if (copy[0] != '\0' && strncmp(copy, "     | ", 7) != 0 &&
                   !is_label(copy)) {
            T_TEXT(copy, "a label");
        }
    }
    T_INT(seen, NUM(headings));
}

static void form(void)
{
    struct bf_manifest m;
    struct bf_diag diag = {0};
    struct bf_buf sheet;

    manifest(&m, true);
    T_OK(sheet_of(&sheet, &m, fx_policy, fx_repository, &diag), &diag);
    check_form(&sheet);
    T_TRUE(
        has(&sheet, "1 action      s3:ListBucket: find the snapshots that are there\n"));
    T_TRUE(
        has(&sheet, "1 value       " FX_ACCESS " (look up at IAM whose key this is)\n"));
    T_TRUE(has(&sheet, "1 on          arn:aws:s3:::acme-snapshots: the bucket itself\n"));
    T_TRUE(
        has(&sheet,
            "2 on          arn:aws:s3:::acme-snapshots/*: every object in the bucket\n"));
    T_TRUE(has(&sheet, "Approvals     rule normal of trust 1 (sha256\n     | "));
    T_TRUE(!has(&sheet, FX_SECRET));
    bf_buf_clear(&sheet);
    manifest(&m, false);
    m.secrets.num = 0;
    T_OK(sheet_of(&sheet, &m, NULL, fx_repository, &diag), &diag);
    check_form(&sheet);
    T_TRUE(has(&sheet, "Policy        none: this change has no policy\n"));
    bf_buf_clear(&sheet);
}

/* ---- nothing is left out ---- */

/* One member of the body changed to another allowed value; the sheet must be another one.
 */
static const struct {
    const char *from, *to;
} changes[] = {
    {"\"author\":\"alice\"", "\"author\":\"alicia\""},
    {"00112233445566778899aabbccddeeff", "10112233445566778899aabbccddeeff"},
    {"\"class\":\"normal\"", "\"class\":\"emergency\""},
    {"Keep snapshots", "Drop snapshots"},
    {"CHG-1042", "CHG-1043"},
    {FX_MADE, "2026-11-23T15:34:01Z"},
    {"\"domain\":\"example.corp\"", "\"domain\":\"example.org\""},
    {"\"origin\":\"\",\"root\":\"\",\"size\":0",
     "\"origin\":\"gw-1\",\"root\":"
     "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":1"},
    {FX_ENDS, "2026-11-30T16:00:01Z"},
    {FX_BEGINS, "2026-11-23T16:00:01Z"},
    {"\"analyze\":false", "\"analyze\":true"},
    {"\"bucket\":{\"mode\":\"none\"", "\"bucket\":{\"mode\":\"check\""},
    {"\"bucket\":{\"mode\":\"none\"", "\"bucket\":{\"mode\":\"create\""},
    {"\"name\":\"acme-snapshots\"", "\"name\":\"acme-snapshot\""},
    {"\"name\":\"acme-snapshots\",\"ownership\":false,\"public_block\":false,\"region\":"
     "\"eu-central-1\"",
     "\"name\":\"acme-snapshots\",\"ownership\":false,\"public_block\":false,\"region\":"
     "\"\""},
    {"\"do\":\"register\"", "\"do\":\"rotate\""},
    {"\"do\":\"register\"", "\"do\":\"remove\""},
    {"arn:aws:iam::1", "arn:aws:iam::2"},
    {"\"mode\":\"apply\"", "\"mode\":\"check\""},
    {"\"mode\":\"apply\"", "\"mode\":\"manual\""},
    {"\"mode\":\"apply\"", "\"mode\":\"mint\""},
    {"\"policy\":\"snapshot-access\"", "\"policy\":\"snapshot-acces\""},
    {"\"user\":\"es-snapshots\"", "\"user\":\"es-snapshot\""},
    {"\"precondition\":\"absent\"", "\"precondition\":\"any\""},
    {"\"precondition\":\"absent\"",
     "\"precondition\":"
     "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""},
    {"\"preflight\":\"required\"", "\"preflight\":\"if-reachable\""},
    {"\"preflight\":\"required\"", "\"preflight\":\"none\""},
    {"\"repository\":\"s3-secondary\"", "\"repository\":\"s3-secondarz\""},
    {"\"group\":\"__all__\"", "\"group\":\"__name__\""},
    {"\"group\":\"__all__\"", "\"group\":\"__zone__\""},
    {"\"mode\":\"never\"", "\"mode\":\"if-needed\""},
    {"\"mode\":\"never\"", "\"mode\":\"always\""},
    {"\"skip_snapshot\":false", "\"skip_snapshot\":true"},
    {"\"retire\":\"\"", "\"retire\":\"AKIAIOSFODNN7EXAMPL1\""},
    {"\"endpoint\":\"" FX_S3 "\"", "\"endpoint\":\"\""},
    {"\"path_style\":true", "\"path_style\":false"},
    {"\"path_style\":true,\"region\":\"eu-central-1\"",
     "\"path_style\":true,\"region\":\"eu-central-2\""},
    {"\"prev\":\"\"",
     "\"prev\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""},
    {"\"disclosed\":\"" FX_ACCESS, "\"disclosed\":\"Z" FX_ACCESS},
    {"\"name\":\"s3.client.secondary.access_key\",\"versus\":\"new\"",
     "\"name\":\"s3.client.secondary.access_key\",\"versus\":\"same\""},
    {"\"name\":\"s3.client.secondary.access_key\",\"versus\":\"new\"",
     "\"name\":\"s3.client.secondary.access_key\",\"versus\":\"unstated\""},
    {"\"name\":\"s3.client.secondary.secret_key\"",
     "\"name\":\"s3.client.other.secret_key\""},
    {"\"serial\":7", "\"serial\":8"},
    {"\"supersedes\":\"\"",
     "\"supersedes\":"
     "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""},
    {"\"appliance\":\"gw-1\"", "\"appliance\":\"gw-2\""},
    {FX_UUID, "vQ3mXk2nTfOa1ZrB7yWc5h"},
    {"\"id\":\"prod-eu-1\"", "\"id\":\"prod-eu-2\""},
    {"\"kind\":\"opensearch\"", "\"kind\":\"elasticsearch\""},
    {"\"kind\":\"opensearch\"", "\"kind\":\"eck\""},
    {"\"version\":1}", "\"version\":2}"},
};

static void says(struct sp *s, struct bf_buf *out)
{
    sp_set(s, "review/sheet.txt", "");
    sp_sheet(s);
    fx_copy(out, sp_get(s, "review/sheet.txt"));
    sheet_export(bf_buf_bytes(&s->manifest), sp_get(s, "review/iam-policy.json"),
                 sp_get(s, "review/repository.json"), bf_buf_bytes(out));
    T_TRUE(out->len > 0);
}

static void complete(void)
{
    size_t i;

    for (i = 0; i < NUM(changes); i++) {
        struct sp s;
        struct bf_buf before, after;

        sp_begin(&s, fx_world(), true);
        says(&s, &before);
        sp_edit(&s, changes[i].from, changes[i].to);
        says(&s, &after);
        check_form(&after);
        if (bf_bytes_equal(bf_buf_bytes(&before), bf_buf_bytes(&after))) {
            T_TEXT(changes[i].to, "a change in the sheet");
        }
        bf_buf_clear(&before);
        bf_buf_clear(&after);
        sp_clear(&s);
    }
}

/* What no edit of the manifest above reaches: each of these changes gives another sheet
 * than all before. */
static void complete_flags(void)
{
    struct bf_buf sheets[12] = {{0}};
    struct bf_diag diag = {0};
    size_t i, k;

    for (i = 0; i < NUM(sheets); i++) {
        struct bf_manifest m;

        manifest(&m, true);
        m.plan.bucket.mode = "create";
        m.plan.bucket.ownership = (i & 1) != 0;
        m.plan.bucket.public_block = (i & 2) != 0;
        m.plan.bucket.versioning = (i & 4) != 0;
        m.type = i == 8 ? "snapseal/bundle/2" : m.type;
        m.trust.sha256 = i == 9 ? refs[0].commitment : m.trust.sha256;
        refs[0].commitment = i == 10 ? m.trust.sha256 : refs[0].commitment;
        refs[1].commitment = i == 11 ? m.trust.sha256 : refs[1].commitment;
        T_OK(sheet_of(&sheets[i], &m, fx_policy, fx_repository, &diag), &diag);
        check_form(&sheets[i]);
        for (k = 0; k < i; k++) {
            T_TRUE(!bf_bytes_equal(bf_buf_bytes(&sheets[i]), bf_buf_bytes(&sheets[k])));
        }
    }
    for (i = 0; i < NUM(sheets); i++) {
        bf_buf_clear(&sheets[i]);
    }
}

/* ---- texts come back as they were, and look like nothing else ---- */

/* The value of the n-th item (from 0) with this label: its lines put together again as
 * annex B says. */
static void item(char *out, size_t size, struct bf_buf *sheet, const char *label,
                 size_t nth, bool exact)
{
    const char *line = text_of(sheet), *end;
    size_t used = 0, before = 0;
    bool inside = false;
    char head[16];

    snprintf(head, sizeof(head), "%-13s ", label);
    out[0] = '\0';
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        if (inside && strncmp(line, "     | ", 7) != 0) {
            return;
        }
        if (inside) {
            used += (size_t)snprintf(out + used, size - used, "%s%.*s",
                                     !exact && before < 78 ? " " : "",
                                     (int)(end - line) - 7, line + 7);
        } else if (strncmp(line, head, 14) == 0 && nth-- == 0) {
            inside = true;
            used = (size_t)snprintf(out, size, "%.*s", (int)(end - line) - 14, line + 14);
        }
        before = (size_t)(end - line);
    }
}

static void texts(void)
{
    char reason[512], ticket[512], back[2000];
    struct bf_diag diag = {0};
    size_t i;

    for (i = 0; i < 2000; i++) {
        struct bf_manifest m;
        struct bf_buf sheet;

        sheet_random_text(reason);
        sheet_random_text(ticket);
        T_TRUE(bf_is_text(reason) && bf_is_text(ticket));
        manifest(&m, true);
        m.change.reason = reason;
        m.change.ticket = ticket;
        T_OK(sheet_of(&sheet, &m, fx_policy, fx_repository, &diag), &diag);
        if (i % 20 == 0) {
            check_form(&sheet);
        }
        item(back, sizeof(back), &sheet, "Reason", 0, false);
        T_TEXT(back, reason);
        item(back, sizeof(back), &sheet, "Ticket", 0, false);
        T_TEXT(back, ticket);
        bf_buf_clear(&sheet);
    }
}

/* Lines at the edge: one word, two words, whose first line ends at, before and behind the
 * last column. */
static void edges(void)
{
    struct bf_diag diag = {0};
    char reason[200], back[400];
    size_t first, second;

    for (first = 55; first <= 75; first++) {
        for (second = 0; second <= 80; second += 16) {
            struct bf_manifest m;
            struct bf_buf sheet;

            memset(reason, 'a', sizeof(reason));
            reason[first] = second > 0 ? ' ' : '\0';
            reason[first + 1 + second] = '\0';
            manifest(&m, true);
            m.change.reason = reason;
            T_OK(sheet_of(&sheet, &m, fx_policy, fx_repository, &diag), &diag);
            item(back, sizeof(back), &sheet, "Reason", 0, false);
            T_TEXT(back, reason);
            check_form(&sheet);
            bf_buf_clear(&sheet);
        }
    }
}

/* Whatever stands in the documents, both come back whole from section 9, and no line is
 * forged. */
static void documents(void)
{
    static const char *const policies[] = {
        "{}",
        "[]",
        "7",
        "\"Statement     1\"",
        "{\"Statement\":[]}",
        "{\"Statement\":7,\"Version\":true}",
        "{\"Statement\":[7,\"x\",[]]}",
        "{\"A "
        "b\":{\"c\":[1,2]},\"Statement\":{\"Action\":\"*\",\"Effect\":\"Deny\","
        "\"Resource\":\"*\"},\"Version\":\"2012-10-17\"}",
        "{\"Statement\":[{\"Action\":[],\"Effect\":7,\"Resource\":{}}]}",
        "{\"Statement\":[{\"Action\":[\"s3:*\",7,\"s3:Get?\",\"s3:Unheard\"],"
        "\"Condition\":{\"StringLike\":{\"s3:prefix\":[\"a  b/*\",\"c\"]"
        ",\"x\":7},\"y\":1},\"Effect\":\"Allow\",\"NotAction\":\"s3:PutObject\","
        "\"Principal\":{\"AWS\":\"*\"},\"Resource\":[\"arn:aws:s3:::"
        "acme-snapshots/prod/*\",\"arn:aws:s3:::acme-snapshots-2\",\"arn\"],\"Sid\":\"a "
        "| b\"}]}",
        "{\"Statement\":[{\"Condition\":7},{\"Condition\":[\"a\"]}]}",
    };
    static const char *const requests[] = {
        "{}",
        "[1]",
        "true",
        "{\"settings\":7,\"type\":[\"s3\"]}",
        "{\"settings\":{\"a  b\":\"c  d  \",\"e\":{\"f\":[]}},\"type\":\"s3\",\"x\":1}",
        "{\"settings\":{\"     | Ticket        CHG-1\":\"     | x\"}}",
    };
    char back[4000];
    size_t i, k;

    for (i = 0; i < NUM(policies); i++) {
        for (k = 0; k < NUM(requests); k++) {
            struct bf_diag diag = {0};
            struct bf_manifest m;
            struct bf_buf sheet;

            manifest(&m, true);
            T_OK(sheet_of(&sheet, &m, policies[i], requests[k], &diag), &diag);
            check_form(&sheet);
            item(back, sizeof(back), &sheet, "Policy", 1, true);
            T_TEXT(back, policies[i]);
            item(back, sizeof(back), &sheet, "Request", 2, true);
            T_TEXT(back, requests[k]);
            bf_buf_clear(&sheet);
        }
    }
}

/* What is wide or not known is said. */
static void warnings(void)
{
    static const char policy[] =
        "{\"Statement\":[{\"Action\":[\"s3:*\",\"s3:Getx*\",\"s3:Unheard\",\"s3:"
        "getobject\",\"s3:PutBucketPolicy\",\"*\"],\"Effect\":\"Deny\","
        "\"Resource\":[\"arn:aws:s3:::acme-snapshots-2\",\"arn:aws:s3:::acme-snapshots/"
        "a*\"],\"Sid\":\"s\"}],\"Version\":\"2012-10-17\"}";
    static const char *const wanted[] = {
        "Statement 1   FORBIDS\n",
        "1 action      s3:*: EVERYTHING on S3: also opening the bucket to others and\n",
        "1 action      s3:Getx*: WIDE: every action whose name fits\n",
        "1 action      s3:Unheard: NOT KNOWN as an action that a repository needs; ask\n "
        "    | why\n",
        "1 action      s3:getobject: NOT KNOWN as an action",
        "1 action      s3:PutBucketPolicy: NOT NEEDED: changes who may use the bucket\n",
        "1 action      *: EVERYTHING that any service can do\n",
        "1 on          arn:aws:s3:::acme-snapshots-2: NOT the bucket of section 2\n",
        "1 on          arn:aws:s3:::acme-snapshots/a*: the objects in the bucket whose\n "
        "    | names fit\n",
        "1 note        Sid \"s\"\n",
        "Setting       bukket = \"x\": NOT KNOWN as a setting of a repository; ask why\n",
    };
    struct bf_manifest m;
    struct bf_diag diag = {0};
    struct bf_buf sheet;
    size_t i;

    manifest(&m, true);
    T_OK(sheet_of(&sheet, &m, policy, "{\"settings\":{\"bukket\":\"x\"},\"type\":\"s3\"}",
                  &diag),
         &diag);
    for (i = 0; i < NUM(wanted); i++) {
        if (!has(&sheet, wanted[i])) {
            T_TEXT(text_of(&sheet), wanted[i]);
        }
        T_TRUE(has(&sheet, wanted[i]));
    }
    bf_buf_clear(&sheet);
}

/* What can not be undone stands there in capitals. */
static void undo(void)
{
    struct bf_manifest m;
    struct bf_diag diag = {0};
    struct bf_buf sheet;

    manifest(&m, true);
    m.target.kind = "ech";
    m.plan.bucket.mode = "create";
    m.plan.retire = "AKIAIOSFODNN7EXAMPL1";
    T_OK(sheet_of(&sheet, &m, fx_policy, fx_repository, &diag), &diag);
    check_form(&sheet);
    T_TRUE(has(&sheet, "Undo bucket   one that was made is removed while it is empty"));
    T_TRUE(has(&sheet, "Retire        after the proof, key AKIAIOSFODNN7EXAMPL1 IS NO "
                       "LONGER"));
    T_TRUE(has(&sheet, "CANNOT BE UNDONE for a name"));
    bf_buf_clear(&sheet);
}

/* What is not sent is not said to be replaced, nor undone. */
static void without_request(void)
{
    static const struct {
        const char *action, *undo;
    } rows[] = {{"rotate", "Undo request  none is sent, so nothing is undone\n"},
                {"remove", "Undo request  the definition that was there is registered "
                           "again\n"}};
    size_t i;

    for (i = 0; i < NUM(rows); i++) {
        struct bf_manifest m;
        struct bf_diag diag = {0};
        struct bf_buf sheet;

        manifest(&m, true);
        m.plan.action = rows[i].action;
        m.plan.precondition = "any";
        T_OK(sheet_of(&sheet, &m, fx_policy, NULL, &diag), &diag);
        check_form(&sheet);
        T_TRUE(has(&sheet, "any: it is not asked with which settings"));
        T_TRUE(has(&sheet, rows[i].undo));
        bf_buf_clear(&sheet);
    }
}

/* A byte that no sheet can hold, and a buffer that is too small. */
static void limits(void)
{
    struct bf_manifest m;
    struct bf_diag diag = {0};
    struct bf_buf sheet = bf_buf(500);

    manifest(&m, true);
    T_ERR(bf_sheet_write(&sheet, &m, NULL, NULL, &diag), BF_TOO_LARGE, &diag);
    bf_buf_clear(&sheet);
    m.change.reason = "two\nlines";
    sheet = bf_buf(BF_MAX_MEMBER);
    T_ERR(bf_sheet_write(&sheet, &m, NULL, NULL, &diag), BF_INTERNAL, &diag);
    bf_buf_clear(&sheet);
}

/* ---- what SPEC says ---- */

/* The words are frozen: the sheet of annex B.4 comes out byte for byte, from the change
 * that is described here. */
static void example(void)
{
    static const char head[] = "### B.4 Example\n\n```\n";
    static const char hash[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct bf_manifest m;
    struct bf_diag diag = {0};
    struct bf_buf sheet, annex = {0};
    const char *at, *end;

    manifest(&m, true);
    m.trust.sha256 = hash;
    m.prev = hash;
    m.expect_log.origin = "gw-1";
    m.expect_log.root = hash;
    m.expect_log.size = 3;
    T_OK(sheet_of(&sheet, &m, fx_policy, fx_repository, &diag), &diag);
    if (t_read_file(&annex, "bundle-format/spec.d/B-sheet.md")) {
        at = strstr(text_of(&annex), head);
        end = at != NULL ? strstr(at + sizeof(head) - 1, "```") : NULL;
        T_TRUE(end != NULL);
        if (end != NULL) {
            at += sizeof(head) - 1;
            T_BYTES(bf_buf_bytes(&sheet), bf_view(at, (size_t)(end - at)));
        }
    }
    bf_buf_clear(&annex);
    bf_buf_clear(&sheet);
}

T_CASES("sheet", {"form", form}, {"complete", complete},
        {"complete: flags", complete_flags}, {"texts", texts}, {"edges", edges},
        {"documents", documents}, {"warnings", warnings}, {"undo", undo},
        {"without request", without_request}, {"limits", limits}, {"example", example});
