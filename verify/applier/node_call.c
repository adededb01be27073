/* SPDX-License-Identifier: Apache-2.0 */
#include "node_call.h"

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

#include "keystore.h"

enum {
    SECONDS = 120, /* the lock at the node waits 45 s, a tool takes 0.4 to 2 s */
    MAX_OUTPUT = 64 * 1024,
    MAX_REQUEST = 8 * 1024,
    MAX_ARGS = 65,
    NOT_STARTED = 127
};

static const char magic[] = "snapseal-node/1";

/* ---- the command ---- */

/* What is to be written, one view after the other: request line, values in locked memory,
 * line ends. */
struct feed {
    struct bf_bytes parts[2 * VFY_MAX_SECRETS + 1];
    size_t num, at, done;
};

struct command {
    pid_t pid;
    int in;  /* we write */
    int out; /* we read; -1 when it has ended */
    struct feed feed;
    struct bf_buf *output;
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

    c->pid = c->in = c->out = -1;
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

/* Writes what the pipe takes; closes it when all is written or nobody reads. */
static void feed_some(struct command *c)
{
    struct feed *f = &c->feed;

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

static void drain_some(struct command *c)
{
    uint8_t chunk[1024];
    const ssize_t n = read(c->out, chunk, sizeof(chunk));

    if (n > 0) {
        bf_put(c->output, chunk, (size_t)n);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        close_fd(&c->out);
    }
}

/* One round: what can be written or read within the time is. False when all have ended or
 * time is up. */
static bool converse_some(struct command *c, size_t num, int milliseconds)
{
    struct pollfd fds[2 * VFY_NODES_AT_ONCE];
    bool open = false;
    size_t i;

    for (i = 0; i < num; i++) {
        fds[2 * i] = (struct pollfd){.fd = c[i].out, .events = POLLIN};
        fds[2 * i + 1] = (struct pollfd){.fd = c[i].in, .events = POLLOUT};
        open = open || c[i].out >= 0;
    }
    if (!open || milliseconds == 0) {
        return false;
    }
    if (poll(fds, 2 * num, milliseconds) <= 0) {
        return true;
    }
    for (i = 0; i < num; i++) {
        if (fds[2 * i + 1].revents != 0) {
            feed_some(&c[i]);
        }
        if (fds[2 * i].revents != 0) {
            drain_some(&c[i]);
        }
    }
    return true;
}

/* Feeds and reads until every command has closed its output, or time is up. */
static void converse(struct command *c, size_t num)
{
    struct timespec end;
    size_t i;

    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += SECONDS;
    for (i = 0; i < num; i++) {
        if (c[i].in >= 0) {
            (void)fcntl(c[i].in, F_SETFL, O_NONBLOCK);
        }
    }
    while (converse_some(c, num, milliseconds_left(&end))) {
    }
}

static void finish(struct command *c, struct vfy_answer *a)
{
    pid_t pid;

    a->timed_out = c->out >= 0;
    close_fd(&c->in);
    close_fd(&c->out);
    if (a->timed_out) {
        (void)kill(-c->pid, SIGKILL);
        (void)kill(c->pid, SIGKILL);
    }
    do {
        pid = waitpid(c->pid, &a->status, 0);
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
                                const struct vfy_answer *a, struct bf_diag *diag)
{
    if (a->timed_out) {
        return bf_fail(diag, BF_NODE_TOOL,
                       "%s: no answer of the node's command within %d s (%s)", node->name,
                       (int)SECONDS, verb);
    }
    if (WIFSIGNALED(a->status)) {
        return bf_fail(diag, BF_NODE_TOOL,
                       "%s: the node's command was ended by signal %d (%s)", node->name,
                       WTERMSIG(a->status), verb);
    }
    if (WEXITSTATUS(a->status) == NOT_STARTED) {
        return bf_fail(diag, BF_NODE_TOOL, "%s: the node's command cannot be started: %s",
                       node->name, bf_list_text(&node->argv, 0));
    }
    if (WEXITSTATUS(a->status) == 255) {
        return bf_fail(
            diag, BF_NODE_TOOL,
            "%s: the node cannot be reached by its command (exit 255, as ssh has it)",
            node->name);
    }
    return bf_fail(
        diag, BF_NODE_TOOL,
        "%s: the node's command ended with %d and no answer of the helper (%s)",
        node->name, WEXITSTATUS(a->status), verb);
}

bool vfy_skip(struct bf_bytes *line, const char *words)
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
                         const struct vfy_answer *a, struct bf_bytes *body,
                         struct bf_diag *diag)
{
    static const char tail[] = "end\n";
    const size_t tail_len = sizeof(tail) - 1;
    struct bf_reader r = bf_reader(bf_buf_bytes(&a->output));
    struct bf_bytes first = bf_read_line(&r, 200);
    struct bf_bytes rest = r.rest;
    const bool whole =
        !r.bad && rest.len >= tail_len &&
        memcmp(rest.ptr + rest.len - tail_len, tail, tail_len) == 0 &&
        (rest.len == tail_len || rest.ptr[rest.len - tail_len - 1] == '\n');

    *body = bf_view(NULL, 0);
    if (a->timed_out || !WIFEXITED(a->status) || !whole || !vfy_skip(&first, magic) ||
        !vfy_skip(&first, " ")) {
        return tell_command(node, verb, a, diag);
    }
    if (vfy_skip(&first, "error ")) {
        return tell_error(node, verb, first, diag);
    }
    if (!vfy_skip(&first, "ok ") || !bf_bytes_is(first, verb) ||
        WEXITSTATUS(a->status) != 0) {
        return tell_command(node, verb, a, diag);
    }
    *body = bf_view(rest.ptr, rest.len - tail_len);
    return BF_OK;
}

/* ---- one verb ---- */

/* The same request for every node; request holds its text. */
static enum bf_err write_request(struct bf_buf *request, struct feed *f, const char *verb,
                                 const char *run_id, struct vfy_about about,
                                 struct bf_diag *diag)
{
    size_t i;

    bf_put_fmt(request, "%s %s %s", magic, verb, run_id);
    f->num = 1;
    for (i = 0; about.secrets != NULL && i < about.secrets->num; i++) {
        if (vfy_keystore_wants(about.secrets->items[i].name)) {
            bf_put_text(request, " ");
            bf_put_bytes(request, about.secrets->items[i].name);
            f->parts[f->num++] = about.secrets->items[i].value;
            f->parts[f->num++] = bf_text("\n");
        }
    }
    for (i = 0; about.names != NULL && i < about.names->num; i++) {
        bf_put_fmt(request, " %s", bf_list_text(about.names, i));
    }
    bf_put_text(request, "\n");
    f->parts[0] = bf_buf_bytes(request);
    return bf_buf_check(request, "request to a node", diag);
}

/* At most VFY_NODES_AT_ONCE nodes. An answer that is not there had no command to give it.
 */
static enum bf_err ask_some(struct vfy_answer *answers, const struct vfy_node *nodes,
                            size_t num, const char *verb, const char *run_id,
                            struct vfy_about about, struct bf_diag *diag)
{
    struct command *c = calloc(num, sizeof(*c));
    struct bf_buf request = bf_buf(MAX_REQUEST);
    struct feed f = {0};
    enum bf_err err = c != NULL ? write_request(&request, &f, verb, run_id, about, diag)
                                : bf_fail(diag, BF_NO_MEMORY, "commands of nodes");
    size_t i, started = 0;

    for (i = 0; i < num && err == BF_OK; i++, started++) {
        answers[i].output = bf_buf(MAX_OUTPUT);
        c[i].feed = f;
        c[i].output = &answers[i].output;
        err = start(&c[i], &nodes[i], diag);
        if (err != BF_OK) {
            close_fd(&c[i].in);
            close_fd(&c[i].out);
            break;
        }
    }
    if (started > 0) {
        converse(c, started);
    }
    for (i = 0; i < started; i++) {
        finish(&c[i], &answers[i]);
        answers[i].verb = verb;
    }
    bf_buf_clear(&request);
    free(c);
    return err;
}

/* The answer of that verb that was got ahead, or NULL. */
static struct vfy_answer *got_ahead(const struct vfy_node *node, const char *verb)
{
    size_t i;

    for (i = 0; node->ahead != NULL && i < VFY_VERBS_AHEAD; i++) {
        struct vfy_answer *a = &node->ahead[i];

        if (a->verb != NULL && strcmp(a->verb, verb) == 0) {
            return a;
        }
    }
    return NULL;
}

enum bf_err vfy_node_call(const struct vfy_node *node, const char *verb,
                          const char *run_id, struct vfy_about about,
                          struct vfy_answer *out, struct bf_bytes *body,
                          struct bf_diag *diag)
{
    struct vfy_answer *ahead = got_ahead(node, verb);
    enum bf_err err = BF_OK;

    *out = (struct vfy_answer){0};
    *body = bf_view(NULL, 0);
    if (ahead != NULL) {
        *out = *ahead;
        *ahead = (struct vfy_answer){0};
    } else {
        err = ask_some(out, node, 1, verb, run_id, about, diag);
    }
    if (err == BF_OK) {
        err = parse(node, verb, out, body, diag);
    }
    if (err == BF_OK && out->output.bad) {
        err = bf_fail(diag, BF_NODE_TOOL, "%s: the helper's answer is too long (%s)",
                      node->name, verb);
    }
    return err;
}

/* The first place of a node that holds no answer; the last one is used again. NULL when
 * there is no memory for places. */
static struct vfy_answer *place_at(struct vfy_node *node)
{
    size_t k = 0;

    if (node->ahead == NULL) {
        node->ahead = calloc(VFY_VERBS_AHEAD, sizeof(*node->ahead));
    }
    if (node->ahead == NULL) {
        return NULL;
    }
    while (k < VFY_VERBS_AHEAD - 1 && node->ahead[k].verb != NULL) {
        k++;
    }
    return &node->ahead[k];
}

void vfy_node_ahead(const struct bf_list *nodes, const char *verb, const char *run_id,
                    struct vfy_about about)
{
    struct vfy_answer answers[VFY_NODES_AT_ONCE];
    struct vfy_node *all = nodes->items;
    size_t at, num, i;

    for (at = 0; nodes->num > 1 && at < nodes->num; at += num) {
        num = nodes->num - at < VFY_NODES_AT_ONCE ? nodes->num - at : VFY_NODES_AT_ONCE;
        memset(answers, 0, sizeof(answers));
        /* what was not asked now is asked when it is wanted */
        (void)!ask_some(answers, all + at, num, verb, run_id, about, NULL);
        for (i = 0; i < num; i++) {
            struct vfy_answer *place = place_at(&all[at + i]);

            bf_buf_clear(place != NULL ? &place->output : &answers[i].output);
            if (place != NULL) {
                *place = answers[i];
            }
        }
    }
}

void vfy_node_forget(const struct bf_list *nodes)
{
    struct vfy_node *all = nodes->items;
    size_t i, k;

    for (i = 0; i < nodes->num; i++) {
        for (k = 0; all[i].ahead != NULL && k < VFY_VERBS_AHEAD; k++) {
            bf_buf_clear(&all[i].ahead[k].output);
        }
        free(all[i].ahead);
        all[i].ahead = NULL;
    }
}
