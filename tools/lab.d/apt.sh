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
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -q "$@"
}

# Installs packages $2...; what apt-get says goes to file $1. The lists are updated only if it does not
# work without. No service is started: a machine with labs must not get an nginx on port 80.
apt_install() {
    local log=$1 policy=/usr/sbin/policy-rc.d rc=0 had_nginx=1
    shift
    dpkg-query -W -f '${db:Status-Status}' nginx-common 2>/dev/null | grep -qx installed || had_nginx=0
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\n# of snapseal, while it installs packages\nexit 101\n' |
            as_root sh -c "cat >$policy && chmod 0755 $policy" || return 1
    else
        policy=
    fi
    apt_try install -y --no-install-recommends "$@" >>"$log" 2>&1 || {
        apt_try update >>"$log" 2>&1
        apt_try install -y --no-install-recommends "$@" >>"$log" 2>&1
    } || rc=1
    [ -z "$policy" ] || as_root rm -f "$policy"
    if [ $had_nginx = 0 ] && [ -d /run/systemd/system ]; then
        as_root systemctl --quiet disable nginx.service >>"$log" 2>&1 || true
    fi
    return $rc
}
