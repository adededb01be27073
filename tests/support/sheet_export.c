/* SPDX-License-Identifier: Apache-2.0 */
#include "sheet_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static uint32_t seed = 20261124;

uint32_t sheet_rnd(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

/* A TEXT of 1 to 500 bytes: few blanks, now and then what looks like a line of a sheet.
 */
void sheet_random_text(char *out)
{
    static const char *const traps[] = {"     | ", "\nTicket        ", "Author: mallory",
                                        "END OF SHEET", "1 action "};
    size_t len = 1 + sheet_rnd(500), at = 0;
    uint32_t blanks = 2 + sheet_rnd(200);

    while (at < len) {
        char c = (char)(sheet_rnd(blanks) == 0 ? ' ' : '!' + sheet_rnd(94));
        const char *trap = traps[sheet_rnd(sizeof(traps) / sizeof(traps[0]))];

        if (sheet_rnd(50) == 0 && at + strlen(trap) < len) {
            for (; *trap != '\0'; trap++) {
                if (*trap != '\n' && (*trap != ' ' || (at > 0 && out[at - 1] != ' '))) {
                    out[at++] = *trap;
                }
            }
        } else if (c != ' ' || (at > 0 && at < len - 1 && out[at - 1] != ' ')) {
            out[at++] = c;
        }
    }
    out[at] = '\0';
    if (out[at - 1] == ' ') {
        out[at - 1] = 'x';
    }
}
