/* SPDX-License-Identifier: Apache-2.0 */
#include "bucket.h"

#include <stdio.h>
#include <string.h>

#include "xml.h"

enum { MAX_BODY = 2048, MAX_FLAGS = 4 };

#define NAMESPACE "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

/* Calls of the S3 API, 2006-03-01. */
static const struct setting {
    const char *name, *query, *get, *put; /* the rights that the two calls need */
    const char *root;                     /* of the document that is put */
    const char *mark; /* in the name of the answer's root: RGW and moto have their own */
    const char *flags[MAX_FLAGS]; /* elements that must all be value */
    const char *value, *body;
} settings[VFY_NUM_SETTINGS] = {
    [VFY_SET_PUBLIC_BLOCK] =
        {
            .name = "public access block",
            .query = "publicAccessBlock=",
            .get = "s3:GetBucketPublicAccessBlock",
            .put = "s3:PutBucketPublicAccessBlock",
            .root = "PublicAccessBlockConfiguration",
            .mark = "PublicAccessBlock",
            .flags = {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                      "RestrictPublicBuckets"},
            .value = "true",
            .body = "<BlockPublicAcls>true</BlockPublicAcls>"
                    "<IgnorePublicAcls>true</IgnorePublicAcls>"
                    "<BlockPublicPolicy>true</BlockPublicPolicy>"
                    "<RestrictPublicBuckets>true</RestrictPublicBuckets>",
        },
    [VFY_SET_OWNERSHIP] =
        {
            .name = "ownership BucketOwnerEnforced",
            .query = "ownershipControls=",
            .get = "s3:GetBucketOwnershipControls",
            .put = "s3:PutBucketOwnershipControls",
            .root = "OwnershipControls",
            .mark = "OwnershipControls",
            .flags = {"ObjectOwnership"},
            .value = "BucketOwnerEnforced",
            .body = "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>",
        },
    [VFY_SET_VERSIONING] =
        {
            .name = "versioning",
            .query = "versioning=",
            .get = "s3:GetBucketVersioning",
            .put = "s3:PutBucketVersioning",
            .root = "VersioningConfiguration",
            .mark = "Versioning",
            .flags = {"Status"},
            .value = "Enabled",
            .body = "<Status>Enabled</Status>",
        },
};

const char *vfy_setting_name(enum vfy_setting setting)
{
    return settings[setting].name;
}

bool vfy_setting_wanted(const struct bf_plan *plan, enum vfy_setting setting)
{
    switch (setting) {
    case VFY_SET_PUBLIC_BLOCK:
        return plan->bucket.public_block;
    case VFY_SET_OWNERSHIP:
        return plan->bucket.ownership;
    case VFY_SET_VERSIONING:
        return plan->bucket.versioning;
    case VFY_NUM_SETTINGS:
        break;
    }
    return false;
}

/* ---- calls ---- */

/* Documents that are put need a checksum at AWS. */
static enum bf_err send(const struct vfy_s3 *s3, const char *method, const char *query,
                        const char *body, struct vfy_aws_answer *a, struct bf_diag *diag)
{
    struct vfy_aws_header headers[] = {{"content-type", "application/xml"},
                                       {"x-amz-checksum-sha256", NULL},
                                       {"x-amz-sdk-checksum-algorithm", "SHA256"}};
    struct vfy_aws_call call = {
        .method = method, .query = query, .headers = headers, .body = bf_text(body)};
    struct bf_buf path = bf_buf(MAX_BODY), sum = bf_buf(64);
    uint8_t hash[BF_SHA256];
    enum bf_err err;

    *a = (struct vfy_aws_answer){0};
    bf_put_fmt(&path, "/%s", s3->path_style ? s3->bucket : "");
    if ((err = bf_sha256(hash, &call.body, 1)) == BF_OK) {
        bf_put_base64(&sum, bf_view(hash, sizeof(hash)), 0, true);
        headers[1].value = bf_buf_text(&sum);
        call.path = bf_buf_text(&path);
        call.num_headers = body[0] != '\0' ? 3 : 0;
        err = call.path != NULL && headers[1].value != NULL
                  ? vfy_aws_ask(&s3->aws, &call, a, diag)
                  : bf_fail(diag, BF_NO_MEMORY, "bucket");
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "bucket %s", s3->bucket);
    }
    bf_buf_clear(&sum);
    bf_buf_clear(&path);
    return err;
}

static bool is(const struct vfy_aws_answer *a, const char *code)
{
    return strcmp(a->code, code) == 0;
}

static bool is_lacking(const struct vfy_aws_answer *a)
{
    return a->http.status == 405 || a->http.status == 501 || is(a, "NotImplemented") ||
           is(a, "MethodNotAllowed");
}

/* What an answer other than the one hoped for means. */
static enum bf_err refusal(const struct vfy_s3 *s3, const struct vfy_aws_answer *a,
                           const char *right, struct bf_diag *diag)
{
    const char *what = NULL, *code = a->code[0] != '\0' ? a->code : "no error code";

    if (vfy_aws_bad_key(a->code, &what)) {
        return bf_fail(diag, BF_NET_AUTH,
                       "S3 does not take the appliance's key for %s: %s (%s)", right,
                       what, a->code);
    }
    if (a->http.status == 403) {
        return bf_fail(diag, BF_NET_DENIED,
                       "the appliance's key may not do %s on bucket %s (%s)", right,
                       s3->bucket, code);
    }
    if (a->http.region[0] != '\0' && strcmp(a->http.region, s3->aws.region) != 0 &&
        (a->http.status == 301 || a->http.status == 307 || a->http.status == 400)) {
        return bf_fail(diag, BF_BUCKET_DIFFERS, "bucket %s is in region %s, not in %s",
                       s3->bucket, a->http.region, s3->aws.region); /* [BF-867] */
    }
    if (a->http.status >= 400 && a->http.status < 500 && a->code[0] != '\0') {
        return bf_fail(diag, BF_APPLY_WRITE, "S3 refuses %s for bucket %s: %s%s%s", right,
                       s3->bucket, a->code, a->message[0] != '\0' ? ": " : "",
                       a->message);
    }
    return bf_fail(diag, BF_NET_ANSWER, "S3 answers %s with status %ld and %s", right,
                   a->http.status, code);
}

/* ---- reading ---- */

/* AWS says nothing for us-east-1 and EU for its oldest; RGW the name of its zone group,
 * which is "default" and no region. */
static void take_region(char out[65], struct bf_bytes body)
{
    char told[65];

    vfy_xml_short(told, sizeof(told), body, "LocationConstraint");
    if (strcmp(told, "default") == 0) {
        out[0] = '\0';
    } else if (strcmp(told, "EU") == 0) {
        (void)snprintf(out, 65, "eu-west-1");
    } else {
        (void)snprintf(out, 65, "%s", told[0] != '\0' ? told : "us-east-1");
    }
}

static size_t name_len(const char *at, const char *end)
{
    const char *c = at;

    while (c < end && *c != ' ' && *c != '>' && *c != '/') {
        c++;
    }
    return (size_t)(c - at);
}

/* Whether the name of the first element has mark in it. */
static bool is_root(struct bf_bytes body, const char *mark)
{
    const char *at = (const char *)body.ptr, *end = at + body.len;

    while (at < end && (*at != '<' || end - at < 2 || at[1] == '?' || at[1] == '!')) {
        at++;
    }
    if (at == end) {
        return false;
    }
    return memmem(at, name_len(at, end), mark, strlen(mark)) != NULL;
}

static enum vfy_setting_state judge(const struct setting *s, struct bf_bytes body)
{
    char value[64];
    size_t i;

    if (!is_root(body, s->mark)) {
        return VFY_SET_LACKING;
    }
    for (i = 0; i < MAX_FLAGS && s->flags[i] != NULL; i++) {
        vfy_xml_short(value, sizeof(value), body, s->flags[i]);
        if (strcmp(value, s->value) != 0) {
            return VFY_SET_OFF;
        }
    }
    return VFY_SET_ON;
}

static enum bf_err read_setting(enum vfy_setting_state *out, const struct vfy_s3 *s3,
                                const struct setting *s, struct bf_diag *diag)
{
    struct vfy_aws_answer a;
    enum bf_err err = send(s3, "GET", s->query, "", &a, diag);

    if (err == BF_OK && a.http.status == 200) {
        *out = judge(s, bf_buf_bytes(&a.http.body));
    } else if (err == BF_OK && is_lacking(&a)) {
        *out = VFY_SET_LACKING;
    } else if (err == BF_OK && a.http.status == 404 && a.code[0] != '\0' &&
               !is(&a, "NoSuchBucket")) {
        *out = VFY_SET_OFF; /* never set: each has a code of its own */
    } else if (err == BF_OK) {
        err = refusal(s3, &a, s->get, diag);
    }
    vfy_aws_answer_clear(&a);
    return err;
}

static enum bf_err read_location(struct vfy_bucket *out, const struct vfy_s3 *s3,
                                 struct bf_diag *diag)
{
    struct vfy_aws_answer a;
    enum bf_err err = send(s3, "GET", "location=", "", &a, diag);

    if (err == BF_OK && a.http.status == 200 &&
        is_root(bf_buf_bytes(&a.http.body), "LocationConstraint")) {
        out->there = true;
        take_region(out->region, bf_buf_bytes(&a.http.body));
    } else if (err == BF_OK && !is(&a, "NoSuchBucket")) {
        err = refusal(s3, &a, "s3:GetBucketLocation", diag);
    }
    vfy_aws_answer_clear(&a);
    return err;
}

enum bf_err vfy_bucket_look(struct vfy_bucket *out, const struct vfy_s3 *s3,
                            const struct bf_plan *plan, struct bf_diag *diag)
{
    enum bf_err err;
    int i;

    *out = (struct vfy_bucket){0};
    err = read_location(out, s3, diag);
    for (i = 0; err == BF_OK && out->there && i < VFY_NUM_SETTINGS; i++) {
        if (vfy_setting_wanted(plan, (enum vfy_setting)i)) {
            err = read_setting(&out->settings[i], s3, &settings[i], diag);
        }
    }
    return err;
}

/* ---- writing ---- */

static bool may_have_worked(enum bf_err err, const struct vfy_aws_answer *a)
{
    return (err != BF_OK && a->http.sent) ||
           (err == BF_OK && a->http.status >= 500 && !is_lacking(a));
}

enum bf_err vfy_bucket_create(const struct vfy_s3 *s3, const char *region, bool *unknown,
                              struct bf_diag *diag)
{
    struct vfy_aws_answer a;
    char body[300] = "";
    enum bf_err err;

    /* S3 takes no constraint for us-east-1 */
    if (region[0] != '\0' && strcmp(region, "us-east-1") != 0) {
        (void)snprintf(body, sizeof(body),
                       "<CreateBucketConfiguration " NAMESPACE "><LocationConstraint>%s"
                       "</LocationConstraint></CreateBucketConfiguration>",
                       region);
    }
    err = send(s3, "PUT", "", body, &a, diag);
    *unknown = may_have_worked(err, &a);
    if (err == BF_OK && is(&a, "BucketAlreadyExists")) {
        err = bf_fail(diag, BF_BUCKET_DIFFERS,
                      "the name %s is taken by somebody else's bucket",
                      s3->bucket); /* [BF-867] */
    } else if (err == BF_OK && a.http.status != 200 &&
               !is(&a, "BucketAlreadyOwnedByYou")) {
        err = refusal(s3, &a, "s3:CreateBucket", diag);
    }
    vfy_aws_answer_clear(&a);
    return err;
}

enum bf_err vfy_bucket_set(const struct vfy_s3 *s3, enum vfy_setting setting,
                           bool *unknown, struct bf_diag *diag)
{
    const struct setting *s = &settings[setting];
    struct vfy_aws_answer a;
    char body[600];
    enum bf_err err;

    (void)snprintf(body, sizeof(body), "<%s " NAMESPACE ">%s</%s>", s->root, s->body,
                   s->root);
    err = send(s3, "PUT", s->query, body, &a, diag);
    *unknown = may_have_worked(err, &a);
    if (err == BF_OK && is_lacking(&a)) {
        err = bf_fail(diag, BF_BUCKET_UNSUPPORTED, "%s of bucket %s", s->name,
                      s3->bucket); /* [BF-868] */
    } else if (err == BF_OK && a.http.status != 200 && a.http.status != 204) {
        err = refusal(s3, &a, s->put, diag);
    }
    vfy_aws_answer_clear(&a);
    return err;
}

enum bf_err vfy_bucket_remove(const struct vfy_s3 *s3, bool *empty, bool *unknown,
                              struct bf_diag *diag)
{
    struct vfy_aws_answer a;
    enum bf_err err = send(s3, "DELETE", "", "", &a, diag);

    *unknown = may_have_worked(err, &a);
    *empty = !(err == BF_OK && is(&a, "BucketNotEmpty"));
    if (err == BF_OK && *empty && a.http.status != 204 && a.http.status != 200 &&
        !is(&a, "NoSuchBucket")) {
        err = refusal(s3, &a, "s3:DeleteBucket", diag);
    }
    vfy_aws_answer_clear(&a);
    return err;
}
