#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# snapseal-gen has no network: no library that could, no socket but the ssh-agent's, and a whole change made without any
# interface. Nor does a secret get into argv, environment or a file on the way.
. "$(dirname "$0")/lib.sh"

if command -v readelf >/dev/null; then
    readelf -d "$GEN" >needed
    needed=$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' needed)
    for lib in $needed; do
        case $lib in
        libsodium.so.* | libcrypto.so.* | libarchive.so.* | libc.so.* | libacl.so.* | ld-linux* | libasan.so.* | libubsan.so.* | libm.so.* | libgcc_s.so.*) ;;
        *) say "links $lib" ;;
        esac
    done
    has libsodium "$needed"
fi

world
# the agent's socket is of this file system; everything else is made without interfaces
start_agent
ssh-add -q alice.key bob.key carol.key
whole() {
    "$GEN" --state state.alice -q new --batch --ticket CHG-1 --reason r --repository s3-secondary --bucket acme-snapshots \
        --base-path p --region eu-west-1 --iam-user es-snap c.json &&
        "$GEN" --state state.alice -q lint c.json &&
        "$GEN" --state state.alice -q seal c.json --author alice --secrets keys.csv -o b.snapseal.age &&
        "$GEN" --state state.bob -q approve b.snapseal.age --as bob -i bob.age --ticket CHG-1 -o b1.snapseal.age &&
        "$GEN" --state state.carol -q approve b1.snapseal.age --as carol -i carol.age --ticket CHG-1 -o b2.snapseal.age &&
        "$GEN" --state state.alice -q inspect b2.snapseal.age -i alice.age &&
        "$GEN" --state state.alice -q approve --export ex b2.snapseal.age -i alice.age &&
        "$GEN" --state state.alice -q handout c.json && "$GEN" --state state.alice -q status &&
        "$GEN" --state state.alice -q trust show && "$GEN" -q keygen -o k.age
}
export -f whole
export GEN
wrap=(bash -c whole)
if unshare -n true 2>/dev/null; then
    wrap=(unshare -n "${wrap[@]}")
else
    echo 'note: no right to unshare the network, so only the calls are looked at'
fi
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    export ASAN_OPTIONS=detect_leaks=0 # a build with it cannot look for leaks while it is traced
    wrap=(strace -f -qq -s 4096 -e 'trace=network,execve' -o calls "${wrap[@]}")
fi
expect_exit 0 "${wrap[@]}"
if [ -s calls ]; then
    grep -E '(socket|socketpair|connect|bind|listen|accept|sendto)\(' calls | grep -vE 'AF_UNIX|sendto\([0-9]+, "|resumed' >other
    [ ! -s other ] || say "a call that is no agent's: $(head -n 3 other)"
    grep 'connect(' calls | grep -vF "$T/agent" >other
    [ ! -s other ] || say "a socket that is not the agent's: $(head -n 3 other)"
    [ "$(grep -c 'connect(' calls)" -ge 3 ] || say 'the agent was not asked'
    ! grep -qF "$SECRET" calls || say 'the secret is in a call'
fi
rm keys.csv
! grep -rqF "$SECRET" . || say 'the secret is in a file'
finish
