/* SPDX-License-Identifier: Apache-2.0 */
#include "s3.h"

#include <stdio.h>
#include <string.h>

#include "xml.h"

enum { MAX_BODY = 2048 };

static const char content[] = "snapseal probe\n";

/* ---- where ---- */

struct partition {
    const char *begins, *name, *suffix;
};

/* AWS's partitions by the region's beginning (botocore's partitions.json). */
static const struct partition *partition_of(const char *region)
{
    static const struct partition table[] = {
        {"cn-", "aws-cn", "amazonaws.com.cn"},
        {"us-gov-", "aws-us-gov", "amazonaws.com"},
        {"eusc-", "aws-eusc", "amazonaws.eu"},
        {"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
        {"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
        {"us-iso-", "aws-iso", "c2s.ic.gov"},
        {"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"},
        {"", "aws", "amazonaws.com"},
    };
    size_t i = 0;

    while (strncmp(region, table[i].begins, strlen(table[i].begins)) != 0) {
        i++;
    }
    return &table[i];
}

const char *vfy_s3_partition(const char *region)
{
    return partition_of(region)->name;
}

/* A name in front of an address of digits cannot be resolved, and one with dots does not
 * fit a wildcard certificate. */
static bool needs_path_style(const char *endpoint, const char *bucket)
{
    const char *host = strstr(endpoint, "://");
    const size_t len = host != NULL ? strspn(host + 3, "0123456789.") : 0;

    return strchr(bucket, '.') != NULL ||
           (len > 0 &&
            (host[3 + len] == ':' || host[3 + len] == '/' || host[3 + len] == '\0'));
}

static bool fits(int n, size_t size)
{
    return n >= 0 && (size_t)n < size;
}

static bool place_names(struct vfy_s3 *out, const struct vfy_s3_place *place,
                        const char *region, char *url, size_t size)
{
    const char *base = place->base_path;
    size_t len = strlen(base);
    int n;

    while (len > 0 && base[len - 1] == '/') {
        len--;
    }
    if (place->endpoint[0] != '\0') {
        n = snprintf(out->endpoint, sizeof(out->endpoint), "%s", place->endpoint);
    } else {
        n = snprintf(out->endpoint, sizeof(out->endpoint), "https://s3.%s.%s", region,
                     partition_of(region)->suffix);
    }
    if (!fits(n, sizeof(out->endpoint)) ||
        !fits(snprintf(out->base, sizeof(out->base), "%.*s%s", (int)len, base,
                       len > 0 ? "/" : ""),
              sizeof(out->base)) ||
        !fits(snprintf(out->key, sizeof(out->key), "%ssnapseal-probe-%s", out->base,
                       place->run_id),
              sizeof(out->key))) {
        return false;
    }
    out->path_style = place->path_style || needs_path_style(out->endpoint, place->bucket);
    if (out->path_style) {
        return fits(snprintf(url, size, "%s", out->endpoint), size);
    }
    return fits(snprintf(url, size, "https://%s.%s", place->bucket,
                         out->endpoint + strlen("https://")),
                size);
}

enum bf_err vfy_s3_open(struct vfy_s3 *out, const struct vfy_s3_place *place,
                        struct vfy_aws_key key, struct bf_diag *diag)
{
    const char *region = place->region[0] != '\0' ? place->region : "us-east-1";
    char url[400];
    enum bf_err err;

    *out = (struct vfy_s3){.bucket = place->bucket};
    if (!place_names(out, place, region, url, sizeof(url))) {
        return bf_fail(diag, BF_TOO_LARGE, "address of the bucket");
    }
    if ((err = vfy_http_open(&out->http, url, place->ca_file, diag)) != BF_OK) {
        return err;
    }
    out->aws = (struct vfy_aws){
        .http = out->http, .key = key, .service = "s3", .region = region};
    return BF_OK;
}

void vfy_s3_close(struct vfy_s3 *s3)
{
    vfy_http_close(&s3->http);
    *s3 = (struct vfy_s3){0};
}

/* ---- the four calls ---- */

static void put_xml(struct bf_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            bf_put_text(out, "&amp;");
            break;
        case '<':
            bf_put_text(out, "&lt;");
            break;
        case '>':
            bf_put_text(out, "&gt;");
            break;
        default:
            bf_put(out, text, 1);
        }
    }
}

static void put_path(struct bf_buf *out, const struct vfy_s3 *s3, const char *key)
{
    if (s3->path_style) {
        bf_put_fmt(out, "/%s", s3->bucket);
    }
    bf_put_text(out, key != NULL || !s3->path_style ? "/" : "");
    vfy_aws_encode(out, bf_text(key != NULL ? key : ""), true);
}

/* A request without a body, of the bucket (key NULL) or of an object. range: "bytes=0-9",
 * NULL: all. */
static enum bf_err plain(const struct vfy_s3 *s3, const char *method, const char *key,
                         const char *query, const char *range, struct vfy_aws_answer *a,
                         struct bf_diag *diag)
{
    const struct vfy_aws_header header = {"range", range};
    struct vfy_aws_call call = {.method = method,
                                .query = query,
                                .headers = &header,
                                .num_headers = range != NULL ? 1 : 0};
    struct bf_buf path = bf_buf(MAX_BODY);
    enum bf_err err = BF_TOO_LARGE;

    put_path(&path, s3, key);
    call.path = bf_buf_text(&path);
    if (call.path != NULL) {
        err = vfy_aws_ask(&s3->aws, &call, a, diag);
    }
    bf_buf_clear(&path);
    return err;
}

static enum bf_err list(const struct vfy_s3 *s3, struct vfy_aws_answer *a,
                        struct bf_diag *diag)
{
    struct bf_buf query = bf_buf(MAX_BODY);
    enum bf_err err = BF_TOO_LARGE;

    bf_put_text(&query, "list-type=2&max-keys=1&prefix=");
    vfy_aws_encode(&query, bf_text(s3->base), false);
    if (bf_buf_text(&query) != NULL) {
        err = plain(s3, "GET", NULL, (const char *)query.ptr, NULL, a, diag);
    }
    bf_buf_clear(&query);
    return err;
}

static enum bf_err put(const struct vfy_s3 *s3, struct vfy_aws_answer *a,
                       struct bf_diag *diag)
{
    static const struct vfy_aws_header type = {"content-type",
                                               "application/octet-stream"};
    struct vfy_aws_call call = {.method = "PUT",
                                .query = "",
                                .headers = &type,
                                .num_headers = 1,
                                .body = bf_text(content)};
    struct bf_buf path = bf_buf(MAX_BODY);
    enum bf_err err = BF_TOO_LARGE;

    put_path(&path, s3, s3->key);
    call.path = bf_buf_text(&path);
    if (call.path != NULL) {
        err = vfy_aws_ask(&s3->aws, &call, a, diag);
    }
    bf_buf_clear(&path);
    return err;
}

/* AWS wants a checksum with this call: Content-MD5, or this one. */
static enum bf_err multi_delete(const struct vfy_s3 *s3, struct vfy_aws_answer *a,
                                struct bf_diag *diag)
{
    struct vfy_aws_header headers[] = {{"content-type", "application/xml"},
                                       {"x-amz-checksum-sha256", NULL},
                                       {"x-amz-sdk-checksum-algorithm", "SHA256"}};
    struct vfy_aws_call call = {
        .method = "POST", .query = "delete=", .headers = headers, .num_headers = 3};
    struct bf_buf path = bf_buf(MAX_BODY), body = bf_buf(MAX_BODY), sum = bf_buf(64);
    uint8_t hash[BF_SHA256];
    enum bf_err err = BF_TOO_LARGE;

    put_path(&path, s3, NULL);
    bf_put_text(
        &body, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>");
    put_xml(&body, s3->key);
    bf_put_text(&body, "</Key></Object></Delete>");
    call.body = bf_buf_bytes(&body);
    call.path = bf_buf_text(&path);
    if (!body.bad && call.path != NULL &&
        (err = bf_sha256(hash, &call.body, 1)) == BF_OK) {
        bf_put_base64(&sum, bf_view(hash, sizeof(hash)), 0, true);
        headers[1].value = bf_buf_text(&sum);
        err = headers[1].value != NULL ? vfy_aws_ask(&s3->aws, &call, a, diag)
                                       : BF_NO_MEMORY;
    }
    bf_buf_clear(&sum);
    bf_buf_clear(&body);
    bf_buf_clear(&path);
    return err;
}

static void read_answer(const struct vfy_aws_answer *a, struct vfy_s3_result *out)
{
    const struct bf_bytes body = bf_buf_bytes(&a->http.body);

    out->reached = true;
    out->status = a->http.status;
    out->ok = a->http.status == 200 || a->http.status == 204 || a->http.status == 206;
    (void)snprintf(out->code, sizeof(out->code), "%.63s", a->code);
    (void)snprintf(out->message, sizeof(out->message), "%.159s", a->message);
    (void)snprintf(out->region, sizeof(out->region), "%s", a->http.region);
    if (out->region[0] == '\0') {
        vfy_xml_short(out->region, sizeof(out->region), body, "Region");
    }
}

static void judge(enum vfy_s3_action action, const struct vfy_aws_answer *a,
                  struct vfy_s3_result *out)
{
    const struct bf_bytes body = bf_buf_bytes(&a->http.body);

    read_answer(a, out);
    if (action == VFY_S3_GET && out->ok && !bf_bytes_is(body, content)) {
        out->ok = false;
        (void)snprintf(out->code, sizeof(out->code), "(other content than was put)");
    }
    /* a multi-delete is 200 even when the object was not deleted */
    if (action == VFY_S3_DELETE && out->code[0] != '\0') {
        out->ok = false;
    }
}

void vfy_s3_try(const struct vfy_s3 *s3, enum vfy_s3_action action,
                struct vfy_s3_result *out)
{
    struct vfy_aws_answer a = {0};
    struct bf_diag diag = {0};
    enum bf_err err = BF_INTERNAL;

    *out = (struct vfy_s3_result){0};
    switch (action) {
    case VFY_S3_LIST:
        err = list(s3, &a, &diag);
        break;
    case VFY_S3_PUT:
        err = put(s3, &a, &diag);
        break;
    case VFY_S3_GET:
        err = plain(s3, "GET", s3->key, "", NULL, &a, &diag);
        break;
    case VFY_S3_DELETE:
        err = multi_delete(s3, &a, &diag);
        break;
    case VFY_NUM_S3_ACTIONS:
        break;
    }
    if (err == BF_OK) {
        judge(action, &a, out);
    } else {
        out->no_way = a.http.no_way;
        (void)snprintf(out->failure, sizeof(out->failure), "%.199s", diag.where);
    }
    vfy_aws_answer_clear(&a);
}

static void ask(const struct vfy_s3 *s3, const char *method, const char *key,
                const char *query, const char *range, struct vfy_s3_result *out,
                struct bf_buf *body)
{
    struct vfy_aws_answer a = {0};
    struct bf_diag diag = {0};

    *out = (struct vfy_s3_result){0};
    if (plain(s3, method, key, query, range, &a, &diag) == BF_OK) {
        read_answer(&a, out);
        if (body != NULL) {
            bf_put(body, a.http.body.ptr, a.http.body.len);
        }
    } else {
        (void)snprintf(out->failure, sizeof(out->failure), "%.199s", diag.where);
    }
    vfy_aws_answer_clear(&a);
}

void vfy_s3_ask(const struct vfy_s3 *s3, const char *method, const char *key,
                const char *query, struct vfy_s3_result *out, struct bf_buf *body)
{
    ask(s3, method, key, query, NULL, out, body);
}

void vfy_s3_read(const struct vfy_s3 *s3, const char *key, size_t first,
                 struct vfy_s3_result *out, struct bf_buf *body)
{
    char range[64];

    (void)snprintf(range, sizeof(range), "bytes=0-%zu", first - 1);
    ask(s3, "GET", key, "", range, out, body);
}

/* ---- what it means ---- */

static const struct {
    const char *word, *right;
} actions[VFY_NUM_S3_ACTIONS] = {
    [VFY_S3_LIST] = {"list", "s3:ListBucket"},
    [VFY_S3_PUT] = {"put", "s3:PutObject"},
    [VFY_S3_GET] = {"get", "s3:GetObject"},
    [VFY_S3_DELETE] = {"delete", "s3:DeleteObject"},
};

const char *vfy_s3_word(enum vfy_s3_action action)
{
    return actions[action].word;
}

const char *vfy_s3_right(enum vfy_s3_action action)
{
    return actions[action].right;
}
