#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of the demonstration that runs in the test host: loads the module,
# makes two vTPMs, starts a guest on each, has tests/demo/guest.sh work in both
# and checks what comes out. Prints events for tests/demo/run to show, one a line,
# fields separated by tabs:
#
#	section TITLE
#	fact NAME VALUE		for people only
#	text LINE		the same
#	columns			guest A, guest B, above the promises that follow
#	promise STATUS NAME	ok or FAIL; or of the two guests "ok FAIL"
#	detail LINE		about a promise that was not kept
#	progress TEXT		what is being waited for
#	end			nothing was left out
#
# Every wait has an end. A guest that does not answer in time is not asked again.

set -uo pipefail
here=$(dirname "$0")
module=$1	# vtpm_mux.ko
tools=$2	# archive for the guests
images=$3	# and those of tests/microvm/initramfs
out=/run/out
work=/run/demo
answer_limit=90	# seconds; the longest answer is the one without a chip
boot_limit=330

mkdir -p "$work/A" "$work/B"
mkfifo "$work/nobody"
declare -A device=([A]=/dev/vtpm0 [B]=/dev/vtpm1) nonce=()

event() { local IFS=$'\t'; printf '%s\n' "$*"; }

nap() { read -r -t "$1" <>"$work/nobody" || true; }

# The promise named $1 is kept if the command behind it succeeds; what that
# prints is shown if not.
promise() {
	local name=$1 said

	shift
	if said=$("$@" 2>&1); then
		event promise ok "$name"
	else
		event promise FAIL "$name"
		details "$said"
		return 1
	fi
}

details() {
	local line

	while IFS= read -r line; do
		[ -z "$line" ] || event detail "$line"
	done <<<"$1"
}

# A mark in the chip's own log: TPM2_StirRandom with text, see tests/demo/chip-log.
mark() {
	local text=mark:$1 header

	printf -v header '\\x80\\x01\\0\\0\\0\\x%02x\\0\\0\\x01\\x46\\0\\x%02x' \
		$((12 + ${#text})) ${#text}
	exec 7<>/dev/tpm0
	# Through dd, or a newline among the bytes would split the write.
	# shellcheck disable=SC2059 # the format is the command
	printf "$header$text" | dd bs=4096 iflag=fullblock status=none >&7
	dd bs=4096 count=1 <&7 >/dev/null 2>&1
	exec 7>&-
}

# Requests to the guests

# Requests are counted by their files: a promise is tried in a process of its
# own, which could not count in a variable.
last_request() {
	local n=0

	while [ -e "$work/$1/request.$((n + 1))" ]; do
		n=$((n + 1))
	done
	echo "$n"
}

# Asks guest $1 for the function and arguments behind it, without waiting.
ask() {
	local guest=$1 n

	shift
	n=$(last_request "$guest")
	echo "$*" >"$work/$guest/request.new"
	mv "$work/$guest/request.new" "$work/$guest/request.$((n + 1))"
}

alive() { [ ! -e "$work/$1.status" ]; }

# Waits until reply $2 of guest $1 is there, for $3 seconds at most.
wait_reply() {
	local guest=$1 reply=$2 limit=$3 end=$((SECONDS + $3))

	until [ -e "$reply" ]; do
		if [ -e "$work/$guest.silent" ]; then
			said="guest $guest has not answered before"
		elif ! alive "$guest"; then
			said="guest $guest has ended: $(tail -n 15 "$work/$guest.log")"
		elif [ "$SECONDS" -ge "$end" ]; then
			said="guest $guest: no answer within $limit seconds"
			: >"$work/$guest.silent"
		else
			nap 0.1
			continue
		fi
		return 1
	done
}

# Waits for the answer to the last request to guest $1, for $2 seconds at most.
# Leaves what it printed in $said and returns its status.
await() {
	local guest=$1 limit=${2-$answer_limit} n asked status answered

	n=$(last_request "$guest")
	wait_reply "$guest" "$work/$guest/reply.$n" "$limit" || return 1
	read -r asked _ <"$work/$guest/request.$n"
	{
		read -r status answered
		said=$(cat)
	} <"$work/$guest/reply.$n"
	[ "$answered" = "$asked" ] ||
		{ said="guest $guest: '$status $answered' for $asked"; return 1; }
	return "$status"
}

# Both guests do the same at the same time.
both() {
	local name=$1 a=ok b=ok text=

	shift
	ask A "$@"
	ask B "$@"
	await A || { a=FAIL; text+="guest A: $said"$'\n'; }
	said_a=$said
	await B || { b=FAIL; text+="guest B: $said"$'\n'; }
	event promise "$a $b" "$name"
	details "$text"
}

# One guest does it; for promise.
one() {
	local guest=$1

	shift
	ask "$guest" "$@"
	await "$guest"
	local status=$?
	echo "$said"
	return "$status"
}

# The steps

insert_module() {
	local depends

	depends=$(modinfo -F depends "$module") || return 1
	# shellcheck disable=SC2086 # a list of names
	[ -z "$depends" ] || modprobe -a ${depends//,/ } || return 1
	insmod "$module"
}

status_field() { vtpmctl host status | sed -n "s/^$1  *//p"; }
chip_ready() { [ "$(status_field state)" = ready ] || { vtpmctl host status; return 1; }; }
host_key() { [ "$(vtpmctl host status | awk -v key="$1" '$1 == key { print $2 }')" = "$2" ]; }

host_section() {
	event section "The host and its chip"
	mark setup
	promise "the module loads into the stock kernel" insert_module || exit 1
	promise "it finds the chip and is ready" chip_ready || exit 1
	promise "the chip has the host's SRK at its usual handle" host_key srk 0x81000001
	promise "and below it the mux root key" host_key mrk 0x81005654
	event text ""
	event fact kernel "Linux $(uname -r)"
	event fact chip "$(status_field chip | tr -s ' ')"
	event fact "host SRK" "$(status_field srk | cut -c 1-44)..."
	event fact "mux root key" "$(status_field mrk | cut -c 1-44)..."
}

# A microVM: its VMM is userspace/microvm, its TPM comes over vhost.

microvm_kernel() {
	local prefix

	for prefix in "" "$VTPM_MUX_CACHE/kernel-$VM_STOCK_RELEASE"; do
		[ ! -r "$prefix/boot/vmlinuz-$VM_STOCK_RELEASE" ] ||
			{ echo "$prefix/boot/vmlinuz-$VM_STOCK_RELEASE"; return; }
	done
}

# To its end, which the guest brings about itself.
run_microvm() {
	local cmdline='console=ttyS0 quiet loglevel=2 panic=-1 pci=off clocksource=kvm-clock'

	modprobe vhost_vdpa || return 1
	timeout "$boot_limit" userspace/microvm/microvm --vtpm new --event-log "$work/C/log" \
		--no-xsave --mem 320 --cmdline "$cmdline job=show nonce=${nonce[C]}" \
		--initrd "$images/base.cpio" --initrd "$images/tools.cpio" \
		"$(microvm_kernel)" >"$work/C.log" 2>&1 && return
	tail -n 15 "$work/C.log"
	return 1
}

# What the guest has written to its console in lines that begin with @.
from_microvm() {
	local file

	tr -d '\r' <"$work/C.log" >"$work/C/console"
	for file in pcrs log.guest ak.pem quote.msg quote.sig quote.pcrs; do
		sed -n "s/^@data ${file%.guest} //p" "$work/C/console" |
			base64 -d >"$work/C/$file" && [ -s "$work/C/$file" ] ||
			{ echo "no $file"; return 1; }
	done
}

launcher_measured() {
	from_microvm && cmp "$work/C/log" "$work/C/log.guest" || return 1
	python3 "$here/../microvm/replay" "$work/C/log" pcrs >"$work/C/replayed"
	diff "$work/C/replayed" <(head -n 10 "$work/C/pcrs")
}

microvm_quote_verifies() {
	tpm2_checkquote -g sha256 -u "$work/C/ak.pem" -m "$work/C/quote.msg" \
		-s "$work/C/quote.sig" -f "$work/C/quote.pcrs" -q "${nonce[C]}"
}

# Between marks 2 and 3 nothing is done but to mark.
no_exits() {
	awk '$2 == "mark" { n[$3] = $6 }
	END {
		print n["4:"] - n["3:"] - (n["3:"] - n["2:"]) " exits"
		exit !n["4:"] || n["4:"] - n["3:"] != n["3:"] - n["2:"]
	}' "$work/C/console"
}

microvm_section() {
	local status name

	event section "A microVM: userspace/microvm, its TPM over vhost"
	mkdir -p "$work/C"
	nonce[C]=$(od -An -v -tx1 -N16 /dev/urandom | tr -d ' \n')
	event progress "a microVM boots"
	promise "a stock kernel boots with a vTPM made at launch, and ends" run_microvm
	promise "PCRs are what the launcher measured before its first instruction" \
		launcher_measured
	while read -r status name; do
		event promise "${status#@}" "$name"
	done < <(grep -E '^@(ok|FAIL) ' "$work/C/console")
	promise "the host verifies the quote" microvm_quote_verifies
	promise "no TPM command has left the kernel: no exit to the VMM" no_exits
	promise "the vTPM is gone with its guest" [ ! -e /dev/vtpm0 ]
	event text ""
	event fact "event log" "$(python3 "$here/../microvm/replay" "$work/C/log" digests |
		awk '$1 == 4 && $2 == "0xc" { print "kernel " substr($3, 1, 16) "..., in PCR 4" }')"
}

create() {
	local made

	made=$(vtpmctl create --power-follows-open) || return 1
	[ "$made" = "$1" ] || { echo "created $made"; return 1; }
	[ -c "$1" ] || { echo "there is no $1"; return 1; }
}

vtpm_section() {
	event section "Two virtual TPMs"
	promise "vtpmctl create makes /dev/vtpm0" create /dev/vtpm0 || exit 1
	promise "and again, /dev/vtpm1" create /dev/vtpm1 || exit 1
	event text ""
	vtpmctl list | while IFS= read -r line; do
		event text "$line"
	done
	mark guests
}

# Starts guest $1. Its status is in a file when it has ended.
start_guest() {
	(
		VM_LOG_DIR=$out/guest-logs kvm-guest --tpm "${device[$1]}" --mem 512 \
			--timeout 800 --out "$work/$1" -- bash "$here/guest.sh" "$1" "$tools"
		echo "$?" >"$work/$1.status"
	) >"$work/$1.log" 2>&1 &
}

# What the command line of guest A's QEMU says of the TPM.
qemu_options() {
	ps -eo args | sed -n 's/^qemu-system.* \(-tpmdev [^ ]*vtpm0,[^ ]* -device [^ ]*\).*/\1/p'
}

boot_section() {
	local a=ok b=ok text=

	event section "Two virtual machines at once: stock QEMU with KVM, stock Debian kernel"
	event progress "two guests boot"
	start_guest A
	start_guest B
	event columns
	# The first answer comes when a guest is up.
	ask A driver
	ask B driver
	await A "$boot_limit" || { a=FAIL; text+="guest A: $said"$'\n'; }
	await B "$boot_limit" || { b=FAIL; text+="guest B: $said"$'\n'; }
	event promise "$a $b" "the guest's own tpm_crb driver has made /dev/tpm0 and /dev/tpmrm0"
	details "$text"
	both "the firmware has measured the boot into PCR 0" firmware_measured
	both "no module of ours in the guest, and its kernel is untainted" stock_kernel
	event text ""
	event fact "guest's kernel" "Linux ${said_a%%$'\n'*}"
	event fact "guest's modules" "${said_a#*$'\n'}"
	event fact QEMU "$(qemu_options)"
}

work_section() {
	event section "Each guest works with its TPM 2.0: tpm2-tools, checked by OpenSSL"
	event columns
	event progress "the guests work"
	both "PCR_Extend gives the value that OpenSSL computes" extend_pcr
	both "an ECC primary key" primary_ecc
	both "an RSA primary key" primary_rsa
	both "an ECDSA key is created, loaded, signs; OpenSSL verifies" sign_ecc
	both "an RSA key is created, loaded, signs; OpenSSL verifies" sign_rsa
	both "a secret sealed to a PCR policy is unsealed" seal
	both "and refused when the PCR has changed (TPM_RC_POLICY_FAIL)" unseal_refused
	both "an NV index is defined, written and read" nv_index
	both "an endorsement key (tpm2_createek)" create_ek
	both "an attestation key below it (tpm2_createak)" create_ak
}

# The host as a verifier: what it does needs no TPM.

make_credential() {
	local guest=$1 dir=$work/$1

	head -c 32 /dev/urandom >"$work/$guest.credential"
	tpm2_makecredential -Q -T none -u "$dir/ek.pub" -s "$work/$guest.credential" \
		-n "$(od -An -v -tx1 "$dir/ak.name" | tr -d ' \n')" -o "$dir/credential"
}

credential_came_back() { cmp "$work/$1.credential" "$work/$1/activated"; }

# check_quote KEY-OF QUOTE-OF PCRS-OF NONCE-OF
check_quote() {
	tpm2_checkquote -g sha256 -u "$work/$1/ak.pub" -m "$work/$2/quote.msg" \
		-s "$work/$2/quote.sig" -f "$work/$3/quote.pcrs" -q "${nonce[$4]}"
}

# It must fail, and for the reason $1.
quote_refused() {
	local reason=$1 said

	shift
	! said=$(check_quote "$@" 2>&1) || { echo "it verifies"; return 1; }
	[[ $said = *"$reason"* ]] || { echo "$said"; return 1; }
}

# The PCRs that the quote of guest $1 covers hold what the guest measured.
quoted_pcr() {
	local want said

	want=$(od -An -v -tx1 "$work/$1/pcr14" | tr -d ' \n')
	said=$(check_quote "$1" "$1" "$1" "$1") || return 1
	[ "${#want}" = 64 ] || { echo "guest $1 has not told its PCR 14"; return 1; }
	[[ ${said,,} = *"14: 0x$want"* ]] || { echo "not 14: 0x$want"; echo "$said"; return 1; }
}

attest_section() {
	local guest states=()

	event section "The host verifies what the guests attest"
	for guest in A B; do
		nonce[$guest]=$(od -An -v -tx1 -N16 /dev/urandom | tr -d ' \n')
		promise "a credential is made for EK and AK of guest $guest" make_credential "$guest"
	done
	event columns
	both "the guest activates its credential" activate
	for guest in A B; do
		states+=(ok)
		credential_came_back "$guest" >/dev/null 2>&1 || states[-1]=FAIL
	done
	event promise "${states[*]}" "and the host gets its secret back"
	event progress "quotes"
	ask A quote "${nonce[A]}"
	ask B quote "${nonce[B]}"
	states=(ok ok)
	await A || { states[0]=FAIL; details "$said"; }
	await B || { states[1]=FAIL; details "$said"; }
	event promise "${states[*]}" "a quote over PCRs 0, 4, 14 and 15 for the host's nonce"
	event columns end
	for guest in A B; do
		promise "the quote of $guest verifies: its AK, its virtual PCRs, the nonce" \
			check_quote "$guest" "$guest" "$guest" "$guest"
		promise "it says what guest $guest measured into PCR 14" quoted_pcr "$guest"
	done
	promise "the quote of A does not verify with the key of B" \
		quote_refused "Verify signature failed" B A A A
	promise "nor against the PCRs of B" \
		quote_refused "PCR composite" A A B A
	promise "nor for another nonce" \
		quote_refused "nonce from quote" A A A B
}

isolation_section() {
	event section "What belongs to guest A is refused in guest B"
	promise "guest A gives away a key blob, a context and handles" one A give_away
	cp "$work/A/ecc.pub" "$work/A/ecc.priv" "$work/A/key.ctx" "$work/B/" 2>/dev/null
	promise "key blob: TPM2_Load answers TPM_RC_INTEGRITY (0x1df)" one B blob_refused
	promise "saved context: TPM2_ContextLoad answers TPM_RC_INTEGRITY (0x1df)" \
		one B context_refused
	promise "persistent handle 0x81000042: TPM_RC_HANDLE (0x18b)" one B persistent_refused
	promise "handle 0x80000000 of a loaded key: TPM_RC_REFERENCE_H0 (0x910)" \
		one B transient_refused
}

# The counters: "COMMAND COUNT ERRORS CHIP ..." without the heading.
counters() { vtpmctl stats "$1" | awk 'NR > 1 { sub(/^TPM2_/, "", $1); print $1, $2, $3, $4 }'; }

# Prints both vTPMs' rows as "COMMAND COUNT-A CHIP-A COUNT-B CHIP-B".
joined() {
	awk '{
		row[$1] = 1
		count[$1, FILENAME] = $2 - $3
		chip[$1, FILENAME] = $4
	}
	END {
		for (c in row)
			print c, count[c, ARGV[1]] + 0, chip[c, ARGV[1]] + 0,
				count[c, ARGV[2]] + 0, chip[c, ARGV[2]] + 0
	}' "$work/stats.A" "$work/stats.B" | sort
}

# Both guests have succeeded with each of the named commands, and each time with
# the chip's help.
used_chip() {
	local command

	for command; do
		awk -v c="$command" '
		$1 == c { print; good = $2 && $4 && $3 >= $2 && $5 >= $4 }
		END { exit !good }' "$work/stats.guests" ||
			{ echo "$command: not with the chip"; return 1; }
	done
}

# The same, never with its help.
used_no_chip() {
	local command

	for command; do
		awk -v c="$command" '
		$1 == c { print; good = $2 && $4 && !$3 && !$5 }
		END { exit !good }' "$work/stats.guests" ||
			{ echo "$command: with the chip, or not at all"; return 1; }
	done
}

counter_section() {
	local command a_count a_chip b_count b_chip none='' line=

	event section "What the module counted"
	event progress "unused keys leave the chip"
	nap 5
	counters 0 >"$work/stats.A"
	counters 1 >"$work/stats.B"
	counters chip >"$work/stats.chip"
	mark counted
	joined >"$work/stats.guests"
	cp "$work/stats.chip" "$work/stats.guests" "$out/"
	printf -v line '%-22s %19s %19s' "" "guest A" "guest B"
	event text "$line"
	printf -v line '%-22s %9s %9s %9s %9s' "command of the guest" "done" "chip" "done" "chip"
	event text "$line"
	while read -r command a_count a_chip b_count b_chip; do
		if [ $((a_chip + b_chip)) -gt 0 ]; then
			printf -v line '%-22s %9s %9s %9s %9s' "$command" \
				"$a_count" "$a_chip" "$b_count" "$b_chip"
			event text "$line"
		elif [ $((a_count + b_count)) -gt 0 ]; then
			none+=", $command $((a_count + b_count))"
		fi
	done <"$work/stats.guests"
	event text ""
	fold -s -w 72 <<<"Without the chip: ${none#, }" | while IFS= read -r line; do
		event text "${line% }"
	done
	event text ""
	event text "Using a key that is in the chip costs one command, as \"make bench\" shows."
	event text "Here most were new, or had left the chip, as they do after 3 idle seconds."
	event text ""
	promise "signatures, quotes and activation each used the chip" \
		used_chip Sign Quote ActivateCredential
	promise "PCR, NV, policy, session, random and load commands never did" \
		used_no_chip PCR_Extend PCR_Read NV_DefineSpace NV_Write NV_Read PolicyPCR \
		PolicySecret StartAuthSession GetRandom Load ContextLoad ContextSave \
		FlushContext ReadPublic GetCapability
}

signs_again() {
	local end=$((SECONDS + 60))

	until one A sign_again ecc; do
		[ "$SECONDS" -lt "$end" ] || return 1
		nap 1
	done
}

# $1 is the promise about guest A's signature, which has been asked for.
refusal() {
	local seconds

	if await A; then
		seconds=$said
		event promise ok "$1"
		event text "      ($seconds seconds)"
	else
		event promise FAIL "$1"
		details "$said"
	fi
}

chip_section() {
	event section "The chip stops"
	promise "the chip is paused" vmctl chip-pause
	event progress "guest A waits for a signature"
	ask A sign_refused ecc
	promise "meanwhile PCR commands work in guest B" one B extend_pcr
	refusal "a signature in guest A ends with TPM_RC_FAILURE (0x101), in bounded time"
	promise "and PCR commands work in guest A" one A extend_pcr
	promise "the chip goes on" vmctl chip-continue
	promise "and guest A signs again, with the same key" signs_again
	promise "the chip is killed" vmctl chip-kill
	ask A sign_refused ecc
	refusal "a signature in guest A ends with TPM_RC_FAILURE (0x101), again"
	event columns
	both "PCR commands go on working" extend_pcr
}

ended() {
	local end=$((SECONDS + 90)) status

	while alive "$1"; do
		[ "$SECONDS" -lt "$end" ] || { echo "guest $1 is still running"; return 1; }
		nap 0.2
	done
	status=$(cat "$work/$1.status")
	[ "$status" = 0 ] || { echo "status $status"; cat "$work/$1.log"; return 1; }
}

end_section() {
	local guest

	event section "The end"
	event progress "the guests shut down"
	ask A quit
	ask B quit
	for guest in A B; do
		promise "guest $guest shuts down cleanly" ended "$guest"
	done
	promise "vtpmctl destroy wipes /dev/vtpm0" vtpmctl destroy 0
	promise "and /dev/vtpm1" vtpmctl destroy 1
	promise "the module unloads" rmmod vtpm_mux
}

host_section
microvm_section
vtpm_section
boot_section
work_section
attest_section
isolation_section
counter_section
chip_section
end_section
event end
