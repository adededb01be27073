# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the end-to-end tests: a lab of this test's own, a world around it, and checks that count. Skips (77) where no lab can be had.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT" || exit 3
B=${SNAPSEAL_BUILD:-$ROOT/build/release}
LAB=${LAB:-e2e-$$}
good=0 bad=0
W=$(mktemp -d /tmp/snapseal-e2e.XXXXXX) || exit 3
. tests/support/world.sh

say() { printf '%s\n' "== $*"; }
check() { # TEXT COMMAND...: counts
    local text=$1
    shift
    if "$@"; then
        good=$((good + 1))
    else
        bad=$((bad + 1))
        printf 'FAILED: %s\n' "$text"
    fi
}
same() { # TEXT GOT WANT
    if [ "$2" = "$3" ]; then
        good=$((good + 1))
    else
        bad=$((bad + 1))
        printf 'FAILED: %s\n  got:  %s\n  want: %s\n' "$1" "$2" "$3"
    fi
}
# EXIT ID PATTERN COMMAND...: the exit code, and one error line with that id and text ("-": none)
expect() {
    local code=$1 id=$2 pattern=$3 rc line
    shift 3
    "$@" >"$W/out" 2>"$W/err"
    rc=$?
    line=$(grep -a ': error: ' "$W/err")
    same "exit code of $1 ${2:-} ${*: -1}" "$rc" "$code"
    if [ "$id" = - ]; then
        same "no error line" "$line" ""
    else
        same "one error line: $line" "$(grep -ac ': error: ' "$W/err")" 1
        check "id $id in: $line" grep -qE ": error: $id: " <<<"$line"
        check "\"$pattern\" in: $line" grep -qE -- "$pattern" <<<"$line"
    fi
    [ "$rc" = "$code" ] || tail -n 15 "$W/out" "$W/err"
}
# The newest receipt: its outcome and refusal id; and alice can import it.
last_receipt() { find "$W/receipts" -name '*.snapseal-receipt' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-; }
receipt() { # OUTCOME [REFUSAL]
    local file
    file=$(last_receipt)
    check "a receipt is there" test -n "$file"
    tar -xOf "$file" manifest.json >"$W/receipt.json" || return
    same "outcome in the receipt" "$(jq -r .outcome "$W/receipt.json")" "$1"
    same "refusal in the receipt" "$(jq -r .refusal "$W/receipt.json")" "${2:-}"
    check "the author can import the receipt" as alice receipt import --quiet "$file"
    mv "$file" "$file.done"
}
lab_up() {
    trap 'end' EXIT
    tools/lab up "$LAB" 2>"$W/lab.log" >/dev/null || {
        tail -n 3 "$W/lab.log"
        echo "skipped: no lab can be had here"
        exit 77
    }
    eval "$(tools/lab env "$LAB")"
    mkdir -p "$W/receipts"
}
end() {
    rc=$?
    [ -n "${KEEP:-}" ] || {
        "$ROOT/tools/lab" down "$LAB" 2>/dev/null
        rm -rf -- "$W"
    }
    exit $rc
}
finish() {
    echo "$good passed, $bad failed"
    [ "$bad" = 0 ] && [ "$good" -gt 0 ]
    exit
}
apply() { gw_net apply --yes --out "$W/receipts" "$@"; }
resume() { gw_net resume --out "$W/receipts" "$@"; }
