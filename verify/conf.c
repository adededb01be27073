/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/file.h"

struct conf_parser {
    struct vfy_conf *conf;
    struct vfy_conf_target *target; /* the open section */
    const char *name;
    size_t line;
    struct bf_diag *diag;
};

BF_PRINTF(2, 3) static enum bf_err wrong(struct conf_parser *p, const char *fmt, ...)
{
    char text[200];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return bf_fail(p->diag, BF_CONFIG, "%s line %zu: %s", p->name, p->line, text);
}

/* ---- values ---- */

static bool is_absolute(const char *t)
{
    return t[0] == '/' && t[1] != '\0' && strlen(t) < 1024;
}

static bool is_auth(const char *t)
{
    return strcmp(t, "none") == 0 || strcmp(t, "basic") == 0 || strcmp(t, "apikey") == 0;
}

static bool is_user(const char *t)
{
    return t[0] != '\0' && strlen(t) <= 128 && strpbrk(t, ": ") == NULL;
}

static bool is_region(const char *t)
{
    return t[0] != '\0' && bf_is_region_or_empty(t);
}

static bool is_source_name(const char *t)
{
    return t[0] != '\0' && t[0] != '.' && strlen(t) <= 128 && strpbrk(t, "/ ") == NULL;
}

static bool is_wait(const char *t)
{
    return t[0] >= '1' && t[0] <= '9' && strlen(t) <= 5 &&
           strspn(t, "0123456789") == strlen(t) && strtol(t, NULL, 10) <= 86400;
}

/* A node's name in the cluster, one word. */
static bool is_node(const char *t)
{
    return t[0] != '\0' && strlen(t) <= 128 && strchr(t, ' ') == NULL;
}

/*
 * The next word of *at into out (which has room for all of *at): blanks part words,
 * double quotes keep them together, and a backslash inside quotes takes the next
 * character as it is. False on an open quote.
 */
static bool next_word(const char **at, char *out)
{
    const char *p = *at;
    bool quoted = false;

    while (*p != '\0' && (quoted || *p != ' ')) {
        if (*p == '"') {
            quoted = !quoted;
            p++;
            continue;
        }
        if (quoted && *p == '\\' && p[1] != '\0') {
            p++;
        }
        *out++ = *p++;
    }
    *out = '\0';
    *at = p + strspn(p, " ");
    return !quoted;
}

/* A fixed command as a list of words in the arena: no shell will ever see it. NULL when
 * fine, else what is wrong. */
static const char *command(struct bf_list *out, struct bf_arena *arena, const char *value)
{
    const char **words = bf_arena_alloc(arena, VFY_MAX_ARGV * sizeof(*words));
    size_t num = 0;

    if (words == NULL) {
        return "out of memory";
    }
    while (*value != '\0') {
        char *word = bf_arena_alloc(arena, strlen(value) + 1);

        if (word == NULL) {
            return "out of memory";
        }
        if (num == VFY_MAX_ARGV) {
            return "a command of too many words";
        }
        if (!next_word(&value, word)) {
            return "a quote is not closed";
        }
        words[num++] = word;
    }
    if (num == 0 || !is_absolute(words[0])) {
        return "the command must begin with an absolute path";
    }
    out->items = words;
    out->num = num;
    return vfy_program_fault(words[0]);
}

static const char *source(struct vfy_credential *out, struct bf_arena *arena,
                          const char *value)
{
    const char *rest = strchr(value, ':');
    struct bf_bytes kind = bf_view(value, rest != NULL ? (size_t)(rest - value) : 0);

    if (bf_bytes_is(kind, "file") && is_absolute(rest + 1)) {
        out->source = VFY_SOURCE_FILE;
        out->name = bf_arena_text(arena, bf_text(rest + 1));
    } else if (bf_bytes_is(kind, "systemd") && is_source_name(rest + 1)) {
        out->source = VFY_SOURCE_SYSTEMD;
        out->name = bf_arena_text(arena, bf_text(rest + 1));
    } else if (bf_bytes_is(kind, "command")) {
        out->source = VFY_SOURCE_COMMAND;
        out->name = "";
        return command(&out->argv, arena, rest + 1);
    } else {
        return "a credential is file:/PATH, systemd:NAME or command:/PATH ARG...";
    }
    return out->name == NULL ? "out of memory" : NULL;
}

enum bf_err vfy_credential_parse(struct vfy_credential *out, struct bf_arena *arena,
                                 const char *value, struct bf_diag *diag)
{
    const char *bad;

    memset(out, 0, sizeof(*out));
    bad = source(out, arena, value);
    return bad == NULL ? BF_OK : bf_fail(diag, BF_CONFIG, "%s", bad);
}

/* ---- keys ---- */

enum key_kind { KEY_TEXT = 1, KEY_SOURCE };
struct key {
    const char *name;
    enum key_kind kind;
    size_t at;
    bf_grammar_fn *grammar;
    const char *form; /* for the error */
};

#define AT(member) offsetof(struct vfy_conf_target, member)
static const struct key keys[] = {
    {"url", KEY_TEXT, AT(url), bf_is_url, "https://HOST:PORT"},
    {"ca", KEY_TEXT, AT(ca), is_absolute, "an absolute path"},
    {"auth", KEY_TEXT, AT(auth), is_auth, "none, basic or apikey"},
    {"user", KEY_TEXT, AT(user), is_user, "a user name without colon and blanks"},
    {"credential", KEY_SOURCE, AT(credential), NULL, NULL},
    {"iam.url", KEY_TEXT, AT(iam_url), bf_is_url, "https://HOST:PORT"},
    {"iam.ca", KEY_TEXT, AT(iam_ca), is_absolute, "an absolute path"},
    {"iam.region", KEY_TEXT, AT(iam_region), is_region, "a region"},
    {"iam.credential", KEY_SOURCE, AT(iam_credential), NULL, NULL},
    {"s3.url", KEY_TEXT, AT(s3_url), bf_is_url, "https://HOST:PORT"},
    {"s3.ca", KEY_TEXT, AT(s3_ca), is_absolute, "an absolute path"},
    {"s3.credential", KEY_SOURCE, AT(s3_credential), NULL, NULL},
    {"control.url", KEY_TEXT, AT(control_url), bf_is_url, "https://HOST:PORT"},
    {"control.ca", KEY_TEXT, AT(control_ca), is_absolute, "an absolute path"},
    {"control.credential", KEY_SOURCE, AT(control_credential), NULL, NULL},
    {"control.wait", KEY_TEXT, AT(control_wait), is_wait, "seconds, 1 to 86400"},
};

static enum bf_err set_key(struct conf_parser *p, const struct key *key,
                           const char *value)
{
    void *at = (char *)p->target + key->at;
    const char **text = at;
    struct vfy_credential *credential = at;
    const char *bad;

    if (key->kind == KEY_SOURCE) {
        if (credential->source != VFY_SOURCE_NONE) {
            return wrong(p, "'%s' stands twice", key->name);
        }
        bad = source(credential, &p->conf->arena, value);
        return bad == NULL ? BF_OK : wrong(p, "%s", bad);
    }
    if ((*text)[0] != '\0') {
        return wrong(p, "'%s' stands twice", key->name);
    }
    if (!key->grammar(value)) {
        return wrong(p, "'%s' must be %s", key->name, key->form);
    }
    *text = bf_arena_text(&p->conf->arena, bf_text(value));
    return *text != NULL ? BF_OK : bf_fail(p->diag, BF_NO_MEMORY, "%s", p->name);
}

/* Puts the node where its name belongs: the list stays ascending, and a name twice is
 * seen. */
static enum bf_err set_node(struct conf_parser *p, const char *name, const char *value)
{
    struct bf_list *list = &p->target->nodes;
    struct vfy_node node = {0}, *nodes = list->items;
    const char *bad;
    size_t at = 0;

    if (!is_node(name)) {
        return wrong(p, "not a node's name");
    }
    if (nodes == NULL) {
        nodes = bf_arena_alloc(&p->conf->arena, VFY_MAX_NODES * sizeof(*nodes));
        list->items = nodes;
    }
    node.name = bf_arena_text(&p->conf->arena, bf_text(name));
    if (nodes == NULL || node.name == NULL) {
        return bf_fail(p->diag, BF_NO_MEMORY, "%s", p->name);
    }
    if (list->num == VFY_MAX_NODES) {
        return wrong(p, "more than %d nodes", VFY_MAX_NODES);
    }
    while (at < list->num && strcmp(nodes[at].name, name) < 0) {
        at++;
    }
    if (at < list->num && strcmp(nodes[at].name, name) == 0) {
        return wrong(p, "'node.%s' stands twice", name);
    }
    bad = command(&node.argv, &p->conf->arena, value);
    if (bad != NULL) {
        return wrong(p, "%s", bad);
    }
    memmove(nodes + at + 1, nodes + at, (list->num - at) * sizeof(*nodes));
    nodes[at] = node;
    list->num++;
    return BF_OK;
}

/* ---- lines ---- */

/* What a section needs as a whole; the line in the error is the section's. */
static enum bf_err close_section(struct conf_parser *p)
{
    const struct vfy_conf_target *t = p->target;

    if (t == NULL) {
        return BF_OK;
    }
    p->line = t->line;
    if (t->url[0] == '\0') {
        return wrong(p, "[%s] needs 'url'", t->id);
    }
    if (t->auth[0] == '\0') {
        return wrong(p, "[%s] needs 'auth'", t->id);
    }
    if ((strcmp(t->auth, "basic") == 0) != (t->user[0] != '\0')) {
        return wrong(p, "[%s] needs 'user' exactly with auth = basic", t->id);
    }
    if ((strcmp(t->auth, "none") != 0) != (t->credential.source != VFY_SOURCE_NONE)) {
        return wrong(p, "[%s] needs 'credential' exactly with auth = basic or apikey",
                     t->id);
    }
    if ((t->iam_url[0] != '\0') != (t->iam_credential.source != VFY_SOURCE_NONE) ||
        (t->iam_url[0] != '\0') != (t->iam_region[0] != '\0')) {
        return wrong(p, "[%s] needs iam.url, iam.region and iam.credential together",
                     t->id);
    }
    if ((t->control_url[0] != '\0') !=
        (t->control_credential.source != VFY_SOURCE_NONE)) {
        return wrong(p, "[%s] needs control.url and control.credential together", t->id);
    }
    if (t->nodes.num == 0 && t->control_url[0] == '\0') {
        return wrong(p,
                     "[%s] needs a 'node.NAME' line for every node, or control.url for a "
                     "deployment of Elastic Cloud or ECE",
                     t->id);
    }
    if (t->nodes.num > 0 && t->control_url[0] != '\0') {
        return wrong(p,
                     "[%s]: with control.url the deployment names its nodes: no "
                     "'node.NAME' lines",
                     t->id);
    }
    return BF_OK;
}

static enum bf_err open_section(struct conf_parser *p, char *line)
{
    struct vfy_conf *c = p->conf;
    struct vfy_conf_target *t;
    size_t len = strlen(line), opened = p->line, i;
    enum bf_err err;

    if (line[len - 1] != ']') {
        return wrong(p, "a section is [TARGET]");
    }
    line[len - 1] = '\0';
    line++;
    if (!bf_is_id(line)) {
        return wrong(p, "not a target's id in [ ]");
    }
    for (i = 0; i < c->num_targets; i++) {
        if (strcmp(c->targets[i].id, line) == 0) {
            return wrong(p, "[%s] stands twice", line);
        }
    }
    err = close_section(p);
    if (err != BF_OK) {
        return err;
    }
    p->line = opened;
    if (c->num_targets == VFY_MAX_TARGETS) {
        return wrong(p, "more than %d targets", VFY_MAX_TARGETS);
    }
    t = &c->targets[c->num_targets];
    t->id = bf_arena_text(&c->arena, bf_text(line));
    if (t->id == NULL) {
        return bf_fail(p->diag, BF_NO_MEMORY, "%s", p->name);
    }
    t->url = t->ca = t->auth = t->user = "";
    t->iam_url = t->iam_ca = t->iam_region = t->s3_url = t->s3_ca = "";
    t->control_url = t->control_ca = t->control_wait = "";
    t->line = p->line;
    p->target = t;
    c->num_targets++;
    return BF_OK;
}

static char *trim(char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t')) {
        len--;
    }
    text[len] = '\0';
    return text;
}

static enum bf_err parse_line(struct conf_parser *p, char *line)
{
    char *value;
    const char *name;
    size_t i;

    line = trim(line);
    if (line[0] == '\0' || line[0] == '#') {
        return BF_OK;
    }
    if (line[0] == '[') {
        return open_section(p, line);
    }
    value = strchr(line, '=');
    if (value == NULL) {
        return wrong(p, "not 'key = value'");
    }
    *value = '\0';
    name = trim(line);
    value = trim(value + 1);
    if (p->target == NULL) {
        return wrong(p, "'%s' stands before the first [TARGET]", name);
    }
    if (value[0] == '\0') {
        return wrong(p, "'%s' has no value", name);
    }
    if (strncmp(name, "node.", 5) == 0) {
        return set_node(p, name + 5, value);
    }
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return set_key(p, &keys[i], value);
        }
    }
    return wrong(p, "there is no key '%s'", name);
}

static bool is_plain(struct bf_bytes line)
{
    size_t i;

    for (i = 0; i < line.len; i++) {
        if ((line.ptr[i] < 0x20 && line.ptr[i] != '\t') || line.ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

enum bf_err vfy_conf_parse(struct vfy_conf *out, struct bf_bytes in, const char *name,
                           struct bf_diag *diag)
{
    struct conf_parser p = {out, NULL, name, 0, diag};
    struct bf_reader r = bf_reader(in);
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    err = bf_sha256_hex(out->sha256, in);
    while (err == BF_OK && r.rest.len > 0) {
        struct bf_bytes line = bf_read_line(&r, 2000);
        char *text;

        p.line++;
        if (r.bad || !is_plain(line)) {
            err = wrong(&p, "not a line of printable ASCII of at most 2000 characters "
                            "that ends with LF");
            break;
        }
        text = bf_arena_text(&out->arena, line);
        err =
            text != NULL ? parse_line(&p, text) : bf_fail(diag, BF_NO_MEMORY, "%s", name);
    }
    if (err == BF_OK) {
        err = close_section(&p);
    }
    if (err != BF_OK) {
        vfy_conf_clear(out);
    }
    return err;
}

enum bf_err vfy_conf_load(struct vfy_conf *out, const char *path, struct bf_diag *diag)
{
    struct bf_buf raw;
    struct stat st;
    enum bf_err err;

    memset(out, 0, sizeof(*out));
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
        ((st.st_mode & 022) != 0 || (st.st_uid != 0 && st.st_uid != geteuid()))) {
        return bf_fail(diag, BF_CONFIG,
                       "%s: others may write it, or it belongs to somebody else", path);
    }
    err = bf_file_read(&raw, path, VFY_MAX_CONF, diag);
    if (err != BF_OK) {
        bf_diag_in(diag, "configuration");
        bf_diag_hint(diag, err == BF_INPUT_OPEN
                               ? "write it, see verify.conf(5), or name another one with "
                                 "--config FILE"
                               : NULL);
        return err;
    }
    err = vfy_conf_parse(out, bf_buf_bytes(&raw), path, diag);
    bf_buf_clear(&raw);
    return err;
}

void vfy_conf_clear(struct vfy_conf *c)
{
    bf_arena_clear(&c->arena);
    memset(c, 0, sizeof(*c));
}

enum bf_err vfy_conf_target(const struct vfy_conf_target **out, const struct vfy_conf *c,
                            const char *id, struct bf_diag *diag)
{
    size_t i;

    *out = NULL;
    for (i = 0; i < c->num_targets; i++) {
        if (strcmp(c->targets[i].id, id) == 0) {
            *out = &c->targets[i];
            return BF_OK;
        }
    }
    return bf_fail(diag, BF_CONFIG, "no section [%s]", id);
}
