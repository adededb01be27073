/* SPDX-License-Identifier: Apache-2.0 */
#include "export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bf/file.h"

enum { MAX_README = 16 * 1024, MAX_PATH = 1000 };

/* Both lines compute the sheet's hash and look for it as a member of the manifest: a bare
 * quote cannot stand inside a string there, so text of the author's cannot pretend to be
 * that member. */
static void put_check(struct bf_buf *out)
{
    bf_put_text(
        out, "2. See that sheet and manifest belong together. One line must appear:\n\n"
             "   Linux, macOS:\n\n"
             "     grep -oF "
             "\"\\\"name\\\":\\\"review/sheet.txt\\\",\\\"sha256\\\":\\\"$(sha256sum < "
             "sheet.txt | cut -c1-64)\\\"\" "
             "manifest.json\n\n"
             "   Windows (PowerShell):\n\n"
             "     Select-String -SimpleMatch -Path manifest.json -Pattern "
             "('\"name\":\"review/sheet.txt\",\"sha256\":\"' + "
             "(Get-FileHash sheet.txt -Algorithm SHA256).Hash.ToLower() + '\"')\n\n"
             "   Nothing appears: the two do not belong together. Do not sign; tell "
             "whoever sent them.\n\n");
}

static void put_readme(struct bf_buf *out, const struct gen_session *s,
                       const char *person)
{
    const struct bf_manifest *m = &s->bundle.m;
    char until[80];

    gen_both_times(until, m->expires);
    bf_put_fmt(
        out,
        "You are asked to approve a change.\n\n"
        "  ticket  %s\n  target  %s\n  author  %s\n  until   %s\n\n"
        "Nothing but OpenSSH 8.1 or later is needed. No secret is in these files.\n\n"
        "1. Read sheet.txt. It leaves nothing out.\n\n",
        m->change.ticket, m->target.id, m->author, until);
    put_check(out);
    bf_put_fmt(
        out,
        "3. If you agree, sign. KEY is the file of your private key%s%s, or the .pub "
        "file when ssh-agent\n"
        "   or a security key holds it. Linux, macOS and Windows alike:\n\n"
        "     ssh-keygen -Y sign -n snapseal-approve-v1@%s -f KEY manifest.json\n\n"
        "   That writes manifest.json.sig.\n\n"
        "4. Give manifest.json.sig back. Who has snapseal puts it into the bundle:\n\n"
        "     snapseal-gen approve --import manifest.json.sig BUNDLE%s%s\n\n"
        "If you do not agree, sign nothing and say why.\n\n"
        "SHA-256 of manifest.json, to compare by telephone:\n%s\n",
        person != NULL ? ", " : "", person != NULL ? person : "", m->domain,
        person != NULL ? " --as " : "", person != NULL ? person : "", s->bundle.sha256);
}

static enum bf_err write_one(const char *dir, const char *name, struct bf_bytes data,
                             struct bf_diag *diag)
{
    char path[MAX_PATH + 40];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return bf_file_write(path, data, 0644, false, diag);
}

/* All three or none. */
static void take_back(const char *dir)
{
    static const char *const names[] = {"sheet.txt", "manifest.json", "README.txt"};
    char path[MAX_PATH + 40];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

enum bf_err gen_export(const struct gen_session *s, const char *dir, const char *person,
                       struct bf_diag *diag)
{
    struct bf_buf readme = bf_buf(MAX_README);
    enum bf_err err;

    if (strlen(dir) >= MAX_PATH) {
        return bf_fail(diag, BF_OUTPUT_WRITE, "name too long");
    }
    put_readme(&readme, s, person);
    err = bf_buf_check(&readme, "README.txt", diag);
    if (err == BF_OK && mkdir(dir, 0755) != 0) {
        err = bf_fail(diag, errno == EEXIST ? BF_OUTPUT_EXISTS : BF_OUTPUT_WRITE,
                      "%s: %s", dir, strerror(errno));
    }
    if (err == BF_OK) {
        if ((err = write_one(dir, "sheet.txt", s->bundle.sheet->data, diag)) != BF_OK ||
            (err = write_one(dir, "manifest.json", s->bundle.container.entries[0].data,
                             diag)) != BF_OK ||
            (err = write_one(dir, "README.txt", bf_buf_bytes(&readme), diag)) != BF_OK) {
            take_back(dir);
        }
    }
    bf_buf_clear(&readme);
    return err;
}
