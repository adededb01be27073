/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bf/file.h"
#include "bf/gate.h"

enum { MAX_IDENTITY_FILE = 8192 };

/* What the child says first; the plaintext follows when err is BF_OK. Both are one
 * program, so the layout is shared. */
struct answer {
    enum bf_err err;
    size_t len;
    char where[sizeof(((struct bf_diag *)0)->where)];
};

/* From here on the process can open nothing: the descriptors it has are its last. */
static bool shut_in(void)
{
    struct rlimit none = {0, 0};

    return setrlimit(RLIMIT_NOFILE, &none) == 0 && setrlimit(RLIMIT_FSIZE, &none) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static enum bf_err open_sealed(uint8_t *plain, size_t *len, struct bf_bytes in,
                               const char *identity_file, struct bf_diag *diag)
{
    struct bf_secret file = {0}, identity = {0};
    enum bf_err err;

    err = bf_file_read_secret(&file, identity_file, MAX_IDENTITY_FILE, diag);
    if (err == BF_OK && !shut_in()) {
        err = bf_fail_errno(diag, "limits");
    }
    if (err == BF_OK) {
        err = bf_age_identity_file(&identity, bf_secret_bytes(&file), diag);
    }
    if (err == BF_OK) {
        err = bf_age_open(plain, BF_MAX_CONTAINER, len, in, identity.ptr, 0, diag);
    }
    bf_secret_clear(&identity);
    bf_secret_clear(&file);
    return err;
}

static _Noreturn void child(int fd, pid_t parent, struct bf_bytes in,
                            const char *identity_file)
{
    struct answer a;
    struct bf_diag diag = {0};
    uint8_t *plain = malloc(BF_MAX_CONTAINER);
    bool sent;

    memset(&a, 0, sizeof(a));
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(BF_EXIT_UNDECIDED);
    }
    if (plain == NULL) {
        a.err = bf_fail(&diag, BF_NO_MEMORY, "sealed file");
    } else {
        a.err = open_sealed(plain, &a.len, in, identity_file, &diag);
    }
    memcpy(a.where, diag.where, sizeof(a.where));
    sent = bf_fd_write(fd, bf_view(&a, sizeof(a))) &&
           (a.err != BF_OK || bf_fd_write(fd, bf_view(plain, a.len)));
    _exit(sent ? BF_EXIT_DONE : BF_EXIT_UNDECIDED);
}

static enum bf_err take_answer(struct bf_buf *out, int fd, struct bf_diag *diag)
{
    struct answer a;
    uint8_t *plain;
    size_t got;
    enum bf_err err;

    if (!bf_fd_read(fd, &a, sizeof(a), &got) || got != sizeof(a)) {
        return bf_fail(diag, BF_IO,
                       "the process that opens sealed files ended without an answer");
    }
    a.where[sizeof(a.where) - 1] = '\0';
    if (a.err != BF_OK) {
        (void)bf_fail(diag, a.err, "%s", "");
        if (diag != NULL) {
            memcpy(diag->where, a.where, sizeof(a.where));
        }
        return a.err;
    }
    plain = a.len <= BF_MAX_CONTAINER ? malloc(a.len > 0 ? a.len : 1) : NULL;
    if (plain == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "sealed file");
    }
    if (!bf_fd_read(fd, plain, a.len, &got) || got != a.len) {
        err = bf_fail(diag, BF_IO, "the process that opens sealed files ended early");
    } else {
        bf_put(out, plain, a.len);
        err = bf_buf_check(out, "sealed file", diag);
    }
    free(plain);
    return err;
}

enum bf_err vfy_unseal(struct bf_buf *out, struct bf_bytes in, const char *identity_file,
                       struct bf_diag *diag)
{
    pid_t self = getpid(), pid;
    enum bf_err err;
    int ends[2];

    *out = bf_buf(BF_MAX_CONTAINER);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return bf_fail_errno(diag, "pipe");
    }
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(ends[1], self, in, identity_file);
    }
    close(ends[1]);
    err = pid < 0 ? bf_fail_errno(diag, "fork") : take_answer(out, ends[0], diag);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    if (err != BF_OK) {
        bf_buf_clear(out);
    }
    return err;
}
