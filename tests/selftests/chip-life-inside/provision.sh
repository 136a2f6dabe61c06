#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A chip that has an owner already, or objects of others where ours shall be.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

export TPM2TOOLS_TCTI=device:/dev/tpmrm0
srk=0x81000001
mrk=0x81005654
storage='fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt'

# name HANDLE: of the object that the chip has there, and nothing if none.
name() { tpm2_readpublic -c "$1" 2>/dev/null | awk '$1 == "name:" { print $2 }'; }
persistent() { tpm2_getcap handles-persistent | tr -d ' \n-'; }

# persist HANDLE OPTION...: a new primary key of the owner's.
persist() {
	local handle=$1

	shift
	tpm2_createprimary -Q -C o -c "$work/object" "$@" &&
		tpm2_evictcontrol -Q -C o -c "$work/object" "$handle" &&
		name "$handle" >"$work/name.$handle" && [ -s "$work/name.$handle" ]
}
name_kept() { is "$(cat "$work/name.$1")" name "$1"; }

# An owner with an authorization value.
require tpm2_changeauth -Q -c owner secret
printf wrong >"$work/wrong"
echo secret >"$work/right"
test_that "owner: the module loads" load_module
test_that "owner: one line of the log says what is missing" \
	says_once "tpm0: no SRK: creating it needs the owner's authorization"
test_that "owner: host status says it" is 'unprovisioned: Permission denied' host state
test_that "owner: create fails with EACCES" \
	fails 1 "^vtpmctl: create: .*owner's authorization" vtpmctl create
test_that "owner: host init without a value fails" \
	fails 1 "^vtpmctl: host init: .*owner's authorization" vtpmctl host init
test_that "owner: host init with a wrong value fails" \
	fails 1 "^vtpmctl: host init: .*owner's authorization" \
	vtpmctl host init --owner-auth-file "$work/wrong"
test_that "owner: and nothing was made in the chip" is '' persistent
test_that "owner: create --assurance software works" \
	is /dev/vtpm7 vtpmctl create --number 7 --assurance software
test_that "owner: host init with the right value succeeds" \
	quiet vtpmctl host init --owner-auth-file "$work/right"
test_that "owner: the host is ready" is ready host state
test_that "owner: SRK and MRK are in the chip" is "$srk$mrk" persistent
test_that "owner: create works" make_vtpms 0 0
test_that "owner: a key in the chip" client /dev/vtpm0 make p256 "$work/key" hardware
test_that "owner: signs" client /dev/vtpm0 sign "$work/key"
require rmmod vtpm_mux
mark_log
require load_module
test_that "owner: found again without the value" says_once 'mux root key found at 0x81005654$'
require rmmod vtpm_mux
require tpm2_clear -Q -c lockout

# Somebody else's key where the SRK belongs.
require persist $srk -G ecc256:ecdsa-sha256 -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign'
mark_log
test_that "foreign SRK: the module loads" load_module
test_that "foreign SRK: one line of the log says it" \
	says_once 'tpm0: the object at 0x81000001 is not our SRK$'
test_that "foreign SRK: host status says it" is 'unprovisioned: File exists' host state
test_that "foreign SRK: host init fails" \
	fails 1 '^vtpmctl: host init: ' vtpmctl host init
test_that "foreign SRK: it is still there" name_kept $srk
test_that "foreign SRK: and nothing else" is $srk persistent
require rmmod vtpm_mux
require tpm2_evictcontrol -Q -C o -c $srk

# An SRK that will do, and somebody else's key where the MRK belongs.
require persist $srk -G ecc256:aes128cfb -a "$storage"
require persist $mrk -G rsa2048:aes128cfb -a "$storage"
mark_log
test_that "foreign MRK: the module loads" load_module
test_that "foreign MRK: one line of the log says it" \
	says_once 'tpm0: the object at 0x81005654 is not our mux root key$'
test_that "foreign MRK: host status says it" is 'unprovisioned: File exists' host state
test_that "foreign MRK: create fails, and not for the vTPM's number" \
	fails 1 '^vtpmctl: create: .*(chip|object|handle|key)' vtpmctl create
test_that "foreign MRK: host init fails" fails 1 '^vtpmctl: host init: ' vtpmctl host init
test_that "foreign MRK: it is still there" name_kept $mrk
test_that "foreign MRK: the SRK as well" name_kept $srk
require tpm2_evictcontrol -Q -C o -c $mrk
test_that "foreign MRK: once it is gone, host init succeeds" quiet vtpmctl host init
test_that "the SRK that was there is used" is "$srk $(cat "$work/name.$srk")" \
	eval 'host srk | sed "s/ 0x/ /"'
test_that "and has not changed" name_kept $srk
test_that "create works" make_vtpms 0 0
test_that "a key in the chip" client /dev/vtpm0 make p256 "$work/key" hardware
test_that "signs" client /dev/vtpm0 sign "$work/key"
host mrk >/run/out/mrk
# For the next boot, and for another chip: one that is closed when the module goes,
# and one from before that; and the ledger.
require vtpmctl create --number 20 --state /run/out/state
require vtpmctl power on 20
require client /dev/vtpm20 startup
test_that "a vTPM with a state file" state_fill 20
require cp /run/out/state /run/out/state.unclosed
test_that "the module unloads" quiet rmmod vtpm_mux
require cp /var/lib/vtpm-mux/ledger /run/out/ledger
end_tests
