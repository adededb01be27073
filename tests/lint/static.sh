#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cppcheck over the product.
. "$(dirname "$0")/lib.sh"
need cppcheck
mapfile -t code < <(product)
cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 -j2 -D_GNU_SOURCE \
    --suppress=missingIncludeSystem --suppress=nullPointerOutOfMemory -Ibundle-format/include -Iverify -Iverify/applier -Igen \
    "${code[@]}" || found=1
finish
