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
    /* sealed, JSON, container, anything else: what to say where it was not wanted */
    static const char *const told[][4] = {
        [GEN_WANT_TRUST] = {"this is a sealed file, perhaps a bundle, not a trust file",
                            "this is JSON, perhaps a draft: trust seal makes the trust "
                            "file of it",
                            NULL, "this is no container, so not a trust file"},
        [GEN_WANT_CHANGE] = {"this is a sealed file, perhaps a bundle, not a change file",
                             NULL, "this is a container of snapseal, not a change file",
                             "this is no JSON object, so not a change file"},
        [GEN_WANT_DRAFT] = {"this is a sealed file, perhaps a bundle, not a draft", NULL,
                            "this is a container of snapseal, not a draft",
                            "this is no JSON object, so not a draft"},
        [GEN_WANT_BUNDLE] = {NULL,
                             "this is JSON, perhaps a change file: seal makes the bundle "
                             "of it",
                             NULL, "this is no container, so not a bundle"},
        [GEN_WANT_RECEIPT] = {"this is a sealed file, perhaps a bundle, not a receipt",
                              "this is JSON, not the receipt's file", NULL,
                              "this is no container, so not a receipt"},
    };

    if (bf_age_looks_sealed(in)) {
        return told[wanted][0];
    }
    if (is_json(in)) {
        return told[wanted][1];
    }
    return told[wanted][is_container(in) ? 2 : 3];
}

void gen_kind_in(struct bf_diag *diag, const char *path, const char *told)
{
    bf_diag_in(diag, "%s%s%s", path, told != NULL ? ": " : "", told != NULL ? told : "");
}
