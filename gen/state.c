/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/file.h"

#define TRUST_TAIL ".snapseal-trust"

enum { MAX_STATE_FILE = 256 * 1024, MAX_PATH = GEN_MAX_PATH + 200, MAX_ARCHIVE = 4096 };

static enum bf_err default_dir(char out[GEN_MAX_PATH], struct bf_diag *diag)
{
    const char *base = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int n;

    /* the base directory specification: a relative path is to be ignored */
    if (base != NULL && base[0] == '/') {
        n = snprintf(out, GEN_MAX_PATH, "%s/snapseal", base);
    } else if (home != NULL && home[0] == '/') {
        n = snprintf(out, GEN_MAX_PATH, "%s/.local/state/snapseal", home);
    } else {
        return bf_fail(diag, BF_STATE_DIR,
                       "neither --state nor XDG_STATE_HOME nor HOME is given");
    }
    return n < GEN_MAX_PATH ? BF_OK : bf_fail(diag, BF_STATE_DIR, "name too long");
}

static enum bf_err take_lock(struct gen_state *s, struct bf_diag *diag)
{
    char path[MAX_PATH];

    snprintf(path, sizeof(path), "%s/lock", s->dir);
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock < 0) {
        s->lock = 0;
        return bf_fail(diag, BF_STATE_DIR, "%s: %s", path, strerror(errno));
    }
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        return bf_fail(diag, BF_STATE_LOCKED, "%s", s->dir);
    }
    return BF_OK;
}

enum bf_err gen_state_open(struct gen_state *out, const char *dir, enum gen_state_use use,
                           struct bf_diag *diag)
{
    static const char *const parts[] = {"trust", "serials", "bundles", "logs",
                                        "receipts"};
    char path[MAX_PATH];
    struct stat st;
    enum bf_err err = BF_OK;
    size_t i;

    memset(out, 0, sizeof(*out));
    if (dir == NULL) {
        err = default_dir(out->dir, diag);
    } else if (dir[0] == '\0' || strlen(dir) >= sizeof(out->dir)) {
        err = bf_fail(diag, BF_STATE_DIR, "name empty or too long");
    } else {
        snprintf(out->dir, sizeof(out->dir), "%s", dir);
    }
    /* who only reads leaves nothing behind, but looks as closely at what is there */
    if (err == BF_OK && (use == GEN_STATE_WRITE || lstat(out->dir, &st) == 0)) {
        err = bf_dir_make(out->dir, diag);
    }
    for (i = 0;
         err == BF_OK && use == GEN_STATE_WRITE && i < sizeof(parts) / sizeof(parts[0]);
         i++) {
        snprintf(path, sizeof(path), "%s/%s", out->dir, parts[i]);
        err = bf_dir_make(path, diag);
    }
    if (err == BF_OK && use == GEN_STATE_WRITE) {
        err = take_lock(out, diag);
    }
    if (err != BF_OK) {
        gen_state_close(out);
    }
    return err;
}

void gen_state_close(struct gen_state *s)
{
    if (s->lock > 0) {
        close(s->lock);
    }
    memset(s, 0, sizeof(*s));
}

/* *there: the file exists. */
static bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* Every file of the state is ours alone and of mode 0600, or it is not the state that we
 * wrote. */
enum bf_err gen_state_read_json(struct bf_json_doc *doc, void *out,
                                const struct bf_schema *schema, const char *path,
                                struct bf_diag *diag)
{
    struct bf_secret file = {0};
    enum bf_err err;

    memset(doc, 0, sizeof(*doc));
    err = bf_file_read_secret(&file, path, MAX_STATE_FILE, diag);
    if (err != BF_OK) {
        return err;
    }
    err = bf_json_parse(doc, bf_secret_bytes(&file), BF_JSON_SIGNED, diag);
    bf_secret_clear(&file);
    if (err == BF_OK) {
        err = bf_schema_read(out, schema, doc->root, &doc->arena, BF_STATE_DAMAGED, diag);
    }
    if (err != BF_OK) {
        char where[sizeof(diag->where)];

        snprintf(where, sizeof(where), "%.150s", diag->where);
        err = bf_fail(diag, err == BF_NO_MEMORY ? err : BF_STATE_DAMAGED, "%s: %s", path,
                      where);
        bf_json_clear(doc);
    }
    return err;
}

enum bf_err gen_state_write_json(const struct bf_schema *schema, const void *in,
                                 const char *path, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_STATE_FILE);
    enum bf_err err;

    bf_schema_write(&text, schema, in);
    err = bf_buf_check(&text, path, diag);
    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&text), 0600, true, diag);
    }
    bf_buf_clear(&text);
    return err;
}

/* ---- trust ---- */

static bool trust_version(int64_t *out, const char *name)
{
    size_t digits = strspn(name, "0123456789"), i;

    if (digits == 0 || digits > 15 || name[0] == '0' ||
        strcmp(name + digits, TRUST_TAIL) != 0) {
        return false;
    }
    for (*out = 0, i = 0; i < digits; i++) {
        *out = *out * 10 + (name[i] - '0');
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* The versions on disk, ascending, into out (room for MAX_ARCHIVE). */
static enum bf_err list_versions(int64_t *out, size_t *num, const struct gen_state *s,
                                 struct bf_diag *diag)
{
    char path[MAX_PATH];
    struct dirent *e;
    DIR *dir;

    *num = 0;
    snprintf(path, sizeof(path), "%s/trust", s->dir);
    dir = opendir(path);
    if (dir == NULL) {
        return errno == ENOENT
                   ? BF_OK
                   : bf_fail(diag, BF_STATE_DIR, "%s: %s", path, strerror(errno));
    }
    while ((e = readdir(dir)) != NULL && *num < MAX_ARCHIVE) {
        *num += trust_version(&out[*num], e->d_name) ? 1 : 0;
    }
    closedir(dir);
    if (*num > 1) {
        qsort(out, *num, sizeof(out[0]), by_number);
    }
    return BF_OK;
}

static enum bf_err load_trust(struct bf_trust *out, const struct gen_state *s,
                              int64_t version, struct bf_diag *diag)
{
    struct bf_buf raw = {0};
    char path[MAX_PATH];
    enum bf_err err;

    snprintf(path, sizeof(path), "%s/trust/%" PRId64 TRUST_TAIL, s->dir, version);
    err = bf_file_read(&raw, path, BF_MAX_CONTAINER, diag);
    if (err == BF_OK) {
        err = bf_trust_load(out, &raw, diag);
        if (err == BF_OK && out->body.version != version) {
            bf_trust_clear(out);
            err =
                bf_fail(diag, BF_STATE_DAMAGED, "version %" PRId64 " expected", version);
        }
        if (err != BF_OK) {
            bf_diag_in(diag, "%s", path);
        }
    }
    bf_buf_clear(&raw);
    return err;
}

enum bf_err gen_state_archive(struct gen_archive *out, const struct gen_state *s,
                              struct bf_diag *diag)
{
    int64_t *versions = calloc(MAX_ARCHIVE, sizeof(*versions));
    enum bf_err err;
    size_t num = 0;

    memset(out, 0, sizeof(*out));
    err = versions != NULL ? list_versions(versions, &num, s, diag)
                           : bf_fail(diag, BF_NO_MEMORY, "trust files");
    if (err == BF_OK && num > 0) {
        out->items = calloc(num, sizeof(out->items[0]));
        out->refs = calloc(num, sizeof(out->refs[0]));
        if (out->items == NULL || out->refs == NULL) {
            err = bf_fail(diag, BF_NO_MEMORY, "trust files");
        }
    }
    while (err == BF_OK && out->num < num) {
        err = load_trust(&out->items[out->num], s, versions[out->num], diag);
        if (err == BF_OK) {
            out->refs[out->num] = &out->items[out->num];
            out->num++;
        }
    }
    free(versions);
    if (err != BF_OK) {
        gen_archive_clear(out);
    }
    return err;
}

void gen_archive_clear(struct gen_archive *a)
{
    size_t i;

    for (i = 0; i < a->num; i++) {
        bf_trust_clear(&a->items[i]);
    }
    free(a->items);
    free(a->refs);
    memset(a, 0, sizeof(*a));
}

const struct bf_trust *gen_archive_installed(const struct gen_archive *a)
{
    return a->num > 0 ? &a->items[a->num - 1] : NULL;
}

enum bf_err gen_state_trust(struct bf_trust *out, const struct gen_state *s,
                            struct bf_diag *diag)
{
    int64_t *versions = calloc(MAX_ARCHIVE, sizeof(*versions));
    enum bf_err err;
    size_t num = 0;

    memset(out, 0, sizeof(*out));
    err = versions != NULL ? list_versions(versions, &num, s, diag)
                           : bf_fail(diag, BF_NO_MEMORY, "trust files");
    if (err == BF_OK && num == 0) {
        err = bf_fail(diag, BF_NO_TRUST, "%s", s->dir);
    }
    if (err == BF_OK) {
        err = load_trust(out, s, versions[num - 1], diag);
    }
    free(versions);
    return err;
}

enum bf_err gen_state_trust_known(char sha256[2 * BF_SHA256 + 1],
                                  const struct gen_state *s, int64_t version,
                                  struct bf_diag *diag)
{
    struct gen_archive a;
    enum bf_err err = gen_state_archive(&a, s, diag);
    size_t i;

    sha256[0] = '\0';
    for (i = 0; err == BF_OK && i < a.num; i++) {
        const struct bf_trust *t = &a.items[i];

        if (t->body.version == version || t->body.version == version + 1) {
            bf_copy(sha256, t->body.version == version ? t->sha256 : t->body.prev,
                    2 * BF_SHA256);
            sha256[2 * BF_SHA256] = '\0';
            break;
        }
    }
    gen_archive_clear(&a);
    return err;
}

enum bf_err gen_state_trust_put(struct gen_state *s, const struct bf_trust *t,
                                struct bf_diag *diag)
{
    char path[MAX_PATH];

    snprintf(path, sizeof(path), "%s/trust/%" PRId64 TRUST_TAIL, s->dir, t->body.version);
    return bf_file_write(path, t->container.raw, 0600, false, diag);
}

/* ---- serials ---- */

struct serial {
    int64_t serial;
    const char *type;
};
static const struct bf_field serial_fields[] = {
    {"serial", BF_F_INT, offsetof(struct serial, serial), NULL, 1,
     INT64_C(9007199254740991), NULL},
    {"type", BF_F_TEXT, offsetof(struct serial, type), NULL, 0, 0, NULL},
};
static const struct bf_schema serial_schema = {"serial", sizeof(struct serial),
                                               serial_fields, 2};

enum bf_err gen_state_serial(int64_t *out, const struct gen_state *s, const char *target,
                             struct bf_diag *diag)
{
    struct bf_json_doc doc;
    struct serial last;
    char path[MAX_PATH];
    enum bf_err err;

    *out = 0;
    snprintf(path, sizeof(path), "%s/serials/%s.json", s->dir, target);
    if (!exists(path)) {
        return BF_OK;
    }
    err = gen_state_read_json(&doc, &last, &serial_schema, path, diag);
    if (err == BF_OK) {
        *out = last.serial;
        bf_json_clear(&doc);
    }
    return err;
}

enum bf_err gen_state_serial_take(struct gen_state *s, const char *target, int64_t serial,
                                  struct bf_diag *diag)
{
    struct serial next = {serial, "snapseal/serial/1"};
    char path[MAX_PATH];
    int64_t last;
    enum bf_err err;

    err = gen_state_serial(&last, s, target, diag);
    if (err != BF_OK) {
        return err;
    }
    if (serial <= last) {
        return bf_fail(diag, BF_STATE_SERIAL,
                       "target %s: %" PRId64 ", the last was %" PRId64, target, serial,
                       last);
    }
    snprintf(path, sizeof(path), "%s/serials/%s.json", s->dir, target);
    return gen_state_write_json(&serial_schema, &next, path, diag);
}

/* ---- logs ---- */

struct head {
    struct bf_list edge; /* largest first */
    const char *origin;
    int64_t size;
    const char *type;
};
static const struct bf_field head_fields[] = {
    {"edge", BF_F_TEXTS, offsetof(struct head, edge), bf_is_hex64, 0, 64, NULL},
    {"origin", BF_F_TEXT, offsetof(struct head, origin), bf_is_id, 0, 0, NULL},
    {"size", BF_F_INT, offsetof(struct head, size), NULL, 0, INT64_C(9007199254740991),
     NULL},
    {"type", BF_F_TEXT, offsetof(struct head, type), NULL, 0, 0, NULL},
};
static const struct bf_schema head_schema = {"log head", sizeof(struct head), head_fields,
                                             4};

enum bf_err gen_state_head(struct bf_log *out, const struct gen_state *s,
                           const char *origin, struct bf_diag *diag)
{
    struct bf_json_doc doc;
    struct head h;
    char path[MAX_PATH];
    enum bf_err err;
    size_t i;

    memset(out, 0, sizeof(*out));
    snprintf(path, sizeof(path), "%s/logs/%s.json", s->dir, origin);
    if (!exists(path)) {
        return BF_OK;
    }
    err = gen_state_read_json(&doc, &h, &head_schema, path, diag);
    if (err != BF_OK) {
        return err;
    }
    out->size = (uint64_t)h.size;
    if (h.edge.num != bf_log_edges(out) || strcmp(h.origin, origin) != 0) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "%s", path);
    }
    for (i = 0; err == BF_OK && i < h.edge.num; i++) {
        if (!bf_unhex(out->edge[i], BF_SHA256, bf_list_text(&h.edge, i), 2 * BF_SHA256)) {
            err = bf_fail(diag, BF_STATE_DAMAGED, "%s", path);
        }
    }
    if (err != BF_OK) {
        memset(out, 0, sizeof(*out));
    }
    bf_json_clear(&doc);
    return err;
}

enum bf_err gen_state_head_put(struct gen_state *s, const char *origin,
                               const struct bf_log *log, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_STATE_FILE);
    char path[MAX_PATH];
    enum bf_err err;
    size_t i;

    bf_put_text(&text, "{\"edge\":[");
    for (i = 0; i < bf_log_edges(log); i++) {
        bf_put_text(&text, i > 0 ? ",\"" : "\"");
        bf_put_hex(&text, bf_view(log->edge[i], BF_SHA256));
        bf_put_text(&text, "\"");
    }
    bf_put_fmt(&text,
               "],\"origin\":\"%s\",\"size\":%" PRIu64
               ",\"type\":\"snapseal/log-head/1\"}",
               origin, log->size);
    snprintf(path, sizeof(path), "%s/logs/%s.json", s->dir, origin);
    err = bf_buf_check(&text, path, diag);
    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&text), 0600, true, diag);
    }
    bf_buf_clear(&text);
    return err;
}

/* ---- receipts ---- */

static void receipt_path(char out[MAX_PATH], const struct gen_state *s,
                         const char *origin, int64_t index)
{
    snprintf(out, MAX_PATH, "%s/receipts/%s-%" PRId64 ".snapseal-receipt", s->dir, origin,
             index);
}

enum bf_err gen_state_receipt_leaf(bool *known, uint8_t leaf[BF_SHA256],
                                   const struct gen_state *s, const char *origin,
                                   int64_t index, struct bf_diag *diag)
{
    struct bf_container c;
    struct bf_buf raw = {0};
    char path[MAX_PATH];
    enum bf_err err;

    receipt_path(path, s, origin, index);
    *known = exists(path);
    if (!*known) {
        return BF_OK;
    }
    err = bf_file_read(&raw, path, BF_MAX_CONTAINER, diag);
    if (err == BF_OK) {
        err = bf_gate(&c, bf_buf_bytes(&raw), diag);
        if (err == BF_OK) {
            bf_log_leaf(leaf, c.entries[0].data);
        } else {
            err = bf_fail(diag, BF_STATE_DAMAGED, "%s", path);
        }
    }
    bf_buf_clear(&raw);
    return err;
}

enum bf_err gen_state_receipt_put(struct gen_state *s, const struct bf_receipt_file *r,
                                  struct bf_diag *diag)
{
    char path[MAX_PATH];

    receipt_path(path, s, r->r.log.origin, r->r.log.index);
    return bf_file_write(path, r->container.raw, 0600, false, diag);
}
