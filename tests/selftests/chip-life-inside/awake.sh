#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The second part of sleep.sh, in a root of its own.

cd / || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh
# shellcheck source=tests/selftests/chip-life-inside/guests.sh
. ./guests.sh

# Sleeps for some seconds.
suspend() {
	echo 0 >/sys/class/rtc/rtc0/wakealarm
	echo +6 >/sys/class/rtc/rtc0/wakealarm
	echo mem >/sys/power/state
}
# What the vTPM with a state file has acknowledged; and that it has gone on since.
acks() { wc -l </acks; }
mark_acks() { marked=$(acks); }
goes_on() { [ "$(acks)" -gt "$((marked + 10))" ]; }
slept() { dmesg | tail -n "+$log_mark" | grep -q 'ACPI: PM: Low-level resume complete'; }

# Sleeps, until each guest has had a command that had to wait.
suspend_amid() {
	local i name

	echo >$tracing/trace
	for ((i = 0; i < 12; i++)); do
		mark_log
		mark_rounds
		suspend && slept || return
		all_were_at_it && return
		for name in $guests; do
			goes_past "$name" 0 || return
		done
	done
	return 1
}
test_guests_go_on() {
	local name

	for name in $guests; do
		test_that "guest $name goes on$1" goes_past "$name" 1
	done
}

require vtpmctl host anchor --new --ledger /disk/ledger
require make_guest_vtpms /disk/state5
boot_guests
require make_vtpms 0 1
require client /dev/vtpm0 make p256 /key hardware
require client /dev/vtpm0 make rsa2048 /key-rsa hardware
require client /dev/vtpm1 make p256 /key1 hardware
require client /dev/vtpm0 seal
require vtpmctl create --number 3 --state /disk/state
require vtpmctl power on 3
require client /dev/vtpm3 startup
require client /dev/vtpm3 make p256 /key3 hardware
require churn setup /dev/vtpm3 /acks
for name in $guests; do
	test_that "guest $name begins" begins "$name"
done

test_that "a key signs before" client /dev/vtpm0 sign /key
test_that "sealed data is unsealed" client /dev/vtpm0 unseal
before=$(chip_count 0 TPM2_Unseal)
mark_rounds
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
test_guests_go_on ""

go_jobs
job sign0 client -w 600 -e fail /dev/vtpm0 sign-until /key "$work/stop"
job sign1 client -w 600 -e fail /dev/vtpm1 sign-until /key1 "$work/stop"
mark_acks
job churn churn run /dev/vtpm3 /acks
test_that "what a state file keeps is being changed" until_true 60 goes_on
test_that "suspend to RAM, with a signature in the chip and commands of each guest that wait" \
	suspend_amid
mark_acks
test_that "changes go on" until_true 60 goes_on
test_guests_go_on " after that"
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

for name in crb vtpmd; do
	test_that "guest $name comes to its end" guest_stops "$name"
	guest_tests "$name"
	test_that "it gives away its key" fetch "$name" key
	test_that "and says what was acknowledged" fetch "$name" acks
done
test_that "guest vhost runs" still_runs vhost
test_that "and has had no failure" eval '! console vhost | grep -A 99 FAIL'
test_that "its key too" fetch vhost key
kill "${jobs[vhost]}" "${jobs[daemon]}"
test_that "its VMM ends" ends "${jobs[vhost]}" 60
require ends "${jobs[daemon]}" 60
test_that "guest crb's vTPM has what it acknowledged" churn check /dev/vtpm4 "$work/crb.acks"
test_that "and the key" client -w 60 /dev/vtpm4 sign "$work/crb.key"
require vtpmctl close 5
test_that "guest vtpmd's vTPM is opened from its file" state_open 5 /disk/state5
test_that "it has what was acknowledged" churn check /dev/vtpm5 "$work/vtpmd.acks"
test_that "and the key" client -w 60 /dev/vtpm5 sign "$work/vtpmd.key"
require vtpmctl close 5
test_that "guest vhost's vTPM has the key" eval \
	'vtpmctl power on 6 && client /dev/vtpm6 startup && client /dev/vtpm6 sign "$work/vhost.key"'
test_that "the module unloads" quiet rmmod vtpm_mux
echo "1..$count"

# What was printed has to leave the machine first. QEMU does not power off a
# machine that has slept, but ends at its reset.
sleep 1
echo "exit $((failures != 0))" >"$(cat /vm-ctl)"
sleep 1
busybox reboot -f
