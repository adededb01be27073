/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"

enum { MIN_GUARDED = 6 }; /* shorter secrets would be found in innocent text */

/* ---- bytes ---- */

/* True when len bytes came. */
static bool receive(int fd, void *ptr, size_t len)
{
    size_t got;

    return bf_fd_read(fd, ptr, len, &got) && got == len;
}

/* ---- job and secrets ---- */

enum bf_err vfy_channel_job(struct vfy_channel *ch, struct vfy_job *job,
                            struct bf_json_doc *doc, struct bf_diag *diag)
{
    struct bf_buf frame = bf_buf(VFY_MAX_FRAME);
    uint8_t chunk[2048];
    struct bf_reader head;
    enum bf_err err;
    uint32_t left;

    if (!receive(ch->job, chunk, 4)) {
        return bf_fail(diag, BF_APPLIER, "no job");
    }
    head = bf_reader(bf_view(chunk, 4));
    left = bf_read_u32(&head);
    if (left > VFY_MAX_FRAME) {
        return bf_fail(diag, BF_APPLIER, "a job of %u bytes", (unsigned)left);
    }
    while (left > 0) {
        const size_t n = left < sizeof(chunk) ? left : sizeof(chunk);

        if (!receive(ch->job, chunk, n)) {
            bf_buf_clear(&frame);
            return bf_fail(diag, BF_APPLIER, "a job that was cut short");
        }
        bf_put(&frame, chunk, n);
        left -= (uint32_t)n;
    }
    err = bf_buf_check(&frame, "job", diag);
    if (err == BF_OK) {
        err = bf_json_parse(doc, bf_buf_bytes(&frame), BF_JSON_SIGNED, diag);
    }
    if (err == BF_OK) {
        err = bf_schema_read(job, &vfy_job_schema, doc->root, &doc->arena, BF_APPLIER,
                             diag);
    }
    bf_buf_clear(&frame);
    return err;
}

enum bf_err vfy_channel_secrets(struct vfy_secrets *out, int fd, struct bf_diag *diag)
{
    struct bf_reader r;
    enum bf_err err;
    ssize_t n;

    *out = (struct vfy_secrets){0};
    if ((err = bf_secret_alloc(&out->raw, VFY_MAX_SECRETS_BYTES + 1, diag)) != BF_OK) {
        return err;
    }
    do {
        n = read(fd, out->raw.ptr + out->raw.len, out->raw.cap - out->raw.len);
        if (n > 0) {
            out->raw.len += (size_t)n;
        }
    } while ((n > 0 && out->raw.len < out->raw.cap) || (n < 0 && errno == EINTR));
    if (n < 0 || out->raw.len > VFY_MAX_SECRETS_BYTES) {
        vfy_secrets_clear(out);
        return bf_fail(diag, BF_APPLIER, "the secrets cannot be read");
    }
    r = bf_reader(bf_secret_bytes(&out->raw));
    while (!bf_reader_end(&r) && !r.bad && out->num < VFY_MAX_SECRETS) {
        out->items[out->num].name = bf_read_string(&r, VFY_MAX_SECRET_NAME);
        out->items[out->num].value = bf_read_string(&r, VFY_MAX_SECRETS_BYTES);
        out->num++;
    }
    if (!bf_reader_end(&r)) {
        vfy_secrets_clear(out);
        return bf_fail(diag, BF_APPLIER, "the secrets are malformed");
    }
    return BF_OK;
}

void vfy_secrets_clear(struct vfy_secrets *s)
{
    bf_secret_clear(&s->raw);
    *s = (struct vfy_secrets){0};
}

bool vfy_secrets_find(const struct vfy_secrets *s, const char *name,
                      struct bf_bytes *value)
{
    size_t i;

    *value = bf_view(NULL, 0);
    for (i = 0; i < s->num; i++) {
        if (bf_bytes_is(s->items[i].name, name)) {
            *value = s->items[i].value;
            return true;
        }
    }
    return false;
}

/* ---- events ---- */

/* Access key ids are no secrets: S3 names them in its errors, and people look them up. */
static bool is_guarded(struct bf_bytes name, struct bf_bytes value)
{
    static const char id[] = ".access_key";
    const size_t len = sizeof(id) - 1;

    return value.len >= MIN_GUARDED &&
           !(name.len > len && memcmp(name.ptr + name.len - len, id, len) == 0);
}

static bool holds_secret(const struct vfy_channel *ch, const char *text)
{
    const size_t len = strlen(text);
    size_t i;

    for (i = 0; ch->secrets != NULL && i < ch->secrets->num; i++) {
        const struct bf_bytes value = ch->secrets->items[i].value;

        if (is_guarded(ch->secrets->items[i].name, value) &&
            memmem(text, len, value.ptr, value.len) != NULL) {
            return true;
        }
    }
    return false;
}

/* A copy of text made printable; NULL is "". Without memory a record would be false, so
 * the channel is lost. */
static const char *printable(struct bf_arena *texts, struct vfy_channel *ch,
                             const char *text)
{
    char *copy;
    size_t i;

    if (text == NULL || text[0] == '\0') {
        return "";
    }
    if (holds_secret(ch, text)) {
        return "(withheld: a secret stood in it)";
    }
    copy = bf_arena_text(texts, bf_text(text));
    for (i = 0; copy != NULL && copy[i] != '\0'; i++) {
        if (copy[i] < 0x20 || copy[i] > 0x7e) {
            copy[i] = '?';
        }
    }
    ch->lost = ch->lost || copy == NULL;
    return copy != NULL ? copy : "";
}

static bool send_frame(struct vfy_channel *ch, const struct vfy_event *e)
{
    struct bf_buf frame = bf_buf(VFY_MAX_FRAME);
    struct bf_buf head = bf_buf(4);
    bool sent;

    bf_schema_write(&frame, &vfy_event_schema, e);
    bf_put_u32(&head, (uint32_t)frame.len);
    sent = !frame.bad && !head.bad && bf_fd_write(ch->events, bf_buf_bytes(&head)) &&
           bf_fd_write(ch->events, bf_buf_bytes(&frame));
    bf_buf_clear(&head);
    bf_buf_clear(&frame);
    return sent;
}

static bool wait_for_ack(struct vfy_channel *ch)
{
    char ack = '\0';

    return receive(ch->job, &ack, 1) && ack == 'a';
}

enum bf_err vfy_channel_send(struct vfy_channel *ch, const struct vfy_event *e,
                             struct bf_diag *diag)
{
    struct bf_arena texts = {0};
    const struct vfy_event clean = {
        .after = printable(&texts, ch, e->after),
        .before = printable(&texts, ch, e->before),
        .id = printable(&texts, ch, e->id),
        .kind = e->kind,
        .node = printable(&texts, ch, e->node),
        .result = printable(&texts, ch, e->result),
        .step = printable(&texts, ch, e->step),
        .text = printable(&texts, ch, e->text),
        .undo = printable(&texts, ch, e->undo),
    };
    const bool acked = strcmp(e->kind, "begin") == 0 || strcmp(e->kind, "end") == 0;

    if (!ch->lost && (!send_frame(ch, &clean) || (acked && !wait_for_ack(ch)))) {
        ch->lost = true;
    }
    bf_arena_clear(&texts);
    return ch->lost ? bf_fail(diag, BF_APPLIER, "the caller is gone") : BF_OK;
}

static void send_plain(struct vfy_channel *ch, const struct vfy_event *e)
{
    struct bf_diag ignored = {0};

    (void)!vfy_channel_send(ch, e, &ignored); /* ch->lost keeps it */
}

void vfy_say(struct vfy_channel *ch, const char *fmt, ...)
{
    char text[600];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    send_plain(ch, &(struct vfy_event){.kind = "progress", .text = text});
}

void vfy_fact(struct vfy_channel *ch, const char *id, const char *node, const char *text)
{
    send_plain(ch,
               &(struct vfy_event){.kind = "fact", .id = id, .node = node, .text = text});
}

void vfy_diff(struct vfy_channel *ch, const char *step, const char *sign,
              const char *text)
{
    send_plain(ch, &(struct vfy_event){
                       .kind = "diff", .step = step, .result = sign, .text = text});
}

void vfy_setting(struct vfy_channel *ch, const char *step, const char *sign,
                 const char *text)
{
    send_plain(
        ch,
        &(struct vfy_event){
            .kind = "diff", .id = "setting", .step = step, .result = sign, .text = text});
}

void vfy_evidence(struct vfy_channel *ch, const char *file, const struct bf_buf *json)
{
    struct bf_buf text = bf_buf(json->len + 1);

    bf_put_bytes(&text, bf_buf_bytes(json));
    if (!json->bad && bf_buf_text(&text) != NULL) {
        send_plain(ch, &(struct vfy_event){.kind = "evidence",
                                           .step = file,
                                           .text = (const char *)text.ptr});
    }
    bf_buf_clear(&text);
}
