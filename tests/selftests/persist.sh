#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# State files: a vTPM is closed and opened again, its file refused where it should
# be, its disk full or failing. Prints TAP.

set -uo pipefail
cd "$(dirname "$0")/../../userspace" || exit 1

work=$(mktemp -d /run/persist.XXXXXX)
# shellcheck source=tests/selftests/state.sh
. ../tests/selftests/state.sh

cleanup() {
	./vtpmctl destroy --force $n 2>/dev/null
	umount "$work/ext4" "$work/small" 2>/dev/null
	dmsetup remove --noudevsync vtpm-flaky 2>/dev/null
	[ -z "${loop-}" ] || losetup -d "$loop"
	rm -rf "$work"
}
trap cleanup EXIT

# The names of things that a vTPM keeps, and what is in them.
fill() {
	tpm2_nvdefine -Q -C o -s 16 0x1500001 && printf 'in NV, for ever!' | tpm2_nvwrite -Q -C o -i - 0x1500001 &&
		tpm2_nvdefine -Q -C o -a 'nt=counter|ownerread|ownerwrite' 0x1500002 &&
		tpm2_nvincrement -Q -C o 0x1500002 && tpm2_nvincrement -Q -C o 0x1500002 &&
		tpm2_createprimary -Q -C o -G ecc256 -c "$work/primary" &&
		tpm2_create -Q -C "$work/primary" -G ecc256:ecdsa-sha256 -c "$work/key" \
			-u "$work/pub" -r "$work/priv" &&
		tpm2_evictcontrol -Q -C o -c "$work/key" 0x81000100 &&
		tpm2_changeauth -Q -c lockout lockout && tpm2_flushcontext -t &&
		state >"$work/state" && [ -s "$work/state" ]
}

state() {
	tpm2_nvread -C o 0x1500001 && tpm2_nvread -C o 0x1500002 | od -An -tx1 &&
		tpm2_readpublic -c 0x81000100 && tpm2_getcap properties-variable | grep AuthSet
}

# Is all as fill() has left it, and do the keys work?
kept() {
	echo persist >"$work/text"
	state >"$work/now" && diff "$work/state" "$work/now" || return 1
	tpm2_sign -Q -c 0x81000100 -g sha256 -o "$work/sig" "$work/text" &&
		tpm2_verifysignature -Q -c 0x81000100 -g sha256 -s "$work/sig" -m "$work/text" &&
		tpm2_createprimary -Q -C o -G ecc256 -c "$work/primary" &&
		tpm2_load -Q -C "$work/primary" -u "$work/pub" -r "$work/priv" -c "$work/key" &&
		tpm2_sign -Q -c "$work/key" -g sha256 -o "$work/sig" "$work/text" &&
		tpm2_flushcontext -t
}

f=$work/state.vtpm
test_that "create --state" create "$f"
test_that "the host has a ledger" eval '[ "$(stat -c "%a" /var/lib/vtpm-mux/ledger)" = 600 ] &&
	ctl host status | grep -E "^ledger +1 vtpms"'
test_that "of a file that is there is refused" refused 'there is a file' create --state "$f"
test_that "the file has its size, is its owner's alone and not sparse" eval \
	'[ "$(stat -c "%s %a" "$f")" = "1576960 600" ] && [ "$(stat -c "%b" "$f")" -ge 3080 ]'
test_that "NV, a counter, keys, an authorization value" fill
test_that "show: generation and changes" info \
	'v["persistent_state"] and v["state_generation"] == 2 and v["state_commits"] > 5 and v["state_journal"] > 0'
test_that "it is in use" refused 'in use' open "$f"
cp "$f" "$work/unclosed"
test_that "close" close
test_that "closed, it is gone" refused 'no such vTPM' show $n
test_that "open, and all is there" eval 'open "$f" && kept'
test_that "the power is lost, and all is there" eval 'ctl power reset $n && startup /dev/vtpm$n && kept'
test_that "TPM2_Shutdown(STATE), closed and opened: resumed" eval \
	'tpm2_pcrextend 1:sha256=$(printf "%064d" 1) && tpm2_pcrread sha256:1 >"$work/pcr" &&
	 tpm2_shutdown && close && ctl open --number $n "$f" && ctl power on $n && startup /dev/vtpm$n state &&
	 tpm2_pcrread sha256:1 | diff "$work/pcr" - && kept'
test_that "close" close

# As after a power cut: the copy was made while it was in use.
test_that "a file that was not closed is an older one" \
	refused 'older than the ledger says' open "$work/unclosed"
mv "$work/unclosed" "$f"
test_that "if that is admitted, all is there" eval 'open --accept-rollback "$f" && kept && close'

# What is wrong with a file, and who says so.
copy() { cp --sparse=never "$f" "$work/bad"; }
copy; truncate -s 100000 "$work/bad"
LOG='cut short' test_that "cut short" refused 'cut short' open "$work/bad"
copy; dd if=/dev/zero of="$work/bad" bs=8 count=1 conv=notrunc status=none
LOG='no state file' test_that "no state file" refused 'no state file' open "$work/bad"
copy; printf '\2' | dd of="$work/bad" bs=1 seek=8 conv=notrunc status=none
LOG='version' test_that "of a later version" refused 'version' open "$work/bad"
copy; printf 'x' | dd of="$work/bad" bs=1 seek=300 conv=notrunc status=none
LOG='damaged' test_that "the wrapped key changed" refused 'damaged' open "$work/bad"
# Whichever area is in use: the snapshot of both.
copy
for at in 5000 791432; do
	printf 'x' | dd of="$work/bad" bs=1 seek=$at conv=notrunc status=none
done
LOG='damaged' test_that "the state changed" refused 'damaged' open "$work/bad"
LOG='asked for' test_that "not the vTPM that was asked for" \
	refused 'with this UUID' open --uuid 01234567-89ab-4def-8123-456789abcdef "$f"
test_that "a directory" refused . open "$work"
test_that "a device" refused 'not a regular file' open /dev/null
test_that "and nothing of it is left" refused 'no such vTPM' show $n

# Software keys, with a file that the chip keeps the key of.
test_that "--assurance software" eval 'create "$work/soft" --assurance software && fill && close'
test_that "and opened again" eval 'open "$work/soft" && kept && info "v[\"hardware\"] == 0 and v[\"assurance\"] == \"software\""'
test_that "destroyed" ctl destroy $n
LOG='destroyed' test_that "a destroyed file is refused" refused 'destroyed' open "$work/soft"
test_that "destroy --state" ctl destroy --state "$f"
LOG='destroyed' test_that "and that is refused as well" refused 'destroyed' open "$f"

# At boot: what each file's vTPM is called by, whatever becomes of the others.
mkdir "$work/boot"
states() { PATH=$PWD:$PATH VTPM_STATES=$work/boot sh systemd/states.sh "$1"; }
lowest() {
	local i=0

	while [ -e "/dev/vtpm$i" ]; do i=$((i + 1)); done
	echo "$i"
}
has_number() { [ "$(ctl show "$1" | awk '$1 == "device" { print $2 }')" = "/dev/vtpm$2" ]; }
uuid_of() { ctl show "$1" | awk '$1 == "uuid" { print $2 }'; }
at_boot() {
	local first second low

	create "$work/boot/vtpm0$n.state" && first=$(uuid_of $n) &&
		ctl create --number 601 --state "$work/boot/other.state" &&
		second=$(uuid_of 601) && states close && [ ! -e /dev/vtpm$n ] &&
		[ ! -e /dev/vtpm601 ] || return
	low=$(lowest)
	ln -s "$work/gone" "$work/boot/a.state"
	echo damaged >"$work/boot/vtpm$low.state"
	! states open 2>"$work/err" || return
	cat "$work/err"
	has_number "$first" $n && has_number "$second" $((low + 1)) &&
		grep -qx "$work/boot/vtpm$low.state: not opened" "$work/err" &&
		grep -qx "$work/boot/a.state: not opened" "$work/err" &&
		[ ! -e "$work/gone" ] || return
	rm "$work/boot/a.state" "$work/boot/vtpm$low.state"
	states open && has_number "$second" $((low + 1)) && states close &&
		! ctl show "$first" && ! ctl show "$second" &&
		ctl destroy --state "$work/boot/vtpm0$n.state" &&
		ctl destroy --state "$work/boot/other.state"
}
test_that "the service opens and closes them, each with its number" at_boot
test_that "what is not made is called by its file" \
	refused "^vtpmctl: $work/taken: the number or the UUID is taken" \
	create --number 0 --state "$work/taken"

# What is traced of a life, from beginning to end, and what the log says.
tracing=/sys/kernel/tracing
[ -d $tracing/events ] || mount -t tracefs tracefs $tracing
state_blob() {
	python3 -c '
import ctypes, fcntl, os, struct
room = ctypes.create_string_buffer(1 << 20)
fd = os.open("/dev/vtpm'$n'", os.O_RDWR)
def call(what, kind, length):
    args = bytearray(struct.pack("=IIIIQ", 24, kind, 0, length, ctypes.addressof(room)))
    fcntl.ioctl(fd, 0xa100 | what, args)
    return struct.unpack("=IIIIQ", args)[3]
n = call(0x47, 1, len(room))
call(0x48, 1, n)
'
}
life() {
	echo 1 >$tracing/events/vtpm_mux/enable && echo >$tracing/trace &&
		create "$work/traced" --snapshots --assurance software && ctl power reset $n &&
		ctl power off $n && state_blob && close && open "$work/traced" &&
		ctl destroy $n
	sed -n 's/^.*: \(vtpm_[a-z_]*: .*\)/\1/p' $tracing/trace |
		sed 's/uuid=[-0-9a-f]*/uuid/; s/len=[0-9]*/len/' >"$work/trace"
	echo 0 >$tracing/events/vtpm_mux/enable
	diff "$work/trace" - <<-TRACE
	vtpm_create: vtpm$n uuid assurance=software state_file=1
	vtpm_power: vtpm$n on
	vtpm_power: vtpm$n off
	vtpm_power: vtpm$n on
	vtpm_power: vtpm$n off
	vtpm_get_state: vtpm$n permanent len rc=0
	vtpm_set_state: vtpm$n permanent flags= past=0 rc=0
	vtpm_close: vtpm$n rc=0
	vtpm_open: vtpm$n uuid assurance=software state_file=1
	vtpm_power: vtpm$n on
	vtpm_destroy: vtpm$n rc=0
	TRACE
}
test_that "each step is traced" life
test_that "the log has those that matter" eval \
	'module_log | grep "vtpm_mux: vtpm$n: " | tail -n 4 | sed "s/^.*vtpm_mux: //; s/UUID [-0-9a-f]*/UUID/" | diff - <(
	 echo "vtpm$n: created, UUID, with a state file"; echo "vtpm$n: closed"
	 echo "vtpm$n: opened, UUID"; echo "vtpm$n: destroyed")'

# A disk that has no room for it.
mkdir "$work/small" "$work/ext4"
mount -t tmpfs -o size=1m none "$work/small"
test_that "a disk that is too small" refused 'file system is full' create --number $n --state "$work/small/state"
test_that "leaves no file" [ ! -e "$work/small/state" ]
test_that "and no vTPM" refused 'no such vTPM' show $n

# An ext4 that gets full, and a disk below it that fails.
flaky() {
	dmsetup suspend --noflush --nolockfs vtpm-flaky &&
		dmsetup reload vtpm-flaky --table "$1" && dmsetup resume --noudevsync vtpm-flaky
}
truncate -s 64M "$work/disk"
if modprobe -a loop dm_flakey ext4 && loop=$(losetup -f --show "$work/disk") &&
   sectors=$(blockdev --getsz "$loop") && good="0 $sectors flakey $loop 0 1 0" &&
   bad="0 $sectors flakey $loop 0 0 1 1 error_writes" &&
   dmsetup create --noudevsync vtpm-flaky --table "$good" &&
   disk=/dev/$(dmsetup info -c --noheadings -o blkdevname vtpm-flaky) &&
   mkfs.ext4 -q -O ^has_journal "$disk" && mount "$disk" "$work/ext4"; then
	f=$work/ext4/state
	test_that "on ext4" eval 'create "$f" && fill'
	dd if=/dev/zero of="$work/ext4/fill" bs=64k status=none 2>/dev/null
	test_that "that is full now: changes are made nevertheless" eval \
		'printf "with a full disk" | tpm2_nvwrite -Q -C o -i - 0x1500001 && state >"$work/state"'
	for ((i = 0; i < 40; i++)); do nv_increment /dev/vtpm$n; done
	state >"$work/state"
	# Nothing else of that disk's is to be written while it fails.
	sync -f "$work/ext4"
	mark_log
	flaky "$bad"
	test_that "the disk fails: a change is an error" eval \
		'! printf "cannot be stored" | tpm2_nvwrite -Q -C o -i - 0x1500001'
	test_that "the log says so, once" says_once "state file.*changes are refused"
	test_that "and what was, is" eval 'state | diff "$work/state" -'
	test_that "a second change is, too" eval '! tpm2_nvincrement -Q -C o 0x1500002'
	flaky "$good"
	test_that "it works again: so do changes" eval \
		'printf "is stored again!" | tpm2_nvwrite -Q -C o -i - 0x1500001 && state >"$work/state"'
	test_that "and the log says that" says_once "state file.*written again"
	test_that "closed and opened: all is there" eval 'close && open "$f" && kept'
	test_that "destroyed" ctl destroy $n
else
	skip_test "a disk that fails" "no dm-flakey here"
fi
end_tests
