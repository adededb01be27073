/* SPDX-License-Identifier: Apache-2.0 */
#include "box.h"

#include <string.h>

#include "harness.h"

void box_zero(struct bf_buf *out, size_t len)
{
    for (; len > 0; len--) {
        bf_put_u8(out, 0);
    }
}

static void put_data(struct bf_buf *out, struct bf_bytes data)
{
    bf_put_bytes(out, data);
    box_zero(out, (BF_BLOCK - data.len % BF_BLOCK) % BF_BLOCK);
}

void box_member(struct bf_buf *out, const char *name, struct bf_bytes data)
{
    uint8_t header[BF_BLOCK];

    bf_ustar_header(header, name, data.len);
    bf_put(out, header, sizeof(header));
    put_data(out, data);
}

void box_raw(struct bf_buf *out, const char *name, size_t at, const void *field,
             size_t field_len, struct bf_bytes data)
{
    uint8_t header[BF_BLOCK];
    size_t sum = 0, i;

    bf_ustar_header(header, name, data.len);
    memcpy(header + at, field, field_len);
    memset(header + 148, ' ', 8);
    for (i = 0; i < BF_BLOCK; i++) {
        sum += header[i];
    }
    for (i = 0; i < 6; i++) {
        header[153 - i] = (uint8_t)('0' + (sum >> 3 * i & 7));
    }
    header[154] = 0;
    bf_put(out, header, sizeof(header));
    put_data(out, data);
}

enum bf_err box_gate_as_is(struct bf_bytes raw, struct bf_diag *diag)
{
    struct bf_container c;
    uint8_t *exact = t_copy(raw);
    enum bf_err err = bf_gate(&c, bf_view(exact, raw.len), diag);

    if ((err == BF_OK) != (c.num > 0)) { /* a refused container must not be half filled */
        err = BF_INTERNAL;
    }
    t_free(exact);
    return err;
}

enum bf_err box_gate(struct bf_buf *out, struct bf_diag *diag)
{
    box_zero(out, 2 * BF_BLOCK);
    return box_gate_as_is(bf_buf_bytes(out), diag);
}
