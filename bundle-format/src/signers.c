/* SPDX-License-Identifier: Apache-2.0 */
/*
 * allowed_signers as it follows from the trust file [BF-611], so that stock `ssh-keygen
 * -Y verify -O verify-time=` gives the same answer on key, role and time.
 */
#include <string.h>

#include "trust_in.h"

/* valid-after="20261123153400Z" from 2026-11-23T15:34:00Z; an empty time leaves the
 * option out. */
static void put_time(struct bf_buf *out, const char *option, const char *time)
{
    if (time[0] != '\0') {
        bf_put_fmt(out, ",%s=\"%.4s%.2s%.2s%.2s%.2s%.2sZ\"", option, time, time + 5,
                   time + 8, time + 11, time + 14, time + 17);
    }
}

static void put_person(struct bf_buf *out, const struct bf_person *p, const char *domain)
{
    size_t i, j;

    for (i = 0; i < p->keys.num; i++) {
        const struct bf_trust_key *k =
            BF_LIST_ITEM(&p->keys, const struct bf_trust_key, i);
        const char *comma = "";

        bf_put_fmt(out, "%s namespaces=\"", p->id);
        for (j = 0; j < p->roles.num; j++) {
            char space[160];
            const char *role = bf_list_text(&p->roles, j);

            if (strcmp(role, "audit") == 0) {
                continue;
            }
            bf_namespace(space, sizeof(space), role, domain);
            bf_put_fmt(out, "%s%s", comma, space);
            comma = ",";
        }
        bf_put_text(out, "\"");
        put_time(out, "valid-after", k->not_before);
        put_time(out, "valid-before", k->not_after);
        bf_put_fmt(out, " %s\n", k->key);
    }
}

static void put_appliance(struct bf_buf *out, const struct bf_appliance *a,
                          const char *domain)
{
    char space[160];

    bf_namespace(space, sizeof(space), "receipt", domain);
    bf_put_fmt(out, "%s namespaces=\"%s\" %s\n", a->id, space, a->receipt_key);
}

/* People and appliances are two ascending lists in one name space: merged here. */
void bf_trust_allowed_signers(struct bf_buf *out, const struct bf_trust_body *b)
{
    size_t p = 0, a = 0;

    while (p < b->people.num || a < b->appliances.num) {
        const struct bf_person *person = NULL;
        const struct bf_appliance *appliance = NULL;

        if (p < b->people.num) {
            person = BF_LIST_ITEM(&b->people, const struct bf_person, p);
        }
        if (a < b->appliances.num) {
            appliance = BF_LIST_ITEM(&b->appliances, const struct bf_appliance, a);
        }
        if (appliance == NULL ||
            (person != NULL && strcmp(person->id, appliance->id) < 0)) {
            put_person(out, person, b->domain);
            p++;
        } else {
            put_appliance(out, appliance, b->domain);
            a++;
        }
    }
}
