/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <stdio.h>
#include <string.h>

#include "xml.h"

enum { MAX_PLACE = 500, MAX_DATE = 40, FIRST_BYTES = 4096, MAX_WRITER = 64 };

/* What is between two texts; empty when one of them is not there. rest: behind it. */
static struct bf_bytes between(struct bf_bytes in, const char *from, const char *to,
                               struct bf_bytes *rest)
{
    const uint8_t *at = in.len > 0 ? memmem(in.ptr, in.len, from, strlen(from)) : NULL;
    const uint8_t *end;

    *rest = bf_view(NULL, 0);
    if (at == NULL) {
        return bf_view(NULL, 0);
    }
    at += strlen(from);
    end = memmem(at, (size_t)(in.ptr + in.len - at), to, strlen(to));
    if (end == NULL) {
        return bf_view(NULL, 0);
    }
    *rest = bf_view(end, (size_t)(in.ptr + in.len - end));
    return bf_view(at, (size_t)(end - at));
}

/* The key written last of those that begin with base and name; "" none. Written in the
 * same second: the longer name, then the greater (index-9, index-10). */
static void newest(const struct vfy_s3 *s3, const char *name, char *out, size_t size,
                   struct vfy_s3_result *r)
{
    struct bf_buf query = bf_buf(2 * MAX_PLACE), body = bf_buf(VFY_MAX_ANSWER);
    char last[MAX_DATE] = "";
    struct bf_bytes rest, one;

    out[0] = '\0';
    bf_put_text(&query, "list-type=2&prefix=");
    vfy_aws_encode(&query, bf_text(s3->base), false);
    bf_put_text(&query, name);
    if (bf_buf_text(&query) == NULL) {
        *r = (struct vfy_s3_result){.failure = "no memory"};
        return;
    }
    vfy_s3_ask(s3, "GET", NULL, (const char *)query.ptr, r, &body);
    rest = r->ok ? bf_buf_bytes(&body) : bf_view(NULL, 0);
    for (one = between(rest, "<Contents>", "</Contents>", &rest); one.ptr != NULL;
         one = between(rest, "<Contents>", "</Contents>", &rest)) {
        char key[MAX_PLACE], date[MAX_DATE];
        int order;

        vfy_xml_short(key, sizeof(key), one, "Key");
        vfy_xml_short(date, sizeof(date), one, "LastModified");
        order = strcmp(date, last);
        if (order > 0 ||
            (order == 0 && (strlen(key) > strlen(out) ||
                            (strlen(key) == strlen(out) && strcmp(key, out) > 0)))) {
            (void)snprintf(out, size, "%s", key);
            (void)snprintf(last, sizeof(last), "%s", date);
        }
    }
    bf_buf_clear(&body);
    bf_buf_clear(&query);
}

/* A UUID from bytes of S3's: printable and of a UUID's letters, or "". */
static void keep_uuid(char *out, size_t size, struct bf_bytes in)
{
    char text[MAX_WRITER];

    out[0] = '\0';
    if (in.len > 0 && in.len < sizeof(text)) {
        bf_copy(text, in.ptr, in.len);
        text[in.len] = '\0';
        if (bf_is_uuid(text)) {
            (void)snprintf(out, size, "%s", text);
        }
    }
}

/*
 * The cluster that wrote: Elasticsearch puts "cluster_id" at the head of index-N. Where
 * it does not stand, the newest snapshot's metadata has "cluster_uuid" at its head:
 * SMILE, a short ASCII text is one byte 0x40 + length - 1 and its letters. With compress:
 * true, or without global state, it is not there.
 */
static void writer_of(const struct vfy_s3 *s3, const char *index, char *out, size_t size)
{
    static const char key[] = "cluster_uuid";
    struct bf_buf body = bf_buf(VFY_MAX_ANSWER);
    struct vfy_s3_result r;
    char meta[MAX_PLACE] = "";
    struct bf_bytes rest, found;
    const uint8_t *at;

    vfy_s3_read(s3, index, FIRST_BYTES, &r, &body);
    found = r.ok ? between(bf_buf_bytes(&body), "\"cluster_id\":\"", "\"", &rest)
                 : bf_view(NULL, 0);
    keep_uuid(out, size, found);
    bf_buf_clear(&body);
    if (out[0] != '\0') {
        return;
    }
    newest(s3, "meta-", meta, sizeof(meta), &r);
    if (meta[0] != '\0') {
        body = bf_buf(VFY_MAX_ANSWER);
        vfy_s3_read(s3, meta, FIRST_BYTES, &r, &body);
        at = r.ok && body.len > 0 ? memmem(body.ptr, body.len, key, strlen(key)) : NULL;
        at = at != NULL ? at + strlen(key) : NULL;
        if (at != NULL && at < body.ptr + body.len && *at >= 0x40 && *at <= 0x5f &&
            (size_t)(body.ptr + body.len - at) > (size_t)(*at & 0x1f) + 1) {
            keep_uuid(out, size, bf_view(at + 1, (size_t)(*at & 0x1f) + 1));
        }
        bf_buf_clear(&body);
    }
}

static bool is_readonly(const struct vfy_run *run)
{
    const struct vfy_at at =
        vfy_at_path(vfy_at_root(&run->repository), "settings.readonly");

    return vfy_at_true(at) || strcmp(vfy_at_text(at), "true") == 0;
}

static void tell_writer(struct vfy_run *run, const char *writer)
{
    char text[100];

    (void)snprintf(text, sizeof(text), "writer=%s", writer);
    vfy_fact(run->ch, "probe", "", text);
}

enum bf_err vfy_place_check(struct vfy_run *run, struct vfy_probes *probes,
                            struct bf_diag *diag)
{
    const char *ours = run->job->target.cluster_uuid;
    char index[MAX_PLACE], writer[MAX_WRITER], text[MAX_PLACE + 200];
    struct vfy_s3_result r;

    newest(&run->s3, "index-", index, sizeof(index), &r);
    vfy_probes_add(run, probes, "repository", &r);
    if (!r.ok) {
        vfy_fact(run->ch, "not_tried", "",
                 "preflight: S3 does not let us look for another cluster's repository");
        return BF_OK;
    }
    if (index[0] == '\0') {
        tell_writer(run, "none");
        return BF_OK;
    }
    writer_of(&run->s3, index, writer, sizeof(writer));
    if (writer[0] == '\0' || strcmp(writer, "_na_") == 0) {
        tell_writer(run, "not told");
        (void)snprintf(text, sizeof(text),
                       "preflight: %s is there already, and it is not told which cluster "
                       "wrote it: not provable on this version",
                       index);
        vfy_fact(run->ch, "not_tried", "", text);
        vfy_say(run->ch,
                "a repository is there already (%s); make sure that no other cluster "
                "writes to it",
                index);
        return BF_OK;
    }
    tell_writer(run, writer);
    /* [BF-861] without a request the registration stays as it is */
    if (strcmp(writer, ours) != 0 && run->job->repository[0] != '\0' &&
        !is_readonly(run)) {
        return bf_fail(diag, BF_LIVE_FOREIGN,
                       "%s in bucket %s was written by cluster %s, this one is %s", index,
                       run->s3.bucket, writer, ours);
    }
    return BF_OK;
}
