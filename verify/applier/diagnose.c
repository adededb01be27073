/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose.h"

#include <stdio.h>
#include <string.h>

#include "bf/bytes.h"

enum { MAX_BOTH = 2000, MAX_FOUND = 80, MAX_RAW = 220, MAX_TEXT = 100, MAX_CODE = 120 };
enum group { VERIFY, RELOAD, S3 };
enum ask { ASK_NONE, ASK_KEYS, ASK_DIALECT };

struct row {
    enum group group;
    const char *id;
    const char *texts; /* parted by "|" */
    enum ask ask;
    const char *clause;
    const char *todo;
};

static const struct row rows[] = {
#define VFY_CAUSE(group, id, texts, ask, clause, todo)                                   \
    {group, #id, texts, ask, clause, todo},
#include "diagnose.def"
#undef VFY_CAUSE
};
enum { NUM_ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Which call of the cluster to S3 it was, by the words around the cause. */
static const struct {
    const char *text;
    enum vfy_s3_action action;
} phases[] = {
    {"unable to upload object", VFY_S3_PUT},
    {"failed to list objects for deletion", VFY_S3_LIST},
    {"exception when deleting blob container", VFY_S3_LIST},
    {"exception when listing blobs", VFY_S3_LIST},
    {"could not determine repository generation", VFY_S3_LIST},
    {"cannot delete test data", VFY_S3_DELETE},
    {"failed to verify repository", VFY_S3_GET},
    {"cannot be accessed", VFY_S3_GET},
};

/* A word up to the closing bracket, quote, blank or semicolon. */
static void take_word(char *out, size_t size, const char *at)
{
    const size_t len = strcspn(at, "]'\" ;,");

    (void)snprintf(out, size, "%.*s", (int)len, at);
}

/* What stands for "%k" in a clause. */
struct value {
    char key;
    const char *text;
};

static void fill(char *out, size_t size, const char *clause, const struct value *values)
{
    size_t n = 0;

    for (; *clause != '\0' && n + 1 < size; clause++) {
        const struct value *v = values;

        while (clause[0] == '%' && v->key != '\0' && v->key != clause[1]) {
            v++;
        }
        if (clause[0] == '%' && v->key != '\0') {
            n += (size_t)snprintf(out + n, size - n, "%s", v->text);
            n = n < size ? n : size - 1;
            clause++;
        } else {
            out[n++] = *clause;
        }
    }
    out[n] = '\0';
}

/* "clause; what to do" */
static void tell(char *out, size_t size, const struct row *row,
                 const struct value *values)
{
    size_t len;

    fill(out, size, row->clause, values);
    len = strlen(out);
    if (len + 2 < size) {
        (void)snprintf(out + len, size - len, "; ");
        fill(out + len + 2, size - len - 2, row->todo, values);
    }
}

/* Whether one of the texts occurs in what was said, or, of S3's codes, is it. rest: what
 * stands behind it. */
static bool occurs(const char *texts, const char *said, bool whole, const char **rest)
{
    char text[MAX_TEXT];

    for (; *texts != '\0'; texts += *texts == '|' ? 1 : 0) {
        const size_t len = strcspn(texts, "|");
        const char *at;

        (void)snprintf(text, sizeof(text), "%.*s", (int)len, texts);
        at = strcasestr(said, text);
        if (at != NULL && (!whole || strlen(said) == len)) {
            *rest = at + len;
            return true;
        }
        texts += len;
    }
    return false;
}

/* The first row of the group whose text occurs; found gets the word after it. */
static const struct row *look_up(enum group group, const char *said, char *found,
                                 size_t size)
{
    const char *rest = "";
    size_t i;

    for (i = 0; i < NUM_ROWS; i++) {
        if (rows[i].group == group && occurs(rows[i].texts, said, group == S3, &rest)) {
            take_word(found, size, rest);
            return &rows[i];
        }
    }
    return NULL;
}

void vfy_diagnose(struct vfy_diagnosis *out, const char *chain, const char *client,
                  const char *bucket)
{
    char found[MAX_FOUND] = "";
    const struct row *row = look_up(VERIFY, chain, found, sizeof(found));
    const struct value values[] = {
        {'1', found}, {'b', bucket}, {'c', client}, {'\0', ""}};
    size_t i;

    *out = (struct vfy_diagnosis){.id = row != NULL ? row->id : ""};
    out->known = row != NULL;
    out->ask_s3 = row == NULL || row->ask != ASK_NONE;
    for (i = 0; i < sizeof(phases) / sizeof(phases[0]) && !out->has_action; i++) {
        out->has_action = strcasestr(chain, phases[i].text) != NULL;
        out->action = phases[i].action;
    }
    if (row == NULL) {
        (void)snprintf(out->clause, sizeof(out->clause), "the cluster says: %.*s",
                       (int)MAX_RAW, chain);
        return;
    }
    if (row->ask == ASK_KEYS) {
        out->when_fine = "S3 takes the bundle's keys from here, so the node has other "
                         "keys or another way to S3; compare its keystore and its route";
    }
    tell(out->clause, sizeof(out->clause), row, values);
    if (row->ask == ASK_KEYS && out->has_action) {
        const size_t len = strcspn(out->clause, ";");
        char todo[sizeof(out->clause)];

        (void)snprintf(todo, sizeof(todo), "%s", out->clause + len);
        (void)snprintf(out->clause + len, sizeof(out->clause) - len, " (at %s)%s",
                       vfy_s3_right(out->action), todo);
    }
}

const char *vfy_diagnose_reload(char *out, size_t size, const char *type,
                                const char *reason, const char *client)
{
    char both[MAX_BOTH], found[MAX_FOUND] = "", shown[MAX_RAW];
    const struct value values[] = {{'0', shown}, {'1', found}, {'c', client}, {'\0', ""}};
    const struct row *row;

    (void)snprintf(both, sizeof(both), "%.200s: %.1600s", type, reason);
    (void)snprintf(shown, sizeof(shown), "%.120s", reason);
    row = look_up(RELOAD, both, found, sizeof(found));
    if (row == NULL) {
        (void)snprintf(out, size, "could not reload its keystore: %.60s: %.*s", type,
                       (int)MAX_RAW, reason);
        return "";
    }
    fill(out, size, row->clause, values);
    return row->todo;
}

/* Under which name of ours or of S3's the answer stands in the table. */
static const char *s3_code(const struct vfy_s3 *s3, enum vfy_s3_action action,
                           const struct vfy_s3_result *r)
{
    char found[MAX_FOUND];

    if (!r->reached) {
        return "(not reached)";
    }
    if (r->status == 404 && action == VFY_S3_LIST) {
        return "NoSuchBucket";
    }
    if (r->code[0] != '\0' && strcmp(r->code, "AccessDenied") != 0 &&
        look_up(S3, r->code, found, sizeof(found)) != NULL) {
        return r->code;
    }
    if (r->region[0] != '\0' && strcmp(r->region, s3->aws.region) != 0 &&
        r->status != 200) {
        return "(region)";
    }
    if (r->status == 403) {
        return "AccessDenied";
    }
    return r->status >= 300 && r->status < 400 ? "(redirect)" : "(other)";
}

const char *vfy_diagnose_s3(char *out, size_t size, const struct vfy_s3 *s3,
                            enum vfy_s3_action action, const struct vfy_s3_result *r)
{
    char code[MAX_CODE], place[400], message[180] = "", found[MAX_FOUND] = "";
    const struct row *row = look_up(S3, s3_code(s3, action, r), found, sizeof(found));
    const struct value values[] = {{'a', vfy_s3_right(action)},
                                   {'b', s3->bucket},
                                   {'f', r->failure},
                                   {'g', r->region},
                                   {'m', message},
                                   {'p', place},
                                   {'s', s3->aws.region},
                                   {'x', code},
                                   {'\0', ""}};

    if (row == NULL) { /* not with the table as it is */
        (void)snprintf(out, size, "S3 answers with status %ld", r->status);
        return "";
    }
    if (strcmp(row->id, "s3_other") == 0) {
        (void)snprintf(code, sizeof(code), "status %ld%s%s", r->status,
                       r->code[0] != '\0' ? " " : "", r->code);
    } else if (r->code[0] != '\0') {
        (void)snprintf(code, sizeof(code), "%s", r->code);
    } else {
        (void)snprintf(code, sizeof(code), "status %ld", r->status);
    }
    (void)snprintf(message, sizeof(message), "%s%s", r->message[0] != '\0' ? ": " : "",
                   r->message);
    (void)snprintf(
        place, sizeof(place), "%s%s%s%s", s3->bucket, action == VFY_S3_LIST ? "" : "/",
        action == VFY_S3_LIST ? "" : s3->base, action == VFY_S3_LIST ? "" : "*");
    tell(out, size, row, values);
    return row->id;
}

bool vfy_diagnose_names_node(const char *reason, const char *node_id)
{
    char entry[80];

    (void)snprintf(entry, sizeof(entry), "[%.64s, '", node_id);
    return node_id[0] != '\0' && strstr(reason, entry) != NULL;
}

bool vfy_diagnose_is_manager(const char *reason)
{
    return strstr(reason, "on cluster-manager node") != NULL ||
           strstr(reason, "on master node") != NULL ||
           strstr(reason, "cannot delete test data") != NULL;
}
