/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 15, TICK_SECONDS = 10, MAX_CREDENTIAL = 4096 };

struct vfy_http {
    CURL *curl;
    char *url;     /* without a final "/" */
    char *ca_file; /* "": the system's */
    char *host;
    const char *path;            /* in url */
    struct bf_secret credential; /* a whole header line and NUL, or empty */
    char reason[CURL_ERROR_SIZE];
};

/* What the callbacks of one call share. */
struct call {
    const struct vfy_http_request *req;
    struct vfy_http_answer *out;
    struct timespec start;
    unsigned ticks;
    bool too_large;
};

/* ---- memory: curl copies the cluster's credential to its own heap, so whatever it frees
 * is wiped ---- */

static void wiping_free(void *p)
{
    if (p != NULL) {
        bf_wipe(p, malloc_usable_size(p));
    }
    free(p);
}

static void *wiping_realloc(void *p, size_t len)
{
    const size_t old = p != NULL ? malloc_usable_size(p) : 0;
    void *q = malloc(len > 0 ? len : 1);

    if (q == NULL) {
        return NULL;
    }
    bf_copy(q, p, old < len ? old : len);
    wiping_free(p);
    return q;
}

enum bf_err vfy_http_start(struct bf_diag *diag)
{
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc,
                             strdup, calloc) != CURLE_OK) {
        return bf_fail(diag, BF_INTERNAL, "libcurl does not start");
    }
    return BF_OK;
}

void vfy_http_stop(void)
{
    curl_global_cleanup();
}

/* ---- one server ---- */

/* "https://host:443/path/" to url without a final slash, host as it is sent, path. */
static bool split_url(struct vfy_http *h, const char *url)
{
    static const char scheme[] = "https://";
    size_t len = strlen(url);
    char *slash, *port;

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || len > VFY_MAX_URL / 2) {
        return false;
    }
    while (len > sizeof(scheme) && url[len - 1] == '/') {
        len--;
    }
    h->url = strndup(url, len);
    h->host = h->url != NULL ? strdup(h->url + sizeof(scheme) - 1) : NULL;
    if (h->host == NULL) {
        return false;
    }
    slash = strchr(h->host, '/');
    h->path = slash != NULL ? h->url + (sizeof(scheme) - 1) + (slash - h->host) : "";
    if (slash != NULL) {
        *slash = '\0';
    }
    port = strrchr(h->host, ':');
    if (port != NULL && strcmp(port, ":443") == 0) {
        *port = '\0';
    }
    return true;
}

enum bf_err vfy_http_open(struct vfy_http **out, const char *url, const char *ca_file,
                          struct bf_diag *diag)
{
    struct vfy_http *h = calloc(1, sizeof(*h));

    *out = NULL;
    if (h == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "connection");
    }
    h->ca_file = strdup(ca_file);
    if (!split_url(h, url) || h->ca_file == NULL) {
        vfy_http_close(&h);
        return bf_fail(diag, BF_INTERNAL, "not an https address");
    }
    if (ca_file[0] != '\0' && access(ca_file, R_OK) != 0) {
        vfy_http_close(&h);
        return bf_fail_errno(diag, ca_file);
    }
    h->curl = curl_easy_init();
    if (h->curl == NULL) {
        vfy_http_close(&h);
        return bf_fail(diag, BF_NO_MEMORY, "connection");
    }
    *out = h;
    return BF_OK;
}

void vfy_http_close(struct vfy_http **h)
{
    if (*h == NULL) {
        return;
    }
    curl_easy_cleanup((*h)->curl);
    bf_secret_clear(&(*h)->credential);
    free((*h)->url);
    free((*h)->ca_file);
    free((*h)->host);
    free(*h);
    *h = NULL;
}

static enum bf_err set_credential(struct vfy_http *h, const char *kind,
                                  struct bf_bytes value, struct bf_diag *diag)
{
    const struct bf_bytes head = bf_text(kind);
    enum bf_err err;

    bf_secret_clear(&h->credential);
    if ((err = bf_secret_alloc(&h->credential, head.len + value.len + 1, diag)) !=
        BF_OK) {
        return err;
    }
    bf_copy(h->credential.ptr, head.ptr, head.len);
    bf_copy(h->credential.ptr + head.len, value.ptr, value.len);
    h->credential.ptr[head.len + value.len] = '\0';
    h->credential.len = head.len + value.len;
    return BF_OK;
}

/* A line end in a credential would be a header of its own. */
static bool is_line(struct bf_bytes value)
{
    size_t i;

    for (i = 0; i < value.len; i++) {
        if (value.ptr[i] < 0x20 || value.ptr[i] == 0x7f) {
            return false;
        }
    }
    return value.len > 0 && value.len < MAX_CREDENTIAL / 2;
}

enum bf_err vfy_http_basic(struct vfy_http *h, const char *user, struct bf_bytes password,
                           struct bf_diag *diag)
{
    const struct bf_bytes name = bf_text(user);
    struct bf_secret plain = {0};
    struct bf_buf coded = bf_buf(MAX_CREDENTIAL);
    enum bf_err err;

    if (!is_line(name) || strchr(user, ':') != NULL || !is_line(password)) {
        return bf_fail(diag, BF_NET_AUTH,
                       "user or password for the cluster is empty or not one line");
    }
    if ((err = bf_secret_alloc(&plain, name.len + 1 + password.len, diag)) != BF_OK) {
        return err;
    }
    bf_copy(plain.ptr, name.ptr, name.len);
    plain.ptr[name.len] = ':';
    bf_copy(plain.ptr + name.len + 1, password.ptr, password.len);
    plain.len = name.len + 1 + password.len;
    bf_put_base64(&coded, bf_secret_bytes(&plain), 0, true);
    err = bf_buf_check(&coded, "credential", diag);
    if (err == BF_OK) {
        err = set_credential(h, "Authorization: Basic ", bf_buf_bytes(&coded), diag);
    }
    bf_buf_clear(&coded);
    bf_secret_clear(&plain);
    return err;
}

enum bf_err vfy_http_apikey(struct vfy_http *h, struct bf_bytes key, struct bf_diag *diag)
{
    if (!is_line(key)) {
        return bf_fail(diag, BF_NET_AUTH, "the API key is empty or not one line");
    }
    return set_credential(h, "Authorization: ApiKey ", key, diag);
}

const char *vfy_http_host(const struct vfy_http *h)
{
    return h->host;
}

const char *vfy_http_path(const struct vfy_http *h)
{
    return h->path;
}

/* ---- callbacks of one call ---- */

static size_t on_body(char *ptr, size_t size, size_t num, void *ctx)
{
    struct call *c = ctx;

    bf_put(&c->out->body, ptr, size * num);
    c->too_large = c->out->body.bad;
    return c->too_large ? 0 : size * num;
}

/* Copies the value of the header line when it is this one. */
static void keep_header(char *out, size_t size, const char *line, size_t len,
                        const char *name)
{
    const size_t name_len = strlen(name);
    size_t i, n = 0;

    if (len <= name_len || strncasecmp(line, name, name_len) != 0) {
        return;
    }
    for (i = name_len;
         i < len && n + 1 < size && line[i] != ';' && line[i] != '\r' && line[i] != '\n';
         i++) {
        if (line[i] != ' ' && line[i] > 0x20 && line[i] < 0x7f) {
            out[n++] = (char)tolower((unsigned char)line[i]);
        }
    }
    out[n] = '\0';
}

static size_t on_header(char *ptr, size_t size, size_t num, void *ctx)
{
    struct call *c = ctx;

    keep_header(c->out->type, sizeof(c->out->type), ptr, size * num, "content-type:");
    keep_header(c->out->region, sizeof(c->out->region), ptr, size * num,
                "x-amz-bucket-region:");
    keep_header(c->out->retry_after, sizeof(c->out->retry_after), ptr, size * num,
                "retry-after:");
    keep_header(c->out->interval, sizeof(c->out->interval), ptr, size * num,
                "x-ratelimit-interval:");
    return size * num;
}

/* The connection stands, nothing of the request is sent yet: from here on the outcome may
 * be unknown. */
static int on_request(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
    struct call *c = ctx;

    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    c->out->sent = true;
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose,
                               struct curl_sockaddr *address)
{
    struct call *c = ctx;

    (void)purpose;
    if (c->req->same_connection || (c->req->once && c->out->sent)) {
        c->out->moved = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static unsigned seconds_since(const struct timespec *start)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)(now.tv_sec - start->tv_sec);
}

static int on_progress(void *ctx, curl_off_t down, curl_off_t downed, curl_off_t up,
                       curl_off_t upped)
{
    struct call *c = ctx;
    const unsigned seconds = seconds_since(&c->start);

    (void)down;
    (void)downed;
    (void)up;
    (void)upped;
    if (c->req->tick != NULL && seconds >= (c->ticks + 1) * TICK_SECONDS) {
        c->ticks = seconds / TICK_SECONDS;
        c->req->tick(c->req->ctx, seconds);
    }
    return 0;
}

/* ---- one call ---- */

/* What every use of a handle has: this server, this CA, nothing from the environment. */
static CURLcode set_server(struct vfy_http *h)
{
    CURL *curl = h->curl;
    CURLcode rc = CURLE_OK;

    curl_easy_reset(curl);
    h->reason[0] = '\0';
    rc |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, h->reason);
    rc |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    rc |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    rc |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    rc |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
    rc |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    rc |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    rc |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    rc |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    rc |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (h->ca_file[0] != '\0') {
        /* Debian's libcurl goes on trusting the system's directory unless that is taken
         * away as well */
        rc |= curl_easy_setopt(curl, CURLOPT_CAINFO, h->ca_file);
        rc |= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    rc |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    return rc;
}

static CURLcode set_method(CURL *curl, const struct vfy_http_request *req)
{
    CURLcode rc = CURLE_OK;

    if (strcmp(req->method, "GET") == 0) {
        return curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    if (strcmp(req->method, "HEAD") == 0) {
        return curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    }
    if (strcmp(req->method, "DELETE") != 0 || req->body.len > 0) {
        rc |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)req->body.len);
        rc |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                               req->body.len > 0 ? (const char *)req->body.ptr : "");
    }
    rc |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, req->method);
    return rc;
}

static CURLcode set_call(CURL *curl, struct call *c, const char *url,
                         struct curl_slist *headers)
{
    CURLcode rc = set_method(curl, c->req);

    rc |= curl_easy_setopt(curl, CURLOPT_URL, url);
    rc |= curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    rc |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    rc |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)c->req->seconds);
    rc |= curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, c->req->one_shot ? 1L : 0L);
    rc |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    rc |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, c);
    rc |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    rc |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, c);
    rc |= curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_request);
    rc |= curl_easy_setopt(curl, CURLOPT_PREREQDATA, c);
    rc |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    rc |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, c);
    rc |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    rc |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    rc |= curl_easy_setopt(curl, CURLOPT_XFERINFODATA, c);
    return rc;
}

static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer == NULL) {
        return false;
    }
    *list = longer;
    return true;
}

static bool make_headers(struct curl_slist **list, const struct vfy_http *h,
                         const struct vfy_http_request *req)
{
    bool ok = add_header(list, "Expect:") &&
              add_header(list, "User-Agent: snapseal/" SNAPSEAL_VERSION);
    size_t i;

    if (h->credential.len > 0) {
        ok = ok && add_header(list, (const char *)h->credential.ptr);
    }
    for (i = 0; i < req->num_headers; i++) {
        ok = ok && add_header(list, req->headers[i]);
    }
    return ok;
}

static enum bf_err why(const struct vfy_http *h, CURLcode rc, const struct call *c,
                       struct bf_diag *diag)
{
    const char *reason = h->reason[0] != '\0' ? h->reason : curl_easy_strerror(rc);
    enum bf_err err = BF_NET_CONNECT;

    if (c != NULL && c->too_large) {
        return bf_fail(diag, BF_NET_ANSWER, "%s: an answer of more than %d bytes",
                       h->host, (int)VFY_MAX_ANSWER);
    }
    /* a list of what is not "no connection"; libcurl has a hundred codes */
    if (rc == CURLE_OUT_OF_MEMORY) {
        err = BF_NO_MEMORY;
    } else if (rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CONNECT_ERROR ||
               rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_SSL_CERTPROBLEM ||
               rc == CURLE_SSL_CIPHER || rc == CURLE_SSL_ISSUER_ERROR) {
        err = BF_NET_TLS;
    } else if (rc == CURLE_WEIRD_SERVER_REPLY || rc == CURLE_UNSUPPORTED_PROTOCOL ||
               rc == CURLE_PARTIAL_FILE || rc == CURLE_BAD_CONTENT_ENCODING) {
        err = BF_NET_ANSWER;
    }
    return bf_fail(diag, err, "%s: %s", h->host, reason);
}

/* Nobody was there to be asked: no name, no route, or no answer to the first packet. */
static bool was_no_way(CURL *curl, CURLcode rc)
{
    double connected = 0;

    return rc == CURLE_COULDNT_RESOLVE_HOST || rc == CURLE_COULDNT_RESOLVE_PROXY ||
           rc == CURLE_COULDNT_CONNECT ||
           (rc == CURLE_OPERATION_TIMEDOUT &&
            curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME, &connected) == CURLE_OK &&
            connected <= 0);
}

enum bf_err vfy_http_ask(struct vfy_http *h, const struct vfy_http_request *req,
                         struct vfy_http_answer *out, struct bf_diag *diag)
{
    struct call c = {.req = req, .out = out};
    struct bf_buf url = bf_buf(VFY_MAX_URL);
    struct curl_slist *headers = NULL;
    enum bf_err err = BF_OK;
    CURLcode rc;

    *out = (struct vfy_http_answer){.body = bf_buf(VFY_MAX_ANSWER)};
    (void)clock_gettime(CLOCK_MONOTONIC, &c.start);
    bf_put_fmt(&url, "%s%s", h->url, req->target);
    if (bf_buf_text(&url) == NULL) {
        err = bf_fail(diag, BF_TOO_LARGE, "address at %s", h->host);
        goto out;
    }
    if (!make_headers(&headers, h, req) || set_server(h) != CURLE_OK ||
        set_call(h->curl, &c, (const char *)url.ptr, headers) != CURLE_OK) {
        err = bf_fail(diag, BF_NO_MEMORY, "request to %s", h->host);
        goto out;
    }
    rc = curl_easy_perform(h->curl);
    if (rc != CURLE_OK) {
        err = why(h, rc, &c, diag);
        out->no_way = was_no_way(h->curl, rc);
        bf_buf_clear(&out->body);
    } else {
        (void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &out->status);
    }
out:
    curl_slist_free_all(headers);
    bf_buf_clear(&url);
    return err;
}

void vfy_http_answer_clear(struct vfy_http_answer *a)
{
    bf_buf_clear(&a->body);
    *a = (struct vfy_http_answer){0};
}

/* ---- the certificate alone ---- */

/* SHA-256 of the DER in curl's "Cert:-----BEGIN CERTIFICATE-----..." line. */
static bool hash_pem(char out[2 * BF_SHA256 + 1], const char *pem)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    const char *at = strstr(pem, begin);
    struct bf_buf text = bf_buf(64 * 1024);
    struct bf_buf der = bf_buf(64 * 1024);
    bool ok = false;
    size_t len;

    for (at = at != NULL ? at + sizeof(begin) - 1 : ""; *at != '\0' && *at != '-'; at++) {
        if (*at != '\n' && *at != '\r') {
            bf_put_u8(&text, (uint8_t)*at);
        }
    }
    bf_put_bytes(&der, bf_buf_bytes(&text)); /* room: the decoded form is shorter */
    len = der.len;
    if (!text.bad && !der.bad && len > 0 &&
        bf_unbase64(der.ptr, &len, bf_buf_bytes(&text), true)) {
        ok = bf_sha256_hex(out, bf_view(der.ptr, len)) == BF_OK;
    }
    bf_buf_clear(&der);
    bf_buf_clear(&text);
    return ok;
}

static bool first_certificate(char out[2 * BF_SHA256 + 1], CURL *curl)
{
    struct curl_certinfo *chain = NULL;
    struct curl_slist *line;

    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL ||
        chain->num_of_certs < 1) {
        return false;
    }
    for (line = chain->certinfo[0]; line != NULL; line = line->next) {
        if (strncmp(line->data, "Cert:", 5) == 0) {
            return hash_pem(out, line->data);
        }
    }
    return false;
}

enum bf_err vfy_http_fingerprint(char out[2 * BF_SHA256 + 1], const char *url,
                                 const char *ca_file, struct bf_diag *diag)
{
    struct vfy_http *h = NULL;
    enum bf_err err;
    CURLcode rc;

    out[0] = '\0';
    if ((err = vfy_http_open(&h, url, ca_file, diag)) != BF_OK) {
        return err;
    }
    rc = set_server(h);
    if (ca_file[0] == '\0') {
        rc |= curl_easy_setopt(h->curl, CURLOPT_SSL_VERIFYPEER, 0L);
        rc |= curl_easy_setopt(h->curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    rc |= curl_easy_setopt(h->curl, CURLOPT_URL, h->url);
    rc |= curl_easy_setopt(h->curl, CURLOPT_CONNECT_ONLY, 1L);
    rc |= curl_easy_setopt(h->curl, CURLOPT_CERTINFO, 1L);
    if (rc != CURLE_OK) {
        err = bf_fail(diag, BF_NO_MEMORY, "%s", h->host);
    } else if ((rc = curl_easy_perform(h->curl)) != CURLE_OK) {
        err = why(h, rc, NULL, diag);
    } else if (!first_certificate(out, h->curl)) {
        err = bf_fail(diag, BF_NET_TLS, "%s: its certificate cannot be read", h->host);
    }
    vfy_http_close(&h);
    return err;
}
