/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An appliance at work, against the applier of fake_applier.h: the test program itself is
 * started under that name, so it must call fake_applier() in a constructor.
 */
#ifndef TEST_PLACE_H
#define TEST_PLACE_H

#include "apply.h"
#include "fixture.h"

/* One appliance with its configuration; what the applier changes is in the file target.
 */
struct place {
    char dir[200];
    char target[260];
    struct vfy_site *site;
    struct bf_buf bundle;
    struct vfy_look space;
    struct vfy_look *look; /* space, or NULL before a check */
    struct vfy_checked *checked;
    struct vfy_work work;
    struct bf_diag why; /* of the last check */
};

extern struct fx *pl_world; /* made by the first pl_begin, its times lie around now */

/* A fresh appliance with the bundle of serial 7. */
void pl_begin(struct place *p);
void pl_end(struct place *p);
/* A new process: everything that is only in memory is gone. */
void pl_restart(struct place *p);
/* Now and so many hours. */
void pl_time(char out[21], int64_t hours);
void pl_bundle(struct bf_buf *out, int64_t serial, const char *prev,
               const char *supersedes);
/* Writes DIR/verify.conf with that scenario, and loads it. */
void pl_scenario(struct place *p, const char *scenario);
/* Checks p->bundle: into look, checked and why. */
enum bf_err pl_check(struct place *p);
/* After a restart: check, work, apply (or prove); resume. */
struct vfy_result pl_apply(struct place *p, const char *scenario);
struct vfy_result pl_resume(struct place *p, const char *scenario, bool undo,
                            bool give_up);
/* How many of the three steps stand. */
int pl_standing(const struct place *p);
/* A file of the run: "journal", "bundle", "next", "room". */
bool pl_there(const struct place *p, const char *name);
/* Asserts that no file of the run is left and that the record of serial 7 says outcome.
 */
void pl_closed(struct place *p, const char *outcome);
/* Asserts that the run is open and that nothing else is let in. */
void pl_open(struct place *p);
/* Receipt number index, opened like any other; pl_drop frees it. */
struct bf_receipt_file *pl_receipt(struct place *p, size_t index);
void pl_drop(struct bf_receipt_file *f);

#endif
