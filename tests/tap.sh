# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# TAP from shell scripts. Sourced; $work is a directory to write to.

: "${work:?}"

count=0
failures=0

# The test named $1 passes if the command behind it succeeds; what that prints is
# shown if it does not, or with VERBOSE in the environment.
test_that() {
	local name=$1

	shift
	count=$((count + 1))
	: >"$work/told"
	# What is still running after a failed test writes behind, not into it.
	if "$@" >>"$work/told" 2>&1; then
		echo "ok $count - $name"
		[ -z "${VERBOSE-}" ] || sed 's/^/# /' "$work/told"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$work/told"
		failures=$((failures + 1))
	fi
}

skip_test() { echo "ok $((++count)) - $1 # SKIP $2"; }

# Prints the plan and ends the script.
end_tests() {
	echo "1..$count"
	[ "$failures" = 0 ]
	exit
}
