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
# shellcheck source=tests/bench/lib.sh
. "$repo_root/tests/bench/lib.sh"

images=$1
rounds=$2
boots=$3
commands=(PCR_Extend GetRandom Sign)
kernel=$(stock_prefix "$VM_STOCK_RELEASE")/boot/vmlinuz-$VM_STOCK_RELEASE
cmdline='console=ttyS0 quiet loglevel=2 panic=-1 pci=off clocksource=kvm-clock 8250.nr_uarts=1'

trace=/sys/kernel/tracing

cd "$repo_root"
modprobe vhost_vdpa
mountpoint -q $trace || mount -t tracefs tracefs $trace
echo 16384 >$trace/buffer_size_kb
echo 'port == 0xf4' >$trace/events/kvm/kvm_pio/filter
echo 1 >$trace/events/kvm/kvm_pio/enable
echo 1 >$trace/events/kvm/kvm_userspace_exit/enable

# guest NAME COMMAND...: measures in the guest that COMMAND boots, and prints
# "exits NAME COMMAND ROUNDS EXITS", which are those to the VMM between two marks.
guest() {
	local name=$1

	shift
	echo >$trace/trace
	"$@"
	awk -v OFS='\t' -v name="$name" -v rounds="$rounds" -v list="${commands[*]}" '
	/kvm_pio: pio_write at 0xf4 / { at[++marks] = exits }
	/kvm_userspace_exit: reason KVM_EXIT_(IO|MMIO) / { exits++ }
	END {
		n = split(list, commands, " ")
		if (marks < 2 * n)
			exit 1
		# The guest may have left marks before. One exit is that of the first mark.
		for (i = 1; i <= n; i++) {
			last = marks - 2 * (n - i)
			print "exits", name, commands[i], rounds, at[last] - at[last - 1] - 1
		}
	}' $trace/trace
}

crb() {
	local name=$1

	shift
	kvm-guest --mem 512 "$@" -- \
		tests/bench/latency /dev/tpm0 "$name" "$rounds" "${commands[@]}"
}

microvm() {
	local list=${commands[*]}

	userspace/microvm/microvm --no-xsave -m 192 -t new \
		-c "$cmdline job=bench rounds=$rounds commands=${list// /,}" \
		-i "$images/base.cpio" -i "$images/bench.cpio" "$kernel" 2>&1 |
		tr -d '\r' | tee /dev/stderr | sed -n 's/^@ //p'
}

swtpm=$(mktemp -d)
start_swtpm "$swtpm" ctrl
guest crb-swtpm crb crb-swtpm --tpm "$swtpm/ctrl"
vtpm=$(vtpmctl create --power-follows-open)
guest crb-vtpm crb crb-vtpm --tpm "$vtpm"
vtpmctl destroy "$vtpm"
guest vhost-vtpm microvm
userspace/microvm/boot-times -n "$boots" --no-xsave -m 160 -c "$cmdline job=off" \
	-i "$images/base.cpio" "$kernel" |
	awk -v OFS='\t' 'NR > 1 { print "boot", $1, $2, $3, $4 }'
