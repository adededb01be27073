#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# matrix.sh for a deployment of Elastic Cloud.
MATRIX_KIND=ech exec bash "$(dirname "$0")/matrix.sh"
