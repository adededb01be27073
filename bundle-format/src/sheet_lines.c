/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How an item becomes lines: nothing but our own labels ever stands in column 1, and
 * whatever a value holds, its further lines begin with the same seven characters, so that
 * no text can look like another item.
 */
#include <string.h>

#include "sheet_in.h"

static const char more[] = "     | ";

void bf_sheet_heading(struct bf_sheet *s, const char *text)
{
    bf_put_fmt(s->out, "\n%s\n", text);
}

/*
 * How much of rest goes into a line of width columns; *skip: blanks dropped behind it. A
 * line that is full goes on without a blank, a shorter one with the blank that was
 * dropped, so the text can be put together again.
 */
static size_t fit(const char *rest, size_t len, size_t width, bool exact, size_t *skip)
{
    size_t at;

    *skip = 0;
    if (len <= width) {
        return len;
    }
    for (at = exact ? 0 : width - 1; at > 0; at--) {
        if (rest[at] == ' ') {
            *skip = 1;
            return at;
        }
    }
    return width;
}

static void write_item(struct bf_sheet *s, const char *label, bool exact)
{
    const char *rest = bf_buf_text(&s->value);
    size_t len = s->value.len, column = strlen(label), i;

    if (rest == NULL) {
        s->out->bad = true;
        return;
    }
    for (i = 0; i < len; i++) {
        s->odd = s->odd || rest[i] < 0x20 || rest[i] > 0x7e;
    }
    bf_put_text(s->out, label);
    do {
        bf_put_text(s->out, " ");
        column++;
    } while (column < BF_SHEET_LABEL);
    for (;;) {
        size_t skip, n = fit(rest, len, BF_SHEET_COLUMNS - column, exact, &skip);

        bf_put(s->out, rest, n);
        bf_put_text(s->out, "\n");
        rest += n + skip;
        len -= n + skip;
        if (len == 0) {
            break;
        }
        bf_put_text(s->out, more);
        column = sizeof(more) - 1;
    }
    s->value.len = 0;
}

void bf_sheet_item(struct bf_sheet *s, const char *label)
{
    write_item(s, label, false);
}

void bf_sheet_exact(struct bf_sheet *s, const char *label)
{
    write_item(s, label, true);
}

void bf_sheet_put(struct bf_sheet *s, const char *label, const char *text)
{
    bf_put_text(&s->value, text);
    bf_sheet_item(s, label);
}

void bf_sheet_word(struct bf_sheet *s, const char *label, const char *word,
                   const struct bf_meaning *table, size_t num)
{
    size_t i;

    bf_put_text(&s->value, word);
    for (i = 0; i < num; i++) {
        if (strcmp(table[i].word, word) == 0) {
            bf_put_fmt(&s->value, ": %s", table[i].text);
            break;
        }
    }
    bf_sheet_item(s, label);
}
