#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# new, by options and by typing; lint; handout of a change.
. "$(dirname "$0")/lib.sh"
world

# ---- by options
expect_exit 0 gen alice new --batch --ticket CHG-1 --reason 'Secondary snapshots' --repository s3-secondary \
    --bucket acme-snapshots --region eu-west-1 --iam-user es-snap c.json
same "$OUT" c.json
same "$(mode_of c.json)" 644
python3 - <<'END' || say 'change.json is not as asked for'
import json
c = json.load(open('c.json'))
assert c['type'] == 'snapseal/change/1' and c['target'] == 'prod-eu-1' and c['validity_hours'] == 168
assert c['change'] == {'class': 'normal', 'reason': 'Secondary snapshots', 'ticket': 'CHG-1'}
s = c['repository']['settings']
assert s == {'bucket': 'acme-snapshots', 'client': 'secondary', 'endpoint': 'https://s3.example.corp',
             'path_style_access': True, 'region': 'eu-west-1'}, s
assert [x['name'] for x in c['secrets']] == ['s3.client.secondary.access_key', 's3.client.secondary.secret_key']
assert c['plan']['iam'] == {'arn': 'arn:aws:iam:::user/es-snap', 'mode': 'apply', 'policy': 'snapseal-s3-secondary',
                            'user': 'es-snap'}
actions = sorted(a for st in c['policy']['Statement'] for a in st['Action'])
assert len(actions) == 9 and 's3:*' not in actions, actions
assert c['policy']['Version'] == '2012-10-17'
END
expect_exit 0 gen alice lint c.json
expect_exit 0 gen alice lint c.json --json
same "$(printf '%s' "$OUT" | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["errors"])')" 0
expect_err OUTPUT_EXISTS gen alice new --batch --ticket x --reason x --repository r --bucket acme-s --region r --iam-user u c.json
expect_err USAGE gen alice new --batch d.json
same "$(tail -n 1 <<<"$ERR" | grep -c 'needed: --ticket, --reason, --repository, --bucket, --iam-user')" 1
expect_err USAGE gen alice new --batch --ticket x --reason x --repository Upper --bucket acme-s --region r d.json
expect_err USAGE gen alice new --batch --ticket x --reason x --repository r --bucket acme-s --region r --iam-mode none --iam-user u d.json
expect_err USAGE gen alice new --batch --ticket x --reason x --repository r --bucket acme-s --region r --iam-user u --setting oops d.json
expect_err NO_TERMINAL setsid -w "$GEN" --state "$T/state.alice" new d.json
has '--target answers' "$ERR"
no_file d.json

expect_exit 0 gen alice new --batch --from c.json -o out.json
same "$OUT" out.json
cmp -s c.json out.json || say 'new --out'
expect_exit 0 gen alice new --batch --from c.json --out -
same "$(printf '%s\n' "$OUT" | sha256sum)" "$(sha256sum <c.json)"
expect_err USAGE gen alice new --batch --from c.json -o o2.json o3.json

# from what was; the wide policy of the page; rgw; a policy of one's own
expect_exit 0 gen alice new --batch --from c.json --ticket CHG-2 --base-path a/b --policy wide d.json
has '"s3:*"' "$(cat d.json)"
has '"base_path": "a/b"' "$(cat d.json)"
has '"ticket": "CHG-2"' "$(cat d.json)"
expect_exit 0 gen alice lint d.json
has 'warn policy-wide' "$OUT"
expect_err CHANGE_LINT gen alice lint d.json --fail-on warn
expect_err USAGE gen alice lint d.json --fail-on never
expect_exit 0 gen alice new --batch --from c.json --policy-compat rgw e.json
has '"Sid": "MultiDelete"' "$(cat e.json)"
printf '{ "Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"} }' >p.json
expect_exit 0 gen alice new --batch --from c.json --policy p.json f.json
has 'POLICY_BUCKET' "$ERR"
expect_err CHANGE_LINT gen alice lint f.json
has 'error refusal' "$OUT"
# regions in other partitions have other ARNs
expect_exit 0 "$GEN" --state "$T/none" new --batch --target t --ticket x --reason x --repository r --bucket acme-s \
    --region cn-north-1 --iam-user u --iam-arn arn:aws-cn:iam::123456789012:user/u --endpoint '' g.json
has 'arn:aws-cn:s3:::acme-s' "$(cat g.json)"
has 'no trust file is installed' "$ERR"
hasnt endpoint "$(grep -A8 settings g.json)"
# an answer that is empty now takes the setting away, what was set by hand stays
expect_exit 0 gen alice new --batch --from d.json --setting compress=true --setting chunk_size=1gb d1.json
expect_exit 0 gen alice new --batch --from d1.json --endpoint '' --base-path '' --iam-arn arn:aws:iam::123456789012:user/es-snap d2.json
python3 - <<'END' || say 'settings from another change'
import json
s = json.load(open('d2.json'))['repository']['settings']
assert s == {'bucket': 'acme-snapshots', 'client': 'secondary', 'compress': True, 'chunk_size': '1gb'}, s
END
# wishes of the bucket: in the change, in the sheet, in the lines for the AWS team
expect_err USAGE gen alice new --batch --from c.json --bucket-versioning x.json
expect_exit 0 gen alice new --batch --from c.json --bucket-mode check --bucket-public-block --bucket-versioning --bucket-ownership \
    --bucket-region eu-north-1 b.json
has 'warn bucket-ownership' "$ERR"
expect_exit 0 gen alice handout b.json
has '1. The bucket acme-snapshots in eu-north-1, which the appliance will look at' "$OUT"
has "'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'" "$OUT"
has 'put-bucket-versioning --endpoint-url https://s3.example.corp --bucket acme-snapshots --versioning-configuration Status=Enabled' "$OUT"
expect_exit 0 gen alice new --batch --from b.json --bucket-mode create b2.json
python3 - <<'END' || say 'wishes of the bucket from another change'
import json
b, b2 = (json.load(open(n))['plan']['bucket'] for n in ('b.json', 'b2.json'))
assert b == {'mode': 'check', 'name': 'acme-snapshots', 'ownership': True, 'public_block': True, 'region': 'eu-north-1', 'versioning': True}, b
assert b2['mode'] == 'create' and b2['versioning'] and b2['public_block'] and b2['ownership'], b2
END
expect_exit 0 gen alice handout b2.json
has 'nothing to do, the appliance makes it' "$OUT"
hasnt 's3api' "$OUT"
gen alice -q seal b2.json --author alice -k alice.key --secrets keys.csv --open -o b2.snapseal >/dev/null || say seal
expect_exit 0 gen alice inspect b2.snapseal --sheet
has 'Bucket wants  owner enforced yes, public access blocked yes, versioning' "$OUT"
has 'Undo bucket   one that was made is removed while it is empty, else it' "$OUT"
# without an IAM mode there is no policy, and without keys no secrets
expect_exit 0 gen alice new --batch --from c.json --iam-mode none --no-keys h.json
has '"policy": {}' "$(cat h.json)"
has '"secrets": []' "$(cat h.json)"
expect_exit 0 gen alice new --batch --from c.json -
same "$(printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.load(sys.stdin)["target"])')" prod-eu-1

# ---- by typing: wrong answers are asked again, empty ones take the default
cat >type.py <<'END'
import os, pty, select, sys
answers = sys.argv[1].split('|')
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen = b''
while True:
    r, _, _ = select.select([fd], [], [], 20)
    if not r:
        sys.exit('stuck: ' + seen.decode(errors='replace'))
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    seen += got
    if seen.endswith(b': ') and answers:
        os.write(fd, answers.pop(0).encode() + b'\n')
sys.stdout.write(seen.decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
expect_exit 0 python3 type.py '|CHG-7|Because|s3-secondary|Bad_Bucket|acme-snapshots|||prod|||es-snap||||||24' "$GEN" \
    --state "$T/state.alice" new typed.json
has 'not allowed here: 3 to 63' "$OUT"
has 'prod-eu-1 (opensearch, cluster vQ3mXk2nTfOa1ZrB7yWc5g)' "$OUT"
has '[prod-eu-1]' "$OUT"
has '[https://s3.example.corp]' "$OUT"
has '"validity_hours": 24' "$(cat typed.json)"
has '"ticket": "CHG-7"' "$(cat typed.json)"
has '"base_path": "prod"' "$(cat typed.json)"
expect_exit 0 gen alice lint typed.json

# a target that is not in the trust is asked for again at once
expect_exit 0 python3 type.py 'prod-us-9|prod-eu-1|CHG-7|Because|s3-secondary|acme-snapshots|||prod|||es-snap||||||24' "$GEN" \
    --state "$T/state.alice" new again.json
has 'the installed trust has no target prod-us-9' "$OUT"
has '"target": "prod-eu-1"' "$(cat again.json)"
has 'next: snapseal-gen seal again.json' "$OUT"
# given as an option it is written, with lint's errors and no word of sealing
expect_exit 0 gen alice new --batch --from c.json --target prod-us-9 wrong.json
has 'error target-unknown' "$ERR"
has 'more of severity info' "$ERR"
has 'next: mend it, then snapseal-gen lint wrong.json' "$ERR"
hasnt 'next: snapseal-gen seal' "$ERR"
expect_err CHANGE_LINT gen alice lint wrong.json
has 'info policy-action' "$OUT"
hasnt '(why the action' "$OUT"

# ---- lint
sed 's/"bucket": "acme-snapshots"/"bucket": "acme-snapshots", "bukket": "x"/' c.json >bad.json
expect_err CHANGE_LINT gen alice lint bad.json
has 'error setting-unknown repository.settings.bukket: the nearest is "bucket"' "$OUT"
sed 's/"retire": "",//' c.json >bad.json
expect_err CHANGE_FORMAT gen alice lint bad.json
has 'plan: retire: missing' "$ERR"
expect_exit 0 "$GEN" lint --list
has 'setting-unknown' "$OUT"
expect_exit 0 "$GEN" --state "$T/none" lint c.json
has 'warn trust-none' "$OUT"
no_file "$T/none"

# ---- handout of a change: everything but the policy
expect_exit 0 gen alice handout c.json
has 'aws s3api create-bucket --endpoint-url https://s3.example.corp --bucket acme-snapshots' "$OUT"
has 'aws iam create-user --endpoint-url https://iam.example.corp --user-name es-snap' "$OUT"
has 'aws iam create-access-key --endpoint-url https://iam.example.corp --user-name es-snap' "$OUT"
hasnt Console "$OUT"
hasnt 'put-user-policy' "$OUT"
expect_err CHANGE_LINT gen alice handout f.json
# no line may make a user at AWS for a server that is not AWS's; at AWS itself the tool needs no endpoint
expect_exit 0 "$GEN" --state "$T/none" handout c.json
has 'with the own means of the server https://s3.example.corp' "$OUT"
hasnt 'aws iam create' "$OUT"
sed 's/https:\/\/s3.example.corp/https:\/\/s3.amazonaws.com.example.corp/' c.json >other.json
expect_exit 0 "$GEN" --state "$T/none" handout other.json
hasnt 'aws iam create' "$OUT"
expect_exit 0 "$GEN" --state "$T/none" handout g.json
has 'aws iam create-user --user-name u' "$OUT"
has 'Console: IAM' "$OUT"
finish
