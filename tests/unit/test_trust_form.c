/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of a trust file: the closed schema member by member, keys in all their
 * encodings, the derived member, whom to seal to, and stock ssh-keygen as a judge of what
 * allowed_signers says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "harness.h"

static struct fx world;
static struct fx_trust_parts parts;

static void fresh(void)
{
    if (world.who[0].id == NULL) {
        fx_init(&world);
    }
    fx_trust_body(&parts, &world);
}

static enum bf_err load(struct bf_buf *container, struct bf_diag *diag)
{
    struct bf_trust t;
    enum bf_err err = bf_trust_load(&t, container, diag);

    bf_trust_clear(&t);
    T_TRUE(container->ptr == NULL); /* taken, also on failure */
    return err;
}

static enum bf_err load_body(struct bf_diag *diag)
{
    struct bf_buf container;

    ft_trust_body(&container, &parts.body);
    return load(&container, diag);
}

/* ---- schema ---- */

static bool ends(const char *path, const char *tail)
{
    size_t len = strlen(path), n = strlen(tail);

    return len >= n && strcmp(path + len - n, tail) == 0;
}

/* The id that follows from the rule, and from nothing that the code says. */
static enum bf_err expected(enum ft_kind kind, const char *path)
{
    if (strcmp(path, "type") == 0) {
        return BF_MANIFEST_TYPE;
    }
    if (kind == FT_DROP || kind == FT_UNKNOWN || kind == FT_KIND) {
        return BF_TRUST_SCHEMA;
    }
    if (kind == FT_NEGATIVE && ends(path, "need")) {
        return BF_TRUST_NEED;
    }
    if (kind == FT_NEGATIVE &&
        (strstr(path, "limits.") != NULL || ends(path, "lifetime_hours"))) {
        return BF_TRUST_LIMITS;
    }
    if (ends(path, "keys.entry.key") || ends(path, "receipt_key")) {
        return BF_KEY_LINE;
    }
    return BF_TRUST_VALUE;
}

static void try_fault(enum ft_kind kind, const char *path, const char *text, void *ctx)
{
    struct bf_diag diag = {0};
    struct bf_buf container;
    enum bf_err err;

    ft_trust(&container, text, *(const struct bf_bytes *)ctx);
    err = load(&container, &diag);
    if (err != expected(kind, path)) {
        fprintf(stderr, "fault %d at %s:\n", (int)kind, path);
    }
    T_ERR(err, expected(kind, path), &diag);
}

static void test_schema(void)
{
    struct bf_json_doc doc = {0};
    const struct bf_entry *manifest, *signers;
    struct bf_diag diag = {0};
    struct bf_bytes derived;
    size_t num;

    fresh();
    manifest = &world.trust.container.entries[0];
    signers = bf_container_find(&world.trust.container, "allowed_signers");
    T_OK(bf_json_parse(&doc, manifest->data, BF_JSON_SIGNED, &diag), &diag);
    derived = signers->data;
    num = ft_each(&doc, try_fault, &derived);
    T_TRUE(num > 300);
    bf_json_clear(&doc);
}

static void test_not_json(void)
{
    static const struct {
        const char *text;
        enum bf_err want;
    } rows[] = {
        {"[]", BF_MANIFEST_TYPE},
        {"1", BF_MANIFEST_TYPE},
        {"{}", BF_MANIFEST_TYPE},
        {"{\"type\":\"snapseal/bundle/1\"}", BF_MANIFEST_TYPE},
        {"{\"type\":\"snapseal/trust/2\"}", BF_MANIFEST_TYPE},
        {"{\"type\":\"snapseal/trust/1\"}", BF_TRUST_SCHEMA},
        {"{\"type\":\"snapseal/trust/1\"}x", BF_JSON_TRAILING},
        {"{\"type\": \"snapseal/trust/1\"}", BF_JSON_BLANK},
    };
    size_t i;

    fresh();
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bf_diag diag = {0};
        struct bf_buf container;

        ft_trust(&container, rows[i].text, bf_text("x"));
        T_ERR(load(&container, &diag), rows[i].want, &diag);
    }
}

/* ---- keys ---- */

static void key_line(char out[256], const char *type, const uint8_t *point, size_t len)
{
    struct bf_buf blob = bf_buf(200), line = bf_buf(255);

    bf_put_string(&blob, bf_text(type));
    bf_put_string(&blob, bf_view(point, len));
    if (strncmp(type, "sk-", 3) == 0) {
        bf_put_string(&blob, bf_text("ssh:"));
    }
    bf_put_text(&line, type);
    bf_put_text(&line, " ");
    bf_put_base64(&line, bf_buf_bytes(&blob), 0, true);
    snprintf(out, 256, "%s", bf_buf_text(&line));
    bf_buf_clear(&line);
    bf_buf_clear(&blob);
}

static void expect(enum bf_err want)
{
    struct bf_diag diag = {0};

    T_ERR(load_body(&diag), want, &diag);
    fresh();
}

static void test_keys_twice(void)
{
    fresh();
    parts.keys[FX_CAROL][0].key = world.who[FX_BOB].line; /* with two people */
    expect(BF_TRUST_KEYS);
    parts.keys[FX_BOB][1] = parts.keys[FX_BOB][0]; /* twice with one */
    parts.people[FX_BOB].keys.num = 2;
    expect(BF_TRUST_KEYS);
    parts.appliances[0].receipt_key = world.who[FX_BOB].line;
    expect(BF_TRUST_KEYS);
    parts.appliances[0].secrets = world.transport_recipient; /* one for both purposes */
    expect(BF_TRUST_KEYS);
    parts.appliances[0].transport = world.who[FX_DAVE].recipient;
    expect(BF_TRUST_KEYS);
    parts.recipients[FX_BOB][0] = world.who[FX_CAROL].recipient;
    expect(BF_TRUST_KEYS);
    parts.appliances[1] = parts.appliances[0]; /* an appliance's key used twice */
    parts.appliances[1].id = "gw-2";
    parts.body.appliances.num = 2;
    expect(BF_TRUST_KEYS);
}

/* The two that are equal are the first two, and the last two, of all points in order. */
static void test_keys_twice_at_ends(void)
{
    uint8_t point[BF_KEY] = {0, 1};
    char text[BF_RECIPIENT_TEXT];

    fresh();
    bf_age_recipient_write(text, point);
    parts.recipients[FX_BOB][0] = parts.recipients[FX_CAROL][0] = text;
    expect(BF_TRUST_KEYS);
    memset(point, 0xff, sizeof(point) - 1);
    point[31] = 0x3f;
    bf_age_recipient_write(text, point);
    parts.recipients[FX_BOB][0] = parts.recipients[FX_CAROL][0] = text;
    expect(BF_TRUST_KEYS);
    parts.recipients[FX_BOB][0] = text;
    expect(BF_OK);
}

/* The same point as a signing key and as an age recipient. */
static void test_key_as_recipient(void)
{
    char text[BF_RECIPIENT_TEXT];

    fresh();
    bf_age_recipient_write(text, bf_sshkey_raw(&world.who[FX_BOB].signer.key).ptr);
    parts.recipients[FX_CAROL][0] = text;
    expect(BF_TRUST_KEYS);
}

static void test_keys_of_other_types(void)
{
    char line[256];

    fresh();
    key_line(line, "sk-ssh-ed25519@openssh.com",
             bf_sshkey_raw(&world.who[FX_BOB].signer.key).ptr, BF_KEY);
    parts.keys[FX_BOB][1] = parts.keys[FX_BOB][0];
    parts.keys[FX_BOB][1].key = line; /* plain and sk: refused whatever the reason */
    parts.people[FX_BOB].keys.num = 2;
    expect(BF_TRUST_KEYS);
    parts.keys[FX_BOB][0].key = line; /* with two people */
    parts.keys[FX_CAROL][0].key = world.who[FX_BOB].line;
    expect(BF_TRUST_KEYS);
    parts.keys[FX_BOB][0].key = line;
    parts.keys[FX_BOB][0].verify = true;
    expect(BF_OK);
    key_line(line, "ssh-ed448", bf_sshkey_raw(&world.who[FX_BOB].signer.key).ptr, BF_KEY);
    parts.keys[FX_BOB][0].key = line;
    expect(BF_KEY_TYPE);
    key_line(line, "ssh-ed25519", bf_sshkey_raw(&world.who[FX_BOB].signer.key).ptr,
             BF_KEY - 1);
    parts.keys[FX_BOB][0].key = line;
    expect(BF_KEY_LINE);
    snprintf(line, sizeof(line), "%s comment", world.who[FX_BOB].line);
    parts.keys[FX_BOB][0].key = line;
    expect(BF_KEY_LINE);
}

/* The eight points of low order, as Edwards points and as u coordinates. */
static void test_weak_keys(void)
{
    static const char *const edwards[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"};
    static const char *const u[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
    uint8_t point[BF_KEY];
    char line[256], text[BF_RECIPIENT_TEXT];
    size_t i;

    fresh();
    for (i = 0; i < sizeof(edwards) / sizeof(edwards[0]); i++) {
        T_TRUE(bf_unhex(point, BF_KEY, edwards[i], 64));
        key_line(line, "ssh-ed25519", point, BF_KEY);
        parts.keys[FX_BOB][0].key = line;
        expect(BF_KEY_WEAK);
        parts.appliances[0].receipt_key = line;
        expect(BF_KEY_WEAK);
    }
    for (i = 0; i < sizeof(u) / sizeof(u[0]); i++) {
        T_TRUE(bf_unhex(point, BF_KEY, u[i], 64));
        bf_age_recipient_write(text, point);
        parts.recipients[FX_BOB][0] = text;
        expect(BF_AGE_RECIPIENT);
        parts.appliances[0].secrets = text;
        expect(BF_AGE_RECIPIENT);
    }
}

/* RFC 7748 takes these for the points below them, so they would be second encodings. */
static void test_second_encodings(void)
{
    uint8_t point[BF_KEY];
    char text[BF_RECIPIENT_TEXT];
    struct bf_diag diag = {0};
    size_t i;

    fresh();
    T_OK(bf_age_recipient_parse(point, world.who[FX_BOB].recipient, &diag), &diag);
    point[31] |= 0x80;
    bf_age_recipient_write(text, point);
    parts.recipients[FX_CAROL][0] = text;
    expect(BF_TRUST_KEYS);
    for (i = 0xed; i <= 0xff; i++) { /* 2^255 - 19 and what is above it */
        memset(point, 0xff, sizeof(point));
        point[0] = (uint8_t)i;
        point[31] = 0x7f;
        bf_age_recipient_write(text, point);
        parts.recipients[FX_CAROL][0] = text;
        expect(i <= 0xee ? BF_AGE_RECIPIENT : BF_TRUST_KEYS); /* of low order, else */
    }
    memset(point, 0xff, sizeof(point));
    point[31] = 0x7f;
    for (i = 1; i < 31; i++) { /* below the prime by one byte: a good one */
        point[i] = 0xfe;
        bf_age_recipient_write(text, point);
        parts.recipients[FX_CAROL][0] = text;
        expect(BF_OK);
        point[i] = 0xff;
    }
    point[0] = 0xeb; /* 2^255 - 21, the largest good one: 2^255 - 20 is of low order */
    bf_age_recipient_write(text, point);
    parts.recipients[FX_CAROL][0] = text;
    expect(BF_OK);
}

/* ---- allowed_signers ---- */

static void test_signers_differ(void)
{
    const struct bf_entry *signers;
    struct bf_buf container = {0};
    struct bf_buf spoilt;
    struct bf_diag diag = {0};

    fresh();
    signers = bf_container_find(&world.trust.container, "allowed_signers");
    fx_copy(&spoilt, signers->data);
    spoilt.ptr[0] ^= 1;
    fx_copy(&container, bf_buf_bytes(&world.trust.raw));
    fx_put(&container, "allowed_signers", bf_buf_bytes(&spoilt));
    T_ERR(load(&container, &diag), BF_TRUST_SIGNERS, &diag);
    bf_buf_clear(&spoilt);
    fx_copy(&container, bf_buf_bytes(&world.trust.raw));
    fx_put(&container, "allowed_signers",
           bf_view(signers->data.ptr, signers->data.len - 1));
    T_ERR(load(&container, &diag), BF_TRUST_SIGNERS, &diag);
    fx_copy(&container, bf_buf_bytes(&world.trust.raw));
    fx_put(&container, "allowed_signers", bf_view(NULL, 0));
    T_ERR(load(&container, &diag), BF_MEMBER_MISSING, &diag);
    fx_copy(&container, bf_buf_bytes(&world.trust.raw));
    fx_put(&container, "aaa.txt", bf_text("hello"));
    T_ERR(load(&container, &diag), BF_MEMBER_UNKNOWN, &diag);
    fx_copy(&container, bf_buf_bytes(&world.trust.raw));
    fx_put(&container, "readme.txt", bf_text("hello"));
    T_ERR(load(&container, &diag), BF_MEMBER_UNKNOWN, &diag);
    fx_copy(&container, bf_buf_bytes(&world.trust.raw));
    fx_sign(&container, &world, FX_BOB, FX_BOB, "approve");
    T_ERR(load(&container, &diag), BF_GATE_ROLE, &diag);
    fx_copy(&container, bf_buf_bytes(&world.trust.raw));
    fx_put(&container, "sig/note.txt", bf_text("no signature, and no harm"));
    T_OK(load(&container, &diag), &diag);
}

/* The row in members against the derived member, field by field. */
static void test_signers_row(void)
{
    const struct bf_entry *manifest, *signers;
    static const char *const cuts[][2] = {
        {"\"name\":\"allowed_signers\"", "\"name\":\"allowed_signerz\""},
        {"\"sha256\":\"", "\"sha256\":\"00000000"},
        {",\"size\":", ",\"size\":1"},
    };
    size_t i;

    fresh();
    manifest = &world.trust.container.entries[0];
    signers = bf_container_find(&world.trust.container, "allowed_signers");
    for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct bf_buf text = bf_buf(BF_MAX_JSON), container;
        struct bf_diag diag = {0};
        const char *from = strstr((const char *)manifest->data.ptr, cuts[i][0]);
        size_t before = (size_t)(from - (const char *)manifest->data.ptr);
        size_t after = before + strlen(cuts[i][0]) + (i == 1 ? 8 : 0);

        bf_put(&text, manifest->data.ptr, before);
        bf_put_text(&text, cuts[i][1]);
        bf_put(&text, manifest->data.ptr + after, manifest->data.len - after);
        ft_trust(&container, bf_buf_text(&text), signers->data);
        T_ERR(load(&container, &diag), BF_TRUST_SIGNERS, &diag);
        bf_buf_clear(&text);
    }
}

static void test_signers_text(void)
{
    struct bf_buf got = bf_buf(4096), want = bf_buf(4096);

    fresh();
    parts.keys[FX_BOB][0].not_before = "2026-11-23T15:34:00Z";
    parts.keys[FX_BOB][0].not_after = "2027-01-02T03:04:05Z";
    parts.keys[FX_CAROL][0].not_after = "2027-12-31T23:59:59Z";
    parts.roles[FX_BOB][1] = "audit";
    parts.roles[FX_BOB][2] = "author";
    parts.people[FX_BOB].roles.num = 3;
    bf_trust_allowed_signers(&got, &parts.body);
    bf_put_fmt(&want, "alice namespaces=\"snapseal-author-v1@example.corp\" %s\n",
               world.who[FX_ALICE].line);
    bf_put_fmt(
        &want,
        "bob "
        "namespaces=\"snapseal-approve-v1@example.corp,snapseal-author-v1@example.corp\","
        "valid-after=\"20261123153400Z\",valid-before=\"20270102030405Z\" %s\n",
        world.who[FX_BOB].line);
    bf_put_fmt(&want,
               "carol namespaces=\"snapseal-approve-v1@example.corp\","
               "valid-before=\"20271231235959Z\" %s\n",
               world.who[FX_CAROL].line);
    bf_put_fmt(&want, "dave namespaces=\"\" %s\n", world.who[FX_DAVE].line);
    bf_put_fmt(&want, "erin namespaces=\"snapseal-root-v1@example.corp\" %s\n",
               world.who[FX_ERIN].line);
    bf_put_fmt(&want, "frank namespaces=\"snapseal-root-v1@example.corp\" %s\n",
               world.who[FX_FRANK].line);
    bf_put_fmt(&want, "gw-1 namespaces=\"snapseal-receipt-v1@example.corp\" %s\n",
               world.who[FX_GW].line);
    T_BYTES(bf_buf_bytes(&got), bf_buf_bytes(&want));
    bf_buf_clear(&got);
    bf_buf_clear(&want);
}

/* People and appliances in one order, wherever the appliances fall. */
static void test_signers_merged(void)
{
    static const char *const appliances[] = {"aa", "bob-2", "zz"};
    size_t i;

    for (i = 0; i < 3; i++) {
        struct bf_buf got = bf_buf(4096);
        const char *line, *last = "";
        size_t lines = 0;

        fresh();
        parts.appliances[0].id = appliances[i];
        bf_trust_allowed_signers(&got, &parts.body);
        for (line = bf_buf_text(&got); *line != '\0';
             line = strchr(line, '\n') + 1, lines++) {
            T_TRUE(strcmp(last, line) < 0);
            T_TRUE(strncmp(line, appliances[i], strlen(appliances[i])) != 0 ||
                   strstr(line, "snapseal-receipt-v1@") != NULL);
            last = line;
        }
        T_INT(lines, FX_PEOPLE + 1);
        bf_buf_clear(&got);
    }
}

/* ---- whom to seal to ---- */

static bool among(uint8_t (*list)[BF_KEY], size_t num, const char *recipient)
{
    uint8_t point[BF_KEY];
    struct bf_diag diag = {0};
    size_t i;

    T_OK(bf_age_recipient_parse(point, recipient, &diag), &diag);
    for (i = 0; i < num; i++) {
        if (memcmp(list[i], point, BF_KEY) == 0) {
            return true;
        }
    }
    return false;
}

static void test_seal_to(void)
{
    uint8_t out[BF_MAX_STANZAS][BF_KEY];
    struct bf_diag diag = {0};
    size_t num;

    fresh();
    T_OK(bf_trust_seal_to(out, &num, &world.trust, "alice", "gw-1", &diag), &diag);
    T_INT(num, 5);
    T_TRUE(among(out, 1, world.transport_recipient));
    T_TRUE(among(out, num, world.who[FX_ALICE].recipient));
    T_TRUE(among(out, num, world.who[FX_BOB].recipient));
    T_TRUE(among(out, num, world.who[FX_CAROL].recipient));
    T_TRUE(among(out, num, world.who[FX_DAVE].recipient));
    T_OK(bf_trust_seal_to(out, &num, &world.trust, "bob", "gw-1", &diag), &diag);
    T_INT(num, 4);
    T_TRUE(!among(out, num, world.who[FX_ALICE].recipient));
    T_ERR(bf_trust_seal_to(out, &num, &world.trust, "zoe", "gw-1", &diag), BF_TRUST_NAMES,
          &diag);
    T_ERR(bf_trust_seal_to(out, &num, &world.trust, "bob", "gw-2", &diag), BF_TRUST_NAMES,
          &diag);
    T_INT(num, 0);
}

/* Eight recipients each for so many people, and count for one more. */
static void crowd(const char *recipients[5][8], char texts[40][BF_RECIPIENT_TEXT],
                  size_t num)
{
    size_t i;

    for (i = 0; i < num; i++) {
        uint8_t point[BF_KEY];

        bf_random(point, BF_KEY);
        point[31] &= 0x3f;
        bf_age_recipient_write(texts[i], point);
        recipients[i / 8][i % 8] = texts[i];
    }
}

static void give(enum fx_who who, const char *recipients[8], size_t num)
{
    parts.people[who].recipients = (struct bf_list){num, recipients};
}

static void test_recipients_limit(void)
{
    static char texts[40][BF_RECIPIENT_TEXT];
    static const char *recipients[5][8];
    uint8_t out[BF_MAX_STANZAS][BF_KEY];
    struct bf_trust t;
    struct bf_buf container;
    struct bf_diag diag = {0};
    size_t num;

    fresh();
    crowd(recipients, texts, 40);
    give(FX_BOB, recipients[0], 8);
    give(FX_CAROL, recipients[1], 8);
    give(FX_DAVE, recipients[2], 8);
    give(FX_ALICE, recipients[3], 8); /* an author alone is sealed to, but not by rule */
    give(FX_ERIN, recipients[4], 8);
    T_OK(load_body(&diag), &diag);
    ft_trust_body(&container, &parts.body);
    T_OK(bf_trust_load(&t, &container, &diag), &diag);
    T_ERR(bf_trust_seal_to(out, &num, &t, "alice", "gw-1", &diag), BF_TRUST_RECIPIENTS,
          &diag);
    T_INT(num, 0);
    T_OK(bf_trust_seal_to(out, &num, &t, "bob", "gw-1", &diag), &diag);
    T_INT(num, 25);
    bf_trust_clear(&t);
    parts.roles[FX_ALICE][0] = "audit"; /* now by rule: 31 are the most */
    parts.roles[FX_ALICE][1] = "author";
    parts.people[FX_ALICE].roles.num = 2;
    give(FX_ALICE, recipients[3], 7);
    T_OK(load_body(&diag), &diag);
    give(FX_ALICE, recipients[3], 8);
    T_ERR(load_body(&diag), BF_TRUST_RECIPIENTS, &diag);
}

/* More keys than a reader has to hold. */
static void test_keys_limit(void)
{
    static struct bf_person people[BF_MAX_PEOPLE];
    static struct bf_trust_key keys[BF_MAX_PEOPLE][5];
    static char lines[BF_MAX_PEOPLE * 5][128], ids[BF_MAX_PEOPLE][8];
    static const char *const roles[] = {"author"};
    struct bf_diag diag = {0};
    size_t i, j, n = 0;

    fresh();
    memcpy(people, parts.people, FX_PEOPLE * sizeof(people[0]));
    for (i = FX_PEOPLE; i < BF_MAX_PEOPLE; i++) {
        snprintf(ids[i], sizeof(ids[i]), "p%03zu", i);
        people[i] = (struct bf_person){.id = ids[i],
                                       .keys = {i == FX_PEOPLE ? 2
                                                : i == 7       ? 1
                                                               : 4,
                                                keys[i]},
                                       .roles = {1, (void *)(uintptr_t)roles}};
        for (j = 0; j < 5; j++, n++) {
            uint8_t seed[BF_KEY], point[BF_KEY], secret[64];

            bf_random(seed, sizeof(seed));
            bf_ed25519_public(point, secret, seed);
            key_line(lines[n], "ssh-ed25519", point, BF_KEY);
            keys[i][j] = (struct bf_trust_key){
                .key = lines[n], .not_after = "", .not_before = "", .verify = false};
        }
    }
    parts.body.people = (struct bf_list){BF_MAX_PEOPLE, people};
    /* 6 + 1 receipt key + 2 + 1 + 56 * 4 = 234; the rest to reach 256 */
    for (i = 8; i < 30; i++) {
        people[i].keys.num = 5;
    }
    T_OK(load_body(&diag), &diag);
    people[30].keys.num = 5;
    T_ERR(load_body(&diag), BF_TRUST_KEYS, &diag);
    fresh();
}

T_CASES("trust form", {"schema", test_schema}, {"not json", test_not_json},
        {"keys twice", test_keys_twice},
        {"keys twice at the ends", test_keys_twice_at_ends},
        {"key as recipient", test_key_as_recipient},
        {"other types", test_keys_of_other_types}, {"weak keys", test_weak_keys},
        {"second encodings", test_second_encodings},
        {"signers differ", test_signers_differ}, {"signers row", test_signers_row},
        {"signers text", test_signers_text}, {"signers merged", test_signers_merged},
        {"seal to", test_seal_to}, {"recipients limit", test_recipients_limit},
        {"keys limit", test_keys_limit});
