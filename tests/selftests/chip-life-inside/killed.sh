#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The power fails while vTPMs change what they keep. Usage:
# killed.sh first|again|last; /run/out, the disk and the chip are those of the boot
# before. All but the last end with a line that the outer side cuts the power on,
# the sooner or later after it.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

disk=/run/disk
acks() { wc -l <"/run/out/acks$1"; }

# Many changes were acknowledged in this boot, by both.
busy() { [ "$(acks 0)" -gt "$((from0 + $1))" ] && [ "$(acks 1)" -gt "$((from1 + $1))" ]; }

require modprobe -a virtio_blk ext4
[ "$1" != first ] || require mkfs.ext4 -q /dev/vda
require mkdir "$disk"
test_that "the file system is there" mount /dev/vda "$disk"
require load_module
case $1 in
first)
	require vtpmctl host anchor --new --ledger "$disk/ledger"
	for n in 0 1; do
		require vtpmctl create --state "$disk/$n.state"
		require vtpmctl power on $n
		require client /dev/vtpm$n startup
		require state_fill $n
		require churn setup /dev/vtpm$n /run/out/acks$n
	done
	;;
*)
	test_that "the ledger is the last" vtpmctl host anchor --ledger "$disk/ledger"
	for n in 0 1; do
		test_that "vtpm$n: the state file opens" state_open $n "$disk/$n.state"
		test_that "vtpm$n: all that was acknowledged is there" \
			churn check /dev/vtpm$n /run/out/acks$n
		test_that "vtpm$n: its key signs" state_kept $n
	done
	;;
esac
[ "$1" != last ] || end_tests

from0=$(acks 0)
from1=$(acks 1)
job churn0 churn run /dev/vtpm0 /run/out/acks0
job churn1 churn run /dev/vtpm1 /run/out/acks1
test_that "changes are being made" until_true 120 busy $((RANDOM % 100 + 20))
test_that "by vtpm0" job_runs churn0
test_that "and vtpm1" job_runs churn1
echo "1..$count"
echo "#now"
wait
# They were to run until the power failed.
exit 2
