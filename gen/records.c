/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the state that knows bundles. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"
#include "state.h"

enum { MAX_PATH = GEN_MAX_PATH + 200 };

#define AT(member) offsetof(struct gen_record, member)
#define NUMBER_MAX INT64_C(9007199254740991)

static const struct bf_field opening_fields[] = {
    {"commitment", BF_F_TEXT, offsetof(struct gen_opening, commitment),
     bf_is_hex64_or_empty, 0, 0, NULL},
    {"name", BF_F_TEXT, offsetof(struct gen_opening, name), bf_is_secret_name, 0, 0,
     NULL},
    {"opening", BF_F_TEXT, offsetof(struct gen_opening, opening), bf_is_hex64_or_empty, 0,
     0, NULL},
};
static const struct bf_schema opening_schema = {"opening", sizeof(struct gen_opening),
                                                opening_fields, 3};
static const struct bf_field expect_fields[] = {
    {"origin", BF_F_TEXT, AT(expect_log.origin), NULL, 0, 0, NULL},
    {"root", BF_F_TEXT, AT(expect_log.root), bf_is_hex64_or_empty, 0, 0, NULL},
    {"size", BF_F_INT, AT(expect_log.size), NULL, 0, NUMBER_MAX, NULL},
};
static const struct bf_schema expect_schema = {"expect_log", sizeof(struct gen_record),
                                               expect_fields, 3};
static const struct bf_field record_fields[] = {
    {"approvals", BF_F_TEXTS, AT(approvals), bf_is_id, 0, 64, NULL},
    {"author", BF_F_TEXT, AT(author), NULL, 0, 0, NULL},
    {"bundle_id", BF_F_TEXT, AT(bundle_id), bf_is_hex32, 0, 0, NULL},
    {"class", BF_F_TEXT, AT(grade), NULL, 0, 0, NULL},
    {"created_at", BF_F_TEXT, AT(created_at), bf_is_time_or_empty, 0, 0, NULL},
    {"expect_log", BF_F_OBJECT, 0, NULL, 0, 0, &expect_schema},
    {"expires", BF_F_TEXT, AT(expires), bf_is_time_or_empty, 0, 0, NULL},
    {"file", BF_F_TEXT, AT(file), NULL, 0, 0, NULL},
    {"finished", BF_F_TEXT, AT(finished), bf_is_time_or_empty, 0, 0, NULL},
    {"log_index", BF_F_INT, AT(log_index), NULL, -1, NUMBER_MAX, NULL},
    {"openings", BF_F_OBJECTS, AT(openings), NULL, 0, 32, &opening_schema},
    {"outcome", BF_F_TEXT, AT(outcome), NULL, 0, 0, NULL},
    {"prev", BF_F_TEXT, AT(prev), bf_is_hex64_or_empty, 0, 0, NULL},
    {"refusal", BF_F_TEXT, AT(refusal), NULL, 0, 0, NULL},
    {"serial", BF_F_INT, AT(serial), NULL, 1, NUMBER_MAX, NULL},
    {"sha256", BF_F_TEXT, AT(sha256), bf_is_hex64, 0, 0, NULL},
    {"target", BF_F_TEXT, AT(target), bf_is_id, 0, 0, NULL},
    {"ticket", BF_F_TEXT, AT(ticket), NULL, 0, 0, NULL},
    {"type", BF_F_TEXT, AT(type), NULL, 0, 0, NULL},
};
const struct bf_schema gen_record_schema = {"record", sizeof(struct gen_record),
                                            record_fields, 19};

static bool is_record_name(const char *name)
{
    char hex[65];

    if (strlen(name) != 69 || strcmp(name + 64, ".json") != 0) {
        return false;
    }
    bf_copy(hex, name, 64);
    hex[64] = '\0';
    return bf_is_hex64(hex);
}

static int by_serial(const void *a, const void *b)
{
    const struct gen_record *x = &((const struct gen_record_file *)a)->r,
                            *y = &((const struct gen_record_file *)b)->r;
    int order = strcmp(x->target, y->target);

    if (order != 0 || x->serial != y->serial) {
        return order != 0 ? order : (x->serial < y->serial ? -1 : 1);
    }
    return strcmp(x->sha256, y->sha256);
}

static enum bf_err add_record(struct gen_records *out, size_t *cap,
                              const struct gen_state *s, const char *name,
                              struct bf_diag *diag)
{
    struct gen_record_file *grown;
    char path[MAX_PATH];
    enum bf_err err;

    if (out->num == *cap) {
        *cap = *cap > 0 ? 2 * *cap : 16;
        grown = calloc(*cap, sizeof(*grown));
        if (grown == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "records");
        }
        bf_copy(grown, out->items, out->num * sizeof(*grown));
        free(out->items);
        out->items = grown;
    }
    snprintf(path, sizeof(path), "%s/bundles/%s", s->dir, name);
    err = gen_state_read_json(&out->items[out->num].doc, &out->items[out->num].r,
                              &gen_record_schema, path, diag);
    if (err == BF_OK) {
        out->num++;
    }
    return err;
}

enum bf_err gen_state_records(struct gen_records *out, const struct gen_state *s,
                              struct bf_diag *diag)
{
    char path[MAX_PATH];
    struct dirent *e;
    size_t cap = 0;
    enum bf_err err = BF_OK;
    DIR *dir;

    memset(out, 0, sizeof(*out));
    snprintf(path, sizeof(path), "%s/bundles", s->dir);
    dir = opendir(path);
    if (dir == NULL) {
        return errno == ENOENT
                   ? BF_OK
                   : bf_fail(diag, BF_STATE_DIR, "%s: %s", path, strerror(errno));
    }
    while (err == BF_OK && (e = readdir(dir)) != NULL) {
        if (is_record_name(e->d_name)) {
            err = add_record(out, &cap, s, e->d_name, diag);
        }
    }
    closedir(dir);
    if (err != BF_OK) {
        gen_records_clear(out);
    } else if (out->num > 1) {
        qsort(out->items, out->num, sizeof(out->items[0]), by_serial);
    }
    return err;
}

void gen_records_clear(struct gen_records *r)
{
    size_t i;

    for (i = 0; i < r->num; i++) {
        bf_json_clear(&r->items[i].doc);
    }
    free(r->items);
    memset(r, 0, sizeof(*r));
}

const struct gen_record *gen_records_find(const struct gen_records *r, const char *sha256)
{
    size_t i;

    for (i = 0; i < r->num; i++) {
        if (strcmp(r->items[i].r.sha256, sha256) == 0) {
            return &r->items[i].r;
        }
    }
    return NULL;
}

bool gen_outcome_applied(const char *outcome)
{
    return strcmp(outcome, "applied") == 0 || strcmp(outcome, "attested") == 0 ||
           strcmp(outcome, "proved") == 0;
}

const struct gen_record *gen_records_applied(const struct gen_records *r,
                                             const char *target)
{
    const struct gen_record *best = NULL;
    size_t i;

    for (i = 0; i < r->num; i++) {
        if (strcmp(r->items[i].r.target, target) == 0 &&
            gen_outcome_applied(r->items[i].r.outcome)) {
            best = &r->items[i].r; /* ascending, so the last one has the highest serial */
        }
    }
    return best;
}

enum bf_err gen_state_record_put(struct gen_state *s, const struct gen_record *r,
                                 struct bf_diag *diag)
{
    char path[MAX_PATH];

    snprintf(path, sizeof(path), "%s/bundles/%s.json", s->dir, r->sha256);
    return gen_state_write_json(&gen_record_schema, r, path, diag);
}

/* ---- the bundles themselves ---- */

static void bundle_path(char out[MAX_PATH], const struct gen_state *s, const char *sha256)
{
    snprintf(out, MAX_PATH, "%s/bundles/%s.snapseal", s->dir, sha256);
}

enum bf_err gen_state_bundle(struct bf_buf *out, bool *known, const struct gen_state *s,
                             const char *sha256, struct bf_diag *diag)
{
    char path[MAX_PATH];

    bundle_path(path, s, sha256);
    *out = bf_buf(BF_MAX_CONTAINER);
    *known = access(path, F_OK) == 0;
    return *known ? bf_file_read(out, path, BF_MAX_CONTAINER, diag) : BF_OK;
}

enum bf_err gen_state_bundle_put(struct gen_state *s, const char *sha256,
                                 struct bf_bytes container, struct bf_diag *diag)
{
    char path[MAX_PATH];

    bundle_path(path, s, sha256);
    return bf_file_write(path, container, 0600, true, diag);
}

const struct gen_opening *gen_record_opening(const struct gen_record *r, const char *name)
{
    size_t i;

    for (i = 0; r != NULL && i < r->openings.num; i++) {
        const struct gen_opening *o =
            BF_LIST_ITEM(&r->openings, const struct gen_opening, i);

        if (strcmp(o->name, name) == 0) {
            return o;
        }
    }
    return NULL;
}
