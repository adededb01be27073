/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bf/sshsig.h"
#include "harness.h"
#include "sshparts.h"
#include "tool.h"

/* A key file with every field at the test's disposal. */
struct fields {
    struct bf_bytes magic, cipher, kdf, options;
    uint32_t num;
    struct bf_bytes public_blob;
    uint32_t check1, check2;
    struct bf_bytes type, point, secret, comment, padding;
    const char *after;
};

static struct fields good_fields(const struct test_key *k)
{
    /* 8 + 15 + 36 + 68 + 12 is 139: five bytes of padding */
    struct fields f = {bf_view("openssh-key-v1", 15),
                       bf_text("none"),
                       bf_text("none"),
                       bf_text(""),
                       1,
                       bf_view(k->ssh.blob, k->ssh.blob_len),
                       0x12345678,
                       0x12345678,
                       bf_text("ssh-ed25519"),
                       bf_view(bf_sshkey_raw(&k->ssh).ptr, BF_KEY),
                       bf_view(k->secret, 64),
                       bf_text("alice@ws"),
                       bf_text("\x01\x02\x03\x04\x05"),
                       ""};

    return f;
}

static struct bf_buf file_of(const struct fields *f)
{
    struct bf_buf part = bf_buf(65536), blob = bf_buf(65536), file = bf_buf(131072);

    bf_put_u32(&part, f->check1);
    bf_put_u32(&part, f->check2);
    bf_put_string(&part, f->type);
    bf_put_string(&part, f->point);
    bf_put_string(&part, f->secret);
    bf_put_string(&part, f->comment);
    bf_put_bytes(&part, f->padding);
    bf_put_bytes(&blob, f->magic);
    bf_put_string(&blob, f->cipher);
    bf_put_string(&blob, f->kdf);
    bf_put_string(&blob, f->options);
    bf_put_u32(&blob, f->num);
    bf_put_string(&blob, f->public_blob);
    bf_put_string(&blob, bf_buf_bytes(&part));
    bf_put_text(&blob, f->after);
    bf_put_text(&file, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    bf_put_base64(&file, bf_buf_bytes(&blob), 70, true);
    bf_put_text(&file, "-----END OPENSSH PRIVATE KEY-----\n");
    bf_buf_clear(&part);
    bf_buf_clear(&blob);
    return file;
}

static enum bf_err read_exact(struct bf_signer *s, struct bf_bytes file,
                              struct bf_diag *d)
{
    uint8_t *exact = t_copy(file);
    enum bf_err err = bf_signer_from_keyfile(s, bf_view(exact, file.len), d);

    if (err != BF_OK &&
        (s->secret.ptr != NULL || s->sign != NULL || s->key.blob_len != 0)) {
        err = BF_INTERNAL; /* what was refused must leave nothing */
    }
    t_free(exact);
    return err;
}

static void expect_fields(const struct fields *f, enum bf_err want, unsigned line)
{
    struct bf_buf file = file_of(f);
    struct bf_signer s;
    struct bf_diag d = {0};

    t_err(__FILE__, line, read_exact(&s, bf_buf_bytes(&file), &d), want, &d);
    bf_signer_clear(&s);
    bf_buf_clear(&file);
}

#define EXPECT(f, want) expect_fields(&(f), (want), __LINE__)

static void good(void)
{
    struct test_key k = test_key(5);
    struct fields f = good_fields(&k);
    struct bf_buf file = file_of(&f), armor = {0};
    struct bf_signer s;
    struct bf_sshsig sig;
    struct bf_diag d = {0};

    T_OK(read_exact(&s, bf_buf_bytes(&file), &d), &d);
    T_TRUE(bf_sshkey_equal(&s.key, &k.ssh));
    T_OK(bf_sign(&s, &armor, sig_space, bf_text(sig_message), &d), &d);
    T_OK(sig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
    T_OK(bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d), &d);
    bf_signer_clear(&s);
    T_TRUE(s.secret.ptr == NULL && s.sign == NULL);
    bf_buf_clear(&file);
    bf_buf_clear(&armor);
}

static void fields_of_the_blob(void)
{
    struct test_key k = test_key(5), other = test_key(6);
    struct fields g = good_fields(&k), f = g;
    struct bf_buf rsa = test_key_blob("ssh-rsa", 7, 3, "");

    EXPECT(f, BF_OK);
    f.magic = bf_view("openssh-key-v2", 15);
    EXPECT(f, BF_KEYFILE_FORMAT);
    f.magic = bf_view("openssh-key-v1", 14);
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.cipher = bf_text("aes256-ctr");
    f.kdf = bf_text("bcrypt");
    f.options = bf_text("salt and rounds");
    EXPECT(f, BF_KEYFILE_ENCRYPTED);
    f = g;
    f.kdf = bf_text("bcrypt");
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.options = bf_text("x");
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    for (f.num = 0; f.num < 4; f.num++) {
        EXPECT(f, f.num == 1 ? BF_OK : BF_KEYFILE_FORMAT);
    }
    f = g;
    f.public_blob = bf_buf_bytes(&rsa);
    EXPECT(f, BF_KEYFILE_TYPE);
    f.public_blob = bf_view(other.ssh.blob, other.ssh.blob_len);
    EXPECT(f, BF_KEYFILE_FORMAT);
    f.public_blob = bf_view(k.ssh.blob, k.ssh.blob_len - 1);
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.after = "x";
    EXPECT(f, BF_KEYFILE_FORMAT);
    bf_buf_clear(&rsa);
}

static void fields_of_the_private_part(void)
{
    struct test_key k = test_key(5), other = test_key(6);
    struct fields g = good_fields(&k), f = g;
    uint8_t mixed[64];

    f.check2++;
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.type = bf_text("ssh-ed448__");
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.point = bf_view(bf_sshkey_raw(&other.ssh).ptr, BF_KEY);
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.secret = bf_view(other.secret, 64);
    EXPECT(f, BF_KEYFILE_FORMAT);
    memcpy(mixed, k.secret, 32); /* a seed with the public half of another: would give
                                    itself away by signing */
    memcpy(mixed + 32, other.secret + 32, 32);
    f.secret = bf_view(mixed, 64);
    EXPECT(f, BF_KEYFILE_FORMAT);
    memcpy(mixed, other.secret, 32);
    memcpy(mixed + 32, k.secret + 32, 32);
    f.secret = bf_view(mixed, 64);
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.secret = bf_view(k.secret, 63);
    f.padding = bf_text("\x01\x02\x03\x04\x05\x06");
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.padding = bf_text("\x01\x02\x03\x04\x06");
    EXPECT(f, BF_KEYFILE_FORMAT);
    f.padding = bf_view("\0\0\0\0\0", 5);
    EXPECT(f, BF_KEYFILE_FORMAT);
    f.padding = bf_text("\x01\x02\x03\x04");
    EXPECT(f, BF_KEYFILE_FORMAT);
    f.padding = bf_text(
        "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d"); /* a block too much */
    EXPECT(f, BF_KEYFILE_FORMAT);
    f = g;
    f.comment = bf_text("twelve bytes!"); /* 13: no padding */
    f.padding = bf_text("");
    EXPECT(f, BF_OK);
}

/* All is refused that is not the file: no bit, no cut end. Line ends may be Windows'. */
static void bits_and_cuts(void)
{
    struct test_key k = test_key(5);
    struct fields f = good_fields(&k);
    struct bf_buf file = file_of(&f), windows = bf_buf(65536);
    struct bf_signer s;
    struct bf_diag d = {0};
    size_t i, wrong = 0, other_keys = 0;

    for (i = 0; i < file.len; i++) {
        enum bf_err err = read_exact(&s, bf_view(file.ptr, i), &d);

        wrong += err != (i == file.len - 1 ? BF_OK : BF_KEYFILE_FORMAT)
                     ? 1
                     : 0; /* the last LF may be missing */
        bf_signer_clear(&s);
    }
    T_INT(wrong, 0);
    for (i = 0; i < 8 * file.len; i += 3) {
        enum bf_err err;

        file.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
        err = read_exact(&s, bf_buf_bytes(&file), &d);
        wrong += err == BF_INTERNAL ? 1 : 0;
        other_keys += err == BF_OK && !bf_sshkey_equal(&s.key, &k.ssh) ? 1 : 0;
        bf_signer_clear(&s);
        file.ptr[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    T_INT(wrong, 0);
    T_INT(other_keys, 0);
    for (i = 0; i < file.len; i++) {
        if (file.ptr[i] == '\n') {
            bf_put_u8(&windows, '\r');
        }
        bf_put_u8(&windows, file.ptr[i]);
    }
    T_OK(read_exact(&s, bf_buf_bytes(&windows), &d), &d);
    bf_signer_clear(&s);
    bf_buf_clear(&windows);
    bf_buf_clear(&file);
}

static void not_a_key_file(void)
{
    static const char *const texts[] = {
        "",
        "\n",
        "x",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN OPENSSH PRIVATE KEY----------END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA\n"};
    struct bf_buf big = bf_buf(131072);
    struct bf_signer s;
    struct bf_diag d = {0};
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        T_ERR(read_exact(&s, bf_text(texts[i]), &d), BF_KEYFILE_FORMAT, &d);
    }
    for (i = 0; i <= 65536; i++) {
        bf_put_u8(&big, 'x');
    }
    T_ERR(read_exact(&s, bf_buf_bytes(&big), &d), BF_KEYFILE_FORMAT, &d);
    bf_buf_clear(&big);
}

/* What we make is read by us and by stock ssh-keygen, whatever the length of the comment.
 */
static void made(void)
{
    size_t i;
    bool stock = tool_there("ssh-keygen");

    for (i = 0; i <= 200; i += i < 16 ? 1 : 23) {
        struct bf_secret file;
        struct bf_sshkey key;
        struct bf_signer s;
        struct bf_diag d = {0};
        char comment[201];

        memset(comment, 'c', sizeof(comment));
        comment[i] = '\0';
        T_OK(bf_keyfile_make(&file, &key, comment, &d), &d);
        T_OK(read_exact(&s, bf_secret_bytes(&file), &d), &d);
        T_TRUE(bf_sshkey_equal(&s.key, &key));
        if (stock) {
            const char *path = tool_file("made", bf_secret_bytes(&file));
            const char *show[] = {"ssh-keygen", "-y", "-f", path, NULL};
            struct bf_buf want = bf_buf(4096), got = bf_buf(4096);

            bf_sshkey_write(&want, &key);
            if (i > 0) {
                bf_put_fmt(&want, " %s", comment);
            }
            bf_put_text(&want, "\n");
            T_INT(tool_run(show, bf_text(""), &got), 0);
            T_BYTES(bf_buf_bytes(&got), bf_buf_bytes(&want));
            bf_buf_clear(&want);
            bf_buf_clear(&got);
        }
        bf_signer_clear(&s);
        bf_secret_clear(&file);
    }
}

static void made_anew(void)
{
    struct bf_secret a, b;
    struct bf_sshkey ka, kb;
    struct bf_diag d = {0};
    char comment[202];

    T_OK(bf_keyfile_make(&a, &ka, "x", &d), &d);
    T_OK(bf_keyfile_make(&b, &kb, "x", &d), &d);
    T_TRUE(!bf_sshkey_equal(&ka, &kb));
    bf_secret_clear(&a);
    bf_secret_clear(&b);
    memset(comment, 'c', sizeof(comment));
    comment[201] = '\0';
    T_ERR(bf_keyfile_make(&a, &ka, comment, &d), BF_USAGE, &d);
    T_TRUE(a.ptr == NULL);
}

/* Stock key files: ours are read, the encrypted and the other types told apart. */
static void ssh_keygen_makes(void)
{
    static const struct {
        const char *type, *bits, *passphrase;
        enum bf_err want;
    } kinds[] = {{"ed25519", "256", "", BF_OK},
                 {"ed25519", "256", "a passphrase", BF_KEYFILE_ENCRYPTED},
                 {"rsa", "3072", "", BF_KEYFILE_TYPE},
                 {"ecdsa", "256", "", BF_KEYFILE_TYPE}};
    size_t i;

    T_TRUE(true);
    if (!tool_there("ssh-keygen")) {
        return;
    }
    for (i = 0; i < 4; i++) {
        char path[200], pub[210];
        const char *make[] = {"ssh-keygen", "-q",
                              "-t",         kinds[i].type,
                              "-b",         kinds[i].bits,
                              "-N",         kinds[i].passphrase,
                              "-C",         "a comment with blanks",
                              "-f",         path,
                              NULL};
        struct bf_buf file, pub_file;
        struct bf_signer s;
        struct bf_sshkey key, public;
        struct bf_diag d = {0};

        snprintf(path, sizeof(path), "%s/key%zu", t_tmpdir(), i);
        snprintf(pub, sizeof(pub), "%s.pub", path);
        T_INT(tool_run(make, bf_text(""), NULL), 0);
        file = tool_read(path);
        T_ERR(read_exact(&s, bf_buf_bytes(&file), &d), kinds[i].want, &d);
        pub_file = tool_read(pub);
        T_OK(bf_sshkey_parse_file(&key, bf_buf_bytes(&pub_file), &d), &d);
        T_TRUE(kinds[i].want != BF_OK || bf_sshkey_equal(&key, &s.key));
        /* the public half is told of every file */
        T_OK(bf_keyfile_public(&public, bf_buf_bytes(&file), &d), &d);
        T_TRUE(bf_sshkey_equal(&key, &public));
        T_ERR(bf_keyfile_public(&public, bf_view(file.ptr, file.len / 2), &d),
              BF_KEYFILE_FORMAT, &d);
        bf_buf_clear(&pub_file);
        bf_signer_clear(&s);
        bf_buf_clear(&file);
    }
}

T_CASES("keyfile", {"good", good}, {"fields of the blob", fields_of_the_blob},
        {"fields of the private part", fields_of_the_private_part},
        {"bits and cuts", bits_and_cuts}, {"not a key file", not_a_key_file},
        {"made", made}, {"made anew", made_anew}, {"ssh-keygen makes", ssh_keygen_makes});
