#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every refusal: a rule that SPEC.md states, code that enforces it, a test that provokes it, a line in the man pages.
. "$(dirname "$0")/lib.sh"
defs=bundle-format/include/bf/errors.def
# every word in capitals, and every [BF-nnn], once a place
words() { xargs cat | grep -aoE '[A-Z][A-Z0-9_]+|\[BF-[0-9]+\]' | sed 's/^BF_//' | sort -u; }
tmp=$(mktemp -d) || exit 3
trap 'rm -rf -- "$tmp"' EXIT
product | words >"$tmp/code"
git ls-files 'tests/*' | grep -vE '^tests/(lint|fuzz/corpus)/' | words >"$tmp/tests"
git ls-files 'docs/man/*' | words >"$tmp/man"
git ls-files bundle-format/SPEC.md | words >"$tmp/spec"
has() { grep -qxF -- "$2" "$tmp/$1"; }
n=0
while IFS=$'\t' read -r id rule; do
    n=$((n + 1))
    has code "$id" || say "$id: no code refuses with it"
    has tests "$id" || say "$id: no test provokes it"
    has man "$id" || say "$id: not in the man pages"
    [ "$rule" = - ] && continue
    has code "[$rule]" || say "$id: its rule [$rule] stands in no code"
    has spec "[$rule]" || say "$id: its rule [$rule] is not in SPEC.md"
done < <(sed -n 's/^BF_ERROR(\([A-Z0-9_]*\), [0-9], "\([^"]*\)".*/\1\t\2/p' $defs)
[ "$n" -gt 100 ] || say "only $n refusals were found"
finish
