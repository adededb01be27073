/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stock ssh-keygen forgives and we do not. In each row both are asked about the same
 * bytes, made here: it says good, and we refuse, for the reason that the row names. Where
 * a newer ssh-keygen has become stricter, the row says so and what we do still counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "harness.h"
#include "sshparts.h"
#include "tool.h"

static struct fx world;
static char allowed[4096]; /* the line of alice */

static bool begin(void)
{
    T_TRUE(true);
    if (world.who[0].id == NULL) {
        fx_init(&world);
        snprintf(allowed, sizeof(allowed), "alice namespaces=\"%s\" %s\n", sig_space,
                 world.who[FX_ALICE].line);
    }
    return tool_there("ssh-keygen");
}

static int stock(const char *action, const char *signers, const char *who,
                 const char *space, struct bf_bytes armor, struct bf_buf *out)
{
    const char *signers_path = tool_file("allowed", bf_text(signers));
    const char *sig_path = tool_file("sig", armor);
    const char *run[] = {"ssh-keygen", "-Y", action, "-f", signers_path, "-s",
                         sig_path,     "-n", space,  "-I", who,          NULL};

    if (who == NULL) {
        run[9] = NULL;
    }
    return tool_run(run, bf_text(sig_message), out);
}

/* The version that the rows were found with: there each must be good. */
static bool is_9_2(void)
{
    const char *const run[] = {"sh", "-c", "ssh -V 2>&1", NULL};
    struct bf_buf out = bf_buf(1024);
    bool yes;

    T_INT(tool_run(run, bf_text(""), &out), 0);
    yes = strncmp(bf_buf_text(&out), "OpenSSH_9.2p1", 13) == 0;
    bf_buf_clear(&out);
    return yes;
}

static void expect_stock_good(const char *row, const char *signers, struct bf_bytes armor)
{
    int code = stock("verify", signers, "alice", sig_space, armor, NULL);

    if (is_9_2()) {
        T_INT(code, 0);
    } else if (code != 0) {
        char line[200];

        snprintf(line, sizeof(line), "this ssh-keygen refuses it too: %s", row);
        t_skip(line);
    }
}

/* What a signature of alice as the author is worth. */
static enum bf_err ours(struct bf_bytes armor)
{
    struct bf_entry entry = {"sig/author.alice.sshsig", armor};
    static struct bf_verdict v;

    bf_judge(&v, &entry, bf_text(sig_message), &world.trust, FX_NOW);
    return v.reason;
}

static void row(const char *name, struct bf_bytes armor, enum bf_err want)
{
    struct bf_diag d = {0};

    expect_stock_good(name, allowed, armor);
    (void)bf_fail(&d, want, "%s", name);
    T_ERR(ours(armor), want, &d);
}

static struct test_key alice(void)
{
    struct test_key k;

    memcpy(k.secret, world.who[FX_ALICE].signer.secret.ptr, sizeof(k.secret));
    k.ssh = world.who[FX_ALICE].signer.key;
    return k;
}

static void blob_rows(void)
{
    static const struct {
        const char *name;
        uint32_t version;
        const char *reserved;
        enum bf_err want;
    } rows[] = {
        {"nothing wrong", 1, "", BF_OK},
        {"version 0", 0, "", BF_SIG_VERSION},
        {"a reserved field", 1, "reserved", BF_SIG_RESERVED},
    };
    struct test_key k;
    uint8_t raw[64];
    size_t i;

    if (!begin()) {
        return;
    }
    k = alice();
    { /* stock does say no */
        struct sig_parts p = sig_parts(&k, raw);
        struct bf_buf blob, armor = bf_buf(65536);

        raw[40] ^= 1;
        blob = sig_blob(&p);
        bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
        T_TRUE(stock("verify", allowed, "alice", sig_space, bf_buf_bytes(&armor), NULL) >
               0);
        T_ERR(ours(bf_buf_bytes(&armor)), BF_SIG_BAD, NULL);
        bf_buf_clear(&blob);
        bf_buf_clear(&armor);
    }
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sig_parts p = sig_parts(&k, raw);
        struct bf_buf blob, armor = bf_buf(65536);

        p.version = rows[i].version;
        p.reserved = bf_text(rows[i].reserved);
        blob = sig_blob(&p);
        bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
        row(rows[i].name, bf_buf_bytes(&armor), rows[i].want);
        bf_buf_clear(&blob);
        bf_buf_clear(&armor);
    }
}

/* The armor in other forms. */
static void armor_rows(void)
{
    static const struct {
        const char *name;
        size_t width;
        const char *line_end, *after;
    } rows[] = {
        {"lines of 76 columns", 76, "\n", "-----END SSH SIGNATURE-----\n"},
        {"one long line", 4000, "\n", "-----END SSH SIGNATURE-----\n"},
        {"blanks at line ends", 70, " \n", "-----END SSH SIGNATURE-----\n"},
        {"no last line end", 70, "\n", "-----END SSH SIGNATURE-----"},
        {"text after the end", 70, "\n", "-----END SSH SIGNATURE-----\nand more\n"},
        {"two signatures", 70, "\n",
         "-----END SSH SIGNATURE-----\n-----BEGIN SSH SIGNATURE-----\nAAAA\n"
         "-----END SSH SIGNATURE-----\n"},
    };
    struct bf_buf blob, flat = bf_buf(65536);
    struct sig_parts p;
    struct test_key k;
    uint8_t raw[64];
    size_t i, at;

    if (!begin()) {
        return;
    }
    k = alice();
    p = sig_parts(&k, raw);
    blob = sig_blob(&p);
    bf_put_base64(&flat, bf_buf_bytes(&blob), 0, true);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bf_buf armor = bf_buf(65536);

        bf_put_text(&armor, "-----BEGIN SSH SIGNATURE-----\n");
        for (at = 0; at < flat.len; at += rows[i].width) {
            bf_put(&armor, flat.ptr + at,
                   flat.len - at < rows[i].width ? flat.len - at : rows[i].width);
            bf_put_text(&armor, rows[i].line_end);
        }
        bf_put_text(&armor, rows[i].after);
        row(rows[i].name, bf_buf_bytes(&armor), BF_SIG_ARMOR);
        bf_buf_clear(&armor);
    }
    bf_buf_clear(&blob);
    bf_buf_clear(&flat);
}

/* Another hash, signed by ssh-keygen itself. */
static void other_hash(void)
{
    const char *path;
    struct bf_buf armor = bf_buf(65536);

    if (!begin()) {
        return;
    }
    path = tool_file("alice.key", bf_secret_bytes(&world.who[FX_ALICE].keyfile));
    {
        const char *run[] = {"ssh-keygen", "-q", "-Y", "sign",    "-O", "hashalg=sha256",
                             "-f",         path, "-n", sig_space, NULL};

        T_INT(tool_run(run, bf_text(sig_message), &armor), 0);
    }
    row("sha256", bf_buf_bytes(&armor), BF_SIG_HASH);
    bf_buf_clear(&armor);
}

/* allowed_signers: a line that it cannot read is skipped; "*" is everybody. */
static void allowed_signers_rows(void)
{
    struct bf_buf text = bf_buf(8192), container, armor, spoiled;
    static struct fx_trust_parts parts;
    const struct bf_entry *member;
    struct bf_container c;
    struct bf_trust t;
    struct bf_diag d = {0};

    if (!begin()) {
        return;
    }
    armor = bf_buf(BF_MAX_SIGNATURE);
    T_OK(
        bf_sign(&world.who[FX_ALICE].signer, &armor, sig_space, bf_text(sig_message), &d),
        &d);
    T_ERR(ours(bf_buf_bytes(&armor)), BF_OK, &d);

    /* a line that is none, before the good one */
    bf_put_fmt(&text, "bob namespaces=\"x ssh-ed25519 nonsense\n%s", allowed);
    expect_stock_good("a malformed line", bf_buf_text(&text), bf_buf_bytes(&armor));
    fx_trust_body(&parts, &world);
    ft_trust_body(&container, &parts.body);
    T_OK(bf_gate(&c, bf_buf_bytes(&container), &d), &d);
    member = bf_container_find(&c, "allowed_signers");
    T_TRUE(member != NULL);
    spoiled = bf_buf(65536);
    bf_put_text(&spoiled, "bob namespaces=\"x ssh-ed25519 nonsense\n");
    bf_put_bytes(&spoiled, member->data);
    fx_put(&container, "allowed_signers", bf_buf_bytes(&spoiled));
    T_ERR(bf_trust_load(&t, &container, &d), BF_TRUST_SIGNERS, &d);

    /* everybody */
    bf_buf_clear(&text);
    bf_put_fmt(&text, "* %s\n", world.who[FX_ALICE].line);
    expect_stock_good("principal *", bf_buf_text(&text), bf_buf_bytes(&armor));
    fx_trust_body(&parts, &world);
    parts.people[FX_ALICE].id = "*";
    ft_trust_body(&container, &parts.body);
    T_ERR(bf_trust_load(&t, &container, &d), BF_TRUST_VALUE, &d);
    bf_buf_clear(&text);
    bf_buf_clear(&armor);
    bf_buf_clear(&spoiled);
}

/* A principal is found for a namespace in which he may not sign. */
static void find_principals(void)
{
    struct bf_entry entry = {"sig/approve.alice.sshsig", {NULL, 0}};
    struct bf_buf out = bf_buf(4096), armor = bf_buf(BF_MAX_SIGNATURE);
    static struct bf_verdict v;
    struct bf_diag d = {0};

    if (!begin()) {
        return;
    }
    T_OK(bf_sign(&world.who[FX_ALICE].signer, &armor, "snapseal-approve-v1@" FX_DOMAIN,
                 bf_text(sig_message), &d),
         &d);
    entry.data = bf_buf_bytes(&armor);
    if (stock("find-principals", allowed, NULL, sig_space, entry.data, &out) != 0 ||
        strstr(bf_buf_text(&out), "alice") == NULL) {
        T_TRUE(!is_9_2());
        t_skip("this ssh-keygen looks at the namespace when it looks for a principal");
    }
    bf_judge(&v, &entry, bf_text(sig_message), &world.trust, FX_NOW);
    T_ERR(v.reason, BF_SIG_ROLE, &d); /* alice is no approver */
    bf_buf_clear(&out);
    bf_buf_clear(&armor);
}

/* Keys that it takes: short, or of another application than "ssh:". */
static void key_rows(void)
{
    static const struct {
        const char *name;
        const char *make[7];
        enum bf_err want;
    } rows[] = {
        {"rsa of 2048 bits", {"-t", "rsa", "-b", "2048", NULL}, BF_KEY_WEAK},
        {"an application of its own",
         {"-t", "ed25519-sk", "-O", "application=ssh:work", NULL},
         BF_KEY_LINE},
        {"no touch needed", {"-t", "ed25519-sk", "-O", "no-touch-required", NULL}, BF_OK},
    };
    size_t i, k;

    if (!begin()) {
        return;
    }
    setenv("SSH_SK_PROVIDER", TEST_SK, 1);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[200], public[210], line[4096];
        const char *make[16] = {"ssh-keygen", "-q", "-N", "", "-C", "x", "-f", path};
        const char *sign[] = {"ssh-keygen", "-q", "-Y",      "sign", "-f",
                              path,         "-n", sig_space, NULL};
        struct bf_buf armor = bf_buf(65536), file;
        static struct bf_sshkey key;
        static struct bf_sshsig sig;
        struct bf_diag d = {0};

        for (k = 0; rows[i].make[k] != NULL; k++) {
            make[8 + k] = rows[i].make[k];
        }
        snprintf(path, sizeof(path), "%s/key%zu", t_tmpdir(), i);
        snprintf(public, sizeof(public), "%s.pub", path);
        T_INT(tool_run(make, bf_text(""), NULL), 0);
        T_INT(tool_run(sign, bf_text(sig_message), &armor), 0);
        file = tool_read(public);
        snprintf(line, sizeof(line), "alice %s", bf_buf_text(&file));
        expect_stock_good(rows[i].name, line, bf_buf_bytes(&armor));
        T_ERR(bf_sshkey_parse_file(&key, bf_buf_bytes(&file), &d), rows[i].want, &d);
        if (rows[i].want == BF_OK) { /* the key may be any, the signature may not */
            T_OK(sig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
            T_INT(sig.flags, 0);
            T_ERR(bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d),
                  BF_SIG_FLAGS, &d);
        }
        bf_buf_clear(&armor);
        bf_buf_clear(&file);
    }
}

/*
 * A key in software that says that it is a security key: both take it, since the type
 * proves nothing. It is said in SECURITY.md; who enrols a key looks at its attestation.
 */
static void software_as_hardware(void)
{
    struct test_hardware h;
    struct test_key k;
    char line[4096];
    struct bf_buf armor = bf_buf(65536), key = bf_buf(4096);
    struct bf_diag d = {0};

    if (!begin()) {
        return;
    }
    k = alice();
    test_hardware(&h, k.secret, BF_SK_PRESENT, 1);
    T_OK(bf_sign(&h.signer, &armor, sig_space, bf_text(sig_message), &d), &d);
    bf_sshkey_write(&key, &h.signer.key);
    snprintf(line, sizeof(line), "alice %s\n", bf_buf_text(&key));
    T_INT(stock("verify", line, "alice", sig_space, bf_buf_bytes(&armor), NULL), 0);
    bf_buf_clear(&armor);
    bf_buf_clear(&key);
}

/* A key of low order: its owner need not sign, one signature fits every message. */
static void low_order(void)
{
    struct test_key k = {.secret = {0}};
    uint8_t raw[64] = {1}, one[BF_KEY] = {1};
    struct sig_parts p;
    struct bf_buf blob, armor = bf_buf(65536), line = bf_buf(4096);
    static struct bf_sshkey key;
    static struct bf_sshsig sig;
    struct bf_diag d = {0};

    if (!begin()) {
        return;
    }
    bf_sshkey_from_point(&k.ssh, one);
    p = sig_parts(&k, raw);
    memset(raw, 0, sizeof(raw));
    raw[0] = 1;
    blob = sig_blob(&p);
    bf_sshsig_wrap(&armor, bf_buf_bytes(&blob));
    bf_sshkey_write(&line, &k.ssh);
    T_ERR(bf_sshkey_parse(&key, bf_buf_text(&line), &d), BF_KEY_WEAK, &d);
    T_OK(sig_parse(&sig, bf_buf_bytes(&armor), &d), &d);
    T_ERR(bf_sshsig_verify(&sig, sig_space, bf_text(sig_message), &d), BF_SIG_BAD, &d);
    bf_buf_clear(&blob);
    {
        char signers[4096];

        snprintf(signers, sizeof(signers), "alice %s\n", bf_buf_text(&line));
        expect_stock_good("a key of low order", signers, bf_buf_bytes(&armor));
    }
    bf_buf_clear(&armor);
    bf_buf_clear(&line);
}

T_CASES("leniency", {"blob", blob_rows}, {"armor", armor_rows}, {"hash", other_hash},
        {"allowed_signers", allowed_signers_rows}, {"find-principals", find_principals},
        {"keys", key_rows}, {"software as hardware", software_as_hardware},
        {"low order", low_order});
