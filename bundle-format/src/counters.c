/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of security keys against earlier receipts. A token counts up with every
 * signature, so a lower count than before is a sign of a copy of the key; it is no proof,
 * because bundles need not be applied in the order in which they were signed. So it is
 * told to people and refuses nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/bundle.h"
#include "bf/receipt.h"

static bool counts(const struct bf_verdict *v)
{
    return v->reason == BF_OK && v->key.kind->hardware;
}

bool bf_counters_any(const struct bf_bundle *b)
{
    size_t i;

    for (i = 0; i < b->num_sigs; i++) {
        if (counts(&b->sigs[i])) {
            return true;
        }
    }
    return false;
}

static void take(struct bf_bundle *b, const struct bf_receipt *r)
{
    size_t i, k;

    for (i = 0; i < b->num_sigs; i++) {
        struct bf_verdict *v = &b->sigs[i];

        for (k = 0; k < r->people.num && counts(v); k++) {
            const struct bf_receipt_person *p =
                BF_LIST_ITEM(&r->people, const struct bf_receipt_person, k);

            if (strcmp(p->fingerprint, v->fingerprint) == 0 &&
                p->counter > v->counter_before) {
                v->counter_before = p->counter;
            }
        }
    }
}

void bf_counters_seen(struct bf_bundle *b, struct bf_bytes receipt)
{
    struct bf_json_doc doc = {0};
    struct bf_receipt *r = calloc(1, sizeof(*r));

    if (r != NULL && bf_json_parse(&doc, receipt, BF_JSON_SIGNED, NULL) == BF_OK &&
        bf_schema_read(r, &bf_receipt_schema, doc.root, &doc.arena, BF_RECEIPT_SCHEMA,
                       NULL) == BF_OK) {
        take(b, r);
    }
    bf_json_clear(&doc);
    free(r);
}

bool bf_counter_fell(char *out, size_t size, const struct bf_verdict *v)
{
    if (!counts(v) || v->counter_before <= (int64_t)v->counter) {
        return false;
    }
    snprintf(out, size,
             "the security key of %s, %s, counts %lu, and had counted %lld in an earlier "
             "receipt: unless this was signed before that, there is a copy of the key",
             v->person, v->fingerprint, (unsigned long)v->counter,
             (long long)v->counter_before);
    return true;
}
