/* SPDX-License-Identifier: Apache-2.0 */
/* The node's helper with a keystore tool of ours that prints secrets in its errors, and
 * the applier's side of it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applier/keystore.h"
#include "harness.h"

static const char run_a[] = "0123456789abcdef0123456789abcdef";
static const char run_b[] = "fedcba9876543210fedcba9876543210";
static const char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfi=~'\"$(id)`x`\\";

static char conf[300], tool[300], store[320];
static const char *argv_node[12];
static struct vfy_node node = {.argv = {0, argv_node}, .name = "node1"};

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");

    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) != 0) {
        abort();
    }
}

/* "name=value" lines; errors and chatter hold the values; exit codes as the real tools
 * have them. */
static const char fake_tool[] =
    "#!/bin/sh\n"
    "f=$OPENSEARCH_PATH_CONF/opensearch.keystore\n"
    "[ \"$(env | grep -c '^')\" -le 6 ] || exit 99\n"
    "case $1 in\n"
    "list) [ -f \"$f\" ] || { echo 'not found' >&2; exit 65; }; cut -d= -f1 \"$f\"; echo "
    "'WARNING: a line of chatter' ;;\n"
    "add) shift 3; cp \"$f\" \"$f.new\" 2>/dev/null || : >\"$f.new\"\n"
    " for n in \"$@\"; do IFS= read -r v || { echo \"one line too few, had $v $(cat "
    "\"$f\")\" >&2; rm -f \"$f.new\"; exit 74; }\n"
    "  echo \"Setting $n to $v\"; echo \"oops: $v\" >&2; [ \"$v\" != fail-78 ] || exit "
    "78\n"
    "  grep -v \"^$n=\" \"$f.new\" >\"$f.two\"; printf '%s=%s\\n' \"$n\" \"$v\" "
    ">>\"$f.two\"; mv \"$f.two\" \"$f.new\"; done\n"
    " chmod 660 \"$f.new\"; mv \"$f.new\" \"$f\"; [ -z \"${SLOW:-}\" ] || sleep 1 ;;\n"
    "esac\n";

static void set_up(const char *extra_name, const char *extra_value)
{
    size_t n = 0;

    snprintf(conf, sizeof(conf), "%s/conf", t_tmpdir());
    snprintf(tool, sizeof(tool), "%s/tool", t_tmpdir());
    snprintf(store, sizeof(store), "%s/opensearch.keystore", conf);
    (void)mkdir(conf, 0700);
    write_file(tool, fake_tool, 0755);
    write_file(store, "keystore.seed=abc\n", 0640);
    argv_node[n++] = "verify/node/snapseal-node";
    argv_node[n++] = "--tool";
    argv_node[n++] = tool;
    argv_node[n++] = "--conf";
    argv_node[n++] = conf;
    if (extra_name != NULL) {
        argv_node[n++] = extra_name;
        argv_node[n++] = extra_value;
    }
    node.argv.num = n;
    (void)signal(SIGPIPE, SIG_IGN); /* as the applier has it */
}

static struct vfy_secrets secrets_of(const char *id, const char *key)
{
    struct vfy_secrets s = {0};

    s.items[0].name = bf_text("cluster.password");
    s.items[0].value = bf_text("not-for-the-node");
    s.items[1].name = bf_text("s3.client.x.access_key");
    s.items[1].value = bf_text(id);
    s.items[2].name = bf_text("s3.client.x.secret_key");
    s.items[2].value = bf_text(key);
    s.num = 3;
    return s;
}

static void check_store(const char *want, mode_t mode)
{
    struct bf_buf text = {0};
    struct stat st;

    T_TRUE(t_read_file(&text, store));
    T_TEXT(bf_buf_text(&text), want);
    T_TRUE(stat(store, &st) == 0);
    T_INT(st.st_mode & 07777, mode);
    bf_buf_clear(&text);
}

static size_t files_in_conf(void)
{
    char command[400];
    FILE *p;
    size_t lines = 0;
    int c;

    snprintf(command, sizeof(command), "ls -A %s", conf);
    p = popen(command, "r");
    while (p != NULL && (c = fgetc(p)) != EOF) {
        lines += c == '\n' ? 1 : 0;
    }
    if (p != NULL) {
        pclose(p);
    }
    return lines;
}

static void test_whole_life(void)
{
    const struct vfy_secrets s = secrets_of("AKIAIOSFODNN7EXAMPLE", secret);
    struct vfy_keystore_sum before, sum;
    struct bf_buf names = bf_buf(4096);
    struct bf_diag diag = {0};
    char want[300];

    set_up(NULL, NULL);
    T_OK(vfy_keystore_sum(&node, run_a, &before, &diag), &diag);
    T_TEXT(before.copy, "none");
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_OK(vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_TEXT(sum.copy, before.keystore);
    T_OK(vfy_keystore_add(&node, run_a, &s, &sum, &diag), &diag);
    snprintf(want, sizeof(want),
             "keystore.seed=abc\ns3.client.x.access_key=AKIAIOSFODNN7EXAMPLE\ns3.client."
             "x.secret_key=%s\n",
             secret);
    check_store(want, 0640); /* as it was, though the tool made it 0660 */
    T_OK(vfy_keystore_list(&node, run_a, &names, &diag), &diag);
    T_TEXT(bf_buf_text(&names),
           "keystore.seed s3.client.x.access_key s3.client.x.secret_key");
    /* a second copy keeps the first one */
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_OK(vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_TEXT(sum.copy, before.keystore);
    T_TRUE(strcmp(sum.keystore, before.keystore) != 0);
    T_OK(vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    check_store("keystore.seed=abc\n", 0640);
    T_OK(vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    T_OK(vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_TEXT(sum.keystore, before.keystore);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_INT(files_in_conf(), 1);
    bf_buf_clear(&names);
}

static void test_copy_is_private(void)
{
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};
    char path[400];
    struct stat st;

    set_up(NULL, NULL);
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    snprintf(path, sizeof(path), "%s.snapseal-%s.640", store, run_a);
    T_TRUE(stat(path, &st) == 0);
    T_INT(st.st_mode & 07777, 0600);
    /* another run has its own, and does not take this one away */
    T_OK(vfy_keystore_copy(&node, run_b, &sum, &diag), &diag);
    T_OK(vfy_keystore_drop(&node, run_b, &sum, &diag), &diag);
    T_TRUE(stat(path, &st) == 0);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_TRUE(stat(path, &st) != 0);
}

static void test_absent_keystore(void)
{
    const struct vfy_secrets s = secrets_of("AKIAIOSFODNN7EXAMPLE", secret);
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};

    set_up(NULL, NULL);
    T_INT(unlink(store), 0);
    T_OK(vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_TEXT(sum.keystore, "absent");
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_OK(vfy_keystore_add(&node, run_a, &s, &sum, &diag), &diag);
    T_OK(vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_TEXT(sum.copy, "absent");
    T_TRUE(strcmp(sum.keystore, "absent") != 0);
    T_OK(vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    T_TRUE(access(store, F_OK) != 0);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_INT(files_in_conf(), 0);
}

/* Errors are named, and what the tool printed is nowhere in them. */
static void test_errors(void)
{
    const struct vfy_secrets good = secrets_of("AKIAIOSFODNN7EXAMPLE", secret);
    const struct vfy_secrets refused = secrets_of("AKIAIOSFODNN7EXAMPLE", "fail-78");
    struct vfy_keystore_sum sum;
    struct bf_buf names = bf_buf(4096);
    struct bf_diag diag = {0};

    set_up(NULL, NULL);
    T_ERR(vfy_keystore_add(&node, run_a, &good, &sum, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where,
           "node1: the copy of the keystore that this run made is not there (add)");
    T_ERR(vfy_keystore_restore(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_ERR(vfy_keystore_add(&node, run_a, &refused, &sum, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where, "node1: the keystore tool refuses: it would change the file's "
                       "owner (exit 78) (add)");
    check_store("keystore.seed=abc\n", 0640);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_INT(unlink(store), 0);
    T_ERR(vfy_keystore_list(&node, run_a, &names, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where, "node1: the keystore tool finds no keystore, a damaged one, or "
                       "one with a password (exit 65) (list)");
    T_INT(symlink("/etc/passwd", store), 0);
    T_ERR(vfy_keystore_sum(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where, "node1: the keystore is not a regular file (sum)");
    T_INT(unlink(store), 0);
    write_file(tool, "#!/nonexistent\n", 0755);
    T_ERR(vfy_keystore_list(&node, run_a, &names, &diag), BF_NODE_TOOL, &diag);
    T_ERR(vfy_keystore_sum(&node, "short", &sum, &diag), BF_NODE_TOOL, &diag);
    T_ERR(vfy_keystore_sum(&node, "0123456789abcdef0123456789abcde/", &sum, &diag),
          BF_NODE_TOOL, &diag);
    bf_buf_clear(&names);
}

static void test_commands_that_are_none(void)
{
    static const struct {
        const char *body, *where;
    } commands[] = {
        {"exit 3",
         "node1: the node's command ended with 3 and no answer of the helper (sum)"},
        {"exit 255",
         "node1: the node cannot be reached by its command (exit 255, as ssh has it)"},
        {"kill -9 $$", "node1: the node's command was ended by signal 9 (sum)"},
        {"echo Welcome to node1; echo end",
         "node1: the node's command ended with 0 and no answer of the helper (sum)"},
        {"printf 'snapseal-node/1 ok sum\\nkeystore absent\\ncopy none\\n'",
         "node1: the node's command ended with 0 and no answer of the helper (sum)"},
        {"printf 'snapseal-node/1 ok sum\\nkeystore absent\\ncopy none\\nend\\nmore\\n'",
         "node1: the node's command ended with 0 and no answer of the helper (sum)"},
        {"printf 'snapseal-node/1 ok list\\nend\\n'",
         "node1: the node's command ended with 0 and no answer of the helper (sum)"},
        {"printf 'snapseal-node/1 ok sum\\nkeystore absent\\ncopy none\\nend\\n'; exit 1",
         "node1: the node's command ended with 1 and no answer of the helper (sum)"},
        {"printf 'snapseal-node/1 ok sum\\nkeystore A;B\\ncopy none\\nend\\n'",
         "node1: an answer of the helper that was not expected (sum)"},
        {"printf 'snapseal-node/1 ok sum\\ncopy none\\nkeystore absent\\nend\\n'",
         "node1: an answer of the helper that was not expected (sum)"},
        {"printf 'snapseal-node/1 error \\033[2J s3cret\\nend\\n'; exit 1",
         "node1: the helper failed (sum)"},
        {"printf 'snapseal-node/1 error tool 9\\033\\nend\\n'; exit 1",
         "node1: the keystore tool failed (sum, exit 9\\x1b)"},
        {"yes | head -c 200000",
         "node1: the node's command ended with 0 and no answer of the helper (sum)"},
    };
    char path[300], text[400];
    size_t i;

    set_up(NULL, NULL);
    snprintf(path, sizeof(path), "%s/command", t_tmpdir());
    argv_node[0] = path;
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct vfy_keystore_sum sum;
        struct bf_diag diag = {0};

        snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", commands[i].body);
        write_file(path, text, 0755);
        T_ERR(vfy_keystore_sum(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
        T_TEXT(diag.where, commands[i].where);
    }
    argv_node[0] = "/nonexistent/helper";
    {
        struct vfy_keystore_sum sum;
        struct bf_diag diag = {0};

        T_ERR(vfy_keystore_sum(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
        T_TEXT(diag.where,
               "node1: the node's command cannot be started: /nonexistent/helper");
    }
}

/* A helper that is called while another one's tool still writes waits for it, even when
 * the helper itself was killed. */
static void test_lock(void)
{
    const struct vfy_secrets s = secrets_of("AKIAIOSFODNN7EXAMPLE", secret);
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};
    int dir;
    pid_t pid;

    set_up("--env", "SLOW=1");
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    pid = fork();
    if (pid == 0) {
        (void)!vfy_keystore_add(&node, run_a, &s, &sum, &diag);
        _exit(0);
    }
    usleep(500 * 1000);
    (void)kill(pid, SIGKILL); /* its helper dies with it (PDEATHSIG); the tool, in its
                                 sleep, does not */
    (void)waitpid(pid, NULL, 0);
    dir = open(conf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    T_TRUE(dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) != 0);
    T_OK(vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    T_TRUE(flock(dir, LOCK_EX | LOCK_NB) == 0);
    (void)close(dir);
    usleep(700 * 1000);
    check_store("keystore.seed=abc\n", 0640);
    T_OK(vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_TEXT(sum.keystore, sum.copy);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
}

static void test_bad_arguments(void)
{
    static const struct {
        const char *name, *value;
    } bad[] = {{"--name", "../x.keystore"}, {"--name", "x"},
               {"--env", "1X=y"},           {"--env", "X"},
               {"--conf", "relative"},      {"--tool", "tool"},
               {"--nonsense", "1"}};
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct vfy_keystore_sum sum;
        struct bf_diag diag = {0};

        set_up(bad[i].name, bad[i].value);
        T_ERR(vfy_keystore_sum(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
        T_TEXT(diag.where,
               "node1: the helper's arguments in verify.conf are wrong (sum)");
    }
    set_up("--user", "no-such-user-here");
    {
        struct vfy_keystore_sum sum;
        struct bf_diag diag = {0};

        T_ERR(vfy_keystore_sum(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
        T_TEXT(diag.where,
               "node1: the helper cannot become the user given with --user (sum)");
    }
}

T_CASES("keystore node", {"whole life", test_whole_life},
        {"copy is private", test_copy_is_private},
        {"absent keystore", test_absent_keystore}, {"errors", test_errors},
        {"commands that are none", test_commands_that_are_none}, {"lock", test_lock},
        {"bad arguments", test_bad_arguments});
