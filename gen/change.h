/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.json: what an author writes down before anything is signed. It holds no secret
 * value. It is the form that people edit: blanks and any order of keys are allowed, every
 * object is closed. Its members:
 *
 *   type            "snapseal/change/1"
 *   change          class (normal, emergency), reason, ticket
 *   target          the id of a target of the installed trust
 *   plan            as in the manifest (SPEC section 4): what will be done
 *   policy          the IAM policy document, {} when plan.iam.mode is none
 *   repository      the register request {"type":"s3","settings":{...}}, {} when nothing
 * is registered secrets         [{name, disclose, versus}]: the keystore entries; versus
 * is default (worked out by seal from what was applied before) or the author's own claim
 *   validity_hours  how long the bundle may be applied
 *
 * Reading checks the shape alone. Values are lint's, so that all that is wrong is told at
 * once.
 */
#ifndef GEN_CHANGE_H
#define GEN_CHANGE_H

#include "bf/bundle.h"

enum { GEN_MAX_CHANGE = 256 * 1024, GEN_MAX_SECRETS = 32, GEN_MAX_HOURS = 8760 };

#define GEN_CHANGE_TYPE "snapseal/change/1"

struct gen_change_secret {
    bool disclose;
    const char *name;
    const char *versus;
};

/* Owned by caller; all-zero is empty. Texts and nodes lie in doc; a maker may point them
 * elsewhere. */
struct gen_change {
    struct bf_json_doc doc;
    struct {
        const char *grade; /* JSON "class" */
        const char *reason, *ticket;
    } change;
    struct bf_plan plan;
    struct bf_list secrets; /* struct gen_change_secret */
    const char *target;
    const char *type;
    int64_t validity_hours;
    const struct bf_json *policy;     /* NULL: {} */
    const struct bf_json *repository; /* NULL: {} */
    struct bf_buf
        policy_text; /* both in canonical form, NUL-terminated; empty when NULL */
    struct bf_buf repository_text;
};

/* JSON_*, CHANGE_FORMAT (where: the member). in may go away afterwards. */
BF_MUST enum bf_err gen_change_read(struct gen_change *out, struct bf_bytes in,
                                    struct bf_diag *diag);
/* The same from a file ("-": standard input). INPUT_*. */
BF_MUST enum bf_err gen_change_load(struct gen_change *out, const char *path,
                                    struct bf_diag *diag);
void gen_change_clear(struct gen_change *c);
/*
 * Writes the change for people: two blanks a level, LF at the end. policy and repository:
 * JSON texts, NULL for {}; the nodes in c are not looked at.
 */
BF_MUST enum bf_err gen_change_write(struct bf_buf *out, const struct gen_change *c,
                                     const char *policy, const char *repository,
                                     struct bf_diag *diag);

/* Writes any node with line ends and two blanks a level, keys in the order of the node.
 */
void gen_json_pretty(struct bf_buf *out, const struct bf_json *node, size_t level);

/* The client that the secrets (else settings.client of the register request) name, into
 * out; "" when there is none. */
void gen_change_client(char out[65], const struct gen_change *c);
/* Text of repository.settings.NAME, or NULL. */
const char *gen_change_setting(const struct gen_change *c, const char *name);

/*
 * The manifest of this change as far as it is known now: change, plan, texts borrow from
 * c. Author, ids, times, target, trust are the caller's.
 */
void gen_change_manifest(struct bf_manifest *out, const struct gen_change *c);

#endif
