/* SPDX-License-Identifier: Apache-2.0 */
/* Names taken out of a node's keystore, by the real helper and a tool that does as the
 * real ones do: 78 for a name that is not there. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "applier/keystore.h"
#include "harness.h"

static const char run_id[] = "0123456789abcdef0123456789abcdef";
static const char all[] = "keystore.seed=abc\ns3.client.x.access_key=1\n"
                          "s3.client.x.secret_key=2\ns3.client.xx.access_key=3\n";
static char conf[300], tool[300], store[330];
static const char *argv_node[5];
static struct vfy_node node = {.argv = {5, argv_node}, .name = "node1"};

static const char fake_tool[] =
    "#!/bin/sh\n"
    "f=$OPENSEARCH_PATH_CONF/opensearch.keystore\n"
    "case $1 in\n"
    "list) cut -d= -f1 \"$f\" ;;\n"
    "remove) shift; for n in \"$@\"; do grep -q \"^$n=\" \"$f\" || { cat \"$f\" >&2; "
    "exit "
    "78; }\n"
    " grep -v \"^$n=\" \"$f\" >\"$f.new\"; chmod 660 \"$f.new\"; mv \"$f.new\" \"$f\"; "
    "done; read -r line && echo \"$line\" >\"$f\" ;;\n"
    "*) exit 64 ;;\n"
    "esac\n"
    "exit 0\n";

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");

    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) != 0) {
        abort();
    }
}

static void set_up(void)
{
    const char *const argv[] = {"verify/node/snapseal-node", "--tool", tool, "--conf",
                                conf};

    snprintf(conf, sizeof(conf), "%s/conf", t_tmpdir());
    snprintf(tool, sizeof(tool), "%s/tool", t_tmpdir());
    snprintf(store, sizeof(store), "%s/opensearch.keystore", conf);
    (void)mkdir(conf, 0700);
    write_file(tool, fake_tool, 0755);
    write_file(store, all, 0640);
    memcpy(argv_node, argv, sizeof(argv));
    (void)signal(SIGPIPE, SIG_IGN); /* as the applier has it */
}

static void check_store(const char *want)
{
    struct bf_buf text = {0};
    struct stat st;

    T_TRUE(t_read_file(&text, store));
    T_TEXT(bf_buf_text(&text), want);
    T_TRUE(stat(store, &st) == 0);
    T_INT(st.st_mode & 07777, 0640);
    bf_buf_clear(&text);
}

static void test_remove(void)
{
    const char *names[] = {"s3.client.x.access_key", "s3.client.x.secret_key"};
    const struct bf_list two = {2, names}, none = {0, names};
    struct vfy_keystore_sum before, sum;
    struct bf_diag diag = {0};

    set_up();
    /* not without a copy */
    T_ERR(vfy_keystore_remove(&node, run_id, &two, &sum, &diag), BF_NODE_TOOL, &diag);
    T_TRUE(strstr(diag.where, "the copy of the keystore that this run made is not there "
                              "(remove)") != NULL);
    check_store(all);
    T_OK(vfy_keystore_copy(&node, run_id, &before, &diag), &diag);
    T_OK(vfy_keystore_remove(&node, run_id, &two, &sum, &diag), &diag);
    check_store("keystore.seed=abc\ns3.client.xx.access_key=3\n");
    T_TRUE(strcmp(sum.keystore, before.keystore) != 0);
    T_TEXT(sum.copy, before.keystore);
    /* not there: the tool's exit code, never what it prints */
    T_ERR(vfy_keystore_remove(&node, run_id, &two, &sum, &diag), BF_NODE_TOOL, &diag);
    T_TRUE(strstr(diag.where, "(exit 78)") != NULL);
    T_TRUE(strstr(diag.where, "abc") == NULL);
    T_ERR(vfy_keystore_remove(&node, run_id, &none, &sum, &diag), BF_NODE_TOOL, &diag);
    T_OK(vfy_keystore_restore(&node, run_id, &sum, &diag), &diag);
    check_store(all);
    T_TEXT(sum.keystore, before.keystore);
    T_OK(vfy_keystore_drop(&node, run_id, &sum, &diag), &diag);
    T_TEXT(sum.copy, "none");
}

T_CASES("keystore_remove", {"remove", test_remove});
