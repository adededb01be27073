# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# nginx before the nodes: TLS with a CA of its own, and a password.

front_create() {
    local dir=$lab/front front_port=${ports[3]} servers='' identity='' n
    make_certs "$dir" 'snapseal lab: cluster CA' ''
    mkdir -p "$dir/tmp"
    for ((n = 1; n <= num_nodes; n++)); do
        servers+="        server 127.0.0.1:${ports[2 + 2 * n]} max_fails=1 fail_timeout=2s;"$'\n'
    done
    servers=${servers%$'\n'}
    [ -z "$kind" ] || identity=$(elastic_identity)$'\n'
    render nginx.conf dir front_port servers identity >"$dir/nginx.conf"
    (
        umask 077
        printf '%s:%s\n' "$front_user" "$(openssl passwd -apr1 -stdin <<<"$front_pass")" >"$dir/htpasswd"
    )
    if am_root; then chown -R "$os_user:$os_user" "$dir"; fi
    chmod 0711 "$dir"
    front_launch
}
# What runs at Elastic Cloud is an Elasticsearch whose cluster bears its resource's id, and so it answers here: GET / says
# no distribution and another name. Everything else comes from the nodes as it is.
elastic_identity() {
    cat <<EOF
        location = / {
            proxy_pass http://nodes;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Authorization "";
            proxy_set_header Accept-Encoding "";
            sub_filter_types application/json;
            sub_filter_once off;
            sub_filter '"distribution" : "opensearch"' '"build_flavor" : "default"';
            sub_filter '"cluster_name" : "$cluster"' '"cluster_name" : "$resource"';
            add_header X-elastic-product Elasticsearch;
        }
EOF
}
front_launch() {
    local run_as i
    run_as
    setsid ${run_as[@]+"${run_as[@]}"} nginx -c "$lab/front/nginx.conf" -e "$lab/front/error.log" \
        >>"$lab/front/out" 2>&1 </dev/null 7<&- 8<&- 9<&- &
    echo $! >"$lab/run/front.pid"
    disown
    for ((i = 0; i < 100; i++)); do
        [ "$(front_code)" != 401 ] || return 0
        sleep 0.05
    done
    die "nginx does not answer; see $lab/front"
}
front_code() { # the answer's code, without a password
    curl -q -s -o /dev/null -m 5 --cacert "$lab/front/ca.crt" --capath /nonexistent \
        -w '%{http_code}' "https://127.0.0.1:${ports[3]}/" || true
}
front_get() { # $1: path, with the password
    printf 'user = "%s:%s"\n' "$front_user" "$front_pass" |
        curl -q -s -m 10 -K - --cacert "$lab/front/ca.crt" --capath /nonexistent \
            "https://127.0.0.1:${ports[3]}$1"
}
