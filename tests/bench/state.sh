#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of tests/bench/run about state: what it costs to keep it in a file, beside
# a software TPM that keeps its own on the same file system; and what it costs to have
# many vTPMs. /dev/vda is an empty disk.
#
#	state.sh ROUNDS COUNT

set -euo pipefail

disk=$(mktemp -d)
modprobe -a virtio_blk ext4
mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 /dev/vda
mount /dev/vda "$disk"

vtpmctl host anchor --new --ledger "$disk/ledger"

# Few before many: what was used once is there to be used again.
mkdir "$disk/many"
tests/bench/many "with a state file" 50 auto "$disk/many"
tests/bench/many "without a state file" "$2" auto
tests/bench/many "in software" "$2" software

vtpm=$(vtpmctl create --state "$disk/state")
vtpmctl power on "$vtpm"
mkdir "$disk/swtpm"
swtpm socket --tpm2 --tpmstate "dir=$disk/swtpm" --server "type=unixio,path=$disk/data" \
	--ctrl "type=unixio,path=$disk/ctrl" --flags not-need-init,startup-clear \
	>"$disk/log" 2>&1 &
for ((i = 0; i < 600; i++)); do
	[ ! -S "$disk/data" ] || break
	sleep 0.1
done
[ -S "$disk/data" ] || { cat "$disk/log" >&2; exit 1; }
tpm2_startup -T "device:$vtpm" -c
for command in NV_Write NV_Increment NV_DefineSpace EvictControl; do
	tests/bench/times -n "$1" -m "$command" "$vtpm" "$disk/data"
done | sed 's/^time/kept/'
sync
printf 'size\tvTPM\t%s\t%s\n' "$(stat -c %s "$disk/state")" "$(($(stat -c %b "$disk/state") * 512))"
printf 'size\tswtpm\t%s\t%s\n' "$(stat -c %s "$disk/swtpm/"*.permall)" \
	"$(($(stat -c %b "$disk/swtpm/"*.permall) * 512))"
