#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Failures provoked on real servers, each told as a cause and what to do: keys, rights, bucket, network, nodes, other writers.
. "$(dirname "$0")/lib.sh"
lab_up
world || exit 1
ours="$W/bob.secrets"
spoilt() { # NAME SED-SCRIPT: the keys with a fault
    sed "$2" "$ours" >"$W/$1.secrets" && chmod 600 "$W/$1.secrets" && echo "$W/$1.secrets"
}
n=0
# EXIT ID PATTERN [OPTION of new...]: a new bundle is applied and refused; the receipt says so; everything is as before
fails() {
    local code=$1 id=$2 pattern=$3 before outcome=undone
    shift 3
    n=$((n + 1))
    before=$(picture)
    world_bundle "$W/$n.age" "$@" || check "bundle $n" false
    expect "$code" "$id" "$pattern" apply "$W/$n.age"
    [ "$code" = 4 ] || outcome=refused
    receipt $outcome "$id"
    same "as before: $id $pattern" "$(picture)" "$before"
}

say 'the policy, as approved, and one more that gives too much'
world_bundle "$W/0.age" || exit 1
expect 0 - '' apply "$W/0.age"
receipt applied
same 'what was tried' "$(jq -r '[.proof.probes[]|select(.id!="writer")|"\(.id)=\(.result)"]|join(" ")' "$W/receipt.json")" \
    'list=ok put=ok get=ok delete=ok location=ok uploads=ok versions=ok list-all=AccessDenied list-outside=AccessDenied get-outside=AccessDenied acl=AccessDenied policy=AccessDenied multipart=ok parts=ok abort=ok repository=ok'
check 'what was not tried' jq -e '.not_tried|any(test("judged and not tried: the policy does not allow.*s3:DeleteBucket"))' "$W/receipt.json"
approved=$(iam_policy)
put_policy '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::snaps"}]}' extra
fails 4 PREFLIGHT_TOO_WIDE 's3:GetBucketAcl on arn:aws:s3:::snaps.*other policies'
put_policy '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::snaps"}]}' extra
fails 4 PREFLIGHT_TOO_WIDE 's3:ListBucket outside the base path'
delete_policy extra

say 'rights that are missing, seen by asking S3, and by the cluster'
for action in GetBucketLocation ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts AbortMultipartUpload; do
    put_policy "$(jq -c --arg a "s3:$action" '.Statement+=[{Effect:"Deny",Action:$a,Resource:["arn:aws:s3:::snaps","arn:aws:s3:::snaps/*"]}]' <<<"$approved")"
    fails 4 PREFLIGHT "s3:$action.*which the approved policy allows" --iam-mode manual
done
for action in ListBucket PutObject GetObject DeleteObject; do
    put_policy "$(jq -c --arg a "s3:$action" '.Statement+=[{Effect:"Deny",Action:$a,Resource:["arn:aws:s3:::snaps","arn:aws:s3:::snaps/*"]}]' <<<"$approved")"
    fails 4 VERIFY_FAILED "S3 denies the bundle's keys s3:$action" --iam-mode manual --preflight none
done
put_policy "$approved"

say 'keys'
SECRETS=$(spoilt secret 's/\(secret_key=.*\).$/\1x/') fails 4 VERIFY_FAILED 'the secret key does not belong to the access key id' --preflight none
SECRETS=$(spoilt id 's/\(access_key=\).*/\1AKIAIOSFODNN7EXAMPLE/') fails 4 VERIFY_FAILED 'the access key id is not known there' --preflight none
SECRETS=$(spoilt id 's/\(access_key=\).*/\1AKIAIOSFODNN7EXAMPLE/') fails 1 PREFLIGHT 'the access key id is not known there' --iam-mode manual

say 'the bucket'
fails 4 VERIFY_FAILED 'bucket no-such-bucket does not exist' --bucket no-such-bucket --preflight none

say 'one node that has other keys: found when the change is proved again'
world_bundle "$W/good.age" || exit 1
expect 0 - '' apply "$W/good.age"
receipt applied
node_add() { # NODE NAME: a value from stdin into that node's keystore, as its owner; then all reload
    local conf=OS_CONF_$1
    setpriv --reuid="$OS_USER" --regid="$OS_USER" --clear-groups env -i PATH=/usr/bin:/bin \
        OPENSEARCH_JAVA_HOME="$OPENSEARCH_JAVA_HOME" OPENSEARCH_PATH_CONF="${!conf}" "$OS_KEYSTORE" add --stdin --force "$2" >/dev/null 2>&1
    os POST /_nodes/reload_secure_settings >/dev/null
}
manager=$(os GET '/_cat/cluster_manager?h=node' | tr -d '[:space:]')
who=1
[ "$manager" != node1 ] || who=2
printf 'wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY\n' | node_add $who s3.client.secondary.secret_key
expect 1 VERIFY_FAILED "node$who cannot use the repository: S3 takes the bundle's keys from here, so the node has other keys" apply "$W/good.age"
receipt refused VERIFY_FAILED
printf '%s\n' "$BOB_SECRET" | node_add $who s3.client.secondary.secret_key

say 'half a pair of another client in one keystore'
printf 'AKIAIOSFODNN7EXAMPLE\n' | node_add $who s3.client.other.access_key
fails 4 NODE_RELOAD "node$who has an access key but no secret key for client other in its keystore, so it goes on with its old keys; write both names"
conf=OS_CONF_$who
setpriv --reuid="$OS_USER" --regid="$OS_USER" --clear-groups env -i PATH=/usr/bin:/bin OPENSEARCH_JAVA_HOME="$OPENSEARCH_JAVA_HOME" \
    OPENSEARCH_PATH_CONF="${!conf}" "$OS_KEYSTORE" remove s3.client.other.access_key >/dev/null 2>&1
os POST /_nodes/reload_secure_settings >/dev/null

say 'whose snapshots lie there: ours'
os PUT '/idx/_doc/1?refresh=true' '{"a":"b"}' >/dev/null
same 'snapshot' "$(os PUT '/_snapshot/s3-repo/s1?wait_for_completion=true' | jq -r .snapshot.state)" SUCCESS
world_bundle "$W/mine.age" || exit 1
expect 0 - '' apply "$W/mine.age"
receipt applied
same 'the writer' "$(jq -r '.proof.probes[]|select(.id=="writer").result' "$W/receipt.json")" "$OS_CLUSTER_UUID"

say "another cluster's"
printf 'user = "%s:%s"\ncacert = "%s"\nsilent\nfail\n' "$BOB_KEY" "$BOB_SECRET" "$S3_CA" >"$W/bob.curl" && chmod 600 "$W/bob.curl"
s3() { # METHOD KEY [FILE]; "?..." is asked of the bucket
    curl -K "$W/bob.curl" --capath /nonexistent --aws-sigv4 "aws:amz:$S3_REGION:s3" -X "$1" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \
        ${3:+--data-binary "@$3" -H 'Content-Type: application/octet-stream'} "$S3_HTTPS/snaps$([ "${2#\?}" != "$2" ] || echo /)$2"
}
put_policy '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::snaps","arn:aws:s3:::snaps/*"]}]}'
uuid=$(os GET /_snapshot/s3-repo/s1 | jq -r '.snapshots[0].uuid')
s3 GET prod-eu-1/index-0 >"$W/index-0"
s3 GET "prod-eu-1/meta-$uuid.dat" >"$W/meta"
sed "s/$OS_CLUSTER_UUID/AnotherClusterUuid_123/" "$W/meta" >"$W/meta.other"
same 'one uuid was changed' "$(grep -ac AnotherClusterUuid_123 "$W/meta.other")" 1
s3 PUT other/index-0 "$W/index-0"
s3 PUT "other/meta-$uuid.dat" "$W/meta.other"
put_policy "$approved"
fails 4 LIVE_FOREIGN "other/index-0 in bucket snaps was written by cluster AnotherClusterUuid_123, this one is $OS_CLUSTER_UUID" --base-path other
world_bundle "$W/ro.age" --base-path other --setting readonly=true --iam-mode apply || exit 1
expect 0 - '' apply "$W/ro.age"
receipt applied
world_bundle "$W/back.age" || exit 1
expect 0 - '' apply "$W/back.age"
receipt applied

say 'another cluster writes to the same place: the repository is disabled, _verify stays green'
# with listing held to a prefix S3 says 403 of an object that is not there, and the cluster does not find out what happened
put_policy '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::snaps","arn:aws:s3:::snaps/*"]}]}' extra
os PUT '/_snapshot/s3-repo/s2?wait_for_completion=true' >/dev/null
index=$(s3 GET '?list-type=2&prefix=prod-eu-1%2Findex-' | grep -oE '<Key>[^<]*' | cut -c6- | sort -V | tail -n 1)
s3 GET "$index" >"$W/index"
s3 PUT prod-eu-1/index-77 "$W/index" && s3 DELETE "$index"
same 'a snapshot finds it' "$(os PUT '/_snapshot/s3-repo/s3?wait_for_completion=true' | jq -r .error.type)" snapshot_exception
same '_verify is green' "$(os POST /_snapshot/s3-repo/_verify | jq '.nodes|length')" 3
expect 1 VERIFY_FAILED 'every node verifies repository s3-repo, but it cannot be listed: the cluster has disabled the repository' apply "$W/back.age"
delete_policy extra
os DELETE /_snapshot/s3-repo >/dev/null # registered anew it reads what is there

say 'the way to S3'
W0=$W home=$S3_HTTPS
for way in 'https://127.0.0.1:9|S3 refuses the node' 'https://no-such-host.invalid|the node cannot resolve the host name of S3' "$OS_FRONT|the node does not trust the certificate of S3"; do
    W=$W0/$((n += 1)) S3_HTTPS=${way%%|*}
    mkdir -p "$W/receipts" && world || exit 1
    world_bundle "$W/1.age" --iam-mode manual --preflight none || exit 1
    expect 4 VERIFY_FAILED "${way#*|}" apply "$W/1.age"
    receipt undone VERIFY_FAILED
done
W=$W0 S3_HTTPS=$home
finish
