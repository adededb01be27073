#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/lab by itself: what it starts answers as docs/lab.md says, and "down" leaves nothing behind.
set -uo pipefail
unset AWS_CA_BUNDLE CURL_CA_BUNDLE REQUESTS_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
cd "$(dirname "$0")/../.." || exit 1

lab=smoke-$$ tmp=$(mktemp -d) checks=0 failures=0
cleanup() {
    tools/lab down $lab 2>/dev/null
    rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

same() { # $1: what, $2: got, $3: wanted
    checks=$((checks + 1))
    [ "$2" = "$3" ] || {
        failures=$((failures + 1))
        printf 'FAIL %s: got "%s", wanted "%s"\n' "$1" "$2" "$3" >&2
    }
}
holds() { # $1: what, then a command that must succeed
    local what=$1
    shift
    "$@" >/dev/null 2>&1
    same "$what" $? 0
}
status_of() { # the exit status of a command
    "$@" >"$tmp/out" 2>"$tmp/err"
    echo $?
}

# ---- usage -------------------------------------------------------------------------------------
same 'help' "$(status_of tools/lab --help)" 0
holds 'help goes to stdout' grep -q '^usage: tools/lab up' "$tmp/out"
for wrong in '' 'frob' 'up NAME' 'up dist' 'up a b' 'up --kind eck' 'node stop 4' 'node stop 1,4' 'node frob 1' 's3 kill' 'cloud frob' \
    'install x'; do
    # shellcheck disable=SC2086
    same "usage: '$wrong'" "$(status_of tools/lab $wrong)" 2
    same "usage: '$wrong' prints one line" "$(wc -l <"$tmp/err")" 1
done
same 'env of no lab' "$(status_of tools/lab env $lab)" 1
same 'status of no lab' "$(status_of tools/lab status $lab)" 1
same 'down of no lab' "$(status_of tools/lab down $lab)" 0

# ---- up, env -------------------------------------------------------------------------------------
tools/lab up $lab || exit 1
same 'up again' "$(status_of tools/lab up $lab)" 0
holds 'up again says so' grep -q 'runs already' "$tmp/err"
same 'status' "$(status_of tools/lab status $lab)" 0
lines=$(tools/lab env $lab) || exit 1
eval "$lines"
for v in S3_HTTPS S3_CA S3_REGION ROOT_KEY ROOT_SECRET ALICE_KEY ALICE_SECRET BOB_KEY BOB_SECRET RGW_ADMIN \
    OS_FRONT OS_FRONT_CA OS_FRONT_USER OS_FRONT_PASS OS_FRONT_LOG OS_CLUSTER_UUID OS_NODES OS_KEYSTORE OS_DIST \
    OS_USER OPENSEARCH_JAVA_HOME LAB_DIR LAB_BUCKET CLUSTER \
    {OS_NAME,OS_HTTP,OS_CONF,OS_LOG,OS_PID}_{1,2,3}; do
    holds "env has $v" test -n "${!v:-}"
done

# curl's secrets go by files, never by arguments
umask 077
for u in ROOT ALICE BOB; do
    k=${u}_KEY s=${u}_SECRET
    printf 'user = "%s:%s"\n' "${!k}" "${!s}" >"$tmp/$u"
done
printf 'user = "%s:%sx"\n' "$BOB_KEY" "$BOB_SECRET" >"$tmp/WRONG"
printf 'user = "%s:%s"\n' "$OS_FRONT_USER" "$OS_FRONT_PASS" >"$tmp/front"
printf 'user = "%s:%sx"\n' "$OS_FRONT_USER" "$OS_FRONT_PASS" >"$tmp/front-wrong"

# ---- the cluster -------------------------------------------------------------------------------
os() { # $1: file with the password or "", $2: method, $3: path, $4: body; the answer in $tmp/body
    curl -q -s -m 60 ${1:+-K "$1"} --cacert "$OS_FRONT_CA" --capath /nonexistent -o "$tmp/body" \
        -w '%{http_code}' -X "$2" ${4:+-H 'Content-Type: application/json' --data-binary "$4"} "$OS_FRONT$3"
}
same 'no password' "$(os '' GET /)" 401
same 'wrong password' "$(os "$tmp/front-wrong" GET /)" 401
same 'password' "$(os "$tmp/front" GET /)" 200
same 'uuid' "$(jq -r .cluster_uuid "$tmp/body")" "$OS_CLUSTER_UUID"
same 'version' "$(jq -r .version.number "$tmp/body")" 3.8.0
same 'cluster name' "$(jq -r .cluster_name "$tmp/body")" "$CLUSTER"
same 'health' "$(os "$tmp/front" GET /_cluster/health)" 200
same 'green' "$(jq -r '"\(.status) \(.number_of_nodes)"' "$tmp/body")" 'green 3'
same 'names' "$(os "$tmp/front" GET '/_cat/nodes?h=name' && sort "$tmp/body" | tr '\n' ' ')" \
    "200$OS_NAME_1 $OS_NAME_2 $OS_NAME_3 "
curl -q -s -m 10 -K "$tmp/front" --cacert "$S3_CA" --capath /nonexistent "$OS_FRONT/"
same 'the front has a CA of its own' $? 60

# ---- S3 and its policies -------------------------------------------------------------------------
s3() { # $1: user, $2: method, $3: path and query, then more for curl; prints the answer's code
    local u=$1 m=$2 p=$3
    shift 3
    curl -q -s -m 20 -K "$tmp/$u" --cacert "$S3_CA" --capath /nonexistent -o "$tmp/body" -w '%{http_code}' \
        --aws-sigv4 "aws:amz:$S3_REGION:s3" -X "$m" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$@" "$S3_HTTPS$p"
}
put_policy() { # $1: user who puts it
    curl -q -s -m 20 -K "$tmp/$1" --cacert "$S3_CA" --capath /nonexistent -o "$tmp/body" -w '%{http_code}' \
        --aws-sigv4 "aws:amz:$S3_REGION:iam" -d Action=PutUserPolicy -d Version=2010-05-08 -d UserName=bob \
        -d PolicyName=snapshots --data-urlencode PolicyDocument@"$tmp/policy" "$S3_HTTPS/"
}
jq -nc --arg b "arn:aws:s3:::$LAB_BUCKET" '{Version: "2012-10-17", Statement: [
    {Effect: "Allow", Action: ["s3:ListBucket", "s3:DeleteObject"], Resource: $b},
    {Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource: ($b + "/*")}]}' >"$tmp/policy"
same 'alice lists her bucket' "$(s3 ALICE GET "/$LAB_BUCKET?list-type=2")" 200
same 'bob may not, without a policy' "$(s3 BOB GET "/$LAB_BUCKET?list-type=2")" 403
same 'bob may not write either' "$(s3 BOB PUT "/$LAB_BUCKET/a" -d x)" 403
same 'a wrong secret' "$(s3 WRONG GET "/$LAB_BUCKET?list-type=2")" 403
holds 'is told from a missing right' grep -q SignatureDoesNotMatch "$tmp/body"
same 'alice may not put policies' "$(put_policy ALICE)" 403
same 'root puts the policy' "$(put_policy ROOT)" 200
same 'bob lists' "$(s3 BOB GET "/$LAB_BUCKET?list-type=2")" 200
same 'bob writes' "$(s3 BOB PUT "/$LAB_BUCKET/a" -d hello)" 200
same 'bob reads' "$(s3 BOB GET "/$LAB_BUCKET/a" && cat "$tmp/body")" 200hello
same 'the other bucket stays closed' "$(s3 BOB GET '/snaps2?list-type=2')" 403
curl -q -s -m 10 --cacert "$OS_FRONT_CA" --capath /nonexistent "$S3_HTTPS/"
same 'S3 has a CA of its own' $? 60

# ---- the keystore tool, the plugin ---------------------------------------------------------------
keystore() { # $1: node, then the tool's arguments
    local conf=OS_CONF_$1 as=()
    shift
    [ "$(id -un)" = "$OS_USER" ] || as=(setpriv "--reuid=$OS_USER" "--regid=$OS_USER" --clear-groups)
    ${as[@]+"${as[@]}"} env -i PATH=/usr/bin:/bin OPENSEARCH_PATH_CONF="${!conf}" "$OS_KEYSTORE" "$@"
}
entries=(s3.client.secondary.access_key s3.client.secondary.secret_key)
for n in 1 2 3; do
    printf '%s\n%s\n' "$BOB_KEY" "$BOB_SECRET" | keystore $n add --stdin --force "${entries[@]}"
    same "keys into node$n" $? 0
done
same 'names in a keystore' "$(keystore 2 list | tr '\n' ' ')" "keystore.seed ${entries[*]} "
echo AKIA-NOT-AN-ANSWER | keystore 1 add --stdin "${entries[0]}" >"$tmp/out" 2>&1
same 'without --force the value is taken for an answer' $? 1
holds 'and printed, as by the real tool' grep -q "Did not understand answer 'akia-not-an-answer'" "$tmp/out"
same 'remove what is not there' "$(status_of keystore 1 remove no.such.name)" 78
same 'reload' "$(os "$tmp/front" POST /_nodes/reload_secure_settings)" 200
same 'reload of every node' "$(jq -c '[(.nodes | length), ([.nodes[] | select(has("reload_exception"))] | length)]' \
    "$tmp/body")" '[3,0]'
same 'register' "$(os "$tmp/front" PUT '/_snapshot/smoke?verify=false' "$(jq -nc --arg b "$LAB_BUCKET" \
    '{type: "s3", settings: {bucket: $b, client: "secondary", base_path: "smoke"}}')")" 200
same 'verify' "$(os "$tmp/front" POST /_snapshot/smoke/_verify)" 200
same 'verify names every node' "$(jq -r '[.nodes[].name] | sort | join(" ")' "$tmp/body")" 'node1 node2 node3'

# ---- docs/lab.md: what it says to do by hand, done ------------------------------------------------
if [ "$(id -u)" = 0 ]; then # the text is for root
    sed -n '/^## A repository by hand/,/^## What/s/^    //p' docs/lab.md >"$tmp/by-hand"
    printf '%s\n' "$lines" >"$tmp/env"
    (cd "$tmp" && bash -euo pipefail -c '. ./env && . ./by-hand') >"$tmp/out" 2>"$tmp/err"
    same 'by hand' $? 0
    holds 'by hand: verified by three nodes' grep -qE '(node[123].*){3}' <(tail -n 1 "$tmp/out")
fi

# ---- what tests do to a lab -------------------------------------------------------------------------
tools/lab node kill 3 $lab 2>/dev/null
same 'status without a node' "$(status_of tools/lab status $lab)" 1
same 'env without it' "$(eval "$(tools/lab env $lab)" && echo "<$OS_PID_3> $OS_CLUSTER_UUID")" "<> $OS_CLUSTER_UUID"
same 'node start' "$(status_of tools/lab node start 3 $lab)" 0
tools/lab node freeze 2 $lab 2>/dev/null
same 'frozen' "$(awk '/^State:/ { print $2 }' "/proc/$OS_PID_2/status")" T
tools/lab node thaw 2 $lab 2>/dev/null
tools/lab s3 stop $lab 2>/dev/null
s3 ALICE GET "/$LAB_BUCKET/a" >/dev/null
same 'S3 stopped: connections are refused' $? 7
tools/lab s3 start $lab 2>/dev/null
same 'S3 back with its data' "$(s3 BOB GET "/$LAB_BUCKET/a" && cat "$tmp/body")" 200hello
same 'whole again' "$(status_of tools/lab status $lab)" 0

# ---- secrets and sockets -----------------------------------------------------------------------------
holds 'the log has method, path and status' grep -q ' POST /_nodes/reload_secure_settings 200 ' "$OS_FRONT_LOG"
printf '%s\n' "$BOB_SECRET" "$ROOT_SECRET" "$ALICE_SECRET" "$OS_FRONT_PASS" >"$tmp/secrets"
same 'no secret in the front'\''s log' "$(grep -cFf "$tmp/secrets" "$OS_FRONT_LOG")" 0
same 'no secret in arguments or environments' \
    "$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -acFf "$tmp/secrets")" 0
pids=$(cat "$LAB_DIR"/run/*.pid)
sockets=$(for p in $pids; do ss -Hltnp | grep -w "pid=$p" | awk '{ print $4 }'; done)
same 'listens on loopback only' "$(grep -cvE '^(127\.0\.0\.1|\[::ffff:127\.0\.0\.1\]):' <<<"$sockets")" 0
same 'S3 among them' "$(grep -c ":${S3_HTTPS##*:}\$" <<<"$sockets")" 1
same 'the front among them' "$(grep -c ":${OS_FRONT##*:}\$" <<<"$sockets")" 1

# ---- down ---------------------------------------------------------------------------------------------
same 'down' "$(status_of tools/lab down $lab)" 0
holds 'no directory' test ! -e "$LAB_DIR"
same 'no process' "$(for p in $pids; do [ ! -d "/proc/$p" ] || grep -L '^State:.Z' "/proc/$p/status"; done)" ''
same 'no mount' "$(grep -lF "$LAB_DIR" /proc/[0-9]*/mountinfo 2>/dev/null)" ''

echo "lab_smoke: $checks checks, $failures failed"
[ $failures -eq 0 ]
