# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Debian's packages, for tools/setup and tools/lab.

as_root() {
    if [ "$EUID" -eq 0 ]; then "$@"; else sudo "$@"; fi
}
can_be_root() { # sudo may ask for a password only where somebody can answer
    [ "$EUID" -eq 0 ] && return
    command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 2 ]; }
}
apt_try() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}
is_debian_package() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

policy=/usr/sbin/policy-rc.d
policy_mark='# snapseal installs packages: no service is to start'
deny_services() { # false if somebody else's policy is there, which then counts
    if [ -e $policy ] && ! grep -qxF "$policy_mark" $policy; then return 1; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root sh -c "cat >$policy && chmod 0755 $policy"
}
keep_off() { # $1: package that was not there before, $2: its service
    if ! is_debian_package "$1"; then return; fi
    # the first knows both kinds of init, but wants a script in init.d
    if [ -e "/etc/init.d/$2" ]; then
        as_root update-rc.d "$2" disable || true
    elif command -v systemctl >/dev/null; then
        as_root systemctl --quiet disable "$2.service" || true
    fi
}

# Installs packages $2...; what apt-get says goes to file $1. The lists are updated only if it does not
# work without. No service is started, now or at the next boot: a machine with labs must not get an nginx
# on port 80.
apt_install() (
    log=$1 fresh=()
    shift
    # one at a time: the policy must stay until the last one is done
    exec 6</var/lib/dpkg
    flock 6
    for p in nginx-common:nginx ceph-base:ceph-crash; do
        is_debian_package "${p%:*}" || fresh+=("$p")
    done
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if deny_services; then trap 'as_root rm -f $policy' EXIT; fi
    apt_try install -y --no-install-recommends "$@" >>"$log" 2>&1 6<&- || {
        apt_try update >>"$log" 2>&1 6<&-
        apt_try install -y --no-install-recommends "$@" >>"$log" 2>&1 6<&-
    } || exit 1
    for p in ${fresh[@]+"${fresh[@]}"}; do keep_off "${p%:*}" "${p#*:}" >>"$log" 2>&1; done
)

# The first error in a log of apt-get, Maven or pip, on one line.
first_error() {
    local line
    line=$(sed 's/\x1b\[[0-9;]*m//g' "$1" 2>/dev/null | grep -aE -m 1 '^(E:|\[ERROR\]|ERROR:) .') || line=
    printf '%s' "${line:+${line:0:300}; }see $1"
}
