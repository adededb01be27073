#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every shell script passes shellcheck.
. "$(dirname "$0")/lib.sh"
need shellcheck
mapfile -t scripts < <(git grep -lE '^#!/bin/(ba)?sh' -- . ; git ls-files '*/lib*.sh')
shellcheck -x -S warning -e SC1090,SC1091,SC2034 "${scripts[@]}" || found=1
finish
