/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the gate takes, other readers of tar read the same way: names, sizes and
 * bytes, by libarchive, GNU tar and Python's tarfile (support/tar_readers.py). Over
 * archives made at random and spoilt in the ways in which tar readers differ; the same
 * ones in each run, more of them with SNAPSEAL_LONG.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bf/crypto.h"
#include "bf/gate.h"
#include "harness.h"
#include "tool.h"

enum { MAX_BLOCKS = 512, MOST = 8 };

static uint32_t seed = 20261124;

static uint32_t rnd(uint32_t max)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % max;
}

/* An archive in blocks; num of them are used. */
static struct {
    uint8_t block[MAX_BLOCKS][BF_BLOCK];
    size_t num;
    size_t headers[MOST + 1]; /* where they stand */
    size_t num_headers;
} a;

static int by_text(const void *x, const void *y)
{
    return strcmp(x, y);
}

/* A name of the grammar; also one of 99 octets, and ones that readers have rules for. */
static void random_name(char out[BF_MAX_NAME + 1])
{
    static const char first[] = "abcz019", more[] = "abz09._-/";
    static const char *const odd[] = {"a/b._c",
                                      "gnusparsefile.0/x",
                                      "pax_global_header",
                                      "sig/author.alice.sshsig",
                                      "secrets.age",
                                      "review/sheet.txt",
                                      "a.",
                                      "a-",
                                      "a..b",
                                      "0",
                                      "paxheaders.1/a"};
    size_t len = rnd(8) == 0 ? BF_MAX_NAME : 1 + rnd(20), i;

    if (rnd(4) == 0) {
        snprintf(out, BF_MAX_NAME + 1, "%s", odd[rnd(sizeof(odd) / sizeof(odd[0]))]);
        return;
    }
    for (i = 0; i < len; i++) {
        bool start = i == 0 || out[i - 1] == '/';

        out[i] = start ? first[rnd(7)] : more[rnd(i + 1 == len ? 8 : 9)];
    }
    out[len] = '\0';
}

/* Content that is no more than content: random, zeros, or what looks like a member. */
static void put_content(size_t size)
{
    size_t blocks = (size + BF_BLOCK - 1) / BF_BLOCK, i, k;
    uint32_t kind = rnd(4);

    for (i = 0; i < blocks; i++, a.num++) {
        size_t here = size - i * BF_BLOCK < BF_BLOCK ? size - i * BF_BLOCK : BF_BLOCK;
        uint8_t *to = a.block[a.num];

        memset(to, 0, BF_BLOCK);
        if (kind == 0) {
            bf_ustar_header(to, "hidden", rnd(3000));
            memset(to + here, 0, BF_BLOCK - here);
        }
        for (k = 0; kind > 1 && k < here; k++) {
            to[k] = (uint8_t)rnd(kind == 2 ? 256 : 3);
        }
    }
}

static void put_member(const char *name, size_t least)
{
    static const size_t sizes[] = {0, 1, 511, 512, 513, 1024, 1025};
    size_t size = least + (rnd(2) == 0 ? sizes[rnd(7)] : rnd(6000));

    a.headers[a.num_headers++] = a.num;
    bf_ustar_header(a.block[a.num++], name, size);
    put_content(size);
}

static void make(void)
{
    char names[MOST][BF_MAX_NAME + 1];
    size_t num = rnd(MOST), i;

    memset(&a, 0, sizeof(a));
    for (i = 0; i < num; i++) {
        random_name(names[i]);
    }
    qsort(names, num, sizeof(names[0]), by_text);
    put_member("manifest.json", 1);
    for (i = 0; i < num; i++) {
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0) {
            put_member(names[i], 0);
        }
    }
    a.num += 2;
}

/* ---- the ways to spoil it ---- */

static uint8_t *any_header(void)
{
    return a.block[a.headers[rnd((uint32_t)a.num_headers)]];
}

/* The sum that tar readers ask for, in the form that the gate has. */
static void mend_sum(uint8_t *header)
{
    unsigned sum = 0;
    char digits[9];
    size_t i;

    memset(header + 148, ' ', 8);
    for (i = 0; i < BF_BLOCK; i++) {
        sum += header[i];
    }
    snprintf(digits, sizeof(digits), "%06o", sum);
    memcpy(header + 148, digits, 6);
    header[154] = '\0';
}

static void flip_bits(void)
{
    size_t n = 1 + rnd(3);

    while (n-- > 0) {
        a.block[rnd((uint32_t)a.num)][rnd(BF_BLOCK)] ^= (uint8_t)(1U << rnd(8));
    }
}

static void spoil_field(void)
{
    static const struct {
        size_t at;
        const char *text;
        size_t len;
    } fields[] = {{156, "\0", 1},
                  {156, "1", 1},
                  {156, "2", 1},
                  {156, "5", 1},
                  {156, "7", 1},
                  {156, "L", 1},
                  {156, "K", 1},
                  {156, "x", 1},
                  {156, "g", 1},
                  {156, "S", 1},
                  {156, "V", 1},
                  {156, "Z", 1},
                  {345, "..", 2},
                  {345, "a/b", 3},
                  {257, "ustar  ", 8},
                  {257, "\0\0\0\0\0", 6},
                  {124, "\x80\0\0", 3},
                  {124, "0000000777 ", 11},
                  {124, " 0000000777", 11},
                  {0, "../x", 5},
                  {0, "/etc/x", 7},
                  {0, "a//b", 5},
                  {0, "a/", 3},
                  {0, "A", 2},
                  {0, "a\0b", 4},
                  {100, "0000644", 8},
                  {136, "00000000001", 11},
                  {329, "0000001", 7},
                  {500, "x", 1},
                  {157, "link", 4},
                  {265, "root", 4},
                  {124, "00000000001", 11}};
    size_t i = rnd(sizeof(fields) / sizeof(fields[0]));
    uint8_t *header = any_header();

    memcpy(header + fields[i].at, fields[i].text, fields[i].len);
    mend_sum(header);
}

static void other_size(void)
{
    uint8_t *header = any_header();
    char digits[13];

    snprintf(digits, sizeof(digits), "%011o ", rnd(8000));
    memcpy(header + 124, digits, 12);
    mend_sum(header);
}

static void drop_block(void)
{
    size_t at = rnd((uint32_t)a.num);

    memmove(a.block[at], a.block[at + 1], (a.num - at - 1) * BF_BLOCK);
    a.num--;
}

static void add_block(void)
{
    size_t at = rnd((uint32_t)a.num), from = rnd((uint32_t)a.num);
    uint8_t copy[BF_BLOCK];

    memcpy(copy, a.block[from], BF_BLOCK);
    memmove(a.block[at + 1], a.block[at], (a.num - at) * BF_BLOCK);
    memcpy(a.block[at], copy, BF_BLOCK);
    a.num++;
}

static void swap_blocks(void)
{
    size_t x = rnd((uint32_t)a.num), y = rnd((uint32_t)a.num);
    uint8_t copy[BF_BLOCK];

    memcpy(copy, a.block[x], BF_BLOCK);
    memmove(a.block[x], a.block[y], BF_BLOCK);
    memcpy(a.block[y], copy, BF_BLOCK);
}

/* A second archive, or zeros up to tar's blocking, behind the end. */
static void add_tail(void)
{
    size_t num = a.num, i;

    if (rnd(2) == 0) {
        a.num = (a.num + 19) / 20 * 20;
        return;
    }
    for (i = 0; i < num && a.num < MAX_BLOCKS; i++) {
        memcpy(a.block[a.num++], a.block[i], BF_BLOCK);
    }
}

/* A pax header or GNU long name that gives the next member another name and size. */
static void add_extension(void)
{
    static const char pax[] = "17 path=a/b/c/d\n16 size=00000100\n";
    size_t at = a.headers[rnd((uint32_t)a.num_headers)];
    uint8_t *to = a.block[at];
    bool gnu = rnd(2) == 0;

    memmove(a.block[at + 2], to, (a.num - at) * BF_BLOCK);
    memset(to, 0, 2 * BF_BLOCK);
    bf_ustar_header(to, gnu ? "././@longlink" : "paxheaders/a", sizeof(pax) - 1);
    to[156] = gnu ? 'L' : 'x';
    mend_sum(to);
    memcpy(to + BF_BLOCK, gnu ? "another/name" : pax, gnu ? 12 : sizeof(pax) - 1);
    a.num += 2;
}

static void (*const spoilers[])(void) = {
    flip_bits,  flip_bits, spoil_field, spoil_field, other_size,
    drop_block, add_block, swap_blocks, add_tail,    add_extension};

/* ---- what we read, for the others to compare ---- */

static void write_case(const char *dir, size_t n, const struct bf_container *c)
{
    struct bf_buf list = bf_buf(1 << 20);
    struct bf_diag diag = {0};
    char name[300], hex[2 * BF_SHA256 + 1];
    size_t i;
    FILE *f;

    for (i = 0; i < c->num; i++) {
        T_OK(bf_sha256_hex(hex, c->entries[i].data), &diag);
        bf_put_fmt(&list, "%s %zu %s\n", c->entries[i].name, c->entries[i].data.len, hex);
    }
    for (i = 0; i < 2; i++) {
        struct bf_bytes out = i == 0 ? c->raw : bf_buf_bytes(&list);

        snprintf(name, sizeof(name), "%s/%06zu.%s", dir, n, i == 0 ? "tar" : "list");
        f = fopen(name, "wb");
        if (f == NULL || fwrite(out.ptr, 1, out.len, f) != out.len || fclose(f) != 0) {
            abort();
        }
    }
    bf_buf_clear(&list);
}

static void all(void)
{
    size_t total = t_long() ? 100000 : 4000, n, taken = 0;
    size_t spoilt_taken = 0;
    struct bf_buf said = bf_buf(65536);
    char dir[200];
    const char *argv[] = {"python3", "tests/support/tar_readers.py", dir, NULL};

    T_TRUE(tool_there("python3"));
    snprintf(dir, sizeof(dir), "%s/tars", t_tmpdir());
    T_INT(mkdir(dir, 0700), 0);
    for (n = 0; n < total; n++) {
        struct bf_container c;
        struct bf_diag diag = {0};
        bool spoilt = rnd(8) != 0;
        enum bf_err err;

        make();
        if (spoilt) {
            spoilers[rnd(sizeof(spoilers) / sizeof(spoilers[0]))]();
        }
        err = bf_gate(&c, bf_view(a.block, a.num * BF_BLOCK), &diag);
        T_TRUE(err == BF_OK || bf_err_exit(err) == BF_EXIT_REFUSED);
        if (!spoilt) {
            T_OK(err, &diag);
        }
        if (err == BF_OK) {
            write_case(dir, n, &c);
            taken++;
            spoilt_taken += spoilt ? 1 : 0;
        }
    }
    T_INT(tool_run(argv, bf_text(""), &said), 0);
    printf("%zu archives, %zu taken, of which %zu spoilt\n%s", total, taken, spoilt_taken,
           bf_buf_text(&said));
    T_TRUE(taken > total / 10 && spoilt_taken > total / 100 && taken < total / 2);
    bf_buf_clear(&said);
}

T_CASES("gate and others", {"what is taken is read alike", all});
