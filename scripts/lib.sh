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

# The place of Debian's packages that this machine uses.
debian_mirror() {
	# shellcheck disable=SC2016 # for apt-get
	apt-get indextargets --format '$(SITE) $(LABEL) $(CODENAME)' \
		'Created-By: Packages' 'Origin: Debian' |
		awk '$2 == "Debian" && $3 !~ /-/ { print $1; exit }'
}

# suite_apt SUITE COMMAND ARG...: apt for another suite than this machine's, with
# sources and lists of its own. What it downloads is not installed.
suite_apt() {
	local suite=$1 command=$2 dir=$CACHE/apt-$1 site

	shift 2
	if [ ! -e "$dir/sources" ]; then
		site=$(debian_mirror)
		[ -n "$site" ] || die "apt has no source of Debian packages"
		mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
			"$site $suite main" >"$dir/sources"
		suite_apt "$suite" apt-get update >&2 ||
			{ rm "$dir/sources"; die "no lists of $suite"; }
	fi
	"$command" -q -o "Dir::Etc::SourceList=$dir/sources" \
		-o "Dir::Etc::SourceParts=-" -o "Dir::State::Lists=$dir/lists" \
		-o "Dir::Cache=$dir/cache" -o APT::Sandbox::User=root "$@"
}
