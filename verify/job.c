/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"

enum { MAX_CA = 1024 * 1024, CONTROL_WAIT = 3600 };

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- endpoints ---- */

/* What verify.conf calls the two keys of a purpose, and what to do about each. */
static const struct side {
    const char *purpose, *url, *ca, *mend_url, *mend_ca;
} sides[] = {
#define SIDE(purpose, prefix)                                                            \
    {                                                                                    \
        purpose, prefix "url", prefix "ca",                                              \
            "mend " prefix "url there in verify.conf, or let the root people enrol the " \
            "endpoint in the trust file",                                                \
            "mend " prefix "ca there in verify.conf, or let the root people enrol this " \
            "CA's ca_sha256 in the trust file"                                           \
    }
    SIDE("cluster", ""),
    SIDE("control", "control."),
    SIDE("iam", "iam."),
    SIDE("s3", "s3."),
#undef SIDE
};

static const struct side *side_of(const char *purpose)
{
    size_t i = 0;

    while (i + 1 < sizeof(sides) / sizeof(sides[0]) && !is(sides[i].purpose, purpose)) {
        i++;
    }
    return &sides[i];
}

static enum bf_err check_ca(const struct bf_target *target, const struct side *side,
                            const struct bf_endpoint *e, const char *ca_file,
                            struct bf_diag *diag)
{
    struct bf_buf ca;
    char hash[2 * BF_SHA256 + 1];
    enum bf_err err;

    if (e->ca_sha256[0] == '\0') {
        err = ca_file[0] == '\0'
                  ? BF_OK
                  : bf_fail(diag, BF_TARGET_ENDPOINT,
                            "[%s] %s: for %s the trust file wants the system's CAs, not "
                            "%s",
                            target->id, side->ca, e->url, ca_file); /* [BF-823] */
        bf_diag_hint(diag, err != BF_OK ? side->mend_ca : NULL);
        return err;
    }
    if (ca_file[0] == '\0') {
        err = bf_fail(diag, BF_TARGET_ENDPOINT,
                      "[%s] %s: the trust file pins a CA for %s and none is configured",
                      target->id, side->ca, e->url); /* [BF-823] */
        bf_diag_hint(diag, side->mend_ca);
        return err;
    }
    err = bf_file_read(&ca, ca_file, MAX_CA, diag);
    if (err == BF_OK) {
        err = bf_sha256_hex(hash, bf_buf_bytes(&ca));
    } else {
        bf_diag_in(diag, "[%s] %s", target->id, side->ca);
    }
    if (err == BF_OK && !is(hash, e->ca_sha256)) {
        err = bf_fail(diag, BF_TARGET_ENDPOINT,
                      "[%s] %s: %s is not the CA that the trust file pins for %s",
                      target->id, side->ca, ca_file, e->url); /* [BF-823] */
        bf_diag_hint(diag, side->mend_ca);
    }
    bf_buf_clear(&ca);
    return err;
}

static enum bf_err find_endpoint(const struct bf_endpoint **out,
                                 const struct bf_target *target, const char *purpose,
                                 const char *url, const char *ca_file,
                                 struct bf_diag *diag)
{
    const struct side *side = side_of(purpose);
    size_t i;

    for (i = 0; i < target->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&target->endpoints, const struct bf_endpoint, i);

        if (is(e->purpose, purpose) && is(e->url, url)) {
            *out = e;
            return check_ca(target, side, e, ca_file, diag);
        }
    }
    (void)bf_fail(diag, BF_TARGET_ENDPOINT,
                  "[%s] %s: %s is no %s endpoint of the target in the trust file",
                  target->id, side->url, url, purpose); /* [BF-823] */
    bf_diag_hint(diag, side->mend_url);
    return BF_TARGET_ENDPOINT;
}

enum bf_err vfy_endpoint_check(const struct bf_target *target, const char *purpose,
                               const char *url, const char *ca_file, struct bf_diag *diag)
{
    const struct bf_endpoint *ignored = NULL;

    return find_endpoint(&ignored, target, purpose, url, ca_file, diag);
}

/* ---- servers ---- */

static enum bf_err cluster_server(struct vfy_work *w, const struct vfy_look *look,
                                  const struct vfy_conf_target *conf,
                                  struct bf_diag *diag)
{
    struct vfy_server *s = &w->job.cluster;
    enum bf_err err =
        vfy_endpoint_check(look->target, "cluster", conf->url, conf->ca, diag);

    s->auth = conf->auth;
    s->ca_file = conf->ca;
    s->region = "";
    s->url = conf->url;
    s->user = conf->user;
    return err == BF_OK
               ? vfy_creds_cluster(&w->creds, conf->auth, &conf->credential, diag)
               : err;
}

/* "DEPLOYMENT" or "DEPLOYMENT/REF": it goes into paths. */
static bool is_deployment(const char *text)
{
    const char *slash = strchr(text, '/');
    struct bf_bytes id =
        bf_view(text, slash != NULL ? (size_t)(slash - text) : strlen(text));
    char first[65];

    snprintf(first, sizeof(first), "%.*s", (int)(id.len < 65 ? id.len : 0),
             (const char *)id.ptr);
    return bf_is_uuid(first) && (slash == NULL || bf_is_uuid(slash + 1));
}

/* Which deployment it is the trust file says, never the configuration. */
static enum bf_err control_server(struct vfy_work *w, const struct vfy_look *look,
                                  const struct vfy_conf_target *conf,
                                  struct bf_diag *diag)
{
    const char *kind = look->bundle.m.target.kind;
    const bool cloud = is(kind, "ech") || is(kind, "ece");
    const struct bf_endpoint *e = NULL;
    enum bf_err err;

    w->job.control = (struct vfy_server){"none", "", "", "", ""};
    w->job.deployment = "";
    if (cloud != (conf->control_url[0] != '\0')) {
        return bf_fail(diag, BF_CONFIG, "[%s] needs %s: the target's kind is %s",
                       conf->id, cloud ? "control.url" : "'node.NAME' lines", kind);
    }
    if (!cloud) {
        return BF_OK;
    }
    err = find_endpoint(&e, look->target, "control", conf->control_url, conf->control_ca,
                        diag);
    if (err == BF_OK && !is_deployment(e->resource)) { /* [BF-823] */
        err = bf_fail(diag, BF_TARGET_ENDPOINT,
                      "%s: the trust file does not say which deployment is %s: its "
                      "resource must be DEPLOYMENT or DEPLOYMENT/REF",
                      e->url, look->target->id);
    }
    if (err != BF_OK) {
        return err;
    }
    w->job.control =
        (struct vfy_server){"apikey", conf->control_ca, "", conf->control_url, ""};
    w->job.deployment = e->resource;
    w->job.wait = conf->control_wait[0] != '\0' ? strtol(conf->control_wait, NULL, 10)
                                                : CONTROL_WAIT;
    return vfy_creds_control(&w->creds, &conf->control_credential, diag);
}

/* IAM is spoken to only where the plan's mode reads or writes there. */
static enum bf_err iam_server(struct vfy_work *w, const struct vfy_look *look,
                              const struct vfy_conf_target *conf, struct bf_diag *diag)
{
    const char *mode = look->bundle.m.plan.iam.mode;
    struct vfy_server *s = &w->job.iam;
    enum bf_err err;

    *s = (struct vfy_server){"none", "", "", "", ""};
    if (!is(mode, "apply") && !is(mode, "check")) {
        return BF_OK;
    }
    if (conf->iam_url[0] == '\0') {
        return bf_fail(diag, BF_CONFIG, "[%s] needs iam.url: the plan's IAM mode is %s",
                       conf->id, mode);
    }
    err = vfy_endpoint_check(look->target, "iam", conf->iam_url, conf->iam_ca, diag);
    *s = (struct vfy_server){"sigv4", conf->iam_ca, conf->iam_region, conf->iam_url, ""};
    return err == BF_OK ? vfy_creds_iam(&w->creds, &conf->iam_credential, diag) : err;
}

/* Where the preflight asks with the bundle's own keys: the approved endpoint, AWS's own
 * where the plan has none. */
static enum bf_err s3_server(struct vfy_work *w, const struct vfy_look *look,
                             const struct vfy_conf_target *conf, struct bf_diag *diag)
{
    const struct bf_plan *plan = &look->bundle.m.plan;
    const char *region =
        plan->s3.region[0] != '\0' ? plan->s3.region : plan->bucket.region;
    const char *url = plan->s3.endpoint;
    char text[160];
    enum bf_err err = BF_OK;

    if (url[0] == '\0') {
        region = region[0] != '\0' ? region : "us-east-1";
        snprintf(text, sizeof(text), "https://s3.%s.amazonaws.com", region);
        url = bf_arena_text(&w->arena, bf_text(text));
    } else {
        region = region[0] != '\0' ? region : "us-east-1";
        err = vfy_endpoint_check(look->target, "s3", url, conf->s3_ca, diag);
    }
    if (err == BF_OK && url == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "job");
    }
    if (err == BF_OK && conf->s3_url[0] != '\0' && !is(conf->s3_url, url)) {
        err = bf_fail(diag, BF_TARGET_ENDPOINT, "[%s] s3.url: %s, the plan's is %s",
                      conf->id, conf->s3_url, url); /* [BF-823] */
        bf_diag_hint(diag, sides[2].mend_url);
    }
    /* AWS's own is left to the applier, which knows the hosts of all partitions */
    w->job.s3 = (struct vfy_server){"sigv4", conf->s3_ca, region, plan->s3.endpoint, ""};
    return err;
}

/* Whose the keys are is asked where IAM is, in every mode that names a user: the trust
 * file pins that endpoint, and the bundle's own keys are all that it takes. */
static enum bf_err sts_server(struct vfy_work *w, const struct vfy_look *look,
                              const struct vfy_conf_target *conf, struct bf_diag *diag)
{
    enum bf_err err;

    w->job.sts = (struct vfy_server){"none", "", "", "", ""};
    if (look->bundle.m.plan.iam.arn[0] == '\0' || conf->iam_url[0] == '\0') {
        return BF_OK;
    }
    err = vfy_endpoint_check(look->target, "iam", conf->iam_url, conf->iam_ca, diag);
    w->job.sts =
        (struct vfy_server){"sigv4", conf->iam_ca, conf->iam_region, conf->iam_url, ""};
    return err;
}

/* The key that looks after the bucket: s3.credential, else IAM's. */
static enum bf_err bucket_key(struct vfy_work *w, const struct vfy_look *look,
                              const struct vfy_conf_target *conf, struct bf_diag *diag)
{
    const char *mode = look->bundle.m.plan.bucket.mode;

    if (is(mode, "none")) {
        return BF_OK;
    }
    if (conf->s3_credential.source != VFY_SOURCE_NONE) {
        return vfy_creds_s3(&w->creds, &conf->s3_credential, diag);
    }
    if (conf->iam_credential.source == VFY_SOURCE_NONE) {
        return bf_fail(diag, BF_CONFIG,
                       "[%s] needs s3.credential: the plan's bucket mode is %s", conf->id,
                       mode);
    }
    /* read for IAM already, where the plan's IAM mode wants it */
    return is(w->job.iam.auth, "sigv4")
               ? BF_OK
               : vfy_creds_iam(&w->creds, &conf->iam_credential, diag);
}

/* ---- the whole ---- */

/* Credentials and the bundle's values on one pipe; the job lists the keystore names among
 * them. */
static enum bf_err gather_secrets(struct vfy_work *w, const struct vfy_look *look,
                                  struct bf_diag *diag)
{
    const struct bf_secrets *s = &look->secrets;
    const char **names =
        bf_arena_alloc(&w->arena, (s->num > 0 ? s->num : 1) * sizeof(*names));
    size_t i;

    if (names == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "job");
    }
    if (s->num + w->creds.num > VFY_MAX_JOB_SECRETS) {
        return bf_fail(diag, BF_TOO_LARGE, "%zu secrets", s->num);
    }
    for (i = 0; i < s->num; i++) {
        names[i] = s->items[i].name;
        w->secrets[w->num_secrets++] =
            (struct vfy_secret){s->items[i].name, s->items[i].value};
    }
    for (i = 0; i < w->creds.num; i++) {
        w->secrets[w->num_secrets++] = w->creds.items[i];
    }
    w->job.secrets = (struct bf_list){s->num, names};
    return BF_OK;
}

/* Names that are taken away have no value, so they come beside the secrets. */
static enum bf_err gather_removed(struct vfy_work *w, const struct bf_manifest *m,
                                  struct bf_diag *diag)
{
    const char **names = bf_arena_alloc(&w->arena, (m->secrets.num + 1) * sizeof(*names));
    size_t i, num = 0;

    if (names == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "job");
    }
    for (i = 0; i < m->secrets.num; i++) {
        const struct bf_secret_ref *ref =
            BF_LIST_ITEM(&m->secrets, const struct bf_secret_ref, i);

        if (is(ref->versus, "removed")) {
            names[num++] = ref->name;
        }
    }
    w->job.removed = (struct bf_list){num, names};
    return BF_OK;
}

/* A review document as the text it was signed as. */
static enum bf_err document(const char **out, struct vfy_work *w,
                            const struct bf_entry *entry, struct bf_diag *diag)
{
    *out = entry != NULL ? bf_arena_text(&w->arena, entry->data) : "";
    return *out != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "job");
}

enum bf_err vfy_work_make(struct vfy_work *out, const struct vfy_look *look,
                          const struct vfy_conf_target *conf, const char *mode,
                          const char *run_id, const struct vfy_record *records,
                          size_t num_records, struct bf_diag *diag)
{
    const struct bf_bundle *b = &look->bundle;
    struct vfy_job *job = &out->job;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    job->mode = mode;
    job->run_id = run_id;
    job->nodes = conf->nodes;
    job->plan = b->m.plan;
    job->target.cluster_uuid = b->m.target.cluster_uuid;
    job->target.id = b->m.target.id;
    job->target.kind = b->m.target.kind;
    if (records != NULL) {
        struct vfy_record *copy = bf_arena_alloc(
            &out->arena, (num_records > 0 ? num_records : 1) * sizeof(*copy));

        if (copy == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "job");
        }
        bf_copy(copy, records, num_records * sizeof(*copy));
        job->records = (struct bf_list){num_records, copy};
    }
    err = document(&job->policy, out, b->policy, diag);
    if (err == BF_OK) {
        err = document(&job->repository, out, b->repository, diag);
    }
    if (err == BF_OK) {
        err = cluster_server(out, look, conf, diag);
    }
    if (err == BF_OK) {
        err = control_server(out, look, conf, diag);
    }
    if (err == BF_OK) {
        err = iam_server(out, look, conf, diag);
    }
    if (err == BF_OK) {
        err = s3_server(out, look, conf, diag);
    }
    if (err == BF_OK) {
        err = sts_server(out, look, conf, diag);
    }
    if (err == BF_OK) {
        err = bucket_key(out, look, conf, diag);
    }
    if (err == BF_OK) {
        err = gather_removed(out, &b->m, diag);
    }
    return err == BF_OK ? gather_secrets(out, look, diag) : err;
}

void vfy_work_clear(struct vfy_work *w)
{
    vfy_creds_clear(&w->creds);
    bf_arena_clear(&w->arena);
    memset(w, 0, sizeof(*w));
}

/* ---- the program ---- */

enum bf_err vfy_applier_path(char out[1200], struct bf_diag *diag)
{
    static const char *const beside[] = {"applier/snapseal-applier", "snapseal-applier"};
    static const char installed[] = SNAPSEAL_LIBEXEC "/snapseal-applier";
    char self[1024];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;
    size_t i;

    if (n > 0) {
        self[n] = '\0';
        slash = strrchr(self, '/');
        for (i = 0; slash != NULL && i < sizeof(beside) / sizeof(beside[0]); i++) {
            slash[1] = '\0';
            snprintf(out, 1200, "%s%s", self, beside[i]);
            if (access(out, X_OK) == 0) {
                return BF_OK;
            }
        }
    }
    snprintf(out, 1200, "%s", installed);
    return access(out, X_OK) == 0
               ? BF_OK
               : bf_fail(diag, BF_IO, "no applier program at %s", installed);
}
