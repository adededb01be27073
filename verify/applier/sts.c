/* SPDX-License-Identifier: Apache-2.0 */
#include "sts.h"

#include <stdio.h>
#include <string.h>

#include "xml.h"

/* The suffixes of AWS's partitions (botocore's partitions.json). */
static const char *aws_suffix(const char *host, size_t len)
{
    static const char *const suffixes[] = {
        "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu",   "c2s.ic.gov",
        "sc2s.sgov.gov", "cloud.adc-e.uk",   "csp.hci.ic.gov",
    };
    size_t i, n;

    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        n = strlen(suffixes[i]);
        if (len > n && host[len - n - 1] == '.' &&
            strncmp(host + len - n, suffixes[i], n) == 0) {
            return suffixes[i];
        }
    }
    return NULL;
}

bool vfy_sts_url(char *out, size_t size, const char *iam_url, const char *region)
{
    const char *host = strstr(iam_url, "://");
    const char *suffix;
    int n;

    host = host != NULL ? host + 3 : iam_url;
    suffix = aws_suffix(host, strcspn(host, ":/"));
    n = suffix != NULL && strncmp(host, "iam.", 4) == 0
            ? snprintf(out, size, "https://sts.%s.%s", region, suffix)
            : snprintf(out, size, "%s", iam_url);
    return n >= 0 && (size_t)n < size;
}

static void judge(struct vfy_sts_identity *out, const struct vfy_aws_answer *a)
{
    const char *what = NULL;

    if (a->http.status == 200) {
        vfy_xml_short(out->arn, sizeof(out->arn), bf_buf_bytes(&a->http.body), "Arn");
    }
    if (out->arn[0] != '\0') {
        out->answer = VFY_STS_TOLD;
    } else if (vfy_aws_bad_key(a->code, &what)) {
        out->answer = VFY_STS_BAD_KEY;
        (void)snprintf(out->text, sizeof(out->text), "%s (%s)", what, a->code);
    } else {
        out->answer = VFY_STS_NONE;
        (void)snprintf(out->text, sizeof(out->text), "%ld %s", a->http.status,
                       a->code[0] != '\0' ? a->code : "without a code");
    }
}

enum bf_err vfy_sts_ask(struct vfy_sts_identity *out, const struct vfy_aws *sts,
                        struct bf_diag *diag)
{
    static const struct vfy_aws_header form_type = {
        "content-type", "application/x-www-form-urlencoded; charset=utf-8"};
    const struct vfy_aws_call call = {
        .method = "POST",
        .path = "/",
        .query = "",
        .headers = &form_type,
        .num_headers = 1,
        .body = bf_text("Action=GetCallerIdentity&Version=2011-06-15")};
    struct vfy_aws_answer a;
    enum bf_err err = vfy_aws_ask(sts, &call, &a, diag);

    *out = (struct vfy_sts_identity){0};
    if (err == BF_OK && a.http.status >= 500 && a.http.status != 501) {
        err = bf_fail(diag, BF_NET_ANSWER, "STS answers with status %ld", a.http.status);
    }
    if (err == BF_OK) {
        judge(out, &a);
    }
    vfy_aws_answer_clear(&a);
    return err;
}
