/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/gate.h"
#include "box.h"
#include "harness.h"
#include "tool.h"

static const struct bf_entry *sample(size_t *num)
{
    static struct bf_entry e[4];

    e[0] = (struct bf_entry){"sig/author.alice.sshsig", bf_text("sig")};
    e[1] = (struct bf_entry){"review/sheet.txt", bf_text("a sheet\n")};
    e[2] = (struct bf_entry){"manifest.json", bf_text("{}")};
    e[3] = (struct bf_entry){"review/iam-policy.json", bf_text("")};
    *num = 4;
    return e;
}

static struct bf_buf packed(void)
{
    struct bf_buf out = bf_buf(BF_MAX_CONTAINER);
    struct bf_diag d = {0};
    size_t num;
    const struct bf_entry *e = sample(&num);

    T_OK(bf_pack(&out, e, num, &d), &d);
    return out;
}

/* libarchive's bytes are the gate's bytes, from members in any order. */
static void same_bytes(void)
{
    struct bf_buf got = packed(), want = bf_buf(65536);

    box_member(&want, "manifest.json", bf_text("{}"));
    box_member(&want, "review/iam-policy.json", bf_text(""));
    box_member(&want, "review/sheet.txt", bf_text("a sheet\n"));
    box_member(&want, "sig/author.alice.sshsig", bf_text("sig"));
    box_zero(&want, 1024);
    T_BYTES(bf_buf_bytes(&got), bf_buf_bytes(&want));
    bf_buf_clear(&got);
    bf_buf_clear(&want);
}

static void all_lengths(void)
{
    uint8_t data[1025];
    struct bf_diag d = {0};
    size_t len;

    memset(data, 'x', sizeof(data));
    for (len = 0; len <= sizeof(data); len++) {
        struct bf_entry e[2] = {{"a", bf_view(data, len)},
                                {"manifest.json", bf_text("{}")}};
        struct bf_buf got = {0}, want = bf_buf(65536);

        T_OK(bf_pack(&got, e, 2, &d), &d);
        box_member(&want, "manifest.json", bf_text("{}"));
        box_member(&want, "a", bf_view(data, len));
        box_zero(&want, 1024);
        T_BYTES(bf_buf_bytes(&got), bf_buf_bytes(&want));
        bf_buf_clear(&got);
        bf_buf_clear(&want);
    }
}

static void refuse(const struct bf_entry *e, size_t num, enum bf_err want, unsigned line)
{
    struct bf_buf out = bf_buf(BF_MAX_CONTAINER);
    struct bf_diag d = {0};

    t_err(__FILE__, line, bf_pack(&out, e, num, &d), want, &d);
    t_int(__FILE__, line, (long long)out.len, 0); /* nothing refused is given out */
    bf_buf_clear(&out);
}

/* What the gate would refuse is not written. */
static void refused(void)
{
    static uint8_t big[BF_MAX_MEMBER + 1];
    struct bf_entry e[BF_MAX_MEMBERS + 1];
    char long_name[160];
    size_t i;

    e[0] = (struct bf_entry){"manifest.json", bf_text("{}")};
    e[1] = (struct bf_entry){"A", bf_text("x")};
    refuse(e, 2, BF_GATE_NAME, __LINE__);
    e[1].name = "/etc/passwd";
    refuse(e, 2, BF_GATE_NAME, __LINE__);
    memset(long_name, 'n', sizeof(long_name));
    long_name[100] = '\0';
    e[1].name = long_name;
    refuse(e, 2, BF_GATE_NAME, __LINE__);
    long_name[100] = 'n';
    long_name[80] = '/'; /* ustar would put what is before it into "prefix" */
    long_name[159] = '\0';
    refuse(e, 2, BF_GATE_HEADER, __LINE__);
    e[1] = (struct bf_entry){"a", bf_view(big, sizeof(big))};
    refuse(e, 2, BF_GATE_MEMBER_SIZE, __LINE__);
    e[1] = (struct bf_entry){"sig/a", bf_view(big, BF_MAX_SIGNATURE + 1)};
    refuse(e, 2, BF_GATE_MEMBER_SIZE, __LINE__);
    e[1] = (struct bf_entry){"manifest.json", bf_text("{}")};
    refuse(e, 2, BF_GATE_FIRST, __LINE__);
    e[0] = (struct bf_entry){"a", bf_text("{}")};
    e[1] = e[0];
    refuse(e, 2, BF_GATE_FIRST, __LINE__);
    refuse(e, 0, BF_GATE_SIZE, __LINE__);
    e[2] = (struct bf_entry){"manifest.json", bf_text("{}")};
    refuse(e, 3, BF_GATE_ORDER, __LINE__);
    for (i = 0; i <= BF_MAX_MEMBERS; i++) {
        e[i] = (struct bf_entry){"a", bf_text("")};
    }
    refuse(e, BF_MAX_MEMBERS + 1, BF_GATE_COUNT, __LINE__);
    for (i = 0; i < 5; i++) {
        static const char *const names[] = {"a", "b", "c", "d", "manifest.json"};

        e[i] = (struct bf_entry){names[i], bf_view(big, BF_MAX_MEMBER)};
    }
    refuse(e, 5, BF_TOO_LARGE, __LINE__);
}

static void with(void)
{
    struct bf_buf b = packed(), more = {0}, replaced = {0}, again = {0};
    struct bf_container c, c2, c3;
    struct bf_diag d = {0};
    const struct bf_entry *e;

    T_OK(bf_gate(&c, bf_buf_bytes(&b), &d), &d);
    T_OK(bf_container_with(&more, &c, "sig/approve.bob.sshsig", bf_text("bob"), &d), &d);
    T_OK(bf_gate(&c2, bf_buf_bytes(&more), &d), &d);
    T_INT(c2.num, 5);
    e = bf_container_find(&c2, "sig/approve.bob.sshsig");
    T_TRUE(e != NULL && bf_bytes_is(e->data, "bob"));
    e = bf_container_find(&c2, "review/sheet.txt");
    T_TRUE(e != NULL && bf_bytes_is(e->data, "a sheet\n"));
    T_OK(bf_container_with(&replaced, &c2, "sig/approve.bob.sshsig", bf_text("BOB"), &d),
         &d);
    T_OK(bf_gate(&c3, bf_buf_bytes(&replaced), &d), &d);
    T_INT(c3.num, 5);
    e = bf_container_find(&c3, "sig/approve.bob.sshsig");
    T_TRUE(e != NULL && bf_bytes_is(e->data, "BOB"));
    T_OK(bf_container_with(&again, &c3, "sig/approve.bob.sshsig", bf_text("bob"), &d),
         &d);
    T_BYTES(bf_buf_bytes(&again), bf_buf_bytes(&more));
    T_ERR(bf_container_with(&again, &c3, "sig/../x", bf_text("bob"), &d), BF_GATE_NAME,
          &d);
    bf_buf_clear(&b);
    bf_buf_clear(&more);
    bf_buf_clear(&replaced);
    bf_buf_clear(&again);
}

static void tar_lists_it(void)
{
    struct bf_buf b = packed(), list = bf_buf(65536), data = bf_buf(65536);
    const char *path = tool_file("c.tar", bf_buf_bytes(&b));
    const char *tvf[] = {"tar", "-tf", path, NULL};
    const char *xof[] = {"tar", "-xOf", path, "review/sheet.txt", NULL};

    if (tool_there("tar")) {
        T_INT(tool_run(tvf, bf_text(""), &list), 0);
        T_TEXT(bf_buf_text(&list), "manifest.json\nreview/iam-policy.json\nreview/"
                                   "sheet.txt\nsig/author.alice.sshsig\n");
        T_INT(tool_run(xof, bf_text(""), &data), 0);
        T_BYTES(bf_buf_bytes(&data), bf_text("a sheet\n"));
    }
    bf_buf_clear(&b);
    bf_buf_clear(&list);
    bf_buf_clear(&data);
}

/* The archives of other writers say the same and are refused all the same. */
static void others_are_refused(void)
{
    static const char *const formats[] = {"ustar", "gnu", "pax", "v7"};
    struct bf_diag d = {0};
    size_t i;

    if (!tool_there("tar")) {
        return;
    }
    (void)tool_file("manifest.json", bf_text("{\"a\":1}"));
    for (i = 0; i < 4; i++) {
        char format[32];
        const char *argv[] = {"tar",       "-C",        t_tmpdir(),    "-b1",
                              "--owner=0", "--group=0", "--mode=0644", "--mtime=@0",
                              format,      "-cf",       "-",           "manifest.json",
                              NULL};
        struct bf_buf out = bf_buf(65536);

        snprintf(format, sizeof(format), "--format=%s", formats[i]);
        T_INT(tool_run(argv, bf_text(""), &out), 0);
        T_TRUE(out.len >= 2048);
        T_TRUE(box_gate_as_is(bf_buf_bytes(&out), &d) != BF_OK);
        bf_buf_clear(&out);
    }
}

static void expect_file(const char *directory, const char *name, const char *text)
{
    char path[300];
    struct stat st;
    struct bf_buf b;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    T_TRUE(stat(path, &st) == 0);
    T_INT(st.st_mode & 0777, 0600);
    b = tool_read(path);
    T_BYTES(bf_buf_bytes(&b), bf_text(text));
    bf_buf_clear(&b);
}

static void unpacks(void)
{
    struct bf_buf b = packed();
    struct bf_container c;
    struct bf_diag d = {0};
    struct stat st;
    char dir[200], path[300], before[400], after[400];

    T_OK(bf_gate(&c, bf_buf_bytes(&b), &d), &d);
    snprintf(dir, sizeof(dir), "%s/unpacked", t_tmpdir());
    T_ERR(bf_unpack(&c, dir, &d), BF_IO, &d); /* not there */
    T_INT(mkdir(dir, 0700), 0);
    umask(022);
    T_TRUE(getcwd(before, sizeof(before)) != NULL);
    T_OK(bf_unpack(&c, dir, &d), &d);
    T_TRUE(getcwd(after, sizeof(after)) != NULL);
    T_TEXT(after, before);
    T_INT(umask(022), 022);
    expect_file(dir, "manifest.json", "{}");
    expect_file(dir, "review/iam-policy.json", "");
    expect_file(dir, "review/sheet.txt", "a sheet\n");
    expect_file(dir, "sig/author.alice.sshsig", "sig");
    snprintf(path, sizeof(path), "%s/review", dir);
    T_TRUE(stat(path, &st) == 0);
    T_INT(st.st_mode & 0777, 0700);
    T_ERR(bf_unpack(&c, dir, &d), BF_OUTPUT_EXISTS, &d); /* overwrites nothing */
    expect_file(dir, "manifest.json", "{}");

    /* One file in the way: it stays as it is, and nothing is written. */
    snprintf(path, sizeof(path), "%s/manifest.json", dir);
    T_INT(unlink(path), 0);
    T_ERR(bf_unpack(&c, dir, &d), BF_OUTPUT_EXISTS, &d);
    T_TRUE(access(path, F_OK) != 0);
    expect_file(dir, "review/sheet.txt", "a sheet\n");
    bf_buf_clear(&b);
}

/* A symbolic link planted in the directory leads nowhere. */
static void unpack_follows_no_link(void)
{
    struct bf_buf b = packed();
    struct bf_container c;
    struct bf_diag d = {0};
    char dir[200], link[300], outside[200];

    T_OK(bf_gate(&c, bf_buf_bytes(&b), &d), &d);
    snprintf(dir, sizeof(dir), "%s/linked", t_tmpdir());
    snprintf(outside, sizeof(outside), "%s/outside", t_tmpdir());
    snprintf(link, sizeof(link), "%s/review", dir);
    T_INT(mkdir(dir, 0700), 0);
    T_INT(mkdir(outside, 0700), 0);
    T_INT(symlink(outside, link), 0);
    T_ERR(bf_unpack(&c, dir, &d), BF_ARCHIVE, &d);
    snprintf(link, sizeof(link), "%s/sheet.txt", outside);
    T_TRUE(access(link, F_OK) != 0);
    snprintf(link, sizeof(link), "%s/manifest.json",
             dir); /* it was written before, and is taken back */
    T_TRUE(access(link, F_OK) != 0);
    bf_buf_clear(&b);
}

T_CASES("pack", {"same bytes as the gate's", same_bytes}, {"all lengths", all_lengths},
        {"refused", refused}, {"one member added or replaced", with},
        {"tar lists it", tar_lists_it}, {"other writers are refused", others_are_refused},
        {"unpack", unpacks}, {"unpack follows no link", unpack_follows_no_link});
