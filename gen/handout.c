/* SPDX-License-Identifier: Apache-2.0 */
#include "handout.h"

#include <string.h>

/* Every value that comes into a line passed a grammar without a blank or a character that
 * a shell looks at. */
static void put_aws(struct bf_buf *out, const struct bf_plan *p, const char *service,
                    const char *line)
{
    bf_put_fmt(out, "  aws %s %s", service, line);
    if (p->s3.endpoint[0] != '\0' && strncmp(service, "s3", 2) == 0) {
        bf_put_fmt(out, " --endpoint-url %s", p->s3.endpoint);
    }
}

static void put_bucket(struct bf_buf *out, const struct bf_plan *p)
{
    const char *region = p->bucket.region[0] != '\0' ? p->bucket.region : p->s3.region;
    bool home = region[0] == '\0' || strcmp(region, "us-east-1") == 0;

    bf_put_fmt(out, "1. The bucket %s%s%s, if it is not there yet\n\n", p->bucket.name,
               region[0] != '\0' ? " in " : "", region);
    put_aws(out, p, "s3api", "create-bucket");
    bf_put_fmt(out, " --bucket %s", p->bucket.name);
    if (!home) {
        /* S3 takes no constraint for us-east-1 */
        bf_put_fmt(out,
                   " --region %s --create-bucket-configuration LocationConstraint=%s",
                   region, region);
    }
    bf_put_text(out, "\n");
    put_aws(out, p, "s3api", "put-public-access-block");
    bf_put_fmt(out,
               " --bucket %s --public-access-block-configuration "
               "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,"
               "RestrictPublicBuckets=true\n",
               p->bucket.name);
    bf_put_fmt(out,
               "\n  Console: S3, Create bucket, name %s%s%s; leave \"Block all public "
               "access\" on and ACLs disabled.\n"
               "  One bucket (or one path in it) belongs to one cluster alone.\n\n",
               p->bucket.name, region[0] != '\0' ? ", region " : "", region);
}

static void put_user(struct bf_buf *out, const struct bf_plan *p)
{
    if (strcmp(p->iam.mode, "none") == 0) {
        bf_put_text(out, "2. No IAM user: this change leaves IAM alone.\n");
        return;
    }
    bf_put_fmt(out, "2. The user %s\n\n", p->iam.user);
    put_aws(out, p, "iam", "create-user");
    bf_put_fmt(out, " --user-name %s\n\n", p->iam.user);
    bf_put_fmt(out,
               "  Console: IAM, Users, Create user, name %s, no console access, no "
               "permissions.\n"
               "  Its ARN must be %s\n\n"
               "3. The access key of that user\n\n",
               p->iam.user, p->iam.arn);
    put_aws(out, p, "iam", "create-access-key");
    bf_put_fmt(out,
               " --user-name %s\n\n"
               "  Console: IAM, Users, %s, Security credentials, Create access key,\n"
               "  \"Application running outside AWS\", Download .csv file.\n"
               "  Hand the file to the author by a way that you trust with secrets; "
               "snapseal-gen seal --secrets FILE\n"
               "  reads it. Then destroy it.\n\n",
               p->iam.user, p->iam.user);
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

void gen_handout_people(struct bf_buf *out, const struct bf_plan *plan,
                        const char *ticket)
{
    bf_put_fmt(out, "For the AWS team: ticket %s\n\n", ticket);
    put_bucket(out, plan);
    put_user(out, plan);
}

void gen_handout_policy(struct bf_buf *out, const struct bf_plan *plan,
                        struct bf_bytes policy, const char *sha256)
{
    bf_put_fmt(out, "\nThe policy %s of user %s, as approved (bundle sha256 %s)\n\n",
               plan->iam.policy, plan->iam.user, sha256);
    bf_put_text(out, "  cat > policy.json <<'END'\n");
    bf_put_bytes(out, policy);
    bf_put_text(out, "\nEND\n");
    bf_put_fmt(out,
               "  aws iam put-user-policy --user-name %s --policy-name %s "
               "--policy-document file://policy.json\n\n"
               "  Console: IAM, Users, %s, Add permissions, Create inline policy, JSON, "
               "paste the line above,\n"
               "  name %s. Change nothing in it: the approvers signed exactly this.\n",
               plan->iam.user, plan->iam.policy, plan->iam.user, plan->iam.policy);
}
