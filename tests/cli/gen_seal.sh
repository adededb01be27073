#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# seal with a key file and through a real ssh-agent; secrets in all the ways they come; serials; inspect; stock tools agree.
. "$(dirname "$0")/lib.sh"
world
change c.json

# ---- with a key file, sealed
expect_exit 0 gen alice seal c.json --author alice -k alice.key --secrets keys.csv
same "$(printf '%s\n' "$OUT" | head -n 1)" prod-eu-1-1.snapseal.age
file_there prod-eu-1-1.snapseal.age
hasnt "$SECRET" "$OUT$ERR"
sealed_sha=$(printf '%s\n' "$OUT" | sed -n 's/^sha256 //p')
expect_err SEAL_IDENTITY gen alice inspect prod-eu-1-1.snapseal.age
expect_err AGE_NO_MATCH gen alice inspect prod-eu-1-1.snapseal.age -i gw-1.secrets
{
    echo '-----BEGIN AGE ENCRYPTED FILE-----'
    base64 -w 64 prod-eu-1-1.snapseal.age
    echo '-----END AGE ENCRYPTED FILE-----'
} >armored
expect_err SEAL_ARMOR gen alice inspect armored -i alice.age
for p in alice bob carol dave; do
    expect_exit 0 gen $p inspect prod-eu-1-1.snapseal.age -i $p.age
    has "sha256      $sealed_sha" "$OUT"
done
expect_exit 0 gen alice inspect prod-eu-1-1.snapseal.age -i gw-1.transport # the appliance reads it
expect_exit 0 gen dave inspect prod-eu-1-1.snapseal.age -i dave.age --json
printf '%s' "$OUT" | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["verdict"] == "accepted" and d["id"] == "OK" and not d["approved"] and d["sealed"], d
assert [c["id"] for c in d["checks"] if c["result"] == "refused"] == ["people"], d["checks"]
assert [s["id"] for s in d["signatures"]] == ["OK"] and d["signatures"][0]["person"] == "alice"
m = d["manifest"]
assert m["serial"] == 1 and m["prev"] == "" and m["expect_log"]["size"] == 0 and m["change"]["ticket"] == "CHG-1"
assert [s["versus"] for s in m["secrets"]] == ["new", "new"]
assert [s["disclosed"] for s in m["secrets"]] == ["AKIAIOSFODNN7EXAMPLE", ""]
' || say 'inspect --json'

# ---- open, through the agent; stock tools
start_agent
ssh-add -q alice.key bob.key
expect_exit 0 gen alice seal c.json --author alice --secrets keys.csv --open -o b.snapseal
same "$(printf '%s\n' "$OUT" | sed -n 's/^sha256 //p')" "$(pin_of b.snapseal)"
grep -qF "$SECRET" b.snapseal && say 'the secret stands in the bundle'
same "$(tar -tf b.snapseal | tr '\n' ' ')" \
    'manifest.json review/iam-policy.json review/repository.json review/sheet.txt secrets.age sig/author.alice.sshsig '
mkdir x && tar -xf b.snapseal -C x
tar -xOf trust.snapseal-trust allowed_signers >signers
expect_exit 0 bash -c "ssh-keygen -Y verify -f signers -I alice -n snapseal-author-v1@$DOMAIN -s x/sig/author.alice.sshsig <x/manifest.json"
expect_exit 9 bash -c "ssh-keygen -Y verify -f signers -I bob -n snapseal-approve-v1@$DOMAIN -s x/sig/author.alice.sshsig <x/manifest.json || exit 9"
python3 - <<'END' || say 'the hashes of the manifest are not those of the members'
import hashlib, json
m = json.load(open('x/manifest.json'))
for e in m['members']:
    data = open('x/' + e['name'], 'rb').read()
    assert len(data) == e['size'] and hashlib.sha256(data).hexdigest() == e['sha256'], e
assert m['serial'] == 2
END
if command -v age >/dev/null; then
    age -d -i gw-1.secrets x/secrets.age >plain.json && python3 - <<'END' || say 'secrets.age by age -d'
import base64, hashlib, hmac, json
p, m = json.load(open('plain.json')), json.load(open('x/manifest.json'))
assert p['serial'] == m['serial'] and p['bundle_id'] == m['bundle_id'] and p['author'] == 'alice'
for e, s in zip(p['entries'], m['secrets']):
    v = base64.b64decode(e['value'])
    msg = b'SNAPSEALC1 %d %s %d %s %d %s' % (32, m['bundle_id'].encode(), len(e['name']), e['name'].encode(), len(v), v)
    assert hmac.new(bytes.fromhex(e['opening']), msg, hashlib.sha256).hexdigest() == s['commitment']
END
fi
expect_exit 0 gen bob inspect b.snapseal --sheet
cmp -s .out x/review/sheet.txt || say 'inspect --sheet is not the member'

# ---- the agent does not hold it, or is not there
expect_err AGENT env -u SSH_AUTH_SOCK "$GEN" --state state.alice seal c.json --author alice --secrets keys.csv
ssh-add -q -d alice.key
expect_err AGENT gen alice seal c.json --author alice --secrets keys.csv
has 'holds no key of alice' "$ERR"
# ---- wrong people and keys
expect_err SIG_PERSON gen alice seal c.json --author alice -k bob.key --secrets keys.csv
has "the key is not that person's in the installed trust, bob.key (SHA256:" "$ERR"
has "is bob's, not alice's" "$ERR"
hasnt member "$ERR"
# a file that an option gave is named with it, on the way up as well
expect_err INPUT_OPEN gen alice seal c.json --author alice -k no.key --secrets keys.csv
has '--key: no.key: No such file' "$ERR"
expect_err INPUT_OPEN gen alice seal c.json --author alice -k alice.key --secrets no.csv
has '--secrets: no.csv: No such file' "$ERR"
expect_err INPUT_OPEN gen alice inspect prod-eu-1-1.snapseal.age -i no.age
has '--identity: ' "$ERR"
expect_err SIG_PERSON gen alice seal c.json --author alise -k alice.key --secrets keys.csv
has 'nobody of the id alise' "$ERR"
# a file of another kind is told as what it looks like
expect_err JSON_SYNTAX gen alice seal keys.csv --author alice -k alice.key
has 'keys.csv: this is no JSON object, so not a change file' "$ERR"
expect_err JSON_SYNTAX gen alice trust seal keys.csv
has 'so not a draft' "$ERR"
expect_err GATE_SIZE gen alice inspect c.json
has 'c.json: this is JSON, perhaps a change file: seal makes the bundle of it' "$ERR"
expect_err GATE_SIZE gen alice receipt import prod-eu-1-1.snapseal.age
has 'perhaps a bundle, not a receipt' "$ERR"
expect_err INPUT_OPEN gen alice seal no.json --author alice -k alice.key
hasnt '--' "${ERR%%; *}"
expect_err SIG_ROLE gen alice seal c.json --author bob -k bob.key --secrets keys.csv
ssh-keygen -q -t ed25519 -N '' -f stray.key </dev/null
expect_err SIG_UNKNOWN_KEY gen alice seal c.json --author alice -k stray.key --secrets keys.csv
# also of keys that we leave to ssh-keygen (tests/cli/keys.sh) the public half is known before anybody is asked
ssh-keygen -q -t ed25519 -N secret -f locked.key </dev/null
expect_err SIG_UNKNOWN_KEY gen alice seal c.json --author alice -k locked.key --secrets keys.csv
ssh-keygen -q -t rsa -b 3072 -N '' -f rsa.key </dev/null
expect_err SIG_UNKNOWN_KEY gen alice seal c.json --author alice -k rsa.key --secrets keys.csv
expect_err KEYFILE_FORMAT gen alice seal c.json --author alice -k keys.csv --secrets keys.csv
chmod 644 alice.key
expect_err INPUT_MODE gen alice seal c.json --author alice -k alice.key --secrets keys.csv
chmod 600 alice.key
expect_err NO_TRUST "$GEN" --state none seal c.json --author alice -k alice.key --secrets keys.csv

# ---- secrets: lines, descriptor, stdin; bad ones; never shown
s() { gen alice seal c.json --author alice -k alice.key --open "$@"; }
printf 's3.client.secondary.secret_key=%s\ns3.client.secondary.access_key=%s\n' $SECRET $ACCESS >lines && chmod 600 lines
expect_exit 0 s --secrets lines -o l.snapseal
expect_exit 0 bash -c "'$GEN' --state state.alice seal c.json --author alice -k alice.key --open --secrets-fd 7 -o fd.snapseal 7<lines"
expect_exit 0 bash -c "'$GEN' --state state.alice seal c.json --author alice -k alice.key --open --secrets - -o in.snapseal <lines"
head -n 1 lines >one && chmod 600 one
expect_err SECRETS_INPUT s --secrets one
hasnt "$SECRET" "$ERR"
printf 'nonsense %s\n' $SECRET >junk && chmod 600 junk
expect_err SECRETS_INPUT s --secrets junk
hasnt "$SECRET" "$ERR"
if command -v age >/dev/null; then # to the author, by whoever made the key
    age -a -r "$(cat alice.recipient)" -o lines.age lines && chmod 600 lines.age
    expect_exit 0 s --secrets lines.age -i alice.age -o sealed-lines.snapseal
    expect_err SEAL_IDENTITY s --secrets lines.age
    expect_err AGE_NO_MATCH s --secrets lines.age -i bob.age
fi
chmod 640 lines
expect_err INPUT_MODE s --secrets lines
chmod 600 lines
expect_err USAGE s --secrets lines --secrets-fd 3
expect_err NO_TERMINAL setsid -w "$GEN" --state state.alice seal c.json --author alice -k alice.key
has '--secrets FILE or --secrets-fd N answers' "$ERR"
no_file prod-eu-1-3.snapseal

# ---- typed on a terminal, without echo
cat >type.py <<'END'
import os, pty, select, sys
answers = sys.argv[1].split('|')
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen = b''
while True:
    if not select.select([fd], [], [], 20)[0]:
        sys.exit('stuck: ' + seen.decode(errors='replace'))
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    seen += got
    if seen.endswith(b'): ') and answers:
        os.write(fd, answers.pop(0).encode() + b'\n')
sys.stdout.write(seen.decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
expect_exit 0 python3 type.py "$ACCESS|$SECRET" "$GEN" --state state.alice seal c.json --author alice -k alice.key --open -o t.snapseal
has 's3.client.secondary.secret_key (not shown): ' "$OUT"
hasnt "$SECRET" "$OUT"
same "$(tar -xOf t.snapseal manifest.json | grep -c "$ACCESS")" 1

# ---- serials: never twice; a failed run does not use one up
expect_err OUTPUT_EXISTS s --secrets lines -o t.snapseal
expect_err OUTPUT_SAME s --secrets lines -o c.json
last=$(tar -xOf t.snapseal manifest.json | python3 -c 'import json,sys; print(json.load(sys.stdin)["serial"])')
expect_err STATE_SERIAL s --secrets lines --serial "$last" -o u.snapseal
expect_exit 0 s --secrets lines --serial 100 -o u.snapseal
expect_exit 0 s --secrets lines -o v.snapseal
has '"serial":101' "$(tar -xOf v.snapseal manifest.json)"
expect_exit 0 s --secrets lines --after v.snapseal -o w.snapseal
has '"serial":102' "$(tar -xOf w.snapseal manifest.json)"
has "\"prev\":\"$(pin_of v.snapseal)\"" "$(tar -xOf w.snapseal manifest.json)"
has '"versus":"same"' "$(tar -xOf w.snapseal manifest.json)"
sed 's/wJalr/xJalr/' lines >other && chmod 600 other
expect_exit 0 s --secrets other --after w.snapseal -o y.snapseal
same "$(tar -xOf y.snapseal manifest.json | grep -o '"versus":"[a-z]*"' | tr '\n' ' ')" '"versus":"same" "versus":"changed" '
expect_exit 0 s --secrets lines --supersedes "$(pin_of v.snapseal)" -o z.snapseal
has "\"supersedes\":\"$(pin_of v.snapseal)\"" "$(tar -xOf z.snapseal manifest.json)"
expect_err USAGE s --secrets lines --supersedes xyz
expect_err USAGE s --secrets lines --not-before 2099-01-01T00:00:00Z # behind the end of validity
expect_err USAGE s --secrets lines --not-before yesterday
later=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
expect_exit 0 s --secrets lines --not-before "$later" -o q.snapseal
expect_exit 0 gen bob inspect q.snapseal # not valid yet is told, and no refusal
has 'not valid yet' "$OUT"

# ---- bundles still on their way: named, unless the new one follows them
change2() { sed 's/CHG-1/CHG-2/' c.json >c2.json; }
change2
after() { gen dave seal c2.json --author alice -k alice.key --secrets keys.csv --open "$@"; }
expect_exit 0 after -o first.snapseal
hasnt warning "$ERR"
expect_exit 0 after -o second.snapseal
has 'warning: prod-eu-1: sealed earlier and without a receipt here: serial 1 (first.snapseal); the appliance' "$ERR"
has 'seal with --after first.snapseal' "$ERR"
same "$(grep -c warning: .err)" 1
expect_exit 0 after -q -o quiet.snapseal
same "$ERR" ''
expect_exit 0 after --after quiet.snapseal -o fourth.snapseal # serial 1 and 2 are in no chain with it, 3 is
has 'here: serial 1 (first.snapseal), serial 2 (second.snapseal);' "$ERR"
rm -r state.dave/bundles/* # as a workstation on which nothing is open
expect_exit 0 after -o fifth.snapseal
hasnt warning: "$ERR"
expect_exit 0 after --after fifth.snapseal -o sixth.snapseal
hasnt warning: "$ERR"
expect_exit 0 after --after sixth.snapseal -o seventh.snapseal
hasnt warning: "$ERR"
has "\"prev\":\"$(pin_of sixth.snapseal)\"" "$(tar -xOf seventh.snapseal manifest.json)"

# ---- superseded: the receipt of another bundle with that serial or a higher one is here
outcome() { # STATE BUNDLE OUTCOME: the record as the import of a receipt leaves it
    sed -i "s/\"log_index\":-\{0,1\}[0-9]*/\"log_index\":0/; s/\"outcome\":\"[a-z]*\"/\"outcome\":\"$3\"/" \
        "state.$1/bundles/$(pin_of "$2").json"
}
outcome dave sixth.snapseal refused # no intent, so no serial was used up
expect_exit 0 gen dave status
hasnt superseded "$OUT"
outcome dave sixth.snapseal undone
expect_exit 0 gen dave status
has 'prod-eu-1 serial 5: superseded, CHG-2' "$OUT"
has 'serial 6 is used up (receipt 0, undone): it can never be applied' "$OUT"
has 'prod-eu-1 serial 6: undone' "$OUT" # the bundle of the last intent may come again
has 'prod-eu-1 serial 7: awaits' "$OUT"
has '2 open, 1 superseded, 3 known' "$OUT"
expect_exit 0 gen dave status --json
printf '%s' "$OUT" | python3 -c '
import json, sys
c = {x["serial"]: x for x in json.load(sys.stdin)["changes"]}
assert (c[5]["stage"], c[5]["open"], c[5]["superseded_by"]) == ("superseded", False, c[6]["sha256"]), c[5]
assert (c[6]["stage"], c[6]["open"], c[6]["superseded_by"]) == ("undone", True, ""), c[6]
' || say 'status --json of a superseded change'
cp state.dave/bundles/"$(pin_of sixth.snapseal)".json state.bob/bundles/ 2>/dev/null ||
    { mkdir -m 700 state.bob/bundles && cp state.dave/bundles/"$(pin_of sixth.snapseal)".json state.bob/bundles/; }
expect_exit 0 gen bob approve fifth.snapseal --as bob -k bob.key --ticket CHG-2 -o dead.snapseal
has 'warning: this bundle has serial 5 of prod-eu-1, and a receipt here says that serial 6 is used up' "$ERR"
has 'ask alice to seal the change again' "$ERR"
expect_exit 0 gen bob approve seventh.snapseal --as bob -k bob.key --ticket CHG-2 -o alive.snapseal
hasnt warning: "$ERR"

# ---- what lint refuses is not sealed, and neither is what nobody may apply
sed 's/"ticket": "CHG-1"/"ticket": ""/' c.json >bad.json
expect_err CHANGE_LINT gen alice seal bad.json --author alice -k alice.key --secrets keys.csv
has 'error value change.ticket' "$ERR"
change any.json --precondition any
expect_exit 0 gen alice seal any.json --author alice -k alice.key --secrets keys.csv --open -o any.snapseal
has 'warn precondition-any' "$ERR"
same "$(mode_of state.alice)" 700
[ -z "$(find state.alice -type f ! -perm 600)" ] || say 'a file of the state is open to others'
! grep -rqF "$SECRET" state.alice || say 'the secret lies in the state'
! grep -qrF "$SECRET" --include='*.snapseal*' . || say 'the secret lies in a bundle'

# ---- status
expect_exit 0 gen alice status
has 'prod-eu-1 serial 1: awaits, CHG-1' "$OUT"
expect_exit 0 gen alice status --json
has '"missing":"ops 0 of 1, security 0 of 1"' "$OUT"
finish
