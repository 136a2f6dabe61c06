#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the Debian packages from a copy of the sources, in build/deb.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1-} in
-h|--help) echo "Usage: scripts/deb.sh"; exit 0 ;;
esac

cd "$repo_root"
out=$repo_root/build/deb
rm -rf "$out"
mkdir -p "$out/vtpm-mux"

# What is there, committed or not, but nothing that a build has left; a source
# tree without git's files has been unpacked and not been built in.
sources() {
	if [ -e .git ]; then
		git ls-files -coz --exclude-standard
	else
		find . -mindepth 1 -path ./build -prune -o -type f -print0
	fi
}

sources | tar -c --null --ignore-failed-read --verbatim-files-from -T - |
	tar -x -C "$out/vtpm-mux"
cd "$out/vtpm-mux"
dpkg-buildpackage -b -us -uc "-j$(nproc)" >"$out/log" 2>&1 </dev/null ||
	{ tail -n 40 "$out/log" >&2; die "dpkg-buildpackage failed: $out/log"; }
cd "$out"
rm -rf vtpm-mux
ls ./*.deb
