#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the debug kernel (KASAN, lockdep, kmemleak, KUnit) that the tests boot,
# once per configuration and kernel source, into the cache.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

fragment=$repo_root/tests/vm/debug-kernel.config
tarball=/usr/src/linux-source-$KSERIES.tar.xz

usage() {
	cat <<USAGE
Usage: scripts/debug-kernel.sh [--path]

Builds the debug kernel unless the cache has it, and prints its directory: a
build tree for external modules that has the bootable image at bzImage and the
lists of what is built in under lib/modules.

  --path   only print the directory that would be used; build nothing
USAGE
}

# The source without what is large and no part of this kernel.
unpack() {
	mkdir -p "$1"
	tar -xJf "$tarball" -C "$1" --strip-components=1 --wildcards \
		--exclude='*/drivers/gpu/drm/amd/include/asic_reg' \
		--exclude='*/tools/testing' --exclude='*/tools/perf' \
		--exclude='*/arch/*/boot/dts'
}

# Is line $1 of the fragment true for the configuration made from it? A symbol
# that this configuration does not offer at all is off, too.
accepted() {
	local symbol

	case $1 in
	CONFIG_*=*)
		grep -qxF "$1" .config ;;
	'# CONFIG_'*' is not set')
		symbol=${1#\# }
		! grep -q "^${symbol% is not set}=" .config ;;
	esac
}

configure() {
	local line

	make -s tinyconfig
	scripts/kconfig/merge_config.sh -m .config "$fragment" >/dev/null
	make -s olddefconfig
	while IFS= read -r line; do
		accepted "$line" || die "Kconfig did not accept: $line"
	done <"$fragment"
}

# What a build of external modules reads, and what booting takes; the rest of
# the tree is dropped.
keep() {
	local out=$1 release

	read -r release <include/config/kernel.release
	mkdir -p "$out/lib/modules/$release"
	cp arch/x86/boot/bzImage System.map Module.symvers .config Makefile Kbuild "$out/"
	cp -a --parents arch/x86/Makefile* arch/x86/include scripts include \
		tools/objtool/objtool "$out/"
	find "$out" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) -delete
	cp modules.builtin modules.builtin.modinfo modules.order \
		"$out/lib/modules/$release/"
	depmod -b "$out" "$release"
}

case ${1-} in
-h|--help) usage; exit 0 ;;
--path|'') ;;
*) usage >&2; exit 2 ;;
esac

source_version=$(dpkg-query -W -f '${Version}' "linux-source-$KSERIES" 2>/dev/null) &&
	[ -r "$tarball" ] || die "linux-source-$KSERIES is not installed (scripts/deps.sh debug)"
key=$({ echo "$source_version"; gcc -dumpfullversion
	grep -e '^CONFIG_' -e '^# CONFIG_' "$fragment"; } | sha256sum | cut -c 1-12)
result=$CACHE/debug-kernel-$key

if [ "${1-}" = --path ] || [ -e "$result/bzImage" ]; then
	printf '%s\n' "$result"
	exit 0
fi

mkdir -p "$CACHE"
exec 9>"$CACHE/debug-kernel.lock"
if ! flock -n 9; then
	say "waiting for another build of the debug kernel"
	flock 9
fi
if [ ! -e "$result/bzImage" ]; then
	work=$(mktemp -d "$CACHE/debug-kernel.XXXXXX")
	trap 'exit 130' INT TERM
	trap 'rm -rf "$work"; [ -e "$result/bzImage" ] || say "the debug kernel did not build"' EXIT
	say "building the debug kernel, once for this configuration (about 8 min on 2 cores)"
	unpack "$work/linux"
	(
		cd "$work/linux"
		configure
		nice make -s -j"$(nproc)" bzImage modules
		keep "$work/out"
	) >&2 9>&-
	mv -T "$work/out" "$result"
fi
printf '%s\n' "$result"
