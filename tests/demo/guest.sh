#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The part of the demonstration that runs in a guest: waits for requests of
# tests/demo/host.sh, each the name of a function below with its arguments, and
# answers each. Nothing here knows of vtpm-mux: it is what anybody would do with
# a TPM 2.0, by tpm2-tools and OpenSSL.
#
# The directory that guest and host share is the guest's /run/out:
#
#	request.N	one line: function and arguments; N counts from 1
#	reply.N		one line: status and function; what that printed follows
#	anything else	what functions here or there leave for the other side

# shellcheck disable=SC2317 # functions that the host asks for by name
set -uo pipefail
share=/run/out
work=/run/demo
idle=300	# seconds without a request that end the guest

# Programs run from memory: starting one over the file share of an emulated host
# takes seconds. $1 is the archive that tests/demo/run has made of them.
unpack_tools() {
	mkdir -p "$work/files" && busybox tar -C "$work" -xf "$1" || exit 1
	export PATH=$work/bin:$PATH LD_LIBRARY_PATH=$work/lib
	export TPM2TOOLS_TCTI=device:/dev/tpmrm0
	cd "$work/files" || exit 1
}

fail() { echo "$*"; exit 1; }

# A sleep that starts no process.
nap() { read -r -t "$1" <>"$work/nobody" || true; }

hex() { busybox od -An -v -tx1 "$1" | busybox tr -d ' \n'; }
sha256() { openssl dgst -sha256 -binary "$@"; }

# Runs a tool that must fail with TPM response code $1 (hexadecimal).
refused() {
	local want=$1 said

	shift
	if said=$("$@" 2>&1); then
		fail "$1 succeeded; it must fail with 0x$want"
	fi
	[[ ${said^^} = *"(0X$want)"* ]] || fail "$1 must fail with 0x$want, said: $said"
	echo "0x${want,,}"
}

# Sends the bytes $1 (printf notation, no newline among them: it would split the
# write) to the TPM itself, below the kernel's resource manager, and prints the
# response code.
raw() {
	exec 7<>/dev/tpm0
	# shellcheck disable=SC2059 # the format is the command
	printf "$1" >&7
	busybox dd bs=4096 count=1 <&7 2>/dev/null |
		busybox od -An -v -tx1 -j6 -N4 | busybox tr -d ' \n'
	exec 7>&-
}

# The functions that the host asks for.

driver() {
	local path

	[ -c /dev/tpm0 ] || fail "no /dev/tpm0"
	[ -c /dev/tpmrm0 ] || fail "no /dev/tpmrm0"
	path=$(busybox readlink -f /sys/class/tpm/tpm0/device/driver)
	[ "${path##*/}" = tpm_crb ] || fail "the driver is ${path##*/}"
	[ "$(</sys/class/tpm/tpm0/tpm_version_major)" = 2 ] || fail "not a TPM 2.0"
}

# Nothing of ours: the running kernel has loaded no module from outside its tree.
stock_kernel() {
	local modules taint release name rest

	modules=
	while read -r name rest; do
		modules+=" $name"
	done </proc/modules
	[[ $modules != *vtpm* ]] || fail "modules: $modules"
	read -r taint </proc/sys/kernel/tainted
	[ "$taint" = 0 ] || fail "the kernel is tainted ($taint)"
	read -r release </proc/sys/kernel/osrelease
	echo "$release"
	echo "${modules# }"
}

# SeaBIOS has extended PCR 0 before anything here ran.
firmware_measured() {
	tpm2_pcrread -Q -o pcr0 sha256:0
	[[ $(hex pcr0) = *[!0]* ]] || fail "PCR 0 is zero"
}

# PCR 14: the new value must be SHA-256 of the old one and the event's digest,
# by OpenSSL.
extend_pcr() {
	tpm2_pcrread -Q -o pcr.old sha256:14
	printf 'measured by guest %s' "$name" >event
	sha256 event >event.digest
	tpm2_pcrextend "14:sha256=$(hex event.digest)"
	tpm2_pcrread -Q -o pcr.new sha256:14
	busybox cat pcr.old event.digest | sha256 >pcr.want
	busybox cmp pcr.new pcr.want || fail "PCR 14 is $(hex pcr.new), not $(hex pcr.want)"
	busybox cp pcr.new "$share/pcr14"
}

primary_ecc() { tpm2_createprimary -Q -C o -G ecc256 -c ecc.ctx; }
primary_rsa() { tpm2_createprimary -Q -C o -G rsa2048 -c rsa.ctx; }

# Create, Load, Sign below $1.ctx; OpenSSL must accept the signature, and not
# for another message.
sign_with() {
	local parent=$1 type=$2

	tpm2_create -Q -C "$parent.ctx" -G "$type" -u "$parent.pub" -r "$parent.priv"
	tpm2_load -Q -C "$parent.ctx" -u "$parent.pub" -r "$parent.priv" -c "$parent-key.ctx"
	tpm2_readpublic -Q -c "$parent-key.ctx" -f pem -o "$parent.pem"
	sign_again "$parent"
}

# By a key that sign_with has loaded.
sign_again() {
	local parent=$1

	echo "message of guest $name" >message
	tpm2_sign -Q -c "$parent-key.ctx" -g sha256 -f plain -o signature message
	openssl dgst -sha256 -verify "$parent.pem" -signature signature message >/dev/null ||
		fail "OpenSSL does not accept the signature"
	echo "another message" >message
	if openssl dgst -sha256 -verify "$parent.pem" -signature signature message >/dev/null 2>&1; then
		fail "OpenSSL accepts the signature for another message"
	fi
}

sign_ecc() { sign_with ecc ecc256:ecdsa-sha256; }
sign_rsa() { sign_with rsa rsa2048:rsassa-sha256; }

# A secret that opens only while PCR 15 is as it is now.
seal() {
	printf 'secret of guest %s' "$name" >secret
	tpm2_createpolicy -Q --policy-pcr -l sha256:15 -L pcr.policy
	tpm2_create -Q -C ecc.ctx -L pcr.policy -i secret -u seal.pub -r seal.priv
	tpm2_load -Q -C ecc.ctx -u seal.pub -r seal.priv -c seal.ctx
	tpm2_unseal -c seal.ctx -p pcr:sha256:15 -o secret.out
	busybox cmp secret secret.out || fail "another secret came out"
}

# TPM_RC_POLICY_FAIL for session 1
unseal_refused() {
	sha256 event >event.digest
	tpm2_pcrextend "15:sha256=$(hex event.digest)"
	refused 99D tpm2_unseal -c seal.ctx -p pcr:sha256:15
}

create_ek() {
	tpm2_createek -Q -G rsa -c ek.ctx -u ek.pub
	busybox cp ek.pub "$share/"
}

create_ak() {
	tpm2_createak -Q -C ek.ctx -G ecc256 -g sha256 -s ecdsa -c ak.ctx \
		-u ak.pub -f pem -n ak.name
	busybox cp ak.pub ak.name "$share/"
}

# The host has encrypted a secret for this EK and this AK, and nobody else.
activate() {
	tpm2_startauthsession -Q --policy-session -S session
	tpm2_policysecret -Q -S session -c e
	tpm2_activatecredential -Q -c ak.ctx -C ek.ctx -i "$share/credential" \
		-o "$share/activated" -P session:session
	tpm2_flushcontext session
}

# $1 is the verifier's nonce.
quote() {
	tpm2_quote -Q -c ak.ctx -g sha256 -l sha256:0,4,14,15 -q "$1" \
		-m quote.msg -s quote.sig -o quote.pcrs
	busybox cp quote.msg quote.sig quote.pcrs "$share/"
}

nv_index() {
	printf 'kept by guest %s' "$name" >nv
	tpm2_nvundefine -Q -C o 0x1500001 2>/dev/null || true	# by an earlier try
	tpm2_nvdefine -Q -C o -s 15 -a 'ownerread|ownerwrite' 0x1500001
	tpm2_nvwrite -Q -C o -i nv 0x1500001
	tpm2_nvread -C o -s 15 -o nv.out 0x1500001
	busybox cmp nv nv.out || fail "another value was read"
}

# What another guest shall try to use: a key blob, a saved context, a persistent
# handle and one of a loaded object.
give_away() {
	busybox cp ecc.pub ecc.priv "$share/"
	busybox cp ecc-key.ctx "$share/key.ctx"
	tpm2_evictcontrol -Q -C o -c 0x81000042 2>/dev/null || true	# by an earlier try
	tpm2_evictcontrol -Q -C o -c ecc-key.ctx 0x81000042
	# Without a resource manager the object stays loaded, as the first there is.
	tpm2_createprimary -Q -T device:/dev/tpm0 -C o -G ecc256 -c held.ctx
	[ "$(read_80000000)" = 00000000 ] || fail "no object at 0x80000000"
}

# TPM2_ReadPublic(0x80000000)
read_80000000() { raw '\x80\x01\0\0\0\x0e\0\0\x01\x73\x80\0\0\0'; }

# TPM_RC_INTEGRITY for parameter 1 of TPM2_Load and TPM2_ContextLoad
blob_refused() { refused 1DF tpm2_load -Q -C ecc.ctx -u "$share/ecc.pub" -r "$share/ecc.priv" -c x.ctx; }
context_refused() { refused 1DF tpm2_readpublic -Q -c "$share/key.ctx"; }
# TPM_RC_HANDLE for handle 1
persistent_refused() { refused 18B tpm2_readpublic -Q -c 0x81000042; }
# TPM_RC_REFERENCE_H0
transient_refused() {
	local rc

	rc=$(read_80000000)
	[ "$rc" = 00000910 ] || fail "TPM2_ReadPublic(0x80000000) said 0x$rc, not 0x910"
	echo 0x910
}

# The chip does not answer: TPM_RC_FAILURE. Prints after how many seconds.
sign_refused() {
	local begin=${EPOCHREALTIME/./} us

	echo "message of guest $name" >message
	refused 101 tpm2_sign -Q -c "$1-key.ctx" -g sha256 -f plain -o signature message >/dev/null
	us=$((${EPOCHREALTIME/./} - begin))
	printf '%d.%d\n' $((us / 1000000)) $((us / 100000 % 10))
}

# One request. Once more if the guest's own driver has given up waiting: that is
# after 0.75 seconds for many commands, which is little where two processors are
# emulated and others want them too.
answer() {
	local n=$1 function args status tries=3

	read -r function args <"$share/request.$n"
	[ "$function" != quit ] || exit 0
	while :; do
		# A process of its own, so that the first command that fails ends it;
		# not as part of a condition, where "set -e" would do nothing.
		# shellcheck disable=SC2086 # a list of words
		(set -e; "$function" $args) >"$work/output" 2>&1 </dev/null
		status=$?
		tries=$((tries - 1))
		[ "$status" != 0 ] || break
		[ "$tries" -gt 0 ] || break
		[[ $(<"$work/output") = *"Timer expired"* ]] || break
	done
	{
		echo "$status $function"
		busybox cat "$work/output"
	} >"$work/reply"
	# Complete, and what else was written too, before the host sees it.
	busybox cp "$work/reply" "$share/reply.new"
	busybox sync
	busybox mv "$share/reply.new" "$share/reply.$n"
}

name=$1
unpack_tools "$2"
busybox mkfifo "$work/nobody"
n=1
waited=0
while [ "$waited" -lt $((idle * 5)) ]; do
	if [ -e "$share/request.$n" ]; then
		answer "$n"
		n=$((n + 1))
		waited=0
	else
		nap 0.2
		waited=$((waited + 1))
	fi
done
fail "no request for $idle seconds"
