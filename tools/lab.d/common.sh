# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What all parts of the lab need: words to the user, places, ports, locks, processes.

started=${EPOCHREALTIME/[.,]/}

say() {
    local us=$((${EPOCHREALTIME/[.,]/} - started))
    printf 'lab: %4d.%02ds %s\n' $((us / 1000000)) $((us % 1000000 / 10000)) "$*" >&2
}
die() {
    printf 'lab: error: %s\n' "$*" >&2
    exit 1
}
usage_error() {
    printf 'lab: error: %s; see tools/lab --help\n' "$*" >&2
    exit 2
}
am_root() { [ "$EUID" -eq 0 ]; }
quote() { # $1 as one word of any POSIX shell
    printf "'%s'" "${1//\'/\'\\\'\'}"
}
random_word() { # $1 letters and digits
    local w
    w=$(head -c $(($1 * 6)) /dev/urandom | base64 -w 0 | tr -dc 'A-Za-z0-9')
    printf '%s' "${w:0:$1}"
}

# ---- places ----------------------------------------------------------------------------

num_nodes=3
root=${SNAPSEAL_LAB_DIR:-/var/tmp/snapseal-lab}
[ "${root#/}" != "$root" ] || root=$PWD/$root
root=${root%/}

make_root() { # the state directory: the nodes' user must be able to pass, not to read
    case $root in *[!A-Za-z0-9/._+-]*) die "SNAPSEAL_LAB_DIR may have letters, digits and / . _ + - only" ;; esac
    [ ${#root} -le 60 ] || die "SNAPSEAL_LAB_DIR is too long (60 characters at most)"
    mkdir -p "$root" || exit 1
    if [ ! -O "$root" ] || [ -L "$root" ]; then
        die "$root belongs to somebody else; set SNAPSEAL_LAB_DIR to a place of your own"
    fi
    chmod 0711 "$root"
}
set_lab() { # $1: name; sets name and lab
    name=$1
    case $name in
    '' | dist* | -* | *[!a-z0-9-]*) usage_error "a lab's name has a-z, 0-9 and - only, and is not dist" ;;
    esac
    [ ${#name} -le 32 ] || usage_error "a lab's name has 32 characters at most"
    lab=$root/$name
    [ -n "${kind:-}" ] || case $name in
    ech | ech-* | ece | ece-*) kind=${name%%-*} ;;
    esac
    [ "${kind:-}" != opensearch ] || kind=
}
is_ready() { [ -f "$lab/ready" ]; }
load_lab() { # what "up" has written down
    [ -f "$lab/lab.conf" ] || die "there is no lab \"$name\"; make it with: tools/lab up $name"
    # shellcheck source=/dev/null
    . "$lab/lab.conf" # dist java cluster ports kind deployment ...
    if [ -n "${kind:=}" ]; then procs_of_lab+=(cloud); fi
    # shellcheck source=/dev/null
    [ ! -f "$lab/rgw/users" ] || . "$lab/rgw/users"
}
render() { # $1: file of lab.d with @names@; the text with the shell's values in their place
    local text v
    text=$(<"$parts/$1")
    shift
    for v in "$@"; do text=${text//@$v@/${!v}}; done
    printf '%s\n' "$text"
}

# ---- locks: on the directory itself, so that no file is left ---------------------------------

lock_root() {
    exec 8<"$root"
    flock 8
}
unlock_root() { exec 8<&-; }
lock_lab() { # false if there is no such lab (any more)
    while [ -d "$lab" ]; do
        exec 7<"$lab" || return 1
        if ! flock -n 7; then
            say "another command works on lab \"$name\": waiting for it"
            flock 7
        fi
        # the directory may have been removed, or made anew, while we waited
        [ ! "$lab" -ef /proc/$$/fd/7 ] || return 0
        exec 7<&-
    done
    return 1
}

# ---- ports -----------------------------------------------------------------------------

# Sets ports to $1 free ports. From below the range that the kernel takes for outgoing
# connections, else such a connection may hold the port when the server wants it. Call it
# with the root's lock held: it leaves out what other labs have been given.
pick_ports() {
    local taken=' ' at lo=20000 hi p f
    while read -r _ at _; do
        case $at in *:*) taken+="$((16#${at##*:})) " ;; esac
    done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
    for f in "$root"/*/lab.conf; do
        [ ! -f "$f" ] || taken+="$(sed -n 's/^ports=(\(.*\))$/\1/p' "$f") "
    done
    read -r hi _ </proc/sys/net/ipv4/ip_local_port_range
    [ "$hi" -gt $((lo + 2000)) ] || hi=60000
    ports=()
    while [ ${#ports[@]} -lt "$1" ]; do
        p=$((lo + (RANDOM * 32768 + RANDOM) % (hi - lo)))
        case $taken in *" $p "*) continue ;; esac
        taken+="$p "
        ports+=("$p")
    done
}

# ---- processes: rgw osd mon front node1 node2 node3 cloud ------------------------------------

procs_of_lab=(rgw osd mon front)
for ((i = 1; i <= num_nodes; i++)); do procs_of_lab+=("node$i"); done

# The process id of $1, or nothing: the one of its file must run that program and must have been
# started with this lab's configuration.
pid_of() {
    local pid='' exe mark word
    [ -f "$lab/run/$1.pid" ] && read -r pid <"$lab/run/$1.pid" || [ -n "$pid" ] || return 1
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    [ -r "/proc/$pid/cmdline" ] || return 1
    case $1 in
    rgw) exe=radosgw mark=$lab/rgw/ceph.conf ;;
    osd | mon) exe=ceph-$1 mark=$lab/rgw/ceph.conf ;;
    front) exe=nginx mark=$lab/front/nginx.conf ;;
    cloud) exe=python3* mark=$lab/cloud/standin.json ;;
    node*) exe=java mark=-Dopensearch.path.conf=$lab/$1/config ;;
    esac
    word=$(readlink "/proc/$pid/exe") || return 1
    word=${word% (deleted)}
    # shellcheck disable=SC2053
    [[ ${word##*/} == $exe ]] || return 1
    while IFS= read -r -d '' word || [ -n "$word" ]; do
        case " $word " in *" $mark "*)
            echo "$pid"
            return 0
            ;;
        esac
    done 2>/dev/null <"/proc/$pid/cmdline"
    return 1
}
alive() { # $1: process id
    kill -0 "$1" 2>/dev/null && ! grep -q '^State:.[ZX]' "/proc/$1/status" 2>/dev/null
}
frozen() { grep -q '^State:.T' "/proc/$1/status" 2>/dev/null; }

# Ends processes: $1 TERM or KILL, then their names, all at once; TERM becomes KILL after 20 s.
end_procs() {
    local sig=$1 p pid i ended=()
    shift
    for p in "$@"; do
        if pid=$(pid_of "$p"); then
            kill "-$sig" "$pid" 2>/dev/null || true
            ended+=("$p:$pid")
        fi
    done
    for p in ${ended[@]+"${ended[@]}"}; do
        pid=${p#*:}
        for ((i = 0; i < 400; i++)); do
            alive "$pid" || break
            sleep 0.05
        done
        if alive "$pid"; then
            say "${p%:*} ($pid) did not end in 20 s: killing it"
            kill -KILL "$pid" 2>/dev/null || true
            while alive "$pid"; do sleep 0.05; done
        fi
        rm -f "$lab/run/${p%:*}.pid"
        say "ended ${p%:*} ($pid)"
    done
}

# ---- certificates ------------------------------------------------------------------------

# A CA and a server certificate in directory $1: ca.crt server.crt server.key. $2: the CA's name,
# $3: names of the server besides localhost and 127.0.0.1 (",DNS:..." or nothing). 0600 but ca.crt.
make_certs() (
    umask 077
    mkdir -p "$1"
    cd "$1" || exit 1
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
            -keyout ca.key -out ca.crt -subj "/CN=$2" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
            -keyout server.key -out server.csr -subj /CN=localhost
        printf '%s\n' "subjectAltName=DNS:localhost,IP:127.0.0.1$3" \
            basicConstraints=CA:FALSE extendedKeyUsage=serverAuth >ext
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 \
            -extfile ext -out server.crt
    } >openssl.log 2>&1 || die "openssl failed; see $1/openssl.log"
    rm -f server.csr ext ca.srl ca.key
    chmod 0711 .
    chmod 0644 ca.crt
)
