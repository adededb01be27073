/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planning, applying, proving and taking up again. The applier does the work; here is
 * what must not be lost: the intent before the first write, a record of every step before
 * it is acked, the receipt at the end, and what the next bundle is measured by.
 */
#ifndef VFY_APPLY_H
#define VFY_APPLY_H

#include "bf/cli.h"
#include "job.h"
#include "journal.h"
#include "receipts.h"

/* Where we are. Owned by caller; large, so on the heap: vfy_site_open, vfy_site_free. */
struct vfy_site {
    const struct bf_args *args; /* progress goes through it */
    struct vfy_state state;
    struct vfy_conf conf;
    struct bf_secret identity; /* secrets key */
    char transport[VFY_PATH];  /* file of the transport key */
    char applier[VFY_PATH];
};

/*
 * State (ready, or NO_TRUST), the secrets key, and when conf_path is not NULL
 * configuration and applier. *out is set also on failure of a later part, so that the
 * caller can free it.
 */
BF_MUST enum bf_err vfy_site_open(struct vfy_site **out, const struct bf_args *args,
                                  const char *dir, const char *conf_path,
                                  enum vfy_access access, struct bf_diag *diag);
void vfy_site_free(struct vfy_site *site);
/* The question of vfy_check for this appliance. */
struct vfy_ask vfy_site_ask(const struct vfy_site *site, const char *path,
                            const char *now);

/* What became of it. */
struct vfy_result {
    const char *outcome; /* applied, proved, undone, refused, uncertain; "none" nothing
                            had begun; "" the run stays open */
    bool has_receipt;
    size_t receipt; /* its number */
    int exit_code;
    struct bf_diag why; /* the cause, err BF_OK: none */
    char file[256];     /* resume: what the operator called the bundle */
    char retire[129];   /* applied, proved: the key that is no longer used; "" none */
};

/*
 * Runs the applier in a mode that changes nothing ("plan", "prove") and fills run. The
 * applier's problem is the result.
 */
BF_MUST enum bf_err vfy_ask_applier(struct vfy_story *run, const struct vfy_site *site,
                                    struct vfy_work *work, const char *mode,
                                    struct bf_diag *diag);

/* Applies a checked bundle; work was made for it (mode plan is changed to apply). file:
 * the operator's name for it. */
BF_MUST enum bf_err vfy_apply(struct vfy_result *out, struct vfy_site *site,
                              const struct vfy_checked *c, struct vfy_work *work,
                              const char *file, struct bf_diag *diag);
/* The same bundle again after it was applied: proves, changes nothing. */
BF_MUST enum bf_err vfy_prove(struct vfy_result *out, struct vfy_site *site,
                              const struct vfy_checked *c, struct vfy_work *work,
                              struct bf_diag *diag);
/* A refusal at check 11 or later, or by the live target before any intent: a receipt, one
 * for each bundle and refusal. */
BF_MUST enum bf_err vfy_refuse(struct vfy_result *out, struct vfy_site *site,
                               const struct vfy_look *look, const struct vfy_story *run,
                               const struct bf_list *nodes, const struct bf_diag *why,
                               struct bf_diag *diag);

/*
 * Takes up the interrupted run of a target. undo: do not go forward. give_up: close it as
 * uncertain when it can be neither finished nor undone because a server cannot be
 * reached. NOTHING_TO_RESUME; outcome "none" when nothing had begun.
 */
BF_MUST enum bf_err vfy_resume(struct vfy_result *out, struct vfy_site *site,
                               const char *target, bool undo, bool give_up,
                               struct bf_diag *diag);

/* ---- run files (close.c) ---- */

enum vfy_run_file {
    VFY_RUN_JOURNAL,
    VFY_RUN_BUNDLE,
    VFY_RUN_NEXT,
    VFY_RUN_CHANGE,
    VFY_RUN_ROOM,
    VFY_NUM_RUN_FILES
};
BF_MUST enum bf_err vfy_run_path(char out[VFY_PATH], const struct vfy_state *s,
                                 const char *target, enum vfy_run_file which,
                                 struct bf_diag *diag);
/* The bundle's bytes, the target's record and what was approved as they will be when
 * applied, and the room for the receipt: all on disk. */
BF_MUST enum bf_err vfy_run_prepare(const struct vfy_state *s,
                                    const struct vfy_look *look, struct bf_diag *diag);
/* Brings the target's record to the outcome and removes the run's
 * files, the journal last.
 * May be repeated. */
BF_MUST enum bf_err vfy_run_close(const struct vfy_state *s,
                                  const struct vfy_intent *intent, const char *outcome,
                                  struct bf_diag *diag);

/* ---- driving the applier (drive.c) ---- */

struct vfy_driver {
    const struct vfy_site *site;
    struct vfy_story *run;
    struct vfy_journal *journal; /* NULL: nothing may be changed */
};
BF_MUST enum bf_err vfy_drive(const struct vfy_driver *d, struct vfy_work *work,
                              const char *mode, struct bf_diag *diag);

/* ---- shared by apply and resume ---- */

/* Writes the receipt of a run that is over and closes it. */
BF_MUST enum bf_err
vfy_finish_run(struct vfy_result *out, struct vfy_site *site,
               const struct vfy_intent *intent, const struct vfy_look *look,
               const struct bf_trust *trust, const struct vfy_story *run,
               const struct bf_list *nodes, const char *outcome, struct bf_diag *diag);

#endif
