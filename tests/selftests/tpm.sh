# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Commands as they are, for what is done often: a program of tpm2-tools takes a second
# to start on the debug kernel, and one that finds the TPM not started waits for another.
# Sourced.

# send DEVICE COMMAND: the command in printf's way; prints the response in hex.
send() {
	exec 7<>"$1" || return 1
	# shellcheck disable=SC2059 # it is a format
	printf "$2" >&7
	dd bs=4096 count=1 status=none <&7 | od -An -v -tx1 | tr -d ' \n'
	exec 7>&-
}

# succeeds DEVICE COMMAND
succeeds() { [[ $(send "$1" "$2") = ????????????00000000* ]]; }

# startup DEVICE [state]
startup() {
	local type='\0\0'

	[ "${2-}" != state ] || type='\0\x01'
	succeeds "$1" "\x80\x01\0\0\0\x0c\0\0\x01\x44$type"
}

# nv_increment DEVICE: the index 0x1500002, by the owner, whose authorization is empty.
nv_increment() {
	succeeds "$1" '\x80\x02\0\0\0\x1f\0\0\x01\x34\x40\0\0\x01\x01\x50\0\x02\0\0\0\x09\x40\0\0\x09\0\0\0\0\0'
}
