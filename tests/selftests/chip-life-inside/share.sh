#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The chip after a reboot, what it lacks, its other users, and many vTPMs. $1
# holds the MRK that the last boot had.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

loops=20
many=16

# Another boot.
test_that "reboot: the module loads" load_module
test_that "reboot: the log says that the MRK was found" \
	says_once 'mux root key found at 0x81005654$'
test_that "reboot: it is the same MRK" is "$(cat "$1")" host mrk

out=$(dirname "$1")
require mkdir -p /var/lib/vtpm-mux
require cp "$out/ledger" /var/lib/vtpm-mux/
require cp "$out/state" "$work/state.vtpm"
test_that "reboot: the state file opens, and the ledger is attached" \
	state_open 20 "$work/state.vtpm"
test_that "reboot: NV and keys are there" state_kept 20
require rmmod vtpm_mux
require load_module
test_that "module unloaded: the state file opens" state_open 20 "$work/state.vtpm"
test_that "module unloaded: NV and keys are there" state_kept 20
require vtpmctl close 20
test_that "an older copy is refused" \
	fails 1 'older than the ledger says' vtpmctl open "$out/state.unclosed"

# What the chip lacks. swtpm has no RSA-4096.
require make_vtpms 0 0
test_that "no RSA-4096 in the chip: host status does not list it" \
	eval 'host rsa | grep -qw rsa2048 && ! host rsa | grep -qw rsa4096'
test_that "no RSA-4096 in the chip: hardware is TPM_RC_KEY_SIZE" \
	client -e 0x2c7 /dev/vtpm0 make rsa4096 "$work/none" hardware
test_that "and took no chip command" is 0 chip_count 0 TPM2_CreatePrimary
for alg in p256 p384 p521 rsa2048; do
	test_that "$alg is in the chip: made" \
		client /dev/vtpm0 make "$alg" "$work/$alg" hardware
	test_that "$alg is in the chip: signs" client /dev/vtpm0 sign "$work/$alg" 2
done
require rmmod vtpm_mux
# TPM2_TestParms says TPM_RC_VALUE to the first size asked for, RSA-2048.
require vmctl chip-refuse 0x18a 0x1c4 1
require load_module
require make_vtpms 0 0
test_that "a chip without RSA-2048: host status does not list it" is rsa3072 host rsa
test_that "a chip without RSA-2048: hardware is TPM_RC_KEY_SIZE" \
	client -e 0x2c7 /dev/vtpm0 make rsa2048 "$work/none" hardware
test_that "a chip without RSA-2048: auto makes it in software" \
	client /dev/vtpm0 make rsa2048 "$work/soft"
test_that "a chip without RSA-2048: and signs" client /dev/vtpm0 sign "$work/soft"
test_that "a chip without RSA-2048: making it took no chip command" \
	is 0 chip_count 0 TPM2_CreatePrimary
test_that "a chip without RSA-2048: signing took none" is 0 chip_count 0 TPM2_Sign
test_that "a chip without RSA-2048: other keys are in the chip" \
	client /dev/vtpm0 make p256 "$work/key" hardware
require rmmod vtpm_mux
# The raw RSA operation, TPM_RC_SCHEME, as in FIPS mode.
require vmctl chip-refuse 0x159 0x192 1
mark_log
require load_module
test_that "a chip in FIPS mode: the log says that it has no use for RSA" \
	says_once 'refuses the raw RSA operation'
test_that "a chip in FIPS mode: host status lists no RSA" is '' host rsa
test_that "a chip in FIPS mode: the host is ready" is ready host state
require rmmod vtpm_mux
skip_test "a chip without P-521" \
	"swtpm $(swtpm --version | awk '{ print $4; exit }' | tr -d ,) has no profiles"

# Root flushes what we have loaded.
require load_module
require make_vtpms 0 1
require client /dev/vtpm0 make p256 "$work/key"
require client /dev/vtpm0 make rsa2048 "$work/rsa"
require client /dev/vtpm1 make p256 "$work/key1"
for i in 1 2 3; do
	test_that "flushed by root's tpm2_flushcontext, $i" \
		tpm2_flushcontext -t -T device:/dev/tpm0
	test_that "the EC key signs, $i" client /dev/vtpm0 sign "$work/key"
done
test_that "root's own key takes the handle of the loaded one" client /dev/tpm0 squat
test_that "the EC key signs" client /dev/vtpm0 sign "$work/key" 2
test_that "root's own key takes the handle of the loaded one, again" client /dev/tpm0 squat
test_that "the RSA key signs" client /dev/vtpm0 sign "$work/rsa" 2
test_that "root's own key takes the handle of the loaded one, once more" client /dev/tpm0 squat
test_that "a new key is made" client /dev/vtpm0 make p384 "$work/p384" hardware
test_that "and is this vTPM's" client /dev/vtpm0 sign "$work/p384"
require tpm2_flushcontext -t -T device:/dev/tpm0

go_jobs
job flush client /dev/tpm0 flush-until "$work/stop"
job sign0 client /dev/vtpm0 sign-until "$work/key" "$work/stop"
job sign1 client /dev/vtpm1 sign-until "$work/key1" "$work/stop"
sleep 5
stop_jobs
test_that "root flushes everything, all the time: root could" job_succeeds flush
test_that "all signatures of one vTPM succeed and verify" job_succeeds sign0
test_that "all signatures of the other as well" job_succeeds sign1

go_jobs
job rm1 client /dev/tpmrm0 use-until "$work/stop"
job rm2 client /dev/tpmrm0 use-until "$work/stop"
job sign0 client /dev/vtpm0 sign-until "$work/rsa" "$work/stop"
job sign1 client /dev/vtpm1 sign-until "$work/key1" "$work/stop"
sleep 5
stop_jobs
test_that "/dev/tpmrm0 has users: they always succeed" job_succeeds rm1
test_that "the second one too" job_succeeds rm2
test_that "all signatures of one vTPM succeed and verify meanwhile" job_succeeds sign0
test_that "all signatures of the other too" job_succeeds sign1

# Many.
require make_vtpms 2 $((many - 1))
pairs=(/dev/vtpm0 "$work/key" /dev/vtpm1 "$work/key1")
for ((n = 2; n < many; n++)); do
	require client "/dev/vtpm$n" make p256 "$work/many$n" hardware
	pairs+=("/dev/vtpm$n" "$work/many$n")
done
test_that "$many vTPMs sign at the same time: all succeed and verify" \
	client -w 300 many sign-many 5 "${pairs[@]}"
test_that "and within the slots that we may use" \
	eval '[ "$(host slots | cut -d " " -f 1)" -le "$(host slots | cut -d " " -f 3)" ]'

# The owner takes everything away.
require tpm2_clear -Q -c lockout -T device:/dev/tpmrm0
test_that "the chip is cleared: a signature is an error, not a hang" \
	client -e fail -w 30 /dev/vtpm0 sign "$work/key"
test_that "the chip is cleared: a new vTPM works" make_vtpms $many $many
test_that "the chip is cleared: with new keys" \
	client "/dev/vtpm$many" make p256 "$work/new" hardware
test_that "the chip is cleared: which sign" client "/dev/vtpm$many" sign "$work/new"
test_that "the module unloads with $((many + 1)) vTPMs" quiet rmmod vtpm_mux

# Over and over.
cycle() {
	load_module && make_vtpms 0 0 &&
		client /dev/vtpm0 make p256 "$work/cycle" hardware >/dev/null &&
		client /dev/vtpm0 sign "$work/cycle" >/dev/null && rmmod vtpm_mux
}
cycles() {
	local i

	for ((i = 1; i <= loops; i++)); do
		cycle || { echo "in cycle $i"; return 1; }
	done
}
test_that "$loops times insmod, create, sign, rmmod" cycles
test_that "and nothing of ours is left in the chip" \
	is '' tpm2_getcap handles-transient -T device:/dev/tpm0
end_tests
