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
same 'what was tried' "$(jq -r '[.proof.probes[]|"\(.id)=\(.result)"]|join(" ")' "$W/receipt.json")" \
    'list=ok put=ok get=ok delete=ok location=ok uploads=ok versions=ok list-all=AccessDenied list-outside=AccessDenied get-outside=AccessDenied acl=AccessDenied policy=AccessDenied multipart=ok parts=ok abort=ok'
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
finish
