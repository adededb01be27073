/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One verb of snapseal-node at one node, or at many at once: the node's fixed command is
 * started, the request goes to its standard input, and its answer has a closed form.
 */
#ifndef VFY_NODE_CALL_H
#define VFY_NODE_CALL_H

#include "channel.h"

enum { VFY_NODES_AT_ONCE = 16, VFY_VERBS_AHEAD = 2 };

/* What a verb is about, beside the run. */
struct vfy_about {
    const struct vfy_secrets *secrets; /* add: names, and values for the pipe; or NULL */
    const struct bf_list *names;       /* remove: texts; or NULL */
};

/* What came back. output: owned by whoever holds the answer. */
struct vfy_answer {
    const char *verb; /* NULL: there is no answer */
    struct bf_buf output;
    int status; /* of waitpid */
    bool timed_out;
};

/* out: owned by caller (bf_buf_clear its output), also on failure; *body points into it.
 * Takes the answer that was got ahead, if there is one of that verb. NODE_TOOL with one
 * clear clause, naming the node. run_id: 32 hex. */
BF_MUST enum bf_err vfy_node_call(const struct vfy_node *node, const char *verb,
                                  const char *run_id, struct vfy_about about,
                                  struct vfy_answer *out, struct bf_bytes *body,
                                  struct bf_diag *diag);

/*
 * Asks all nodes (struct vfy_node) at once, VFY_NODES_AT_ONCE at a time, and keeps the
 * answers, of up to VFY_VERBS_AHEAD verbs, for the calls that follow. What cannot be
 * asked is left to those calls. vfy_node_forget drops what nobody took.
 */
void vfy_node_ahead(const struct bf_list *nodes, const char *verb, const char *run_id,
                    struct vfy_about about);
void vfy_node_forget(const struct bf_list *nodes);

/* Takes words from the front of the view, if they stand there. */
bool vfy_skip(struct bf_bytes *line, const char *words);

#endif
