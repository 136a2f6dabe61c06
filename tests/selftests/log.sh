# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the module says in the kernel log. Sourced.

# module_log: its own lines since mark_log, without the kernel's remark about its
# signature. Between them come others at any time, of a disk that fails or a clock that
# is slow. The log is read as long as it is: 1 MB is enough for it.
mark_log() { log_mark=$(dmesg | wc -l); }
mark_log
module_log() {
	dmesg | tail -n "+$((log_mark + 1))" | grep 'vtpm_mux: ' | grep -v taint
}

# says_once REGEX: the module has said this in just one line.
says_once() {
	[ "$(module_log | grep -Ec -- "$1")" = 1 ] && return
	echo "not just one line of the kernel log has: $1"
	module_log
	return 1
}
