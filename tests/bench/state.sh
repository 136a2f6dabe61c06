#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of tests/bench/run about state: what it costs to keep it in a file, beside
# a software TPM that keeps its own on the same file system; and what it costs to have
# many vTPMs. /dev/vda is an empty disk.
#
#	state.sh ROUNDS COUNT

set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. tests/bench/lib.sh
# shellcheck source=tests/selftests/tpm.sh
. tests/selftests/tpm.sh

disk=$(mktemp -d)
modprobe -a virtio_blk ext4
mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 /dev/vda
mount /dev/vda "$disk"

vtpmctl host anchor --new --ledger "$disk/ledger"

mkdir "$disk/many"
tests/bench/many "with a state file" "$2" auto "$disk/many"
rm -r "$disk/many"
sync
tests/bench/many "without a state file" "$2" auto
tests/bench/many "in software" "$2" software

vtpm=$(vtpmctl create --state "$disk/state")
vtpmctl power on "$vtpm"
start_swtpm_server "$disk/swtpm"
startup "$vtpm"
for command in NV_Write NV_Increment NV_DefineSpace EvictControl; do
	tests/bench/times -n "$1" -m "$command" "$vtpm" "$disk/swtpm/data"
done | sed 's/^time/kept/'
sync
printf 'size\tvTPM\t%s\t%s\n' "$(stat -c %s "$disk/state")" "$(($(stat -c %b "$disk/state") * 512))"
printf 'size\tswtpm\t%s\t%s\n' "$(stat -c %s "$disk/swtpm/"*.permall)" \
	"$(($(stat -c %b "$disk/swtpm/"*.permall) * 512))"
