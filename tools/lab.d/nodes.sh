# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# The nodes: configuration, start, and waiting until the cluster is whole.

node_http() { echo "http://127.0.0.1:${ports[2 + 2 * $1]}"; }

run_as() { # sets run_as: what makes a command run as the nodes' user
    run_as=()
    if am_root; then run_as=(setpriv "--reuid=$os_user" "--regid=$os_user" --clear-groups --inh-caps=-all); fi
}

# What the nodes shall trust besides the world's CAs: Java's own store has the S3 service's CA for
# most of the plugin; its asynchronous client looks in /etc/ssl/certs only, so the nodes get a private
# view of that directory. With both, a repository needs no setting for it.
nodes_trust() {
    local keytool=$java/bin/keytool
    cp -L "$java/lib/security/cacerts" "$lab/truststore"
    chmod 0644 "$lab/truststore"
    "$keytool" -importcert -noprompt -alias lab-s3 -file "$lab/rgw/tls/ca.crt" \
        -keystore "$lab/truststore" -storepass changeit >/dev/null 2>&1 || die "keytool failed"
    mkdir -p "$lab/certs"
    cp -RL /etc/ssl/certs/. "$lab/certs/" 2>/dev/null || true # dangling links are no loss
    cat "$lab/rgw/tls/ca.crt" >>"$lab/certs/ca-certificates.crt"
}

node_config() { # node $1
    local n=$1 dir=$lab/node$1 http_port=${ports[2 + 2 * $1]} transport_port=${ports[3 + 2 * $1]}
    local seeds='' members='' i client
    for ((i = 1; i <= num_nodes; i++)); do
        seeds+=", 127.0.0.1:${ports[3 + 2 * i]}"
        members+=", node$i"
    done
    seeds=${seeds#, } members=${members#, }
    mkdir -p "$dir"/{config/jvm.options.d,data,logs,tmp}
    cp "$dist"/config/{jvm.options,log4j2.properties} "$dir/config/"
    {
        printf '%s\n' "-Djava.io.tmpdir=$dir/tmp" "-XX:ErrorFile=$dir/logs/hs_err.log" \
            "-javaagent:$dist/agent/opensearch-agent.jar" \
            -XX:+UnlockDiagnosticVMOptions -XX:+AllowArchivingWithJavaAgent
        [ ! -f "$dist/lib/opensearch.jsa" ] || echo "-XX:SharedArchiveFile=$dist/lib/opensearch.jsa"
        [ ! -d "$lab/rgw" ] || printf '%s\n' "-Djavax.net.ssl.trustStore=$lab/truststore" \
            -Djavax.net.ssl.trustStorePassword=changeit
    } >"$dir/config/jvm.options.d/lab.options"
    {
        render opensearch.yml cluster n dir http_port transport_port seeds members
        for client in $clients; do
            printf "s3.client.$client.%s\n" "endpoint: https://127.0.0.1:${ports[2]}" \
                'path_style_access: true' "region: $s3_region"
        done
    } >"$dir/config/opensearch.yml"
    if am_root; then chown -R "$os_user:$os_user" "$dir"; fi
    # setgid: a keystore that root writes stays readable for the node
    chmod 2770 "$dir/config"
    chmod 0750 "$dir"/{data,logs,tmp}
}

node_launch() { # node $1; it makes its keystore at its first start
    local dir=$lab/node$1 view=() run_as
    run_as
    if [ -d "$lab/certs" ]; then private_certs; fi
    setsid ${view[@]+"${view[@]}"} ${run_as[@]+"${run_as[@]}"} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        LANG=C.UTF-8 HOME="$dir" OPENSEARCH_JAVA_HOME="$java" OPENSEARCH_PATH_CONF="$dir/config" \
        OPENSEARCH_TMPDIR="$dir/tmp" AWS_EC2_METADATA_DISABLED=true \
        "$dist/bin/opensearch" >>"$dir/logs/out" 2>&1 </dev/null 7<&- 8<&- 9<&- &
    echo $! >"$lab/run/node$1.pid"
    disown
}
private_certs() { # sets view: what gives a command its own /etc/ssl/certs
    # shellcheck disable=SC2016
    local mount='mount --bind "$0" /etc/ssl/certs && exec "$@"'
    if am_root; then
        view=(unshare --mount --propagation private sh -c "$mount" "$lab/certs")
    else
        # root of a user namespace may mount; a second one gives the own id back
        view=(unshare --user --map-root-user --mount --propagation private sh -c "$mount" "$lab/certs"
            unshare --user --map-user="$(id -u)" --map-group="$(id -g)")
    fi
}

node_up() { # the process of node $1 is there; a moment after its start that is not java yet
    local pid=''
    read -r pid 2>/dev/null <"$lab/run/node$1.pid" && alive "$pid"
}
node_died() {
    local why
    why=$(grep -aE '^[A-Za-z].*(Exception|Error|root cause)' "$lab/node$1/logs/out" 2>/dev/null | tail -n 1) || why=
    die "node$1 ended${why:+: $why}; see $lab/node$1/logs"
}
# Waits until nodes $1... (all at work) say that they are one cluster, green if they are all.
nodes_wait() {
    local n c='' since=$SECONDS max=${LAB_WAIT:-150} query
    query="wait_for_nodes=$#&wait_for_no_initializing_shards=true&timeout=1s"
    [ $# -lt "$num_nodes" ] || query+='&wait_for_status=green'
    while [ $((SECONDS - since)) -lt "$max" ]; do
        for n in "$@"; do node_up "$n" || node_died "$n"; done
        for n in "$@"; do
            c=$(curl -q -s -o /dev/null -m 5 -w '%{http_code}' "$(node_http "$n")/_cluster/health?$query") || true
            [ "$c" = 200 ] || break
        done
        [ "$c" != 200 ] || return 0
        sleep 0.1
    done
    die "the cluster is not whole after $max s; see $lab/node*/logs"
}
running_nodes() { # sets running: the nodes that run and are not frozen
    local n pid
    running=()
    for ((n = 1; n <= num_nodes; n++)); do
        if pid=$(pid_of "node$n") && ! frozen "$pid"; then running+=("$n"); fi
    done
}

# ---- tools/lab node --------------------------------------------------------------------------

lab_node() {
    local action=$1 n pid running=() group=()
    case $action in stop | start | restart | kill | freeze | thaw) ;;
    *) usage_error "node stop, start, restart, kill, freeze or thaw" ;; esac
    IFS=, read -r -a group <<<"$2"
    [ ${#group[@]} -gt 0 ] || usage_error "which node? 1 to $num_nodes"
    for n in "${group[@]}"; do
        case $n in [1-9]) ;; *) usage_error "which node? 1 to $num_nodes" ;; esac
        [ "$n" -le "$num_nodes" ] || usage_error "which node? 1 to $num_nodes"
    done
    load_lab
    lock_lab || die "there is no lab \"$name\""
    for n in "${group[@]}"; do
        pid=$(pid_of "node$n") || pid=''
        case $action in
        freeze | thaw)
            [ -n "$pid" ] || die "node$n of lab \"$name\" is stopped"
            if [ "$action" = freeze ]; then kill -STOP "$pid"; else kill -CONT "$pid"; fi
            say "node$n ($pid): $action"
            ;;
        stop | restart) [ -z "$pid" ] || ! frozen "$pid" || kill -CONT "$pid" ;;
        start) [ -z "$pid" ] || say "node$n runs already ($pid)" ;;
        esac
    done
    case $action in
    kill) end_procs KILL "${group[@]/#/node}" ;;
    stop | restart) end_procs TERM "${group[@]/#/node}" ;;
    esac
    case $action in start | restart) ;; *) return 0 ;; esac
    for n in "${group[@]}"; do node_up "$n" || node_launch "$n"; done
    running_nodes
    for n in "${group[@]}"; do
        case " ${running[*]-} " in *" $n "*) ;; *) running+=("$n") ;; esac
    done
    nodes_wait "${running[@]}"
    say "node${group[*]} is back, ${#running[@]} of $num_nodes nodes"
}
