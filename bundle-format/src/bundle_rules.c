/* SPDX-License-Identifier: Apache-2.0 */
/* Checks 9, 10 and 12: the bundle against the clock, the installed trust and the people
 * who have approved. */
#include <inttypes.h>
#include <string.h>

#include "bundle_in.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- 9 ---- */

/* Texts of times of one form compare as the times do; all bounds are inclusive. */
static enum bf_err check_times(const struct bf_manifest *m,
                               const struct bf_trust_body *trust, const char *now,
                               const char *floor, struct bf_diag *diag)
{
    const int64_t hours = is(m->change.grade, "emergency")
                              ? trust->rules.emergency.lifetime_hours
                              : trust->limits.lifetime_hours;
    const int64_t created = bf_time_parse(m->created_at);

    if (created > bf_time_parse(now) + BF_CLOCK_SLACK) { /* [BF-812] */
        return bf_fail(diag, BF_TIME_CREATED, "created_at %s, the clock says %s",
                       m->created_at, now);
    }
    if (strcmp(now, m->not_before) < 0) { /* [BF-810] */
        return bf_fail(diag, BF_TIME_EARLY, "not_before %s, the clock says %s",
                       m->not_before, now);
    }
    if (strcmp(now, m->expires) > 0) { /* [BF-811] */
        return bf_fail(diag, BF_TIME_EXPIRED, "expires %s, the clock says %s", m->expires,
                       now);
    }
    if (bf_time_parse(m->expires) - created > hours * 3600) { /* [BF-813] */
        return bf_fail(diag, BF_TIME_LIFETIME,
                       "from %s to %s, allowed are %" PRId64 " hours", m->created_at,
                       m->expires, hours);
    }
    if (floor[0] != '\0' && strcmp(now, floor) < 0) { /* [BF-814] */
        return bf_fail(diag, BF_TIME_FLOOR, "the clock says %s, it was %s before", now,
                       floor);
    }
    if (strcmp(now, trust->expires) > 0) { /* [BF-620] */
        return bf_fail(diag, BF_TRUST_EXPIRED, "version %" PRId64 " at %s",
                       trust->version, trust->expires);
    }
    return BF_OK;
}

enum bf_err bf_bundle_times(struct bf_bundle *b, const struct bf_trust *trust,
                            const char *now, const char *floor, struct bf_diag *diag)
{
    return bf_bundle_mark(b, BF_CHECK_TIMES,
                          check_times(&b->m, &trust->body, now, floor, diag));
}

/* ---- 10 ---- */

/* [BF-615] [BF-621] made under the installed trust or an older one that is known, by
 * version and by hash. */
static enum bf_err check_trust(const struct bf_manifest *m, const struct bf_trust *trust,
                               const char *older, struct bf_diag *diag)
{
    const int64_t made = m->trust.version, installed = trust->body.version;
    const char *known = older;

    if (made > installed) {
        return bf_fail(diag, BF_TRUST_VERSION,
                       "made under version %" PRId64 ", installed is %" PRId64, made,
                       installed);
    }
    if (made == installed) {
        known = trust->sha256;
    } else if (made == installed - 1) {
        known = trust->body.prev;
    }
    if (known == NULL) {
        return bf_fail(diag, BF_TRUST_UNKNOWN,
                       "version %" PRId64 ", installed is %" PRId64, made, installed);
    }
    if (!is(m->trust.sha256, known)) {
        return bf_fail(diag, BF_TRUST_UNKNOWN, "another file with version %" PRId64,
                       made);
    }
    return BF_OK;
}

/* [BF-823] the keys go nowhere else than where root has said. */
static enum bf_err check_endpoint(const struct bf_target *target, const char *url,
                                  struct bf_diag *diag)
{
    bool any = false;
    size_t i;

    for (i = 0; i < target->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&target->endpoints, struct bf_endpoint, i);

        if (is(e->purpose, "s3")) {
            any = true;
            if (is(e->url, url)) {
                return BF_OK;
            }
        }
    }
    if (!any && url[0] == '\0') {
        return BF_OK;
    }
    return bf_fail(diag, BF_TARGET_ENDPOINT, "plan.s3.endpoint %.200s",
                   url[0] != '\0' ? url : "is empty");
}

static enum bf_err check_target(const struct bf_manifest *m, const struct bf_trust *trust,
                                const char *appliance, struct bf_diag *diag)
{
    const struct bf_target *target = bf_trust_target(&trust->body, m->target.id);
    const char *what = NULL;

    if (target == NULL) { /* [BF-820] */
        return bf_fail(diag, BF_TARGET_UNKNOWN, "%s", m->target.id);
    }
    if (!is(m->target.cluster_uuid, target->cluster_uuid)) {
        what = "cluster_uuid";
    } else if (!is(m->target.kind, target->kind)) {
        what = "kind";
    } else if (!is(m->target.appliance, target->appliance)) {
        what = "appliance";
    }
    if (what != NULL) { /* [BF-821] */
        return bf_fail(diag, BF_TARGET_DIFFERS, "%s: %s", m->target.id, what);
    }
    if (appliance != NULL && !is(target->appliance, appliance)) { /* [BF-822] */
        return bf_fail(diag, BF_TARGET_APPLIANCE, "%s is served by %s, this is %.32s",
                       m->target.id, target->appliance, appliance);
    }
    return check_endpoint(target, m->plan.s3.endpoint, diag);
}

enum bf_err bf_bundle_target(struct bf_bundle *b, const struct bf_trust *trust,
                             const char *older, const char *appliance,
                             struct bf_diag *diag)
{
    enum bf_err err = check_trust(&b->m, trust, older, diag);

    if (err == BF_OK) {
        err = check_target(&b->m, trust, appliance, diag);
    }
    return bf_bundle_mark(b, BF_CHECK_TRUST, err);
}

/* ---- 12 ---- */

/* "ops 1 of 1 (bob), security 0 of 1" */
static void describe(struct bf_buf *out, const struct bf_count *count)
{
    size_t i;
    int64_t k;

    for (i = 0; i < count->num; i++) {
        bf_put_fmt(out, "%s%s %" PRId64 " of %" PRId64, i > 0 ? ", " : "",
                   count->of[i].group, count->of[i].have, count->of[i].need);
        for (k = 0; k < count->of[i].have && k < BF_MAX_SEAL_TO; k++) {
            bf_put_fmt(out, "%s%s", k > 0 ? " " : " (", count->of[i].people[k]);
        }
        bf_put_text(out, k > 0 ? ")" : "");
    }
}

/* [BF-840] */
static enum bf_err check_people(const struct bf_bundle *b, const struct bf_trust *trust,
                                struct bf_diag *diag)
{
    const struct bf_list *rule = is(b->m.change.grade, "emergency")
                                     ? &trust->body.rules.emergency.approve
                                     : &trust->body.rules.normal.approve;
    struct bf_buf where = bf_buf(sizeof(diag->where));
    struct bf_count count;
    const char *text;
    enum bf_err err = BF_OK;

    bf_people_count(&count, trust, rule, b->author, b->sigs, b->num_sigs);
    if (!count.met) {
        describe(&where, &count);
        text = bf_buf_text(&where);
        err = bf_fail(diag, BF_PEOPLE_MISSING, "rule %s: %s", b->m.change.grade,
                      text != NULL ? text : "not met");
    }
    bf_buf_clear(&where);
    return err;
}

enum bf_err bf_bundle_people(struct bf_bundle *b, const struct bf_trust *trust,
                             struct bf_diag *diag)
{
    enum bf_err err = check_people(b, trust, diag);

    if (err == BF_OK) {
        err = bf_plan_supported(&b->m, diag);
    }
    return bf_bundle_mark(b, BF_CHECK_PEOPLE, err);
}
