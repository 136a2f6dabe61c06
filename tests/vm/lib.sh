# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Boots one machine in QEMU, runs one command in it and passes on its output and
# status. tests/vm/run uses it for the test host, tests/vm/kvm-guest, inside
# that, for a guest. Sourced, after scripts/lib.sh.
#
#	outer side                               inner side
#	----------                               ----------
#	/ (9p, read-only)                    ->  lower layer of the root
#	job directory (9p, read-only)        ->  /run/vm: stage2, vmctl, config, ...
#	--out directory (9p, writable)      <->  /run/out
#	file, copied on as it grows          <-  virtio port "stdout"
#	file, copied on as it grows          <-  virtio port "stderr"
#	one line each way: exit, chip-pause <->  virtio port "ctl" (vmctl)
#	kernel.log                           <-  serial console

# shellcheck disable=SC2034 # the sourcing scripts read these
EXIT_KLOG=97		# the kernel log has a report
EXIT_TIMEOUT=124	# the machine was killed when its time was up
EXIT_SETUP=125		# the machine never got as far as the command's end

vm_dir=${repo_root:?}/tests/vm

# What the caller sets for vm_boot.
vm_name=vm
vm_release=		# of the kernel
vm_image=		# its bzImage
vm_modules_dir=		# its modules
vm_build_dir=		# what modules for it are built against
vm_timeout=300
vm_boot_timeout=	# until the command begins; vm_timeout if empty
vm_mem=2048
vm_smp=2
vm_out=
vm_verbose=
vm_kill_on=		# a line of output at which the machine is killed
vm_append=()		# further kernel parameters
vm_qemu=()		# further QEMU arguments
vm_env=()		# NAME=VALUE for the command's environment
vm_command=()

tmp=
vm_pids=()

# Modules that the initramfs must load before the root can be mounted, in order;
# built into the debug kernel.
vm_root_modules() {
	local module

	for module in 9pnet_virtio 9p overlay; do
		modprobe -d "$1" -S "$vm_release" --show-depends "$module" 2>/dev/null |
			awk '$1 == "insmod" { print $2 }'
	done | awk '!seen[$0]++'
}

# Makes, once per kernel, the initramfs that mounts the root; prints its path.
# $1 is the directory that holds lib/modules.
vm_initramfs() {
	local file key out dir modules

	[ -x /bin/busybox ] && command -v cpio >/dev/null ||
		die "busybox-static or cpio is not installed (scripts/deps.sh vm)"
	modules=$(vm_root_modules "$1")
	# shellcheck disable=SC2086 # a list of files
	key=$({ cat "$vm_dir/init"; stat -Lc '%n %s %Y' /bin/busybox $modules; } |
		sha256sum | cut -c 1-12)
	out=$CACHE/initramfs-$vm_release-$key
	if [ ! -e "$out" ]; then
		mkdir -p "$CACHE"
		dir=$(mktemp -d "$CACHE/initramfs.XXXXXX")
		mkdir -p "$dir/root/bin" "$dir/root/modules" "$dir/root/dev"
		cp /bin/busybox "$dir/root/bin/"
		cp "$vm_dir/init" "$dir/root/init"
		: >"$dir/root/modules/order"
		for file in $modules; do
			# The early user space does not decompress.
			case $file in
			*.xz)  xz -dc "$file" >"$dir/root/modules/$(basename "$file" .xz)" ;;
			*.zst) zstd -dqc "$file" >"$dir/root/modules/$(basename "$file" .zst)" ;;
			*)     cp "$file" "$dir/root/modules/" ;;
			esac
			file=${file##*/}
			echo "${file%.ko*}.ko" >>"$dir/root/modules/order"
		done
		(cd "$dir/root" && find . | cpio --quiet -o -H newc | gzip -1) >"$dir/image"
		mv "$dir/image" "$out"
		rm -rf "$dir"
	fi
	printf '%s\n' "$out"
}

# Selects the stock kernel: the newest whose headers are installed here, or the
# one named by $1.
vm_use_stock() {
	local prefix

	vm_release=${1:-$(stock_release)} ||
		die "no headers of a $KSERIES kernel (scripts/deps.sh build)"
	prefix=$(stock_prefix "$vm_release") ||
		die "no image of kernel $vm_release (scripts/deps.sh build)"
	vm_image=$prefix/boot/vmlinuz-$vm_release
	vm_modules_dir=${prefix:+$prefix/lib/modules/$vm_release}
	vm_build_dir=/usr/src/linux-headers-$vm_release
	vm_initrd=$(vm_initramfs "${prefix:-/}")
}

vm_use_debug() {
	local tree

	tree=$("$repo_root/scripts/debug-kernel.sh") || die "no debug kernel"
	read -r vm_release <"$tree/include/config/kernel.release"
	vm_image=$tree/bzImage
	vm_modules_dir=$tree/lib/modules/$vm_release
	vm_build_dir=$tree
	vm_initrd=$(vm_initramfs "$tree")
}

# Adds to the job the module that bears with the emulator's breakpoints, built for
# the kernel if it was not yet; not where there is nothing to build it with.
vm_add_int3() (
	[ -d "$vm_build_dir" ] || return 0
	dir=$repo_root/build/int3/${vm_build_dir##*/}
	mkdir -p "$dir"
	exec 9>"$dir/lock"
	flock 9
	if [ "$vm_dir/int3/vm_int3.c" -nt "$dir/vm_int3.ko" ]; then
		cp "$vm_dir/int3/vm_int3.c" "$vm_dir/int3/Kbuild" "$dir/"
		make -s -C "$vm_build_dir" M="$dir" modules >&2 9>&- || die "vm_int3 does not build"
	fi
	cp "$dir/vm_int3.ko" "$tmp/job/"
)

# Must run in the script's own shell before anything else is started.
vm_init_tmp() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/vtpm-vm.XXXXXX")
	mkdir "$tmp/job"
	trap vm_cleanup EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

vm_cleanup() {
	local pid

	set +e
	exec 2>/dev/null	# where bash would tell of each kill
	trap '' HUP INT TERM
	for pid in "${vm_pids[@]}"; do
		kill -KILL "$pid"
	done
	wait
	rm -rf "$tmp"
}

# Starts $@ in the background, to die with this script whatever ends it.
vm_spawn() {
	# Named, or the shell would give it /dev/null.
	setpriv --pdeathsig KILL "$@" <&0 &
	vm_pids+=($!)
}

# Has a machine that hangs say where: the registers of its processors, then what
# sysrq and an NMI make its kernel print. What it had said by itself is kept apart.
vm_where() {
	local line

	cp "$tmp/kernel.log" "$tmp/kernel.log.before"
	exec 8<>"$tmp/monitor.in" 9<>"$tmp/monitor.out"
	printf '%s\n' 'info registers -a' 'sendkey alt-sysrq-l' 'sendkey alt-sysrq-w' >&8
	# A read that times out, too.
	while read -r -t 5 line <&9; do
		printf '%s\n' "$line"
	done >"$tmp/registers"
	echo nmi >&8
	read -r -t 10 <>"$tmp/nobody" || true
}

# Copies a growing file to standard output until the machine is gone.
vm_follow() {
	exec tail -n +1 -s 0.1 --pid="$vm_pid" -f "$1" 2>/dev/null
}

# Kills the machine when a line of its output is this one.
vm_kill_at() {
	until grep -qxF -- "$1" "$tmp/stdout"; do
		sleep 0.05
	done
	: >"$tmp/killed"
	kill -KILL "$vm_pid"
}

# Answers the inner side's requests. A caller adds its own by defining
# vm_request, which returns 1 for a request that it cannot fulfil.
vm_serve() {
	local part line='' request arg reply

	while kill -0 "$vm_pid" 2>/dev/null; do
		# The time may be up in the middle of a line.
		if ! IFS= read -r -t 5 part <&4; then
			line+=$part
			continue
		fi
		read -r request arg <<<"$line$part"
		line=
		reply=ok
		case $request in
		begin) : >"$tmp/begun" ;;
		exit)
			printf '%s\n' "$arg" >"$tmp/status"
			# Nothing may hold up the power-off.
			vm_request chip-continue "" || true ;;
		*) vm_request "$request" "$arg" || reply="not possible here" ;;
		esac
		printf '%s\n' "$reply" >&5
	done
}

vm_request() { return 1; }

# For the inner side's config: one value, and an array.
vm_set() { printf 'VM_%s=%q\n' "$1" "$2" >>"$tmp/job/config"; }
vm_set_array() {
	printf 'VM_%s=(' "$1"
	shift
	[ $# -eq 0 ] || printf '%q ' "$@"
	printf ')\n'
} >>"$tmp/job/config"

vm_write_job() {
	cp "$vm_dir/stage2" "$vm_dir/vmctl" "$vm_dir/kvm-keeper" "$tmp/job/"
	vm_set NAME "$vm_name"
	vm_set CWD "$PWD"
	vm_set TREE "$repo_root"
	vm_set MODULES_DIR "$vm_modules_dir"
	vm_set OUT "$vm_out"
	vm_set EXIT_SETUP "$EXIT_SETUP"
	vm_set_array ENV "${vm_env[@]}"
	vm_set_array COMMAND "${vm_command[@]}"
}

# A path as QEMU's option parser wants it.
vm_path() { printf '%s' "${1//,/,,}"; }

vm_boot() {
	local status=0 begin=$SECONDS follow=() pid timer

	vm_write_job
	: >"$tmp/stdout"; : >"$tmp/stderr"; : >"$tmp/kernel.log"
	mkfifo "$tmp/ctl.in" "$tmp/ctl.out" "$tmp/monitor.in" "$tmp/monitor.out"
	# Opened both ways, so that neither side waits for the other to open.
	exec 4<>"$tmp/ctl.out" 5<>"$tmp/ctl.in"

	# Who emulates a processor may stop for half a minute where others want the
	# machine, too: no stall of the kernel's. One that is lasts.
	vm_append=(console=ttyS0 no_timer_check loglevel=7 log_buf_len=1M printk.devkmsg=on
		sysrq_always_enabled unknown_nmi_panic=1 panic_print=0x40
		mitigations=off panic=-1 oops=panic
		rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60
		sysctl.kernel.hung_task_timeout_secs=300 "${vm_append[@]}")
	[ -z "$vm_out" ] || vm_qemu+=(-virtfs
		"local,path=$(vm_path "$vm_out"),mount_tag=out,security_model=none")
	vm_spawn qemu-system-x86_64 "${vm_qemu[@]}" \
		-nodefaults -no-user-config -display none -nic none -no-reboot \
		-m "$vm_mem" -smp "$vm_smp" \
		-kernel "$vm_image" -initrd "$vm_initrd" \
		-append "${vm_append[*]}" \
		-virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
		-virtfs "local,path=$tmp/job,mount_tag=job,security_model=none,readonly=on" \
		-chardev "file,id=serial,path=$tmp/kernel.log" -serial chardev:serial \
		-device virtio-serial \
		-chardev "file,id=out,path=$tmp/stdout" \
		-device virtserialport,chardev=out,name=stdout \
		-chardev "file,id=err,path=$tmp/stderr" \
		-device virtserialport,chardev=err,name=stderr \
		-chardev "pipe,id=ctl,path=$tmp/ctl" \
		-device virtserialport,chardev=ctl,name=ctl \
		-chardev "pipe,id=monitor,path=$tmp/monitor" -mon chardev=monitor \
		</dev/null >"$tmp/qemu.log" 2>&1 4<&- 5<&- 6<&- 7<&-
	vm_pid=${vm_pids[-1]}

	vm_follow "$tmp/stdout" 4<&- 5<&- 6<&- 7<&- &
	follow+=($!)
	vm_follow "$tmp/stderr" 4<&- 5<&- 6<&- 7<&- >&2 &
	follow+=($!)
	if [ -n "$vm_verbose" ]; then
		vm_follow "$tmp/kernel.log" 4<&- 5<&- 6<&- 7<&- >&2 &
		follow+=($!)
	fi
	vm_pids+=("${follow[@]}")
	vm_serve >/dev/null &
	vm_pids+=($!)
	if [ -n "$vm_kill_on" ]; then
		vm_kill_at "$vm_kill_on" 4<&- 5<&- 6<&- 7<&- &
		vm_pids+=($!)
	fi
	# A read that nobody answers is a sleep that leaves no process behind.
	mkfifo "$tmp/nobody"
	(
		read -r -t "${vm_boot_timeout:-$vm_timeout}" <>"$tmp/nobody" || true
		[ -z "$vm_boot_timeout" ] || [ ! -e "$tmp/begun" ] ||
			read -r -t "$((vm_timeout - vm_boot_timeout))" <>"$tmp/nobody" || true
		# Where this script was killed, its number may be another's by now.
		[ "$(cat "/proc/$vm_pid/comm")" = qemu-system-x86 ] || exit
		: >"$tmp/timeout"
		vm_where
		kill -KILL "$vm_pid"
	) >/dev/null 2>&1 4<&- 5<&- 6<&- 7<&- &
	timer=$!
	vm_pids+=("$timer")

	wait "$vm_pid" 2>/dev/null || true
	[ ! -e "$tmp/timeout" ] || wait "$timer" 2>/dev/null || true
	for pid in "${follow[@]}"; do
		wait "$pid" 2>/dev/null || true
	done

	vm_verdict "$((SECONDS - begin))" || status=$?
	return "$status"
}

# Did the machine die, or hang, before it came to the command?
vm_stillborn() {
	[ ! -e "$tmp/begun" ] && { [ "$1" = "$EXIT_SETUP" ] || [ "$1" = "$EXIT_TIMEOUT" ]; }
}

# Prints what went wrong, if something did, and returns the run's status.
vm_verdict() {
	local status reports log said=$tmp/kernel.log

	status=$(cat "$tmp/status" 2>/dev/null) || status=
	[ -n "$status" ] || [ ! -e "$tmp/killed" ] || status=0
	[ ! -e "$said.before" ] || said+=.before
	reports=$("$vm_dir/klog-check" "$said") || {
		say "$vm_name: the kernel log has a report:"
		printf '%s\n' "$reports" | head -n 200 >&2
		[ -z "$status" ] || say "$vm_name: the command's own status was $status"
		status=$EXIT_KLOG
	}
	if [ -e "$tmp/timeout" ]; then
		say "$vm_name: not done after $1 seconds; the kernel log ends:"
		tail -n 30 "$said" >&2
		status=$EXIT_TIMEOUT
	elif [ -z "$status" ]; then
		say "$vm_name: ended without a status after $1 seconds; the kernel log ends:"
		tail -n 30 "$said" >&2
		cat "$tmp/qemu.log" >&2
		status=$EXIT_SETUP
	elif [ "$status" = "$EXIT_SETUP" ]; then
		say "$vm_name: could not be set up; the kernel log ends:"
		tail -n 30 "$said" >&2
	fi
	if [ "$status" != 0 ]; then
		log=${VM_LOG_DIR:-$repo_root/build/logs/vm}
		mkdir -p "$log"
		log=$log/$(date +%H%M%S)-$vm_name-$$.log
		cp "$tmp/kernel.log" "$log"
		[ ! -e "$tmp/registers" ] || cp "$tmp/registers" "${log%.log}.registers"
		say "$vm_name: status $status, kernel log: $log"
	fi
	return "$status"
}
