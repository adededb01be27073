/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/file.h"

enum { MAX_LOG = 256 * 1024, MAX_APPLIANCE = 4096 };

enum bf_err vfy_path(char out[VFY_PATH], const struct vfy_state *s, struct bf_diag *diag,
                     const char *fmt, ...)
{
    va_list args;
    size_t used;

    used = (size_t)snprintf(out, VFY_PATH, "%s/", s->dir);
    if (used < VFY_PATH) {
        va_start(args, fmt);
        used += (size_t)vsnprintf(out + used, VFY_PATH - used, fmt, args);
        va_end(args);
    }
    return used < VFY_PATH ? BF_OK : bf_fail(diag, BF_STATE_DIR, "name too long");
}

/* What is wrong with a file of keys/ is no fault of a bundle, and no receipt brings a key
 * back. */
static enum bf_err key_damaged(enum bf_err err, const char *path, struct bf_diag *diag)
{
    if (err == BF_OK || err == BF_NO_MEMORY || err == BF_MEMORY_NOT_LOCKED ||
        err == BF_CRYPTO || err == BF_INPUT_MODE || err == BF_STATE_DIR) {
        return err;
    }
    bf_diag_in(diag, "%s: %s", path, bf_err_text(err));
    if (diag != NULL) {
        diag->err = BF_STATE_DAMAGED;
    }
    bf_diag_hint(
        diag, "restore keys/ from a backup; without one, init a new state directory and "
              "let the root people enrol its keys in the next trust file");
    return BF_STATE_DAMAGED;
}

/* ---- opening ---- */

static enum bf_err make_parts(struct vfy_state *s, struct bf_diag *diag)
{
    static const char *const parts[] = {"receipts", "runs", "targets", "trust"};
    char path[VFY_PATH];
    enum bf_err err = bf_dir_make(s->dir, diag);
    size_t i;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]) && err == BF_OK; i++) {
        err = vfy_path(path, s, diag, "%s", parts[i]);
        if (err == BF_OK) {
            err = bf_dir_make(path, diag);
        }
    }
    return err;
}

static enum bf_err take_lock(struct vfy_state *s, struct bf_diag *diag)
{
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "lock");

    if (err != BF_OK) {
        return err;
    }
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock < 0) {
        return bf_fail(diag, BF_STATE_DIR, "%s: %s", path, strerror(errno));
    }
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? bf_fail(diag, BF_STATE_LOCKED, "%s", s->dir)
                   : bf_fail(diag, BF_STATE_DIR, "%s: %s", path, strerror(errno));
    }
    return BF_OK;
}

/* Ours alone, or the state is not trusted. */
static enum bf_err check_rights(const struct vfy_state *s, struct bf_diag *diag)
{
    struct stat st;

    if (lstat(s->dir, &st) != 0) {
        return bf_fail(diag, BF_STATE_DIR, "%s: %s", s->dir, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
        return bf_fail(diag, BF_STATE_DIR, "%s", s->dir);
    }
    return BF_OK;
}

static enum bf_err read_appliance(struct vfy_appliance *out, struct bf_json_doc *doc,
                                  const struct vfy_state *s, struct bf_diag *diag)
{
    struct bf_buf raw = bf_buf(MAX_APPLIANCE);
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "keys/appliance.json");

    if (err == BF_OK) {
        err = bf_file_read(&raw, path, MAX_APPLIANCE, diag);
    }
    if (err == BF_OK && raw.len > 0) {
        raw.len--; /* the LF */
        err = bf_json_parse(doc, bf_buf_bytes(&raw), BF_JSON_SIGNED, diag);
    }
    if (err == BF_OK && doc->root != NULL) {
        err = bf_schema_read(out, &vfy_appliance_schema, doc->root, &doc->arena,
                             BF_STATE_DAMAGED, diag);
    }
    bf_buf_clear(&raw);
    if (err == BF_OK && doc->root == NULL) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "empty");
    }
    return key_damaged(err, path, diag);
}

/* The name of this appliance; not there before init. */
static enum bf_err load_name(struct vfy_state *s, struct bf_diag *diag)
{
    struct vfy_appliance a;
    struct bf_json_doc doc = {0};
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "keys");

    if (err != BF_OK || (access(path, F_OK) != 0 && errno == ENOENT)) {
        return err;
    }
    err = read_appliance(&a, &doc, s, diag);
    if (err == BF_OK) {
        snprintf(s->name, sizeof(s->name), "%s", a.id);
    }
    bf_json_clear(&doc);
    return err;
}

/* N of "N.snapseal-trust", 0 for any other name. */
static int64_t version_of(const char *name)
{
    char *end = NULL;
    long long n;

    if (name[0] < '1' || name[0] > '9') {
        return 0;
    }
    errno = 0;
    n = strtoll(name, &end, 10);
    return errno == 0 && strcmp(end, ".snapseal-trust") == 0 ? (int64_t)n : 0;
}

enum bf_err vfy_trust_archived(struct bf_trust *out, const struct vfy_state *s,
                               int64_t version, struct bf_diag *diag)
{
    struct bf_buf raw;
    char path[VFY_PATH];
    enum bf_err err =
        vfy_path(path, s, diag, "trust/%lld.snapseal-trust", (long long)version);

    memset(out, 0, sizeof(*out));
    if (err == BF_OK && access(path, F_OK) != 0) {
        err = bf_fail(diag, BF_TRUST_UNKNOWN, "version %lld",
                      (long long)version); /* [BF-621] */
    }
    if (err == BF_OK) {
        err = bf_file_read(&raw, path, BF_MAX_CONTAINER, diag);
    }
    if (err == BF_OK) {
        err = bf_trust_load(out, &raw, diag);
    }
    if (err == BF_OK && out->body.version != version) {
        err = bf_fail(diag, BF_STATE_DAMAGED, "%s is version %lld", path,
                      (long long)out->body.version);
    }
    return err;
}

enum bf_err vfy_trust_known(char sha256[2 * BF_SHA256 + 1], const struct vfy_state *s,
                            int64_t version, struct bf_diag *diag)
{
    struct bf_trust t = {0};
    int64_t i;
    enum bf_err err = BF_TRUST_UNKNOWN;

    sha256[0] = '\0';
    for (i = 0; i < 2 && err == BF_TRUST_UNKNOWN; i++) {
        err = vfy_trust_archived(&t, s, version + i, NULL);
        if (err == BF_OK) {
            bf_copy(sha256, i == 0 ? t.sha256 : t.body.prev, 2 * BF_SHA256);
            sha256[2 * BF_SHA256] = '\0';
        }
        bf_trust_clear(&t);
    }
    return err == BF_OK || err == BF_TRUST_UNKNOWN
               ? BF_OK
               : bf_fail(diag, BF_STATE_DAMAGED, "trust version %lld",
                         (long long)version);
}

static enum bf_err load_trust(struct vfy_state *s, struct bf_diag *diag)
{
    struct dirent *entry;
    char path[VFY_PATH];
    int64_t highest = 0;
    enum bf_err err = vfy_path(path, s, diag, "trust");
    DIR *dir = err == BF_OK ? opendir(path) : NULL;

    if (dir == NULL) {
        return err;
    }
    while ((entry = readdir(dir)) != NULL) {
        int64_t version = version_of(entry->d_name);

        highest = version > highest ? version : highest;
    }
    closedir(dir);
    if (highest == 0) {
        return BF_OK;
    }
    return vfy_trust_archived(&s->trust, s, highest, diag);
}

enum bf_err vfy_state_open(struct vfy_state *s, const char *dir, enum vfy_access access,
                           struct bf_diag *diag)
{
    enum bf_err err = BF_OK;

    memset(s, 0, sizeof(*s));
    s->lock = -1;
    if (dir[0] == '\0' ||
        (size_t)snprintf(s->dir, sizeof(s->dir), "%s", dir) >= sizeof(s->dir)) {
        return bf_fail(diag, BF_STATE_DIR, "name too long or empty");
    }
    if (access == VFY_WRITE) {
        err = make_parts(s, diag);
    }
    if (err == BF_OK) {
        err = check_rights(s, diag);
    }
    if (err == BF_OK && access == VFY_WRITE) {
        err = take_lock(s, diag);
    }
    if (err == BF_OK) {
        err = load_name(s, diag);
    }
    if (err == BF_OK) {
        err = load_trust(s, diag);
    }
    return err == BF_OK ? vfy_ledger_load(s, access, diag) : err;
}

void vfy_state_close(struct vfy_state *s)
{
    bf_trust_clear(&s->trust);
    vfy_ledger_clear(&s->ledger);
    if (s->lock >= 0) {
        close(s->lock);
    }
    memset(s, 0, sizeof(*s));
    s->lock = -1;
}

enum bf_err vfy_state_ready(const struct vfy_state *s, struct bf_diag *diag)
{
    if (s->name[0] == '\0') {
        return bf_fail(diag, BF_STATE_DIR, "%s: no keys yet, run init --name NAME first",
                       s->dir);
    }
    return s->trust.body.version != 0 ? BF_OK : bf_fail(diag, BF_NO_TRUST, "%s", s->dir);
}

/* ---- keys ---- */

/* An age identity file as age-keygen writes it, in locked memory; its recipient. */
static enum bf_err make_identity(struct bf_secret *file,
                                 char recipient[BF_RECIPIENT_TEXT], struct bf_diag *diag)
{
    uint8_t scalar[BF_KEY], point[BF_KEY];
    char text[BF_IDENTITY_TEXT];
    enum bf_err err = bf_secret_alloc(file, 256, diag);

    if (err != BF_OK) {
        return err;
    }
    bf_random(scalar, sizeof(scalar));
    bf_x25519_base(point, scalar);
    bf_age_recipient_write(recipient, point);
    bf_age_identity_write(text, scalar);
    file->len = (size_t)snprintf((char *)file->ptr, file->cap, "# public key: %s\n%s\n",
                                 recipient, text);
    bf_wipe(text, sizeof(text));
    bf_wipe(scalar, sizeof(scalar));
    return BF_OK;
}

static enum bf_err write_key(const char *dir, const char *name, struct bf_bytes data,
                             struct bf_diag *diag)
{
    char path[VFY_PATH + 40];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return bf_file_write(path, data, 0600, false, diag);
}

static enum bf_err write_age_key(const char *dir, const char *name,
                                 char recipient[BF_RECIPIENT_TEXT], struct bf_diag *diag)
{
    struct bf_secret file = {0};
    enum bf_err err = make_identity(&file, recipient, diag);

    if (err == BF_OK) {
        err = write_key(dir, name, bf_secret_bytes(&file), diag);
    }
    bf_secret_clear(&file);
    return err;
}

static enum bf_err write_receipt_key(const char *dir, const char *name,
                                     struct bf_buf *public_key, struct bf_diag *diag)
{
    struct bf_sshkey *key = calloc(1, sizeof(*key));
    struct bf_secret file = {0};
    enum bf_err err = BF_NO_MEMORY;

    if (key == NULL) {
        return bf_fail(diag, err, "key");
    }
    err = bf_keyfile_make(&file, key, name, diag);
    if (err == BF_OK) {
        err = write_key(dir, "receipt", bf_secret_bytes(&file), diag);
    }
    bf_sshkey_write(public_key, key);
    bf_secret_clear(&file);
    free(key);
    return err;
}

/* All files of the key directory, in a directory that nobody knows yet. */
static enum bf_err fill_keys(const char *dir, const char *name, struct bf_diag *diag)
{
    char transport[BF_RECIPIENT_TEXT], secrets[BF_RECIPIENT_TEXT];
    struct bf_buf key = bf_buf(BF_MAX_KEY_LINE), json = bf_buf(MAX_APPLIANCE);
    struct vfy_appliance a = {name, NULL, secrets, transport};
    enum bf_err err;

    err = write_age_key(dir, "transport.age", transport, diag);
    if (err == BF_OK) {
        err = write_age_key(dir, "secrets.age", secrets, diag);
    }
    if (err == BF_OK) {
        err = write_receipt_key(dir, name, &key, diag);
    }
    if (err == BF_OK) {
        a.receipt_key = bf_buf_text(&key);
        bf_schema_write(&json, &vfy_appliance_schema, &a);
        bf_put_text(&json, "\n");
        err = bf_buf_check(&json, "appliance.json", diag);
    }
    if (err == BF_OK) {
        err = write_key(dir, "appliance.json", bf_buf_bytes(&json), diag);
    }
    bf_buf_clear(&key);
    bf_buf_clear(&json);
    return err;
}

static void remove_keys(const char *dir)
{
    static const char *const names[] = {"transport.age", "secrets.age", "receipt",
                                        "appliance.json"};
    char path[VFY_PATH + 40];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

enum bf_err vfy_state_init(struct vfy_state *s, const char *name, struct bf_diag *diag)
{
    char fresh[VFY_PATH], path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "keys");

    if (err == BF_OK && s->name[0] != '\0') {
        err = bf_fail(diag, BF_KEYS_EXIST, "%s holds the keys of %s", path, s->name);
    }
    if (err == BF_OK) {
        err = vfy_path(fresh, s, diag, "keys.XXXXXX");
    }
    if (err != BF_OK) {
        return err;
    }
    if (mkdtemp(fresh) == NULL) {
        return bf_fail(diag, BF_OUTPUT_WRITE, "%s: %s", fresh, strerror(errno));
    }
    err = fill_keys(fresh, name, diag);
    if (err == BF_OK && rename(fresh, path) != 0) {
        err = bf_fail(diag, BF_OUTPUT_WRITE, "%s: %s", path, strerror(errno));
    }
    if (err != BF_OK) {
        remove_keys(fresh);
        return err;
    }
    return load_name(s, diag);
}

enum bf_err vfy_state_public(struct bf_buf *out, const struct vfy_state *s,
                             struct bf_diag *diag)
{
    struct vfy_appliance a;
    struct bf_json_doc doc = {0};
    enum bf_err err;

    if (s->name[0] == '\0') {
        return bf_fail(diag, BF_STATE_DIR, "%s: no keys yet, run init --name NAME first",
                       s->dir);
    }
    err = read_appliance(&a, &doc, s, diag);
    if (err == BF_OK) {
        bf_schema_write(out, &vfy_appliance_schema, &a);
        bf_put_text(out, "\n");
        err = bf_buf_check(out, "appliance", diag);
    }
    bf_json_clear(&doc);
    return err;
}

enum bf_err vfy_state_identity(struct bf_secret *out, const struct vfy_state *s,
                               struct bf_diag *diag)
{
    struct bf_secret file = {0};
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "keys/secrets.age");

    memset(out, 0, sizeof(*out));
    if (err == BF_OK) {
        err = bf_file_read_secret(&file, path, MAX_APPLIANCE, diag);
    }
    if (err == BF_OK) {
        err = bf_age_identity_file(out, bf_secret_bytes(&file), diag);
    }
    bf_secret_clear(&file);
    return key_damaged(err, path, diag);
}

enum bf_err vfy_state_signer(struct bf_signer *out, const struct vfy_state *s,
                             struct bf_diag *diag)
{
    struct bf_secret file = {0};
    char path[VFY_PATH];
    enum bf_err err = vfy_path(path, s, diag, "keys/receipt");

    memset(out, 0, sizeof(*out));
    if (err == BF_OK) {
        err = bf_file_read_secret(&file, path, MAX_APPLIANCE, diag);
    }
    if (err == BF_OK) {
        err = bf_signer_from_keyfile(out, bf_secret_bytes(&file), diag);
    }
    bf_secret_clear(&file);
    return key_damaged(err, path, diag);
}

/* ---- trust ---- */

enum bf_err vfy_trust_install(struct vfy_state *s, struct bf_buf *raw, const char *pin,
                              const char *now, struct bf_diag *diag)
{
    struct bf_trust *next = calloc(1, sizeof(*next));
    char path[VFY_PATH];
    enum bf_err err;

    if (next == NULL) {
        bf_buf_clear(raw);
        return bf_fail(diag, BF_NO_MEMORY, "trust");
    }
    if (s->trust.body.version != 0 && pin != NULL) {
        err = bf_fail(diag, BF_TRUST_PIN_USED, "version %lld is installed",
                      (long long)s->trust.body.version); /* [BF-613] */
    } else if (s->trust.body.version != 0) {
        err = bf_trust_next(next, raw, &s->trust, now, diag);
    } else if (pin != NULL) {
        err = bf_trust_first(next, raw, pin, now, diag);
    } else {
        err = bf_fail(diag, BF_NO_TRUST, "the first one needs --pin");
    }
    if (err == BF_OK) {
        err = vfy_path(path, s, diag, "trust/%lld.snapseal-trust",
                       (long long)next->body.version);
    }
    if (err == BF_OK) {
        err = bf_file_write(path, bf_buf_bytes(&next->raw), 0600, false, diag);
    }
    if (err == BF_OK) {
        bf_trust_clear(&s->trust);
        s->trust = *next; /* taken */
        memset(next, 0, sizeof(*next));
    }
    bf_trust_clear(next);
    free(next);
    bf_buf_clear(raw);
    return err;
}

const char *vfy_state_floor(const struct vfy_state *s)
{
    const char *floor = s->trust.body.created_at;
    size_t i;

    for (i = 0; i < s->ledger.num; i++) {
        const struct vfy_entry *e = &s->ledger.entries[i];

        if (strcmp(e->outcome, "applied") == 0 && e->trust == s->trust.body.version &&
            strcmp(e->finished, floor) > 0) {
            floor = e->finished;
        }
    }
    return floor;
}

/* ---- the log of what gets no receipt ---- */

void vfy_refused_line(const struct vfy_state *s, const char *now, const char *file,
                      const struct bf_diag *why)
{
    char path[VFY_PATH], old[VFY_PATH + 4], shown[300], line[1024];
    struct stat st;
    ssize_t ignored;
    size_t len;
    int fd;

    if (vfy_path(path, s, NULL, "refused.log") != BF_OK) {
        return;
    }
    if (stat(path, &st) == 0) {
        if (st.st_mtime == bf_time_parse(now)) {
            return;
        }
        if (st.st_size > MAX_LOG) {
            snprintf(old, sizeof(old), "%s.1", path);
            (void)rename(path, old);
        }
    }
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return;
    }
    snprintf(line, sizeof(line), "%s %s %s: %s\n", now, bf_err_id(why->err),
             bf_escape(shown, sizeof(shown), file, strlen(file)), why->where);
    len = strlen(line);
    ignored = write(fd, line, len);
    (void)ignored;
    close(fd);
}
