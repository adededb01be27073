/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle log of receipts: RFC 6962 section 2.1 exactly. A log is kept as its right
 * edge, the roots of the complete subtrees that its size is made of, so that appending
 * and the root cost a few hashes whatever its size.
 */
#include <string.h>

#include "bf/receipt.h"

/* A failed hash must compare equal to nothing. */
static void hash(uint8_t out[BF_SHA256], uint8_t prefix, struct bf_bytes a,
                 struct bf_bytes b)
{
    struct bf_bytes parts[3] = {bf_view(&prefix, 1), a, b};

    if (bf_sha256(out, parts, 3) != BF_OK) {
        bf_random(out, BF_SHA256);
    }
}

static void node(uint8_t out[BF_SHA256], const uint8_t left[BF_SHA256],
                 const uint8_t right[BF_SHA256])
{
    hash(out, 1, bf_view(left, BF_SHA256), bf_view(right, BF_SHA256));
}

void bf_log_leaf(uint8_t out[BF_SHA256], struct bf_bytes manifest)
{
    hash(out, 0, manifest, bf_view(NULL, 0));
}

static size_t ones(uint64_t v)
{
    size_t num = 0;

    for (; v != 0; v &= v - 1) {
        num++;
    }
    return num;
}

size_t bf_log_edges(const struct bf_log *log)
{
    return ones(log->size);
}

/* Two subtrees of one size become one: as often as the size ends in one-bits. */
void bf_log_append(struct bf_log *log, const uint8_t leaf[BF_SHA256])
{
    size_t num = bf_log_edges(log);
    uint8_t root[BF_SHA256];
    uint64_t bits;

    bf_copy(root, leaf, BF_SHA256);
    for (bits = log->size; (bits & 1) != 0; bits >>= 1) {
        num--;
        node(root, log->edge[num], root);
    }
    bf_copy(log->edge[num], root, BF_SHA256);
    log->size++;
}

/* The smaller trees are to the right: joined from there. */
void bf_log_root(uint8_t out[BF_SHA256], const struct bf_log *log)
{
    size_t num = bf_log_edges(log);
    struct bf_bytes nothing = bf_view(NULL, 0);

    if (num == 0) {
        if (bf_sha256(out, &nothing, 1) != BF_OK) {
            bf_random(out, BF_SHA256);
        }
        return;
    }
    bf_copy(out, log->edge[num - 1], BF_SHA256);
    while (--num > 0) {
        node(out, log->edge[num - 1], out);
    }
}

enum bf_err bf_log_from_receipt(struct bf_log *out, const struct bf_receipt *r,
                                struct bf_diag *diag)
{
    uint8_t root[BF_SHA256];
    char hex[2 * BF_SHA256 + 1];
    size_t i;

    memset(out, 0, sizeof(*out));
    if (r->log.index < 0 || r->log.frontier.num != ones((uint64_t)r->log.index)) {
        return bf_fail(diag, BF_RECEIPT_LOG,
                       "frontier: %zu hashes for index %lld", /* [BF-706] */
                       r->log.frontier.num, (long long)r->log.index);
    }
    out->size = (uint64_t)r->log.index;
    for (i = 0; i < r->log.frontier.num; i++) {
        const char *text = bf_list_text(&r->log.frontier, i);

        if (!bf_unhex(out->edge[i], BF_SHA256, text, strlen(text))) {
            memset(out, 0, sizeof(*out));
            return bf_fail(diag, BF_RECEIPT_LOG, "frontier: entry %zu", i + 1);
        }
    }
    bf_log_root(root, out);
    bf_hex(hex, root, BF_SHA256);
    if (strcmp(hex, r->log.prev_root) != 0) {
        memset(out, 0, sizeof(*out));
        return bf_fail(diag, BF_RECEIPT_LOG, "frontier does not give prev_root");
    }
    return BF_OK;
}

/* MTH(D[from:to]). */
static void root_of(uint8_t out[BF_SHA256], const uint8_t (*leaves)[BF_SHA256],
                    uint64_t from, uint64_t to)
{
    struct bf_log log;

    memset(&log, 0, sizeof(log));
    for (; from < to; from++) {
        bf_log_append(&log, leaves[from]);
    }
    bf_log_root(out, &log);
}

/* The largest power of two smaller than n; n > 1. */
static uint64_t split(uint64_t n)
{
    uint64_t k = 1;

    while (k < n - k) {
        k *= 2;
    }
    return k;
}

/* SUBPROOF(m, D[from:to], whole), its recursion written as a walk down. */
enum bf_err bf_log_prove(uint8_t (*out)[BF_SHA256], size_t *num,
                         const uint8_t (*leaves)[BF_SHA256], uint64_t m, uint64_t n)
{
    struct {
        uint64_t from, to;
    } aside[64]; /* the subtrees beside the way, from the top; the proof goes up */
    uint64_t from = 0, to = n;
    size_t depth = 0;
    bool whole = true; /* RFC 6962's b: what is left of m begins at 0 */

    *num = 0;
    if (m > n) {
        return BF_INTERNAL;
    }
    if (m == 0 || m == n) {
        return BF_OK;
    }
    while (m != to) {
        uint64_t middle = from + split(to - from);

        aside[depth].from = m <= middle ? middle : from;
        aside[depth++].to = m <= middle ? to : middle;
        if (m <= middle) {
            to = middle;
        } else {
            from = middle;
            whole = false;
        }
    }
    if (!whole) {
        root_of(out[(*num)++], leaves, from, to);
    }
    while (depth-- > 0) {
        root_of(out[(*num)++], leaves, aside[depth].from, aside[depth].to);
    }
    return BF_OK;
}

/* RFC 9162 section 2.1.4.2, which says how a proof of RFC 6962 is checked. */
static bool climb(const uint8_t (*proof)[BF_SHA256], size_t num, uint64_t m,
                  const uint8_t root_m[BF_SHA256], uint64_t n,
                  const uint8_t root_n[BF_SHA256])
{
    uint64_t fn = m - 1, sn = n - 1;
    uint8_t old[BF_SHA256], fresh[BF_SHA256];
    size_t at = 0;

    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    if (fn == 0) { /* m is a power of two: its root is the first subtree */
        bf_copy(old, root_m, BF_SHA256);
    } else if (num > 0) {
        bf_copy(old, proof[at++], BF_SHA256);
    } else {
        return false;
    }
    bf_copy(fresh, old, BF_SHA256);
    for (; at < num; at++) {
        if (sn == 0) {
            return false;
        }
        if ((fn & 1) != 0 || fn == sn) {
            node(old, proof[at], old);
            node(fresh, proof[at], fresh);
            while (fn != 0 && (fn & 1) == 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            node(fresh, fresh, proof[at]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(old, root_m, BF_SHA256) == 0 &&
           memcmp(fresh, root_n, BF_SHA256) == 0;
}

bool bf_log_consistent(const uint8_t (*proof)[BF_SHA256], size_t num, uint64_t m,
                       const uint8_t root_m[BF_SHA256], uint64_t n,
                       const uint8_t root_n[BF_SHA256])
{
    uint8_t empty[BF_SHA256];

    if (m > n) {
        return false;
    }
    if (m == n) {
        return num == 0 && memcmp(root_m, root_n, BF_SHA256) == 0;
    }
    if (m == 0) {
        root_of(empty, NULL, 0, 0);
        return num == 0 && memcmp(root_m, empty, BF_SHA256) == 0;
    }
    return climb(proof, num, m, root_m, n, root_n);
}
