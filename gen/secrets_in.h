/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of the keystore entries, as a person gives them: typed on the terminal
 * without echo, in a file of mode 0600, or from a descriptor. They are read once into
 * locked memory and never leave it; what is parsed are views into it.
 *
 * A file is either lines NAME=VALUE (blank lines and lines with # at their head are left
 * out), or the CSV that the AWS console gives for one access key; a byte order mark and
 * CRLF are taken off. The whole may be encrypted with age to the author, who then gives
 * an identity: whoever made the key need not trust the way.
 */
#ifndef GEN_SECRETS_IN_H
#define GEN_SECRETS_IN_H

#include "change.h"

enum { GEN_MAX_SECRETS_FILE = 48 * 1024 };

/* Owned by caller; all-zero is empty. */
struct gen_secrets {
    struct bf_secret raw;
    struct {
        const char *name; /* the change's */
        struct bf_bytes value;
    } items[GEN_MAX_SECRETS];
    size_t num;
};

/* A file, or "-" for standard input; identity: file of the author's age identity, or
 * NULL. INPUT_*, INPUT_MODE, SECRETS_INPUT, SEAL_IDENTITY, AGE_*. */
BF_MUST enum bf_err gen_secrets_from_file(struct gen_secrets *out,
                                          const struct gen_change *c, const char *path,
                                          const char *identity, struct bf_diag *diag);
/* A descriptor that the caller opened; not closed. */
BF_MUST enum bf_err gen_secrets_from_fd(struct gen_secrets *out,
                                        const struct gen_change *c, int fd,
                                        const char *identity, struct bf_diag *diag);
/* Asks for each on the terminal, without echo. NO_TERMINAL, SECRETS_INPUT. */
BF_MUST enum bf_err gen_secrets_from_terminal(struct gen_secrets *out,
                                              const struct gen_change *c,
                                              struct bf_diag *diag);
void gen_secrets_clear(struct gen_secrets *s);

/* Takes raw (locked, moved) and finds the values of the change's entries in it: exactly
 * those, each once. SECRETS_INPUT. */
BF_MUST enum bf_err gen_secrets_parse(struct gen_secrets *out, struct bf_secret *raw,
                                      const struct gen_change *c, struct bf_diag *diag);

#endif
