/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle's manifest, and behind a line end each its policy and its repository document:
 * schema, rules, what this version supports, the rules between them, the sheet. */
#include <string.h>

#include "bf/bundle.h"
#include "fuzz.h"

static struct bf_bytes cut(struct bf_bytes *rest)
{
    const uint8_t *lf = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    struct bf_bytes line = {rest->ptr, lf != NULL ? (size_t)(lf - rest->ptr) : rest->len};

    rest->ptr += line.len + (lf != NULL ? 1 : 0);
    rest->len -= line.len + (lf != NULL ? 1 : 0);
    return line;
}

static void documents(const struct bf_manifest *m, struct bf_bytes policy,
                      struct bf_bytes repository)
{
    struct bf_json_doc p = {0}, r = {0};
    struct bf_buf sheet = bf_buf(BF_MAX_MEMBER);
    struct bf_diag diag = {0};
    enum bf_err err;
    size_t i, columns = 0;

    if ((policy.len == 0 || bf_json_parse(&p, policy, BF_JSON_REVIEW, &diag) == BF_OK) &&
        (repository.len == 0 ||
         bf_json_parse(&r, repository, BF_JSON_REVIEW, &diag) == BF_OK)) {
        FUZZ_REFUSED(bf_review_rules(m, p.root, r.root, &diag));
        err = bf_sheet_write(&sheet, m, p.root, r.root, &diag);
        FUZZ_MUST(err == BF_OK || err == BF_TOO_LARGE);
        for (i = 0; err == BF_OK && i < sheet.len; i++) {
            uint8_t c = sheet.ptr[i];

            FUZZ_MUST(c == '\n' || (c >= 0x20 && c <= 0x7e));
            columns = c == '\n' ? 0 : columns + 1;
            FUZZ_MUST(columns <= 78);
        }
    }
    bf_buf_clear(&sheet);
    bf_json_clear(&p);
    bf_json_clear(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct bf_manifest m;
    struct bf_bytes rest = {data, len}, raw = cut(&rest), policy = cut(&rest);
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};
    enum bf_err err = bf_manifest_read(&m, &doc, raw, &diag);

    FUZZ_REFUSED(err);
    if (err == BF_OK) {
        FUZZ_REFUSED(bf_plan_supported(&m, &diag));
        documents(&m, policy, cut(&rest));
    }
    bf_json_clear(&doc);
    return 0;
}
