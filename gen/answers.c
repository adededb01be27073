/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <stdio.h>
#include <string.h>

#include "policy.h"

enum { MAX_ANSWER = 600 };

static bool is_text_line(const char *t)
{
    return bf_is_text(t);
}

static bool is_base_path(const char *t)
{
    size_t len = strlen(t);

    return len == 0 || (len <= 500 && t[0] != '/' && t[len - 1] != '/' && bf_is_text(t) &&
                        strchr(t, ' ') == NULL);
}

static bool is_client(const char *t)
{
    char name[120];

    return strlen(t) <= 64 &&
           snprintf(name, sizeof(name), "s3.client.%s.access_key", t) > 0 &&
           bf_is_secret_name(name);
}

static bool is_iam_mode(const char *t)
{
    return strcmp(t, "apply") == 0 || strcmp(t, "check") == 0 ||
           strcmp(t, "manual") == 0 || strcmp(t, "none") == 0 || strcmp(t, "mint") == 0;
}

static bool is_iam_arn(const char *t)
{
    return t[0] != '\0' && bf_is_arn_or_empty(t);
}

static bool is_any(const char *t)
{
    return t[0] != '\0';
}

static bool is_preflight(const char *t)
{
    return strcmp(t, "required") == 0 || strcmp(t, "if-reachable") == 0 ||
           strcmp(t, "none") == 0;
}

static bool is_precondition(const char *t)
{
    return strcmp(t, "any") == 0 || strcmp(t, "absent") == 0 || bf_is_hex64(t);
}

static bool is_restart(const char *t)
{
    return strcmp(t, "never") == 0 || strcmp(t, "if-needed") == 0 ||
           strcmp(t, "always") == 0;
}

static bool is_hours(const char *t)
{
    int64_t hours;

    return bf_arg_number(&hours, "validity", t, 1, GEN_MAX_HOURS, NULL) == BF_OK;
}

/* In the order in which they are asked. form: what is said when an answer is not allowed.
 */
static const struct {
    const char *option, *prompt, *form;
    bf_grammar_fn *grammar;
} questions[GEN_NUM_ANSWERS] = {
    [GEN_Q_TARGET] = {"target", "Target (its id in the trust file)",
                      "[a-z0-9][a-z0-9_-], at most 32 characters", bf_is_id},
    [GEN_Q_TICKET] = {"ticket", "Ticket", "one line of printable ASCII, single blanks",
                      is_text_line},
    [GEN_Q_REASON] = {"reason", "Reason, one line",
                      "one line of printable ASCII, single blanks", is_text_line},
    [GEN_Q_REPOSITORY] = {"repository", "Name of the repository in the cluster",
                          "[a-z0-9][a-z0-9._-], at most 128 characters",
                          bf_is_repository},
    [GEN_Q_BUCKET] = {"bucket", "S3 bucket",
                      "3 to 63 of a-z 0-9 . -, by S3's naming rules", bf_is_bucket},
    [GEN_Q_ENDPOINT] = {"endpoint", "S3 endpoint (empty: AWS)",
                        "https://HOST[:PORT], or empty", bf_is_url_or_empty},
    [GEN_Q_REGION] = {"region", "Region", "such as eu-west-1", bf_is_region_or_empty},
    [GEN_Q_BASE_PATH] = {"base-path", "Path inside the bucket (empty: all of it)",
                         "no slash at the ends, no blanks", is_base_path},
    [GEN_Q_CLIENT] = {"client", "Client, the middle part of the keystore names",
                      "[a-z0-9_-], 1 to 64 characters", is_client},
    [GEN_Q_IAM_MODE] = {"iam-mode",
                        "Policy at IAM: apply (the appliance puts it), check, manual "
                        "(the AWS team did), none",
                        "one of apply, check, manual, none", is_iam_mode},
    [GEN_Q_IAM_USER] = {"iam-user", "IAM user that holds the access key",
                        "[A-Za-z0-9_+=,.@-], 1 to 64 characters", bf_is_name},
    [GEN_Q_IAM_ARN] =
        {"iam-arn", "ARN of that user",
         "arn:aws:iam::ACCOUNT:user/NAME (no ACCOUNT where the server has none)",
         is_iam_arn},
    [GEN_Q_IAM_POLICY] = {"iam-policy-name", "Name of the user's inline policy",
                          "[A-Za-z0-9_+=,.@-], 1 to 64 characters", bf_is_name},
    [GEN_Q_POLICY] =
        {"policy",
         "Policy: minimal (nine actions), page (s3:* as on Elastic's page), or a file",
         "minimal, page, or the name of a file", is_any},
    [GEN_Q_PREFLIGHT] =
        {"preflight",
         "Ask S3 with the new keys before writing: required, if-reachable, none",
         "one of required, if-reachable, none", is_preflight},
    [GEN_Q_PRECONDITION] =
        {"precondition",
         "What may be registered under that name now: absent, any, or a SHA-256",
         "absent, any, or 64 hex digits", is_precondition},
    [GEN_Q_RESTART] = {"restart",
                       "Restart nodes: never, if-needed (where reloading is not enough), "
                       "always (as on Elastic's page)",
                       "one of never, if-needed, always", is_restart},
    [GEN_Q_VALIDITY] = {"validity", "Hours for which the bundle may be applied",
                        "a number from 1 to 8760", is_hours},
};

static const char *number_text(struct bf_arena *arena, int64_t n)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)n);
    return bf_arena_text(arena, bf_text(text));
}

/* Asked for also where all else is as it was applied. */
static bool differs_each_time(enum gen_answer q)
{
    return q == GEN_Q_TICKET || q == GEN_Q_REASON || q == GEN_Q_VALIDITY;
}

/* What belongs to one target, and must not be carried over to another one: two clusters
 * in one place would damage each other's snapshots. */
static bool is_targets_own(enum gen_answer q)
{
    return q == GEN_Q_ENDPOINT || q == GEN_Q_BASE_PATH || q == GEN_Q_PRECONDITION ||
           q == GEN_Q_RESTART;
}

/* The answer that the change to start from gives; NULL: none. */
static const char *from_change(const struct gen_answers *a, enum gen_answer q,
                               const struct gen_change *c)
{
    const char *const plain[GEN_NUM_ANSWERS] = {
        [GEN_Q_TARGET] = c->target,
        [GEN_Q_TICKET] = c->change.ticket,
        [GEN_Q_REASON] = c->change.reason,
        [GEN_Q_REPOSITORY] = c->plan.repository,
        [GEN_Q_BUCKET] = c->plan.bucket.name,
        [GEN_Q_ENDPOINT] = c->plan.s3.endpoint,
        [GEN_Q_REGION] = c->plan.s3.region,
        [GEN_Q_BASE_PATH] = gen_change_setting(c, "base_path"),
        [GEN_Q_CLIENT] = gen_change_setting(c, "client"),
        [GEN_Q_IAM_MODE] = c->plan.iam.mode,
        [GEN_Q_IAM_USER] = c->plan.iam.user,
        [GEN_Q_IAM_ARN] = c->plan.iam.arn,
        [GEN_Q_IAM_POLICY] = c->plan.iam.policy,
        [GEN_Q_PREFLIGHT] = c->plan.preflight,
        [GEN_Q_PRECONDITION] = c->plan.precondition,
        [GEN_Q_RESTART] = c->plan.restart.mode,
    };

    if (is_targets_own(q) && strcmp(a->text[GEN_Q_TARGET], c->target) != 0) {
        return q == GEN_Q_BASE_PATH ? a->text[GEN_Q_TARGET] : NULL;
    }
    return q == GEN_Q_VALIDITY ? number_text(a->arena, c->validity_hours) : plain[q];
}

/* A deployment: its platform restarts nodes. */
static bool restarts(const struct gen_session *s, const char *target)
{
    const struct bf_target *t =
        s->has_trust ? bf_trust_target(&s->trust.body, target) : NULL;

    return t != NULL && (strcmp(t->kind, "ech") == 0 || strcmp(t->kind, "ece") == 0);
}

/* The url of the target's endpoint for a purpose, when there is exactly one. */
static const char *only_endpoint(const struct gen_session *s, const char *target,
                                 const char *purpose)
{
    const struct bf_target *t =
        s->has_trust ? bf_trust_target(&s->trust.body, target) : NULL;
    const char *url = NULL;
    size_t i;

    for (i = 0; t != NULL && i < t->endpoints.num; i++) {
        const struct bf_endpoint *e =
            BF_LIST_ITEM(&t->endpoints, const struct bf_endpoint, i);

        if (strcmp(e->purpose, purpose) == 0) {
            if (url != NULL) {
                return NULL;
            }
            url = e->url;
        }
    }
    return url;
}

/* A user's ARN can be told only where accounts have no number: at servers other than AWS.
 */
static const char *default_arn(const struct gen_answers *a)
{
    char text[160];

    if (a->text[GEN_Q_ENDPOINT][0] == '\0' ||
        strstr(a->text[GEN_Q_ENDPOINT], ".amazonaws.") != NULL) {
        return NULL;
    }
    snprintf(text, sizeof(text), "arn:%s:iam:::user/%s",
             gen_partition(a->text[GEN_Q_REGION]), a->text[GEN_Q_IAM_USER]);
    return bf_arena_text(a->arena, bf_text(text));
}

static const char *default_hours(const struct gen_answers *a, const struct gen_session *s)
{
    int64_t hours = 168;

    if (s->has_trust && s->trust.body.limits.lifetime_hours < hours) {
        hours = s->trust.body.limits.lifetime_hours;
    }
    return number_text(a->arena, hours);
}

/* NULL: there is none and somebody must say. */
static const char *default_of(const struct gen_answers *a, enum gen_answer q,
                              const struct gen_session *s)
{
    char text[80];
    const char *url;

    switch (q) {
    case GEN_Q_TARGET:
        return s->has_trust && s->trust.body.targets.num == 1
                   ? BF_LIST_ITEM(&s->trust.body.targets, const struct bf_target, 0)->id
                   : NULL;
    case GEN_Q_ENDPOINT:
        url = only_endpoint(s, a->text[GEN_Q_TARGET], "s3");
        return url != NULL ? url : "";
    case GEN_Q_REGION:
        return a->text[GEN_Q_ENDPOINT][0] != '\0' ? "us-east-1" : NULL;
    case GEN_Q_BASE_PATH:
        return "";
    case GEN_Q_CLIENT:
        return "secondary";
    case GEN_Q_IAM_MODE:
        return only_endpoint(s, a->text[GEN_Q_TARGET], "iam") != NULL ? "apply"
                                                                      : "manual";
    case GEN_Q_IAM_ARN:
        return default_arn(a);
    case GEN_Q_IAM_POLICY:
        snprintf(text, sizeof(text), "snapseal-%.50s", a->text[GEN_Q_REPOSITORY]);
        return bf_arena_text(a->arena, bf_text(text));
    case GEN_Q_POLICY:
        return "minimal";
    case GEN_Q_PREFLIGHT:
        return "if-reachable";
    case GEN_Q_PRECONDITION:
        return "absent";
    case GEN_Q_RESTART:
        return restarts(s, a->text[GEN_Q_TARGET]) ? "if-needed" : "never";
    case GEN_Q_VALIDITY:
        return default_hours(a, s);
    case GEN_Q_TICKET:
    case GEN_Q_REASON:
    case GEN_Q_REPOSITORY:
    case GEN_Q_BUCKET:
    case GEN_Q_IAM_USER:
    case GEN_NUM_ANSWERS:
        break;
    }
    return NULL;
}

static bool needed(const struct gen_answers *a, enum gen_answer q)
{
    if (q == GEN_Q_IAM_USER || q == GEN_Q_IAM_ARN || q == GEN_Q_IAM_POLICY ||
        q == GEN_Q_POLICY) {
        return strcmp(a->text[GEN_Q_IAM_MODE], "none") != 0;
    }
    return true;
}

/* Not in the installed trust: nothing could ever be sealed for it. */
static bool no_such_target(const struct gen_session *s, enum gen_answer q,
                           const char *text)
{
    return q == GEN_Q_TARGET && s->has_trust && s->trust.body.targets.num > 0 &&
           bf_trust_target(&s->trust.body, text) == NULL;
}

/* Asks until the answer is allowed; an empty one is the default. */
static enum bf_err ask(struct gen_answers *a, enum gen_answer q, const char *fallback,
                       const struct gen_session *s, struct bf_diag *diag)
{
    char prompt[300], typed[MAX_ANSWER], option[60];
    enum bf_err err;

    snprintf(option, sizeof(option), "--%s", questions[q].option);
    for (;;) {
        snprintf(prompt, sizeof(prompt), "%s%s%.150s%s: ", questions[q].prompt,
                 fallback != NULL && fallback[0] != '\0' ? " [" : "",
                 fallback != NULL ? fallback : "",
                 fallback != NULL && fallback[0] != '\0' ? "]" : "");
        err = bf_cli_ask(typed, sizeof(typed), prompt, option, diag);
        if (err != BF_OK) {
            return err;
        }
        a->text[q] = typed[0] == '\0' && fallback != NULL
                         ? fallback
                         : bf_arena_text(a->arena, bf_text(typed));
        if (a->text[q] == NULL) {
            return bf_fail(diag, BF_NO_MEMORY, "answers");
        }
        if (!questions[q].grammar(a->text[q])) {
            bf_cli_say(s->args, "  not allowed here: %s", questions[q].form);
        } else if (no_such_target(s, q, a->text[q])) {
            bf_cli_say(s->args, "  the installed trust has no target %s", a->text[q]);
        } else {
            return BF_OK;
        }
    }
}

/* The targets that there are; whoever types should not have to look them up. */
static void tell_choices(const struct gen_session *s, enum gen_answer q)
{
    size_t i;

    for (i = 0; q == GEN_Q_TARGET && s->has_trust && i < s->trust.body.targets.num; i++) {
        const struct bf_target *t =
            BF_LIST_ITEM(&s->trust.body.targets, const struct bf_target, i);

        bf_cli_say(s->args, "  %s (%s, cluster %s)", t->id, t->kind, t->cluster_uuid);
    }
}

static enum bf_err one_answer(struct gen_answers *a, enum gen_answer q,
                              const struct gen_session *s, const struct gen_change *from,
                              const char *client, struct bf_diag *diag)
{
    const char *given = bf_arg(s->args, questions[q].option);
    const char *fallback = from == NULL ? NULL
                           : q == GEN_Q_CLIENT && client != NULL
                               ? client
                               : from_change(a, q, from);
    char shown[120];

    if (!needed(a, q)) {
        a->text[q] = "";
        return given == NULL ? BF_OK
                             : bf_fail(diag, BF_USAGE, "--%s with iam-mode none",
                                       questions[q].option);
    }
    if (given != NULL) {
        a->text[q] = given;
        if (!questions[q].grammar(given)) {
            bf_escape(shown, sizeof(shown), given, strnlen(given, 60));
            return bf_fail(diag, BF_USAGE, "--%s '%s' is not %s", questions[q].option,
                           shown, questions[q].form);
        }
        return BF_OK;
    }
    if (fallback == NULL || !questions[q].grammar(fallback)) {
        fallback = default_of(a, q, s);
        if (fallback != NULL && !questions[q].grammar(fallback)) {
            fallback = NULL;
        }
    }
    if (!bf_arg_is(s->args, "batch") && (client == NULL || differs_each_time(q)) &&
        (q != GEN_Q_RESTART || restarts(s, a->text[GEN_Q_TARGET]))) {
        if (fallback != NULL && no_such_target(s, q, fallback)) {
            fallback = default_of(a, q, s);
        }
        tell_choices(s, q);
        return ask(a, q, fallback, s, diag);
    }
    if (fallback == NULL) {
        /* all that is missing is told at once */
        bf_put_fmt(&a->missing, "%s--%s", a->missing.len > 0 ? ", " : "",
                   questions[q].option);
        fallback = "";
    }
    a->text[q] = fallback;
    return BF_OK;
}

enum bf_err gen_answers_ask(struct gen_answers *out, const struct gen_session *s,
                            const struct gen_change *from, const char *client,
                            struct bf_arena *arena, struct bf_diag *diag)
{
    enum bf_err err = BF_OK;
    int q;

    memset(out, 0, sizeof(*out));
    out->arena = arena;
    out->missing = bf_buf(600);
    for (q = 0; err == BF_OK && q < GEN_NUM_ANSWERS; q++) {
        err = one_answer(out, (enum gen_answer)q, s, from, client, diag);
    }
    if (err == BF_OK && out->missing.len > 0) {
        const char *missing = bf_buf_text(&out->missing);

        err = bf_fail(diag, BF_USAGE, "needed: %s", missing != NULL ? missing : "more");
    }
    bf_buf_clear(&out->missing);
    return err;
}
