/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

enum { MAX_REQUEST = 64 * 1024 };

static EVP_PKEY *key;
static X509 *certificate;

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

static X509 *make_certificate(EVP_PKEY *of, const char *name)
{
    X509_EXTENSION *names;
    X509 *made = X509_new();

    must(of != NULL && made != NULL);
    must(X509_set_version(made, 2));
    must(ASN1_INTEGER_set(X509_get_serialNumber(made), 1));
    must(X509_gmtime_adj(X509_getm_notBefore(made), -3600) != NULL);
    must(X509_gmtime_adj(X509_getm_notAfter(made), 86400) != NULL);
    must(X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                                    (const unsigned char *)name, -1, -1, 0));
    must(X509_set_issuer_name(made, X509_get_subject_name(made)));
    must(X509_set_pubkey(made, of));
    names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    must(names != NULL && X509_add_ext(made, names, -1));
    X509_EXTENSION_free(names);
    must(X509_sign(made, of, EVP_sha256()) > 0);
    return made;
}

static void write_certificate(char *out, size_t size, const char *name, X509 *from)
{
    FILE *f;

    snprintf(out, size, "%s/%s", t_tmpdir(), name);
    f = fopen(out, "w");
    must(f != NULL && PEM_write_X509(f, from));
    fclose(f);
}

void fake_certificate(char *out, size_t size)
{
    if (certificate == NULL) {
        key = EVP_EC_gen("P-256");
        certificate = make_certificate(key, "snapseal test");
    }
    write_certificate(out, size, "fake-ca.pem", certificate);
}

void fake_other_certificate(char *out, size_t size)
{
    EVP_PKEY *other = EVP_EC_gen("P-256");
    X509 *made = make_certificate(other, "another CA");

    write_certificate(out, size, "other-ca.pem", made);
    X509_free(made);
    EVP_PKEY_free(other);
}

void fake_certificate_hash(char *out, size_t size)
{
    must(certificate != NULL);
    snprintf(out, size, "%08lx.0", X509_subject_name_hash(certificate));
}

void *fake_shared(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    must(p != MAP_FAILED);
    return p;
}

/* ---- the child ---- */

/* One request into buf; false at the end of the connection. */
static bool read_request(SSL *ssl, char *buf, struct fake_request *req)
{
    size_t len = 0, want = 0;
    char *end = NULL, *at;

    while (len < MAX_REQUEST - 1 && (end == NULL || len < want)) {
        int n = SSL_read(ssl, buf + len, (int)(MAX_REQUEST - 1 - len));

        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        buf[len] = '\0';
        if (end == NULL && (end = strstr(buf, "\r\n\r\n")) != NULL) {
            at = strcasestr(buf, "\r\ncontent-length:");
            want = (size_t)(end + 4 - buf) +
                   (at != NULL && at < end
                        ? strtoul(at + strlen("\r\ncontent-length:"), NULL, 10)
                        : 0);
        }
    }
    if (end == NULL) {
        return false;
    }
    *end = '\0';
    req->body = end + 4;
    at = strstr(buf, " HTTP/");
    must(at != NULL);
    *at = '\0';
    req->line = buf;
    req->head = at + 1;
    return true;
}

static bool send_text(SSL *ssl, const char *text)
{
    const size_t len = strlen(text);

    return len == 0 || SSL_write(ssl, text, (int)len) > 0;
}

/* False: the connection is to be closed. */
static bool answer(SSL *ssl, const struct fake_request *req,
                   const struct fake_reply *reply)
{
    char head[700];

    if (reply->fault == FAKE_CLOSE) {
        return false;
    }
    if (reply->fault == FAKE_RAW) {
        (void)send_text(ssl, reply->body);
        return false;
    }
    if (reply->fault == FAKE_ENDLESS) {
        bool more = send_text(
            ssl, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"");

        while (more) {
            more = send_text(ssl, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        }
        return false;
    }
    snprintf(head, sizeof(head),
             "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n",
             reply->status, reply->type, strlen(reply->body), reply->headers);
    return send_text(ssl, head) &&
           (strncmp(req->line, "HEAD", 4) == 0 || send_text(ssl, reply->body));
}

static void serve(int fd, fake_handler *handler, void *ctx)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    char *buf = malloc(MAX_REQUEST);

    must(tls != NULL && buf != NULL && SSL_CTX_use_certificate(tls, certificate) == 1 &&
         SSL_CTX_use_PrivateKey(tls, key) == 1);
    for (;;) {
        int client = accept(fd, NULL, NULL);
        const int on = 1;
        SSL *ssl = SSL_new(tls);

        must(client >= 0 && ssl != NULL && SSL_set_fd(ssl, client));
        /* head and body are two writes: without this the second waits 40 ms for an ACK */
        must(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
        if (SSL_accept(ssl) == 1) {
            struct fake_request req;
            bool more = true;

            while (more && read_request(ssl, buf, &req)) {
                struct fake_reply reply = {.status = 200,
                                           .type = "application/json",
                                           .headers = "",
                                           .body = "{}"};

                handler(ctx, &req, &reply);
                more = answer(ssl, &req, &reply);
            }
            (void)SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(client);
    }
}

void fake_start(struct fake_server *out, fake_handler *handler, void *ctx)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const pid_t parent = getpid();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(certificate != NULL && fd >= 0 &&
         bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, 16) == 0 &&
         getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    snprintf(out->url, sizeof(out->url), "https://127.0.0.1:%d", ntohs(address.sin_port));
    out->pid = fork();
    must(out->pid >= 0);
    if (out->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)signal(SIGPIPE, SIG_IGN);
        must(getppid() == parent);
        serve(fd, handler, ctx);
        _exit(0);
    }
    close(fd);
}

void fake_stop(struct fake_server *s)
{
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    s->pid = 0;
}
