# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# A lab as a whole: up, down, status, env.

# ---- up --------------------------------------------------------------------------------------

lab_up() {
    make_root
    lab_install
    while ! claim; do
        if ! lock_lab; then continue; fi
        if is_ready && mend; then return 0; fi
        say "lab \"$name\" is the rest of an earlier one: making it anew"
        remove_lab
        exec 7<&-
    done
    trap 'up_failed $?' EXIT
    trap 'exit 143' TERM HUP
    trap 'exit 130' INT
    make_certs "$lab/rgw/tls" 'snapseal lab: S3 CA' ",DNS:$s3_dns,DNS:*.$s3_dns"
    rgw_create &
    rgw_job=$!
    local n
    nodes_trust
    for ((n = 1; n <= num_nodes; n++)); do
        node_config "$n"
        node_launch "$n"
    done
    front_create
    if [ -n "$kind" ]; then standin_create; fi
    say "cluster: $num_nodes nodes on their way"
    wait $rgw_job || exit 1
    rgw_job=
    # shellcheck disable=SC2046
    nodes_wait $(seq "$num_nodes")
    uuid=$(front_get / | jq -r .cluster_uuid)
    [ ${#uuid} -eq 22 ] || die "the cluster's UUID could not be read through the front"
    echo "uuid=$uuid" >>"$lab/lab.conf"
    if [ -n "$kind" ]; then
        standin_wait
        say "stand-in for Elastic Cloud ($kind): https://127.0.0.1:${ports[10]}"
    fi
    : >"$lab/ready"
    trap - EXIT TERM HUP INT
    say "cluster: green, $num_nodes nodes, https://127.0.0.1:${ports[3]}"
    say "lab \"$name\" is up; eval \"\$(tools/lab env $name)\""
}
claim() { # make the lab's directory and write down what it will be; false if it is there
    local client
    lock_root
    if ! mkdir "$lab" 2>/dev/null; then
        unlock_root
        [ -d "$lab" ] || die "$lab cannot be made"
        return 1
    fi
    chmod 0711 "$lab"
    exec 7<"$lab"
    flock 7
    touch "$dist/complete" # in use: see the end of dist_make
    pick_ports $((4 + 2 * num_nodes + ${kind:+2 +} 0))
    cluster=lab-$name clients='secondary tertiary' front_user=admin front_pass=$(random_word 24)
    for client in ${LAB_CLIENTS:-}; do
        case $client in *[!a-z0-9_-]*) die "LAB_CLIENTS: a client's name has a-z 0-9 _ - only" ;; esac
        case " $clients " in *" $client "*) ;; *) clients+=" $client" ;; esac
    done
    (
        umask 077
        mkdir "$lab/run"
        {
            echo "ports=(${ports[*]})"
            printf '%s=%q\n' dist "$dist" java "$java" cluster "$cluster" clients "$clients" \
                kind "${kind:=}" deployment "${kind:+$(hex_word)}" resource "${kind:+$(hex_word)}" \
                front_user "$front_user" front_pass "$front_pass"
        } >"$lab/lab.conf"
    )
    # shellcheck source=/dev/null
    . "$lab/lab.conf"
    mkdir "$lab/rgw" "$lab/front"
    chmod 0711 "$lab/rgw"
    unlock_root
}
up_failed() {
    [ -z "${rgw_job:-}" ] || { kill "$rgw_job" 2>/dev/null && wait "$rgw_job" 2>/dev/null; } || true
    end_procs KILL cloud "${procs_of_lab[@]}" 2>/dev/null
    end_strays 2>/dev/null
    if [ "$1" -ge 128 ]; then
        remove_lab 2>/dev/null
    else
        printf 'lab: error: lab "%s" did not come up; logs are in %s until: tools/lab down %s\n' \
            "$name" "$lab" "$name" >&2
    fi
    exit "$1"
}
mend() { # a lab that was up: start what does not run; false if its data is gone
    local p words='runs already'
    load_lab
    [ -z "${asked:-}" ] || [ "${kind:-opensearch}" = "$asked" ] || die "lab \"$name\" is there, as one of kind ${kind:-opensearch}; end it first: tools/lab down $name"
    if ! pid_of mon >/dev/null || ! pid_of osd >/dev/null; then return 1; fi
    for p in "${procs_of_lab[@]}"; do
        pid_of "$p" >/dev/null || {
            say "$p does not run: starting it"
            words='is whole again'
            case $p in
            rgw) rgw_daemon rgw ;;
            front) front_launch ;;
            cloud) standin_launch ;;
            node*) node_launch "${p#node}" ;;
            esac
        }
    done
    rgw_wait
    # shellcheck disable=SC2046
    nodes_wait $(seq "$num_nodes")
    [ -z "$kind" ] || standin_wait
    say "lab \"$name\" $words"
}

# ---- down ------------------------------------------------------------------------------------

lab_down() {
    if ! lock_lab; then
        say "there is no lab \"$name\""
        return 0
    fi
    remove_lab
    say "lab \"$name\" is gone"
}
remove_lab() {
    [ ! -d "$lab/run" ] || end_procs KILL cloud "${procs_of_lab[@]}"
    end_strays
    rm -rf -- "$lab"
}
# Processes that a killed "up" had started but not written down yet: they carry the path of this
# lab's configuration as an argument.
end_strays() {
    local f pid n tries
    for ((tries = 0; tries < 50; tries++)); do
        # the patterns by a pipe, or grep would find itself
        # shellcheck disable=SC2062
        f=$({
            printf '%s\n' "$lab/rgw/ceph.conf" "$lab/front/nginx.conf" "$lab/cloud/standin.json"
            for ((n = 1; n <= num_nodes; n++)); do echo "-Dopensearch.path.conf=$lab/node$n/config"; done
        } | grep -slzxF --file=- /proc/[0-9]*/cmdline | head -n 1) || true
        [ -n "$f" ] || return 0
        pid=${f#/proc/}
        pid=${pid%/cmdline}
        say "ending a stray process ($pid)"
        kill -KILL "$pid" 2>/dev/null || true
        sleep 0.1
    done
}

# ---- status ----------------------------------------------------------------------------------

lab_status() {
    local p pid rss state rc=0 health
    [ -d "$lab" ] || {
        echo "no lab \"$name\""
        exit 1
    }
    load_lab
    is_ready || {
        echo "lab \"$name\" is not up (yet)"
        rc=1
    }
    for p in "${procs_of_lab[@]}"; do
        if pid=$(pid_of "$p"); then
            rss=$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status")
            state=running
            if frozen "$pid"; then state=frozen rc=1; fi
            printf '%-6s %-8s pid %-8s %4d MB\n' "$p" $state "$pid" "$rss"
        else
            printf '%-6s %-8s\n' "$p" stopped
            rc=1
        fi
    done
    if rgw_answers; then health=answers; else health='does not answer' rc=1; fi
    echo "S3      https://127.0.0.1:${ports[2]} $health"
    health=$(front_get '/_cat/health?h=status,node.total') || true
    case $health in "green $num_nodes"*) ;; *) rc=1 ;; esac
    case $health in green* | yellow* | red*) ;; *) health='does not answer' ;; esac
    echo "cluster https://127.0.0.1:${ports[3]} ${health% } of $num_nodes nodes"
    [ -z "$kind" ] || {
        if standin_answers; then health=answers; else health='does not answer' rc=1; fi
        echo "cloud   https://127.0.0.1:${ports[10]} $health ($kind)"
    }
    return $rc
}

# ---- env -------------------------------------------------------------------------------------

lab_env() {
    local n all=''
    load_lab
    is_ready || die "lab \"$name\" is not up"
    for ((n = 1; n <= num_nodes; n++)); do all+=" $(node_http "$n")"; done
    env_lines LAB_DIR "$lab" LAB_NAME "$name" LAB_BUCKET snaps LAB_BUCKET2 snaps2 LAB_CLIENTS "$clients" \
        S3_HTTPS "https://127.0.0.1:${ports[2]}" S3_HTTP "http://127.0.0.1:${ports[1]}" \
        S3_HTTPS_VHOST "https://$s3_dns:${ports[2]}" S3_HTTP_VHOST "http://$s3_dns:${ports[1]}" \
        S3_DNS_NAME "$s3_dns" S3_CA "$lab/rgw/tls/ca.crt" S3_REGION "$s3_region" \
        ROOT_KEY "$ROOT_KEY" ROOT_SECRET "$ROOT_SECRET" ALICE_KEY "$ALICE_KEY" ALICE_SECRET "$ALICE_SECRET" \
        BOB_KEY "$BOB_KEY" BOB_SECRET "$BOB_SECRET" RGW_ADMIN "radosgw-admin -c $lab/rgw/ceph.conf" \
        OS_FRONT "https://127.0.0.1:${ports[3]}" OS_FRONT_CA "$lab/front/ca.crt" OS_FRONT_USER "$front_user" \
        OS_FRONT_PASS "$front_pass" OS_FRONT_LOG "$lab/front/access.log" CLUSTER "$cluster" \
        OS_CLUSTER_UUID "$uuid" OS_NODES "$num_nodes" OS_HTTP "${all# }" OS_DIST "$dist" \
        OS_KEYSTORE "$dist/bin/opensearch-keystore" OS_USER "$(node_user)"
    printf 'export OPENSEARCH_JAVA_HOME=%s\n' "$(quote "$java")"
    for ((n = 1; n <= num_nodes; n++)); do
        env_lines "OS_NAME_$n" "node$n" "OS_HTTP_$n" "$(node_http "$n")" "OS_CONF_$n" "$lab/node$n/config" \
            "OS_LOG_$n" "$lab/node$n/logs/$cluster.log" "OS_PID_$n" "$(pid_of "node$n" || true)"
    done
    [ -z "$kind" ] || env_lines CLOUD_KIND "$kind" CLOUD_URL "https://127.0.0.1:${ports[10]}" CLOUD_CA "$lab/cloud/ca.crt" \
        CLOUD_KEY "$lab/cloud/api.key" CLOUD_DEPLOYMENT "$deployment" CLOUD_REF_ID main-elasticsearch \
        CLOUD_LOG "$lab/cloud/access.log" CLOUD_CONTROL "http://127.0.0.1:${ports[11]}"
    [ "$kind" != ece ] || env_lines CLOUD_USER admin CLOUD_PASS "$lab/cloud/password"
}
env_lines() { # name, value, name, value ...
    while [ $# -gt 1 ]; do
        printf '%s=%s\n' "$1" "$(quote "$2")"
        shift 2
    done
}
node_user() { if am_root; then echo "$os_user"; else id -un; fi; }
