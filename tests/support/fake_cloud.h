/* SPDX-License-Identifier: Apache-2.0 */
/* The API of Elastic Cloud before a fake target: one deployment with a keystore and
 * plans, as the published description has them. */
#ifndef TEST_FAKE_CLOUD_H
#define TEST_FAKE_CLOUD_H

#include "fake_target.h"

#define FAKE_DEPLOYMENT "0123456789abcdef0123456789abcdef"
#define FAKE_RESOURCE "fedcba9876543210fedcba9876543210"

#define FAKE_NAMES "s3.client.x.access_key s3.client.x.secret_key"
#define FAKE_API                                                                         \
    "/api/v1/deployments/" FAKE_DEPLOYMENT "/elasticsearch/main-elasticsearch/"

/* A fake target whose job is one of kind ech, with two nodes, an empty keystore and
 * restart if-needed. Stopped with fake_target_stop. */
void fake_cloud_start(struct fake_target *t);
void fake_cloud_reset(struct fake_target *t);
/* A rule that answers so. */
struct fake_rule *fake_answer(struct fake_target *t, const char *match, int status,
                              const char *body);
void fake_set(char *out, size_t size, const char *text);
/* Fresh, with a restart that is always made, node by node, without a snapshot before. */
void fake_cloud_restarting(struct fake_target *t);

#endif
