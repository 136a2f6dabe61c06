#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a guest: what the firmware and the kernel say they have measured is what the
# vTPM's PCRs have. The log came to the guest by other ways than the TPM, so a
# PCR that is right was extended with exactly these digests in this order.

# shellcheck disable=SC2317 # functions that are run by name
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/clients/lib.sh
. "$here/lib.sh"
security=/sys/kernel/security
log=$work/log

# Replays the firmware's log: "bank pcr value" for each PCR that it has.
replay() {
	tpm2_eventlog "$1" | awk '
		/^pcrs:/ { pcrs = 1; next }
		/^[^ ]/ { pcrs = 0 }
		pcrs && /^  sha[0-9]*:/ { sub(/:/, ""); bank = $1; next }
		pcrs { print bank, $1 + 0, substr($NF, 3) }'
}

log_is_there() {
	cp "$security/tpm0/binary_bios_measurements" "$log" || return 1
	replay "$log" >"$work/replayed"
	for pcr in 0 1 2 3 4 5 6 7 "$@"; do
		grep -q "^sha256 $pcr [0-9a-f]*$" "$work/replayed" ||
			fail "the log has no event for PCR $pcr"
	done
}

# Each value of the file $1 must be the TPM's.
same_as_tpm() {
	local bank pcr want

	[ -s "$1" ] || fail "nothing replayed"
	while read -r bank pcr want; do
		grep -qx "$bank $pcr $want" "$work/pcrs" ||
			fail "replayed $want, the TPM has $(grep "^$bank $pcr " "$work/pcrs")"
	done <"$1"
}

banks_of() { cut -d ' ' -f 1 "$1" | sort -u; }

every_bank() {
	[ "$(banks_of "$work/replayed")" = "$(banks_of "$work/pcrs")" ] ||
		fail "the TPM's banks are $(banks_of "$work/pcrs")"
	same_as_tpm "$work/replayed"
}

same_in_sysfs() {
	local bank pcr want have

	[ -s "$work/replayed" ] || fail "nothing replayed"
	while read -r bank pcr want; do
		read -r have <"/sys/class/tpm/tpm0/pcr-$bank/$pcr"
		[ "${have,,}" = "$want" ] || fail "PCR $pcr of $bank is $have, not $want"
	done <"$work/replayed"
}

# One bit of one digest in the log is not what was measured.
altered_log() {
	local digest at

	digest=$(tpm2_eventlog "$log" | awk '
		$3 == "sha256" { getline; digest = $2 }
		END { gsub(/"/, "", digest); print digest }')
	at=$(LC_ALL=C grep -obUaP "$(escaped "$digest")" "$log" |
		tail -n 1 | cut -d : -f 1)
	[ -n "$at" ] || fail "there is no digest $digest in the log"
	cp "$log" "$log.altered"
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\x$(printf %02x $((0x${digest:0:2} ^ 1)))" |
		dd of="$log.altered" bs=1 seek="$at" conv=notrunc status=none
	replay "$log.altered" >"$work/altered"
	refused 'replayed .* the TPM has' same_as_tpm "$work/altered"
}

# Nobody has measured anything else, but what IMA has into PCR 10.
rest_untouched() {
	local bank pcr value

	[ -s "$work/pcrs" ] || fail "no PCRs"
	while read -r bank pcr value; do
		[ "$pcr" != 10 ] || continue
		! grep -q "^$bank $pcr " "$work/replayed" || continue
		case $pcr in
		17|18|19|20|21|22) value=${value//f/} ;;
		*) value=${value//0/} ;;
		esac
		[ -z "$value" ] || fail "PCR $pcr of $bank is not as at power-on"
	done <"$work/pcrs"
}

# IMA's first event is a digest over PCRs 0 to 9.
boot_aggregate() {
	local values want

	values=$(sed -n 's/^sha256 [0-9] //p' "$work/pcrs" | tr -d '\n')
	# shellcheck disable=SC2059 # the format is the values
	want=$(printf "$(escaped "$values")" | sha256sum | cut -c 1-64)
	grep -q " sha256:$want boot_aggregate" "$security/ima/ascii_runtime_measurements" ||
		fail "not $want: $(cat "$security/ima/ascii_runtime_measurements")"
}

# The events of IMA, each: PCR, SHA-1 of the data, name, data; the last three with
# their lengths (but the digest). Into each bank goes the digest of the data.
ima_pcr() {
	local want

	want=$(python3 - "$security/ima/binary_runtime_measurements" <<-'END'
	import hashlib, struct, sys
	log, at, pcr = open(sys.argv[1], 'rb').read(), 0, bytes(32)
	while at < len(log):
	    index, digest, length = struct.unpack_from('<I20sI', log, at)
	    at += 28 + length
	    size, = struct.unpack_from('<I', log, at)
	    data = log[at + 4:at + 4 + size]
	    at += 4 + size
	    assert index == 10 and hashlib.sha1(data).digest() == digest
	    pcr = hashlib.sha256(pcr + hashlib.sha256(data).digest()).digest()
	print(pcr.hex())
	END
	) || fail "cannot read IMA's log"
	grep -qx "sha256 10 $want" "$work/pcrs" || fail "PCR 10 is not $want"
}

attestation_key() {
	tpm2_createprimary -Q -C e -G ecc256:ecdsa:null -c ak.ctx \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|sign' ||
		return 1
	tpm2_readpublic -Q -c ak.ctx -f pem -o ak.pem
}

# A quote of the PCRs $1 must be signed by the key, for this nonce, and have the
# digest of the values (hexadecimal) $2.
quote() {
	local nonce want

	nonce=$(head -c 16 /dev/urandom | hex -)
	tpm2_quote -Q -c ak.ctx -l "sha256:$1" -q "$nonce" -m quote -s quote.signature \
		-f plain || return 1
	openssl dgst -sha256 -verify ak.pem -signature quote.signature quote ||
		fail "OpenSSL does not accept the signature"
	# shellcheck disable=SC2059 # the format is the values
	want=$(printf "$(escaped "$2")" | sha256sum | cut -c 1-64)
	tpm2_print -t TPMS_ATTEST quote >quote.text || return 1
	grep -q "pcrDigest: $want" quote.text || fail "not $want: $(cat quote.text)"
	grep -q "extraData: $nonce" quote.text || fail "not $nonce: $(cat quote.text)"
}

quote_log() {
	quote 0,1,2,3,4,5,6,7 "$(sed -n 's/^sha256 [0-7] //p' "$work/replayed" | tr -d '\n')"
}

# One quote before and one after a change, which the other does not know of.
quote_change() {
	local zero event

	zero=$(printf '%064d' 0) event=$(printf '%064d' 7)
	quote 16 "$zero" || return 1
	change_pcr16
	# shellcheck disable=SC2059 # the format is the values
	quote 16 "$(printf "$(escaped "$zero$event")" | sha256sum | cut -c 1-64)" || return 1
	restore_pcr16
	quote 16 "$zero"
}

all_pcrs >"$work/pcrs"
t "the firmware's log has events for PCRs 0 to 7${1:+ and }$*" log_is_there "$@"
t "it replays to the TPM's PCRs, in every bank" every_bank
t "and to those that the kernel shows" same_in_sysfs
t "with one bit of the log altered it does not" altered_log
t "the other PCRs are as they are at power-on" rest_untouched
t "IMA's boot aggregate is the digest of PCRs 0 to 9" boot_aggregate
t "IMA's log replays to PCR 10" ima_pcr
t "an attestation key" attestation_key
t "a quote of PCRs 0 to 7 is of what the log replays to" quote_log
t "a quote of PCR 16 is of its value at the time" quote_change
finish
