/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "bf/gate.h"
#include "box.h"
#include "harness.h"

static const char text[] = "{\"a\":1}";

static struct bf_buf begun(void)
{
    struct bf_buf b = bf_buf(8 * 1024 * 1024);

    box_member(&b, "manifest.json", bf_text(text));
    return b;
}

/* Ends the container made so far, expects the answer to it, and clears it. */
static void expect(struct bf_buf *b, enum bf_err want, unsigned line)
{
    struct bf_diag d = {0};

    t_err(__FILE__, line, box_gate(b, &d), want, &d);
    t_true(__FILE__, line, want == BF_OK || d.where[0] != '\0', "the place is told");
    bf_buf_clear(b);
}

#define REFUSED(buf, want) expect(&(buf), (want), __LINE__)
#define ACCEPTED(buf) expect(&(buf), BF_OK, __LINE__)

/* The layout, written down a second time, from the table of format.md and not by the
 * function under test. */
static void header_layout(void)
{
    uint8_t want[BF_BLOCK] = {0}, got[BF_BLOCK];
    size_t sum = 0, i;
    char field[16];

    memcpy(want, "review/sheet.txt", 16);
    memcpy(want + 100,
           "000644 \0"
           "000000 \0"
           "000000 \0"
           "00000001750 "
           "00000000000 "
           "        "
           "0",
           57);
    memcpy(want + 257,
           "ustar\0"
           "00",
           8);
    memcpy(want + 329,
           "000000 \0"
           "000000 \0",
           16);
    for (i = 0; i < BF_BLOCK; i++) {
        sum += want[i];
    }
    snprintf(field, sizeof(field), "%06zo", sum);
    memcpy(want + 148, field, 7);
    bf_ustar_header(got, "review/sheet.txt", 1000);
    T_BYTES(bf_view(got, BF_BLOCK), bf_view(want, BF_BLOCK));
}

static void good(void)
{
    struct bf_buf b = begun();
    struct bf_container c;
    struct bf_diag d = {0};

    box_member(&b, "review/sheet.txt", bf_text(""));
    box_member(&b, "sig/author.alice.sshsig", bf_text("x"));
    box_zero(&b, 1024);
    T_OK(bf_gate(&c, bf_buf_bytes(&b), &d), &d);
    T_INT(c.num, 3);
    T_TEXT(c.entries[1].name, "review/sheet.txt");
    T_INT(c.entries[1].data.len, 0);
    T_BYTES(c.entries[0].data, bf_text(text));
    T_TRUE(bf_container_find(&c, "sig/author.alice.sshsig") == &c.entries[2]);
    T_TRUE(bf_container_find(&c, "sig/author.alice") == NULL);
    T_TRUE(bf_container_find(&c, "manifest.json") == &c.entries[0]);
    bf_buf_clear(&b);
}

static void sizes(void)
{
    struct bf_buf b = begun();
    struct bf_diag d = {0};

    T_ERR(box_gate_as_is(bf_text(""), &d), BF_GATE_SIZE, &d);
    T_ERR(box_gate_as_is(bf_buf_bytes(&b), &d), BF_GATE_SIZE, &d); /* 1024 */
    box_zero(&b, 512);
    T_ERR(box_gate_as_is(bf_buf_bytes(&b), &d), BF_GATE_SIZE, &d); /* 1536 */
    box_zero(&b, 511);
    T_ERR(box_gate_as_is(bf_buf_bytes(&b), &d), BF_GATE_SIZE, &d);
    box_zero(&b, 1);
    T_OK(box_gate_as_is(bf_buf_bytes(&b), &d), &d); /* 2048, the smallest */
    box_zero(&b, 1);
    T_ERR(box_gate_as_is(bf_buf_bytes(&b), &d), BF_GATE_SIZE, &d);
    bf_buf_clear(&b);
}

/* Members that make a container of exactly total bytes. */
static void fill(struct bf_buf *b, size_t total)
{
    struct bf_buf data = bf_buf(BF_MAX_MEMBER);
    char name[16];
    int i = 0;

    while (b->len + 1024 < total) {
        size_t room = total - 1024 - b->len - BF_BLOCK;
        size_t len = room < BF_MAX_MEMBER ? room : BF_MAX_MEMBER - BF_BLOCK;

        bf_buf_clear(&data);
        box_zero(&data, len);
        snprintf(name, sizeof(name), "x%d", i++);
        box_member(b, name, bf_buf_bytes(&data));
    }
    bf_buf_clear(&data);
}

static void container_size(void)
{
    struct bf_buf b = begun();

    fill(&b, BF_MAX_CONTAINER);
    T_INT(b.len, BF_MAX_CONTAINER - 1024);
    ACCEPTED(b);
    b = begun();
    fill(&b, BF_MAX_CONTAINER + BF_BLOCK);
    T_INT(b.len, BF_MAX_CONTAINER + BF_BLOCK - 1024);
    REFUSED(b, BF_GATE_SIZE);
    b = begun();
    fill(&b, BF_MAX_CONTAINER - BF_BLOCK);
    ACCEPTED(b);
}

static void names(void)
{
    static const char *const bad[] = {
        "",     "A",    "/etc/passwd", "a/",        "a//b",        "../a", "a/../b",
        "a/.b", ".a",   "-a",          "_a",        "a b",         "a@b",  "a\\b",
        "a/-b", "a\nb", "a\x7f",       "a\xc3\xa9", "caf\xc3\xa9", "a:b",  "a*",
    };
    static const char *const fine[] = {
        "n", "0", "n-.._", "n/0", "n.json/a-b/c_d.e", "z/z/z/z/z/z"};
    char longest[102];
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bf_buf b = begun();

        box_member(&b, bad[i], bf_text("x"));
        REFUSED(b, BF_GATE_NAME);
    }
    for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        struct bf_buf b = begun();

        box_member(&b, fine[i], bf_text("x"));
        ACCEPTED(b);
    }
    for (i = 98; i <= 100;
         i++) { /* 100 bytes fill the field: tar would take it, the gate does not */
        struct bf_buf b = begun();

        memset(longest, 'n', sizeof(longest));
        longest[i] = '\0';
        box_raw(&b, "n", 0, longest, i, bf_text("x"));
        if (i < 100) {
            ACCEPTED(b);
        } else {
            REFUSED(b, BF_GATE_NAME);
        }
    }
}

static void member_sizes(void)
{
    static const struct {
        const char *name;
        size_t max;
    } kinds[] = {{"secrets.age", BF_MAX_MEMBER},
                 {"sig/author.a.sshsig", BF_MAX_SIGNATURE},
                 {"sig/x", BF_MAX_SIGNATURE}};
    size_t i, j;

    for (i = 0; i < 3; i++) {
        for (j = 0; j < 3; j++) {
            struct bf_buf b = begun(), data = bf_buf(BF_MAX_MEMBER + 1);

            box_zero(&data, kinds[i].max - 1 + j);
            box_member(&b, kinds[i].name, bf_buf_bytes(&data));
            bf_buf_clear(&data);
            if (j < 2) {
                ACCEPTED(b);
            } else {
                REFUSED(b, BF_GATE_MEMBER_SIZE);
            }
        }
    }
}

/* A size that reaches beyond the file, to its end, or into the end blocks. */
static void size_beyond(void)
{
    size_t claim;

    for (claim = 512; claim <= 4096; claim += 512) {
        struct bf_buf b = begun();
        uint8_t header[BF_BLOCK];

        bf_ustar_header(header, "n", claim);
        bf_put(&b, header, sizeof(header));
        box_zero(&b, 512);
        if (claim <= 512) {
            ACCEPTED(b);
        } else {
            REFUSED(b, BF_GATE_MEMBER_SIZE);
        }
    }
}

static void order(void)
{
    struct bf_buf b = bf_buf(65536);

    box_member(&b, "a", bf_text("x"));
    box_member(&b, "manifest.json", bf_text(text));
    REFUSED(b, BF_GATE_FIRST);
    b = begun();
    box_member(&b, "manifest.json", bf_text(text));
    REFUSED(b, BF_GATE_FIRST);
    b = begun();
    box_member(&b, "a", bf_text("x"));
    box_member(&b, "manifest.json", bf_text(text)); /* in its place of the alphabet */
    REFUSED(b, BF_GATE_FIRST);
    b = begun();
    box_member(&b, "b", bf_text("x"));
    box_member(&b, "b", bf_text("x"));
    REFUSED(b, BF_GATE_ORDER);
    b = begun();
    box_member(&b, "b", bf_text("x"));
    box_member(&b, "a", bf_text("x"));
    REFUSED(b, BF_GATE_ORDER);
    b = begun();
    box_member(&b, "a/b", bf_text("x"));
    box_member(&b, "a-b", bf_text("x")); /* "-" before "/" */
    REFUSED(b, BF_GATE_ORDER);
    b = begun();
    box_member(&b, "a",
               bf_text("x")); /* all that is smaller than manifest.json may follow it */
    box_member(&b, "zz", bf_text("x"));
    ACCEPTED(b);
}

static void count(void)
{
    size_t num, i;

    for (num = BF_MAX_MEMBERS - 1; num <= BF_MAX_MEMBERS + 1; num++) {
        struct bf_buf b = begun();

        for (i = 1; i < num; i++) {
            char name[16];

            snprintf(name, sizeof(name), "m%03zu", i);
            box_member(&b, name, bf_text(""));
        }
        if (num <= BF_MAX_MEMBERS) {
            ACCEPTED(b);
        } else {
            REFUSED(b, BF_GATE_COUNT);
        }
    }
}

static void ends(void)
{
    struct bf_buf b = begun();
    struct bf_diag d = {0};

    box_zero(&b, 1024 + 512);
    T_ERR(box_gate_as_is(bf_buf_bytes(&b), &d), BF_GATE_END, &d); /* a third zero block */
    bf_buf_clear(&b);
    b = begun(); /* no end: the last member takes its place */
    box_member(&b, "n", bf_text("x"));
    T_ERR(box_gate_as_is(bf_buf_bytes(&b), &d), BF_GATE_END, &d);
    bf_buf_clear(&b);
    b = begun(); /* one zero block, then something */
    box_zero(&b, 512);
    box_member(&b, "n", bf_text("x"));
    REFUSED(b, BF_GATE_END);
    b = begun(); /* one end block only */
    box_member(&b, "n", bf_text("x"));
    box_zero(&b, 512);
    T_TRUE(box_gate_as_is(bf_buf_bytes(&b), &d) != BF_OK);
    bf_buf_clear(&b);
    b = begun(); /* a whole second archive after the end */
    box_zero(&b, 1024);
    box_member(&b, "manifest.json", bf_text(text));
    REFUSED(b, BF_GATE_END);
    b = begun(); /* the very last byte */
    box_zero(&b, 1023);
    bf_put_u8(&b, 1);
    T_ERR(box_gate_as_is(bf_buf_bytes(&b), &d), BF_GATE_END, &d);
    bf_buf_clear(&b);
}

static void padding(void)
{
    size_t i;

    for (i = sizeof(text) - 1; i < BF_BLOCK; i++) {
        struct bf_buf b = begun();

        b.ptr[BF_BLOCK + i] = 1;
        REFUSED(b, BF_GATE_PADDING);
    }
}

/* What other tar readers honour or forgive: the crafted archives of the research, each
 * with a good checksum. */
static void crafted(void)
{
    static const struct {
        size_t at;
        const char *field;
        size_t len;
        enum bf_err want;
    } cases[] = {
        {156, "x", 1, BF_GATE_HEADER},            /* pax header */
        {156, "g", 1, BF_GATE_HEADER},            /* pax global header */
        {156, "L", 1, BF_GATE_HEADER},            /* GNU long name */
        {156, "K", 1, BF_GATE_HEADER},            /* GNU long link */
        {156, "S", 1, BF_GATE_HEADER},            /* GNU sparse */
        {156, "V", 1, BF_GATE_HEADER},            /* GNU volume */
        {156, "M", 1, BF_GATE_HEADER},            /* GNU multi-volume */
        {156, "D", 1, BF_GATE_HEADER},            /* GNU dump directory */
        {156, "Z", 1, BF_GATE_HEADER},            /* nobody's */
        {156, "\0", 1, BF_GATE_HEADER},           /* the file type of old tar */
        {156, "1", 1, BF_GATE_HEADER},            /* hard link */
        {156, "2", 1, BF_GATE_HEADER},            /* symbolic link */
        {156, "3", 1, BF_GATE_HEADER},            /* device */
        {156, "5", 1, BF_GATE_HEADER},            /* directory with a body */
        {156, "6", 1, BF_GATE_HEADER},            /* fifo */
        {156, "7", 1, BF_GATE_HEADER},            /* contiguous */
        {157, "/etc/passwd", 11, BF_GATE_HEADER}, /* link name */
        {345, "../..", 5, BF_GATE_HEADER},        /* prefix */
        {345, "a", 1, BF_GATE_HEADER},
        {257, "ustar  ", 8, BF_GATE_HEADER},          /* GNU magic */
        {257, "\0\0\0\0\0\0\0\0", 8, BF_GATE_HEADER}, /* version 7 */
        {100, "0000644", 8, BF_GATE_HEADER},          /* mode as GNU tar writes it */
        {100, "004755 ", 8, BF_GATE_HEADER},          /* set-uid */
        {108, "001750 ", 8, BF_GATE_HEADER},          /* uid */
        {116, "001750 ", 8, BF_GATE_HEADER},          /* gid */
        {265, "root", 4, BF_GATE_HEADER},             /* user */
        {297, "root", 4, BF_GATE_HEADER},             /* group */
        {329, "000001 ", 8, BF_GATE_HEADER},          /* device */
        {337, "000001 ", 8, BF_GATE_HEADER},
        {136, "00000000001 ", 12, BF_GATE_HEADER},                 /* time */
        {124, "\x80\0\0\0\0\0\0\0\0\0\0\x01", 12, BF_GATE_HEADER}, /* size in base 256 */
        {124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, BF_GATE_HEADER},
        {124, "-0000000001 ", 12, BF_GATE_HEADER}, /* negative */
        {124, "          1 ", 12, BF_GATE_HEADER}, /* padded with blanks */
        {124, "0000000001\0 ", 12, BF_GATE_HEADER},
        {124, "00000000001\0", 12, BF_GATE_HEADER}, /* as others end the field */
        {124, "00000000008 ", 12, BF_GATE_HEADER},
        {124, "77777777777 ", 12, BF_GATE_MEMBER_SIZE},
        {124, "40000000004 ", 12,
         BF_GATE_MEMBER_SIZE},            /* 2^32 + 4: where 32 bits would wrap */
        {500, "\x01", 1, BF_GATE_HEADER}, /* behind the fields */
        {511, "\x01", 1, BF_GATE_HEADER},
        {1, "\0evil", 5, BF_GATE_HEADER}, /* something behind the name */
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_buf b = begun();

        box_raw(&b, "n", cases[i].at, cases[i].field, cases[i].len, bf_text("x"));
        REFUSED(b, cases[i].want);
    }
}

static void checksum(void)
{
    struct bf_buf b = begun();
    size_t at;

    for (at = 148; at < 156; at++) {
        struct bf_buf c = bf_buf(4096);

        bf_put_bytes(&c, bf_buf_bytes(&b));
        c.ptr[at] ^= 1;
        REFUSED(c, BF_GATE_HEADER);
    }
    bf_buf_clear(&b);
}

/* Every bit of a small container: a flip in data is the hashes' affair, any other is
 * refused here. */
static void every_bit(void)
{
    struct bf_buf b = begun();
    size_t bit, at = 0, data_bits = 0, accepted = 0, wrong = 0;
    uint8_t *exact;
    struct bf_container c;
    struct bf_diag d = {0};

    box_member(&b, "review/sheet.txt", bf_text("sheet"));
    box_member(&b, "sig/author.alice.sshsig", bf_text("sig"));
    box_zero(&b, 1024);
    exact = t_copy(bf_buf_bytes(&b));
    for (bit = 0; bit < 8 * b.len; bit++) {
        bool in_data;

        at = bit / 8;
        in_data = (at >= 512 && at < 512 + 7) || (at >= 1536 && at < 1536 + 5) ||
                  (at >= 2560 && at < 2560 + 3);
        exact[at] ^= (uint8_t)(1U << bit % 8);
        if (bf_gate(&c, bf_view(exact, b.len), &d) == BF_OK) {
            accepted++;
            wrong += in_data ? 0 : 1;
        }
        data_bits += in_data ? 1 : 0;
        exact[at] ^= (uint8_t)(1U << bit % 8);
    }
    T_INT(wrong, 0);
    T_INT(accepted, data_bits);
    T_INT(data_bits, 15 * 8);
    t_free(exact);
    bf_buf_clear(&b);
}

static void every_truncation(void)
{
    struct bf_buf b = begun();
    struct bf_diag d = {0};
    size_t len, accepted = 0;

    box_member(&b, "sig/author.alice.sshsig", bf_text("sig"));
    box_zero(&b, 1024);
    for (len = 0; len < b.len; len++) {
        accepted += box_gate_as_is(bf_view(b.ptr, len), &d) == BF_OK ? 1 : 0;
    }
    T_INT(accepted, 0);
    T_OK(box_gate_as_is(bf_buf_bytes(&b), &d), &d);
    bf_buf_clear(&b);
}

T_CASES("gate", {"header layout", header_layout}, {"good", good}, {"smallest", sizes},
        {"largest", container_size}, {"names", names}, {"member sizes", member_sizes},
        {"size beyond the file", size_beyond}, {"order", order}, {"count", count},
        {"ends", ends}, {"padding", padding}, {"crafted headers", crafted},
        {"checksum", checksum}, {"every bit", every_bit},
        {"every truncation", every_truncation});
