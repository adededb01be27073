#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The node's helper with one fault, for the tests that show undo and resume: fault_node.sh DIR HELPER [ARGUMENT...]
# DIR/node-fault, one line "VERB FAULT", is met by the first request of that verb once DIR/when is there. FAULT: as fault_proxy.py
# has them; cut is an end without an answer.
dir=$1
shift
IFS= read -r line
verb=${line#snapseal-node/1 }
verb=${verb%% *}
fault=
if [ -e "$dir/when" ] && [ -e "$(cat "$dir/when")" ] && [ -e "$dir/node-fault" ]; then
    read -r want what <"$dir/node-fault"
    if [ "$want" = "$verb" ] && mv "$dir/node-fault" "$dir/met" 2>/dev/null; then fault=$what; fi
fi
run() { { printf '%s\n' "$line" && cat; } | "$@"; }
case $fault in
error)
    printf 'snapseal-node/1 error io\nend\n'
    exit 1
    ;;
cut-before) exit 255 ;;
cut-after)
    run "$@" >/dev/null
    exit 255
    ;;
silent)
    run "$@" >/dev/null
    exec sleep 400
    ;;
kill-us)
    run "$@" >/dev/null
    "$dir/kill-us"
    exit 255
    ;;
kill-server) "$dir/kill-server" ;;
esac
run "$@"
