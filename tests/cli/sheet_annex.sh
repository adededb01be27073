#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The sheets that the unit test makes, made once more by a program that was written from annex B alone.
set -eu
command -v python3 >/dev/null || { echo "skipped: python3 is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
SNAPSEAL_SHEET_CASES=$work "$SNAPSEAL_BUILD/tests/test_sheet" >/dev/null
python3 tests/support/sheet.py bundle-format/spec.d/C-reasons.md "$work"/*/
