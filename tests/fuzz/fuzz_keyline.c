/* SPDX-License-Identifier: Apache-2.0 */
/* What stands for a key: an SSH public key line or file, an age recipient, an age
 * identity file. What is taken is written back as it stood. */
#include <string.h>

#include "bf/age.h"
#include "bf/sshsig.h"
#include "fuzz.h"

static void ssh_line(const char *line)
{
    static struct bf_sshkey key, other;
    struct bf_buf again = bf_buf(BF_MAX_KEY_LINE);
    char print[BF_FINGERPRINT];
    struct bf_diag diag = {0};
    enum bf_err err = bf_sshkey_parse(&key, line, &diag);

    FUZZ_REFUSED(err);
    if (err == BF_OK) {
        bf_sshkey_write(&again, &key);
        FUZZ_MUST(!again.bad && bf_bytes_is(bf_buf_bytes(&again), line));
        FUZZ_MUST(bf_sshkey_fingerprint(print, &key) == BF_OK);
        FUZZ_MUST(strlen(print) == BF_FINGERPRINT - 1);
        FUZZ_MUST(bf_sshkey_from_blob(&other, bf_view(key.blob, key.blob_len), &diag) ==
                  BF_OK);
        FUZZ_MUST(bf_sshkey_equal(&key, &other));
        FUZZ_MUST(bf_sshkey_parse_file(&other, bf_text(line), &diag) == BF_OK);
    }
    bf_buf_clear(&again);
}

static void age_text(const char *text)
{
    uint8_t point[BF_KEY];
    char again[BF_RECIPIENT_TEXT], secret[BF_IDENTITY_TEXT];
    struct bf_diag diag = {0};

    if (bf_age_recipient_parse(point, text, &diag) == BF_OK) {
        bf_age_recipient_write(again, point);
        FUZZ_MUST(strcmp(again, text) == 0 && bf_is_age_recipient(text));
    }
    if (bf_age_identity_parse(point, bf_text(text), &diag) == BF_OK) {
        bf_age_identity_write(secret, point);
        FUZZ_MUST(strcmp(secret, text) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct bf_sshkey key;
    struct bf_secret id = {0};
    struct bf_diag diag = {0};
    char *text = malloc(len + 1);

    FUZZ_MUST(text != NULL);
    bf_copy(text, data, len);
    text[len] = '\0';
    ssh_line(text);
    age_text(text);
    free(text);
    FUZZ_REFUSED(bf_sshkey_parse_file(&key, bf_view(data, len), &diag));
    if (bf_age_identity_file(&id, bf_view(data, len), &diag) == BF_OK) {
        FUZZ_MUST(id.len == BF_KEY);
    }
    bf_secret_clear(&id);
    return 0;
}
