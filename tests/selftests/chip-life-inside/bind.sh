#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The mux root key is bound to the host's state. Usage: bind.sh DIR [rebooted]
# DIR has what the first host, which writes it as /run/out, leaves to the second
# one: the same host after a reboot.

dir=$1
rebooted=${2-}
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

export TPM2TOOLS_TCTI=device:/dev/tpmrm0
mrk=0x81005654
kept=/var/lib/vtpm-mux/admitted
ledger=/var/lib/vtpm-mux/ledger
pcrs=sha256:7,16
refused="^vtpmctl: create: the host's state has not been admitted"
not_opened="^vtpmctl: ($work/.*|$ledger): the host's state has not been admitted"

sign() { openssl dgst -sha256 -sign "$dir/key.pem" -out "$1.sig" "$1"; }
admit() {
	vtpmctl host admit --authority "$dir/pub.pem" --pcrs "${2-$pcrs}" --policy "$1" \
		--signature "${3-$1.sig}" "${@:4}"
}
extend() { tpm2_pcrextend "$1:sha256=$(printf '%064d' "$2")"; }
sessions() { tpm2_getcap handles-loaded-session -T device:/dev/tpm0; }
saved_sessions() { tpm2_getcap handles-saved-session -T device:/dev/tpm0; }
no_sessions() { is '' sessions && is '' saved_sessions; }
reload() { rmmod vtpm_mux && load_module; }
kept() { find $kept -name '*.admission'; }
# Binds to PCRs, with a warning.
init() {
	vtpmctl host init --pcrs "$@" 2>"$work/err" &&
		grep -q '^vtpmctl: host init: bound for good: ' "$work/err" && is 1 wc -l <"$work/err"
}
name() { tpm2_readpublic -c "$1" | awk '$1 == "name:" { print $2 }'; }

# Killed wherever it does something that lasts, "host init" leaves a host that what is
# kept admits, without a word.
not_locked_out() {
	quiet vtpmctl host admit && vtpmctl create --number 30 >/dev/null && vtpmctl destroy 30
}
killed_anywhere() {
	local step other=$pcrs pcrs=sha256:16 status

	for ((step = 1; step <= 50; step++)); do
		status=0
		LD_PRELOAD=$PWD/killed-at.so KILLED_AT=$step \
			vtpmctl host init --pcrs $pcrs --replace || status=$?
		echo "step $step: $status"
		[ "$status" != 0 ] || break
		[ "$status" = 137 ] && not_locked_out && init $pcrs --replace &&
			is 1 eval 'kept | wc -l' && not_locked_out &&
			is 0 eval 'find $kept -name "*.pending" | wc -l' || return 1
		[ $pcrs = sha256:16 ] && pcrs=$other || pcrs=sha256:16
	done
	[ "$step" -gt 8 ] && [ "$step" -lt 50 ]
}

# What was admitted for good before the reboot.
if [ -n "$rebooted" ]; then
	require mkdir -p $kept
	require cp "$dir/ledger" $ledger
	require cp "$dir/vtpm" "$work/vtpm"
	require load_module
	test_that "the mux root key is the same" is "$(cat "$dir/mrk")" name $mrk
	test_that "host status: nothing is admitted yet" \
		is 'waiting for an admitted state' host binding
	test_that "create fails" fails 1 "$refused" vtpmctl create
	test_that "a state file does not open" \
		fails 1 "$not_opened" vtpmctl open "$work/vtpm"
	test_that "without what was kept there is nothing to admit" \
		fails 1 '^vtpmctl: host admit: nothing is kept in' vtpmctl host admit
	require cp "$dir"/admitted/* $kept/
	test_that "what was kept is admitted" quiet vtpmctl host admit
	test_that "create works" make_vtpms 0 0
	test_that "the state file opens" state_open 20 "$work/vtpm"
	test_that "and all is there" state_kept 20
	require vtpmctl close 20
	test_that "host status says it" is 'in an admitted state' host binding
	test_that "a key in the chip" client /dev/vtpm0 make p256 "$work/key" hardware

	require extend 16 1
	test_that "another state: create fails" fails 1 "$refused" vtpmctl create
	test_that "and open" fails 1 "$not_opened" vtpmctl open "$work/vtpm"
	require reload
	test_that "nothing that is kept admits it" \
		fails 1 "the host's state is none of those" vtpmctl host admit
	test_that "open fails" fails 1 "$not_opened" vtpmctl open "$work/vtpm"
	require tpm2_pcrreset 16
	test_that "the first state: open works" state_open 20 "$work/vtpm"
	test_that "and all is there" state_kept 20
	require vtpmctl close 20

	# Damaged, and no files at all: the good one counts.
	file=$(kept)
	require reload
	require eval 'sed "s/^pcrs .*/pcrs sha256:8,16/" "$file" >$kept/pcrs.admission'
	test_that "a file that was changed is refused" \
		fails 1 'admitted/pcrs.admission: damaged, or no admission' vtpmctl host admit
	test_that "and has no effect on the good one" make_vtpms 0 0
	require rm $kept/pcrs.admission
	require eval 'head -c 200 "$file" >$kept/cut.admission; : >$kept/empty.admission'
	require mkdir $kept/directory.admission
	require mkfifo $kept/fifo.admission
	require eval '{ cat "$file"; echo; } >$kept/long.admission'
	require reload
	damaged() { ! vtpmctl host admit 2>"$work/err" && is 5 grep -c 'damaged, or no' "$work/err"; }
	test_that "so are others, each with a line" damaged
	test_that "and have no effect" make_vtpms 0 0
	require mv "$file" "$work/"
	require reload
	test_that "without the good one they are all that there is" damaged
	test_that "and create fails" fails 1 "$refused" vtpmctl create
	require rm -r $kept
	require mkdir $kept
	require mv "$work/${file##*/}" $kept/
	test_that "admit" quiet vtpmctl host admit
	test_that "killed anywhere, host init does no harm" killed_anywhere
	test_that "no session is left" no_sessions
	end_tests
fi

dir=/run/out
new_key() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.pem" &&
		openssl pkey -in "$1.pem" -pubout -out "$2.pem"
}
require new_key "$dir/key" "$dir/pub"
require new_key "$work/other" "$work/other-pub"

# Loaded without an order, the module makes one that is not bound.
require load_module
test_that "host status: not bound" is none host binding
# Killed before the key is bound: the next boot has no trouble with it.
killed_before() {
	local step

	for ((step = 1; step <= 50; step++)); do
		LD_PRELOAD=$PWD/killed-at.so KILLED_AT=$step vtpmctl host init --pcrs $pcrs
		[ -z "$(find $kept -name '*.pending')" ] || break
	done
	is none host binding && quiet vtpmctl host admit && is 0 eval 'kept | wc -l'
}
test_that "killed before it binds, host init leaves nothing to admit" killed_before
require rm -r $kept
test_that "host policy works with it" eval 'vtpmctl host policy --pcrs $pcrs >"$work/state"'
require sign "$work/state"
test_that "but nothing is admitted to a key that is not bound" \
	fails 1 'host admit: .*is not bound' admit "$work/state"
require name $mrk
unbound=$(name $mrk)
require make_vtpms 0 0
test_that "it cannot be bound where something hangs from it" fails 1 'host init: .*--replace' \
	vtpmctl host init --authority "$dir/pub.pem"
test_that "nor replaced while a vTPM uses it" fails 1 'host init: vTPMs use the mux root key' \
	vtpmctl host init --authority "$dir/pub.pem" --replace
test_that "and is as it was" is "$unbound" name $mrk
require vtpmctl destroy 0
require mkdir -p ${kept%/*}
require touch ${kept%/*}/some.state
test_that "nor while there is a state file" fails 1 'host init: .*--replace' \
	vtpmctl host init --authority "$dir/pub.pem"
require rm ${kept%/*}/some.state
test_that "otherwise it is replaced" quiet vtpmctl host init --authority "$dir/pub.pem"
name $mrk >"$dir/mrk"
test_that "by another" [ "$(cat "$dir/mrk")" != "$unbound" ]
test_that "the same order again changes nothing" \
	quiet vtpmctl host init --authority "$dir/pub.pem" --replace
test_that "nor does init without an authority" quiet vtpmctl host init
test_that "it is the same key" is "$(cat "$dir/mrk")" name $mrk
test_that "that only a policy admits to" \
	eval 'tpm2_readpublic -c $mrk | grep -A1 "^attributes" | grep -v userwithauth | grep -q adminwithpolicy'
test_that "host status: bound" is 'waiting for an admitted state' host binding
test_that "without a state that is admitted create fails" fails 1 "$refused" vtpmctl create
test_that "the chip itself refuses to use it" \
	eval '! tpm2_create -Q -C $mrk -G ecc'

# What the authority signs is what tpm2-tools say.
test_that "host policy" eval 'vtpmctl host policy --pcrs $pcrs >"$dir/state"'
require tpm2_createpolicy -Q --policy-pcr -l $pcrs -L "$work/policy"
test_that "is what tpm2_createpolicy says, and vtpm_mux" \
	eval '{ cat "$work/policy"; printf vtpm_mux; } | cmp - "$dir/state"'
test_that "a PCR that does not exist" fails 2 '--pcrs' \
	vtpmctl host policy --pcrs sha256:24
require sign "$dir/state"
require openssl dgst -sha256 -sign "$work/other.pem" -out "$work/other.sig" "$dir/state"
test_that "a signature of somebody else is rejected" fails 1 'not signed by the authority' \
	admit "$dir/state" $pcrs "$work/other.sig"
head -c 32 /dev/zero >"$work/else"
printf vtpm_mux >>"$work/else"
require sign "$work/else"
test_that "and so is one of another state" fails 1 'not signed by the authority' \
	admit "$dir/state" $pcrs "$work/else.sig"
test_that "another authority is rejected" fails 1 'not signed by the authority' \
	vtpmctl host admit --authority "$work/other-pub.pem" --pcrs $pcrs \
	--policy "$dir/state" --signature "$work/other.sig"
test_that "create still fails" fails 1 "$refused" vtpmctl create
test_that "no session is left" no_sessions

# The state that the host is in.
mark_log
test_that "the present state is admitted" quiet admit "$dir/state"
test_that "the log says it" says_once 'the host is in a state that was admitted$'
test_that "host status too" is 'in an admitted state' host binding
test_that "and which PCRs" is '1, last sha256:7,16' host admitted
test_that "create works" make_vtpms 0 1
test_that "no session is left" no_sessions
test_that "a key in the chip" client /dev/vtpm0 make p256 "$work/key" hardware
test_that "signs" client /dev/vtpm0 sign "$work/key"

require vtpmctl create --number 20 --state "$work/vtpm"
require vtpmctl power on 20
require client /dev/vtpm20 startup
test_that "a vTPM with a state file" state_fill 20
require vtpmctl close 20

# Another one, and back.
mark_log
require extend 16 1
test_that "the host has changed: create fails" fails 1 "$refused" vtpmctl create
test_that "again" fails 1 "$refused" vtpmctl create
test_that "and a state file does not open" fails 1 "$not_opened" vtpmctl open "$work/vtpm"
test_that "the log says it once" says_once 'the host is in no state that was admitted'
test_that "host status too" is 'in no admitted state' host binding
test_that "what is loaded goes on" client /dev/vtpm0 sign "$work/key" 2
# The client's persistent handle is taken; but the key is made.
test_that "with new keys, too" \
	eval '[[ $(client /dev/vtpm0 make p256 "$work/key1" hardware 2>&1) == *"CreatePrimary: 0x000"* ]]'
test_that "what the chip has not loaded yet does not" \
	eval '[[ $(client /dev/vtpm1 make p256 "$work/key2" hardware 2>&1) == *0x101* ]]'
test_that "no session is left" no_sessions
require tpm2_pcrreset 16
test_that "changed back: create works" make_vtpms 2 2
test_that "and the state file opens" state_open 20 "$work/vtpm"
test_that "and all is there" state_kept 20
require vtpmctl close 20
test_that "host status says it" is 'in an admitted state' host binding

# A state is signed before the host gets into it: PCR 16 as it will be.
require extend 16 2
test_that "host policy of another state" eval 'vtpmctl host policy --pcrs $pcrs >"$work/next"'
require sign "$work/next"
require tpm2_pcrreset 16
test_that "which is admitted" quiet admit "$work/next"
test_that "host status: it is in the old one" is 'in an admitted state' host binding
test_that "create works" make_vtpms 3 3
require extend 16 2
test_that "and in the new one" make_vtpms 4 4
require tpm2_pcrreset 16

# Whatever goes wrong, no session is left.
test_that "a refused TPM2_PolicyPCR" \
	eval 'vmctl chip-refuse 0x17f 0x101 && ! vtpmctl create'
test_that "leaves none" no_sessions
test_that "a refused TPM2_PolicyAuthorize" \
	eval 'vmctl chip-refuse 0x16a 0x101 && ! vtpmctl create'
test_that "leaves none" no_sessions
test_that "a refused TPM2_Create" eval 'vmctl chip-refuse 0x153 0x101 && ! vtpmctl create'
test_that "leaves none" no_sessions
test_that "a refused TPM2_Create for want of room" vmctl chip-refuse 0x153 0x902
test_that "works in the end" make_vtpms 5 5
test_that "and leaves none" no_sessions
test_that "a refused TPM2_StartAuthSession for want of a session" \
	eval 'vmctl chip-refuse 0x176 0x903 && fails 1 busy vtpmctl create'
test_that "a refused TPM2_VerifySignature" \
	eval 'vmctl chip-refuse 0x177 0x101 && ! admit "$work/next"'
test_that "leaves none" no_sessions
test_that "create works" make_vtpms 6 6

# What is admitted can be kept: the module forgets it.
require rm -rf $kept
require reload
test_that "nothing is kept yet" fails 1 'nothing is kept in' vtpmctl host admit
test_that "one is admitted and kept" quiet admit "$dir/state" $pcrs "$dir/state.sig" --keep
test_that "another as well" quiet admit "$work/next" $pcrs "$work/next.sig" --keep
test_that "once more" quiet admit "$work/next" $pcrs "$work/next.sig" --keep
test_that "they are two files" is 2 eval 'kept | wc -l'
test_that "for root alone" is '600 600 700' eval 'stat -c %a $(kept) $kept | paste -sd " "'
require reload
test_that "unloaded: create fails" fails 1 "$refused" vtpmctl create
test_that "what is kept is admitted" quiet vtpmctl host admit
test_that "all of it" is '2, last sha256:7,16' host admitted
test_that "create works" make_vtpms 0 0
require extend 16 2
test_that "in the other state, too" make_vtpms 1 1
require tpm2_pcrreset 16
require reload
stray='admission: not signed by the authority of the keys: remove it$'

# Bound to PCRs alone.
test_that "a key that is bound cannot be bound to PCRs" fails 1 'host init: .*--replace' \
	vtpmctl host init --pcrs $pcrs
require vtpmctl host admit
require make_vtpms 0 0
test_that "nor replaced while a vTPM uses it" fails 1 'host init: vTPMs use the mux root key' \
	vtpmctl host init --pcrs $pcrs --replace
require vtpmctl destroy 0
test_that "nor if the chip refuses" eval 'vmctl chip-refuse 0x153 0x101 &&
	fails 1 "host init: the chip failed" vtpmctl host init --pcrs $pcrs --replace'
test_that "which leaves what was kept" is 2 eval 'kept | wc -l'
old=$(kept | head -n 1)
require cp "$old" "$work/old.admission"
test_that "it is replaced by one that is bound to PCRs" init $pcrs --replace
test_that "by another" [ "$(cat "$dir/mrk")" != "$(name $mrk)" ]
test_that "what admits to it is kept, and nothing else" is 1 eval 'kept | wc -l'
test_that "host status: bound, and admitted" is 'in an admitted state' host binding
name $mrk >"$dir/mrk"
test_that "the same order again changes nothing" init $pcrs --replace
test_that "it is the same key" is "$(cat "$dir/mrk")" name $mrk
test_that "admitted by the same file" is 1 eval 'kept | wc -l'
require cp "$work/old.admission" $kept/
require reload
test_that "a file of another authority is refused" fails 1 "$stray" vtpmctl host admit
test_that "and has no effect on the others" is 'in an admitted state' host binding
test_that "host init removes it" eval 'init $pcrs && is 1 eval "kept | wc -l"'
test_that "the authority from before admits nothing" fails 1 'not signed by the authority' \
	admit "$dir/state"
test_that "the ledger went with its key" fails 1 "$ledger: it belongs to another chip" \
	vtpmctl create --number 20 --state "$work/bound"
test_that "it is not made anew unasked" fails 1 "the chip has a ledger's counter" \
	vtpmctl host anchor --new
test_that "nor put aside" [ ! -e $ledger.gone ]
test_that "it is if that is said" quiet vtpmctl host anchor --new --replace
test_that "and what was there is kept" [ -e $ledger.gone ]
require vtpmctl create --number 20 --state "$work/bound"
require vtpmctl power on 20
require client /dev/vtpm20 startup
test_that "a vTPM with a state file" state_fill 20
require vtpmctl close 20
test_that "the module unloads" quiet rmmod vtpm_mux
require cp "$work/bound" "$dir/vtpm"
require cp -r $ledger $kept "$dir/"
test_that "nothing of ours is left in the chip" \
	is '' tpm2_getcap handles-transient -T device:/dev/tpm0
end_tests
