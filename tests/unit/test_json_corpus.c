/* SPDX-License-Identifier: Apache-2.0 */
/* JSONTestSuite: what others test their parsers of JSON with. Skipped with a notice where
 * it is not there. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bf/json.h"
#include "harness.h"
#include "tool.h"

#define JSON_DIR TEST_SHARED "/vectors/json-test-suite/"

/* ---- JSONTestSuite ---- */

/*
 * All that any profile takes; everything else is refused by all three. S: signed, R:
 * review, X: relaxed. No must-fail case stands here.
 */
static const struct {
    const char *name, *profiles;
} taken[] = {
    {"number_1000000000000000.json", "X"},
    {"y_array_arraysWithSpaces.json", "X"},
    {"y_array_empty-string.json", "SRX"},
    {"y_array_empty.json", "SRX"},
    {"y_array_ending_with_newline.json", "SRX"},
    {"y_array_false.json", "SRX"},
    {"y_array_with_1_and_newline.json", "X"},
    {"y_array_with_leading_space.json", "X"},
    {"y_array_with_trailing_space.json", "X"},
    {"y_number_after_space.json", "X"},
    {"y_number_negative_int.json", "SRX"},
    {"y_number_negative_one.json", "SRX"},
    {"y_number_simple_int.json", "SRX"},
    {"y_object.json", "X"},
    {"y_object_basic.json", "SRX"},
    {"y_object_empty.json", "SRX"},
    {"y_object_long_strings.json", "X"},
    {"y_object_simple.json", "SRX"},
    {"y_object_with_newlines.json", "X"},
    {"y_string_backslash_and_u_escaped_zero.json", "SRX"},
    {"y_string_backslash_doublequotes.json", "SRX"},
    {"y_string_comments.json", "SRX"},
    {"y_string_double_escape_a.json", "SRX"},
    {"y_string_double_escape_n.json", "SRX"},
    {"y_string_in_array.json", "SRX"},
    {"y_string_in_array_with_leading_space.json", "X"},
    {"y_string_one-byte-utf-8.json", "X"},
    {"y_string_simple_ascii.json", "SRX"},
    {"y_string_space.json", "SRX"},
    {"y_string_unicodeEscapedBackslash.json", "X"},
    {"y_string_unicode_escaped_double_quote.json", "X"},
    {"y_structure_lonely_false.json", "SRX"},
    {"y_structure_lonely_int.json", "SRX"},
    {"y_structure_lonely_string.json", "SRX"},
    {"y_structure_lonely_true.json", "SRX"},
    {"y_structure_string_empty.json", "SRX"},
    {"y_structure_trailing_newline.json", "X"},
    {"y_structure_true_in_array.json", "SRX"},
    {"y_structure_whitespace_array.json", "X"},
};

static const char letters[] = "SRX";

/* The letters of the profiles that take it. */
static void takers(char out[4], struct bf_bytes text)
{
    static const enum bf_json_profile profiles[] = {BF_JSON_SIGNED, BF_JSON_REVIEW,
                                                    BF_JSON_RELAXED};
    size_t i, num = 0;

    for (i = 0; i < 3; i++) {
        struct bf_json_doc doc = {0};
        struct bf_diag diag = {0};
        uint8_t *copy = t_copy(text);
        enum bf_err err =
            bf_json_parse(&doc, bf_view(copy, text.len), profiles[i], &diag);

        if (err == BF_OK) {
            out[num++] = letters[i];
        } else {
            T_INT(bf_err_exit(err), BF_EXIT_REFUSED);
        }
        bf_json_clear(&doc);
        t_free(copy);
    }
    out[num] = '\0';
}

static const char *listed(const char *name, size_t *num)
{
    size_t i;

    for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcmp(taken[i].name, name) == 0) {
            (*num)++;
            return taken[i].profiles;
        }
    }
    return "";
}

static size_t json_folder(const char *folder, const char *head, size_t *num)
{
    char path[700], got[4], note[400];
    DIR *dir = opendir(folder);
    struct dirent *e;
    size_t files = 0;

    T_TRUE(dir != NULL);
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        struct bf_buf file;

        if (e->d_name[0] == '.' || strncmp(e->d_name, head, strlen(head)) != 0) {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        file = tool_read(path);
        takers(got, bf_buf_bytes(&file));
        snprintf(note, sizeof(note), "%s is taken by \"%s\"", e->d_name, got);
        t_true(__FILE__, __LINE__, strcmp(listed(e->d_name, num), got) == 0, note);
        t_true(__FILE__, __LINE__,
               e->d_name[0] != 'n' || head[0] != 'n' || got[0] == '\0', note);
        bf_buf_clear(&file);
        files++;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return files;
}

static void json_test_suite(void)
{
    size_t num = 0;

    T_TRUE(sizeof(taken) > 0);
    if (access(JSON_DIR "test_parsing", R_OK) != 0) {
        t_skip("JSONTestSuite");
        return;
    }
    T_INT(json_folder(JSON_DIR "test_parsing", "n_", &num), 188);
    T_INT(num, 0);
    T_INT(json_folder(JSON_DIR "test_parsing", "y_", &num), 95);
    T_INT(json_folder(JSON_DIR "test_parsing", "i_", &num), 35);
    T_INT(json_folder(JSON_DIR "test_transform", "", &num), 22);
    T_INT(num, sizeof(taken) / sizeof(taken[0]));
}

T_CASES("JSON corpus", {"JSONTestSuite", json_test_suite});
