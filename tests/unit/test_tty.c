/* SPDX-License-Identifier: Apache-2.0 */
/* Prompts: on the terminal alone, secrets without echo, and a plain error where there is
 * none. */
#include <string.h>
#include <unistd.h>

#include "bf/cli.h"
#include "harness.h"
#include "pty.h"

/* Exit codes of the children. */
enum { RIGHT = 0, WRONG = 1, NO = 2, FAILED = 10 };

static int code_of(enum bf_err err)
{
    return err == BF_NO_TERMINAL ? FAILED + 1 : (err == BF_USAGE ? FAILED + 2 : FAILED);
}

static int ask(void *ctx)
{
    char answer[16];
    struct bf_diag diag = {0};
    enum bf_err err = bf_cli_ask(answer, sizeof(answer), "name: ", "--name", &diag);

    if (err != BF_OK) {
        return code_of(err);
    }
    return strcmp(answer, ctx) == 0 ? RIGHT : WRONG;
}

static int ask_yes(void *ctx)
{
    struct bf_diag diag = {0};
    bool yes = false;
    enum bf_err err = bf_cli_ask_yes(&yes, "really? ", "--yes", &diag);

    (void)ctx;
    if (err != BF_OK) {
        return code_of(err);
    }
    return yes ? RIGHT : NO;
}

static int ask_secret(void *ctx)
{
    struct bf_secret secret = {0};
    struct bf_diag diag = {0};
    enum bf_err err = bf_cli_ask_secret(&secret, 20, "secret: ", "--secret", &diag);
    int code;

    if (err != BF_OK) {
        return secret.ptr == NULL ? code_of(err) : WRONG;
    }
    code = bf_bytes_is(bf_secret_bytes(&secret), ctx) ? RIGHT : WRONG;
    bf_secret_clear(&secret);
    return code;
}

static char *words(const char *text)
{
    static char copy[100];

    memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static bool shows(struct bf_buf *screen, const char *text)
{
    return strstr(bf_buf_text(screen), text) != NULL;
}

static void test_ask(void)
{
    struct bf_buf screen = bf_buf(10000);

    T_INT(pty_run(ask, words("bob"), "bob\n", &screen), RIGHT);
    T_TRUE(shows(&screen, "name: "));
    T_INT(pty_run(ask, words(""), "\n", &screen), RIGHT);
    T_INT(pty_run(ask, words("123456789012345"), "123456789012345\n", &screen), RIGHT);
    T_INT(pty_run(ask, words(""), "1234567890123456\n", &screen), FAILED + 2);
    T_INT(pty_run(ask, words(""), NULL, &screen), FAILED + 1);
    bf_buf_clear(&screen);
}

static void test_yes(void)
{
    struct bf_buf screen = bf_buf(10000);

    T_INT(pty_run(ask_yes, NULL, "yes\n", &screen), RIGHT);
    T_INT(pty_run(ask_yes, NULL, "y\n", &screen), NO);
    T_INT(pty_run(ask_yes, NULL, "YES\n", &screen), NO);
    T_INT(pty_run(ask_yes, NULL, "yes \n", &screen), NO);
    T_INT(pty_run(ask_yes, NULL, "\n", &screen), NO);
    T_INT(pty_run(ask_yes, NULL, NULL, &screen), FAILED + 1);
    bf_buf_clear(&screen);
}

static void test_secret(void)
{
    struct bf_buf screen = bf_buf(10000);

    T_INT(pty_run(ask_secret, words("wJalrXUtnFEMI"), "wJalrXUtnFEMI\n", &screen), RIGHT);
    T_TRUE(shows(&screen, "secret: "));
    T_TRUE(!shows(&screen, "wJal"));
    T_INT(pty_run(ask_secret, words(""), "123456789012345678901\n", &screen), FAILED + 2);
    T_TRUE(!shows(&screen, "12345"));
    T_INT(pty_run(ask_secret, words(""), NULL, &screen), FAILED + 1);
    bf_buf_clear(&screen);
}

T_CASES("tty", {"a line", test_ask}, {"yes", test_yes}, {"a secret", test_secret});
