/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a receipt, well signed by the appliance; the trust that it names is the
 * one of this run. */
#include <string.h>

#include "bf/receipt.h"
#include "faults.h"
#include "fuzz.h"

static void name_trust(char *text, const struct bf_trust *trust)
{
    static const char head[] = "\"trust\":{\"sha256\":\"";
    char *at = strstr(text, head);

    if (at != NULL && strlen(at) >= sizeof(head) - 1 + 64) {
        memcpy(at + sizeof(head) - 1, trust->sha256, 64);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct bf_receipt_file f;
    const struct bf_trust *trust = &fx_world()->trust;
    struct bf_buf container = {0}, again = bf_buf(BF_MAX_JSON);
    struct bf_diag diag = {0};
    char *text = malloc(len + 1);
    enum bf_err err;

    FUZZ_MUST(text != NULL);
    if (len > 0 && len <= BF_MAX_JSON && memchr(data, '\0', len) == NULL) {
        bf_copy(text, data, len);
        text[len] = '\0';
        name_trust(text, trust);
        ft_receipt(&container, fx_world(), FX_GW, "gw-1", text);
        err = bf_receipt_open(&f, &container, &trust, 1, FX_NOW, &diag);
        FUZZ_REFUSED(err);
        if (err == BF_OK) {
            bf_schema_write(&again, &bf_receipt_schema, &f.r);
            FUZZ_MUST(!again.bad && bf_bytes_equal(bf_buf_bytes(&again), bf_text(text)));
            bf_receipt_clear(&f);
        }
        bf_buf_clear(&container);
    }
    bf_buf_clear(&again);
    free(text);
    return 0;
}
