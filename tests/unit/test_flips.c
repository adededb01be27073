/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small valid bundle with exactly the approvals it needs: every single bit flipped,
 * every truncation and every byte behind its end is refused somewhere in the whole chain.
 * Nothing of it is free.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "spoil.h"

/* The chain, over a copy of in. */
static enum bf_err check_all(struct bf_bytes in, struct bf_diag *diag)
{
    const struct bf_trust *trust = &fx_world()->trust;
    struct bf_bundle b = {0};
    struct bf_secrets s = {0};
    struct bf_buf raw = {0};
    enum bf_err err;

    fx_copy(&raw, in);
    if ((err = bf_bundle_open(&b, &raw, trust, FX_NOW, diag)) == BF_OK &&
        (err = bf_bundle_times(&b, trust, FX_NOW, FX_TRUST_MADE, diag)) == BF_OK &&
        (err = bf_bundle_target(&b, trust, NULL, "gw-1", diag)) == BF_OK &&
        (err = bf_bundle_people(&b, trust, diag)) == BF_OK) {
        err = bf_secrets_open(&s, &b, fx_world()->secrets, diag);
    }
    bf_secrets_clear(&s);
    bf_bundle_clear(&b);
    return err;
}

static void small_bundle(struct bf_buf *out)
{
    struct bf_manifest m;

    fx_manifest(&m, fx_world(), false);
    fx_bundle_of(out, fx_world(), &m, NULL,
                 "{\"settings\":{\"bucket\":\"acme-snapshots\",\"client\":\"secondary\"},"
                 "\"type\":\"s3\"}");
    fx_sign(out, fx_world(), FX_BOB, FX_BOB, "approve");
    fx_sign(out, fx_world(), FX_CAROL, FX_CAROL, "approve");
}

/* Where refusals come from: each stage takes its part, so that the test walks through the
 * chain and not only into the gate. */
static size_t seen[BF_NUM_ERRORS];

static void bits(void)
{
    struct bf_buf raw = {0};
    struct bf_diag diag = {0};
    size_t at, bit, accepted = 0, undecided = 0;

    small_bundle(&raw);
    T_OK(check_all(bf_buf_bytes(&raw), &diag), &diag);
    for (at = 0; at < raw.len; at++) {
        for (bit = 0; bit < 8; bit++) {
            enum bf_err err;

            raw.ptr[at] ^= (uint8_t)(1U << bit);
            err = check_all(bf_buf_bytes(&raw), NULL);
            raw.ptr[at] ^= (uint8_t)(1U << bit);
            seen[err]++;
            accepted += err == BF_OK;
            undecided += err != BF_OK && bf_err_exit(err) != BF_EXIT_REFUSED;
        }
    }
    T_INT(accepted, 0);
    T_INT(undecided, 0);
    T_OK(check_all(bf_buf_bytes(&raw), &diag), &diag);
    printf("%zu bits:", raw.len * 8);
    for (at = 1; at < BF_NUM_ERRORS; at++) {
        if (seen[at] > 0) {
            printf(" %s %zu", bf_err_id((enum bf_err)at), seen[at]);
        }
    }
    printf("\n");
    T_TRUE(seen[BF_GATE_HEADER] > 0 && seen[BF_GATE_PADDING] > 0 &&
           seen[BF_AUTHOR_NONE] > 0);
    T_TRUE(seen[BF_MEMBER_HASH] > 0 && seen[BF_PEOPLE_MISSING] > 0);
    bf_buf_clear(&raw);
}

static void truncations(void)
{
    struct bf_buf raw = {0};
    size_t len, accepted = 0;

    small_bundle(&raw);
    for (len = 0; len < raw.len; len++) {
        accepted += check_all(bf_view(raw.ptr, len), NULL) == BF_OK;
    }
    T_INT(accepted, 0);
    bf_buf_clear(&raw);
}

/* Bytes behind the end, and members taken away, doubled or swapped block by block. */
static void blocks(void)
{
    struct bf_buf raw = {0}, other = {0};
    size_t at, len, accepted = 0;

    small_bundle(&raw);
    for (len = 1; len <= 1024; len += len < 16 ? 1 : 16) {
        fx_copy(&other, bf_buf_bytes(&raw));
        other.max = BF_MAX_CONTAINER;
        while (other.len < raw.len + len) {
            bf_put_u8(&other, 0);
        }
        accepted += check_all(bf_buf_bytes(&other), NULL) == BF_OK;
        bf_buf_clear(&other);
    }
    for (at = 0; at < raw.len; at += 512) {
        other = bf_buf(BF_MAX_CONTAINER); /* without this block */
        bf_put(&other, raw.ptr, at);
        bf_put(&other, raw.ptr + at + 512, raw.len - at - 512);
        accepted += check_all(bf_buf_bytes(&other), NULL) == BF_OK;
        bf_buf_clear(&other);
        other = bf_buf(BF_MAX_CONTAINER); /* with this block twice */
        bf_put(&other, raw.ptr, at + 512);
        bf_put(&other, raw.ptr + at, raw.len - at);
        accepted += check_all(bf_buf_bytes(&other), NULL) == BF_OK;
        bf_buf_clear(&other);
        other = bf_buf(BF_MAX_CONTAINER); /* this block all zero */
        bf_put_bytes(&other, bf_buf_bytes(&raw));
        if (at + 1024 < raw.len) {
            memset(other.ptr + at, 0, 512);
            accepted += check_all(bf_buf_bytes(&other), NULL) == BF_OK;
        }
        bf_buf_clear(&other);
    }
    T_INT(accepted, 0);
    bf_buf_clear(&raw);
}

T_CASES("flips", {"bits", bits}, {"truncations", truncations}, {"blocks", blocks});
