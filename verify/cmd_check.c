/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "cli.h"

enum { MAX_IDENTITY = 8192 };

/* What all operands are checked against. */
struct against {
    struct vfy_site *site;   /* appliance */
    struct bf_trust *trust;  /* document: the last of --trust */
    struct vfy_older *older; /* document: those before it */
    size_t num_older;
    struct bf_secret identity; /* of --identity, when it is the one that opens secrets */
    char now[21];
};

static enum bf_err load_one(struct bf_trust *out, const struct bf_args *a, size_t i,
                            const struct bf_trust *before, const char *now,
                            struct bf_diag *diag)
{
    struct bf_buf raw;
    const char *pin = bf_arg_at(a, "pin", i);
    enum bf_err err =
        bf_file_read(&raw, bf_arg_at(a, "trust", i), BF_MAX_CONTAINER, diag);

    if (err == BF_OK && pin != NULL) {
        err = bf_trust_first(out, &raw, pin, now, diag);
    } else if (err == BF_OK) {
        err = bf_trust_next(out, &raw, before, now, diag);
    }
    bf_buf_clear(&raw);
    if (err != BF_OK) {
        bf_diag_in(diag, "%s", bf_arg_at(a, "trust", i));
    }
    return err;
}

/* The trust files in the order given: the first by its pin, the others by pins of their
 * own or as successors. */
static enum bf_err load_trust(struct against *g, const struct bf_args *a,
                              struct bf_diag *diag)
{
    size_t num = bf_arg_count(a, "trust"), pins = bf_arg_count(a, "pin"), i;
    struct bf_trust *next;
    enum bf_err err = BF_OK;

    if (pins == 0 || (pins != 1 && pins != num)) {
        return bf_fail(diag, BF_USAGE,
                       "--trust needs --pin: one for the first, or one for each");
    }
    for (i = 0; i < pins; i++) {
        if (!bf_is_hex64(bf_arg_at(a, "pin", i))) {
            return bf_fail(diag, BF_USAGE, "--pin is 64 digits of lower-case hex");
        }
    }
    g->older = calloc(num, sizeof(*g->older));
    for (i = 0; i < num && err == BF_OK; i++) {
        next = calloc(1, sizeof(*next));
        if (next == NULL || g->older == NULL) {
            free(next);
            return bf_fail(diag, BF_NO_MEMORY, "trust");
        }
        err = load_one(next, a, i, g->trust, g->now, diag);
        if (g->trust != NULL) {
            g->older[g->num_older].version = g->trust->body.version;
            bf_copy(g->older[g->num_older++].sha256, g->trust->sha256,
                    sizeof(g->trust->sha256));
            bf_trust_clear(g->trust);
        }
        free(g->trust);
        g->trust = next;
    }
    return err;
}

/* --identity may be an auditor's, which opens the seal only; the secrets are checked when
 * it is the appliance's own. */
static enum bf_err load_identity(struct against *g, const char *path,
                                 struct bf_diag *diag)
{
    struct bf_secret file = {0};
    char recipient[BF_RECIPIENT_TEXT];
    uint8_t point[BF_KEY];
    bool used = false;
    size_t i;
    enum bf_err err = bf_file_read_secret(&file, path, MAX_IDENTITY, diag);

    if (err == BF_OK) {
        err = bf_age_identity_file(&g->identity, bf_secret_bytes(&file), diag);
    }
    bf_secret_clear(&file);
    if (err != BF_OK) {
        return err;
    }
    bf_x25519_base(point, g->identity.ptr);
    bf_age_recipient_write(recipient, point);
    for (i = 0; i < g->trust->body.appliances.num; i++) {
        used = used || strcmp(BF_LIST_ITEM(&g->trust->body.appliances,
                                           const struct bf_appliance, i)
                                  ->secrets,
                              recipient) == 0;
    }
    if (!used) {
        bf_secret_clear(&g->identity);
    }
    return BF_OK;
}

static enum bf_err prepare(struct against *g, const struct bf_args *a,
                           struct bf_diag *diag)
{
    const char *at = bf_arg(a, "at"), *identity = bf_arg(a, "identity");
    enum bf_err err;

    bf_cli_now(g->now);
    if (!bf_arg_is(a, "trust")) {
        if (at != NULL || identity != NULL || bf_arg_is(a, "pin")) {
            return bf_fail(diag, BF_USAGE, "--at, --identity and --pin go with --trust");
        }
        return vfy_site_open(&g->site, a, vfy_arg_state(a), NULL, VFY_READ, diag);
    }
    if (at != NULL && !bf_is_time(at)) {
        return bf_fail(diag, BF_USAGE, "--at is of the form 2026-11-23T15:34:00Z");
    }
    if (at != NULL) {
        memcpy(g->now, at, sizeof(g->now));
    }
    err = load_trust(g, a, diag);
    return err == BF_OK && identity != NULL ? load_identity(g, identity, diag) : err;
}

static int check_one(const struct against *g, const struct bf_args *a, const char *file)
{
    struct vfy_look *look = calloc(1, sizeof(*look));
    struct vfy_checked *checked = NULL;
    struct vfy_ask ask = {0};
    struct bf_diag diag = {0};
    enum bf_err err;
    int code;

    if (look == NULL) {
        (void)bf_fail(&diag, BF_NO_MEMORY, "bundle");
        return bf_cli_fail(a, &diag);
    }
    if (g->site != NULL) {
        ask = vfy_site_ask(g->site, file, g->now);
    } else {
        ask.path = file;
        ask.trust = g->trust;
        ask.older = g->older;
        ask.num_older = g->num_older;
        ask.transport = bf_arg(a, "identity");
        ask.identity = g->identity.ptr != NULL ? &g->identity : NULL;
        ask.now = g->now;
    }
    err = vfy_check(&checked, look, &ask, &diag);
    if (err == BF_OK) {
        memset(&diag, 0, sizeof(diag));
    }
    code = vfy_report_check(a, file, look, &diag);
    vfy_checked_free(checked);
    vfy_look_clear(look);
    free(look);
    return code;
}

/* One refused among several makes the whole refused; else the worst counts. */
static int worse(int a, int b)
{
    if (a == BF_EXIT_REFUSED || b == BF_EXIT_REFUSED) {
        return BF_EXIT_REFUSED;
    }
    return a > b ? a : b;
}

int vfy_cmd_check(const struct bf_args *a)
{
    struct against g = {0};
    struct bf_diag diag = {0};
    int code = BF_EXIT_DONE;
    size_t i;

    if (prepare(&g, a, &diag) != BF_OK) {
        code = bf_cli_fail(a, &diag);
    } else {
        for (i = 0; i < a->num_operands; i++) {
            code = worse(code, check_one(&g, a, a->operands[i]));
        }
    }
    if (g.trust != NULL) {
        bf_trust_clear(g.trust);
    }
    free(g.trust);
    free(g.older);
    bf_secret_clear(&g.identity);
    vfy_site_free(g.site);
    return code;
}
