/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapseal-applier: the only program of snapseal-verify with a network. Started by it
 * (runner.h), it gets a checked job over one pipe and the secrets over another, and tells
 * what it does over a third. It prints nothing and reads no file but CAs.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "channel.h"
#include "http.h"
#include "run.h"

/* Without our three pipes this was not started by snapseal-verify. */
static bool has_pipes(void)
{
    int fd;

    for (fd = VFY_FD_JOB; fd <= VFY_FD_SECRETS; fd++) {
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
            return false;
        }
    }
    return true;
}

/*
 * curl copies the cluster's credential to its heap. Where there is no limit none of our
 * pages is swapped out; under a limit locking all would make later allocations fail, and
 * the secrets are in locked memory of their own anyway.
 */
static void lock_pages(void)
{
    struct rlimit limit;

    if (geteuid() == 0 ||
        (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)) {
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
    }
}

int main(void)
{
    struct vfy_channel ch = {.job = VFY_FD_JOB, .events = VFY_FD_EVENTS};
    struct vfy_secrets secrets = {0};
    struct bf_json_doc doc = {0};
    struct bf_diag diag = {0};
    struct vfy_job job = {0};
    enum bf_err err;

    bf_harden_process();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    lock_pages();
    if (!has_pipes() || bf_crypto_init(&diag) != BF_OK) {
        return BF_EXIT_UNDECIDED;
    }
    err = vfy_channel_job(&ch, &job, &doc, &diag);
    if (err == BF_OK) {
        err = vfy_channel_secrets(&secrets, VFY_FD_SECRETS, &diag);
    }
    if (err == BF_OK) {
        err = vfy_http_start(&diag);
    }
    if (err == BF_OK) {
        err = vfy_run_job(&ch, &job, &secrets, &diag);
        vfy_http_stop();
    } else {
        err = vfy_run_refuse(&ch, job.records.num > 0, &diag);
    }
    vfy_secrets_clear(&secrets);
    bf_json_clear(&doc);
    return err == BF_OK ? BF_EXIT_DONE : BF_EXIT_UNDECIDED;
}
