/* SPDX-License-Identifier: Apache-2.0 */
/* The bucket "snaps" of the fake S3 and its settings, and STS, as AWS answers them. */
#include <stdio.h>
#include <string.h>

#include "fake_target.h"

static const struct {
    const char *query, *root, *absent, *on;
} settings[3] = {
    {"publicAccessBlock=", "PublicAccessBlockConfiguration",
     "NoSuchPublicAccessBlockConfiguration",
     "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
     "<BlockPublicPolicy>true</BlockPublicPolicy>"
     "<RestrictPublicBuckets>true</RestrictPublicBuckets>"},
    {"ownershipControls=", "OwnershipControls", "OwnershipControlsNotFoundError",
     "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"},
    {"versioning=", "VersioningConfiguration", "", "<Status>Enabled</Status>"},
};

static char text[1000];

static void fail(struct fake_reply *reply, int status, const char *code)
{
    reply->status = status;
    snprintf(text, sizeof(text), "<Error><Code>%s</Code><Message>m</Message></Error>",
             code);
    reply->body = text;
}

static void setting(struct fake_bucket *b, int i, const struct fake_request *req,
                    struct fake_reply *reply)
{
    if (b->lacking[i] && strncmp(req->line, "GET ", 4) == 0) {
        reply->body = "<ListBucketResult><Name>snaps</Name></ListBucketResult>";
    } else if (b->lacking[i]) {
        fail(reply, 405, "MethodNotAllowed");
    } else if (strncmp(req->line, "PUT ", 4) == 0) {
        /* documents without a checksum are refused, as AWS does */
        if (strstr(req->head, "x-amz-checksum-sha256: ") == NULL) {
            fail(reply, 400, "InvalidRequest");
        } else {
            b->on[i] = strstr(req->body, settings[i].on) != NULL;
        }
    } else if (!b->on[i] && settings[i].absent[0] != '\0') {
        fail(reply, 404, settings[i].absent);
    } else {
        snprintf(text, sizeof(text), "<%s>%s</%s>", settings[i].root,
                 b->on[i] ? settings[i].on : "", settings[i].root);
        reply->body = text;
    }
}

static void create(struct fake_bucket *b, const struct fake_request *req,
                   struct fake_reply *reply)
{
    const char *at = strstr(req->body, "<LocationConstraint>");

    if (b->taken) {
        fail(reply, 409, "BucketAlreadyExists");
        return;
    }
    *b = (struct fake_bucket){.there = true,
                              .lacking = {b->lacking[0], b->lacking[1], b->lacking[2]}};
    if (at != NULL) {
        at += strlen("<LocationConstraint>");
        snprintf(b->region, sizeof(b->region), "%.*s", (int)strcspn(at, "<"), at);
    }
}

static void identity(const struct fake_bucket *b, struct fake_reply *reply)
{
    if (b->arn[0] == '\0') {
        fail(reply, 405, "MethodNotAllowed");
    } else if (strncmp(b->arn, "arn:", 4) != 0) {
        fail(reply, 403, b->arn);
    } else {
        snprintf(text, sizeof(text),
                 "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%s</Arn>"
                 "</GetCallerIdentityResult></GetCallerIdentityResponse>",
                 b->arn);
        reply->body = text;
    }
}

static bool is_ours(const char *query)
{
    int i;

    for (i = 0; i < 3; i++) {
        if (strcmp(query, settings[i].query) == 0) {
            return true;
        }
    }
    return strcmp(query, "location=") == 0;
}

bool fake_bucket(struct fake_bucket *b, const struct fake_request *req,
                 struct fake_reply *reply)
{
    const char *query = strstr(req->line, " /snaps?");
    int i;

    if (strcmp(req->line, "POST /") == 0 &&
        strstr(req->body, "Action=GetCallerIdentity") != NULL) {
        identity(b, reply);
        return true;
    }
    if (strcmp(req->line, "PUT /snaps") == 0) {
        create(b, req, reply);
        return true;
    }
    if (strcmp(req->line, "DELETE /snaps") == 0) {
        if (b->full) {
            fail(reply, 409, "BucketNotEmpty");
        } else {
            reply->status = 204;
            b->there = false;
        }
        return true;
    }
    query = query != NULL ? query + strlen(" /snaps?") : "";
    if (!is_ours(query)) {
        return false;
    }
    if (!b->there) {
        fail(reply, 404, "NoSuchBucket");
    } else if (strcmp(query, "location=") == 0) {
        snprintf(text, sizeof(text), "<LocationConstraint>%s</LocationConstraint>",
                 b->region);
        reply->body = text;
    }
    for (i = 0; b->there && i < 3; i++) {
        if (strcmp(query, settings[i].query) == 0) {
            setting(b, i, req, reply);
        }
    }
    return true;
}
