# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scenarios of tests/selftests/chip-life share. Sourced, in the test
# host; the caller's directory is this one.

work=$(mktemp -d /run/chip-life.XXXXXX)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
. ../../tap.sh || exit 1
# shellcheck source=tests/selftests/log.sh
. ../log.sh || exit 1

# Where everything else depends on it.
require() {
	"$@" >"$work/told" 2>&1 && return
	sed 's/^/# /' "$work/told"
	echo "# cannot go on without: $*"
	exit 1
}

PATH=$PWD:$PATH			# for client: a job is to be the program itself

load_module() {
	local deps

	deps=$(modinfo -F depends "$VTPM_MUX_KO" | tr , ' ')
	# shellcheck disable=SC2086 # a list of names
	[ -z "$deps" ] || modprobe -a $deps || return 1
	insmod "$VTPM_MUX_KO"
}

# All vTPMs from $1 to $2: made, powered on, started.
make_vtpms() {
	local n

	for ((n = $1; n <= $2; n++)); do
		vtpmctl create --number "$n" >/dev/null && vtpmctl power on "$n" &&
			client "/dev/vtpm$n" startup >/dev/null || return 1
	done
}

# A vTPM that has a state file: NV and a key that outlive it, and that losing its
# power again and again does not lock out. state_fill N, and
# state_kept N, after it was opened, powered on and started.
state_tools() {
	local tool=$1 n=$2

	shift 2
	"tpm2_$tool" -T "device:/dev/vtpm$n" "$@"
}
state_fill() {
	state_tools nvdefine "$1" -Q -C o -s 8 0x1500001 &&
		printf 'for ever' | state_tools nvwrite "$1" -Q -C o -i - 0x1500001 &&
		state_tools createprimary "$1" -Q -C o -G ecc256:ecdsa-sha256 \
			-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign' \
			-c "$work/state.key" &&
		state_tools evictcontrol "$1" -Q -C o -c "$work/state.key" 0x81000100
}
state_kept() {
	[ "$(state_tools nvread "$1" -C o 0x1500001)" = 'for ever' ] &&
		echo text >"$work/text" &&
		state_tools sign "$1" -Q -c 0x81000100 -g sha256 -o "$work/sig" "$work/text" &&
		state_tools verifysignature "$1" -Q -c 0x81000100 -g sha256 -s "$work/sig" \
			-m "$work/text"
}
state_open() {
	vtpmctl open "$2" --number "$1" >/dev/null && vtpmctl power on "$1" &&
		client "/dev/vtpm$1" startup >/dev/null
}

# The trace events of the module.
tracing=/sys/kernel/tracing
trace_on() {
	[ -d $tracing/events ] || mount -t tracefs tracefs $tracing
	echo >$tracing/trace
	echo 1 >$tracing/events/vtpm_mux/enable
}

# traced_last EVENT...: the last ones of their names are these.
traced_last() {
	local names have

	names=$(printf '%s|' "${@%%:*}")
	have=$(sed -n 's/^.*: \(vtpm_[a-z_]*: .*\)/\1/p' $tracing/trace |
		grep -E "^(${names%|}):" | tail -n $#)
	[ "$have" = "$(printf '%s\n' "$@")" ] && return
	printf 'traced:\n%s\n' "$have"
	return 1
}

# fails STATUS REGEX COMMAND...: with this status and one line on stderr, which
# the extended REGEX finds.
fails() {
	local want=$1 regex=$2 status=0

	shift 2
	"$@" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = "$want" ] && [ ! -s "$work/out" ] &&
		[ "$(wc -l <"$work/err")" = 1 ] && grep -Eq -- "$regex" "$work/err" && return
	echo "$*: status $status"
	cat "$work/out" "$work/err"
	return 1
}

quiet() {
	"$@" >"$work/out" 2>&1 && [ ! -s "$work/out" ] && return
	echo "$* said:"
	cat "$work/out"
	return 1
}

# The value of a line of "vtpmctl host status".
host() { vtpmctl host status | awk -v key="$1" '$1 == key { $1 = ""; print substr($0, 2) }'; }

# is VALUE COMMAND...: it prints just this.
is() {
	local want=$1 have

	shift
	have=$("$@")
	[ "$have" = "$want" ] || { echo "$*: '$have', not '$want'"; return 1; }
}

# ends PID SECONDS: this child ends in time; what would hang is not waited for.
ends() {
	local end=$((SECONDS + $2))

	while kill -0 "$1" 2>/dev/null; do
		[ "$SECONDS" -lt "$end" ] || { echo "not done after $2 s"; return 1; }
		sleep 0.2
	done
}

# within SECONDS COMMAND...: the command succeeds in time.
within() {
	local seconds=$1 pid

	shift
	"$@" &
	pid=$!
	ends "$pid" "$seconds" && wait "$pid"
}

# until_true SECONDS COMMAND...: becomes true in time.
until_true() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "never: $*"; return 1; }
		sleep 0.2
	done
}

host_is() { [ "$(host state)" = "$1" ]; }

declare -A jobs

# job NAME COMMAND...: in the background.
job() {
	local name=$1

	shift
	"$@" >"$work/job.$name" 2>&1 &
	jobs[$name]=$!
}

# job_runs NAME
job_runs() { kill -0 "${jobs[$1]}"; }

# job_succeeds NAME [SECONDS]: ends in time, with success.
job_succeeds() {
	local status=0

	ends "${jobs[$1]}" "${2-60}" && wait "${jobs[$1]}" || status=$?
	cat "$work/job.$1"
	return "$status"
}

# Ends a job that waits for the file $work/stop.
stop_jobs() { : >"$work/stop"; }
go_jobs() { rm -f "$work/stop"; }

# The chip commands that a vTPM's command has taken: chip_count N TPM2_Sign
chip_count() { vtpmctl stats "$1" | awk -v name="$2" '$1 == name { print $4 }'; }
