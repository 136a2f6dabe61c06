#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The second part of sleep.sh, in a root of its own.

cd / || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

# Sleeps for some seconds.
suspend() {
	echo 0 >/sys/class/rtc/rtc0/wakealarm
	echo +4 >/sys/class/rtc/rtc0/wakealarm
	echo mem >/sys/power/state
}
slept() { dmesg | tail -n "+$log_mark" | grep -q 'ACPI: PM: Low-level resume complete'; }

test_that "a key signs before" client /dev/vtpm0 sign /key
test_that "sealed data is unsealed" client /dev/vtpm0 unseal
before=$(chip_count 0 TPM2_Unseal)
test_that "suspend to RAM" suspend
test_that "the machine has slept" slept
test_that "the host is ready" until_true 30 host_is ready
test_that "the same EC key signs" client -w 60 /dev/vtpm0 sign /key 2
test_that "the same RSA key signs" client -w 60 /dev/vtpm0 sign /key-rsa 2
test_that "the other vTPM's as well" client -w 60 /dev/vtpm1 sign /key1
test_that "the sealed data is unsealed" client -w 60 /dev/vtpm0 unseal
test_that "with a key that was in the chip alone" \
	[ "$(chip_count 0 TPM2_Unseal)" -gt "$before" ]
test_that "create works" make_vtpms 2 2

go_jobs
job sign0 client -e fail /dev/vtpm0 sign-until /key "$work/stop"
job sign1 client -e fail /dev/vtpm1 sign-until /key1 "$work/stop"
sleep 1
mark_log
test_that "suspend to RAM while vTPMs sign" suspend
test_that "the machine has slept again" slept
sleep 2
stop_jobs
test_that "vtpm0 got signatures that verify, or TPM response codes" job_succeeds sign0 30
test_that "vtpm1 too" job_succeeds sign1 30
test_that "afterwards vtpm0 signs" client -w 60 /dev/vtpm0 sign /key 2
test_that "and vtpm1" client -w 60 /dev/vtpm1 sign /key1 2
test_that "the module unloads" quiet rmmod vtpm_mux
echo "1..$count"

# What was printed has to leave the machine first. QEMU does not power off a
# machine that has slept, but ends at its reset.
sleep 1
echo "exit $((failures != 0))" >"$(cat /vm-ctl)"
sleep 1
busybox reboot -f
