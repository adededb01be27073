/* SPDX-License-Identifier: Apache-2.0 */
/* A signature member: armored, or (what does not begin with a dash) the blob within. */
#include <string.h>

#include "bf/sshsig.h"
#include "fuzz.h"

static struct bf_sshsig sig;

static void parse(struct bf_bytes armor)
{
    struct bf_diag diag = {0};
    struct bf_buf again = {0};
    enum bf_err err = bf_sshsig_parse(&sig, armor, &diag);

    FUZZ_REFUSED(err);
    if (err == BF_OK) {
        char line[BF_MAX_KEY_LINE + 1];
        struct bf_buf key = bf_buf(BF_MAX_KEY_LINE);

        FUZZ_REFUSED(bf_sshsig_verify(&sig, sig.space, bf_text("message"), &diag));
        FUZZ_MUST(bf_sshsig_verify(&sig, "another", bf_text("message"), &diag) ==
                  BF_SIG_NAMESPACE);
        FUZZ_MUST(bf_sshkey_fingerprint(line, &sig.key) == BF_OK);
        bf_sshkey_write(&key, &sig.key);
        FUZZ_MUST(!key.bad);
        bf_buf_clear(&key);
        /* what is exact stays as it is when it is brought into the exact form */
        FUZZ_MUST(bf_sshsig_rearmor(&again, armor, &diag) == BF_OK);
        FUZZ_MUST(bf_bytes_equal(bf_buf_bytes(&again), armor));
        bf_buf_clear(&again);
    }
}

static void rearmor(struct bf_bytes foreign)
{
    struct bf_buf once = {0}, twice = {0};
    struct bf_diag diag = {0};
    enum bf_err err = bf_sshsig_rearmor(&once, foreign, &diag);

    FUZZ_REFUSED(err);
    if (err == BF_OK) {
        FUZZ_MUST(bf_sshsig_rearmor(&twice, bf_buf_bytes(&once), &diag) == BF_OK);
        FUZZ_MUST(bf_bytes_equal(bf_buf_bytes(&once), bf_buf_bytes(&twice)));
        parse(bf_buf_bytes(&once));
    }
    bf_buf_clear(&once);
    bf_buf_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bf_buf armor = bf_buf(4 * BF_MAX_SIGNATURE);

    if (len > 0 && data[0] != '-') {
        bf_sshsig_wrap(&armor, bf_view(data, len));
        if (!armor.bad) {
            parse(bf_buf_bytes(&armor));
        }
    } else {
        parse(bf_view(data, len));
        rearmor(bf_view(data, len));
    }
    bf_buf_clear(&armor);
    return 0;
}
