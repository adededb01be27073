/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/cli.h"

#include <string.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits (insert, delete, replace, swap of neighbours) that lead from a to b; both are
 * short. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2], *free_row;
    size_t len_a = strlen(a), len_b = strlen(b), i, j, best;

    if (len_a > LONGEST || len_b > LONGEST) {
        return LONGEST;
    }
    memset(rows, 0, sizeof(rows));
    for (j = 0; j <= len_b; j++) {
        row[j] = j;
    }
    for (i = 1; i <= len_a; i++) {
        free_row = before;
        before = above;
        above = row;
        row = free_row;
        row[0] = i;
        for (j = 1; j <= len_b; j++) {
            best = least(above[j] + 1, row[j - 1] + 1);
            best = least(best, above[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                best = least(best, before[j - 2] + 1);
            }
            row[j] = best;
        }
    }
    return row[len_b];
}

const char *bf_nearest(const char *wrong, const char *const *names, size_t num)
{
    const char *best = NULL;
    size_t best_at = 0, at, i, allowed, len = strlen(wrong);

    for (i = 0; i < num; i++) {
        /* a cut word is near whatever its length ("rec" for "receipts") */
        at = len >= 3 && strncmp(names[i], wrong, len) == 0 ? 1
                                                            : distance(wrong, names[i]);
        allowed = strlen(names[i]) <= 4 ? 1 : 2 + (strlen(names[i]) > 9 ? 1 : 0);
        if (at <= allowed && (best == NULL || at < best_at)) {
            best = names[i];
            best_at = at;
        }
    }
    return best;
}
