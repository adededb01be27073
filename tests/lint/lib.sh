# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Common to the lint scripts: which files are ours, and how a finding is told.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
found=0
[ -n "$(git ls-files '*.c' 2>/dev/null)" ] || {
    echo "not a git checkout: there is nothing to look at"
    exit 1
}
say() {
    printf '%s\n' "$*"
    found=1
}
need() {
    command -v "$1" >/dev/null || {
        echo "skipped: $1 is not installed (tools/setup test)"
        exit 77
    }
}
sources() { git ls-files '*.c'; }
headers() { git ls-files '*.h' '*.def'; }
product() { git ls-files 'bundle-format/*.c' 'gen/*.c' 'verify/*.c'; }
finish() {
    [ "$found" = 0 ] && echo "nothing found"
    exit "$found"
}
