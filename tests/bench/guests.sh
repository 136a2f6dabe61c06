#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of tests/bench/run that runs in a test host with KVM: the same kernel
# in three guests, one after the other, whose TPMs come different ways, and how
# long it takes to boot. $1 is where tests/microvm/initramfs has put its archives,
# $2 how often each command is measured, $3 how often a guest is booted.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

images=$1
rounds=$2
boots=$3
commands=(PCR_Extend GetRandom Sign)
kernel=$(stock_prefix "$VM_STOCK_RELEASE")/boot/vmlinuz-$VM_STOCK_RELEASE
cmdline='console=ttyS0 quiet loglevel=2 panic=-1 pci=off clocksource=kvm-clock 8250.nr_uarts=1'

cd "$repo_root"
modprobe vhost_vdpa

# What its marks say of the guest's exits: "exits COMMAND ROUNDS EXITS".
microvm() {
	userspace/microvm/microvm --no-xsave -m 192 -t new \
		-c "$cmdline job=bench rounds=$rounds" \
		-i "$images/base.cpio" -i "$images/bench.cpio" "$kernel" 2>&1 |
		tr -d '\r' | tee /dev/stderr | awk -v OFS='\t' '
		$1 == "@" { sub(/^@ /, ""); print }
		$2 == "mark" { exits[$3] = $6 }
		$1 == "@exits" { print "exits", $2, $3, exits[$5 ":"] - exits[$4 ":"] - 1 }'
}

swtpm=$(mktemp -d)
swtpm socket --tpm2 --tpmstate "dir=$swtpm" --ctrl "type=unixio,path=$swtpm/ctrl" \
	>"$swtpm/log" 2>&1 &
kvm-guest --no-tpm --mem 512 --qemu -chardev --qemu "socket,id=c,path=$swtpm/ctrl" \
	--qemu -tpmdev --qemu emulator,id=tpm,chardev=c \
	--qemu -device --qemu tpm-crb,tpmdev=tpm -- \
	tests/bench/latency /dev/tpm0 crb-swtpm "$rounds" "${commands[@]}"
vtpm=$(vtpmctl create --power-follows-open)
kvm-guest --tpm "$vtpm" --mem 512 -- \
	tests/bench/latency /dev/tpm0 crb-vtpm "$rounds" "${commands[@]}"
vtpmctl destroy "$vtpm"
microvm
userspace/microvm/boot-times -n "$boots" --no-xsave -m 160 -c "$cmdline job=off" \
	-i "$images/base.cpio" "$kernel" |
	awk -v OFS='\t' 'NR > 1 { print "boot", $1, $2, $3, $4 }'
