#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A short option means the same in every verb of both programs: letters against long names, read from the help of all verbs.
. "$(dirname "$0")/lib.sh"
[ -x "$VERIFY" ] || { echo "skipped: snapseal-verify is not built"; exit 77; }
letters() { # PROGRAM: "LETTER LONG" of every verb
    "$1" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z ]*[a-z]\).*/\1/p' | sed 's/  .*//' | while read -r verb; do
        # shellcheck disable=SC2086 # some verbs are two words
        "$1" $verb --help | sed -n 's/^  -\([a-z]\), --\([a-z-]*\).*/\1 \2/p'
    done
}
all=$({ letters "$GEN" && letters "$VERIFY"; } | sort -u)
has 'k key' "$all"
has 'y yes' "$all"
# who signs is --author in seal and --as in approve and trust sign
same "$(grep -v '^a as$' <<<"$all" | cut -d' ' -f1 | uniq -d | tr '\n' ' ')" ''
# and every verb that has the long name has the letter, too
for p in "$GEN" "$VERIFY"; do
    names=$(cut -d' ' -f2 <<<"$all" | paste -sd'|' | sed 's/|/\\|/g')
    same "$("$p" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z ]*[a-z]\).*/\1/p' | sed 's/  .*//' | while read -r verb; do
        # shellcheck disable=SC2086
        "$p" $verb --help | grep "^      --\($names\)\( \|$\)" | sed "s/^/$verb: /"
    done)" ''
done
finish
