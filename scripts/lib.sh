# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the project's scripts share: messages, the cache directory, and where
# the stock Debian kernel is. Sourced, never run.

# The oldest kernel series the project supports, and the one it is tested on.
KSERIES=6.12

repo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CACHE=${VTPM_MUX_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vtpm-mux}

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$@"; exit 1; }

# The release (uname -r) of the newest stock kernel whose headers are installed.
stock_release() {
	local dir newest

	newest=$(for dir in /usr/src/linux-headers-"$KSERIES".*-amd64; do
		[ -e "$dir/Makefile" ] && printf '%s\n' "${dir#/usr/src/linux-headers-}"
	done | sort -V | tail -n 1)
	[ -n "$newest" ] || return 1
	printf '%s\n' "$newest"
}

# The directory that holds boot/vmlinuz-* and lib/modules/* of the stock kernel
# with release $1: the root when the package is installed, else a copy that
# scripts/deps.sh unpacked. Empty prefix means the root.
stock_prefix() {
	local prefix

	for prefix in "" "$CACHE/kernel-$1"; do
		if [ -r "$prefix/boot/vmlinuz-$1" ] &&
		   [ -r "$prefix/lib/modules/$1/modules.dep" ]; then
			printf '%s\n' "$prefix"
			return 0
		fi
	done
	return 1
}

# Makes or updates directory $1: a tree of links to the kernel sources of this
# repository, for a build of them apart from the one in place.
mirror_sources() (
	dir=$1
	mkdir -p "$dir"
	find "$dir" -xtype l -delete
	cd "$repo_root" || exit
	find Kbuild drivers include tests/kunit -type f \
		\( -name '*.[chS]' -o -name Kbuild -o -name Kconfig -o -name Makefile \) \
		! -name '*.mod.c' 2>/dev/null | while IFS= read -r file; do
		[ ! -L "$dir/$file" ] || continue
		mkdir -p "$dir/$(dirname "$file")"
		ln -sf "$repo_root/$file" "$dir/$file"
	done
)
