/* SPDX-License-Identifier: Apache-2.0 */
#include "receipts.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/cli.h"
#include "bf/file.h"

#define NO_CONFIG "0000000000000000000000000000000000000000000000000000000000000000"

/* A receipt in the making: all lists live in the arena. */
struct making {
    struct bf_arena arena;
    struct bf_receipt r;
    struct bf_entry evidence[VFY_MAX_PIECES];
    uint8_t consistency[128][BF_SHA256];
    size_t num_evidence;
    bool bad; /* out of memory */
};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void *table(struct making *m, size_t num, size_t size)
{
    void *p = bf_arena_alloc(&m->arena, (num > 0 ? num : 1) * size);

    m->bad = m->bad || p == NULL;
    return p;
}

static const char *copy_text(struct making *m, const char *text)
{
    const char *copy = bf_arena_text(&m->arena, bf_text(text));

    m->bad = m->bad || copy == NULL;
    return copy != NULL ? copy : "";
}

/*
 * What a server or a person said, in the form that a receipt can hold: printable, no
 * blanks at the ends or doubled, at most max bytes; other bytes become "?". instead when
 * nothing is left.
 */
static const char *as_text(struct making *m, const char *in, size_t max,
                           const char *instead)
{
    char out[501] = "";
    size_t len = 0, i;

    max = max < sizeof(out) - 1 ? max : sizeof(out) - 1;
    for (i = 0; in[i] != '\0' && len < max; i++) {
        char c = in[i] >= 0x20 && in[i] <= 0x7e ? in[i] : '?';

        if (c != ' ' || (len > 0 && out[len - 1] != ' ')) {
            out[len++] = c;
        }
    }
    while (len > 0 && out[len - 1] == ' ') {
        len--;
    }
    out[len] = '\0';
    return len > 0 ? copy_text(m, out) : instead;
}

/* A step or a probe's name as a token: "keystore:Node-1" is "keystore.node-1". */
static const char *as_token(struct making *m, const char *in)
{
    char out[65];
    size_t len;

    for (len = 0; len < sizeof(out) - 1 && in[len] != '\0'; len++) {
        char c = in[len];

        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        } else if (c == ':') {
            c = '.';
        } else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '.' || c == '-')) {
            c = '-';
        }
        out[len] = c;
    }
    out[len] = '\0';
    return len > 0 && strchr("_.-", out[0]) == NULL ? copy_text(m, out) : "x";
}

/* ---- parts ---- */

static void put_checks(struct making *m, const struct vfy_receipt_in *in)
{
    struct bf_receipt_check *rows = table(m, BF_NUM_CHECKS, sizeof(*rows));
    size_t i;

    for (i = 0; i < BF_NUM_CHECKS && !m->bad; i++) {
        enum bf_result result = in->look->bundle.checks.result[i];

        if (i == BF_CHECK_LIVE && in->run != NULL) {
            result = in->live ? BF_PASSED : BF_REFUSED;
        }
        rows[i].id = bf_check_id((enum bf_check)i);
        rows[i].result = bf_result_id(result);
    }
    m->r.checks = (struct bf_list){BF_NUM_CHECKS, rows};
}

/* The author and everybody whose approval is good, in the order of the file. */
static void put_people(struct making *m, const struct bf_bundle *b)
{
    struct bf_receipt_person *rows = table(m, b->num_sigs, sizeof(*rows));
    size_t num = 0, i;

    for (i = 0; i < b->num_sigs && !m->bad; i++) {
        const struct bf_verdict *v = &b->sigs[i];

        if (v->reason == BF_OK) {
            rows[num++] = (struct bf_receipt_person){v->counter, v->fingerprint, v->flags,
                                                     v->person, v->role};
        }
    }
    m->r.people = (struct bf_list){num, rows};
}

static void put_steps(struct making *m, const struct vfy_story *run)
{
    struct bf_receipt_step *rows = table(m, run->num_steps, sizeof(*rows));
    /* the manifest has an upper bound, and a large cluster many steps */
    size_t most = run->num_steps <= 100 ? 500 : (run->num_steps <= 400 ? 120 : 32), i;

    for (i = 0; i < run->num_steps && !m->bad; i++) {
        const struct bf_receipt_step *s = &run->steps[i];

        rows[i].id = as_token(m, s->id);
        rows[i].before = as_text(m, s->before, most, "");
        rows[i].after = as_text(m, s->after, most, "");
        rows[i].result = as_text(m, s->result, 100, "interrupted");
        rows[i].undo = as_text(m, s->undo, 100, "");
    }
    m->r.steps = (struct bf_list){run->num_steps, rows};
}

static size_t count_facts(const struct vfy_story *run, const char *id)
{
    size_t i, num = 0;

    for (i = 0; i < run->num_facts; i++) {
        num += is(run->facts[i].id, id) ? 1 : 0;
    }
    return num;
}

/* All texts (or node names) of facts with that id, ascending, none twice. */
static struct bf_list list_facts(struct making *m, const struct vfy_story *run,
                                 const char *id, size_t max)
{
    const char **rows = table(m, count_facts(run, id), sizeof(*rows));
    struct bf_list list = {0, rows};
    size_t i, at;

    for (i = 0; i < run->num_facts && !m->bad && list.num < max; i++) {
        const struct vfy_fact *f = &run->facts[i];
        const char *text;

        if (!is(f->id, id)) {
            continue;
        }
        text = as_text(m, f->node[0] != '\0' ? f->node : f->text, 500, NULL);
        if (text == NULL || bf_list_has(&list, text)) {
            continue;
        }
        for (at = list.num; at > 0 && strcmp(rows[at - 1], text) > 0; at--) {
            rows[at] = rows[at - 1];
        }
        rows[at] = text;
        list.num++;
    }
    return list;
}

/* Words of a blank-separated text. */
static struct bf_list words(struct making *m, const char *text)
{
    const char **rows = table(m, strlen(text) / 2 + 1, sizeof(*rows));
    size_t num = 0;

    while (!m->bad && *(text += strspn(text, " ")) != '\0' && num < 256) {
        size_t len = strcspn(text, " ");
        const char *word = bf_arena_text(&m->arena, bf_view(text, len));

        m->bad = word == NULL;
        rows[num++] = word;
        text += len;
    }
    return (struct bf_list){num, rows};
}

/* The helper says "SHA256 MODE UID GID" of a keystore; the first word counts here. */
static const char *as_digest(struct making *m, const char *fact)
{
    char hex[2 * BF_SHA256 + 1];

    snprintf(hex, sizeof(hex), "%.*s", (int)strcspn(fact, " "), fact);
    return bf_is_hex64(hex) ? copy_text(m, hex) : "";
}

static void put_keystores(struct making *m, const struct vfy_story *run)
{
    const struct bf_list *nodes = &m->r.proof.expected;
    struct bf_receipt_node *rows = table(m, nodes->num, sizeof(*rows));
    size_t i;

    for (i = 0; i < nodes->num && !m->bad; i++) {
        const char *node = bf_list_text(nodes, i);

        rows[i].node = node;
        rows[i].digest = as_digest(m, vfy_story_fact(run, "node_digest", node));
        rows[i].names = words(m, vfy_story_fact(run, "node_names", node));
        rows[i].reload =
            as_text(m, vfy_story_fact(run, "node_reload", node), 300, "not asked");
    }
    m->r.proof.keystores = (struct bf_list){nodes->num, rows};
}

/* "probe" facts are ID=RESULT; of one id the last counts. */
static void put_probes(struct making *m, const struct vfy_story *run)
{
    struct bf_receipt_check *rows = table(m, count_facts(run, "probe"), sizeof(*rows));
    size_t num = 0, i, at;

    for (i = 0; i < run->num_facts && !m->bad && num < 64; i++) {
        const struct vfy_fact *f = &run->facts[i];
        const char *equals = strchr(f->text, '=');
        const char *id;

        if (!is(f->id, "probe") || equals == NULL) {
            continue;
        }
        id = bf_arena_text(&m->arena, bf_view(f->text, (size_t)(equals - f->text)));
        m->bad = m->bad || id == NULL;
        id = m->bad ? "" : as_token(m, id);
        for (at = 0; at < num && !is(rows[at].id, id); at++) {
        }
        rows[at] = (struct bf_receipt_check){id, as_text(m, equals + 1, 200, "unknown")};
        num += at == num ? 1 : 0;
    }
    m->r.proof.probes = (struct bf_list){num, rows};
}

static void put_expected(struct making *m, const struct bf_list *nodes)
{
    const char **rows = table(m, nodes->num, sizeof(*rows));
    size_t i;

    for (i = 0; i < nodes->num && !m->bad; i++) {
        rows[i] = BF_LIST_ITEM(nodes, const struct vfy_node, i)->name;
    }
    m->r.proof.expected = (struct bf_list){nodes->num, rows};
}

static void put_evidence(struct making *m, const struct vfy_story *run)
{
    char name[BF_MAX_NAME + 1];
    size_t i;

    for (i = 0; i < run->num_evidence && !m->bad; i++) {
        snprintf(name, sizeof(name), "evidence/%s", run->evidence[i].name);
        if (bf_is_member_name(name)) {
            m->evidence[m->num_evidence].name = copy_text(m, name);
            m->evidence[m->num_evidence].data = bf_text(run->evidence[i].text);
            m->num_evidence++;
        }
    }
}

static void put_run(struct making *m, const struct vfy_receipt_in *in)
{
    const struct vfy_story *run = in->run;
    const char *uuid = vfy_story_fact(run, "cluster_uuid", NULL);

    m->r.target.cluster_name =
        as_text(m, vfy_story_fact(run, "cluster_name", NULL), 200, "");
    m->r.target.cluster_uuid = bf_is_uuid(uuid) ? uuid : "";
    m->r.target.version = as_text(m, vfy_story_fact(run, "version", NULL), 100, "");
    put_steps(m, run);
    put_probes(m, run);
    put_evidence(m, run);
    m->r.not_tried = list_facts(m, run, "not_tried", 64);
    m->r.proof.seen = list_facts(m, run, "node_seen", 256);
    if (in->nodes != NULL) {
        put_expected(m, in->nodes);
        if (in->nodes->num == 0) { /* a deployment's API named them */
            m->r.proof.expected = list_facts(m, run, "node_expected", 256);
        }
        put_keystores(m, run);
    }
}

/* ---- log ---- */

static void put_hashes(struct making *m, struct bf_list *out,
                       const uint8_t (*hashes)[BF_SHA256], size_t num)
{
    const char **rows = table(m, num, sizeof(*rows));
    char hex[2 * BF_SHA256 + 1];
    size_t i;

    for (i = 0; i < num && !m->bad; i++) {
        bf_hex(hex, hashes[i], BF_SHA256);
        rows[i] = copy_text(m, hex);
    }
    *out = (struct bf_list){num, rows};
}

/* RFC 6962: frontier and root of what is there, and the way from the author's head to
 * here; none when the log is in dispute. */
static enum bf_err put_log(struct making *m, const struct vfy_state *s,
                           const struct vfy_receipt_in *in, struct bf_diag *diag)
{
    const struct vfy_ledger *l = &s->ledger;
    const struct bf_manifest *bm = &in->look->bundle.m;
    uint8_t root[BF_SHA256];
    char hex[2 * BF_SHA256 + 1];
    size_t num = 0;
    enum bf_err err = BF_OK;

    bf_log_root(root, &l->log);
    bf_hex(hex, root, sizeof(root));
    m->r.log.index = (int64_t)l->num;
    m->r.log.origin = s->name;
    m->r.log.prev_root = copy_text(m, hex);
    put_hashes(m, &m->r.log.frontier, l->log.edge, bf_log_edges(&l->log));
    if (strncmp(bf_err_id(in->refusal), "LOG_", 4) != 0 &&
        bm->expect_log.size <= (int64_t)l->num) {
        err = vfy_ledger_prove(m->consistency, &num, l, (size_t)bm->expect_log.size,
                               l->num, diag);
    }
    put_hashes(m, &m->r.consistency, (const uint8_t(*)[BF_SHA256])m->consistency,
               err == BF_OK ? num : 0);
    return err;
}

static void put_head(struct making *m, const struct vfy_receipt_in *in,
                     const char *finished)
{
    const struct bf_bundle *b = &in->look->bundle;
    struct bf_receipt *r = &m->r;

    r->bundle.id = b->m.bundle_id;
    r->bundle.manifest_sha256 = b->sha256;
    r->grade = b->m.change.grade;
    r->clock.now = in->look->now;
    r->clock.synchronised = in->synchronised;
    r->config_sha256 = in->config_sha256 != NULL ? in->config_sha256 : NO_CONFIG;
    r->domain = b->m.domain;
    r->finished = finished;
    r->operator_name = as_text(m, in->operator_name, 64, "");
    r->outcome = in->outcome;
    r->receipt_id = in->receipt_id;
    r->refusal = in->refusal != BF_OK ? bf_err_id(in->refusal) : "";
    r->serial = b->m.serial;
    r->started = in->started;
    r->target.cluster_name = r->target.cluster_uuid = r->target.version = "";
    r->target.id = b->m.target.id;
    r->target.kind = b->m.target.kind;
    r->tool = "snapseal-verify " SNAPSEAL_VERSION;
}

/* ---- into place ---- */

/* Fills the space allocated ahead, cuts it to size, and gives it the receipt's name. */
static enum bf_err fill_room(const char *room, const char *path, struct bf_bytes data,
                             struct bf_diag *diag)
{
    int fd = open(room, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    enum bf_err err = BF_OK;

    if (fd < 0) {
        return bf_file_write(path, data, 0600, false, diag);
    }
    if (!bf_fd_write(fd, data) || ftruncate(fd, (off_t)data.len) != 0 || fsync(fd) != 0 ||
        link(room, path) != 0) {
        err = bf_fail(diag, BF_OUTPUT_WRITE, "%s: %s", path, strerror(errno));
    }
    close(fd);
    if (err == BF_OK) {
        (void)unlink(room);
    }
    return err;
}

static enum bf_err sync_dir(const struct vfy_state *s, struct bf_diag *diag)
{
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "receipts");
    int fd = err == BF_OK ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (err == BF_OK && (fd < 0 || fsync(fd) != 0)) {
        err = bf_fail_errno(diag, path);
    }
    if (fd >= 0) {
        close(fd);
    }
    return err;
}

static enum bf_err sign_and_place(struct vfy_state *s, struct making *m, const char *room,
                                  struct bf_diag *diag)
{
    struct bf_signer *signer = calloc(1, sizeof(*signer));
    struct bf_container *c = calloc(1, sizeof(*c));
    struct bf_buf file = bf_buf(BF_MAX_CONTAINER);
    uint8_t leaf[BF_SHA256];
    char path[VFY_PATH];
    enum bf_err err =
        signer != NULL && c != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "receipt");

    if (err == BF_OK) {
        err = vfy_state_signer(signer, s, diag);
    }
    if (err == BF_OK) {
        err = bf_receipt_make(&file, &m->r, m->evidence, m->num_evidence, signer, diag);
        if (err != BF_OK && bf_err_exit(err) == BF_EXIT_REFUSED) {
            /* our own making, or memory: no fault of the bundle */
            bf_diag_in(diag, "%s", bf_err_id(err));
            diag->err = err = BF_INTERNAL;
        }
    }
    if (err == BF_OK) {
        err = bf_gate(c, bf_buf_bytes(&file), diag);
    }
    if (err == BF_OK) {
        bf_log_leaf(leaf, c->entries[0].data);
        err = vfy_path(path, s, diag, "receipts/%zu.snapseal-receipt", s->ledger.num);
    }
    if (err == BF_OK) {
        err = room != NULL ? fill_room(room, path, bf_buf_bytes(&file), diag)
                           : bf_file_write(path, bf_buf_bytes(&file), 0600, false, diag);
    }
    if (err == BF_OK) {
        err = sync_dir(s, diag);
    }
    if (err == BF_OK) {
        err = vfy_ledger_append(s, &m->r, leaf, diag);
    }
    bf_buf_clear(&file);
    if (signer != NULL) {
        bf_signer_clear(signer);
    }
    free(signer);
    free(c);
    return err;
}

enum bf_err vfy_receipt_write(size_t *index, struct vfy_state *s,
                              const struct vfy_receipt_in *in, struct bf_diag *diag)
{
    struct making *m = calloc(1, sizeof(*m));
    char finished[21];
    enum bf_err err;

    *index = s->ledger.num;
    if (m == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "receipt");
    }
    bf_cli_now(finished);
    put_head(m, in, strcmp(finished, in->started) < 0 ? in->started : finished);
    m->r.trust.sha256 = in->trust->sha256;
    m->r.trust.version = in->trust->body.version;
    put_checks(m, in);
    put_people(m, &in->look->bundle);
    if (in->run != NULL) {
        put_run(m, in);
    }
    err = put_log(m, s, in, diag);
    if (err == BF_OK && m->bad) {
        err = bf_fail(diag, BF_NO_MEMORY, "receipt");
    }
    if (err == BF_OK) {
        err = sign_and_place(s, m, in->room, diag);
    }
    if (err != BF_OK) {
        bf_diag_in(diag, "receipt");
    }
    bf_arena_clear(&m->arena);
    free(m);
    return err;
}

enum bf_err vfy_receipt_room(const char *path, struct bf_diag *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int number;
    enum bf_err err = BF_OK;

    if (fd < 0) {
        return bf_fail_errno(diag, path);
    }
    number = posix_fallocate(fd, 0, BF_MAX_CONTAINER);
    if (number != 0) {
        err = bf_fail(diag, BF_IO, "room for the receipt: %s", strerror(number));
        (void)unlink(path);
    }
    close(fd);
    return err;
}

enum bf_err vfy_receipt_read(struct bf_container *out, struct bf_buf *raw,
                             const struct vfy_state *s, size_t index,
                             struct bf_diag *diag)
{
    uint8_t leaf[BF_SHA256];
    char path[VFY_PATH], hex[2 * BF_SHA256 + 1] = "";
    enum bf_err err = vfy_path(path, s, diag, "receipts/%zu.snapseal-receipt", index);

    if (err == BF_OK && index >= s->ledger.num) {
        err = bf_fail(diag, BF_INTERNAL, "receipt %zu of %zu", index, s->ledger.num);
    }
    if (err == BF_OK) {
        err = bf_file_read(raw, path, BF_MAX_CONTAINER, diag);
    }
    if (err != BF_OK) {
        return err;
    }
    err = bf_gate(out, bf_buf_bytes(raw), diag);
    if (err != BF_OK && bf_err_exit(err) != BF_EXIT_REFUSED) {
        return err; /* memory */
    }
    if (err == BF_OK) {
        bf_log_leaf(leaf, out->entries[0].data);
        bf_hex(hex, leaf, sizeof(leaf));
    }
    return is(hex, s->ledger.entries[index].leaf)
               ? BF_OK
               : bf_fail(diag, BF_STATE_DAMAGED,
                         "receipts/%zu.snapseal-receipt is not the receipt of the ledger",
                         index);
}

enum bf_err vfy_receipt_copy(const struct vfy_state *s, size_t index, const char *path,
                             bool force, struct bf_diag *diag)
{
    struct bf_container *c = calloc(1, sizeof(*c));
    struct bf_buf file = bf_buf(BF_MAX_CONTAINER);
    enum bf_err err = c != NULL ? BF_OK : bf_fail(diag, BF_NO_MEMORY, "receipt");

    if (err == BF_OK) {
        err = vfy_receipt_read(c, &file, s, index, diag);
    }
    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&file), 0644, force, diag);
    }
    bf_buf_clear(&file);
    free(c);
    return err;
}

void vfy_fresh_id(char out[33])
{
    uint8_t bytes[16];

    bf_random(bytes, sizeof(bytes));
    bf_hex(out, bytes, sizeof(bytes));
}

void vfy_operator(char out[65])
{
    const struct passwd *p = getpwuid(getuid());

    out[0] = '\0';
    if (p != NULL && bf_is_name(p->pw_name)) {
        snprintf(out, 65, "%s", p->pw_name);
    }
}
