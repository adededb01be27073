/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a trust file: as it stands in a container, and, when its body passes
 * the rules, with the allowed_signers that follow from it, which must load. */
#include <string.h>

#include "bf/trust.h"
#include "faults.h"
#include "fuzz.h"

static void load(struct bf_buf *container, bool must)
{
    static struct bf_trust t;
    struct bf_buf signers = bf_buf(BF_MAX_MEMBER);
    struct bf_diag diag = {0};
    enum bf_err err = bf_trust_load(&t, container, &diag);

    FUZZ_REFUSED(err);
    FUZZ_MUST(!must || err == BF_OK);
    if (err == BF_OK) {
        bf_trust_allowed_signers(&signers, &t.body);
        FUZZ_MUST(!signers.bad && t.num_keys > 0);
        bf_trust_clear(&t);
    }
    bf_buf_clear(&signers);
    bf_buf_clear(container);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bf_json_doc doc = {0};
    static struct bf_trust_body body;
    struct bf_buf container = {0};
    struct bf_diag diag = {0};
    char *text = malloc(len + 1);

    FUZZ_MUST(text != NULL);
    if (len <= BF_MAX_JSON && memchr(data, '\0', len) == NULL) {
        bf_copy(text, data, len);
        text[len] = '\0';
        if (len > 0) {
            ft_trust(&container, text, bf_view(NULL, 0));
            load(&container, false);
        }
        if (bf_json_parse(&doc, bf_view(data, len), BF_JSON_SIGNED, &diag) == BF_OK &&
            bf_schema_read_as(&body, &bf_trust_schema, doc.root, &doc.arena,
                              BF_TRUST_SCHEMA, BF_TRUST_VALUE, &diag) == BF_OK &&
            strcmp(body.type, "snapseal/trust/1") == 0 &&
            bf_trust_rules(&body, &diag) == BF_OK) {
            ft_trust_body(&container, &body);
            load(&container, true);
        }
    }
    bf_json_clear(&doc);
    free(text);
    return 0;
}
