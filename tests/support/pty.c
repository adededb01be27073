/* SPDX-License-Identifier: Apache-2.0 */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void child(int (*fn)(void *), void *ctx, const char *terminal)
{
    int fd;

    setsid();
    if (terminal != NULL) {
        fd = open(terminal, O_RDWR);
        if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0) {
            _exit(126);
        }
    }
    _exit(fn(ctx));
}

/* Types the answer when the prompt has appeared; reads until the child has closed the
 * terminal. */
static void talk(int master, const char *input, struct bf_buf *screen)
{
    struct pollfd p = {master, POLLIN, 0};
    char chunk[256];
    bool typed = false;
    ssize_t n;

    while (poll(&p, 1, 20000) > 0) {
        n = read(master, chunk, sizeof(chunk));
        if (n <= 0) {
            break;
        }
        bf_put(screen, chunk, (size_t)n);
        if (!typed && write(master, input, strlen(input)) != (ssize_t)strlen(input)) {
            break;
        }
        typed = true;
    }
}

int pty_run(int (*fn)(void *), void *ctx, const char *input, struct bf_buf *screen)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status = 0;
    char name[64] = "";
    pid_t pid;

    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
        ptsname_r(master, name, sizeof(name)) != 0) {
        abort();
    }
    pid = fork();
    if (pid == 0) {
        child(fn, ctx, input != NULL ? name : NULL);
    }
    if (pid > 0 && input != NULL) {
        talk(master, input, screen);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(master);
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
