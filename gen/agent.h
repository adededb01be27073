/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh-agent as a signer (RFC 9987, the messages of OpenSSH's PROTOCOL.agent). The agent's
 * socket is the only one that this program ever opens. What the agent answers is input
 * like any other: bounded, read to its end, and its signature is verified by bf_sign()
 * before anybody sees it.
 */
#ifndef GEN_AGENT_H
#define GEN_AGENT_H

#include "bf/sshsig.h"

enum { GEN_AGENT_FRAME = 256 * 1024 };

struct gen_agent {
    int fd; /* -1: none */
};

/* Connects to the agent at path (NULL: $SSH_AUTH_SOCK). AGENT. */
BF_MUST enum bf_err gen_agent_open(struct gen_agent *out, const char *path,
                                   struct bf_diag *diag);
void gen_agent_close(struct gen_agent *a);

/*
 * Asks which keys the agent holds and gives the place of the first of wanted[0..num-1]
 * among them; num when it holds none. AGENT when it does not answer in its protocol.
 */
BF_MUST enum bf_err gen_agent_find(struct gen_agent *a, size_t *found,
                                   const struct bf_sshkey *const *wanted, size_t num,
                                   struct bf_diag *diag);

/* A signer for key; borrows the agent, which must stay open while it is used. */
void gen_agent_signer(struct bf_signer *out, struct gen_agent *a,
                      const struct bf_sshkey *key);

#endif
