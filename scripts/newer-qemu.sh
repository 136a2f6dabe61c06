#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Finds a QEMU that has vhost-vdpa-device-pci, which is in it since 8.0: this
# machine's, or that of Debian's backports, unpacked aside into the cache.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1-} in
-h|--help)
	cat <<USAGE
Usage: scripts/newer-qemu.sh

Prints the program and the arguments that make it find its files, a word a line.
USAGE
	exit 0 ;;
esac

has_vdpa() { "$@" -device vhost-vdpa-device-pci,help 2>/dev/null | grep vhostdev= >/dev/null; }

if has_vdpa qemu-system-x86_64; then
	echo qemu-system-x86_64
	exit
fi

# shellcheck disable=SC1091 # Debian's
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
suite=$codename-backports
dir=$CACHE/qemu-$codename
if [ ! -e "$dir/usr/bin/qemu-system-x86_64" ]; then
	say "fetching QEMU of $suite"
	mkdir -p "$CACHE"
	work=$(mktemp -d "$CACHE/qemu.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(
		cd "$work"
		version=$(suite_apt "$suite" apt-cache madison qemu-system-x86 |
			awk -F '|' -v s="$suite/" 'index($3, s) { print $2; exit }' | xargs)
		[ -n "$version" ] || die "$suite has no QEMU"
		suite_apt "$suite" apt-get download "qemu-system-x86=$version" \
			"qemu-system-data/$suite" "seabios/$suite" >&2
		for file in *.deb; do
			dpkg-deb -x "$file" root
		done
	)
	rm -rf "$dir"
	mv -T "$work/root" "$dir"
fi
set -- "$dir/usr/bin/qemu-system-x86_64" \
	-L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios"
# shellcheck disable=SC2031 # not changed by suite_apt
QEMU_MODULE_DIR=/nonexistent has_vdpa "$@" || die "QEMU of $suite does not run here"
printf '%s\n' env QEMU_MODULE_DIR=/nonexistent "$@"
