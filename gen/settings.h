/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of an s3 repository that Elasticsearch and OpenSearch read, as data. The
 * servers take unknown keys without a word, so a misspelt one is found here or never.
 */
#ifndef GEN_SETTINGS_H
#define GEN_SETTINGS_H

#include "bf/json.h"

enum gen_product { GEN_ELASTIC = 1, GEN_OPENSEARCH = 2, GEN_BOTH = 3 };

enum gen_value {
    GEN_V_TEXT = 1,
    GEN_V_BOOL,
    GEN_V_INT,
    GEN_V_BYTES,
    GEN_V_TIME,
    GEN_V_ONE_OF
};

enum gen_advice {
    GEN_A_NONE = 0,
    GEN_A_CLIENT, /* a client setting merged over the named client: works, deprecated */
    GEN_A_DEPRECATED, /* works, going away */
    GEN_A_OLD,        /* only old versions read it */
    GEN_A_NEVER       /* must not stand in a register request */
};

struct gen_setting {
    const char *name;
    enum gen_product products;
    enum gen_value value;
    int64_t min, max;   /* INT: value; BYTES: bytes; 0, 0: any */
    const char *one_of; /* "a|b|c", compared without regard to case */
    enum gen_advice advice;
    const char *note; /* for people; NULL: none */
};

extern const struct gen_setting gen_settings[];
extern const size_t gen_num_settings;

/* The product that a target's kind (elasticsearch, opensearch, ech, ece, eck) runs; both
 * when kind is NULL or unknown. */
enum gen_product gen_product_of(const char *kind);
const struct gen_setting *gen_setting_find(const char *name);
/* The known name nearest to a wrong one, or NULL. */
const char *gen_setting_nearest(const char *wrong, enum gen_product product);
/* Whether the server would take the value; strings, numbers and booleans all come as any
 * of these. */
bool gen_setting_takes(const struct gen_setting *s, const struct bf_json *value);

#endif
