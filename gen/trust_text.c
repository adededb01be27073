/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_list(struct bf_buf *out, const struct bf_list *texts)
{
    size_t i;

    for (i = 0; i < texts->num; i++) {
        bf_put_fmt(out, "%s%s", i > 0 ? ", " : "", bf_list_text(texts, i));
    }
    bf_put_text(out, texts->num == 0 ? "nobody" : "");
}

static void put_key(struct bf_buf *out, const struct bf_known_key *k)
{
    char fingerprint[BF_FINGERPRINT];

    if (bf_sshkey_fingerprint(fingerprint, &k->key) != BF_OK) {
        snprintf(fingerprint, sizeof(fingerprint), "(no fingerprint)");
    }
    bf_put_fmt(out, "      key %s", fingerprint);
    if (k->not_before[0] != '\0') {
        bf_put_fmt(out, " from %s", k->not_before);
    }
    if (k->not_after[0] != '\0') {
        bf_put_fmt(out, " until %s", k->not_after);
    }
    bf_put_text(out, k->verify ? ", with user verification\n" : "\n");
}

static void put_people(struct bf_buf *out, const struct bf_trust *t)
{
    size_t i, k;

    bf_put_text(out, "people\n");
    for (i = 0; i < t->body.people.num; i++) {
        const struct bf_person *p =
            BF_LIST_ITEM(&t->body.people, const struct bf_person, i);

        bf_put_fmt(out, "  %-12s ", p->id);
        put_list(out, &p->roles);
        bf_put_text(out, "\n");
        for (k = 0; k < t->num_keys; k++) {
            if (t->keys[k].person == p) {
                put_key(out, &t->keys[k]);
            }
        }
        for (k = 0; k < p->recipients.num; k++) {
            bf_put_fmt(out, "      reads with %s\n", bf_list_text(&p->recipients, k));
        }
    }
}

static void put_rule(struct bf_buf *out, const struct bf_trust_body *b, const char *name,
                     const struct bf_list *rule)
{
    size_t i;

    for (i = 0; i < rule->num; i++) {
        const struct bf_requirement *r =
            BF_LIST_ITEM(rule, const struct bf_requirement, i);
        const struct bf_group *g = bf_trust_group(b, r->from);

        bf_put_fmt(out, "  %-12s %s %lld of %s (", i == 0 ? name : "",
                   i == 0 ? "   " : "AND", (long long)r->need, r->from);
        if (g != NULL) {
            put_list(out, &g->people);
        }
        bf_put_text(out, ")\n");
    }
}

static void put_targets(struct bf_buf *out, const struct bf_trust_body *b)
{
    size_t i, k;

    bf_put_text(out, "appliances\n");
    for (i = 0; i < b->appliances.num; i++) {
        const struct bf_appliance *a =
            BF_LIST_ITEM(&b->appliances, const struct bf_appliance, i);

        bf_put_fmt(out,
                   "  %-12s transport %s\n               secrets   %s\n               "
                   "receipts  %s\n",
                   a->id, a->transport, a->secrets, a->receipt_key);
    }
    bf_put_text(out, "targets\n");
    for (i = 0; i < b->targets.num; i++) {
        const struct bf_target *t = BF_LIST_ITEM(&b->targets, const struct bf_target, i);

        bf_put_fmt(out, "  %-12s %s, cluster %s, served by %s", t->id, t->kind,
                   t->cluster_uuid, t->appliance);
        if (t->serial_floor > 0) {
            bf_put_fmt(out, ", serials above %lld", (long long)t->serial_floor);
        }
        bf_put_text(out, "\n");
        for (k = 0; k < t->endpoints.num; k++) {
            const struct bf_endpoint *e =
                BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, k);

            bf_put_fmt(out, "      %-7s %s%s%s%s%s\n", e->purpose, e->url,
                       e->resource[0] != '\0' ? " " : "", e->resource,
                       e->ca_sha256[0] != '\0' ? " CA " : "", e->ca_sha256);
        }
    }
}

/* One signature member, as each of the two trusts sees it. */
static void put_signature(struct bf_buf *out, struct bf_verdict *v,
                          const struct bf_entry *e, const struct bf_trust *t,
                          const struct bf_trust *installed, const char *now)
{
    bf_judge(v, e, t->container.entries[0].data, t, now);
    bf_put_fmt(out, "  %-12s %s", v->person[0] != '\0' ? v->person : "?",
               v->reason == BF_OK ? "good" : bf_err_id(v->reason));
    if (installed != NULL) {
        bf_judge(v, e, t->container.entries[0].data, installed, now);
        bf_put_fmt(out, "; under the installed version %lld: %s",
                   (long long)installed->body.version,
                   v->reason == BF_OK ? "good" : bf_err_id(v->reason));
    }
    bf_put_text(out, "\n");
}

static enum bf_err put_signatures(struct bf_buf *out, const struct bf_trust *t,
                                  const struct bf_trust *installed, const char *now,
                                  struct bf_diag *diag)
{
    struct bf_verdict *v = calloc(1, sizeof(*v));
    size_t i, num = 0;

    if (v == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "signatures");
    }
    bf_put_fmt(out, "root: %lld of ", (long long)t->body.root.need);
    put_list(out, &t->body.root.people);
    bf_put_text(out, "\nsignatures\n");
    for (i = 0; i < t->container.num; i++) {
        if (strncmp(t->container.entries[i].name, "sig/", 4) == 0) {
            put_signature(out, v, &t->container.entries[i], t, installed, now);
            num++;
        }
    }
    bf_put_text(out, num == 0 ? "  none yet\n" : "");
    free(v);
    return BF_OK;
}

enum bf_err gen_trust_text(struct bf_buf *out, const struct bf_trust *t,
                           const struct bf_trust *installed, const char *now,
                           struct bf_diag *diag)
{
    const struct bf_trust_body *b = &t->body;

    bf_put_fmt(
        out,
        "trust file of %s, version %lld\nmade %s, expires %s\nfingerprint (pin) %s\n",
        b->domain, (long long)b->version, b->created_at, b->expires, t->sha256);
    if (b->prev[0] != '\0') {
        bf_put_fmt(out, "follows %s\n", b->prev);
    }
    put_people(out, t);
    bf_put_text(out, "rules\n");
    put_rule(out, b, "normal", &b->rules.normal.approve);
    put_rule(out, b, "emergency", &b->rules.emergency.approve);
    bf_put_fmt(out,
               "limits\n  a bundle lives %lld hours at most, an emergency one %lld\n  "
               "serials jump by %lld at most, "
               "%lld open debts at most\n",
               (long long)b->limits.lifetime_hours,
               (long long)b->rules.emergency.lifetime_hours,
               (long long)b->limits.serial_jump, (long long)b->limits.debts_max);
    put_targets(out, b);
    return put_signatures(out, t, installed, now, diag);
}
