/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/file.h"
#include "conf.h"
#include "harness.h"

#define HEAD "[prod-eu-1]\nurl = https://es.example.corp:9200\nauth = none\n"
#define NODE "node.node1 = /usr/bin/ssh node1\n"

static const char good[] =
    "# the shop's cluster\n"
    "\n"
    "[prod-eu-1]\n"
    "  url = https://es.example.corp:9200\n"
    "ca = /etc/snapseal/es-ca.pem\n"
    "auth=basic\n"
    "user = snapseal\n"
    "credential = file:/etc/snapseal/es.password\t\n"
    "iam.url = https://iam.example.corp\n"
    "iam.ca = /etc/snapseal/iam-ca.pem\n"
    "iam.region = us-east-1\n"
    "iam.credential = command:/usr/bin/vault read \"a b\" \"c\\\"d\\\\\"\n"
    "s3.url = https://s3.example.corp\n"
    "s3.ca = /etc/snapseal/s3-ca.pem\n"
    "node.node2 = /usr/bin/ssh -l snapseal node2\n"
    "node.node1 = /usr/libexec/snapseal/snapseal-node\n"
    "node.Node-0 = /usr/bin/ssh node0\n"
    "[second]\n"
    "url = https://es2.example.corp\n"
    "auth = apikey\n"
    "credential = systemd:es2.key\n"
    "node.only = /bin/true\n";

static struct vfy_conf *parse(const char *text, enum bf_err want, struct bf_diag *diag)
{
    struct vfy_conf *c = calloc(1, sizeof(*c));

    memset(diag, 0, sizeof(*diag));
    T_ERR(vfy_conf_parse(c, bf_text(text), "verify.conf", diag), want, diag);
    return c;
}

static void drop(struct vfy_conf *c)
{
    vfy_conf_clear(c);
    free(c);
}

static const struct vfy_node *node(const struct vfy_conf_target *t, size_t i)
{
    return BF_LIST_ITEM(&t->nodes, const struct vfy_node, i);
}

static void test_good(void)
{
    struct bf_diag diag;
    struct vfy_conf *c = parse(good, BF_OK, &diag);
    const struct vfy_conf_target *t;
    char hash[2 * BF_SHA256 + 1];

    T_OK(vfy_conf_target(&t, c, "prod-eu-1", &diag), &diag);
    T_TEXT(t->url, "https://es.example.corp:9200");
    T_TEXT(t->ca, "/etc/snapseal/es-ca.pem");
    T_TEXT(t->auth, "basic");
    T_TEXT(t->user, "snapseal");
    T_INT(t->credential.source, VFY_SOURCE_FILE);
    T_TEXT(t->credential.name, "/etc/snapseal/es.password");
    T_TEXT(t->iam_url, "https://iam.example.corp");
    T_TEXT(t->iam_region, "us-east-1");
    T_INT(t->iam_credential.source, VFY_SOURCE_COMMAND);
    T_INT(t->iam_credential.argv.num, 4);
    T_TEXT(bf_list_text(&t->iam_credential.argv, 0), "/usr/bin/vault");
    T_TEXT(bf_list_text(&t->iam_credential.argv, 2), "a b");
    T_TEXT(bf_list_text(&t->iam_credential.argv, 3), "c\"d\\");
    T_TEXT(t->s3_url, "https://s3.example.corp");
    T_INT(t->nodes.num, 3);
    T_TEXT(node(t, 0)->name, "Node-0");
    T_TEXT(node(t, 1)->name, "node1");
    T_INT(node(t, 1)->argv.num, 1);
    T_TEXT(node(t, 2)->name, "node2");
    T_INT(node(t, 2)->argv.num, 4);
    T_TEXT(bf_list_text(&node(t, 2)->argv, 3), "node2");
    T_OK(vfy_conf_target(&t, c, "second", &diag), &diag);
    T_TEXT(t->ca, "");
    T_INT(t->credential.source, VFY_SOURCE_SYSTEMD);
    T_TEXT(t->credential.name, "es2.key");
    T_ERR(vfy_conf_target(&t, c, "third", &diag), BF_CONFIG, &diag);
    T_TEXT(diag.where, "no section [third]");
    T_OK(bf_sha256_hex(hash, bf_text(good)), &diag);
    T_TEXT(c->sha256, hash);
    drop(c);
}

static void test_wrong(void)
{
    static const struct {
        const char *text, *where;
    } cases[] = {
        {"url = https://a\n", "line 1: 'url' stands before the first [TARGET]"},
        {HEAD NODE "colour = red\n", "line 5: there is no key 'colour'"},
        {HEAD NODE "verify = off\n", "line 5: there is no key 'verify'"},
        {HEAD NODE "insecure\n", "line 5: not 'key = value'"},
        {HEAD NODE "ca =\n", "line 5: 'ca' has no value"},
        {HEAD NODE "url = https://b\n", "line 5: 'url' stands twice"},
        {HEAD NODE "ca = relative.pem\n", "line 5: 'ca' must be an absolute path"},
        {HEAD NODE NODE, "line 5: 'node.node1' stands twice"},
        {HEAD NODE "[prod-eu-1]\n", "line 5: [prod-eu-1] stands twice"},
        {HEAD NODE "[Prod]\n", "line 5: not a target's id in [ ]"},
        {HEAD NODE "[prod\n", "line 5: a section is [TARGET]"},
        {HEAD "node. = /bin/true\n", "line 4: not a node's name"},
        {HEAD "node.a = bin/true\n",
         "line 4: the command must begin with an absolute path"},
        {HEAD "node.a = /bin/sh \"-c\n", "line 4: a quote is not closed"},
        {HEAD,
         "line 1: [prod-eu-1] needs a 'node.NAME' line for every node, or control.url "
         "for a deployment of Elastic Cloud or ECE"},
        {"[a]\nauth = none\n" NODE, "line 1: [a] needs 'url'"},
        {"[a]\nurl = https://a\n" NODE, "line 1: [a] needs 'auth'"},
        {"[a]\nurl = http://a\n", "line 2: 'url' must be https://HOST:PORT"},
        {"[a]\nauth = digest\n", "line 2: 'auth' must be none, basic or apikey"},
        {"[a]\nurl = https://a\nauth = basic\n" NODE,
         "line 1: [a] needs 'user' exactly with auth = basic"},
        {"[a]\nurl = https://a\nauth = basic\nuser = u\n" NODE,
         "line 1: [a] needs 'credential' exactly with auth = basic or apikey"},
        {HEAD NODE "credential = file:/x\n", "line 1: [prod-eu-1] needs 'credential' "
                                             "exactly with auth = basic or apikey"},
        {HEAD NODE "credential = plain:secret\n",
         "line 5: a credential is file:/PATH, systemd:NAME or command:/PATH ARG..."},
        {HEAD NODE "credential = systemd:../x\n",
         "line 5: a credential is file:/PATH, systemd:NAME or command:/PATH ARG..."},
        {HEAD NODE "iam.url = https://iam\n",
         "line 1: [prod-eu-1] needs iam.url, iam.region and iam.credential together"},
        {"[a]\nurl = https://a", "line 2: not a line of printable ASCII of at most 2000 "
                                 "characters that ends with LF"},
        {"[a]\nurl = https://\xc3\xa4\n", "line 2: not a line of printable ASCII of at "
                                          "most 2000 characters that ends with LF"},
        {"[a]\r\n", "line 1: not a line of printable ASCII of at most 2000 characters "
                    "that ends with LF"},
    };
    char want[300];
    struct bf_diag diag;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        drop(parse(cases[i].text, BF_CONFIG, &diag));
        snprintf(want, sizeof(want), "verify.conf %s", cases[i].where);
        T_TEXT(diag.where, want);
    }
}

/* A deployment of Elastic Cloud names its nodes itself. */
static void test_control(void)
{
    static const struct {
        const char *text, *where;
    } cases[] = {
        {HEAD NODE "control.url = https://a\n",
         "line 1: [prod-eu-1] needs control.url and control.credential together"},
        {HEAD NODE "control.credential = file:/k\n",
         "line 1: [prod-eu-1] needs control.url and control.credential together"},
        {HEAD NODE "control.url = https://a\ncontrol.credential = file:/k\n",
         "line 1: [prod-eu-1]: with control.url the deployment names its nodes: no "
         "'node.NAME' lines"},
        {HEAD "control.wait = 0\n", "line 4: 'control.wait' must be seconds, 1 to 86400"},
        {HEAD "control.wait = 86401\n",
         "line 4: 'control.wait' must be seconds, 1 to 86400"},
    };
    char want[300];
    struct bf_diag diag;
    struct vfy_conf conf = {0};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        drop(parse(cases[i].text, BF_CONFIG, &diag));
        snprintf(want, sizeof(want), "verify.conf %s", cases[i].where);
        T_TEXT(diag.where, want);
    }
    T_ERR(vfy_conf_parse(&conf,
                         bf_text(HEAD "control.url = https://a/b\ncontrol.ca = /ca\n"
                                      "control.credential = file:/k\ncontrol.wait = "
                                      "86400\n"),
                         "verify.conf", &diag),
          BF_OK, &diag);
    T_INT(conf.targets[0].nodes.num, 0);
    T_TEXT(conf.targets[0].control_url, "https://a/b");
    T_TEXT(conf.targets[0].control_credential.name, "/k");
    T_TEXT(conf.targets[0].control_wait, "86400");
    vfy_conf_clear(&conf);
}

/* Whatever is cut off, it is read in whole lines or refused, never past its end. */
static void test_cut(void)
{
    struct bf_diag diag = {0};
    struct vfy_conf *c = calloc(1, sizeof(*c));
    size_t len;

    for (len = 0; len < sizeof(good) - 1; len++) {
        uint8_t *copy = t_copy(bf_view(good, len));
        enum bf_err err = vfy_conf_parse(c, bf_view(copy, len), "c", &diag);

        T_TRUE(err == BF_OK || err == BF_CONFIG);
        T_TRUE(err != BF_OK || len == 0 || good[len - 1] == '\n');
        vfy_conf_clear(c);
        t_free(copy);
    }
    free(c);
}

static void test_limits(void)
{
    struct bf_buf text = bf_buf(1024 * 1024);
    struct bf_diag diag = {0};
    struct vfy_conf *c = calloc(1, sizeof(*c));
    int i;

    bf_put_text(&text, HEAD);
    for (i = 0; i < VFY_MAX_NODES; i++) {
        bf_put_fmt(&text, "node.n%04d = /bin/true\n", VFY_MAX_NODES - i);
    }
    T_OK(vfy_conf_parse(c, bf_buf_bytes(&text), "c", &diag), &diag);
    T_INT(c->targets[0].nodes.num, VFY_MAX_NODES);
    T_TEXT(node(&c->targets[0], 0)->name, "n0001");
    vfy_conf_clear(c);
    bf_put_text(&text, "node.one-more = /bin/true\n");
    T_ERR(vfy_conf_parse(c, bf_buf_bytes(&text), "c", &diag), BF_CONFIG, &diag);
    bf_buf_clear(&text);
    bf_put_text(&text, HEAD "node.a = /bin/true");
    for (i = 1; i < VFY_MAX_ARGV; i++) {
        bf_put_text(&text, " x");
    }
    bf_put_text(&text, "\n");
    T_OK(vfy_conf_parse(c, bf_buf_bytes(&text), "c", &diag), &diag);
    vfy_conf_clear(c);
    text.len--;
    bf_put_text(&text, " y\n");
    T_ERR(vfy_conf_parse(c, bf_buf_bytes(&text), "c", &diag), BF_CONFIG, &diag);
    bf_buf_clear(&text);
    free(c);
}

/* It names commands: nobody else may write it. */
static void test_rights(void)
{
    struct bf_diag diag = {0};
    struct vfy_conf *c = calloc(1, sizeof(*c));
    char path[200];

    snprintf(path, sizeof(path), "%s/verify.conf", t_tmpdir());
    T_OK(bf_file_write(path, bf_text(good), 0644, true, &diag), &diag);
    T_OK(vfy_conf_load(c, path, &diag), &diag);
    T_INT(c->num_targets, 2);
    vfy_conf_clear(c);
    T_INT(chmod(path, 0664), 0);
    T_ERR(vfy_conf_load(c, path, &diag), BF_CONFIG, &diag);
    T_INT(chmod(path, 0646), 0);
    T_ERR(vfy_conf_load(c, path, &diag), BF_CONFIG, &diag);
    T_ERR(vfy_conf_load(c, "/nonexistent/verify.conf", &diag), BF_INPUT_OPEN, &diag);
    T_TRUE(strstr(bf_diag_what(&diag), "--config FILE") != NULL);
    free(c);
}

static const char *fault_of(const char *path)
{
    const char *fault = vfy_program_fault(path);

    return fault != NULL ? fault : "none";
}

static void must_chmod(const char *path, mode_t mode)
{
    T_INT(chmod(path, mode), 0);
}

/* A program that others can replace gets the secrets on its stdin: refused where it is
 * named, with the line. */
static void test_programs(void)
{
    struct bf_diag diag = {0};
    char dir[200], program[250], link[250], text[1200];

    snprintf(dir, sizeof(dir), "%s/bin", t_tmpdir());
    snprintf(program, sizeof(program), "%s/node", dir);
    snprintf(link, sizeof(link), "%s/link", t_tmpdir());
    T_INT(mkdir(dir, 0755), 0);
    T_TEXT(fault_of(program), "none"); /* it is not there yet */
    T_OK(bf_file_write(program, bf_text("#!/bin/sh\n"), 0755, true, &diag), &diag);
    T_INT(symlink(program, link), 0);
    T_TEXT(fault_of(program), "none");
    T_TEXT(fault_of(link), "none");
    T_TEXT(fault_of("/usr/bin/env"), "none");
    must_chmod(dir, 01777);
    T_TEXT(fault_of(program), "none"); /* nobody can take our file away there */
    must_chmod(dir, 0777);
    T_TEXT(fault_of(program), "others may write the command's directory");
    T_TEXT(fault_of(link), "others may write the command's directory");
    must_chmod(dir, 0775);
    T_TEXT(fault_of(program), "others may write the command's directory");
    must_chmod(dir, 0755);
    must_chmod(program, 0775);
    T_TEXT(fault_of(program), "others may write the command");
    must_chmod(program, 0757);
    T_TEXT(fault_of(link), "others may write the command");
    snprintf(text, sizeof(text), HEAD "node.a = %s\n", program);
    drop(parse(text, BF_CONFIG, &diag));
    T_TEXT(diag.where, "verify.conf line 4: others may write the command");
    snprintf(text, sizeof(text),
             "[a]\nurl = https://a\nauth = apikey\ncredential = command:%s x\n" NODE,
             program);
    drop(parse(text, BF_CONFIG, &diag));
    T_TEXT(diag.where, "verify.conf line 4: others may write the command");
    must_chmod(program, 0755);
    drop(parse(text, BF_OK, &diag));
    if (geteuid() != 0) {
        t_skip("files of somebody else: only root can make them");
        return;
    }
    T_INT(chown(program, 4321, 4321), 0);
    drop(parse(text, BF_CONFIG, &diag));
    T_TEXT(diag.where, "verify.conf line 4: the command belongs to somebody else");
    T_INT(chown(program, 0, 0), 0);
    T_INT(chown(dir, 4321, 4321), 0);
    T_TEXT(fault_of(program), "the command's directory belongs to somebody else");
}

T_CASES("conf", {"a full file", test_good}, {"wrong lines", test_wrong},
        {"a deployment", test_control}, {"cut short", test_cut}, {"limits", test_limits},
        {"rights", test_rights}, {"programs of others", test_programs});
