#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# trust: draft, seal, sign, show, diff, install; the first by pin, the next by both thresholds; a new version in force at once.
. "$(dirname "$0")/lib.sh"
world

# ---- draft: JSON to be edited; unfinished ones are written with a warning
expect_exit 0 draft
printf '%s' "$OUT" | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["version"] == 1 and d["prev"] == "" and "members" not in d
assert [p["id"] for p in d["people"]] == ["alice", "bob", "carol", "dave", "erin", "frank"]
assert d["rules"]["normal"]["approve"] == [{"from": "ops", "need": 1}, {"from": "security", "need": 1}]
assert [e["for"] for e in d["targets"][0]["endpoints"]] == ["cluster", "iam", "s3"]
' || say draft
expect_exit 0 "$GEN" trust draft --domain x.example --person "a:author:$T/alice.key.pub"
has 'warning: TRUST_' "$ERR"
expect_err USAGE "$GEN" trust draft
expect_err USAGE "$GEN" trust draft --domain x.example --person alice
expect_err USAGE "$GEN" trust draft --domain x.example --rule ops
expect_err KEY_LINE "$GEN" trust draft --domain x.example --person a:author:keys.csv
expect_err AGE_RECIPIENT "$GEN" trust draft --domain x.example --person "a:author:$T/alice.key.pub:age1xyz"
printf '{"id":"gw-1"}' >bad.json
expect_err TRUST_SCHEMA "$GEN" trust draft --domain x.example --appliance bad.json
printf '{"appliances":[%s]}' "$(cat gw-1.json)" >wrapped.json
expect_exit 0 "$GEN" -q trust draft --domain x.example --appliance wrapped.json
has '"gw-1"' "$OUT"
# discover --json has the target beside what people want to know
printf '{"cluster_name":"c","nodes":[],"role":"{}","target":%s,"verified":true}\n' "$(cat target.json)" >found.json
expect_exit 0 "$GEN" -q trust draft --domain x.example --appliance gw-1.json --target found.json
has '"prod-eu-1"' "$OUT"
same "$OUT" "$("$GEN" -q trust draft --domain x.example --appliance gw-1.json --target target.json)"
printf '{"cluster_name":"c","verified":false}\n' >unverified.json
expect_err TRUST_SCHEMA "$GEN" trust draft --domain x.example --target unverified.json
has 'not what snapseal-verify discover --json prints (with --ca)' "$ERR"
printf '# opensearch 2\n' >found.txt
expect_err JSON_SYNTAX "$GEN" trust draft --domain x.example --target found.txt
has 'discover --json' "$ERR"
expect_err TRUST_SCHEMA "$GEN" trust draft --domain x.example --appliance target.json
has 'snapseal-verify init prints' "$ERR"

# ---- seal: lists in any order; what does not load is not made
python3 - <<'END'
import json
d = json.load(open('draft.json'))
for k in ('people', 'groups', 'targets', 'appliances'):
    d[k].reverse()
d['targets'][0]['endpoints'].reverse()
d['root']['people'].reverse()
json.dump(d, open('shuffled.json', 'w'), indent=3)
d['groups'][0]['people'].append('nobody')
json.dump(d, open('wrong.json', 'w'))
d['odd'] = 1
json.dump(d, open('odd.json', 'w'))
END
expect_exit 0 "$GEN" trust seal shuffled.json -o s.snapseal-trust
same "$(printf '%s\n' "$OUT" | sed -n 's/^sha256 //p')" "$(pin_of bare.snapseal-trust)"
same "$(pin_of s.snapseal-trust)" "$PIN"
expect_err TRUST_NAMES "$GEN" trust seal wrong.json -o no
expect_err TRUST_SCHEMA "$GEN" trust seal odd.json -o no
no_file no

# ---- sign and show
expect_err SIG_ROLE "$GEN" trust sign bare.snapseal-trust --as bob -k bob.key -o no
expect_err SIG_PERSON "$GEN" trust sign bare.snapseal-trust --as erin -k frank.key -o no
expect_err OUTPUT_SAME "$GEN" trust sign bare.snapseal-trust --as erin -k erin.key -o bare.snapseal-trust -f
expect_exit 0 "$GEN" trust sign bare.snapseal-trust --as erin -k erin.key
file_there bare.erin.snapseal-trust
has "fingerprint (pin) $PIN" "$ERR"
expect_exit 0 "$GEN" trust show trust.snapseal-trust
has "fingerprint (pin) $PIN" "$OUT"
has '1 of ops (bob)' "$OUT"
has 'root: 2 of erin, frank' "$OUT"
same "$(printf '%s\n' "$OUT" | grep -cE '^  (erin|frank) +good$')" 2
expect_exit 0 gen alice trust show
has "fingerprint (pin) $PIN" "$OUT"
expect_exit 0 gen alice trust show --json
has '"domain":"example.corp"' "$OUT"
expect_err NO_TRUST "$GEN" --state none trust show
# stock ssh-keygen is of the same mind
tar -xOf trust.snapseal-trust allowed_signers >signers
tar -xOf trust.snapseal-trust manifest.json >m.json
tar -xOf trust.snapseal-trust sig/root.erin.sshsig >erin.sig
expect_exit 0 bash -c "ssh-keygen -Y verify -f signers -I erin -n snapseal-root-v1@$DOMAIN -s erin.sig <m.json"

# who has signed is told so; --pin is compared before anything is signed
expect_exit 0 "$GEN" trust sign bare.erin.snapseal-trust --as erin -k erin.key
has 'erin has signed already' "$ERR"
no_file bare.erin.erin.snapseal-trust
expect_exit 0 "$GEN" -q trust sign bare.erin.snapseal-trust --as erin -k erin.key -o again.snapseal-trust
same "$(sha again.snapseal-trust)" "$(sha bare.erin.snapseal-trust)"
expect_err TRUST_PIN "$GEN" trust sign bare.snapseal-trust --as frank -k frank.key --pin "${PIN//[0-9]/0}" -o no
expect_err USAGE "$GEN" trust sign bare.snapseal-trust --as frank -k frank.key --pin 12345678 -o no
expect_exit 0 "$GEN" trust sign bare.snapseal-trust --as frank -k frank.key --pin "$PIN" -o pinned.snapseal-trust
expect_err AGENT "$GEN" trust sign bare.snapseal-trust --as frank -k frank.key.pub -o no
has SSH_AUTH_SOCK "$ERR"
no_file no
cat >pin.py <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, asked = b'', False
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    seen += got
    if seen.endswith(b'told: ') and not asked:
        asked = True
        os.write(fd, sys.argv[1].encode() + b'\n')
sys.stdout.write(seen.decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
expect_exit 1 python3 pin.py 00000000 "$GEN" trust sign bare.snapseal-trust --as frank -k frank.key -o no
has 'TRUST_PIN' "$OUT"
expect_exit 1 python3 pin.py '' "$GEN" trust sign bare.snapseal-trust --as frank -k frank.key -o no
no_file no
expect_exit 0 python3 pin.py "${PIN:0:8}" "$GEN" trust sign bare.snapseal-trust --as frank -k frank.key -o typed.snapseal-trust
file_there typed.snapseal-trust

# the wrong kind of file is named
for verb in show 'sign --as erin' "install --pin $PIN"; do
    # shellcheck disable=SC2086
    expect_exit 1 "$GEN" --state kinds trust $verb draft.json
    has 'this is JSON, perhaps a draft' "$ERR"
done
expect_exit 1 gen alice lint bare.snapseal-trust
has 'this is a container of snapseal, not a change file' "$ERR"
expect_err USAGE "$GEN" trust draft --domain x.example --person "a:autor:$T/alice.key.pub"
has 'roles are author, approve, audit, root' "$ERR"

# ---- install: the first
expect_err NO_TRUST "$GEN" --state first trust install trust.snapseal-trust
expect_err USAGE "$GEN" --state first trust install trust.snapseal-trust --pin 12
expect_err TRUST_PIN "$GEN" --state first trust install trust.snapseal-trust --pin "${PIN//[0-9]/0}"
expect_err TRUST_ROOT_NEED "$GEN" --state first trust install half.snapseal-trust --pin "$PIN"
expect_err TRUST_ROOT_NEED "$GEN" --state first trust install bare.snapseal-trust --pin "$PIN"
expect_exit 0 "$GEN" --state first trust install trust.snapseal-trust --pin "$PIN"
expect_exit 0 "$GEN" --state first trust install trust.snapseal-trust --pin "$PIN"
has 'version 1 is installed already' "$ERR"
expect_exit 0 "$GEN" --state first trust install trust.snapseal-trust
has 'version 1 is installed already' "$ERR"
expect_err TRUST_PIN_USED "$GEN" --state first trust install trust.snapseal-trust --pin "${PIN//[0-9]/0}"

# ---- the next: grace comes in for bob
ssh-keygen -q -t ed25519 -N '' -f grace.key </dev/null
"$GEN" -q keygen -o grace.age >grace.recipient
change c.json
seal c.json old.snapseal --open
expect_exit 0 gen alice trust draft --from-installed --person "grace:approve:grace.key.pub:$(cat grace.recipient)" \
    --group ops:grace --drop people:bob -o d2.json
has "\"prev\": \"$PIN\"" "$(cat d2.json)"
has '"version": 2' "$(cat d2.json)"
expect_err USAGE gen alice trust draft --from-installed --drop people:nobody
expect_err NO_TRUST "$GEN" --state none trust draft --from-installed
"$GEN" -q trust seal d2.json -o bare2.snapseal-trust >/dev/null || say 'seal 2'
expect_err TRUST_ROOT_NEED gen alice trust install bare2.snapseal-trust
sign_trust bare2.snapseal-trust trust2.snapseal-trust || say 'sign 2'
expect_exit 0 gen alice trust show trust2.snapseal-trust
has 'under the installed version 1: good' "$OUT"
# what is new, in plain words: exactly the facts that changed
expect_exit 0 gen alice trust diff trust2.snapseal-trust
has 'which follows it' "$OUT"
same "$(grep -c "^[-+] " <<<"$OUT")" 10
for fact in '- bob has role approve' '- group ops has bob' '+ grace has role approve' '+ group ops has grace'; do
    has "$fact" "$OUT"
done
expect_exit 1 gen alice trust diff --exit-code trust2.snapseal-trust
expect_exit 0 gen alice trust diff --exit-code trust.snapseal-trust
expect_exit 0 gen alice --json trust diff trust2.snapseal-trust trust.snapseal-trust
same "$(jq -r '.added[]' <<<"$OUT" | grep -c bob)" 4
expect_err NO_TRUST "$GEN" --state none trust diff trust2.snapseal-trust
expect_exit 0 "$GEN" --state none trust diff trust.snapseal-trust trust2.snapseal-trust
expect_exit 0 gen alice trust install trust2.snapseal-trust
expect_exit 0 gen carol trust install trust2.snapseal-trust
expect_exit 0 gen alice trust install trust2.snapseal-trust
expect_err TRUST_VERSION gen alice trust install trust.snapseal-trust
expect_err TRUST_PIN_USED gen alice trust install trust.snapseal-trust --pin "$PIN"
# what was sealed under the old one is judged under the new one: carol may, bob is nobody
expect_exit 0 gen carol approve old.snapseal --as carol -k carol.key --ticket CHG-1 -o old2.snapseal
expect_err APPROVE_ROLE gen carol approve old.snapseal --as bob -k bob.key --ticket CHG-1
seal c.json new.snapseal --open
expect_err SIG_UNKNOWN_KEY gen carol approve new.snapseal --as grace -k bob.key --ticket CHG-1
expect_err APPROVE_ROLE gen carol approve new.snapseal --as bob -k bob.key --ticket CHG-1
expect_exit 0 gen carol approve new.snapseal --as grace -k grace.key --ticket CHG-1 -o g.snapseal
same "$(find state.alice/trust -type f | wc -l)" 2

# ---- another domain is not for this workstation
"$GEN" -q trust draft --domain other.example --person "alice:author:alice.key.pub" --person "bob:approve:bob.key.pub" \
    --person "carol:approve:carol.key.pub" --person erin:root:erin.key.pub --person frank:root:frank.key.pub \
    --group ops:bob --group security:carol --rule ops:1,security:1 --root erin,frank --need 2 \
    --appliance gw-1.json --target target.json -o o.json >/dev/null
"$GEN" -q trust seal o.json -o o.snapseal-trust >/dev/null || say 'other domain'
expect_err TRUST_DOMAIN gen alice trust sign o.snapseal-trust --as erin -k erin.key -o no
# a bundle is no trust file, and a trust file no bundle
expect_exit 1 gen alice trust show new.snapseal
expect_exit 1 gen alice inspect trust.snapseal-trust
finish
