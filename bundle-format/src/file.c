/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 1024 };

/* [BF-801] opened once, no link followed, regular; "-" is standard input, which may be a
 * pipe. */
static enum bf_err open_input(int *fd, struct stat *st, const char *path,
                              struct bf_diag *diag)
{
    bool standard = strcmp(path, "-") == 0;

    *fd = standard
              ? STDIN_FILENO
              : open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0) {
        return bf_fail(diag, errno == ELOOP ? BF_INPUT_TYPE : BF_INPUT_OPEN, "%s: %s",
                       path, strerror(errno));
    }
    if (fstat(*fd, st) != 0 || (!standard && !S_ISREG(st->st_mode))) {
        return bf_fail(diag, BF_INPUT_TYPE, "%s", path);
    }
    return BF_OK;
}

static void close_input(int fd)
{
    if (fd > STDIN_FILENO) {
        close(fd);
    }
}

static ssize_t read_some(int fd, void *to, size_t len)
{
    ssize_t n;

    do {
        n = read(fd, to, len);
    } while (n < 0 && errno == EINTR);
    return n;
}

enum bf_err bf_file_read(struct bf_buf *out, const char *path, size_t max,
                         struct bf_diag *diag)
{
    uint8_t chunk[2048];
    struct stat st;
    int fd = -1;
    ssize_t n = 0;
    enum bf_err err;

    *out = bf_buf(max);
    if ((err = open_input(&fd, &st, path, diag)) != BF_OK) {
        goto out;
    }
    while (!out->bad && (n = read_some(fd, chunk, sizeof(chunk))) > 0) {
        if (out->len + (size_t)n > max) {
            err = bf_fail(diag, BF_INPUT_SIZE, "%s: more than %zu bytes", path, max);
            goto out;
        }
        bf_put(out, chunk, (size_t)n);
    }
    if (n < 0) {
        err = bf_fail(diag, BF_INPUT_READ, "%s: %s", path, strerror(errno));
    } else {
        err = bf_buf_check(out, path, diag);
    }
out:
    close_input(fd);
    bf_wipe(chunk, sizeof(chunk));
    if (err != BF_OK) {
        bf_buf_clear(out);
    }
    return err;
}

enum bf_err bf_file_read_secret(struct bf_secret *out, const char *path, size_t max,
                                struct bf_diag *diag)
{
    struct stat st;
    int fd = -1;
    ssize_t n = 1;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if ((err = open_input(&fd, &st, path, diag)) != BF_OK) {
        goto out;
    }
    if (fd != STDIN_FILENO && (st.st_uid != geteuid() || (st.st_mode & 077) != 0)) {
        err = bf_fail(diag, BF_INPUT_MODE, "%s", path);
        goto out;
    }
    if ((err = bf_secret_alloc(out, max + 1, diag)) != BF_OK) {
        goto out;
    }
    while (n > 0 && out->len <= max) {
        n = read_some(fd, out->ptr + out->len, max + 1 - out->len);
        out->len += n > 0 ? (size_t)n : 0;
    }
    if (n < 0) {
        err = bf_fail(diag, BF_INPUT_READ, "%s: %s", path, strerror(errno));
    } else if (out->len > max) {
        err = bf_fail(diag, BF_INPUT_SIZE, "%s: more than %zu bytes", path, max);
    }
out:
    close_input(fd);
    if (err != BF_OK) {
        bf_secret_clear(out);
    }
    return err;
}

bool bf_fd_write(int fd, struct bf_bytes data)
{
    while (data.len > 0) {
        ssize_t n = write(fd, data.ptr, data.len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data.ptr += n;
        data.len -= (size_t)n;
    }
    return true;
}

bool bf_fd_read(int fd, void *to, size_t len, size_t *got)
{
    ssize_t n = 1;

    for (*got = 0; *got < len && n > 0; *got += n > 0 ? (size_t)n : 0) {
        n = read_some(fd, (uint8_t *)to + *got, len - *got);
    }
    return n >= 0;
}

/* The directory part of path ("." when there is none) into out. */
static bool directory_of(char *out, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 1 : (slash == path ? 1 : (size_t)(slash - path));

    if (len >= size) {
        return false;
    }
    bf_copy(out, slash == NULL ? "." : path, len);
    out[len] = '\0';
    return true;
}

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return good;
}

/* The finished temporary file takes its name: by link, which refuses to replace, or by
 * rename. */
static enum bf_err put_in_place(const char *temp, const char *path, bool force,
                                struct bf_diag *diag)
{
    if (force ? rename(temp, path) == 0 : link(temp, path) == 0) {
        return BF_OK;
    }
    return bf_fail(diag, errno == EEXIST ? BF_OUTPUT_EXISTS : BF_OUTPUT_WRITE, "%s: %s",
                   path, strerror(errno));
}

enum bf_err bf_file_write(const char *path, struct bf_bytes data, unsigned mode,
                          bool force, struct bf_diag *diag)
{
    char temp[MAX_PATH + 32], dir[MAX_PATH];
    struct stat st;
    enum bf_err err;
    int fd;

    if (strcmp(path, "-") == 0) {
        return bf_fd_write(STDOUT_FILENO, data)
                   ? BF_OK
                   : bf_fail(diag, BF_OUTPUT_WRITE, "standard output: %s",
                             strerror(errno));
    }
    if (!force && lstat(path, &st) == 0) {
        return bf_fail(diag, BF_OUTPUT_EXISTS, "%s", path);
    }
    if (!directory_of(dir, sizeof(dir), path) ||
        (size_t)snprintf(temp, sizeof(temp), "%s/.snapseal.XXXXXX", dir) >=
            sizeof(temp)) {
        return bf_fail(diag, BF_OUTPUT_WRITE, "name too long");
    }
    fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0) {
        return bf_fail(diag, BF_OUTPUT_WRITE, "%s: %s", path, strerror(errno));
    }
    if (fchmod(fd, (mode_t)mode) != 0 || !bf_fd_write(fd, data) || fsync(fd) != 0) {
        err = bf_fail(diag, BF_OUTPUT_WRITE, "%s: %s", path, strerror(errno));
        close(fd);
    } else if (close(fd) != 0) {
        err = bf_fail(diag, BF_OUTPUT_WRITE, "%s: %s", path, strerror(errno));
    } else {
        err = put_in_place(temp, path, force, diag);
    }
    if (err != BF_OK || !force) {
        (void)unlink(temp);
    }
    if (err == BF_OK && !sync_directory(dir)) {
        err = bf_fail(diag, BF_OUTPUT_WRITE, "%s: %s", dir, strerror(errno));
    }
    return err;
}

enum bf_err bf_file_differ(const char *in, const char *out, struct bf_diag *diag)
{
    struct stat a, b;

    if (strcmp(in, "-") != 0 && strcmp(out, "-") != 0 && stat(in, &a) == 0 &&
        stat(out, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino) {
        return bf_fail(diag, BF_OUTPUT_SAME, "%s", out);
    }
    return BF_OK;
}

enum bf_err bf_dir_make(const char *path, struct bf_diag *diag)
{
    char part[MAX_PATH];
    struct stat st;
    size_t len = strlen(path), i;

    if (len == 0 || len >= sizeof(part)) {
        return bf_fail(diag, BF_STATE_DIR, "%s: name too long or empty", path);
    }
    for (i = 1; i <= len; i++) {
        if (i == len || path[i] == '/') {
            bf_copy(part, path, i);
            part[i] = '\0';
            if (mkdir(part, 0700) != 0 && errno != EEXIST) {
                return bf_fail(diag, BF_STATE_DIR, "%s: %s", part, strerror(errno));
            }
        }
    }
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & 077) != 0) {
        return bf_fail(diag, BF_STATE_DIR, "%s", path);
    }
    return BF_OK;
}
