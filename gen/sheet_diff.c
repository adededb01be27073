/* SPDX-License-Identifier: Apache-2.0 */
#include "sheet_diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ITEMS = 4096 };

/* A label with its text, which may have further lines, or a heading. */
struct item {
    struct bf_bytes text;
    struct bf_bytes heading; /* of its section; empty above the first */
};

struct sheet {
    struct item *items;
    size_t num;
};

static bool is_more(struct bf_bytes line)
{
    static const char mark[] = "     | ";

    return line.len >= sizeof(mark) - 1 && memcmp(line.ptr, mark, sizeof(mark) - 1) == 0;
}

static enum bf_err split(struct sheet *s, struct bf_bytes text, struct bf_diag *diag)
{
    struct bf_bytes heading = {0};
    bool after_empty = false;
    size_t at, len;

    s->items = calloc(MAX_ITEMS, sizeof(s->items[0]));
    if (s->items == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "sheet");
    }
    for (at = 0; at < text.len; at += len + 1) {
        const uint8_t *end = memchr(text.ptr + at, '\n', text.len - at);
        const struct bf_bytes line =
            bf_view(text.ptr + at, end != NULL ? (size_t)(end - text.ptr) - at : 0);

        len = line.len;
        if (line.len == 0) {
            after_empty = true;
        } else if (after_empty) {
            heading = line;
            after_empty = false;
        } else if (is_more(line) && s->num > 0) {
            struct item *last = &s->items[s->num - 1];

            last->text.len = (size_t)(line.ptr + line.len - last->text.ptr);
        } else if (s->num == MAX_ITEMS) {
            return bf_fail(diag, BF_TOO_LARGE, "more than %d items", MAX_ITEMS);
        } else {
            s->items[s->num++] = (struct item){line, heading};
        }
    }
    return BF_OK;
}

static bool same(const struct item *a, const struct item *b)
{
    return bf_bytes_equal(a->text, b->text) && bf_bytes_equal(a->heading, b->heading);
}

static void put_item(struct bf_buf *out, struct bf_bytes *heading, const char *mark,
                     const struct item *item)
{
    size_t i, begin = 0;

    if (!bf_bytes_equal(*heading, item->heading)) {
        *heading = item->heading;
        bf_put_text(out, "  ");
        bf_put_bytes(out, item->heading);
        bf_put_text(out, "\n");
    }
    for (i = 0; i <= item->text.len; i++) {
        if (i == item->text.len || item->text.ptr[i] == '\n') {
            bf_put_text(out, mark);
            bf_put(out, item->text.ptr + begin, i - begin);
            bf_put_text(out, "\n");
            begin = i + 1;
        }
    }
}

/* The longest common subsequence: length[i][k] is that of old from i and new from k. */
static enum bf_err walk(struct bf_buf *out, bool *differ, const struct sheet *a,
                        const struct sheet *b, struct bf_diag *diag)
{
    const size_t width = b->num + 1;
    uint16_t *length = calloc((a->num + 1) * width, sizeof(length[0]));
    struct bf_bytes heading = {0};
    size_t i, k;

    if (length == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "sheets");
    }
    for (i = a->num; i-- > 0;) {
        for (k = b->num; k-- > 0;) {
            const uint16_t down = length[(i + 1) * width + k],
                           right = length[i * width + k + 1];

            length[i * width + k] = same(&a->items[i], &b->items[k])
                                        ? (uint16_t)(length[(i + 1) * width + k + 1] + 1)
                                    : down > right ? down
                                                   : right;
        }
    }
    for (i = k = 0; i < a->num || k < b->num;) {
        if (i < a->num && k < b->num && same(&a->items[i], &b->items[k])) {
            i++;
            k++;
            continue;
        }
        *differ = true;
        if (k == b->num ||
            (i < a->num && length[(i + 1) * width + k] >= length[i * width + k + 1])) {
            put_item(out, &heading, "- ", &a->items[i++]);
        } else {
            put_item(out, &heading, "+ ", &b->items[k++]);
        }
    }
    free(length);
    return BF_OK;
}

enum bf_err gen_sheet_diff(struct bf_buf *out, bool *differ, struct bf_bytes old,
                           struct bf_bytes new, struct bf_diag *diag)
{
    struct sheet a = {0}, b = {0};
    enum bf_err err;

    *differ = false;
    if ((err = split(&a, old, diag)) == BF_OK && (err = split(&b, new, diag)) == BF_OK) {
        err = walk(out, differ, &a, &b, diag);
    }
    free(a.items);
    free(b.items);
    return err;
}
