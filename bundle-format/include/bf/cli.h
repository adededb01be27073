/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both programs need on the command line, as data: verbs and options in tables, GNU
 * long options that mix with operands, help, the nearest right name for a wrong one, one
 * error line, prompts on the terminal. This library prints; bf never does.
 */
#ifndef BF_CLI_H
#define BF_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "bf/crypto.h"

struct bf_option {
    const char *name;  /* long name without dashes */
    char letter;       /* short one, 0: none */
    bool many;         /* may be given more than once */
    const char *value; /* what help calls its value ("FILE"); NULL: a flag */
    const char *help;  /* lower case, no full stop; wrapped by help */
};

struct bf_args;

struct bf_verb {
    const char *name;     /* "check", or two words: "trust install" */
    const char *operands; /* as help shows them: "BUNDLE...", "" */
    size_t min, max;      /* number of operands; max SIZE_MAX: any */
    const char *help;     /* one line for the list of verbs */
    const char *more;     /* paragraphs (LF LF between) for VERB --help; NULL: none */
    const struct bf_option *options;
    size_t num_options;
    int (*run)(const struct bf_args *a); /* returns the exit code; has printed its own
                                            errors (bf_cli_fail) */
};

struct bf_program {
    const char *name; /* "snapseal-verify" */
    const char *version;
    const char *summary;
    const struct bf_verb *verbs;
    size_t num_verbs;
    const struct bf_option
        *options; /* with every verb; --json and --quiet are looked for by name */
    size_t num_options;
};

struct bf_given {
    const struct bf_option *option;
    const char *value; /* NULL for a flag */
};

/* What was given. Texts are argv's. */
struct bf_args {
    const struct bf_program *program;
    const struct bf_verb *verb;
    struct bf_given *given;
    size_t num_given;
    const char **operands;
    size_t num_operands;
    bool quiet;
    bool json;
    const char *group; /* first word of two-word verbs whose help is asked for; or NULL */
};

/*
 * The whole of main: keeps descriptors 0 to 2 open, ignores SIGPIPE, hardens the process,
 * initialises the crypto libraries, parses, runs the verb, flushes stdout (a result that
 * did not get out is exit 3). Returns the exit code.
 */
int bf_cli_main(const struct bf_program *program, int argc, char **argv);

/*
 * Parses argv into out; owned by caller (bf_args_clear). USAGE with the nearest right
 * name. *help is set when --help, help,
 * --version or nothing was given: then out->verb is NULL or the verb asked about and
 * nothing is run.
 */
enum bf_cli_help { BF_HELP_NO = 0, BF_HELP_SHOW, BF_HELP_VERSION };
BF_MUST enum bf_err bf_args_parse(struct bf_args *out, const struct bf_program *program,
                                  int argc, char **argv, enum bf_cli_help *help,
                                  struct bf_diag *diag);
void bf_args_clear(struct bf_args *a);

/* True when the option was given; its value or NULL; how often; the i-th value. The name
 * must be one of the tables. */
bool bf_arg_is(const struct bf_args *a, const char *name);
const char *bf_arg(const struct bf_args *a, const char *name);
size_t bf_arg_count(const struct bf_args *a, const char *name);
const char *bf_arg_at(const struct bf_args *a, const char *name, size_t i);

/* Whole decimal numbers of a value, within bounds: USAGE. */
BF_MUST enum bf_err bf_arg_number(int64_t *out, const char *name, const char *value,
                                  int64_t min, int64_t max, struct bf_diag *diag);

/* Of names, the one nearest to wrong (Damerau-Levenshtein), or NULL when none is near. */
const char *bf_nearest(const char *wrong, const char *const *names, size_t num);

/* The verbs that begin with that word, as help of the group. */
void bf_cli_help_group(FILE *to, const struct bf_program *program, const char *group);
/* Help of the program (verb NULL) or of a verb; lines of at most 79 columns. */
void bf_cli_help(FILE *to, const struct bf_program *program, const struct bf_verb *verb);
/* Text wrapped to width columns: first line starts where the cursor is (column at),
 * others indented by indent. Ends with LF. */
void bf_cli_wrap(FILE *to, const char *text, size_t at, size_t indent, size_t width);

/* Prints "PROGRAM: error: ID: what, where; what to do" on stderr and returns the exit
 * code of diag->err. A file that an option gave is told with that option. */
int bf_cli_fail(const struct bf_args *a, const struct bf_diag *diag);
/* The same for a warning: "PROGRAM: warning: ..."; nothing when --quiet. */
void bf_cli_warn(const struct bf_args *a, const char *text);
/* A line for people on stderr, with LF added; nothing when --quiet. Arguments must be
 * printable already (bf_escape). */
BF_PRINTF(2, 3) void bf_cli_say(const struct bf_args *a, const char *fmt, ...);
/* The result: bytes to stdout. Failures are noticed by bf_cli_main. */
void bf_cli_out(struct bf_bytes result);

/* Escape sequences, "" when to is no terminal, TERM is dumb, or NO_COLOR is set and not
 * empty. */
enum bf_paint {
    BF_PAINT_NONE = 0,
    BF_PAINT_BOLD,
    BF_PAINT_RED,
    BF_PAINT_GREEN,
    BF_PAINT_YELLOW,
    BF_PAINT_DIM
};
const char *bf_cli_paint(FILE *to, enum bf_paint paint);

/*
 * Asks on /dev/tty, never on stdin. NO_TERMINAL when there is none; it names option, the
 * one (or more, "--secrets or --secrets-fd") that answers. ask: one line without
 * its LF (cut lines are refused); ask_yes: *yes only on exactly "yes". secret: without
 * echo, into locked memory (owned by caller).
 */
BF_MUST enum bf_err bf_cli_ask(char *out, size_t size, const char *prompt,
                               const char *option, struct bf_diag *diag);
BF_MUST enum bf_err bf_cli_ask_yes(bool *yes, const char *prompt, const char *option,
                                   struct bf_diag *diag);
BF_MUST enum bf_err bf_cli_ask_secret(struct bf_secret *out, size_t max,
                                      const char *prompt, const char *option,
                                      struct bf_diag *diag);

/* Now, in the format's form, read once from the system's clock. */
void bf_cli_now(char out[21]);

#endif
