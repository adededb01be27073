# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For tests of the programs: finds them in $SNAPSEAL_BUILD, makes a private directory ($T, the working directory, gone at the
# end), runs commands and looks at exit code, stdout and stderr, and builds a world of people, keys and trust.
#
#   expect_exit N CMD...     the exit code is N; stdout is in $OUT, stderr in $ERR (texts), also in $T/.out and $T/.err
#   expect_err ID CMD...     it fails with exactly one error line, which names ID, and with the exit code of that refusal
#   has TEXT WHERE           the text $WHERE holds TEXT      hasnt TEXT WHERE
#   same A B                 two texts are equal
#   gen PERSON ARGS...       snapseal-gen with that person's state (and for bob's sealed files: -i bob.age yourself)
#   world                    keys of everybody, appliance gw-1, target prod-eu-1, trust signed by erin and frank, installed for all
#   finish                   last line of every test
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${SNAPSEAL_BUILD:?set it to the build directory}"
GEN=$SNAPSEAL_BUILD/gen/snapseal-gen
VERIFY=$SNAPSEAL_BUILD/verify/snapseal-verify
[ -x "$GEN" ] || { echo "skipped: $GEN is not built"; exit 77; }
T=$(mktemp -d "${TMPDIR:-/tmp}/snapseal-cli.XXXXXX") || exit 1
trap 'at_end' EXIT
cd "$T" || exit 1
export NO_COLOR=1 TZ=UTC LC_ALL=C HOME=$T XDG_STATE_HOME=$T/xdg
unset SSH_AUTH_SOCK SSH_AGENT_PID
failed=0 asserted=0 OUT='' ERR='' CODE=0 agent_pid=''
PEOPLE='alice bob carol dave erin frank'
DOMAIN=example.corp
ACCESS=AKIAIOSFODNN7EXAMPLE
SECRET=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

at_end() {
    [ -z "$agent_pid" ] || kill "$agent_pid" 2>/dev/null
    cd / && rm -rf "$T"
}
say() {
    local n=$((${#BASH_LINENO[@]} - 2)) # the line of the test itself
    printf '%s: %s\n' "${BASH_SOURCE[n + 1]##*/}:${BASH_LINENO[n]}" "$*" >&2
    failed=1
}
run() {
    "$@" >"$T/.out" 2>"$T/.err" </dev/null
    CODE=$?
    OUT=$(tr -d '\0' <"$T/.out") ERR=$(tr -d '\0' <"$T/.err")
    asserted=$((asserted + 1))
}
expect_exit() {
    local want=$1
    shift
    run "$@"
    [ "$CODE" = "$want" ] || say "exit $CODE, not $want: $* ($ERR)"
}
expect_err() {
    local id=$1 want
    shift
    run "$@"
    want=$(sed -n "s/^BF_ERROR($id, \([0-9]\),.*/\1/p" "$here/bundle-format/include/bf/errors.def")
    [ -n "$want" ] || say "there is no refusal $id"
    [ "$CODE" = "$want" ] || say "exit $CODE, not $want of $id: $* ($ERR)"
    [ "$(grep -c '^snapseal-[a-z]*: error: ' "$T/.err")" = 1 ] || say "not exactly one error line: $* ($ERR)"
    tail -n 1 "$T/.err" | grep -q "^snapseal-[a-z]*: error: $id: " || say "not $id: $* ($ERR)"
    ! LC_ALL=C grep -q '[^ -~]' <(grep '^snapseal-[a-z]*: error: ' "$T/.err") || say "unprintable bytes in the error line: $*"
}
has() { asserted=$((asserted + 1)); case $2 in *"$1"*) ;; *) say "lacks '$1': $2" ;; esac; }
hasnt() { asserted=$((asserted + 1)); case $2 in *"$1"*) say "has '$1': $2" ;; esac; }
same() { asserted=$((asserted + 1)); [ "$1" = "$2" ] || say "'$1' is not '$2'"; }
file_there() { asserted=$((asserted + 1)); [ -f "$1" ] || say "no file $1"; }
no_file() { asserted=$((asserted + 1)); [ ! -e "$1" ] || say "$1 is there"; }
mode_of() { stat -c %a "$1"; }
sha() { sha256sum <"$1" | cut -c1-64; }
# the SHA-256 of the manifest of an open container, by stock tools
pin_of() { tar -xOf "$1" manifest.json | sha256sum | cut -c1-64; }

gen() {
    local who=$1
    shift
    "$GEN" --state "$T/state.$who" "$@"
}

keys() {
    local p
    for p in $PEOPLE; do
        ssh-keygen -q -t ed25519 -N '' -C "$p" -f "$T/$p.key" </dev/null
        "$GEN" -q keygen -o "$T/$p.age" >"$T/$p.recipient" || say "keygen for $p"
    done
}

# The appliance's block. With snapseal-verify its own; else keys of the same kinds, so that this side can be tested alone.
appliance() {
    if [ -x "$VERIFY" ] && [ "${1:-}" = verify ]; then
        "$VERIFY" -q --state "$T/gw-1" init --name gw-1 >"$T/gw-1.json" || say "init"
        return
    fi
    ssh-keygen -q -t ed25519 -N '' -C gw-1 -f "$T/gw-1.key" </dev/null
    "$GEN" -q keygen -o "$T/gw-1.transport" >"$T/gw-1.transport.recipient"
    "$GEN" -q keygen -o "$T/gw-1.secrets" >"$T/gw-1.secrets.recipient"
    printf '{"id":"gw-1","receipt_key":"%s","secrets":"%s","transport":"%s"}\n' "$(cut -d' ' -f1-2 "$T/gw-1.key.pub")" \
        "$(cat "$T/gw-1.secrets.recipient")" "$(cat "$T/gw-1.transport.recipient")" >"$T/gw-1.json"
}

target() {
    cat >"$T/target.json" <<END
{"id": "prod-eu-1", "kind": "opensearch", "cluster_uuid": "vQ3mXk2nTfOa1ZrB7yWc5g", "appliance": "gw-1", "serial_floor": 0,
 "endpoints": [
  {"for": "s3", "url": "https://s3.example.corp", "resource": "", "ca_sha256": ""},
  {"for": "cluster", "url": "https://es.example.corp:9200", "resource": "", "ca_sha256": ""},
  {"for": "iam", "url": "https://iam.example.corp", "resource": "", "ca_sha256": ""}]}
END
}

# draft of version 1; more options as arguments
draft() {
    "$GEN" -q trust draft --domain $DOMAIN \
        --person "alice:author:$T/alice.key.pub:$(cat "$T/alice.recipient")" \
        --person "bob:approve:$T/bob.key.pub:$(cat "$T/bob.recipient")" \
        --person "carol:approve:$T/carol.key.pub:$(cat "$T/carol.recipient")" \
        --person "dave:audit:$T/dave.key.pub:$(cat "$T/dave.recipient")" \
        --person "erin:root:$T/erin.key.pub" --person "frank:root:$T/frank.key.pub" \
        --group ops:bob --group security:carol --rule ops:1,security:1 --root erin,frank --need 2 \
        --appliance "$T/gw-1.json" --target "$T/target.json" "$@"
}

# FILE signed by erin and frank becomes OUT
sign_trust() {
    "$GEN" -q trust sign "$1" --as erin -k "$T/erin.key" -o "$T/half.snapseal-trust" -f >/dev/null &&
        "$GEN" -q trust sign "$T/half.snapseal-trust" --as frank -k "$T/frank.key" -o "$2" -f >/dev/null
}

world() {
    local p
    keys
    appliance "${1:-}"
    target
    draft -o "$T/draft.json" >/dev/null && "$GEN" -q trust seal "$T/draft.json" -o "$T/bare.snapseal-trust" >/dev/null &&
        sign_trust "$T/bare.snapseal-trust" "$T/trust.snapseal-trust" || say "trust"
    PIN=$(pin_of "$T/trust.snapseal-trust")
    for p in alice bob carol dave; do
        gen $p -q trust install "$T/trust.snapseal-trust" --pin "$PIN" || say "trust install for $p"
    done
    printf 'Access key ID,Secret access key\r\n%s,%s\r\n' $ACCESS $SECRET >"$T/keys.csv"
    chmod 600 "$T/keys.csv"
}

# a change that lints clean; more options as arguments
change() {
    local out=$1
    shift
    gen alice -q new --batch --ticket CHG-1 --reason 'Secondary snapshots' --repository s3-secondary --bucket acme-snapshots \
        --base-path prod/es --region eu-west-1 --iam-user es-snap --setting disable_chunked_encoding=true "$@" "$out" >/dev/null ||
        say "new"
}

# seals CHANGE open to OUT; more options as arguments
seal() {
    local in=$1 out=$2
    shift 2
    gen alice -q seal "$in" --author alice -k "$T/alice.key" --secrets "$T/keys.csv" -o "$out" "$@" >/dev/null || say "seal"
}

# bob and carol approve IN to OUT (sealed or open as it is)
approve_both() {
    gen bob -q approve "$1" --as bob -k "$T/bob.key" -i "$T/bob.age" --ticket CHG-1 -o "$2.half" -f >/dev/null &&
        gen carol -q approve "$2.half" --as carol -k "$T/carol.key" -i "$T/carol.age" --ticket CHG-1 -o "$2" -f >/dev/null ||
        say "approve"
}

# PROMPT ANSWER CMD...: on a terminal of its own, where ANSWER is typed each time PROMPT stands there
at_terminal() { python3 "$here/tests/support/at_terminal.py" "$@"; }

start_agent() {
    eval "$(ssh-agent -s -a "$T/agent")" >/dev/null
    agent_pid=$SSH_AGENT_PID
}

finish() {
    [ "$asserted" -gt 0 ] || say "nothing was looked at"
    [ "$failed" = 0 ] && echo "$asserted looked at, all good"
    exit "$failed"
}
