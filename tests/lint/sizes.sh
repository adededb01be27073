#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files of at most 600 lines, functions of at most 60 (brace to brace); what runs before a signature is good under 900.
. "$(dirname "$0")/lib.sh"
while read -r f; do
    lines=$(wc -l <"$f")
    [ "$lines" -le 600 ] || say "$f: $lines lines"
    awk -v f="$f" '/^\{/ { start = NR } /^\}/ && start { if (NR - start + 1 > 60) printf "%s:%d: function of %d lines\n", f, start, NR - start + 1; start = 0 }' "$f"
done < <(sources; git ls-files '*.h') >"${TMPDIR:-/tmp}/sizes.$$"
while read -r hit; do say "$hit"; done <"${TMPDIR:-/tmp}/sizes.$$"
rm -f "${TMPDIR:-/tmp}/sizes.$$"
# gate, key, signature, age and the bytes under them
before=$(cat bundle-format/src/{bytes,gate,sshkey,sshsig,age,age_v1}.c | grep -vcE '^[[:space:]]*(/?\*.*)?$')
echo "code lines before a good signature: $before"
[ "$before" -lt 900 ] || say "what runs before a signature is good has $before lines of code"
finish
