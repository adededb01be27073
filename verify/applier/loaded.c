/* SPDX-License-Identifier: Apache-2.0 */
#include "loaded.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "keystore.h"

static bool has_name(struct vfy_at names, struct bf_bytes name)
{
    size_t i;

    for (i = 0; i < vfy_at_count(names); i++) {
        if (bf_bytes_is(name, vfy_at_text(vfy_at_child(names, i)))) {
            return true;
        }
    }
    return false;
}

/* The file that lies at the node now against the one that it says it has read. */
static bool same_file(struct vfy_run *run, const struct vfy_node *node,
                      const char *digest)
{
    struct bf_diag ignored = {0};
    struct vfy_keystore_sum sum;

    return node->argv.num == 0 ||
           vfy_keystore_sum(node, run->job->run_id, &sum, &ignored) != BF_OK ||
           strncasecmp(sum.keystore, digest, 2 * BF_SHA256) == 0;
}

bool vfy_loaded_check(char *out, size_t size, struct vfy_run *run, struct vfy_at entry,
                      const struct vfy_node *node)
{
    const struct vfy_at names = vfy_at_get(entry, "secure_setting_names");
    const char *digest = vfy_at_text(vfy_at_get(entry, "keystore_digest"));
    size_t i;

    out[0] = '\0';
    for (i = 0; vfy_at_is(names) && i < run->secrets->num; i++) {
        const struct bf_bytes name = run->secrets->items[i].name;

        if (vfy_keystore_wants(name) && !has_name(names, name)) {
            (void)snprintf(out, size, "%s has loaded a keystore without %.*s", node->name,
                           (int)name.len, (const char *)name.ptr);
            return true;
        }
    }
    if (strlen(digest) == 2 * BF_SHA256 && !same_file(run, node, digest)) {
        (void)snprintf(out, size,
                       "%s has loaded another keystore than the one that was written",
                       node->name);
    }
    return vfy_at_is(names);
}

void vfy_loaded_tell(struct vfy_run *run, size_t told)
{
    char text[60];

    (void)snprintf(text, sizeof(text), "loaded-names=%zu of %zu nodes", told,
                   run->nodes.num);
    if (told == run->nodes.num) {
        vfy_fact(run->ch, "probe", "", text);
    } else {
        vfy_fact(run->ch, "not_tried", "",
                 "reload: which names and which file a node has loaded is not told: not "
                 "provable on this version");
    }
}
