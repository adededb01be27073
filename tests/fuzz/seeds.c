/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_seeds DIRECTORY: writes the corpus that the targets start from,
 * DIRECTORY/TARGET/NAME, out of the world of the tests. Its keys are new each time. */
#include <string.h>
#include <sys/stat.h>

#include "age_v1.h"
#include "bf/receipt.h"
#include "fixture.h"
#include "fuzz.h"

static const char *root;

static void put(const char *target, const char *name, struct bf_bytes data)
{
    char path[500];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", root, target);
    (void)mkdir(path, 0755);
    snprintf(path, sizeof(path), "%s/%s/%s", root, target, name);
    f = fopen(path, "wb");
    FUZZ_MUST(f != NULL && fwrite(data.ptr, 1, data.len, f) == data.len &&
              fclose(f) == 0);
}

static void put_text(const char *target, const char *name, const char *text)
{
    put(target, name, bf_text(text));
}

static struct bf_bytes member(const struct bf_buf *container, const char *name)
{
    struct bf_container c;

    FUZZ_MUST(bf_gate(&c, bf_buf_bytes(container), NULL) == BF_OK);
    return bf_container_find(&c, name)->data;
}

/* The blob in an armor, and the armor with other line ends. */
static void signature(struct bf_bytes armor)
{
    static const char begin[] = "-----BEGIN SSH SIGNATURE-----\n";
    static uint8_t blob[BF_MAX_SIGNATURE];
    struct bf_buf text = bf_buf(BF_MAX_SIGNATURE), crlf = bf_buf(2 * BF_MAX_SIGNATURE);
    size_t len = sizeof(blob), i;

    for (i = 0; i < armor.len; i++) {
        uint8_t c = armor.ptr[i];

        if (i >= sizeof(begin) - 1 && c != '\n') {
            bf_put_u8(&text, c);
        }
        if (c == '\n' && i >= sizeof(begin) && armor.ptr[i + 1] == '-') {
            break;
        }
    }
    FUZZ_MUST(bf_unbase64(blob, &len, bf_buf_bytes(&text), true));
    put("sshsig", "blob", bf_view(blob, len));
    for (i = 0; i < armor.len; i++) {
        bf_put_text(&crlf, armor.ptr[i] == '\n' ? "\r" : "");
        bf_put_u8(&crlf, armor.ptr[i]);
    }
    put("sshsig", "crlf", bf_buf_bytes(&crlf));
    bf_buf_clear(&text);
    bf_buf_clear(&crlf);
}

static void containers(struct fx *f)
{
    static const struct bf_entry small[3] = {{"manifest.json", {NULL, 0}},
                                             {"a/b", {NULL, 0}},
                                             {"sig/author.alice.sshsig", {NULL, 0}}};
    struct bf_entry e[3];
    struct bf_buf out = {0}, lines = bf_buf(BF_MAX_JSON);
    size_t i;

    memcpy(e, small, sizeof(e));
    for (i = 0; i < 3; i++) {
        e[i].data = bf_text(i == 0 ? "{}" : "content");
    }
    FUZZ_MUST(bf_pack(&out, e, 3, NULL) == BF_OK);
    put("gate", "small", bf_buf_bytes(&out));
    bf_buf_clear(&out);
    fx_bundle_approved(&out, f);
    put("gate", "bundle", bf_buf_bytes(&out));
    put("sshsig", "armor", member(&out, "sig/author.alice.sshsig"));
    signature(member(&out, "sig/author.alice.sshsig"));
    put("age_header", "secrets", member(&out, "secrets.age"));
    put("json", "manifest", member(&out, "manifest.json"));
    put("json", "policy", member(&out, "review/iam-policy.json"));
    bf_put_bytes(&lines, member(&out, "manifest.json"));
    put("manifest", "alone", bf_buf_bytes(&lines));
    bf_put_text(&lines, "\n");
    bf_put_bytes(&lines, member(&out, "review/iam-policy.json"));
    bf_put_text(&lines, "\n");
    bf_put_bytes(&lines, member(&out, "review/repository.json"));
    put("manifest", "documents", bf_buf_bytes(&lines));
    put("trust", "first", f->trust.container.entries[0].data);
    bf_buf_clear(&lines);
    bf_buf_clear(&out);
    put_text("json", "relaxed",
             " { \"b\" : [ 1 , -2 ],\n\t\"a\":\"\\u0041\\/\\\\\\\"\" } ");
    put_text("json", "deep", "[[[[[[[[true,false,9007199254740991]]]]]]]]");
}

static void age_files(void)
{
    static const uint8_t identity[BF_KEY] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const uint8_t ephemeral[BF_KEY] = {42}, zero[12] = {0};
    uint8_t point[1][BF_KEY], share[BF_KEY], shared[BF_KEY], key[BF_KEY], body[AGE_BODY];
    struct bf_buf out = {0}, armor = bf_buf(8192), stanza = bf_buf(8192);

    bf_x25519_base(point[0], identity);
    FUZZ_MUST(bf_age_seal(&out, bf_text("hello"), (const uint8_t(*)[BF_KEY])point, 1,
                          NULL) == BF_OK);
    put("age_header", "sealed", bf_buf_bytes(&out));
    bf_put_text(&armor, AGE_ARMOR_BEGIN "\n");
    bf_put_base64(&armor, bf_buf_bytes(&out), 64, true);
    bf_put_text(&armor, AGE_ARMOR_END "\n");
    put("age_header", "armored", bf_buf_bytes(&armor));
    bf_x25519_base(share, ephemeral);
    FUZZ_MUST(bf_x25519(shared, ephemeral, point[0]));
    bf_age_wrap_key(key, shared, share, point[0]);
    FUZZ_MUST(bf_aead_seal(body, key, zero, bf_view("YELLOW SUBMARIN", AGE_FILE_KEY)));
    bf_put_text(&stanza, "-> X25519 ");
    bf_put_base64(&stanza, bf_view(share, BF_KEY), 0, false);
    bf_put_text(&stanza, "\n");
    bf_put_base64(&stanza, bf_view(body, AGE_BODY), 0, false);
    bf_put_text(&stanza, "\n");
    put("age_header", "stanza", bf_buf_bytes(&stanza));
    bf_put_text(&stanza, "-> x-grease a b\nAAAA\n-> joint-1 Zm9v\n\n");
    put("age_header", "stanzas", bf_buf_bytes(&stanza));
    bf_buf_clear(&out);
    bf_buf_clear(&armor);
    bf_buf_clear(&stanza);
    put("age_payload", "one", bf_view("\1\5\0\1", 4));
    put("age_payload", "two", bf_view("\1\xfe\0\0\1\1\1", 7));
    put("age_payload", "three", bf_view("\1\xfe\0\0\xfe\1\0\3\2\1", 10));
    put("age_payload", "raw", bf_view("\0nonce of 16 bytes and a tag of 16", 34));
}

static void keys(struct fx *f)
{
    char text[BF_IDENTITY_TEXT + 20];

    put_text("keyline", "ssh", f->who[FX_ALICE].line);
    snprintf(text, sizeof(text), "%s", f->who[FX_ALICE].recipient);
    put_text("keyline", "recipient", text);
    bf_age_identity_write(text, f->who[FX_ALICE].age);
    put_text("keyline", "identity", text);
}

/* A list of one key, and an answer to a request to sign, for the key of fuzz_agent.c. */
static void agent(void)
{
    static const uint8_t seed[BF_KEY] = {7};
    uint8_t point[BF_KEY], secret[64], sig[64] = {1};
    static struct bf_sshkey key;
    struct bf_buf body = bf_buf(4096), field = bf_buf(4096), out = bf_buf(8192);

    bf_ed25519_public(point, secret, seed);
    bf_sshkey_from_point(&key, point);
    bf_put_u8(&body, 12);
    bf_put_u32(&body, 1);
    bf_put_string(&body, bf_view(key.blob, key.blob_len));
    bf_put_string(&body, bf_text("a comment"));
    bf_put_string(&out, bf_buf_bytes(&body));
    put("agent", "list", bf_buf_bytes(&out));
    bf_buf_clear(&body);
    bf_put_string(&field, bf_text("ssh-ed25519"));
    bf_put_string(&field, bf_view(sig, sizeof(sig)));
    bf_put_u8(&body, 14);
    bf_put_string(&body, bf_buf_bytes(&field));
    bf_put_string(&out, bf_buf_bytes(&body));
    put("agent", "list-and-signature", bf_buf_bytes(&out));
    put("agent", "failure", bf_view("\0\0\0\1\5", 5));
    bf_buf_clear(&body);
    bf_buf_clear(&field);
    bf_buf_clear(&out);
}

static void answers(void)
{
    put_text(
        "answer", "reload",
        "{\"_nodes\":{\"total\":3,\"successful\":2,\"failed\":1},\"cluster_name\":\"c\","
        "\"nodes\":{\"n1\":{\"name\":\"node-1\",\"reload_exception\":{\"type\":"
        "\"security_exception\",\"reason\":\"Provided keystore password was "
        "incorrect\"}}}}");
    put_text("answer", "repository",
             "{\"s3-repo\":{\"type\":\"s3\",\"settings\":{\"bucket\":\"b\",\"client\":"
             "\"secondary\",\"path_style_access\":\"true\",\"x\":[1,2.5,null]}}}");
    put_text(
        "answer", "verify",
        "repository_verification_exception: [s3-repo] [[id, 'RemoteTransportException"
        "[[node-2][127.0.0.1:9301]]'], [id2, x]] <- amazon_s3_exception: Access "
        "Denied (Service: Amazon S3; Status Code: 403)");
    put_text("answer", "iam",
             "<GetUserPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
             "<PolicyDocument>%7B%22Version%22%3A&quot;2012&amp;&#65;%7D</PolicyDocument>"
             "</GetUserPolicyResponse>");
    put_text("answer", "error",
             "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>The "
             "specified &lt;bucket&gt; does not exist</Message></Error>");
    put_text("answer", "html", "<html><body>502 Bad Gateway</body></html>");
}

/* A receipt with something in every list. */
static void receipt(struct fx *f)
{
    static struct bf_receipt_check checks[] = {{"gate", "ok"}, {"live", "skipped"}};
    static struct bf_receipt_step steps[] = {{"after", "", "register", "ok", ""}};
    static const char *nodes[] = {"node-1"}, *not_tried[] = {"s3:DeleteBucket"};
    static struct bf_receipt_node keystores[1] = {{"", {1, nodes}, "node-1", "ok"}};
    static struct bf_receipt_person people[1];
    static char print[BF_FINGERPRINT], digest[65];
    struct bf_receipt r;
    struct bf_buf out = {0};

    FUZZ_MUST(bf_sshkey_fingerprint(print, &f->who[FX_ALICE].signer.key) == BF_OK);
    FUZZ_MUST(bf_sha256_hex(digest, bf_text("")) ==
              BF_OK); /* the empty log's root, too */
    people[0] =
        (struct bf_receipt_person){.fingerprint = print, .id = "alice", .role = "author"};
    fx_receipt(&r, f, FX_NOW);
    r.bundle.id = r.receipt_id = "00112233445566778899aabbccddeeff";
    r.bundle.manifest_sha256 = r.config_sha256 = r.log.prev_root = digest;
    r.checks = (struct bf_list){2, checks};
    r.not_tried = (struct bf_list){1, not_tried};
    r.people = (struct bf_list){1, people};
    r.proof.expected = r.proof.seen = (struct bf_list){1, nodes};
    r.proof.keystores = (struct bf_list){1, keystores};
    r.proof.probes = (struct bf_list){2, checks};
    r.serial = 7;
    r.steps = (struct bf_list){1, steps};
    r.target.cluster_name = "shop";
    r.tool = "snapseal-verify 0.1.0";
    fx_must(bf_receipt_make(&out, &r, NULL, 0, &f->who[FX_GW].signer, NULL), NULL,
            "receipt");
    put("gate", "receipt", bf_buf_bytes(&out));
    put("receipt", "applied", member(&out, "manifest.json"));
    bf_buf_clear(&out);
}

int main(int argc, char **argv)
{
    LLVMFuzzerInitialize(&argc, &argv);
    FUZZ_MUST(argc == 2);
    root = argv[1];
    containers(fx_world());
    age_files();
    keys(fx_world());
    agent();
    answers();
    receipt(fx_world());
    return 0;
}
