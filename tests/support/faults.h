/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Systematic single faults in signed JSON: each is made in turn, handed to a callback as
 * text, and taken back. And containers of trust files and receipts whose manifest is any
 * text at all, well signed, which the writers of the library would refuse to make.
 */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H

#include "fixture.h"

enum ft_kind {
    FT_DROP,    /* a member is missing */
    FT_UNKNOWN, /* an object has one member more */
    FT_KIND,    /* a value of another kind */
    FT_GRAMMAR, /* a string begins with a blank and holds a '#', which no grammar takes */
    FT_NEGATIVE /* a number is -1 */
};

/* path: "targets.entry.url" (keys, "entry" for items of a list). */
typedef void ft_emit_fn(enum ft_kind kind, const char *path, const char *text, void *ctx);
/* Returns how many faults were made. */
size_t ft_each(struct bf_json_doc *doc, ft_emit_fn *emit, void *ctx);

/* manifest.json, allowed_signers (NULL: left out), signed by none. */
void ft_trust(struct bf_buf *out, const char *manifest, struct bf_bytes signers);
/* The same from a body, without asking any rule; allowed_signers is derived from it. */
void ft_trust_body(struct bf_buf *out, struct bf_trust_body *body);
/* manifest.json alone, signed by who as the appliance origin. */
void ft_receipt(struct bf_buf *out, struct fx *f, enum fx_who who, const char *origin,
                const char *manifest);
/* Adds sig/ROLE.NAME.sshsig by a signer of any kind, in any domain. */
void ft_sign(struct bf_buf *container, struct bf_signer *signer, const char *role,
             const char *name, const char *domain);
/* The SHA-256 of manifest.json. */
void ft_sha256(char out[2 * BF_SHA256 + 1], const struct bf_buf *container);

#endif
