/* SPDX-License-Identifier: Apache-2.0 */
#include "call_faults.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Shared with child processes; in own memory until the first fault is asked for. */
struct plan {
    enum cf_kind kind; /* 0: nothing fails */
    long countdown;
    bool failed;
};

static struct plan nothing;
static struct plan *plan = &nothing;

void cf_fail_at(enum cf_kind kind, long n)
{
    if (plan == &nothing) {
        void *p = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED) {
            abort();
        }
        plan = p;
    }
    plan->failed = false;
    plan->countdown = n;
    plan->kind = kind;
}

bool cf_end(void)
{
    plan->kind = 0;
    return plan->failed;
}

static bool fails_now(enum cf_kind kind)
{
    static const int errors[] = {0, ENOMEM, EIO, ENOSPC};

    if (plan->kind != kind || plan->countdown-- != 0) {
        return false;
    }
    plan->kind = 0;
    plan->failed = true;
    errno = errors[kind];
    return true;
}

#define WRAP(kind, on_failure, type, name, params, args)                                 \
    type __real_##name params;                                                           \
    type __wrap_##name params;                                                           \
    type __wrap_##name params                                                            \
    {                                                                                    \
        return fails_now(kind) ? (on_failure) : __real_##name args;                      \
    }

WRAP(CF_MEMORY, NULL, void *, malloc, (size_t len), (len))
WRAP(CF_MEMORY, NULL, void *, calloc, (size_t num, size_t len), (num, len))
WRAP(CF_MEMORY, NULL, void *, sodium_malloc, (size_t len), (len))
WRAP(CF_STORAGE, -1, int, fsync, (int fd), (fd))
WRAP(CF_STORAGE, -1, int, fdatasync, (int fd), (fd))
WRAP(CF_STORAGE, -1, int, ftruncate, (int fd, off_t len), (fd, len))
WRAP(CF_STORAGE, -1, int, rename, (const char *from, const char *to), (from, to))
WRAP(CF_STORAGE, -1, int, link, (const char *from, const char *to), (from, to))
WRAP(CF_STORAGE, -1, int, unlink, (const char *path), (path))
WRAP(CF_STORAGE, ENOSPC, int, posix_fallocate, (int fd, off_t at, off_t len),
     (fd, at, len))

ssize_t __real_read(int fd, void *to, size_t len);
ssize_t __wrap_read(int fd, void *to, size_t len);
ssize_t __real_write(int fd, const void *from, size_t len);
ssize_t __wrap_write(int fd, const void *from, size_t len);

/* Pipes and sockets do not fail so; who reads them has tests of its own. */
static bool is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

ssize_t __wrap_read(int fd, void *to, size_t len)
{
    return plan->kind == CF_READ && is_file(fd) && fails_now(CF_READ)
               ? -1
               : __real_read(fd, to, len);
}

ssize_t __wrap_write(int fd, const void *from, size_t len)
{
    if (plan->kind == CF_STORAGE && is_file(fd) && fails_now(CF_STORAGE)) {
        if (len > 1) {
            (void)!__real_write(fd, from, len / 2);
        }
        errno = ENOSPC;
        return -1;
    }
    return __real_write(fd, from, len);
}
