#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rotation and removal on real servers: new keys under the same client and under a new one, proved on every node, the old key named;
# and what goes wrong on the way: a node that cannot take the new key, a wrong secret, the same key again, another repository's keys.
. "$(dirname "$0")/lib.sh"
lab_up
world || exit 1

policy() { put_policy "$(jq -c .policy "$W/change.json")"; } # S3 has dropped it with the change of keys
new_key() { # FILE [CLIENT]: one more key of bob, as the AWS team would hand it over
    eval "$(tools/lab key new "$LAB" 2>/dev/null)"
    (
        umask 077
        printf 's3.client.%s.access_key=%s\ns3.client.%s.secret_key=%s\n' "${2:-secondary}" "$NEW_KEY" "${2:-secondary}" "$NEW_SECRET" >"$1"
    )
    policy
}
rotate() { # OUT SECRETS [OPTION of new...]
    local out=$1 secrets=$2
    shift 2
    rm -f "$out" "$out.0"
    as alice new --quiet --batch --force --rotate prod-eu-1 --ticket CHG-1001 "$@" "$W/rotate.json" >/dev/null &&
        SECRETS=$secrets world_seal "$W/rotate.json" "$out.0" && world_approve "$out.0" "$out"
}
snapshot() { os PUT "/_snapshot/s3-repo/$1?wait_for_completion=true" '{"indices":"idx"}' | jq -r .snapshot.state; }
verified() { os POST /_snapshot/s3-repo/_verify | jq '.nodes|length'; }
digests() { jq -r '.proof.keystores[].digest' "$W/receipt.json" | sort | tr '\n' ' '; }

say 'the first keys'
os PUT '/idx/_doc/1?refresh=true' '{"a":"b"}' >/dev/null
world_bundle "$W/1.age" --precondition absent || exit 1
expect 0 - '' apply "$W/1.age"
receipt applied
first=$BOB_KEY
old=$(digests)

say 'new keys, the same client'
new_key "$W/2.secrets"
second=$NEW_KEY
rotate "$W/2.age" "$W/2.secrets" || exit 1
same 'no register request' "$(jq -c .repository "$W/rotate.json")" '{}'
same 'the key to retire' "$(jq -r .plan.retire "$W/rotate.json")" "$first"
as alice handout "$W/rotate.json" >"$W/handout"
check 'the handout has the second key' grep -q "iam create-access-key .*--user-name bob" "$W/handout"
check 'and the end of the first' grep -q "iam update-access-key .*--user-name bob --access-key-id $first --status Inactive" "$W/handout"
check 'and no bucket' test "$(grep -c create-bucket "$W/handout")" = 0
before=$(os GET /_snapshot/s3-repo)
expect 0 - '' gw_net plan "$W/2.age"
check 'the plan writes the values anew' grep -q 'is there; its value is written anew' "$W/out"
expect 0 - '' apply "$W/2.age"
check 'the line for the AWS team' grep -q "for the AWS team: access key $first is no longer used here" "$W/err"
receipt applied
check 'and in the receipt' jq -e --arg k "$first" '[.not_tried[]|select(contains("access key " + $k + " of user bob is no longer used"))]|length==1' "$W/receipt.json" >/dev/null
check 'every keystore is another one' test "$old" != "$(digests)"
same 'the registration is as it was' "$(os GET /_snapshot/s3-repo)" "$before"
tools/lab key drop "$first" "$LAB" 2>/dev/null
policy
same 'without the old key a snapshot works' "$(snapshot s2)" SUCCESS
expect 0 - '' apply "$W/2.age"
receipt proved
applied=$(picture)

say 'what is no rotation is refused at the desk'
rotate "$W/no.age" "$W/2.secrets" 2>"$W/err"
check 'the same key' grep -q 'SECRETS_INPUT: .* is the key that is set now' "$W/err"
new_key "$W/3.secrets" tertiary
third=$NEW_KEY
rotate "$W/no.age" "$W/3.secrets" --client tertiary --retire "$third" 2>"$W/err"
check 'a key in use cannot be the retired one' grep -q 'MANIFEST_RULE: .* plan.retire is the key that' "$W/err"

say 'new keys under a new client: the repository is registered with it'
rotate "$W/3.age" "$W/3.secrets" --client tertiary || exit 1
same 'the key to retire is the second one' "$(jq -r .plan.retire "$W/rotate.json")" "$second"
expect 0 - '' apply "$W/3.age"
receipt applied
same 'the client' "$(os GET /_snapshot/s3-repo | jq -r '."s3-repo".settings.client')" tertiary
tools/lab key drop "$second" "$LAB" 2>/dev/null
policy
same 'without the second key a snapshot works' "$(snapshot s3)" SUCCESS
applied=$(picture)

say 'a wrong new secret: asked of S3 first, or found by the nodes'
sed 's/\(secret_key=.\{30\}\).*/\1XXXXXXXXXX/' "$W/3.secrets" >"$W/wrong.secrets"
sed -i "s/access_key=.*/access_key=$BOB_KEY/" "$W/wrong.secrets"
chmod 600 "$W/wrong.secrets"
rotate "$W/4.age" "$W/wrong.secrets" || exit 1
expect 1 PREFLIGHT 'InvalidAccessKeyId|SignatureDoesNotMatch' apply "$W/4.age"
receipt refused PREFLIGHT
same 'nothing was changed' "$(picture)" "$applied"
rotate "$W/4.age" "$W/wrong.secrets" --preflight none || exit 1
expect 4 VERIFY_FAILED '' apply "$W/4.age"
receipt undone VERIFY_FAILED
same 'as before' "$(picture)" "$applied"
same 'and it works again' "$(jq -r '.proof.probes[]|select(.id=="undone.verify").result' "$W/receipt.json")" '3 of 3 nodes'
same 'by its own word too' "$(verified)" 3

say 'a node that cannot take the new key'
AS_ROOT=3 world_conf
chown 0:0 "$OS_CONF_3/opensearch.keystore" && chmod 600 "$OS_CONF_3/opensearch.keystore"
before=$(picture)
new_key "$W/5.secrets" tertiary
rotate "$W/5.age" "$W/5.secrets" || exit 1
before=$(picture)
expect 4 NODE_RELOAD 'node3' apply "$W/5.age"
receipt undone NODE_RELOAD
same 'as before' "$(picture)" "$before"
same 'every node has its old key' "$(jq -r '.proof.probes[]|select(.id=="undone.verify").result' "$W/receipt.json")" '3 of 3 nodes'
chown "$OS_USER:$OS_USER" "$OS_CONF_3/opensearch.keystore" && chmod 660 "$OS_CONF_3/opensearch.keystore"
world_conf

say 'a repository that uses another client, or is not there'
os PUT '/_snapshot/s3-repo?verify=false' "$(os GET /_snapshot/s3-repo | jq -c '."s3-repo"|del(.uuid)|.settings.client="secondary"')" >/dev/null
expect 1 LIVE_PRECONDITION 'uses client secondary, the keys are for tertiary' apply "$W/5.age"
rm -f "$W"/receipts/*.snapseal-receipt
os DELETE /_snapshot/s3-repo >/dev/null
expect 1 LIVE_PRECONDITION 'is not registered' gw_net plan "$W/5.age"
os PUT '/_snapshot/s3-repo?verify=false' "$(jq -c '."s3-repo"|del(.uuid)' <<<"$(head -n 1 <<<"$before")")" >/dev/null

say 'killed in the middle: forward, and back'
killed() { # AT
    { (KILL_AT=$1 KILL_WHEN=after LD_PRELOAD=$B/tests/libpreload_kill.so exec "$B/verify/snapseal-verify" --state "$W/gw" apply \
        --config "$W/verify.conf" --yes --out "$W/receipts" "$W/6.age") >"$W/out" 2>"$W/err"; } 2>/dev/null
    [ $? = 137 ]
}
rotate "$W/6.age" "$W/5.secrets" || exit 1
before=$(picture)
check 'killed' killed 14
check 'there was something to undo' test "$before" != "$(picture)"
expect 5 JOURNAL_OPEN '' apply "$W/6.age"
expect 4 - '' resume --undo
receipt undone
same 'as before' "$(picture)" "$before"
rotate "$W/6.age" "$W/5.secrets" || exit 1
check 'killed' killed 14
expect 0 - '' resume
check 'the line for the AWS team' grep -q "access key $third is no longer used here" "$W/err"
receipt applied
tools/lab key drop "$third" "$LAB" 2>/dev/null
policy
same 'without the third key a snapshot works' "$(snapshot s6)" SUCCESS

say 'removal: refused while something else uses it'
remove() { # OUT
    rm -f "$1" "$1.0"
    as alice new --quiet --batch --force --remove prod-eu-1 --ticket CHG-1001 "$W/remove.json" >/dev/null &&
        as alice seal --quiet --author alice --key "$W/keys/alice" --out "$1.0" "$W/remove.json" >/dev/null && world_approve "$1.0" "$1"
}
remove "$W/7.age" || exit 1
before=$(picture)
os PUT '/_snapshot/other?verify=false' '{"type":"s3","settings":{"bucket":"snaps2","client":"tertiary"}}' >/dev/null
expect 1 LIVE_BUSY 'repository other uses the same client tertiary' gw_net plan "$W/7.age"
os DELETE /_snapshot/other >/dev/null
os PUT '/_snapshot/s3-repo?verify=false' "$(os GET /_snapshot/s3-repo | jq -c '."s3-repo"|del(.uuid)|.settings.max_snapshot_bytes_per_sec="1kb"')" >/dev/null
os PUT '/big/_doc/1?refresh=true' "{\"a\":\"$(head -c 60000 /dev/urandom | base64 -w0)\"}" >/dev/null
os PUT '/_snapshot/s3-repo/slow?wait_for_completion=false' '{"indices":"big"}' >/dev/null
expect 1 LIVE_BUSY 'snapshot slow runs in repository s3-repo' apply "$W/7.age"
rm -f "$W"/receipts/*.snapseal-receipt
os DELETE /_snapshot/s3-repo/slow >/dev/null
os DELETE /_snapshot/s3-repo >/dev/null
os PUT '/_snapshot/s3-repo?verify=false' "$(jq -c '."s3-repo"|del(.uuid)' <<<"$(head -n 1 <<<"$before")")" >/dev/null
same 'as before' "$(picture)" "$before"

say 'a node that cannot reload: all comes back'
remove "$W/7.age" || exit 1
AS_ROOT=3 world_conf
chown 0:0 "$OS_CONF_3/opensearch.keystore" && chmod 600 "$OS_CONF_3/opensearch.keystore"
before=$(picture)
expect 4 NODE_RELOAD 'node3' apply "$W/7.age"
receipt undone NODE_RELOAD
same 'as before' "$(picture)" "$before"
same 'and it works again' "$(verified)" 3
chown "$OS_USER:$OS_USER" "$OS_CONF_3/opensearch.keystore" && chmod 660 "$OS_CONF_3/opensearch.keystore"
world_conf

say 'killed in the middle, and undone; then removed'
before=$(picture)
cp "$W/7.age" "$W/6.age"
check 'killed' killed 14
check 'there was something to undo' test "$before" != "$(picture)"
expect 4 - '' resume --undo
receipt undone
same 'as before' "$(picture)" "$before"
expect 0 - '' gw_net plan "$W/7.age"
check 'the plan takes away' grep -qE '^ *- unregister' "$W/out"
same 'and each name on each node' "$(grep -cE '^ *- keystore:node' "$W/out")" 6
check 'killed' killed 14
expect 0 - '' resume
receipt applied
same 'no registration' "$(os GET /_snapshot)" '{}'
same 'the other names stay' "$(jq -r '.proof.keystores[].names|join(" ")' "$W/receipt.json" | sort -u)" \
    'keystore.seed s3.client.secondary.access_key s3.client.secondary.secret_key'
check 'no copy of a keystore is left' test -z "$(find "$LAB_DIR" -name '*keystore.snapseal*')"
expect 0 - '' apply "$W/7.age"
receipt proved
os PUT '/_snapshot/s3-repo?verify=false' '{"type":"s3","settings":{"bucket":"snaps","client":"secondary"}}' >/dev/null
expect 1 LIVE_DRIFT 's3-repo is registered again' apply "$W/7.age"
rm -f "$W"/receipts/*.snapseal-receipt
os DELETE /_snapshot/s3-repo >/dev/null
check 'there is nothing left to rotate' grep -q 'LAST_NONE: .* was taken away' <(as alice new --batch --rotate prod-eu-1 --ticket CHG-1 "$W/none.json" 2>&1)

say 'and registered again, with keys that are new there'
new_key "$W/8.secrets" tertiary
SECRETS=$W/8.secrets world_bundle "$W/8.age" --precondition absent --client tertiary || exit 1
expect 0 - '' apply "$W/8.age"
receipt applied
same 'the old snapshots are there' "$(os GET '/_snapshot/s3-repo/s2' | jq -r '.snapshots[0].state')" SUCCESS
finish
