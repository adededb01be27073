#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The pages say what the programs say: SPEC.md and the lists in the man pages are up to date; every verb and option of --help
# stands in its man page and the other way round, with its value; man pages pass mandoc; no link is dead; nothing is too wide.
. "$(dirname "$0")/lib.sh"
need mandoc
build=${SNAPSEAL_BUILD:-build/release}
work=$(mktemp -d) || exit 3
trap 'rm -rf -- "$work"' EXIT

while read -r hit; do say "$hit"; done < <(tools/spec --check 2>&1)

# ---- man pages ----

for page in docs/man/*.[1-9]; do
    [ -f "$page" ] || continue
    while read -r hit; do say "$hit"; done < <(mandoc -T lint -W warning "$page" 2>&1)
    while read -r hit; do say "$page: wider than 80 columns: $hit"; done < <(
        mandoc -T ascii -O width=78 "$page" | col -bx | grep -E '^.{81}')
done
for section in 'EXIT STATUS' FILES EXAMPLES DIAGNOSTICS; do
    for page in snapseal-gen.1 snapseal-verify.1 snapseal.5 verify.conf.5; do
        [ ! -f "docs/man/$page" ] || grep -qx "\.Sh $section" "docs/man/$page" || say "docs/man/$page: no section $section"
    done
done

# A line "VERB<tab>option" for each option of a man page: ".Ss VERB OPERANDS", ".It Fl k , Fl -key Ar FILE". VERB is "-" in
# OPTIONS, and an option of "-" is the verb itself.
of_page() {
    awk -v OFS='\t' '
        /^\.S[hs] / { verb = "" }
        /^\.Sh OPTIONS$/ { verb = "-" }
        /^\.Ss / {
            for (i = 2; i <= NF && $i ~ /^[a-z][a-z-]*$/; i++) verb = verb (i > 2 ? " " : "") $i
            if (verb != "") print verb, "-"
        }
        /^\.It Fl / && verb != "" {
            name = ""; letter = ""; value = ""
            for (i = 2; i <= NF; i++) {
                if ($i == "Fl" && $(i + 1) ~ /^-/) name = $(i + 1)
                else if ($i == "Fl") letter = $(i + 1)
                else if ($i == "Ar") value = $(i + 1)
            }
            print verb, (letter != "" ? "-" letter ", " : "") "-" name (value != "" ? " " value : "")
        }' "docs/man/$1.1"
}
# The same from --help.
options_of() {
    awk -v OFS='\t' -v verb="$1" '
        /^[a-z].*:$/ { common = /with every verb/ }
        /^  (-., |    )--/ && (verb == "-") == common {
            label = $0; sub(/^ +/, "", label); sub(/  .*/, "", label)
            print verb, label
        }'
}
of_help() {
    local verb
    "$1" --help | awk '/^verbs:/ { on = 1; next } /^[a-z]/ { on = 0 } on && /^  [a-z]/ {
        label = substr($0, 3); sub(/  .*/, "", label); n = split(label, w, " "); name = ""
        for (i = 1; i <= n && w[i] ~ /^[a-z][a-z-]*$/; i++) name = name (i > 1 ? " " : "") w[i]
        print name }' >"$work/verbs"
    "$1" --help | options_of - | grep -v -e '--help' -e '--version'
    while read -r verb; do
        printf '%s\t-\n' "$verb"
        # shellcheck disable=SC2086
        "$1" $verb --help | options_of "$verb"
    done <"$work/verbs"
}
for name in snapseal-gen snapseal-verify; do
    program=$build/${name#snapseal-}/$name
    [ -f "docs/man/$name.1" ] || continue
    if [ ! -x "$program" ]; then
        echo "$name is not built: its man page was not compared with --help"
        continue
    fi
    of_page $name | grep -v -e '--help' -e '--version' | sort >"$work/page"
    of_help "$program" | sort >"$work/help"
    [ -s "$work/verbs" ] || say "$name --help: no verbs found"
    while IFS=$'\t' read -r verb option; do
        say "docs/man/$name.1: $verb: not in --help, or not in this form: $option"
    done < <(comm -23 "$work/page" "$work/help")
    while IFS=$'\t' read -r verb option; do
        say "docs/man/$name.1: $verb: in --help, not here: $option"
    done < <(comm -13 "$work/page" "$work/help")
    for verb in '' $(cut -d' ' -f1 "$work/verbs"); do
        while read -r hit; do say "$name $verb --help: wider than 79 columns: $hit"; done < <(
            "$program" $verb --help 2>/dev/null | grep -E '^.{80}')
    done
done

# ---- refusals ----

defs=$(sed -n 's/^BF_ERROR(\([A-Z0-9_]*\),.*/\1/p' bundle-format/include/bf/errors.def)
if [ -f docs/man/snapseal-gen.1 ] && [ -f docs/man/snapseal-verify.1 ] && [ -f docs/man/snapseal.5 ]; then
    for id in $defs; do
        cat docs/man/*.[1-9] | grep -qE "^\.It Sy $id( |$)" || say "$id: no entry in a man page (tools/spec)"
    done
fi
# an id that no list has: told wrongly, or renamed
kinds=$(sed -n 's/_.*//p' <<<"$defs" | sort -u | paste -sd'|')
while IFS=: read -r file id; do
    [ "$id" = NO_COLOR ] || grep -qx "$id" <<<"$defs" || say "$file: there is no refusal $id"
done < <(git ls-files 'README.md' 'docs/*' 'bundle-format/spec.d/*' | xargs grep -oE "\b($kinds)_[A-Z0-9_]*[A-Z0-9]\b" /dev/null | sort -u)

# ---- Markdown ----

while read -r file; do
    while read -r link; do
        target=${link%%#*}
        case $target in
        '' | http://* | https://* | mailto:*) continue ;;
        esac
        [ -e "$(dirname "$file")/$target" ] || say "$file: dead link: $link"
    done < <(grep -oE '\]\([^) ]+\)' "$file" | sed 's/^](//; s/)$//')
    case $file in
    README.md | docs/*)
        while read -r hit; do say "$file: wider than 120 columns: line $hit"; done < <(
            grep -nE '^.{121}' "$file" | grep -vE '^[0-9]+:(\||    )|\]\(http' | cut -d: -f1)
        ;;
    esac
done < <(git ls-files '*.md')
finish
