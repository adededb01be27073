/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

bool tool_there(const char *name)
{
    const char *path = getenv("PATH");
    char one[512];

    while (path != NULL && *path != '\0') {
        size_t len = strcspn(path, ":");

        snprintf(one, sizeof(one), "%.*s/%s", (int)len, path, name);
        if (access(one, X_OK) == 0) {
            return true;
        }
        path += len + (path[len] == ':' ? 1 : 0);
    }
    t_skip(name);
    return false;
}

const char *tool_file(const char *name, struct bf_bytes data)
{
    static char paths[8][160];
    static size_t next;
    char *path = paths[next++ % 8];
    FILE *f;

    snprintf(path, sizeof(paths[0]), "%s/%s", t_tmpdir(), name);
    (void)unlink(path);
    f = fopen(path, "wb");
    if (f == NULL || fchmod(fileno(f), 0600) != 0 ||
        fwrite(data.ptr, 1, data.len, f) != data.len || fclose(f) != 0) {
        abort();
    }
    return path;
}

struct bf_buf tool_read(const char *path)
{
    struct bf_buf b = {0};

    if (!t_read_file(&b, path)) {
        abort();
    }
    return b;
}

static void child(const char *const argv[], int in, int out)
{
    char *copy[32];
    size_t i;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    dup2(in, 0);
    dup2(out, 1);
    dup2(null, 2);
    for (i = 0; argv[i] != NULL && i < 31; i++) {
        copy[i] = strdup(argv[i]);
    }
    copy[i] = NULL;
    execvp(copy[0], copy);
    _exit(127);
}

int tool_run(const char *const argv[], struct bf_bytes input, struct bf_buf *out)
{
    int in = open(tool_file("stdin", input), O_RDONLY | O_CLOEXEC);
    int ends[2];
    char chunk[4096];
    ssize_t n;
    int status = -1;
    pid_t pid;

    if (in < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        abort();
    }
    pid = fork();
    if (pid == 0) {
        child(argv, in, ends[1]);
    }
    close(in);
    close(ends[1]);
    while (pid > 0 && (n = read(ends[0], chunk, sizeof(chunk))) > 0) {
        if (out != NULL) {
            bf_put(out, chunk, (size_t)n);
        }
    }
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) == 127) {
        return -1;
    }
    return WEXITSTATUS(status);
}
