/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/cli.h"

#include <stdlib.h>
#include <string.h>

/* What parsing needs beside the result: the rest of argv and what --help changes. */
struct parse {
    struct bf_args *out;
    const struct bf_program *program;
    char **argv;
    int argc;
    int at;
    bool only_operands; /* after -- */
    enum bf_cli_help help;
    struct bf_diag *diag;
};

static const struct bf_option *find_long(const struct bf_option *options, size_t num,
                                         const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static const struct bf_option *find_letter(const struct bf_option *options, size_t num,
                                           char letter)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (options[i].letter == letter) {
            return &options[i];
        }
    }
    return NULL;
}

static const struct bf_option *known_long(const struct parse *p, const char *name,
                                          size_t len)
{
    const struct bf_option *o = NULL;

    if (p->out->verb != NULL) {
        o = find_long(p->out->verb->options, p->out->verb->num_options, name, len);
    }
    return o != NULL ? o
                     : find_long(p->program->options, p->program->num_options, name, len);
}

static const struct bf_option *known_letter(const struct parse *p, char letter)
{
    const struct bf_option *o = NULL;

    if (p->out->verb != NULL) {
        o = find_letter(p->out->verb->options, p->out->verb->num_options, letter);
    }
    return o != NULL ? o
                     : find_letter(p->program->options, p->program->num_options, letter);
}

/* USAGE with "what 'wrong'" and, where one is near, the right one. bf_fail escapes. */
static enum bf_err wrong_name(struct bf_diag *diag, const char *what, const char *wrong,
                              const char *near)
{
    if (near == NULL) {
        return bf_fail(diag, BF_USAGE, "there is no %s '%.60s'", what, wrong);
    }
    return bf_fail(diag, BF_USAGE, "there is no %s '%.60s', the nearest is '%s'", what,
                   wrong, near);
}

static enum bf_err unknown_option(const struct parse *p, const char *arg)
{
    const char *names[64];
    const char *near;
    char wrong[64];
    char full[80];
    size_t num = 0, i;
    const struct bf_verb *v = p->out->verb;

    for (i = 0; v != NULL && i < v->num_options && num < 62; i++) {
        names[num++] = v->options[i].name;
    }
    for (i = 0; i < p->program->num_options && num < 62; i++) {
        names[num++] = p->program->options[i].name;
    }
    names[num++] = "help";
    names[num++] = "version";
    snprintf(wrong, sizeof(wrong), "%.*s", (int)strcspn(arg, "="), arg);
    near = strncmp(wrong, "--", 2) == 0 ? bf_nearest(wrong + 2, names, num) : NULL;
    snprintf(full, sizeof(full), "--%s", near != NULL ? near : "");
    return wrong_name(p->diag, "option", wrong, near != NULL ? full : NULL);
}

static enum bf_err give(struct parse *p, const struct bf_option *o, const char *value)
{
    struct bf_args *a = p->out;

    if (!o->many && bf_arg_is(a, o->name)) {
        return bf_fail(p->diag, BF_USAGE, "--%s is given twice", o->name);
    }
    a->given[a->num_given].option = o;
    a->given[a->num_given].value = value;
    a->num_given++;
    return BF_OK;
}

/* The value that follows in argv. */
static enum bf_err next_value(struct parse *p, const struct bf_option *o,
                              const char **value)
{
    if (p->at >= p->argc) {
        return bf_fail(p->diag, BF_USAGE, "--%s needs %s", o->name, o->value);
    }
    *value = p->argv[p->at++];
    return BF_OK;
}

static enum bf_err parse_long(struct parse *p, const char *arg)
{
    size_t len = strcspn(arg + 2, "=");
    const char *value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
    const struct bf_option *o;
    enum bf_err err;

    if (strcmp(arg, "--help") == 0 || strcmp(arg, "--version") == 0) {
        p->help = arg[2] == 'h' ? BF_HELP_SHOW : BF_HELP_VERSION;
        return BF_OK;
    }
    o = known_long(p, arg + 2, len);
    if (o == NULL) {
        return unknown_option(p, arg);
    }
    if (o->value == NULL && value != NULL) {
        return bf_fail(p->diag, BF_USAGE, "--%s takes no value", o->name);
    }
    if (o->value != NULL && value == NULL) {
        err = next_value(p, o, &value);
        if (err != BF_OK) {
            return err;
        }
    }
    return give(p, o, value);
}

/* "-qo FILE", "-oFILE": flags may stand together, a value ends the word. */
static enum bf_err parse_short(struct parse *p, const char *arg)
{
    const struct bf_option *o;
    const char *at, *value = NULL;
    enum bf_err err;

    for (at = arg + 1; *at != '\0'; at++) {
        if (*at == 'h') {
            p->help = BF_HELP_SHOW;
            continue;
        }
        o = known_letter(p, *at);
        if (o == NULL) {
            char one[3] = {'-', *at, '\0'};

            return unknown_option(p, one);
        }
        if (o->value == NULL) {
            err = give(p, o, NULL);
        } else if (at[1] != '\0') {
            return give(p, o, at + 1);
        } else {
            err = next_value(p, o, &value);
            return err == BF_OK ? give(p, o, value) : err;
        }
        if (err != BF_OK) {
            return err;
        }
    }
    return BF_OK;
}

/* The one-word or two-word verb that begins with word. *group: some verb is "word ...".
 */
static const struct bf_verb *find_verb(const struct bf_program *program, const char *word,
                                       const char *second, bool *group)
{
    const struct bf_verb *found = NULL;
    size_t i, len = strlen(word);

    *group = false;
    for (i = 0; i < program->num_verbs; i++) {
        const char *name = program->verbs[i].name;

        if (strcmp(name, word) == 0) {
            return &program->verbs[i];
        }
        if (strncmp(name, word, len) == 0 && name[len] == ' ') {
            *group = true;
            if (second != NULL && strcmp(name + len + 1, second) == 0) {
                found = &program->verbs[i];
            }
        }
    }
    return found;
}

static enum bf_err unknown_verb(const struct parse *p, const char *word)
{
    const char *names[64];
    char first[64][32];
    size_t num = 0, i;

    for (i = 0; i < p->program->num_verbs && num < 64; i++) {
        const char *name = p->program->verbs[i].name;

        snprintf(first[num], sizeof(first[num]), "%.*s", (int)strcspn(name, " "), name);
        names[num] = first[num];
        num++;
    }
    return wrong_name(p->diag, "verb", word, bf_nearest(word, names, num));
}

/* The second word of "trust install" is missing or wrong: names all there are, or the
 * nearest. */
static enum bf_err unknown_second(const struct parse *p, const char *word,
                                  const char *second)
{
    const char *names[64];
    const char *near;
    char list[200] = "";
    char wrong[100];
    size_t num = 0, i, len = strlen(word), used = 0;

    for (i = 0; i < p->program->num_verbs && num < 64; i++) {
        const char *name = p->program->verbs[i].name;

        if (strncmp(name, word, len) == 0 && name[len] == ' ') {
            names[num++] = name + len + 1;
            snprintf(list + used, sizeof(list) - used, "%s%s", used > 0 ? ", " : "",
                     name + len + 1);
            used = strlen(list);
        }
    }
    if (second == NULL) {
        return bf_fail(p->diag, BF_USAGE, "'%s' needs one of: %s", word, list);
    }
    near = bf_nearest(second, names, num);
    snprintf(wrong, sizeof(wrong), "%s %.60s", word, second);
    snprintf(list, sizeof(list), "%s %s", word, near != NULL ? near : "");
    return wrong_name(p->diag, "verb", wrong, near != NULL ? list : NULL);
}

/* The verb is the first word that is no option; "help" before it shows its help. */
static enum bf_err take_verb(struct parse *p, const char *word)
{
    const char *second = p->at < p->argc ? p->argv[p->at] : NULL;
    bool group, helped = p->help == BF_HELP_SHOW;

    if (strcmp(word, "help") == 0 && !helped) {
        p->help = BF_HELP_SHOW;
        return BF_OK;
    }
    p->out->verb = find_verb(p->program, word, second, &group);
    if (p->out->verb != NULL) {
        p->at += strchr(p->out->verb->name, ' ') != NULL ? 1 : 0;
        return BF_OK;
    }
    if (!group) {
        return unknown_verb(p, word);
    }
    if (second == NULL && helped) {
        p->out->group = word;
        return BF_OK;
    }
    if (second != NULL && (strcmp(second, "--help") == 0 || strcmp(second, "-h") == 0)) {
        p->help = BF_HELP_SHOW;
        p->out->group = word;
        p->at = p->argc;
        return BF_OK;
    }
    return unknown_second(p, word, second);
}

static enum bf_err parse_word(struct parse *p, const char *arg)
{
    if (!p->only_operands && strcmp(arg, "--") == 0) {
        p->only_operands = true;
        return BF_OK;
    }
    if (!p->only_operands && strncmp(arg, "--", 2) == 0) {
        return parse_long(p, arg);
    }
    if (!p->only_operands && arg[0] == '-' && arg[1] != '\0') {
        return parse_short(p, arg);
    }
    if (p->out->verb == NULL) {
        return take_verb(p, arg);
    }
    p->out->operands[p->out->num_operands++] = arg;
    return BF_OK;
}

static enum bf_err check_operands(const struct bf_args *a, struct bf_diag *diag)
{
    const struct bf_verb *v = a->verb;

    if (a->num_operands < v->min) {
        return bf_fail(diag, BF_USAGE, "%s needs %s", v->name, v->operands);
    }
    if (a->num_operands > v->max) {
        return bf_fail(diag, BF_USAGE, "'%.60s' is one operand too many for %s",
                       a->operands[v->max], v->name);
    }
    return BF_OK;
}

enum bf_err bf_args_parse(struct bf_args *out, const struct bf_program *program, int argc,
                          char **argv, enum bf_cli_help *help, struct bf_diag *diag)
{
    struct parse p = {out, program, argv, argc, 1, false, BF_HELP_NO, diag};
    enum bf_err err = BF_OK;
    size_t room = argc > 0 ? (size_t)argc : 1;

    memset(out, 0, sizeof(*out));
    out->program = program;
    /* a word of argv gives at most as many options as it has letters; flags may be given
     * once only */
    out->given = calloc(room + 64, sizeof(*out->given));
    out->operands = calloc(room, sizeof(*out->operands));
    if (out->given == NULL || out->operands == NULL) {
        err = bf_fail(diag, BF_NO_MEMORY, "arguments");
    }
    while (err == BF_OK && p.at < argc) {
        err = parse_word(&p, argv[p.at++]);
    }
    out->quiet = find_long(program->options, program->num_options, "quiet", 5) != NULL &&
                 bf_arg_is(out, "quiet");
    out->json = find_long(program->options, program->num_options, "json", 4) != NULL &&
                bf_arg_is(out, "json");
    if (err == BF_OK && p.help == BF_HELP_NO && out->verb == NULL) {
        err = bf_fail(diag, BF_USAGE, "no verb is given");
    }
    if (err == BF_OK && p.help == BF_HELP_NO) {
        err = check_operands(out, diag);
    }
    *help = p.help;
    return err;
}

void bf_args_clear(struct bf_args *a)
{
    free(a->given);
    free(a->operands);
    memset(a, 0, sizeof(*a));
}

size_t bf_arg_count(const struct bf_args *a, const char *name)
{
    size_t i, num = 0;

    for (i = 0; i < a->num_given; i++) {
        num += strcmp(a->given[i].option->name, name) == 0 ? 1 : 0;
    }
    return num;
}

bool bf_arg_is(const struct bf_args *a, const char *name)
{
    return bf_arg_count(a, name) > 0;
}

const char *bf_arg_at(const struct bf_args *a, const char *name, size_t i)
{
    size_t at;

    for (at = 0; at < a->num_given; at++) {
        if (strcmp(a->given[at].option->name, name) == 0 && i-- == 0) {
            return a->given[at].value;
        }
    }
    return NULL;
}

const char *bf_arg(const struct bf_args *a, const char *name)
{
    return bf_arg_at(a, name, 0);
}

enum bf_err bf_arg_number(int64_t *out, const char *name, const char *value, int64_t min,
                          int64_t max, struct bf_diag *diag)
{
    int64_t n = 0;
    size_t i;

    for (i = 0; value[i] >= '0' && value[i] <= '9' && i < 17; i++) {
        n = n * 10 + (value[i] - '0');
    }
    if (i == 0 || value[i] != '\0' || n < min || n > max) {
        return bf_fail(diag, BF_USAGE, "%s must be a number from %lld to %lld", name,
                       (long long)min, (long long)max);
    }
    *out = n;
    return BF_OK;
}
