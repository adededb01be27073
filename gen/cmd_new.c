/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new: a change file from answers, from another change, or from what was applied last (to
 * rotate keys, or to take a repository away). It holds no secret; nothing is signed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "bf/file.h"
#include "cmd.h"
#include "last.h"
#include "policy.h"
#include "report.h"
#include "wishes.h"

enum { MAX_SETTINGS = 64 };

struct setting {
    const char *name;
    const char *json; /* its value */
};

/* What a run of new needs; on the heap for its size. */
struct making {
    struct gen_session *s;
    struct bf_arena arena;
    const char *action;      /* register, rotate, remove */
    struct gen_change from;  /* what it starts from; else empty */
    char old_client[65];     /* rotate, remove: the one that has the keys now */
    char client[65];         /* rotate: the one that gets them, unless --client says */
    char retire[GEN_KEY_ID]; /* rotate, remove: the key that is no longer used then */
    struct gen_answers a;
    struct gen_change made;
    struct gen_change_secret secrets[2];
    struct setting settings[MAX_SETTINGS];
    size_t num_settings;
    struct bf_buf policy, repository, text;
};

/* Sets or replaces; the table stays ascending by name, as the canonical form wants it. */
static enum bf_err set(struct making *k, const char *name, const char *json,
                       struct bf_diag *diag)
{
    size_t at = 0;

    if (name == NULL || json == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "settings");
    }
    while (at < k->num_settings && strcmp(k->settings[at].name, name) < 0) {
        at++;
    }
    if (at == k->num_settings || strcmp(k->settings[at].name, name) != 0) {
        if (k->num_settings == MAX_SETTINGS) {
            return bf_fail(diag, BF_USAGE, "more than %d settings", MAX_SETTINGS);
        }
        memmove(&k->settings[at + 1], &k->settings[at],
                (k->num_settings - at) * sizeof(k->settings[0]));
        k->num_settings++;
    }
    k->settings[at] = (struct setting){name, json};
    return BF_OK;
}

static enum bf_err set_text(struct making *k, const char *name, const char *text,
                            struct bf_diag *diag)
{
    struct bf_buf json = bf_buf(2048);
    enum bf_err err;

    bf_json_write_text(&json, text);
    err = bf_buf_check(&json, name, diag);
    if (err == BF_OK) {
        err = set(k, name, bf_arena_text(&k->arena, bf_buf_bytes(&json)), diag);
    }
    bf_buf_clear(&json);
    return err;
}

/* NAME=VALUE of --setting; true, false and whole numbers are not quoted. */
static enum bf_err set_given(struct making *k, const char *given, struct bf_diag *diag)
{
    const char *equals = strchr(given, '=');
    const char *value = equals != NULL ? equals + 1 : "", *name;
    size_t i, len = equals != NULL ? (size_t)(equals - given) : 0;
    bool number = value[0] >= '1' && value[0] <= '9' &&
                  strspn(value, "0123456789") == strlen(value) && strlen(value) <= 15;

    for (i = 0; i < len; i++) {
        if (given[i] < 0x21 || given[i] > 0x7e || given[i] == '"' || given[i] == '\\') {
            len = 0;
        }
    }
    if (len == 0 || len > 128) {
        return bf_fail(diag, BF_USAGE, "--setting is NAME=VALUE");
    }
    name = bf_arena_text(&k->arena, bf_view(given, len));
    if (name != NULL &&
        (number || strcmp(value, "true") == 0 || strcmp(value, "false") == 0)) {
        return set(k, name, value, diag);
    }
    if (name == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "settings");
    }
    return set_text(k, name, value, diag);
}

/* Settings that answers give: an empty answer takes them away. */
static bool is_asked(const char *name)
{
    static const char *const asked[] = {
        "base_path", "bucket", "client", "endpoint", "path_style_access", "region"};
    size_t i;

    for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        if (strcmp(asked[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* What the change to start from has beside the settings that are asked for. */
static enum bf_err keep_settings(struct making *k, struct bf_diag *diag)
{
    const struct bf_json *settings =
        k->from.repository != NULL ? bf_json_get(k->from.repository, "settings") : NULL;
    const struct bf_json *c =
        settings != NULL && settings->kind == BF_OBJECT ? settings->first : NULL;
    struct bf_buf json;
    enum bf_err err = BF_OK;

    for (; err == BF_OK && c != NULL; c = c->next) {
        if (is_asked(c->key)) {
            continue;
        }
        json = bf_buf(4096);
        bf_json_write(&json, c);
        err = bf_buf_check(&json, c->key, diag);
        if (err == BF_OK) {
            err = set(k, c->key, bf_arena_text(&k->arena, bf_buf_bytes(&json)), diag);
        }
        bf_buf_clear(&json);
    }
    return err;
}

/* Rotating and removing: all is as it was applied but for what the options say. */
static bool settled(const struct making *k)
{
    return strcmp(k->action, "register") != 0;
}

static bool removing(const struct making *k)
{
    return strcmp(k->action, "remove") == 0;
}

static enum bf_err path_style(struct making *k, bool *out, struct bf_diag *diag)
{
    const char *given = bf_arg(k->s->args, "path-style");
    const char *endpoint = k->a.text[GEN_Q_ENDPOINT];

    *out = settled(k) ? k->from.plan.s3.path_style : !gen_is_aws(endpoint);
    if (given == NULL) {
        return BF_OK;
    }
    if (strcmp(given, "yes") != 0 && strcmp(given, "no") != 0) {
        return bf_fail(diag, BF_USAGE, "--path-style is yes or no");
    }
    *out = strcmp(given, "yes") == 0;
    return BF_OK;
}

/* The settings that follow from the answers, then those given by hand. Endpoint and
 * region go into the request because that needs no restart; on AWS the client finds both
 * by itself. */
static enum bf_err make_settings(struct making *k, struct bf_diag *diag)
{
    const struct bf_args *args = k->s->args;
    enum bf_err err;
    size_t i;

    if ((err = keep_settings(k, diag)) != BF_OK ||
        (err = set_text(k, "bucket", k->a.text[GEN_Q_BUCKET], diag)) != BF_OK ||
        (err = set_text(k, "client", k->a.text[GEN_Q_CLIENT], diag)) != BF_OK) {
        return err;
    }
    if (k->a.text[GEN_Q_BASE_PATH][0] != '\0') {
        err = set_text(k, "base_path", k->a.text[GEN_Q_BASE_PATH], diag);
    }
    if (err == BF_OK && k->a.text[GEN_Q_ENDPOINT][0] != '\0') {
        if ((err = set_text(k, "endpoint", k->a.text[GEN_Q_ENDPOINT], diag)) == BF_OK &&
            (err = set_text(k, "region", k->a.text[GEN_Q_REGION], diag)) == BF_OK) {
            err = set(k, "path_style_access",
                      k->made.plan.s3.path_style ? "true" : "false", diag);
        }
    }
    for (i = 0; err == BF_OK && i < bf_arg_count(args, "setting"); i++) {
        err = set_given(k, bf_arg_at(args, "setting", i), diag);
    }
    return err;
}

/* New keys under the same name need no request; under a new name the registration has to
 * name it. */
static bool needs_request(const struct making *k)
{
    return !removing(k) && strcmp(k->a.text[GEN_Q_CLIENT], k->old_client) != 0;
}

static enum bf_err make_repository(struct making *k, struct bf_diag *diag)
{
    enum bf_err err;
    size_t i;

    if (!needs_request(k)) {
        return BF_OK;
    }
    if (settled(k) && k->from.repository == NULL) {
        return bf_fail(diag, BF_LAST_NONE,
                       "the register request of repository %s, which a new client needs",
                       k->from.plan.repository);
    }
    err = make_settings(k, diag);

    bf_put_text(&k->repository, "{\"settings\":{");
    for (i = 0; i < k->num_settings; i++) {
        bf_put_text(&k->repository, i > 0 ? "," : "");
        bf_json_write_text(&k->repository, k->settings[i].name);
        bf_put_fmt(&k->repository, ":%s", k->settings[i].json);
    }
    bf_put_text(&k->repository, "},\"type\":\"s3\"}");
    return err == BF_OK ? bf_buf_check(&k->repository, "register request", diag) : err;
}

static enum bf_err policy_from_file(struct making *k, const char *path,
                                    struct bf_diag *diag)
{
    struct bf_json_doc doc = {0};
    struct bf_buf file = {0};
    enum bf_err err;

    err = bf_file_read(&file, path, BF_MAX_JSON, diag);
    if (err == BF_OK) {
        err = bf_json_parse(&doc, bf_buf_bytes(&file), BF_JSON_RELAXED, diag);
        if (err == BF_OK) {
            bf_json_write(&k->policy, doc.root);
        } else {
            bf_diag_in(diag, "%s", path);
        }
    }
    bf_json_clear(&doc);
    bf_buf_clear(&file);
    return err;
}

static enum bf_err make_policy(struct making *k, struct bf_diag *diag)
{
    const char *form = k->a.text[GEN_Q_POLICY],
               *compat = bf_arg(k->s->args, "policy-compat");
    enum bf_err err = BF_OK;

    if (compat != NULL && strcmp(compat, "rgw") != 0) {
        return bf_fail(diag, BF_USAGE, "--policy-compat is rgw");
    }
    if (strcmp(k->a.text[GEN_Q_IAM_MODE], "none") == 0) {
        return BF_OK;
    }
    if (settled(k) && k->from.policy != NULL && !bf_arg_is(k->s->args, "policy")) {
        bf_put_bytes(&k->policy, bf_buf_bytes(&k->from.policy_text));
    } else if (strcmp(form, "minimal") == 0 || strcmp(form, "wide") == 0 ||
               strcmp(form, "page") == 0) {
        gen_policy_make(
            &k->policy, form[0] == 'm' ? GEN_POLICY_MINIMAL : GEN_POLICY_WIDE,
            gen_partition(gen_is_aws(k->a.text[GEN_Q_ENDPOINT]) ? k->a.text[GEN_Q_REGION]
                                                                : ""),
            k->a.text[GEN_Q_BUCKET], k->a.text[GEN_Q_BASE_PATH], compat != NULL);
    } else {
        err = policy_from_file(k, form, diag);
    }
    return err == BF_OK ? bf_buf_check(&k->policy, "policy", diag) : err;
}

static const char *option(const struct bf_args *a, const char *name, const char *fallback)
{
    return bf_arg_is(a, name) ? bf_arg(a, name) : fallback;
}

static enum bf_err make_plan(struct making *k, struct bf_diag *diag)
{
    const struct bf_args *args = k->s->args;
    struct bf_plan *p = &k->made.plan;
    bool style = false;
    enum bf_err err = path_style(k, &style, diag);

    p->analyze = bf_arg_is(args, "analyze");
    p->bucket.name = k->a.text[GEN_Q_BUCKET];
    p->action = k->action;
    p->iam.arn = k->a.text[GEN_Q_IAM_ARN];
    p->iam.mode = k->a.text[GEN_Q_IAM_MODE];
    p->iam.policy = k->a.text[GEN_Q_IAM_POLICY];
    p->iam.user = k->a.text[GEN_Q_IAM_USER];
    p->precondition = k->a.text[GEN_Q_PRECONDITION];
    p->preflight = k->a.text[GEN_Q_PREFLIGHT];
    p->repository = k->a.text[GEN_Q_REPOSITORY];
    p->restart.mode = k->a.text[GEN_Q_RESTART];
    p->restart.group =
        option(args, "restart-group",
               strcmp(p->restart.mode, "never") == 0 ? "__all__" : "__zone__");
    p->restart.skip_snapshot = bf_arg_is(args, "skip-snapshot");
    p->retire = option(args, "retire", k->retire);
    p->s3.endpoint = k->a.text[GEN_Q_ENDPOINT];
    p->s3.path_style = style;
    p->s3.region = k->a.text[GEN_Q_REGION];
    return err == BF_OK
               ? gen_bucket_wishes(p, k->from.type != NULL ? &k->from.plan : NULL,
                                   p->s3.region, args, diag)
               : err;
}

static enum bf_err make_secrets(struct making *k, struct bf_diag *diag)
{
    static const char *const parts[] = {"access_key", "secret_key"};
    char name[120];
    size_t i;

    if (bf_arg_is(k->s->args, "no-keys")) {
        return BF_OK;
    }
    for (i = 0; i < 2; i++) {
        snprintf(name, sizeof(name), "s3.client.%s.%s",
                 removing(k) ? k->old_client : k->a.text[GEN_Q_CLIENT], parts[i]);
        k->secrets[i] =
            (struct gen_change_secret){i == 0, bf_arena_text(&k->arena, bf_text(name)),
                                       removing(k) ? "removed" : "default"};
        if (k->secrets[i].name == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "secrets");
        }
    }
    k->made.secrets = (struct bf_list){2, k->secrets};
    return BF_OK;
}

static enum bf_err make_change(struct making *k, struct bf_diag *diag)
{
    enum bf_err err;

    k->made.change.grade = option(k->s->args, "class", "normal");
    k->made.change.reason = k->a.text[GEN_Q_REASON];
    k->made.change.ticket = k->a.text[GEN_Q_TICKET];
    k->made.target = k->a.text[GEN_Q_TARGET];
    k->made.type = GEN_CHANGE_TYPE;
    err = bf_arg_number(&k->made.validity_hours, "validity", k->a.text[GEN_Q_VALIDITY], 1,
                        GEN_MAX_HOURS, diag);
    if (err != BF_OK || (err = make_plan(k, diag)) != BF_OK ||
        (err = make_repository(k, diag)) != BF_OK ||
        (err = make_policy(k, diag)) != BF_OK || (err = make_secrets(k, diag)) != BF_OK) {
        return err;
    }
    return gen_change_write(
        &k->text, &k->made, k->policy.len > 0 ? bf_buf_text(&k->policy) : NULL,
        k->repository.len > 0 ? bf_buf_text(&k->repository) : NULL, diag);
}

/* Says at once what lint will say; the change is written all the same, for it is there to
 * be edited. */
static enum bf_err tell_findings(size_t *errors, const struct making *k,
                                 struct bf_diag *diag)
{
    struct gen_findings found = {0};
    struct gen_change read = {0};
    enum bf_err err;
    size_t infos;

    err = gen_change_read(&read, bf_buf_bytes(&k->text), diag);
    if (err == BF_OK) {
        err = gen_lint_change(&found, &read, k->s, diag);
    }
    if (err == BF_OK && !k->s->args->quiet) {
        err = gen_findings_print(&found, stderr, GEN_WARN);
    }
    *errors = gen_findings_count(&found, GEN_ERROR);
    infos = gen_findings_count(&found, GEN_INFO);
    if (err == BF_OK && infos > 0) {
        bf_cli_say(k->s->args, "%zu more of severity info: snapseal-gen lint shows them",
                   infos);
    }
    gen_findings_clear(&found);
    gen_change_clear(&read);
    return err;
}

/* ---- what it starts from ---- */

/* Options that say where the repository is, or what it is: another place is no rotation.
 */
static enum bf_err no_other_place(const struct making *k, struct bf_diag *diag)
{
    static const char *const place[] = {
        "bucket",     "endpoint",   "region",       "base-path", "setting",
        "path-style", "no-keys",    "precondition", "iam-mode",  "policy",
        "client",     "iam-user",   "iam-arn",      "preflight", "iam-policy-name",
        "restart",    "bucket-mode"};
    enum { OF_ROTATE = 7 }; /* the first of them: what follows, a rotation may say anew */
    const size_t num = removing(k) ? sizeof(place) / sizeof(place[0]) : OF_ROTATE;
    size_t i;

    for (i = 0; i < num; i++) {
        if (bf_arg_is(k->s->args, place[i])) {
            return bf_fail(diag, BF_USAGE,
                           "--%s with --%s: all is as it was applied; start with --from "
                           "to make something else",
                           place[i], k->action);
        }
    }
    return BF_OK;
}

/* Where old values can be put back (SPEC annex B, Undo secrets), the same name will do.
 */
static bool keeps_copies(const char *kind)
{
    return strcmp(kind, "opensearch") == 0 || strcmp(kind, "elasticsearch") == 0;
}

/* The change to start from is of another day and another reason. */
static enum bf_err settle(struct making *k, struct bf_diag *diag)
{
    const char *target = bf_arg(k->s->args, k->action);
    const struct bf_target *t =
        k->s->has_trust ? bf_trust_target(&k->s->trust.body, target) : NULL;
    struct gen_change *from = &k->from;
    char reason[240];
    enum bf_err err = BF_OK;

    if (strcmp(from->target, target) != 0) {
        return bf_fail(diag, BF_USAGE, "the change to start from is for target %.32s",
                       from->target);
    }
    gen_change_client(k->old_client, from);
    snprintf(k->client, sizeof(k->client), "%s", k->old_client);
    if (!removing(k) && t != NULL && !keeps_copies(t->kind)) {
        err = gen_last_next_client(k->client, &k->s->state, target, k->old_client, diag);
    }
    snprintf(reason, sizeof(reason),
             removing(k) ? "Take repository %.128s away"
                         : "New keys for repository %.128s",
             from->plan.repository);
    from->change.ticket = ""; /* each change has its own */
    from->change.reason = bf_arena_text(&k->arena, bf_text(reason));
    from->plan.precondition = "any";
    if (removing(k)) {
        from->plan.iam.mode = "none";
        from->plan.preflight = "none";
    }
    return err == BF_OK && from->change.reason == NULL
               ? bf_fail(diag, BF_NO_MEMORY, "change")
               : err;
}

static enum bf_err start_from(struct making *k, struct bf_diag *diag)
{
    const struct bf_args *a = k->s->args;
    const char *from = bf_arg(a, "from");
    struct gen_last last = {0};
    enum bf_err err = BF_OK;

    if (settled(k) && (err = no_other_place(k, diag)) != BF_OK) {
        return err;
    }
    if (from != NULL) {
        err = gen_change_load(&k->from, from, diag);
    } else if (settled(k)) {
        err = gen_last_load(&last, &k->s->state, bf_arg(a, k->action),
                            bf_arg(a, "repository"), diag);
        k->from = last.change; /* taken */
        bf_copy(k->retire, last.key_id, sizeof(k->retire));
    }
    return err == BF_OK && settled(k) ? settle(k, diag) : err;
}

static enum bf_err choose_action(struct making *k, const struct bf_args *a,
                                 struct bf_diag *diag)
{
    const bool rotate = bf_arg_is(a, "rotate"), remove = bf_arg_is(a, "remove");
    const char *target = bf_arg(a, "target");

    k->action = rotate ? "rotate" : remove ? "remove" : "register";
    if (rotate && remove) {
        return bf_fail(diag, BF_USAGE, "--rotate and --remove are two things to do");
    }
    if (!rotate && !remove) {
        return bf_arg_is(a, "retire")
                   ? bf_fail(diag, BF_USAGE, "--retire goes with --rotate or --remove")
                   : BF_OK;
    }
    return target != NULL && strcmp(target, bf_arg(a, k->action)) != 0
               ? bf_fail(diag, BF_USAGE, "--%s and --target name two targets", k->action)
               : BF_OK;
}

/* What the approvers and the AWS team will want to know. */
static void tell_keys(const struct making *k, const struct bf_args *a)
{
    if (!settled(k)) {
        return;
    }
    if (!removing(k)) {
        bf_cli_say(a, "new keys for client %s%s", k->a.text[GEN_Q_CLIENT],
                   needs_request(k) ? ", and the repository is registered with it" : "");
    }
    if (k->made.plan.retire[0] != '\0') {
        bf_cli_say(a, "access key %s is no longer used then", k->made.plan.retire);
    }
}

static enum bf_err run(struct making *k, const struct bf_args *a, struct bf_diag *diag)
{
    const char *path =
        option(a, "out", a->num_operands > 0 ? a->operands[0] : "change.json");
    const char *from = bf_arg(a, "from");
    char shown[400];
    enum bf_err err;
    size_t errors;

    if (bf_arg_is(a, "out") && a->num_operands > 0) {
        return bf_fail(diag, BF_USAGE, "CHANGE and --out are two ways of one thing");
    }
    k->policy = bf_buf(BF_MAX_JSON);
    k->repository = bf_buf(BF_MAX_JSON);
    k->text = bf_buf(GEN_MAX_CHANGE);
    if ((err = choose_action(k, a, diag)) != BF_OK ||
        (err = gen_check_output(a, path, from, diag)) != BF_OK ||
        (err = gen_session_open(&k->s, a, GEN_STATE_READ, GEN_NEED_NOTHING, diag)) !=
            BF_OK ||
        (err = start_from(k, diag)) != BF_OK) {
        return err;
    }
    if (!k->s->has_trust) {
        bf_cli_warn(
            a, "no trust file is installed: targets and endpoints cannot be looked at");
    }
    if ((err = gen_answers_ask(&k->a, k->s, from != NULL || settled(k) ? &k->from : NULL,
                               settled(k) ? k->client : NULL, &k->arena, diag)) !=
            BF_OK ||
        (err = make_change(k, diag)) != BF_OK ||
        (err = tell_findings(&errors, k, diag)) != BF_OK) {
        return err;
    }
    err = gen_write_output(a, path, bf_buf_bytes(&k->text), 0644, NULL, diag);
    if (err == BF_OK) {
        tell_keys(k, a);
        bf_cli_say(a,
                   errors > 0 ? "next: mend it, then snapseal-gen lint %s"
                              : "next: snapseal-gen seal %s --author YOU",
                   strcmp(path, "-") == 0 ? "CHANGE" : gen_shown(shown, path));
    }
    return err;
}

int gen_cmd_new(const struct bf_args *a)
{
    struct making *k = calloc(1, sizeof(*k));
    struct bf_diag diag = {0};
    enum bf_err err = k != NULL ? run(k, a, &diag) : bf_fail(&diag, BF_NO_MEMORY, "new");

    if (k != NULL) {
        bf_buf_clear(&k->text);
        bf_buf_clear(&k->repository);
        bf_buf_clear(&k->policy);
        gen_change_clear(&k->from);
        bf_arena_clear(&k->arena);
        gen_session_free(k->s);
        free(k);
    }
    return gen_end(a, err, &diag);
}
