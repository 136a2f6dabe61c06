#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the test host: runs tests/clients' scripts in guests, one guest after the
# other, each with a vTPM that is powered on for it. Prints one TAP stream.

set -uo pipefail
here=$(dirname "$(realpath "$0")")
image=$1	# disk with the clients
tools=$2	# archive of the programs that the guest with the debug kernel needs
shift 2

disk=(--qemu -drive --qemu "if=virtio,format=raw,readonly=on,file=$image" --mem 1024)
count=0
failures=0

# Runs a command in a guest; its tests are parts of one.
guest() {
	local name=$1 device status begin=$SECONDS

	shift
	count=$((count + 1))
	device=$(vtpmctl create --power-follows-open) || return 1
	echo "# $name"
	kvm-guest --tpm "$device" "$@" 2>/run/guest.err | sed -u 's/^/    /'
	status=${PIPESTATUS[0]}
	grep -v 'warning: .*TCG doesn.t support' /run/guest.err >&2
	vtpmctl stats "$device" >&2
	vtpmctl destroy "$device"
	if [ "$status" = 0 ]; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name (status $status)"
		failures=$((failures + 1))
	fi
	echo "# $((SECONDS - begin)) s"
}

echo "TAP version 13"
for name; do
	case $name in
	seabios)
		guest "SeaBIOS and the stock kernel" --timeout 900 "${disk[@]}" -- \
			"$here/enter" "$here/all" measured.sh luks.sh openssl.sh ;;
	ovmf)
		guest "OVMF and the stock kernel" --timeout 900 --ovmf "${disk[@]}" -- \
			"$here/enter" "$here/all" "measured.sh 9" fapi.sh ;;
	debug)
		guest "the debug kernel" --timeout 900 --kernel debug --mem 1024 -- \
			"$here/trusted.sh" "$tools" ;;
	esac
done
echo "1..$count"
[ "$failures" = 0 ]
