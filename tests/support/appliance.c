/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "harness.h"

void ap_identity(struct bf_buf *out, const uint8_t scalar[BF_KEY])
{
    char text[BF_IDENTITY_TEXT];

    bf_age_identity_write(text, scalar);
    bf_put_fmt(out, "# a test\n%s\n", text);
}

void ap_write(const char *dir, const char *name, struct bf_bytes data)
{
    char path[300];
    struct bf_diag diag = {0};

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fx_must(bf_file_write(path, data, 0600, true, &diag), &diag, name);
}

static void part(const char *dir, const char *name)
{
    char path[300];
    struct bf_diag diag = {0};

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fx_must(bf_dir_make(path, &diag), &diag, name);
}

static void identity(const char *dir, const char *name, const uint8_t scalar[BF_KEY])
{
    struct bf_buf text = bf_buf(400);

    ap_identity(&text, scalar);
    ap_write(dir, name, bf_buf_bytes(&text));
    bf_buf_clear(&text);
}

void ap_make(char dir[200], const struct fx *f)
{
    static const char *const parts[] = {"keys", "receipts", "runs", "targets", "trust"};
    struct bf_buf json = bf_buf(2000);
    size_t i;

    snprintf(dir, 200, "%s/state.XXXXXX", t_tmpdir());
    if (mkdtemp(dir) == NULL) {
        abort();
    }
    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        part(dir, parts[i]);
    }
    identity(dir, "keys/transport.age", f->transport);
    identity(dir, "keys/secrets.age", f->secrets);
    ap_write(dir, "keys/receipt", bf_secret_bytes(&f->who[FX_GW].keyfile));
    bf_put_fmt(&json,
               "{\"id\":\"gw-1\",\"receipt_key\":\"%s\",\"secrets\":\"%s\",\"transport\":"
               "\"%s\"}\n",
               f->who[FX_GW].line, f->secrets_recipient, f->transport_recipient);
    ap_write(dir, "keys/appliance.json", bf_buf_bytes(&json));
    ap_write(dir, "trust/1.snapseal-trust", bf_buf_bytes(&f->trust.raw));
    bf_buf_clear(&json);
}

void ap_seal(struct bf_buf *out, const struct fx *f, struct bf_bytes container)
{
    uint8_t to[1][BF_KEY];
    struct bf_diag diag = {0};

    bf_x25519_base(to[0], f->transport);
    *out = bf_buf(BF_MAX_SEALED);
    fx_must(bf_age_seal(out, container, (const uint8_t(*)[BF_KEY])to, 1, &diag), &diag,
            "seal");
}
