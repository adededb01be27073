#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# snapseal-verify has no network of its own: no library that could, and not one socket in all of check, without any interface.
# The applier alone links libcurl.
set -u
cd "$(dirname "$0")/../.." || exit 3
B=$(readlink -f "${SNAPSEAL_BUILD:-build/release}")
for program in gen/snapseal-gen verify/snapseal-verify verify/snapseal-applier; do
    [ -x "$B/$program" ] || { echo "skipped: $program is not built"; exit 77; }
done
command -v readelf >/dev/null || { echo 'skipped: readelf is not installed'; exit 77; }
W=$(mktemp -d) || exit 3
trap 'rm -rf -- "$W"' EXIT
# the world of the end-to-end tests, with places instead of servers
# shellcheck disable=SC2034
{
LAB_BUCKET=snaps S3_HTTPS=https://s3.example.corp S3_REGION=us-east-1 OS_FRONT=https://es.example.corp:9200
OS_CLUSTER_UUID=JPqHkRwTRkGaI5qbMVJ2XQ OS_NODES=0 OS_FRONT_PASS=pw OS_FRONT_USER=admin ROOT_KEY=rk ROOT_SECRET=rs
BOB_KEY=0555B35654AD1656D804 BOB_SECRET=h7GhxuBLTrlhVUyxSPUKUV8r2EI4ngqJxD7iBdBYLhwluN30JaT3Q==
OS_FRONT_CA=$W/ca.pem S3_CA=$W/ca.pem OS_USER=nobody OS_KEYSTORE=/bin/true
}
printf 'not a real CA\n' >"$W/ca.pem"
. tests/support/world.sh
good=0 bad=0
check() { # TEXT COMMAND...
    local text=$1
    shift
    if "$@"; then good=$((good + 1)); else
        bad=$((bad + 1))
        echo "FAILED: $text"
    fi
}
needed() { readelf -d "$B/verify/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
network='libcurl|libcjson|libssl|libssh|libnghttp'
check "snapseal-verify links $(needed snapseal-verify | grep -E "$network")" test -z "$(needed snapseal-verify | grep -E "$network")"
check 'the applier links libcurl' grep -q libcurl <(needed snapseal-applier)

world || exit 1
world_bundle "$W/b.age" || exit 1
age -d -i "$W/keys/alice.age" -o "$W/b.open" "$W/b.age" || exit 1
pin=$(pin_of "$W/trust-1.snapseal-trust")
whole() {
    "$B/verify/snapseal-verify" --state "$W/gw" check -q "$W/b.age" &&
        "$B/verify/snapseal-verify" --state "$W/gw" check --json "$W/b.age" "$W/b.open" >/dev/null &&
        "$B/verify/snapseal-verify" check -q --trust "$W/trust-1.snapseal-trust" --pin "$pin" "$W/b.open" &&
        "$B/verify/snapseal-verify" --state "$W/gw" status >/dev/null && "$B/verify/snapseal-verify" --state "$W/gw" receipts &&
        "$B/verify/snapseal-verify" --state "$W/gw" trust show >/dev/null
}
export -f whole
export B W pin
wrap=(bash -c whole)
if unshare -n true 2>/dev/null; then
    wrap=(unshare -n "${wrap[@]}")
else
    echo 'note: no right to unshare the network, so only the calls are looked at'
fi
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    wrap=(strace -f -qq -e 'trace=network,execve' -o "$W/calls" "${wrap[@]}")
    export ASAN_OPTIONS=detect_leaks=0 # a build with it cannot look for leaks while it is traced
    : >"$W/calls"
fi
check 'all of check works without a network' "${wrap[@]}"
if [ -f "$W/calls" ]; then
    check 'the calls were seen' grep -q 'execve(.*snapseal-verify' "$W/calls"
    check "no socket: $(grep -E '(socket|socketpair|connect|bind|listen|accept|sendto)\(' "$W/calls" | head -n 3)" \
        test -z "$(grep -E '(socket|socketpair|connect|bind|listen|accept|sendto)\(' "$W/calls")"
    check 'check starts no program' test -z "$(grep 'execve(' "$W/calls" | grep -E 'applier|snapseal-node')"
fi
echo "$good passed, $bad failed"
[ "$bad" = 0 ]
