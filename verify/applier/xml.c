/* SPDX-License-Identifier: Apache-2.0 */
#include "xml.h"

#include <string.h>

enum { MAX_TEXT = 256 * 1024 };

/* The bytes after "<name" and its attributes, or an empty view. */
static struct bf_bytes after_tag(struct bf_bytes xml, const char *name)
{
    const size_t len = strlen(name);
    size_t i, end;

    for (i = 0; i + len + 1 < xml.len; i++) {
        if (xml.ptr[i] != '<' || memcmp(xml.ptr + i + 1, name, len) != 0) {
            continue;
        }
        end = i + 1 + len;
        if (xml.ptr[end] != '>' && xml.ptr[end] != ' ') {
            continue;
        }
        while (end < xml.len && xml.ptr[end] != '>') {
            end++;
        }
        if (end < xml.len && xml.ptr[end - 1] != '/') {
            return bf_view(xml.ptr + end + 1, xml.len - end - 1);
        }
    }
    return bf_view(NULL, 0);
}

/* A character reference: decimal or hexadecimal, one byte only. Returns its length, 0
 * when it is none. */
static size_t reference(struct bf_bytes in, uint8_t *out)
{
    static const struct {
        const char *text;
        char c;
    } names[] = {
        {"&quot;", '"'}, {"&apos;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
    unsigned v = 0, base = 10;
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t len = strlen(names[i].text);

        if (in.len >= len && memcmp(in.ptr, names[i].text, len) == 0) {
            *out = (uint8_t)names[i].c;
            return len;
        }
    }
    if (in.len < 4 || in.ptr[1] != '#') {
        return 0;
    }
    i = 2;
    if (in.ptr[2] == 'x') {
        base = 16;
        i = 3;
    }
    for (; i < in.len && in.ptr[i] != ';' && v < 256; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *d = in.ptr[i] != '\0'
                            ? strchr(digits, in.ptr[i] | (in.ptr[i] >= 'A' ? 0x20 : 0))
                            : NULL;

        if (d == NULL || (unsigned)(d - digits) >= base) {
            return 0;
        }
        v = v * base + (unsigned)(d - digits);
    }
    if (i >= in.len || in.ptr[i] != ';' || v == 0 || v > 255) {
        return 0;
    }
    *out = (uint8_t)v;
    return i + 1;
}

bool vfy_xml_text(struct bf_buf *out, struct bf_bytes xml, const char *name)
{
    const struct bf_bytes from = after_tag(xml, name);
    size_t i = 0;

    if (from.ptr == NULL) {
        return false;
    }
    while (i < from.len && from.ptr[i] != '<') {
        uint8_t c = from.ptr[i];
        const size_t n =
            c == '&' ? reference(bf_view(from.ptr + i, from.len - i), &c) : 0;

        bf_put_u8(out, c);
        i += n > 0 ? n : 1;
    }
    return i < from.len;
}

void vfy_xml_short(char *out, size_t size, struct bf_bytes xml, const char *name)
{
    struct bf_buf text = bf_buf(MAX_TEXT);

    out[0] = '\0';
    if (vfy_xml_text(&text, xml, name) && !text.bad && text.len > 0) {
        (void)bf_escape(out, size, text.ptr, text.len);
    }
    bf_buf_clear(&text);
}

bool vfy_percent_decode(struct bf_buf *out, struct bf_bytes text)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];

        if (c == '%') {
            char low[2];
            size_t k;

            if (text.len - i < 3) {
                return false;
            }
            for (k = 0; k < 2; k++) {
                const uint8_t d = text.ptr[i + 1 + k];

                low[k] = (char)(d >= 'A' && d <= 'F' ? d + 0x20 : d);
            }
            if (!bf_unhex(&c, 1, low, 2)) {
                return false;
            }
            i += 2;
        }
        bf_put_u8(out, c);
    }
    return true;
}
