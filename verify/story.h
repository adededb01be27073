/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run as its events tell it: steps, facts, evidence, the cause. The same events give
 * the same run, whether they come from the applier now or from the journal later, so a
 * receipt can be written after any crash.
 */
#ifndef VFY_STORY_H
#define VFY_STORY_H

#include "bf/receipt.h"
#include "runner.h"

enum {
    VFY_MAX_STEPS = 1024,
    VFY_MAX_FACTS = 4096,
    VFY_MAX_DIFF = 512,
    VFY_MAX_PIECES = BF_MAX_MEMBERS - 2
};

enum vfy_finish {
    VFY_FINISH_NONE = 0, /* it did not come: uncertain */
    VFY_FINISH_PLANNED,
    VFY_FINISH_APPLIED,
    VFY_FINISH_UNDONE,
    VFY_FINISH_UNCERTAIN,
    VFY_FINISH_PROVED,
    VFY_FINISH_REFUSED,
    VFY_FINISH_FAILED
};

struct vfy_fact {
    const char *id, *node, *text;
};
struct vfy_diff {
    const char *step, *sign, *text;
    bool setting; /* one setting of the step's line */
};
struct vfy_piece {
    const char *name; /* "verify.json" */
    const char *text;
};

/* Owned by caller; all-zero is an empty run, vfy_story_clear. Texts live in the arena. */
struct vfy_story {
    struct bf_arena arena;
    struct vfy_record *records; /* begin and end in order, for a resume */
    size_t num_records;
    struct bf_receipt_step *steps;
    size_t num_steps;
    struct vfy_fact *facts;
    size_t num_facts;
    struct vfy_diff *diff;
    size_t num_diff;
    struct vfy_piece *evidence;
    size_t num_evidence;
    enum bf_err problem; /* BF_OK: none */
    const char *problem_where, *problem_node;
    enum vfy_finish finish;
};

/* Takes one event in (copies it). APPLIER for an event that is none, or more events than
 * a run can have. */
BF_MUST enum bf_err vfy_story_event(struct vfy_story *run, const struct vfy_event *e,
                                    struct bf_diag *diag);
/* Adds a line of difference that the parent itself found. */
BF_MUST enum bf_err vfy_story_diff(struct vfy_story *run, const char *step,
                                   const char *sign, const char *text,
                                   struct bf_diag *diag);
void vfy_story_clear(struct vfy_story *run);
/* A new attempt begins (resume): finish and problem are forgotten, open steps are marked
 * interrupted. */
void vfy_story_again(struct vfy_story *run);

/* Text of the last fact with that id (node NULL: any), or "". */
const char *vfy_story_fact(const struct vfy_story *run, const char *id, const char *node);
/* The first problem as an error; BF_OK with an empty diag when there was none. */
enum bf_err vfy_story_problem(const struct vfy_story *run, struct bf_diag *diag);
/* True when some step may have changed something: a begin was recorded that is not undo
 * "none". */
bool vfy_story_wrote(const struct vfy_story *run);

#endif
