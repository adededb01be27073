/* SPDX-License-Identifier: Apache-2.0 */
/* Words of real servers (OpenSearch 3.8 in the lab, and AWS SDK v1 and v2 texts) to one
 * clause each. */
#include <stdio.h>
#include <string.h>

#include "applier/diagnose.h"
#include "harness.h"

#define S3_403                                                                           \
    "s3_exception:  (Service: S3, Status Code: 403, Request ID: tx0) (SDK Attempt "      \
    "Count: 1)"
#define MANAGER                                                                          \
    "repository_verification_exception: [r] path [p1] is not accessible on "             \
    "cluster-manager node <- "
#define UPLOAD                                                                           \
    "i_o_exception: Unable to upload object [p1/tests-x/master.dat] using a single "     \
    "upload <- "

#define MASTER                                                                           \
    "repository_verification_exception: [r1] path [t] is not accessible on master node " \
    "<- "
#define DELETING                                                                         \
    "repository_verification_exception: [r] cannot delete test data at [p4] <- "
#define ONE_NODE                                                                         \
    "repository_verification_exception: [r] [[Wnr, 'RemoteTransportException[[node1]["   \
    "127.0.0.1:1][internal:admin/repository/verify]]; nested: "                          \
    "RepositoryVerificationException[[r] store location [snap] is not accessible on "    \
    "the node [{node1}{Wnr}]]; nested: "

static const struct {
    const char *chain;
    const char *id;
    const char *begins;
    int action; /* -1 none */
    bool ask;
} cases[] = {
    {MANAGER "illegal_argument_exception: Unknown s3 client name [x]. Existing client "
             "configs: default,secondary",
     "client_unknown",
     "the node has no keys for S3 client secondary: its keystore was not written or not "
     "reloaded; compare",
     -1, false},
    {MASTER
     "repository_exception: [r1] cannot create blob store <- illegal_argument_exception: "
     "Unknown s3 client name [nosuch]. Existing client configs: default,secondary,third",
     "client_unknown", "the node has no keys", -1, false},
    {MANAGER "illegal_argument_exception: Missing secret key for s3 client [secondary]",
     "client_no_secret",
     "the keystore holds an access key but no secret key for client secondary; write", -1,
     false},
    {MANAGER "illegal_argument_exception: Missing access key for s3 client [secondary]",
     "client_no_access", "the keystore holds a secret key", -1, false},
    {MANAGER "illegal_argument_exception: Setting [access_key] is insecure, but property "
             "[allow_insecure_settings] is not set",
     "client_insecure", "a key stands in", -1, false},
    {MANAGER UPLOAD "sdk_client_exception: sdk_client_exception: IMDS credentials have "
                    "been disabled by environment variable or system property.",
     "client_no_keys", "client secondary has no keys there, so the node asked",
     VFY_S3_PUT, false},
    {ONE_NODE
     "IOException[Unable to upload object [p1/tests-x/data-x.dat] using a single "
     "upload]; nested: NotSerializableExceptionWrapper[sdk_client_exception: Failed to "
     "load credentials from IMDS.]; nested: "
     "NotSerializableExceptionWrapper[sdk_service_exception: Forbidden];']]",
     "client_no_keys", "client secondary has no keys", VFY_S3_PUT, false},
    {MASTER UPLOAD "sdk_client_exception: Unable to load credentials from any of the "
                   "providers in the chain AwsCredentialsProviderChain(...",
     "client_no_keys", "client secondary has no keys", VFY_S3_PUT, false},
    {MASTER UPLOAD "sdk_client_exception: The requested metadata is not found at "
                   "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
     "client_no_keys", "client", VFY_S3_PUT, false},
    {MANAGER UPLOAD "amazon_s3_exception: The AWS Access Key Id you provided does not "
                    "exist in our records. (Service: Amazon S3; Status Code: 403; Error "
                    "Code: InvalidAccessKeyId; Request ID: x)",
     "key_unknown", "S3 does not know the access key id of client secondary; look",
     VFY_S3_PUT, false},
    {MASTER UPLOAD "s3_exception: The request signature we calculated does not match the "
                   "signature you provided. (Service: S3, Status Code: 403)",
     "secret_wrong",
     "the secret key of client secondary does not belong to its access key id",
     VFY_S3_PUT, false},
    {MASTER UPLOAD "s3_exception: The provided token has expired. (Service: S3, Status "
                   "Code: 400, Request ID: x)",
     "key_expired", "the keys of client secondary are temporary", VFY_S3_PUT, false},
    {MANAGER UPLOAD "s3_exception: The difference between the request time and the "
                    "current time is too large. (Service: S3, Status Code: 403)",
     "clock", "the node's clock", VFY_S3_PUT, false},
    {MANAGER UPLOAD "no_such_bucket_exception: The specified bucket does not exist "
                    "(Service: S3, Status Code: 404)",
     "bucket_missing", "bucket snaps does not exist; create", VFY_S3_PUT, false},
    {MANAGER UPLOAD "no_such_bucket_exception: no_such_bucket_exception:  (Service: S3, "
                    "Status Code: 404, Request ID: x) (SDK Attempt Count: 1)",
     "bucket_missing", "bucket snaps does not exist", VFY_S3_PUT, false},
    {MASTER "illegal_argument_exception: The bucket [B] does not exist. Please create it "
            "before creating an s3 snapshot repository backed by it.",
     "bucket_missing", "bucket snaps does not exist", -1, false},
    {"repository_exception: [rb] failed to create repository <- "
     "illegal_argument_exception: Invalid S3 bucket name, cannot be null or empty",
     "bucket_unnamed", "the registration names no bucket", -1, false},
    {MANAGER UPLOAD "sdk_client_exception: sdk_client_exception: Unable to marshall "
                    "request to JSON: Bucket cannot be empty.",
     "bucket_unnamed", "the registration", VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "s3_exception: The authorization header is malformed; the region 'us-east-1' is "
     "wrong; expecting 'eu-west-1' (Service: S3, Status Code: 400)",
     "region_named",
     "the bucket is in region eu-west-1, another one is set; set region eu-west-1",
     VFY_S3_PUT, false},
    {MASTER UPLOAD
     "s3_exception: The bucket you are attempting to access must be addressed using the "
     "specified endpoint. (Service: S3, Status Code: 301)",
     "region_other", "bucket snaps is in another region than the one set;", VFY_S3_PUT,
     false},
    {MASTER UPLOAD "s3_exception: Please re-send this request to the specified temporary "
                   "endpoint. (Service: S3, Status Code: 307, Request ID: x)",
     "region_new", "bucket snaps is in another region than the one set, or new",
     VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "sdk_client_exception: sdk_client_exception: Unable to load region from any of the "
     "providers in the chain "
     "software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain@12848e9e",
     "region_none", "no region is set for client secondary", VFY_S3_PUT, false},
    {"repository_exception: [r] concurrent modification of the index-N file, expected "
     "current generation [4] but it was not found in the repository. The last cluster to "
     "write to this repository was [QWERTY] at generation [5].",
     "foreign_named", "another cluster (QWERTY) writes to the same base path", -1, false},
    {"repository_exception: [r3] Could not read repository data because the contents of "
     "the repository do not match its expected state. This is likely the result of "
     "either concurrently modifying the contents of the repository by a process other "
     "than this cluster or an issue with the repository's underlying storage. The "
     "repository has been disabled to prevent corrupting its contents. To re-enable it "
     "and continue using it please remove the repository from the cluster and add it "
     "again <- repository_exception: [r3] could not read repository data from index blob "
     "<- no_such_file_exception: Blob object [p4/index-5] not found:  (Service: S3, "
     "Status Code: 404, Request ID: x) (SDK Attempt Count: 1)",
     "disabled", "the cluster has disabled the repository", -1, false},
    {"repository_exception: [r1] The repository has been disabled to prevent data "
     "corruption because its contents were found not to match its expected state.",
     "disabled", "the cluster has disabled", -1, false},
    {"snapshot_exception: [r:m1/x] failed to update snapshot in repository <- "
     "repository_exception: [r] concurrent modification of the index-N file, expected "
     "current generation [2] but it was not found in the repository",
     "foreign", "another cluster writes to the same base path", -1, false},
    {"repository_exception: [ro] cannot create snapshot in a readonly repository",
     "readonly", "the repository is registered as readonly", -1, false},
    {"repository_verification_exception: [f3] [[x, 'repository_exception: [f3] "
     "repository type [fs] failed to create on current node']]",
     "node_differs", "a node could not build", -1, false},
    {"repository_exception: [x4] repository type [s4] does not exist", "type_unknown",
     "the cluster does not know repository type s4", -1, false},
    {"repository_exception: [r1] repository type [s3] does not exist for project "
     "[default]",
     "type_unknown", "the cluster does not know repository type s3", -1, false},
    {"repository_conflict_exception: [r] trying to modify or unregister repository that "
     "is currently used (snapshot is running)",
     "in_use", "the repository is in use", -1, false},
    {"repository_exception: [a,b] must not contain the following characters [ , \", *]",
     "name_bad", "the cluster does not take the repository's name", -1, false},
    {"repository_exception: [rb] failed to create repository <- "
     "illegal_argument_exception: failed to parse value [1kb] for setting [chunk_size], "
     "must be >= [5mb]",
     "value_bad", "the cluster does not take the value 1kb", -1, false},
    {"repository_exception: [rb] failed to create repository <- "
     "illegal_argument_exception: chunk_size (10mb) can't be lower than buffer_size "
     "(100mb).",
     "chunk_small", "chunk_size is smaller", -1, false},
    {MASTER "blob_store_exception: `nope` is not a known S3 Storage Class.",
     "storage_class", "the storage class", -1, false},
    {MASTER "blob_store_exception: cannedACL is not valid: [nope]", "canned_acl",
     "the canned ACL", -1, false},
    {MASTER UPLOAD "s3_exception: The bucket does not allow ACLs (Service: S3, Status "
                   "Code: 400, Request ID: x)",
     "acl_refused", "bucket snaps takes no ACLs", VFY_S3_PUT, false},
    {MASTER UPLOAD "s3_exception: The Content-SHA256 you specified did not match what we "
                   "received (Service: S3, Status Code: 400)",
     "checksums", "the S3 server does not take this version's checksums", VFY_S3_PUT,
     false},
    {MASTER UPLOAD
     "amazon_s3_exception: Aws MultiChunkedEncoding is not supported. (Service: Amazon "
     "S3; Status Code: 400; Error Code: NotImplemented; Request ID: x)",
     "checksums", "the S3 server", VFY_S3_PUT, false},
    {DELETING "i_o_exception: Failed to delete blobs [ObjectIdentifier(Key=x)] <- "
              "s3_exception: Missing required header for this request: Content-MD5 "
              "(Service: S3, Status Code: 400)",
     "delete_md5", "the S3 server wants a Content-MD5", VFY_S3_DELETE, false},
    {"repository_verification_exception: [r] analysis failed, you may need to manually "
     "remove [temp-analysis-x] <- repository_verification_exception: [r] uncontended "
     "register operation failed: expected [1] but did not observe any value",
     "registers", "the S3 server's conditional writes", -1, false},
    {MANAGER UPLOAD
     "sdk_client_exception: Unable to execute HTTP request: (certificate_unknown) PKIX "
     "path building failed: sun.security.provider.certpath.SunCertPathBuilderException: "
     "unable to find valid certification path to requested target (SDK Attempt Count: 4)",
     "ca_unknown", "the node does not trust the certificate of S3", VFY_S3_PUT, false},
    {MASTER UPLOAD
     "sdk_client_exception: Unable to execute HTTP request: Certificate for "
     "<snaps.10.0.0.1> doesn't match any of the subject alternative names: [s3.corp]",
     "host_mismatch", "the certificate of S3 is not for", VFY_S3_PUT, false},
    {DELETING "i_o_exception: Delete operation timed out after 30 seconds <- "
              "timeout_exception: timeout_exception: Timeout waiting for task.",
     "delete_timeout", "deleting at S3 timed out", VFY_S3_DELETE, false},
    {MASTER UPLOAD "sdk_client_exception: Unable to execute HTTP request: Unsupported or "
                   "unrecognized SSL message",
     "not_tls", "the node speaks TLS and S3 does not", VFY_S3_PUT, false},
    {MANAGER UPLOAD "sdk_client_exception: sdk_client_exception: Unable to execute HTTP "
                    "request: The target server failed to respond (SDK Attempt Count: 4)",
     "no_answer", "S3 ends the connection", VFY_S3_PUT, false},
    {MANAGER UPLOAD "sdk_client_exception: sdk_client_exception: Received an "
                    "UnknownHostException when attempting to interact with a service.",
     "host_unknown", "the node cannot resolve", VFY_S3_PUT, false},
    {MANAGER UPLOAD "sdk_client_exception: Unable to execute HTTP request: Connect to "
                    "127.0.0.1:46145 [/127.0.0.1] failed: Connection refused (SDK "
                    "Attempt Count: 4) <- http_host_connect_exception: Connect to "
                    "127.0.0.1:46145 failed <- connect_exception: Connection refused",
     "refused", "S3 refuses the node's connection", VFY_S3_PUT, false},
    {MASTER UPLOAD
     "sdk_client_exception: Unable to execute HTTP request: No route to host",
     "no_route", "the node has no route", VFY_S3_PUT, false},
    {MASTER UPLOAD "sdk_client_exception: Unable to execute HTTP request: Connect to "
                   "s3.x:443 [s3.x/10.0.0.1] failed: Connect timed out",
     "connect_timeout", "S3 does not answer the node (connecting", VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "sdk_client_exception: Unable to execute HTTP request: Connect to 127.0.0.1:46145 "
     "[/127.0.0.1] failed: Read timed out (SDK Attempt Count: 4)",
     "read_timeout", "S3 does not answer the node (reading", VFY_S3_PUT, false},
    {MANAGER UPLOAD "security_exception: Denied access to: 127.0.0.1:7480", "agent",
     "the node's own security policy", VFY_S3_PUT, false},
    {"repository_verification_exception: [s3-repo] [[abc, "
     "'NodeDisconnectedException[[node3][127.0.0.1:55391][internal:admin/repository/"
     "verify] disconnected]']]",
     "node_left", "the node left the cluster", -1, false},
    {"repository_verification_exception: [r] [[abc, "
     "'NodeNotConnectedException[[node2][127.0.0.1:1] Node not connected]']]",
     "node_left", "the node left the cluster", -1, false},
    {"repository_verification_exception: [r] [[abc, 'RemoteTransportException[[node2]]; "
     "nested: RepositoryMissingException[[r] missing];']]",
     "repository_missing", "the node does not know the repository", -1, false},
    {"repository_verification_exception: [r] [[abc, 'RemoteTransportException[[node2]]; "
     "nested: RepositoryVerificationException[[r] a file written by master to the store "
     "[/x] cannot be accessed on the node [{node2}]. This might indicate that the store "
     "[/x] is not shared']]",
     "not_shared", "the node does not see", VFY_S3_GET, false},
    {"snapshot_exception: [r:s/x] Snapshot could not be read <- no_such_file_exception: "
     "Blob object [p4/snap-x.dat] not found:  (Service: S3, Status Code: 404, Request "
     "ID: x)",
     "file_missing", "the repository lacks its own file p4/snap-x.dat", -1, false},
    {MASTER UPLOAD
     "s3_exception: User: arn:aws:iam::1:user/x is not authorized to perform: "
     "kms:GenerateDataKey on resource: y (Service: S3, Status Code: 403)",
     "kms", "the keys of client secondary may not use", VFY_S3_PUT, false},
    {MASTER UPLOAD "s3_exception: User: arn:aws:iam::1:user/x is not authorized to "
                   "perform: s3:PutObject on resource: y because no identity-based "
                   "policy allows it (Service: S3, Status Code: 403)",
     "right_named", "S3 denies the keys of client secondary s3:PutObject; allow",
     VFY_S3_PUT, false},
    {MANAGER UPLOAD S3_403, "denied",
     "S3 denies the keys of client secondary (at s3:PutObject); look", VFY_S3_PUT, true},
    {MASTER UPLOAD "s3_exception:  (Service: S3, Status Code: 403, Request ID: x) (SDK "
                   "Attempt Count: 1)",
     "denied", "S3 denies the keys of client secondary (at s3:PutObject)", VFY_S3_PUT,
     true},
    {MASTER UPLOAD "amazon_s3_exception: Access Denied (Service: Amazon S3; Status Code: "
                   "403; Error Code: AccessDenied; Request ID: x)",
     "denied", "S3 denies the keys of client secondary (at s3:PutObject)", VFY_S3_PUT,
     true},
    {DELETING "i_o_exception: Failed to list objects for deletion <- "
              "completion_exception: " S3_403,
     "denied", "S3 denies the keys of client secondary (at s3:ListBucket)", VFY_S3_LIST,
     true},
    {DELETING "i_o_exception: Exception when deleting blob container [t/tests-SEED/] <- "
              "s3_exception:  (Service: S3, Status Code: 403)",
     "denied", "S3 denies the keys of client secondary (at s3:ListBucket)", VFY_S3_LIST,
     true},
    {DELETING "runtime_exception: java.util.concurrent.CompletionException: "
              "software.amazon.awssdk.services.s3.model.S3Exception:  (Service: S3, "
              "Status Code: 403, Request ID: x) (SDK Attempt Count: 1)",
     "denied", "S3 denies the keys of client secondary (at s3:DeleteObject)",
     VFY_S3_DELETE, true},
    {DELETING "i_o_exception: Failed to delete blobs [ObjectIdentifier(Key=x)] <- "
              "s3_exception:  (Service: S3, Status Code: 403)",
     "denied", "S3 denies the keys of client secondary (at s3:DeleteObject)",
     VFY_S3_DELETE, true},
    {"repository_verification_exception: [r3] [[1dK, "
     "'RepositoryVerificationException[[r3] Failed to verify repository]; nested: "
     "S3Exception[ (Service: S3, Status Code: 403, Request ID: x) (SDK Attempt Count: "
     "1)];']]",
     "denied", "S3 denies the keys of client secondary (at s3:GetObject)", VFY_S3_GET,
     true},
    {MANAGER
     "i_o_exception: Exception when listing blobs by prefix [p1/index-] <- " S3_403,
     "denied", "S3 denies the keys of client secondary (at s3:ListBucket)", VFY_S3_LIST,
     true},
    {"repository_verification_exception: [r] [[NODEID, "
     "'org.elasticsearch.transport.RemoteTransportException: "
     "[node2][127.0.0.1:1][internal:admin/repository/verify]']] <- "
     "repository_verification_exception: [r] store location [snaps] is not accessible on "
     "the node [{node2}] <- " UPLOAD S3_403,
     "denied", "S3 denies the keys of client secondary (at s3:PutObject)", VFY_S3_PUT,
     true},
    {MANAGER UPLOAD "s3_exception:  (Service: S3, Status Code: 404, Request ID: x)",
     "not_found", "S3 does not find bucket snaps", VFY_S3_PUT, true},
    {MASTER UPLOAD "s3_exception:  (Service: S3, Status Code: 400, Request ID: x)",
     "bad_request", "S3 does not take the node's request (400); set disable", VFY_S3_PUT,
     true},
    {MASTER UPLOAD "s3_exception: Please reduce your request rate. (Service: S3, Status "
                   "Code: 503, Request ID: x)",
     "overloaded", "S3 is overloaded", VFY_S3_PUT, false},
    {MANAGER "illegal_state_exception: something never seen before", "",
     "the cluster says: repository_verification", -1, true},
};

/* Every row of the table, and each text of it by itself. */
static const struct {
    const char *group, *id, *texts;
} table[] = {
#define VFY_CAUSE(group, id, texts, ask, clause, todo) {#group, #id, texts},
#include "applier/diagnose.def"
#undef VFY_CAUSE
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void test_verify_texts(void)
{
    bool hit[sizeof(table) / sizeof(table[0])] = {false};
    size_t i, k;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vfy_diagnosis d;

        vfy_diagnose(&d, cases[i].chain, "secondary", "snaps");
        T_TEXT(d.id, cases[i].id);
        T_INT(d.known, cases[i].id[0] != '\0');
        T_TRUE(begins(d.clause, cases[i].begins));
        T_TRUE(strstr(d.clause, "%") == NULL);
        T_INT(d.ask_s3, cases[i].ask);
        T_INT(d.has_action ? (int)d.action : -1, cases[i].action);
        for (k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
            hit[k] = hit[k] || strcmp(table[k].id, d.id) == 0;
        }
    }
    for (k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
        if (strcmp(table[k].group, "VERIFY") == 0 && !hit[k]) {
            T_TEXT("no case for", table[k].id);
        }
    }
}

/* No text is hidden by an earlier row. */
static void test_no_row_is_hidden(void)
{
    size_t k;

    for (k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
        const char *at = table[k].texts;

        while (strcmp(table[k].group, "VERIFY") == 0 && *at != '\0') {
            const size_t len = strcspn(at, "|");
            char said[200];
            struct vfy_diagnosis d;

            snprintf(said, sizeof(said), "x: %.*s", (int)len, at);
            vfy_diagnose(&d, said, "c", "b");
            T_TEXT(d.id, table[k].id);
            at += len + (at[len] == '|' ? 1 : 0);
        }
    }
}

/* Bytes that a terminal would take for commands, and more than fits. */
static void test_unknown_is_escaped(void)
{
    struct bf_diag diag = {0};
    char text[3000];
    struct vfy_diagnosis d;

    vfy_diagnose(&d, "x: \x1b[2Jboo\n", "c", "b");
    T_ERR(bf_fail(&diag, BF_VERIFY_FAILED, "%s", d.clause), BF_VERIFY_FAILED, &diag);
    T_TEXT(diag.where, "the cluster says: x: \\x1b[2Jboo\\x0a");
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    vfy_diagnose(&d, text, "c", "b");
    T_TRUE(strlen(d.clause) < sizeof(d.clause) && !d.known);
}

static void test_reload_texts(void)
{
    static const struct {
        const char *type, *reason, *clause, *todo;
    } reload[] = {
        {"access_denied_exception", "/c/opensearch.keystore",
         "cannot read its keystore: no permission on /c/opensearch.keystore",
         "give it back"},
        {"security_exception", "Provided keystore password was incorrect",
         "has a keystore with a password, and reload was given none",
         "take the password away"},
        {"exception",
         "Secure settings cannot be updated cluster wide when TLS for the transport "
         "layer is not enabled. Enable TLS or use the API with a `_local` filter on each "
         "node.",
         "has a keystore password but no TLS between the nodes", "reload each"},
        {"illegal_state_exception", "Keystore is missing", "has no keystore file",
         "make it"},
        {"corrupt_index_exception", "checksum failed (hardware problem?)",
         "has a damaged keystore (checksum failed (hardware problem?))",
         "put a good copy"},
        {"illegal_argument_exception", "Missing secret key for s3 client [secondary]",
         "has an access key but no secret key for client secondary in its keystore",
         "write both"},
        {"illegal_argument_exception", "Missing access key for s3 client [secondary]",
         "has a secret key but no access key for client secondary in its keystore",
         "write both"},
        {"illegal_argument_exception",
         "unknown secure setting [s3.client.x.acces_key] please check",
         "does not know the secure setting s3.client.x.acces_key", "remove that name"},
        {"illegal_argument_exception",
         "Setting [path.logs] is a non-secure setting and must be stored inside "
         "elasticsearch.yml",
         "has a setting in its keystore that belongs into its configuration file",
         "remove it"},
        {"receive_timeout_transport_exception",
         "[node2] request_id [29] timed out after [30039ms]",
         "did not answer within the server's time", "look whether"},
        {"node_not_connected_exception", "[node3][127.0.0.1:55391] Node not connected",
         "is not connected to the cluster", "bring"},
        {"node_disconnected_exception", "[node3] disconnected",
         "left the cluster during the reload", "bring"},
        {"odd_exception", "what is this",
         "could not reload its keystore: odd_exception: what is this", ""},
    };
    char out[330];
    size_t i, rows = 0;

    for (i = 0; i < sizeof(reload) / sizeof(reload[0]); i++) {
        const char *todo = vfy_diagnose_reload(out, sizeof(out), reload[i].type,
                                               reload[i].reason, "secondary");

        T_TEXT(out, reload[i].clause);
        T_TRUE(begins(todo, reload[i].todo));
    }
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        rows += strcmp(table[i].group, "RELOAD") == 0 ? 1 : 0;
    }
    T_INT(sizeof(reload) / sizeof(reload[0]) - 1, rows); /* one more: not known */
}

static void test_nodes(void)
{
    static const char reason[] =
        "[r] [[13K-Tq, 'RemoteTransportException[[node2][..]]'], [-nfSj, 'x']]";

    T_TRUE(vfy_diagnose_names_node(reason, "13K-Tq"));
    T_TRUE(vfy_diagnose_names_node(reason, "-nfSj"));
    T_TRUE(!vfy_diagnose_names_node(reason, "3K-Tq"));
    T_TRUE(!vfy_diagnose_names_node(reason, ""));
    T_TRUE(vfy_diagnose_is_manager(
        "[r] path [p] is not accessible on cluster-manager node"));
    T_TRUE(vfy_diagnose_is_manager("[r] path  is not accessible on master node"));
    T_TRUE(!vfy_diagnose_is_manager(reason));
}

/* What S3 itself answers, in one clause. */
static const struct {
    struct vfy_s3_result r;
    enum vfy_s3_action action;
    const char *id, *begins;
} answers[] = {
    {{.failure = "h: refused"},
     VFY_S3_LIST,
     "s3_not_reached",
     "S3 cannot be reached for s3:ListBucket: h: refused; mend the way from here to "
     "S3"},
    {{.reached = true, .status = 403, .code = "InvalidAccessKeyId"},
     VFY_S3_LIST,
     "s3_key_unknown",
     "S3 does not take the bundle's keys: the access key id is not known there "
     "(InvalidAccessKeyId at s3:ListBucket); look"},
    {{.reached = true, .status = 403, .code = "SignatureDoesNotMatch"},
     VFY_S3_LIST,
     "s3_secret_wrong",
     "S3 does not take the bundle's keys: the secret key does not belong to the "
     "access key id (SignatureDoesNotMatch at s3:ListBucket); seal"},
    {{.reached = true, .status = 400, .code = "ExpiredToken"},
     VFY_S3_PUT,
     "s3_key_expired",
     "S3 does not take the bundle's keys: they are temporary"},
    {{.reached = true, .status = 403, .code = "RequestTimeTooSkewed"},
     VFY_S3_PUT,
     "s3_clock",
     "the clock of this machine"},
    {{.reached = true, .status = 404, .code = "NoSuchBucket"},
     VFY_S3_PUT,
     "s3_bucket_missing",
     "bucket snaps does not exist (NoSuchBucket at s3:PutObject); create"},
    {{.reached = true, .status = 404},
     VFY_S3_LIST,
     "s3_bucket_missing",
     "bucket snaps does not exist (status 404 at s3:ListBucket); create"},
    {{.reached = true, .status = 301, .code = "PermanentRedirect", .region = "eu-west-1"},
     VFY_S3_LIST,
     "s3_region",
     "bucket snaps is in region eu-west-1 and not in us-east-1 (PermanentRedirect); "
     "set region eu-west-1"},
    {{.reached = true, .status = 403, .code = "AccessDenied", .region = "eu-west-1"},
     VFY_S3_LIST,
     "s3_region",
     "bucket snaps is in region eu-west-1 and not in us-east-1 (AccessDenied)"},
    {{.reached = true, .status = 403, .code = "AccessDenied", .region = "us-east-1"},
     VFY_S3_PUT,
     "s3_denied",
     "S3 denies the bundle's keys s3:PutObject on snaps/p/* (AccessDenied); allow"},
    {{.reached = true, .status = 403},
     VFY_S3_LIST,
     "s3_denied",
     "S3 denies the bundle's keys s3:ListBucket on snaps (status 403); allow"},
    {{.reached = true, .status = 302},
     VFY_S3_LIST,
     "s3_redirect",
     "S3 sends s3:ListBucket elsewhere (status 302): region or endpoint is wrong"},
    {{.reached = true, .status = 500, .code = "InternalError", .message = "oh"},
     VFY_S3_GET,
     "s3_other",
     "S3 answers s3:GetObject with status 500 InternalError: oh; look"},
    {{.reached = true, .status = 404, .code = "NoSuchBucketPolicy"},
     VFY_S3_GET,
     "s3_other",
     "S3 answers s3:GetObject with status 404 NoSuchBucketPolicy;"},
};

static void test_s3_causes(void)
{
    struct vfy_s3 s3 = {.bucket = "snaps", .base = "p/", .aws.region = "us-east-1"};
    bool hit[sizeof(table) / sizeof(table[0])] = {false};
    char out[400];
    size_t i, k;

    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const char *id =
            vfy_diagnose_s3(out, sizeof(out), &s3, answers[i].action, &answers[i].r);

        T_TEXT(id, answers[i].id);
        T_TRUE(begins(out, answers[i].begins));
        for (k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
            hit[k] = hit[k] || strcmp(table[k].id, id) == 0;
        }
    }
    for (k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
        T_TRUE(hit[k] || strcmp(table[k].group, "S3") != 0);
    }
}

T_CASES("diagnose", {"verify texts", test_verify_texts},
        {"no row is hidden", test_no_row_is_hidden},
        {"unknown is escaped", test_unknown_is_escaped},
        {"reload texts", test_reload_texts}, {"nodes", test_nodes},
        {"S3 causes", test_s3_causes});
