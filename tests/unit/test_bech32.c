/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "bf/age.h"
#include "harness.h"
#include "tool.h"

/* From C2SP's age.md and CCTV: a recipient and its identity. */
static const char identity[] =
    "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

static void good(void)
{
    uint8_t scalar[BF_KEY], again[BF_KEY], point[BF_KEY];
    char text[BF_IDENTITY_TEXT], recipient[BF_RECIPIENT_TEXT];
    struct bf_diag d = {0};

    T_OK(bf_age_identity_parse(scalar, bf_text(identity), &d), &d);
    bf_age_identity_write(text, scalar);
    T_TEXT(text, identity);
    bf_x25519_base(point, scalar);
    bf_age_recipient_write(recipient, point);
    T_INT(strlen(recipient), 62);
    T_OK(bf_age_recipient_parse(again, recipient, &d), &d);
    T_BYTES(bf_view(again, BF_KEY), bf_view(point, BF_KEY));
    T_TRUE(bf_is_age_recipient(recipient));
}

static void round_trips(void)
{
    size_t i;

    for (i = 0; i < 256; i++) {
        uint8_t in[BF_KEY], out[BF_KEY];
        char text[BF_IDENTITY_TEXT];
        struct bf_diag d = {0};

        memset(in, 0, sizeof(in));
        in[i / 8] = (uint8_t)(1U << i % 8);
        bf_age_identity_write(text, in);
        T_OK(bf_age_identity_parse(out, bf_text(text), &d), &d);
        T_BYTES(bf_view(out, BF_KEY), bf_view(in, BF_KEY));
    }
}

/* Every other byte at every place, every cut, one byte more: each is refused and leaves
 * nothing. */
static void every_change(void)
{
    size_t len = strlen(identity), at, accepted = 0, left = 0;
    unsigned value;

    for (at = 0; at < len; at++) {
        for (value = 0; value < 256; value++) {
            uint8_t *text = t_copy(bf_text(identity)), out[BF_KEY] = {0};
            static const uint8_t zero[BF_KEY];
            struct bf_diag d = {0};

            if (value != text[at]) {
                text[at] = (uint8_t)value;
                accepted +=
                    bf_age_identity_parse(out, bf_view(text, len), &d) == BF_OK ? 1 : 0;
                left += memcmp(out, zero, BF_KEY) != 0 ? 1 : 0;
            }
            t_free(text);
        }
    }
    T_INT(accepted, 0);
    T_INT(left, 0);
    for (at = 0; at < len; at++) {
        uint8_t *text = t_copy(bf_view(identity, at)), out[BF_KEY];
        struct bf_diag d = {0};

        T_ERR(bf_age_identity_parse(out, bf_view(text, at), &d), BF_AGE_IDENTITY, &d);
        t_free(text);
    }
}

/* Bech32 of digits of five bits, written from BIP 173 for this test; constant 1, or
 * Bech32m's. */
static const char *bech32(const char *head, const uint8_t *digits, size_t num,
                          uint32_t constant)
{
    static const uint32_t gen[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                    0x2a1462b3};
    static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    static char out[200];
    uint8_t all[256];
    size_t len = strlen(head), n = 0, i, j;
    uint32_t sum = 1;

    for (i = 0; i < len; i++) {
        all[n++] = (uint8_t)((unsigned char)head[i] >> 5);
    }
    all[n++] = 0;
    for (i = 0; i < len; i++) {
        all[n++] = (uint8_t)(head[i] & 31);
    }
    memcpy(all + n, digits, num);
    n += num;
    memset(all + n, 0, 6);
    n += 6;
    for (i = 0; i < n; i++) {
        uint32_t top = sum >> 25;

        sum = (sum & 0x1ffffff) << 5 ^ all[i];
        for (j = 0; j < 5; j++) {
            sum ^= (top >> j & 1) != 0 ? gen[j] : 0;
        }
    }
    sum ^= constant;
    n = (size_t)snprintf(out, sizeof(out), "%s1", head);
    for (i = 0; i < num; i++) {
        out[n++] = alphabet[digits[i]];
    }
    for (i = 0; i < 6; i++) {
        out[n++] = alphabet[sum >> (25 - 5 * i) & 31];
    }
    out[n] = '\0';
    return out;
}

static void forms(void)
{
    uint8_t digits[54] = {3, 1, 4, 1, 5, 9, 2, 6}, out[BF_KEY];
    char text[200];
    struct bf_diag d = {0};
    size_t i;

    T_OK(bf_age_recipient_parse(out, bech32("age", digits, 52, 1), &d), &d);
    T_TRUE(bf_is_age_recipient(bech32("age", digits, 52, 1)));
    T_TRUE(!bf_is_age_recipient(bech32("age", digits, 52, 0x2bc830a3))); /* Bech32m */
    T_TRUE(!bf_is_age_recipient(bech32("agf", digits, 52, 1)));
    T_TRUE(!bf_is_age_recipient(bech32("age1", digits, 52, 1)));
    T_TRUE(!bf_is_age_recipient(bech32("age1pq", digits, 52, 1)));
    T_TRUE(!bf_is_age_recipient(bech32("age", digits, 51, 1)));
    T_TRUE(!bf_is_age_recipient(bech32("age", digits, 53, 1)));
    T_TRUE(!bf_is_age_recipient(bech32("age", digits, 0, 1)));
    T_TRUE(!bf_is_age_recipient(""));
    T_TRUE(!bf_is_age_recipient("age1"));
    T_TRUE(!bf_is_age_recipient(identity));
    T_ERR(bf_age_recipient_parse(out, identity, &d), BF_AGE_RECIPIENT, &d);
    for (i = 1; i < 16; i++) { /* four bits stand behind the 256: zero, also where the
                                  checksum is right */
        digits[51] = (uint8_t)i;
        T_TRUE(!bf_is_age_recipient(bech32("age", digits, 52, 1)));
    }
    digits[51] = 16;
    T_TRUE(bf_is_age_recipient(bech32("age", digits, 52, 1)));
    snprintf(text, sizeof(text), "%s", bech32("age", digits, 52, 1));
    for (i = 0; text[i] != '\0'; i++) { /* one letter large, then all */
        if (text[i] >= 'a' && text[i] <= 'z') {
            text[i] = (char)(text[i] - 'a' + 'A');
            T_TRUE(!bf_is_age_recipient(text));
        }
    }
    snprintf(text, sizeof(text), " %s", bech32("age", digits, 52, 1));
    T_TRUE(!bf_is_age_recipient(text));
    snprintf(text, sizeof(text), "%s\n", bech32("age", digits, 52, 1));
    T_TRUE(!bf_is_age_recipient(text));
    T_ERR(
        bf_age_identity_parse(out, bf_text(bech32("age-secret-key-", digits, 52, 1)), &d),
        BF_AGE_IDENTITY, &d);
}

static void weak_points(void)
{
    static const char *const weak[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    };
    size_t i;

    for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
        uint8_t point[BF_KEY], out[BF_KEY];
        char text[BF_RECIPIENT_TEXT];
        struct bf_diag d = {0};

        T_TRUE(bf_unhex(point, BF_KEY, weak[i], 64));
        bf_age_recipient_write(text, point);
        T_ERR(bf_age_recipient_parse(out, text, &d), BF_AGE_RECIPIENT, &d);
    }
}

static void identity_files(void)
{
    static const struct {
        const char *before, *after;
        int times;
        enum bf_err want;
    } cases[] = {
        {"", "", 1, BF_OK},
        {"", "\n", 1, BF_OK},
        {"# created: 2026-11-23T15:34:00Z\n# public key: age1...\n", "\n", 1, BF_OK},
        {"\n\n#\r\n", "\r\n\r\n", 1, BF_OK},
        {"", "\n# the end", 1, BF_OK},
        {"", "\n", 2, BF_AGE_IDENTITY},
        {"", "\n", 0, BF_AGE_IDENTITY},
        {" ", "\n", 1, BF_AGE_IDENTITY},
        {"", " \n", 1, BF_AGE_IDENTITY},
        {"x\n", "\n", 1, BF_AGE_IDENTITY},
        {"-----BEGIN AGE ENCRYPTED FILE-----\n", "\n", 1, BF_AGE_IDENTITY},
    };
    uint8_t scalar[BF_KEY];
    struct bf_diag d = {0};
    size_t i;
    int j;

    T_OK(bf_age_identity_parse(scalar, bf_text(identity), &d), &d);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_buf file = bf_buf(4096);
        struct bf_secret out;
        uint8_t *exact;

        bf_put_text(&file, cases[i].before);
        for (j = 0; j < cases[i].times; j++) {
            bf_put_text(&file, identity);
            bf_put_text(&file, cases[i].after);
        }
        exact = t_copy(bf_buf_bytes(&file));
        T_ERR(bf_age_identity_file(&out, bf_view(exact, file.len), &d), cases[i].want,
              &d);
        T_TRUE((out.ptr != NULL) == (cases[i].want == BF_OK));
        if (cases[i].want == BF_OK) {
            T_BYTES(bf_secret_bytes(&out), bf_view(scalar, BF_KEY));
        }
        bf_secret_clear(&out);
        bf_buf_clear(&file);
        t_free(exact);
    }
    T_TRUE(strstr(d.where, "GTZV") == NULL); /* no key in a message */
}

/* age-keygen's keys are ours. */
static void age_keygen(void)
{
    const char *make[] = {"age-keygen", NULL};
    const char *show[] = {"age-keygen", "-y", NULL};
    struct bf_buf file = bf_buf(4096), recipient = bf_buf(4096);
    struct bf_secret out = {0};
    struct bf_diag d = {0};
    uint8_t point[BF_KEY];
    char text[BF_RECIPIENT_TEXT];

    T_TRUE(true);
    if (tool_there("age-keygen")) {
        T_INT(tool_run(make, bf_text(""), &file), 0);
        T_INT(tool_run(show, bf_buf_bytes(&file), &recipient), 0);
        T_OK(bf_age_identity_file(&out, bf_buf_bytes(&file), &d), &d);
        bf_x25519_base(point, out.ptr);
        bf_age_recipient_write(text, point);
        T_INT(recipient.len, 63);
        T_BYTES(bf_view(recipient.ptr, recipient.len - 1), bf_text(text));
    }
    bf_secret_clear(&out);
    bf_buf_clear(&file);
    bf_buf_clear(&recipient);
}

T_CASES("bech32", {"good", good}, {"round trips", round_trips},
        {"every change", every_change}, {"forms", forms}, {"weak points", weak_points},
        {"identity files", identity_files}, {"age-keygen", age_keygen});
