#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The examples of the man pages that need servers, run as they stand on a lab, in a mount namespace of their own: there the
# default places of both programs are those of the lab's world.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null || {
    echo "skipped: needs root and mount namespaces"
    exit 77
}
lab_up
world || exit 1
world_bundle "$W/prod-eu-1-1.bob.carol.snapseal.age" --repository s3-backup --precondition absent || exit 1
rm -f "$W/out"
# inside: nothing of this machine's own /etc and /var/lib is changed
inside() {
    . "$ROOT/tests/cli/lib_examples.sh"
    mkdir -p "$W/here/.local/state" "$W/etc" && cp -a /etc/. "$W/etc/" && mount --bind "$W/etc" /etc || return 3
    mkdir -p /etc/snapseal "$W/lib/snapseal" && cp -p "$W/verify.conf" /etc/snapseal/ && cp -a "$W/gw/." "$W/lib/snapseal/" &&
        chmod 700 "$W/lib/snapseal" && mount --bind "$W/lib" /var/lib || return 3
    cp -a "$W/ws-alice" "$W/here/.local/state/snapseal" && cp "$W/prod-eu-1-1.bob.carol.snapseal.age" "$W/here/" || return 3
    HOME=$W/here PATH=$(readlink -f "$B/gen"):$(readlink -f "$B/verify"):$PATH url=$OS_FRONT ca=$OS_FRONT_CA
    user=$OS_FRONT_USER file=$W/cluster.secret TZ=UTC LC_ALL=C.UTF-8
    export HOME PATH TZ LC_ALL
    unset XDG_STATE_HOME
    cd "$HOME" || return 3
    examples_run lab "$ROOT"/docs/man/*.[1-9]
    echo "$examples_commands commands"
    [ "$examples_commands" -gt 0 ] || return 1
    return "$examples_failed"
}
export -f inside
export ROOT W B OS_FRONT OS_FRONT_CA OS_FRONT_USER
unshare --mount --propagation private bash -c inside
check 'the examples of the man pages do what they say' test $? = 0
finish
