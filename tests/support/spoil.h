/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles that are wrong on purpose and yet signed by a real author: a good bundle is
 * taken apart, its manifest or members are changed, what follows from them is made again
 * or not, and it is signed anew. Aborts when an edit does not fit, so that no test passes
 * on a bundle that is not wrong.
 */
#ifndef TEST_SPOIL_H
#define TEST_SPOIL_H

#include "fixture.h"

struct sp_part {
    char name[BF_MAX_NAME + 1];
    struct bf_buf data;
};
struct sp {
    struct bf_buf manifest;
    struct sp_part parts[16]; /* members other than manifest.json and sig/ */
    size_t num;
};

/* The default bundle of the fixture, with or without a policy, or any other one, taken
 * apart. */
void sp_begin(struct sp *s, struct fx *f, bool policy);
void sp_begin_from(struct sp *s, struct bf_bytes container);
void sp_clear(struct sp *s);
/* Puts to in the place of from, which must stand exactly once in the manifest. */
void sp_edit(struct sp *s, const char *from, const char *to);
/* A member's bytes; NULL takes it away. Names and hashes in the manifest stay as they
 * are. */
void sp_set(struct sp *s, const char *name, const char *text);
void sp_set_bytes(struct sp *s, const char *name, struct bf_bytes data);
struct bf_bytes sp_get(const struct sp *s, const char *name);
/* Puts to in the place of from, which must stand exactly once in a member. */
void sp_edit_member(struct sp *s, const char *name, const char *from, const char *to);
/* review/sheet.txt from the manifest and documents as they are now; left alone when the
 * manifest does not follow its schema. */
void sp_sheet(struct sp *s);
/* The manifest's members from the parts as they are now. */
void sp_list(struct sp *s);
/* Both of the above, then the container, signed by who as author and approved by bob and
 * carol. */
void sp_end(struct sp *s, struct fx *f, struct bf_buf *out);
/* The container as it stands, signed by who alone under the name of as. */
void sp_pack(struct sp *s, struct fx *f, enum fx_who who, enum fx_who as,
             struct bf_buf *out);

#endif
