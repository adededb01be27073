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

static const struct {
    const char *chain;
    const char *clause; /* NULL: raw */
    int action;         /* -1 none */
    bool ask;
} cases[] = {
    {MANAGER "illegal_argument_exception: Unknown s3 client name [x]. Existing client "
             "configs: default,secondary",
     "the node has no keys for S3 client secondary: its keystore was not written or not "
     "reloaded",
     -1, false},
    {MANAGER UPLOAD S3_403, "S3 denies the keys of client secondary (at s3:PutObject)",
     VFY_S3_PUT, true},
    {"repository_verification_exception: [r] cannot delete test data at [p4] <- "
     "i_o_exception: Failed to list objects "
     "for deletion <- completion_exception: " S3_403,
     "S3 denies the keys of client secondary (at s3:ListBucket)", VFY_S3_LIST, true},
    {"repository_verification_exception: [r] cannot delete test data at [p4] <- "
     "runtime_exception: java.util."
     "concurrent.CompletionException: "
     "software.amazon.awssdk.services.s3.model.S3Exception:  (Service: S3, Status "
     "Code: 403, Request ID: x) (SDK Attempt Count: 1)",
     "S3 denies the keys of client secondary (at s3:DeleteObject)", VFY_S3_DELETE, true},
    {"repository_verification_exception: [r] cannot delete test data at [p] <- "
     "i_o_exception: Delete operation timed "
     "out after 30 seconds <- timeout_exception: Timeout waiting for task.",
     "deleting at S3 timed out: with a private CA the node's asynchronous S3 client "
     "needs it in the system's store, "
     "or s3_async_client_type: netty",
     VFY_S3_DELETE, false},
    {MANAGER UPLOAD
     "amazon_s3_exception: The AWS Access Key Id you provided does not exist in our "
     "records. (Service: "
     "Amazon S3; Status Code: 403; Error Code: InvalidAccessKeyId; Request ID: x)",
     "S3 does not know the access key id of client secondary", VFY_S3_PUT, false},
    {MANAGER UPLOAD "s3_exception: The request signature we calculated does not match "
                    "the signature you provided. "
                    "(Service: S3, Status Code: 403)",
     "the secret key of client secondary does not belong to its access key id",
     VFY_S3_PUT, false},
    {MANAGER UPLOAD "no_such_bucket_exception: The specified bucket does not exist "
                    "(Service: S3, Status Code: 404)",
     "bucket snaps does not exist", VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "no_such_bucket_exception: null (Service: S3, Status Code: 404, Request ID: x)",
     "bucket snaps does not exist", VFY_S3_PUT, false},
    {MANAGER UPLOAD "s3_exception: The authorization header is malformed; the region "
                    "'us-east-1' is wrong; expecting "
                    "'eu-west-1' (Service: S3, Status Code: 400)",
     "the bucket is in region eu-west-1, another one is set", VFY_S3_PUT, false},
    {MANAGER UPLOAD "sdk_client_exception: sdk_client_exception: IMDS credentials have "
                    "been disabled by environment "
                    "variable or system property.",
     "client secondary has no keys there, so the node asked the cloud's metadata service",
     VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "sdk_client_exception: sdk_client_exception: Failed to load credentials from IMDS.",
     "client secondary has no keys there, so the node asked the cloud's metadata service",
     VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "sdk_client_exception: Unable to load region from any of the providers in the chain",
     "no region is set for client secondary", VFY_S3_PUT, false},
    {MANAGER UPLOAD "sdk_client_exception: Unable to execute HTTP request: Connect to "
                    "127.0.0.1:46145 [/127.0.0.1] "
                    "failed: Connection refused (SDK Attempt Count: 4)",
     "S3 refuses the node's connection", VFY_S3_PUT, false},
    {MANAGER UPLOAD "sdk_client_exception: Unable to execute HTTP request: Connect to "
                    "127.0.0.1:46145 failed: Read "
                    "timed out (SDK Attempt Count: 4)",
     "S3 does not answer the node (reading timed out)", VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "sdk_client_exception: Unable to execute HTTP request: PKIX path building failed: "
     "sun.security.provider.certpath.SunCertPathBuilderException",
     "the node does not trust the certificate of S3", VFY_S3_PUT, false},
    {MANAGER UPLOAD "sdk_client_exception: UnknownHostException: s3.nowhere",
     "the node cannot resolve the host name of S3", VFY_S3_PUT, false},
    {MANAGER UPLOAD
     "s3_exception: User: arn:aws:iam::1:user/x is not authorized to perform: "
     "s3:PutObject on resource: "
     "y because no identity-based policy allows it (Service: S3, Status Code: 403)",
     "S3 denies the keys of client secondary s3:PutObject", VFY_S3_PUT, false},
    {"repository_exception: [r] concurrent modification of the index-N file, expected "
     "current generation [0] but it "
     "was not found in the repository. The last cluster to write to this repository was "
     "[QWERTY] at generation [1].",
     "another cluster writes to the same base path", -1, false},
    {"repository_verification_exception: [r] [[abc, "
     "'NodeNotConnectedException[[node2][127.0.0.1:1] Node not "
     "connected]']]",
     "the node left the cluster while it verified", -1, false},
    {MANAGER UPLOAD "amazon_s3_exception: Access Denied (Service: Amazon S3; Status "
                    "Code: 403; Error Code: "
                    "AccessDenied; Request ID: x)",
     "S3 denies the keys of client secondary (at s3:PutObject)", VFY_S3_PUT, true},
    {MANAGER "illegal_state_exception: something never seen before", NULL, -1, true},
};

static void test_verify_texts(void)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vfy_diagnosis d;

        vfy_diagnose(&d, cases[i].chain, "secondary", "snaps");
        T_INT(d.known, cases[i].clause != NULL);
        if (cases[i].clause != NULL) {
            T_TEXT(d.clause, cases[i].clause);
        } else {
            T_TRUE(strncmp(d.clause, "the cluster says: repository_verification", 40) ==
                   0);
        }
        T_INT(d.ask_s3, cases[i].ask);
        T_INT(d.has_action ? (int)d.action : -1, cases[i].action);
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
        const char *type, *reason, *clause;
    } reload[] = {
        {"access_denied_exception", "/c/opensearch.keystore",
         "cannot read its keystore: no permission on /c/opensearch.keystore"},
        {"security_exception", "Provided keystore password was incorrect",
         "has a keystore with a password, and reload was given none"},
        {"illegal_state_exception", "Keystore is missing", "has no keystore file"},
        {"corrupt_index_exception", "checksum failed (hardware problem?)",
         "has a damaged keystore (checksum failed (hardware problem?))"},
        {"illegal_argument_exception", "Missing secret key for s3 client [secondary]",
         "has an access key but no secret key for client secondary in its keystore"},
        {"illegal_argument_exception",
         "unknown secure setting [s3.client.x.acces_key] please check",
         "does not know the secure setting s3.client.x.acces_key"},
        {"receive_timeout_transport_exception", "[node2] request_id [29] timed out",
         "did not answer within the server's time"},
        {"odd_exception", "what is this",
         "could not reload its keystore: odd_exception: what is this"},
    };
    char out[330];
    size_t i;

    for (i = 0; i < sizeof(reload) / sizeof(reload[0]); i++) {
        vfy_diagnose_reload(out, sizeof(out), reload[i].type, reload[i].reason,
                            "secondary");
        T_TEXT(out, reload[i].clause);
    }
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
static void test_s3_causes(void)
{
    static const struct {
        struct vfy_s3_result r;
        enum vfy_s3_action action;
        const char *cause;
    } answers[] = {
        {{.failure = "h: refused"},
         VFY_S3_LIST,
         "S3 cannot be reached for s3:ListBucket: h: refused"},
        {{.reached = true, .status = 403, .code = "SignatureDoesNotMatch"},
         VFY_S3_LIST,
         "S3 does not take the bundle's keys: the secret key does not belong to the "
         "access key id "
         "(SignatureDoesNotMatch at s3:ListBucket)"},
        {{.reached = true, .status = 404, .code = "NoSuchBucket"},
         VFY_S3_PUT,
         "bucket snaps does not exist (NoSuchBucket at s3:PutObject)"},
        {{.reached = true,
          .status = 301,
          .code = "PermanentRedirect",
          .region = "eu-west-1"},
         VFY_S3_LIST,
         "bucket snaps is in region eu-west-1 and not in us-east-1 (PermanentRedirect)"},
        {{.reached = true, .status = 403, .code = "AccessDenied"},
         VFY_S3_PUT,
         "S3 denies the bundle's keys s3:PutObject on snaps/p/* (AccessDenied)"},
        {{.reached = true, .status = 403, .code = "AccessDenied"},
         VFY_S3_LIST,
         "S3 denies the bundle's keys s3:ListBucket on snaps (AccessDenied)"},
        {{.reached = true, .status = 302},
         VFY_S3_LIST,
         "S3 sends s3:ListBucket elsewhere (status 302): region or endpoint is wrong"},
        {{.reached = true, .status = 500, .code = "InternalError", .message = "oh"},
         VFY_S3_GET,
         "S3 answers s3:GetObject with status 500 InternalError: oh"},
    };
    struct vfy_s3 s3 = {.bucket = "snaps", .base = "p/", .aws.region = "us-east-1"};
    char out[360];
    size_t i;

    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        vfy_s3_cause(out, sizeof(out), &s3, answers[i].action, &answers[i].r);
        T_TEXT(out, answers[i].cause);
    }
}

/* Where a bucket is asked: path style, names with dots, addresses of digits, AWS's
 * partitions. */
static void test_s3_places(void)
{
    static const struct {
        const char *endpoint, *region, *bucket;
        bool path_style;
        const char *want_endpoint;
        bool want_path_style;
        const char *want_host;
    } places[] = {
        {"", "", "snaps", false, "https://s3.us-east-1.amazonaws.com", false,
         "snaps.s3.us-east-1.amazonaws.com"},
        {"", "cn-north-1", "snaps", false, "https://s3.cn-north-1.amazonaws.com.cn",
         false, "snaps.s3.cn-north-1.amazonaws.com.cn"},
        {"", "eu-west-1", "my.snaps", false, "https://s3.eu-west-1.amazonaws.com", true,
         "s3.eu-west-1.amazonaws.com"},
        {"https://10.0.0.1:9000", "", "snaps", false, "https://10.0.0.1:9000", true,
         "10.0.0.1:9000"},
        {"https://minio.example:9000", "", "snaps", true, "https://minio.example:9000",
         true, "minio.example:9000"},
        {"https://minio.example:443/", "", "snaps", false, "https://minio.example:443/",
         false, "snaps.minio.example"},
    };
    const struct vfy_aws_key key = {0};
    size_t i;

    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const struct vfy_s3_place place = {.endpoint = places[i].endpoint,
                                           .ca_file = "",
                                           .region = places[i].region,
                                           .bucket = places[i].bucket,
                                           .base_path = "a/b//",
                                           .run_id = "00",
                                           .path_style = places[i].path_style};
        struct bf_diag diag = {0};
        struct vfy_s3 s3;

        T_OK(vfy_s3_open(&s3, &place, key, &diag), &diag);
        T_TEXT(s3.endpoint, places[i].want_endpoint);
        T_INT(s3.path_style, places[i].want_path_style);
        T_TEXT(vfy_http_host(s3.http), places[i].want_host);
        T_TEXT(s3.key, "a/b/snapseal-probe-00");
        vfy_s3_close(&s3);
    }
}

T_CASES("diagnose", {"verify texts", test_verify_texts},
        {"unknown is escaped", test_unknown_is_escaped},
        {"reload texts", test_reload_texts}, {"nodes", test_nodes},
        {"S3 causes", test_s3_causes}, {"S3 places", test_s3_places});
