/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "apply.h"

enum bf_err vfy_site_open(struct vfy_site **out, const struct bf_args *args,
                          const char *dir, const char *conf_path, enum vfy_access access,
                          struct bf_diag *diag)
{
    struct vfy_site *site = calloc(1, sizeof(*site));
    enum bf_err err;

    *out = site;
    if (site == NULL) {
        return bf_fail(diag, BF_NO_MEMORY, "state");
    }
    site->args = args;
    err = vfy_state_open(&site->state, dir, access, diag);
    if (err == BF_OK) {
        err = vfy_state_ready(&site->state, diag);
    }
    if (err == BF_OK) {
        err = vfy_path(site->transport, &site->state, diag, "keys/transport.age");
    }
    if (err == BF_OK) {
        err = vfy_state_identity(&site->identity, &site->state, diag);
    }
    if (err == BF_OK && conf_path != NULL) {
        err = vfy_conf_load(&site->conf, conf_path, diag);
    }
    if (err == BF_OK && conf_path != NULL) {
        err = vfy_applier_path(site->applier, diag);
    }
    return err;
}

void vfy_site_free(struct vfy_site *site)
{
    if (site == NULL) {
        return;
    }
    bf_secret_clear(&site->identity);
    vfy_conf_clear(&site->conf);
    vfy_state_close(&site->state);
    free(site);
}

struct vfy_ask vfy_site_ask(const struct vfy_site *site, const char *path,
                            const char *now)
{
    struct vfy_ask ask = {0};

    ask.path = path;
    ask.state = &site->state;
    ask.transport = site->transport;
    ask.identity = &site->identity;
    ask.now = now;
    return ask;
}
