#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of tests/bench/run that runs in the test host: counts the chip's
# commands, then starts a software TPM beside the vTPM and measures both.
#
#	inside.sh COST ROUNDS MATCH

set -euo pipefail

[ "$1" = no ] || tests/bench/cost /dev/vtpm0 /dev/tpm0 /dev/tpmrm0

dir=$(mktemp -d)
swtpm socket --tpm2 --tpmstate "dir=$dir" --server "type=unixio,path=$dir/data" \
	--ctrl "type=unixio,path=$dir/ctrl" --flags not-need-init,startup-clear \
	>"$dir/log" 2>&1 &
for ((i = 0; i < 100; i++)); do
	[ ! -S "$dir/data" ] || break
	sleep 0.1
done
[ -S "$dir/data" ] || { cat "$dir/log" >&2; exit 1; }

exec tests/bench/times -n "$2" -m "$3" /dev/vtpm0 "$dir/data"
