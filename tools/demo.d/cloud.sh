# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Part of tools/demo: Elastic's page "Configure a snapshot repository using AWS S3" for Elastic Cloud Hosted (and ECE), step by step.

cat <<'T'

What the page has people do by hand, and where it is here:
  1  a bucket, and a policy for it                         the bundle's policy, put at IAM by the appliance
  2  an IAM user with that policy, and its access keys     the bundle's secrets: sealed, never shown
  3  the keystore: s3.client.secondary.access_key, ...     PATCH of the deployment's keystore, read back
  4  restart, so that the nodes load the keys              a reload; a restart only where that was not enough and the bundle allows it
  5  register the repository with that client              PUT of the repository, read back
  6  verify it                                             every node by name, and S3 asked with the bundle's own keys
T

scene 'alice, offline: the whole page in one change; lint, seal' \
    'It may restart the nodes one zone after the other, if a reload does not do. No secret goes into change.json.'
act "$gen" new --state ws-alice --batch --target prod-eu-1 --ticket CHG-1001 --reason 'Nightly snapshots of prod-eu-1 to S3' \
    --repository s3-repo --bucket "$LAB_BUCKET" --endpoint "$S3_HTTPS" --region "$S3_REGION" --base-path prod-eu-1 --client secondary \
    --iam-mode apply --iam-user bob --iam-arn arn:aws:iam:::user/bob --iam-policy-name snapshots --policy minimal --policy-compat rgw \
    --preflight required --precondition absent --restart if-needed --restart-group __zone__ change.json
act "$gen" lint --state ws-alice change.json
act "$gen" seal --state ws-alice --author alice --key keys/alice --secrets bob.secrets --out change.snapseal.age change.json

scene 'bob and carol approve what they read'
world_approve change.snapseal.age ready.snapseal.age || die 'no approval'
act "$verify" check --state gw ready.snapseal.age

scene 'plan: what is there, and what would be done'
act "$verify" plan --state gw --config verify.conf ready.snapseal.age

scene 'apply: the page, by the appliance'
curl -s -X DELETE "$CLOUD_CONTROL/calls" >/dev/null
act "$verify" apply --state gw --config verify.conf --yes --out receipts ready.snapseal.age

look() { # TEXT: what follows is asked by curl, past snapseal
    printf '%s\n' "$bold$1$plain"
}
scene 'The page once more, asked by curl alone'
look '1, 2  the policy of the user at IAM'
iam_policy | jq -c '.Statement[] | {Effect, Action, Resource}' | cut -c1-150
look "3     the deployment's keystore: names, for values never come back"
cloud GET "/elasticsearch/$CLOUD_REF_ID/keystore" | jq -c .
look '4     what the appliance asked of the API, and what became of it'
curl -s "$CLOUD_CONTROL/calls" | jq -r '.[] | select(.call != "deployment") | "\(.method) \(.path | sub(".*/deployments/[0-9a-f]*"; "...")) \(.status)"' | uniq -c
look '5     the repository'
os GET /_snapshot/s3-repo | jq -c .
look '6     verified by'
os POST /_snapshot/s3-repo/_verify | jq -r '[.nodes[].name] | sort | join(" ")' | tee verified
[ "$(cat verified)" = 'node1 node2 node3' ] || die 'not every node verified'

scene 'The repository works: a real snapshot'
os PUT '/orders/_doc/1?refresh=true' '{"item":"a"}' >/dev/null
os PUT '/_snapshot/s3-repo/first?wait_for_completion=true' '{"indices":"orders"}' | jq -c '.snapshot|{snapshot,state,shards}' | tee first
grep -q SUCCESS first || die 'no snapshot'

scene 'The page asks for a restart: a bundle may, too' \
    $'Other keys under a new client name, and in any case a restart, one node after the other: the plan is followed to its end,\nand the repository proved on every node after it.'
act "$gen" receipt import --state ws-alice receipts/ready.snapseal-receipt
before=$(cd "$ROOT" && eval "$(tools/lab env "$LAB")" && echo "$OS_PID_1 $OS_PID_2 $OS_PID_3")
world_change restart.json --precondition any --client tertiary --restart always --restart-group __name__ &&
    SECRETS=tertiary.secrets && sed 's/secondary/tertiary/' bob.secrets >tertiary.secrets && chmod 600 tertiary.secrets &&
    world_seal restart.json restart.0 && world_approve restart.0 restart.snapseal.age || die 'no second change'
unset SECRETS
act "$verify" apply --state gw --config verify.conf --yes --out receipts restart.snapseal.age
after=$(cd "$ROOT" && eval "$(tools/lab env "$LAB")" && echo "$OS_PID_1 $OS_PID_2 $OS_PID_3")
echo "processes before: $before; after: $after"
[ "$before" != "$after" ] || die 'no node was restarted'

scene 'A node that the platform leaves behind' \
    'The keys do not reach node3 (a fault of the stand-in). Without leave to restart, that is noticed, named, and undone.'
act "$gen" receipt import --state ws-alice receipts/restart.snapseal-receipt
curl -s -d '{"do":"left_behind","nodes":[3]}' "$CLOUD_CONTROL/faults" | jq -c '{do, nodes}'
world_change behind.json --precondition any --client other --restart never &&
    SECRETS=other.secrets && sed 's/secondary/other/' bob.secrets >other.secrets && chmod 600 other.secrets &&
    world_seal behind.json behind.0 && world_approve behind.0 behind.snapseal.age || die 'no third change'
unset SECRETS
echo 'control.wait = 20' >>verify.conf # 120 s would be right; here we know that they do not come
refused 4 VERIFY_FAILED "$verify" apply --state gw --config verify.conf --yes --out receipts behind.snapseal.age
cloud GET "/elasticsearch/$CLOUD_REF_ID/keystore" | jq -c '.secrets | keys' | tee keystore
os GET /_snapshot/s3-repo | jq -c '.["s3-repo"].settings.client' | tee client
if grep -q other keystore || ! grep -q tertiary client; then die 'it was not undone'; fi

scene 'What is kept: signed receipts, one log'
act "$verify" receipts --state gw
act "$gen" receipt import --state ws-alice receipts/behind.snapseal-receipt
act "$gen" status --state ws-alice
