/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

/* Takes raw. The chain as `check` runs it, up to the people. */
enum bf_err check_all(struct bf_bundle *b, struct bf_buf *raw, struct bf_diag *diag)
{
    const struct bf_trust *trust = &fx_world()->trust;
    enum bf_err err = bf_bundle_open(b, raw, trust, FX_NOW, diag);

    if (err != BF_OK ||
        (err = bf_bundle_times(b, trust, FX_NOW, FX_TRUST_MADE, diag)) != BF_OK ||
        (err = bf_bundle_target(b, trust, NULL, "gw-1", diag)) != BF_OK) {
        return err;
    }
    return bf_bundle_people(b, trust, diag);
}

/* The refusal of a container, and at which check; everything before it is passed,
 * everything behind it skipped. Takes raw. */
void refused_at(struct bf_buf *raw, enum bf_err want, enum bf_check at, const char *where,
                const char *what)
{
    struct bf_bundle b = {0};
    struct bf_diag diag = {0};
    enum bf_err got = check_all(&b, raw, &diag);
    size_t i;

    T_ERR(got, want, &diag);
    if (got != want) {
        T_TEXT(what, "");
    }
    T_INT(diag.err, want);
    if (where != NULL) {
        T_TEXT(diag.where, where);
    }
    for (i = BF_CHECK_GATE; i < BF_NUM_CHECKS; i++) {
        const bool later_author =
            at == BF_CHECK_AUTHOR && i == BF_CHECK_MANIFEST; /* AUTHOR_DIFFERS */

        if (i != BF_CHECK_ORDER && !later_author &&
            b.checks.result[i] != (i < at    ? BF_PASSED
                                   : i == at ? BF_REFUSED
                                             : BF_SKIPPED)) {
            T_TEXT(bf_check_id((enum bf_check)i), what);
        }
    }
    bf_bundle_clear(&b);
}
