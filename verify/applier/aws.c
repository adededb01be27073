/* SPDX-License-Identifier: Apache-2.0 */
#include "aws.h"

#include <string.h>
#include <time.h>

#include "xml.h"

enum { SECONDS = 30, MAX_LINE = 1024 };

/* The lines one after the other, each with its NUL; the request points to them once all
 * are there. */
static void put_headers(struct bf_buf *lines, struct vfy_http_request *req,
                        const struct vfy_aws_call *call, const struct vfy_sigv4 *sig,
                        bool s3)
{
    size_t starts[VFY_MAX_HEADERS];
    size_t i;

    for (i = 0; i < call->num_headers; i++) {
        starts[i] = lines->len;
        bf_put_fmt(lines, "%s: %s%c", call->headers[i].name, call->headers[i].value,
                   '\0');
    }
    starts[i++] = lines->len;
    bf_put_fmt(lines, "x-amz-date: %s%c", sig->date, '\0');
    if (s3) { /* S3 wants it; elsewhere it would be an x-amz- header that is not signed */
        starts[i++] = lines->len;
        bf_put_fmt(lines, "x-amz-content-sha256: %s%c", sig->sha256, '\0');
    }
    starts[i++] = lines->len;
    bf_put_fmt(lines, "Authorization: %s%c", sig->authorization, '\0');
    req->num_headers = lines->bad ? 0 : i;
    for (i = 0; i < req->num_headers; i++) {
        req->headers[i] = (const char *)lines->ptr + starts[i];
    }
}

enum bf_err vfy_aws_ask(const struct vfy_aws *aws, const struct vfy_aws_call *call,
                        struct vfy_aws_answer *out, struct bf_diag *diag)
{
    struct vfy_aws_request signed_part = {.service = aws->service,
                                          .region = aws->region,
                                          .method = call->method,
                                          .host = vfy_http_host(aws->http),
                                          .query = call->query,
                                          .headers = call->headers,
                                          .num_headers = call->num_headers,
                                          .body = call->body};
    /* RGW's answer to GetUserPolicy of a missing policy is longer than its
     * Content-Length; the rest would be taken for the next answer */
    struct vfy_http_request req = {
        .method = call->method, .body = call->body, .seconds = SECONDS, .one_shot = true};
    struct bf_buf path = bf_buf(VFY_MAX_URL), target = bf_buf(VFY_MAX_URL),
                  lines = bf_buf(MAX_LINE * VFY_MAX_HEADERS);
    struct vfy_sigv4 sig;
    enum bf_err err;

    *out = (struct vfy_aws_answer){0};
    bf_put_fmt(&path, "%s%s", vfy_http_path(aws->http), call->path);
    bf_put_fmt(&target, "%s%s%s", call->path, call->query[0] != '\0' ? "?" : "",
               call->query);
    signed_part.path = bf_buf_text(&path);
    req.target = bf_buf_text(&target);
    if (signed_part.path == NULL || req.target == NULL ||
        call->num_headers > VFY_MAX_HEADERS - 3) {
        err = bf_fail(diag, BF_TOO_LARGE, "request to %s", aws->service);
        goto out;
    }
    if ((err = vfy_sigv4_sign(&sig, &aws->key, &signed_part, (int64_t)time(NULL),
                              diag)) != BF_OK) {
        goto out;
    }
    put_headers(&lines, &req, call, &sig, strcmp(aws->service, "s3") == 0);
    if ((err = bf_buf_check(&lines, "headers", diag)) != BF_OK) {
        goto out;
    }
    if ((err = vfy_http_ask(aws->http, &req, &out->http, diag)) != BF_OK) {
        goto out;
    }
    if (out->http.status >= 300 || out->http.body.len > 0) {
        vfy_xml_short(out->code, sizeof(out->code), bf_buf_bytes(&out->http.body),
                      "Code");
        vfy_xml_short(out->message, sizeof(out->message), bf_buf_bytes(&out->http.body),
                      "Message");
    }
out:
    bf_buf_clear(&lines);
    bf_buf_clear(&target);
    bf_buf_clear(&path);
    return err;
}

void vfy_aws_answer_clear(struct vfy_aws_answer *a)
{
    vfy_http_answer_clear(&a->http);
    *a = (struct vfy_aws_answer){0};
}

bool vfy_aws_bad_key(const char *code, const char **what)
{
    static const struct {
        const char *code, *what;
    } table[] = {
        {"InvalidAccessKeyId", "the access key id is not known there"},
        {"InvalidClientTokenId", "the access key id is not known there"},
        {"UnrecognizedClientException", "the access key id is not known there"},
        {"SignatureDoesNotMatch", "the secret key does not belong to the access key id"},
        {"InvalidSignatureException",
         "the secret key does not belong to the access key id"},
        {"IncompleteSignature", "the access key id is malformed"},
        {"ExpiredToken", "the keys are temporary and have expired"},
        {"InvalidToken", "the keys are temporary and lack their session token"},
        {"RequestTimeTooSkewed", "the clock of this machine is more than 15 minutes off"},
        {"RequestExpired", "the clock of this machine is more than 15 minutes off"},
    };
    size_t i;

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(code, table[i].code) == 0) {
            *what = table[i].what;
            return true;
        }
    }
    return false;
}
