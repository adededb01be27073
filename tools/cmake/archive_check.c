/* SPDX-License-Identifier: Apache-2.0 */
/* Links only if all that pack.c and unpack.c call needs no library but libc and libacl.
 * Never run. */
#include <archive.h>
#include <archive_entry.h>
#include <stddef.h>

void __archive_write_entry_filetype_unsupported(struct archive *a,
                                                struct archive_entry *entry,
                                                const char *format);

void __archive_write_entry_filetype_unsupported(struct archive *a,
                                                struct archive_entry *entry,
                                                const char *format)
{
    (void)entry;
    archive_set_error(a, -1, "%s", format);
}

static int writes(struct archive *w, struct archive_entry *entry)
{
    archive_entry_set_pathname(entry, "a");
    archive_entry_set_size(entry, 0);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 0, 0);
    return archive_write_set_format_ustar(w) + archive_write_add_filter_none(w) +
           archive_write_set_bytes_per_block(w, 512) +
           archive_write_set_bytes_in_last_block(w, 512) +
           archive_write_open(w, NULL, NULL, NULL, NULL) +
           archive_write_header(w, entry) + (int)archive_write_data(w, "", 0) +
           archive_write_close(w) + archive_write_free(w);
}

int main(void)
{
    struct archive_entry *entry = archive_entry_new();
    struct archive *r = archive_read_new(), *d = archive_write_disk_new();
    const void *block = NULL;
    size_t len = 0;
    la_int64_t at = 0;
    int rc = writes(archive_write_new(), entry);

    archive_entry_free(entry);
    rc += archive_read_support_format_tar(r) + archive_read_open_memory(r, "", 0) +
          archive_write_disk_set_options(d, 0) + archive_read_next_header(r, &entry);
    rc += archive_entry_pathname(entry) != NULL && archive_error_string(r) != NULL;
    rc += archive_write_header(d, entry) + archive_read_data_block(r, &block, &len, &at) +
          (int)archive_write_data_block(d, block, len, at) +
          archive_write_finish_entry(d) + archive_read_free(r) + archive_write_free(d);
    return rc;
}
