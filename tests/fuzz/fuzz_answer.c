/* SPDX-License-Identifier: Apache-2.0 */
/* What a server answers: JSON of a cluster, the little of XML of S3 and IAM, words of an
 * error. */
#include <string.h>

#include "applier/answer.h"
#include "applier/diagnose.h"
#include "applier/xml.h"
#include "fuzz.h"

static void no_line(void *ctx, const char *sign, const char *text)
{
    (void)sign;
    (void)text;
    FUZZ_MUST(ctx != NULL); /* it differs from itself */
}

static void json(struct bf_bytes in)
{
    static const char *const patterns[] = {"*", "nodes.*.reload_exception.reason",
                                           "*.settings.*", "a.b"};
    struct bf_buf out = bf_buf(1 << 20), again = bf_buf(1 << 20);
    struct vfy_answer a = {0}, b = {0};
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};
    enum bf_err err = vfy_answer_parse(&a, in, &diag);
    struct vfy_at root = vfy_at_root(&a);

    FUZZ_MUST(err == BF_OK || err == BF_NET_ANSWER);
    FUZZ_MUST(vfy_at_is(root) == (err == BF_OK));
    if (err == BF_OK) {
        FUZZ_MUST(vfy_at_same(root, root));
        (void)vfy_at_same_settings(root, root);
        vfy_at_diff(root, root, false, no_line, NULL);
        if (vfy_at_canonical(&out, root) && !out.bad &&
            bf_json_parse(&doc, bf_buf_bytes(&out), BF_JSON_REVIEW, &diag) == BF_OK) {
            bf_json_write(&again, doc.root);
            FUZZ_MUST(bf_bytes_equal(bf_buf_bytes(&out), bf_buf_bytes(&again)));
        }
        bf_buf_clear(&again);
        vfy_at_evidence(&again, root, patterns, sizeof(patterns) / sizeof(patterns[0]));
        bf_buf_clear(&out);
        if (vfy_at_print(&out, root)) {
            FUZZ_MUST(vfy_answer_parse(&b, bf_buf_bytes(&out), &diag) == BF_OK);
            FUZZ_MUST(vfy_at_same(root, vfy_at_root(&b)));
        }
    }
    bf_json_clear(&doc);
    bf_buf_clear(&out);
    bf_buf_clear(&again);
    vfy_answer_clear(&a);
    vfy_answer_clear(&b);
}

static void xml(struct bf_bytes in)
{
    struct bf_buf out = bf_buf(1 << 20), plain = bf_buf(1 << 20);
    char text[80];
    size_t i;

    if (vfy_xml_text(&out, in, "PolicyDocument") && !out.bad) {
        (void)!vfy_percent_decode(&plain, bf_buf_bytes(&out));
    }
    vfy_xml_short(text, sizeof(text), in, "Message");
    for (i = 0; text[i] != '\0'; i++) {
        FUZZ_MUST(text[i] >= 0x20 && text[i] <= 0x7e);
    }
    bf_buf_clear(&out);
    bf_buf_clear(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vfy_diagnosis d = {0};
    char *text = malloc(len + 1), reload[120];

    FUZZ_MUST(text != NULL);
    bf_copy(text, data, len);
    text[len] = '\0';
    json(bf_view(data, len));
    xml(bf_view(data, len));
    vfy_diagnose(&d, text, "secondary", "bucket");
    FUZZ_MUST(strlen(d.clause) < sizeof(d.clause));
    vfy_diagnose_reload(reload, sizeof(reload), "exception", text, "secondary");
    (void)vfy_diagnose_names_node(text, "id");
    (void)vfy_diagnose_is_manager(text);
    free(text);
    return 0;
}
