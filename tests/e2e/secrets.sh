#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Looks for the bytes of every secret while seal and apply run: in arguments, environments, written files, logs, output, receipts, core files.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || {
    echo 'skipped: strace is not installed'
    exit 77
}
lab_up
world || exit 1
mark=$W/mark
touch "$mark"
ulimit -c unlimited
mkdir "$W/run" && cd "$W/run" || exit 3
export TMPDIR=$W/tmp
mkdir "$TMPDIR"
trace=(strace -f -y -v -s 65536 -qq -e "trace=execve,write,writev,pwrite64,sendto,sendmsg")
world_change "$W/change.json"
"${trace[@]}" -o "$W/seal.trace" "$B/gen/snapseal-gen" --state "$W/ws-alice" seal --author alice --key "$W/keys/alice" \
    --secrets "$W/bob.secrets" --out "$W/0.age" "$W/change.json" >"$W/seal.out" 2>&1
same 'seal' $? 0
world_approve "$W/0.age" "$W/1.age"
"${trace[@]}" -o "$W/apply.trace" "$B/verify/snapseal-verify" --state "$W/gw" apply --config "$W/verify.conf" --yes --out "$W/receipts" \
    "$W/1.age" >"$W/apply.out" 2>&1
same 'apply' $? 0
key=$(sed -n '2,$p' "$W/keys/alice" | head -n 3 | tail -n 1 | cut -c10-40)
identity=$(grep AGE-SECRET "$W/keys/alice.age")
for secret in "$BOB_SECRET" "$OS_FRONT_PASS" "$ROOT_SECRET" "$identity" "$key" \
    "$(printf %s "$BOB_SECRET" | base64 -w0 | cut -c1-40)" "$(printf '%s' "$OS_FRONT_USER:$OS_FRONT_PASS" | base64 -w0)"; do
    same "in an argument or environment: ${secret:0:4}..." "$(grep -aF "$secret" "$W"/*.trace | grep -ac 'execve(')" 0
    same "written to anything but a pipe: ${secret:0:4}..." \
        "$(grep -aF "$secret" "$W"/*.trace | grep -av 'execve(' | grep -acvE '(write|writev|sendto)\([0-9]+<pipe:')" 0
    same "in an output: ${secret:0:4}..." "$(grep -aFl "$secret" "$W"/*.out)" ''
    same "in a file of the appliance, a receipt, a temporary file or a log: ${secret:0:4}..." \
        "$(grep -raFl -- "$secret" "$W/gw" "$W/receipts" "$W/tmp" "$W/run" "$W/ws-alice" "$OS_FRONT_LOG" "$LAB_DIR"/node*/logs 2>/dev/null)" ''
done
# the search itself can find: the keystore values do go through pipes
check 'the values were seen on their way to the nodes' test "$(grep -aF "$BOB_SECRET" "$W/apply.trace" | grep -ac '<pipe:')" -ge 3
found=$(find /tmp /var/tmp -xdev -newer "$mark" -type f -not -path "$W/*" -not -path "$LAB_DIR/*" -size -2M 2>/dev/null |
    while read -r f; do grep -aFl -- "$BOB_SECRET" "$f" 2>/dev/null; done)
same 'in a temporary file of somebody' "$found" ''

say 'no core file, not even on a crash in the middle'
as alice receipt import --quiet "$(last_receipt)" && world_bundle "$W/2.age" || exit 1
crash() { # ID EXIT: SIGSEGV to the applier, once while it only reads, once when a keystore is being written
    "$B/verify/snapseal-verify" --state "$W/gw" apply --config "$W/verify.conf" --yes --out "$W/receipts" "$W/2.age" >/dev/null 2>"$W/err" &
    pid=$!
    for _ in $(seq 1000); do
        child=$(pgrep -P $pid -f snapseal-applier) && { [ "$1" != APPLY_UNCERTAIN ] || grep -q 'keystores of' "$W/err"; } && break
        sleep 0.01
    done
    same 'core limit of the applier' "$(awk '/core file/ { print $5 $6 }' "/proc/$child/limits")" 00
    kill -SEGV "$child"
    wait $pid 2>/dev/null
    same "exit code when the applier crashes ($1)" $? "$2"
    check "$1" grep -q ": error: $1: " "$W/err"
}
crash APPLIER_READING 3
crash APPLY_UNCERTAIN 5
same 'core files' "$(find "$W" "$ROOT" -maxdepth 3 -name 'core*' -newer "$mark" -type f -not -name '*.*' 2>/dev/null)" ''
resume --undo >/dev/null 2>&1
same 'resume --undo' $? 4
cd "$ROOT" || exit 3
finish
