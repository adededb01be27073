/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTPS server of ours in a child process, for answers that a real server gives only
 * rarely or never: one connection at a time, kept open, each request handed to a function
 * that says what to answer, or how to misbehave.
 */
#ifndef TEST_FAKE_SERVER_H
#define TEST_FAKE_SERVER_H

#include <stddef.h>
#include <sys/types.h>

enum fake_fault {
    FAKE_NONE,
    FAKE_CLOSE,   /* the connection ends without an answer */
    FAKE_ENDLESS, /* a body without end */
    FAKE_RAW      /* body is sent as it is, in place of an answer */
};

struct fake_request {
    const char *line; /* "GET /path?query" */
    const char *head; /* all header lines */
    const char *body; /* with a NUL behind it */
};

struct fake_reply {
    int status;
    const char *type;    /* "application/json" unless set */
    const char *headers; /* more lines, each with "\r\n"; "" none */
    const char *body;
    enum fake_fault fault;
};

typedef void fake_handler(void *ctx, const struct fake_request *req,
                          struct fake_reply *reply);

struct fake_server {
    pid_t pid;
    char url[64];
};

/* Makes a self-signed certificate for 127.0.0.1 in the test's directory; out: path of the
 * PEM file (also the CA). */
void fake_certificate(char *out, size_t size);
/* Another one, that no server shows: a CA that is not the right one. */
void fake_other_certificate(char *out, size_t size);
/* The name under which OpenSSL finds our certificate in a directory of CAs. */
void fake_certificate_hash(char *out, size_t size);
/* ctx should lie in memory shared with the child (fake_shared). Aborts when it cannot
 * start. */
void fake_start(struct fake_server *out, fake_handler *handler, void *ctx);
void fake_stop(struct fake_server *s);
void *fake_shared(size_t size);

#endif
