/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The next trust file as people write it: JSON with blanks, lists in any order, without
 * the derived `members`. Options and blocks that the appliance prints are put into it;
 * seal sorts it and makes the container.
 */
#ifndef GEN_DRAFT_H
#define GEN_DRAFT_H

#include "bf/cli.h"
#include "bf/trust.h"

enum { GEN_DRAFT_DOCS = 64 };

/* On the heap. Everything lies in arena or docs. */
struct gen_draft {
    struct bf_trust_body body;
    struct bf_arena arena;
    struct bf_json_doc docs[GEN_DRAFT_DOCS];
    size_t num_docs;
};

void gen_draft_clear(struct gen_draft *d);
/* An empty version 1 of a domain, or the successor of a trust (which must outlive the
 * draft). */
BF_MUST enum bf_err gen_draft_start(struct gen_draft *d, const struct bf_trust *from,
                                    const char *domain, const char *now, int64_t days,
                                    struct bf_diag *diag);
/* ID:ROLES:KEY.pub[,KEY.pub...][:RECIPIENT,...]; replaces a person of that id. USAGE,
 * KEY_*, INPUT_*. */
BF_MUST enum bf_err gen_draft_person(struct gen_draft *d, const char *spec,
                                     struct bf_diag *diag);
/* ID:PERSON,PERSON... */
BF_MUST enum bf_err gen_draft_group(struct gen_draft *d, const char *spec,
                                    struct bf_diag *diag);
/* GROUP:NEED,... into rule normal or emergency. */
BF_MUST enum bf_err gen_draft_rule(struct gen_draft *d, const char *spec, bool emergency,
                                   struct bf_diag *diag);
/* PERSON,PERSON and how many of them. */
BF_MUST enum bf_err gen_draft_root(struct gen_draft *d, const char *people, int64_t need,
                                   struct bf_diag *diag);
/* A JSON file ("-": stdin) of one appliance or target, or {"appliances":[...]},
 * {"targets":[...]}; TRUST_SCHEMA. */
BF_MUST enum bf_err gen_draft_block(struct gen_draft *d, const char *list,
                                    const char *path, struct bf_diag *diag);
/* Takes an item away again; USAGE when it is not there. list: "people", "groups",
 * "appliances", "targets". */
BF_MUST enum bf_err gen_draft_drop(struct gen_draft *d, const char *list, const char *id,
                                   struct bf_diag *diag);

/* Reads what people have edited: JSON_*, TRUST_SCHEMA. */
BF_MUST enum bf_err gen_draft_read(struct gen_draft *d, struct bf_bytes in,
                                   struct bf_diag *diag);
/* Puts every list into the format's order. */
void gen_draft_sort(struct gen_draft *d);
/* Lays it out for people, without members. */
BF_MUST enum bf_err gen_draft_write(struct bf_buf *out, const struct gen_draft *d,
                                    struct bf_diag *diag);

#endif
