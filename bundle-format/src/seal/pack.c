/* SPDX-License-Identifier: Apache-2.0 */
/* The door to libarchive, with unpack.c. It writes and judges nothing: the gate reads
 * what it has made. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bf/gate.h"

#ifdef SNAPSEAL_STATIC_ARCHIVE
/*
 * libarchive.a has this function, which says that a format cannot hold a kind of file, in
 * the object that lists all its formats. With one here the linker leaves that object out,
 * and all formats, compressors and libraries behind it.
 */
void __archive_write_entry_filetype_unsupported(struct archive *a,
                                                struct archive_entry *entry,
                                                const char *format);

void __archive_write_entry_filetype_unsupported(struct archive *a,
                                                struct archive_entry *entry,
                                                const char *format)
{
    (void)entry; /* only regular files are written here */
    archive_set_error(a, EINVAL, "%s: not a regular file", format);
}
#endif

static enum bf_err fail_archive(struct bf_diag *diag, struct archive *a, const char *what)
{
    const char *text = a != NULL ? archive_error_string(a) : NULL;

    return bf_fail(diag, BF_ARCHIVE, "%s: %s", what,
                   text != NULL ? text : "no reason given");
}

static int by_name(const void *a, const void *b)
{
    const struct bf_entry *x = a;
    const struct bf_entry *y = b;
    int x_last = strcmp(x->name, "manifest.json") != 0;
    int y_last = strcmp(y->name, "manifest.json") != 0;

    return x_last != y_last ? x_last - y_last : strcmp(x->name, y->name);
}

static la_ssize_t take_bytes(struct archive *a, void *ctx, const void *bytes, size_t len)
{
    struct bf_buf *out = ctx;

    bf_put(out, bytes, len);
    if (out->bad) {
        archive_set_error(a, ENOMEM, "more than %zu bytes", out->max);
        return -1;
    }
    return (la_ssize_t)len;
}

/* Name, size and type, and nothing else: what is not set here is what the gate's header
 * has. */
static enum bf_err write_member(struct archive *a, const struct bf_entry *member,
                                struct bf_diag *diag)
{
    struct archive_entry *entry = archive_entry_new();
    enum bf_err err = BF_OK;

    if (entry == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "%s", member->name);
    }
    archive_entry_set_pathname(entry, member->name);
    archive_entry_set_size(entry, (la_int64_t)member->data.len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 0, 0);
    if (archive_write_header(a, entry) != ARCHIVE_OK ||
        (member->data.len > 0 &&
         archive_write_data(a, member->data.ptr, member->data.len) !=
             (la_ssize_t)member->data.len)) {
        err = fail_archive(diag, a, member->name);
    }
    archive_entry_free(entry);
    return err;
}

static enum bf_err write_all(struct bf_buf *out, const struct bf_entry *sorted,
                             size_t num, struct bf_diag *diag)
{
    struct archive *a = archive_write_new();
    enum bf_err err = BF_OK;
    size_t i;

    if (a == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "container");
    }
    if (archive_write_set_format_ustar(a) != ARCHIVE_OK ||
        archive_write_add_filter_none(a) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(a, BF_BLOCK) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(a, BF_BLOCK) != ARCHIVE_OK ||
        archive_write_open(a, out, NULL, take_bytes, NULL) != ARCHIVE_OK) {
        err = fail_archive(diag, a, "container");
    }
    for (i = 0; i < num && err == BF_OK; i++) {
        err = write_member(a, &sorted[i], diag);
    }
    if (archive_write_close(a) != ARCHIVE_OK && err == BF_OK) {
        err = fail_archive(diag, a, "container");
    }
    archive_write_free(a);
    return err;
}

enum bf_err bf_pack(struct bf_buf *out, const struct bf_entry *entries, size_t num,
                    struct bf_diag *diag)
{
    struct bf_buf made = bf_buf(BF_MAX_CONTAINER);
    struct bf_entry sorted[BF_MAX_MEMBERS];
    struct bf_container check;
    enum bf_err err;

    if (num > BF_MAX_MEMBERS) {
        return bf_fail(diag, BF_GATE_COUNT, "%zu", num); /* [BF-108] */
    }
    bf_copy(sorted, entries, num * sizeof(sorted[0]));
    qsort(sorted, num, sizeof(sorted[0]), by_name);
    err = write_all(&made, sorted, num, diag);
    if (made.bad) { /* libarchive knows only that its writer stopped */
        err = bf_buf_check(&made, "container", diag);
    }
    if (err == BF_OK) {
        err = bf_gate(&check, bf_buf_bytes(&made), diag);
    }
    if (err == BF_OK) {
        if (out->max == 0) {
            out->max = BF_MAX_CONTAINER;
        }
        bf_put_bytes(out, bf_buf_bytes(&made));
        err = bf_buf_check(out, "container", diag);
    }
    bf_buf_clear(&made);
    return err;
}
