#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vtpmctl suspend, resume, snapshot and restore. Prints TAP.

set -uo pipefail
cd "$(dirname "$0")/../../userspace" || exit 1

# shellcheck source=tests/selftests/ctl.sh
. ../tests/selftests/ctl.sh

n=510
other=511
third=512

# A state that comes back: PCR 16 and the NV indexes of vtpm$n tell it.
tool() { "tpm2_$1" -T "device:/dev/vtpm$n" "${@:2}"; }
state() { tool pcrread sha256:16 && tool getcap handles-nv-index; }
is_as() { [ "$(state)" = "$1" ] || { state; return 1; }; }
change() { tool pcrextend "16:sha256=$(printf '%064d' "$1")" && tool nvdefine -Q "0x150000$1"; }
file=$work/file

echo "TAP version 13"

ctl create --number "$n" --assurance software
ctl create --number "$other" --assurance software
ctl create --number "$third" --assurance software --power-follows-open
test_that "suspend one that is off" prints 1 'it is off' suspend "$n" "$file"
ctl power on "$n"
ctl measure "$n" ./vtpmctl
startup "/dev/vtpm$n"
change 1
was=$(state)
mkdir "$work/small" && mount -t tmpfs -o size=4k none "$work/small"
test_that "suspend to a disk that is full" prints 1 'No space left' suspend "$n" "$work/small/file"
test_that "leaves no file" test ! -e "$work/small/file"
umount "$work/small"
test_that "and it goes on" is_as "$was"
test_that "suspend" quiet suspend "$n" "$file"
test_that "it is off, suspended" prints 0 '^state +off, established$' show "$n"
test_that "restore what is for resume" prints 1 "it is for 'vtpmctl resume'" restore "$n" "$file"
test_that "resume" quiet resume "$n" "$file"
test_that "it goes on where it was" is_as "$was"
test_that "and has used the file up" test ! -e "$file"
test_that "snapshot" quiet snapshot "$n" "$file"
test_that "into a file that is there" prints 1 'File exists' snapshot "$n" "$file"
test_that "resume what is for restore" prints 1 "it is for 'vtpmctl restore'" resume "$n" "$file"
test_that "restore one that is on" prints 1 'it is on: see' restore "$n" "$file"
ctl power off "$n"
test_that "restore what nothing came after" quiet restore "$n" "$file"
test_that "it is as it was" is_as "$was"
change 2
ctl power off "$n"
test_that "restore the past" prints 1 'a state of the past, and it was made without --snapshots' \
	restore "$n" "$file"
test_that "restore another one's" prints 1 'or another' restore "$other" "$file"
head -c 3000 "$file" >"$work/short"
test_that "restore what was cut short" prints 1 'cut short' restore "$n" "$work/short"
{ head -c 3000 "$file"; echo x; tail -c +3003 "$file"; } >"$work/damaged"
test_that "restore what is damaged" prints 1 'the file is damaged' restore "$n" "$work/damaged"
test_that "restore anything" prints 1 'not made by snapshot' restore "$n" ./vtpmctl
test_that "snapshot of one whose power follows" prints 1 'its power follows its VMM' \
	snapshot "$third" "$work/none"
exec 6<>"/dev/vtpm$n"
test_that "snapshot of one that is open" prints 5 'it is open: its VMM' snapshot "$n" "$work/none"
exec 6>&-
test_that "nothing has come of those" test ! -e "$work/none"

# One that may go back.
n=513
ctl create --number "$n" --snapshots --assurance software
ctl power on "$n"
startup "/dev/vtpm$n"
change 1
was=$(state)
test_that "snapshot of one made for it" quiet snapshot "$n" "$work/one"
change 2
ctl power off "$n"
test_that "restore --json" json "v['powered'] and v['rollbacks'] == 1" restore "$n" "$work/one"
test_that "what was done since is undone" is_as "$was"
ctl power off "$n"
test_that "snapshot of one that is off" quiet snapshot "$n" "$work/off"
test_that "restore that" quiet restore "$n" "$work/off"
test_that "it is off again" prints 0 '^state +off' show "$n"
for n in 510 511 512 513; do
	test_that "destroy vtpm$n" quiet destroy "$n"
done

end_tests
