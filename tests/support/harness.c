/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <CUnit/Basic.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bf/crypto.h"

static char tmpdir[64];

static void record(const char *file, unsigned line, int good, const char *text)
{
    if (!good) {
        fprintf(stderr, "%s:%u: %s\n", file, line, text);
    }
    CU_assertImplementation(good, line, text, file, "", CU_FALSE);
}

void t_err(const char *file, unsigned line, enum bf_err got, enum bf_err want,
           const struct bf_diag *diag)
{
    char text[700];

    snprintf(text, sizeof(text), "got %s, want %s (%s)", bf_err_id(got), bf_err_id(want),
             diag != NULL ? diag->where : "");
    record(file, line, got == want, text);
}

void t_text(const char *file, unsigned line, const char *got, const char *want)
{
    char text[1200];

    snprintf(text, sizeof(text), "got \"%.500s\", want \"%.500s\"",
             got != NULL ? got : "(none)", want != NULL ? want : "(none)");
    record(file, line, got != NULL && want != NULL && strcmp(got, want) == 0, text);
}

void t_bytes(const char *file, unsigned line, struct bf_bytes got, struct bf_bytes want)
{
    char text[300];
    size_t at = 0;

    while (at < got.len && at < want.len && got.ptr[at] == want.ptr[at]) {
        at++;
    }
    snprintf(text, sizeof(text), "got %zu bytes, want %zu, first difference at %zu",
             got.len, want.len, at);
    record(file, line, bf_bytes_equal(got, want), text);
}

void t_int(const char *file, unsigned line, long long got, long long want)
{
    char text[100];

    snprintf(text, sizeof(text), "got %lld, want %lld", got, want);
    record(file, line, got == want, text);
}

void t_true(const char *file, unsigned line, int value, const char *text)
{
    record(file, line, value, text);
}

uint8_t *t_copy(struct bf_bytes in)
{
    uint8_t *p = malloc(in.len > 0 ? in.len : 1);

    if (p == NULL) {
        abort();
    }
    bf_copy(p, in.ptr, in.len);
    return p;
}

void t_free(void *p)
{
    free(p);
}

int t_read_file(struct bf_buf *out, const char *path)
{
    uint8_t chunk[2048];
    size_t n;
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        t_skip(path);
        return 0;
    }
    *out = bf_buf(64 * 1024 * 1024);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
        bf_put(out, chunk, n);
    }
    fclose(f);
    return !out->bad;
}

bool t_long(void)
{
    const char *wanted = getenv("SNAPSEAL_LONG");

    return wanted != NULL && *wanted != '\0';
}

void t_skip(const char *why)
{
    printf("skipped: %s\n", why);
}

const char *t_tmpdir(void)
{
    if (tmpdir[0] == '\0') {
        snprintf(tmpdir, sizeof(tmpdir), "/tmp/snapseal-test.XXXXXX");
        if (mkdtemp(tmpdir) == NULL) {
            abort();
        }
    }
    return tmpdir;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int main(void)
{
    struct bf_diag diag = {0};
    CU_pSuite suite;
    unsigned failed, asserted;
    size_t i;

    if (bf_crypto_init(&diag) != BF_OK || CU_initialize_registry() != CUE_SUCCESS) {
        return 3;
    }
    suite = CU_add_suite(t_suite, NULL, NULL);
    for (i = 0; i < t_num_cases; i++) {
        if (CU_add_test(suite, t_cases[i].name, t_cases[i].run) == NULL) {
            return 3;
        }
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    failed = CU_get_number_of_failure_records();
    asserted = CU_get_number_of_asserts();
    CU_cleanup_registry();
    if (tmpdir[0] != '\0') {
        nftw(tmpdir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    return failed == 0 && asserted > 0 ? 0 : 1;
}

bool t_has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

size_t t_count(const char *text, const char *part)
{
    size_t num = 0;

    while ((text = strstr(text, part)) != NULL) {
        num++;
        text += strlen(part);
    }
    return num;
}
