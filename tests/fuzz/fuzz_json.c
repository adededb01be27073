/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in all three profiles. What a strict one takes is written back as it stood; what
 * the relaxed one takes, the review profile reads again once it is written. */
#include "bf/json.h"
#include "fuzz.h"

static void strict(struct bf_bytes in, enum bf_json_profile profile)
{
    struct bf_json_doc doc = {0};
    struct bf_buf out = bf_buf(BF_MAX_JSON);
    struct bf_diag diag = {0};
    enum bf_err err = bf_json_parse(&doc, in, profile, &diag);

    FUZZ_REFUSED(err);
    if (err == BF_OK) {
        bf_json_write(&out, doc.root);
        FUZZ_MUST(!out.bad && bf_bytes_equal(bf_buf_bytes(&out), in));
    } else {
        FUZZ_MUST(doc.root == NULL);
    }
    bf_buf_clear(&out);
    bf_json_clear(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bf_json_doc doc = {0};
    struct bf_buf out = bf_buf(BF_MAX_JSON);
    struct bf_diag diag = {0};
    enum bf_err err;

    strict(bf_view(data, len), BF_JSON_SIGNED);
    strict(bf_view(data, len), BF_JSON_REVIEW);
    err = bf_json_parse(&doc, bf_view(data, len), BF_JSON_RELAXED, &diag);
    FUZZ_REFUSED(err);
    if (err == BF_OK) {
        bf_json_write(&out, doc.root);
        FUZZ_MUST(!out.bad);
        bf_json_clear(&doc);
        FUZZ_MUST(bf_json_parse(&doc, bf_buf_bytes(&out), BF_JSON_REVIEW, &diag) ==
                  BF_OK);
    }
    bf_buf_clear(&out);
    bf_json_clear(&doc);
    return 0;
}
