#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Functions that are not used here, one wrapper file a library, nothing of the machine it was written on.
. "$(dirname "$0")/lib.sh"
mapfile -t code < <(product)
hits() { grep -nE "$1" "${code[@]}" /dev/null; }
while read -r h; do say "$h"; done < <(hits '(^|[^a-z_])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|system|popen|tmpnam|mktemp|alloca|realloc)[ ]*\(')
# the libraries never print, exit or abort (the command-line layer is not one of them)
while read -r h; do say "$h: a library function prints or exits"; done < <(git ls-files 'bundle-format/src/*.c' | grep -v '/cli/' |
    xargs grep -nE '(^|[^a-z_])(printf|puts|fputs|fprintf|exit|abort|_exit|syslog|perror)[ ]*\(' /dev/null)
one() { # header, the files that may include it
    local pattern=$1 h
    shift
    while read -r h; do
        for f in "$@"; do [ "$h" = "$f" ] && continue 2; done
        say "$h includes $pattern"
    done < <(grep -lE "#include <$pattern" "${code[@]}" /dev/null)
}
one 'sodium' bundle-format/src/crypto_sodium.c
one 'openssl/' bundle-format/src/crypto_openssl.c
one 'archive' bundle-format/src/seal/pack.c bundle-format/src/seal/unpack.c
one 'curl/' verify/applier/http.c
one '(cjson/)?cJSON' verify/applier/answer.c
while read -r h; do say "$h: a path of somebody's machine"; done < <(git grep -nIE '/(root|home/[a-z]+|work)/' -- . ':!tests/lint/banned.sh' | cut -d: -f1,2)
# libcurl's SigV4 may be a partner in tests, never in the product
finish
