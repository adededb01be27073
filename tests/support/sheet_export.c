/* SPDX-License-Identifier: Apache-2.0 */
#include "sheet_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "harness.h"

static void export_file(const char *dir, const char *name, struct bf_bytes data)
{
    char path[600];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "wb");
    T_TRUE(f != NULL);
    if (f != NULL) {
        T_INT(fwrite(data.ptr, 1, data.len, f), data.len);
        T_INT(fclose(f), 0);
    }
}

void sheet_export(struct bf_bytes manifest, struct bf_bytes policy,
                  struct bf_bytes repository, struct bf_bytes sheet)
{
    static unsigned number;
    const char *base = getenv("SNAPSEAL_SHEET_CASES");
    char dir[500];

    if (base == NULL) {
        return;
    }
    snprintf(dir, sizeof(dir), "%s/%05u", base, number++);
    T_INT(mkdir(dir, 0700), 0);
    export_file(dir, "manifest.json", manifest);
    export_file(dir, "sheet.txt", sheet);
    if (policy.ptr != NULL) {
        export_file(dir, "iam-policy.json", policy);
    }
    if (repository.ptr != NULL) {
        export_file(dir, "repository.json", repository);
    }
}
