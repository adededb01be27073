/* SPDX-License-Identifier: Apache-2.0 */
/* age's armor (C2SP age.md), recognised: what the format refuses by name. Its reader is
 * in seal/age_any.c, for the workstation alone. */
#include <string.h>

#include "age_v1.h"

bool bf_age_looks_armored(struct bf_bytes in)
{
    size_t len = sizeof(AGE_ARMOR_BEGIN) - 1;

    in = bf_age_skip_blank(in);
    return in.len >= len && memcmp(in.ptr, AGE_ARMOR_BEGIN, len) == 0;
}

struct bf_bytes bf_age_skip_blank(struct bf_bytes in)
{
    while (in.len > 0 && in.ptr[0] != '\0' && strchr(" \t\r\n\v\f", in.ptr[0]) != NULL) {
        in.ptr++;
        in.len--;
    }
    return in;
}

enum bf_err bf_seal_not_armored(struct bf_bytes in, struct bf_diag *diag)
{
    return bf_age_looks_armored(in)
               ? bf_fail(diag, BF_SEAL_ARMOR, "its first line") /* [BF-913] */
               : BF_OK;
}
