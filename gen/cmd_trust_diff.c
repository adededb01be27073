/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust diff: what differs between two trust files, in plain words. Each file is written
 * as single facts, a line each, that need no other line to be understood; the difference
 * is the facts that one file alone has. So nothing that the schema has can be left out by
 * a comparison of its own, and an order in the file makes no difference.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "session.h"
#include "trust_text.h"

enum { MAX_FACTS = 8 * 1024 * 1024 };

struct facts {
    struct bf_buf text; /* lines */
    const char **lines; /* ascending */
    size_t num;
};

static void put_each(struct bf_buf *out, const char *before, const struct bf_list *texts)
{
    size_t i;

    for (i = 0; i < texts->num; i++) {
        bf_put_fmt(out, "%s %s\n", before, bf_list_text(texts, i));
    }
}

static enum bf_err put_people(struct bf_buf *out, const struct bf_trust *t,
                              struct bf_diag *diag)
{
    char fingerprint[BF_FINGERPRINT], before[80];
    size_t i;

    for (i = 0; i < t->num_keys; i++) {
        const struct bf_known_key *k = &t->keys[i];

        if (k->person == NULL) {
            continue; /* an appliance's, told whole below */
        }
        if (bf_sshkey_fingerprint(fingerprint, &k->key) != BF_OK) {
            return bf_fail(diag, BF_NO_MEMORY, "fingerprint of a key");
        }
        bf_put_fmt(out, "%s signs with %s%s%s%s%s%s\n", k->person->id, fingerprint,
                   k->not_before[0] != '\0' ? " from " : "", k->not_before,
                   k->not_after[0] != '\0' ? " until " : "", k->not_after,
                   k->verify ? ", with user verification" : "");
    }
    for (i = 0; i < t->body.people.num; i++) {
        const struct bf_person *p =
            BF_LIST_ITEM(&t->body.people, const struct bf_person, i);

        snprintf(before, sizeof(before), "%s has role", p->id);
        put_each(out, before, &p->roles);
        snprintf(before, sizeof(before), "%s reads with", p->id);
        put_each(out, before, &p->recipients);
    }
    return BF_OK;
}

static void put_rule(struct bf_buf *out, const char *name, const struct bf_list *rule)
{
    size_t i;

    for (i = 0; i < rule->num; i++) {
        const struct bf_requirement *r =
            BF_LIST_ITEM(rule, const struct bf_requirement, i);

        bf_put_fmt(out, "rule %s needs %" PRId64 " of %s\n", name, r->need, r->from);
    }
}

static void put_rules(struct bf_buf *out, const struct bf_trust_body *b)
{
    char before[80];
    size_t i;

    for (i = 0; i < b->groups.num; i++) {
        const struct bf_group *g = BF_LIST_ITEM(&b->groups, const struct bf_group, i);

        snprintf(before, sizeof(before), "group %s has", g->id);
        put_each(out, before, &g->people);
    }
    put_rule(out, "normal", &b->rules.normal.approve);
    put_rule(out, "emergency", &b->rules.emergency.approve);
    bf_put_fmt(out, "root needs %" PRId64 "\n", b->root.need);
    put_each(out, "root has", &b->root.people);
    bf_put_fmt(out, "limit: a bundle lives %" PRId64 " hours\n",
               b->limits.lifetime_hours);
    bf_put_fmt(out, "limit: an emergency bundle lives %" PRId64 " hours\n",
               b->rules.emergency.lifetime_hours);
    bf_put_fmt(out, "limit: a serial jumps by %" PRId64 "\n", b->limits.serial_jump);
    bf_put_fmt(out, "limit: %" PRId64 " open debts\n", b->limits.debts_max);
    put_each(out, "debt waived:", &b->debts_waived);
    bf_put_fmt(out, "domain %s\nexpires %s\n", b->domain, b->expires);
}

static void put_places(struct bf_buf *out, const struct bf_trust_body *b)
{
    size_t i, k;

    for (i = 0; i < b->appliances.num; i++) {
        const struct bf_appliance *a =
            BF_LIST_ITEM(&b->appliances, const struct bf_appliance, i);

        bf_put_fmt(out,
                   "appliance %s has transport key %s\nappliance %s has secrets key "
                   "%s\nappliance %s signs receipts with %s\n",
                   a->id, a->transport, a->id, a->secrets, a->id, a->receipt_key);
    }
    for (i = 0; i < b->targets.num; i++) {
        const struct bf_target *t = BF_LIST_ITEM(&b->targets, const struct bf_target, i);

        bf_put_fmt(out,
                   "target %s is %s, cluster %s\ntarget %s is served by %s\ntarget %s "
                   "takes serials above %" PRId64 "\n",
                   t->id, t->kind, t->cluster_uuid, t->id, t->appliance, t->id,
                   t->serial_floor);
        for (k = 0; k < t->endpoints.num; k++) {
            const struct bf_endpoint *e =
                BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, k);

            bf_put_fmt(out, "target %s reaches %s at %s%s%s, CA %s\n", t->id, e->purpose,
                       e->url, e->resource[0] != '\0' ? " " : "", e->resource,
                       e->ca_sha256[0] != '\0' ? e->ca_sha256 : "of the system");
        }
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void facts_clear(struct facts *f)
{
    bf_buf_clear(&f->text);
    free(f->lines);
}

static enum bf_err facts_of(struct facts *f, const struct bf_trust *t,
                            struct bf_diag *diag)
{
    enum bf_err err;
    char *at, *end;

    f->text = bf_buf(MAX_FACTS);
    err = put_people(&f->text, t, diag);
    if (err != BF_OK) {
        return err;
    }
    put_rules(&f->text, &t->body);
    put_places(&f->text, &t->body);
    if ((err = bf_buf_check(&f->text, "facts of a trust file", diag)) != BF_OK) {
        return err;
    }
    end = (char *)f->text.ptr + f->text.len;
    f->lines = calloc(f->text.len, sizeof(f->lines[0]));
    if (f->lines == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "facts of a trust file");
    }
    for (at = (char *)f->text.ptr; at < end; at += strlen(at) + 1) {
        *(char *)memchr(at, '\n', (size_t)(end - at)) = '\0';
        f->lines[f->num++] = at;
    }
    qsort(f->lines, f->num, sizeof(f->lines[0]), by_text);
    return BF_OK;
}

/* Facts of a that b has not, and of b that a has not; either list may be NULL. */
static void compare(const struct facts *a, const struct facts *b, struct bf_list *removed,
                    struct bf_list *added)
{
    size_t i = 0, k = 0;

    while (i < a->num || k < b->num) {
        int order = i == a->num ? 1 : k == b->num ? -1 : strcmp(a->lines[i], b->lines[k]);

        if (order < 0) {
            ((const char **)removed->items)[removed->num++] = a->lines[i];
        } else if (order > 0) {
            ((const char **)added->items)[added->num++] = b->lines[k];
        }
        i += order <= 0 ? 1 : 0;
        k += order >= 0 ? 1 : 0;
    }
}

static void put_json_list(struct bf_buf *out, const char *name,
                          const struct bf_list *lines)
{
    size_t i;

    bf_put_fmt(out, ",\"%s\":[", name);
    for (i = 0; i < lines->num; i++) {
        bf_put_text(out, i > 0 ? "," : "");
        bf_json_write_text(out, bf_list_text(lines, i));
    }
    bf_put_text(out, "]");
}

static void put_report(struct bf_buf *out, const struct bf_args *a,
                       const struct bf_trust *from, const struct bf_trust *to,
                       const struct bf_list *removed, const struct bf_list *added)
{
    size_t i;

    if (a->json) {
        bf_put_fmt(out,
                   "{\"from\":{\"sha256\":\"%s\",\"version\":%" PRId64
                   "},\"to\":{\"sha256\":\"%s\",\"version\":%" PRId64 "}",
                   from->sha256, from->body.version, to->sha256, to->body.version);
        put_json_list(out, "removed", removed);
        put_json_list(out, "added", added);
        bf_put_text(out, "}\n");
        return;
    }
    bf_put_fmt(out, "from version %" PRId64 " (%s)\nto version   %" PRId64 " (%s)%s\n",
               from->body.version, from->sha256, to->body.version, to->sha256,
               strcmp(to->body.prev, from->sha256) == 0 ? ", which follows it" : "");
    for (i = 0; i < removed->num; i++) {
        bf_put_fmt(out, "- %s\n", bf_list_text(removed, i));
    }
    for (i = 0; i < added->num; i++) {
        bf_put_fmt(out, "+ %s\n", bf_list_text(added, i));
    }
}

static enum bf_err report(const struct bf_args *a, const struct bf_trust *from,
                          const struct bf_trust *to, bool *differ, struct bf_diag *diag)
{
    struct facts old = {0}, new = {0};
    struct bf_list removed = {0}, added = {0};
    struct bf_buf out = bf_buf(2 * MAX_FACTS);
    enum bf_err err = facts_of(&old, from, diag);

    if (err == BF_OK) {
        err = facts_of(&new, to, diag);
    }
    if (err == BF_OK) {
        removed.items = calloc(old.num + 1, sizeof(char *));
        added.items = calloc(new.num + 1, sizeof(char *));
        if (removed.items == NULL || added.items == NULL) {
            err = bf_fail(diag, BF_NO_MEMORY, "difference");
        }
    }
    if (err == BF_OK) {
        compare(&old, &new, &removed, &added);
        *differ = removed.num + added.num > 0;
        put_report(&out, a, from, to, &removed, &added);
        err = bf_buf_check(&out, "difference", diag);
    }
    if (err == BF_OK) {
        bf_cli_out(bf_buf_bytes(&out));
    }
    bf_buf_clear(&out);
    free(removed.items);
    free(added.items);
    facts_clear(&old);
    facts_clear(&new);
    return err;
}

static enum bf_err run(struct gen_session **s, struct bf_trust *files,
                       const struct bf_args *a, bool *differ, struct bf_diag *diag)
{
    enum bf_err err =
        gen_session_open(s, a, GEN_STATE_READ,
                         a->num_operands == 1 ? GEN_NEED_TRUST : GEN_NEED_NOTHING, diag);
    size_t i;

    for (i = 0; err == BF_OK && i < a->num_operands; i++) {
        err = gen_trust_read(&files[i], a->operands[i], diag);
    }
    if (err != BF_OK) {
        return err;
    }
    return a->num_operands == 1 ? report(a, &(*s)->trust, &files[0], differ, diag)
                                : report(a, &files[0], &files[1], differ, diag);
}

int gen_cmd_trust_diff(const struct bf_args *a)
{
    struct bf_trust *files = calloc(2, sizeof(*files));
    struct gen_session *s = NULL;
    struct bf_diag diag = {0};
    bool differ = false;
    enum bf_err err = files != NULL ? run(&s, files, a, &differ, &diag)
                                    : bf_fail(&diag, BF_NO_MEMORY, "trust files");
    int code;

    if (files != NULL) {
        bf_trust_clear(&files[0]);
        bf_trust_clear(&files[1]);
        free(files);
    }
    gen_session_free(s);
    code = gen_end(a, err, &diag);
    return err == BF_OK && differ && bf_arg_is(a, "exit-code") ? BF_EXIT_REFUSED : code;
}
