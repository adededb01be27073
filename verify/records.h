/* SPDX-License-Identifier: Apache-2.0 */
/* What the appliance keeps in its state directory, as closed schemas in the signed JSON
 * profile. Not part of the format. */
#ifndef VFY_RECORDS_H
#define VFY_RECORDS_H

#include "bf/json.h"

/* keys/appliance.json: the public parts, as the trust file's "appliances" wants them. */
struct vfy_appliance {
    const char *id, *receipt_key, *secrets, *transport;
};
extern const struct bf_schema vfy_appliance_schema;

/* One line of the ledger: what is asked of a receipt without opening it. */
struct vfy_entry {
    const char *finished;
    const char *grade; /* JSON "class" */
    int64_t index;
    const char *leaf; /* 64 hex: leaf hash of the receipt */
    const char *manifest_sha256;
    const char *outcome, *receipt_id, *refusal;
    int64_t serial;
    const char *target;
    int64_t trust; /* version */
};
extern const struct bf_schema vfy_entry_schema;

/* A secret name as the last applied bundle set it; the value is not kept. */
struct vfy_name {
    const char *bundle_id, *commitment, *name, *opening;
};

/* targets/ID.json */
struct vfy_record_of_target {
    struct {
        const char *manifest_sha256; /* "": none */
        int64_t serial;
    } applied; /* the last one */
    struct bf_list
        debts; /* manifest hashes of emergency bundles that wait for approvals */
    struct {
        const char *manifest_sha256; /* "": none */
        const char *outcome;         /* applied, undone, uncertain, "" */
        int64_t serial;              /* the highest that an intent has used up */
    } intent;                        /* the last one that is closed */
    struct bf_list names;            /* struct vfy_name, ascending */
    const char *type;
    const char *uncertain; /* manifest hash of the run that was closed as uncertain and is
                              not superseded yet, or "" */
};
extern const struct bf_schema vfy_target_schema;
#define VFY_TARGET_TYPE "snapseal/verify-target/1"

/* First record of a journal. */
struct vfy_intent {
    struct bf_list approvals; /* texts, for status: who has approved */
    const char *bundle_id, *config_sha256, *file /* name that the operator gave */,
        *manifest_sha256, *operator_name, *run_id;
    int64_t serial;
    const char *started;
    bool synchronised;
    const char *target;
    int64_t trust; /* version under which it was checked */
    const char *type;
};
extern const struct bf_schema vfy_intent_schema;
#define VFY_INTENT_TYPE "snapseal/verify-intent/1"

#endif
