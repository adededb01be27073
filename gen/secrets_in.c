/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets_in.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bf/cli.h"
#include "bf/file.h"
#include "session.h"

enum { MAX_VALUE = 1024, MAX_COLUMNS = 16 };

static const struct gen_change_secret *wanted(const struct gen_change *c, size_t i)
{
    return BF_LIST_ITEM(&c->secrets, const struct gen_change_secret, i);
}

/* A minted or removed entry has no value; this version makes neither, but the form knows
 * them. */
static bool has_value(const struct gen_change *c, size_t i)
{
    return strcmp(wanted(c, i)->versus, "removed") != 0 &&
           strcmp(c->plan.iam.mode, "mint") != 0;
}

/* No part of a value may reach a message: names are the change's, everything else is told
 * by line. */
static enum bf_err take(struct gen_secrets *s, const struct gen_change *c,
                        struct bf_bytes name, struct bf_bytes value, size_t line,
                        struct bf_diag *diag)
{
    size_t i, k;

    for (i = 0; i < c->secrets.num && i < GEN_MAX_SECRETS; i++) {
        if (bf_bytes_is(name, wanted(c, i)->name) && has_value(c, i)) {
            break;
        }
    }
    if (i == c->secrets.num || i == GEN_MAX_SECRETS) {
        return bf_fail(diag, BF_SECRETS_INPUT,
                       "line %zu: no entry of this change has that name", line);
    }
    for (k = 0; k < s->num; k++) {
        if (s->items[k].name == wanted(c, i)->name) {
            return bf_fail(diag, BF_SECRETS_INPUT, "line %zu: %s stands twice", line,
                           wanted(c, i)->name);
        }
    }
    if (!bf_is_secret_value((const char *)value.ptr, value.len)) {
        return bf_fail(diag, BF_SECRETS_INPUT,
                       "line %zu: the value of %s is empty, too long, or has blanks or "
                       "bytes outside "
                       "printable ASCII",
                       line, wanted(c, i)->name);
    }
    s->items[s->num].name = wanted(c, i)->name;
    s->items[s->num].value = value;
    s->num++;
    return BF_OK;
}

/* The next line without LF or CRLF; false at the end. */
static bool next_line(struct bf_bytes *rest, struct bf_bytes *line)
{
    const uint8_t *lf;

    if (rest->len == 0) {
        return false;
    }
    lf = memchr(rest->ptr, '\n', rest->len);
    line->ptr = rest->ptr;
    line->len = lf != NULL ? (size_t)(lf - rest->ptr) : rest->len;
    rest->ptr += line->len + (lf != NULL ? 1 : 0);
    rest->len -= line->len + (lf != NULL ? 1 : 0);
    if (line->len > 0 && line->ptr[line->len - 1] == '\r') {
        line->len--;
    }
    return true;
}

static struct bf_bytes trim(struct bf_bytes in)
{
    while (in.len > 0 && (in.ptr[0] == ' ' || in.ptr[0] == '\t')) {
        in.ptr++;
        in.len--;
    }
    while (in.len > 0 && (in.ptr[in.len - 1] == ' ' || in.ptr[in.len - 1] == '\t')) {
        in.len--;
    }
    return in;
}

static enum bf_err parse_lines(struct gen_secrets *s, const struct gen_change *c,
                               struct bf_bytes rest, struct bf_diag *diag)
{
    struct bf_bytes line;
    enum bf_err err = BF_OK;
    size_t at = 0;

    while (err == BF_OK && next_line(&rest, &line)) {
        const uint8_t *equals;

        at++;
        line = trim(line);
        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        equals = memchr(line.ptr, '=', line.len);
        if (equals == NULL) {
            return bf_fail(diag, BF_SECRETS_INPUT, "line %zu: no NAME=VALUE", at);
        }
        err = take(s, c, trim(bf_view(line.ptr, (size_t)(equals - line.ptr))),
                   trim(bf_view(equals + 1, line.len - (size_t)(equals - line.ptr) - 1)),
                   at, diag);
    }
    return err;
}

/* Cuts a CSV line at its commas; quotes around a field are taken off. Returns the number
 * of fields, 0 when it is none. */
static size_t split(struct bf_bytes line, struct bf_bytes out[MAX_COLUMNS])
{
    size_t num = 0;

    for (;;) {
        const uint8_t *comma = line.len > 0 ? memchr(line.ptr, ',', line.len) : NULL;
        struct bf_bytes field = trim(
            bf_view(line.ptr, comma != NULL ? (size_t)(comma - line.ptr) : line.len));

        if (num == MAX_COLUMNS) {
            return 0;
        }
        if (field.len >= 2 && field.ptr[0] == '"' && field.ptr[field.len - 1] == '"') {
            field.ptr++;
            field.len -= 2;
        }
        out[num++] = field;
        if (comma == NULL) {
            return num;
        }
        line.len -= (size_t)(comma - line.ptr) + 1;
        line.ptr = comma + 1;
    }
}

/* The console has written these column names since 2012, in two orders and with others
 * beside them. */
static bool console_columns(struct bf_bytes header, size_t *id, size_t *secret,
                            size_t *num)
{
    struct bf_bytes fields[MAX_COLUMNS];
    size_t i;

    *num = split(header, fields);
    *id = *secret = MAX_COLUMNS;
    for (i = 0; i < *num; i++) {
        if (bf_bytes_is(fields[i], "Access key ID")) {
            *id = i;
        } else if (bf_bytes_is(fields[i], "Secret access key")) {
            *secret = i;
        }
    }
    return *id < MAX_COLUMNS && *secret < MAX_COLUMNS;
}

/* The one pair of the change gets the one key of the file. */
static enum bf_err parse_console(struct gen_secrets *s, const struct gen_change *c,
                                 struct bf_bytes rest, size_t id, size_t secret,
                                 size_t columns, struct bf_diag *diag)
{
    struct bf_bytes fields[MAX_COLUMNS], line, data = {0};
    char client[65], name[100];
    enum bf_err err;
    size_t at = 1, data_at = 0;

    gen_change_client(client, c);
    if (c->secrets.num != 2 || client[0] == '\0') {
        return bf_fail(diag, BF_SECRETS_INPUT,
                       "a console file holds one key, this change has %zu entries",
                       c->secrets.num);
    }
    while (next_line(&rest, &line)) {
        at++;
        if (trim(line).len == 0) {
            continue;
        }
        if (data.ptr != NULL) {
            return bf_fail(diag, BF_SECRETS_INPUT,
                           "line %zu: a console file with more than one key", at);
        }
        data = line;
        data_at = at;
    }
    if (data.ptr == NULL || split(data, fields) != columns) {
        return bf_fail(diag, BF_SECRETS_INPUT, "line 2: not the columns of line 1");
    }
    snprintf(name, sizeof(name), "s3.client.%s.access_key", client);
    err = take(s, c, bf_text(name), fields[id], data_at, diag);
    if (err == BF_OK) {
        snprintf(name, sizeof(name), "s3.client.%s.secret_key", client);
        err = take(s, c, bf_text(name), fields[secret], data_at, diag);
    }
    return err;
}

static enum bf_err all_there(const struct gen_secrets *s, const struct gen_change *c,
                             struct bf_diag *diag)
{
    size_t i, k;

    for (i = 0; i < c->secrets.num && i < GEN_MAX_SECRETS; i++) {
        for (k = 0; k < s->num && s->items[k].name != wanted(c, i)->name; k++) {
        }
        if (k == s->num && has_value(c, i)) {
            return bf_fail(diag, BF_SECRETS_INPUT, "no value for %s", wanted(c, i)->name);
        }
    }
    return BF_OK;
}

enum bf_err gen_secrets_parse(struct gen_secrets *out, struct bf_secret *raw,
                              const struct gen_change *c, struct bf_diag *diag)
{
    static const uint8_t mark[3] = {0xef, 0xbb, 0xbf};
    struct bf_bytes rest, first;
    size_t id, secret, columns;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    out->raw = *raw;
    memset(raw, 0, sizeof(*raw)); /* taken */
    rest = bf_secret_bytes(&out->raw);
    if (rest.len >= sizeof(mark) && memcmp(rest.ptr, mark, sizeof(mark)) == 0) {
        rest.ptr += sizeof(mark);
        rest.len -= sizeof(mark);
    }
    first = rest;
    if (next_line(&rest, &first) && console_columns(first, &id, &secret, &columns)) {
        err = parse_console(out, c, rest, id, secret, columns, diag);
    } else {
        rest.len += (size_t)(rest.ptr - first.ptr);
        rest.ptr = first.ptr;
        err = parse_lines(out, c, rest, diag);
    }
    if (err == BF_OK) {
        err = all_there(out, c, diag);
    }
    if (err != BF_OK) {
        gen_secrets_clear(out);
    }
    return err;
}

/* What is encrypted is opened from one locked block into another. */
static enum bf_err unseal(struct bf_secret *raw, const char *identity,
                          struct bf_diag *diag)
{
    struct bf_secret scalar = {0}, plain = {0};
    enum bf_err err;

    if (!bf_age_looks_sealed(bf_secret_bytes(raw)) &&
        !bf_age_looks_armored(bf_secret_bytes(raw))) {
        return BF_OK;
    }
    err = gen_read_identity(&scalar, identity, diag);
    if (err == BF_OK) {
        err = bf_secret_alloc(&plain, GEN_MAX_SECRETS_FILE, diag);
    }
    if (err == BF_OK) {
        err = bf_age_open_any(plain.ptr, plain.cap, &plain.len, bf_secret_bytes(raw),
                              scalar.ptr, diag);
    }
    bf_secret_clear(&scalar);
    if (err != BF_OK) {
        bf_secret_clear(&plain);
        return err;
    }
    bf_secret_clear(raw);
    *raw = plain;
    return BF_OK;
}

enum bf_err gen_secrets_from_file(struct gen_secrets *out, const struct gen_change *c,
                                  const char *path, const char *identity,
                                  struct bf_diag *diag)
{
    struct bf_secret raw = {0};
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    err = bf_file_read_secret(&raw, path, GEN_MAX_SECRETS_FILE, diag);
    if (err == BF_OK && (err = unseal(&raw, identity, diag)) == BF_OK) {
        err = gen_secrets_parse(out, &raw, c, diag);
        if (err != BF_OK) {
            bf_diag_in(diag, "%s", path);
        }
    }
    bf_secret_clear(&raw);
    return err;
}

enum bf_err gen_secrets_from_fd(struct gen_secrets *out, const struct gen_change *c,
                                int fd, const char *identity, struct bf_diag *diag)
{
    struct bf_secret raw = {0};
    enum bf_err err;
    ssize_t n;

    memset(out, 0, sizeof(*out));
    err = bf_secret_alloc(&raw, GEN_MAX_SECRETS_FILE + 1, diag);
    while (err == BF_OK && raw.len < raw.cap) {
        n = read(fd, raw.ptr + raw.len, raw.cap - raw.len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            err = bf_fail(diag, BF_INPUT_READ, "descriptor %d: %s", fd, strerror(errno));
        }
        if (n <= 0) {
            break;
        }
        raw.len += (size_t)n;
    }
    if (err == BF_OK && raw.len > GEN_MAX_SECRETS_FILE) {
        err = bf_fail(diag, BF_INPUT_SIZE, "descriptor %d", fd);
    }
    if (err == BF_OK && (err = unseal(&raw, identity, diag)) == BF_OK) {
        err = gen_secrets_parse(out, &raw, c, diag);
    }
    bf_secret_clear(&raw);
    return err;
}

/* One value into the locked block of all; views stay good because the block never moves.
 */
static enum bf_err ask_one(struct gen_secrets *s, const struct gen_change *c, size_t i,
                           struct bf_diag *diag)
{
    struct bf_secret typed = {0};
    char prompt[160];
    enum bf_err err;

    snprintf(prompt, sizeof(prompt), "%s (not shown): ", wanted(c, i)->name);
    err = bf_cli_ask_secret(&typed, MAX_VALUE + 2, prompt,
                            "--secrets FILE or --secrets-fd N", diag);
    if (err == BF_OK && s->raw.cap - s->raw.len < typed.len) {
        err = bf_fail(diag, BF_INTERNAL, "room for secrets");
    }
    if (err == BF_OK) {
        struct bf_bytes value = {s->raw.ptr + s->raw.len, typed.len};

        bf_copy(s->raw.ptr + s->raw.len, typed.ptr, typed.len);
        s->raw.len += typed.len;
        err = take(s, c, bf_text(wanted(c, i)->name), trim(value), i + 1, diag);
    }
    bf_secret_clear(&typed);
    return err;
}

enum bf_err gen_secrets_from_terminal(struct gen_secrets *out, const struct gen_change *c,
                                      struct bf_diag *diag)
{
    enum bf_err err;
    size_t i;

    memset(out, 0, sizeof(*out));
    err = bf_secret_alloc(&out->raw, GEN_MAX_SECRETS * (MAX_VALUE + 2), diag);
    for (i = 0; err == BF_OK && i < c->secrets.num && i < GEN_MAX_SECRETS; i++) {
        if (has_value(c, i)) {
            err = ask_one(out, c, i, diag);
        }
    }
    if (err != BF_OK) {
        gen_secrets_clear(out);
    }
    return err;
}

void gen_secrets_clear(struct gen_secrets *s)
{
    bf_secret_clear(&s->raw);
    memset(s, 0, sizeof(*s));
}
