/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node's keystore through that node's fixed command (snapseal-node, local or over ssh).
 * The request is the first line of its standard input, the values follow there too; its
 * answer has a closed form, and anything else is a failure.
 */
#ifndef VFY_KEYSTORE_H
#define VFY_KEYSTORE_H

#include "channel.h"

enum { VFY_MAX_NAMES = 200, VFY_KEYSTORE_STATE = 128 };

/* What a keystore file is: "HEX64 MODE OWNER GROUP", "absent"; a copy also "none". */
struct vfy_keystore_sum {
    char keystore[VFY_KEYSTORE_STATE];
    char copy[VFY_KEYSTORE_STATE];
};

/*
 * NODE_TOOL with one clear clause, naming the node, for all of these. run_id: 32 hex.
 * out: what stands after it.
 */
BF_MUST enum bf_err vfy_keystore_sum(const struct vfy_node *node, const char *run_id,
                                     struct vfy_keystore_sum *out, struct bf_diag *diag);
BF_MUST enum bf_err vfy_keystore_copy(const struct vfy_node *node, const char *run_id,
                                      struct vfy_keystore_sum *out, struct bf_diag *diag);
/* Sets every name that secrets carry and that belongs into a keystore ("s3.client."). */
BF_MUST enum bf_err vfy_keystore_add(const struct vfy_node *node, const char *run_id,
                                     const struct vfy_secrets *secrets,
                                     struct vfy_keystore_sum *out, struct bf_diag *diag);
/* Takes names away, which have to be there; every other name stays. names: texts. */
BF_MUST enum bf_err vfy_keystore_remove(const struct vfy_node *node, const char *run_id,
                                        const struct bf_list *names,
                                        struct vfy_keystore_sum *out,
                                        struct bf_diag *diag);
BF_MUST enum bf_err vfy_keystore_restore(const struct vfy_node *node, const char *run_id,
                                         struct vfy_keystore_sum *out,
                                         struct bf_diag *diag);
BF_MUST enum bf_err vfy_keystore_drop(const struct vfy_node *node, const char *run_id,
                                      struct vfy_keystore_sum *out, struct bf_diag *diag);
/* Names, blank separated and ascending, appended to out. */
BF_MUST enum bf_err vfy_keystore_list(const struct vfy_node *node, const char *run_id,
                                      struct bf_buf *out, struct bf_diag *diag);

/* Asks all nodes (struct vfy_node) for a verb at once; the next call of that verb at each
 * of them takes its answer. secrets: for "add", else NULL. Answers that nobody took are
 * dropped by vfy_keystore_forget. */
void vfy_keystore_ahead(const struct bf_list *nodes, const char *verb, const char *run_id,
                        const struct vfy_secrets *secrets);
void vfy_keystore_forget(const struct bf_list *nodes);

/* True for secrets that belong into a keystore. */
bool vfy_keystore_wants(struct bf_bytes name);

#endif
