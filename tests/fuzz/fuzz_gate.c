/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a container. What is taken is made again from names and contents. */
#include <string.h>

#include "bf/gate.h"
#include "fuzz.h"

static void make_again(const struct bf_container *c, const uint8_t *data, size_t len)
{
    uint8_t header[BF_BLOCK];
    size_t at = 0, i;

    FUZZ_MUST(c->num >= 1 && strcmp(c->entries[0].name, "manifest.json") == 0);
    for (i = 0; i < c->num; i++) {
        const struct bf_entry *e = &c->entries[i];

        bf_ustar_header(header, e->name, e->data.len);
        FUZZ_MUST(memcmp(data + at, header, BF_BLOCK) == 0);
        at += BF_BLOCK;
        FUZZ_MUST(e->data.ptr == data + at);
        at += (e->data.len + BF_BLOCK - 1) / BF_BLOCK * BF_BLOCK;
        FUZZ_MUST(bf_container_find(c, e->name) == e);
        FUZZ_MUST(i < 2 || strcmp(c->entries[i - 1].name, e->name) < 0);
    }
    FUZZ_MUST(at + 2 * BF_BLOCK == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct bf_container c;
    struct bf_diag diag = {0};
    enum bf_err err = bf_gate(&c, bf_view(data, len), &diag);

    FUZZ_REFUSED(err);
    if (err == BF_OK) {
        make_again(&c, data, len);
    } else {
        FUZZ_MUST(c.num == 0);
    }
    return 0;
}

#ifdef SNAPSEAL_FUZZ
/* Every other time, what stands where a header may be gets the sum that fits, and the
 * whole its two blocks at the end; else nothing would come past the first header. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    size_t at, i;

    len = LLVMFuzzerMutate(data, len, max);
    if (seed % 2 == 0 || len < 4 * BF_BLOCK) {
        return len;
    }
    len -= len % BF_BLOCK;
    for (at = 0; at + 3 * BF_BLOCK <= len; at += BF_BLOCK) {
        unsigned sum = 8 * ' ';
        char digits[8];

        if (memcmp(data + at + 257, "ustar", 6) != 0) {
            continue;
        }
        for (i = 0; i < BF_BLOCK; i++) {
            sum += i < 148 || i >= 156 ? data[at + i] : 0;
        }
        snprintf(digits, sizeof(digits), "%06o", sum);
        memcpy(data + at + 148, digits, 7);
        data[at + 155] = ' ';
    }
    memset(data + len - 2 * BF_BLOCK, 0, 2 * BF_BLOCK);
    return len;
}
#endif
