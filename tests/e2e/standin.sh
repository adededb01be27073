#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The stand-in for Elastic Cloud's API by itself (tests/standin): it takes what the description allows and refuses the rest; the real
# nodes' keystores change, the real nodes restart; each fault happens; ECE's differences; nothing is left behind.
LAB=${LAB:-ech-e2e-$$}
. "$(dirname "$0")/lib.sh"
trap end EXIT
tools/lab up --kind ech "$LAB" 2>"$W/lab.log" >/dev/null || {
    tail -n 3 "$W/lab.log"
    ! grep -q 'error: the stand-in' "$W/lab.log" || exit 1
    echo "skipped: no lab can be had here"
    exit 77
}
eval "$(tools/lab env "$LAB")"

# ---- our description and the published one ----
libs=$(echo "${SNAPSEAL_LAB_DIR:-/var/tmp/snapseal-lab}"/dist/standin-*)
compare() { PATH=/usr/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$libs python3 tests/standin/compare.py "$1" >"$W/compare" 2>&1; }
compare ../shared/specs
rc=$?
cat "$W/compare"
if [ $rc != 77 ]; then
    same 'our description is as published' $rc 0
    mkdir "$W/specs"
    path='.paths["/deployments/{deployment_id}/elasticsearch/{ref_id}/'
    for change in "$path"'_restart"].post.parameters[2].default |= not' "$path"'keystore"].patch.responses |= del(.["500"])' \
        '.definitions.KeystoreSecret.properties.as_file.type = "string"' 'del(.definitions.ClusterInstanceInfo.properties.zone)' \
        '.definitions.BasicFailedReply.required = []'; do
        for f in hosted enterprise; do jq "$change" "../shared/specs/elastic-cloud-$f-api.json" >"$W/specs/elastic-cloud-$f-api.json"; done
        compare "$W/specs"
        same "the comparison sees: $change" $? 1
    done
fi

# ---- calls ----
umask 077
printf 'header = "Authorization: ApiKey %s"\n' "$(cat "$CLOUD_KEY")" >"$W/key"
printf 'header = "Authorization: ApiKey %sx"\n' "$(cat "$CLOUD_KEY")" >"$W/wrong"
printf 'user = "admin:%s"\n' "$(cat "${CLOUD_KEY%/*}/password")" >"$W/password"
: >"$W/none"
url=$CLOUD_URL ca=$CLOUD_CA control=$CLOUD_CONTROL who=key
one=/api/v1/deployments/$CLOUD_DEPLOYMENT
es=$one/elasticsearch/$CLOUD_REF_ID
# METHOD PATH [BODY [CURL OPTION...]]: prints the status ("exit N" if there is none whole); the answer is in $W/body, $W/head
api() {
    local method=$1 path=$2 code rc
    : >"$W/body"
    code=$(curl -q -s -K "$W/$who" --cacert "$ca" --capath /nonexistent -m 120 -D "$W/head" -o "$W/body" -w '%{http_code}' -X "$method" \
        -H 'Content-Type: application/json' ${3:+--data-binary "$3"} "${@:4}" "$url$path")
    rc=$?
    if [ $rc = 0 ]; then echo "$code"; else echo "exit $rc"; fi
}
code() { jq -r '.errors[0].code' "$W/body"; }
ctl() { curl -q -s -m 800 -X "$1" ${3:+--data-binary "$3"} "$control$2"; }
settle() { same 'settled' "$(ctl GET '/settled?seconds=700' | jq -c '[.settled, .troubles]')" '[true,[]]'; }
info() { # JQ-FILTER on the elasticsearch resource's info
    api GET "$one?show_plan_logs=true&show_plan_history=true&enrich_with_template=false" >/dev/null
    jq -r ".resources.elasticsearch[0].info | $1" "$W/body"
}
names() { # of node $1's keystore, past the stand-in
    local conf=OS_CONF_$1 as=()
    [ "$(id -un)" = "$OS_USER" ] || as=(setpriv "--reuid=$OS_USER" "--regid=$OS_USER" --clear-groups)
    ${as[@]+"${as[@]}"} env -i PATH=/usr/bin:/bin OPENSEARCH_PATH_CONF="${!conf}" "$OS_KEYSTORE" list | grep -v keystore.seed | tr '\n' ' '
}
pids() { (eval "$(tools/lab env "$LAB")" && echo "${OS_PID_1:--} ${OS_PID_2:--} ${OS_PID_3:--}"); }
changed() { # OLD NEW: which nodes' pids differ
    local -a a b
    read -r -a a <<<"$1"
    read -r -a b <<<"$2"
    for i in 0 1 2; do [ "${a[i]}" = "${b[i]}" ] || printf '%s' $((i + 1)); done
}

say 'what is allowed'
same 'deployments' "$(api GET /api/v1/deployments)" 200
same 'one, with its resource' "$(jq -c '[.deployments[] | [.id, .resources[0].kind, .resources[0].ref_id]]' "$W/body")" \
    "[[\"$CLOUD_DEPLOYMENT\",\"elasticsearch\",\"$CLOUD_REF_ID\"]]"
same 'the deployment' "$(api GET "$one")" 200
same 'its state' "$(jq -c '.resources.elasticsearch[0].info | [.status, .healthy, .metadata.service_url, ([.topology.instances[] |
    select(.healthy) | .instance_name] | join(" "))]' "$W/body")" "[\"started\",true,\"$OS_FRONT\",\"node1 node2 node3\"]"
same 'no plans unless asked for' "$(api GET "$one?show_plans=false" && jq -c '.resources.elasticsearch[0].info.plan_info' "$W/body")" \
    "$(printf '200\n{"healthy":true,"history":[]}')"
same 'an empty keystore' "$(api GET "$es/keystore" && jq -c . "$W/body")" "$(printf '200\n{"secrets":{}}')"
same 'the one resource by its short name' "$(api GET "$one/elasticsearch/_main/keystore")" 200
same 'limits in the headers' "$(grep -ic '^x-ratelimit-\(interval\|limit\|remaining\): [0-9]' "$W/head")" 3

say 'what is refused'
for w in none wrong password; do same "who: $w" "$(who=$w && api GET "$one") $(code)" '401 root.unauthenticated'; done
refuse() { # WANT METHOD PATH [BODY [OPTION...]]
    local want=$1
    shift
    same "refused: $*" "$(api "$@") $(code)" "$want"
    same 'the code in the header, too' "$(sed -n 's/^x-cloud-error-codes: \([a-z_.]*\).*/\1/p' "$W/head")" "${want#* }"
}
invalid='400 root.invalid_json_request'
refuse "$invalid" GET "$one?show_planz=true"
refuse "$invalid" GET "$one?show_plans=maybe"
refuse "$invalid" POST "$es/_restart?restart_type=rolling"
refuse "$invalid" POST "$es/_restart?shard_init_wait_time=long"
for body in '{"secrets":{"a":{"vaule":"x"}}}' '{"secrets":{"a":{"value":7}}}' '{"secrets":{"a":{"value":["x"]}}}' '{"secrets":{"a":"x"}}' \
    '{"secrets":{"a":null}}' '{"secrets":{},"more":1}' '{"secrets":{"a":{"value":"x","as_file":"no"}}}' '{}' '[]' '{"secrets":' '' \
    '{"secrets":{"a b":{"value":"x"}}}'; do
    refuse "$invalid" PATCH "$es/keystore" "$body"
done
refuse '415 root.invalid_json_request' PATCH "$es/keystore" '{"secrets":{}}' -H 'Content-Type: text/plain'
refuse '404 deployments.deployment_not_found' GET /api/v1/deployments/0123456789abcdef0123456789abcdef
refuse '404 deployments.deployment_resource_not_found' GET "$one/elasticsearch/other/keystore"
refuse '404 root.resource_not_found' GET "$one/elasticsearch/$CLOUD_REF_ID/plan/activity"
refuse '404 root.resource_not_found' POST /faults '{"do":"cut"}'
refuse '404 root.resource_not_found' GET "$es/proxy/_cluster/health" '' -H 'X-Management-Request: true'
refuse '405 root.method_not_allowed' GET "$es/plan/pending"
refuse '405 root.method_not_allowed' OPTIONS "$one"
refuse '400 deployments.resource_does_not_have_a_pending_plan' DELETE "$es/plan/pending"
same 'unless a missing plan is to be ignored' "$(api DELETE "$es/plan/pending?ignore_missing=true")" 200
same 'nothing of all that is in the keystore' "$(api GET "$es/keystore" && jq -c . "$W/body")" "$(printf '200\n{"secrets":{}}')"
same 'nor at a node' "$(names 1)" ''

say 'a keystore change reaches the real nodes, and acts after a reload'
ctl PATCH /settings '{"propagation":100000}' >/dev/null
jq -n --arg k "$BOB_KEY" --arg s "$BOB_SECRET" '{secrets: {"s3.client.secondary.access_key": {value: $k},
    "s3.client.secondary.secret_key": {value: $s}}}' >"$W/secrets"
same 'patch' "$(api PATCH "$es/keystore" "@$W/secrets")" 200
same 'names, no values' "$(jq -c . "$W/body")" \
    '{"secrets":{"s3.client.secondary.access_key":{"as_file":false},"s3.client.secondary.secret_key":{"as_file":false}}}'
same 'the platform says so' "$(api GET "$es/keystore" && jq -c '.secrets | keys' "$W/body")" \
    "$(printf '200\n["s3.client.secondary.access_key","s3.client.secondary.secret_key"]')"
same 'the nodes do not have it yet' "$(names 3)" ''
ctl PATCH /settings '{"propagation":0}' >/dev/null
settle
pair='s3.client.secondary.access_key s3.client.secondary.secret_key '
for n in 1 2 3; do same "now node$n has" "$(names $n)" "$pair"; done
put_policy "$(jq -nc --arg b "arn:aws:s3:::$LAB_BUCKET" '{Version: "2012-10-17", Statement: [{Effect: "Allow", Action: "s3:*", Resource: [$b, $b + "/*"]}]}')"
register=$(jq -nc --arg b "$LAB_BUCKET" '{type: "s3", settings: {bucket: $b, client: "secondary", base_path: "standin"}}')
same 'without a reload nothing verifies' "$(os PUT '/_snapshot/r' "$register" | jq .acknowledged)" null
os POST /_nodes/reload_secure_settings >/dev/null
same 'with it a repository does' "$(os PUT '/_snapshot/r' "$register" | jq .acknowledged)" true
same 'on every node' "$(os POST /_snapshot/r/_verify | jq -r '[.nodes[].name] | sort | join(" ")')" 'node1 node2 node3'

say 'other secrets, and removal'
key=s3.client.tertiary.secret_key
printf '{"secrets":{"s3.client.tertiary.access_key":{"value":"one\\ntwo"},"%s":{"value":{"a":"b"}}}}' $key >"$W/more"
same 'two lines and an object' "$(api PATCH "$es/keystore" "@$W/more" && jq -c --arg k $key '.secrets | [length, .[$k].as_file]' "$W/body")" \
    "$(printf '200\n[4,true]')"
settle
same 'are added, what is not named stays' "$(names 2)" "$pair"'s3.client.tertiary.access_key s3.client.tertiary.secret_key '
same 'empty, and a value of null' "$(api PATCH "$es/keystore" "{\"secrets\":{\"s3.client.tertiary.access_key\":{},\"$key\":{\"value\":null}}}")" 200
settle
same 'are removed' "$(names 1)$(api GET "$es/keystore" && jq -c '.secrets | keys' "$W/body")" \
    "$pair$(printf '200\n["s3.client.secondary.access_key","s3.client.secondary.secret_key"]')"

say 'a restart: one node after the other, pending until it is done, also if the platform dies meanwhile'
before=$(pids) first=$(info .plan_info.current.plan_attempt_id)
same 'restart' "$(api POST "$es/_restart?group_attribute=__zone__&skip_snapshot=true" && jq -c . "$W/body")" "$(printf '202\n{"warnings":[]}')"
refuse '422 deployments.deployment_resource_plan_change_error' POST "$es/_restart"
same 'pending' "$(info '[.status, .plan_info.pending != null, .plan_info.current.plan_attempt_id] | join(" ")')" "restarting true $first"
until [ "$(changed "$before" "$(pids)")" = 1 ] || [ $((waited = ${waited:-0} + 1)) = 600 ]; do sleep 0.1; done
tools/lab cloud kill "$LAB" 2>/dev/null
same 'killed' "$(api GET "$one")" 'exit 7'
check 'seen' eval '! tools/lab status "$LAB" >/dev/null'
same 'and back' "$(tools/lab cloud start "$LAB" 2>/dev/null; api GET "$one")" 200
settle
same 'all nodes are new' "$(changed "$before" "$(pids)")" 123
same 'the plan is current, and well' "$(info '[.status, .healthy, .plan_info.pending, .plan_info.current.healthy,
    (.plan_info.current.plan_attempt_id != "'"$first"'"), .plan_info.current.plan_attempt_log[-1].step_id, (.plan_info.history | length)] | @csv')" \
    '"started",true,,true,true,"plan-completed",2'
same 'in order' "$(info '[.plan_info.current.plan_attempt_log[] | select(.step_id == "rolling-restart") | .info_log[0].message] | unique | join(", ")')" \
    'Restarted node1, Restarted node2, Restarted node3'
same 'still verified' "$(os POST /_snapshot/r/_verify | jq -r '.nodes | length')" 3

say 'stopped: all nodes down; a restart brings them back'
ctl POST /stop >/dev/null
same 'stopped' "$(info '[.status, .healthy, ([.topology.instances[] | select(.service_running)] | length)] | @csv')" '"stopped",false,0'
same 'no process' "$(pids)" '- - -'
ctl PATCH /settings '{"begin":100000}' >/dev/null
same 'restart' "$(api POST "$es/_restart")" 202
same 'the plan comes later' "$(info .plan_info.pending)" null
ctl PATCH /settings '{"begin":0}' >/dev/null
settle
same 'started' "$(info '[.status, .healthy, ([.topology.instances[] | select(.service_running)] | length)] | @csv')" '"started",true,3'

say 'a plan that really fails: a secret that no plugin knows stops the node from coming up'
same 'patch' "$(api PATCH "$es/keystore" '{"secrets":{"no.such.setting":{"value":"x"}}}')" 200
same 'restart, with a snapshot before it' "$(api POST "$es/_restart?skip_snapshot=false")" 202
settle
same 'failed' "$(info '[.status, .healthy, .plan_info.healthy, (.plan_info.history[-1] | .healthy, .plan_attempt_log[-1].status,
    .warnings[0].code), .plan_info.current.healthy] | @csv')" '"started",false,false,false,"error","snapshot.failed",true'
check 'and says why' grep -q 'node1 ended' <<<"$(info '.plan_info.history[-1].error.message')"
same 'removed' "$(api PATCH "$es/keystore" '{"secrets":{"no.such.setting":{}}}')" 200
same 'restart at once' "$(api POST "$es/_restart?group_attribute=__all__&cancel_pending=true")" 202
settle
same 'healed' "$(info '[.healthy, .plan_info.healthy, ([.plan_info.current.plan_attempt_log[] | select(.step_id == "rolling-restart")] | length)] | @csv')" \
    'true,true,1'

. tests/e2e/lib_standin_faults.sh

say 'the lab as a whole'
tools/lab cloud stop "$LAB" 2>/dev/null
same 'up starts what does not run' "$(tools/lab up --kind ech "$LAB" 2>/dev/null; api GET "$one")" 200
check 'but not another kind of lab' eval '! tools/lab up --kind opensearch "$LAB" 2>/dev/null'
same 'status' "$(tools/lab status "$LAB" >/dev/null; echo $?)" 0

say 'secrets and sockets'
cp "$CLOUD_LOG" "$W/log"
printf '%s\n' "$BOB_SECRET" "$(cat "$CLOUD_KEY")" "$(cat "${CLOUD_KEY%/*}/password")" >"$W/values"
check 'the log has the calls' grep -q " PATCH $es/keystore 200 - " "$W/log"
same 'no secret in logs, in the state, in an answer of the control port' \
    "$(cat "$W/log" "${CLOUD_KEY%/*}/state.json" "${CLOUD_KEY%/*}/out" <(ctl GET /) <(ctl GET /calls) | grep -acFf "$W/values")" 0
same 'none in arguments or environments' "$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -acFf "$W/values")" 0
pid=$(cat "$LAB_DIR/run/cloud.pid")
same 'listens on loopback only' "$(ss -Hltnp | grep -w "pid=$pid" | awk '{ print $4 }' | sed 's/:.*//' | sort -u)" 127.0.0.1
if [ -z "${KEEP:-}" ]; then
    same 'down' "$(tools/lab down "$LAB" 2>/dev/null; echo $?)" 0
    same 'no process is left' "$([ ! -d "/proc/$pid" ] || grep -L '^State:.Z' "/proc/$pid/status")" ''
fi
finish
