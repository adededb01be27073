/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"

enum { MAX_LINE = 300 * 1024, SUM = 16, ROOM = 1024 * 1024 };

/* One more of these is the resume line: {"at":T,"way":"forward"|"undo"}. */
struct taken_up {
    const char *at, *way;
};

static bool is_way(const char *t)
{
    return strcmp(t, "forward") == 0 || strcmp(t, "undo") == 0;
}

static const struct bf_field taken_up_fields[] = {
    {.name = "at",
     .kind = BF_F_TEXT,
     .at = offsetof(struct taken_up, at),
     .grammar = bf_is_time},
    {.name = "way",
     .kind = BF_F_TEXT,
     .at = offsetof(struct taken_up, way),
     .grammar = is_way},
};
static const struct bf_schema taken_up_schema = {"resume", sizeof(struct taken_up),
                                                 taken_up_fields, 2};

static enum bf_err checksum(char out[2 * BF_SHA256 + 1], struct bf_bytes text)
{
    enum bf_err err = bf_sha256_hex(out, text);

    out[SUM] = '\0';
    return err;
}

/* ---- writing ---- */

static enum bf_err append(struct vfy_journal *j, const char *kind,
                          const struct bf_schema *schema, const void *what, bool sync,
                          struct bf_diag *diag)
{
    struct bf_buf text = bf_buf(MAX_LINE), line = bf_buf(MAX_LINE + 64);
    char sum[2 * BF_SHA256 + 1];
    enum bf_err err;

    bf_put_fmt(&text, "%s ", kind);
    bf_schema_write(&text, schema, what);
    err = bf_buf_check(&text, "journal record", diag);
    if (err == BF_OK) {
        err = checksum(sum, bf_buf_bytes(&text));
    }
    if (err == BF_OK) {
        bf_put_fmt(&line, "%s ", sum);
        bf_put_bytes(&line, bf_buf_bytes(&text));
        bf_put_text(&line, "\n");
        err = bf_buf_check(&line, "journal record", diag);
    }
    /* one write a line: what a full disk cuts off is a torn last line */
    if (err == BF_OK && write(j->fd, line.ptr, line.len) != (ssize_t)line.len) {
        err = bf_fail_errno(diag, "journal");
    }
    if (err == BF_OK && sync && fdatasync(j->fd) != 0) {
        err = bf_fail_errno(diag, "journal");
    }
    bf_buf_clear(&text);
    bf_buf_clear(&line);
    return err;
}

static enum bf_err sync_parent(const char *path, struct bf_diag *diag)
{
    char dir[1200];
    const char *slash = strrchr(path, '/');
    enum bf_err err = BF_OK;
    int fd;

    snprintf(dir, sizeof(dir), "%.*s", slash != NULL ? (int)(slash - path) : 1,
             slash != NULL ? path : ".");
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        err = bf_fail_errno(diag, dir);
    }
    if (fd >= 0) {
        close(fd);
    }
    return err;
}

enum bf_err vfy_journal_create(struct vfy_journal *j, const char *path,
                               const struct vfy_intent *intent, struct bf_diag *diag)
{
    enum bf_err err;

    j->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (j->fd < 0) {
        return bf_fail_errno(diag, path);
    }
    /* room ahead where the file system knows that; a journal must not end for want of
     * space */
    if (fallocate(j->fd, FALLOC_FL_KEEP_SIZE, 0, ROOM) != 0 && errno != EOPNOTSUPP &&
        errno != ENOSYS) {
        err = bf_fail_errno(diag, path);
    } else {
        err = append(j, "intent", &vfy_intent_schema, intent, true, diag);
    }
    if (err == BF_OK) {
        err = sync_parent(path, diag);
    }
    if (err != BF_OK) {
        vfy_journal_close(j);
        (void)unlink(path); /* nothing has begun */
    }
    return err;
}

enum bf_err vfy_journal_reopen(struct vfy_journal *j, const char *path,
                               const struct vfy_journal_head *head, enum vfy_way way,
                               const char *now, struct bf_diag *diag)
{
    struct taken_up t = {now, way == VFY_FORWARD ? "forward" : "undo"};
    enum bf_err err = BF_OK;

    j->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (j->fd < 0 || ftruncate(j->fd, (off_t)head->good) != 0) {
        err = bf_fail_errno(diag, path);
    }
    if (err == BF_OK) {
        err = append(j, "resume", &taken_up_schema, &t, true, diag);
    }
    if (err != BF_OK) {
        vfy_journal_close(j);
    }
    return err;
}

enum bf_err vfy_journal_event(struct vfy_journal *j, const struct vfy_event *e, bool sync,
                              struct bf_diag *diag)
{
    return append(j, "event", &vfy_event_schema, e, sync, diag);
}

void vfy_journal_close(struct vfy_journal *j)
{
    if (j->fd >= 0) {
        close(j->fd);
    }
    j->fd = -1;
}

/* ---- reading ---- */

/* "SUM KIND JSON" split; false when the sum does not fit. */
static bool split(struct bf_bytes line, struct bf_bytes *kind, struct bf_bytes *json)
{
    char sum[2 * BF_SHA256 + 1];
    struct bf_bytes text;
    const uint8_t *blank;

    if (line.len < SUM + 2 || line.ptr[SUM] != ' ') {
        return false;
    }
    text = bf_view(line.ptr + SUM + 1, line.len - SUM - 1);
    blank = memchr(text.ptr, ' ', text.len);
    if (blank == NULL || checksum(sum, text) != BF_OK ||
        memcmp(sum, line.ptr, SUM) != 0) {
        return false;
    }
    *kind = bf_view(text.ptr, (size_t)(blank - text.ptr));
    *json = bf_view(blank + 1, text.len - kind->len - 1);
    return true;
}

static enum bf_err take_intent(struct vfy_journal_head *h, struct bf_bytes json,
                               struct bf_diag *diag)
{
    enum bf_err err = bf_json_parse(&h->doc, json, BF_JSON_SIGNED, diag);

    if (err == BF_OK) {
        err = bf_schema_read(&h->intent, &vfy_intent_schema, h->doc.root, &h->doc.arena,
                             BF_STATE_DAMAGED, diag);
    }
    h->has_intent = err == BF_OK;
    return err;
}

static enum bf_err take_event(struct vfy_journal_head *h, struct bf_bytes json,
                              const struct vfy_replay *replay, struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    struct vfy_event e;
    enum bf_err err = bf_json_parse(&doc, json, BF_JSON_SIGNED, diag);

    if (err == BF_OK) {
        err = bf_schema_read(&e, &vfy_event_schema, doc.root, &doc.arena,
                             BF_STATE_DAMAGED, diag);
    }
    if (err == BF_OK && replay != NULL) {
        err = replay->event(replay->ctx, &e, diag);
    }
    h->events += err == BF_OK ? 1 : 0;
    bf_json_clear(&doc);
    return err;
}

static enum bf_err take_resume(struct vfy_journal_head *h, struct bf_bytes json,
                               const struct vfy_replay *replay, struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    struct taken_up t;
    enum bf_err err = bf_json_parse(&doc, json, BF_JSON_SIGNED, diag);

    if (err == BF_OK) {
        err = bf_schema_read(&t, &taken_up_schema, doc.root, &doc.arena, BF_STATE_DAMAGED,
                             diag);
    }
    if (err == BF_OK) {
        h->resumes++;
        h->undoing = h->undoing || strcmp(t.way, "undo") == 0;
    }
    if (err == BF_OK && replay != NULL) {
        replay->again(replay->ctx);
    }
    bf_json_clear(&doc);
    return err;
}

static enum bf_err take_line(struct vfy_journal_head *h, struct bf_bytes kind,
                             struct bf_bytes json, const struct vfy_replay *replay,
                             struct bf_diag *diag)
{
    enum bf_err err = BF_STATE_DAMAGED;

    if (!h->has_intent && bf_bytes_is(kind, "intent")) {
        err = take_intent(h, json, diag);
    } else if (h->has_intent && bf_bytes_is(kind, "event")) {
        err = take_event(h, json, replay, diag);
    } else if (h->has_intent && bf_bytes_is(kind, "resume")) {
        err = take_resume(h, json, replay, diag);
    } else {
        err = bf_fail(diag, BF_STATE_DAMAGED, "a record out of place");
    }
    return err == BF_OK || bf_err_exit(err) != BF_EXIT_REFUSED
               ? err
               : bf_fail(diag, BF_STATE_DAMAGED, "not a record");
}

enum bf_err vfy_journal_read(struct vfy_journal_head *out, const char *path,
                             const struct vfy_replay *replay, struct bf_diag *diag)
{
    struct bf_buf raw = bf_buf(VFY_MAX_JOURNAL);
    struct bf_bytes line, kind, json;
    struct bf_reader r;
    size_t number = 0;
    enum bf_err err = BF_OK;

    memset(out, 0, sizeof(*out));
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return BF_OK;
    }
    err = bf_file_read(&raw, path, VFY_MAX_JOURNAL, diag);
    r = bf_reader(bf_buf_bytes(&raw));
    while (err == BF_OK && r.rest.len > 0) {
        line = bf_read_line(&r, MAX_LINE + 64);
        number++;
        if (r.bad || !split(line, &kind, &json)) {
            if (!r.bad && r.rest.len > 0) {
                err = bf_fail(diag, BF_STATE_DAMAGED, "%s line %zu", path, number);
            }
            break; /* torn: it was never acked */
        }
        err = take_line(out, kind, json, replay, diag);
        if (err != BF_OK) {
            bf_diag_in(diag, "%s line %zu", path, number);
        } else {
            out->good += line.len + 1;
        }
    }
    bf_buf_clear(&raw);
    if (err != BF_OK) {
        vfy_journal_head_clear(out);
    }
    return err;
}

void vfy_journal_head_clear(struct vfy_journal_head *h)
{
    bf_json_clear(&h->doc);
    memset(h, 0, sizeof(*h));
}
