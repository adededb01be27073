/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applier's end of the three pipes (protocol.h). One rule lives here: a begin or an
 * end is answered by the parent when it is on disk, and until then nothing goes on. When
 * the parent is gone the channel is lost, and stays so.
 */
#ifndef VFY_CHANNEL_H
#define VFY_CHANNEL_H

#include "bf/crypto.h"
#include "protocol.h"

/* What came over the secrets pipe; the views point into raw, which is locked memory.
 * Clear wipes. */
struct vfy_secrets {
    struct bf_secret raw;
    struct {
        struct bf_bytes name, value;
    } items[VFY_MAX_SECRETS];
    size_t num;
};

struct vfy_channel {
    int job;
    int events;
    const struct vfy_secrets
        *secrets; /* borrowed; texts that hold one of them are not sent; NULL: none yet */
    bool lost;
};

/* Reads the job frame; its texts live in doc (owned by caller). APPLIER, NO_MEMORY. */
BF_MUST enum bf_err vfy_channel_job(struct vfy_channel *ch, struct vfy_job *job,
                                    struct bf_json_doc *doc, struct bf_diag *diag);
/* Reads the secrets pipe to its end into locked memory. APPLIER, NO_MEMORY,
 * MEMORY_NOT_LOCKED. */
BF_MUST enum bf_err vfy_channel_secrets(struct vfy_secrets *out, int fd,
                                        struct bf_diag *diag);
void vfy_secrets_clear(struct vfy_secrets *s);
/* False and an empty view when there is none of that name. */
bool vfy_secrets_find(const struct vfy_secrets *s, const char *name,
                      struct bf_bytes *value);

/*
 * Sends one event; after begin and end waits for the ack. Bytes outside printable ASCII
 * become '?', and a text that holds a secret is withheld (a last guard: none should).
 * APPLIER when the parent is gone.
 */
BF_MUST enum bf_err vfy_channel_send(struct vfy_channel *ch, const struct vfy_event *e,
                                     struct bf_diag *diag);

/* The events without an ack. They cannot fail here: a lost channel shows at the next
 * begin or end. */
BF_PRINTF(2, 3) void vfy_say(struct vfy_channel *ch, const char *fmt, ...);
void vfy_fact(struct vfy_channel *ch, const char *id, const char *node, const char *text);
void vfy_diff(struct vfy_channel *ch, const char *step, const char *sign,
              const char *text);
/* One setting of it, shown below that line. */
void vfy_setting(struct vfy_channel *ch, const char *step, const char *sign,
                 const char *text);
void vfy_evidence(struct vfy_channel *ch, const char *file, const struct bf_buf *json);

#endif
