#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The examples of the man pages that need no server, run as they stand, in a mount namespace of its own: the default places of
# both programs are empty there.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(dirname "$(dirname "$here")")
build=$(readlink -f "${SNAPSEAL_BUILD:-$top/build/release}")
skip() {
    echo "skipped: $*"
    exit 77
}
for tool in ssh-keygen age age-keygen tar jq openssl unshare python3; do
    command -v $tool >/dev/null || skip "$tool is not installed (tools/setup test)"
done
for program in gen/snapseal-gen verify/snapseal-verify; do
    [ -x "$build/$program" ] || skip "$program is not built"
done
if [ "${1:-}" != inside ]; then
    user=()
    [ "$(id -u)" = 0 ] || user=(--map-root-user)
    unshare "${user[@]}" --mount true 2>/dev/null || skip "no mount namespace can be made here"
    exec unshare "${user[@]}" --mount --propagation private bash "$0" inside
fi

# shellcheck source=tests/cli/lib_examples.sh
. "$here/lib_examples.sh"
work=$(mktemp -d) || exit 3
trap 'cd /; umount /var/lib 2>/dev/null; rm -rf -- "$work"' EXIT
mount -t tmpfs tmpfs /var/lib || exit 3
PATH=$build/gen:$build/verify:/usr/sbin:/usr/bin:/sbin:/bin
HOME=$work
LC_ALL=C.UTF-8 TZ=UTC
export PATH HOME LC_ALL TZ
unset XDG_STATE_HOME SSH_AUTH_SOCK
umask 022
cd "$work" || exit 3

# what people have before: keys made with ssh-keygen, the AWS console's file
for person in alice bob carol erin frank; do
    ssh-keygen -q -t ed25519 -N '' -C "$person" -f $person || exit 3
done
(umask 077 && printf 'Access key ID,Secret access key\nAKIAIOSFODNN7EXAMPLE,%s\n' "$(openssl rand -hex 20)" >accessKeys.csv)

examples_run run "$top"/docs/man/*.[1-9]
echo "$examples_commands commands"
[ "$examples_commands" -gt 0 ] || exit 1
exit $examples_failed
