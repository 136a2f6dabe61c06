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
# What the vTPM with a state file has acknowledged; and that it has gone on since.
acks() { wc -l </acks; }
mark_acks() { marked=$(acks); }
goes_on() { [ "$(acks)" -gt "$((marked + 10))" ]; }
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
mark_acks
job churn churn run /dev/vtpm3 /acks
test_that "what a state file keeps is being changed" until_true 60 goes_on
mark_log
test_that "suspend to RAM while vTPMs sign" suspend
test_that "the machine has slept again" slept
mark_acks
test_that "changes go on" until_true 60 goes_on
test_that "the log says that the host was to sleep" says_once 'the host is about to sleep'
test_that "and that it is awake" says_once 'the host is awake$'
test_that "both is traced" traced_last 'vtpm_suspend: tpm0 rc=0' 'vtpm_resume: tpm0 rc=0'
kill "${jobs[churn]}"
stop_jobs
test_that "vtpm0 got signatures that verify, or TPM response codes" job_succeeds sign0 30
test_that "vtpm1 too" job_succeeds sign1 30
test_that "afterwards vtpm0 signs" client -w 60 /dev/vtpm0 sign /key 2
test_that "and vtpm1" client -w 60 /dev/vtpm1 sign /key1 2
test_that "vtpm3 has all that was acknowledged" churn check /dev/vtpm3 /acks
test_that "and its key signs" client -w 60 /dev/vtpm3 sign /key3
require vtpmctl close 3
test_that "vtpm3 is opened again" state_open 3 /disk/state
test_that "and has all" churn check /dev/vtpm3 /acks
test_that "and the key" client -w 60 /dev/vtpm3 sign /key3
require vtpmctl close 3
test_that "the module unloads" quiet rmmod vtpm_mux
echo "1..$count"

# What was printed has to leave the machine first. QEMU does not power off a
# machine that has slept, but ends at its reset.
sleep 1
echo "exit $((failures != 0))" >"$(cat /vm-ctl)"
sleep 1
busybox reboot -f
