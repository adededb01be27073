/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose.h"

#include <stdio.h>
#include <string.h>

#include "bf/bytes.h"

enum { MAX_BOTH = 2000, MAX_FOUND = 80, MAX_RAW = 220 };

/*
 * Tried in order, the first text that occurs (in any case) counts, so what is more exact
 * stands before what is less. %c client, %b bucket, %1 what stands in brackets or quotes
 * after the text.
 */
struct row {
    const char *text;
    const char *clause;
    bool ask_s3;
};

static const struct row verify_rows[] = {
    /* the client */
    {"unknown s3 client name [",
     "the node has no keys for S3 client %c: its keystore was not written or not "
     "reloaded",
     false},
    {"missing secret key for s3 client",
     "the keystore holds an access key but no secret key for client %c", false},
    {"missing access key for s3 client",
     "the keystore holds a secret key but no access key for client %c", false},
    {"unable to load credentials from any of the providers",
     "client %c has no keys there, so the node looked for the cloud's own credentials",
     false},
    {"credentials from imds",
     "client %c has no keys there, so the node asked the cloud's metadata service",
     false},
    {"imds credentials have been disabled",
     "client %c has no keys there, so the node asked the cloud's metadata service",
     false},
    {"169.254.169.254",
     "client %c has no keys there, so the node asked the cloud's metadata service",
     false},
    /* the keys */
    {"aws access key id you provided does not exist",
     "S3 does not know the access key id of client %c", false},
    {"invalidaccesskeyid", "S3 does not know the access key id of client %c", false},
    {"invalid_access_key_id", "S3 does not know the access key id of client %c", false},
    {"signature we calculated does not match",
     "the secret key of client %c does not belong to its access key id", false},
    {"signaturedoesnotmatch",
     "the secret key of client %c does not belong to its access key id", false},
    {"provided token has expired", "the keys of client %c are temporary and have expired",
     false},
    {"difference between the request time and the current time is too large",
     "the node's clock is more than 15 minutes off", false},
    {"requesttimetooskewed", "the node's clock is more than 15 minutes off", false},
    /* the bucket and where it is */
    {"specified bucket does not exist", "bucket %b does not exist", false},
    {"nosuchbucket", "bucket %b does not exist", false},
    {"no_such_bucket", "bucket %b does not exist", false},
    {"please create it before", "bucket %b does not exist", false},
    {"is wrong; expecting '", "the bucket is in region %1, another one is set", false},
    {"must be addressed using the specified endpoint",
     "bucket %b is in another region than the one set", false},
    {"location constraint is incompatible",
     "bucket %b is in another region than the one set", false},
    {"re-send this request to the specified temporary endpoint",
     "bucket %b is in another region than the one set, or new", false},
    {"permanentredirect", "bucket %b is in another region than the one set", false},
    {"unable to load region", "no region is set for client %c", false},
    /* the server */
    {"concurrent modification", "another cluster writes to the same base path", false},
    {"last cluster to write to this repository was [",
     "another cluster (%1) writes to the same base path", false},
    {"repository type [s3] does not exist",
     "the plugin repository-s3 is not installed there", false},
    {"content-sha256 you specified did not match",
     "the S3 server does not take this version's checksums: disable_chunked_encoding is "
     "needed",
     false},
    {"x-amz-content-sha256 header does not match",
     "the S3 server does not take this version's checksums: disable_chunked_encoding is "
     "needed",
     false},
    {"multichunkedencoding is not supported",
     "the S3 server does not take this version's uploads: disable_chunked_encoding is "
     "needed",
     false},
    {"pkix path building failed", "the node does not trust the certificate of S3", false},
    {"unable to find valid certification path",
     "the node does not trust the certificate of S3", false},
    {"delete operation timed out",
     "deleting at S3 timed out: with a private CA the node's asynchronous S3 client "
     "needs it in the system's store, or "
     "s3_async_client_type: netty",
     false},
    {"unknownhostexception", "the node cannot resolve the host name of S3", false},
    {"unknown_host_exception", "the node cannot resolve the host name of S3", false},
    {"connection refused", "S3 refuses the node's connection", false},
    {"no route to host", "the node has no route to S3", false},
    {"network is unreachable", "the node has no route to S3", false},
    {"connect timed out", "S3 does not answer the node (connecting timed out)", false},
    {"read timed out", "S3 does not answer the node (reading timed out)", false},
    {"timeout waiting for task", "S3 does not answer the node in time", false},
    {"remote host terminated the handshake", "S3 ends the TLS handshake with the node",
     false},
    /* the cluster */
    {"nodedisconnectedexception", "the node left the cluster while it verified", false},
    {"nodenotconnectedexception", "the node left the cluster while it verified", false},
    {"node_not_connected_exception", "the node left the cluster while it verified",
     false},
    {"repositorymissingexception", "the node does not know the repository", false},
    /* rights: what is said outright, then what only S3 can tell */
    {"kms:", "the keys of client %c may not use the bucket's KMS key", false},
    {"not authorized to perform: ", "S3 denies the keys of client %c %1", false},
    {"status code: 403", "S3 denies the keys of client %c", true},
    {"access denied", "S3 denies the keys of client %c", true},
    {"accessdenied", "S3 denies the keys of client %c", true},
    {"status code: 404", "S3 does not find bucket %b", true},
    {"status code: 503", "S3 is overloaded or not ready (503)", false},
};

/* Which call of the cluster to S3 it was, by the words around the cause. */
static const struct {
    const char *text;
    enum vfy_s3_action action;
} phases[] = {
    {"unable to upload object", VFY_S3_PUT},
    {"failed to list objects for deletion", VFY_S3_LIST},
    {"exception when listing blobs", VFY_S3_LIST},
    {"could not determine repository generation", VFY_S3_LIST},
    {"cannot delete test data", VFY_S3_DELETE},
    {"failed to verify repository", VFY_S3_GET},
    {"cannot be accessed", VFY_S3_GET},
};

static const struct row reload_rows[] = {
    {"access_denied_exception", "cannot read its keystore: no permission on %0", false},
    {"accessdeniedexception", "cannot read its keystore: no permission on %0", false},
    {"provided keystore password was incorrect",
     "has a keystore with a password, and reload was given none", false},
    {"keystore is missing", "has no keystore file", false},
    {"corrupt_index_exception", "has a damaged keystore (%0)", false},
    {"corrupted or tampered", "has a damaged keystore (%0)", false},
    {"missing secret key for s3 client",
     "has an access key but no secret key for client %c in its keystore", false},
    {"missing access key for s3 client",
     "has a secret key but no access key for client %c in its keystore", false},
    {"unknown secure setting [", "does not know the secure setting %1", false},
    {"receive_timeout", "did not answer within the server's time", false},
    {"node_not_connected", "is not connected to the cluster", false},
    {"node_disconnected", "left the cluster during the reload", false},
};

/* A word up to the closing bracket, quote, blank or semicolon. */
static void take_word(char *out, size_t size, const char *at)
{
    const size_t len = strcspn(at, "]'\" ;,");

    (void)snprintf(out, size, "%.*s", (int)len, at);
}

static void fill(char *out, size_t size, const char *clause, const char *const values[4])
{
    /* values: %0 reason, %1 found, %b bucket, %c client */
    size_t n = 0;

    for (; *clause != '\0' && n + 1 < size; clause++) {
        static const char keys[] = "01bc";
        const char *key =
            clause[0] == '%' && clause[1] != '\0' ? strchr(keys, clause[1]) : NULL;

        if (key != NULL) {
            n += (size_t)snprintf(out + n, size - n, "%s", values[key - keys]);
            n = n < size ? n : size - 1;
            clause++;
        } else {
            out[n++] = *clause;
        }
    }
    out[n] = '\0';
}

/* The first row whose text occurs; found gets the word after it. */
static const struct row *look_up(const struct row *rows, size_t num, const char *text,
                                 char *found, size_t size)
{
    size_t i;

    for (i = 0; i < num; i++) {
        const char *at = strcasestr(text, rows[i].text);

        if (at != NULL) {
            take_word(found, size, at + strlen(rows[i].text));
            return &rows[i];
        }
    }
    return NULL;
}

void vfy_diagnose(struct vfy_diagnosis *out, const char *chain, const char *client,
                  const char *bucket)
{
    char found[MAX_FOUND] = "", raw[MAX_RAW];
    const struct row *row =
        look_up(verify_rows, sizeof(verify_rows) / sizeof(verify_rows[0]), chain, found,
                sizeof(found));
    const char *const values[4] = {"", found, bucket, client};
    size_t i;

    *out = (struct vfy_diagnosis){.known = row != NULL,
                                  .ask_s3 = row == NULL || row->ask_s3};
    if (row != NULL) {
        fill(out->clause, sizeof(out->clause), row->clause, values);
    } else {
        (void)snprintf(raw, sizeof(raw), "%s", chain);
        (void)snprintf(out->clause, sizeof(out->clause), "the cluster says: %s", raw);
    }
    for (i = 0; i < sizeof(phases) / sizeof(phases[0]) && !out->has_action; i++) {
        out->has_action = strcasestr(chain, phases[i].text) != NULL;
        out->action = phases[i].action;
    }
    if (out->ask_s3 && out->has_action && row != NULL) {
        const size_t len = strlen(out->clause);

        (void)snprintf(out->clause + len, sizeof(out->clause) - len, " (at %s)",
                       vfy_s3_right(out->action));
    }
}

void vfy_diagnose_reload(char *out, size_t size, const char *type, const char *reason,
                         const char *client)
{
    char both[MAX_BOTH], found[MAX_FOUND] = "", shown[MAX_RAW];
    const char *const values[4] = {shown, found, "", client};
    const struct row *row;

    (void)snprintf(both, sizeof(both), "%.200s: %.1600s", type, reason);
    (void)snprintf(shown, sizeof(shown), "%s", reason);
    row = look_up(reload_rows, sizeof(reload_rows) / sizeof(reload_rows[0]), both, found,
                  sizeof(found));
    if (row != NULL) {
        fill(out, size, row->clause, values);
    } else {
        (void)snprintf(out, size, "could not reload its keystore: %.60s: %s", type,
                       shown);
    }
}

bool vfy_diagnose_names_node(const char *reason, const char *node_id)
{
    char entry[80];

    (void)snprintf(entry, sizeof(entry), "[%.64s, '", node_id);
    return node_id[0] != '\0' && strstr(reason, entry) != NULL;
}

bool vfy_diagnose_is_manager(const char *reason)
{
    return strstr(reason, "on cluster-manager node") != NULL ||
           strstr(reason, "on master node") != NULL ||
           strstr(reason, "cannot delete test data") != NULL;
}
