#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format leaves it; no blanks at line ends, no tabs; SPDX line at the head.
. "$(dirname "$0")/lib.sh"
need clang-format-14
while read -r f; do
    [ "${f##*.}" = def ] || clang-format-14 --style=file:tools/clang-format --dry-run -Werror "$f" >/dev/null 2>&1 ||
        say "$f: run clang-format-14 --style=file:tools/clang-format -i $f"
    head -n 1 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || say "$f: no SPDX line at its head"
done < <(sources; headers)
while read -r hit; do say "$hit: blank at the end of a line"; done < <(git grep -nI -E '[ 	]+$' -- . ':!LICENSE' | cut -d: -f1,2)
finish
