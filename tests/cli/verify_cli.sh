#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# snapseal-verify as people and scripts use it, without a server: help, wrong lines, exit codes, forms of stdout, and the whole
# offline part from init to check, receipts of refusals included.
set -u
cd "$(dirname "$0")/../.." || exit 3
B=$(readlink -f "${SNAPSEAL_BUILD:-build/release}")
for tool in ssh-keygen jq tar; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
for program in gen/snapseal-gen verify/snapseal-verify; do
    [ -x "$B/$program" ] || { echo "skipped: $program is not built"; exit 77; }
done
W=$(mktemp -d) || exit 3
trap 'rm -rf -- "$W"' EXIT
# the world of the end-to-end tests, with places instead of servers
# shellcheck disable=SC2034
{
LAB_BUCKET=snaps S3_HTTPS=https://s3.example.corp S3_REGION=us-east-1 OS_FRONT=https://es.example.corp:9200
OS_CLUSTER_UUID=JPqHkRwTRkGaI5qbMVJ2XQ OS_NODES=0 OS_FRONT_PASS=pw OS_FRONT_USER=admin ROOT_KEY=rk ROOT_SECRET=rs
BOB_KEY=0555B35654AD1656D804 BOB_SECRET=h7GhxuBLTrlhVUyxSPUKUV8r2EI4ngqJxD7iBdBYLhwluN30JaT3Q==
OS_FRONT_CA=$W/ca.pem S3_CA=$W/ca.pem OS_USER=nobody OS_KEYSTORE=/bin/true
}
. tests/support/world.sh
good=0 bad=0
ok() { good=$((good + 1)); }
fail() { bad=$((bad + 1)); printf 'FAILED: %s\n' "$*"; }
same() { if [ "$2" = "$3" ]; then ok; else fail "$1: got \"$2\", want \"$3\""; fi; }
check() { local t=$1; shift; if "$@"; then ok; else fail "$t"; fi; }
# EXIT STDERR-PATTERN COMMAND...: stdout is left in $W/out
expect() {
    local code=$1 pattern=$2 rc
    shift 2
    "$@" >"$W/out" 2>"$W/err" </dev/null
    rc=$?
    same "exit code of $*" "$rc" "$code"
    if [ -z "$pattern" ]; then
        check "nothing on stderr of $*: $(cat "$W/err")" test ! -s "$W/err"
    else
        check "\"$pattern\" on stderr of $*: $(cat "$W/err")" grep -qE -- "$pattern" "$W/err"
    fi
    [ "$code" -eq 0 ] || same "one error line of $*" "$(grep -c ': error: ' "$W/err")" 1
}
empty() { check "nothing on stdout: $(head -c 100 "$W/out")" test ! -s "$W/out"; }

echo '== help'
verbs=$(verify --help | sed -n '/^verbs:/,/^$/p' | sed -n 's/^  \([a-z]*\( install\| show\| prove\)\?\) .*/\1/p')
same "the verbs" "$(tr "\n" " " <<<"$verbs" | sed "s, $,,")" 'init discover trust install trust show check plan apply probe resume status receipts log prove'
for v in '' init discover 'trust install' 'trust show' check plan apply probe resume status receipts 'log prove'; do
    # shellcheck disable=SC2086
    expect 0 '' verify $v --help
    check "help of $v is not empty" test -s "$W/out"
    check "help of $v is at most 79 wide" test -z "$(grep -E '^.{80}' "$W/out")"
    check "help of $v is ASCII" test -z "$(LC_ALL=C grep -P '[^\x20-\x7e]' "$W/out")"
done
expect 0 '' verify --version
same 'version' "$(cat "$W/out")" "snapseal-verify $(sed -n 's/^project(snapseal VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)"
expect 0 '' env NO_COLOR=1 TERM=xterm "$B/verify/snapseal-verify" help check
check 'no colour' test -z "$(grep -a $'\e' "$W/out")"

echo '== wrong lines'
while IFS='|' read -r line want; do
    # shellcheck disable=SC2086
    expect 2 "USAGE: wrong usage, $want.*; see --help\$" verify $line
    empty
done <<'T'
|no verb is given
chekc x|there is no verb 'chekc', the nearest is 'check'
recipts|there is no verb 'recipts', the nearest is 'receipts'
trust|'trust' needs one of: install, show
trust instal x|there is no verb 'trust instal', the nearest is 'trust install'
log|'log' needs one of: prove
frobnicate|there is no verb 'frobnicate'
check|check needs BUNDLE...
check x --trsut t|there is no option '--trsut', the nearest is '--trust'
apply x --yse|there is no option '--yse', the nearest is '--yes'
apply x y|'y' is one operand too many for apply
plan x --force|there is no option '--force'
status --state|--state needs DIR
status --json=1|--json takes no value
check x --pin 00|--at, --identity and --pin go with --trust
check x --at 2026-11-24T09:00:00Z|--at, --identity and --pin go with --trust
check x --trust t|--trust needs --pin: one for the first, or one for each
check x --trust t --pin zz|--pin is 64 digits of lower-case hex
init|init needs --name NAME, or --show
init --name Gw|--name is of a-z
resume UPPER|not the id of a target
probe|probe needs TARGET
probe a b|'b' is one operand too many for probe
discover t|discover needs --url
discover t --url http://x|discover needs --url
discover t --url https://x --auth basic|--auth basic goes with
discover t --url https://x --auth apikey --credential file:/x|a credential is sent only over TLS
T
expect 2 "there is no verb 'x\\\\x1b" verify $'x\e[31m'

echo '== before init'
expect 3 STATE_DIR verify --state "$W/none" status
expect 3 STATE_DIR verify --state "$W/none" check "$W/x"
expect 3 STATE_DIR verify --state "$W/none" init --show
check 'reading makes nothing' test ! -e "$W/none"

echo '== init'
expect 0 'made the keys of gw-1' verify init --state "$W/gw" --name gw-1
cp "$W/out" "$W/gw-1.json"
same 'public parts' "$(jq -r 'keys|join(" ")' "$W/gw-1.json")" 'id receipt_key secrets transport'
same 'three keys' "$(jq -r '[.receipt_key,.secrets,.transport]|unique|length' "$W/gw-1.json")" 3
expect 2 KEYS_EXIST verify init --state "$W/gw" --name gw-1
expect 0 '' verify init --state "$W/gw" --show
same 'shown again' "$(cat "$W/out")" "$(cat "$W/gw-1.json")"
same 'modes' "$(find "$W/gw" -type f -printf '%m ' | tr ' ' '\n' | sort -u | xargs)" 600
same 'modes of directories' "$(find "$W/gw" -type d -printf '%m ' | tr ' ' '\n' | sort -u | xargs)" 700
chmod 755 "$W/gw"
expect 3 STATE_DIR gw status
chmod 700 "$W/gw"
expect 0 '' gw status
expect 3 NO_TRUST gw check "$W/x"
expect 3 NO_TRUST gw trust show

echo '== trust'
echo 'not a real CA' >"$W/ca.pem"
world_keys && world_target >"$W/target.json" && trust_draft --quiet --out "$W/trust.json" >/dev/null &&
    as erin trust seal --quiet --out "$W/t0" "$W/trust.json" >/dev/null &&
    as erin trust sign --quiet --as erin --key "$W/keys/erin" --out "$W/t1" "$W/t0" >/dev/null &&
    as frank trust sign --quiet --as frank --key "$W/keys/frank" --out "$W/trust-1.snapseal-trust" "$W/t1" >/dev/null || exit 1
pin=$(pin_of "$W/trust-1.snapseal-trust")
T=$W/trust-1.snapseal-trust
expect 3 NO_TRUST gw trust install "$T"
expect 2 'pin is 64' gw trust install --pin 00 "$T"
expect 1 TRUST_PIN gw trust install --pin "${pin//[0-7]/8}" "$T"
expect 1 TRUST_ROOT_NEED gw trust install --pin "$pin" "$W/t1"
expect 3 INPUT_OPEN gw trust install --pin "$pin" "$W/nothing"
expect 0 '' gw trust install --pin "$pin" "$T"
expect 0 'installed already' gw trust install --pin "$pin" "$T"
expect 0 'installed already' gw trust install "$T"
expect 1 TRUST_PIN_USED gw trust install --pin "$(printf '%064d' 0)" "$T"
expect 0 '' gw trust show --json
same 'shown' "$(jq -r '"\(.version) \(.domain) \(.sha256) \(.expired) \(.targets|join(","))"' "$W/out")" "1 example.corp $pin false prod-eu-1"
for p in alice bob carol; do as $p trust install --quiet --pin "$pin" "$T" >/dev/null || exit 1; done

echo '== check'
world_conf
world_bundle "$W/good.age" || exit 1
world_seal "$W/change.json" "$W/lonely.age" || exit 1
expect 0 '' gw check "$W/good.age"
check 'accepted' grep -q '^accepted: .*good.age, scope appliance$' "$W/out"
expect 0 '' gw check --quiet "$W/good.age"
empty
expect 0 '' gw check --json "$W/good.age"
same 'one document' "$(jq -s length "$W/out")" 1
same 'members' "$(jq -r 'keys|join(" ")' "$W/out")" 'bundle checks file hint id now scope signatures text verdict where'
same 'verdict' "$(jq -r '"\(.verdict) \(.scope) \(.id)"' "$W/out")" 'accepted appliance OK'
same 'checks' "$(jq -r '[.checks[]|"\(.id)=\(.result)"]|join(" ")' "$W/out")" \
    'input=ok sealed=ok gate=ok signatures=ok author=ok manifest=ok members=ok sheet=ok times=ok trust=ok order=ok people=ok secrets=ok live=skipped'
same 'signatures' "$(jq -r '[.signatures[]|"\(.role).\(.person)=\(.id)"]|join(" ")' "$W/out")" 'approve.bob=OK approve.carol=OK author.alice=OK'
expect 1 'PEOPLE_MISSING' gw check --json "$W/lonely.age"
same 'refused' "$(jq -r '"\(.verdict) \(.id) \([.checks[]|select(.result=="refused").id]|join(","))"' "$W/out")" 'refused PEOPLE_MISSING people'
head -c 3000 "$W/good.age" >"$W/cut.age"
expect 1 'AGE_PAYLOAD' gw check --json "$W/cut.age"
same 'refused at check 2' "$(jq -r '"\(.verdict) \(.id) \([.checks[]|select(.result!="skipped").id]|join(","))"' "$W/out")" \
    'refused AGE_PAYLOAD input,sealed'
same 'nothing of it is told' "$(jq -r 'has("bundle")' "$W/out")" false
expect 3 'INPUT_OPEN' gw check --json "$W/nothing"
same 'undecided' "$(jq -r '"\(.verdict) \(.id)"' "$W/out")" 'undecided INPUT_OPEN'
ln -s good.age "$W/link.age"
expect 1 'INPUT_TYPE' gw check "$W/link.age"
expect 1 'INPUT_TYPE' gw check "$W"
expect 1 'INPUT_TYPE' gw check /dev/null
"$B/verify/snapseal-verify" --state "$W/gw" check --json "$W/good.age" "$W/cut.age" "$W/lonely.age" >"$W/out" 2>"$W/err"
same 'several: one refused makes it refused' "$?" 1
same 'a document each' "$(jq -rs '[.[].verdict]|join(" ")' "$W/out")" 'accepted refused refused'
same 'a line each' "$(grep -c ': error: .*age: ' "$W/err")" 2
check 'stdin' bash -c '"$1" --state "$2" check - <"$3" >/dev/null' _ "$B/verify/snapseal-verify" "$W/gw" "$W/good.age"

echo '== the auditor'
doc() { verify --state "$W/no-state" check --trust "$T" --pin "$pin" "$@"; }
expect 3 'SEAL_IDENTITY' doc "$W/good.age"
{
    echo '-----BEGIN AGE ENCRYPTED FILE-----'
    base64 -w 64 "$W/good.age"
    echo '-----END AGE ENCRYPTED FILE-----'
} >"$W/armored"
expect 1 'SEAL_ARMOR' doc --identity "$W/keys/bob.age" "$W/armored"
grep -v -e ----- "$W/armored" | base64 -d >"$W/armor.off"
expect 0 '' doc --identity "$W/keys/bob.age" "$W/armor.off"
expect 0 '' doc --json --identity "$W/keys/bob.age" "$W/good.age"
same 'scope document' "$(jq -r '"\(.verdict) \(.scope) \([.checks[]|select(.result=="skipped").id]|join(","))"' "$W/out")" \
    'accepted document order,secrets,live'
expect 0 '' doc --json --identity "$W/gw/keys/transport.age" "$W/good.age"
age -d -i "$W/keys/bob.age" "$W/good.age" >"$W/good.snapseal" 2>/dev/null
if [ -s "$W/good.snapseal" ]; then
    expect 0 '' doc --json --identity "$W/gw/keys/secrets.age" "$W/good.snapseal"
    same 'with the appliance key the values are checked too' "$(jq -r '.checks[]|select(.id=="secrets").result' "$W/out")" ok
fi
expect 1 'TIME_EXPIRED' doc --identity "$W/keys/bob.age" --at 2099-01-01T00:00:00Z "$W/good.age"
expect 2 'at is of the form' doc --at tomorrow "$W/good.age"
expect 1 'AGE_NO_MATCH' doc --identity "$W/keys/dave.age" "$W/good.age"
chmod 644 "$W/keys/dave.age"
expect 3 'INPUT_MODE' doc --identity "$W/keys/dave.age" "$W/good.age"
check 'no state was made' test ! -e "$W/no-state"

echo '== no network, no configuration'
expect 3 'CONFIG|INPUT_OPEN' gw plan --config "$W/nothing.conf" "$W/good.age"
printf '[prod-eu-1]\nurl = https://es.example.corp:9200\nauth = none\ntypo = 1\n' >"$W/bad.conf"
expect 3 'CONFIG: .*bad.conf line 4: there is no key .typo.' gw plan --config "$W/bad.conf" "$W/good.age"
chmod 666 "$W/bad.conf"
expect 3 'CONFIG: .*others may write it' gw plan --config "$W/bad.conf" "$W/good.age"
cp "$W/verify.conf" "$W/nodes.conf"
echo 'node.node1 = /bin/false' >>"$W/nodes.conf"
sed 's|es.example.corp:9200|elsewhere.example.corp:9200|' "$W/nodes.conf" >"$W/moved.conf"
expect 1 'TARGET_ENDPOINT: .*\[prod-eu-1\] url: .*; mend url there in verify.conf' gw plan --config "$W/moved.conf" "$W/good.age"
echo 'another CA' >"$W/ca2.pem"
sed "s|^ca = .*|ca = $W/ca2.pem|" "$W/nodes.conf" >"$W/ca.conf"
expect 1 'TARGET_ENDPOINT: .*\[prod-eu-1\] ca: .*; mend ca there in verify.conf' gw plan --config "$W/ca.conf" "$W/good.age"
sed "s|^iam.ca = .*|iam.ca = $W/ca2.pem|" "$W/nodes.conf" >"$W/iamca.conf"
expect 1 'TARGET_ENDPOINT: .*\[prod-eu-1\] iam.ca: .*; mend iam.ca there' gw plan --config "$W/iamca.conf" "$W/good.age"
sed "s|^s3.ca = .*|s3.ca = $W/ca2.pem|" "$W/nodes.conf" >"$W/s3ca.conf"
expect 1 'TARGET_ENDPOINT: .*\[prod-eu-1\] s3.ca: .*; mend s3.ca there' gw plan --config "$W/s3ca.conf" "$W/good.age"
expect 3 'INPUT_OPEN: .*configuration.*--config FILE' gw plan --config "$W/nothing.conf" "$W/good.age"
mkdir -m 777 "$W/open" && cp /bin/true "$W/open/node"
sed "s|^node.node1 = .*|node.node1 = $W/open/node|" "$W/nodes.conf" >"$W/open.conf"
expect 3 "CONFIG: .*open.conf line [0-9]+: others may write the command's directory" gw plan --config "$W/open.conf" "$W/good.age"

echo '== receipts of refusals'
expect 1 'PEOPLE_MISSING' gw apply --yes --config "$W/nodes.conf" --out "$W" "$W/lonely.age"
check 'a receipt' test -s "$W/lonely.snapseal-receipt"
expect 1 'PEOPLE_MISSING' gw apply --yes --config "$W/nodes.conf" --out "$W" "$W/lonely.age"
expect 0 '' gw receipts --json
same 'one for the bundle and the refusal' "$(jq -r '[.[]|"\(.index) \(.outcome) \(.refusal)"]|join(",")' "$W/out")" '0 refused PEOPLE_MISSING'
same 'which is the one that is there' "$(find "$W" -maxdepth 1 -name 'lonely*receipt' | wc -l)" 1
mkdir "$W/planted" && echo x >"$W/planted/lonely.snapseal-receipt" && cp "$W/planted/lonely.snapseal-receipt" "$W/planted/lonely.0.snapseal-receipt"
expect 1 'was not copied' gw apply --yes --config "$W/nodes.conf" --out "$W/planted" "$W/lonely.age"
check 'no foreign file is named as the receipt' test -z "$(grep planted "$W/out")"
expect 1 'AGE_PAYLOAD' gw apply --yes --config "$W/nodes.conf" --out "$W" "$W/cut.age"
check 'none before check 10' test ! -e "$W/cut.snapseal-receipt"
same 'but a line' "$(grep -c AGE_PAYLOAD "$W/gw/refused.log")" 1
expect 0 '' gw receipts 0
same 'the receipt itself' "$(jq -r '"\(.outcome) \(.refusal) \(.log.origin) \(.log.index)"' "$W/out")" 'refused PEOPLE_MISSING gw-1 0'
tar -xOf "$W/lonely.snapseal-receipt" manifest.json >"$W/m.json"
same 'as signed' "$(jq -cS . "$W/out")" "$(jq -cS . "$W/m.json")"
tar -xOf "$W/lonely.snapseal-receipt" sig/receipt.gw-1.sshsig >"$W/m.sig"
tar -xOf "$T" allowed_signers >"$W/signers"
check 'stock ssh-keygen agrees' ssh-keygen -q -Y verify -f "$W/signers" -I gw-1 -n snapseal-receipt-v1@example.corp -s "$W/m.sig" <"$W/m.json"
expect 0 '' gw receipts 0 --out "$W/copy"
check 'the same bytes' cmp -s "$W/copy" "$W/lonely.snapseal-receipt"
expect 2 'OUTPUT_EXISTS' gw receipts 0 --out "$W/copy"
expect 0 '' gw receipts 0 --out "$W/copy" --force
cp "$W/gw/receipts/0.snapseal-receipt" "$W/kept"
sed -i 's/PEOPLE_MISSING/PEOPLE_MUSSING/' "$W/gw/receipts/0.snapseal-receipt"
expect 3 'STATE_DAMAGED: .*receipts/0' gw receipts 0
same 'nothing of it is shown' "$(wc -c <"$W/out")" 0
expect 3 'STATE_DAMAGED: .*receipts/0' gw receipts 0 --out "$W/copy2"
check 'or copied' test ! -e "$W/copy2"
cp "$W/kept" "$W/gw/receipts/0.snapseal-receipt"
expect 2 'there are 1 receipts' gw receipts 1
expect 2 'N must be a number' gw receipts x
expect 0 '' gw log prove 0
same 'proof from nothing' "$(jq -r '"\(.origin) \(.from) \(.size) \(.proof|length)"' "$W/out")" 'gw-1 0 1 0'
expect 2 'must be a number from 0 to 1' gw log prove 2
expect 0 '' gw status --json
same 'status' "$(jq -r '"\(.appliance) \(.log.size) \(.trust.version) \(.targets[0].id) \(.targets[0].serial) \(.targets[0].interrupted)"' "$W/out")" \
    'gw-1 1 1 prod-eu-1 0 false'
expect 2 'NOTHING_TO_RESUME' gw resume --config "$W/nodes.conf"

echo '== always one JSON document'
document() { # MEMBERS-OF-IT WANT
    same "one document of $1" "$(jq -s length "$W/out" 2>&1)" 1
    same "its members $1" "$(jq -r "\"$1\"" "$W/out")" "$2"
}
expect 3 'INPUT_OPEN' gw plan --json --config "$W/nothing.conf" "$W/good.age"
document '\(.verdict) \(.id) \(.exit) \(.diff|length) \(has("target"))' 'undecided INPUT_OPEN 3 0 false'
expect 3 'CONFIG' gw plan --json --config "$W/open.conf" "$W/good.age"
document '\(.verdict) \(.id) \(.exit)' 'undecided CONFIG 3'
expect 1 'TARGET_ENDPOINT' gw plan --json --config "$W/ca.conf" "$W/good.age"
document '\(.verdict) \(.id) \(.exit) \(.target) \(.serial)' 'refused TARGET_ENDPOINT 1 prod-eu-1 1'
expect 1 'PEOPLE_MISSING' gw plan --json --config "$W/nodes.conf" "$W/lonely.age"
document '\(.verdict) \(.id) \(.exit)' 'refused PEOPLE_MISSING 1'
expect 3 'CONFIG' gw apply --json --yes --config "$W/open.conf" "$W/good.age"
document '\(.outcome) \(.id) \(.exit) \(.target)' 'none CONFIG 3 '
expect 1 'AGE_PAYLOAD' gw apply --json --yes --config "$W/nodes.conf" "$W/cut.age"
document '\(.outcome) \(.id) \(.exit) \(.target)' 'refused AGE_PAYLOAD 1 '
expect 1 'TARGET_ENDPOINT' gw apply --json --yes --config "$W/ca.conf" "$W/good.age"
document '\(.outcome) \(.id) \(.exit) \(.target)' 'refused TARGET_ENDPOINT 1 prod-eu-1'
expect 2 'NOTHING_TO_RESUME' gw resume --json --config "$W/nodes.conf"
document '\(.outcome) \(.id) \(.exit) \(.target)' 'none NOTHING_TO_RESUME 2 '
expect 2 'NOTHING_TO_RESUME' gw resume --json --config "$W/nodes.conf" prod-eu-1
document '\(.outcome) \(.id) \(.exit) \(.target)' 'none NOTHING_TO_RESUME 2 prod-eu-1'
: >"$W/gw/runs/prod-eu-1.journal"
expect 5 'JOURNAL_OPEN' gw plan --json --config "$W/nodes.conf" "$W/good.age"
document '\(.verdict) \(.id) \(.exit)' 'undecided JOURNAL_OPEN 5'
expect 5 'JOURNAL_OPEN' gw apply --json --yes --config "$W/nodes.conf" "$W/good.age"
document '\(.outcome) \(.id) \(.exit) \(.target)' 'none JOURNAL_OPEN 5 prod-eu-1'
rm "$W/gw/runs/prod-eu-1.journal"

echo '== probe without a server'
expect 2 'USAGE: .*not the id of a target' gw probe --config "$W/nodes.conf" UPPER
expect 1 'TARGET_UNKNOWN' gw probe --config "$W/nodes.conf" nowhere
expect 2 'NOTHING_APPLIED: .*prod-eu-1; apply a bundle first' gw probe --json --config "$W/nodes.conf" prod-eu-1
document '\(.verdict) \(.id) \(.exit) \(.target) \(has("applied"))' 'undecided NOTHING_APPLIED 2 prod-eu-1 false'
: >"$W/gw/runs/prod-eu-1.journal"
expect 5 'JOURNAL_OPEN' gw probe --config "$W/nodes.conf" prod-eu-1
rm "$W/gw/runs/prod-eu-1.journal"

echo '== keys that are damaged'
cp "$W/gw/keys/secrets.age" "$W/secrets.kept"
echo x >"$W/gw/keys/secrets.age"
expect 3 'STATE_DAMAGED: .*keys/secrets.age: .*; restore keys/ from a backup' gw check "$W/good.age"
cp "$W/secrets.kept" "$W/gw/keys/secrets.age"
cp "$W/gw/keys/appliance.json" "$W/appliance.kept"
echo '{}' >"$W/gw/keys/appliance.json"
expect 3 'STATE_DAMAGED: .*keys/appliance.json: .*; restore keys/ from a backup' gw status
cp "$W/appliance.kept" "$W/gw/keys/appliance.json"
expect 0 '' gw check "$W/good.age"

echo '== the lock'
(
    flock 9
    sleep 30
) 9>>"$W/gw/lock" &
holder=$!
sleep 0.3
expect 3 'STATE_LOCKED' gw apply --yes --config "$W/nodes.conf" "$W/good.age"
expect 0 '' gw status
kill $holder
wait $holder 2>/dev/null
check 'a full disk is noticed' bash -c '! "$1" --state "$2" status >/dev/full 2>/dev/null' _ "$B/verify/snapseal-verify" "$W/gw"

echo "$good passed, $bad failed"
[ "$bad" = 0 ] && [ "$good" -gt 100 ]
