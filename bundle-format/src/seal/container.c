/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bf/gate.h"

enum bf_err bf_container_with(struct bf_buf *out, const struct bf_container *in,
                              const char *name, struct bf_bytes data,
                              struct bf_diag *diag)
{
    struct bf_entry entries[BF_MAX_MEMBERS + 1];
    size_t i, num = 0;

    for (i = 0; i < in->num; i++) {
        if (strcmp(in->entries[i].name, name) != 0) {
            entries[num++] = in->entries[i];
        }
    }
    entries[num].name = name;
    entries[num].data = data;
    return bf_pack(out, entries, num + 1, diag);
}
