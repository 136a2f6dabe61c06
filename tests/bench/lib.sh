# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the parts of tests/bench/run that run in a test host share. Sourced.

# start_swtpm DIR SOCKET [OPTION...]: a software TPM beside the vTPMs, which keeps
# its state in DIR and listens at DIR/ctrl; waits for DIR/SOCKET.
start_swtpm() {
	local dir=$1 socket=$1/$2

	shift 2
	mkdir -p "$dir"
	swtpm socket --tpm2 --tpmstate "dir=$dir" --ctrl "type=unixio,path=$dir/ctrl" \
		"$@" >"$dir/log" 2>&1 &
	until [ -S "$socket" ]; do
		kill -0 $! 2>/dev/null || { cat "$dir/log" >&2; return 1; }
		sleep 0.1
	done
}

# The same, started up and with commands at DIR/data.
start_swtpm_server() {
	start_swtpm "$1" data --server "type=unixio,path=$1/data" \
		--flags not-need-init,startup-clear
}
