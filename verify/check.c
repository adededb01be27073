/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "bf/file.h"
#include "receipts.h"
#include "sealed.h"

struct vfy_checked {
    const struct vfy_look *look;
};

/* Only the bundle's own fault is a refusal; what the machine could not do stays
 * undecided. */
static enum bf_err mark(struct vfy_look *look, enum bf_check check, enum bf_err err)
{
    if (err == BF_OK) {
        look->bundle.checks.result[check] = BF_PASSED;
    } else if (bf_err_exit(err) == BF_EXIT_REFUSED) {
        look->bundle.checks.result[check] = BF_REFUSED;
    }
    return err;
}

/* The clock that the kernel knows to be synchronised; recorded, never a reason to refuse.
 */
static bool clock_synchronised(void)
{
    struct timex t;

    memset(&t, 0, sizeof(t));
    return adjtimex(&t) != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
}

/* Check 1 [BF-801]. */
static enum bf_err read_input(struct vfy_look *look, const struct vfy_ask *ask,
                              struct bf_diag *diag)
{
    enum bf_err err = BF_OK;

    if (ask->raw == NULL) {
        err = bf_file_read(&look->file, ask->path, BF_MAX_SEALED, diag);
    } else {
        look->file = bf_buf(BF_MAX_SEALED);
        bf_put_bytes(&look->file, *ask->raw);
        err = bf_buf_check(&look->file, "bundle", diag);
    }
    if (err == BF_OK) {
        err = bf_sha256_hex(look->file_sha256, bf_buf_bytes(&look->file));
    }
    return mark(look, BF_CHECK_INPUT, err);
}

/* Check 2 [BF-912]: into container, which holds the open form afterwards. */
static enum bf_err unseal(struct bf_buf *container, struct vfy_look *look,
                          const struct vfy_ask *ask, struct bf_diag *diag)
{
    enum bf_err err;

    *container = bf_buf(BF_MAX_CONTAINER);
    err = bf_seal_not_armored(bf_buf_bytes(&look->file), diag);
    if (err != BF_OK) {
        return mark(look, BF_CHECK_SEALED, err);
    }
    look->sealed = bf_age_looks_sealed(bf_buf_bytes(&look->file));
    if (!look->sealed) {
        if (look->file.len > BF_MAX_CONTAINER) {
            err = bf_fail(diag, BF_GATE_SIZE, "%zu bytes", look->file.len); /* [BF-101] */
            return mark(look, BF_CHECK_GATE, err);
        }
        bf_put_bytes(container, bf_buf_bytes(&look->file));
        return bf_buf_check(container, "bundle", diag);
    }
    if (ask->transport == NULL) {
        err = bf_fail(diag, BF_SEAL_IDENTITY, "%s", ask->path); /* [BF-912] */
    } else {
        err = vfy_unseal(container, bf_buf_bytes(&look->file), ask->transport, diag);
    }
    return mark(look, BF_CHECK_SEALED, err);
}

static enum bf_err journal_is_open(bool *open, const struct vfy_state *s,
                                   const char *target, struct bf_diag *diag)
{
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "runs/%s.journal", target);

    *open = err == BF_OK && access(path, F_OK) == 0;
    return err;
}

/* Check 11; only where there is a state. */
static enum bf_err check_order(struct vfy_look *look, const struct vfy_ask *ask,
                               struct bf_diag *diag)
{
    struct bf_bundle *b = &look->bundle;
    bool open = false;
    enum bf_err err;

    if (ask->state == NULL || ask->mode == VFY_CHECK_RESUME) {
        return BF_OK;
    }
    err = journal_is_open(&open, ask->state, b->m.target.id, diag);
    if (err == BF_OK) {
        err = vfy_target_load(&look->record, ask->state, b->m.target.id, diag);
    }
    if (err == BF_OK) {
        err = vfy_order(&look->standing, b, ask->state, &look->record.r, open, diag);
    }
    return mark(look, BF_CHECK_ORDER, err);
}

/* Check 13: where the identity is ours, or the caller's fits; versus only with a state
 * and not for a bundle applied before. */
static enum bf_err check_secrets(struct vfy_look *look, const struct vfy_ask *ask,
                                 struct bf_diag *diag)
{
    struct bf_bundle *b = &look->bundle;
    enum bf_err err;

    if (ask->identity == NULL) {
        return BF_OK;
    }
    err = bf_secrets_open(&look->secrets, b, ask->identity->ptr, diag);
    if (err == BF_OK && ask->state != NULL && ask->mode == VFY_CHECK_ALL &&
        look->standing != VFY_AGAIN) {
        err = vfy_versus(b, &look->secrets, &look->record.r, diag);
    }
    return mark(look, BF_CHECK_SECRETS, err);
}

/*
 * Checks 9 and 10. A bundle that was applied here may be given again after it has
 * expired, to be proved; so its standing is asked for first. Nothing is concluded from
 * that before check 11.
 */
static enum bf_err check_times(struct vfy_look *look, const struct vfy_ask *ask,
                               const struct bf_trust *trust, struct bf_diag *diag)
{
    struct bf_bundle *b = &look->bundle;
    const char *floor = ask->state != NULL ? vfy_state_floor(ask->state) : "";
    struct vfy_target_state record;
    bool applied = false;
    enum bf_err err;

    if (ask->state != NULL && bf_trust_target(&trust->body, b->m.target.id) != NULL) {
        err = vfy_target_load(&record, ask->state, b->m.target.id, diag);
        if (err != BF_OK) {
            return err;
        }
        applied = strcmp(record.r.intent.manifest_sha256, b->sha256) == 0 &&
                  strcmp(record.r.intent.outcome, "applied") == 0;
        vfy_target_clear(&record);
    }
    err = bf_bundle_times(b, trust, ask->now, floor, diag);
    if (err == BF_TIME_EXPIRED && applied) {
        if (diag != NULL) {
            memset(diag, 0, sizeof(*diag));
        }
        b->checks.result[BF_CHECK_TIMES] = BF_PASSED;
        err = BF_OK;
    }
    return err;
}

/* Check 10: a bundle may have been made under a trust that has been followed since. */
static enum bf_err check_target(struct vfy_look *look, const struct vfy_ask *ask,
                                const struct bf_trust *trust, struct bf_diag *diag)
{
    const int64_t version = look->bundle.m.trust.version;
    char sha256[2 * BF_SHA256 + 1] = "";
    size_t i;
    enum bf_err err;

    for (i = 0; i < ask->num_older; i++) {
        if (ask->older[i].version == version) {
            bf_copy(sha256, ask->older[i].sha256, sizeof(sha256));
        }
    }
    if (ask->state != NULL && version < trust->body.version) {
        err = vfy_trust_known(sha256, ask->state, version, diag);
        if (err != BF_OK) {
            return mark(look, BF_CHECK_TRUST, err);
        }
    }
    return bf_bundle_target(&look->bundle, trust, sha256[0] != '\0' ? sha256 : NULL,
                            ask->state != NULL ? ask->state->name : NULL, diag);
}

static enum bf_err run_checks(struct vfy_look *look, const struct vfy_ask *ask,
                              struct bf_diag *diag)
{
    const struct bf_trust *trust = ask->trust != NULL ? ask->trust : &ask->state->trust;
    struct bf_bundle *b = &look->bundle;
    struct bf_buf container = bf_buf(BF_MAX_CONTAINER);
    enum bf_err err = read_input(look, ask, diag);

    if (err == BF_OK) {
        err = unseal(&container, look, ask, diag);
    }
    if (err == BF_OK) {
        err = bf_bundle_open(b, &container, trust, ask->now, diag);
    }
    bf_buf_clear(&container);
    if (err == BF_OK) {
        err = check_times(look, ask, trust, diag);
    }
    if (err == BF_OK) {
        err = check_target(look, ask, trust, diag);
    }
    if (err == BF_OK) {
        look->target = bf_trust_target(&trust->body, b->m.target.id);
        look->past_target = true;
        err = check_order(look, ask, diag);
    }
    if (err == BF_OK) {
        if (ask->state != NULL) {
            vfy_counters(b, ask->state);
        }
        err = bf_bundle_people(b, trust, diag);
    }
    return err == BF_OK ? check_secrets(look, ask, diag) : err;
}

enum bf_err vfy_check(struct vfy_checked **out, struct vfy_look *look,
                      const struct vfy_ask *ask, struct bf_diag *diag)
{
    struct bf_diag why = {0};
    struct vfy_checked *c;
    enum bf_err err;

    *out = NULL;
    memset(look, 0, sizeof(*look));
    bf_copy(look->now, ask->now, strlen(ask->now) + 1);
    look->synchronised = clock_synchronised();
    look->appliance = ask->state != NULL;
    err = run_checks(look, ask, &why);
    if (err != BF_OK) {
        look->refusal = why;
        if (diag != NULL) {
            *diag = why;
        }
        return err;
    }
    if (!look->appliance || ask->identity == NULL) {
        return BF_OK;
    }
    c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "bundle");
    }
    c->look = look;
    *out = c;
    return BF_OK;
}

void vfy_checked_free(struct vfy_checked *c)
{
    free(c);
}

const struct vfy_look *vfy_checked_look(const struct vfy_checked *c)
{
    return c->look;
}

void vfy_look_clear(struct vfy_look *look)
{
    bf_secrets_clear(&look->secrets);
    bf_bundle_clear(&look->bundle);
    vfy_target_clear(&look->record);
    bf_buf_clear(&look->file);
    memset(look, 0, sizeof(*look));
}
