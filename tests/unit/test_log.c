/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle log against RFC 6962's own definitions, written down as they stand there. */
#include <stdio.h>
#include <string.h>

#include "bf/receipt.h"
#include "harness.h"

enum { LEAVES = 130 };

static uint8_t leaves[LEAVES][BF_SHA256];

static void sha256(uint8_t out[BF_SHA256], const uint8_t *in, size_t len)
{
    struct bf_bytes part = bf_view(in, len);

    T_OK(bf_sha256(out, &part, 1), NULL);
}

static void make_leaves(void)
{
    size_t i;

    for (i = 0; i < LEAVES; i++) {
        char text[32];

        snprintf(text, sizeof(text), "receipt %zu", i);
        bf_log_leaf(leaves[i], bf_text(text));
    }
}

/* MTH of RFC 6962 2.1, by its recursion. */
static void mth(uint8_t out[BF_SHA256], const uint8_t (*d)[BF_SHA256], size_t n)
{
    uint8_t both[1 + 2 * BF_SHA256];
    size_t k = 1;

    if (n == 0) {
        sha256(out, NULL, 0);
        return;
    }
    if (n == 1) {
        memcpy(out, d[0], BF_SHA256);
        return;
    }
    while (2 * k < n) {
        k *= 2;
    }
    both[0] = 1;
    mth(both + 1, d, k);
    mth(both + 1 + BF_SHA256, d + k, n - k);
    sha256(out, both, sizeof(both));
}

/* SUBPROOF of RFC 6962 2.1.2, by its recursion. */
static void subproof(uint8_t (*out)[BF_SHA256], size_t *num, size_t m,
                     const uint8_t (*d)[BF_SHA256], size_t n, bool b)
{
    size_t k = 1;

    if (m == n) {
        if (!b) {
            mth(out[(*num)++], d, n);
        }
        return;
    }
    while (2 * k < n) {
        k *= 2;
    }
    if (m <= k) {
        subproof(out, num, m, d, k, b);
        mth(out[(*num)++], d + k, n - k);
    } else {
        subproof(out, num, m - k, d + k, n - k, false);
        mth(out[(*num)++], d, k);
    }
}

static void unhex(uint8_t *out, size_t len, const char *hex)
{
    T_TRUE(bf_unhex(out, len, hex, strlen(hex)));
}

/* The reference tree of Certificate Transparency's tests. */
static void test_known(void)
{
    static const char *const inputs[8] = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[9] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct bf_log log;
    size_t i;

    memset(&log, 0, sizeof(log));
    for (i = 0; i <= 8; i++) {
        uint8_t root[BF_SHA256], want[BF_SHA256], data[16], leaf[BF_SHA256];
        size_t len;

        unhex(want, BF_SHA256, roots[i]);
        bf_log_root(root, &log);
        T_BYTES(bf_view(root, BF_SHA256), bf_view(want, BF_SHA256));
        T_INT(log.size, i);
        if (i < 8) {
            len = strlen(inputs[i]) / 2;
            unhex(data, len, inputs[i]);
            bf_log_leaf(leaf, bf_view(data, len));
            bf_log_append(&log, leaf);
        }
    }
}

/* Consistency proofs of the same tree, from the same tests. */
static void test_known_proof(void)
{
    static const char *const proof_6_8[3] = {
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    uint8_t proof[3][BF_SHA256], old[BF_SHA256], fresh[BF_SHA256];
    size_t i;

    for (i = 0; i < 3; i++) {
        unhex(proof[i], BF_SHA256, proof_6_8[i]);
    }
    unhex(old, BF_SHA256,
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef");
    unhex(fresh, BF_SHA256,
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    T_TRUE(bf_log_consistent((const uint8_t(*)[BF_SHA256])proof, 3, 6, old, 8, fresh));
    T_TRUE(!bf_log_consistent((const uint8_t(*)[BF_SHA256])proof, 3, 6, fresh, 8, old));
}

/* Root and edge for every size: the edge holds the complete subtrees, largest first. */
static void test_sizes(void)
{
    struct bf_log log;
    size_t n, i, at, bit;

    make_leaves();
    memset(&log, 0, sizeof(log));
    for (n = 0; n <= LEAVES; n++) {
        uint8_t got[BF_SHA256], want[BF_SHA256];

        bf_log_root(got, &log);
        mth(want, (const uint8_t(*)[BF_SHA256])leaves, n);
        T_BYTES(bf_view(got, BF_SHA256), bf_view(want, BF_SHA256));
        for (bit = 256, at = 0, i = 0; bit > 0; bit /= 2) {
            if ((n & bit) != 0) {
                mth(want, (const uint8_t(*)[BF_SHA256])(leaves + at), bit);
                T_BYTES(bf_view(log.edge[i], BF_SHA256), bf_view(want, BF_SHA256));
                at += bit;
                i++;
            }
        }
        T_INT(bf_log_edges(&log), i);
        if (n < LEAVES) {
            bf_log_append(&log, leaves[n]);
        }
    }
}

static void check_spoilt(uint8_t (*proof)[BF_SHA256], size_t num, size_t m,
                         const uint8_t *old, size_t n, const uint8_t *fresh)
{
    const uint8_t(*p)[BF_SHA256] = (const uint8_t(*)[BF_SHA256])proof;
    size_t i;

    for (i = 0; i < num; i++) {
        proof[i][i % BF_SHA256] ^= 1;
        T_TRUE(!bf_log_consistent(p, num, m, old, n, fresh));
        proof[i][i % BF_SHA256] ^= 1;
    }
    T_TRUE(!bf_log_consistent(p, num + 1, m, old, n, fresh)); /* one hash more */
    if (num > 0) {
        T_TRUE(!bf_log_consistent(p, num - 1, m, old, n, fresh));
        T_TRUE(!bf_log_consistent(p + 1, num - 1, m, old, n, fresh));
        T_TRUE(!bf_log_consistent(p, num, m, fresh, n, fresh));
        T_TRUE(!bf_log_consistent(p, num, m, old, n, old));
        T_TRUE(!bf_log_consistent(p, num, n, fresh, m, old)); /* backwards */
    }
}

/* Every pair of sizes: the proof is RFC 6962's, it convinces, and no other does. */
static void test_pairs(void)
{
    static uint8_t roots[LEAVES + 1][BF_SHA256];
    uint8_t got[130][BF_SHA256], want[130][BF_SHA256];
    size_t m, n, num, want_num;

    make_leaves();
    for (n = 0; n <= LEAVES; n++) {
        mth(roots[n], (const uint8_t(*)[BF_SHA256])leaves, n);
    }
    for (n = 1; n <= LEAVES; n++) {
        for (m = 1; m <= n; m++) {
            memset(got, 0, sizeof(got));
            want_num = 0;
            subproof(want, &want_num, m, (const uint8_t(*)[BF_SHA256])leaves, n, true);
            T_OK(bf_log_prove(got, &num, (const uint8_t(*)[BF_SHA256])leaves, m, n),
                 NULL);
            T_BYTES(bf_view(got, num * BF_SHA256), bf_view(want, want_num * BF_SHA256));
            T_TRUE(bf_log_consistent((const uint8_t(*)[BF_SHA256])got, num, m, roots[m],
                                     n, roots[n]));
            check_spoilt(got, num, m, roots[m], n, roots[n]);
        }
    }
}

/* What a proof says nothing about. */
static void test_edges(void)
{
    uint8_t empty[BF_SHA256], root[BF_SHA256], proof[1][BF_SHA256] = {{0}};
    const uint8_t(*p)[BF_SHA256] = (const uint8_t(*)[BF_SHA256])proof;
    size_t num = 7;

    make_leaves();
    mth(empty, NULL, 0);
    mth(root, (const uint8_t(*)[BF_SHA256])leaves, 5);
    T_OK(bf_log_prove(proof, &num, (const uint8_t(*)[BF_SHA256])leaves, 0, 5), NULL);
    T_INT(num, 0);
    T_TRUE(bf_log_consistent(p, 0, 0, empty, 5, root));
    T_TRUE(!bf_log_consistent(p, 0, 0, root, 5, root));
    T_TRUE(!bf_log_consistent(p, 1, 0, empty, 5, root));
    T_TRUE(bf_log_consistent(p, 0, 0, empty, 0, empty));
    T_TRUE(!bf_log_consistent(p, 0, 5, root, 5, empty));
    T_TRUE(!bf_log_consistent(p, 0, 6, root, 5, root));
    T_ERR(bf_log_prove(proof, &num, (const uint8_t(*)[BF_SHA256])leaves, 6, 5),
          BF_INTERNAL, NULL);
}

/* The head that the next bundle expects follows from a receipt alone. */
static void test_from_receipt(void)
{
    struct bf_receipt r;
    struct bf_log log, back;
    char frontier[8][65], root_hex[65];
    const char *items[9];
    uint8_t root[BF_SHA256], want[BF_SHA256];
    struct bf_diag diag = {0};
    size_t n, i;

    make_leaves();
    memset(&log, 0, sizeof(log));
    for (n = 0; n < LEAVES; n++) {
        memset(&r, 0, sizeof(r));
        for (i = 0; i < bf_log_edges(&log); i++) {
            bf_hex(frontier[i], log.edge[i], BF_SHA256);
            items[i] = frontier[i];
        }
        bf_log_root(root, &log);
        bf_hex(root_hex, root, BF_SHA256);
        r.log.index = (int64_t)n;
        r.log.prev_root = root_hex;
        r.log.frontier = (struct bf_list){i, items};
        items[i] = frontier[0];
        r.log.frontier.num++; /* one more than its size is made of, which no root shows */
        T_ERR(bf_log_from_receipt(&back, &r, &diag), BF_RECEIPT_LOG, &diag);
        r.log.frontier.num--;
        r.log.index = -1;
        T_ERR(bf_log_from_receipt(&back, &r, &diag), BF_RECEIPT_LOG, &diag);
        r.log.index = (int64_t)n;
        T_OK(bf_log_from_receipt(&back, &r, &diag), &diag);
        bf_log_append(&back, leaves[n]);
        bf_log_append(&log, leaves[n]);
        bf_log_root(root, &back);
        bf_log_root(want, &log);
        T_BYTES(bf_view(root, BF_SHA256), bf_view(want, BF_SHA256));
        r.log.index++;
        if (i > 0) {
            frontier[i - 1][0] = frontier[i - 1][0] == '0' ? '1' : '0';
            r.log.index = (int64_t)n;
            T_ERR(bf_log_from_receipt(&back, &r, &diag), BF_RECEIPT_LOG, &diag);
            r.log.frontier.num--;
            T_ERR(bf_log_from_receipt(&back, &r, &diag), BF_RECEIPT_LOG, &diag);
            T_INT(back.size, 0);
        } else {
            T_ERR(bf_log_from_receipt(&back, &r, &diag), BF_RECEIPT_LOG, &diag);
        }
    }
}

T_CASES("log", {"known answers", test_known}, {"known proof", test_known_proof},
        {"sizes", test_sizes}, {"pairs", test_pairs}, {"edges", test_edges},
        {"from a receipt", test_from_receipt});
