#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each step of a change, met by each fault: an error answer, silence, the connection cut before and after the server acted, SIGKILL of
# us, a server killed. Then registration, policy and every keystore's bytes are as before, or applied, or the run is open and resume
# ends it in one of the two. Takes an hour, so only tools/test --long runs it; MATRIX="STEP:FAULT..." runs some of it.
# MATRIX_KIND=ech does it with the stand-in for Elastic Cloud. The table that it prints goes into docs/undo.md: SNAPSEAL_WRITE=1
# writes it there.
kind=${MATRIX_KIND:-opensearch}
LAB=${LAB:-$kind-matrix-$$}
. "$(dirname "$0")/lib.sh"
[ -n "${SNAPSEAL_LONG:-}${MATRIX:-}" ] || {
    echo "skipped: takes an hour; tools/test --long runs it"
    exit 77
}
# a client for each run, which the nodes know where S3 is
export LAB_CLIENTS
LAB_CLIENTS=$(seq -s ' ' -f 'c%g' 80)
lab_up
cloud=${CLOUD_KIND:-}
[ "${cloud:-opensearch}" = "$kind" ] || { echo "FAILED: a lab of another kind" && exit 1; }
F=$W/faults
mkdir -m 700 "$F"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=fault-proxy -addext subjectAltName=IP:127.0.0.1 -days 2 -keyout "$F/key" \
    -out "$F/ca.crt" 2>/dev/null || exit 1
python3 tests/support/fault_proxy.py "$F" "$F/ca.crt" "$F/key" "$W/gw/runs/prod-eu-1.journal" \
    "cluster=$OS_FRONT=$OS_FRONT_CA" "aws=$S3_HTTPS=$S3_CA" ${cloud:+"control=$CLOUD_URL=$CLOUD_CA"} >"$F/ports" &
proxy=$!
trap 'kill $proxy 2>/dev/null; end' EXIT
for _ in $(seq 50); do
    [ "$(wc -l <"$F/ports")" = $((2 + ${#cloud} / 3)) ] && break
    sleep 0.2
done
via() { echo "https://127.0.0.1:$(sed -n "s/^$1 //p" "$F/ports")"; }
echo "$W/gw/runs/prod-eu-1.journal" >"$F/when"
printf '#!/bin/bash\nkill -KILL -- -"$(cat %s/group)"\n' "$F" >"$F/kill-us"
chmod 700 "$F/kill-us"
# the appliance goes by the proxies, everything else past them
real_front=$OS_FRONT real_front_ca=$OS_FRONT_CA real_s3=$S3_HTTPS real_s3_ca=$S3_CA
OS_FRONT=$(via cluster) OS_FRONT_CA=$F/ca.crt S3_HTTPS=$(via aws) S3_CA=$F/ca.crt
[ -z "$cloud" ] || real_cloud=$CLOUD_URL real_cloud_ca=$CLOUD_CA CLOUD_URL=$(via control) CLOUD_CA=$F/ca.crt
NODE_HELPER="$ROOT/tests/support/fault_node.sh $F $NODE_HELPER"
world || exit 1
s3_by_proxy=$S3_HTTPS
OS_FRONT=$real_front OS_FRONT_CA=$real_front_ca S3_HTTPS=$real_s3 S3_CA=$real_s3_ca
[ -z "$cloud" ] || CLOUD_URL=$real_cloud CLOUD_CA=$real_cloud_ca
put_policy '{"Statement":[{"Action":"s3:*","Effect":"Allow","Resource":["arn:aws:s3:::snaps","arn:aws:s3:::snaps/*"]}],"Version":"2012-10-17"}'
start_policy=$(iam_policy)
os PUT '/_snapshot/s3-repo?verify=false' '{"type":"s3","settings":{"bucket":"snaps","client":"secondary","base_path":"prod-eu-1"}}' >/dev/null

steps=(live policy preflight keystore.copy keystore reload register verify keystore.drop unregister keystore.remove)
[ -z "$cloud" ] || steps=(live deployment policy preflight keystore.cloud reload register verify)
faults=(error silent cut-before cut-after kill-us kill-server)
declare -A where=([live]='cluster GET ^/_snapshot/s3-repo\s' [policy]='aws POST Action=PutUserPolicy' [preflight]='aws PUT ^/snaps/'
    [keystore.copy]='node copy' [keystore]='node add' [reload]='cluster POST reload_secure_settings'
    [register]='cluster PUT ^/_snapshot/s3-repo' [verify]='cluster POST /_verify' [keystore.drop]='node drop'
    [deployment]='control GET /api/v1/deployments/' [keystore.cloud]='control PATCH /keystore'
    [unregister]='cluster DELETE ^/_snapshot/s3-repo' [keystore.remove]='node remove')

number=0
# Everything that a run may change; of a deployment, what its platform has, when it has come to the nodes
seen() {
    if [ -z "$cloud" ]; then
        picture
        return
    fi
    curl -s -m 100 "$CLOUD_CONTROL/settled?seconds=90" | jq -c .settled
    os GET /_snapshot | jq -cS .
    iam_policy | jq -cS . 2>/dev/null
    curl -s -m 100 "$CLOUD_CONTROL/" | jq -r '.state.secrets | keys | join(" ")'
}
bundle() { # one that changes policy, keys and registration, whatever the last run left
    local out=$W/$number.age client=secondary
    put_policy "$start_policy"
    if [ -n "$cloud" ]; then # a value that was there never comes back: a new name each time
        client=c$number
        SECRETS=$W/$client.secrets
        (umask 077 && sed "s/secondary/$client/" "$W/bob.secrets" >"$SECRETS")
    fi
    # the nodes know the real S3 by their client; the appliance asks by the proxy
    world_change "$W/change.json" --client $client --endpoint "$s3_by_proxy" --setting "max_snapshot_bytes_per_sec=$((number + 1))mb" &&
        jq '.repository.settings |= del(.endpoint, .region, .path_style_access)' "$W/change.json" >"$W/change.two" &&
        mv "$W/change.two" "$W/change.json" && rm -f "$out.0" "$out" && world_seal "$W/change.json" "$out.0" &&
        world_approve "$out.0" "$out"
}
removal() { # after something is applied that can be taken away
    local out=$W/$number.age
    bundle && apply "$out" >/dev/null 2>&1 && close && rm -f "$out.0" "$out" &&
        as alice new --quiet --batch --force --remove prod-eu-1 --ticket CHG-1001 "$W/change.json" >/dev/null &&
        as alice seal --quiet --author alice --key "$W/keys/alice" --out "$out.0" "$W/change.json" >/dev/null && world_approve "$out.0" "$out"
}
close() { # the receipts of this run, at the author's
    local file rc=0
    while read -r file; do
        as alice receipt import --quiet "$file" || rc=1
        outcome=$(tar -xOf "$file" manifest.json | jq -r .outcome)
        rm -f "$file"
    done < <(find "$W/receipts" -name '*.snapseal-receipt' -printf '%T@ %p\n' | sort -n | cut -d' ' -f2-)
    return $rc
}
is_applied() { # STEP: and the servers agree
    local settings
    settings=$(os GET /_snapshot/s3-repo | jq -r '."s3-repo".settings.max_snapshot_bytes_per_sec')
    case $1 in
    unregister | keystore.remove) [ "$settings" = null ] && [ "$(os GET /_snapshot)" = '{}' ] ;;
    *)
        [ "$settings" = "$((number + 1))mb" ] && [ "$(iam_policy | jq -cS .)" = "$(jq -cS .policy "$W/change.json")" ] &&
            [ "$(os POST /_snapshot/s3-repo/_verify | jq '.nodes|length')" = 3 ]
        ;;
    esac && [ -z "$(find "$LAB_DIR" -name '*keystore.snapseal*')" ]
}
leftovers() { # probe objects in the bucket
    printf 'user = "%s:%s"\n' "$ALICE_KEY" "$ALICE_SECRET" | curl -q -s -K - --cacert "$S3_CA" --capath /nonexistent \
        --aws-sigv4 "aws:amz:$S3_REGION:s3" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$S3_HTTPS/snaps?list-type=2" |
        grep -o 'snapseal-probe-[0-9a-f]*' | sort -u
}
arm() { # STEP FAULT
    local server
    rm -f "$F/met" "$F/fault" "$F/node-fault"
    server="$ROOT/tools/lab node kill 3 $LAB"
    case ${where[$1]} in control*) server="$ROOT/tools/lab cloud kill $LAB" ;; esac
    case ${where[$1]} in aws*) server="$ROOT/tools/lab s3 stop $LAB" ;; esac
    printf '#!/bin/sh\nexec %s >/dev/null 2>&1\n' "$server" >"$F/kill-server"
    chmod 700 "$F/kill-server"
    case ${where[$1]} in
    node*) printf '%s %s\n' "${where[$1]#node }" "$2" >"$F/node-fault" ;;
    *) printf '%s %s\n' "${where[$1]}" "$2" >"$F/fault" ;;
    esac
}
heal() { # FAULT
    rm -f "$F/fault" "$F/node-fault"
    [ "$1" = kill-server ] || return 0
    tools/lab s3 start "$LAB" 2>/dev/null
    [ -z "$cloud" ] || tools/lab cloud start "$LAB" 2>/dev/null
    tools/lab node start 3 "$LAB" 2>/dev/null
}
run_apply() { # in a group of its own, so that all of it can be killed
    setsid -w bash -c 'echo $$ >"$1"; shift; exec "$@"' - "$F/group" "$B/verify/snapseal-verify" --state "$W/gw" apply --config "$W/verify.conf" \
        --yes --out "$W/receipts" "$W/$number.age" >"$W/out" 2>"$W/err"
}
cell() { # STEP FAULT: into $told
    local before rc tries=0 error
    number=$((number + 1))
    outcome=
    case $1 in unregister | keystore.remove) removal ;; *) bundle ;; esac || {
        check "a bundle for $1:$2" false
        told='no bundle'
        return
    }
    before=$(seen)
    arm "$1" "$2"
    run_apply
    rc=$?
    error=$(sed -n 's/.*: error: \([A-Z_]*\): .*/\1/p' "$W/err")
    cp "$W/err" "$W/err.$1.$2"
    check "$1:$2 was met (exit $rc)" test -e "$F/met"
    heal "$2"
    told=$error
    [ "$rc" != 137 ] || told=killed
    while [ "$rc" = 5 ] || [ "$rc" = 137 ]; do
        tries=$((tries + 1))
        resume >"$W/out" 2>"$W/err"
        rc=$?
        cp "$W/err" "$W/err.$1.$2.resume$tries"
        told="$told; resume"
        [ $tries -lt 4 ] || break
    done
    close || check "$1:$2: the author can import the receipts" false
    case $rc in
    0)
        check "$1:$2: applied, and the servers agree" is_applied "$1"
        told="$told${told:+: }applied"
        ;;
    2) # nothing had begun
        same "$1:$2: as before" "$(seen)" "$before"
        told="$told: nothing had begun"
        ;;
    1 | 3 | 4)
        same "$1:$2: as before (exit $rc)" "$(seen)" "$before"
        told="$told: ${outcome:-nothing begun}"
        ;;
    *) check "$1:$2: ends with $rc: $(tail -n 1 "$W/err")" false ;;
    esac
    same "$1:$2: no object of ours is left in the bucket" "$(leftovers)" ''
}

for step in "${steps[@]}"; do
    row="| $step |"
    for fault in "${faults[@]}"; do
        told=
        case " ${MATRIX:-$step:$fault} " in *" $step:$fault "*) cell "$step" "$fault" ;; esac
        row="$row $told |"
        [ -z "$told" ] || printf '%s\n' "$step:$fault: $told"
    done
    printf '%s\n' "$row" >>"$W/table"
done
cat "$W/table"
if [ -n "${SNAPSEAL_WRITE:-}" ] && [ -z "${MATRIX:-}" ]; then
    # the rows of this kind: from the head of its table to the next empty line
    awk -v kind="$kind" -v table="$W/table" '
        $0 == "## " kind { mine = 1 }
        mine && /^\|---/ { print; while ((getline row <table) > 0) print row; skip = 1; mine = 0; next }
        skip && /^\|/ { next }
        { skip = 0; print }' docs/undo.md >"$W/undo.md" && cp "$W/undo.md" docs/undo.md
fi
finish
