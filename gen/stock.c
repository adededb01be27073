/* SPDX-License-Identifier: Apache-2.0 */
#include "stock.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bf/file.h"

extern char **environ;

enum { MAX_ENVIRONMENT = 1000 };

bool gen_stock_can_ask(void)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* Our environment, and that prompts go to the terminal, not to a window. */
static void put_environment(char *out[MAX_ENVIRONMENT])
{
    static char never[] = "SSH_ASKPASS_REQUIRE=never";
    size_t i, num = 0;

    for (i = 0; environ[i] != NULL && num < MAX_ENVIRONMENT - 2; i++) {
        if (strncmp(environ[i], "SSH_ASKPASS_REQUIRE=", 20) != 0) {
            out[num++] = environ[i];
        }
    }
    out[num++] = never;
    out[num] = NULL;
}

static int start(pid_t *pid, int in, int out, const char *space, const char *path)
{
    char *argv[] = {(char[]){"ssh-keygen"}, (char[]){"-q"}, (char[]){"-Y"},
                    (char[]){"sign"},       (char[]){"-n"}, NULL,
                    (char[]){"-f"},         NULL,           NULL};
    char **env = calloc(MAX_ENVIRONMENT, sizeof(*env));
    posix_spawn_file_actions_t actions;
    int number = ENOMEM;

    argv[5] = strdup(space);
    argv[7] = strdup(path);
    if (env != NULL && argv[5] != NULL && argv[7] != NULL &&
        posix_spawn_file_actions_init(&actions) == 0) {
        put_environment(env);
        number = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
        if (number == 0) {
            number = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        }
        if (number == 0) {
            number = posix_spawnp(pid, argv[0], &actions, NULL, argv, env);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    free(argv[5]);
    free(argv[7]);
    free(env);
    return number;
}

/* The message as a file without a name, since it is what ssh-keygen reads from its
 * standard input. -1 when it cannot be made. */
static int as_file(struct bf_bytes message)
{
    int fd = memfd_create("message", MFD_CLOEXEC);

    if (fd >= 0 && (!bf_fd_write(fd, message) || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static enum bf_err finish(pid_t pid, const char *path, struct bf_diag *diag)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return bf_fail(diag, BF_KEYFILE_SIGN, "%s: %s", path, strerror(errno));
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return bf_fail(diag, BF_KEYFILE_SIGN, "%s", path);
    }
    return BF_OK;
}

static enum bf_err stock_armor(struct bf_signer *self, struct bf_buf *armor,
                               const char *space, struct bf_bytes message,
                               struct bf_diag *diag)
{
    const struct gen_stock *s = self->ctx;
    uint8_t chunk[1024];
    int in = as_file(message), ends[2] = {-1, -1}, number;
    size_t got = 0;
    pid_t pid = -1;
    enum bf_err err;

    if (in < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        err = bf_fail(diag, BF_KEYFILE_SIGN, "%s: %s", s->path, strerror(errno));
        goto out;
    }
    number = start(&pid, in, ends[1], space, s->path);
    close(ends[1]);
    ends[1] = -1;
    if (number != 0) {
        err = bf_fail(diag, BF_KEYFILE_SIGN, "ssh-keygen: %s", strerror(number));
        goto out;
    }
    do {
        if (!bf_fd_read(ends[0], chunk, sizeof(chunk), &got)) {
            got = 0;
        }
        bf_put(armor, chunk, got);
    } while (got == sizeof(chunk) && !armor->bad);
    close(ends[0]); /* what is longer than any signature must not wait for us */
    ends[0] = -1;
    err = finish(pid, s->path, diag);
    if (err == BF_OK) {
        err = bf_buf_check(armor, "signature of ssh-keygen", diag);
    }
out:
    if (in >= 0) {
        close(in);
    }
    if (ends[0] >= 0) {
        close(ends[0]);
    }
    if (ends[1] >= 0) {
        close(ends[1]);
    }
    return err;
}

void gen_stock_signer(struct bf_signer *out, struct gen_stock *s, const char *path)
{
    s->path = path;
    out->armor = stock_armor;
    out->ctx = s;
}
