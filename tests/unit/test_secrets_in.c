/* SPDX-License-Identifier: Apache-2.0 */
/* Values of secrets as people give them. No message may hold any part of a value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/age.h"
#include "bf/file.h"
#include "harness.h"
#include "secrets_in.h"
#include "tool.h"

#define ID "AKIAIOSFODNN7EXAMPLE"
#define KEY "wJalrXUtnFEMI/K7MDENG+bPxRfiCY=EXAMPLE"

static struct gen_change_secret pair[2] = {
    {true, "s3.client.c1.access_key", "default"},
    {false, "s3.client.c1.secret_key", "default"},
};

static struct gen_change change_of(size_t num)
{
    struct gen_change c;

    memset(&c, 0, sizeof(c));
    c.secrets = (struct bf_list){num, pair};
    c.plan.iam.mode = "none";
    return c;
}

static enum bf_err parse(struct gen_secrets *out, const char *text, size_t len,
                         struct bf_diag *diag)
{
    const struct gen_change c = change_of(2);
    struct bf_secret raw = {0};
    struct bf_diag alloc = {0};
    enum bf_err err;

    T_OK(bf_secret_alloc(&raw, len > 0 ? len : 1, &alloc), &alloc);
    bf_copy(raw.ptr, text, len);
    raw.len = len;
    err = gen_secrets_parse(out, &raw, &c, diag);
    T_TRUE(raw.ptr == NULL); /* taken in any case */
    return err;
}

static void is_good(const char *text)
{
    struct gen_secrets s;
    struct bf_diag diag = {0};

    T_OK(parse(&s, text, strlen(text), &diag), &diag);
    T_INT(s.num, 2);
    if (s.num == 2) {
        bool order = strcmp(s.items[0].name, pair[0].name) == 0;

        T_TEXT(s.items[order ? 0 : 1].name, pair[0].name);
        T_BYTES(s.items[order ? 0 : 1].value, bf_text(ID));
        T_BYTES(s.items[order ? 1 : 0].value, bf_text(KEY));
        /* a view into the locked block, no copy elsewhere */
        T_TRUE(s.items[0].value.ptr >= s.raw.ptr &&
               s.items[0].value.ptr < s.raw.ptr + s.raw.len);
    }
    gen_secrets_clear(&s);
    T_TRUE(s.raw.ptr == NULL);
}

static void is_bad(const char *text, const char *where)
{
    struct gen_secrets s;
    struct bf_diag diag = {0};

    T_ERR(parse(&s, text, strlen(text), &diag), BF_SECRETS_INPUT, &diag);
    T_TEXT(diag.where, where);
    T_TRUE(strstr(diag.where, "wJalr") == NULL && strstr(diag.where, "AKIA") == NULL);
    T_TRUE(s.raw.ptr == NULL && s.num == 0);
}

static void lines(void)
{
    is_good("s3.client.c1.access_key=" ID "\ns3.client.c1.secret_key=" KEY "\n");
    is_good("s3.client.c1.secret_key=" KEY "\ns3.client.c1.access_key=" ID);
    is_good("# keys\r\n\r\n s3.client.c1.access_key = " ID
            " \r\ns3.client.c1.secret_key=" KEY "\r\n");
    is_good("\xef\xbb\xbfs3.client.c1.access_key=" ID "\ns3.client.c1.secret_key=" KEY
            "\n");
}

static void console(void)
{
    is_good("Access key ID,Secret access key\n" ID "," KEY "\n");
    is_good("\xef\xbb\xbf"
            "Access key ID,Secret access key\r\n" ID "," KEY "\r\n\r\n");
    is_good(
        "User name,Password,Access key ID,Secret access key,Console login link\r\nes,," ID
        "," KEY ",https://x\r\n");
    is_good("\"Secret access key\",\"Access key ID\"\n\"" KEY "\",\"" ID "\"\n");
}

static void bad_lines(void)
{
    is_bad("", "no value for s3.client.c1.access_key");
    is_bad("s3.client.c1.access_key=" ID "\n", "no value for s3.client.c1.secret_key");
    is_bad("s3.client.c1.access_key=" ID "\ns3.client.c1.access_key=" ID "\n",
           "line 2: s3.client.c1.access_key stands twice");
    is_bad("s3.client.c2.access_key=" ID "\n",
           "line 1: no entry of this change has that name");
    is_bad(KEY "\n", "line 1: no entry of this change has that name");
    is_bad("wJalrXUtnFEMI\n", "line 1: no NAME=VALUE");
    is_bad("s3.client.c1.access_key=\n", "line 1: the value of s3.client.c1.access_key "
                                         "is empty, too long, or has blanks or "
                                         "bytes outside printable ASCII");
    is_bad("s3.client.c1.secret_key=wJalr XUtn\n",
           "line 1: the value of s3.client.c1.secret_key is empty, too long, or has "
           "blanks or bytes outside printable ASCII");
    is_bad("s3.client.c1.secret_key=wJalr\xc3\xa4\n",
           "line 1: the value of s3.client.c1.secret_key is empty, too long, or "
           "has blanks or bytes outside printable ASCII");
}

static void bad_console(void)
{
    is_bad("Access key ID,Secret access key\n", "line 2: not the columns of line 1");
    is_bad("Access key ID,Secret access key\n" ID "\n",
           "line 2: not the columns of line 1");
    is_bad("Access key ID,Secret access key\n" ID "," KEY "\n" ID "," KEY "\n",
           "line 3: a console file with more than one key");
    is_bad("Access key ID,Secret access key\n," KEY "\n",
           "line 2: the value of s3.client.c1.access_key is empty, too long, or has "
           "blanks or bytes outside printable ASCII");
    /* without the two names it is no console file */
    is_bad("Access key,Secret\n" ID "," KEY "\n", "line 1: no NAME=VALUE");
}

static void longest_value(void)
{
    char text[2200], fill[1026];
    struct gen_secrets s;
    struct bf_diag diag = {0};

    memset(fill, 'x', sizeof(fill));
    fill[1024] = '\0';
    snprintf(text, sizeof(text),
             "s3.client.c1.access_key=%s\ns3.client.c1.secret_key=k\n", fill);
    T_OK(parse(&s, text, strlen(text), &diag), &diag);
    T_INT(s.items[0].value.len, 1024);
    gen_secrets_clear(&s);
    fill[1024] = 'x';
    fill[1025] = '\0';
    snprintf(text, sizeof(text),
             "s3.client.c1.access_key=%s\ns3.client.c1.secret_key=k\n", fill);
    T_ERR(parse(&s, text, strlen(text), &diag), BF_SECRETS_INPUT, &diag);
}

/* Bytes of any value at any place: an answer, never a crash; and what comes in is of the
 * grammar. */
static void any_byte(void)
{
    static const char good[] =
        "s3.client.c1.access_key=" ID "\ns3.client.c1.secret_key=" KEY "\n";
    char text[sizeof(good)];
    struct gen_secrets s;
    size_t i, k, wrong = 0;

    for (i = 0; i < sizeof(good) - 1; i++) {
        for (k = 0; k < 256; k += 5) {
            bf_copy(text, good, sizeof(good));
            text[i] = (char)k;
            if (parse(&s, text, sizeof(good) - 1, NULL) == BF_OK) {
                wrong += bf_is_secret_value((const char *)s.items[0].value.ptr,
                                            s.items[0].value.len)
                             ? 0
                             : 1;
            }
            gen_secrets_clear(&s);
        }
    }
    T_INT(wrong, 0);
}

static void file_modes(void)
{
    static const char text[] = "Access key ID,Secret access key\n" ID "," KEY "\n";
    const struct gen_change c = change_of(2);
    struct gen_secrets s;
    struct bf_diag diag = {0};
    char path[200];

    snprintf(path, sizeof(path), "%s/keys.csv", t_tmpdir());
    T_OK(bf_file_write(path, bf_text(text), 0600, false, &diag), &diag);
    T_OK(gen_secrets_from_file(&s, &c, path, NULL, &diag), &diag);
    T_INT(s.num, 2);
    gen_secrets_clear(&s);
    T_INT(chmod(path, 0640), 0);
    T_ERR(gen_secrets_from_file(&s, &c, path, NULL, &diag), BF_INPUT_MODE, &diag);
    T_INT(chmod(path, 0604), 0);
    T_ERR(gen_secrets_from_file(&s, &c, path, NULL, &diag), BF_INPUT_MODE, &diag);
    T_INT(unlink(path), 0);
    T_ERR(gen_secrets_from_file(&s, &c, path, NULL, &diag), BF_INPUT_OPEN, &diag);
}

static void descriptors(void)
{
    static const char text[] =
        "s3.client.c1.access_key=" ID "\ns3.client.c1.secret_key=" KEY "\n";
    const struct gen_change c = change_of(2);
    struct gen_secrets s;
    struct bf_diag diag = {0};
    int fd[2];

    T_INT(pipe(fd), 0);
    T_INT(write(fd[1], text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd[1]);
    T_OK(gen_secrets_from_fd(&s, &c, fd[0], NULL, &diag), &diag);
    T_INT(s.num, 2);
    gen_secrets_clear(&s);
    close(fd[0]);
    T_ERR(gen_secrets_from_fd(&s, &c, fd[0], NULL, &diag), BF_INPUT_READ, &diag);
}

/* A removed entry has no value, and none may be given. */
static void removed_entries(void)
{
    struct gen_change_secret gone[2] = {{true, "s3.client.c1.access_key", "removed"},
                                        {false, "s3.client.c1.secret_key", "removed"}};
    struct gen_change c = change_of(2);
    struct bf_secret raw = {0};
    struct gen_secrets s;
    struct bf_diag diag = {0};

    c.secrets.items = gone;
    T_OK(bf_secret_alloc(&raw, 1, &diag), &diag);
    T_OK(gen_secrets_parse(&s, &raw, &c, &diag), &diag);
    T_INT(s.num, 0);
    gen_secrets_clear(&s);
}

/* ---- encrypted to the author ---- */

static const char sealed_text[] =
    "s3.client.c1.access_key=" ID "\ns3.client.c1.secret_key=" KEY "\n";

/* The file in one of its forms, opened with identity. */
static enum bf_err from_sealed(struct bf_bytes file, const char *identity,
                               struct bf_diag *diag)
{
    const struct gen_change c = change_of(2);
    const char *path = tool_file("sealed-secrets", file);
    struct gen_secrets s;
    enum bf_err err = gen_secrets_from_file(&s, &c, path, identity, diag);

    T_INT(s.num, err == BF_OK ? 2 : 0);
    T_TRUE(err == BF_OK || s.raw.ptr == NULL);
    gen_secrets_clear(&s);
    return err;
}

static void encrypted(void)
{
    static const uint8_t scalar[BF_KEY] = {77}, other[BF_KEY] = {177};
    struct bf_buf sealed = bf_buf(8192), armored = bf_buf(16384);
    char text[2][BF_IDENTITY_TEXT], path[2][200];
    uint8_t point[1][BF_KEY];
    struct bf_diag diag = {0};
    size_t i;

    for (i = 0; i < 2; i++) {
        bf_age_identity_write(text[i], i == 0 ? scalar : other);
        snprintf(path[i], sizeof(path[i]), "%s",
                 tool_file(i == 0 ? "id" : "id2", bf_text(text[i])));
    }
    bf_x25519_base(point[0], scalar);
    T_OK(bf_age_seal(&sealed, bf_text(sealed_text), (const uint8_t(*)[BF_KEY])point, 1,
                     &diag),
         &diag);
    bf_put_text(&armored, "\n-----BEGIN AGE ENCRYPTED FILE-----\n");
    bf_put_base64(&armored, bf_buf_bytes(&sealed), 64, true);
    bf_put_text(&armored, "-----END AGE ENCRYPTED FILE-----\n\n");
    T_OK(from_sealed(bf_buf_bytes(&sealed), path[0], &diag), &diag);
    T_OK(from_sealed(bf_buf_bytes(&armored), path[0], &diag), &diag);
    T_ERR(from_sealed(bf_buf_bytes(&sealed), NULL, &diag), BF_SEAL_IDENTITY, &diag);
    T_ERR(from_sealed(bf_buf_bytes(&armored), NULL, &diag), BF_SEAL_IDENTITY, &diag);
    T_ERR(from_sealed(bf_buf_bytes(&sealed), path[1], &diag), BF_AGE_NO_MATCH, &diag);
    sealed.ptr[sealed.len - 1] ^= 1;
    T_ERR(from_sealed(bf_buf_bytes(&sealed), path[0], &diag), BF_AGE_PAYLOAD, &diag);
    armored.ptr[armored.len - 4] = '+';
    T_ERR(from_sealed(bf_buf_bytes(&armored), path[0], &diag), BF_AGE_ARMOR, &diag);
    bf_buf_clear(&sealed);
    bf_buf_clear(&armored);
}

T_CASES("secrets_in", {"lines", lines}, {"console", console}, {"bad lines", bad_lines},
        {"bad console", bad_console}, {"longest value", longest_value},
        {"any byte", any_byte}, {"file modes", file_modes}, {"descriptors", descriptors},
        {"removed entries", removed_entries}, {"encrypted", encrypted});
