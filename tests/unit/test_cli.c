/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "bf/cli.h"

static int run_nothing(const struct bf_args *a)
{
    (void)a;
    return 0;
}

static const struct bf_option common[] = {
    {"json", 0, false, NULL, "one JSON document on stdout"},
    {"quiet", 'q', false, NULL, "only errors"},
    {"state", 0, false, "DIR", "where it is kept"},
};
static const struct bf_option check_options[] = {
    {"out", 'o', false, "FILE", "where to"},
    {"trust", 0, true, "FILE",
     "a trust file, may be given several times, and this text is long so that it is "
     "wrapped"},
    {"yes", 'y', false, NULL, "do not ask"},
};
static const struct bf_verb verbs[] = {
    {"check", "BUNDLE...", 1, SIZE_MAX, "checks", "One paragraph.\n\nAnother.",
     check_options, 3, run_nothing},
    {"status", "", 0, 0, "says what is there", NULL, NULL, 0, run_nothing},
    {"trust install", "FILE", 1, 1, "installs", NULL, NULL, 0, run_nothing},
    {"trust show", "", 0, 0, "shows", NULL, NULL, 0, run_nothing},
};
static const struct bf_program program = {"prog", "1.2.3", "does something", verbs, 4,
                                          common, 3};

/* Parses the words of line, split at blanks. The texts live until the next call. */
static enum bf_err parse(struct bf_args *a, enum bf_cli_help *help, const char *line,
                         struct bf_diag *diag)
{
    static char text[400];
    char *argv[32];
    char *save = NULL, *word;
    int argc = 0;

    snprintf(text, sizeof(text), "prog %s", line);
    for (word = strtok_r(text, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    memset(diag, 0, sizeof(*diag));
    return bf_args_parse(a, &program, argc, argv, help, diag);
}

static void test_mixed(void)
{
    struct bf_args a;
    struct bf_diag diag;
    enum bf_cli_help help;

    T_OK(parse(&a, &help,
               "--state=/s check one --trust t1 -qo f - two -y --trust=t2 -- --three",
               &diag),
         &diag);
    T_INT(help, BF_HELP_NO);
    T_TEXT(a.verb->name, "check");
    T_INT(a.num_operands, 4);
    T_TEXT(a.operands[0], "one");
    T_TEXT(a.operands[1], "-");
    T_TEXT(a.operands[2], "two");
    T_TEXT(a.operands[3], "--three");
    T_TEXT(bf_arg(&a, "state"), "/s");
    T_TEXT(bf_arg(&a, "out"), "f");
    T_INT(bf_arg_count(&a, "trust"), 2);
    T_TEXT(bf_arg_at(&a, "trust", 0), "t1");
    T_TEXT(bf_arg_at(&a, "trust", 1), "t2");
    T_TRUE(a.quiet);
    T_TRUE(!a.json);
    T_TRUE(bf_arg_is(&a, "yes"));
    bf_args_clear(&a);
}

static void test_two_words(void)
{
    struct bf_args a;
    struct bf_diag diag;
    enum bf_cli_help help;

    T_OK(parse(&a, &help, "trust install f", &diag), &diag);
    T_TEXT(a.verb->name, "trust install");
    T_TEXT(a.operands[0], "f");
    bf_args_clear(&a);
    T_ERR(parse(&a, &help, "trust", &diag), BF_USAGE, &diag);
    T_TEXT(diag.where, "'trust' needs one of: install, show");
    bf_args_clear(&a);
    T_ERR(parse(&a, &help, "trust instal f", &diag), BF_USAGE, &diag);
    T_TEXT(diag.where, "there is no verb 'trust instal', the nearest is 'trust install'");
    bf_args_clear(&a);
}

/* Each wrong line and the place that the error names. */
static void test_wrong(void)
{
    static const struct {
        const char *line, *where;
    } cases[] = {
        {"", "no verb is given"},
        {"--quiet", "no verb is given"},
        {"chekc f", "there is no verb 'chekc', the nearest is 'check'"},
        {"statsu", "there is no verb 'statsu', the nearest is 'status'"},
        {"xyzzy", "there is no verb 'xyzzy'"},
        {"check", "check needs BUNDLE..."},
        {"status f", "'f' is one operand too many for status"},
        {"check f --trsut t", "there is no option '--trsut', the nearest is '--trust'"},
        {"check f --quite", "there is no option '--quite', the nearest is '--quiet'"},
        {"check f --wibble=1", "there is no option '--wibble'"},
        {"check f -x", "there is no option '-x'"},
        {"status --trust t", "there is no option '--trust'"},
        {"check f --yes=1", "--yes takes no value"},
        {"check f --out", "--out needs FILE"},
        {"check f -o", "--out needs FILE"},
        {"check f --out a --out b", "--out is given twice"},
        {"check f -yy", "--yes is given twice"},
        {"check f --js", "there is no option '--js'"},
    };
    struct bf_args a;
    struct bf_diag diag;
    enum bf_cli_help help;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        T_ERR(parse(&a, &help, cases[i].line, &diag), BF_USAGE, &diag);
        T_TEXT(diag.where, cases[i].where);
        bf_args_clear(&a);
    }
}

static void test_help(void)
{
    static const struct {
        const char *line;
        enum bf_cli_help help;
        const char *verb;
    } cases[] = {
        {"--help", BF_HELP_SHOW, NULL},
        {"-h", BF_HELP_SHOW, NULL},
        {"help", BF_HELP_SHOW, NULL},
        {"check --help", BF_HELP_SHOW, "check"},
        {"help check", BF_HELP_SHOW, "check"},
        {"--help check", BF_HELP_SHOW, "check"},
        {"trust --help", BF_HELP_SHOW, NULL},
        {"help trust show", BF_HELP_SHOW, "trust show"},
        {"--version", BF_HELP_VERSION, NULL},
    };
    struct bf_args a;
    struct bf_diag diag;
    enum bf_cli_help help;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        T_OK(parse(&a, &help, cases[i].line, &diag), &diag);
        T_INT(help, cases[i].help);
        T_TEXT(a.verb != NULL ? a.verb->name : "-",
               cases[i].verb != NULL ? cases[i].verb : "-");
        bf_args_clear(&a);
    }
}

/* No line of help is wider than a terminal, and every verb and option stands in it. */
static void test_help_text(void)
{
    char *text = NULL;
    size_t size = 0, i, column = 0;
    FILE *f = open_memstream(&text, &size);

    if (f == NULL) {
        abort();
    }
    bf_cli_help(f, &program, NULL);
    bf_cli_help(f, &program, &verbs[0]);
    fclose(f);
    for (i = 0; i < size; i++) {
        column = text[i] == '\n' ? 0 : column + 1;
        T_TRUE(column < 80);
        T_TRUE(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
    }
    T_TRUE(strstr(text, "\n  check BUNDLE...         checks\n") != NULL);
    T_TRUE(strstr(text, "\n  -o, --out FILE          where to\n") != NULL);
    T_TRUE(strstr(text, "several times, and this\n                          text is long "
                        "so that it is wrapped\n") != NULL);
    T_TRUE(strstr(text, "\nOne paragraph.\n\nAnother.\n") != NULL);
    free(text);
}

static void test_nearest(void)
{
    static const char *const names[] = {"check",  "plan",     "apply",
                                        "resume", "receipts", "status"};

    T_TEXT(bf_nearest("aply", names, 6), "apply");
    T_TEXT(bf_nearest("appyl", names, 6), "apply");
    T_TEXT(bf_nearest("paln", names, 6), "plan");
    T_TEXT(bf_nearest("receipt", names, 6), "receipts");
    T_TEXT(bf_nearest("rec", names, 6), "receipts");
    T_TRUE(bf_nearest("frobnicate", names, 6) == NULL);
    T_TRUE(bf_nearest("", names, 6) == NULL);
    T_TRUE(bf_nearest("an argument that is much longer than any name of a verb could be",
                      names, 6) == NULL);
}

static void test_number(void)
{
    struct bf_diag diag = {0};
    int64_t n = 7;

    T_OK(bf_arg_number(&n, "N", "42", 0, 100, &diag), &diag);
    T_INT(n, 42);
    T_ERR(bf_arg_number(&n, "N", "101", 0, 100, &diag), BF_USAGE, &diag);
    T_ERR(bf_arg_number(&n, "N", "", 0, 100, &diag), BF_USAGE, &diag);
    T_ERR(bf_arg_number(&n, "N", "-1", 0, 100, &diag), BF_USAGE, &diag);
    T_ERR(bf_arg_number(&n, "N", "4x", 0, 100, &diag), BF_USAGE, &diag);
    T_ERR(bf_arg_number(&n, "N", "99999999999999999999", 0, 100, &diag), BF_USAGE, &diag);
    T_INT(n, 42);
}

T_CASES("cli", {"options and operands mix", test_mixed},
        {"verbs of two words", test_two_words}, {"wrong lines", test_wrong},
        {"help and version", test_help}, {"help text", test_help_text},
        {"nearest name", test_nearest}, {"numbers", test_number});
