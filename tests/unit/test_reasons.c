/* SPDX-License-Identifier: Apache-2.0 */
/* The reasons of annex C, which are data on both sides. */
#include <stdio.h>
#include <string.h>

#include "bundle_in.h"
#include "harness.h"

/* Each row of annex C is in the program's table, and nothing else is. */
static void reasons(void)
{
    struct bf_buf annex = {0};
    const char *line, *end;
    size_t actions = 0, settings = 0;
    bool in_settings = false;

    if (!t_read_file(&annex, "bundle-format/spec.d/C-reasons.md")) {
        return;
    }
    for (line = bf_buf_text(&annex); (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char name[80], text[200];
        const char *reason;

        in_settings = in_settings || strncmp(line, "### C.2", 7) == 0;
        if (sscanf(line, "| `%79[^`]` | %199[^|\n]", name, text) != 2) {
            continue;
        }
        text[strlen(text) - 1] = '\0'; /* the blank before the bar */
        reason = in_settings ? bf_setting_reason(name) : bf_action_reason(name);
        T_TEXT(reason, text);
        actions += !in_settings;
        settings += in_settings;
    }
    T_INT(actions, bf_num_actions);
    T_INT(settings, bf_num_settings);
    bf_buf_clear(&annex);
}

T_CASES("reasons", {"reasons", reasons});
