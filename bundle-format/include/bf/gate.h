/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical ustar gate (SPEC section 1): the only reader of containers, and the first
 * code a hostile file meets. */
#ifndef BF_GATE_H
#define BF_GATE_H

#include "bf/bytes.h"

enum {
    BF_BLOCK = 512,
    BF_MAX_MEMBERS = 64,
    BF_MAX_MEMBER = 1024 * 1024,
    BF_MAX_CONTAINER = 4 * 1024 * 1024,
    BF_MAX_NAME = 99,
    BF_MAX_SIGNATURE = 16 * 1024
};

struct bf_entry {
    const char *name; /* NUL-terminated; points into the container (its header) or is the
                         caller's */
    struct bf_bytes data;
};

/* Borrows the raw bytes, which must stay unchanged while it is used. */
struct bf_container {
    struct bf_bytes raw;
    struct bf_entry entries[BF_MAX_MEMBERS];
    size_t num;
};

/* GATE_SIZE, GATE_NAME, GATE_HEADER, GATE_PADDING, GATE_FIRST, GATE_ORDER, GATE_COUNT,
 * GATE_MEMBER_SIZE, GATE_END. */
BF_MUST enum bf_err bf_gate(struct bf_container *out, struct bf_bytes raw,
                            struct bf_diag *diag);
const struct bf_entry *bf_container_find(const struct bf_container *c, const char *name);
/* The 512 header bytes of (name, size): the one definition that reader, writer and tests
 * share. */
void bf_ustar_header(uint8_t out[BF_BLOCK], const char *name, size_t size);

/*
 * Writes the container of the entries (any order; manifest.json comes first, the rest
 * ascending) with libarchive and passes it through the gate again. The same member set
 * gives the same bytes. GATE_* or BF_ARCHIVE. Library bf_seal.
 */
BF_MUST enum bf_err bf_pack(struct bf_buf *out, const struct bf_entry *entries,
                            size_t num, struct bf_diag *diag);
/* The same members with one member (a signature) added or replaced
 * (sig/ROLE.PERSON.sshsig). Works for every container kind. bf_seal. */
BF_MUST enum bf_err bf_container_with(struct bf_buf *out, const struct bf_container *in,
                                      const char *name, struct bf_bytes data,
                                      struct bf_diag *diag);
/*
 * Unpacks a container that passed the gate below the directory with libarchive (0600,
 * 0700; overwrites nothing, and takes back its files on failure). Changes working
 * directory and umask of the process while it runs. OUTPUT_EXISTS, ARCHIVE, IO. Library
 * bf_seal.
 */
BF_MUST enum bf_err bf_unpack(const struct bf_container *c, const char *directory,
                              struct bf_diag *diag);

#endif
