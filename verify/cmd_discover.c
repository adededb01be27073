/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a cluster before there is any trust, for whoever drafts the trust file. Nothing
 * it prints is believed by anything later. */
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "cli.h"

enum { MAX_CA = 1024 * 1024 };

struct finding {
    struct bf_arena arena;
    struct vfy_conf_target conf;
    struct vfy_work work;
    struct vfy_story run;
    struct vfy_site site;
    char ca_sha256[2 * BF_SHA256 + 1]; /* "" without --ca, or with the system's */
    char control_sha256[2 * BF_SHA256 + 1];
    const char *kind; /* of a deployment, "" none */
};

/* Debian's. What it vouches for the trust file says by an empty ca_sha256. */
static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

/* An option's CA file: out is its path, "" without one. */
static enum bf_err read_ca(const char **out, char hash[2 * BF_SHA256 + 1],
                           const char *path, struct bf_diag *diag)
{
    struct bf_buf ca;
    enum bf_err err;

    hash[0] = '\0';
    *out = path != NULL ? path : "";
    if (path != NULL && strcmp(path, "system") == 0) {
        *out = system_ca;
    }
    if (path == NULL || *out == system_ca) {
        return BF_OK;
    }
    if (path[0] != '/') {
        return bf_fail(diag, BF_USAGE,
                       "a CA is an absolute path, as in verify.conf, or system");
    }
    err = bf_file_read(&ca, path, MAX_CA, diag);
    if (err == BF_OK) {
        err = bf_sha256_hex(hash, bf_buf_bytes(&ca));
    }
    bf_buf_clear(&ca);
    return err;
}

/* The deployment's API: all of its options, or none. */
static enum bf_err read_control(struct finding *f, const struct bf_args *a,
                                struct bf_diag *diag)
{
    const char *url = bf_arg(a, "control-url"), *source = bf_arg(a, "control-credential"),
               *resource = bf_arg(a, "deployment"), *kind = bf_arg(a, "kind");
    struct vfy_conf_target *c = &f->conf;
    enum bf_err err;

    f->kind = "";
    c->control_url = "";
    if (url == NULL && source == NULL && resource == NULL && kind == NULL &&
        bf_arg(a, "control-ca") == NULL) {
        return BF_OK;
    }
    f->kind = kind != NULL ? kind : "ech";
    if (url == NULL || !bf_is_url(url) || source == NULL || resource == NULL ||
        resource[0] == '\0' ||
        (strcmp(f->kind, "ech") != 0 && strcmp(f->kind, "ece") != 0) ||
        c->ca[0] == '\0') {
        return bf_fail(
            diag, BF_USAGE,
            "a deployment needs --ca, --control-url https://HOST[:PORT], "
            "--control-ca, --control-credential and --deployment ID; --kind is "
            "ech or ece");
    }
    c->control_url = url;
    err = read_ca(&c->control_ca, f->control_sha256, bf_arg(a, "control-ca"), diag);
    if (err == BF_OK && c->control_ca[0] == '\0') {
        err = bf_fail(diag, BF_USAGE,
                      "a credential is sent only over TLS that verifies: give "
                      "--control-ca FILE, or --control-ca system");
    }
    if (err == BF_OK) {
        err = vfy_credential_parse(&c->control_credential, &f->arena, source, diag);
    }
    return err;
}

/* The same rules as verify.conf has for a section, on options. */
static enum bf_err read_options(struct finding *f, const struct bf_args *a,
                                struct bf_diag *diag)
{
    struct vfy_conf_target *c = &f->conf;
    const char *url = bf_arg(a, "url"), *auth = bf_arg(a, "auth"),
               *user = bf_arg(a, "user");
    const char *source = bf_arg(a, "credential");
    enum bf_err err = BF_OK;

    if (!bf_is_id(a->operands[0])) {
        return bf_fail(diag, BF_USAGE,
                       "NAME is the id of the target: a-z, 0-9, _ and -, at most 32");
    }
    if (url == NULL || !bf_is_url(url)) {
        return bf_fail(diag, BF_USAGE, "discover needs --url https://HOST:PORT");
    }
    c->url = url;
    if ((err = read_ca(&c->ca, f->ca_sha256, bf_arg(a, "ca"), diag)) != BF_OK) {
        return err;
    }
    c->auth = auth != NULL ? auth : "none";
    c->user = user != NULL ? user : "";
    if (strcmp(c->auth, "none") != 0 && strcmp(c->auth, "basic") != 0 &&
        strcmp(c->auth, "apikey") != 0) {
        return bf_fail(diag, BF_USAGE, "--auth is none, basic or apikey");
    }
    if ((strcmp(c->auth, "basic") == 0) != (user != NULL) ||
        (strcmp(c->auth, "none") != 0) != (source != NULL)) {
        return bf_fail(
            diag, BF_USAGE,
            "--auth basic goes with --user and --credential, apikey with --credential");
    }
    if (source != NULL && c->ca[0] == '\0') {
        return bf_fail(
            diag, BF_USAGE,
            "a credential is sent only over TLS that verifies: give --ca FILE");
    }
    if (source != NULL) {
        err = vfy_credential_parse(&c->credential, &f->arena, source, diag);
    }
    return err == BF_OK ? read_control(f, a, diag) : err;
}

static enum bf_err ask(struct finding *f, const struct bf_args *a, struct bf_diag *diag)
{
    struct vfy_work *w = &f->work;
    char id[33];
    enum bf_err err =
        vfy_creds_cluster(&w->creds, f->conf.auth, &f->conf.credential, diag);

    vfy_fresh_id(id);
    w->job.run_id = id;
    w->job.cluster =
        (struct vfy_server){f->conf.auth, f->conf.ca, "", f->conf.url, f->conf.user};
    w->job.iam = w->job.s3 = (struct vfy_server){"none", "", "", "", ""};
    w->job.policy = w->job.repository = "";
    w->job.target.id = a->operands[0];
    w->job.target.cluster_uuid = "";
    w->job.target.kind = "";
    if (err == BF_OK && f->conf.control_url[0] != '\0') {
        w->job.control = (struct vfy_server){"apikey", f->conf.control_ca, "",
                                             f->conf.control_url, ""};
        w->job.deployment = bf_arg(a, "deployment");
        err = vfy_creds_control(&w->creds, &f->conf.control_credential, diag);
    }
    while (err == BF_OK && w->num_secrets < w->creds.num) {
        w->secrets[w->num_secrets] = w->creds.items[w->num_secrets];
        w->num_secrets++;
    }
    f->site.args = a;
    if (err == BF_OK) {
        err = vfy_applier_path(f->site.applier, diag);
    }
    return err == BF_OK ? vfy_ask_applier(&f->run, &f->site, w, "discover", diag) : err;
}

static void put_endpoint(struct vfy_json *j, const char *ca_sha256, const char *purpose,
                         const char *resource, const char *url)
{
    vfy_json_open(j, NULL, '{');
    vfy_json_text(j, "ca_sha256", ca_sha256);
    vfy_json_text(j, "for", purpose);
    vfy_json_text(j, "resource", resource);
    vfy_json_text(j, "url", url);
    vfy_json_close(j, '}');
}

/* The entry for the trust file's "targets", keys in the profile's order. */
static void put_target(struct vfy_json *j, const char *key, const struct finding *f,
                       const struct bf_args *a, const char *appliance)
{
    vfy_json_open(j, key, '{');
    vfy_json_text(j, "appliance", appliance);
    vfy_json_text(j, "cluster_uuid", vfy_story_fact(&f->run, "cluster_uuid", NULL));
    vfy_json_open(j, "endpoints", '[');
    put_endpoint(j, f->ca_sha256, "cluster", "", f->conf.url);
    if (f->kind[0] != '\0') {
        put_endpoint(j, f->control_sha256, "control", bf_arg(a, "deployment"),
                     f->conf.control_url);
    }
    vfy_json_close(j, ']');
    vfy_json_text(j, "id", a->operands[0]);
    vfy_json_text(j, "kind",
                  f->kind[0] != '\0' ? f->kind : vfy_story_fact(&f->run, "kind", NULL));
    vfy_json_num(j, "serial_floor", 0);
    vfy_json_close(j, '}');
}

/* What the appliance's user may do, and no more. */
static const char elastic_role[] =
    "{\"cluster\":[\"cluster:admin/nodes/reload_secure_settings\",\"cluster:admin/"
    "repository/get\","
    "\"cluster:admin/repository/put\",\"cluster:admin/repository/"
    "verify\",\"monitor\"],\"indices\":[]}";
static const char opensearch_role[] =
    "{\"cluster_permissions\":[\"cluster:admin/nodes/"
    "reload_secure_settings\",\"cluster:admin/repository/delete\","
    "\"cluster:admin/repository/get\",\"cluster:admin/repository/put\",\"cluster:admin/"
    "repository/verify\",\"cluster_monitor\"]}";

static const char *role_of(const struct finding *f)
{
    return strcmp(vfy_story_fact(&f->run, "kind", NULL), "opensearch") == 0
               ? opensearch_role
               : elastic_role;
}

static void put_api_key(struct bf_buf *out, const char *target)
{
    bf_put_fmt(out,
               "{\"expiration\":\"90d\",\"name\":\"snapseal-%s\",\"role_descriptors\":{"
               "\"snapseal\":%s}}",
               target, elastic_role);
}

static int json(const struct finding *f, const struct bf_args *a, const char *appliance)
{
    struct vfy_json j = vfy_json();
    struct bf_buf key = bf_buf(4096);
    bool elastic = role_of(f) == elastic_role;
    size_t i;

    put_api_key(&key, a->operands[0]);
    vfy_json_open(&j, NULL, '{');
    vfy_json_text(&j, "api_key_request", elastic ? bf_buf_text(&key) : "");
    vfy_json_text(&j, "cluster_name", vfy_story_fact(&f->run, "cluster_name", NULL));
    vfy_json_text(&j, "fingerprint", vfy_story_fact(&f->run, "tls_fingerprint", NULL));
    vfy_json_open(&j, "nodes", '[');
    for (i = 0; i < f->run.num_facts; i++) {
        if (strcmp(f->run.facts[i].id, "node_live") == 0) {
            vfy_json_text(&j, NULL,
                          f->run.facts[i].node[0] != '\0' ? f->run.facts[i].node
                                                          : f->run.facts[i].text);
        }
    }
    vfy_json_close(&j, ']');
    vfy_json_text(&j, "role", role_of(f));
    if (f->conf.ca[0] != '\0') {
        put_target(&j, "target", f, a, appliance);
    }
    vfy_json_bool(&j, "verified", f->conf.ca[0] != '\0');
    vfy_json_text(&j, "version", vfy_story_fact(&f->run, "version", NULL));
    vfy_json_close(&j, '}');
    bf_buf_clear(&key);
    return vfy_json_out(a, &j, BF_EXIT_DONE);
}

static void text_ca(const char *key, const char *path)
{
    if (path != system_ca) { /* the system's need no line */
        printf("%s = %s\n", key, path);
    }
}

/* How each node's keystore is reached: by a command, or for all of them by the API. */
static void text_nodes(const struct finding *f, const struct bf_args *a)
{
    size_t i;

    if (f->kind[0] != '\0') {
        printf("control.url = %s\n", f->conf.control_url);
        text_ca("control.ca", f->conf.control_ca);
        printf("control.credential = %s\n", bf_arg(a, "control-credential"));
        return;
    }
    for (i = 0; i < f->run.num_facts; i++) {
        const struct vfy_fact *fact = &f->run.facts[i];
        const char *name = fact->node[0] != '\0' ? fact->node : fact->text;

        if (strcmp(fact->id, "node_live") == 0) {
            printf("node.%s = /usr/bin/ssh -T -o BatchMode=yes snapseal@%s\n", name,
                   name);
        }
    }
}

static int text(const struct finding *f, const struct bf_args *a, const char *appliance)
{
    struct vfy_json j = vfy_json();
    struct bf_buf key = bf_buf(4096);

    if (f->conf.ca[0] == '\0') {
        printf("UNVERIFIED: %s shows a certificate with SHA-256 %s\n", f->conf.url,
               vfy_story_fact(&f->run, "tls_fingerprint", NULL));
        bf_cli_say(a,
                   "compare it with the cluster's people, then run again with --ca FILE");
        return BF_EXIT_DONE;
    }
    printf("# %s %s, cluster %s\n\n# entry for the trust file's \"targets\"\n",
           vfy_story_fact(&f->run, "kind", NULL),
           vfy_story_fact(&f->run, "version", NULL),
           vfy_story_fact(&f->run, "cluster_name", NULL));
    put_target(&j, NULL, f, a, appliance);
    (void)vfy_json_out(a, &j, 0);
    printf("\n# section of verify.conf%s\n[%s]\nurl = %s\n",
           f->kind[0] != '\0' ? "" : "; each command starts that node's snapseal-node",
           a->operands[0], f->conf.url);
    text_ca("ca", f->conf.ca);
    printf("auth = %s\n", f->conf.auth);
    if (f->conf.user[0] != '\0') {
        printf("user = %s\n", f->conf.user);
    }
    if (bf_arg_is(a, "credential")) {
        printf("credential = %s\n", bf_arg(a, "credential"));
    }
    printf("# iam.url, iam.ca, iam.region, iam.credential: where this appliance puts the "
           "policy\n# s3.url, s3.ca: for the preflight; all of them are in the trust "
           "file too\n");
    text_nodes(f, a);
    printf("\n# least privilege: role \"snapseal\"\n%s\n", role_of(f));
    if (role_of(f) == elastic_role) {
        put_api_key(&key, a->operands[0]);
        printf("\n# or an API key: POST /_security/api_key\n%s\n", bf_buf_text(&key));
    }
    bf_buf_clear(&key);
    return BF_EXIT_DONE;
}

/* The name in our state, where there is one; else it is to be filled in. */
static void own_name(char out[33], const struct bf_args *a)
{
    struct vfy_state *s = calloc(1, sizeof(*s));
    const char *given = bf_arg(a, "appliance");

    snprintf(out, 33, "%s", given != NULL && bf_is_id(given) ? given : "APPLIANCE");
    if (s == NULL) {
        return;
    }
    s->lock = -1;
    if (given == NULL && vfy_state_open(s, vfy_arg_state(a), VFY_READ, NULL) == BF_OK &&
        s->name[0] != '\0') {
        snprintf(out, 33, "%s", s->name);
    }
    vfy_state_close(s);
    free(s);
}

int vfy_cmd_discover(const struct bf_args *a)
{
    struct finding *f = calloc(1, sizeof(*f));
    struct bf_diag diag = {0};
    enum bf_err err = f != NULL ? BF_OK : bf_fail(&diag, BF_NO_MEMORY, "discover");
    char name[33];
    int code;

    if (err == BF_OK) {
        err = read_options(f, a, &diag);
    }
    if (err == BF_OK) {
        err = ask(f, a, &diag);
    }
    if (err != BF_OK) {
        code = bf_cli_fail(a, &diag);
        /* only where it did not verify: else the CA has spoken already */
        if (f != NULL && err == BF_NET_TLS &&
            vfy_story_fact(&f->run, "tls_fingerprint", NULL)[0] != '\0') {
            bf_cli_say(a, "UNVERIFIED: %s shows a certificate with SHA-256 %s",
                       f->conf.url, vfy_story_fact(&f->run, "tls_fingerprint", NULL));
        }
    } else {
        own_name(name, a);
        code = a->json ? json(f, a, name) : text(f, a, name);
    }
    if (f != NULL) {
        vfy_work_clear(&f->work);
        vfy_story_clear(&f->run);
        bf_arena_clear(&f->arena);
    }
    free(f);
    return code;
}
