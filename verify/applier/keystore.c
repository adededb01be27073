/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SECONDS = 120, /* the lock at the node waits 45 s, a tool takes 0.4 to 2 s */
    MAX_OUTPUT = 64 * 1024,
    MAX_REQUEST = 8 * 1024,
    MAX_ARGS = 65,
    NOT_STARTED = 127
};

static const char magic[] = "snapseal-node/1";

bool vfy_keystore_wants(struct bf_bytes name)
{
    static const char begins[] = "s3.client.";

    return name.len > sizeof(begins) - 1 &&
           memcmp(name.ptr, begins, sizeof(begins) - 1) == 0;
}

/* ---- the command ---- */

struct command {
    pid_t pid;
    int in;  /* we write */
    int out; /* we read */
    int status;
    bool timed_out;
};

static void exec_command(const struct vfy_node *node, int in, int out, pid_t parent)
{
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *const envp[] = {path, NULL};
    char *argv[MAX_ARGS] = {NULL};
    int null = open("/dev/null", O_WRONLY);
    sigset_t none;
    size_t i;

    for (i = 0; i < node->argv.num && i < MAX_ARGS - 1; i++) {
        const char *text = bf_list_text(&node->argv, i);

        bf_copy(
            &argv[i], &text,
            sizeof(
                text)); /* execve wants them without const, and leaves them as they are */
    }
    (void)setpgid(0, 0);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (null < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(null, STDERR_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, 0) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(NOT_STARTED);
    }
    (void)execve(argv[0], argv, envp);
    _exit(NOT_STARTED);
}

static enum bf_err start(struct command *c, const struct vfy_node *node,
                         struct bf_diag *diag)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    const pid_t self = getpid();
    enum bf_err err = BF_OK;

    *c = (struct command){.pid = -1, .in = -1, .out = -1};
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
        (c->pid = fork()) < 0) {
        err = bf_fail_errno(diag, node->name);
    } else if (c->pid == 0) {
        exec_command(node, in[0], out[1], self);
    }
    if (in[0] >= 0) {
        (void)close(in[0]);
    }
    if (out[1] >= 0) {
        (void)close(out[1]);
    }
    c->in = in[1];
    c->out = out[0];
    return err;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

static int milliseconds_left(const struct timespec *end)
{
    struct timespec now;
    long left;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    left =
        (long)(end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
    return left > 0 ? (int)left : 0;
}

/* What is to be written, one view after the other: request line, values in locked memory,
 * line ends. */
struct feed {
    struct bf_bytes parts[2 * VFY_MAX_SECRETS + 1];
    size_t num, at, done;
};

/* Writes what the pipe takes; closes it when all is written or nobody reads. */
static void feed_some(struct command *c, struct feed *f)
{
    while (c->in >= 0) {
        const struct bf_bytes part = f->at < f->num ? f->parts[f->at] : bf_view(NULL, 0);
        ssize_t n;

        if (f->at >= f->num) {
            close_fd(&c->in);
            return;
        }
        n = write(c->in, part.ptr + f->done, part.len - f->done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n < 0) {
            close_fd(&c->in);
            return;
        }
        f->done += (size_t)n;
        if (f->done == part.len) {
            f->at++;
            f->done = 0;
        }
    }
}

static bool drain_some(struct command *c, struct bf_buf *output)
{
    uint8_t chunk[1024];
    const ssize_t n = read(c->out, chunk, sizeof(chunk));

    if (n > 0) {
        bf_put(output, chunk, (size_t)n);
    }
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Feeds and reads until the command closes its output, or time is up. */
static void converse(struct command *c, struct feed *f, struct bf_buf *output)
{
    struct timespec end;
    bool open = true;

    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += SECONDS;
    (void)fcntl(c->in, F_SETFL, O_NONBLOCK);
    while (open) {
        struct pollfd fds[2] = {{.fd = c->out, .events = POLLIN},
                                {.fd = c->in, .events = POLLOUT}};
        const int left = milliseconds_left(&end);

        if (left == 0) {
            c->timed_out = true;
            break;
        }
        if (poll(fds, 2, left) <= 0) {
            continue;
        }
        if (fds[1].revents != 0) {
            feed_some(c, f);
        }
        if (fds[0].revents != 0) {
            open = drain_some(c, output);
        }
    }
}

static void finish(struct command *c)
{
    pid_t pid;

    close_fd(&c->in);
    close_fd(&c->out);
    if (c->timed_out) {
        (void)kill(-c->pid, SIGKILL);
        (void)kill(c->pid, SIGKILL);
    }
    do {
        pid = waitpid(c->pid, &c->status, 0);
    } while (pid < 0 && errno == EINTR);
}

/* ---- the answer ---- */

/* What the helper's error words mean; %s is what stands after the word. */
static const struct {
    const char *word, *clause;
} errors[] = {
    {"usage", "the helper's arguments in verify.conf are wrong"},
    {"request", "the helper does not take the request: is it of another version?"},
    {"user", "the helper cannot become the user given with --user"},
    {"conf", "the configuration directory cannot be opened"},
    {"busy", "another keystore call has held the node's lock for 45 s"},
    {"writable", "root's configuration directory can be written by others: --user says "
                 "who the helper should be"},
    {"lock", "the lock in the configuration directory is not a file of the helper's"},
    {"type", "the keystore is not a regular file with one name"},
    {"mode", "the keystore has a setuid, setgid or sticky bit"},
    {"badcopy", "the copy of the keystore is not one regular file with a mode in its "
                "name"},
    {"unreadable", "the helper cannot read the keystore: it runs as the wrong user, or "
                   "the file's owner is wrong"},
    {"owner", "the helper cannot keep the keystore's owner: it runs as the wrong user"},
    {"io", "the helper cannot write in the configuration directory"},
    {"nocopy", "the copy of the keystore that this run made is not there"},
    {"tool 64", "the keystore tool does not take its arguments (exit 64)"},
    {"tool 65", "the keystore tool finds no keystore, a damaged one, or one with a "
                "password (exit 65)"},
    {"tool 74", "the keystore tool cannot read or write the keystore (exit 74)"},
    {"tool 78",
     "the keystore tool refuses: it would change the file's owner, or a name to be "
     "taken away is not there (exit 78)"},
    {"tool 126", "the keystore tool cannot be run (exit 126)"},
    {"tool 127", "the keystore tool is not where --tool says (exit 127)"},
};

static enum bf_err tell_error(const struct vfy_node *node, const char *verb,
                              struct bf_bytes words, struct bf_diag *diag)
{
    size_t i;

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (bf_bytes_is(words, errors[i].word)) {
            return bf_fail(diag, BF_NODE_TOOL, "%s: %s (%s)", node->name,
                           errors[i].clause, verb);
        }
    }
    if (words.len > 5 && memcmp(words.ptr, "tool ", 5) == 0) {
        return bf_fail(diag, BF_NODE_TOOL, "%s: the keystore tool failed (%s, exit %.*s)",
                       node->name, verb, (int)words.len - 5, (const char *)words.ptr + 5);
    }
    return bf_fail(diag, BF_NODE_TOOL, "%s: the helper failed (%s)", node->name, verb);
}

/* No answer of ours: the command itself did not work. What it printed is not shown, it
 * may hold secrets. */
static enum bf_err tell_command(const struct vfy_node *node, const char *verb,
                                const struct command *c, struct bf_diag *diag)
{
    if (c->timed_out) {
        return bf_fail(diag, BF_NODE_TOOL,
                       "%s: no answer of the node's command within %d s (%s)", node->name,
                       (int)SECONDS, verb);
    }
    if (WIFSIGNALED(c->status)) {
        return bf_fail(diag, BF_NODE_TOOL,
                       "%s: the node's command was ended by signal %d (%s)", node->name,
                       WTERMSIG(c->status), verb);
    }
    if (WEXITSTATUS(c->status) == NOT_STARTED) {
        return bf_fail(diag, BF_NODE_TOOL, "%s: the node's command cannot be started: %s",
                       node->name, bf_list_text(&node->argv, 0));
    }
    if (WEXITSTATUS(c->status) == 255) {
        return bf_fail(
            diag, BF_NODE_TOOL,
            "%s: the node cannot be reached by its command (exit 255, as ssh has it)",
            node->name);
    }
    return bf_fail(
        diag, BF_NODE_TOOL,
        "%s: the node's command ended with %d and no answer of the helper (%s)",
        node->name, WEXITSTATUS(c->status), verb);
}

/* Takes "WORD " from the front of the view. */
static bool skip(struct bf_bytes *line, const char *words)
{
    const size_t len = strlen(words);

    if (line->len < len || memcmp(line->ptr, words, len) != 0) {
        return false;
    }
    *line = bf_view(line->ptr + len, line->len - len);
    return true;
}

/*
 * "snapseal-node/1 ok VERB", lines, "end" and nothing after it; *body gets the lines. The
 * exit status has to agree.
 */
static enum bf_err parse(const struct vfy_node *node, const char *verb,
                         const struct command *c, struct bf_bytes output,
                         struct bf_bytes *body, struct bf_diag *diag)
{
    static const char tail[] = "end\n";
    const size_t tail_len = sizeof(tail) - 1;
    struct bf_reader r = bf_reader(output);
    struct bf_bytes first = bf_read_line(&r, 200);
    struct bf_bytes rest = r.rest;
    const bool whole =
        !r.bad && rest.len >= tail_len &&
        memcmp(rest.ptr + rest.len - tail_len, tail, tail_len) == 0 &&
        (rest.len == tail_len || rest.ptr[rest.len - tail_len - 1] == '\n');

    *body = bf_view(NULL, 0);
    if (c->timed_out || !WIFEXITED(c->status) || !whole || !skip(&first, magic) ||
        !skip(&first, " ")) {
        return tell_command(node, verb, c, diag);
    }
    if (skip(&first, "error ")) {
        return tell_error(node, verb, first, diag);
    }
    if (!skip(&first, "ok ") || !bf_bytes_is(first, verb) ||
        WEXITSTATUS(c->status) != 0) {
        return tell_command(node, verb, c, diag);
    }
    *body = bf_view(rest.ptr, rest.len - tail_len);
    return BF_OK;
}

/* What a verb is about, beside the run. */
struct about {
    const struct vfy_secrets *secrets; /* add: names, and values for the pipe; or NULL */
    const struct bf_list *names;       /* remove: texts; or NULL */
};

/* One verb at one node. output: owned by caller; *body points into it. */
static enum bf_err call(const struct vfy_node *node, const char *verb, const char *run_id,
                        struct about about, struct bf_buf *output, struct bf_bytes *body,
                        struct bf_diag *diag)
{
    const struct vfy_secrets *secrets = about.secrets;
    struct bf_buf request = bf_buf(MAX_REQUEST);
    struct feed f = {.num = 1};
    struct command c;
    enum bf_err err;
    size_t i;

    *output = bf_buf(MAX_OUTPUT);
    bf_put_fmt(&request, "%s %s %s", magic, verb, run_id);
    for (i = 0; secrets != NULL && i < secrets->num; i++) {
        if (vfy_keystore_wants(secrets->items[i].name)) {
            bf_put_text(&request, " ");
            bf_put_bytes(&request, secrets->items[i].name);
            f.parts[f.num++] = secrets->items[i].value;
            f.parts[f.num++] = bf_text("\n");
        }
    }
    for (i = 0; about.names != NULL && i < about.names->num; i++) {
        bf_put_fmt(&request, " %s", bf_list_text(about.names, i));
    }
    bf_put_text(&request, "\n");
    f.parts[0] = bf_buf_bytes(&request);
    if ((err = bf_buf_check(&request, "request to a node", diag)) != BF_OK) {
        goto out;
    }
    err = start(&c, node, diag);
    if (err == BF_OK) {
        converse(&c, &f, output);
        finish(&c);
        err = parse(node, verb, &c, bf_buf_bytes(output), body, diag);
        if (err == BF_OK && output->bad) {
            err = bf_fail(diag, BF_NODE_TOOL, "%s: the helper's answer is too long (%s)",
                          node->name, verb);
        }
    } else {
        close_fd(&c.in);
        close_fd(&c.out);
    }
out:
    bf_buf_clear(&request);
    return err;
}

/* ---- the verbs ---- */

/* "HEX64 MODE OWNER GROUP", or one of the words. */
static bool keep_state(char out[VFY_KEYSTORE_STATE], struct bf_bytes state)
{
    size_t i;

    if (state.len == 0 || state.len >= VFY_KEYSTORE_STATE) {
        return false;
    }
    for (i = 0; i < state.len; i++) {
        if (strchr("0123456789abcdefghijklmnopqrstuvwxyz ", state.ptr[i]) == NULL) {
            return false;
        }
    }
    bf_copy(out, state.ptr, state.len);
    out[state.len] = '\0';
    return true;
}

static const struct about nothing;

static enum bf_err ask(const struct vfy_node *node, const char *verb, const char *run_id,
                       struct about about, struct vfy_keystore_sum *out,
                       struct bf_diag *diag)
{
    struct bf_buf output;
    struct bf_bytes body, one, two;
    struct bf_reader r;
    enum bf_err err = call(node, verb, run_id, about, &output, &body, diag);

    *out = (struct vfy_keystore_sum){0};
    if (err == BF_OK) {
        r = bf_reader(body);
        one = bf_read_line(&r, 200);
        two = bf_read_line(&r, 200);
        if (!bf_reader_end(&r) || !skip(&one, "keystore ") || !skip(&two, "copy ") ||
            !keep_state(out->keystore, one) || !keep_state(out->copy, two)) {
            err = bf_fail(diag, BF_NODE_TOOL,
                          "%s: an answer of the helper that was not expected (%s)",
                          node->name, verb);
        }
    }
    bf_buf_clear(&output);
    return err;
}

enum bf_err vfy_keystore_sum(const struct vfy_node *node, const char *run_id,
                             struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "sum", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_copy(const struct vfy_node *node, const char *run_id,
                              struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "copy", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_add(const struct vfy_node *node, const char *run_id,
                             const struct vfy_secrets *secrets,
                             struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "add", run_id, (struct about){.secrets = secrets}, out, diag);
}

enum bf_err vfy_keystore_remove(const struct vfy_node *node, const char *run_id,
                                const struct bf_list *names, struct vfy_keystore_sum *out,
                                struct bf_diag *diag)
{
    return ask(node, "remove", run_id, (struct about){.names = names}, out, diag);
}

enum bf_err vfy_keystore_restore(const struct vfy_node *node, const char *run_id,
                                 struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "restore", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_drop(const struct vfy_node *node, const char *run_id,
                              struct vfy_keystore_sum *out, struct bf_diag *diag)
{
    return ask(node, "drop", run_id, nothing, out, diag);
}

enum bf_err vfy_keystore_list(const struct vfy_node *node, const char *run_id,
                              struct bf_buf *out, struct bf_diag *diag)
{
    struct bf_buf output;
    struct bf_bytes body, line;
    struct bf_reader r;
    size_t num = 0;
    enum bf_err err = call(node, "list", run_id, nothing, &output, &body, diag);

    r = bf_reader(err == BF_OK ? body : bf_view(NULL, 0));
    while (err == BF_OK && !bf_reader_end(&r)) {
        line = bf_read_line(&r, 300);
        if (r.bad || !skip(&line, "name ") || line.len == 0 || ++num > VFY_MAX_NAMES) {
            err = bf_fail(diag, BF_NODE_TOOL,
                          "%s: an answer of the helper that was not expected (list)",
                          node->name);
            break;
        }
        bf_put_text(out, out->len > 0 ? " " : "");
        bf_put_bytes(out, line);
    }
    bf_buf_clear(&output);
    return err;
}
