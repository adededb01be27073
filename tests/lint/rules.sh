#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every refusal: a rule that SPEC.md states, code that enforces it, a test that provokes it, a line in the man pages.
. "$(dirname "$0")/lib.sh"
defs=bundle-format/include/bf/errors.def
code=$(product | xargs cat)
tests=$(git ls-files 'tests/*' | grep -v '^tests/lint/' | xargs cat)
man=$(cat docs/man/* 2>/dev/null)
spec=$(cat bundle-format/SPEC.md 2>/dev/null)
while IFS=$'\t' read -r id rule; do
    grep -q "BF_$id\b" <<<"$code" || say "$id: no code refuses with it"
    grep -q "\b$id\b" <<<"${tests//BF_/}" || say "$id: no test provokes it"
    [ -z "$man" ] || grep -q "\b$id\b" <<<"$man" || say "$id: not in the man pages"
    [ "$rule" = - ] && continue
    grep -qF "[$rule]" <<<"$code" || say "$id: its rule [$rule] stands in no code"
    [ -z "$spec" ] || grep -qF "[$rule]" <<<"$spec" || say "$id: its rule [$rule] is not in SPEC.md"
done < <(sed -n 's/^BF_ERROR(\([A-Z0-9_]*\), [0-9], "\([^"]*\)".*/\1\t\2/p' $defs)
finish
