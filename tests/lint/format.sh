#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format leaves it; no blanks at line ends, no tabs; SPDX line at the head.
. "$(dirname "$0")/lib.sh"
need clang-format-14
mapfile -t files < <(sources; headers)
mapfile -t formatted < <(printf '%s\n' "${files[@]}" | grep -v '\.def$')
told=$(clang-format-14 --style=file:tools/clang-format --dry-run -Werror "${formatted[@]}" 2>&1)
rc=$?
hits=$(sed -n 's/^\([^:]*\):.*\[-Wclang-format-violations\]$/\1/p' <<<"$told" | sort -u)
for f in $hits; do say "$f: run clang-format-14 --style=file:tools/clang-format -i $f"; done
[ $rc = 0 ] || [ -n "$hits" ] || say "clang-format-14: $(head -n 1 <<<"$told")"
for f in "${files[@]}"; do
    read -r first <"$f"
    [[ $first == *'SPDX-License-Identifier: Apache-2.0'* ]] || say "$f: no SPDX line at its head"
done
while read -r hit; do say "$hit: blank at the end of a line"; done < <(git grep -nI -E '[ 	]+$' -- . ':!LICENSE' | cut -d: -f1,2)
finish
