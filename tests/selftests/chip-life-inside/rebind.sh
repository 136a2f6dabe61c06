#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The chip goes and comes back: its driver is unbound and bound again; the host
# prepares to sleep.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

rounds=5
driver=$(readlink -f /sys/class/tpm/tpm0/device/driver)
device=$(basename "$(readlink -f /sys/class/tpm/tpm0/device)")
# Not through a file that a failed write would make.
unbind() { echo "$device" | tee "$driver/unbind" >/dev/null; }
bind() { echo "$device" | tee "$driver/bind" >/dev/null; }

require load_module
require make_vtpms 0 2
require client /dev/vtpm0 make p256 "$work/key" hardware
require client /dev/vtpm0 make rsa2048 "$work/rsa" hardware
require client /dev/vtpm1 make p256 "$work/key1" hardware
require client /dev/vtpm0 sign "$work/key"
require client /dev/vtpm0 seal
require client /dev/vtpm2 seal

# An anonymous signature (ECDAA) is of two commands: the second uses up a secret
# that the first has left in the chip.
ecdaa_tool() { "tpm2_$1" -T device:/dev/vtpm1 "${@:2}" >/dev/null; }
ecdaa_key() {
	ecdaa_tool createprimary -C o -G ecc -c "$work/parent.ctx" &&
		ecdaa_tool create -C "$work/parent.ctx" -G ecc:ecdaa-sha256 -c "$work/daa.ctx" \
			-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' &&
		ecdaa_tool flushcontext -t
}
ecdaa_commit() {
	ecdaa_tool commit -c "$work/daa.ctx" --eccpoint-K "$work/K" --eccpoint-L "$work/L" \
		-u "$work/E" -t "$work/count" && ecdaa_tool flushcontext -t
}
ecdaa_sign() {
	local count status=0

	count=$(od -An -tu1 "$work/count" | awk '{ print $1 * 256 + $2 }')
	tpm2_sign -T device:/dev/vtpm1 -c "$work/daa.ctx" -g sha256 -s ecdaa \
		--commit-index "$count" -o "$work/daa.sig" "$0" >"$work/daa.out" 2>&1 || status=$?
	ecdaa_tool flushcontext -t || return
	return "$status"
}
ecdaa_refused() { ! ecdaa_sign && grep -q 'value is out of range' "$work/daa.out"; }

power_cycle() { quiet vtpmctl power reset "$1" && client "/dev/vtpm$1" startup; }

require ecdaa_key
test_that "a commitment is good for a signature" eval 'ecdaa_commit && ecdaa_sign'
test_that "for one" ecdaa_refused
require ecdaa_commit
require trace_on
mark_log
test_that "unbind while idle" within 30 unbind
test_that "unbound: host status says absent" is absent host state
test_that "the log says it" says_once '^.*tpm[0-9]*: the chip is gone$'
test_that "unbound: a signature is answered TPM_RC_FAILURE" \
	client -e 0x101 -w 10 /dev/vtpm0 sign "$work/key"
test_that "unbound: so is a new key" \
	client -e 0x101 -w 10 /dev/vtpm0 make p384 "$work/none" hardware
test_that "unbound: a power cycle" power_cycle 2
test_that "unbound: sealed data is answered TPM_RC_FAILURE after it" \
	client -e 0x101 -w 10 /dev/vtpm2 unseal
test_that "unbound: TPM2_GetRandom" client -w 10 /dev/vtpm0 random
test_that "unbound: TPM2_PCR_Extend" client -w 10 /dev/vtpm0 extend
test_that "unbound: create fails with ENODEV" \
	fails 1 '^vtpmctl: create: .*no TPM 2.0 chip' vtpmctl create
test_that "bind" within 60 bind
test_that "bound: the host is ready" until_true 30 host_is ready
chip=$(host chip | sed "s/ .*//; s,.*/,,")
test_that "both is traced" traced_last 'vtpm_chip_gone: tpm0 rc=0' \
	"vtpm_chip_ready: $chip rc=0"
test_that "bound: the same EC key signs" client /dev/vtpm0 sign "$work/key" 2
test_that "bound: the same RSA key signs" client /dev/vtpm0 sign "$work/rsa" 2
test_that "bound: the other vTPM's as well" client /dev/vtpm1 sign "$work/key1"
test_that "bound: sealed data is unsealed" client /dev/vtpm2 unseal
test_that "bound: create works" make_vtpms 3 3
test_that "bound: a commitment of before is refused" ecdaa_refused
test_that "bound: and a new one not" eval 'ecdaa_commit && ecdaa_sign'

# State files, over a chip that goes, and on a chip that is not theirs.
require vtpmctl create --number 20 --state "$work/state.vtpm"
require vtpmctl power on 20
require client /dev/vtpm20 startup
require state_fill 20
require within 30 unbind
test_that "unbound: NV can be written" eval \
	'printf "for ever" | state_tools nvwrite 20 -Q -C o -i - 0x1500001'
require vtpmctl close 20
test_that "unbound: a state file is not opened" \
	fails 1 'no TPM 2.0 chip|does not answer|failed' vtpmctl open "$work/state.vtpm"
require within 60 bind
require until_true 30 host_is ready
test_that "bound: it is" state_open 20 "$work/state.vtpm"
test_that "bound: and all is there" state_kept 20
if [ -e "$1/state" ]; then
	require cp "$1/state" "$work/other.vtpm"
	mark_log
	test_that "another chip's state file is refused" \
		fails 1 'made with another chip' vtpmctl open "$work/other.vtpm"
	test_that "and the log says why" says_once 'refused: it was made with another chip'
fi

# With signatures under way.
rebind() {
	local i

	for ((i = 1; i <= rounds; i++)); do
		sleep 0.5
		within 30 unbind || return 1
		sleep 0.5
		within 60 bind && until_true 30 host_is ready || return 1
	done
	sleep 1
}
go_jobs
job sign0 client -e fail /dev/vtpm0 sign-until "$work/key" "$work/stop"
job sign1 client -e fail /dev/vtpm1 sign-until "$work/key1" "$work/stop"
test_that "unbind and bind $rounds times while vTPMs sign" rebind
stop_jobs
test_that "vtpm0 got signatures that verify, or TPM response codes" job_succeeds sign0 30
test_that "vtpm1 too" job_succeeds sign1 30
test_that "afterwards vtpm0 signs" client /dev/vtpm0 sign "$work/key" 2
test_that "and vtpm1" client /dev/vtpm1 sign "$work/key1" 2
test_that "and the RSA key" client /dev/vtpm0 sign "$work/rsa"

# The sealing key leaves the memory when it has not been used for 30 s.
test_that "sealed data is unsealed" client /dev/vtpm0 unseal
before=$(chip_count 0 TPM2_Unseal)
sleep 32
test_that "and after an idle time again" client /dev/vtpm0 unseal
test_that "with the help of the chip" [ "$(chip_count 0 TPM2_Unseal)" -gt "$before" ]

# Unloaded while there is none, and come upon a chip later.
require within 30 unbind
test_that "the module unloads without its chip" within 30 quiet rmmod vtpm_mux
mark_log
test_that "and loads" load_module
test_that "and says that there is none" says_once 'no TPM 2.0 chip yet$'
require within 60 bind
test_that "a chip that comes later is found" until_true 30 host_is ready
test_that "and used" make_vtpms 0 0
test_that "for keys" client /dev/vtpm0 make p256 "$work/key" hardware
test_that "that sign" client /dev/vtpm0 sign "$work/key"
test_that "the module unloads" quiet rmmod vtpm_mux
end_tests
