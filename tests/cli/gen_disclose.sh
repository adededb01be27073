#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# disclose: the opening of a commitment; openssl alone gets the commitment from it and the value, and from no other value.
. "$(dirname "$0")/lib.sh"
world
change c.json
expect_exit 0 gen alice seal c.json --author alice -k alice.key --secrets keys.csv -o b.snapseal.age
for name in s3.client.secondary.access_key s3.client.secondary.secret_key; do
    expect_exit 0 gen alice disclose b.snapseal.age -i alice.age --name $name --json
    printf '%s' "$OUT" >d.json
    line=$(jq -r .openssl d.json)
    commitment=$(jq -r .commitment d.json)
    value=$SECRET
    [ $name != s3.client.secondary.access_key ] || value=AKIAIOSFODNN7EXAMPLE
    hasnt "$SECRET" "$OUT$ERR"
    expect_exit 0 gen alice inspect b.snapseal.age -i alice.age --json
    same "$commitment" "$(printf '%s' "$OUT" | jq -r --arg n $name '.manifest.secrets[]|select(.name==$n).commitment')"
    same "$(bash -c "$line" <<<"$value" | tr 'A-F' 'a-f')" "$commitment"
    [ "$(bash -c "$line" <<<"${value}x" | tr 'A-F' 'a-f')" != "$commitment" ] || say 'another value has the same commitment'
    expect_exit 0 gen alice disclose b.snapseal.age -i alice.age --name $name
    has "$line" "$OUT"
done
# two names have two openings, and another workstation has none
[ "$(jq -r .opening d.json)" != "$(gen alice disclose b.snapseal.age -i alice.age --name s3.client.secondary.access_key --json | jq -r .opening)" ] ||
    say 'one opening for two names'
expect_err NO_OPENING gen bob disclose b.snapseal.age -i bob.age --name s3.client.secondary.secret_key
expect_err NO_OPENING gen alice disclose b.snapseal.age -i alice.age --name s3.client.other.secret_key
expect_err USAGE gen alice disclose b.snapseal.age -i alice.age
finish
