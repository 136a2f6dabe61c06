#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of tests/bench/run that runs in the test host: counts the chip's
# commands, then starts a software TPM beside the vTPM and measures both.
#
#	inside.sh COST ROUNDS MATCH

set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. tests/bench/lib.sh

[ "$1" = no ] || tests/bench/cost /dev/vtpm0 /dev/tpm0 /dev/tpmrm0

dir=$(mktemp -d)
start_swtpm_server "$dir"
exec tests/bench/times -n "$2" -m "$3" /dev/vtpm0 "$dir/data"
