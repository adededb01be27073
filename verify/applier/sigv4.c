/* SPDX-License-Identifier: Apache-2.0 */
#include "sigv4.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    MAX_CANONICAL = 64 * 1024,
    MAX_SECRET = 1024,
    MAX_SCOPE = 200,
    MAX_ID = 128,
    MAX_SIGNED_HEADERS = 200
};

static bool is_s3(const struct vfy_aws_request *req)
{
    return strcmp(req->service, "s3") == 0;
}

void vfy_aws_encode(struct bf_buf *out, struct bf_bytes text, bool slash)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t i;

    for (i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];

        if ((c != '\0' && strchr(plain, c) != NULL) || (slash && c == '/')) {
            bf_put_u8(out, c);
        } else {
            bf_put_fmt(out, "%%%02X", c);
        }
    }
}

/* One line for each header, ascending by name; names alone when names. */
static void put_headers(struct bf_buf *out, const struct vfy_sigv4 *sig,
                        const struct vfy_aws_request *req, bool names)
{
    const struct vfy_aws_header own[] = {{"host", req->host},
                                         {"x-amz-content-sha256", sig->sha256},
                                         {"x-amz-date", sig->date}};
    const char *separator = "";
    size_t a = 0;
    size_t b = 0;

    while (a < sizeof(own) / sizeof(own[0]) || b < req->num_headers) {
        const struct vfy_aws_header *h;

        if (a == 1 && !is_s3(req)) {
            a++;
            continue;
        }
        if (a < sizeof(own) / sizeof(own[0]) &&
            (b == req->num_headers || strcmp(own[a].name, req->headers[b].name) < 0)) {
            h = &own[a++];
        } else {
            h = &req->headers[b++];
        }
        if (names) {
            bf_put_fmt(out, "%s%s", separator, h->name);
            separator = ";";
        } else {
            bf_put_fmt(out, "%s:%s\n", h->name, h->value);
        }
    }
}

void vfy_sigv4_canonical(struct bf_buf *out, const struct vfy_sigv4 *sig,
                         const struct vfy_aws_request *req)
{
    bf_put_fmt(out, "%s\n%s\n%s\n", req->method, req->path, req->query);
    put_headers(out, sig, req, false);
    bf_put_text(out, "\n");
    put_headers(out, sig, req, true);
    bf_put_fmt(out, "\n%s", sig->sha256);
}

/* The signing key: a chain of HMACs over the parts of the scope, from the secret on. */
static void derive(uint8_t out[BF_SHA256], const struct vfy_aws_key *key, const char *day,
                   const struct vfy_aws_request *req)
{
    const char *const parts[] = {day, req->region, req->service, "aws4_request"};
    uint8_t first[4 + MAX_SECRET] = {0};
    struct bf_bytes k = bf_view(first, 4 + key->secret.len);
    size_t i;

    bf_copy(first, "AWS4", 4);
    bf_copy(first + 4, key->secret.ptr, key->secret.len);
    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        uint8_t next[BF_SHA256];
        const struct bf_bytes message = bf_text(parts[i]);

        bf_hmac_sha256(next, k, &message, 1);
        bf_copy(out, next, sizeof(next));
        bf_wipe(next, sizeof(next));
        k = bf_view(out, BF_SHA256);
    }
    bf_wipe(first, sizeof(first));
}

/* Date and body hash; then the canonical request can be written. */
static enum bf_err prepare(struct vfy_sigv4 *out, const struct vfy_aws_key *key,
                           const struct vfy_aws_request *req, int64_t now,
                           struct bf_diag *diag)
{
    const time_t seconds = (time_t)now;
    struct tm utc;

    *out = (struct vfy_sigv4){0};
    if (key->secret.len > MAX_SECRET || key->id.len > MAX_ID) {
        return bf_fail(diag, BF_TOO_LARGE, "AWS key");
    }
    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(out->date, sizeof(out->date), "%Y%m%dT%H%M%SZ", &utc) !=
            sizeof(out->date) - 1) {
        return bf_fail(diag, BF_INTERNAL, "time for a signature");
    }
    return bf_sha256_hex(out->sha256, req->body);
}

enum bf_err vfy_sigv4_sign(struct vfy_sigv4 *out, const struct vfy_aws_key *key,
                           const struct vfy_aws_request *req, int64_t now,
                           struct bf_diag *diag)
{
    struct bf_buf canonical = bf_buf(MAX_CANONICAL);
    struct bf_buf names = bf_buf(MAX_SIGNED_HEADERS);
    char day[9] = {0}, scope[MAX_SCOPE], hash[2 * BF_SHA256 + 1],
         signature[2 * BF_SHA256 + 1], text[400];
    uint8_t signing[BF_SHA256], mac[BF_SHA256];
    struct bf_bytes message;
    enum bf_err err;
    int n;

    if ((err = prepare(out, key, req, now, diag)) != BF_OK) {
        goto out;
    }
    bf_copy(day, out->date, 8);
    n = snprintf(scope, sizeof(scope), "%s/%s/%s/aws4_request", day, req->region,
                 req->service);
    vfy_sigv4_canonical(&canonical, out, req);
    put_headers(&names, out, req, true);
    if (n < 0 || (size_t)n >= sizeof(scope) || bf_buf_text(&names) == NULL) {
        err = bf_fail(diag, BF_TOO_LARGE, "request to %s", req->service);
        goto out;
    }
    if ((err = bf_buf_check(&canonical, "request", diag)) != BF_OK ||
        (err = bf_sha256_hex(hash, bf_buf_bytes(&canonical))) != BF_OK) {
        goto out;
    }
    (void)snprintf(text, sizeof(text), "AWS4-HMAC-SHA256\n%s\n%s\n%s", out->date, scope,
                   hash);
    derive(signing, key, day, req);
    message = bf_text(text);
    bf_hmac_sha256(mac, bf_view(signing, sizeof(signing)), &message, 1);
    bf_hex(signature, mac, sizeof(mac));
    (void)snprintf(out->authorization, sizeof(out->authorization),
                   "AWS4-HMAC-SHA256 Credential=%.*s/%s, SignedHeaders=%s, Signature=%s",
                   (int)key->id.len, (const char *)key->id.ptr, scope,
                   (const char *)names.ptr, signature);
out:
    bf_wipe(signing, sizeof(signing));
    bf_buf_clear(&names);
    bf_buf_clear(&canonical);
    return err;
}
