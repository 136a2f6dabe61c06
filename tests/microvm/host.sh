#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of tests/microvm/run that runs in the test host: boots guests in
# microvm, follows what they say on their consoles, and checks what comes of it.
# Prints TAP.

images=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
cd "$here/../selftests/chip-life-inside" || exit 1
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"
# shellcheck source=tests/selftests/chip-life-inside/lib.sh
. ./lib.sh

microvm=$here/../../userspace/microvm/microvm
kernel=$(stock_prefix "$VM_STOCK_RELEASE")/boot/vmlinuz-$VM_STOCK_RELEASE
# What the emulated processor is slow at, a guest need not do.
quiet_boot='console=ttyS0 quiet loglevel=2 panic=-1 pci=off clocksource=kvm-clock 8250.nr_uarts=1'
nonce=$(od -An -v -tx1 -N16 /dev/urandom | tr -d ' \n')

# boot NAME JOB MEMORY "OPTIONS" ARCHIVE...: starts a guest.
boot() {
	local name=$1 job=$2 memory=$3 options=$4 archive initrds=()

	shift 4
	for archive in base "$@"; do
		[ "$archive" = "${archive#/}" ] && archive=$images/$archive.cpio
		initrds+=(-i "$archive")
	done
	# shellcheck disable=SC2086 # a list of words
	job "$name" "$microvm" --no-xsave -m "$memory" $options \
		-c "$quiet_boot job=$job nonce=$nonce" "${initrds[@]}" "$kernel"
}

console() { tr -d '\r' <"$work/job.$1"; }
said() { console "$1" | grep -Eq -- "^@$2"; }

# Waits until guest $1 has said $2.
says() {
	until_true "${3-240}" heard "$1" "$2" && said "$1" "$2" && return
	tail -n 20 "$work/job.$1"
	return 1
}

# Or has ended: no more to wait for.
heard() { said "$1" "$2" || ! kill -0 "${jobs[$1]}" 2>/dev/null; }

# The launcher of guest $1 ends with status $2.
ended() {
	local status=0

	ends "${jobs[$1]}" "${3-240}" && { wait "${jobs[$1]}" || status=$?; }
	[ "$status" = "$2" ] && return
	echo "status $status, not $2"
	tail -n 20 "$work/job.$1"
	return 1
}

# The process in which guest $1 runs.
vmm() { pgrep -P "${jobs[$1]}" microvm; }

# A test for each that guest $1 has made.
guest_tests() {
	local status name

	while read -r status name; do
		test_that "guest $1: $name" [ "$status" = @ok ] || console "$1" | grep '^@ '
	done < <(console "$1" | grep -E '^@(ok|FAIL) ')
}

# What guest $1 has given to the host as $2, to $work/$1.$2.
fetch() {
	console "$1" | sed -n "s/^@data $2 //p" | base64 -d >"$work/$1.$2" &&
		[ -s "$work/$1.$2" ]
}

same() { cmp "$1" "$2"; }

# What the launcher says it has measured, by digests taken here.
digests_are_right() {
	local cmdline="$quiet_boot job=first nonce=$nonce"

	cat >"$work/want" <<-END
	4 0xc $(sha256sum <"$kernel" | cut -c 1-64) kernel
	8 0xd $(printf %s "$cmdline" | sha256sum | cut -c 1-64) kernel_cmdline: $cmdline
	9 0xd $(cat "$images"/{base,tools}.cpio | sha256sum | cut -c 1-64) initramfs
	END
	"$here/replay" "$work/log" digests | grep -E '^(4 0xc|8|9) ' | diff - "$work/want"
}

# The PCRs of guest $1 are those of the log, and zero where that has none.
pcrs_are_replayed() {
	"$here/replay" "$work/log" pcrs >"$work/replayed"
	join -v 1 <(sort "$work/replayed") <(sort "$work/$1.pcrs") | grep . && return 1
	diff <(sort "$work/replayed") \
		<(grep -vE '^(1[0-9]|2[0-9]) |^[0-9]+ (0+|F+)$' "$work/$1.pcrs" | sort)
}

quote_verifies() {
	tpm2_checkquote -Q -g sha256 -u "$work/first.ak.pem" -m "$work/first.quote.msg" \
		-s "$work/first.quote.sig" -f "$work/first.quote.pcrs" -q "$1"
}

quote_refused() { ! quote_verifies "$1"; }

# The PCRs of a vTPM that no guest has now.
host_pcrs() {
	tpm2_pcrread -T "device:/dev/vtpm$1" sha256:0,4,8,9 |
		awk '/0x/ { sub(/0x/, "", $3); print $1, $3 }'
}

pcrs_are_kept() {
	diff <(grep -E '^(0|4|8|9) ' "$work/first.pcrs") <(host_pcrs 0)
}

is_sandboxed() {
	local pid task

	pid=$(vmm "$1") && [ -d "/proc/$pid/task" ] || return 1
	for task in "/proc/$pid/task/"*; do
		grep -qx 'Seccomp:	2' "$task/status" &&
			grep -qx 'NoNewPrivs:	1' "$task/status" || return 1
	done
}

# Exits from mark $2 to mark $3 of guest $1.
exits_between() {
	console "$1" | awk -v from="$2:" -v to="$3:" '
		$2 == "mark" { n[$3] = $6 }
		END { print n[to] - n[from] }'
}

# What it takes to say so is in both.
no_exits() {
	local idle busy

	idle=$(exits_between "$1" 2 3)
	busy=$(exits_between "$1" 3 4)
	[ "$idle" -gt 0 ] && [ "$busy" = "$idle" ] && return
	echo "$busy exits, $idle when nothing is done"
	return 1
}

# Kilobytes: of the guests, for the most part.
shared_memory() { awk '$1 == "Shmem:" { print $2 }' /proc/meminfo; }

# The memory of a guest is there (-gt), or not.
guest_memory() { test "$(shared_memory)" "$1" $((memory_before + 32768)); }

# What guest $1 does is a signature that the chip does not answer. What the module
# does by itself may be in its way: then the same again.
hold_signature() {
	local i

	for ((i = 0; i < 10; i++)); do
		vmctl chip-pause && until_true 20 vmctl chip-held 0x15d 2>/dev/null && return
		vmctl chip-continue && job_runs "$1" || return
	done
	return 1
}

off() { vtpmctl show "$1" | grep -q '^state *off'; }

modprobe vhost_vdpa 2>/dev/null	# built into the debug kernel

# Without a vTPM; what can go wrong.
test_that "no kernel" fails 1 'no 64-bit bzImage' "$microvm" "$images/base.cpio"
test_that "no such vTPM" fails 1 'vtpm9: there is none' "$microvm" -t 9 "$kernel"
test_that "too little memory for a new vTPM's guest" \
	fails 1 'needs more memory' "$microvm" -t new -m 16 "$kernel"
test_that "and the vTPM is gone" [ ! -e /dev/vtpm0 ]
# pref_address, from which init_size leads around to a small number
require eval '{ head -c 600 "$kernel"; printf "\0\0\360\377\377\377\377\377"
	tail -c +609 "$kernel"; } >"$work/liar"'
test_that "a kernel that says it begins before memory" \
	fails 1 'needs more memory' "$microvm" -m 320 "$work/liar"
require rm "$work/liar"
vtpmctl create --power-follows-open --vdpa >/dev/null
test_that "a vTPM whose power follows open is none for a launcher" \
	fails 1 'its power follows open' "$microvm" -t 0 "$kernel"
vtpmctl destroy 0

# Two guests, and fourteen users of vhost more.
require vtpmctl create --vdpa --number 0
require vtpmctl create --vdpa --number 1
boot first first 320 "-t 0 -l $work/log" tools
boot kself kselftest 320 "-t 1" kselftest
test_that "16 vTPMs at once: 2 guests and the users of a test program" \
	within 240 "$here/../selftests/vhost" many_at_once
test_that "the VMM has a seccomp filter and no new privileges" \
	until_true 120 is_sandboxed first
test_that "rmmod is refused while a guest runs" fails 1 'in use' rmmod vtpm_mux
test_that "so is destroy" fails 5 'it is open' vtpmctl destroy 0
test_that "and /dev/vtpm0 is not to be had" \
	fails 1 'busy' dd if=/dev/vtpm0 of=/dev/null count=0
test_that "the guest comes to its end" says first '(ok|FAIL) and the key signs' 400
guest_tests first
for file in log pcrs key ak.pem quote.msg quote.sig quote.pcrs; do
	test_that "the guest gives away: $file" fetch first $file
done
test_that "the guest's event log is the launcher's" same "$work/first.log" "$work/log"
test_that "it has the digests of kernel, command line and initramfs" digests_are_right
test_that "and replays to the guest's PCRs, H-CRTM included" pcrs_are_replayed first
test_that "the quote verifies on the host" quote_verifies "$nonce"
test_that "and not for another nonce" quote_refused 00ff
test_that "a reboot of the guest ends the VMM" ended first 10
test_that "and PCRs are as before" pcrs_are_kept

# The kernel's own tests.
test_that "kselftest tpm2 ends, and the guest switches itself off" ended kself 0 400
kselftest_passed() {
	console kself | grep -E '^@ .*(ok|FAIL|ERROR|Ran|OK)'
	console kself | grep -q '^@ Ran 15 tests' && console kself | grep -qx '@ OK'
}
test_that "kselftest tpm2: 15 of 15" kselftest_passed
test_that "its vTPM is off then" off 1

# The first guest's vTPM with another guest. A command in the chip, and the VMM is
# killed.
require eval '(cd "$work" && cp first.key key && echo key | cpio --quiet -o -H newc >key.cpio)'
memory_before=$(shared_memory)
boot signing sign_on 160 "-t 0 -k" "$work/key.cpio"
require says signing signed
test_that "the next guest sees the PCRs of the first" fetch signing pcrs
test_that "as they were" diff "$work/first.pcrs" "$work/signing.pcrs"
test_that "a signature of the guest is in the chip" hold_signature signing
test_that "a guest's memory is shared memory" guest_memory -gt
kill -KILL "$(vmm signing)"
test_that "the VMM is killed meanwhile" ended signing 137 60
test_that "what the chip was at is cancelled, not waited for" is ready host state
test_that "the guest's memory is free again" until_true 60 guest_memory -le
test_that "its vTPM's PCRs can be read at once" pcrs_are_kept
require vmctl chip-continue

# And it goes on with the next VMM.
boot exits exits 160 "-t 0 -k" "$work/key.cpio"
test_that "a crash of the next guest ends its VMM" ended exits 10
test_that "it has signed 20 times" fetch exits signed
test_that "20 of them" is 20 grep -c '^TPM2_Sign: 0x000' "$work/exits.signed"
test_that "and no command or response was an exit to user space" no_exits exits
test_that "PCRs are as before" pcrs_are_kept

# Guests that do not come far.
boot intruded off 160 "-t new"
require until_true 120 is_sandboxed intruded
require [ -e /dev/vtpm2 ]
intruder_is_killed() { "$here/intrude" "$(vmm intruded)"; }
test_that "a system call that is not allowed kills the VMM" intruder_is_killed
test_that "its launcher says so" ended intruded 159 60
test_that "and has destroyed the vTPM that it made" [ ! -e /dev/vtpm2 ]
boot unplugged off 160 "-t 0 -k"
require until_true 120 is_sandboxed unplugged
kill -TERM "${jobs[unplugged]}"
test_that "SIGTERM ends launcher and VMM" ended unplugged 143 60
test_that "as pulling the plug does: the vTPM is off" off 0
test_that "destroy" eval 'vtpmctl destroy 0 && vtpmctl destroy 1'
test_that "nothing of ours is left in the chip" \
	is '' tpm2_getcap handles-transient -T device:/dev/tpm0
end_tests
