#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# State files are anchored in the chip. Usage: anchor.sh DIR [cut]
# DIR has what the first host, which writes it as /run/out, leaves to the second
# one: the same host after its power was cut.

dir=$1
cut=${2-}
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

n=20
anchor() { vtpmctl host anchor --ledger "$@"; }
opens() { vtpmctl open --number $n "$1" >/dev/null && vtpmctl power on $n && state_tools startup $n -c; }
up() { state_tools nvincrement $n -Q -C o 0x1500002; }
value() { state_tools nvread $n -C o 0x1500002 | od -An -tu8 --endian=big | tr -d ' '; }
# Both, as they are at this moment: what a power cut leaves, or a thief takes.
take() { cp --sparse=never "$work/vtpm" "$1/vtpm.$2" && cp --sparse=never "$work/ledger" "$1/ledger.$2"; }
reload() { rmmod vtpm_mux && load_module; }
usual=/var/lib/vtpm-mux/ledger
older='vtpm: older than the ledger says'
older_ledger='it is an older copy of the ledger'

if [ -n "$cut" ]; then
	require load_module
	require cp "$dir/ledger.cut" "$work/ledger"
	require cp "$dir/vtpm.cut" "$work/vtpm"
	test_that "host status: the ledger is missing" is 'not attached' host ledger
	test_that "so nothing opens" fails 1 'no ledger is attached' vtpmctl open "$work/vtpm"
	test_that "nor is made" fails 1 'no ledger is attached' vtpmctl create --state "$work/new"
	test_that "nor is a ledger" [ ! -e $usual ]
	require mkdir -p ${usual%/*}
	require cp "$dir/ledger.old" $usual
	test_that "an older ledger at its usual place is refused" \
		fails 1 "$usual: $older_ledger" vtpmctl open "$work/vtpm"
	require rm $usual
	mark_log
	test_that "an older ledger is refused" fails 1 "$older_ledger" anchor "$dir/ledger.old"
	test_that "the log says it" says_once 'ledger refused: it is an older copy'
	test_that "and nothing is attached" is 'not attached' host ledger
	test_that "the one that there was when the power was cut is accepted" quiet anchor "$work/ledger"
	test_that "host status: it knows one vTPM" eval '[[ $(host ledger) = "1 vtpms, "* ]]'
	mark_log
	require cp "$dir/vtpm.old" "$work/older"
	test_that "an older state file is refused" \
		fails 1 'older than the ledger says' vtpmctl open "$work/older"
	test_that "the log says it" says_once 'state file of .* refused: it is an older copy'
	test_that "the one that there was is accepted" opens "$work/vtpm"
	test_that "and lacks nothing" is "$(cat "$dir/value")" value
	require up
	require vtpmctl close $n
	test_that "one from before the power cut is older now" eval \
		'cp "$dir/vtpm.cut" "$work/older" && fails 1 "older than the ledger says" vtpmctl open "$work/older"'
	require rmmod vtpm_mux
	require load_module
	cp "$dir/ledger.cut" "$work/older-ledger"
	test_that "and so is the ledger from before" fails 1 "$older_ledger" anchor "$work/older-ledger"
	test_that "it is not the ledger's counter any more" eval \
		'tpm2_nvundefine -T device:/dev/tpmrm0 -C o 0x1805654 &&
		 tpm2_nvdefine -Q -T device:/dev/tpmrm0 -C o -s 8 -p x \
			-a "nt=counter|authread|authwrite|ownerread|no_da" 0x1805654 &&
		 tpm2_nvincrement -T device:/dev/tpmrm0 -C 0x1805654 -P x 0x1805654'
	test_that "so the ledger is refused" fails 1 'its counter or the mux root key is another' anchor "$work/ledger"
	test_that "another one is made in its place" \
		quiet vtpmctl host anchor --new --replace --ledger "$work/second"
	test_that "it knows nothing" fails 1 'does not know it' vtpmctl open "$work/vtpm"
	test_that "nothing of ours is left in the chip" eval \
		'rmmod vtpm_mux && is "" tpm2_getcap handles-transient -T device:/dev/tpm0'
	end_tests
fi

dir=/run/out
require load_module
test_that "host status: there is none" is none host ledger
test_that "host anchor --new" quiet anchor "$work/ledger" --new
test_that "there is one" fails 1 'a ledger is attached' anchor "$work/second" --new
require vtpmctl create --number $n --state "$work/vtpm"
require vtpmctl power on $n
require state_tools startup $n -c
require state_tools nvdefine $n -Q -C o -a 'nt=counter|ownerread|ownerwrite' 0x1500002
require up
require vtpmctl close $n
require take "$work" 0
require take "$dir" old

# Another life of the module.
require opens "$work/vtpm"
require up
require vtpmctl close $n
require reload
test_that "nothing opens before the ledger is there" \
	fails 1 'no ledger is attached' vtpmctl open "$work/vtpm"
test_that "no second ledger" fails 1 "the chip has a ledger's counter" anchor "$work/second" --new
test_that "a vTPM without a state file needs none" quiet eval 'vtpmctl create --number 21 >/dev/null && vtpmctl destroy 21'
test_that "an older ledger is refused" fails 1 "$older_ledger" anchor "$work/ledger.0"
test_that "the newest is accepted" quiet anchor "$work/ledger"
test_that "an older file is refused" fails 1 "$older" \
	eval 'cp "$work/vtpm.0" "$work/old.vtpm" && vtpmctl open "$work/old.vtpm"'
test_that "the newest is accepted" opens "$work/vtpm"
require vtpmctl close $n
require reload
test_that "both together are refused: the ledger is" fails 1 "$older_ledger" anchor "$work/ledger.0"
require anchor "$work/ledger"

# The chip fails in the middle of it.
require opens "$work/vtpm"
require up
mark_log
require vmctl chip-refuse 0x134 0x101
test_that "the counter fails while a vTPM is closed" vtpmctl close $n
test_that "the log says it" says_once 'ledger: error -5: it cannot be anchored in the chip'
test_that "the ledger is ahead, and one increment is due" eval '[[ $(host ledger) = *"one is due" ]]'
test_that "it goes on" eval 'opens "$work/vtpm" && up && vtpmctl close $n && [[ $(host ledger) != *"one is due" ]]'
test_that "the log says that" says_once 'ledger: it is up to date again'
require opens "$work/vtpm"
require vmctl chip-refuse 0x134 0x101
require up
require vtpmctl close $n
require cp "$work/ledger" "$work/ahead"
require vmctl chip-refuse 0x134 0x101
require reload
test_that "a ledger that is ahead by one is accepted" quiet anchor "$work/ledger"
test_that "and the file that it knows" opens "$work/vtpm"

# The power is cut.
require up
value >"$dir/value"
require take "$dir" cut
end_tests
