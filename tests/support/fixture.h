/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small world with real keys, made by the library alone: alice writes changes, bob
 * (ops) and carol (security) approve, dave audits, erin and frank are root, mallory is
 * enrolled nowhere; appliance gw-1 serves the target prod-eu-1. The trust asks for 1 of
 * ops AND 1 of security. Everything here aborts with a message when it cannot be made, so
 * that tests need not ask.
 */
#ifndef TEST_FIXTURE_H
#define TEST_FIXTURE_H

#include "bf/bundle.h"
#include "bf/receipt.h"

enum fx_who {
    FX_ALICE,
    FX_BOB,
    FX_CAROL,
    FX_DAVE,
    FX_ERIN,
    FX_FRANK,
    FX_MALLORY,
    FX_GW,
    FX_NUM
};
enum { FX_PEOPLE = 6 }; /* alice to frank stand in the trust */

#define FX_DOMAIN "example.corp"
#define FX_UUID "vQ3mXk2nTfOa1ZrB7yWc5g"
#define FX_TRUST_MADE "2026-11-01T00:00:00Z"
#define FX_TRUST_ENDS "2027-11-01T00:00:00Z"
#define FX_MADE "2026-11-23T15:34:00Z"   /* created_at of the bundle */
#define FX_BEGINS "2026-11-23T16:00:00Z" /* not_before */
#define FX_NOW "2026-11-24T09:00:00Z"    /* when tests check it */
#define FX_ENDS "2026-11-30T16:00:00Z"   /* expires */
#define FX_BUCKET "acme-snapshots"
#define FX_S3 "https://s3.example.corp"
#define FX_ACCESS "AKIAIOSFODNN7EXAMPLE"
#define FX_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

struct fx_person {
    const char *id;
    struct bf_secret keyfile; /* the text of its OpenSSH private key file */
    struct bf_signer signer;
    char line[128];      /* "ssh-ed25519 AAAA..." */
    uint8_t age[BF_KEY]; /* age identity */
    char recipient[BF_RECIPIENT_TEXT];
};

struct fx {
    struct fx_person who[FX_NUM];
    uint8_t transport[BF_KEY], secrets[BF_KEY]; /* gw-1's age identities */
    char transport_recipient[BF_RECIPIENT_TEXT], secrets_recipient[BF_RECIPIENT_TEXT];
    struct bf_trust trust; /* version 1, signed by erin and frank, loaded */
};

void fx_init(struct fx *f);
void fx_clear(struct fx *f);
/* One world for a whole test program, made when first asked for and cleared when the
 * program ends. */
struct fx *fx_world(void);

/*
 * The body of version 1 with room to spoil it: every list item lies in this struct.
 * fx_trust_body fills it; its pointers go to f and to the struct itself, which must not
 * be moved.
 */
struct fx_trust_parts {
    struct bf_trust_body body;
    struct bf_appliance appliances[2];
    struct bf_group groups[3];
    const char *group_people[3][FX_NUM];
    struct bf_person people[FX_NUM];
    struct bf_trust_key keys[FX_NUM][2];
    const char *recipients[FX_NUM][2];
    const char *roles[FX_NUM][3];
    const char *root[3];
    struct bf_requirement normal[3], emergency[2];
    struct bf_target targets[2];
    struct bf_endpoint endpoints[2][4];
};
void fx_trust_body(struct fx_trust_parts *p, const struct fx *f);
/* A container of the body, signed as root by each of who. Owned by caller. */
void fx_trust_container(struct bf_buf *out, struct fx *f, struct bf_trust_body *body,
                        const enum fx_who *who, size_t num);

/* The default change: register the repository "s3-secondary"; IAM mode apply when policy,
 * else none. Strings are constants or f's. */
void fx_manifest(struct bf_manifest *m, const struct fx *f, bool policy);
/* The default review documents in canonical form. */
extern const char *const fx_policy;
extern const char *const fx_repository;
/* Makes the bundle of m with the default pair of secrets (client secondary), signed by
 * alice alone. policy, repository: NULL: absent. */
void fx_bundle_of(struct bf_buf *out, struct fx *f, struct bf_manifest *m,
                  const char *policy, const char *repository);
/* The default bundle with the policy, signed by alice alone; and with bob's and carol's
 * approvals. */
void fx_bundle(struct bf_buf *out, struct fx *f);
void fx_bundle_approved(struct bf_buf *out, struct fx *f);

/* Adds (or replaces) sig/ROLE.ID.sshsig by the key of who, under the name of as (usually
 * the same). */
void fx_sign(struct bf_buf *container, struct fx *f, enum fx_who who, enum fx_who as,
             const char *role);
/* Adds or replaces a member; data.ptr NULL: takes it away. */
void fx_put(struct bf_buf *container, const char *name, struct bf_bytes data);
/* A copy in a buffer of its own. */
void fx_copy(struct bf_buf *out, struct bf_bytes in);
/* Aborts with the diag's line unless err is BF_OK. */
void fx_must(enum bf_err err, const struct bf_diag *diag, const char *what);

/* A receipt that says "applied" of prod-eu-1 by gw-1 under the world's trust, all times
 * now; what is not set here is empty. Texts borrow. */
void fx_receipt(struct bf_receipt *r, const struct fx *world, const char *now);

#endif
