#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The bucket, checked and made on Ceph RGW; then, where moto can be had, on an AWS of its kind: ownership controls, and STS that says whose
# the keys are.
. "$(dirname "$0")/lib.sh"
lab_up
world || exit 1
# shellcheck disable=SC2034 # what world_change reads
LAB_BUCKET=fresh
s3api() { # METHOD PATH-AND-QUERY [BODY]: body and status, as root of the S3 server
    curl -q -s --cacert "$S3_CA" --capath /nonexistent --aws-sigv4 aws:amz:us-east-1:s3 --user "$ROOT_KEY:$ROOT_SECRET" -X "$1" \
        -H "x-amz-content-sha256: $(printf '%s' "${3:-}" | sha256sum | cut -d' ' -f1)" -w ' %{http_code}' ${3:+--data "$3"} "$S3_HTTPS$2"
}
jqe() { jq -e "$@" >/dev/null; }
there() { s3api GET '/fresh?location=' | grep -q ' 200$'; }
made() { # OUT [FLAG...]: a sealed and approved change of bucket.json with these wishes
    local out=$1
    shift
    as alice new --quiet --batch --force --from "$W/bucket.json" --policy-compat rgw "$@" "$W/change.json" >/dev/null &&
        world_seal "$W/change.json" "$out.0" && world_approve "$out.0" "$out"
}
world_change "$W/bucket.json" || exit 1
before=$(picture)

say 'checked and not there'
made "$W/1.age" --bucket-mode check --bucket-public-block || exit 1
expect 1 BUCKET_MISSING 'fresh' gw_net plan "$W/1.age"
expect 1 BUCKET_MISSING 'fresh' apply "$W/1.age"
receipt refused BUCKET_MISSING
same 'as before' "$(picture)" "$before"

say 'made with what this server has not: undone'
made "$W/2.age" --bucket-mode create --bucket-ownership || exit 1
expect 4 BUCKET_UNSUPPORTED 'ownership BucketOwnerEnforced of bucket fresh' apply "$W/2.age"
receipt undone BUCKET_UNSUPPORTED
check 'the bucket is gone again' test -z "$(there && echo there)"
same 'as before' "$(picture)" "$before"

say 'a block with which this server refuses what bob writes: found before a node is touched, and undone'
made "$W/2b.age" --bucket-mode create --bucket-public-block || exit 1
expect 4 PREFLIGHT 's3:PutObject' apply "$W/2b.age"
receipt undone PREFLIGHT
check 'it was read back' jqe '.steps[]|select(.id=="bucket" and (.after|test("public access block, read back")))' "$W/receipt.json"
check 'the bucket is gone again' test -z "$(there && echo there)"
same 'as before' "$(picture)" "$before"

say 'made'
made "$W/3.age" --bucket-mode create --bucket-versioning || exit 1
expect 0 - '' gw_net plan "$W/3.age"
check 'plan says so' grep -q '+ bucket .*bucket fresh in us-east-1, versioning' "$W/out"
check 'plan makes nothing' test -z "$(there && echo there)"
expect 0 - '' apply "$W/3.age"
receipt applied
check 'in the receipt' jqe '.steps[]|select(.id=="bucket" and .result=="ok" and (.after|test("made.*read back")))' "$W/receipt.json"
check 'this server does not say whose the keys are' jqe '.not_tried[]|select(test("identity: the server does not say"))' "$W/receipt.json"
check 'versions are kept' grep -q '<Status>Enabled</Status>' <<<"$(s3api GET '/fresh?versioning=')"
same 'every node verifies' "$(os POST /_snapshot/s3-repo/_verify | jq '.nodes|length')" 3

say 'proved again; then somebody takes a wish away'
expect 0 - '' apply "$W/3.age"
receipt proved
check 'versions are not kept any more' grep -q ' 200$' <<<"$(s3api PUT '/fresh?versioning=' \
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Suspended</Status></VersioningConfiguration>')"
expect 1 LIVE_DRIFT 'bucket fresh has no versioning' apply "$W/3.age"
receipt refused LIVE_DRIFT
made "$W/4.age" --bucket-mode create --bucket-versioning || exit 1
expect 1 BUCKET_DIFFERS 'bucket fresh has no versioning' apply "$W/4.age"
receipt refused BUCKET_DIFFERS

say 'without a key for it'
sed -i.was '/^iam\./d' "$W/verify.conf"
made "$W/5.age" --bucket-mode check --iam-mode manual || exit 1
expect 3 CONFIG 'needs s3.credential: the plan.s bucket mode is check' apply "$W/5.age"
sed -i "s|^s3.url|s3.credential = file:$W/iam.secret\ns3.url|" "$W/verify.conf"
expect 0 - '' gw_net plan "$W/5.age"
mv "$W/verify.conf.was" "$W/verify.conf"

# ---- moto: IAM with users and keys, STS, ownership controls
oracles=$(tools/setup --oracles)
[ -x "$oracles/bin/moto_server" ] || {
    echo 'notice: no moto (tools/setup oracles): not tried against it'
    finish
}
say 'an AWS of its kind'
moto_port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
moto=https://127.0.0.1:$moto_port
INITIAL_NO_AUTH_ACTION_COUNT=5 "$oracles/bin/moto_server" -H 127.0.0.1 -p "$moto_port" -c "$LAB_DIR/rgw/tls/server.crt" \
    -k "$LAB_DIR/rgw/tls/server.key" >"$W/moto.log" 2>&1 &
moto_pid=$!
trap 'kill $moto_pid; end' EXIT
cat >"$W/moto.py" <<'PY'
import boto3, json, sys, time
kw = dict(endpoint_url=sys.argv[1], aws_access_key_id='x', aws_secret_access_key='x', region_name='eu-west-1', verify=sys.argv[2])
for i in range(100):
    try:
        iam = boto3.client('iam', **kw)
        iam.create_user(UserName='admin')
        break
    except Exception:
        time.sleep(0.2)
k = iam.create_access_key(UserName='admin')['AccessKey']
iam.put_user_policy(UserName='admin', PolicyName='all', PolicyDocument=json.dumps(
    {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))
kw.update(aws_access_key_id=k['AccessKeyId'], aws_secret_access_key=k['SecretAccessKey'])
iam = boto3.client('iam', **kw)
out = [k['AccessKeyId'], k['SecretAccessKey']]
for name in ('snap', 'eve'):
    iam.create_user(UserName=name)
    u = iam.create_access_key(UserName=name)['AccessKey']
    out += [u['AccessKeyId'], u['SecretAccessKey']]
print(*out)
PY
read -r A_KEY A_SECRET S_KEY S_SECRET E_KEY E_SECRET < <("$oracles/bin/python" "$W/moto.py" "$moto" "$S3_CA")
check 'moto has users' test -n "${E_SECRET:-}"
# the same people and nodes in a world of its own, whose S3 and IAM this is
top=$W W=$W/aws
trap 'kill $moto_pid; W=$top; end' EXIT
(umask 077 && mkdir -p "$W/receipts")
S3_HTTPS=$moto S3_REGION=eu-west-1 ROOT_KEY=$A_KEY ROOT_SECRET=$A_SECRET BOB_KEY=$S_KEY BOB_SECRET=$S_SECRET LAB_BUCKET=moto-bucket
world || exit 1
# all of the bucket: moto does not look at conditions such as s3:prefix, which the preflight finds too wide
world_change "$W/bucket.json" --base-path '' --iam-user snap --iam-arn arn:aws:iam::123456789012:user/snap --repository s3-moto || exit 1
(umask 077 && printf 's3.client.secondary.access_key=%s\ns3.client.secondary.secret_key=%s\n' "$E_KEY" "$E_SECRET" >"$W/eve.secrets")

say "somebody else's keys"
SECRETS=$W/eve.secrets made "$W/1.age" --bucket-mode create --bucket-ownership || exit 1
expect 1 IAM_IDENTITY 'they are those of arn:aws:iam::123456789012:user/eve, approved is arn:aws:iam::123456789012:user/snap' apply "$W/1.age"
receipt refused IAM_IDENTITY
check 'nothing was made' test "$(grep -c 'PUT /moto-bucket' "$top/moto.log")" = 0

say 'made, with all that can be wished'
made "$W/2.age" --bucket-mode create --bucket-ownership --bucket-public-block --bucket-versioning || exit 1
expect 0 - '' apply "$W/2.age"
receipt applied
check 'the receipt says whose they are' jqe '.proof.probes[]|select(.id=="identity" and .result=="arn:aws:iam::123456789012:user/snap")' "$W/receipt.json"
check 'and where the bucket is' jqe '.steps[]|select(.id=="bucket" and (.after|startswith("made in eu-west-1, ")))' "$W/receipt.json"
same 'every node verifies' "$(os POST /_snapshot/s3-moto/_verify | jq '.nodes|length')" 3

say 'checked'
made "$W/3.age" --bucket-mode check --bucket-ownership --bucket-public-block --bucket-versioning || exit 1
expect 0 - '' apply "$W/3.age"
receipt applied
made "$W/4.age" --bucket-mode check --bucket-region eu-north-1 || exit 1
expect 1 BUCKET_DIFFERS 'bucket moto-bucket is in region eu-west-1, not in eu-north-1' apply "$W/4.age"
receipt refused BUCKET_DIFFERS
finish
