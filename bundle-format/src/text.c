/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

/* Length within min..max and only bytes of set. */
static bool all_of(const char *t, const char *set, size_t min, size_t max)
{
    size_t len = strlen(t);

    return len >= min && len <= max && strspn(t, set) == len;
}

static bool starts_alnum(const char *t)
{
    return (t[0] >= 'a' && t[0] <= 'z') || (t[0] >= '0' && t[0] <= '9');
}

static bool is_empty(const char *t)
{
    return t[0] == '\0';
}

bool bf_is_id(const char *t)
{
    return all_of(t, LOWER DIGIT "_-", 1, 32) && starts_alnum(t);
}

bool bf_is_domain(const char *t)
{
    return all_of(t, LOWER DIGIT ".-", 1, 64);
}

bool bf_is_text(const char *t)
{
    size_t len = strlen(t), i;

    if (len < 1 || len > 500 || t[0] == ' ' || t[len - 1] == ' ' ||
        strstr(t, "  ") != NULL) {
        return false;
    }
    for (i = 0; i < len; i++) {
        if (t[i] < 0x20 || t[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

bool bf_is_text_or_empty(const char *t)
{
    return is_empty(t) || bf_is_text(t);
}

/* Two or four digits as a number; the caller has looked that they are digits. */
static int digits(const char *t, size_t len)
{
    int v = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        v = v * 10 + (t[i] - '0');
    }
    return v;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool bf_is_time(const char *t)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    int month, day;
    size_t i;

    if (strlen(t) != sizeof(form) - 1) {
        return false;
    }
    for (i = 0; i < sizeof(form) - 1; i++) {
        bool digit = t[i] >= '0' && t[i] <= '9';

        if (form[i] == '0' ? !digit : t[i] != form[i]) {
            return false;
        }
    }
    month = digits(t + 5, 2);
    day = digits(t + 8, 2);
    return month >= 1 && month <= 12 && day >= 1 && day <= days_of(digits(t, 4), month) &&
           digits(t + 11, 2) <= 23 && digits(t + 14, 2) <= 59 && digits(t + 17, 2) <= 59;
}

bool bf_is_time_or_empty(const char *t)
{
    return is_empty(t) || bf_is_time(t);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t days_since(int year, int month, int day)
{
    int64_t days = 365 * (int64_t)(year - 1970) + day - 1;
    int y = year - 1, m;

    days += (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
    for (m = 1; m < month; m++) {
        days += days_of(year, m);
    }
    return days;
}

int64_t bf_time_parse(const char *t)
{
    return days_since(digits(t, 4), digits(t + 5, 2), digits(t + 8, 2)) * 86400 +
           digits(t + 11, 2) * 3600 + digits(t + 14, 2) * 60 + digits(t + 17, 2);
}

void bf_time_format(char out[21], int64_t seconds)
{
    int64_t day = seconds >= 0 ? seconds / 86400 : 0;
    int rest = (int)(seconds >= 0 ? seconds % 86400 : 0);
    int year = 1970, month = 1;
    char text[64];

    while (year < 9999 && day >= days_since(year + 1, 1, 1)) {
        year++;
    }
    day -= days_since(year, 1, 1);
    while (month < 12 && day >= days_of(year, month)) {
        day -= days_of(year, month);
        month++;
    }
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month,
             (int)day + 1, rest / 3600, rest / 60 % 60, rest % 60);
    memcpy(out, text, 20);
    out[20] = '\0';
}

bool bf_is_hex32(const char *t)
{
    return all_of(t, DIGIT "abcdef", 32, 32);
}

bool bf_is_hex64(const char *t)
{
    return all_of(t, DIGIT "abcdef", 64, 64);
}

bool bf_is_hex64_or_empty(const char *t)
{
    return is_empty(t) || bf_is_hex64(t);
}

static bool ends_with(const char *t, const char *tail)
{
    size_t len = strlen(t), n = strlen(tail);

    return len >= n && strcmp(t + len - n, tail) == 0;
}

/* docs.aws.amazon.com, bucket naming rules. */
bool bf_is_bucket(const char *t)
{
    static const char *const prefixes[] = {"xn--", "sthree-", "amzn-s3-demo-"};
    static const char *const suffixes[] = {"-s3alias", "--ol-s3", ".mrap", "--x-s3",
                                           "--table-s3"};
    size_t i, len = strlen(t);

    if (!all_of(t, LOWER DIGIT ".-", 3, 63) || !starts_alnum(t) ||
        !starts_alnum(t + len - 1) || strstr(t, "..") != NULL) {
        return false;
    }
    for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(t, prefixes[i], strlen(prefixes[i])) == 0) {
            return false;
        }
    }
    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (ends_with(t, suffixes[i])) {
            return false;
        }
    }
    return strspn(t, DIGIT ".") != len ||
           strchr(t, '.') == NULL; /* not shaped like an IPv4 address */
}

bool bf_is_name(const char *t)
{
    return all_of(t, LOWER UPPER DIGIT "_+=,.@-", 1, 64);
}

bool bf_is_name_or_empty(const char *t)
{
    return is_empty(t) || bf_is_name(t);
}

bool bf_is_keyid(const char *t)
{
    return all_of(t, LOWER UPPER DIGIT, 16, 128);
}

bool bf_is_keyid_or_empty(const char *t)
{
    return is_empty(t) || bf_is_keyid(t);
}

/* https://[a-z0-9.-]{1,253}(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._~/-]*)? */
bool bf_is_url(const char *t)
{
    size_t n;

    if (strncmp(t, "https://", 8) != 0 || strlen(t) > 1000) {
        return false;
    }
    t += 8;
    n = strspn(t, LOWER DIGIT ".-");
    if (n < 1 || n > 253) {
        return false;
    }
    t += n;
    if (*t == ':') {
        n = strspn(t + 1, DIGIT);
        if (n < 1 || n > 5 || t[1] == '0') {
            return false;
        }
        t += 1 + n;
    }
    return *t == '\0' || (*t == '/' && strspn(t, LOWER UPPER DIGIT "._~/-") == strlen(t));
}

bool bf_is_url_or_empty(const char *t)
{
    return is_empty(t) || bf_is_url(t);
}

bool bf_is_uuid(const char *t)
{
    return all_of(t, LOWER UPPER DIGIT "_-", 1, 64);
}

bool bf_is_secret_name(const char *t)
{
    static const char head[] = "s3.client.";
    size_t n;

    if (strncmp(t, head, sizeof(head) - 1) != 0) {
        return false;
    }
    t += sizeof(head) - 1;
    n = strspn(t, LOWER DIGIT "_-");
    return n >= 1 && n <= 64 &&
           (strcmp(t + n, ".access_key") == 0 || strcmp(t + n, ".secret_key") == 0);
}

bool bf_is_secret_value(const char *t, size_t len)
{
    size_t i;

    if (len < 1 || len > 1024) {
        return false;
    }
    for (i = 0; i < len; i++) {
        if (t[i] < 0x21 || t[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

bool bf_is_repository(const char *t)
{
    return all_of(t, LOWER DIGIT "._-", 1, 128) && starts_alnum(t);
}

bool bf_is_region_or_empty(const char *t)
{
    return is_empty(t) || all_of(t, LOWER DIGIT "-", 1, 64);
}

/* arn:PARTITION:iam::ACCOUNT:user/PATH-AND-NAME */
bool bf_is_arn_or_empty(const char *t)
{
    size_t n;

    if (is_empty(t)) {
        return true;
    }
    if (strncmp(t, "arn:", 4) != 0 || strlen(t) > 300) {
        return false;
    }
    t += 4;
    n = strspn(t, LOWER DIGIT "-");
    if (n < 1 || strncmp(t + n, ":iam::", 6) != 0) {
        return false;
    }
    t += n + 6;
    n = strspn(t, LOWER DIGIT "-");
    t += n;
    return strncmp(t, ":user/", 6) == 0 &&
           all_of(t + 6, LOWER UPPER DIGIT "_+=,.@/-", 1, 256);
}

bool bf_is_member_name(const char *t)
{
    size_t len = strlen(t);

    if (!all_of(t, LOWER DIGIT "._-/", 1, 99) || !starts_alnum(t)) {
        return false;
    }
    for (; *t != '\0'; t++) {
        if (*t == '/' && !starts_alnum(t + 1)) {
            return false;
        }
    }
    return len > 0;
}

void bf_put_base64(struct bf_buf *b, struct bf_bytes in, size_t width, bool padded)
{
    size_t i, column = 0;

    for (i = 0; i < in.len; i += 3) {
        size_t left = in.len - i, num, j;
        uint32_t v = (uint32_t)in.ptr[i] << 16;
        char out[4];

        v |= left > 1 ? (uint32_t)in.ptr[i + 1] << 8 : 0;
        v |= left > 2 ? in.ptr[i + 2] : 0;
        num = left > 2 ? 4 : left + 1;
        for (j = 0; j < 4; j++) {
            out[j] = j < num ? bf_base64_digits[v >> (18 - 6 * j) & 63] : '=';
        }
        for (j = 0; j < (padded ? 4 : num); j++) {
            bf_put(b, &out[j], 1);
            if (width > 0 && ++column == width) {
                bf_put_text(b, "\n");
                column = 0;
            }
        }
    }
    if (width > 0 && column > 0) {
        bf_put_text(b, "\n");
    }
}
