/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/cli.h"

#include <string.h>

enum { WIDTH = 78, COLUMN = 26 };

static void blanks(FILE *to, size_t num)
{
    while (num-- > 0) {
        putc(' ', to);
    }
}

void bf_cli_wrap(FILE *to, const char *text, size_t at, size_t indent, size_t width)
{
    bool start = true;

    while (*text != '\0') {
        size_t word = strcspn(text, " \n");

        if (!start && at + 1 + word > width) {
            putc('\n', to);
            blanks(to, indent);
            at = indent;
            start = true;
        }
        if (!start) {
            putc(' ', to);
            at++;
        }
        fwrite(text, 1, word, to);
        at += word;
        start = false;
        text += word;
        if (strncmp(text, "\n\n", 2) == 0) {
            fputs("\n\n", to);
            blanks(to, indent);
            at = indent;
            start = true;
        }
        text += strspn(text, " \n");
    }
    putc('\n', to);
}

/* "  label        text", the text on a line of its own where the label is long. */
static void entry(FILE *to, const char *label, const char *text)
{
    size_t at = 2 + strlen(label);

    fprintf(to, "  %s", label);
    if (at + 2 > COLUMN) {
        putc('\n', to);
        at = 0;
    }
    blanks(to, COLUMN - at);
    bf_cli_wrap(to, text, COLUMN, COLUMN, WIDTH);
}

static void option_entries(FILE *to, const struct bf_option *options, size_t num)
{
    char label[80];
    size_t i;

    for (i = 0; i < num; i++) {
        const struct bf_option *o = &options[i];
        char letter[5] = {'-', o->letter, ',', ' ', '\0'};

        snprintf(label, sizeof(label), "%s--%s%s%s", o->letter != 0 ? letter : "    ",
                 o->name, o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
        entry(to, label, o->help);
    }
}

static void verb_entry(FILE *to, const struct bf_verb *v)
{
    char label[80];

    snprintf(label, sizeof(label), "%s%s%s", v->name, v->operands[0] != '\0' ? " " : "",
             v->operands);
    entry(to, label, v->help);
}

void bf_cli_help_group(FILE *to, const struct bf_program *program, const char *group)
{
    size_t i, len = strlen(group);

    fprintf(to, "usage: %s %s VERB [options] [operands]\n\nverbs:\n", program->name,
            group);
    for (i = 0; i < program->num_verbs; i++) {
        const char *name = program->verbs[i].name;

        if (strncmp(name, group, len) == 0 && name[len] == ' ') {
            verb_entry(to, &program->verbs[i]);
        }
    }
    fprintf(to, "\nsee %s %s VERB --help\n", program->name, group);
}

static void help_program(FILE *to, const struct bf_program *p)
{
    size_t i;

    fprintf(to, "%s %s: ", p->name, p->version);
    bf_cli_wrap(to, p->summary, strlen(p->name) + strlen(p->version) + 3, 4, WIDTH);
    fprintf(to, "\nusage: %s VERB [options] [operands]\n\nverbs:\n", p->name);
    for (i = 0; i < p->num_verbs; i++) {
        verb_entry(to, &p->verbs[i]);
    }
    fputs("\noptions with every verb:\n", to);
    option_entries(to, p->options, p->num_options);
    entry(to, "-h, --help", "this, or after a verb what it takes");
    entry(to, "    --version", "the version");
    fputs(
        "\nexit: 0 done, 1 refused, 2 usage, 3 could not decide, 4 apply failed and was\n"
        "undone, 5 state uncertain: run snapseal-verify resume\n",
        to);
}

void bf_cli_help(FILE *to, const struct bf_program *program, const struct bf_verb *verb)
{
    if (verb == NULL) {
        help_program(to, program);
        return;
    }
    fprintf(to, "usage: %s %s%s%s%s\n\n", program->name, verb->name,
            verb->num_options > 0 ? " [options]" : "",
            verb->operands[0] != '\0' ? " " : "", verb->operands);
    bf_cli_wrap(to, verb->help, 0, 0, WIDTH);
    if (verb->more != NULL) {
        putc('\n', to);
        bf_cli_wrap(to, verb->more, 0, 0, WIDTH);
    }
    if (verb->num_options > 0) {
        fputs("\noptions:\n", to);
        option_entries(to, verb->options, verb->num_options);
    }
    fputs("\noptions with every verb:\n", to);
    option_entries(to, program->options, program->num_options);
    entry(to, "-h, --help", "this");
}
