#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vTPMs as vDPA devices: the management device, and the host itself as the user
# through virtio-vdpa and tpm_virtio. Prints TAP.

set -uo pipefail
cd "$(dirname "$0")/../../userspace" || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
. ../tests/tap.sh

unique=$work/unique

# Fails with the given status, and says something that matches.
refused() {
	local status=$1 regex=$2 out code=0

	shift 2
	out=$("$@" 2>&1) || code=$?
	[ "$code" = "$status" ] && grep -Eq -- "$regex" <<<"$out" && return
	echo "$*: status $code: $out"
	return 1
}

# Waits for a condition, 10 seconds at most.
soon() {
	local i

	for ((i = 0; i < 100; i++)); do
		"$@" && return
		sleep 0.1
	done
	echo "not soon: $*"
	return 1
}

gone() { [ ! -e "$1" ]; }
quiet() { "$@" >/dev/null 2>&1; }

# tpm TOOL ARG...: one of the tpm2-tools on the host's TPM.
tpm() {
	local tool=$1

	shift
	"tpm2_$tool" -T "device:$node" "$@"
}

pcr() { tpm pcrread -Q -o /dev/stdout "sha256:$1" | od -An -tx1 | tr -d ' \n'; }

attach() {
	node=$(./vtpmctl attach --host "$1") || return
	[[ $node = /dev/tpm[0-9]* ]] && [ -c "$node" ] && rm=${node/tpm/tpmrm} &&
		[ -c "$rm" ]
}

detach() { ./vtpmctl detach "$1" && soon gone "$node"; }

rebind() {
	local i

	for ((i = 0; i < 10; i++)); do
		detach 500 && attach 500 || return
	done
}

# The driver of the host's alone is unbound and bound.
rebind_driver() {
	local i dev

	dev=$(basename "$(readlink -f "/sys/class/tpm/${node#/dev/}/device")")
	for ((i = 0; i < 50; i++)); do
		echo "$dev" >/sys/bus/virtio/drivers/tpm_virtio/unbind || return
		soon gone "$node" || return
		echo "$dev" >/sys/bus/virtio/drivers/tpm_virtio/bind || return
		node=/dev/$(basename "/sys/bus/virtio/devices/$dev/tpm/"tpm*)
		[ -c "$node" ] || return
	done
}

# tpm_virtio as it was built for this kernel.
driver=../drivers/char/tpm/tpm_virtio.ko
[ "${VM_KERNEL-}" != debug ] || driver=../build/debug/src/drivers/char/tpm/tpm_virtio.ko

pcr_is_kept() { [ "$(pcr 10)" = "$extended" ]; }

# Every pair of hex digits of the digest, extended into PCR 10.
extend() {
	local digest

	digest=$(printf 'kernel' | sha256sum | cut -d ' ' -f 1)
	tpm pcrextend "10:sha256=$digest" && extended=$(pcr 10) &&
		[ "$extended" != "$(printf '0%.0s' {1..64})" ]
}

random() {
	local out

	out=$(tpm2_getrandom -T "device:$1" --hex 16) && [ ${#out} = 32 ]
}

# Two that use it at once, through the kernel's resource manager.
two_at_once() {
	local i pid

	for i in 1 2 3; do random "$rm" || exit; done &
	pid=$!
	for i in 1 2 3; do random "$rm" || return; done
	wait "$pid"
}

sign() {
	local dir

	dir=$(mktemp -d) || return
	(
		cd "$dir" && echo data >data &&
		tpm2_createprimary -Q -T "device:$rm" -C o -G ecc -c primary.ctx &&
		tpm2_create -Q -T "device:$rm" -C primary.ctx -G ecc -u pub -r priv &&
		tpm2_load -Q -T "device:$rm" -C primary.ctx -u pub -r priv -c key.ctx &&
		tpm2_sign -Q -T "device:$rm" -c key.ctx -g sha256 -o sig data &&
		tpm2_verifysignature -Q -T "device:$rm" -c key.ctx -g sha256 -s sig -m data
	)
	set -- "$?"
	rm -r "$dir"
	return "$1"
}

# A program that reads a long response in parts, as /dev/tpmN allows.
selftest() {
	local reply

	exec 7<>"$node" || return 1
	printf '\x80\x01\0\0\0\x0c\0\0\x01\x7b\0\x10' >&7
	reply=$({ head -c 10; cat; } <&7 | wc -c)
	exec 7>&-
	[ "$reply" = 28 ]
}

# A key generation, under way in the background as $slow. How long one takes is
# chance, so there is another where the first was quick; and the same is not made
# twice.
slow() {
	local _

	for _ in {1..50}; do
		head -c 32 /dev/urandom >"$unique"
		tpm2_createprimary -Q -T "device:$node" -C n -G rsa3072 -u "$unique" \
			>/dev/null 2>&1 &
		slow=$!
		sleep 0.3
		! kill -0 "$slow" 2>/dev/null || return 0
	done
	return 1
}

# Who waits for a command is killed: the device still has the command's buffer.
killed() {
	slow || return
	kill -KILL "$slow"
	wait "$slow"
	random "$node"
}

# The driver goes while a command is under way, which it waits for.
detach_busy() {
	slow || return
	detach "$1" || return
	wait "$slow"
	true
}

# The same for the whole device, as a host does that takes a vTPM away.
del_busy() {
	slow || return
	vdpa dev del "$1" && soon gone "$node" || return
	wait "$slow"
	true
}

# The kernel's random numbers come from it, among others.
hwrng() {
	local rng=/sys/class/misc/hw_random old

	grep -q "tpm-rng-${node#/dev/tpm}" "$rng/rng_available" || return
	read -r old <"$rng/rng_current"
	echo "tpm-rng-${node#/dev/tpm}" >"$rng/rng_current" &&
		[ "$(head -c 32 /dev/hwrng | wc -c)" = 32 ]
	set -- "$?"
	[ "$old" = none ] || echo "$old" >"$rng/rng_current"
	return "$1"
}

# What udev does for a new device: the module is found by the device's modalias.
autoload() {
	local dir=/run/autoload/lib/modules alias

	dir=$dir/$(uname -r)
	alias=$(cat "/sys/class/tpm/${node#/dev/}/device/modalias")
	[ "$alias" = virtio:d0000003Ev4D505456 ] || { echo "$alias"; return 1; }
	mkdir -p "$dir" && cp "$driver" "$dir" &&
		touch "$dir"/modules.{order,builtin,builtin.modinfo} &&
		depmod -b /run/autoload || return
	rmmod tpm_virtio && soon gone "$node" &&
		modprobe -d /run/autoload "$alias" || return
	node=/dev/$(basename /sys/bus/vdpa/devices/vtpm500/virtio*/tpm/tpm*)
	soon test -c "$node"
}

# What comes first when the host suspends: those who have vTPMs are told, and all
# processes frozen, in the middle of what they are at; then it is undone.
freeze() {
	local power=/sys/power status=0 pid

	while random "$rm"; do :; done &
	pid=$!
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
	{ echo freezer >$power/pm_test && echo mem >$power/state; } || status=1
	echo none >$power/pm_test
	# It still gets random numbers.
	kill -0 "$pid" && kill "$pid" || return
	wait "$pid"
	return "$status"
}

# Without the capability $1.
without() {
	local cap=$1

	shift
	setpriv --bounding-set="-$cap" --inh-caps="-$cap" "$@"
}

mgmtdev_is() { vdpa -j mgmtdev show | grep -Eq "\"vtpm_mux\":\{[^}]*$1"; }
dev_is() { vdpa -j dev show "$1" | grep -Eq "\"$1\":\{[^}]*$2"; }

many() {
	local i nodes=() n

	for ((i = 600; i < 616; i++)); do
		./vtpmctl create --vdpa --number "$i" --assurance software >/dev/null &&
			n=$(./vtpmctl attach --host "$i") || return
		nodes+=("$n")
	done
	for n in "${nodes[@]}"; do
		random "$n" || return
	done
	for ((i = 600; i < 616; i++)); do
		./vtpmctl detach "$i" && ./vtpmctl destroy "$i" || return
	done
}

state_is() { ./vtpmctl show "$1" | grep -Eq "$2"; }

echo "TAP version 13"

modprobe -a vhost_vdpa virtio_vdpa 2>/dev/null	# built into the debug kernel
test_that "the management device is there" \
	grep -q '^vtpm_mux:' <(vdpa mgmtdev show)
test_that "it says what its devices are" mgmtdev_is \
	'"max_supported_vqs":1,"dev_features":\[.*VERSION_1.*ACCESS_PLATFORM'
test_that "create --vdpa" quiet ./vtpmctl create --vdpa --number 500
test_that "vdpa dev show" grep -q '^vtpm500: type .* mgmtdev vtpm_mux .*max_vqs 1' \
	<(vdpa dev show vtpm500)
test_that "it says what it is" dev_is vtpm500 \
	'"vendor_id":1297110102,"max_vqs":1,"max_vq_size":64'
test_that "it is vhost's first, though the host would take it" \
	soon state_is 500 '^vdpa +vhost_vdpa, /dev/vhost-vdpa-[0-9]+$'
test_that "attach" test "$(./vtpmctl attach 500 | cut -c 1-16)" = /dev/vhost-vdpa-
test_that "attach --host" attach 500
test_that "show says so" state_is 500 "^vdpa +virtio_vdpa, $node\$"
test_that "it is on and started" state_is 500 '^state +started, open$'
test_that "random numbers" random "$node"
test_that "random numbers through the resource manager" random "$rm"
test_that "the hardware random number generator" hwrng
test_that "a response in parts" selftest
test_that "two users at once" two_at_once
test_that "a key of the chip signs" sign
test_that "/dev/vtpm500 is in use" \
	refused 1 'busy' dd if=/dev/vtpm500 of=/dev/null count=0
test_that "the module is in use" refused 1 'in use' rmmod vtpm_mux
test_that "destroy refuses" refused 5 'it is open' ./vtpmctl destroy 500
test_that "PCRs can be extended" extend
test_that "the device is bound and unbound" rebind
test_that "PCRs are as before" pcr_is_kept
test_that "the driver is bound and unbound" rebind_driver
test_that "PCRs are as before, too" pcr_is_kept
test_that "the module is found by the device's alias" autoload
test_that "PCRs are as before, again" pcr_is_kept
test_that "the host's processes are frozen and thawed" freeze
test_that "random numbers after that" random "$node"
test_that "PCRs are as before that" pcr_is_kept
test_that "detach" detach 500
test_that "/dev/vtpm500 is free again" quiet dd if=/dev/vtpm500 of=/dev/null count=0
test_that "no other device for the host than its own" \
	soon state_is 500 '^vdpa +no driver$'
test_that "attach again" attach 500
test_that "power off is an answer" ./vtpmctl power off 500
test_that "the TPM fails then" refused 1 . random "$node"
test_that "destroy --force" ./vtpmctl destroy --force 500
test_that "the TPM is gone" soon gone "$node"
test_that "so is the vDPA device" soon gone /sys/bus/vdpa/devices/vtpm500

test_that "vdpa dev add makes a vTPM" \
	vdpa dev add name vtpm501 mgmtdev vtpm_mux
test_that "its power follows the VMM" state_is 501 '^power +follows open$'
test_that "not twice" refused 1 'File exists' vdpa dev add name vtpm501 mgmtdev vtpm_mux
test_that "vdpa dev del destroys it" vdpa dev del vtpm501
test_that "it is gone" gone /dev/vtpm501
test_that "a name that is no vTPM's" \
	refused 1 'Invalid argument' vdpa dev add name vtpm01 mgmtdev vtpm_mux
test_that "another" refused 1 'Invalid argument' vdpa dev add name foo mgmtdev vtpm_mux
test_that "a number that no vTPM can have" \
	refused 1 'Invalid argument' vdpa dev add name vtpm99999999 mgmtdev vtpm_mux
test_that "a management device that is not there" \
	refused 1 'No such device' vdpa dev add name vtpm503 mgmtdev foo
test_that "vdpa dev del of what is not there" \
	refused 1 'No such device' vdpa dev del vtpm503
test_that "vdpa dev show of what is not there" \
	refused 1 'No such device' vdpa dev show vtpm503
test_that "a network's settings" refused 1 . \
	vdpa dev add name vtpm503 mgmtdev vtpm_mux mac 52:54:00:00:00:01
test_that "network administration alone is not enough" \
	refused 1 'not permitted' without sys_admin vdpa dev add name vtpm503 mgmtdev vtpm_mux
test_that "it is needed, too" \
	refused 1 'not permitted' without net_admin vdpa dev add name vtpm503 mgmtdev vtpm_mux
test_that "nothing has been made" gone /dev/vtpm503
quiet ./vtpmctl create --number 502 --assurance software
test_that "attach one that has no vDPA device" \
	refused 1 'it has no vDPA device' ./vtpmctl attach 502
test_that "vdpa dev add offers one that is there" \
	vdpa dev add name vtpm502 mgmtdev vtpm_mux
test_that "the host takes it" attach 502
test_that "random numbers of it" random "$node"
test_that "who waits for it is killed" killed
test_that "detached with a command under way" detach_busy 502
test_that "the host takes it again" attach 502
test_that "vdpa dev del takes it from the host" vdpa dev del vtpm502
test_that "its TPM is gone" soon gone "$node"
test_that "the vTPM is not" test -c /dev/vtpm502
test_that "it is offered and taken again" \
	vdpa dev add name vtpm502 mgmtdev vtpm_mux
test_that "by the host" attach 502
test_that "vdpa dev del with a command under way" del_busy vtpm502
test_that "destroy it" ./vtpmctl destroy 502
test_that "16 at once" many

end_tests
