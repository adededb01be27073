/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks of SPEC section 8 in their order. vfy_check() reads a bundle and stops at
 * the first refusal; only a bundle that has passed every check of the appliance becomes a
 * struct vfy_checked, and only such a one can be planned and applied.
 */
#ifndef VFY_CHECK_H
#define VFY_CHECK_H

#include "bf/bundle.h"
#include "state.h"

/* How the bundle stands to the target's last intent. */
enum vfy_standing {
    VFY_NEW = 0, /* a serial of its own */
    VFY_AGAIN,   /* was applied: prove, change nothing */
    VFY_RETRY    /* was undone: apply anew */
};

enum vfy_check_mode {
    VFY_CHECK_ALL = 0,
    VFY_CHECK_RESUME /* a run that was interrupted: its serial is used up, so check 11 and
                        versus have been passed */
};

/* An older trust version that is known. */
struct vfy_older {
    int64_t version;
    char sha256[2 * BF_SHA256 + 1];
};

/* What to check, and against what. Everything is borrowed. */
struct vfy_ask {
    const char *path;              /* "-": stdin. Not used when raw is given */
    const struct bf_bytes *raw;    /* bytes read before */
    const struct vfy_state *state; /* NULL: document scope */
    const struct bf_trust *trust;  /* NULL: the installed one */
    const struct vfy_older *older; /* without a state */
    size_t num_older;
    const char *transport;            /* identity file for sealed files, NULL: none */
    const struct bf_secret *identity; /* opens secrets.age, NULL: none */
    const char *now;
    enum vfy_check_mode mode;
};

/* Everything that was read, whatever the verdict; for reports and receipts. Owned by
 * caller: vfy_look_clear. */
struct vfy_look {
    struct bf_buf file; /* the bytes as they came, sealed or not */
    char file_sha256[2 * BF_SHA256 + 1];
    struct bf_bundle bundle; /* as far as the checks got */
    struct bf_secrets secrets;
    const struct bf_target *target;
    struct vfy_target_state record;
    enum vfy_standing standing;
    char now[21];
    bool synchronised; /* the kernel's clock is */
    bool sealed;
    bool
        past_target; /* check 10 has been passed: a refusal from here on gets a receipt */
    bool appliance;  /* scope */
    struct bf_diag refusal; /* err BF_OK: none */
};

/* Made by vfy_check() alone. */
struct vfy_checked;

/*
 * Runs the checks. look is filled in every case. BF_OK with *out set (free with
 * vfy_checked_free; borrows look) when all checks of the appliance have passed; in
 * document scope BF_OK with *out NULL. Else the refusal, which is look->refusal too.
 */
BF_MUST enum bf_err vfy_check(struct vfy_checked **out, struct vfy_look *look,
                              const struct vfy_ask *ask, struct bf_diag *diag);
void vfy_checked_free(struct vfy_checked *c);
const struct vfy_look *vfy_checked_look(const struct vfy_checked *c);
void vfy_look_clear(struct vfy_look *look);

/* ---- order.c: check 11 and versus of check 13 ---- */

/*
 * Check 11 for bundle b of this target: JOURNAL_OPEN when journal_open, SERIAL_OLD,
 * SERIAL_JUMP, SERIAL_PREV, SERIAL_SUPERSEDES, LOG_AHEAD, LOG_DIFFERS, DEBT_OPEN.
 * *standing says how it stands to the last intent.
 */
BF_MUST enum bf_err vfy_order(enum vfy_standing *standing, const struct bf_bundle *b,
                              const struct vfy_state *s,
                              const struct vfy_record_of_target *r, bool journal_open,
                              struct bf_diag *diag);
/* The author's claims against what the last applied bundle set. SECRET_VERSUS. */
BF_MUST enum bf_err vfy_versus(const struct bf_bundle *b,
                               const struct bf_secrets *secrets,
                               const struct vfy_record_of_target *r,
                               struct bf_diag *diag);

#endif
