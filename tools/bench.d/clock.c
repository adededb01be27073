/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tools/bench: runs a command and appends a line to a file: when it began and when it
 * ended, in nanoseconds, and the most memory that it had at a time, in KiB. Small and
 * static, so that it takes nearly no time of its own. usage: clock FILE COMMAND ARG...
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
    long long begin = now();
    struct rusage usage;
    int status = 0;
    FILE *out;
    pid_t pid;

    if (argc < 3) {
        return 2;
    }
    pid = vfork();
    if (pid == 0) {
        execv(argv[2], argv + 2);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        return 3;
    }
    out = fopen(argv[1], "a");
    if (out == NULL ||
        fprintf(out, "%lld %lld %ld\n", begin, now(), usage.ru_maxrss) < 0 ||
        fclose(out) != 0) {
        return 3;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}
