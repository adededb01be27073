/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance.h"
#include "bf/file.h"
#include "harness.h"
#include "receipts.h"

static struct fx *world;

static struct fx *fx(void)
{
    if (world == NULL) {
        world = calloc(1, sizeof(*world));
        fx_init(world);
    }
    return world;
}

static void fresh_dir(char dir[200])
{
    snprintf(dir, 200, "%s/fresh.XXXXXX", t_tmpdir());
    if (mkdtemp(dir) == NULL) {
        abort();
    }
}

static struct vfy_state *open_state(const char *dir, enum vfy_access access,
                                    enum bf_err want)
{
    struct vfy_state *s = calloc(1, sizeof(*s));
    struct bf_diag diag = {0};

    T_ERR(vfy_state_open(s, dir, access, &diag), want, &diag);
    return s;
}

static void close_state(struct vfy_state *s)
{
    vfy_state_close(s);
    free(s);
}

static void test_init(void)
{
    static const char *const files[] = {"transport.age", "secrets.age", "receipt",
                                        "appliance.json"};
    char dir[200], path[300];
    struct vfy_state *s;
    struct bf_buf first = bf_buf(4000), second = bf_buf(4000);
    struct bf_signer *signer = calloc(1, sizeof(*signer));
    struct bf_secret identity = {0};
    struct bf_diag diag = {0};
    struct stat st;
    size_t i;

    fresh_dir(dir);
    s = open_state(dir, VFY_WRITE, BF_OK);
    T_TEXT(s->name, "");
    T_ERR(vfy_state_ready(s, &diag), BF_STATE_DIR, &diag);
    T_OK(vfy_state_init(s, "gw-9", &diag), &diag);
    T_TEXT(s->name, "gw-9");
    T_ERR(vfy_state_ready(s, &diag), BF_NO_TRUST, &diag);
    T_OK(vfy_state_public(&first, s, &diag), &diag);
    T_ERR(vfy_state_init(s, "gw-9", &diag), BF_KEYS_EXIST, &diag);
    T_OK(vfy_state_public(&second, s, &diag), &diag);
    T_BYTES(bf_buf_bytes(&second), bf_buf_bytes(&first));
    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/keys/%s", dir, files[i]);
        T_INT(stat(path, &st), 0);
        T_INT(st.st_mode & 07777, 0600);
    }
    T_OK(vfy_state_identity(&identity, s, &diag), &diag);
    T_INT(identity.len, BF_KEY);
    T_OK(vfy_state_signer(signer, s, &diag), &diag);
    T_TEXT(signer->key.kind->name, "ssh-ed25519");
    bf_signer_clear(signer);
    free(signer);
    bf_secret_clear(&identity);
    bf_buf_clear(&first);
    bf_buf_clear(&second);
    close_state(s);
    s = open_state(dir, VFY_READ, BF_OK);
    T_TEXT(s->name, "gw-9");
    close_state(s);
}

static void test_rights(void)
{
    char dir[200], link_path[220];
    struct vfy_state *one, *two;

    fresh_dir(dir);
    one = open_state(dir, VFY_WRITE, BF_OK);
    two = open_state(dir, VFY_WRITE, BF_STATE_LOCKED);
    close_state(two);
    two = open_state(dir, VFY_READ, BF_OK); /* readers need no lock */
    close_state(two);
    close_state(one);
    one = open_state(dir, VFY_WRITE, BF_OK);
    close_state(one);
    T_INT(chmod(dir, 0750), 0);
    close_state(open_state(dir, VFY_READ, BF_STATE_DIR));
    close_state(open_state(dir, VFY_WRITE, BF_STATE_DIR));
    T_INT(chmod(dir, 0700), 0);
    snprintf(link_path, sizeof(link_path), "%s.link", dir);
    T_INT(symlink(dir, link_path), 0);
    close_state(open_state(link_path, VFY_READ, BF_STATE_DIR));
    unlink(link_path);
    close_state(open_state("/nonexistent/state", VFY_READ, BF_STATE_DIR));
    close_state(open_state("", VFY_READ, BF_STATE_DIR));
}

/* Version 2 of the fixture's trust; signed by both root people. */
static void next_trust(struct bf_buf *out)
{
    static const enum fx_who roots[] = {FX_ERIN, FX_FRANK};
    struct fx_trust_parts *p = calloc(1, sizeof(*p));

    fx_trust_body(p, fx());
    p->body.version = 2;
    p->body.prev = fx()->trust.sha256;
    p->body.created_at = "2026-11-20T00:00:00Z";
    fx_trust_container(out, fx(), &p->body, roots, 2);
    free(p);
}

static enum bf_err install(struct vfy_state *s, struct bf_bytes file, const char *pin,
                           struct bf_diag *diag)
{
    struct bf_buf raw;

    fx_copy(&raw, file);
    return vfy_trust_install(s, &raw, pin, FX_NOW, diag);
}

static void test_trust(void)
{
    static const char wrong[] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    char dir[200];
    struct vfy_state *s;
    struct bf_trust old;
    struct bf_buf next;
    struct bf_diag diag = {0};
    struct bf_bytes first = bf_buf_bytes(&fx()->trust.raw);

    fresh_dir(dir);
    s = open_state(dir, VFY_WRITE, BF_OK);
    T_ERR(install(s, first, NULL, &diag), BF_NO_TRUST, &diag);
    T_ERR(install(s, first, wrong, &diag), BF_TRUST_PIN, &diag);
    T_INT(s->trust.body.version, 0);
    T_OK(install(s, first, fx()->trust.sha256, &diag), &diag);
    T_INT(s->trust.body.version, 1);
    T_TEXT(vfy_state_floor(s), FX_TRUST_MADE);
    T_ERR(install(s, first, fx()->trust.sha256, &diag), BF_TRUST_PIN_USED, &diag);
    T_ERR(install(s, first, NULL, &diag), BF_TRUST_VERSION, &diag);
    next_trust(&next);
    T_OK(install(s, bf_buf_bytes(&next), NULL, &diag), &diag);
    T_INT(s->trust.body.version, 2);
    close_state(s);
    s = open_state(dir, VFY_READ, BF_OK);
    T_INT(s->trust.body.version, 2);
    T_TEXT(vfy_state_floor(s), "2026-11-20T00:00:00Z");
    T_OK(vfy_trust_archived(&old, s, 1, &diag), &diag);
    T_TEXT(old.sha256, fx()->trust.sha256);
    bf_trust_clear(&old);
    T_ERR(vfy_trust_archived(&old, s, 3, &diag), BF_TRUST_UNKNOWN, &diag);
    bf_buf_clear(&next);
    close_state(s);
}

static void test_target(void)
{
    static const char hash[] =
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    struct vfy_name name = {"00112233445566778899aabbccddeeff", hash,
                            "s3.client.secondary.access_key", hash};
    struct vfy_target_state t;
    struct vfy_record_of_target r;
    struct bf_diag diag = {0};
    struct vfy_state *s;
    char dir[200];

    fresh_dir(dir);
    s = open_state(dir, VFY_WRITE, BF_OK);
    T_OK(vfy_target_load(&t, s, "prod-eu-1", &diag), &diag);
    T_TEXT(t.r.applied.manifest_sha256, "");
    T_INT(t.r.intent.serial, 0);
    r = t.r;
    r.applied.manifest_sha256 = r.intent.manifest_sha256 = hash;
    r.applied.serial = r.intent.serial = 12;
    r.intent.outcome = "applied";
    r.names = (struct bf_list){1, &name};
    T_OK(vfy_target_save(s, "prod-eu-1", &r, &diag), &diag);
    vfy_target_clear(&t);
    T_OK(vfy_target_load(&t, s, "prod-eu-1", &diag), &diag);
    T_TEXT(t.r.applied.manifest_sha256, hash);
    T_INT(t.r.intent.serial, 12);
    T_TRUE(vfy_target_name(&t.r, "s3.client.secondary.access_key") != NULL);
    T_TRUE(vfy_target_name(&t.r, "s3.client.secondary.secret_key") == NULL);
    vfy_target_clear(&t);
    ap_write(dir, "targets/prod-eu-1.json", bf_text("{\"applied\":1}"));
    T_ERR(vfy_target_load(&t, s, "prod-eu-1", &diag), BF_STATE_DAMAGED, &diag);
    ap_write(dir, "targets/prod-eu-1.json", bf_text("{"));
    T_ERR(vfy_target_load(&t, s, "prod-eu-1", &diag), BF_STATE_DAMAGED, &diag);
    close_state(s);
}

/* ---- ledger ---- */

struct checked {
    struct bf_buf file;
    struct bf_bytes raw;
    struct vfy_look *look;
};

/* A look at the fixture's bundle, as the receipts need one. */
static void look_at(struct checked *c, const struct vfy_state *s)
{
    struct vfy_checked *checked = NULL;
    struct vfy_ask ask = {0};
    struct bf_diag diag = {0};

    fx_bundle_approved(&c->file, fx());
    c->raw = bf_buf_bytes(&c->file);
    c->look = calloc(1, sizeof(*c->look));
    ask.path = "bundle";
    ask.raw = &c->raw;
    ask.state = s;
    ask.now = FX_NOW;
    T_OK(vfy_check(&checked, c->look, &ask, &diag), &diag);
    T_TRUE(checked == NULL); /* without the secrets key nothing can be applied */
}

static void drop_look(struct checked *c)
{
    vfy_look_clear(c->look);
    free(c->look);
    bf_buf_clear(&c->file);
}

static void write_receipt(struct vfy_state *s, const struct checked *c,
                          const char *outcome, enum bf_err refusal)
{
    struct vfy_receipt_in in = {0};
    struct bf_diag diag = {0};
    char id[33];
    size_t index, num = s->ledger.num;

    vfy_fresh_id(id);
    in.look = c->look;
    in.trust = &s->trust;
    in.outcome = outcome;
    in.refusal = refusal;
    in.operator_name = "tester";
    in.receipt_id = id;
    in.started = FX_NOW;
    T_OK(vfy_receipt_write(&index, s, &in, &diag), &diag);
    T_INT(index, num);
    T_INT(s->ledger.num, num + 1);
    T_TRUE(vfy_ledger_find(&s->ledger, id) == &s->ledger.entries[num]);
}

/* Every receipt opens as whoever imports it will open it, and each head leads to the
 * next. */
static void check_receipts(const struct vfy_state *s, const char *dir)
{
    struct bf_receipt_file *f = calloc(1, sizeof(*f));
    const struct bf_trust *trusts[] = {&s->trust};
    struct bf_log log = {0};
    struct bf_diag diag = {0};
    struct bf_buf raw;
    char path[300], hex[65];
    uint8_t root[BF_SHA256];
    size_t i;

    for (i = 0; i < s->ledger.num; i++) {
        snprintf(path, sizeof(path), "%s/receipts/%zu.snapseal-receipt", dir, i);
        T_OK(bf_file_read(&raw, path, BF_MAX_CONTAINER, &diag), &diag);
        T_OK(bf_receipt_open(f, &raw, trusts, 1, FX_NOW, &diag), &diag);
        bf_log_root(root, &log);
        bf_hex(hex, root, sizeof(root));
        T_TEXT(f->r.log.prev_root, hex);
        T_INT(f->r.log.index, i);
        bf_hex(hex, f->leaf, BF_SHA256);
        T_TEXT(s->ledger.entries[i].leaf, hex);
        bf_log_append(&log, f->leaf);
        bf_receipt_clear(f);
    }
    T_INT(s->ledger.log.size, s->ledger.num);
    free(f);
}

/* Bytes of the first num lines. */
static size_t line_end(const struct bf_buf *text, size_t num)
{
    size_t at = 0;

    for (; num > 0; at++) {
        num -= text->ptr[at] == '\n' ? 1 : 0;
    }
    return at;
}

/* No crash leaves more than one receipt without a line. */
static void cut_short(const char *dir, const char *path, const struct bf_buf *ledger)
{
    int fd = open(path, O_WRONLY);

    T_INT(ftruncate(fd, (off_t)line_end(ledger, 3)), 0);
    close_state(open_state(dir, VFY_READ, BF_STATE_DAMAGED));
    close_state(open_state(dir, VFY_WRITE, BF_STATE_DAMAGED));
    T_INT(ftruncate(fd, 0), 0);
    close_state(open_state(dir, VFY_READ, BF_STATE_DAMAGED));
    close_state(open_state(dir, VFY_WRITE, BF_STATE_DAMAGED));
    T_INT(unlink(path), 0);
    close_state(open_state(dir, VFY_WRITE, BF_STATE_DAMAGED));
    close(fd);
}

static void test_ledger(void)
{
    char dir[200], path[300];
    struct vfy_state *s;
    struct checked c;
    struct bf_buf ledger;
    struct bf_diag diag = {0};
    size_t i;
    int fd;

    ap_make(dir, fx());
    s = open_state(dir, VFY_WRITE, BF_OK);
    look_at(&c, s);
    for (i = 0; i < 5; i++) {
        write_receipt(s, &c, i == 2 ? "applied" : "refused",
                      i == 2 ? BF_OK : BF_PEOPLE_MISSING);
    }
    check_receipts(s, dir);
    T_TRUE(vfy_ledger_refused(&s->ledger, c.look->bundle.sha256, "PEOPLE_MISSING") ==
           &s->ledger.entries[4]);
    T_TRUE(vfy_ledger_refused(&s->ledger, c.look->bundle.sha256, "SERIAL_OLD") == NULL);
    T_TEXT(vfy_state_floor(s), s->ledger.entries[2].finished);
    close_state(s);

    /* half a line at the end, as a crash leaves it: readers see four, writers mend it */
    snprintf(path, sizeof(path), "%s/ledger", dir);
    T_OK(bf_file_read(&ledger, path, 100000, &diag), &diag);
    T_INT(truncate(path, (off_t)ledger.len - 10), 0);
    s = open_state(dir, VFY_READ, BF_OK);
    T_INT(s->ledger.num, 4);
    close_state(s);
    s = open_state(dir, VFY_WRITE, BF_OK);
    T_INT(s->ledger.num, 5);
    check_receipts(s, dir);
    close_state(s);

    cut_short(dir, path, &ledger);
    ap_write(dir, "ledger", bf_view(ledger.ptr, line_end(&ledger, 4)));
    s = open_state(dir, VFY_READ, BF_OK);
    T_INT(s->ledger.num, 4);
    close_state(s);
    s = open_state(dir, VFY_WRITE, BF_OK);
    T_INT(s->ledger.num, 5);
    check_receipts(s, dir);
    close_state(s);

    /* anything else wrong is damage, and is not mended */
    fd = open(path, O_WRONLY);
    T_INT(pwrite(fd, "x", 1, 3), 1);
    close(fd);
    close_state(open_state(dir, VFY_READ, BF_STATE_DAMAGED));
    close_state(open_state(dir, VFY_WRITE, BF_STATE_DAMAGED));
    bf_buf_clear(&ledger);
    drop_look(&c);
}

/* A receipt that is not the one of its line is not handed out. */
static void test_swapped(void)
{
    char dir[200], copy[300], path[300];
    struct vfy_state *s;
    struct checked c;
    struct bf_buf first, second;
    struct bf_diag diag = {0};

    ap_make(dir, fx());
    s = open_state(dir, VFY_WRITE, BF_OK);
    look_at(&c, s);
    write_receipt(s, &c, "refused", BF_SERIAL_OLD);
    write_receipt(s, &c, "refused", BF_PEOPLE_MISSING);
    snprintf(copy, sizeof(copy), "%s/copy", dir);
    snprintf(path, sizeof(path), "%s/receipts/0.snapseal-receipt", dir);
    T_OK(bf_file_read(&first, path, BF_MAX_CONTAINER, &diag), &diag);
    snprintf(path, sizeof(path), "%s/receipts/1.snapseal-receipt", dir);
    T_OK(bf_file_read(&second, path, BF_MAX_CONTAINER, &diag), &diag);
    T_OK(bf_file_write(path, bf_buf_bytes(&first), 0600, true, &diag), &diag);
    T_OK(vfy_receipt_copy(s, 0, copy, true, &diag), &diag);
    T_INT(unlink(copy), 0);
    T_ERR(vfy_receipt_copy(s, 1, copy, true, &diag), BF_STATE_DAMAGED, &diag);
    T_OK(bf_file_write(path, bf_text("no container"), 0600, true, &diag), &diag);
    T_ERR(vfy_receipt_copy(s, 1, copy, true, &diag), BF_STATE_DAMAGED, &diag);
    T_TRUE(access(copy, F_OK) != 0);
    T_OK(bf_file_write(path, bf_buf_bytes(&second), 0600, true, &diag), &diag);
    T_OK(vfy_receipt_copy(s, 1, copy, true, &diag), &diag);
    T_ERR(vfy_receipt_copy(s, 2, copy, true, &diag), BF_INTERNAL, &diag);
    bf_buf_clear(&first);
    bf_buf_clear(&second);
    close_state(s);
    drop_look(&c);
}

static void expect_record(const struct vfy_state *s, enum bf_err want)
{
    struct vfy_target_state t;
    struct bf_diag diag = {0};

    T_ERR(vfy_target_load(&t, s, "prod-eu-1", &diag), want, &diag);
    T_TRUE(want == BF_OK || strstr(diag.where, "targets/prod-eu-1.json") != NULL);
    T_TRUE(want == BF_OK || strstr(diag.where, "serial 7 used") != NULL);
    vfy_target_clear(&t);
}

static void save_record(const struct vfy_state *s, int64_t used, int64_t applied,
                        const char *hash)
{
    struct vfy_record_of_target r = {0};
    struct bf_diag diag = {0};

    r.intent.serial = used;
    r.applied.serial = applied;
    r.applied.manifest_sha256 = hash;
    r.intent.manifest_sha256 = r.uncertain = r.intent.outcome = "";
    r.type = VFY_TARGET_TYPE;
    T_OK(vfy_target_save(s, "prod-eu-1", &r, &diag), &diag);
}

/* A record that is gone, or an old copy of it, forgets serials; the receipts do not. */
static void test_behind(void)
{
    static const char other[] =
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    char dir[200], journal[300], record[300];
    struct vfy_state *s;
    struct checked c;

    ap_make(dir, fx());
    snprintf(journal, sizeof(journal), "%s/runs/prod-eu-1.journal", dir);
    snprintf(record, sizeof(record), "%s/targets/prod-eu-1.json", dir);
    s = open_state(dir, VFY_WRITE, BF_OK);
    look_at(&c, s);
    write_receipt(s, &c, "refused", BF_SERIAL_OLD); /* uses up nothing */
    expect_record(s, BF_OK);
    write_receipt(s, &c, "undone", BF_LIVE_NODES);
    expect_record(s, BF_STATE_DAMAGED);
    save_record(s, 6, 0, "");
    expect_record(s, BF_STATE_DAMAGED);
    save_record(s, 7, 0, "");
    expect_record(s, BF_OK);
    write_receipt(s, &c, "applied", BF_OK);
    expect_record(s, BF_STATE_DAMAGED);
    ap_write(dir, "runs/prod-eu-1.journal", bf_text("")); /* cut off before it closed */
    expect_record(s, BF_OK);
    T_INT(unlink(record), 0);
    expect_record(s, BF_STATE_DAMAGED); /* the run before it counts */
    T_INT(unlink(journal), 0);
    save_record(s, 7, 7, other);
    expect_record(s, BF_STATE_DAMAGED);
    save_record(s, 8, 8, other); /* ahead: a reader's ledger may be older */
    expect_record(s, BF_OK);
    save_record(s, 7, 7, c.look->bundle.sha256);
    expect_record(s, BF_OK);
    T_INT(unlink(record), 0);
    expect_record(s, BF_STATE_DAMAGED);
    close_state(s);
    drop_look(&c);
}

static void test_proofs(void)
{
    char dir[200];
    struct vfy_state *s;
    struct checked c;
    struct bf_diag diag = {0};
    uint8_t proof[64][BF_SHA256], root_m[BF_SHA256], root_n[BF_SHA256];
    size_t i, m, n, num;

    ap_make(dir, fx());
    s = open_state(dir, VFY_WRITE, BF_OK);
    look_at(&c, s);
    for (i = 0; i < 9; i++) {
        write_receipt(s, &c, "refused", BF_SERIAL_OLD);
    }
    for (n = 1; n <= 9; n++) {
        for (m = 1; m < n; m++) {
            T_OK(vfy_ledger_root(root_m, &s->ledger, m, &diag), &diag);
            T_OK(vfy_ledger_root(root_n, &s->ledger, n, &diag), &diag);
            T_OK(vfy_ledger_prove(proof, &num, &s->ledger, m, n, &diag), &diag);
            T_TRUE(bf_log_consistent((const uint8_t(*)[BF_SHA256])proof, num, m, root_m,
                                     n, root_n));
            root_m[0] ^= 1;
            T_TRUE(!bf_log_consistent((const uint8_t(*)[BF_SHA256])proof, num, m, root_m,
                                      n, root_n));
        }
    }
    T_OK(vfy_ledger_prove(proof, &num, &s->ledger, 0, 9, &diag), &diag);
    T_INT(num, 0);
    T_ERR(vfy_ledger_prove(proof, &num, &s->ledger, 3, 10, &diag), BF_INTERNAL, &diag);
    close_state(s);
    drop_look(&c);
}

/* The receipt goes into space that was allocated ahead, and that is gone afterwards. */
static void test_room(void)
{
    char dir[200], room[300], path[300];
    struct vfy_state *s;
    struct checked c;
    struct vfy_receipt_in in = {0};
    struct bf_diag diag = {0};
    struct stat st;
    size_t index;

    ap_make(dir, fx());
    s = open_state(dir, VFY_WRITE, BF_OK);
    look_at(&c, s);
    snprintf(room, sizeof(room), "%s/runs/prod-eu-1.room", dir);
    T_OK(vfy_receipt_room(room, &diag), &diag);
    T_INT(stat(room, &st), 0);
    T_INT(st.st_size, BF_MAX_CONTAINER);
    T_TRUE(st.st_blocks * 512 >= BF_MAX_CONTAINER);
    in.look = c.look;
    in.trust = &s->trust;
    in.outcome = "refused";
    in.refusal = BF_LIVE_NODES;
    in.operator_name = "";
    in.receipt_id = "00112233445566778899aabbccddeeff";
    in.started = FX_NOW;
    in.room = room;
    T_OK(vfy_receipt_write(&index, s, &in, &diag), &diag);
    T_TRUE(access(room, F_OK) != 0);
    check_receipts(s, dir);
    snprintf(path, sizeof(path), "%s/copy", dir);
    T_OK(vfy_receipt_copy(s, 0, path, false, &diag), &diag);
    T_ERR(vfy_receipt_copy(s, 0, path, false, &diag), BF_OUTPUT_EXISTS, &diag);
    T_OK(vfy_receipt_copy(s, 0, path, true, &diag), &diag);
    close_state(s);
    drop_look(&c);
}

/* Nobody can fill the disk with refused files. */
static void test_refused_log(void)
{
    char dir[200], path[300], now[21];
    struct bf_diag why = {BF_GATE_SIZE, "513 bytes", NULL};
    struct vfy_state *s;
    struct stat st, before;
    int i;

    fresh_dir(dir);
    s = open_state(dir, VFY_WRITE, BF_OK);
    snprintf(path, sizeof(path), "%s/refused.log", dir);
    vfy_refused_line(s, FX_NOW, "evil\nname", &why);
    T_INT(stat(path, &before), 0);
    T_TRUE(before.st_size > 30);
    bf_time_format(now, (int64_t)before.st_mtime);
    for (i = 0; i < 100; i++) {
        vfy_refused_line(s, now, "again, within the second", &why);
    }
    T_INT(stat(path, &st), 0);
    T_INT(st.st_size, before.st_size);
    T_INT(truncate(path, 300 * 1024), 0);
    vfy_refused_line(s, FX_NOW, "the next one", &why);
    T_INT(stat(path, &st), 0);
    T_TRUE(st.st_size < 1024);
    close_state(s);
}

T_CASES("state", {"keys", test_init}, {"rights and lock", test_rights},
        {"trust", test_trust}, {"record of a target", test_target},
        {"ledger", test_ledger}, {"record behind the receipts", test_behind},
        {"receipt of another line", test_swapped}, {"consistency proofs", test_proofs},
        {"room for the receipt", test_room}, {"what gets no receipt", test_refused_log});
