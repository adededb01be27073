# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# For tools/bench: an apply, and the same by hand. Both have three parts: what the cluster takes (nginx' log says it), what the nodes'
# keystore tool takes (told by a wrapper around the node's command), and the rest, which is ours, or that of curl and jq.
touch "$W/up"
echo "== cluster: bringing up a lab" >&2
tools/lab up "$LAB" >/dev/null 2>"$W/lab.log" || die "$(tail -n 1 "$W/lab.log")"
eval "$(tools/lab env "$LAB")"
NODE_HELPER="$W/clock $W/node.log $ROOT/verify/node/snapseal-node"
# shellcheck source=tests/support/world.sh
. tests/support/world.sh
mkdir "$W/receipts"
world >/dev/null || die 'no world'
front="$W/front.rc"
(umask 077 && printf 'user = "%s:%s"\ncacert = "%s"\nsilent\nshow-error\ncapath = /nonexistent\n' "$OS_FRONT_USER" "$OS_FRONT_PASS" "$OS_FRONT_CA" >"$front")
body=$(jq -nc --arg b "$LAB_BUCKET" --arg e "$S3_HTTPS" --arg r "$S3_REGION" '{type:"s3",settings:{bucket:$b,client:"secondary",base_path:"prod-eu-1",
    endpoint:$e,region:$r,path_style_access:"true"}}')
by_hand() { # the five calls: who is it, what is there, register, reload, verify
    local f="curl -q -K $front"
    $f "$OS_FRONT/" | jq -er .cluster_uuid >/dev/null || return
    $f "$OS_FRONT/_snapshot/s3-repo" | jq -e '."s3-repo".settings.bucket' >/dev/null || return
    $f -X PUT -H 'Content-Type: application/json' --data-binary "$body" "$OS_FRONT/_snapshot/s3-repo?verify=false" | jq -e .acknowledged >/dev/null || return
    $f -X POST "$OS_FRONT/_nodes/reload_secure_settings" |
        jq -e '._nodes.total==3 and ([.nodes[]|select(has("reload_exception"))]|length)==0' >/dev/null || return
    $f -X POST "$OS_FRONT/_snapshot/s3-repo/_verify" | jq -e '(.nodes|length)==3' >/dev/null
}
# NAME COMMAND...: one line of milliseconds: name, whole, cluster, node tool, number of calls, number of node commands
measured() {
    local name=$1 s e
    shift
    : >"$W/node.log"
    local from
    from=$(wc -l <"$OS_FRONT_LOG")
    s=$(date +%s%N)
    "$@" >"$W/out" 2>&1 || { tail -n 3 "$W/out" >&2; die "$name failed"; }
    e=$(date +%s%N)
    tail -n "+$((from + 1))" "$OS_FRONT_LOG" | awk -v name="$name" -v whole=$((e - s)) -v log_=  '
        { server += $NF * 1000; calls++ }
        END { while ((getline line < "'"$W/node.log"'") > 0) { split(line, t, " "); n++; node += (t[2] - t[1]) / 1e6 }
              printf "%s %.1f %.1f %.1f %d %d\n", name, whole / 1e6, server, node, calls, n }'
}
apply_next() { gw_net apply --yes --quiet --out "$W/receipts" "$1"; }
change() { # register alone: no policy, no preflight
    as alice new --quiet --batch --force --target prod-eu-1 --ticket CHG-1001 --reason 'Nightly snapshots' --repository s3-repo \
        --bucket "$LAB_BUCKET" --endpoint "$S3_HTTPS" --region "$S3_REGION" --base-path prod-eu-1 --client secondary --iam-mode none \
        --preflight none --precondition any "$W/change.json" >/dev/null
}
put_policy "$(jq -nc --arg b "arn:aws:s3:::$LAB_BUCKET" '{Version:"2012-10-17",Statement:[{Effect:"Allow",Action:"s3:*",Resource:[$b,$b+"/*"]}]}')"
change || die 'no change'
for ((i = 0; i <= ROUNDS; i++)); do
    rm -f "$W/b" "$W/b0" "$W"/receipts/*
    world_seal "$W/change.json" "$W/b0" && world_approve "$W/b0" "$W/b" || die 'no bundle'
    measured apply apply_next "$W/b"
    measured again apply_next "$W/b"
    measured hand by_hand
    for r in "$W"/receipts/*; do as alice receipt import --quiet "$r" >/dev/null || die "$r is not imported"; done
done >"$W/cluster.tsv" || exit 3
# Of each kind the first warms up. Ours: whole less cluster less node tool; the same of curl and jq is the yardstick.
awk '{ if (seen[$1]++ == 0) next; n[$1]++; whole[$1, n[$1]] = $2; own[$1, n[$1]] = $2 - $3 - $4; server[$1, n[$1]] = $3; tool[$1, n[$1]] = $4; calls[$1] = $5; nodes[$1] = $6 }
    function median(a, k, m,   i, j, t, v) {
        for (i = 1; i <= m; i++) v[i] = a[k, i]
        for (i = 1; i <= m; i++) for (j = i + 1; j <= m; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
        return v[int((m + 1) / 2)]
    }
    END {
        printf "%-44s %9s %9s %9s %9s %6s %6s\n", "ms, medians", "whole", "cluster", "tool", "the rest", "calls", "nodes"
        split("apply again hand", k, " ")
        split("apply: a new bundle|apply: the same again, which proves|five calls with curl and jq", label, "|")
        for (i = 1; i <= 3; i++) { m = n[k[i]]; rest[i] = median(own, k[i], m)
            printf "%-44s %9.1f %9.1f %9.1f %9.1f %6d %6d\n", label[i], median(whole, k[i], m), median(server, k[i], m), median(tool, k[i], m), rest[i], calls[k[i]], nodes[k[i]] }
        printf "\nrest of apply / rest by hand   %.2f\nrest of proving / rest by hand %.2f\n", rest[1] / rest[3], rest[2] / rest[3]
    }' "$W/cluster.tsv"
