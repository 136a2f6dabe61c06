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
		initrds+=(-i "$images/$archive.cpio")
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

# In a guest's sign_on: no signature for a while, though it goes on trying.
no_more_signatures() {
	local n=-1 now

	for _ in 1 2 3 4 5 6 7 8 9 10; do
		now=$(console "$1" | grep -c '^@signed')
		[ "$now" != "$n" ] || return 0
		n=$now
		sleep 3
	done
	return 1
}

modprobe vhost_vdpa 2>/dev/null	# built into the debug kernel

# Without a vTPM; what can go wrong.
test_that "no kernel" fails 1 'no 64-bit bzImage' "$microvm" "$images/base.cpio"
test_that "no such vTPM" fails 1 'vtpm9: there is none' "$microvm" -t 9 "$kernel"
test_that "too little memory for a new vTPM's guest" \
	fails 1 'needs more memory' "$microvm" -t new -m 16 "$kernel"
test_that "and the vTPM is gone" [ ! -e /dev/vtpm0 ]
vtpmctl create --power-follows-open --vdpa >/dev/null
test_that "a vTPM whose power follows open is none for a launcher" \
	fails 1 'its power follows open' "$microvm" -t 0 "$kernel"
vtpmctl destroy 0

# Two guests, and fourteen users of vhost more.
require vtpmctl create --vdpa --number 0
boot first first 320 "-t 0 -l $work/log" tools
boot kself kselftest 320 "-t new" kselftest
require until_true 120 [ -e /dev/vtpm1 ]
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

# The same vTPM and its power, another guest.
boot again again 160 "-t 0 -k"
test_that "a crash of the next guest does too" ended again 10
test_that "it saw the PCRs of the first" fetch again pcrs
test_that "as they were" diff "$work/first.pcrs" "$work/again.pcrs"
test_that "and they are as before" pcrs_are_kept

# The kernel's own tests; then the VMM misbehaves.
test_that "kselftest tpm2 ends" says kself 'done' 400
kselftest_passed() {
	console kself | grep -E '^@ .*(ok|FAIL|ERROR|Ran|OK)'
	console kself | grep -q '^@ Ran 15 tests' && console kself | grep -qx '@ OK'
}
test_that "kselftest tpm2: 15 of 15" kselftest_passed

# A command in the chip, and its VMM is killed.
boot signing sign_on 160 "-t 0 -k"
require says signing signed
require fetch signing key
require vmctl chip-pause
test_that "the chip is paused: no more signatures" no_more_signatures signing
kill -KILL "$(vmm signing)"
test_that "the VMM is killed with a command in the chip" ended signing 137 60
test_that "its vTPM's PCRs can be read at once" pcrs_are_kept
test_that "the other guest's VMM runs on" job_runs kself
require vmctl chip-continue
test_that "and it signs again, with the guest's key" \
	client -w 60 /dev/vtpm0 sign "$work/signing.key"

intruder_is_killed() { "$here/intrude" "$(vmm kself)"; }
test_that "a system call that is not allowed kills the VMM" intruder_is_killed
test_that "its launcher says so" ended kself 159 60
test_that "and has destroyed the vTPM that it made" [ ! -e /dev/vtpm1 ]

# Unplugged, and switched off.
boot idle idle 160 "-t new"
require says idle idle
kill -TERM "${jobs[idle]}"
test_that "SIGTERM ends a guest" ended idle 143 60
test_that "and its vTPM" [ ! -e /dev/vtpm1 ]
boot exits exits 160 "-t 0"
test_that "a guest switches itself off" ended exits 0
test_that "its vTPM is off then" grep -q '^state *off' <(vtpmctl show 0)
base_exits=$(exits_between exits 2 3)
test_that "20 signatures and 20 verifications: no exit to user space" \
	[ "$(exits_between exits 3 4)" = "$base_exits" ]
test_that "destroy" vtpmctl destroy 0
end_tests
