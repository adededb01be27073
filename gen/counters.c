/* SPDX-License-Identifier: Apache-2.0 */
/* What the imported receipts say of the security keys that signed a bundle. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bf/file.h"
#include "session.h"

static void look(struct bf_bundle *b, struct bf_container *c, const char *path)
{
    struct bf_buf raw = {0};

    /* what cannot be read says nothing: receipt import is what minds */
    if (bf_file_read(&raw, path, BF_MAX_CONTAINER, NULL) == BF_OK &&
        bf_gate(c, bf_buf_bytes(&raw), NULL) == BF_OK) {
        bf_counters_seen(b, c->entries[0].data);
    }
    bf_buf_clear(&raw);
}

void gen_warn_counters(struct gen_session *s)
{
    bool any = bf_counters_any(&s->bundle);
    struct bf_container *c = any ? calloc(1, sizeof(*c)) : NULL;
    char path[GEN_MAX_PATH + 300], line[500];
    struct dirent *e;
    DIR *dir;
    size_t i;

    snprintf(path, sizeof(path), "%s/receipts", s->state.dir);
    dir = c != NULL ? opendir(path) : NULL;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (e->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/receipts/%.255s", s->state.dir, e->d_name);
            look(&s->bundle, c, path);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    free(c);
    for (i = 0; i < s->bundle.num_sigs; i++) {
        if (bf_counter_fell(line, sizeof(line), &s->bundle.sigs[i])) {
            bf_cli_warn(s->args, line);
        }
    }
}
