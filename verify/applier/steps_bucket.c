/* SPDX-License-Identifier: Apache-2.0 */
/* The bucket itself, by the appliance's own key: it is there with what the plan asks of
 * it, or it is made so. One that was there before this run is never changed. */
#include <stdio.h>
#include <string.h>

#include "bucket.h"
#include "run.h"

static bool is_mode(const struct vfy_run *run, const char *mode)
{
    return strcmp(run->job->plan.bucket.mode, mode) == 0;
}

static bool wanted(const struct vfy_run *run)
{
    return is_mode(run, "check") || is_mode(run, "create");
}

/* s3.credential of verify.conf, else that for IAM. */
static enum bf_err open_s3(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_job *job = run->job;
    const struct vfy_s3_place place = {
        .endpoint = job->s3.url,
        .ca_file = job->s3.ca_file,
        .region =
            job->plan.bucket.region[0] != '\0' ? job->plan.bucket.region : job->s3.region,
        .bucket = job->plan.bucket.name,
        .base_path = "",
        .run_id = job->run_id,
        .path_style = job->plan.s3.path_style,
    };
    struct vfy_aws_key key;

    if (run->owner.http != NULL) {
        return BF_OK;
    }
    if ((!vfy_secrets_find(run->secrets, "s3.access_key", &key.id) ||
         !vfy_secrets_find(run->secrets, "s3.secret_key", &key.secret)) &&
        (!vfy_secrets_find(run->secrets, "iam.access_key", &key.id) ||
         !vfy_secrets_find(run->secrets, "iam.secret_key", &key.secret))) {
        return bf_fail(diag, BF_NET_AUTH, "no key for the bucket is configured");
    }
    return vfy_s3_open(&run->owner, &place, key, diag);
}

/* ---- what differs ---- */

static bool region_differs(const struct vfy_run *run, const struct vfy_bucket *b)
{
    const char *wish = run->job->plan.bucket.region;

    return wish[0] != '\0' && b->region[0] != '\0' && strcmp(wish, b->region) != 0;
}

/* [BF-868] a setting that the server does not have. */
static enum bf_err check_lacking(const struct vfy_run *run, const struct vfy_bucket *b,
                                 struct bf_diag *diag)
{
    int i;

    for (i = 0; i < VFY_NUM_SETTINGS; i++) {
        if (b->settings[i] == VFY_SET_LACKING) {
            return bf_fail(diag, BF_BUCKET_UNSUPPORTED, "%s of bucket %s",
                           vfy_setting_name((enum vfy_setting)i),
                           run->job->plan.bucket.name);
        }
    }
    return BF_OK;
}

/* "bucket snaps has no versioning, no public access block"; false when it is as wanted.
 */
static bool differs(const struct vfy_run *run, const struct vfy_bucket *b, char *out,
                    size_t size)
{
    const char *name = run->job->plan.bucket.name;
    size_t len;
    int i;
    bool any = false;

    if (region_differs(run, b)) {
        (void)snprintf(out, size, "bucket %s is in region %s, not in %s", name, b->region,
                       run->job->plan.bucket.region);
        return true;
    }
    (void)snprintf(out, size, "bucket %s has", name);
    for (i = 0; i < VFY_NUM_SETTINGS; i++) {
        if (b->settings[i] == VFY_SET_OFF) {
            len = strlen(out);
            (void)snprintf(out + len, size - len, "%s no %s", any ? "," : "",
                           vfy_setting_name((enum vfy_setting)i));
            any = true;
        }
    }
    return any;
}

/* ---- the step ---- */

static enum bf_err look(struct vfy_run *run, struct vfy_bucket *b, struct bf_diag *diag)
{
    enum bf_err err = open_s3(run, diag);

    return err == BF_OK ? vfy_bucket_look(b, &run->owner, &run->job->plan, diag) : err;
}

static enum bf_err observe(struct vfy_run *run, struct vfy_step *step,
                           struct vfy_seen *seen, struct bf_diag *diag)
{
    const char *name = run->job->plan.bucket.name;
    struct vfy_bucket b;
    enum bf_err err = look(run, &b, diag);
    bool other;

    if (err != BF_OK) {
        return err;
    }
    run->no_bucket = !b.there;
    if (wanted(run) && b.there && run->job->plan.bucket.region[0] != '\0' &&
        b.region[0] == '\0') {
        vfy_fact(run->ch, "not_tried", "",
                 "bucket: its region, this server does not tell it");
    }
    if (!b.there) {
        vfy_pack_state(&seen->before, bf_text(""), true);
        (void)snprintf(seen->drift, sizeof(seen->drift), "bucket %s is not there", name);
        return is_mode(run, "check") && run->mode != VFY_PROVE
                   ? bf_fail(diag, BF_BUCKET_MISSING, "%s", name) /* [BF-866] */
                   : BF_OK;
    }
    vfy_pack_state(&seen->before, bf_text("as it is"), false);
    if ((err = check_lacking(run, &b, diag)) != BF_OK) {
        return err;
    }
    other = differs(run, &b, seen->drift, sizeof(seen->drift));
    seen->same = !other;
    /* one that an earlier part of this run made is finished; any other stays as it is */
    if (other && run->mode != VFY_PROVE && !step->need_undo) {
        return bf_fail(diag, BF_BUCKET_DIFFERS, "%s", seen->drift); /* [BF-867] */
    }
    return BF_OK;
}

static void put_wishes(struct bf_buf *out, const struct bf_plan *plan)
{
    int i;

    for (i = 0; i < VFY_NUM_SETTINGS; i++) {
        if (vfy_setting_wanted(plan, (enum vfy_setting)i)) {
            bf_put_fmt(out, ", %s", vfy_setting_name((enum vfy_setting)i));
        }
    }
}

static enum bf_err show(struct vfy_run *run, struct vfy_step *step, struct vfy_seen *seen,
                        struct bf_diag *diag)
{
    const struct bf_plan *plan = &run->job->plan;
    struct bf_buf text = bf_buf(400);
    enum bf_err err;

    (void)step;
    bf_put_fmt(&text, "bucket %s", plan->bucket.name);
    if (plan->bucket.region[0] != '\0') {
        bf_put_fmt(&text, " in %s", plan->bucket.region);
    }
    put_wishes(&text, plan);
    if ((err = bf_buf_check(&text, "plan", diag)) == BF_OK) {
        vfy_diff(run->ch, "bucket", seen->same ? "=" : "+", bf_buf_text(&text));
    }
    bf_buf_clear(&text);
    return err;
}

static enum bf_err set_missing(struct vfy_run *run, const struct vfy_bucket *b,
                               struct bf_diag *diag)
{
    bool unknown = false;
    enum bf_err err = check_lacking(run, b, diag);
    int i;

    for (i = 0; err == BF_OK && i < VFY_NUM_SETTINGS; i++) {
        if (b->settings[i] == VFY_SET_OFF) {
            err = vfy_bucket_set(&run->owner, (enum vfy_setting)i, &unknown, diag);
            run->unknown = run->unknown || unknown;
        }
    }
    return err;
}

static enum bf_err act(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                       struct bf_diag *diag)
{
    const struct bf_plan *plan = &run->job->plan;
    struct vfy_bucket b;
    char text[300];
    bool unknown = false;
    enum bf_err err;

    (void)step;
    vfy_say(run->ch, "making bucket %s", plan->bucket.name);
    if (run->no_bucket) {
        err = vfy_bucket_create(&run->owner, plan->bucket.region, &unknown, diag);
        run->unknown = run->unknown || unknown;
        if (err != BF_OK) {
            return err;
        }
    }
    if ((err = look(run, &b, diag)) != BF_OK ||
        (err = set_missing(run, &b, diag)) != BF_OK ||
        (err = look(run, &b, diag)) != BF_OK) {
        return err;
    }
    if (!b.there || differs(run, &b, text, sizeof(text))) {
        return bf_fail(diag, BF_READ_BACK, "%s",
                       b.there ? text : "the bucket just made is not there");
    }
    run->no_bucket = false;
    bf_put_fmt(after, "made%s%s", b.region[0] != '\0' ? " in " : "", b.region);
    put_wishes(after, plan);
    bf_put_text(after, ", read back");
    return BF_OK;
}

/* Only what is empty goes: what somebody has put there meanwhile is not ours. */
static enum bf_err undo(struct vfy_run *run, struct vfy_step *step, struct bf_buf *after,
                        struct bf_diag *diag)
{
    const char *name = run->job->plan.bucket.name;
    struct vfy_bucket b;
    bool empty = true, unknown = false;
    enum bf_err err = look(run, &b, diag);

    (void)step;
    if (err == BF_OK && b.there) {
        err = vfy_bucket_remove(&run->owner, &empty, &unknown, diag);
        run->unknown = run->unknown || unknown;
    }
    if (err == BF_OK && !empty) {
        vfy_fact(run->ch, "leftover", "", name);
        vfy_say(run->ch, "bucket %s holds objects, so it stays", name);
        bf_put_text(after, "made by this run, holds objects: it stays");
        return BF_OK;
    }
    if (err == BF_OK && b.there && (err = look(run, &b, diag)) == BF_OK && b.there) {
        err = bf_fail(diag, BF_READ_BACK, "bucket %s is still there", name);
    }
    if (err == BF_OK) {
        bf_put_text(after, "absent again");
    }
    return err;
}

const struct vfy_step_kind vfy_step_bucket = {
    .name = "bucket",
    .undoable = VFY_UNDO_YES,
    .in_prove = true,
    .wanted = wanted,
    .observe = observe,
    .show = show,
    .act = act,
    .undo = undo,
};
