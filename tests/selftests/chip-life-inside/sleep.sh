#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The host sleeps (suspend to RAM), which resets the chip, while KVM guests run. The
# driver of 9p, on which the root is, does not survive that: what is needed from then
# on is put into memory before, and the machine is switched off from there. State
# files and the ledger are on a disk, which does survive. The argument is the guests'
# initramfs.

initramfs=$1
cd "$(dirname "$0")" || exit 1
tree=$(realpath ../../..)
# shellcheck source=scripts/lib.sh
. "$tree/scripts/lib.sh"
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh
# shellcheck source=tests/selftests/chip-life-inside/guests.sh
. ./guests.sh

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
		mkdir "$root"/{bin,usr,dev,proc,sys,run,etc} && ln -s ../bin "$root/usr/bin" &&
		mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" &&
		mount --rbind /sys "$root/sys" &&
		busybox --install -s "$root/bin" &&
		copy_in /bin/bash "$(command -v vtpmctl)" ./client ./churn &&
		mkdir "$root/disk" && mount --bind "$work/disk" "$root/disk" &&
		cp --remove-destination /bin/busybox "$root/bin/" &&
		cp lib.sh ../log.sh ../../tap.sh guests.sh awake.sh /run/vm-ctl "$root/"
}

# VMMs, firmware, and what the guests run from.
copy_guests() {
	copy_in "$(command -v qemu-system-x86_64)" "$tree/userspace/microvm/microvm" \
		"$tree/userspace/vtpmd/vtpmd" &&
		mkdir "$root/firmware" &&
		cp -L /usr/share/seabios/bios-256k.bin /usr/share/qemu/linuxboot_dma.bin \
			/usr/share/qemu/kvmvapic.bin "$root/firmware/" &&
		cp "$initramfs" "$root/initramfs" &&
		cp "$(stock_prefix "$VM_STOCK_RELEASE")/boot/vmlinuz-$VM_STOCK_RELEASE" \
			"$root/vmlinuz" &&
		echo 'vtpm:x:990:990::/:' >"$root/etc/passwd"
}

if ! grep -qw deep /sys/power/mem_sleep; then
	skip_test "suspend to RAM" "this machine cannot"
	end_tests
fi
require probes_set
require load_module
require modprobe -a vhost_vdpa virtio_blk ext4
require mkfs.ext4 -q /dev/vda
require mkdir "$work/disk"
require mount /dev/vda "$work/disk"
require trace_on
require make_root
require copy_guests
exec chroot "$root" /bin/env PATH=/bin /bin/bash /awake.sh
