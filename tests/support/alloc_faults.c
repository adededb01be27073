/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc_faults.h"

#include <stddef.h>

void *__real_malloc(size_t len);
void *__real_calloc(size_t num, size_t len);
void *__real_sodium_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t num, size_t len);
void *__wrap_sodium_malloc(size_t len);

static long countdown = -1; /* below zero: nothing fails */
static bool failed;

void alloc_fail_at(long n)
{
    failed = false;
    countdown = n;
}

bool alloc_fail_end(void)
{
    countdown = -1;
    return failed;
}

static bool fails_now(void)
{
    if (countdown < 0 || countdown-- > 0) {
        return false;
    }
    failed = true;
    return true;
}

void *__wrap_malloc(size_t len)
{
    return fails_now() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t num, size_t len)
{
    return fails_now() ? NULL : __real_calloc(num, len);
}

void *__wrap_sodium_malloc(size_t len)
{
    return fails_now() ? NULL : __real_sodium_malloc(len);
}
