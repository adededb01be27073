/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in a trust file that are long, or one and the same. */
#include <string.h>

#include "faults.h"
#include "harness.h"

static struct fx_trust_parts parts;

static void fresh(void)
{
    fx_trust_body(&parts, fx_world());
}

static void expect(enum bf_err want)
{
    struct bf_buf container;
    struct bf_diag diag = {0};
    struct bf_trust t;

    ft_trust_body(&container, &parts.body);
    T_ERR(bf_trust_load(&t, &container, &diag), want, &diag);
    bf_trust_clear(&t);
    fresh();
}

/* An rsa key line: n of len bytes, all ones. */
static void rsa_line(struct bf_buf *line, uint8_t exponent, size_t len)
{
    struct bf_buf blob = bf_buf(4096), n = bf_buf(4096);

    bf_put_u8(&n, 0);
    while (n.len <= len) {
        bf_put_u8(&n, 0xff);
    }
    bf_put_string(&blob, bf_text("ssh-rsa"));
    bf_put_string(&blob, bf_view(&exponent, 1));
    bf_put_string(&blob, bf_buf_bytes(&n));
    *line = bf_buf(4096);
    bf_put_text(line, "ssh-rsa ");
    bf_put_base64(line, bf_buf_bytes(&blob), 0, true);
    bf_buf_clear(&blob);
    bf_buf_clear(&n);
}

/* The longest keys there are; one modulus is one key, whatever the exponent. */
static void test_rsa_keys(void)
{
    struct bf_buf three, five, other;

    rsa_line(&three, 3, 2048);
    rsa_line(&five, 5, 2048);
    rsa_line(&other, 5, 2047);
    fresh();
    parts.keys[FX_BOB][0].key = bf_buf_text(&three);
    parts.keys[FX_CAROL][0].key = bf_buf_text(&five);
    expect(BF_TRUST_KEYS);
    parts.keys[FX_BOB][0].key = bf_buf_text(&three);
    parts.keys[FX_CAROL][0].key = bf_buf_text(&other);
    expect(BF_OK);
    parts.keys[FX_BOB][0].key = bf_buf_text(&three);
    parts.keys[FX_BOB][0].verify = true; /* nothing could ask for a PIN */
    expect(BF_TRUST_VALUE);
    bf_buf_clear(&three);
    bf_buf_clear(&five);
    bf_buf_clear(&other);
}

T_CASES("trust points", {"rsa", test_rsa_keys});
