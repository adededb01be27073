/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore.h"

#include <string.h>

#include "node_call.h"

bool vfy_keystore_wants(struct bf_bytes name)
{
    static const char begins[] = "s3.client.";

    return name.len > sizeof(begins) - 1 &&
           memcmp(name.ptr, begins, sizeof(begins) - 1) == 0;
}

/* ---- the verbs ---- */

/* "HEX64 MODE OWNER GROUP", or one of the words. */
static bool keep_state(char out[VFY_KEYSTORE_STATE], struct bf_bytes state)
{
    size_t i;

    if (state.len == 0 || state.len >= VFY_KEYSTORE_STATE) {
        return false;
    }
    for (i = 0; i < state.len; i++) {
        if (strchr("0123456789abcdefghijklmnopqrstuvwxyz ", state.ptr[i]) == NULL) {
            return false;
        }
    }
    bf_copy(out, state.ptr, state.len);
    out[state.len] = '\0';
    return true;
}

static const struct vfy_about nothing;

static enum bf_err ask(const struct vfy_node *node, const char *verb, const char *run_id,
                       struct vfy_about about, struct vfy_keystore_sum *out,
                       struct bf_diag *diag)
{
    struct vfy_answer answer;
    struct bf_bytes body, one, two;
    struct bf_reader r;
    enum bf_err err = vfy_node_call(node, verb, run_id, about, &answer, &body, diag);

    *out = (struct vfy_keystore_sum){0};
    if (err == BF_OK) {
        r = bf_reader(body);
        one = bf_read_line(&r, 200);
        two = bf_read_line(&r, 200);
        if (!bf_reader_end(&r) || !vfy_skip(&one, "keystore ") ||
            !vfy_skip(&two, "copy ") || !keep_state(out->keystore, one) ||
            !keep_state(out->copy, two)) {
            err = bf_fail(diag, BF_NODE_TOOL,
                          "%s: an answer of the helper that was not expected (%s)",
                          node->name, verb);
        }
    }
    bf_buf_clear(&answer.output);
    return err;
}

enum bf_err vfy_keystore_sum(const struct vfy_node *node, const char *run_id,
                             struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "sum", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_copy(const struct vfy_node *node, const char *run_id,
                              struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "copy", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_add(const struct vfy_node *node, const char *run_id,
                             const struct vfy_secrets *secrets,
                             struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "add", run_id, (struct vfy_about){.secrets = secrets}, out, diag);
}

enum bf_err vfy_keystore_remove(const struct vfy_node *node, const char *run_id,
                                const struct bf_list *names, struct vfy_keystore_sum *out,
                                struct bf_diag *diag)
{
    return ask(node, "remove", run_id, (struct vfy_about){.names = names}, out, diag);
}

enum bf_err vfy_keystore_restore(const struct vfy_node *node, const char *run_id,
                                 struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "restore", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_drop(const struct vfy_node *node, const char *run_id,
                              struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "drop", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_list(const struct vfy_node *node, const char *run_id,
                              struct bf_buf *out, struct bf_diag *diag)
{
    struct vfy_answer answer;
    struct bf_bytes body, line;
    struct bf_reader r;
    size_t num = 0;
    enum bf_err err = vfy_node_call(node, "list", run_id, nothing, &answer, &body, diag);

    r = bf_reader(err == BF_OK ? body : bf_view(NULL, 0));
    while (err == BF_OK && !bf_reader_end(&r)) {
        line = bf_read_line(&r, 300);
        if (r.bad || !vfy_skip(&line, "name ") || line.len == 0 ||
            ++num > VFY_MAX_NAMES) {
            err = bf_fail(diag, BF_NODE_TOOL,
                          "%s: an answer of the helper that was not expected (list)",
                          node->name);
            break;
        }
        bf_put_text(out, out->len > 0 ? " " : "");
        bf_put_bytes(out, line);
    }
    bf_buf_clear(&answer.output);
    return err;
}

void vfy_keystore_ahead(const struct bf_list *nodes, const char *verb, const char *run_id,
                        const struct vfy_secrets *secrets)
{
    vfy_node_ahead(nodes, verb, run_id, (struct vfy_about){.secrets = secrets});
}

void vfy_keystore_forget(const struct bf_list *nodes)
{
    vfy_node_forget(nodes);
}
