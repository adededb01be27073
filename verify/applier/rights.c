/* SPDX-License-Identifier: Apache-2.0 */
#include "rights.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"
#include "xml.h"

enum { RETRIES = 4, MAX_QUERY = 1024, MAX_ARN = 460, MAX_LIST = 400 };

/* Where a probe looks: the bucket, the probe object below the base path, one beside it.
 */
enum place { BUCKET, INSIDE, OUTSIDE };
enum prefix { NONE, BASE, ELSEWHERE };

struct probe {
    const char *word;
    const char *action;
    enum place place;
    const char *head; /* of the query: what sorts before "prefix=" */
    enum prefix prefix;
    bool judged_by_prefix; /* the request has the condition key s3:prefix */
    const char *tail;
};

static const struct probe probes_to_read[] = {
    {"location", "s3:GetBucketLocation", BUCKET, "", NONE, false, "location="},
    {"uploads", "s3:ListBucketMultipartUploads", BUCKET, "max-uploads=1", BASE, false,
     "uploads="},
    {"versions", "s3:ListBucketVersions", BUCKET, "max-keys=1", BASE, true, "versions="},
    {"list-all", "s3:ListBucket", BUCKET, "list-type=2&max-keys=1", NONE, true, ""},
    {"list-outside", "s3:ListBucket", BUCKET, "list-type=2&max-keys=1", ELSEWHERE, true,
     ""},
    {"get-outside", "s3:GetObject", OUTSIDE, "", NONE, false, ""},
    {"acl", "s3:GetBucketAcl", BUCKET, "", NONE, false, "acl="},
    {"policy", "s3:GetBucketPolicy", BUCKET, "", NONE, false, "policy="},
};

/* What is never tried: it could destroy, or would leave an object outside. */
static const struct {
    const char *action;
    enum place place;
} not_tried[] = {
    {"s3:PutObject", OUTSIDE},          {"s3:DeleteObject", OUTSIDE},
    {"s3:DeleteObjectVersion", INSIDE}, {"s3:DeleteBucket", BUCKET},
    {"s3:PutBucketPolicy", BUCKET},     {"s3:PutBucketAcl", BUCKET},
    {"s3:PutBucketVersioning", BUCKET}, {"s3:PutLifecycleConfiguration", BUCKET},
};

/* ---- what was tried ---- */

void vfy_probes_add(struct vfy_run *run, struct vfy_probes *probes, const char *word,
                    const struct vfy_s3_result *r)
{
    char text[200];

    (void)snprintf(text, sizeof(text), "%s=%s", word,
                   r->ok                ? "ok"
                   : !r->reached        ? "not reached"
                   : r->code[0] != '\0' ? r->code
                                        : "refused");
    vfy_fact(run->ch, "probe", "", text);
    if (probes->num < VFY_MAX_PROBES) {
        probes->items[probes->num].word = word;
        probes->items[probes->num].status = r->status;
        (void)snprintf(probes->items[probes->num].code, sizeof(probes->items[0].code),
                       "%s", r->code);
        probes->num++;
    }
}

/* One member for each, keys ascending; of one word the last. */
void vfy_probes_evidence(struct vfy_run *run, const struct vfy_probes *probes)
{
    struct bf_buf json = bf_buf(VFY_MAX_EVIDENCE);
    const char *last = "";
    size_t i, next;

    bf_put_text(&json, "{");
    for (;;) {
        for (i = 0, next = probes->num; i < probes->num; i++) {
            if (strcmp(probes->items[i].word, last) > 0 &&
                (next == probes->num ||
                 strcmp(probes->items[i].word, probes->items[next].word) <= 0)) {
                next = i;
            }
        }
        if (next == probes->num) {
            break;
        }
        last = probes->items[next].word;
        bf_put_fmt(&json, "%s\"%s\":{\"code\":", json.len > 1 ? "," : "", last);
        bf_json_write_text(&json, probes->items[next].code);
        bf_put_fmt(&json, ",\"status\":%ld}", probes->items[next].status);
    }
    bf_put_text(&json, "}");
    vfy_evidence(run->ch, "preflight.json", &json);
    bf_buf_clear(&json);
}

/* ---- asking ---- */

static bool refused(const struct vfy_s3_result *r)
{
    return r->reached &&
           (r->status == 403 || strcmp(r->code, "InvalidAccessKeyId") == 0) &&
           strcmp(r->code, "SignatureDoesNotMatch") != 0;
}

/* Served, or looked for and not there: a right that is missing says neither. */
static bool shown(const struct vfy_s3_result *r)
{
    return r->ok || (r->status == 404 && strncmp(r->code, "NoSuch", 6) == 0 &&
                     strcmp(r->code, "NoSuchBucket") != 0);
}

void vfy_probe_patiently(struct vfy_run *run, vfy_probe_fn *ask, const void *probe,
                         bool hopes, struct vfy_s3_result *out)
{
    const bool follows = run->policy_written && run->job->plan.s3.endpoint[0] == '\0';
    unsigned i;

    ask(run, probe, out);
    for (i = 1; i <= RETRIES && follows && (hopes ? refused(out) : shown(out)); i++) {
        vfy_say(run->ch, "S3 does not follow the new policy yet, waiting %u s", 2 * i);
        (void)sleep(2 * i);
        ask(run, probe, out);
    }
}

/* A name beside the base path that nobody has. */
static void outside(char *out, size_t size, const struct vfy_run *run)
{
    (void)snprintf(out, size, "snapseal-probe-%s", run->job->run_id);
}

static void ask_probe(struct vfy_run *run, const void *probe, struct vfy_s3_result *out)
{
    const struct probe *p = probe;
    struct bf_buf query = bf_buf(MAX_QUERY);
    char key[64];
    const char *text;

    outside(key, sizeof(key), run);
    bf_put_text(&query, p->head);
    if (p->prefix != NONE) {
        bf_put_fmt(&query, "%sprefix=", query.len > 0 ? "&" : "");
        vfy_aws_encode(&query, bf_text(p->prefix == BASE ? run->s3.base : key), false);
    }
    bf_put_fmt(&query, "%s%s", query.len > 0 && p->tail[0] != '\0' ? "&" : "", p->tail);
    text = bf_buf_text(&query);
    if (text == NULL) {
        *out = (struct vfy_s3_result){.failure = "no memory"};
    } else {
        vfy_s3_ask(&run->s3, "GET", p->place == OUTSIDE ? key : NULL, text, out, NULL);
    }
    bf_buf_clear(&query);
}

/* ---- judging ---- */

struct judge {
    struct vfy_run *run;
    struct vfy_probes *probes;
    struct vfy_answer policy;
};

static void arn_of(char *out, size_t size, const struct vfy_run *run, enum place place)
{
    char key[340] = "";

    if (place == INSIDE) {
        (void)snprintf(key, sizeof(key), "%s", run->s3.key);
    } else if (place == OUTSIDE) {
        outside(key, sizeof(key), run);
    }
    (void)snprintf(out, size, "arn:%s:s3:::%s%s%s", vfy_s3_partition(run->s3.aws.region),
                   run->s3.bucket, place == BUCKET ? "" : "/", key);
}

static enum vfy_verdict judge(const struct judge *j, const char *action, enum place place,
                              const char *prefix)
{
    char arn[MAX_ARN];
    const struct vfy_policy_request req = {action, arn, prefix};

    arn_of(arn, sizeof(arn), j->run, place);
    return vfy_policy_judge(vfy_at_root(&j->policy), &req);
}

/* One answer against what the policy says of it. */
static enum bf_err weigh(const struct judge *j, const char *action, enum place place,
                         const char *where, enum vfy_verdict verdict,
                         const struct vfy_s3_result *r, struct bf_diag *diag)
{
    char arn[MAX_ARN];

    arn_of(arn, sizeof(arn), j->run, place);
    if (!r->reached) {
        return bf_fail(diag, BF_PREFLIGHT, "S3 cannot be reached for %s: %s", action,
                       r->failure);
    }
    if (verdict == VFY_ALLOWED && refused(r)) {
        return bf_fail(diag, BF_PREFLIGHT,
                       "S3 denies the bundle's keys %s%s on %s, which the approved "
                       "policy allows (%s)",
                       action, where, arn, r->code[0] != '\0' ? r->code : "403");
    }
    /* [BF-860] */
    if ((verdict == VFY_NOT_ALLOWED || verdict == VFY_DENIED) && shown(r)) {
        return bf_fail(diag, BF_PREFLIGHT_TOO_WIDE,
                       "S3 allows the bundle's keys %s%s on %s, which the approved "
                       "policy does not",
                       action, where, arn);
    }
    return BF_OK;
}

static enum bf_err try_reads(struct judge *j, struct bf_diag *diag)
{
    struct vfy_run *run = j->run;
    enum bf_err err = BF_OK;
    char beside[64];
    size_t i;

    outside(beside, sizeof(beside), run);
    for (i = 0; i < sizeof(probes_to_read) / sizeof(probes_to_read[0]) && err == BF_OK;
         i++) {
        const struct probe *p = &probes_to_read[i];
        const char *prefix = !p->judged_by_prefix || p->prefix == NONE ? NULL
                             : p->prefix == BASE                       ? run->s3.base
                                                                       : beside;
        const enum vfy_verdict verdict = judge(j, p->action, p->place, prefix);
        struct vfy_s3_result r;

        if (run->s3.base[0] == '\0' && (p->prefix == ELSEWHERE || p->place == OUTSIDE)) {
            continue; /* all of the bucket is inside */
        }
        vfy_probe_patiently(run, ask_probe, p, verdict == VFY_ALLOWED, &r);
        vfy_probes_add(run, j->probes, p->word, &r);
        if (p->place == OUTSIDE && refused(&r)) {
            /* S3 says 403 also for an object that is not there, where listing is denied
             */
            vfy_fact(run->ch, "not_tried", "",
                     "whether objects outside the base path can be read is not provable: "
                     "S3 says 403 of one that is not there, too");
            continue;
        }
        err = weigh(j, p->action, p->place,
                    p->judged_by_prefix && p->prefix != BASE ? " outside the base path"
                                                             : "",
                    verdict, &r, diag);
    }
    return err;
}

/*
 * An upload in parts of the probe object is begun, listed and aborted: _verify notices
 * none of these rights, the first large snapshot does (lab.md 16).
 */
static enum bf_err try_parts(struct judge *j, struct bf_diag *diag)
{
    struct vfy_run *run = j->run;
    const char *key = run->s3.key;
    struct bf_buf body = bf_buf(VFY_MAX_EVIDENCE), query = bf_buf(MAX_QUERY);
    struct vfy_s3_result r;
    char id[300];
    enum bf_err err;

    vfy_s3_ask(&run->s3, "POST", key, "uploads=", &r, &body);
    vfy_probes_add(run, j->probes, "multipart", &r);
    err = weigh(j, "s3:PutObject", INSIDE, " in parts", VFY_ALLOWED, &r, diag);
    vfy_xml_short(id, sizeof(id), bf_buf_bytes(&body), "UploadId");
    if (err != BF_OK || !r.ok || id[0] == '\0') {
        goto out;
    }
    bf_put_text(&query, "uploadId=");
    vfy_aws_encode(&query, bf_text(id), false);
    if (bf_buf_text(&query) == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "preflight");
        goto out;
    }
    vfy_s3_ask(&run->s3, "GET", key, (const char *)query.ptr, &r, NULL);
    vfy_probes_add(run, j->probes, "parts", &r);
    err = weigh(j, "s3:ListMultipartUploadParts", INSIDE, "",
                judge(j, "s3:ListMultipartUploadParts", INSIDE, NULL), &r, diag);
    vfy_s3_ask(&run->s3, "DELETE", key, (const char *)query.ptr, &r, NULL);
    vfy_probes_add(run, j->probes, "abort", &r);
    if (!r.ok) {
        vfy_fact(run->ch, "leftover", "", key);
        vfy_say(run->ch, "an upload of %s in bucket %s that was begun stays", key,
                run->s3.bucket);
    }
    if (err == BF_OK) {
        err = weigh(j, "s3:AbortMultipartUpload", INSIDE, "", VFY_ALLOWED, &r, diag);
    }
out:
    bf_buf_clear(&query);
    bf_buf_clear(&body);
    return err;
}

/* What was not tried, by what the policy says of it. */
static void tell_not_tried(const struct judge *j)
{
    static const struct {
        enum vfy_verdict verdict;
        const char *text;
    } lines[] = {
        {VFY_ALLOWED, "preflight, judged and not tried: the policy allows"},
        {VFY_NOT_ALLOWED, "preflight, judged and not tried: the policy does not allow"},
        {VFY_NOT_JUDGED, "preflight, neither judged nor tried:"}};
    size_t i, k;

    for (k = 0; k < sizeof(lines) / sizeof(lines[0]); k++) {
        char text[MAX_LIST];
        size_t len, num = 0;

        (void)snprintf(text, sizeof(text), "%s", lines[k].text);
        for (i = 0; i < sizeof(not_tried) / sizeof(not_tried[0]); i++) {
            enum vfy_verdict v = judge(j, not_tried[i].action, not_tried[i].place, NULL);

            v = v == VFY_DENIED ? VFY_NOT_ALLOWED : v;
            len = strlen(text);
            if (v == lines[k].verdict &&
                !(j->run->s3.base[0] == '\0' && not_tried[i].place == OUTSIDE)) {
                (void)snprintf(text + len, sizeof(text) - len, "%s %s%s",
                               num++ > 0 ? "," : "", not_tried[i].action,
                               not_tried[i].place == OUTSIDE ? " outside the base path"
                                                             : "");
            }
        }
        if (num > 0) {
            vfy_fact(j->run->ch, "not_tried", "", text);
        }
    }
}

enum bf_err vfy_rights_check(struct vfy_run *run, struct vfy_probes *probes,
                             struct bf_diag *diag)
{
    struct judge j = {.run = run, .probes = probes};
    enum bf_err err;

    if (run->job->policy[0] == '\0') {
        vfy_fact(run->ch, "not_tried", "",
                 "preflight: whether the keys may do more than they need is not judged, "
                 "the change has no policy");
        return BF_OK;
    }
    if ((err = vfy_answer_parse(&j.policy, bf_text(run->job->policy), diag)) != BF_OK) {
        return err;
    }
    tell_not_tried(&j);
    err = try_reads(&j, diag);
    if (err == BF_OK &&
        judge(&j, "s3:AbortMultipartUpload", INSIDE, NULL) != VFY_ALLOWED) {
        vfy_fact(run->ch, "not_tried", "",
                 "preflight: uploads in parts, the policy does not let us abort one");
    } else if (err == BF_OK) {
        err = try_parts(&j, diag);
    }
    vfy_answer_clear(&j.policy);
    return err;
}
