/* SPDX-License-Identifier: Apache-2.0 */
/* probe: the applier looks at the live state, and here is what only this appliance can
 * compare it with: the receipt's nodes and keystores. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- before ---- */

static enum bf_err find_target(struct vfy_probing *p, const char *id,
                               struct bf_diag *diag)
{
    const struct vfy_state *s = &p->site->state;
    char path[VFY_PATH];
    enum bf_err err;

    p->look.target = bf_trust_target(&s->trust.body, id);
    if (p->look.target == NULL) {
        return bf_fail(diag, BF_TARGET_UNKNOWN, "%s", id); /* [BF-820] */
    }
    if (!is(p->look.target->appliance, s->name)) {
        return bf_fail(diag, BF_TARGET_APPLIANCE, "%s is served by %s, this is %s", id,
                       p->look.target->appliance, s->name); /* [BF-822] */
    }
    err = vfy_run_path(path, s, id, VFY_RUN_JOURNAL, diag);
    if (err == BF_OK && access(path, F_OK) == 0) {
        err = bf_fail(diag, BF_JOURNAL_OPEN, "target %s", id); /* [BF-841] */
    }
    return err;
}

static enum bf_err load_baseline(struct vfy_probing *p, const char *id,
                                 struct bf_diag *diag)
{
    enum bf_err err = vfy_target_load(&p->record, &p->site->state, id, diag);

    if (err == BF_OK) {
        err = vfy_baseline_load(&p->base, &p->site->state, id, &p->record.r, diag);
    }
    if (err == BF_OK && p->record.r.applied.manifest_sha256[0] == '\0') {
        return bf_fail(diag, BF_NOTHING_APPLIED, "target %s", id);
    }
    if (err == BF_OK && !p->base.has_change) {
        err = bf_fail(diag, BF_NOTHING_APPLIED,
                      "target %s: serial %lld was applied by a version that did not keep "
                      "what it applied",
                      id, (long long)p->record.r.applied.serial);
        bf_diag_hint(diag, "apply the same bundle once more: it is proved, and kept");
    }
    return err;
}

static const struct bf_entry *entry(struct bf_entry *e, const char *text)
{
    e->data = bf_text(text);
    return text[0] != '\0' ? e : NULL;
}

/* The job is made as for a bundle, from what was kept of it; there are no values, and the
 * names are those that should be set. */
static enum bf_err make_job(struct vfy_probing *p, const char *id, const char *run_id,
                            struct bf_diag *diag)
{
    const struct vfy_change *c = &p->base.change;
    struct bf_bundle *b = &p->look.bundle;
    const struct vfy_conf_target *conf = NULL;
    const char **names;
    enum bf_err err = vfy_conf_target(&conf, &p->site->conf, id, diag);
    size_t i;

    b->m.plan = c->plan;
    b->m.target.cluster_uuid = c->target.cluster_uuid;
    b->m.target.id = c->target.id;
    b->m.target.kind = c->target.kind;
    b->policy = entry(&p->policy, c->policy);
    b->repository = entry(&p->repository, c->repository);
    if (err == BF_OK) {
        err = vfy_work_make(&p->work, &p->look, conf, "probe", run_id, NULL, 0, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    names = bf_arena_alloc(&p->work.arena, (c->keys.num + 1) * sizeof(*names));
    if (names == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "job");
    }
    for (i = 0; i < c->keys.num && i < VFY_MAX_SECRETS; i++) {
        names[i] = BF_LIST_ITEM(&c->keys, const struct vfy_change_key, i)->name;
    }
    p->work.job.secrets = (struct bf_list){i, names};
    return BF_OK;
}

/* ---- after ---- */

static enum bf_err add(struct vfy_probing *p, const char *step, const char *sign,
                       const char *text, struct bf_diag *diag)
{
    return vfy_story_diff(&p->run, step, sign, text, diag);
}

static bool lives(const struct vfy_story *run, const char *node)
{
    return vfy_story_fact(run, "node_live", node)[0] != '\0';
}

/* Nodes that the receipt expects against those that are there. */
static enum bf_err compare_nodes(struct vfy_probing *p, struct bf_diag *diag)
{
    const struct bf_list *expected = &p->base.receipt.proof.expected;
    char text[300];
    size_t i, changed = 0, live = 0;
    enum bf_err err = BF_OK;

    for (i = 0; i < p->run.num_facts && err == BF_OK; i++) {
        const struct vfy_fact *f = &p->run.facts[i];

        if (!is(f->id, "node_live")) {
            continue;
        }
        live++;
        if (!bf_list_has(expected, f->node)) {
            changed++;
            (void)snprintf(text, sizeof(text),
                           "%.200s has joined since: it has no keys from here", f->node);
            err = add(p, "nodes", "+", text, diag);
        }
    }
    for (i = 0; live > 0 && i < expected->num && err == BF_OK; i++) {
        if (!lives(&p->run, bf_list_text(expected, i))) {
            changed++;
            (void)snprintf(text, sizeof(text), "%.200s has left",
                           bf_list_text(expected, i));
            err = add(p, "nodes", "-", text, diag);
        }
    }
    if (live > 0 && changed == 0 && err == BF_OK) {
        (void)snprintf(text, sizeof(text), "the same %zu nodes", live);
        err = add(p, "nodes", "=", text, diag);
    }
    return err;
}

/* A keystore that is the file that was written and reloaded then holds the values that
 * the node runs with; of another one neither is known. */
static enum bf_err compare_keystores(struct vfy_probing *p, struct bf_diag *diag)
{
    const struct bf_list *rows = &p->base.receipt.proof.keystores;
    char clause[300], text[400], step[200];
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; i < rows->num && err == BF_OK; i++) {
        const struct bf_receipt_node *row =
            BF_LIST_ITEM(rows, const struct bf_receipt_node, i);

        if (row->digest[0] == '\0' ||
            vfy_story_fact(&p->run, "node_digest", row->node)[0] == '\0') {
            continue;
        }
        (void)snprintf(step, sizeof(step), "keystore:%.150s", row->node);
        if (vfy_baseline_keystore(clause, sizeof(clause), &p->base, &p->run, row->node)) {
            (void)snprintf(text, sizeof(text),
                           "%s; what it runs with until it reloads is not known", clause);
            err = add(p, step, "~", text, diag);
        } else {
            (void)snprintf(text, sizeof(text), "%.100s: the file that was written%s",
                           row->node,
                           is(row->reload, "ok") ? ", and that the node has loaded" : "");
            err = add(p, step, "=", text, diag);
        }
    }
    return err;
}

static enum bf_err probe(struct vfy_probing *p, const struct bf_args *a,
                         struct bf_diag *diag)
{
    const char *id = a->operands[0];
    struct bf_diag why = {0};
    char run_id[33];
    enum bf_err err, asked;

    if (!bf_is_id(id)) {
        return bf_fail(diag, BF_USAGE, "not the id of a target");
    }
    err = vfy_site_open(&p->site, a, vfy_arg_state(a), vfy_arg_config(a), VFY_READ, diag);
    if (err == BF_OK) {
        err = find_target(p, id, diag);
    }
    if (err == BF_OK) {
        err = load_baseline(p, id, diag);
    }
    vfy_fresh_id(run_id);
    if (err == BF_OK) {
        err = make_job(p, id, run_id, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    asked = vfy_ask_applier(&p->run, p->site, &p->work, "probe", &why);
    err = compare_nodes(p, diag);
    if (err == BF_OK) {
        err = compare_keystores(p, diag);
    }
    if (err == BF_OK && asked != BF_OK) {
        *diag = why;
        err = asked;
    }
    return err;
}

static void clear(struct vfy_probing *p)
{
    vfy_work_clear(&p->work);
    vfy_story_clear(&p->run);
    vfy_baseline_clear(&p->base);
    vfy_target_clear(&p->record);
    vfy_site_free(p->site);
}

int vfy_cmd_probe(const struct bf_args *a)
{
    struct vfy_probing *p = calloc(1, sizeof(*p));
    struct bf_diag diag = {0};
    int code;

    if (p == NULL) {
        (void)bf_fail(&diag, BF_NO_MEMORY, "probe");
        return bf_cli_fail(a, &diag);
    }
    bf_cli_now(p->now);
    (void)probe(p, a, &diag);
    code = vfy_report_probe(a, p, &diag);
    clear(p);
    free(p);
    return code;
}
