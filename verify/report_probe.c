/* SPDX-License-Identifier: Apache-2.0 */
/* How a probe is shown: what this appliance's records say apart from what was asked now.
 */
#include <string.h>

#include "probe.h"

enum { DAY = 24 * 60 * 60 };

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static int64_t days_since(const struct vfy_probing *p, const char *time)
{
    int64_t seconds = bf_time_parse(p->now) - bf_time_parse(time);

    return seconds > 0 ? seconds / DAY : 0;
}

static const char *verdict(const struct vfy_probing *p, const struct bf_diag *why)
{
    if (why->err != BF_OK) {
        return bf_err_exit(why->err) == BF_EXIT_REFUSED ? "refused" : "undecided";
    }
    return vfy_changes(&p->run) > 0 ? "drifted" : "same";
}

/* ---- JSON ---- */

static void json_keys(struct vfy_json *j, const struct vfy_probing *p)
{
    size_t i;

    vfy_json_open(j, "keys", '[');
    for (i = 0; i < p->base.change.keys.num; i++) {
        const struct vfy_change_key *key =
            BF_LIST_ITEM(&p->base.change.keys, const struct vfy_change_key, i);
        const struct vfy_entry *e = vfy_baseline_set_by(&p->site->state, key);

        vfy_json_open(j, NULL, '{');
        if (e != NULL) {
            vfy_json_text(j, "applied", e->finished);
            vfy_json_num(j, "days", days_since(p, e->finished));
            vfy_json_num(j, "serial", e->serial);
        }
        vfy_json_text(j, "name", key->name);
        vfy_json_close(j, '}');
    }
    vfy_json_close(j, ']');
}

static void json_nodes(struct vfy_json *j, const struct vfy_probing *p)
{
    const struct bf_list *rows = &p->base.receipt.proof.keystores;
    char clause[300];
    size_t i;

    vfy_json_open(j, "nodes", '[');
    for (i = 0; i < rows->num; i++) {
        const struct bf_receipt_node *row =
            BF_LIST_ITEM(rows, const struct bf_receipt_node, i);
        const bool told = row->digest[0] != '\0' &&
                          vfy_story_fact(&p->run, "node_digest", row->node)[0] != '\0';
        const bool changed = told && vfy_baseline_keystore(clause, sizeof(clause),
                                                           &p->base, &p->run, row->node);

        vfy_json_open(j, NULL, '{');
        vfy_json_text(j, "keystore", !told ? "not told" : changed ? "changed" : "same");
        vfy_json_text(j, "node", row->node);
        vfy_json_text(j, "reload", changed ? "not known" : row->reload);
        vfy_json_close(j, '}');
    }
    vfy_json_close(j, ']');
}

static int json(const struct bf_args *a, const struct vfy_probing *p,
                const struct bf_diag *why, int code)
{
    const struct vfy_record_of_target *r = &p->record.r;
    struct vfy_json j = vfy_json();

    vfy_json_open(&j, NULL, '{');
    if (p->base.has_change) {
        vfy_json_open(&j, "applied", '{');
        if (p->base.entry != NULL) {
            vfy_json_num(&j, "days", days_since(p, p->base.entry->finished));
            vfy_json_text(&j, "finished", p->base.entry->finished);
            vfy_json_num(&j, "receipt", p->base.entry->index);
        }
        vfy_json_text(&j, "manifest_sha256", r->applied.manifest_sha256);
        vfy_json_num(&j, "serial", r->applied.serial);
        vfy_json_close(&j, '}');
        vfy_json_num(&j, "changes", (int64_t)vfy_changes(&p->run));
        json_keys(&j, p);
        json_nodes(&j, p);
        vfy_json_text(&j, "repository", p->base.change.plan.repository);
    }
    vfy_json_plan(&j, &p->run);
    vfy_json_num(&j, "exit", code);
    vfy_json_text(&j, "target", a->operands[0]);
    vfy_json_text(&j, "verdict", verdict(p, why));
    vfy_json_why(&j, why);
    vfy_json_close(&j, '}');
    return vfy_json_out(a, &j, code);
}

/* ---- text ---- */

static void text_here(const struct vfy_probing *p)
{
    const struct vfy_entry *e = p->base.entry;
    size_t i;

    printf("From this appliance's records:\n");
    if (e != NULL) {
        printf("  applied          %s, %lld days ago, serial %lld, receipt %lld\n",
               e->finished, (long long)days_since(p, e->finished), (long long)e->serial,
               (long long)e->index);
    }
    for (i = 0; i < p->base.change.keys.num; i++) {
        const struct vfy_change_key *key =
            BF_LIST_ITEM(&p->base.change.keys, const struct vfy_change_key, i);
        const struct vfy_entry *by = vfy_baseline_set_by(&p->site->state, key);

        if (by != NULL) {
            printf("  key              %s: %lld days old, set by serial %lld\n",
                   key->name, (long long)days_since(p, by->finished),
                   (long long)by->serial);
        } else {
            printf("  key              %s: age not known, its receipt is not here\n",
                   key->name);
        }
    }
}

static void text_not_told(const struct vfy_story *run)
{
    size_t i;

    for (i = 0; i < run->num_facts; i++) {
        if (is(run->facts[i].id, "not_tried")) {
            printf("  %s-%s %s\n", bf_cli_paint(stdout, BF_PAINT_DIM),
                   bf_cli_paint(stdout, BF_PAINT_NONE), run->facts[i].text);
        }
    }
}

static void text(const struct bf_args *a, const struct vfy_probing *p,
                 const struct bf_diag *why)
{
    size_t changes = vfy_changes(&p->run);

    printf("%sprobe %s on %s%s (cluster %s, serial %lld)\n\n",
           bf_cli_paint(stdout, BF_PAINT_BOLD), p->base.change.plan.repository,
           a->operands[0], bf_cli_paint(stdout, BF_PAINT_NONE),
           p->base.change.target.cluster_uuid, (long long)p->record.r.applied.serial);
    text_here(p);
    printf("\nAsked now:\n");
    vfy_text_diff(stdout, &p->run);
    text_not_told(&p->run);
    fputs("\n", stdout);
    vfy_text_cluster(stdout, &p->run);
    if (changes > 0) {
        printf("Probe: %zu differences from what was applied.\n", changes);
    } else if (why->err == BF_OK) {
        printf("Probe: as it was applied.\n");
    }
}

int vfy_report_probe(const struct bf_args *a, const struct vfy_probing *p,
                     const struct bf_diag *why)
{
    const enum bf_exit class = bf_err_exit(why->err);
    int code = BF_EXIT_DONE;

    if (why->err != BF_OK) {
        /* nothing was to be changed, so nothing was undone */
        code = class == BF_EXIT_UNDONE ? (int)BF_EXIT_UNDECIDED : (int)class;
    } else if (vfy_changes(&p->run) > 0 && bf_arg_is(a, "exit-code")) {
        code = BF_EXIT_REFUSED;
    }
    if (a->json) {
        code = json(a, p, why, code);
    } else if (!a->quiet && p->base.has_change && p->run.num_facts > 0) {
        text(a, p, why);
    }
    if (why->err != BF_OK) {
        (void)bf_cli_fail(a, why);
    }
    return code;
}
