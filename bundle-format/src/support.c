/* SPDX-License-Identifier: Apache-2.0 */
/* What the format allows and this version does not carry out yet. */
#include <string.h>

#include "bundle_in.h"

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

/* One member of the plan and the values that this version takes. */
struct support {
    const char *name;
    const char *value;
    const char *takes[4]; /* up to the first NULL */
};

/* [BF-431] */
static enum bf_err unsupported(struct bf_diag *diag, const char *name, const char *value)
{
    return bf_fail(diag, BF_PLAN_NOT_SUPPORTED, "%s is %s", name, value);
}

static bool takes(const struct support *s)
{
    size_t i;

    for (i = 0; i < NUM(s->takes) && s->takes[i] != NULL; i++) {
        if (strcmp(s->value, s->takes[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum bf_err bf_plan_supported(const struct bf_manifest *m, struct bf_diag *diag)
{
    /* where the platform restarts the nodes itself */
    const bool cloud =
        strcmp(m->target.kind, "ech") == 0 || strcmp(m->target.kind, "ece") == 0;
    const struct support members[] = {
        {"change.class", m->change.grade, {"normal"}},
        {"target.kind", m->target.kind, {"opensearch", "elasticsearch", "ech", "ece"}},
        {"plan.iam.mode", m->plan.iam.mode, {"apply", "check", "manual", "none"}},
        {"plan.bucket.mode", m->plan.bucket.mode, {"none", "check", "create"}},
        {"plan.restart.mode",
         m->plan.restart.mode,
         {"never", cloud ? "if-needed" : NULL, cloud ? "always" : NULL}},
    };
    const struct support leaving[] = {
        {"plan.iam.mode", m->plan.iam.mode, {"none"}},
        {"plan.bucket.mode", m->plan.bucket.mode, {"none"}},
        {"target.kind", m->target.kind, {"opensearch", "elasticsearch"}},
    };
    const bool removing = strcmp(m->plan.action, "remove") == 0;
    size_t i;

    for (i = 0; i < NUM(leaving) && removing; i++) {
        if (!takes(&leaving[i])) {
            return bf_fail(diag, BF_PLAN_NOT_SUPPORTED, "plan.do is remove and %s is %s",
                           leaving[i].name, leaving[i].value);
        }
    }
    for (i = 0; i < NUM(members); i++) {
        if (!takes(&members[i])) {
            return unsupported(diag, members[i].name, members[i].value);
        }
    }
    /* a key that is no longer used is named where keys change, and nowhere else */
    if (m->plan.retire[0] != '\0' && strcmp(m->plan.action, "register") == 0) {
        return unsupported(diag, "plan.retire", m->plan.retire);
    }
    for (i = 0; i < m->secrets.num; i++) {
        const struct bf_secret_ref *s =
            BF_LIST_ITEM(&m->secrets, struct bf_secret_ref, i);

        /* names go where the registration goes, and no others come with it */
        if ((strcmp(s->versus, "removed") == 0) != removing) {
            return unsupported(diag, s->name, s->versus);
        }
    }
    return BF_OK;
}
