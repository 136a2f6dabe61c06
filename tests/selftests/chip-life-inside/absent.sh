#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host without a chip, or ($1 = tpm12) with one that will not do.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

test_that "the module loads" load_module
case ${1-} in
tpm12)
	test_that "the log says that it is a TPM 1.2" \
		says_once 'tpm0: not used: a TPM 1.2 chip, TPM 2.0 is needed$' ;;
*)
	test_that "the log says, and says nothing else, that there is no chip" \
		is 1 eval 'module_log | grep -c .'
	test_that "in words" says_once 'no TPM 2.0 chip yet$' ;;
esac
test_that "host status says absent" is absent host state
test_that "and names no chip" is '' host chip
for assurance in auto hardware; do
	test_that "create --assurance $assurance fails with ENODEV" \
		fails 1 '^vtpmctl: create: .*no TPM 2.0 chip' \
		vtpmctl create --assurance "$assurance"
done
test_that "host init fails with ENODEV" \
	fails 1 '^vtpmctl: host init: .*no TPM 2.0 chip' vtpmctl host init
test_that "what failed has left no vTPM behind" is '0 of 4096' host vtpms
test_that "create --assurance software works" \
	is /dev/vtpm0 vtpmctl create --assurance software
test_that "power on" quiet vtpmctl power on 0
test_that "startup" client /dev/vtpm0 startup
test_that "a software key is made" client /dev/vtpm0 make p256 "$work/key"
test_that "and signs" client /dev/vtpm0 sign "$work/key"
test_that "a key for which hardware is demanded is refused (TPM_RC_CURVE)" \
	client -e 0x2e6 /dev/vtpm0 make p256 "$work/other" hardware
test_that "the module unloads" quiet rmmod vtpm_mux
end_tests
