/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of one run: append-only lines "SUM KIND JSON LF", SUM being the first 16
 * hex digits of SHA-256 over "KIND JSON". First the intent, then events of the applier,
 * and a line for every resume. What the applier waits for is fdatasynced before it gets
 * its ack; nothing else here is. The last line may be torn by a crash and then counts as
 * not written.
 */
#ifndef VFY_JOURNAL_H
#define VFY_JOURNAL_H

#include "records.h"
#include "runner.h"

enum { VFY_MAX_JOURNAL = 16 * 1024 * 1024 };

enum vfy_way { VFY_FORWARD = 1, VFY_UNDO };

struct vfy_journal {
    int fd; /* -1: closed */
};

/* What a journal holds, told in order. */
struct vfy_replay {
    enum bf_err (*event)(void *ctx, const struct vfy_event *e, struct bf_diag *diag);
    void (*again)(void *ctx); /* a resume began here */
    void *ctx;
};

/* What stands in a journal file. Owned by caller; texts live in doc. */
struct vfy_journal_head {
    struct bf_json_doc doc;
    struct vfy_intent intent;
    bool has_intent; /* false: not there, or torn before anything began */
    size_t events;
    size_t resumes; /* how often it was taken up */
    bool undoing;   /* and once to be undone: from then on it only goes back */
    size_t good;    /* bytes up to the last good line */
};

/* Makes the file (it must not be there), writes the intent and fdatasyncs, then fsyncs
 * its directory. IO. */
BF_MUST enum bf_err vfy_journal_create(struct vfy_journal *j, const char *path,
                                       const struct vfy_intent *intent,
                                       struct bf_diag *diag);
/* Opens it again to append; a torn last line is cut away first. */
BF_MUST enum bf_err vfy_journal_reopen(struct vfy_journal *j, const char *path,
                                       const struct vfy_journal_head *head,
                                       enum vfy_way way, const char *now,
                                       struct bf_diag *diag);
/* Appends an event; sync: fdatasync before it returns. */
BF_MUST enum bf_err vfy_journal_event(struct vfy_journal *j, const struct vfy_event *e,
                                      bool sync, struct bf_diag *diag);
void vfy_journal_close(struct vfy_journal *j);

/*
 * Reads the file and tells its events to replay (NULL: only counts). No file is no
 * intent. STATE_DAMAGED when anything but the last line is wrong.
 */
BF_MUST enum bf_err vfy_journal_read(struct vfy_journal_head *out, const char *path,
                                     const struct vfy_replay *replay,
                                     struct bf_diag *diag);
void vfy_journal_head_clear(struct vfy_journal_head *h);

#endif
