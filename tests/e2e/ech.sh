#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A deployment of Elastic Cloud: the stand-in for its API before real nodes. The page's procedure, and what goes wrong with it: exit
# code, one clear sentence, everything as before or said what stands, a receipt.
LAB=${LAB:-ech-e2e-$$}
. "$(dirname "$0")/lib.sh"
lab_up
[ -n "${CLOUD_KIND:-}" ] || { echo 'FAILED: this lab has no stand-in' && exit 1; }
world || exit 1

ctl() { # METHOD PATH [BODY]: the stand-in's control port
    curl -s -m 100 -X "$1" ${3:+--data-binary "$3"} "$CLOUD_CONTROL$2"
}
fault() { ctl POST /faults "$1" | jq -e .id >/dev/null || echo "FAILED: no such fault: $1"; }
settled() { ctl GET '/settled?seconds=90' | jq -r .settled; }
calls() { ctl GET /calls | jq -r --arg c "$1" '[.[] | select(.call == $c)] | length'; }
names() { ctl GET / | jq -r '.state.secrets | keys | join(" ")'; }
wait_for() { # SECONDS in verify.conf
    sed -i '/^control.wait/d' "$W/verify.conf" && echo "control.wait = $1" >>"$W/verify.conf"
}
# Everything that a run may change, as the platform and the nodes have it.
cloud_picture() {
    same 'the keystore has come to the nodes' "$(settled)" true >&2
    os GET /_snapshot | jq -cS .
    iam_policy | jq -cS . 2>/dev/null
    names
}
secret() { # CLIENT: bob's keys under that name
    sed "s/secondary/$1/" "$W/bob.secrets" >"$W/$1.secrets" && chmod 600 "$W/$1.secrets"
    echo "$W/$1.secrets"
}
one() { # BUNDLE CLIENT [OPTION of new...]: a change of that client alone
    local out=$1 client=$2
    shift 2
    SECRETS=$(secret "$client") world_bundle "$out" --client "$client" --repository "r-$client" --base-path "$client" "$@" || exit 1
}
until_restart() {
    local i
    for ((i = 0; i < 200; i++)); do
        [ "$(calls restart)" = 0 ] || return 0
        sleep 0.1
    done
}
until_named() { # NAME in the platform's keystore
    local i
    for ((i = 0; i < 200; i++)); do
        names | grep -q "$1" && return 0
        sleep 0.1
    done
}
until_whole() {
    local i
    for ((i = 0; i < 60; i++)); do
        [ "$(os GET /_cat/nodes 2>/dev/null | grep -c .)" != 3 ] || return 0
        sleep 1
    done
}
kill_run() { # PID of our shell around it: the run in the background, at once; its applier goes with it
    local p
    for p in $(pgrep -P "$1") "$1"; do kill -KILL "$p" 2>/dev/null; done
    wait "$1" 2>/dev/null
    flock -w 30 "$W/gw/lock" true # the kernel lets go of it when the process is gone
}

say 'a new client, as on the page'
before=$(cloud_picture)
world_bundle "$W/1.age" --precondition absent || exit 1
expect 0 - '' gw_net plan "$W/1.age"
check 'the plan names the names' grep -q '+ keystore.cloud   s3.client.secondary.access_key' "$W/out"
check 'the plan says when nodes are restarted' grep -q 'nodes are restarted if reloading is not enough' "$W/out"
same 'a plan changes nothing' "$(cloud_picture)" "$before"
expect 0 - '' apply "$W/1.age"
receipt applied
same 'all nodes are named' "$(jq -r '.proof.expected+.proof.seen|join(" ")' "$W/receipt.json")" 'node1 node2 node3 node1 node2 node3'
same 'what was done and can be undone' "$(jq -r '[.steps[]|select(.undo=="yes").id]|join(" ")' "$W/receipt.json")" \
    'policy keystore.cloud reload register'
same 'every node verifies' "$(os POST /_snapshot/s3-repo/_verify | jq '.nodes|length')" 3
same 'nothing was restarted' "$(calls restart)" 0
expect 0 - '' apply "$W/1.age"
receipt proved

say 'an API that asks for patience, and keys that come late'
ctl PATCH /settings '{"propagation":12}' >/dev/null
fault '{"do":"limit","on":"keystore_patch","interval":2}'
fault '{"do":"answer","on":"deployment","status":503}'
one "$W/2.age" late
expect 0 - '' apply "$W/2.age"
receipt applied
check 'people were told' grep -q 'asks for fewer requests (429), waiting 2 s' "$W/err"
check 'people were told' grep -q 'a node has no keys for client late yet' "$W/err"
ctl PATCH /settings '{"propagation":1}' >/dev/null

say 'answers that do not come, from the API: looked up, sent again'
n=0
for f in '"do":"cut","when":"before"' '"do":"cut","when":"after","how":"reset"' '"do":"garbage"' '"do":"html","when":"after"'; do
    n=$((n + 1))
    fault "{$f,\"on\":\"keystore_patch\"}"
    one "$W/3.age" "unheard-$n"
    expect 0 - '' apply "$W/3.age"
    receipt applied
done

say 'no answer at all, three times: nobody knows, and resume finds out'
fault '{"do":"cut","when":"before","on":"keystore_patch","times":3}'
before=$(cloud_picture)
one "$W/4.age" silent
expect 5 APPLY_UNCERTAIN 'cloud API' apply "$W/4.age"
expect 0 - '' resume prod-eu-1
receipt applied
one "$W/4b.age" silent-2
fault '{"do":"cut","when":"after","on":"keystore_patch","times":3}'
fault '{"do":"answer","status":500,"on":"keystore_get","skip":3,"times":0}'
expect 5 APPLY_UNCERTAIN '' apply "$W/4b.age"
ctl DELETE /faults >/dev/null
expect 4 - '' resume --undo prod-eu-1
receipt undone
check 'its names are gone again' test -z "$(names | grep silent-2)"

say 'a server that says yes and does nothing'
before=$(cloud_picture)
fault '{"do":"nothing","on":"keystore_patch"}'
one "$W/5.age" nothing
expect 4 READ_BACK 'after writing, the keystore of deployment [0-9a-f]* has no s3.client.nothing' apply "$W/5.age"
receipt undone READ_BACK
same 'as before' "$(cloud_picture)" "$before"

say 'refused before anything is written'
one "$W/6.age" refused
expect_refused() { # PATTERN
    expect 1 LIVE_DEPLOYMENT "$1" apply "$W/6.age"
    receipt refused LIVE_DEPLOYMENT
    same 'as before' "$(names)" "$known"
    rm -f "$W/6.age"
    one "$W/6.age" refused
}
known=$(names)
ctl POST /plan >/dev/null
expect_refused 'plan [0-9a-f-]* is pending on deployment'
curl -s --cacert "$CLOUD_CA" --capath /nonexistent -K <(printf 'header = "Authorization: ApiKey %s"' "$(cat "$CLOUD_KEY")") -X DELETE \
    "$CLOUD_URL/api/v1/deployments/$CLOUD_DEPLOYMENT/elasticsearch/$CLOUD_REF_ID/plan/pending" >/dev/null
settled >/dev/null
ctl POST /stop >/dev/null
expect_refused 'Elasticsearch of deployment [0-9a-f]* is stopped, not started'
ctl POST /start >/dev/null
until_whole

say 'a node that is left behind, and no restart is allowed'
wait_for 8
fault '{"do":"left_behind","on":"keystore_patch","nodes":[3]}'
before=$(cloud_picture)
one "$W/7.age" tertiary --restart never
expect 4 VERIFY_FAILED 'node3' apply "$W/7.age"
receipt undone VERIFY_FAILED
same 'as before' "$(cloud_picture)" "$before"
wait_for 300

say 'the restart of the page: always, all at once'
one "$W/8.age" restarted --restart always --restart-group __all__
fault '{"do":"cut","when":"after","on":"restart"}'
ctl DELETE /calls >/dev/null
expect 0 - '' apply "$W/8.age"
receipt applied
same 'it was sent once' "$(calls restart)" 1
check 'the receipt has it' jq -e '.steps[] | select(.id == "restart" and .undo == "none") | .after | test("^3 nodes restarted, plan ")' "$W/receipt.json"

say 'a restart that fails'
before=$(cloud_picture)
fault '{"do":"plan_fails","on":"restart","groups":1}'
one "$W/9.age" failing --restart always --restart-group __name__
expect 4 PLAN_FAILED 'plan [0-9a-f-]* of deployment .*: node2 did not become ready in time' apply "$W/9.age"
receipt undone PLAN_FAILED
same 'as before' "$(cloud_picture)" "$before"

say 'killed while the keys are written, and while nodes restart: resume'
fault '{"do":"slow","when":"after","on":"keystore_patch","seconds":4}'
one "$W/10.age" killed --restart always --restart-group __all__
ctl DELETE /calls >/dev/null
apply "$W/10.age" >/dev/null 2>&1 &
until_named killed
kill_run $!
expect 5 JOURNAL_OPEN '' apply "$W/10.age"
resume prod-eu-1 >"$W/out" 2>"$W/err" &
until_restart
sleep 1
kill_run $!
expect 0 - '' resume prod-eu-1
receipt applied
same 'the nodes were restarted once' "$(calls restart)" 1

say 'the platform itself goes away while it restarts'
one "$W/11.age" gone --restart always --restart-group __all__
ctl DELETE /calls >/dev/null
apply "$W/11.age" >"$W/out" 2>"$W/err" &
run=$!
until_restart
sleep 5 # the stand-in keeps no value: those must have come to the nodes
tools/lab cloud kill "$LAB" 2>/dev/null
sleep 3
tools/lab cloud start "$LAB" 2>/dev/null
wait "$run"
same 'exit code' $? 0
receipt applied

say 'a client that is there already: its old value never comes back'
known=$(names)
sed 's/\(secret_key=.*\).$/\1x/' "$W/bob.secrets" >"$W/wrong.secrets" && chmod 600 "$W/wrong.secrets"
SECRETS=$W/wrong.secrets world_bundle "$W/12.age" --preflight none --restart always --restart-group __all__ || exit 1
expect 0 - '' gw_net plan "$W/12.age"
check 'the plan says so' grep -q 's3.client.secondary.secret_key is there; it is written over, which CANNOT BE UNDONE' "$W/out"
expect 5 APPLY_UNCERTAIN 'VERIFY_FAILED.*written over .* STAND' apply "$W/12.age"
expect 5 APPLY_UNCERTAIN 'STAND' resume --undo prod-eu-1
receipt uncertain APPLY_UNCERTAIN
check 'the receipt says what stands' jq -e '.steps[] | select(.id == "keystore.cloud" and .undo == "no") | .after |
    test("^WRITTEN OVER, which stands: s3.client.secondary.access_key ")' "$W/receipt.json"
same 'names as before' "$(names)" "$known"
world_bundle "$W/13.age" --restart always --restart-group __all__ || exit 1
expect 0 - '' apply "$W/13.age"
receipt applied

say 'no key in anything that we left or the platform wrote down'
check 'no secret in receipts, journals, logs' \
    test -z "$(grep -rlaF -e "$BOB_SECRET" -e "$(cat "$CLOUD_KEY")" -e "$OS_FRONT_PASS" "$W/receipts" "$W/gw" "$CLOUD_LOG" "$OS_FRONT_LOG" 2>/dev/null)"
check 'the cluster saw no key of the API, the API none of the cluster' test -z "$(grep -l ApiKey "$OS_FRONT_LOG")"
finish
