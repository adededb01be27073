/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, opened once and written whole. Reading: O_NOFOLLOW, regular file, cap, read once
 * into private memory (check 1). Writing: temporary file in the same directory, fsync,
 * rename (or link when nothing may be overwritten), fsync of the directory.
 */
#ifndef BF_FILE_H
#define BF_FILE_H

#include "bf/crypto.h"

/* INPUT_OPEN, INPUT_TYPE, INPUT_SIZE, INPUT_READ; out->max is set to max. "-" is standard
 * input. */
BF_MUST enum bf_err bf_file_read(struct bf_buf *out, const char *path, size_t max,
                                 struct bf_diag *diag);
/* The same into locked memory; the file must be ours and not readable by others (0600):
 * INPUT_MODE. */
BF_MUST enum bf_err bf_file_read_secret(struct bf_secret *out, const char *path,
                                        size_t max, struct bf_diag *diag);
/* OUTPUT_EXISTS unless force; OUTPUT_WRITE. mode such as 0600. "-" is standard output. */
BF_MUST enum bf_err bf_file_write(const char *path, struct bf_bytes data, unsigned mode,
                                  bool force, struct bf_diag *diag);
/* OUTPUT_SAME when both paths are one file. */
BF_MUST enum bf_err bf_file_differ(const char *in, const char *out, struct bf_diag *diag);
/* mkdir with 0700 for each missing part; STATE_DIR when it is not a directory of ours or
 * open to others. */
BF_MUST enum bf_err bf_dir_make(const char *path, struct bf_diag *diag);

/* All of data to a descriptor, whatever interrupts; false on an error (errno). */
bool bf_fd_write(int fd, struct bf_bytes data);
/* Up to len bytes; *got < len means the end came first. False on an error (errno). */
BF_MUST bool bf_fd_read(int fd, void *to, size_t len, size_t *got);

#endif
