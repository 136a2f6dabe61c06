#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Checks style and types of everything in the tree: checkpatch --strict, sparse
# and gcc's W=1 on the modules, kernel-doc comments, shellcheck. Any finding is
# a failure.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1-} in
-h|--help) echo "Usage: scripts/lint.sh"; exit 0 ;;
esac

tarball=/usr/src/linux-source-$KSERIES.tar.xz
failed=0

# What a check prints is what it found.
check() {
	local name=$1 found

	shift
	found=$("$@") || found+=$'\n'"$name failed"
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		say "$name: findings above"
		failed=1
	else
		say "$name: clean"
	fi
}

# The kernel's own scripts come from its source package: headers lack them.
kernel_scripts() {
	local version dir

	version=$(dpkg-query -W -f '${Version}' "linux-source-$KSERIES" 2>/dev/null) ||
		die "linux-source-$KSERIES is not installed (scripts/deps.sh lint)"
	dir=$CACHE/checkpatch-$version
	if [ ! -e "$dir/checkpatch.pl" ]; then
		mkdir -p "$CACHE"
		tmp=$(mktemp -d "$CACHE/checkpatch.XXXXXX")
		trap 'rm -rf "$tmp"' EXIT
		tar -xJf "$tarball" -C "$tmp" --strip-components=2 --wildcards \
			'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
			'*/scripts/const_structs.checkpatch' '*/scripts/kernel-doc'
		mv -T "$tmp" "$dir" 2>/dev/null || [ -e "$dir/checkpatch.pl" ]
	fi
	printf '%s\n' "$dir"
}

c_files() {
	find "$@" -type f -name '*.[ch]' ! -name '*.mod.c' 2>/dev/null | sort
}

# Runs "$@" FILE for each file named on standard input and prints what it finds.
# A file without findings is not looked at again until it changes.
each_file() {
	local clean=$repo_root/build/lint/clean-${1##*/}

	mkdir -p "$clean"
	export clean
	xargs -r -d '\n' -n 1 -P "$(nproc)" bash -c '
		key=$(sha256sum "${!#}" "$1" | sha256sum | cut -c 1-40)
		[ ! -e "$clean/$key" ] || exit 0
		found=$("$@" 2>&1) || true
		if [ -n "$found" ]; then
			printf "%s\n" "$found"
		else
			: >"$clean/$key"
		fi' each_file "$@"
}

# Names are the TPM 2.0 specification's, which are in camel case. checkpatch
# collects others' from the headers nevertheless, and writes them down. Only
# compat.h may ask which version the kernel has. Trace events have a layout of
# their own, which it does not know.
run_checkpatch() {
	local ignore=FILE_PATH_CHANGES,LINUX_VERSION_CODE
	local run=("$kscripts/checkpatch.pl" --no-tree --root=. --strict
		   --terse --no-summary --quiet --show-types)

	c_files drivers include userspace | grep -v '/trace\.h$' |
		GIT_DIR=/nonexistent each_file "${run[@]}" --ignore "$ignore" -f
	c_files drivers | grep '/trace\.h$' | GIT_DIR=/nonexistent each_file "${run[@]}" \
		--ignore "$ignore,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT" -f
	grep -rl --include='*.[ch]' LINUX_VERSION_CODE drivers include |
		sed '/compat\.h$/d; s/$/: LINUX_VERSION_CODE outside compat.h/'
	rm -f .checkpatch-camelcase.*
}

# What W=1 looks at in the kernel's own tree, and the headers of the interface.
run_kernel_doc() {
	{ c_files drivers include | grep -e '\.c$' -e /uapi/ || true; } |
		each_file "$kscripts/kernel-doc" -none
}

# One build, with every file looked at by sparse; of what is printed, what is
# about our own files.
run_build() {
	local dir=$repo_root/build/lint/src log=$repo_root/build/lint/log status=0

	rm -rf "$dir"
	mirror_sources "$dir" || return
	make -s -C "/usr/src/linux-headers-$(stock_release)" M="$dir" \
		W=1 C=2 modules >"$log" 2>&1 || status=$?
	grep -E '(warning|error):' "$log" | grep -F "$dir/" | sed "s|$dir/||g" | sort -u || true
	[ "$status" = 0 ] || { tail -n 20 "$log"; return 1; }
}

run_shellcheck() {
	local files

	mapfile -t files < <(git ls-files -co --exclude-standard |
		while IFS= read -r file; do
			[ -f "$file" ] || continue
			case $file in *.sh) echo "$file"; continue ;; esac
			read -r line 2>/dev/null <"$file" || continue
			case $line in '#!/bin/sh'*|'#!/bin/bash'*) echo "$file" ;; esac
		done)
	[ ${#files[@]} -gt 0 ] || return 0
	shellcheck -x -S warning -f gcc "${files[@]}" || true
}

cd "$repo_root"
mkdir -p build/lint
exec 9>build/lint/lock
flock 9
kscripts=$(kernel_scripts)
check checkpatch run_checkpatch
check kernel-doc run_kernel_doc
check "sparse and W=1" run_build
check shellcheck run_shellcheck
exit "$failed"
