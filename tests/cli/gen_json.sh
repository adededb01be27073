#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --json: one document on stdout from every verb, of the members that the man page names.
. "$(dirname "$0")/lib.sh"
# members of the document in $OUT, or that it is none
members() { printf '%s' "$OUT" | python3 -c 'import json,sys; print(" ".join(sorted(json.load(sys.stdin))))' 2>/dev/null || echo 'no document'; }
value() { printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

world
expect_exit 0 "$GEN" -q --json keygen -o k.age
same "$(members)" 'file recipient'
expect_exit 0 gen alice -q --json new --batch --ticket CHG-1 --reason r --repository s3-secondary --bucket acme-snapshots \
    --base-path p --region eu-west-1 --iam-user es-snap --iam-mode manual c.json
same "$(members)" 'file'
expect_exit 0 gen alice --json lint c.json
same "$(members)" 'change errors findings warnings'
expect_exit 0 "$GEN" --json lint --list
same "$(members)" 'findings'
expect_exit 0 gen alice --json handout c.json
same "$(members)" 'lines'
expect_exit 0 gen alice -q --json seal c.json --author alice -k alice.key --secrets keys.csv --open -o b.snapseal
same "$(members)" 'file sha256'
same "$(value sha256)" "$(pin_of b.snapseal)"
expect_exit 0 gen bob -q --json approve b.snapseal --as bob -k bob.key --ticket CHG-1
same "$(value file)" b.bob.snapseal
expect_exit 0 gen bob -q --json approve b.snapseal --export ex
same "$(value directory)" ex
expect_exit 0 gen bob -q --json approve b.snapseal --as bob -k bob.key --ticket CHG-1 --detached
same "$(value file)" manifest.json.sig
expect_exit 0 gen alice -q --json approve --import manifest.json.sig b.snapseal
same "$(value file)" b.merged.snapseal
expect_exit 0 gen alice --json inspect b.bob.snapseal
same "$(members)" 'approvals approved checks early id manifest sealed sha256 signatures verdict where'
# a refused one is told as a document too, beside the error line
printf '\377' | dd of=b.bob.snapseal bs=1 seek=600 conv=notrunc status=none
expect_err AUTHOR_NONE gen alice --json inspect b.bob.snapseal
same "$(value verdict) $(value id)" 'refused AUTHOR_NONE'
expect_exit 0 gen alice --json status
same "$(members)" 'changes debts trust'
expect_exit 0 "$GEN" -q --json trust draft --from-installed --state state.alice -o d.json
same "$(members)" 'file'
expect_exit 0 "$GEN" -q --json trust seal d.json -o t.snapseal-trust
same "$(members)" 'file sha256'
expect_exit 0 "$GEN" -q --json trust sign t.snapseal-trust --as erin -k erin.key -o t1.snapseal-trust
same "$(value sha256)" "$(pin_of t.snapseal-trust)"
# frank's key is in the agent
start_agent
ssh-add -q frank.key
expect_exit 0 "$GEN" -q --json trust sign t1.snapseal-trust --as frank -o t2.snapseal-trust
expect_err AGENT "$GEN" -q trust sign t1.snapseal-trust --as erin -o no
expect_exit 0 gen alice --json trust install t2.snapseal-trust
same "$(members)" 'domain expires sha256 version'
same "$(value version)" 2
expect_exit 0 gen alice --json trust show
same "$(value version)" 2
finish
