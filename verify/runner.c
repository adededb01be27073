/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bf/file.h"

enum { NOT_STARTED = 127, FIRST_FREE_FD = 10 };

struct child {
    pid_t pid;
    int job;     /* write end: job, then acks */
    int events;  /* read end */
    int secrets; /* write end */
};

/* ---- the child's side of fork(): async-signal-safe calls only ---- */

static void keep_fd(int *fd)
{
    *fd = fcntl(*fd, F_DUPFD, FIRST_FREE_FD);
    if (*fd < 0) {
        _exit(NOT_STARTED);
    }
}

static void run_child(const char *program, pid_t parent, int job, int events, int secrets)
{
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *const envp[] = {path, NULL};
    const struct rlimit no_core = {0, 0};
    char name[] = "snapseal-applier";
    char *const argv[] = {name, NULL};
    int null;

    /* away from 3 to 5 first, or one dup2 could close the next one's source */
    keep_fd(&job);
    keep_fd(&events);
    keep_fd(&secrets);
    null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(job, VFY_FD_JOB) < 0 || dup2(events, VFY_FD_EVENTS) < 0 ||
        dup2(secrets, VFY_FD_SECRETS) < 0 ||
        close_range(VFY_FD_SECRETS + 1, ~0U, 0) != 0) {
        _exit(NOT_STARTED);
    }
    (void)setsid(); /* a ^C is for us; we decide what becomes of the applier */
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)signal(SIGPIPE, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(NOT_STARTED);
    }
    (void)execve(program, argv, envp);
    _exit(NOT_STARTED);
}

/* ---- ours ---- */

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

static enum bf_err start(struct child *out, const char *program, struct bf_diag *diag)
{
    int fds[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}}; /* job, events, secrets */
    const pid_t self = getpid();
    enum bf_err err = BF_OK;
    size_t i;

    for (i = 0; i < 3 && err == BF_OK; i++) {
        if (pipe2(fds[i], O_CLOEXEC) != 0) {
            err = bf_fail_errno(diag, "pipe to the applier");
        }
    }
    if (err == BF_OK && (out->pid = fork()) < 0) {
        err = bf_fail_errno(diag, "starting the applier");
    }
    if (err == BF_OK && out->pid == 0) {
        run_child(program, self, fds[0][0], fds[1][1], fds[2][0]);
    }
    close_fd(&fds[0][0]);
    close_fd(&fds[1][1]);
    close_fd(&fds[2][0]);
    out->job = fds[0][1];
    out->events = fds[1][0];
    out->secrets = fds[2][1];
    return err;
}

/* True when len bytes came; *ended when the pipe ended at their beginning. */
static bool receive_bytes(int fd, void *ptr, size_t len, bool *ended)
{
    size_t got;
    const bool read_on = bf_fd_read(fd, ptr, len, &got);

    if (read_on && got == len) {
        return true;
    }
    *ended = read_on && got == 0;
    return false;
}

static enum bf_err send_job(struct child *c, const struct vfy_job *job,
                            struct bf_diag *diag)
{
    struct bf_buf frame = bf_buf(VFY_MAX_FRAME);
    struct bf_buf head = bf_buf(4);
    enum bf_err err;

    bf_schema_write(&frame, &vfy_job_schema, job);
    bf_put_u32(&head, (uint32_t)frame.len);
    err = bf_buf_check(&frame, "job for the applier", diag);
    if (err == BF_OK) {
        err = bf_buf_check(&head, "job for the applier", diag);
    }
    if (err == BF_OK) {
        /* a failure shows when we wait */
        (void)(bf_fd_write(c->job, bf_buf_bytes(&head)) &&
               bf_fd_write(c->job, bf_buf_bytes(&frame)));
    }
    bf_buf_clear(&head);
    bf_buf_clear(&frame);
    return err;
}

static bool send_string(int fd, struct bf_bytes text)
{
    const uint8_t head[4] = {(uint8_t)(text.len >> 24), (uint8_t)(text.len >> 16),
                             (uint8_t)(text.len >> 8), (uint8_t)text.len};

    return bf_fd_write(fd, bf_view(head, sizeof(head))) && bf_fd_write(fd, text);
}

/* Values go from the caller's locked memory straight into the pipe. */
static enum bf_err send_secrets(struct child *c, const struct vfy_secret *secrets,
                                size_t num, struct bf_diag *diag)
{
    size_t total = 0;
    size_t i;

    for (i = 0; i < num; i++) {
        total += 8 + bf_text(secrets[i].name).len + secrets[i].value.len;
    }
    if (num > VFY_MAX_SECRETS || total > VFY_MAX_SECRETS_BYTES) {
        return bf_fail(diag, BF_TOO_LARGE, "secrets for the applier");
    }
    for (i = 0; i < num; i++) {
        if (!send_string(c->secrets, bf_text(secrets[i].name)) ||
            !send_string(c->secrets, secrets[i].value)) {
            break;
        }
    }
    close_fd(&c->secrets);
    return BF_OK;
}

struct incoming {
    struct bf_json_doc doc;
    struct vfy_event event;
};

/* The next event; *ended at the end of the pipe. A frame that is not one is BF_APPLIER.
 */
static enum bf_err next_event(struct child *c, struct incoming *in, bool *ended,
                              struct bf_diag *diag)
{
    struct bf_buf frame = bf_buf(VFY_MAX_FRAME);
    uint8_t head[4];
    uint8_t chunk[2048];
    enum bf_err err = BF_OK;
    uint32_t left;

    if (!receive_bytes(c->events, head, sizeof(head), ended)) {
        return *ended ? BF_OK : bf_fail(diag, BF_APPLIER, "an event was cut short");
    }
    left = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 |
           (uint32_t)head[3];
    if (left == 0 || left > VFY_MAX_FRAME) {
        return bf_fail(diag, BF_APPLIER, "an event of %u bytes", (unsigned)left);
    }
    while (err == BF_OK && left > 0) {
        const size_t n = left < sizeof(chunk) ? left : sizeof(chunk);
        bool ignored = false;

        if (!receive_bytes(c->events, chunk, n, &ignored)) {
            err = bf_fail(diag, BF_APPLIER, "an event was cut short");
        }
        bf_put(&frame, chunk, n);
        left -= (uint32_t)n;
    }
    if (err == BF_OK) {
        err = bf_buf_check(&frame, "event", diag);
    }
    if (err == BF_OK && (err = bf_json_parse(&in->doc, bf_buf_bytes(&frame),
                                             BF_JSON_SIGNED, diag)) != BF_OK) {
        err = bf_fail(diag, BF_APPLIER, "an event that is not JSON in the profile (%s)",
                      bf_err_id(err));
    }
    if (err == BF_OK) {
        err = bf_schema_read(&in->event, &vfy_event_schema, in->doc.root, &in->doc.arena,
                             BF_APPLIER, diag);
    }
    bf_buf_clear(&frame);
    return err;
}

static enum bf_err listen_to(struct child *c, const struct vfy_listener *listener,
                             bool *finished, struct bf_diag *diag)
{
    struct incoming in = {0};
    enum bf_err err = BF_OK;
    bool ended = false;

    while (err == BF_OK && !ended) {
        err = next_event(c, &in, &ended, diag);
        if (err == BF_OK && !ended && *finished) {
            err = bf_fail(diag, BF_APPLIER, "an event after the last one");
        }
        if (err == BF_OK && !ended) {
            err = listener->event(listener->ctx, &in.event, diag);
        }
        if (err == BF_OK && !ended) {
            if (bf_bytes_is(bf_text(in.event.kind), "begin") ||
                bf_bytes_is(bf_text(in.event.kind), "end")) {
                /* on disk by now; if the applier is gone the next read says so */
                (void)bf_fd_write(c->job, bf_view("a", 1));
            }
            *finished = *finished || bf_bytes_is(bf_text(in.event.kind), "finish");
        }
        bf_json_clear(&in.doc);
    }
    return err;
}

/* Reaps the child; what became of it, when nothing worse is known yet. */
static enum bf_err end(struct child *c, enum bf_err err, bool finished,
                       struct bf_diag *diag)
{
    int status = 0;
    pid_t pid;

    if (err != BF_OK) {
        (void)kill(c->pid, SIGKILL);
    }
    close_fd(&c->job);
    close_fd(&c->secrets);
    close_fd(&c->events);
    do {
        pid = waitpid(c->pid, &status, 0);
    } while (pid < 0 && errno == EINTR);
    if (err != BF_OK) {
        return err;
    }
    if (pid < 0) {
        return bf_fail_errno(diag, "waiting for the applier");
    }
    if (WIFSIGNALED(status)) {
        return bf_fail(diag, BF_APPLIER, "ended by signal %d", WTERMSIG(status));
    }
    if (!finished && WEXITSTATUS(status) == NOT_STARTED) {
        return bf_fail(diag, BF_IO, "the applier program cannot be started");
    }
    if (!finished || WEXITSTATUS(status) != 0) {
        return bf_fail(diag, BF_APPLIER, "exit status %d %s", WEXITSTATUS(status),
                       finished ? "after its last event" : "before its last event");
    }
    return BF_OK;
}

enum bf_err vfy_run_applier(const char *program, const struct vfy_job *job,
                            const struct vfy_secret *secrets, size_t num,
                            const struct vfy_listener *listener, struct bf_diag *diag)
{
    struct sigaction ignore = {0};
    struct sigaction before;
    struct child c = {-1, -1, -1, -1};
    bool finished = false;
    enum bf_err err;

    /* writing to an applier that died must not kill us; the caller's own handling comes
     * back at the end */
    ignore.sa_handler = SIG_IGN;
    if (sigaction(SIGPIPE, &ignore, &before) != 0) {
        return bf_fail_errno(diag, "sigaction");
    }
    err = start(&c, program, diag);
    if (err == BF_OK) {
        err = send_job(&c, job, diag);
        if (err == BF_OK) {
            err = send_secrets(&c, secrets, num, diag);
        }
        if (err == BF_OK) {
            err = listen_to(&c, listener, &finished, diag);
        }
        err = end(&c, err, finished, diag);
    } else {
        close_fd(&c.job);
        close_fd(&c.events);
        close_fd(&c.secrets);
    }
    (void)sigaction(SIGPIPE, &before, NULL);
    return err;
}
