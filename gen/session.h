/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verbs share: the state and the installed trust of this run, bundles as they
 * come (sealed or not), the key that signs, and the two ways in which a verb ends.
 */
#ifndef GEN_SESSION_H
#define GEN_SESSION_H

#include "agent.h"
#include "bf/bundle.h"
#include "bf/cli.h"
#include "state.h"
#include "stock.h"

enum gen_need { GEN_NEED_NOTHING = 0, GEN_NEED_TRUST };

/* One run of a verb; on the heap, because trust and bundle are large. */
struct gen_session {
    const struct bf_args *args;
    struct gen_state state;
    bool has_trust;
    struct bf_trust trust; /* the installed one */
    char now[21];          /* read once */
    bool sealed;           /* the bundle was */
    struct bf_bundle bundle;
};

/* Opens --state. NO_TRUST when trust is needed and none is installed. */
BF_MUST enum bf_err gen_session_open(struct gen_session **out, const struct bf_args *a,
                                     enum gen_state_use use, enum gen_need need,
                                     struct bf_diag *diag);
void gen_session_free(struct gen_session *s);

/* The age identity in the file path into out (empty before). SEAL_IDENTITY when path is
 * NULL, INPUT_*, AGE_IDENTITY. */
BF_MUST enum bf_err gen_read_identity(struct bf_secret *out, const char *path,
                                      struct bf_diag *diag);
/*
 * Reads a file that may be sealed. out: the container (gate not passed yet). identity:
 * file of the age identity or NULL. INPUT_*, SEAL_*, AGE_*.
 */
BF_MUST enum bf_err gen_read_container(struct bf_buf *out, bool *sealed, const char *path,
                                       const char *identity, struct bf_diag *diag);
/* Seals a container to all who may read the bundle: transport key, author, approvers,
 * auditors. */
BF_MUST enum bf_err gen_seal_container(struct bf_buf *out, struct bf_bytes container,
                                       const struct bf_trust *trust, const char *author,
                                       const char *appliance, struct bf_diag *diag);
/* Checks 3 to 8 on the file, with the installed trust; fills bundle and sealed. */
BF_MUST enum bf_err gen_open_bundle(struct gen_session *s, const char *path,
                                    struct bf_diag *diag);
/* Warns of security keys whose counter is lower than in an imported receipt; done by
 * gen_open_bundle(). */
void gen_warn_counters(struct gen_session *s);
/* Checks 9 and 10. That the bundle is not valid yet is no refusal here: *early says so.
 */
BF_MUST enum bf_err gen_check_bundle(struct gen_session *s, bool *early,
                                     struct bf_diag *diag);
/* The rule that the bundle's class asks for. */
const struct bf_list *gen_rule_of(const struct bf_trust *trust,
                                  const struct bf_manifest *m);

/* ---- signing (signing.c) ---- */

/* The key of a person, from --key FILE or from the agent. On the heap; free closes,
 * wipes. */
struct gen_signing {
    struct bf_signer signer;
    struct gen_agent agent;
    struct gen_stock stock;
    char fingerprint[BF_FINGERPRINT];
    const char *from; /* the file's name, or "ssh-agent" */
    char next[400];   /* what the person will be asked for (touch, PIN, passphrase); "" */
};
/*
 * trusts: whose keys of person with role, in force at now, may be used. SIG_UNKNOWN_KEY,
 * SIG_PERSON, SIG_ROLE, SIG_KEY_TIME for a file of another key; AGENT when it holds none
 * of them. key_path NULL: any of the keys that the agent holds; FILE.pub: that one, by
 * the agent; else a private key file, borrowed. What cannot be read here is left to
 * ssh-keygen (stock.h); KEYFILE_ENCRYPTED when that would have nobody to ask.
 */
BF_MUST enum bf_err gen_signing_open(struct gen_signing **out,
                                     const struct bf_trust *const *trusts,
                                     size_t num_trusts, const char *person,
                                     const char *role, const char *key_path,
                                     const char *now, struct bf_diag *diag);
void gen_signing_free(struct gen_signing *s);
/* Tells, before it signs, what the person will be asked for. */
void gen_signing_tell(const struct gen_signing *s, const struct bf_args *a);

/*
 * Writes a result file (mode 0644, or 0600 for what is secret) and tells it on stdout:
 * its name, and in a second line "sha256 HEX" where there is a manifest (sha256 not
 * NULL); with --json {"file":...,"sha256":...}. Nothing is told when the file itself went
 * to stdout.
 */
BF_MUST enum bf_err gen_write_output(const struct bf_args *a, const char *path,
                                     struct bf_bytes data, unsigned mode,
                                     const char *sha256, struct bf_diag *diag);
/* The exit code of a verb that ended with err; its error line where it failed. */
int gen_end(const struct bf_args *a, enum bf_err err, struct bf_diag *diag);
/* bf_sshkey_fingerprint() with its place. */
BF_MUST enum bf_err gen_fingerprint(char out[BF_FINGERPRINT], const struct bf_sshkey *key,
                                    struct bf_diag *diag);
/* Ends the object in out, which holds its members, and prints it as the one JSON
 * document. */
BF_MUST enum bf_err gen_print_json(struct bf_buf *out, struct bf_diag *diag);
/* Refuses early what gen_write_output would refuse: OUTPUT_EXISTS, OUTPUT_SAME. in may be
 * NULL. */
BF_MUST enum bf_err gen_check_output(const struct bf_args *a, const char *path,
                                     const char *in, struct bf_diag *diag);

/* A file's name for people: bytes outside printable ASCII escaped. Returns out. */
const char *gen_shown(char out[400], const char *path);

/* Appends "name":"text" with a comma before it unless it is the first of its object. Text
 * is escaped to printable ASCII. */
void gen_put_member(struct bf_buf *out, const char *name, const char *text);
/* The same for a JSON value that is written already. */
void gen_put_value(struct bf_buf *out, const char *name, const char *json);
void gen_put_number(struct bf_buf *out, const char *name, int64_t number);
void gen_put_bool(struct bf_buf *out, const char *name, bool value);

/* "2026-11-23T15:34:00Z (Mon 2026-11-23 16:34 CET)": UTC and this machine's time, for
 * people. */
void gen_both_times(char out[80], const char *utc);

#endif
