/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH public keys and SSHSIG signatures (OpenSSH PROTOCOL.sshsig, PROTOCOL.u2f) in the
 * strict profile of SPEC section 2: every type that people have but DSA and certificates.
 */
#ifndef BF_SSHSIG_H
#define BF_SSHSIG_H

#include "bf/crypto.h"
#include "bf/gate.h"

enum {
    BF_MAX_KEY_BLOB = 2176 /* rsa of 16384 bits */,
    BF_MAX_RSA = 2048, /* bytes of a modulus, and of its signatures */
    BF_FINGERPRINT = 51,
    BF_MAX_KEY_LINE = 3072
};

/* A row of the table of key types (SPEC section 2.1). */
struct bf_key_kind {
    const char *name;
    const char *curve; /* ecdsa: its name in the blob; else "" */
    size_t point;      /* bytes of the point; 0: rsa */
    bool hardware; /* sk: an application in the key, flags and counter in signatures */
};

struct bf_sshkey {
    const struct bf_key_kind *kind; /* NULL: no key */
    uint8_t blob[BF_MAX_KEY_BLOB];  /* wire form */
    size_t blob_len;
    size_t raw_at, raw_len; /* where in blob the point or modulus is */
    uint32_t exponent;      /* rsa */
};

/* "TYPE BASE64", one blank, no comment. KEY_LINE, KEY_TYPE (unknown), KEY_WEAK (rsa out
 * of bounds, a point of low order or not on its curve). */
BF_MUST enum bf_err bf_sshkey_parse(struct bf_sshkey *out, const char *line,
                                    struct bf_diag *diag);
/* The same from a .pub file: a comment and a final LF allowed. */
BF_MUST enum bf_err bf_sshkey_parse_file(struct bf_sshkey *out, struct bf_bytes file,
                                         struct bf_diag *diag);
/* From the wire form. KEY_LINE, KEY_TYPE, KEY_WEAK (rsa); does not look at points. */
BF_MUST enum bf_err bf_sshkey_from_blob(struct bf_sshkey *out, struct bf_bytes blob,
                                        struct bf_diag *diag);
/* The type name at the head of a wire form; empty when there is none. */
struct bf_bytes bf_sshkey_type(struct bf_bytes blob);
/* The raw point or modulus, by which keys of two types are compared. Borrows. */
struct bf_bytes bf_sshkey_raw(const struct bf_sshkey *key);
bool bf_sshkey_is_rsa(const struct bf_sshkey *key);
/* An ssh-ed25519 key. */
void bf_sshkey_from_point(struct bf_sshkey *out, const uint8_t point[BF_KEY]);
/* Appends "TYPE BASE64". */
void bf_sshkey_write(struct bf_buf *out, const struct bf_sshkey *key);
/* "SHA256:..." as ssh-keygen -l prints it, NUL-terminated. */
BF_MUST enum bf_err bf_sshkey_fingerprint(char out[BF_FINGERPRINT],
                                          const struct bf_sshkey *key);
bool bf_sshkey_equal(const struct bf_sshkey *a, const struct bf_sshkey *b);

/* Larger than a stack frame should be. */
struct bf_sshsig {
    struct bf_sshkey key;
    char space[160];               /* namespace */
    uint8_t signature[BF_MAX_RSA]; /* ecdsa: r and s, each as long as a coordinate */
    size_t signature_len;
    bool sha512;      /* rsa only */
    uint8_t flags;    /* sk only */
    uint32_t counter; /* sk only */
    uint8_t blob[BF_MAX_SIGNATURE];
};

/*
 * Armor and blob, exactly as OpenSSH writes them: SIG_SIZE, SIG_ARMOR, SIG_BLOB,
 * SIG_VERSION, SIG_RESERVED, SIG_HASH, SIG_NAMESPACE (form), SIG_KEY_TYPE.
 */
BF_MUST enum bf_err bf_sshsig_parse(struct bf_sshsig *out, struct bf_bytes armor,
                                    struct bf_diag *diag);
enum { BF_SK_PRESENT = 0x01, BF_SK_VERIFIED = 0x04, BF_SK_ATTESTED = 0xc0 };

/* Checks the signature over message under the namespace that the caller expects:
 * SIG_NAMESPACE, SIG_FLAGS (sk: nobody was there, or it attests something), SIG_BAD. Who
 * wants the user verified looks at flags (BF_SK_VERIFIED) itself. */
BF_MUST enum bf_err bf_sshsig_verify(const struct bf_sshsig *sig, const char *space,
                                     struct bf_bytes message, struct bf_diag *diag);
/* "snapseal-ROLE-v1@DOMAIN" into out. */
void bf_namespace(char *out, size_t size, const char *role, const char *domain);
/* Appends the bytes that are signed (PROTOCOL.sshsig), made from what the caller expects,
 * never from what a blob says. */
BF_MUST enum bf_err bf_sshsig_data(struct bf_buf *out, const char *space,
                                   struct bf_bytes message, struct bf_diag *diag);
/* ---- library bf_seal ---- */

/* Appends the one armor of a blob. */
void bf_sshsig_wrap(struct bf_buf *out, struct bf_bytes blob);

/* The armored signature from a raw signature field ("string type, string sig64"). */
BF_MUST enum bf_err bf_sshsig_armor(struct bf_buf *out, const struct bf_sshkey *key,
                                    const char *space, struct bf_bytes signature_field,
                                    struct bf_diag *diag);
/* Re-wraps a foreign armor (CRLF, other widths, trailing blanks) of one signature to the
 * exact form. SIG_ARMOR. */
BF_MUST enum bf_err bf_sshsig_rearmor(struct bf_buf *out, struct bf_bytes foreign,
                                      struct bf_diag *diag);

/*
 * Something that signs: a key file in locked memory, an agent, another program. sign
 * appends the signature field for data; armor, where it is set, in place of it a whole
 * armored signature of message. bf_sign() asks one of the two, and verifies the result
 * before it is given out.
 */
struct bf_signer {
    struct bf_sshkey key;
    bool verify; /* the trust asks for user verification with this key */
    enum bf_err (*sign)(struct bf_signer *self, struct bf_buf *field,
                        struct bf_bytes data, struct bf_diag *diag);
    enum bf_err (*armor)(struct bf_signer *self, struct bf_buf *armor, const char *space,
                         struct bf_bytes message, struct bf_diag *diag);
    struct bf_secret secret; /* key file: seed and public key */
    void *ctx;               /* the opener's */
};

/* Reads an unencrypted OpenSSH ssh-ed25519 private key (PROTOCOL.key): KEYFILE_FORMAT,
 * KEYFILE_ENCRYPTED, KEYFILE_TYPE. */
BF_MUST enum bf_err bf_signer_from_keyfile(struct bf_signer *out, struct bf_bytes file,
                                           struct bf_diag *diag);
/* The public half of an OpenSSH private key file of any type, which is in the clear also
 * where there is a passphrase. KEYFILE_FORMAT, KEY_*. */
BF_MUST enum bf_err bf_keyfile_public(struct bf_sshkey *out, struct bf_bytes file,
                                      struct bf_diag *diag);
/* Makes a new key: the private file's text (locked; owned by caller). comment: printable
 * ASCII without blanks. */
BF_MUST enum bf_err bf_keyfile_make(struct bf_secret *file, struct bf_sshkey *key,
                                    const char *comment, struct bf_diag *diag);
void bf_signer_clear(struct bf_signer *s);
BF_MUST enum bf_err bf_sign(struct bf_signer *signer, struct bf_buf *armor,
                            const char *space, struct bf_bytes message,
                            struct bf_diag *diag);

#endif
