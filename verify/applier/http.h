/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPS to one server; http.c alone sees libcurl. TLS 1.2 or later, the CA given and no
 * other, no redirects, no proxies from the environment, answers up to a named size, one
 * connection kept. Answers say whether a request that failed was sent.
 */
#ifndef VFY_HTTP_H
#define VFY_HTTP_H

#include "bf/crypto.h"
#include "protocol.h"

enum { VFY_MAX_ANSWER = 4 * 1024 * 1024, VFY_MAX_HEADERS = 8, VFY_MAX_URL = 2048 };

struct vfy_http; /* one server */

struct vfy_http_request {
    const char *method; /* GET, HEAD, PUT, POST, PATCH, DELETE */
    const char *target; /* path and query as they are sent, beginning with "/" */
    struct bf_bytes body;
    const char *headers[VFY_MAX_HEADERS]; /* whole lines "Name: value" */
    size_t num_headers;
    unsigned seconds;     /* for the whole call */
    bool same_connection; /* a new one may lead elsewhere: fail rather than open it */
    bool once;     /* else libcurl sends again by itself when a kept connection breaks */
    bool one_shot; /* the connection is closed after the answer */
    void (*tick)(
        void *ctx,
        unsigned seconds); /* about every ten seconds, while waiting; NULL: none */
    void *ctx;
};

/* Owned by caller; clear with vfy_http_answer_clear. */
struct vfy_http_answer {
    long status;
    struct bf_buf body;
    char type[64];   /* Content-Type without parameters, lower case; "" none */
    char region[65]; /* x-amz-bucket-region; "" none */
    char retry_after[24], interval[24]; /* Retry-After, x-ratelimit-interval; "" none */
    bool sent;   /* false: nothing of the request left us, so nothing was changed by it */
    bool moved;  /* same_connection could not be kept; nothing was sent */
    bool no_way; /* after NET_CONNECT: no connection came about */
};

/* Once for the program, before anything else here. What curl frees is wiped. */
BF_MUST enum bf_err vfy_http_start(struct bf_diag *diag);
void vfy_http_stop(void);

/* A server by its URL (path allowed) and CA file ("": the system's). Connects at the
 * first request. */
BF_MUST enum bf_err vfy_http_open(struct vfy_http **out, const char *url,
                                  const char *ca_file, struct bf_diag *diag);
void vfy_http_close(struct vfy_http **h); /* takes; NULL is fine */
/* What is sent as Authorization with every request: "Basic ..." or "ApiKey ...", kept in
 * locked memory. */
BF_MUST enum bf_err vfy_http_basic(struct vfy_http *h, const char *user,
                                   struct bf_bytes password, struct bf_diag *diag);
BF_MUST enum bf_err vfy_http_apikey(struct vfy_http *h, struct bf_bytes key,
                                    struct bf_diag *diag);

/*
 * One request, one answer, whatever its status. NET_CONNECT (out->sent says whether it
 * may have worked), NET_TLS, NET_ANSWER (too large), TOO_LARGE, NO_MEMORY; out->body is
 * empty then.
 */
BF_MUST enum bf_err vfy_http_ask(struct vfy_http *h, const struct vfy_http_request *req,
                                 struct vfy_http_answer *out, struct bf_diag *diag);
void vfy_http_answer_clear(struct vfy_http_answer *a);

const char *vfy_http_host(
    const struct vfy_http *h); /* as sent in Host: with the port when it is not 443 */
const char *
vfy_http_path(const struct vfy_http *h); /* of its URL, without a final "/"; "" none */

/*
 * SHA-256 of the certificate that the server shows, in hex; no request and no credential
 * is sent. With ca_file "" nothing is checked, so that it can be compared by people.
 * NET_CONNECT, NET_TLS.
 */
BF_MUST enum bf_err vfy_http_fingerprint(char out[2 * BF_SHA256 + 1], const char *url,
                                         const char *ca_file, struct bf_diag *diag);

#endif
