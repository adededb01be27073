# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The examples of a page, taken out and run as they stand. A literal block of a man page is marked on the line before .Bd,
# an indented block of a Markdown page on the line before it (<!-- example: ... -->):
#     .\" example: run N       a session; those of all pages run in the order of their numbers: "$ command", "> more of it", and the lines that it must print, where "..." stands
#                              for any text and a line "..." for any lines. A command must succeed, unless "$ echo $?" follows.
#     .\" example: lab N       the same; it needs servers, and is run by tests/e2e/man_examples.sh
#     .\" example: file NAME   written to NAME before the sessions run
#     .\" example: shown       only shown
set -u

# page, directory -> files "NUMBER KIND NAME" (blocks) in the directory; fails on a block in EXAMPLES without a mark
examples_take() {
    awk -v dir="$2" -v page="$1" '
        function unmark(t) { gsub(/\\e/, "\\", t); gsub(/\\&/, "", t); gsub(/\\\(dq/, "\"", t); gsub(/\\-/, "-", t); return t }
        function start(words) { n++; name = sprintf("%s/%03d %s", dir, n, words); printf "" >name }
        /^\.Sh / { section = $2 }
        /^\.\\" example: / { mark = $0; sub(/^[^:]*: /, "", mark); next }
        /^<!-- example: .* -->$/ { mark = $0; sub(/^[^:]*: /, "", mark); sub(/ -->$/, "", mark); md = 1; next }
        /^\.Bd -literal/ {
            if (mark == "" && section == "EXAMPLES") { print page ": a block without a mark, line " NR >"/dev/stderr"; bad = 1 }
            if (mark != "") { start(mark); inside = 1 }
            mark = ""; next
        }
        /^\.Ed/ { if (inside) close(name); inside = 0; next }
        md && /^    / { if (!inside) { start(mark); inside = 1 } print substr($0, 5) >name; next }
        md && inside { if ($0 == "") { blank++; next } close(name); inside = 0; md = 0; mark = "" }
        inside { print unmark($0) >name }
        END { exit bad }' "$1"
}

# Expected and actual output in two files; "..." is any text.
examples_same() {
    python3 - "$1" "$2" <<'END'
import re, sys
want = open(sys.argv[1]).read()
got = open(sys.argv[2], errors="backslashreplace").read()
pattern = "".join(
    "(?:.*\n)*" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + "\n"
    for line in want.splitlines())
sys.exit(0 if re.fullmatch(pattern, got) else 1)
END
}

# One session: commands run one after the other in this shell, in the current directory.
examples_failed=0
examples_commands=0
examples_end() { # judges the command that ran last; next command in $1
    [ -n "${examples_command:-}" ] || return 0
    if [ "$examples_code" != 0 ] && [ "$1" != 'echo $?' ]; then
        echo "$examples_page: exit $examples_code: $examples_command"
        sed 's/^/    /' "$examples_work/got"
        examples_failed=1
    elif ! examples_same "$examples_work/want" "$examples_work/got"; then
        echo "$examples_page: other output: $examples_command"
        diff "$examples_work/want" "$examples_work/got" | sed 's/^/    /'
        examples_failed=1
    fi
}
examples_start() {
    examples_command=$1
    : >"$examples_work/want"
    examples_commands=$((examples_commands + 1))
    (exit "$examples_code")
    eval "$1" >"$examples_work/got" 2>&1 </dev/null
    examples_code=$?
}
examples_session() { # page, file of the session
    examples_page=$1
    examples_command=''
    examples_code=0
    local line pending=''
    while IFS= read -r line <&9; do
        case $line in
        '$ '*)
            [ -z "$pending" ] || examples_start "$pending"
            examples_end "${line#\$ }"
            examples_command=''
            pending=${line#\$ }
            ;;
        '> '*) pending="$pending"$'\n'"${line#> }" ;;
        *)
            [ -z "$pending" ] || examples_start "$pending"
            pending=''
            printf '%s\n' "$line" >>"$examples_work/want"
            ;;
        esac
    done 9<"$2"
    [ -z "$pending" ] || examples_start "$pending"
    examples_end ''
}

# All examples of a kind (run, lab) of the pages: files first, then sessions in the order of their numbers.
examples_run() { # kind, page...
    local f name page kind=$1
    shift
    examples_work=$(mktemp -d)
    for page in "$@"; do
        mkdir "$examples_work/${page##*/}"
        examples_take "$page" "$examples_work/${page##*/}" || examples_failed=1
    done
    for f in "$examples_work"/*/*; do
        name=${f##*/}
        case $name in
        *' file '*) cp "$f" "${name#* file }" ;;
        *' run '[0-9]* | *' lab '[0-9]* | *' shown') ;;
        *)
            echo "${f%/*}: unknown mark: $name"
            examples_failed=1
            ;;
        esac
    done
    while IFS=$'\t' read -r name f; do
        page=${f%/*}
        examples_session "${page##*/}" "$f"
    done < <(for f in "$examples_work"/*/*" $kind "*; do printf '%s\t%s\n' "${f##* "$kind" }" "$f"; done | sort -n)
    rm -rf -- "$examples_work"
}
