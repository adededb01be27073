#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# diff of two bundles and against the one applied last; what approve shows as new.
. "$(dirname "$0")/lib.sh"
world
applied() { # PERSON MANIFEST-SHA256: what an imported receipt writes down
    sed -i 's/"log_index":-1/"log_index":0/; s/"outcome":""/"outcome":"applied"/' "$T/state.$1/bundles/$2.json"
}
change c.json
seal c.json 1.snapseal --open
sed 's#prod/es#elsewhere#' c.json >d.json
seal d.json 2.snapseal --open
expect_err LAST_NONE gen alice diff 2.snapseal
expect_exit 0 gen alice diff 1.snapseal 2.snapseal
# each line of the difference stands in the sheet that it is said to be of, and nothing else differs: what is left is one text
for n in 1 2; do gen alice inspect --sheet $n.snapseal >sheet.$n; done
python3 - "$OUT" <<'E' || say 'the lines of the difference do not make one sheet of the other'
import collections, sys
minus, plus = ([l[2:] for l in sys.argv[1].split('\n') if l.startswith(m)] for m in ('- ', '+ '))
one, two = (collections.Counter(open(f'sheet.{n}').read().split('\n')) for n in (1, 2))
assert minus and plus
assert one - collections.Counter(minus) == two - collections.Counter(plus), (one - two, two - one)
assert not collections.Counter(minus) - one and not collections.Counter(plus) - two
E
has '  6 THE REGISTER REQUEST' "$OUT"
has '+ Setting       base_path = "elsewhere"' "$OUT"
hasnt 'Bucket region' "$OUT"
expect_exit 1 gen alice diff --exit-code 1.snapseal 2.snapseal
expect_exit 0 gen alice diff --exit-code 2.snapseal 2.snapseal
same "$OUT" ''
# a missing line is as much of a difference as a new one
expect_exit 0 gen alice --json diff 2.snapseal 1.snapseal
same "$(jq -r '.lines[]' <<<"$OUT" | grep -c '^- Setting  *base_path = "elsewhere"')" 1
same "$(jq -r .to <<<"$OUT")" "$(pin_of 1.snapseal)"

# ---- against the one applied last, where it was made
applied alice "$(pin_of 1.snapseal)"
expect_exit 0 gen alice diff 2.snapseal
has '+ Setting       base_path = "elsewhere"' "$OUT"
expect_exit 0 gen alice --json diff 2.snapseal
same "$(jq -r .from_serial <<<"$OUT")" 1

# ---- and where it was approved: bob sees what is new
expect_exit 0 gen bob approve 1.snapseal --as bob -k bob.key --ticket CHG-1
has '(no bundle applied to prod-eu-1 is known here' "$ERR"
file_there "state.bob/bundles/$(pin_of 1.snapseal).snapseal"
same "$(mode_of "state.bob/bundles/$(pin_of 1.snapseal).snapseal")" 600
sed 's/"openings":\[[^]]*\]/"openings":[]/' "state.alice/bundles/$(pin_of 1.snapseal).json" >"state.bob/bundles/$(pin_of 1.snapseal).json"
chmod 600 "state.bob/bundles/$(pin_of 1.snapseal).json"
expect_exit 0 gen bob approve 2.snapseal --as bob -k bob.key --ticket CHG-1
has 'new against serial 1, applied last' "$ERR"
has '+ Setting       base_path = "elsewhere"' "$ERR"
# a kept bundle that was damaged is told, not compared
printf '\001' | dd of="state.bob/bundles/$(pin_of 1.snapseal).snapseal" bs=1 seek=700 conv=notrunc status=none
expect_exit 3 gen bob diff 2.snapseal
finish
