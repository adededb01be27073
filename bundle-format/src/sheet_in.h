/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of the review sheet (SPEC annex B). Not part of the library's interface. */
#ifndef BF_SHEET_IN_H
#define BF_SHEET_IN_H

#include "bundle_in.h"

enum { BF_SHEET_COLUMNS = 78, BF_SHEET_LABEL = 14 };

/* A sheet on its way: value gathers the text of the next item. */
struct bf_sheet {
    struct bf_buf *out;
    struct bf_buf value;
    bool odd; /* a byte that no sheet can hold */
};

/* An empty line and a heading. */
void bf_sheet_heading(struct bf_sheet *s, const char *text);
/* Writes the gathered value behind a label and empties it. Lines break at blanks; exact:
 * only where a line is full. */
void bf_sheet_item(struct bf_sheet *s, const char *label);
void bf_sheet_exact(struct bf_sheet *s, const char *label);
/* A label and a plain text. */
void bf_sheet_put(struct bf_sheet *s, const char *label, const char *text);

#define BF_SHEET_FMT(s, label, ...)                                                      \
    (bf_put_fmt(&(s)->value, __VA_ARGS__), bf_sheet_item(s, label))

/* A word of the plan and what it means, as "word: meaning". */
struct bf_meaning {
    const char *word, *text;
};
void bf_sheet_word(struct bf_sheet *s, const char *label, const char *word,
                   const struct bf_meaning *table, size_t num);

/* Sections 3, 5 and 6. */
void bf_sheet_steps(struct bf_sheet *s, const struct bf_manifest *m, bool has_repository);
void bf_sheet_policy(struct bf_sheet *s, const struct bf_manifest *m,
                     const struct bf_json *policy);
void bf_sheet_request(struct bf_sheet *s, const struct bf_manifest *m,
                      const struct bf_json *repository);

#endif
