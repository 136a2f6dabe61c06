# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts of this directory that run in a guest share: one test is one
# function. Sourced.

set -uo pipefail
export TPM2TOOLS_TCTI=device:/dev/tpmrm0
work=/run/clients
mkdir -p "$work"
cd "$work" || exit 1

count=0
failures=0

fail() { printf '%s\n' "$*"; exit 1; }

# The test named $1 passes if the command behind it succeeds. That runs in a
# process of its own; what it prints is shown if it fails.
t() {
	local name=$1 begin=$SECONDS said

	shift
	count=$((count + 1))
	if said=$("$@" 2>&1); then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		failures=$((failures + 1))
		[ -z "$said" ] || printf '%s\n' "$said" | sed 's/^/# /'
	fi
	[ $((SECONDS - begin)) -lt 5 ] || echo "# $((SECONDS - begin)) s"
}

finish() {
	echo "1..$count"
	[ "$failures" = 0 ]
	exit
}

# Runs a command that must fail, and for this reason: what it says must match
# the regular expression $1.
refused() {
	local why=$1 said

	shift
	if said=$("$@" 2>&1); then
		fail "succeeded, but must not: $*"$'\n'"$said"
	fi
	[[ $said =~ $why ]] || fail "failed, but not with \"$why\": $*"$'\n'"$said"
}

hex() { od -An -v -tx1 "$@" | tr -d ' \n'; }

# Hexadecimal digits as printf and grep -P take bytes.
escaped() { printf '%s' "$1" | sed 's/../\\x&/g'; }

# Every PCR that the TPM has: "bank pcr value", a line each.
all_pcrs() {
	tpm2_pcrread | awk '
		/^ *sha[0-9]*:/ { sub(/:.*/, ""); bank = $1; next }
		{ sub(/:/, " "); print bank, $1, tolower(substr($2, 3)) }'
}

# PCR 16 is the one that a guest may extend and reset: policies bind to it.
change_pcr16() { tpm2_pcrextend "16:sha256=$(printf '%064d' 7)"; }
restore_pcr16() { tpm2_pcrreset 16; }
