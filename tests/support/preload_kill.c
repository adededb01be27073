/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into snapseal-verify by the crash tests: kills the process (SIGKILL) before
 * or after the KILL_AT-th fdatasync(), which is called for journal records alone.
 * KILL_WHEN is "before" or "after". KILL_COUNT names a file that gets one byte a call, so
 * that a test knows how many there are.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int calls;

static void note(const char *path)
{
    int fd =
        path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

    if (fd >= 0) {
        if (write(fd, ".", 1) != 1) {
            abort();
        }
        close(fd);
    }
}

int fdatasync(int fd)
{
    static int (*real)(int);
    const char *at = getenv("KILL_AT"), *when = getenv("KILL_WHEN");
    int now, result;

    if (real == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "fdatasync");

        memcpy(&real, &symbol, sizeof(real));
    }
    calls++;
    note(getenv("KILL_COUNT"));
    now = at != NULL && strtol(at, NULL, 10) == calls;
    if (now && when != NULL && strcmp(when, "before") == 0) {
        kill(getpid(), SIGKILL);
    }
    result = real(fd);
    if (now) {
        kill(getpid(), SIGKILL);
    }
    return result;
}
