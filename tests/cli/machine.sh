#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Faults of the machine: memory that cannot be locked, a crypto library that does not work. Neither is a verdict, and nothing is left behind.
. "$(dirname "$0")/lib.sh"
if [ "$(id -u)" = 0 ]; then
    unlocked=(setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock prlimit --memlock=0)
else
    unlocked=(prlimit --memlock=0)
fi
grep -q __asan_init "$GEN" || { # AddressSanitizer makes mlock() do nothing
expect_err MEMORY_NOT_LOCKED "${unlocked[@]}" "$GEN" keygen --out "$T/new.age"
no_file "$T/new.age"
}
expect_exit 0 "$GEN" keygen --out "$T/new.age"
file_there "$T/new.age"

# libcrypto with a configuration that loads none of its algorithms
printf '%s\n' 'openssl_conf = none' '[none]' 'providers = few' '[few]' 'base = on' '[on]' 'activate = 1' >"$T/few.cnf"
world
expect_err CRYPTO env OPENSSL_CONF="$T/few.cnf" "$GEN" --state "$T/state.alice" trust show "$T/trust.snapseal-trust"
finish
