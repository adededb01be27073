/* SPDX-License-Identifier: Apache-2.0 */
/* A deployment of Elastic Cloud, and a crash after each record. Apart from the other
 * restarts, because all of them wait, and wait beside each other. */
#include "fake_cloud.h"
#include "harness.h"

static struct fake_target target;
static struct fake_told told;

/* The parent dies after each record; the run goes forward or back. */
static void sweep(const char *mode, const char *finish, const char *names, int records)
{
    int n;

    fake_cloud_start(&target);
    for (n = 1; n <= records; n++) {
        fake_cloud_restarting(&target);
        told.stop_at = (size_t)n;
        fake_run(&target, "apply", &told);
        T_INT(told.runner, BF_IO);
        told.stop_at = 0;
        fake_run(&target, mode, &told);
        T_TEXT(told.finish, finish);
        T_TEXT(target.world->cloud.names, names);
        T_INT(target.world->repository[0] != '\0', names[0] != '\0');
        T_TRUE(t_count(target.world->log, "_restart?") <= 1);
        T_TRUE(t_count(target.world->log, "PATCH ") <= 2);
    }
    fake_target_stop(&target);
}

static void test_crash_then_forward(void)
{
    sweep("apply", "applied", FAKE_NAMES, 11);
}

static void test_crash_then_undo(void)
{
    sweep("undo", "undone", "", 11);
}

T_CASES("cloud_crash", {"crash, then forward", test_crash_then_forward},
        {"crash, then undo", test_crash_then_undo});
