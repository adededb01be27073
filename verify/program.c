/* SPDX-License-Identifier: Apache-2.0 */
/* Who else could change a program that the configuration names? Whoever can write the
 * file or its directory runs commands as this appliance, with the secrets on stdin. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"

static bool is_foreign(const struct stat *st)
{
    return st->st_uid != 0 && st->st_uid != geteuid();
}

/* In a directory with the sticky bit others can make files, and not replace ours. */
static const char *check_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : NULL;
    struct stat st;
    bool there = dir != NULL && stat(dir, &st) == 0;

    free(dir);
    if (!there) {
        return "the command's directory cannot be looked at";
    }
    if (is_foreign(&st)) {
        return "the command's directory belongs to somebody else";
    }
    return (st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0
               ? "others may write the command's directory"
               : NULL;
}

const char *vfy_program_fault(const char *path)
{
    const char *fault;
    char *real = NULL;
    struct stat st;

    if (stat(path, &st) != 0) {
        return NULL; /* it may come later; starting it will tell */
    }
    if (is_foreign(&st)) {
        return "the command belongs to somebody else";
    }
    if ((st.st_mode & 022) != 0) {
        return "others may write the command";
    }
    fault = check_directory(path);
    /* where links lead to counts as well */
    if (fault == NULL && (real = realpath(path, NULL)) != NULL) {
        fault = check_directory(real);
    }
    free(real);
    return fault;
}
