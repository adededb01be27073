#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SIGKILL before and after every journal record of a run; then resume ends it, applied or undone, with a receipt that says which, and the
# servers agree: those killed before a record go forward, those killed after one are told to undo. Also: the first resume is killed as well, and an interrupted run blocks the next bundle.
. "$(dirname "$0")/lib.sh"
lab_up
world || exit 1
preload=$B/tests/libpreload_kill.so
check 'the preload library is built' test -f "$preload"
# by hand first, so that a policy and a registration are there that differ from what each bundle brings
put_policy '{"Statement":[{"Action":"s3:*","Effect":"Allow","Resource":["arn:aws:s3:::snaps","arn:aws:s3:::snaps/*"]}],"Version":"2012-10-17"}'
os PUT '/_snapshot/s3-repo?verify=false' '{"type":"s3","settings":{"bucket":"snaps","client":"secondary","base_path":"prod-eu-1"}}' >/dev/null
start_policy=$(iam_policy)

killed() { # AT WHEN COMMAND...: runs it with the library; 0 when it was killed
    local at=$1 when=$2
    shift 2
    { (KILL_AT=$at KILL_WHEN=$when LD_PRELOAD=$preload exec "$@") >"$W/out" 2>"$W/err"; } 2>/dev/null
    [ $? = 137 ]
}
bundle() { # N: one that changes policy, keys and registration, whatever the last run left
    put_policy "$start_policy"
    world_bundle "$W/$1.age" --setting "max_snapshot_bytes_per_sec=${1}mb"
}
settled() { # N BEFORE: the receipt, and the servers, say applied or undone, and the same of the two
    local file outcome
    file=$(last_receipt)
    check "a receipt after run $1" test -n "$file"
    [ -n "$file" ] || return
    outcome=$(tar -xOf "$file" manifest.json | jq -r .outcome)
    check 'the author can import it' as alice receipt import --quiet "$file"
    mv "$file" "$file.done"
    case $outcome in
    applied)
        same 'registered' "$(os GET /_snapshot/s3-repo | jq -r '."s3-repo".settings.max_snapshot_bytes_per_sec')" "${1}mb"
        same 'policy' "$(iam_policy | jq -cS .)" "$(jq -cS .policy "$W/change.json")"
        same 'verified by every node' "$(os POST /_snapshot/s3-repo/_verify | jq '.nodes|length')" 3
        check 'no copy is left' test -z "$(find "$LAB_DIR" -name '*keystore.snapseal*')"
        ;;
    undone) same "as before run $1" "$(picture)" "$2" ;;
    *) check "outcome $outcome" false ;;
    esac
    outcomes="${outcomes:-}$outcome "
}
apply_kill() { # N AT WHEN
    killed "$2" "$3" "$B/verify/snapseal-verify" --state "$W/gw" apply --config "$W/verify.conf" --yes --out "$W/receipts" "$W/$1.age"
}

bundle 1 || exit 1
rm -f "$W/count"
(KILL_COUNT=$W/count LD_PRELOAD=$preload exec "$B/verify/snapseal-verify" --state "$W/gw" apply --config "$W/verify.conf" --yes --out "$W/receipts" "$W/1.age") >/dev/null 2>&1
records=$(wc -c <"$W/count")
settled 1 ''
say "$records journal records"
check 'more than a few records' test "$records" -ge 10
step=1
[ -n "${SNAPSEAL_LONG:-}" ] || step=3
n=2
for when in before after; do
    first=1
    [ $when = before ] || first=$step
    for at in $(seq "$first" "$step" "$records"); do
        bundle $n || exit 1
        before=$(picture)
        check "killed $when record $at" apply_kill $n "$at" $when
        outcomes=''
        if grep -q . < <(gw status --json | jq -r '.targets[]?|select(.interrupted)|.id' 2>/dev/null); then
            if [ $when = before ]; then want=0 how=applied; else want=4 how=undone undo=--undo; fi
            resume ${undo:-} >"$W/out" 2>"$W/err"
            rc=$?
            if [ $how = undone ] && [ $rc != 4 ]; then # the copies are being dropped: it can only be finished
                check "resume --undo refuses in one line, or closes what was done (exit $rc)" \
                    test "$rc" = 0 -o "$(grep -c ': error: ' "$W/err")" = 1
                check 'it was nearly done' test "$at" -gt $((records - 10))
                [ "$rc" = 0 ] || resume >"$W/out" 2>"$W/err"
                rc=$? want=0 how=applied
            fi
            same "exit code of resume ${undo:-} after $when $at: $(tail -n 1 "$W/err")" $rc $want
            settled $n "$before"
            same 'outcome' "$outcomes" "$how "
        else # nothing was begun, or all was closed: nothing is lost either way
            expect 2 NOTHING_TO_RESUME '' resume
            [ "$(picture)" = "$before" ] || settled $n "$before"
        fi
        printf '%s record %s: %s\n' $when "$at" "${outcomes:-nothing was begun}"
        rm -f "$W"/receipts/*.snapseal-receipt
        n=$((n + 1))
    done
done

say 'an interrupted run blocks the next bundle; a resume that is killed can be resumed'
bundle $n || exit 1
before=$(picture)
outcomes=
check 'killed in the middle' apply_kill $n $((records / 2)) after
expect 5 JOURNAL_OPEN 'prod-eu-1' apply "$W/$n.age"
check 'resume killed' killed 2 before "$B/verify/snapseal-verify" --state "$W/gw" resume --config "$W/verify.conf" --out "$W/receipts"
resume --undo >/dev/null 2>&1
same 'exit code of resume --undo' $? 4
settled $n "$before"
same 'outcome' "$outcomes" 'undone '
finish
