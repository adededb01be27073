/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include <stdio.h>
#include <string.h>

enum { MAX_RECORDS = VFY_MAX_RECORDS };

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static enum bf_err full(struct bf_diag *diag, const char *what)
{
    return bf_fail(diag, BF_APPLIER, "too many %s", what);
}

/* Room for one more in a table of at most max; the table is made whole at its first use.
 */
static void *room(struct bf_arena *arena, void **table, size_t num, size_t max,
                  size_t size)
{
    if (*table == NULL) {
        *table = bf_arena_alloc(arena, max * size);
    }
    return *table == NULL || num == max ? NULL : (char *)*table + num * size;
}

static const char *keep(struct vfy_story *run, const char *text, bool *good)
{
    const char *copy = bf_arena_text(&run->arena, bf_text(text));

    *good = *good && copy != NULL;
    return copy != NULL ? copy : "";
}

static enum bf_err no_memory(bool good, struct bf_diag *diag)
{
    return good ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "run");
}

/* ---- steps ---- */

static enum bf_err take_record(struct vfy_story *run, const struct vfy_event *e,
                               struct bf_diag *diag)
{
    void *table = run->records;
    struct vfy_record *r =
        room(&run->arena, &table, run->num_records, MAX_RECORDS, sizeof(*r));
    bool good = true;

    run->records = table;
    if (r == NULL) {
        return full(diag, "steps");
    }
    r->after = keep(run, e->after, &good);
    r->before = keep(run, e->before, &good);
    r->phase = keep(run, e->kind, &good);
    r->result = keep(run, e->result, &good);
    r->step = keep(run, e->step, &good);
    r->undo = keep(run, e->undo, &good);
    run->num_records++;
    return no_memory(good, diag);
}

/* The step that was begun last under that name and has not ended, or NULL. */
static struct bf_receipt_step *open_step(struct vfy_story *run, const char *id)
{
    size_t i;

    for (i = run->num_steps; i > 0; i--) {
        if (is(run->steps[i - 1].id, id)) {
            return run->steps[i - 1].result[0] == '\0' ? &run->steps[i - 1] : NULL;
        }
    }
    return NULL;
}

static struct bf_receipt_step *new_step(struct vfy_story *run, const struct vfy_event *e,
                                        bool *good)
{
    void *table = run->steps;
    struct bf_receipt_step *s =
        room(&run->arena, &table, run->num_steps, VFY_MAX_STEPS, sizeof(*s));

    run->steps = table;
    if (s == NULL) {
        return NULL;
    }
    s->id = keep(run, e->step, good);
    s->before = keep(run, e->before, good);
    s->undo = keep(run, e->undo, good);
    s->after = "";
    s->result = "";
    run->num_steps++;
    return s;
}

static enum bf_err take_step(struct vfy_story *run, const struct vfy_event *e,
                             struct bf_diag *diag)
{
    struct bf_receipt_step *s = is(e->kind, "end") ? open_step(run, e->step) : NULL;
    bool good = true;
    enum bf_err err = take_record(run, e, diag);

    if (err != BF_OK) {
        return err;
    }
    if (s == NULL) {
        s = new_step(run, e, &good);
    }
    if (s == NULL) {
        return full(diag, "steps");
    }
    if (is(e->kind, "end")) {
        s->after = keep(run, e->after, &good);
        s->result = keep(run, e->result[0] != '\0' ? e->result : "unknown", &good);
    }
    return no_memory(good, diag);
}

/* ---- the rest ---- */

static enum bf_err take_fact(struct vfy_story *run, const struct vfy_event *e,
                             struct bf_diag *diag)
{
    void *table = run->facts;
    struct vfy_fact *f =
        room(&run->arena, &table, run->num_facts, VFY_MAX_FACTS, sizeof(*f));
    bool good = true;

    run->facts = table;
    if (f == NULL) {
        return full(diag, "facts");
    }
    f->id = keep(run, e->id, &good);
    f->node = keep(run, e->node, &good);
    f->text = keep(run, e->text, &good);
    run->num_facts++;
    return no_memory(good, diag);
}

static enum bf_err take_diff(struct vfy_story *run, const struct vfy_event *e,
                             struct bf_diag *diag)
{
    void *table = run->diff;
    struct vfy_diff *d =
        room(&run->arena, &table, run->num_diff, VFY_MAX_DIFF, sizeof(*d));
    bool good = true;

    run->diff = table;
    if (d == NULL) {
        return full(diag, "differences");
    }
    d->step = keep(run, e->step, &good);
    d->sign = keep(run, e->result, &good);
    d->text = keep(run, e->text, &good);
    d->setting = is(e->id, "setting");
    run->num_diff++;
    return no_memory(good, diag);
}

enum bf_err vfy_story_diff(struct vfy_story *run, const char *step, const char *sign,
                           const char *text, struct bf_diag *diag)
{
    const struct vfy_event e = {.id = "", .result = sign, .step = step, .text = text};

    return take_diff(run, &e, diag);
}

/* Of one name the last piece counts: a resume asks again. */
static enum bf_err take_evidence(struct vfy_story *run, const struct vfy_event *e,
                                 struct bf_diag *diag)
{
    void *table = run->evidence;
    struct vfy_piece *p = NULL;
    bool good = true;
    size_t i;

    for (i = 0; i < run->num_evidence && p == NULL; i++) {
        p = is(run->evidence[i].name, e->step) ? &run->evidence[i] : NULL;
    }
    if (p == NULL) {
        p = room(&run->arena, &table, run->num_evidence, VFY_MAX_PIECES, sizeof(*p));
        run->evidence = table;
        run->num_evidence += p != NULL ? 1 : 0;
    }
    if (p == NULL) {
        return full(diag, "pieces of evidence");
    }
    p->name = keep(run, e->step, &good);
    p->text = keep(run, e->text, &good);
    return no_memory(good, diag);
}

static enum bf_err error_of(const char *id)
{
    int i;

    for (i = 1; i < BF_NUM_ERRORS; i++) {
        if (is(bf_err_id((enum bf_err)i), id)) {
            return (enum bf_err)i;
        }
    }
    return BF_INTERNAL;
}

/* The first one decides. */
static enum bf_err take_problem(struct vfy_story *run, const struct vfy_event *e,
                                struct bf_diag *diag)
{
    bool good = true;

    if (run->problem == BF_OK) {
        run->problem = error_of(e->id);
        run->problem_where = keep(run, e->text, &good);
        run->problem_node = keep(run, e->node, &good);
    }
    return no_memory(good, diag);
}

static enum bf_err take_finish(struct vfy_story *run, const struct vfy_event *e,
                               struct bf_diag *diag)
{
    static const char *const names[] = {"",          "planned", "applied", "undone",
                                        "uncertain", "proved",  "refused", "failed"};
    size_t i;

    for (i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is(e->result, names[i])) {
            run->finish = (enum vfy_finish)i;
            return BF_OK;
        }
    }
    return bf_fail(diag, BF_APPLIER, "finish with an unknown result");
}

enum bf_err vfy_story_event(struct vfy_story *run, const struct vfy_event *e,
                            struct bf_diag *diag)
{
    if (is(e->kind, "begin") || is(e->kind, "end")) {
        return take_step(run, e, diag);
    }
    if (is(e->kind, "fact")) {
        return take_fact(run, e, diag);
    }
    if (is(e->kind, "diff")) {
        return take_diff(run, e, diag);
    }
    if (is(e->kind, "evidence")) {
        return take_evidence(run, e, diag);
    }
    if (is(e->kind, "problem")) {
        return take_problem(run, e, diag);
    }
    if (is(e->kind, "finish")) {
        return take_finish(run, e, diag);
    }
    return is(e->kind, "progress")
               ? BF_OK
               : bf_fail(diag, BF_APPLIER, "an event of unknown kind");
}

void vfy_story_clear(struct vfy_story *run)
{
    bf_arena_clear(&run->arena);
    memset(run, 0, sizeof(*run));
}

void vfy_story_again(struct vfy_story *run)
{
    size_t i;

    for (i = 0; i < run->num_steps; i++) {
        if (run->steps[i].result[0] == '\0') {
            run->steps[i].result = "interrupted";
        }
    }
    run->finish = VFY_FINISH_NONE;
    run->problem = BF_OK;
    run->problem_where = run->problem_node = NULL;
}

const char *vfy_story_fact(const struct vfy_story *run, const char *id, const char *node)
{
    size_t i;

    for (i = run->num_facts; i > 0; i--) {
        const struct vfy_fact *f = &run->facts[i - 1];

        if (is(f->id, id) && (node == NULL || is(f->node, node))) {
            return f->text;
        }
    }
    return "";
}

enum bf_err vfy_story_problem(const struct vfy_story *run, struct bf_diag *diag)
{
    if (run->problem == BF_OK) {
        return BF_OK;
    }
    if (diag != NULL) { /* the applier escaped it already */
        diag->err = run->problem;
        snprintf(diag->where, sizeof(diag->where), "%s%.100s%s%.290s",
                 run->problem_node[0] != '\0' ? "node " : "", run->problem_node,
                 run->problem_node[0] != '\0' ? ": " : "", run->problem_where);
    }
    return run->problem;
}

bool vfy_story_wrote(const struct vfy_story *run)
{
    size_t i;

    for (i = 0; i < run->num_records; i++) {
        if (is(run->records[i].phase, "begin") && !is(run->records[i].undo, "none")) {
            return true;
        }
    }
    return false;
}
