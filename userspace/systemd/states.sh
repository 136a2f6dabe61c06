#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Opens every vTPM whose state file is in /var/lib/vtpm-mux, when the host boots,
# and closes those with a state file when it shuts down. What one of them suffers
# from is no reason not to do it for the others.

set -u

directory=${VTPM_STATES:-/var/lib/vtpm-mux}
failed=0

usage() {
	cat <<USAGE
Usage: states open|close

"open" makes a vTPM of each $directory/NAME.state that is not in use, with the
options for "vtpmctl open" that are in NAME.options; vtpmN.state gets the number N,
and nothing else does.
States of the host that are kept (vtpmctl host admit --keep, host init --pcrs) are
admitted before, and the ledger, $directory/ledger, is attached.
"close" closes all vTPMs that have a state file, but those that a VMM has open.
USAGE
}

# "vtpmN" has the number N, by which VMMs know it; so has "vtpm00N".
number_of() {
	number=${1##*/vtpm}
	number=${number%.state}
	case $number in
	''|*[!0-9]*) return 1 ;;
	esac
	while [ "$number" != "${number#0?}" ]; do
		number=${number#0}
	done
	echo "$number"
}

# vtpmctl locks a file for as long as there is its vTPM.
is_in_use() {
	[ -e "$1" ] || return
	status=0
	flock --nonblock --conflict-exit-code 9 "$1" true 2>/dev/null || status=$?
	[ "$status" = 9 ]
}

# The lowest number that no vTPM has and no file by its name, be that opened or not:
# who is to have that one must not be given another instead.
named=' '
free=0
find_free() {
	while [ -e "/dev/vtpm$free" ] || [ "$named" != "${named#* "$free" }" ]; do
		free=$((free + 1))
	done
}

# open_one FILE NUMBER
open_one() {
	options=
	if [ -r "${1%.state}.options" ]; then
		options=$(grep -v '^#' "${1%.state}.options")
	fi
	# shellcheck disable=SC2086 # options are words
	vtpmctl open "$1" --number "$2" $options && return
	echo "$1: not opened" >&2
	failed=1
}

is_kept() {
	[ -n "$(find /var/lib/vtpm-mux/admitted -name '*.admission' -o -name '*.pending' \
		2>/dev/null)" ]
}

# The chip may be found some time after the module was loaded.
wait_for_chip() {
	tries=300
	while [ "$tries" -gt 0 ] && vtpmctl host status | grep -q '^state *absent'; do
		sleep 0.1
		tries=$((tries - 1))
	done
}

# What the keys are bound to: neither ledger nor state file opens without.
admit_states() {
	is_kept || return
	vtpmctl host admit || failed=1
}

# Without it no state file opens.
attach_ledger() {
	[ -e "$directory/ledger" ] || return
	! is_in_use "$directory/ledger" || return 0
	vtpmctl host anchor --ledger "$directory/ledger" || failed=1
}

open_all() {
	set -- "$directory"/*.state
	[ -e "$1" ] || [ -L "$1" ] || shift
	[ $# -gt 0 ] || is_kept || return
	[ -e /dev/vtpm-mux ] || modprobe vtpm_mux || exit 1
	wait_for_chip
	admit_states
	[ $# -gt 0 ] || return
	attach_ledger
	# Those that have a number before any that takes what is free.
	for file; do
		number=$(number_of "$file") || continue
		named="$named$number "
		is_in_use "$file" || open_one "$file" "$number"
	done
	for file; do
		number_of "$file" >/dev/null || is_in_use "$file" ||
			{ find_free && open_one "$file" "$free"; }
	done
}

# The devices of those that have state files.
with_state() {
	vtpmctl --json list | awk '
		$1 == "\"device\":" { gsub(/[",]/, "", $2); device = $2 }
		$1 == "\"persistent_state\":" && $2 ~ /true/ { print device }'
}

close_all() {
	[ -e /dev/vtpm-mux ] || return
	for device in $(with_state); do
		status=0
		vtpmctl close "$device" || status=$?
		# A VMM has it open: nothing is lost with it, its state is in the file.
		[ "$status" = 0 ] || [ "$status" = 5 ] || failed=1
	done
}

case ${1-} in
open) open_all ;;
close) close_all ;;
-h|--help) usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac
exit "$failed"
