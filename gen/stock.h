/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stock ssh-keygen as a signer, for key files that we do not read: those with a
 * passphrase, and types other than ssh-ed25519. It asks for passphrase and PIN on the
 * terminal itself, and talks to security keys.
 */
#ifndef GEN_STOCK_H
#define GEN_STOCK_H

#include "bf/sshsig.h"

struct gen_stock {
    const char *path; /* the private key file, borrowed; NULL: not used */
};

/* Whether there is a terminal on which somebody can be asked. */
bool gen_stock_can_ask(void);
/* Makes out, whose key is set, sign by `ssh-keygen -Y sign` with the file at path, which
 * like s is borrowed. Signing fails with KEYFILE_SIGN when it does not sign. */
void gen_stock_signer(struct bf_signer *out, struct gen_stock *s, const char *path);

#endif
