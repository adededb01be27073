/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: an index of the receipts. A receipt is put in place first and its line
 * after it, so the only thing that a crash can leave is a receipt without a line, or half
 * a line; both are mended from the receipt at the next start.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/file.h"
#include "state.h"

enum { MAX_LINE = 4096, MAX_LEDGER = 64 * 1024 * 1024 };

void vfy_ledger_clear(struct vfy_ledger *l)
{
    free(l->entries);
    bf_arena_clear(&l->arena);
    memset(l, 0, sizeof(*l));
}

/* Room for one more; never realloc, as everywhere. */
static enum bf_err grow(struct vfy_ledger *l, struct bf_diag *diag)
{
    size_t cap = l->cap > 0 ? 2 * l->cap : 64;
    struct vfy_entry *fresh;

    if (l->num < l->cap) {
        return BF_OK;
    }
    fresh = calloc(cap, sizeof(*fresh));
    if (fresh == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "ledger");
    }
    bf_copy(fresh, l->entries, l->num * sizeof(*fresh));
    free(l->entries);
    l->entries = fresh;
    l->cap = cap;
    return BF_OK;
}

/* A good line becomes an entry; its texts go to the ledger's arena. */
static enum bf_err take_line(struct vfy_ledger *l, struct bf_bytes line,
                             struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    struct vfy_entry e;
    uint8_t leaf[BF_SHA256];
    enum bf_err err = grow(l, diag);

    if (err == BF_OK && bf_json_parse(&doc, line, BF_JSON_SIGNED, diag) != BF_OK) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "ledger line %zu", l->num + 1);
    }
    if (err == BF_OK) {
        err = bf_schema_read(&e, &vfy_entry_schema, doc.root, &doc.arena,
                             BF_STATE_DAMAGED, diag);
    }
    if (err == BF_OK && e.index != (int64_t)l->num) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "ledger line %zu has index %lld",
                      l->num + 1, (long long)e.index);
    }
    if (err == BF_OK) {
        const char **texts[] = {&e.finished,        &e.grade,   &e.leaf,
                                &e.manifest_sha256, &e.outcome, &e.receipt_id,
                                &e.refusal,         &e.target};
        size_t i;

        for (i = 0; i < sizeof(texts) / sizeof(texts[0]) && err == BF_OK; i++) {
            *texts[i] = bf_arena_text(&l->arena, bf_text(*texts[i]));
            err = *texts[i] != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "ledger");
        }
    }
    if (err == BF_OK) {
        (void)bf_unhex(leaf, sizeof(leaf), e.leaf, strlen(e.leaf));
        l->entries[l->num++] = e;
        bf_log_append(&l->log, leaf);
    }
    bf_json_clear(&doc);
    return err;
}

static enum bf_err write_line(const struct vfy_state *s, struct bf_bytes line,
                              struct bf_diag *diag)
{
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "ledger");
    ssize_t n;
    int fd;

    if (err != BF_OK) {
        return err;
    }
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return bf_fail_errno(diag, path);
    }
    n = write(fd, line.ptr, line.len);
    if (n != (ssize_t)line.len || fsync(fd) != 0) {
        err = bf_fail_errno(diag, path);
    }
    close(fd);
    return err;
}

enum bf_err vfy_ledger_append(struct vfy_state *s, const struct bf_receipt *r,
                              const uint8_t leaf[BF_SHA256], struct bf_diag *diag)
{
    char hex[2 * BF_SHA256 + 1];
    struct vfy_entry e = {r->finished,
                          r->grade,
                          r->log.index,
                          hex,
                          r->bundle.manifest_sha256,
                          r->outcome,
                          r->receipt_id,
                          r->refusal,
                          r->serial,
                          r->target.id,
                          r->trust.version};
    struct bf_buf line = bf_buf(MAX_LINE);
    enum bf_err err;

    bf_hex(hex, leaf, BF_SHA256);
    bf_schema_write(&line, &vfy_entry_schema, &e);
    bf_put_text(&line, "\n");
    err = bf_buf_check(&line, "ledger", diag);
    if (err == BF_OK) {
        err = write_line(s, bf_buf_bytes(&line), diag);
    }
    if (err == BF_OK) {
        err = take_line(&s->ledger, bf_view(line.ptr, line.len - 1), diag);
    }
    bf_buf_clear(&line);
    return err;
}

/* Reads receipt number index of ours again and appends its line. *more: there was such a
 * receipt. */
static enum bf_err mend_one(struct vfy_state *s, bool *more, struct bf_diag *diag)
{
    struct bf_receipt_file *f = calloc(1, sizeof(*f));
    char path[VFY_PATH];
    enum bf_err err =
        vfy_path(path, s, diag, "receipts/%zu.snapseal-receipt", s->ledger.num);

    *more = err == BF_OK && access(path, F_OK) == 0;
    if (f == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "receipt");
    }
    if (*more) {
        err = bf_file_read(&f->raw, path, BF_MAX_CONTAINER, diag);
    }
    if (err == BF_OK && *more) {
        err = bf_gate(&f->container, bf_buf_bytes(&f->raw), diag);
    }
    if (err == BF_OK && *more) {
        bf_log_leaf(f->leaf, f->container.entries[0].data);
        err = bf_json_parse(&f->doc, f->container.entries[0].data, BF_JSON_SIGNED, diag);
    }
    if (err == BF_OK && *more) {
        err = bf_schema_read(&f->r, &bf_receipt_schema, f->doc.root, &f->doc.arena,
                             BF_STATE_DAMAGED, diag);
    }
    if (err == BF_OK && *more) {
        err = f->r.log.index == (int64_t)s->ledger.num
                  ? vfy_ledger_append(s, &f->r, f->leaf, diag)
                  : bf_fail(diag, BF_STATE_DAMAGED, "%s", path);
    }
    bf_receipt_clear(f);
    free(f);
    return err;
}

/* Cuts a half line away, then appends the one receipt beyond the last line, if any. */
static enum bf_err mend(struct vfy_state *s, const char *path, size_t good, bool torn,
                        struct bf_diag *diag)
{
    bool more;

    if (torn && truncate(path, (off_t)good) != 0) {
        return bf_fail_errno(diag, path);
    }
    return mend_one(s, &more, diag);
}

/* N + 1 of "N.snapseal-receipt", 0 for any other name. */
static size_t number_of(const char *name)
{
    char *end = NULL;
    unsigned long long n;

    if (name[0] < '0' || name[0] > '9') {
        return 0;
    }
    errno = 0;
    n = strtoull(name, &end, 10);
    return errno == 0 && n < SIZE_MAX && strcmp(end, ".snapseal-receipt") == 0
               ? (size_t)n + 1
               : 0;
}

/* How many receipts there are, told by the highest number; 0 without the directory. */
static enum bf_err count_receipts(size_t *out, const struct vfy_state *s,
                                  struct bf_diag *diag)
{
    struct dirent *entry;
    char path[VFY_PATH];
    DIR *dir;
    enum bf_err err = vfy_path(path, s, diag, "receipts");

    *out = 0;
    if (err != BF_OK) {
        return err;
    }
    dir = opendir(path);
    if (dir == NULL) {
        return errno == ENOENT ? BF_OK : bf_fail_errno(diag, path);
    }
    while ((entry = readdir(dir)) != NULL) {
        size_t num = number_of(entry->d_name);

        *out = num > *out ? num : *out;
    }
    closedir(dir);
    return BF_OK;
}

enum bf_err vfy_ledger_load(struct vfy_state *s, enum vfy_access access_wanted,
                            struct bf_diag *diag)
{
    struct bf_buf raw = bf_buf(MAX_LEDGER);
    struct bf_reader r;
    char path[VFY_PATH];
    size_t good = 0, there;
    /* before the ledger: a reader holds no lock, and receipts come before lines */
    enum bf_err err = count_receipts(&there, s, diag);

    if (err == BF_OK) {
        err = vfy_path(path, s, diag, "ledger");
    }
    if (err == BF_OK && access(path, F_OK) == 0) {
        err = bf_file_read(&raw, path, MAX_LEDGER, diag);
    }
    r = bf_reader(bf_buf_bytes(&raw));
    while (err == BF_OK && r.rest.len > 0) {
        struct bf_bytes line = bf_read_line(&r, MAX_LINE);

        if (r.bad) {
            break; /* no LF: half a line, of a run that was cut off */
        }
        err = take_line(&s->ledger, line, diag);
        good += err == BF_OK ? line.len + 1 : 0;
    }
    if (err == BF_OK && raw.len - good > MAX_LINE) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "ledger line %zu", s->ledger.num + 1);
    }
    if (err == BF_OK && there > s->ledger.num + 1) {
        err =
            bf_fail(diag, BF_STATE_DAMAGED,
                    "ledger has %zu lines, but there is a receipts/%zu.snapseal-receipt",
                    s->ledger.num, there - 1);
    }
    if (err == BF_OK && access_wanted == VFY_WRITE) {
        err = mend(s, path, good, good < raw.len, diag);
    }
    bf_buf_clear(&raw);
    return err;
}

const struct vfy_entry *vfy_ledger_find(const struct vfy_ledger *l,
                                        const char *receipt_id)
{
    size_t i;

    for (i = l->num; i > 0; i--) {
        if (strcmp(l->entries[i - 1].receipt_id, receipt_id) == 0) {
            return &l->entries[i - 1];
        }
    }
    return NULL;
}

const struct vfy_entry *vfy_ledger_refused(const struct vfy_ledger *l,
                                           const char *manifest_sha256,
                                           const char *refusal)
{
    size_t i;

    for (i = l->num; i > 0; i--) {
        const struct vfy_entry *e = &l->entries[i - 1];

        if (strcmp(e->outcome, "refused") == 0 &&
            strcmp(e->manifest_sha256, manifest_sha256) == 0 &&
            strcmp(e->refusal, refusal) == 0) {
            return e;
        }
    }
    return NULL;
}

/* All leaf hashes; owned by caller (free). */
static uint8_t (*leaves(const struct vfy_ledger *l))[BF_SHA256]
{
    uint8_t(*out)[BF_SHA256] = calloc(l->num > 0 ? l->num : 1, BF_SHA256);
    size_t i;

    for (i = 0; out != NULL && i < l->num; i++) {
        (void)bf_unhex(out[i], BF_SHA256, l->entries[i].leaf, 2 * BF_SHA256);
    }
    return out;
}

enum bf_err vfy_ledger_root(uint8_t out[BF_SHA256], const struct vfy_ledger *l,
                            size_t size, struct bf_diag *diag)
{
    struct bf_log log;
    uint8_t leaf[BF_SHA256];
    size_t i;

    if (size > l->num) {
        return bf_fail(diag, BF_INTERNAL, "root of %zu of %zu receipts", size, l->num);
    }
    memset(&log, 0, sizeof(log));
    for (i = 0; i < size; i++) {
        (void)bf_unhex(leaf, BF_SHA256, l->entries[i].leaf, 2 * BF_SHA256);
        bf_log_append(&log, leaf);
    }
    bf_log_root(out, &log);
    return BF_OK;
}

enum bf_err vfy_ledger_prove(uint8_t (*out)[BF_SHA256], size_t *num,
                             const struct vfy_ledger *l, size_t m, size_t n,
                             struct bf_diag *diag)
{
    uint8_t(*all)[BF_SHA256];
    enum bf_err err;

    *num = 0;
    if (m == 0 || m == n) {
        return BF_OK;
    }
    if (m > n || n > l->num) {
        return bf_fail(diag, BF_INTERNAL, "proof from %zu to %zu of %zu receipts", m, n,
                       l->num);
    }
    all = leaves(l);
    if (all == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "proof");
    }
    err = bf_log_prove(out, num, (const uint8_t(*)[BF_SHA256])all, m, n);
    free(all);
    return err == BF_OK ? BF_OK : bf_fail(diag, err, "proof from %zu to %zu", m, n);
}
