#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One change by people with all kinds of keys: security keys (software, tests/support/module_sk.c), a key file with a
# passphrase, RSA and ECDSA, through files, ssh-agent and a PKCS#11 token (SoftHSM); stock ssh-keygen agrees on each.
. "$(dirname "$0")/lib.sh"
[ -x "$VERIFY" ] || { echo "skipped: snapseal-verify is not built"; exit 77; }
export SSH_SK_PROVIDER=$SNAPSEAL_BUILD/tests/libmodule_sk.so
[ -f "$SSH_SK_PROVIDER" ] || { echo "skipped: $SSH_SK_PROVIDER is not built"; exit 77; }

make_key() { ssh-keygen -q -N "${3:-}" -C "$1" -f "$T/$1.key" -t "${2%-*}" -b "${2##*-}" </dev/null; }
make_sk() { ssh-keygen -q -N '' -C "$1" -f "$T/$1.key" -t "$2" "${@:3}" </dev/null; }
# in place of lib.sh's: everybody has another type
keys() {
    local p
    make_sk alice ed25519-sk
    make_key bob ecdsa-521 'a passphrase'
    make_key carol rsa-3072
    make_key dave ed25519-256
    make_sk erin ecdsa-sk
    make_key frank ecdsa-384
    make_sk pin ed25519-sk -O verify-required
    for p in $PEOPLE; do
        "$GEN" -q keygen -o "$T/$p.age" >"$T/$p.recipient" || say "keygen for $p"
    done
}
# carol has a second key, which verifies its user
eval "$(declare -f draft | sed '1s/draft/plain_draft/')"
draft() {
    plain_draft "$@" && [ -f pin.key.pub ] && python3 - "$(cut -d' ' -f1,2 pin.key.pub)" <<'END'
import json, sys
d = json.load(open('draft.json'))
for p in d['people']:
    if p['id'] == 'carol':
        p['keys'].append({'key': sys.argv[1], 'not_after': '', 'not_before': '', 'verify': True})
json.dump(d, open('draft.json', 'w'))
END
}
# the signature of a person in an open bundle, by stock tools
stock_agrees() {
    tar -xOf "$1" "sig/$2.$3.sshsig" >sig && tar -xOf "$1" manifest.json >manifest.json &&
        tar -xOf trust.snapseal-trust allowed_signers >allowed_signers &&
        ssh-keygen -q -Y verify -f allowed_signers -I "$3" -n "snapseal-$2-v1@$DOMAIN" -s sig <manifest.json >/dev/null 2>&1 ||
        say "ssh-keygen does not agree on $2 of $3 in $1"
    asserted=$((asserted + 1))
}
seal_open() { expect_exit 0 gen alice seal "$1" --author alice -k alice.key --secrets keys.csv --open -o "$2" -f; }

world verify
"$VERIFY" -q --state gw-1 trust install trust.snapseal-trust --pin "$PIN" || say "trust install"
change c.json

# ---- key files: a security key, one with a passphrase, a type that we do not read ourselves

seal_open c.json b.snapseal
has 'ssh-keygen signs with the security key SHA256:' "$ERR"
has 'touch it' "$ERR"
stock_agrees b.snapseal author alice
approve_b() { "$@" "$GEN" --state state.bob approve b.snapseal --as bob -k bob.key --ticket CHG-1 -o b1.snapseal -f; }
expect_exit 3 approve_b setsid -w
has 'KEYFILE_ENCRYPTED' "$ERR"
has 'there is no terminal' "$ERR"
no_file b1.snapseal
expect_exit 3 approve_b at_terminal 'Enter passphrase' 'another passphrase'
has 'KEYFILE_SIGN' "$OUT"
no_file b1.snapseal
expect_exit 0 approve_b at_terminal 'Enter passphrase' 'a passphrase'
has 'ssh-keygen asks for the passphrase of bob.key' "$OUT"
hasnt 'a passphrase' "${OUT/asks for the passphrase/}"
stock_agrees b1.snapseal approve bob
expect_exit 0 gen carol approve b1.snapseal --as carol -k carol.key --ticket CHG-1 -o b2.snapseal -f
same '' "$(grep -e touch -e passphrase <<<"$ERR")"
stock_agrees b2.snapseal approve carol
expect_exit 0 "$VERIFY" --state gw-1 check b2.snapseal

# ---- through the agent: each type, and the key that --key FILE.pub names

PATH=/usr/sbin:$PATH
start_agent_with() {
    [ -z "$agent_pid" ] || kill "$agent_pid"
    rm -f "$T/agent"
    eval "$(ssh-agent -s -a "$T/agent" -P "$1")" >/dev/null
    agent_pid=$SSH_AGENT_PID
}
start_agent_with "$SSH_SK_PROVIDER"
ssh-add -q carol.key frank.key 2>/dev/null || say 'ssh-add'
ssh-add -q -S "$SSH_SK_PROVIDER" alice.key erin.key 2>/dev/null || say 'ssh-add of security keys'
expect_exit 0 gen alice seal c.json --author alice --secrets keys.csv --open -o a.snapseal -f
has 'ssh-agent signs with the security key SHA256:' "$ERR"
stock_agrees a.snapseal author alice
expect_exit 0 gen alice seal c.json --author alice -k alice.key.pub --secrets keys.csv --open -o a.snapseal -f
expect_exit 0 gen carol approve a.snapseal --as carol -k carol.key.pub --ticket CHG-1 -o a1.snapseal -f
stock_agrees a1.snapseal approve carol
has rsa-sha2-512 "$(sed '/---/d' sig | base64 -d | tr -d '\0')"
expect_err AGENT gen bob approve a.snapseal --as bob --ticket CHG-1 -o a2.snapseal
expect_err AGENT gen bob approve a.snapseal --as bob -k bob.key.pub --ticket CHG-1 -o a2.snapseal
has 'bob.key.pub' "$ERR"
expect_err SIG_PERSON gen bob approve a.snapseal --as bob -k carol.key.pub --ticket CHG-1 -o a2.snapseal
echo 'ssh-ed25519 AAAA' >x.pub
expect_err KEY_LINE gen bob approve a.snapseal --as bob -k x.pub --ticket CHG-1 -o a2.snapseal

# from here on the files again: an agent that has the key is what ssh-keygen asks first
unset SSH_AUTH_SOCK

# ---- a security key that was not touched: stock ssh-keygen signs and verifies, we do neither

expect_err SIG_FLAGS env SK_FLAGS=0 "$GEN" --state state.alice seal c.json --author alice -k alice.key --secrets keys.csv --open -o n.snapseal
no_file n.snapseal

# ---- user verification: where the trust asks for it, a touch is not enough

approve_p() { "$@" "$GEN" --state state.carol approve b1.snapseal --as carol -k pin.key --ticket CHG-1 -o p.snapseal -f; }
export SK_FLAGS=1
expect_exit 1 approve_p at_terminal 'Enter PIN' 1234
unset SK_FLAGS
has SIG_VERIFY "$OUT"
no_file p.snapseal
expect_exit 0 approve_p at_terminal 'Enter PIN' 1234
has 'give its PIN where asked, and touch it' "$OUT"
stock_agrees p.snapseal approve carol
expect_exit 0 "$VERIFY" --state gw-1 check p.snapseal
# what stock ssh-keygen makes of a touch alone, and calls good, counts for nothing
tar -xOf b1.snapseal manifest.json >manifest.json
SK_FLAGS=1 at_terminal 'Enter PIN' 1234 ssh-keygen -q -Y sign -f pin.key -n "snapseal-approve-v1@$DOMAIN" manifest.json >/dev/null
ssh-keygen -q -Y verify -f allowed_signers -I carol -n "snapseal-approve-v1@$DOMAIN" -s manifest.json.sig <manifest.json >/dev/null ||
    say 'stock ssh-keygen does not take it'
expect_err SIG_VERIFY gen carol approve b1.snapseal --import manifest.json.sig --as carol -o q.snapseal

# ---- counters: kept in receipts; told when one falls, never refused for it

printf '[prod-eu-1]\nurl = https://es.example.corp:9200\nca = %s\nauth = none\nnode.node1 = /bin/false\n' "$T/c.json" >verify.conf && chmod 600 verify.conf
export SK_COUNTER=9
seal_open c.json nine.snapseal
expect_exit 1 "$VERIFY" --state gw-1 check --json nine.snapseal
has '"counter":9,"counter_before":-1,' "$OUT"
expect_err PEOPLE_MISSING "$VERIFY" --state gw-1 apply --yes --config verify.conf nine.snapseal
has '"counter":9' "$("$VERIFY" --state gw-1 receipts 0)"
expect_exit 1 "$VERIFY" --state gw-1 check nine.snapseal
hasnt 'a copy of the key' "$ERR"
SK_COUNTER=5
seal_open c.json five.snapseal
unset SK_COUNTER
expect_exit 1 "$VERIFY" --state gw-1 check --json five.snapseal
has '"counter":5,"counter_before":9,' "$OUT"
has 'counts 5, and had counted 9 in an earlier receipt' "$ERR"
expect_exit 0 gen bob inspect five.snapseal
hasnt 'a copy of the key' "$ERR"
expect_exit 0 gen bob receipt import nine.snapseal-receipt
expect_exit 0 gen bob inspect five.snapseal
has 'warning: the security key of alice, SHA256:' "$ERR"

# ---- no network: what signs is ssh-keygen, which asks the agent and its own helper

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    export ASAN_OPTIONS=detect_leaks=0
    expect_exit 0 strace -f -qq -o calls -e trace=network "$GEN" --state state.alice seal c.json --author alice -k alice.key \
        --secrets keys.csv --open -o s.snapseal -f
    [ "$(grep -c 'AF_UNIX' calls)" -gt 0 ] || say 'nothing was traced'
    grep -E '(socket|socketpair|connect|bind)\(' calls | grep -vE 'AF_UNIX|resumed' >other
    [ ! -s other ] || say "a call that is no local socket's: $(head -n 3 other)"
    expect_exit 0 strace -f -qq -s 8192 -o calls -e trace=execve -v "$GEN" --state state.alice seal c.json --author alice \
        -k alice.key --secrets keys.csv --open -o s.snapseal -f
    grep -q ssh-keygen calls || say 'ssh-keygen was not run'
    ! grep -qF "$SECRET" calls || say 'the secret is in argv or environment'
fi

# ---- a PKCS#11 token (SoftHSM), through the agent

if ! command -v softhsm2-util >/dev/null || ! command -v pkcs11-tool >/dev/null; then
    echo 'skipped: no SoftHSM, so no PKCS#11 token'
    finish
fi
module=$(find /usr/lib -name libsofthsm2.so -type f 2>/dev/null | head -n 1)
module=$(readlink -f "$module")
mkdir tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\n' "$T/tokens" >softhsm2.conf
export SOFTHSM2_CONF=$T/softhsm2.conf
softhsm2-util --init-token --free --label people --so-pin 12345678 --pin 123456 >/dev/null || say 'no token'
token() { pkcs11-tool --module "$module" --login --pin 123456 "$@" >/dev/null 2>&1 || say "pkcs11-tool $*"; }
token --keypairgen --key-type rsa:3072 --id 01 --label bob
token --keypairgen --key-type EC:prime256v1 --id 02 --label carol
ssh-keygen -D "$module" >token.pub 2>/dev/null
printf '#!/bin/sh\necho 123456\n' >askpass && chmod 700 askpass
start_agent_with "$module"
SSH_ASKPASS=$T/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q -s "$module" 2>/dev/null || say 'ssh-add -s'
for p in bob:ssh-rsa carol:ecdsa-sha2-nistp256; do
    grep "^${p#*:} " token.pub >"${p%:*}.key.pub" || say "the token has no ${p#*:}"
done
rm -r state.alice state.bob state.carol state.dave
rm bob.key carol.key draft.json bare.snapseal-trust trust.snapseal-trust
keys() { :; }
world
change d.json
expect_exit 0 gen alice seal d.json --author alice -k alice.key --secrets keys.csv --open -o t.snapseal
expect_exit 0 gen bob approve t.snapseal --as bob --ticket CHG-1 -o t1.snapseal
stock_agrees t1.snapseal approve bob
expect_exit 0 gen carol approve t1.snapseal --as carol -k carol.key.pub --ticket CHG-1 -o t2.snapseal
stock_agrees t2.snapseal approve carol
expect_exit 0 "$VERIFY" check --trust trust.snapseal-trust --pin "$PIN" t2.snapseal
finish
