/* SPDX-License-Identifier: Apache-2.0 */
/* The signer: AWS's published example at each stage, S3's, and libcurl's signer on
 * requests that it signs rightly. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "applier/sigv4.h"
#include "bf/text.h"
#include "harness.h"

static const struct vfy_aws_key example = {
    {(const uint8_t *)"AKIDEXAMPLE", 11},
    {(const uint8_t *)"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40}};

enum { AUG_30_2015 = 1440938160, MAY_24_2013 = 1369353600 };

/* AWS General Reference, "Signature Version 4 signing process", the IAM ListUsers
 * example. */
static void test_list_users(void)
{
    static const struct vfy_aws_header type = {
        "content-type", "application/x-www-form-urlencoded; charset=utf-8"};
    const struct vfy_aws_request req = {.service = "iam",
                                        .region = "us-east-1",
                                        .method = "GET",
                                        .host = "iam.amazonaws.com",
                                        .path = "/",
                                        .query = "Action=ListUsers&Version=2010-05-08",
                                        .headers = &type,
                                        .num_headers = 1};
    struct bf_buf canonical = bf_buf(4096);
    struct bf_diag diag = {0};
    struct vfy_sigv4 sig;
    char hash[65];

    T_OK(vfy_sigv4_sign(&sig, &example, &req, AUG_30_2015, &diag), &diag);
    T_TEXT(sig.date, "20150830T123600Z");
    vfy_sigv4_canonical(&canonical, &sig, &req);
    T_OK(bf_sha256_hex(hash, bf_buf_bytes(&canonical)), &diag);
    T_TEXT(hash, "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    T_TEXT(sig.authorization,
           "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
           "SignedHeaders=content-type;host;x-amz-date, "
           "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    bf_buf_clear(&canonical);
}

/* Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header": GET
 * with a range, and list. */
static void test_s3_examples(void)
{
    static const struct vfy_aws_key key = {
        {(const uint8_t *)"AKIAIOSFODNN7EXAMPLE", 20},
        {(const uint8_t *)"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40}};
    static const struct vfy_aws_header range = {"range", "bytes=0-9"};
    struct vfy_aws_request req = {.service = "s3",
                                  .region = "us-east-1",
                                  .method = "GET",
                                  .host = "examplebucket.s3.amazonaws.com",
                                  .path = "/test.txt",
                                  .query = "",
                                  .headers = &range,
                                  .num_headers = 1};
    struct bf_diag diag = {0};
    struct vfy_sigv4 sig;

    T_OK(vfy_sigv4_sign(&sig, &key, &req, MAY_24_2013, &diag), &diag);
    T_TEXT(sig.authorization,
           "AWS4-HMAC-SHA256 "
           "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
           "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
           "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    req.path = "/";
    req.query = "max-keys=2&prefix=J";
    req.num_headers = 0;
    T_OK(vfy_sigv4_sign(&sig, &key, &req, MAY_24_2013, &diag), &diag);
    T_TEXT(sig.authorization,
           "AWS4-HMAC-SHA256 "
           "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
           "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
           "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/* ---- against libcurl, where its signer is right (7.88: sorted query with "=", own
 * x-amz-content-sha256) ---- */

struct wire {
    char text[4096];
    size_t len;
};

static int keep_sent(CURL *curl, curl_infotype type, char *data, size_t size, void *ctx)
{
    struct wire *w = ctx;

    (void)curl;
    if (type == CURLINFO_HEADER_OUT && w->len + size < sizeof(w->text)) {
        memcpy(w->text + w->len, data, size);
        w->len += size;
    }
    return 0;
}

/* What curl would have sent as Authorization and X-Amz-Date; a port that never answers
 * takes it. */
static bool curl_signs(char *auth, size_t size, char *date, const char *method,
                       const char *url, const char *service, const char *const *headers,
                       const char *body)
{
    struct wire w = {.len = 0};
    struct curl_slist *list = NULL;
    char provider[60];
    CURL *curl = curl_easy_init();
    const char *at;
    size_t i;

    snprintf(provider, sizeof(provider), "aws:amz:us-east-1:%s", service);
    for (i = 0; headers[i] != NULL; i++) {
        list = curl_slist_append(list, headers[i]);
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider);
    curl_easy_setopt(curl, CURLOPT_USERPWD,
                     "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, keep_sent);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &w);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 300L);
    (void)curl_easy_perform(curl);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    w.text[w.len] = '\0';
    at = strcasestr(w.text, "\r\nAuthorization: ");
    if (at == NULL) {
        return false;
    }
    at += strlen("\r\nAuthorization: ");
    snprintf(auth, size, "%.*s", (int)strcspn(at, "\r"), at);
    at = strcasestr(w.text, "\r\nX-Amz-Date: ");
    if (at == NULL) {
        return false;
    }
    snprintf(date, 17, "%.16s", at + strlen("\r\nX-Amz-Date: "));
    return true;
}

/* A port that takes connections and never answers; open until the program ends. */
static int silent_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
        listen(fd, 16) != 0 || getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        abort();
    }
    return ntohs(address.sin_port);
}

static int64_t seconds_of(const char *date)
{
    char text[21];

    snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", date, date + 4,
             date + 6, date + 9, date + 11, date + 13);
    return bf_time_parse(text);
}

static void test_libcurl_agrees(void)
{
    static const struct {
        const char *service, *method, *path, *query, *body;
    } cases[] = {
        {"s3", "GET", "/bucket", "list-type=2&max-keys=1&prefix=a%2Fb%2F", NULL},
        {"s3", "GET", "/bucket/prod-eu-1/object", "", NULL},
        {"s3", "PUT", "/bucket/object", "", "some content"},
        {"s3", "POST", "/bucket", "delete=", "<Delete></Delete>"},
        {"iam", "POST", "/", "", "Action=GetUserPolicy&Version=2010-05-08&UserName=bob"},
    };
    int port = silent_port();
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct bf_bytes body =
            cases[i].body != NULL ? bf_text(cases[i].body) : bf_view(NULL, 0);
        const struct vfy_aws_header type = {"content-type", "text/x"};
        char url[300], host[40], auth[800], date[17], sum[120], hash[65];
        const char *headers[4] = {"Content-Type: text/x", NULL, NULL, NULL};
        struct vfy_aws_request req = {.service = cases[i].service,
                                      .region = "us-east-1",
                                      .method = cases[i].method,
                                      .host = host,
                                      .path = cases[i].path,
                                      .query = cases[i].query,
                                      .headers = &type,
                                      .num_headers = 1,
                                      .body = body};
        struct bf_diag diag = {0};
        struct vfy_sigv4 sig;

        T_OK(bf_sha256_hex(hash, body), &diag);
        snprintf(host, sizeof(host), "127.0.0.1:%d", port);
        snprintf(url, sizeof(url), "http://%s%s%s%s", host, cases[i].path,
                 cases[i].query[0] != '\0' ? "?" : "", cases[i].query);
        snprintf(sum, sizeof(sum), "x-amz-content-sha256: %s", hash);
        headers[1] = strcmp(cases[i].service, "s3") == 0 ? sum : NULL;
        T_TRUE(curl_signs(auth, sizeof(auth), date, cases[i].method, url,
                          cases[i].service, headers, cases[i].body));
        T_OK(vfy_sigv4_sign(&sig, &example, &req, seconds_of(date), &diag), &diag);
        T_TEXT(sig.date, date);
        T_TEXT(sig.authorization, auth);
    }
}

static void test_encode(void)
{
    struct bf_buf out = bf_buf(200);

    vfy_aws_encode(&out, bf_text("aZ09-._~/ +%=&\x7f"), false);
    vfy_aws_encode(&out, bf_text("/a b"), true);
    T_TEXT(bf_buf_text(&out), "aZ09-._~%2F%20%2B%25%3D%26%7F/a%20b");
    bf_buf_clear(&out);
}

static void test_limits(void)
{
    static const uint8_t many[2000] = {'x'};
    const struct vfy_aws_key long_secret = {{many, 20}, {many, 1025}},
                             long_id = {{many, 129}, {many, 40}};
    const struct vfy_aws_request req = {.service = "s3",
                                        .region = "r",
                                        .method = "GET",
                                        .host = "h",
                                        .path = "/",
                                        .query = ""};
    struct bf_diag diag = {0};
    struct vfy_sigv4 sig;

    T_ERR(vfy_sigv4_sign(&sig, &long_secret, &req, 0, &diag), BF_TOO_LARGE, &diag);
    T_ERR(vfy_sigv4_sign(&sig, &long_id, &req, 0, &diag), BF_TOO_LARGE, &diag);
}

T_CASES("sigv4", {"IAM ListUsers", test_list_users}, {"S3 examples", test_s3_examples},
        {"libcurl agrees", test_libcurl_agrees}, {"encode", test_encode},
        {"limits", test_limits});
