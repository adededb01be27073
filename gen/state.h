/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a workstation remembers, one directory of mode 0700 with whole files of mode 0600:
 *
 * - lock: held by every run that writes
 * - trust/VERSION.snapseal-trust: every trust file that was installed; the highest is in
 *   force
 * - serials/TARGET.json: the last serial that was given out
 * - bundles/MANIFEST-SHA256.json: a bundle, made here (with its openings) or known by a
 *   receipt alone; bundles/MANIFEST-SHA256.snapseal: the open bundle, if it was made here
 * - logs/APPLIANCE.json: the head of that appliance's log, as far as it was proven
 * - receipts/APPLIANCE-INDEX.snapseal-receipt
 *
 * Files are written whole (bf_file_write), so that a crash leaves the old or the new one.
 * Names are ids that were checked.
 */
#ifndef GEN_STATE_H
#define GEN_STATE_H

#include "bf/receipt.h"

enum { GEN_MAX_PATH = 900 };

/* Owned by caller; all-zero is closed. */
struct gen_state {
    char dir[GEN_MAX_PATH];
    int lock; /* descriptor; 0: none */
};

enum gen_state_use { GEN_STATE_READ = 1, GEN_STATE_WRITE };

/* dir NULL: $XDG_STATE_HOME/snapseal, else $HOME/.local/state/snapseal. Reading does
 * without a directory (all is empty then). STATE_DIR, STATE_LOCKED. */
BF_MUST enum bf_err gen_state_open(struct gen_state *out, const char *dir,
                                   enum gen_state_use use, struct bf_diag *diag);
void gen_state_close(struct gen_state *s);

/* All trust files, ascending by version. num 0 when none is installed. */
struct gen_archive {
    struct bf_trust *items;
    const struct bf_trust **refs; /* to each of items */
    size_t num;
};
BF_MUST enum bf_err gen_state_archive(struct gen_archive *out, const struct gen_state *s,
                                      struct bf_diag *diag);
void gen_archive_clear(struct gen_archive *a);
/* The one in force, or NULL. */
const struct bf_trust *gen_archive_installed(const struct gen_archive *a);
/* Only the one in force: NO_TRUST. */
BF_MUST enum bf_err gen_state_trust(struct bf_trust *out, const struct gen_state *s,
                                    struct bf_diag *diag);
/* The identity of a version: of its file in the archive, or as its successor there names
 * it; "" when neither is there. (SPEC section 6.5) */
BF_MUST enum bf_err gen_state_trust_known(char sha256[2 * BF_SHA256 + 1],
                                          const struct gen_state *s, int64_t version,
                                          struct bf_diag *diag);
/* Keeps a trust that was checked against the installed one. */
BF_MUST enum bf_err gen_state_trust_put(struct gen_state *s, const struct bf_trust *t,
                                        struct bf_diag *diag);

/* The last serial given out for target; 0 when none. STATE_DAMAGED. */
BF_MUST enum bf_err gen_state_serial(int64_t *out, const struct gen_state *s,
                                     const char *target, struct bf_diag *diag);
/* Gives serial out, never twice: STATE_SERIAL when it is not higher than the last one. On
 * disk when this returns. */
BF_MUST enum bf_err gen_state_serial_take(struct gen_state *s, const char *target,
                                          int64_t serial, struct bf_diag *diag);

/* The head of an appliance's log; size 0 when nothing is known. */
BF_MUST enum bf_err gen_state_head(struct bf_log *out, const struct gen_state *s,
                                   const char *origin, struct bf_diag *diag);
BF_MUST enum bf_err gen_state_head_put(struct gen_state *s, const char *origin,
                                       const struct bf_log *log, struct bf_diag *diag);

/* A name that a bundle took away has neither commitment nor opening: both are "". */
struct gen_opening {
    const char *commitment, *name, *opening;
};
/* What is known of one bundle. */
struct gen_record {
    struct bf_list approvals; /* ids of people whose good approvals were seen here */
    const char *author;       /* "" when the bundle was made elsewhere */
    const char *bundle_id, *created_at, *expires;
    struct {
        const char *origin, *root;
        int64_t size;
    } expect_log;
    const char *file;        /* where it was written to */
    const char *finished;    /* of the receipt */
    const char *grade;       /* JSON "class" */
    int64_t log_index;       /* of the receipt that outcome is from; -1: none */
    struct bf_list openings; /* struct gen_opening */
    const char *outcome;     /* of the last receipt; "" none */
    const char *prev, *refusal, *sha256;
    int64_t serial;
    const char *target, *ticket;
    const char *type;
};
extern const struct bf_schema gen_record_schema;

struct gen_record_file {
    struct bf_json_doc doc;
    struct gen_record r;
};
/* All records, ascending by target, then serial, then hash. */
struct gen_records {
    struct gen_record_file *items;
    size_t num;
};
BF_MUST enum bf_err gen_state_records(struct gen_records *out, const struct gen_state *s,
                                      struct bf_diag *diag);
void gen_records_clear(struct gen_records *r);
const struct gen_record *gen_records_find(const struct gen_records *r,
                                          const char *sha256);
/* The record with the highest serial of target whose bundle was applied, or NULL. */
const struct gen_record *gen_records_applied(const struct gen_records *r,
                                             const char *target);
/* The opening of that name, or NULL; r may be NULL. */
const struct gen_opening *gen_record_opening(const struct gen_record *r,
                                             const char *name);
/* True for outcomes after which the bundle counts as applied: applied, attested, proved.
 */
bool gen_outcome_applied(const char *outcome);
BF_MUST enum bf_err gen_state_record_put(struct gen_state *s, const struct gen_record *r,
                                         struct bf_diag *diag);

/* The open bundle (its secrets are the appliance's alone to open). out is owned by
 * caller; *known: false where it was not made here. */
BF_MUST enum bf_err gen_state_bundle(struct bf_buf *out, bool *known,
                                     const struct gen_state *s, const char *sha256,
                                     struct bf_diag *diag);
BF_MUST enum bf_err gen_state_bundle_put(struct gen_state *s, const char *sha256,
                                         struct bf_bytes container, struct bf_diag *diag);

/* *known: a receipt of this origin and index is kept. If so, *leaf is its leaf hash. */
BF_MUST enum bf_err gen_state_receipt_leaf(bool *known, uint8_t leaf[BF_SHA256],
                                           const struct gen_state *s, const char *origin,
                                           int64_t index, struct bf_diag *diag);
BF_MUST enum bf_err gen_state_receipt_put(struct gen_state *s,
                                          const struct bf_receipt_file *r,
                                          struct bf_diag *diag);

/* For records.c: a file of the state through its schema. doc is owned by caller.
 * STATE_DAMAGED. */
BF_MUST enum bf_err gen_state_read_json(struct bf_json_doc *doc, void *out,
                                        const struct bf_schema *schema, const char *path,
                                        struct bf_diag *diag);
BF_MUST enum bf_err gen_state_write_json(const struct bf_schema *schema, const void *in,
                                         const char *path, struct bf_diag *diag);

#endif
