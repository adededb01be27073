# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Part of standin.sh: each fault that the control port can set, and ECE's differences.
state() { api GET "$es/keystore" >/dev/null && jq -c '.secrets | keys' "$W/body"; }
fault() { same "fault $1" "$(ctl POST /faults "$1" | jq -r .do)" "$(jq -r .do <<<"$1")"; }
patch() { # NAME [CURL OPTION...]: adds s3.client.tertiary.NAME; prints the status
    api PATCH "$es/keystore" "{\"secrets\":{\"s3.client.tertiary.$1\":{\"value\":\"x\"}}}" "${@:2}"
}
took() { # YES|NO NAME: whether the platform has it; takes it away again
    same "acted: $1" "$(grep -c "tertiary.$2" <<<"$(state)")" "$(case $1 in yes) echo 1 ;; *) echo 0 ;; esac)"
    api PATCH "$es/keystore" "{\"secrets\":{\"s3.client.tertiary.$2\":{}}}" >/dev/null
}

say 'faults: on the wire'
for wrong in '{"do":"explode"}' '{"do":"cut","status":500}' '{"do":"cut","when":"later"}' '{"do":"slow","seconds":"x"}' \
    '{"do":"plan_fails","on":"keystore_get"}' '[]' 'x'; do
    same "no such fault: $wrong" "$(ctl POST /faults "$wrong" | jq 'has("error")')" true
done
# FAULT WANT ACTED: at the next keystore_patch, and only there
at_patch() {
    fault "{\"on\":\"keystore_patch\",$1}"
    same 'another call goes well' "$(api GET "$es/keystore")" 200
    same "at the call: $1" "$(patch access_key)" "$2"
    cp "$W/body" "$W/fault.body"
    cp "$W/head" "$W/fault.head"
    took "$3" access_key
    same 'once' "$(patch access_key)" 200
    took yes access_key
}
at_patch '"do":"answer","status":503' 503 no
same 'in the shape of the API' "$(jq '.errors | length' "$W/fault.body")" 1
at_patch '"do":"answer","status":500,"when":"after"' 500 yes
at_patch '"do":"limit","interval":2' 429 no
same 'with the headers' "$(grep -ciE '^x-ratelimit-(interval: 2|remaining: 0)' "$W/fault.head")" 2
at_patch '"do":"cut"' 'exit 52' no
at_patch '"do":"cut","when":"after"' 'exit 52' yes
at_patch '"do":"cut","how":"reset"' 'exit 56' no
at_patch '"do":"html"' 502 no
same 'no JSON' "$(head -c 6 "$W/fault.body")" '<html>'
at_patch '"do":"garbage"' 200 yes
check 'no JSON' eval '! jq . "$W/fault.body" >/dev/null 2>&1'
at_patch '"do":"shape"' 200 yes
same 'JSON of another shape' "$(jq -r type "$W/fault.body")" array
at_patch '"do":"short"' 'exit 18' yes
at_patch '"do":"redirect"' 307 no
check 'to somewhere' grep -qi '^location: https://127.0.0.1' "$W/fault.head"
at_patch '"do":"nothing"' 200 no
same 'says it is there' "$(jq '.secrets | has("s3.client.tertiary.access_key")' "$W/fault.body")" true

fault '{"on":"deployment","do":"endless","seconds":20}'
same 'endless: the client gives up' "$(api GET "$one" '' -m 2)" 'exit 28'
check 'after much' test "$(wc -c <"$W/body")" -gt 100000
fault '{"on":"deployment","do":"slow","seconds":30}'
same 'slow: longer than the client waits' "$(api GET "$one" '' -m 1)" 'exit 28'
fault '{"on":"deployment","do":"answer","status":502,"skip":1,"times":2}'
same 'later, and twice' "$(for i in 1 2 3 4; do api GET "$one"; done | tr '\n' ' ')" '200 502 502 200 '
ctl PATCH /settings '{"limit":2,"interval":3600}' >/dev/null
tries=0
until [ "$(api GET "$one")" = 429 ] || [ $((tries = tries + 1)) = 20 ]; do :; done
same 'a real limit' "$(sed -n 's/^x-ratelimit-remaining: \([0-9]*\).*/\1/p' "$W/head")" 0
ctl PATCH /settings '{"limit":1,"interval":0}' >/dev/null
same 'after the interval' "$(api GET "$one")" 200
ctl PATCH /settings '{"limit":100000,"interval":60}' >/dev/null

say 'faults: in what is done'
fault '{"do":"left_behind","nodes":[2]}'
same 'patch' "$(patch access_key)" 200
settle
same 'a node is left behind' "$(names 1)|$(names 2)|$(names 3)" "${pair}s3.client.tertiary.access_key |$pair|${pair}s3.client.tertiary.access_key "
took yes access_key
settle
before=$(pids)
fault '{"on":"restart","do":"nothing"}'
same 'restart' "$(api POST "$es/_restart")" 202
same 'did nothing' "$(info .plan_info.pending) $(changed "$before" "$(pids)")" 'null '
fault '{"do":"plan_fails","groups":1}'
same 'restart' "$(api POST "$es/_restart")" 202
settle
same 'failed after the first node' "$(changed "$before" "$(pids)") $(info '.plan_info.history[-1].error.message')" '1 node2 did not become ready in time'
same 'the last good plan is current' "$(info .plan_info.current.error)" null
ctl PATCH /settings '{"failed_plan":"current"}' >/dev/null
ctl POST /plan >/dev/null
same "somebody else's plan" "$(api POST "$es/_restart") $(code)" '422 deployments.deployment_resource_plan_change_error'
same 'cancelled' "$(api DELETE "$es/plan/pending")" 200
settle
same 'is a failure' "$(info .plan_info.current.error.message)" 'The plan was cancelled'
before=$(pids)
fault '{"do":"plan_hangs"}'
same 'restart' "$(api POST "$es/_restart?group_attribute=__all__")" 202
tries=0
until [ "$(info '.plan_info.pending.plan_attempt_log[-1].step_id')" = rolling-restart ] || [ $((tries = tries + 1)) -gt 600 ]; do sleep 0.2; done
same 'the nodes are new' "$(changed "$before" "$(pids)")" 123
same 'and it hangs' "$(ctl GET '/settled?seconds=1' | jq .settled)" false
same 'cancelled' "$(api DELETE "$es/plan/pending")" 200
settle
ctl DELETE /faults >/dev/null

say 'ECE: a password, and the way to the cluster through the platform'
jq --arg d "$W" '.kind = "ece" | .port = 0 | .control_port = 0 | .state_file = $d + "/ece.json" | .log = $d + "/ece.log" | .ports_file = $d + "/ece.ports"' \
    "${CLOUD_KEY%/*}/standin.json" >"$W/ece.conf"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$libs /usr/bin/python3 tests/standin/standin.py "$W/ece.conf" >"$W/ece.out" 2>&1 &
ece=$! tries=0
until [ -s "$W/ece.ports" ] || [ $((tries = tries + 1)) -gt 400 ]; do sleep 0.1; done
read -r port _ <"$W/ece.ports"
url=https://127.0.0.1:$port
same 'a key' "$(api GET "$one")" 200
for w in none wrong; do same "who: $w" "$(who=$w && api GET "$one")" 401; done
who=password
same 'a password' "$(api GET "$one")" 200
managed=(-H 'X-Management-Request: true')
same 'through the platform' "$(api GET "$es/proxy/_cluster/health" '' "${managed[@]}") $(jq -r .number_of_nodes "$W/body")" '200 3'
same 'its root' "$(api GET "$es/proxy/" '' "${managed[@]}") $(jq -r .cluster_uuid "$W/body")" "200 $OS_CLUSTER_UUID"
same 'an escaped path, with a query' "$(api GET "$es/proxy/_cat%2Fnodes?h=name" '' "${managed[@]}") $(sort "$W/body" | tr '\n' ' ')" \
    '200 node1 node2 node3 '
same 'writes' "$(api POST "$es/proxy/_snapshot/r/_verify" '' "${managed[@]}") $(jq '.nodes | length' "$W/body")" '200 3'
same "the cluster's own answer" "$(api PUT "$es/proxy/_snapshot/x" '{"type":"none","settings":{}}' "${managed[@]}") $(jq -r .error.type "$W/body")" \
    '500 repository_exception'
same 'only with its header' "$(api GET "$es/proxy/_cluster/health")" 400
same 'and of this deployment' "$(api GET "$one/kibana/main-kibana/proxy/api" '' "${managed[@]}") $(code)" '404 deployments.deployment_resource_not_found'
kill "$ece"
wait "$ece" 2>/dev/null
url=$CLOUD_URL who=key
