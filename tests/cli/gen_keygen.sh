#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# keygen: an identity that age takes too; and the manners of every verb.
. "$(dirname "$0")/lib.sh"

expect_exit 0 "$GEN" keygen --out id.age
recipient=$OUT
same "$(mode_of id.age)" 600
has 'AGE-SECRET-KEY-1' "$(cat id.age)"
hasnt 'AGE-SECRET-KEY-1' "$OUT$ERR"
has "$recipient" "$(cat id.age)"
expect_err OUTPUT_EXISTS "$GEN" keygen -o id.age
expect_exit 0 "$GEN" -q keygen -o id.age --force
same "$ERR" ''
second=$OUT
[ "$second" != "$recipient" ] || say 'the same key twice'
expect_err USAGE "$GEN" keygen
expect_err OUTPUT_WRITE "$GEN" keygen -o none/id.age
if command -v age >/dev/null; then
    same "$(age-keygen -y id.age)" "$second"
    echo hello | age -r "$second" >x.age && same "$(age -d -i id.age x.age)" hello
fi

expect_exit 0 "$GEN" --version
has 'snapseal-gen ' "$OUT"
expect_exit 0 "$GEN" --help
for verb in keygen new lint handout seal inspect approve 'trust draft' 'trust seal' 'trust sign' 'trust show' 'trust install' \
    'receipt import' status; do
    has "$verb" "$OUT"
done
for verb in keygen new lint handout seal inspect approve 'trust draft' 'trust seal' 'trust sign' 'trust show' 'trust install' \
    'receipt import' status; do
    # shellcheck disable=SC2086
    expect_exit 0 "$GEN" $verb --help
    same "$ERR" ''
    has 'usage: snapseal-gen' "$OUT"
    [ "$(printf '%s\n' "$OUT" | wc -L)" -le 79 ] || say "help of $verb is too wide"
done
expect_err USAGE "$GEN"
expect_err USAGE "$GEN" sael x
has "nearest is 'seal'" "$ERR"
expect_err USAGE "$GEN" seal x --autor alice
has "nearest is '--author'" "$ERR"
expect_exit 0 "$GEN" trust --help
has 'trust install FILE' "$OUT"
hasnt 'keygen' "$OUT"
same "$OUT" "$("$GEN" help trust)"
expect_exit 0 "$GEN" receipt --help
has 'receipt import' "$OUT"
expect_exit 0 "$GEN" keygen -o -
has 'the identity is what went to standard output' "$ERR"
expect_err USAGE "$GEN" trust
expect_err USAGE "$GEN" approve
expect_err INPUT_OPEN gen alice lint nothing.json
printf '\033[31m' >$'evil\033name'
expect_err JSON_SYNTAX gen alice lint $'evil\033name'
has 'evil\x1bname' "$ERR"
expect_err NO_TRUST gen alice inspect x
expect_exit 0 "$GEN" --state /proc/none status # reading makes nothing
expect_err STATE_DIR "$GEN" --state /proc/none trust install x --pin y
mkdir open && chmod 755 open
expect_err STATE_DIR "$GEN" --state open status
finish
