# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Before a lab of kind ech or ece: the stand-in of tests/standin, which answers as Elastic Cloud's API and drives the nodes.

standin_src=$(readlink -f "$parts/../../tests/standin")

find_standin() { # sets standin_libs; true if they are there
    local id
    id=$({
        cat "$standin_src/requirements.txt"
        python3 --version
    } 2>/dev/null | sha256sum)
    standin_libs=$root/dist/standin-${id:0:8}
    [ -d "$standin_libs" ]
}
fetch_standin() {
    local new=$root/dist/standin.new
    rm -rf "$new"
    python3 -m pip --version >/dev/null 2>&1 || get_packages python3-pip
    say "fetching the stand-in's libraries"
    python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --target "$new" \
        -r "$standin_src/requirements.txt" >>"$log" 2>&1 ||
        die "pip could not fetch the stand-in's libraries: $(first_error "$log")"
    rm -rf "$root/dist"/standin-*
    mv "$new" "$standin_libs"
}

standin_create() {
    local dir=$lab/cloud n nodes=()
    make_certs "$dir" 'snapseal lab: cloud CA' ''
    for ((n = 1; n <= num_nodes; n++)); do
        nodes+=("$(jq -nc --arg name "node$n" --arg http "$(node_http "$n")" --arg conf "$lab/node$n/config" \
            '{$name, $http, $conf}')")
    done
    (
        umask 077
        random_word 44 >"$dir/api.key"
        random_word 24 >"$dir/password"
        echo "$front_user:$front_pass" >"$dir/cluster"
        printf '%s\n' "${nodes[@]}" | jq -s --arg kind "$kind" --argjson port "${ports[10]}" \
            --argjson control_port "${ports[11]}" --arg dir "$dir" --arg lab_dir "$lab" --arg lab "$name" --arg lab_tool "$self" \
            --arg deployment_id "$deployment" --arg resource_id "$resource" \
            --arg cluster_url "https://127.0.0.1:${ports[3]}" --arg keystore_tool "$dist/bin/opensearch-keystore" \
            --arg java "$java" --arg user "$(node_user)" '{nodes: ., $kind, $port, $control_port, $lab, $lab_tool,
                $deployment_id, $resource_id, ref_id: "main-elasticsearch", region: "lab-1", name: ("deployment-" + $lab),
                $cluster_url, $keystore_tool, $java, $user, cert: ($dir + "/server.crt"), key: ($dir + "/server.key"),
                api_key_file: ($dir + "/api.key"), user_name: "admin", password_file: ($dir + "/password"),
                cluster_auth_file: ($dir + "/cluster"), cluster_ca: ($lab_dir + "/front/ca.crt"),
                state_file: ($dir + "/state.json"), log: ($dir + "/access.log")}' >"$dir/standin.json"
    ) || exit 1
    standin_launch
}
hex_word() { head -c 16 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
standin_launch() {
    find_standin || die "the stand-in's libraries are gone; get them with: tools/lab install"
    setsid env SNAPSEAL_LAB_DIR="$root" PYTHONPATH="$standin_libs" PYTHONDONTWRITEBYTECODE=1 \
        python3 "$standin_src/standin.py" "$lab/cloud/standin.json" >>"$lab/cloud/out" 2>&1 </dev/null 7<&- 8<&- 9<&- &
    echo $! >"$lab/run/cloud.pid"
    disown
}
standin_answers() { # 401 without a key
    [ "$(curl -q -s -o /dev/null -m 5 --cacert "$lab/cloud/ca.crt" --capath /nonexistent -w '%{http_code}' \
        "https://127.0.0.1:${ports[10]}/api/v1/deployments")" = 401 ]
}
standin_wait() {
    local i
    for ((i = 0; i < 300; i++)); do
        ! standin_answers || return 0
        [ "$i" -lt 20 ] || pid_of cloud >/dev/null || break
        sleep 0.1
    done
    die "the stand-in does not answer; see $lab/cloud/out"
}

# ---- tools/lab cloud -------------------------------------------------------------------------

lab_cloud() {
    local pid
    case $1 in stop | start | kill | freeze | thaw) ;; *) usage_error "cloud stop, start, kill, freeze or thaw" ;; esac
    load_lab
    [ -n "$kind" ] || die "lab \"$name\" has no stand-in; make one with: tools/lab up ech"
    lock_lab || die "there is no lab \"$name\""
    pid=$(pid_of cloud) || pid=''
    case $1 in
    stop) end_procs TERM cloud ;;
    kill) end_procs KILL cloud ;;
    start)
        [ -n "$pid" ] || standin_launch
        standin_wait
        say "the stand-in answers"
        ;;
    freeze | thaw)
        [ -n "$pid" ] || die "the stand-in of lab \"$name\" is stopped"
        if [ "$1" = freeze ]; then kill -STOP "$pid"; else kill -CONT "$pid"; fi
        say "the stand-in ($pid): $1"
        ;;
    esac
}
