#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A chip that does not answer for a while, and one that dies; processes that are
# killed and modules that are unloaded meanwhile.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

key=$work/key
key1=$work/key1
TPM_RC_CANCELED=0x909

# chip_free PREFIX N: commands of /dev/vtpmN that need no chip do not notice.
chip_free() {
	test_that "$1: TPM2_GetRandom of vtpm$2 at once" client -w 10 "/dev/vtpm$2" random
	test_that "$1: TPM2_PCR_Extend of vtpm$2 at once" client -w 10 "/dev/vtpm$2" extend
}

make_keys() {
	make_vtpms 0 1 && client /dev/vtpm0 make p256 "$key" hardware &&
		client /dev/vtpm1 make p256 "$key1" hardware
}

# A signature is under way: in the chip, which does not answer.
sign_paused() {
	vmctl chip-pause && job sign client "$@" && sleep 2 && job_runs sign
}

require load_module
require make_keys

# Cancelled.
require sign_paused -e $TPM_RC_CANCELED -w 60 /dev/vtpm0 sign "$key"
test_that "cancel what is in the chip" quiet vtpmctl cancel 0
test_that "it returns TPM_RC_CANCELED soon" job_succeeds sign 10
require vmctl chip-continue
test_that "and the key signs again" client /dev/vtpm0 sign "$key"
require sign_paused -c 5 -e $TPM_RC_CANCELED -w 60 /dev/vtpm0 sign "$key"
test_that "cancel by ioctl of the device itself" job_succeeds sign 15
require vmctl chip-continue
test_that "and the key signs again after that" client /dev/vtpm0 sign "$key"

# Killed.
require sign_paused /dev/vtpm0 sign "$key"
kill -KILL "${jobs[sign]}"
test_that "a process in the middle of a chip command can be killed" \
	ends "${jobs[sign]}" 10
chip_free "after that" 0
require vmctl chip-continue
test_that "its vTPM is usable afterwards" client -w 60 /dev/vtpm0 sign "$key"

# Paused for long, with nothing of ours left in the chip to flush.
sleep 5
mark_log
require sign_paused -e fail -w 60 /dev/vtpm0 sign "$key"
chip_free "while a command is in the chip" 1
test_that "while a command is in the chip: rmmod is refused" \
	fails 1 'in use' rmmod vtpm_mux
job other client -e $TPM_RC_CANCELED -w 60 /dev/vtpm1 sign "$key1"
sleep 2
test_that "cancel what waits for the chip" quiet vtpmctl cancel 1
test_that "it returns TPM_RC_CANCELED soon" job_succeeds other 10
test_that "a signature is answered with a TPM response code in bounded time" \
	job_succeeds sign 60
test_that "host status says stuck" is stuck host state
test_that "one line of the log says it" says_once 'tpm0: no response to command 0x[0-9a-f]+ for '
for n in 0 1; do
	test_that "stuck: the next signature of vtpm$n fails at once" \
		client -e fail -w 10 "/dev/vtpm$n" sign "$work/key${n/0/}"
	chip_free stuck $n
done
test_that "stuck: create fails at once with ETIMEDOUT" \
	within 10 fails 1 '^vtpmctl: create: .*does not answer' vtpmctl create
test_that "stuck: create --assurance software works" \
	within 10 vtpmctl create --number 9 --assurance software
require vmctl chip-continue
test_that "when the chip answers again, the host is ready" until_true 60 host_is ready
test_that "one line of the log says it" says_once 'tpm0: command 0x[0-9a-f]+ ended after '
test_that "the same key signs" client /dev/vtpm0 sign "$key" 2
test_that "and the other vTPM's" client /dev/vtpm1 sign "$key1" 2

# Paused while nothing is asked of it: what we do by ourselves, such as flushing
# objects that are not used, gets no answer either.
require client /dev/vtpm0 sign "$key"
require vmctl chip-pause
sleep 6
test_that "paused while idle: a signature is answered in bounded time" \
	client -e fail -w 60 /dev/vtpm0 sign "$key"
test_that "paused while idle: host status says stuck" is stuck host state
test_that "paused while idle: the next signature fails at once" \
	client -e fail -w 10 /dev/vtpm1 sign "$key1"
require vmctl chip-continue
test_that "paused while idle: the host becomes ready" until_true 60 host_is ready
test_that "paused while idle: the same key signs" client -w 60 /dev/vtpm0 sign "$key"

# Unloaded.
exec 7<>/dev/vtpm1
test_that "rmmod is refused while a device is open" fails 1 'in use' rmmod vtpm_mux
exec 7>&-
require sign_paused /dev/vtpm0 sign "$key"
kill -KILL "${jobs[sign]}"
require ends "${jobs[sign]}" 10
job rmmod rmmod vtpm_mux
sleep 3
require vmctl chip-continue
test_that "a process killed, its command still in the chip: rmmod ends" \
	job_succeeds rmmod 30
test_that "and the module loads again" load_module
test_that "finds the chip" is ready host state
test_that "makes keys" make_keys
test_that "signs" client /dev/vtpm0 sign "$key"

# Dead.
require vmctl chip-kill
test_that "dead: a signature is answered with a TPM response code in bounded time" \
	client -e fail -w 60 /dev/vtpm0 sign "$key"
test_that "dead: the next one as well" client -e fail -w 60 /dev/vtpm1 sign "$key1"
test_that "dead: a new key too" client -e fail -w 60 /dev/vtpm0 make p384 "$work/none"
chip_free dead 0
ask_often() {
	local i

	for ((i = 0; i < 20; i++)); do
		client -e fail -w 10 /dev/vtpm0 sign "$key" || return 1
	done
}
# The TPM core complains of each command that gets no response.
log_spared() {
	local lines

	lines=$(dmesg | tail -n "+$((log_mark + 1))" | wc -l)
	[ "$lines" -le $((4 + 2 * (SECONDS - $1))) ] ||
		{ echo "$lines lines in $((SECONDS - $1)) s"; return 1; }
}
says_stuck() {
	client -e fail /dev/vtpm0 sign "$key"
	host_is stuck
}
mark_log
begin=$SECONDS
test_that "dead: asking it again and again is answered at once" ask_often
test_that "dead: and does not fill the log" log_spared "$begin"
test_that "dead: host status says stuck when it has just been asked" \
	until_true 60 says_stuck
test_that "dead: create fails in bounded time" \
	within 100 fails 1 '^vtpmctl: create: ' vtpmctl create
test_that "dead: destroy works" within 20 quiet vtpmctl destroy 1
test_that "dead: the module unloads" within 150 quiet rmmod vtpm_mux
test_that "dead: and loads" within 150 load_module
test_that "dead: create --assurance software works" \
	within 10 vtpmctl create --assurance software
test_that "dead: the module unloads again" within 150 quiet rmmod vtpm_mux
end_tests
