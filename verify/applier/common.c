/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "keystore.h"
#include "run.h"
#include "xml.h"

void vfy_pack(struct bf_buf *out, struct bf_bytes in)
{
    size_t i;

    for (i = 0; i < in.len; i++) {
        const uint8_t c = in.ptr[i];

        if (c >= 0x20 && c <= 0x7e && c != '%') {
            bf_put_u8(out, c);
        } else {
            bf_put_fmt(out, "%%%02X", c);
        }
    }
}

bool vfy_unpack(struct bf_buf *out, const char *text)
{
    return vfy_percent_decode(out, bf_text(text)) && !out->bad;
}

static const char present[] = "present ";

void vfy_pack_state(struct bf_buf *out, struct bf_bytes in, bool absent)
{
    if (absent) {
        bf_put_text(out, "absent");
    } else {
        bf_put_text(out, present);
        vfy_pack(out, in);
    }
}

enum bf_err vfy_unpack_state(struct bf_buf *out, bool *absent, const char *state,
                             struct bf_diag *diag)
{
    const size_t len = sizeof(present) - 1;

    *absent = state != NULL && strcmp(state, "absent") == 0;
    if (*absent || (state != NULL && strncmp(state, present, len) == 0 &&
                    state[len] != '\0' && vfy_unpack(out, state + len))) {
        return BF_OK;
    }
    return bf_fail(diag, BF_READ_BACK, "the journal does not say what was there before");
}

bool vfy_names_have(const char *names, struct bf_bytes name)
{
    while (*names != '\0') {
        const size_t len = strcspn(names, " ");

        if (bf_bytes_equal(bf_view(names, len), name)) {
            return true;
        }
        names += names[len] == ' ' ? len + 1 : len;
    }
    return false;
}

struct bf_bytes vfy_run_missing(const struct vfy_run *run, const char *names)
{
    size_t i;

    for (i = 0; i < run->secrets->num; i++) {
        const struct bf_bytes name = run->secrets->items[i].name;

        if (vfy_keystore_wants(name) && !vfy_names_have(names, name)) {
            return name;
        }
    }
    return bf_view(NULL, 0);
}

void vfy_run_blame(struct vfy_run *run, const char *node)
{
    (void)snprintf(run->node, sizeof(run->node), "%s", node);
}

enum bf_err vfy_run_s3(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_job *job = run->job;
    const char *base = job->repository[0] == '\0'
                           ? run->base_path
                           : vfy_at_text(vfy_at_path(vfy_at_root(&run->repository),
                                                     "settings.base_path"));
    const struct vfy_s3_place place = {
        .endpoint = job->s3.url,
        .ca_file = job->s3.ca_file,
        .region = job->s3.region[0] != '\0' ? job->s3.region : job->plan.s3.region,
        .bucket = job->plan.bucket.name,
        .base_path = base,
        .run_id = job->run_id,
        .path_style = job->plan.s3.path_style,
    };

    if (run->s3.http != NULL) {
        return BF_OK;
    }
    if (!run->has_keys) {
        return bf_fail(diag, BF_PREFLIGHT,
                       "the bundle brings no keys for client %s to ask S3 with",
                       run->client);
    }
    return vfy_s3_open(&run->s3, &place, run->keys, diag);
}

enum bf_err vfy_run_precondition(struct vfy_run *run, struct vfy_at answer,
                                 struct bf_diag *diag)
{
    const char *wanted = run->job->plan.precondition;
    const struct vfy_step *registered =
        vfy_run_step(run, run->removes ? &vfy_step_unregister : &vfy_step_register, 0);
    struct bf_buf text = bf_buf(VFY_MAX_BEFORE);
    char hash[2 * BF_SHA256 + 1] = "absent";
    enum bf_err err = BF_OK;

    if (registered != NULL && registered->need_undo) {
        return BF_OK; /* an earlier part of this run has changed it: the precondition
                         was met before that */
    }
    if (vfy_at_is(answer)) {
        hash[0] = '\0';
        if (vfy_at_canonical(&text, answer)) {
            err = bf_sha256_hex(hash, bf_buf_bytes(&text));
        }
    }
    bf_buf_clear(&text);
    if (err != BF_OK || strcmp(wanted, "any") == 0 || strcmp(wanted, hash) == 0) {
        return err;
    }
    /* [BF-853] */
    if (strcmp(wanted, "absent") == 0) {
        return bf_fail(diag, BF_LIVE_PRECONDITION,
                       "repository %s is registered, approved was that it is not there",
                       run->job->plan.repository);
    }
    return bf_fail(diag, BF_LIVE_PRECONDITION, "repository %s is %s%s, approved was %s",
                   run->job->plan.repository, vfy_at_is(answer) ? "sha256 " : "",
                   hash[0] != '\0' ? hash : "not in the profile", wanted);
}

bool vfy_run_changes_keys(const struct vfy_run *run)
{
    return run->has_keys || run->job->removed.num > 0;
}

bool vfy_run_is_wanted(const struct vfy_run *run, struct vfy_at live)
{
    const struct vfy_at wanted = vfy_at_root(&run->repository);

    if (run->removes || !vfy_at_is(live)) {
        return run->removes && !vfy_at_is(live);
    }
    return vfy_at_same(vfy_at_get(live, "type"), vfy_at_get(wanted, "type")) &&
           vfy_at_same_settings(vfy_at_get(live, "settings"),
                                vfy_at_get(wanted, "settings"));
}
