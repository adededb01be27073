/* SPDX-License-Identifier: Apache-2.0 */
/* Where S3 is asked. */
#include <string.h>

#include "applier/s3.h"
#include "harness.h"

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

T_CASES("s3", {"S3 places", test_s3_places});
