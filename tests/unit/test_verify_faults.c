/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each write, fsync, rename, link and allocation of one apply fails once, the first, the
 * second, and so on. Whatever it was: what the appliance then says of itself is true, a
 * resume or another apply brings the change about, and the log has no gap.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "fake_applier.h"
#include "harness.h"
#include "place.h"

__attribute__((constructor)) static void maybe_applier(void)
{
    fake_applier();
}

enum what { NOTHING, STORAGE, MEMORY };
static enum what failing;
static long countdown;
static bool failed;

static bool now(enum what kind)
{
    if (failing != kind || countdown-- != 0) {
        return false;
    }
    failing = NOTHING;
    failed = true;
    errno = kind == STORAGE ? ENOSPC : ENOMEM;
    return true;
}

#define WRAP_INT(name, params, args)                                                     \
    int __real_##name params;                                                            \
    int __wrap_##name params;                                                            \
    int __wrap_##name params                                                             \
    {                                                                                    \
        return now(STORAGE) ? -1 : __real_##name args;                                   \
    }
WRAP_INT(fsync, (int fd), (fd))
WRAP_INT(fdatasync, (int fd), (fd))
WRAP_INT(ftruncate, (int fd, off_t len), (fd, len))
WRAP_INT(rename, (const char *from, const char *to), (from, to))
WRAP_INT(link, (const char *from, const char *to), (from, to))
WRAP_INT(unlink, (const char *path), (path))

int __real_posix_fallocate(int fd, off_t at, off_t len);
int __wrap_posix_fallocate(int fd, off_t at, off_t len);
ssize_t __real_write(int fd, const void *ptr, size_t len);
ssize_t __wrap_write(int fd, const void *ptr, size_t len);
void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__real_calloc(size_t num, size_t len);
void *__wrap_calloc(size_t num, size_t len);
void *__real_sodium_malloc(size_t len);
void *__wrap_sodium_malloc(size_t len);

int __wrap_posix_fallocate(int fd, off_t at, off_t len)
{
    return now(STORAGE) ? ENOSPC : __real_posix_fallocate(fd, at, len);
}

/* Half of it gets out, as on a disk that fills up. */
ssize_t __wrap_write(int fd, const void *ptr, size_t len)
{
    struct stat st;

    if (failing == STORAGE && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        now(STORAGE)) {
        if (len > 1) {
            (void)!__real_write(fd, ptr, len / 2);
        }
        errno = ENOSPC;
        return -1;
    }
    return __real_write(fd, ptr, len);
}

void *__wrap_malloc(size_t len)
{
    return now(MEMORY) ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t num, size_t len)
{
    return now(MEMORY) ? NULL : __real_calloc(num, len);
}

void *__wrap_sodium_malloc(size_t len)
{
    return now(MEMORY) ? NULL : __real_sodium_malloc(len);
}

/* check, work, apply, with nothing asserted. */
static enum bf_err apply(struct place *p, struct vfy_result *r, struct bf_diag *diag)
{
    const struct vfy_conf_target *conf;
    enum bf_err err = pl_check(p);

    if (err != BF_OK) {
        *diag = p->why;
        return err;
    }
    err = vfy_conf_target(&conf, &p->site->conf, "prod-eu-1", diag);
    if (err == BF_OK) {
        err = vfy_work_make(&p->work, p->look, conf, "plan",
                            "00112233445566778899aabbccddeeff", NULL, 0, diag);
    }
    return err == BF_OK
               ? vfy_apply(r, p->site, p->checked, &p->work, "change.snapseal", diag)
               : err;
}

/* Every receipt opens, and their roots lead from one to the next. */
static void check_log(struct place *p)
{
    struct bf_log log = {0};
    uint8_t root[BF_SHA256];
    char hex[65];
    size_t i;

    for (i = 0; i < p->site->state.ledger.num; i++) {
        struct bf_receipt_file *f = pl_receipt(p, i);

        bf_log_root(root, &log);
        bf_hex(hex, root, sizeof(root));
        T_TEXT(f->r.log.prev_root, hex);
        bf_log_append(&log, f->leaf);
        pl_drop(f);
    }
}

/* What a person does who finds it so: resume where it says so, then the same bundle
 * again. */
static void recover(struct place *p, long n)
{
    struct vfy_result r = {0};
    bool before = pl_there(p, "journal");

    if (before) {
        r = pl_resume(p, "ok", false, false);
        T_TRUE(strcmp(r.outcome, "applied") == 0 || strcmp(r.outcome, "none") == 0);
    }
    r = pl_apply(p, "ok");
    if (strcmp(r.outcome, "applied") != 0 && strcmp(r.outcome, "proved") != 0) {
        fprintf(stderr, "fault %ld: %s %s %s\n", n, r.outcome, bf_err_id(r.why.err),
                r.why.where);
    }
    T_TRUE(strcmp(r.outcome, "applied") == 0 || strcmp(r.outcome, "proved") == 0);
    T_INT(pl_standing(p), 3);
    pl_closed(p, "applied");
    check_log(p);
}

/* One apply in which the n-th thing of that kind fails. False when there was no n-th. */
static bool once(enum what kind, long n)
{
    struct place p;
    struct vfy_result r = {0};
    struct bf_diag diag = {0};
    enum bf_err err;

    pl_begin(&p);
    pl_scenario(&p, "ok");
    failed = false;
    countdown = n;
    failing = kind;
    err = apply(&p, &r, &diag);
    failing = NOTHING;
    if (failed && err != BF_OK) {
        if (bf_err_exit(err) != BF_EXIT_UNDECIDED) {
            fprintf(stderr, "fault %ld: %s: %s\n", n, bf_err_id(err), diag.where);
        }
        T_TRUE(bf_err_exit(err) ==
               BF_EXIT_UNDECIDED); /* never a refusal: the bundle has no fault */
        T_TRUE(diag.err == err);
    } else if (failed && r.why.err != BF_OK) {
        T_ERR(r.why.err, BF_APPLY_UNCERTAIN, &r.why);
        T_INT(r.exit_code, BF_EXIT_UNCERTAIN);
        T_TRUE(pl_there(&p, "journal"));
    } else {
        T_OK(err, &diag);
        T_TEXT(r.outcome, "applied");
    }
    recover(&p, n);
    pl_end(&p);
    return failed;
}

static void test_storage(void)
{
    long n = 0;

    while (once(STORAGE, n)) {
        n++;
    }
    T_TRUE(n > 40);
}

/* Every one takes long; the short run takes samples, another set each time it is built
 * anew is not needed. */
static void test_memory(void)
{
    long n = 0, step = t_long() ? 1 : 11;

    while (once(MEMORY, n)) {
        n += step;
    }
    T_TRUE(n > 100);
}

T_CASES("verify faults", {"writing fails", test_storage}, {"memory fails", test_memory});
