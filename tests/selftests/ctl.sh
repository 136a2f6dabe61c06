# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests of vtpmctl's own words share. Sourced; the caller's directory is
# userspace/.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
. ../tests/tap.sh
# shellcheck source=tests/selftests/tpm.sh
. ../tests/selftests/tpm.sh

ctl() { ./vtpmctl "$@" >"$work/out" 2>"$work/err"; }

# prints STATUS REGEX ARG...: vtpmctl ends with STATUS, and writes what the
# extended REGEX finds: to stdout if STATUS is 0, else one line to stderr.
prints() {
	local want=$1 regex=$2 status=0 from=err other=out

	shift 2
	ctl "$@" || status=$?
	[ "$want" != 0 ] || { from=out; other=err; }
	if [ "$status" != "$want" ] || [ -s "$work/$other" ] ||
	   ! grep -Eq -- "$regex" "$work/$from" ||
	   { [ "$want" != 0 ] && [ "$(wc -l <"$work/err")" != 1 ]; }; then
		echo "vtpmctl $*: status $status"
		cat "$work/out" "$work/err"
		return 1
	fi
}

# Says nothing and succeeds.
quiet() {
	ctl "$@" && [ ! -s "$work/out" ] && [ ! -s "$work/err" ] && return
	cat "$work/out" "$work/err"
	return 1
}

# json EXPRESSION ARG...: vtpmctl --json ARG... prints JSON of which the Python
# expression, where it is called v, is true.
json() {
	local expression=$1

	shift
	ctl --json "$@" && [ ! -s "$work/err" ] &&
		python3 -m json.tool "$work/out" >/dev/null &&
		python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$work/out" "$expression" && return
	echo "vtpmctl --json $*: not $expression"
	cat "$work/out" "$work/err"
	return 1
}
