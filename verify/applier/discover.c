/* SPDX-License-Identifier: Apache-2.0 */
/* Before any trust: what is at this address? A credential goes out only where the
 * certificate holds against a given CA. */
#include <string.h>

#include "run.h"

static enum bf_err ask_cluster(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_server *server = &run->job->cluster;
    struct bf_bytes credential;
    enum bf_err err;
    size_t i;

    (void)vfy_secrets_find(run->secrets,
                           strcmp(server->auth, "apikey") == 0 ? "cluster.apikey"
                                                               : "cluster.password",
                           &credential);
    if ((err = vfy_cluster_open(&run->cluster, server, credential, "", diag)) != BF_OK ||
        (err = vfy_cluster_identity(&run->cluster, &run->live, diag)) != BF_OK) {
        return err;
    }
    vfy_fact(run->ch, "cluster_uuid", "", run->live.uuid);
    vfy_fact(run->ch, "cluster_name", "", run->live.name);
    vfy_fact(run->ch, "version", "", run->live.version);
    vfy_fact(run->ch, "kind", "", run->live.kind);
    err = vfy_cluster_nodes(&run->cluster, &run->live, false, diag);
    for (i = 0; i < run->live.num_nodes; i++) {
        vfy_fact(run->ch, "node_live", run->live.nodes[i].name, run->live.nodes[i].id);
    }
    return err;
}

/* The deployment, with the other key and at the other server. */
static enum bf_err ask_control(struct vfy_run *run, struct bf_diag *diag)
{
    struct bf_bytes key;
    enum bf_err err;

    run->is_cloud = run->job->control.url[0] != '\0';
    if (!run->is_cloud) {
        return BF_OK;
    }
    (void)vfy_secrets_find(run->secrets, "control.apikey", &key);
    if ((err = vfy_cloud_open(&run->cloud, &run->job->control, run->job->deployment, key,
                              run->ch, diag)) != BF_OK ||
        (err = vfy_cloud_read(&run->cloud, VFY_PLANS_BRIEF, &run->deployment, diag)) !=
            BF_OK) {
        return err;
    }
    vfy_fact(run->ch, "deployment", "", run->deployment.status);
    return vfy_run_same_cluster(run, diag);
}

enum bf_err vfy_discover(struct vfy_run *run, struct bf_diag *diag)
{
    const struct vfy_server *server = &run->job->cluster;
    char fingerprint[2 * BF_SHA256 + 1];
    enum bf_err err;

    err = vfy_http_fingerprint(fingerprint, server->url, server->ca_file, diag);
    if (err == BF_NET_TLS && server->ca_file[0] != '\0') {
        struct bf_diag ignored = {0};
        char unchecked[2 * BF_SHA256 + 1];

        /* what is there instead, so that people can compare it */
        if (vfy_http_fingerprint(unchecked, server->url, "", &ignored) == BF_OK) {
            vfy_fact(run->ch, "tls_fingerprint", "", unchecked);
        }
        vfy_fact(run->ch, "tls_verified", "", "no");
    }
    if (err != BF_OK) {
        return err;
    }
    vfy_fact(run->ch, "tls_fingerprint", "", fingerprint);
    vfy_fact(run->ch, "tls_verified", "", server->ca_file[0] != '\0' ? "yes" : "no");
    if (server->ca_file[0] == '\0' || (err = ask_cluster(run, diag)) != BF_OK) {
        return err;
    }
    return ask_control(run, diag);
}
