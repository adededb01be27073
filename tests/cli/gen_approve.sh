#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# approve: with the ticket, through the agent, on a terminal, with stock ssh-keygen alone; merging; what is refused.
. "$(dirname "$0")/lib.sh"
world
change c.json
gen alice -q seal c.json --author alice -k alice.key --secrets keys.csv -o b.snapseal.age >/dev/null || say seal
a() { # PERSON BUNDLE MORE...
    local p=$1 b=$2
    shift 2
    gen "$p" approve "$b" --as "$p" -k "$p.key" -i "$p.age" "$@"
}

# ---- who may not, and how not
expect_err APPROVE_DECLINED a bob b.snapseal.age --ticket CHG-2
no_file b.bob.snapseal.age
expect_err APPROVE_DECLINED a bob b.snapseal.age --ticket ''
expect_err NO_TERMINAL setsid -w "$GEN" --state state.bob approve b.snapseal.age --as bob -k bob.key -i bob.age
has '--ticket answers' "$ERR"
expect_err APPROVE_AUTHOR a alice b.snapseal.age --ticket CHG-1
expect_err APPROVE_ROLE a dave b.snapseal.age --ticket CHG-1
expect_err SIG_PERSON gen bob approve b.snapseal.age --as bob -k carol.key -i bob.age --ticket CHG-1
has "is carol's, not bob's" "$ERR"
expect_err SEAL_IDENTITY gen bob approve b.snapseal.age --as bob -k bob.key --ticket CHG-1
expect_err AGENT gen bob approve b.snapseal.age --as bob -i bob.age --ticket CHG-1
expect_err USAGE gen bob approve b.snapseal.age -i bob.age
expect_err USAGE a bob b.snapseal.age --ticket CHG-1 --detached --export d

# ---- with a key file: what is shown, and what comes out
expect_exit 0 a bob b.snapseal.age --ticket CHG-1
same "$OUT" b.bob.snapseal.age
has 'SNAPSEAL REVIEW SHEET' "$ERR"
has 'END OF SHEET' "$ERR"
has 'valid until' "$ERR"
has "you approve as bob with key SHA256:" "$ERR"
has 'security     0 of 1' "$ERR"
expect_err OUTPUT_EXISTS a bob b.snapseal.age --ticket CHG-1
expect_err OUTPUT_SAME a bob b.snapseal.age --ticket CHG-1 -o b.snapseal.age -f
# again: the signature stays, no ticket is asked for
expect_exit 0 a bob b.bob.snapseal.age -o again.snapseal.age
has 'has approved this bundle already' "$ERR"
# sealed to the same people as before
for p in alice bob carol dave; do expect_exit 0 gen $p inspect b.bob.snapseal.age -i $p.age; done
expect_exit 0 gen alice inspect b.bob.snapseal.age -i gw-1.transport
expect_err PEOPLE_MISSING gen dave handout b.bob.snapseal.age -i dave.age

# ---- on a terminal
cat >type.py <<'END'
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, sent = b'', False
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
    if seen.endswith(b'no): ') and not sent:
        sent = os.write(fd, sys.argv[1].encode() + b'\n') > 0
sys.stdout.write(seen.decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
expect_exit 1 python3 type.py yes "$GEN" --state state.carol approve b.snapseal.age --as carol -k carol.key -i carol.age -o tty.snapseal.age
has APPROVE_DECLINED "$OUT"
expect_exit 0 python3 type.py CHG-1 "$GEN" --state state.carol approve b.snapseal.age --as carol -k carol.key -i carol.age -o tty.snapseal.age
file_there tty.snapseal.age

# ---- through the agent, on top of bob's
start_agent
ssh-add -q carol.key
expect_exit 0 gen carol approve b.bob.snapseal.age --as carol -i carol.age --ticket CHG-1
has 'take the bundle to the appliance gw-1' "$ERR"
expect_exit 0 gen dave inspect b.bob.carol.snapseal.age -i dave.age
has 'approvals, rule normal: met' "$OUT"

# ---- merging copies
expect_exit 0 gen alice approve --import tty.snapseal.age b.bob.snapseal.age -i alice.age
same "$OUT" b.bob.merged.snapseal.age
has '1 approvals came in' "$ERR"
expect_exit 0 gen alice inspect b.bob.merged.snapseal.age -i alice.age --json
has '"approved":true' "$OUT"
gen alice -q seal c.json --author alice -k alice.key --secrets keys.csv -o other.snapseal.age >/dev/null
expect_err IMPORT_OTHER gen alice approve --import other.snapseal.age b.bob.snapseal.age -i alice.age -o no
no_file no

# ---- without snapseal: export, ssh-keygen, import
expect_exit 0 gen bob approve --export ex b.bob.snapseal.age -i bob.age --as carol
same "$(find ex -type f | sort | tr '\n' ' ')" 'ex/README.txt ex/manifest.json ex/sheet.txt '
expect_err OUTPUT_EXISTS gen bob approve --export ex b.bob.snapseal.age -i bob.age
! grep -rqF "$SECRET" ex || say 'the export holds a secret'
tie=$(sed -n 's/^     \(grep -oF .*\)$/\1/p' ex/README.txt)
sign=$(sed -n 's/^     \(ssh-keygen -Y sign .*\)$/\1/p' ex/README.txt)
[ -n "$tie" ] && [ -n "$sign" ] || say 'the README lacks its lines'
has 'Select-String' "$(cat ex/README.txt)"
expect_exit 0 bash -c "cd ex && $tie"
same "$(printf '%s\n' "$OUT" | wc -l)" 1
cp ex/sheet.txt kept && sed -i 's/acme-snapshots/evil-snapshots/' ex/sheet.txt
expect_exit 1 bash -c "cd ex && $tie"
cp kept ex/sheet.txt
expect_exit 0 bash -c "cd ex && ${sign/KEY/..\/carol.key}"
expect_exit 0 gen alice approve --import ex/manifest.json.sig b.bob.snapseal.age -i alice.age --as carol -o stock.snapseal.age
expect_exit 0 gen alice inspect stock.snapseal.age -i alice.age --json
has '"approved":true' "$OUT"
# as Windows writes it, and as mail mangles it; whose key it is, is found by itself
sed 's/$/\r/' ex/manifest.json.sig >crlf.sig
expect_exit 0 gen alice approve --import crlf.sig b.bob.snapseal.age -i alice.age -o crlf.snapseal.age
expect_exit 0 gen alice inspect crlf.snapseal.age -i alice.age --json
has '"approved":true' "$OUT"
head -n 3 ex/manifest.json.sig >cut.sig
expect_err SIG_ARMOR gen alice approve --import cut.sig b.bob.snapseal.age -i alice.age -o no
expect_err SIG_PERSON gen alice approve --import ex/manifest.json.sig b.bob.snapseal.age -i alice.age --as bob -o no
ssh-keygen -q -Y sign -n "snapseal-author-v1@$DOMAIN" -f carol.key <ex/manifest.json >wrong.sig 2>/dev/null
expect_err SIG_NAMESPACE gen alice approve --import wrong.sig b.bob.snapseal.age -i alice.age -o no
ssh-keygen -q -Y sign -n "snapseal-approve-v1@$DOMAIN" -f carol.key <ex/sheet.txt >wrong.sig 2>/dev/null
expect_err SIG_BAD gen alice approve --import wrong.sig b.bob.snapseal.age -i alice.age -o no
ssh-keygen -q -Y sign -n "snapseal-approve-v1@$DOMAIN" -f alice.key <ex/manifest.json >wrong.sig 2>/dev/null
expect_err SIG_ROLE gen alice approve --import wrong.sig b.bob.snapseal.age -i alice.age -o no
expect_err USAGE gen alice approve --import tty.snapseal.age b.bob.snapseal.age -i alice.age --as carol -o no
no_file no

# ---- detached: the same as ssh-keygen makes
expect_exit 0 a carol b.bob.snapseal.age --ticket CHG-1 --detached -o own.sig
cmp -s own.sig ex/manifest.json.sig || say 'the detached signature is not that of ssh-keygen'

# ---- a changed file: one byte of each part of an open bundle
seal c.json open.snapseal --open
expect_exit 0 gen bob inspect open.snapseal
size=$(stat -c %s open.snapseal)
for at in 10 600 $((size / 2)) $((size - 3000)) $((size - 1)); do
    cp open.snapseal t.snapseal
    printf '\377' | dd of=t.snapseal bs=1 seek="$at" conv=notrunc status=none
    expect_exit 1 gen bob approve t.snapseal --as bob -k bob.key --ticket CHG-1 -o no
    expect_exit 1 gen bob inspect t.snapseal
done
cp b.snapseal.age t.snapseal.age
printf '\377' | dd of=t.snapseal.age bs=1 seek=2000 conv=notrunc status=none
expect_exit 1 a bob t.snapseal.age --ticket CHG-1 -o no
no_file no
# an approval more by somebody who may not is told, and undoes nothing
tar -xf open.snapseal manifest.json
ssh-keygen -q -Y sign -n "snapseal-approve-v1@$DOMAIN" -f dave.key <manifest.json >dave.sig 2>/dev/null
expect_err SIG_ROLE gen alice approve --import dave.sig open.snapseal -o no

# ---- the author's workstation has seen who approved
expect_exit 0 gen alice status
has 'approvals seen here: all' "$OUT"

# ---- the policy is handed out from an approved bundle alone
change m.json --iam-mode manual --iam-arn arn:aws:iam::123456789012:user/es-snap
seal m.json m.snapseal --open
expect_err PEOPLE_MISSING gen alice handout m.snapseal
gen bob -q approve m.snapseal --as bob -k bob.key --ticket CHG-1 -o m1.snapseal >/dev/null || say approve
gen carol -q approve m1.snapseal --as carol -k carol.key --ticket CHG-1 -o m2.snapseal >/dev/null || say approve
expect_exit 0 gen alice handout m2.snapseal
has 'aws iam put-user-policy --endpoint-url https://iam.example.corp --user-name es-snap --policy-name snapseal-s3-secondary' "$OUT"
has "$(tar -xOf m2.snapseal review/iam-policy.json)" "$OUT"
expect_err NO_TRUST "$GEN" --state none handout m2.snapseal
finish
