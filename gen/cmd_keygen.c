/* SPDX-License-Identifier: Apache-2.0 */
/* keygen: an age identity for sealed files. */
#include <stdio.h>
#include <string.h>

#include "bf/age.h"
#include "bf/file.h"
#include "cmd.h"
#include "session.h"

enum { MAX_FILE = 512 };

/* The file as age-keygen writes it, so that age -d -i takes it too. */
static enum bf_err make_file(struct bf_secret *out, char recipient[BF_RECIPIENT_TEXT],
                             struct bf_diag *diag)
{
    struct bf_secret scalar = {0}, text = {0};
    uint8_t point[BF_KEY];
    char now[21];
    enum bf_err err;
    int len;

    if ((err = bf_secret_alloc(out, MAX_FILE, diag)) != BF_OK ||
        (err = bf_secret_alloc(&scalar, BF_KEY, diag)) != BF_OK ||
        (err = bf_secret_alloc(&text, BF_IDENTITY_TEXT, diag)) != BF_OK) {
        goto out;
    }
    bf_random(scalar.ptr, BF_KEY);
    bf_x25519_base(point, scalar.ptr);
    bf_age_recipient_write(recipient, point);
    bf_age_identity_write((char *)text.ptr, scalar.ptr);
    bf_cli_now(now);
    len = snprintf((char *)out->ptr, MAX_FILE, "# created: %s\n# public key: %s\n%s\n",
                   now, recipient, (const char *)text.ptr);
    out->len = len > 0 && len < MAX_FILE ? (size_t)len : 0;
    if (out->len == 0) {
        err = bf_fail(diag, BF_INTERNAL, "identity file");
    }
out:
    bf_secret_clear(&text);
    bf_secret_clear(&scalar);
    return err;
}

static int tell(const struct bf_args *a, const char *path, const char *recipient)
{
    struct bf_buf out = bf_buf(4096);
    struct bf_diag diag = {0};
    enum bf_err err = BF_OK;

    if (a->json && strcmp(path, "-") != 0) {
        bf_put_text(&out, "{");
        gen_put_member(&out, "file", path);
        gen_put_member(&out, "recipient", recipient);
        err = gen_print_json(&out, &diag);
    } else if (strcmp(path, "-") != 0) {
        bf_cli_out(bf_text(recipient));
        bf_cli_out(bf_text("\n"));
    }
    bf_buf_clear(&out);
    return gen_end(a, err, &diag);
}

int gen_cmd_keygen(const struct bf_args *a)
{
    const char *path = bf_arg(a, "out");
    char recipient[BF_RECIPIENT_TEXT] = "", shown[400];
    struct bf_secret file = {0};
    struct bf_diag diag = {0};
    enum bf_err err;

    if (path == NULL) {
        err = bf_fail(&diag, BF_USAGE, "keygen needs --out FILE");
    } else {
        err = gen_check_output(a, path, NULL, &diag);
    }
    if (err == BF_OK) {
        err = make_file(&file, recipient, &diag);
    }
    if (err == BF_OK) {
        err = bf_file_write(path, bf_secret_bytes(&file), 0600, bf_arg_is(a, "force"),
                            &diag);
    }
    bf_secret_clear(&file);
    if (err != BF_OK) {
        return bf_cli_fail(a, &diag);
    }
    bf_cli_say(a, "the identity is %s%s: keep it, and give only the recipient away",
               strcmp(path, "-") == 0 ? "what went to standard output" : "in ",
               strcmp(path, "-") == 0 ? "" : gen_shown(shown, path));
    return tell(a, path, recipient);
}
