/* SPDX-License-Identifier: Apache-2.0 */
/* The journal after a crash at any byte, and the run that is told from it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/file.h"
#include "harness.h"
#include "journal.h"
#include "story.h"

#define HEX32 "00112233445566778899aabbccddeeff"
#define HEX64 HEX32 HEX32

static const struct vfy_event events[] = {
    {"", "", "version", "fact", "", "", "", "3.8.0", ""},
    {"", "absent", "", "begin", "", "", "policy", "", "yes"},
    {"put", "", "", "end", "", "ok", "policy", "", ""},
    {"", "", "", "begin", "", "", "keystore:Node1", "", "yes"},
    {"", "", "NODE_TOOL", "problem", "Node1", "", "", "exit code 78", ""},
    {"", "", "PREFLIGHT", "problem", "", "", "", "a later one", ""},
    {"", "", "", "finish", "", "undone", "", "", ""},
};
enum { NUM_EVENTS = sizeof(events) / sizeof(events[0]) };

static const char *path_of(const char *name)
{
    static char path[200];

    snprintf(path, sizeof(path), "%s/%s", t_tmpdir(), name);
    return path;
}

static struct vfy_intent intent(void)
{
    struct vfy_intent i = {0};

    i.bundle_id = HEX32;
    i.config_sha256 = HEX64;
    i.file = "change.snapseal";
    i.manifest_sha256 = HEX64;
    i.operator_name = "operator";
    i.run_id = HEX32;
    i.serial = 7;
    i.started = "2026-11-24T09:00:00Z";
    i.target = "prod-eu-1";
    i.trust = 1;
    i.type = VFY_INTENT_TYPE;
    return i;
}

static enum bf_err replay_event(void *ctx, const struct vfy_event *e,
                                struct bf_diag *diag)
{
    return vfy_story_event(ctx, e, diag);
}

static void replay_again(void *ctx)
{
    vfy_story_again(ctx);
}

static enum bf_err read_journal(struct vfy_journal_head *head, struct vfy_story *run,
                                const char *path, struct bf_diag *diag)
{
    struct vfy_replay replay = {replay_event, replay_again, run};

    memset(run, 0, sizeof(*run));
    return vfy_journal_read(head, path, &replay, diag);
}

static void write_journal(const char *path)
{
    struct vfy_journal j = {-1};
    struct vfy_intent i = intent();
    struct bf_diag diag = {0};
    size_t n;

    unlink(path);
    T_OK(vfy_journal_create(&j, path, &i, &diag), &diag);
    for (n = 0; n < NUM_EVENTS; n++) {
        T_OK(vfy_journal_event(&j, &events[n], true, &diag), &diag);
    }
    vfy_journal_close(&j);
}

static void test_round(void)
{
    const char *path = path_of("round.journal");
    struct vfy_journal_head head;
    struct vfy_story run;
    struct bf_diag diag = {0};

    write_journal(path);
    T_OK(read_journal(&head, &run, path, &diag), &diag);
    T_TRUE(head.has_intent);
    T_TEXT(head.intent.run_id, HEX32);
    T_INT(head.intent.serial, 7);
    T_TEXT(head.intent.target, "prod-eu-1");
    T_INT(head.events, NUM_EVENTS);
    T_INT(run.num_records, 3);
    T_TEXT(run.records[0].phase, "begin");
    T_TEXT(run.records[2].step, "keystore:Node1");
    T_INT(run.num_steps, 2);
    T_TEXT(run.steps[0].before, "absent");
    T_TEXT(run.steps[0].after, "put");
    T_TEXT(run.steps[0].result, "ok");
    T_TEXT(run.steps[1].result, "");
    T_TEXT(vfy_story_fact(&run, "version", NULL), "3.8.0");
    T_TEXT(vfy_story_fact(&run, "version", "Node1"), "");
    T_INT(run.finish, VFY_FINISH_UNDONE);
    T_TRUE(vfy_story_wrote(&run));
    T_ERR(vfy_story_problem(&run, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where, "node Node1: exit code 78");
    vfy_story_again(&run);
    T_TEXT(run.steps[1].result, "interrupted");
    T_OK(vfy_story_problem(&run, &diag), &diag);
    vfy_story_clear(&run);
    vfy_journal_head_clear(&head);
}

/* After a cut at any byte exactly the whole lines before it count. */
static void test_torn(void)
{
    const char *path = path_of("torn.journal");
    char whole_path[200];
    struct bf_buf whole;
    struct vfy_journal_head head;
    struct vfy_story run;
    struct bf_diag diag = {0};
    size_t len, lines = 0;

    snprintf(whole_path, sizeof(whole_path), "%s/whole.journal", t_tmpdir());
    write_journal(whole_path);
    T_OK(bf_file_read(&whole, whole_path, VFY_MAX_JOURNAL, &diag), &diag);
    for (len = 0; len <= whole.len; len++) {
        lines += len > 0 && whole.ptr[len - 1] == '\n' ? 1 : 0;
        T_OK(bf_file_write(path, bf_view(whole.ptr, len), 0600, true, &diag), &diag);
        T_OK(read_journal(&head, &run, path, &diag), &diag);
        T_INT(head.has_intent, lines > 0);
        T_INT(head.events, lines > 0 ? lines - 1 : 0);
        vfy_story_clear(&run);
        vfy_journal_head_clear(&head);
    }
    T_INT(lines, NUM_EVENTS + 1);
    bf_buf_clear(&whole);
}

/* A damaged last line counts as torn, any other is STATE_DAMAGED: a crash flips no bits.
 * Without the LF between them the last two are one line. */
static void test_damaged(void)
{
    const char *path = path_of("damaged.journal");
    struct bf_buf whole;
    struct vfy_journal_head head;
    struct vfy_story run;
    struct bf_diag diag = {0};
    size_t at, last = 0;
    enum bf_err err;

    write_journal(path);
    T_OK(bf_file_read(&whole, path, VFY_MAX_JOURNAL, &diag), &diag);
    for (at = 0; at + 1 < whole.len; at++) {
        last = whole.ptr[at] == '\n' ? at + 1 : last;
    }
    for (at = 0; at < whole.len; at += 3) {
        whole.ptr[at] ^= 0x10;
        T_OK(bf_file_write(path, bf_buf_bytes(&whole), 0600, true, &diag), &diag);
        err = read_journal(&head, &run, path, &diag);
        T_ERR(err, at + 1 < last ? BF_STATE_DAMAGED : BF_OK, &diag);
        T_TRUE(err != BF_OK || head.events == NUM_EVENTS - (at < last ? 2 : 1));
        vfy_story_clear(&run);
        vfy_journal_head_clear(&head);
        whole.ptr[at] ^= 0x10;
    }
    bf_buf_clear(&whole);
}

/* What is taken up again is appended behind the last good line, and forgets how it ended
 * before. */
static void test_reopen(void)
{
    const char *path = path_of("reopen.journal");
    struct vfy_journal j = {-1};
    struct vfy_journal_head head;
    struct vfy_story run;
    struct bf_diag diag = {0};
    int fd;

    write_journal(path);
    fd = open(path, O_WRONLY | O_APPEND);
    T_INT(write(fd, "0123456789abcdef event {\"torn", 28), 28);
    close(fd);
    T_OK(vfy_journal_read(&head, path, NULL, &diag), &diag);
    T_INT(head.resumes, 0);
    T_OK(vfy_journal_reopen(&j, path, &head, VFY_FORWARD, "2026-11-24T10:00:00Z", &diag),
         &diag);
    T_OK(vfy_journal_event(&j, &events[3], true, &diag), &diag);
    vfy_journal_close(&j);
    vfy_journal_head_clear(&head);
    T_OK(read_journal(&head, &run, path, &diag), &diag);
    T_INT(head.resumes, 1);
    T_INT(head.events, NUM_EVENTS + 1);
    T_INT(run.finish, VFY_FINISH_NONE);
    T_OK(vfy_story_problem(&run, &diag), &diag);
    T_INT(run.num_steps, 3);
    T_TEXT(run.steps[1].result, "interrupted");
    vfy_story_clear(&run);
    vfy_journal_head_clear(&head);
}

static void test_none(void)
{
    struct vfy_journal j = {-1};
    struct vfy_intent i = intent();
    struct vfy_journal_head head;
    struct vfy_story run;
    struct bf_diag diag = {0};

    T_OK(read_journal(&head, &run, path_of("no.journal"), &diag), &diag);
    T_TRUE(!head.has_intent);
    write_journal(path_of("there.journal"));
    T_ERR(vfy_journal_create(&j, path_of("there.journal"), &i, &diag), BF_IO, &diag);
    T_OK(read_journal(&head, &run, path_of("there.journal"), &diag), &diag);
    T_TRUE(head.has_intent); /* and is not removed by the failure */
    vfy_story_clear(&run);
    vfy_journal_head_clear(&head);
}

static void test_bad_events(void)
{
    static const struct vfy_event wrong[] = {
        {"", "", "", "sing", "", "", "", "", ""},
        {"", "", "", "finish", "", "great", "", "", ""},
    };
    struct vfy_story run = {0};
    struct bf_diag diag = {0};
    struct vfy_event fact = events[0];
    size_t i;

    T_ERR(vfy_story_event(&run, &wrong[0], &diag), BF_APPLIER, &diag);
    T_ERR(vfy_story_event(&run, &wrong[1], &diag), BF_APPLIER, &diag);
    for (i = 0; i < VFY_MAX_FACTS; i++) {
        T_OK(vfy_story_event(&run, &fact, &diag), &diag);
    }
    T_ERR(vfy_story_event(&run, &fact, &diag), BF_APPLIER, &diag);
    vfy_story_clear(&run);
}

T_CASES("journal", {"written and told again", test_round},
        {"torn at every byte", test_torn}, {"damaged", test_damaged},
        {"taken up again", test_reopen}, {"none there, one there", test_none},
        {"events that are none", test_bad_events});
