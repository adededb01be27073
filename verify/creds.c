/* SPDX-License-Identifier: Apache-2.0 */
#include "creds.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bf/file.h"

enum { COMMAND_SECONDS = 30 };

/* Reads fd to its end into out (allocated, cap bytes): INPUT_SIZE when there is more. */
static enum bf_err read_all(struct bf_secret *out, int fd, const char *what,
                            struct bf_diag *diag)
{
    ssize_t n;

    for (;;) {
        n = read(fd, out->ptr + out->len, out->cap - out->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return bf_fail(diag, BF_INPUT_READ, "%s: %s", what, strerror(errno));
        }
        if (n == 0) {
            return BF_OK;
        }
        out->len += (size_t)n;
        if (out->len == out->cap) {
            return bf_fail(diag, BF_INPUT_SIZE, "%s: more than %d bytes", what,
                           VFY_MAX_CREDENTIAL);
        }
    }
}

/*
 * systemd.exec(5), LoadCredential=: the unit's directory is named in the environment, and
 * files in it may belong to root and be readable by the unit's user through an ACL, which
 * shows in the group bits.
 */
static enum bf_err read_systemd(struct bf_secret *out, const char *name,
                                struct bf_diag *diag)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    char path[1200];
    struct stat st;
    enum bf_err err;
    int fd;

    if (dir == NULL || dir[0] != '/') {
        return bf_fail(diag, BF_CONFIG,
                       "credential systemd:%s, but systemd gave no credential directory",
                       name);
    }
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path)) {
        return bf_fail(diag, BF_CONFIG, "credential systemd:%s: name too long", name);
    }
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return bf_fail(diag, BF_INPUT_OPEN, "%s: %s", path, strerror(errno));
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        (st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 027) != 0) {
        err = bf_fail(diag, BF_INPUT_MODE, "%s", path);
    } else {
        err = bf_secret_alloc(out, VFY_MAX_CREDENTIAL + 1, diag);
    }
    if (err == BF_OK) {
        err = read_all(out, fd, path, diag);
    }
    close(fd);
    return err;
}

/* In the child: nothing but stdout and stderr of ours goes on. */
static _Noreturn void run_command(char *const argv[], int out)
{
    static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *const env[] = {path, NULL};
    int null = open("/dev/null", O_RDONLY);

    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0) {
        _exit(127);
    }
    signal(SIGPIPE, SIG_DFL);
    execve(argv[0], argv, env);
    _exit(127);
}

/* Reads the pipe until its end or until the time is over; the command is ended in any
 * case by the caller. */
static enum bf_err read_command(struct bf_secret *out, int fd, const char *what,
                                struct bf_diag *diag)
{
    struct pollfd p = {fd, POLLIN, 0};
    time_t until = time(NULL) + COMMAND_SECONDS;
    time_t now;
    ssize_t n;

    for (;;) {
        now = time(NULL);
        if (now >= until || poll(&p, 1, (int)(until - now) * 1000) == 0) {
            return bf_fail(diag, BF_INPUT_READ, "%s: no end after %d seconds", what,
                           COMMAND_SECONDS);
        }
        n = read(fd, out->ptr + out->len, out->cap - out->len);
        if (n < 0 && errno != EINTR) {
            return bf_fail(diag, BF_INPUT_READ, "%s: %s", what, strerror(errno));
        }
        if (n == 0) {
            return BF_OK;
        }
        out->len += n > 0 ? (size_t)n : 0;
        if (out->len == out->cap) {
            return bf_fail(diag, BF_INPUT_SIZE, "%s: more than %d bytes", what,
                           VFY_MAX_CREDENTIAL);
        }
    }
}

static enum bf_err finish_command(pid_t pid, enum bf_err err, const char *what,
                                  struct bf_diag *diag)
{
    int status = 0;

    if (err != BF_OK) {
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (err == BF_OK && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        err = bf_fail(diag, BF_CONFIG, "the credential command %s failed (%s %d)", what,
                      WIFEXITED(status) ? "exit code" : "signal",
                      WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    }
    return err;
}

static enum bf_err read_from_command(struct bf_secret *out, const struct bf_list *words,
                                     struct bf_diag *diag)
{
    char *argv[VFY_MAX_ARGV + 1] = {NULL};
    const char *what = bf_list_text(words, 0);
    enum bf_err err;
    int ends[2];
    pid_t pid;

    memcpy(argv, words->items, words->num * sizeof(*argv));
    err = bf_secret_alloc(out, VFY_MAX_CREDENTIAL + 1, diag);
    if (err != BF_OK) {
        return err;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return bf_fail_errno(diag, "pipe");
    }
    pid = fork();
    if (pid == 0) {
        run_command(argv, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        err = bf_fail_errno(diag, what);
    } else {
        err = finish_command(pid, read_command(out, ends[0], what, diag), what, diag);
    }
    close(ends[0]);
    return err;
}

enum bf_err vfy_credential_read(struct bf_secret *out, const struct vfy_credential *c,
                                struct bf_diag *diag)
{
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    switch (c->source) {
    case VFY_SOURCE_FILE:
        err = bf_file_read_secret(out, c->name, VFY_MAX_CREDENTIAL, diag);
        break;
    case VFY_SOURCE_SYSTEMD:
        err = read_systemd(out, c->name, diag);
        break;
    case VFY_SOURCE_COMMAND:
        err = read_from_command(out, &c->argv, diag);
        break;
    case VFY_SOURCE_NONE:
    default:
        return bf_fail(diag, BF_CONFIG, "no credential is configured");
    }
    if (err == BF_OK && out->len > 0 && out->ptr[out->len - 1] == '\n') {
        out->len--;
    }
    if (err == BF_OK && out->len == 0) {
        err = bf_fail(diag, BF_CONFIG, "an empty credential");
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "credential");
        bf_secret_clear(out);
    }
    return err;
}

static bool is_printable(struct bf_bytes in)
{
    size_t i;

    for (i = 0; i < in.len; i++) {
        if (in.ptr[i] < 0x20 || in.ptr[i] > 0x7e) {
            return false;
        }
    }
    return in.len > 0;
}

static void add(struct vfy_creds *c, const char *name, struct bf_bytes value)
{
    c->items[c->num].name = name;
    c->items[c->num].value = value;
    c->num++;
}

enum bf_err vfy_creds_cluster(struct vfy_creds *out, const char *auth,
                              const struct vfy_credential *c, struct bf_diag *diag)
{
    enum bf_err err;

    if (strcmp(auth, "none") == 0) {
        return BF_OK;
    }
    err = vfy_credential_read(&out->cluster, c, diag);
    if (err != BF_OK) {
        return err;
    }
    if (!is_printable(bf_secret_bytes(&out->cluster))) {
        return bf_fail(diag, BF_CONFIG,
                       "the cluster's credential must be one line of printable ASCII");
    }
    add(out, strcmp(auth, "basic") == 0 ? "cluster.password" : "cluster.apikey",
        bf_secret_bytes(&out->cluster));
    return BF_OK;
}

enum bf_err vfy_creds_control(struct vfy_creds *out, const struct vfy_credential *c,
                              struct bf_diag *diag)
{
    enum bf_err err = vfy_credential_read(&out->control, c, diag);

    if (err == BF_OK && !is_printable(bf_secret_bytes(&out->control))) {
        err = bf_fail(diag, BF_CONFIG,
                      "control.credential must be one line of printable ASCII");
    }
    if (err == BF_OK) {
        add(out, "control.apikey", bf_secret_bytes(&out->control));
    }
    return err;
}

/* Two lines: access key id, secret key. */
static enum bf_err two_lines(struct vfy_creds *out, struct bf_secret *to,
                             const struct vfy_credential *c, const char *key_name,
                             const char *id_name, const char *secret_name,
                             struct bf_diag *diag)
{
    struct bf_bytes all, id, key;
    const uint8_t *lf;
    enum bf_err err;

    err = vfy_credential_read(to, c, diag);
    if (err != BF_OK) {
        return err;
    }
    all = bf_secret_bytes(to);
    lf = memchr(all.ptr, '\n', all.len);
    if (lf == NULL) {
        return bf_fail(diag, BF_CONFIG, "%s must be two lines: access key id, secret key",
                       key_name);
    }
    id = bf_view(all.ptr, (size_t)(lf - all.ptr));
    key = bf_view(lf + 1, all.len - id.len - 1);
    if (!is_printable(id) || !is_printable(key)) {
        return bf_fail(diag, BF_CONFIG, "%s must be two lines: access key id, secret key",
                       key_name);
    }
    add(out, id_name, id);
    add(out, secret_name, key);
    return BF_OK;
}

enum bf_err vfy_creds_iam(struct vfy_creds *out, const struct vfy_credential *c,
                          struct bf_diag *diag)
{
    return two_lines(out, &out->iam, c, "IAM's credential", "iam.access_key",
                     "iam.secret_key", diag);
}

enum bf_err vfy_creds_s3(struct vfy_creds *out, const struct vfy_credential *c,
                         struct bf_diag *diag)
{
    return two_lines(out, &out->s3, c, "s3.credential", "s3.access_key", "s3.secret_key",
                     diag);
}

void vfy_creds_clear(struct vfy_creds *c)
{
    bf_secret_clear(&c->cluster);
    bf_secret_clear(&c->control);
    bf_secret_clear(&c->iam);
    bf_secret_clear(&c->s3);
    memset(c, 0, sizeof(*c));
}
