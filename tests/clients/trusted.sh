#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a guest whose kernel has trusted keys and protects its own TPM commands by
# sessions (CONFIG_TRUSTED_KEYS_TPM, CONFIG_TCG_TPM2_HMAC): what the kernel seals
# it can unseal, and nobody else; and its sessions are salted with a key that
# only the vTPM has. $1 is an archive of the programs used here.

# shellcheck disable=SC2317 # functions that are run by name
here=$(dirname "$(realpath "$0")")
mkdir -p /run/tools && busybox tar -xf "$1" -C /run/tools || exit 1
export PATH=/run/tools/bin:$PATH LD_LIBRARY_PATH=/run/tools/lib
# shellcheck source=tests/clients/lib.sh
. "$here/lib.sh"
sysfs=/sys/class/tpm/tpm0
parent=0x81000001

# The kernel's own messages when a session or its key is not right.
no_complaints() {
	local said

	said=$(dmesg | grep -E 'tpm tpm0: .*(HMAC|[Ss]ession|[Nn]ull key|NULL Seed)') || return 0
	fail "$said"
}

# The template of Documentation/security/tpm/tpm-security.rst. A primary key of
# the null hierarchy is the same until the next reset.
null_key() {
	local name

	read -r name <"$sysfs/null_name" || fail "the kernel has no null key"
	tpm2_createprimary -Q -C n -G ecc256:aes128cfb -c null.ctx \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt' ||
		return 1
	tpm2_readpublic -Q -c null.ctx -n null.name || return 1
	[ "$(hex null.name)" = "${name,,}" ] ||
		fail "the kernel has $name, the TPM $(hex null.name)"
}

srk() {
	tpm2_createprimary -Q -C o -G ecc256 -c srk.ctx &&
		tpm2_evictcontrol -Q -C o -c srk.ctx "$parent"
}

add() { keyctl add trusted "$1" "$2" @u; }

# Adds a key of $3 bytes that is generated and sealed now, and keeps the sealed
# form.
new_key() {
	local name=$1 options=$2 size=${3-32}

	add "$name" "new $size $options" >/dev/null || return 1
	keyctl pipe "$(keyctl search @u trusted "$name")" >"$name.blob"
	[[ $(<"$name.blob") =~ ^[0-9a-f]{200,}$ ]] || fail "no blob: $(<"$name.blob")"
}

drop() { keyctl unlink "$(keyctl search @u "$1" "$2")" @u; }

load_key() { add "$1" "load $(<"$1.blob")${2:+ $2}"; }

# What one key encrypts no other opens: the same secret has come back.
new_encrypted() {
	keyctl add encrypted data "new default trusted:kmk 32" @u >/dev/null || return 1
	keyctl pipe "$(keyctl search @u encrypted data)" >data.blob
}

load_again() {
	drop encrypted data && drop trusted kmk || return 1
	load_key kmk || return 1
	keyctl pipe "$(keyctl search @u trusted kmk)" | cmp - kmk.blob
}

load_encrypted() { keyctl add encrypted data "load $(<data.blob)" @u; }

other_key() {
	drop encrypted data
	drop trusted kmk
	new_key kmk "keyhandle=$parent" || return 1
	refused 'Invalid argument' load_encrypted
}

# The blob ends with the part that the TPM encrypted and protected.
altered_blob() {
	local blob

	blob=$(<kmk.blob)
	drop trusted kmk
	[ "${blob: -1}" = 0 ] && blob=${blob%?}1 || blob=${blob%?}0
	refused 'Operation not permitted|Invalid argument' add kmk "load $blob"
}

with_password() {
	new_key auth "keyhandle=$parent blobauth=$1" && drop trusted auth &&
		load_key auth "blobauth=$1"
}

wrong_password() {
	drop trusted auth
	refused 'Operation not permitted' load_key auth "blobauth=$1"
}

# Sends a command in hexadecimal, below the kernel's resource manager: it must
# succeed. Prints the response's parameters.
raw() {
	local answer

	exec 7<>/dev/tpm0 || return 1
	# Through dd, or a newline among the bytes would split the write.
	# shellcheck disable=SC2059 # the format is the command
	printf "$(escaped "${1// /}")" |
		dd bs=4096 iflag=fullblock status=none >&7
	answer=$(dd bs=4096 count=1 status=none <&7 | hex)
	exec 7>&-
	[ "${answer:12:8}" = 00000000 ] || fail "TPM response $answer"
	printf '%s\n' "${answer:20}"
}

nonce=$(printf '%032d' 0)

# A session of type $1 (01 policy, 03 trial); prints its handle.
start_session() {
	local reply

	reply=$(raw "8001 0000002b 00000176 40000007 40000007 0010 $nonce 0000 $1 0010 000b") ||
		{ echo "$reply"; return 1; }
	echo "${reply:0:8}"
}

# TPM2_PolicyPCR: PCR 16 of the SHA-256 bank as it is.
policy_pcr16() { raw "8001 0000001a 0000017f $1 0000 00000001 000b 03 000001" >/dev/null; }

policy_digest() {
	local reply

	reply=$(raw "8001 0000000e 00000189 $1") && echo "${reply:4}"
}

flush() { raw "8001 0000000e 00000165 $1" >/dev/null; }

seal_to_pcr() {
	local session digest options=${1-} size=${2-32}

	session=$(start_session 03) && policy_pcr16 "$session" &&
		digest=$(policy_digest "$session") && flush "$session" || return 1
	new_key pcr "keyhandle=$parent hash=sha256 policydigest=$digest $options" \
		"$size" &&
		drop trusted pcr
}

# Unseals by a policy session made now.
load_by_policy() {
	local session status=0

	session=$(start_session 01) && policy_pcr16 "$session" || return 1
	load_key pcr "policyhandle=0x$session" || status=$?
	# A session that was used for its end is gone.
	(flush "$session") >/dev/null 2>&1
	return "$status"
}

pcr_changed() {
	drop trusted pcr
	change_pcr16
	refused 'Operation not permitted' load_by_policy || return 1
	restore_pcr16
	load_by_policy
}

without_policy() {
	drop trusted pcr
	refused 'Operation not permitted' load_key pcr
}

t "the kernel has set its sessions up" no_complaints
t "its null key is the one that the TPM makes" null_key
t "a storage key at $parent" srk
t "a trusted key is sealed" new_key kmk "keyhandle=$parent"
t "an encrypted key below it" new_encrypted
t "the trusted key is unsealed and the same" load_again
t "the encrypted key is opened by it" load_encrypted
t "and not by another trusted key" other_key
t "an altered blob is refused" altered_blob
t "a trusted key with a password" with_password "$(printf '%040d' 1)"
t "is refused with another" wrong_password "$(printf '%040d' 2)"
t "a trusted key sealed to a PCR policy" seal_to_pcr
t "is unsealed with a policy session" load_by_policy
t "refused after the PCR has changed, unsealed when it is as before" pcr_changed
t "refused without a policy session" without_policy
t "one of 128 bytes that is not to leave this TPM" seal_to_pcr migratable=0 128
t "is unsealed with a policy session" load_by_policy
t "refused after the PCR has changed, unsealed when it is as before" pcr_changed
t "refused without a policy session" without_policy
t "no session or HMAC has failed" no_complaints
finish
