/* SPDX-License-Identifier: Apache-2.0 */
#include "handout.h"

#include <string.h>

#include "policy.h"

/* Every value that comes into a line passed a grammar without a blank or a character that
 * a shell looks at. endpoint "": the tool's own. */
static void put_aws(struct bf_buf *out, const char *endpoint, const char *line)
{
    bf_put_fmt(out, "  aws %s", line);
    if (endpoint[0] != '\0') {
        bf_put_fmt(out, " --endpoint-url %s", endpoint);
    }
}

/* Where the tool has to ask for users and keys; NULL: nowhere that we know of. */
static const char *iam_of(const struct bf_plan *p, const char *iam)
{
    if (iam != NULL && !gen_is_aws(iam)) {
        return iam;
    }
    return gen_is_aws(p->s3.endpoint) ? "" : iam;
}

static void put_setting(struct bf_buf *out, const struct bf_plan *p, const char *line,
                        const char *value)
{
    put_aws(out, p->s3.endpoint, line);
    bf_put_fmt(out, " --bucket %s %s\n", p->bucket.name, value);
}

static void put_create(struct bf_buf *out, const struct bf_plan *p, const char *region)
{
    put_aws(out, p->s3.endpoint, "s3api create-bucket");
    bf_put_fmt(out, " --bucket %s", p->bucket.name);
    if (region[0] != '\0' && strcmp(region, "us-east-1") != 0) {
        /* S3 takes no constraint for us-east-1 */
        bf_put_fmt(out,
                   " --region %s --create-bucket-configuration LocationConstraint=%s",
                   region, region);
    }
    bf_put_text(out, "\n");
}

/* The block is good for every bucket; the rest only where the plan looks at it. */
static void put_settings(struct bf_buf *out, const struct bf_plan *p)
{
    if (strcmp(p->bucket.mode, "none") == 0 || p->bucket.public_block) {
        put_setting(out, p, "s3api put-public-access-block",
                    "--public-access-block-configuration BlockPublicAcls=true,"
                    "IgnorePublicAcls=true,BlockPublicPolicy=true,"
                    "RestrictPublicBuckets=true");
    }
    if (p->bucket.ownership) {
        put_setting(
            out, p, "s3api put-bucket-ownership-controls",
            "--ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'");
    }
    if (p->bucket.versioning) {
        put_setting(out, p, "s3api put-bucket-versioning",
                    "--versioning-configuration Status=Enabled");
    }
}

static void put_bucket(struct bf_buf *out, const struct bf_plan *p)
{
    const char *region = p->bucket.region[0] != '\0' ? p->bucket.region : p->s3.region;

    bf_put_fmt(out, "1. The bucket %s%s%s", p->bucket.name,
               region[0] != '\0' ? " in " : "", region);
    if (strcmp(p->bucket.mode, "create") == 0) {
        bf_put_text(out, ": nothing to do, the appliance makes it\n");
    } else {
        bf_put_text(out, strcmp(p->bucket.mode, "check") == 0
                             ? ", which the appliance will look at\n\n"
                             : ", if it is not there yet\n\n");
        put_create(out, p, region);
        put_settings(out, p);
        if (gen_is_aws(p->s3.endpoint)) {
            bf_put_fmt(out,
                       "\n  Console: S3, Create bucket, name %s%s%s; leave \"Block all "
                       "public access\" on and ACLs disabled%s.\n",
                       p->bucket.name, region[0] != '\0' ? ", region " : "", region,
                       p->bucket.versioning ? "; Bucket Versioning: Enable" : "");
        }
    }
    bf_put_text(out,
                "  One bucket (or one path in it) belongs to one cluster alone.\n\n");
}

/* The lines that make an access key, and its way to the author. */
static void put_new_key(struct bf_buf *out, const struct bf_plan *p, const char *iam)
{
    put_aws(out, iam, "iam create-access-key");
    bf_put_fmt(out, " --user-name %s\n\n", p->iam.user);
    if (iam[0] == '\0') {
        bf_put_fmt(out,
                   "  Console: IAM, Users, %s, Security credentials, Create access key,\n"
                   "  \"Application running outside AWS\", Download .csv file.\n",
                   p->iam.user);
    }
}

static void put_keys_at_aws(struct bf_buf *out, const struct bf_plan *p, const char *iam)
{
    bf_put_fmt(out, "2. The user %s\n\n", p->iam.user);
    put_aws(out, iam, "iam create-user");
    bf_put_fmt(out, " --user-name %s\n\n", p->iam.user);
    if (iam[0] == '\0') {
        bf_put_fmt(out,
                   "  Console: IAM, Users, Create user, name %s, no console access, no "
                   "permissions.\n",
                   p->iam.user);
    }
    bf_put_fmt(out,
               "  Its ARN must be %s\n\n"
               "3. The access key of that user\n\n",
               p->iam.arn);
    put_new_key(out, p, iam);
}

static void put_keys_elsewhere(struct bf_buf *out, const struct bf_plan *p)
{
    bf_put_fmt(out,
               "2. The user %s, made with the own means of the server %s\n\n"
               "  No IAM endpoint of it is pinned in the installed trust file: aws iam "
               "lines would go to AWS.\n"
               "  Its ARN must be %s\n\n"
               "3. The access key of that user, made with the same means\n\n",
               p->iam.user, p->s3.endpoint, p->iam.arn);
}

static const char to_author[] =
    "  Hand the key to the author as a file, by a way that you trust with secrets, or "
    "encrypted\n  with age -a -r RECIPIENT (the author's: age1...): snapseal-gen seal "
    "--secrets FILE reads both.\n  Then destroy it.\n\n";

static void put_second_key(struct bf_buf *out, const struct bf_plan *p, const char *iam)
{
    if (strcmp(p->iam.mode, "none") == 0) {
        bf_put_text(out, "1. A second access key for the user that has the one of now\n\n"
                         "  This change leaves IAM alone and does not name the user.\n");
    } else {
        bf_put_fmt(
            out,
            "1. A second access key for the user %s\n\n"
            "  A user can have two: the first one works on until it is ended below.\n"
            "  User and policy stay as they are.\n\n",
            p->iam.user);
        if (iam != NULL) {
            put_new_key(out, p, iam);
        } else {
            bf_put_fmt(out, "  Made with the own means of the server %s.\n",
                       p->s3.endpoint);
        }
    }
    bf_put_text(out, to_author);
}

/* The end of a key, in two steps: a key that is only inactive can be woken again. */
static void put_end_of_key(struct bf_buf *out, const struct bf_plan *p, const char *iam,
                           unsigned number)
{
    static const char *const lines[] = {"iam update-access-key", "iam delete-access-key"};
    static const char *const more[] = {" --status Inactive",
                                       "  # when the next snapshots have succeeded"};
    const char *user = p->iam.user[0] != '\0' ? p->iam.user : "USER";
    size_t i;

    if (p->retire[0] == '\0') {
        bf_put_fmt(out, "%u. No older key is named: nothing to end.\n", number);
        return;
    }
    bf_put_fmt(
        out, "%u. The key %s, only when the author has the receipt that says applied\n\n",
        number, p->retire);
    if (iam == NULL) {
        bf_put_fmt(out, "  Ended with the own means of the server %s.\n", p->s3.endpoint);
        return;
    }
    if (p->iam.user[0] == '\0') {
        put_aws(out, iam, "iam get-access-key-last-used");
        bf_put_fmt(out, " --access-key-id %s  # names USER\n", p->retire);
    }
    for (i = 0; i < 2; i++) {
        put_aws(out, iam, lines[i]);
        bf_put_fmt(out, " --user-name %s --access-key-id %s%s\n", user, p->retire,
                   more[i]);
    }
}

static void put_user(struct bf_buf *out, const struct bf_plan *p, const char *iam)
{
    if (strcmp(p->iam.mode, "none") == 0) {
        bf_put_text(out, "2. No IAM user: this change leaves IAM alone.\n");
        return;
    }
    if (iam != NULL) {
        put_keys_at_aws(out, p, iam);
    } else {
        put_keys_elsewhere(out, p);
    }
    bf_put_text(out, to_author);
    if (strcmp(p->iam.mode, "apply") == 0) {
        bf_put_text(out, "4. The policy: nothing to do, the appliance puts it.\n");
    } else {
        bf_put_fmt(out,
                   "4. The policy comes from the approved bundle: snapseal-gen handout "
                   "BUNDLE\n%s",
                   strcmp(p->iam.mode, "check") == 0
                       ? "   (the appliance compares it with what is at IAM)\n"
                       : "");
    }
}

void gen_handout_people(struct bf_buf *out, const struct bf_plan *plan, const char *iam,
                        const char *ticket)
{
    bf_put_fmt(out, "For the %s team: ticket %s\n\n",
               gen_is_aws(plan->s3.endpoint) ? "AWS" : "S3", ticket);
    if (strcmp(plan->action, "rotate") == 0) {
        put_second_key(out, plan, iam_of(plan, iam));
        put_end_of_key(out, plan, iam_of(plan, iam), 2);
    } else if (strcmp(plan->action, "remove") == 0) {
        put_end_of_key(out, plan, iam_of(plan, iam), 1);
    } else {
        put_bucket(out, plan);
        put_user(out, plan, iam_of(plan, iam));
    }
}

void gen_handout_policy(struct bf_buf *out, const struct bf_plan *plan, const char *iam,
                        struct bf_bytes policy, const char *sha256)
{
    const char *at = iam_of(plan, iam);

    bf_put_fmt(out, "\nThe policy %s of user %s, as approved (bundle sha256 %s)\n\n",
               plan->iam.policy, plan->iam.user, sha256);
    bf_put_text(out, "  cat > policy.json <<'END'\n");
    bf_put_bytes(out, policy);
    bf_put_text(out, "\nEND\n");
    if (at == NULL) {
        bf_put_fmt(out,
                   "  Put it to the user with the own means of the server %s.\n"
                   "  Change nothing in it: the approvers signed exactly this.\n",
                   plan->s3.endpoint);
        return;
    }
    put_aws(out, at, "iam put-user-policy");
    bf_put_fmt(out,
               " --user-name %s --policy-name %s "
               "--policy-document file://policy.json\n\n",
               plan->iam.user, plan->iam.policy);
    if (at[0] == '\0') {
        bf_put_fmt(out,
                   "  Console: IAM, Users, %s, Add permissions, Create inline policy, "
                   "JSON, paste the line above,\n"
                   "  name %s.",
                   plan->iam.user, plan->iam.policy);
    } else {
        bf_put_text(out, " ");
    }
    bf_put_text(out, " Change nothing in it: the approvers signed exactly this.\n");
}
