/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacking by libarchive, of containers that the gate has passed. Apart from pack.c,
 * because the disk writer needs more libraries than a program that only writes containers
 * should load.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/gate.h"

enum {
    EXTRACT = ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
              ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS | ARCHIVE_EXTRACT_NO_OVERWRITE
};

static enum bf_err fail_archive(struct bf_diag *diag, struct archive *a, const char *what)
{
    const char *text = archive_error_string(a);

    return bf_fail(diag, BF_ARCHIVE, "%s: %s", what,
                   text != NULL ? text : "no reason given");
}

static enum bf_err write_member(struct archive *disk, struct archive *in,
                                struct archive_entry *entry, struct bf_diag *diag)
{
    const char *name = archive_entry_pathname(entry);
    const void *block;
    size_t len;
    la_int64_t at;
    int rc;

    if (name == NULL || archive_entry_filetype(entry) != AE_IFREG) {
        return bf_fail(diag, BF_INTERNAL,
                       "libarchive sees another container than the gate");
    }
    archive_entry_set_perm(entry, 0600);
    if (archive_write_header(disk, entry) != ARCHIVE_OK) {
        return fail_archive(diag, disk, name);
    }
    while ((rc = archive_read_data_block(in, &block, &len, &at)) == ARCHIVE_OK) {
        if (archive_write_data_block(disk, block, len, at) != ARCHIVE_OK) {
            return fail_archive(diag, disk, name);
        }
    }
    if (rc != ARCHIVE_EOF) {
        return fail_archive(diag, in, name);
    }
    return archive_write_finish_entry(disk) == ARCHIVE_OK
               ? BF_OK
               : fail_archive(diag, disk, name);
}

/* libarchive passes over what is there already as if all were well, so this is asked
 * before the first write. */
static enum bf_err nothing_there(const struct bf_container *c, struct bf_diag *diag)
{
    struct stat st;
    size_t i;

    for (i = 0; i < c->num; i++) {
        if (lstat(c->entries[i].name, &st) == 0) {
            return bf_fail(diag, BF_OUTPUT_EXISTS, "%s", c->entries[i].name);
        }
    }
    return BF_OK;
}

static enum bf_err write_all(const struct bf_container *c, struct archive *in,
                             struct archive *disk, size_t *begun, struct bf_diag *diag)
{
    struct archive_entry *entry;
    enum bf_err err = BF_OK;
    size_t i;

    if (archive_read_support_format_tar(in) != ARCHIVE_OK ||
        archive_read_open_memory(in, c->raw.ptr, c->raw.len) != ARCHIVE_OK) {
        return fail_archive(diag, in, "container");
    }
    if (archive_write_disk_set_options(disk, EXTRACT) != ARCHIVE_OK) {
        return fail_archive(diag, disk, "container");
    }
    for (i = 0; i < c->num && err == BF_OK; i++) {
        *begun = i + 1;
        err = archive_read_next_header(in, &entry) == ARCHIVE_OK
                  ? write_member(disk, in, entry, diag)
                  : fail_archive(diag, in, c->entries[i].name);
    }
    return err;
}

enum bf_err bf_unpack(const struct bf_container *c, const char *directory,
                      struct bf_diag *diag)
{
    int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    mode_t mask = umask(077); /* for the directories that libarchive makes */
    struct archive *in = archive_read_new();
    struct archive *disk = archive_write_disk_new();
    size_t begun = 0;
    enum bf_err err;

    if (in == NULL || disk == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "container");
    } else if (back < 0 ||
               chdir(directory) != 0) { /* the disk writer has no other root */
        err = bf_fail_errno(diag, directory);
    } else {
        err = nothing_there(c, diag);
        if (err == BF_OK) {
            err = write_all(c, in, disk, &begun, diag);
        }
        while (err != BF_OK && begun > 0) {
            (void)unlink(c->entries[--begun].name);
        }
        if (fchdir(back) != 0 && err == BF_OK) {
            err = bf_fail_errno(diag, "going back to the working directory");
        }
    }
    archive_read_free(in);
    archive_write_free(disk);
    umask(mask);
    if (back >= 0) {
        close(back);
    }
    return err;
}
