#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# lint of policies against a table, beside PyPI's parliament where tools/setup oracles could have it; docs/policy-lint.md.
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154 # here is of lib.sh
oracles=$("$here/tools/setup" --oracles)
if [ -x "$oracles/bin/parliament" ]; then
    expect_exit 0 python3 "$here/tests/cli/policy_lint.py" "$GEN" "$oracles/bin/parliament"
    has 'both linters' "$OUT"
else
    echo "notice: no parliament (tools/setup oracles): its column of the table is not compared"
    expect_exit 0 python3 "$here/tests/cli/policy_lint.py" "$GEN"
    has 'ours alone' "$OUT"
fi
finish
