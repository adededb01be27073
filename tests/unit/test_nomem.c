/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each allocation of each operation fails once, the first, the second, and so on until
 * the operation needs no more of them. It must say so (never refuse the file, which has
 * no fault), give nothing out, leak nothing (the sanitizer build looks) and work the next
 * time. Linked with --wrap, which reaches libarchive too where it is linked statically.
 * Unpacking is left out: libarchive 3.6.2 itself goes on with a NULL when there is no
 * memory for an entry.
 */
#include <stdlib.h>
#include <string.h>

#include "bf/age.h"
#include "bf/gate.h"
#include "call_faults.h"
#include "harness.h"
#include "sshparts.h"

/* ---- the operations; each cleans up after itself ---- */

static struct bf_buf armor, container;
static struct bf_secret key_text;
static struct bf_container opened;
static const char identity_text[] =
    "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0\n";

static enum bf_err keep(struct bf_buf *out, enum bf_err err)
{
    if (err != BF_OK && out->len != 0 && !out->bad) {
        err = BF_INTERNAL; /* something was given out of what failed */
    }
    bf_buf_clear(out);
    return err;
}

static enum bf_err op_parse(struct bf_diag *d)
{
    struct bf_sshsig sig;
    enum bf_err err = bf_sshsig_parse(&sig, bf_buf_bytes(&armor), d);

    return err != BF_OK ? err
                        : bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), d);
}

static enum bf_err op_rearmor(struct bf_diag *d)
{
    struct bf_buf out = {0};

    return keep(&out, bf_sshsig_rearmor(&out, bf_buf_bytes(&armor), d));
}

static enum bf_err op_fingerprint(struct bf_diag *d)
{
    char out[BF_FINGERPRINT];
    struct test_key k = test_key(7);
    enum bf_err err = bf_sshkey_fingerprint(out, &k.ssh);

    d->err = err;
    return err;
}

static enum bf_err op_sign(struct bf_diag *d)
{
    struct bf_buf out = {0};
    struct bf_signer s;
    enum bf_err err = bf_signer_from_keyfile(&s, bf_secret_bytes(&key_text), d);

    if (err == BF_OK) {
        err = bf_sign(&s, &out, sig_space, bf_text(sig_message), d);
    }
    bf_signer_clear(&s);
    return keep(&out, err);
}

static enum bf_err op_key(struct bf_diag *d)
{
    struct bf_secret file;
    struct bf_sshkey key;
    enum bf_err err = bf_keyfile_make(&file, &key, "x", d);

    bf_secret_clear(&file);
    return err;
}

static enum bf_err op_identity(struct bf_diag *d)
{
    struct bf_secret id;
    enum bf_err err = bf_age_identity_file(&id, bf_text(identity_text), d);

    bf_secret_clear(&id);
    return err;
}

static enum bf_err op_seal(struct bf_diag *d)
{
    static const uint8_t point[1][BF_KEY] = {{9}};
    struct bf_buf out = {0};
    enum bf_err err = bf_age_seal(&out, bf_text("x"), point, 1, d);

    bf_buf_clear(&out); /* ciphertext: what is there of it tells nothing */
    return err;
}

static enum bf_err op_pack(struct bf_diag *d)
{
    struct bf_buf out = {0};
    enum bf_err err = bf_pack(&out, opened.entries, opened.num, d);

    if (err == BF_OK) {
        T_BYTES(bf_buf_bytes(&out), bf_buf_bytes(&container));
    }
    return keep(&out, err);
}

static enum bf_err op_with(struct bf_diag *d)
{
    struct bf_buf out = {0};

    return keep(&out, bf_container_with(&out, &opened, "sig/approve.bob.sshsig",
                                        bf_text("b"), d));
}

static void each_allocation(enum bf_err (*op)(struct bf_diag *d), long at_least)
{
    long n;

    for (n = 0; n < 1000; n++) {
        struct bf_diag d = {0};
        enum bf_err err;
        bool failed;

        cf_fail_at(CF_MEMORY, n);
        err = op(&d);
        failed = cf_end();
        if (!failed) {
            T_OK(err, &d);
            break;
        }
        if (err != BF_ARCHIVE) { /* libarchive tells in its own words */
            T_ERR(err, BF_NO_MEMORY, &d);
        }
        T_INT(bf_err_exit(err), BF_EXIT_UNDECIDED);
    }
    T_TRUE(n >= at_least);
    T_TRUE(n < 1000);
}

static void prepare(void)
{
    struct bf_entry e[3] = {{"manifest.json", bf_text("{}")},
                            {"review/sheet.txt", bf_text("a sheet")},
                            {"sig/author.alice.sshsig", bf_text("a")}};
    struct bf_sshkey key;
    struct bf_diag d = {0};

    armor = sig_armor();
    T_OK(bf_keyfile_make(&key_text, &key, "x", &d), &d);
    T_OK(bf_pack(&container, e, 3, &d), &d);
    T_OK(bf_gate(&opened, bf_buf_bytes(&container), &d), &d);
}

static void all(void)
{
    prepare();
    each_allocation(op_parse, 1);
    each_allocation(op_rearmor, 3);
    each_allocation(op_fingerprint, 1);
    each_allocation(op_sign, 10);
    each_allocation(op_key, 4);
    each_allocation(op_identity, 1);
    each_allocation(op_seal, 3);
    each_allocation(op_pack, 3);
    each_allocation(op_with, 3);
    bf_buf_clear(&armor);
    bf_buf_clear(&container);
    bf_secret_clear(&key_text);
}

T_CASES("no memory", {"each allocation of each operation", all});
