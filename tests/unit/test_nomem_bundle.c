/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each allocation on the way of a bundle fails once: making it, and the whole chain of
 * checks. The answer is always that there is no memory, never that the bundle is refused,
 * and nothing is given out.
 */
#include <stdlib.h>
#include <string.h>

#include "call_faults.h"
#include "harness.h"
#include "spoil.h"

static struct bf_buf good, copy;

/* Everything from the bytes to the opened secrets. */
static enum bf_err op_check(struct bf_diag *diag)
{
    const struct bf_trust *trust = &fx_world()->trust;
    struct bf_bundle b = {0};
    struct bf_secrets s = {0};
    enum bf_err err;
    size_t i;

    if ((err = bf_bundle_open(&b, &copy, trust, FX_NOW, diag)) == BF_OK &&
        (err = bf_bundle_times(&b, trust, FX_NOW, "", diag)) == BF_OK &&
        (err = bf_bundle_target(&b, trust, NULL, "gw-1", diag)) == BF_OK &&
        (err = bf_bundle_people(&b, trust, diag)) == BF_OK) {
        err = bf_secrets_open(&s, &b, fx_world()->secrets, diag);
    }
    T_TRUE(err == BF_OK || (s.num == 0 && s.plain.ptr == NULL));
    for (i = 0; i < BF_NUM_CHECKS; i++) {
        T_TRUE(b.checks.result[i] != BF_REFUSED);
    }
    bf_secrets_clear(&s);
    bf_bundle_clear(&b);
    return err;
}

static enum bf_err op_make(struct bf_diag *diag)
{
    struct fx *f = fx_world();
    struct bf_new_secret secrets[2] = {
        {.name = "s3.client.secondary.access_key",
         .value = bf_text(FX_ACCESS),
         .versus = "new",
         .disclose = true},
        {.name = "s3.client.secondary.secret_key",
         .value = bf_text(FX_SECRET),
         .versus = "new"},
    };
    struct bf_manifest m;
    struct bf_arena arena = {0};
    struct bf_buf out = bf_buf(BF_MAX_CONTAINER);
    uint8_t to[BF_KEY];
    enum bf_err err;

    fx_manifest(&m, f, true);
    bf_x25519_base(to, f->secrets);
    err = bf_bundle_make(&out, &m, &arena, fx_policy, fx_repository, secrets, 2, to,
                         &f->who[FX_ALICE].signer, diag);
    T_TRUE(err == BF_OK || out.len == 0 || out.bad);
    bf_buf_clear(&out);
    bf_arena_clear(&arena);
    return err;
}

static void each_allocation(enum bf_err (*op)(struct bf_diag *diag), long at_least)
{
    long n;

    for (n = 0; n < 2000; n++) {
        struct bf_diag diag = {0};
        enum bf_err err;
        bool failed;

        fx_copy(&copy, bf_buf_bytes(&good));
        cf_fail_at(CF_MEMORY, n);
        err = op(&diag);
        failed = cf_end();
        bf_buf_clear(&copy);
        if (!failed) {
            T_OK(err, &diag);
            break;
        }
        if (err != BF_ARCHIVE) { /* libarchive tells in its own words */
            T_ERR(err, BF_NO_MEMORY, &diag);
        }
    }
    T_TRUE(n >= at_least && n < 2000);
}

static void check(void)
{
    fx_bundle_approved(&good, fx_world());
    each_allocation(op_check, 20);
    bf_buf_clear(&good);
}

static void make(void)
{
    fx_bundle(&good, fx_world());
    each_allocation(op_make, 20);
    bf_buf_clear(&good);
}

T_CASES("no memory: bundle", {"check", check}, {"make", make});
