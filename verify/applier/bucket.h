/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bucket and the settings that a plan can ask of it, read and written with the
 * appliance's own key. Servers that do not know a setting answer the call of another one:
 * Ceph RGW lists the objects when it is asked for ownership. So an answer counts only
 * when it is of the kind that was asked for.
 */
#ifndef VFY_BUCKET_H
#define VFY_BUCKET_H

#include "s3.h"

enum vfy_setting {
    VFY_SET_PUBLIC_BLOCK,
    VFY_SET_OWNERSHIP,
    VFY_SET_VERSIONING,
    VFY_NUM_SETTINGS
};
/* UNKNOWN: the plan does not ask, nothing was read. */
enum vfy_setting_state { VFY_SET_UNKNOWN, VFY_SET_ON, VFY_SET_OFF, VFY_SET_LACKING };

/* What was read. */
struct vfy_bucket {
    bool there;
    char region[65]; /* "" when the server names none that says anything */
    enum vfy_setting_state settings[VFY_NUM_SETTINGS];
};

/* "public access block", ...; static. */
const char *vfy_setting_name(enum vfy_setting setting);
bool vfy_setting_wanted(const struct bf_plan *plan, enum vfy_setting setting);

/* Reads region and the settings that the plan asks for. NET_*; NET_AUTH and NET_DENIED
 * name the right. */
BF_MUST enum bf_err vfy_bucket_look(struct vfy_bucket *out, const struct vfy_s3 *s3,
                                    const struct bf_plan *plan, struct bf_diag *diag);
/*
 * Makes it in region ("": the server's own). *unknown when it failed and may have worked
 * nevertheless. A bucket that is ours already is fine; BUCKET_DIFFERS when it is somebody
 * else's.
 */
BF_MUST enum bf_err vfy_bucket_create(const struct vfy_s3 *s3, const char *region,
                                      bool *unknown, struct bf_diag *diag);
/* Turns one setting on. BUCKET_UNSUPPORTED. */
BF_MUST enum bf_err vfy_bucket_set(const struct vfy_s3 *s3, enum vfy_setting setting,
                                   bool *unknown, struct bf_diag *diag);
/* Removes it; one that is gone is fine. *empty false: it holds something and stays. */
BF_MUST enum bf_err vfy_bucket_remove(const struct vfy_s3 *s3, bool *empty, bool *unknown,
                                      struct bf_diag *diag);

#endif
