/* SPDX-License-Identifier: Apache-2.0 */
/* Prompts: only ever on /dev/tty, so that stdin and stdout stay those of the script. */
#include "bf/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static enum bf_err tty_open(int *fd, const char *option, struct bf_diag *diag)
{
    *fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0) {
        return bf_fail(diag, BF_NO_TERMINAL, "%s answers (/dev/tty: %s)", option,
                       strerror(errno));
    }
    return BF_OK;
}

static enum bf_err tty_write(int fd, const char *text, struct bf_diag *diag)
{
    size_t len = strlen(text);
    ssize_t n;

    while (len > 0) {
        n = write(fd, text, len);
        if (n < 0 && errno != EINTR) {
            return bf_fail_errno(diag, "terminal");
        }
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return BF_OK;
}

/* One line into out (cap bytes) without its LF; longer ones are read to their end and
 * refused. */
static enum bf_err tty_line(int fd, uint8_t *out, size_t cap, size_t *len,
                            const char *option, struct bf_diag *diag)
{
    uint8_t c;
    ssize_t n;

    *len = 0;
    for (;;) {
        n = read(fd, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return bf_fail_errno(diag, "terminal");
        }
        if (n == 0) {
            return bf_fail(diag, BF_NO_TERMINAL, "%s answers (the terminal closed)",
                           option);
        }
        if (c == '\n') {
            break;
        }
        if (*len < cap) {
            out[*len] = c;
        }
        *len += 1;
    }
    bf_wipe(&c, 1);
    if (*len > cap) {
        return bf_fail(diag, BF_USAGE, "an answer of more than %zu characters", cap);
    }
    return BF_OK;
}

enum bf_err bf_cli_ask(char *out, size_t size, const char *prompt, const char *option,
                       struct bf_diag *diag)
{
    uint8_t line[1024];
    size_t len = 0, cap = size - 1 < sizeof(line) ? size - 1 : sizeof(line);
    enum bf_err err;
    int fd;

    out[0] = '\0';
    err = tty_open(&fd, option, diag);
    if (err != BF_OK) {
        return err;
    }
    err = tty_write(fd, prompt, diag);
    if (err == BF_OK) {
        err = tty_line(fd, line, cap, &len, option, diag);
    }
    if (err == BF_OK && memchr(line, '\0', len) != NULL) {
        err = bf_fail(diag, BF_USAGE, "an answer with a NUL in it");
    }
    if (err == BF_OK) {
        memcpy(out, line, len);
        out[len] = '\0';
    }
    close(fd);
    return err;
}

enum bf_err bf_cli_ask_yes(bool *yes, const char *prompt, const char *option,
                           struct bf_diag *diag)
{
    char answer[16];
    enum bf_err err;

    *yes = false;
    err = bf_cli_ask(answer, sizeof(answer), prompt, option, diag);
    if (err == BF_OK) {
        *yes = strcmp(answer, "yes") == 0;
    }
    return err;
}

enum bf_err bf_cli_ask_secret(struct bf_secret *out, size_t max, const char *prompt,
                              const char *option, struct bf_diag *diag)
{
    struct termios saved, quiet;
    struct sigaction ignore, old_int, old_stop;
    size_t len = 0;
    enum bf_err err;
    int fd;

    err = tty_open(&fd, option, diag);
    if (err != BF_OK) {
        return err;
    }
    /* Ctrl-C and Ctrl-Z would leave the terminal without echo: they wait until the answer
     * is there */
    memset(&ignore, 0, sizeof(ignore));
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &old_int);
    sigaction(SIGTSTP, &ignore, &old_stop);
    if (tcgetattr(fd, &saved) != 0) {
        err = bf_fail_errno(diag, "terminal");
        goto out;
    }
    quiet = saved;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0) {
        err = bf_fail_errno(diag, "terminal");
        goto out;
    }
    err = bf_secret_alloc(out, max, diag);
    if (err == BF_OK) {
        err = tty_write(fd, prompt, diag);
    }
    if (err == BF_OK) {
        err = tty_line(fd, out->ptr, max, &len, option, diag);
    }
    (void)tty_write(fd, "\n", NULL);
    (void)tcsetattr(fd, TCSAFLUSH, &saved);
    if (err == BF_OK) {
        out->len = len;
    } else {
        bf_secret_clear(out);
    }
out:
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTSTP, &old_stop, NULL);
    close(fd);
    return err;
}
