/* SPDX-License-Identifier: Apache-2.0 */
/* secrets.age: opened and held against the manifest; each wrong plaintext ends in its own
 * refusal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_in.h"
#include "harness.h"
#include "spoil.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

/* An open bundle of the default change whose secrets.age can be changed. */
struct opened {
    struct bf_bundle bundle;
    struct bf_buf plain; /* of its secrets.age */
};

static void begin(struct opened *o)
{
    struct bf_buf raw = {0};
    struct bf_diag diag = {0};

    memset(o, 0, sizeof(*o));
    fx_bundle(&raw, fx_world());
    fx_must(bf_bundle_open(&o->bundle, &raw, &fx_world()->trust, FX_NOW, &diag), &diag,
            "open");
    o->plain = bf_buf(BF_MAX_MEMBER);
    o->plain.ptr = malloc(BF_SECRETS_PLAIN);
    o->plain.cap = BF_SECRETS_PLAIN;
    fx_must(bf_age_open(o->plain.ptr, o->plain.cap, &o->plain.len,
                        o->bundle.secrets->data, fx_world()->secrets, 1, &diag),
            &diag, "age");
}

static void end(struct opened *o)
{
    bf_buf_clear(&o->plain);
    bf_bundle_clear(&o->bundle);
}

/* Puts to in the place of the first from. */
static void edit(struct opened *o, const char *from, const char *to)
{
    const char *text = bf_buf_text(&o->plain), *at = strstr(text, from);
    struct bf_buf out = bf_buf(BF_MAX_MEMBER);

    T_TRUE(at != NULL);
    if (at == NULL) {
        return;
    }
    bf_put(&out, text, (size_t)(at - text));
    bf_put_text(&out, to);
    bf_put_text(&out, at + strlen(from));
    bf_buf_clear(&o->plain);
    o->plain = out;
}

/* The shortest padding to a multiple of a block, and more zeros. */
static void repad(struct opened *o, size_t more)
{
    const char *text = bf_buf_text(&o->plain), *at = strstr(text, "\"pad\":\"") + 7;
    const char *after = strchr(at, '"');
    struct bf_buf out = bf_buf(BF_MAX_MEMBER);
    size_t rest = o->plain.len - (size_t)(after - at),
           pad = (4096 - rest % 4096) % 4096 + more, i;

    bf_put(&out, text, (size_t)(at - text));
    for (i = 0; i < pad; i++) {
        bf_put_text(&out, "0");
    }
    bf_put_text(&out, after);
    bf_buf_clear(&o->plain);
    o->plain = out;
}

/* Seals the plaintext to the recipients anew and opens it as check 13 does. */
static enum bf_err open_again(struct opened *o, size_t recipients, struct bf_secrets *out,
                              struct bf_diag *diag)
{
    uint8_t to[2][BF_KEY];
    struct bf_buf sealed = bf_buf(BF_MAX_MEMBER);
    struct bf_entry entry = {.name = "secrets.age"};
    const struct bf_entry *before = o->bundle.secrets;
    enum bf_err err;

    bf_x25519_base(to[0], fx_world()->secrets);
    bf_x25519_base(to[1], fx_world()->transport);
    fx_must(bf_age_seal(&sealed, bf_buf_bytes(&o->plain), (const uint8_t(*)[BF_KEY])to,
                        recipients, diag),
            diag, "seal");
    entry.data = bf_buf_bytes(&sealed);
    o->bundle.secrets = &entry;
    o->bundle.checks.result[BF_CHECK_SECRETS] = BF_SKIPPED;
    err = bf_secrets_open(out, &o->bundle, fx_world()->secrets, diag);
    o->bundle.secrets = before;
    bf_buf_clear(&sealed);
    return err;
}

static void good(void)
{
    struct opened o;
    struct bf_secrets s;
    struct bf_diag diag = {0};

    begin(&o);
    T_INT(o.plain.len, 4096);
    T_OK(bf_secrets_open(&s, &o.bundle, fx_world()->secrets, &diag), &diag);
    T_INT(o.bundle.checks.result[BF_CHECK_SECRETS], BF_PASSED);
    T_INT(s.num, 2);
    T_TEXT(s.items[0].name, "s3.client.secondary.access_key");
    T_BYTES(s.items[0].value, bf_text(FX_ACCESS));
    T_TEXT(s.items[1].name, "s3.client.secondary.secret_key");
    T_BYTES(s.items[1].value, bf_text(FX_SECRET));
    /* values lie in the locked block of the arena */
    T_TRUE(s.doc.arena.fixed != NULL && s.items[1].value.ptr >= s.doc.arena.fixed &&
           s.items[1].value.ptr + s.items[1].value.len <=
               s.doc.arena.fixed + s.doc.arena.fixed_cap);
    bf_secrets_clear(&s);
    T_OK(open_again(&o, 1, &s, &diag), &diag);
    bf_secrets_clear(&s);
    end(&o);
}

/* The commitment of SPEC section 5.3, computed by `openssl mac` for these inputs (see the
 * text of the rule). */
static void commitment(void)
{
    uint8_t opening[BF_KEY];
    char out[65];
    size_t i;

    for (i = 0; i < sizeof(opening); i++) {
        opening[i] = (uint8_t)i;
    }
    bf_commitment(out, opening, "00112233445566778899aabbccddeeff",
                  "s3.client.secondary.access_key", bf_text(FX_ACCESS));
    T_TEXT(out, "abde8156da34d514a5ae626b596e4c4bb2c477839231ba8efc1b88b6f6d182f7");
    bf_commitment(out, opening, "00112233445566778899aabbccddeeff",
                  "s3.client.secondary.access_ke", bf_text("y" FX_ACCESS));
    T_TRUE(
        strcmp(out, "abde8156da34d514a5ae626b596e4c4bb2c477839231ba8efc1b88b6f6d182f7") !=
        0);
}

static void check_fault(const char *from, const char *to, enum bf_err want)
{
    struct opened o;
    struct bf_secrets s;
    struct bf_diag diag = {0};

    begin(&o);
    edit(&o, from, to);
    repad(&o, 0);
    T_ERR(open_again(&o, 1, &s, &diag), want, &diag);
    T_INT(o.bundle.checks.result[BF_CHECK_SECRETS],
          want == BF_OK ? BF_PASSED : BF_REFUSED);
    T_TRUE(s.num == 0 && s.plain.ptr == NULL && s.doc.arena.fixed == NULL);
    T_TRUE(strstr(diag.where, FX_SECRET) == NULL);
    end(&o);
}

/* The longest value is taken (and is another one), one byte more is not. */
static void longest(void)
{
    char text[1500];
    size_t i;

    for (i = 0; i < 1364; i++) {
        text[i] = "eHh4"[i % 4]; /* xxx */
    }
    memcpy(text + 1364, "eA==", 5); /* 1023 and 1 */
    check_fault("QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", text, BF_SECRET_COMMITMENT);
    memcpy(text + 1364, "eHg=", 5);
    check_fault("QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", text, BF_SECRET_SCHEMA);
}

static void faults(void)
{
    static const struct {
        const char *from, *to;
        enum bf_err want;
    } rows[] = {
        /* schema */
        {"snapseal/secrets/1", "snapseal/secrets/2", BF_SECRET_SCHEMA},
        {"{\"author\"", "{ \"author\"", BF_SECRET_SCHEMA},
        {"{\"author\":\"alice\",", "{", BF_SECRET_SCHEMA},
        {"{\"author\":\"alice\",", "{\"author\":\"alice\",\"bundle\":1,",
         BF_SECRET_SCHEMA},
        {"\"serial\":7", "\"serial\":\"7\"", BF_SECRET_SCHEMA},
        {"\"entries\":[{", "\"entries\":[{\"more\":1,", BF_SECRET_SCHEMA},
        {"\"opening\":\"", "\"opening\":\"0", BF_SECRET_SCHEMA},
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "QUtJQUlPU0ZPRE5ON0VYQU1QTEU", BF_SECRET_SCHEMA},
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "QUtJQUlPU0ZPRE5ON0VYQU1QTEV=",
         BF_SECRET_SCHEMA},
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "QUtJQUlPU0ZPRE5ON0VYQU1Q TEU=",
         BF_SECRET_SCHEMA},
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "", BF_SECRET_SCHEMA},
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "IA==", BF_SECRET_SCHEMA}, /* a blank */
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "AA==", BF_SECRET_SCHEMA}, /* a NUL */
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "fw==", BF_SECRET_SCHEMA}, /* 0x7f */
        /* binding */
        {"\"author\":\"alice\"", "\"author\":\"bob\"", BF_SECRET_BINDING},
        {"00112233445566778899aabbccddeeff", "10112233445566778899aabbccddeeff",
         BF_SECRET_BINDING},
        {"\"serial\":7", "\"serial\":8", BF_SECRET_BINDING},
        {"\"target\":\"prod-eu-1\"", "\"target\":\"prod-eu-2\"", BF_SECRET_BINDING},
        {"\"cluster_uuid\":\"" FX_UUID, "\"cluster_uuid\":\"xQ3mXk2nTfOa1ZrB7yWc5g",
         BF_SECRET_BINDING},
        /* names */
        {"\"name\":\"s3.client.secondary.access_key\"",
         "\"name\":\"s3.client.other.access_key\"", BF_SECRET_NAMES},
        {"\"name\":\"s3.client.secondary.secret_key\"",
         "\"name\":\"s3.client.secondary.access_key\"", BF_SECRET_NAMES},
        /* commitments */
        {"QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "QUtJQUlPU0ZPRE5ON0VYQU1QTEY=",
         BF_SECRET_COMMITMENT},
    };
    size_t i;

    for (i = 0; i < NUM(rows); i++) {
        check_fault(rows[i].from, rows[i].to, rows[i].want);
    }
}

/* The text from a word up to, and with, another one. */
static void between(char *out, size_t size, struct opened *o, const char *from,
                    const char *to)
{
    const char *at = strstr(bf_buf_text(&o->plain), from),
               *stop = at != NULL ? strstr(at, to) : NULL;

    T_TRUE(stop != NULL);
    snprintf(out, size, "%.*s", stop != NULL ? (int)(stop - at + (int)strlen(to)) : 0,
             at != NULL ? at : "");
}

/* One entry fewer, one more, two the wrong way round, an opening that is another one's.
 */
static void entries(void)
{
    struct opened o;
    struct bf_secrets s;
    struct bf_diag diag = {0};
    char first[300], second[300], both[700], opening[100];
    int i;

    for (i = 0; i < 5; i++) {
        begin(&o);
        between(first, sizeof(first), &o, "{\"name\":\"s3.client.secondary.access_key\"",
                "}");
        between(second, sizeof(second), &o,
                "{\"name\":\"s3.client.secondary.secret_key\"", "}");
        snprintf(both, sizeof(both), "%s,%s", first, second);
        if (i == 0) {
            edit(&o, both, first);
        } else if (i == 1) {
            edit(&o, both, second);
        } else if (i == 2) {
            edit(&o, both, "@");
            snprintf(both, sizeof(both), "%s,%s", second, first);
            edit(&o, "@", both);
        } else if (i == 3) {
            snprintf(both, sizeof(both), "%s,%s", second, second);
            edit(&o, second, both);
        } else {
            snprintf(opening, sizeof(opening), "%.64s",
                     strstr(second, "\"opening\":\"") + 11);
            memcpy(strstr(first, "\"opening\":\"") + 11, opening, 64);
            edit(&o, both, "@");
            snprintf(both, sizeof(both), "%s,%s", first, second);
            edit(&o, "@", both);
        }
        repad(&o, 0);
        T_ERR(open_again(&o, 1, &s, &diag),
              i < 4 ? BF_SECRET_NAMES : BF_SECRET_COMMITMENT, &diag);
        end(&o);
    }
}

static void padding(void)
{
    struct opened o;
    struct bf_secrets s;
    struct bf_diag diag = {0};

    /* one zero more: not a multiple; a block more: not the shortest; another digit */
    begin(&o);
    repad(&o, 1);
    T_ERR(open_again(&o, 1, &s, &diag), BF_SECRET_PADDING, &diag);
    repad(&o, 4096);
    T_INT(o.plain.len, 8192);
    T_ERR(open_again(&o, 1, &s, &diag), BF_SECRET_PADDING, &diag);
    repad(&o, 0);
    T_OK(open_again(&o, 1, &s, &diag), &diag);
    bf_secrets_clear(&s);
    edit(&o, "\"pad\":\"0", "\"pad\":\"1");
    T_ERR(open_again(&o, 1, &s, &diag), BF_SECRET_PADDING, &diag);
    end(&o);
}

static void age(void)
{
    struct opened o;
    struct bf_secrets s;
    struct bf_diag diag = {0};

    begin(&o);
    T_ERR(bf_secrets_open(&s, &o.bundle, fx_world()->transport, &diag), BF_SECRET_AGE,
          &diag);
    T_TRUE(strstr(diag.where, "AGE_NO_MATCH") != NULL);
    T_ERR(open_again(&o, 2, &s, &diag), BF_SECRET_AGE, &diag);
    T_TRUE(strstr(diag.where, "AGE_STANZA_COUNT") != NULL);
    repad(&o, 61440); /* 64 KiB can be read, one block more not */
    T_INT(o.plain.len, 65536);
    T_ERR(open_again(&o, 1, &s, &diag), BF_SECRET_PADDING, &diag);
    repad(&o, 65536);
    T_ERR(open_again(&o, 1, &s, &diag), BF_SECRET_AGE, &diag);
    T_TRUE(strstr(diag.where, "AGE_SIZE") != NULL);
    end(&o);
}

/* A plaintext of more values than the locked block can hold is refused, not an error of
 * the machine. */
static void many_values(void)
{
    struct opened o;
    struct bf_secrets s;
    struct bf_diag diag = {0};
    struct bf_buf many = bf_buf(BF_MAX_MEMBER);
    size_t i;

    begin(&o);
    bf_put_text(&many, "\"entries\":[");
    for (i = 0; i < 20000; i++) {
        bf_put_text(&many, "1,");
    }
    edit(&o, "\"entries\":[", bf_buf_text(&many));
    repad(&o, 0);
    T_ERR(open_again(&o, 1, &s, &diag), BF_SECRET_SCHEMA, &diag);
    bf_buf_clear(&many);
    end(&o);
}

/* Everything in the plaintext is bound: whatever byte is another one, it is refused. */
static void every_byte(void)
{
    struct opened o;
    struct bf_secrets s;
    size_t at, accepted = 0, undecided = 0;
    enum bf_err err;

    begin(&o);
    for (at = 0; at < o.plain.len; at++) {
        uint8_t before = o.plain.ptr[at];
        struct bf_diag diag = {0};

        o.plain.ptr[at] ^= (uint8_t)(1U << at % 7);
        err = open_again(&o, 1, &s, &diag);
        accepted += err == BF_OK;
        undecided += err != BF_OK && bf_err_exit(err) != BF_EXIT_REFUSED;
        bf_secrets_clear(&s);
        o.plain.ptr[at] = before;
    }
    T_INT(accepted, 0);
    T_INT(undecided, 0);
    end(&o);
}

/* A disclosed value that is not the secret's: the manifest is signed like that, and the
 * commitment is right. */
static void disclosed(void)
{
    struct sp sp;
    struct bf_buf raw = {0};
    struct bf_bundle bundle = {0};
    struct bf_secrets s;
    struct bf_diag diag = {0};

    sp_begin(&sp, fx_world(), true);
    sp_edit(&sp, "\"disclosed\":\"" FX_ACCESS "\"",
            "\"disclosed\":\"AKIAIOSFODNN7EXAMPLF\"");
    sp_end(&sp, fx_world(), &raw);
    T_OK(bf_bundle_open(&bundle, &raw, &fx_world()->trust, FX_NOW, &diag), &diag);
    T_ERR(bf_secrets_open(&s, &bundle, fx_world()->secrets, &diag), BF_SECRET_DISCLOSED,
          &diag);
    T_TEXT(diag.where, "s3.client.secondary.access_key");
    bf_bundle_clear(&bundle);
    sp_clear(&sp);
}

/* No secret at all: nothing to open, and the check is passed. */
static void none(void)
{
    struct bf_manifest m;
    struct bf_arena arena = {0};
    struct bf_buf raw = bf_buf(BF_MAX_CONTAINER);
    struct bf_bundle bundle = {0};
    struct bf_secrets s;
    struct bf_diag diag = {0};
    uint8_t recipient[BF_KEY];

    fx_manifest(&m, fx_world(), false);
    bf_x25519_base(recipient, fx_world()->secrets);
    T_OK(bf_bundle_make(&raw, &m, &arena, NULL, fx_repository, NULL, 0, recipient,
                        &fx_world()->who[FX_ALICE].signer, &diag),
         &diag);
    T_OK(bf_bundle_open(&bundle, &raw, &fx_world()->trust, FX_NOW, &diag), &diag);
    T_TRUE(bundle.secrets == NULL);
    T_OK(bf_secrets_open(&s, &bundle, fx_world()->secrets, &diag), &diag);
    T_INT(s.num, 0);
    T_INT(bundle.checks.result[BF_CHECK_SECRETS], BF_PASSED);
    bf_secrets_clear(&s);
    bf_bundle_clear(&bundle);
    bf_arena_clear(&arena);
}

/* The most that fits: 32 names with values of 1024 bytes; order as the caller gave it
 * does not matter. */
static void most(void)
{
    static char names[32][64], value[1024];
    struct bf_new_secret secrets[32];
    struct bf_manifest m;
    struct bf_arena arena = {0};
    struct bf_buf raw = bf_buf(BF_MAX_CONTAINER);
    struct bf_bundle bundle = {0};
    struct bf_secrets s;
    struct bf_diag diag = {0};
    uint8_t recipient[BF_KEY];
    size_t i;

    memset(value, '~', sizeof(value));
    for (i = 0; i < 32; i++) {
        snprintf(names[i], sizeof(names[i]), "s3.client.c%02zu.%s", (31 - i) / 2,
                 i % 2 == 0 ? "secret_key" : "access_key");
        secrets[i] =
            (struct bf_new_secret){.name = names[i],
                                   .value = bf_view(value, i % 2 == 0 ? 1024 : 400),
                                   .versus = "new",
                                   .disclose = i % 2 == 1};
    }
    fx_manifest(&m, fx_world(), true);
    m.plan.action = "rotate"; /* several clients at once: no request */
    bf_x25519_base(recipient, fx_world()->secrets);
    T_OK(bf_bundle_make(&raw, &m, &arena, fx_policy, NULL, secrets, 32, recipient,
                        &fx_world()->who[FX_ALICE].signer, &diag),
         &diag);
    T_OK(bf_bundle_open(&bundle, &raw, &fx_world()->trust, FX_NOW, &diag), &diag);
    T_OK(bf_secrets_open(&s, &bundle, fx_world()->secrets, &diag), &diag);
    T_INT(s.num, 32);
    T_INT(s.plain.len % 4096, 0);
    T_INT(s.items[31].value.len, 1024);
    T_TEXT(s.items[31].name, "s3.client.c15.secret_key");
    bf_secrets_clear(&s);
    bf_bundle_clear(&bundle);
    bf_arena_clear(&arena);
}

T_CASES("secrets", {"good", good}, {"commitment", commitment}, {"faults", faults},
        {"longest", longest}, {"entries", entries}, {"padding", padding}, {"age", age},
        {"many values", many_values}, {"every byte", every_byte},
        {"disclosed", disclosed}, {"none", none}, {"most", most});
