#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, with both compilers.
. "$(dirname "$0")/lib.sh"
need gcc
for cc in gcc clang; do
    command -v $cc >/dev/null || continue
    while read -r h; do
        printf '#include "%s"\nint unused_;\n' "$PWD/$h" | $cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only \
            -Ibundle-format/include -Iverify -Iverify/applier -Igen -Itests/support -x c - 2>/dev/null || say "$h: does not compile alone with $cc"
    done < <(git ls-files '*.h')
done
finish
