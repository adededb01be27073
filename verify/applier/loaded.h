/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node says of the keystore that it has loaded. Elasticsearch from 9.3 answers a
 * reload with secure_setting_names and keystore_digest (the SHA-256 of the file) for each
 * node; older ones and OpenSearch tell neither, and then a clean reload proves nothing
 * more than that no error was met.
 */
#ifndef VFY_LOADED_H
#define VFY_LOADED_H

#include "run.h"

/*
 * entry: the node's part of the reload answer. out: "" well or not told, else a clause
 * that begins with the node's name. Returns whether it was told.
 */
bool vfy_loaded_check(char *out, size_t size, struct vfy_run *run, struct vfy_at entry,
                      const struct vfy_node *node);
/* The facts that the receipt has of it: told by how many of the nodes. */
void vfy_loaded_tell(struct vfy_run *run, size_t told);

#endif
