#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Compiles the modules for the newest kernel that Debian has the source of, that
# of the backports of the next release, with vDPA and KUnit.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

suite=trixie-backports

usage() {
	cat <<USAGE
Usage: scripts/compile-newest.sh [--update]

Compiles the modules against the newest linux-source package of $suite
with W=1, and fails at a warning or if they need a symbol that this kernel does
not export to modules. The headers are prepared once, into the cache (3 min).

  --update   ask the archive whether there is a newer package
USAGE
}

# What the modules can be built with. (A debug kernel exports many symbols by
# macros.)
fragment() {
	cat <<END
CONFIG_64BIT=y
CONFIG_SMP=y
CONFIG_PRINTK=y
CONFIG_MULTIUSER=y
CONFIG_MODULES=y
CONFIG_MODULE_UNLOAD=y
CONFIG_PCI=y
CONFIG_ACPI=y
CONFIG_SUSPEND=y
CONFIG_NET=y
CONFIG_EVENTFD=y
CONFIG_IA32_EMULATION=y
CONFIG_SYSFS=y
CONFIG_PROC_FS=y
CONFIG_VIRTIO_MENU=y
CONFIG_VHOST_MENU=y
CONFIG_HW_RANDOM=y
CONFIG_TCG_TPM=y
CONFIG_VDPA=m
CONFIG_VHOST_VDPA=m
CONFIG_VIRTIO_VDPA=m
CONFIG_KUNIT=m
CONFIG_WERROR=y
END
}

# Prints the newest package and its version.
newest() {
	local package

	[ -z "$update" ] || suite_apt "$suite" apt-get update >&2
	package=$(suite_apt "$suite" apt-cache pkgnames linux-source- |
		grep -E '^linux-source-[0-9]+\.[0-9]+$' | sort -V | tail -n 1)
	[ -n "$package" ] || die "$suite has no linux-source"
	suite_apt "$suite" apt-cache show --no-all-versions "$package" |
		awk '/^(Package|Version):/ { printf "%s ", $2 } END { print "" }'
}

unpack() {
	(cd "$work" && suite_apt "$suite" apt-get download "$package" >&2)
	dpkg-deb --fsys-tarfile "$work/$package"_*.deb |
		tar -x -C "$work" "./usr/src/$package.tar.xz"
	rm "$work/$package"_*.deb
	mkdir "$work/linux"
	tar -xJf "$work/usr/src/$package.tar.xz" -C "$work/linux" --strip-components=1 \
		--exclude='*/drivers/gpu/drm/amd/include' --exclude='*/tools/testing' \
		--exclude='*/tools/perf' --exclude='*/arch/*/boot/dts'
}

# Names that the source exports to any module, and some that macros make.
exported() {
	{
		grep -rhoE --include='*.[chS]' \
			'^[[:space:]]*EXPORT_(PER_CPU_)?SYMBOL(_GPL)?\([A-Za-z_0-9]+' . |
			sed 's/.*(//'
		printf '%s\n' _dev_warn get_random_u8 param_ops_uint
	} | sort -u
}

prepare() {
	local line

	make -s tinyconfig
	fragment >fragment
	scripts/kconfig/merge_config.sh -m .config fragment >/dev/null
	make -s olddefconfig
	while IFS= read -r line; do
		grep -qxF "$line" .config || die "Kconfig did not accept: $line"
	done <fragment
	nice make -s -j"$(nproc)" modules_prepare
	exported >exported
	# Built modules are not linked with anything.
	: >Module.symvers
	mkdir "$work/out"
	cp -a exported .config Makefile Kbuild Module.symvers "$work/out/"
	cp -a --parents arch/x86/Makefile* arch/x86/include scripts include "$work/out/"
	[ ! -e tools/objtool/objtool ] || cp -a --parents tools/objtool/objtool "$work/out/"
}

update=
case ${1-} in
-h|--help) usage; exit 0 ;;
--update) update=1 ;;
'') ;;
*) usage >&2; exit 2 ;;
esac

mkdir -p "$CACHE"
exec 9>"$CACHE/compile-newest.lock"
flock 9
read -r package version < <(newest)
key=$({ echo "$version"; gcc -dumpfullversion
	declare -f fragment unpack exported prepare; } | sha256sum | cut -c 1-12)
kernel=$CACHE/$package-$key
if [ ! -e "$kernel/exported" ]; then
	say "preparing $package $version"
	work=$(mktemp -d "$CACHE/compile-newest.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	unpack
	(cd "$work/linux" && prepare) >&2 9>&-
	mv -T "$work/out" "$kernel"
fi

out=$repo_root/build/newest
# Objects for another kernel are of no use.
if [ "$(cat "$out/kernel" 2>/dev/null)" != "$kernel" ]; then
	rm -rf "$out"
	mkdir -p "$out"
	printf '%s\n' "$kernel" >"$out/kernel"
fi
mirror_sources "$out/src"
make -s -C "$kernel" M="$out/src" W=1 -j"$(nproc)" KBUILD_MODPOST_WARN=1 \
	CONFIG_VTPM_MUX=m CONFIG_VTPM_MUX_KUNIT_TEST=y modules 9>&- 2>&1 |
	{ grep -v '^WARNING: modpost: .*\(undefined!\|unresolved symbol\)' || true; } >&2

nm "$out/src/drivers/vtpm_mux/vtpm_mux.ko" | grep ' vtpm_vdpa_ops$' >/dev/null ||
	die "compiled without vDPA"
missing=$(find "$out/src" -name '*.ko' -exec nm -u {} + |
	awk '$1 == "U" { print $2 }' | sort -u | comm -23 - "$kernel/exported" | xargs)
[ -z "$missing" ] || die "$package $version does not export: $missing"
say "compiled for $package $version"
