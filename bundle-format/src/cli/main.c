/* SPDX-License-Identifier: Apache-2.0 */
#include "bf/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bf/text.h"

/* A file that we open must never become descriptor 0, 1 or 2 by accident: text would be
 * written into it. */
static bool open_standard(void)
{
    int fd = open("/dev/null", O_RDWR);

    while (fd >= 0 && fd <= 2) {
        fd = open("/dev/null", O_RDWR);
    }
    if (fd < 0) {
        return false;
    }
    close(fd);
    return true;
}

static int fail_as(const char *name, const struct bf_diag *diag)
{
    char line[1024];
    enum bf_exit code = bf_err_exit(diag->err);

    fflush(stdout);
    fprintf(stderr, "%s: error: %s\n", name, bf_diag_line(diag, line, sizeof(line)));
    return (int)code;
}

static bool about_input(enum bf_err err)
{
    return err == BF_INPUT_OPEN || err == BF_INPUT_TYPE || err == BF_INPUT_SIZE ||
           err == BF_INPUT_READ || err == BF_INPUT_MODE;
}

/* The option whose value the place begins with, or NULL. */
static const char *option_of(const struct bf_args *a, const char *where)
{
    size_t i, len;

    for (i = 0; i < a->num_given; i++) {
        len = a->given[i].value != NULL ? strlen(a->given[i].value) : 0;
        if (len > 0 && strncmp(where, a->given[i].value, len) == 0 &&
            (where[len] == '\0' || where[len] == ':')) {
            return a->given[i].option->name;
        }
    }
    return NULL;
}

int bf_cli_fail(const struct bf_args *a, const struct bf_diag *diag)
{
    static const struct bf_diag unsaid = {BF_INTERNAL, "a failure without a reason",
                                          NULL};
    struct bf_diag told = diag->err != BF_OK ? *diag : unsaid;
    const char *at = told.where, *option = NULL;

    /* places go from outside in, "BUNDLE: KEY: No such file": any part may be the one */
    while (about_input(told.err) && option == NULL && at != NULL) {
        option = option_of(a, at);
        at = strstr(at, ": ");
        at = at != NULL ? at + 2 : NULL;
    }
    if (option != NULL) {
        bf_diag_in(&told, "--%s", option);
    }
    return fail_as(a->program->name, &told);
}

void bf_cli_warn(const struct bf_args *a, const char *text)
{
    char line[1024];

    if (!a->quiet) {
        fprintf(stderr, "%s: warning: %s\n", a->program->name,
                bf_escape(line, sizeof(line), text, strlen(text)));
    }
}

void bf_cli_say(const struct bf_args *a, const char *fmt, ...)
{
    va_list args;

    if (a->quiet) {
        return;
    }
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    putc('\n', stderr);
}

void bf_cli_out(struct bf_bytes result)
{
    if (result.len > 0) {
        fwrite(result.ptr, 1, result.len, stdout);
    }
}

const char *bf_cli_paint(FILE *to, enum bf_paint paint)
{
    static const char *const codes[] = {"\033[0m",  "\033[1m",  "\033[31m",
                                        "\033[32m", "\033[33m", "\033[2m"};
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if ((no_color != NULL && no_color[0] != '\0') || term == NULL ||
        strcmp(term, "dumb") == 0 || !isatty(fileno(to))) {
        return "";
    }
    return codes[paint];
}

void bf_cli_now(char out[21])
{
    bf_time_format(out, (int64_t)time(NULL));
}

static int finish_output(const char *name, int code)
{
    struct bf_diag diag = {0};

    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)bf_fail_errno(&diag, "standard output");
        code = fail_as(name, &diag);
    }
    return code;
}

int bf_cli_main(const struct bf_program *program, int argc, char **argv)
{
    struct bf_diag diag = {0};
    struct bf_args args;
    enum bf_cli_help help = BF_HELP_NO;
    enum bf_err err;
    int code;

    if (!open_standard()) {
        return BF_EXIT_UNDECIDED;
    }
    signal(SIGPIPE, SIG_IGN);
    bf_harden_process();
    err = bf_args_parse(&args, program, argc, argv, &help, &diag);
    if (err != BF_OK) {
        code = bf_cli_fail(&args, &diag);
    } else if (help == BF_HELP_VERSION) {
        printf("%s %s\n", program->name, program->version);
        code = BF_EXIT_DONE;
    } else if (help == BF_HELP_SHOW && args.group != NULL) {
        bf_cli_help_group(stdout, program, args.group);
        code = BF_EXIT_DONE;
    } else if (help == BF_HELP_SHOW) {
        bf_cli_help(stdout, program, args.verb);
        code = BF_EXIT_DONE;
    } else if (bf_crypto_init(&diag) != BF_OK) {
        code = bf_cli_fail(&args, &diag);
    } else {
        code = args.verb->run(&args);
    }
    bf_args_clear(&args);
    return finish_output(program->name, code);
}
