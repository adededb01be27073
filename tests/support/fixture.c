/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ids[FX_NUM] = {"alice", "bob",   "carol",   "dave",
                                        "erin",  "frank", "mallory", "gw-1"};

#define FX_ACTIONS_BUCKET                                                                \
    "[\"s3:ListBucket\",\"s3:GetBucketLocation\",\"s3:ListBucketMultipartUploads\","     \
    "\"s3:ListBucketVersions\"]"
#define FX_ACTIONS_OBJECT                                                                \
    "[\"s3:GetObject\",\"s3:PutObject\",\"s3:DeleteObject\",\"s3:"                       \
    "AbortMultipartUpload\",\"s3:ListMultipartUploadParts\"]"

const char *const fx_policy =
    "{\"Statement\":[{\"Action\":" FX_ACTIONS_BUCKET
    ",\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:s3:::" FX_BUCKET
    "\"]},{\"Action\":" FX_ACTIONS_OBJECT
    ",\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:s3:::" FX_BUCKET
    "/*\"]}],\"Version\":\"2012-10-17\"}";
const char *const fx_repository =
    "{\"settings\":{\"base_path\":\"prod-eu-1\",\"bucket\":\"" FX_BUCKET
    "\",\"client\":\"secondary\",\"endpoint\":\"" FX_S3
    "\",\"path_style_access\":true,\"region\":\"eu-central-1\"},\"type\":\"s3\"}";

void fx_must(enum bf_err err, const struct bf_diag *diag, const char *what)
{
    if (err != BF_OK) {
        fprintf(stderr, "fixture: %s: %s %s\n", what, bf_err_id(err),
                diag != NULL ? diag->where : "");
        abort();
    }
}

static void need(bool good, const char *what)
{
    fx_must(good ? BF_OK : BF_INTERNAL, NULL, what);
}

void fx_copy(struct bf_buf *out, struct bf_bytes in)
{
    *out = bf_buf(in.len + 1);
    bf_put_bytes(out, in);
    need(!out->bad, "copy");
}

/* ---- keys ---- */

static void make_age(uint8_t scalar[BF_KEY], char recipient[BF_RECIPIENT_TEXT])
{
    uint8_t point[BF_KEY];

    bf_random(scalar, BF_KEY);
    bf_x25519_base(point, scalar);
    bf_age_recipient_write(recipient, point);
}

static void make_person(struct fx_person *p, const char *id)
{
    struct bf_diag diag = {0};
    struct bf_sshkey key;
    struct bf_buf line = bf_buf(sizeof(p->line));

    p->id = id;
    fx_must(bf_keyfile_make(&p->keyfile, &key, id, &diag), &diag, "key file");
    fx_must(bf_signer_from_keyfile(&p->signer, bf_secret_bytes(&p->keyfile), &diag),
            &diag, "signer");
    bf_sshkey_write(&line, &key);
    need(bf_buf_text(&line) != NULL, "key line");
    snprintf(p->line, sizeof(p->line), "%s", bf_buf_text(&line));
    bf_buf_clear(&line);
    make_age(p->age, p->recipient);
}

void fx_init(struct fx *f)
{
    static const enum fx_who roots[] = {FX_ERIN, FX_FRANK};
    struct fx_trust_parts *parts = calloc(1, sizeof(*parts));
    struct bf_diag diag = {0};
    struct bf_buf container = {0};
    size_t i;

    need(parts != NULL, "memory");
    memset(f, 0, sizeof(*f));
    for (i = 0; i < FX_NUM; i++) {
        make_person(&f->who[i], ids[i]);
    }
    make_age(f->transport, f->transport_recipient);
    make_age(f->secrets, f->secrets_recipient);
    fx_trust_body(parts, f);
    fx_trust_container(&container, f, &parts->body, roots, 2);
    fx_must(bf_trust_load(&f->trust, &container, &diag), &diag, "trust");
    free(parts);
}

void fx_clear(struct fx *f)
{
    size_t i;

    for (i = 0; i < FX_NUM; i++) {
        bf_secret_clear(&f->who[i].keyfile);
        bf_signer_clear(&f->who[i].signer);
    }
    bf_trust_clear(&f->trust);
    memset(f, 0, sizeof(*f));
}

static struct fx world;

static void clear_world(void)
{
    fx_clear(&world);
}

struct fx *fx_world(void)
{
    if (world.who[0].id == NULL) {
        fx_init(&world);
        need(atexit(clear_world) == 0, "atexit");
    }
    return &world;
}

/* ---- trust ---- */

static void list(struct bf_list *out, void *items, size_t num)
{
    out->items = items;
    out->num = num;
}

static void fill_person(struct fx_trust_parts *p, const struct fx *f, size_t i,
                        const char *role)
{
    struct bf_person *q = &p->people[i];

    q->id = ids[i];
    p->keys[i][0] = (struct bf_trust_key){
        .key = f->who[i].line, .not_after = "", .not_before = "", .verify = false};
    list(&q->keys, p->keys[i], 1);
    p->recipients[i][0] = f->who[i].recipient;
    list(&q->recipients, p->recipients[i], strcmp(role, "root") == 0 ? 0 : 1);
    p->roles[i][0] = role;
    list(&q->roles, p->roles[i], 1);
}

static void fill_target(struct fx_trust_parts *p)
{
    p->endpoints[0][0] = (struct bf_endpoint){.ca_sha256 = "",
                                              .purpose = "cluster",
                                              .resource = "",
                                              .url = "https://es.example.corp:9200"};
    p->endpoints[0][1] = (struct bf_endpoint){.ca_sha256 = "",
                                              .purpose = "iam",
                                              .resource = "",
                                              .url = "https://iam.example.corp"};
    p->endpoints[0][2] = (struct bf_endpoint){
        .ca_sha256 = "", .purpose = "s3", .resource = "", .url = FX_S3};
    p->targets[0].appliance = "gw-1";
    p->targets[0].cluster_uuid = FX_UUID;
    list(&p->targets[0].endpoints, p->endpoints[0], 3);
    p->targets[0].id = "prod-eu-1";
    p->targets[0].kind = "opensearch";
    p->targets[0].serial_floor = 0;
}

void fx_trust_body(struct fx_trust_parts *p, const struct fx *f)
{
    static const char *const roles[FX_PEOPLE] = {"author", "approve", "approve",
                                                 "audit",  "root",    "root"};
    struct bf_trust_body *b = &p->body;
    size_t i;

    memset(p, 0, sizeof(*p));
    p->appliances[0] = (struct bf_appliance){.id = "gw-1",
                                             .receipt_key = f->who[FX_GW].line,
                                             .secrets = f->secrets_recipient,
                                             .transport = f->transport_recipient};
    list(&b->appliances, p->appliances, 1);
    b->created_at = FX_TRUST_MADE;
    b->domain = FX_DOMAIN;
    b->expires = FX_TRUST_ENDS;
    p->group_people[0][0] = ids[FX_BOB];
    p->group_people[1][0] = ids[FX_CAROL];
    p->groups[0].id = "ops";
    p->groups[1].id = "security";
    list(&p->groups[0].people, p->group_people[0], 1);
    list(&p->groups[1].people, p->group_people[1], 1);
    list(&b->groups, p->groups, 2);
    b->limits.debts_max = 1;
    b->limits.lifetime_hours = 720;
    b->limits.serial_jump = 1000;
    for (i = 0; i < FX_PEOPLE; i++) {
        fill_person(p, f, i, roles[i]);
    }
    list(&b->people, p->people, FX_PEOPLE);
    b->prev = "";
    b->root.need = 2;
    p->root[0] = ids[FX_ERIN];
    p->root[1] = ids[FX_FRANK];
    list(&b->root.people, p->root, 2);
    p->normal[0] = (struct bf_requirement){.from = "ops", .need = 1};
    p->normal[1] = (struct bf_requirement){.from = "security", .need = 1};
    p->emergency[0] = (struct bf_requirement){.from = "ops", .need = 1};
    list(&b->rules.normal.approve, p->normal, 2);
    list(&b->rules.emergency.approve, p->emergency, 1);
    b->rules.emergency.lifetime_hours = 24;
    fill_target(p);
    list(&b->targets, p->targets, 1);
    b->type = "snapseal/trust/1";
    b->version = 1;
}

void fx_trust_container(struct bf_buf *out, struct fx *f, struct bf_trust_body *body,
                        const enum fx_who *who, size_t num)
{
    struct bf_diag diag = {0};
    size_t i;

    *out = bf_buf(BF_MAX_CONTAINER);
    fx_must(bf_trust_make(out, body, &diag), &diag, "trust container");
    for (i = 0; i < num; i++) {
        fx_sign(out, f, who[i], who[i], "root");
    }
}

/* ---- containers ---- */

void fx_put(struct bf_buf *container, const char *name, struct bf_bytes data)
{
    struct bf_entry entries[BF_MAX_MEMBERS + 1];
    struct bf_container c;
    struct bf_diag diag = {0};
    struct bf_buf out = bf_buf(BF_MAX_CONTAINER);
    size_t i, num = 0;

    fx_must(bf_gate(&c, bf_buf_bytes(container), &diag), &diag, "container");
    for (i = 0; i < c.num; i++) {
        if (strcmp(c.entries[i].name, name) != 0) {
            entries[num++] = c.entries[i];
        }
    }
    if (data.ptr != NULL) {
        entries[num++] = (struct bf_entry){.name = name, .data = data};
    }
    fx_must(bf_pack(&out, entries, num, &diag), &diag, "pack");
    bf_buf_clear(container);
    *container = out;
}

void fx_sign(struct bf_buf *container, struct fx *f, enum fx_who who, enum fx_who as,
             const char *role)
{
    char space[160], name[BF_MAX_NAME + 1];
    struct bf_container c;
    struct bf_diag diag = {0};
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);

    bf_namespace(space, sizeof(space), role, FX_DOMAIN);
    fx_must(bf_gate(&c, bf_buf_bytes(container), &diag), &diag, "container");
    fx_must(bf_sign(&f->who[who].signer, &armor, space, c.entries[0].data, &diag), &diag,
            "sign");
    snprintf(name, sizeof(name), "sig/%s.%s.sshsig", role, ids[as]);
    fx_put(container, name, bf_buf_bytes(&armor));
    bf_buf_clear(&armor);
}

/* ---- bundles ---- */

void fx_manifest(struct bf_manifest *m, const struct fx *f, bool policy)
{
    memset(m, 0, sizeof(*m));
    m->author = "alice";
    m->bundle_id = "00112233445566778899aabbccddeeff";
    m->change.grade = "normal";
    m->change.reason = "Keep snapshots of the shop's cluster in the second account";
    m->change.ticket = "CHG-1042";
    m->created_at = FX_MADE;
    m->domain = FX_DOMAIN;
    m->expect_log.origin = "";
    m->expect_log.root = "";
    m->expires = FX_ENDS;
    m->not_before = FX_BEGINS;
    m->plan.bucket.mode = "none";
    m->plan.bucket.name = FX_BUCKET;
    m->plan.bucket.region = "eu-central-1";
    m->plan.action = "register";
    m->plan.iam.arn = policy ? "arn:aws:iam::123456789012:user/es-snapshots" : "";
    m->plan.iam.mode = policy ? "apply" : "none";
    m->plan.iam.policy = policy ? "snapshot-access" : "";
    m->plan.iam.user = policy ? "es-snapshots" : "";
    m->plan.precondition = "absent";
    m->plan.preflight = "required";
    m->plan.repository = "s3-secondary";
    m->plan.restart.group = "__all__";
    m->plan.restart.mode = "never";
    m->plan.retire = "";
    m->plan.s3.endpoint = FX_S3;
    m->plan.s3.path_style = true;
    m->plan.s3.region = "eu-central-1";
    m->prev = "";
    m->serial = 7;
    m->supersedes = "";
    m->target.appliance = "gw-1";
    m->target.cluster_uuid = FX_UUID;
    m->target.id = "prod-eu-1";
    m->target.kind = "opensearch";
    m->trust.sha256 = f->trust.sha256;
    m->trust.version = 1;
    m->type = "snapseal/bundle/1";
}

void fx_bundle_of(struct bf_buf *out, struct fx *f, struct bf_manifest *m,
                  const char *policy, const char *repository)
{
    struct bf_new_secret secrets[2] = {
        {.name = "s3.client.secondary.access_key",
         .value = bf_text(FX_ACCESS),
         .versus = "new",
         .disclose = true},
        {.name = "s3.client.secondary.secret_key",
         .value = bf_text(FX_SECRET),
         .versus = "new"},
    };
    uint8_t recipient[BF_KEY];
    struct bf_arena arena = {0};
    struct bf_diag diag = {0};

    *out = bf_buf(BF_MAX_CONTAINER);
    bf_x25519_base(recipient, f->secrets);
    fx_must(bf_bundle_make(out, m, &arena, policy, repository, secrets, 2, recipient,
                           &f->who[FX_ALICE].signer, &diag),
            &diag, "bundle");
    bf_arena_clear(&arena);
}

void fx_bundle(struct bf_buf *out, struct fx *f)
{
    struct bf_manifest m;

    fx_manifest(&m, f, true);
    fx_bundle_of(out, f, &m, fx_policy, fx_repository);
}

void fx_bundle_approved(struct bf_buf *out, struct fx *f)
{
    fx_bundle(out, f);
    fx_sign(out, f, FX_BOB, FX_BOB, "approve");
    fx_sign(out, f, FX_CAROL, FX_CAROL, "approve");
}

void fx_receipt(struct bf_receipt *r, const struct fx *f, const char *now)
{
    memset(r, 0, sizeof(*r));
    r->grade = "normal";
    r->clock.now = r->finished = r->started = now;
    r->domain = FX_DOMAIN;
    r->log.origin = "gw-1";
    r->operator_name = r->refusal = "";
    r->outcome = "applied";
    r->serial = 1;
    r->target.cluster_name = "c";
    r->target.cluster_uuid = FX_UUID;
    r->target.id = "prod-eu-1";
    r->target.kind = "opensearch";
    r->target.version = "3.8.0";
    r->tool = "test";
    r->trust.sha256 = f->trust.sha256;
    r->trust.version = 1;
}
