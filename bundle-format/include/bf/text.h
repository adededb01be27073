/* SPDX-License-Identifier: Apache-2.0 */
/* The grammars of SPEC section 7 as predicates on NUL-terminated text, and times. */
#ifndef BF_TEXT_H
#define BF_TEXT_H

#include "bf/json.h"

bool bf_is_id(const char *t);     /* [a-z0-9][a-z0-9_-]{0,31} */
bool bf_is_domain(const char *t); /* [a-z0-9.-]{1,64} */
bool bf_is_text(
    const char *t); /* TEXT: 1..500 printable ASCII, no leading, trailing, double blank */
bool bf_is_text_or_empty(const char *t);
bool bf_is_time(const char *t); /* a real date, exactly 2026-11-23T15:34:00Z */
bool bf_is_time_or_empty(const char *t);
bool bf_is_hex32(const char *t); /* 32 lower hex digits */
bool bf_is_hex64(const char *t);
bool bf_is_hex64_or_empty(const char *t);
bool bf_is_bucket(const char *t); /* S3 bucket naming rules */
bool bf_is_name(const char *t);   /* [A-Za-z0-9_+=,.@-]{1,64}: IAM user and policy */
bool bf_is_name_or_empty(const char *t);
bool bf_is_keyid(const char *t); /* [A-Za-z0-9]{16,128} */
bool bf_is_keyid_or_empty(const char *t);
bool bf_is_url(const char *t); /* https://... */
bool bf_is_url_or_empty(const char *t);
bool bf_is_uuid(const char *t); /* cluster_uuid [A-Za-z0-9_-]{1,64} */
bool bf_is_secret_name(
    const char *t); /* s3.client.[a-z0-9_-]{1,64}.(access_key|secret_key) */
bool bf_is_secret_value(const char *t, size_t len); /* 1..1024 bytes of 0x21-0x7e */
bool bf_is_repository(const char *t);               /* [a-z0-9][a-z0-9._-]{0,127} */
bool bf_is_region_or_empty(const char *t);          /* [a-z0-9-]{1,64} or "" */
bool bf_is_arn_or_empty(
    const char *t); /* arn:PARTITION:iam::ACCOUNT:user/PATH, printable, <= 300 */
bool bf_is_member_name(
    const char *t); /* container member: seg(/seg)*, seg [a-z0-9][a-z0-9._-]*, <= 99 */

/* IAM's match of actions and resources: "*" any run of bytes, "?" any one byte. fold:
 * letters of either case are the same. */
bool bf_wildcard(const char *pattern, const char *text, bool fold);

/* Seconds since 1970 of a good time text; text (21 bytes with NUL) of seconds. */
int64_t bf_time_parse(const char *t);
void bf_time_format(char out[21], int64_t seconds);

#endif
