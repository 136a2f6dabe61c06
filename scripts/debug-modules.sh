#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the modules, KUnit tests included, for the debug kernel. kbuild writes
# objects beside the sources, where those for the stock kernel are already, so
# it is given a tree of links to the sources under build/debug/src.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1-} in
-h|--help) echo "Usage: scripts/debug-modules.sh"; exit 0 ;;
esac

kernel=$("$repo_root/scripts/debug-kernel.sh")
out=$repo_root/build/debug
mkdir -p "$out"
exec 9>"$out/lock"
flock 9

# Objects for another debug kernel are of no use.
if [ "$(cat "$out/kernel" 2>/dev/null)" != "$kernel" ]; then
	rm -rf "$out/src"
	printf '%s\n' "$kernel" >"$out/kernel"
fi
mirror_sources "$out/src"
make -s -C "$kernel" M="$out/src" W=1 -j"$(nproc)" \
	CONFIG_VTPM_MUX=m CONFIG_VTPM_MUX_KUNIT_TEST=y modules >&2 9>&-
