/* SPDX-License-Identifier: Apache-2.0 */
#include "iam.h"

#include <string.h>

#include "xml.h"

enum { MAX_FORM = 128 * 1024, MAX_DOCUMENT = 64 * 1024 };

static void put_parameter(struct bf_buf *form, const char *name, const char *value)
{
    bf_put_fmt(form, "%s%s=", form->len > 0 ? "&" : "", name);
    vfy_aws_encode(form, bf_text(value), false);
}

static enum bf_err ask(const struct vfy_aws *aws, const struct vfy_iam_policy *policy,
                       const char *action, const char *document,
                       struct vfy_aws_answer *out, struct bf_diag *diag)
{
    static const struct vfy_aws_header form_type = {
        "content-type", "application/x-www-form-urlencoded; charset=utf-8"};
    struct vfy_aws_call call = {.method = "POST",
                                .path = "/",
                                .query = "",
                                .headers = &form_type,
                                .num_headers = 1};
    struct bf_buf form = bf_buf(MAX_FORM);
    enum bf_err err;

    *out = (struct vfy_aws_answer){0};
    put_parameter(&form, "Action", action);
    put_parameter(&form, "Version", "2010-05-08");
    put_parameter(&form, "UserName", policy->user);
    put_parameter(&form, "PolicyName", policy->name);
    if (document != NULL) {
        put_parameter(&form, "PolicyDocument", document);
    }
    err = bf_buf_check(&form, "request to IAM", diag);
    if (err == BF_OK) {
        call.body = bf_buf_bytes(&form);
        err = vfy_aws_ask(aws, &call, out, diag);
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "IAM");
    }
    bf_buf_clear(&form);
    return err;
}

/* What an answer other than 200 means. */
static enum bf_err refusal(const struct vfy_aws_answer *a,
                           const struct vfy_iam_policy *policy, const char *action,
                           struct bf_diag *diag)
{
    const char *what = NULL;

    if (vfy_aws_bad_key(a->code, &what)) {
        return bf_fail(diag, BF_NET_AUTH,
                       "IAM does not take the appliance's key for iam:%s: %s (%s)",
                       action, what, a->code);
    }
    if (a->http.status == 403) {
        return bf_fail(diag, BF_NET_DENIED,
                       "the appliance's IAM key may not do iam:%s on user %s (%s)",
                       action, policy->user, a->code[0] != '\0' ? a->code : "403");
    }
    if (strcmp(a->code, "NoSuchEntity") == 0) {
        return bf_fail(diag, BF_APPLY_WRITE, "IAM has no user %s (iam:%s: NoSuchEntity)",
                       policy->user, action);
    }
    if (a->http.status >= 400 && a->http.status < 500 && a->code[0] != '\0') {
        return bf_fail(diag, BF_APPLY_WRITE, "IAM refuses iam:%s for user %s: %s%s%s",
                       action, policy->user, a->code, a->message[0] != '\0' ? ": " : "",
                       a->message);
    }
    return bf_fail(diag, BF_NET_ANSWER, "IAM answers iam:%s with status %ld and %s",
                   action, a->http.status,
                   a->code[0] != '\0' ? a->code : "no error code");
}

/* AWS percent-encodes the document, RGW only escapes it for XML; JSON begins with "{" and
 * nothing encoded does. */
static enum bf_err decode(struct bf_buf *out, struct bf_bytes xml, struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_DOCUMENT);
    bool ok = vfy_xml_text(&text, xml, "PolicyDocument") && !text.bad && text.len > 0;

    if (ok && text.ptr[0] == '{') {
        bf_put_bytes(out, bf_buf_bytes(&text));
    } else if (ok) {
        ok = vfy_percent_decode(out, bf_buf_bytes(&text));
    }
    bf_buf_clear(&text);
    return ok && !out->bad
               ? BF_OK
               : bf_fail(diag, BF_NET_ANSWER, "IAM: no policy document in the answer");
}

enum bf_err vfy_iam_get(const struct vfy_aws *aws, const struct vfy_iam_policy *policy,
                        struct bf_buf *out, bool *absent, struct bf_diag *diag)
{
    struct vfy_aws_answer a;
    enum bf_err err = ask(aws, policy, "GetUserPolicy", NULL, &a, diag);

    *absent = false;
    if (err == BF_OK && a.http.status == 200) {
        err = decode(out, bf_buf_bytes(&a.http.body), diag);
    } else if (err == BF_OK && a.http.status == 404 &&
               strcmp(a.code, "NoSuchEntity") == 0) {
        *absent = true;
    } else if (err == BF_OK) {
        err = refusal(&a, policy, "GetUserPolicy", diag);
    }
    vfy_aws_answer_clear(&a);
    return err;
}

static enum bf_err write_policy(const struct vfy_aws *aws,
                                const struct vfy_iam_policy *policy, const char *action,
                                const char *document, bool *unknown, struct bf_diag *diag)
{
    struct vfy_aws_answer a;
    enum bf_err err = ask(aws, policy, action, document, &a, diag);

    *unknown = (err != BF_OK && a.http.sent) || (err == BF_OK && a.http.status >= 500);
    if (err == BF_OK && document == NULL && strcmp(a.code, "NoSuchEntity") == 0) {
        err = BF_OK;
    } else if (err == BF_OK && a.http.status != 200) {
        err = refusal(&a, policy, action, diag);
    }
    vfy_aws_answer_clear(&a);
    return err;
}

enum bf_err vfy_iam_put(const struct vfy_aws *aws, const struct vfy_iam_policy *policy,
                        const char *document, bool *unknown, struct bf_diag *diag)
{
    return write_policy(aws, policy, "PutUserPolicy", document, unknown, diag);
}

enum bf_err vfy_iam_delete(const struct vfy_aws *aws, const struct vfy_iam_policy *policy,
                           bool *unknown, struct bf_diag *diag)
{
    return write_policy(aws, policy, "DeleteUserPolicy", NULL, unknown, diag);
}
