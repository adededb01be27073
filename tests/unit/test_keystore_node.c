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
                       "owner, or a name to be taken away is not there (exit 78) (add)");
    check_store("keystore.seed=abc\n", 0640);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_INT(unlink(store), 0);
    T_ERR(vfy_keystore_list(&node, run_a, &names, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where, "node1: the keystore tool finds no keystore, a damaged one, or "
                       "one with a password (exit 65) (list)");
    T_INT(symlink("/etc/passwd", store), 0);
    T_ERR(vfy_keystore_sum(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where, "node1: the keystore is not a regular file with one name (sum)");
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
    char path[400];
    struct stat st;
    int lock;
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
    snprintf(path, sizeof(path), "%s/.snapseal-lock", conf);
    T_TRUE(stat(path, &st) == 0);
    T_INT(st.st_mode & 07777, 0600);
    lock = open(path, O_RDONLY | O_CLOEXEC);
    T_TRUE(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0);
    T_OK(vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    T_TRUE(flock(lock, LOCK_EX | LOCK_NB) == 0);
    (void)close(lock);
    T_TRUE(lstat(path, &st) != 0);
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

/* What the node's own user may have put into the directory. */

static void path_of(char out[400], const char *run, const char *suffix)
{
    snprintf(out, 400, "%s.snapseal-%s.%s", store, run, suffix);
}

static void check_refused(const char *clause, enum bf_err err, const struct bf_diag *diag)
{
    T_ERR(err, BF_NODE_TOOL, diag);
    if (strstr(diag->where, clause) == NULL) {
        T_TEXT(diag->where, clause);
    }
}

static void test_copies_that_are_none(void)
{
    static const char clause[] = "is not one regular file with a mode in its name";
    static const char *const names[] = {"4755", "40", "0640", "888", "640.x", "", "640"};
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};
    char path[400], secret_file[400], other[400];
    size_t i;

    set_up(NULL, NULL);
    snprintf(secret_file, sizeof(secret_file), "%s/shadow", t_tmpdir());
    write_file(secret_file, "root only\n", 0600);
    for (i = 0; i < 6; i++) { /* names that say no mode of a keystore */
        path_of(path, run_a, names[i]);
        write_file(path, "planted\n", 0600);
        check_refused(clause, vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
        T_INT(unlink(path), 0);
    }
    path_of(path, run_a, "640");
    T_INT(symlink(secret_file, path), 0);
    check_refused(clause, vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    check_refused(clause, vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_INT(unlink(path), 0);
    T_INT(link(secret_file, path), 0);
    check_refused(clause, vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    T_INT(unlink(path), 0);
    T_INT(mkdir(path, 0700), 0);
    check_refused(clause, vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_INT(rmdir(path), 0);
    path_of(other, run_a, "absent");
    write_file(path, "planted\n", 0600);
    write_file(other, "", 0600);
    check_refused(clause, vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    check_store("keystore.seed=abc\n", 0640);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_INT(files_in_conf(), 1);
    T_INT(unlink(secret_file), 0);
}

static void test_keystores_that_are_none(void)
{
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};
    char other[400];

    set_up(NULL, NULL);
    T_INT(chmod(store, 04750), 0);
    check_refused("setuid", vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_INT(chmod(store, 040), 0);
    if (geteuid() == 0) { /* a mode of two digits comes back as it was */
        T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
        T_OK(vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
        check_store("keystore.seed=abc\n", 040);
        T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    }
    T_INT(chmod(store, 0640), 0);
    snprintf(other, sizeof(other), "%s/second-name", t_tmpdir());
    T_INT(link(store, other), 0);
    check_refused("one name", vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_INT(unlink(other), 0);
    T_INT(files_in_conf(), 1);
}

/* What stands at names that an older helper, or a killed call, may have used is neither
 * followed nor taken for a copy. */
static void test_planted_names(void)
{
    struct vfy_keystore_sum before, sum;
    struct bf_diag diag = {0};
    char path[400], target[400];
    struct stat st;

    set_up(NULL, NULL);
    snprintf(path, sizeof(path), "%s.snapseal-%s-tmp", store, run_a);
    T_INT(mkdir(path, 0700), 0);
    T_OK(vfy_keystore_sum(&node, run_a, &before, &diag), &diag);
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_TEXT(sum.copy, before.keystore);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_INT(files_in_conf(), 1);
    /* a lock that is a link makes no file elsewhere */
    snprintf(path, sizeof(path), "%s/.snapseal-lock", conf);
    snprintf(target, sizeof(target), "%s/nologin", t_tmpdir());
    T_INT(symlink(target, path), 0);
    check_refused("not a file of the helper's",
                  vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_TRUE(lstat(target, &st) != 0);
    T_INT(unlink(path), 0);
    /* one that was left behind does no harm */
    write_file(path, "", 0600);
    T_OK(vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_INT(files_in_conf(), 1);
}

static void test_no_directory(void)
{
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};

    set_up("--conf", "/nonexistent/conf");
    T_ERR(vfy_keystore_sum(&node, run_a, &sum, &diag), BF_NODE_TOOL, &diag);
    T_TEXT(diag.where, "node1: the configuration directory cannot be opened (sum)");
}

enum { NOBODY = 65534 };

/* A helper that another user can reach; false when that cannot be tested. */
static bool set_up_for_others(void)
{
    static char helper[300];
    char command[700];
    FILE *p;

    if (geteuid() != 0) {
        t_skip("only root can become another user");
        return false;
    }
    set_up(NULL, NULL);
    snprintf(helper, sizeof(helper), "%s/snapseal-node", t_tmpdir());
    snprintf(command, sizeof(command), "install -m 755 verify/node/snapseal-node %s",
             helper);
    p = popen(command, "r");
    T_TRUE(p != NULL && pclose(p) == 0);
    argv_node[0] = helper;
    T_INT(chmod(t_tmpdir(), 0755), 0);
    return true;
}

/* As root, whom the helper becomes; the user is told by what a new keystore belongs to.
 */
static void test_becomes_the_owner(void)
{
    static const char others[] = "can be written by others";
    const struct vfy_secrets s = secrets_of("AKIAIOSFODNN7EXAMPLE", secret);
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};
    struct stat st;

    if (!set_up_for_others()) {
        return;
    }
    T_INT(unlink(store), 0);
    /* root's, and group or others may write: nobody to become */
    T_INT(chmod(conf, 0770), 0);
    check_refused(others, vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    T_INT(chmod(conf, 0702), 0);
    check_refused(others, vfy_keystore_sum(&node, run_a, &sum, &diag), &diag);
    /* another's: as that one */
    T_INT(chmod(conf, 0700), 0);
    T_INT(chown(conf, NOBODY, NOBODY), 0);
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_OK(vfy_keystore_add(&node, run_a, &s, &sum, &diag), &diag);
    T_TRUE(stat(store, &st) == 0);
    T_INT(st.st_uid, NOBODY);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    /* what root alone can read stays so */
    T_INT(unlink(store), 0);
    write_file(store, "root only\n", 0600);
    check_refused("cannot read the keystore",
                  vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_INT(files_in_conf(), 1);
    T_INT(chown(conf, 0, 0), 0);
}

/* Root in another's directory if told so: owners stay, and even then no link is followed.
 */
static void test_stays_root(void)
{
    const struct vfy_secrets s = secrets_of("AKIAIOSFODNN7EXAMPLE", secret);
    struct vfy_keystore_sum sum;
    struct bf_diag diag = {0};
    struct stat st;
    char path[400];

    if (!set_up_for_others()) {
        return;
    }
    argv_node[5] = "--user";
    argv_node[6] = "root";
    node.argv.num = 7;
    T_INT(chown(conf, NOBODY, NOBODY), 0);
    T_INT(chown(store, NOBODY, NOBODY), 0);
    T_OK(vfy_keystore_copy(&node, run_a, &sum, &diag), &diag);
    T_OK(vfy_keystore_add(&node, run_a, &s, &sum, &diag), &diag);
    T_TRUE(stat(store, &st) == 0 && st.st_uid == NOBODY && st.st_gid == NOBODY);
    T_INT(st.st_mode & 07777, 0640);
    T_INT(chown(store, 0, 0), 0);
    T_OK(vfy_keystore_restore(&node, run_a, &sum, &diag), &diag);
    T_TRUE(stat(store, &st) == 0 && st.st_uid == NOBODY && st.st_gid == NOBODY);
    check_store("keystore.seed=abc\n", 0640);
    path_of(path, run_b, "644");
    T_INT(symlink("/etc/shadow", path), 0);
    check_refused("is not one regular file",
                  vfy_keystore_restore(&node, run_b, &sum, &diag), &diag);
    check_store("keystore.seed=abc\n", 0640);
    T_OK(vfy_keystore_drop(&node, run_b, &sum, &diag), &diag);
    T_OK(vfy_keystore_drop(&node, run_a, &sum, &diag), &diag);
    T_INT(files_in_conf(), 1);
    T_INT(chown(conf, 0, 0), 0);
}

T_CASES("keystore node", {"whole life", test_whole_life},
        {"copy is private", test_copy_is_private},
        {"absent keystore", test_absent_keystore}, {"errors", test_errors},
        {"commands that are none", test_commands_that_are_none}, {"lock", test_lock},
        {"bad arguments", test_bad_arguments},
        {"copies that are none", test_copies_that_are_none},
        {"keystores that are none", test_keystores_that_are_none},
        {"planted names", test_planted_names}, {"no directory", test_no_directory},
        {"becomes the owner", test_becomes_the_owner}, {"stays root", test_stays_root});
