/* SPDX-License-Identifier: Apache-2.0 */
#include "agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* RFC 9987 section 5.1: message numbers. */
enum {
    REQUEST_IDENTITIES = 11,
    IDENTITIES_ANSWER = 12,
    SIGN_REQUEST = 13,
    SIGN_RESPONSE = 14,
    RSA_SHA2_512 = 4 /* flag of SIGN_REQUEST */
};

/* More keys than this no person loads; the frame's limit bounds the loop anyway. */
enum { MAX_IDENTITIES = 2048, MAX_COMMENT = 16 * 1024 };

enum bf_err gen_agent_open(struct gen_agent *out, const char *path, struct bf_diag *diag)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t len;

    out->fd = -1;
    if (path == NULL) {
        path = getenv("SSH_AUTH_SOCK");
    }
    if (path == NULL || path[0] == '\0') {
        return bf_fail(diag, BF_AGENT, "SSH_AUTH_SOCK is not set");
    }
    len = strlen(path);
    if (len >= sizeof(addr.sun_path)) {
        return bf_fail(diag, BF_AGENT, "the name of its socket is too long");
    }
    bf_copy(addr.sun_path, path, len);
    out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (out->fd < 0 ||
        connect(out->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
        int saved = errno;

        gen_agent_close(out);
        return bf_fail(diag, BF_AGENT, "%s: %s", path, strerror(saved));
    }
    return BF_OK;
}

void gen_agent_close(struct gen_agent *a)
{
    if (a->fd >= 0) {
        close(a->fd);
    }
    a->fd = -1;
}

static enum bf_err send_all(int fd, struct bf_bytes data, struct bf_diag *diag)
{
    size_t done = 0;

    while (done < data.len) {
        ssize_t n = send(fd, data.ptr + done, data.len - done, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return bf_fail(diag, BF_AGENT, "it went away: %s", strerror(errno));
        }
        done += (size_t)n;
    }
    return BF_OK;
}

static enum bf_err recv_all(int fd, uint8_t *out, size_t len, struct bf_diag *diag)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = recv(fd, out + done, len - done, 0);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return bf_fail(diag, BF_AGENT, "no answer: %s", strerror(errno));
        }
        if (n == 0) {
            return bf_fail(diag, BF_AGENT, "it hung up in the middle of its answer");
        }
        done += (size_t)n;
    }
    return BF_OK;
}

/* One request, one answer: u32 length, type, body. answer holds type and body. */
static enum bf_err ask(struct gen_agent *a, struct bf_buf *answer,
                       const struct bf_buf *request, struct bf_diag *diag)
{
    uint8_t head[4];
    uint8_t *body = NULL;
    struct bf_buf frame = bf_buf(GEN_AGENT_FRAME);
    struct bf_reader r;
    uint32_t len;
    enum bf_err err;

    bf_put_string(&frame, bf_buf_bytes(request));
    err = bf_buf_check(&frame, "request to ssh-agent", diag);
    if (err == BF_OK) {
        err = send_all(a->fd, bf_buf_bytes(&frame), diag);
    }
    bf_buf_clear(&frame);
    if (err == BF_OK) {
        err = recv_all(a->fd, head, sizeof(head), diag);
    }
    if (err != BF_OK) {
        return err;
    }
    r = bf_reader(bf_view(head, sizeof(head)));
    len = bf_read_u32(&r);
    if (len == 0 || len > GEN_AGENT_FRAME) {
        return bf_fail(diag, BF_AGENT, "it answers with %lu bytes", (unsigned long)len);
    }
    body = malloc(len);
    if (body == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "answer of ssh-agent");
    }
    err = recv_all(a->fd, body, len, diag);
    if (err == BF_OK) {
        *answer = bf_buf(GEN_AGENT_FRAME);
        bf_put(answer, body, len);
        err = bf_buf_check(answer, "answer of ssh-agent", diag);
    }
    free(body);
    return err;
}

static enum bf_err identities(size_t *found, struct bf_bytes answer,
                              const struct bf_sshkey *const *wanted, size_t num,
                              struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(answer);
    uint32_t i, keys;
    size_t k;

    *found = num;
    if (bf_read_u8(&r) != IDENTITIES_ANSWER) {
        return bf_fail(diag, BF_AGENT, "it does not list its keys (is it locked?)");
    }
    keys = bf_read_u32(&r);
    if (keys > MAX_IDENTITIES) {
        return bf_fail(diag, BF_AGENT, "it lists %lu keys", (unsigned long)keys);
    }
    for (i = 0; i < keys && !r.bad; i++) {
        struct bf_bytes blob = bf_read_string(&r, GEN_AGENT_FRAME);

        bf_read_string(&r, MAX_COMMENT);
        /* wanted is in the order of preference, so the smallest place wins */
        for (k = 0; k < *found; k++) {
            if (bf_bytes_equal(blob, bf_view(wanted[k]->blob, wanted[k]->blob_len))) {
                *found = k;
            }
        }
    }
    if (!bf_reader_end(&r)) {
        *found = num;
        return bf_fail(diag, BF_AGENT, "its list of keys is malformed");
    }
    return BF_OK;
}

enum bf_err gen_agent_find(struct gen_agent *a, size_t *found,
                           const struct bf_sshkey *const *wanted, size_t num,
                           struct bf_diag *diag)
{
    struct bf_buf request = bf_buf(16);
    struct bf_buf answer = {0};
    enum bf_err err;

    *found = num;
    bf_put_u8(&request, REQUEST_IDENTITIES);
    err = ask(a, &answer, &request, diag);
    if (err == BF_OK) {
        err = identities(found, bf_buf_bytes(&answer), wanted, num, diag);
    }
    bf_buf_clear(&request);
    bf_buf_clear(&answer);
    return err;
}

/* The signature field of a SIGN_RESPONSE, nothing after it. What is in it is for
 * bf_sign() to judge. */
static enum bf_err signature(struct bf_buf *field, struct bf_bytes answer,
                             struct bf_diag *diag)
{
    struct bf_reader r = bf_reader(answer);
    struct bf_bytes raw;

    if (bf_read_u8(&r) != SIGN_RESPONSE) {
        return bf_fail(diag, BF_AGENT, "it refused to sign");
    }
    raw = bf_read_string(&r, BF_MAX_SIGNATURE);
    if (!bf_reader_end(&r)) {
        return bf_fail(diag, BF_AGENT, "its signature is malformed");
    }
    bf_put_bytes(field, raw);
    return bf_buf_check(field, "signature of ssh-agent", diag);
}

static enum bf_err agent_sign(struct bf_signer *self, struct bf_buf *field,
                              struct bf_bytes data, struct bf_diag *diag)
{
    struct bf_buf request = bf_buf(GEN_AGENT_FRAME);
    struct bf_buf answer = {0};
    enum bf_err err;

    bf_put_u8(&request, SIGN_REQUEST);
    bf_put_string(&request, bf_view(self->key.blob, self->key.blob_len));
    bf_put_string(&request, data);
    bf_put_u32(&request, bf_sshkey_is_rsa(&self->key) ? RSA_SHA2_512 : 0);
    err = bf_buf_check(&request, "request to ssh-agent", diag);
    if (err == BF_OK) {
        err = ask(self->ctx, &answer, &request, diag);
    }
    if (err == BF_OK) {
        err = signature(field, bf_buf_bytes(&answer), diag);
    }
    bf_buf_clear(&request);
    bf_buf_clear(&answer);
    return err;
}

void gen_agent_signer(struct bf_signer *out, struct gen_agent *a,
                      const struct bf_sshkey *key)
{
    memset(out, 0, sizeof(*out));
    out->key = *key;
    out->sign = agent_sign;
    out->ctx = a;
}
