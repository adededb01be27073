/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/bundle.h"
#include "bf/file.h"
#include "kind.h"

static void put_list(struct bf_buf *out, const struct bf_list *texts)
{
    size_t i;

    for (i = 0; i < texts->num; i++) {
        bf_put_fmt(out, "%s%s", i > 0 ? ", " : "", bf_list_text(texts, i));
    }
    bf_put_text(out, texts->num == 0 ? "nobody" : "");
}

static enum bf_err put_key(struct bf_buf *out, const struct bf_known_key *k,
                           struct bf_diag *diag)
{
    char fingerprint[BF_FINGERPRINT];
    enum bf_err err = bf_sshkey_fingerprint(fingerprint, &k->key);

    if (err != BF_OK) {
        return bf_fail(diag, err, "fingerprint of a key");
    }
    bf_put_fmt(out, "      key %s", fingerprint);
    if (k->not_before[0] != '\0') {
        bf_put_fmt(out, " from %s", k->not_before);
    }
    if (k->not_after[0] != '\0') {
        bf_put_fmt(out, " until %s", k->not_after);
    }
    bf_put_text(out, k->verify ? ", with user verification\n" : "\n");
    return BF_OK;
}

static enum bf_err put_people(struct bf_buf *out, const struct bf_trust *t,
                              struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    size_t i, k;

    bf_put_text(out, "people\n");
    for (i = 0; err == BF_OK && i < t->body.people.num; i++) {
        const struct bf_person *p =
            BF_LIST_ITEM(&t->body.people, const struct bf_person, i);

        bf_put_fmt(out, "  %-12s ", p->id);
        put_list(out, &p->roles);
        bf_put_text(out, "\n");
        for (k = 0; err == BF_OK && k < t->num_keys; k++) {
            err = t->keys[k].person == p ? put_key(out, &t->keys[k], diag) : BF_OK;
        }
        for (k = 0; k < p->recipients.num; k++) {
            bf_put_fmt(out, "      reads with %s\n", bf_list_text(&p->recipients, k));
        }
    }
    return err;
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

/* Judges e by t; fails where that could not be decided. */
static enum bf_err judge(struct bf_verdict *v, const struct bf_entry *e,
                         struct bf_bytes message, const struct bf_trust *t,
                         const char *now, struct bf_diag *diag)
{
    bf_judge(v, e, message, t, now);
    return bf_err_exit(v->reason) == BF_EXIT_UNDECIDED
               ? bf_fail(diag, v->reason, "%s", e->name)
               : BF_OK;
}

bool gen_trust_signed(const struct bf_trust *t, const char *person, const char *now)
{
    struct bf_verdict *v = calloc(1, sizeof(*v));
    const struct bf_entry *e;
    char name[64];
    bool good;

    snprintf(name, sizeof(name), "sig/root.%s.sshsig", person);
    e = bf_container_find(&t->container, name);
    good = v != NULL && e != NULL &&
           judge(v, e, t->container.entries[0].data, t, now, NULL) == BF_OK &&
           v->reason == BF_OK;
    free(v);
    return good;
}

/* One signature member, as each of the two trusts sees it. */
static enum bf_err put_signature(struct bf_buf *out, struct bf_verdict *v,
                                 const struct bf_entry *e, const struct bf_trust *t,
                                 const struct bf_trust *installed, const char *now,
                                 struct bf_diag *diag)
{
    const struct bf_bytes message = t->container.entries[0].data;
    enum bf_err err = judge(v, e, message, t, now, diag);

    bf_put_fmt(out, "  %-12s %s", v->person[0] != '\0' ? v->person : "?",
               v->reason == BF_OK ? "good" : bf_err_id(v->reason));
    if (err == BF_OK && installed != NULL) {
        err = judge(v, e, message, installed, now, diag);
        bf_put_fmt(out, "; under the installed version %lld: %s",
                   (long long)installed->body.version,
                   v->reason == BF_OK ? "good" : bf_err_id(v->reason));
    }
    bf_put_text(out, "\n");
    return err;
}

static enum bf_err put_signatures(struct bf_buf *out, const struct bf_trust *t,
                                  const struct bf_trust *installed, const char *now,
                                  struct bf_diag *diag)
{
    struct bf_verdict *v = calloc(1, sizeof(*v));
    enum bf_err err = v != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "signatures");
    size_t i, num = 0;

    bf_put_fmt(out, "root: %lld of ", (long long)t->body.root.need);
    put_list(out, &t->body.root.people);
    bf_put_text(out, "\nsignatures\n");
    for (i = 0; err == BF_OK && i < t->container.num; i++) {
        if (strncmp(t->container.entries[i].name, "sig/", 4) == 0) {
            err =
                put_signature(out, v, &t->container.entries[i], t, installed, now, diag);
            num++;
        }
    }
    bf_put_text(out, num == 0 ? "  none yet\n" : "");
    free(v);
    return err;
}

enum bf_err gen_trust_text(struct bf_buf *out, const struct bf_trust *t,
                           const struct bf_trust *installed, const char *now,
                           struct bf_diag *diag)
{
    const struct bf_trust_body *b = &t->body;
    enum bf_err err;

    bf_put_fmt(
        out,
        "trust file of %s, version %lld\nmade %s, expires %s\nfingerprint (pin) %s\n",
        b->domain, (long long)b->version, b->created_at, b->expires, t->sha256);
    if (b->prev[0] != '\0') {
        bf_put_fmt(out, "follows %s\n", b->prev);
    }
    err = put_people(out, t, diag);
    if (err != BF_OK) {
        return err;
    }
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

enum bf_err gen_trust_read(struct bf_trust *out, const char *path, struct bf_diag *diag)
{
    struct bf_buf raw = {0};
    enum bf_err err = bf_file_read(&raw, path, BF_MAX_SEALED, diag);
    const char *told;

    if (err == BF_OK) {
        told = gen_kind_told(bf_buf_bytes(&raw), GEN_WANT_TRUST);
        err = raw.len > BF_MAX_CONTAINER
                  ? bf_fail(diag, BF_INPUT_SIZE, "more than %d bytes", BF_MAX_CONTAINER)
                  : bf_trust_load(out, &raw, diag);
        if (err != BF_OK) {
            gen_kind_in(diag, path, told);
        }
    }
    bf_buf_clear(&raw);
    return err;
}
