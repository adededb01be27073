# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# The S3 service: a Ceph monitor, one object store in memory, the RADOS Gateway. No manager daemon:
# S3 does not need one.

s3_region=us-east-1
s3_dns=s3.localhost
rgw_pools=(.rgw.root default.rgw.log default.rgw.control default.rgw.meta
    default.rgw.buckets.index default.rgw.buckets.data default.rgw.buckets.non-ec)
rgw_admin() { radosgw-admin -c "$lab/rgw/ceph.conf" "$@"; }

# A new, empty S3 service with its users and buckets. Runs beside the start of the nodes.
rgw_create() {
    local dir=$lab/rgw mon_port=${ports[0]} http_port=${ports[1]} tls_port=${ports[2]} fsid osd_uuid p
    umask 077
    mkdir -p "$dir"/{log,mon,osd,data,crash}
    read -r fsid </proc/sys/kernel/random/uuid
    read -r osd_uuid </proc/sys/kernel/random/uuid
    render ceph.conf fsid dir lab mon_port http_port tls_port s3_dns >"$dir/ceph.conf"
    {
        ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
        ceph-authtool "$dir/keyring" --gen-key -n client.admin \
            --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
        ceph-authtool "$dir/keyring" --gen-key -n client.rgw --cap mon 'allow rw' --cap osd 'allow rwx'
        monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" "$dir/monmap"
        ceph-mon -c "$dir/ceph.conf" -i a --mkfs --monmap "$dir/monmap" --keyring "$dir/keyring"
    } >"$dir/log/mkfs.out" 2>&1 || die "Ceph's monitor could not be made; see $dir/log/mkfs.out"
    rgw_daemon mon
    # all in one run of the ceph command: each one is a start of Python
    {
        echo "osd new $osd_uuid 0"
        for p in "${rgw_pools[@]}"; do echo "osd pool create $p 1 1"; done
        for p in "${rgw_pools[@]}"; do echo "osd pool application enable $p rgw"; done
    } | ceph -c "$dir/ceph.conf" >"$dir/log/pools.out" 2>&1 || die "no pools; see $dir/log/pools.out"
    ceph-osd -c "$dir/ceph.conf" -i 0 --mkfs --osd-uuid "$osd_uuid" >>"$dir/log/mkfs.out" 2>&1 ||
        die "no object store; see $dir/log/mkfs.out"
    rgw_daemon osd
    rgw_daemon rgw
    rgw_wait
    rgw_users
    rgw_bucket snaps
    rgw_bucket snaps2
    say "S3: https://127.0.0.1:$tls_port, users root, alice, bob, buckets snaps and snaps2 of alice"
}
rgw_daemon() { # start mon, osd or rgw; they put themselves into the background and write their pid
    local conf=$lab/rgw/ceph.conf cmd
    case $1 in
    mon) cmd=(ceph-mon -c "$conf" -i a) ;;
    osd) cmd=(ceph-osd -c "$conf" -i 0) ;;
    rgw) cmd=(radosgw -c "$conf" -n client.rgw) ;;
    esac
    "${cmd[@]}" >>"$lab/rgw/log/$1.out" 2>&1 </dev/null 7<&- 8<&- ||
        die "${cmd[0]} did not start; see $lab/rgw/log/$1.out"
}
rgw_answers() {
    local c
    c=$(curl -q -s -o /dev/null -m 3 -w '%{http_code}' --cacert "$lab/rgw/tls/ca.crt" \
        --capath /nonexistent "https://127.0.0.1:${ports[2]}/") || true
    [ "$c" = 200 ]
}
rgw_wait() {
    local i
    for ((i = 0; i < 300; i++)); do
        ! rgw_answers || return 0
        # its pid file comes a moment after its start
        pid_of rgw >/dev/null || [ "$i" -lt 50 ] || die "radosgw ended; see $lab/rgw/log"
        sleep 0.1
    done
    die "S3 does not answer; see $lab/rgw/log"
}

# root may do everything and call the IAM API; alice owns the buckets, so that what bob may do
# comes from his user policy alone. RGW makes the keys: none is ever in an argument list.
rgw_users() {
    local u out=$lab/rgw/users job jobs=()
    rgw_admin user create --uid=root --display-name=root --admin \
        --caps='users=*;buckets=*;metadata=*;usage=*;user-policy=*;roles=*;oidc-provider=*' \
        >"$lab/rgw/user-root.json" 2>"$lab/rgw/log/users.out" &
    jobs+=($!)
    for u in alice bob; do
        rgw_admin user create --uid=$u --display-name=$u \
            >"$lab/rgw/user-$u.json" 2>>"$lab/rgw/log/users.out" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || die "no S3 users; see $lab/rgw/log/users.out"; done
    for u in root alice bob; do
        jq -r --arg u "${u^^}" '.keys[0] | "\($u)_KEY=\(.access_key | @sh)",
            "\($u)_SECRET=\(.secret_key | @sh)"' "$lab/rgw/user-$u.json"
        rm -f "$lab/rgw/user-$u.json"
    done >"$out"
    # shellcheck source=/dev/null
    . "$out"
}
rgw_bucket() { # $1: name; made by alice
    local c
    # the keys go to curl by a pipe
    c=$(printf 'user = "%s:%s"\n' "$ALICE_KEY" "$ALICE_SECRET" |
        curl -q -s -m 20 -K - --cacert "$lab/rgw/tls/ca.crt" --capath /nonexistent -o /dev/null \
            -w '%{http_code}' --aws-sigv4 "aws:amz:$s3_region:s3" -X PUT \
            -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "https://127.0.0.1:${ports[2]}/$1") || true
    [ "$c" = 200 ] || die "bucket $1 could not be made: HTTP $c"
}

# ---- tools/lab s3 ------------------------------------------------------------------------

lab_s3() {
    local pid
    case $1 in stop | start | freeze | thaw) ;; *) usage_error "s3 stop, start, freeze or thaw" ;; esac
    load_lab
    lock_lab || die "there is no lab \"$name\""
    pid=$(pid_of rgw) || pid=''
    case $1 in
    stop)
        # the gateway alone: its port then refuses connections, data and users stay
        [ -z "$pid" ] || { ! frozen "$pid" || kill -CONT "$pid"; }
        end_procs TERM rgw
        ;;
    start)
        [ -n "$pid" ] || rgw_daemon rgw
        rgw_wait
        say "S3 answers"
        ;;
    freeze | thaw)
        [ -n "$pid" ] || die "S3 of lab \"$name\" is stopped"
        if [ "$1" = freeze ]; then kill -STOP "$pid"; else kill -CONT "$pid"; fi
        say "S3 ($pid): $1"
        ;;
    esac
}

# ---- tools/lab key -----------------------------------------------------------------------

lab_key() {
    local out=$lab/rgw/key.json log=$lab/rgw/log/users.out before
    load_lab
    lock_lab || die "there is no lab \"$name\""
    umask 077
    if [ "$1" = drop ]; then
        rgw_admin key rm --uid=bob --key-type=s3 --access-key="$2" >/dev/null 2>>"$log" ||
            die "no such key of bob; see $log"
        say "key $2 of bob is gone, and so are his policies"
        return
    fi
    before=$(rgw_admin user info --uid=bob 2>>"$log" | jq '[.keys[].access_key]') || before='[]'
    rgw_admin key create --uid=bob --key-type=s3 --gen-access-key --gen-secret >"$out" 2>>"$log" ||
        die "no new key for bob; see $log"
    jq -r --argjson before "$before" '[.keys[] | select(.access_key as $k | $before | index($k) | not)][0] |
        "NEW_KEY=\(.access_key | @sh)", "NEW_SECRET=\(.secret_key | @sh)"' "$out"
    rm -f "$out"
    say "bob has one key more, and no policy: put it again"
}
