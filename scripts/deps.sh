#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Installs what the project needs from Debian's own packages, and only what is
# missing: a second run looks at dpkg's database and touches no network.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
	cat <<USAGE
Usage: scripts/deps.sh [GROUP...]

Installs the Debian packages of the given groups (default: all of them).

  build   kernel headers, compiler, the stock kernel that the test host boots
  user    libraries that the user-space programs and their tests link with
  vm      QEMU, swtpm and tools that the test host is made of
  clients programs that use a TPM, for the tests with real clients
  lint    sparse and the kernel source that checkpatch.pl comes from
  debug   what building the debug kernel takes
  fuzz    clang with libFuzzer and the sanitizers
  conformance  debootstrap, and what the suites of others need on this machine
  package debhelper and DKMS
USAGE
}

packages_of() {
	case $1 in
	build) echo gcc make libc6-dev kmod "linux-headers-$KSERIES-amd64" ;;
	user)  echo gcc gcc-multilib make libc6-dev pkg-config libssl-dev libtss2-dev \
		    libevent-dev libseccomp-dev xz-utils ;;
	vm)    echo qemu-system-x86 qemu-utils seabios ovmf swtpm swtpm-tools \
		    busybox-static cpio kmod procps openssl python3 \
		    python3-cryptography tpm2-tools libvirt-daemon \
		    libvirt-daemon-driver-qemu libvirt-clients dmsetup e2fsprogs ;;
	clients) echo tpm2-tools libtss2-tcti-device0 libtss2-rc0 openssl systemd \
		    cryptsetup-bin dmsetup clevis-luks clevis-tpm2 tpm2-openssl \
		    libtpm2-pkcs11-1 libtpm2-pkcs11-tools opensc gnutls-bin keyutils \
		    python3-minimal mawk busybox-static e2fsprogs ;;
	lint)  echo "linux-source-$KSERIES" sparse shellcheck git perl xz-utils make gcc ;;
	debug) echo "linux-source-$KSERIES" gcc make flex bison bc perl \
		    libelf-dev libssl-dev xz-utils ;;
	fuzz)  echo clang llvm libclang-rt-14-dev make libssl-dev libevent-dev python3 ;;
	conformance) echo debootstrap busybox-static libtss2-tcti-device0 \
		    libtss2-tcti-swtpm0 openssl python3 swtpm tpm2-tools tss2 \
		    "linux-source-$KSERIES" xz-utils ;;
	package) echo debhelper dh-dkms dkms dpkg-dev kmod udev \
		    systemd "linux-headers-$KSERIES-amd64" ;;
	*)     return 1 ;;
	esac
}

# Prints those of the named packages that are not installed.
missing() {
	comm -23 <(printf '%s\n' "$@" | sort -u) \
		<(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		  sed -n 's/^installed //p' | sort -u)
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "cannot install packages: neither root nor sudo"
	fi
}

updated=
apt_update() {
	[ -z "$updated" ] || return 1
	updated=1
	as_root apt-get -q -o DPkg::Lock::Timeout=900 update >&2
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=900 -o Dpkg::Options::=--force-confold \
		install --no-install-recommends "$@" >&2 </dev/null
}

install_packages() {
	# Lists that are absent or too old are refreshed once, not each time.
	if ! apt-get -s -q install --no-install-recommends "$@" >/dev/null 2>&1; then
		apt_update || true
	fi
	apt_install "$@" || { apt_update && apt_install "$@"; } ||
		die "apt-get could not install: $*"
}

# The stock kernel is only booted in the test host: of its package we take
# vmlinuz and the modules. Installing it would change what this machine boots
# next and run its initramfs hooks, so it is unpacked aside instead.
stock_kernel() {
	local release pkg tmp

	release=$(stock_release) || die "no headers of a $KSERIES kernel in /usr/src"
	stock_prefix "$release" >/dev/null && return 0

	pkg=linux-image-$release
	say "fetching $pkg"
	mkdir -p "$CACHE"
	tmp=$(mktemp -d "$CACHE/kernel.XXXXXX")
	# shellcheck disable=SC2064 # the directory of now is meant
	trap "rm -rf '$tmp'" EXIT
	fetch() { (cd "$tmp" && apt-get -q -o APT::Sandbox::User=root download "$pkg" >&2); }
	fetch || { apt_update && fetch; } ||
		die "apt-get could not download $pkg (are the $KSERIES headers outdated?)"
	dpkg-deb -x "$tmp/$pkg"_*.deb "$tmp/root" || die "cannot unpack $pkg"
	[ -d "$tmp/root/lib/modules" ] || ln -s usr/lib "$tmp/root/lib"
	depmod -b "$tmp/root" "$release" || die "depmod failed for $release"
	[ -r "$tmp/root/boot/vmlinuz-$release" ] || die "$pkg has no vmlinuz"
	mv -T "$tmp/root" "$CACHE/kernel-$release" 2>/dev/null ||
		stock_prefix "$release" >/dev/null || die "cannot write $CACHE"
	rm -rf "$tmp"
	trap - EXIT
}

case ${1-} in
-h|--help) usage; exit 0 ;;
esac
[ $# -gt 0 ] || set -- build user vm clients lint debug fuzz conformance package

wanted=()
build=
for group; do
	list=$(packages_of "$group") || { usage >&2; die "unknown group: $group"; }
	read -ra list <<<"$list"
	wanted+=("${list[@]}")
	[ "$group" != build ] || build=1
done

mapfile -t absent < <(missing "${wanted[@]}")
if [ ${#absent[@]} -gt 0 ]; then
	say "installing ${absent[*]}"
	install_packages "${absent[@]}"
fi
[ -z "$build" ] || stock_kernel
