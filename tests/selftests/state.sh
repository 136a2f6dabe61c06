# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of state files share. Sourced; the caller's directory is
# userspace/, and $work one to write to.

# shellcheck source=tests/tap.sh
. ../tests/tap.sh
# shellcheck source=tests/selftests/log.sh
. ../tests/selftests/log.sh
# shellcheck source=tests/selftests/tpm.sh
. ../tests/selftests/tpm.sh

n=600
export TPM2TOOLS_TCTI=device:/dev/vtpm$n

ctl() { ./vtpmctl "$@"; }

# refused REGEX ARG...: vtpmctl fails with one line that the REGEX finds, and so
# does the last line of the module's, if LOG is not empty.
refused() {
	local regex=$1

	shift
	mark_log
	if ctl "$@" >"$work/out" 2>&1; then
		echo "vtpmctl $* succeeded"
		return 1
	fi
	cat "$work/out"
	grep -Eq -- "$regex" "$work/out" && [ "$(wc -l <"$work/out")" = 1 ] || return 1
	[ -z "${LOG-}" ] || module_log | tail -n 1 | grep -E "state file.*$LOG"
}

on() { ctl power on $n && startup /dev/vtpm$n; }
create() { ctl create --number $n --state "$@" && on; }
open() { ctl open --number $n "$@" && on; }
close() { ctl close $n; }

info() { ctl --json show $n | python3 -c "import json, sys; v = json.load(sys.stdin); sys.exit(not ($1))"; }
