# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# KVM guests, each with a vTPM of its own, on a host that goes to sleep; and how to
# see what they were at. Sourced after lib.sh.
# shellcheck disable=SC2154 # what that sets
#
#	crb    QEMU with -tpmdev passthrough, /dev/vtpm4
#	vtpmd  QEMU with -tpmdev emulator, vtpmd and /dev/vtpm5, which has a state file
#	vhost  microvm, vhost and the vDPA device of vtpm6

guests='crb vtpmd vhost'
# What the emulated processor is slow at, a guest need not do.
quiet_boot='console=ttyS0 quiet loglevel=2 panic=-1 clocksource=kvm-clock job=abide'

# See tests/vm/kvm-guest for the processor.
start_qemu() {
	exec qemu-system-x86_64 -L /firmware -M q35 -accel kvm \
		-cpu host,xsave=off,avx=off,avx2=off -m 192 -smp 1 \
		-nodefaults -no-user-config -display none -nic none -no-reboot \
		-kernel /vmlinuz -initrd /initramfs -append "$quiet_boot no_timer_check" \
		-serial stdio "$@" -device tpm-crb,tpmdev=tpm
}
start_crb() {
	start_qemu -tpmdev passthrough,id=tpm,path=/dev/vtpm4,cancel-path=/dev/null \
		<>"$work/input.crb"
}
start_vtpmd() {
	start_qemu -chardev "socket,id=control,path=$work/vtpm5.sock" \
		-tpmdev emulator,id=tpm,chardev=control <>"$work/input.vtpmd"
}
start_vhost() {
	exec microvm --no-xsave -m 160 -t 6 -i /initramfs \
		-c "$quiet_boot pci=off 8250.nr_uarts=1" /vmlinuz
}

# Their vTPMs; $1 is the state file.
make_guest_vtpms() {
	vtpmctl create --number 4 && vtpmctl power on 4 &&
		vtpmctl create --number 5 --state "$1" && chmod 666 /dev/vtpm5 &&
		vtpmctl create --number 6 --vdpa &&
		mkfifo "$work/input.crb" "$work/input.vtpmd" && chmod 755 "$work" &&
		job daemon vtpmd --vtpm "5=$work/vtpm5.sock" &&
		until_true 30 [ -S "$work/vtpm5.sock" ]
}

boot_guests() {
	local name

	for name in $guests; do
		job "$name" "start_$name"
	done
}

console() { tr -d '\r' <"$work/job.$1"; }
has_begun() { console "$1" | grep -q '^@'; }
# Has it, or will it never?
is_decided() { has_begun "$1" || ! job_runs "$1" 2>/dev/null; }

# Guest $1 comes to its first round. One that is lost before it begins is booted
# again: two at once are more than QEMU's emulation of SVM always bears.
begins() {
	local try

	for try in 1 2 3; do
		until_true 240 is_decided "$1"
		if has_begun "$1"; then
			until_true 240 is_past "$1" 0 && return
			break
		fi
		echo "lost in attempt $try"
		kill -KILL "${jobs[$1]}"
		job "$1" "start_$1"
	done
	console "$1"
	return 1
}

rounds() { console "$1" | awk '$1 == "@round" { n = $2 } END { print n + 0 }'; }
is_past() { [ "$(rounds "$1")" -gt "$2" ]; }

declare -A rounds_before
mark_rounds() {
	local name

	for name in $guests; do
		rounds_before[$name]=$(rounds "$name")
	done
}

# Guest $1 ends the round that it was at, and $2 more.
goes_past() {
	local round=$((rounds_before[$1] + $2))

	until_true 240 is_past_or_gone "$1" "$round" && is_past "$1" "$round" && return
	tell_lost "$1"
	console "$1"
	return 1
}
# A machine that ended without a word, where a guest says what fails and a kernel what
# it dies of, was lost by QEMU's emulation of SVM. See chip-life for what comes of it.
tell_lost() {
	job_runs "$1" 2>/dev/null || console "$1" | grep -Eq '^@FAIL|Kernel panic|BUG:|Oops:' ||
		echo "lost: guest $1"
}
is_past_or_gone() { is_past "$1" "$2" || ! job_runs "$1" 2>/dev/null; }

still_runs() {
	job_runs "$1" 2>/dev/null && return
	tell_lost "$1"
	console "$1"
	return 1
}

# What guest $1 has given to the host as $2.
fetch() {
	console "$1" | sed -n "s/^@data $2 //p" | base64 -d >"$work/$1.$2" &&
		[ -s "$work/$1.$2" ]
}

# Guest $1 is told to stop, makes its last tests and switches itself off.
guest_stops() {
	still_runs "$1" || return
	echo >>"$work/input.$1"
	job_succeeds "$1" 240 || return
	console "$1" | grep -q '^@data acks' && return
	tell_lost "$1"
	return 1
}
guest_tests() {
	local status name

	while read -r status name; do
		test_that "guest $1: $name" [ "$status" = @ok ] || console "$1"
	done < <(console "$1" | grep -E '^@(ok|FAIL) ')
}

# Before the module is loaded: to patch code that is running is a risk here, see
# tests/vm/int3.
probes_set() {
	[ -d $tracing/events ] || mount -t tracefs tracefs $tracing
	cat >$tracing/kprobe_events <<-'END' &&
		p:asleep/hold vtpm_mux:vtpm_queue_hold
		p:asleep/wait vtpm_mux:vtpm_wait_awake
		p:asleep/send vtpm_mux:vtpm_chip_transmit cc=+6(%si):x32
		r:asleep/answer vtpm_mux:vtpm_chip_transmit rc=$retval:s32
	END
	echo stacktrace >$tracing/events/asleep/wait/trigger &&
		echo 1 >$tracing/events/asleep/enable
}

# A command of guest $1 has waited for the host to wake up. Only that has its stack
# traced.
has_waited() {
	awk -v guest="$1" '
		/^ *=> / { frames = frames " " $2; next }
		/<stack trace>/ { judge(); who = $1; frames = "" }
		END { judge(); exit !found }
		function judge() {
			found = found ||
				(guest == "crb" && who ~ /^qemu/ && frames ~ /vtpm_fop_write/ ||
				 guest == "vtpmd" && frames ~ /vtpm_file_work/ ||
				 guest == "vhost" && frames ~ /vtpm_vdpa_work/)
		}' $tracing/trace
}

# A signature was in the chip when the host began to go to sleep, and was made.
was_in_chip() {
	awk '
		/ send: / { code = $NF }
		/ hold: / { held = code == "cc=0x5d010000" }
		/ answer: / { found = found || held && $NF == "rc=0"; code = held = 0 }
		END { exit !found }' $tracing/trace
}

all_were_at_it() {
	local name

	for name in $guests; do
		has_waited "$name" || { echo "$name had no command that waited"; return 1; }
	done
	was_in_chip || { echo "no signature in the chip"; return 1; }
}
