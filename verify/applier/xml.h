/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little of XML that S3 and IAM answers need: the text of the first element of a
 * name, without attributes counting. Not a parser on purpose: RGW answers with broken XML
 * where a policy is missing.
 */
#ifndef VFY_XML_H
#define VFY_XML_H

#include "bf/bytes.h"

/* The text between <name ...> and </name>, entities resolved, appended to out. False when
 * there is none. */
BF_MUST bool vfy_xml_text(struct bf_buf *out, struct bf_bytes xml, const char *name);
/* The same cut to size, printable (bf_escape), "" when there is none. */
void vfy_xml_short(char *out, size_t size, struct bf_bytes xml, const char *name);
/* Appends text with %XX resolved; false on a bad escape. */
BF_MUST bool vfy_percent_decode(struct bf_buf *out, struct bf_bytes text);

#endif
