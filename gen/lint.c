/* SPDX-License-Identifier: Apache-2.0 */
#include "lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "settings.h"

static const struct {
    const char *id;
    enum gen_severity severity;
    const char *reason;
} catalogue[GEN_NUM_LINT] = {
#define GEN_LINT(name, id, severity, reason) {id, severity, reason},
#include "lint.def"
#undef GEN_LINT
};

const char *gen_lint_name(enum gen_lint_id id)
{
    return catalogue[id].id;
}

enum gen_severity gen_lint_severity(enum gen_lint_id id)
{
    return catalogue[id].severity;
}

const char *gen_lint_reason(enum gen_lint_id id)
{
    return catalogue[id].reason;
}

const char *gen_severity_id(enum gen_severity severity)
{
    return severity == GEN_ERROR ? "error" : severity == GEN_WARN ? "warn" : "info";
}

void gen_findings_clear(struct gen_findings *f)
{
    free(f->items);
    memset(f, 0, sizeof(*f));
}

size_t gen_findings_count(const struct gen_findings *f, enum gen_severity severity)
{
    size_t i, num = 0;

    for (i = 0; i < f->num; i++) {
        num += f->items[i].severity == severity ? 1 : 0;
    }
    return num;
}

/* Doubles the room; what was found so far moves. */
static bool grow(struct gen_findings *f)
{
    size_t cap = f->cap > 0 ? 2 * f->cap : 32;
    struct gen_finding *grown = calloc(cap, sizeof(*grown));

    if (grown == NULL) {
        f->no_memory = true;
        return false;
    }
    bf_copy(grown, f->items, f->num * sizeof(*grown));
    free(f->items);
    f->items = grown;
    f->cap = cap;
    return true;
}

static struct gen_finding *next_finding(struct gen_findings *f)
{
    if (f->num == f->cap && !grow(f)) {
        return NULL;
    }
    return &f->items[f->num++];
}

void gen_find(struct gen_findings *f, enum gen_lint_id id, const char *where,
              const char *fmt, ...)
{
    struct gen_finding *one = next_finding(f);
    char text[400];
    va_list args;

    if (one == NULL) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    one->id = catalogue[id].id;
    one->severity = catalogue[id].severity;
    one->reason = catalogue[id].reason;
    bf_escape(one->where, sizeof(one->where), where, strlen(where));
    bf_escape(one->text, sizeof(one->text), text, strlen(text));
}

static bool one_of(const char *list, const char *text)
{
    size_t len = strlen(text), n;

    for (; *list != '\0'; list += n + (list[n] == '|' ? 1 : 0)) {
        n = strcspn(list, "|");
        if (n == len && strncmp(list, text, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Texts of the plan with a fixed set of values, and those with a grammar (SPEC section
 * 7). */
static void lint_values(struct gen_findings *f, const struct gen_change *c)
{
    const struct {
        const char *where, *text, *allowed;
    } sets[] = {
        {"change.class", c->change.grade, "normal|emergency"},
        {"plan.bucket.mode", c->plan.bucket.mode, "none|check|create"},
        {"plan.do", c->plan.action, "register|rotate|remove"},
        {"plan.iam.mode", c->plan.iam.mode, "none|manual|check|apply|mint"},
        {"plan.preflight", c->plan.preflight, "required|if-reachable|none"},
        {"plan.restart.group", c->plan.restart.group, "__all__|__name__|__zone__"},
        {"plan.restart.mode", c->plan.restart.mode, "never|if-needed|always"},
    };
    const struct {
        const char *where, *text;
        bf_grammar_fn *grammar;
        const char *form;
    } texts[] = {
        {"change.reason", c->change.reason, bf_is_text,
         "1 to 500 printable ASCII characters, single blanks"},
        {"change.ticket", c->change.ticket, bf_is_text,
         "1 to 500 printable ASCII characters, single blanks"},
        {"plan.bucket.region", c->plan.bucket.region, bf_is_region_or_empty,
         "a region such as eu-west-1, or empty"},
        {"plan.iam.arn", c->plan.iam.arn, bf_is_arn_or_empty,
         "arn:aws:iam::ACCOUNT:user/NAME, or empty"},
        {"plan.iam.policy", c->plan.iam.policy, bf_is_name_or_empty,
         "[A-Za-z0-9_+=,.@-], 1 to 64, or empty"},
        {"plan.iam.user", c->plan.iam.user, bf_is_name_or_empty,
         "[A-Za-z0-9_+=,.@-], 1 to 64, or empty"},
        {"plan.retire", c->plan.retire, bf_is_keyid_or_empty,
         "an access key id, or empty"},
        {"plan.s3.endpoint", c->plan.s3.endpoint, bf_is_url_or_empty,
         "https://HOST[:PORT], or empty for AWS"},
        {"plan.s3.region", c->plan.s3.region, bf_is_region_or_empty,
         "a region such as eu-west-1, or empty"},
        {"target", c->target, bf_is_id, "[a-z0-9][a-z0-9_-], at most 32"},
    };
    size_t i;

    for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        if (!one_of(sets[i].allowed, sets[i].text)) {
            gen_find(f, GEN_L_VALUE, sets[i].where, "\"%.100s\" is not one of %s",
                     sets[i].text, sets[i].allowed);
        }
    }
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!texts[i].grammar(texts[i].text)) {
            gen_find(f, GEN_L_VALUE, texts[i].where, "\"%.100s\" is not %s",
                     texts[i].text, texts[i].form);
        }
    }
    if (!one_of("any|absent", c->plan.precondition) &&
        !bf_is_hex64(c->plan.precondition)) {
        gen_find(f, GEN_L_VALUE, "plan.precondition",
                 "\"%.100s\" is not any, absent or a SHA-256", c->plan.precondition);
    }
}

static void lint_names(struct gen_findings *f, const struct gen_change *c)
{
    const char *bucket = c->plan.bucket.name;
    size_t len = strlen(bucket);

    if (!bf_is_bucket(bucket)) {
        gen_find(f, GEN_L_BUCKET_NAME, "plan.bucket.name",
                 "\"%.100s\": 3 to 63 of a-z 0-9 . -, letters or digits at the ends, no "
                 "IP address, none of AWS's reserved "
                 "prefixes and suffixes",
                 bucket);
    } else if (strchr(bucket, '.') != NULL && !c->plan.s3.path_style) {
        gen_find(f, GEN_L_BUCKET_DOTS, "plan.bucket.name", "\"%s\"", bucket);
    }
    if (len > 3 && strcmp(bucket + len - 3, "-an") == 0) {
        gen_find(f, GEN_L_BUCKET_AN, "plan.bucket.name", "\"%.100s\"", bucket);
    }
    if (!bf_is_repository(c->plan.repository)) {
        gen_find(f, GEN_L_REPOSITORY_NAME, "plan.repository",
                 "\"%.140s\": [a-z0-9][a-z0-9._-], at most 128, no upper case",
                 c->plan.repository);
    }
}

/* The name without .access_key or .secret_key; 0 when it has neither. */
static size_t stem(const char *name)
{
    size_t len = strlen(name);

    return len > 11 ? len - 11 : 0;
}

static void lint_one_secret(struct gen_findings *f, const struct gen_change *c, size_t i)
{
    const struct gen_change_secret *s =
        BF_LIST_ITEM(&c->secrets, const struct gen_change_secret, i);
    bool id =
        bf_is_secret_name(s->name) && strcmp(s->name + stem(s->name), ".access_key") == 0;
    char where[40];
    bool paired = false;
    size_t k;

    snprintf(where, sizeof(where), "secrets[%zu]", i);
    if (!bf_is_secret_name(s->name)) {
        gen_find(f, GEN_L_SECRET_NAME, where, "\"%.120s\"", s->name);
        return;
    }
    if (s->disclose != id) {
        gen_find(f, GEN_L_SECRET_DISCLOSE, where, "disclose of %s must be %s", s->name,
                 id ? "true" : "false");
    }
    if (!one_of("default|new|changed|same|removed|unstated", s->versus)) {
        gen_find(f, GEN_L_SECRET_VERSUS, where, "\"%.60s\"", s->versus);
    }
    for (k = 0; k < c->secrets.num; k++) {
        const char *other =
            BF_LIST_ITEM(&c->secrets, const struct gen_change_secret, k)->name;

        if (k == i + 1 && strcmp(s->name, other) >= 0) {
            gen_find(f, GEN_L_SECRET_TWICE, where, "%s stands before \"%.120s\"", s->name,
                     other);
        }
        paired = paired || (k != i && bf_is_secret_name(other) &&
                            strcmp(other, s->name) != 0 && stem(other) == stem(s->name) &&
                            strncmp(other, s->name, stem(s->name)) == 0);
    }
    if (!paired) {
        gen_find(f, GEN_L_SECRET_PAIR, where, "%s stands alone", s->name);
    }
}

static void lint_secrets(struct gen_findings *f, const struct gen_change *c)
{
    size_t i;

    for (i = 0; i < c->secrets.num; i++) {
        lint_one_secret(f, c, i);
    }
    if (c->secrets.num == 0 && strcmp(c->plan.action, "remove") != 0) {
        gen_find(f, GEN_L_SECRET_NONE, "secrets", "no keystore entry is written");
    }
}

static void lint_bucket(struct gen_findings *f, const struct bf_plan *p)
{
    if (strcmp(p->bucket.mode, "none") == 0) {
        return;
    }
    gen_find(f, GEN_L_BUCKET_KEY, "plan.bucket.mode", "%.20s", p->bucket.mode);
    if (strcmp(p->bucket.mode, "create") == 0 && !p->bucket.public_block) {
        gen_find(f, GEN_L_BUCKET_OPEN, "plan.bucket.public_block", "false");
    }
    if (p->bucket.public_block && !gen_is_aws(p->s3.endpoint)) {
        gen_find(f, GEN_L_BUCKET_BLOCK, "plan.bucket.public_block", "true at %.200s",
                 p->s3.endpoint);
    }
    if (p->bucket.ownership && !gen_is_aws(p->s3.endpoint)) {
        gen_find(f, GEN_L_BUCKET_OWNERSHIP, "plan.bucket.ownership", "true at %.200s",
                 p->s3.endpoint);
    }
}

static void lint_plan(struct gen_findings *f, const struct gen_change *c)
{
    const struct bf_plan *p = &c->plan;
    bool iam = strcmp(p->iam.mode, "none") != 0;
    const char *slash = strrchr(p->iam.arn, '/');

    const bool leaving = strcmp(p->action, "remove") == 0;

    lint_bucket(f, p);
    if (strcmp(p->precondition, "any") == 0 && c->repository != NULL) {
        gen_find(f, GEN_L_PRECONDITION_ANY, "plan.precondition", "any");
    }
    if (strcmp(p->precondition, "absent") == 0 && strcmp(p->action, "register") != 0) {
        gen_find(f, GEN_L_PRECONDITION_ABSENT, "plan.precondition", "plan.do is %.20s",
                 p->action);
    }
    if (p->retire[0] == '\0' && strcmp(p->action, "register") != 0) {
        gen_find(f, GEN_L_RETIRE_NONE, "plan.retire", "empty");
    }
    if (strcmp(p->preflight, "none") == 0 && !leaving) {
        gen_find(f, GEN_L_PREFLIGHT_NONE, "plan.preflight", "none");
    }
    if (strcmp(p->iam.mode, "manual") == 0) {
        gen_find(f, GEN_L_IAM_MANUAL, "plan.iam.mode", "manual");
    }
    if ((p->iam.user[0] != '\0') != iam || (p->iam.policy[0] != '\0') != iam ||
        (p->iam.arn[0] != '\0') != iam) {
        gen_find(f, GEN_L_IAM_NAMES, "plan.iam",
                 "mode %.20s, user \"%.64s\", policy \"%.64s\", arn \"%.100s\"",
                 p->iam.mode, p->iam.user, p->iam.policy, p->iam.arn);
    } else if (iam && (slash == NULL || strcmp(slash + 1, p->iam.user) != 0)) {
        gen_find(f, GEN_L_IAM_USER, "plan.iam.arn", "\"%.150s\" is not user \"%.64s\"",
                 p->iam.arn, p->iam.user);
    }
    if ((c->policy != NULL) != iam) {
        gen_find(f, GEN_L_POLICY_NEEDED, "policy", "mode %.20s %s a policy", p->iam.mode,
                 iam ? "needs" : "takes");
    }
}

/* [BF-421 to BF-431] what the checker refuses, asked of the checker's own functions. */
static enum bf_err lint_refusals(struct gen_findings *f, const struct gen_lint_input *in,
                                 struct bf_diag *diag)
{
    const struct gen_change *c = in->change;
    const struct bf_target *t =
        in->trust != NULL ? bf_trust_target(&in->trust->body, c->target) : NULL;
    struct bf_json_doc policy = {0}, repository = {0};
    struct bf_secret_ref refs[GEN_MAX_SECRETS];
    struct bf_manifest m;
    struct bf_diag why = {0};
    enum bf_err err = BF_OK;
    size_t i;

    gen_change_manifest(&m, c);
    m.target.kind = t != NULL
                        ? t->kind
                        : "opensearch"; /* lacking a target, the rest is asked about */
    for (i = 0; i < c->secrets.num && i < GEN_MAX_SECRETS; i++) {
        const struct gen_change_secret *s =
            BF_LIST_ITEM(&c->secrets, const struct gen_change_secret, i);

        refs[i] = (struct bf_secret_ref){
            .commitment = "",
            .disclosed = "",
            .versus = strcmp(s->versus, "removed") == 0 ? s->versus : "new",
            .name = s->name};
    }
    m.secrets = (struct bf_list){i, refs};
    if (c->policy != NULL) {
        err = bf_json_parse(&policy, bf_buf_bytes(&c->policy_text), BF_JSON_REVIEW, &why);
    }
    if (err == BF_OK && c->repository != NULL) {
        err = bf_json_parse(&repository, bf_buf_bytes(&c->repository_text),
                            BF_JSON_REVIEW, &why);
    }
    if (err == BF_OK) {
        err = bf_review_rules(&m, policy.root, repository.root, &why);
    }
    if (err == BF_OK) {
        err = bf_plan_supported(&m, &why);
    }
    bf_json_clear(&policy);
    bf_json_clear(&repository);
    if (err == BF_NO_MEMORY) {
        return bf_fail(diag, err, "lint");
    }
    if (err != BF_OK) {
        gen_find(f, GEN_L_REFUSAL, why.where, "%s: %s; %s", bf_err_id(err),
                 bf_err_text(err), bf_err_hint(err));
    }
    return BF_OK;
}

static int worse_first(const void *a, const void *b)
{
    const struct gen_finding *x = a, *y = b;
    int by_id;

    if (x->severity != y->severity) {
        return x->severity > y->severity ? -1 : 1;
    }
    by_id = strcmp(x->id, y->id);
    if (by_id != 0) {
        return by_id;
    }
    by_id = strcmp(x->where, y->where);
    return by_id != 0 ? by_id : strcmp(x->text, y->text);
}

enum bf_err gen_lint(struct gen_findings *out, const struct gen_lint_input *in,
                     struct bf_diag *diag)
{
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    lint_values(out, in->change);
    lint_names(out, in->change);
    lint_secrets(out, in->change);
    lint_plan(out, in->change);
    gen_lint_repository(out, in);
    gen_lint_policy(out, in);
    gen_lint_target(out, in);
    err = lint_refusals(out, in, diag);
    if (err == BF_OK && out->no_memory) {
        err = bf_fail(diag, BF_NO_MEMORY, "findings of lint");
    }
    if (err != BF_OK) {
        gen_findings_clear(out);
        return err;
    }
    if (out->num > 1) {
        qsort(out->items, out->num, sizeof(out->items[0]), worse_first);
    }
    return BF_OK;
}
