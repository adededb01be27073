#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One change from the author's desk to a verified repository on real servers, and every failure of the issue's list: exit code, one clear
# sentence, everything as before, a receipt.
. "$(dirname "$0")/lib.sh"
lab_up
world || exit 1
before=$(picture)

say 'a fresh change'
world_bundle "$W/1.age" --precondition absent || exit 1
expect 0 - '' gw check "$W/1.age"
expect 0 - '' gw_net plan "$W/1.age"
same 'a plan changes nothing' "$(picture)" "$before"
check 'every setting stands in the plan' grep -q '^      + base_path: "prod-eu-1"$' "$W/out"
check 'and how the cluster is' grep -q '^Cluster: green, 0 unassigned shards' "$W/out"
same 'and each credential' "$(sed -n '/^Credentials:/,/^$/p' "$W/out" | awk '/^  /{print $2, ($2 == "node" ? $3 : "")}' | xargs)" \
    'cluster iam s3 node node1 node node2 node node3'
same 'and the sum at the end' "$(tail -n 1 "$W/out")" 'Plan: 8 to add, 1 to change, 0 to remove.'
expect 1 - '' gw_net plan --exit-code "$W/1.age"
expect 2 NOTHING_APPLIED 'prod-eu-1' gw_net probe prod-eu-1
setsid -w "$B/verify/snapseal-verify" --state "$W/gw" apply --config "$W/verify.conf" "$W/1.age" >"$W/out" 2>"$W/err"
same 'without a terminal nothing is asked' "$?" 2
check 'and --yes is named' grep -q 'NO_TERMINAL: .*give --yes' "$W/err"
same 'and nothing is done' "$(picture)" "$before"
expect 0 - '' apply "$W/1.age"
receipt applied
same 'all nodes are named in the receipt' "$(jq -r '.proof.seen|join(" ")' "$W/receipt.json")" 'node1 node2 node3'
same 'names in every keystore' "$(jq -r '.proof.keystores[].names|join(" ")' "$W/receipt.json" | sort -u)" \
    'keystore.seed s3.client.secondary.access_key s3.client.secondary.secret_key'
same 'the policy is the approved one' "$(iam_policy | jq -cS .)" "$(jq -cS .policy "$W/change.json")"
same 'every node verifies' "$(os POST /_snapshot/s3-repo/_verify | jq '.nodes|length')" 3
check 'no copy of a keystore is left' test -z "$(find "$LAB_DIR" -name '*keystore.snapseal*')"
applied=$(picture)

say 'a later look: everything as it was applied, nothing is changed'
expect 0 - '' gw_net plan --exit-code "$W/1.age"
same 'apply would prove' "$(tail -n 1 "$W/out")" 'Plan: already applied: apply would prove and change nothing.'
expect 0 - '' gw_net probe --exit-code --json prod-eu-1
same 'the same' "$(jq -r '"\(.verdict) \(.changes) \(.applied.serial) \(.applied.receipt) \(.applied.days)"' "$W/out")" 'same 0 1 0 0'
same 'the keys and their age' "$(jq -r '[.keys[]|"\(.name) \(.days) \(.serial)"]|join(",")' "$W/out")" \
    's3.client.secondary.access_key 0 1,s3.client.secondary.secret_key 0 1'
same 'each node' "$(jq -r '[.nodes[]|"\(.node) \(.keystore) \(.reload)"]|join(",")' "$W/out")" \
    'node1 same ok,node2 same ok,node3 same ok'
same 'probing changes nothing' "$(picture)" "$applied"

say 'a snapshot and its way back'
os PUT /idx/_doc/1?refresh=true '{"a":"b"}' >/dev/null
same 'snapshot' "$(os PUT '/_snapshot/s3-repo/s1?wait_for_completion=true' '{"indices":"idx"}' | jq -r .snapshot.state)" SUCCESS
os DELETE /idx >/dev/null
os POST '/_snapshot/s3-repo/s1/_restore?wait_for_completion=true' '{"indices":"idx"}' >/dev/null
same 'restored' "$(os GET /idx/_doc/1 | jq -r ._source.a)" b

say 'the same bundle again, and an older serial'
expect 0 - '' apply "$W/1.age"
receipt proved
same 'proving changes nothing' "$(picture)" "$applied"
world_change "$W/old.json" && world_seal "$W/old.json" "$W/old.0" --serial 2 && world_approve "$W/old.0" "$W/2.age"
expect 0 - '' apply "$W/2.age"
receipt applied
expect 1 SERIAL_OLD 'serial' apply "$W/1.age"
applied=$(picture)

say 'drift is found by proving'
os PUT '/_snapshot/s3-repo?verify=false' "$(jq -c '.repository|.settings.max_restore_bytes_per_sec="1mb"' "$W/old.json")" >/dev/null
expect 1 - '' gw_net probe --exit-code --json prod-eu-1
same 'the probe has it too' "$(jq -r '[.diff[]|select(.sign!="=")|"\(.sign) \(.step) \(.text)"]|join(",")' "$W/out")" \
    '+ register max_restore_bytes_per_sec: "1mb",~ register repository s3-repo is no longer as it was applied'
kept=$(iam_policy)
put_policy '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
cp -p "$OS_CONF_2/opensearch.keystore" "$W/keystore.kept"
cat "$OS_CONF_1/opensearch.keystore" >"$OS_CONF_2/opensearch.keystore"
expect 1 - '' gw_net probe --exit-code prod-eu-1
check 'the policy, statement by statement' grep -q '^      ~ Statement\[0\].Action: .* -> "s3:\*"' "$W/out"
check 'the keystore' grep -q '^  ~ keystore:node2 .*was changed since it was written' "$W/out"
same 'the sum' "$(tail -n 1 "$W/out")" 'Probe: 3 differences from what was applied.'
expect 0 - '' gw_net probe prod-eu-1
expect 1 LIVE_DRIFT 'policy snapshots .*s3-repo .*keystore of node2' apply "$W/2.age"
rm -f "$W"/receipts/*.snapseal-receipt
cat "$W/keystore.kept" >"$OS_CONF_2/opensearch.keystore"
put_policy "$kept"
expect 1 LIVE_DRIFT 's3-repo' apply "$W/2.age"
rm -f "$W"/receipts/*.snapseal-receipt
world_bundle "$W/2b.age" # a rate limit that somebody set goes away, which this server does only when told twice
expect 0 - '' apply "$W/2b.age"
receipt applied
same 'as approved' "$(os GET /_snapshot/s3-repo | jq -cS '."s3-repo".settings|keys')" \
    "$(jq -cS '.repository.settings|keys' "$W/old.json")"

say 'a node that cannot read its keystore: reload fails there, _verify is green'
AS_ROOT=3 world_conf
chown 0:0 "$OS_CONF_3/opensearch.keystore" && chmod 600 "$OS_CONF_3/opensearch.keystore"
before=$(picture)
world_bundle "$W/3.age"
expect 4 NODE_RELOAD 'node3' apply "$W/3.age"
receipt undone NODE_RELOAD
same 'as before' "$(picture)" "$before"
same '_verify alone is green' "$(os POST /_snapshot/s3-repo/_verify | jq '.nodes|length')" 3
chown "$OS_USER:$OS_USER" "$OS_CONF_3/opensearch.keystore" && chmod 660 "$OS_CONF_3/opensearch.keystore"
world_conf
os POST /_nodes/reload_secure_settings >/dev/null
expect 0 - '' apply "$W/3.age"
receipt applied
before=$(picture)

say 'a wrong secret'
sed 's/\(secret_key=.*\).$/\1x/' "$W/bob.secrets" >"$W/wrong.secrets" && chmod 600 "$W/wrong.secrets"
SECRETS=$W/wrong.secrets world_bundle "$W/4.age"
expect 1 PREFLIGHT 'secret key' apply "$W/4.age"
receipt refused PREFLIGHT
same 'as before' "$(picture)" "$before"
SECRETS=$W/wrong.secrets world_bundle "$W/5.age" --preflight none
expect 4 VERIFY_FAILED '(secret|key)' apply "$W/5.age"
receipt undone VERIFY_FAILED
same 'as before' "$(picture)" "$before"

say 'the same after a policy was put: it is taken away again'
delete_policy
before=$(picture)
SECRETS=$W/wrong.secrets world_bundle "$W/5b.age" --preflight none --setting max_restore_bytes_per_sec=2mb
expect 4 VERIFY_FAILED 'secret' apply "$W/5b.age"
receipt undone VERIFY_FAILED
same 'as before' "$(picture)" "$before"
put_policy "$(jq -c .policy "$W/change.json")"
before=$(picture)

say 'a bucket that is not there'
world_bundle "$W/6.age" --bucket no-such-bucket
expect 1 PREFLIGHT 'no-such-bucket' apply "$W/6.age"
receipt refused PREFLIGHT
same 'as before' "$(picture)" "$before"
world_bundle "$W/7.age" --bucket no-such-bucket --preflight none
expect 4 VERIFY_FAILED 'bucket' apply "$W/7.age"
receipt undone VERIFY_FAILED
same 'as before' "$(picture)" "$before"

say 'a policy that denies s3:PutObject'
policy=$(iam_policy)
jq -c '.Statement += [{"Action":["s3:PutObject"],"Effect":"Deny","Resource":["arn:aws:s3:::snaps/*"],"Sid":"No"}]' <<<"$policy" >"$W/deny.json"
world_change "$W/change.json"
jq --slurpfile p "$W/deny.json" '.policy = $p[0]' "$W/change.json" >"$W/denied.json"
expect 1 CHANGE_LINT '' as alice seal --author alice --key "$W/keys/alice" --secrets "$W/bob.secrets" --out "$W/never.age" "$W/denied.json"
put_policy "$(cat "$W/deny.json")"
before=$(picture)
world_bundle "$W/8.age" --iam-mode manual
expect 4 PREFLIGHT 's3:PutObject' apply "$W/8.age"
receipt undone PREFLIGHT
same 'as before' "$(picture)" "$before"
world_bundle "$W/9.age" --iam-mode manual --preflight none
expect 4 VERIFY_FAILED 's3:PutObject' apply "$W/9.age"
receipt undone VERIFY_FAILED
same 'as before' "$(picture)" "$before"
world_bundle "$W/9b.age" --iam-mode check
expect 1 TARGET_POLICY 'snapshots' apply "$W/9b.age"
receipt refused TARGET_POLICY
same 'as before' "$(picture)" "$before"
put_policy "$policy"
before=$(picture)

say 'a node that is down'
world_bundle "$W/10.age"
tools/lab node kill 2 "$LAB" 2>/dev/null
sleep 2
expect 1 LIVE_NODES 'node2' apply "$W/10.age"
receipt refused LIVE_NODES
tools/lab node start 2 "$LAB" 2>/dev/null
eval "$(tools/lab env "$LAB")"
same 'as before' "$(picture)" "$before"

say 'the server is away'
mv "$W/verify.conf" "$W/conf.good"
tools/lab s3 stop "$LAB" 2>/dev/null
cp "$W/conf.good" "$W/verify.conf"
expect 3 NET_CONNECT 'connect' apply "$W/10.age"
tools/lab s3 start "$LAB" 2>/dev/null
rm -f "$W"/receipts/*.snapseal-receipt
same 'as before' "$(picture)" "$before"

say 'another cluster than the approved one'
W=$W/other && mkdir -p "$W/receipts"
world OtherClusterUuid_12345 || exit 1
world_bundle "$W/1.age"
expect 1 LIVE_UUID "$OS_CLUSTER_UUID" apply "$W/1.age"
receipt refused LIVE_UUID
W=${W%/other}
same 'as before' "$(picture)" "$before"
finish
