/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cli.h"
#include "receipts.h"

/* So many receipts back; who signs at all signs more often. */
enum { LOOK_BACK = 100 };

void vfy_counters(struct bf_bundle *b, const struct vfy_state *s)
{
    struct bf_container *c = bf_counters_any(b) ? calloc(1, sizeof(*c)) : NULL;
    size_t i;

    for (i = 0; c != NULL && i < LOOK_BACK && i < s->ledger.num; i++) {
        struct bf_buf raw = {0};

        if (vfy_receipt_read(c, &raw, s, s->ledger.num - 1 - i, NULL) == BF_OK) {
            bf_counters_seen(b, c->entries[0].data);
        }
        bf_buf_clear(&raw);
    }
    free(c);
}

void vfy_warn_counters(const struct bf_args *a, const struct bf_bundle *b)
{
    char line[500];
    size_t i;

    for (i = 0; i < b->num_sigs; i++) {
        if (bf_counter_fell(line, sizeof(line), &b->sigs[i])) {
            bf_cli_warn(a, line);
        }
    }
}
