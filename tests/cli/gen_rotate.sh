#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# new --rotate and --remove from the last applied bundle, seal's claims, handout; new --from for another target.
. "$(dirname "$0")/lib.sh"
world
# what an imported receipt writes down
applied() { # MANIFEST-SHA256
    sed -i 's/"log_index":-1/"log_index":0/; s/"outcome":""/"outcome":"applied"/' "$T/state.alice/bundles/$1.json"
}
expect_err LAST_NONE gen alice new --batch --rotate prod-eu-1 --ticket CHG-2 r.json
change c.json --setting compress=true --bucket-mode check
seal c.json 1.snapseal --open
expect_err LAST_NONE gen alice new --batch --rotate prod-eu-1 --ticket CHG-2 r.json # sealed, not applied
applied "$(pin_of 1.snapseal)"
same "$(mode_of "$T/state.alice/bundles/$(pin_of 1.snapseal).snapseal")" 600

# ---- rotate: all as it was but what changes each time
expect_err USAGE gen alice new --batch --rotate prod-eu-1 r.json
has 'needed: --ticket' "$ERR"
expect_err USAGE gen alice new --batch --rotate prod-eu-1 --remove prod-eu-1 --ticket CHG-2 r.json
expect_err USAGE gen alice new --batch --rotate prod-eu-1 --target prod-us-1 --ticket CHG-2 r.json
expect_err USAGE gen alice new --batch --rotate prod-eu-1 --bucket other --ticket CHG-2 r.json
expect_err USAGE gen alice new --batch --retire AKIAIOSFODNN7EXAMPLE --ticket CHG-2 r.json
expect_err LAST_NONE gen alice new --batch --rotate prod-eu-1 --repository other --ticket CHG-2 r.json
no_file r.json
expect_exit 0 gen alice new --batch --rotate prod-eu-1 --ticket CHG-2 r.json
has "access key $ACCESS is no longer used then" "$ERR"
python3 - <<'E' || say 'r.json is not the rotation'
import json
c, r = json.load(open('c.json')), json.load(open('r.json'))
assert r['plan']['do'] == 'rotate' and r['plan']['retire'] == 'AKIAIOSFODNN7EXAMPLE' and r['plan']['precondition'] == 'any'
assert r['repository'] == {} and r['policy'] == c['policy'] and r['secrets'] == c['secrets']
assert r['plan']['iam'] == c['plan']['iam'] and r['plan']['s3'] == c['plan']['s3'] and r['target'] == 'prod-eu-1'
assert r['change'] == {'class': 'normal', 'reason': 'New keys for repository s3-secondary', 'ticket': 'CHG-2'}
E
expect_exit 0 gen alice lint r.json
hasnt 'precondition-any' "$OUT"
expect_err SECRETS_INPUT gen alice seal r.json --author alice -k alice.key --secrets keys.csv -o 2.snapseal --open
has 'nothing would be rotated' "$ERR"
printf 'Access key ID,Secret access key\r\n%s,%s\r\n' AKIAIOSFODNN7EXAMPL2 wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE2 >keys2.csv
chmod 600 keys2.csv
expect_exit 0 gen alice seal r.json --author alice -k alice.key --secrets keys2.csv -o 2.snapseal --open
has 's3.client.secondary.access_key: changed, id AKIAIOSFODNN7EXAMPL2' "$ERR"
expect_exit 0 gen alice inspect 2.snapseal --sheet
has 'Do            rotate: replace the keys' "$OUT"
has 'Request       the registration is left as it is' "$OUT"
has 'key AKIAIOSFODNN7EXAMPLE IS NO LONGER USED' "$OUT"
has 'Undo request  none is sent' "$OUT"
expect_exit 0 gen alice new --batch --rotate prod-eu-1 --ticket CHG-2 --retire AKIAIOSFODNN7EXAMPL2 -f r2.json
expect_err MANIFEST_RULE gen alice seal r2.json --author alice -k alice.key --secrets keys2.csv -o 3.snapseal --open
no_file 3.snapseal

# ---- the handout: a second key, the end of the first; no bucket
expect_exit 0 gen alice handout r.json
has 'aws iam create-access-key --endpoint-url https://iam.example.corp --user-name es-snap' "$OUT"
has 'aws iam update-access-key --endpoint-url https://iam.example.corp --user-name es-snap --access-key-id AKIAIOSFODNN7EXAMPLE --status Inactive' "$OUT"
has 'aws iam delete-access-key' "$OUT"
hasnt 'create-bucket' "$OUT"

# ---- a new client needs the request, with all its settings; the next rotation starts from there
expect_exit 0 gen alice new --batch --rotate prod-eu-1 --ticket CHG-2 --client tertiary n.json
python3 - <<'E' || say 'n.json has not the request'
import json
c, n = json.load(open('c.json')), json.load(open('n.json'))
c['repository']['settings']['client'] = 'tertiary'
assert n['repository'] == c['repository'], n['repository']
assert n['secrets'][0]['name'] == 's3.client.tertiary.access_key'
E
applied "$(pin_of 2.snapseal)"
expect_exit 0 gen alice new --batch --rotate prod-eu-1 --ticket CHG-3 --client tertiary -f n.json
has '"retire": "AKIAIOSFODNN7EXAMPL2"' "$(cat n.json)"
has '"compress": true' "$(cat n.json)" # of the bundle before the last one, which sent none
expect_exit 0 gen alice new --batch --from c.json --rotate prod-eu-1 --ticket CHG-3 -f n.json
has '"retire": ""' "$(cat n.json)"
has 'warn retire-none' "$ERR"

# ---- remove
expect_exit 0 gen alice new --batch --remove prod-eu-1 --ticket CHG-4 d.json
same "$(jq -r .plan.bucket.mode r.json) $(jq -r .plan.bucket.mode d.json)" "check none" # it leaves the bucket alone
python3 - <<'E' || say 'd.json is not the removal'
import json
d = json.load(open('d.json'))
assert d['plan']['do'] == 'remove' and d['plan']['retire'] == 'AKIAIOSFODNN7EXAMPL2' and d['policy'] == {} and d['repository'] == {}
assert d['plan']['iam'] == {'arn': '', 'mode': 'none', 'policy': '', 'user': ''} and d['plan']['preflight'] == 'none'
assert [s['versus'] for s in d['secrets']] == ['removed', 'removed']
E
expect_err USAGE gen alice new --batch --remove prod-eu-1 --ticket CHG-4 --client x -f d.json

# ---- a bundle of the state that is damaged is not started from
printf x >>"$T/state.alice/bundles/$(pin_of 2.snapseal).snapseal"
expect_exit 1 gen alice new --batch --rotate prod-eu-1 --ticket CHG-5 -f n.json
rm "$T/state.alice/bundles/$(pin_of 2.snapseal).snapseal"
expect_err LAST_NONE gen alice new --batch --rotate prod-eu-1 --ticket CHG-5 -f n.json
has 'was not made here, or by an older version' "$ERR"

# ---- from a change, for another target: its own place
expect_exit 0 "$GEN" --state "$T/none" new --batch --from c.json --target prod-us-1 --ticket CHG-6 --endpoint https://s3.example.corp o.json
has '"base_path": "prod-us-1"' "$(cat o.json)"
has '"precondition": "absent"' "$(cat o.json)"

# ---- where old values never come back, the default is a new client
sed -e 's/"prod-eu-1"/"cloud-1"/; s/"opensearch"/"ech"/; s/vQ3mXk2nTfOa1ZrB7yWc5g/aQ3mXk2nTfOa1ZrB7yWc5g/; s/es.example.corp:9200/cloud.example.corp/' \
    "$T/target.json" >cloud.json
"$GEN" -q --state "$T/state.alice" trust draft --from-installed --target cloud.json -o t2.json >/dev/null &&
    "$GEN" -q --state "$T/state.alice" trust seal t2.json -o t2.snapseal-trust >/dev/null && sign_trust t2.snapseal-trust t2s.snapseal-trust &&
    gen alice -q trust install t2s.snapseal-trust || say 'trust 2'
sed 's/"target": "prod-eu-1"/"target": "cloud-1"/' c.json >cc.json
expect_exit 0 gen alice new --batch --from cc.json --rotate cloud-1 --ticket CHG-7 k.json
has 'new keys for client secondary-2, and the repository is registered with it' "$ERR"
has '"client": "secondary-2"' "$(cat k.json)"
expect_exit 0 gen alice new --batch --from k.json --rotate cloud-1 --ticket CHG-7 k3.json
has '"client": "secondary-3"' "$(cat k3.json)"
finish
