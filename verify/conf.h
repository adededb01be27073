/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.conf(5): "key = value" lines, one [TARGET] section each. It says how this
 * appliance reaches what the trust file pins; there is nothing in it that weakens a
 * check. Strict: an unknown key, a key twice or a value of the wrong form is CONFIG with
 * the line's number.
 */
#ifndef VFY_CONF_H
#define VFY_CONF_H

#include "applier/protocol.h"

enum { VFY_MAX_CONF = 64 * 1024, VFY_MAX_TARGETS = 64, VFY_MAX_ARGV = 32 };

/* Where a credential comes from; it is read when it is needed (creds.h). */
enum vfy_source {
    VFY_SOURCE_NONE = 0,
    VFY_SOURCE_FILE,
    VFY_SOURCE_SYSTEMD,
    VFY_SOURCE_COMMAND
};
struct vfy_credential {
    enum vfy_source source;
    const char
        *name; /* FILE: absolute path; SYSTEMD: name in the unit's credential directory */
    struct bf_list argv; /* COMMAND: texts, the first an absolute path */
};

struct vfy_conf_target {
    const char *id;
    size_t line; /* of its section */
    const char *url, *ca, *auth, *user;
    struct vfy_credential credential;
    const char *iam_url, *iam_ca, *iam_region;
    struct vfy_credential iam_credential;
    const char *s3_url, *s3_ca;
    struct vfy_credential s3_credential; /* for the bucket; else iam_credential */
    const char *control_url, *control_ca, *control_wait;
    struct vfy_credential control_credential;
    struct bf_list nodes; /* struct vfy_node, ascending by name; empty with control_url */
};

/* Owned by caller; all-zero is empty. Texts that are not given are "". */
struct vfy_conf {
    struct bf_arena arena;
    char sha256[2 * BF_SHA256 + 1]; /* of the file's bytes; for receipts */
    struct vfy_conf_target targets[VFY_MAX_TARGETS];
    size_t num_targets;
};

/* Reads path, which must be a file of root's or ours that others cannot write, since it
 * names commands. CONFIG, INPUT_*. */
BF_MUST enum bf_err vfy_conf_load(struct vfy_conf *out, const char *path,
                                  struct bf_diag *diag);
/* The same from bytes; name stands in error places. */
BF_MUST enum bf_err vfy_conf_parse(struct vfy_conf *out, struct bf_bytes in,
                                   const char *name, struct bf_diag *diag);
void vfy_conf_clear(struct vfy_conf *c);
/* The target's section: CONFIG when there is none. Borrows from c. */
BF_MUST enum bf_err vfy_conf_target(const struct vfy_conf_target **out,
                                    const struct vfy_conf *c, const char *id,
                                    struct bf_diag *diag);
/* One source, "file:PATH", "systemd:NAME" or "command:PATH ARG...", from an option of
 * discover. */
BF_MUST enum bf_err vfy_credential_parse(struct vfy_credential *out,
                                         struct bf_arena *arena, const char *value,
                                         struct bf_diag *diag);

/*
 * Why the program at this absolute path may not be started: it or its directory (that of
 * the name given, and that of what links lead to) can be changed by others than root and
 * us. NULL when it may, also when there is no such file. Static text. (program.c)
 */
const char *vfy_program_fault(const char *path);

#endif
