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
options for "vtpmctl open" that are in NAME.options; vtpmN.state gets the number N.
States of the host that are kept (vtpmctl host admit --keep, host init --pcrs) are
admitted before, and the ledger, $directory/ledger, is attached.
"close" closes all vTPMs that have a state file, but those that a VMM has open.
USAGE
}

# "vtpmN" has the number N, by which VMMs know it.
number_of() {
	number=${1##*/vtpm}
	number=${number%.state}
	case $number in
	''|*[!0-9]*) return 1 ;;
	esac
	echo "$number"
}

open_one() {
	options=
	if [ -r "${1%.state}.options" ]; then
		options=$(grep -v '^#' "${1%.state}.options")
	fi
	if number=$(number_of "$1"); then
		options="--number $number $options"
	fi
	# vtpmctl locks a file for as long as there is its vTPM.
	flock --nonblock "$1" true || return
	# shellcheck disable=SC2086 # options are words
	vtpmctl open "$1" $options || failed=1
}

is_kept() {
	[ -n "$(find /var/lib/vtpm-mux/admitted -name '*.admission' 2>/dev/null)" ]
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
	flock --nonblock "$directory/ledger" true || return
	vtpmctl host anchor --ledger "$directory/ledger" || failed=1
}

open_all() {
	set -- "$directory"/*.state
	[ -e "$1" ] || is_kept || return
	[ -e /dev/vtpm-mux ] || modprobe vtpm_mux || exit 1
	wait_for_chip
	admit_states
	[ -e "$1" ] || return
	attach_ledger
	# Those that have a number before any that takes what is free.
	for file; do
		! number_of "$file" >/dev/null || open_one "$file"
	done
	for file; do
		number_of "$file" >/dev/null || open_one "$file"
	done
}

close_all() {
	[ -e /dev/vtpm-mux ] || return
	for device in $(vtpmctl list | sed -n 's|^\(/dev/vtpm[0-9]*\) .*|\1|p'); do
		vtpmctl --json show "$device" | grep -q '"persistent_state": *true' || continue
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
