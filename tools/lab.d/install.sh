# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What a lab needs from outside: Debian's packages, Java, the OpenSearch jars.

# shellcheck source=/dev/null
. "$parts/apt.sh"
log=$root/install.log
os_user=opensearch # the nodes refuse to run as root

# program:package
lab_programs=(radosgw:radosgw radosgw-admin:radosgw ceph-mon:ceph-mon ceph-osd:ceph-osd ceph:ceph-common
    ceph-authtool:ceph-common monmaptool:ceph-common nginx:nginx-light openssl:openssl curl:curl jq:jq
    flock:util-linux setpriv:util-linux unshare:util-linux)

missing_packages() { # sets missing: packages of lab_programs
    local p
    missing=()
    for p in "${lab_programs[@]}"; do
        command -v "${p%%:*}" >/dev/null || case " ${missing[*]-} " in
        *" ${p#*:} "*) ;;
        *) missing+=("${p#*:}") ;;
        esac
    done
}
missing_makers() { # sets missing: packages without which no distribution can be made
    missing=()
    [ -d "$jars" ] || command -v mvn >/dev/null || missing+=(maven)
    find_java || python3 -m pip --version >/dev/null 2>&1 ||
        /usr/bin/python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
    find_javac || missing+=(openjdk-17-jdk-headless)
}
get_packages() {
    [ $# -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "programs of these Debian packages are missing: $*"
    can_be_root || die "this needs root: apt-get install --no-install-recommends $*"
    say "installing packages: $*"
    apt_install "$log" "$@" || die "apt-get could not install $*: $(first_error "$log")"
    say "packages installed"
}
have_user() { ! am_root || getent passwd $os_user >/dev/null; }

is_installed() {
    missing_packages
    [ ${#missing[@]} -eq 0 ] && have_user && find_java && find_dist && { [ -z "${kind:-}" ] || find_standin; }
}
lab_install() { # two at once: the second waits, and finds that nothing is left to do
    local job='' later
    if is_installed; then return; fi
    mkdir -p "$root/dist"
    exec 9<"$root/dist"
    flock -n 9 || {
        say "another command fetches what a lab needs: waiting for it"
        flock 9
    }
    : >"$log"
    have_user || useradd --system --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin $os_user >>"$log" 2>&1 || die "the user $os_user could not be made; see $log"
    missing_packages
    later=(${missing[@]+"${missing[@]}"})
    if ! find_java || ! find_dist; then
        missing_makers
        # what the training run of a node needs
        command -v curl >/dev/null || missing+=(curl)
        get_packages ${missing[@]+"${missing[@]}"}
        say "making the OpenSearch $os_version distribution"
        # in a process group of its own, so that Maven ends with it if we are interrupted
        set -m
        (dist_make) 0</dev/null &
        job=$!
        set +m
        trap 'kill -- -$job 2>/dev/null && wait $job 2>/dev/null || true' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
    fi
    get_packages ${later[@]+"${later[@]}"}
    if [ -n "$job" ]; then
        wait $job || exit 1
        trap - EXIT INT TERM HUP
    fi
    if [ -n "${kind:-}" ] && ! find_standin; then fetch_standin; fi
    is_installed || die "still missing: ${missing[*]-}; see $log"
    exec 9<&-
}
