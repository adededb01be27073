/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan found: differences as Terraform shows them, the cluster, the credentials.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static enum bf_paint paint_of(const char *sign)
{
    switch (sign[0]) {
    case '+':
        return BF_PAINT_GREEN;
    case '-':
    case '?':
        return BF_PAINT_RED;
    case '~':
        return BF_PAINT_YELLOW;
    default:
        return BF_PAINT_DIM;
    }
}

static size_t count_signs(const struct vfy_story *run, char sign)
{
    size_t i, num = 0;

    for (i = 0; i < run->num_diff; i++) {
        num += !run->diff[i].setting && run->diff[i].sign[0] == sign ? 1 : 0;
    }
    return num;
}

size_t vfy_changes(const struct vfy_story *run)
{
    return count_signs(run, '+') + count_signs(run, '~') + count_signs(run, '-');
}

/* The settings of a step come before its line, and once; shown below its first line. */
static void text_settings(FILE *to, const struct vfy_story *run, size_t line)
{
    const char *step = run->diff[line].step;
    size_t i;

    for (i = 0; i < line; i++) {
        if (!run->diff[i].setting && is(run->diff[i].step, step)) {
            return;
        }
    }
    for (i = 0; i < run->num_diff; i++) {
        const struct vfy_diff *d = &run->diff[i];

        if (d->setting && is(d->step, step)) {
            fprintf(to, "      %s%s%s %s\n", bf_cli_paint(to, paint_of(d->sign)), d->sign,
                    bf_cli_paint(to, BF_PAINT_NONE), d->text);
        }
    }
}

void vfy_text_diff(FILE *to, const struct vfy_story *run)
{
    size_t i;

    for (i = 0; i < run->num_diff; i++) {
        const struct vfy_diff *d = &run->diff[i];

        if (!d->setting) {
            fprintf(to, "  %s%s%s %-16s %s\n", bf_cli_paint(to, paint_of(d->sign)),
                    d->sign, bf_cli_paint(to, BF_PAINT_NONE), d->step, d->text);
            text_settings(to, run, i);
        }
    }
}

/* "; word: a, b" of all facts with that id; nothing when there is none. */
static void text_list(FILE *to, const struct vfy_story *run, const char *id,
                      const char *word)
{
    bool more = false;
    size_t i;

    for (i = 0; i < run->num_facts; i++) {
        if (is(run->facts[i].id, id)) {
            fprintf(to, "%s%s", more ? ", " : word, run->facts[i].text);
            more = true;
        }
    }
    if (more) {
        fputc('\n', to);
    }
}

void vfy_text_cluster(FILE *to, const struct vfy_story *run)
{
    const char *health = vfy_story_fact(run, "health", NULL);
    const char *shards = vfy_story_fact(run, "unassigned_shards", NULL);
    const char *tasks = vfy_story_fact(run, "pending_tasks", NULL);
    const bool none = vfy_story_fact(run, "snapshots_told", NULL)[0] != '\0' &&
                      vfy_story_fact(run, "snapshot_running", NULL)[0] == '\0';
    enum bf_paint paint = is(health, "green")    ? BF_PAINT_GREEN
                          : is(health, "yellow") ? BF_PAINT_YELLOW
                                                 : BF_PAINT_RED;

    if (health[0] != '\0') {
        fprintf(to, "Cluster: %s%s%s, %s unassigned shards, %s pending tasks%s\n",
                bf_cli_paint(to, paint), health, bf_cli_paint(to, BF_PAINT_NONE),
                shards[0] != '\0' ? shards : "?", tasks[0] != '\0' ? tasks : "?",
                none ? ", no snapshot runs" : "");
    }
    text_list(to, run, "pending_task", "Pending tasks: ");
    text_list(to, run, "snapshot_running", "Running snapshots: ");
    text_list(to, run, "schedule", "Snapshot policies that use the repository: ");
}

/* A credential's fact is "KIND RESULT DETAIL". */
static void text_credential(FILE *to, const struct vfy_fact *f)
{
    const size_t kind = strcspn(f->text, " ");
    const char *rest = f->text + kind + strspn(f->text + kind, " ");
    const size_t result = strcspn(rest, " ");
    const char *detail = rest + result + strspn(rest + result, " ");
    char who[64];
    enum bf_paint paint = strncmp(rest, "ok ", 3) == 0      ? BF_PAINT_GREEN
                          : strncmp(rest, "later ", 6) == 0 ? BF_PAINT_YELLOW
                                                            : BF_PAINT_RED;

    (void)snprintf(who, sizeof(who), "%.*s%s%.40s", (int)(kind < 16 ? kind : 16), f->text,
                   f->node[0] != '\0' ? " " : "", f->node);
    fprintf(to, "  %s%-7.*s%s %-16s %s\n", bf_cli_paint(to, paint), (int)result, rest,
            bf_cli_paint(to, BF_PAINT_NONE), who, detail);
}

void vfy_text_credentials(FILE *to, const struct vfy_story *run)
{
    bool more = false;
    size_t i;

    for (i = 0; i < run->num_facts; i++) {
        if (is(run->facts[i].id, "credential")) {
            fputs(more ? "" : "Credentials:\n", to);
            more = true;
            text_credential(to, &run->facts[i]);
        }
    }
}

static void text_summary(FILE *to, const struct vfy_look *look,
                         const struct vfy_story *run)
{
    if (look->standing != VFY_AGAIN) {
        fprintf(to, "\nPlan: %zu to add, %zu to change, %zu to remove.\n",
                count_signs(run, '+'), count_signs(run, '~'), count_signs(run, '-'));
    } else if (vfy_changes(run) == 0) {
        fputs("\nPlan: already applied: apply would prove and change nothing.\n", to);
    } else {
        fprintf(
            to,
            "\nPlan: already applied, but the live state differs in %zu places: apply "
            "would refuse with LIVE_DRIFT.\n",
            vfy_changes(run));
    }
}

size_t vfy_report_plan(const struct bf_args *a, FILE *to, const struct vfy_look *look,
                       const struct vfy_story *run, bool whole)
{
    const struct bf_manifest *m = &look->bundle.m;

    if (a->quiet) {
        return vfy_changes(run);
    }
    fprintf(to, "%s%s %s on %s%s (cluster %s, serial %lld, by %s)\n\n",
            bf_cli_paint(to, BF_PAINT_BOLD), m->plan.action, m->plan.repository,
            m->target.id, bf_cli_paint(to, BF_PAINT_NONE), m->target.cluster_uuid,
            (long long)m->serial, m->author);
    vfy_text_diff(to, run);
    fputs(run->num_diff > 0 ? "\n" : "", to);
    vfy_text_cluster(to, run);
    vfy_text_credentials(to, run);
    if (whole) {
        text_summary(to, look, run);
    }
    return vfy_changes(run);
}

void vfy_json_plan(struct vfy_json *j, const struct vfy_story *run)
{
    size_t i;

    vfy_json_open(j, "diff", '[');
    for (i = 0; i < run->num_diff; i++) {
        vfy_json_open(j, NULL, '{');
        vfy_json_bool(j, "setting", run->diff[i].setting);
        vfy_json_text(j, "sign", run->diff[i].sign);
        vfy_json_text(j, "step", run->diff[i].step);
        vfy_json_text(j, "text", run->diff[i].text);
        vfy_json_close(j, '}');
    }
    vfy_json_close(j, ']');
    vfy_json_open(j, "facts", '[');
    for (i = 0; i < run->num_facts; i++) {
        vfy_json_open(j, NULL, '{');
        vfy_json_text(j, "id", run->facts[i].id);
        vfy_json_text(j, "node", run->facts[i].node);
        vfy_json_text(j, "text", run->facts[i].text);
        vfy_json_close(j, '}');
    }
    vfy_json_close(j, ']');
}
