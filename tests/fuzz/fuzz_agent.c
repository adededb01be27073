/* SPDX-License-Identifier: Apache-2.0 */
/* All that an ssh-agent answers, one answer after the other, to a search for a key and to
 * a request to sign. No answer makes a signature that is given out: it was not made with
 * the key. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"
#include "fuzz.h"

enum { MOST = 60000 /* what a socket takes without a reader */ };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t seed[BF_KEY] = {7};
    static struct bf_sshkey key;
    const struct bf_sshkey *wanted = &key;
    struct bf_signer signer = {0};
    struct gen_agent agent;
    struct bf_buf armor = {0};
    struct bf_diag diag = {0};
    uint8_t point[BF_KEY], secret[64];
    size_t found = 9;
    enum bf_err err;
    int fd[2];

    if (len > MOST) {
        return 0;
    }
    bf_ed25519_public(point, secret, seed);
    bf_sshkey_from_point(&key, point);
    FUZZ_MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    FUZZ_MUST(len == 0 || write(fd[1], data, len) == (ssize_t)len);
    FUZZ_MUST(shutdown(fd[1], SHUT_WR) == 0);
    agent.fd = fd[0];
    err = gen_agent_find(&agent, &found, &wanted, 1, &diag);
    FUZZ_MUST(err == BF_AGENT || (err == BF_OK && found <= 1));
    if (err == BF_OK) {
        gen_agent_signer(&signer, &agent, &key);
        FUZZ_MUST(bf_sign(&signer, &armor, "space", bf_text("message"), &diag) != BF_OK);
        FUZZ_MUST(armor.len == 0);
        bf_signer_clear(&signer);
    }
    bf_buf_clear(&armor);
    gen_agent_close(&agent);
    close(fd[1]);
    return 0;
}
