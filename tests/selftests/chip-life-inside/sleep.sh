#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The host sleeps (suspend to RAM), which resets the chip. The driver of 9p, on
# which the root is, does not survive that: what is needed from then on is put
# into memory before, and the machine is switched off from there. A state file
# and the ledger are on a disk, which does survive.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

root=/run/awake

# Programs, and the libraries that they need.
copy_in() {
	local file

	for file; do
		cp -L "$file" "$root/bin/" || return 1
		ldd "$file" 2>/dev/null | grep -o '/[^ ]*'
	done | sort -u | while read -r file; do
		mkdir -p "$root${file%/*}" && cp -L "$file" "$root$file"
	done
}

make_root() {
	mkdir "$root" && mount -t tmpfs tmpfs "$root" &&
		mkdir "$root"/{bin,usr,dev,proc,sys,run} && ln -s ../bin "$root/usr/bin" &&
		mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" &&
		mount --rbind /sys "$root/sys" &&
		busybox --install -s "$root/bin" &&
		copy_in /bin/bash "$(command -v vtpmctl)" ./client ./churn &&
		mkdir "$root/disk" && mount --bind "$work/disk" "$root/disk" &&
		cp --remove-destination /bin/busybox "$root/bin/" &&
		cp lib.sh ../../tap.sh awake.sh /run/vm-ctl "$work"/key* "$work/acks" "$root/"
}

if ! grep -qw deep /sys/power/mem_sleep; then
	skip_test "suspend to RAM" "this machine cannot"
	end_tests
fi
require load_module
require make_vtpms 0 1
require client /dev/vtpm0 make p256 "$work/key" hardware
require client /dev/vtpm0 make rsa2048 "$work/key-rsa" hardware
require client /dev/vtpm1 make p256 "$work/key1" hardware
require client /dev/vtpm0 seal
require modprobe -a virtio_blk ext4
require mkfs.ext4 -q /dev/vda
require mkdir "$work/disk"
require mount /dev/vda "$work/disk"
require vtpmctl host anchor --new --ledger "$work/disk/ledger"
require vtpmctl create --number 3 --state "$work/disk/state"
require vtpmctl power on 3
require client /dev/vtpm3 startup
require client /dev/vtpm3 make p256 "$work/key3" hardware
require churn setup /dev/vtpm3 "$work/acks"
require trace_on
require make_root
exec chroot "$root" /bin/env PATH=/bin /bin/bash /awake.sh
