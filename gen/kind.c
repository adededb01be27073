/* SPDX-License-Identifier: Apache-2.0 */
#include "kind.h"

#include <string.h>

#include "bf/age.h"

static bool is_json(struct bf_bytes in)
{
    size_t i;

    for (i = 0; i < in.len && strchr(" \t\r\n", in.ptr[i]) != NULL; i++) {
        if (in.ptr[i] == '\0') {
            return false;
        }
    }
    return i < in.len && in.ptr[i] == '{';
}

/* Every container begins with the name of its first member. */
static bool is_container(struct bf_bytes in)
{
    static const char first[] = "manifest.json";

    return in.len > sizeof(first) && memcmp(in.ptr, first, sizeof(first)) == 0;
}

const char *gen_kind_told(struct bf_bytes in, enum gen_wanted wanted)
{
    bool trust = wanted == GEN_WANT_TRUST;

    if (bf_age_looks_sealed(in)) {
        return trust ? "this is a sealed file, perhaps a bundle, not a trust file"
                     : "this is a sealed file, perhaps a bundle, not a change file";
    }
    if (trust && is_json(in)) {
        return "this is JSON, perhaps a draft: trust seal makes the trust file of it";
    }
    if (!trust && is_container(in)) {
        return "this is a container of snapseal, not a change file";
    }
    return NULL;
}
