/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where people are counted (SPEC section 8.12). It walks over people, not
 * over signatures or keys: a person counts once whatever they have signed with, and takes
 * one seat whatever groups they are in. The author takes none, neither by person nor by
 * key.
 */
#include <string.h>

#include "bf/bundle.h"
#include "trust_in.h"

/* By key as well as by person, because settle judges an old author under a trust in which
 * keys may have changed hands. */
static bool is_author(const struct bf_verdict *v, const struct bf_verdict *author)
{
    if (strcmp(v->person, author->person) == 0) {
        return true;
    }
    if (v->fingerprint[0] != '\0' && strcmp(v->fingerprint, author->fingerprint) == 0) {
        return true;
    }
    return author->key.blob_len > 0 && bf_sshkey_equal(&v->key, &author->key);
}

/* [BF-840] */
static bool has_approved(const char *person, const struct bf_verdict *author,
                         const struct bf_verdict *sigs, size_t num_sigs)
{
    size_t i;

    for (i = 0; i < num_sigs; i++) {
        const struct bf_verdict *v = &sigs[i];

        if (v->reason == BF_OK && strcmp(v->role, "approve") == 0 &&
            strcmp(v->person, person) == 0 && !is_author(v, author)) {
            return true;
        }
    }
    return false;
}

/* The first group of the rule that the person is in; num when in none. */
static size_t seat_of(const struct bf_trust *trust, const struct bf_list *rule,
                      const char *person)
{
    size_t i;

    for (i = 0; i < rule->num; i++) {
        const struct bf_requirement *r =
            BF_LIST_ITEM(rule, const struct bf_requirement, i);
        const struct bf_group *g = bf_trust_group(&trust->body, r->from);

        if (g != NULL && bf_list_has(&g->people, person)) {
            break;
        }
    }
    return i;
}

void bf_people_count(struct bf_count *out, const struct bf_trust *trust,
                     const struct bf_list *rule, const struct bf_verdict *author,
                     const struct bf_verdict *sigs, size_t num_sigs)
{
    const struct bf_list *people = &trust->body.people;
    size_t i;

    memset(out, 0, sizeof(*out));
    if (rule->num > BF_MAX_REQUIREMENTS || author == NULL) {
        return; /* the schema refuses the one, check 5 the other: nothing is met */
    }
    out->num = rule->num;
    for (i = 0; i < rule->num; i++) {
        const struct bf_requirement *r =
            BF_LIST_ITEM(rule, const struct bf_requirement, i);

        out->of[i].group = r->from;
        out->of[i].need = r->need;
    }
    for (i = 0; i < people->num; i++) {
        const char *person = BF_LIST_ITEM(people, const struct bf_person, i)->id;
        size_t seat = has_approved(person, author, sigs, num_sigs)
                          ? seat_of(trust, rule, person)
                          : rule->num;

        if (seat == rule->num) {
            continue;
        }
        if (out->of[seat].have < BF_MAX_SEAL_TO) {
            out->of[seat].people[out->of[seat].have] = person;
        }
        out->of[seat].have++;
    }
    out->met = out->num > 0;
    for (i = 0; i < out->num; i++) {
        out->met = out->met && out->of[i].need >= 1 && out->of[i].have >= out->of[i].need;
    }
}

/* [BF-614] */
size_t bf_root_count(const struct bf_trust_body *body, const struct bf_verdict *sigs,
                     size_t num_sigs)
{
    size_t have = 0, i, j;

    for (i = 0; i < body->root.people.num; i++) {
        const char *person = bf_list_text(&body->root.people, i);
        bool signed_it = false;

        for (j = 0; j < num_sigs; j++) {
            signed_it = signed_it ||
                        (sigs[j].reason == BF_OK && strcmp(sigs[j].role, "root") == 0 &&
                         strcmp(sigs[j].person, person) == 0);
        }
        have += signed_it ? 1 : 0;
    }
    return have;
}
