/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The questions of `new`: everything on Elastic's page, in its order. Each has an option
 * of the same meaning, so that whatever can be typed can be scripted; an answer is
 * checked as it is typed.
 */
#ifndef GEN_ANSWERS_H
#define GEN_ANSWERS_H

#include "change.h"
#include "session.h"

enum gen_answer {
    GEN_Q_TARGET,
    GEN_Q_TICKET,
    GEN_Q_REASON,
    GEN_Q_REPOSITORY,
    GEN_Q_BUCKET,
    GEN_Q_ENDPOINT,
    GEN_Q_REGION,
    GEN_Q_BASE_PATH,
    GEN_Q_CLIENT,
    GEN_Q_IAM_MODE,
    GEN_Q_IAM_USER,
    GEN_Q_IAM_ARN,
    GEN_Q_IAM_POLICY,
    GEN_Q_POLICY,
    GEN_Q_PREFLIGHT,
    GEN_Q_PRECONDITION,
    GEN_Q_RESTART, /* asked where the platform can: ech, ece */
    GEN_Q_VALIDITY,
    GEN_NUM_ANSWERS
};

struct gen_answers {
    const char *text[GEN_NUM_ANSWERS]; /* never NULL after gen_answers_ask; lie in the
                                          arena or in argv */
    struct bf_arena *arena;
    struct bf_buf missing; /* options that a batch lacks; owned by gen_answers_ask */
};

/*
 * client: NULL, or from is what was applied, so that only what differs each time is asked
 * for, and this is the client's name unless an option has another. Takes each answer from
 * its option, else (unless --batch) from the terminal, else the default: from (a change
 * to start from, or NULL), the trust file, or the page's own. USAGE where an answer is
 * not allowed or, in a batch, missing.
 */
BF_MUST enum bf_err gen_answers_ask(struct gen_answers *out, const struct gen_session *s,
                                    const struct gen_change *from, const char *client,
                                    struct bf_arena *arena, struct bf_diag *diag);

#endif
